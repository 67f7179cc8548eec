/** The command line: how a verb says what it takes, reads what it was given, prints results and shows progress. */

import { parseArgs } from "node:util";
import { faultCode, Problem } from "../schema/errors";
import { SETTINGS, type Settings } from "./settings";

interface Option {
  readonly says: string;
  /** Left out: the option is a switch. */
  readonly value?: string;
  readonly many?: true;
  readonly needed?: true;
}

export interface Verb {
  readonly says: string;
  /** What follows the options: `PATH…`. */
  readonly words?: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** Answers whether everything asked for was done. */
  run(given: Given): Promise<boolean>;
}

/** The options and words of one command, checked against what its verb takes. */
export interface Given {
  readonly settings: Settings;
  readonly words: readonly string[];
  readonly json: boolean;
  text(option: string): string | null;
  texts(option: string): readonly string[];
  has(option: string): boolean;
  /** Prints one result: as JSON a line, or for people. */
  tell(result: Readonly<Record<string, unknown>>, forPeople: string): void;
}

export type Verbs = Readonly<Record<string, Verb>>;

/** Runs one command; answers its exit status. `settings` is asked only once the words are known to be a command. */
export async function runVerb(verbs: Verbs, words: readonly string[], settings: () => Settings): Promise<number> {
  const [name = "--help", ...rest] = words;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (name === "--help" || name === "help") {
    process.stdout.write(help(verbs));
    return 0;
  }
  if (verb === undefined) throw new Problem("ARGUMENT_UNKNOWN", { argument: name, command: "chis" });
  if (rest.includes("--help")) {
    process.stdout.write(helpOf(name, verb));
    return 0;
  }
  return (await verb.run(readGiven(name, verb, rest, settings()))) ? 0 : 1;
}

function readGiven(name: string, verb: Verb, words: readonly string[], settings: Settings): Given {
  const options = Object.entries(verb.options ?? {});
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        ...Object.fromEntries(
          options.map(([option, { value, many }]) => [
            option,
            { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: many ?? false },
          ]),
        ),
      },
    });
  } catch (fault) {
    const argument =
      /'(?:-\w, )?(-{0,2}[^' =]+)/.exec(fault instanceof Error ? fault.message : "")?.[1] ?? words.join(" ");
    if (faultCode(fault) !== "ERR_PARSE_ARGS_INVALID_OPTION_VALUE")
      throw new Problem("ARGUMENT_UNKNOWN", { argument, command: name });
    const value = verb.options?.[argument.slice(2)]?.value;
    const expected = value === undefined ? "given without a value" : `followed by its value, ${value}`;
    throw new Problem("ARGUMENT_INVALID", { argument, expected });
  }
  for (const [option, { needed }] of options) {
    if (needed && parsed.values[option] === undefined)
      throw new Problem("ARGUMENT_MISSING", { command: name, argument: `--${option}` });
  }
  if (verb.words === undefined && parsed.positionals.length > 0) refuseWord(parsed.positionals[0] ?? "", name);
  const texts = (option: string) => [parsed.values[option] ?? []].flat().filter((each) => typeof each === "string");
  const json = parsed.values.json === true;
  return {
    settings,
    words: parsed.positionals,
    json,
    text: (option) => texts(option)[0] ?? null,
    texts,
    has: (option) => parsed.values[option] !== undefined,
    tell(result, forPeople) {
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else if (forPeople !== "") process.stdout.write(`${forPeople}\n`);
    },
  };
}

function help(verbs: Verbs): string {
  const lines = Object.entries(verbs).map(([name, { says }]) => `  ${name.padEnd(12)}${says}`);
  return `npm run chis -- <verb> [--help] [--json]\n\n${lines.join("\n")}\n`;
}

const SETTING_WIDTH = 2 + Math.max(...Object.keys(SETTINGS).map((name) => name.length));

function helpOf(name: string, verb: Verb): string {
  const options = Object.entries(verb.options ?? {}).map(([option, { value, says, needed }]) => {
    return `  ${`--${option}${value === undefined ? "" : ` ${value}`}`.padEnd(22)}${says}${needed ? " (needed)" : ""}`;
  });
  const settings = Object.entries(SETTINGS).map(([setting, { otherwise, says }]) => {
    return `  ${setting.padEnd(SETTING_WIDTH)}${says}${otherwise === "" ? "" : ` (${otherwise})`}`;
  });
  return [
    `npm run chis -- ${name} ${[options.length > 0 ? "[options]" : "", verb.words ?? ""].join(" ").trim()}`,
    "",
    verb.says,
    "",
    ...options,
    `  ${"--json".padEnd(22)}one JSON line a result`,
    ...(name === "serve"
      ? [
          "",
          "Settings, from the environment:",
          ...settings,
          `  ${"<PART>_URL".padEnd(SETTING_WIDTH)}where a part runs, when not in this process`,
        ]
      : []),
    "",
  ].join("\n");
}

export function refuseWord(argument: string, command: string): never {
  throw new Problem("ARGUMENT_UNKNOWN", { argument, command });
}

export function wholeNumber(given: Given, option: string, least: number): number {
  const text = given.text(option) ?? "";
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw new Problem("ARGUMENT_INVALID", { argument: `--${option}`, expected: `a whole number from ${least} on` });
  }
  return Number(text);
}

const PROGRESS_MILLISECONDS = 200;

/** Shows how far a long task is, from 0 to 1: a bar on a terminal, a line now and then elsewhere. On standard error. */
export function progressOf(task: string): (done: number) => void {
  const begun = Date.now();
  let shown = 0;
  let finished = false;
  return (done) => {
    const now = Date.now();
    const interval = process.stderr.isTTY ? PROGRESS_MILLISECONDS : 10 * PROGRESS_MILLISECONDS;
    if (finished || (done < 1 && now - shown < interval)) return;
    shown = now;
    finished = done >= 1;
    const share = Math.min(1, Math.max(0, done));
    const seconds = `${((now - begun) / 1000).toFixed(1)} s`;
    const bar = "█".repeat(Math.round(share * 30)).padEnd(30, "·");
    const line = `${task.padEnd(20)} ${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${seconds}`;
    process.stderr.write(
      process.stderr.isTTY && !finished ? `\r${line}` : process.stderr.isTTY ? `\r${line}\n` : `${line}\n`,
    );
  };
}
