/** Who is told by signed webhooks, and the rules of sending: signature, payload, pauses. Pure. */

import { createHmac } from "node:crypto";
import type { Viewer } from "../../schema/access";
import { Problem } from "../../schema/errors";
import { isLocalityCode, LOCALITY_CODES, type LocalityCode } from "../../schema/vocabulary/localities";
import type { Notification } from "./model";

/** A partner app's address. What it may be told follows from its localities and scopes, as for any request of the app. */
export interface Receiver {
  readonly name: string;
  readonly url: string;
  /** Known to the receiver and to us alone. */
  readonly secret: string;
  readonly localities: readonly LocalityCode[];
  readonly scopes: readonly string[];
  /** How long it may take to answer; ten seconds when left out. */
  readonly timeoutMilliseconds?: number;
}

const SHORTEST_SECRET = 32;

/**
 * The receivers of a configuration file: a JSON list of name, url, secret, localities and scopes. Throws SETTING_INVALID
 * with the first thing that is not what it must be; a secret is never quoted.
 */
export function readReceivers(text: string): readonly Receiver[] {
  const refuse = (expected: string): never => {
    throw new Problem("SETTING_INVALID", { name: "WEBHOOKS", expected });
  };
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return refuse("the path of a file of JSON");
  }
  if (!Array.isArray(list)) return refuse("the path of a JSON list of receivers");
  const names = new Set<string>();
  return list.map((each: unknown, at): Receiver => {
    const { name, url, secret, localities, scopes, timeoutMilliseconds } = (each ?? {}) as Readonly<
      Record<string, unknown>
    >; // of any JSON but null
    const where = `a list of which receiver ${at + 1} has`;
    if (typeof name !== "string" || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name) || names.has(name))
      return refuse(`${where} a name of its own of small letters, digits and hyphens`);
    names.add(name);
    if (typeof url !== "string" || !isAddress(url)) return refuse(`${where} an https url; http only on this machine`);
    if (typeof secret !== "string" || secret.length < SHORTEST_SECRET)
      return refuse(`${where} a secret of at least ${SHORTEST_SECRET} characters`);
    if (!Array.isArray(localities) || localities.length === 0 || !localities.every(isLocality))
      return refuse(`${where} localities, each one of ${LOCALITY_CODES.join(", ")}`);
    if (!Array.isArray(scopes) || !scopes.every((scope): scope is string => typeof scope === "string"))
      return refuse(`${where} a list of scopes`);
    const receiver = { name, url, secret, localities, scopes };
    if (timeoutMilliseconds === undefined) return receiver;
    if (typeof timeoutMilliseconds !== "number" || !(timeoutMilliseconds >= 100 && timeoutMilliseconds <= 30_000))
      return refuse(`${where} timeoutMilliseconds from 100 to 30000, or none`);
    return { ...receiver, timeoutMilliseconds };
  });
}

function isLocality(code: unknown): code is LocalityCode {
  return typeof code === "string" && isLocalityCode(code);
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));
}

/** The receiver as whoever asks: a partner app like any other. */
export function viewerOf({ name, localities, scopes }: Receiver): Viewer {
  return { subject: `webhook:${name}`, name, role: "PARTNER_APP", organisation: null, localities, scopes };
}

/** What is sent: that something happened, to whom and where to go on. Who the child is, the app asks for, as itself. */
export function payloadOf(notification: Notification, cursor: string): string {
  const { sequence, kind, urgency, screen, team, childId, toldAt, seeBy, escalationOf } = notification;
  return JSON.stringify({
    id: String(sequence),
    cursor,
    kind,
    urgency,
    screen,
    team,
    childId,
    toldAt,
    seeBy,
    escalationOf: escalationOf === null ? null : String(escalationOf),
  });
}

/** The headers that a body is sent with; sdk/webhook.ts verifies them. */
export function signedHeaders(secret: string, id: string, body: string, nowMilliseconds: number) {
  const timestamp = Math.floor(nowMilliseconds / 1000);
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return {
    "content-type": "application/json",
    "user-agent": "child-health-record",
    "x-notification-id": id,
    "x-notification-signature": `t=${timestamp},v1=${signature}`,
  };
}

/** For so long a notification is tried, counted from when it was told. */
export const TRIED_MILLISECONDS = 24 * 3_600_000;

const [FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS] = [5_000, 3_600_000];

/**
 * How long a receiver is left alone after so many attempts that failed, from 1: twice as long each time up to an hour,
 * and between half of that and all of it by `chance` (0 to 1), so that many who fail together do not come back together.
 */
export function pauseMilliseconds(attempts: number, chance: number): number {
  const longest = Math.min(LONGEST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** Math.min(attempts - 1, 20));
  return Math.round(longest * (0.5 + chance / 2));
}
