import type { FileKind, Rows } from "../../ingest/extracts/kinds";
import type { Viewer } from "../../schema/access";
import { demographics } from "../../subgraphs/demographics";
import { safeguarding } from "../../subgraphs/safeguarding";
import { eachDatabase } from "../databases";
import { ofWirral } from "../fixtures/extracts";
import { fileOf, inventedDose, lines, numberOf, type TestRoad, testRoad } from "../fixtures/road";

const CLERK: Viewer = {
  subject: "clerk",
  name: "Carys Penn",
  role: "CHILD_HEALTH_CLERK",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: [],
};

const ITEMS = `{ quarantine(first: 100) { edges { node { row kind candidates note raw reasons { code message } } } } }`;

eachDatabase((places) => {
  let road: TestRoad;
  let editions = 0;

  beforeAll(async () => {
    road = await testRoad(places, [demographics, safeguarding]);
  });
  afterAll(() => road.close());

  async function load<K extends FileKind>(kind: K, ...rows: readonly Partial<Rows[K]>[]) {
    editions += 1;
    const path = fileOf(road.folder, "WIRRAL", kind, lines("WIRRAL", kind, rows), `edition-${editions}`);
    await road.ingest.load({ locality: "WIRRAL", paths: [path] });
  }

  async function items() {
    const books = await road.books();
    const { data, errors } = await books.ask({ query: ITEMS, viewer: CLERK, requestId: "r" });
    const page = data?.quarantine as { edges: { node: Record<string, unknown> }[] };
    return { nodes: page.edges.map(({ node }) => node), codes: errors?.map(({ extensions }) => extensions.code) ?? [] };
  }

  const badDose = (n: number) => ({ ...inventedDose(ofWirral(n), 1), givenOn: "2019-01-01" });

  test("whose row is in quarantine, and what stands in it, is withheld of a restricted child alone", async () => {
    await load("CHILDREN", ofWirral(1), ofWirral(2, { restricted: true }));
    await load("DOSES", badDose(1), badDose(2));
    const { nodes, codes } = await items();
    expect(nodes).toHaveLength(2);
    const [open, hidden] = nodes.sort((a, b) => Number(a.row) - Number(b.row));
    expect(open).toMatchObject({ candidates: [], raw: expect.stringContaining(numberOf(1)) });
    expect(hidden).toMatchObject({ candidates: null, raw: null, note: null });
    expect(new Set(codes)).toEqual(new Set(["WITHHELD"]));
    expect(JSON.stringify(hidden)).not.toMatch(/CH41|Heron/);
  });

  test("that cannot be read is known by the numbers in it", async () => {
    await load("CHILDREN", ofWirral(2, { restricted: true, nhsNumber: "9991000000" }));
    const { nodes } = await items();
    const refused = nodes.filter(({ kind }) => kind === "CHILDREN");
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ candidates: null, raw: null });
    expect(JSON.stringify(refused)).not.toMatch(/P2|CH41|Heron/);
  });

  test("is shown again when the restriction is lifted", async () => {
    await load("CHILDREN", ofWirral(2, { restricted: false, amendedAt: "2025-03-02T09:00:00.000000000Z" }));
    const { nodes, codes } = await items();
    expect(nodes.map(({ raw }) => raw)).not.toContain(null);
    expect(codes).toEqual([]);
  });
});
