/**
 * The access log: who looked, from where, why, at what kind of data about which child, and what came of it. Never a
 * clinical value. An entry is kept before its answer leaves; if it cannot be, nothing is answered.
 *
 * Each database has a log of its own, numbered from 1 without a gap. Every entry holds the hash of the one before it and
 * a hash over that and all it says, so that nothing can be changed, taken out, put in or moved without every later hash
 * saying so. `verify.ts` recomputes them; `checkpoints.ts` signs how far the log goes.
 */

import { hash } from "node:crypto";
import type { Action, Viewer } from "../schema/access";
import { type Instant, instantOf } from "../schema/calendar";
import type { Database, Dialect, Row, Shape, Table, Transaction } from "./database";
import type { Register } from "./register";

/** What came of it: shown, shown without where a restricted child is, or refused. */
export type Decision = "SHOWN" | "WITHHELD" | "REFUSED";

/** One action about one child, or a search, as the guard decided it. */
export interface Access {
  readonly action: Action;
  /** Null for what is about no one child. */
  readonly childId: string | null;
  readonly decision: Decision;
  /** Why it was let through without a relationship: the reason code of broken glass. */
  readonly reason: string | null;
  /** What was searched for. */
  readonly terms: string | null;
  /** For searches and lists: how many children were answered. */
  readonly hits: number | null;
}

/** What one request did. */
export interface Accesses {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly accesses: readonly Access[];
}

/** One entry as it is kept. */
export interface AccessEntry {
  readonly part: string;
  readonly sequence: number;
  readonly at: Instant;
  readonly requestId: string;
  /** The client app the token was given to; null where it names none. */
  readonly app: string | null;
  readonly subject: string;
  readonly name: string;
  readonly role: string;
  /** ODS code. */
  readonly organisation: string | null;
  readonly action: string;
  readonly childId: string | null;
  readonly decision: Decision;
  readonly reason: string | null;
  readonly hits: number | null;
}

export interface AccessLog {
  /** Resolves when the entries are kept, which the answer waits for; rejects where they cannot be. */
  append(asked: Accesses): Promise<void>;
  /** The entries about any of some children, newest first, before a place in the log; null: from its end. */
  about(childIds: readonly string[], before: number | null, limit: number): Promise<readonly AccessEntry[]>;
}

export const ACCESS_LOG: Table = {
  name: "access_entry",
  columns: {
    sequence: "integer",
    at: "text",
    requestId: "text",
    app: "text",
    subject: "text",
    name: "text",
    role: "text",
    organisation: "text",
    action: "text",
    childId: "text",
    decision: "text",
    reason: "text",
    terms: "text",
    hits: "integer",
    previous: "text",
    hash: "text",
  },
  key: ["sequence"],
};

/** So many entries lie together in the index by child, on SQLite. */
const BLOCK = 2_048;

/**
 * The index for who has looked at a child's record. By child alone each entry would change a page of its own, which on SQLite
 * costs twice as much as the entry itself: 14.6 µs an entry of a list instead of 3.5 without an index. Block by block the
 * entries of a list share a few pages, and a child's are looked for once in each block: 3 ms in a million entries. What is
 * about no child is in it, too: that a child is not there must not be cheaper to write down than that it is.
 */
export function foundByChild(dialect: Dialect): readonly string[] {
  const on = dialect === "sqlite" ? `sequence / ${BLOCK}, child_id` : "child_id, sequence";
  return [`create index ${ACCESS_LOG.name}_by_child on ${ACCESS_LOG.name} (${on})`];
}

/** Makes a table one that is only ever added to, whoever asks through this schema. */
export function appendOnly({ name }: Table, dialect: Dialect): readonly string[] {
  if (dialect === "sqlite") {
    return ["update", "delete"].map(
      (verb) =>
        `create trigger ${name}_refuses_${verb} before ${verb} on ${name} begin select raise(abort, '${name} is only added to'); end`,
    );
  }
  return [
    `create function ${name}_refuses() returns trigger language plpgsql as
      $$ begin raise exception '${name} is only added to'; end $$`,
    `create trigger ${name}_refuses before update or delete or truncate on ${name}
      for each statement execute function ${name}_refuses()`,
    `revoke update, delete, truncate on ${name} from public`,
  ];
}

/**
 * Several processes may write one log of PostgreSQL: each waits here for the others. In a function each statement sees
 * what was committed before it began, so that the end of the log is read after the wait; in one statement it would not be.
 */
export function appendingInTurn(dialect: Dialect): readonly string[] {
  if (dialect === "sqlite") return [];
  return [
    `create function access_head() returns table (sequence bigint, at text, hash text) language plpgsql as $$ begin
      perform pg_advisory_xact_lock(hashtext(current_schema()), hashtext('${ACCESS_LOG.name}'));
      return query select e.sequence, e.at, e.hash from ${ACCESS_LOG.name} e order by e.sequence desc limit 1;
    end $$`,
  ];
}

// --- The canonical form ---------------------------------------------------------------------------------------------

/** Stands between the values of an entry. The log holds no control character, so no value can pass for two. */
export const BETWEEN = "\u001f";

/** What an entry says, in the order it is hashed; before it stand the hash of the entry before, its number and its time. */
const SAYS = [
  "requestId",
  "app",
  "subject",
  "name",
  "role",
  "organisation",
  "action",
  "childId",
  "decision",
  "reason",
  "terms",
  "hits",
] as const;

/** A value of the canonical form: an empty text is not the same as none. */
function said(value: string | number | null): string {
  return value === null ? BETWEEN : `${BETWEEN}=${value}`;
}

/** All of an entry that its hash is over, as the database itself writes it: what the verifier reads. */
export function canonicalSql({ dialect, raw }: Shape) {
  const between = dialect === "sqlite" ? "char(31)" : "chr(31)";
  const column = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const values = SAYS.map((property) => `${between} || coalesce('=' || ${column(property)}, '')`);
  const link = `coalesce(previous, '') || ${between} || sequence || ${between} || coalesce(at, '')`;
  return raw(`${link} || ${values.join(" || ")} as said`);
}

/** SHA-256 over the canonical form, which begins with the hash of the entry before. */
export function hashOf(canonical: string): string {
  return hash("sha256", canonical, "base64url");
}

/** What stands for the hash before the first entry: the part's name, so that one log cannot pass for another's. */
export function firstOf(part: string): string {
  return part;
}

const LONGEST = 200;
const LONGEST_TERMS = 500;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNFIT = /[\u0000-\u001f\u007f\ud800-\udfff]/;

/** A text as the log may hold it, whatever a client put into it: of a bounded length, well formed, no control characters. */
function tidied<T extends string | null>(text: T, longest = LONGEST): T | string {
  if (text === null) return text;
  const short = text.length > longest ? text.slice(0, longest) : text;
  if (!UNFIT.test(short)) return short;
  // Through bytes and back, half a pair of surrogates becomes a replacement character.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it replaces
  return Buffer.from(short.replace(/[\u0000-\u001f\u007f]/g, " ")).toString();
}

// --- Writing ----------------------------------------------------------------------------------------------------------

interface Head {
  readonly sequence: number;
  readonly at: Instant;
  readonly hash: string;
}

interface Edition {
  readonly data_version: number;
}

interface Waiting {
  readonly asked: Accesses;
  readonly at: Instant;
  resolve(): void;
  reject(fault: unknown): void;
}

/** The log of a database. Requests that end close together are written in one transaction. */
export function accessLogOf(database: Database, now: () => number): AccessLog {
  const { part, dialect } = database;
  const head = database.statement<Head>(({ from, raw }) =>
    dialect === "sqlite"
      ? from(ACCESS_LOG).select("sequence", "at", "hash").orderBy("sequence", "desc").limit(1)
      : raw("select sequence, at, hash from access_head()"),
  );
  // Another number where somebody else has written to the file since it was last asked by this connection.
  const edition = dialect === "sqlite" ? database.statement<Edition>(({ raw }) => raw("pragma data_version")) : null;
  let known: { readonly head: Head; readonly edition: number } | null = null;
  const statements = new Map<string, ReturnType<typeof aboutOf>>();
  let waiting: Waiting[] = [];
  let writing = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      const before = known;
      known = null;
      try {
        known = await database.write((transaction) => write(transaction, together, before));
        for (const { resolve } of together) resolve();
      } catch (fault) {
        for (const { reject } of together) reject(fault);
      }
    }
    writing = false;
  }

  /** Writes what waits behind the end of the log, which it need not look for where it was left by us; answers the new end. */
  async function write(
    transaction: Transaction,
    together: readonly Waiting[],
    before: typeof known,
  ): Promise<typeof known> {
    const [file] = edition === null ? [] : await transaction.rows(edition);
    const isOurs = before !== null && before.edition === file?.data_version;
    const [last] = isOurs ? [before.head] : await transaction.rows(head);
    let [sequence, previous, latest] = [last?.sequence ?? 0, last?.hash ?? firstOf(part), last?.at ?? ""];
    const rows: Row[] = [];
    for (const { asked, at } of together) {
      // Clocks of several processes differ; the log's time never runs back.
      if (at > latest) latest = at;
      const { subject, name, role, organisation, app = null } = asked.viewer;
      const who = {
        requestId: tidied(asked.requestId),
        app: tidied(app),
        subject: tidied(subject),
        name: tidied(name),
        role,
        organisation: tidied(organisation),
      };
      const whoSaid = [who.requestId, who.app, who.subject, who.name, who.role, who.organisation].map(said).join("");
      for (const { action, childId, decision, reason, terms, hits } of asked.accesses) {
        sequence += 1;
        const what = {
          action,
          childId: tidied(childId),
          decision,
          reason: tidied(reason),
          terms: tidied(terms, LONGEST_TERMS),
          hits,
        };
        const whatSaid = `${said(action)}${said(what.childId)}${said(decision)}${said(what.reason)}${said(what.terms)}${said(hits)}`;
        const own = hashOf(`${previous}${BETWEEN}${sequence}${BETWEEN}${latest}${whoSaid}${whatSaid}`);
        rows.push({ sequence, at: latest, ...who, ...what, previous, hash: own });
        previous = own;
      }
    }
    await transaction.insert(ACCESS_LOG, rows);
    return file === undefined ? null : { head: { sequence, at: latest, hash: previous }, edition: file.data_version };
  }

  return {
    append(asked) {
      if (asked.accesses.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ asked, at: instantOf(now()), resolve, reject });
        if (writing) return;
        writing = true;
        // Whatever else ends in this turn of the event loop is written along.
        setImmediate(() => void writeAll());
      });
    },

    async about(childIds, before, limit) {
      const shape = `${before === null} ${limit}`;
      let statement = statements.get(shape);
      if (statement === undefined) {
        statement = aboutOf(database, before !== null, limit);
        statements.set(shape, statement);
      }
      const rows = await database.rows(statement, { childIds, before });
      return rows.map((row) => ({ part, ...row }));
    },
  };
}

function aboutOf(database: Database, bounded: boolean, limit: number) {
  const { name } = ACCESS_LOG;
  const { previous: _previous, hash: _hash, terms: _terms, ...shown } = ACCESS_LOG.columns;
  return database.statement<Omit<AccessEntry, "part">>(({ dialect, from, among, param, raw }) => {
    const query = from(ACCESS_LOG).where(among("child_id", "childIds")).orderBy("sequence", "desc").limit(limit);
    if (bounded) query.where("sequence", "<", param("before"));
    if (dialect === "postgres") return query;
    const last = `select max(sequence) / ${BLOCK} from ${name}`;
    const earlier = "select number - 1 from block where number > 0";
    // SQLite keeps to the order of a cross join: each block, and in it the entries by the index.
    return query
      .withRecursive("block", ["number"], raw(`${last} union all ${earlier}`))
      .from(raw(`block cross join ${name}`))
      .where(raw(`sequence / ${BLOCK} = block.number`));
  }, shown);
}

/** Which entries are asked for: about these children, before a place in the log (null: from its end). */
export interface AccessAsked {
  readonly childIds: readonly string[];
  readonly before: number | null;
  readonly limit: number;
}

export type AccessEntriesRead = (asked: AccessAsked) => Promise<readonly AccessEntry[]>;

/** Who looked at some children, newest first: also at the records that became part of theirs, under the ids of that time. */
export function accessEntriesOf(register: Pick<Register, "find">, log: AccessLog): AccessEntriesRead {
  return async ({ childIds, before, limit }) => {
    const entries = await register.find(childIds);
    const members = new Set([...childIds, ...entries.flatMap((entry) => entry?.members ?? [])]);
    return log.about([...members], before, limit);
  };
}
