/**
 * A MESH mailbox on this machine, for the tests and the trials: the receiving half of the published API, version 2 of its
 * answers. Checked by hand to answer the collector as NHSDigital/mesh-sandbox does (docs/running.md).
 *
 * Source: NHSDigital/mesh-api-specification, specification/mesh-api.yaml.
 */

import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface Posted {
  /** Made where it is left out. */
  readonly id?: string;
  /** `DATA`, `TRANSFER` and `SUCCESS` unless said otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole, its parts, or what makes it when it is asked for. */
  readonly body: string | Buffer | readonly Buffer[] | (() => Buffer);
  /** Sent as gzip, each part by itself. */
  readonly gzip?: boolean;
}

/** What goes wrong with one answer. */
export type Fault =
  | { readonly status: number }
  /** The connection breaks off after so many bytes of the body. */
  | { readonly cutAfter: number }
  /** The connection breaks off before anything is answered. */
  | { readonly hangUp: true }
  /** A list whose link to the next page leads to this path. */
  | { readonly next: string };

export interface Asked {
  readonly method: string;
  /** Behind the mailbox: `/inbox/ID/2`. */
  readonly path: string;
}

export interface LoopbackMesh {
  readonly url: string;
  readonly mailbox: string;
  readonly password: string;
  readonly sharedKey: string;
  /** Every request that was let in, in order. */
  readonly asked: readonly Asked[];
  /** Ids of messages acknowledged, in order. */
  readonly acknowledged: readonly string[];
  waiting(): number;
  /** Puts a message into the inbox; answers its id. */
  put(posted: Posted): string;
  /** Asked before each answer; null: nothing goes wrong. */
  goWrong(fault: (asked: Asked) => Fault | null): void;
  close(): Promise<void>;
}

interface Held {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  parts(): readonly Buffer[];
  readonly gzip: boolean;
}

const PAGE = 500;
const CLOCK_MILLISECONDS = 2 * 60 * 60 * 1_000;

export async function loopbackMesh(
  options: {
    readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
    readonly password?: string;
    /** How many ids a page of the list has where the client does not say. */
    readonly page?: number;
  } = {},
): Promise<LoopbackMesh> {
  const mailbox = "X26HC001";
  const password = options.password ?? "Password-1";
  const sharedKey = "Banana";
  const inbox = new Map<string, Held>();
  const held = new Map<string, Held>();
  const asked: Asked[] = [];
  const acknowledged: string[] = [];
  const tokens = new Set<string>();
  let faultOf: (asked: Asked) => Fault | null = () => null;

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://loopback");
    const [, root, box = "", ...rest] = url.pathname.split("/");
    const method = request.method ?? "GET";
    const path = `/${rest.join("/")}`;
    if (root !== "messageexchange" || box.toUpperCase() !== mailbox)
      return send(response, 403, refusal("No mailbox matched"));
    const why = refused(request.headers.authorization ?? "");
    if (why !== null) return send(response, 403, refusal(why));
    asked.push({ method, path });
    const fault = faultOf({ method, path });
    if (fault !== null && "hangUp" in fault) return void request.socket.destroy();
    if (fault !== null && "status" in fault)
      return send(response, fault.status, { message: "An internal error occurred." });
    const [first, id = "", further] = rest;
    if (first === undefined || first === "") return handshake(request, response);
    if (first !== "inbox") return send(response, 404, refusal("Not Found"));
    const cutAfter = fault !== null && "cutAfter" in fault ? fault.cutAfter : null;
    if (id === "") return list(url, response, cutAfter, fault !== null && "next" in fault ? fault.next : null);
    const message = held.get(id.toUpperCase());
    if (message === undefined) return send(response, 404, refusal("Message does not exist"));
    if (method === "PUT" && further === "status" && rest[3] === "acknowledged") {
      if (inbox.delete(message.id)) acknowledged.push(message.id);
      return send(response, 200, null);
    }
    return download(request, response, message, further === undefined ? 1 : Number(further), cutAfter);
  };

  /** Why a token is not accepted; null where it is. */
  function refused(authorization: string): string | null {
    const told = /^NHSMESH ([^:]+):([^:]+):(\d+):(\d{12}):([0-9a-f]{64})$/.exec(authorization);
    if (told === null) return "Error reading from Authorization header";
    const [, who = "", nonce = "", count = "", at = "", digest = ""] = told;
    if (who !== mailbox) return "Mailbox id does not match token";
    const message = `${who}:${nonce}:${count}:${password}:${at}`;
    if (createHmac("sha256", sharedKey).update(message).digest("hex") !== digest) return "Invalid Authentication Token";
    const [year, ...parts] = [at.slice(0, 4), at.slice(4, 6), at.slice(6, 8), at.slice(8, 10), at.slice(10, 12)];
    const time = Date.parse(`${year}-${parts[0]}-${parts[1]}T${parts[2]}:${parts[3]}:00Z`);
    if (Math.abs(Date.now() - time) > CLOCK_MILLISECONDS) return "Invalid Authentication Token";
    if (tokens.has(`${nonce}:${count}`)) return "Error Duplicated Authentication Token";
    tokens.add(`${nonce}:${count}`);
    return null;
  }

  function handshake(request: IncomingMessage, response: ServerResponse) {
    const missing = ["mex-clientversion", "mex-osname", "mex-osversion"].filter((name) => !request.headers[name]);
    if (missing.length > 0) return send(response, 400, { detail: missing.map((name) => ({ loc: ["header", name] })) });
    send(response, 200, null);
  }

  function list(url: URL, response: ServerResponse, cutAfter: number | null, leadsTo: string | null) {
    const most = Number(url.searchParams.get("max_results") ?? options.page ?? PAGE);
    const from = url.searchParams.get("continue_from");
    const ids = [...inbox.keys()];
    const begin = from === null ? 0 : ids.indexOf(Buffer.from(from, "base64url").toString()) + 1;
    const messages = ids.slice(begin, begin + most);
    const self = `/messageexchange/${mailbox}/inbox`;
    const last = messages.at(-1);
    const more = leadsTo !== null || (last !== undefined && begin + most < ids.length);
    const next =
      leadsTo ?? `${self}?max_results=${most}&continue_from=${Buffer.from(last ?? "").toString("base64url")}`;
    send(
      response,
      200,
      { messages, links: { self, ...(more ? { next } : {}) }, approx_inbox_count: ids.length },
      cutAfter,
    );
  }

  function download(
    request: IncomingMessage,
    response: ServerResponse,
    message: Held,
    number: number,
    cutAfter: number | null,
  ) {
    const { headers, gzip, id } = message;
    const parts = message.parts();
    const part = parts[number - 1];
    if (part === undefined) return send(response, 404, refusal("Message does not exist"));
    const zipped = gzip && /gzip/.test(String(request.headers["accept-encoding"]));
    const bytes = zipped ? gzipSync(part) : part;
    response.writeHead(number < parts.length ? 206 : 200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": bytes.length,
      "Mex-To": mailbox,
      "Mex-Version": "1.0",
      "Mex-AddressType": "ALL",
      "Mex-MessageType": "DATA",
      "Mex-StatusCode": "00",
      "Mex-StatusEvent": "TRANSFER",
      "Mex-StatusSuccess": "SUCCESS",
      "Mex-FileName": `${id}.dat`,
      ...headers,
      "Mex-MessageID": id,
      "Mex-Chunk-Range": `${number}:${parts.length}`,
      "Mex-Total-Chunks": parts.length,
      ...(zipped ? { "Content-Encoding": "gzip", "Mex-Content-Compressed": "Y" } : {}),
    });
    end(response, bytes, cutAfter);
  }

  const server =
    options.tls === undefined
      ? createServer(answer)
      : createSecureServer({ ...options.tls, requestCert: true, rejectUnauthorized: true }, answer);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    mailbox,
    password,
    sharedKey,
    asked,
    acknowledged,
    waiting: () => inbox.size,
    put({ id = randomUUID().toUpperCase(), headers = {}, body, gzip = false }) {
      const whole = typeof body === "string" || Buffer.isBuffer(body) ? [Buffer.from(body)] : body;
      const message = { id, headers, parts: () => (typeof whole === "function" ? [whole()] : whole), gzip };
      inbox.set(id, message);
      held.set(id, message);
      return id;
    },
    goWrong(fault) {
      faultOf = fault;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function refusal(errorDescription: string): object {
  return { errorEvent: "", errorCode: "", errorDescription };
}

function send(response: ServerResponse, status: number, body: object | null, cutAfter: number | null = null): void {
  const bytes = Buffer.from(body === null ? "" : JSON.stringify(body));
  response.writeHead(status, {
    "Content-Type": "application/vnd.mesh.v2+json",
    "Content-Length": bytes.length,
  });
  end(response, bytes, cutAfter);
}

function end(response: ServerResponse, bytes: Buffer, cutAfter: number | null): void {
  if (cutAfter === null) response.end(bytes);
  else response.write(bytes.subarray(0, cutAfter), () => response.destroy());
}
