/**
 * Event messages into the record of the whole population, by `serve` as it is run: from a mailbox on this machine to the
 * care teams that are connected. How many messages a second it sustains, and how long it takes from when a message lies in the
 * mailbox until a team has the notification, when a hundred come each second.
 *
 * Works on a copy of the house that `bench -- load` leaves, since it writes to it.
 */

import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as after } from "node:timers/promises";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { type Database, openDatabase } from "../chassis/database";
import { placeOf } from "../chassis/settings";
import { developmentIssuer } from "../gateway";
import { inventChild, writeMessage } from "../ingest";
import { migrateHouse, readSettings, type Settings } from "../main";
import type { Role } from "../schema/access";
import { LOCALITY_CODES } from "../schema/vocabulary/localities";
import type { TeamKind } from "../schema/vocabulary/teams";
import type { BenchOptions } from "./index";
import { draws } from "./invented-events";
import { SEED } from "./load";
import { type LoopbackMesh, loopbackMesh } from "./loopback-mesh";

const PROGRAM = join(dirname(__dirname), "main.js");
const EXTRACT_DAY = "2026-09-01";
const SUSTAINED = 5_000;
const PACED = { perSecond: 100, seconds: 60 };
const TICK_MILLISECONDS = 20;
const FEWEST = 20_000;
/** Nothing more is told when so long nothing was. */
const QUIET_MILLISECONDS = 3_000;

const SUBSCRIPTION = `subscription {
  notifications { id kind urgency team { id } child { id nhsNumber name { full } } }
}`;

export async function benchEvents({ folder, children, postgres }: BenchOptions): Promise<void> {
  if (children < FEWEST) throw new Error(`It wants ${FEWEST} children or more: each message is about another.`);
  const house = join(folder, `house-${children}`);
  const copy = join(folder, `events-${children}`);
  if (!existsSync(house) && postgres === null) throw new Error(`There is no ${house}: run bench -- load first.`);
  rmSync(copy, { recursive: true, force: true });
  if (postgres === null) cpSync(house, copy, { recursive: true, dereference: true });
  const mesh = await loopbackMesh();
  const environment = {
    ...process.env,
    DATA_DIR: copy,
    PORT: "0",
    LOG_LEVEL: "error",
    MESH_URL: mesh.url,
    MESH_MAILBOX: mesh.mailbox,
    MESH_PASSWORD: mesh.password,
    MESH_SHARED_KEY: mesh.sharedKey,
    MESH_EVERY: "1",
    ...(postgres === null ? {} : { DATABASE_URL: postgres }),
  };
  const settings = readSettings(environment);
  await migrateHouse(settings);
  await settled(environment);
  const messages = messagesAbout(children, SUSTAINED + PACED.perSecond * PACED.seconds);

  const issuer = await developmentIssuer(copy, "127.0.0.1");
  const served = await serving(environment);
  const teams: Team[] = [];
  try {
    for (const locality of LOCALITY_CODES) {
      for (const role of ROLES) {
        const viewer = {
          subject: `${role} ${locality}`,
          name: role,
          role,
          organisation: null,
          localities: [locality],
          scopes: [],
        };
        teams.push(await joined(served.url, await issuer.sign(viewer, 600)));
      }
    }
    const sustained = await measured(settings, mesh, teams, served, (put) => {
      for (const message of messages.slice(0, SUSTAINED)) put(message);
      return Promise.resolve();
    });
    say(
      "sustained, into the full record",
      `${SUSTAINED} messages in ${sustained.seconds.toFixed(1)} s, ${Math.round(SUSTAINED / sustained.seconds)} messages/s, ${sustained.summary}`,
    );
    const paced = await measured(settings, mesh, teams, served, async (put) => {
      const from = performance.now();
      for (let sent = SUSTAINED; sent < messages.length; await after(TICK_MILLISECONDS)) {
        const due = SUSTAINED + Math.floor(((performance.now() - from) / 1_000) * PACED.perSecond);
        for (; sent < Math.min(due, messages.length); sent++) put(messages[sent] as Message); // sent is in bounds
      }
    });
    say(`${PACED.perSecond} messages a second for ${PACED.seconds} s`, paced.summary);
    say("from mailbox to notification delivered", paced.waits);
  } finally {
    for (const { socket } of teams) socket.terminate();
    await served.close();
    await mesh.close();
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Who is connected: one of each in every locality. */
const TEAM_OF = {
  CHILD_HEALTH_CLERK: "CHILD_HEALTH_INFORMATION",
  HEALTH_VISITOR: "HEALTH_VISITING",
  SCHOOL_NURSE: "SCHOOL_NURSING",
} as const satisfies Partial<Record<Role, TeamKind>>;
const ROLES = Object.keys(TEAM_OF) as readonly (keyof typeof TEAM_OF)[];

function say(what: string, figures: string): void {
  process.stdout.write(`${what.padEnd(40)} ${figures}\n`);
}

interface Measured {
  /** From the first message to the last notification. */
  readonly seconds: number;
  readonly summary: string;
  readonly waits: string;
}

/** Puts messages into the mailbox, waits until nothing more is told, and says what came of it. */
async function measured(
  settings: Settings,
  mesh: LoopbackMesh,
  teams: readonly Team[],
  { cpuSeconds }: Served,
  send: (put: (message: Message) => void) => Promise<void>,
): Promise<Measured> {
  const { last } = await toldAfter(settings, Number.MAX_SAFE_INTEGER);
  const putAt = new Map<string, number>();
  for (const team of teams) team.had.length = 0;
  const [cpu, begun] = [cpuSeconds(), performance.now()];
  await send(({ nhsNumber, workflow, xml }) => {
    putAt.set(nhsNumber, performance.now());
    mesh.put({ body: xml, headers: { "Mex-WorkflowID": workflow } });
  });
  let end = performance.now();
  for (let had = -1; mesh.waiting() > 0 || performance.now() - end < QUIET_MILLISECONDS; await after(50)) {
    const now = teams.reduce((sum, team) => sum + team.had.length, 0);
    if (now !== had || mesh.waiting() > 0) end = performance.now();
    had = now;
  }
  const had = teams.flatMap((team) => team.had);
  const lastHad = had.reduce((latest, { at }) => Math.max(latest, at), begun);
  const children = await childrenOf(settings, [...putAt.keys()]);
  const waits = had.flatMap(({ childId, at }) => {
    const since = putAt.get(children.get(childId) ?? "");
    return since === undefined ? [] : [at - since];
  });
  waits.sort((a, b) => a - b);
  const at = (share: number) =>
    `${Math.round(waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0)} ms`;
  const { count } = await toldAfter(settings, last);
  const ids = new Set(had.map(({ id }) => id));
  const missing = count - ids.size;
  return {
    seconds: (lastHad - begun) / 1_000,
    summary: `${ids.size} notifications delivered, ${missing} missing, ${had.length - ids.size} twice; ${(cpuSeconds() - cpu).toFixed(1)} CPU-s of the house`,
    waits: `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`,
  };
}

// --- The house, and who is connected to it ----------------------------------------------------------------------

interface Served {
  readonly url: string;
  /** What its process has used so far. */
  cpuSeconds(): number;
  close(): Promise<void>;
}

/** Does what a bulk load leaves to be done where the parts are served, such as planning every child: no part of the road. */
async function settled(environment: NodeJS.ProcessEnv): Promise<void> {
  const begun = performance.now();
  await promisify(execFile)(process.execPath, [...process.execArgv, PROGRAM, "settle"], { env: environment });
  say("left by the load, done before", `${((performance.now() - begun) / 1_000).toFixed(0)} s`);
}

/** `serve`, a process of its own. */
async function serving(environment: NodeJS.ProcessEnv): Promise<Served> {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, "serve", "--json"], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  process.once("exit", () => child.kill("SIGKILL"));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => resolve((JSON.parse(line) as { url: string }).url)); // as --json tells
    void gone.then(() => reject(new Error("serve has ended.")));
  });
  return {
    url,
    cpuSeconds: () => cpuSecondsOf(child.pid ?? 0),
    async close() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** User and system time of a process as Linux counts it, in hundredths of a second; elsewhere not known. */
function cpuSecondsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Team {
  readonly socket: WebSocket;
  readonly had: { readonly id: string; readonly childId: string; readonly at: number }[];
}

/** One member of a team, connected and told from now on. */
function joined(url: string, token: string): Promise<Team> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  const team: Team = { socket, had: [] };
  const say = (message: object) => socket.send(JSON.stringify(message));
  return new Promise((resolve, reject) => {
    socket.on("open", () => say({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
    socket.on("error", reject);
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as OfProtocol;
      if (message.type === "connection_ack") {
        say({ type: "subscribe", id: "1", payload: { query: SUBSCRIPTION } });
        // It is told from then on when the gateway has looked how far the feed goes.
        setTimeout(() => resolve(team), 500);
      }
      if (message.type === "error") reject(new Error(JSON.stringify(message.payload)));
      if (message.type !== "next") return;
      const { id, child } = message.payload.data.notifications;
      team.had.push({ id, childId: child.id, at: performance.now() });
    });
  });
}

interface OfProtocol {
  readonly type: string;
  readonly payload: {
    readonly data: { readonly notifications: { readonly id: string; readonly child: { readonly id: string } } };
  };
}

/** Counts what was told after a place in the order, to teams that are connected; and says how far the order goes. */
function toldAfter(settings: Settings, after: number): Promise<{ readonly last: number; readonly count: number }> {
  const teams = ROLES.map((role) => `${TEAM_OF[role]}:%`);
  return reading("notifications", settings, async (database) => {
    const [told] = await database.rows(
      database.statement<{ count: number }>(({ from, raw }) =>
        from("notification")
          .select(raw("count(*) as count"))
          .where("sequence", ">", after)
          .whereNull("silenced_at")
          .where((any) => teams.forEach((team) => void any.orWhere("team", "like", team))),
      ),
    );
    const [head] = await database.rows(
      database.statement<{ sequence: number }>(({ from }) => from("notification_head").select("sequence")),
    );
    return { last: head?.sequence ?? 0, count: told?.count ?? 0 };
  });
}

/** Child id → NHS number. */
function childrenOf(settings: Settings, numbers: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return reading("localities", settings, async (database) => {
    const rows = await database.rows(
      database.statement<{ child_id: string; nhs_number: string }>(({ from, among }) =>
        from("nhs_number").select("child_id", "nhs_number").where(among("nhs_number", "numbers")),
      ),
      { numbers },
    );
    return new Map(rows.map(({ child_id, nhs_number }) => [child_id, nhs_number]));
  });
}

async function reading<T>(part: string, settings: Settings, read: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(part, placeOf(part, settings));
  try {
    return await read(database);
  } finally {
    await database.close();
  }
}

// --- The messages -----------------------------------------------------------------------------------------------

interface Message {
  readonly nhsNumber: string;
  readonly workflow: string;
  readonly xml: string;
}

/** Moves and changes of practice, each of another child of the population, and now and then a death that is taken back. */
function messagesAbout(children: number, count: number): readonly Message[] {
  const chance = draws(1);
  const messages = new Map<string, Message>();
  while (messages.size < count) {
    const child = inventChild(SEED, Math.floor(chance() * children), children, EXTRACT_DAY);
    const { nhsNumber } = child;
    if (child.nhsNumberStatus !== "VERIFIED" || child.diedOn !== null || nhsNumber === null) continue;
    if (messages.has(nhsNumber)) continue;
    const now = new Date().toISOString();
    const [lastUpdated, today] = [`${now.slice(0, 19)}+00:00`, now.slice(0, 10)];
    const envelope = { messageId: randomUUID(), lastUpdated, timestamp: lastUpdated };
    const person = {
      nhsNumber,
      familyName: child.familyName,
      givenNames: child.givenNames.split(" "),
      bornOn: child.bornOn,
      sex: child.sex,
      address: null,
    };
    const draw = chance();
    if (draw < 0.5) {
      const address = { lines: [`${Math.floor(chance() * 200)} Mill Lane`], postcode: "CH3 5UJ", from: today };
      const event = "pds-change-of-address-1";
      const xml = writeMessage({ ...envelope, event, child: { ...person, address }, previous: null });
      messages.set(nhsNumber, { nhsNumber, workflow: "CHANGEOFADDRESS_1", xml });
    } else if (draw < 0.98) {
      const practice = { odsCode: "N81009", name: "Heath Lane Medical Centre" };
      const xml = writeMessage({ ...envelope, event: "pds-change-of-gp-1", child: person, practice, previous: null });
      messages.set(nhsNumber, { nhsNumber, workflow: "CHANGEOFGP_1", xml });
    } else {
      const death = { status: "REMOVED", diedAt: null, effectiveFrom: today } as const;
      const xml = writeMessage({ ...envelope, event: "pds-death-notification-1", child: person, death });
      messages.set(nhsNumber, { nhsNumber, workflow: "DEATHNOTIFICATION_1", xml });
    }
  }
  return [...messages.values()];
}
