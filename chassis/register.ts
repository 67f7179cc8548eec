/**
 * A subgraph's own copy of who each child is and where they belong: what access and cohorts need, kept from the
 * same events as everybody else's. That copy is the price of independence.
 *
 * The row holds what each source last claimed, and what follows from the claims by the rule of schema/belonging.ts, so
 * events may come in any order and more than once.
 */

import type { Knex } from "knex";
import type { Scope } from "../schema/access";
import {
  type Belonging,
  type Claim,
  formerly,
  latestTold,
  plansOf,
  type ResponsibilityStatus,
  responsibility,
  responsibleAuthority,
  standing,
  startOf,
  type Ties,
} from "../schema/belonging";
import type { Day } from "../schema/calendar";
import type { Event } from "../schema/events";
import type { LocalityCode } from "../schema/vocabulary/localities";
import {
  type Claims,
  claimsAfter,
  isRegistered,
  NO_CLAIMS,
  type PackedClaims,
  packedClaims,
  unpackedClaims,
} from "./claims";
import type { Database, Row, Session, Shape, Statement, Table, Transaction } from "./database";

/** Which children are meant: every condition given holds. Born bounds are half-open. */
export interface Population {
  readonly localities?: readonly LocalityCode[] | null;
  readonly localAuthorities?: readonly string[] | null;
  readonly practices?: readonly string[] | null;
  readonly schools?: readonly string[] | null;
  readonly bornFrom?: Day | null;
  readonly bornTo?: Day | null;
}

/** A child's entry, with the children whose records are part of this one. */
export interface Entry extends Belonging {
  /** The child whose record this one is part of since a merge; itself where there was none. */
  readonly standsAs: string;
  /** Every child id whose facts make up this record, this one's own first. */
  readonly members: readonly string[];
}

/** Where a child belonged before a delivery, null for one nobody had told of, and where it belongs now. */
export interface Settled {
  readonly before: Belonging | null;
  readonly after: Belonging;
}

export interface Register {
  /** Updates the entries that events touch, and answers how, by child id; other event types are passed over. */
  tell(transaction: Transaction, events: readonly Event[]): Promise<ReadonlyMap<string, Settled>>;
  /**
   * Entries in the order asked; null for a child nobody told of. A merged child is answered by the one it is now.
   * Within a transaction it is read there, so that it shows what was just told.
   */
  find(childIds: readonly string[], session?: Session): Promise<readonly (Entry | null)[]>;
  /** The children of a population that a list within a scope holds, by id from `after` on: `listed` of schema/access.ts in SQL. */
  list(scope: Scope, where: Population, first: number, after: string | null): Promise<readonly string[]>;
}

export const REGISTER: Table = {
  name: "register",
  columns: {
    childId: "text",
    bornOn: "text",
    dead: "boolean",
    diedOn: "text",
    practice: "text",
    practiceUntil: "text",
    school: "text",
    locality: "text",
    localAuthority: "text",
    status: "text",
    restricted: "boolean",
    ties: "json",
    mergedInto: "text",
    members: "json",
    claims: "json",
  },
  key: ["childId"],
};

/** The register of a subgraph that lists children. Each index costs a load as much as the row itself, so others go without. */
export const LISTED_REGISTER: Table = {
  ...REGISTER,
  indexes: [
    // With all that a list may ask, so that those of a few birthdays are found without a look at each child's row: at
    // 558,673 children 7 ms instead of 190 for one locality, 33 instead of 500 for all six.
    {
      on: ["locality", "childId", "bornOn", "restricted", "status", "mergedInto"],
      for: "children of a locality, in order, and born between two days",
    },
    { on: ["practice", "childId"], for: "children of a practice, in order" },
    { on: ["school", "childId"], for: "children of a school, in order", where: "school is not null" },
  ],
};

interface RegisterRow extends Row {
  readonly childId: string;
  readonly bornOn: string | null;
  readonly dead: boolean;
  readonly diedOn: string | null;
  readonly practice: string | null;
  readonly practiceUntil: string | null;
  readonly school: string | null;
  readonly locality: LocalityCode | null;
  readonly localAuthority: string | null;
  readonly status: ResponsibilityStatus;
  readonly restricted: boolean;
  readonly ties: Ties | null;
  readonly mergedInto: string | null;
  readonly members: readonly string[] | null;
  readonly claims: PackedClaims;
}

/** `sparse`: it holds only children of whom there is something to know; of the others nothing is known against them. */
export function registerOf(database: Database, { sparse = false } = {}): Register {
  const held = database.statement<RegisterRow>(
    ({ from, among }) => from(REGISTER).where(among("child_id", "childIds")),
    REGISTER.columns,
  );
  // Entries are read for every answer; the claims, half of the row, only to update it.
  const { claims: _, ...shown } = REGISTER.columns;
  const entries = database.statement<RegisterRow>(
    ({ from, among }) =>
      from(REGISTER)
        .select(
          Object.keys(shown).map((property) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
        )
        .where(among("child_id", "childIds")),
    shown,
  );
  const lists = new Map<string, Statement<{ childId: string }>>();

  return {
    async tell(transaction, events) {
      const byChildId = new Map<string, Event[]>();
      for (const event of events) {
        if (!isRegistered(event.type)) continue;
        const told = byChildId.get(event.childId);
        if (told) told.push(event);
        else byChildId.set(event.childId, [event]);
      }
      if (byChildId.size === 0) return new Map();
      const rows = new Map<string, RegisterRow>();
      for (const row of await transaction.rows(held, { childIds: [...byChildId.keys()] })) rows.set(row.childId, row);
      const before = new Map(rows);
      for (const [childId, told] of byChildId) {
        rows.set(
          childId,
          rowOf(childId, claimsAfter(claimsOf(rows.get(childId)), told), rows.get(childId)?.members ?? null),
        );
      }
      const changed = [...byChildId.keys()].flatMap((childId) => rows.get(childId) ?? []);
      await transaction.insert(
        REGISTER,
        changed.filter(({ childId }) => !before.has(childId)),
      );
      await transaction.insert(
        REGISTER,
        changed.filter(({ childId }) => before.has(childId)),
        "replace",
      );
      const wholes = new Set<string>();
      for (const row of changed) {
        for (const into of [row.mergedInto, before.get(row.childId)?.mergedInto]) if (into) wholes.add(into);
        if (row.members !== null) wholes.add(row.childId);
      }
      if (wholes.size > 0) await settleWholes(transaction, [...wholes], changed);
      return new Map(changed.map((row) => [row.childId, { before: before.get(row.childId) ?? null, after: row }]));
    },

    async find(childIds, session = database) {
      const own = await read(session, [...new Set(childIds)]);
      const elsewhere = [...own.values()].flatMap((row) => (row.mergedInto === null ? [] : [row.mergedInto]));
      const canonical =
        elsewhere.length === 0 ? own : new Map([...own, ...(await read(session, [...new Set(elsewhere)]))]);
      return childIds.map((childId) => {
        const held = own.get(childId);
        if (held === undefined) return sparse ? unheard(childId) : null;
        const standsAs = held.mergedInto ?? childId;
        const row = canonical.get(standsAs) ?? held;
        return entryOf(row, standsAs, row.members);
      });
    },

    async list(scope, where, first, after) {
      if (scope.reach === "NOBODY") return [];
      const conditions = conditionsOf(scope, where);
      // Knex takes no parameter as a limit, so it is part of the statement's shape.
      const shape = [first, ...conditions.map(([name]) => name)].join();
      let statement = lists.get(shape);
      if (statement === undefined) {
        statement = database.statement(
          ({ from, ...rest }) => {
            const query = from(REGISTER).select("child_id").where("restricted", 0).whereNull("merged_into");
            query.where("status", "RESIDENT").where("child_id", ">", rest.param("after")).orderBy("child_id");
            for (const [name] of conditions) narrow(query, name, rest);
            return query.limit(first);
          },
          { childId: "text" },
        );
        lists.set(shape, statement);
      }
      const args = Object.fromEntries(conditions);
      const on = scope.reach === "THOSE" ? scope.on : "";
      const rows = await database.rows(statement, { ...args, on, after: after ?? "" });
      return rows.map((row) => row.childId);
    },
  };

  async function read(session: Session, childIds: readonly string[]): Promise<Map<string, RegisterRow>> {
    const rows = await session.rows(entries, { childIds });
    return new Map(rows.map((row) => [row.childId, row]));
  }

  /** At each child that others became part of: who they are, and where the child belongs by the claims of all. */
  async function settleWholes(transaction: Transaction, wholes: readonly string[], changed: readonly RegisterRow[]) {
    const rows = new Map((await transaction.rows(held, { childIds: wholes })).map((row) => [row.childId, row]));
    const membersOf = (whole: string): string[] => {
      const members = new Set(rows.get(whole)?.members ?? []);
      for (const row of changed) {
        if (row.mergedInto === whole) members.add(row.childId);
        else members.delete(row.childId);
      }
      return [...members].sort();
    };
    const parts = new Map(wholes.map((whole) => [whole, membersOf(whole)]));
    const childIds = [...new Set([...parts.values()].flat())];
    const partRows = new Map((await transaction.rows(held, { childIds })).map((row) => [row.childId, row]));
    const settled = wholes.map((whole): RegisterRow => {
      const own = claimsOf(rows.get(whole));
      const members = parts.get(whole) ?? [];
      const all = [own, ...members.map((member) => claimsOf(partRows.get(member)))];
      const joined = Object.fromEntries(
        Object.keys(NO_CLAIMS).map((to) => [to, all.flatMap((claims): readonly Claim[] => claims[to as keyof Claims])]),
      ) as unknown as Claims; // each list joins lists of its own name
      const row = rowOf(whole, { ...joined, merge: own.merge }, members.length === 0 ? null : members);
      return { ...row, claims: packedClaims(own) };
    });
    await transaction.insert(REGISTER, settled, "replace");
  }
}

/** Written out, so that every entry is of one shape for whatever reads thousands of them. */
function entryOf(row: RegisterRow, standsAs: string, members: readonly string[] | null): Entry {
  return {
    childId: row.childId,
    bornOn: row.bornOn,
    dead: row.dead,
    diedOn: row.diedOn,
    practice: row.practice,
    practiceUntil: row.practiceUntil,
    school: row.school,
    locality: row.locality,
    localAuthority: row.localAuthority,
    status: row.status,
    restricted: row.restricted,
    ties: row.ties,
    standsAs,
    members: [standsAs, ...(members ?? [])],
  };
}

/** A child a sparse register holds nothing of. */
function unheard(childId: string): Entry {
  return entryOf(rowOf(childId, NO_CLAIMS, null), childId, null);
}

function claimsOf(row: RegisterRow | undefined): Claims {
  return row === undefined ? NO_CLAIMS : unpackedClaims(row.claims);
}

/** What follows from the claims. */
function rowOf(childId: string, claims: Claims, members: readonly string[] | null): RegisterRow {
  const told = <C extends Claim>(list: readonly C[]): readonly C[] => list.filter((claim) => !("withdrawn" in claim));
  const last = <C extends Claim>(list: readonly C[]): C | null =>
    told(list).reduce<C | null>((best, claim) => (best === null ? claim : latestTold(best, claim)), null);
  const death = last(claims.death);
  const dead = death !== null && death.status !== "REMOVED";
  const [gp, home, responsible] = [
    standing(told(claims.gp)),
    standing(told(claims.address)),
    standing(told(claims.responsibility)),
  ];
  const practice = gp?.practice ?? null;
  const authority = responsibleAuthority(practice, home?.localAuthority ?? null);
  const { locality, status } = responsibility(authority, responsible, dead);
  // What decided who is responsible: the practice, without one the home, without either what a locality says.
  const decided = practice !== null ? gp : authority !== null ? home : responsible;
  const ties = {
    formerly: formerly(told(claims.responsibility), {
      locality,
      status,
      since: decided === null ? null : startOf(decided),
    }),
    plans: plansOf(told(claims.plan)),
    glass: told(claims.glass).map(({ source, subject, role, reasonCode, from, until, opensPlace }) => {
      return { id: source.id, subject, role, reasonCode, from, until, opensPlace };
    }),
  };
  return {
    childId,
    bornOn: last(claims.identity)?.bornOn ?? null,
    dead,
    diedOn: dead ? (death?.diedOn ?? null) : null,
    practice,
    practiceUntil: practice === null ? null : (gp?.to ?? null),
    school: standing(told(claims.school))?.urn ?? null,
    locality,
    localAuthority: authority,
    status,
    // A child one source calls restricted is restricted, whatever the others say.
    restricted: told(claims.restriction).some((claim) => claim.restricted),
    ties: tiesOf(ties),
    mergedInto: last(claims.merge)?.into ?? null,
    members,
    claims: packedClaims(claims),
  };
}

/** Null where nothing ties anybody else, as for nearly every child. */
function tiesOf(all: Required<Ties>): Ties | null {
  const some = Object.entries(all).filter(([, list]) => list.length > 0);
  return some.length === 0 ? null : Object.fromEntries(some);
}

type Condition =
  | "scopeLocalities"
  | "scopePractice"
  | "scopeBornFrom"
  | "scopeBornBefore"
  | "localities"
  | "localAuthorities"
  | "practices"
  | "schools"
  | "bornFrom"
  | "bornTo";

/** The conditions that are there, by name, each with its value. `listed` of schema/access.ts reads the scope's alike. */
function conditionsOf(scope: Exclude<Scope, { reach: "NOBODY" }>, where: Population): [Condition, unknown][] {
  const all: Record<Condition, unknown> = {
    scopeLocalities: scope.reach === "THOSE" ? scope.localities : null,
    scopePractice: scope.reach === "THOSE" ? scope.practice : null,
    scopeBornFrom: scope.reach === "THOSE" ? scope.bornFrom : null,
    scopeBornBefore: scope.reach === "THOSE" ? scope.bornBefore : null,
    localities: where.localities ?? null,
    localAuthorities: where.localAuthorities ?? null,
    practices: where.practices ?? null,
    schools: where.schools ?? null,
    bornFrom: where.bornFrom ?? null,
    bornTo: where.bornTo ?? null,
  };
  return (Object.entries(all) as [Condition, unknown][]).filter(([, value]) => value !== null);
}

function narrow(query: Knex.QueryBuilder, name: Condition, { param, among }: Pick<Shape, "param" | "among">): void {
  switch (name) {
    case "scopeLocalities":
    case "localities":
      query.where(among("locality", name));
      break;
    case "localAuthorities":
      query.where(among("local_authority", name));
      break;
    case "scopePractice":
      query.where("practice", "=", param(name));
      query.where((registered) => registered.whereNull("practice_until").orWhere("practice_until", ">", param("on")));
      break;
    case "practices":
      query.where(among("practice", name));
      break;
    case "schools":
      query.where(among("school", name));
      break;
    case "scopeBornFrom":
    case "bornFrom":
      query.where("born_on", ">=", param(name));
      break;
    case "scopeBornBefore":
    case "bornTo":
      query.where("born_on", "<", param(name));
      break;
  }
}
