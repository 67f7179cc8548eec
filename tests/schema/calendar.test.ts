import fc from "fast-check";
import {
  academicYear,
  addDays,
  addMonths,
  addYears,
  ageInYears,
  bornFromToBeUnder,
  daysBetween,
  isDay,
  londonDay,
  londonInstant,
  londonTime,
  readInstant,
  yearGroup,
} from "../../schema/calendar";

const day = fc
  .date({ min: new Date("1950-01-01"), max: new Date("2050-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("Days", () => {
  test.each`
    text            | is
    ${"2024-02-29"} | ${true}
    ${"2023-02-29"} | ${false}
    ${"1900-02-29"} | ${false}
    ${"2000-02-29"} | ${true}
    ${"2024-04-31"} | ${false}
    ${"2024-13-01"} | ${false}
    ${"2024-00-10"} | ${false}
    ${"24-01-01"}   | ${false}
    ${"1799-12-31"} | ${false}
  `("$text is in the calendar: $is", ({ text, is }) => expect(isDay(text)).toBe(is));

  test.each`
    from            | months | reached
    ${"2024-02-29"} | ${12}  | ${"2025-03-01"}
    ${"2024-02-29"} | ${48}  | ${"2028-02-29"}
    ${"2024-08-31"} | ${18}  | ${"2026-03-01"}
    ${"2024-01-31"} | ${1}   | ${"2024-03-01"}
    ${"2024-10-31"} | ${1}   | ${"2024-12-01"}
    ${"2024-03-31"} | ${-1}  | ${"2024-03-01"}
    ${"2024-01-15"} | ${-13} | ${"2022-12-15"}
  `("$months months from $from is $reached", ({ from, months, reached }) =>
    expect(addMonths(from, months)).toBe(reached),
  );

  test("an age is reached on the day that many years later, and not the day before", () =>
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 30 }), (bornOn, years) => {
        const birthday = addYears(bornOn, years);
        expect(ageInYears(bornOn, birthday)).toBe(years);
        expect(ageInYears(bornOn, addDays(birthday, -1))).toBe(years - 1);
      }),
    ));

  test("who is under an age is told the same by birth date and by age", () =>
    fc.assert(
      fc.property(day, day, fc.integer({ min: 1, max: 20 }), (bornOn, on, years) => {
        expect(bornOn >= bornFromToBeUnder(years, on)).toBe(ageInYears(bornOn, on) < years);
      }),
      {
        examples: [
          ["2019-03-01", "2024-02-29", 5],
          ["2020-02-29", "2025-02-28", 5],
          ["2020-02-29", "2025-03-01", 5],
        ],
      },
    ));

  test("days between undo days added", () =>
    fc.assert(
      fc.property(day, fc.integer({ min: -9000, max: 9000 }), (from, days) =>
        expect(daysBetween(from, addDays(from, days))).toBe(days),
      ),
    ));

  test.each`
    bornOn          | on              | group
    ${"2013-08-31"} | ${"2025-09-01"} | ${8}
    ${"2013-09-01"} | ${"2025-09-01"} | ${7}
    ${"2013-08-31"} | ${"2025-08-31"} | ${7}
    ${"2021-08-31"} | ${"2025-09-01"} | ${0}
  `("born $bornOn, on $on in year group $group", ({ bornOn, on, group }) => expect(yearGroup(bornOn, on)).toBe(group));

  test("the academic year begins on 1 September", () =>
    expect([academicYear("2025-08-31"), academicYear("2025-09-01")]).toEqual([2024, 2025]));
});

describe("Instants", () => {
  test.each`
    text                                   | read
    ${"2026-01-06T10:15:00Z"}              | ${"2026-01-06T10:15:00.000000000Z"}
    ${"2026-01-06T10:15:00.1234567+01:00"} | ${"2026-01-06T09:15:00.123456700Z"}
    ${"2026-01-06T00:15:00+0100"}          | ${"2026-01-05T23:15:00.000000000Z"}
    ${"2026-01-06T10:15:00-14:00"}         | ${"2026-01-07T00:15:00.000000000Z"}
    ${"2026-01-06T10:15:00+58:00"}         | ${null}
    ${"2026-01-06T10:15:00+14:01"}         | ${null}
    ${"2026-01-06T10:15:00"}               | ${null}
    ${"2026-02-30T10:15:00Z"}              | ${null}
    ${"2026-01-06T24:00:00Z"}              | ${null}
    ${"2026-01-06"}                        | ${null}
  `("$text is $read", ({ text, read }) => expect(readInstant(text)).toBe(read));

  test.each`
    instant                   | day
    ${"2026-06-30T22:59:59Z"} | ${"2026-06-30"}
    ${"2026-06-30T23:00:00Z"} | ${"2026-07-01"}
    ${"2026-12-31T23:30:00Z"} | ${"2026-12-31"}
    ${"2026-03-29T00:59:59Z"} | ${"2026-03-29"}
    ${"2026-10-25T00:30:00Z"} | ${"2026-10-25"}
  `("at $instant it is $day in London", ({ instant, day: expected }) => expect(londonDay(instant)).toBe(expected));

  test.each`
    day             | time       | instant                   | of
    ${"2026-07-01"} | ${"01:30"} | ${"2026-07-01T00:30:00Z"} | ${"summer"}
    ${"2026-01-01"} | ${"01:30"} | ${"2026-01-01T01:30:00Z"} | ${"winter"}
    ${"2026-10-25"} | ${"00:59"} | ${"2026-10-24T23:59:00Z"} | ${"the last hour that autumn does not repeat"}
    ${"2026-10-25"} | ${"01:30"} | ${"2026-10-25T00:30:00Z"} | ${"the hour that autumn repeats, the first"}
    ${"2026-10-25"} | ${"02:00"} | ${"2026-10-25T02:00:00Z"} | ${"the end of that hour"}
    ${"2026-03-29"} | ${"00:59"} | ${"2026-03-29T00:59:00Z"} | ${"the last minute of winter"}
    ${"2026-03-29"} | ${"02:00"} | ${"2026-03-29T01:00:00Z"} | ${"the first minute of summer"}
  `("$time on $day in London is $instant: $of", ({ day: on, time, instant }) => {
    expect(londonInstant(on, time)).toBe(readInstant(instant));
    expect(londonTime(instant)).toBe(time);
  });

  test("the second time the clock shows 01:30 in autumn, it shows 01:30 too", () =>
    expect(londonTime("2026-10-25T01:30:00Z")).toBe("01:30"));

  test("the instant a London day begins falls on that day, and a second before does not", () =>
    fc.assert(
      fc.property(
        day.filter((each) => each >= "1996-01-01"),
        (each) => {
          const begins = londonInstant(each);
          expect(londonDay(begins)).toBe(each);
          const before = new Date(Date.parse(`${begins.slice(0, 19)}Z`) - 1000).toISOString();
          expect(londonDay(before)).toBe(addDays(each, -1));
        },
      ),
    ));
});
