/** Incomplete histories, school and flu, selective programmes, and decisions, case by case: sections 6 to 9 and 11 of the reference. */

import { addDays, addYears, type Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { forecast, forecaster } from "../../subgraphs/immunisations/forecast";
import { type History, type Plan, stateOn } from "../../subgraphs/immunisations/plan";
import { due, history, lineOf, notCounted, notGiven, onTime, stateOf, those } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day, more: Partial<History> = {}): Plan =>
  forecast(history(bornOn, doses, more), on);

/** What is given at each of the visits when everything due is given, four weeks apart: `HEXAVALENT MENB, …`. */
function visits(bornOn: Day, first: Day, count: number): string {
  const doses: string[] = [];
  const given: string[] = [];
  for (let visit = 0; visit < count; visit++) {
    const on = addDays(first, visit * 28);
    const vaccines = new Set<Vaccine>();
    const plan = planned(bornOn, doses, on);
    for (const line of plan.doses) {
      const state = stateOn(line, on);
      if ((state === "DUE" || state === "OVERDUE") && line.vaccine !== "FLU") vaccines.add(line.vaccine);
    }
    vaccines.delete("HPV"); // a school programme of its own, not of the algorithm
    given.push([...vaccines].sort().join(" "));
    doses.push(...[...vaccines].map((vaccine) => `${vaccine} ${on}`));
  }
  return given.join(", ");
}

describe("Uncertain or incomplete immunisation status, nothing given before", () => {
  test.each`
    rule                                | says                                     | bornOn          | first           | expected
    ${proves("INCOMPLETE_UNDER_ONE")}   | ${"8 weeks, in time for rotavirus"}      | ${"2026-01-08"} | ${"2026-03-05"} | ${"HEXAVALENT MENB ROTAVIRUS, HEXAVALENT MENB ROTAVIRUS, HEXAVALENT PCV"}
    ${proves("INCOMPLETE_UNDER_ONE")}   | ${"14 weeks and 6 days"}                 | ${"2026-01-08"} | ${"2026-04-22"} | ${"HEXAVALENT MENB ROTAVIRUS, HEXAVALENT MENB PCV ROTAVIRUS, HEXAVALENT"}
    ${proves("INCOMPLETE_UNDER_ONE")}   | ${"15 weeks: no rotavirus"}              | ${"2026-01-08"} | ${"2026-04-30"} | ${"HEXAVALENT MENB, HEXAVALENT MENB, HEXAVALENT PCV"}
    ${proves("INCOMPLETE_UNDER_ONE")}   | ${"6 months"}                            | ${"2026-01-08"} | ${"2026-07-08"} | ${"HEXAVALENT MENB, HEXAVALENT MENB, HEXAVALENT PCV"}
    ${proves("INCOMPLETE_2023")}        | ${"6 months, September 2023 edition"}    | ${"2024-08-08"} | ${"2025-02-08"} | ${"HEXAVALENT MENB, HEXAVALENT MENB PCV, HEXAVALENT"}
    ${proves("INCOMPLETE_AT_ONE")}      | ${"1 year"}                              | ${"2025-01-08"} | ${"2026-01-08"} | ${"HEXAVALENT MENB MMRV PCV, HEXAVALENT MENB, HEXAVALENT"}
    ${proves("INCOMPLETE_AT_ONE")}      | ${"1 year, before 2026: MMR"}            | ${"2024-08-08"} | ${"2025-09-08"} | ${"HEXAVALENT MENB MMR PCV, HEXAVALENT MENB, HEXAVALENT"}
    ${proves("INCOMPLETE_2023")}        | ${"1 year, September 2023 edition"}      | ${"2024-02-08"} | ${"2025-03-08"} | ${"HEXAVALENT HIBMENC MENB MMR PCV, HEXAVALENT MENB, HEXAVALENT"}
    ${proves("INCOMPLETE_AT_ONE")}      | ${"the day before two years"}            | ${"2024-02-09"} | ${"2026-02-08"} | ${"HEXAVALENT MENB MMRV PCV, HEXAVALENT, HEXAVALENT"}
    ${proves("INCOMPLETE_TWO_TO_NINE")} | ${"2 years"}                             | ${"2024-02-08"} | ${"2026-02-08"} | ${"HEXAVALENT MMRV, HEXAVALENT MMRV, HEXAVALENT"}
    ${proves("INCOMPLETE_TWO_TO_NINE")} | ${"2 years, born before 2020: MMR"}      | ${"2019-02-08"} | ${"2026-02-08"} | ${"HEXAVALENT MMR, HEXAVALENT MMR, HEXAVALENT"}
    ${proves("INCOMPLETE_TWO_TO_NINE")} | ${"the day before ten years"}            | ${"2016-02-09"} | ${"2026-02-08"} | ${"HEXAVALENT MMR, MENACWY MMR TDIPV, TDIPV"}
    ${proves("INCOMPLETE_FROM_TEN")}    | ${"10 years"}                            | ${"2016-02-08"} | ${"2026-02-08"} | ${"MENACWY MMR TDIPV, MMR TDIPV, TDIPV"}
    ${proves("INCOMPLETE_UNDER_ONE")}   | ${"the day before one year"}             | ${"2025-01-09"} | ${"2026-01-08"} | ${"HEXAVALENT MENB, HEXAVALENT MENB MMRV PCV, HEXAVALENT MENB"}
    ${proves("INCOMPLETE_AT_ONE")}      | ${"the day after one year"}              | ${"2025-01-07"} | ${"2026-01-08"} | ${"HEXAVALENT MENB MMRV PCV, HEXAVALENT MENB, HEXAVALENT"}
    ${proves("INCOMPLETE_TWO_TO_NINE")} | ${"the day after two years"}             | ${"2024-02-07"} | ${"2026-02-08"} | ${"HEXAVALENT MMRV, HEXAVALENT MMRV, HEXAVALENT"}
    ${proves("INCOMPLETE_TWO_TO_NINE")} | ${"6 years, born 1 January 2020: MMRV"}  | ${"2020-01-01"} | ${"2026-02-08"} | ${"HEXAVALENT MMRV, HEXAVALENT MMRV, HEXAVALENT"}
    ${proves("INCOMPLETE_TWO_TO_NINE")} | ${"6 years, born 31 December 2019: MMR"} | ${"2019-12-31"} | ${"2026-02-08"} | ${"HEXAVALENT MMR, HEXAVALENT MMR, HEXAVALENT"}
    ${proves("INCOMPLETE_FROM_TEN")}    | ${"the day after ten years"}             | ${"2016-02-07"} | ${"2026-02-08"} | ${"MENACWY MMR TDIPV, MMR TDIPV, TDIPV"}
    ${proves("INCOMPLETE_FROM_TEN")}    | ${"16 years"}                            | ${"2010-02-08"} | ${"2026-02-08"} | ${"MENACWY MMR TDIPV, MMR TDIPV, TDIPV"}
  `("$rule: at $says, $expected", ({ bornOn, first, expected }) => {
    expect(visits(bornOn, first, 3)).toBe(expected);
  });

  test(`${proves("ASSUME_NOTHING")}: of a mover-in without a record every dose is owed`, () => {
    const plan = planned("2023-02-08", [], "2026-02-08");
    expect(those(plan, "COMPLETE")).toBe("");
    expect(those(plan, "OVERDUE")).toBe("HEXA_1 MMR_1");
  });

  test(`${proves("FEWEST_VISITS")}: the plan shows the visits ahead`, () => {
    const plan = planned("2023-02-08", [], "2026-02-08");
    expect((["HEXA_1", "MMR_1"] as const).map((id) => lineOf(plan, id).awaits)).toEqual([null, null]);
    expect((["HEXA_2", "MMR_2", "HEXA_3", "DTAPIPV_1"] as const).map((id) => lineOf(plan, id).dueOn)).toEqual([
      "2026-03-08",
      "2026-03-08",
      "2026-04-05",
      "2027-04-05",
    ]);
  });

  test("then the 4-in-1 a year after the last 6-in-1, if before the tenth birthday", () => {
    const three = (from: Day) => [0, 28, 56].map((days) => `HEXAVALENT ${addDays(from, days)}`);
    expect(lineOf(planned("2021-02-08", three("2026-02-08"), "2026-05-01"), "DTAPIPV_1").dueOn).toBe("2027-04-05");
    const late = planned("2017-02-08", three("2026-02-08"), "2026-05-01");
    expect(lineOf(late, "DTAPIPV_1")).toMatchObject({ earliestOn: "2027-04-05", latestOn: "2027-02-07" });
    expect(stateOf(late, "DTAPIPV_1")).toBe("AGED_OUT");
  });

  test("three primary doses ended over two years of age lead to the pre-school booster without an 18-month dose", () => {
    const doses = [0, 28, 56].map((days) => `HEXAVALENT ${addDays("2026-09-10", days)}`);
    expect(stateOf(planned("2024-08-10", doses, "2026-12-10"), "HEXA_4")).toBe("NOT_ELIGIBLE");
    const earlier = [0, 28, 56].map((days) => `HEXAVALENT ${addDays("2025-10-10", days)}`);
    expect(stateOf(planned("2024-08-10", earlier, "2026-12-10"), "HEXA_4")).toBe("OVERDUE");
  });

  test("a child of ten with two primary doses owes one of Td/IPV, and no dose is begun again", () => {
    const plan = planned("2015-06-01", ["HEXAVALENT 2018-01-10", "HEXAVALENT 2018-03-10"], "2026-02-08");
    expect(those(plan, "COMPLETE").split(" ")).toEqual(["HEXA_1", "HEXA_2", "HIBMENC_1"]);
    expect(lineOf(plan, "HEXA_3").standing).toBe("OPEN");
    expect(stateOf(plan, "HEXA_3")).toBe("AGED_OUT");
    expect(stateOf(plan, "TDIPV_3P")).toBe("OVERDUE");
    expect(lineOf(plan, "TDIPV_1")).toMatchObject({ awaits: "TDIPV_3P", dueOn: "2031-02-08" });
  });

  test.each`
    on              | state
    ${"2025-05-31"} | ${"DUE"}
    ${"2025-06-01"} | ${"AGED_OUT"}
    ${"2025-06-02"} | ${"AGED_OUT"}
  `("the 6-in-1 gives way to Td/IPV on the tenth birthday: on $on it is $state", ({ on, state }) => {
    const plan = planned("2015-06-01", [], on);
    expect(stateOf(plan, "HEXA_1").replace("OVERDUE", "DUE")).toBe(state);
    expect(plan.doses.some(({ doseId }) => doseId === "TDIPV_1P")).toBe(state === "AGED_OUT");
  });

  test("Td/IPV given after ten as the primary course is the primary course, and the booster follows", () => {
    const doses = ["TDIPV 2025-09-01", "TDIPV 2025-10-01", "TDIPV 2025-11-01"];
    const plan = planned("2012-06-01", doses, "2026-02-08");
    expect(those(plan, "COMPLETE")).toBe("TDIPV_1P TDIPV_2P TDIPV_3P");
    expect(lineOf(plan, "TDIPV_1P")).toMatchObject({ earliestOn: "2022-06-01", recommendedOn: "2022-06-01" });
    expect(lineOf(plan, "TDIPV_1")).toMatchObject({ awaits: null, dueOn: "2030-11-01" });
  });
});

describe("School years", () => {
  test.each`
    bornOn          | on              | state
    ${"2013-08-31"} | ${"2025-08-31"} | ${"NOT_YET_DUE"}
    ${"2013-08-31"} | ${"2025-09-01"} | ${"DUE"}
    ${"2013-08-31"} | ${"2026-08-31"} | ${"DUE"}
    ${"2013-08-31"} | ${"2026-09-01"} | ${"OVERDUE"}
    ${"2013-09-01"} | ${"2025-09-01"} | ${"NOT_YET_DUE"}
    ${"2013-09-01"} | ${"2026-08-31"} | ${"NOT_YET_DUE"}
    ${"2013-09-01"} | ${"2026-09-01"} | ${"DUE"}
  `("HPV in Year 8: born $bornOn, on $on $state", ({ bornOn, on, state }) => {
    expect(stateOf(planned(bornOn, [], on), "HPV_1")).toBe(state);
  });

  test.each`
    on              | expected
    ${"2026-08-31"} | ${"HPV_1"}
    ${"2026-09-01"} | ${"HPV_1 TDIPV_1 MENACWY_1"}
    ${"2026-09-02"} | ${"HPV_1 TDIPV_1 MENACWY_1"}
  `("Td/IPV and MenACWY in Year 9: born 31 August 2013, on $on due are $expected", ({ on, expected }) => {
    expect(due(planned("2013-08-31", onTime("2013-08-31", "2020-01-01"), on))).toBe(expected);
  });

  test.each`
    says                                           | doses                     | doseId         | counts
    ${"MenACWY the day before the tenth birthday"} | ${["MENACWY 2023-08-30"]} | ${"MENACWY_1"} | ${false}
    ${"counts only if age >= 10 y: MenACWY"}       | ${["MENACWY 2023-08-31"]} | ${"MENACWY_1"} | ${true}
    ${"Td/IPV the day before the tenth birthday"}  | ${["TDIPV 2023-08-30"]}   | ${"TDIPV_1"}   | ${false}
    ${"counts only if age >= 10 y: Td/IPV"}        | ${["TDIPV 2023-08-31"]}   | ${"TDIPV_1"}   | ${true}
    ${"Td/IPV the day after"}                      | ${["TDIPV 2023-09-01"]}   | ${"TDIPV_1"}   | ${true}
    ${"one administered dose = complete: HPV"}     | ${["HPV 2025-10-01"]}     | ${"HPV_1"}     | ${true}
  `("$says: $counts", ({ doses, doseId, counts }) => {
    const plan = planned("2013-08-31", [...onTime("2013-08-31", "2020-01-01"), ...doses], "2027-01-10");
    expect(stateOf(plan, doseId) === "COMPLETE").toBe(counts);
    expect(notCounted(plan)).toEqual(counts ? [] : [`${doses[0]} TOO_YOUNG`]);
  });

  test("a Td/IPV is counted by date: as a primary dose while those are not complete, whatever its sender called it", () => {
    const plan = planned(
      "2011-03-10",
      ["HEXAVALENT 2011-06-01", "HEXAVALENT 2011-07-01", "TDIPV 2025-02-01"],
      "2026-01-10",
    );
    expect(stateOf(plan, "TDIPV_3P")).toBe("COMPLETE");
    expect(stateOf(plan, "TDIPV_1")).toBe("NOT_YET_DUE");
  });

  test("the teenage booster is five years after the pre-school booster at least, unless the setting says otherwise", () => {
    const doses = [...onTime("2013-08-31", "2016-01-01"), "DTAPIPV 2023-08-01"];
    expect(lineOf(planned("2013-08-31", doses, "2026-09-01"), "TDIPV_1").dueOn).toBe("2028-08-01");
    const plan = forecaster({ teenageBoosterAfterYears: 0 })(history("2013-08-31", doses), "2026-09-01");
    expect(lineOf(plan, "TDIPV_1").dueOn).toBe("2026-09-01");
  });

  test.each`
    doseId         | last
    ${"HPV_1"}     | ${"2032-05-31"}
    ${"MENACWY_1"} | ${"2032-05-31"}
  `("missed, $doseId is given until the day before the 25th birthday", ({ doseId, last }) => {
    expect(lineOf(planned("2007-06-01", [], "2026-01-10"), doseId).latestOn).toBe(last);
  });

  test("three doses of HPV where immunosuppressed, and one otherwise", () => {
    const ids = (more: Partial<History>) =>
      planned("2013-01-10", ["HPV 2025-10-01"], "2026-01-10", more)
        .doses.map(({ doseId }) => doseId)
        .filter((doseId) => doseId.startsWith("HPV"));
    expect(ids({})).toEqual(["HPV_1"]);
    expect(ids({ immunosuppressed: true })).toEqual(["HPV_1", "HPV_2", "HPV_3"]);
  });

  test("MMR catch-up: any child with < 2 valid doses from Reception to Year 11", () => {
    const doses = onTime("2010-02-10", "2013-01-01");
    expect(stateOf(planned("2010-02-10", doses, "2026-01-10"), "MMR_2")).toBe("OVERDUE");
  });
});

describe("Flu", () => {
  const ON = "2025-10-01";
  test.each`
    bornOn          | offered  | says
    ${"2023-09-01"} | ${false} | ${"one year old on 31 August"}
    ${"2023-08-31"} | ${true}  | ${"two on that day"}
    ${"2021-09-01"} | ${true}  | ${"three, the first of the cohort"}
    ${"2021-08-31"} | ${true}  | ${"four: in Reception"}
    ${"2009-09-01"} | ${true}  | ${"Year 11"}
    ${"2009-08-31"} | ${false} | ${"past Year 11"}
  `("in the season of 2025 a child born $bornOn is offered it: $offered, $says", ({ bornOn, offered }) => {
    expect(stateOf(planned(bornOn, [], ON), "FLU")).toBe(offered ? "DUE" : "NOT_ELIGIBLE");
  });

  test.each`
    on              | state
    ${"2025-08-31"} | ${"AGED_OUT"}
    ${"2025-09-01"} | ${"DUE"}
    ${"2025-09-02"} | ${"DUE"}
    ${"2026-03-30"} | ${"DUE"}
    ${"2026-03-31"} | ${"DUE"}
    ${"2026-04-01"} | ${"AGED_OUT"}
  `("of a pupil born in March 2016, on $on it is $state: never overdue", ({ on, state }) => {
    expect(stateOf(planned("2016-03-10", [], on), "FLU")).toBe(state);
  });

  test.each`
    dose                | state         | uncounted
    ${"FLU 2025-08-31"} | ${"DUE"}      | ${["FLU 2025-08-31 OTHER_SEASON"]}
    ${"FLU 2025-09-01"} | ${"COMPLETE"} | ${[]}
    ${"FLU 2025-09-02"} | ${"COMPLETE"} | ${[]}
    ${"FLU 2024-10-01"} | ${"DUE"}      | ${["FLU 2024-10-01 OTHER_SEASON"]}
    ${"FLU 2025-09"}    | ${"COMPLETE"} | ${[]}
    ${"FLU 2025"}       | ${"DUE"}      | ${["FLU 2025-01-01 DATE_INCOMPLETE"]}
  `("seasonal records of other years do not count: $dose", ({ dose, state, uncounted }) => {
    const plan = planned("2016-03-10", [dose], ON);
    expect(stateOf(plan, "FLU")).toBe(state);
    expect(notCounted(plan)).toEqual(uncounted);
  });

  test("the next season stands in the plan already, so that its first night changes nothing", () => {
    const seasons = planned("2016-03-10", ["FLU 2025-10-01"], "2026-06-01").doses.filter(
      ({ doseId }) => doseId === "FLU",
    );
    expect(seasons.map(({ standing, dueOn }) => `${standing} ${dueOn}`)).toEqual(["COMPLETE null", "OPEN 2026-09-01"]);
    expect(stateOn(seasons[1] ?? lineOf(planned("2016-03-10", [], ON), "FLU"), "2026-09-01")).toBe("DUE");
  });

  test.each`
    bornOn          | on              | state
    ${"2025-04-02"} | ${"2025-10-01"} | ${"NOT_YET_DUE"}
    ${"2025-04-01"} | ${"2025-10-01"} | ${"DUE"}
    ${"2025-03-31"} | ${"2025-10-01"} | ${"DUE"}
    ${"2007-10-01"} | ${"2025-10-01"} | ${"AGED_OUT"}
    ${"2007-10-02"} | ${"2025-10-01"} | ${"DUE"}
    ${"2007-10-03"} | ${"2025-10-01"} | ${"DUE"}
  `("Clinical risk: 6 months to 17 years: born $bornOn, $state", ({ bornOn, on, state }) => {
    expect(stateOf(planned(bornOn, [], on, { clinicalRisk: true }), "FLU")).toBe(state);
    expect(stateOf(planned(bornOn, [], on), "FLU")).toBe("NOT_ELIGIBLE");
  });

  test.each`
    says                               | bornOn          | doses                                   | expected
    ${"the first season at risk"}      | ${"2018-03-10"} | ${["FLU 2025-10-01"]}                   | ${"NOT_YET_DUE"}
    ${"27 days apart"}                 | ${"2018-03-10"} | ${["FLU 2025-10-01", "FLU 2025-10-28"]} | ${"OVERDUE"}
    ${"28 days apart"}                 | ${"2018-03-10"} | ${["FLU 2025-10-01", "FLU 2025-10-29"]} | ${"COMPLETE"}
    ${"vaccinated in a season before"} | ${"2018-03-10"} | ${["FLU 2024-10-01", "FLU 2025-10-01"]} | ${null}
    ${"nine on the day of the first"}  | ${"2016-10-01"} | ${["FLU 2025-10-01"]}                   | ${null}
    ${"nine the day after"}            | ${"2016-10-02"} | ${["FLU 2025-10-01"]}                   | ${"NOT_YET_DUE"}
  `("a second dose four weeks later, $says: $expected", ({ bornOn, doses, expected }) => {
    const plan = planned(bornOn, doses, doses.length === 1 ? "2025-10-20" : "2026-01-20", { clinicalRisk: true });
    const line = plan.doses.find(({ doseId }) => doseId === "FLU_2");
    const state = line ? stateOn(line, plan.on) : null;
    expect(state === "DUE" ? "OVERDUE" : state).toBe(expected);
  });
});

describe("Hepatitis B of babies whose mother has it", () => {
  const selected = { motherHepatitisB: true } as const;

  test.each`
    says                  | on              | doseId      | state
    ${"the day of birth"} | ${"2025-03-10"} | ${"HEPB_0"} | ${"DUE"}
    ${"the day after"}    | ${"2025-03-11"} | ${"HEPB_0"} | ${"DUE"}
    ${"two days after"}   | ${"2025-03-12"} | ${"HEPB_0"} | ${"OVERDUE"}
    ${"27 days"}          | ${"2025-04-06"} | ${"HEPB_1"} | ${"NOT_YET_DUE"}
    ${"28 days"}          | ${"2025-04-07"} | ${"HEPB_1"} | ${"DUE"}
    ${"29 days"}          | ${"2025-04-08"} | ${"HEPB_1"} | ${"DUE"}
    ${"from 8 weeks on"}  | ${"2025-05-05"} | ${"HEPB_1"} | ${"AGED_OUT"}
  `("at birth within 24 hours, and at 4 weeks: on $says $doseId is $state", ({ on, doseId, state }) => {
    expect(stateOf(planned("2025-03-10", [], on, selected), doseId)).toBe(state);
  });

  test.each`
    bornOn          | at12              | at18
    ${"2024-06-30"} | ${"OPEN"}         | ${"NOT_ELIGIBLE"}
    ${"2024-07-01"} | ${"NOT_ELIGIBLE"} | ${"OPEN"}
    ${"2024-07-02"} | ${"NOT_ELIGIBLE"} | ${"OPEN"}
  `("born $bornOn: 12 months $at12, 6-in-1 at 18 months $at18", ({ bornOn, at12, at18 }) => {
    const plan = planned(bornOn, [`HEPB ${bornOn}`], "2025-03-01", selected);
    expect([lineOf(plan, "HEPB_2").standing, lineOf(plan, "HEXA_4").standing]).toEqual([at12, at18]);
  });

  test("HepB doses in total: 6, whichever the births", () => {
    for (const bornOn of ["2024-06-30", "2024-07-01"]) {
      const plan = planned(bornOn, [], bornOn, selected);
      const hepatitisB = plan.doses.filter(
        ({ doseId, standing }) => /^(HEPB|HEXA)_/.test(doseId) && standing === "OPEN",
      );
      expect(hepatitisB).toHaveLength(6);
    }
  });

  test("a mother's status that is not known is asked for, not assumed", () => {
    expect(lineOf(planned("2025-03-10", [], "2025-03-10"), "HEPB_0").because).toBe("NOT_KNOWN");
    const negative = planned("2025-03-10", [], "2025-03-10", { motherHepatitisB: false });
    expect(lineOf(negative, "HEPB_0").because).toBe("NOT_SELECTED");
  });

  test("a dose of hepatitis B alone before eight weeks shows that the child is on the programme", () => {
    expect(stateOf(planned("2025-03-10", ["HEPB 2025-03-10"], "2025-04-07"), "HEPB_1")).toBe("DUE");
  });
});

describe("BCG", () => {
  const eligible = { bcgEligible: true } as const;

  test.each`
    on              | state
    ${"2025-04-06"} | ${"NOT_YET_DUE"}
    ${"2025-04-07"} | ${"DUE"}
    ${"2025-04-08"} | ${"DUE"}
  `("on or after 28 days of age: on $on $state", ({ on, state }) => {
    expect(stateOf(planned("2025-03-10", [], on, eligible), "BCG")).toBe(state);
  });

  test.each`
    bornOn          | recommendedOn   | says
    ${"2021-08-31"} | ${"2021-08-31"} | ${"before the 28-day programme, at birth"}
    ${"2021-09-01"} | ${"2021-09-29"} | ${"since, at 28 days"}
  `("born $bornOn, on $recommendedOn: $says", ({ bornOn, recommendedOn }) => {
    expect(lineOf(planned(bornOn, [], bornOn, eligible), "BCG").recommendedOn).toBe(recommendedOn);
  });

  test.each`
    bcgEligible | scid               | state                | because
    ${true}     | ${null}            | ${"OVERDUE"}         | ${"SCHEDULED"}
    ${true}     | ${"NOT_SUSPECTED"} | ${"OVERDUE"}         | ${"SCHEDULED"}
    ${true}     | ${"NOT_OFFERED"}   | ${"OVERDUE"}         | ${"SCHEDULED"}
    ${true}     | ${"AWAITED"}       | ${"NOT_YET_DUE"}     | ${"SCID_AWAITED"}
    ${true}     | ${"SUSPECTED"}     | ${"CONTRAINDICATED"} | ${"SCID_SUSPECTED"}
    ${false}    | ${null}            | ${"NOT_ELIGIBLE"}    | ${"NOT_SELECTED"}
    ${null}     | ${null}            | ${"NOT_ELIGIBLE"}    | ${"NOT_KNOWN"}
  `("eligible $bcgEligible, SCID $scid: $state, $because", ({ bcgEligible, scid, state, because }) => {
    const plan = planned("2025-03-10", [], "2025-06-10", { bcgEligible, scid });
    expect(stateOf(plan, "BCG")).toBe(state);
    expect(lineOf(plan, "BCG").because).toBe(because);
  });

  test("where screening is set to be offered, an outcome not told is awaited", () => {
    const plan = forecaster({ scidScreeningOffered: true })(history("2025-03-10", [], eligible), "2025-06-10");
    expect(lineOf(plan, "BCG").because).toBe("SCID_AWAITED");
  });

  test("SCID suspected -> withhold BCG (and rotavirus)", () => {
    const plan = planned("2025-03-10", [], "2025-05-10", { scid: "SUSPECTED" });
    expect(those(plan, "CONTRAINDICATED")).toBe("ROTA_1 ROTA_2");
  });

  test.each(["2025-03-12", "2025-04-20"])("one dose, never repeated: given on %s", (day) => {
    const plan = planned("2025-03-10", [`BCG ${day}`, "BCG 2025-06-01"], "2025-07-10", eligible);
    expect(lineOf(plan, "BCG").givenOn).toBe(day);
    expect(notCounted(plan)).toEqual(["BCG 2025-06-01 MORE_THAN_NEEDED"]);
  });
});

describe("Decisions, deaths and moves", () => {
  const BORN = "2025-01-10";
  const ON = "2026-03-01";
  const deciding = (...decisions: readonly string[]) => ({ notGiven: decisions.map(notGiven) });

  test.each`
    says                                    | decisions                                                        | doses                  | state
    ${"nothing decided"}                    | ${[]}                                                            | ${[]}                  | ${"OVERDUE"}
    ${"declined"}                           | ${["MMRV DECLINED 2026-01-15"]}                                  | ${[]}                  | ${"REFUSED"}
    ${"declined as MMR, which is the same"} | ${["MMR DECLINED 2026-01-15"]}                                   | ${[]}                  | ${"REFUSED"}
    ${"another vaccine declined"}           | ${["PCV DECLINED 2026-01-15"]}                                   | ${[]}                  | ${"OVERDUE"}
    ${"declined until a day that has come"} | ${["MMR DECLINED 2026-01-15 2026-03-01"]}                        | ${[]}                  | ${"OVERDUE"}
    ${"declined until tomorrow"}            | ${["MMR DECLINED 2026-01-15 2026-03-02"]}                        | ${[]}                  | ${"REFUSED"}
    ${"to be declined tomorrow"}            | ${["MMR DECLINED 2026-03-02"]}                                   | ${[]}                  | ${"OVERDUE"}
    ${"contraindicated"}                    | ${["MMR CONTRAINDICATED 2026-01-15"]}                            | ${[]}                  | ${"CONTRAINDICATED"}
    ${"declined, then contraindicated"}     | ${["MMR CONTRAINDICATED 2026-02-15", "MMR DECLINED 2026-01-15"]} | ${[]}                  | ${"CONTRAINDICATED"}
    ${"put off until tomorrow"}             | ${["MMR DEFERRED 2026-01-15 2026-03-02"]}                        | ${[]}                  | ${"NOT_YET_DUE"}
    ${"put off until today"}                | ${["MMR DEFERRED 2026-01-15 2026-03-01"]}                        | ${[]}                  | ${"DUE"}
    ${"unwell, until a day that has come"}  | ${["MMR UNWELL 2026-01-15 2026-02-12"]}                          | ${[]}                  | ${"DUE"}
    ${"was not brought"}                    | ${["MMR DID_NOT_ATTEND 2026-01-15"]}                             | ${[]}                  | ${"OVERDUE"}
    ${"said to have been given elsewhere"}  | ${["MMR GIVEN_ELSEWHERE 2026-01-15"]}                            | ${[]}                  | ${"OVERDUE"}
    ${"declined, and given since"}          | ${["MMR DECLINED 2026-01-15"]}                                   | ${["MMRV 2026-02-01"]} | ${"COMPLETE"}
  `("the first MMR, $says: $state", ({ decisions, doses, state }) => {
    expect(stateOf(planned(BORN, doses, ON, deciding(...decisions)), "MMR_1")).toBe(state);
  });

  test.each`
    declinedOn      | state
    ${"2026-01-31"} | ${"DUE"}
    ${"2026-02-01"} | ${"DUE"}
    ${"2026-02-02"} | ${"REFUSED"}
  `("a refusal on $declinedOn is outweighed by a dose on 1 February: the second is $state", ({ declinedOn, state }) => {
    const plan = planned(BORN, ["MMRV 2026-02-01"], "2026-07-20", deciding(`MMR DECLINED ${declinedOn}`));
    expect(stateOf(plan, "MMR_2")).toBe(state);
  });

  test("a contraindication is not outweighed by a dose given since", () => {
    const plan = planned(BORN, ["MMRV 2026-02-01"], "2026-07-20", deciding("MMR CONTRAINDICATED 2026-01-15"));
    expect(stateOf(plan, "MMR_2")).toBe("CONTRAINDICATED");
  });

  test("past its age a refused dose is aged out", () => {
    const plan = planned(BORN, [], "2025-06-01", deciding("ROTAVIRUS DECLINED 2025-03-10"));
    expect(stateOf(plan, "ROTA_1")).toBe("AGED_OUT");
  });

  test("a refusal of flu is one of its season", () => {
    const plan = planned("2016-03-10", [], "2026-01-10", deciding("FLU DECLINED 2025-10-10"));
    const states = plan.doses.filter(({ doseId }) => doseId === "FLU").map((line) => stateOn(line, plan.on));
    expect(states).toEqual(["REFUSED", "NOT_YET_DUE"]);
  });

  test("refused 6-in-1 doses do not hold up the pneumococcal vaccine of a late start", () => {
    const plan = planned("2025-09-10", [], "2026-03-01", deciding("HEXAVALENT DECLINED 2025-11-10"));
    expect(stateOf(plan, "PCV_1")).toBe("OVERDUE");
  });

  test.each`
    says                              | more                                            | expected
    ${"lives here"}                   | ${{ status: "RESIDENT" }}                       | ${"OVERDUE"}
    ${"moved out"}                    | ${{ status: "MOVED_OUT" }}                      | ${"SUPPRESSED"}
    ${"died yesterday"}               | ${{ status: "DECEASED", diedOn: "2026-02-28" }} | ${"SUPPRESSED"}
    ${"died today"}                   | ${{ status: "DECEASED", diedOn: "2026-03-01" }} | ${"SUPPRESSED"}
    ${"died, the day is not known"}   | ${{ status: "DECEASED", diedOn: null }}         | ${"SUPPRESSED"}
    ${"died since, seen from before"} | ${{ status: "DECEASED", diedOn: "2026-03-02" }} | ${"OVERDUE"}
  `(`${proves("SUPPRESSED")}: a child that $says, $expected`, ({ more, expected }) => {
    const plan = planned(BORN, ["MENB 2025-03-07"], ON, more);
    expect(stateOf(plan, "MMR_1")).toBe(expected);
    expect(stateOf(plan, "MENB_1")).toBe("COMPLETE");
    if (expected === "SUPPRESSED") expect(those(plan, "DUE", "OVERDUE", "NOT_YET_DUE")).toBe("");
  });
});

describe("Doses that count nowhere", () => {
  test.each`
    dose                    | because
    ${"MMR 2022-12-31"}     | ${"BEFORE_BIRTH"}
    ${"MMR 2026-01-11"}     | ${"AFTER_THE_DAY"}
    ${"COVID 2025-01-11"}   | ${"NOT_IN_SCHEDULE"}
    ${"UNKNOWN 2025-01-11"} | ${"NOT_IN_SCHEDULE"}
    ${"HIBMENC 2023-06-01"} | ${"TOO_YOUNG"}
  `("$dose: $because", ({ dose, because }) => {
    expect(planned("2023-01-10", [dose], "2026-01-10").notCounted.map((each) => each.because)).toEqual([because]);
  });

  test("a vaguely dated record of a dose that is better known is not counted twice", () => {
    const record = {
      id: "x",
      vaccine: "MMR",
      givenOn: "2024-02-01",
      precision: "MONTH",
      possibleDuplicateOf: "y",
    } as const;
    const { doses } = history("2023-01-10", ["MMR 2024-02-14"]);
    const plan = planned("2023-01-10", [], "2026-01-10", { doses: [...doses, record] });
    expect(notCounted(plan)).toEqual(["MMR 2024-02-01 POSSIBLE_DUPLICATE"]);
  });

  test("a plan for a past day is as it was that day", () => {
    const doses = onTime("2024-08-20", "2026-02-20");
    const early = planned("2024-08-20", doses, "2025-01-10");
    const { doses: lines } = planned("2024-08-20", onTime("2024-08-20", "2025-01-10"), "2025-01-10");
    expect(early.doses).toEqual(lines);
  });
});

test("every dose on record either meets a dose of the plan or is told not to, with why", () => {
  const doses = [
    ...onTime("2012-05-01", "2020-01-01"),
    "FLU 2020-10-01",
    "HPV 2025-01-10",
    "HPV 2025-02-01",
    "MENC 2012-08-01",
  ];
  const plan = planned("2012-05-01", doses, addYears("2012-05-01", 13));
  const met = new Set(plan.doses.flatMap(({ dose }) => dose?.id ?? []));
  const told = plan.notCounted.map(({ dose }) => dose.id);
  expect([...met, ...told].toSorted()).toEqual(doses.toSorted());
});
