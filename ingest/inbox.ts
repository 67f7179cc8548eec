/**
 * Keeps every event message as it was sent, drops repeats, and sends what the others tell down the road.
 *
 * A message is stored before it is read: one that cannot be read, or that stops us half-way, is still there and is
 * taken up again. Results may be asked in any order of arrival, because facts are ordered by their own time.
 */

import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { SaxesParser } from "saxes";
import { londonDay } from "../schema/calendar";
import { Problem } from "../schema/errors";
import { type LoadRow, type MessageDisposition, type MessageRow, type Reason, type Refused, reasonOf } from "./books";
import { type MessageReading, readMessage } from "./fhir";
import { LARGEST_MESSAGE_BYTES } from "./fhir/bundle";
import { NATIONAL_EVENTS, NEIGHBOURING_EVENTS } from "./fhir/header";
import { filesOf } from "./load";
import { mintedFromMessage, retryAppeared } from "./quarantine";
import { messageAt, type Road, type Traveller } from "./road";

/** A message as it came, with what its transport said of it: header names in small letters. */
export interface Arrived {
  /** Name of the file it came in. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** What became of a message; null for an id or event that could not be read. */
export interface MessageResult {
  /** Name of the file it came in. */
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

interface ReadNow {
  readonly message: MessageRow;
  readonly reading: MessageReading;
  readonly kind: string;
}

/** Reads every message that was kept and not yet read, those left by an earlier run first. */
async function takeKept(road: Road): Promise<void> {
  for (;;) {
    const kept = await road.books.keptMessages(TAKEN_AT_ONCE);
    if (kept.length === 0) return;
    const byKind = new Map<string, ReadNow[]>();
    for (const { body, ...message } of kept) {
      const reading = readMessage(Buffer.from(body, "base64"), {
        receivedOn: londonDay(message.receivedAt),
        workflowId: message.headers["mex-workflowid"],
      });
      const { event } = reading.message;
      const kind = event !== null && EVENT_ORDER.includes(event) ? event : UNIDENTIFIED;
      const others = byKind.get(kind);
      if (others) others.push({ message, reading, kind });
      else byKind.set(kind, [{ message, reading, kind }]);
    }
    const inOrder = [...byKind].sort(([a], [b]) => EVENT_ORDER.indexOf(a) - EVENT_ORDER.indexOf(b));
    for (const [kind, messages] of inOrder) await takeKind(road, kind, messages);
  }
}

/** Takes messages of one event in one transaction and delivery. */
async function takeKind(road: Road, kind: string, messages: readonly ReadNow[]): Promise<void> {
  const { books } = road;
  const [first] = messages;
  if (first === undefined) return;
  const despatch = await books.write(async (transaction) => {
    const at = road.now();
    const receivedOn = londonDay(first.message.receivedAt);
    const load = await books.running(transaction, {
      source: "MESSAGES",
      locality: null,
      file: "messages",
      kind,
      receivedOn,
      startedAt: at,
    });
    const ids = messages.flatMap(({ reading }) => reading.message.messageId ?? []);
    const digests = new Map<string, Set<string>>();
    for (const { messageId, digest } of await books.earlierMessages(transaction, ids)) {
      if (messageId !== null && digest !== null) add(digests, messageId, digest);
    }

    const rows: MessageRow[] = [];
    const refused: Refused[] = [];
    const travellers: Traveller[] = [];
    const travelling: MessageRow[] = [];
    let silent = 0;
    for (const { message, reading } of messages) {
      const row = identified(message, reading);
      const { messageId, digest } = row;
      const before = messageId === null ? undefined : digests.get(messageId);
      if (digest !== null && before?.has(digest)) {
        rows.push({ ...row, disposition: "DUPLICATE" });
        silent++;
        continue;
      }
      const reused =
        before === undefined || messageId === null ? [] : [new Problem("MESSAGE_ID_REUSED", { id: messageId })];
      if (messageId !== null && digest !== null) add(digests, messageId, digest);
      const warnings = [...warningsOf(reading), ...reused].map(reasonOf);
      if (reading.verdict === "QUARANTINED") {
        const reasons = reading.faults.map(reasonOf);
        rows.push({ ...row, warnings, reasons, disposition: "QUARANTINED" });
        refused.push(refusedMessage(load, message, reasons));
      } else if (reading.verdict === "NOT_HANDLED" || reading.reading.tells.length === 0) {
        rows.push({ ...row, warnings, disposition: "NOT_HANDLED" });
        silent++;
      } else {
        travelling.push({ ...row, warnings });
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
    for (const [i, row] of travelling.entries()) {
      const outcome = taken.outcomes[i];
      if (outcome === undefined || outcome.yields) {
        rows.push({ ...row, disposition: "SENT" });
        continue;
      }
      const { problem, candidates, waitsFor } = outcome;
      const reasons = [reasonOf(problem)];
      rows.push({ ...row, reasons, disposition: "QUARANTINED" });
      refused.push({ ...refusedMessage(load, row, reasons), candidates, waitsFor });
    }
    await books.quarantine(transaction, refused, at);
    await books.saveMessages(transaction, rows);
    await books.saveLoad(transaction, {
      ...load,
      rowsRead: load.rowsRead + messages.length,
      rowsYielding: load.rowsYielding + messages.length - silent - refused.length,
      rowsSilent: load.rowsSilent + silent,
      rowsQuarantined: load.rowsQuarantined + refused.length,
      finishedAt: at,
    });
    return taken.despatch;
  });
  await road.send(despatch);
}

function identified(message: MessageRow, { message: said }: MessageReading): MessageRow {
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

function warningsOf(reading: MessageReading): readonly Problem[] {
  switch (reading.verdict) {
    case "READ":
      return reading.reading.warnings;
    case "QUARANTINED":
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

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

// --- Where messages come from ---------------------------------------------------------------------------------

/** No message comes near; what does is not read into memory at all. */
const LARGEST_FILE_BYTES = 4 * LARGEST_MESSAGE_BYTES;

/**
 * The messages of files, and of all files of directories: XML, JSON, or MESH `.dat` with the `.ctl` beside it; `-` is
 * one message on the standard input. Throws FILE_UNREADABLE before the first message for any file that is not there, or
 * that is no message by its size.
 */
export async function* messagesOf(paths: readonly string[], input: AsyncIterable<Buffer>): AsyncGenerator<Arrived> {
  const files: string[] = [];
  for (const path of paths) {
    // A control file is read with the message it belongs to; a manifest beside messages is none.
    const within = path === "-" ? [path] : await filesOf([path]);
    files.push(...within.filter((file) => file === path || /\.(xml|json|dat)$/i.test(file)));
  }
  for (const file of files) await checkReadable(file);
  for (const file of files) {
    if (file === "-") {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of input) {
        size += chunk.length;
        checkSize(file, size);
        chunks.push(chunk);
      }
      yield { name: file, headers: {}, bytes: Buffer.concat(chunks) };
      continue;
    }
    const control = file.replace(/\.dat$/i, ".ctl");
    const headers = control === file ? {} : controlHeaders(await readFile(control, "utf8").catch(() => ""));
    yield { name: basename(file), headers, bytes: await readable(file, readFile(file)) };
  }
}

async function checkReadable(file: string): Promise<void> {
  if (file === "-") return;
  await readable(file, access(file, constants.R_OK));
  checkSize(file, (await readable(file, stat(file))).size);
}

function checkSize(file: string, size: number): void {
  if (size <= LARGEST_FILE_BYTES) return;
  const fault = `it holds more than ${LARGEST_FILE_BYTES} bytes, and no message more than ${LARGEST_MESSAGE_BYTES}`;
  throw new Problem("FILE_UNREADABLE", { file: basename(file), fault });
}

/** Only the code of what failed is told: its message holds the path. */
async function readable<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "it failed while being read";
    throw new Problem("FILE_UNREADABLE", { file: basename(file), fault: code });
  }
}

/** Element of a MESH control file → the header that the MESH API has for the same. Source: MESH client interface. */
const CONTROL_HEADERS: Readonly<Record<string, string>> = {
  From_DTS: "mex-from",
  To_DTS: "mex-to",
  Subject: "mex-subject",
  LocalId: "mex-localid",
  DTSId: "mex-messageid",
  PartnerId: "mex-partnerid",
  WorkflowId: "mex-workflowid",
  MessageType: "mex-messagetype",
  Event: "mex-statusevent",
  Status: "mex-statussuccess",
  DateTime: "mex-statustimestamp",
};

/** The headers in a MESH control file; what cannot be read of it has none. */
function controlHeaders(xml: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const parser = new SaxesParser();
  let text = "";
  parser.on("opentag", () => {
    text = "";
  });
  parser.on("text", (piece) => {
    text += piece;
  });
  parser.on("closetag", ({ name }) => {
    const header = CONTROL_HEADERS[name];
    if (header !== undefined && text.trim() !== "") headers[header] = text.trim();
    text = "";
  });
  parser.on("error", () => undefined);
  try {
    parser.write(xml).close();
  } catch {
    // A control file cut off half-way still says what it said.
  }
  return headers;
}
