/**
 * The policy once more, written plainly from what the service promises each role and not from the table it is checked
 * against: for tests alone. Wirral's teams and its practice N85002 on 1 June 2026.
 */

import type { Role } from "../../schema/access";

export interface PlainChild {
  readonly bornOn: string;
  /** Of Wirral; of East Cheshire; of Wirral until lately or long ago, and of East Cheshire since. */
  readonly belongs: "HERE" | "ELSEWHERE" | "HANDED_OVER" | "GONE";
  readonly restricted: boolean;
  readonly dead: boolean;
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
} as const satisfies Record<string, string>;

export type Kind = (typeof KIND_OF_FIELD)[keyof typeof KIND_OF_FIELD];

const CARE: readonly Kind[] = ["FIND", "IDENTITY", "PLACE", "SCREENING", "IMMUNISATIONS", "SAFEGUARDING"];
const MAY: Readonly<Record<Role, readonly Kind[]>> = {
  CHILD_HEALTH_CLERK: [...CARE, "SCREENING_REPORTS", "DOSE_REPORTS"],
  HEALTH_VISITOR: CARE,
  SCHOOL_NURSE: CARE,
  GENERAL_PRACTITIONER: [...CARE, "SCREENING_REPORTS", "DOSE_REPORTS"],
  SCREENING_OFFICER: ["FIND", "IDENTITY", "PLACE", "SCREENING", "SCREENING_REPORTS"],
  SAFEGUARDING_LEAD: ["FIND", "IDENTITY", "PLACE", "SAFEGUARDING"],
  PRIVACY_OFFICER: ["FIND"],
  ANALYST: [],
  PARTNER_APP: ["FIND", "IDENTITY", "PLACE", "SCREENING", "IMMUNISATIONS"],
};

/** What those who hand a child over no longer see: where it is now, and its safeguarding. */
const NOT_HANDED_OVER: readonly Kind[] = ["PLACE", "SAFEGUARDING"];

export function may(role: Role, kind: Kind, child: PlainChild): boolean {
  if (!MAY[role].includes(kind)) return false;
  if (role === "PRIVACY_OFFICER") return true;
  const isOfPractice = child.belongs === "HERE";
  if (role === "GENERAL_PRACTITIONER") return isOfPractice;
  const isHandedOver = child.belongs === "HANDED_OVER" && !NOT_HANDED_OVER.includes(kind) && role !== "PARTNER_APP";
  if (child.belongs !== "HERE" && !isHandedOver) return false;
  const { bornOn } = child;
  if (role === "HEALTH_VISITOR") return bornOn > "2021-06-01";
  if (role === "SCREENING_OFFICER") return bornOn > "2025-06-01";
  if (role === "SCHOOL_NURSE") return bornOn < "2021-09-01" && bornOn >= "2006-09-01";
  if (role === "PARTNER_APP") return bornOn > "2010-06-01";
  return true;
}

/** Who sees what a flag is, of those who may know that there is one. */
export function seesFlags(role: Role): boolean {
  return role === "SAFEGUARDING_LEAD";
}

export function mayList(role: Role, child: PlainChild): boolean {
  const lists: readonly Role[] = [
    "CHILD_HEALTH_CLERK",
    "HEALTH_VISITOR",
    "SCHOOL_NURSE",
    "GENERAL_PRACTITIONER",
    "SCREENING_OFFICER",
    "SAFEGUARDING_LEAD",
    "PARTNER_APP",
  ];
  if (!lists.includes(role) || child.restricted || child.dead || child.belongs !== "HERE") return false;
  return may(role, "FIND", child);
}
