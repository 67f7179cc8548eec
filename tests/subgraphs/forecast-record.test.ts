/** The plan of a child of the record: from whatever events told of the child, the answer anybody gets who asks about the same facts. */

import fc from "fast-check";
import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Viewer } from "../../schema/access";
import { addDays } from "../../schema/calendar";
import type { DoseRecorded, Event, NewbornBloodSpotRecorded, NewbornExaminationRecorded } from "../../schema/events";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type { BloodSpotOutcome } from "../../schema/vocabulary/screening";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { proves } from "../fixtures/schedule-sentences";

const ON = "2026-02-20";
const PLAN = `on rules
  doses { doseId vaccine state earliestOn recommendedOn dueOn overdueOn latestOn givenOn awaits reasonCode reason products { brand } }
  notCounted { vaccine givenOn precision reasonCode reason }`;
const CHILDREN = `query ($of: [_Any!]!, $on: Date) {
  _entities(representations: $of) { ... on Child { doses { id flags } immunisationPlan(on: $on) { ${PLAN} } } } }`;
const FORECAST = `query ($bornOn: Date!, $doses: [DoseInput!]!, $on: Date, $history: HistoryInput) {
  immunisationForecast(bornOn: $bornOn, doses: $doses, on: $on, history: $history) { ${PLAN} } }`;

const CLERK: Viewer = {
  subject: "test",
  name: "Test",
  role: "CHILD_HEALTH_CLERK",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: [],
};

const at = (hour: number) => `2026-01-01T${String(hour).padStart(2, "0")}:00:00.000000000Z`;
const header = (childId: string, id: string, hour: number, system = "WIRRAL") =>
  ({ childId, source: { system, id }, asOf: at(hour), action: "record" }) as const;

function born(childId: string, bornOn: string, locality: LocalityCode = "WIRRAL"): Event[] {
  return [
    {
      ...header(childId, childId, 1, locality),
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
    {
      ...header(childId, childId, 1, locality),
      type: "ResponsibilityRecorded",
      locality,
      status: "RESIDENT",
      from: null,
    },
  ];
}

function given(childId: string, text: string, system = "WIRRAL"): DoseRecorded {
  const [vaccine, date = ""] = text.split(" ");
  return {
    ...header(childId, text, 2, system),
    type: "DoseRecorded",
    vaccine: vaccine as Vaccine, // the tests name vaccines
    givenOn: `${date}${"-01-01".slice(date.length - 4)}`.slice(0, 10),
    precision: date.length === 4 ? "YEAR" : date.length === 7 ? "MONTH" : "DAY",
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
  };
}

function examined(childId: string, hour: number, bcgEligible: boolean | null, id = "exam"): NewbornExaminationRecorded {
  return {
    ...header(childId, id, hour, "nipe-outcome-1"),
    type: "NewbornExaminationRecorded",
    stage: "NEWBORN",
    examinedOn: "2025-12-01",
    results: [],
    bcgEligible,
    provider: null,
    comment: null,
  };
}

function screened(
  childId: string,
  hour: number,
  outcome: BloodSpotOutcome | null,
  id = "spot",
): NewbornBloodSpotRecorded {
  const result = (condition: "PKU" | "SCID", outcome: BloodSpotOutcome) =>
    ({ condition, outcome, status: null, subStatus: null, outcomeCode: null }) as const;
  return {
    ...header(childId, id, hour, "blood-spot-test-outcome-1"),
    type: "NewbornBloodSpotRecorded",
    results: [result("PKU", "SUSPECTED"), ...(outcome === null ? [] : [result("SCID", outcome)])],
    issuedAt: null,
    sampleTakenOn: "2025-12-05",
    provider: null,
    comment: null,
  };
}

eachDatabase((places) => {
  let part: Subgraph;
  let deliveries = 0;
  const tell = (...events: readonly Event[]) => part.deliver({ number: ++deliveries, events });
  const ask = async (query: string, variables: object) => {
    const { data, errors } = await part.ask({
      query,
      variables: { on: ON, ...variables },
      viewer: CLERK,
      requestId: "t",
    });
    expect(errors).toBeUndefined();
    // biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
    return data as any;
  };
  const childOf = async (id: string, on = ON) =>
    (await ask(CHILDREN, { of: [{ __typename: "Child", id }], on }))._entities[0];
  const planOf = async (id: string, on = ON) => (await childOf(id, on)).immunisationPlan;
  const forecastOf = async (bornOn: string, doses: readonly string[], history: object = {}, on = ON) => {
    const told = doses.map((text) => given("", text));
    const input = told.map(({ vaccine, givenOn, precision }) => ({ vaccine, givenOn, precision }));
    return (await ask(FORECAST, { bornOn, doses: input, history, on })).immunisationForecast;
  };
  const lineOf = (plan: { doses: { doseId: string; state: string; givenOn: string | null }[] }, doseId: string) => {
    const line = plan.doses.find((each) => each.doseId === doseId);
    if (line === undefined) throw new Error(`The plan has no ${doseId}.`);
    return line;
  };

  beforeAll(async () => {
    const place = places("immunisations-record");
    await migrateSubgraph(immunisations, place);
    part = await startSubgraph(immunisations, {
      place,
      now: () => Date.parse(`${ON}T10:00:00Z`),
      onFault: (fault) => {
        throw fault;
      },
    });
  });
  afterAll(() => part.close());

  describe("What screening told is copied, and counts in the plan", () => {
    const BORN = "2025-12-01";
    test.each`
      says                                   | child   | events                                                                                                    | history
      ${"nobody said anything"}              | ${"s0"} | ${() => []}                                                                                               | ${{}}
      ${"eligible for BCG"}                  | ${"s1"} | ${(id: string) => [examined(id, 3, true)]}                                                                | ${{ bcgEligible: true }}
      ${"not eligible"}                      | ${"s2"} | ${(id: string) => [examined(id, 3, false)]}                                                               | ${{ bcgEligible: false }}
      ${"examined, and nothing said of BCG"} | ${"s3"} | ${(id: string) => [examined(id, 3, null)]}                                                                | ${{}}
      ${"told late that it was eligible"}    | ${"s4"} | ${(id: string) => [examined(id, 5, false), examined(id, 3, true)]}                                        | ${{ bcgEligible: false }}
      ${"told, and taken back"}              | ${"s5"} | ${(id: string) => [examined(id, 3, true), { ...examined(id, 4, null), action: "withdraw" }]}              | ${{}}
      ${"taken back before it was told"}     | ${"s6"} | ${(id: string) => [{ ...examined(id, 4, null), action: "withdraw" }, examined(id, 3, true)]}              | ${{}}
      ${"not screened for SCID"}             | ${"s7"} | ${(id: string) => [examined(id, 3, true), screened(id, 3, null)]}                                         | ${{ bcgEligible: true }}
      ${"SCID awaited"}                      | ${"s8"} | ${(id: string) => [examined(id, 3, true), screened(id, 3, "RECEIVED")]}                                   | ${{ bcgEligible: true, scid: "AWAITED" }}
      ${"SCID not suspected since"}          | ${"s9"} | ${(id: string) => [examined(id, 3, true), screened(id, 3, "RECEIVED"), screened(id, 4, "NOT_SUSPECTED")]} | ${{ bcgEligible: true, scid: "NOT_SUSPECTED" }}
      ${"SCID suspected, a repeat clear"}    | ${"sa"} | ${(id: string) => [screened(id, 3, "SUSPECTED"), screened(id, 5, "NOT_SUSPECTED", "again")]}              | ${{ scid: "NOT_SUSPECTED" }}
      ${"SCID suspected"}                    | ${"sb"} | ${(id: string) => [screened(id, 3, "SUSPECTED")]}                                                         | ${{ scid: "SUSPECTED" }}
      ${"SCID screening declined"}           | ${"sc"} | ${(id: string) => [examined(id, 3, true), screened(id, 3, "DECLINED")]}                                   | ${{ bcgEligible: true, scid: "NOT_OFFERED" }}
    `(`${proves("BCG_TOLD")}: $says`, async ({ child, events, history }) => {
      await tell(...born(child, BORN), ...events(child));
      expect(await planOf(child)).toEqual(await forecastOf(BORN, [], history));
    });

    test("a suspicion of SCID withholds rotavirus of a child of the record, and BCG if it is eligible", async () => {
      await tell(...born("scid", "2026-01-01"), examined("scid", 3, true), screened("scid", 3, "SUSPECTED"));
      const plan = await planOf("scid", "2026-03-01");
      expect(["BCG", "ROTA_1", "ROTA_2"].map((id) => lineOf(plan, id).state)).toEqual(Array(3).fill("CONTRAINDICATED"));
    });

    test("a copy is no fact of this part: no outcome is answered, none is counted, and it may be told again", async () => {
      const before = await part.holdings();
      await tell(...born("copy", BORN));
      const events = [examined("copy", 3, true), screened("copy", 3, "NOT_SUSPECTED"), given("copy", "BCG 2026-01-10")];
      expect(events.map(({ type }) => part.takes(type))).toEqual([true, true, true]);
      expect(part.takes("NewbornHearingRecorded")).toBe(false);
      const outcomes = await tell(...events);
      expect(outcomes).toEqual([null, null, { disposition: "APPLIED", first: true }]);
      expect(await part.deliver({ number: deliveries, events })).toEqual(outcomes);
      expect(await tell(...events)).toEqual([null, null, { disposition: "DUPLICATE", first: false }]);
      const held = await part.holdings();
      expect(Object.keys(held)).toEqual(Object.keys(before));
      expect(held.DoseRecorded?.WIRRAL).toBe((before.DoseRecorded?.WIRRAL ?? 0) + 1);
      expect(lineOf(await planOf("copy"), "BCG").state).toBe("COMPLETE");
    });

    test("a merged child's screening counts for the whole", async () => {
      await tell(...born("whole", BORN), ...born("part", BORN), examined("part", 3, true));
      await tell({ ...header("part", "part", 6, "localities"), type: "ChildrenMerged", into: "whole" });
      for (const id of ["whole", "part"]) {
        expect(await planOf(id)).toEqual(await forecastOf(BORN, [], { bcgEligible: true }));
      }
    });

    test("hepatitis B at birth and at four weeks shows that the child is on the programme", async () => {
      const doses = ["HEPB 2025-12-01", "HEPB 2025-12-29"];
      await tell(...born("hepb", BORN), ...doses.map((text) => given("hepb", text)));
      const plan = await planOf("hepb");
      expect(plan).toEqual(await forecastOf(BORN, doses));
      expect([lineOf(plan, "HEPB_0").state, lineOf(plan, "HEPB_1").state]).toEqual(["COMPLETE", "COMPLETE"]);
    });
  });

  describe("Where the child is, and whose it is", () => {
    const BORN = "2024-08-20";
    const DOSES = ["HEXAVALENT 2024-10-15", "MENB 2024-10-15"];

    test("a restricted child has the plan that it would have anyway: only places are withheld", async () => {
      await tell(
        ...born("hidden", BORN),
        ...DOSES.map((text) => ({ ...given("hidden", text), place: "N85616", organisation: "RBL" })),
        { ...header("hidden", "hidden", 3), type: "RestrictionRecorded", restricted: true },
      );
      const plan = await planOf("hidden");
      expect(plan).toEqual(await forecastOf(BORN, DOSES));
      expect(JSON.stringify(plan)).not.toMatch(/N85616|RBL|WIRRAL/);
    });

    test.each`
      says                         | child   | death                                         | history                                         | suppressed
      ${"died yesterday"}          | ${"d0"} | ${{ status: "FORMAL", diedOn: "2026-02-19" }} | ${{ status: "DECEASED", diedOn: "2026-02-19" }} | ${true}
      ${"died today"}              | ${"d1"} | ${{ status: "FORMAL", diedOn: "2026-02-20" }} | ${{ status: "DECEASED", diedOn: "2026-02-20" }} | ${true}
      ${"died, no day known"}      | ${"d2"} | ${{ status: "INFORMAL", diedOn: null }}       | ${{ status: "DECEASED" }}                       | ${true}
      ${"death recorded in error"} | ${"d3"} | ${{ status: "REMOVED", diedOn: null }}        | ${{}}                                           | ${false}
    `(`${proves("SUPPRESSED")}: $says`, async ({ child, death, history, suppressed }) => {
      await tell(...born(child, BORN), ...DOSES.map((text) => given(child, text)), {
        ...header(child, child, 4),
        type: "DeathRecorded",
        ...death,
      });
      const plan = await planOf(child);
      expect(plan).toEqual(await forecastOf(BORN, DOSES, history));
      const states = new Set(plan.doses.map(({ state }: { state: string }) => state));
      expect(states.has("SUPPRESSED")).toBe(suppressed);
      if (suppressed) for (const state of ["DUE", "OVERDUE", "NOT_YET_DUE"]) expect(states.has(state)).toBe(false);
    });

    test("of a child that moved in, what its former locality told counts", async () => {
      const moved = {
        ...born("mover", BORN, "WARRINGTON")[1],
        asOf: at(1),
        source: { system: "WARRINGTON", id: "out" },
      };
      await tell(
        ...born("mover", BORN),
        { ...moved, status: "MOVED_OUT", from: "2025-01-01" } as Event, // what Warrington says of a child it had
        ...DOSES.map((text) => given("mover", text, "WARRINGTON")),
        given("mover", "HEXAVALENT 2025-03-10"),
      );
      expect(await planOf("mover")).toEqual(await forecastOf(BORN, [...DOSES, "HEXAVALENT 2025-03-10"]));
    });
  });

  describe("Doses told by two localities", () => {
    const BORN = "2024-08-20";
    test.each`
      says                                   | child   | wirral                       | warrington                   | counted                         | flagged
      ${"the same day"}                      | ${"t0"} | ${["HEXAVALENT 2024-10-15"]} | ${["HEXAVALENT 2024-10-15"]} | ${["2024-10-15", null]}         | ${0}
      ${"the day after"}                     | ${"t1"} | ${["HEXAVALENT 2024-10-15"]} | ${["HEXAVALENT 2024-10-16"]} | ${["2024-10-15", null]}         | ${1}
      ${"27 days apart"}                     | ${"t2"} | ${["HEXAVALENT 2024-10-15"]} | ${["HEXAVALENT 2024-11-11"]} | ${["2024-10-15", null]}         | ${1}
      ${"28 days apart"}                     | ${"t3"} | ${["HEXAVALENT 2024-10-15"]} | ${["HEXAVALENT 2024-11-12"]} | ${["2024-10-15", "2024-11-12"]} | ${0}
      ${"29 days apart"}                     | ${"t4"} | ${["HEXAVALENT 2024-10-15"]} | ${["HEXAVALENT 2024-11-13"]} | ${["2024-10-15", "2024-11-13"]} | ${0}
      ${"the day, and the month it lies in"} | ${"t5"} | ${["HEXAVALENT 2024-10-15"]} | ${["HEXAVALENT 2024-10"]}    | ${["2024-10-15", null]}         | ${1}
      ${"the same month twice"}              | ${"t6"} | ${["HEXAVALENT 2024-11"]}    | ${["HEXAVALENT 2024-11"]}    | ${["2024-11-01", null]}         | ${0}
      ${"the same year"}                     | ${"t7"} | ${["HEXAVALENT 2025"]}       | ${["HEXAVALENT 2025"]}       | ${["2025-01-01", null]}         | ${0}
    `(`${proves("ONE_OF_TWO")}: $says`, async ({ child, wirral, warrington, counted, flagged }) => {
      await tell(
        ...born(child, BORN),
        ...wirral.map((text: string) => given(child, text)),
        ...warrington.map((text: string) => given(child, text, "WARRINGTON")),
      );
      const { doses, immunisationPlan: plan } = await childOf(child);
      expect(["HEXA_1", "HEXA_2"].map((id) => lineOf(plan, id).givenOn)).toEqual(counted);
      expect(doses.filter(({ flags }: { flags: string[] }) => flags.includes("POSSIBLE_DUPLICATE"))).toHaveLength(
        flagged,
      );
    });
  });

  test("the plan of a child and a forecast about nobody are the same for the same facts, whatever they are", async () => {
    const vaccines = [
      "HEXAVALENT",
      "DTAPIPV",
      "TDIPV",
      "HIBMENC",
      "MENB",
      "MENACWY",
      "PCV",
      "MMR",
      "MMRV",
      "HPV",
      "HEPB",
    ];
    const dose = fc.record({
      vaccine: fc.constantFrom(...vaccines, "FLU", "ROTAVIRUS", "BCG", "UNKNOWN"),
      age: fc.integer({ min: -5, max: 5500 }),
      known: fc.constantFrom(10, 10, 10, 10, 7, 4),
      system: fc.constantFrom("WIRRAL", "WARRINGTON"),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 7000 }).map((days) => addDays("2007-01-01", days)),
        fc.array(dose, { maxLength: 14 }),
        fc.constantFrom(null, true, false),
        fc.constantFrom(null, "NOT_SUSPECTED", "SUSPECTED"),
        async (bornOn, told, bcgEligible, scid) => {
          const childId = `made ${count++}`;
          const texts = told.map(({ vaccine, age, known }) => `${vaccine} ${addDays(bornOn, age).slice(0, known)}`);
          await tell(
            ...born(childId, bornOn),
            // A sender keeps an id for each dose, though two be alike.
            ...told.map(({ system }, i) => ({
              ...given(childId, texts[i] ?? "", system),
              source: { system, id: `${i}` },
            })),
            examined(childId, 3, bcgEligible),
            screened(childId, 3, scid as BloodSpotOutcome | null), // one of three
          );
          const plan = await planOf(childId);
          // About nobody there is one asker: of doses alike two localities each tell what one of them tells.
          const lists = ["WIRRAL", "WARRINGTON"].map((system) => texts.filter((_, i) => told[i]?.system === system));
          const most = [...new Set(texts)].flatMap((text) => {
            const times = lists.map((list) => list.filter((each) => each === text).length);
            const number = text.startsWith("UNKNOWN") ? (times[0] ?? 0) + (times[1] ?? 0) : Math.max(...times);
            return Array<string>(number).fill(text);
          });
          expect(plan).toEqual(await forecastOf(bornOn, most, { bcgEligible, scid }));
        },
      ),
      { numRuns: 40 },
    );
  });
});
