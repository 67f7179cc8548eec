/**
 * Which doses on record count, and for which dose of the schedule: by date, never by the number a sender wrote. A dose
 * that comes too young or too soon does not count, and the next is timed from it all the same; a long gap never restarts
 * a course.
 */

import { addDays, addMonths, type Day, daysBetween } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { after, type Cohort, latest, type Slot } from "./cohort";
import { antigensOf } from "./model";
import type { History, HistoryDose, PlannedDose, UncountedDose, UncountedReason } from "./plan";
import { type DoseId, type DoseRow, type Exception, MMRV_GIVEN_FROM, type Series, type Settings } from "./schedule";

/**
 * A dose with the days between which it was given, and what has been found out of it: whether it meets a dose of the schedule,
 * or else the first reason why it does not. What is asked of it again and again stands here too: objects of one shape
 * are read twice as fast as the many that records come as.
 */
export interface Given {
  readonly dose: HistoryDose;
  readonly vaccine: Vaccine;
  /** The day is known. */
  readonly isExact: boolean;
  readonly from: Day;
  readonly to: Day;
  isCounted: boolean;
  fault: Fault | null;
}

/** Why a dose does not count, and how many days after the one before it came where that is why. */
type Fault = Omit<UncountedDose, "dose">;

/** What is known of one child on one day, and what has been found out so far. */
export interface Case {
  readonly settings: Settings;
  readonly cohort: Cohort;
  readonly history: History;
  readonly today: Day;
  /** Whether a day has come; one that has not will change the answer. */
  readonly reached: (day: Day) => boolean;
  /** By date. */
  readonly given: readonly Given[];
  /** By date, of each series that any dose may count in. */
  readonly inSeries: ReadonlyMap<Series, readonly Given[]>;
  /** By the dose of the schedule they stand for: the line that makes up a missed dose stands for it. */
  readonly lines: Map<DoseId, PlannedDose>;
  /** Every line at its place in the order of the schedule; null where the child has none. */
  readonly placed: (PlannedDose | null)[];
}

/** The doses that may count, by date, the fuller vaccine of a day first; the others go to `set`. */
export function usable(
  { bornOn, doses }: History,
  today: Day,
  reached: (day: Day) => boolean,
  set: UncountedDose[],
): readonly Given[] {
  const given: Given[] = [];
  for (const dose of doses) {
    const to = lastDayOf(dose);
    const because =
      dose.abroad !== undefined
        ? "NOT_COUNTED_HERE"
        : to < bornOn
          ? "BEFORE_BIRTH"
          : dose.precision !== "DAY" && dose.possibleDuplicateOf !== null
            ? "POSSIBLE_DUPLICATE"
            : reached(dose.givenOn)
              ? null
              : "AFTER_THE_DAY";
    // A month or a year that is not over may hold every day up to this one, and tomorrow one more.
    if (because === null && !reached(to)) reached(addDays(today, 1));
    if (because === null) {
      const { vaccine, precision, givenOn } = dose;
      const isExact = precision === "DAY";
      const from = latest(givenOn, bornOn);
      given.push({ dose, vaccine, isExact, from, to: to < today ? to : today, isCounted: false, fault: null });
    } else set.push({ dose, because, daysAfter: null });
  }
  return given.sort(
    (a, b) =>
      compare(a.from, b.from) ||
      antigensOf(b.vaccine).length - antigensOf(a.vaccine).length ||
      compare(a.vaccine, b.vaccine) ||
      compare(a.dose.precision, b.dose.precision) ||
      compare(a.dose.id ?? "", b.dose.id ?? ""),
  );
}

/** The doses of each series, in the order they come in. */
export function bySeries(given: readonly Given[], { seriesOf }: Cohort): ReadonlyMap<Series, readonly Given[]> {
  const lists = new Map<Series, Given[]>();
  for (const each of given) {
    for (const series of seriesOf.get(each.vaccine) ?? []) {
      const list = lists.get(series);
      if (list) list.push(each);
      else lists.set(series, [each]);
    }
  }
  return lists;
}

function lastDayOf({ givenOn, precision }: HistoryDose): Day {
  return precision === "DAY" ? givenOn : addDays(addMonths(givenOn, precision === "MONTH" ? 1 : 12), -1);
}

export interface Course {
  readonly met: ReadonlyMap<DoseId, Given>;
  /** Doses of the series by date, counted or not, from which the next is timed. */
  readonly past: readonly Given[];
  /** The dose that met one though it came early: one may. */
  early: Given | null;
}

const NOTHING_GIVEN: Course = { met: new Map(), past: [], early: null };
const FOUR_WEEKS_DAYS = 28;
/** Gaps shorter than this many days never count, whatever is tolerated. */
const TOLERABLE_GAP_DAYS = 21;

/** Each dose of a series, in the order of dates, meets the first of its slots for which it is right. */
export function courseOf(child: Case, series: Series, slots: readonly Slot[]): Course {
  const own = child.inSeries.get(series);
  if (own === undefined) return NOTHING_GIVEN;
  const met = new Map<DoseId, Given>();
  const past: Given[] = [];
  const course: Course = { met, past, early: null };
  for (const given of own) {
    const before = past.at(-1);
    if (before?.from === given.from && before.isExact && given.isExact) {
      reject(given, "SAME_DAY", null);
      continue;
    }
    let fault: Fault | null = null;
    let meets: Slot | null = null;
    let next: Slot | null = null;
    for (const slot of slots) {
      const previous = next;
      next = slot;
      if (met.has(slot.row.doseId) || slot.accepts[given.vaccine] === undefined) continue;
      if (slot.passesOn !== null && given.from >= slot.passesOn) continue;
      if (!hasItsPlace(slot, previous, met, given)) continue;
      if (slot.row.unless && isExcepted(child, slot.row.unless, met, given.from)) continue;
      const found = faultOf(child, slot, given, course);
      if (found === null || found.because === "GIVEN_EARLY") {
        meets = slot;
        if (found !== null) course.early = given;
        break;
      }
      fault ??= { because: found.because, daysAfter: found.daysAfter };
    }
    if (meets !== null) {
      met.set(meets.row.doseId, given);
      given.isCounted = true;
    } else {
      reject(given, fault?.because ?? "MORE_THAN_NEEDED", fault?.daysAfter ?? null);
    }
    // By a dose that does not count, and whose day is not known, no other is timed.
    const times = given.isExact && (series === "MEASLES" || child.settings.timedFromUncounted);
    if (meets !== null || times) past.push(given);
  }
  return course;
}

export function reject(given: Given, because: UncountedReason, daysAfter: number | null): void {
  given.fault ??= { because, daysAfter };
}

/** Whether the dose that a slot follows is met, or passed. */
function hasItsPlace(slot: Slot, before: Slot | null, met: Course["met"], { from }: Given): boolean {
  const { after: follows } = slot.row;
  if (follows === null) return true;
  if (follows !== undefined) return met.has(follows[0]);
  if (before === null || met.has(before.row.doseId)) return true;
  return before.passesOn !== null && from >= before.passesOn;
}

/** Why a dose does not meet a slot; GIVEN_EARLY where it does so by the tolerance; null where it does. */
function faultOf(
  { settings }: Case,
  slot: Slot,
  given: Given,
  course: Course,
): (Omit<Fault, "because"> & { readonly because: UncountedReason | "GIVEN_EARLY" }) | null {
  const youngest = latest(slot.earliestOn, slot.accepts[given.vaccine] ?? null);
  if (given.from < youngest) {
    return { because: given.to < youngest ? "TOO_YOUNG" : "DATE_INCOMPLETE", daysAfter: null };
  }
  const bound = intervalEnd(slot.row, course);
  if (bound === null || given.from >= bound) return null;
  if (!given.isExact && given.to >= bound) return { because: "DATE_INCOMPLETE", daysAfter: null };
  const last = lastGiven(course.past);
  if (last === null || !last.isExact) return { because: "TOO_SOON", daysAfter: null };
  const daysAfter = daysBetween(last.to, given.from);
  if (!slot.row.mayBeEarly || daysAfter < TOLERABLE_GAP_DAYS) return { because: "TOO_SOON", daysAfter };
  const tolerated = FOUR_WEEKS_DAYS - daysAfter <= settings.hexavalentEarlyToleranceDays && course.early === null;
  return { because: tolerated ? "GIVEN_EARLY" : "EARLY_FOR_A_CLINICIAN", daysAfter };
}

/** The first day after the least gap from the doses before; null where there is none. */
export function intervalEnd({ interval, intervalFrom }: DoseRow, { met, past }: Course): Day | null {
  const last = lastOf(past);
  if (last === null) return null;
  if (intervalFrom === undefined) return after(last, interval);
  const own = lastOf(past.filter((each) => intervalFrom.includes(each.vaccine) || isAmong(met, each)));
  return latest(own && after(own, interval), addDays(last, FOUR_WEEKS_DAYS));
}

export function lastOf(given: readonly Given[]): Day | null {
  return lastGiven(given)?.to ?? null;
}

/** The dose that may have been given last. */
function lastGiven(given: readonly Given[]): Given | null {
  let last: Given | null = null;
  for (const each of given) if (last === null || each.to > last.to) last = each;
  return last;
}

function isAmong(met: Course["met"], given: Given): boolean {
  for (const each of met.values()) if (each === given) return true;
  return false;
}

/**
 * Whether a dose is not needed, by what was given before a day; `before` null: by all that was given, and by what can no
 * longer be given in time.
 */
export function isExcepted(child: Case, exception: Exception, met: Course["met"], before: Day | null): boolean {
  const { birthdays } = child.cohort;
  const isSince = (doseId: DoseId, day: Day): boolean => {
    const given = met.get(doseId);
    return given === undefined ? before === null && child.reached(day) : given.from >= day;
  };
  switch (exception) {
    case "FIRST_OVER_ONE":
      return isSince("MENB_1", birthdays.first);
    case "PRIMARY_ENDED_OVER_TWO":
      return isSince("HEXA_3", birthdays.second);
    case "FIRST_MEASLES_FROM_2026":
      // One given since as MMR all the same leaves a dose against varicella owed.
      return (
        (isSince("MMR_1", MMRV_GIVEN_FROM) && met.get("MMR_1")?.vaccine !== "MMR") || varicellaDoses(child, before) >= 2
      );
    case "CHICKENPOX_OR_TWO_VARICELLA":
      return (
        child.history.hadChickenpox === true ||
        varicellaDoses(child, before) + (before === null ? varicellaOwed(child, met) : 0) >= 2
      );
  }
}

/** Doses against varicella still to come with the first two against measles. */
function varicellaOwed({ reached }: Case, met: Course["met"]): number {
  return reached(MMRV_GIVEN_FROM) ? Number(!met.has("MMR_1")) + Number(!met.has("MMR_2")) : 0;
}

/** Doses against varicella from the first birthday on, whatever else they protect against. */
function varicellaDoses({ given, cohort: { birthdays } }: Case, before: Day | null): number {
  return given.filter(
    ({ vaccine, from }) =>
      from >= birthdays.first && (before === null || from < before) && antigensOf(vaccine).includes("VARICELLA"),
  ).length;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
