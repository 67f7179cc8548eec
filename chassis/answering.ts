/**
 * What the functions of compiled operations (compile.ts) are made of, and the one request they run for. A value is completed as
 * GraphQL says: a null or a fault where none may be costs the nearest value above that may be null, and is told once, with
 * its path.
 */

import { GraphQLError, locatedError } from "graphql";
import type { Compiled } from "./compile";
import type { Guard } from "./guard";

/** An operation with something in it that is not compiled: it is left to GraphQL's own execution. */
export class Uncovered extends Error {}

/** Where a value stands in the answer, from within outwards; put into order only for an error. */
export interface Way {
  readonly before: Way | undefined;
  readonly key: string | number;
}

/** Completes a value that is there. */
type Complete = (value: never, way: Way, run: Answering) => unknown;

/** One request, as a compiled operation answers it. */
export class Answering {
  readonly errors: GraphQLError[] = [];
  readonly guard: Guard;
  readonly context: object;
  private readonly compiled: Compiled;
  private readonly variables: Readonly<Record<string, unknown>>;
  private readonly coerced = new Map<number, Readonly<Record<string, unknown>>>();

  constructor(compiled: Compiled, context: { readonly guard: Guard }, variables: Readonly<Record<string, unknown>>) {
    this.compiled = compiled;
    this.context = context;
    this.guard = context.guard;
    this.variables = variables;
  }

  /** The arguments of a field, read once for a request however many values have the field. */
  args(place: number): Readonly<Record<string, unknown>> {
    let args = this.coerced.get(place);
    if (args === undefined) {
      args = this.compiled.places[place]?.args(this.variables) ?? {};
      this.coerced.set(place, args);
    }
    return args;
  }

  /** A fault with where it happened. One that was told further in keeps its own place. */
  located(fault: unknown, way: Way | undefined, key: string | number, place: number): GraphQLError {
    if (fault instanceof GraphQLError && fault.path !== undefined) return fault;
    const path = [key];
    for (let at = way; at !== undefined; at = at.before) path.push(at.key);
    return locatedError(fault, [...(this.compiled.places[place]?.nodes ?? [])], path.reverse());
  }

  /** Tells a fault whose value may be null. */
  lost(fault: unknown, way: Way | undefined, key: string | number, place: number): null {
    this.errors.push(this.located(fault, way, key, place));
    return null;
  }

  missing(place: number): Error {
    return new Error(`Cannot return null for non-nullable field ${this.compiled.places[place]?.label}.`);
  }
}

// --- What fields are begun with ----------------------------------------------------------------------------------

/** What a resolver answers; what it throws is a value like any other until it is known where it stands. */
export function attempt(resolve: () => unknown): unknown {
  try {
    return resolve();
  } catch (fault) {
    return errorOf(fault);
  }
}

/** The values of fields that were begun together, so that what they read is read together; a fault in the place of its value. */
export async function all(begun: readonly unknown[]): Promise<readonly unknown[]> {
  try {
    return await Promise.all(begun);
  } catch {
    const settled = await Promise.allSettled(begun);
    return settled.map((each) => (each.status === "fulfilled" ? each.value : errorOf(each.reason)));
  }
}

/** As `all`, of one field. */
export function one(begun: unknown): unknown {
  return begun instanceof Promise ? begun.catch(errorOf) : begun;
}

/** As Promise.all, but a fault waits for the others: nothing may still be read or decided when the answer has left. */
export async function together(values: readonly unknown[]): Promise<readonly unknown[]> {
  try {
    return await Promise.all(values);
  } catch (fault) {
    await Promise.allSettled(values);
    throw fault;
  }
}

/** As `together`, at once where every value is there. */
export function perhapsTogether(values: readonly unknown[]): readonly unknown[] | Promise<readonly unknown[]> {
  return values.some((value) => value instanceof Promise) ? together(values) : values;
}

function errorOf(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error("Something was thrown that is no error.");
}

/** Refuses what only GraphQL's own execution says the right words about, before anything is asked. */
export function entitiesOf(run: Answering, place: number, names: readonly string[]): void {
  const { representations } = run.args(place);
  const fit =
    Array.isArray(representations) &&
    representations.every((each) => typeof each === "object" && each !== null && names.includes(each.__typename));
  if (!fit) throw new Uncovered("It asks for entities that are none of this graph.");
}

// --- How values are completed --------------------------------------------------------------------------------------

export function leafOrNull(
  value: unknown,
  serialise: (value: unknown) => unknown,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): unknown {
  if (value === null || value === undefined) return null;
  try {
    return leaf(value, serialise);
  } catch (fault) {
    return run.lost(fault, way, key, place);
  }
}

export function leafMust(
  value: unknown,
  serialise: (value: unknown) => unknown,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): unknown {
  try {
    if (value === null || value === undefined) throw run.missing(place);
    return leaf(value, serialise);
  } catch (fault) {
    throw run.located(fault, way, key, place);
  }
}

function leaf(value: unknown, serialise: (value: unknown) => unknown): unknown {
  if (value instanceof Error) throw value;
  const written = serialise(value);
  if (written === null || written === undefined) throw new Error("A scalar serialised a value to nothing.");
  return written;
}

export function orNull(
  value: unknown,
  complete: Complete,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): unknown {
  if (value === null || value === undefined) return null;
  try {
    return complete(there(value), { before: way, key }, run);
  } catch (fault) {
    return run.lost(fault, way, key, place);
  }
}

export function must(
  value: unknown,
  complete: Complete,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): unknown {
  try {
    if (value === null || value === undefined) throw run.missing(place);
    return complete(there(value), { before: way, key }, run);
  } catch (fault) {
    throw run.located(fault, way, key, place);
  }
}

export function perhapsOrNull(
  value: unknown,
  complete: Complete,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): unknown {
  if (value === null || value === undefined) return null;
  try {
    const made = complete(there(value), { before: way, key }, run);
    return made instanceof Promise ? made.catch((fault) => run.lost(fault, way, key, place)) : made;
  } catch (fault) {
    return run.lost(fault, way, key, place);
  }
}

/** A fault is told by a promise, so that what was begun beside it is waited for. */
export function perhapsMust(
  value: unknown,
  complete: Complete,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): unknown {
  const located = (fault: unknown) => Promise.reject(run.located(fault, way, key, place));
  try {
    if (value === null || value === undefined) throw run.missing(place);
    const made = complete(there(value), { before: way, key }, run);
    return made instanceof Promise ? made.catch(located) : made;
  } catch (fault) {
    return located(fault);
  }
}

export async function laterOrNull(
  value: unknown,
  complete: Complete,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): Promise<unknown> {
  if (value === null || value === undefined) return null;
  try {
    return await complete(there(value), { before: way, key }, run);
  } catch (fault) {
    return run.lost(fault, way, key, place);
  }
}

export async function laterMust(
  value: unknown,
  complete: Complete,
  run: Answering,
  way: Way | undefined,
  key: string | number,
  place: number,
): Promise<unknown> {
  try {
    if (value === null || value === undefined) throw run.missing(place);
    return await complete(there(value), { before: way, key }, run);
  } catch (fault) {
    throw run.located(fault, way, key, place);
  }
}

/** A value that is neither a fault nor still to come. */
function there(value: unknown): never {
  if (value instanceof Error) throw value;
  if (value instanceof Promise) throw new Error("A value within a value is still to come.");
  return value as never; // the compiler pairs a value with the function of its type
}

/** The entries of a list, each completed. */
export function each(
  values: unknown,
  label: string,
  complete: (value: unknown, at: number) => unknown,
): readonly unknown[] {
  if (!Array.isArray(values)) throw new GraphQLError(`Expected Iterable, but did not find one for field "${label}".`);
  const completed = new Array<unknown>(values.length);
  for (let at = 0; at < values.length; at++) completed[at] = complete(values[at], at);
  return completed;
}
