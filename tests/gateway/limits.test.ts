import { buildSchema, Kind, parse } from "graphql";
import { excess, nestsTooDeep, trustedDocumentsOf } from "../../gateway/limits";

const SCHEMA = buildSchema(`
  type Query { child: Child children(first: Int): Connection! }
  type Connection { edges: [Edge!]! }
  type Edge { node: Child! }
  type Child { name: String mother: Child doses: [Dose!] notes(first: Int): Connection }
  type Dose { vaccine: String givenOn: String }
`);

function measured(query: string, variables: Readonly<Record<string, unknown>> = {}): string | null {
  const document = parse(query);
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error("The test has no operation.");
  return excess(SCHEMA, document, operation, variables);
}

const nested = (levels: number) => `${"{ mother ".repeat(levels)}{ name }${" }".repeat(levels)}`;
const times = (count: number, made: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => made(at)).join(" ");
const paged = (first: string) => `children(first: ${first}) { edges { node { name doses { vaccine givenOn } } } }`;

test.each([
  ["a record of one child", "{ child { name doses { vaccine } } }", {}, null],
  ["fifteen levels", `{ child ${nested(13)} }`, {}, null],
  ["sixteen levels", `{ child ${nested(14)} }`, {}, "it nests 16 fields deep; 15 are allowed"],
  [
    "sixteen levels by fragments",
    `{ child { ...A } } fragment A on Child { mother { ... on Child ${nested(13)} } }`,
    {},
    "it nests 16 fields deep; 15 are allowed",
  ],
  ["twenty root fields", `{ ${times(20, (at) => `c${at}: child { name }`)} }`, {}, null],
  [
    "101 root fields",
    `{ ${times(101, (at) => `c${at}: __typename`)} }`,
    {},
    "it asks for 101 root fields; 20 are allowed",
  ],
  ["one field 500 times", `{ ${times(500, () => "__typename")} }`, {}, "it asks for 500 root fields; 20 are allowed"],
  [
    "root fields through a fragment",
    `{ ...A ...A ...A } fragment A on Query { ${times(7, () => "__typename")} }`,
    {},
    "it asks for 21 root fields; 20 are allowed",
  ],
  ["61 aliases", `{ child { ${times(61, (at) => `n${at}: name`)} } }`, {}, "it has 61 aliases; 60 are allowed"],
  ["a page of 100", `{ ${paged("100")} }`, {}, null],
  ["a page of 100 by a variable", `query A($n: Int) { ${paged("$n")} }`, { n: 100 }, null],
  [
    "a page of 10,000",
    `{ ${paged("10000")} }`,
    {},
    "it may answer 140001 fields; 50000 are allowed: ask for fewer at a time",
  ],
  [
    "a page of 10,000 by a variable",
    `query A($n: Int) { ${paged("$n")} }`,
    { n: 10_000 },
    "it may answer 140001 fields; 50000 are allowed: ask for fewer at a time",
  ],
  [
    "a page of 10,000 by a variable's default",
    `query A($n: Int = 10000) { ${paged("$n")} }`,
    {},
    "it may answer 140001 fields; 50000 are allowed: ask for fewer at a time",
  ],
  [
    "pages within pages",
    "{ children(first: 100) { edges { node { notes(first: 100) { edges { node { name } } } } } } }",
    {},
    null,
  ],
  [
    "pages within pages within pages",
    "{ children(first: 50) { edges { node { notes(first: 50) { edges { node { notes(first: 50) { edges { node { name } } } } } } } } } }",
    {},
    "it may answer 382651 fields; 50000 are allowed: ask for fewer at a time",
  ],
])("%s", (_, query: string, variables, fault) => {
  expect(measured(query, variables)).toBe(fault);
});

test("fragments that double twenty-six times are weighed at once", () => {
  const doubling = times(26, (at) => `fragment F${at} on Child { ...F${at + 1} ...F${at + 1} }`);
  const started = performance.now();
  expect(measured(`{ child { ...F0 } } ${doubling} fragment F26 on Child { name }`)).toMatch(
    /it may answer 67108865 fields/,
  );
  expect(performance.now() - started).toBeLessThan(200);
});

test.each([
  ["sixty levels of fields", "{a".repeat(60) + "}".repeat(60), false],
  ["sixty-five levels of fields", "{a".repeat(65) + "}".repeat(65), true],
  ["inline fragments within each other", `{${"... on Query {".repeat(400)} a ${"}".repeat(401)}`, true],
  ["lists within each other", `{ a(x: ${"[".repeat(5_000)} `, true],
  ["many fields side by side", `{ ${"a { b } ".repeat(500)} }`, false],
  ["brackets in a string", `{ a(x: "${"{".repeat(500)} \\" ${"{".repeat(500)}") }`, false],
  ["brackets in a block string", `{ a(x: """${"{".repeat(500)} \\""" " ${"{".repeat(500)}""") }`, false],
  ["brackets in a comment", `# ${"{".repeat(500)}\n{ a }`, false],
])("%s", (_, query, deep) => {
  expect(nestsTooDeep(query)).toBe(deep);
});

describe("a registered document", () => {
  const registered = "query A($id: ID!) { a(id: $id) { ...F ...G } } fragment F on A { x } fragment G on A { y }";
  const trusted = trustedDocumentsOf([registered]);

  test.each([
    ["as it is", registered, true],
    ["with other spacing and comments", `# why\n${registered.replaceAll(" ", "\n  ")}`, true],
    [
      "with its fragments in another order",
      `fragment G on A { y } ${registered.replace(" fragment G on A { y }", "")}`,
      true,
    ],
    ["with one field more", registered.replace("{ x }", "{ x z }"), false],
    ["with another argument", registered.replace("id: $id", "id: 1"), false],
    ["under another name", registered.replace("query A", "query B"), false],
    ["cut off", registered.slice(0, -1), false],
    ["of nothing", "", false],
  ])("%s", (_, text, is) => {
    expect(trusted.trusts(text)).toBe(is);
  });
});
