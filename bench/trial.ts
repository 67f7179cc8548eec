/**
 * What must hold whatever happens, tried out: `npm run trial -- NAME`. Prints what was done and what came of it; ends with
 * 1 where anything is not as it must be.
 */

import { parseArgs } from "node:util";
import { progressOf } from "../chassis/command-line";
import { trialIngest } from "./ingest-trial";
import { trialSubscribers } from "./subscribers";

export interface TrialOptions {
  readonly messages: number;
  readonly kills: number;
  readonly seed: number;
  readonly postgres: string | null;
  /** One kind of database only, or one number of collectors. */
  readonly only: string | null;
  readonly subscribers: number;
  readonly cuts: number;
  readonly events: number;
}

/** Each answers whether all held. */
const TRIALS: Readonly<Record<string, (options: TrialOptions) => Promise<boolean>>> = { ingest, subscribers };

async function ingest({ messages, kills, seed, postgres, only }: TrialOptions): Promise<boolean> {
  let held = true;
  for (const database of ["SQLite", "PostgreSQL"] as const) {
    for (const collectors of [1, 2] as const) {
      const name = `${database}, ${collectors} collector${collectors === 1 ? "" : "s at once"}`;
      if (only !== null && !name.includes(only)) continue;
      if (database === "PostgreSQL" && postgres === null) continue;
      const result = await trialIngest({
        messages,
        kills,
        collectors,
        seed: seed + collectors,
        postgres: database === "SQLite" ? null : postgres,
        progress: progressOf(name),
      });
      const { faults, found, ...done } = result;
      const lines: [string, string | number][] = [
        ["messages in the mailbox", done.messages],
        ["of those, said again", done.repeated],
        ["of those, out of order", done.outOfOrder],
        ["deletes that came before what they delete", done.deletedBeforeNews],
        ["deaths taken back", done.deathsRemoved],
        ["collectors killed", done.kills],
        [database === "SQLite" ? "times a database was held by another" : "times every connection was cut", done.cuts],
        ["seconds", done.seconds.toFixed(0)],
        ["messages a second, with all that went wrong", Math.round(done.messages / done.seconds)],
        ...Object.entries(found),
      ];
      process.stdout.write(`\n${name}\n`);
      for (const [what, figure] of lines) process.stdout.write(`  ${what.padEnd(44)} ${String(figure).padStart(9)}\n`);
      process.stdout.write(
        faults.length === 0 ? "  as the model says\n" : `  NOT AS IT MUST BE: ${faults.join("; ")}\n`,
      );
      held &&= faults.length === 0;
    }
  }
  return held;
}

/** Memory may be this much more than before, for what is kept of operations, statements and tokens. */
const MEGABYTES_KEPT = 16;

async function subscribers(asked: TrialOptions): Promise<boolean> {
  const found = await trialSubscribers(asked);
  const lines: [string, string | number][] = [
    ["subscribers", asked.subscribers],
    ["times they were cut off", found.cuts],
    ["events", asked.events],
    ["events told", found.told],
    ["missing", found.missing],
    ["twice", found.twice],
    ["out of order", found.outOfOrder],
    ["from delivery to subscriber, median ms", found.medianMilliseconds.toFixed(0)],
    ["from delivery to subscriber, p95 ms", found.p95Milliseconds.toFixed(0)],
    ["live objects before, MB", found.heapBefore.toFixed(1)],
    ["live objects after, MB", found.heapAfter.toFixed(1)],
    ["subscriptions left", found.left],
    ["seconds", found.seconds.toFixed(0)],
  ];
  for (const [what, figure] of lines) process.stdout.write(`  ${what.padEnd(44)} ${String(figure).padStart(9)}\n`);
  const isBack = found.heapAfter < found.heapBefore + MEGABYTES_KEPT;
  const held = found.missing + found.twice + found.outOfOrder + found.left === 0 && isBack;
  process.stdout.write(held ? "  as it must be\n" : "  NOT AS IT MUST BE\n");
  return held;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      messages: { type: "string" },
      kills: { type: "string" },
      seed: { type: "string" },
      postgres: { type: "string" },
      only: { type: "string" },
      subscribers: { type: "string" },
      cuts: { type: "string" },
      events: { type: "string" },
    },
  });
  const [name = ""] = positionals;
  const trial = Object.hasOwn(TRIALS, name) ? TRIALS[name] : undefined;
  if (trial === undefined) {
    process.stderr.write(
      `npm run trial -- ${Object.keys(TRIALS).join("|")} [--messages N] [--kills N] [--seed S] [--postgres URL] [--only WORDS] [--subscribers N] [--cuts N] [--events N]\n`,
    );
    process.exitCode = 1;
    return;
  }
  // What a trial has started ends with it, however it ends.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const held = await trial({
    messages: Number(values.messages ?? 100_000),
    kills: Number(values.kills ?? 60),
    seed: Number(values.seed ?? 1),
    postgres: values.postgres ?? null,
    only: values.only ?? null,
    subscribers: Number(values.subscribers ?? 1_000),
    cuts: Number(values.cuts ?? 20),
    events: Number(values.events ?? 300),
  });
  if (!held) process.exitCode = 1;
}

void main();
