/**
 * Opens either database and makes both look the same: embedded SQLite, one file a part, or PostgreSQL, one schema
 * a part.
 *
 * Queries are written once with knex and kept as statements: SQLite runs them prepared, PostgreSQL by name. A
 * statement takes lists as one parameter each, so its text never depends on how many keys it is asked for.
 * Texts compare byte by byte, booleans and JSON are told apart by the table's columns, and rows come back under the
 * names the rest of the house uses (`givenOn`, not `given_on`).
 */

import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import Sqlite from "better-sqlite3";
import knex, { type Knex } from "knex";
import { Pool, type PoolClient, types } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { Problem } from "../schema/errors";

export type ColumnType = "text" | "integer" | "real" | "boolean" | "json";
export type Columns = Readonly<Record<string, ColumnType>>;
export type Value = string | number | boolean | null | readonly unknown[] | object;
export type Row = Readonly<Record<string, Value>>;

export interface Table {
  readonly name: string;
  /** By the property's name; the column is the same word in snake case. Every column may be null but the key's. */
  readonly columns: Columns;
  /** In the order rows are kept. */
  readonly key: readonly string[];
  /** Each with the query that wants it. */
  readonly indexes?: readonly { readonly on: readonly string[]; readonly for: string; readonly where?: string }[];
}

/** A step of the schema, forward only, never edited once released. */
export interface Migration {
  readonly name: string;
  readonly tables?: readonly Table[];
  /** For what a new table does not say, in the dialect's own words. */
  readonly statements?: (dialect: Dialect) => readonly string[];
}

export type Dialect = "sqlite" | "postgres";

/** Stands in a query for a value given each time it runs. */
export interface Parameter {
  readonly parameter: string;
}

/** What a query is built from. */
export interface Shape {
  readonly dialect: Dialect;
  from(table: Table | string): Knex.QueryBuilder;
  raw(sql: string, bindings?: readonly unknown[]): Knex.Raw;
  param(name: string): Knex.Value;
  /** `column` equals any of the list given under `name`. */
  among(column: string, name: string): Knex.Raw;
}

/** A query as a driver runs it. */
interface Query {
  readonly sql: string;
  readonly parameters: readonly (string | { readonly fixed: unknown })[];
  /** Makes a row of a driver's values; made when it is known in what order they come. */
  decode: ((values: readonly unknown[]) => unknown) | null;
  /** It takes the one entry of each list. */
  readonly alone: boolean;
}

export interface Statement<R> {
  /** The columns whose types are told; those of what it answers are the caller's word. */
  readonly columns: Columns | undefined;
  readonly within: Within;
  /** The parameters that are lists. */
  readonly lists: ReadonlySet<string>;
  readonly query: Query;
  /**
   * The same for lists of one: `= ?`. To open a list costs SQLite half of what it costs to find a row: 9 µs instead of 14
   * for an entry of the register, on a busy machine.
   */
  readonly alone: () => Query;
  /** Never there: it ties a statement to the rows it answers. */
  readonly rows?: R;
}

/** Properties that stand together in an object of their own, by its name: `{ source: ["system", "id"] }`. */
export type Within = Readonly<Record<string, readonly string[]>>;

export type Arguments = Readonly<Record<string, unknown>>;

/** Runs statements: the database outside a transaction, or one transaction. */
export interface Session {
  readonly dialect: Dialect;
  rows<R>(statement: Statement<R>, args?: Arguments): Promise<R[]>;
}

export interface Transaction extends Session {
  /** Runs a statement that writes; answers how many rows it changed. */
  run(statement: Statement<unknown>, args?: Arguments): Promise<number>;
  /** Writes rows in order. A key already there is an error, or replaced, or left as it is. */
  insert(table: Table, rows: readonly Row[], onConflict?: "fail" | "replace" | "ignore"): Promise<void>;
}

export interface WriteHow {
  /** Nothing else that is written alone runs beside it, in whatever process: what it reads still holds when it writes. */
  readonly alone?: boolean;
  /** It is on the disk before it is answered, so that not even a power cut undoes it: what was told elsewhere as kept. */
  readonly durable?: boolean;
}

export interface Database extends Session {
  readonly part: string;
  /** Makes a statement of a query. `columns` tells the type of each column that is not a text or a number. */
  statement<R = Record<string, unknown>>(
    build: (shape: Shape) => Knex.QueryBuilder | Knex.Raw,
    columns?: Columns,
    within?: Within,
  ): Statement<R>;
  /** One transaction; others that write wait, on SQLite all of them. What is thrown undoes it all. */
  write<T>(work: (transaction: Transaction) => Promise<T>, how?: WriteHow): Promise<T>;
  migrate(migrations: readonly Migration[]): Promise<number>;
  /** Throws DATABASE_BEHIND, DATABASE_AHEAD or DATABASE_DIRTY unless exactly these migrations are done. */
  expect(migrations: readonly Migration[]): Promise<void>;
  close(): Promise<void>;
}

/** Where a part's database is: a file, or a PostgreSQL URL with the schema to use. */
export type Place =
  | { readonly file: string }
  | { readonly url: string; readonly schema: string; readonly setting: string; readonly connections?: number };

const MIGRATIONS: Table = {
  name: "schema_migration",
  columns: { step: "integer", name: "text", begunAt: "text", doneAt: "text" },
  key: ["step"],
};

types.setTypeParser(20, Number); // bigint: every count of ours is exact in a double

export async function openDatabase(part: string, place: Place): Promise<Database> {
  const driver = "file" in place ? openSqlite(part, place.file) : await openPostgres(part, place);
  return databaseOver(part, driver);
}

/** What differs between the two databases, and nothing else. */
interface Driver {
  readonly dialect: Dialect;
  readonly knex: Knex;
  read(sql: string, values: readonly unknown[]): Promise<Rows>;
  write<T>(work: (writer: Writer) => Promise<T>, how?: WriteHow): Promise<T>;
  close(): Promise<void>;
}

interface Writer {
  read(sql: string, values: readonly unknown[]): Promise<Rows>;
  run(sql: string, values: readonly unknown[]): Promise<number>;
  insert(table: Table, rows: readonly Row[], onConflict: "fail" | "replace" | "ignore"): Promise<void>;
  script(sql: string): Promise<void>;
}

function databaseOver(part: string, driver: Driver): Database {
  const { dialect } = driver;
  const statement = <R>(
    build: (shape: Shape) => Knex.QueryBuilder | Knex.Raw,
    columns?: Columns,
    within?: Within,
  ): Statement<R> => compile<R>(driver, build, columns, within);

  const database: Database = {
    part,
    dialect,
    statement,
    async rows(asked, args = {}) {
      const query = queryFor(asked, args);
      return decodeAll(asked, query, await driver.read(query.sql, valuesOf(query, args, dialect)));
    },
    write: (work, how) =>
      driver.write(
        (writer) =>
          work({
            dialect,
            async rows(asked, args = {}) {
              const query = queryFor(asked, args);
              return decodeAll(asked, query, await writer.read(query.sql, valuesOf(query, args, dialect)));
            },
            run: (asked, args = {}) => writer.run(asked.query.sql, valuesOf(asked.query, args, dialect)),
            insert: (table, rows, onConflict = "fail") =>
              rows.length === 0 ? Promise.resolve() : writer.insert(table, rows, onConflict),
          }),
        how,
      ),
    async migrate(migrations) {
      const done = await migrationsDone();
      refuseUnless(done, migrations.slice(0, done.length));
      for (const [at, migration] of migrations.slice(done.length).entries()) {
        const step = done.length + at;
        await driver.write(async (writer) => {
          const begunAt = new Date().toISOString();
          for (const table of migration.tables ?? []) {
            for (const sql of creationOf(table, dialect)) await writer.script(sql);
          }
          for (const sql of migration.statements?.(dialect) ?? []) await writer.script(sql);
          const doneAt = new Date().toISOString();
          await writer.insert(MIGRATIONS, [{ step, name: migration.name, begunAt, doneAt }], "fail");
        });
      }
      return migrations.length - done.length;
    },
    async expect(migrations) {
      refuseUnless(await migrationsDone(), migrations);
    },
    close: () => driver.close(),
  };

  async function migrationsDone(): Promise<readonly { step: number; name: string; doneAt: string | null }[]> {
    await driver.write(async (writer) => {
      for (const sql of creationOf(MIGRATIONS, dialect, "if not exists")) await writer.script(sql);
    });
    return database.rows<{ step: number; name: string; doneAt: string | null }>(
      statement((shape) => shape.from(MIGRATIONS).orderBy("step"), MIGRATIONS.columns),
    );
  }

  function refuseUnless(
    done: readonly { readonly name: string; readonly doneAt: string | null }[],
    expected: readonly Migration[],
  ): void {
    const unfinished = done.find((each) => each.doneAt === null);
    if (unfinished) throw new Problem("DATABASE_DIRTY", { part, found: unfinished.name });
    const slots = { part, found: done.length, expected: expected.length };
    const differs = done.some((each, at) => at >= expected.length || expected[at]?.name !== each.name);
    if (differs) throw new Problem("DATABASE_AHEAD", slots);
    if (done.length < expected.length) throw new Problem("DATABASE_BEHIND", slots);
  }

  return database;
}

// --- Statements ---------------------------------------------------------------------------------------------

function compile<R>(
  driver: Driver,
  build: (shape: Shape) => Knex.QueryBuilder | Knex.Raw,
  columns: Columns | undefined,
  within: Within = {},
): Statement<R> {
  const { knex: builder, dialect } = driver;
  const lists = new Set<string>();
  // Knex carries a parameter through as if it were a value; it is known again among the bindings.
  const param = (name: string): Knex.Value => ({ parameter: name }) satisfies Parameter as unknown as Knex.Value;
  const built = (among: string, isAlone: boolean): Query => {
    const query = build({
      dialect,
      from: (table) => builder(typeof table === "string" ? table : table.name),
      raw: (sql, bindings = []) => builder.raw(sql, bindings as Knex.RawBinding[]),
      param,
      among(column, name) {
        lists.add(name);
        return builder.raw(among, [column, param(name)]);
      },
    });
    const { sql, bindings } = query.toSQL().toNative();
    const parameters = (bindings as readonly unknown[]).map((each) =>
      isParameter(each) ? each.parameter : { fixed: each },
    );
    return { sql, parameters, decode: null, alone: isAlone };
  };
  let alone: Query | null = null;
  return {
    columns,
    within,
    lists,
    query: built(dialect === "sqlite" ? "?? in (select value from json_each(?))" : "?? = any(?)", false),
    alone: () => {
      alone ??= built("?? = ?", true);
      return alone;
    },
  };
}

function isParameter(value: unknown): value is Parameter {
  return typeof value === "object" && value !== null && "parameter" in value;
}

function queryFor({ lists, query, alone }: Statement<unknown>, args: Arguments): Query {
  if (lists.size === 0) return query;
  for (const name of lists) {
    const list = args[name];
    if (!Array.isArray(list) || list.length !== 1) return query;
  }
  return alone();
}

function valuesOf(query: Query, args: Arguments, dialect: Dialect): unknown[] {
  return query.parameters.map((parameter) => {
    if (typeof parameter !== "string") return parameter.fixed;
    const value = args[parameter];
    if (value === undefined) throw new TypeError(`A statement needs ${parameter}.`);
    if (typeof value === "boolean") return value ? 1 : 0;
    if (!Array.isArray(value)) return value;
    if (query.alone) return value[0];
    return dialect === "sqlite" ? JSON.stringify(value) : value;
  });
}

/**
 * Rows as a driver gives them: names once, values in their order. For the fifteen doses of a child half the cost of an
 * object of each, 98 µs instead of 201 on a busy machine.
 */
interface Rows {
  readonly names: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

function decodeAll<R>({ columns, within }: Statement<R>, query: Query, { names, values }: Rows): R[] {
  if (values.length === 0) return [];
  query.decode ??= decoderOf(columns, within, names);
  return values.map(query.decode) as R[]; // the caller names the row's type; the columns it gives are what makes it so
}

/**
 * Rows under the house's names: snake case to camel case, booleans and JSON as what they are. Generated, so that every
 * row is one object made at once: `(v) => ({ childId: v[0], dead: v[1] === null ? null : Number(v[1]) === 1 })`.
 */
function decoderOf(
  columns: Columns | undefined,
  within: Within,
  names: readonly string[],
): (values: readonly unknown[]) => unknown {
  const fields: readonly (readonly [string, string, ColumnType])[] =
    columns === undefined
      ? names.map((name) => [name, name, "text"])
      : Object.entries(columns).map(([property, type]) => [property, snake(property), type]);
  const inside = new Set(Object.values(within).flat());
  const partOf = ([property, column, type]: (typeof fields)[number]): readonly string[] => {
    const at = names.lastIndexOf(column);
    if (at < 0) return [];
    const value = `v[${at}]`;
    const decoded =
      type === "boolean"
        ? `${value} === null ? null : Number(${value}) === 1`
        : type === "json"
          ? `${value} === null ? null : JSON.parse(${value})`
          : value;
    return [`${JSON.stringify(property)}: ${decoded}`];
  };
  const parts = fields.filter(([property]) => !inside.has(property)).flatMap(partOf);
  for (const [name, properties] of Object.entries(within)) {
    const held = fields.filter(([property]) => properties.includes(property)).flatMap(partOf);
    parts.push(`${JSON.stringify(name)}: { ${held.join(", ")} }`);
  }
  return new Function("v", `return { ${parts.join(", ")} };`) as (values: readonly unknown[]) => unknown;
}

function encode(value: Value | undefined, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (type === "boolean") return value ? 1 : 0;
  return type === "json" ? JSON.stringify(value) : value;
}

export function snake(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A column as SQL names it: quoted, for `from` and `to` are words of its own. */
function quoted(property: string): string {
  return `"${snake(property)}"`;
}

// --- Tables ---------------------------------------------------------------------------------------------------

const TYPES: Readonly<Record<Dialect, Readonly<Record<ColumnType, string>>>> = {
  sqlite: { text: "text", integer: "integer", real: "real", boolean: "integer", json: "text" },
  // Collation C: texts compare byte by byte, as in SQLite, whatever locale the server was made with.
  postgres: {
    text: 'text collate "C"',
    integer: "bigint",
    real: "double precision",
    boolean: "smallint",
    json: "text",
  },
};

function creationOf(table: Table, dialect: Dialect, guard: "" | "if not exists" = ""): string[] {
  const columns = Object.entries(table.columns).map(
    ([property, type]) =>
      `${quoted(property)} ${TYPES[dialect][type]}${table.key.includes(property) ? " not null" : ""}`,
  );
  const key = `primary key (${table.key.map(quoted).join(", ")})`;
  // Without a row id SQLite keeps the rows themselves in key order: a child's facts lie together. Where the key is one number
  // it is the row id, and the pages that lead to the rows hold numbers alone.
  const isNumbered = table.key.length === 1 && table.columns[table.key[0] ?? ""] === "integer";
  const end = dialect === "sqlite" && !isNumbered ? " without rowid" : "";
  return [
    `create table ${guard} ${table.name} (${[...columns, key].join(", ")})${end}`,
    ...(table.indexes ?? []).map(({ on, where }) => {
      const name = `${table.name}_by_${on.map(snake).join("_")}`;
      const only = where === undefined ? "" : ` where ${where}`;
      return `create index ${guard} ${name} on ${table.name} (${on.map(quoted).join(", ")})${only}`;
    }),
  ];
}

const INSERTIONS = new WeakMap<Table, Map<string, string>>();

/** The text that inserts into a table, written once for each way. */
function insertionOf(table: Table, values: string, onConflict: "fail" | "replace" | "ignore"): string {
  const made = INSERTIONS.get(table) ?? new Map<string, string>();
  INSERTIONS.set(table, made);
  const key = `${onConflict} ${values}`;
  const sql = made.get(key) ?? insertion(table, values, onConflict);
  made.set(key, sql);
  return sql;
}

function insertion(table: Table, values: string, onConflict: "fail" | "replace" | "ignore"): string {
  const columns = Object.keys(table.columns).map(quoted);
  const key = table.key.map(quoted);
  const others = columns.filter((column) => !key.includes(column));
  const update = others.map((column) => `${column} = excluded.${column}`).join(", ");
  const end =
    onConflict === "fail"
      ? ""
      : ` on conflict (${key.join(", ")}) do ${onConflict === "ignore" || update === "" ? "nothing" : `update set ${update}`}`;
  return `insert into ${table.name} (${columns.join(", ")}) ${values}${end}`;
}

// --- SQLite -----------------------------------------------------------------------------------------------------

/** A writer's pages, which a load goes back to; a reader finds its own in the system's cache. */
const SQLITE_WRITER_CACHE_KIB = 64 * 1024;
const SQLITE_READER_CACHE_KIB = 8 * 1024;
const SQLITE_BUSY_MILLISECONDS = 15_000;
/** Pages of the log before it is folded into the file, 256 MB: a bulk load comes back to the same pages again and again. */
const SQLITE_CHECKPOINT_PAGES = 64_000;

/**
 * File → its last writer of this process. Two who share a file take turns here: in SQLite's own queue the second would
 * wait with the whole thread, and so keep the first from ever finishing.
 */
const TURNS = new Map<string, Promise<unknown>>();

function openSqlite(part: string, file: string): Driver {
  const open = (cacheKib: number): Sqlite.Database => {
    const connection = new Sqlite(file, { timeout: SQLITE_BUSY_MILLISECONDS });
    connection.pragma("journal_mode = wal");
    connection.pragma("synchronous = normal");
    connection.pragma(`cache_size = -${cacheKib}`);
    connection.pragma(`wal_autocheckpoint = ${SQLITE_CHECKPOINT_PAGES}`);
    connection.pragma("temp_store = memory");
    return connection;
  };
  const told = sqliteProblems(part, file);
  const [reader, writer] = told(() => {
    mkdirSync(dirname(file), { recursive: true });
    return [preparing(open(SQLITE_READER_CACHE_KIB)), preparing(open(SQLITE_WRITER_CACHE_KIB))];
  });
  const path = resolve(file);
  const last = () => TURNS.get(path) ?? Promise.resolve();

  /*
   * What is read outside a transaction is read by the connection that writes, for what that one holds of the file stays good:
   * a commit empties the cache of every other connection, and the access log commits at every answer (a record asked for
   * alone, without HTTP: 0.92 CPU-ms instead of 1.58 on a busy machine). While it is in a transaction another one reads, so
   * that nobody sees half of it. And all that is read before anything else goes on is read under one lock: forty rows in
   * 141 µs instead of 221.
   */
  let isWriting = false;
  let isReading = false;
  const readNoMore = () => {
    if (isReading) writer.prepared("commit").run();
    isReading = false;
  };
  const reading = () => {
    if (!isReading) {
      writer.prepared("begin").run();
      isReading = true;
      queueMicrotask(readNoMore);
    }
    return writer;
  };

  const writing: Writer = {
    read: async (sql, values) => writer.read(sql, values),
    run: async (sql, values) => writer.prepared(sql).run(...values).changes,
    async insert(table, rows, onConflict) {
      const fields = Object.entries(table.columns);
      const insertion = writer.prepared(insertionOf(table, `values (${fields.map(() => "?").join(", ")})`, onConflict));
      const values: unknown[] = new Array(fields.length);
      for (const row of rows) {
        for (let i = 0; i < fields.length; i++) {
          const [property, type] = fields[i] as [string, ColumnType]; // i is in bounds
          values[i] = encode(row[property], type);
        }
        insertion.run(values);
      }
    },
    script: async (sql) => {
      writer.connection.exec(sql);
    },
  };

  return {
    dialect: "sqlite",
    knex: knex({ client: "better-sqlite3", useNullAsDefault: true }),
    read: async (sql, values) => told(() => (isWriting ? reader : reading()).read(sql, values)),
    write(work, { durable = false } = {}) {
      const turn = last().then(async () => {
        readNoMore();
        isWriting = true;
        try {
          // A log that is synced at a commit holds every commit before it, so only those that need it pay for it.
          if (durable) writer.connection.pragma("synchronous = full");
          writer.prepared("begin immediate").run();
          const answer = await work(writing);
          writer.prepared("commit").run();
          return answer;
        } catch (fault) {
          if (writer.connection.inTransaction) writer.connection.exec("rollback");
          return told((): never => {
            throw fault;
          });
        } finally {
          if (durable) writer.connection.pragma("synchronous = normal");
          isWriting = false;
        }
      });
      TURNS.set(
        path,
        turn.catch(() => undefined),
      );
      return turn;
    },
    async close() {
      await last();
      readNoMore();
      reader.connection.close();
      writer.connection.close();
    },
  };
}

/** A connection that prepares each statement once. */
function preparing(connection: Sqlite.Database) {
  const statements = new Map<string, Sqlite.Statement>();
  const readings = new Map<string, { readonly names: readonly string[]; readonly statement: Sqlite.Statement }>();
  const prepared = (sql: string): Sqlite.Statement => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    connection,
    prepared,
    read(sql: string, values: readonly unknown[]): Rows {
      let reading = readings.get(sql);
      if (reading === undefined) {
        const statement = prepared(sql).raw(true);
        reading = { names: statement.columns().map(({ name }) => name), statement };
        readings.set(sql, reading);
      }
      return { names: reading.names, values: reading.statement.all(...values) as unknown[][] }; // raw rows are arrays
    },
  };
}

/** Runs something on SQLite and says in our words what SQLite says in its own. */
function sqliteProblems(part: string, file: string) {
  return <T>(run: () => T): T => {
    try {
      return run();
    } catch (fault) {
      const code = codeOf(fault);
      // A quota, or a limit on the size of files, shows as a write that failed; no room for the shared index as the last.
      if (/^(SQLITE_FULL|SQLITE_IOERR_WRITE|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/.test(code))
        throw new Problem("DISK_FULL", { part });
      if (
        /^SQLITE_(CANTOPEN|NOTADB|CORRUPT|BUSY|READONLY|IOERR)/.test(code) ||
        /^E(ACCES|ROFS|NOTDIR|EXIST)$/.test(code)
      ) {
        throw new Problem("DATABASE_UNREACHABLE", { part, fault: `${code} at ${file}`, setting: "DATA_DIR" });
      }
      throw fault;
    }
  };
}

// --- PostgreSQL -------------------------------------------------------------------------------------------------

/** How long a query waits for a connection, be it that the server does not answer or that all are in use. */
const POSTGRES_CONNECT_MILLISECONDS = 15_000;

/**
 * What writes is planned for the lists it is given. A plan that was kept from when a table was empty would read all of it for
 * every chunk of a load.
 */
const BEGIN = "begin; set local plan_cache_mode = force_custom_plan";

async function openPostgres(part: string, place: Extract<Place, { readonly url: string }>): Promise<Driver> {
  if (!/^[a-z_][a-z0-9_]*$/.test(place.schema)) throw new TypeError(`${place.schema} is no schema name.`);
  const pool = new Pool({
    connectionString: place.url,
    max: place.connections ?? 8,
    options: `-c search_path=${place.schema} -c timezone=UTC`,
    connectionTimeoutMillis: POSTGRES_CONNECT_MILLISECONDS,
  });
  pool.on("error", () => undefined); // a lost idle connection is replaced when one is next needed
  const told = postgresProblems(part, place.setting);
  await told(async () => {
    const client = await pool.connect();
    client.on("error", connectionLost);
    try {
      // Two parts may start at once, and "if not exists" is not safe against that.
      await client.query("select pg_advisory_lock(726501)");
      await client.query(`create schema if not exists ${place.schema}`);
      await client.query("select pg_advisory_unlock(726501)");
    } finally {
      client.release();
      client.removeListener("error", connectionLost);
    }
  }).catch(async (fault) => {
    await pool.end();
    throw fault;
  });

  const query = async (on: Pool | PoolClient, sql: string, values: readonly unknown[]) =>
    on.query<unknown[]>({ name: nameOf(sql), text: sql, values: [...values], rowMode: "array" });
  const read = async (on: Pool | PoolClient, sql: string, given: readonly unknown[]): Promise<Rows> => {
    const { fields, rows } = await query(on, sql, given);
    return { names: fields.map(({ name }) => name), values: rows };
  };

  const growth = new Growth();
  const writing = (client: PoolClient): Writer => ({
    read: (sql, values) => read(client, sql, values),
    run: async (sql, values) => (await query(client, sql, values)).rowCount ?? 0,
    async insert(table, rows, onConflict) {
      growth.add(table.name, rows.length);
      const fields = Object.entries(table.columns);
      if (onConflict === "fail" && rows.length >= WORTH_COPYING) return copyInto(client, table, rows);
      const lists = fields.map(([, type], at) => `$${at + 1}::${TYPES.postgres[type].split(" collate")[0]}[]`);
      const sql = insertionOf(table, `select * from unnest(${lists.join(", ")})`, onConflict);
      const values = fields.map(([property, type]) => rows.map((row) => encode(row[property], type)));
      await query(client, sql, values);
    },
    script: async (sql) => {
      await client.query(sql);
    },
  });

  return {
    dialect: "postgres",
    knex: knex({ client: "pg" }),
    read: (sql, values) => told(() => read(pool, sql, values)),
    // Every commit of PostgreSQL is durable, unless its server was set otherwise.
    write: (work, { alone = false } = {}) =>
      told(async () => {
        const client = await pool.connect();
        client.on("error", connectionLost);
        try {
          await client.query(BEGIN);
          if (alone) await client.query("select pg_advisory_xact_lock(hashtext(current_schema()))");
          const answer = await work(writing(client));
          await client.query("commit");
          const grown = growth.taken();
          // What was written stands, whatever becomes of this.
          if (grown.length > 0) await client.query(`analyze ${grown.join(", ")}`).catch(() => undefined);
          client.release();
          return answer;
        } catch (fault) {
          // A connection that cannot even roll back is not given to the next one.
          await client.query("rollback").then(
            () => client.release(),
            (broken: Error) => client.release(broken),
          );
          throw fault;
        } finally {
          client.removeListener("error", connectionLost);
        }
      }),
    close: () => pool.end(),
  };
}

const WORTH_ANALYSING = 5_000;

/**
 * Which tables have so many more rows than when the server last looked at them that it would plan for a table it no longer
 * has: a load does not wait until it looks by itself, which it may be set not to do at all.
 */
class Growth {
  private readonly written = new Map<string, { rows: number; looksAt: number }>();

  add(table: string, rows: number): void {
    const written = this.written.get(table);
    if (written === undefined) this.written.set(table, { rows, looksAt: WORTH_ANALYSING });
    else written.rows += rows;
  }

  /** Those grown to twice their size, each once. */
  taken(): readonly string[] {
    const grown = [...this.written].filter(([, { rows, looksAt }]) => rows >= looksAt);
    for (const [, written] of grown) written.looksAt = 2 * written.rows;
    return grown.map(([table]) => table);
  }
}

/** As many rows are sooner copied in than given as lists: 8,000 doses take 47 ms of both sides' CPU instead of 100. */
const WORTH_COPYING = 64;

/** Rows as PostgreSQL's copy takes them: a line each, tabs between, `\\N` for null. */
async function copyInto(client: PoolClient, table: Table, rows: readonly Row[]): Promise<void> {
  const fields = Object.entries(table.columns);
  const columns = fields.map(([property]) => quoted(property));
  let text = "";
  for (const row of rows) {
    const values = fields.map(([property, type]) => {
      const value = encode(row[property], type);
      return value === null ? "\\N" : escaped(String(value));
    });
    text += `${values.join("\t")}\n`;
  }
  const copy = client.query(copyFrom(`copy ${table.name} (${columns.join(", ")}) from stdin`));
  await pipeline(Readable.from([Buffer.from(text)]), copy);
}

const ESCAPED: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(text: string): string {
  return /[\\\n\r\t]/.test(text) ? text.replace(/[\\\n\r\t]/g, (each) => ESCAPED[each] ?? each) : text;
}

/** A connection in use that is lost also fails the query that uses it; without a listener it would end the process. */
function connectionLost(): void {}

const NAMES = new Map<string, string>();

/** PostgreSQL keeps a prepared statement under a name of at most 63 bytes. */
function nameOf(sql: string): string {
  let name = NAMES.get(sql);
  if (name === undefined) {
    name = createHash("sha256").update(sql).digest("hex").slice(0, 32);
    NAMES.set(sql, name);
  }
  return name;
}

function postgresProblems(part: string, setting: string) {
  return async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (fault) {
      const code = codeOf(fault);
      if (code === "53100") throw new Problem("DISK_FULL", { part });
      if (/^(ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|EAI_AGAIN|28|3D000|57P0)/.test(code) || isClosed(fault)) {
        throw new Problem("DATABASE_UNREACHABLE", { part, fault: code || "connection lost", setting });
      }
      throw fault;
    }
  };
}

/** The code of a fault of the driver or the system; empty where it has none. */
function codeOf(fault: unknown): string {
  return typeof fault === "object" && fault !== null && "code" in fault ? String(fault.code) : "";
}

function isClosed(fault: unknown): boolean {
  return (
    fault instanceof Error &&
    /Connection terminated|not queryable|timeout exceeded when trying to connect/.test(fault.message)
  );
}
