/** `npm start` and loads, cut short and taken up again; what reconciliation finds, and where a wrong row is seen. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  asking,
  change,
  chis,
  type Environment,
  folder,
  invented,
  killed,
  migrated,
  record,
  results,
  serving,
} from "./chis";

async function token(environment: Environment, ...words: string[]): Promise<string> {
  const [line] = await results(["token", ...words], environment);
  return String(line?.token);
}

describe("npm start", () => {
  const demo = ["demo", "--children", "200"];

  test("invents, loads, reconciles and serves; killed and started again, it ends the same", async () => {
    const environment = { DATA_DIR: folder(), PORT: "0" };
    const first = await serving(demo, environment);
    const [url = ""] = first.urls;
    const clerk = asking(
      url,
      await token(environment, "--role", "CHILD_HEALTH_CLERK", "--locality", "LIVERPOOL_SEFTON"),
    );
    const { data, errors } = await clerk(`{
      children(where: { localities: [LIVERPOOL_SEFTON] }, first: 100) {
        edges { node { name { full } doses { vaccine } newbornHearing { outcome } } }
      }
      loads(locality: LIVERPOOL_SEFTON) { kind balances }
    }`);
    expect(errors).toBeUndefined();
    expect(data.children.edges.length).toBeGreaterThan(30);
    expect(JSON.stringify(data)).toMatch(/"vaccine":"MMR".*"outcome":"CLEAR/);
    expect(data.loads.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      "BLOOD_SPOT",
      "CHILDREN",
      "DOSES",
      "EXAMINATIONS",
      "FLAGS",
      "HEARING",
    ]);
    expect(data.loads.filter(({ balances }: { balances: boolean }) => !balances)).toEqual([]);

    // While it serves, others may read and prove the same.
    const proof = await chis(["reconcile"], environment);
    expect([proof.status, proof.stderr, proof.stdout.trimEnd().split("\n").at(-1)]).toEqual([
      0,
      "",
      "Everything balances.",
    ]);
    expect(await first.stop()).toBe(0);

    const again = { DATA_DIR: folder(), PORT: "0" };
    for (const [pattern, milliseconds] of [
      [/Inventing/, 0],
      [/EAST_CHESHIRE/, 20],
      [/WIRRAL/, 40],
    ] as const)
      await killed(demo, again, pattern, milliseconds);
    const second = await serving(demo, again);
    expect(await second.stop()).toBe(0);
    expect(record(again)).toEqual(record(environment));

    // Once done it is not done again.
    const before = record(environment);
    const third = await serving(["demo"], environment);
    expect(await third.stop()).toBe(0);
    expect(record(environment)).toEqual(before);
  });
});

describe("A load", () => {
  let extracts: string;
  let whole: Environment;
  const load = (path: string) => ["load", "--locality", "EAST_CHESHIRE", path];
  beforeAll(async () => {
    extracts = join(await invented(2_500), "EAST_CHESHIRE");
    whole = await migrated();
    expect(await chis(load(extracts), whole)).toMatchObject({ status: 0, stderr: "" });
  });

  test("killed at any moment and run again ends as one that was not", async () => {
    const environment = await migrated();
    for (const milliseconds of [0, 30, 200]) await killed(load(extracts), environment, /EAST_CHESHIRE/, milliseconds);
    const ended = await chis(load(extracts), environment);
    expect([ended.status, ended.stdout.includes("DOES NOT BALANCE")]).toEqual([0, false]);
    expect(record(environment)).toEqual(record(whole));
    const lines = await results(["reconcile"], environment);
    expect(lines.filter(({ balances }) => !balances)).toEqual([]);
  });

  test("twice changes nothing", async () => {
    const before = record(whole);
    const lines = await results(load(extracts), whole);
    expect(lines.map(({ applied, superseded }) => applied + superseded)).toEqual(lines.map(() => 0));
    expect(record(whole)).toEqual(before);
  });

  test("shows a wrong row in the graph's quarantine, with its reason", async () => {
    const environment = await migrated({ PORT: "0" });
    const sound = readFileSync(join(extracts, "EC_ChildIndex.csv"), "utf8").split("\r\n");
    const path = join(folder(), "EC_ChildIndex.csv");
    const spoilt = sound.slice(0, 12).map((line, i) => (i === 7 ? line.replace(/,\d\d\/\d\d\//, ",31/02/") : line));
    writeFileSync(path, `${spoilt.join("\r\n")}\r\n`);
    expect(await chis(load(path), environment)).toMatchObject({ status: 0 });

    const served = await serving(["serve"], environment);
    const clerk = asking(
      served.urls[0] ?? "",
      await token(environment, "--role", "CHILD_HEALTH_CLERK", "--locality", "EAST_CHESHIRE"),
    );
    const { data, errors } = await clerk(
      "{ quarantine(first: 10) { edges { node { file row severity reasons { code message } } } } }",
    );
    expect(errors).toBeUndefined();
    expect(data.quarantine.edges).toEqual([
      {
        node: {
          file: "EC_ChildIndex.csv",
          row: 7,
          severity: "BLOCKS_CHILD",
          reasons: [
            {
              code: "DATE_INVALID",
              message: "The date at row 7, DateOfBirth is not a day of the calendar written as dd/MM/yyyy.",
            },
          ],
        },
      },
    ]);
    expect(await served.stop()).toBe(0);
  });

  test("whose fact somebody deletes by hand no longer balances: reconcile names the source and the kind", async () => {
    const held = Number(record(whole).newborn_hearing?.length);
    change(whole, "screening", "delete from newborn_hearing where id = (select max(id) from newborn_hearing)");
    const ended = await chis(["reconcile"], whole);
    expect([ended.status, ended.stdout.trimEnd().split("\n").at(-1)]).toEqual([
      1,
      `RECONCILIATION_UNBALANCED: EAST_CHESHIRE facts: ${held} hearing outcomes (NewbornHearingRecorded) were applied and ` +
        `screening holds ${held - 1}. Do not sign the load off. Run it again; if it stays so, report it with this line.`,
    ]);
    const wrong = (await results(["reconcile"], whole)).filter(({ balances }) => !balances);
    expect(wrong).toMatchObject([
      { system: "EAST_CHESHIRE", type: "NewbornHearingRecorded", firsts: held, held: held - 1 },
    ]);
  });
});
