/** The command that proves the access logs, signs how far they go, and tells the key that others prove them with. */

import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type Instant, instantOf } from "../schema/calendar";
import { faultCode, Problem } from "../schema/errors";
import { type Checkpoint, checkpointsOf, keyIdOf, readCheckpoint, signerOf } from "./checkpoints";
import { type Given, progressOf, refuseWord, type Verb } from "./command-line";
import { type Database, openDatabase } from "./database";
import { registerOf } from "./register";
import { accessCheckpoints, auditKey, checkpointsFile, placeOf } from "./settings";
import { migrationsOf, type SubgraphDefinition } from "./subgraph";
import { inWordsOf, type Verified, verifyLog } from "./verify";

const TASKS = ["verify", "checkpoint", "key"] as const;

/** The verb over the parts of a house. */
export function auditVerb(definitions: readonly SubgraphDefinition[]): Verb {
  return {
    says: "Proves that the access log of every part is whole; or signs how far it goes; or prints the key to prove it with.",
    words: `${TASKS.join("|")} [PART…]`,
    options: {
      child: { value: "ID", says: "verify: also counts the entries about this child" },
      checkpoints: {
        value: "FILE",
        says: "verify: signed checkpoints that were kept elsewhere, a JSON line each",
        many: true,
      },
      key: { value: "FILE", says: "verify: a public key (PEM) whose checkpoints are believed, too", many: true },
    },
    async run(given) {
      const [task, ...names] = given.words;
      if (task === undefined) throw new Problem("ARGUMENT_MISSING", { command: "audit", argument: TASKS.join(", ") });
      for (const name of names) if (!definitions.some((each) => each.name === name)) refuseWord(name, "audit");
      const asked = definitions.filter(({ name }) => names.length === 0 || names.includes(name));
      if (task === "key") return tellKey(given);
      if (task === "verify") return verifyParts(asked, given);
      if (task === "checkpoint") return signParts(asked, given);
      return refuseWord(task, "audit");
    },
  };
}

async function verifyParts(definitions: readonly SubgraphDefinition[], given: Given): Promise<boolean> {
  const kept = given.texts("checkpoints").flatMap((file) => checkpointsIn(file));
  const ours = checkpointsFile(given.settings);
  if (existsSync(ours)) kept.push(...checkpointsIn(ours));
  const keys = [signerOf(auditKey(given.settings)).publicKey, ...given.texts("key").map(publicKeyIn)];
  return withParts(definitions, given, async (parts) => {
    const child = given.text("child");
    const childIds = child === null ? null : await membersOf(child, parts);
    let whole = true;
    for (const database of parts) {
      const progress = progressOf(database.part);
      const verified = await verifyLog(database, { keys, kept, childIds, progress });
      whole &&= verified.fault === null;
      const says = sentenceOf(verified);
      given.tell({ ...verified, says }, `${database.part}: ${says}`);
    }
    return whole;
  });
}

function sentenceOf({ entries, aboutChild, signedTo, fault }: Verified): string {
  if (fault !== null) return `${inWordsOf(fault)}. The ${entries} entries before it stand.`;
  const counted = aboutChild === null ? "" : `, ${aboutChild} of them about the child`;
  const unsigned = entries - signedTo;
  const signed = unsigned === 0 ? "signed to the last" : `the last ${unsigned} not signed yet`;
  return entries === 0 ? "no entries." : `${entries} entries${counted}, whole; ${signed}.`;
}

/** Every id that entries about a child may bear: also of the records that became part of it. */
async function membersOf(childId: string, parts: readonly Database[]): Promise<readonly string[]> {
  const members = new Set([childId]);
  for (const database of parts) {
    for (const entry of await registerOf(database).find([childId])) {
      for (const member of entry?.members ?? []) members.add(member);
    }
  }
  return [...members];
}

function signParts(definitions: readonly SubgraphDefinition[], given: Given): Promise<boolean> {
  const at: Instant = instantOf(Date.now());
  const checkpoints = accessCheckpoints(given.settings, () => undefined);
  return withParts(definitions, given, async (parts) => {
    for (const database of parts) {
      const log = checkpointsOf(database);
      const checkpoint = (await log.sign(checkpoints, at)) ?? (await log.last());
      if (checkpoint !== null) given.tell({ ...checkpoint }, JSON.stringify(checkpoint));
    }
    return true;
  });
}

async function tellKey(given: Given): Promise<boolean> {
  const { publicKey } = signerOf(auditKey(given.settings));
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  given.tell({ key: keyIdOf(publicKey), pem }, pem.trimEnd());
  return true;
}

/** Opens the databases of parts, which must be here and at the present schema, for as long as they are used. */
async function withParts(
  definitions: readonly SubgraphDefinition[],
  { settings }: Given,
  use: (parts: readonly Database[]) => Promise<boolean>,
): Promise<boolean> {
  const away = definitions.find(({ name }) => settings.urls.has(name));
  if (away) {
    const name = `${away.name.toUpperCase()}_URL`;
    throw new Problem("SETTING_INVALID", {
      name,
      expected: "unset, and its database given, for the command that audits",
    });
  }
  const opened: Database[] = [];
  try {
    for (const definition of definitions) {
      const database = await openDatabase(definition.name, placeOf(definition.name, settings));
      opened.push(database);
      await database.expect(migrationsOf(definition));
    }
    return await use(opened);
  } finally {
    for (const database of opened) await database.close();
  }
}

/** The checkpoints of a file. Throws FILE_UNREADABLE where it cannot be read or a line is none. */
function checkpointsIn(file: string): Checkpoint[] {
  const lines = textOf(file).split("\n");
  return lines.flatMap((line, at) => {
    if (line === "") return [];
    const checkpoint = readCheckpoint(line);
    if (checkpoint === null) throw new Problem("FILE_UNREADABLE", { file, fault: `line ${at + 1} is no checkpoint` });
    return [checkpoint];
  });
}

function publicKeyIn(file: string): KeyObject {
  const text = textOf(file);
  try {
    return createPublicKey(text);
  } catch {
    throw new Problem("FILE_UNREADABLE", { file, fault: "it is no public key in PEM" });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (fault) {
    throw new Problem("FILE_UNREADABLE", { file, fault: faultCode(fault) ?? "unknown" });
  }
}
