/** What is expected of a baby, and what ends the expectation. Pure. */

import type { Day } from "../../schema/calendar";
import {
  BLOOD_SPOT_CONDITION_NAMES,
  type BloodSpotCondition,
  type BloodSpotOutcome,
} from "../../schema/vocabulary/screening";

/**
 * The first day of birth from which each condition is expected of every baby here; null: not known, so expected of
 * nobody, and an outcome is shown where one is told.
 *
 * Sources: HCU, MSUD, GA1, IVA: Royal College of Midwives, 1 January 2015, "from 5 January". Of the first five only
 * years are told (PKU 1969, CHT 1981, SCD 2006, CF 2007, MCADD 2009; secondary, to verify), so from the year after.
 * HT1: live across England by October 2025, its start at the laboratory of Cheshire and Merseyside was not found.
 * SCID: in evaluation, not a national condition.
 */
export const BLOOD_SPOT_EXPECTED_FROM: Readonly<Record<BloodSpotCondition, Day | null>> = {
  PKU: "1970-01-01",
  SCD: "2007-01-01",
  CF: "2008-01-01",
  CHT: "1982-01-01",
  MCADD: "2010-01-01",
  HCU: "2015-01-05",
  MSUD: "2015-01-05",
  GA1: "2015-01-05",
  IVA: "2015-01-05",
  SCID: null,
  HT1: null,
};

/** The conditions expected of a baby by its day of birth, in the order of the national tables. */
export function expectedConditions(bornOn: Day): readonly BloodSpotCondition[] {
  return BLOOD_SPOT_CONDITION_NAMES.filter((condition) => {
    const from = BLOOD_SPOT_EXPECTED_FROM[condition];
    return from !== null && bornOn >= from;
  });
}

/** Outcomes that end the screening of a condition without an answer. */
export const CLOSED: ReadonlySet<BloodSpotOutcome> = new Set(["DECLINED", "NOT_SCREENED"]);
