/** What every reader makes of a message or a row, whatever its format: who it is about and what it tells. */

import type { Day } from "../schema/calendar";
import type { Problem } from "../schema/errors";
import type { Sex, Told } from "../schema/events";
import type { NhsNumber } from "../schema/nhs-number";

/** Who a message or row says it is about. What it does not say is null. */
export interface Identity {
  /** The number the source system itself gives the child; unique within its locality. */
  readonly localId: string | null;
  readonly nhsNumber: NhsNumber | null;
  readonly supersededNhsNumbers: readonly NhsNumber[];
  readonly familyName: string | null;
  readonly givenNames: string | null;
  readonly bornOn: Day | null;
  /** As written; matching.ts normalises it, and takes one that is none as absent. */
  readonly postcode: string | null;
  readonly sex: Sex | null;
}

/**
 * Begins the id of a record whose source gives it none. What follows is made of what the record says of whom, so that
 * the same record sent twice has the same id, and one that says otherwise is another.
 */
export const MADE_ID = "=";

export interface Reading {
  readonly about: Identity;
  /** True where the source may tell of a child nobody knew: a child index row, a birth. */
  readonly introduces: boolean;
  readonly tells: readonly Told[];
  /** What is odd and does not stop it; kept with the message or row. */
  readonly warnings: readonly Problem[];
}

/** A row or message either reads, or is quarantined whole with every fault found. */
export type ReadingResult =
  | { readonly read: true; readonly reading: Reading }
  | { readonly read: false; readonly faults: readonly [Problem, ...Problem[]] };
