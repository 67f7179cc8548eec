import { Field, ObjectType, Query, Resolver } from "type-graphql";
import { Guarded } from "../../chassis/guard";
import { buildGraph, type SubgraphDefinition } from "../../chassis/subgraph";
import { DEFINITIONS } from "../../main";
import { ACTIONS, EVENT_ACTIONS, POLICY } from "../../schema/access";
import { EVENT_TYPES } from "../../schema/events";

@ObjectType({ description: "Something." })
class Something {
  @Field(() => String, { description: "A word." })
  word!: string;
}

@Resolver()
class Open {
  @Query(() => Something, { description: "Something for anybody." })
  something(): Something {
    return { word: "hello" };
  }
}

@Resolver()
class Shut {
  @Query(() => Something, { description: "Something for some." })
  @Guarded("VIEW_REFERENCE")
  anything(): Something {
    return { word: "hello" };
  }
}

const NOTHING: Omit<SubgraphDefinition, "resolvers"> = {
  name: "something",
  types: [],
  entities: {},
  facts: {},
  migrations: [],
  reads: () => ({}),
};

describe("What nobody has said who may see", () => {
  test("keeps a subgraph from starting: a query", () => {
    expect(() => buildGraph({ ...NOTHING, resolvers: [Open] })).toThrow("fields without @Guarded: Query.something");
    expect(() => buildGraph({ ...NOTHING, resolvers: [Shut] })).not.toThrow();
  });

  test("keeps a subgraph from starting: a type of event", () => {
    const follows = ["SecretTold"] as unknown as SubgraphDefinition["follows"];
    expect(() => buildGraph({ ...NOTHING, resolvers: [Shut], follows })).toThrow("does not classify: SecretTold");
  });

  test("is no type of event there is", () => expect(Object.keys(EVENT_ACTIONS)).toEqual(Object.keys(EVENT_TYPES)));

  test("is no action: each has a role, and every action is asked for by some field or kind of event", () => {
    const asked = new Set<string>(Object.values(EVENT_ACTIONS));
    for (const definition of DEFINITIONS) {
      const { built } = buildGraph(definition);
      for (const type of Object.values(built.getTypeMap())) {
        if (!("getFields" in type)) continue;
        for (const field of Object.values(type.getFields())) asked.add(String(field.extensions.guarded));
      }
    }
    expect(ACTIONS.filter((action) => Object.keys(POLICY[action].roles).length === 0)).toEqual([]);
    expect(ACTIONS.filter((action) => !asked.has(action))).toEqual([]);
  });
});
