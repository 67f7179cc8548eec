/**
 * Records and withdraws facts. A fact has an identity at its source and an instant it was true; each telling is a
 * version, kept for ever. The latest version stands; a withdrawal is a version too, a tombstone, so that an
 * older message cannot bring back what was taken away.
 */

import type { Instant } from "../schema/calendar";
import type { Disposition, Event, EventOf, EventType, Source } from "../schema/events";
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
}

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
          says: event as unknown as Version["says"], // an event is a record of its fields
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
    table,
    database.statement(
      ({ from, among }) =>
        from(table)
          .where(among("child_id", "childIds"))
          .where("latest", 1)
          .where("withdrawn", 0)
          .orderBy(orderOf(table)),
      table.columns,
    ),
  );
}

/** As `standingFacts`, and with every version that was told and not withdrawn, oldest first within an identity. */
export function everyVersion<Type extends EventType>(database: Database, table: FactTable<Type>): FactReader<Type> {
  return factReader(
    database,
    table,
    database.statement(
      ({ from, among }) =>
        from(table).where(among("child_id", "childIds")).where("withdrawn", 0).orderBy(orderOf(table)),
      table.columns,
    ),
  );
}

export type FactReader<Type extends EventType> = (
  childIds: readonly string[],
) => Promise<readonly (readonly Fact<Type>[])[]>;

function factReader<Type extends EventType>(
  database: Database,
  table: FactTable<Type>,
  statement: Statement<Record<string, unknown>>,
): FactReader<Type> {
  const properties = Object.keys(table.facts);
  return async (childIds) => {
    const byChildId = new Map<string, Fact<Type>[]>(childIds.map((childId) => [childId, []]));
    for (const row of await database.rows(statement, { childIds: [...byChildId.keys()] })) {
      const fact: Record<string, unknown> = {
        childId: row.childId,
        source: { system: row.system, id: row.id },
        asOf: row.asOf,
        latest: row.latest,
      };
      for (const property of properties) fact[property] = row[property];
      byChildId.get(row.childId as string)?.push(fact as Fact<Type>); // the table's columns are the event's properties
    }
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
    const fields = event as unknown as Readonly<Record<string, Value | undefined>>; // an event is a record of its fields
    for (const property of properties) row[property] = fields[property] ?? null;
  }
  return row;
}
