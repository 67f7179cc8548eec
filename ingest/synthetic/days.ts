/** Days counted on by a table, for a population asks for some thirty million: the calendar's answers, kept. */

import { addDays, type Day, daysBetween } from "../../schema/calendar";

const FIRST: Day = "1960-01-01";
const DAYS: readonly Day[] = Array.from({ length: daysBetween(FIRST, "2036-01-01") }, (_, at) => addDays(FIRST, at));
const PLACES: ReadonlyMap<Day, number> = new Map(DAYS.map((day, at) => [day, at]));

/** The same as `addDays`. */
export function later(day: Day, days: number): Day {
  const place = PLACES.get(day);
  return (place === undefined ? undefined : DAYS[place + days]) ?? addDays(day, days);
}

/** The same as `daysBetween`. */
export function daysApart(from: Day, to: Day): number {
  const [start, end] = [PLACES.get(from), PLACES.get(to)];
  return start === undefined || end === undefined ? daysBetween(from, to) : end - start;
}
