/**
 * Loads one locality's files. Each file is a load; each chunk of its rows is one transaction and one delivery, so that
 * a load that was killed goes on after its last chunk, and ends as if it had never stopped.
 */

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Transaction } from "../chassis/database";
import { londonDay } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { LocalityCode } from "../schema/vocabulary/localities";
import { type LoadRow, type QuarantineRow, type Reason, type Refused, reasonOf } from "./books";
import type { AnyLayout, RawRow, RowReader } from "./extracts/adapter";
import { FILE_KINDS } from "./extracts/kinds";
import { type Extract, openExtract } from "./extracts/rows";
import { mintedFromRow, retryAppeared } from "./quarantine";
import type { ReadingResult } from "./reading";
import type { Despatch, Road, Traveller } from "./road";

/** Rows taken at once: enough that the statements cost little a row, few enough that what was read of them is soon let go. */
export const CHUNK_ROWS = 2_000;

/** Chunks taken in one transaction: a page of the child index that several of them touch is written once. */
const CHUNKS_TOGETHER = 12;
/** Chunks handed over and not yet kept: enough that neither side waits for the other, few enough to hold. */
const CHUNKS_UNDER_WAY = 24;

export interface Progress {
  readonly file: string;
  readonly kind: string;
  /** Rows of the file taken so far. */
  readonly rows: number;
  /** How much of all that was asked for is done, from 0 to 1. */
  readonly done: number;
}

/** One file asked for: its load, or why there is none. */
export interface FileLoaded {
  readonly file: string;
  readonly load: LoadRow | null;
  readonly problem: Problem | null;
}

/**
 * Loads files, or all files of directories, of a locality: the child index first, whatever the order asked. A file
 * that cannot be opened is answered with its problem and does not stop the others.
 */
export async function loadFiles(
  road: Road,
  locality: LocalityCode,
  paths: readonly string[],
  options: { readonly chunkRows: number; readonly progress?: (progress: Progress) => void },
): Promise<readonly FileLoaded[]> {
  await road.drain();
  const loaded: FileLoaded[] = [];
  const extracts: Extract[] = [];
  for (const asked of paths) {
    const files = await filesOf([asked]);
    if (files.length === 0) {
      const file = basename(asked);
      const problem = new Problem("FILE_UNREADABLE", { file, fault: "it is a folder without files" });
      loaded.push({ file, load: null, problem });
    }
    for (const path of files) {
      try {
        extracts.push(await openExtract(path, locality));
      } catch (fault) {
        if (!(fault instanceof Problem)) throw fault;
        loaded.push({ file: basename(path), load: null, problem: fault });
      }
    }
  }
  const bytesTotal = extracts.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesBefore = 0;
  const orderOf = ({ layout }: Extract) => FILE_KINDS.indexOf(layout.kind);
  for (const extract of extracts.sort((a, b) => orderOf(a) - orderOf(b))) {
    const load = await loadFile(road, locality, extract, options.chunkRows, (rows, bytes) =>
      options.progress?.({
        file: extract.name,
        kind: extract.layout.kind,
        rows,
        done: bytesTotal === 0 ? 1 : (bytesBefore + Math.min(bytes, extract.bytes)) / bytesTotal,
      }),
    );
    bytesBefore += extract.bytes;
    loaded.push({ file: extract.name, load, problem: null });
  }
  await retryAppeared(road);
  return loaded;
}

/** Files as given, and those of directories by name; hidden ones are passed over. */
export async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (!found?.isDirectory()) {
      files.push(path); // one that is not there is told when it is opened
      continue;
    }
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
    files.push(...names.sort().map((name) => join(path, name)));
  }
  return files;
}

async function loadFile(
  road: Road,
  locality: LocalityCode,
  extract: Extract,
  chunkRows: number,
  progress: (rows: number, bytes: number) => void,
): Promise<LoadRow> {
  const { books } = road;
  const { layout, name, digest } = extract;
  const startedAt = road.now();
  let load =
    (await books.unfinished(locality, digest)) ??
    (await books.write((transaction) =>
      books.begin(transaction, {
        source: "EXTRACT",
        locality,
        file: name,
        kind: layout.kind,
        layout: layout.name,
        digest,
        bytes: extract.bytes,
        receivedOn: londonDay(startedAt),
        startedAt,
      }),
    ));
  const reader = layout.reader({ locality, name, receivedOn: load.receivedOn });
  const keyOf = rowKeysOf(layout);
  const open = await books.write((transaction) => books.openItems(transaction, locality, layout.kind, load.number));
  const mends: Mends | null =
    open.length === 0
      ? null
      : { ids: new Set(open.map(({ id }) => id)), rowKeys: new Set(open.flatMap(({ rowKey }) => rowKey ?? [])) };
  let bytes = 0;
  const chunks = ahead(readChunks(chunksOf(extract.rows, chunkRows), reader, load.position));
  /** Takes the next chunks in one transaction; answers what is to be sent of each, and nothing at the end of the file. */
  const takeChunks = () =>
    books.write(async (transaction) => {
      const despatches: (Despatch | null)[] = [];
      while (despatches.length < CHUNKS_TOGETHER) {
        const next = await chunks.next();
        if (next.done) break;
        bytes += next.value.bytes;
        if (next.value.rows.length === 0) continue; // taken before the load was stopped
        const taken = await takeChunk(road, transaction, load, next.value, { keyOf, mends });
        load = taken.load;
        despatches.push(taken.despatch);
        progress(load.position, bytes);
      }
      return despatches;
    });
  const sending: Promise<void>[] = [];
  for (let despatches = await takeChunks(); despatches.length > 0; despatches = await takeChunks()) {
    for (const despatch of despatches) {
      // The parts may be in threads of their own: while they keep these chunks, the next are read and placed.
      if (sending.length >= CHUNKS_UNDER_WAY) await sending.shift();
      const sent = road.send(despatch);
      sent.catch(() => undefined); // thrown where it is awaited
      sending.push(sent);
    }
  }
  for (const sent of sending) await sent;
  const finished = { ...load, finishedAt: road.now() };
  await books.write((transaction) => books.saveLoad(transaction, finished));
  progress(load.position, extract.bytes);
  return finished;
}

/** Open items of earlier loads, which rows of this one might stand for. Nearly no row does: held here, the others cost a look. */
interface Mends {
  readonly ids: ReadonlySet<string>;
  readonly rowKeys: ReadonlySet<string>;
}

/** Rows of a file, with what each says. */
interface Chunk {
  readonly rows: readonly RawRow[];
  readonly results: readonly ReadingResult[];
  readonly bytes: number;
}

interface Keys {
  readonly keyOf: (row: RawRow) => string | null;
  /** Whether items of earlier loads are open that these rows might mend. */
  readonly mends: Mends | null;
}

async function takeChunk(
  road: Road,
  transaction: Transaction,
  load: LoadRow,
  { rows, results }: Chunk,
  { keyOf, mends }: Keys,
): Promise<{ readonly load: LoadRow; readonly despatch: Despatch | null }> {
  const { books } = road;
  const { locality } = load;
  if (locality === null) throw new Error("A file is loaded for a locality.");
  const travellers: Traveller[] = [];
  const travelling: RawRow[] = [];
  const refused: Refused[] = [];
  const warned: { row: number; reasons: readonly Reason[] }[] = [];
  for (const [i, row] of rows.entries()) {
    const result = results[i];
    if (result === undefined) continue;
    if (!result.read) {
      refused.push(refusedRow(load, row, keyOf, result.faults.map(reasonOf)));
      continue;
    }
    const { reading } = result;
    if (reading.warnings.length > 0) warned.push({ row: row.number, reasons: reading.warnings.map(reasonOf) });
    travelling.push(row);
    travellers.push({
      number: row.number,
      at: `row ${row.number}`,
      reading,
      mintedFrom: reading.introduces ? mintedFromRow(locality, load.file, row.number, result) : "",
      source: `load ${load.number}/${row.number}`,
      national: false,
    });
  }
  const { outcomes, despatch } = await road.take(transaction, load, travellers);
  const yielding: RawRow[] = [];
  for (const [i, row] of travelling.entries()) {
    const outcome = outcomes[i];
    if (outcome === undefined) continue;
    if (outcome.yields) {
      yielding.push(row);
      continue;
    }
    const { problem, candidates, waitsFor } = outcome;
    // A row that takes a record back is not put right by one that tells it, which has the same key.
    const keyed = waitsFor?.record ? () => null : keyOf;
    refused.push({ ...refusedRow(load, row, keyed, [reasonOf(problem)]), candidates, waitsFor });
  }
  const at = road.now();
  if (mends !== null) {
    const mended = await mendedBy(road, transaction, load, yielding, keyOf, mends);
    await books.resolve(transaction, mended, { at, decision: "CORRECTED", by: null, note: null });
  }
  const rowsRepeated = await books.quarantine(transaction, refused, at);
  await books.warn(transaction, load.number, warned);
  const after: LoadRow = {
    ...load,
    position: rows.at(-1)?.number ?? load.position,
    rowsRead: load.rowsRead + rows.length,
    rowsYielding: load.rowsYielding + yielding.length,
    rowsQuarantined: load.rowsQuarantined + refused.length,
    rowsRepeated: load.rowsRepeated + rowsRepeated,
  };
  await books.saveLoad(transaction, after);
  return { load: after, despatch };
}

/** The open items that rows which now apply stand for: the same row in other words, or the same words read better. */
async function mendedBy(
  { books }: Road,
  transaction: Transaction,
  load: LoadRow,
  rows: readonly RawRow[],
  keyOf: (row: RawRow) => string | null,
  mends: Mends,
): Promise<readonly QuarantineRow[]> {
  if (load.locality === null) return [];
  const keys = rows.flatMap((row) => keyOf(row) ?? []).filter((key) => mends.rowKeys.has(key));
  const ids = rows.map((row) => books.itemId(refusedRow(load, row, keyOf, []))).filter((id) => mends.ids.has(id));
  const byKey = keys.length === 0 ? [] : await books.openByKey(transaction, load.locality, load.kind, keys);
  const byWords = ids.length === 0 ? [] : (await books.items(ids, transaction)).filter(({ open }) => open);
  return [...new Map([...byKey, ...byWords].map((item) => [item.id, item])).values()];
}

function refusedRow(
  { number: load, locality, file, kind, layout, receivedOn }: LoadRow,
  row: RawRow,
  keyOf: (row: RawRow) => string | null,
  reasons: readonly Reason[],
): Refused {
  return {
    load,
    locality,
    file,
    kind,
    row: row.number,
    severity: kind === "CHILDREN" ? "BLOCKS_CHILD" : "BLOCKS_ROW",
    reasons,
    candidates: [],
    rowKey: keyOf(row),
    raw: row.text,
    layout: layout ?? undefined,
    fields: row.fields,
    paired: row.paired,
    receivedOn,
    waitsFor: null,
  };
}

/** Where a layout has the number by which its system knows a row; null for rows and layouts without. */
function rowKeysOf(layout: AnyLayout): (row: RawRow) => string | null {
  const field = layout.kind === "CHILDREN" ? "localId" : "rowId";
  const index = layout.format === "delimited" ? layout.columns.findIndex((column) => column.field === field) : -1;
  return (row) => (index < 0 ? null : row.fields[index]?.trim() || null);
}

/** Rows in chunks of one size from the first row on, whatever the sizes they are read in. */
async function* chunksOf(batches: AsyncIterable<readonly RawRow[]>, size: number): AsyncGenerator<readonly RawRow[]> {
  let rows: RawRow[] = [];
  for await (const batch of batches) {
    let at = 0;
    while (rows.length + batch.length - at >= size) {
      const end = at + size - rows.length;
      yield rows.concat(batch.slice(at, end));
      rows = [];
      at = end;
    }
    rows = rows.concat(batch.slice(at));
  }
  if (rows.length > 0) yield rows;
}

/** Chunks with what their rows say; of rows up to a position nothing is read any more. */
async function* readChunks(
  chunks: AsyncIterable<readonly RawRow[]>,
  reader: RowReader,
  position: number,
): AsyncGenerator<Chunk> {
  for await (const all of chunks) {
    const rows = (all.at(-1)?.number ?? 0) > position ? all.filter(({ number }) => number > position) : [];
    yield { rows, results: rows.map(reader), bytes: all.reduce((sum, { text }) => sum + text.length + 1, 0) };
  }
}

/** The next is read while one is taken: where the database is another process, it works meanwhile. */
async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let coming = source.next();
  for (;;) {
    const next = await coming;
    if (next.done) return;
    coming = source.next();
    coming.catch(() => undefined); // thrown where it is awaited
    yield next.value;
  }
}
