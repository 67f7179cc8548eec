/**
 * Finding a child by name, date of birth and postcode: which rows come into question, and how well each fits. Pure.
 *
 * Candidates come by an index on what was asked exactly or nearly; what fits is then decided here, one rule for all.
 */

import { type Day, dayOf } from "../../schema/calendar";
import { Problem } from "../../schema/errors";

/** What is asked; null where it was not. */
export interface Search {
  /** Folded, in the order written. */
  readonly words: readonly string[];
  readonly bornOn: Day | null;
  readonly postcode: string | null;
}

/** A child as one source knows it, to be compared. */
export interface Candidate {
  readonly familyName: string;
  readonly givenNames: string;
  readonly bornOn: Day;
}

const MOST_WORDS = 8;

/**
 * Letters that are written with and without their mark. The folded name is a column of the table (migrations.ts), so
 * another letter here is another migration.
 */
export const FOLDED_LETTERS: Readonly<Record<string, string>> = {
  a: "ÀÁÂÃÄÅĀĂĄàáâãäåāăą",
  c: "ÇĆČçćč",
  d: "ĎĐďđ",
  e: "ÈÉÊËĒĖĘĚèéêëēėęě",
  g: "ĞĢğģ",
  i: "ÌÍÎÏĪĮİìíîïīįı",
  k: "Ķķ",
  l: "ĹĻĽŁĺļľł",
  n: "ÑŃŅŇñńņň",
  o: "ÒÓÔÕÖØŌŐòóôõöøōő",
  r: "ŔŘŕř",
  s: "ŚŞŠȘśşšș",
  t: "ŢŤȚţťț",
  u: "ÙÚÛÜŪŮŰŲùúûüūůűų",
  y: "ÝŸýÿ",
  z: "ŹŻŽźżž",
};

/** Characters that names are written with and without. */
export const DROPPED_CHARACTERS = " '’‘`´.-‐‑–";

const FOLDS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(FOLDED_LETTERS).flatMap(([plain, marked]) => [...marked].map((letter) => [letter, plain] as const)),
  ...[...DROPPED_CHARACTERS].map((character) => [character, ""] as const),
]);

/** A name as it is compared: small letters, without accents, spaces, hyphens and apostrophes. */
export function fold(text: string): string {
  const folded = [...text.normalize("NFC")].map((character) => FOLDS.get(character) ?? character).join("");
  return folded.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A postcode as it is compared: capitals without spaces. */
export function postcodeKey(postcode: string): string {
  return postcode.replaceAll(" ", "").toUpperCase();
}

/**
 * What is searched for. Throws ARGUMENT_INVALID unless there is enough to tell one child from others: two of name,
 * date of birth and postcode, or a name of at least two words.
 */
export function readSearch(by: {
  readonly name?: string | null;
  readonly bornOn?: Day | null;
  readonly postcode?: string | null;
}): Search {
  const words = (by.name ?? "")
    .split(/[\s,]+/)
    .map(fold)
    .filter((word) => word !== "");
  const bornOn = by.bornOn ?? null;
  const postcode = postcodeKey(by.postcode ?? "") || null;
  const terms = Number(words.length > 0) + Number(bornOn !== null) + Number(postcode !== null);
  if (terms < 2 && words.length < 2) {
    const expected = "two of name, bornOn and postcode, or a name of at least two words";
    throw new Problem("ARGUMENT_INVALID", { argument: "by", expected });
  }
  if (words.length > MOST_WORDS) {
    throw new Problem("ARGUMENT_INVALID", { argument: "by.name", expected: `a name of at most ${MOST_WORDS} words` });
  }
  return { words, bornOn, postcode };
}

/** The days of birth that come into question: as asked, and with day and month changed over. */
export function daysAsked({ bornOn }: Search): readonly Day[] {
  if (bornOn === null) return [];
  const changedOver = changedOverOf(bornOn);
  return changedOver === null || changedOver === bornOn ? [bornOn] : [bornOn, changedOver];
}

/**
 * The name keys that come into question: any run of words may be the family name, and any other word's first letter
 * that of the given names.
 */
export function nameKeysAsked({ words }: Search): readonly string[] {
  const keys = new Set<string>();
  for (let from = 0; from < words.length; from++) {
    for (let to = from + 1; to <= words.length; to++) {
      const family = words.slice(from, to).join("");
      for (const [at, word] of words.entries()) {
        if (at < from || at >= to) keys.add(`${family} ${word.charAt(0)}`);
      }
    }
  }
  return [...keys];
}

/** The parts of the score, out of 100 when all are asked. */
const WEIGHTS = { name: 50, bornOn: 35, postcode: 15 };

/**
 * How well a child fits, from 1 to 100; 100 where all that was asked agrees exactly, null where it does not fit.
 *
 * Every word of the name and the date of birth must agree at least nearly. The postcode must agree, unless both
 * others were asked: families move. `postcode` is that of where the child lives now.
 */
export function scoreOf(search: Search, known: readonly Candidate[], postcode: string | null): number | null {
  const scores = known.map((candidate) => scoreOne(search, candidate, postcode)).filter((score) => score !== null);
  return scores.length === 0 ? null : Math.max(...scores);
}

function scoreOne(search: Search, candidate: Candidate, postcode: string | null): number | null {
  const asked = {
    name: search.words.length === 0 ? null : nameAgreement(search.words, candidate),
    bornOn: search.bornOn === null ? null : dayAgreement(search.bornOn, candidate.bornOn),
    postcode: search.postcode === null ? null : Number(postcode !== null && postcodeKey(postcode) === search.postcode),
  };
  if (asked.name === 0 || asked.bornOn === 0) return null;
  if (asked.postcode === 0 && (asked.name === null || asked.bornOn === null)) return null;
  let [sum, whole] = [0, 0];
  for (const term of ["name", "bornOn", "postcode"] as const) {
    const agreement = asked[term];
    if (agreement === null) continue;
    sum += WEIGHTS[term] * agreement;
    whole += WEIGHTS[term];
  }
  return Math.floor((100 * sum) / whole);
}

/** From 0 to 1, the mean over the words asked; 0 where one of them is no name of the child. */
function nameAgreement(words: readonly string[], { familyName, givenNames }: Candidate): number {
  const parts = `${familyName} ${givenNames}`.split(/[\s-]+/).map(fold);
  const names = [...new Set([...parts, fold(familyName), fold(givenNames)])].filter((name) => name !== "");
  const sum = bestSum(words, names);
  return sum === null ? 0 : sum / words.length;
}

/** The best sum of agreements in which every word counts, alone or with the next one as one name, as in O Brien. */
function bestSum(words: readonly string[], names: readonly string[]): number | null {
  const [word, next, ...others] = words;
  if (word === undefined) return 0;
  const alone = wordAgreement(word, names);
  const afterAlone = alone === 0 ? null : bestSum(words.slice(1), names);
  const afterBoth = next !== undefined && names.includes(word + next) ? bestSum(others, names) : null;
  if (afterAlone === null && afterBoth === null) return null;
  return Math.max(afterAlone === null ? 0 : alone + afterAlone, afterBoth === null ? 0 : 2 + afterBoth);
}

function wordAgreement(word: string, names: readonly string[]): number {
  if (names.includes(word)) return 1;
  if (word.length >= 3 && names.some((name) => name.startsWith(word))) return 0.9;
  if (word.length >= 4 && names.some((name) => isOneSlipFrom(word, name))) return 0.8;
  return word.length === 1 && names.some((name) => name.startsWith(word)) ? 0.6 : 0;
}

/** One letter added, left out, or another, or two neighbours changed over. */
function isOneSlipFrom(word: string, name: string): boolean {
  if (Math.abs(word.length - name.length) > 1) return false;
  let at = 0;
  while (at < word.length && word[at] === name[at]) at++;
  const [a, b] = [word.slice(at), name.slice(at)];
  if (a.length !== b.length) return a.slice(1) === b || a === b.slice(1);
  return a.slice(1) === b.slice(1) || (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2));
}

/** 1 for the same day; less where day and month are changed over, or one of day, month and year is another. */
function dayAgreement(asked: Day, held: Day): number {
  if (asked === held) return 1;
  if (changedOverOf(asked) === held) return 0.7;
  const [theirs, ours] = [held.split("-"), asked.split("-")];
  return ours.filter((part, at) => part !== theirs[at]).length === 1 ? 0.6 : 0;
}

function changedOverOf(day: Day): Day | null {
  const [year, month, date] = day.split("-").map(Number);
  return dayOf(year ?? 0, date ?? 0, month ?? 0);
}
