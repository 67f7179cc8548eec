/** What is given at which visit: the appointment tables and the measles-type doses, sections 3 and 4 of the reference. */

import { addDays, type Day } from "../../schema/calendar";
import { forecast } from "../../subgraphs/immunisations/forecast";
import type { Plan } from "../../subgraphs/immunisations/plan";
import { stateOn } from "../../subgraphs/immunisations/plan";
import { history, lineOf, onTime, stateOf } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day): Plan => forecast(history(bornOn, doses), on);

/** The vaccines to be given on a day, flu aside, to a child whose visits before `day` were all kept. */
function given(bornOn: Day, day: Day, on: Day): string {
  const plan = planned(bornOn, onTime(bornOn, addDays(day, -1)), on);
  const vaccines = plan.doses.flatMap((line) => {
    const state = stateOn(line, on);
    return (state === "DUE" || state === "OVERDUE") && line.vaccine !== "FLU" ? [line.vaccine] : [];
  });
  return vaccines.sort().join(" ");
}

describe.each`
  says                          | visit                                        | bornOn          | day             | expected
  ${proves("BEFORE_JULY_2025")} | ${"8 weeks"}                                 | ${"2025-01-01"} | ${"2025-02-26"} | ${"HEXAVALENT MENB ROTAVIRUS"}
  ${proves("BEFORE_JULY_2025")} | ${"12 weeks"}                                | ${"2025-01-01"} | ${"2025-03-26"} | ${"HEXAVALENT PCV ROTAVIRUS"}
  ${proves("BEFORE_JULY_2025")} | ${"16 weeks"}                                | ${"2025-01-01"} | ${"2025-04-23"} | ${"HEXAVALENT MENB"}
  ${proves("BEFORE_JULY_2025")} | ${"1 year"}                                  | ${"2024-03-10"} | ${"2025-03-10"} | ${"HIBMENC MENB MMR PCV"}
  ${proves("BEFORE_JULY_2025")} | ${"1 year, the last day"}                    | ${"2024-06-30"} | ${"2025-06-30"} | ${"HIBMENC MENB MMR PCV"}
  ${proves("BEFORE_JULY_2025")} | ${"3 years 4 months"}                        | ${"2021-10-10"} | ${"2025-02-10"} | ${"DTAPIPV MMR"}
  ${proves("AUTUMN_2025")}      | ${"8 weeks"}                                 | ${"2025-07-10"} | ${"2025-09-04"} | ${"HEXAVALENT MENB ROTAVIRUS"}
  ${proves("AUTUMN_2025")}      | ${"12 weeks"}                                | ${"2025-07-10"} | ${"2025-10-02"} | ${"HEXAVALENT MENB ROTAVIRUS"}
  ${proves("AUTUMN_2025")}      | ${"16 weeks"}                                | ${"2025-07-10"} | ${"2025-10-30"} | ${"HEXAVALENT PCV"}
  ${proves("AUTUMN_2025")}      | ${"1 year, born 1 July 2024"}                | ${"2024-07-01"} | ${"2025-07-01"} | ${"MENB MMR PCV"}
  ${proves("AUTUMN_2025")}      | ${"1 year, born 2 July 2024"}                | ${"2024-07-02"} | ${"2025-07-02"} | ${"MENB MMR PCV"}
  ${proves("AUTUMN_2025")}      | ${"3 years 4 months"}                        | ${"2022-05-10"} | ${"2025-09-10"} | ${"DTAPIPV MMR"}
  ${proves("AUTUMN_2025")}      | ${"1 year, the last day but one"}            | ${"2024-12-30"} | ${"2025-12-30"} | ${"MENB MMR PCV"}
  ${proves("SINCE_2026")}       | ${"1 year, the second day"}                  | ${"2025-01-02"} | ${"2026-01-02"} | ${"MENB MMRV PCV"}
  ${proves("SINCE_2026")}       | ${"8 weeks"}                                 | ${"2026-01-08"} | ${"2026-03-05"} | ${"HEXAVALENT MENB ROTAVIRUS"}
  ${proves("SINCE_2026")}       | ${"12 weeks"}                                | ${"2026-01-08"} | ${"2026-04-02"} | ${"HEXAVALENT MENB ROTAVIRUS"}
  ${proves("SINCE_2026")}       | ${"16 weeks"}                                | ${"2026-01-08"} | ${"2026-04-30"} | ${"HEXAVALENT PCV"}
  ${proves("SINCE_2026")}       | ${"1 year"}                                  | ${"2025-02-10"} | ${"2026-02-10"} | ${"MENB MMRV PCV"}
  ${proves("SINCE_2026")}       | ${"18 months, born 1 July 2024"}             | ${"2024-07-01"} | ${"2026-01-01"} | ${"HEXAVALENT MMRV"}
  ${proves("SINCE_2026")}       | ${"18 months, born 2 July 2024"}             | ${"2024-07-02"} | ${"2026-01-02"} | ${"HEXAVALENT MMRV"}
  ${proves("SINCE_2026")}       | ${"18 months, born in 2025"}                 | ${"2025-02-10"} | ${"2026-08-10"} | ${"HEXAVALENT MMRV"}
  ${proves("SINCE_2026")}       | ${"3 years 4 months"}                        | ${"2022-10-10"} | ${"2026-02-10"} | ${"DTAPIPV MMRV"}
  ${proves("SINCE_2026")}       | ${"3 years 4 months, born 30 December 2024"} | ${"2024-12-30"} | ${"2028-04-30"} | ${"DTAPIPV MMRV"}
  ${proves("SINCE_2026")}       | ${"3 years 4 months, born 31 December 2024"} | ${"2024-12-31"} | ${"2028-05-01"} | ${"DTAPIPV MMRV"}
  ${proves("SINCE_2026")}       | ${"3 years 4 months, born 1 January 2025"}   | ${"2025-01-01"} | ${"2028-05-01"} | ${"DTAPIPV"}
  ${proves("SINCE_2026")}       | ${"3 years 4 months, born 2 January 2025"}   | ${"2025-01-02"} | ${"2028-05-02"} | ${"DTAPIPV"}
`("$says, at $visit, born $bornOn", ({ bornOn, day, expected }) => {
  test.each`
    when                | days  | gives
    ${"the day before"} | ${-1} | ${""}
    ${"the day"}        | ${0}  | ${expected}
    ${"the day after"}  | ${1}  | ${expected}
  `("$when: $gives", ({ days, gives }) => {
    expect(given(bornOn, day, addDays(day, days))).toBe(gives);
  });
});

test.each`
  says                                      | bornOn          | on              | expected
  ${"the last day of MMR at one year"}      | ${"2024-12-31"} | ${"2025-12-31"} | ${"MENB MMR PCV"}
  ${"the first day of MMRV at one year"}    | ${"2025-01-01"} | ${"2026-01-01"} | ${"MENB MMRV PCV"}
  ${"born 30 June 2024: no 18-month visit"} | ${"2024-06-30"} | ${"2026-01-01"} | ${""}
  ${"born 29 June 2024: no 18-month visit"} | ${"2024-06-29"} | ${"2026-01-01"} | ${""}
`(`${proves("SINCE_2026")}: $says`, ({ bornOn, on, expected }) => {
  expect(given(bornOn, on, on)).toBe(expected);
});

test.each`
  on              | vaccine
  ${"2025-06-30"} | ${"HIBMENC"}
  ${"2025-07-01"} | ${"HIBMENC"}
  ${"2025-12-30"} | ${"HIBMENC"}
  ${"2025-12-31"} | ${"HIBMENC"}
  ${"2026-01-01"} | ${"HEXAVALENT"}
  ${"2026-01-02"} | ${"HEXAVALENT"}
`(`${proves("HIB_WHILE_STOCK")}: on $on $vaccine`, ({ on, vaccine }) => {
  const doses = onTime("2024-06-20", "2025-06-19");
  expect(lineOf(planned("2024-06-20", doses, on), "HIBMENC_1")).toMatchObject({ standing: "OPEN", vaccine });
});

describe(proves("AT_SCHOOL_SINCE_2026"), () => {
  test.each`
    bornOn          | group                | offered
    ${"2022-09-02"} | ${"not yet at two"}  | ${true}
    ${"2022-09-01"} | ${"four, and three"} | ${true}
    ${"2022-08-31"} | ${"Reception"}       | ${true}
    ${"2010-09-02"} | ${"Year 11"}         | ${true}
    ${"2010-09-01"} | ${"Year 11"}         | ${true}
    ${"2010-08-31"} | ${"Year 12"}         | ${false}
    ${"2010-08-30"} | ${"Year 12"}         | ${false}
  `("flu in autumn 2026, born $bornOn ($group): $offered", ({ bornOn, offered }) => {
    expect(stateOf(planned(bornOn, [], "2026-10-01"), "FLU")).toBe(offered ? "DUE" : "NOT_ELIGIBLE");
  });

  test.each`
    on              | eight            | nine
    ${"2026-08-31"} | ${"NOT_YET_DUE"} | ${"NOT_YET_DUE"}
    ${"2026-09-01"} | ${"DUE"}         | ${"NOT_YET_DUE"}
    ${"2026-09-02"} | ${"DUE"}         | ${"NOT_YET_DUE"}
    ${"2027-08-31"} | ${"DUE"}         | ${"NOT_YET_DUE"}
    ${"2027-09-01"} | ${"OVERDUE"}     | ${"DUE"}
    ${"2027-09-02"} | ${"OVERDUE"}     | ${"DUE"}
  `("born 1 September 2013, on $on: Year 8 $eight, Year 9 $nine", ({ on, eight, nine }) => {
    const plan = planned("2013-09-01", onTime("2013-09-01", "2020-01-01"), on);
    expect(stateOf(plan, "HPV_1")).toBe(eight);
    expect([stateOf(plan, "TDIPV_1"), stateOf(plan, "MENACWY_1")]).toEqual([nine, nine]);
  });
});

/** Every measles-type dose of a child without any before, each given on the day it becomes due: `MMR 2025-03-10`. */
function measlesCourse(bornOn: Day): string {
  const doses: string[] = [];
  let on = bornOn;
  for (;;) {
    const plan = planned(bornOn, doses, on);
    const next = plan.doses.find(
      ({ doseId, standing, awaits }) => /^MMR/.test(doseId) && standing === "OPEN" && !awaits,
    );
    if (next === undefined || next.dueOn === null) return doses.join(", ");
    on = next.dueOn;
    const { vaccine } = lineOf(planned(bornOn, doses, on), next.doseId);
    doses.push(`${vaccine} ${on}`);
  }
}

test.each`
  says                             | bornOn          | expected
  ${proves("MEASLES_SINCE_2025")}  | ${"2025-01-02"} | ${"MMRV 2026-01-02, MMRV 2026-07-02"}
  ${proves("MEASLES_SINCE_2025")}  | ${"2025-01-01"} | ${"MMRV 2026-01-01, MMRV 2026-07-01"}
  ${proves("MEASLES_LATE_2024")}   | ${"2024-12-31"} | ${"MMR 2025-12-31, MMRV 2026-07-01, MMRV 2028-05-01"}
  ${proves("MEASLES_LATE_2024")}   | ${"2024-12-30"} | ${"MMR 2025-12-30, MMRV 2026-06-30, MMRV 2028-04-30"}
  ${proves("MEASLES_LATE_2024")}   | ${"2024-07-02"} | ${"MMR 2025-07-02, MMRV 2026-01-02, MMRV 2027-11-02"}
  ${proves("MEASLES_LATE_2024")}   | ${"2024-07-01"} | ${"MMR 2025-07-01, MMRV 2026-01-01, MMRV 2027-11-01"}
  ${proves("MEASLES_2022_2024")}   | ${"2024-06-30"} | ${"MMR 2025-06-30, MMRV 2027-10-30"}
  ${proves("MEASLES_2022_2024")}   | ${"2024-06-29"} | ${"MMR 2025-06-29, MMRV 2027-10-29"}
  ${proves("MEASLES_2022_2024")}   | ${"2022-09-02"} | ${"MMR 2023-09-02, MMRV 2026-01-02"}
  ${proves("MEASLES_2022_2024")}   | ${"2022-09-01"} | ${"MMR 2023-09-01, MMRV 2026-01-01"}
  ${proves("MEASLES_2020_2022")}   | ${"2022-08-31"} | ${"MMR 2023-08-31, MMR 2025-12-31, MMRV 2026-11-01"}
  ${proves("MEASLES_2020_2022")}   | ${"2022-08-30"} | ${"MMR 2023-08-30, MMR 2025-12-30, MMRV 2026-11-01"}
  ${proves("MEASLES_2020_2022")}   | ${"2020-01-02"} | ${"MMR 2021-01-02, MMR 2023-05-02, MMRV 2026-11-01"}
  ${proves("MEASLES_2020_2022")}   | ${"2020-01-01"} | ${"MMR 2021-01-01, MMR 2023-05-01, MMRV 2026-11-01"}
  ${proves("MEASLES_BEFORE_2020")} | ${"2019-12-31"} | ${"MMR 2020-12-31, MMR 2023-05-01"}
  ${proves("MEASLES_BEFORE_2020")} | ${"2019-12-30"} | ${"MMR 2020-12-30, MMR 2023-04-30"}
`("$says: born $bornOn, $expected", ({ bornOn, expected }) => {
  expect(measlesCourse(bornOn)).toBe(expected);
});

test.each`
  bornOn          | doses
  ${"2025-01-01"} | ${2}
  ${"2024-12-31"} | ${3}
  ${"2024-07-01"} | ${3}
  ${"2024-06-30"} | ${2}
  ${"2022-09-01"} | ${2}
  ${"2022-08-31"} | ${3}
  ${"2020-01-01"} | ${3}
  ${"2019-12-31"} | ${2}
`(`${proves("MEASLES_BY_BIRTH")}: born $bornOn, $doses with any catch-up`, ({ bornOn, doses }) => {
  expect(measlesCourse(bornOn).split(", ")).toHaveLength(doses);
});

describe(proves("MEASLES_2020_2022"), () => {
  test.each`
    on              | vaccine
    ${"2025-12-30"} | ${"MMR"}
    ${"2025-12-31"} | ${"MMR"}
    ${"2026-01-01"} | ${"MMRV"}
    ${"2026-01-02"} | ${"MMRV"}
  `("a second dose still owed on $on is $vaccine", ({ on, vaccine }) => {
    expect(lineOf(planned("2021-03-10", ["MMR 2022-03-10"], on), "MMR_2")).toMatchObject({ standing: "OPEN", vaccine });
  });
});

test.each`
  owed            | doses                                     | vaccines
  ${"one dose"}   | ${["MMR 2022-03-10", "MMRV 2026-02-01"]}  | ${"MMRV"}
  ${"both doses"} | ${["MMRV 2026-02-01", "MMRV 2026-03-01"]} | ${""}
  ${"none"}       | ${["MMR 2022-03-10", "MMR 2024-07-10"]}   | ${"MMRV"}
`(`${proves("MEASLES_CATCH_UP")}: of a child that owed $owed, then $vaccines`, ({ doses, vaccines }) => {
  const line = lineOf(planned("2021-03-10", doses, "2026-11-01"), "MMR_3");
  expect(line.standing === "OPEN" ? line.vaccine : "").toBe(vaccines);
});
