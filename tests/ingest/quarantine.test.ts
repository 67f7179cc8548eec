import type { Subgraph } from "../../chassis/subgraph";
import { writeMessage } from "../../ingest/fhir/write";
import type { Viewer } from "../../schema/access";
import { demographics } from "../../subgraphs/demographics";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { HEARING } from "../fixtures/messages";
import { fileOf, inventedChild, inventedDose, lines, numberOf, type TestRoad, testRoad } from "../fixtures/road";

const EAST = "EAST_CHESHIRE";

function clerk(fields: Partial<Viewer> = {}): Viewer {
  return {
    subject: "clerk-1",
    name: "Cleo Clerk",
    role: "CHILD_HEALTH_CLERK",
    organisation: null,
    localities: [EAST],
    scopes: [],
    ...fields,
  };
}

const ITEMS = `query ($where: QuarantineFilter, $first: Int, $after: String) {
  quarantine(where: $where, first: $first, after: $after) {
    edges { cursor node {
      id locality { code name } file kind row severity candidates raw openedAt resolvedAt decision decidedBy note
      reasons { code message whatToDo }
    } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;

const RESOLVE = `mutation ($id: ID!, $decision: QuarantineDecision!, $childId: ID, $note: String!) {
  resolveQuarantined(id: $id, decision: $decision, childId: $childId, note: $note) {
    id decision decidedBy note resolvedAt reasons { code }
  }
}`;

eachDatabase((places) => {
  let road: TestRoad;
  let books: Subgraph;
  beforeEach(async () => {
    road = await testRoad(places, [demographics, immunisations]);
    books = await road.books();
  });
  afterEach(() => road.close());

  // biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
  const ask = async (query: string, variables: object = {}, viewer = clerk()): Promise<any> => {
    const { data, errors } = await books.ask({
      query,
      variables: variables as Readonly<Record<string, unknown>>,
      viewer,
      requestId: "r1",
    });
    if (errors) return errors.map(({ message, extensions }) => `${extensions.code}: ${message}`);
    return JSON.parse(JSON.stringify(data));
  };
  const items = async (where: object = {}, viewer = clerk()) =>
    (await ask(ITEMS, { where, first: 100 }, viewer)).quarantine.edges.map((edge: { node: object }) => edge.node);
  const resolve = (id: string, decision: string, more: object = {}) =>
    ask(RESOLVE, { id, decision, note: "Asked the family.", ...more });
  const load = (kind: "CHILDREN" | "DOSES" | "FLAGS", rows: readonly object[], edition = "1") =>
    road.ingest.load({ locality: EAST, paths: [fileOf(road.folder, EAST, kind, lines(EAST, kind, rows), edition)] });
  const balanced = async () => (await road.ingest.reconcile(null)).flatMap((line) => line.faults);
  const standing = () =>
    road.rows(
      "immunisations",
      "select child_id, batch_number from dose where latest = 1 and withdrawn = 0 order by id",
    );
  const childOf = async (localId: string) =>
    (await road.rows("localities", `select child_id from local_number where local_id = '${localId}'`))[0]?.child_id;

  const ada = inventedChild(0);
  const ben = inventedChild(1);

  describe("The quarantine", () => {
    test("shows a clerk what was refused, why, and what to do", async () => {
      await load("CHILDREN", [ada, inventedChild(7, { nhsNumber: ada.nhsNumber })]);
      const [item] = await items();
      expect(item).toMatchObject({
        locality: { code: EAST, name: "East Cheshire" },
        file: "EC_ChildIndex.csv",
        kind: "CHILDREN",
        row: 2,
        severity: "BLOCKS_CHILD",
        candidates: [await childOf("P0")],
        openedAt: "2026-03-20T10:00:00.000Z",
        resolvedAt: null,
        reasons: [
          {
            code: "NHS_DUPLICATE",
            message: "The NHS number at row 2 is already held for a child whose name and date of birth both differ.",
            whatToDo: "Decide in the quarantine whether they are one child; neither is changed until then.",
          },
        ],
      });
      expect(item.raw).toContain("P7");
    });

    test("shows a clerk of another locality nothing of it, nor lets them decide", async () => {
      await load("DOSES", [inventedDose(ada, 1)]);
      const [item] = await items();
      const elsewhere = clerk({ localities: ["WIRRAL"] });
      expect(await items({}, elsewhere)).toEqual([]);
      expect(await ask(RESOLVE, { id: item.id, decision: "DISMISS", note: "n" }, elsewhere)).toEqual([
        "NOT_FOUND: There is no item of the quarantine with that id, or none you may know of.",
      ]);
      expect(await ask("{ loads { id } }", {}, elsewhere)).toEqual({ loads: [] });
    });

    test.each(["HEALTH_VISITOR", "ANALYST", "PARTNER_APP"] as const)("is not for a %s", async (role) => {
      const [refusal] = await ask(ITEMS, {}, clerk({ role }));
      expect(refusal).toMatch(/^NOT_PERMITTED/);
    });

    test("keeps the content of a safeguarding flag from clerks, who may not know it", async () => {
      const flag = { ...ada, rowId: "F1", kind: "LOOKED_AFTER_CHILD", startedOn: "2025-01-01" };
      await load("FLAGS", [flag]);
      expect(await items()).toMatchObject([{ kind: "FLAGS", raw: null, reasons: [{ code: "ORPHAN" }] }]);
    });

    test("is paged in the order of its opening, each item once", async () => {
      await load(
        "DOSES",
        Array.from({ length: 7 }, (_, n) => inventedDose(ada, n)),
      );
      const rows: number[] = [];
      let after: string | null = null;
      do {
        const { quarantine }: { quarantine: { edges: { node: { row: number } }[]; pageInfo: Record<string, never> } } =
          await ask(ITEMS, { first: 3, after });
        rows.push(...quarantine.edges.map(({ node }) => node.row));
        after = quarantine.pageInfo.hasNextPage ? (quarantine.pageInfo.endCursor ?? null) : null;
      } while (after !== null);
      expect(rows.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await ask(ITEMS, { first: 101 })).toEqual(["ARGUMENT_INVALID: first must be a number from 1 to 100."]);
      expect(await ask(ITEMS, { after: "nonsense" })).toEqual([
        "ARGUMENT_INVALID: after must be a cursor of this list.",
      ]);
    });

    test.each`
      where                          | shown
      ${{ kinds: ["DOSES"] }}        | ${["DOSES"]}
      ${{ reason: "NHS_DUPLICATE" }} | ${["CHILDREN"]}
      ${{ reason: "NHS" }}           | ${[]}
      ${{ localities: [EAST] }}      | ${["CHILDREN", "DOSES"]}
      ${{ localities: ["WIRRAL"] }}  | ${[]}
      ${{ load: "2" }}               | ${["DOSES"]}
      ${{ open: false }}             | ${[]}
      ${{ open: null }}              | ${["CHILDREN", "DOSES", "newborn-hearing-1"]}
    `("where $where it holds $shown", async ({ where, shown }) => {
      await load("CHILDREN", [ada, inventedChild(7, { nhsNumber: ada.nhsNumber })]);
      await load("DOSES", [inventedDose(ben, 1)]);
      await road.ingest.take([{ name: "1.xml", headers: {}, bytes: Buffer.from(writeMessage(HEARING)) }]);
      expect((await items(where)).map(({ kind }: { kind: string }) => kind).sort()).toEqual(shown);
    });
  });

  describe("A clerk decides", () => {
    test("RETRY: it is read again, and open still where nothing has changed", async () => {
      await load("DOSES", [inventedDose(ada, 1)]);
      const [{ id }] = await items();
      expect(await resolve(id, "RETRY")).toMatchObject({
        resolveQuarantined: { decision: null, resolvedAt: null, reasons: [{ code: "ORPHAN" }] },
      });
      expect(await balanced()).toEqual([]);
    });

    test("USE_CHILD: it is about the child named, and stays so when the row comes again", async () => {
      await load("CHILDREN", [ada]);
      const stray = inventedDose(ben, 1, { localId: null, nhsNumber: null });
      await load("DOSES", [stray]);
      const [{ id }] = await items();
      const childId = await childOf("P0");
      expect(await resolve(id, "USE_CHILD", { childId })).toMatchObject({
        resolveQuarantined: { decision: "USE_CHILD", decidedBy: "clerk-1", note: "Asked the family." },
      });
      expect(await standing()).toEqual([{ child_id: childId, batch_number: "B1" }]);
      const { lines: again } = await load("DOSES", [stray]);
      expect(again).toMatchObject([{ rowsQuarantined: 1, rowsRepeated: 1, balances: true }]);
      expect(await items()).toEqual([]);
      expect(await balanced()).toEqual([]);
    });

    test("NEW_CHILD: a second child under a number that is another's, whose doses then find it", async () => {
      const other = inventedChild(7, { nhsNumber: ada.nhsNumber });
      await load("CHILDREN", [ada, other]);
      await load("DOSES", [inventedDose(other, 1)]);
      expect(await items()).toMatchObject([
        { reasons: [{ code: "NHS_DUPLICATE" }] },
        { reasons: [{ code: "NHS_DUPLICATE" }] },
      ]);
      const [{ id }] = await items({ kinds: ["CHILDREN"] });
      await resolve(id, "NEW_CHILD");
      const childId = await childOf("P7");
      expect(childId).not.toBe(await childOf("P0"));
      expect(await standing()).toEqual([{ child_id: childId, batch_number: "B1" }]);
      expect(await items()).toEqual([]);
      const { lines: again } = await load("CHILDREN", [ada, other]);
      expect(again).toMatchObject([{ rowsYielding: 2, duplicate: 10 }]);
      expect(await balanced()).toEqual([]);
    });

    test("REPLACE: what was refused stands in place of what was held", async () => {
      await load("CHILDREN", [ada]);
      await load("DOSES", [inventedDose(ada, 1)]);
      const clash = inventedDose(ada, 1, { batchNumber: "RIGHT" });
      await load("DOSES", [clash], "2");
      const [{ id, raw }] = await items();
      expect(JSON.parse(raw)).toMatchObject({ type: "DoseRecorded", batchNumber: "RIGHT" });
      await resolve(id, "REPLACE");
      expect(await standing()).toMatchObject([{ batch_number: "RIGHT" }]);
      // The row that clashes says nothing new when it comes once more.
      await load("DOSES", [clash], "3");
      expect(await items()).toEqual([]);
      expect(await balanced()).toEqual([]);
    });

    test("DISMISS: nothing is applied, and the same row is no work again", async () => {
      await load("DOSES", [inventedDose(ada, 1)]);
      const [{ id }] = await items();
      await resolve(id, "DISMISS");
      await load("DOSES", [inventedDose(ada, 1)]);
      expect(await items()).toEqual([]);
      expect(await items({ open: false })).toMatchObject([{ decision: "DISMISS", note: "Asked the family." }]);
      // Nor does it come back when the child is told of after all.
      await load("CHILDREN", [ada]);
      expect(await standing()).toEqual([]);
      expect(await balanced()).toEqual([]);
    });

    test.each`
      decision       | more                     | says
      ${"USE_CHILD"} | ${{}}                    | ${"ARGUMENT_INVALID: childId must be a child's id."}
      ${"USE_CHILD"} | ${{ childId: "nobody" }} | ${"NOT_FOUND: There is no child with that id, or none you may know of."}
      ${"NEW_CHILD"} | ${{}}                    | ${"ARGUMENT_INVALID: decision must be one of the others, for only a child index row or a birth tells of a new child."}
      ${"REPLACE"}   | ${{}}                    | ${"ARGUMENT_INVALID: decision must be REPLACE only for a VERSION_CONFLICT."}
      ${"CORRECTED"} | ${{}}                    | ${"ARGUMENT_INVALID: decision must be one that a person may take."}
      ${"DISMISS"}   | ${{ note: " " }}         | ${"ARGUMENT_INVALID: note must be a reason in words."}
    `("not $decision $more: $says", async ({ decision, more, says }) => {
      await load("DOSES", [inventedDose(ada, 1)]);
      const [{ id }] = await items();
      expect(await resolve(id, decision, more)).toEqual([says]);
      expect(await items()).toHaveLength(1);
    });

    test("once only", async () => {
      await load("DOSES", [inventedDose(ada, 1)]);
      const [{ id }] = await items();
      await resolve(id, "DISMISS");
      expect(await resolve(id, "RETRY")).toEqual(["ARGUMENT_INVALID: id must be that of an open item."]);
    });

    test("and who decided is in the access log", async () => {
      await load("DOSES", [inventedDose(ada, 1)]);
      const [{ id }] = await items();
      await resolve(id, "DISMISS");
      const entries = await road.rows(
        "localities",
        "select subject, action, decision from access_entry order by sequence",
      );
      expect(entries).toContainEqual({ subject: "clerk-1", action: "RESOLVE_QUARANTINED", decision: "SHOWN" });
    });
  });

  describe("Merging", () => {
    const MERGE = `mutation ($childId: ID!, $into: ID, $note: String!) {
      mergeChildren(childId: $childId, into: $into, note: $note) { childId into }
    }`;
    const merge = (childId: unknown, into: unknown) => ask(MERGE, { childId, into, note: "One child, two records." });
    const parts = () =>
      road.rows(
        "immunisations",
        "select child_id, merged_into from register where merged_into is not null order by child_id",
      );

    test("makes one record of two, in every part, and is undone", async () => {
      await load("CHILDREN", [ada, ben]);
      const [a, b] = [await childOf("P0"), await childOf("P1")];
      expect(await merge(a, b)).toEqual({ mergeChildren: { childId: a, into: b } });
      expect(await parts()).toEqual([{ child_id: a, merged_into: b }]);
      expect(await balanced()).toEqual([]);
    });

    test("of a record that others are part of takes them along", async () => {
      await load("CHILDREN", [ada, ben, inventedChild(2)]);
      const [a, b, c] = [await childOf("P0"), await childOf("P1"), await childOf("P2")];
      await merge(a, b);
      await merge(b, c);
      expect((await parts()).map(({ merged_into }) => merged_into)).toEqual([c, c]);
      expect(await merge(c, a)).toEqual([
        "NOT_FOUND: There is no child, or no such merge, with that id, or none you may know of.",
      ]);
    });

    test("of children of another locality is refused as if there were none", async () => {
      await load("CHILDREN", [ada, ben]);
      const [a, b] = [await childOf("P0"), await childOf("P1")];
      const answer = await ask(MERGE, { childId: a, into: b, note: "n" }, clerk({ localities: ["WIRRAL"] }));
      expect(answer).toEqual(["NOT_FOUND: There is no child with that id, or none you may know of."]);
      expect(await parts()).toEqual([]);
    });
  });

  test("the loads say what became of each file, newest first", async () => {
    await load("CHILDREN", [ada, ben]);
    await load("DOSES", [inventedDose(ada, 1), inventedDose(inventedChild(9), 2)]);
    const loads = `{ loads(locality: EAST_CHESHIRE) {
      id locality { name } file kind finishedAt rowsRead rowsYielding rowsQuarantined events applied balances faults
    } }`;
    const shared = {
      locality: { name: "East Cheshire" },
      finishedAt: "2026-03-20T10:00:00.000Z",
      balances: true,
      faults: [],
    };
    expect(await ask(loads)).toEqual({
      loads: [
        {
          ...shared,
          id: "2",
          file: "EC_Immunisations.csv",
          kind: "DOSES",
          rowsRead: 2,
          rowsYielding: 1,
          rowsQuarantined: 1,
          events: 1,
          applied: 1,
        },
        {
          ...shared,
          id: "1",
          file: "EC_ChildIndex.csv",
          kind: "CHILDREN",
          rowsRead: 2,
          rowsYielding: 2,
          rowsQuarantined: 0,
          events: 10,
          applied: 10,
        },
      ],
    });
  });

  test("localities, local authorities and practices are known by their keys", async () => {
    const query = `query ($keys: [_Any!]!) {
      localities { code name phase legacySystem localAuthorities { code name } }
      _entities(representations: $keys) {
        ... on Practice { odsCode name postcode open locality { code } localAuthority { name } }
        ... on LocalAuthority { code name locality { code } }
      }
    }`;
    const keys = [
      { __typename: "Practice", odsCode: "N81013" },
      { __typename: "Practice", odsCode: "X99999" },
      { __typename: "LocalAuthority", code: "E08000015" },
    ];
    const answer = await ask(query, { keys }, clerk({ role: "ANALYST" }));
    expect(answer.localities).toHaveLength(6);
    expect(answer.localities[0]).toEqual({
      code: EAST,
      name: "East Cheshire",
      phase: 1,
      legacySystem: "EMIS-style child health module",
      localAuthorities: [{ code: "E06000049", name: "Cheshire East" }],
    });
    expect(answer._entities).toEqual([
      {
        odsCode: "N81013",
        name: "HIGH STREET SURGERY",
        postcode: "SK11 6JL",
        open: true,
        locality: { code: EAST },
        localAuthority: { name: "Cheshire East" },
      },
      { odsCode: "X99999", name: null, postcode: null, open: null, locality: null, localAuthority: null },
      { code: "E08000015", name: "Wirral", locality: { code: "WIRRAL" } },
    ]);
  });

  test("the road says nothing of a child in a problem: no number, no name", async () => {
    await load("CHILDREN", [ada, inventedChild(7, { nhsNumber: ada.nhsNumber })]);
    const said = JSON.stringify((await items()).map(({ reasons }: { reasons: object }) => reasons));
    for (const secret of [numberOf(0), "Hugo", "ExampleH"]) expect(said).not.toContain(secret);
  });
});
