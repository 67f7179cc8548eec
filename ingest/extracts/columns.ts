/**
 * What a column may hold: codecs that read one cell of a row and write it again.
 *
 * `read` is given a trimmed text that is never empty; it answers the value, null where the text itself says "not
 * known", or a `Misread`. `write` is its inverse: what it writes, `read` reads as the same value. No codec puts the
 * text of a cell into a problem, for a shifted row may hold a name where a code belongs.
 */

import { type Day, dayOf, type Instant, londonDay, londonInstant, readInstant } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { type NhsNumber, type NhsNumberFault, readNhsNumber } from "../../schema/nhs-number";
import { BLOOD_SPOT_STATUSES, type BloodSpotStatus } from "../../schema/vocabulary/screening";
import { isSnomedCode } from "../../schema/vocabulary/snomed";

/** Why a cell has no value; the reader says at which row and column. */
export class Misread {
  constructor(readonly problem: (at: string) => Problem) {}
}

export interface Codec<Value> {
  /** For docs/extracts.md. */
  readonly says: string;
  /** Every code it knows and what it stands for, in the order of the table; absent where it is no coded column. */
  readonly codes?: readonly (readonly [code: string, name: string])[];
  read(text: string): Value | Misread | null;
  /** Throws RangeError for a value that the column has no way to tell. */
  write(value: Value): string;
}

/** A value that is none of the expected; `expected` completes "… is not". */
export function invalid(expected: string): Misread {
  return new Misread((at) => new Problem("VALUE_INVALID", { at, expected }));
}

/** Text of at most so many characters. */
export function text({ max }: { max: number }): Codec<string> {
  return {
    says: `text, at most ${max} characters`,
    read: (written) =>
      written.length <= max
        ? written
        : new Misread((at) => new Problem("VALUE_TOO_LONG", { at, length: written.length, limit: max })),
    write: (value) => value,
  };
}

/** Text that a pattern must fit; `expected` says in words which. */
export function matching(pattern: RegExp, expected: string): Codec<string> {
  const misread = invalid(expected);
  return {
    says: expected,
    read: (written) => (pattern.test(written) ? written : misread),
    write: (value) => value,
  };
}

/** An Organisation Data Service code, in capitals. */
export function odsCode(): Codec<string> {
  return matching(/^[A-Z0-9]{3,9}$/, "an ODS code");
}

const NHS_NUMBER_FAULTS: Readonly<Record<NhsNumberFault, string>> = {
  NOT_TEN_DIGITS: "not ten digits",
  CHECK_DIGIT: "its check digit is wrong",
  REPEATED_DIGIT: "one digit repeated ten times",
};

/** An NHS number, with or without spaces and hyphens. */
export function nhsNumber(): Codec<NhsNumber> {
  return {
    says: "NHS number, ten digits",
    read(written) {
      const reading = readNhsNumber(written);
      if (reading.valid) return reading.nhsNumber;
      const fault = NHS_NUMBER_FAULTS[reading.fault];
      return new Misread((at) => new Problem("NHS_INVALID", { at, fault }));
    },
    write: (value) => value,
  };
}

type CodedValue = string | boolean | null;

/**
 * A coded column: code → what it stands for, null for a code that says "not known". Two codes may stand for one
 * value; the first of them is written. `table` names what is coded, `system` whose code it is.
 */
export function code<const Value extends CodedValue>(
  table: string,
  rows: Readonly<Record<string, Value>>,
  { system = "Local", anyCase = false }: { system?: string; anyCase?: boolean } = {},
): Codec<NonNullable<Value>> {
  const folded = (written: string) => (anyCase ? written.toUpperCase() : written);
  const byCode = new Map(Object.entries(rows).map(([each, value]) => [folded(each), value]));
  const codeOf = new Map(
    Object.entries(rows)
      .map(([each, value]) => [value, each] as const)
      .toReversed(),
  );
  return {
    says: `code: ${table}`,
    codes: Object.entries(rows).map(([each, value]) => [each, value === null ? "not known" : String(value)] as const),
    read: (written) => {
      const value = byCode.get(folded(written));
      // `null` is what the table says of the code; only `undefined` is a code that the table does not have.
      if (value === undefined) return unknownCode(system, written, table);
      return value as NonNullable<Value> | null; // a Value is either of the two
    },
    write(value) {
      const written = codeOf.get(value);
      if (written === undefined) throw new RangeError(`There is no ${system} ${table} code of ${String(value)}.`);
      return written;
    },
  };
}

/** A code kept as sent, which one of our own tables must have. */
export function listed(
  table: string,
  codes: Iterable<string>,
  { system = "SNOMED CT" }: { system?: string } = {},
): Codec<string> {
  const known = new Set(codes);
  return {
    says: `${system} code of the ${table} table`,
    read: (written) => (known.has(written) ? written : unknownCode(system, written, table)),
    write: (value) => value,
  };
}

export function unknownCode(system: string, written: string, table: string): Misread {
  return new Misread((at) => new Problem("CODE_UNKNOWN", { system, code: showable(written), at, table }));
}

// A cell that should hold a code may hold anything of a shifted row; only a SNOMED CT code is nobody's name or
// number. Ten digits are left out, because one NHS number in fifty would pass for a SNOMED CT code.
function showable(written: string): string {
  return isSnomedCode(written) && written.length !== 10 ? written : "(kept with the row)";
}

/** Source: NHS Data Dictionary, ETHNIC CATEGORY. */
const ETHNIC_CATEGORIES = [
  "A",
  "B",
  "C",
  "D",
  "E",
  "F",
  "G",
  "H",
  "J",
  "K",
  "L",
  "M",
  "N",
  "P",
  "R",
  "S",
  "Z",
] as const;

/** The NHS ethnic category, by the locality's code of each; a locality without its own uses the national letters. */
export function ethnicCategory(codeOf: (category: string) => string = (category) => category): Codec<string> {
  return code("ethnic category", Object.fromEntries(ETHNIC_CATEGORIES.map((each) => [codeOf(each), each])));
}

/** The national status of a blood spot result, by the locality's code of each. */
export function bloodSpotStatus(
  codeOf: (status: BloodSpotStatus) => string = (status) => status,
): Codec<BloodSpotStatus> {
  return code("blood spot status", Object.fromEntries(BLOOD_SPOT_STATUS_NAMES.map((each) => [codeOf(each), each])));
}

// The table holds its keys and nothing else. Keys such as "10" come first, which is of no account here.
const BLOOD_SPOT_STATUS_NAMES = Object.keys(BLOOD_SPOT_STATUSES) as readonly BloodSpotStatus[];

/** A whole number within bounds, both included. */
export function integer({ min, max }: { min: number; max: number }): Codec<number> {
  const misread = invalid(`a whole number from ${min} to ${max}`);
  return {
    says: `whole number, ${min} to ${max}`,
    read(written) {
      const value = /^\d{1,9}$/.test(written) ? Number(written) : Number.NaN;
      return value >= min && value <= max ? value : misread;
    },
    write: String,
  };
}

/** A decimal number above zero and at most `max`, with a point. */
export function decimal({ max }: { max: number }): Codec<number> {
  const misread = invalid(`a decimal number up to ${max}`);
  return {
    says: `decimal number with a point, at most ${max}`,
    read(written) {
      const value = /^\d{1,6}(\.\d{1,6})?$/.test(written) ? Number(written) : Number.NaN;
      return value > 0 && value <= max ? value : misread;
    },
    write: String,
  };
}

// Dates and times. A pattern such as `dd-MMM-yyyy HH:mm` has one character for each character of what it reads, so
// that every part stands at a fixed place.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const MONTH_BY_NAME: ReadonlyMap<string, number> = new Map(MONTHS.map((name, i) => [name.toUpperCase(), i + 1]));

interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

interface Pattern {
  read(written: string): WallTime | null;
  write(time: WallTime): string;
}

const PARTS = {
  yyyy: "year",
  MM: "month",
  MMM: "month",
  dd: "day",
  HH: "hours",
  mm: "minutes",
  ss: "seconds",
} as const satisfies Record<string, keyof WallTime>;

function pattern(shape: string): Pattern {
  const parts = [...shape.matchAll(/yyyy|MMM|MM|dd|HH|mm|ss/g)].map((found) => ({
    name: PARTS[found[0] as keyof typeof PARTS], // the expression finds the keys of PARTS and nothing else
    named: found[0] === "MMM",
    at: found.index,
    end: found.index + found[0].length,
  }));
  const literals = [...shape].flatMap((sign, at) =>
    parts.some((p) => at >= p.at && at < p.end) ? [] : [{ sign, at }],
  );
  return {
    read(written) {
      if (written.length !== shape.length) return null;
      for (const { sign, at } of literals) if (written[at] !== sign) return null;
      const time = { year: 2000, month: 1, day: 1, hours: 0, minutes: 0, seconds: 0 };
      for (const part of parts) {
        const digits = written.slice(part.at, part.end);
        const value = part.named ? MONTH_BY_NAME.get(digits.toUpperCase()) : digitsOf(digits);
        if (value === undefined) return null;
        time[part.name] = value;
      }
      return time.hours < 24 && time.minutes < 60 && time.seconds < 60 ? time : null;
    },
    write(time) {
      let written = shape;
      for (const part of parts) {
        const value = time[part.name];
        const digits = part.named ? (MONTHS[value - 1] ?? "") : String(value).padStart(part.end - part.at, "0");
        written = written.slice(0, part.at) + digits + written.slice(part.end);
      }
      return written;
    },
  };
}

function digitsOf(digits: string): number | undefined {
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

function wallTimeOf(on: Day, time = "00:00:00"): WallTime {
  return {
    year: Number(on.slice(0, 4)),
    month: Number(on.slice(5, 7)),
    day: Number(on.slice(8, 10)),
    hours: Number(time.slice(0, 2)),
    minutes: Number(time.slice(3, 5)),
    seconds: Number(time.slice(6, 8)),
  };
}

/** A date that the calendar does not have, or that is written otherwise than as `expected`. */
export function notADate(expected: string): Misread {
  return new Misread((at) => new Problem("DATE_INVALID", { at, expected }));
}

/** A calendar day. */
export function day(shape: string): Codec<Day> {
  const shaped = pattern(shape);
  const misread = notADate(shape);
  // Few days are told of many children: each is worked out once. Only days of the calendar are kept, so the map
  // cannot grow without end.
  const read = new Map<string, Day>();
  return {
    says: `date, ${shape}`,
    read(written) {
      const known = read.get(written);
      if (known !== undefined) return known;
      const time = shaped.read(written);
      const value = time && dayOf(time.year, time.month, time.day);
      if (!value) return misread;
      read.set(written, value);
      return value;
    },
    write: (value) => shaped.write(wallTimeOf(value)),
  };
}

/** A day that may be known only to its month or year; `day` is the first of what is known. */
export interface DayTold {
  readonly day: Day;
  readonly precision: "DAY" | "MONTH" | "YEAR";
}

/** A day in full, or where the layout allows it only a month or a year. */
export function dayTold(shapes: { day: string; month?: string; year?: string }): Codec<DayTold> {
  const shaped = (["DAY", "MONTH", "YEAR"] as const).flatMap((precision) => {
    const shape = { DAY: shapes.day, MONTH: shapes.month, YEAR: shapes.year }[precision];
    return shape === undefined ? [] : [{ precision, shape, codec: day(shape) }];
  });
  const expected = shaped.map((each) => each.shape).join(" or ");
  const misread = notADate(expected);
  const read = new Map<string, DayTold>();
  return {
    says: `date, ${expected}`,
    read(written) {
      const known = read.get(written);
      if (known) return known;
      for (const { precision, codec } of shaped) {
        const value = codec.read(written);
        if (typeof value !== "string") continue;
        const told = { day: value, precision };
        read.set(written, told);
        return told;
      }
      return misread;
    },
    write(value) {
      const found = shaped.find((each) => each.precision === value.precision);
      if (!found) throw new RangeError(`A date known only to its ${value.precision} cannot be told as ${expected}.`);
      return found.codec.write(value.day);
    },
  };
}

/** An instant told as local wall time in Europe/London. */
export function localInstant(shape: string): Codec<Instant> {
  const shaped = pattern(shape);
  const misread = notADate(shape);
  const clock = pattern("HH:mm:ss");
  return {
    says: `date and time in Europe/London, ${shape}`,
    read(written) {
      const time = shaped.read(written);
      const on = time && dayOf(time.year, time.month, time.day);
      return time && on ? londonInstant(on, clock.write(time)) : misread;
    },
    write(value) {
      const [on, time] = londonWallTime(value);
      return shaped.write(wallTimeOf(on, time));
    },
  };
}

/** An instant with its offset, as ISO 8601. */
export function instant(): Codec<Instant> {
  const misread = notADate("yyyy-MM-ddTHH:mm:ss with an offset");
  return {
    says: "date and time with an offset, ISO 8601",
    read: (written) => readInstant(written) ?? misread,
    write: (value) => value.replace(/\.0+Z$/, "Z"),
  };
}

/** A time of the day, answered as `HH:MM`; written in the first of the shapes and read in any. */
export function timeOfDay(...shapes: readonly [string, ...string[]]): Codec<string> {
  const [first, ...others] = shapes;
  const written = pattern(first);
  const shaped = [written, ...others.map(pattern)];
  const minutes = pattern("HH:mm");
  const expected = `a time of the day written as ${shapes.join(" or ")}`;
  const misread = invalid(expected);
  return {
    says: expected,
    read(told) {
      for (const each of shaped) {
        const time = each.read(told);
        if (time) return minutes.write(time);
      }
      return misread;
    },
    write: (value) => written.write(wallTimeOf("2000-01-01", `${value}:00`)),
  };
}

/** The local day and wall time `HH:MM:SS` in Europe/London at an instant. */
export function londonWallTime(at: Instant): readonly [Day, string] {
  const seconds = `${at.slice(0, 19)}.000000000Z`;
  const time = at.slice(11, 19);
  const on = londonDay(at);
  const summer = `${String((Number(time.slice(0, 2)) + 1) % 24).padStart(2, "0")}${time.slice(2)}`;
  return londonInstant(on, time) === seconds ? [on, time] : [on, summer];
}
