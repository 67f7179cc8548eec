import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import { ROLES, type Role, type Viewer } from "../../schema/access";
import type { DoseNotGivenRecorded, DoseRecorded, Event } from "../../schema/events";
import { PROCEDURES, PRODUCTS, type Vaccine } from "../../schema/vocabulary/vaccines";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { proves } from "../fixtures/schedule-sentences";
import type { Answer } from "../world";

const ON = "2026-02-20";
const PLAN = `on rules
  doses { doseId name vaccine state earliestOn recommendedOn dueOn overdueOn latestOn givenOn awaits reasonCode reason
    products { brand porcineGelatine } }
  notCounted { vaccine givenOn precision reasonCode reason }`;
const FORECAST = `query ($bornOn: Date!, $doses: [DoseInput!]!, $on: Date, $history: HistoryInput) {
  immunisationForecast(bornOn: $bornOn, doses: $doses, on: $on, history: $history) { ${PLAN} } }`;
const CHILD = `query ($of: [_Any!]!, $on: Date) {
  _entities(representations: $of) { ... on Child { doses { id } immunisationPlan(on: $on) { doses { metBy } ${PLAN} } } } }`;

const at = (hour: number) => `2026-01-01T0${hour}:00:00.000000000Z`;

function viewer(role: Role, more: Partial<Viewer> = {}): Viewer {
  return { subject: "test", name: "Test", role, organisation: null, localities: ["WIRRAL"], scopes: [], ...more };
}

function born(childId: string, bornOn: string): Event[] {
  const header = { childId, source: { system: "WIRRAL", id: childId }, asOf: at(1), action: "record" } as const;
  return [
    {
      ...header,
      type: "IdentityRecorded",
      nhsNumber: null,
      nhsNumberStatus: "ABSENT",
      supersededNhsNumbers: [],
      familyName: "Example",
      givenNames: "Ada",
      bornOn,
      bornAtTime: null,
      sex: "FEMALE",
      ethnicCategory: null,
    },
    { ...header, type: "ResponsibilityRecorded", locality: "WIRRAL", status: "RESIDENT", from: null },
  ];
}

function given(childId: string, vaccine: Vaccine, givenOn: string, more: Partial<DoseRecorded> = {}): DoseRecorded {
  return {
    type: "DoseRecorded",
    action: "record",
    childId,
    source: { system: "WIRRAL", id: `${vaccine} ${givenOn}` },
    asOf: at(2),
    vaccine,
    givenOn,
    precision: "DAY",
    procedureCode: null,
    productCode: null,
    doseNumber: null,
    site: null,
    route: null,
    batchNumber: null,
    expiresOn: null,
    manufacturer: null,
    amountMillilitres: null,
    givenBy: null,
    organisation: null,
    place: null,
    primarySource: true,
    ...more,
  };
}

const declined = (childId: string, vaccine: Vaccine, decidedOn: string): DoseNotGivenRecorded => ({
  type: "DoseNotGivenRecorded",
  action: "record",
  childId,
  source: { system: "WIRRAL", id: `not ${vaccine}` },
  asOf: at(2),
  vaccine,
  reason: "DECLINED",
  decidedOn,
  until: null,
  organisation: null,
});

const BORN = "2024-08-20";
const GIVEN: readonly (readonly [Vaccine, string])[] = [
  ["HEXAVALENT", "2024-10-15"],
  ["MENB", "2024-10-15"],
  ["ROTAVIRUS", "2024-10-15"],
  ["HEXAVALENT", "2024-11-12"],
  ["ROTAVIRUS", "2024-11-12"],
  ["PCV", "2024-11-12"],
  ["HEXAVALENT", "2024-12-10"],
  ["MENB", "2024-12-10"],
  ["MENB", "2025-08-20"],
  ["PCV", "2025-08-20"],
  ["MMR", "2025-08-19"],
];
const TOLD = GIVEN.map(([vaccine, givenOn]) => ({ vaccine, givenOn }));

eachDatabase((places) => {
  let part: Subgraph;
  let deliveries = 0;
  let now = "2026-02-20T10:00:00Z";
  const tell = (...events: readonly Event[]) => part.deliver({ number: ++deliveries, events });
  const ask = async (query: string, variables: object, who: Viewer = viewer("CHILD_HEALTH_CLERK")) => {
    const { data, errors } = await part.ask({
      query,
      variables: { on: ON, ...variables },
      viewer: who,
      requestId: "test",
    });
    return {
      data: data as Answer["data"], // what a test asks for is what it knows the shape of
      codes: errors?.map(({ extensions }) => extensions.code),
      messages: errors?.map(({ message }) => message),
    };
  };
  const planOf = async (childId: string, who?: Viewer) => {
    const { data, codes } = await ask(CHILD, { of: [{ __typename: "Child", id: childId }] }, who);
    return { plan: data._entities[0]?.immunisationPlan, doses: data._entities[0]?.doses, codes };
  };
  const stateOf = (plan: { doses: { doseId: string; state: string }[] }, doseId: string) =>
    plan.doses.find((line) => line.doseId === doseId)?.state;

  beforeAll(async () => {
    const place = places("immunisations-forecast");
    await migrateSubgraph(immunisations, place);
    part = await startSubgraph(immunisations, {
      place,
      now: () => Date.parse(now),
      onFault: (fault) => {
        throw fault;
      },
    });
  });
  afterAll(() => part.close());

  describe("The plan of a child and a forecast about nobody", () => {
    test("are the same for the same facts, told twice in part and one of them refused", async () => {
      const records = GIVEN.flatMap(([vaccine, givenOn], id) => [
        given("ada", vaccine, givenOn),
        ...(id % 2 ? [given("ada", vaccine, givenOn, { source: { system: "WARRINGTON", id: `${id}` } })] : []),
      ]);
      await tell(
        ...born("ada", BORN),
        ...records,
        given("ada", "HPV", "2025-01-01", { precision: "YEAR" }),
        declined("ada", "HEXAVALENT", "2026-01-10"),
      );
      const { plan } = await planOf("ada");
      const { data } = await ask(FORECAST, {
        bornOn: BORN,
        doses: [
          ...TOLD.toReversed(),
          ...TOLD.slice(0, 4),
          { vaccine: "HPV", givenOn: "2025-06-30", precision: "YEAR" },
        ],
        history: { notGiven: [{ vaccine: "HEXAVALENT", reason: "DECLINED", decidedOn: "2026-01-10" }] },
      });
      expect(plan).toMatchObject(data.immunisationForecast);
      expect(plan.doses).toHaveLength(data.immunisationForecast.doses.length);
      expect(stateOf(plan, "HEXA_4")).toBe("REFUSED");
    });

    test("tell each dose in full: its dates, the dose that met it, and why in a nurse's words", async () => {
      const { plan, doses } = await planOf("ada");
      expect(plan).toMatchObject({ on: ON, rules: "ENGLAND_2026_01" });
      const line = (doseId: string) => plan.doses.find((each: { doseId: string }) => each.doseId === doseId);
      expect(line("HEXA_1")).toEqual({
        doseId: "HEXA_1",
        name: "First 6-in-1",
        vaccine: "HEXAVALENT",
        state: "COMPLETE",
        earliestOn: "2024-10-01",
        recommendedOn: "2024-10-15",
        dueOn: null,
        overdueOn: null,
        latestOn: "2034-08-19",
        givenOn: "2024-10-15",
        metBy: expect.stringMatching(/^[\w-]{16}$/),
        awaits: null,
        reasonCode: "GIVEN",
        reason: "6-in-1 given on 15 October 2024.",
        products: [],
      });
      expect(doses.map(({ id }: { id: string }) => id)).toContain(line("HEXA_1").metBy);
      expect(line("MMR_1")).toMatchObject({
        vaccine: "MMRV",
        state: "OVERDUE",
        earliestOn: "2025-09-16",
        dueOn: "2025-09-16",
        overdueOn: "2025-10-15",
        metBy: null,
        reason:
          "Due since 16 September 2025, so that the gap after the dose before is kept. Overdue since 15 October 2025, by this service's threshold.",
      });
      expect(line("HEXA_4").reason).toBe("Declined on 10 January 2026, and not given since.");
      expect(line("HIBMENC_1").reason).toBe("Only for children born before 1 July 2024.");
      expect(plan.notCounted).toMatchObject([
        {
          vaccine: "MMR",
          givenOn: "2025-08-19",
          precision: "DAY",
          reasonCode: "TOO_YOUNG",
          reason:
            "Measles, mumps and rubella given on 19 August 2025 does not count: it was before the earliest age for it. It stays on the record.",
        },
      ]);
    });

    test("what official rules leave open is said with the dose", async () => {
      const { data } = await ask(FORECAST, { bornOn: "2026-01-01", doses: [] });
      const line = data.immunisationForecast.doses.find((each: { doseId: string }) => each.doseId === "MMR_2");
      expect(line.reason).toMatch(/^Follows another dose .* Sources differ on the earliest age/);
    });

    test.each`
      at                        | on
      ${"2026-02-20T10:00:00Z"} | ${"2026-02-20"}
      ${"2026-06-30T22:59:59Z"} | ${"2026-06-30"}
      ${"2026-06-30T23:00:00Z"} | ${"2026-07-01"}
      ${"2026-12-31T23:59:59Z"} | ${"2026-12-31"}
      ${"2027-01-01T00:00:00Z"} | ${"2027-01-01"}
    `(`${proves("LONDON")}: asked at $at without a day, the plan is for $on`, async ({ at, on }) => {
      now = at;
      const { data } = await part.ask({
        query: '{ immunisationForecast(bornOn: "2026-01-08", doses: []) { on } }',
        viewer: viewer("ANALYST"),
        requestId: "test",
      });
      now = "2026-02-20T10:00:00Z";
      expect(data).toMatchObject({ immunisationForecast: { on } });
    });

    test.each`
      doseId     | bornOn          | on              | products
      ${"MMR_1"} | ${"2025-02-10"} | ${"2026-02-20"} | ${[{ brand: "ProQuad", porcineGelatine: true }, { brand: "Priorix-Tetra", porcineGelatine: false }]}
      ${"MMR_1"} | ${"2019-02-10"} | ${"2026-02-20"} | ${[{ brand: "Priorix", porcineGelatine: false }, { brand: "MMR VaxPro", porcineGelatine: true }]}
      ${"HPV_1"} | ${"2013-02-10"} | ${"2026-02-20"} | ${[{ brand: "Gardasil 9", porcineGelatine: null }]}
      ${"FLU"}   | ${"2025-02-10"} | ${"2026-02-20"} | ${[]}
    `(`${proves("GELATINE")}: $doseId of a child born $bornOn`, async ({ doseId, bornOn, on, products }) => {
      const { data } = await ask(FORECAST, { bornOn, doses: [], on });
      const line = data.immunisationForecast.doses.find((each: { doseId: string }) => each.doseId === doseId);
      expect(line.products).toEqual(products);
    });
  });

  test("nothing is due for a child that died or moved away, and what was given stays", async () => {
    const death = {
      childId: "di",
      source: { system: "WIRRAL", id: "di" },
      asOf: at(3),
      action: "record",
      type: "DeathRecorded",
      status: "FORMAL",
      diedOn: "2026-01-20",
    } as const;
    await tell(...born("di", BORN), given("di", "HEXAVALENT", "2024-10-15"));
    expect(stateOf((await planOf("di")).plan, "HEXA_2")).toBe("OVERDUE");
    await tell(death);
    const { plan } = await planOf("di");
    expect([stateOf(plan, "HEXA_1"), stateOf(plan, "HEXA_2")]).toEqual(["COMPLETE", "SUPPRESSED"]);
    await tell({ ...death, asOf: at(4), status: "REMOVED", diedOn: null });
    expect(stateOf((await planOf("di")).plan, "HEXA_2")).toBe("OVERDUE");

    const [, responsible] = born("di", BORN);
    if (responsible?.type !== "ResponsibilityRecorded" || responsible.action !== "record") throw new Error("Not told.");
    await tell({ ...responsible, asOf: "2026-02-19T05:00:00.000000000Z", status: "MOVED_OUT" });
    expect(stateOf((await planOf("di")).plan, "HEXA_2")).toBe("SUPPRESSED");
  });

  test("a child whose day of birth is not known has no plan, which is no error", async () => {
    const [, responsible] = born("nil", BORN);
    if (responsible === undefined) throw new Error("Not told.");
    await tell(responsible);
    expect(await planOf("nil")).toMatchObject({ plan: null, codes: undefined });
  });

  test("the plan of a merged child is made of all its records, under either id", async () => {
    const merged = {
      childId: "part",
      source: { system: "localities", id: "part" },
      asOf: at(5),
      action: "record",
      type: "ChildrenMerged",
      into: "whole",
    } as const;
    await tell(
      ...born("whole", BORN),
      ...born("part", BORN),
      given("whole", "HEXAVALENT", "2024-10-15"),
      given("part", "HEXAVALENT", "2024-11-12"),
      merged,
    );
    for (const childId of ["whole", "part"]) {
      const { plan } = await planOf(childId);
      expect([stateOf(plan, "HEXA_1"), stateOf(plan, "HEXA_2")]).toEqual(["COMPLETE", "COMPLETE"]);
    }
  });

  describe("What a forecast is asked with", () => {
    const forecastOf = (dose: object, more: object = {}) =>
      ask(FORECAST, { bornOn: "2014-03-10", on: "2026-02-20", doses: [{ givenOn: "2025-09-10", ...dose }], ...more });
    const vaccineTold = async (dose: object) => {
      const { data } = await forecastOf(dose);
      const { doses, notCounted } = data.immunisationForecast;
      return [...doses.filter((each: { givenOn: string | null }) => each.givenOn !== null), ...notCounted][0]?.vaccine;
    };

    test("every procedure code of a vaccine given is understood", async () => {
      const codes = Object.entries(PROCEDURES).filter(([, row]) => !("notGiven" in row));
      for (const [vaccineCode, { vaccine }] of codes) expect(await vaccineTold({ vaccineCode })).toBe(vaccine);
      expect(codes.length).toBeGreaterThan(35);
    });

    test("every product code is understood", async () => {
      for (const [productCode, { vaccine }] of Object.entries(PRODUCTS)) {
        expect(await vaccineTold({ productCode })).toBe(vaccine);
      }
    });

    test.each`
      dose                                                    | code                  | message
      ${{ vaccineCode: "12345" }}                             | ${"CODE_UNKNOWN"}     | ${"SNOMED CT procedure code 12345 at doses[0].vaccineCode is not in the vaccines table."}
      ${{ vaccineCode: "275974002" }}                         | ${"CODE_UNKNOWN"}     | ${"SNOMED CT procedure code 275974002 at doses[0].vaccineCode is not in the vaccines table."}
      ${{ productCode: "12345" }}                             | ${"CODE_UNKNOWN"}     | ${"dm+d product code 12345 at doses[0].productCode is not in the vaccines table."}
      ${{}}                                                   | ${"ARGUMENT_INVALID"} | ${"doses[0] must be one vaccine: by vaccineCode, productCode or vaccine, and where there are several they agree."}
      ${{ vaccine: "MMR", productCode: "45480711000001107" }} | ${"ARGUMENT_INVALID"} | ${"doses[0] must be one vaccine: by vaccineCode, productCode or vaccine, and where there are several they agree."}
      ${{ vaccine: "MMR", abroad: "OPV" }}                    | ${"ARGUMENT_INVALID"} | ${"doses[0] must be one vaccine."}
    `("$dose is refused: $code", async ({ dose, code, message }) => {
      const { codes, messages } = await forecastOf(dose);
      expect([codes, messages]).toEqual([[code], [message]]);
    });

    test("more doses than anybody was given are refused", async () => {
      const doses = Array.from({ length: 201 }, () => ({ vaccine: "FLU", givenOn: "2025-09-10" }));
      const { codes } = await ask(FORECAST, { bornOn: "2014-03-10", doses });
      expect(codes).toEqual(["ARGUMENT_INVALID"]);
    });

    test("what is known besides changes the plan: BCG, hepatitis B, risks, and vaccines from abroad", async () => {
      const { data } = await ask(FORECAST, {
        bornOn: "2025-12-01",
        doses: [{ abroad: "PCV10", givenOn: "2026-02-01" }],
        history: {
          bcgEligible: true,
          scid: "AWAITED",
          motherHepatitisB: true,
          clinicalRisk: true,
          immunosuppressed: false,
          hadChickenpox: false,
        },
      });
      const plan = data.immunisationForecast;
      expect([stateOf(plan, "BCG"), stateOf(plan, "HEPB_1"), stateOf(plan, "FLU")]).toEqual([
        "NOT_YET_DUE",
        "AGED_OUT",
        "NOT_ELIGIBLE",
      ]);
      expect(plan.notCounted).toMatchObject([{ vaccine: "PCV", reasonCode: "NOT_COUNTED_HERE" }]);
    });
  });

  test.each`
    history                                          | state
    ${{ diedOn: "2026-02-01" }}                      | ${"SUPPRESSED"}
    ${{ diedOn: "2026-02-01", status: "MOVED_OUT" }} | ${"SUPPRESSED"}
    ${{ diedOn: "2026-02-01", status: "RESIDENT" }}  | ${"SUPPRESSED"}
    ${{ diedOn: "2026-02-02", status: "DECEASED" }}  | ${"OVERDUE"}
    ${{ status: "DECEASED" }}                        | ${"SUPPRESSED"}
  `("nothing is due for nobody who died, told by $history: on 1 February $state", async ({ history, state }) => {
    const { data } = await ask(FORECAST, { bornOn: "2024-08-20", doses: [], on: "2026-02-01", history });
    expect(stateOf(data.immunisationForecast, "HEXA_1")).toBe(state);
  });

  describe("Who may ask", () => {
    const asked = (role: Role, scopes: readonly string[] = []) =>
      ask(FORECAST, { bornOn: BORN, doses: [] }, viewer(role, { scopes, localities: [] }));

    test.each(Object.keys(ROLES).filter((role) => role !== "PARTNER_APP"))("%s may ask about nobody", async (role) => {
      expect((await asked(role as Role)).codes).toBeUndefined(); // the keys are roles
    });

    test.each`
      scopes                    | codes
      ${["forecast:ask"]}       | ${undefined}
      ${["immunisations:read"]} | ${["NOT_PERMITTED"]}
      ${[]}                     | ${["NOT_PERMITTED"]}
    `("an app with $scopes: $codes", async ({ scopes, codes }) => {
      expect((await asked("PARTNER_APP", scopes)).codes).toEqual(codes);
    });

    test.each`
      who                                                          | sees
      ${viewer("CHILD_HEALTH_CLERK")}                              | ${true}
      ${viewer("HEALTH_VISITOR")}                                  | ${true}
      ${viewer("SCHOOL_NURSE")}                                    | ${false}
      ${viewer("CHILD_HEALTH_CLERK", { localities: [] })}          | ${false}
      ${viewer("PARTNER_APP", { scopes: ["immunisations:read"] })} | ${true}
      ${viewer("PARTNER_APP", { scopes: ["forecast:ask"] })}       | ${false}
      ${viewer("ANALYST")}                                         | ${false}
    `("the plan of a child of Wirral is shown to $who.role of $who.localities: $sees", async ({ who, sees }) => {
      const { plan, codes } = await planOf("ada", who);
      expect(plan !== null).toBe(sees);
      if (!sees) expect(codes).toContain("NOT_PERMITTED");
    });
  });
});
