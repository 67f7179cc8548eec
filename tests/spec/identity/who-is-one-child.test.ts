import type { Rows } from "../../../ingest/extracts/kinds";
import { ofWirral, on, type Sending, sendingTo } from "../../fixtures/extracts";
import { inventedDose, numberOf } from "../../fixtures/road";
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

let children = 0;
/** A new child as Wirral tells of it. */
const aChild = (fields: Partial<Rows["CHILDREN"]> = {}) => ofWirral(children++, fields);
const inWirral = (...rows: readonly Partial<Rows["CHILDREN"]>[]) => sending.send("WIRRAL", "CHILDREN", ...rows);
const inWarrington = (...rows: readonly Partial<Rows["CHILDREN"]>[]) => sending.send("WARRINGTON", "CHILDREN", ...rows);

const CHILD = `query ($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) {
  id nhsNumber supersededNhsNumbers name { given family } status locality { code }
  address { ... on Address { lines } } doses { givenOn } provenance { system { ... on SourceSystem { code } } }
} }`;
const childOf = async (nhsNumber: string | null | undefined, ask: Ask = clerk) =>
  (await ask(CHILD, { nhsNumber })).data.child;

const OPEN = `{ quarantine { edges { node {
  id kind row severity candidates reasons { code } locality { code }
} } } }`;
interface Item {
  readonly id: string;
  readonly candidates: readonly string[];
  readonly reasons: readonly { readonly code: string }[];
}
/** What waits for a person now and did not when this was last asked. */
const seen = new Set<string>();
async function newlyRefused(): Promise<readonly Item[]> {
  const { data } = await clerk(OPEN);
  const items: Item[] = data.quarantine.edges.map((edge: { node: Item }) => edge.node);
  const fresh = items.filter(({ id }) => !seen.has(id));
  for (const { id } of fresh) seen.add(id);
  return fresh;
}
const codesOf = (items: readonly Item[]) => items.map(({ reasons }) => reasons.map(({ code }) => code).join());

const RESOLVE = `mutation ($id: ID!, $decision: QuarantineDecision!, $childId: ID) {
  resolveQuarantined(id: $id, decision: $decision, childId: $childId, note: "Asked the family.") { resolvedAt decidedBy }
}`;
const MERGE = `mutation ($childId: ID!, $into: ID) {
  mergeChildren(childId: $childId, into: $into, note: "One family, one child.") { childId into }
}`;

describe("A child known to two localities", () => {
  test("by one NHS number is one child, with what each of them tells", async () => {
    const ada = aChild();
    await inWirral(ada);
    await inWarrington({
      ...ada,
      localId: "V1",
      addressLine1: "2 Mill Lane",
      addressFrom: "2024-01-01",
      amendedAt: on(3),
    });
    await sending.send("EAST_CHESHIRE", "DOSES", inventedDose({ ...ada, localId: null }, 1));
    const shown = await childOf(ada.nhsNumber);
    expect(shown.provenance.map((each: { system: { code: string } }) => each.system.code)).toEqual([
      "WARRINGTON",
      "WIRRAL",
    ]);
    expect(shown).toMatchObject({ address: { lines: ["2 Mill Lane"] }, doses: [{ givenOn: "2024-02-03" }] });
  });

  test("who moved from one to the other is the second's, and no longer the first's", async () => {
    const ben = aChild();
    await inWirral({ ...ben, residence: "MOVED_OUT", amendedAt: on(2) });
    await inWarrington({ ...ben, localId: "V2", practice: "N81007", practiceFrom: "2025-02-01", amendedAt: on(2) });
    const [wirral, warrington] = (["WIRRAL", "WARRINGTON"] as const).map((code) =>
      house.as("CHILD_HEALTH_CLERK", { localities: [code] }),
    );
    expect(await childOf(ben.nhsNumber, warrington)).toMatchObject({
      locality: { code: "WARRINGTON" },
      status: "RESIDENT",
    });
    expect(await childOf(ben.nhsNumber, wirral)).toBeNull();
  });

  test("the second of which has no NHS number is found by name, date of birth and postcode", async () => {
    const cy = aChild();
    await inWirral(cy);
    await inWarrington({
      ...cy,
      localId: "V3",
      nhsNumber: null,
      nhsNumberStatus: null,
      familyName: cy.familyName?.toUpperCase(),
    });
    expect(await newlyRefused()).toEqual([]);
    expect((await childOf(cy.nhsNumber)).provenance).toHaveLength(2);
  });
});

describe("Twins", () => {
  const born = { familyName: "Twin", bornOn: "2022-06-07" };

  test("are two children, however much they share", async () => {
    const [one, other] = [aChild({ ...born, givenNames: "Dot" }), aChild({ ...born, givenNames: "Eve" })];
    await inWirral(one, other);
    const [dot, eve] = [await childOf(one.nhsNumber), await childOf(other.nhsNumber)];
    expect([dot.name.given, eve.name.given]).toEqual(["Dot", "Eve"]);
    expect(dot.id).not.toBe(eve.id);
  });

  test("of whom one is told without a number are not taken for each other", async () => {
    const [fay, gus] = [
      aChild({ ...born, bornOn: "2022-06-08", givenNames: "Fay" }),
      aChild({ ...born, bornOn: "2022-06-08", givenNames: "Gus" }),
    ];
    await inWirral(fay);
    await inWarrington({ ...gus, localId: "V4", nhsNumber: null, nhsNumberStatus: null });
    expect(await newlyRefused()).toEqual([]);
    expect((await childOf(fay.nhsNumber)).provenance).toHaveLength(1);
  });

  test("under one number by mistake wait for a person, with the child who has it", async () => {
    const [hal, ivy] = [
      aChild({ ...born, bornOn: "2022-06-09", givenNames: "Hal" }),
      aChild({ ...born, bornOn: "2022-06-09", givenNames: "Ivy" }),
    ];
    await inWirral(hal, { ...ivy, nhsNumber: hal.nhsNumber });
    const refused = await newlyRefused();
    expect(codesOf(refused)).toEqual(["AMBIGUOUS_MATCH"]);
    expect(refused[0]?.candidates).toEqual([(await childOf(hal.nhsNumber)).id]);
    expect((await childOf(hal.nhsNumber)).name.given).toBe("Hal");
  });
});

describe("An NHS number", () => {
  test("that was replaced finds the child under the new one, and is not shown as the child's", async () => {
    const jo = aChild();
    const former = numberOf(901);
    await inWirral({ ...jo, nhsNumber: former });
    await inWirral({ ...jo, supersededNhsNumber: former, amendedAt: on(2) });
    const shown = await childOf(former);
    expect(shown).toMatchObject({ nhsNumber: jo.nhsNumber, supersededNhsNumbers: [former] });
    expect((await childOf(jo.nhsNumber)).id).toBe(shown.id);
  });

  test("that changes without anybody saying that the old one was replaced waits for a person", async () => {
    const kit = aChild();
    await inWirral(kit);
    await inWirral({ ...kit, nhsNumber: numberOf(902), amendedAt: on(2) });
    expect(codesOf(await newlyRefused())).toEqual(["NHS_NUMBER_CHANGED"]);
    expect(await childOf(numberOf(902))).toBeNull();
  });

  test("held by two children of other names and dates of birth joins nobody", async () => {
    const [lea, mo] = [aChild(), aChild()];
    await inWirral(lea, { ...mo, nhsNumber: lea.nhsNumber });
    const refused = await newlyRefused();
    expect(codesOf(refused)).toEqual(["NHS_DUPLICATE"]);
    expect((await childOf(lea.nhsNumber)).name.given).toBe(lea.givenNames);
  });
});

describe("A row that could be about several children", () => {
  test("names them, changes nothing, and is applied to the one that a clerk chooses", async () => {
    const nia = { familyName: "Same", givenNames: "Nia", bornOn: "2021-01-02" };
    const [one, other] = [aChild({ ...nia, postcode: "CH41 1AA" }), aChild({ ...nia, postcode: "CH41 1AB" })];
    await inWirral(one, other);
    const row = aChild({ ...nia, localId: "V5", postcode: "WA1 1AA", nhsNumber: null, nhsNumberStatus: null });
    await inWarrington(row);
    const [item] = await newlyRefused();
    const [oneId, otherId] = [(await childOf(one.nhsNumber)).id, (await childOf(other.nhsNumber)).id];
    expect(item).toMatchObject({ reasons: [{ code: "AMBIGUOUS_MATCH" }], locality: { code: "WARRINGTON" } });
    expect([...(item?.candidates ?? [])].sort()).toEqual([oneId, otherId].sort());
    expect((await childOf(one.nhsNumber)).provenance).toHaveLength(1);

    const { data } = await clerk(RESOLVE, { id: item?.id, decision: "USE_CHILD", childId: otherId });
    expect(data.resolveQuarantined).toMatchObject({ decidedBy: "test:CHILD_HEALTH_CLERK" });
    expect((await childOf(one.nhsNumber)).provenance).toHaveLength(1);
    expect((await childOf(other.nhsNumber)).provenance).toHaveLength(2);
    // The locality's own number leads there from now on.
    await inWarrington({ ...row, addressLine1: "3 Mill Lane", addressFrom: "2025-01-01", amendedAt: on(4) });
    expect(await newlyRefused()).toEqual([]);
    expect(await childOf(other.nhsNumber)).toMatchObject({ address: { lines: ["3 Mill Lane"] } });
  });
});

describe("Two records that a clerk finds to be one child's", () => {
  async function twoRecords() {
    const [whole, part] = [aChild(), aChild()];
    await inWirral(whole, part);
    for (const [n, row] of [whole, part].entries()) {
      const eventOn = { day: `2024-0${n + 1}-03`, precision: "DAY" } as const;
      await sending.send(
        "EAST_CHESHIRE",
        "DOSES",
        inventedDose({ ...row, localId: null }, 1000 + children * 2 + n, { eventOn }),
      );
    }
    const [wholeId, partId]: string[] = [(await childOf(whole.nhsNumber)).id, (await childOf(part.nhsNumber)).id];
    return { whole, part, wholeId, partId };
  }

  test("become one, with the doses of both under either number, and two again when that is undone", async () => {
    const { whole, part, wholeId, partId } = await twoRecords();
    expect((await clerk(MERGE, { childId: partId, into: wholeId })).data.mergeChildren).toEqual({
      childId: partId,
      into: wholeId,
    });
    for (const { nhsNumber } of [whole, part]) {
      expect(await childOf(nhsNumber)).toMatchObject({
        id: wholeId,
        doses: [{ givenOn: "2024-01-03" }, { givenOn: "2024-02-03" }],
      });
    }
    await clerk(MERGE, { childId: partId, into: null });
    expect(await childOf(whole.nhsNumber)).toMatchObject({ id: wholeId, doses: [{ givenOn: "2024-01-03" }] });
    expect(await childOf(part.nhsNumber)).toMatchObject({ id: partId, doses: [{ givenOn: "2024-02-03" }] });
  });

  test("cannot be made one by a clerk of neither locality, nor without a reason", async () => {
    const { wholeId, partId } = await twoRecords();
    const elsewhere = house.as("CHILD_HEALTH_CLERK", { localities: ["EAST_CHESHIRE"] });
    const refused = await elsewhere(MERGE, { childId: partId, into: wholeId });
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_FOUND"]);
    const silent = await clerk(MERGE.replace("One family, one child.", " "), { childId: partId, into: wholeId });
    expect(silent.errors?.map(({ extensions }) => extensions.code)).toEqual(["ARGUMENT_INVALID"]);
    const visitor = await house.as("HEALTH_VISITOR")(MERGE, { childId: partId, into: wholeId });
    expect(visitor.errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_PERMITTED"]);
  });

  test("are not made one again by a rule, once a person has said that they are two", async () => {
    const { whole, part, wholeId, partId } = await twoRecords();
    await clerk(MERGE, { childId: partId, into: wholeId });
    await clerk(MERGE, { childId: partId, into: null });
    await inWirral({ ...part, nhsNumber: whole.nhsNumber, supersededNhsNumber: part.nhsNumber, amendedAt: on(9) });
    expect(codesOf(await newlyRefused())).toHaveLength(1);
    expect((await childOf(part.nhsNumber)).id).toBe(partId);
  });
});
