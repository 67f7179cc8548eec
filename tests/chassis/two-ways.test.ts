/**
 * A subgraph answers an operation in two ways: by the function compiled of it, and by GraphQL's own execution. Random
 * operations over our own graph are asked both ways, in this process and over HTTP, for every role, of children that are
 * restricted, merged or missing; data, errors and what is written down of the asking must be the same.
 */

import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphQLObjectType, GraphQLSchema, isObjectType, Kind, parse, print, validate } from "graphql";
import { ACCESS_LOG } from "../../chassis/audit";
import { type Database, openDatabase } from "../../chassis/database";
import type { Answered } from "../../chassis/operations";
import { passportsOf } from "../../chassis/passport";
import {
  buildGraph,
  migrateSubgraph,
  reachSubgraph,
  type Subgraph,
  type SubgraphDefinition,
  serveSubgraph,
  startSubgraph,
} from "../../chassis/subgraph";
import { ROLES, type Role, type Viewer } from "../../schema/access";
import type { Event } from "../../schema/events";
import { demographics } from "../../subgraphs/demographics";
import { immunisations } from "../../subgraphs/immunisations";
import { safeguarding } from "../../subgraphs/safeguarding";
import { screening } from "../../subgraphs/screening";
import { inventedOperations } from "../gateway/invented-graph";
import { child, event } from "../world";

const NOW = () => Date.parse("2026-06-01T10:00:00Z");
/** Of each part, as each role. */
const ASKED = 12;
const PASSPORTS = passportsOf("a key for tests", NOW);

/** Invented; the last was merged into the first, and of the one before it nobody ever told. */
const CHILDREN = ["Child-0", "Child-1", "Child-2", "Child-3"];
const NUMBERS = ["9990000018", "9990000026", "9990000034"];
const TOLD: readonly Event[] = [
  ...child("Child-0", { nhsNumber: NUMBERS[0], bornOn: "2026-03-05" }),
  ...child("Child-1", { nhsNumber: NUMBERS[1], given: "Ben", bornOn: "2019-03-05", restricted: true }),
  ...child("Child-3", { given: "Ada", bornOn: "2026-03-05" }),
  event("ChildrenMerged", "Child-3", { into: "Child-0" }),
  ...["Child-0", "Child-1", "Child-3"].flatMap((childId, at) => facts(childId, at)),
];

/** A little of what is kept of a child. */
function facts(childId: string, at: number): Event[] {
  return [
    event("NewbornHearingRecorded", childId, {
      outcome: at === 1 ? "UNCLASSIFIED" : "CLEAR_NO_FOLLOW_UP",
      outcomeCode: "276781000000109",
      screenedOn: "2026-03-06",
      outcomeSetAt: null,
      provider: "RBL",
      comment: null,
      tests: [],
    }),
    event("DoseRecorded", childId, {
      source: { system: "WIRRAL", id: `dose-${childId}` },
      vaccine: "MENB",
      procedureCode: null,
      productCode: null,
      givenOn: `2026-05-0${at + 1}`,
      precision: "DAY",
      doseNumber: null,
      site: null,
      route: null,
      batchNumber: "B1",
      expiresOn: null,
      manufacturer: null,
      amountMillilitres: 0.5,
      givenBy: null,
      organisation: "N85002",
      place: null,
      primarySource: true,
    }),
    event("SafeguardingFlagRecorded", childId, {
      kind: "CHILD_PROTECTION_PLAN",
      startedOn: "2026-04-01",
      endedOn: null,
      localAuthority: "E08000015",
      officePhone: null,
      emergencyDutyPhone: null,
    }),
  ];
}

const WAYS = ["compiled", "by GraphQL's own execution", "compiled, over HTTP"] as const;

/** A part, started once for each way over facts of its own. */
interface Part {
  readonly definition: SubgraphDefinition;
  readonly schema: GraphQLSchema;
  readonly ways: readonly { readonly subgraph: Subgraph; readonly database: Database }[];
}

const folder = mkdtempSync(join(tmpdir(), "two-ways-"));
const parts: Part[] = [];
const opened: { close(): Promise<unknown> }[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  for (const definition of [demographics, immunisations, safeguarding, screening])
    parts.push({ definition, schema: buildGraph(definition).schema, ways: await waysOf(definition) });
});

afterAll(async () => {
  for (const each of opened.reverse()) await each.close();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function waysOf(definition: SubgraphDefinition): Promise<Part["ways"]> {
  const ways: { subgraph: Subgraph; database: Database }[] = [];
  for (const way of WAYS) {
    const place = { file: join(folder, `${definition.name}-${ways.length}.sqlite`) };
    await migrateSubgraph(definition, place);
    const started = await startSubgraph(definition, { place, now: NOW, compiles: way !== WAYS[1] });
    const database = await openDatabase(definition.name, place);
    opened.push(started, database);
    await started.deliver({ number: 1, events: TOLD });
    ways.push({ subgraph: way === WAYS[2] ? await overHttp(definition, started) : started, database });
  }
  return ways;
}

async function overHttp(definition: SubgraphDefinition, started: Subgraph): Promise<Subgraph> {
  const server = await serveSubgraph(started, { host: "127.0.0.1", port: 0, passports: PASSPORTS });
  servers.push(server);
  const { port } = server.address() as AddressInfo; // it listens
  const reached = reachSubgraph(definition, { url: `http://127.0.0.1:${port}`, passports: PASSPORTS });
  opened.push(reached);
  return reached;
}

function viewerOf(role: Role): Viewer {
  const scopes = ["identity:read", "place:read", "screening:read", "immunisations:read", "children:list"];
  return { subject: "t", name: "Tess Tonks", role, organisation: "N85002", localities: ["WIRRAL"], scopes };
}

interface Shown {
  readonly path: string;
  readonly message: string;
  readonly extensions: unknown;
}

/**
 * What an answer says. Errors are in no order. Where a fault costs a value that many fields are of, GraphQL leaves open
 * which of their faults are told beside it: then only that there are some.
 */
function said({ data = null, errors = [] }: Answered) {
  const plain = JSON.parse(JSON.stringify({ data, errors })) as {
    readonly data: unknown;
    readonly errors: readonly { message: string; path?: readonly (string | number)[]; extensions: unknown }[];
  };
  const told = plain.errors.map(({ path = [], message, extensions }): Shown & { readonly lost: string | null } => {
    return { path: path.join("."), message, extensions, lost: lostAt(plain.data, path) };
  });
  const apart = told.filter(({ lost }) => lost === null).map(({ lost: _, ...shown }) => JSON.stringify(shown));
  const places = told.flatMap(({ lost }) => lost ?? []);
  return { data: plain.data, errors: apart.sort(), lost: [...new Set(places)].sort() };
}

/** The place of the value that is null where the one of a path would stand in it; null where it is there. */
function lostAt(data: unknown, path: readonly (string | number)[]): string | null {
  let at = data;
  for (const [length, key] of path.entries()) {
    if (at === null || at === undefined) return path.slice(0, length).join(".");
    at = (at as Readonly<Record<string | number, unknown>>)[key];
  }
  return null;
}

/** What was written down of each request, without what differs from one asking to the next. */
async function audited(database: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await database.rows(
    database.statement<Record<string, unknown>>(({ from }) => from(ACCESS_LOG), ACCESS_LOG.columns),
  );
  const byRequest = new Map<string, string[]>();
  for (const { sequence: _sequence, at: _at, previous: _previous, hash: _hash, ...entry } of rows) {
    const requestId = String(entry.requestId);
    byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), JSON.stringify(entry)].sort());
  }
  return byRequest;
}

const TEXTS = {
  NhsNumber: NUMBERS,
  Date: ["2026-03-05", "2019-03-05", "2026-06-01"],
  Instant: ["2026-06-01T10:00:00.000Z"],
  OdsCode: ["N85002", "N81001"],
};

/** Random operations of a part: half at its root, half about its entities, as the gateway asks. */
function* operationsOf(schema: GraphQLSchema, seed: number) {
  const { _entities, _service, ...roots } = schema.getQueryType()?.toConfig().fields ?? {};
  const child = schema.getType("Child");
  const fields = isObjectType(child) ? { ...roots, entity: { type: child } } : roots;
  const query = new GraphQLObjectType({ name: "Query", fields });
  const types = schema.toConfig().types.filter(({ name }) => name !== "Query");
  const next = inventedOperations(new GraphQLSchema({ ...schema.toConfig(), types, query }), seed, TEXTS);
  for (let asked = 0; asked < ASKED; ) {
    const { query: invented, variables } = next();
    const [operation] = parse(invented).definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION || invented.length > 4_000) continue;
    const { selections } = operation.selectionSet;
    const isEntity = (each: (typeof selections)[number]) =>
      each.kind === Kind.FIELD && each.name.value === "entity" && each.selectionSet !== undefined;
    const entity = selections.find(isEntity);
    const others = selections.filter((each) => each.kind === Kind.FIELD && each.name.value !== "entity");
    const inside = entity !== undefined && "selectionSet" in entity ? entity.selectionSet : undefined;
    const about =
      inside === undefined ? "" : `_entities(representations: $of) { __typename ... on Child ${print(inside)} }`;
    const text = `query ($yes: Boolean! = true, $no: Boolean!, $of: [_Any!]! = []) { ${about} ${asked % 2 ? others.map(print).join(" ") : ""} y: __typename @skip(if: $no) z: __typename @include(if: $yes) }`;
    const question = inside === undefined ? text.replace(", $of: [_Any!]! = []", "") : text;
    if (validate(schema, parse(question)).length > 0) continue;
    asked += 1;
    const of = CHILDREN.slice(asked % 2).map((id) => ({ __typename: "Child", id }));
    yield { query: question, variables: inside === undefined ? variables : { ...variables, of } };
  }
}

describe("A subgraph answers the same in whatever way it is asked", () => {
  test.each(Object.keys(ROLES) as Role[])("as %s", async (role) => {
    const viewer = viewerOf(role);
    for (const { schema, ways } of parts) {
      const questions = [...operationsOf(schema, Number(process.env.DIFFERENTIAL_SEED ?? 1) + role.length)];
      const whole: boolean[] = [];
      for (const [at, question] of questions.entries()) {
        const answers = [];
        for (const { subgraph } of ways) {
          const answered = await subgraph.ask({ ...question, viewer, requestId: `${role}-${at}` });
          answers.push({ question, ...said(answered) });
          if (subgraph === ways[0]?.subgraph) expect({ question, ...answered }).not.toHaveProperty("uncompiled");
        }
        expect(answers[0]).toEqual(answers[1]);
        expect(answers[2]).toEqual(answers[1]);
        whole.push(answers[1]?.lost.length === 0);
      }
      const [compiled, byGraphql, overHttp] = await Promise.all(ways.map(({ database }) => audited(database)));
      for (const [at, question] of questions.entries()) {
        // Once a value is lost GraphQL's execution answers, though fields of it are still being asked: those it writes down late.
        if (!whole[at]) continue;
        const entriesOf = (all?: ReadonlyMap<string, readonly string[]>) => ({
          question,
          entries: all?.get(`${role}-${at}`) ?? [],
        });
        expect(entriesOf(compiled)).toEqual(entriesOf(byGraphql));
        expect(entriesOf(overHttp)).toEqual(entriesOf(byGraphql));
      }
    }
  });
});
