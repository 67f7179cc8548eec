/** School programmes and flu: sections 7 and 8 of the reference. */

import { addDays, addYears, type Day } from "../../schema/calendar";
import { productsGiven } from "../../schema/vocabulary/vaccines";
import { forecast } from "../../subgraphs/immunisations/forecast";
import type { History, Plan } from "../../subgraphs/immunisations/plan";
import { sayWhy } from "../../subgraphs/immunisations/reasons";
import type { DoseId } from "../../subgraphs/immunisations/schedule";
import { history, lineOf, notCounted, onTime, stateOf } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day, more: Partial<History> = {}): Plan =>
  forecast(history(bornOn, doses, more), on);
const threeDays = (day: Day): readonly Day[] => [addDays(day, -1), day, addDays(day, 1)];

/** Born in Year 8 from September 2025 and in Year 9 from September 2026, everything kept until school. */
const BORN = "2013-03-10";
const KEPT = onTime(BORN, "2020-01-01");

describe("When a programme is due: from 1 September of its year", () => {
  test.each`
    says                 | doseId         | day             | states
    ${proves("HPV")}     | ${"HPV_1"}     | ${"2025-09-01"} | ${["NOT_YET_DUE", "DUE", "DUE"]}
    ${proves("TDIPV")}   | ${"TDIPV_1"}   | ${"2026-09-01"} | ${["NOT_YET_DUE", "DUE", "DUE"]}
    ${proves("MENACWY")} | ${"MENACWY_1"} | ${"2026-09-01"} | ${["NOT_YET_DUE", "DUE", "DUE"]}
    ${proves("HPV")}     | ${"HPV_1"}     | ${"2026-09-01"} | ${["DUE", "OVERDUE", "OVERDUE"]}
    ${proves("HPV")}     | ${"HPV_1"}     | ${"2038-03-10"} | ${["OVERDUE", "AGED_OUT", "AGED_OUT"]}
    ${proves("MENACWY")} | ${"MENACWY_1"} | ${"2038-03-10"} | ${["OVERDUE", "AGED_OUT", "AGED_OUT"]}
    ${proves("TDIPV")}   | ${"TDIPV_1"}   | ${"2038-03-10"} | ${["OVERDUE", "OVERDUE", "OVERDUE"]}
  `("$says: $doseId about $day $states", ({ doseId, day, states }) => {
    expect(threeDays(day).map((on) => stateOf(planned(BORN, KEPT, on), doseId))).toEqual(states);
  });
});

describe("What counts", () => {
  test.each`
    says                 | doses                     | doseId         | counts   | because
    ${proves("TDIPV")}   | ${["TDIPV 2023-03-09"]}   | ${"TDIPV_1"}   | ${false} | ${"the day before ten years of age"}
    ${proves("TDIPV")}   | ${["TDIPV 2023-03-10"]}   | ${"TDIPV_1"}   | ${true}  | ${"at ten"}
    ${proves("TDIPV")}   | ${["TDIPV 2023-03-11"]}   | ${"TDIPV_1"}   | ${true}  | ${"the day after"}
    ${proves("MENACWY")} | ${["MENACWY 2023-03-09"]} | ${"MENACWY_1"} | ${false} | ${"the day before ten years of age"}
    ${proves("MENACWY")} | ${["MENACWY 2023-03-10"]} | ${"MENACWY_1"} | ${true}  | ${"at ten"}
    ${proves("MENACWY")} | ${["MENACWY 2023-03-11"]} | ${"MENACWY_1"} | ${true}  | ${"the day after"}
    ${proves("HPV")}     | ${["HPV 2025-10-01"]}     | ${"HPV_1"}     | ${true}  | ${"one dose is the whole programme"}
    ${proves("HPV")}     | ${["HPV 2024-10-01"]}     | ${"HPV_1"}     | ${true}  | ${"one before Year 8 as well"}
  `("$says: $doses, $because", ({ doses, doseId, counts }) => {
    const plan = planned(BORN, [...KEPT, ...doses], "2027-01-10");
    expect(stateOf(plan, doseId) === "COMPLETE").toBe(counts);
    expect(notCounted(plan)).toEqual(counts ? [] : [`${doses[0]} TOO_YOUNG`]);
  });

  test("HPV is for Year 8, and its reason says that no youngest age was found", () => {
    const line = lineOf(planned(BORN, KEPT, "2025-11-10"), "HPV_1");
    expect([line.earliestOn, line.recommendedOn]).toEqual(["2025-09-01", "2025-09-01"]);
    expect(sayWhy(line, "2025-11-10")).toMatch(/name no youngest age/);
  });

  test.each`
    immunosuppressed | doses                                                     | expected
    ${null}          | ${["HPV 2025-10-01"]}                                     | ${{ HPV_1: "COMPLETE" }}
    ${false}         | ${["HPV 2025-10-01"]}                                     | ${{ HPV_1: "COMPLETE" }}
    ${true}          | ${["HPV 2025-10-01"]}                                     | ${{ HPV_1: "COMPLETE", HPV_2: "DUE", HPV_3: "NOT_YET_DUE" }}
    ${true}          | ${["HPV 2025-10-01", "HPV 2025-10-29"]}                   | ${{ HPV_1: "COMPLETE", HPV_2: "COMPLETE", HPV_3: "NOT_YET_DUE" }}
    ${true}          | ${["HPV 2025-07-01", "HPV 2025-07-29", "HPV 2025-10-21"]} | ${{ HPV_1: "COMPLETE", HPV_2: "COMPLETE", HPV_3: "COMPLETE" }}
  `(`${proves("HPV")}: immunosuppressed $immunosuppressed, $doses`, ({ immunosuppressed, doses, expected }) => {
    const plan = planned(BORN, [...KEPT, ...doses], "2025-11-10", { immunosuppressed });
    const shown = plan.doses.filter(({ doseId }) => doseId.startsWith("HPV"));
    expect(Object.fromEntries(shown.map(({ doseId }) => [doseId, stateOf(plan, doseId)]))).toEqual(expected);
  });

  test.each`
    doses                                                 | meets         | says
    ${KEPT}                                               | ${"TDIPV_1"}  | ${"four before it: the fifth"}
    ${KEPT.slice(0, -1)}                                  | ${"TDIPV_1"}  | ${"the pre-school booster not given"}
    ${["HEXAVALENT 2013-05-05", "HEXAVALENT 2013-06-05"]} | ${"TDIPV_3P"} | ${"two before it: the third"}
    ${[]}                                                 | ${"TDIPV_1P"} | ${"none before it: the first"}
  `(`${proves("BY_DATE")}: a Td/IPV at 13 meets $meets, $says`, ({ doses, meets }) => {
    const plan = planned(BORN, [...doses, "TDIPV 2026-10-01"], "2026-11-01");
    expect(plan.doses.filter(({ givenOn }) => givenOn === "2026-10-01").map(({ doseId }) => doseId)).toEqual([meets]);
  });

  test.each`
    group          | bornOn          | doses                                   | state
    ${"Reception"} | ${"2021-08-31"} | ${["MMR 2022-09-10"]}                   | ${"OVERDUE"}
    ${"Year 11"}   | ${"2009-09-01"} | ${["MMR 2010-10-10"]}                   | ${"OVERDUE"}
    ${"Year 11"}   | ${"2009-09-01"} | ${["MMR 2010-10-10", "MMR 2013-02-10"]} | ${"COMPLETE"}
    ${"Year 5"}    | ${"2015-11-01"} | ${["MMR 2016-10-31", "MMR 2019-03-10"]} | ${"OVERDUE"}
  `(`${proves("MMR_AT_SCHOOL")}: in $group with $doses $state`, ({ bornOn, doses, state }) => {
    expect(stateOf(planned(bornOn, doses, "2026-02-10"), "MMR_2")).toBe(state);
  });
});

describe("Flu", () => {
  const ON = "2025-10-01";
  test.each`
    says                             | bornOn          | state             | because
    ${proves("FLU_PRE_SCHOOL")}      | ${"2023-09-02"} | ${"NOT_ELIGIBLE"} | ${"one on 31 August"}
    ${proves("FLU_PRE_SCHOOL")}      | ${"2023-09-01"} | ${"NOT_ELIGIBLE"} | ${"two the day after"}
    ${proves("FLU_PRE_SCHOOL")}      | ${"2023-08-31"} | ${"DUE"}          | ${"two on that day"}
    ${proves("FLU_PRE_SCHOOL")}      | ${"2023-08-30"} | ${"DUE"}          | ${"two"}
    ${proves("FLU_PRE_SCHOOL")}      | ${"2021-09-02"} | ${"DUE"}          | ${"three"}
    ${proves("FLU_PRE_SCHOOL")}      | ${"2021-09-01"} | ${"DUE"}          | ${"three, the last day"}
    ${proves("FLU_FOUR")}            | ${"2021-08-31"} | ${"DUE"}          | ${"four, at school or not"}
    ${proves("FLU_FOUR")}            | ${"2020-09-01"} | ${"DUE"}          | ${"four, the first day"}
    ${proves("FLU_RECEPTION_TO_11")} | ${"2021-08-30"} | ${"DUE"}          | ${"Reception"}
    ${proves("FLU_RECEPTION_TO_11")} | ${"2009-09-02"} | ${"DUE"}          | ${"Year 11"}
    ${proves("FLU_RECEPTION_TO_11")} | ${"2009-09-01"} | ${"DUE"}          | ${"Year 11, the first day"}
    ${proves("FLU_RECEPTION_TO_11")} | ${"2009-08-31"} | ${"NOT_ELIGIBLE"} | ${"Year 12"}
  `("$says: born $bornOn, in autumn 2025 $state, $because", ({ bornOn, state }) => {
    expect(stateOf(planned(bornOn, [], ON), "FLU")).toBe(state);
  });

  test.each`
    bornOn          | clinicalRisk | state             | because
    ${"2025-04-02"} | ${true}      | ${"NOT_YET_DUE"}  | ${"6 months tomorrow"}
    ${"2025-04-01"} | ${true}      | ${"DUE"}          | ${"6 months today"}
    ${"2025-03-31"} | ${true}      | ${"DUE"}          | ${"6 months yesterday"}
    ${"2025-04-01"} | ${null}      | ${"NOT_ELIGIBLE"} | ${"no risk is known"}
    ${"2007-10-02"} | ${true}      | ${"DUE"}          | ${"18 tomorrow"}
    ${"2007-10-01"} | ${true}      | ${"AGED_OUT"}     | ${"18 today"}
    ${"2007-09-30"} | ${true}      | ${"AGED_OUT"}     | ${"18 yesterday"}
  `(`${proves("FLU_AT_RISK")}: born $bornOn, at risk $clinicalRisk, $state: $because`, (row) => {
    expect(stateOf(planned(row.bornOn, [], ON, { clinicalRisk: row.clinicalRisk }), "FLU")).toBe(row.state);
  });

  test.each`
    dose                | state         | uncounted
    ${"FLU 2025-08-30"} | ${"DUE"}      | ${["FLU 2025-08-30 OTHER_SEASON"]}
    ${"FLU 2025-08-31"} | ${"DUE"}      | ${["FLU 2025-08-31 OTHER_SEASON"]}
    ${"FLU 2025-09-01"} | ${"COMPLETE"} | ${[]}
    ${"FLU 2025-09-02"} | ${"COMPLETE"} | ${[]}
    ${"FLU 2024-10-01"} | ${"DUE"}      | ${["FLU 2024-10-01 OTHER_SEASON"]}
  `(`${proves("FLU_AT_SCHOOL")}: $dose, in autumn 2025 $state`, ({ dose, state, uncounted }) => {
    const plan = planned("2016-03-10", [dose], ON);
    expect(stateOf(plan, "FLU")).toBe(state);
    expect(notCounted(plan)).toEqual(uncounted);
  });

  test.each`
    clinicalRisk | second          | uncounted
    ${null}      | ${"2025-10-28"} | ${["FLU 2025-10-28 MORE_THAN_NEEDED"]}
    ${true}      | ${"2025-10-28"} | ${["FLU 2025-10-28 TOO_SOON"]}
    ${true}      | ${"2025-10-29"} | ${[]}
    ${true}      | ${"2025-10-30"} | ${[]}
  `("a second flu dose on $second, at risk $clinicalRisk: $uncounted", ({ clinicalRisk, second, uncounted }) => {
    const plan = planned("2018-03-10", ["FLU 2025-10-01", `FLU ${second}`], "2026-01-10", { clinicalRisk });
    expect(notCounted(plan)).toEqual(uncounted);
  });

  test.each`
    bornOn          | preferred                         | because
    ${"2023-10-02"} | ${"Cell-based trivalent Seqirus"} | ${"two tomorrow"}
    ${"2023-10-01"} | ${"Fluenz"}                       | ${"two today"}
    ${"2023-09-30"} | ${"Fluenz"}                       | ${"two yesterday"}
    ${"2016-03-10"} | ${"Fluenz"}                       | ${"nine"}
  `(`${proves("FLU_PRODUCT")}: born $bornOn, in autumn 2025 $preferred, $because`, ({ bornOn, preferred }) => {
    const [first, ...others] = productsGiven("FLU", bornOn, ON);
    expect(first?.brand).toBe(preferred);
    // Where the spray is unsuitable an injected one without gelatine is left.
    expect([first, ...others].some((each) => each?.porcineGelatine === false)).toBe(true);
  });

  test.each`
    says                              | bornOn                        | doses                                   | doseIds
    ${"the first season"}             | ${"2018-03-10"}               | ${["FLU 2025-10-01"]}                   | ${["FLU", "FLU_2"]}
    ${"a dose in a season before"}    | ${"2018-03-10"}               | ${["FLU 2024-10-01", "FLU 2025-10-01"]} | ${["FLU"]}
    ${"nine on the day of the first"} | ${addYears("2025-10-01", -9)} | ${["FLU 2025-10-01"]}                   | ${["FLU"]}
    ${"nine the day after"}           | ${"2016-10-02"}               | ${["FLU 2025-10-01"]}                   | ${["FLU", "FLU_2"]}
    ${"nine the day before"}          | ${"2016-09-30"}               | ${["FLU 2025-10-01"]}                   | ${["FLU"]}
  `(`${proves("FLU_TWICE")}: $says`, ({ bornOn, doses, doseIds }) => {
    const plan = planned(bornOn, doses, "2025-10-20", { clinicalRisk: true });
    const shown = plan.doses.filter(
      ({ doseId, dueOn, givenOn }) => /^FLU/.test(doseId) && (dueOn ?? givenOn ?? "") < "2026",
    );
    expect(shown.map(({ doseId }) => doseId)).toEqual(doseIds);
  });

  test.each`
    gap   | counts
    ${27} | ${false}
    ${28} | ${true}
    ${29} | ${true}
  `(`${proves("FLU_TWICE")}: the second $gap days after the first counts: $counts`, ({ gap, counts }) => {
    const doses = ["FLU 2025-10-01", `FLU ${addDays("2025-10-01", gap)}`];
    const plan = planned("2018-03-10", doses, "2026-01-10", { clinicalRisk: true });
    const second: DoseId = "FLU_2";
    expect(stateOf(plan, second) === "COMPLETE").toBe(counts);
    expect(lineOf(plan, second).earliestOn).toBe("2025-10-29");
  });
});
