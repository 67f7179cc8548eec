/**
 * St Helens & Knowsley: SystmOne, comma CSV in Windows-1252; doses in a published SystmOne layout.
 *
 * Only the layout of doses is published: the columns and codes of the other files are ours to assume.
 */

import { BLOOD_SPOT_CONDITION_NAMES } from "../../schema/vocabulary/screening";
import { type Adapter, type Column, delimited } from "./adapter";
import {
  bloodSpotStatus,
  code,
  day,
  ethnicCategory,
  localInstant,
  matching,
  nhsNumber,
  odsCode,
  text,
  timeOfDay,
} from "./columns";
import { SYSTMONE_TABLES, systmOneExport } from "./formats/systmone";
import type { AboutChild } from "./kinds";

const FORM = { delimiter: ",", encoding: "windows-1252" } as const;

const DAY = day("yyyyMMdd");

const AMENDED = localInstant("yyyyMMddHHmmss");

const SEX = code("sex", { M: "MALE", F: "FEMALE", U: "NOT_KNOWN", X: "NOT_SPECIFIED" });

const YES_NO = code("yes or no", { true: true, false: false });

const LOCAL_AUTHORITY = matching(/^[EWSN]\d{8}$/, "an ONS code of a local authority");

const EAR = code("ear outcome", { "Clear response": "CLEAR", "No clear response": "NO_CLEAR_RESPONSE" });

const HEARING_OUTCOME = code("hearing outcome", {
  "Clear response": "CLEAR_NO_FOLLOW_UP",
  "Clear response, targeted follow-up": "CLEAR_TARGETED_FOLLOW_UP",
  "No clear response, bilateral": "NO_CLEAR_RESPONSE_BILATERAL",
  "No clear response, unilateral": "NO_CLEAR_RESPONSE_UNILATERAL",
  Incomplete: "INCOMPLETE",
  "Incomplete, contraindicated": "INCOMPLETE_CONTRAINDICATED",
  "Incomplete, declined": "INCOMPLETE_DECLINED",
  "Incomplete, moved": "INCOMPLETE_MOVED",
  "Incomplete, not contactable": "INCOMPLETE_NOT_CONTACTABLE",
  "Incomplete, died": "INCOMPLETE_DIED",
});

const STATUS = bloodSpotStatus((status) => status.replace(/^0/, ""));

const EXAMINED = code("examination outcome", {
  "Not done": "NOT_DONE",
  Declined: "DECLINED",
  Incomplete: "INCOMPLETE",
  Normal: "NO_ABNORMALITY",
  Suspected: "ABNORMALITY_SUSPECTED",
  "Suspected left": "ABNORMALITY_SUSPECTED_LEFT",
  "Suspected right": "ABNORMALITY_SUSPECTED_RIGHT",
  "Suspected both": "ABNORMALITY_SUSPECTED_BILATERAL",
});

const FLAG = code("flag", {
  "Child protection plan": "CHILD_PROTECTION_PLAN",
  "Looked after child": "LOOKED_AFTER_CHILD",
  "Unborn child protection plan": "UNBORN_CHILD_PROTECTION_PLAN",
  "Risk to self": "RISK_TO_SELF",
  "Risk to others": "RISK_TO_OTHERS",
  "Risk from others": "RISK_FROM_OTHERS",
  FGM: "FEMALE_GENITAL_MUTILATION",
  "Reasonable adjustment": "REASONABLE_ADJUSTMENT",
});

/** Each row begins with the child it is about. */
const CHILD: readonly Column<AboutChild>[] = [
  { column: "IDPatient", field: "localId", as: text({ max: 20 }) },
  { column: "NHS number", field: "nhsNumber", as: nhsNumber() },
  { column: "Surname", field: "familyName", as: text({ max: 100 }) },
  { column: "Forenames", field: "givenNames", as: text({ max: 100 }) },
  { column: "Date of birth", field: "bornOn", as: DAY },
  { column: "Sex", field: "sex", as: SEX },
  { column: "Postcode", field: "postcode", as: text({ max: 10 }) },
];

const CHILDREN = delimited<"CHILDREN">({
  name: "st-helens-knowsley-children",
  kind: "CHILDREN",
  ...FORM,
  exampleName: "SRPatientChildren.csv",
  columns: [
    ...CHILD,
    { column: "IDOrganisation", ignored: "every row is of one organisation" },
    {
      column: "NHS number status",
      field: "nhsNumberStatus",
      as: code("NHS number status", {
        Verified: "VERIFIED",
        "Not traced": "NOT_TRACED",
        "Trace required": "TRACE_REQUIRED",
      }),
    },
    { column: "Old NHS number", field: "supersededNhsNumber", as: nhsNumber() },
    { column: "Time of birth", field: "bornAtTime", as: timeOfDay("HHmm") },
    { column: "Ethnic category", field: "ethnicCategory", as: ethnicCategory() },
    { column: "House number and road", field: "addressLine1", as: text({ max: 100 }) },
    { column: "House name", field: "addressLine2", as: text({ max: 100 }) },
    { column: "Town", field: "addressLine3", as: text({ max: 100 }) },
    { column: "County", field: "addressLine4", as: text({ max: 100 }) },
    { column: "Local authority", field: "localAuthority", as: LOCAL_AUTHORITY },
    { column: "Date moved in", field: "addressFrom", as: DAY },
    { column: "Practice code", field: "practice", as: odsCode() },
    { column: "Date registered", field: "practiceFrom", as: DAY },
    { column: "School URN", field: "schoolUrn", as: matching(/^\d{6}$/, "a school's unique reference number") },
    { column: "School", field: "schoolName", as: text({ max: 300 }) },
    { column: "Restricted", field: "restricted", as: YES_NO },
    { column: "Date of death", field: "diedOn", as: DAY },
    {
      column: "Residence",
      field: "residence",
      as: code("residence", { Resident: "RESIDENT", "Moved out": "MOVED_OUT" }),
    },
    { column: "Date of residence", field: "residenceFrom", as: DAY },
    { column: "NHS number of mother", field: "motherNhsNumber", as: nhsNumber() },
    { column: "DateTimeAmended", field: "amendedAt", as: AMENDED },
  ],
});

const HEARING = delimited<"HEARING">({
  name: "st-helens-knowsley-hearing",
  kind: "HEARING",
  ...FORM,
  exampleName: "SRNewbornHearing.csv",
  columns: [
    ...CHILD,
    { column: "IDScreen", field: "rowId", as: text({ max: 30 }) },
    { column: "Date of screen", field: "screenedOn", as: DAY },
    { column: "Outcome", field: "outcome", as: HEARING_OUTCOME },
    { column: "AABR left", field: "leftAabr", as: EAR },
    { column: "AABR right", field: "rightAabr", as: EAR },
    { column: "AOAE left", field: "leftAoae", as: EAR },
    { column: "AOAE right", field: "rightAoae", as: EAR },
    { column: "Provider code", field: "provider", as: odsCode() },
    { column: "Notes", field: "comment", as: text({ max: 500 }) },
    { column: "DateTimeAmended", field: "amendedAt", as: AMENDED },
  ],
});

const BLOOD_SPOT = delimited<"BLOOD_SPOT">({
  name: "st-helens-knowsley-blood-spot",
  kind: "BLOOD_SPOT",
  ...FORM,
  exampleName: "SRBloodSpot.csv",
  columns: [
    ...CHILD,
    { column: "IDSample", field: "rowId", as: text({ max: 30 }) },
    { column: "Date of sample", field: "sampleTakenOn", as: DAY },
    { column: "DateTimeResult", field: "issuedAt", as: AMENDED },
    ...BLOOD_SPOT_CONDITION_NAMES.map((condition) => ({
      column: `Blood spot ${condition}`,
      field: condition,
      as: STATUS,
    })),
    { column: "Provider code", field: "provider", as: odsCode() },
    { column: "Notes", field: "comment", as: text({ max: 500 }) },
    { column: "DateTimeAmended", field: "amendedAt", as: AMENDED },
  ],
});

const EXAMINATIONS = delimited<"EXAMINATIONS">({
  name: "st-helens-knowsley-examinations",
  kind: "EXAMINATIONS",
  ...FORM,
  exampleName: "SRNipe.csv",
  columns: [
    ...CHILD,
    { column: "IDExamination", field: "rowId", as: text({ max: 30 }) },
    { column: "Examination", field: "stage", as: code("examination", { Newborn: "NEWBORN", Infant: "INFANT" }) },
    { column: "Date of examination", field: "examinedOn", as: DAY },
    { column: "Eyes", field: "eyes", as: EXAMINED },
    { column: "Eyes risk", field: "eyesRisk", as: YES_NO },
    { column: "Heart", field: "heart", as: EXAMINED },
    { column: "Heart risk", field: "heartRisk", as: YES_NO },
    { column: "Hips", field: "hips", as: EXAMINED },
    { column: "Hips risk", field: "hipsRisk", as: YES_NO },
    { column: "Testes", field: "testes", as: EXAMINED },
    { column: "BCG eligible", field: "bcgEligible", as: YES_NO },
    { column: "Provider code", field: "provider", as: odsCode() },
    { column: "Notes", field: "comment", as: text({ max: 500 }) },
    { column: "DateTimeAmended", field: "amendedAt", as: AMENDED },
  ],
});

const FLAGS = delimited<"FLAGS">({
  name: "st-helens-knowsley-flags",
  kind: "FLAGS",
  ...FORM,
  exampleName: "SRSafeguarding.csv",
  columns: [
    ...CHILD,
    { column: "IDFlag", field: "rowId", as: text({ max: 30 }) },
    { column: "Flag", field: "kind", as: FLAG },
    { column: "Authority", field: "localAuthority", as: text({ max: 100 }) },
    { column: "Date started", field: "startedOn", as: DAY },
    { column: "Date ended", field: "endedOn", as: DAY },
    { column: "Telephone", field: "officePhone", as: text({ max: 20 }) },
    { column: "Out of hours telephone", field: "emergencyDutyPhone", as: text({ max: 20 }) },
    { column: "DateTimeAmended", field: "amendedAt", as: AMENDED },
  ],
});

export const stHelensKnowsley: Adapter = {
  CHILDREN,
  DOSES: systmOneExport(SYSTMONE_TABLES),
  HEARING,
  BLOOD_SPOT,
  EXAMINATIONS,
  FLAGS,
};
