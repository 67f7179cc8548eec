/**
 * Asks the sources of the graph, for the viewer and under the trace of the request at hand. A source that does not
 * answer costs its own fields and says so; the rest of the answer stands.
 */

import { isAscii } from "node:buffer";
import type { GraphQLDataSource } from "@apollo/gateway";
import type { ExecutionResult } from "graphql";
import { Pool } from "undici";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import type { Entity } from "./entities";
import { type ShownError, shownOf } from "./faults";

/** What a source is asked, and for whom. */
export interface Question {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly viewer: Viewer;
  readonly requestId: string;
}

/** A part of the graph, in this process or elsewhere: whoever asks cannot tell. */
export interface Source {
  readonly name: string;
  readonly sdl: string;
  ask(question: Question): Promise<ExecutionResult>;
  /**
   * The same in bytes, where the source is far away and asked in bytes anyway: a JSON body of `query` and `variables`,
   * answered as JSON. Ends by itself when it has taken too long.
   */
  post?(body: string, asker: Asker): Promise<Buffer>;
  /** Resolves when it can answer; rejects with the problem. */
  ready(): Promise<void>;
}

/** For whom something is asked, and under which trace. */
export interface Asker {
  readonly viewer: Viewer;
  readonly traceId: string;
}

/** One asking of one source, as the metrics count it. */
export interface Asked {
  readonly source: string;
  readonly seconds: number;
  /** Null where it answered, be it with errors of its own. */
  readonly fault: unknown;
}

/** What a source told. Its errors are as clients may see them, their paths still its own; one without is about the whole. */
export interface Told {
  readonly data: Entity | null;
  readonly errors: readonly ShownError[];
  /** What stood between the two ends that were given, instead of `data`. */
  readonly between: Between | null;
  /** No string of `data` has anything in it that JSON escapes, or that is not ASCII. */
  readonly plain: boolean;
}

export interface Between {
  readonly text: string;
  readonly ascii: boolean;
}

/** How an answer begins and ends whose middle may be put into the client's answer as it is. */
export interface Ends {
  readonly head: string;
  readonly tail: string;
}

/**
 * Asks one source an operation with its variables as JSON. Never rejects: what kept it from answering is in `errors`.
 * Given `ends`, an answer that has them and nothing else is not parsed.
 */
export type Ask = (operation: string, variables: string, asker: Asker, ends?: Ends | null) => Promise<Told>;

const TIMEOUT_MILLISECONDS = 10_000;
const NO_ERRORS: readonly ShownError[] = [];

export function askOf(
  source: Source,
  onAsked: (asked: Asked) => void,
  timeoutMilliseconds = TIMEOUT_MILLISECONDS,
): Ask {
  const { name } = source;

  function toldOf(result: ExecutionResult, plain: boolean): Told {
    const data = (result.data ?? null) as Entity | null; // what GraphQL calls data is an object
    // Where in the source's own question an error lies is of no use to a client, who never saw it.
    const errors = result.errors?.map((error) => {
      const { locations: _, ...shown } = shownOf(error, name);
      return shown;
    });
    return { data, errors: errors ?? NO_ERRORS, between: null, plain };
  }

  async function answer(operation: string, variables: string, asker: Asker, ends: Ends | null): Promise<Told> {
    if (source.post === undefined) {
      const question = { query: operation, variables: JSON.parse(variables), viewer: asker.viewer };
      return toldOf(await inTime(source.ask({ ...question, requestId: asker.traceId }), timeoutMilliseconds), false);
    }
    const bytes = await source.post(`{"query":${JSON.stringify(operation)},"variables":${variables}}`, asker);
    const ascii = isAscii(bytes);
    const text = bytes.toString(ascii ? "latin1" : "utf8");
    if (ends !== null && isNothingBut(text, ends)) {
      const { head, tail } = ends;
      return {
        data: null,
        errors: NO_ERRORS,
        between: { text: text.slice(head.length, -tail.length), ascii },
        plain: true,
      };
    }
    // One look over all of it, which the machine does many letters at a time, instead of one at each letter later. No gain in CPU time has been measured yet.
    const plain = ascii && !text.includes("\\");
    return toldOf(JSON.parse(text) as ExecutionResult, plain); // a GraphQL server's answer
  }

  return async (operation, variables, asker, ends = null) => {
    const started = performance.now();
    try {
      const told = await answer(operation, variables, asker, ends);
      onAsked({ source: name, seconds: (performance.now() - started) / 1000, fault: null });
      return told;
    } catch (fault) {
      onAsked({ source: name, seconds: (performance.now() - started) / 1000, fault });
      const lost = shownOf(new Problem("SOURCE_UNAVAILABLE", { source: name }), name);
      return { data: null, errors: [lost], between: null, plain: true };
    }
  };
}

/**
 * Whether an answer is data alone. Errors or extensions before the data are no such head, errors after it no such tail;
 * of extensions after it the name is looked for, which inside a string would stand between escaped quotes.
 */
function isNothingBut(text: string, { head, tail }: Ends): boolean {
  return text.startsWith(head) && text.endsWith(tail) && !text.includes('"extensions"');
}

/** A source as Apollo's own execution asks it, with every error at a place of which Apollo can tell the path. */
export function dataSourceOf(ask: Ask, fieldsOf: (operation: string) => readonly string[]): GraphQLDataSource {
  return {
    async process({ request, context }) {
      const { query = "", variables = {} } = request;
      const { data, errors } = await ask(query, JSON.stringify(variables), context as Asker); // made by front.ts, for every request
      const alone = variables.representations?.length === 1;
      const placed = errors.flatMap((error) =>
        error.path !== undefined
          ? [error]
          : fieldsOf(query).map((field) => ({ ...error, path: alone ? ["_entities", 0, field] : [field] })),
      );
      // Apollo's types ask for more than its code does.
      return { data, errors: placed.length === 0 ? undefined : placed } as Awaited<
        ReturnType<GraphQLDataSource["process"]>
      >;
    },
  };
}

const CONNECTIONS = 64;

/** A source that is asked over HTTP, and nothing else is known of: any federated subgraph. */
export function httpSource(name: string, url: string): Source {
  const { origin, pathname, search } = new URL(url);
  const timeout = TIMEOUT_MILLISECONDS;
  const pool = new Pool(origin, { connections: CONNECTIONS, headersTimeout: timeout, bodyTimeout: timeout });
  const path = pathname + search;
  const headers = ["content-type", "application/json", "accept", "application/json"];
  const post = (body: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      // `dispatch` and not `request`: no stream is made and no header parsed of which nobody reads a word.
      const chunks: Buffer[] = [];
      let status = 0;
      pool.dispatch(
        { path, method: "POST", headers, body },
        {
          onConnect: () => undefined,
          onHeaders: (code) => {
            status = code;
            return true;
          },
          onData: (chunk) => {
            chunks.push(chunk);
            return true;
          },
          onComplete: () => {
            const [only] = chunks;
            if (status >= 500 || only === undefined) reject(new Error(`It answered with status ${status}.`));
            else resolve(chunks.length === 1 ? only : Buffer.concat(chunks));
          },
          onError: reject,
        },
      );
    });
  return {
    name,
    sdl: "",
    post,
    ask: async ({ query, variables }) => JSON.parse((await post(JSON.stringify({ query, variables }))).toString()),
    ready: async () => void (await post('{"query":"{__typename}"}')),
  };
}

async function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
