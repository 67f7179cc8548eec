/**
 * The gateway beside others over the same four parts: stock `@apollo/gateway`, a floor (the least that any gateway in
 * Node can do: the same calls, written by hand for each query, JSON.parse and JSON.stringify), and whatever other gateway
 * was started by hand. CPU-milliseconds a request, user and system time of the gateway's process, over HTTP, in turns.
 *
 * A peer that is no part of this project is installed and started outside it, over `supergraph.graphql` in the folder
 * that the benchmark prints (the parts listen on 4720 while it runs), and named with its process:
 *
 *     npm run bench -- gateway --wait 60 --peer hive=http://127.0.0.1:4001/graphql,PID
 *
 * For Hive Gateway: `npm install @graphql-hive/gateway`, `npx hive-gateway supergraph supergraph.graphql --fork 1`; for
 * Grafbase: `npm install grafbase`; for Mercurius: `npm install mercurius @mercuriusjs/gateway`, with the four parts.
 */

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { composeServices } from "@apollo/composition";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type GraphQLFieldResolver, graphql, parse } from "graphql";
import { Pool } from "undici";
import { startOverSupergraph } from "../gateway";
import type { BenchOptions } from "./index";

/** As the gateway should be started: room for what a dozen answers hold while they wait. 2.8 to 1.4 CPU-ms for a list at 50 connections, in one run. */
const YOUNG = ["--min-semi-space-size=32", "--max-semi-space-size=32"];

const PARTS_PORT = 4720;
const FIRST_PORT = 4721;
const CHILDREN = 100;
const SECONDS = 3;
const ROUNDS = 3;
const CONNECTIONS = [1, 10, 50] as const;

// --- The parts --------------------------------------------------------------------------------------------------

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@external"])';

interface Invented {
  readonly id: string;
  readonly at: number;
}

const CHILD = (at: number) => ({ __typename: "Child", id: `child-${at}`, at });
const numberOf = (id: string) => Number(id.split("-")[1]);
const times = <Value>(count: number, make: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => make(at));
const day = (at: number) => `20${15 + (at % 9)}-0${1 + (at % 9)}-1${at % 9}`;

/** Four parts of a record, with invented content of the size that a real one has. */
const PARTS: Readonly<
  Record<string, { readonly sdl: string; readonly fields: Record<string, Record<string, unknown>> }>
> = {
  demographics: {
    sdl: `${LINK}
      type Query { child(id: ID!): Child children(first: Int = 100): [Child!]! practices: [Practice!]! }
      type Child @key(fields: "id") { id: ID! given: String! family: String! bornOn: String! sex: String address: Address practice: Practice siblings: [Child!]! }
      type Address { line: String town: String postcode: String }
      type Practice @key(fields: "code") { code: ID! name: String children: [Child!]! }`,
    fields: {
      Query: {
        child: (_: unknown, { id }: { id: string }) => CHILD(numberOf(id)),
        children: (_: unknown, { first }: { first: number }) => times(Math.min(first, CHILDREN), CHILD),
        practices: () => times(4, (at) => ({ code: `P8${1000 + at}`, at })),
      },
      Child: {
        given: ({ at }: Invented) => `Given${at}`,
        family: ({ at }: Invented) => `Family${at % 37}`,
        bornOn: ({ at }: Invented) => day(at),
        sex: ({ at }: Invented) => (at % 2 ? "MALE" : "FEMALE"),
        address: ({ at }: Invented) => ({
          line: `${at + 1} High Street`,
          town: "Chester",
          postcode: `CH${1 + (at % 9)} ${at % 9}AB`,
        }),
        practice: ({ at }: Invented) => ({ code: `P8${1000 + (at % 4)}`, at: at % 4 }),
        siblings: ({ at }: Invented) => times(2, (other) => CHILD((at + other * 7 + 1) % CHILDREN)),
      },
      Practice: {
        name: ({ at }: Invented) => `Surgery ${at}`,
        children: ({ at }: Invented) => times(3, (other) => CHILD((at + other * 4) % CHILDREN)),
      },
    },
  },
  screening: {
    sdl: `${LINK}
      type Child @key(fields: "id") { id: ID! screenings(last: Int): [Screening!]! }
      type Screening { id: ID! kind: String! on: String! outcome: String laboratory: String sample: String notes: String }`,
    fields: {
      Child: {
        screenings: ({ id }: Invented, { last = 8 }: { last?: number }) =>
          times(last, (k) => ({
            id: `${id}-s-${k}`,
            kind: `Screen ${k}`,
            on: day(k),
            outcome: k % 3 ? "normal" : "referred",
            laboratory: "Chester",
            sample: `LAB${1000 + k}`,
            notes: "no further action required at this stage",
          })),
      },
    },
  },
  immunisations: {
    sdl: `${LINK}
      type Child @key(fields: "id") { id: ID! doses(last: Int): [Dose!]! }
      type Dose { id: ID! on: String! code: String! name: String batch: String expires: String site: String route: String number: Int status: String! by: String }`,
    fields: {
      Child: {
        doses: ({ id }: Invented, { last = 25 }: { last?: number }) =>
          times(last, (k) => ({
            id: `${id}-d-${k}`,
            on: day(k),
            code: `3911491100000${k}`,
            name: "Infanrix hexa vaccine",
            batch: `B${k}7431`,
            expires: day(k + 3),
            site: "left thigh",
            route: "intramuscular",
            number: 1 + (k % 4),
            status: "completed",
            by: "P81000",
          })),
      },
    },
  },
  safeguarding: {
    sdl: `${LINK}
      type Child @key(fields: "id") { id: ID! flag: Flag }
      type Flag { standing: String! raisedOn: String reason: String lead: String }`,
    fields: {
      Child: {
        flag: ({ id }: Invented) => ({
          standing: "NONE_KNOWN",
          raisedOn: day(numberOf(id)),
          reason: "child protection plan",
          lead: "Named nurse 7",
        }),
      },
    },
  },
};

/** The parts, on one port, each answer remembered: cheap enough not to be what the gateways wait for. */
function serveParts(): void {
  const schemas = new Map(
    Object.entries(PARTS).map(([name, { sdl, fields }]) => {
      const Child = { ...fields.Child, __resolveReference: ({ id }: { id: string }) => CHILD(numberOf(id)) };
      const Practice = fields.Practice && {
        Practice: {
          ...fields.Practice,
          __resolveReference: ({ code }: { code: string }) => ({ code, at: Number(code.slice(3)) }),
        },
      };
      // Apollo's type of resolvers is narrower than what it takes.
      const resolvers = { ...fields, Child, ...Practice } as Record<
        string,
        Record<string, GraphQLFieldResolver<unknown, unknown>>
      >;
      return [`/${name}`, buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never })];
    }),
  );
  const answers = new Map<string, Promise<string>>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const [path = "", body] = [request.url, Buffer.concat(chunks).toString()];
      const key = `${path} ${body}`;
      let answer = answers.get(key);
      const schema = schemas.get(path);
      if (answer === undefined && schema !== undefined) {
        const { query, variables, operationName } = JSON.parse(body);
        answer = graphql({ schema, source: query, variableValues: variables, operationName }).then((each) =>
          JSON.stringify(each),
        );
        answers.set(key, answer);
      }
      const bytes = Buffer.from((await answer) ?? "");
      response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
      response.end(bytes);
    });
  });
  server.listen(PARTS_PORT, "127.0.0.1", () => process.send?.("ready"));
}

const urlOf = (part: string) => `http://127.0.0.1:${PARTS_PORT}/${part}`;

function supergraph(): string {
  const services = Object.entries(PARTS).map(([name, { sdl }]) => ({ name, url: urlOf(name), typeDefs: parse(sdl) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new Error(`The parts disagree: ${errors?.join("; ")}`);
  return supergraphSdl;
}

// --- The queries ------------------------------------------------------------------------------------------------

const RECORD = `{ id given family bornOn sex address { line town postcode } practice { code name }
  screenings { id kind on outcome laboratory sample notes }
  doses { id on code name batch expires site route number status by } flag { standing raisedOn reason lead } }`;
const LISTED =
  "{ id given family bornOn sex screenings(last: 2) { kind on outcome } doses(last: 3) { name on status } flag { standing } }";
const CALLED = "{ id given family screenings(last: 1) { kind on } flag { standing } }";

const each = (query: string) => times(CHILDREN, (at) => JSON.stringify({ query, variables: { id: `child-${at}` } }));
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  deep: [
    JSON.stringify({
      query: `{ practices { code name children { ...Called siblings { ...Called practice { code name children ${CALLED} } } } } }
        fragment Called on Child ${CALLED}`,
    }),
  ],
  record: each(`query Record($id: ID!) { child(id: $id) ${RECORD} }`),
  list: [JSON.stringify({ query: `query List { children(first: 100) ${LISTED} }` })],
  tiny: each("query Tiny($id: ID!) { child(id: $id) { id given family } }"),
};

// --- The gateways -----------------------------------------------------------------------------------------------

const GATEWAYS: Readonly<Record<string, (port: number) => Promise<unknown>>> = {
  async ours(port) {
    const subgraphs = Object.keys(PARTS).map((name) => ({ name, url: urlOf(name) }));
    await startOverSupergraph({ supergraphSdl: supergraph(), subgraphs, port });
  },
  async apollo(port) {
    process.env.APOLLO_TELEMETRY_DISABLED = "1";
    const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl: supergraph() }) });
    await startStandaloneServer(server, { listen: { port } });
  },
  floor: async (port) => floor(port),
};

/** Knows the three shapes of query by their names, and what each must ask. */
function floor(port: number): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${PARTS_PORT}`, { connections: 64 });
  const ask = async (part: string, query: string, variables: object) => {
    const headers = { "content-type": "application/json" };
    const response = await pool.request({
      path: `/${part}`,
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return JSON.parse(await response.body.text()).data;
  };
  const OF = "query($representations:[_Any!]!){_entities(representations:$representations){... on Child";
  const answer = async (query: string, variables: { id?: string }): Promise<object> => {
    if (query.includes("Tiny")) return ask("demographics", "query($id:ID!){child(id:$id){id given family}}", variables);
    const isList = query.includes("List");
    const root = isList
      ? await ask("demographics", "{children(first:100){id given family bornOn sex}}", {})
      : await ask(
          "demographics",
          "query($id:ID!){child(id:$id){id given family bornOn sex address{line town postcode}practice{code name}}}",
          variables,
        );
    const children: Record<string, unknown>[] = isList ? root.children : [root.child];
    const representations = children.map(({ id }) => ({ __typename: "Child", id }));
    const parts = await Promise.all([
      ask(
        "screening",
        `${OF}{${isList ? "screenings(last:2){kind on outcome}" : "screenings{id kind on outcome laboratory sample notes}"}}}}`,
        { representations },
      ),
      ask(
        "immunisations",
        `${OF}{${isList ? "doses(last:3){name on status}" : "doses{id on code name batch expires site route number status by}"}}}}`,
        { representations },
      ),
      ask("safeguarding", `${OF}{${isList ? "flag{standing}" : "flag{standing raisedOn reason lead}"}}}}`, {
        representations,
      }),
    ]);
    for (const { _entities } of parts)
      for (const [at, child] of children.entries()) Object.assign(child, _entities[at]);
    return root;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
      const bytes = Buffer.from(JSON.stringify({ data: await answer(query, variables ?? {}) }));
      response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
      response.end(bytes);
    });
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

// --- Measuring --------------------------------------------------------------------------------------------------

interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

interface Figure {
  readonly cpu: number;
  readonly p99: number;
}

export async function benchGateway({ folder, peers, waitSeconds }: BenchOptions): Promise<void> {
  const home = join(folder, "gateway");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "supergraph.graphql"), supergraph());
  process.stdout.write(`${join(home, "supergraph.graphql")} is what every gateway runs.\n`);
  const processes: ChildProcess[] = [];
  const forked = async (role: string, port: number): Promise<number> => {
    const child = fork(__filename, [role, String(port)], {
      env: { ...process.env, NODE_ENV: "production" },
      execArgv: role === "ours" ? YOUNG : [],
    });
    processes.push(child);
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", () => reject(new Error(`${role} did not start.`)));
    });
    return child.pid ?? 0;
  };
  try {
    await forked("parts", PARTS_PORT);
    const targets: Target[] = [];
    for (const [at, name] of Object.keys(GATEWAYS).entries()) {
      const port = FIRST_PORT + at;
      targets.push({ name, url: `http://127.0.0.1:${port}/graphql`, pid: await forked(name, port) });
    }
    if (peers.length > 0) await new Promise((resolve) => setTimeout(resolve, waitSeconds * 1000));
    for (const peer of peers) {
      const [, name = "", url = "", pid = ""] = /^(\w[\w-]*)=(http.*),(\d+)$/.exec(peer) ?? [];
      targets.push({ name, url, pid: Number(pid) });
    }
    await compare(targets);
  } finally {
    for (const child of processes) child.kill();
  }
}

async function compare(targets: readonly Target[]): Promise<void> {
  process.stdout.write(`${"".padEnd(12)}${targets.map(({ name }) => name.padStart(26)).join("")}\n`);
  for (const [query, bodies] of Object.entries(QUERIES)) {
    const asked = targets.filter(({ name }) => name !== "floor" || query !== "deep"); // nobody writes that by hand
    const [first, ...others] = await Promise.all(asked.map(({ url }) => answerOf(url, bodies[0] ?? "")));
    for (const [at, answer] of others.entries())
      if (!isDeepStrictEqual(answer, first))
        process.stdout.write(`${query}: ${asked[at + 1]?.name} DIFFERS from ${asked[0]?.name}\n`);
    for (const target of asked) await load(target, bodies, 10);
    for (const connections of CONNECTIONS) {
      const figures = new Map<Target, Figure[]>(asked.map((target) => [target, []]));
      for (let round = 0; round < ROUNDS; round++)
        for (const [target, kept] of figures) kept.push(await load(target, bodies, connections));
      const middle = (target: Target, of: keyof Figure) => {
        const sorted = (figures.get(target) ?? []).map((figure) => figure[of]).sort((a, b) => a - b);
        return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
      };
      const own = asked[0] === undefined ? Number.NaN : middle(asked[0], "cpu");
      const cells = targets.map((target) => {
        if (!figures.has(target)) return "".padStart(26);
        const cpu = middle(target, "cpu");
        const ratio = target === asked[0] ? "" : ` (ours ${(own / cpu).toFixed(2)}×)`;
        return `${cpu.toFixed(3)} ms${ratio}`.padStart(26);
      });
      process.stdout.write(`${`${query} c=${connections}`.padEnd(12)}${cells.join("")}\n`);
    }
  }
}

async function answerOf(url: string, body: string): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await response.json()) as unknown;
}

async function load({ url, pid }: Target, bodies: readonly string[], connections: number): Promise<Figure> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  const before = cpuMilliseconds(pid);
  const worker = async () => {
    for (let at = times.length; performance.now() < until; at++) {
      const begun = performance.now();
      const body = bodies[at % bodies.length] ?? "";
      const response = await pool.request({
        path: pathname,
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      await response.body.dump({ limit: Number.MAX_SAFE_INTEGER });
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const cpu = (cpuMilliseconds(pid) - before) / times.length;
  await pool.close();
  times.sort((a, b) => a - b);
  return { cpu, p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN };
}

const CLOCK_TICKS_A_SECOND = 100;

/** User and system time of a process, from the system's own account. */
function cpuMilliseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_A_SECOND;
}

/** What a process of the benchmark's own is for. */
async function play(role: string, port: number): Promise<void> {
  process.once("disconnect", () => process.exit()); // the benchmark has ended, however it did
  if (role === "parts") serveParts();
  else {
    await GATEWAYS[role]?.(port);
    process.send?.("ready");
  }
}

const [, , role, port] = process.argv;
if (require.main === module) void play(role ?? "", Number(port));
