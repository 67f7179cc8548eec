/**
 * The vaccination schedule of England for children from birth to 19, as rows: a change of schedule is rows, never code.
 *
 * A row hangs on one of four keys, and its type says which: the date of birth (`born`), the date of the visit (`VISIT`),
 * the school year (`SCHOOL_YEAR`) or the age on 31 August (`FLU_COHORTS`). Rows that no longer apply stay, so that a
 * forecast for a past day is made by the rules of that day.
 *
 * Sources, by short name. ANNEX-A: GOV.UK, new routine childhood vaccination schedule, 30 April 2025. SCHED-2026: UKHSA,
 * complete routine immunisation schedule from 1 January 2026. MMRV-LETTER: GOV.UK, routine varicella vaccination, 31
 * October 2025. ALGO: UKHSA, vaccination of individuals with uncertain or incomplete immunisation status, September 2023
 * and July 2025; an update of June 2026 has not been compared. HEPB: GOV.UK, selective neonatal hepatitis B, births from
 * 1 July 2024. BCG: GOV.UK, 28-day neonatal BCG programme. NHS.UK: public vaccine pages. MAVIS:
 * nhsuk/manage-vaccinations-in-schools.
 *
 * Confidence: A read in an official text or NHS-owned code; B in a good secondary source; C general knowledge, not
 * confirmed; D derived from A. What is B or C and decides something is a setting of its own below.
 */

import type { Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";

export type Confidence = "A" | "B" | "C" | "D";

interface Setting {
  readonly value: number | string | boolean;
  readonly confidence: Confidence;
  readonly source: string;
}

/** What official rules leave open, or we could not confirm: each may be set otherwise without touching a rule. */
export const SETTINGS = {
  overdueAfterDays: {
    value: 28,
    confidence: "C",
    source: "no national threshold was found; a dose due for longer than this is overdue",
  },
  hexavalentEarlyToleranceDays: {
    value: 0,
    confidence: "C",
    source: "the Green Book is remembered to accept one primary dose up to 7 days early; not found in a text read",
  },
  timedFromUncounted: {
    value: true,
    confidence: "C",
    source:
      "MAVIS times measles-type doses from any before (A), and so they always are; for other vaccines not confirmed",
  },
  hexavalentFromWeeks: { value: 6, confidence: "B", source: "Green Book through a secondary source" },
  fourthHexavalentAfterDays: { value: 28, confidence: "C", source: "no interval after dose 3 was found" },
  rotavirusFromWeeks: { value: 6, confidence: "C", source: "no text read gives one" },
  menBFromWeeks: { value: 6, confidence: "C", source: "no text read gives one" },
  menBIntervalDays: { value: 28, confidence: "B", source: "interval warning of the national recording prototype" },
  pneumococcalFromWeeks: { value: 6, confidence: "C", source: "no text read gives one" },
  secondMeaslesFromMonths: {
    value: 15,
    confidence: "A",
    source: "MAVIS counts from 15 months; Green Book practice since 2019 offers another dose below 18 months: conflict",
  },
  hibMenCGivenBefore: {
    value: "2026-01-01",
    confidence: "D",
    source: "given while stock lasted; SCHED-2026 lists it no more, and a 6-in-1 supplies the Hib dose",
  },
  teenageBoosterAfterYears: { value: 5, confidence: "C", source: "usual gap after the pre-school booster or dose 3" },
  secondTeenageBoosterAfterYears: { value: 10, confidence: "C", source: "usual gap after the first booster" },
  secondHpvAfterDays: { value: 28, confidence: "C", source: "three doses within 12 months where immunosuppressed" },
  thirdHpvAfterDays: { value: 84, confidence: "C", source: "three doses within 12 months where immunosuppressed" },
  fluOfferedUntil: { value: "03-31", confidence: "C", source: "end of the season; the rules read say every autumn" },
  secondFluUnderYears: { value: 9, confidence: "C", source: "two doses in a first season at risk; age limit unsure" },
  birthHepatitisBUntilDays: { value: 28, confidence: "C", source: "from 4 weeks on the 4-week dose takes its place" },
  infantHepatitisBUntilDays: { value: 56, confidence: "C", source: "from 8 weeks on the 6-in-1 takes its place" },
  scidScreeningOffered: {
    value: false,
    confidence: "C",
    source:
      "whether every unit here is in the evaluation was not confirmed; where true, an outcome not told is awaited",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

/** The settings by their plain values. */
export type Settings = { readonly [Name in SettingName]: Widened<(typeof SETTINGS)[Name]["value"]> };
type Widened<V> = V extends number ? number : V extends boolean ? boolean : string;

/** An age or a gap: days, or calendar months reached on the 1st of the next where the month has no such day. */
export type Span = { readonly days: number } | { readonly months: number };

const weeks = (count: number): Span => ({ days: count * 7 });
export const months = (count: number): Span => ({ months: count });
export const years = (count: number): Span => ({ months: count * 12 });

/** Doses that count on after another, each before the next. */
export const SERIES = [
  "TETANUS",
  "HIB",
  "ROTAVIRUS",
  "MENB",
  "PNEUMOCOCCAL",
  "MEASLES",
  "HPV",
  "MENACWY",
  "BCG",
  "HEPATITIS_B",
] as const;
export type Series = (typeof SERIES)[number];

/** Every dose of the schedule, in the order a plan lists them, as a reader calls it. */
export const DOSES = {
  HEPB_0: "Hepatitis B at birth",
  HEPB_1: "Hepatitis B at 4 weeks",
  BCG: "BCG",
  HEXA_1: "First 6-in-1",
  MENB_1: "First MenB",
  ROTA_1: "First rotavirus",
  HEXA_2: "Second 6-in-1",
  MENB_2: "Second MenB",
  ROTA_2: "Second rotavirus",
  HEXA_3: "Third 6-in-1",
  PCV_1: "First pneumococcal",
  PCV_2: "Second pneumococcal",
  HEPB_2: "Hepatitis B at 12 months",
  HIBMENC_1: "Hib dose over one year of age",
  PCV_B: "Pneumococcal booster",
  MENB_3: "MenB booster",
  MMR_1: "First measles, mumps and rubella dose",
  HEXA_4: "6-in-1 at 18 months",
  MMR_2: "Second measles, mumps and rubella dose",
  DTAPIPV_1: "4-in-1 pre-school booster",
  MMR_3: "Third measles, mumps and rubella dose",
  FLU: "Flu of one season",
  FLU_2: "Second flu dose of a first season",
  TDIPV_1P: "First primary dose of Td/IPV",
  TDIPV_2P: "Second primary dose of Td/IPV",
  TDIPV_3P: "Third primary dose of Td/IPV",
  HPV_1: "HPV",
  HPV_2: "Second HPV",
  HPV_3: "Third HPV",
  TDIPV_1: "3-in-1 teenage booster",
  MENACWY_1: "MenACWY",
  TDIPV_2: "Second Td/IPV booster",
} as const satisfies Record<string, string>;

export type DoseId = keyof typeof DOSES;

export const DOSE_IDS = Object.keys(DOSES) as readonly DoseId[]; // its own keys

/** When a dose is recommended, and by which key. */
export type Recommended =
  | { readonly by: "AGE"; readonly age: Span }
  /** By the date of the visit: the first day on which the edition of that day has the child old enough. */
  | { readonly by: "VISIT"; readonly editions: readonly VisitEdition[] }
  /** From 1 September of a school year; Reception is 0. */
  | { readonly by: "SCHOOL_YEAR"; readonly year: number }
  | { readonly by: "DATE"; readonly from: Day }
  /** As soon as the gap after the dose before is over. */
  | { readonly by: "INTERVAL" };

interface VisitEdition {
  /** First day of visits by this edition; null for the earliest kept. */
  readonly from: Day | null;
  readonly age: Span;
  /** Of a child first seen at that age or later: so long after the first visit. */
  readonly afterFirstVisit?: Span;
}

/** What is given, by the date of the visit. */
interface Gives {
  readonly from: Day | null;
  readonly vaccine: Vaccine;
}

/**
 * Circumstances under which a dose is not needed, or is needed only then, each decided in forecast.ts under its name:
 * - `FIRST_OVER_ONE`: no dose under one year of age counts, so two in the second year are the whole course.
 * - `PRIMARY_ENDED_OVER_TWO`: the three primary doses ended after the second birthday, which the algorithm for two to
 *   nine years leads straight to the pre-school booster.
 * - `FIRST_MEASLES_FROM_2026`: the first dose came when it held varicella already.
 * - `CHICKENPOX_OR_TWO_VARICELLA`: the child had chickenpox, or two doses against it.
 */
export type Exception =
  | "FIRST_OVER_ONE"
  | "PRIMARY_ENDED_OVER_TWO"
  | "FIRST_MEASLES_FROM_2026"
  | "CHICKENPOX_OR_TWO_VARICELLA";

/** Who a selective dose is for. */
export type Selection = "BCG" | "HEPATITIS_B" | "IMMUNOSUPPRESSED" | "TEENAGE_COURSE";

/** One dose of the schedule, for the births it is for. */
export interface DoseRow {
  readonly doseId: DoseId;
  readonly series: Series;
  /** Births it is for, half-open. */
  readonly born?: { readonly from?: Day; readonly before?: Day };
  readonly gives: readonly Gives[];
  /** Vaccines that count, each with the youngest age at which it does where that is its own. */
  readonly accepts: Readonly<Partial<Record<Vaccine, Span | null>>>;
  readonly recommended: Recommended;
  /** Earliest age that counts. */
  readonly earliest: Span | null;
  /** True where one given earlier counts all the same, though it should not be. */
  readonly countsEarlier?: true;
  /** Least gap after the dose of the series before, counted or not. */
  readonly interval: Span;
  /** Gap within which it is not yet due, though it would count. */
  readonly spacing?: Span;
  /** First age, or day, at which it is no longer given. */
  readonly latest: Span | { readonly from: Day } | null;
  /** From this age on a dose given counts for the next of the series instead. */
  readonly passesFrom?: Span;
  /** Vaccines the interval is counted from, beside doses that met one before; four weeks are kept from any other. */
  readonly intervalFrom?: readonly Vaccine[];
  /** True where one dose of the course may come up to `hexavalentEarlyToleranceDays` early. */
  readonly mayBeEarly?: true;
  /**
   * The dose it follows, and others it waits for while they are to be given; null where it is needed whatever came
   * before. Left out: the one before it in the series.
   */
  readonly after?: readonly [DoseId, ...DoseId[]] | null;
  readonly unless?: Exception;
  readonly only?: Selection;
  /** True for a dose of the past: not listed for births it is not for. */
  readonly retired?: true;
  /** True for a selective dose that is listed for everybody, so that nobody is taken for not needing it unasked. */
  readonly listedForAll?: true;
  /** True where a course begun after the second birthday goes on after the interval, not at an age of its own. */
  readonly soonIfBegunOverTwo?: true;
  /** True where it is no longer given once the dose before it has passed its age. */
  readonly closesUnbegun?: true;
  /** Visits from which a primary 6-in-1 still to be given over one year of age meets it. */
  readonly metByPrimaryFrom?: Day;
  /** True where it comes forward to the tenth birthday of a child whose primary course is not complete then. */
  readonly withTeenageCourse?: true;
  /** What severe combined immunodeficiency does: a suspicion withholds it, and `WAITS` for the outcome besides. */
  readonly scid?: "WITHHELD" | "WAITS";
  /** Days due before it is overdue, or to the end of that school year; left out: the setting. */
  readonly overdueAfter?: { readonly days: number } | "SCHOOL_YEAR";
  /** What the reader is told in its place of a child it is not for. */
  readonly otherwise?: string;
  /** What else the reader is to do or to know of it. */
  readonly besides?: string;
  /** What official rules leave open about it, for the reader. */
  readonly open?: string;
  readonly source: string;
  readonly confidence: Confidence;
}

/** A row that stands in for another from an age on: a dose missed then is made up with another vaccine. */
export interface Replacement {
  readonly doseId: DoseId;
  readonly replaces: DoseId;
  readonly from: Span;
  readonly vaccine: Vaccine;
}

/** Vaccines of the tetanus course; Td/IPV counts from ten years of age (MAVIS). */
const TETANUS = { HEXAVALENT: null, PENTAVALENT: null, DTAPIPV: null, TDIPV: years(10) } as const;
const HEXAVALENT = { HEXAVALENT: null, PENTAVALENT: null } as const;
const MEASLES = { MMR: null, MMRV: null } as const;
const HIB_CONTAINING = { HIBMENC: null, HIB: null, HEXAVALENT: null, PENTAVALENT: null } as const;

const FOUR_WEEKS = weeks(4);
const NONE: Span = { days: 0 };

const always = (vaccine: Vaccine): readonly Gives[] => [{ from: null, vaccine }];
/** MMR until 2025, MMRV since, for births from 2020. Source: MMRV-LETTER; MAVIS app/models/programme.rb (A). */
const MMR_THEN_MMRV: readonly Gives[] = [
  { from: null, vaccine: "MMR" },
  { from: "2026-01-01", vaccine: "MMRV" },
];
export const MMRV_BORN_FROM = "2020-01-01";
export const MMRV_GIVEN_FROM = "2026-01-01";
const EIGHTEEN_MONTH_VISIT_BORN_FROM = "2024-07-01";

const SECOND_MEASLES_OPEN =
  "Sources differ on the earliest age: the national school system counts from 15 months, other guidance from 18.";

const at = (age: Span): Recommended => ({ by: "AGE", age });
const schoolYear = (year: number): Recommended => ({ by: "SCHOOL_YEAR", year });

/** The rows that the settings complete. Within a series they stand in order. */
export function scheduleOf(settings: Settings): readonly DoseRow[] {
  const hexavalent = { series: "TETANUS", gives: always("HEXAVALENT"), latest: years(10) } as const;
  const primary = { ...hexavalent, accepts: TETANUS, mayBeEarly: true } as const;
  const rotavirus = {
    series: "ROTAVIRUS",
    gives: always("ROTAVIRUS"),
    accepts: { ROTAVIRUS: null },
    scid: "WITHHELD",
  } as const;
  const menB = {
    series: "MENB",
    gives: always("MENB"),
    accepts: { MENB: null },
    latest: years(2),
    born: { from: "2015-05-01" }, // offered from September 2015 to births since May (C); moot since all are over two
    interval: { days: settings.menBIntervalDays },
  } as const;
  const pneumococcal = { series: "PNEUMOCOCCAL", gives: always("PCV"), accepts: { PCV: null } } as const;
  const measles = { series: "MEASLES", accepts: MEASLES, interval: FOUR_WEEKS } as const;
  const hepatitisB = {
    series: "HEPATITIS_B",
    gives: always("HEPB"),
    accepts: { HEPB: null },
    only: "HEPATITIS_B",
    interval: FOUR_WEEKS,
    after: null,
  } as const;
  const sinceMmrv = { gives: MMR_THEN_MMRV, born: { from: MMRV_BORN_FROM } } as const;
  const beforeMmrv = { gives: always("MMR"), born: { before: MMRV_BORN_FROM } } as const;
  const secondMeasles = {
    earliest: months(settings.secondMeaslesFromMonths),
    latest: null,
    soonIfBegunOverTwo: true,
  } as const;

  return [
    // Diphtheria, tetanus, whooping cough and polio, from the first 6-in-1 to the teenage booster.
    {
      doseId: "HEXA_1",
      ...primary,
      recommended: at(weeks(8)),
      earliest: weeks(settings.hexavalentFromWeeks),
      interval: FOUR_WEEKS,
      open: "Six weeks as the earliest age is not confirmed in an official text.",
      source: "ANNEX-A, SCHED-2026; latest age NHS.UK",
      confidence: "A",
    },
    {
      doseId: "HEXA_2",
      ...primary,
      recommended: at(weeks(12)),
      earliest: null,
      interval: FOUR_WEEKS,
      open: "Whether one dose up to a week early may count is not confirmed in an official text.",
      source: "ANNEX-A, SCHED-2026",
      confidence: "A",
    },
    {
      doseId: "HEXA_3",
      ...primary,
      recommended: at(weeks(16)),
      earliest: null,
      interval: FOUR_WEEKS,
      open: "Whether one dose up to a week early may count is not confirmed in an official text.",
      source: "ANNEX-A, SCHED-2026",
      confidence: "A",
    },
    {
      doseId: "HEXA_4",
      ...hexavalent,
      accepts: HEXAVALENT,
      born: { from: EIGHTEEN_MONTH_VISIT_BORN_FROM },
      recommended: at(months(18)),
      earliest: years(1),
      interval: { days: settings.fourthHexavalentAfterDays },
      unless: "PRIMARY_ENDED_OVER_TWO",
      open: "Official rules name no interval after the third dose; 28 days are kept.",
      source: "ANNEX-A, NHS.UK",
      confidence: "A",
    },
    {
      doseId: "DTAPIPV_1",
      series: "TETANUS",
      gives: always("DTAPIPV"),
      accepts: { DTAPIPV: null, HEXAVALENT: null, PENTAVALENT: null },
      recommended: at(months(40)),
      earliest: years(3),
      interval: years(1),
      intervalFrom: ["HEXAVALENT", "PENTAVALENT"],
      latest: years(10),
      after: ["HEXA_3", "HEXA_4"],
      source: "ALGO, NHS.UK",
      confidence: "A",
    },
    {
      doseId: "TDIPV_1",
      series: "TETANUS",
      gives: always("TDIPV"),
      accepts: { TDIPV: null, DTAPIPV: null },
      recommended: schoolYear(9),
      earliest: years(10),
      interval: FOUR_WEEKS,
      spacing: years(settings.teenageBoosterAfterYears),
      latest: null,
      after: ["HEXA_3"],
      overdueAfter: "SCHOOL_YEAR",
      open: "Five years after the booster before are usual, not an official rule.",
      source: "MAVIS; a fifth dose is counted by date, never by the number a sender wrote",
      confidence: "A",
    },
    {
      doseId: "TDIPV_2",
      series: "TETANUS",
      gives: always("TDIPV"),
      accepts: { TDIPV: null, DTAPIPV: null },
      recommended: { by: "INTERVAL" },
      earliest: years(10),
      interval: FOUR_WEEKS,
      spacing: years(settings.secondTeenageBoosterAfterYears),
      latest: null,
      after: ["TDIPV_1"],
      only: "TEENAGE_COURSE",
      open: "Ten years after the booster before are usual, not an official rule.",
      source: "ALGO says boosters; their spacing is general knowledge",
      confidence: "C",
    },
    // Any Hib-containing dose on or after the first birthday.
    {
      doseId: "HIBMENC_1",
      series: "HIB",
      born: { before: EIGHTEEN_MONTH_VISIT_BORN_FROM },
      gives: [
        { from: null, vaccine: "HIBMENC" },
        { from: settings.hibMenCGivenBefore, vaccine: "HEXAVALENT" },
      ],
      accepts: HIB_CONTAINING,
      recommended: at(years(1)),
      earliest: years(1),
      interval: NONE,
      latest: years(10),
      metByPrimaryFrom: "2025-07-01",
      source: "ANNEX-A; ALGO: every child needs one Hib dose over one year of age, up to ten",
      confidence: "A",
    },
    {
      doseId: "ROTA_1",
      ...rotavirus,
      born: { from: "2013-05-01" }, // offered since July 2013 (C); moot since all are over age
      recommended: at(weeks(8)),
      earliest: weeks(settings.rotavirusFromWeeks),
      interval: FOUR_WEEKS,
      latest: weeks(15),
      open: "Official pages give weeks only; from 6 weeks, and up to 14 weeks and 6 days, is the usual reading.",
      source: "NHS.UK gives weeks; read as before 15 weeks and 0 days (C)",
      confidence: "A",
    },
    {
      doseId: "ROTA_2",
      ...rotavirus,
      born: { from: "2013-05-01" },
      recommended: at(weeks(12)),
      earliest: null,
      interval: FOUR_WEEKS,
      latest: weeks(24),
      closesUnbegun: true,
      open: "Official pages give weeks only; up to 23 weeks and 6 days is the usual reading, and so is that it follows a first given too late.",
      source: "NHS.UK gives weeks; read as before 24 weeks and 0 days (C)",
      confidence: "A",
    },
    {
      doseId: "MENB_1",
      ...menB,
      recommended: at(weeks(8)),
      earliest: weeks(settings.menBFromWeeks),
      open: "Six weeks as the earliest age is not confirmed in an official text.",
      source: "ANNEX-A, NHS.UK",
      confidence: "A",
    },
    {
      doseId: "MENB_2",
      ...menB,
      recommended: {
        by: "VISIT",
        editions: [
          { from: null, age: weeks(16) },
          { from: "2025-07-01", age: weeks(12) },
        ],
      },
      earliest: null,
      source: "ANNEX-A",
      confidence: "A",
    },
    {
      doseId: "MENB_3",
      ...menB,
      recommended: at(years(1)),
      earliest: years(1),
      unless: "FIRST_OVER_ONE",
      open: "That a child with one dose before the first birthday is given two more is not confirmed in an official text.",
      source: "ANNEX-A, ALGO",
      confidence: "A",
    },
    {
      doseId: "PCV_1",
      ...pneumococcal,
      born: { from: "2020-01-01" },
      recommended: {
        by: "VISIT",
        editions: [
          { from: null, age: weeks(12), afterFirstVisit: weeks(4) },
          { from: "2025-07-01", age: weeks(16), afterFirstVisit: weeks(8) },
        ],
      },
      earliest: weeks(settings.pneumococcalFromWeeks),
      interval: FOUR_WEEKS,
      latest: years(1),
      passesFrom: years(1),
      open: "Six weeks as the earliest age is not confirmed in an official text.",
      source: "ANNEX-A; one priming dose for births from 2020 and visits of a late start, ALGO 2023 and 2025",
      confidence: "A",
    },
    {
      doseId: "PCV_1",
      ...pneumococcal,
      born: { before: "2020-01-01" },
      recommended: at(weeks(8)),
      earliest: weeks(settings.pneumococcalFromWeeks),
      interval: FOUR_WEEKS,
      latest: years(1),
      passesFrom: years(1),
      source: "ALGO: two priming doses for births before 2020",
      confidence: "A",
    },
    {
      doseId: "PCV_2",
      ...pneumococcal,
      retired: true,
      born: { before: "2020-01-01" },
      recommended: at(weeks(16)),
      earliest: null,
      interval: FOUR_WEEKS,
      latest: years(1),
      passesFrom: years(1),
      source: "ALGO: two priming doses for births before 2020",
      confidence: "A",
    },
    {
      doseId: "PCV_B",
      ...pneumococcal,
      recommended: at(years(1)),
      earliest: years(1),
      interval: FOUR_WEEKS,
      latest: years(2),
      after: null,
      source: "ALGO: needed whatever was given under one",
      confidence: "A",
    },
    // Measles, mumps and rubella by date of birth.
    {
      doseId: "MMR_1",
      ...measles,
      ...sinceMmrv,
      recommended: at(years(1)),
      earliest: years(1),
      latest: null,
      source: "MMRV-LETTER, NHS.UK",
      confidence: "A",
    },
    {
      doseId: "MMR_1",
      ...measles,
      ...beforeMmrv,
      recommended: at(years(1)),
      earliest: years(1),
      latest: null,
      source: "NHS.UK: born by 31 December 2019, MMR",
      confidence: "A",
    },
    {
      doseId: "MMR_2",
      ...measles,
      gives: MMR_THEN_MMRV,
      born: { from: EIGHTEEN_MONTH_VISIT_BORN_FROM },
      ...secondMeasles,
      recommended: at(months(18)),
      open: SECOND_MEASLES_OPEN,
      source: "ANNEX-A, MMRV-LETTER",
      confidence: "A",
    },
    {
      doseId: "MMR_2",
      ...measles,
      gives: MMR_THEN_MMRV,
      born: { from: MMRV_BORN_FROM, before: EIGHTEEN_MONTH_VISIT_BORN_FROM },
      ...secondMeasles,
      recommended: at(months(40)),
      open: SECOND_MEASLES_OPEN,
      source: "ANNEX-A, MMRV-LETTER: births before 1 July 2024 keep 3 years 4 months",
      confidence: "A",
    },
    {
      doseId: "MMR_2",
      ...measles,
      ...beforeMmrv,
      ...secondMeasles,
      recommended: at(months(40)),
      open: SECOND_MEASLES_OPEN,
      source: "MMRV-LETTER: missing doses are MMR, no MMRV",
      confidence: "A",
    },
    {
      doseId: "MMR_3",
      ...measles,
      gives: MMR_THEN_MMRV,
      born: { from: EIGHTEEN_MONTH_VISIT_BORN_FROM, before: "2025-01-01" },
      recommended: at(months(40)),
      earliest: null,
      latest: null,
      unless: "FIRST_MEASLES_FROM_2026",
      besides: "For a second dose against chickenpox: two doses against measles are enough.",
      source: "MMRV-LETTER: the second varicella dose of those whose first dose was MMR",
      confidence: "A",
    },
    {
      doseId: "MMR_3",
      ...measles,
      accepts: { MMRV: null },
      gives: always("MMRV"),
      born: { from: MMRV_BORN_FROM, before: "2022-09-01" },
      recommended: { by: "DATE", from: "2026-11-01" },
      earliest: null,
      countsEarlier: true,
      latest: { from: "2028-04-01" },
      unless: "CHICKENPOX_OR_TWO_VARICELLA",
      besides: "Not for a child who had chickenpox: ask.",
      source: "MMRV-LETTER: one catch-up MMRV between 1 November 2026 and 31 March 2028",
      confidence: "A",
    },
    {
      doseId: "HPV_1",
      series: "HPV",
      gives: always("HPV"),
      accepts: { HPV: null },
      recommended: schoolYear(8),
      earliest: null,
      countsEarlier: true,
      interval: FOUR_WEEKS,
      latest: years(25),
      overdueAfter: "SCHOOL_YEAR",
      open: "The rules read name no youngest age at which it counts.",
      source: "NHS.UK, MAVIS: one dose completes the routine programme",
      confidence: "A",
    },
    {
      doseId: "HPV_2",
      series: "HPV",
      gives: always("HPV"),
      accepts: { HPV: null },
      recommended: { by: "INTERVAL" },
      earliest: null,
      interval: { days: settings.secondHpvAfterDays },
      latest: years(25),
      only: "IMMUNOSUPPRESSED",
      open: "Three doses within 12 months; the gaps between them are not official.",
      source: "NHS.UK: three where immunocompromised, over 12 months",
      confidence: "A",
    },
    {
      doseId: "HPV_3",
      series: "HPV",
      gives: always("HPV"),
      accepts: { HPV: null },
      recommended: { by: "INTERVAL" },
      earliest: null,
      interval: { days: settings.thirdHpvAfterDays },
      latest: years(25),
      only: "IMMUNOSUPPRESSED",
      open: "Three doses within 12 months; the gaps between them are not official.",
      source: "NHS.UK: three where immunocompromised, over 12 months",
      confidence: "A",
    },
    {
      doseId: "MENACWY_1",
      series: "MENACWY",
      gives: always("MENACWY"),
      accepts: { MENACWY: null },
      recommended: schoolYear(9),
      earliest: years(10),
      interval: NONE,
      latest: years(25),
      overdueAfter: "SCHOOL_YEAR",
      withTeenageCourse: true,
      source: "MAVIS, NHS.UK; with the first Td/IPV of a child of ten or more, ALGO",
      confidence: "A",
    },
    {
      doseId: "BCG",
      series: "BCG",
      gives: always("BCG"),
      accepts: { BCG: null },
      recommended: {
        by: "VISIT",
        editions: [
          { from: null, age: { days: 0 } },
          { from: "2021-09-01", age: { days: 28 } },
        ],
      },
      earliest: null,
      countsEarlier: true,
      interval: NONE,
      latest: null,
      only: "BCG",
      listedForAll: true,
      scid: "WAITS",
      open: "The rules read name no age after which it is no longer given.",
      source: "BCG; one dose, never repeated, so one given earlier counts (C); no upper age was read",
      confidence: "A",
    },
    {
      doseId: "HEPB_0",
      ...hepatitisB,
      recommended: at({ days: 0 }),
      earliest: { days: 0 },
      latest: { days: settings.birthHepatitisBUntilDays },
      passesFrom: { days: settings.birthHepatitisBUntilDays },
      overdueAfter: { days: 1 },
      listedForAll: true,
      besides: "Within 24 hours of the time of birth.",
      open: "Until when a missed dose is made up is not said; from 4 weeks the next takes its place.",
      source: "HEPB: within 24 hours",
      confidence: "A",
    },
    {
      doseId: "HEPB_1",
      ...hepatitisB,
      recommended: at(weeks(4)),
      earliest: weeks(4),
      latest: { days: settings.infantHepatitisBUntilDays },
      passesFrom: years(1),
      open: "Until when a missed dose is made up is not said; from 8 weeks the 6-in-1 takes its place.",
      source: "HEPB",
      confidence: "A",
    },
    {
      doseId: "HEPB_2",
      ...hepatitisB,
      born: { before: EIGHTEEN_MONTH_VISIT_BORN_FROM },
      recommended: at(years(1)),
      earliest: years(1),
      latest: null,
      besides: "With a blood test for hepatitis B.",
      otherwise: "Instead, a dried blood spot test for hepatitis B at 12 to 18 months.",
      source: "HEPB: dropped for births from 1 July 2024",
      confidence: "A",
    },
  ];
}

/**
 * From the tenth birthday the missing primary doses are Td/IPV. Source: ALGO (A). They are numbered as MAVIS numbers
 * them, 1P to 3P.
 */
export const REPLACEMENTS: readonly Replacement[] = [
  { doseId: "TDIPV_1P", replaces: "HEXA_1", from: years(10), vaccine: "TDIPV" },
  { doseId: "TDIPV_2P", replaces: "HEXA_2", from: years(10), vaccine: "TDIPV" },
  { doseId: "TDIPV_3P", replaces: "HEXA_3", from: years(10), vaccine: "TDIPV" },
];

/** Births that are offered flu in a season, by the age on 31 August or by the school year; any row that fits. */
export const FLU_COHORTS = [
  { says: "aged 2 or 3 on 31 August", ageOn31August: { from: 2, to: 3 }, source: "NHS.UK", confidence: "A" },
  { says: "aged 4 and not at school", ageOn31August: { from: 4, to: 4 }, source: "NHS.UK", confidence: "A" },
  { says: "in Reception to Year 11", schoolYear: { from: 0, to: 11 }, source: "MAVIS, NHS.UK", confidence: "A" },
] as const satisfies readonly FluCohort[];

export interface FluCohort {
  readonly says: string;
  readonly ageOn31August?: { readonly from: number; readonly to: number };
  readonly schoolYear?: { readonly from: number; readonly to: number };
  readonly source: string;
  readonly confidence: Confidence;
}

/** Ages at which a child at clinical risk is offered flu besides. Source: NHS.UK (A). */
export const FLU_AT_RISK = { fromMonths: 6, underYears: 18 } as const;

/** Days between two flu doses of one season (B). */
export const SECOND_FLU_AFTER: Span = FOUR_WEEKS;

/** Vaccines whose refusal is a refusal of the others too, since one of them is what is offered next. */
export const FAMILIES: readonly (readonly Vaccine[])[] = [
  ["HEXAVALENT", "PENTAVALENT"],
  ["MMR", "MMRV"],
  ["HIBMENC", "HIB"],
];

interface AbroadRow {
  readonly vaccine: Vaccine;
  readonly says: string;
  /** Why it is not counted, by the day it was given, the first row last. */
  readonly why: readonly { readonly from: Day | null; readonly says: string }[];
}

/** Vaccines given abroad that this schedule does not count: what each stands as, and why. Source: ALGO (A). */
export const VACCINES_ABROAD = {
  OPV: {
    vaccine: "UNKNOWN",
    says: "Oral polio vaccine",
    why: [
      {
        from: null,
        says: "Oral polio vaccine given before April 2016 counts for polio, but alone meets no dose here: a clinician decides.",
      },
      { from: "2016-04-01", says: "Oral polio vaccine given since April 2016 is not counted for polio." },
    ],
  },
  PCV10: {
    vaccine: "PCV",
    says: "Pneumococcal vaccine of ten types",
    why: [
      { from: null, says: "The pneumococcal vaccine of ten types is not counted; one dose of thirteen is needed." },
    ],
  },
} as const satisfies Record<string, AbroadRow>;

export type VaccineAbroad = keyof typeof VACCINES_ABROAD;

/** The editions kept, newest last: what a plan names as the rules it was made by. */
export const EDITIONS = [
  { id: "ENGLAND_2023_09", from: "2023-09-01", sources: "ALGO September 2023" },
  { id: "ENGLAND_2025_07", from: "2025-07-01", sources: "ANNEX-A, ALGO July 2025" },
  {
    id: "ENGLAND_2026_01",
    from: "2026-01-01",
    sources: "SCHED-2026, MMRV-LETTER; ALGO July 2025, with which its update of June 2026 has not been compared",
  },
] as const satisfies readonly { readonly id: string; readonly from: Day; readonly sources: string }[];
