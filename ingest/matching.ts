/**
 * Whether who a row or message is about is a child we hold: rules as a table, pure.
 *
 * The decision carries the name of the rule that made it, so that every match can be explained and undone.
 * Source: nhsuk/manage-vaccinations-in-schools `app/lib/patient_matcher.rb`, and the child health service's own rules
 * for numbers held twice, twins and replaced numbers.
 */

import type { Day } from "../schema/calendar";
import type { NhsNumber } from "../schema/nhs-number";
import type { Identity } from "./reading";

/** What a person is compared by, normalised. What is not told, or is no postcode, is null. */
export interface Traits {
  /** Letters only, in capitals, without accents. */
  readonly family: string | null;
  /** The same, with one space between names. */
  readonly given: string | null;
  readonly bornOn: Day | null;
  readonly postcode: string | null;
}

/** A child of the index, as matching sees it. */
export interface Held extends Traits {
  readonly childId: string;
  readonly nhsNumber: NhsNumber | null;
  /** The child whose record this one is part of; null where it stands by itself. */
  readonly mergedInto: string | null;
  /** True once a person has taken it out of a merge: no rule may merge it again. */
  readonly keptApart: boolean;
}

export interface Asked extends Traits {
  readonly nhsNumber: NhsNumber | null;
  readonly supersededNhsNumbers: readonly NhsNumber[];
  /** True where the source may tell of a child nobody knew; otherwise the strict form of the rules holds. */
  readonly introduces: boolean;
  /** True where a date of birth other than the one held stops everything: event messages. */
  readonly exactBirthDate: boolean;
}

/** What the index knows that bears on one question. */
export interface Known {
  /** The child the locality's own number leads to, and whether a person has said that it is the one. */
  readonly byLocalId: { readonly held: Held; readonly confirmed: boolean } | null;
  /** The child a number is or was of. */
  byNumber(nhsNumber: NhsNumber): Held | null;
  /** Every child with the same date of birth and one name, or both names and the same postcode. */
  alike(): readonly Held[];
  /** Whether the locality that asks has itself told of the child, under another number of its own. */
  toldByAsker(held: Held): boolean;
}

/** Each rule that finds or refuses a child, and what it says. */
export const MATCHING_RULES = {
  CONFIRMED: "A person decided that this local number is this child",
  RECORD: "The record that is taken back is the child's",
  LOCAL_ID: "The locality's own number is the child's",
  LOCAL_ID_NEW_NUMBER: "The locality's own number is the child's, whose NHS number was not known or was replaced",
  NHS_NUMBER: "The NHS number is the child's",
  NHS_NUMBER_NAME_DIFFERS: "The NHS number and date of birth are the child's; the name is another",
  NHS_NUMBER_BIRTH_DATE_DIFFERS: "The NHS number and name are the child's; the date of birth is another",
  SUPERSEDED_NUMBER: "The NHS number that was replaced is the child's, and date of birth and name agree",
  ALL_FOUR: "Given names, family name, date of birth and postcode are the child's",
  NAME_AND_BIRTH_DATE: "Given names, family name and date of birth are the child's",
  THREE_OF_FOUR: "Three of given names, family name, date of birth and postcode are the child's",
  NOT_KNOWN: "No child is known to whom this could belong",
  NUMBER_HELD_FOR_ANOTHER: "The NHS number is held for a child of another name and date of birth",
  NUMBER_CHANGED: "The child is held with another NHS number, which nobody said was replaced",
  LOCAL_ID_OF_ANOTHER: "The locality's own number is that of a child of another name and date of birth",
  BIRTH_DATE_DIFFERS: "The NHS number is held for a child of another date of birth",
  TWIN: "The given names are those of another child of the same birth, or of one not yet known",
  TOO_MANY: "More than one child could be meant",
  TOLD_APART: "The locality tells of two children who agree in some of name, date of birth and postcode",
} as const satisfies Record<string, string>;

export type MatchingRule = keyof typeof MATCHING_RULES;

/** Why nothing is applied, by the code of the problem. */
export type Refusal =
  | "ORPHAN"
  | "NHS_DUPLICATE"
  | "NHS_NUMBER_CHANGED"
  | "AMBIGUOUS_MATCH"
  | "IDENTITY_MISMATCH"
  | "BIRTH_DATE_DIFFERS";

export type Decision =
  | {
      readonly verdict: "CHILD";
      readonly rule: MatchingRule;
      readonly childId: string;
      /** A record that is part of the child's from now on, because both have one NHS number and agree in all else. */
      readonly joins: string | null;
    }
  | { readonly verdict: "NEW"; readonly rule: "NOT_KNOWN" }
  | {
      readonly verdict: "REFUSED";
      readonly rule: MatchingRule;
      readonly reason: Refusal;
      /** Ids of the children it could be. */
      readonly candidates: readonly string[];
    };

type Agreement = "SAME" | "DIFFERENT" | "UNTOLD";

/** How two tellings of a person compare, trait by trait. `SHORTER`: one has the first of the other's given names. */
export interface Comparison {
  readonly family: Agreement;
  readonly given: Agreement | "SHORTER";
  readonly bornOn: Agreement;
  readonly postcode: Agreement;
}

export function compare(a: Traits, b: Traits): Comparison {
  return {
    family: agreement(a.family, b.family),
    given: givenAgreement(a.given, b.given),
    bornOn: agreement(a.bornOn, b.bornOn),
    postcode: agreement(a.postcode, b.postcode),
  };
}

/** Who is asked about: the child, a new one, or why neither can be said. */
export function match(asked: Asked, known: Known): Decision {
  if (known.byLocalId?.confirmed) return child("CONFIRMED", known.byLocalId.held);
  if (known.byLocalId) return matchLocalId(asked, known.byLocalId.held, known);
  const byNumber = asked.nhsNumber === null ? null : known.byNumber(asked.nhsNumber);
  if (byNumber) return matchNumber(asked, byNumber, known);
  for (const number of asked.supersededNhsNumbers) {
    const former = known.byNumber(number);
    if (former) {
      return agrees(compare(asked, former))
        ? child("SUPERSEDED_NUMBER", former)
        : refused("NUMBER_HELD_FOR_ANOTHER", "NHS_DUPLICATE", [former]);
    }
  }
  return matchTraits(asked, known);
}

function matchLocalId(asked: Asked, held: Held, known: Known): Decision {
  const comparison = compare(asked, held);
  const holder = asked.nhsNumber === null ? null : known.byNumber(asked.nhsNumber);
  if (asked.nhsNumber === null || (holder && isOne(holder, held))) {
    return isAnother(comparison)
      ? refused("LOCAL_ID_OF_ANOTHER", "IDENTITY_MISMATCH", [held])
      : child("LOCAL_ID", held);
  }
  // The row has a number that this child does not have.
  const replaced = held.nhsNumber === null || asked.supersededNhsNumbers.includes(held.nhsNumber);
  if (!asked.introduces) {
    if (holder) return refused("TOO_MANY", "AMBIGUOUS_MATCH", [held, holder]);
    return held.nhsNumber === null && !isAnother(comparison)
      ? child("LOCAL_ID", held)
      : refused("NUMBER_CHANGED", "NHS_NUMBER_CHANGED", [held]);
  }
  if (!replaced) return refused("NUMBER_CHANGED", "NHS_NUMBER_CHANGED", holder ? [held, holder] : [held]);
  if (isAnother(comparison)) {
    return refused("LOCAL_ID_OF_ANOTHER", "IDENTITY_MISMATCH", holder ? [held, holder] : [held]);
  }
  if (holder === null) return child("LOCAL_ID_NEW_NUMBER", held);
  const joinable = agrees(comparison) && agrees(compare(asked, holder)) && !held.keptApart && held.mergedInto === null;
  return joinable
    ? { verdict: "CHILD", rule: "LOCAL_ID_NEW_NUMBER", childId: held.childId, joins: holder.childId }
    : refused("NUMBER_HELD_FOR_ANOTHER", "NHS_DUPLICATE", [held, holder]);
}

function matchNumber(asked: Asked, held: Held, known: Known): Decision {
  const comparison = compare(asked, held);
  if (comparison.bornOn === "DIFFERENT") {
    if (asked.exactBirthDate) return refused("BIRTH_DATE_DIFFERS", "BIRTH_DATE_DIFFERS", [held]);
    return isAnother(comparison)
      ? refused("NUMBER_HELD_FOR_ANOTHER", "NHS_DUPLICATE", [held])
      : child("NHS_NUMBER_BIRTH_DATE_DIFFERS", held);
  }
  if (comparison.given === "DIFFERENT") {
    // Twins share a birth and a family name, and sometimes, by mistake, a number.
    const twins = known.alike().filter((other) => !isOne(other, held) && isExact(compare(asked, other)));
    if (twins.length > 0) return refused("TWIN", "AMBIGUOUS_MATCH", [held, ...twins]);
    if (asked.introduces && known.toldByAsker(held)) return refused("TWIN", "AMBIGUOUS_MATCH", [held]);
    return child("NHS_NUMBER_NAME_DIFFERS", held);
  }
  return child(comparison.family === "DIFFERENT" ? "NHS_NUMBER_NAME_DIFFERS" : "NHS_NUMBER", held);
}

/** A way to find a child without a number, in the order in which the better is named. */
const TRAIT_RULES: readonly {
  readonly rule: "ALL_FOUR" | "NAME_AND_BIRTH_DATE" | "THREE_OF_FOUR";
  /** Also for what introduces nobody: there, a postcode that is told must agree too. */
  readonly strict: (comparison: Comparison, asked: Asked) => boolean;
  readonly holds: (comparison: Comparison) => boolean;
}[] = [
  { rule: "ALL_FOUR", strict: () => true, holds: (it) => isExact(it) && it.postcode === "SAME" },
  { rule: "NAME_AND_BIRTH_DATE", strict: (_, asked) => asked.postcode === null, holds: isExact },
  {
    rule: "THREE_OF_FOUR",
    strict: () => false,
    // Siblings share home and family name: twins the date of birth too. Given names that differ are never one child.
    holds: (it) =>
      it.given !== "DIFFERENT" &&
      it.postcode === "SAME" &&
      [it.family, it.given, it.bornOn].filter((trait) => trait === "SAME").length >= 2,
  },
];

function matchTraits(asked: Asked, known: Known): Decision {
  const hits = known.alike().flatMap((held) => {
    // Two numbers are two children, however alike they are.
    if (asked.nhsNumber !== null && held.nhsNumber !== null) return [];
    const comparison = compare(asked, held);
    const found = TRAIT_RULES.find(
      ({ holds, strict }) => holds(comparison) && (asked.introduces || strict(comparison, asked)),
    );
    return found ? [{ held, rule: found.rule }] : [];
  });
  const full = hits.filter(({ rule }) => rule === "ALL_FOUR");
  const [hit] = countOf(full) === 1 ? full : hits;
  if (hit === undefined) {
    return asked.introduces
      ? { verdict: "NEW", rule: "NOT_KNOWN" }
      : { verdict: "REFUSED", rule: "NOT_KNOWN", reason: "ORPHAN", candidates: [] };
  }
  if (countOf(full) !== 1 && countOf(hits) > 1) {
    return refused(
      "TOO_MANY",
      "AMBIGUOUS_MATCH",
      hits.map(({ held }) => held),
    );
  }
  // One locality that gives two children two numbers of its own had its reasons, unless they agree in everything.
  if (asked.introduces && hit.rule !== "ALL_FOUR" && known.toldByAsker(hit.held)) {
    return refused("TOLD_APART", "AMBIGUOUS_MATCH", [hit.held]);
  }
  return child(hit.rule, hit.held);
}

/** How many children hits are of: merged records count once. */
function countOf(hits: readonly { readonly held: Held }[]): number {
  return new Set(hits.map(({ held }) => held.mergedInto ?? held.childId)).size;
}

function child(rule: MatchingRule, held: Held): Decision {
  return { verdict: "CHILD", rule, childId: held.childId, joins: null };
}

function refused(rule: MatchingRule, reason: Refusal, candidates: readonly Held[]): Decision {
  const childIds = [...new Set(candidates.map(({ childId }) => childId))];
  return { verdict: "REFUSED", rule, reason, candidates: childIds };
}

/** Whether two records are one child's, by a merge or because they are the same. */
function isOne(a: Held, b: Held): boolean {
  return (a.mergedInto ?? a.childId) === (b.mergedInto ?? b.childId);
}

function isExact(it: Comparison): boolean {
  return it.family === "SAME" && it.given === "SAME" && it.bornOn === "SAME";
}

/** Good enough to join two records that share an NHS number. */
function agrees(it: Comparison): boolean {
  return it.family === "SAME" && it.bornOn === "SAME" && (it.given === "SAME" || it.given === "SHORTER");
}

/** Date of birth and name both differ. A sibling has the family name too, so the given names decide where told. */
function isAnother(it: Comparison): boolean {
  const name = it.given === "UNTOLD" ? it.family : it.given;
  return it.bornOn === "DIFFERENT" && name === "DIFFERENT";
}

function agreement(a: string | null, b: string | null): Agreement {
  if (a === null || b === null) return "UNTOLD";
  return a === b ? "SAME" : "DIFFERENT";
}

function givenAgreement(a: string | null, b: string | null): Comparison["given"] {
  if (a === null || b === null) return "UNTOLD";
  if (a === b || joined(a) === joined(b)) return "SAME";
  return `${a} `.startsWith(`${b} `) || `${b} `.startsWith(`${a} `) ? "SHORTER" : "DIFFERENT";
}

// --- Normalising ------------------------------------------------------------------------------------------------

/** Letters that do not come apart into a letter and an accent. */
const LETTERS: Readonly<Record<string, string>> = { Ø: "O", Ł: "L", Đ: "D", Ð: "D", Þ: "TH", Æ: "AE", Œ: "OE", ı: "I" };

const PLAIN = /^[A-Za-z]+$/;

/**
 * What was made of a text, remembered while it is among the last few thousand: a file tells the same names and postcodes
 * again with every dose.
 */
function remembered(make: (text: string) => string | null): (text: string | null) => string | null {
  const kept = new Map<string, string | null>();
  return (text) => {
    if (text === null) return null;
    let made = kept.get(text);
    if (made === undefined) {
      made = make(text);
      if (kept.size >= REMEMBERED) kept.clear();
      kept.set(text, made);
    }
    return made;
  };
}
const REMEMBERED = 8_000;

/** A name in capitals without accents; apostrophes are dropped, hyphens and other marks part it into words. */
export const nameWords = remembered((name) => {
  if (PLAIN.test(name)) return name.toUpperCase();
  const words = name
    .normalize("NFKD")
    .replace(/[\p{M}'’‘`´ʼ]/gu, "")
    .toUpperCase()
    .replace(/[ØŁĐÐÞÆŒı]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  return words === "" ? null : words;
});

function joined(words: string): string {
  return words.includes(" ") ? words.replaceAll(" ", "") : words;
}

const POSTCODE = /^([A-Z]{1,2}\d[A-Z\d]?)(\d[ABD-HJLNP-UW-Z]{2})$/;

/**
 * A postcode as `L1 8JQ`; null for what is none, and for those that stand for no place (ZZ99: no fixed abode, abroad),
 * which many children share.
 */
export const normalPostcode = remembered((text) => {
  const parts = POSTCODE.exec(text.toUpperCase().replace(/[^A-Z0-9]/g, ""));
  if (!parts || parts[1]?.startsWith("ZZ")) return null;
  return `${parts[1]} ${parts[2]}`;
});

export function traitsOf(about: Identity): Traits {
  const family = nameWords(about.familyName);
  return {
    family: family === null ? null : joined(family),
    given: nameWords(about.givenNames),
    bornOn: about.bornOn,
    postcode: normalPostcode(about.postcode),
  };
}

/**
 * What a child is found by without a number. Any three of given names, family name, date of birth and postcode
 * include one of these pairs or the triple, so the three keys reach every child that a rule could want.
 */
export interface TraitKeys {
  readonly bornFamily: string | null;
  readonly bornGiven: string | null;
  readonly namePostcode: string | null;
}

export function keysOf({ family, given, bornOn, postcode }: Traits): TraitKeys {
  const givenKey = given === null ? null : joined(given);
  return {
    bornFamily: bornOn !== null && family !== null ? `${bornOn} ${family}` : null,
    bornGiven: bornOn !== null && givenKey !== null ? `${bornOn} ${givenKey}` : null,
    namePostcode: family && givenKey && postcode ? `${postcode} ${family} ${givenKey}` : null,
  };
}
