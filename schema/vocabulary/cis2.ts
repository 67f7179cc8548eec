/**
 * What NHS CIS2 says of somebody, as a role of ours: the one role they have selected, by its job, what it may do and where.
 *
 * Sources: the CIS2 information model as nhsuk/manage-vaccinations-in-schools reads it (claim names, job roles, activity
 * codes, the workgroup of school immunisation teams). Which codes and workgroups the services of Cheshire and Merseyside use
 * is not published: those marked so are assumed, to be agreed with the provider before CIS2 is the issuer.
 */

import type { Role } from "../access";
import { LOCALITY_CODES, type LocalityCode } from "./localities";
import { practiceOf } from "./practices";

/** The selected role of a CIS2 token. */
export interface Cis2Role {
  /** `S8000:G8000:R8001`: staff group, subgroup and job role. */
  readonly roleCode: string;
  /** ODS code. */
  readonly organisation: string;
  readonly activities: readonly string[];
  readonly workgroups: readonly string[];
}

interface Row {
  readonly jobs: readonly string[];
  /** Without this activity the role is not given, whatever the job. */
  readonly activity?: string;
  readonly workgroup?: string;
  /** True where the organisation must be a GP practice. */
  readonly atPractice?: true;
  readonly role: Role;
}

/** Clinical practitioner, nurse, health professional. A student (R8004) has no role of ours. */
const CLINICIANS = ["R8000", "R8001", "R8003"];
/** View detailed health records; access sensitive records; view shared, non-identifiable information. */
const [DETAILED, SENSITIVE, NOT_IDENTIFIABLE] = ["B0360", "B1611", "B1570"];

/** The first row that fits is the role. */
export const CIS2_ROLES: readonly Row[] = [
  { jobs: ["R0001"], role: "PRIVACY_OFFICER" },
  // Assumed: the names of the workgroups but for that of the school immunisation teams.
  { jobs: CLINICIANS, activity: SENSITIVE, workgroup: "safeguardingchildren", role: "SAFEGUARDING_LEAD" },
  { jobs: CLINICIANS, activity: DETAILED, atPractice: true, role: "GENERAL_PRACTITIONER" },
  { jobs: CLINICIANS, activity: DETAILED, workgroup: "healthvisiting", role: "HEALTH_VISITOR" },
  { jobs: CLINICIANS, activity: DETAILED, workgroup: "schoolagedimmunisations", role: "SCHOOL_NURSE" },
  { jobs: CLINICIANS, activity: DETAILED, workgroup: "schoolnursing", role: "SCHOOL_NURSE" },
  { jobs: CLINICIANS, activity: DETAILED, workgroup: "newbornscreening", role: "SCREENING_OFFICER" },
  // Medical secretary, administrator.
  { jobs: ["R8006", "R8008"], activity: DETAILED, workgroup: "childhealthinformation", role: "CHILD_HEALTH_CLERK" },
  { jobs: ["R8006", "R8008"], activity: NOT_IDENTIFIABLE, role: "ANALYST" },
];

/** Our role for a role of CIS2; null where no row fits, and so nobody is let in. */
export function roleOfCis2({ roleCode, organisation, activities, workgroups }: Cis2Role): Role | null {
  const job = roleCode.split(":").at(-1) ?? "";
  const row = CIS2_ROLES.find(
    (each) =>
      each.jobs.includes(job) &&
      (each.activity === undefined || activities.includes(each.activity)) &&
      (each.workgroup === undefined || workgroups.includes(each.workgroup)) &&
      (each.atPractice === undefined || practiceOf(organisation) !== null),
  );
  return row?.role ?? null;
}

/** The localities of a role of CIS2: those whose workgroup it is in, such as `childhealth-wirral`. Assumed. */
export function localitiesOfCis2({ workgroups }: Pick<Cis2Role, "workgroups">): readonly LocalityCode[] {
  return LOCALITY_CODES.filter((code) => workgroups.includes(`childhealth-${code.toLowerCase().replaceAll("_", "-")}`));
}
