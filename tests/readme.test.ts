/** What the README and GraphiQL show is run over the population that `npm start` invents, as a reader would run it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXAMPLES, examplesAbout } from "../gateway";
import { synthesise } from "../ingest";
import { DEMO_SEED } from "../main";
import { LOCALITY_CODES } from "../schema/vocabulary/localities";
import { type World, world } from "./world";

const README = readFileSync(join(__dirname, "..", "README.md"), "utf8");
const QUERIES = [...README.matchAll(/```sh\nask '(.*)'\n```\n\n```json\n([\s\S]*?)\n```/g)].map(
  ([, asked, answered]) => ({
    asked: JSON.parse(asked ?? "") as { readonly query: string },
    answered: JSON.parse(answered ?? "") as unknown,
  }),
);

let house: World;

beforeAll(async () => {
  house = await world(() => Date.parse("2026-11-01T10:00:00Z"));
  const out = join(house.folder, "extracts");
  await synthesise({ children: 2000, seed: DEMO_SEED, out });
  for (const locality of LOCALITY_CODES) await house.house.ingest?.load({ locality, paths: [join(out, locality)] });
  for await (const _ of house.house.ingest?.receive([join(out, "messages")]) ?? []);
  await house.house.parts.get("immunisations")?.settle();
}, 120_000);
afterAll(() => house.close());

test("the README shows three queries", () => expect(QUERIES).toHaveLength(3));

test.each(QUERIES)("the README's query is answered as it says: $asked.query", async ({ asked, answered }) => {
  expect(await house.as("CHILD_HEALTH_CLERK", { localities: ["WIRRAL"] })(asked.query)).toEqual(answered);
});

/** A subscription is not answered, but told of what happens: see tests/gateway. */
const ANSWERED = EXAMPLES.filter(({ query }) => !/^subscription\b/m.test(query));
test.each(ANSWERED)("GraphiQL's example $name is answered to a $role, with something in it", async ({ name }) => {
  const number = /nhsNumber: \\"(\d+)/.exec(README)?.[1] ?? "";
  const example = examplesAbout(number).find((each) => each.name === name);
  const organisation = example?.role === "GENERAL_PRACTITIONER" ? { organisation: "N85002" } : {};
  const ask = house.as(example?.role ?? "ANALYST", organisation);
  const { data, errors } = await ask(example?.query ?? "", example?.variables);
  expect(errors).toBeUndefined();
  const [answer] = Object.values(data) as ({ edges?: unknown[] } | unknown[] | null)[];
  const rows = Array.isArray(answer) ? answer : (answer?.edges ?? [answer]);
  expect(rows.filter((row) => row !== null).length).toBeGreaterThan(0);
});

test("every row of it is accounted for", async () => {
  const lines = (await house.house.ingest?.reconcile(null)) ?? [];
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((line) => !line.balances)).toEqual([]);
});
