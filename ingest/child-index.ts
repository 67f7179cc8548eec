/**
 * Which identifiers belong to which child: mints child ids, links the numbers of localities and of the NHS to them,
 * and keeps the log of matches and merges.
 *
 * Everything takes a whole chunk and runs in the caller's transaction, in a few statements whatever its size.
 */

import { createHash } from "node:crypto";
import type { Columns, Database, Row, Session, Statement, Table, Transaction } from "../chassis/database";
import type { Day, Instant } from "../schema/calendar";
import type { ChildrenMerged, EventType } from "../schema/events";
import type { NhsNumber } from "../schema/nhs-number";
import type { LocalityCode } from "../schema/vocabulary/localities";
import {
  type Asked,
  compare,
  type Decision,
  type Held,
  keysOf,
  type MatchingRule,
  match,
  type Traits,
  traitsOf,
} from "./matching";
import type { Identity } from "./reading";

/** A child as identified. The three keys are those that children without a number are found by (matching.ts). */
const INDEXED_CHILD: Table = {
  name: "indexed_child",
  columns: {
    childId: "text",
    family: "text",
    given: "text",
    bornOn: "text",
    postcode: "text",
    nhsNumber: "text",
    bornFamily: "text",
    bornGiven: "text",
    namePostcode: "text",
    /** As of when the traits were told: an older telling does not replace them. */
    asOf: "text",
    mergedInto: "text",
    keptApart: "boolean",
  },
  key: ["childId"],
  indexes: [
    { on: ["bornFamily"], for: "children alike in date of birth and family name" },
    { on: ["bornGiven"], for: "children alike in date of birth and given names" },
    { on: ["namePostcode"], for: "children alike in name and postcode", where: "name_postcode is not null" },
    { on: ["mergedInto"], for: "the records that are part of a child's", where: "merged_into is not null" },
  ],
};

const LOCAL_NUMBER: Table = {
  name: "local_number",
  columns: {
    locality: "text",
    localId: "text",
    childId: "text",
    confirmed: "boolean",
    /** As of when its latest row was told, and a letter for each thing that row told which another might leave out. */
    asOf: "text",
    told: "text",
  },
  key: ["locality", "localId"],
  indexes: [{ on: ["childId"], for: "the localities that tell of a child" }],
};

/** Every NHS number told by what introduces children, those that were replaced too. */
const NHS_NUMBER: Table = {
  name: "nhs_number",
  columns: { nhsNumber: "text", childId: "text", superseded: "boolean" },
  key: ["nhsNumber"],
};

/** Each match that linked something new or was not by a number alone. */
const MATCH: Table = {
  name: "child_match",
  columns: { childId: "text", source: "text", rule: "text", at: "text" },
  key: ["childId", "source"],
};

/** Each merge (`intoChild` a child id) and each undoing of one (null). */
const MERGE: Table = {
  name: "child_merge",
  columns: {
    childId: "text",
    asOf: "text",
    tieBreak: "text",
    intoChild: "text",
    rule: "text",
    decidedBy: "text",
    note: "text",
  },
  key: ["childId", "asOf", "tieBreak"],
};

export const CHILD_INDEX_TABLES: readonly Table[] = [INDEXED_CHILD, LOCAL_NUMBER, NHS_NUMBER, MATCH, MERGE];

/** The source system of what this index itself tells. */
export const CHILD_INDEX = "CHILD_INDEX";

/** One row or message to be given its child. */
export interface Placing {
  readonly about: Identity;
  readonly introduces: boolean;
  readonly exactBirthDate: boolean;
  /** Null for a national message, whose child has no local number there. */
  readonly locality: LocalityCode | null;
  /** What the child is first known by, should it be new; the same in every rehearsal. */
  readonly mintedFrom: string;
  /** Where it was told, for the log of matches: load and row, or message. */
  readonly source: string;
  readonly asOf: Instant;
  /** Types of what it tells. */
  readonly tells: readonly EventType[];
}

export type Placement =
  | {
      readonly placed: true;
      readonly childId: string;
      readonly rule: MatchingRule;
      /** Date of birth held for the child. */
      readonly bornOn: Day | null;
      /** Merges that follow, to be told with the row's own events. */
      readonly merges: readonly Merge[];
      /** What the locality told of the child in another row and leaves out in the latest. */
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly placed: false; readonly decision: Extract<Decision, { readonly verdict: "REFUSED" }> };

export type Merge = ChildrenMerged;

/** A fact that a locality no longer tells of a child, as of the row that leaves it out. */
export interface LeftOut {
  readonly type: EventType;
  readonly asOf: Instant;
}

/** A person's word on whom a row is about: a child that is held, or one that is not. */
export type Chosen = { readonly childId: string } | { readonly newChild: true };

export interface ChildIndex {
  /** A child for each, in order; those before are known to those after. */
  place(transaction: Transaction, placings: readonly Placing[], at: Instant): Promise<readonly Placement[]>;
  /** As a person decided, without asking the rules. Null where the child chosen is not held. */
  placeAs(transaction: Transaction, placing: Placing, chosen: Chosen, at: Instant): Promise<Placement | null>;
  /**
   * Makes the record of `childId` part of that of `into`, with every record that is part of it; null takes it out
   * again. Answers what is to be told; null where either is not held, or it would be part of itself.
   */
  merge(
    transaction: Transaction,
    childId: string,
    into: string | null,
    decided: { readonly asOf: Instant; readonly by: string; readonly note: string },
  ): Promise<readonly Merge[] | null>;
  /** The child each child's record is part of since a merge; itself where there was none. */
  wholes(session: Session, childIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The localities that tell of each child, in the order asked; none of a child known by messages only. */
  localities(session: Session, childIds: readonly string[]): Promise<readonly (readonly LocalityCode[])[]>;
}

/** A child in the transaction at hand: read once, changed in place, written at its end. */
type IndexedChild = { -readonly [Property in keyof ChildRow]: ChildRow[Property] };

export function childIndexOf(database: Database): ChildIndex {
  const shared =
    "c.child_id, c.family, c.given, c.born_on, c.postcode, c.nhs_number, c.as_of, c.merged_into, c.kept_apart";
  const childColumns: Columns = INDEXED_CHILD.columns;
  const byLocalNumber: Finders["byLocalNumber"] = database.statement(
    ({ raw, param, among }) =>
      raw(
        `select l.local_id, l.confirmed, l.as_of as row_as_of, l.told, ${shared} from local_number l ` +
          "join indexed_child c on c.child_id = l.child_id where l.locality = ? and ?",
        [param("locality"), among("l.local_id", "localIds")],
      ),
    { ...childColumns, localId: "text", confirmed: "boolean", rowAsOf: "text", told: "text" },
  );
  const byNhsNumber = database.statement<ChildRow & { number: string }>(
    ({ raw, among }) =>
      raw(
        `select n.nhs_number as number, ${shared} from nhs_number n join indexed_child c on c.child_id = n.child_id where ?`,
        [among("n.nhs_number", "numbers")],
      ),
    { ...childColumns, number: "text" },
  );
  const byTraits = (["born_family", "born_given", "name_postcode"] as const).map((column) =>
    database.statement<ChildRow>(
      ({ raw, among }) => raw(`select ${shared} from indexed_child c where ?`, [among(`c.${column}`, "keys")]),
      childColumns,
    ),
  );
  const byId = database.statement<ChildRow>(
    ({ raw, among }) => raw(`select ${shared} from indexed_child c where ?`, [among("c.child_id", "childIds")]),
    childColumns,
  );
  const partsOf = database.statement<ChildRow>(
    ({ raw, among }) => raw(`select ${shared} from indexed_child c where ?`, [among("c.merged_into", "childIds")]),
    childColumns,
  );
  const told = database.statement<{ childId: string; locality: LocalityCode }>(
    ({ from, among }) =>
      from(LOCAL_NUMBER).distinct("child_id", "locality").where(among("child_id", "childIds")).orderBy("locality"),
    LOCAL_NUMBER.columns,
  );
  const mergeCount = database.statement<{ merges: number }>(({ from, raw }) =>
    from(MERGE).select(raw("count(*) as merges")),
  );
  const finders: Finders = { byLocalNumber, byNhsNumber, byTraits, told };

  return {
    async place(transaction, placings, at) {
      const desk = new Desk(at);
      const asked = placings.map(askedOf);
      await desk.fetch(transaction, placings, asked, finders);
      const placements = placings.map((placing, i) => desk.place(placing, asked[i] ?? askedOf(placing)));
      await desk.write(transaction);
      return placements;
    },

    async placeAs(transaction, placing, chosen, at) {
      const desk = new Desk(at);
      const asked = askedOf(placing);
      await desk.fetch(transaction, [placing], [asked], finders);
      if ("childId" in chosen) desk.learn(await transaction.rows(byId, { childIds: [chosen.childId] }));
      const placement = desk.placeAs(placing, asked, chosen);
      await desk.write(transaction);
      return placement;
    },

    async merge(transaction, childId, into, decided) {
      const wanted = into === null ? [childId] : [childId, into];
      const rows = new Map((await transaction.rows(byId, { childIds: wanted })).map((row) => [row.childId, row]));
      const part = rows.get(childId);
      const whole = into === null ? null : rows.get(into);
      if (part === undefined || whole === undefined) return null;
      // Where the whole is itself part of another, that one is meant: merges are one step deep.
      const standsIn = whole === null ? null : (whole.mergedInto ?? whole.childId);
      if (standsIn === childId || part.mergedInto === standsIn) return null;
      const parts = standsIn === null ? [] : await transaction.rows(partsOf, { childIds: [childId] });
      const desk = new Desk(decided.asOf);
      desk.learn([part, ...parts]);
      // Decisions of one moment follow each other by their number.
      const tieBreak = String((await transaction.rows(mergeCount))[0]?.merges ?? 0).padStart(9, "0");
      const merges = [part, ...parts].map((row) => desk.merge(row.childId, standsIn, { ...decided, tieBreak }));
      await desk.write(transaction);
      return merges;
    },

    async wholes(session, childIds) {
      const rows = await session.rows(byId, { childIds });
      return new Map(rows.map(({ childId, mergedInto }) => [childId, mergedInto ?? childId]));
    },

    async localities(session, childIds) {
      const byChildId = new Map<string, LocalityCode[]>(childIds.map((childId) => [childId, []]));
      for (const { childId, locality } of await session.rows(told, { childIds: [...byChildId.keys()] })) {
        byChildId.get(childId)?.push(locality);
      }
      return childIds.map((childId) => byChildId.get(childId) ?? []);
    },
  };
}

interface ChildRow extends Held {
  readonly asOf: Instant | null;
}

/** The statements a desk reads children by. */
interface Finders {
  readonly byLocalNumber: Statement<ChildRow & { localId: string; confirmed: boolean; rowAsOf: Instant; told: string }>;
  readonly byNhsNumber: Statement<ChildRow & { number: string }>;
  /** By date of birth and family name, date of birth and given names, name and postcode. */
  readonly byTraits: readonly Statement<ChildRow>[];
  readonly told: Statement<{ childId: string; locality: LocalityCode }>;
}

/** A locality's own number: whose it is, and its latest row. */
interface LocalNumber {
  readonly child: IndexedChild;
  readonly confirmed: boolean;
  readonly asOf: Instant;
  readonly told: string;
}

/** Everything one transaction knows of the children in question, and what it has changed. */
class Desk {
  private readonly children = new Map<string, IndexedChild>();
  private readonly byLocal = new Map<string, LocalNumber>();
  private readonly byNumber = new Map<NhsNumber, IndexedChild>();
  /** Trait key → the children that have it, or had it when they were read. */
  private readonly byKey = new Map<string, Set<IndexedChild>>();
  private readonly toldBy = new Map<string, Set<string>>();
  private readonly changed = new Set<IndexedChild>();
  private readonly localRows = new Map<string, Row>();
  private readonly numberRows = new Map<NhsNumber, Row>();
  private readonly matchRows: Row[] = [];
  private readonly mergeRows: Row[] = [];

  constructor(private readonly at: Instant) {}

  /** Reads every child that the rules could want for these. `asked` are the same, normalised. */
  async fetch(
    session: Session,
    placings: readonly Placing[],
    asked: readonly Asked[],
    { byLocalNumber, byNhsNumber, byTraits, told }: Finders,
  ): Promise<void> {
    const localIds = new Map<LocalityCode, Set<string>>();
    const numbers = new Set<NhsNumber>();
    for (const { about, locality } of placings) {
      if (locality !== null && about.localId !== null) {
        const ids = localIds.get(locality);
        if (ids) ids.add(about.localId);
        else localIds.set(locality, new Set([about.localId]));
      }
      if (about.nhsNumber !== null) numbers.add(about.nhsNumber);
      for (const number of about.supersededNhsNumbers) numbers.add(number);
    }
    for (const [locality, ids] of localIds) {
      for (const row of await session.rows(byLocalNumber, { locality, localIds: [...ids] })) {
        const { confirmed, rowAsOf: asOf, told } = row;
        this.byLocal.set(`${locality}\n${row.localId}`, { child: this.entry(row), confirmed, asOf, told });
      }
    }
    if (numbers.size > 0) {
      for (const row of await session.rows(byNhsNumber, { numbers: [...numbers] })) {
        this.byNumber.set(row.number, this.entry(row));
      }
    }

    // Those whom no number settles are looked for by what they have alike with children held.
    const wanted = byTraits.map(() => new Set<string>());
    for (const [i, one] of asked.entries()) {
      const placing = placings[i];
      if (placing === undefined || this.local(placing)) continue;
      const held = one.nhsNumber === null ? undefined : this.byNumber.get(one.nhsNumber);
      if (held && compare(one, held).given !== "DIFFERENT") continue;
      const { bornFamily, bornGiven, namePostcode } = keysOf(one);
      // The strict rules ask for family name and date of birth, whatever else.
      const keys = one.introduces ? [bornFamily, bornGiven, namePostcode] : [bornFamily];
      for (const [at, key] of keys.entries()) if (key !== null) wanted[at]?.add(key);
    }
    for (const [at, statement] of byTraits.entries()) {
      const keys = [...(wanted[at] ?? [])];
      if (keys.length > 0) this.learn(await session.rows(statement, { keys }));
    }
    // Only what introduces children asks who has told of them before.
    if (this.children.size > 0 && asked.some(({ introduces }) => introduces)) {
      const rows = await session.rows(told, { childIds: [...this.children.keys()] });
      for (const { childId, locality } of rows) this.tells(childId, locality);
    }
  }

  learn(rows: readonly ChildRow[]): void {
    for (const row of rows) this.file(this.entry(row));
  }

  place(placing: Placing, asked: Asked): Placement {
    const local = this.local(placing);
    const decision = match(asked, {
      byLocalId: local === undefined ? null : { held: local.child, confirmed: local.confirmed },
      byNumber: (number) => this.byNumber.get(number) ?? null,
      alike: () => this.alike(asked),
      toldByAsker: (held) =>
        placing.locality !== null && (this.toldBy.get(held.childId)?.has(placing.locality) ?? false),
    });
    switch (decision.verdict) {
      case "REFUSED":
        return { placed: false, decision };
      case "NEW":
        return this.settle(placing, this.mint(placing.mintedFrom), asked, decision.rule, []);
      case "CHILD": {
        const child = this.child(decision.childId);
        const merges: Merge[] = [];
        if (decision.joins !== null) {
          const whole = this.child(decision.joins);
          const into = whole.mergedInto ?? whole.childId;
          merges.push(this.merge(child.childId, into, { asOf: placing.asOf, rule: decision.rule }));
        }
        return this.settle(placing, child, asked, decision.rule, merges);
      }
    }
  }

  placeAs(placing: Placing, asked: Asked, chosen: Chosen): Placement | null {
    const child =
      "newChild" in chosen
        ? this.mint(`${placing.mintedFrom}\ndecided ${placing.source}`)
        : this.children.get(chosen.childId);
    if (child === undefined) return null;
    return this.settle(placing, child, asked, "CONFIRMED", [], true);
  }

  /** Makes the record of one child part of another's, or takes it out (`into` null): by a rule, or as a person decided. */
  merge(
    childId: string,
    into: string | null,
    {
      asOf,
      tieBreak = "",
      rule = "DECIDED",
      by = null,
      note = null,
    }: {
      readonly asOf: Instant;
      readonly tieBreak?: string;
      readonly rule?: MatchingRule | "DECIDED";
      readonly by?: string | null;
      readonly note?: string | null;
    },
  ): Merge {
    const child = this.child(childId);
    child.mergedInto = into;
    if (into === null) child.keptApart = true;
    this.changed.add(child);
    this.mergeRows.push({ childId, asOf, tieBreak, intoChild: into, rule, decidedBy: by, note });
    return {
      type: "ChildrenMerged",
      action: "record",
      childId,
      source: { system: CHILD_INDEX, id: "merge" },
      asOf,
      ...(tieBreak === "" ? {} : { tieBreak }),
      into,
    };
  }

  async write(transaction: Transaction): Promise<void> {
    const rows = [...this.changed].map((child) => ({ ...child, ...keysOf(child) }));
    await transaction.insert(INDEXED_CHILD, rows, "replace");
    await transaction.insert(LOCAL_NUMBER, [...this.localRows.values()], "replace");
    await transaction.insert(NHS_NUMBER, [...this.numberRows.values()], "replace");
    await transaction.insert(MATCH, this.matchRows, "ignore");
    await transaction.insert(MERGE, this.mergeRows, "ignore");
  }

  /** Links what the source tells to the child it was placed with, and writes down how. */
  private settle(
    placing: Placing,
    child: IndexedChild,
    asked: Asked,
    rule: MatchingRule,
    merges: readonly Merge[],
    confirmed = false,
  ): Placement {
    let linked = false;
    let leftOut: readonly LeftOut[] = [];
    if (placing.introduces) {
      if (placing.locality !== null && placing.about.localId !== null) {
        linked = this.local(placing) === undefined;
        leftOut = this.link(placing.locality, placing.about.localId, child, confirmed, placing);
      }
      if (asked.nhsNumber !== null && !this.byNumber.has(asked.nhsNumber)) {
        if (child.nhsNumber !== null) this.number(child.nhsNumber, child, true);
        child.nhsNumber = asked.nhsNumber;
        this.number(asked.nhsNumber, child, false);
        this.changed.add(child);
        linked = true;
      }
      for (const number of asked.supersededNhsNumbers) {
        if (!this.byNumber.has(number)) this.number(number, child, true);
      }
      if (child.asOf === null || placing.asOf > child.asOf) {
        // What is not told this time stays as it was.
        child.family = asked.family ?? child.family;
        child.given = asked.given ?? child.given;
        child.bornOn = asked.bornOn ?? child.bornOn;
        child.postcode = asked.postcode ?? child.postcode;
        child.asOf = placing.asOf;
        this.changed.add(child);
        this.file(child);
      }
    }
    if (linked || !BY_NUMBER_ALONE.has(rule)) {
      this.matchRows.push({ childId: child.childId, source: placing.source, rule, at: this.at });
    }
    return { placed: true, childId: child.childId, rule, bornOn: child.bornOn, merges, leftOut };
  }

  private mint(from: string): IndexedChild {
    const child: IndexedChild = {
      childId: childIdOf(from),
      family: null,
      given: null,
      bornOn: null,
      postcode: null,
      nhsNumber: null,
      mergedInto: null,
      keptApart: false,
      asOf: null,
    };
    this.children.set(child.childId, child);
    this.changed.add(child);
    return child;
  }

  private local({ locality, about }: Placing) {
    return locality === null || about.localId === null ? undefined : this.byLocal.get(`${locality}\n${about.localId}`);
  }

  private alike(asked: Asked): readonly Held[] {
    const found = new Set<Held>();
    for (const key of keyTexts(asked)) for (const child of this.byKey.get(key) ?? []) found.add(child);
    return [...found];
  }

  private child(childId: string): IndexedChild {
    const child = this.children.get(childId);
    if (child === undefined) throw new Error("A decision names a child that was not among those known.");
    return child;
  }

  /** Makes a local number a child's, or keeps it so, and answers what its latest row leaves out. */
  private link(
    locality: LocalityCode,
    localId: string,
    child: IndexedChild,
    confirmed: boolean,
    { asOf, tells }: Placing,
  ): readonly LeftOut[] {
    const key = `${locality}\n${localId}`;
    const held = this.byLocal.get(key);
    const row = { asOf, told: lettersOf(tells) };
    // Of a child it was not linked to before, the number's rows have told nothing.
    const before = held?.child === child ? held : null;
    const { latest, leftOut } = before === null ? { latest: row, leftOut: [] } : latestRow(before, row);
    if (before === null || latest !== before || (confirmed && !before.confirmed)) {
      const { asOf: since, told } = latest;
      const link = { child, confirmed: confirmed || (held?.confirmed ?? false), asOf: since, told };
      this.byLocal.set(key, link);
      this.localRows.set(key, {
        locality,
        localId,
        childId: child.childId,
        confirmed: link.confirmed,
        asOf: since,
        told,
      });
    }
    this.tells(child.childId, locality);
    return leftOut;
  }

  private number(nhsNumber: NhsNumber, child: IndexedChild, superseded: boolean): void {
    this.byNumber.set(nhsNumber, child);
    this.numberRows.set(nhsNumber, { nhsNumber, childId: child.childId, superseded });
  }

  private tells(childId: string, locality: string): void {
    const localities = this.toldBy.get(childId);
    if (localities) localities.add(locality);
    else this.toldBy.set(childId, new Set([locality]));
  }

  private entry(row: ChildRow): IndexedChild {
    const known = this.children.get(row.childId);
    if (known) return known;
    const { childId, family, given, bornOn, postcode, nhsNumber, mergedInto, keptApart, asOf } = row;
    const child = { childId, family, given, bornOn, postcode, nhsNumber, mergedInto, keptApart, asOf };
    this.children.set(childId, child);
    return child;
  }

  private file(child: IndexedChild): void {
    for (const key of keyTexts(child)) {
      const children = this.byKey.get(key);
      if (children) children.add(child);
      else this.byKey.set(key, new Set([child]));
    }
  }
}

/** Matches that need no line in the log where they link nothing new: the number says it. */
const BY_NUMBER_ALONE: ReadonlySet<MatchingRule> = new Set(["LOCAL_ID", "NHS_NUMBER"]);

function askedOf({ about, introduces, exactBirthDate }: Placing): Asked {
  const { nhsNumber, supersededNhsNumbers } = about;
  return { ...traitsOf(about), nhsNumber, supersededNhsNumbers, introduces, exactBirthDate };
}

/** What a row of a child index may leave out, a letter each. What it always tells is told again by every row. */
const LEFT_OUT: { readonly [Type in EventType]?: string } = {
  AddressRecorded: "A",
  BirthRecorded: "B",
  DeathRecorded: "D",
  GpRegistrationRecorded: "G",
  SchoolRecorded: "S",
};

function lettersOf(types: readonly EventType[]): string {
  let letters = "";
  for (const type of types) letters += LEFT_OUT[type] ?? "";
  return letters;
}

type ToldRow = Pick<LocalNumber, "asOf" | "told">;

/**
 * Of two rows of one local number the latest, and what the other told that the latest leaves out. A row says all that
 * its locality holds of the child, so what it leaves out is held no more, whichever of the two arrives first.
 */
function latestRow(held: ToldRow, row: ToldRow): { readonly latest: ToldRow; readonly leftOut: readonly LeftOut[] } {
  if (held.asOf === row.asOf && held.told === row.told) return { latest: held, leftOut: [] }; // the file came again
  const [latest, other] = row.asOf >= held.asOf ? [row, held] : [held, row];
  const leftOut = (Object.entries(LEFT_OUT) as [EventType, string][]) // the entries of a table have its keys as names
    .filter(([, letter]) => other.told.includes(letter) && !latest.told.includes(letter))
    .map(([type]) => ({ type, asOf: latest.asOf }));
  return { latest, leftOut };
}

/** The keys of TraitKeys as one kind of text, each told apart by its first letter. */
function keyTexts(traits: Traits): readonly string[] {
  const { bornFamily, bornGiven, namePostcode } = keysOf(traits);
  const texts: string[] = [];
  if (bornFamily !== null) texts.push(`f${bornFamily}`);
  if (bornGiven !== null) texts.push(`g${bornGiven}`);
  if (namePostcode !== null) texts.push(`p${namePostcode}`);
  return texts;
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Sixteen characters that follow from what the child was first known by, so that every rehearsal mints the same. */
export function childIdOf(mintedFrom: string): string {
  const digest = createHash("sha256").update(mintedFrom).digest();
  let id = "";
  // Eighty bits, five to a character.
  for (let bit = 0; bit < 80; bit += 5) {
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    id += BASE32.charAt((pair >> (11 - (bit & 7))) & 31);
  }
  return id;
}
