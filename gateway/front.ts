/**
 * The gateway's HTTP: who asks, what they may send, and what each path answers. A request reaches ApolloServer only
 * with a verified viewer, a body of the right shape and size and, from a partner app, a trusted document.
 */

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type ApolloServer, type ApolloServerPlugin, HeaderMap } from "@apollo/server";
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, Kind, parse } from "graphql";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import type { Executor, Operation } from "./execute";
import type { Explorer } from "./explorer/page";
import { type ShownError, shownOf, shownProblem } from "./faults";
import { excess, LIMITS, nestsTooDeep, type TrustedDocuments, weigherOf } from "./limits";
import type { Metrics } from "./metrics";
import type { Source } from "./sources";
import type { Verify } from "./viewer";

/** One request, as plan execution and the log know it. */
export interface Asking {
  readonly viewer: Viewer;
  readonly traceId: string;
  /** ApolloServer hands plugins a shallow copy of this, so what becomes known on the way is one level down. */
  readonly outcome: Outcome;
}

interface Outcome {
  /** Of the viewer; null until one is verified. */
  role: string | null;
  /** Name of the operation; null until it is known, and for one without a name. */
  operation: string | null;
  /** Codes of the errors that were answered; null until an answer was made. */
  codes: readonly string[] | null;
}

/** A line of the log: names, counts and times; never a variable, an argument or an answer. */
export type LogEntry = Readonly<Record<string, unknown>> & { readonly event: string };

export interface FrontOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly server: ApolloServer<Asking>;
  readonly executor: Executor;
  /** What clients may ask for. */
  readonly schema: GraphQLSchema;
  readonly sources: readonly Source[];
  readonly apiSdl: string;
  /** Who a token's bearer is; or the viewer that everybody is, where nobody needs a token. */
  readonly verify: Verify | Viewer;
  readonly trusted: TrustedDocuments;
  readonly explorer: Explorer;
  readonly metrics: Metrics;
  readonly log: (entry: LogEntry) => void;
}

export interface Front {
  readonly url: string;
  /** Takes no new request, answers those it has for up to ten seconds, then closes every connection. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** The body is text of which every letter is a byte. */
  readonly ascii?: boolean;
}

const JSON_TYPE = "application/json; charset=utf-8";
const TEXT_TYPE = "text/plain; charset=utf-8";
const READY_MILLISECONDS = 3_000;
const CLOSING_MILLISECONDS = 10_000;

const SECURITY_HEADERS = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
  ["cache-control", "no-store"],
].flat();

/** Opens the front. Throws PORT_IN_USE where something else listens already. */
export async function openFront(options: FrontOptions): Promise<Front> {
  const { host, port, log } = options;
  const traceIds = traceIdsOf();
  let closing = false;

  async function answer(request: IncomingMessage, traceId: string): Promise<Answer> {
    const url = request.url ?? "/";
    if (url === "/graphql") return graph(options, request, "", traceId); // what nearly everyone asks; no URL is parsed for it
    const { pathname, search } = new URL(url, "http://gateway");
    if (pathname === "/graphql") return graph(options, request, search, traceId);
    if (request.method !== "GET" && request.method !== "HEAD")
      return { ...refusal(405, invalid("this path only answers GET"), traceId), headers: { allow: "GET, HEAD" } };
    switch (pathname) {
      case "/healthz":
        return json(200, { status: "ok" });
      case "/readyz":
        return closing ? json(503, { status: "closing" }) : readiness(options.sources);
      case "/metrics":
        return { status: 200, headers: { "content-type": "text/plain; version=0.0.4" }, body: options.metrics.text() };
      case "/schema.graphql":
        return { status: 200, headers: { "content-type": TEXT_TYPE }, body: options.apiSdl };
    }
    const page = await options.explorer.answer(pathname, request);
    return page ?? refusal(404, invalid("there is nothing at this path"), traceId);
  }

  const http = createServer((request, response) => {
    const traceId = traceIds();
    answer(request, traceId)
      .catch((fault: unknown) => {
        log({ event: "fault", traceId, ...faultEntry(fault) });
        return refusal(500, new Problem("INTERNAL"), traceId);
      })
      .then((made) => send(request, response, made, traceId, closing));
  });
  http.keepAliveTimeout = 65_000; // longer than a load balancer's own, so that it never sends into a closing connection
  http.headersTimeout = 66_000;
  http.requestTimeout = 30_000;

  await listen(http, host, port);
  const address = http.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeIdleConnections();
      const impatience = setTimeout(() => http.closeAllConnections(), CLOSING_MILLISECONDS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", (fault: NodeJS.ErrnoException) =>
      reject(fault.code === "EADDRINUSE" ? new Problem("PORT_IN_USE", { port, host }) : fault),
    );
    http.listen(port, host, resolve);
  });
}

// --- The graph --------------------------------------------------------------------------------------------------

async function graph(
  options: FrontOptions,
  request: IncomingMessage,
  search: string,
  traceId: string,
): Promise<Answer> {
  const started = performance.now();
  const outcome: Outcome = { role: null, operation: null, codes: null };
  const answered = await askGraph(options, request, search, traceId, outcome);
  const milliseconds = Math.round((performance.now() - started) * 10) / 10;
  const { role, operation } = outcome;
  options.metrics.count("gateway_requests_total", { role: role ?? "NONE", status: String(answered.status) });
  options.metrics.observe("gateway_request_seconds", milliseconds / 1000);
  for (const code of answered.codes) options.metrics.count("gateway_errors_total", { code });
  const { status, codes } = answered;
  options.log({ event: "request", traceId, operation, role, status, milliseconds, codes });
  return answered;
}

interface GraphAnswer extends Answer {
  /** Of the errors in it, each once. */
  readonly codes: readonly string[];
}

async function askGraph(
  options: FrontOptions,
  request: IncomingMessage,
  search: string,
  traceId: string,
  outcome: Outcome,
): Promise<GraphAnswer> {
  const { trusted, server } = options;
  const refuse = (status: number, problem: Problem, headers: Readonly<Record<string, string>> = {}): GraphAnswer => {
    const { body, headers: own } = refusal(status, problem, traceId);
    return { status, headers: { ...own, ...headers }, body, codes: [problem.code] };
  };

  if (request.method !== "POST" && request.method !== "GET")
    return refuse(405, invalid("the graph is asked by POST"), { allow: "GET, POST" });
  const viewer = await viewerOf(options.verify, request.headers.authorization);
  if (viewer instanceof Problem) {
    const challenge = viewer.code === "NOT_SIGNED_IN" ? "Bearer" : 'Bearer error="invalid_token"';
    return refuse(401, viewer, { "www-authenticate": challenge });
  }
  outcome.role = viewer.role;
  if (!acceptsJson(request.headers.accept))
    return refuse(406, invalid("answers are application/json or application/graphql-response+json"));

  const read = request.method === "GET" ? readSearch(search, trusted) : await readBody(request, trusted);
  if ("problem" in read) return refuse(read.status, read.problem);
  const known = options.executor.known(read.query, read.operationName);
  if (
    known !== null &&
    plainlyJson(request.headers.accept) &&
    (viewer.role !== "PARTNER_APP" || trusted.trusts(read.query))
  ) {
    const answered = await askKnown(options, known, read.variables ?? {}, { viewer, traceId, outcome });
    if (answered instanceof Problem) return refuse(503, answered, RETRY_SHORTLY);
    if (answered !== null) return answered;
  }
  if (nestsTooDeep(read.query)) return refuse(400, invalid(`it nests deeper than ${LIMITS.nesting} brackets`));
  if (viewer.role === "PARTNER_APP" && !trusted.trusts(read.query))
    return refuse(403, new Problem("DOCUMENT_NOT_TRUSTED"));

  const headers = new HeaderMap([
    ["content-type", "application/json"],
    ["accept", request.headers.accept ?? "application/json"],
  ]);
  const result = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers, search: "", body: read },
    context: async () => ({ viewer, traceId, outcome }),
  });
  if (outcome.codes === null || result.body.kind !== "complete") {
    // It never came to an answer: the fault is ours, for the request was read before it was handed on.
    return refuse(500, new Problem("INTERNAL"));
  }
  return {
    status: result.status ?? 200,
    headers: Object.fromEntries(result.headers),
    body: result.body.string,
    codes: outcome.codes,
  };
}

async function viewerOf(verify: Verify | Viewer, authorization: string | undefined): Promise<Viewer | Problem> {
  if (typeof verify !== "function") return verify;
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  return token === undefined ? new Problem("NOT_SIGNED_IN") : verify(token);
}

// --- The short way in -------------------------------------------------------------------------------------------

const weighers = new WeakMap<Operation, ReturnType<typeof weigherOf>>();

/**
 * Answers an operation that came through ApolloServer before, by its text: parsing, validating and ApolloServer's own
 * pipeline are left out, nothing else is: 2.4 times less CPU time for a record, 1.6 to 2.5 for a small question (two rounds on a busy machine). Null where anything is out of the ordinary, which ApolloServer then says in
 * its own words; nothing was asked of a source in that case.
 */
async function askKnown(
  { executor, schema }: FrontOptions,
  known: Operation,
  variables: Readonly<Record<string, unknown>>,
  asking: Asking,
): Promise<GraphAnswer | Problem | null> {
  const { outcome, traceId } = asking;
  let weigh = weighers.get(known);
  if (weigh === undefined) {
    weigh = weigherOf(schema, known.document, known.operation);
    weighers.set(known, weigh);
  }
  if (weigh(variables) !== null) return null;
  const executed = await executor.execute(known, variables, asking).catch(problemOrThrow);
  if (executed instanceof Problem) return executed.code === "OVERLOADED" ? executed : null;
  if ("refused" in executed) return null;
  const name = known.operation.name?.value;
  outcome.operation = name === undefined ? null : withoutNumbers(name);
  const errors = executed.errors.length === 0 ? [] : signed(executed.errors, traceId);
  outcome.codes = [...new Set(errors.map((error) => error.extensions.code))];
  // Nothing is waited for between here and the socket: a long text in pieces, held across a wait, is copied again and
  // again by the garbage collector. Where every letter is a byte, head and body leave in one piece, unencoded.
  const body =
    errors.length === 0 ? `{"data":${executed.data}}` : `{"errors":${JSON.stringify(errors)},"data":${executed.data}}`;
  const ascii = executed.ascii && errors.length === 0;
  return { status: 200, headers: JSON_HEADERS, body, ascii, codes: outcome.codes };
}

export const RETRY_SHORTLY = { "retry-after": "1" } as const;

export function problemOrThrow(fault: unknown): Problem {
  if (fault instanceof Problem) return fault;
  throw fault;
}

const JSON_HEADERS = { "content-type": JSON_TYPE } as const;

/** Whether ApolloServer would answer application/json to this, as it does to most. */
function plainlyJson(accept: string | undefined): boolean {
  return accept === undefined || accept === "*/*" || accept === "application/json";
}

// --- Reading a request ------------------------------------------------------------------------------------------

interface GraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

interface Refused {
  readonly status: number;
  readonly problem: Problem;
}

/** By GET only what was registered can be asked, by its id, and only queries: a link must change nothing. */
function readSearch(search: string, trusted: TrustedDocuments): GraphRequest | Refused {
  const parameters = new URLSearchParams(search);
  const id = parameters.get("documentId");
  if (id === null) return bad(405, "by GET only a trusted document is asked, by its documentId");
  const query = trusted.find(id);
  if (query === null) return { status: 404, problem: new Problem("DOCUMENT_NOT_TRUSTED") };
  const asksOnly = parse(query).definitions.every(
    (each) => each.kind !== Kind.OPERATION_DEFINITION || each.operation === "query",
  );
  if (!asksOnly) return bad(405, "by GET only queries are asked");
  const variables = parsed(parameters.get("variables") ?? "{}");
  if (!isRecord(variables)) return bad(400, "variables is not a JSON object");
  const operationName = parameters.get("operationName");
  return { query, variables, ...(operationName === null ? {} : { operationName }) };
}

async function readBody(request: IncomingMessage, trusted: TrustedDocuments): Promise<GraphRequest | Refused> {
  const [type, ...parameters] = (request.headers["content-type"] ?? "").split(";").map((each) => each.trim());
  if (type?.toLowerCase() !== "application/json") return bad(415, "the body is not application/json");
  if (parameters.some((each) => /^charset=/i.test(each) && !/^charset="?utf-?8"?$/i.test(each)))
    return bad(415, "the body is not UTF-8");
  const text = await textOf(request);
  if (text === null) return bad(413, `the body is larger than ${LIMITS.bodyBytes} bytes`);
  const body = parsed(text);
  if (Array.isArray(body)) return bad(400, "it is a batch; send one operation a request");
  if (!isRecord(body)) return bad(400, "the body is not a JSON object");
  const { documentId, operationName, variables } = body;
  const query = typeof documentId === "string" ? trusted.find(documentId) : body.query;
  if (query === null) return { status: 404, problem: new Problem("DOCUMENT_NOT_TRUSTED") };
  if (typeof query !== "string" || query === "") return bad(400, "query is not a text");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string")
    return bad(400, "operationName is not a text");
  if (variables !== undefined && variables !== null && !isRecord(variables))
    return bad(400, "variables is not an object");
  return { query, ...(operationName ? { operationName } : {}), ...(variables ? { variables } : {}) };
}

/** The body as text; null where it is larger than allowed, and then no more of it is read. */
function textOf(request: IncomingMessage): Promise<string | null> {
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

function acceptsJson(accept: string | undefined): boolean {
  return (
    accept === undefined ||
    /(\*|application)\/(\*|json|graphql-response\+json)\s*(,|;(?!\s*q=0(\.0*)?\s*(,|$))|$)/i.test(accept)
  );
}

/** JSON of a text; undefined where it is none, which no JSON is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(fault: string): Problem {
  return new Problem("REQUEST_INVALID", { fault });
}

function bad(status: number, fault: string): Refused {
  return { status, problem: invalid(fault) };
}

/** What ApolloServer does at our word: the limits before an operation runs, the trace on each error before it leaves. */
export function watching(onFault: (entry: LogEntry) => void): ApolloServerPlugin<Asking> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ schema, document, operation, operationName, request, contextValue }) {
          contextValue.outcome.operation = operationName === null ? null : withoutNumbers(operationName);
          const fault =
            operation === undefined
              ? "operationName names none of its operations, or is missing where there are several"
              : schema.getRootType(operation.operation)
                ? excess(schema, document, operation, request.variables ?? {})
                : `the graph has no ${operation.operation}`;
          if (fault === null) return;
          const { message, extensions } = shownProblem(invalid(fault));
          throw new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
        },
        async didEncounterErrors({ errors, contextValue: { traceId } }) {
          for (const error of errors) {
            const shown = shownOf(error);
            // What a source reported is a plain value, and the source has said more of it in its own log.
            if (shown.extensions.code === "INTERNAL" && error.originalError instanceof Error)
              onFault({ event: "fault", traceId, ...faultEntry(error.originalError) });
          }
        },
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== "single") return;
          const result = response.body.singleResult;
          const errors = signed(result.errors ?? [], contextValue.traceId);
          result.errors = errors.length === 0 ? undefined : errors;
          contextValue.outcome.codes = [...new Set(errors.map((error) => error.extensions.code))];
        },
      };
    },
  };
}

/** Each error once, with the trace. */
function signed(errors: readonly GraphQLFormattedError[], traceId: string): ShownError[] {
  const once = new Map<string, ShownError>();
  for (const error of errors) {
    const { message, path, locations, extensions } = error as ShownError; // made by shownOf or shownProblem
    const shown: ShownError = {
      message,
      ...(locations === undefined ? {} : { locations }),
      ...(path === undefined ? {} : { path }),
      extensions: { ...extensions, traceId },
    };
    once.set(JSON.stringify([message, path ?? null, extensions.code]), shown);
  }
  return [...once.values()];
}

/** A name as the log may hold it: the client chose it, and might have put a number of somebody into it. */
function withoutNumbers(name: string): string {
  return name.replace(/\d{4,}/g, "…").slice(0, 80);
}

/** What the log may say of an unexpected fault: its kind and where, not its message, which may be about a person. */
export function faultEntry(fault: unknown): { readonly fault: string; readonly at: readonly string[] } {
  if (!(fault instanceof Error)) return { fault: typeof fault, at: [] };
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { fault: fault.name, at: frames.slice(0, 6).map((line) => line.trim()) };
}

// --- Answers ----------------------------------------------------------------------------------------------------

async function readiness(sources: readonly Source[]): Promise<Answer> {
  const states = await Promise.all(
    sources.map(async (source) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve("SOURCE_UNAVAILABLE"), READY_MILLISECONDS);
      });
      const state = await Promise.race([
        source.ready().then(
          () => "ready",
          () => "SOURCE_UNAVAILABLE",
        ),
        late,
      ]);
      clearTimeout(timer);
      return [source.name, state] as const;
    }),
  );
  const ready = states.every(([, state]) => state === "ready");
  return json(ready ? 200 : 503, { status: ready ? "ready" : "not ready", sources: Object.fromEntries(states) });
}

/** A refusal in the shape of an answer of the graph, so that every client reads it the same way. */
function refusal(status: number, problem: Problem, traceId: string): Answer {
  return json(status, { errors: signed([shownProblem(problem)], traceId) });
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { "content-type": JSON_TYPE }, body: JSON.stringify(body) };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body, ascii }: Answer,
  traceId: string,
  closing: boolean,
): void {
  const bytes = typeof body === "string" && ascii !== true ? Buffer.from(body) : body;
  // A flat list is written as it is; an object would be read, checked and kept, name by name.
  const lines = [...SECURITY_HEADERS, "x-trace-id", traceId, "content-length", String(bytes.length)];
  for (const name in headers) lines.push(name, headers[name] ?? "");
  // What is left of a body that was refused is not waited for.
  if (closing || !request.complete) lines.push("connection", "close");
  response.writeHead(status, lines);
  response.end(request.method === "HEAD" ? undefined : bytes, "latin1");
}

const TRACES_AT_ONCE = 256;

/** 32 hexadecimal digits at a call, as random as any: the system is asked for many at once, for the asking is what costs. */
function traceIdsOf(): () => string {
  let [digits, at] = ["", 0];
  return () => {
    if (at === digits.length) [digits, at] = [randomBytes(16 * TRACES_AT_ONCE).toString("hex"), 0];
    at += 32;
    return digits.slice(at - 32, at);
  };
}
