/** What a request to the graph may be: by POST a JSON body, by GET a trusted document's id. */

import type { IncomingMessage } from "node:http";
import { Kind, parse } from "graphql";
import { Problem } from "../schema/errors";
import { invalid, textOf } from "./http";
import { LIMITS, type TrustedDocuments } from "./limits";

export interface GraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface Refused {
  readonly status: number;
  readonly problem: Problem;
}

/** By GET only what was registered can be asked, by its id, and only queries: a link must change nothing. */
export function readSearch(search: string, trusted: TrustedDocuments): GraphRequest | Refused {
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

export async function readBody(request: IncomingMessage, trusted: TrustedDocuments): Promise<GraphRequest | Refused> {
  const [type, ...parameters] = (request.headers["content-type"] ?? "").split(";").map((each) => each.trim());
  if (type?.toLowerCase() !== "application/json") return bad(415, "the body is not application/json");
  if (isOtherwiseEncoded(parameters)) return bad(415, "the body is not UTF-8");
  const text = await textOf(request);
  if (text === null) return bad(413, `the body is larger than ${LIMITS.bodyBytes} bytes`);
  const body = parsed(text);
  if (Array.isArray(body)) return bad(400, "it is a batch; send one operation a request");
  if (!isRecord(body)) return bad(400, "the body is not a JSON object");
  const { documentId, operationName, variables, extensions } = body;
  const query = typeof documentId === "string" ? trusted.find(documentId) : body.query;
  if (query === null) return { status: 404, problem: new Problem("DOCUMENT_NOT_TRUSTED") };
  if (typeof query !== "string" || query === "") return bad(400, "query is not a text");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string")
    return bad(400, "operationName is not a text");
  if (variables !== undefined && variables !== null && !isRecord(variables))
    return bad(400, "variables is not an object");
  if (extensions !== undefined && extensions !== null && !isRecord(extensions))
    return bad(400, "extensions is not an object");
  return { query, ...(operationName ? { operationName } : {}), ...(variables ? { variables } : {}) };
}

/** What ApolloServer is handed of a body: its JSON; undefined for anything else, which it refuses in its own words. */
export async function readOpenly(request: IncomingMessage): Promise<{ readonly body: unknown } | Refused> {
  const [type, ...parameters] = (request.headers["content-type"] ?? "").split(";").map((each) => each.trim());
  if (request.method !== "POST" || type?.toLowerCase() !== "application/json") return { body: undefined };
  if (isOtherwiseEncoded(parameters)) return bad(415, "the body is not UTF-8");
  const text = await textOf(request);
  if (text === null) return bad(413, `the body is larger than ${LIMITS.bodyBytes} bytes`);
  const body = text === "" ? {} : parsed(text);
  return typeof body === "object" && body !== null ? { body } : bad(400, "Invalid JSON");
}

function isOtherwiseEncoded(parameters: readonly string[]): boolean {
  return parameters.some((each) => /^charset=/i.test(each) && !/^charset="?utf-?8"?$/i.test(each));
}

/** Whether a body is one operation and nothing else, in the form that nearly everyone sends. */
export function isKnowable(body: unknown): body is GraphRequest {
  if (!isRecord(body) || typeof body.query !== "string" || body.extensions !== undefined) return false;
  const { operationName, variables } = body;
  return (
    (operationName === undefined || typeof operationName === "string") &&
    (variables === undefined || isRecord(variables))
  );
}

export function acceptsJson(accept: string | undefined): boolean {
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

function bad(status: number, fault: string): Refused {
  return { status, problem: invalid(fault) };
}

/** Whether ApolloServer would answer application/json to this, as it does to most. */
export function plainlyJson(accept: string | undefined): boolean {
  return accept === undefined || accept === "*/*" || accept === "application/json";
}
