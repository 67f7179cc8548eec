/**
 * Runs compiled plans: keeps the functions of the operations it has seen, asks the sources for them, and tells where
 * in the client's answer each error of a source belongs. What cannot be compiled is executed by Apollo, and counted.
 */

import { executeQueryPlan } from "@apollo/gateway";
import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  type FieldNode,
  GraphQLError,
  getVariableValues,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from "graphql";
import { Problem } from "../schema/errors";
import { Uncovered } from "./code";
import { type Compiled, compile, type Run } from "./compile";
import type { Fetch } from "./compile-fetching";
import { type Batch, copied, type Entity } from "./entities";
import { type ShownError, shownOf, shownProblem } from "./faults";
import { written } from "./json";
import { conditionsOf, fieldsOf, type Planned, type Planner } from "./plan";
import { type Ask, type Asker, type Between, dataSourceOf, isListed, type Told } from "./sources";

/** What became of an operation. */
export interface Executed {
  /** The answer's `data`, as JSON. */
  readonly data: string;
  /** All of `data` is ASCII, so its bytes are its letters. */
  readonly ascii: boolean;
  /** At their places in the answer. */
  readonly errors: readonly ShownError[];
}

/** A request that is at fault: nothing was executed. */
export interface Refused {
  readonly refused: readonly GraphQLError[];
}

/** An operation that was parsed and validated, and the functions made of it: one for each decision of its conditions. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly conditions: readonly string[];
  /** All of its variables, where any text will do for each; such are not coerced. Null where one is of another kind. */
  readonly texts: readonly string[] | null;
  readonly functions: Map<string, Executable>;
}

/** A planned operation; compiled, or null where it is left to Apollo. */
interface Executable {
  readonly planned: Planned;
  readonly compiled: Compiled | null;
}

export interface ExecutorOptions {
  readonly planner: Planner;
  readonly asks: ReadonlyMap<string, Ask>;
  /** An operation is left to Apollo's own execution. */
  readonly onUncovered: (why: string) => void;
}

/** Scalars that are no text. Ours are checked by the source that knows them; to the gateway they are any JSON. */
const OTHER_SCALARS: ReadonlySet<string> = new Set(["Int", "Float", "Boolean"]);

const OPERATIONS_KEPT = 1_000;
const DECISIONS_KEPT = 64;

export class Executor {
  private readonly planner: Planner;
  private readonly asks: ReadonlyMap<string, Ask>;
  private readonly onUncovered: (why: string) => void;
  private readonly operations = new Map<string, Operation>();
  private readonly gate = new Gate();

  constructor({ planner, asks, onUncovered }: ExecutorOptions) {
    this.planner = planner;
    this.asks = asks;
    this.onUncovered = onUncovered;
  }

  /** The operation of a text that was asked before; null for one that was not, or not lately. */
  known(query: string, operationName: string | undefined): Operation | null {
    return this.operations.get(keyOf(query, operationName)) ?? null;
  }

  /** Keeps a valid operation, to be known by its text. */
  keep(query: string, operationName: string | undefined, document: DocumentNode, operation: OperationDefinitionNode) {
    const kept = {
      document,
      operation,
      conditions: conditionsOf(document, operation),
      texts: this.textsOf(operation),
      functions: new Map(),
    };
    if (this.operations.size >= OPERATIONS_KEPT) this.operations.delete(this.operations.keys().next().value ?? "");
    this.operations.set(keyOf(query, operationName), kept);
    return kept;
  }

  private textsOf({ variableDefinitions = [] }: OperationDefinitionNode): readonly string[] | null {
    const isText = ({ type }: VariableDefinitionNode) => {
      const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
      if (inner.kind !== Kind.NAMED_TYPE || OTHER_SCALARS.has(inner.name.value)) return false;
      return isScalarType(this.planner.schema.getType(inner.name.value));
    };
    return variableDefinitions.every(isText) ? variableDefinitions.map((each) => each.variable.name.value) : null;
  }

  /** Throws REQUEST_INVALID for what no source can answer, and OVERLOADED where too many are waiting already. */
  async execute(
    operation: Operation,
    given: Readonly<Record<string, unknown>>,
    asker: Asker,
  ): Promise<Executed | Refused> {
    const { coerced, errors } = operation.texts?.every((name) => typeof given[name] === "string")
      ? { coerced: given, errors: undefined }
      : getVariableValues(this.planner.schema, operation.operation.variableDefinitions ?? [], given, { maxErrors: 10 });
    if (errors !== undefined) return { refused: errors };
    const executable = this.executable(operation, coerced);
    const place = await this.gate.enter();
    try {
      return await this.run(executable, given, coerced, asker);
    } finally {
      this.gate.leave(place);
    }
  }

  private async run(
    { planned, compiled }: Executable,
    given: Readonly<Record<string, unknown>>,
    coerced: Readonly<Record<string, unknown>>,
    asker: Asker,
  ): Promise<Executed> {
    if (compiled === null) return this.byApollo(planned, given, asker);
    const running = new Running(compiled, this.asks, given, asker, (field) => this.introspect(planned, field, coerced));
    await compiled.gather(running);
    const { text, whole, ascii } = written(() => compiled.write(running));
    const { errors: told } = running;
    const unexplained = whole ? [] : this.unexplained(planned, running.opened(), coerced, told);
    return { data: text, ascii: ascii && running.ascii, errors: [...told, ...unexplained] };
  }

  private executable(operation: Operation, coerced: Readonly<Record<string, unknown>>): Executable {
    const { conditions, functions } = operation;
    let decision = "";
    for (const name of conditions) decision += coerced[name] === true ? "1" : "0";
    const before = functions.get(decision);
    if (before !== undefined) return before;
    const planned = this.planner.plan(operation.document, operation.operation, (name) => coerced[name] === true);
    const made = { planned, compiled: this.compiled(planned) };
    if (functions.size >= DECISIONS_KEPT) functions.delete(functions.keys().next().value ?? "");
    functions.set(decision, made);
    return made;
  }

  private compiled(planned: Planned): Compiled | null {
    try {
      return compile(planned, this.planner.schema, this.planner.supergraph);
    } catch (fault) {
      if (!(fault instanceof Uncovered)) throw fault;
      this.onUncovered(fault.message);
      return null;
    }
  }

  private introspect(planned: Planned, field: FieldNode, coerced: Readonly<Record<string, unknown>>): string {
    const document = documentOf(planned, field);
    const { data, errors } = executeSync({ schema: this.planner.schema, document, variableValues: coerced });
    if (errors !== undefined) throw new Error(`The schema could not be told: ${errors[0]?.message}`);
    return JSON.stringify(data?.[field.alias?.value ?? field.name.value] ?? null);
  }

  /**
   * Why an answer has holes that no source gave a reason for. GraphQL's own execution over what was gathered says it
   * in the words and at the places of the specification; it is slow, and so is only asked when there is a hole.
   */
  private unexplained(
    planned: Planned,
    data: Entity,
    coerced: Readonly<Record<string, unknown>>,
    known: readonly ShownError[],
  ): readonly ShownError[] {
    const { errors = [] } = executeSync({
      schema: this.planner.schema,
      document: documentOf(planned),
      rootValue: data,
      variableValues: coerced,
      fieldResolver: (holder, _, __, { path: { key } }) => (Object.hasOwn(holder, key) ? holder[key] : undefined),
      typeResolver: (value) => value.__typename,
    });
    const { message, extensions } = shownProblem(new Problem("INTERNAL"));
    const places = errors.flatMap(({ path }) => (path === undefined ? [] : [path]));
    // What may not be null at the root takes along all that its source was asked beside it.
    const isLost = ([root = ""]: Path) => !Object.hasOwn(data, root);
    const losesOthers = known.some(({ path }) => path !== undefined && isLost(path));
    const isTold = (place: Path) => known.some(({ path }) => path === undefined || meet(path, place));
    const open = places.filter((place) => !isTold(place) && !(losesOthers && isLost(place)));
    if (known.length === 0 && open.length === 0) return [{ message, extensions }];
    return open.map((path) => ({ message, path, extensions }));
  }

  private async byApollo(planned: Planned, given: Readonly<Record<string, unknown>>, asker: Asker): Promise<Executed> {
    const services = Object.fromEntries([...this.asks].map(([name, ask]) => [name, dataSourceOf(ask, fieldsOf)]));
    const result = (await executeQueryPlan(
      planned.plan,
      services,
      // What Apollo's execution reads of a request; its type asks for all of ApolloServer's.
      { request: { variables: given }, context: asker, metrics: {} } as never,
      {
        schema: this.planner.schema,
        operation: planned.operation,
        fragments: Object.fromEntries(planned.fragments),
      } as never,
      this.planner.supergraph,
      this.planner.planner.supergraph.apiSchema(),
    )) as ExecutionResult;
    const errors = result.errors ?? holes(result.extensions);
    return {
      data: JSON.stringify(result.data ?? null),
      ascii: false,
      errors: errors.map((each) => closed(shownOf(each))),
    };
  }
}

/** Having read, asked and written for this long, an operation waits for a source and not for us. */
const WAITING_MILLISECONDS = 250;
const AT_ONCE = 12;
const MOST_WAITING = 500;

interface Place {
  readonly since: number;
  /** One of the few; not when it has been waiting for its sources for long. */
  counted: boolean;
}

/**
 * Lets a few operations in at a time. With fifty begun at once each holds what it has gathered while it waits for its
 * turn of the one thread, and the garbage collector copies it all again and again (one run,
 * executor alone, a list of a hundred children: 0.86 ms of collecting a request without this bound, 0.32 with it). An operation that waits for a slow source gives its place up, so that one source
 * that is down holds nobody back.
 */
class Gate {
  private readonly inside = new Set<Place>();
  private readonly queue: ((place: Place) => void)[] = [];
  private counted = 0;
  private sweep: NodeJS.Timeout | null = null;
  /** When the sweep should come, and whether the last one was put off. */
  private due = 0;
  private putOff = false;

  enter(): Place | Promise<Place> {
    if (this.counted < AT_ONCE && this.queue.length === 0) return this.admit();
    if (this.queue.length + this.inside.size >= MOST_WAITING) throw new Problem("OVERLOADED");
    this.sweep ??= this.later();
    return new Promise((resolve) => this.queue.push(resolve));
  }

  leave(place: Place): void {
    this.inside.delete(place);
    if (place.counted) this.counted -= 1;
    this.fill();
  }

  private admit(): Place {
    const place = { since: performance.now(), counted: true };
    this.inside.add(place);
    this.counted += 1;
    return place;
  }

  private fill(): void {
    while (this.counted < AT_ONCE) {
      const next = this.queue.shift();
      if (next === undefined) break;
      next(this.admit());
    }
  }

  private later(): NodeJS.Timeout {
    this.due = performance.now() + WAITING_MILLISECONDS;
    return setTimeout(() => this.release(), WAITING_MILLISECONDS);
  }

  private release(): void {
    const now = performance.now();
    // Where this comes late itself, it is our thread that was held up, and those inside have waited for that: they get
    // the same time once more, and once only.
    this.putOff = !this.putOff && now - this.due > WAITING_MILLISECONDS / 4;
    for (const place of this.putOff ? [] : this.inside) {
      if (!place.counted || place.since > now - WAITING_MILLISECONDS) continue;
      place.counted = false;
      this.counted -= 1;
    }
    this.fill();
    this.sweep = this.queue.length === 0 ? null : this.later();
  }
}

function keyOf(query: string, operationName: string | undefined): string {
  return operationName === undefined ? query : `${operationName}\n${query}`;
}

/** The decided operation as a document; of one of its fields alone, where it is given. */
function documentOf({ operation, fragments }: Planned, field?: FieldNode): DocumentNode {
  const selectionSet =
    field === undefined ? operation.selectionSet : { ...operation.selectionSet, selections: [field] };
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }, ...fragments.values()] };
}

/** What Apollo could not complete and tells beside the answer, where nobody looks. */
function holes(extensions: Readonly<Record<string, unknown>> | undefined): readonly GraphQLError[] {
  const found = extensions?.valueCompletion;
  if (!Array.isArray(found)) return [];
  const { message, extensions: coded } = shownProblem(new Problem("INTERNAL"));
  return found.map(({ path }) => new GraphQLError(message, { path, extensions: coded }));
}

/** An error of Apollo's execution, which leaves a path open at a list. */
function closed(error: ShownError): ShownError {
  const open = error.path?.indexOf("@") ?? -1;
  return open < 0 ? error : { ...error, path: error.path?.slice(0, open) };
}

type Path = readonly (string | number)[];

/** Whether one place lies on the way to the other. */
function meet(one: Path, other: Path): boolean {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** One request, as a compiled function runs it. */
class Running implements Run {
  readonly data: Entity = {};
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: ShownError[] = [];
  readonly introspect: (field: FieldNode) => string;
  private readonly compiled: Compiled;
  private readonly asks: ReadonlyMap<string, Ask>;
  private readonly asker: Asker;
  private readonly underWay = new Map<string, Promise<Told>>();
  private readonly spliced: { readonly k: number; readonly target: Entity; readonly between: Between }[] = [];

  constructor(
    compiled: Compiled,
    asks: ReadonlyMap<string, Ask>,
    variables: Readonly<Record<string, unknown>>,
    asker: Asker,
    introspect: (field: FieldNode) => string,
  ) {
    this.compiled = compiled;
    this.asks = asks;
    this.variables = variables;
    this.asker = asker;
    this.introspect = introspect;
  }

  async ask(k: number, variables: string): Promise<Entity | null> {
    const fetch = this.fetch(k);
    const { data, errors, between } = await this.told(k, fetch, variables);
    if (between !== null) return this.splice(k, this.data, between);
    for (const error of errors) this.place(error, fetch, null);
    return data;
  }

  async askOf(k: number, batch: Batch, variables: string): Promise<readonly (Entity | null)[] | null> {
    const fetch = this.fetch(k);
    const { data, errors, between } = await this.told(k, fetch, variables);
    const [only] = batch.targets;
    if (between !== null && only !== undefined) return this.splice(k, only, between);
    for (const error of errors) this.place(error, fetch, batch);
    if (data === null) return null;
    const { _entities: entities } = data;
    if (Array.isArray(entities) && entities.length === batch.size) return entities;
    this.place(shownProblem(new Problem("INTERNAL")), fetch, batch);
    return null;
  }

  private fetch(k: number): Fetch {
    const fetch = this.compiled.fetches[k];
    if (fetch === undefined) throw new Error(`There is no fetch ${k}.`);
    return fetch;
  }

  /**
   * Equal askings of one request share one call: 9 calls instead of 16 for The Guild's benchmark query. What is to be
   * merged into is handed out in a copy, for the other fetches must find it as the source told it.
   */
  private told(k: number, fetch: Fetch, variables: string): Promise<Told> {
    const asking = this.compiled.askings[fetch.asking];
    const ask = this.asks.get(asking?.source ?? "");
    if (asking === undefined || ask === undefined) throw new Error(`There is no source ${asking?.source}.`);
    // What may be asked of one child alone is refused down a list, be it a list of one.
    const listed = isListed(fetch.path, this.asker);
    const asker = listed ? { ...this.asker, listed } : this.asker;
    if (!asking.shared) return ask(asking.operation, variables, asker, this.compiled.ends[k]);
    const key = `${fetch.asking} ${listed} ${variables}`;
    let call = this.underWay.get(key);
    if (call === undefined) {
      call = ask(asking.operation, variables, asker);
      this.underWay.set(key, call);
    }
    return this.compiled.final[k] ? call : call.then((told) => ({ ...told, data: copied(told.data) }));
  }

  /** Lays the text of an answer where the writing function looks for it first; there is nothing to merge. */
  private splice(k: number, target: Entity, between: Between): null {
    target[`$${k}`] = between.text;
    this.spliced.push({ k, target, between });
    return null;
  }

  /** All of what is held in text can be written as bytes of a letter each. */
  get ascii(): boolean {
    return this.spliced.every(({ between }) => between.ascii);
  }

  /** Reads what was only laid in as text, for those who need it as data. */
  opened(): Entity {
    for (const { k, target, between } of this.spliced) {
      const { head = "" } = this.compiled.ends[k] ?? {};
      const key = head.slice(head.lastIndexOf("{"));
      Object.assign(target, JSON.parse(`${key}${between.text}}`));
    }
    return this.data;
  }

  /** Puts an error of a source where, in the client's answer, the value it is about would stand. */
  private place(error: ShownError, fetch: Fetch, batch: Batch | null): void {
    const { path } = error;
    if (batch === null) {
      if (path !== undefined) this.errors.push(error);
      else for (const field of fetch.fields) this.errors.push({ ...error, path: [field] });
      return;
    }
    const [, place, ...rest] = path ?? [];
    if (path?.[0] === "_entities" && typeof place === "number") {
      const paths = pathsOf(this.data, fetch.path, batch);
      for (const [at, entity] of batch.places.entries())
        if (entity === place) this.errors.push({ ...error, path: [...(paths[at] ?? []), ...rest] });
      return;
    }
    // About all of them: at the fields of the one there is, or at the list they are in.
    const [alone, ...others] = pathsOf(this.data, fetch.path, batch);
    const list = fetch.path.indexOf("@");
    if (alone !== undefined && (others.length === 0 || list < 0))
      for (const field of fetch.fields) this.errors.push({ ...error, path: [...alone, field] });
    else this.errors.push({ ...error, path: fetch.path.slice(0, list) });
  }
}

/** Where the entities of a batch stand, in its order: the way generated code went to collect them, gone once more. */
function pathsOf(data: Entity, path: readonly string[], batch: Batch): readonly Path[] {
  const found: Path[] = [];
  const walk = (value: unknown, at: number, way: Path): void => {
    if (typeof value !== "object" || value === null) return;
    const part = path[at];
    if (part === undefined) {
      if (batch.targets[found.length] === value) found.push(way);
    } else if (part !== "@")
      walk((value as Entity)[part], at + 1, [...way, part]); // an object where the plan has a name
    else if (Array.isArray(value)) for (const [index, each] of value.entries()) walk(each, at + 1, [...way, index]);
  };
  walk(data, 0, []);
  return found;
}
