/**
 * Safeguarding and related flags, and the SNOMED CT code each is known by where one is published.
 *
 * Sources: CP-IS guides, value set England-ChildProtectionPlan (the three plans); Digital Child Health event
 * CH029 (risks); England flag categories (the other two, which have no SNOMED CT code).
 */

interface FlagKindRow {
  readonly says: string;
  readonly snomed: string | null;
  /** True for the three categories that a local authority shares through CP-IS. */
  readonly childProtection: boolean;
  /** False for what is a flag of care and says nothing of the child's safety. */
  readonly safeguards: boolean;
}

export const FLAG_KINDS = {
  CHILD_PROTECTION_PLAN: {
    says: "Subject to a child protection plan",
    snomed: "342191000000101",
    childProtection: true,
    safeguards: true,
  },
  LOOKED_AFTER_CHILD: {
    says: "Looked after by a local authority",
    snomed: "764841000000100",
    childProtection: true,
    safeguards: true,
  },
  UNBORN_CHILD_PROTECTION_PLAN: {
    says: "Subject to a child protection plan made before birth",
    snomed: "818901000000100",
    childProtection: true,
    safeguards: true,
  },
  RISK_TO_SELF: { says: "At risk from themself", snomed: "886941000000103", childProtection: false, safeguards: true },
  RISK_TO_OTHERS: { says: "A risk to others", snomed: "886951000000100", childProtection: false, safeguards: true },
  RISK_FROM_OTHERS: {
    says: "At risk from others",
    snomed: "1064461000000103",
    childProtection: false,
    safeguards: true,
  },
  FEMALE_GENITAL_MUTILATION: {
    says: "Female genital mutilation information sharing",
    snomed: null,
    childProtection: false,
    safeguards: true,
  },
  REASONABLE_ADJUSTMENT: {
    says: "Reasonable adjustments are needed",
    snomed: null,
    childProtection: false,
    safeguards: false,
  },
} as const satisfies Record<string, FlagKindRow>;

export type FlagKind = keyof typeof FLAG_KINDS;

export const FLAG_KIND_NAMES = Object.keys(FLAG_KINDS) as readonly FlagKind[];
