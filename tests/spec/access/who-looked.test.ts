import { ofWirral, type Sending, sendingTo } from "../../fixtures/extracts";
import { numberOf } from "../../fixtures/road";
import { type Ask, type World, world } from "../../world";

const START = Date.parse("2026-06-01T10:00:00Z");
let clock = START;
let house: World;
let sending: Sending;
let clerk: Ask;
let visitor: Ask;
let officer: Ask;
let ids: readonly string[];

beforeAll(async () => {
  house = await world(() => {
    // A minute between one question and the next.
    clock += 1;
    return clock;
  });
  sending = sendingTo(house);
  await sending.send("WIRRAL", "CHILDREN", ofWirral(0), ofWirral(1, { restricted: true }), ofWirral(2), ofWirral(3));
  clerk = house.as("CHILD_HEALTH_CLERK", { localities: ["WIRRAL"], organisation: "RY7" });
  visitor = house.as("HEALTH_VISITOR", { localities: ["WARRINGTON"], organisation: "RXR" });
  officer = house.as("PRIVACY_OFFICER");
  ids = await Promise.all(
    [0, 1, 2, 3].map(async (n) => (await clerk(`{ child(nhsNumber: "${numberOf(n)}") { id } }`)).data.child.id),
  );
});
afterAll(() => house.close());

const ENTRY =
  "says what name role action decision why at organisation { ... on AccessOrganisation { odsCode } ... on Withheld { reason } }";
const LOG = `query ($childId: ID!, $first: Int, $after: String) { accessLog(childId: $childId, first: $first, after: $after) {
  edges { cursor node { ${ENTRY} } } pageInfo { hasNextPage endCursor } } }`;
const RECORD = `query ($id: ID!) { childById(id: $id) { name { full } doses { vaccine } safeguarding { standing } } }`;

interface Shown {
  readonly says: string;
  readonly action: string;
  readonly decision: string;
}

/** What the log says of a child, newest first. */
async function logOf(n: number, variables: object = {}): Promise<readonly Shown[]> {
  const { data, errors } = await officer(LOG, { childId: ids[n], first: 100, ...variables });
  expect(errors).toBeUndefined();
  return data.accessLog.edges.map(({ node }: { node: Shown }) => node);
}

const brief = (entries: readonly Shown[]) => entries.map(({ action, decision }) => `${action} ${decision}`);

describe("Who looked at a child's record", () => {
  test("is told in plain words: who, when, at what kind of data, and what came of it", async () => {
    await clerk(RECORD, { id: ids[0] });
    const entries = (await logOf(0)).filter(({ says }) => says.includes("child health clerk"));
    expect(entries.map(({ says }) => says).sort()).toContain(
      "CHILD_HEALTH_CLERK, child health clerk, on 2026-06-01 at 11:00: seeing immunisations. It was allowed.",
    );
    expect(new Set(brief(entries))).toEqual(
      new Set(["FIND_CHILD SHOWN", "VIEW_IDENTITY SHOWN", "VIEW_IMMUNISATIONS SHOWN", "VIEW_SAFEGUARDING SHOWN"]),
    );
    expect(entries[0]).toMatchObject({ organisation: { odsCode: "RY7" }, role: "CHILD_HEALTH_CLERK", why: null });
  });

  test("one request is one entry a kind of data, however many of its fields were asked", async () => {
    const before = await logOf(2);
    await clerk(
      `query ($id: ID!) { a: childById(id: $id) { name { full } bornOn sex } b: childById(id: $id) { nhsNumber doses { id } } }`,
      { id: ids[2] },
    );
    const after = await logOf(2);
    expect(brief(after.slice(0, after.length - before.length)).sort()).toEqual([
      "FIND_CHILD SHOWN",
      "VIEW_ACCESS_LOG SHOWN",
      "VIEW_IDENTITY SHOWN",
      "VIEW_IMMUNISATIONS SHOWN",
    ]);
  });

  test("who was refused stands beside who was not", async () => {
    await visitor(RECORD, { id: ids[3] });
    expect(brief(await logOf(3)).filter((each) => each.endsWith("REFUSED"))).toEqual(["FIND_CHILD REFUSED"]);
  });

  test("why: the reason that the glass was broken for", async () => {
    await visitor(
      `mutation ($id: ID!) { breakGlass(childId: $id, reason: "Brought in, unwell", reasonCode: EMERGENCY_CARE) { id } }`,
      { id: ids[3] },
    );
    await visitor(RECORD, { id: ids[3] });
    const entries = (await logOf(3)).filter(({ action }) => action === "VIEW_IMMUNISATIONS");
    expect(entries[0]).toMatchObject({
      why: "The child needs care now, and cannot wait",
      says: "HEALTH_VISITOR, health visitor, on 2026-06-01 at 11:00: seeing immunisations. It was allowed. The glass was broken: the child needs care now, and cannot wait.",
    });
  });

  test("of a restricted child it does not tell whose staff they are, which would tell where it is", async () => {
    await clerk(RECORD, { id: ids[1] });
    const entries = await logOf(1);
    expect(entries.length).toBeGreaterThan(3);
    const places = new Set(entries.map((entry) => JSON.stringify((entry as { organisation?: unknown }).organisation)));
    expect([...places]).toEqual(['{"reason":"This child\'s whereabouts are restricted."}']);
  });

  test("reading the log is an entry of its own", async () => {
    await logOf(0);
    expect(brief(await logOf(0))[0]).toBe("VIEW_ACCESS_LOG SHOWN");
  });

  test("a page at a time, and what is written meanwhile moves nothing", async () => {
    const whole = await logOf(0);
    const paged: Shown[] = [];
    for (let after: string | null = null, pages = 0; pages < 50; pages++) {
      const { data } = await officer(LOG, { childId: ids[0], first: 2, after });
      paged.push(...data.accessLog.edges.map(({ node }: { node: Shown }) => node));
      if (!data.accessLog.pageInfo.hasNextPage) break;
      after = data.accessLog.pageInfo.endCursor;
      await clerk(RECORD, { id: ids[0] });
    }
    // The first page holds the entry of the reading that made `whole`.
    expect(paged.map(({ says }) => says).slice(1)).toEqual(whole.map(({ says }) => says));
  });

  test("of a record that became part of another it tells what was asked of either", async () => {
    await clerk(RECORD, { id: ids[2] });
    const alone = await logOf(2);
    await clerk(
      `mutation ($part: ID!, $whole: ID!) { mergeChildren(childId: $part, into: $whole, note: "One child.") { into } }`,
      {
        part: ids[2],
        whole: ids[0],
      },
    );
    const together = (await logOf(0)).map(({ says }) => says);
    expect(together).toEqual(expect.arrayContaining(alone.map(({ says }) => says)));
    await clerk(`mutation ($part: ID!) { mergeChildren(childId: $part, note: "Two after all.") { into } }`, {
      part: ids[2],
    });
  });

  test.each`
    role                    | code
    ${"CHILD_HEALTH_CLERK"} | ${"NOT_PERMITTED"}
    ${"SAFEGUARDING_LEAD"}  | ${"NOT_PERMITTED"}
    ${"PARTNER_APP"}        | ${"DOCUMENT_NOT_TRUSTED"}
  `("nobody but a privacy officer is told: not a $role", async ({ role, code }) => {
    const { errors } = await house.as(role)(LOG, { childId: ids[0] });
    expect(errors?.[0]?.extensions.code).toBe(code);
  });

  test("it can be asked of the child, too", async () => {
    const { data, errors } = await officer(
      `query ($id: ID!) { childById(id: $id) { accessLog(first: 1) { edges { node { action } } } } }`,
      { id: ids[0] },
    );
    expect(errors).toBeUndefined();
    expect(data.childById.accessLog.edges).toHaveLength(1);
  });

  test.each(["nonsense", Buffer.from("elsewhere=3").toString("base64url")])(
    "a cursor of no page is refused: %s",
    async (after) => {
      const { errors } = await officer(LOG, { childId: ids[0], after });
      expect(errors?.[0]?.message).toBe("after must be a cursor of this list.");
    },
  );
});
