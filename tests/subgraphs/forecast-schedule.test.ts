/** The routine schedule, case by case: sections 1 to 5, 11 and 13 of the reference. */

import { addDays, type Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { forecast, forecaster } from "../../subgraphs/immunisations/forecast";
import type { Plan } from "../../subgraphs/immunisations/plan";
import { sayUncounted, sayWhy } from "../../subgraphs/immunisations/reasons";
import type { DoseId, VaccineAbroad } from "../../subgraphs/immunisations/schedule";
import { due, history, lineOf, notCounted, onTime, stateOf, those } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day): Plan => forecast(history(bornOn, doses), on);

/** The states of a dose the day before a day, on it and the day after. */
function around(bornOn: Day, doses: readonly string[], doseId: DoseId, day: Day): string {
  return [-1, 0, 1].map((days) => stateOf(planned(bornOn, doses, addDays(day, days)), doseId)).join(" ");
}

describe(proves("VECTORS"), () => {
  test.each`
    bornOn          | doses                                 | on              | expected
    ${"2026-01-08"} | ${[]}                                 | ${"2026-03-04"} | ${""}
    ${"2026-01-08"} | ${[]}                                 | ${"2026-03-05"} | ${"HEXA_1 MENB_1 ROTA_1"}
    ${"2024-03-15"} | ${onTime("2024-03-15", "2026-01-15")} | ${"2026-01-15"} | ${""}
    ${"2024-08-20"} | ${onTime("2024-08-20", "2026-02-19")} | ${"2026-02-20"} | ${"HEXA_4 MMR_2"}
    ${"2024-08-31"} | ${onTime("2024-08-31", "2026-02-28")} | ${"2026-02-28"} | ${""}
    ${"2024-08-31"} | ${onTime("2024-08-31", "2026-02-28")} | ${"2026-03-01"} | ${"HEXA_4 MMR_2"}
  `("born $bornOn, on $on: $expected", ({ bornOn, doses, on, expected }) => {
    expect(due(planned(bornOn, doses, on))).toBe(expected);
  });

  test("born 8 January 2026, no doses: the 8-week set is due on 5 March", () => {
    const plan = planned("2026-01-08", [], "2026-03-04");
    expect(["HEXA_1", "MENB_1", "ROTA_1"].map((doseId) => lineOf(plan, doseId as DoseId).dueOn)).toEqual(
      Array(3).fill("2026-03-05"),
    );
  });

  test("born 8 January 2026, no doses, at 105 days: rotavirus is aged out", () => {
    expect(those(planned("2026-01-08", [], "2026-04-23"), "AGED_OUT")).toBe("ROTA_1 ROTA_2");
  });

  test("born 15 March 2024: there is no 18-month visit for this child", () => {
    expect(stateOf(planned("2024-03-15", onTime("2024-03-15", "2026-01-15"), "2026-01-15"), "HEXA_4")).toBe(
      "NOT_ELIGIBLE",
    );
  });

  test.each`
    bornOn          | vaccine
    ${"2019-10-10"} | ${"MMR"}
    ${"2020-03-10"} | ${"MMRV"}
  `("born $bornOn with one MMR at 13 months, on 1 February 2026: the second is $vaccine", ({ bornOn, vaccine }) => {
    const first = bornOn.replace(
      /^(\d+)-(\d+)/,
      (_: string, year: string, month: string) => `${Number(year) + 1}-${String(Number(month) + 1).padStart(2, "0")}`,
    );
    expect(lineOf(planned(bornOn, [`MMR ${first}`], "2026-02-01"), "MMR_2")).toMatchObject({
      vaccine,
      standing: "OPEN",
    });
  });
});

describe("Ages and dates", () => {
  test.each`
    says                                             | bornOn          | doseId      | dueOn
    ${"8 weeks are 56 days"}                         | ${"2026-01-08"} | ${"HEXA_1"} | ${"2026-03-05"}
    ${"12 weeks are 84 days"}                        | ${"2026-01-08"} | ${"HEXA_2"} | ${"2026-04-02"}
    ${"16 weeks are 112 days"}                       | ${"2026-01-08"} | ${"PCV_1"}  | ${"2026-04-30"}
    ${"born on 29 February, one on 1 March"}         | ${"2024-02-29"} | ${"MMR_1"}  | ${"2025-03-01"}
    ${"born on 31 August, 18 months on 1 March"}     | ${"2024-08-31"} | ${"HEXA_4"} | ${"2026-03-01"}
    ${"born on 28 August, 18 months on 28 February"} | ${"2024-08-28"} | ${"HEXA_4"} | ${"2026-02-28"}
  `("$says", ({ bornOn, doseId, dueOn }) => {
    expect(lineOf(planned(bornOn, [], bornOn), doseId).recommendedOn).toBe(dueOn);
  });

  test(proves("DUE_LATER"), () => {
    const line = lineOf(planned("2026-01-08", ["HEXAVALENT 2026-03-20"], "2026-03-21"), "HEXA_2");
    expect(line).toMatchObject({ recommendedOn: "2026-04-02", earliestOn: "2026-04-17", dueOn: "2026-04-17" });
  });

  test(`${proves("OVERDUE_AFTER")}: not on the 28th day, on the 29th`, () => {
    expect(around("2026-01-08", [], "HEXA_1", "2026-04-03")).toBe("DUE OVERDUE OVERDUE");
    expect(lineOf(planned("2026-01-08", [], "2026-01-08"), "HEXA_1").overdueOn).toBe("2026-04-03");
  });

  test("the threshold is a setting", () => {
    const plan = forecaster({ overdueAfterDays: 7 })(history("2026-01-08"), "2026-01-08");
    expect(lineOf(plan, "HEXA_1").overdueOn).toBe("2026-03-13");
  });

  test.each`
    on              | rules
    ${"2025-06-30"} | ${"ENGLAND_2023_09"}
    ${"2025-07-01"} | ${"ENGLAND_2025_07"}
    ${"2025-12-31"} | ${"ENGLAND_2025_07"}
    ${"2026-01-01"} | ${"ENGLAND_2026_01"}
  `("a plan for $on names the rules $rules", ({ on, rules }) => {
    expect(planned("2025-01-08", [], on).rules).toBe(rules);
  });
});

describe(`Visits before, across and after 1 July 2025: ${proves("ACROSS_JULY_2025")}`, () => {
  test.each`
    says                                          | bornOn          | on              | had     | expected
    ${"before, 8 weeks"}                          | ${"2025-01-01"} | ${"2025-02-26"} | ${""}   | ${"HEXA_1 MENB_1 ROTA_1"}
    ${"before, 12 weeks"}                         | ${"2025-01-01"} | ${"2025-03-26"} | ${"8"}  | ${"HEXA_2 ROTA_2 PCV_1"}
    ${"before, 16 weeks"}                         | ${"2025-01-01"} | ${"2025-04-23"} | ${"12"} | ${"MENB_2 HEXA_3"}
    ${"since, 8 weeks"}                           | ${"2025-08-01"} | ${"2025-09-26"} | ${""}   | ${"HEXA_1 MENB_1 ROTA_1"}
    ${"since, 12 weeks"}                          | ${"2025-08-01"} | ${"2025-10-24"} | ${"8"}  | ${"HEXA_2 MENB_2 ROTA_2"}
    ${"since, 16 weeks"}                          | ${"2025-08-01"} | ${"2025-11-21"} | ${"12"} | ${"HEXA_3 PCV_1"}
    ${"12-week visit on 30 June 2025, the next"}  | ${"2025-04-07"} | ${"2025-07-28"} | ${"12"} | ${"MENB_2 HEXA_3"}
    ${"12-week visit on 1 July 2025, that visit"} | ${"2025-04-08"} | ${"2025-07-01"} | ${"8"}  | ${"HEXA_2 MENB_2 ROTA_2"}
    ${"12-week visit on 1 July 2025, the next"}   | ${"2025-04-08"} | ${"2025-07-29"} | ${"12"} | ${"HEXA_3 PCV_1"}
    ${"12-week visit on 2 July 2025, the next"}   | ${"2025-04-09"} | ${"2025-07-30"} | ${"12"} | ${"HEXA_3 PCV_1"}
    ${"12-week visit missed, at 16 weeks"}        | ${"2025-04-08"} | ${"2025-07-29"} | ${"8"}  | ${"HEXA_2 MENB_2 ROTA_2 PCV_1"}
    ${"12-week visit missed, at 24 weeks"}        | ${"2025-04-08"} | ${"2025-09-23"} | ${"8"}  | ${"HEXA_2 MENB_2 PCV_1"}
  `("$says: $expected", ({ bornOn, on, had, expected }) => {
    const until = had === "" ? bornOn : addDays(bornOn, Number(had) * 7);
    expect(due(planned(bornOn, had === "" ? [] : onTime(bornOn, until), on))).toBe(expected);
  });

  test.each`
    bornOn          | doseId      | recommendedOn   | because
    ${"2025-03-10"} | ${"MENB_2"} | ${"2025-06-30"} | ${"16 weeks come the day before the change"}
    ${"2025-03-11"} | ${"MENB_2"} | ${"2025-07-01"} | ${"16 weeks come on the day of the change"}
    ${"2025-03-12"} | ${"MENB_2"} | ${"2025-07-01"} | ${"from the day of the change 12 weeks are enough"}
    ${"2025-04-08"} | ${"MENB_2"} | ${"2025-07-01"} | ${"12 weeks come on the day of the change"}
    ${"2025-04-09"} | ${"MENB_2"} | ${"2025-07-02"} | ${"12 weeks come after it"}
    ${"2025-04-07"} | ${"PCV_1"}  | ${"2025-06-30"} | ${"12 weeks come the day before the change"}
    ${"2025-04-08"} | ${"PCV_1"}  | ${"2025-07-29"} | ${"12 weeks come on the day of the change, so 16 count"}
    ${"2025-04-09"} | ${"PCV_1"}  | ${"2025-07-30"} | ${"12 weeks come after it, so 16 count"}
  `("born $bornOn, $doseId is recommended on $recommendedOn: $because", ({ bornOn, doseId, recommendedOn }) => {
    expect(lineOf(planned(bornOn, [], bornOn), doseId).recommendedOn).toBe(recommendedOn);
  });
});

describe("The visits at one year, 18 months and 3 years 4 months", () => {
  test.each`
    says                                         | bornOn          | on              | until           | expected
    ${"one year, before July 2025"}              | ${"2024-06-20"} | ${"2025-06-20"} | ${"2025-06-19"} | ${"HIBMENC_1 PCV_B MENB_3 MMR_1"}
    ${"one year on 30 June 2025"}                | ${"2024-06-30"} | ${"2025-06-30"} | ${"2025-06-29"} | ${"HIBMENC_1 PCV_B MENB_3 MMR_1"}
    ${"one year on 1 July 2025: no Hib/MenC"}    | ${"2024-07-01"} | ${"2025-07-01"} | ${"2025-06-30"} | ${"PCV_B MENB_3 MMR_1"}
    ${"one year on 2 July 2025: no Hib/MenC"}    | ${"2024-07-02"} | ${"2025-07-02"} | ${"2025-07-01"} | ${"PCV_B MENB_3 MMR_1"}
    ${"one year in 2026"}                        | ${"2025-02-10"} | ${"2026-02-10"} | ${"2026-02-09"} | ${"PCV_B MENB_3 MMR_1"}
    ${"18 months, born 30 June 2024: no visit"}  | ${"2024-06-30"} | ${"2026-01-01"} | ${"2025-12-30"} | ${""}
    ${"18 months, born 1 July 2024, day before"} | ${"2024-07-01"} | ${"2025-12-31"} | ${"2025-12-31"} | ${""}
    ${"18 months, born 1 July 2024"}             | ${"2024-07-01"} | ${"2026-01-01"} | ${"2025-12-31"} | ${"HEXA_4 MMR_2"}
    ${"18 months, born 1 July 2024, day after"}  | ${"2024-07-01"} | ${"2026-01-02"} | ${"2025-12-31"} | ${"HEXA_4 MMR_2"}
    ${"3 years 4 months, day before"}            | ${"2022-10-10"} | ${"2026-02-09"} | ${"2026-02-09"} | ${""}
    ${"3 years 4 months"}                        | ${"2022-10-10"} | ${"2026-02-10"} | ${"2026-02-09"} | ${"MMR_2 DTAPIPV_1"}
    ${"3 years 4 months, born 31 December 2024"} | ${"2024-12-31"} | ${"2028-05-01"} | ${"2028-04-30"} | ${"DTAPIPV_1 MMR_3"}
    ${"3 years 4 months, born 1 January 2025"}   | ${"2025-01-01"} | ${"2028-05-01"} | ${"2028-04-30"} | ${"DTAPIPV_1"}
  `("$says: $expected", ({ bornOn, on, until, expected }) => {
    expect(due(planned(bornOn, onTime(bornOn, until), on))).toBe(expected);
  });

  test.each`
    on              | vaccine
    ${"2025-12-31"} | ${"HIBMENC"}
    ${"2026-01-01"} | ${"HEXAVALENT"}
    ${"2026-01-02"} | ${"HEXAVALENT"}
  `("a Hib dose over one year still owed on $on is $vaccine", ({ on, vaccine }) => {
    const doses = onTime("2024-06-20", "2025-12-01").filter((dose) => !dose.startsWith("HIBMENC"));
    expect(lineOf(planned("2024-06-20", doses, on), "HIBMENC_1")).toMatchObject({ standing: "OPEN", vaccine });
  });
});

const firstBirthday = (bornOn: Day) => `${Number(bornOn.slice(0, 4)) + 1}${bornOn.slice(4)}`;

describe("Measles-type doses by date of birth", () => {
  test.each`
    bornOn          | first     | second       | third
    ${"2025-01-01"} | ${"MMRV"} | ${"MMRV 18"} | ${""}
    ${"2024-12-31"} | ${"MMR"}  | ${"MMRV 18"} | ${"MMRV 40"}
    ${"2024-07-01"} | ${"MMR"}  | ${"MMRV 18"} | ${"MMRV 40"}
    ${"2024-06-30"} | ${"MMR"}  | ${"MMRV 40"} | ${""}
    ${"2022-09-01"} | ${"MMR"}  | ${"MMRV 40"} | ${""}
    ${"2022-08-31"} | ${"MMR"}  | ${"MMR 40"}  | ${"MMRV 2026-11-01"}
    ${"2020-01-01"} | ${"MMR"}  | ${"MMR 40"}  | ${"MMRV 2026-11-01"}
    ${"2019-12-31"} | ${"MMR"}  | ${"MMR 40"}  | ${""}
  `("born $bornOn: $first, $second, $third", ({ bornOn, first, second, third }) => {
    // Seen the day before each visit, all before it kept.
    const one = lineOf(planned(bornOn, [], bornOn), "MMR_1");
    expect(`${one.vaccine} ${one.recommendedOn}`).toBe(`${first} ${firstBirthday(bornOn)}`);
    const doses = [`${first} ${firstBirthday(bornOn)}`];
    const two = lineOf(planned(bornOn, doses, firstBirthday(bornOn)), "MMR_2");
    const [vaccine, months] = second.split(" ");
    const recommended = lineOf(planned(bornOn, [], bornOn), months === "18" ? "MMR_2" : "DTAPIPV_1").recommendedOn;
    expect(`${two.vaccine} ${two.recommendedOn}`).toBe(`${vaccine} ${recommended}`);
    const plan = planned(bornOn, [...doses, `${vaccine} ${two.recommendedOn}`], two.recommendedOn ?? "");
    const three = lineOf(plan, "MMR_3");
    const at =
      third === "" ? "" : three.recommendedOn === lineOf(plan, "DTAPIPV_1").recommendedOn ? "40" : three.recommendedOn;
    expect(three.standing === "NOT_ELIGIBLE" ? "" : `${three.vaccine} ${at}`).toBe(third);
  });

  test.each`
    first           | third             | because
    ${"2025-12-31"} | ${"NOT_YET_DUE"}  | ${"the first dose came before 2026"}
    ${"2026-01-01"} | ${"NOT_ELIGIBLE"} | ${"the first dose came when it held varicella"}
    ${"2026-01-02"} | ${"NOT_ELIGIBLE"} | ${"the first dose came when it held varicella"}
  `(
    `${proves("MEASLES_LATE_2024_MISSED")}: the first on $first, the third $third, for $because`,
    ({ first, third }) => {
      const vaccine = first < "2026" ? "MMR" : "MMRV";
      expect(stateOf(planned("2024-08-20", [`${vaccine} ${first}`], "2026-02-20"), "MMR_3")).toBe(third);
    },
  );

  test("born 20 August 2024, the first dose missed: MMRV twice, four weeks apart at least, and no third", () => {
    const plan = planned("2024-08-20", [], "2026-03-01");
    expect(those(plan, "NOT_ELIGIBLE").split(" ")).toContain("MMR_3");
    expect(lineOf(plan, "MMR_1").vaccine).toBe("MMRV");
    expect(lineOf(plan, "MMR_2")).toMatchObject({ vaccine: "MMRV", earliestOn: "2026-03-29", awaits: "MMR_1" });
  });

  test.each`
    bornOn          | vaccine
    ${"2019-12-31"} | ${"MMR"}
    ${"2020-01-01"} | ${"MMRV"}
    ${"2022-09-01"} | ${"MMRV"}
  `("a second dose owed in 2026 to a child born $bornOn is $vaccine", ({ bornOn, vaccine }) => {
    expect(lineOf(planned(bornOn, [`MMR ${firstBirthday(bornOn)}`], "2026-06-01"), "MMR_2").vaccine).toBe(vaccine);
    expect(lineOf(planned(bornOn, [`MMR ${firstBirthday(bornOn)}`], "2025-12-31"), "MMR_2").vaccine).toBe(
      bornOn === "2022-09-01" ? "MMRV" : "MMR", // its day comes in 2026
    );
  });

  describe(proves("MEASLES_CATCH_UP"), () => {
    const TWICE = ["MMR 2022-03-10", "MMR 2024-07-10"];
    test.each`
      on              | state
      ${"2026-10-31"} | ${"NOT_YET_DUE"}
      ${"2026-11-01"} | ${"DUE"}
      ${"2026-11-02"} | ${"DUE"}
      ${"2028-03-30"} | ${"OVERDUE"}
      ${"2028-03-31"} | ${"OVERDUE"}
      ${"2028-04-01"} | ${"AGED_OUT"}
    `("on $on it is $state", ({ on, state }) => {
      expect(stateOf(planned("2021-03-10", TWICE, on), "MMR_3")).toBe(state);
    });

    test.each`
      says                            | doses                                                            | hadChickenpox | state
      ${"had chickenpox"}             | ${TWICE}                                                         | ${true}       | ${"NOT_ELIGIBLE"}
      ${"had none"}                   | ${TWICE}                                                         | ${false}      | ${"DUE"}
      ${"is not known to have had"}   | ${TWICE}                                                         | ${null}       | ${"DUE"}
      ${"has one varicella dose"}     | ${["MMR 2022-03-10", "MMRV 2026-07-10"]}                         | ${false}      | ${"DUE"}
      ${"has two varicella doses"}    | ${["MMRV 2022-03-10", "MMRV 2026-07-10"]}                        | ${false}      | ${"NOT_ELIGIBLE"}
      ${"has two, one of them alone"} | ${["MMR 2022-03-10", "MMRV 2026-07-10", "VARICELLA 2023-01-01"]} | ${false}      | ${"NOT_ELIGIBLE"}
    `("a child that $says: $state", ({ doses, hadChickenpox, state }) => {
      expect(stateOf(forecast(history("2021-03-10", doses, { hadChickenpox }), "2026-11-20"), "MMR_3")).toBe(state);
    });

    test.each`
      doses                                   | on              | state
      ${[]}                                   | ${"2026-11-20"} | ${"NOT_ELIGIBLE"}
      ${["MMRV 2026-11-01"]}                  | ${"2026-11-20"} | ${"NOT_ELIGIBLE"}
      ${["MMR 2022-03-10"]}                   | ${"2026-11-20"} | ${"NOT_YET_DUE"}
      ${["MMR 2026-11-01"]}                   | ${"2026-11-20"} | ${"NOT_YET_DUE"}
      ${["MMR 2022-03-10", "MMR 2026-09-01"]} | ${"2026-11-20"} | ${"DUE"}
      ${[]}                                   | ${"2025-12-31"} | ${"NOT_YET_DUE"}
    `("the doses still owed as MMRV count ahead: with $doses on $on it is $state", ({ doses, on, state }) => {
      expect(stateOf(planned("2021-03-10", doses, on), "MMR_3")).toBe(state);
    });

    test("it is no earlier than the catch-up begins, though one given before counts", () => {
      expect(lineOf(planned("2021-03-10", TWICE, "2026-10-01"), "MMR_3").earliestOn).toBe("2026-11-01");
      expect(stateOf(planned("2021-03-10", [...TWICE, "MMRV 2026-03-10"], "2026-10-01"), "MMR_3")).toBe("COMPLETE");
    });
  });
});

describe("Which measles-type doses count", () => {
  test.each`
    says                                            | doses                                    | uncounted                                                  | second
    ${"the first birthday: the day before"}         | ${["MMR 2024-03-09"]}                    | ${["MMR 2024-03-09 TOO_YOUNG"]}                            | ${null}
    ${"the first birthday: the day"}                | ${["MMR 2024-03-10"]}                    | ${[]}                                                      | ${null}
    ${"the first birthday: the day after"}          | ${["MMR 2024-03-11"]}                    | ${[]}                                                      | ${null}
    ${"a gap of 27 days fails, though late"}        | ${["MMR 2025-01-01", "MMR 2025-01-28"]}  | ${["MMR 2025-01-28 TOO_SOON"]}                             | ${null}
    ${"a gap of 28 days is enough"}                 | ${["MMR 2025-01-01", "MMR 2025-01-29"]}  | ${[]}                                                      | ${"2025-01-29"}
    ${"a gap of 29 days"}                           | ${["MMR 2025-01-01", "MMR 2025-01-30"]}  | ${[]}                                                      | ${"2025-01-30"}
    ${"the second below 15 months: the day before"} | ${["MMR 2024-03-20", "MMR 2024-06-09"]}  | ${["MMR 2024-06-09 TOO_YOUNG"]}                            | ${null}
    ${"the second at 15 months"}                    | ${["MMR 2024-03-20", "MMR 2024-06-10"]}  | ${[]}                                                      | ${"2024-06-10"}
    ${"27 days after a dose that did not count"}    | ${["MMR 2024-03-01", "MMR 2024-03-28"]}  | ${["MMR 2024-03-01 TOO_YOUNG", "MMR 2024-03-28 TOO_SOON"]} | ${null}
    ${"28 days after a dose that did not count"}    | ${["MMR 2024-03-01", "MMR 2024-03-29"]}  | ${["MMR 2024-03-01 TOO_YOUNG"]}                            | ${null}
    ${"MMR and MMRV count alike"}                   | ${["MMRV 2024-03-20", "MMR 2025-01-29"]} | ${[]}                                                      | ${"2025-01-29"}
    ${"two vaccines of one day are one dose"}       | ${["MMR 2025-01-29", "MMRV 2025-01-29"]} | ${["MMR 2025-01-29 SAME_DAY"]}                             | ${null}
  `(`${proves("MEASLES_INTERVAL")}, and from when: $says: $doses`, ({ doses, uncounted, second }) => {
    const plan = planned("2023-03-10", doses, "2026-01-10");
    expect(notCounted(plan)).toEqual(uncounted);
    expect(lineOf(plan, "MMR_2").givenOn).toBe(second);
  });

  test(proves("MEASLES_FIRST_FROM"), () => {
    const plan = planned("2025-03-10", ["MMR 2025-10-10"], "2026-03-10");
    expect(notCounted(plan)).toEqual(["MMR 2025-10-10 TOO_YOUNG"]);
    expect([stateOf(plan, "MMR_1"), stateOf(plan, "MMR_2")]).toEqual(["DUE", "NOT_YET_DUE"]);
  });

  test(`${proves("MEASLES_INTERVAL")}: the first, after one in travel`, () => {
    expect(lineOf(planned("2025-03-10", ["MMR 2026-03-01"], "2026-03-10"), "MMR_1").dueOn).toBe("2026-03-29");
  });

  test(`${proves("MEASLES_ANY_AGE")}: at 18 years`, () => {
    expect(lineOf(planned("2007-06-01", ["MMR 2008-07-01"], "2026-03-10"), "MMR_2")).toMatchObject({ latestOn: null });
    expect(stateOf(planned("2007-06-01", ["MMR 2008-07-01"], "2026-03-10"), "MMR_2")).toBe("OVERDUE");
  });

  test.each`
    months | day             | counts
    ${15}  | ${"2024-06-09"} | ${false}
    ${15}  | ${"2024-06-10"} | ${true}
    ${15}  | ${"2024-06-11"} | ${true}
    ${18}  | ${"2024-09-09"} | ${false}
    ${18}  | ${"2024-09-10"} | ${true}
    ${18}  | ${"2024-09-11"} | ${true}
  `(
    `${proves("MEASLES_SECOND_FROM")}: set to $months months, on $day it counts: $counts`,
    ({ months, day, counts }) => {
      const told = history("2023-03-10", ["MMR 2024-03-20", `MMR ${day}`]);
      const plan = forecaster({ secondMeaslesFromMonths: months })(told, "2026-01-10");
      expect(notCounted(plan)).toEqual(counts ? [] : [`MMR ${day} TOO_YOUNG`]);
    },
  );
});

describe("Infant doses, one by one", () => {
  const BORN = "2026-01-08";
  test.each`
    vaccine         | doseId      | day             | counts   | says
    ${"HEXAVALENT"} | ${"HEXA_1"} | ${"2026-02-18"} | ${false} | ${"41 days"}
    ${"HEXAVALENT"} | ${"HEXA_1"} | ${"2026-02-19"} | ${true}  | ${"42 days"}
    ${"HEXAVALENT"} | ${"HEXA_1"} | ${"2026-02-20"} | ${true}  | ${"43 days"}
    ${"MENB"}       | ${"MENB_1"} | ${"2026-02-18"} | ${false} | ${"41 days"}
    ${"MENB"}       | ${"MENB_1"} | ${"2026-02-19"} | ${true}  | ${"42 days"}
    ${"ROTAVIRUS"}  | ${"ROTA_1"} | ${"2026-02-18"} | ${false} | ${"41 days"}
    ${"ROTAVIRUS"}  | ${"ROTA_1"} | ${"2026-02-19"} | ${true}  | ${"42 days"}
    ${"PCV"}        | ${"PCV_1"}  | ${"2026-02-18"} | ${false} | ${"41 days"}
    ${"PCV"}        | ${"PCV_1"}  | ${"2026-02-19"} | ${true}  | ${"42 days"}
  `("$vaccine at $says counts: $counts", ({ vaccine, doseId, day, counts }) => {
    const plan = planned(BORN, [`${vaccine} ${day}`], "2026-04-01");
    expect(lineOf(plan, doseId).givenOn).toBe(counts ? day : null);
    expect(notCounted(plan)).toEqual(counts ? [] : [`${vaccine} ${day} TOO_YOUNG`]);
  });

  test.each`
    vaccine         | doseId      | gap   | because
    ${"HEXAVALENT"} | ${"HEXA_2"} | ${20} | ${"TOO_SOON"}
    ${"HEXAVALENT"} | ${"HEXA_2"} | ${21} | ${"EARLY_FOR_A_CLINICIAN"}
    ${"HEXAVALENT"} | ${"HEXA_2"} | ${27} | ${"EARLY_FOR_A_CLINICIAN"}
    ${"HEXAVALENT"} | ${"HEXA_2"} | ${28} | ${null}
    ${"HEXAVALENT"} | ${"HEXA_2"} | ${29} | ${null}
    ${"MENB"}       | ${"MENB_2"} | ${27} | ${"TOO_SOON"}
    ${"MENB"}       | ${"MENB_2"} | ${28} | ${null}
    ${"MENB"}       | ${"MENB_2"} | ${29} | ${null}
    ${"ROTAVIRUS"}  | ${"ROTA_2"} | ${27} | ${"TOO_SOON"}
    ${"ROTAVIRUS"}  | ${"ROTA_2"} | ${28} | ${null}
    ${"ROTAVIRUS"}  | ${"ROTA_2"} | ${29} | ${null}
  `(`${proves("EARLY_IS_KEPT")}: $vaccine $gap days after the first: $because`, ({ vaccine, doseId, gap, because }) => {
    const second = addDays("2026-03-05", gap);
    const plan = planned(BORN, [`${vaccine} 2026-03-05`, `${vaccine} ${second}`], "2026-04-20");
    expect(notCounted(plan)).toEqual(because === null ? [] : [`${vaccine} ${second} ${because}`]);
    // The next is timed from it, whether it counts or not.
    if (because !== null) expect(lineOf(plan, doseId).earliestOn).toBe(addDays(second, 28));
    else expect(lineOf(plan, doseId).givenOn).toBe(second);
  });

  test.each`
    says                                  | gaps        | counted
    ${"one dose a week early"}            | ${[21, 28]} | ${3}
    ${"one dose more than a week early"}  | ${[20, 28]} | ${2}
    ${"two doses early: one is repeated"} | ${[21, 21]} | ${2}
  `(`${proves("ONE_EARLY")}: set to a week, $says: $counted count`, ({ gaps, counted }) => {
    const days = [0, gaps[0], gaps[0] + gaps[1]].map((after) => `HEXAVALENT ${addDays("2026-03-05", after)}`);
    const plan = forecaster({ hexavalentEarlyToleranceDays: 7 })(history(BORN, days), "2026-06-20");
    const complete = plan.doses.filter(({ doseId, standing }) => doseId.startsWith("HEXA") && standing === "COMPLETE");
    expect(complete).toHaveLength(counted);
  });

  test.each`
    doseId         | doses                                                                          | last            | says
    ${"ROTA_1"}    | ${[]}                                                                          | ${"2026-04-22"} | ${"14 weeks and 6 days"}
    ${"ROTA_2"}    | ${["ROTAVIRUS 2026-03-05"]}                                                    | ${"2026-06-24"} | ${"23 weeks and 6 days"}
    ${"ROTA_2"}    | ${[]}                                                                          | ${"2026-04-22"} | ${"the first was not given in time: the series is closed"}
    ${"ROTA_2"}    | ${["ROTAVIRUS 2026-04-24"]}                                                    | ${"2026-06-24"} | ${"the first was given too late, in error"}
    ${"MENB_1"}    | ${[]}                                                                          | ${"2028-01-07"} | ${"the day before the second birthday"}
    ${"MENB_2"}    | ${["MENB 2026-03-05"]}                                                         | ${"2028-01-07"} | ${"the day before the second birthday"}
    ${"MENB_3"}    | ${["MENB 2026-03-05", "MENB 2026-04-02"]}                                      | ${"2028-01-07"} | ${"the day before the second birthday"}
    ${"PCV_1"}     | ${["HEXAVALENT 2026-03-05"]}                                                   | ${"2027-01-07"} | ${"the day before the first birthday"}
    ${"PCV_B"}     | ${[]}                                                                          | ${"2028-01-07"} | ${"the day before the second birthday"}
    ${"HEXA_1"}    | ${[]}                                                                          | ${"2036-01-07"} | ${"the day before the tenth birthday"}
    ${"HEXA_4"}    | ${["HEXAVALENT 2026-03-05", "HEXAVALENT 2026-04-02", "HEXAVALENT 2026-04-30"]} | ${"2036-01-07"} | ${"the day before the tenth birthday"}
    ${"DTAPIPV_1"} | ${onTime(BORN, "2028-01-01")}                                                  | ${"2036-01-07"} | ${"the day before the tenth birthday"}
  `(`${proves("UP_TO_BIRTHDAY")}: $doseId until $last, and then aged out: $says`, ({ doseId, doses, last }) => {
    expect(lineOf(planned(BORN, doses, "2026-04-30"), doseId).latestOn).toBe(last);
    const [before, day, after] = around(BORN, doses, doseId, last).split(" ");
    expect([before === "AGED_OUT", day === "AGED_OUT", after]).toEqual([false, false, "AGED_OUT"]);
  });

  test.each`
    on              | states
    ${"2026-04-22"} | ${["OVERDUE", "NOT_YET_DUE"]}
    ${"2026-04-23"} | ${["AGED_OUT", "AGED_OUT"]}
    ${"2026-04-24"} | ${["AGED_OUT", "AGED_OUT"]}
  `(`${proves("ROTA_CLOSED")}: nothing given, on $on $states`, ({ on, states }) => {
    const plan = planned(BORN, [], on);
    expect([stateOf(plan, "ROTA_1"), stateOf(plan, "ROTA_2")]).toEqual(states);
  });

  test(`${proves("ROTA_CLOSED")}: one given too late counts, and the second may still be given`, () => {
    const plan = planned(BORN, ["ROTAVIRUS 2026-04-23"], "2026-05-21");
    expect([stateOf(plan, "ROTA_1"), stateOf(plan, "ROTA_2")]).toEqual(["COMPLETE", "DUE"]);
  });

  test.each`
    on              | latestOn        | state
    ${"2026-04-21"} | ${"2026-06-24"} | ${"NOT_YET_DUE"}
    ${"2026-04-22"} | ${"2026-06-24"} | ${"NOT_YET_DUE"}
    ${"2026-04-23"} | ${"2026-04-22"} | ${"AGED_OUT"}
  `("the second has its own last day until the first can be given no more: on $on $latestOn", (row) => {
    const plan = planned(BORN, [], row.on);
    expect([lineOf(plan, "ROTA_2").latestOn, stateOf(plan, "ROTA_2")]).toEqual([row.latestOn, row.state]);
  });

  test("rotavirus given after its age limit counts, and says so", () => {
    const plan = planned(BORN, ["ROTAVIRUS 2026-04-23"], "2026-05-01");
    expect(lineOf(plan, "ROTA_1")).toMatchObject({ standing: "COMPLETE", because: "GIVEN_LATE" });
  });

  test.each`
    says                                             | doses                                                        | expected
    ${"never vaccinated: two doses, no third"}       | ${[]}                                                        | ${"MENB_1 DUE, MENB_2 NOT_YET_DUE, MENB_3 NOT_ELIGIBLE"}
    ${"one dose over one: one more"}                 | ${["MENB 2027-02-01"]}                                       | ${"MENB_1 COMPLETE, MENB_2 DUE, MENB_3 NOT_ELIGIBLE"}
    ${"two doses over one: complete"}                | ${["MENB 2027-02-01", "MENB 2027-03-01"]}                    | ${"MENB_1 COMPLETE, MENB_2 COMPLETE, MENB_3 NOT_ELIGIBLE"}
    ${"one dose under one: two more"}                | ${["MENB 2026-03-05"]}                                       | ${"MENB_1 COMPLETE, MENB_2 DUE, MENB_3 NOT_YET_DUE"}
    ${"one under one, one over: one more"}           | ${["MENB 2026-03-05", "MENB 2027-02-01"]}                    | ${"MENB_1 COMPLETE, MENB_2 COMPLETE, MENB_3 DUE"}
    ${"two under one: one booster"}                  | ${["MENB 2026-03-05", "MENB 2026-04-02"]}                    | ${"MENB_1 COMPLETE, MENB_2 COMPLETE, MENB_3 DUE"}
    ${"two under one and the booster"}               | ${["MENB 2026-03-05", "MENB 2026-04-02", "MENB 2027-01-08"]} | ${"MENB_1 COMPLETE, MENB_2 COMPLETE, MENB_3 COMPLETE"}
    ${"a booster the day before the first birthday"} | ${["MENB 2026-03-05", "MENB 2026-04-02", "MENB 2027-01-07"]} | ${"MENB_1 COMPLETE, MENB_2 COMPLETE, MENB_3 DUE"}
  `(`${proves("MENB_OVER_ONE")}: $says`, ({ doses, expected }) => {
    const plan = planned(BORN, doses, "2027-05-01");
    const shown = (["MENB_1", "MENB_2", "MENB_3"] as const).map(
      (id) => `${id} ${stateOf(plan, id).replace("OVERDUE", "DUE")}`,
    );
    expect(shown.join(", ")).toBe(expected);
  });

  test.each`
    says                                         | doses                                   | expected
    ${"never vaccinated: one dose"}              | ${[]}                                   | ${"PCV_1 AGED_OUT, PCV_B OVERDUE"}
    ${"primed: one dose"}                        | ${["PCV 2026-04-30"]}                   | ${"PCV_1 COMPLETE, PCV_B OVERDUE"}
    ${"given on the first birthday, unprimed"}   | ${["PCV 2027-01-08"]}                   | ${"PCV_1 AGED_OUT, PCV_B COMPLETE"}
    ${"given the day before the first birthday"} | ${["PCV 2027-01-07"]}                   | ${"PCV_1 COMPLETE, PCV_B OVERDUE"}
    ${"boosted 27 days after priming"}           | ${["PCV 2027-01-05", "PCV 2027-02-01"]} | ${"PCV_1 COMPLETE, PCV_B OVERDUE"}
    ${"boosted 28 days after priming"}           | ${["PCV 2027-01-05", "PCV 2027-02-02"]} | ${"PCV_1 COMPLETE, PCV_B COMPLETE"}
  `(`${proves("PCV_OVER_ONE")}: $says`, ({ doses, expected }) => {
    const plan = planned(BORN, doses, "2027-05-01");
    expect((["PCV_1", "PCV_B"] as const).map((id) => `${id} ${stateOf(plan, id)}`).join(", ")).toBe(expected);
  });

  test.each`
    bornOn          | doses
    ${"2019-12-31"} | ${"PCV_1 PCV_2 PCV_B"}
    ${"2020-01-01"} | ${"PCV_1 PCV_B"}
    ${"2020-01-02"} | ${"PCV_1 PCV_B"}
  `("one priming pneumococcal dose instead of two: born $bornOn, $doses", ({ bornOn, doses }) => {
    const plan = planned(bornOn, [], bornOn);
    const listed = plan.doses.map(({ doseId }) => doseId).filter((doseId) => doseId.startsWith("PCV"));
    expect(listed.join(" ")).toBe(doses);
  });

  test.each`
    says                                         | doses                         | expected
    ${"under the day before the first birthday"} | ${["HIBMENC 2023-03-09"]}     | ${"OVERDUE"}
    ${"on the first birthday"}                   | ${["HIBMENC 2023-03-10"]}     | ${"COMPLETE"}
    ${"a 6-in-1 on the first birthday"}          | ${["HEXAVALENT 2023-03-10"]}  | ${"COMPLETE"}
    ${"a 5-in-1 over one"}                       | ${["PENTAVALENT 2023-03-11"]} | ${"COMPLETE"}
    ${"a 4-in-1, which has no Hib"}              | ${["DTAPIPV 2025-07-10"]}     | ${"OVERDUE"}
  `(`${proves("HIB_OVER_ONE")}: $says`, ({ doses, expected }) => {
    const infancy = onTime("2022-03-10", "2022-12-01");
    expect(stateOf(planned("2022-03-10", [...infancy, ...doses], "2026-01-10"), "HIBMENC_1")).toBe(expected);
  });

  test.each`
    day             | because
    ${"2029-01-07"} | ${"TOO_YOUNG"}
    ${"2029-01-08"} | ${null}
    ${"2029-01-09"} | ${null}
  `("the pre-school booster counts from three years: $day", ({ day, because }) => {
    const plan = planned(BORN, [...onTime(BORN, "2028-01-01"), `DTAPIPV ${day}`], "2030-01-01");
    expect(notCounted(plan)).toEqual(because === null ? [] : [`DTAPIPV ${day} ${because}`]);
  });

  test.each`
    day             | because
    ${"2030-02-28"} | ${"TOO_SOON"}
    ${"2030-03-01"} | ${null}
    ${"2030-03-02"} | ${null}
  `("a year after the last 6-in-1: 18-month dose on 1 March 2029, booster on $day", ({ day, because }) => {
    const infancy = onTime(BORN, "2027-07-01");
    const plan = planned(BORN, [...infancy, "HEXAVALENT 2029-03-01", `DTAPIPV ${day}`], "2030-04-01");
    expect(notCounted(plan)).toEqual(because === null ? [] : [`DTAPIPV ${day} ${because}`]);
    if (because !== null) expect(stateOf(plan, "DTAPIPV_1")).not.toBe("COMPLETE");
  });

  test(proves("HEPB_NO_PRIMARY"), () => {
    const plan = planned(BORN, ["HEPB 2026-01-08"], "2026-03-05");
    expect([stateOf(plan, "HEXA_1"), stateOf(plan, "HEPB_0")]).toEqual(["DUE", "COMPLETE"]);
  });

  test(proves("BY_ANTIGEN"), () => {
    const plan = planned(
      "2016-03-10",
      ["PENTAVALENT 2016-05-10", "PENTAVALENT 2016-06-10", "PENTAVALENT 2016-07-10"],
      "2016-09-01",
    );
    expect(lineOf(plan, "HEXA_3")).toMatchObject({ standing: "COMPLETE", vaccine: "PENTAVALENT" });
  });

  test("a fourth 6-in-1 under one year is no 18-month dose", () => {
    const fourth = "HEXAVALENT 2027-01-07";
    const plan = planned(BORN, [...onTime(BORN, "2026-05-01"), fourth], "2027-07-08");
    expect(notCounted(plan)).toEqual([`${fourth} TOO_YOUNG`]);
    expect(stateOf(plan, "HEXA_4")).toBe("DUE");
  });

  test(`${proves("RESUME")}: years between doses lose none of them`, () => {
    const plan = planned("2020-03-10", ["HEXAVALENT 2020-05-05", "HEXAVALENT 2025-06-01"], "2025-07-01");
    expect(those(plan, "COMPLETE")).toBe("HEXA_1 HEXA_2 HIBMENC_1");
    expect(stateOf(plan, "HEXA_3")).toBe("DUE");
  });

  test("a baby born early or started late goes by its own days: nothing is due before 8 weeks from birth", () => {
    expect(due(planned(BORN, [], "2026-03-04"))).toBe("");
    const late = planned(BORN, ["HEXAVALENT 2026-04-10", "MENB 2026-04-10"], "2026-05-07");
    expect(lineOf(late, "HEXA_2").dueOn).toBe("2026-05-08");
  });
});

describe("What official rules leave open", () => {
  test.each`
    doseId       | bornOn          | doses                                    | on              | says
    ${"HEXA_1"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/Six weeks as the earliest age is not confirmed/}
    ${"HEXA_2"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/one dose up to a week early may count is not confirmed/}
    ${"HEXA_4"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/no interval after the third dose/}
    ${"ROTA_1"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/weeks only; from 6 weeks, and up to 14 weeks and 6 days, is the usual/}
    ${"ROTA_2"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/weeks only; up to 23 weeks and 6 days is the usual reading/}
    ${"MENB_1"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/Six weeks as the earliest age is not confirmed/}
    ${"MENB_3"}  | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/one dose before the first birthday is given two more is not confirmed/}
    ${"PCV_1"}   | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/Six weeks as the earliest age is not confirmed/}
    ${"MMR_2"}   | ${"2026-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/Sources differ on the earliest age/}
    ${"MMR_3"}   | ${"2024-08-20"} | ${["MMR 2025-08-20", "MMRV 2026-02-20"]} | ${"2026-03-01"} | ${/For a second dose against chickenpox/}
    ${"MMR_3"}   | ${"2021-03-10"} | ${["MMR 2022-03-10", "MMR 2024-07-10"]}  | ${"2026-11-02"} | ${/Not for a child who had chickenpox: ask/}
    ${"TDIPV_1"} | ${"2013-03-10"} | ${onTime("2013-03-10", "2020-01-01")}    | ${"2026-09-02"} | ${/Five years after the booster before are usual, not an official rule/}
    ${"FLU"}     | ${"2016-03-10"} | ${[]}                                    | ${"2026-09-02"} | ${/31 March is usual, not an official rule/}
    ${"HEXA_1"}  | ${"2025-01-08"} | ${[]}                                    | ${"2026-02-01"} | ${/by this service's threshold/}
  `("of $doseId is said with the dose, born $bornOn", ({ doseId, bornOn, doses, on, says }) => {
    expect(sayWhy(lineOf(planned(bornOn, doses, on), doseId), on)).toMatch(says);
  });

  test.each`
    timedFromUncounted | earliestOn      | second
    ${true}            | ${"2026-04-23"} | ${"from the dose that came too soon"}
    ${false}           | ${"2026-04-02"} | ${"from the dose that counts"}
  `(
    "whether the next is timed from one that does not count is a setting: $second",
    ({ timedFromUncounted, earliestOn }) => {
      const told = history("2026-01-08", ["MENB 2026-03-05", "MENB 2026-03-26"]);
      expect(lineOf(forecaster({ timedFromUncounted })(told, "2026-03-27"), "MENB_2").earliestOn).toBe(earliestOn);
      const measles = history("2023-03-10", ["MMR 2025-01-01", "MMR 2025-01-22"]);
      expect(lineOf(forecaster({ timedFromUncounted })(measles, "2025-02-01"), "MMR_2").earliestOn).toBe("2025-02-19");
    },
  );
});

describe("Dates of which only the month or the year is known", () => {
  test.each`
    dose             | counts   | because
    ${"MMR 2024-03"} | ${false} | ${"a day of the month may be before the first birthday"}
    ${"MMR 2024-04"} | ${true}  | ${"every day of it is after the first birthday"}
    ${"MMR 2024"}    | ${false} | ${"the year begins before the first birthday"}
    ${"MMR 2025"}    | ${true}  | ${"every day of it is after the first birthday"}
  `("$dose counts: $counts, for $because", ({ dose, counts }) => {
    const plan = planned("2023-03-10", [dose], "2026-01-10");
    expect(stateOf(plan, "MMR_1")).toBe(counts ? "COMPLETE" : "OVERDUE");
    expect(plan.notCounted.map(({ because }) => because)).toEqual(counts ? [] : ["DATE_INCOMPLETE"]);
  });

  test("the next is timed from the last day it may have been", () => {
    expect(lineOf(planned("2024-07-10", ["MMR 2025-11"], "2025-12-01"), "MMR_2").earliestOn).toBe("2025-12-28");
  });

  test("two in one month prove no gap", () => {
    expect(planned("2020-03-10", ["MMR 2022-04", "MMR 2022-04-30"], "2026-01-10").notCounted).toHaveLength(1);
  });
});

describe("Vaccines given abroad", () => {
  const given = (vaccine: Vaccine, abroad: VaccineAbroad, givenOn: Day) =>
    ({ id: null, precision: "DAY", possibleDuplicateOf: null, vaccine, abroad, givenOn }) as const;

  test.each`
    givenOn         | why
    ${"2016-03-30"} | ${"Oral polio vaccine given before April 2016 counts for polio, but alone meets no dose here: a clinician decides."}
    ${"2016-03-31"} | ${"Oral polio vaccine given before April 2016 counts for polio, but alone meets no dose here: a clinician decides."}
    ${"2016-04-01"} | ${"Oral polio vaccine given since April 2016 is not counted for polio."}
    ${"2016-04-02"} | ${"Oral polio vaccine given since April 2016 is not counted for polio."}
  `(`${proves("OPV_ABROAD")}: on $givenOn`, ({ givenOn, why }) => {
    const plan = forecast(history("2015-02-10", [], { doses: [given("UNKNOWN", "OPV", givenOn)] }), "2017-06-01");
    expect(notCounted(plan)).toEqual([`UNKNOWN ${givenOn} NOT_COUNTED_HERE`]);
    expect(plan.notCounted.map(sayUncounted)).toEqual([why]);
    expect(stateOf(plan, "HEXA_1")).toBe("OVERDUE");
  });

  test.each`
    then                  | state         | says
    ${[]}                 | ${"OVERDUE"}  | ${"one of thirteen is needed"}
    ${["PCV 2025-05-01"]} | ${"COMPLETE"} | ${"which was given"}
  `(`${proves("PCV10_ABROAD")}: $says`, ({ then, state }) => {
    const doses = [given("PCV", "PCV10", "2025-03-01"), ...history("2024-02-10", then).doses];
    const plan = forecast(history("2024-02-10", [], { doses }), "2025-06-01");
    expect(notCounted(plan)).toEqual(["PCV 2025-03-01 NOT_COUNTED_HERE"]);
    expect(stateOf(plan, "PCV_B")).toBe(state);
  });
});
