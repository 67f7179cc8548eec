/**
 * Errors as they leave: a code of our catalogue, what the reader can do, the source, and nothing that was not meant
 * for them. What a client or a source wrote into a message as a value is taken out, for it may be about a person.
 */

import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isProblemCode, Problem, type ProblemCode } from "../schema/errors";

/** An error as clients see it, but for its trace. */
export interface ShownError extends GraphQLFormattedError {
  readonly extensions: { readonly code: ProblemCode; readonly do?: string; readonly [name: string]: unknown };
}

/** What Apollo's servers call a request that is at fault. */
const REQUEST_FAULTS: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
]);

/** Extensions of ours that may leave; anything else an error carries stays inside. */
const EXTENSIONS = ["do", "source", "argument"] as const;

/** A problem as an error of an answer. */
export function shownProblem(problem: Problem): ShownError {
  return { message: problem.message, extensions: { code: problem.code, do: problem.remedy } };
}

/**
 * Any error as clients see it: our own problems as they are, under whatever they were wrapped; GraphQL's own
 * complaints as REQUEST_INVALID; everything else as INTERNAL, with nothing of its text. `source` names who told.
 */
export function shownOf(error: GraphQLFormattedError | GraphQLError | Problem, source?: string): ShownError {
  if (error instanceof Problem) return shownOf(new GraphQLError(error.message, { originalError: error }), source);
  const { path, locations } = error;
  const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
  const named = source === undefined ? {} : { source };
  const problem = problemUnder(error);
  if (problem !== null) {
    const { message, extensions } = shownProblem(problem);
    return { message, ...place, extensions: { ...extensions, ...named } };
  }
  const code = error.extensions?.code;
  if (typeof code === "string" && isProblemCode(code) && code !== "REQUEST_INVALID") {
    const carried = Object.fromEntries(
      EXTENSIONS.flatMap((name) => {
        const value = error.extensions?.[name];
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    return { message: error.message, ...place, extensions: { code, ...carried, ...named } };
  }
  const requested =
    code === "REQUEST_INVALID" || REQUEST_FAULTS.has(code) || (code === undefined && isComplaint(error));
  const shown = shownProblem(
    requested ? new Problem("REQUEST_INVALID", { fault: withoutValues(error.message) }) : new Problem("INTERNAL"),
  );
  return { message: shown.message, ...place, extensions: { ...shown.extensions, ...named } };
}

/** Our own problem, under any number of GraphQL's wrappings; null where there is none. */
export function problemUnder(error: unknown): Problem | null {
  let under: unknown = error;
  while (under instanceof GraphQLError) under = under.originalError;
  return under instanceof Problem ? under : null;
}

/** Whether GraphQL itself complains of the request: an uncoded error that wraps no fault of ours. */
function isComplaint(error: GraphQLFormattedError | GraphQLError): boolean {
  let under: unknown = error;
  while (under instanceof GraphQLError) under = under.originalError;
  return under === undefined || under === error;
}

/**
 * How graphql-js words what it found, and how we do. The captures are names of the schema or the operation, never
 * values. Source: graphql 16, `execution/values`, `validation/rules`, `utilities/coerceInputValue`, `language/parser`.
 */
const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/^The request is not valid: (.*)$/s, "$1"],
  [/^(Variable "\$\w+") got invalid value .*(Field "\w+" of required type "[\w![\]]+" was not provided).*$/s, "$1: $2"],
  // The name of a field of an input is the client's own word, as a value is.
  [
    /^(Variable "\$\w+") got invalid value .*Field "\w+" (is not defined by type "\w+").*$/s,
    "$1: it holds a field that $2",
  ],
  [/^(Variable "\$\w+") got invalid value .*(Expected non-nullable type "[\w![\]]+" not to be null).*$/s, "$1: $2"],
  [/^(Variable "\$\w+") got invalid value .*does not exist in ("\w+" enum).*$/s, "$1 holds no value of the $2"],
  [/^(Variable "\$\w+") got invalid value .*$/s, "$1 holds a value that is not of its type"],
  [/^(Expected value of type "[\w![\]]+"), found .*$/s, "$1, found another"],
  [/^Value .* does not exist in ("\w+" enum).*$/s, "a value does not exist in the $1"],
  [/^Enum ("\w+") cannot represent .*$/s, "a value does not exist in the $1 enum"],
  [/^(\w+) cannot represent .*$/s, "a value given is no $1"],
  [/ ?Did you mean .*$/s, ""],
  [/(String|BlockString|Int|Float) "(?:[^"\\]|\\.)*"/g, "$1"],
];

/** A complaint of graphql-js without the values in it and without its full stop. */
export function withoutValues(message: string): string {
  const worded = WORDINGS.reduce((text, [found, said]) => text.replace(found, said), message);
  return worded.trim().replace(/\.$/, "");
}

/** Each error once, with the trace. */
export function signed(errors: readonly GraphQLFormattedError[], traceId: string): ShownError[] {
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
