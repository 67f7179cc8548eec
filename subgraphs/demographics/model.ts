/**
 * Who a child is and where they lived, were registered and went to school: what several sources tell, as one answer.
 */

import type { Fact } from "../../chassis/facts";
import { type Claim, latestTold, type ResponsibilityStatus, standing } from "../../schema/belonging";
import type { Day, Instant } from "../../schema/calendar";
import type { NhsNumberStatus, Sex } from "../../schema/events";
import type { NhsNumber } from "../../schema/nhs-number";
import { isLocalityCode, LOCALITIES } from "../../schema/vocabulary/localities";
import { type Period, periods } from "./periods";
import { fold } from "./search";

export type IdentityFact = Fact<"IdentityRecorded">;
export type BirthFact = Fact<"BirthRecorded">;
export type AddressFact = Fact<"AddressRecorded">;
export type RegistrationFact = Fact<"GpRegistrationRecorded">;
export type SchoolFact = Fact<"SchoolRecorded">;

export const NHS_NUMBER_STATUSES = {
  VERIFIED: "Known, and verified by the national service.",
  NOT_TRACED: "Known, but not traced at the national service.",
  TRACE_REQUIRED: "Known, and still to be traced at the national service.",
  ABSENT: "No NHS number is known.",
} as const satisfies Record<NhsNumberStatus, string>;

export const SEXES = {
  MALE: "Male.",
  FEMALE: "Female.",
  NOT_KNOWN: "Nobody told.",
  NOT_SPECIFIED: "Told as neither male nor female: indeterminate.",
} as const satisfies Record<Sex, string>;

export const CHILD_STATUSES = {
  RESIDENT: "A locality of Cheshire and Merseyside is responsible for the child.",
  MOVED_OUT: "Responsibility has gone to another area.",
  DECEASED: "The child has died.",
} as const satisfies Record<ResponsibilityStatus, string>;

export const CONGENITAL_ABNORMALITIES = {
  NOT_SUSPECTED: "No congenital abnormality was suspected at birth.",
  NEEDS_REVIEW: "Whether there is one needed further review.",
  SUSPECTED: "A congenital abnormality was suspected at birth.",
} as const satisfies Record<NonNullable<BirthFact["congenitalAbnormality"]>, string>;

export const SOURCE_KINDS = {
  LOCALITY: "The child health system of one of the six localities.",
  NATIONAL: "A national event message.",
} as const;

export type SourceKind = keyof typeof SOURCE_KINDS;

export const SCHOOL_KINDS = {
  SCHOOL: "A school.",
  HOME_EDUCATED: "The child is educated at home.",
  NOT_KNOWN: "Told that the school is not known.",
} as const;

export type SchoolKind = keyof typeof SCHOOL_KINDS;

export interface Identity {
  readonly nhsNumber: NhsNumber | null;
  readonly nhsNumberStatus: NhsNumberStatus;
  readonly supersededNhsNumbers: readonly NhsNumber[];
  readonly familyName: string;
  readonly givenNames: string;
  readonly bornOn: Day;
  readonly bornAtTime: string | null;
  readonly sex: Sex;
  readonly ethnicCategory: string | null;
}

/** A higher one says more of whose the number is. */
const TRUST: Readonly<Record<NhsNumberStatus, number>> = { VERIFIED: 2, NOT_TRACED: 1, TRACE_REQUIRED: 1, ABSENT: 0 };

/**
 * Who the child is by the identities that stand, one a source; null of none.
 *
 * The source that told last says it whole. But a number is taken from who is surest of it, since a locality that
 * never knew the number does not take it away; and what the last source leaves out, from the last that told it.
 */
export function identity(told: readonly IdentityFact[]): Identity | null {
  const facts = newestFirst(told);
  const [last] = facts;
  if (last === undefined) return null;
  const numbered = facts
    .filter((fact) => fact.nhsNumber !== null)
    .reduce<IdentityFact>((best, fact) => (surer(fact, best) ? fact : best), { ...last, nhsNumberStatus: "ABSENT" });
  const nhsNumber = numbered.nhsNumberStatus === "ABSENT" ? null : numbered.nhsNumber;
  const former = new Set(facts.flatMap((fact) => fact.supersededNhsNumbers));
  return {
    nhsNumber,
    nhsNumberStatus: numbered.nhsNumberStatus,
    supersededNhsNumbers: [...former].filter((number) => number !== nhsNumber).sort(),
    familyName: last.familyName,
    givenNames: last.givenNames,
    bornOn: last.bornOn,
    bornAtTime: facts.find((fact) => fact.bornOn === last.bornOn && fact.bornAtTime !== null)?.bornAtTime ?? null,
    sex: facts.find((fact) => fact.sex !== "NOT_KNOWN")?.sex ?? last.sex,
    ethnicCategory: facts.find((fact) => fact.ethnicCategory !== null)?.ethnicCategory ?? null,
  };
}

function surer(fact: IdentityFact, than: IdentityFact): boolean {
  return TRUST[fact.nhsNumberStatus] > TRUST[than.nhsNumberStatus];
}

/** What decides whose a number is. */
export type NumberHolder = Pick<
  IdentityFact,
  "childId" | "nhsNumber" | "nhsNumberStatus" | "supersededNhsNumbers" | "asOf"
>;

/**
 * The child a number is of, among identities that stand: who has it now before who had it once, then whose it is
 * surest, then who was told of last. Null of none. One answer for every viewer, so that it tells nobody that there
 * are two.
 */
export function childOfNumber(nhsNumber: NhsNumber, told: readonly NumberHolder[]): string | null {
  const holders = told.filter((fact) => fact.nhsNumber === nhsNumber || fact.supersededNhsNumbers.includes(nhsNumber));
  const [best] = [...holders].sort(
    (a, b) =>
      Number(b.nhsNumber === nhsNumber) - Number(a.nhsNumber === nhsNumber) ||
      TRUST[b.nhsNumberStatus] - TRUST[a.nhsNumberStatus] ||
      textOrder(b.asOf, a.asOf) ||
      textOrder(a.childId, b.childId),
  );
  return best?.childId ?? null;
}

/** Homes, oldest first. */
export function addresses(told: readonly AddressFact[]): readonly Period<AddressFact>[] {
  return periods(told, isSameAddress);
}

/** The same home, however the lines are broken and spelt: national systems re-send an address in other words. */
function isSameAddress(a: AddressFact, b: AddressFact): boolean {
  return addressKey(a) === addressKey(b);
}

function addressKey({ lines, postcode }: AddressFact): string {
  return fold(`${lines.join("")}${postcode ?? ""}`).replace(/[^a-z0-9]/g, "");
}

/** Registrations with a practice, oldest first; a time without any is a gap between them. */
export function registrations(told: readonly RegistrationFact[]): readonly Period<RegistrationFact>[] {
  return periods(told, (a, b) => a.practice === b.practice).filter(({ fact }) => fact.practice !== null);
}

export interface School {
  readonly urn: string;
  readonly name: string | null;
  readonly kind: SchoolKind;
}

/** Numbers that stand where that of a school would. Source: Get Information about Schools; NHS child health extracts. */
const NO_SCHOOL: Readonly<Record<string, SchoolKind>> = { "888888": "NOT_KNOWN", "999999": "HOME_EDUCATED" };

/** The school that stands, under the name it was last told by. */
export function school(told: readonly SchoolFact[]): School | null {
  const stands = standing(told);
  if (stands === null) return null;
  const named = newestFirst(told).find((fact) => fact.urn === stands.urn && fact.name !== null);
  return { urn: stands.urn, name: stands.name ?? named?.name ?? null, kind: NO_SCHOOL[stands.urn] ?? "SCHOOL" };
}

export interface Birth {
  readonly birthOrder: number | null;
  readonly birthsAtDelivery: number | null;
  readonly weightGrams: number | null;
  readonly gestationWeeks: number | null;
  readonly stillbirth: boolean;
  readonly congenitalAbnormality: BirthFact["congenitalAbnormality"];
}

/** The circumstances of birth, each as the last source told that told it; null where nobody told of the birth. */
export function birth(told: readonly BirthFact[]): Birth | null {
  if (told.length === 0) return null;
  const facts = newestFirst(told);
  const [weightGrams, gestationWeeks] = [lastTold(facts, "weightGrams"), lastTold(facts, "gestationWeeks")];
  return {
    birthOrder: lastTold(facts, "birthOrder"),
    birthsAtDelivery: lastTold(facts, "birthsAtDelivery"),
    // National messages may carry decimals; gestation is counted in weeks completed.
    weightGrams: weightGrams === null ? null : Math.round(weightGrams),
    gestationWeeks: gestationWeeks === null ? null : Math.floor(gestationWeeks),
    // A locality's index only knows who the mother is, and so says nothing of how the child was born.
    stillbirth: facts.some((fact) => fact.stillbirth),
    congenitalAbnormality: lastTold(facts, "congenitalAbnormality"),
  };
}

/** Where the child was born, as the last source told that told it. */
export function deliveryPlace(told: readonly BirthFact[]): string | null {
  return lastTold(newestFirst(told), "deliveryPlace");
}

export interface Mother {
  readonly nhsNumber: NhsNumber | null;
  readonly familyName: string | null;
  readonly givenNames: string | null;
  readonly bornOn: Day | null;
}

/**
 * The mother as she was known at the birth; null where nobody told. Sources that name another number, or none, are
 * not mixed with the last that names one: they may mean another person.
 */
export function mother(told: readonly BirthFact[]): Mother | null {
  const facts = newestFirst(told);
  const nhsNumber = lastTold(facts, "motherNhsNumber");
  const named = facts.find((fact) => fact.motherFamilyName !== null);
  const about =
    nhsNumber === null ? (named ? [named] : []) : facts.filter((fact) => fact.motherNhsNumber === nhsNumber);
  if (about.length === 0) return null;
  return {
    nhsNumber,
    familyName: lastTold(about, "motherFamilyName"),
    givenNames: lastTold(about, "motherGivenNames"),
    bornOn: lastTold(about, "motherBornOn"),
  };
}

/** A system that told of the child. */
export interface SourceSystem {
  readonly code: string;
  readonly name: string;
  readonly firstToldAt: Instant;
  readonly lastToldAt: Instant;
}

/** What national events that tell who a child is are called. */
const NATIONAL_NAMES: Readonly<Record<string, string>> = {
  "pds-birth-notification-1": "National birth notification",
  "pds-change-of-address-1": "National change of address",
  "pds-change-of-gp-1": "National change of GP",
  "pds-death-notification-1": "National death notification",
};

/** That a system told something. */
export interface Telling {
  readonly code: string;
  readonly toldAt: Instant;
}

/** The systems by code, each once, with the first and last time of all its tellings. */
export function sources(told: readonly Telling[]): readonly SourceSystem[] {
  const times = new Map<string, Instant[]>();
  for (const { code, toldAt } of told) {
    const known = times.get(code);
    if (known) known.push(toldAt);
    else times.set(code, [toldAt]);
  }
  return [...times]
    .sort(([a], [b]) => textOrder(a, b))
    .map(([code, instants]) => {
      const [first = "", last = first] = [instants.sort()[0], instants.at(-1)];
      const name = isLocalityCode(code) ? LOCALITIES[code].name : (NATIONAL_NAMES[code] ?? code);
      return { code, name, firstToldAt: first, lastToldAt: last };
    });
}

export function kindOfSource(code: string): SourceKind {
  return isLocalityCode(code) ? "LOCALITY" : "NATIONAL";
}

/** In the order of `latestTold`, the last told first. */
function newestFirst<C extends Claim>(told: readonly C[]): readonly C[] {
  const isTie = (a: Claim, b: Claim) =>
    a.asOf === b.asOf && a.source.system === b.source.system && a.source.id === b.source.id;
  return [...told].sort((a, b) => (isTie(a, b) ? 0 : latestTold(a, b) === a ? -1 : 1));
}

function lastTold<F, Property extends keyof F>(newestFirst: readonly F[], property: Property): F[Property] | null {
  return newestFirst.find((fact) => fact[property] !== null)?.[property] ?? null;
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
