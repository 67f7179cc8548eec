/**
 * Starts a subgraph from its definition, or reaches one that runs elsewhere: its part of the graph, the loaders of
 * one request, the delivery of events, and HTTP at both ends. Whoever holds a `Subgraph` cannot tell which it is.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { GraphQLError, type GraphQLSchema, parse } from "graphql";
import { type BuildSchemaOptions, buildSchemaSync, createResolversMap, type NonEmptyArray } from "type-graphql";
import { EVENT_ACTIONS, type Viewer } from "../schema/access";
import { type Day, instantOf, londonDay } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { EventType } from "../schema/events";
import {
  ACCESS_LOG,
  type AccessAsked,
  type AccessEntriesRead,
  type AccessLog,
  accessEntriesOf,
  accessLogOf,
  appendingInTurn,
  appendOnly,
  foundByChild,
} from "./audit";
import { CHECKPOINTS, type Checkpoints, checkpointing } from "./checkpoints";
import { isRegistered } from "./claims";
import { type Database, type Migration, openDatabase, type Place } from "./database";
import { DELIVERIES, type Delivery, deliveriesTo, deliverTaken, type Follow, type Outcomes } from "./deliveries";
import { type CopyTable, type FactTable, type Recorder, recorderOf } from "./facts";
import { Guard, unguardedFields } from "./guard";
import { childLoadersOf, keyLoadersOf, type Loaders, type Read } from "./loaders";
import { type Answered, Operations } from "./operations";
import type { Passports } from "./passport";
import { Reach, type Reached, type ReachOptions } from "./reach";
import { LISTED_REGISTER, type Population, REGISTER, type Register, registerOf } from "./register";
import { type Resolvers, resolversOf } from "./resolvers";

export type Reads = Readonly<Record<string, Read<never>>>;
export type Lookups = Readonly<Record<string, Read<never>>>;

/** What resolvers are handed. */
export interface Context<R = Reads, L = Lookups, A = object> {
  readonly viewer: Viewer;
  readonly guard: Guard;
  readonly today: Day;
  /** By child id: everything told of the child, under whichever record it was told before a merge. */
  readonly load: Loaders<R>;
  /** By any other key. */
  readonly find: Loaders<L>;
  /** What the subgraph does to rows of its own, and lists that are no read of keys. */
  readonly act: A;
}

type Class = new (...args: never[]) => object;

/** Something a subgraph does of itself while it is served. */
export interface Chore {
  readonly name: string;
  /** How long it rests when it found nothing to do. */
  readonly restMilliseconds: number;
  /** Does a bounded piece of the work; answers whether there is more. Begun again after a fault or a kill, it does no harm. */
  run(): Promise<boolean>;
  /** How much is left to do, as far as it is counted. */
  left?(): Promise<number>;
}

/** What a subgraph's own code stands on. */
export interface Ground {
  readonly database: Database;
  readonly register: Register;
  /** Where the database is, for what opens it again in a thread of its own. */
  readonly place: Place;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: AccessLog;
  /** Who looked at some children, as its own log has it. */
  readonly accessEntries: AccessEntriesRead;
}

/** A part of the graph and of the record. */
export interface SubgraphDefinition<R extends object = object, L extends object = object> {
  readonly name: string;
  /** TypeGraphQL resolver classes; every query and entity field guarded. */
  readonly resolvers: NonEmptyArray<Class>;
  /** Types nothing refers to but the gateway: the entities. */
  readonly types: readonly Class[];
  /** Entity → its key field. */
  readonly entities: Readonly<Record<string, string>>;
  /** Event type → the table its facts are kept in. What is not named here does not concern the subgraph. */
  readonly facts: { readonly [Type in EventType]?: FactTable<Type> };
  /** Event type → what is copied of another subgraph's facts: kept as facts are, and neither counted nor answered for. */
  readonly copies?: { readonly [Type in EventType]?: CopyTable<Type> };
  /** Event types it is told of although it keeps nothing of them as facts: `follow` makes something else of them. */
  readonly follows?: readonly EventType[];
  /** True where children are listed by where they belong, so that the register needs its indexes. */
  readonly listsChildren?: true;
  /** True where its register holds only children of whom there is something to know, and others are taken as unrestricted. */
  readonly sparseRegister?: true;
  /** Forward only; the chassis's own tables come first. */
  readonly migrations: readonly Migration[];
  /** Lists of what is held of children: each answers one list a child. */
  readonly reads: (database: Database) => R;
  readonly lookups?: (database: Database, register: Register) => L;
  readonly acts?: (ground: Ground) => object;
  readonly follow?: (ground: Ground) => Follow;
  readonly chores?: (ground: Ground) => readonly Chore[];
  /** What has been told since a place in its feed, for those who tell it on. */
  readonly news?: (ground: Ground) => (after: string | null) => Promise<News>;
}

/** How far a feed goes, as a cursor, and whom what came after a place is for. Nothing of any child. */
export interface News {
  readonly upTo: string;
  readonly topics: readonly string[];
}

export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** `listed`: it is asked of each entry of a list in the client's question. */
  readonly extensions?: { readonly listed?: boolean };
  readonly viewer: Viewer;
  readonly requestId: string;
}

/** For whom a question in bytes is asked, and under which trace. */
export interface Asker {
  readonly viewer: Viewer;
  readonly traceId: string;
  /** Headers of W3C Trace Context, of the request this is asked for, to be handed on. */
  readonly trace?: Readonly<Record<string, string>>;
}

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  ask(request: SubgraphRequest): Promise<Answered>;
  /** The same in bytes, where it runs elsewhere: a JSON body of `query` and `variables`, sent again only where `repeatable`. */
  post?(body: string, asker: Asker, repeatable: boolean): Promise<Buffer>;
  /** How it is reached, where it runs elsewhere. */
  readonly reach?: Reached;
  /** Whether events of a type concern this subgraph: those whose facts it keeps, and those of its register. */
  takes(type: EventType): boolean;
  deliver(delivery: Delivery): Promise<Outcomes>;
  /** Event type → source system → facts held. */
  holdings(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  /** Who looked at some children, and at the records that are part of theirs, newest first. */
  accessEntries: AccessEntriesRead;
  /** What has been told since a place in its feed, where it has one; null: how far it goes. For a viewer who waits for it. */
  news?(after: string | null, viewer: Viewer): Promise<News>;
  /** Calls back when something may have been told, where it runs in this process; answers what ends that. */
  watch?(told: () => void): () => void;
  /** Does its chores until none finds more to do, telling between what is left. Those of a subgraph served elsewhere are done there. */
  settle(told?: ((left: number) => void) | null): Promise<void>;
  /** Resolves when it can answer; rejects with the problem. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface SubgraphOptions {
  readonly place: Place;
  readonly now?: () => number;
  /** Whether it does its chores of itself, as it is when served. */
  readonly chores?: boolean;
  /** Who signs how far its access log goes, and where that is kept; left out, it is not signed here. */
  readonly checkpoints?: Checkpoints;
  /** False: every operation is left to GraphQL's own execution, to be compared with. */
  readonly compiles?: boolean;
  /** Told of what fails unexpectedly: never with patient data. */
  readonly onFault?: (fault: unknown, requestId: string) => void;
}

/** The federation features subgraphs may use. */
const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable", "@external", "@requires", "@provides"])';

export interface BuiltGraph {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  /** As TypeGraphQL built it, with what the guards marked. */
  readonly built: GraphQLSchema;
  readonly resolvers: Resolvers;
}

/** TypeGraphQL describes no subscription without a broker. Ours are served by the gateway, which asks anew for each subscriber. */
const NO_BROKER: NonNullable<BuildSchemaOptions["pubSub"]> = {
  publish: () => undefined,
  async *subscribe() {},
};

/** The graph of a definition. Throws, naming them all, when a query or entity field has no guard. */
export function buildGraph(definition: SubgraphDefinition): BuiltGraph {
  let graph = GRAPHS.get(definition);
  if (graph === undefined) {
    graph = graphOf(definition);
    GRAPHS.set(definition, graph);
  }
  return graph;
}

/** A graph follows from its definition alone, and takes a tenth of a second to build. */
const GRAPHS = new WeakMap<SubgraphDefinition, BuiltGraph>();

function graphOf(definition: SubgraphDefinition): BuiltGraph {
  const options: BuildSchemaOptions = {
    resolvers: definition.resolvers,
    orphanedTypes: [...definition.types],
    validate: false,
    skipCheck: true,
    pubSub: NO_BROKER,
  };
  const built = buildSchemaSync(options);
  const open = unguardedFields(built, new Map(Object.entries(definition.entities)));
  if (open.length > 0) throw new Error(`${definition.name} has fields without @Guarded: ${open.join(", ")}.`);
  const unclassified = typesTold(definition).filter((type) => !Object.hasOwn(EVENT_ACTIONS, type));
  if (unclassified.length > 0)
    throw new Error(
      `${definition.name} takes events that EVENT_ACTIONS does not classify: ${unclassified.join(", ")}.`,
    );
  const sdl = `${LINK}\n\n${printSchemaWithDirectives(built)}\n`;
  const map = createResolversMap(built) as Record<string, Record<string, unknown>>;
  for (const entity of Object.keys(definition.entities)) {
    // Whether the entity may be known is decided field by field, by the guard.
    map[entity] = { ...map[entity], __resolveReference: (reference: object) => reference };
  }
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: map as never }); // Apollo's own resolver type is narrower
  return { schema, sdl, built, resolvers: resolversOf(definition.resolvers, built) };
}

function typesTold({ facts, copies = {}, follows = [] }: SubgraphDefinition): readonly string[] {
  return [...Object.keys(facts), ...Object.keys(copies), ...follows];
}

/** Whether events of a type concern a subgraph: those whose facts it keeps or copies, those it follows, and those of its register. */
export function takes({ facts, copies, follows }: SubgraphDefinition, type: EventType): boolean {
  if (facts[type] !== undefined || copies?.[type] !== undefined || isRegistered(type)) return true;
  return follows?.includes(type) ?? false;
}

/** Every migration of a definition's database, the chassis's own first. */
export function migrationsOf(definition: SubgraphDefinition): readonly Migration[] {
  const register = definition.listsChildren ? LISTED_REGISTER : REGISTER;
  const chassis: Migration = {
    name: "chassis",
    tables: [register, ACCESS_LOG, CHECKPOINTS, DELIVERIES],
    statements: (dialect) => [
      ...appendOnly(ACCESS_LOG, dialect),
      ...appendOnly(CHECKPOINTS, dialect),
      ...appendingInTurn(dialect),
      ...foundByChild(dialect),
    ],
  };
  return [chassis, ...definition.migrations];
}

/** Starts a subgraph in this process, over its own database, which must be at the present schema. */
export async function startSubgraph(definition: SubgraphDefinition, options: SubgraphOptions): Promise<Subgraph> {
  const graph = buildGraph(definition);
  const database = await openDatabase(definition.name, options.place);
  try {
    await database.expect(migrationsOf(definition));
  } catch (problem) {
    await database.close();
    throw problem;
  }
  const now = options.now ?? Date.now;
  const register = registerOf(database, { sparse: definition.sparseRegister === true });
  const reads = definition.reads(database) as Readonly<Record<string, Read<readonly unknown[]>>>;
  const lookups = (definition.lookups?.(database, register) ?? {}) as Readonly<Record<string, Read<unknown>>>;
  const recordersOf = (tables: readonly FactTable[]) =>
    new Map<string, Recorder>(tables.map((table) => [table.event, recorderOf(database, table)]));
  const recorders = recordersOf(Object.values(definition.facts));
  const copiers = recordersOf(Object.values(definition.copies ?? {}));
  const operations = new Operations(graph, options.compiles);
  const [childLoaders, keyLoaders] = [childLoadersOf(reads), keyLoadersOf(lookups)];
  const log = accessLogOf(database, now);
  const accessEntries = accessEntriesOf(register, log);
  const ground: Ground = { database, register, place: options.place, now, log, accessEntries };
  const act = definition.acts?.(ground) ?? {};
  const deliveries = deliveriesTo({
    database,
    register,
    recorders,
    copiers,
    follow: definition.follow?.(ground) ?? null,
  });
  const signing = options.checkpoints && checkpointing(database, now, options.checkpoints);
  const chores = [...(definition.chores?.(ground) ?? []), ...(signing ? [signing] : [])];
  const news = definition.news?.(ground);
  const watching = new Set<() => void>();
  const rounds = options.chores
    ? chores.map((chore) => roundsOf(chore, (fault) => options.onFault?.(fault, chore.name)))
    : [];

  return {
    name: definition.name,
    sdl: graph.sdl,
    takes: (type) => takes(definition, type),

    async ask({ viewer, requestId, extensions, ...question }) {
      const begun = performance.now();
      const instant = instantOf(now());
      const guard = new Guard(viewer, register, londonDay(instant), instant, extensions?.listed);
      const context: Context = {
        viewer,
        guard,
        today: guard.today,
        load: childLoaders(guard) as Context["load"],
        find: keyLoaders(guard) as Context["find"],
        act,
      };
      const result = await operations.answer(question, context);
      try {
        await guard.write(log, requestId);
      } catch (fault) {
        options.onFault?.(fault, requestId);
        return { errors: [errorOf(new Problem("INTERNAL"), definition.name)] };
      }
      const keptBack = guard.keptBack(performance.now() - begun);
      if (keptBack > 0) await new Promise((resolve) => setTimeout(resolve, keptBack));
      if (result.errors === undefined) return result;
      const errors = result.errors.map((error) => {
        const cause = causeOf(error);
        if (cause !== null && !(cause instanceof Problem)) options.onFault?.(cause, requestId);
        return errorOf(error, definition.name);
      });
      return { ...result, errors };
    },

    async deliver(delivery) {
      const outcomes = await deliveries.deliver(delivery);
      for (const told of watching) told();
      return outcomes;
    },
    ...(news === undefined ? {} : { news }),
    watch(told) {
      watching.add(told);
      return () => watching.delete(told);
    },

    async holdings() {
      const held: Record<string, Record<string, number>> = {};
      for (const [type, recorder] of recorders) held[type] = Object.fromEntries(await recorder.holdings(database));
      return held;
    },

    accessEntries,

    async settle(told) {
      let more = true;
      while (more) {
        more = false;
        for (const chore of chores) more = (await chore.run()) || more;
        if (!told) continue;
        const left = await Promise.all(chores.map((chore) => chore.left?.() ?? 0));
        told(left.reduce((sum, each) => sum + each, 0));
      }
    },

    async ready() {
      await deliveries.ready();
    },

    async close() {
      for (const stop of rounds) await stop();
      // What came after the last checkpoint is signed, so that a log that rests is signed to its end.
      if (options.chores) await signing?.run().catch((fault) => options.onFault?.(fault, signing.name));
      await database.close();
    },
  };
}

/** Does a chore again and again, resting when there is nothing to do or it failed; answers what stops it. */
function roundsOf({ restMilliseconds, run }: Chore, onFault: (fault: unknown) => void): () => Promise<void> {
  let stopped = false;
  let wake = () => {};
  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMilliseconds);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const rounds = (async () => {
    while (!stopped) {
      const more = await run().catch((fault: unknown) => {
        onFault(fault);
        return false;
      });
      if (!more && !stopped) await rest();
    }
  })();
  return () => {
    stopped = true;
    wake();
    return rounds;
  };
}

/** Brings a definition's database to the present schema; answers how many steps that took. */
export async function migrateSubgraph(definition: SubgraphDefinition, place: Place): Promise<number> {
  const database = await openDatabase(definition.name, place);
  try {
    return await database.migrate(migrationsOf(definition));
  } finally {
    await database.close();
  }
}

// --- Requests -------------------------------------------------------------------------------------------------

/** An error as clients see it: our own problems whole, anything else as INTERNAL with nothing of its text. */
function errorOf(error: Error, source: string): GraphQLError {
  const cause = causeOf(error);
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (cause === null) {
    // GraphQL's own: an argument it could not read, a null where none may be.
    return new GraphQLError(error.message, { ...place, extensions: { code: "REQUEST_INVALID", source } });
  }
  const problem = cause instanceof Problem ? cause : new Problem("INTERNAL");
  return new GraphQLError(problem.message, {
    ...place,
    extensions: { code: problem.code, do: problem.remedy, source },
  });
}

/** What lies under GraphQL's errors, which wrap each other where a variable is read; null where it is GraphQL's own. */
function causeOf(error: Error): Error | null {
  let cause: Error | undefined = error;
  while (cause instanceof GraphQLError) cause = cause.originalError;
  return cause ?? null;
}

// --- HTTP -----------------------------------------------------------------------------------------------------

const DELIVERY_LIMIT_BYTES = 64 * 1024 * 1024;
const REQUEST_LIMIT_BYTES = 4 * 1024 * 1024;

/** Serves a subgraph to other processes. Without a passport signed by the shared key it answers nothing but its health. */
export async function serveSubgraph(
  subgraph: Subgraph,
  options: { readonly host: string; readonly port: number; readonly passports: Passports },
): Promise<Server> {
  const server = createServer((request, response) => {
    answer(subgraph, options.passports, request).then(
      ({ status, body }) => send(response, status, body),
      () =>
        send(response, 500, {
          errors: [{ message: "Something failed on our side.", extensions: { code: "INTERNAL" } }],
        }),
    );
  });
  // Longer than any gateway rests, so that the one who asks is the one who leaves a connection.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (fault: NodeJS.ErrnoException) =>
      reject(
        fault.code === "EADDRINUSE" ? new Problem("PORT_IN_USE", { port: options.port, host: options.host }) : fault,
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  return server;
}

async function answer(
  subgraph: Subgraph,
  passports: Passports,
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly body: unknown }> {
  if (request.url === "/healthz") {
    await subgraph.ready();
    return { status: 200, body: { status: "ok" } };
  }
  const passport = request.headers["x-passport"];
  const bearer = typeof passport === "string" ? passports.check(passport, subgraph.name) : null;
  if (bearer === null)
    return {
      status: 401,
      body: { errors: [{ message: "A passport is needed.", extensions: { code: "NOT_SIGNED_IN" } }] },
    };
  if (request.url === "/graphql" && bearer.kind === "VIEWER") {
    const body = JSON.parse(await bodyOf(request, REQUEST_LIMIT_BYTES)) as Omit<
      SubgraphRequest,
      "viewer" | "requestId"
    >; // signed by us
    const requestId = String(request.headers["x-request-id"] ?? "");
    const { data, errors } = await subgraph.ask({ ...body, viewer: bearer.viewer, requestId });
    return { status: 200, body: { errors, data } };
  }
  if (request.url === "/deliver" && bearer.kind === "INGEST") {
    const delivery = JSON.parse(await bodyOf(request, DELIVERY_LIMIT_BYTES)) as Delivery; // signed by us
    return { status: 200, body: await subgraph.deliver(delivery) };
  }
  if (request.url === "/news" && bearer.kind === "VIEWER" && subgraph.news !== undefined) {
    const { after } = JSON.parse(await bodyOf(request, REQUEST_LIMIT_BYTES)) as { readonly after: string | null }; // signed by us
    return { status: 200, body: await subgraph.news(after, bearer.viewer) };
  }
  if (request.url === "/holdings" && bearer.kind === "INGEST") return { status: 200, body: await subgraph.holdings() };
  if (request.url === "/access" && bearer.kind === "INGEST") {
    const asked = JSON.parse(await bodyOf(request, REQUEST_LIMIT_BYTES)) as AccessAsked; // signed by us
    return { status: 200, body: await subgraph.accessEntries(asked) };
  }
  return { status: 404, body: { errors: [{ message: "There is nothing here.", extensions: { code: "NOT_FOUND" } }] } };
}

async function bodyOf(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Error("The body is larger than a part sends.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": bytes.length });
  response.end(bytes);
}

/** Reaches a subgraph that runs in another process. What cannot be reached rejects with SOURCE_UNAVAILABLE. */
export function reachSubgraph(
  definition: SubgraphDefinition,
  { passports, ...options }: ReachOptions & { readonly passports: Passports },
): Subgraph {
  const { name } = definition;
  const { sdl } = buildGraph(definition);
  const reach = new Reach(options);
  const sign = signerOf(passports, name, options.now ?? Date.now);

  async function post(path: string, headers: Headers, body: string, repeatable: boolean): Promise<Buffer> {
    const answered = await reach.post(path, headers, body, repeatable).catch(() => null);
    // Whatever kept it from answering, the reader is told which source did not.
    if (answered?.status !== 200) throw new Problem("SOURCE_UNAVAILABLE", { source: name });
    return answered.body;
  }
  const ingest = () => ({ "x-passport": passports.sign({ kind: "INGEST" }, name) });
  // A part of ours answers in our types.
  const parsed = async <Answer>(body: Promise<Buffer>) => JSON.parse((await body).toString()) as Answer;

  return {
    name,
    sdl,
    reach,
    takes: (type) => takes(definition, type),
    ask: ({ viewer, requestId, ...request }) =>
      parsed(
        post(
          "/graphql",
          { "x-passport": sign(viewer), "x-request-id": requestId },
          JSON.stringify(request),
          isQuery(request.query),
        ),
      ),
    post: (body, { viewer, traceId, trace }, repeatable) =>
      post("/graphql", { "x-passport": sign(viewer), "x-request-id": traceId, ...trace }, body, repeatable),
    // Delivered twice it counts once, by its number.
    deliver: (delivery) =>
      deliverTaken(
        (type) => takes(definition, type),
        delivery,
        (theirs) => parsed(post("/deliver", ingest(), JSON.stringify(theirs), true)),
      ),
    holdings: () => parsed(post("/holdings", ingest(), "{}", true)),
    accessEntries: (asked) => parsed(post("/access", ingest(), JSON.stringify(asked), true)),
    ...(definition.news === undefined
      ? {}
      : {
          news: (after: string | null, viewer: Viewer) =>
            parsed<News>(post("/news", { "x-passport": sign(viewer) }, JSON.stringify({ after }), true)),
        }),
    settle: async () => undefined,
    async ready() {
      if (!(await reach.isWell("/healthz"))) throw new Problem("SOURCE_UNAVAILABLE", { source: name });
    },
    close: () => reach.close(),
  };
}

type Headers = Readonly<Record<string, string>>;

/** A passport is good for a minute, so one that was signed lately is good for the viewer's next question. */
const SIGNED_MILLISECONDS = 20_000;

function signerOf(passports: Passports, part: string, now: () => number): (viewer: Viewer) => string {
  const signed = new WeakMap<Viewer, { readonly passport: string; readonly until: number }>();
  return (viewer) => {
    const before = signed.get(viewer);
    if (before !== undefined && now() < before.until) return before.passport;
    const passport = passports.sign({ kind: "VIEWER", viewer }, part);
    signed.set(viewer, { passport, until: now() + SIGNED_MILLISECONDS });
    return passport;
  };
}

/** Whether an operation surely changes nothing. */
function isQuery(operation: string): boolean {
  return /^\s*(query\b|\{)/.test(operation);
}

export type { Population };
