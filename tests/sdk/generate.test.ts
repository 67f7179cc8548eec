import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripIgnoredCharacters } from "graphql";
import { trustedDocumentsOf } from "../../gateway/limits";
import { generateSdk } from "../../sdk/generate";
import { OPERATIONS } from "../../sdk/generated";

const SCHEMA = `
  scalar Date
  "What came of it."
  enum Outcome { CLEAR REFERRED }
  "Where a child is, or why that is not told."
  union Place = Address | Withheld
  type Address { lines: [String!]! }
  type Withheld { reason: String! }
  input Where { bornFrom: Date outcomes: [Outcome!] within: Within! }
  input Within { practices: [String] }
  type Child {
    id: ID!
    "The day of birth."
    bornOn: Date!
    weight: Int
    outcome: Outcome
    place: Place
    siblings: [Child!]
  }
  type Query { child(id: ID!): Child children(where: Where!, first: Int = 10): [Child!]! }
`;

/** The text of the type or interface of a name, up to its last brace. */
function declared(text: string, name: string): string {
  const start = text.search(new RegExp(`^export (type|interface) ${name}\\b`, "m"));
  return start < 0 ? "" : text.slice(start, text.indexOf("\n\n", start)).trim();
}

function generated(text: string): string {
  return generateSdk(SCHEMA, [{ name: "One.graphql", text }]);
}

test.each([
  [
    "null where the graph says so, a union of text for an enum",
    "query A { child(id: 1) { id bornOn weight outcome } }",
    `export type AResult = {
  readonly child: {
    readonly id: string;
    /** The day of birth. */
    readonly bornOn: string;
    readonly weight: number | null;
    readonly outcome: Outcome | null;
  } | null;
};`,
  ],
  [
    "a union of objects for a union, told apart by __typename",
    "query A { child(id: 1) { place { __typename ... on Address { lines } ... on Withheld { reason } } } }",
    `export type AResult = {
  readonly child: {
    readonly place: {
      readonly __typename: "Address";
      readonly lines: readonly string[];
    } | {
      readonly __typename: "Withheld";
      readonly reason: string;
    } | null;
  } | null;
};`,
  ],
  [
    "fields of fragments together with those beside them, under the names asked for",
    "query A { child(id: 1) { brothers: siblings { id } ...F } } fragment F on Child { brothers: siblings { weight } id }",
    `export type AResult = {
  readonly child: {
    readonly brothers: readonly ({
      readonly id: string;
      readonly weight: number | null;
    })[] | null;
    readonly id: string;
  } | null;
};`,
  ],
  [
    "what a variable may leave out as optional",
    "query A($w: Boolean!) { child(id: 1) { id weight @include(if: $w) ... @skip(if: $w) { bornOn } } }",
    `export type AResult = {
  readonly child: {
    readonly id: string;
    readonly weight?: number | null;
    /** The day of birth. */
    readonly bornOn?: string;
  } | null;
};`,
  ],
])("a result holds %s", (_, operation, expected) => {
  expect(
    declared(generated(operation), "AResult").replace(/readonly \(\{([\s\S]*?)\}\)\[\]/, "readonly ({$1})[]"),
  ).toBe(expected);
});

test("variables are required unless they may be null or have a default, and bring the inputs they are made of", () => {
  const text = generated(
    "query A($where: Where!, $first: Int! = 5, $id: ID) { children(where: $where, first: $first) { id } child(id: $id) { id } }"
      .replace("child(id: $id)", 'child(id: "1") { id } other: child(id: "2")')
      .replace(", $id: ID", ""),
  );
  expect(declared(text, "AVariables")).toBe(`export interface AVariables {
  readonly where: Where;
  readonly first?: number;
}`);
  expect(declared(text, "Where")).toBe(`export interface Where {
  readonly bornFrom?: string | null;
  readonly outcomes?: readonly Outcome[] | null;
  readonly within: Within;
}`);
  expect(declared(text, "Within")).toBe(`export interface Within {
  readonly practices?: readonly (string | null)[] | null;
}`);
});

test("an operation's comment is its method's, its document is without it, and its id is that document's", () => {
  const text = generated(
    "# One child.\n# Null where there is none.\nquery OneChild($id: ID!) { child(id: $id) { id } }\n",
  );
  expect(text).toContain("  /** One child. Null where there is none. */\n  oneChild(variables: OneChildVariables)");
  const document = "query OneChild($id: ID!) {\n  child(id: $id) {\n    id\n  }\n}";
  expect(text).toContain(`document: \`${document.replaceAll("$", "\\$")}\``);
  expect(text).toContain(createHash("sha256").update(stripIgnoredCharacters(document)).digest("hex"));
});

test("every fault is told at once, each with its file", () => {
  const files = [
    { name: "One.graphql", text: "query A { child(id: 1) { height } }" },
    { name: "Two.graphql", text: "{ children(where: {}) { id } }" },
    { name: "Three.graphql", text: "query A { child(id: 1) { id } }" },
  ];
  const fault = () => generateSdk(SCHEMA, files);
  expect(fault).toThrow(/^One\.graphql: Cannot query field "height" on type "Child"/m);
  expect(fault).toThrow(/^Two\.graphql: an operation has no name\.$/m);
  expect(fault).toThrow(/^Three\.graphql: A is an operation of another file too\.$/m);
});

test("the gateway knows each operation of the SDK by its text, its file and its id", () => {
  const folder = join(__dirname, "../../sdk/operations");
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const trusted = trustedDocumentsOf(files);
  expect(OPERATIONS).toHaveLength(files.length);
  for (const { name, id, document } of OPERATIONS) {
    expect([name, trusted.trusts(document)]).toEqual([name, true]);
    expect(trusted.find(id)).toMatch(new RegExp(`^(query|mutation|subscription) ${name}\\b`, "m"));
  }
});
