/**
 * The road from the mailbox under everything that may happen to it: messages out of order, repeated and malformed, the
 * collectors killed at random points and the databases taken from under them. At the end the record is what a plain model
 * of the rules says, nothing lost and nothing counted twice.
 *
 * The collectors are the built program, a process each, as an operator runs them; the mailbox is here.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { promisify } from "node:util";
import Sqlite from "better-sqlite3";
import { Pool } from "pg";
import { openDatabase } from "../chassis/database";
import { placeOf } from "../chassis/settings";
import { readSettings } from "../main";
import { draws, type InventedEvent, inventEvents } from "./invented-events";
import { type LoopbackMesh, loopbackMesh } from "./loopback-mesh";
import { modelOf } from "./trial-model";

export interface TrialAsked {
  /** Deliveries in all, of which a fifth say again what another said, and one in a hundred cannot be read. */
  readonly messages: number;
  readonly kills: number;
  readonly collectors: 1 | 2;
  /** A PostgreSQL server's URL, on which a database is made and removed; null for SQLite. */
  readonly postgres: string | null;
  readonly seed: number;
  /** The built program. */
  readonly program?: string;
  /** Told how far it is, from 0 to 1. */
  readonly progress?: (done: number) => void;
}

export interface TrialResult {
  readonly messages: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  readonly deletedBeforeNews: number;
  readonly deathsRemoved: number;
  readonly kills: number;
  readonly cuts: number;
  readonly seconds: number;
  /** Everything that is not as it must be, in words; empty where all is. */
  readonly faults: readonly string[];
  /** What was counted, for the table. */
  readonly found: Readonly<Record<string, number>>;
}

const REPEATED = 0.2;
const MALFORMED = 0.01;
const OUT_OF_ORDER = 0.3;

export async function trialIngest(asked: TrialAsked): Promise<TrialResult> {
  const chance = draws(asked.seed);
  const malformed = Math.round(asked.messages * MALFORMED);
  const repeats = Math.round(asked.messages * REPEATED);
  const events = inventEvents({
    sound: asked.messages - malformed - repeats,
    malformed,
    seed: asked.seed,
    until: new Date(),
  });
  const { deliveries, outOfOrder, deletedBeforeNews } = shuffledDeliveries(events, repeats, chance);
  const model = modelOf(deliveries);

  const mesh = await loopbackMesh();
  for (const { workflow, body } of deliveries) mesh.put({ body, headers: { "Mex-WorkflowID": workflow } });
  const ground = await groundOf(asked, mesh);
  const begun = Date.now();
  try {
    await ground.chis("migrate");
    const { kills, cuts } = await collectUnderFire(asked, mesh, ground, chance, deliveries.length);
    // Whatever the last kill left half done is taken up by whoever comes next.
    await ground.chis("collect");
    const seconds = (Date.now() - begun) / 1_000;
    const { faults, found } = await held(ground, model, deliveries.length);
    const reconciled = await ground.chis("reconcile").catch(() => null);
    if (reconciled === null) faults.push("the reconciliation does not balance");
    const deathsRemoved = events.sound.filter(({ says }) =>
      says?.facts.some(({ content }) => content === "REMOVED"),
    ).length;
    return {
      messages: deliveries.length,
      repeated: repeats,
      outOfOrder,
      deletedBeforeNews,
      deathsRemoved,
      kills,
      cuts,
      seconds,
      faults,
      found,
    };
  } finally {
    await mesh.close();
    await ground.close();
  }
}

/** The order of delivery: mostly that in which things happened, with malformed ones and repeats strewn in. */
function shuffledDeliveries(
  { sound, malformed }: { readonly sound: readonly InventedEvent[]; readonly malformed: readonly InventedEvent[] },
  repeats: number,
  chance: () => number,
): { readonly deliveries: readonly InventedEvent[]; readonly outOfOrder: number; readonly deletedBeforeNews: number } {
  const asOf = (event: InventedEvent) => event.says?.asOf ?? "";
  const inOrder = [...sound].sort((a, b) => (asOf(a) < asOf(b) ? -1 : 1));
  const placed = inOrder.map((event, at) => {
    // Displaced ones come up to a tenth of all later or earlier than their turn.
    const displaced = chance() < OUT_OF_ORDER / (1 - REPEATED - MALFORMED);
    return { event, at: displaced ? at + (chance() - 0.5) * 0.2 * inOrder.length : at, displaced };
  });
  const strewn = (event: InventedEvent) => ({ event, at: chance() * inOrder.length, displaced: false });
  const all = [
    ...placed,
    ...malformed.map(strewn),
    ...Array.from({ length: repeats }, () => inOrder[Math.floor(chance() * inOrder.length)]).flatMap((event) =>
      event === undefined ? [] : [strewn(event)],
    ),
  ].sort((a, b) => a.at - b.at);
  const deliveries = all.map(({ event }) => event);

  // Of each record that was deleted: whether its delete came before anything it deletes.
  const told = new Set<string>();
  let deletedBeforeNews = 0;
  for (const { says } of deliveries) {
    for (const { identity, content } of says?.facts ?? []) {
      if (content === null && !told.has(identity)) deletedBeforeNews++;
      told.add(identity);
    }
  }
  return { deliveries, outOfOrder: placed.filter(({ displaced }) => displaced).length, deletedBeforeNews };
}

// --- The ground it is held on ---------------------------------------------------------------------------------

interface Ground {
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a command to its end; throws where it fails. */
  chis(...words: readonly string[]): Promise<string>;
  /** Starts a collector that goes on until it is killed. */
  collector(): ChildProcess;
  /** Takes the databases away from whoever uses them, for a moment. */
  cut(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

async function groundOf(asked: TrialAsked, mesh: LoopbackMesh): Promise<Ground> {
  const program = asked.program ?? join(dirname(__dirname), "main.js");
  const folder = mkdtempSync(join(tmpdir(), "chis-trial-"));
  const name = `chis_trial_${process.pid}_${Date.now()}`;
  const server = asked.postgres === null ? null : new Pool({ connectionString: asked.postgres, max: 1 });
  await server?.query(`create database ${name}`);
  // Connections are cut, not the power: a commit need not wait for the disk, which the trial shares with everything else.
  await server?.query(`alter database ${name} set synchronous_commit = off`);
  const url = asked.postgres === null ? null : Object.assign(new URL(asked.postgres), { pathname: `/${name}` });
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    DATA_DIR: folder,
    LOG_LEVEL: "silent",
    MESH_URL: mesh.url,
    MESH_MAILBOX: mesh.mailbox,
    MESH_PASSWORD: mesh.password,
    MESH_SHARED_KEY: mesh.sharedKey,
    ...(url === null ? {} : { DATABASE_URL: url.href }),
  };
  return {
    environment,
    async chis(...words) {
      const { stdout } = await promisify(execFile)(process.execPath, [program, ...words], {
        env: environment,
        maxBuffer: 1 << 28,
      });
      return stdout;
    },
    collector: () =>
      spawn(process.execPath, [program, "collect", "--every", "1", "--json"], { env: environment, stdio: "ignore" }),
    async cut(milliseconds) {
      if (server !== null) {
        await server.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
        return;
      }
      // Another program holds the file, as a backup would.
      const parts = ["localities", "demographics", "screening"];
      const part = parts[Math.floor(milliseconds) % parts.length] ?? "localities";
      const other = new Sqlite(join(folder, `${part}.sqlite`), { timeout: 5_000 });
      try {
        other.exec("begin exclusive");
        await after(milliseconds);
        other.exec("rollback");
      } catch {
        // It was in use for longer than we wait: then it was not taken away.
      } finally {
        other.close();
      }
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
      await server?.query(`drop database if exists ${name} with (force)`);
      await server?.end();
    },
  };
}

/** Collects until the mailbox is empty and as many collectors have been killed as was asked. */
async function collectUnderFire(
  { kills: wanted, collectors, progress = () => undefined }: TrialAsked,
  mesh: LoopbackMesh,
  ground: Ground,
  chance: () => number,
  messages: number,
): Promise<{ readonly kills: number; readonly cuts: number }> {
  let [kills, cuts] = [0, 0];
  let over = false;
  const alive = new Set<ChildProcess>();
  process.once("exit", () => {
    for (const child of alive) child.kill("SIGKILL"); // none outlives the trial, however it ends
  });
  // Most collectors live for so many acknowledgements that the kills are spread over the messages and all fall before the
  // mailbox is empty: at one of them, which is between keeping and acknowledging, or a while later, when messages are
  // read. Others live for a few requests of any kind.
  const drawn = () => {
    const between = chance() < 0.7;
    return {
      between,
      lives: 1 + Math.floor(chance() * (between ? (1.4 * messages) / Math.max(1, wanted) : 100)),
      later: chance() < 0.5 ? null : chance() * 1_500,
    };
  };
  let [next, seen] = [drawn(), 0];
  const kill = (): void => {
    // With two of them it is either: the one that collects, or the one that would take over.
    const all = [...alive];
    const one = all[Math.floor(chance() * all.length)];
    if (over || one === undefined) return;
    kills += 1;
    one.kill("SIGKILL");
  };
  mesh.goWrong(({ method }) => {
    if (!next.between || method === "PUT") seen += 1;
    if (seen < next.lives || kills >= wanted) return null;
    const { later } = next;
    [next, seen] = [drawn(), 0];
    if (later === null) kill();
    else setTimeout(kill, later);
    return later === null ? { hangUp: true } : null;
  });

  const keepAlive = async (): Promise<void> => {
    while (!over) {
      const child = ground.collector();
      alive.add(child);
      await new Promise((resolve) => child.once("exit", resolve));
      alive.delete(child);
    }
  };
  const cutting = async (): Promise<void> => {
    while (!over) {
      await after(4_000 + chance() * 12_000);
      if (over) return;
      await ground.cut(200 + chance() * 800);
      cuts += 1;
    }
  };
  const running = [...Array.from({ length: collectors }, keepAlive), cutting()];
  for (let left = mesh.waiting(); left > 0; left = mesh.waiting()) {
    progress(1 - left / messages);
    await after(50);
  }
  progress(1);
  over = true;
  for (const child of alive) child.kill("SIGTERM");
  await Promise.all(running);
  mesh.goWrong(() => null);
  return { kills, cuts };
}

// --- What came of it ------------------------------------------------------------------------------------------

/** Table → part that keeps it, and what of it the model says. */
const TABLES: Readonly<Record<string, { readonly part: string; readonly content: string }>> = {
  identity: { part: "demographics", content: "family_name" },
  birth: { part: "demographics", content: "cast(cast(weight_grams as integer) as text)" },
  address: { part: "demographics", content: "postcode" },
  gp_registration: { part: "demographics", content: "practice" },
  death: { part: "demographics", content: "status" },
  newborn_hearing: { part: "screening", content: "comment" },
  newborn_blood_spot: { part: "screening", content: "comment" },
  newborn_examination: { part: "screening", content: "comment" },
};

async function held(
  { environment }: Ground,
  model: ReturnType<typeof modelOf>,
  messages: number,
): Promise<{ readonly faults: string[]; readonly found: Record<string, number> }> {
  const settings = readSettings(environment);
  const faults: string[] = [];
  const rows = async (part: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
    const database = await openDatabase(part, placeOf(part, settings));
    try {
      return await database.rows(database.statement(({ raw }) => raw(sql)));
    } finally {
      await database.close();
    }
  };

  const numberOf = new Map<unknown, unknown>();
  for (const row of await rows("localities", "select child_id, nhs_number from indexed_child")) {
    numberOf.set(row.child_id, row.nhs_number);
  }
  const standing = new Set<string>();
  let [tellings, twice] = [0, 0];
  for (const [table, { part, content }] of Object.entries(TABLES)) {
    const sql = `select child_id, system, id, as_of, latest, withdrawn, ${content} as content from ${table}`;
    for (const row of await rows(part, sql)) {
      tellings += 1;
      if (Number(row.latest) !== 1) continue;
      const said = Number(row.withdrawn) === 1 ? "withdrawn" : row.content;
      const line = `${numberOf.get(row.child_id)} | ${table} | ${row.system}|${row.id} | ${row.as_of} | ${said}`;
      if (standing.has(line)) twice += 1;
      standing.add(line);
    }
  }
  const lost = [...model.standing].filter((line) => !standing.has(line)).length;
  const added = [...standing].filter((line) => !model.standing.has(line)).length;
  if (lost > 0) faults.push(`${lost} facts that must stand do not`);
  if (added > 0) faults.push(`${added} facts stand that must not`);
  if (twice > 0) faults.push(`${twice} facts stand twice`);
  if (tellings !== model.tellings) faults.push(`${tellings} tellings are held of ${model.tellings}`);

  const byMessage = new Map<string, string[]>();
  let kept = 0;
  let refusedUnread = 0;
  for (const row of await rows("localities", "select message_id, disposition from message")) {
    kept += 1;
    const { message_id: id, disposition } = row as { message_id: string | null; disposition: string };
    if (id === null) refusedUnread += Number(disposition === "QUARANTINED");
    else byMessage.set(id, [...(byMessage.get(id) ?? []), disposition]);
  }
  if (kept !== messages) faults.push(`${kept} messages are kept of ${messages}`);
  const once = (id: string, ...allowed: readonly string[]) => {
    const counted = (byMessage.get(id) ?? []).filter((disposition) => disposition !== "DUPLICATE");
    return counted.length === 1 && allowed.includes(counted[0] ?? "");
  };
  const astray = [...model.applied].filter((id) => !once(id, "APPLIED", "SUPERSEDED")).length;
  if (astray > 0) faults.push(`${astray} messages were not applied just once`);
  const unwaited = [...model.waiting].filter((id) => !once(id, "QUARANTINED")).length;
  if (unwaited > 0) faults.push(`${unwaited} messages of children nobody told of do not wait just once`);

  const items = await rows(
    "localities",
    "select q.open, q.reason_codes, w.item from quarantine_item q left join waiting w on w.item = q.id",
  );
  const open = items.filter((item) => Number(item.open) === 1);
  const waiting = open.filter((item) => item.item !== null).length;
  const refused = open.length - waiting;
  if (waiting !== model.waiting.size) faults.push(`${waiting} messages wait for their child of ${model.waiting.size}`);
  if (refused !== model.malformed.size) faults.push(`${refused} items are in quarantine of ${model.malformed.size}`);
  const [left] = await rows("localities", "select count(*) as n from outbox");
  if (Number(left?.n) !== 0) faults.push(`${left?.n} deliveries are still in the outbox`);

  const duplicates = [...byMessage.values()].flat().filter((disposition) => disposition === "DUPLICATE").length;
  return {
    faults,
    found: {
      "messages kept": kept,
      "facts that stand": standing.size,
      lost: lost,
      "counted twice": twice + Math.max(0, tellings - model.tellings),
      "repeats dropped": duplicates,
      "malformed, in quarantine": refused,
      "of those, no id to be read": refusedUnread,
      "waiting for their child": waiting,
      "waited, then applied": items.length - open.length,
    },
  };
}
