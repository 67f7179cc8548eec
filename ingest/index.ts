/** The road in: takes messages and extracts, delivers what they tell, and proves that nothing was lost. */

import { openDatabase, type Place } from "../chassis/database";
import { registerOf } from "../chassis/register";
import { migrationsOf } from "../chassis/subgraph";
import { instantOf } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { LocalityCode } from "../schema/vocabulary/localities";
import { type Arrived, messagesOf } from "./arrivals";
import { booksOf, type LoadRow, type QuarantineRow } from "./books";
import { childIndexOf } from "./child-index";
import { type Collector, collectorOf } from "./collect";
import { glassDeskOf } from "./glass";
import { type IngestDesk, localitiesDefinition } from "./graph";
import { type MessageResult, receive } from "./inbox";
import { CHUNK_ROWS, loadFiles, type Progress } from "./load";
import { type Mailbox, meshOf } from "./mesh";
import { meshBooksOf } from "./mesh-books";
import { type Decided, decide, retryAppeared } from "./quarantine";
import { type LoadLine, loadLine, type ReconciliationLine, reconcile, unopenedLine } from "./reconcile";
import { restrictedOf } from "./restricted";
import { type Destination, roadOf } from "./road";
import { sourceRecordsOf } from "./source-records";

export type { Arrived } from "./arrivals";
export type { QuarantineRow } from "./books";
export { type Collector, collectAlways, type Round } from "./collect";
export { describeExtracts } from "./extracts";
export { writeMessage } from "./fhir/write";
export { localitiesDefinition } from "./graph";
export { inWords, type MessageResult } from "./inbox";
export { filesOf, type Progress } from "./load";
export type { Mailbox } from "./mesh";
export type { Decided } from "./quarantine";
export { type LoadLine, printReconciliation, type ReconciliationLine } from "./reconcile";
export type { Destination } from "./road";
export { synthesise } from "./synthetic";
export { inventChild } from "./synthetic/child";
export { inventVaccinations } from "./synthetic/doses";

export interface IngestOptions {
  /** Of the part `localities`: its subgraph may be served over the same. */
  readonly place: Place;
  readonly destinations: readonly Destination[];
  readonly now?: () => number;
  /** Rows taken in one transaction. */
  readonly chunkRows?: number;
}

export interface Ingest {
  /** What the sixth subgraph asks for: these books, and the clerks' decisions. */
  readonly desk: IngestDesk;
  /**
   * Loads one locality's files, or all files of directories, the child index first; one line a file. A file that cannot
   * be opened has a line that does not balance, and does not stop the others.
   */
  load(asked: {
    readonly locality: LocalityCode;
    readonly paths: readonly string[];
    readonly progress?: (progress: Progress) => void;
  }): Promise<{ readonly lines: readonly LoadLine[] }>;
  /** Takes the messages of files and directories, `-` for standard input; one result each, in order, when all are done. */
  receive(paths: readonly string[]): AsyncIterable<MessageResult>;
  /** Takes messages already in hand. */
  take(arrivals: AsyncIterable<Arrived> | Iterable<Arrived>): Promise<readonly MessageResult[]>;
  /** Collects messages from a MESH mailbox. To be closed before this is. */
  collector(box: Mailbox, as?: { readonly holder?: string; readonly now?: () => number }): Collector;
  /** Makes every delivery left in the outbox, and tries again what waited for its child; answers how many deliveries. */
  deliver(): Promise<number>;
  /** Of one locality; null: of everything, messages too. Delivers first what is left in the outbox. */
  reconcile(locality: LocalityCode | null): Promise<readonly ReconciliationLine[]>;
  /** Decides an item of the quarantine. Throws NOT_FOUND or ARGUMENT_INVALID. */
  resolve(decided: Decided): Promise<QuarantineRow>;
  /** Makes a child's record part of another's, or takes it out (null). Throws NOT_FOUND. */
  mergeChildren(
    childId: string,
    into: string | null,
    decided: { readonly by: string; readonly note: string },
  ): Promise<void>;
  close(): Promise<void>;
}

/** What has been in the outbox for so long is on nobody's way: whoever put it there makes a delivery at once, or has failed. */
const LEFT_MILLISECONDS = 60_000;

/**
 * Opens ingest over its database, which must be at the present schema, and takes up what an earlier run left in the
 * outbox the first time it is asked for anything.
 */
export async function openIngest(options: IngestOptions): Promise<Ingest> {
  const database = await openDatabase("localities", options.place);
  const books = booksOf(database);
  const index = childIndexOf(database);
  const restricted = restrictedOf(database, registerOf(database, { sparse: true }));
  const road = roadOf(
    books,
    index,
    sourceRecordsOf(database),
    options.destinations,
    options.now ?? Date.now,
    restricted.learn,
  );

  const linesOf = async (loads: readonly LoadRow[]) => {
    const counts = await books.counts(loads.map(({ number }) => number));
    return loads.map((load) => ({
      ...loadLine(
        load,
        counts.filter((count) => count.load === load.number),
      ),
      startedAt: load.startedAt,
      finishedAt: load.finishedAt,
    }));
  };

  const mergeChildren: Ingest["mergeChildren"] = async (childId, into, { by, note }) => {
    await road.drain();
    const despatch = await books.write(async (transaction) => {
      const asOf = road.now();
      const merges = await index.merge(transaction, childId, into, { asOf, by, note });
      if (merges === null) throw new Problem("NOT_FOUND", { what: "child, or no such merge," });
      const load = await books.running(transaction, {
        source: "QUARANTINE",
        locality: null,
        file: "quarantine",
        kind: "MERGES",
        receivedOn: asOf.slice(0, 10),
        startedAt: asOf,
      });
      // Of no message and no row: both are numbered from 1.
      const rows = merges.map(() => 0);
      const counted = { position: load.position + 1, rowsRead: load.rowsRead + 1, rowsYielding: load.rowsYielding + 1 };
      await books.saveLoad(transaction, { ...load, ...counted, finishedAt: asOf });
      return road.put(transaction, load, merges, rows);
    });
    await road.send(despatch);
  };

  const desk: IngestDesk = {
    loads: async (localities) => linesOf(await books.newestLoads(localities)),
    quarantine: (where, reach, first, after) => books.list(where, reach, first, after),
    item: (id) => books.item(id),
    waiting: (ids) => books.waiting(ids),
    async message({ locality, row }) {
      if (locality !== null) return null;
      return (await books.bodies([row])).get(row)?.toString("utf8") ?? null;
    },
    async resolve(decided) {
      await road.drain();
      return decide(road, decided);
    },
    localitiesOf: (childIds) => index.localities(database, childIds),
    restricted,
    glass: glassDeskOf(database, road),
    logs: options.destinations,
    merge: mergeChildren,
    async deliverLeft() {
      const now = options.now ?? Date.now;
      const made = await road.drain(instantOf(now() - LEFT_MILLISECONDS));
      if (made > 0) await retryAppeared(road);
      return made;
    },
  };
  try {
    await database.expect(migrationsOf(localitiesDefinition(null)));
  } catch (problem) {
    await database.close();
    throw problem;
  }

  const take: Ingest["take"] = (arrivals) => receive(road, arrivals);

  return {
    desk,
    async load({ locality, paths, progress }) {
      const chunkRows = options.chunkRows ?? CHUNK_ROWS;
      const loaded = await loadFiles(road, locality, paths, { chunkRows, progress });
      const lines = await linesOf(loaded.flatMap(({ load }) => load ?? []));
      const byNumber = new Map(lines.map((line) => [line.load, line]));
      return {
        lines: loaded.flatMap(({ file, load, problem }): LoadLine[] => {
          const line = load && byNumber.get(load.number);
          if (line) return [line];
          return problem ? [unopenedLine(locality, file, problem)] : [];
        }),
      };
    },
    take,
    async *receive(paths) {
      yield* await take(messagesOf(paths, process.stdin));
    },
    collector(box, { holder, now = Date.now } = {}) {
      return collectorOf(road, meshBooksOf(database), meshOf(box, now), { mailbox: box.mailbox, holder, now });
    },
    async deliver() {
      const delivered = await road.drain();
      await retryAppeared(road);
      return delivered;
    },
    async reconcile(locality) {
      await road.drain();
      return reconcile(books, options.destinations, locality);
    },
    resolve: desk.resolve,
    mergeChildren,
    close: () => database.close(),
  };
}
