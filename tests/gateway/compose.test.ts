import { buildSchema } from "graphql";
import { supergraphOf } from "../../gateway";
import { Problem } from "../../schema/errors";
import { PEOPLE, SCREENING } from "./two-sources";

const PARTS = [
  { name: "people", sdl: PEOPLE },
  { name: "screening", sdl: SCREENING },
];

test("the public graph holds every part's fields with their descriptions, and nothing of federation", () => {
  const { apiSdl } = supergraphOf(PARTS);
  const child = buildSchema(apiSdl).getType("Child")?.toConfig();
  expect(Object.keys(child && "fields" in child ? child.fields : {})).toEqual([
    "ears",
    "hearing",
    "id",
    "name",
    "siblings",
  ]);
  expect(apiSdl).toContain('"""What the child is called."""');
  expect(apiSdl).not.toMatch(/@key|@link|@join__|join__|_entities|_service|federation/);
});

test("the same parts in another order are the same graph, to the letter", () => {
  expect(supergraphOf([...PARTS].reverse())).toEqual(supergraphOf(PARTS));
});

test.each([
  [
    "disagree on a field's type",
    SCREENING.replace("id: ID!", "id: ID! name: Int!"),
    [/Child\.name/, /"people"/, /"screening"/],
  ],
  ["have a key that does not exist", SCREENING.replace('"id"', '"number"'), [/\[screening\]/, /"Child"|number/]],
  ["are no SDL", "type {", [/\[screening\]/, /Syntax Error/]],
])("parts that %s do not compose, and the message says where", (_, sdl, said) => {
  const composing = () =>
    supergraphOf([
      { name: "people", sdl: PEOPLE },
      { name: "screening", sdl },
    ]);
  expect(composing).toThrow(Problem);
  for (const each of said) expect(composing).toThrow(each);
});
