/**
 * Starts a subgraph from its definition, or reaches one that runs elsewhere: its part of the graph, the loaders of
 * one request, the delivery of events, and HTTP at both ends. Whoever holds a `Subgraph` cannot tell which it is.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import DataLoader from "dataloader";
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import { type BuildSchemaOptions, buildSchemaSync, createResolversMap, type NonEmptyArray } from "type-graphql";
import { Pool } from "undici";
import type { Viewer } from "../schema/access";
import { type Day, instantOf, londonDay } from "../schema/calendar";
import { Problem } from "../schema/errors";
import { DISPOSITIONS, type Disposition, type Event, type EventType } from "../schema/events";
import { type Database, type Migration, openDatabase, type Place, type Table } from "./database";
import { type FactTable, type Recorded, type Recorder, recorderOf } from "./facts";
import { ACCESS_LOG, Guard, unguardedFields } from "./guard";
import type { Passports } from "./passport";
import { isRegistered, LISTED_REGISTER, type Population, REGISTER, type Register, registerOf } from "./register";

/** Reads of many keys at once, answered in key order. */
export type Read<Answer> = (keys: readonly string[]) => Promise<readonly Answer[]>;
export type Reads = Readonly<Record<string, Read<never>>>;
export type Lookups = Readonly<Record<string, Read<never>>>;

/** One loader for each read, made anew for every request. */
export type Loaders<R> = {
  readonly [Name in keyof R]: R[Name] extends Read<infer Answer> ? DataLoader<string, Answer> : never;
};

/** What resolvers are handed. */
export interface Context<R = Reads, L = Lookups> {
  readonly viewer: Viewer;
  readonly guard: Guard;
  readonly today: Day;
  /** By child id: everything told of the child, under whichever record it was told before a merge. */
  readonly load: Loaders<R>;
  /** By any other key. */
  readonly find: Loaders<L>;
}

type Class = new (...args: never[]) => object;

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
  /** True where children are listed by where they belong, so that the register needs its indexes. */
  readonly listsChildren?: true;
  /** Forward only; the chassis's own tables come first. */
  readonly migrations: readonly Migration[];
  /** Lists of what is held of children: each answers one list a child. */
  readonly reads: (database: Database) => R;
  readonly lookups?: (database: Database, register: Register) => L;
}

/** A batch of events with the number ingest gave it. The same number again changes nothing. */
export interface Delivery {
  readonly number: number;
  readonly events: readonly Event[];
}

export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly viewer: Viewer;
  readonly requestId: string;
}

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  ask(request: SubgraphRequest): Promise<ExecutionResult>;
  /** Whether events of a type concern this subgraph: those whose facts it keeps, and those of its register. */
  takes(type: EventType): boolean;
  /** What became of each event, in order; null for one that is not this subgraph's to keep. */
  deliver(delivery: Delivery): Promise<readonly (Recorded | null)[]>;
  /** Event type → source system → facts held. */
  holdings(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  /** Resolves when it can answer; rejects with the problem. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface SubgraphOptions {
  readonly place: Place;
  readonly now?: () => number;
  /** Told of what fails unexpectedly: never with patient data. */
  readonly onFault?: (fault: unknown, requestId: string) => void;
}

const DELIVERIES: Table = {
  name: "delivery",
  columns: { number: "integer", outcomes: "text" },
  key: ["number"],
};

/** The federation features subgraphs may use. */
const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable", "@external", "@requires", "@provides"])';

export interface BuiltGraph {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
}

/** The graph of a definition. Throws, naming them all, when a query or entity field has no guard. */
export function buildGraph(definition: SubgraphDefinition): BuiltGraph {
  const options: BuildSchemaOptions = {
    resolvers: definition.resolvers,
    orphanedTypes: [...definition.types],
    validate: false,
    skipCheck: true,
  };
  const built = buildSchemaSync(options);
  const open = unguardedFields(built, new Map(Object.entries(definition.entities)));
  if (open.length > 0) throw new Error(`${definition.name} has fields without @Guarded: ${open.join(", ")}.`);
  const sdl = `${LINK}\n\n${printSchemaWithDirectives(built)}\n`;
  const resolvers = createResolversMap(built) as Record<string, Record<string, unknown>>;
  for (const entity of Object.keys(definition.entities)) {
    // Whether the entity may be known is decided field by field, by the guard.
    resolvers[entity] = { ...resolvers[entity], __resolveReference: (reference: object) => reference };
  }
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never }); // Apollo's own resolver type is narrower
  return { schema, sdl };
}

/** Whether events of a type concern a subgraph: those whose facts it keeps, and those of its register. */
export function takes(definition: SubgraphDefinition, type: EventType): boolean {
  return definition.facts[type] !== undefined || isRegistered(type);
}

/** Every migration of a definition's database, the chassis's own first. */
export function migrationsOf(definition: SubgraphDefinition): readonly Migration[] {
  const register = definition.listsChildren ? LISTED_REGISTER : REGISTER;
  return [{ name: "chassis", tables: [register, ACCESS_LOG, DELIVERIES] }, ...definition.migrations];
}

/** Starts a subgraph in this process, over its own database, which must be at the present schema. */
export async function startSubgraph(definition: SubgraphDefinition, options: SubgraphOptions): Promise<Subgraph> {
  const { schema, sdl } = buildGraph(definition);
  const database = await openDatabase(definition.name, options.place);
  try {
    await database.expect(migrationsOf(definition));
  } catch (problem) {
    await database.close();
    throw problem;
  }
  const now = options.now ?? Date.now;
  const register = registerOf(database);
  const reads = definition.reads(database) as Readonly<Record<string, Read<readonly unknown[]>>>;
  const lookups = (definition.lookups?.(database, register) ?? {}) as Readonly<Record<string, Read<unknown>>>;
  const recorders = new Map<string, Recorder>(
    Object.values(definition.facts).map((table) => [table.event, recorderOf(database, table)]),
  );
  const documents = documentsOf(schema);
  const deliveries = database.statement<{ outcomes: string }>(({ from, param }) =>
    from(DELIVERIES).select("outcomes").where("number", "=", param("number")),
  );

  return {
    name: definition.name,
    sdl,
    takes: (type) => takes(definition, type),

    async ask({ query, operationName, variables, viewer, requestId }) {
      const document = documents(query);
      if (!("kind" in document)) return { errors: document.errors.map((error) => errorOf(error, definition.name)) };
      const instant = instantOf(now());
      const guard = new Guard(viewer, register, londonDay(instant));
      const context: Context = {
        viewer,
        guard,
        today: guard.today,
        load: childLoaders(reads, guard) as Context["load"],
        find: loaders(lookups) as Context["find"],
      };
      const result = await execute({
        schema,
        document,
        contextValue: context,
        operationName,
        variableValues: variables,
      });
      try {
        await guard.write(database, requestId, instant);
      } catch (fault) {
        options.onFault?.(fault, requestId);
        return { errors: [errorOf(new Problem("INTERNAL"), definition.name)] };
      }
      if (result.errors === undefined) return result;
      const errors = result.errors.map((error) => {
        const cause = causeOf(error);
        if (cause !== null && !(cause instanceof Problem)) options.onFault?.(cause, requestId);
        return errorOf(error, definition.name);
      });
      return { ...result, errors };
    },

    deliver: ({ number, events }) =>
      database.write(async (transaction) => {
        const before = (await transaction.rows(deliveries, { number }))[0];
        if (before !== undefined) return readOutcomes(before.outcomes);
        await register.tell(transaction, events);
        const outcomes: (Recorded | null)[] = events.map(() => null);
        for (const [type, recorder] of recorders) {
          const at = events.flatMap((event, index) => (event.type === type ? [index] : []));
          if (at.length === 0) continue;
          const recorded = await recorder.record(
            transaction,
            number,
            at.flatMap((index) => events[index] ?? []),
          );
          for (const [i, index] of at.entries()) outcomes[index] = recorded[i] ?? null;
        }
        await transaction.insert(DELIVERIES, [{ number, outcomes: writeOutcomes(outcomes) }]);
        return outcomes;
      }),

    async holdings() {
      const held: Record<string, Record<string, number>> = {};
      for (const [type, recorder] of recorders) held[type] = Object.fromEntries(await recorder.holdings(database));
      return held;
    },

    async ready() {
      await database.rows(deliveries, { number: -1 });
    },

    close: () => database.close(),
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

const DOCUMENTS_KEPT = 500;

/** Parses and validates each text once. */
function documentsOf(schema: GraphQLSchema) {
  const kept = new Map<string, DocumentNode>();
  return (query: string): DocumentNode | { readonly errors: readonly GraphQLError[] } => {
    const known = kept.get(query);
    if (known) return known;
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (fault) {
      return { errors: [fault as GraphQLError] }; // parse throws nothing else
    }
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    if (kept.size >= DOCUMENTS_KEPT) kept.delete(kept.keys().next().value ?? "");
    kept.set(query, document);
    return document;
  };
}

/**
 * A child's record is made of every record that was merged into it, so a read is asked for all of them and the lists
 * are put together. No store knows of merges.
 */
function childLoaders(reads: Readonly<Record<string, Read<readonly unknown[]>>>, guard: Guard) {
  return Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [
      name,
      new DataLoader<string, readonly unknown[]>(async (childIds) => {
        const members = await Promise.all(
          childIds.map(async (childId) => (await guard.entry(childId))?.members ?? [childId]),
        );
        if (members.every((each) => each.length === 1)) return read(members.flat());
        const all = [...new Set(members.flat())];
        const lists = await read(all);
        const byChildId = new Map(all.map((childId, at) => [childId, lists[at] ?? []]));
        return members.map((each) => each.flatMap((childId) => byChildId.get(childId) ?? []));
      }),
    ]),
  );
}

function loaders(lookups: Readonly<Record<string, Read<unknown>>>) {
  return Object.fromEntries(
    Object.entries(lookups).map(([name, read]) => [name, new DataLoader<string, unknown>((keys) => read(keys))]),
  );
}

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

// --- Deliveries -----------------------------------------------------------------------------------------------

/** Two characters an event: the disposition's first letter and whether it was the first of its identity. */
function writeOutcomes(outcomes: readonly (Recorded | null)[]): string {
  return outcomes.map((each) => (each === null ? "--" : `${each.disposition[0]}${each.first ? "1" : "0"}`)).join("");
}

const DISPOSITION_BY_LETTER: ReadonlyMap<string, Disposition> = new Map(
  DISPOSITIONS.map((disposition) => [disposition.charAt(0), disposition]),
);

function readOutcomes(text: string): (Recorded | null)[] {
  const outcomes: (Recorded | null)[] = [];
  for (let at = 0; at < text.length; at += 2) {
    const disposition = DISPOSITION_BY_LETTER.get(text.charAt(at));
    outcomes.push(disposition === undefined ? null : { disposition, first: text.charAt(at + 1) === "1" });
  }
  return outcomes;
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
  const bearer = typeof passport === "string" ? passports.check(passport) : null;
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
    return { status: 200, body: await subgraph.ask({ ...body, viewer: bearer.viewer, requestId }) };
  }
  if (request.url === "/deliver" && bearer.kind === "INGEST") {
    const delivery = JSON.parse(await bodyOf(request, DELIVERY_LIMIT_BYTES)) as Delivery; // signed by us
    return { status: 200, body: await subgraph.deliver(delivery) };
  }
  if (request.url === "/holdings" && bearer.kind === "INGEST") return { status: 200, body: await subgraph.holdings() };
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
  options: { readonly url: string; readonly passports: Passports; readonly timeoutMilliseconds?: number },
): Subgraph {
  const { name } = definition;
  const { sdl } = buildGraph(definition);
  const origin = new URL(options.url);
  const timeout = options.timeoutMilliseconds ?? 10_000;
  const pool = new Pool(origin.origin, { connections: 64, headersTimeout: timeout, bodyTimeout: timeout });

  async function post<Answer>(path: string, passport: string, body: unknown, requestId = ""): Promise<Answer> {
    try {
      const response = await pool.request({
        path,
        method: "POST",
        headers: { "content-type": "application/json", "x-passport": passport, "x-request-id": requestId },
        body: JSON.stringify(body),
      });
      if (response.statusCode === 200) return (await response.body.json()) as Answer; // a part of ours answers in our types
      await response.body.dump();
    } catch {
      // Whatever kept it from answering, the reader is told which source did not.
    }
    throw new Problem("SOURCE_UNAVAILABLE", { source: name });
  }

  return {
    name,
    sdl,
    takes: (type) => takes(definition, type),
    ask: ({ viewer, requestId, ...request }) =>
      post("/graphql", options.passports.sign({ kind: "VIEWER", viewer }), request, requestId),
    deliver: (delivery) => post("/deliver", options.passports.sign({ kind: "INGEST" }), delivery),
    holdings: () => post("/holdings", options.passports.sign({ kind: "INGEST" }), {}),
    async ready() {
      const response = await pool.request({ path: "/healthz", method: "GET" }).catch(() => null);
      await response?.body.dump();
      if (response?.statusCode !== 200) throw new Problem("SOURCE_UNAVAILABLE", { source: name });
    },
    close: () => pool.close(),
  };
}

export type { Population };
