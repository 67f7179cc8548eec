/**
 * Subscriptions: one feed is watched for all, and each subscriber is asked for anew, as itself, by one ordinary query.
 *
 * `subscription { notifications(where, after) { … } }` becomes the query of the field of the same name, which answers a
 * page after a cursor; its entries are told one by one. So an event may carry whatever a query may, whoever subscribes
 * must still be let see it, and a subscriber is nothing but a cursor: one that comes back with its last goes on where it
 * was. The next page is asked for when the last has been taken, so a slow subscriber costs a page of memory and no more.
 */

import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
} from "graphql";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import { teamsHeard } from "../schema/vocabulary/teams";
import type { Executor } from "./execute";
import { type ShownError, shownOf, shownProblem } from "./faults";
import { Feed } from "./feed";
import { excess, LIMITS, nestsTooDeep, type TrustedDocuments } from "./limits";
import type { Source } from "./sources";

/** What a subscriber asks for. */
export interface Asked {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** Where it stopped, if its transport has a way of saying so; goes before the argument `after`. */
  readonly lastCursor?: string | null;
}

/** Who subscribes, asked anew before each page, for tokens run out and are withdrawn. */
export type Credentials = () => Promise<Viewer | Problem>;

/**
 * One event for a subscriber: the answer, and the cursor after it. Without an answer it says how far the feed was
 * looked through, so that whoever comes back before the first event has a place to come back to.
 */
export interface Told {
  readonly payload: {
    readonly data: Readonly<Record<string, unknown>>;
    readonly errors?: readonly ShownError[];
    readonly extensions: { readonly cursor: string };
  } | null;
  readonly cursor: string;
}

/** How a subscription ends that was begun: what the subscriber is told last. */
export class Ended extends Error {
  readonly errors: readonly ShownError[];
  constructor(errors: readonly ShownError[]) {
    super("A subscription has ended.");
    this.errors = errors;
  }
}

export interface SubscriptionsOptions {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly sources: readonly Source[];
  readonly trusted: TrustedDocuments;
  readonly traceId: () => string;
  /** How many there may be at once. */
  readonly atMost?: number;
}

/** An operation as it is subscribed to and as it is asked. */
interface Derived {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly query: string;
  readonly queryDocument: DocumentNode;
  readonly queryOperation: OperationDefinitionNode;
  /** The name in the answer. */
  readonly responseName: string;
  /** Gives the cursor to begin after, out of the variables; null where none is given. */
  readonly after: (variables: Readonly<Record<string, unknown>>) => string | null;
}

/** Variables of ours in the derived query, named as no client would. */
const [AFTER, FIRST] = ["gatewayAfter", "gatewayFirst"] as const;
const PAGE = 20;
const MOST = 20_000;
const DERIVED_KEPT = 200;
/** Subscribers asked for at once: a thousand may be told of one event, and other requests wait behind none of them. */
const AT_ONCE = 6;
const [FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS] = [250, 15_000];
/** So often a token is looked at again while nothing is told. */
const CHECKED_MILLISECONDS = 5_000;
/** That there is one field is asked of the document here: the rule looks at conditions without the variables they need. */
const RULES = specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule);
/** What may be answered the next time, so that the subscription goes on. */
const PASSING: ReadonlySet<string> = new Set(["SOURCE_UNAVAILABLE", "OVERLOADED", "INTERNAL"]);

export class Subscriptions {
  private readonly options: SubscriptionsOptions;
  private readonly feed: Feed | null;
  private readonly derived = new Map<string, Derived>();
  private readonly turns = new Turns(AT_ONCE);
  private count = 0;
  private closed = false;

  constructor(options: SubscriptionsOptions) {
    this.options = options;
    const source = options.sources.find(({ news }) => news !== undefined);
    this.feed = source === undefined ? null : new Feed(source);
  }

  /** How many there are at present. */
  get open(): number {
    return this.count;
  }

  /**
   * Begins a subscription: its events, until it is returned, `signal` aborts, or it throws `Ended` with what to tell the
   * subscriber. Answers the errors of one that cannot be begun.
   */
  subscribe(
    asked: Asked,
    viewer: Viewer,
    credentials: Credentials,
    signal: AbortSignal,
  ): AsyncGenerator<Told, void> | readonly ShownError[] {
    const { trusted, atMost = MOST } = this.options;
    const { feed } = this;
    if (viewer.role === "PARTNER_APP" && !trusted.trusts(asked.query))
      return refused(new Problem("DOCUMENT_NOT_TRUSTED"));
    const derived = this.derive(asked);
    if (isErrors(derived)) return derived;
    const variables = asked.variables ?? {};
    const fault = excess(this.options.schema, derived.document, derived.operation, variables);
    if (fault !== null) return refused(invalid(fault));
    if (feed === null || this.closed) return refused(new Problem("SOURCE_UNAVAILABLE", { source: "notifications" }));
    if (this.count >= atMost) return refused(new Problem("OVERLOADED"));
    return this.told(feed, derived, { ...asked, variables }, viewer, credentials, signal);
  }

  close(): void {
    this.closed = true;
    this.feed?.close();
  }

  private async *told(
    feed: Feed,
    derived: Derived,
    { variables, lastCursor }: Asked & { readonly variables: Readonly<Record<string, unknown>> },
    first: Viewer,
    credentials: Credentials,
    signal: AbortSignal,
  ): AsyncGenerator<Told, void> {
    const waiting = feed.join(first, teamsHeard(first));
    this.count += 1;
    try {
      // What is told after this is announced; what was told before is on the first page.
      const now = await this.untilAnswered(() => feed.upTo(first), signal);
      let cursor = now === null ? null : (lastCursor ?? derived.after(variables) ?? now);
      if (cursor !== null) yield { payload: null, cursor };
      for (let [pause, more] = [0, true]; cursor !== null && !signal.aborted && !this.closed; ) {
        const viewer = await credentials();
        if (viewer instanceof Problem) throw new Ended([shownProblem(viewer)]);
        if (!waiting.isTold() && !more) {
          await waiting.news(signal, CHECKED_MILLISECONDS);
          continue;
        }
        const page = await this.page(derived, { ...variables, [AFTER]: cursor }, viewer);
        more = page?.more ?? true;
        if (page === null) {
          // Nothing is lost: the same page is asked for again.
          pause = Math.min(LONGEST_PAUSE_MILLISECONDS, Math.max(FIRST_PAUSE_MILLISECONDS, pause * 2));
          await rest(pause * (0.5 + Math.random() / 2), signal);
          continue;
        }
        pause = 0;
        for (const told of page.told) {
          yield told;
          if (signal.aborted) return;
        }
        const last = page.told.at(-1)?.cursor ?? cursor;
        cursor = page.readUpTo;
        if (cursor !== last) yield { payload: null, cursor };
      }
    } finally {
      this.count -= 1;
      waiting.leave();
    }
  }

  private async untilAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    for (let pause = FIRST_PAUSE_MILLISECONDS; !signal.aborted && !this.closed; pause *= 2) {
      try {
        return await ask();
      } catch {
        await rest(Math.min(pause, LONGEST_PAUSE_MILLISECONDS), signal);
      }
    }
    return null;
  }

  /** The next page of a subscriber's feed; null where it may be answered later. Throws `Ended` where it never will be. */
  private async page(
    derived: Derived,
    variables: Readonly<Record<string, unknown>>,
    viewer: Viewer,
  ): Promise<Page | null> {
    const whole = await this.ask(derived, { ...variables, [FIRST]: PAGE }, viewer);
    if (whole === null) return null;
    if (!isErrors(whole)) return this.withEachAlone(whole, derived, variables, viewer);
    // One entry that cannot be answered at all costs the page: they are asked for one by one.
    const one = await this.ask(derived, { ...variables, [FIRST]: 1 }, viewer);
    if (one !== null && isErrors(one)) throw new Ended(one);
    return one;
  }

  /** An event is about one child: what may only be asked of one alone is asked again of each event by itself. */
  private async withEachAlone(
    page: Page,
    derived: Derived,
    variables: Readonly<Record<string, unknown>>,
    viewer: Viewer,
  ): Promise<Page> {
    const told: Told[] = [];
    for (const [at, each] of page.told.entries()) {
      const isRefused = each.payload?.errors?.some(({ extensions }) => extensions.code === "ONE_CHILD_AT_A_TIME");
      if (isRefused) {
        const after = page.told[at - 1]?.cursor ?? variables[AFTER];
        const alone = await this.ask(derived, { ...variables, [AFTER]: after, [FIRST]: 1 }, viewer, { oneEvent: true });
        const [same] = alone === null || isErrors(alone) ? [] : alone.told;
        told.push(same?.cursor === each.cursor ? same : each);
      } else told.push(each);
    }
    return { ...page, told };
  }

  private ask(
    { query, queryDocument, queryOperation, responseName }: Derived,
    variables: Readonly<Record<string, unknown>>,
    viewer: Viewer,
    how: { readonly oneEvent?: true } = {},
  ): Promise<Page | readonly ShownError[] | null> {
    const { executor, traceId: newTrace } = this.options;
    const traceId = newTrace();
    return this.turns.take(async () => {
      const name = queryOperation.name?.value;
      const kept = executor.known(query, name) ?? executor.keep(query, name, queryDocument, queryOperation);
      const executed = await executor.execute(kept, variables, { viewer, traceId, ...how }).catch((fault: unknown) => {
        if (fault instanceof Problem) return fault;
        throw fault;
      });
      if (executed instanceof Problem) return PASSING.has(executed.code) ? null : [shownProblem(executed)];
      if ("refused" in executed) return executed.refused.map((error) => shownOf(error));
      const connection = (JSON.parse(executed.data) as Answered | null)?.[responseName]; // as the derived query asks
      if (connection == null) {
        const { errors } = executed;
        return errors.length === 0 || errors.some(({ extensions }) => PASSING.has(extensions.code)) ? null : errors;
      }
      const { edges, readUpTo, pageInfo } = connection;
      const told = edges.map(({ cursor, node }, at): Told => {
        const errors = executed.errors.flatMap((error) => errorAt(error, at, responseName, traceId));
        const said = errors.length === 0 ? {} : { errors };
        return { cursor, payload: { data: { [responseName]: node }, ...said, extensions: { cursor } } };
      });
      return { told, readUpTo, more: pageInfo.hasNextPage };
    });
  }

  private derive({ query, operationName }: Asked): Derived | readonly ShownError[] {
    const key = `${operationName ?? ""}\n${query}`;
    const known = this.derived.get(key);
    if (known !== undefined) return known;
    if (nestsTooDeep(query)) return refused(invalid(`it nests deeper than ${LIMITS.nesting} brackets`));
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: LIMITS.tokens });
      const errors = validate(this.options.schema, document, RULES, { maxErrors: LIMITS.complaints });
      if (errors.length > 0) return errors.map((error) => shownOf(error));
    } catch (fault) {
      if (fault instanceof GraphQLError) return [shownOf(fault)]; // a syntax error
      throw fault;
    }
    const derived = derivedOf(document, operationName ?? null);
    if (typeof derived === "string") return refused(invalid(derived));
    if (this.derived.size >= DERIVED_KEPT) this.derived.delete(this.derived.keys().next().value ?? "");
    this.derived.set(key, derived);
    return derived;
  }
}

interface Page {
  readonly told: readonly Told[];
  readonly readUpTo: string;
  readonly more: boolean;
}

type Answered = Readonly<
  Record<
    string,
    {
      readonly edges: readonly { readonly cursor: string; readonly node: unknown }[];
      readonly readUpTo: string;
      readonly pageInfo: { readonly hasNextPage: boolean };
    } | null
  >
>;

/** The query that a subscription stands for, or what is wrong with it. The document is valid. */
function derivedOf(document: DocumentNode, operationName: string | null): Derived | string {
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const named = operations.filter(({ name }) => operationName === null || name?.value === operationName);
  const [operation, ...others] = named;
  if (operation === undefined || others.length > 0)
    return "operationName names none of its operations, or is missing where there are several";
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return "only a subscription is told as it happens";
  const [field, ...more] = operation.selectionSet.selections;
  if (
    field?.kind !== Kind.FIELD ||
    (field.directives?.length ?? 0) > 0 ||
    field.selectionSet === undefined ||
    more.length > 0
  )
    return "a subscription asks for one field, which stands in it directly and without a condition";
  const queryOperation = queryOf(operation, field);
  const fragments = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  const queryDocument: DocumentNode = { kind: Kind.DOCUMENT, definitions: [queryOperation, ...fragments] };
  const given = field.arguments?.find(({ name }) => name.value === "after")?.value;
  return {
    document,
    operation,
    query: print(queryDocument),
    queryDocument,
    queryOperation,
    responseName: field.alias?.value ?? field.name.value,
    after(variables) {
      const value =
        given?.kind === Kind.VARIABLE ? variables[given.name.value] : given?.kind === Kind.STRING ? given.value : null;
      return typeof value === "string" ? value : null;
    },
  };
}

function queryOf(operation: OperationDefinitionNode, field: FieldNode): OperationDefinitionNode {
  const made = parse(
    `query ($${AFTER}: String, $${FIRST}: Int) { it(after: $${AFTER}, first: $${FIRST}) { edges { cursor node { it } } readUpTo pageInfo { hasNextPage } } }`,
    { noLocation: true },
  ).definitions[0] as OperationDefinitionNode; // as written
  const [page] = made.selectionSet.selections as readonly FieldNode[];
  const kept = (field.arguments ?? []).filter(({ name }) => name.value !== "after");
  const inner = page?.selectionSet?.selections.map((each) =>
    each.kind === Kind.FIELD && each.name.value === "edges" ? withNode(each, field) : each,
  );
  const asked: FieldNode = {
    ...field,
    arguments: [...kept, ...(page?.arguments ?? [])],
    selectionSet: { kind: Kind.SELECTION_SET, selections: inner ?? [] },
  };
  return {
    ...operation,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: [...(operation.variableDefinitions ?? []), ...(made.variableDefinitions ?? [])],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [asked] },
  };
}

function withNode(edges: FieldNode, { selectionSet }: FieldNode): FieldNode {
  const selections = edges.selectionSet?.selections.map((each) =>
    each.kind === Kind.FIELD && each.name.value === "node" ? { ...each, selectionSet } : each,
  );
  return { ...edges, selectionSet: { kind: Kind.SELECTION_SET, selections: selections ?? [] } };
}

/** An error of a page as one of an entry: at its place in the event. One of another entry is none of it. */
function errorAt(error: ShownError, at: number, responseName: string, traceId: string): readonly ShownError[] {
  const { path = [] } = error;
  if (path[1] !== "edges" || path[2] !== at) return [];
  const { locations: _, ...shown } = error;
  return [{ ...shown, path: [responseName, ...path.slice(4)], extensions: { ...error.extensions, traceId } }];
}

function refused(problem: Problem): readonly ShownError[] {
  return [shownProblem(problem)];
}

function invalid(fault: string): Problem {
  return new Problem("REQUEST_INVALID", { fault });
}

function isErrors<T extends object>(value: T | readonly ShownError[]): value is readonly ShownError[] {
  return Array.isArray(value);
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}

/** Lets a few in at a time, the others in the order they came. */
class Turns {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(atOnce: number) {
    this.free = atOnce;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }
}
