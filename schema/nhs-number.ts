/**
 * NHS numbers: reading, checking and printing.
 *
 * Ten digits kept as text. Source: NHS Data Dictionary, NHS NUMBER; modulus 11.
 */

export type NhsNumber = string;

export type NhsNumberFault = "NOT_TEN_DIGITS" | "CHECK_DIGIT" | "REPEATED_DIGIT";

export type NhsNumberReading =
  | { readonly valid: true; readonly nhsNumber: NhsNumber }
  | { readonly valid: false; readonly fault: NhsNumberFault };

// White space, hyphens and the invisible joiners that spreadsheets leave in copied numbers.
const SEPARATORS = /[\s\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff-]/g;

/**
 * Reads an NHS number as people and systems write it. A number of one repeated digit passes the
 * arithmetic but has never been issued, so it is refused.
 */
export function readNhsNumber(text: string): NhsNumberReading {
  const digits = /^\d{10}$/.test(text) ? text : text.replace(SEPARATORS, "");
  if (!/^\d{10}$/.test(digits)) return { valid: false, fault: "NOT_TEN_DIGITS" };
  if (/^(\d)\1{9}$/.test(digits)) return { valid: false, fault: "REPEATED_DIGIT" };
  if (checkDigit(digits) !== digits.charCodeAt(9) - 48) return { valid: false, fault: "CHECK_DIGIT" };
  return { valid: true, nhsNumber: digits };
}

/** The check digit that the first nine digits ask for; null where no number may begin so. */
export function checkDigit(digits: string): number | null {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += (digits.charCodeAt(i) - 48) * (10 - i);
  const check = 11 - (sum % 11);
  if (check === 11) return 0;
  return check === 10 ? null : check;
}

/** 3-3-4, as it is printed in letters: `999 000 0018`. */
export function printNhsNumber(nhsNumber: NhsNumber): string {
  return `${nhsNumber.slice(0, 3)} ${nhsNumber.slice(3, 6)} ${nhsNumber.slice(6)}`;
}

/** Numbers from 999 000 0000 up are never issued to a person; every invented child has one. */
export function isTestNumber(nhsNumber: NhsNumber): boolean {
  return nhsNumber.startsWith("999");
}
