/** Which records of several sources are one dose, which of them is shown, and what about it a person should look at. */

import { hash } from "node:crypto";
import { academicYear, type Day, daysBetween } from "../../schema/calendar";
import type { DoseRecorded } from "../../schema/events";
import { brandOfProduct, VACCINE_NAMES, type Vaccine } from "../../schema/vocabulary/vaccines";
import {
  antigensOf,
  DOSE_FLAG_NAMES,
  type Dose,
  type DoseFlag,
  type DoseNotGiven,
  type DoseNotGivenTold,
  type DoseTold,
  detailsOf,
  inOrder,
  type Lifespan,
  MOST_DOSES,
  POSSIBLE_DUPLICATE_DAYS,
  sourceOf,
  type Telling,
} from "./model";

/**
 * The details that make a record richer, the most telling first: of two records of a dose the first detail that only
 * one of them tells decides. A batch comes first because it is what a recall is made by.
 */
const DETAILS = [
  "batchNumber",
  "productCode",
  "site",
  "route",
  "expiresOn",
  "manufacturer",
  "amountMillilitres",
  "givenBy",
  "organisation",
  "place",
  "procedureCode",
  "doseNumber",
] as const satisfies readonly (keyof DoseTold)[];

/** The antigens of a vaccine as one text; empty for one that is not known. */
export const ANTIGEN_SETS: ReadonlyMap<Vaccine, string> = new Map(
  VACCINE_NAMES.map((vaccine) => [vaccine, antigensOf(vaccine).toSorted().join("+")]),
);
/** Characters of a day that are known, of `YYYY-MM-DD`. */
const KNOWN_CHARACTERS = { DAY: 10, MONTH: 7, YEAR: 4 } as const satisfies Record<DoseRecorded["precision"], number>;

/**
 * The doses a child was given, newest last: records of one antigen set on one day are one dose, whoever told of them.
 *
 * `told` is the standing records in any order, the same one any number of times; the answer depends on neither. Of
 * several records of a dose the richest is shown whole (`DETAILS`), then the one told by who gave it, then the one
 * told last. Another dose of the same antigens 1 to 27 days after the one before it is kept and flagged; the first
 * counts. A vaccine that is not known is never the same as another.
 *
 * A date of month or year proves no day. Where two sources tell the same one, each is taken to have listed its own
 * doses: the first of one is the first of the other, and there are as many as the source that lists most has. Such a
 * dose is flagged as a possible duplicate where a better known date lies within its month or year.
 *
 * Source: the service's rules for duplicate doses (chis scope 7.4); immunisation schedule, notes 9 to 11.
 */
export function collapse(told: readonly DoseTold[], child: Lifespan): readonly Dose[] {
  const occasions = occasionsOf(told, child.childId);
  const duplicates = possibleDuplicates(occasions);
  const excess = beyondSchedule(occasions.filter(({ id }) => !duplicates.has(id)));
  const overlaps = overlapping(occasions);
  return occasions.map(({ id, told }) => {
    const [dose] = told;
    const holds: Readonly<Record<DoseFlag, boolean>> = {
      CONFLICTING_PRODUCTS: told.length > 1 && productsOf(told).size > 1,
      POSSIBLE_DUPLICATE: duplicates.has(id),
      OVERLAPPING_VACCINES: overlaps.has(id),
      MORE_THAN_SCHEDULED: excess.has(id),
      BEFORE_BIRTH: child.bornOn !== null && known(dose) < known(dose, child.bornOn),
      AFTER_DEATH: child.diedOn !== null && known(dose) > known(dose, child.diedOn),
      DATE_INCOMPLETE: dose.precision !== "DAY",
    };
    return {
      id,
      flags: DOSE_FLAG_NAMES.filter((flag) => holds[flag]),
      possibleDuplicateOf: duplicates.get(id) ?? null,
      sources: told.map(sourceOf),
      ...detailsOf(dose, child.childId), // last: spread before the others, it takes three times as long
    };
  });
}

/**
 * The doses not given, newest last: one for each antigen set, reason and day, as told last, whoever told of it. Order
 * and repetition of `told` do not matter.
 */
export function collapseNotGiven(told: readonly DoseNotGivenTold[], childId: string): readonly DoseNotGiven[] {
  return [...decisionsTold(told)]
    .map(([decision, told]) => ({
      id: idOf(childId, decision),
      childId,
      vaccine: told[0].vaccine,
      reason: told[0].reason,
      decidedOn: told[0].decidedOn,
      until: told[0].until,
      decidedBy: { organisation: told[0].organisation },
      sources: told.map(sourceOf),
    }))
    .sort((a, b) => inOrder([a.decidedOn, a.vaccine, a.id], [b.decidedOn, b.vaccine, b.id]));
}

/** The records of each decision, the one told last first. */
export function decisionsTold(
  told: readonly DoseNotGivenTold[],
): ReadonlyMap<string, readonly [DoseNotGivenTold, ...DoseNotGivenTold[]]> {
  const byDecision = new Map<string, [DoseNotGivenTold, ...DoseNotGivenTold[]]>();
  for (const each of eachOnce(told, tellingOf)) {
    const about = ANTIGEN_SETS.get(each.vaccine) || identityOf(each);
    gather(byDecision, `${about} ${each.reason} ${each.decidedOn}`, each);
  }
  return byDecision;
}

/** The records of one dose, the preferred first. */
interface Occasion {
  readonly id: string;
  readonly told: readonly [DoseTold, ...DoseTold[]];
}

/**
 * Records put together by dose, by date. Only records that may be one dose are ranked, and few are: to rank a child's records
 * whole took half the time of all that is done here (47 µs a child, and 30 so, on a busy machine).
 */
function occasionsOf(told: readonly DoseTold[], childId: string): readonly Occasion[] {
  const alike = new Map<string, [DoseTold, ...DoseTold[]]>();
  for (const dose of told) {
    const antigens = ANTIGEN_SETS.get(dose.vaccine);
    gather(alike, antigens ? `${antigens} ${known(dose)}` : identityOf(dose), dose);
  }
  const dated: { readonly occasion: Occasion; readonly order: readonly string[] }[] = [];
  const add = (occasion: string, records: Occasion["told"]) => {
    const [{ givenOn, precision, vaccine }] = records;
    const id = idOf(childId, occasion);
    dated.push({ occasion: { id, told: records }, order: [givenOn, precision, vaccine, id] });
  };
  for (const [date, records] of alike) {
    const [{ precision, vaccine }] = records;
    if (precision === "DAY" || !ANTIGEN_SETS.get(vaccine)) {
      add(date, eachOnce(records, richnessOf));
      continue;
    }
    const listed = new Map<string, number>();
    const byNumber = new Map<string, [DoseTold, ...DoseTold[]]>();
    for (const dose of eachOnce(records, richnessOf)) {
      // Two records of one child in one locality, merged since, are two lists as those of two localities are.
      const list = `${dose.childId} ${dose.source.system}`;
      const number = (listed.get(list) ?? 0) + 1;
      listed.set(list, number);
      gather(byNumber, `${date} ${number}`, dose);
    }
    for (const [occasion, numbered] of byNumber) add(occasion, numbered);
  }
  return dated.sort((a, b) => inOrder(a.order, b.order)).map(({ occasion }) => occasion);
}

/** Doses that may be another one told again, by id, with the id of that other. `occasions` are by date. */
function possibleDuplicates(occasions: readonly Occasion[]): ReadonlyMap<string, string> {
  const series = new Map<string, [Occasion, ...Occasion[]]>();
  for (const occasion of occasions) {
    const antigens = ANTIGEN_SETS.get(occasion.told[0].vaccine);
    if (antigens) gather(series, antigens, occasion);
  }
  const duplicates = new Map<string, string>();
  for (const doses of series.values()) {
    const dated = doses.filter(({ told: [dose] }) => dose.precision === "DAY");
    for (const [at, { id, told }] of dated.entries()) {
      const before = dated[at - 1];
      if (before === undefined) continue;
      const days = daysBetween(before.told[0].givenOn, told[0].givenOn);
      if (days <= POSSIBLE_DUPLICATE_DAYS) duplicates.set(id, before.id);
    }
    for (const { id, told } of doses) {
      const better = doses.find((other) => isSameButBetterKnown(other.told[0], told[0]));
      if (better) duplicates.set(id, better.id);
    }
  }
  return duplicates;
}

/** Ids of the doses by which the most of any of their antigens is passed. `occasions` are by date. */
function beyondSchedule(occasions: readonly Occasion[]): ReadonlySet<string> {
  const beyond = new Set<string>();
  const counts = new Map<string, number>();
  for (const { id, told } of occasions) {
    const [{ vaccine, givenOn, precision }] = told;
    for (const antigen of antigensOf(vaccine)) {
      const limit = MOST_DOSES[antigen];
      if (limit === null || (limit.in === "SEASON" && precision === "YEAR")) continue; // a year has parts of two seasons
      const counted = limit.in === "SEASON" ? `${antigen} ${academicYear(givenOn)}` : antigen;
      const count = (counts.get(counted) ?? 0) + 1;
      counts.set(counted, count);
      if (count > limit.most) beyond.add(id);
    }
  }
  return beyond;
}

/** Ids of the doses that share an antigen with another of the same day. */
function overlapping(occasions: readonly Occasion[]): ReadonlySet<string> {
  const byDay = new Map<string, [Occasion, ...Occasion[]]>();
  for (const occasion of occasions) {
    const [{ givenOn, precision }] = occasion.told;
    if (precision === "DAY") gather(byDay, givenOn, occasion);
  }
  const overlaps = new Set<string>();
  for (const day of byDay.values()) {
    for (const dose of day) {
      if (day.some((other) => other !== dose && shareAntigen(dose.told[0], other.told[0]))) overlaps.add(dose.id);
    }
  }
  return overlaps;
}

function shareAntigen(a: DoseTold, b: DoseTold): boolean {
  return antigensOf(a.vaccine).some((antigen) => antigensOf(b.vaccine).includes(antigen));
}

/** Packs and forms of one brand are one product. */
function productsOf(told: readonly DoseTold[]): ReadonlySet<string> {
  return new Set(told.flatMap(({ productCode }) => (productCode ? (brandOfProduct(productCode) ?? productCode) : [])));
}

/** What is known of the date, or as much of another day. */
export function known({ precision, givenOn }: Dated, day: Day = givenOn): string {
  return day.slice(0, KNOWN_CHARACTERS[precision]);
}

export function isSameButBetterKnown(a: Dated, than: Dated): boolean {
  return KNOWN_CHARACTERS[a.precision] > KNOWN_CHARACTERS[than.precision] && known(than, a.givenOn) === known(than);
}

export type Dated = Pick<DoseTold, "precision" | "givenOn">;

export function identityOf({ childId, source }: Telling): string {
  return `${childId}\n${source.system}\n${source.id}`;
}

/** The greater, the sooner preferred: told later, as `latestTold` of schema/belonging.ts has it. */
function tellingOf({ childId, source, asOf }: Telling): string {
  return [asOf, source.system, source.id, childId].join("\n");
}

/** The greater, the sooner preferred: a digit for each detail, then who told it and when. */
function richnessOf(dose: DoseTold): string {
  const details = DETAILS.map((detail) => (dose[detail] === null ? "0" : "1")).join("");
  return `${details}${dose.primarySource ? "1" : "0"}${tellingOf(dose)}`;
}

/** The facts by preference, the greatest first, each identity once. As many as there are, if there is any at all. */
function eachOnce<F extends Telling>(told: readonly [F, ...F[]], preferenceOf: (fact: F) => string): [F, ...F[]];
function eachOnce<F extends Telling>(told: readonly F[], preferenceOf: (fact: F) => string): F[];
function eachOnce<F extends Telling>(told: readonly F[], preferenceOf: (fact: F) => string): F[] {
  if (told.length < 2) return [...told];
  const ranked = told.map((fact) => ({ fact, preference: [preferenceOf(fact)] }));
  ranked.sort((a, b) => inOrder(b.preference, a.preference));
  const first = new Map<string, F>();
  for (const { fact } of ranked) if (!first.has(identityOf(fact))) first.set(identityOf(fact), fact);
  return [...first.values()];
}

function gather<T>(lists: Map<string, [T, ...T[]]>, key: string, each: T): void {
  const list = lists.get(key);
  if (list) list.push(each);
  else lists.set(key, [each]);
}

/** Opaque to clients, and nothing of a source can be read from it. */
export function idOf(childId: string, of: string): string {
  return hash("sha256", `${childId}\n${of}`, "base64url").slice(0, 16);
}
