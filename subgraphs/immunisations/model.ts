/** Doses given and not given, as they are told and as they are shown: the words, and the limits they are held to. */

import type { Fact } from "../../chassis/facts";
import type { Belonging } from "../../schema/belonging";
import type { Day, Instant } from "../../schema/calendar";
import type { DoseRecorded } from "../../schema/events";
import {
  type Antigen,
  brandOfProduct,
  DOSE_NUMBERS,
  type NotGivenReason,
  VACCINES,
  type Vaccine,
} from "../../schema/vocabulary/vaccines";

/** A dose, and a dose not given, as one source told of it. */
export type DoseTold = Fact<"DoseRecorded">;
export type DoseNotGivenTold = Fact<"DoseNotGivenRecorded">;

/** As much of it as a plan is made of. */
export type DoseToldBriefly = Pick<
  DoseTold,
  "childId" | "source" | "asOf" | "latest" | "vaccine" | "givenOn" | "precision"
>;

/** Whose doses they are; after a merge, the child whose record the others are part of. */
export type Lifespan = Pick<Belonging, "childId" | "bornOn" | "diedOn">;

/** Who told of something: the system, the id it keeps, and when it told. */
export interface DoseSource {
  readonly system: string;
  readonly id: string;
  readonly asOf: Instant;
}

/** What tells where a child was: withheld where whereabouts are restricted. */
export interface GivenAt {
  readonly givenBy: string | null;
  readonly organisation: string | null;
  readonly place: string | null;
  readonly batchNumber: string | null;
}

/** What is told of a dose, whether by one source or by the record preferred of several. */
export interface DoseDetails
  extends Pick<
    DoseRecorded,
    | "childId"
    | "vaccine"
    | "givenOn"
    | "precision"
    | "procedureCode"
    | "productCode"
    | "site"
    | "route"
    | "expiresOn"
    | "manufacturer"
    | "amountMillilitres"
    | "primarySource"
  > {
  /** Brand of the product code. */
  readonly product: string | null;
  readonly doseNumberSent: number | null;
  readonly givenAt: GivenAt;
}

/** A dose of the record: one, however many sources told of it. */
export interface Dose extends DoseDetails {
  /** The same for as long as the child, what it protects against and the day are the same. */
  readonly id: string;
  readonly flags: readonly DoseFlag[];
  readonly possibleDuplicateOf: string | null;
  /** The record shown first. */
  readonly sources: readonly DoseSource[];
}

/** One version of one record, as it was told. */
export interface DoseReport extends DoseDetails {
  readonly source: DoseSource;
  readonly stands: boolean;
}

export interface DoseNotGiven {
  readonly id: string;
  readonly childId: string;
  readonly vaccine: Vaccine;
  readonly reason: NotGivenReason;
  readonly decidedOn: Day;
  readonly until: Day | null;
  readonly decidedBy: { readonly organisation: string | null };
  readonly sources: readonly DoseSource[];
}

export const DATE_PRECISIONS = {
  DAY: "The day is known",
  MONTH: "Only the month is known; the date is its first day",
  YEAR: "Only the year is known; the date is its first day",
} as const satisfies Record<DoseRecorded["precision"], string>;

/** What about a dose a person should look at. */
export const DOSE_FLAGS = {
  CONFLICTING_PRODUCTS: "Sources name different products for this dose; the preferred record's is shown",
  POSSIBLE_DUPLICATE:
    "May be an earlier dose told again with another date: within 27 days after it, or on a date too vague to tell",
  OVERLAPPING_VACCINES: "Another vaccine against one of the same diseases is recorded on the same day",
  MORE_THAN_SCHEDULED: "Beyond the number of doses that any schedule allows",
  BEFORE_BIRTH: "Recorded before the day of birth as it is known now",
  AFTER_DEATH: "Recorded after the day of death",
  DATE_INCOMPLETE: "Only the month or the year is known; proves no interval and no age",
} as const satisfies Record<string, string>;

export type DoseFlag = keyof typeof DOSE_FLAGS;

export const DOSE_FLAG_NAMES = Object.keys(DOSE_FLAGS) as readonly DoseFlag[]; // its own keys

/** Days after a dose within which another of the same antigens is taken for a possible error of entry. */
export const POSSIBLE_DUPLICATE_DAYS = 27;

interface MostDoses {
  readonly most: number;
  readonly in: "LIFE" | "SEASON";
  readonly source: string;
}

/**
 * The most doses that any schedule for children in England has called for, by antigen, so that different vaccines
 * against one disease count together. Null: no schedule for children says. The sums are ours, from the UKHSA complete
 * routine schedule and its past editions; a repeat that a person ordered may rightly go beyond them.
 */
export const MOST_DOSES: Readonly<Record<Antigen, MostDoses | null>> = {
  DIPHTHERIA: { most: 6, in: "LIFE", source: "6-in-1 four times, pre-school and teenage booster" },
  TETANUS: { most: DOSE_NUMBERS.TDIPV.most, in: "LIFE", source: "as diphtheria; MAVIS accepts dose 6 of Td/IPV" },
  POLIO: { most: 6, in: "LIFE", source: "as diphtheria" },
  PERTUSSIS: { most: 5, in: "LIFE", source: "6-in-1 four times, pre-school booster" },
  HIB: { most: 4, in: "LIFE", source: "three in infancy, one after the first birthday" },
  HEPATITIS_B: { most: 6, in: "LIFE", source: "selective programme: six, born before or after 1 July 2024" },
  MEASLES: { most: 4, in: "LIFE", source: "born July to December 2024: three, and one before the first birthday" },
  MUMPS: { most: 4, in: "LIFE", source: "as measles" },
  RUBELLA: { most: 4, in: "LIFE", source: "as measles" },
  VARICELLA: { most: 2, in: "LIFE", source: "MMRV twice" },
  PNEUMOCOCCAL: { most: 3, in: "LIFE", source: "born before 2020: two in infancy, one at one year" },
  MENINGOCOCCAL_A: { most: DOSE_NUMBERS.MENACWY.most, in: "LIFE", source: "MAVIS accepts three of MenACWY" },
  MENINGOCOCCAL_B: { most: 3, in: "LIFE", source: "two in infancy, one at one year" },
  MENINGOCOCCAL_C: { most: 4, in: "LIFE", source: "born 2006 to 2013: two in infancy, Hib/MenC, teenage MenACWY" },
  MENINGOCOCCAL_W: { most: DOSE_NUMBERS.MENACWY.most, in: "LIFE", source: "as group A" },
  MENINGOCOCCAL_Y: { most: DOSE_NUMBERS.MENACWY.most, in: "LIFE", source: "as group A" },
  ROTAVIRUS: { most: 2, in: "LIFE", source: "two in infancy" },
  HPV: { most: DOSE_NUMBERS.HPV.most, in: "LIFE", source: "three where immunosuppressed; MAVIS accepts three" },
  INFLUENZA: {
    most: DOSE_NUMBERS.FLU.most,
    in: "SEASON",
    source: "two in the first season of a child at risk; MAVIS accepts two",
  },
  TUBERCULOSIS: { most: 1, in: "LIFE", source: "BCG once, never repeated" },
  COVID_19: null,
  RSV: null,
  ZOSTER: null,
};

/** Every version of every record told, those replaced or taken back too: by date, then source, then time told. */
export function reportsOf(versions: readonly DoseTold[], childId: string): readonly DoseReport[] {
  return versions
    .map((told) => ({ source: sourceOf(told), stands: told.latest, ...detailsOf(told, childId) }))
    .sort((a, b) => inOrder(orderOf(a), orderOf(b)));
}

/** What a record tells, as it is shown of a child. */
export function detailsOf(told: DoseTold, childId: string): DoseDetails {
  return {
    childId,
    vaccine: told.vaccine,
    product: told.productCode === null ? null : brandOfProduct(told.productCode),
    givenOn: told.givenOn,
    precision: told.precision,
    procedureCode: told.procedureCode,
    productCode: told.productCode,
    doseNumberSent: told.doseNumber,
    site: told.site,
    route: told.route,
    expiresOn: told.expiresOn,
    manufacturer: told.manufacturer,
    amountMillilitres: told.amountMillilitres,
    givenAt: {
      givenBy: told.givenBy,
      organisation: told.organisation,
      place: told.place,
      batchNumber: told.batchNumber,
    },
    primarySource: told.primarySource,
  };
}

/** Where and when anything was told. */
export type Telling = Pick<DoseTold, "childId" | "source" | "asOf">;

export function sourceOf({ source: { system, id }, asOf }: Telling): DoseSource {
  return { system, id, asOf };
}

export function antigensOf(vaccine: Vaccine): readonly Antigen[] {
  return VACCINES[vaccine].antigens;
}

/** Compares by the first text that differs. */
export function inOrder(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < a.length; at++) {
    const [text, other] = [a[at] ?? "", b[at] ?? ""];
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

function orderOf({ givenOn, source }: DoseReport): readonly string[] {
  return [givenOn, source.system, source.id, source.asOf];
}
