import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kind, parse } from "graphql";
import { Uncovered } from "../../chassis/answering";
import { compile } from "../../chassis/compile";
import { buildGraph, migrateSubgraph, startSubgraph } from "../../chassis/subgraph";
import type { Viewer } from "../../schema/access";
import { immunisations } from "../../subgraphs/immunisations";
import { screening } from "../../subgraphs/screening";

const GRAPH = buildGraph(screening);
const IMMUNISATIONS = buildGraph(immunisations);

function textOf(query: string, graph = GRAPH): string {
  const [operation] = parse(query).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("It is no operation.");
  return compile(graph, operation, new Map(), {}).text;
}

describe("An operation over a subgraph is compiled", () => {
  test("to code that reads like the resolvers it calls", () => {
    const text = textOf(
      "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Child { newbornHearing { outcome } } } }",
    );
    expect(text).toBe(`// NewbornHearing { outcome }
function NewbornHearing_3(o, way, run) {
  return {
    outcome: leafMust(o.outcome, as_NewbornHearingOutcome, run, way, "outcome", 2),
  };
}

// Child { newbornHearing }
async function Child_2(o, way, run) {
  const { guard } = run;
  const about = childOf("Child", o);
  if (!guard.knows(about)) await guard.learn(about);
  const VIEW_SCREENING = guard.bar("VIEW_SCREENING", about);
  const $newbornHearing = await one(VIEW_SCREENING !== undefined ? VIEW_SCREENING : attempt(() => ChildScreening.newbornHearing(o, run.context)));
  return {
    newbornHearing: orNull($newbornHearing, NewbornHearing_3, run, way, "newbornHearing", 1),
  };
}

async function _Entity_1(o, way, run) {
  switch (o.__typename) {
    case "Child": return Child_2(o, way, run);
    default: throw new Error("A value of _Entity is of none of its types.");
  }
}

// [_Entity] of Query._entities
async function list_3(v, way, run) {
  return together(each(v, "Query._entities", (o, at) => laterOrNull(o, _Entity_1, run, way, at, 0)));
}

// Query { _entities }
async function Query_0(o, way, run) {
  entitiesOf(run, 0, ["Child"]);
  const $$_entities = await laterMust(run.args(0).representations, list_3, run, way, "_entities", 0);
  return {
    _entities: $$_entities,
  };
}

return (run) => Query_0(undefined, undefined, run);
`);
  });

  test("to no promise for each thing of a child's record, where the child is known", () => {
    const text = textOf(
      "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Child { doses { givenAt { __typename } } } } }",
      IMMUNISATIONS,
    );
    expect(text).toMatch(
      /^function Dose_\d+\(o, way, run\) \{\n {2}const \{ guard \} = run;\n.*\n {2}if \(!guard\.knows\(about\)\) return guard\.learn/m,
    );
    expect(text).toMatch(/return perhapsTogether\(each\(v, "Child\.doses"/);
  });

  test("to an object of its own names, whatever they are called", () => {
    expect(textOf("{ __proto__: __typename constructor: __typename }")).toContain(
      '    ["__proto__"]: "Query",\n    constructor: "Query",\n',
    );
  });

  test("unless nothing is known of who answers it", () => {
    expect(() => textOf("{ _service { sdl } }")).toThrow(Uncovered);
  });

  test("and what is left to GraphQL's own execution says why, and is answered all the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "compile-"));
    const place = { file: join(folder, "screening.sqlite") };
    await migrateSubgraph(screening, place);
    const part = await startSubgraph(screening, { place });
    const viewer: Viewer = {
      subject: "t",
      name: "Tess Tonks",
      role: "CHILD_HEALTH_CLERK",
      organisation: null,
      localities: ["WIRRAL"],
      scopes: [],
    };
    const variables = { of: [{ __typename: "Nobody", id: "Child-0" }] };
    const query = "query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }";
    const { uncompiled, errors } = await part.ask({ query, variables, viewer, requestId: "t" });
    expect(uncompiled).toBe("It asks for entities that are none of this graph.");
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["INTERNAL"]);
    await part.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
