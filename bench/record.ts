/**
 * One child's whole record, and a hundred children at once, over HTTP from a gateway process of its own, at the volume
 * `load` left behind: CPU-milliseconds a request (user and system time of that process), p50 and p99.
 */

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
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

const REQUESTS = 2000;
const PORT = 4710;

export async function benchRecord(options: BenchOptions): Promise<void> {
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
    LOG_LEVEL: "silent",
    RATE_LIMIT: "0",
  };
  const server = fork(join(__dirname, "..", "main.js"), ["serve"], { env: environment, stdio: "ignore" });
  const pool = new Pool(`http://127.0.0.1:${PORT}`, { connections: 50 });
  try {
    await answering(pool);
    const ask = async (query: string, variables: object): Promise<Answer> => {
      const body = JSON.stringify({ query, variables });
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const response = await pool.request({ path: "/graphql", method: "POST", headers, body });
      return (await response.body.json()) as Answer; // the shape of LIST and RECORD
    };
    const where = { localities: ["WIRRAL"] };
    const childIds: string[] = [];
    const cursors: (string | null)[] = [null];
    for (let page = 0; page < 40; page++) {
      const { data, errors } = await ask(LIST, { where, first: 100, after: cursors.at(-1) });
      if (errors || !data?.children) throw new Error(`The list failed: ${JSON.stringify(errors)}`);
      childIds.push(...data.children.edges.map(({ node }) => node.id));
      cursors.push(data.children.pageInfo.endCursor);
    }
    for (const connections of [1, 10, 50]) {
      await measure(`one record, ${connections} connections`, server.pid, REQUESTS, connections, (k) =>
        ask(RECORD, { id: childIds[(k * 7919) % childIds.length] }),
      );
    }
    await measure("100 children, 1 connection", server.pid, 100, 1, (k) =>
      ask(HUNDRED, { where, after: cursors[k % cursors.length] }),
    );
    await measure("100 children, 10 connections", server.pid, 100, 10, (k) =>
      ask(HUNDRED, { where, after: cursors[k % cursors.length] }),
    );
  } finally {
    await pool.close();
    server.kill();
  }
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
  const round = async (count: number, keep: boolean) => {
    let next = 0;
    const worker = async () => {
      for (let k = next++; k < count; k = next++) {
        const begun = performance.now();
        const { data, errors } = await ask(k);
        if (keep) times.push(performance.now() - begun);
        if (errors || !(data?.childById ?? data?.children)) throw new Error(`${what}: ${JSON.stringify(errors)}`);
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
  };
  await round(Math.ceil(requests / 4), false);
  const before = cpuMilliseconds(pid);
  await round(requests, true);
  const cpu = (cpuMilliseconds(pid) - before) / requests;
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(2);
  process.stdout.write(
    `${what.padEnd(32)} ${cpu.toFixed(3)} CPU-ms a request, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
  );
}

const CLOCK_TICKS_A_SECOND = 100;

/** User and system time of a process, from the system's own account. */
export function cpuMilliseconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_A_SECOND;
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
