/** What newborn screening tells a plan: who is to have BCG, and whether it and rotavirus are withheld. */

import { type Claim, latestTold } from "../../schema/belonging";
import type { BloodSpotOutcome } from "../../schema/vocabulary/screening";
import type { ScidOutcome } from "./plan";

/** What one physical examination says of BCG; null where it says nothing, which is not no. */
export interface BcgEligibilityTold extends Claim {
  readonly bcgEligible: boolean | null;
}

/** What one blood spot says of severe combined immunodeficiency; null where it was not screened for. */
export interface ScidScreenTold extends Claim {
  readonly outcome: BloodSpotOutcome | null;
}

/** Whether the newborn is eligible for BCG, as told last; null where nobody says. */
export function bcgEligibleOf(told: readonly BcgEligibilityTold[]): boolean | null {
  let last: BcgEligibilityTold | null = null;
  for (const each of told) if (each.bcgEligible !== null) last = last === null ? each : latestTold(last, each);
  return last?.bcgEligible ?? null;
}

/**
 * What each outcome means for vaccines that must not be given to a child with severe combined immunodeficiency: a child
 * whose outcome needs a person's eye waits for it. An outcome that is no answer because nobody was or will be screened
 * holds nothing up. Source: BCG, NHS.UK (A); that another disorder found is waited for is ours, since no text read says.
 */
const SCID_BY_OUTCOME = {
  SUSPECTED: "SUSPECTED",
  NOT_SUSPECTED: "NOT_SUSPECTED",
  NOT_SUSPECTED_OTHER_FOLLOW_UP: "AWAITED",
  CARRIER: "AWAITED",
  HAEMOGLOBIN_S_NOT_SUSPECTED: "AWAITED",
  UNCLASSIFIED: "AWAITED",
  RECEIVED: "AWAITED",
  REPEAT_NEEDED: "AWAITED",
  DECLINED: "NOT_OFFERED",
  NOT_SCREENED: "NOT_OFFERED",
} as const satisfies Record<BloodSpotOutcome, ScidOutcome>;

const ASKS_FOLLOW_UP: readonly BloodSpotOutcome[] = ["SUSPECTED", "CARRIER", "NOT_SUSPECTED_OTHER_FOLLOW_UP"];
const CLEAR: readonly BloodSpotOutcome[] = ["NOT_SUSPECTED", "HAEMOGLOBIN_S_NOT_SUSPECTED"];
const NO_ANSWER: readonly BloodSpotOutcome[] = ["RECEIVED", "REPEAT_NEEDED", "DECLINED", "NOT_SCREENED"];

/**
 * What screening for severe combined immunodeficiency said; null where no sample was screened for it.
 *
 * Of several the same stands as the record of screening shows: an answer before none, the one told last; an outcome of
 * unknown meaning never leaves an earlier clear one standing, and never hides a suspicion; of two told at one instant the one that
 * asks for more.
 */
export function scidOf(told: readonly ScidScreenTold[]): ScidOutcome | null {
  const answer = lastOf(told, [...ASKS_FOLLOW_UP, ...CLEAR]);
  const unknown = lastOf(told, ["UNCLASSIFIED"]);
  const stands =
    unknown !== null && (answer === null || (isAmong(CLEAR, answer) && unknown.asOf >= answer.asOf))
      ? unknown
      : (answer ?? lastOf(told, NO_ANSWER));
  return stands === null || stands.outcome === null ? null : SCID_BY_OUTCOME[stands.outcome];
}

function lastOf(told: readonly ScidScreenTold[], outcomes: readonly BloodSpotOutcome[]): ScidScreenTold | null {
  let last: ScidScreenTold | null = null;
  for (const each of told) {
    if (!isAmong(outcomes, each)) continue;
    if (last === null || isAfter(each, last)) last = each;
  }
  return last;
}

function isAfter(a: ScidScreenTold, b: ScidScreenTold): boolean {
  if (a.asOf !== b.asOf) return a.asOf > b.asOf;
  const [aAsks, bAsks] = [isAmong(ASKS_FOLLOW_UP, a), isAmong(ASKS_FOLLOW_UP, b)];
  return aAsks === bAsks ? latestTold(b, a) === a : aAsks;
}

function isAmong(outcomes: readonly BloodSpotOutcome[], { outcome }: ScidScreenTold): boolean {
  return outcome !== null && outcomes.includes(outcome);
}
