import { child, event, type World, world } from "../../world";

let house: World;

const plan = (childId: string) =>
  event("SafeguardingFlagRecorded", childId, {
    kind: "CHILD_PROTECTION_PLAN",
    localAuthority: "E08000015",
    startedOn: "2026-01-05",
    endedOn: null,
    officePhone: null,
    emergencyDutyPhone: null,
  });

beforeAll(async () => {
  house = await world();
  await house.tell(
    ...child("planned", { nhsNumber: "9990000018", bornOn: "2024-03-05" }),
    plan("planned"),
    ...child("other", { nhsNumber: "9990000026", bornOn: "2024-03-05" }),
    // Registered in East Cheshire; the plan is Wirral's.
    ...child("elsewhere", { nhsNumber: "9990000034", bornOn: "2024-03-05", practice: "N81001" }),
    plan("elsewhere"),
    ...child("solo", { nhsNumber: "9990000042", given: "Solo", family: "Single", bornOn: "2024-03-05" }),
  );
});
afterAll(() => house.close());

const STANDING = "safeguarding { standing flags { kind } }";
const lead = () => house.as("SAFEGUARDING_LEAD", { localities: ["WIRRAL"] });
const nurse = () => house.as("HEALTH_VISITOR", { localities: ["WIRRAL"] });

describe("Safeguarding", () => {
  test("is asked about one child, and its existence told apart from its detail", async () => {
    const asked = `{ childById(id: "planned") { ${STANDING} } }`;
    expect((await lead()(asked)).data.childById.safeguarding).toEqual({
      standing: "CURRENT",
      flags: [{ kind: "CHILD_PROTECTION_PLAN" }],
    });
    expect((await nurse()(asked)).data.childById.safeguarding).toEqual({ standing: "CURRENT", flags: null });
  });

  test.each`
    list                                                                                            | as
    ${`children(where: {}, first: 10) { edges { node { id ${STANDING} } } }`}                       | ${"a list"}
    ${`findChildren(by: { name: "Ada Example" }, first: 10) { edges { node { id ${STANDING} } } }`} | ${"a search"}
  `("is refused down $as, and of no child in it", async ({ list }) => {
    for (const ask of [lead(), nurse()]) {
      const { data, errors } = await ask(`{ ${list} }`);
      const [answered] = Object.values(data) as { edges: { node: { safeguarding: unknown } }[] }[];
      expect(answered?.edges.length).toBeGreaterThan(1);
      expect(answered?.edges.map(({ node }) => node.safeguarding)).toEqual(answered?.edges.map(() => null));
      expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(["ONE_CHILD_AT_A_TIME"]));
    }
  });

  test.each`
    list                                                                                        | as
    ${`children(where: {}, first: 1) { edges { node { id ${STANDING} } } }`}                    | ${"a page of one"}
    ${`findChildren(by: { name: "Solo Single" }) { edges { node { id ${STANDING} } } }`}        | ${"a search that finds one"}
    ${`children(where: {}, first: 1) { edges { node { ... on Child { aka: ${STANDING} } } } }`} | ${"a page of one, under another name"}
  `("is refused of $as, as of a longer one", async ({ list }) => {
    for (const ask of [lead(), nurse()]) {
      const { data, errors } = await ask(`{ ${list} }`);
      const [answered] = Object.values(data) as { edges: { node: Record<string, unknown> }[] }[];
      expect(answered?.edges.map(({ node }) => node.safeguarding ?? node.aka ?? null)).toEqual([null]);
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["ONE_CHILD_AT_A_TIME"]);
    }
  });

  test("is shown of one child by name and refused of the list beside it, where both are one request", async () => {
    const { data, errors } = await lead()(`{
      one: childById(id: "solo") { ${STANDING} }
      all: findChildren(by: { name: "Solo Single" }) { edges { node { ${STANDING} } } } }`);
    expect(data.one.safeguarding).toEqual({ standing: "NONE_KNOWN", flags: [] });
    expect(data.all.edges).toEqual([{ node: { safeguarding: null } }]);
    expect(errors?.map(({ path }) => path?.[0])).toEqual(["all"]);
  });

  test("is known to those who answer for a plan, wherever the child lives, and the child is in none of their lists", async () => {
    const { data } = await lead()(`{ childById(id: "elsewhere") { name { full } ${STANDING} } }`);
    expect(data.childById).toMatchObject({ name: { full: "Ada Example" }, safeguarding: { standing: "CURRENT" } });
    const listed = await lead()("{ children(where: {}, first: 10) { edges { node { id } } } }");
    const ids = listed.data.children.edges.map(({ node }: { node: { id: string } }) => node.id).sort();
    expect(ids).toEqual(["other", "planned", "solo"]);
    expect((await nurse()(`{ childById(id: "elsewhere") { id } }`)).data).toEqual({ childById: null });
  });

  test("is not a check with the national service, whose purpose is always said", async () => {
    const check = (purpose: string) => `{ childById(id: "other") { safeguarding { standing nationalCheck${purpose} {
      purpose standing reason } } } }`;
    const { data } = await nurse()(check("(purpose: SCHEDULED)"));
    expect(data.childById.safeguarding).toEqual({
      standing: "NONE_KNOWN",
      nationalCheck: {
        purpose: "SCHEDULED",
        standing: "COULD_NOT_BE_CHECKED",
        reason: "This record is not connected to the national child protection service: check it there.",
      },
    });
    expect((await nurse()(check(""))).errors?.[0]?.message).toMatch("purpose");
  });
});
