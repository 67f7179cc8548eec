/**
 * Asks the sources of the graph, for the viewer and under the trace of the request at hand. A source that does not
 * answer costs its own fields and says so; the rest of the answer stands.
 */

import { isAscii } from "node:buffer";
import type { GraphQLDataSource } from "@apollo/gateway";
import type { ExecutionResult } from "graphql";
import type { Reached } from "../chassis/reach";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import type { Entity } from "./entities";
import { type ShownError, shownOf } from "./faults";

/** What a source is asked, and for whom. */
export interface Question {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** `listed`: it is asked of each entry of a list in the client's question. A source sees its own entities alone. */
  readonly extensions?: { readonly listed: true };
  readonly viewer: Viewer;
  readonly requestId: string;
}

/** A part of the graph, in this process or elsewhere: whoever asks cannot tell. */
export interface Source {
  readonly name: string;
  readonly sdl: string;
  /** `uncompiled`: why GraphQL's own execution made the answer, where the source has a faster way. */
  ask(question: Question): Promise<ExecutionResult & { readonly uncompiled?: string }>;
  /**
   * The same in bytes, where the source is far away and asked in bytes anyway: a JSON body of `query` and `variables`,
   * answered as JSON. Ends by itself when it has taken too long. Sent again only where `repeatable`.
   */
  post?(body: string, asker: Asker, repeatable: boolean): Promise<Buffer>;
  /** How it is reached, where it is far away. */
  readonly reach?: Reached;
  /** Of a source that has a feed: how far it goes, as a cursor, and which teams were told after a place. For one who waits. */
  news?(after: string | null, viewer: Viewer): Promise<{ readonly upTo: string; readonly topics: readonly string[] }>;
  /** Calls back when something may have been told, where the source can; answers what ends that. */
  watch?(told: () => void): () => void;
  /** Resolves when it can answer; rejects with the problem. */
  ready(): Promise<void>;
}

/** For whom something is asked, and under which trace. */
export interface Asker {
  readonly viewer: Viewer;
  readonly traceId: string;
  /** Headers of W3C Trace Context, handed on to sources that are far away. */
  readonly trace?: Readonly<Record<string, string>>;
  /** That it is asked of each entry of a list. */
  readonly listed?: true;
  /** That the outermost list is ours and not the client's, who asked about the one event in it. */
  readonly oneEvent?: true;
}

/** Whether what lies at a path of a plan is asked of each entry of a list in the client's question. */
export function isListed(path: readonly (string | number)[], { oneEvent }: Asker): boolean {
  return path.filter((step) => step === "@").length > (oneEvent ? 1 : 0);
}

/** One asking of one source, as the metrics count it. */
export interface Asked {
  readonly source: string;
  readonly seconds: number;
  /** Null where it answered, be it with errors of its own. */
  readonly fault: unknown;
  /** Why it took its slow way; null where it did not. */
  readonly uncompiled: string | null;
}

/** What a source told. Its errors are as clients may see them, their paths still its own; one without is about the whole. */
export interface Told {
  readonly data: Entity | null;
  readonly errors: readonly ShownError[];
  /** What stood between the two ends that were given, instead of `data`. */
  readonly between: Between | null;
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
const HEADS_KEPT = 1_000;
const LISTED = { listed: true } as const;

export function askOf(
  source: Source,
  onAsked: (asked: Asked) => void,
  timeoutMilliseconds = TIMEOUT_MILLISECONDS,
): Ask {
  const { name } = source;

  function toldOf(result: ExecutionResult): Told {
    const data = (result.data ?? null) as Entity | null; // what GraphQL calls data is an object
    // Where in the source's own question an error lies is of no use to a client, who never saw it.
    const errors = result.errors?.map((error) => {
      const { locations: _, ...shown } = shownOf(error, name);
      return shown;
    });
    return { data, errors: errors ?? NO_ERRORS, between: null };
  }

  function toldIn(bytes: Buffer, ends: Ends | null): Told {
    const ascii = isAscii(bytes);
    const text = bytes.toString(ascii ? "latin1" : "utf8");
    if (ends === null || !isNothingBut(text, ends)) return toldOf(JSON.parse(text) as ExecutionResult); // a GraphQL server's answer
    const { head, tail } = ends;
    return { data: null, errors: NO_ERRORS, between: { text: text.slice(head.length, -tail.length), ascii } };
  }

  const heads = new Map<string, { readonly head: string; readonly repeatable: boolean }>();
  /** What of a body is the same whenever an operation is asked. */
  function posted(operation: string) {
    let known = heads.get(operation);
    if (known === undefined) {
      known = { head: `{"query":${JSON.stringify(operation)},"variables":`, repeatable: isQuery(operation) };
      if (heads.size >= HEADS_KEPT) heads.delete(heads.keys().next().value ?? "");
      heads.set(operation, known);
    }
    return known;
  }

  return async (operation, variables, asker, ends = null) => {
    const started = performance.now();
    try {
      let told: Told;
      let uncompiled: string | null = null;
      if (source.post === undefined) {
        const { viewer, traceId } = asker;
        const question = { query: operation, variables: JSON.parse(variables), viewer, requestId: traceId };
        const asked = source.ask(asker.listed ? { ...question, extensions: LISTED } : question);
        const result = await inTime(asked, timeoutMilliseconds);
        [told, uncompiled] = [toldOf(result), result.uncompiled ?? null];
      } else {
        const { head, repeatable } = posted(operation);
        const end = asker.listed ? `,"extensions":${JSON.stringify(LISTED)}}` : "}";
        told = toldIn(await source.post(`${head}${variables}${end}`, asker, repeatable), ends);
      }
      onAsked({ source: name, seconds: (performance.now() - started) / 1000, fault: null, uncompiled });
      return told;
    } catch (fault) {
      onAsked({ source: name, seconds: (performance.now() - started) / 1000, fault, uncompiled: null });
      const lost = shownOf(new Problem("SOURCE_UNAVAILABLE", { source: name }), name);
      return { data: null, errors: [lost], between: null };
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

/** Whether an operation surely changes nothing, so that it may be asked again. */
export function isQuery(operation: string): boolean {
  return /^\s*(query\b|\{)/.test(operation);
}

/** A source as Apollo's own execution asks it, with every error at a place of which Apollo can tell the path. */
export function dataSourceOf(ask: Ask, fieldsOf: (operation: string) => readonly string[]): GraphQLDataSource {
  return {
    async process(options) {
      const { query = "", variables = {} } = options.request;
      const path = "pathInIncomingRequest" in options ? options.pathInIncomingRequest : undefined;
      const asker = options.context as Asker; // made by front.ts, for every request
      const listed = isListed(path ?? [], asker) ? { ...asker, ...LISTED } : asker;
      const { data, errors } = await ask(query, JSON.stringify(variables), listed);
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

/** One promise of ours for each question: a race of promises would make four, and keep them until the timer has run out. */
function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`No answer within ${milliseconds} ms.`));
    const timer = setTimeout(late, milliseconds);
    answer.then(
      (told) => {
        clearTimeout(timer);
        resolve(told);
      },
      (fault) => {
        clearTimeout(timer);
        reject(fault);
      },
    );
  });
}
