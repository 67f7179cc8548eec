/**
 * Who may do what, about which child: one table, and the two questions asked of it. No row means no.
 *
 * Sources: the roles and their reach are the service's own (README, "Signing in"); children's reach follows NEMS
 * receiver guidance: direct care only, role-based, relationships that can be proved and that end.
 */

import type { Belonging } from "./belonging";
import { academicYear, bornFromToBeUnder, type Day } from "./calendar";
import type { LocalityCode } from "./vocabulary/localities";

export const ROLES = {
  CHILD_HEALTH_CLERK: "Keeps the child health records of its localities; no safeguarding detail",
  HEALTH_VISITOR: "Cares for children under 5 of its localities",
  SCHOOL_NURSE: "Cares for children of school age of its localities",
  GENERAL_PRACTITIONER: "Cares for children registered at its practice",
  SCREENING_OFFICER: "Answers for the newborn screening of children under 1 of its localities",
  SAFEGUARDING_LEAD: "Answers for the safeguarding of every child of its localities",
  PRIVACY_OFFICER: "Reviews who has looked at records; sees no clinical record",
  ANALYST: "Sees suppressed aggregates, never a row about one child",
  PARTNER_APP: "A registered application; sees what its scopes name",
} as const satisfies Record<string, string>;

export type Role = keyof typeof ROLES;

export function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}

/** Who asks. Made by the gateway from a verified token, carried to each subgraph in a signed passport. */
export interface Viewer {
  readonly subject: string;
  readonly name: string;
  readonly role: Role;
  /** ODS code; null where the token names none. */
  readonly organisation: string | null;
  readonly localities: readonly LocalityCode[];
  readonly scopes: readonly string[];
}

/** What ties a viewer to a child. */
export const RELATIONSHIPS = {
  LOCALITY: "a child of your localities",
  LOCALITY_UNDER_1: "a child under 1 of your localities",
  LOCALITY_UNDER_5: "a child under 5 of your localities",
  LOCALITY_SCHOOL_AGE: "a child of school age of your localities",
  PRACTICE: "a child registered at your practice",
  /** For what is about no child, or about a child whoever it is. */
  NONE_NEEDED: "your role",
} as const satisfies Record<string, string>;

export type Relationship = keyof typeof RELATIONSHIPS;

interface Grant {
  readonly relationship: Relationship;
  /** For partner apps: the scope the token must hold. */
  readonly scope?: string;
}

interface Rule {
  /** What the action is, as a refusal and the access page say it. */
  readonly says: string;
  /** Whether a refusal is told, or answered as if there were nothing because existence is itself a secret. */
  readonly otherwise: "REFUSE" | "CONCEAL";
  readonly roles: Readonly<Partial<Record<Role, Relationship | Grant>>>;
}

const DIRECT_CARE = {
  CHILD_HEALTH_CLERK: "LOCALITY",
  HEALTH_VISITOR: "LOCALITY_UNDER_5",
  SCHOOL_NURSE: "LOCALITY_SCHOOL_AGE",
  GENERAL_PRACTITIONER: "PRACTICE",
} as const satisfies Rule["roles"];

const EVERYBODY = {
  CHILD_HEALTH_CLERK: "NONE_NEEDED",
  HEALTH_VISITOR: "NONE_NEEDED",
  SCHOOL_NURSE: "NONE_NEEDED",
  GENERAL_PRACTITIONER: "NONE_NEEDED",
  SCREENING_OFFICER: "NONE_NEEDED",
  SAFEGUARDING_LEAD: "NONE_NEEDED",
  PRIVACY_OFFICER: "NONE_NEEDED",
  ANALYST: "NONE_NEEDED",
  PARTNER_APP: "NONE_NEEDED",
} as const satisfies Rule["roles"];

export const POLICY = {
  FIND_CHILD: {
    says: "Finding a child",
    otherwise: "CONCEAL",
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY",
      PRIVACY_OFFICER: "NONE_NEEDED",
      PARTNER_APP: { relationship: "LOCALITY", scope: "identity:read" },
    },
  },
  LIST_CHILDREN: {
    says: "Listing children",
    otherwise: "REFUSE",
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY",
      PARTNER_APP: { relationship: "LOCALITY", scope: "children:list" },
    },
  },
  VIEW_IDENTITY: {
    says: "Seeing who a child is",
    otherwise: "REFUSE",
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY",
      PARTNER_APP: { relationship: "LOCALITY", scope: "identity:read" },
    },
  },
  VIEW_MOTHER: {
    says: "Seeing who a child's mother was at birth",
    otherwise: "REFUSE",
    roles: DIRECT_CARE,
  },
  VIEW_PLACE: {
    says: "Seeing where a child lives, is registered and goes to school",
    otherwise: "REFUSE",
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY",
      PARTNER_APP: { relationship: "LOCALITY", scope: "place:read" },
    },
  },
  VIEW_SCREENING: {
    says: "Seeing newborn screening outcomes",
    otherwise: "REFUSE",
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      PARTNER_APP: { relationship: "LOCALITY", scope: "screening:read" },
    },
  },
  VIEW_SCREENING_REPORTS: {
    says: "Seeing every screening report as it was told",
    otherwise: "REFUSE",
    roles: {
      CHILD_HEALTH_CLERK: "LOCALITY",
      GENERAL_PRACTITIONER: "PRACTICE",
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
    },
  },
  VIEW_IMMUNISATIONS: {
    says: "Seeing immunisations",
    otherwise: "REFUSE",
    roles: { ...DIRECT_CARE, PARTNER_APP: { relationship: "LOCALITY", scope: "immunisations:read" } },
  },
  VIEW_DOSE_REPORTS: {
    says: "Seeing every record of a dose as it was told",
    otherwise: "REFUSE",
    roles: { CHILD_HEALTH_CLERK: "LOCALITY", GENERAL_PRACTITIONER: "PRACTICE" },
  },
  FORECAST_IMMUNISATIONS: {
    says: "Asking what would be due, about nobody",
    otherwise: "REFUSE",
    roles: { ...EVERYBODY, PARTNER_APP: { relationship: "NONE_NEEDED", scope: "forecast:ask" } },
  },
  VIEW_SAFEGUARDING: {
    says: "Seeing whether a child has a safeguarding flag",
    otherwise: "REFUSE",
    roles: { ...DIRECT_CARE, SAFEGUARDING_LEAD: "LOCALITY" },
  },
  VIEW_SAFEGUARDING_DETAIL: {
    says: "Seeing safeguarding flags in detail",
    otherwise: "CONCEAL",
    roles: { SAFEGUARDING_LEAD: "LOCALITY" },
  },
  VIEW_REFERENCE: { says: "Seeing localities, practices and local authorities", otherwise: "REFUSE", roles: EVERYBODY },
  VIEW_LOADS: {
    says: "Seeing what was loaded and received",
    otherwise: "REFUSE",
    roles: { CHILD_HEALTH_CLERK: "NONE_NEEDED" },
  },
  VIEW_QUARANTINE: {
    says: "Seeing what is in quarantine",
    otherwise: "REFUSE",
    roles: { CHILD_HEALTH_CLERK: "NONE_NEEDED" },
  },
  RESOLVE_QUARANTINED: {
    says: "Deciding what becomes of what is in quarantine",
    otherwise: "REFUSE",
    roles: { CHILD_HEALTH_CLERK: "NONE_NEEDED" },
  },
  VIEW_ACCESS_LOG: {
    says: "Seeing who has looked at a child's record",
    otherwise: "REFUSE",
    roles: { PRIVACY_OFFICER: "NONE_NEEDED" },
  },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof POLICY;

export const ACTIONS = Object.keys(POLICY) as readonly Action[];

/**
 * The children a viewer reaches for an action, as data: nobody, everybody, or those who meet every condition.
 * Born bounds are half-open: `bornFrom` on or after, `bornBefore` before.
 */
export type Scope =
  | { readonly reach: "NOBODY"; readonly needs: string }
  | { readonly reach: "EVERYBODY" }
  | {
      readonly reach: "THOSE";
      readonly localities: readonly LocalityCode[] | null;
      readonly practice: string | null;
      readonly bornFrom: Day | null;
      readonly bornBefore: Day | null;
      readonly needs: string;
    };

/** The children in reach of a viewer for an action on a day. */
export function scopeOf(viewer: Viewer, action: Action, today: Day): Scope {
  const rule: Rule = POLICY[action];
  const row = rule.roles[viewer.role];
  if (row === undefined) return { reach: "NOBODY", needs: `one of the roles ${Object.keys(rule.roles).join(", ")}` };
  const grant: Grant = typeof row === "string" ? { relationship: row } : row;
  if (grant.scope !== undefined && !viewer.scopes.includes(grant.scope)) {
    return { reach: "NOBODY", needs: `the scope ${grant.scope}` };
  }
  const needs = RELATIONSHIPS[grant.relationship];
  const those = { reach: "THOSE", localities: null, practice: null, bornFrom: null, bornBefore: null, needs } as const;
  switch (grant.relationship) {
    case "NONE_NEEDED":
      return { reach: "EVERYBODY" };
    case "PRACTICE":
      return viewer.organisation === null ? { reach: "NOBODY", needs } : { ...those, practice: viewer.organisation };
    case "LOCALITY":
      return { ...those, localities: viewer.localities };
    case "LOCALITY_UNDER_1":
      return { ...those, localities: viewer.localities, bornFrom: bornFromToBeUnder(1, today) };
    case "LOCALITY_UNDER_5":
      return { ...those, localities: viewer.localities, bornFrom: bornFromToBeUnder(5, today) };
    case "LOCALITY_SCHOOL_AGE":
      // Reception starts in the academic year after the fourth birthday; the record ends with the 20th.
      return {
        ...those,
        localities: viewer.localities,
        bornFrom: bornFromToBeUnder(20, today),
        bornBefore: `${academicYear(today) - 4}-09-01`,
      };
  }
}

/** Whether one child is in a scope. `register.ts` reads the same scope in SQL; a test holds both equal. */
export function within(scope: Scope, child: Belonging | null): boolean {
  if (scope.reach === "EVERYBODY") return true;
  if (scope.reach === "NOBODY" || child === null) return false;
  if (scope.localities !== null && (child.locality === null || !scope.localities.includes(child.locality)))
    return false;
  if (scope.practice !== null && child.practice !== scope.practice) return false;
  if (scope.bornFrom !== null && (child.bornOn === null || child.bornOn < scope.bornFrom)) return false;
  if (scope.bornBefore !== null && (child.bornOn === null || child.bornOn >= scope.bornBefore)) return false;
  return true;
}
