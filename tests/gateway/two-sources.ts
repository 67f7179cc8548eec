/**
 * A gateway over two hand-made sources, listening for real: `people` knows invented children, `screening` their
 * hearing. What a source does can be changed while it runs.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type ExecutionResult, GraphQLError, graphql, parse } from "graphql";
import {
  type DevelopmentIssuer,
  developmentIssuer,
  type Gateway,
  type GatewayOptions,
  type LogEntry,
  type Source,
  startGateway,
} from "../../gateway";
import type { Viewer } from "../../schema/access";
import { Problem } from "../../schema/errors";

export const ADA = "9990000018";
/** Has no hearing that may be told: the source refuses. */
export const BEN = "9990000026";

export const PEOPLE = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])
"An NHS number."
scalar NhsNumber
type Child @key(fields: "id") {
  id: ID!
  "What the child is called."
  name: String!
  siblings: [Child!]!
}
type Query {
  "The child of a number."
  child(nhsNumber: NhsNumber!): Child
  children(first: Int): [Child!]!
}
type Mutation { rename(id: ID!, name: String!): Child }
`;

export const SCREENING = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])
enum Hearing { CLEAR REFERRED }
type Child @key(fields: "id") { id: ID! hearing: Hearing ears(first: Int): [String!] @deprecated(reason: "Ask hearing.") }
type Query { screened: Int }
`;

const CHILDREN = [
  { id: "a", nhsNumber: ADA, name: "Ada Quill" },
  { id: "b", nhsNumber: BEN, name: "Ben Quill" },
];

export type Behaviour = "ANSWERS" | "COMPLAINS" | "REJECTS" | "NEVER_ANSWERS";

/** What a source saw, and what it does from now on. */
export interface Actor extends Source {
  behaviour: Behaviour;
  readonly askedBy: { viewer: Viewer; requestId: string; query: string }[];
}

function actor(name: string, sdl: string, resolvers: Record<string, Record<string, unknown>>): Actor {
  // The field resolvers are of the shapes graphql-js takes, which Apollo's type does not know.
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
  const made: Actor = {
    name,
    sdl,
    behaviour: "ANSWERS",
    askedBy: [],
    async ready() {
      if (made.behaviour !== "ANSWERS") throw new Problem("SOURCE_UNAVAILABLE", { source: name });
    },
    async ask({ query, variables, operationName, viewer, requestId }) {
      made.askedBy.push({ viewer, requestId, query });
      if (made.behaviour === "REJECTS") throw new Error("connection refused by 10.0.0.7");
      if (made.behaviour === "COMPLAINS")
        return { errors: [new GraphQLError('Expected value of type "Date!", found 1.')] };
      if (made.behaviour === "NEVER_ANSWERS") return new Promise<ExecutionResult>(() => undefined);
      return graphql({ schema, source: query, variableValues: variables, operationName });
    },
  };
  return made;
}

export function people(): Actor {
  const withSiblings = (child: (typeof CHILDREN)[number]) => ({ ...child, siblings: () => CHILDREN.map(withSiblings) });
  return actor("people", PEOPLE, {
    Query: {
      child(_: unknown, { nhsNumber }: { nhsNumber: string }) {
        if (!/^\d{10}$/.test(nhsNumber))
          throw coded(new Problem("ARGUMENT_INVALID", { argument: "nhsNumber", expected: "ten digits" }));
        const found = CHILDREN.find((child) => child.nhsNumber === nhsNumber);
        return found ? withSiblings(found) : null;
      },
      children: () => CHILDREN.map(withSiblings),
    },
    Mutation: { rename: () => null },
    Child: { __resolveReference: ({ id }: { id: string }) => CHILDREN.find((child) => child.id === id) },
  });
}

export function screening(): Actor {
  return actor("screening", SCREENING, {
    Query: { screened: () => 1 },
    Child: {
      __resolveReference: (reference: object) => reference,
      hearing({ id }: { id: string }) {
        if (id === "b")
          throw coded(
            new Problem("NOT_PERMITTED", { action: "Seeing newborn screening outcomes", needs: "your role" }),
          );
        return "CLEAR";
      },
      ears: () => ["LEFT", "RIGHT"],
    },
  });
}

/** A problem as a subgraph reports it. */
function coded(problem: Problem): GraphQLError {
  return new GraphQLError(problem.message, {
    extensions: { code: problem.code, do: problem.remedy, source: "screening" },
  });
}

export const CLERK: Viewer = {
  subject: "clerk-1",
  name: "Carys Penn",
  role: "CHILD_HEALTH_CLERK",
  organisation: "RXR",
  localities: ["WIRRAL"],
  scopes: [],
};

export const PARTNER: Viewer = {
  subject: "app-1",
  name: "Red Book app",
  role: "PARTNER_APP",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: ["identity:read"],
};

export const REGISTERED = `# A child's name.
query NameOfChild($nhsNumber: NhsNumber!) {
  child(nhsNumber: $nhsNumber) { ...Called }
}
fragment Called on Child { name }
`;

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions: Readonly<Record<string, unknown>>;
    }[];
  };
}

export interface World {
  readonly gateway: Gateway;
  readonly issuer: DevelopmentIssuer;
  readonly people: Actor;
  readonly screening: Actor;
  readonly log: LogEntry[];
  ask(query: string, variables?: object, as?: Viewer): Promise<Told>;
  /** A request exactly as given, with the token of a viewer unless it brings its own. */
  send(path: string, request?: RequestInit, as?: Viewer | null): Promise<Response>;
  close(): Promise<void>;
}

export async function openWorld(options: Partial<GatewayOptions> = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), "gateway-"));
  const issuer = await developmentIssuer(dataDir, "127.0.0.1");
  const [first, second, log] = [people(), screening(), [] as LogEntry[]];
  const gateway = await startGateway({
    sources: [first, second],
    host: "127.0.0.1",
    port: 0,
    issuer,
    trustedDocuments: [REGISTERED],
    log: (entry) => log.push(entry),
    requestsPerMinute: 0,
    sourceTimeoutMilliseconds: 300,
    ...options,
  });
  const send: World["send"] = async (path, request = {}, as = CLERK) => {
    const headers = new Headers(request.headers);
    if (as !== null && !headers.has("authorization"))
      headers.set("authorization", `Bearer ${await issuer.sign(as, 5)}`);
    return fetch(`${gateway.url}${path}`, { ...request, headers });
  };
  return {
    gateway,
    issuer,
    people: first,
    screening: second,
    log,
    send,
    async ask(query, variables = {}, as = CLERK) {
      const body = JSON.stringify({ query, variables });
      const headers = { "content-type": "application/json" };
      const response = await send("/graphql", { method: "POST", headers, body }, as);
      return { status: response.status, headers: response.headers, body: (await response.json()) as Told["body"] }; // ours
    },
    async close() {
      await gateway.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
