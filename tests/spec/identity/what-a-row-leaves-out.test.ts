import type { Rows } from "../../../ingest/extracts/kinds";
import { ofWirral, on, type Sending, sendingTo } from "../../fixtures/extracts";
import { numberOf } from "../../fixtures/road";
import { type Ask, type World, world } from "../../world";

let house: World;
let sending: Sending;
let clerk: Ask;

beforeAll(async () => {
  house = await world();
  sending = sendingTo(house);
  clerk = house.as("CHILD_HEALTH_CLERK");
});
afterAll(async () => {
  expect(await sending.unbalanced()).toEqual([]);
  await house.close();
});

const RECORD = `query ($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) {
  deceased diedOn restricted name { full }
  address { ... on Address { lines } ... on Withheld { reason } } practice { ... on Practice { odsCode } } school { urn }
  birth { mother { ... on Mother { nhsNumber } } }
} }`;

let children = 0;

type Row = Partial<Rows["CHILDREN"]>;

/** What is shown of a new child once Wirral's rows of it are loaded, a file each, in the order given. */
async function shownAfter(rows: readonly Row[]) {
  const n = children++;
  for (const row of rows) await sending.send("WIRRAL", "CHILDREN", ofWirral(n, row));
  const { data } = await clerk(RECORD, { nhsNumber: numberOf(n) });
  return data.child;
}

const SCHOOL = { schoolUrn: "105000", schoolName: "Heron Primary" };
const NOWHERE = { addressLine1: null, postcode: null, addressFrom: null };

describe("A row of a child index says all that its locality holds of the child", () => {
  test.each<[string, { told: Row; left: Row; before: object; after: object }]>([
    [
      "an emptied day of death takes the death back",
      {
        told: { diedOn: "2025-02-01" },
        left: { diedOn: null },
        before: { deceased: true, diedOn: "2025-02-01" },
        after: { deceased: false, diedOn: null },
      },
    ],
    [
      "an emptied school is no longer the child's",
      {
        told: SCHOOL,
        left: { schoolUrn: null, schoolName: null },
        before: { school: { urn: "105000" } },
        after: { school: null },
      },
    ],
    [
      "an emptied practice is no longer told",
      {
        told: { practice: "N85002" },
        left: { practice: null },
        before: { practice: { odsCode: "N85002" } },
        after: { practice: null },
      },
    ],
    [
      "an emptied address is no longer told",
      { told: {}, left: NOWHERE, before: { address: { lines: expect.anything() } }, after: { address: null } },
    ],
    [
      "an emptied mother's number is no longer told",
      {
        told: { motherNhsNumber: numberOf(500) },
        left: { motherNhsNumber: null },
        before: { birth: { mother: { nhsNumber: numberOf(500) } } },
        after: { birth: null },
      },
    ],
    [
      "a child no longer marked as restricted is restricted no more",
      {
        told: { restricted: true },
        left: { restricted: false },
        before: { restricted: true },
        after: { restricted: false },
      },
    ],
  ])("%s, whichever row is loaded first", async (_, { told, left, before, after }) => {
    const [earlier, later] = [
      { ...told, amendedAt: on(2) },
      { ...left, amendedAt: on(3) },
    ];
    expect(await shownAfter([earlier])).toMatchObject(before);
    expect(await shownAfter([earlier, later])).toMatchObject(after);
    expect(await shownAfter([later, earlier])).toMatchObject(after);
    // What comes back later is there again.
    expect(await shownAfter([earlier, later, { ...told, amendedAt: on(4) }])).toMatchObject(before);
  });

  test("but not what another locality tells of the same child", async () => {
    const n = children++;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n, { ...SCHOOL, diedOn: "2025-02-01", amendedAt: on(2) }));
    await sending.send(
      "WARRINGTON",
      "CHILDREN",
      ofWirral(n, { localId: `V${n}`, diedOn: "2025-02-01", amendedAt: on(2) }),
    );
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n, { amendedAt: on(3) }));
    const { data } = await clerk(RECORD, { nhsNumber: numberOf(n) });
    expect(data.child).toMatchObject({ deceased: true, diedOn: "2025-02-01", school: null });
  });

  test("a row that leaves out what was never told tells nothing more than before", async () => {
    const n = children++;
    const line = await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    const again = await sending.send("WIRRAL", "CHILDREN", ofWirral(n, { amendedAt: on(2) }));
    expect([line.events, again.events]).toEqual([5, 5]);
  });
});
