import type { DeathMessageContent } from "../../../ingest/fhir/write";
import { ofWirral, sendingTo } from "../../fixtures/extracts";
import { DEATH } from "../../fixtures/messages";
import { numberOf } from "../../fixtures/road";
import { type World, world } from "../../world";

let house: World;
beforeAll(async () => {
  house = await world();
});
afterAll(() => house.close());

let children = 0;
let messages = 0;

/** A death told of the nth child at one instant; `version` of the header and `sent` order it among others. */
function death(n: number, status: "FORMAL" | "REMOVED", { version = "1", sent = "10:05" } = {}): DeathMessageContent {
  const { nhsNumber, familyName, givenNames, bornOn } = ofWirral(n);
  messages += 1;
  return {
    ...DEATH,
    messageId: `0f7c3a52-6f0e-4d6b-9c1d-${String(messages).padStart(12, "0")}`,
    versionId: version,
    timestamp: `2026-03-02T${sent}:00+00:00`,
    child: {
      ...DEATH.child,
      nhsNumber: nhsNumber ?? "",
      familyName: familyName ?? "",
      givenNames: [givenNames ?? ""],
      bornOn: bornOn ?? "",
    },
    death: { ...DEATH.death, status, diedAt: status === "REMOVED" ? null : DEATH.death.diedAt },
  };
}

describe("Two national messages about one child as of one instant", () => {
  const deceased = async (n: number) => {
    const query = `query ($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) { deceased } }`;
    return (await house.as("CHILD_HEALTH_CLERK")(query, { nhsNumber: numberOf(n) })).data.child.deceased;
  };

  test.each`
    by                       | formal                             | removed                            | shown
    ${"the higher version"}  | ${{ version: "9" }}                | ${{ version: "10" }}               | ${false}
    ${"the higher version"}  | ${{ version: "10" }}               | ${{ version: "9" }}                | ${true}
    ${"the later sending"}   | ${{ sent: "10:05" }}               | ${{ sent: "10:06" }}               | ${false}
    ${"version before time"} | ${{ version: "2", sent: "10:05" }} | ${{ version: "1", sent: "10:06" }} | ${true}
  `("are ordered by $by, whichever comes first: $shown", async ({ formal, removed, shown }) => {
    const sending = sendingTo(house);
    for (const turned of [false, true]) {
      const n = children++;
      await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
      const told = [death(n, "FORMAL", formal), death(n, "REMOVED", removed)];
      for (const message of turned ? told.toReversed() : told) await sending.receive(message);
      expect(await deceased(n)).toBe(shown);
    }
  });

  test("that nothing orders are not both applied: the second waits for a person", async () => {
    const sending = sendingTo(house);
    const n = children++;
    await sending.send("WIRRAL", "CHILDREN", ofWirral(n));
    expect(await sending.receive(death(n, "FORMAL"), death(n, "REMOVED"))).toEqual([
      "APPLIED",
      expect.stringMatching(/^VERSION_CONFLICT/),
    ]);
    expect(await deceased(n)).toBe(true);
    expect(await sending.unbalanced()).toEqual([]);
  });
});
