import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isUnionType,
} from "graphql";
import { buildGraph } from "../../chassis/subgraph";
import { supergraphOf } from "../../gateway";
import { DEFINITIONS } from "../../main";
import { PLACE_OF, PLACES } from "../../schema/places";

const built = DEFINITIONS.map((definition) => ({ name: definition.name, ...buildGraph(definition) }));
const api = buildSchema(supergraphOf(built).apiSdl);
const fields = fieldsOf(api);

describe("Where a child is, in the graph", () => {
  test("every field is marked as telling it or not: a new one is added to schema/places.ts", () => {
    const unmarked = fields.map(({ name }) => name).filter((name) => !PLACE_OF.has(name));
    expect(unmarked).toEqual([]);
  });

  test("no mark is of a field that is not there, and none is marked twice", () => {
    const there = new Set(fields.map(({ name }) => name));
    expect([...PLACE_OF.keys()].filter((name) => !there.has(name))).toEqual([]);
    const marks = Object.values(PLACES).flatMap((told) =>
      Object.values(told).flatMap((names: string) => names.trim().split(/\s+/)),
    );
    expect(marks.length).toBe(PLACE_OF.size);
  });

  test("every field that tells it is withheld by the guard, or has an answer that says it is withheld", () => {
    const guarded = new Set(
      built.flatMap(({ built: schema }) =>
        fieldsOf(schema).flatMap(({ name, field }) => (field.extensions.place === undefined ? [] : [name])),
      ),
    );
    const open = fields.filter(
      ({ name, type }) => PLACE_OF.get(name) === "place" && !guarded.has(name) && !members(type).includes("Withheld"),
    );
    expect(open.map(({ name }) => name)).toEqual([]);
    expect(guarded.size).toBeGreaterThan(20);
  });

  test("what the guard withholds is marked as telling it", () => {
    const withheld = built.flatMap(({ built: schema }) =>
      fieldsOf(schema).flatMap(({ name, field }) => (field.extensions.place === undefined ? [] : [name])),
    );
    expect(withheld.filter((name) => PLACE_OF.get(name) !== "place")).toEqual([]);
  });

  test("what stands behind such a field is reached through no other", () => {
    const behind = Object.entries(PLACES).filter(([, told]) => told.place === undefined && told.other === undefined);
    const roots = [api.getQueryType(), api.getMutationType(), api.getSubscriptionType()].map((type) => type?.name);
    const around = fields.filter(
      ({ name, parent, type }) =>
        behind.some(([behindIt]) => members(type).includes(behindIt)) &&
        PLACE_OF.get(name) === "other" &&
        !roots.includes(parent),
    );
    expect(behind.length).toBeGreaterThan(10);
    expect(around.map(({ name }) => name)).toEqual([]);
  });
});

function fieldsOf(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith("__")
      ? Object.values(type.getFields()).map((field) => ({
          name: `${type.name}.${field.name}`,
          parent: type.name,
          field,
          type: getNamedType(field.type),
        }))
      : [],
  );
}

function members(type: GraphQLNamedType): readonly string[] {
  return isUnionType(type) ? type.getTypes().map(({ name }) => name) : [type.name];
}
