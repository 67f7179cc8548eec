/** Serving in several processes on one port: all answer, one that is killed is replaced, and all end together. */

import { asking, migrated, results, type Served, serving } from "./chis";

let environment: Readonly<Record<string, string>>;
let served: Served;
let url: string;
let clerk: string;
beforeAll(async () => {
  environment = await migrated({ PORT: "0", WORKERS: "2" });
  served = await serving(["serve"], environment);
  url = served.urls[0] ?? "";
  const [line] = await results(["token", "--role", "CHILD_HEALTH_CLERK", "--locality", "WIRRAL"], environment);
  clerk = String(line?.token);
}, 180_000);

/** A connection that was just being handed to the one that is killed is never answered. */
const metrics = async () => (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(3_000) })).text();

/** Those that count, once so many do. */
async function processes(count: number): Promise<readonly number[]> {
  for (;;) {
    const text = await metrics().catch(() => "");
    const pids = [...text.matchAll(/^process_cpu_seconds_total\{pid="(\d+)"\}/gm)].map(([, pid]) => Number(pid));
    if (pids.length === count) return pids.sort((a, b) => a - b);
  }
}

const ask = async () => (await asking(url, clerk)("{ loads(locality: WIRRAL) { file } }")).data;

test("the metrics of one are those of all", async () => {
  await processes(2);
  for (let time = 0; time < 4; time++) expect(await ask()).toEqual({ loads: [] });
  expect(await metrics()).toMatch(/^gateway_requests_total\{role="CHILD_HEALTH_CLERK",status="200"\} 4$/m);
});

test("one that is killed is replaced, and meanwhile the other answers", async () => {
  const [one = 0, other = 0] = await processes(2);
  process.kill(one, "SIGKILL");
  let after: readonly number[] = [];
  while (after.length < 2 || after.includes(one)) after = await processes(2);
  expect(after).toContain(other);
  expect(await ask()).toEqual({ loads: [] });
}, 180_000);

test("asked to stop, all end, and well", async () => {
  expect(await served.stop()).toBe(0);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});
