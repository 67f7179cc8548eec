/**
 * What the guard and the access log cost: the same questions to the house as it is and to one whose guard decides and writes
 * nothing (`unguarded.ts`), in turns, at the volume `load` left behind. And the log alone: entries written and proved a second.
 */

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { type Access, accessLogOf } from "../chassis/audit";
import { openDatabase, type Place } from "../chassis/database";
import { migrationsOf } from "../chassis/subgraph";
import { verifyLog } from "../chassis/verify";
import { developmentIssuer } from "../gateway";
import { DEFINITIONS } from "../main";
import type { Viewer } from "../schema/access";
import { LOCALITY_CODES } from "../schema/vocabulary/localities";
import type { BenchOptions } from "./index";
import { benchSettings } from "./load";
import { type Answer, answering, HUNDRED, LIST, RECORD } from "./record";

const FIRST_PORT = 4730;
const ROUNDS = 9;
const RECORDS = 300;
const LISTS = 10;
const PAGES = 10;

const VIEWER: Viewer = {
  subject: "bench",
  name: "Bench",
  role: "CHILD_HEALTH_CLERK",
  organisation: "RY7",
  localities: LOCALITY_CODES,
  scopes: [],
};

interface House {
  readonly name: string;
  readonly server: ChildProcess;
  ask(query: string, variables: object): Promise<Answer>;
  close(): Promise<void>;
}

export async function benchGuard(options: BenchOptions): Promise<void> {
  await benchLog(options);
  const settings = benchSettings(options);
  const issuer = await developmentIssuer(settings.DATA_DIR, "127.0.0.1");
  const authorization = `Bearer ${await issuer.sign(VIEWER, 600)}`;
  const open = async (name: string, file: string, words: readonly string[], port: number): Promise<House> => {
    const env = {
      ...process.env,
      DATA_DIR: settings.DATA_DIR,
      DATABASE_URL: settings.DATABASE_URL,
      PORT: String(port),
      LOG_LEVEL: "silent",
      RATE_LIMIT: "0",
    };
    const server = fork(file, [...words], { env, stdio: "ignore" });
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 50 });
    await answering(pool).catch((fault: unknown) => {
      server.kill();
      throw fault;
    });
    return {
      name,
      server,
      async ask(query, variables) {
        const headers = { "content-type": "application/json", authorization };
        const body = JSON.stringify({ query, variables });
        const answer = await pool.request({ path: "/graphql", method: "POST", headers, body });
        const { data, errors } = (await answer.body.json()) as Answer; // of the questions below
        if (errors || !data) throw new Error(`${name}: ${JSON.stringify(errors)}`);
        return { data };
      },
      async close() {
        await pool.close();
        server.kill();
      },
    };
  };
  const houses: House[] = [];
  try {
    houses.push(await open("with", join(__dirname, "..", "main.js"), ["serve"], FIRST_PORT));
    houses.push(await open("without", join(__dirname, "unguarded.js"), [], FIRST_PORT + 1));
    const where = { localities: ["WIRRAL"] };
    const childIds: string[] = [];
    const cursors: (string | null)[] = [null];
    for (let page = 0; page < PAGES; page++) {
      const children = (await houses[0]?.ask(LIST, { where, first: 100, after: cursors.at(-1) }))?.data?.children;
      childIds.push(...(children?.edges ?? []).map(({ node }) => node.id));
      cursors.push(children?.pageInfo.endCursor ?? null);
    }
    for (const connections of [1, 10, 50]) {
      await compare(`one record, ${connections} connections`, houses, RECORDS, connections, (house, k) =>
        house.ask(RECORD, { id: childIds[(k * 7919) % childIds.length] }),
      );
    }
    await compare("100 children, 1 connection", houses, LISTS, 1, (house, k) =>
      house.ask(HUNDRED, { where, after: cursors[k % PAGES] }),
    );
  } finally {
    for (const house of houses) await house.close();
  }
}

/**
 * The same questions to each in turns, CPU and time a request, and what the first has more: of the rounds the lower quartile,
 * for whatever else the machine does only ever adds.
 */
async function compare(
  what: string,
  houses: readonly House[],
  requests: number,
  connections: number,
  ask: (house: House, k: number) => Promise<Answer>,
): Promise<void> {
  const measured = new Map(houses.map(({ name }) => [name, { cpu: [] as number[], time: [] as number[] }]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const house of houses) {
      const times: number[] = [];
      const before = cpuMilliseconds(house.server.pid);
      let next = 0;
      const worker = async () => {
        for (let k = next++; k < requests; k = next++) {
          const begun = performance.now();
          await ask(house, k);
          times.push(performance.now() - begun);
        }
      };
      await Promise.all(Array.from({ length: connections }, worker));
      if (round === 0) continue; // warms up
      measured.get(house.name)?.cpu.push((cpuMilliseconds(house.server.pid) - before) / requests);
      measured.get(house.name)?.time.push(median(times));
    }
  }
  const [guarded, open] = houses.map(({ name }) => measured.get(name));
  const [cpu, cpuOpen] = [lowerQuartile(guarded?.cpu ?? []), lowerQuartile(open?.cpu ?? [])];
  const [time, timeOpen] = [lowerQuartile(guarded?.time ?? []), lowerQuartile(open?.time ?? [])];
  process.stdout.write(
    `${what.padEnd(30)} ${cpu.toFixed(3)} CPU-ms with guard and log, ${cpuOpen.toFixed(3)} without: +${(cpu - cpuOpen).toFixed(3)}, +${((cpu / cpuOpen - 1) * 100).toFixed(0)} %; p50 ${time.toFixed(2)} against ${timeOpen.toFixed(2)} ms\n`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}

/** What all threads of a process have run, by the scheduler's account: ticks of ten milliseconds would round a list away. */
function cpuMilliseconds(pid: number | undefined): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

const LOGGED = 200_000;

/** The log alone, in CPU time: writing, by how many entries are written together, and proving. */
async function benchLog({ postgres }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "chis-bench-"));
  const schema = `bench_audit_${process.pid}`;
  const place: Place =
    postgres === null
      ? { file: join(folder, "audit.sqlite") }
      : { url: postgres, schema, setting: "--postgres", connections: 3 };
  const database = await openDatabase("screening", place);
  try {
    await database.migrate(DEFINITIONS.slice(0, 1).flatMap((definition) => migrationsOf(definition).slice(0, 1)));
    const log = accessLogOf(database, Date.now);
    let written = 0;
    const accesses = (count: number) =>
      Array.from({ length: count }, (_, at): Access => {
        const childId = `child${(written + at * 7919) % 100_003}abcdefgh`;
        return { action: "VIEW_SCREENING", childId, decision: "SHOWN", reason: null, terms: null, hits: null };
      });
    const write = async (requests: number, together: number, count: number) => {
      const before = process.cpuUsage();
      for (let n = 0; n < requests; n += together) {
        await Promise.all(
          Array.from({ length: together }, () => {
            const asked = log.append({ viewer: VIEWER, requestId: `r${written}`, accesses: accesses(count) });
            written += count;
            return asked;
          }),
        );
      }
      return cpuSince(before) / (requests * count);
    };
    for (const [together, count] of [
      [1, 1],
      [1, 3],
      [10, 3],
      [1, 100],
    ] as const) {
      const each = await write(1_000, together, count);
      process.stdout.write(
        `${`written: ${together} requests of ${count}`.padEnd(30)} ${(each * 1_000).toFixed(1)} CPU-µs an entry\n`,
      );
    }
    while (written < LOGGED) await write(100, 1, 1_000);
    const [before, begun] = [process.cpuUsage(), performance.now()];
    const { entries, fault } = await verifyLog(database, { keys: [], kept: [], childIds: null });
    if (fault !== null) throw new Error(`The log does not stand: ${fault.kind} ${fault.sequence}.`);
    const [cpu, seconds] = [cpuSince(before), (performance.now() - begun) / 1000];
    process.stdout.write(
      `${"proved".padEnd(30)} ${Math.round(entries / seconds)} entries/s, ${Math.round(entries / (cpu / 1000))} a CPU-second\n`,
    );
    if (postgres !== null)
      await database.write((transaction) =>
        transaction.run(database.statement(({ raw }) => raw(`drop schema ${schema} cascade`))),
      );
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
