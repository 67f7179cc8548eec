/**
 * What a child has had, is due and is overdue: history + schedule + a day → one line a dose of the schedule, and every
 * dose on record that does not count. Pure, and made for whole populations: some thirty microseconds a child.
 *
 * A line holds dates rather than states, so that it stays true tomorrow: `stateOn` reads the state of any day from it. The
 * few things that a mere passing of days changes (a product, an age that ends a course) are watched as they are asked:
 * until `changesOn` the lines that are due stay as they are, and only then the child has to be planned again.
 *
 * Doses are counted by date, never by the number a sender wrote. A long gap never restarts a course.
 */

import { academicYear, addDays, type Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { after, type Cohort, cohorts, latest, type Slot } from "./cohort";
import {
  bySeries,
  type Case,
  type Course,
  compare,
  courseOf,
  type Given,
  intervalEnd,
  isExcepted,
  lastOf,
  usable,
} from "./course";
import { decided, inTime } from "./decisions";
import { type History, type LineReason, NO_DATES, type Plan, type PlannedDose, type UncountedDose } from "./plan";
import {
  DOSE_IDS,
  type DoseId,
  type DoseRow,
  EDITIONS,
  SETTINGS,
  type Selection,
  type Series,
  type Settings,
} from "./schedule";
import { planSeasons } from "./seasons";

export const DEFAULT_SETTINGS = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { value }]) => [name, value]),
) as unknown as Settings; // each setting by its own name

/** A forecast by settings of one's own; those left out are as SETTINGS has them. */
export function forecaster(settings: Partial<Settings> = {}): (history: History, today: Day) => Plan {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const cohortOf = cohorts(all);
  return (history, today) => planOf(all, cohortOf(history.bornOn), history, today);
}

/**
 * The plan of a child on a day: a line for each dose of its cohort in the order of the schedule, and the doses on record
 * that do not count. What was given or decided after that day is left out of account.
 *
 * `history.doses` and `notGiven` may come in any order. A dose of which only the month or the year is known counts where
 * it would on every day of it, and the next is timed from its last day. A dose that comes too soon or too young does not
 * count, and the next is timed from it. Never throws.
 */
export const forecast = forecaster();

// --- One child ------------------------------------------------------------------------------------------------

function planOf(settings: Settings, cohort: Cohort, history: History, today: Day): Plan {
  let changesOn: Day | null = null;
  const reached = (day: Day): boolean => {
    if (today >= day) return true;
    if (changesOn === null || day < changesOn) changesOn = day;
    return false;
  };
  const set: UncountedDose[] = [];
  const given = usable(history, today, reached, set);
  const child: Case = {
    settings,
    cohort,
    history,
    today,
    reached,
    given,
    inSeries: bySeries(given, cohort),
    lines: new Map(),
    placed: NO_LINES.slice(),
  };
  for (const [series, slots] of cohort.slots) planSeries(child, series, slots);
  for (const line of planSeasons(child)) put(child, line);
  for (const row of cohort.excluded) {
    if (row.only === undefined || isSelected(child, row.only)) put(child, notEligible(row, "BORN_OUTSIDE"));
  }
  for (const each of given) {
    if (each.isCounted) continue;
    const why = each.fault ?? { because: "NOT_IN_SCHEDULE", daysAfter: null };
    set.push({ dose: each.dose, ...why });
  }
  return {
    on: today,
    rules: (EDITIONS.findLast(({ from }) => from <= today) ?? EDITIONS[0]).id,
    doses: child.placed.filter((line) => line !== null),
    notCounted: set.sort(byDate),
    changesOn,
  };
}

function byDate({ dose: a }: UncountedDose, { dose: b }: UncountedDose): number {
  return (
    compare(a.givenOn, b.givenOn) ||
    compare(a.vaccine, b.vaccine) ||
    compare(a.precision, b.precision) ||
    compare(a.id ?? "", b.id ?? "")
  );
}

/** Each dose has two places, for flu of this season and of the next; to put lines there is quicker than to sort them. */
const PLACES: ReadonlyMap<DoseId, number> = new Map(DOSE_IDS.map((doseId, at) => [doseId, 2 * at]));
const NO_LINES: readonly (PlannedDose | null)[] = Array.from({ length: 2 * DOSE_IDS.length }, () => null);

// --- What is to be given ----------------------------------------------------------------------------------------

function planSeries(child: Case, series: Series, slots: readonly Slot[]): void {
  const course = courseOf(child, series, slots);
  let next: Slot | null = null;
  for (const slot of slots) {
    const before = next;
    next = slot;
    const { row, replacement } = slot;
    const given = course.met.get(row.doseId);
    if (given !== undefined) {
      const madeUp = replacement !== null && given.vaccine === replacement.vaccine && given.from >= replacement.from;
      if (madeUp) put(child, missed(slot, slot.latestOn));
      put(child, completed(madeUp ? madeUpBy(slot, replacement) : slot, given, course), row.doseId);
    } else if (row.only !== undefined && !isSelected(child, row.only)) {
      if (row.listedForAll) put(child, notEligible(row, unselected(child, row.only)));
    } else if (row.unless !== undefined && isExcepted(child, row.unless, course.met, null)) {
      put(child, notEligible(row, "ENOUGH"));
    } else if (replacement !== null && child.reached(replacement.from)) {
      put(child, missed(slot, slot.latestOn));
      put(child, opened(child, madeUpBy(slot, replacement), before, course), row.doseId);
    } else {
      put(child, opened(child, slot, before, course));
    }
  }
}

/** The slot of the dose that makes up another once its age has passed. */
function madeUpBy(slot: Slot, { doseId, from, vaccine }: NonNullable<Slot["replacement"]>): Slot {
  const row = { ...slot.row, doseId, gives: [{ from: null, vaccine }] };
  return { ...slot, row, earliestOn: from, recommendedOn: from, latestOn: null };
}

function put(child: Case, line: PlannedDose, standsFor: DoseId = line.doseId): void {
  const place = PLACES.get(line.doseId) ?? 0;
  child.placed[child.placed[place] === null ? place : place + 1] = line;
  child.lines.set(standsFor, line);
}

/** Lines of doses a child does not need have no dates, so that one serves every child. */
const NOT_ELIGIBLE = new WeakMap<DoseRow, Map<LineReason, PlannedDose>>();

function notEligible(row: DoseRow, because: LineReason): PlannedDose {
  const known = NOT_ELIGIBLE.get(row) ?? new Map<LineReason, PlannedDose>();
  NOT_ELIGIBLE.set(row, known);
  const line = known.get(because) ?? {
    doseId: row.doseId,
    vaccine: row.gives[0]?.vaccine ?? "UNKNOWN",
    standing: "NOT_ELIGIBLE",
    because,
    ...NO_DATES,
  };
  known.set(because, line);
  return line;
}

/** A dose whose age has passed. */
function missed({ row: { doseId, gives }, earliestOn, recommendedOn }: Slot, latestOn: Day | null): PlannedDose {
  return {
    doseId,
    vaccine: gives[0]?.vaccine ?? "UNKNOWN",
    standing: "OPEN",
    because: "SCHEDULED",
    earliestOn,
    recommendedOn,
    dueOn: null,
    overdueOn: null,
    latestOn,
    givenOn: null,
    awaits: null,
    dose: null,
    decidedOn: null,
  };
}

function completed({ row, earliestOn, recommendedOn, latestOn }: Slot, given: Given, { early }: Course): PlannedDose {
  const late = latestOn !== null && given.from > latestOn;
  return {
    doseId: row.doseId,
    vaccine: given.vaccine,
    standing: "COMPLETE",
    because: late ? "GIVEN_LATE" : early === given ? "GIVEN_EARLY" : "GIVEN",
    earliestOn,
    recommendedOn,
    dueOn: null,
    overdueOn: null,
    latestOn,
    givenOn: given.from,
    awaits: null,
    dose: given.dose,
    decidedOn: null,
  };
}

/** The line of a dose that is to be given, or could have been. */
function opened(child: Case, slot: Slot, before: Slot | null, course: Course): PlannedDose {
  const { row } = slot;
  const { today, reached, cohort } = child;
  const awaited = awaitedBy(child, row, before);
  // A course that was not begun in time is closed.
  const closedOn = row.closesUnbegun && awaited !== null && !isToBeGiven(child, awaited) ? awaited.latestOn : null;
  const latestOn = closedOn ?? slot.latestOn;
  if (latestOn !== null && reached(addDays(latestOn, 1))) return decided(child, row, missed(slot, latestOn));

  const projectedOn = awaited && latest(awaited.dueOn, today);
  const earliestOn = latest(
    slot.earliestOn ?? (row.countsEarlier ? slot.recommendedOn : null),
    projectedOn ? after(projectedOn, row.interval) : intervalEnd(row, course),
    cohort.bornOn,
  );
  const lastGivenOn = row.spacing ? (projectedOn ?? lastOf([...course.met.values()])) : null;
  const spacedOn = row.spacing && lastGivenOn !== null ? after(lastGivenOn, row.spacing) : null;
  const recommendedOn =
    slot.recommendedOn === null || (row.soonIfBegunOverTwo && isBegunOverTwo(child, before, course))
      ? latest(earliestOn, spacedOn)
      : row.withTeenageCourse && hasTeenageCourse(child)
        ? cohort.birthdays.tenth
        : slot.recommendedOn;
  let dueOn = latest(recommendedOn, earliestOn, spacedOn);
  let because: LineReason = awaited ? "FOLLOWS" : dueOn > recommendedOn ? "INTERVAL" : "SCHEDULED";
  let awaits: PlannedDose["awaits"] = awaited?.doseId ?? null;

  if (slot.afterFirstVisit !== null && reached(recommendedOn)) {
    const first = firstVisit(child);
    const hexavalent = child.lines.get("HEXA_1");
    if (first === null && hexavalent?.standing === "OPEN") {
      [because, awaits] = ["LATE_START", "HEXA_1"];
      dueOn = latest(dueOn, after(latest(hexavalent.dueOn, today), slot.afterFirstVisit));
    } else if (first !== null && first >= recommendedOn && after(first, slot.afterFirstVisit) > dueOn) {
      because = "LATE_START";
      dueOn = after(first, slot.afterFirstVisit);
    }
  }
  if (row.metByPrimaryFrom && reached(latest(row.metByPrimaryFrom, slot.earliestOn))) {
    const owed = PRIMARY.map((doseId) => child.lines.get(doseId)).find((line) => line && isToBeGiven(child, line));
    if (owed?.vaccine === "HEXAVALENT") {
      [because, awaits] = ["MET_BY_HEXAVALENT", owed.doseId];
      dueOn = latest(dueOn, owed.dueOn, today);
    }
  }
  if (row.scid === "WAITS" && isScidAwaited(child)) {
    [because, awaits] = ["SCID_AWAITED", "SCID_OUTCOME"];
    dueOn = latest(dueOn, today);
  }
  return decided(child, row, {
    doseId: row.doseId,
    vaccine: vaccineOn(child, row, dueOn),
    standing: "OPEN",
    because,
    earliestOn,
    recommendedOn,
    dueOn,
    overdueOn: awaits === null ? inTime(overdueFrom(child.settings, row, dueOn), latestOn) : null,
    latestOn,
    givenOn: null,
    awaits,
    dose: null,
    decidedOn: null,
  });
}

const PRIMARY = ["HEXA_1", "HEXA_2", "HEXA_3"] as const;

/** The dose that has to come before; null where nothing does. */
function awaitedBy(child: Case, row: DoseRow, before: Slot | null): PlannedDose | null {
  if (row.after === null) return null;
  const follows = row.after ?? (before === null ? [] : [before.row.doseId]);
  for (const [at, doseId] of follows.entries()) {
    const line = child.lines.get(doseId);
    if (line === undefined || line.standing === "COMPLETE" || line.standing === "NOT_ELIGIBLE") continue;
    // The first of them it cannot do without; for the others it waits only while they are to be given.
    if (isToBeGiven(child, line) || (at === 0 && (line.standing !== "OPEN" || row.closesUnbegun))) return line;
  }
  return null;
}

function isToBeGiven({ reached }: Case, { standing, latestOn }: PlannedDose): boolean {
  return standing === "OPEN" && (latestOn === null || !reached(addDays(latestOn, 1)));
}

/** Whether the dose before came, or can only come, after the second birthday. */
function isBegunOverTwo({ cohort: { birthdays }, reached }: Case, before: Slot | null, { met }: Course): boolean {
  const first = before === null ? undefined : met.get(before.row.doseId);
  return first === undefined ? reached(birthdays.second) : first.from >= birthdays.second;
}

/** Whether primary doses are made up, or were, after the tenth birthday. */
function hasTeenageCourse({ lines, cohort, reached }: Case): boolean {
  return reached(cohort.birthdays.tenth) && PRIMARY.some((doseId) => lines.get(doseId)?.doseId !== doseId);
}

function firstVisit({ given, cohort }: Case): Day | null {
  const infant: readonly Series[] = ["TETANUS", "ROTAVIRUS", "MENB", "PNEUMOCOCCAL"];
  const first = given.find(({ vaccine }) => cohort.seriesOf.get(vaccine)?.some((series) => infant.includes(series)));
  return first?.from ?? null;
}

function isScidAwaited({ history, settings }: Case): boolean {
  return history.scid === "AWAITED" || (history.scid === null && settings.scidScreeningOffered);
}

/** What is given for a dose on the day it is due, or from today on. */
function vaccineOn({ reached }: Case, { gives }: DoseRow, dueOn: Day): Vaccine {
  let vaccine: Vaccine = "UNKNOWN";
  for (const each of gives) if (each.from === null || dueOn >= each.from || reached(each.from)) vaccine = each.vaccine;
  return vaccine;
}

function overdueFrom(settings: Settings, { overdueAfter }: DoseRow, dueOn: Day): Day {
  const days = typeof overdueAfter === "object" ? overdueAfter.days : settings.overdueAfterDays;
  return latest(addDays(dueOn, days + 1), overdueAfter === "SCHOOL_YEAR" ? `${academicYear(dueOn) + 1}-09-01` : null);
}

/** Whether a selective dose is for this child. */
function isSelected(child: Case, selection: Selection): boolean {
  const { history } = child;
  switch (selection) {
    case "BCG":
      return history.bcgEligible === true;
    case "HEPATITIS_B":
      return history.motherHepatitisB ?? hadEarlyHepatitisB(child);
    case "IMMUNOSUPPRESSED":
      return history.immunosuppressed === true;
    case "TEENAGE_COURSE":
      return child.reached(child.cohort.birthdays.tenth) && child.lines.get("DTAPIPV_1")?.standing !== "COMPLETE";
  }
}

/** A dose of hepatitis B alone before eight weeks of age is given on no other ground than the selective programme. */
function hadEarlyHepatitisB({ given, cohort, settings }: Case): boolean {
  const before = addDays(cohort.bornOn, settings.infantHepatitisBUntilDays);
  return given.some(({ vaccine, to }) => vaccine === "HEPB" && to < before);
}

function unselected({ history }: Case, selection: Selection): LineReason {
  const known = selection === "BCG" ? history.bcgEligible : history.motherHepatitisB;
  return known === null ? "NOT_KNOWN" : "NOT_SELECTED";
}
