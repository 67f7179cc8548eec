/**
 * Keeps every event message as it was sent, drops repeats, and sends what the others tell down the road.
 *
 * A message is stored before it is read: one that cannot be read, or that stops us half-way, is still there and is
 * taken up again. Results may be asked in any order of arrival, because facts are ordered by their own time.
 */

import type { Transaction } from "../chassis/database";
import { londonDay } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { Arrived } from "./arrivals";
import {
  type Appearing,
  appearingIn,
  type LoadRow,
  type MessageDisposition,
  type MessageRow,
  type QuarantineRow,
  type Reason,
  type Refused,
  reasonOf,
} from "./books";
import { type MessageReading, readMessage, unidentified } from "./fhir";
import { type Identification, NATIONAL_EVENTS, NEIGHBOURING_EVENTS } from "./fhir/header";
import { mintedFromMessage, retryAppeared } from "./quarantine";
import type { Reading } from "./reading";
import { type Despatch, messageAt, type Road, type Traveller } from "./road";

/** What became of a message; null for an id or event that could not be read. */
export interface MessageResult {
  /** Name of the file it came in, or its id in the mailbox. */
  readonly file: string;
  readonly messageId: string | null;
  readonly event: string | null;
  readonly disposition: MessageDisposition;
  /** Why it was not applied, and what to do; null for one that was. */
  readonly reason: string | null;
  /** What is odd about it and did not stop it. */
  readonly warnings: readonly string[];
}

/** Messages read and delivered together. */
const TAKEN_AT_ONCE = 200;

/** Births go first: what the others tell may be about the child they introduce. */
const EVENT_ORDER: readonly string[] = [...Object.keys(NATIONAL_EVENTS), ...Object.keys(NEIGHBOURING_EVENTS)];

/** The kind under which messages are counted whose event is not one that is known. */
const UNIDENTIFIED = "unidentified";

/** Takes messages in; answers what became of each, in the order they came. */
export async function receive(
  road: Road,
  arrivals: AsyncIterable<Arrived> | Iterable<Arrived>,
): Promise<readonly MessageResult[]> {
  await road.drain();
  const numbers: number[] = [];
  let batch: Arrived[] = [];
  const keep = async (): Promise<void> => {
    const at = road.now();
    numbers.push(...(await road.books.write((transaction) => road.books.keep(transaction, batch, at))));
    batch = [];
    await takeKept(road);
  };
  for await (const arrived of arrivals) {
    batch.push(arrived);
    if (batch.length === TAKEN_AT_ONCE) await keep();
  }
  await keep();
  await retryAppeared(road);
  return resultsOf(road, numbers);
}

/** What became of messages by now, in the order asked. */
export async function resultsOf(road: Road, numbers: readonly number[]): Promise<readonly MessageResult[]> {
  const messages: MessageRow[] = [];
  for (let from = 0; from < numbers.length; from += 1_000) {
    messages.push(...(await road.books.messages(numbers.slice(from, from + 1_000))));
  }
  return messages.map(({ name, messageId, event, disposition, reasons, warnings }) => ({
    file: name,
    messageId,
    event,
    disposition,
    reason: reasons.length === 0 ? null : reasons.map(inWords).join(" "),
    warnings: warnings.map(({ message }) => message),
  }));
}

/** A reason as a line of a report: what, where and what to do. */
export function inWords({ code, message, remedy }: Reason): string {
  return `${code}: ${message} ${remedy}`;
}

/** What a message says; or that it is none, but the mailbox's own report that something did not arrive elsewhere. */
type KeptReading =
  | MessageReading
  | { readonly verdict: "REPORT"; readonly message: Identification; readonly warnings: readonly Problem[] };

interface ReadNow {
  readonly message: MessageRow;
  readonly reading: KeptReading;
}

/** Reads every message that was kept and not yet read, those left by an earlier run first; answers whom they tell of. */
export async function takeKept(road: Road): Promise<Appearing> {
  const [numbers, families, records]: [string[], string[], string[]] = [[], [], []];
  for (;;) {
    const kept = await road.books.keptMessages(TAKEN_AT_ONCE);
    if (kept.length === 0) return { numbers, families, records };
    const readings: Reading[] = [];
    const byKind = new Map<string, ReadNow[]>();
    for (const { body, ...message } of kept) {
      const reading = readKept(message, Buffer.from(body, "base64"));
      if (reading.verdict === "READ") readings.push(reading.reading);
      const { event } = reading.message;
      const kind = event !== null && EVENT_ORDER.includes(event) ? event : UNIDENTIFIED;
      const others = byKind.get(kind);
      if (others) others.push({ message, reading });
      else byKind.set(kind, [{ message, reading }]);
    }
    const told = appearingIn(readings);
    numbers.push(...told.numbers);
    families.push(...told.families);
    records.push(...told.records);
    const inOrder = [...byKind].sort(([a], [b]) => EVENT_ORDER.indexOf(a) - EVENT_ORDER.indexOf(b));
    // Handed over together, so that a part writes them together and waits for the disk once, not event by event.
    await sendAll(road, await takeAll(road, inOrder));
  }
}

type OfOneKind = readonly [kind: string, messages: readonly ReadNow[]];

/**
 * Takes messages of several events, all of them in one transaction; answers what is to be delivered. It is on the disk before
 * any part is told: else a power cut could leave a part with a delivery that the books know nothing of any more.
 */
async function takeAll(road: Road, byKind: readonly OfOneKind[]): Promise<readonly (Despatch | null)[]> {
  const taken = (together: readonly OfOneKind[]) =>
    road.books.write(
      async (transaction) => {
        const despatches: (Despatch | null)[] = [];
        for (const [kind, messages] of together) despatches.push(await takeKind(road, transaction, kind, messages));
        return despatches;
      },
      { durable: true },
    );
  try {
    return await taken(byKind);
  } catch (fault) {
    // What the databases or the disk refuse is refused to all. Anything else is the fault of one, which is put aside.
    if (fault instanceof Problem) throw fault;
    const each = byKind.flatMap(([kind, messages]) => messages.map((message) => [kind, message] as const));
    const [one, ...others] = each;
    if (one === undefined) throw fault;
    if (others.length === 0) {
      const [kind, { message, reading }] = one;
      const faults: [Problem] = [new Problem("INTERNAL")];
      const refused: MessageReading = { verdict: "QUARANTINED", message: reading.message, faults, warnings: [] };
      return taken([[kind, [{ message, reading: refused }]]]);
    }
    const despatches: (Despatch | null)[] = [];
    for (const [kind, message] of each) despatches.push(...(await takeAll(road, [[kind, [message]]])));
    return despatches;
  }
}

/** Resolves when all has arrived; throws the first that did not, when each has been tried. */
async function sendAll(road: Road, despatches: readonly (Despatch | null)[]): Promise<void> {
  const sent = await Promise.allSettled(despatches.map((despatch) => road.send(despatch)));
  for (const each of sent) if (each.status === "rejected") throw each.reason;
}

function readKept({ headers, receivedAt }: MessageRow, bytes: Buffer): KeptReading {
  if (headers["mex-messagetype"] === "REPORT") {
    const code = headers["mex-statuscode"] ?? "?";
    const about = headers["mex-linkedmsgid"] ?? headers["mex-localid"] ?? "?";
    return { verdict: "REPORT", message: unidentified(bytes), warnings: [new Problem("MESH_REPORT", { code, about })] };
  }
  return readMessage(bytes, { receivedOn: londonDay(receivedAt), workflowId: headers["mex-workflowid"] });
}

/** A message that may be told by an earlier one of the same id. */
interface Arrival extends ReadNow {
  readonly row: MessageRow;
  /** Open items of earlier messages with this one's id and content: none was applied, for a reason that may be gone. */
  readonly lying: readonly QuarantineRow[];
}

/** Takes messages of one event; answers what is to be delivered. */
async function takeKind(
  road: Road,
  transaction: Transaction,
  kind: string,
  messages: readonly ReadNow[],
): Promise<Despatch | null> {
  const { books } = road;
  const [first] = messages;
  if (first === undefined) return null;
  // Another process may have taken some since they were read.
  const numbers = messages.map(({ message }) => message.number);
  const rowsNow = await books.messages(numbers, transaction);
  const kept = new Set(rowsNow.flatMap(({ number, disposition }) => (disposition === "KEPT" ? [Number(number)] : [])));
  const taking = onceEach(messages.filter(({ message }) => kept.has(Number(message.number))));
  if (taking.length === 0) return null;

  const at = road.now();
  const load = await books.running(transaction, {
    source: "MESSAGES",
    locality: null,
    file: "messages",
    kind,
    receivedOn: londonDay(first.message.receivedAt),
    startedAt: at,
  });
  const ids = taking.flatMap(({ reading }) => reading.message.messageId ?? []);
  const earlier = new Map<string, { readonly number: number; readonly digest: string | null }[]>();
  for (const { messageId, ...each } of await books.earlierMessages(transaction, ids)) {
    if (messageId !== null) addTo(earlier, messageId, each);
  }
  const items = await books.messageItems(transaction, kind, [...earlier.values()].flat());
  const open = new Map(items.filter((item) => item.open).map((item) => [item.row, item]));

  const rows: MessageRow[] = [];
  const refused: Refused[] = [];
  const corrected: QuarantineRow[] = [];
  const travellers: Traveller[] = [];
  const travelling: Arrival[] = [];
  let silent = 0;
  for (const { message, reading } of taking) {
    const identity = identified(message, reading.message);
    const { messageId, digest } = identity;
    const before = messageId === null ? [] : (earlier.get(messageId) ?? []);
    const same = before.filter((each) => each.digest === digest);
    const lying = same.flatMap(({ number }) => open.get(Number(number)) ?? []);
    if (messageId !== null) addTo(earlier, messageId, { number: message.number, digest });
    // One that was not refused has been applied or is on its way; one that was decided upon stays decided.
    if (same.length > lying.length || (lying.length > 0 && reading.verdict === "QUARANTINED")) {
      rows.push({ ...identity, disposition: "DUPLICATE" });
      silent++;
      continue;
    }
    const reused =
      messageId === null || before.length === 0 || same.length > 0
        ? []
        : [new Problem("MESSAGE_ID_REUSED", { id: messageId })];
    const row = { ...identity, warnings: [...warningsOf(reading), ...reused].map(reasonOf) };
    if (reading.verdict === "QUARANTINED") {
      const reasons = reading.faults.map(reasonOf);
      rows.push({ ...row, reasons, disposition: "QUARANTINED" });
      refused.push(refusedMessage(load, message, reasons));
    } else if (reading.verdict !== "READ" || reading.reading.tells.length === 0) {
      rows.push({ ...row, disposition: "NOT_HANDLED" });
      silent++;
    } else {
      travelling.push({ message, reading, row, lying });
      travellers.push({
        number: message.number,
        at: messageAt(messageId),
        reading: reading.reading,
        mintedFrom: mintedFromMessage(row.event, messageId, message.number),
        source: `message ${message.number}`,
        national: true,
      });
    }
  }

  const taken = await road.take(transaction, load, travellers);
  for (const [i, { row, lying }] of travelling.entries()) {
    const outcome = taken.outcomes[i];
    if (outcome === undefined || outcome.yields) {
      rows.push({ ...row, disposition: "SENT" });
      corrected.push(...lying);
      continue;
    }
    const { problem, candidates, waitsFor } = outcome;
    if (lying.some(({ reasons }) => reasons.some(({ code }) => code === problem.code))) {
      rows.push({ ...row, disposition: "DUPLICATE" });
      silent++;
      continue;
    }
    const reasons = [reasonOf(problem)];
    rows.push({ ...row, reasons, disposition: "QUARANTINED" });
    refused.push({ ...refusedMessage(load, row, reasons), candidates, waitsFor });
    corrected.push(...lying);
  }
  // What lay there says the same as what is now applied, or waits in its place.
  await books.resolve(transaction, corrected, { at, decision: "CORRECTED", by: null, note: null });
  const said = corrected.map(({ row }) => row);
  for (const message of said.length === 0 ? [] : await books.messages(said, transaction)) {
    rows.push({ ...message, reasons: [], disposition: "DUPLICATE" });
  }
  await books.quarantine(transaction, refused, at);
  await books.saveMessages(transaction, rows);
  await books.saveLoad(transaction, {
    ...load,
    rowsRead: load.rowsRead + taking.length,
    rowsYielding: load.rowsYielding + taking.length - silent - refused.length,
    rowsSilent: load.rowsSilent + silent,
    rowsQuarantined: load.rowsQuarantined + refused.length,
    finishedAt: at,
  });
  return taken.despatch;
}

/** Without those that say again what one before them says: they stay kept until it is known what becomes of that one. */
function onceEach(messages: readonly ReadNow[]): readonly ReadNow[] {
  const said = new Set<string>();
  return messages.filter(({ reading: { message } }) => {
    if (message.messageId === null) return true;
    const content = `${message.messageId} ${message.digest}`;
    return !said.has(content) && said.add(content);
  });
}

function identified(message: MessageRow, said: Identification): MessageRow {
  const { messageId, event, messageType, lastUpdated, timestamp, publisherContact, encounterId, digest } = said;
  return {
    ...message,
    messageId,
    event,
    messageType,
    lastUpdated,
    timestamp,
    publisherContact,
    encounterId,
    digest,
    reasons: [],
    warnings: [],
  };
}

function warningsOf(reading: KeptReading): readonly Problem[] {
  switch (reading.verdict) {
    case "READ":
      return reading.reading.warnings;
    case "QUARANTINED":
    case "REPORT":
      return reading.warnings;
    case "NOT_HANDLED":
      return [];
  }
}

function refusedMessage({ number: load, kind }: LoadRow, message: MessageRow, reasons: readonly Reason[]): Refused {
  return {
    load,
    locality: null,
    file: "messages",
    kind,
    row: message.number,
    severity: kind === "pds-birth-notification-1" ? "BLOCKS_CHILD" : "BLOCKS_ROW",
    reasons,
    candidates: [],
    rowKey: null,
    raw: null,
    receivedOn: londonDay(message.receivedAt),
    waitsFor: null,
  };
}

function addTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
