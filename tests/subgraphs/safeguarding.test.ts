import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Role, Viewer } from "../../schema/access";
import type { FlagKind } from "../../schema/vocabulary/flags";
import { safeguarding } from "../../subgraphs/safeguarding";
import { type SafeguardingFlag, shownFlags, standing } from "../../subgraphs/safeguarding/model";
import { eachDatabase } from "../databases";
import { event } from "../world";

const TODAY = "2026-06-01";

/** `LOOKED_AFTER_CHILD 2025-01-01 2026-01-01`: a kind, its start and its end if it has one. */
function flag(text: string, told = "WIRRAL 2026-01-01"): SafeguardingFlag {
  const [kind, startedOn = "", endedOn = null] = text.split(" ");
  const [system = "", on = ""] = told.split(" ");
  return {
    childId: "ada",
    kind: kind as FlagKind,
    startedOn,
    endedOn,
    localAuthority: "E08000015",
    officePhone: null,
    emergencyDutyPhone: null,
    source: { system, id: text },
    asOf: `${on}T00:00:00.000000000Z`,
    latest: true,
  };
}

describe("How a child stands by the flags known", () => {
  test.each`
    flags                                                                      | stands
    ${[]}                                                                      | ${"NONE_KNOWN"}
    ${["CHILD_PROTECTION_PLAN 2026-01-01"]}                                    | ${"CURRENT"}
    ${["CHILD_PROTECTION_PLAN 2026-01-01 2026-06-02"]}                         | ${"CURRENT"}
    ${["CHILD_PROTECTION_PLAN 2026-01-01 2026-06-01"]}                         | ${"ENDED"}
    ${["CHILD_PROTECTION_PLAN 2024-01-01 2025-06-02"]}                         | ${"ENDED"}
    ${["CHILD_PROTECTION_PLAN 2024-01-01 2025-06-01"]}                         | ${"NONE_KNOWN"}
    ${["CHILD_PROTECTION_PLAN 2026-06-01"]}                                    | ${"CURRENT"}
    ${["CHILD_PROTECTION_PLAN 2026-06-02"]}                                    | ${"NONE_KNOWN"}
    ${["REASONABLE_ADJUSTMENT 2026-01-01"]}                                    | ${"NONE_KNOWN"}
    ${["LOOKED_AFTER_CHILD 2020-01-01 2026-01-01", "RISK_TO_SELF 2026-05-01"]} | ${"CURRENT"}
  `("of $flags: $stands", ({ flags, stands }) => {
    expect(
      standing(
        shownFlags(
          flags.map((each: string) => flag(each)),
          TODAY,
        ),
        TODAY,
      ),
    ).toBe(stands);
  });

  test("one plan told by two systems is one, as it was told last", () => {
    const open = flag("LOOKED_AFTER_CHILD 2025-01-01", "WIRRAL 2026-01-01");
    const ended = flag("LOOKED_AFTER_CHILD 2025-01-01 2026-05-01", "WARRINGTON 2026-05-02");
    for (const told of [
      [open, ended],
      [ended, open],
    ])
      expect(shownFlags(told, TODAY)).toEqual([ended]);
  });

  test("current flags come first, then the latest start", () => {
    const told = [
      "LOOKED_AFTER_CHILD 2020-01-01 2026-01-01",
      "RISK_TO_SELF 2024-01-01",
      "CHILD_PROTECTION_PLAN 2025-01-01",
    ].map((each) => flag(each));
    expect(shownFlags(told, TODAY).map((each) => each.kind)).toEqual([
      "CHILD_PROTECTION_PLAN",
      "RISK_TO_SELF",
      "LOOKED_AFTER_CHILD",
    ]);
  });
});

const QUERY = `query ($id: ID!) { _entities(representations: [{ __typename: "Child", id: $id }]) { ... on Child {
  safeguarding { standing flags { kind startedOn endedOn raisedBy { __typename ... on RaisingAuthority { toldBy code name officePhone } } } } } } }`;

eachDatabase((places) => {
  let subgraph: Subgraph;

  beforeAll(async () => {
    await migrateSubgraph(safeguarding, places("safeguarding"));
    subgraph = await startSubgraph(safeguarding, {
      place: places("safeguarding"),
      now: () => Date.parse(`${TODAY}T10:00:00Z`),
    });
    const known = (childId: string, bornOn: string) => [
      event("IdentityRecorded", childId, { bornOn }),
      event("GpRegistrationRecorded", childId, { practice: "N85002", from: "2025-01-01" }),
    ];
    const plan = {
      kind: "CHILD_PROTECTION_PLAN",
      localAuthority: "E08000015",
      startedOn: "2026-01-05",
      endedOn: null,
      officePhone: "0151 496 0000",
      emergencyDutyPhone: null,
    } as const;
    await subgraph.deliver({
      number: 1,
      events: [
        ...known("ada", "2024-03-05"),
        event("SafeguardingFlagRecorded", "ada", plan),
        ...known("bea", "2024-03-05"),
        event("RestrictionRecorded", "bea", { restricted: true }),
        event("SafeguardingFlagRecorded", "bea", plan),
        ...known("cal", "2012-03-05"),
        ...known("dot", "2024-03-05"),
        event("SafeguardingFlagRecorded", "dot", plan),
        { ...event("SafeguardingFlagRecorded", "dot", {}), action: "withdraw", asOf: "2026-02-01T00:00:00.000000000Z" },
      ],
    });
  });

  afterAll(() => subgraph.close());

  async function ask(role: Role, id: string, localities: Viewer["localities"] = ["WIRRAL"]) {
    const viewer: Viewer = { subject: "s", name: "n", role, organisation: "N85002", localities, scopes: [] };
    const { data, errors } = await subgraph.ask({
      query: QUERY,
      variables: { id },
      viewer,
      requestId: `${role}-${id}`,
    });
    const [child] = (data?._entities ?? []) as { safeguarding: Record<string, unknown> | null }[];
    return { ...child?.safeguarding, refused: errors?.[0]?.extensions.code };
  }

  test("the safeguarding lead is shown who raised which flag", async () => {
    expect(await ask("SAFEGUARDING_LEAD", "ada")).toEqual({
      standing: "CURRENT",
      flags: [
        {
          kind: "CHILD_PROTECTION_PLAN",
          startedOn: "2026-01-05",
          endedOn: null,
          raisedBy: {
            __typename: "RaisingAuthority",
            toldBy: "WIRRAL",
            code: "E08000015",
            name: "Wirral",
            officePhone: "0151 496 0000",
          },
        },
      ],
      refused: undefined,
    });
  });

  test.each`
    role                      | child       | standing        | flags        | refused
    ${"HEALTH_VISITOR"}       | ${"ada"}    | ${"CURRENT"}    | ${null}      | ${undefined}
    ${"CHILD_HEALTH_CLERK"}   | ${"ada"}    | ${"CURRENT"}    | ${null}      | ${undefined}
    ${"GENERAL_PRACTITIONER"} | ${"ada"}    | ${"CURRENT"}    | ${null}      | ${undefined}
    ${"SCHOOL_NURSE"}         | ${"cal"}    | ${"NONE_KNOWN"} | ${null}      | ${undefined}
    ${"SAFEGUARDING_LEAD"}    | ${"dot"}    | ${"NONE_KNOWN"} | ${[]}        | ${undefined}
    ${"HEALTH_VISITOR"}       | ${"cal"}    | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
    ${"SCHOOL_NURSE"}         | ${"ada"}    | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
    ${"SCREENING_OFFICER"}    | ${"ada"}    | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
    ${"ANALYST"}              | ${"ada"}    | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
    ${"PRIVACY_OFFICER"}      | ${"ada"}    | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
    ${"PARTNER_APP"}          | ${"ada"}    | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
    ${"SAFEGUARDING_LEAD"}    | ${"nobody"} | ${undefined}    | ${undefined} | ${"NOT_PERMITTED"}
  `("a $role asking about $child sees standing $standing and flags $flags", async ({ role, child, ...expected }) => {
    expect(await ask(role, child)).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test("a lead of another locality is refused", async () => {
    expect(await ask("SAFEGUARDING_LEAD", "ada", ["WARRINGTON"])).toEqual({ refused: "NOT_PERMITTED" });
  });

  test("who raised a flag of a restricted child is withheld, because it tells where the child is", async () => {
    const { flags } = (await ask("SAFEGUARDING_LEAD", "bea")) as unknown as { flags: { raisedBy: object }[] };
    expect(flags.map((each) => each.raisedBy)).toEqual([{ __typename: "Withheld" }]);
  });
});
