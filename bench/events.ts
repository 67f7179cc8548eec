/**
 * Event messages into the record of the whole population, by the built `collect` from a mailbox on this machine: how many a
 * second it sustains, and how long a message takes from the mailbox to being applied when a hundred come each second.
 *
 * Works on a copy of the house that `bench -- load` leaves, since it writes to it.
 */

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as after } from "node:timers/promises";
import { inventChild, writeMessage } from "../ingest";
import { migrateHouse, readSettings } from "../main";
import type { BenchOptions } from "./index";
import { draws } from "./invented-events";
import { SEED } from "./load";
import { loopbackMesh } from "./loopback-mesh";

const EXTRACT_DAY = "2026-09-01";
const SUSTAINED = 5_000;
const PACED = { perSecond: 100, seconds: 60 };
const TICK_MILLISECONDS = 50;

export async function benchEvents({ folder, children, postgres }: BenchOptions): Promise<void> {
  const house = join(folder, `house-${children}`);
  const copy = join(folder, `events-${children}`);
  if (postgres === null) {
    if (!existsSync(house)) throw new Error(`There is no ${house}: run bench -- load first.`);
    rmSync(copy, { recursive: true, force: true });
    cpSync(house, copy, { recursive: true, dereference: true });
  }
  const mesh = await loopbackMesh();
  const environment = {
    ...process.env,
    DATA_DIR: copy,
    LOG_LEVEL: "silent",
    MESH_URL: mesh.url,
    MESH_MAILBOX: mesh.mailbox,
    MESH_PASSWORD: mesh.password,
    MESH_SHARED_KEY: mesh.sharedKey,
    ...(postgres === null ? {} : { DATABASE_URL: postgres }),
  };
  await migrateHouse(readSettings(environment));

  const put = new Map<string, number>();
  const took: number[] = [];
  const became = new Map<string, number>();
  const collector = spawn(
    process.execPath,
    [join(dirname(__dirname), "main.js"), "collect", "--every", "1", "--json"],
    {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const gone = new Promise((resolve) => collector.once("exit", resolve));
  createInterface({ input: collector.stdout }).on("line", (line) => {
    const { file, disposition } = JSON.parse(line) as { file?: string; disposition?: string };
    const since = file === undefined ? undefined : put.get(file);
    if (since === undefined || disposition === undefined) return;
    took.push(performance.now() - since);
    became.set(disposition, (became.get(disposition) ?? 0) + 1);
  });
  const messages = messagesAbout(children);
  const send = (): void => {
    const { workflow, xml } = messages();
    const id = mesh.put({ body: xml, headers: { "Mex-WorkflowID": workflow } });
    put.set(id, performance.now());
  };

  try {
    while (mesh.asked.length === 0) await after(50); // it has started
    const begun = performance.now();
    for (let n = 0; n < SUSTAINED; n++) send();
    while (took.length < SUSTAINED) await after(20);
    const seconds = (performance.now() - begun) / 1_000;
    say(
      "sustained, into the full record",
      `${SUSTAINED} messages in ${seconds.toFixed(1)} s, ${Math.round(SUSTAINED / seconds)} messages/s`,
    );

    took.length = 0;
    const total = PACED.perSecond * PACED.seconds;
    const from = performance.now();
    for (let sent = 0; sent < total; await after(TICK_MILLISECONDS)) {
      const due = Math.min(total, Math.floor(((performance.now() - from) / 1_000) * PACED.perSecond));
      for (; sent < due; sent++) send();
    }
    while (took.length < total) await after(20);
    const sorted = took.toSorted((a, b) => a - b);
    const at = (share: number) => `${Math.round(sorted[Math.min(total - 1, Math.floor(share * total))] ?? 0)} ms`;
    say(
      `from mailbox to applied, ${PACED.perSecond} a second`,
      `${total} messages, p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`,
    );
    say("what became of them", [...became].map(([disposition, n]) => `${disposition} ${n}`).join(", "));
  } finally {
    collector.kill("SIGTERM");
    await gone;
    await mesh.close();
    if (postgres === null) rmSync(copy, { recursive: true, force: true });
  }
}

function say(what: string, figures: string): void {
  process.stdout.write(`${what.padEnd(40)} ${figures}\n`);
}

/** Moves, changes of practice, and now and then a death taken back at once, of children of the population. */
function messagesAbout(children: number): () => { readonly workflow: string; readonly xml: string } {
  const chance = draws(1);
  return () => {
    for (;;) {
      const child = inventChild(SEED, Math.floor(chance() * children), children, EXTRACT_DAY);
      if (child.nhsNumberStatus !== "VERIFIED" || child.diedOn !== null || child.nhsNumber === null) continue;
      const now = new Date().toISOString();
      const envelope = {
        messageId: randomUUID(),
        lastUpdated: `${now.slice(0, 19)}+00:00`,
        timestamp: `${now.slice(0, 19)}+00:00`,
      };
      const person = {
        nhsNumber: child.nhsNumber,
        familyName: child.familyName,
        givenNames: child.givenNames.split(" "),
        bornOn: child.bornOn,
        sex: child.sex,
        address: null,
      };
      const draw = chance();
      if (draw < 0.5) {
        const address = {
          lines: [`${Math.floor(chance() * 200)} Mill Lane`],
          postcode: "CH3 5UJ",
          from: now.slice(0, 10),
        };
        const xml = writeMessage({
          ...envelope,
          event: "pds-change-of-address-1",
          child: { ...person, address },
          previous: null,
        });
        return { workflow: "CHANGEOFADDRESS_1", xml };
      }
      if (draw < 0.98) {
        const practice = { odsCode: "N81009", name: "Heath Lane Medical Centre" };
        const xml = writeMessage({ ...envelope, event: "pds-change-of-gp-1", child: person, practice, previous: null });
        return { workflow: "CHANGEOFGP_1", xml };
      }
      const death = { status: "REMOVED", diedAt: null, effectiveFrom: now.slice(0, 10) } as const;
      const xml = writeMessage({ ...envelope, event: "pds-death-notification-1", child: person, death });
      return { workflow: "DEATHNOTIFICATION_1", xml };
    }
  };
}
