/**
 * Who may do what, about which child: one table, and the two questions asked of it. No row means no.
 *
 * Sources: the roles and their reach are the service's own (README, "Signing in"); children's reach follows NEMS
 * receiver guidance: direct care only, role-based, relationships that can be proved and that end.
 */

import type { Belonging, Glass } from "./belonging";
import { academicYear, addDays, addMonths, bornFromToBeUnder, type Day, type Instant } from "./calendar";
import type { EventType } from "./events";
import { GLASS_ROLES } from "./vocabulary/break-glass";
import { type LocalityCode, localityOfAuthority } from "./vocabulary/localities";

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
  /** The client app the token was given to, for the access log; absent or null where the token names none. */
  readonly app?: string | null;
}

/** What ties a viewer to a child. */
export const RELATIONSHIPS = {
  LOCALITY: "a child of your localities",
  LOCALITY_UNDER_1: "a child under 1 of your localities",
  LOCALITY_UNDER_5: "a child under 5 of your localities",
  LOCALITY_SCHOOL_AGE: "a child of school age of your localities",
  /** An app may act for a parent, whose access ends on the 16th birthday: the young person decides from then on. */
  LOCALITY_UNDER_16: "a child under 16 of your localities (or, with the scope young-people:read, older)",
  /** A plan is its local authority's wherever the child lives. */
  LOCALITY_OR_PLAN: "a child of your localities, or with a plan of their local authorities",
  PRACTICE: "a child registered at your practice",
  /** For what is about no child, or about a child whoever it is. */
  NONE_NEEDED: "your role",
} as const satisfies Record<string, string>;

export type Relationship = keyof typeof RELATIONSHIPS;

/** For how long a relationship outlasts what it rests on. Neither figure is published: assumed, to be agreed with the service. */
export const TERMS = {
  HANDOVER: { days: 42, says: "a locality that was responsible may still finish what it began" },
  PLAN: { months: 12, says: "a local authority still answers for a plan that has ended" },
} as const;

/** The scope with which an app, acting for nobody's parent, also reaches those who are 16 and older. */
export const YOUNG_PEOPLE_SCOPE = "young-people:read";

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
  /**
   * That a locality that was responsible may still do it while the child is handed over; without places, where what is seen
   * would tell of where the child is now.
   */
  readonly handover?: true | "WITHOUT_PLACES";
  /** True where broken glass lets it be done, by the roles that may break it. */
  readonly glass?: true;
  /** True where it is asked about one child at a time, never down a list. */
  readonly oneAtATime?: true;
  /** True for what is about nobody and open to everybody: that it was seen is not written down. */
  readonly unlogged?: true;
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
    handover: true,
    glass: true,
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN",
      PRIVACY_OFFICER: "NONE_NEEDED",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "identity:read" },
    },
  },
  LIST_CHILDREN: {
    says: "Listing children",
    otherwise: "REFUSE",
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "children:list" },
    },
  },
  VIEW_IDENTITY: {
    says: "Seeing who a child is",
    otherwise: "REFUSE",
    handover: true,
    glass: true,
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "identity:read" },
    },
  },
  VIEW_MOTHER: {
    says: "Seeing who a child's mother was at birth",
    otherwise: "REFUSE",
    glass: true,
    roles: DIRECT_CARE,
  },
  VIEW_PLACE: {
    says: "Seeing where a child lives, is registered and goes to school",
    otherwise: "REFUSE",
    glass: true,
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "place:read" },
    },
  },
  VIEW_SCREENING: {
    says: "Seeing newborn screening outcomes",
    otherwise: "REFUSE",
    handover: "WITHOUT_PLACES",
    glass: true,
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "screening:read" },
    },
  },
  VIEW_SCREENING_REPORTS: {
    says: "Seeing every screening report as it was told",
    otherwise: "REFUSE",
    handover: "WITHOUT_PLACES",
    roles: {
      CHILD_HEALTH_CLERK: "LOCALITY",
      GENERAL_PRACTITIONER: "PRACTICE",
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
    },
  },
  VIEW_IMMUNISATIONS: {
    says: "Seeing immunisations",
    otherwise: "REFUSE",
    handover: "WITHOUT_PLACES",
    glass: true,
    roles: { ...DIRECT_CARE, PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "immunisations:read" } },
  },
  VIEW_DOSE_REPORTS: {
    says: "Seeing every record of a dose as it was told",
    otherwise: "REFUSE",
    handover: "WITHOUT_PLACES",
    roles: { CHILD_HEALTH_CLERK: "LOCALITY", GENERAL_PRACTITIONER: "PRACTICE" },
  },
  LIST_DUE_IMMUNISATIONS: {
    says: "Listing children whom an immunisation is due",
    otherwise: "REFUSE",
    roles: { ...DIRECT_CARE, PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "immunisations:list" } },
  },
  VIEW_INVITATIONS: {
    says: "Seeing whom a clinic or a session at a school invites",
    otherwise: "REFUSE",
    // Whoever was on a list and moved away is seen to have been taken off it.
    handover: true,
    roles: DIRECT_CARE,
  },
  INVITE: {
    says: "Inviting children, and recording what came of it",
    otherwise: "REFUSE",
    roles: DIRECT_CARE,
  },
  FORECAST_IMMUNISATIONS: {
    says: "Asking what would be due, about nobody",
    otherwise: "REFUSE",
    roles: { ...EVERYBODY, PARTNER_APP: { relationship: "NONE_NEEDED", scope: "forecast:ask" } },
  },
  VIEW_SAFEGUARDING: {
    says: "Seeing whether a child has a safeguarding flag",
    otherwise: "REFUSE",
    glass: true,
    oneAtATime: true,
    roles: { ...DIRECT_CARE, SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN" },
  },
  VIEW_SAFEGUARDING_DETAIL: {
    says: "Seeing safeguarding flags in detail",
    otherwise: "CONCEAL",
    glass: true,
    oneAtATime: true,
    roles: { SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN" },
  },
  CHECK_NATIONALLY: {
    says: "Checking with the national child protection service",
    otherwise: "REFUSE",
    glass: true,
    oneAtATime: true,
    roles: {
      HEALTH_VISITOR: "LOCALITY_UNDER_5",
      SCHOOL_NURSE: "LOCALITY_SCHOOL_AGE",
      GENERAL_PRACTITIONER: "PRACTICE",
      SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN",
    },
  },
  VIEW_REFERENCE: {
    says: "Seeing localities, practices and local authorities",
    otherwise: "REFUSE",
    unlogged: true,
    roles: EVERYBODY,
  },
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
  VIEW_NOTIFICATIONS: {
    says: "Seeing what your teams are told",
    otherwise: "REFUSE",
    handover: true,
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN",
      PRIVACY_OFFICER: "NONE_NEEDED",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "notifications:read" },
    },
  },
  ACKNOWLEDGE_NOTIFICATION: {
    says: "Saying that your team has seen a notification",
    otherwise: "REFUSE",
    handover: true,
    roles: {
      ...DIRECT_CARE,
      SCREENING_OFFICER: "LOCALITY_UNDER_1",
      SAFEGUARDING_LEAD: "LOCALITY_OR_PLAN",
      PRIVACY_OFFICER: "NONE_NEEDED",
      PARTNER_APP: { relationship: "LOCALITY_UNDER_16", scope: "notifications:acknowledge" },
    },
  },
  VIEW_WEBHOOKS: {
    says: "Seeing how the receivers of webhooks do, and sending again what they did not take",
    otherwise: "REFUSE",
    roles: { CHILD_HEALTH_CLERK: "NONE_NEEDED", PRIVACY_OFFICER: "NONE_NEEDED" },
  },
  BREAK_GLASS: {
    says: "Breaking the glass of a child's record",
    otherwise: "REFUSE",
    roles: Object.fromEntries(GLASS_ROLES.map((role) => [role, "NONE_NEEDED"])) as Record<
      (typeof GLASS_ROLES)[number],
      "NONE_NEEDED"
    >,
  },
  REVIEW_GLASS: {
    says: "Reviewing whose glass was broken, and why",
    otherwise: "REFUSE",
    roles: { PRIVACY_OFFICER: "NONE_NEEDED" },
  },
  VIEW_ACCESS_LOG: {
    says: "Seeing who has looked at a child's record",
    otherwise: "REFUSE",
    roles: { PRIVACY_OFFICER: "NONE_NEEDED" },
  },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof POLICY;

export const ACTIONS = Object.keys(POLICY) as readonly Action[];

/** What lets somebody be told of an event of a type, wherever it is told on or exported: by nothing else is it. */
export const EVENT_ACTIONS = {
  IdentityRecorded: "VIEW_IDENTITY",
  BirthRecorded: "VIEW_IDENTITY",
  AddressRecorded: "VIEW_PLACE",
  GpRegistrationRecorded: "VIEW_PLACE",
  SchoolRecorded: "VIEW_PLACE",
  RestrictionRecorded: "VIEW_IDENTITY",
  DeathRecorded: "VIEW_IDENTITY",
  ResponsibilityRecorded: "VIEW_PLACE",
  ChildrenMerged: "VIEW_IDENTITY",
  NewbornHearingRecorded: "VIEW_SCREENING",
  NewbornBloodSpotRecorded: "VIEW_SCREENING",
  NewbornExaminationRecorded: "VIEW_SCREENING",
  DoseRecorded: "VIEW_IMMUNISATIONS",
  DoseNotGivenRecorded: "VIEW_IMMUNISATIONS",
  SafeguardingFlagRecorded: "VIEW_SAFEGUARDING_DETAIL",
  GlassBroken: "REVIEW_GLASS",
} as const satisfies Record<EventType, Action>;

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
      /** The day of the asking. */
      readonly on: Day;
      /** A locality whose responsibility ended after this day still reaches the child; null: none that ended does. */
      readonly handedOverAfter: Day | null;
      /** A plan of one of the localities' authorities that did not end by this day reaches the child; null: none does. */
      readonly plansAfter: Day | null;
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
  const those = {
    reach: "THOSE",
    localities: null,
    practice: null,
    bornFrom: null,
    bornBefore: null,
    on: today,
    handedOverAfter: rule.handover ? addDays(today, -TERMS.HANDOVER.days) : null,
    plansAfter: null,
    needs,
  } as const;
  const { localities } = viewer;
  switch (grant.relationship) {
    case "NONE_NEEDED":
      return { reach: "EVERYBODY" };
    case "PRACTICE":
      return viewer.organisation === null ? { reach: "NOBODY", needs } : { ...those, practice: viewer.organisation };
    case "LOCALITY":
      return { ...those, localities };
    case "LOCALITY_OR_PLAN":
      return { ...those, localities, plansAfter: addMonths(today, -TERMS.PLAN.months) };
    case "LOCALITY_UNDER_1":
      return { ...those, localities, bornFrom: bornFromToBeUnder(1, today) };
    case "LOCALITY_UNDER_5":
      return { ...those, localities, bornFrom: bornFromToBeUnder(5, today) };
    case "LOCALITY_UNDER_16": {
      const bornFrom = viewer.scopes.includes(YOUNG_PEOPLE_SCOPE) ? null : bornFromToBeUnder(16, today);
      // Teams hand a child over, apps do not.
      return { ...those, localities, bornFrom, handedOverAfter: null };
    }
    case "LOCALITY_SCHOOL_AGE":
      // From Reception, in the academic year after the fourth birthday, to the end of the one with the nineteenth: school
      // nursing serves those from 5 to 19.
      return {
        ...those,
        localities,
        bornFrom: `${academicYear(today) - 19}-09-01`,
        bornBefore: `${academicYear(today) - 4}-09-01`,
      };
  }
}

/** Whether one child is in a scope. */
export function within(scope: Scope, child: Belonging | null): boolean {
  if (scope.reach === "EVERYBODY") return true;
  if (scope.reach === "NOBODY" || child === null) return false;
  if (scope.bornFrom !== null && (child.bornOn === null || child.bornOn < scope.bornFrom)) return false;
  if (scope.bornBefore !== null && (child.bornOn === null || child.bornOn >= scope.bornBefore)) return false;
  if (scope.practice !== null && !isRegistered(child, scope.practice, scope.on)) return false;
  return scope.localities === null || isOf(scope.localities, child, scope);
}

/**
 * Whether a list that is asked within a scope holds a child: of those in reach the living for whom a locality is
 * responsible now. Neither the dead nor those who have left are listed, for lists are worked through; nor is anybody whose
 * whereabouts are restricted, since being listed by place would tell where they are. `register.ts` reads the same in SQL;
 * a test holds both equal.
 */
export function listed(scope: Scope, child: Belonging | null): boolean {
  if (child === null || child.status !== "RESIDENT" || child.restricted) return false;
  return within(scope.reach === "THOSE" ? { ...scope, handedOverAfter: null, plansAfter: null } : scope, child);
}

function isRegistered({ practice, practiceUntil }: Belonging, odsCode: string, on: Day): boolean {
  return practice === odsCode && (practiceUntil === null || practiceUntil > on);
}

function isOf(
  localities: readonly LocalityCode[],
  { locality, status, ties }: Belonging,
  { on, handedOverAfter, plansAfter }: Extract<Scope, { readonly reach: "THOSE" }>,
): boolean {
  if (locality !== null && status !== "MOVED_OUT" && localities.includes(locality)) return true;
  const isHandedOver =
    handedOverAfter !== null &&
    (ties?.formerly ?? []).some((former) => localities.includes(former.locality) && former.until > handedOverAfter);
  if (isHandedOver || plansAfter === null) return isHandedOver;
  return (ties?.plans ?? []).some(({ localAuthority, from, until }) => {
    const planned = localityOfAuthority(localAuthority);
    return planned !== null && localities.includes(planned) && from <= on && (until === null || until > plansAfter);
  });
}

/** Whether something is asked about one child at a time, never down a list. */
export function isOneAtATime(action: Action): boolean {
  const rule: Rule = POLICY[action];
  return rule.oneAtATime === true;
}

/** Whether that something was seen leaves an entry in the access log; a refusal always does. */
export function isLogged(action: Action): boolean {
  const rule: Rule = POLICY[action];
  return rule.unlogged !== true;
}

/** What lets a viewer do something about one child: a relationship, or glass that the viewer broke. Null where nothing does. */
export type Permission = "RELATIONSHIP" | "GLASS";

export function permission(
  viewer: Viewer,
  action: Action,
  scope: Scope,
  child: Belonging | null,
  now: Instant,
): Permission | null {
  if (within(scope, child)) return "RELATIONSHIP";
  const rule: Rule = POLICY[action];
  // Glass gives a relationship, never a role: what the role may not do of its own children it may not do of others.
  return rule.glass && rule.roles[viewer.role] !== undefined && glassOf(viewer, child, now) !== null ? "GLASS" : null;
}

/** The glass of a child that a viewer has broken, in the role it was broken in, and that is still open; null where there is none. */
export function glassOf({ subject, role }: Viewer, child: Belonging | null, now: Instant): Glass | null {
  const open = (child?.ties?.glass ?? []).filter(
    (glass) => glass.subject === subject && glass.role === role && glass.from <= now && glass.until > now,
  );
  return open.find((glass) => glass.opensPlace) ?? open[0] ?? null;
}

/** Whether a viewer reaches a child only because it hands it over, and is not to see where the child is now. */
export function isHandingOver(action: Action, scope: Scope, child: Belonging | null): boolean {
  const rule: Rule = POLICY[action];
  if (rule.handover !== "WITHOUT_PLACES") return false;
  if (scope.reach !== "THOSE" || scope.handedOverAfter === null || child?.ties?.formerly === undefined) return false;
  return within(scope, child) && !within({ ...scope, handedOverAfter: null }, child);
}

/** Whether where a child is must be withheld from a viewer. Only glass broken for a reason that cannot be met without opens it. */
export function withholdsPlace(viewer: Viewer, child: Belonging | null, now: Instant): boolean {
  if (child === null) return true;
  return child.restricted && glassOf(viewer, child, now)?.opensPlace !== true;
}
