import type { MessageContent, PersonContent } from "../../../ingest/fhir/write";
import { ofWirral, type Sending, sendingTo } from "../../fixtures/extracts";
import { BIRTH, CHANGE_OF_ADDRESS, DEATH, HEARING } from "../../fixtures/messages";
import { numberOf } from "../../fixtures/road";
import { type World, world } from "../../world";

let house: World;
let sending: Sending;
beforeAll(async () => {
  house = await world();
  sending = sendingTo(house);
});
afterAll(() => house.close());

let messages = 0;
const id = () => {
  messages += 1;
  return `0f7c3a52-6f0e-4d6b-9c1d-${String(500 + messages).padStart(12, "0")}`;
};

/** The nth child of Wirral as national messages name it. */
function person(n: number, fields: Partial<PersonContent> = {}): PersonContent {
  const { nhsNumber, familyName, givenNames, bornOn } = ofWirral(n);
  return {
    nhsNumber: nhsNumber ?? "",
    familyName: familyName ?? "",
    givenNames: [givenNames ?? ""],
    bornOn: bornOn ?? "",
    sex: "FEMALE",
    address: null,
    ...fields,
  };
}

const at = (hour: number) => ({
  messageId: id(),
  lastUpdated: `2026-03-02T${String(hour).padStart(2, "0")}:00:00+00:00`,
  timestamp: `2026-03-02T${String(hour).padStart(2, "0")}:05:00+00:00`,
});

const death = (n: number, hour: number, status: "INFORMAL" | "FORMAL" | "REMOVED"): MessageContent => ({
  ...DEATH,
  ...at(hour),
  child: person(n),
  death: { ...DEATH.death, status, diedAt: status === "REMOVED" ? null : DEATH.death.diedAt },
});

const hearing = (n: number, hour: number, fields: Partial<typeof HEARING> = {}): MessageContent => ({
  ...HEARING,
  ...at(hour),
  child: person(n),
  encounter: { ...HEARING.encounter, value: `E-${n}` },
  ...fields,
});

const move = (n: number, hour: number, postcode: string, fields: Partial<PersonContent> = {}): MessageContent => ({
  ...CHANGE_OF_ADDRESS,
  ...at(hour),
  child: person(n, { address: { lines: ["9 Mill Lane"], postcode, from: "2026-03-01" }, ...fields }),
});

const clerk = (query: string, variables: object = {}) => house.as("CHILD_HEALTH_CLERK")(query, variables);
const ask = async (nhsNumber: string, fields: string, role: Parameters<World["as"]>[0] = "CHILD_HEALTH_CLERK") =>
  (await house.as(role)(`query ($n: NhsNumber!) { child(nhsNumber: $n) { ${fields} } }`, { n: nhsNumber })).data.child;

describe("A death that was recorded in error", () => {
  test("is taken back: the child lives, is listed again, and nothing else of the record has changed", async () => {
    await sending.send("WIRRAL", "CHILDREN", ofWirral(1));
    const before = await ask(numberOf(1), "deceased diedOn name { family } practice { __typename } locality { code }");
    expect(await sending.receive(death(1, 10, "INFORMAL"))).toEqual(["APPLIED"]);
    expect(await ask(numberOf(1), "deceased diedOn")).toEqual({ deceased: true, diedOn: "2026-03-01" });
    expect(await sending.receive(death(1, 12, "REMOVED"))).toEqual(["APPLIED"]);
    expect(await ask(numberOf(1), "deceased diedOn name { family } practice { __typename } locality { code }")).toEqual(
      before,
    );
    expect(before).toMatchObject({ deceased: false, diedOn: null });
  });

  test.each`
    told                                                   | deceased
    ${[[12, "REMOVED"], [10, "INFORMAL"]]}                 | ${false}
    ${[[12, "REMOVED"], [10, "INFORMAL"], [11, "FORMAL"]]} | ${false}
    ${[[10, "INFORMAL"], [12, "REMOVED"], [14, "FORMAL"]]} | ${true}
    ${[[14, "FORMAL"], [12, "REMOVED"], [10, "INFORMAL"]]} | ${true}
  `("in whatever order it is told: $told leaves the child dead $deceased", async ({ told, deceased }) => {
    const n = 10 + messages;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    for (const [hour, status] of told) await sending.receive(death(n, hour, status));
    expect(await ask(numberOf(n), "deceased")).toEqual({ deceased });
  });
});

describe("A result that was deleted", () => {
  const removed = (n: number, hour: number) =>
    hearing(n, hour, { messageType: "delete" as never, minimal: true } as never);

  test.each`
    told                                 | shown
    ${["new 10", "delete 11"]}           | ${false}
    ${["delete 11", "new 10"]}           | ${false}
    ${["delete 11", "new 10", "new 9"]}  | ${false}
    ${["delete 11", "new 12", "new 10"]} | ${true}
    ${["new 12", "delete 11"]}           | ${true}
  `("by a message of header and encounter alone: told $told, it is shown $shown", async ({ told, shown }) => {
    const n = 100 + messages;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    for (const each of told as readonly string[]) {
      const [type, hour] = each.split(" ");
      await sending.receive(type === "new" ? hearing(n, Number(hour)) : removed(n, Number(hour)));
    }
    const { newbornHearing } = await ask(numberOf(n), "newbornHearing { outcome }");
    expect(newbornHearing !== null).toBe(shown);
    expect(await sending.unbalanced()).toEqual([]);
  });

  test("before anybody has told of the child: both wait, and what they say together holds when the child appears", async () => {
    const n = 200;
    expect(await sending.receive(removed(n, 11), hearing(n, 10))).toEqual([
      expect.stringMatching(/^ORPHAN/),
      expect.stringMatching(/^ORPHAN/),
    ]);
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    expect(await ask(numberOf(n), "newbornHearing { outcome }")).toEqual({ newbornHearing: null });
    expect(await sending.unbalanced()).toEqual([]);
  });
});

describe("A message about a child whom nobody has told of", () => {
  const waiting = async (yes: boolean) => {
    const query = `query ($w: Boolean) { quarantine(where: { waiting: $w, kinds: ["newborn-hearing-1"] }) { edges { node { id waiting reasons { code } } } } }`;
    return (await clerk(query, { w: yes })).data.quarantine.edges.map(({ node }: { node: object }) => node);
  };

  test("is shown as waiting until the child appears, and then is applied by itself", async () => {
    expect(await sending.receive(hearing(300, 10))).toEqual([expect.stringMatching(/^ORPHAN/)]);
    expect(await waiting(true)).toEqual([{ id: expect.any(String), waiting: true, reasons: [{ code: "ORPHAN" }] }]);
    expect(await waiting(false)).toEqual([]);
    await sending.receive({ ...BIRTH, ...at(9), baby: person(300) });
    expect(await waiting(true)).toEqual([]);
    expect(await ask(numberOf(300), "newbornHearing { outcome }", "HEALTH_VISITOR")).not.toEqual({
      newbornHearing: null,
    });
  });
});

describe("A message that a person must decide", () => {
  const open = async () => {
    const query = `{ quarantine(where: { waiting: false, reason: "BIRTH_DATE_DIFFERS" }) { edges { node { id candidates waiting } } } }`;
    return (await clerk(query)).data.quarantine.edges.map(({ node }: { node: object }) => node);
  };
  const decide = (item: string, decision: string, childId: string | null = null) =>
    clerk(
      `mutation ($id: ID!, $decision: QuarantineDecision!, $childId: ID) {
        resolveQuarantined(id: $id, decision: $decision, childId: $childId, note: "Asked the family.") { decision }
      }`,
      { id: item, decision, childId },
    );

  test.each`
    decision       | deceased
    ${"USE_CHILD"} | ${true}
    ${"DISMISS"}   | ${false}
  `(
    "is shown with the children it could be about; $decision leaves the child dead $deceased",
    async ({ decision, deceased }) => {
      const n = 400 + messages;
      await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
      await sending.receive({
        ...death(n, 10, "FORMAL"),
        child: person(n, { bornOn: "2021-01-01" }),
      } as MessageContent);
      const [item] = await open();
      expect(item).toMatchObject({ candidates: [expect.any(String)], waiting: false });
      const { data } = await decide(item.id, decision, decision === "USE_CHILD" ? item.candidates[0] : null);
      expect(data.resolveQuarantined).toEqual({ decision });
      expect(await open()).toEqual([]);
      expect(await ask(numberOf(n), "deceased")).toEqual({ deceased });
    },
  );

  test("RETRY applies it once the cause is gone: the date of birth held was corrected", async () => {
    const n = 450;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n, { bornOn: "2021-05-05" }));
    await sending.receive(death(n, 10, "FORMAL"));
    const [item] = await open();
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n, { amendedAt: "2025-03-02T09:00:00.000000000Z" }));
    expect((await decide(item.id, "RETRY")).data.resolveQuarantined).toEqual({ decision: "RETRY" });
    expect(await ask(numberOf(n), "deceased")).toEqual({ deceased: true });
  });
});

describe("An NHS number that was replaced", () => {
  test("still leads to the child, whichever of the two a message names", async () => {
    const n = 500;
    const replaced = {
      nhsNumber: numberOf(501),
      supersededNhsNumber: numberOf(n),
      amendedAt: "2025-03-02T09:00:00.000000000Z",
    };
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    await sending.send("WIRRAL", "CHILDREN", { ...ofWirral(n), ...replaced });
    expect(
      await sending.receive(move(n, 10, "CH41 5AA"), move(n, 11, "CH43 5UA", { nhsNumber: numberOf(501) })),
    ).toEqual(["APPLIED", "APPLIED"]);
    expect(await ask(numberOf(501), "nhsNumber address { ... on Address { postcode } }")).toMatchObject({
      address: { postcode: "CH43 5UA" },
    });
  });

  test("by one that no child has yet: what names it waits until a locality says whose it is", async () => {
    const n = 510;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    expect(await sending.receive(hearing(n, 10, { child: person(n, { nhsNumber: numberOf(511) }) } as never))).toEqual([
      expect.stringMatching(/^ORPHAN/),
    ]);
    const replaced = {
      nhsNumber: numberOf(511),
      supersededNhsNumber: numberOf(n),
      amendedAt: "2025-03-02T09:00:00.000000000Z",
    };
    await sending.send("WIRRAL", "CHILDREN", { ...ofWirral(n), ...replaced });
    expect((await ask(numberOf(511), "newbornHearing { outcome }")).newbornHearing).not.toBeNull();
  });
});

describe("An event about a child whose whereabouts are restricted", () => {
  test("is kept, and lifts nothing: the new place is withheld as the old one was", async () => {
    const n = 600;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n, { restricted: true }));
    const { length } = await sending.unbalanced();
    expect(await sending.receive(move(n, 10, "CH43 5UA"))).toEqual(["APPLIED"]);
    expect(await ask(numberOf(n), "restricted address { __typename }", "HEALTH_VISITOR")).toEqual({
      restricted: true,
      address: { __typename: "Withheld" },
    });
    expect(await sending.unbalanced()).toHaveLength(length);
  });
});
