/** The gateway's HTTP below its paths: how it listens, how a body is read, and how an answer leaves. */

import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Problem } from "../schema/errors";
import { shownProblem, signed } from "./faults";
import { LIMITS } from "./limits";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text that comes in pieces is sent piece by piece. */
  readonly body: string | Buffer | AsyncIterable<string>;
  /** The body is text of which every letter is a byte. */
  readonly ascii?: boolean;
  /** Whoever made it has said whether it may be kept; otherwise nobody may, for it may be about a person. */
  readonly keeping?: "AS_SAID";
}

export const JSON_TYPE = "application/json; charset=utf-8";
export const TEXT_TYPE = "text/plain; charset=utf-8";
export const JSON_HEADERS = { "content-type": JSON_TYPE } as const;

const SECURITY_HEADERS = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
].flat();

/** Throws PORT_IN_USE where something else listens already. */
export function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", (fault: NodeJS.ErrnoException) =>
      reject(fault.code === "EADDRINUSE" ? new Problem("PORT_IN_USE", { port, host }) : fault),
    );
    http.listen(port, host, resolve);
  });
}

/** The body as text; null where it is larger than allowed, and then no more of it is read. */
export function textOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.bodyBytes) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LIMITS.bodyBytes) chunks.push(chunk);
      else {
        request.pause();
        resolve(null);
      }
    });
    request.on("end", () => resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString("utf8") ?? ""));
    request.on("error", reject);
  });
}

export function invalid(fault: string): Problem {
  return new Problem("REQUEST_INVALID", { fault });
}

/** A refusal in the shape of an answer of the graph, so that every client reads it the same way. */
export function refusal(status: number, problem: Problem, traceId: string): Answer {
  return json(status, { errors: signed([shownProblem(problem)], traceId) });
}

export function json(status: number, body: unknown): Answer {
  return { status, headers: { "content-type": JSON_TYPE }, body: JSON.stringify(body) };
}

export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body, ascii, keeping }: Answer,
  traceId: string,
  closing: boolean,
): Promise<void> {
  // A flat list is written as it is; an object would be read, checked and kept, name by name.
  const lines = [...SECURITY_HEADERS, "x-trace-id", traceId];
  for (const name in headers) if (name !== "content-length") lines.push(name, headers[name] ?? "");
  if (keeping === undefined && headers["cache-control"] === undefined) lines.push("cache-control", "no-store");
  // What is left of a body that was refused is not waited for.
  if (closing || !request.complete) lines.push("connection", "close");
  if (typeof body === "object" && !Buffer.isBuffer(body)) {
    response.writeHead(status, lines);
    for await (const piece of body) {
      if (response.destroyed) break;
      if (!response.write(piece)) await drained(response);
    }
    response.end();
    return;
  }
  const bytes = typeof body === "string" && ascii !== true ? Buffer.from(body) : body;
  lines.push("content-length", String(bytes.length));
  response.writeHead(status, lines);
  response.end(request.method === "HEAD" ? undefined : bytes, "latin1");
}

/** Resolves when there is room for more, or the connection is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

const TRACES_AT_ONCE = 256;

/** 32 hexadecimal digits at a call, as random as any: the system is asked for many at once, for the asking is what costs. */
export function traceIdsOf(): () => string {
  let [digits, at] = ["", 0];
  return () => {
    if (at === digits.length) [digits, at] = [randomBytes(16 * TRACES_AT_ONCE).toString("hex"), 0];
    at += 32;
    return digits.slice(at - 32, at);
  };
}
