/**
 * Breaking the glass: why somebody may see the record of a child they have no relationship with, who may, how long it
 * lasts, and what follows. For direct care, one child, one viewer, a limited time; never for an app.
 *
 * Source: NEMS receiver guidance and NHS practice ask for a reason, a time limit, an alert to the privacy officer and a
 * review; no published text gives the figures or these reasons, which are assumed and to be agreed with the privacy officer.
 */

import type { Role } from "../access";

interface ReasonRow {
  readonly says: string;
  /** The roles to whom this reason opens where a restricted child is, because the reason cannot be met without it. */
  readonly opensPlaceTo: readonly Role[];
}

export const BREAK_GLASS_REASONS = {
  EMERGENCY_CARE: { says: "The child needs care now, and cannot wait", opensPlaceTo: [] },
  CARE_AWAY_FROM_HOME: { says: "The child has come for care where nobody is responsible for it", opensPlaceTo: [] },
  URGENT_RESULT: {
    says: "A result must be acted on today, and those responsible cannot be reached",
    opensPlaceTo: [],
  },
  RISK_OF_SERIOUS_HARM: {
    says: "The child is at risk of serious harm and must be protected, or found",
    opensPlaceTo: ["SAFEGUARDING_LEAD"],
  },
} as const satisfies Record<string, ReasonRow>;

export type BreakGlassReason = keyof typeof BREAK_GLASS_REASONS;

/** Who gives direct care, or protects. A clerk does not, an officer does not, an app never does. */
export const GLASS_ROLES = [
  "HEALTH_VISITOR",
  "SCHOOL_NURSE",
  "GENERAL_PRACTITIONER",
  "SAFEGUARDING_LEAD",
] as const satisfies readonly Role[];

export const GLASS = {
  /** How long one grant lasts. */
  hours: 8,
  /** How many children one viewer may open in any 24 hours: a person needs one or two, a script would need many. */
  mostADay: 10,
  /** Within how many days each must be reviewed. */
  reviewedWithinDays: 7,
  /** How short a reason in words may be. */
  leastReason: 10,
  mostReason: 1000,
} as const;

/** What a privacy officer found. */
export const BREAK_GLASS_FINDINGS = {
  JUSTIFIED: "It was needed, and for care",
  NOT_JUSTIFIED: "It was not: it goes on to the organisation of who did it",
  TO_BE_ASKED: "More has to be asked before it can be said; the review stays open",
} as const;

export type BreakGlassFinding = keyof typeof BREAK_GLASS_FINDINGS;

/** Whether glass broken for a reason by a role also opens where a restricted child is. */
export function opensPlace(reason: BreakGlassReason, role: Role): boolean {
  const roles: readonly Role[] = BREAK_GLASS_REASONS[reason].opensPlaceTo;
  return roles.includes(role);
}
