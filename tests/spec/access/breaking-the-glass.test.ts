import { GLASS } from "../../../schema/vocabulary/break-glass";
import { ofWirral, type Sending, sendingTo } from "../../fixtures/extracts";
import { numberOf } from "../../fixtures/road";
import { type Ask, type World, world } from "../../world";

const HOUR = 3_600_000;
const START = Date.parse("2026-06-01T10:00:00Z");
let clock = START;
let house: World;
let sending: Sending;
/** Of Warrington, who has nothing to do with any child of Wirral. */
let visitor: Ask;
let lead: Ask;
let officer: Ask;

beforeAll(async () => {
  house = await world(() => clock);
  sending = sendingTo(house);
  await sending.send("WIRRAL", "CHILDREN", ofWirral(0), ofWirral(1, { restricted: true }), ofWirral(2));
  visitor = house.as("HEALTH_VISITOR", { localities: ["WARRINGTON"], organisation: "RXR" });
  lead = house.as("SAFEGUARDING_LEAD", { localities: ["WARRINGTON"], organisation: "RXR" });
  officer = house.as("PRIVACY_OFFICER");
});
beforeEach(() => {
  clock = START;
});
afterAll(async () => {
  expect(await sending.unbalanced()).toEqual([]);
  await house.close();
});

const BREAK = `mutation ($childId: ID!, $reason: String!, $reasonCode: BreakGlassReason!) {
  breakGlass(childId: $childId, reason: $reason, reasonCode: $reasonCode) { id childId until opensPlace reviewBy } }`;
const RECORD = `query ($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) {
  name { full } address { __typename } doses { vaccine } safeguarding { standing flags { kind } } doseReports { givenOn } } }`;
const REASON = "Brought to the walk-in clinic, unwell";

function opened(ask: Ask, n: number, reasonCode = "CARE_AWAY_FROM_HOME") {
  return ask(BREAK, { childId: numberOf(n), reason: REASON, reasonCode });
}

const seen = (ask: Ask, n: number) => ask(RECORD, { nhsNumber: numberOf(n) });

describe("Breaking the glass", () => {
  test("opens one child's record to one viewer for a time, in every part at once", async () => {
    expect((await seen(visitor, 0)).data).toEqual({ child: null });
    const { data } = await opened(visitor, 0);
    expect(data.breakGlass).toMatchObject({
      until: new Date(START + GLASS.hours * HOUR).toISOString(),
      opensPlace: false,
      reviewBy: "2026-06-08",
    });
    const record = await seen(visitor, 0);
    expect(record.data.child).toMatchObject({
      address: { __typename: "Address" },
      doses: [],
      safeguarding: { standing: "NONE_KNOWN" },
    });
    const others = [
      await seen(visitor, 2),
      await seen(house.as("HEALTH_VISITOR", { localities: ["WARRINGTON"], subject: "a colleague" }), 0),
      await seen(house.as("SCHOOL_NURSE", { localities: ["WARRINGTON"], subject: "test:HEALTH_VISITOR" }), 0),
    ];
    expect(others.map(({ data: shown }) => shown)).toEqual([{ child: null }, { child: null }, { child: null }]);
    clock += GLASS.hours * HOUR;
    expect((await seen(visitor, 0)).data).toEqual({ child: null });
  });

  test("gives a relationship and no other role: what a role never sees it does not see then", async () => {
    await opened(visitor, 0);
    const { data, errors } = await seen(visitor, 0);
    expect(data.child).toMatchObject({ safeguarding: { flags: null }, doseReports: null });
    expect(errors?.map(({ path, extensions }) => [path?.at(-1), extensions.code])).toEqual([
      ["doseReports", "NOT_PERMITTED"],
    ]);
  });

  test("puts nobody on a list", async () => {
    await opened(visitor, 0);
    const { data } = await visitor("{ children(where: {}, first: 10) { edges { node { id } } } }");
    expect(data.children.edges).toEqual([]);
  });

  test.each`
    who          | reasonCode                | place
    ${"visitor"} | ${"RISK_OF_SERIOUS_HARM"} | ${"Withheld"}
    ${"lead"}    | ${"CARE_AWAY_FROM_HOME"}  | ${"Withheld"}
    ${"lead"}    | ${"RISK_OF_SERIOUS_HARM"} | ${"Address"}
  `("by a $who for $reasonCode shows where a restricted child is as $place", async ({ who, reasonCode, place }) => {
    const ask = who === "lead" ? lead : visitor;
    await opened(ask, 1, reasonCode);
    expect((await seen(ask, 1)).data.child.address).toEqual({ __typename: place });
  });

  test.each(["CHILD_HEALTH_CLERK", "SCREENING_OFFICER", "PRIVACY_OFFICER", "ANALYST"] as const)(
    "is not for a %s",
    async (role) => {
      const { errors } = await opened(house.as(role, { localities: ["WARRINGTON"] }), 0);
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_PERMITTED"]);
    },
  );

  test("is not for an app, whatever its scopes", async () => {
    const { errors } = await opened(house.as("PARTNER_APP", { scopes: ["identity:read"] }), 0);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["DOCUMENT_NOT_TRUSTED"]);
  });

  test("needs a reason in words, and a child there is", async () => {
    const short = await visitor(BREAK, { childId: numberOf(0), reason: "  why  ", reasonCode: "EMERGENCY_CARE" });
    const nobody = await visitor(BREAK, { childId: "nobody", reason: REASON, reasonCode: "EMERGENCY_CARE" });
    expect([short, nobody].map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      "ARGUMENT_INVALID",
      "NOT_FOUND",
    ]);
  });

  test("cannot be scripted: one person opens few children in a day", async () => {
    const hurried = house.as("GENERAL_PRACTITIONER", { organisation: "N81010", subject: "hurried" });
    for (let time = 0; time < GLASS.mostADay; time += 1) expect((await opened(hurried, 2)).errors).toBeUndefined();
    expect((await opened(hurried, 2)).errors?.[0]?.extensions.code).toBe("GLASS_BROKEN_OFTEN");
  });
});

describe("A privacy officer's reviews", () => {
  const REVIEWS = `query ($open: Boolean) { breakGlassReviews(open: $open, first: 100) {
    edges { node { id subject role organisation reason reasonCode open overdue opensPlace reviews { finding by } } } } }`;
  const REVIEW = `mutation ($id: ID!, $finding: BreakGlassFinding!) {
    reviewBreakGlass(id: $id, finding: $finding, note: "Asked the clinic") { open reviews { finding } } }`;

  // biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
  const reviews = async (open: boolean | null): Promise<any[]> =>
    (await officer(REVIEWS, { open })).data.breakGlassReviews.edges.map(({ node }: { node: object }) => node);

  test("have each grant until a finding closes it, and say which are overdue", async () => {
    const { data } = await opened(visitor, 0, "EMERGENCY_CARE");
    const { id } = data.breakGlass;
    const find = async () => (await reviews(null)).find((each) => each.id === id);
    expect(await find()).toMatchObject({
      role: "HEALTH_VISITOR",
      organisation: "RXR",
      reason: REASON,
      reasonCode: "EMERGENCY_CARE",
      open: true,
      overdue: false,
    });
    clock = START + 9 * 24 * HOUR;
    expect(await find()).toMatchObject({ overdue: true });
    expect((await officer(REVIEW, { id, finding: "TO_BE_ASKED" })).data.reviewBreakGlass.open).toBe(true);
    expect((await officer(REVIEW, { id, finding: "JUSTIFIED" })).data.reviewBreakGlass).toEqual({
      open: false,
      reviews: [{ finding: "TO_BE_ASKED" }, { finding: "JUSTIFIED" }],
    });
    expect((await officer(REVIEW, { id, finding: "JUSTIFIED" })).errors?.[0]?.extensions.code).toBe("ARGUMENT_INVALID");
    expect((await reviews(true)).map((each) => each.id)).not.toContain(id);
    expect(await find()).toMatchObject({ open: false, overdue: false });
  });

  test("do not say where a restricted child came for care", async () => {
    const { data } = await opened(visitor, 1, "EMERGENCY_CARE");
    const answer = await officer(REVIEWS, { open: true });
    const shown = answer.data.breakGlassReviews.edges.map(({ node }: { node: { id: string } }) => node);
    expect(shown.find((each: { id: string }) => each.id === data.breakGlass.id)).toMatchObject({
      organisation: null,
      reason: null,
    });
    expect(new Set(answer.errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(["WITHHELD"]));
  });

  test("are a privacy officer's alone", async () => {
    const { errors } = await house.as("SAFEGUARDING_LEAD")(REVIEWS, { open: true });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_PERMITTED"]);
  });
});
