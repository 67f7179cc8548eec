/** Ages and dates, and which key decides which rule: sections 1 and 2 of the reference. */

import {
  academicYear,
  addDays,
  addMonths,
  type Day,
  daysBetween,
  londonDay,
  readInstant,
  yearGroup,
} from "../../schema/calendar";
import { forecast } from "../../subgraphs/immunisations/forecast";
import type { History, Plan } from "../../subgraphs/immunisations/plan";
import type { DoseId } from "../../subgraphs/immunisations/schedule";
import { due, history, lineOf, notCounted, onTime, stateOf } from "../fixtures/histories";
import { proves } from "../fixtures/schedule-sentences";

const planned = (bornOn: Day, doses: readonly string[], on: Day, more: Partial<History> = {}): Plan =>
  forecast(history(bornOn, doses, more), on);

/** The state of a dose of a child without any the day before a day, on it and the day after. */
const around = (bornOn: Day, doseId: DoseId, day: Day, more: Partial<History> = {}): string =>
  [-1, 0, 1].map((days) => stateOf(planned(bornOn, [], addDays(day, days), more), doseId)).join(" ");

describe(proves("AGE_IN_DAYS"), () => {
  test.each`
    on              | days
    ${"2026-01-07"} | ${-1}
    ${"2026-01-08"} | ${0}
    ${"2026-01-09"} | ${1}
    ${"2026-03-04"} | ${55}
    ${"2026-03-05"} | ${56}
  `("born 8 January 2026, on $on it is day $days", ({ on, days }) => {
    expect(daysBetween("2026-01-08", on)).toBe(days);
  });

  test("so what is given at birth is due on that day", () => {
    expect(around("2026-01-08", "HEPB_0", "2026-01-09", { motherHepatitisB: true })).toBe("DUE DUE OVERDUE");
  });
});

describe(proves("WEEKS"), () => {
  test.each`
    weeks | days   | doseId      | date               | doses
    ${6}  | ${42}  | ${"HEXA_1"} | ${"earliestOn"}    | ${[]}
    ${8}  | ${56}  | ${"HEXA_1"} | ${"recommendedOn"} | ${[]}
    ${12} | ${84}  | ${"HEXA_2"} | ${"recommendedOn"} | ${[]}
    ${15} | ${104} | ${"ROTA_1"} | ${"latestOn"}      | ${[]}
    ${16} | ${112} | ${"HEXA_3"} | ${"recommendedOn"} | ${[]}
    ${24} | ${167} | ${"ROTA_2"} | ${"latestOn"}      | ${["ROTAVIRUS 2026-03-05"]}
  `("$doseId, of $weeks weeks: $date is day $days", ({ days, doseId, date, doses }) => {
    const line = lineOf(planned("2026-01-08", doses, "2026-03-06"), doseId);
    expect(line[date as "earliestOn"]).toBe(addDays("2026-01-08", days));
  });

  test.each`
    age    | because
    ${103} | ${"GIVEN"}
    ${104} | ${"GIVEN"}
    ${105} | ${"GIVEN_LATE"}
    ${106} | ${"GIVEN_LATE"}
  `("the first rotavirus on day $age: $because", ({ age, because }) => {
    const given = addDays("2026-01-08", age);
    expect(lineOf(planned("2026-01-08", [`ROTAVIRUS ${given}`], given), "ROTA_1").because).toBe(because);
  });
});

describe(proves("FOUR_WEEKS"), () => {
  test.each`
    gap   | counts
    ${23} | ${false}
    ${24} | ${false}
    ${26} | ${false}
    ${27} | ${false}
    ${28} | ${true}
    ${29} | ${true}
  `("two measles-type doses $gap days apart, both count: $counts", ({ gap, counts }) => {
    const second = `MMR ${addDays("2025-01-01", gap)}`;
    const plan = planned("2023-03-10", ["MMR 2025-01-01", second], "2026-01-10");
    expect(notCounted(plan)).toEqual(counts ? [] : [`${second} TOO_SOON`]);
  });
});

describe(proves("MONTHS"), () => {
  test.each`
    bornOn          | months | day
    ${"2024-02-28"} | ${12}  | ${"2025-02-28"}
    ${"2024-02-29"} | ${12}  | ${"2025-03-01"}
    ${"2024-03-01"} | ${12}  | ${"2025-03-01"}
    ${"2024-02-29"} | ${48}  | ${"2028-02-29"}
    ${"2024-08-28"} | ${18}  | ${"2026-02-28"}
    ${"2024-08-29"} | ${18}  | ${"2026-03-01"}
    ${"2024-08-31"} | ${18}  | ${"2026-03-01"}
    ${"2021-10-31"} | ${40}  | ${"2025-03-01"}
    ${"2016-02-29"} | ${120} | ${"2026-03-01"}
  `("born $bornOn, $months months old on $day", ({ bornOn, months, day }) => {
    expect(addMonths(bornOn, months)).toBe(day);
  });

  test.each`
    says                                        | bornOn          | doseId         | day
    ${"born 29 February 2024, one year"}        | ${"2024-02-29"} | ${"MMR_1"}     | ${"2025-03-01"}
    ${"born 31 August 2024, 18 months"}         | ${"2024-08-31"} | ${"HEXA_4"}    | ${"2026-03-01"}
    ${"born 31 October 2021, 3 years 4 months"} | ${"2021-10-31"} | ${"DTAPIPV_1"} | ${"2025-03-01"}
  `("$says: due on $day, not the day before", ({ bornOn, doseId, day }) => {
    const states = [-1, 0, 1].map((days) => {
      const on = addDays(day, days);
      return stateOf(planned(bornOn, onTime(bornOn, addDays(day, -1)), on), doseId);
    });
    expect(states).toEqual(["NOT_YET_DUE", "DUE", "DUE"]);
  });

  test.each`
    given           | uncounted
    ${"2025-02-28"} | ${["MMR 2025-02-28 TOO_YOUNG"]}
    ${"2025-03-01"} | ${[]}
    ${"2025-03-02"} | ${[]}
  `("born 29 February 2024, MMR given on $given", ({ given, uncounted }) => {
    expect(notCounted(planned("2024-02-29", [`MMR ${given}`], "2025-06-01"))).toEqual(uncounted);
  });

  test.each`
    given           | uncounted
    ${"2026-02-28"} | ${["MENACWY 2026-02-28 TOO_YOUNG"]}
    ${"2026-03-01"} | ${[]}
    ${"2026-03-02"} | ${[]}
  `("born 29 February 2016, MenACWY given about the tenth birthday, on $given", ({ given, uncounted }) => {
    expect(notCounted(planned("2016-02-29", [`MENACWY ${given}`], "2026-06-01"))).toEqual(uncounted);
  });
});

test.each`
  sent                           | day             | says
  ${"2025-06-30T22:59:59Z"}      | ${"2025-06-30"} | ${"a second before midnight in summer"}
  ${"2025-06-30T23:00:00Z"}      | ${"2025-07-01"} | ${"midnight in summer"}
  ${"2025-07-01T00:10:00+01:00"} | ${"2025-07-01"} | ${"ten minutes past it, as sent by local time"}
  ${"2025-12-31T23:59:59Z"}      | ${"2025-12-31"} | ${"a second before midnight in winter"}
  ${"2026-01-01T00:00:00+00:00"} | ${"2026-01-01"} | ${"midnight in winter"}
  ${"2026-03-29T00:30:00Z"}      | ${"2026-03-29"} | ${"the night summer time begins"}
  ${"2026-10-24T23:30:00Z"}      | ${"2026-10-25"} | ${"the night it ends"}
`(`${proves("LONDON")}: $says, $sent is $day`, ({ sent, day }) => {
  expect(londonDay(readInstant(sent) ?? "")).toBe(day);
});

test.each`
  day             | year
  ${"2025-08-30"} | ${2024}
  ${"2025-08-31"} | ${2024}
  ${"2025-09-01"} | ${2025}
  ${"2025-09-02"} | ${2025}
  ${"2025-12-31"} | ${2025}
  ${"2026-01-01"} | ${2025}
`(`${proves("ACADEMIC_YEAR")}: $day is of $year`, ({ day, year }) => {
  expect(academicYear(day)).toBe(year);
});

test.each`
  bornOn          | year
  ${"2013-08-31"} | ${2012}
  ${"2013-09-01"} | ${2013}
  ${"2013-12-31"} | ${2013}
  ${"2014-01-01"} | ${2013}
`(`${proves("BIRTH_ACADEMIC_YEAR")}: born $bornOn, of $year`, ({ bornOn, year }) => {
  expect(academicYear(bornOn)).toBe(year);
});

test.each`
  bornOn          | on              | group
  ${"2013-08-31"} | ${"2025-10-01"} | ${8}
  ${"2013-09-01"} | ${"2025-10-01"} | ${7}
  ${"2013-09-02"} | ${"2025-10-01"} | ${7}
  ${"2013-08-31"} | ${"2025-08-31"} | ${7}
  ${"2013-08-31"} | ${"2025-09-01"} | ${8}
  ${"2021-08-31"} | ${"2025-09-01"} | ${0}
`(`${proves("YEAR_GROUP")}: born $bornOn, on $on in year $group`, ({ bornOn, on, group }) => {
  expect(yearGroup(bornOn, on)).toBe(group);
});

test.each`
  bornOn          | on              | expected
  ${"2025-04-07"} | ${"2025-06-30"} | ${"HEXA_2 ROTA_2 PCV_1"}
  ${"2025-04-08"} | ${"2025-07-01"} | ${"HEXA_2 MENB_2 ROTA_2"}
  ${"2025-04-09"} | ${"2025-07-02"} | ${"HEXA_2 MENB_2 ROTA_2"}
`(`${proves("SWAP_BY_VISIT")}: at 12 weeks on $on $expected`, ({ bornOn, on, expected }) => {
  expect(due(planned(bornOn, onTime(bornOn, addDays(on, -1)), on))).toBe(expected);
});

test.each`
  bornOn          | standing
  ${"2024-06-29"} | ${"OPEN"}
  ${"2024-06-30"} | ${"OPEN"}
  ${"2024-07-01"} | ${"NOT_ELIGIBLE"}
  ${"2024-07-02"} | ${"NOT_ELIGIBLE"}
`(`${proves("HIB_BY_BIRTH")}: born $bornOn $standing`, ({ bornOn, standing }) => {
  expect(lineOf(planned(bornOn, [], "2025-07-01"), "HIBMENC_1").standing).toBe(standing);
});

test.each`
  bornOn          | hexavalent      | measles
  ${"2024-06-29"} | ${null}         | ${"2027-10-29"}
  ${"2024-06-30"} | ${null}         | ${"2027-10-30"}
  ${"2024-07-01"} | ${"2026-01-01"} | ${"2026-01-01"}
  ${"2024-07-02"} | ${"2026-01-02"} | ${"2026-01-02"}
`(`${proves("TODDLER_BY_BIRTH")}: born $bornOn, 6-in-1 $hexavalent`, ({ bornOn, hexavalent, measles }) => {
  const plan = planned(bornOn, onTime(bornOn, "2025-12-01"), "2025-12-01");
  expect([lineOf(plan, "HEXA_4").recommendedOn, lineOf(plan, "MMR_2").recommendedOn]).toEqual([hexavalent, measles]);
});

describe(proves("MMRV_BY_VISIT"), () => {
  test.each`
    on              | vaccine
    ${"2025-12-30"} | ${"MMR"}
    ${"2025-12-31"} | ${"MMR"}
    ${"2026-01-01"} | ${"MMRV"}
    ${"2026-01-02"} | ${"MMRV"}
  `("a first dose owed on $on is $vaccine", ({ on, vaccine }) => {
    expect(lineOf(planned("2024-12-01", [], on), "MMR_1").vaccine).toBe(vaccine);
  });

  test.each`
    bornOn          | vaccine
    ${"2019-12-30"} | ${"MMR"}
    ${"2019-12-31"} | ${"MMR"}
    ${"2020-01-01"} | ${"MMRV"}
    ${"2020-01-02"} | ${"MMRV"}
  `("born $bornOn, a dose owed in 2026 is $vaccine", ({ bornOn, vaccine }) => {
    expect(lineOf(planned(bornOn, [], "2026-02-01"), "MMR_1").vaccine).toBe(vaccine);
  });
});

test.each`
  bornOn          | vaccines
  ${"2019-12-31"} | ${"MMR MMR"}
  ${"2007-06-01"} | ${"MMR MMR"}
`(`${proves("MEASLES_BEFORE_2020")}: born $bornOn, nothing given, in 2027 $vaccines`, ({ bornOn, vaccines }) => {
  const plan = planned(bornOn, [], "2027-01-01");
  const lines = plan.doses.filter(({ doseId, standing }) => doseId.startsWith("MMR") && standing === "OPEN");
  expect(lines.map(({ vaccine }) => vaccine).join(" ")).toBe(vaccines);
});

test.each`
  bornOn          | doses
  ${"2019-12-30"} | ${"PCV_1 PCV_2 PCV_B"}
  ${"2019-12-31"} | ${"PCV_1 PCV_2 PCV_B"}
  ${"2020-01-01"} | ${"PCV_1 PCV_B"}
  ${"2020-01-02"} | ${"PCV_1 PCV_B"}
`(`${proves("PCV_BY_BIRTH")}: born $bornOn, $doses`, ({ bornOn, doses }) => {
  const lines = planned(bornOn, [], bornOn).doses.filter(({ doseId }) => doseId.startsWith("PCV"));
  expect(lines.map(({ doseId }) => doseId).join(" ")).toBe(doses);
});

test.each`
  bornOn          | standing
  ${"2024-06-29"} | ${"OPEN"}
  ${"2024-06-30"} | ${"OPEN"}
  ${"2024-07-01"} | ${"NOT_ELIGIBLE"}
  ${"2024-07-02"} | ${"NOT_ELIGIBLE"}
`(`${proves("HEPB_BY_BIRTH")}: born $bornOn $standing`, ({ bornOn, standing }) => {
  const plan = planned(bornOn, [], "2025-01-01", { motherHepatitisB: true });
  expect(lineOf(plan, "HEPB_2").standing).toBe(standing);
});

test.each`
  bornOn          | eight           | nine
  ${"2012-08-31"} | ${"2024-09-01"} | ${"2025-09-01"}
  ${"2012-09-01"} | ${"2025-09-01"} | ${"2026-09-01"}
  ${"2012-09-02"} | ${"2025-09-01"} | ${"2026-09-01"}
  ${"2013-08-31"} | ${"2025-09-01"} | ${"2026-09-01"}
  ${"2013-09-01"} | ${"2026-09-01"} | ${"2027-09-01"}
`(`${proves("SCHOOL_BY_YEAR")}: born $bornOn, Year 8 from $eight and Year 9 from $nine`, ({ bornOn, eight, nine }) => {
  const plan = planned(bornOn, [], "2020-01-01");
  expect(lineOf(plan, "HPV_1").recommendedOn).toBe(eight);
  expect([lineOf(plan, "TDIPV_1").recommendedOn, lineOf(plan, "MENACWY_1").recommendedOn]).toEqual([nine, nine]);
});

test.each`
  bornOn          | state
  ${"2023-09-02"} | ${"NOT_ELIGIBLE"}
  ${"2023-09-01"} | ${"NOT_ELIGIBLE"}
  ${"2023-08-31"} | ${"DUE"}
  ${"2023-08-30"} | ${"DUE"}
`(`${proves("FLU_BY_AUGUST")}: born $bornOn, in autumn 2025 $state`, ({ bornOn, state }) => {
  expect(stateOf(planned(bornOn, [], "2025-10-01"), "FLU")).toBe(state);
});
