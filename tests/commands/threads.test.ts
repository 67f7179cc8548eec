/** A bulk load keeps facts in threads beside the one that reads; what it leaves is what a load without them leaves. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Environment, invented, migrated, results } from "./chis";

const PROGRAM = join(__dirname, "..", "..", "dist", "main.js");

/** Loads as `load` does for large files; the built program alone can start threads. */
async function loadInThreads(environment: Environment, path: string): Promise<void> {
  const script = `
    const { openHouse, readSettings } = require(${JSON.stringify(PROGRAM)});
    (async () => {
      const house = await openHouse(readSettings(process.env), { threads: true });
      await house.ingest.load({ locality: "WIRRAL", paths: [${JSON.stringify(path)}] });
      await house.close();
    })();`;
  await promisify(execFile)("node", ["-e", script], { env: { ...process.env, ...environment } });
}

test("a load in threads reconciles line by line as one without", async () => {
  const extracts = await invented(120);
  const [apart, alone] = [await migrated(), await migrated()];
  await loadInThreads(apart, join(extracts, "WIRRAL"));
  await results(["load", "--locality", "WIRRAL", join(extracts, "WIRRAL")], alone);
  const lines = await results(["reconcile"], apart);
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => line.balances !== true)).toEqual([]);
  expect(lines.map(withoutTimes)).toEqual((await results(["reconcile"], alone)).map(withoutTimes));
});

function withoutTimes({ startedAt: _s, finishedAt: _f, ...line }: Readonly<Record<string, unknown>>) {
  return line;
}
