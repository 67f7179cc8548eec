/**
 * Warrington: a FHIR R4 store, tabs, UTF-8; doses as Immunization resources, one a line.
 *
 * Only the form of doses is published: the columns and codes of the other files are ours to assume. Halton's children are here too.
 */

import { BLOOD_SPOT_CONDITION_NAMES } from "../../schema/vocabulary/screening";
import { type Adapter, type Column, delimited } from "./adapter";
import {
  bloodSpotStatus,
  code,
  day,
  ethnicCategory,
  instant,
  matching,
  nhsNumber,
  odsCode,
  text,
  timeOfDay,
} from "./columns";
import { fhirImmunization } from "./formats/fhir-immunization";
import type { AboutChild } from "./kinds";

const FORM = { delimiter: "\t", encoding: "utf-8" } as const;

const DAY = day("yyyy-MM-dd");

const AMENDED = instant();

const SEX = code("sex", { male: "MALE", female: "FEMALE", unknown: "NOT_KNOWN", other: "NOT_SPECIFIED" });

const YES_NO = code("yes or no", { true: true, false: false });

const LOCAL_AUTHORITY = matching(/^[EWSN]\d{8}$/, "an ONS code of a local authority");

const EAR = code("ear outcome", { pass: "CLEAR", refer: "NO_CLEAR_RESPONSE" });

const HEARING_OUTCOME = code("hearing outcome", {
  clear: "CLEAR_NO_FOLLOW_UP",
  "clear-targeted": "CLEAR_TARGETED_FOLLOW_UP",
  "refer-bilateral": "NO_CLEAR_RESPONSE_BILATERAL",
  "refer-unilateral": "NO_CLEAR_RESPONSE_UNILATERAL",
  incomplete: "INCOMPLETE",
  "incomplete-contraindicated": "INCOMPLETE_CONTRAINDICATED",
  "incomplete-declined": "INCOMPLETE_DECLINED",
  "incomplete-moved": "INCOMPLETE_MOVED",
  "incomplete-not-contactable": "INCOMPLETE_NOT_CONTACTABLE",
  "incomplete-died": "INCOMPLETE_DIED",
});

const STATUS = bloodSpotStatus((status) => (status.length === 4 ? `${status.slice(0, 2)}-${status}` : status));

const EXAMINED = code("examination outcome", {
  "not-done": "NOT_DONE",
  declined: "DECLINED",
  incomplete: "INCOMPLETE",
  normal: "NO_ABNORMALITY",
  suspected: "ABNORMALITY_SUSPECTED",
  "suspected-left": "ABNORMALITY_SUSPECTED_LEFT",
  "suspected-right": "ABNORMALITY_SUSPECTED_RIGHT",
  "suspected-bilateral": "ABNORMALITY_SUSPECTED_BILATERAL",
});

const FLAG = code("flag", {
  "child-protection-plan": "CHILD_PROTECTION_PLAN",
  "looked-after-child": "LOOKED_AFTER_CHILD",
  "unborn-child-protection-plan": "UNBORN_CHILD_PROTECTION_PLAN",
  "risk-to-self": "RISK_TO_SELF",
  "risk-to-others": "RISK_TO_OTHERS",
  "risk-from-others": "RISK_FROM_OTHERS",
  "female-genital-mutilation": "FEMALE_GENITAL_MUTILATION",
  "reasonable-adjustment": "REASONABLE_ADJUSTMENT",
});

/** Each row begins with the child it is about. */
const CHILD: readonly Column<AboutChild>[] = [
  { column: "patient_id", field: "localId", as: text({ max: 20 }) },
  { column: "nhs_number", field: "nhsNumber", as: nhsNumber() },
  { column: "family", field: "familyName", as: text({ max: 100 }) },
  { column: "given", field: "givenNames", as: text({ max: 100 }) },
  { column: "birth_date", field: "bornOn", as: DAY },
  { column: "gender", field: "sex", as: SEX },
  { column: "postal_code", field: "postcode", as: text({ max: 10 }) },
];

const CHILDREN = delimited<"CHILDREN">({
  name: "warrington-children",
  kind: "CHILDREN",
  ...FORM,
  exampleName: "patients.tsv",
  columns: [
    ...CHILD,
    { column: "resource_version", ignored: "the order of amendments follows from last_updated" },
    {
      column: "nhs_number_status",
      field: "nhsNumberStatus",
      as: code("NHS number status", {
        "number-present-and-verified": "VERIFIED",
        "number-present-but-not-traced": "NOT_TRACED",
        "trace-required": "TRACE_REQUIRED",
      }),
    },
    { column: "replaced_nhs_number", field: "supersededNhsNumber", as: nhsNumber() },
    { column: "birth_time", field: "bornAtTime", as: timeOfDay("HH:mm") },
    { column: "ethnic_category", field: "ethnicCategory", as: ethnicCategory() },
    { column: "line_1", field: "addressLine1", as: text({ max: 100 }) },
    { column: "line_2", field: "addressLine2", as: text({ max: 100 }) },
    { column: "city", field: "addressLine3", as: text({ max: 100 }) },
    { column: "district", field: "addressLine4", as: text({ max: 100 }) },
    { column: "local_authority", field: "localAuthority", as: LOCAL_AUTHORITY },
    { column: "address_start", field: "addressFrom", as: DAY },
    { column: "general_practice", field: "practice", as: odsCode() },
    { column: "general_practice_start", field: "practiceFrom", as: DAY },
    { column: "school_urn", field: "schoolUrn", as: matching(/^\d{6}$/, "a school's unique reference number") },
    { column: "school_name", field: "schoolName", as: text({ max: 300 }) },
    { column: "restricted", field: "restricted", as: YES_NO },
    { column: "deceased_on", field: "diedOn", as: DAY },
    { column: "status", field: "residence", as: code("residence", { active: "RESIDENT", "moved-out": "MOVED_OUT" }) },
    { column: "status_start", field: "residenceFrom", as: DAY },
    { column: "mother_nhs_number", field: "motherNhsNumber", as: nhsNumber() },
    { column: "last_updated", field: "amendedAt", as: AMENDED },
  ],
});

const HEARING = delimited<"HEARING">({
  name: "warrington-hearing",
  kind: "HEARING",
  ...FORM,
  exampleName: "hearing-screens.tsv",
  columns: [
    ...CHILD,
    { column: "screen_id", field: "rowId", as: text({ max: 30 }) },
    { column: "screened_on", field: "screenedOn", as: DAY },
    { column: "outcome", field: "outcome", as: HEARING_OUTCOME },
    { column: "aabr_left", field: "leftAabr", as: EAR },
    { column: "aabr_right", field: "rightAabr", as: EAR },
    { column: "aoae_left", field: "leftAoae", as: EAR },
    { column: "aoae_right", field: "rightAoae", as: EAR },
    { column: "provider", field: "provider", as: odsCode() },
    { column: "comment", field: "comment", as: text({ max: 500 }) },
    { column: "last_updated", field: "amendedAt", as: AMENDED },
  ],
});

const BLOOD_SPOT = delimited<"BLOOD_SPOT">({
  name: "warrington-blood-spot",
  kind: "BLOOD_SPOT",
  ...FORM,
  exampleName: "blood-spot-samples.tsv",
  columns: [
    ...CHILD,
    { column: "sample_id", field: "rowId", as: text({ max: 30 }) },
    { column: "taken_on", field: "sampleTakenOn", as: DAY },
    { column: "issued", field: "issuedAt", as: AMENDED },
    ...BLOOD_SPOT_CONDITION_NAMES.map((condition) => ({
      column: condition.toLowerCase(),
      field: condition,
      as: STATUS,
    })),
    { column: "provider", field: "provider", as: odsCode() },
    { column: "comment", field: "comment", as: text({ max: 500 }) },
    { column: "last_updated", field: "amendedAt", as: AMENDED },
  ],
});

const EXAMINATIONS = delimited<"EXAMINATIONS">({
  name: "warrington-examinations",
  kind: "EXAMINATIONS",
  ...FORM,
  exampleName: "physical-examinations.tsv",
  columns: [
    ...CHILD,
    { column: "examination_id", field: "rowId", as: text({ max: 30 }) },
    { column: "stage", field: "stage", as: code("examination", { newborn: "NEWBORN", infant: "INFANT" }) },
    { column: "examined_on", field: "examinedOn", as: DAY },
    { column: "eyes", field: "eyes", as: EXAMINED },
    { column: "eyes_risk", field: "eyesRisk", as: YES_NO },
    { column: "heart", field: "heart", as: EXAMINED },
    { column: "heart_risk", field: "heartRisk", as: YES_NO },
    { column: "hips", field: "hips", as: EXAMINED },
    { column: "hips_risk", field: "hipsRisk", as: YES_NO },
    { column: "testes", field: "testes", as: EXAMINED },
    { column: "bcg_eligible", field: "bcgEligible", as: YES_NO },
    { column: "provider", field: "provider", as: odsCode() },
    { column: "comment", field: "comment", as: text({ max: 500 }) },
    { column: "last_updated", field: "amendedAt", as: AMENDED },
  ],
});

const FLAGS = delimited<"FLAGS">({
  name: "warrington-flags",
  kind: "FLAGS",
  ...FORM,
  exampleName: "flags.tsv",
  columns: [
    ...CHILD,
    { column: "flag_id", field: "rowId", as: text({ max: 30 }) },
    { column: "flag", field: "kind", as: FLAG },
    { column: "author", field: "localAuthority", as: text({ max: 100 }) },
    { column: "start", field: "startedOn", as: DAY },
    { column: "end", field: "endedOn", as: DAY },
    { column: "phone_work", field: "officePhone", as: text({ max: 20 }) },
    { column: "phone_mobile", field: "emergencyDutyPhone", as: text({ max: 20 }) },
    { column: "last_updated", field: "amendedAt", as: AMENDED },
  ],
});

export const warrington: Adapter = { CHILDREN, DOSES: fhirImmunization, HEARING, BLOOD_SPOT, EXAMINATIONS, FLAGS };
