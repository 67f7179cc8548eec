import { child, event, type World, world } from "../../world";

let house: World;
let children = 0;

beforeAll(async () => {
  house = await world();
});
afterAll(() => house.close());

/** `10:00 CLEAR_NO_FOLLOW_UP`, `11:00 withdrawn`: when the screening service told of it, and what. */
function hearing(childId: string, report: string) {
  const [time, outcome] = report.split(" ");
  const source = { system: "newborn-hearing-1", id: "urn:screening|one" };
  const asOf = `2026-03-08T${time}:00.000000000Z`;
  if (outcome === "withdrawn")
    return { ...event("NewbornHearingRecorded", childId, { source, asOf }), action: "withdraw" as const };
  return event("NewbornHearingRecorded", childId, {
    source,
    asOf,
    outcome: outcome as "CLEAR_NO_FOLLOW_UP",
    outcomeCode: "276781000000109",
    screenedOn: "2026-03-07",
    outcomeSetAt: null,
    tests: [],
    provider: null,
    comment: null,
  });
}

describe("Which report of a newborn hearing outcome stands", () => {
  test.each`
    told                                                                           | shown
    ${["10:00 NO_CLEAR_RESPONSE_BILATERAL"]}                                       | ${"NO_CLEAR_RESPONSE_BILATERAL"}
    ${["10:00 NO_CLEAR_RESPONSE_BILATERAL", "14:00 CLEAR_NO_FOLLOW_UP"]}           | ${"CLEAR_NO_FOLLOW_UP"}
    ${["14:00 CLEAR_NO_FOLLOW_UP", "10:00 NO_CLEAR_RESPONSE_BILATERAL"]}           | ${"CLEAR_NO_FOLLOW_UP"}
    ${["10:00 CLEAR_NO_FOLLOW_UP", "11:00 withdrawn"]}                             | ${undefined}
    ${["10:00 CLEAR_NO_FOLLOW_UP", "11:00 withdrawn", "10:00 CLEAR_NO_FOLLOW_UP"]} | ${undefined}
    ${["11:00 withdrawn", "10:00 CLEAR_NO_FOLLOW_UP"]}                             | ${undefined}
    ${["11:00 withdrawn", "12:00 CLEAR_NO_FOLLOW_UP"]}                             | ${"CLEAR_NO_FOLLOW_UP"}
  `("told $told, the graph shows $shown", async ({ told, shown }) => {
    children += 1;
    const childId = `baby-${children}`;
    await house.tell(...child(childId, { bornOn: "2026-03-05" }));
    for (const report of told) await house.tell(hearing(childId, report));
    const { data } = await house.as("HEALTH_VISITOR")(
      "query ($id: ID!) { childById(id: $id) { newbornHearing { outcome } } }",
      { id: childId },
    );
    expect(data.childById.newbornHearing?.outcome).toBe(shown);
  });
});
