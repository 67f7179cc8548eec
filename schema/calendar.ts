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
const SUMMER_OFFSET = 3_600_000;

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
  const nanoseconds = (fraction ?? "").slice(0, 9).padEnd(9, "0");
  if (shift === 0) return `${day}T${hours}:${minutes}:${seconds}.${nanoseconds}Z`;
  const utc = new Date(Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`) - shift * 60_000);
  return `${utc.toISOString().slice(0, 19)}.${nanoseconds}Z`;
}

/**
 * The instant a day begins in Europe/London, or that of a local wall time `HH:MM[:SS]` on it. Of the hour that the
 * autumn change repeats the first is meant; the one that the spring change leaves out is read as if it were not.
 */
export function londonInstant(day: Day, time = "00:00:00"): Instant {
  if (time !== "00:00:00") return instantAtWall(day, time);
  const kept = MIDNIGHTS.get(day);
  if (kept !== undefined) return kept;
  const midnight = instantAtWall(day, time);
  if (MIDNIGHTS.size < TEXTS_KEPT) MIDNIGHTS.set(day, midnight);
  return midnight;
}

/** Extracts tell days, each of which begins again and again: half the time of reading a dose was spent on this. */
const MIDNIGHTS = new Map<Day, Instant>();

function instantAtWall(day: Day, time: string): Instant {
  const wall = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`);
  // Summer time wherever it was in force an hour before the wall time taken as UTC, which is when it would have been.
  const utc = wall - londonOffset(wall - SUMMER_OFFSET);
  return `${new Date(utc).toISOString().slice(0, 19)}.000000000Z`;
}

let lastInstant: { readonly milliseconds: number; readonly instant: Instant } = {
  milliseconds: Number.NaN,
  instant: "",
};

/** The instant of a clock reading, in milliseconds since 1970. Many ask in one millisecond, and to write it took 1 % of a record. */
export function instantOf(milliseconds: number): Instant {
  if (milliseconds !== lastInstant.milliseconds)
    lastInstant = { milliseconds, instant: `${new Date(milliseconds).toISOString().slice(0, 23)}000000Z` };
  return lastInstant.instant;
}

/** The calendar day it is in Europe/London at an instant. */
export function londonDay(instant: Instant): Day {
  // Summer time is an hour ahead, so that only in the last hour of a day another has begun.
  if (!instant.startsWith("23", 11)) return instant.slice(0, 10);
  return londonWall(instant).slice(0, 10);
}

/** The local wall time `HH:MM` it is in Europe/London at an instant. */
export function londonTime(instant: Instant): string {
  return londonWall(instant).slice(11, 16);
}

/** Whole days from one day to another; negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

export function addDays(day: Day, days: number): Day {
  return dayAt(dayNumber(day) + days);
}

/**
 * The day a number of calendar months later. Where that month has no such day, the first of the month
 * after it: born on 29 February 2024, one year old on 1 March 2025.
 */
export function addMonths(day: Day, months: number): Day {
  const [year, month, date] = partsOf(day);
  const count = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(count / 12), (((count % 12) + 12) % 12) + 1];
  const first = dayNumberOf(toYear, toMonth, 1);
  return dayAt(first + Math.min(date - 1, daysInMonth(toYear, toMonth)));
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
  const digit = (at: number) => day.charCodeAt(at) - 48;
  const year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
  return [year, digit(5) * 10 + digit(6), digit(8) * 10 + digit(9)];
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1 January 1970. */
function dayNumber(day: Day): number {
  const [year, month, date] = partsOf(day);
  return dayNumberOf(year, month, date);
}

/** By the civil calendar, whose years are counted here from March so that a leap day comes last. */
function dayNumberOf(year: number, month: number, date: number): number {
  const from = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  return from * 365 + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + dayOfYear - 719_468;
}

/**
 * The texts of days from 1970 to 2079, each made when it is first asked for: a forecast asks for some hundred a child,
 * and to look one up takes a hundredth of the time that writing it does.
 */
const TEXTS_KEPT = 40_177;
const TEXTS = new Array<Day | undefined>(TEXTS_KEPT);

function dayAt(number: number): Day {
  const kept = TEXTS[number];
  if (kept !== undefined) return kept;
  const text = new Date(number * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
  if (number >= 0 && number < TEXTS_KEPT) TEXTS[number] = text;
  return text;
}

function offsetMinutes(offset: string): number | null {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  if (Number(offset.slice(-2)) > 59 || minutes > 14 * 60) return null;
  return offset.startsWith("-") ? -minutes : minutes;
}

function londonWall(instant: Instant): string {
  const utc = Date.parse(`${instant.slice(0, 19)}Z`);
  return new Date(utc + londonOffset(utc)).toISOString();
}

/** British Summer Time: from 01:00 UTC on the last Sunday of March to 01:00 UTC on that of October. */
function londonOffset(utcMilliseconds: number): number {
  const year = new Date(utcMilliseconds).getUTCFullYear();
  const summer = utcMilliseconds >= lastSunday(year, 2) && utcMilliseconds < lastSunday(year, 9);
  return summer ? SUMMER_OFFSET : 0;
}

const LAST_SUNDAYS = new Map<number, number>();

function lastSunday(year: number, month: number): number {
  const kept = LAST_SUNDAYS.get(year * 12 + month);
  if (kept !== undefined) return kept;
  const end = new Date(Date.UTC(year, month + 1, 0, 1));
  const sunday = end.getTime() - end.getUTCDay() * MILLISECONDS_A_DAY;
  LAST_SUNDAYS.set(year * 12 + month, sunday);
  return sunday;
}
