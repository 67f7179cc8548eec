/**
 * Ingest's own books: what was loaded and received, what became of it, what is in quarantine and what still waits to
 * be delivered. The tables, and every query over them.
 */

import { hash } from "node:crypto";
import type { Database, Migration, Row, Session, Table, Transaction, WriteHow } from "../chassis/database";
import type { Day, Instant } from "../schema/calendar";
import type { Problem, ProblemCode } from "../schema/errors";
import type { Disposition, EventType, Source } from "../schema/events";
import type { LocalityCode } from "../schema/vocabulary/localities";
import { CHILD_INDEX_TABLES } from "./child-index";
import { GLASS_GRANT } from "./glass";
import { keysOf, traitsOf } from "./matching";
import { MESH_TABLES } from "./mesh-books";
import type { Identity, Reading } from "./reading";
import { SOURCE_RECORD } from "./source-records";

/** One file of one locality, each time it is loaded; or, without a locality, the messages of one event. */
const LOAD: Table = {
  name: "load",
  columns: {
    number: "integer",
    source: "text",
    locality: "text",
    file: "text",
    kind: "text",
    layout: "text",
    digest: "text",
    bytes: "integer",
    receivedOn: "text",
    startedAt: "text",
    finishedAt: "text",
    /** The last row that was taken, from 1. */
    position: "integer",
    rowsRead: "integer",
    rowsYielding: "integer",
    rowsSilent: "integer",
    rowsQuarantined: "integer",
    rowsRepeated: "integer",
  },
  key: ["number"],
};

const LOAD_COUNT: Table = {
  name: "load_count",
  columns: {
    load: "integer",
    system: "text",
    type: "text",
    told: "integer",
    applied: "integer",
    duplicate: "integer",
    superseded: "integer",
    quarantined: "integer",
    firsts: "integer",
  },
  key: ["load", "system", "type"],
};

/** Every delivery there was: from the number that a fact carries, the load and the rows it came by. */
const DESPATCH: Table = {
  name: "despatch",
  columns: { number: "integer", load: "integer", firstRow: "integer", lastRow: "integer", at: "text" },
  key: ["number"],
};

/** Deliveries not yet made everywhere. `rows` has the row number of each event. */
const OUTBOX: Table = {
  name: "outbox",
  columns: { number: "integer", load: "integer", events: "text", rows: "text" },
  key: ["number"],
};

const ROW_WARNING: Table = {
  name: "row_warning",
  columns: { load: "integer", row: "integer", reasons: "json" },
  key: ["load", "row"],
};

const QUARANTINE: Table = {
  name: "quarantine_item",
  columns: {
    id: "text",
    load: "integer",
    locality: "text",
    file: "text",
    kind: "text",
    row: "integer",
    severity: "text",
    reasons: "json",
    /** Their codes with a bar around each: `|ORPHAN|`. */
    reasonCodes: "text",
    candidates: "json",
    /** The row's own number in its locality's system, by which a corrected row is known again. */
    rowKey: "text",
    raw: "text",
    /** How the row is to be read again; null where there is no row, but one event that was refused. */
    layout: "text",
    fields: "json",
    paired: "boolean",
    event: "json",
    receivedOn: "text",
    openedAt: "text",
    open: "boolean",
    resolvedAt: "text",
    decision: "text",
    decidedBy: "text",
    note: "text",
  },
  key: ["id"],
  indexes: [
    // With all that a list may ask, so that what few items have is found without a look at each item's row: at 558,673 children
    // 130,000 items of two kilobytes.
    {
      on: ["openedAt", "id", "open", "load", "locality", "kind", "reasonCodes"],
      for: "the work list, oldest first",
    },
    { on: ["load", "openedAt", "id"], for: "what one load left" },
    {
      on: ["locality", "kind", "rowKey", "load"],
      for: "the open item that a corrected row resolves",
      where: "open = 1",
    },
  ],
};

/** Whom an item waits for whose child nobody has told of yet, or which record it takes back. Few, so each look goes through all of them. */
const WAITING: Table = {
  name: "waiting",
  columns: {
    item: "text",
    nhsNumber: "text",
    locality: "text",
    localId: "text",
    bornFamily: "text",
    bornGiven: "text",
    postcode: "text",
    system: "text",
    recordId: "text",
  },
  key: ["item"],
};

const MESSAGE: Table = {
  name: "message",
  columns: {
    number: "integer",
    name: "text",
    headers: "json",
    receivedAt: "text",
    /** Null until it has been read. */
    messageId: "text",
    event: "text",
    messageType: "text",
    lastUpdated: "text",
    timestamp: "text",
    publisherContact: "text",
    encounterId: "text",
    digest: "text",
    disposition: "text",
    reasons: "json",
    warnings: "json",
  },
  key: ["number"],
  indexes: [
    { on: ["messageId"], for: "whether a message came before", where: "message_id is not null" },
    { on: ["disposition", "number"], for: "messages kept and not yet read" },
  ],
};

/** Messages byte for byte, in base 64. */
const MESSAGE_BODY: Table = { name: "message_body", columns: { number: "integer", body: "text" }, key: ["number"] };

/** What PostgreSQL would otherwise take wrongly of these tables. */
const POSTGRES_HINTS: readonly string[] = [
  // What waits to be delivered is gone again at once: a tenth of a load would be spent on making it smaller.
  "alter table outbox alter column events set storage external",
  // Of a locality that is being loaded the server has not heard when it last looked: it would expect no rows of it, and read
  // all there are for every chunk.
  "alter table source_record alter column system set statistics 0",
  "alter table local_number alter column locality set statistics 0",
];

export const MIGRATIONS: readonly Migration[] = [
  {
    name: "ingest",
    tables: [
      ...CHILD_INDEX_TABLES,
      SOURCE_RECORD,
      LOAD,
      LOAD_COUNT,
      DESPATCH,
      OUTBOX,
      ROW_WARNING,
      QUARANTINE,
      WAITING,
      MESSAGE,
      MESSAGE_BODY,
    ],
    statements: (dialect) => (dialect === "postgres" ? POSTGRES_HINTS : []),
  },
  { name: "mesh", tables: MESH_TABLES },
  { name: "broken glass", tables: [GLASS_GRANT] },
];

/** Where the rows of a load came from: a file, the inbox, or the quarantine, to be tried again. */
export type LoadSource = "EXTRACT" | "MESSAGES" | "QUARANTINE";

export interface LoadRow extends Row {
  readonly number: number;
  readonly source: LoadSource;
  /** Null for messages, which come for the whole area. */
  readonly locality: LocalityCode | null;
  readonly file: string;
  /** Kind of file, or the code of the national event. */
  readonly kind: string;
  readonly layout: string | null;
  readonly digest: string | null;
  readonly bytes: number | null;
  readonly receivedOn: Day;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  readonly position: number;
  readonly rowsRead: number;
  /** Rows that were read and placed, whose events count below. */
  readonly rowsYielding: number;
  /** Rows that told nothing: repeated messages, events out of scope. */
  readonly rowsSilent: number;
  readonly rowsQuarantined: number;
  /** Of those quarantined: how many lay there already, in the same words. */
  readonly rowsRepeated: number;
}

/** What became of the events of one type that one source system told in a load. */
export interface LoadCount {
  readonly load: number;
  readonly system: string;
  readonly type: EventType;
  readonly told: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly superseded: number;
  readonly quarantined: number;
  /** Facts whose identity was not held before. */
  readonly firsts: number;
}

/** A problem as it is kept. */
export interface Reason {
  readonly code: ProblemCode;
  readonly message: string;
  /** What the reader can do. */
  readonly remedy: string;
}

export function reasonOf(problem: Problem): Reason {
  return { code: problem.code, message: problem.message, remedy: problem.remedy };
}

/** More loads than the localities send in years; older ones are in the reconciliation. */
export const LOADS_SHOWN = 1_000;

/** How much stands still until someone decides. */
export type Severity = "BLOCKS_CHILD" | "BLOCKS_ROW";

/** What persons and ourselves decide of an item. The last two are ours. */
export const QUARANTINE_DECISIONS = {
  RETRY: "Try it again as it is, because the cause is gone",
  USE_CHILD: "It is about the child named",
  NEW_CHILD: "It is about a child who is not held yet",
  REPLACE: "What it says replaces what is held under the same identity and time",
  DISMISS: "It is not to be applied",
  APPLIED: "Applied by itself when its child appeared",
  CORRECTED: "A corrected row came in its place",
} as const satisfies Record<string, string>;

export type QuarantineDecision = keyof typeof QUARANTINE_DECISIONS;

/** Decided by a person: the same row sent again is not work again. */
const FINAL: ReadonlySet<string | null> = new Set(["USE_CHILD", "NEW_CHILD", "REPLACE", "DISMISS"]);

export interface QuarantineRow extends Row {
  readonly id: string;
  readonly load: number;
  readonly locality: LocalityCode | null;
  readonly file: string;
  readonly kind: string;
  /** Number of the row in its file; of a message in the inbox. */
  readonly row: number;
  readonly severity: Severity;
  readonly reasons: readonly Reason[];
  readonly reasonCodes: string;
  readonly candidates: readonly string[];
  readonly rowKey: string | null;
  /** Null for a message, which the inbox keeps. */
  readonly raw: string | null;
  readonly layout: string | null;
  readonly fields: readonly string[] | null;
  readonly paired: boolean;
  /** The one event that was refused, where the rest of its row was not. */
  readonly event: object | null;
  readonly receivedOn: Day;
  readonly openedAt: Instant;
  readonly open: boolean;
  readonly resolvedAt: Instant | null;
  readonly decision: QuarantineDecision | null;
  readonly decidedBy: string | null;
  readonly note: string | null;
}

/** What is put in quarantine, before it has an id. */
export interface Refused
  extends Pick<
    QuarantineRow,
    "locality" | "file" | "kind" | "row" | "severity" | "candidates" | "rowKey" | "raw" | "receivedOn"
  > {
  readonly load: number;
  readonly reasons: readonly Reason[];
  readonly layout?: string;
  readonly fields?: readonly string[];
  readonly paired?: boolean;
  readonly event?: object;
  /** What brings it back by itself; null where only a person does. */
  readonly waitsFor: Awaited | null;
}

/** Whose appearing brings back what was refused: a child nobody has told of yet, or the record that a row takes back. */
export interface Awaited {
  readonly child: Identity | null;
  readonly record: Source | null;
}

/**
 * By what something that waits is found among all that do, when somebody has been told of: to look whether any of them has
 * appeared takes half a second where a whole population was loaded, and would be done for every batch of messages.
 */
export interface Appearing {
  readonly numbers: readonly string[];
  /** Dates of birth with family names, as the child index has them. */
  readonly families: readonly string[];
  /** Ids of records. */
  readonly records: readonly string[];
}

export function appearingIn(readings: readonly Reading[]): Appearing {
  return {
    numbers: readings.flatMap(({ about }) => [about.nhsNumber ?? [], about.supersededNhsNumbers].flat()),
    families: readings.flatMap(({ about }) => keysOf(traitsOf(about)).bornFamily ?? []),
    records: readings.flatMap(({ tells }) => tells.map(({ source }) => source.id)),
  };
}

export interface MessageRow extends Row {
  readonly number: number;
  /** Name of the file it came in. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAt: Instant;
  readonly messageId: string | null;
  readonly event: string | null;
  readonly messageType: string | null;
  readonly lastUpdated: Instant | null;
  readonly timestamp: Instant | null;
  readonly publisherContact: string | null;
  readonly encounterId: string | null;
  readonly digest: string | null;
  readonly disposition: MessageDisposition;
  readonly reasons: readonly Reason[];
  readonly warnings: readonly Reason[];
}

/** What became of a message. KEPT: stored and not yet read; SENT: its events wait to be delivered. */
export type MessageDisposition = Disposition | "KEPT" | "SENT" | "NOT_HANDLED";

/** A delivery as it lies in the outbox. */
export interface Outgoing {
  readonly number: number;
  readonly load: number;
  readonly events: string;
  readonly rows: string;
}

/** Which items of the quarantine are meant: every condition given holds. */
export interface QuarantineFilter {
  readonly open?: boolean | null;
  readonly localities?: readonly LocalityCode[] | null;
  readonly kinds?: readonly string[] | null;
  readonly reason?: string | null;
  readonly load?: number | null;
  /** True: those that are tried again by themselves when what they wait for appears. */
  readonly waiting?: boolean | null;
}

/** An item's place in the order of the work list. */
export interface QuarantinePlace {
  readonly openedAt: Instant;
  readonly id: string;
}

/** The digest that identifies an item: the same words of the same kind of file of a locality are one item. */
function itemIdOf({ locality, kind, raw, row }: Pick<Refused, "locality" | "kind" | "raw" | "row">): string {
  return hash("sha256", `${locality}\n${kind}\n${raw ?? `message ${row}`}`, "hex").slice(0, 24);
}

export type Books = ReturnType<typeof booksOf>;

export function booksOf(database: Database) {
  const loadByNumber = database.statement<LoadRow>(
    ({ from, among }) => from(LOAD).where(among("number", "numbers")),
    LOAD.columns,
  );
  const unfinished = database.statement<LoadRow>(
    ({ from, param }) =>
      from(LOAD)
        .where("source", "EXTRACT")
        .where("locality", "=", param("locality"))
        .where("digest", "=", param("digest"))
        .whereNull("finished_at")
        .orderBy("number"),
    LOAD.columns,
  );
  const running = database.statement<LoadRow>(
    ({ from, raw, param }) =>
      from(LOAD)
        .where("source", "=", param("source"))
        .where("kind", "=", param("kind"))
        .where(raw("coalesce(locality, '') = ?", [param("locality")]))
        .orderBy("number"),
    LOAD.columns,
  );
  const newestLoads = database.statement<LoadRow>(
    ({ from, raw, among }) =>
      from(LOAD)
        .where(raw("(locality is null or ?)", [among("locality", "localities")]))
        .orderBy("number", "desc")
        .limit(LOADS_SHOWN),
    LOAD.columns,
  );
  const everyLoad = database.statement<LoadRow>(({ from }) => from(LOAD).orderBy("number"), LOAD.columns);
  const countsOf = database.statement<LoadCount>(
    ({ from, among }) => from(LOAD_COUNT).where(among("load", "loads")).orderBy(["load", "system", "type"]),
    LOAD_COUNT.columns,
  );
  const totals = database.statement<{ system: string; type: EventType; firsts: number }>(({ from, raw }) =>
    from(LOAD_COUNT)
      .select("system", "type", raw("sum(firsts) as firsts"))
      .groupBy("system", "type")
      .orderBy(["system", "type"]),
  );
  const last = new Map(
    [LOAD, DESPATCH, MESSAGE].map((table) => [
      table,
      database.statement<{ last: number | null }>(({ from, raw }) => from(table).select(raw("max(number) as last"))),
    ]),
  );
  const nextOutgoing = database.statement<Outgoing>(({ from, raw, param }) =>
    from(OUTBOX)
      .select("outbox.*")
      .join("despatch", "despatch.number", "outbox.number")
      .where(raw("despatch.at < ?", [param("before")]))
      .orderBy("outbox.number")
      .limit(1),
  );
  const outgoingCount = database.statement<{ waiting: number }>(({ from, raw }) =>
    from(OUTBOX).select(raw("count(*) as waiting")),
  );
  const clearOutgoing = database.statement(({ raw, param }) =>
    raw("delete from outbox where number = ?", [param("number")]),
  );
  const items = database.statement<QuarantineRow>(
    ({ from, among }) => from(QUARANTINE).where(among("id", "ids")),
    QUARANTINE.columns,
  );
  const openByKey = database.statement<QuarantineRow>(
    ({ from, param, among }) =>
      from(QUARANTINE)
        .where("open", 1)
        .where("locality", "=", param("locality"))
        .where("kind", "=", param("kind"))
        .where(among("row_key", "rowKeys")),
    QUARANTINE.columns,
  );
  const openItems = database.statement<{ id: string; rowKey: string | null }>(
    ({ from, param }) =>
      from(QUARANTINE)
        .select("id", "row_key")
        .where("open", 1)
        .where("locality", "=", param("locality"))
        .where("kind", "=", param("kind"))
        .where("load", "<>", param("load")),
    { id: "text", rowKey: "text" },
  );
  const waitingAmong = database.statement<{ item: string }>(({ from, among }) =>
    from(WAITING).select("item").where(among("item", "items")),
  );
  const stopWaiting = database.statement(({ raw, among }) =>
    raw("delete from waiting where ?", [among("item", "items")]),
  );
  // A child may appear under its NHS number, its local number, or, told without either, under its name and birth.
  const appearedIn = (only: string) =>
    `select w.item from waiting w join nhs_number n on n.nhs_number = w.nhs_number where ${only} ` +
    `union select w.item from waiting w join local_number l on l.locality = w.locality and l.local_id = w.local_id where ${only} ` +
    "union select w.item from waiting w join indexed_child c on c.born_family = w.born_family " +
    "and c.born_given = w.born_given where (w.nhs_number is null or c.nhs_number is null) " +
    `and (w.postcode is null or w.postcode = c.postcode) and ${only} ` +
    `union select w.item from waiting w join source_record r on r.system = w.system and r.id = w.record_id where ${only}`;
  const appeared = database.statement<{ item: string }>(({ raw }) => raw(appearedIn("1 = 1")));
  const appearedAmong = database.statement<{ item: string }>(({ raw, among }) =>
    raw(
      appearedIn("?"),
      [1, 2, 3, 4].map(() => among("w.item", "items")),
    ),
  );
  const waitingFor = database.statement<{ item: string }>(({ from, among }) =>
    from(WAITING)
      .select("item")
      .where(among("nhs_number", "numbers"))
      .orWhere(among("born_family", "families"))
      .orWhere(among("record_id", "records")),
  );
  const earlier = database.statement<Pick<MessageRow, "number" | "messageId" | "digest">>(
    ({ from, among }) =>
      from(MESSAGE)
        .select("number", "message_id", "digest")
        .where(among("message_id", "ids"))
        .where("disposition", "<>", "DUPLICATE")
        .orderBy("number"),
    MESSAGE.columns,
  );
  const kept = database.statement<MessageRow & { body: string }>(
    ({ raw, param }) =>
      raw(
        "select m.*, b.body from message m join message_body b on b.number = m.number " +
          "where m.disposition = 'KEPT' order by m.number limit ?",
        [param("first")],
      ),
    { ...MESSAGE.columns, body: "text" },
  );
  const messages = database.statement<MessageRow>(
    ({ from, among }) => from(MESSAGE).where(among("number", "numbers")).orderBy("number"),
    MESSAGE.columns,
  );
  const bodies = database.statement<{ number: number; body: string }>(({ from, among }) =>
    from(MESSAGE_BODY).where(among("number", "numbers")),
  );
  const lists = new Map<string, ReturnType<typeof listOf>>();

  function listOf(conditions: readonly string[], first: number) {
    return database.statement<QuarantineRow>(({ from, raw, param, among }) => {
      const order = [{ column: "opened_at" }, { column: "id" }];
      const query = from(QUARANTINE)
        .select("id")
        .where(raw("(opened_at, id) > (?, ?)", [param("openedAt"), param("id")]))
        .orderBy(order);
      for (const condition of conditions) {
        if (condition === "open") query.where(raw("open = 1"));
        else if (condition === "closed") query.where(raw("open = 0"));
        else if (condition === "reason") query.where(raw("reason_codes like ?", [param("reason")]));
        else if (condition === "load") query.where("load", "=", param("load"));
        else if (condition === "waiting") query.whereIn("id", from(WAITING).select("item"));
        else if (condition === "decidable") query.whereNotIn("id", from(WAITING).select("item"));
        else if (condition === "kinds") query.where(among("kind", "kinds"));
        else if (condition === "localities") query.where(among("locality", "localities"));
        // What no locality sent is for every locality's clerks: else nobody would see it.
        else if (condition === "reach") query.where(raw("(locality is null or ?)", [among("locality", "reach")]));
      }
      return from(QUARANTINE).whereIn("id", query.limit(first)).orderBy(order);
    }, QUARANTINE.columns);
  }

  const numberAfter = async (session: Session, table: Table): Promise<number> => {
    const statement = last.get(table);
    const [row] = statement ? await session.rows(statement) : [];
    return Number(row?.last ?? 0) + 1;
  };

  return {
    /** One transaction that nobody else's runs beside: what it reads of the books still holds when it writes. */
    write: <T>(work: (transaction: Transaction) => Promise<T>, how: Omit<WriteHow, "alone"> = {}): Promise<T> =>
      database.write(work, { ...how, alone: true }),

    // --- Loads ---

    async unfinished(locality: LocalityCode, digest: string): Promise<LoadRow | null> {
      return (await database.rows(unfinished, { locality, digest }))[0] ?? null;
    },

    async loads(numbers: readonly number[], session: Session = database): Promise<readonly LoadRow[]> {
      return session.rows(loadByNumber, { numbers });
    },

    /** Newest first: those of localities, and those of messages. */
    newestLoads: (localities: readonly LocalityCode[]): Promise<readonly LoadRow[]> =>
      database.rows(newestLoads, { localities }),

    /** Every load there ever was, oldest first: as many as there were files. */
    allLoads: (): Promise<readonly LoadRow[]> => database.rows(everyLoad),

    counts: (loads: readonly number[]): Promise<readonly LoadCount[]> => database.rows(countsOf, { loads }),

    /** Facts first applied, by source system and event type, over all loads there ever were. */
    async firsts(): Promise<readonly { system: string; type: EventType; firsts: number }[]> {
      return (await database.rows(totals)).map((row) => ({ ...row, firsts: Number(row.firsts) }));
    },

    async begin(
      transaction: Transaction,
      load: Pick<LoadRow, "source" | "locality" | "file" | "kind" | "receivedOn" | "startedAt"> & Partial<LoadRow>,
    ): Promise<LoadRow> {
      const row: LoadRow = {
        layout: null,
        digest: null,
        bytes: null,
        finishedAt: null,
        position: 0,
        rowsRead: 0,
        rowsYielding: 0,
        rowsSilent: 0,
        rowsQuarantined: 0,
        rowsRepeated: 0,
        ...load,
        number: await numberAfter(transaction, LOAD),
      };
      await transaction.insert(LOAD, [row]);
      return row;
    },

    /** The load that goes on for ever: the messages of one event, or one kind of row tried again. */
    async running(
      transaction: Transaction,
      load: Pick<LoadRow, "source" | "locality" | "file" | "kind" | "receivedOn" | "startedAt">,
    ): Promise<LoadRow> {
      const { source, kind, locality } = load;
      const [held] = await transaction.rows(running, { source, kind, locality: locality ?? "" });
      return held ?? (await this.begin(transaction, { ...load, finishedAt: load.startedAt }));
    },

    saveLoad: (transaction: Transaction, load: LoadRow): Promise<void> => transaction.insert(LOAD, [load], "replace"),

    /** Adds to what is counted of a load. */
    async tally(transaction: Transaction, load: number, more: readonly Omit<LoadCount, "load">[]): Promise<void> {
      const keyOf = ({ system, type }: { system: string; type: string }) => `${system} ${type}`;
      const held = new Map((await transaction.rows(countsOf, { loads: [load] })).map((row) => [keyOf(row), row]));
      const rows = more.map((each) => {
        const before = held.get(keyOf(each));
        if (before === undefined) return { ...each, load };
        return {
          ...before,
          told: before.told + each.told,
          applied: before.applied + each.applied,
          duplicate: before.duplicate + each.duplicate,
          superseded: before.superseded + each.superseded,
          quarantined: before.quarantined + each.quarantined,
          firsts: before.firsts + each.firsts,
        };
      });
      await transaction.insert(LOAD_COUNT, rows, "replace");
    },

    warn: (
      transaction: Transaction,
      load: number,
      warned: readonly { readonly row: number; readonly reasons: readonly Reason[] }[],
    ): Promise<void> =>
      transaction.insert(
        ROW_WARNING,
        warned.map((each) => ({ ...each, load })),
        "replace",
      ),

    // --- Outbox ---

    /** Puts a delivery in the outbox and answers its number. */
    async despatch(
      transaction: Transaction,
      { load, events, rows, at }: { load: number; events: string; rows: readonly number[]; at: Instant },
    ): Promise<number> {
      const number = await numberAfter(transaction, DESPATCH);
      const [firstRow, lastRow] = [rows[0] ?? null, rows.at(-1) ?? null];
      await transaction.insert(DESPATCH, [{ number, load, firstRow, lastRow, at }]);
      await transaction.insert(OUTBOX, [{ number, load, events, rows: JSON.stringify(rows) }]);
      return number;
    },

    /** The first of those put there before an instant; null: of all. */
    async nextOutgoing(before: Instant | null): Promise<Outgoing | null> {
      return (await database.rows(nextOutgoing, { before: before ?? "9999" }))[0] ?? null;
    },

    async outgoing(): Promise<number> {
      return Number((await database.rows(outgoingCount))[0]?.waiting ?? 0);
    },

    /** False where somebody else has done so already. */
    async clear(transaction: Transaction, number: number): Promise<boolean> {
      return (await transaction.run(clearOutgoing, { number })) > 0;
    },

    // --- Quarantine ---

    /** Opens an item for each; answers how many lay there already in the same words. */
    async quarantine(transaction: Transaction, refused: readonly Refused[], at: Instant): Promise<number> {
      if (refused.length === 0) return 0;
      const ids = refused.map(itemIdOf);
      const held = new Map((await transaction.rows(items, { ids })).map((item) => [item.id, item]));
      const rows = new Map<string, Row>();
      const waiting: Row[] = [];
      let repeated = 0;
      for (const [i, each] of refused.entries()) {
        const id = ids[i] ?? itemIdOf(each);
        const before = held.get(id);
        if (rows.has(id) || before?.open || FINAL.has(before?.decision ?? null)) {
          repeated++;
          continue;
        }
        const { reasons, waitsFor, ...kept } = each;
        rows.set(id, {
          ...kept,
          id,
          reasons,
          reasonCodes: codesOf(reasons),
          openedAt: before?.openedAt ?? at,
          open: true,
        });
        if (waitsFor) waiting.push(waitingRow(id, each.locality, waitsFor));
      }
      await transaction.insert(QUARANTINE, [...rows.values()], "replace");
      await transaction.insert(WAITING, waiting, "replace");
      return repeated;
    },

    item: async (id: string, session: Session = database): Promise<QuarantineRow | null> =>
      (await session.rows(items, { ids: [id] }))[0] ?? null,

    items: (ids: readonly string[], session: Session = database): Promise<readonly QuarantineRow[]> =>
      session.rows(items, { ids }),

    async resolve(
      transaction: Transaction,
      resolved: readonly QuarantineRow[],
      decided: {
        readonly at: Instant;
        readonly decision: QuarantineDecision;
        readonly by: string | null;
        readonly note: string | null;
      },
    ): Promise<void> {
      const { at, decision, by, note } = decided;
      if (resolved.length === 0) return;
      const rows = resolved.map((item) => ({ ...item, open: false, resolvedAt: at, decision, decidedBy: by, note }));
      await transaction.insert(QUARANTINE, rows, "replace");
      await transaction.run(stopWaiting, { items: rows.map(({ id }) => id) });
    },

    /** An item that was tried again and is still refused, now perhaps for another reason. */
    async refuseAgain(
      transaction: Transaction,
      refused: readonly {
        readonly item: QuarantineRow;
        readonly reasons: readonly Reason[];
        readonly candidates: readonly string[];
        readonly waitsFor: Awaited | null;
      }[],
    ): Promise<void> {
      const rows = refused.map(({ item, reasons, candidates }) => ({
        ...item,
        reasons,
        reasonCodes: codesOf(reasons),
        candidates,
      }));
      await transaction.insert(QUARANTINE, rows, "replace");
      const waiting = refused.flatMap(({ item, waitsFor }) =>
        waitsFor ? [waitingRow(item.id, item.locality, waitsFor)] : [],
      );
      await transaction.run(stopWaiting, { items: rows.map(({ id }) => id) });
      await transaction.insert(WAITING, waiting, "replace");
    },

    itemId: itemIdOf,

    /** The items of messages that were refused whole, open or not, of these of one kind. */
    async messageItems(
      transaction: Transaction,
      kind: string,
      messages: readonly { readonly number: number }[],
    ): Promise<readonly QuarantineRow[]> {
      if (messages.length === 0) return [];
      const ids = messages.map(({ number }) => itemIdOf({ locality: null, kind, raw: null, row: Number(number) }));
      return transaction.rows(items, { ids });
    },

    /** The open items of a kind of file that other loads left: what a corrected row may stand for. */
    openItems: (transaction: Transaction, locality: LocalityCode, kind: string, load: number) =>
      transaction.rows(openItems, { locality, kind, load }),
    openByKey: (transaction: Transaction, locality: LocalityCode, kind: string, rowKeys: readonly string[]) =>
      transaction.rows(openByKey, { locality, kind, rowKeys }),

    /** Which of these items are tried again by themselves, in the order asked. */
    async waiting(ids: readonly string[]): Promise<readonly boolean[]> {
      const waiting = new Set((await database.rows(waitingAmong, { items: ids })).map(({ item }) => item));
      return ids.map((id) => waiting.has(id));
    },

    /** The items whose child has appeared, oldest first: all of them, or those that may wait for what was just told of. */
    async appeared(told: Appearing | null): Promise<readonly string[]> {
      const candidates = told && (await database.rows(waitingFor, { ...told })).map(({ item }) => item);
      if (candidates?.length === 0) return [];
      const rows = await (candidates === null
        ? database.rows(appeared)
        : database.rows(appearedAmong, { items: candidates }));
      const ids = rows.map(({ item }) => item);
      const found = await database.rows(items, { ids });
      return [...found]
        .sort((a, b) => (a.openedAt === b.openedAt ? a.row - b.row : a.openedAt < b.openedAt ? -1 : 1))
        .map(({ id }) => id);
    },

    /** Oldest first, after a place in that order. `reach` null: every locality. */
    async list(
      { open = true, localities, kinds, reason, load, waiting = null }: QuarantineFilter,
      reach: readonly LocalityCode[] | null,
      first: number,
      after: QuarantinePlace | null,
    ): Promise<readonly QuarantineRow[]> {
      const conditions = [
        ...(open === null ? [] : [open ? "open" : "closed"]),
        ...(localities ? ["localities"] : []),
        ...(kinds ? ["kinds"] : []),
        ...(reason ? ["reason"] : []),
        ...(load === null || load === undefined ? [] : ["load"]),
        ...(waiting === null ? [] : [waiting ? "waiting" : "decidable"]),
        ...(reach === null ? [] : ["reach"]),
      ];
      const shape = `${conditions.join()} ${first}`;
      let statement = lists.get(shape);
      if (statement === undefined) {
        statement = listOf(conditions, first);
        lists.set(shape, statement);
      }
      return database.rows(statement, {
        openedAt: after?.openedAt ?? "",
        id: after?.id ?? "",
        localities,
        kinds,
        reason: `%|${reason}|%`,
        load,
        reach,
      });
    },

    // --- Messages ---

    /** Keeps messages as they came, before anything else; answers their numbers. */
    async keep(
      transaction: Transaction,
      arrived: readonly {
        readonly name: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly bytes: Uint8Array;
      }[],
      at: Instant,
    ): Promise<readonly number[]> {
      const from = await numberAfter(transaction, MESSAGE);
      const rows = arrived.map(({ name, headers }, i) => ({
        number: from + i,
        name,
        headers,
        receivedAt: at,
        disposition: "KEPT",
        reasons: [],
        warnings: [],
      }));
      await transaction.insert(MESSAGE, rows);
      const bytes = arrived.map((each, i) => ({ number: from + i, body: Buffer.from(each.bytes).toString("base64") }));
      await transaction.insert(MESSAGE_BODY, bytes);
      return rows.map(({ number }) => number);
    },

    keptMessages: (first: number): Promise<readonly (MessageRow & { readonly body: string })[]> =>
      database.rows(kept, { first }),

    /** Messages of these ids that came before and were no repeats themselves, oldest first. */
    earlierMessages: (transaction: Transaction, ids: readonly string[]) => transaction.rows(earlier, { ids }),

    messages: (numbers: readonly number[], session: Session = database): Promise<readonly MessageRow[]> =>
      session.rows(messages, { numbers }),

    /** The bytes of messages by number. */
    async bodies(numbers: readonly number[], session: Session = database): Promise<ReadonlyMap<number, Buffer>> {
      const rows = await session.rows(bodies, { numbers });
      return new Map(rows.map(({ number, body }) => [Number(number), Buffer.from(body, "base64")]));
    },

    saveMessages: (transaction: Transaction, rows: readonly MessageRow[]): Promise<void> =>
      transaction.insert(MESSAGE, rows, "replace"),
  };
}

function codesOf(reasons: readonly Reason[]): string {
  return `|${[...new Set(reasons.map(({ code }) => code))].join("|")}|`;
}

function waitingRow(item: string, locality: LocalityCode | null, { child, record }: Awaited): Row {
  const awaited = { item, system: record?.system ?? null, recordId: record?.id ?? null };
  if (child === null) return awaited;
  const traits = traitsOf(child);
  const { bornFamily, bornGiven } = keysOf(traits);
  const { nhsNumber, localId } = child;
  return { ...awaited, nhsNumber, locality, localId, bornFamily, bornGiven, postcode: traits.postcode };
}
