/**
 * Proves that an access log is whole: recomputes every hash in order and holds the log against the checkpoints that were
 * signed of it. Names the first entry that does not fit, and why.
 */

import type { KeyObject } from "node:crypto";
import { ACCESS_LOG, BETWEEN, canonicalSql, firstOf, hashOf } from "./audit";
import { type Checkpoint, checkpointsOf, isSigned } from "./checkpoints";
import type { Database } from "./database";

/** What can be wrong with a log, as the verifier says it. */
export const LOG_FAULTS = {
  MISSING: "entry {sequence} is missing",
  CHANGED: "entry {sequence} does not say what it said when it was written",
  REPLACED: "entry {sequence} was replaced by another",
  BACKDATED: "entry {sequence} bears an earlier time than the one before it",
  REWRITTEN: "entry {sequence}, or a later one up to the checkpoint, was rewritten after it was signed",
  CUT: "entry {sequence} and those after it are missing: a signed checkpoint shows that they were written",
  CHECKPOINT_FORGED: "the checkpoint at entry {sequence} is not signed by a key that is trusted",
} as const satisfies Record<string, string>;

export type LogFaultKind = keyof typeof LOG_FAULTS;

export interface LogFault {
  readonly kind: LogFaultKind;
  /** The first entry that does not fit. */
  readonly sequence: number;
}

export interface Verified {
  readonly part: string;
  readonly entries: number;
  /** Entries about the child asked for; null where none was. */
  readonly aboutChild: number | null;
  /** The last entry that a checkpoint signs; 0 for none. What came after is chained, but could be cut off unseen. */
  readonly signedTo: number;
  /** Null of a log that is whole. */
  readonly fault: LogFault | null;
}

export interface VerifyOptions {
  /** Whose checkpoints are believed. */
  readonly keys: readonly KeyObject[];
  /** Those of this part that were kept elsewhere. */
  readonly kept: readonly Checkpoint[];
  /** Every id of the child whose entries are counted. */
  readonly childIds: readonly string[] | null;
  readonly progress?: (done: number) => void;
}

interface Read {
  readonly sequence: number;
  readonly hash: string;
  /** The canonical form: the hash of the entry before, the number, the time, and the rest. */
  readonly said: string;
  readonly child_id?: string | null;
}

/** As many as are read at once: a millisecond or ten of work, and little memory. */
const READ_TOGETHER = 5_000;

/** The fault in words. */
export function inWordsOf({ kind, sequence }: LogFault): string {
  return LOG_FAULTS[kind].replace("{sequence}", String(sequence));
}

export async function verifyLog(database: Database, options: VerifyOptions): Promise<Verified> {
  const { part } = database;
  const log = checkpointsOf(database);
  const childIds = options.childIds === null ? null : new Set(options.childIds);
  // Few columns: at this speed each costs as much as a third of the hash.
  const columns = ["sequence", "hash", ...(childIds === null ? [] : ["child_id"])];
  const next = database.statement<Read>((shape) =>
    shape
      .from(ACCESS_LOG)
      .select(...columns, canonicalSql(shape))
      .where("sequence", ">", shape.param("after"))
      .orderBy("sequence")
      .limit(READ_TOGETHER),
  );
  const signed: Checkpoint[] = options.kept.filter((checkpoint) => checkpoint.part === part);
  for await (const checkpoint of log.read()) signed.push(checkpoint);
  signed.sort((a, b) => a.sequence - b.sequence);
  const end = (await log.head())?.sequence ?? 0;

  let [entries, aboutChild, signedTo, at] = [0, 0, 0, ""];
  let [last, lastHash, checkpointAt] = [0, firstOf(part), 0];
  let signedNext = signed[0]?.sequence ?? Number.POSITIVE_INFINITY;
  const verified = (fault: LogFault | null): Verified => {
    return { part, entries, aboutChild: childIds === null ? null : aboutChild, signedTo, fault };
  };

  /** What the checkpoints before an entry's number, or at it, say of the log so far. */
  function misfit(upTo: number): LogFault | null {
    for (let checkpoint = signed[checkpointAt]; checkpoint && checkpoint.sequence <= upTo; ) {
      const { sequence } = checkpoint;
      if (!isSigned(checkpoint, options.keys)) return { kind: "CHECKPOINT_FORGED", sequence };
      if (sequence > last) return { kind: "CUT", sequence: last + 1 };
      if (checkpoint.hash !== lastHash) return { kind: "REWRITTEN", sequence: signedTo + 1 };
      signedTo = sequence;
      checkpointAt += 1;
      checkpoint = signed[checkpointAt];
      signedNext = checkpoint?.sequence ?? Number.POSITIVE_INFINITY;
    }
    return null;
  }

  for (;;) {
    const rows = await database.rows(next, { after: last });
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as Read; // it is in bounds
      if (row.sequence !== last + 1) return verified({ kind: "MISSING", sequence: last + 1 });
      const { sequence, said } = row;
      if (row.hash !== hashOf(said)) return verified({ kind: "CHANGED", sequence });
      const link = lastHash.length;
      if (!said.startsWith(lastHash) || said[link] !== BETWEEN) {
        // It fits itself, but not the one before. Where the one after fits it, it is the one before that has a new hash.
        const isAtFault = last === 0 || rows[index + 1]?.said.startsWith(row.hash) === false;
        return verified({ kind: "REPLACED", sequence: isAtFault ? sequence : last });
      }
      const time = link + String(sequence).length + 2;
      const itsAt = said.slice(time, said.indexOf(BETWEEN, time));
      if (itsAt < at) return verified({ kind: "BACKDATED", sequence });
      last = sequence;
      lastHash = row.hash;
      at = itsAt;
      entries += 1;
      if (row.child_id && childIds?.has(row.child_id)) aboutChild += 1;
      const fault = signedNext <= sequence ? misfit(sequence) : null;
      if (fault !== null) return verified(fault);
    }
    options.progress?.(end === 0 ? 1 : Math.min(1, last / end));
    if (rows.length < READ_TOGETHER) return verified(misfit(Number.POSITIVE_INFINITY));
    // Long work gives way, where it runs beside others.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
