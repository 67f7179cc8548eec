/**
 * JSON text written value by value, as the functions of compile.ts write an answer. A value that may not stand where
 * it stands throws `HOLE`, which the nearest place that may be null catches; that something was lost is remembered
 * until the answer is complete. One answer is written at a time, without a pause, so this memory is the module's.
 */

/** Thrown without a trace: making one costs more than writing the answer. */
export const HOLE: unique symbol = Symbol("a value is missing where one must be");

let holes = 0;
let wide = false;

export interface Written {
  readonly text: string;
  /** Nothing is missing where something must be. */
  readonly whole: boolean;
  readonly ascii: boolean;
}

/** Text that is written by `write`. */
export function written(write: () => string): Written {
  [holes, wide] = [0, false];
  const text = orNull(0, write);
  return { text, whole: holes === 0, ascii: !wide };
}

function lost(fault: unknown): "null" {
  if (fault !== HOLE) throw fault;
  holes += 1;
  return "null";
}

/** `null` for a value that is missing, or in which something is missing that must be there. */
export function orNull(value: unknown, write: (value: never) => string): string {
  if (value === null || value === undefined) return "null";
  try {
    return write(value as never); // the compiler pairs a value with the function of its type
  } catch (fault) {
    return lost(fault);
  }
}

/** As orNull, for a leaf that is mostly text: that is seen before anything is called. */
export function textOrNull(value: unknown, write: (value: never) => string): string {
  return typeof value === "string" ? quoted(value) : orNull(value, write);
}

/** A list none of whose entries may be missing. */
export function list(values: unknown, write: (value: never) => string): string {
  if (!Array.isArray(values)) throw HOLE;
  let text = "[";
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === null || value === undefined) throw HOLE;
    text += at === 0 ? write(value as never) : `,${write(value as never)}`; // as in orNull
  }
  return `${text}]`;
}

/** A list whose entries may be null. */
export function listOrNulls(values: unknown, write: (value: never) => string): string {
  if (!Array.isArray(values)) throw HOLE;
  let text = "[";
  for (let at = 0; at < values.length; at++)
    text += at === 0 ? orNull(values[at], write) : `,${orNull(values[at], write)}`;
  return `${text}]`;
}

/** A composite value; what it has is written by the function given. */
export function object(value: unknown, write: (value: never) => string): string {
  if (typeof value !== "object" || value === null) throw HOLE;
  return write(value as never); // as in orNull
}

// --- Leaves: each throws HOLE for what is not of its type -------------------------------------------------------

export function string(value: unknown): string {
  if (typeof value !== "string") throw HOLE;
  return quoted(value);
}

export function id(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" && Number.isInteger(value)) return `"${value}"`;
  throw HOLE;
}

export function int(value: unknown): string {
  if (typeof value !== "number" || (value | 0) !== value) throw HOLE;
  return `${value}`;
}

export function float(value: unknown): string {
  if (typeof value !== "number" || !Number.isFinite(value)) throw HOLE;
  return `${value}`;
}

export function boolean(value: unknown): string {
  if (value === true) return "true";
  if (value === false) return "false";
  throw HOLE;
}

/** A scalar of ours, which may be any JSON. */
export function any(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === undefined || value === null) throw HOLE;
  const text = JSON.stringify(value);
  wide ||= typeof value === "object";
  return text;
}

/** One of the names of an enum, from a table of them with their quotes. */
export function named(value: unknown, names: Readonly<Record<string, string>>): string {
  const text = typeof value === "string" ? names[value] : undefined;
  if (text === undefined) throw HOLE;
  return text;
}

/** Any leaf of a representation, null among them. */
export function value(leaf: unknown): string {
  return typeof leaf === "string" ? quoted(leaf) : (JSON.stringify(leaf) ?? "null");
}

const LOOKED_AT = 48;
/** What JSON escapes, and what latin1 bytes would not say; most text has neither. */
const SPECIAL = /[^\x20-\x7e]|["\\]/;

/**
 * A string with its quotes. Short ones are looked at letter by letter, which beats both a regular expression and
 * JSON.stringify on them; and knowing on the way that all is ASCII lets the answer be copied into bytes as it is.
 */
export function quoted(text: string): string {
  const { length } = text;
  if (length > LOOKED_AT) return SPECIAL.test(text) ? escaped(text) : `"${text}"`;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return escaped(text);
  }
  return `"${text}"`;
}

function escaped(text: string): string {
  wide = true;
  return JSON.stringify(text);
}
