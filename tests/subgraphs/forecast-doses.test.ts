/** Each dose of the routine schedule by its own rule: when it is recommended, from when it counts and until when it is given. */

import { addDays, type Day } from "../../schema/calendar";
import { forecast, forecaster } from "../../subgraphs/immunisations/forecast";
import type { Plan } from "../../subgraphs/immunisations/plan";
import { reasonOn, sayWhy } from "../../subgraphs/immunisations/reasons";
import { history, lineOf, notCounted, onTime, stateOf } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day): Plan => forecast(history(bornOn, doses), on);
const threeDays = (day: Day): readonly Day[] => [addDays(day, -1), day, addDays(day, 1)];

describe("Recommended: not due the day before, due on the day and the day after", () => {
  test.each`
    says                   | doseId         | bornOn          | day
    ${proves("HEXA_1")}    | ${"HEXA_1"}    | ${"2026-01-08"} | ${"2026-03-05"}
    ${proves("HEXA_2")}    | ${"HEXA_2"}    | ${"2026-01-08"} | ${"2026-04-02"}
    ${proves("HEXA_3")}    | ${"HEXA_3"}    | ${"2026-01-08"} | ${"2026-04-30"}
    ${proves("HEXA_4")}    | ${"HEXA_4"}    | ${"2024-08-20"} | ${"2026-02-20"}
    ${proves("HIBMENC_1")} | ${"HIBMENC_1"} | ${"2024-03-10"} | ${"2025-03-10"}
    ${proves("ROTA_1")}    | ${"ROTA_1"}    | ${"2026-01-08"} | ${"2026-03-05"}
    ${proves("ROTA_2")}    | ${"ROTA_2"}    | ${"2026-01-08"} | ${"2026-04-02"}
    ${proves("MENB_1")}    | ${"MENB_1"}    | ${"2026-01-08"} | ${"2026-03-05"}
    ${proves("MENB_2")}    | ${"MENB_2"}    | ${"2026-01-08"} | ${"2026-04-02"}
    ${proves("MENB_2")}    | ${"MENB_2"}    | ${"2025-01-08"} | ${"2025-04-30"}
    ${proves("MENB_3")}    | ${"MENB_3"}    | ${"2025-01-08"} | ${"2026-01-08"}
    ${proves("PCV_1")}     | ${"PCV_1"}     | ${"2026-01-08"} | ${"2026-04-30"}
    ${proves("PCV_1")}     | ${"PCV_1"}     | ${"2025-01-08"} | ${"2025-04-02"}
    ${proves("PCV_B")}     | ${"PCV_B"}     | ${"2025-01-08"} | ${"2026-01-08"}
    ${proves("MMR1")}      | ${"MMR_1"}     | ${"2025-01-08"} | ${"2026-01-08"}
    ${proves("MMR2")}      | ${"MMR_2"}     | ${"2024-08-20"} | ${"2026-02-20"}
    ${proves("MMR2")}      | ${"MMR_2"}     | ${"2022-10-10"} | ${"2026-02-10"}
    ${proves("DTAPIPV_1")} | ${"DTAPIPV_1"} | ${"2022-10-10"} | ${"2026-02-10"}
  `("$says: born $bornOn, on $day", ({ doseId, bornOn, day }) => {
    const doses = onTime(bornOn, addDays(day, -1));
    expect(threeDays(day).map((on) => stateOf(planned(bornOn, doses, on), doseId))).toEqual([
      "NOT_YET_DUE",
      "DUE",
      "DUE",
    ]);
  });
});

describe("Until when: aged out the day after, and never recalled", () => {
  const BORN = "2026-01-08";
  test.each`
    says                   | doseId         | bornOn          | doses                                     | last
    ${proves("HEXA_1")}    | ${"HEXA_1"}    | ${BORN}         | ${[]}                                     | ${"2036-01-07"}
    ${proves("HEXA_2")}    | ${"HEXA_2"}    | ${BORN}         | ${onTime(BORN, "2026-03-05")}             | ${"2036-01-07"}
    ${proves("HEXA_3")}    | ${"HEXA_3"}    | ${BORN}         | ${onTime(BORN, "2026-04-02")}             | ${"2036-01-07"}
    ${proves("HEXA_4")}    | ${"HEXA_4"}    | ${BORN}         | ${onTime(BORN, "2026-05-01")}             | ${"2036-01-07"}
    ${proves("HIBMENC_1")} | ${"HIBMENC_1"} | ${"2024-03-10"} | ${onTime("2024-03-10", "2024-12-01")}     | ${"2034-03-09"}
    ${proves("ROTA_1")}    | ${"ROTA_1"}    | ${BORN}         | ${[]}                                     | ${"2026-04-22"}
    ${proves("ROTA_2")}    | ${"ROTA_2"}    | ${BORN}         | ${["ROTAVIRUS 2026-03-05"]}               | ${"2026-06-24"}
    ${proves("MENB_1")}    | ${"MENB_1"}    | ${BORN}         | ${[]}                                     | ${"2028-01-07"}
    ${proves("MENB_2")}    | ${"MENB_2"}    | ${BORN}         | ${["MENB 2026-03-05"]}                    | ${"2028-01-07"}
    ${proves("MENB_3")}    | ${"MENB_3"}    | ${BORN}         | ${["MENB 2026-03-05", "MENB 2026-04-02"]} | ${"2028-01-07"}
    ${proves("PCV_1")}     | ${"PCV_1"}     | ${BORN}         | ${onTime(BORN, "2026-04-02")}             | ${"2027-01-07"}
    ${proves("PCV_B")}     | ${"PCV_B"}     | ${BORN}         | ${onTime(BORN, "2026-12-01")}             | ${"2028-01-07"}
    ${proves("DTAPIPV_1")} | ${"DTAPIPV_1"} | ${BORN}         | ${onTime(BORN, "2028-01-01")}             | ${"2036-01-07"}
    ${proves("AGED_OUT")}  | ${"MENB_1"}    | ${"2024-02-29"} | ${[]}                                     | ${"2026-02-28"}
    ${proves("AGED_OUT")}  | ${"PCV_B"}     | ${"2024-02-29"} | ${[]}                                     | ${"2026-02-28"}
  `("$says: $doseId of a child born $bornOn until $last", ({ doseId, bornOn, doses, last }) => {
    const shown = threeDays(last).map((on) => {
      const plan = planned(bornOn, doses, on);
      return { state: stateOf(plan, doseId), because: reasonOn(lineOf(plan, doseId), on) };
    });
    expect(shown.map(({ state }) => state === "AGED_OUT")).toEqual([false, false, true]);
    expect(shown[2]?.because).toBe("AGE_LIMIT");
  });

  test.each`
    says              | doseId     | doses
    ${proves("MMR1")} | ${"MMR_1"} | ${[]}
    ${proves("MMR2")} | ${"MMR_2"} | ${["MMR 2008-07-01"]}
  `("$says: at 18 years $doseId is still to be given", ({ doseId, doses }) => {
    const plan = planned("2007-06-01", doses, "2026-05-01");
    expect([stateOf(plan, doseId), lineOf(plan, doseId).latestOn]).toEqual(["OVERDUE", null]);
  });
});

describe("From which gap on a dose counts: not a day before", () => {
  const days = (from: Day, gap: number) => addDays(from, gap);
  test.each`
    says                   | doseId         | bornOn          | before                                                                         | vaccine         | from            | gap
    ${proves("HEXA_2")}    | ${"HEXA_2"}    | ${"2026-01-08"} | ${["HEXAVALENT 2026-03-05"]}                                                   | ${"HEXAVALENT"} | ${"2026-03-05"} | ${28}
    ${proves("HEXA_3")}    | ${"HEXA_3"}    | ${"2026-01-08"} | ${["HEXAVALENT 2026-03-05", "HEXAVALENT 2026-04-02"]}                          | ${"HEXAVALENT"} | ${"2026-04-02"} | ${28}
    ${proves("HEXA_4")}    | ${"HEXA_4"}    | ${"2024-08-20"} | ${["HEXAVALENT 2024-10-15", "HEXAVALENT 2024-11-12", "HEXAVALENT 2026-02-01"]} | ${"HEXAVALENT"} | ${"2026-02-01"} | ${28}
    ${proves("ROTA_2")}    | ${"ROTA_2"}    | ${"2026-01-08"} | ${["ROTAVIRUS 2026-03-05"]}                                                    | ${"ROTAVIRUS"}  | ${"2026-03-05"} | ${28}
    ${proves("MENB_2")}    | ${"MENB_2"}    | ${"2026-01-08"} | ${["MENB 2026-03-05"]}                                                         | ${"MENB"}       | ${"2026-03-05"} | ${28}
    ${proves("MENB_3")}    | ${"MENB_3"}    | ${"2025-01-08"} | ${["MENB 2025-03-05", "MENB 2026-01-02"]}                                      | ${"MENB"}       | ${"2026-01-02"} | ${28}
    ${proves("PCV_B")}     | ${"PCV_B"}     | ${"2025-01-08"} | ${["PCV 2026-01-05"]}                                                          | ${"PCV"}        | ${"2026-01-05"} | ${28}
    ${proves("MMR2")}      | ${"MMR_2"}     | ${"2022-10-10"} | ${["MMR 2025-01-10"]}                                                          | ${"MMR"}        | ${"2025-01-10"} | ${28}
    ${proves("DTAPIPV_1")} | ${"DTAPIPV_1"} | ${"2021-01-08"} | ${["HEXAVALENT 2024-05-01", "HEXAVALENT 2024-06-01", "HEXAVALENT 2024-07-01"]} | ${"DTAPIPV"}    | ${"2024-07-01"} | ${365}
  `("$says: $doseId counts $gap days after the dose before", ({ doseId, bornOn, before, vaccine, from, gap }) => {
    const met = [-1, 0, 1].map((more) => {
      const on = days(from, gap + more);
      return lineOf(planned(bornOn, [...before, `${vaccine} ${on}`], "2026-08-01"), doseId).givenOn === on;
    });
    expect(met).toEqual([false, true, true]);
  });

  test("the interval of the 6-in-1 at 18 months is a setting, and its reason says that no official one was found", () => {
    const doses = ["HEXAVALENT 2024-10-15", "HEXAVALENT 2024-11-12", "HEXAVALENT 2026-02-01"];
    const plan = forecaster({ fourthHexavalentAfterDays: 182 })(history("2024-08-20", doses), "2026-03-01");
    expect(lineOf(plan, "HEXA_4").earliestOn).toBe("2026-08-02");
    expect(sayWhy(lineOf(plan, "HEXA_4"), plan.on)).toMatch(/Official rules name no interval/);
  });
});

describe("From which age on a dose counts", () => {
  test.each`
    says                   | vaccine         | bornOn          | day             | doseId
    ${proves("HEXA_4")}    | ${"HEXAVALENT"} | ${"2024-08-20"} | ${"2025-08-20"} | ${"HEXA_4"}
    ${proves("HIBMENC_1")} | ${"HIBMENC"}    | ${"2024-03-10"} | ${"2025-03-10"} | ${"HIBMENC_1"}
    ${proves("MENB_3")}    | ${"MENB"}       | ${"2024-08-20"} | ${"2025-08-20"} | ${"MENB_3"}
    ${proves("PCV_B")}     | ${"PCV"}        | ${"2024-08-20"} | ${"2025-08-20"} | ${"PCV_B"}
    ${proves("MMR1")}      | ${"MMR"}        | ${"2024-08-20"} | ${"2025-08-20"} | ${"MMR_1"}
    ${proves("DTAPIPV_1")} | ${"DTAPIPV"}    | ${"2021-08-20"} | ${"2024-08-20"} | ${"DTAPIPV_1"}
  `("$says: $vaccine about $day, as $doseId", ({ vaccine, bornOn, day, doseId }) => {
    const infancy = onTime(bornOn, addDays(bornOn, 200));
    const met = threeDays(day).map((on) => {
      const plan = planned(bornOn, [...infancy, `${vaccine} ${on}`], "2026-06-01");
      return [lineOf(plan, doseId).givenOn === on, notCounted(plan).length];
    });
    expect(met).toEqual([
      [false, 1],
      [true, 0],
      [true, 0],
    ]);
  });
});
