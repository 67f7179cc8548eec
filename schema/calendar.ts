/**
 * Days, ages and instants. A `Day` is a local calendar day in Europe/London written `YYYY-MM-DD`; an
 * `Instant` is UTC at nine decimals of a second, so that both compare as text. No function here knows
 * what day it is: `today` is always an argument.
 */

export type Day = string;
export type Instant = string;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})$/;
const MILLISECONDS_A_DAY = 86_400_000;

/** True for a day the calendar has, from 1800 to 2199. */
export function isDay(text: string): text is Day {
  const parts = DAY.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return year >= 1800 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** The day of a year, month (1 to 12) and day of the month; null where the calendar has none. */
export function dayOf(year: number, month: number, day: number): Day | null {
  const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  return isDay(text) ? text : null;
}

/**
 * An instant with its offset, as UTC at nine decimals. Null when the date is not in the calendar, the
 * time is not in the day, the offset is missing or beyond 14 hours.
 */
export function readInstant(text: string): Instant | null {
  const parts = INSTANT.exec(text);
  if (!parts) return null;
  const [, day, hours, minutes, seconds, fraction, offset] = parts as unknown as string[];
  if (!isDay(day ?? "") || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const shift = offsetMinutes(offset ?? "Z");
  if (shift === null) return null;
  const utc = new Date(Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`) - shift * 60_000);
  return `${utc.toISOString().slice(0, 19)}.${(fraction ?? "").slice(0, 9).padEnd(9, "0")}Z`;
}

/** The instant a day begins in Europe/London, or that of a local wall time `HH:MM[:SS]` on it. */
export function londonInstant(day: Day, time = "00:00:00"): Instant {
  const wall = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`);
  // The offset is read at the wall time taken as UTC and then once more at the result, which settles
  // every hour but the one that the autumn change repeats; of that one, the first is meant.
  const first = wall - londonOffset(wall);
  return `${new Date(wall - londonOffset(first)).toISOString().slice(0, 19)}.000000000Z`;
}

/** The instant of a clock reading, in milliseconds since 1970. */
export function instantOf(milliseconds: number): Instant {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000000Z`;
}

/** The calendar day it is in Europe/London at an instant. */
export function londonDay(instant: Instant): Day {
  const utc = Date.parse(`${instant.slice(0, 19)}Z`);
  return new Date(utc + londonOffset(utc)).toISOString().slice(0, 10);
}

/** Whole days from one day to another; negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return (dayNumber(to) - dayNumber(from)) / MILLISECONDS_A_DAY;
}

export function addDays(day: Day, days: number): Day {
  return new Date(dayNumber(day) + days * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}

/**
 * The day a number of calendar months later. Where that month has no such day, the first of the month
 * after it: born on 29 February 2024, one year old on 1 March 2025.
 */
export function addMonths(day: Day, months: number): Day {
  const [year, month, date] = partsOf(day);
  const count = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(count / 12), (((count % 12) + 12) % 12) + 1];
  const reached = dayOf(toYear, toMonth, date);
  if (reached) return reached;
  return toMonth === 12 ? `${toYear + 1}-01-01` : (dayOf(toYear, toMonth + 1, 1) as Day);
}

export function addYears(day: Day, years: number): Day {
  return addMonths(day, years * 12);
}

/** Completed years of age on a day; negative before birth. */
export function ageInYears(bornOn: Day, on: Day): number {
  const [bornYear, bornMonth, bornDate] = partsOf(bornOn);
  const [year, month, date] = partsOf(on);
  return year - bornYear - (month < bornMonth || (month === bornMonth && date < bornDate) ? 1 : 0);
}

/** The first day of birth of those who are younger than an age on a day. */
export function bornFromToBeUnder(years: number, on: Day): Day {
  const [year, month, date] = partsOf(on);
  const birthday = dayOf(year - years, month, date);
  // On 29 February those born on 1 March of a common year have not had their birthday yet.
  return birthday ? addDays(birthday, 1) : `${year - years}-03-01`;
}

/** The academic year a day falls in, 1 September to 31 August, named by its first year. */
export function academicYear(day: Day): number {
  const [year, month] = partsOf(day);
  return month >= 9 ? year : year - 1;
}

/** School year on a day: Reception is 0, negative before school. */
export function yearGroup(bornOn: Day, on: Day): number {
  return academicYear(on) - academicYear(bornOn) - 5;
}

function partsOf(day: Day): [number, number, number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function dayNumber(day: Day): number {
  const [year, month, date] = partsOf(day);
  return Date.UTC(year, month - 1, date);
}

function offsetMinutes(offset: string): number | null {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  if (Number(offset.slice(-2)) > 59 || minutes > 14 * 60) return null;
  return offset.startsWith("-") ? -minutes : minutes;
}

/** British Summer Time: from 01:00 UTC on the last Sunday of March to 01:00 UTC on that of October. */
function londonOffset(utcMilliseconds: number): number {
  const year = new Date(utcMilliseconds).getUTCFullYear();
  const summer = utcMilliseconds >= lastSunday(year, 2) && utcMilliseconds < lastSunday(year, 9);
  return summer ? 3_600_000 : 0;
}

function lastSunday(year: number, month: number): number {
  const end = new Date(Date.UTC(year, month + 1, 0, 1));
  return end.getTime() - end.getUTCDay() * MILLISECONDS_A_DAY;
}
