/**
 * Proves that every row and message read is accounted for, and that every fact first applied is found in a part.
 *
 * Per load: rows read = rows yielding + rows with nothing to tell + rows quarantined; events = applied + duplicate +
 * superseded + quarantined. Per source system and event type, over all loads: facts first applied = facts held.
 */

import { Problem } from "../schema/errors";
import { EVENT_TYPES, type EventType } from "../schema/events";
import type { LocalityCode } from "../schema/vocabulary/localities";
import type { Books, LoadCount, LoadRow, LoadSource } from "./books";
import { CHILD_INDEX } from "./child-index";
import type { Destination } from "./road";

/** One load with what became of its rows and events. */
export interface LoadLine {
  /** Number of the load; null where the file could not be opened. */
  readonly load: number | null;
  readonly source: LoadSource;
  /** Null for messages. */
  readonly locality: LocalityCode | null;
  readonly file: string;
  readonly kind: string;
  readonly rowsRead: number;
  readonly rowsYielding: number;
  readonly rowsSilent: number;
  readonly rowsQuarantined: number;
  readonly rowsRepeated: number;
  readonly events: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly superseded: number;
  readonly quarantined: number;
  readonly firsts: number;
  readonly balances: boolean;
  /** What does not balance, in words. */
  readonly faults: readonly string[];
}

/** The facts of one type that one source system told, as counted here and as held by the part that keeps them. */
export interface FactLine {
  readonly system: string;
  readonly type: EventType;
  readonly firsts: number;
  /** Names of the parts that keep such facts. */
  readonly parts: readonly string[];
  readonly held: number;
  readonly balances: boolean;
  readonly faults: readonly string[];
}

export type ReconciliationLine = LoadLine | FactLine;

type Holdings = Awaited<ReturnType<Destination["holdings"]>>;

/** Reads the books and asks every part; `locality` null: everything, messages too. */
export async function reconcile(
  books: Books,
  destinations: readonly Destination[],
  locality: LocalityCode | null,
): Promise<readonly ReconciliationLine[]> {
  const loads = await books.allLoads();
  const counts = await books.counts(loads.map(({ number }) => number));
  const holdings = await Promise.all(destinations.map(async (each) => [each.name, await each.holdings()] as const));
  const lines = linesOf(loads, counts, await books.firsts(), new Map(holdings), await books.outgoing());
  if (locality === null) return lines;
  return lines.filter((line) => ("file" in line ? line.locality === locality : line.system === locality));
}

/** The arithmetic: a line for each load, then for each source and type of fact. `undelivered` counts the outbox. */
export function linesOf(
  loads: readonly LoadRow[],
  counts: readonly LoadCount[],
  firsts: readonly { readonly system: string; readonly type: EventType; readonly firsts: number }[],
  holdings: ReadonlyMap<string, Holdings>,
  undelivered: number,
): readonly ReconciliationLine[] {
  const byLoad = new Map<number, LoadCount[]>();
  for (const count of counts) {
    const others = byLoad.get(count.load);
    if (others) others.push(count);
    else byLoad.set(count.load, [count]);
  }
  const loadLines = loads.map((load) => loadLine(load, byLoad.get(load.number) ?? []));

  // Everything counted here must be held, and everything held must have been counted here.
  const keys = new Map<string, { readonly system: string; readonly type: EventType; readonly firsts: number }>();
  for (const each of firsts) keys.set(`${each.system} ${each.type}`, each);
  for (const held of holdings.values()) {
    for (const [type, bySystem] of Object.entries(held)) {
      for (const system of Object.keys(bySystem)) {
        const key = `${system} ${type}`;
        if (!keys.has(key) && isEventType(type)) keys.set(key, { system, type, firsts: 0 });
      }
    }
  }
  const factLines = [...keys.values()]
    .sort((a, b) => compare(a.system, b.system) || compare(a.type, b.type))
    .map((each) => factLine(each, holdings, undelivered));
  return [...loadLines, ...factLines];
}

/** One load with its counts, and what does not balance. */
export function loadLine(load: LoadRow, counts: readonly LoadCount[]): LoadLine {
  const sum = (of: (count: LoadCount) => number) => counts.reduce((total, count) => total + of(count), 0);
  const line = {
    load: load.number,
    source: load.source,
    locality: load.locality,
    file: load.file,
    kind: load.kind,
    rowsRead: load.rowsRead,
    rowsYielding: load.rowsYielding,
    rowsSilent: load.rowsSilent,
    rowsQuarantined: load.rowsQuarantined,
    rowsRepeated: load.rowsRepeated,
    events: sum(({ told }) => told),
    applied: sum(({ applied }) => applied),
    duplicate: sum(({ duplicate }) => duplicate),
    superseded: sum(({ superseded }) => superseded),
    quarantined: sum(({ quarantined }) => quarantined),
    firsts: sum(({ firsts }) => firsts),
  };
  const faults: string[] = [];
  const rows = line.rowsYielding + line.rowsSilent + line.rowsQuarantined;
  if (rows !== line.rowsRead) faults.push(`${line.rowsRead} rows were read and ${rows} are accounted for`);
  const events = line.applied + line.duplicate + line.superseded + line.quarantined;
  if (events !== line.events) faults.push(`${line.events} events were told and ${events} are accounted for`);
  if (load.finishedAt === null) faults.push(`the load stopped after row ${load.position}`);
  return { ...line, balances: faults.length === 0, faults };
}

/** A file that could not be opened: nothing of it was read, and so nothing balances. */
export function unopenedLine(locality: LocalityCode, file: string, problem: Problem): LoadLine {
  const rows = { rowsRead: 0, rowsYielding: 0, rowsSilent: 0, rowsQuarantined: 0, rowsRepeated: 0 };
  const events = { events: 0, applied: 0, duplicate: 0, superseded: 0, quarantined: 0, firsts: 0 };
  const faults = [`${problem.code}: ${problem.message} ${problem.remedy}`];
  return { load: null, source: "EXTRACT", locality, file, kind: "", ...rows, ...events, balances: false, faults };
}

/** A file that could not be opened says itself what to do about it. */
function wasOpened(line: ReconciliationLine): boolean {
  return !("file" in line) || line.load !== null;
}

function factLine(
  { system, type, firsts }: { readonly system: string; readonly type: EventType; readonly firsts: number },
  holdings: ReadonlyMap<string, Holdings>,
  undelivered: number,
): FactLine {
  const keeping = [...holdings].filter(([, held]) => held[type] !== undefined);
  const held = keeping.reduce((total, [, kept]) => total + (kept[type]?.[system] ?? 0), 0);
  const parts = keeping.map(([name]) => name);
  const faults: string[] = [];
  // A merge is kept by every register; where a part keeps it as a fact too, it is counted like any other.
  const exempt = system === CHILD_INDEX && parts.length === 0;
  if (held !== firsts && !exempt) {
    const where = parts.length === 0 ? "no part keeps any" : `${parts.join(", ")} holds ${held}`;
    const waiting = undelivered === 0 ? "" : `, with ${undelivered} deliveries still in the outbox`;
    faults.push(`${firsts} ${EVENT_TYPES[type]} (${type}) were applied and ${where}${waiting}`);
  }
  return { system, type, firsts, parts, held, balances: faults.length === 0, faults };
}

/** One RECONCILIATION_UNBALANCED for each fault of each line of what was read. */
export function problemsOf(lines: readonly ReconciliationLine[]): readonly Problem[] {
  return lines.filter(wasOpened).flatMap((line) => {
    const [locality, file] = "file" in line ? [line.locality ?? "Messages", line.file] : [line.system, "facts"];
    return line.faults.map((fault) => new Problem("RECONCILIATION_UNBALANCED", { locality, file, fault }));
  });
}

/** The reconciliation as aligned tables and, below, what does not balance. */
export function printReconciliation(lines: readonly ReconciliationLine[]): string {
  const loads = lines.filter((line) => "file" in line);
  const facts = lines.filter((line) => "system" in line);
  const verdict = (faults: readonly string[]) => (faults.length === 0 ? "balances" : "DOES NOT BALANCE");
  const loadTable = table(
    [
      "locality",
      "file",
      "kind",
      "rows",
      "yielding",
      "silent",
      "quarantined",
      "events",
      "applied",
      "duplicate",
      "superseded",
      "refused",
      "",
    ],
    loads.map((line) => [
      line.locality ?? "",
      line.file,
      line.kind,
      line.rowsRead,
      line.rowsYielding,
      line.rowsSilent,
      line.rowsQuarantined,
      line.events,
      line.applied,
      line.duplicate,
      line.superseded,
      line.quarantined,
      verdict(line.faults),
    ]),
  );
  const factTable = table(
    ["source", "facts", "first applied", "held", "by", ""],
    facts.map(({ system, type, firsts, held, parts, faults }) => [
      system,
      EVENT_TYPES[type],
      firsts,
      held,
      parts.join(", "),
      verdict(faults),
    ]),
  );
  const unopened = lines.filter((line) => !wasOpened(line)).flatMap(({ faults }) => faults);
  const unbalanced = problemsOf(lines).map(({ code, message, remedy }) => `${code}: ${message} ${remedy}`);
  const problems = [...unopened, ...unbalanced];
  const end = problems.length === 0 ? ["Everything balances."] : problems;
  return [
    ...(loads.length > 0 ? [...loadTable, ""] : []),
    ...(facts.length > 0 ? [...factTable, ""] : []),
    ...end,
  ].join("\n");
}

/** Columns of equal width; numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => String(row[column] ?? "").length)),
  );
  const isNumber = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) =>
        isNumber[column] ? String(cell).padStart(widths[column] ?? 0) : String(cell).padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)];
}

function isEventType(text: string): text is EventType {
  return Object.hasOwn(EVENT_TYPES, text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
