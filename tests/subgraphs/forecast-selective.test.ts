/** Selective hepatitis B and BCG: section 9 of the reference. */

import fc from "fast-check";
import { addDays, type Day } from "../../schema/calendar";
import { BLOOD_SPOT_OUTCOMES, type BloodSpotOutcome } from "../../schema/vocabulary/screening";
import { forecast, forecaster } from "../../subgraphs/immunisations/forecast";
import { bcgEligibleOf, scidOf } from "../../subgraphs/immunisations/newborn";
import type { History, Plan } from "../../subgraphs/immunisations/plan";
import { sayWhy } from "../../subgraphs/immunisations/reasons";
import { type BloodSpotReport, newbornBloodSpot } from "../../subgraphs/screening/model";
import { told } from "../../subgraphs/screening/standing";
import { history, lineOf, notCounted, onTime, stateOf, those } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day, more: Partial<History> = {}): Plan =>
  forecast(history(bornOn, doses, more), on);
const threeDays = (day: Day): readonly Day[] => [addDays(day, -1), day, addDays(day, 1)];
const BORN = "2025-03-10";

describe("Hepatitis B", () => {
  const selected = { motherHepatitisB: true } as const;

  test.each`
    doseId      | day             | states                                 | says
    ${"HEPB_0"} | ${"2025-03-11"} | ${["DUE", "DUE", "OVERDUE"]}           | ${"until the day after birth, on which the 24 hours end"}
    ${"HEPB_0"} | ${"2025-04-07"} | ${["OVERDUE", "AGED_OUT", "AGED_OUT"]} | ${"at four weeks the next takes its place"}
    ${"HEPB_1"} | ${"2025-04-07"} | ${["NOT_YET_DUE", "DUE", "DUE"]}       | ${"at four weeks"}
    ${"HEPB_1"} | ${"2025-05-05"} | ${["DUE", "AGED_OUT", "AGED_OUT"]}     | ${"from eight weeks the 6-in-1 takes its place"}
  `(`${proves("HEPB_AT_BIRTH")}: $doseId about $day $states, $says`, ({ doseId, day, states }) => {
    expect(threeDays(day).map((on) => stateOf(planned(BORN, [], on, selected), doseId))).toEqual(states);
  });

  test(`${proves("HEPB_AT_BIRTH")}: the reason says that the hours run from the time of birth`, () => {
    const plan = planned(BORN, [], BORN, selected);
    expect(sayWhy(lineOf(plan, "HEPB_0"), BORN)).toMatch(/Within 24 hours of the time of birth/);
  });

  test("the dose at four weeks is no earlier, whether or not one was given at birth", () => {
    expect(lineOf(planned(BORN, [], BORN, selected), "HEPB_1").earliestOn).toBe(addDays(BORN, 28));
    expect(lineOf(planned(BORN, [`HEPB ${BORN}`], BORN, selected), "HEPB_1").earliestOn).toBe(addDays(BORN, 28));
  });

  test.each`
    doseId      | day
    ${"HEXA_1"} | ${"2025-05-05"}
    ${"HEXA_2"} | ${"2025-06-02"}
    ${"HEXA_3"} | ${"2025-06-30"}
  `(`${proves("HEPB_WITH_HEXA")}: $doseId on $day`, ({ doseId, day }) => {
    const doses = ["HEPB 2025-03-10", "HEPB 2025-04-07", ...onTime(BORN, addDays(day, -1))];
    expect(threeDays(day).map((on) => stateOf(planned(BORN, doses, on, selected), doseId))).toEqual([
      "NOT_YET_DUE",
      "DUE",
      "DUE",
    ]);
  });

  test.each`
    bornOn          | state             | why
    ${"2024-06-29"} | ${"DUE"}          | ${/With a blood test for hepatitis B/}
    ${"2024-06-30"} | ${"DUE"}          | ${/With a blood test for hepatitis B/}
    ${"2024-07-01"} | ${"NOT_ELIGIBLE"} | ${/Instead, a dried blood spot test for hepatitis B at 12 to 18 months/}
    ${"2024-07-02"} | ${"NOT_ELIGIBLE"} | ${/Instead, a dried blood spot test for hepatitis B at 12 to 18 months/}
  `(`${proves("HEPB_AT_TWELVE")}: born $bornOn $state`, ({ bornOn, state, why }) => {
    const plan = planned(bornOn, [`HEPB ${bornOn}`], "2025-07-10", selected);
    expect(stateOf(plan, "HEPB_2")).toBe(state);
    expect(sayWhy(lineOf(plan, "HEPB_2"), plan.on)).toMatch(why);
  });

  test(`${proves("HEPB_AT_TWELVE")}: on the first birthday, not the day before`, () => {
    const states = threeDays("2025-06-10").map((on) =>
      stateOf(planned("2024-06-10", ["HEPB 2024-06-10"], on, selected), "HEPB_2"),
    );
    expect(states).toEqual(["NOT_YET_DUE", "DUE", "DUE"]);
  });

  test.each`
    bornOn          | standing
    ${"2024-06-30"} | ${"NOT_ELIGIBLE"}
    ${"2024-07-01"} | ${"OPEN"}
    ${"2024-07-02"} | ${"OPEN"}
  `(`${proves("HEPB_AT_EIGHTEEN")}: born $bornOn $standing`, ({ bornOn, standing }) => {
    expect(lineOf(planned(bornOn, [], bornOn, selected), "HEXA_4").standing).toBe(standing);
  });

  test.each(["2024-06-30", "2024-07-01", "2024-07-02"])(`${proves("HEPB_SIX")}: born %s`, (bornOn) => {
    const lines = planned(bornOn, [], bornOn, selected).doses.filter(
      ({ doseId, standing }) => /^(HEPB|HEXA)_/.test(doseId) && standing === "OPEN",
    );
    expect(lines).toHaveLength(6);
  });

  test.each`
    motherHepatitisB | doses                  | because           | says
    ${null}          | ${[]}                  | ${"NOT_KNOWN"}    | ${"nobody said"}
    ${false}         | ${[]}                  | ${"NOT_SELECTED"} | ${"she has not"}
    ${true}          | ${[]}                  | ${"SCHEDULED"}    | ${"she has"}
    ${null}          | ${["HEPB 2025-03-10"]} | ${"GIVEN"}        | ${"a dose at birth is given for no other reason"}
  `(`${proves("HEPB_UNKNOWN")}: $says, $because`, ({ motherHepatitisB, doses, because }) => {
    expect(lineOf(planned(BORN, doses, "2025-03-11", { motherHepatitisB }), "HEPB_0").because).toBe(because);
  });
});

describe("BCG", () => {
  const eligible = { bcgEligible: true } as const;

  test.each`
    bcgEligible | state             | why
    ${true}     | ${"DUE"}          | ${/^Due since 7 April 2025/}
    ${false}    | ${"NOT_ELIGIBLE"} | ${/^Only for babies of areas or families where tuberculosis is common; this child is not one/}
    ${null}     | ${"NOT_ELIGIBLE"} | ${/^Only for babies of areas or families where tuberculosis is common.* not known: ask/}
  `(`${proves("BCG_WHO")}: eligible $bcgEligible, $state`, ({ bcgEligible, state, why }) => {
    const plan = planned(BORN, [], "2025-04-10", { bcgEligible });
    expect(stateOf(plan, "BCG")).toBe(state);
    expect(sayWhy(lineOf(plan, "BCG"), plan.on)).toMatch(why);
  });

  test.each`
    scid               | states                                                       | says
    ${null}            | ${["NOT_YET_DUE", "DUE", "DUE"]}                             | ${"not screened for it"}
    ${"NOT_SUSPECTED"} | ${["NOT_YET_DUE", "DUE", "DUE"]}                             | ${"not suspected"}
    ${"NOT_OFFERED"}   | ${["NOT_YET_DUE", "DUE", "DUE"]}                             | ${"not offered or declined"}
    ${"AWAITED"}       | ${["NOT_YET_DUE", "NOT_YET_DUE", "NOT_YET_DUE"]}             | ${"awaited"}
    ${"SUSPECTED"}     | ${["CONTRAINDICATED", "CONTRAINDICATED", "CONTRAINDICATED"]} | ${"suspected"}
  `(`${proves("BCG_WHEN")}: about 28 days of age, SCID $says: $states`, ({ scid, states }) => {
    const shown = threeDays("2025-04-07").map((on) => stateOf(planned(BORN, [], on, { ...eligible, scid }), "BCG"));
    expect(shown).toEqual(states);
  });

  test(`${proves("BCG_WHEN")}: where screening is set to be offered, an outcome nobody told is waited for`, () => {
    const plan = forecaster({ scidScreeningOffered: true })(history(BORN, [], eligible), "2025-06-10");
    expect(lineOf(plan, "BCG")).toMatchObject({ awaits: "SCID_OUTCOME", because: "SCID_AWAITED" });
  });

  test.each(["2025-03-12", "2025-04-07", "2025-05-20"])(`${proves("BCG_ONCE")}: given on %s`, (day) => {
    const plan = planned(BORN, [`BCG ${day}`, "BCG 2025-06-01"], "2025-07-10", eligible);
    expect([lineOf(plan, "BCG").givenOn, notCounted(plan)]).toEqual([day, ["BCG 2025-06-01 MORE_THAN_NEEDED"]]);
  });

  test.each`
    scid               | withheld
    ${"SUSPECTED"}     | ${"BCG ROTA_1 ROTA_2"}
    ${"AWAITED"}       | ${""}
    ${"NOT_SUSPECTED"} | ${""}
    ${null}            | ${""}
  `(`${proves("SCID_WITHHOLDS")}: $scid, withheld $withheld`, ({ scid, withheld }) => {
    expect(those(planned(BORN, [], "2025-05-10", { ...eligible, scid }), "CONTRAINDICATED")).toBe(withheld);
  });
});

describe("What newborn screening tells", () => {
  const at = (hour: number, system = "WIRRAL") => ({
    source: { system, id: `${system} ${hour}` },
    asOf: `2025-03-20T${String(hour).padStart(2, "0")}:00:00.000000000Z`,
  });

  test.each`
    told                                                                     | eligible
    ${[]}                                                                    | ${null}
    ${[{ ...at(10), bcgEligible: null }]}                                    | ${null}
    ${[{ ...at(10), bcgEligible: true }, { ...at(11), bcgEligible: null }]}  | ${true}
    ${[{ ...at(11), bcgEligible: false }, { ...at(10), bcgEligible: true }]} | ${false}
  `("eligible for BCG by what was told last, silence aside: $eligible", ({ told, eligible }) => {
    expect(bcgEligibleOf(told)).toBe(eligible);
    expect(bcgEligibleOf([...told].reverse())).toBe(eligible);
  });

  test.each`
    outcomes                              | scid
    ${[]}                                 | ${null}
    ${[null]}                             | ${null}
    ${["NOT_SUSPECTED"]}                  | ${"NOT_SUSPECTED"}
    ${["SUSPECTED"]}                      | ${"SUSPECTED"}
    ${["DECLINED"]}                       | ${"NOT_OFFERED"}
    ${["NOT_SCREENED"]}                   | ${"NOT_OFFERED"}
    ${["RECEIVED"]}                       | ${"AWAITED"}
    ${["REPEAT_NEEDED"]}                  | ${"AWAITED"}
    ${["UNCLASSIFIED"]}                   | ${"AWAITED"}
    ${["NOT_SUSPECTED_OTHER_FOLLOW_UP"]}  | ${"AWAITED"}
    ${["REPEAT_NEEDED", "NOT_SUSPECTED"]} | ${"NOT_SUSPECTED"}
    ${["NOT_SUSPECTED", "REPEAT_NEEDED"]} | ${"NOT_SUSPECTED"}
    ${["SUSPECTED", "UNCLASSIFIED"]}      | ${"SUSPECTED"}
    ${["NOT_SUSPECTED", "UNCLASSIFIED"]}  | ${"AWAITED"}
    ${["NOT_SUSPECTED", "SUSPECTED"]}     | ${"SUSPECTED"}
    ${["SUSPECTED", "NOT_SUSPECTED"]}     | ${"NOT_SUSPECTED"}
  `("told one after the other $outcomes: $scid", ({ outcomes, scid }) => {
    const told = outcomes.map((outcome: BloodSpotOutcome | null, hour: number) => ({ ...at(hour), outcome }));
    expect(scidOf(told)).toBe(scid);
    expect(scidOf([...told].reverse())).toBe(scid);
  });

  test("what stands of several is what the record of screening shows", () => {
    const outcomes = fc.constantFrom(...(Object.keys(BLOOD_SPOT_OUTCOMES) as BloodSpotOutcome[])); // its own keys
    const report = fc.record({
      outcome: outcomes,
      hour: fc.integer({ min: 1, max: 4 }),
      system: fc.constantFrom("WIRRAL", "WARRINGTON", "blood-spot-test-outcome-1"),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(report, { maxLength: 5, selector: ({ hour, system }) => `${hour}${system}` }),
        (all) => {
          const screened = all.map(({ outcome, hour, system }) => ({ ...at(hour, system), outcome }));
          const reports = screened.map(
            ({ outcome, ...telling }): BloodSpotReport => ({
              ...telling,
              childId: "ada",
              latest: true,
              results: [{ condition: "SCID", outcome, status: null, subStatus: null, outcomeCode: null }],
              issuedAt: null,
              sampleTakenOn: null,
              provider: null,
              comment: null,
            }),
          );
          const shown = newbornBloodSpot(told(reports), null)?.results[0]?.outcome ?? null;
          const alone = shown === null ? null : scidOf([{ ...at(1), outcome: shown }]);
          expect(scidOf(screened)).toBe(alone);
        },
      ),
      { numRuns: 500 },
    );
  });
});
