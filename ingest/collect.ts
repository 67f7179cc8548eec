/**
 * Empties a MESH mailbox into the inbox. A message is acknowledged only when it and its headers are on the disk, and is
 * read meanwhile: whatever becomes of it, it is not lost. Killed in between, the next round finds it in the
 * mailbox and in the books, and only acknowledges it.
 *
 * Of all processes that serve one set of books one collects at a time, by a lease in the books. Were two to collect all
 * the same, each message would still be kept once.
 */

import { hostname } from "node:os";
import { setTimeout as after } from "node:timers/promises";
import { faultName, Problem } from "../schema/errors";
import { type Arrived, LARGEST_ARRIVAL_BYTES } from "./arrivals";
import { type MessageResult, resultsOf, takeKept } from "./inbox";
import { CONNECTIONS, type Download, type Mesh } from "./mesh";
import type { MeshBooks } from "./mesh-books";
import { retryAppeared } from "./quarantine";
import type { Road } from "./road";

/** What one round did. */
export interface Round {
  /** Messages kept. */
  readonly kept: number;
  /** Messages acknowledged: those kept, and those that an earlier round kept and could not acknowledge. */
  readonly acknowledged: number;
  /** What stays in the mailbox and why, what could not be read on, and so on; empty where all was done. */
  readonly problems: readonly Problem[];
}

/** What is told of a round while it runs. */
export interface RoundReport {
  /** What became of messages, each batch as soon as it is known. */
  taken(results: readonly MessageResult[]): void;
}

export interface Collector {
  /**
   * Takes all that is in the mailbox; told to stop by the signal, what it has begun to download. Throws MESH_UNREACHABLE, MESH_REFUSED, MESH_COLLECTED_ELSEWHERE or what the books
   * refuse; what was kept by then is kept.
   */
  round(report: RoundReport, signal?: AbortSignal): Promise<Round>;
  /** Lets another process collect. */
  close(): Promise<void>;
}

/** Messages kept in one transaction: few enough that the first does not wait long, enough to share the cost. */
const KEPT_AT_ONCE = 200;
/** A batch also ends when it holds so much: large messages come one by one. */
const BATCH_BYTES = 16 * 1024 * 1024;
const HANDSHAKE_MILLISECONDS = 24 * 60 * 60 * 1_000;

export function collectorOf(
  road: Road,
  books: MeshBooks,
  mesh: Mesh,
  {
    mailbox,
    holder = thisProcess(),
    now,
  }: { readonly mailbox: string; readonly holder?: string; readonly now: () => number },
): Collector {
  let shookHandsAt = Number.NEGATIVE_INFINITY;
  /** Whether something may wait for a child who has appeared long since: at first, and after a fault. */
  let allWaits = true;

  const claim = async (): Promise<void> => {
    const ours = await road.books.write((transaction) =>
      books.claim(transaction, { mailbox, holder, at: now(), isGone }),
    );
    if (!ours) throw new Problem("MESH_COLLECTED_ELSEWHERE", { mailbox });
  };

  /** Keeps a batch, all of it or nothing; answers the number of each. */
  const keep = (arrived: readonly Arrived[]): Promise<readonly number[]> =>
    road.books.write(
      async (transaction) => {
        // Whoever lost the lease meanwhile keeps nothing: the other does.
        if (!(await books.claim(transaction, { mailbox, holder, at: now(), isGone }))) {
          throw new Problem("MESH_COLLECTED_ELSEWHERE", { mailbox });
        }
        const at = road.now();
        const numbers = await road.books.keep(transaction, arrived, at);
        const messages = arrived.map(({ name }, i) => ({ id: name, number: numbers[i] ?? null }));
        await books.record(transaction, mailbox, messages, at);
        return numbers;
      },
      { durable: true },
    );

  return {
    async round({ taken }, signal) {
      await claim();
      const problems: Problem[] = [];
      // What cannot be read on now, because a part is down, is no reason to leave messages in the mailbox.
      const readOn = async (): Promise<void> => {
        try {
          await road.drain();
          const told = await takeKept(road);
          await retryAppeared(road, allWaits ? null : told);
          allWaits = false;
        } catch (fault) {
          allWaits = true;
          if (!(fault instanceof Problem)) throw fault;
          if (!problems.some(({ message }) => message === fault.message)) problems.push(fault);
        }
      };
      await readOn();
      if (now() - shookHandsAt >= HANDSHAKE_MILLISECONDS) {
        await mesh.handshake();
        shookHandsAt = now();
      }

      let [kept, acknowledged] = [0, 0];
      const acknowledge = async (ids: readonly string[]): Promise<void> => {
        await eachOf(ids, (id) => mesh.acknowledge(id));
        acknowledged += ids.length;
      };

      /** Deals with messages of the list; answers those that are still to be dealt with. */
      const batch = async (ids: readonly string[]): Promise<readonly string[]> => {
        const downloads = await downloaded(mesh, ids.slice(0, KEPT_AT_ONCE));
        const arrived: Arrived[] = [];
        const tooLarge: string[] = [];
        let faults = 0;
        for (const { id, answer } of downloads) {
          if (answer instanceof Problem) {
            problems.push(answer);
            faults++;
          } else if (answer.got === "MESSAGE") arrived.push({ name: id, headers: answer.headers, bytes: answer.bytes });
          else if (answer.got === "TOO_LARGE") tooLarge.push(id);
        }
        // One that fails by itself stays for the next round. Where all fail it is the mailbox that does.
        const [fault] = problems.slice(-1);
        if (fault !== undefined && faults > 1 && faults === downloads.length) throw fault;
        if (arrived.length > 0) {
          const numbers = await keep(arrived);
          kept += arrived.length;
          // Kept is kept: they are read while the mailbox is told so, and also where it cannot be told so now.
          const told = acknowledge(arrived.map(({ name }) => name)).then(
            () => null,
            (fault: unknown) => ({ fault }),
          );
          await readOn();
          taken(await resultsOf(road, numbers));
          const untold = await told;
          if (untold !== null) throw untold.fault;
        }
        if (tooLarge.length > 0) await leave(tooLarge);
        return ids.slice(downloads.length);
      };

      const leave = async (ids: readonly string[]): Promise<void> => {
        const messages = ids.map((id) => ({ id, number: null }));
        await road.books.write((transaction) => books.record(transaction, mailbox, messages, road.now()));
        problems.push(...ids.map((message) => tooLargeIn(mailbox, message)));
      };

      const dealtWith = new Set<string>();
      /** Links followed since anything was new: a list that leads back to itself ends there. */
      const followed = new Set<string>();
      let page = await mesh.list(null);
      for (;;) {
        const ids = page.ids.filter((id) => !dealtWith.has(id));
        for (const id of ids) dealtWith.add(id);
        const known = await books.known(mailbox, ids);
        for (const [id, number] of known) if (number === null) problems.push(tooLargeIn(mailbox, id));
        await acknowledge([...known].flatMap(([id, number]) => (number === null ? [] : [id])));
        let left: readonly string[] = ids.filter((id) => !known.has(id));
        while (left.length > 0 && !signal?.aborted) left = await batch(left);
        if (signal?.aborted) return { kept, acknowledged, problems };
        // What was acknowledged has left the list, and what came meanwhile is on it: it is asked for again from its
        // beginning, until nothing on a page is new.
        if (ids.length > 0) {
          followed.clear();
          page = await mesh.list(null);
        } else if (page.next !== null && !followed.has(page.next)) {
          followed.add(page.next);
          page = await mesh.list(page.next);
        } else return { kept, acknowledged, problems };
      }
    },

    async close() {
      // A lease that cannot be given back runs out.
      await road.books.write((transaction) => books.release(transaction, mailbox, holder)).catch(() => undefined);
      await mesh.close();
    },
  };
}

/** Downloads from the first on, several at once, until the batch is full; in order. What fails alone is answered. */
async function downloaded(
  mesh: Mesh,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly answer: Download | Problem }[]> {
  const answers: (Download | Problem)[] = [];
  let [begun, bytes] = [0, 0];
  const one = async (): Promise<void> => {
    while (begun < ids.length && (begun === 0 || bytes < BATCH_BYTES)) {
      const at = begun++;
      const answer = await mesh.download(ids[at] ?? "").catch((fault: unknown) => {
        if (fault instanceof Problem && fault.code !== "MESH_REFUSED") return fault;
        throw fault;
      });
      answers[at] = answer;
      if (!(answer instanceof Problem) && answer.got === "MESSAGE") bytes += answer.bytes.length;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  return ids.slice(0, begun).flatMap((id, at) => {
    const answer = answers[at];
    return answer === undefined ? [] : [{ id, answer }];
  });
}

async function eachOf(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  const left = [...ids];
  const one = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await act(id);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

function tooLargeIn(mailbox: string, message: string): Problem {
  const limit = LARGEST_ARRIVAL_BYTES;
  return new Problem("MESH_MESSAGE_TOO_LARGE", { mailbox, message, limit });
}

/** This process as the holder of a lease: where it runs, and by what number it is known there. */
function thisProcess(): string {
  return `${hostname()} ${process.pid} ${Math.round(performance.timeOrigin)}`;
}

/** Whether a holder ran on this machine and runs no more: its lease need not run out. */
function isGone(holder: string): boolean {
  const [host, pid] = holder.split(" ");
  if (host !== hostname() || pid === undefined) return false;
  if (Number(pid) === process.pid) return true; // an earlier process of the same number
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (fault) {
    return fault instanceof Error && "code" in fault && fault.code === "ESRCH";
  }
}

// --- Again and again -------------------------------------------------------------------------------------------

/** The pause after so many failures one after the other: 1 s, then twice as long each time up to 15 minutes. */
export function pauseMilliseconds(failures: number, chance: () => number): number {
  const longest = Math.min(15 * 60_000, 1_000 * 2 ** Math.min(failures - 1, 20));
  // Between half of it and all of it, so that processes that failed together do not ask together.
  return Math.round(longest * (0.5 + chance() / 2));
}

export interface Rounds {
  /** Between the end of a round that found the mailbox empty and the next. */
  readonly everySeconds: number;
  /** Rounds end when it is aborted, the one under way first. */
  readonly signal: AbortSignal;
  readonly report: RoundReport & {
    /** A round that did all it could. */
    ended(round: Round): void;
    /** A round that failed; it is begun again after the pause. Told once for each reason in a row. */
    failed(fault: unknown, pauseSeconds: number): void;
  };
}

/** Where messages lay in the mailbox, more are on their way. */
const FLOWING_MILLISECONDS = 1_000;

/**
 * Collects again and again until told to stop: soon after a round that found something, otherwise at the pace asked, and
 * after a failure more and more slowly.
 */
export async function collectAlways(collector: Collector, { everySeconds, signal, report }: Rounds): Promise<void> {
  let failures = 0;
  let last = "";
  while (!signal.aborted) {
    let pause = everySeconds * 1_000;
    try {
      const round = await collector.round(report, signal);
      if (round.kept > 0) pause = Math.min(pause, FLOWING_MILLISECONDS);
      report.ended(round);
      [failures, last] = [0, ""];
    } catch (fault) {
      const said = faultName(fault);
      // That another collects is no failure, and says nothing about the mailbox.
      const elsewhere = fault instanceof Problem && fault.code === "MESH_COLLECTED_ELSEWHERE";
      failures = elsewhere ? 0 : failures + 1;
      if (!elsewhere) pause = pauseMilliseconds(failures, Math.random);
      if (said !== last) report.failed(fault, Math.round(pause / 1_000));
      last = said;
    }
    await after(pause, undefined, { signal, ref: true }).catch(() => undefined); // told to stop
  }
}
