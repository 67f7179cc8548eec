/**
 * The policy once more, written plainly from what the service promises each role and not from the table it is checked
 * against: for tests alone. Wirral's teams and its practice N85002 on 1 June 2026.
 */

import type { Role } from "../../schema/access";

export interface PlainChild {
  readonly bornOn: string;
  /**
   * Of Wirral; of East Cheshire; of Wirral until lately or long ago, and of East Cheshire since; of East Cheshire with a plan of
   * Wirral's local authority; of East Cheshire, its glass broken by each of those who may.
   */
  readonly belongs: "HERE" | "ELSEWHERE" | "HANDED_OVER" | "GONE" | "PLANNED" | "GLASS_BROKEN";
  readonly restricted: boolean;
  readonly dead: boolean;
}

/** Who asks: a role or, of an app, what its scopes name. */
export interface PlainViewer {
  readonly role: Role;
  readonly scopes: readonly string[];
}

/** What kind of thing each field of a child is. A field that is not named here fails the matrix. */
export const KIND_OF_FIELD = {
  id: "FIND",
  nhsNumber: "IDENTITY",
  nhsNumberStatus: "IDENTITY",
  supersededNhsNumbers: "IDENTITY",
  name: "IDENTITY",
  bornOn: "IDENTITY",
  bornAtTime: "IDENTITY",
  sex: "IDENTITY",
  ethnicCategory: "IDENTITY",
  deceased: "IDENTITY",
  diedOn: "IDENTITY",
  restricted: "IDENTITY",
  birth: "IDENTITY",
  provenance: "IDENTITY",
  address: "PLACE",
  addresses: "PLACE",
  practice: "PLACE",
  registrations: "PLACE",
  school: "PLACE",
  locality: "PLACE",
  localAuthority: "PLACE",
  status: "PLACE",
  newbornHearing: "SCREENING",
  newbornBloodSpot: "SCREENING",
  newbornExamination: "SCREENING",
  infantExamination: "SCREENING",
  newbornHearingReports: "SCREENING_REPORTS",
  newbornBloodSpotReports: "SCREENING_REPORTS",
  newbornExaminationReports: "SCREENING_REPORTS",
  doses: "IMMUNISATIONS",
  dosesNotGiven: "IMMUNISATIONS",
  immunisationPlan: "IMMUNISATIONS",
  doseReports: "DOSE_REPORTS",
  safeguarding: "SAFEGUARDING",
  notifications: "NOTIFICATIONS",
  accessLog: "ACCESS_LOG",
} as const satisfies Record<string, string>;

export type Kind = (typeof KIND_OF_FIELD)[keyof typeof KIND_OF_FIELD];

const CARE: readonly Kind[] = [
  "FIND",
  "IDENTITY",
  "PLACE",
  "SCREENING",
  "IMMUNISATIONS",
  "SAFEGUARDING",
  "NOTIFICATIONS",
];
const MAY: Readonly<Record<Exclude<Role, "PARTNER_APP">, readonly Kind[]>> = {
  CHILD_HEALTH_CLERK: [...CARE, "SCREENING_REPORTS", "DOSE_REPORTS"],
  HEALTH_VISITOR: CARE,
  SCHOOL_NURSE: CARE,
  GENERAL_PRACTITIONER: [...CARE, "SCREENING_REPORTS", "DOSE_REPORTS"],
  SCREENING_OFFICER: ["FIND", "IDENTITY", "PLACE", "SCREENING", "SCREENING_REPORTS", "NOTIFICATIONS"],
  SAFEGUARDING_LEAD: ["FIND", "IDENTITY", "PLACE", "SAFEGUARDING", "NOTIFICATIONS"],
  PRIVACY_OFFICER: ["FIND", "NOTIFICATIONS", "ACCESS_LOG"],
  ANALYST: [],
};

/** The scope an app needs for each kind; it has no other. */
const SCOPE_OF: Readonly<Partial<Record<Kind, string>>> = {
  FIND: "identity:read",
  IDENTITY: "identity:read",
  PLACE: "place:read",
  SCREENING: "screening:read",
  IMMUNISATIONS: "immunisations:read",
  NOTIFICATIONS: "notifications:read",
};

/** What those who hand a child over no longer see: where it is now, and its safeguarding. */
const NOT_HANDED_OVER: readonly Kind[] = ["PLACE", "SAFEGUARDING"];

/** Who may break the glass, and what it opens to them of what their role sees. */
const GLASS_ROLES: readonly Role[] = ["HEALTH_VISITOR", "SCHOOL_NURSE", "GENERAL_PRACTITIONER", "SAFEGUARDING_LEAD"];
const BEHIND_GLASS: readonly Kind[] = ["FIND", "IDENTITY", "PLACE", "SCREENING", "IMMUNISATIONS", "SAFEGUARDING"];

/** What a local authority sees of a child elsewhere with a plan of its own. */
const BY_PLAN: readonly Kind[] = ["FIND", "IDENTITY", "SAFEGUARDING", "NOTIFICATIONS"];

export function may({ role, scopes }: PlainViewer, kind: Kind, { belongs, bornOn }: PlainChild): boolean {
  if (role === "PARTNER_APP") {
    const scope = SCOPE_OF[kind];
    if (scope === undefined || !scopes.includes(scope) || belongs !== "HERE") return false;
    return bornOn > "2010-06-01" || scopes.includes("young-people:read");
  }
  if (!MAY[role].includes(kind)) return false;
  if (role === "PRIVACY_OFFICER") return true;
  if (belongs === "GLASS_BROKEN") return GLASS_ROLES.includes(role) && BEHIND_GLASS.includes(kind);
  if (belongs === "PLANNED") return role === "SAFEGUARDING_LEAD" && BY_PLAN.includes(kind);
  if (role === "GENERAL_PRACTITIONER") return belongs === "HERE";
  const isHandedOver = belongs === "HANDED_OVER" && !NOT_HANDED_OVER.includes(kind);
  if (belongs !== "HERE" && !isHandedOver) return false;
  if (role === "HEALTH_VISITOR") return bornOn > "2021-06-01";
  if (role === "SCREENING_OFFICER") return bornOn > "2025-06-01";
  if (role === "SCHOOL_NURSE") return bornOn < "2021-09-01" && bornOn >= "2006-09-01";
  return true;
}

/** Who may look for a child at all, so that one who is not to be known is answered as one that is not there. */
export function mayLook({ role, scopes }: PlainViewer): boolean {
  return role === "PARTNER_APP" ? scopes.includes("identity:read") : MAY[role].includes("FIND");
}

/** Who sees what a flag is, of those who may know that there is one. */
export function seesFlags({ role }: PlainViewer): boolean {
  return role === "SAFEGUARDING_LEAD";
}

export function mayList(viewer: PlainViewer, child: PlainChild): boolean {
  const { role, scopes } = viewer;
  if (role === "PRIVACY_OFFICER" || role === "ANALYST") return false;
  if (child.restricted || child.dead || child.belongs !== "HERE") return false;
  if (role !== "PARTNER_APP") return may(viewer, "FIND", child);
  return scopes.includes("children:list") && may({ role, scopes: [...scopes, "identity:read"] }, "FIND", child);
}
