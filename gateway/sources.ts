/**
 * Asks the sources of the graph, as Apollo's plan execution wants them asked: with the viewer and the trace of the
 * request at hand. A source that does not answer costs its own fields and says so; the rest of the answer stands.
 */

import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from "@apollo/gateway";
import { type ExecutionResult, Kind, parse } from "graphql";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
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
  /** Resolves when it can answer; rejects with the problem. */
  ready(): Promise<void>;
}

/** One asking of one source, as the metrics count it. */
export interface Asked {
  readonly source: string;
  readonly seconds: number;
  /** Null where it answered, be it with errors of its own. */
  readonly fault: unknown;
}

/** What plan execution must know of the request it serves. */
interface Asker {
  readonly viewer: Viewer;
  readonly traceId: string;
}

const TIMEOUT_MILLISECONDS = 10_000;

type Answer = Awaited<ReturnType<GraphQLDataSource["process"]>>;

/**
 * A source as `@apollo/gateway` asks it. It never rejects: what keeps a source from answering becomes one
 * SOURCE_UNAVAILABLE for each field that was asked of it, placed where the field would stand.
 */
export function dataSourceOf(
  source: Source,
  onAsked: (asked: Asked) => void,
  timeoutMilliseconds = TIMEOUT_MILLISECONDS,
): GraphQLDataSource {
  return {
    async process(options) {
      const { query, variables, operationName } = options.request;
      const { viewer, traceId } = askerOf(options);
      const started = performance.now();
      const seconds = () => (performance.now() - started) / 1000;
      try {
        const question = { query: query ?? "", operationName, variables, viewer, requestId: traceId };
        const result = await inTime(source.ask(question), timeoutMilliseconds);
        onAsked({ source: source.name, seconds: seconds(), fault: null });
        const errors = result.errors?.flatMap((error) => {
          const shown = shownOf(error, source.name);
          // Without a place it is about the whole question: an argument that could not be read, for one.
          return shown.path === undefined ? placed(shown, query ?? "", variables) : [shown];
        });
        // Data goes back as it came; Apollo's type asks for a record it may write into, which an answer made for it is.
        return { ...result, errors } as Answer;
      } catch (fault) {
        onAsked({ source: source.name, seconds: seconds(), fault });
        const lost = shownOf(new Problem("SOURCE_UNAVAILABLE", { source: source.name }), source.name);
        return { data: null, errors: placed(lost, query ?? "", variables) } as Answer; // our errors are plain
      }
    },
  };
}

/** Apollo also knows health checks and schema loading; with a supergraph at hand it makes neither. */
function askerOf(options: GraphQLDataSourceProcessOptions): Asker {
  return options.context as Asker; // the context is made by front.ts, for every request
}

/** The error once for each field the question asked for; of a batch of entities the path stops at the list (see front.ts). */
function placed(error: ShownError, query: string, variables?: Readonly<Record<string, unknown>>): ShownError[] {
  const representations = variables?.representations;
  const alone = Array.isArray(representations) && representations.length === 1;
  return fieldsOf(query).map((field) => ({ ...error, path: alone ? ["_entities", 0, field] : [field] }));
}

/** The response names a planned query asks for: of its entities where it asks for entities, else of its root. */
function fieldsOf(query: string): readonly string[] {
  const names = new Set<string>();
  for (const definition of parse(query, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const pending = [...definition.selectionSet.selections];
    for (let selection = pending.shift(); selection !== undefined; selection = pending.shift()) {
      if (
        selection.kind === Kind.INLINE_FRAGMENT ||
        (selection.kind === Kind.FIELD && isEntities(selection.name.value))
      )
        pending.push(...(selection.selectionSet?.selections ?? []));
      else if (selection.kind === Kind.FIELD && selection.name.value !== "__typename")
        names.add(selection.alias?.value ?? selection.name.value);
    }
  }
  return [...names];
}

function isEntities(name: string): boolean {
  return name === "_entities";
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
