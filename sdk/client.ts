/**
 * The child health record for partner apps: one class, one typed method an operation. Needs nothing but `fetch`, which
 * Node 18 and later and every browser have.
 */

import { type Answer, type AnswerError, type Operation, Operations } from "./generated";

export type * from "./generated";
export { OPERATIONS } from "./generated";

export interface ClientOptions {
  /** Address of the graph, such as `https://record.example.nhs.uk/graphql`. */
  readonly endpoint: string;
  /** A bearer token, or a function that gives one that is still good; it is asked for every request. */
  readonly token: string | (() => string | Promise<string>);
  /** Used in place of the global `fetch`, for a proxy or a test. */
  readonly fetch?: (url: string, request: ClientRequest) => Promise<ClientResponse>;
  /** How long an answer may take; 30 seconds when left out. */
  readonly timeoutMilliseconds?: number;
}

/** What the client needs of a `fetch`: the standard one fits. */
export interface ClientRequest {
  readonly method: "POST";
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface ClientResponse {
  readonly status: number;
  json(): Promise<unknown>;
}

/**
 * Nothing was answered. `codes` says why, each a code of the record's catalogue, or `UNREACHABLE` where no answer came
 * at all and `ANSWER_INVALID` where what came was no answer of the record; both are worth trying again later.
 */
export class ChildHealthError extends Error {
  override readonly name = "ChildHealthError";
  /** The HTTP status; null where there was none. */
  readonly status: number | null;
  readonly errors: readonly AnswerError[];

  constructor(operation: string, status: number | null, errors: readonly AnswerError[], cause?: unknown) {
    super(`${operation}: ${errors.map(({ code, message }) => `${code} ${message}`).join("; ")}`, { cause });
    this.status = status;
    this.errors = errors;
  }

  get codes(): readonly string[] {
    return this.errors.map((error) => error.code);
  }

  has(code: string): boolean {
    return this.codes.includes(code);
  }
}

const TIMEOUT_MILLISECONDS = 30_000;

/**
 * Asks the record. Each method resolves with `{ data, errors }`: what could be answered, and what could not and why.
 * It rejects with a ChildHealthError only where there is no data at all: not signed in, not permitted to ask, not
 * reachable, or the one thing asked for failed.
 */
export class ChildHealthClient extends Operations {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
  }

  protected async ask<Result>(operation: Operation, variables: object): Promise<Answer<Result>> {
    const { endpoint, token, fetch: given, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = this.#options;
    const send = given ?? fetch;
    const bearer = typeof token === "string" ? token : await token();
    let response: ClientResponse;
    let body: unknown;
    try {
      response = await send(endpoint, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          authorization: `Bearer ${bearer}`,
        },
        body: JSON.stringify({ query: operation.document, operationName: operation.name, variables }),
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
    } catch (cause) {
      throw new ChildHealthError(operation.name, null, [ownError("UNREACHABLE", "No answer came.")], cause);
    }
    const { status } = response;
    try {
      body = await response.json();
    } catch (cause) {
      throw new ChildHealthError(operation.name, status, [ownError("ANSWER_INVALID", "The answer is no JSON.")], cause);
    }
    const errors = isRecord(body) && Array.isArray(body.errors) ? body.errors.map(readError) : [];
    const data = isRecord(body) ? body.data : undefined;
    if (isRecord(data)) return { data: data as Result, errors }; // the record answers by the types generated from it
    const why = errors.length > 0 ? errors : [ownError("ANSWER_INVALID", "The answer holds neither data nor errors.")];
    throw new ChildHealthError(operation.name, status, why);
  }
}

function ownError(code: string, message: string): AnswerError {
  return { message, path: null, code, remedy: null, source: null, traceId: null };
}

function readError(error: unknown): AnswerError {
  const { message, path, extensions } = isRecord(error) ? error : {};
  const told = isRecord(extensions) ? extensions : {};
  return {
    message: textOf(message) ?? "",
    path: Array.isArray(path) ? path : null,
    code: textOf(told.code) ?? "INTERNAL",
    remedy: textOf(told.do),
    source: textOf(told.source),
    traceId: textOf(told.traceId),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
