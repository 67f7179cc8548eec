/**
 * One invented child: who it is, where it lives and has lived, and which localities know of it. What was done for it
 * is invented by doses.ts and outcomes.ts from what stands here. Pure: the same seed and index, the same child.
 */

import { addYears, type Day, yearGroup } from "../../schema/calendar";
import type { EventOf, EventType, NhsNumberStatus, Sex } from "../../schema/events";
import { checkDigit, type NhsNumber } from "../../schema/nhs-number";
import { LOCALITY_CODES, type LocalityCode } from "../../schema/vocabulary/localities";
import { Chance, shuffled } from "./chance";
import { daysApart, later } from "./days";
import { ORIGIN_WEIGHTS, ORIGINS } from "./people";
import { type Home, inventHome, inventPractice, inventSchool, LOCALITY_WEIGHTS, type School } from "./places";

/** What an event tells, without whose fact it is, when it was true and who told it. */
export type Fact<Type extends EventType> = Omit<EventOf<Type>, "type" | "action" | "childId" | "source" | "asOf">;

export interface Person {
  readonly nhsNumber: NhsNumber | null;
  readonly familyName: string;
  readonly givenNames: string;
  readonly bornOn: Day;
}

/** What one locality knows of where the child belongs. */
export interface Stay {
  readonly locality: LocalityCode;
  /** The number the locality's own system gives the child. */
  readonly localId: string;
  /** The locality is told first hand of what happens within these days, half-open; `to` null: to this day. */
  readonly from: Day;
  readonly to: Day | null;
  readonly home: Home;
  /** ODS code; null: registered nowhere. */
  readonly practice: string | null;
  readonly practiceFrom: Day | null;
  readonly school: School | null;
}

export interface InventedChild extends Person {
  readonly index: number;
  readonly nhsNumberStatus: NhsNumberStatus;
  readonly supersededNhsNumbers: readonly NhsNumber[];
  readonly sex: Sex;
  /** Local wall time `HH:MM`. */
  readonly bornAtTime: string | null;
  readonly ethnicCategory: string | null;
  readonly mother: Person;
  /** 1 or 2 of a pair of twins; null for a child born alone. */
  readonly twin: 1 | 2 | null;
  readonly diedOn: Day | null;
  readonly restricted: boolean;
  /** Where the child lives now first, then where it came from. */
  readonly stays: readonly [Stay, ...Stay[]];
}

/** Draws are kept apart by what they are for, so that one more draw for a name leaves every dose as it was. */
export const STREAMS = { family: 1, child: 2, doses: 3, screening: 4, flags: 5, telling: 6, faults: 7, messages: 8 };

/** The 999 range has some 909,000 valid numbers: this is how they are shared out. */
const NUMBER_SHARES = { children: 572_000, mothers: 286_000, superseded: 36_000, strangers: 15_000 };

/** More children than this would need NHS numbers that the range for invented people does not have. */
export const MOST_CHILDREN = 560_000;

const YEARS = 20;
const TWIN_PAIRS = 0.03;

/**
 * The child at an index of a population of `of` children born in the twenty years up to `on`, spread evenly; from
 * index `of` on, children born in the four weeks after it. Indexes 2n and 2n+1 may be twins.
 */
export function inventChild(seed: number, index: number, of: number, on: Day): InventedChild {
  const first = index - (index % 2);
  const inPair = first >= of || first + 1 < of;
  const twins = inPair && new Chance(seed, STREAMS.family, first).happens(TWIN_PAIRS);
  const family = new Chance(seed, STREAMS.family, twins ? first : index);
  family.next(); // the draw that decided on twins
  const chance = new Chance(seed, STREAMS.child, index);

  const bornOn = birthday(family, seed, twins ? first : index, of, on);
  const origin = ORIGINS[family.weighted(ORIGIN_WEIGHTS)];
  const familyName = surname(family, origin.family);
  const sex: Sex = chance.happens(0.0015) ? "NOT_KNOWN" : chance.happens(0.513) ? "MALE" : "FEMALE";
  const twin = twins ? (index === first ? 1 : 2) : null;
  const diedOn = chance.happens(0.001) ? deathday(chance, bornOn, on) : null;
  const ethnic = family.next();
  const givenNames = forenames(family, chance, sex === "MALE" ? origin.boys : origin.girls, twin);
  const ethnicCategory = ethnic < 0.05 ? null : ethnic < 0.08 ? "Z" : family.pick(origin.ethnicCategories);
  const restricted = family.happens(0.005);
  const mother = inventMother(family, seed, twins ? first : index, origin.girls, familyName, bornOn);
  // The family's last draws: twins of whom one died may part from here on.
  const stays = inventStays(family, chance, seed, index, of, bornOn, diedOn ?? on);
  const nhsNumberStatus = numberStatus(chance, stays.length === 1 && index < of);
  return {
    index,
    nhsNumber: nhsNumberStatus === "ABSENT" ? null : numberAt(seed, index),
    nhsNumberStatus,
    supersededNhsNumbers:
      index % 16 === 0 && index < of && chance.happens(0.05)
        ? [numberAt(seed, NUMBER_SHARES.children + NUMBER_SHARES.mothers + index / 16)]
        : [],
    familyName,
    givenNames,
    bornOn,
    bornAtTime: chance.happens(0.7) ? `${two(chance.below(24))}:${two(chance.below(60))}` : null,
    sex,
    ethnicCategory,
    mother,
    twin,
    diedOn,
    restricted,
    stays,
  };
}

/** A valid number that no child, mother or earlier number of the population has; `at` from 0 to 14,999. */
export function strangersNumber(seed: number, at: number): NhsNumber {
  const { children, mothers, superseded, strangers } = NUMBER_SHARES;
  return numberAt(seed, children + mothers + superseded + (at % strangers));
}

/** Babies have a number from birth, and who moved was traced by it: only others may have none. */
function numberStatus(chance: Chance, mayBeAbsent: boolean): NhsNumberStatus {
  const share = chance.next();
  if (share < 0.003 && mayBeAbsent) return "ABSENT";
  return share < 0.01 ? "NOT_TRACED" : share < 0.012 ? "TRACE_REQUIRED" : "VERIFIED";
}

function birthday(family: Chance, seed: number, first: number, of: number, on: Day): Day {
  if (first >= of) return later(on, family.between(1, 28));
  const from = later(addYears(on, -YEARS), 1);
  const place = (shuffled(first, of, seed ^ 0x5bd1e995) + family.next()) / of;
  return later(from, Math.floor(place * (daysApart(from, on) + 1)));
}

function deathday(chance: Chance, bornOn: Day, on: Day): Day | null {
  const lived = daysApart(bornOn, on);
  // Half of the deaths of childhood fall in the first weeks of life.
  const age = chance.happens(0.5) ? chance.below(60) : Math.floor(chance.next() * lived);
  return age <= lived ? later(bornOn, age) : null;
}

function surname(family: Chance, names: readonly [string, ...string[]]): string {
  const one = family.pick(names);
  const other = family.pick(names);
  return family.happens(0.09) && one !== other ? `${one}-${other}` : one;
}

/** Twins draw the first name from one place of the family's stream, the second the next one along. */
function forenames(family: Chance, chance: Chance, names: readonly [string, ...string[]], twin: 1 | 2 | null): string {
  const at = family.below(names.length);
  const first = (twin === 2 ? names[(at + 1) % names.length] : names[at]) ?? names[0];
  const more = chance.next() < 0.55 ? [chance.pick(names)] : [];
  if (chance.happens(0.05)) more.push(chance.pick(names));
  return [first, ...more.filter((name, position) => name !== first && more.indexOf(name) === position)].join(" ");
}

function inventMother(
  family: Chance,
  seed: number,
  index: number,
  names: readonly [string, ...string[]],
  familyName: string,
  bornOn: Day,
): Person {
  // The range has a mother's number for every other child: the first of each pair of indexes, or both where twins.
  const known = family.happens(0.9) && index % 2 === 0;
  return {
    nhsNumber: known ? numberAt(seed, NUMBER_SHARES.children + Math.floor(index / 2)) : null,
    familyName,
    givenNames: family.pick(names),
    bornOn: later(addYears(bornOn, -family.between(19, 42)), -family.below(365)),
  };
}

/** One stay, or two where the child moved between localities: about one child in twenty-five. */
function inventStays(
  family: Chance,
  chance: Chance,
  seed: number,
  index: number,
  of: number,
  bornOn: Day,
  until: Day,
): [Stay, ...Stay[]] {
  const locality = family.weighted(LOCALITY_WEIGHTS);
  const lived = daysApart(bornOn, until);
  const moved = family.happens(0.042) && lived > 60 && index < of;
  const restless = family.happens(0.25) && lived > 120;
  // Twins move on the same day to the same house: all of it is drawn from the family's stream.
  const share = family.next();
  const arrivedOn = moved ? later(bornOn, 30 + Math.floor(share * (lived - 40))) : bornOn;
  const here = inventHome(family, locality, moved ? arrivedOn : restless ? somewhen(family, bornOn, until) : bornOn);
  const stay = (at: LocalityCode, home: Home, from: Day, to: Day | null): Stay => {
    const registered = chance.happens(0.985) && daysApart(from, to ?? until) > 21;
    const practice = inventPractice(family, home);
    return {
      locality: at,
      localId: localId(seed, index, at),
      from,
      to,
      home,
      practice: registered ? practice : null,
      practiceFrom: registered ? later(from, chance.between(5, 20)) : null,
      school: inventSchool(chance, home, yearGroup(bornOn, to ?? until)),
    };
  };
  const now = stay(locality, here, arrivedOn, null);
  if (!moved) return [now];
  const others = LOCALITY_CODES.filter((code) => code !== locality);
  const left = others[family.below(others.length)] ?? locality;
  return [now, stay(left, inventHome(family, left, bornOn), bornOn, arrivedOn)];
}

function somewhen(family: Chance, from: Day, until: Day): Day {
  return later(from, 30 + family.below(Math.max(1, daysApart(from, until) - 60)));
}

/** Seven figures that no other child of the locality has. */
function localId(seed: number, index: number, locality: LocalityCode): string {
  return String(1_000_000 + shuffled(index, 2_000_000, seed + LOCALITY_CODES.indexOf(locality) + 1));
}

let bodies: Int32Array | null = null;

/** The number at a place of the shuffled 999 range; places are distinct, so numbers are. */
function numberAt(seed: number, place: number): NhsNumber {
  bodies ??= Int32Array.from(
    (function* () {
      for (let body = 999_000_000; body <= 999_999_999; body++) {
        const check = checkDigit(String(body));
        // 9999999999 is of one repeated digit, which no number may be.
        if (check !== null && body !== 999_999_999) yield body;
      }
    })(),
  );
  const body = String(bodies[shuffled(place, bodies.length, seed)]);
  return `${body}${checkDigit(body)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
