/** The whole population through the whole road: written, loaded, reconciled. Rows a second for each stage, and memory. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { synthesise } from "../ingest";
import { migrateHouse, openHouse, readSettings, type Settings } from "../main";
import { LOCALITY_CODES } from "../schema/vocabulary/localities";
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
  for (const locality of LOCALITY_CODES) {
    const started = Date.now();
    const { lines } = await ingest.load({ locality, paths: [join(extracts, locality)] });
    const read = lines.reduce((sum, line) => sum + line.rowsRead, 0);
    const told = lines.reduce((sum, line) => sum + line.events, 0);
    rows += read;
    events += told;
    balanced &&= lines.every((line) => line.balances);
    const took = seconds(started);
    say(
      `load ${locality}`,
      took,
      `${read} rows, ${Math.round(read / took)} rows/s, ${told} facts, ${Math.round(told / took)} facts/s`,
    );
  }
  const loaded = seconds(begun);
  const started = Date.now();
  let messages = 0;
  for await (const _ of ingest.receive([join(extracts, "messages")])) messages += 1;
  say("receive", seconds(started), `${messages} messages, ${Math.round(messages / seconds(started))} messages/s`);
  const proving = Date.now();
  balanced = (await ingest.reconcile(null)).every((line) => line.balances) && balanced;
  say("reconcile", seconds(proving), balanced ? "balances" : "DOES NOT BALANCE");
  say("in all", seconds(begun), `${rows} rows, ${events} facts, ${Math.round(events / loaded)} facts/s`);
  process.stdout.write(
    `peak memory ${memory()} MB; databases ${postgres === null ? `${sizeOf(settings.DATA_DIR)} MB` : postgres}\n`,
  );
  await house.close();
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
