/**
 * The child health record for partner apps: one class, one typed method an operation. Needs nothing but `fetch`, which
 * Node 18 and later and every browser have.
 */

import { type Answer, type AnswerError, type ListenOptions, type Operation, Operations, type Told } from "./generated";

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
  /** For subscriptions: the answer as it comes. */
  readonly body?: {
    getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> };
  } | null;
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
/** The record sends something every 12 seconds, if only to say that it is there. */
const SILENCE_MILLISECONDS = 40_000;
const [FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS] = [250, 30_000];
/** A refusal that another token, or another time, may not meet with. */
const PASSING: readonly string[] = [
  "UNREACHABLE",
  "ANSWER_INVALID",
  "TOKEN_REFUSED",
  "SOURCE_UNAVAILABLE",
  "OVERLOADED",
  "RATE_LIMITED",
  "INTERNAL",
];

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
    const errors = errorsOf(body);
    const data = isRecord(body) ? body.data : undefined;
    if (isRecord(data)) return { data: data as Result, errors }; // the record answers by the types generated from it
    const why = errors.length > 0 ? errors : [ownError("ANSWER_INVALID", "The answer holds neither data nor errors.")];
    throw new ChildHealthError(operation.name, status, why);
  }

  /**
   * The events of a subscription, each once and in order, until it is left or its signal aborts. A connection that is lost
   * is made again, behind the last event; the token is asked for each time. Rejects with a ChildHealthError where
   * the record refuses, and not for what passes.
   */
  protected async *listen<Result>(
    operation: Operation,
    variables: object,
    { signal }: ListenOptions,
  ): AsyncGenerator<Told<Result>, void> {
    let after: string | null = null;
    let pause = 0;
    const isLeft = () => signal?.aborted === true;
    while (!isLeft()) {
      try {
        const from: object = after === null ? {} : { after };
        const events = this.#events(operation, { ...variables, ...from }, signal);
        for await (const { data, id } of events) {
          pause = 0;
          if (data !== null) {
            const told: unknown = JSON.parse(data);
            const errors = errorsOf(told);
            const result = isRecord(told) ? told.data : undefined;
            if (!isRecord(result)) throw new ChildHealthError(operation.name, 200, errors);
            const cursor = id ?? "";
            after = id ?? after;
            yield { data: result as Result, errors, cursor }; // the record answers by the types generated from it
          }
          after = id ?? after;
        }
      } catch (fault) {
        if (isLeft()) return;
        if (!(fault instanceof ChildHealthError) || !fault.codes.every((code) => PASSING.includes(code))) throw fault;
        // A token that does not change will not be accepted the next time.
        if (fault.has("TOKEN_REFUSED") && typeof this.#options.token === "string") throw fault;
      }
      pause = Math.min(LONGEST_PAUSE_MILLISECONDS, Math.max(FIRST_PAUSE_MILLISECONDS, pause * 2));
      await rest(pause * (0.5 + Math.random() / 2), signal);
    }
  }

  async *#events(
    operation: Operation,
    variables: object,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<StreamEvent, void> {
    const { endpoint, token, fetch: given } = this.#options;
    const send = given ?? fetch;
    const bearer = typeof token === "string" ? token : await token();
    const silence = new AbortController();
    const stop = () => silence.abort();
    let timer = setTimeout(stop, SILENCE_MILLISECONDS);
    signal?.addEventListener("abort", stop);
    try {
      let response: ClientResponse;
      try {
        response = await send(endpoint, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "text/event-stream",
            authorization: `Bearer ${bearer}`,
          },
          body: JSON.stringify({ query: operation.document, operationName: operation.name, variables }),
          signal: silence.signal,
        });
      } catch (cause) {
        throw new ChildHealthError(operation.name, null, [ownError("UNREACHABLE", "No answer came.")], cause);
      }
      if (response.status !== 200) throw await refusalOf(operation, response);
      const reader = response.body?.getReader();
      const decoder = new TextDecoder();
      for (let text = ""; ; ) {
        const { done, value } = (await reader?.read().catch(() => null)) ?? { done: true, value: undefined };
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE_MILLISECONDS);
        text += decoder.decode(value, { stream: true });
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const event = readEvent(text.slice(0, end));
          text = text.slice(end + 2);
          if (event.complete) return;
          yield event;
        }
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      stop();
    }
  }
}

async function refusalOf(operation: Operation, response: ClientResponse): Promise<ChildHealthError> {
  const body = await response.json().catch(() => null);
  const errors = errorsOf(body);
  const why = errors.length > 0 ? errors : [ownError("ANSWER_INVALID", "The answer is no JSON.")];
  return new ChildHealthError(operation.name, response.status, why);
}

/** One server-sent event; `data` null where it only says how far the record has looked. */
interface StreamEvent {
  readonly data: string | null;
  readonly id: string | null;
  readonly complete: boolean;
}

function readEvent(text: string): StreamEvent {
  let [data, id, complete]: [string | null, string | null, boolean] = [null, null, false];
  for (const line of text.split("\n")) {
    if (line.startsWith("data: ")) data = line.slice("data: ".length);
    else if (line.startsWith("id: ")) id = line.slice("id: ".length);
    else if (line === "event: complete") complete = true;
  }
  return { data, id, complete };
}

function rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}

function ownError(code: string, message: string): AnswerError {
  return { message, path: null, code, remedy: null, source: null, traceId: null };
}

function errorsOf(body: unknown): readonly AnswerError[] {
  return isRecord(body) && Array.isArray(body.errors) ? body.errors.map(readError) : [];
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
