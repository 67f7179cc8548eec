import type { Rows } from "../../../ingest/extracts/kinds";
import { ofWirral, on, type Sending, sendingTo } from "../../fixtures/extracts";
import { HEARING } from "../../fixtures/messages";
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

/** Children nobody told of before, in Wirral's index; answers their numbers there. */
async function known(count: number): Promise<readonly number[]> {
  const numbers = Array.from({ length: count }, () => children++);
  await sending.send("WIRRAL", "CHILDREN", ...numbers.map((n) => ofWirral(n)));
  return numbers;
}

const RECORD = `query ($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) {
  id doses { givenOn } dosesNotGiven { reason } newbornHearing { outcome }
} }`;

/** What is known of the nth child: the days of its doses, and why others were not given. */
async function recordOf(n: number) {
  const { data } = await clerk(RECORD, { nhsNumber: numberOf(n) });
  const { id, doses, dosesNotGiven, newbornHearing } = data.child;
  return {
    id: id as string,
    given: doses.map((dose: { givenOn: string }) => dose.givenOn),
    declined: dosesNotGiven.map((each: { reason: string }) => each.reason),
    hearing: newbornHearing?.outcome ?? null,
  };
}

/** A dose as a batch file tells it, about the nth child. */
function batch(n: number, uniqueId: string, fields: Partial<Rows["DOSES"]> = {}): Partial<Rows["DOSES"]> {
  const { localId: _, ...dose } = inventedDose(ofWirral(n), 1);
  return { ...dose, rowId: uniqueId, rowIdSystem: "https://wirral.example/doses", action: "new", ...fields };
}

describe("A batch file", () => {
  test("takes a dose back by its unique id alone, naming nobody", async () => {
    const [ada = 0] = await known(1);
    await sending.sendBatch(1, batch(ada, "u1"));
    expect((await recordOf(ada)).given).toEqual(["2024-02-03"]);
    const { rowId, rowIdSystem } = batch(ada, "u1");
    expect(await sending.sendBatch(2, { rowId, rowIdSystem, action: "delete" })).toMatchObject({ rowsQuarantined: 0 });
    expect((await recordOf(ada)).given).toEqual([]);
  });

  test("whose delete comes before the dose is waited for, and the dose is never shown", async () => {
    const [ben = 0] = await known(1);
    const { rowId, rowIdSystem } = batch(ben, "u2");
    expect(await sending.sendBatch(2, { rowId, rowIdSystem, action: "delete" })).toMatchObject({ rowsQuarantined: 1 });
    await sending.sendBatch(1, batch(ben, "u2"));
    expect((await recordOf(ben)).given).toEqual([]);
    const { data } = await clerk(`{ quarantine(where: { reason: "ORPHAN" }) { edges { node { id } } } }`);
    expect(data.quarantine.edges).toEqual([]);
  });

  test.each([
    ["in the order they were made", [1, 2]],
    ["the later one first", [2, 1]],
  ])("that puts a dose on another child takes it from the one it was on: %s", async (_, order) => {
    const [cy = 0, dot = 0] = await known(2);
    const uniqueId = `u3 ${order}`;
    const files = [batch(cy, uniqueId), batch(dot, uniqueId, { action: "update" })];
    for (const day of order) await sending.sendBatch(day, files[day - 1] ?? {});
    expect((await recordOf(cy)).given).toEqual([]);
    expect((await recordOf(dot)).given).toEqual(["2024-02-03"]);
  });

  test("that says two things of one dose at one time is asked about, and a clerk's word decides", async () => {
    const [eve = 0, fay = 0] = await known(2);
    const row = inventedDose(ofWirral(eve, { localId: "E-eve" }), 7, { amendedAt: on(5) });
    const other = inventedDose(ofWirral(fay, { localId: "E-fay" }), 7, { amendedAt: on(5) });
    await sending.send("EAST_CHESHIRE", "DOSES", row, other);
    expect((await recordOf(fay)).given).toEqual([]);
    const { data } = await clerk(`{ quarantine(where: { reason: "VERSION_CONFLICT" }) { edges { node { id } } } }`);
    const [{ node }] = data.quarantine.edges;
    await clerk(
      `mutation ($id: ID!) { resolveQuarantined(id: $id, decision: REPLACE, note: "Asked the clinic.") { id } }`,
      {
        id: node.id,
      },
    );
    expect((await recordOf(eve)).given).toEqual([]);
    expect((await recordOf(fay)).given).toEqual(["2024-02-03"]);
  });
});

describe("A row that turns from given into not given, or back, under its own id", () => {
  test.each`
    told                                    | given             | declined
    ${["1 given", "2 declined"]}            | ${[]}             | ${["DECLINED"]}
    ${["1 declined", "2 given"]}            | ${["2024-02-03"]} | ${[]}
    ${["2 declined", "1 given"]}            | ${[]}             | ${["DECLINED"]}
    ${["1 given", "2 declined", "3 given"]} | ${["2024-02-03"]} | ${[]}
    ${["3 given", "2 declined", "1 given"]} | ${["2024-02-03"]} | ${[]}
  `("told $told, it is shown as told last", async ({ told, given, declined }) => {
    const [gus = 0] = await known(1);
    for (const words of told) {
      const [day, what] = words.split(" ");
      const notGivenReason = what === "declined" ? ("DECLINED" as const) : null;
      const fields = { localId: null, amendedAt: on(Number(day)), notGivenReason };
      await sending.send("EAST_CHESHIRE", "DOSES", inventedDose(ofWirral(gus), 100 + gus, fields));
    }
    expect(await recordOf(gus)).toMatchObject({ given, declined });
  });
});

describe("A child with two records that were made one", () => {
  const MERGE = `mutation ($childId: ID!, $into: ID) { mergeChildren(childId: $childId, into: $into, note: "One child.") { into } }`;
  const merge = (part: string, into: string | null) => clerk(MERGE, { childId: part, into });
  const hearing = (n: number, fields: object) => ({ ...HEARING, ...hearingChild(n), ...fields });

  test("has a dose told again, or taken back, under the other number where it was told first", async () => {
    const [whole = 0, part = 0] = await known(2);
    await sending.sendBatch(
      1,
      batch(part, `m1-${part}`),
      batch(part, `m2-${part}`, { vaccine: "MMR", eventOn: { day: "2024-05-05", precision: "DAY" } }),
    );
    const [wholeId, partId] = [(await recordOf(whole)).id, (await recordOf(part)).id];
    await merge(partId, wholeId);
    await sending.sendBatch(
      2,
      batch(whole, `m1-${part}`, { action: "update", eventOn: { day: "2024-02-04", precision: "DAY" } }),
      batch(whole, `m2-${part}`, { action: "delete" }),
    );
    expect((await recordOf(whole)).given).toEqual(["2024-02-04"]);
    expect((await recordOf(part)).given).toEqual(["2024-02-04"]);

    await merge(partId, null);
    expect((await recordOf(whole)).given).toEqual([]);
    expect((await recordOf(part)).given).toEqual(["2024-02-04"]);
  });

  test("has a screening record amended and taken back by messages about either number", async () => {
    const [whole = 0, part = 0] = await known(2);
    const encounter = { ...HEARING.encounter, value: `merged-${part}` };
    await sending.receive(
      hearing(part, { encounter, messageId: newMessageId(), lastUpdated: "2025-03-01T09:00:00+00:00" }),
    );
    const [wholeId, partId] = [(await recordOf(whole)).id, (await recordOf(part)).id];
    const amended = hearing(whole, {
      encounter,
      messageId: newMessageId(),
      lastUpdated: "2025-03-02T09:00:00+00:00",
      outcomeCode: "276781000000109",
    });
    expect(await sending.receive(amended)).toEqual([expect.stringMatching(/^IDENTITY_MISMATCH/)]);
    await merge(partId, wholeId);
    const again = { ...amended, messageId: newMessageId(), timestamp: "2025-03-02T09:10:00+00:00" };
    expect(await sending.receive(again)).toEqual(["APPLIED"]);
    expect((await recordOf(whole)).hearing).toBe("CLEAR_NO_FOLLOW_UP");
    const gone = {
      ...amended,
      messageId: newMessageId(),
      messageType: "delete" as const,
      lastUpdated: "2025-03-03T09:00:00+00:00",
    };
    expect(await sending.receive(gone)).toEqual(["APPLIED"]);
    expect((await recordOf(part)).hearing).toBeNull();
  });
});

let messages = 0;
function newMessageId(): string {
  messages += 1;
  return `0f7c3a52-6f0e-4d6b-9c1d-${String(messages).padStart(12, "0")}`;
}

/** The nth child as a message names it. */
function hearingChild(n: number) {
  const { nhsNumber, familyName, givenNames, bornOn } = ofWirral(n);
  return {
    child: {
      ...HEARING.child,
      nhsNumber: nhsNumber ?? "",
      familyName: familyName ?? "",
      givenNames: [givenNames ?? ""],
      bornOn: bornOn ?? "",
    },
  };
}
