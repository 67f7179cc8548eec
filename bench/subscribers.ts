/**
 * Many subscribers of one feed, each cut off again and again at random while events flow: how many events each missed,
 * how many came twice, and what memory is left when all have gone. Half come by WebSocket, half by event stream, all to
 * a gateway that listens for real.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocket } from "ws";
import { developmentIssuer } from "../gateway";
import { migrateHouse, openGateway, openHouse, readSettings } from "../main";
import { instantOf } from "../schema/calendar";
import type { Event, EventType, RecordedEvent } from "../schema/events";
import { draws } from "./invented-events";

export interface SubscribersAsked {
  readonly subscribers: number;
  /** How often each is cut off. */
  readonly cuts: number;
  readonly events: number;
  readonly seed: number;
  readonly postgres: string | null;
}

export interface SubscribersFound {
  readonly told: number;
  readonly missing: number;
  readonly twice: number;
  readonly outOfOrder: number;
  readonly cuts: number;
  readonly seconds: number;
  /** From when an event was delivered to when a subscriber that was connected for a second had it. */
  readonly medianMilliseconds: number;
  readonly p95Milliseconds: number;
  /** Megabytes of live objects before the subscribers came, at the most, and when they had gone. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  /** Subscriptions the gateway still holds. */
  readonly left: number;
}

const QUERY = `subscription Told($after: String) {
  notifications(after: $after) { id cursor kind child { id name { full } newbornHearing { outcome } } }
}`;
const MIDNIGHT = "2026-01-01T00:00:00.000000000Z";

export async function trialSubscribers(asked: SubscribersAsked): Promise<SubscribersFound> {
  const folder = mkdtempSync(join(tmpdir(), "chis-subscribers-"));
  const postgres = asked.postgres === null ? {} : { DATABASE_URL: asked.postgres };
  const settings = readSettings({
    DATA_DIR: folder,
    PORT: "0",
    LOG_LEVEL: "silent",
    REQUESTS_PER_MINUTE: "0",
    ...postgres,
  });
  await migrateHouse(settings);
  const house = await openHouse(settings);
  const gateway = await openGateway(house, settings);
  try {
    const issuer = await developmentIssuer(folder, "127.0.0.1");
    const viewer = {
      name: "Hannah Vale",
      role: "HEALTH_VISITOR",
      organisation: null,
      localities: ["WIRRAL"],
      scopes: [],
    } as const;
    const token = await issuer.sign({ ...viewer, subject: "trial" }, 600);
    let deliveries = 0;
    const first = Date.now();
    const deliver = async (...events: readonly Event[]) => {
      deliveries += 1;
      const number = first * 1000 + deliveries;
      for (const part of house.parts.values()) await part.deliver({ number, events });
    };
    const warming = 5;
    for (let n = 0; n < warming + asked.events; n++) await deliver(...babyOf(n));
    let told = 0;
    const news = house.parts.get("notifications")?.news;
    const start = (await news?.(null, { ...viewer, subject: "trial" }))?.upTo ?? "";

    const tell = async (count: number, millisecondsBetween: number, at: Map<number, number>) => {
      for (let n = 0; n < count; n++) {
        at.set(told, performance.now());
        await deliver(hearing(told));
        told += 1;
        await pause(millisecondsBetween);
      }
    };
    // What is only made once is made before memory is looked at.
    const warm = Array.from(
      { length: 20 },
      (_, n) => new Subscriber(gateway.url, token, start, n % 2 === 0, warming, 0, () => 0.5),
    );
    await Promise.all([tell(warming, 10, new Map()), ...warm.map((each) => each.run())]);
    const from = (await news?.(null, { ...viewer, subject: "trial" }))?.upTo ?? "";
    await pause(500);
    const heapBefore = heap();

    const begun = performance.now();
    const toldAt = new Map<number, number>();
    const chance = draws(asked.seed);
    const subscribers = Array.from(
      { length: asked.subscribers },
      (_, n) => new Subscriber(gateway.url, token, from, n % 2 === 0, asked.events, asked.cuts, chance),
    );
    const firstEvent = Number(Buffer.from(from, "base64url").toString()) + 1;
    await Promise.all([tell(asked.events, 50, toldAt), ...subscribers.map((each) => each.run())]);
    const seconds = (performance.now() - begun) / 1000;

    let [missing, twice, outOfOrder, cuts] = [0, 0, 0, 0];
    const waits: number[] = [];
    for (const { ids, hadAt, cutOff } of subscribers) {
      const distinct = new Set(ids);
      for (let n = 0; n < asked.events; n++) if (!distinct.has(firstEvent + n)) missing += 1;
      twice += ids.length - distinct.size;
      outOfOrder += ids.filter((id, at) => at > 0 && id < (ids[at - 1] ?? 0)).length;
      cuts += cutOff;
      for (const [id, at] of hadAt) {
        const since = toldAt.get(warming + id - firstEvent);
        if (since !== undefined) waits.push(at - since);
      }
    }
    waits.sort((a, b) => a - b);
    const had = subscribers.reduce((sum, { ids }) => sum + ids.length, 0);
    subscribers.length = 0;
    warm.length = 0;
    const left = await untilGone(gateway.url);
    return {
      told: had,
      missing,
      twice,
      outOfOrder,
      cuts,
      seconds,
      medianMilliseconds: waits[Math.floor(waits.length / 2)] ?? 0,
      p95Milliseconds: waits[Math.floor(waits.length * 0.95)] ?? 0,
      heapBefore,
      heapAfter: heap(),
      left,
    };
  } finally {
    await gateway.close();
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Megabytes of live objects. */
function heap(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // as the flag has made it
  for (let n = 0; n < 3; n++) collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** How many subscriptions are left once those whose connections have gone had the time to end. */
async function untilGone(url: string): Promise<number> {
  for (let waits = 0; ; waits++) {
    const open = await subscriptionsOf(url);
    if (open === 0 || waits === 100) return open;
    await pause(100);
  }
}

async function subscriptionsOf(url: string): Promise<number> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(/^gateway_subscriptions_open(?:\{.*\})? (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

/** One who comes, is cut off, and comes back behind the last event it had, until it has them all. */
class Subscriber {
  readonly ids: number[] = [];
  /** When each event came that was not waiting for the connection. */
  readonly hadAt: [number, number][] = [];
  cutOff = 0;
  private connectedAt = 0;

  constructor(
    private readonly url: string,
    private readonly token: string,
    private cursor: string,
    private readonly overSocket: boolean,
    private readonly expected: number,
    private readonly cuts: number,
    private readonly chance: () => number,
  ) {}

  async run(): Promise<void> {
    while (this.ids.length < this.expected || this.cutOff < this.cuts) {
      this.connectedAt = performance.now();
      const connection = this.overSocket ? this.socket() : this.stream();
      const cut = this.cutOff < this.cuts ? setTimeout(() => connection.cut(), 20 + this.chance() * 1_500) : null;
      await connection.closed;
      if (cut !== null) {
        clearTimeout(cut);
        this.cutOff += 1;
      }
    }
  }

  /** Takes one event; true when there is nothing left to wait for. */
  private take(id: number, cursor: string): boolean {
    this.ids.push(id);
    this.cursor = cursor;
    if (performance.now() - this.connectedAt > 1_000) this.hadAt.push([id, performance.now()]);
    return this.ids.length >= this.expected && this.cutOff >= this.cuts;
  }

  private socket(): Connection {
    const socket = new WebSocket(`${this.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on("open", () => say({ type: "connection_init", payload: { authorization: `Bearer ${this.token}` } }));
    socket.on("message", (data) => {
      const { type, payload } = JSON.parse(String(data)) as Message; // of the protocol
      if (type === "connection_ack")
        say({ type: "subscribe", id: "1", payload: { query: QUERY, variables: { after: this.cursor } } });
      if (type !== "next" || socket.readyState !== WebSocket.OPEN) return;
      if (this.take(Number(payload.data.notifications.id), payload.extensions.cursor)) socket.terminate();
    });
    socket.on("error", () => socket.terminate());
    return { cut: () => socket.terminate(), closed: new Promise((resolve) => socket.once("close", () => resolve())) };
  }

  private stream(): Connection {
    const asking = request(new URL("/graphql", this.url), {
      method: "POST",
      agent: false,
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        authorization: `Bearer ${this.token}`,
      },
    });
    let isCut = false;
    const cut = () => {
      isCut = true;
      asking.destroy();
    };
    asking.on("response", (response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("error", () => undefined);
      response.on("data", (piece: string) => {
        text += piece;
        for (let end = text.indexOf("\n\n"); end >= 0 && !isCut; end = text.indexOf("\n\n")) {
          const lines = text.slice(0, end).split("\n");
          text = text.slice(end + 2);
          const data = lines.find((line) => line.startsWith("data: "));
          const id = lines.find((line) => line.startsWith("id: "))?.slice("id: ".length);
          if (data === undefined || id === undefined) continue;
          const { data: told } = JSON.parse(data.slice("data: ".length)) as Message["payload"]; // of the protocol
          if (this.take(Number(told.notifications.id), id)) cut();
        }
      });
    });
    asking.on("error", () => undefined);
    asking.end(JSON.stringify({ query: QUERY, variables: { after: this.cursor } }));
    return { cut, closed: new Promise((resolve) => asking.once("close", () => resolve())) };
  }
}

interface Connection {
  cut(): void;
  readonly closed: Promise<void>;
}

interface Message {
  readonly type: string;
  readonly payload: {
    readonly data: { readonly notifications: { readonly id: string } };
    readonly extensions: { readonly cursor: string };
  };
}

/** An invented baby of Wirral, as its extract has it. Each event is about another. */
function babyOf(number: number): readonly Event[] {
  const childId = `baby-${number}`;
  const at = { childId, action: "record", source: { system: "WIRRAL", id: childId }, asOf: MIDNIGHT } as const;
  const bornOn = instantOf(Date.now() - 20 * 86_400_000).slice(0, 10);
  return [
    {
      ...at,
      type: "IdentityRecorded",
      nhsNumber: null,
      nhsNumberStatus: "ABSENT",
      supersededNhsNumbers: [],
      familyName: "Example",
      givenNames: "Ada",
      bornOn,
      bornAtTime: null,
      sex: "FEMALE",
      ethnicCategory: null,
    },
    { ...at, type: "RestrictionRecorded", restricted: false },
    { ...at, type: "ResponsibilityRecorded", locality: "WIRRAL", status: "RESIDENT", from: bornOn },
  ];
}

/** One clear outcome: one notification for the health visitors. */
function hearing(number: number): RecordedEvent & { readonly type: Extract<EventType, "NewbornHearingRecorded"> } {
  return {
    type: "NewbornHearingRecorded",
    action: "record",
    childId: `baby-${number}`,
    source: { system: "newborn-hearing-1", id: `E-${number}` },
    asOf: MIDNIGHT,
    outcome: "CLEAR_NO_FOLLOW_UP",
    outcomeCode: "276781000000109",
    screenedOn: "2026-01-01",
    outcomeSetAt: null,
    tests: [],
    provider: null,
    comment: null,
  };
}
