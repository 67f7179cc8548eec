/**
 * Records and withdraws facts. A fact has an identity at its source and an instant it was true; each telling is a
 * version, kept for ever. The latest version stands; a withdrawal is a version too, a tombstone, so that an
 * older message cannot bring back what was taken away.
 */

import type { Instant } from "../schema/calendar";
import type { Disposition, Event, EventOf, EventType, RecordedEvent, Source } from "../schema/events";
import {
  type Columns,
  type Database,
  type Migration,
  type Row,
  type Session,
  type Statement,
  snake,
  type Table,
  type Transaction,
  type Value,
} from "./database";

/** The facts one event type tells, and the table they are kept in. */
export interface FactTable<Type extends EventType = EventType> extends Table {
  readonly event: Type;
  /** The fact's own columns, by the event's property. */
  readonly facts: Columns;
  /** What is kept of an event, by column; left out: its properties, each under its own name. */
  readonly keeps?: (event: RecordedEvent) => Row;
}

/** A table that keeps of another subgraph's facts what this one needs to answer alone, and nothing else. */
export interface CopyTable<Type extends EventType = EventType, Kept extends Row = Row> extends FactTable<Type> {
  readonly keeps: (event: RecordedEvent) => Kept;
}

/** What a copy keeps of a fact, with where and when it was told. */
export type Copied<Kept> = Kept & {
  readonly childId: string;
  readonly source: Source;
  readonly asOf: Instant;
  readonly latest: boolean;
};

/** A fact as it was told: the event's own fields, with where and when it was told. */
export type Fact<Type extends EventType> = Omit<EventOf<Type>, "type" | "action" | "tieBreak"> & {
  /** True for a version that a later one of the same identity has not replaced. */
  readonly latest: boolean;
};

/** What became of one fact: `first` where its identity was not held before. */
export interface Recorded {
  readonly disposition: Disposition;
  readonly first: boolean;
}

const VERSION_COLUMNS = {
  childId: "text",
  system: "text",
  id: "text",
  asOf: "text",
  tieBreak: "text",
  latest: "boolean",
  withdrawn: "boolean",
  /** The delivery that brought it: from there ingest knows the file or message. */
  delivery: "integer",
} as const satisfies Columns;

/**
 * The table of an event type's facts. Each property of the event is a column of its own name; the compiler
 * refuses one the event does not have, and one it has and the table leaves out.
 */
export function factTable<Type extends EventType>(
  event: Type,
  name: string,
  facts: Readonly<Record<FactProperty<Type>, Columns[string]>>,
): FactTable<Type> {
  return {
    event,
    name,
    facts,
    columns: { ...VERSION_COLUMNS, ...facts },
    key: ["childId", "system", "id", "asOf", "tieBreak"],
  };
}
type FactProperty<Type extends EventType> = Exclude<
  keyof EventOf<Type>,
  "type" | "action" | "childId" | "source" | "asOf" | "tieBreak"
> &
  string;

/**
 * The table of a copy: `columns` under names of its own, and what of an event goes into each. It is kept as facts are, late
 * and withdrawn tellings too, but counted nowhere: the fact is held by the subgraph it belongs to.
 */
export function copyTable<Type extends EventType, Kept extends Row>(
  event: Type,
  name: string,
  columns: Readonly<Record<keyof Kept & string, Columns[string]>>,
  keeps: (event: EventOf<Type>) => Kept,
): CopyTable<Type, Kept> {
  return {
    event,
    name,
    facts: columns,
    columns: { ...VERSION_COLUMNS, ...columns },
    key: ["childId", "system", "id", "asOf", "tieBreak"],
    keeps: (event) => keeps(event as EventOf<Type>), // it is asked of events of its type alone
  };
}

export function factMigration(name: string, tables: readonly FactTable[]): Migration {
  return { name, tables };
}

/** Records the facts of events of one type in the order given; answers in that order. */
export interface Recorder {
  record(transaction: Transaction, delivery: number, events: readonly Event[]): Promise<readonly Recorded[]>;
  /** How many facts each source has told, withdrawn ones too. */
  holdings(session: Session): Promise<ReadonlyMap<string, number>>;
}

interface Version {
  readonly asOf: Instant;
  readonly tieBreak: string;
  readonly withdrawn: boolean;
  /** What it says, for telling whether two versions say the same; null until somebody tells it again. */
  says: Readonly<Record<string, unknown>> | null;
}

interface HeldRow extends Row {
  readonly childId: string;
  readonly system: string;
  readonly id: string;
  readonly asOf: string;
  readonly tieBreak: string;
  readonly withdrawn: boolean;
}

export function recorderOf(database: Database, table: FactTable): Recorder {
  const properties = Object.keys(table.facts);
  const saySame = (a: Version, b: Version): boolean =>
    a.withdrawn === b.withdrawn && (a.withdrawn || contentOf(a.says) === contentOf(b.says));
  const contentOf = (fact: Version["says"]): string =>
    JSON.stringify(properties.map((property) => fact?.[property] ?? null));

  const heldKeys = database.statement<HeldRow>(
    ({ from, among }) =>
      from(table)
        .select("child_id", "system", "id", "as_of", "tie_break", "withdrawn")
        .where(among("child_id", "childIds")),
    VERSION_COLUMNS,
  );
  const heldWhole = database.statement<HeldRow>(
    ({ from, among }) => from(table).where(among("child_id", "childIds")),
    table.columns,
  );
  // Of the versions of one identity only the last keeps `latest`; asked only when a batch replaced something.
  const settleLatest = database.statement(({ raw, among }) =>
    raw(
      `update ${table.name} set latest = 0 where latest = 1 and ? and exists (select 1 from ${table.name} later ` +
        `where later.child_id = ${table.name}.child_id and later.system = ${table.name}.system and later.id = ${table.name}.id ` +
        `and (later.as_of > ${table.name}.as_of or (later.as_of = ${table.name}.as_of and later.tie_break > ${table.name}.tie_break)))`,
      [among("child_id", "childIds")],
    ),
  );
  const counted = database.statement<{ system: string; facts: number }>(({ from, raw }) =>
    from(table).select("system", raw("count(*) as facts")).where("latest", 1).groupBy("system"),
  );

  return {
    async record(transaction, delivery, events) {
      const childIds = [...new Set(events.map((event) => event.childId))];
      const held = await versionsHeld(transaction, heldKeys, childIds);
      if (events.some((event) => clashes(held.get(identityOf(event)), event))) {
        // Something told before is told again: what was said then decides whether it is the same.
        for (const row of await transaction.rows(heldWhole, { childIds })) {
          const version = held.get(keyOf(row.childId, row))?.find((each) => isOf(each, row.asOf, row.tieBreak));
          if (version) version.says = row;
        }
      }

      const answers: Recorded[] = [];
      const rows: Row[] = [];
      let replaced = false;
      for (const event of events) {
        const identity = identityOf(event);
        const versions = held.get(identity) ?? [];
        const told: Version = {
          asOf: event.asOf,
          tieBreak: event.tieBreak ?? "",
          withdrawn: event.action === "withdraw",
          says: keptOf(table, event),
        };
        const same = versions.find((version) => isOf(version, told.asOf, told.tieBreak));
        if (same) {
          answers.push({ disposition: saySame(same, told) ? "DUPLICATE" : "QUARANTINED", first: false });
          continue;
        }
        const late = versions.some((version) => isLater(version, told));
        answers.push({ disposition: late ? "SUPERSEDED" : "APPLIED", first: versions.length === 0 });
        replaced ||= versions.length > 0 && !late;
        held.set(identity, [...versions, told]);
        rows.push(rowOf(event, told, !late, delivery, properties));
      }
      await transaction.insert(table, rows);
      if (replaced) await transaction.run(settleLatest, { childIds });
      return answers;
    },
    async holdings(session) {
      return new Map((await session.rows(counted)).map(({ system, facts }) => [system, Number(facts)]));
    },
  };
}

/**
 * Reads, for many children at once, the facts that stand: the latest version of each identity that is not
 * withdrawn, one list a child in the order asked, each list in the order of source and id.
 */
export function standingFacts<Type extends EventType>(database: Database, table: FactTable<Type>): FactReader<Type> {
  return factReader(
    database,
    database.statement(
      ({ from, among }) =>
        from(table)
          .select(Object.keys(columnsRead(table.facts)).map(snake))
          .where(among("child_id", "childIds"))
          .where("latest", 1)
          .where("withdrawn", 0)
          .orderBy(orderOf(table)),
      columnsRead(table.facts),
      WITHIN,
    ),
  );
}

/** As `standingFacts`, and with every version that was told and not withdrawn, oldest first within an identity. */
export function everyVersion<Type extends EventType>(database: Database, table: FactTable<Type>): FactReader<Type> {
  return factReader(
    database,
    database.statement(
      ({ from, among }) =>
        from(table)
          .select(Object.keys(columnsRead(table.facts)).map(snake))
          .where(among("child_id", "childIds"))
          .where("withdrawn", 0)
          .orderBy(orderOf(table)),
      columnsRead(table.facts),
      WITHIN,
    ),
  );
}

/** As `standingFacts`, of a copy. */
export function standingCopies<Kept extends Row>(
  database: Database,
  table: CopyTable<EventType, Kept>,
): (childIds: readonly string[]) => Promise<readonly (readonly Copied<Kept>[])[]> {
  return standingFacts(database, table) as unknown as ReturnType<typeof standingCopies<Kept>>; // its columns are what it keeps
}

/**
 * As `standingFacts`, of some properties of a fact alone and in any order: for whole populations, where to read a row is
 * what costs most.
 */
export function standingParts<Type extends EventType, Property extends FactProperty<Type>>(
  database: Database,
  table: FactTable<Type>,
  properties: readonly Property[],
): (childIds: readonly string[]) => Promise<readonly (readonly FactPart<Type, Property>[])[]> {
  const facts = Object.fromEntries(properties.map((property) => [property, table.facts[property] ?? "text"]));
  const columns = columnsRead(facts);
  const statement = database.statement<Record<string, unknown>>(
    ({ from, among }) =>
      from(table)
        .select(Object.keys(columns).map(snake))
        .where(among("child_id", "childIds"))
        .where("latest", 1)
        .where("withdrawn", 0),
    columns,
    WITHIN,
  );
  return factReader(database, statement) as unknown as ReturnType<typeof standingParts<Type, Property>>; // of those properties
}

export type FactPart<Type extends EventType, Property extends FactProperty<Type>> = Pick<
  Fact<Type>,
  (Property | "childId" | "source" | "asOf" | "latest") & keyof Fact<Type>
>;

export type FactReader<Type extends EventType> = (
  childIds: readonly string[],
) => Promise<readonly (readonly Fact<Type>[])[]>;

/** What a fact is read from; the rest of its row decides which version stands, and nothing else. */
function columnsRead(facts: Columns): Columns {
  const { childId, system, id, asOf, latest } = VERSION_COLUMNS;
  return { childId, system, id, asOf, latest, ...facts };
}

const WITHIN = { source: ["system", "id"] };

/** Of a statement whose rows are facts as they are: the table's columns are the event's properties. */
function factReader<Type extends EventType>(
  database: Database,
  statement: Statement<Record<string, unknown>>,
): FactReader<Type> {
  return async (childIds) => {
    const rows = (await database.rows(statement, { childIds })) as unknown as readonly Fact<Type>[];
    if (childIds.length === 1) return [rows];
    const byChildId = new Map<string, Fact<Type>[]>(childIds.map((childId) => [childId, []]));
    for (const fact of rows) byChildId.get(fact.childId)?.push(fact);
    return childIds.map((childId) => byChildId.get(childId) ?? []);
  };
}

function orderOf(table: FactTable): { column: string }[] {
  return table.key.map((property) => ({ column: snake(property) }));
}

async function versionsHeld(
  session: Session,
  statement: Statement<HeldRow>,
  childIds: readonly string[],
): Promise<Map<string, Version[]>> {
  const held = new Map<string, Version[]>();
  for (const row of await session.rows(statement, { childIds })) {
    const identity = keyOf(row.childId, row);
    const versions = held.get(identity);
    const version = { asOf: row.asOf, tieBreak: row.tieBreak, withdrawn: row.withdrawn, says: null };
    if (versions) versions.push(version);
    else held.set(identity, [version]);
  }
  return held;
}

function identityOf(event: Event): string {
  return keyOf(event.childId, event.source);
}

/** What is kept of an event: what its table says, or else its properties. */
function keptOf(table: FactTable, event: Event): Version["says"] {
  if (event.action === "withdraw" || table.keeps === undefined) return event as unknown as Version["says"]; // a record of its fields
  return table.keeps(event);
}

function keyOf(childId: string, source: Source): string {
  return `${childId}\n${source.system}\n${source.id}`;
}

function clashes(versions: readonly Version[] | undefined, event: Event): boolean {
  return versions?.some((version) => isOf(version, event.asOf, event.tieBreak ?? "")) ?? false;
}

function isOf(version: Version, asOf: Instant, tieBreak: string): boolean {
  return version.asOf === asOf && version.tieBreak === tieBreak;
}

function isLater(version: Version, than: Version): boolean {
  return version.asOf > than.asOf || (version.asOf === than.asOf && version.tieBreak > than.tieBreak);
}

function rowOf(event: Event, told: Version, latest: boolean, delivery: number, properties: readonly string[]): Row {
  const row: Record<string, Value> = {
    childId: event.childId,
    system: event.source.system,
    id: event.source.id,
    asOf: told.asOf,
    tieBreak: told.tieBreak,
    latest,
    withdrawn: told.withdrawn,
    delivery,
  };
  // A withdrawal may carry no fields at all; what was told stays in the versions before it.
  if (!told.withdrawn) {
    for (const property of properties) row[property] = (told.says?.[property] as Value | undefined) ?? null; // as it was told
  }
  return row;
}
