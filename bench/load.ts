/**
 * The whole population through the whole road: written, loaded, reconciled. Rows a second for each stage, and memory. One
 * locality is loaded twice, into databases that hold nothing and into those that hold all others: whether a row costs more
 * the more there are.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Ingest, synthesise } from "../ingest";
import { migrateHouse, openHouse, readSettings, type Settings } from "../main";
import { LOCALITY_CODES, type LocalityCode } from "../schema/vocabulary/localities";
import type { BenchOptions } from "./index";

export const SEED = 20_260_901;

export function benchSettings({ folder, children, postgres }: BenchOptions): Settings {
  const data = join(folder, `house-${children}`);
  return readSettings({
    DATA_DIR: data,
    LOG_LEVEL: "silent",
    ...(postgres === null ? {} : { DATABASE_URL: postgres }),
  });
}

export async function benchLoad(options: BenchOptions): Promise<void> {
  const { children, folder, postgres } = options;
  const extracts = join(folder, `extracts-${children}`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(extracts, "manifest.json"))) {
    const begun = Date.now();
    await synthesise({ children, seed: SEED, out: extracts });
    say("population written", seconds(begun), `${Math.round(children / seconds(begun))} children/s`);
  }
  const settings = benchSettings(options);
  if (postgres === null) rmSync(settings.DATA_DIR, { recursive: true, force: true });
  await migrateHouse(settings);
  const house = await openHouse(settings, { threads: true });
  if (house.ingest === null) throw new Error("The books run elsewhere.");
  const { ingest } = house;

  const memory = peakMemory();
  const begun = Date.now();
  let rows = 0;
  let events = 0;
  let balanced = true;
  let last: Loaded | null = null;
  for (const locality of [...LOCALITY_CODES.filter((each) => each !== MEASURED_TWICE), MEASURED_TWICE]) {
    const load = await loaded(ingest, locality, extracts);
    rows += load.rows;
    events += load.events;
    balanced &&= load.balances;
    if (locality === MEASURED_TWICE) last = load;
  }
  const loading = seconds(begun);
  const started = Date.now();
  let messages = 0;
  for await (const _ of ingest.receive([join(extracts, "messages")])) messages += 1;
  say("receive", seconds(started), `${messages} messages, ${Math.round(messages / seconds(started))} messages/s`);
  const proving = Date.now();
  balanced = (await ingest.reconcile(null)).every((line) => line.balances) && balanced;
  say("reconcile", seconds(proving), balanced ? "balances" : "DOES NOT BALANCE");
  say("in all", seconds(begun), `${rows} rows, ${events} facts, ${Math.round(events / loading)} facts/s`);
  process.stdout.write(
    `peak memory ${memory()} MB; databases ${postgres === null ? `${sizeOf(settings.DATA_DIR)} MB` : postgres}\n`,
  );
  await house.close();
  if (postgres !== null || last === null) return;
  const alone = await loadedAlone(options, extracts);
  const ratio = last.cpuSeconds / last.rows / (alone.cpuSeconds / alone.rows);
  process.stdout.write(`a row into full databases costs ${ratio.toFixed(2)} × the CPU of one into empty ones\n`);
}

/** The first locality of the reference, whose files hold a row a dose in the order of children. */
const MEASURED_TWICE: LocalityCode = "EAST_CHESHIRE";

interface Loaded {
  readonly rows: number;
  readonly events: number;
  readonly balances: boolean;
  /** Of all threads. */
  readonly cpuSeconds: number;
}

async function loaded(ingest: Ingest, locality: LocalityCode, extracts: string, into = ""): Promise<Loaded> {
  const started = Date.now();
  const cpu = process.cpuUsage();
  const { lines } = await ingest.load({ locality, paths: [join(extracts, locality)] });
  const { user, system } = process.cpuUsage(cpu);
  const rows = lines.reduce((sum, line) => sum + line.rowsRead, 0);
  const events = lines.reduce((sum, line) => sum + line.events, 0);
  const took = seconds(started);
  const cpuSeconds = (user + system) / 1e6;
  say(
    `load ${locality}${into}`,
    took,
    `${rows} rows, ${Math.round(rows / took)} rows/s, ${events} facts, ${Math.round(events / took)} facts/s, ${cpuSeconds.toFixed(0)} CPU-s`,
  );
  return { rows, events, balances: lines.every((line) => line.balances), cpuSeconds };
}

/** One locality into databases of its own, which are then removed. */
async function loadedAlone(options: BenchOptions, extracts: string): Promise<Loaded> {
  const settings = benchSettings({ ...options, folder: join(options.folder, "alone") });
  rmSync(settings.DATA_DIR, { recursive: true, force: true });
  await migrateHouse(settings);
  const house = await openHouse(settings, { threads: true });
  if (house.ingest === null) throw new Error("The books run elsewhere.");
  const load = await loaded(house.ingest, MEASURED_TWICE, extracts, ", empty");
  await house.close();
  rmSync(settings.DATA_DIR, { recursive: true, force: true });
  return load;
}

function say(what: string, took: number, figures: string): void {
  process.stdout.write(`${what.padEnd(28)} ${took.toFixed(1).padStart(7)} s  ${figures}\n`);
}

function seconds(since: number): number {
  return (Date.now() - since) / 1000;
}

/** The most memory the process has held since it began, in MB, as the system counts it. */
function peakMemory(): () => number {
  return () => {
    const told = existsSync("/proc/self/status")
      ? /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))
      : null;
    return Math.round(told ? Number(told[1]) / 1024 : process.resourceUsage().maxRSS / 1024);
  };
}

function sizeOf(folder: string): number {
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return Math.round(bytes / 1e6);
}
