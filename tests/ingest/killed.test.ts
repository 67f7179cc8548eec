/** A load is a process that may be killed at any moment. Whenever that is, the next run ends as if it had never been. */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openDatabase, type Place, snake } from "../../chassis/database";
import { migrationsOf } from "../../chassis/subgraph";
import { localitiesDefinition } from "../../ingest";
import { demographics } from "../../subgraphs/demographics";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { fileOf, inventedChild, inventedDose, lines, NOW, numberOf } from "../fixtures/road";

const PROJECT = dirname(dirname(__dirname));
const DEFINITIONS = [demographics, immunisations, localitiesDefinition(null)];

/** Who looked is no part of what was loaded. */
const NOT_COMPARED = ["access_entry"];

let built: string;
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), "chis-killed-"));
  const tsc = join(PROJECT, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(PROJECT, "tsconfig.build.json"), "--outDir", join(built, "dist")]);
  symlinkSync(join(PROJECT, "node_modules"), join(built, "node_modules"));
  writeFileSync(join(built, "load.js"), LOADER);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Loads a folder's files in chunks of ten rows and says so after each. */
const LOADER = `
  require("reflect-metadata");
  const { migrateSubgraph, startSubgraph } = require("./dist/chassis/subgraph");
  const { openIngest, localitiesDefinition } = require("./dist/ingest");
  const { demographics } = require("./dist/subgraphs/demographics");
  const { immunisations } = require("./dist/subgraphs/immunisations");
  const { places, paths, at } = JSON.parse(process.argv[2]);
  const now = () => at;
  (async () => {
    const destinations = [];
    for (const definition of [demographics, immunisations]) {
      await migrateSubgraph(definition, places[definition.name]);
      destinations.push(await startSubgraph(definition, { place: places[definition.name], now }));
    }
    await migrateSubgraph(localitiesDefinition(null), places.localities);
    const ingest = await openIngest({ place: places.localities, destinations, now, chunkRows: 10 });
    const progress = () => process.stdout.write(".");
    const { lines } = await ingest.load({ locality: "EAST_CHESHIRE", paths, progress });
    const faults = (await ingest.reconcile(null)).flatMap((line) => line.faults);
    await ingest.close();
    for (const part of destinations) await part.close();
    process.stdout.write(JSON.stringify({ loads: lines.map(({ load }) => load), faults }));
  })();
`;

type Places = Readonly<Record<string, Place>>;

/** One run: to its end, or killed so many milliseconds after so many chunks. Answers what it said, null if killed. */
function run(places: Places, paths: readonly string[], kill: { chunks: number; milliseconds: number } | null) {
  return new Promise<string | null>((resolve, reject) => {
    const child = spawn(process.execPath, [join(built, "load.js"), JSON.stringify({ places, paths, at: NOW })]);
    let said = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (kill && said.length >= kill.chunks) setTimeout(() => child.kill("SIGKILL"), kill.milliseconds);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("close", (status, signal) => {
      if (signal === "SIGKILL") resolve(null);
      else if (status === 0) resolve(said.replace(/^\.+/, ""));
      else reject(new Error(errors));
    });
  });
}

/** Every row of every table of every part. */
async function everything(places: Places): Promise<Readonly<Record<string, unknown[]>>> {
  const tables: Record<string, unknown[]> = {};
  for (const definition of DEFINITIONS) {
    const database = await openDatabase(definition.name, places[definition.name] as Place);
    for (const { name, key } of migrationsOf(definition).flatMap((migration) => migration.tables ?? [])) {
      if (NOT_COMPARED.includes(name)) continue;
      const inOrder = database.statement(({ from }) => from(name).orderBy(key.map((column) => snake(column))));
      tables[`${definition.name}.${name}`] = await database.rows(inOrder);
    }
    await database.close();
  }
  return tables;
}

const children = Array.from({ length: 500 }, (_, n) => inventedChild(n));
const doses = Array.from({ length: 600 }, (_, n) => inventedDose(children[n % 500] ?? {}, n));

/** After how many chunks of its own each run is killed, and how many milliseconds later: anywhere in the next ones. */
const KILLS = [
  { chunks: 1, milliseconds: 0 },
  { chunks: 2, milliseconds: 3 },
  { chunks: 1, milliseconds: 5 },
  { chunks: 3, milliseconds: 1 },
] as const;

eachDatabase((places) => {
  const placesOf = (run: string): Places =>
    Object.fromEntries(DEFINITIONS.map(({ name }) => [name, places(`${name}_${run}`)]));
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "chis-killed-files-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("a load killed again and again ends as one that never was: the same rows in every table", async () => {
    const index = lines("EAST_CHESHIRE", "CHILDREN", children);
    // Among the rows: one that cannot be read, one whose child is not known, one that is there twice, one that clashes.
    index[33] = (index[33] ?? "").replace(numberOf(32), "9990000000");
    const told = lines("EAST_CHESHIRE", "DOSES", [
      ...doses,
      inventedDose(inventedChild(700), 700),
      doses[4] ?? {},
      { ...doses[5], batchNumber: "OTHER" },
    ]);
    const files = [fileOf(folder, "EAST_CHESHIRE", "CHILDREN", index), fileOf(folder, "EAST_CHESHIRE", "DOSES", told)];

    const [whole, killed] = [placesOf("whole"), placesOf("killed")];
    for (const [i, file] of files.entries()) {
      const ended = JSON.stringify({ loads: [i + 1], faults: [] });
      expect(await run(whole, [file], null)).toBe(ended);
      for (const kill of KILLS) expect(await run(killed, [file], kill)).toBeNull();
      expect(await run(killed, [file], null)).toBe(ended);
    }

    const [expected, found] = [await everything(whole), await everything(killed)];
    expect(expected["immunisations.dose"]).toHaveLength(600 - 2); // two were of the child that could not be read
    expect(expected["localities.quarantine_item"]).toHaveLength(5);
    expect(expected["localities.outbox"]).toEqual([]);
    expect(found).toEqual(expected);
  }, 120_000);
});
