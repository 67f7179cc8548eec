/**
 * Speaks to one MESH mailbox, as its owner and only to receive: who we are, what lies there, each message whole, and
 * that it was kept. Knows nothing of what messages say.
 *
 * Source: NHS England, MESH API (NHSDigital/mesh-api-specification, specification/mesh-api.yaml), version 2 of its
 * answers.
 */

import { createHmac, randomUUID, X509Certificate } from "node:crypto";
import { arch, platform, release } from "node:os";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Dispatcher, Pool } from "undici";
import { faultCode, Problem } from "../schema/errors";
import { LARGEST_ARRIVAL_BYTES } from "./arrivals";

/** What a mailbox is reached by. Certificates and keys are PEM. */
export interface Mailbox {
  /** Without a path: `https://mesh-sync.spineservices.nhs.uk`. */
  readonly url: string;
  /** In capitals. */
  readonly mailbox: string;
  readonly password: string;
  /** Of the MESH environment, not of the mailbox. */
  readonly sharedKey: string;
  /** Null where the mailbox is on this machine and without TLS: a test. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | null } | null;
}

/** A page of the ids of messages that wait, oldest first; `next` null: no more than these. */
export interface InboxPage {
  readonly ids: readonly string[];
  readonly next: string | null;
}

/** A message whole; or why there is none: it is no longer there, or it holds more than any message may. */
export type Download =
  | { readonly got: "MESSAGE"; readonly headers: Readonly<Record<string, string>>; readonly bytes: Buffer }
  | { readonly got: "GONE" }
  | { readonly got: "TOO_LARGE" };

/** Every method throws MESH_UNREACHABLE or MESH_REFUSED; `download` also MESH_MESSAGE_INCOMPLETE. */
export interface Mesh {
  /** Says who we are, which the service asks for once a day. */
  handshake(): Promise<void>;
  /** The first page, or the one that an earlier page named as its next. */
  list(next: string | null): Promise<InboxPage>;
  download(id: string): Promise<Download>;
  acknowledge(id: string): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_MILLISECONDS = 10_000;
/** Between two pieces of an answer; and for the answer to begin. */
const SILENCE_MILLISECONDS = 20_000;
/** How many requests are under way at once. */
export const CONNECTIONS = 8;
/** More parts than this make no message of ours, however small each is. */
const MOST_CHUNKS = 1_000;

const unzipped = promisify(gunzip);

export function meshOf(box: Mailbox, now: () => number): Mesh {
  const { mailbox } = box;
  const origin = new URL(box.url).origin;
  const tls =
    box.tls === null
      ? {}
      : { cert: box.tls.cert, key: box.tls.key, ...(box.tls.ca === null ? {} : { ca: box.tls.ca }) };
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    connect: { ...tls, timeout: CONNECT_MILLISECONDS },
    headersTimeout: SILENCE_MILLISECONDS,
    bodyTimeout: SILENCE_MILLISECONDS,
  });
  const token = tokensOf(box, now);
  const root = `/messageexchange/${encodeURIComponent(mailbox)}`;
  const unreachable = (fault: string) => new Problem("MESH_UNREACHABLE", { mailbox, fault });

  async function request(
    method: "GET" | "POST" | "PUT",
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Dispatcher.ResponseData> {
    const ended = endedOn(box, now());
    if (ended !== null) throw unreachable(`MESH_CLIENT_CERT ended on ${ended}`);
    let response: Dispatcher.ResponseData;
    try {
      response = await pool.request({
        method,
        path,
        headers: {
          accept: "application/vnd.mesh.v2+json",
          "accept-encoding": "gzip",
          authorization: token(),
          "user-agent": CLIENT,
          ...headers,
        },
      });
    } catch (fault) {
      throw unreachable(transportFault(fault));
    }
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    if (statusCode === 404 || statusCode === 410) return response;
    await response.body.dump().catch(() => undefined);
    if (statusCode === 401 || statusCode === 403) throw new Problem("MESH_REFUSED", { mailbox, status: statusCode });
    throw unreachable(`it answered ${statusCode}`);
  }

  /** One part of a message, as it was before it was compressed for the way; null where there is none any more. */
  async function part(id: string, number: number): Promise<Part | null> {
    const incomplete = (fault: string) => new Problem("MESH_MESSAGE_INCOMPLETE", { mailbox, message: id, fault });
    const within = `${root}/inbox/${encodeURIComponent(id)}`;
    const response = await request("GET", number === 1 ? within : `${within}/${number}`);
    const { statusCode, body } = response;
    if (statusCode === 404 || statusCode === 410) {
      await body.dump();
      return null;
    }
    const headers = headersOf(response.headers);
    const pieces: Buffer[] = [];
    let size = 0;
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > LARGEST_ARRIVAL_BYTES) return { headers, bytes: null, statusCode }; // leaving the loop ends the answer
        pieces.push(piece);
      }
    } catch (fault) {
      throw incomplete(`part ${number} broke off, ${transportFault(fault)}`);
    }
    const bytes = Buffer.concat(pieces);
    if (!/\bgzip\b/i.test(headers["content-encoding"] ?? "") || bytes.length === 0)
      return { headers, bytes, statusCode };
    try {
      return { headers, bytes: await unzipped(bytes, { maxOutputLength: LARGEST_ARRIVAL_BYTES }), statusCode };
    } catch (fault) {
      if (faultCode(fault) === "ERR_BUFFER_TOO_LARGE") return { headers, bytes: null, statusCode };
      throw incomplete(`part ${number} is no whole gzip`);
    }
  }

  return {
    async handshake() {
      const response = await request("POST", root, {
        "mex-clientversion": CLIENT,
        "mex-osname": platform(),
        "mex-osversion": release(),
        "mex-osarchitecture": arch(),
      });
      await response.body.dump();
      if (response.statusCode !== 200) throw unreachable(`it answered ${response.statusCode}`);
    },

    async list(next) {
      const response = await request("GET", next ?? `${root}/inbox`);
      const text = await response.body.text().catch((fault: unknown) => {
        throw unreachable(transportFault(fault));
      });
      const page = response.statusCode === 200 ? pageIn(text) : null;
      if (page === null) throw unreachable(`its list of messages cannot be read (${response.statusCode})`);
      const { ids, next: link } = page;
      return { ids, next: link === null ? null : ownPath(link, origin, root) };
    },

    async download(id) {
      const incomplete = (fault: string) => new Problem("MESH_MESSAGE_INCOMPLETE", { mailbox, message: id, fault });
      const first = await part(id, 1);
      if (first === null) return { got: "GONE" };
      if (first.bytes === null) return { got: "TOO_LARGE" };
      const range = /^\s*1\s*:\s*(\d{1,9})\s*$/.exec(first.headers["mex-chunk-range"] ?? "1:1");
      // A report has no body, and may say that it has no parts.
      const parts = Math.max(1, Number(range?.[1] ?? 0));
      if (range === null) throw incomplete("it does not say of how many parts it is");
      if (first.statusCode === 206 && parts === 1) throw incomplete("it is in parts and does not say of how many");
      if (parts > MOST_CHUNKS) return { got: "TOO_LARGE" };
      const all = [first.bytes];
      let size = first.bytes.length;
      for (let number = 2; number <= parts; number++) {
        const further = await part(id, number);
        if (further === null) throw incomplete(`part ${number} of ${parts} is not there`);
        const told = further.headers["mex-chunk-range"];
        if (told !== undefined && told.replaceAll(" ", "") !== `${number}:${parts}`) {
          throw incomplete(`part ${number} of ${parts} says that it is another`);
        }
        size += further.bytes?.length ?? Number.POSITIVE_INFINITY;
        if (further.bytes === null || size > LARGEST_ARRIVAL_BYTES) return { got: "TOO_LARGE" };
        all.push(further.bytes);
      }
      const bytes = await asWritten(Buffer.concat(all));
      if (bytes === null) return { got: "TOO_LARGE" };
      return { got: "MESSAGE", headers: first.headers, bytes };
    },

    async acknowledge(id) {
      const response = await request("PUT", `${root}/inbox/${encodeURIComponent(id)}/status/acknowledged`);
      await response.body.dump();
      // One that is gone was acknowledged before, or has left the mailbox after five days; either way it is kept here.
    },

    close: () => pool.close(),
  };
}

interface Part {
  readonly headers: Readonly<Record<string, string>>;
  /** Null where it is larger than any message. */
  readonly bytes: Buffer | null;
  readonly statusCode: number;
}

const CLIENT = "child-health-record;1.0";

/**
 * The header that proves who asks, a new one for each request:
 * `NHSMESH mailbox:nonce:count:yyyyMMddHHmm:HMAC-SHA256(mailbox:nonce:count:password:yyyyMMddHHmm)`. The nonce is one
 * for the life of the client, the count how often it was used; the time is UTC.
 */
export function tokensOf({ mailbox, password, sharedKey }: Mailbox, now: () => number): () => string {
  const nonce = randomUUID();
  let count = 0;
  return () => {
    const at = new Date(now()).toISOString().replace(/\D/g, "").slice(0, "yyyyMMddHHmm".length);
    const told = `${mailbox}:${nonce}:${count}`;
    const digest = createHmac("sha256", sharedKey).update(`${told}:${password}:${at}`).digest("hex");
    count += 1;
    return `NHSMESH ${told}:${at}:${digest}`;
  };
}

/** The day a client certificate ended; null while it holds. The far side would only break off the connection. */
function endedOn({ tls }: Mailbox, at: number): string | null {
  if (tls === null) return null;
  const end = Date.parse(new X509Certificate(tls.cert).validTo);
  return end < at ? new Date(end).toISOString().slice(0, 10) : null;
}

/** What failed on the way, by its code: its text may hold what was sent. */
function transportFault(fault: unknown): string {
  return faultCode(fault) ?? faultCode((fault as { readonly cause?: unknown } | null)?.cause) ?? "it broke off";
}

/** What MESH says of a message: its own headers, and how the body is to be read. Names in small letters. */
function headersOf(headers: Dispatcher.ResponseData["headers"]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const key = name.toLowerCase();
      const kept = key.startsWith("mex-") || KEPT_HEADERS.has(key);
      return kept && value !== undefined ? [[key, Array.isArray(value) ? value.join(", ") : value]] : [];
    }),
  );
}

const KEPT_HEADERS: ReadonlySet<string> = new Set(["content-encoding", "content-type", "last-modified", "etag"]);

function pageIn(text: string): InboxPage | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null || !("messages" in json) || !Array.isArray(json.messages)) return null;
  const ids = json.messages.filter((id): id is string => typeof id === "string" && id !== "");
  const links = "links" in json && typeof json.links === "object" && json.links !== null ? json.links : {};
  const next = "next" in links && typeof links.next === "string" && links.next !== "" ? links.next : null;
  return { ids, next };
}

/** A link of the mailbox as a path; null where it leads anywhere else, for nothing but what was configured is called. */
function ownPath(link: string, origin: string, root: string): string | null {
  if (!URL.canParse(link, origin)) return null;
  const url = new URL(link, origin);
  const own = url.origin === origin && url.pathname.toLowerCase().startsWith(`${root.toLowerCase()}/`);
  return own ? `${url.pathname}${url.search}` : null;
}

/** A message that its sender compressed before sending is read as it was before; null where it is then too large. */
async function asWritten(bytes: Buffer): Promise<Buffer | null> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await unzipped(bytes, { maxOutputLength: LARGEST_ARRIVAL_BYTES });
  } catch (fault) {
    // What only looks like it is kept as it came, and will be found to be no message.
    return faultCode(fault) === "ERR_BUFFER_TOO_LARGE" ? null : bytes;
  }
}
