/**
 * What our gateway adds where its parts are in its own process: beside it, for each question, a function written by hand
 * over the same parts, which knows what to ask, merges by hand and calls JSON.stringify. Both are served over HTTP by a process
 * of their own, in turns; a part's answers are remembered as text and parsed anew for either.
 */

import { type ChildProcess, fork } from "node:child_process";
import { createServer } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { type ExecutionResult, graphql } from "graphql";
import { Pool } from "undici";
import { developmentIssuer, startGateway } from "../gateway";
import { executablePart, PARTS, QUERIES } from "./gateway-parts";
import type { BenchOptions } from "./index";
import { cpuMilliseconds } from "./record";

const FIRST_PORT = 4740;
const CONNECTIONS = 10;
const REQUESTS = 3_000;
const ROUNDS = 3;

type Answers = (part: string, query: string, variables: object) => Promise<ExecutionResult>;

/** The parts, called. What one answered before is parsed again, so that whoever asked may write into it. */
function answersOf(): Answers {
  const schemas = new Map(Object.keys(PARTS).map((name) => [name, executablePart(name)]));
  const texts = new Map<string, string>();
  return async (part, query, variables) => {
    const key = `${part} ${query} ${JSON.stringify(variables)}`;
    let text = texts.get(key);
    const schema = schemas.get(part);
    if (text === undefined && schema !== undefined) {
      text = JSON.stringify(await graphql({ schema, source: query, variableValues: { ...variables } }));
      texts.set(key, text);
    }
    return JSON.parse(text ?? "{}") as ExecutionResult; // written just above
  };
}

const OF = "query($representations:[_Any!]!){_entities(representations:$representations){... on Child";
/** What the hand-written functions ask, by the name of the question: first at the root, then of each child. */
const BY_HAND: Readonly<Record<string, { readonly root: string; readonly parts: Readonly<Record<string, string>> }>> = {
  Tiny: { root: "query($id:ID!){child(id:$id){id given family}}", parts: {} },
  Record: {
    root: "query($id:ID!){child(id:$id){id given family bornOn sex address{line town postcode}practice{code name}}}",
    parts: {
      screening: `${OF}{screenings{id kind on outcome laboratory sample notes}}}}`,
      immunisations: `${OF}{doses{id on code name batch expires site route number status by}}}}`,
      safeguarding: `${OF}{flag{standing raisedOn reason lead}}}}`,
    },
  },
  List: {
    root: "{children(first:100){id given family bornOn sex}}",
    parts: {
      screening: `${OF}{screenings(last:2){kind on outcome}}}}`,
      immunisations: `${OF}{doses(last:3){name on status}}}}`,
      safeguarding: `${OF}{flag{standing}}}}`,
    },
  },
};

type Named = Record<string, unknown>;

async function byHand(ask: Answers, query: string, variables: object): Promise<object> {
  const [, name = ""] = /^query (\w+)/.exec(query) ?? [];
  const { root, parts } = BY_HAND[name] ?? { root: query, parts: {} };
  const { data } = await ask("demographics", root, variables);
  const { child, children = [child] } = data as { child?: Named; children?: Named[] };
  const representations = children.map((each) => ({ __typename: "Child", id: each?.id }));
  await Promise.all(
    Object.entries(parts).map(async ([part, asked]) => {
      const told = (await ask(part, asked, { representations })).data as { _entities: Named[] };
      for (const [at, each] of children.entries()) Object.assign(each ?? {}, told._entities[at]);
    }),
  );
  return { data };
}

/** What a process of the benchmark's own is for. */
const ROLES: Readonly<Record<string, (port: number, folder: string) => Promise<unknown>>> = {
  async ours(port, folder) {
    const ask = answersOf();
    const sources = Object.entries(PARTS).map(([name, { sdl }]) => ({
      name,
      sdl,
      ready: async () => undefined,
      ask: ({ query, variables }: { query: string; variables?: object | null }) => ask(name, query, variables ?? {}),
    }));
    await startGateway({
      sources,
      host: "127.0.0.1",
      port,
      issuer: await developmentIssuer(folder, "127.0.0.1"),
      trustedDocuments: [],
      requestsPerMinute: 0,
      examples: [],
      log: () => undefined,
    });
  },
  "by hand": async (port) => {
    const ask = answersOf();
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
        const bytes = Buffer.from(JSON.stringify(await byHand(ask, query, variables ?? {})));
        response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
        response.end(bytes);
      });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  },
};

interface Target {
  readonly url: string;
  readonly pid: number;
}

export async function benchInside({ folder }: BenchOptions): Promise<void> {
  const issuer = await developmentIssuer(folder, "127.0.0.1");
  const viewer = {
    subject: "b",
    name: "Bench",
    role: "ANALYST",
    organisation: null,
    localities: [],
    scopes: [],
  } as const;
  const authorization = `Bearer ${await issuer.sign(viewer, 600)}`;
  const processes: ChildProcess[] = [];
  const started = async (role: string, port: number): Promise<Target> => {
    const child = fork(__filename, [role, String(port), folder], { env: { ...process.env, NODE_ENV: "production" } });
    processes.push(child);
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", () => reject(new Error(`${role} did not start.`)));
    });
    return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 };
  };
  try {
    const [ours, hand] = [await started("ours", FIRST_PORT), await started("by hand", FIRST_PORT + 1)];
    for (const [query, bodies] of Object.entries(QUERIES)) {
      if (query === "deep") continue; // nobody writes that by hand
      const [one, other] = [
        await answerOf(ours, bodies[0] ?? "", authorization),
        await answerOf(hand, bodies[0] ?? "", authorization),
      ];
      if (!isDeepStrictEqual(one, other)) process.stdout.write(`${query}: the two DIFFER\n`);
      const figures: [number[], number[]] = [[], []];
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [at, target] of [ours, hand].entries()) {
          const cpu = await load(target, bodies, authorization);
          if (round > 0) figures[at]?.push(cpu); // the first only warms up
        }
      }
      const [own, least] = figures.map((each) => each.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
      process.stdout.write(
        `${query.padEnd(8)} ours ${own?.toFixed(3)} CPU-ms, by hand ${least?.toFixed(3)} CPU-ms: ${((own ?? 0) / (least ?? 1)).toFixed(2)}×\n`,
      );
    }
  } finally {
    for (const child of processes) child.kill();
  }
}

async function answerOf({ url }: Target, body: string, authorization: string): Promise<unknown> {
  const headers = { "content-type": "application/json", authorization };
  return (await fetch(`${url}/graphql`, { method: "POST", headers, body })).json();
}

async function load({ url, pid }: Target, bodies: readonly string[], authorization: string): Promise<number> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const before = cpuMilliseconds(pid);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < REQUESTS; at = next++) {
      const body = bodies[at % bodies.length] ?? "";
      const headers = { "content-type": "application/json", authorization };
      const response = await pool.request({ path: "/graphql", method: "POST", headers, body });
      await response.body.dump({ limit: Number.MAX_SAFE_INTEGER });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  await pool.close();
  return (cpuMilliseconds(pid) - before) / REQUESTS;
}

const [, , role = "", port, folder = ""] = process.argv;
if (require.main === module) {
  process.once("disconnect", () => process.exit()); // the benchmark has ended, however it did
  void ROLES[role]?.(Number(port), folder).then(() => process.send?.("ready"));
}
