/**
 * The schedule of one day of birth: every row that is for it, with its ages turned into days. Children share their days
 * of birth (7,300 of them in twenty years), so this is done once for each and not once for each child.
 */

import { academicYear, addDays, addMonths, ageInYears, type Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import {
  DOSE_IDS,
  type DoseId,
  type DoseRow,
  FLU_COHORTS,
  type FluCohort,
  REPLACEMENTS,
  type Recommended,
  SERIES,
  type Series,
  type Settings,
  type Span,
  scheduleOf,
  years,
} from "./schedule";

/** A dose of the schedule for one day of birth. */
export interface Slot {
  readonly row: DoseRow;
  /** First day it counts; null where only the dose before it bounds it. */
  readonly earliestOn: Day | null;
  /** Null where it is as soon as the gap after the dose before is over. */
  readonly recommendedOn: Day | null;
  /** Gap after a first visit made on the recommended day or later; null where it makes no difference. */
  readonly afterFirstVisit: Span | null;
  /** Last day it is given; null without an age limit. */
  readonly latestOn: Day | null;
  /** From this day on a dose given counts for the next of the series. */
  readonly passesOn: Day | null;
  /** First day each vaccine that counts does; null from birth. */
  readonly accepts: Readonly<Partial<Record<Vaccine, Day | null>>>;
  /** The dose that makes it up once its age has passed, and from when. */
  readonly replacement: { readonly doseId: DoseId; readonly from: Day; readonly vaccine: Vaccine } | null;
}

/** What the births between two changes of the schedule have in common. */
interface Generation {
  readonly rows: ReadonlyMap<Series, readonly DoseRow[]>;
  /** Series a vaccine may count in. */
  readonly seriesOf: ReadonlyMap<Vaccine, readonly Series[]>;
  /** Doses of the schedule that are for other births. */
  readonly excluded: readonly DoseRow[];
}

export interface Cohort extends Pick<Generation, "seriesOf" | "excluded"> {
  readonly bornOn: Day;
  /** In the order of the series. */
  readonly slots: ReadonlyMap<Series, readonly Slot[]>;
  readonly birthdays: { readonly first: Day; readonly second: Day; readonly tenth: Day };
  /** Flu seasons in which every child of these births is offered a dose, by the first year of each. */
  readonly seasons: ReadonlyMap<number, Season>;
}

/** Days, both included, between which flu is offered. */
export interface Season {
  readonly from: Day;
  readonly to: Day;
}

/** More days of birth than the children of any one population have; the memory is emptied when it is full. */
const COHORTS_KEPT = 8_000;

/** Answers the cohort of a day of birth, from memory where it was asked before. */
export function cohorts(settings: Settings): (bornOn: Day) => Cohort {
  const schedule = scheduleOf(settings);
  const changes = [...new Set(schedule.flatMap(({ born }) => [born?.from ?? [], born?.before ?? []].flat()))].sort();
  const generations = ["", ...changes].map((from) => generationOf(schedule, from));
  const kept = new Map<Day, Cohort>();
  return (bornOn) => {
    let cohort = kept.get(bornOn);
    if (cohort === undefined) {
      if (kept.size >= COHORTS_KEPT) kept.clear();
      cohort = cohortOf(generationAt(bornOn), settings, bornOn);
      kept.set(bornOn, cohort);
    }
    return cohort;
  };

  function generationAt(bornOn: Day): Generation {
    const generation = generations[changes.filter((change) => change <= bornOn).length];
    if (generation === undefined) throw new RangeError("There are births before the first generation.");
    return generation;
  }
}

/** The day a span after another: months are calendar months. */
export function after(day: Day, span: Span): Day {
  return "days" in span ? addDays(day, span.days) : addMonths(day, span.months);
}

/** The latest of two or three days, of which some may be null; empty where all are. */
export function latest(a: Day | null, b: Day | null, c: Day | null = null): Day {
  let last: Day = a ?? "";
  if (b !== null && b > last) last = b;
  if (c !== null && c > last) last = c;
  return last;
}

/** The generation of the births from a change of the schedule to the next. */
function generationOf(schedule: readonly DoseRow[], from: Day): Generation {
  const rows = schedule.filter(({ born }) => (born?.from ?? "") <= from && from < (born?.before ?? "9999"));
  const seriesOf = new Map<Vaccine, Series[]>();
  for (const { series, accepts } of rows) {
    for (const vaccine of Object.keys(accepts) as Vaccine[]) {
      // The keys of `accepts` are vaccines.
      const known = seriesOf.get(vaccine) ?? [];
      if (!known.includes(series)) seriesOf.set(vaccine, [...known, series]);
    }
  }
  const held = new Set(rows.map(({ doseId }) => doseId));
  return {
    rows: new Map(SERIES.map((series) => [series, rows.filter((row) => row.series === series)])),
    seriesOf,
    excluded: DOSE_IDS.flatMap((doseId) => {
      const row = schedule.find((each) => each.doseId === doseId);
      return row === undefined || held.has(doseId) || row.retired ? [] : [row];
    }),
  };
}

function cohortOf({ rows, seriesOf, excluded }: Generation, settings: Settings, bornOn: Day): Cohort {
  const slots = new Map<Series, readonly Slot[]>();
  for (const [series, own] of rows)
    slots.set(
      series,
      own.map((row) => slotOf(row, bornOn)),
    );
  const birthday = (age: number) => after(bornOn, years(age));
  return {
    bornOn,
    slots,
    seriesOf,
    excluded,
    birthdays: { first: birthday(1), second: birthday(2), tenth: birthday(10) },
    seasons: seasonsOf(settings, bornOn),
  };
}

/** Seasons by age on 31 August and by school year; those of children at risk depend on the child. */
function seasonsOf(settings: Settings, bornOn: Day): ReadonlyMap<number, Season> {
  const born = academicYear(bornOn);
  const seasons = new Map<number, Season>();
  for (let season = born; season <= born + 20; season++) {
    const age = ageInYears(bornOn, `${season}-08-31`);
    const group = season - born - 5;
    const isOffered = (FLU_COHORTS as readonly FluCohort[]).some(
      ({ ageOn31August, schoolYear }) => isBetween(age, ageOn31August) || isBetween(group, schoolYear),
    );
    if (isOffered) seasons.set(season, seasonOf(settings, season));
  }
  return seasons;
}

export function seasonOf({ fluOfferedUntil }: Settings, season: number): Season {
  return { from: `${season}-09-01`, to: `${season + 1}-${fluOfferedUntil}` };
}

function isBetween(value: number, range: { readonly from: number; readonly to: number } | undefined): boolean {
  return range !== undefined && value >= range.from && value <= range.to;
}

function slotOf(row: DoseRow, bornOn: Day): Slot {
  const replacement = REPLACEMENTS.find(({ replaces }) => replaces === row.doseId);
  const { recommendedOn, afterFirstVisit } = recommendation(row.recommended, bornOn);
  return {
    row,
    earliestOn: row.earliest && after(bornOn, row.earliest),
    recommendedOn,
    afterFirstVisit,
    latestOn: row.latest && addDays("from" in row.latest ? row.latest.from : after(bornOn, row.latest), -1),
    passesOn: row.passesFrom ? after(bornOn, row.passesFrom) : null,
    accepts: acceptedFrom(row.accepts, bornOn),
    replacement: replacement
      ? { doseId: replacement.doseId, from: after(bornOn, replacement.from), vaccine: replacement.vaccine }
      : null,
  };
}

function acceptedFrom(accepts: DoseRow["accepts"], bornOn: Day): Slot["accepts"] {
  const from: Partial<Record<Vaccine, Day | null>> = {};
  for (const vaccine of Object.keys(accepts) as Vaccine[]) {
    // The keys of `accepts` are vaccines.
    const age = accepts[vaccine] ?? null;
    from[vaccine] = age && after(bornOn, age);
  }
  return from;
}

/** The first day a dose is recommended, by whichever key. */
function recommendation(
  recommended: Recommended,
  bornOn: Day,
): { readonly recommendedOn: Day | null; readonly afterFirstVisit: Span | null } {
  switch (recommended.by) {
    case "AGE":
      return { recommendedOn: after(bornOn, recommended.age), afterFirstVisit: null };
    case "DATE":
      return { recommendedOn: recommended.from, afterFirstVisit: null };
    case "INTERVAL":
      return { recommendedOn: null, afterFirstVisit: null };
    case "SCHOOL_YEAR":
      // Reception begins five academic years after that of the birth.
      return { recommendedOn: `${academicYear(bornOn) + 5 + recommended.year}-09-01`, afterFirstVisit: null };
    case "VISIT": {
      const { editions } = recommended;
      for (const [at, { from, age, afterFirstVisit = null }] of editions.entries()) {
        const recommendedOn = latest(after(bornOn, age), from);
        const next = editions[at + 1]?.from ?? null;
        if (next === null || recommendedOn < next) return { recommendedOn, afterFirstVisit };
      }
      throw new RangeError("A dose has no edition for visits of the present.");
    }
  }
}
