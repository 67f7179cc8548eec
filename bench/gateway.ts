/**
 * The gateway beside others over the same four parts: stock `@apollo/gateway`, a floor (the least that any gateway in
 * Node can do: the same calls, written by hand for each query, JSON.parse and JSON.stringify), and the gateways that can be
 * had from npm (gateway-peers.ts), which are installed into the folder named:
 *
 *     npm run bench -- gateway --peers /some/folder/outside
 *
 * What is measured is CPU-milliseconds a request, user and system time of a gateway's processes, over HTTP, in turns: other
 * load on the machine disturbs it far less than it does latency. Each gateway has one core, and the parts and the load
 * the other, where `taskset` can see to it. Figures of one run only are to be compared.
 */

import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { Pool } from "undici";
import { startOverSupergraph } from "../gateway";
import { PARTS, PARTS_PORT, QUERIES, serveParts, supergraph, urlOf } from "./gateway-parts";
import { installed, PEERS } from "./gateway-peers";
import type { BenchOptions } from "./index";

/** As the gateway should be started: room for what a dozen answers hold while they wait. 2.8 to 1.4 CPU-ms for a list at 50 connections, in one run. */
const YOUNG = ["--min-semi-space-size=32", "--max-semi-space-size=32"];

const FIRST_PORT = 4721;
const CONNECTIONS = [1, 10, 50] as const;
/** Of each measurement; longer where a busy machine answers so little that it would say nothing, but there is an end. */
const SECONDS = { least: 2, most: 20 } as const;
const LEAST_REQUESTS = 300;
const ROUNDS = 3;
/** What a gateway is asked before it is measured: code that the engine has not compiled yet is several times slower. */
const WARM = { requests: 3_000, mostSeconds: 8 } as const;
const READY_MILLISECONDS = 60_000;

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
  /** The queries it is not asked. */
  readonly spared: ReadonlySet<string>;
}

interface Figure {
  readonly cpu: number;
  readonly p99: number;
}

export async function benchGateway({ peersFolder }: BenchOptions): Promise<void> {
  const processes: ChildProcess[] = [];
  try {
    pin(process.pid, 1);
    const parts = forked("parts", PARTS_PORT, []);
    processes.push(parts);
    await new Promise((resolve) => parts.once("message", resolve));
    pin(parts.pid ?? 0, 1);
    const targets: Target[] = [];
    const add = async (name: string, child: ChildProcess, port: number) => {
      processes.push(child);
      pin(child.pid ?? 0, 0);
      const url = `http://127.0.0.1:${port}/graphql`;
      await answering(name, url, child);
      const spared = new Set(name === "floor" ? ["deep"] : []); // nobody writes that by hand
      targets.push({ name, url, pid: child.pid ?? 0, spared });
    };
    let port = FIRST_PORT;
    for (const name of Object.keys(GATEWAYS)) {
      port += 1;
      await add(name, forked(name, port, name === "ours" ? YOUNG : []), port);
    }
    for (const peer of peersFolder === null ? [] : PEERS) {
      port += 1;
      const [command = "", ...words] = peer.command(port);
      const cwd = installed(peer, peersFolder ?? "");
      const child = spawn(command, words, { cwd, stdio: "ignore", env: { ...process.env, NODE_ENV: "production" } });
      await add(peer.name, child, port);
    }
    await compare(targets);
  } finally {
    for (const child of processes) child.kill();
  }
}

function forked(role: string, port: number, options: readonly string[]): ChildProcess {
  const env = { ...process.env, NODE_ENV: "production" };
  return fork(__filename, [role, String(port)], { env, execArgv: [...options] });
}

/** Resolves when a gateway answers what it is asked with data. */
async function answering(name: string, url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + READY_MILLISECONDS;
  while (performance.now() < until && child.exitCode === null) {
    const answer = await answerOf(url, QUERIES.tiny?.[0] ?? "").catch(() => null);
    if (typeof answer === "object" && answer !== null && "data" in answer) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${name} does not answer.`);
}

/** Keeps a process on one core, where there are several and the system has a way. */
function pin(pid: number, core: number): void {
  if (cpus().length < 2) return;
  try {
    execFileSync("taskset", ["-acp", String(core), String(pid)], { stdio: "ignore" });
  } catch {
    // Without it the figures are a little less even.
  }
}

async function compare(targets: readonly Target[]): Promise<void> {
  process.stdout.write("CPU-ms a request; in brackets: how many times that ours takes\n");
  process.stdout.write(`${"".padEnd(12)}${targets.map(({ name }) => name.padStart(16)).join("")}   p99 of ours\n`);
  for (const [query, bodies] of Object.entries(QUERIES)) {
    const asked = targets.filter(({ spared }) => !spared.has(query));
    const [first, ...others] = await Promise.all(asked.map(({ url }) => answerOf(url, bodies[0] ?? "")));
    for (const [at, answer] of others.entries())
      if (!isDeepStrictEqual(answer, first))
        process.stdout.write(`${query}: ${asked[at + 1]?.name} DIFFERS from ${asked[0]?.name}\n`);
    for (const target of asked)
      await load(target, bodies, 10, { requests: WARM.requests, seconds: [0, WARM.mostSeconds] });
    for (const connections of CONNECTIONS) {
      const figures = new Map<Target, Figure[]>(asked.map((target) => [target, []]));
      for (let round = 0; round < ROUNDS; round++)
        for (const [target, kept] of figures) kept.push(await load(target, bodies, connections, MEASURED));
      const middle = (target: Target | undefined, of: keyof Figure) => {
        const kept = target === undefined ? undefined : figures.get(target);
        const sorted = (kept ?? []).map((figure) => figure[of]).sort((a, b) => a - b);
        return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
      };
      const own = middle(asked[0], "cpu");
      const cells = targets.map((target) => {
        if (!figures.has(target)) return "".padStart(16);
        const cpu = middle(target, "cpu");
        return `${cpu.toFixed(3)}${target === asked[0] ? "" : ` (${(own / cpu).toFixed(2)}×)`}`.padStart(16);
      });
      const p99 = `${middle(asked[0], "p99").toFixed(1)} ms`.padStart(14);
      process.stdout.write(`${`${query} c=${connections}`.padEnd(12)}${cells.join("")}${p99}\n`);
    }
  }
}

async function answerOf(url: string, body: string): Promise<unknown> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await response.json()) as unknown;
}

interface Length {
  /** Until so many are answered. */
  readonly requests: number;
  /** And no shorter, nor longer, than. */
  readonly seconds: readonly [number, number];
}

const MEASURED: Length = { requests: LEAST_REQUESTS, seconds: [SECONDS.least, SECONDS.most] };

async function load(
  { name, url, pid }: Target,
  bodies: readonly string[],
  connections: number,
  { requests, seconds: [least, most] }: Length,
): Promise<Figure> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const times: number[] = [];
  const started = performance.now();
  const goesOn = () => {
    const seconds = (performance.now() - started) / 1000;
    return seconds < least || (times.length < requests && seconds < most);
  };
  const before = cpuMilliseconds(pid);
  let next = 0;
  const worker = async () => {
    while (goesOn()) {
      const begun = performance.now();
      const body = bodies[next++ % bodies.length] ?? "";
      const response = await pool.request({
        path: pathname,
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      await response.body.dump({ limit: Number.MAX_SAFE_INTEGER });
      if (response.statusCode !== 200) throw new Error(`${name} answers with ${response.statusCode}.`);
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

/** User and system time of a process and of those it started, from the system's own account. */
function cpuMilliseconds(pid: number): number {
  const running = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(name) ?? []);
  const counted = new Set([pid]);
  for (let before = 0; before < counted.size; ) {
    before = counted.size;
    for (const each of running) if (counted.has(each.parent)) counted.add(each.pid);
  }
  const ticks = running.filter((each) => counted.has(each.pid)).reduce((sum, each) => sum + each.ticks, 0);
  return (ticks * 1000) / CLOCK_TICKS_A_SECOND;
}

function statOf(pid: string): { readonly pid: number; readonly parent: number; readonly ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(") ") + 2).split(" ");
    return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null; // it has ended meanwhile
  }
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
