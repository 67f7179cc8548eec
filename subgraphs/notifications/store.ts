/** Every query. What is told gets its place in the one order here, while the head row is held. */

import type { Knex } from "knex";
import type { Database, Row, Shape, Statement, Transaction } from "../../chassis/database";
import type { Follow } from "../../chassis/deliveries";
import { cursorOf } from "../../chassis/pages";
import type { Chore, Ground } from "../../chassis/subgraph";
import { type Instant, instantOf, londonDay } from "../../schema/calendar";
import { diedOf, isHeard, newsOf, type Telling, type Version } from "./apply";
import { type Notification, sequenceRead } from "./model";
import { KIND_NAMES, type Kind, nextTeam, ruleOf, type Urgency } from "./rules";
import { HEAD, NOTIFICATION, VERSION } from "./tables";

export const reads = (database: Database) => {
  const ofChildren = database.statement<Notification>(
    ({ from, among }) => from(NOTIFICATION).where(among("child_id", "childIds")).orderBy("sequence"),
    NOTIFICATION.columns,
  );
  return {
    /** Everything told of a child, to whomever, oldest first. */
    notifications: async (childIds: readonly string[]): Promise<readonly (readonly Notification[])[]> => {
      const byChildId = new Map<string, Notification[]>(childIds.map((childId) => [childId, []]));
      const rows = await database.rows(ofChildren, { childIds: [...byChildId.keys()] });
      for (const row of rows) byChildId.get(row.childId)?.push(row);
      return childIds.map((childId) => byChildId.get(childId) ?? []);
    },
  };
};
export type Reads = ReturnType<typeof reads>;

/** Which notifications of a feed: every condition given holds. */
export interface FeedConditions {
  readonly teams: readonly string[];
  readonly kinds?: readonly Kind[] | null;
  readonly urgencies?: readonly Urgency[] | null;
  /** Only those that wait to be acknowledged, or only those that were. */
  readonly acknowledged?: boolean | null;
}

/** What mutations do to the notifications, and the feeds. */
export const acts = ({ database, now }: Ground) => {
  const pages = new Map<string, Statement<Notification>>();
  const one = database.statement<Notification>(
    ({ from, param }) => from(NOTIFICATION).where("sequence", "=", param("sequence")),
    NOTIFICATION.columns,
  );
  const acknowledged = database.statement(({ from, raw, param }) =>
    from(NOTIFICATION)
      .update({
        acknowledged_at: raw("?", [param("at")]),
        acknowledged_by: raw("?", [param("by")]),
        acknowledged_name: raw("?", [param("name")]),
      })
      .where("sequence", "=", param("sequence"))
      .whereNull("acknowledged_at")
      .whereNull("silenced_at"),
  );
  const handedOver = database.statement(({ from, raw, param }) =>
    from(NOTIFICATION)
      .update({ handed_over_at: raw("?", [param("at")]) })
      .where("child_id", "=", param("childId"))
      .where("occasion", "=", param("occasion"))
      .where("kind", "MOVED_OUT")
      .whereNull("handed_over_at"),
  );

  return {
    now: (): Instant => instantOf(now()),

    /** Of the feeds of these teams what comes after a place, in order; nothing that came to nothing. */
    async page(where: FeedConditions, after: number, limit: number): Promise<readonly Notification[]> {
      const { kinds = null, urgencies = null, acknowledged: seen = null, teams } = where;
      const shape = [limit, kinds !== null, urgencies !== null, seen].join();
      let statement = pages.get(shape);
      if (statement === undefined) {
        statement = database.statement<Notification>(({ from, among, param }) => {
          const query = from(NOTIFICATION).where(among("team", "teams")).where("sequence", ">", param("after"));
          if (kinds !== null) query.where(among("kind", "kinds"));
          if (urgencies !== null) query.where(among("urgency", "urgencies"));
          if (seen === true) query.whereNotNull("acknowledged_at");
          if (seen === false) query.whereNull("acknowledged_at");
          return query.whereNull("silenced_at").orderBy("sequence").limit(limit);
        }, NOTIFICATION.columns);
        pages.set(shape, statement);
      }
      return database.rows(statement, { teams, kinds, urgencies, after });
    },

    /** Null where there is none of that number. */
    async notification(sequence: number): Promise<Notification | null> {
      return (await database.rows(one, { sequence }))[0] ?? null;
    },

    /** Notes who has seen it; the first of a team counts. A move that is acknowledged is a handover done. */
    async acknowledge(
      { sequence, childId, occasion, kind }: Notification,
      who: { readonly by: string; readonly name: string },
    ): Promise<Notification> {
      const at = instantOf(now());
      return database.write(async (transaction) => {
        const changed = await transaction.run(acknowledged, { sequence, at, ...who });
        if (changed > 0 && kind === "MOVED_IN") await transaction.run(handedOver, { childId, occasion, at });
        const [row] = await transaction.rows(one, { sequence });
        if (row === undefined) throw new Error(`Notification ${sequence} is gone.`);
        return row;
      });
    },
  };
};
export type Acts = ReturnType<typeof acts>;

/** What has been told since: how far, and which teams were told. Nothing of any child. */
export const news = ({ database }: Ground) => {
  const head = headOf(database);
  const teams = database.statement<{ team: string }>(({ from, param }) =>
    from(NOTIFICATION)
      .distinct("team")
      .where("sequence", ">", param("after"))
      .where("sequence", "<=", param("upTo"))
      .orderBy("team"),
  );
  return async (after: string | null) => {
    const upTo = (await database.rows(head))[0]?.sequence ?? 0;
    const from = sequenceRead(after) ?? upTo;
    const told = from >= upTo ? [] : await database.rows(teams, { after: from, upTo });
    return { upTo: cursorOf(String(upTo)), topics: told.map(({ team }) => team) };
  };
};

/** Writes down what a delivery tells, beside what the chassis keeps of it. */
export function follow({ database, register, now }: Ground): Follow {
  const numbering = numberingOf(database);
  const versions = database.statement<Version & Row>(
    ({ from, among }) => from(VERSION).where(among("child_id", "childIds")),
    VERSION.columns,
  );
  const toldOf = database.statement<Notification>(
    ({ from, among }) =>
      from(NOTIFICATION).where(among("child_id", "childIds")).where("was_told", 1).orderBy("sequence"),
    NOTIFICATION.columns,
  );
  const silence = database.statement(({ from, raw, among, param }) =>
    from(NOTIFICATION)
      .update({ silenced_at: raw("?", [param("at")]) })
      .where(among("child_id", "childIds"))
      .where(among("kind", "kinds"))
      .whereNull("acknowledged_at")
      .whereNull("silenced_at"),
  );

  return async (transaction, delivered) => {
    const heard = delivered.events.filter(isHeard);
    const { died } = diedOf(delivered);
    if (heard.length === 0 && died.length === 0) return;
    // Held until the end: whoever follows sees what was told of these children, and none passes another in the order.
    const head = await numbering.hold(transaction);
    const at = instantOf(now());
    const childIds = [...new Set(heard.map(({ childId }) => childId))];
    if (died.length > 0)
      await transaction.run(silence, { childIds: await whole(died, transaction), kinds: TO_FAMILY, at });
    if (heard.length === 0) return;
    const entries = await register.find(childIds, transaction);
    const belongings = new Map(
      childIds.flatMap((childId, i) => {
        const entry = entries[i];
        return entry ? [[childId, entry] as const] : [];
      }),
    );
    const held = await transaction.rows(versions, { childIds });
    const told = held.length === 0 ? [] : await transaction.rows(toldOf, { childIds });
    const made = newsOf(delivered, { versions: held, now: belongings, told }, londonDay(at));
    await transaction.insert(
      VERSION,
      made.versions.map((version): Row => ({ ...version })),
      "replace",
    );
    const rows = made.tellings.map((telling) => {
      const dead = belongings.get(telling.childId)?.dead ?? false;
      const silenced = dead && ruleOf(telling.kind).turnsToFamily;
      return rowOf(telling, { at, silencedAt: silenced ? at : null });
    });
    await numbering.tell(transaction, head, rows);
  };

  /** The children with those whose records are part of theirs, under whom something may have been told. */
  async function whole(childIds: readonly string[], transaction: Transaction): Promise<readonly string[]> {
    const entries = await register.find(childIds, transaction);
    return [...new Set([...childIds, ...entries.flatMap((entry) => entry?.members ?? [])])];
  }
}

const TO_FAMILY = KIND_NAMES.filter((kind) => ruleOf(kind).turnsToFamily);

const ESCALATED_AT_ONCE = 200;
const ESCALATION_RESTS_MILLISECONDS = 15_000;

/** Tells the next team what another has not acknowledged in time. */
export function escalating({ database, register, now }: Ground): Chore {
  const numbering = numberingOf(database);
  const late = database.statement<Notification>(
    ({ from, param }) =>
      from(NOTIFICATION)
        .where("see_by", "<", param("at"))
        .whereNull("acknowledged_at")
        .whereNull("silenced_at")
        .whereNull("escalated_at")
        .orderBy("see_by")
        .orderBy("sequence")
        .limit(ESCALATED_AT_ONCE),
    NOTIFICATION.columns,
  );
  const sameOccasion = database.statement<{ occasion: string; team: string }>(({ from, among }) =>
    from(NOTIFICATION).select("occasion", "team").where(among("child_id", "childIds")).whereNotNull("acknowledged_at"),
  );
  const escalated = database.statement(({ from, raw, among, param }) =>
    from(NOTIFICATION)
      .update({ escalated_at: raw("?", [param("at")]) })
      .where(among("sequence", "sequences")),
  );

  return {
    name: "escalate",
    restMilliseconds: ESCALATION_RESTS_MILLISECONDS,
    async run() {
      const at = instantOf(now());
      if ((await database.rows(late, { at })).length === 0) return false;
      return database.write(async (transaction) => {
        const head = await numbering.hold(transaction);
        // Another process may have been first.
        const waiting = await transaction.rows(late, { at });
        const childIds = [...new Set(waiting.map(({ childId }) => childId))];
        const entries = await register.find(childIds, transaction);
        const children = new Map(childIds.map((childId, i) => [childId, entries[i] ?? null]));
        const seen = new Set(
          (await transaction.rows(sameOccasion, { childIds })).map(({ occasion, team }) => `${occasion} ${team}`),
        );
        const rows = waiting.flatMap((notification): Row[] => {
          const team = nextTeam(notification.team, children.get(notification.childId) ?? null);
          // A team that has seen to the matter already need not be told that another has not.
          if (team === null || seen.has(`${notification.occasion} ${team}`)) return [];
          // The next team answers for what another did not see, whether or not the child is in its own reach.
          return [
            {
              ...rowOf({ ...notification, team, reach: "TEAM" }, { at, silencedAt: null }),
              escalationOf: notification.sequence,
              urgency: "URGENT",
            },
          ];
        });
        await transaction.run(escalated, { sequences: waiting.map(({ sequence }) => sequence), at });
        await numbering.tell(transaction, head, rows);
        return waiting.length === ESCALATED_AT_ONCE;
      });
    },
  };
}

const HOUR_MILLISECONDS = 3_600_000;

function rowOf(
  telling: Telling,
  { at, silencedAt }: { readonly at: Instant; readonly silencedAt: Instant | null },
): Row {
  const { urgency, seenWithinHours } = ruleOf(telling.kind);
  const { childId, kind, team, reach, occasion, screen, system, sourceId } = telling;
  const { fromLocality, toLocality, fromPractice, toPractice } = telling;
  return {
    childId,
    kind,
    team,
    reach,
    occasion,
    screen,
    system,
    sourceId,
    fromLocality,
    toLocality,
    fromPractice,
    toPractice,
    urgency,
    toldAt: at,
    seeBy: instantOf(Date.parse(`${at.slice(0, 23)}Z`) + seenWithinHours * HOUR_MILLISECONDS),
    escalationOf: null,
    escalatedAt: null,
    wasTold: silencedAt === null,
    silencedAt,
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgedName: null,
    handedOverAt: null,
  };
}

const headOf = (database: Database) =>
  database.statement<{ sequence: number }>(({ from }) => from(HEAD).select("sequence").where("id", 1));

/** Gives what is told its place. `hold` first, and anything that decides what is told after it. */
function numberingOf(database: Database) {
  const head = headOf(database);
  const move = database.statement(
    ({ from, raw, param }: Shape): Knex.QueryBuilder =>
      from(HEAD)
        .update({ sequence: raw("sequence + ?", [param("by")]) })
        .where("id", 1),
  );
  return {
    /** The last number given; nobody else gives one until the transaction ends. */
    async hold(transaction: Transaction): Promise<number> {
      await transaction.run(move, { by: 0 });
      return (await transaction.rows(head))[0]?.sequence ?? 0;
    },
    async tell(transaction: Transaction, last: number, rows: readonly Row[]): Promise<void> {
      if (rows.length === 0) return;
      await transaction.insert(
        NOTIFICATION,
        rows.map((row, i) => ({ ...row, sequence: last + 1 + i })),
      );
      await transaction.run(move, { by: rows.length });
    },
  };
}
