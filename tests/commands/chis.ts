/**
 * The commands as their users run them: the built program, a process each, over a data folder of its own and with none
 * of the settings of whoever runs the tests.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import Sqlite from "better-sqlite3";
import type { Answer, Ask } from "../world";

const PROJECT = dirname(dirname(__dirname));
export const PROGRAM = join(PROJECT, "dist", "main.js");

export type Environment = Readonly<Record<string, string>>;

// biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
export type Line = Readonly<Record<string, any>>;

export interface Ended {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  /** Without the lines that show progress, which say how long something took. */
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** What runs the program, with its own arguments: node, unless something is to be put before it. */
  readonly by?: readonly string[];
}

/** Runs one command to its end. */
export async function chis(
  words: readonly string[],
  environment: Environment,
  options: RunOptions = {},
): Promise<Ended> {
  const running = await start(words, environment, options.by);
  running.child.stdin?.end(options.input ?? "");
  const status = await running.ended;
  return { status, stdout: running.said.stdout, stderr: withoutProgress(running.said.stderr) };
}

/** Runs one command to its end with `--json`; answers its results. Throws where it printed anything else. */
export async function results(words: readonly string[], environment: Environment): Promise<readonly Line[]> {
  return jsonLines((await chis([...words, "--json"], environment)).stdout);
}

/**
 * Runs one command and kills it, as a power cut would, so many milliseconds after it has shown a progress that `pattern`
 * matches. Throws where it ended before that.
 */
export async function killed(
  words: readonly string[],
  environment: Environment,
  pattern: RegExp,
  milliseconds = 0,
): Promise<void> {
  const { child, said, ended } = await start(words, environment);
  let shown = false;
  child.stderr?.on("data", () => {
    if (shown || !pattern.test(said.stderr)) return;
    shown = true;
    setTimeout(() => child.kill("SIGKILL"), milliseconds);
  });
  const status = await ended;
  if (status !== null) throw new Error(`It ended with ${status} before it was killed: ${said.stderr}`);
}

export interface Served {
  /** Where each part answers, in the order they were ready; without a slash at the end. */
  readonly urls: readonly string[];
  /** What it has printed so far. */
  readonly said: { readonly stdout: string; readonly stderr: string };
  /** Sends a signal; answers the exit status, null where the signal itself ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const served = new Set<ChildProcess>();
afterAll(() => {
  for (const child of served) child.kill("SIGKILL");
});

/** Runs a command that serves, until each part is ready. Throws what it said where it ends instead. */
export async function serving(
  words: readonly string[],
  environment: Environment,
  parts = 1,
  by: readonly string[] = [],
): Promise<Served> {
  const { child, said, ended } = await start([...words, "--json"], environment, by);
  served.add(child);
  const urls = await new Promise<string[]>((resolve, reject) => {
    child.stdout?.on("data", () => {
      const ready = jsonLines(said.stdout.slice(0, said.stdout.lastIndexOf("\n") + 1)).flatMap(({ url }) => url ?? []);
      if (ready.length === parts) resolve(ready.map((url) => String(url).replace(/\/$/, "")));
    });
    ended.then((status) => reject(new Error(`It ended with ${status}: ${said.stderr}`)));
  });
  return {
    urls,
    said,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      served.delete(child);
      return ended;
    },
  };
}

/** Asks a gateway with a token; without one where it is null. */
export function asking(url: string, token: string | null): Ask {
  return async (query, variables = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  };
}

const made: string[] = [];
afterAll(() => {
  for (const each of made) rmSync(each, { recursive: true, force: true });
});

/** A folder that is removed when the tests of the file are done. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "chis-command-"));
  made.push(path);
  return path;
}

async function migratedTemplate(): Promise<string> {
  const DATA_DIR = folder();
  const { status, stderr } = await chis(["migrate"], { DATA_DIR });
  if (status !== 0) throw new Error(stderr);
  return DATA_DIR;
}

let template: Promise<string> | undefined;

/** Settings with a data folder of their own, its databases empty and at the present schema. */
export async function migrated(settings: Environment = {}): Promise<Environment> {
  template ??= migratedTemplate();
  const environment = { DATA_DIR: folder(), ...settings };
  cpSync(await template, environment.DATA_DIR, { recursive: true });
  return environment;
}

/** Invents children and writes their extracts and messages; answers the folder. */
export async function invented(children: number): Promise<string> {
  const out = folder();
  await chis(["synthesise", "--children", String(children), "--seed", "7", "--out", out], {});
  return out;
}

/** Runs SQL on the embedded database of a part, as a hand that should not would. */
export function change({ DATA_DIR }: Environment, part: string, sql: string): void {
  const database = new Sqlite(join(DATA_DIR ?? "", `${part}.sqlite`));
  database.exec(sql);
  database.close();
}

/** What a table of a part holds of how a fact came, and of who looked: no part of the record. */
const TABLES_NOT_COMPARED = ["schema_migration", "access_entry", "access_checkpoint", "delivery"];

/** Every row of every table that the record is kept in, for two records to be compared: but for what counts deliveries. */
export function record({ DATA_DIR }: Environment): Readonly<Record<string, readonly string[]>> {
  const tables: Record<string, readonly string[]> = {};
  for (const part of ["demographics", "screening", "immunisations", "safeguarding"]) {
    const database = new Sqlite(join(DATA_DIR ?? "", `${part}.sqlite`));
    const names = database.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
    for (const name of names.filter((each) => !TABLES_NOT_COMPARED.includes(each))) {
      const rows = database.prepare(`select * from ${name}`).all();
      tables[name] = rows.map((row) => JSON.stringify({ ...(row as object), delivery: null, tellings: null })).sort();
    }
    database.close();
  }
  return tables;
}

export function jsonLines(text: string): readonly Line[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Line => JSON.parse(line));
}

function withoutProgress(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !/[█·]{30}/.test(line))
    .join("\n");
}

interface Running {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  /** The exit status, null where a signal ended it, when all it said has been read. */
  readonly ended: Promise<number | null>;
}

async function start(
  words: readonly string[],
  environment: Environment,
  [command = process.execPath, ...before]: readonly string[] = [],
): Promise<Running> {
  await built();
  const child = spawn(command, [...before, PROGRAM, ...words], {
    env: { PATH: process.env.PATH, LOG_LEVEL: "silent", ...environment },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
  });
  child.stdin.on("error", () => undefined); // a command that refuses its arguments does not wait for its input
  return { child, said, ended: once(child, "close").then(([status]) => status) };
}

// --- The build ------------------------------------------------------------------------------------------------

let building: Promise<void> | undefined;

function built(): Promise<void> {
  building ??= build();
  return building;
}

const LOCK = join(PROJECT, "dist", ".building");
/** No build takes that long: whoever held the lock was killed. */
const LONGEST_BUILD_MILLISECONDS = 60_000;

/** Builds the program where a source is newer. Test files run beside each other, so one builds and the others wait. */
async function build(): Promise<void> {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      if (Date.now() - changedAt(LOCK) > LONGEST_BUILD_MILLISECONDS) rmSync(LOCK, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  try {
    const tsc = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
    if (newestSource() > changedAt(PROGRAM))
      await promisify(execFile)(process.execPath, [tsc, "-p", join(PROJECT, "tsconfig.build.json")]);
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function newestSource(): number {
  const sources = ["main.ts", "schema", "chassis", "subgraphs", "ingest", "gateway", "sdk"].flatMap((name) => {
    const path = join(PROJECT, name);
    if (name.endsWith(".ts")) return [path];
    return readdirSync(path, { recursive: true, encoding: "utf8" }).map((file) => join(path, file));
  });
  return Math.max(...sources.filter((path) => path.endsWith(".ts")).map(changedAt));
}

/** 0 for what is not there. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
