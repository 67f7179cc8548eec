/** Planning everybody after a load, in the threads that only the built program can start, is planning each alone. */

import { join } from "node:path";
import { openDatabase } from "../../chassis/database";
import { startSubgraph } from "../../chassis/subgraph";
import { addDays, instantOf, londonDay } from "../../schema/calendar";
import { immunisations } from "../../subgraphs/immunisations";
import { child } from "../world";
import { change, chis, type Environment, migrated, results } from "./chis";

/** From so many on threads are worth it. */
const CHILDREN = 2_100;
const PART = "immunisations";

async function loaded(): Promise<Environment> {
  const environment = await migrated();
  const part = await startSubgraph(immunisations, { place: placeOf(environment) });
  const bornOn = addDays(londonDay(instantOf(Date.now())), -70);
  const ids = Array.from({ length: CHILDREN }, (_, at) => `child${String(at).padStart(4, "0")}`);
  await part.deliver({ number: 1, events: ids.flatMap((id) => child(id, { bornOn })) });
  await part.close();
  return environment;
}

const placeOf = ({ DATA_DIR }: Environment) => ({ file: join(DATA_DIR ?? "", `${PART}.sqlite`) });

async function dueIn(environment: Environment): Promise<readonly string[]> {
  const database = await openDatabase(PART, placeOf(environment));
  const rows = await database.rows(database.statement(({ from }) => from("due_dose")));
  await database.close();
  return rows.map((row) => JSON.stringify(row)).sort();
}

test("what settle plans in threads is what a part plans by itself", async () => {
  const environment = await loaded();
  expect(await results(["settle", PART], environment)).toEqual([{ part: PART, settled: true }]);
  const inThreads = await dueIn(environment);
  expect(inThreads.length).toBeGreaterThanOrEqual(3 * CHILDREN);
  change(environment, PART, "delete from due_dose");
  change(environment, PART, "delete from plan_rules");
  const part = await startSubgraph(immunisations, { place: placeOf(environment) });
  await part.settle();
  await part.close();
  expect(await dueIn(environment)).toEqual(inThreads);
}, 300_000);

test("there is no part to settle but those of the house", async () => {
  expect(await chis(["settle", "vaccines"], {})).toEqual({
    status: 1,
    stdout: "",
    stderr: "ARGUMENT_UNKNOWN: vaccines is not an argument of settle.\nSee --help.\n",
  });
});
