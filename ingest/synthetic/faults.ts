/**
 * Rows with a fault, each of one kind, as legacy systems send them: so that reading, matching and reconciliation have
 * something to find, and the manifest says how much. A fault is planted by the layout's own columns, whatever it is.
 */

import type { Day } from "../../schema/calendar";
import type { ProblemCode } from "../../schema/errors";
import type { NhsNumber } from "../../schema/nhs-number";
import type { Layout } from "../extracts/adapter";
import type { FileKind, Rows } from "../extracts/kinds";
import type { Chance } from "./chance";
import { later } from "./days";

/** What a planted row is rejected for; the first two only rows of a child index are, the third only other rows. */
export const FAULT_REASONS = [
  "AMBIGUOUS_MATCH",
  "NHS_DUPLICATE",
  "ORPHAN",
  "NHS_INVALID",
  "DATE_BEFORE_BIRTH",
  "DATE_FUTURE",
  "DATE_INVALID",
  "CODE_UNKNOWN",
  "REQUIRED_MISSING",
  "VALUE_TOO_LONG",
  "ENCODING",
  "ROW_MALFORMED",
] as const satisfies readonly ProblemCode[];

export type FaultReason = (typeof FAULT_REASONS)[number];

/** Lines in place of a row, as fields. */
export interface Planted {
  /** Rows that are right and stand before the faulty one, because its fault is to be like them. */
  readonly sound: readonly (readonly string[])[];
  readonly faulty: readonly string[];
}

/** What a fault is made of: rows that stand in one line, about one child, and a child whom no index tells of. */
export interface Material<K extends FileKind> {
  readonly rows: readonly Rows[K][];
  readonly stranger: Rows["CHILDREN"];
  /** A local id that nobody has; one is made of it for each row that needs one. */
  readonly nobody: string;
  readonly on: Day;
  readonly chance: Chance;
}

/** Of each kind: a day it tells that must lie in the child's life so far, and what it cannot do without. */
const WAYS: {
  readonly [K in FileKind]: {
    readonly day: (day: Day) => Partial<Rows[K]>;
    /** Null where no day of the kind may not be before birth. */
    readonly bornBefore: ((day: Day) => Partial<Rows[K]>) | null;
    readonly unfilled: Partial<Rows[K]>;
  };
} = {
  CHILDREN: {
    day: (day) => ({ diedOn: day }),
    bornBefore: (day) => ({ residenceFrom: day }),
    unfilled: { familyName: null },
  },
  DOSES: {
    day: (day) => ({ eventOn: { day, precision: "DAY" } }),
    bornBefore: (day) => ({ eventOn: { day, precision: "DAY" } }),
    unfilled: { familyName: null },
  },
  HEARING: {
    day: (day) => ({ screenedOn: day }),
    bornBefore: (day) => ({ screenedOn: day }),
    unfilled: { outcome: null },
  },
  BLOOD_SPOT: {
    day: (day) => ({ sampleTakenOn: day }),
    bornBefore: (day) => ({ sampleTakenOn: day }),
    unfilled: { rowId: null },
  },
  EXAMINATIONS: {
    day: (day) => ({ examinedOn: day }),
    bornBefore: (day) => ({ examinedOn: day }),
    unfilled: { examinedOn: null },
  },
  FLAGS: { day: (day) => ({ startedOn: day, endedOn: null }), bornBefore: null, unfilled: { startedOn: null } },
};

/** A day that can be told, and by one digit changed cannot. */
const LAST_OF_FEBRUARY: Day = "2019-02-28";
/** A SNOMED CT code of the left thigh, which is no procedure. */
const NO_PROCEDURE = "61396006";

/** The lines with a fault of the given kind; null where a file of this layout cannot have it. */
export function plant<K extends FileKind>(
  reason: FaultReason,
  layout: Layout<K>,
  material: Material<K>,
): Planted | null {
  const { rows, stranger, nobody, on, chance } = material;
  const ways: (typeof WAYS)[K] = WAYS[layout.kind];
  const has = (field: string) => layout.columns.some((column) => column.field === field);
  const index = layout.kind === "CHILDREN";
  const [first] = rows;
  if (!first) return null;
  // The true row of a child stays, or all its other rows would be about nobody: a stranger's is spoilt instead.
  const base = index ? [{ ...first, ...stranger }] : rows;
  const changed = (changes: Partial<Rows[FileKind]>): Planted | null =>
    Object.keys(changes).some(has)
      ? { sound: [], faulty: layout.write(base.map((row) => ({ ...row, ...changes }))) }
      : null;
  const name = stranger.familyName ?? "";

  switch (reason) {
    case "AMBIGUOUS_MATCH": {
      if (!index) return null;
      const like = (changes: Partial<Rows["CHILDREN"]>, at: number) =>
        layout.write(
          base.map((row) => ({
            ...row,
            nhsNumber: null,
            nhsNumberStatus: null,
            ...changes,
            localId: `${nobody}${at}`,
          })),
        );
      // Each of the two shares three of four marks with the third row, and only two with the other.
      const sound = [like({ postcode: "CH1 2AB", localAuthority: null }, 1), like({ familyName: `${name}-Lea` }, 2)];
      return { sound, faulty: like({}, 3) };
    }
    case "NHS_DUPLICATE":
      return index && first.nhsNumber ? changed({ nhsNumber: first.nhsNumber }) : null;
    case "ORPHAN": {
      if (index) return null;
      const { localId, nhsNumber, familyName, givenNames, bornOn, sex, postcode } = stranger;
      const born = first.bornOn ?? bornOn;
      return changed({ localId, nhsNumber, familyName, givenNames, bornOn: born, sex, postcode });
    }
    case "NHS_INVALID":
      return changed({ nhsNumber: miswritten(first.nhsNumber ?? stranger.nhsNumber ?? "9990000018") });
    case "DATE_BEFORE_BIRTH": {
      const born = base[0]?.bornOn;
      return ways.bornBefore && born && has("bornOn")
        ? changed(ways.bornBefore(later(born, -chance.between(2, 300))))
        : null;
    }
    case "DATE_FUTURE":
      return changed(ways.day(later(on, chance.between(100, 900))));
    case "DATE_INVALID": {
      const planted = changed({ bornOn: LAST_OF_FEBRUARY });
      if (layout.format === "ndjson") return planted && { sound: [], faulty: planted.faulty.map(thirtieth) };
      const place = layout.columns.findIndex((column) => column.field === "bornOn");
      return (
        planted && { sound: [], faulty: planted.faulty.map((field, at) => (at === place ? thirtieth(field) : field)) }
      );
    }
    case "CODE_UNKNOWN": {
      if (layout.format === "ndjson") return changed({ procedureCode: NO_PROCEDURE });
      const coded = layout.columns.flatMap(({ codes, field, block }, at) =>
        codes.length > 0 && field !== null && field !== "action" && (block ?? 0) === 0 ? [at] : [],
      );
      const place = coded[chance.below(coded.length)];
      if (place === undefined) return null;
      return { sound: [], faulty: layout.write(base).map((field, at) => (at === place ? "ZZ9" : field)) };
    }
    case "REQUIRED_MISSING":
      return changed(layout.format === "ndjson" ? { rowId: null } : ways.unfilled);
    case "VALUE_TOO_LONG": {
      const said = layout.columns.find((column) => column.field === "familyName")?.says ?? "";
      const limit = Number(/at most (\d+)/.exec(said)?.[1] ?? Number.NaN);
      return Number.isNaN(limit) ? null : changed({ familyName: name.padEnd(limit + 1, name) });
    }
    case "ENCODING":
      return changed({
        familyName: `${name.slice(0, 1)}${layout.encoding === "windows-1252" ? "\u0081" : "\ufffd"}${name.slice(1)}`,
      });
    case "ROW_MALFORMED": {
      const fields = layout.write(base);
      const [text = ""] = fields;
      return { sound: [], faulty: layout.format === "ndjson" ? [text.slice(0, text.length / 2)] : fields.slice(0, -1) };
    }
  }
}

/** 28 February written in any way, made the 30th. In a longer text only an ISO date is taken for it. */
function thirtieth(text: string): string {
  return text.length > 12 ? text.replace(LAST_OF_FEBRUARY, "2019-02-30") : text.replace(/28(?!\d\d)/, "30");
}

/** The number with its last digit one further, which no number's check digit allows. */
function miswritten(nhsNumber: NhsNumber): string {
  return nhsNumber.slice(0, 9) + ((Number(nhsNumber[9]) + 1) % 10);
}
