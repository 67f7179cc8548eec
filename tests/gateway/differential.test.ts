import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DocumentNode, Kind, parse, validate } from "graphql";
import { type Source, supergraphOf } from "../../gateway";
import { type Executed, Executor, type Refused } from "../../gateway/execute";
import { Planner } from "../../gateway/plan";
import { askOf } from "../../gateway/sources";
import { inventedGraph, inventedOperations, type Requirements } from "./invented-graph";
import { CLERK } from "./two-sources";

const PARTS = ["demographics", "immunisations", "localities", "safeguarding", "screening"];
const HOUSE = Object.fromEntries(
  PARTS.map((name) => [name, readFileSync(join(__dirname, `../../schema/${name}.graphql`), "utf8")]),
);

/** What our own graph has no need of: interfaces over several parts, fields that require others, with arguments. */
const LINK = (...names: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ${JSON.stringify(["@key", "@shareable", "@external", "@requires", "@provides", ...names])})`;
const AWKWARD = {
  clinic: `${LINK()}
    interface Person { id: ID! name: String }
    type Nurse implements Person @key(fields: "id") { id: ID! name: String weight(unit: String!): Int! visits: [Visit!] }
    type Child implements Person @key(fields: "id") { id: ID! name: String weight(unit: String!): Int! born: String! box: Box @shareable }
    type Box @shareable { wide: Int high: Int }
    type Visit { on: String! of: Person with: [Person] seen: Seen }
    union Seen = Child | Nurse | Visit
    type Query { people(first: Int): [Person!]! visit: Visit anyone: Seen child(id: ID!): Child }`,
  pharmacy: `${LINK()}
    type Child @key(fields: "id") { id: ID! weight(unit: String!): Int! @external born: String! @external
      dose: String @requires(fields: "weight(unit: \\"KG\\")")
      postage: String @requires(fields: "weight(unit: \\"LB\\") born")
      doses(first: Int): [Dose]! friend: Child sister: Nurse box: Box @shareable }
    type Nurse @key(fields: "id") { id: ID! weight(unit: String!): Int! @external given: [Dose!] load: String @requires(fields: "weight(unit: \\"KG\\")") }
    type Box @shareable { wide: Int high: Int }
    type Dose { vaccine: Vaccine! to: Child by: Nurse size: Float }
    enum Vaccine { MMR HEXA PCV }
    type Query { doses: [Dose!] }`,
  school: `${LINK()}
    type Child @key(fields: "id") { id: ID! class: Class desk: Int }
    type Class @key(fields: "id") { id: ID! title: String! pupils: [Child!]! nurse: Nurse }
    type Nurse @key(fields: "id") { id: ID! classes: [Class!] }
    type Query { classes: [Class] }`,
};
const REQUIRED: Requirements = {
  "Child.dose": [["weight", { unit: "KG" }]],
  "Child.postage": [
    ["weight", { unit: "LB" }],
    ["born", {}],
  ],
  "Nurse.load": [["weight", { unit: "KG" }]],
};

/** A source as it is from afar: asked in bytes, answering in bytes. */
function afar(source: Source): Source {
  return {
    ...source,
    async post(body, { viewer, traceId }) {
      return Buffer.from(JSON.stringify(await source.ask({ ...JSON.parse(body), viewer, requestId: traceId })));
    },
  };
}

async function graphOf(parts: Readonly<Record<string, string>>, requirements?: Requirements) {
  const { supergraphSdl, apiSdl } = supergraphOf(Object.entries(parts).map(([name, sdl]) => ({ name, sdl })));
  const graph = inventedGraph(parts, apiSdl, requirements);
  const silent = () => undefined;
  const planner = new Planner(supergraphSdl, { debug: silent, info: silent, warn: silent, error: silent });
  await planner.apollo.load();
  const uncovered: string[] = [];
  const executors = [graph.sources, graph.sources.map(afar)].map((sources) => {
    const asks = new Map(sources.map((source) => [source.name, askOf(source, silent)]));
    return new Executor({ planner, asks, onUncovered: (why) => uncovered.push(why) });
  });
  return { graph, planner, executors, uncovered };
}

function kept(executor: Executor, query: string, document: DocumentNode) {
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error("An invented operation is none.");
  return executor.keep(query, undefined, document, operation);
}

function shown(executed: Executed | Refused) {
  if ("refused" in executed) return { refused: executed.refused.map((error) => error.message) };
  return { data: JSON.parse(executed.data), failures: placesOf(executed.errors) };
}

function placesOf(errors: readonly { readonly path?: readonly (string | number)[] }[]): readonly string[] {
  return [...new Set(errors.map(({ path }) => JSON.stringify(path ?? null)))].sort();
}

const ASKED = Number(process.env.DIFFERENTIAL_OPERATIONS ?? 50);

describe.each([
  ["our own graph", HOUSE, undefined],
  ["a graph with interfaces, requirements and arguments", AWKWARD, REQUIRED],
] as const)("Random operations over %s", (_, parts, requirements) => {
  test.each([1, 2])(
    "are answered as one schema answers them, data and failures, in this process and from afar (seed %i)",
    async (seed) => {
      const { graph, planner, executors, uncovered } = await graphOf(parts, requirements);
      const next = inventedOperations(planner.schema, Number(process.env.DIFFERENTIAL_SEED ?? seed));
      for (let asked = 0; asked < ASKED; ) {
        const { query, variables } = next();
        const document = parse(query);
        if (query.length > 4_000 || validate(planner.schema, document).length > 0) continue;
        asked += 1;
        const asker = { viewer: CLERK, traceId: "t" };
        const { data, errors = [] } = await graph.plain(query, variables);
        const expected = { data: JSON.parse(JSON.stringify(data ?? null)), failures: placesOf(errors) };
        for (const executor of executors) {
          const answered = shown(await executor.execute(kept(executor, query, document), variables, asker));
          expect({ query, ...answered }).toEqual({ query, ...expected });
        }
      }
      expect(uncovered).toEqual([]);
    },
  );
});
