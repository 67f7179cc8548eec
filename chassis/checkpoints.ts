/**
 * Signs how far each access log goes: its last number and hash, by a key whose public half can be given to anybody. A line
 * of it kept elsewhere proves later that what the log held then is still there, unchanged, whoever had the database since.
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { type Instant, instantOf } from "../schema/calendar";
import { ACCESS_LOG } from "./audit";
import type { Database, Table } from "./database";
import type { Chore } from "./subgraph";

/** How far a log went at a time, signed. */
export interface Checkpoint {
  readonly part: string;
  readonly sequence: number;
  /** Of the entry of that number. */
  readonly hash: string;
  readonly at: Instant;
  /** Which key signed it, by the first characters of the public half's own hash. */
  readonly key: string;
  readonly signature: string;
}

/** Signs for this process. */
export interface Signer {
  readonly publicKey: KeyObject;
  sign(head: Omit<Checkpoint, "key" | "signature">): Checkpoint;
}

export interface Checkpoints {
  readonly signer: Signer;
  /** Keeps a checkpoint outside the database. */
  keep(checkpoint: Checkpoint): void;
}

export const CHECKPOINTS: Table = {
  name: "access_checkpoint",
  columns: { sequence: "integer", hash: "text", at: "text", key: "text", signature: "text" },
  key: ["sequence"],
};

/** How long the log goes unsigned while it is written: what is cut off within this time is proved by nothing but its gap. */
export const SIGNED_EVERY_MILLISECONDS = 10_000;

/** The signer of an Ed25519 private key, PKCS #8 in base64. Throws where it is none. */
export function signerOf(key: string): Signer {
  const privateKey = createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" });
  if (privateKey.asymmetricKeyType !== "ed25519") throw new TypeError("It is no Ed25519 key.");
  const publicKey = createPublicKey(privateKey);
  const id = keyIdOf(publicKey);
  return {
    publicKey,
    sign: (head) => ({ ...head, key: id, signature: sign(null, signed(head), privateKey).toString("base64url") }),
  };
}

export function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("base64url").slice(0, 16);
}

/** Whether one of the keys signed it. */
export function isSigned(checkpoint: Checkpoint, keys: readonly KeyObject[]): boolean {
  const key = keys.find((each) => keyIdOf(each) === checkpoint.key);
  return key !== undefined && verify(null, signed(checkpoint), key, Buffer.from(checkpoint.signature, "base64url"));
}

function signed({ part, sequence, hash, at }: Omit<Checkpoint, "key" | "signature">): Buffer {
  return Buffer.from(JSON.stringify(["access log", part, sequence, hash, at]));
}

/** What a database tells of its log's end and its checkpoints. */
export function checkpointsOf(database: Database) {
  const { part } = database;
  const statements = {
    head: database.statement<{ sequence: number; hash: string }>(({ from }) =>
      from(ACCESS_LOG).select("sequence", "hash").orderBy("sequence", "desc").limit(1),
    ),
    last: database.statement<Omit<Checkpoint, "part">>(({ from }) =>
      from(CHECKPOINTS).orderBy("sequence", "desc").limit(1),
    ),
    all: database.statement<Omit<Checkpoint, "part">>(({ from, param }) =>
      from(CHECKPOINTS).where("sequence", ">", param("after")).orderBy("sequence").limit(READ_TOGETHER),
    ),
  };
  return {
    /** The last entry's number and hash; null of an empty log. */
    head: async () => (await database.rows(statements.head))[0] ?? null,

    /** The last checkpoint; null where nothing was signed yet. */
    async last(): Promise<Checkpoint | null> {
      const [last] = await database.rows(statements.last);
      return last === undefined ? null : { part, ...last };
    },

    /** Signs the end of the log and keeps that, where it has gone on since it was last signed; null where it has not. */
    async sign({ signer, keep }: Checkpoints, at: Instant): Promise<Checkpoint | null> {
      const [head] = await database.rows(statements.head);
      const [last] = await database.rows(statements.last);
      if (head === undefined || last?.sequence === head.sequence) return null;
      const checkpoint = signer.sign({ part, ...head, at });
      const { part: _, ...row } = checkpoint;
      // On the disk before it is told elsewhere, and with it all that it signs: a power cut must not look like a cut log.
      await database.write((transaction) => transaction.insert(CHECKPOINTS, [row], "ignore"), { durable: true });
      keep(checkpoint);
      return checkpoint;
    },

    /** Those of the database, in order. */
    async *read(): AsyncGenerator<Checkpoint> {
      for (let after = 0; ; ) {
        const rows = await database.rows(statements.all, { after });
        for (const row of rows) yield { part, ...row };
        after = rows.at(-1)?.sequence ?? after;
        if (rows.length < READ_TOGETHER) return;
      }
    },
  };
}

const READ_TOGETHER = 10_000;

/** The chore of a subgraph that is served: signs its log again and again. */
export function checkpointing(database: Database, now: () => number, checkpoints: Checkpoints): Chore {
  const log = checkpointsOf(database);
  return {
    name: "access log checkpoint",
    restMilliseconds: SIGNED_EVERY_MILLISECONDS,
    async run() {
      await log.sign(checkpoints, instantOf(now()));
      return false;
    },
  };
}

/** Checkpoints as they were kept elsewhere, a JSON line each; null where a line is none. */
export function readCheckpoint(line: string): Checkpoint | null {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof content !== "object" || content === null) return null;
  const { part, sequence, hash, at, key, signature } = content as Readonly<Record<string, unknown>>;
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) return null;
  if (typeof part !== "string" || typeof hash !== "string" || typeof at !== "string") return null;
  if (typeof key !== "string" || typeof signature !== "string") return null;
  return { part, sequence, hash, at, key, signature };
}
