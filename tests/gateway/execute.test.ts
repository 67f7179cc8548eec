import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, Kind, parse } from "graphql";
import { type Source, supergraphOf } from "../../gateway";
import { compile } from "../../gateway/compile";
import { type Executed, Executor, type Refused } from "../../gateway/execute";
import { Planner } from "../../gateway/plan";
import { askOf, type Question } from "../../gateway/sources";
import { Problem } from "../../schema/errors";
import { CLERK } from "./two-sources";

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@external", "@requires", "@shareable", "@interfaceObject"])';

const CLINIC = `${LINK}
type Query { child(id: ID!): Child children: [Child!]! few(first: Int!): [Child!]! ward: [Child]! media: Media }
type Mutation { weigh(id: ID!, grams: Int!): Child }
type Child @key(fields: "id") { id: ID! name: String! weight(unit: String!): Int mother: Child constructor: String }
interface Media @key(fields: "id") { id: ID! title: String }
type Film implements Media @key(fields: "id") { id: ID! title: String length: Int }`;

const PHARMACY = `${LINK}
type Child @key(fields: "id") {
  id: ID!
  weight(unit: String!): Int @external
  dose: String @requires(fields: "weight(unit: \\"KG\\")")
  parcel: String @requires(fields: "weight(unit: \\"LB\\")")
  doses: [Dose!]
}
type Dose { vaccine: Vaccine! on: String! }
enum Vaccine { MMR HEXA }
type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }`;

const NAMES: Readonly<Record<string, string>> = { a: "Ada", b: "Ben", c: "Cai" };
const CHILD = (id: string): object => ({
  __typename: "Child",
  id,
  name: NAMES[id] ?? null,
  weight: ({ unit }: { unit: string }) => (unit === "KG" ? 10 : 22),
  mother: () => (id === "a" ? CHILD("c") : null),
  constructor: "built",
});

type Resolvers = Record<string, Record<string, unknown>>;

const CLINIC_RESOLVERS: Resolvers = {
  Query: {
    child: (_: unknown, { id }: { id: string }) => (id in NAMES ? CHILD(id) : null),
    children: () => ["a", "b", "a"].map(CHILD),
    few: (_: unknown, { first }: { first: number }) => {
      if (first > 2) throw new Error("too many");
      return ["a"].map(CHILD);
    },
    ward: () => [CHILD("a"), CHILD("nameless"), null],
    media: () => ({ __typename: "Film", id: "f", title: "Up", length: 96 }),
  },
  Mutation: { weigh: (_: unknown, { id }: { id: string }) => CHILD(id) },
  Child: { __resolveReference: ({ id }: { id: string }) => CHILD(id) },
};

const PHARMACY_RESOLVERS: Resolvers = {
  Child: {
    __resolveReference: (reference: object) => reference,
    dose: ({ weight }: { weight?: number }) => `${weight} ml`,
    parcel: ({ weight }: { weight?: number }) => `${weight} lb`,
    doses: ({ id }: { id: string }) => {
      if (id === "b") throw new Error("kept from the log");
      return [{ vaccine: "MMR", on: "2024-01-01" }];
    },
  },
  Media: { __resolveReference: (reference: object) => reference, rating: () => 5 },
};

interface Part extends Source {
  readonly asked: Question[];
  down: boolean;
}

function part(name: string, sdl: string, resolvers: Resolvers): Part {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never }); // Apollo's own type is narrower
  const made: Part = {
    name,
    sdl,
    asked: [],
    down: false,
    ready: async () => undefined,
    async ask(question) {
      made.asked.push(question);
      if (made.down) throw new Error("down");
      return execute({ schema, document: parse(question.query), variableValues: question.variables });
    },
  };
  return made;
}

const silent = () => undefined;
const LOGGER = { debug: silent, info: silent, warn: silent, error: silent };

let planner: Planner;
beforeAll(async () => {
  planner = new Planner(
    supergraphOf([
      { name: "clinic", sdl: CLINIC },
      { name: "pharmacy", sdl: PHARMACY },
    ]).supergraphSdl,
    LOGGER,
  );
  await planner.apollo.load();
});

function twoParts(wrapped: (source: Part) => Source = (source) => source) {
  const parts = [part("clinic", CLINIC, CLINIC_RESOLVERS), part("pharmacy", PHARMACY, PHARMACY_RESOLVERS)] as const;
  const uncovered: string[] = [];
  const asks = new Map(parts.map((each) => [each.name, askOf(wrapped(each), silent, 500)]));
  const executor = new Executor({ planner, asks, onUncovered: (why) => uncovered.push(why) });
  const operationOf = (query: string) => {
    const document = parse(query);
    const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
    if (operation === undefined) throw new Error("No operation.");
    return { document, operation };
  };
  return {
    clinic: parts[0],
    pharmacy: parts[1],
    uncovered,
    async ask(query: string, variables: Readonly<Record<string, unknown>> = {}) {
      const { document, operation } = operationOf(query);
      const kept = executor.known(query, undefined) ?? executor.keep(query, undefined, document, operation);
      return told(await executor.execute(kept, variables, { viewer: CLERK, traceId: "t" }));
    },
    code(query: string) {
      const { document, operation } = operationOf(query);
      return compile(
        planner.plan(document, operation, () => true),
        planner.schema,
        planner.supergraph,
      ).text;
    },
  };
}

function told(executed: Executed | Refused) {
  if ("refused" in executed) return { refused: executed.refused.map((error) => error.message) };
  return {
    data: JSON.parse(executed.data),
    failed: executed.errors.map(({ path }) => path?.join(".")),
  };
}

/** A source as it is from afar: asked in bytes, answering in bytes. */
const afar = (source: Part): Source => ({
  ...source,
  async post(body, { viewer, traceId }) {
    return Buffer.from(JSON.stringify(await source.ask({ ...JSON.parse(body), viewer, requestId: traceId })));
  },
});

test("what was refused at the root is told alone, though what stood beside it is lost with it", async () => {
  const { ask } = twoParts();
  expect(await ask("{ few(first: 9) { id } children { id } }")).toEqual({ data: null, failed: ["few"] });
  expect(await ask("{ a: few(first: 1) { id } b: few(first: 9) { id } }")).toEqual({ data: null, failed: ["b"] });
  expect(await ask('{ few(first: 9) { id } child(id: "a") { id } }')).toEqual({ data: null, failed: ["few"] });
});

test("the code of an operation can be read: what is asked of whom, of which entities, and what is written", async () => {
  const { code } = twoParts();
  expect(code("query Record($id: ID!) { child(id: $id) { name doses { vaccine } } }")).toBe(`// query Record: 2 fetches

// Asks clinic: query($id:ID!){child(id:$id){__typename id name}}
async function fetch0(run) {
  const answer = await run.ask(0, variables(run.variables, ["id"]));
  merge(run.data, answer, isInterface);
}

function key0(o) {
  switch (o.__typename) {
    case 'Child': return o.id === undefined ? null : '{"__typename":"Child","id":' + value(o.id) + '}';
    default: return null;
  }
}

function entities1(run) {
  const batch = new Batch();
  const v0 = run.data?.child;
  if (v0 != null) batch.add(v0, key0(v0));
  return batch;
}

// Asks pharmacy of each child: query($representations:[_Any!]!){_entities(representations:$representations){...on Child{doses{vaccine}}}}
async function fetch1(run, batch) {
  if (batch.isEmpty) return;
  const entities = await run.askOf(1, batch, variables(run.variables, [], batch.text));
  batch.merge(entities, isInterface);
}

async function sequence4(run, batch) {
  await fetch0(run);
  await fetch1(run, entities1(run));
}

const Vaccine_names = { __proto__: null, MMR: '"MMR"', HEXA: '"HEXA"' };

function Dose_2(o) {
  return '{"vaccine":' + named(o.vaccine, Vaccine_names)
    + '}';
}

function Child_1(o) {
  return '{"name":' + string(o.name)
    + ',"doses":' + (o.$1 ?? orNull(o.doses, (v) => list(v, Dose_2)))
    + '}';
}

function Query_0(o, run) {
  return '{"child":' + orNull(o.child, Child_1)
    + '}';
}

return {
  gather: async (run) => { await sequence4(run, null); },
  write: (run) => Query_0(run.data, run),
};
`);
});

describe.each([
  ["in this process", (source: Part): Source => source],
  ["from afar", afar],
])("Asked %s", (_, wrapped) => {
  const asked: readonly [what: string, query: string, data: unknown, failed?: readonly string[]][] = [
    ["a part's own names", '{ child(id: "a") { id called: name } }', { child: { id: "a", called: "Ada" } }],
    [
      "two values of a field that two others require",
      '{ child(id: "a") { dose parcel weight(unit: "KG") } }',
      { child: { dose: "10 ml", parcel: "22 lb", weight: 10 } },
    ],
    [
      "a name that every object has by birth",
      '{ child(id: "b") { constructor toString: name valueOf: dose } }',
      { child: { constructor: "built", toString: "Ben", valueOf: "10 ml" } },
    ],
    ["such a name on the way to an entity", '{ valueOf: child(id: "a") { dose } }', { valueOf: { dose: "10 ml" } }],
    ["what is not there", '{ child(id: "z") { name doses { on } } }', { child: null }],
    [
      "a field that fails for one entity that stands in the list",
      "{ children { name doses { vaccine } } }",
      {
        children: [
          { name: "Ada", doses: [{ vaccine: "MMR" }] },
          { name: "Ben", doses: null },
          { name: "Ada", doses: [{ vaccine: "MMR" }] },
        ],
      },
      ["children.1.doses"],
    ],
    [
      "a null where none may be, which takes its entry with it",
      "{ ward { id name } }",
      { ward: [{ id: "a", name: "Ada" }, null, null] },
      ["ward.1.name"],
    ],
    [
      "the schema beside the data",
      '{ __typename __type(name: "Dose") { name fields { name } } media { title } }',
      {
        __typename: "Query",
        __type: { name: "Dose", fields: [{ name: "vaccine" }, { name: "on" }] },
        media: { title: "Up" },
      },
    ],
    [
      "an interface that another part knows as one object",
      "{ media { __typename rating ... on Film { length } ... on Media { id } } }",
      { media: { __typename: "Film", rating: 5, length: 96, id: "f" } },
    ],
    ["nothing, for all is left out", '{ child(id: "a") @skip(if: true) { name } }', {}],
    ["an object of which all is left out", '{ child(id: "a") { name @include(if: false) } }', { child: {} }],
    ["a change", 'mutation { weigh(id: "a", grams: 1) { name dose } }', { weigh: { name: "Ada", dose: "10 ml" } }],
  ];
  test.each(asked)("%s", async (_what, query, data, failed = []) => {
    const { ask, uncovered } = twoParts(wrapped);
    expect(await ask(query)).toEqual({ data, failed });
    expect(uncovered).toEqual([]);
  });

  test("an entity that stands in a list twice is asked about once", async () => {
    const { ask, pharmacy } = twoParts(wrapped);
    await ask("{ children { dose } }");
    expect(pharmacy.asked.map(({ variables }) => variables?.representations)).toEqual([
      [
        { __typename: "Child", weight: 10, id: "a" },
        { __typename: "Child", weight: 10, id: "b" },
      ],
    ]);
  });

  test("what two places of an operation ask alike is asked once, and each has its own answer", async () => {
    const { ask, pharmacy } = twoParts(wrapped);
    const { data } = await ask(
      '{ one: child(id: "a") { doses { on } mother { doses { on } } } other: child(id: "a") { doses { on } } }',
    );
    const doses = [{ on: "2024-01-01" }];
    expect(data).toEqual({ one: { doses, mother: { doses } }, other: { doses } });
    expect(pharmacy.asked).toHaveLength(2);
  });

  test("a part that is down costs its own fields, at their places", async () => {
    const { ask, pharmacy } = twoParts(wrapped);
    pharmacy.down = true;
    expect(await ask('{ child(id: "a") { name dose doses { on } } }')).toEqual({
      data: { child: { name: "Ada", dose: null, doses: null } },
      failed: ["child.dose", "child.doses"],
    });
  });
});

test("a condition is decided before anything is planned: what is left out is not asked for", async () => {
  const { ask, pharmacy } = twoParts();
  const query = 'query ($with: Boolean!) { child(id: "a") { name doses @include(if: $with) { on } } }';
  expect(await ask(query, { with: false })).toEqual({ data: { child: { name: "Ada" } }, failed: [] });
  expect(pharmacy.asked).toEqual([]);
  expect(await ask(query, { with: true })).toMatchObject({ data: { child: { doses: [{ on: "2024-01-01" }] } } });
});

test("a variable of another kind is refused before anything is asked", async () => {
  const { ask, clinic } = twoParts();
  expect(await ask("query ($id: ID!) { child(id: $id) { name } }", { id: { x: 1 } })).toHaveProperty("refused");
  expect(clinic.asked).toEqual([]);
});

test("an operation that no part can answer is refused, not answered with nothing", async () => {
  const sources = [
    { name: "one", sdl: `${LINK} type Query { node: Node } interface Node @key(fields: "id") { id: ID! }` },
    {
      name: "other",
      sdl: `${LINK} type Node @interfaceObject @key(fields: "id", resolvable: false) { id: ID! field: String } type Query { other: Node }`,
    },
  ];
  const own = new Planner(supergraphOf(sources).supergraphSdl, LOGGER);
  await own.apollo.load();
  const document = parse("{ node { field } }");
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("No operation.");
  expect(() => own.plan(document, operation, () => true)).toThrow(
    new Problem("REQUEST_INVALID", { fault: "no source can answer what it asks for in node" }),
  );
});

describe("Too much at once", () => {
  test("waits its turn, and beyond all measure is turned away", async () => {
    let [running, most] = [0, 0];
    const { ask } = twoParts((source) => ({
      ...source,
      async ask(question) {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        return source.ask(question);
      },
    }));
    const asked = Array.from({ length: 600 }, () => ask("{ media { title } }").catch((fault: Problem) => fault.code));
    const answered = await Promise.all(asked);
    expect(most).toBe(12);
    expect(new Set(answered.filter((each) => typeof each === "string"))).toEqual(new Set(["OVERLOADED"]));
    expect(answered.filter((each) => typeof each !== "string").length).toBe(500);
  });

  test("is not what waits for a part that is slow: others are let in meanwhile", async () => {
    const { ask } = twoParts((source) => ({
      ...source,
      ask: (question) => (question.query.includes("children") ? new Promise(() => undefined) : source.ask(question)),
    }));
    const stuck = Array.from({ length: 12 }, () => ask("{ children { name } }"));
    expect(await ask("{ media { title } }")).toMatchObject({ data: { media: { title: "Up" } } });
    await Promise.all(stuck);
  });
});
