/**
 * What becomes of what was refused: tried again by itself when its child appears, or as a person decides. Either way
 * it takes the same road as everything else, under a load of its own, so that the books still balance.
 */

import type { Transaction } from "../chassis/database";
import { Problem } from "../schema/errors";
import type { Event } from "../schema/events";
import { type Appearing, type LoadRow, type QuarantineDecision, type QuarantineRow, reasonOf } from "./books";
import type { Chosen } from "./child-index";
import { ADAPTERS, PUBLISHED } from "./extracts";
import { FILE_KINDS } from "./extracts/kinds";
import { readMessage } from "./fhir";
import type { ReadingResult } from "./reading";
import { type Despatch, messageAt, type Road, type Traveller } from "./road";

/** What a person may decide of an item. */
export type PersonDecision = Exclude<QuarantineDecision, "APPLIED" | "CORRECTED">;

export interface Decided {
  readonly id: string;
  readonly decision: PersonDecision;
  /** The child meant, for USE_CHILD. */
  readonly childId: string | null;
  /** Why, in the person's words. */
  readonly note: string;
  /** Subject of the person's token. */
  readonly by: string;
}

/** How many items are tried in one transaction. */
const TRIED_AT_ONCE = 500;

/**
 * Tries again every item whose child has appeared; answers how many were applied. `told`: only those that may wait for what
 * was just told of; null: all.
 */
export async function retryAppeared(road: Road, told: Appearing | null = null): Promise<number> {
  return retry(road, await road.books.appeared(told), "APPLIED", null, null);
}

/** Decides one item and answers it as it then stands. Throws NOT_FOUND or ARGUMENT_INVALID. */
export async function decide(road: Road, decided: Decided): Promise<QuarantineRow> {
  const { id, decision, childId, note, by } = decided;
  const item = await road.books.item(id);
  if (item === null) throw new Problem("NOT_FOUND", { what: "item of the quarantine" });
  if (!item.open) throw new Problem("ARGUMENT_INVALID", { argument: "id", expected: "that of an open item" });
  if (item.event !== null && decision !== "REPLACE" && decision !== "DISMISS") {
    throw new Problem("ARGUMENT_INVALID", { argument: "decision", expected: "REPLACE or DISMISS for this item" });
  }
  switch (decision) {
    case "DISMISS":
      await road.books.write(async (transaction) => {
        await road.books.resolve(transaction, await stillOpen(road, transaction, item), {
          at: road.now(),
          decision,
          by,
          note,
        });
      });
      break;
    case "REPLACE":
      if (!item.reasons.some(({ code }) => code === "VERSION_CONFLICT")) {
        throw new Problem("ARGUMENT_INVALID", {
          argument: "decision",
          expected: "REPLACE only for a VERSION_CONFLICT",
        });
      }
      if (item.event === null) await retry(road, [id], decision, by, note);
      else await replace(road, item, item.event as Event, by, note); // the road wrote it
      break;
    case "RETRY":
      await retry(road, [id], decision, by, note);
      break;
    case "USE_CHILD":
      if (childId === null) throw new Problem("ARGUMENT_INVALID", { argument: "childId", expected: "a child's id" });
      await retry(road, [id], decision, by, note, { childId });
      break;
    case "NEW_CHILD":
      await retry(road, [id], decision, by, note, { newChild: true });
      break;
  }
  await retryAppeared(road);
  return (await road.books.item(id)) ?? item;
}

/** The item, if nobody has decided it meanwhile; else throws ARGUMENT_INVALID. */
async function stillOpen(
  road: Road,
  transaction: Transaction,
  { id }: QuarantineRow,
): Promise<readonly QuarantineRow[]> {
  const item = await road.books.item(id, transaction);
  if (!item?.open) throw new Problem("ARGUMENT_INVALID", { argument: "id", expected: "that of an open item" });
  return [item];
}

/** Tells the refused event once more, ordered after the one held at the same time. */
async function replace(road: Road, item: QuarantineRow, event: Event, by: string, note: string): Promise<void> {
  const despatch = await road.books.write(async (transaction) => {
    const load = await runningLoad(road, transaction, item);
    await road.books.resolve(transaction, await stillOpen(road, transaction, item), {
      at: road.now(),
      decision: "REPLACE",
      by,
      note,
    });
    await road.books.saveLoad(transaction, counted(load, road, 1, 0));
    return road.put(transaction, load, [afterAll(event, item)], [item.row]);
  });
  await road.send(despatch);
}

/** What an item tells, ordered after everything told of the same instant. */
function afterAll<T extends { readonly tieBreak?: string }>(told: T, { id }: QuarantineRow): T {
  // A tilde comes after every letter and digit that a source could order its versions by.
  return { ...told, tieBreak: `${told.tieBreak ?? ""}~${id}` };
}

async function retry(
  road: Road,
  ids: readonly string[],
  decision: QuarantineDecision,
  by: string | null,
  note: string | null,
  chosen?: Chosen,
): Promise<number> {
  let applied = 0;
  for (let from = 0; from < ids.length; from += TRIED_AT_ONCE) {
    const items = await road.books.items(ids.slice(from, from + TRIED_AT_ONCE));
    const byKind = new Map<string, QuarantineRow[]>();
    for (const item of items) {
      if (!item.open || item.event !== null) continue;
      const kind = `${item.locality} ${item.kind}`;
      const others = byKind.get(kind);
      if (others) others.push(item);
      else byKind.set(kind, [item]);
    }
    for (const alike of byKind.values()) applied += await retryAlike(road, alike, decision, by, note, chosen);
  }
  return applied;
}

/** Tries items of one kind of one locality again, in one transaction. */
async function retryAlike(
  road: Road,
  items: readonly QuarantineRow[],
  decision: QuarantineDecision,
  by: string | null,
  note: string | null,
  chosen: Chosen | undefined,
): Promise<number> {
  const { books } = road;
  const [first] = items;
  if (first === undefined) return 0;
  const readings = await readAgain(road, items);
  let applied = 0;
  const despatch = await books.write(async (transaction): Promise<Despatch | null> => {
    // Somebody else may have decided some since they were read, or another process have tried them.
    const now = await books.items(
      items.map(({ id }) => id),
      transaction,
    );
    const open = new Set(now.flatMap((item) => (item.open ? [item.id] : [])));
    if (open.size === 0) return null;
    const load = await runningLoad(road, transaction, first);
    const travellers: Traveller[] = [];
    const travelling: QuarantineRow[] = [];
    const refused: Parameters<typeof books.refuseAgain>[1][number][] = [];
    // In the order in which their sources told them, so that the earliest of an encounter claims it.
    for (const { item, result, mintedFrom } of readings) {
      if (!open.has(item.id)) continue;
      if (!result.read) {
        if (chosen !== undefined) throw unreadable();
        refused.push({ item, reasons: result.faults.map(reasonOf), candidates: [], waitsFor: null });
        continue;
      }
      if (chosen !== undefined && "newChild" in chosen && !result.reading.introduces) throw introducesNobody();
      const { reading } = result;
      travelling.push(item);
      travellers.push({
        number: item.row,
        at: item.locality === null ? messageAt(String(item.row)) : `row ${item.row}`,
        reading:
          decision === "REPLACE" ? { ...reading, tells: reading.tells.map((told) => afterAll(told, item)) } : reading,
        mintedFrom,
        source: `quarantine/${item.id}`,
        national: item.locality === null,
      });
    }
    const taken = await road.take(transaction, load, travellers, chosen);
    const resolved: QuarantineRow[] = [];
    for (const [i, item] of travelling.entries()) {
      const outcome = taken.outcomes[i];
      if (outcome === undefined || outcome.yields) {
        resolved.push(item);
        continue;
      }
      const { problem, candidates, waitsFor } = outcome;
      refused.push({ item, reasons: [reasonOf(problem)], candidates, waitsFor });
    }
    await books.resolve(transaction, resolved, { at: road.now(), decision, by, note });
    await books.refuseAgain(transaction, refused);
    await books.saveLoad(transaction, counted(load, road, resolved.length, refused.length));
    applied = resolved.length;
    return taken.despatch;
  });
  await road.send(despatch);
  return applied;
}

function unreadable(): Problem {
  return new Problem("ARGUMENT_INVALID", {
    argument: "decision",
    expected: "RETRY or DISMISS for what cannot be read",
  });
}

function introducesNobody(): Problem {
  const expected = "one of the others, for only a child index row or a birth tells of a new child";
  return new Problem("ARGUMENT_INVALID", { argument: "decision", expected });
}

interface ReadAgain {
  readonly item: QuarantineRow;
  readonly result: ReadingResult;
  readonly mintedFrom: string;
}

/** What each item says by the tables of today, earliest told first. */
async function readAgain(road: Road, items: readonly QuarantineRow[]): Promise<readonly ReadAgain[]> {
  const numbers = items.flatMap((item) => (item.locality === null ? [item.row] : []));
  const messages = new Map((await road.books.messages(numbers)).map((message) => [Number(message.number), message]));
  const bodies = await road.books.bodies(numbers);
  const readings = items.map((item): ReadAgain => {
    if (item.locality !== null) {
      const result = readRow(item);
      return { item, result, mintedFrom: mintedFromRow(item.locality, item.file, item.row, result) };
    }
    const message = messages.get(item.row);
    const reading = readMessage(bodies.get(item.row) ?? new Uint8Array(), {
      receivedOn: item.receivedOn,
      workflowId: message?.headers["mex-workflowid"],
    });
    const mintedFrom = mintedFromMessage(message?.event ?? null, message?.messageId ?? null, item.row);
    if (reading.verdict === "QUARANTINED") return { item, result: { read: false, faults: reading.faults }, mintedFrom };
    // An event that has since been put out of scope has nothing left to tell.
    if (reading.verdict === "NOT_HANDLED") {
      const fault = new Problem("EVENT_UNKNOWN", { code: item.kind, system: "national events" });
      return { item, result: { read: false, faults: [fault] }, mintedFrom };
    }
    return { item, result: { read: true, reading: reading.reading }, mintedFrom };
  });
  const asOf = ({ result }: ReadAgain): string => (result.read ? (result.reading.tells[0]?.asOf ?? "") : "");
  return readings.sort((a, b) => (asOf(a) < asOf(b) ? -1 : asOf(a) > asOf(b) ? 1 : 0));
}

function readRow({ locality, layout: name, file, row, fields, raw, paired, receivedOn }: QuarantineRow): ReadingResult {
  const layout =
    locality === null
      ? undefined
      : [...FILE_KINDS.map((kind) => ADAPTERS[locality][kind]), ...PUBLISHED].find((each) => each.name === name);
  if (locality === null || layout === undefined || fields === null) {
    const slots = { file, locality: locality ?? "", layout: name ?? "", difference: "its layout is no longer known" };
    return { read: false, faults: [new Problem("FILE_UNKNOWN", slots)] };
  }
  return layout.reader({ locality, name: file, receivedOn })({ number: row, fields, text: raw ?? "", paired });
}

/** What a child is first known by that a row tells of: the number its locality gives it. */
export function mintedFromRow(locality: string, file: string, row: number, result: ReadingResult): string {
  const localId = result.read ? result.reading.about.localId : null;
  return localId === null ? `${locality}\n${file}\n${row}` : `${locality}\n${localId}`;
}

/** What a child is first known by that a message tells of. Not the NHS number, which could be found from the id. */
export function mintedFromMessage(event: string | null, messageId: string | null, number: number): string {
  return `${event}\n${messageId ?? number}`;
}

function runningLoad(road: Road, transaction: Transaction, item: QuarantineRow): Promise<LoadRow> {
  const { locality, kind, receivedOn } = item;
  const startedAt = road.now();
  return road.books.running(transaction, {
    source: "QUARANTINE",
    locality,
    file: "quarantine",
    kind,
    receivedOn,
    startedAt,
  });
}

function counted(load: LoadRow, road: Road, yielding: number, quarantined: number): LoadRow {
  return {
    ...load,
    rowsRead: load.rowsRead + yielding + quarantined,
    rowsYielding: load.rowsYielding + yielding,
    rowsQuarantined: load.rowsQuarantined + quarantined,
    finishedAt: road.now(),
  };
}
