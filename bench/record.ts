/**
 * One child's whole record, and a hundred children at once, over HTTP from a gateway process of its own, at the volume
 * `load` left behind: CPU-milliseconds a request (user and system time of that process), p50 and p99. Then how many records a
 * second one process answers, and one a core.
 */

import { type ChildProcess, fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { developmentIssuer } from "../gateway";
import { LOCALITY_CODES } from "../schema/vocabulary/localities";
import type { BenchOptions } from "./index";
import { benchSettings } from "./load";

const RECORD_FIELDS = `
  id nhsNumber nhsNumberStatus name { full } bornOn sex diedOn restricted
  address { __typename ... on Address { lines postcode } } practice { __typename ... on Practice { odsCode name } }
  locality { code name } school { urn name }
  newbornHearing { outcome screenedOn } newbornBloodSpot { results { condition outcome status } }
  newbornExamination { stage examinedOn eyes { outcome } heart { outcome } hips { outcome } testes { outcome } }
  doses { id vaccine givenOn givenAt { __typename ... on GivenAt { batchNumber } } }`;
/** Asked about one child at a time, never down a list. */
const ALONE = "safeguarding { standing }";

export const LIST = `query ($where: Population!, $first: Int, $after: String) {
  children(where: $where, first: $first, after: $after) { edges { node { id nhsNumber } } pageInfo { endCursor } } }`;
export const RECORD = `query ($id: ID!) { childById(id: $id) { ${RECORD_FIELDS} ${ALONE} } }`;
export const HUNDRED = `query ($where: Population!, $after: String) {
  children(where: $where, first: 100, after: $after) { edges { node { ${RECORD_FIELDS} } } } }`;

const REQUESTS = 3000;
/** Asked before anything is measured: code that the engine has not compiled yet is several times slower. */
const WARM = { records: 4000, hundreds: 120 } as const;
const HUNDREDS = 200;
const SECONDS = 10;
const PORT = 4710;

type Ask = (query: string, variables: object) => Promise<Answer>;

/** A gateway process of its own, and how it is asked. */
interface Serving {
  readonly server: ChildProcess;
  readonly ask: Ask;
  /** As `ask`, without a look at the answer; whether it was one. */
  readonly send: (query: string, variables: object) => Promise<boolean>;
  close(): Promise<void>;
}

export async function benchRecord(options: BenchOptions): Promise<void> {
  const where = { localities: ["WIRRAL"] };
  const childIds: string[] = [];
  const cursors: (string | null)[] = [null];
  const record = (k: number) => [RECORD, { id: childIds[(k * 7919) % childIds.length] }] as const;
  const hundred = (k: number) => [HUNDRED, { where, after: cursors[k % cursors.length] }] as const;

  const one = await serving(options, 1);
  try {
    const { ask, server } = one;
    for (let page = 0; page < 40; page++) {
      const { data, errors } = await ask(LIST, { where, first: 100, after: cursors.at(-1) });
      if (errors || !data?.children) throw new Error(`The list failed: ${JSON.stringify(errors)}`);
      childIds.push(...data.children.edges.map(({ node }) => node.id));
      cursors.push(data.children.pageInfo.endCursor);
    }
    await round(WARM.records, 10, (k) => ask(...record(k)));
    for (const connections of [1, 10, 50])
      await measure(`one record, ${connections} connections`, server.pid, REQUESTS, connections, (k) =>
        ask(...record(k)),
      );
    await round(WARM.hundreds, 2, (k) => ask(...hundred(k)));
    for (const connections of [1, 10])
      await measure(`100 children, ${connections} connections`, server.pid, HUNDREDS, connections, (k) =>
        ask(...hundred(k)),
      );
    await rate("one process", one, record);
  } finally {
    await one.close();
  }
  const cores = cpus().length;
  const several = await serving(options, cores);
  try {
    await rate(`${cores} processes`, several, record);
  } finally {
    await several.close();
  }
}

async function serving(options: BenchOptions, workers: number): Promise<Serving> {
  const settings = benchSettings(options);
  const issuer = await developmentIssuer(settings.DATA_DIR, "127.0.0.1");
  const viewer = {
    subject: "bench",
    name: "Bench",
    role: "CHILD_HEALTH_CLERK",
    organisation: null,
    localities: LOCALITY_CODES,
    scopes: [],
  } as const;
  const token = await issuer.sign(viewer, 600);
  const environment = {
    ...process.env,
    DATA_DIR: settings.DATA_DIR,
    DATABASE_URL: settings.DATABASE_URL,
    PORT: String(PORT),
    WORKERS: String(workers),
    LOG_LEVEL: "silent",
    RATE_LIMIT: "0",
  };
  const server = fork(join(__dirname, "..", "main.js"), ["serve"], { env: environment, stdio: "ignore" });
  const pool = new Pool(`http://127.0.0.1:${PORT}`, { connections: 50 });
  const close = async () => {
    await pool.close();
    const ended = new Promise((resolve) => server.once("exit", resolve));
    if (server.exitCode === null && server.kill()) await ended;
  };
  const post = (query: string, variables: object) => {
    const body = JSON.stringify({ query, variables });
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    return pool.request({ path: "/graphql", method: "POST", headers, body });
  };
  try {
    await answering(pool);
  } catch (fault) {
    await close();
    throw fault;
  }
  return {
    server,
    ask: async (query, variables) => (await (await post(query, variables)).body.json()) as Answer, // the shape of LIST and RECORD
    async send(query, variables) {
      const { body, statusCode } = await post(query, variables);
      await body.dump();
      return statusCode === 200;
    },
    close,
  };
}

/** How many a second, from fifty connections. What asks has to share the machine with what answers. */
async function rate(what: string, { send }: Serving, record: (k: number) => readonly [string, object]): Promise<void> {
  await round(WARM.records, 50, (k) => send(...record(k)));
  const until = performance.now() + SECONDS * 1000;
  let answered = 0;
  const worker = async (_: unknown, at: number) => {
    for (let k = at; performance.now() < until; k += 50) {
      if (!(await send(...record(k)))) throw new Error(`${what}: refused`);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  process.stdout.write(`${`records, ${what}`.padEnd(32)} ${Math.round(answered / SECONDS)} a second\n`);
}

export interface Answer {
  readonly data?: {
    readonly children?: {
      readonly edges: readonly { readonly node: { readonly id: string } }[];
      readonly pageInfo: { readonly endCursor: string };
    };
    readonly childById?: object | null;
  };
  readonly errors?: readonly object[];
}

async function measure(
  what: string,
  pid: number | undefined,
  requests: number,
  connections: number,
  ask: (k: number) => Promise<Answer>,
): Promise<void> {
  const times: number[] = [];
  const before = cpuMilliseconds(pid);
  await round(requests, connections, async (k) => {
    const begun = performance.now();
    const { data, errors } = await ask(k);
    times.push(performance.now() - begun);
    if (errors || !(data?.childById ?? data?.children)) throw new Error(`${what}: ${JSON.stringify(errors)}`);
  });
  const cpu = (cpuMilliseconds(pid) - before) / requests;
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(2);
  process.stdout.write(
    `${what.padEnd(32)} ${cpu.toFixed(3)} CPU-ms a request, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
  );
}

/** So many requests, so many at a time. */
async function round(requests: number, connections: number, ask: (k: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let k = next++; k < requests; k = next++) await ask(k);
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

const CLOCK_TICKS_A_SECOND = 100;

/**
 * User and system time of a process, from the system's own account: to the nanosecond where it keeps one for each thread,
 * otherwise to the tick, which is a fifth of what is measured of a small question.
 */
export function cpuMilliseconds(pid: number | undefined): number {
  const threads = `/proc/${pid}/task`;
  try {
    const spent = readdirSync(threads).map((thread) =>
      Number(readFileSync(`${threads}/${thread}/schedstat`, "utf8").split(" ")[0]),
    );
    return spent.reduce((sum, each) => sum + each, 0) / 1e6;
  } catch {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_A_SECOND;
  }
}

export async function answering(pool: Pool): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const response = await pool.request({ path: "/readyz", method: "GET" }).catch(() => null);
    await response?.body.dump();
    if (response?.statusCode === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("The gateway does not answer; run the load benchmark first.");
}
