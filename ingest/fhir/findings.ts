/**
 * What is found wrong with a message, and the values read from it. Everything is looked at before a verdict is
 * given, so that all faults are told together; each names its element and quotes nothing of a person.
 */

import { addDays, type Day, type Instant, isDay, londonDay, readInstant } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { isSnomedCode } from "../../schema/vocabulary/snomed";
import type { Element } from "./bundle";

export class Findings {
  /** What stops the message. */
  readonly faults: Problem[] = [];
  /** What is odd and does not. */
  readonly warnings: Problem[] = [];

  constructor(
    /** The event as problems name it. */
    readonly event: string,
    readonly receivedOn: Day,
  ) {}

  fault(problem: Problem): void {
    this.faults.push(problem);
  }

  warn(problem: Problem): void {
    this.warnings.push(problem);
  }

  /** That an element is not there which the event needs. */
  missing(element: string): Problem {
    return new Problem("ELEMENT_MISSING", { element, event: this.event });
  }

  /** An instant with its offset. Null where it is absent, or is none, which is a fault. */
  instant(parent: Element, ...steps: readonly string[]): Instant | null {
    const text = parent.text(...steps);
    if (text === null) return null;
    const instant = readInstant(text);
    if (instant === null) this.fault(invalid(parent.pathOf(...steps), "an instant with its offset"));
    return instant;
  }

  /**
   * The local day of a date, or of a date with time and offset. Null where it is absent; where only its month or
   * year is told, which is a warning; and where it is not in the calendar, which is a fault.
   */
  day(parent: Element, ...steps: readonly string[]): Day | null {
    const text = parent.text(...steps);
    if (text === null || isDay(text)) return text;
    const at = parent.pathOf(...steps);
    if (/^\d{4}(-(0[1-9]|1[0-2]))?$/.test(text)) {
      this.warn(invalid(at, "a full date"));
      return null;
    }
    const instant = readInstant(text);
    if (instant === null)
      this.fault(new Problem("DATE_INVALID", { at, expected: "YYYY-MM-DD, with or without a time" }));
    return instant === null ? null : londonDay(instant);
  }

  /** A day on which something has already happened: a later one is a fault. */
  pastDay(parent: Element, ...steps: readonly string[]): Day | null {
    const day = this.day(parent, ...steps);
    this.notLaterThanReceived(day, parent.pathOf(...steps));
    return day;
  }

  /** One day of grace, for a message sent and received about midnight. */
  notLaterThanReceived(day: Day | null, at: string): void {
    if (day !== null && day > addDays(this.receivedOn, 1)) this.fault(new Problem("DATE_FUTURE", { at }));
  }

  /**
   * What the code of an outcome stands for in `table`. Null where there is no reading it, which is a fault: no code or
   * several, a code of another examination, condition or test, or no SNOMED CT code at all. A code that no table
   * holds and that could be one is kept, with a warning and no meaning: it is never taken as normal.
   */
  outcome<Meaning>(parent: Element, step: string, table: OutcomeTable<Meaning>): Outcome<Meaning> | null {
    const at = parent.pathOf(step);
    const codes = codesOf(parent.first(step), table.systems);
    const [code] = codes;
    if (code === undefined || codes.length > 1) {
      this.fault(code === undefined ? this.missing(at) : invalid(at, "one code"));
      return null;
    }
    const meaning = table.meaningOf(code);
    if (meaning !== null) return { code, meaning };
    if (table.isKnown(code)) {
      this.fault(invalid(at, `an outcome of the ${table.name} table that belongs to this examination or test`));
      return null;
    }
    const unknown = new Problem("CODE_UNKNOWN", { system: "SNOMED CT", code: printable(code), at, table: table.name });
    if (table.closed || !isSnomedCode(code)) {
      this.fault(unknown);
      return null;
    }
    this.warn(unknown);
    return { code, meaning: null };
  }
}

export interface OutcomeTable<Meaning> {
  readonly name: string;
  readonly systems: readonly string[];
  /** Null where the table holds no such code for what was examined. */
  readonly meaningOf: (code: string) => Meaning | null;
  /** Whether the code means an outcome elsewhere, and so cannot mean one here. */
  readonly isKnown: (code: string) => boolean;
  /** True where no code but those of the table is allowed. */
  readonly closed: boolean;
}

export interface Outcome<Meaning> {
  readonly code: string;
  /** Null: unclassified. */
  readonly meaning: Meaning | null;
}

/** That an element is there and is not what it must be. */
export function invalid(element: string, expected: string): Problem {
  return new Problem("ELEMENT_INVALID", { element, expected });
}

/** The different codes of a concept in any of the systems; of a coding without system where none is named. */
export function codesOf(concept: Element | null, systems: readonly string[]): readonly string[] {
  const codes = (concept?.all("coding") ?? []).flatMap((coding) => {
    const [system, code] = [coding.text("system"), coding.text("code")];
    const ours = system === null ? systems.length === 0 : systems.includes(system);
    return ours && code !== null ? [code] : [];
  });
  return [...new Set(codes)];
}

/**
 * A code as it may be reported. Every code and system of ours has a digit and no space; what has not could be
 * anything, a name too, and is not repeated.
 */
export function printable(code: string): string {
  return /^(?=.*\d)[\w.:/-]{1,100}$/.test(code) ? code : "(not a code)";
}
