/**
 * Wirral: NHS batch files, vertical bars, UTF-8; doses in the national batch layout, version 5.
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
import { batchV5 } from "./formats/batch-v5";
import type { AboutChild } from "./kinds";

const FORM = { delimiter: "|", encoding: "utf-8" } as const;

const DAY = day("yyyyMMdd");

const AMENDED = localInstant("yyyyMMddTHHmmss");

const SEX = code("sex", { "1": "MALE", "2": "FEMALE", "0": "NOT_KNOWN", "9": "NOT_SPECIFIED" });

const YES_NO = code("yes or no", { TRUE: true, FALSE: false });

const LOCAL_AUTHORITY = matching(/^[EWSN]\d{8}$/, "an ONS code of a local authority");

const EAR = code("ear outcome", { CLEAR: "CLEAR", NO_CLEAR: "NO_CLEAR_RESPONSE" });

const HEARING_OUTCOME = code("hearing outcome", {
  NHSP01: "CLEAR_NO_FOLLOW_UP",
  NHSP02: "CLEAR_TARGETED_FOLLOW_UP",
  NHSP03: "NO_CLEAR_RESPONSE_BILATERAL",
  NHSP04: "NO_CLEAR_RESPONSE_UNILATERAL",
  NHSP05: "INCOMPLETE",
  NHSP06: "INCOMPLETE_CONTRAINDICATED",
  NHSP07: "INCOMPLETE_DECLINED",
  NHSP08: "INCOMPLETE_MOVED",
  NHSP09: "INCOMPLETE_NOT_CONTACTABLE",
  NHSP10: "INCOMPLETE_DIED",
});

const STATUS = bloodSpotStatus((status) => `NBS${status}`);

const EXAMINED = code("examination outcome", {
  NIPE0: "NOT_DONE",
  NIPE1: "DECLINED",
  NIPE2: "INCOMPLETE",
  NIPE3: "NO_ABNORMALITY",
  NIPE4: "ABNORMALITY_SUSPECTED",
  NIPE4L: "ABNORMALITY_SUSPECTED_LEFT",
  NIPE4R: "ABNORMALITY_SUSPECTED_RIGHT",
  NIPE4B: "ABNORMALITY_SUSPECTED_BILATERAL",
});

const FLAG = code("flag", {
  SG01: "CHILD_PROTECTION_PLAN",
  SG02: "LOOKED_AFTER_CHILD",
  SG03: "UNBORN_CHILD_PROTECTION_PLAN",
  SG11: "RISK_TO_SELF",
  SG12: "RISK_TO_OTHERS",
  SG13: "RISK_FROM_OTHERS",
  SG21: "FEMALE_GENITAL_MUTILATION",
  SG22: "REASONABLE_ADJUSTMENT",
});

/** Each row begins with the child it is about. */
const CHILD: readonly Column<AboutChild>[] = [
  { column: "LOCAL_PATIENT_ID", field: "localId", as: text({ max: 20 }) },
  { column: "NHS_NUMBER", field: "nhsNumber", as: nhsNumber() },
  { column: "PERSON_SURNAME", field: "familyName", as: text({ max: 100 }) },
  { column: "PERSON_FORENAME", field: "givenNames", as: text({ max: 100 }) },
  { column: "PERSON_DOB", field: "bornOn", as: DAY },
  { column: "PERSON_GENDER_CODE", field: "sex", as: SEX },
  { column: "PERSON_POSTCODE", field: "postcode", as: text({ max: 10 }) },
];

const CHILDREN = delimited<"CHILDREN">({
  name: "wirral-children",
  kind: "CHILDREN",
  ...FORM,
  exampleName: "WIRRAL_CHILDREN.csv",
  columns: [
    ...CHILD,
    {
      column: "NHS_NUMBER_STATUS_CODE",
      field: "nhsNumberStatus",
      as: code("NHS number status", { "01": "VERIFIED", "02": "NOT_TRACED", "03": "TRACE_REQUIRED" }),
    },
    { column: "SUPERSEDED_NHS_NUMBER", field: "supersededNhsNumber", as: nhsNumber() },
    { column: "REGISTRATION_SOURCE", ignored: "how the child became known" },
    { column: "PERSON_BIRTH_TIME", field: "bornAtTime", as: timeOfDay("HH:mm") },
    { column: "ETHNIC_CATEGORY", field: "ethnicCategory", as: ethnicCategory() },
    { column: "ADDRESS_LINE_1", field: "addressLine1", as: text({ max: 100 }) },
    { column: "ADDRESS_LINE_2", field: "addressLine2", as: text({ max: 100 }) },
    { column: "ADDRESS_LINE_3", field: "addressLine3", as: text({ max: 100 }) },
    { column: "ADDRESS_LINE_4", field: "addressLine4", as: text({ max: 100 }) },
    { column: "LOCAL_AUTHORITY_CODE", field: "localAuthority", as: LOCAL_AUTHORITY },
    { column: "ADDRESS_FROM", field: "addressFrom", as: DAY },
    { column: "GP_ORGANISATION_CODE", field: "practice", as: odsCode() },
    { column: "GP_FROM", field: "practiceFrom", as: DAY },
    { column: "SCHOOL_URN", field: "schoolUrn", as: matching(/^\d{6}$/, "a school's unique reference number") },
    { column: "SCHOOL_NAME", field: "schoolName", as: text({ max: 300 }) },
    { column: "RESTRICTED", field: "restricted", as: YES_NO },
    { column: "PERSON_DATE_OF_DEATH", field: "diedOn", as: DAY },
    {
      column: "RECORD_STATUS",
      field: "residence",
      as: code("residence", { CURRENT: "RESIDENT", TRANSFERRED: "MOVED_OUT" }),
    },
    { column: "RECORD_STATUS_FROM", field: "residenceFrom", as: DAY },
    { column: "MOTHER_NHS_NUMBER", field: "motherNhsNumber", as: nhsNumber() },
    { column: "AMENDED", field: "amendedAt", as: AMENDED },
  ],
});

const HEARING = delimited<"HEARING">({
  name: "wirral-hearing",
  kind: "HEARING",
  ...FORM,
  exampleName: "WIRRAL_HEARING.csv",
  columns: [
    ...CHILD,
    { column: "SCREEN_ID", field: "rowId", as: text({ max: 30 }) },
    { column: "DATE_OF_SCREEN", field: "screenedOn", as: DAY },
    { column: "SCREEN_OUTCOME_CODE", field: "outcome", as: HEARING_OUTCOME },
    { column: "LEFT_AABR", field: "leftAabr", as: EAR },
    { column: "RIGHT_AABR", field: "rightAabr", as: EAR },
    { column: "LEFT_AOAE", field: "leftAoae", as: EAR },
    { column: "RIGHT_AOAE", field: "rightAoae", as: EAR },
    { column: "PROVIDER_CODE", field: "provider", as: odsCode() },
    { column: "COMMENT", field: "comment", as: text({ max: 500 }) },
    { column: "AMENDED", field: "amendedAt", as: AMENDED },
  ],
});

const BLOOD_SPOT = delimited<"BLOOD_SPOT">({
  name: "wirral-blood-spot",
  kind: "BLOOD_SPOT",
  ...FORM,
  exampleName: "WIRRAL_BLOODSPOT.csv",
  columns: [
    ...CHILD,
    { column: "SAMPLE_ID", field: "rowId", as: text({ max: 30 }) },
    { column: "DATE_OF_SAMPLE", field: "sampleTakenOn", as: DAY },
    { column: "RESULT_RECEIVED", field: "issuedAt", as: AMENDED },
    ...BLOOD_SPOT_CONDITION_NAMES.map((condition) => ({ column: `STATUS_${condition}`, field: condition, as: STATUS })),
    { column: "PROVIDER_CODE", field: "provider", as: odsCode() },
    { column: "COMMENT", field: "comment", as: text({ max: 500 }) },
    { column: "AMENDED", field: "amendedAt", as: AMENDED },
  ],
});

const EXAMINATIONS = delimited<"EXAMINATIONS">({
  name: "wirral-examinations",
  kind: "EXAMINATIONS",
  ...FORM,
  exampleName: "WIRRAL_NIPE.csv",
  columns: [
    ...CHILD,
    { column: "EXAMINATION_ID", field: "rowId", as: text({ max: 30 }) },
    { column: "EXAMINATION_STAGE", field: "stage", as: code("examination", { NEWBORN: "NEWBORN", INFANT: "INFANT" }) },
    { column: "DATE_OF_EXAMINATION", field: "examinedOn", as: DAY },
    { column: "EYES_CODE", field: "eyes", as: EXAMINED },
    { column: "EYES_RISK", field: "eyesRisk", as: YES_NO },
    { column: "HEART_CODE", field: "heart", as: EXAMINED },
    { column: "HEART_RISK", field: "heartRisk", as: YES_NO },
    { column: "HIPS_CODE", field: "hips", as: EXAMINED },
    { column: "HIPS_RISK", field: "hipsRisk", as: YES_NO },
    { column: "TESTES_CODE", field: "testes", as: EXAMINED },
    { column: "BCG_ELIGIBLE", field: "bcgEligible", as: YES_NO },
    { column: "PROVIDER_CODE", field: "provider", as: odsCode() },
    { column: "COMMENT", field: "comment", as: text({ max: 500 }) },
    { column: "AMENDED", field: "amendedAt", as: AMENDED },
  ],
});

const FLAGS = delimited<"FLAGS">({
  name: "wirral-flags",
  kind: "FLAGS",
  ...FORM,
  exampleName: "WIRRAL_SAFEGUARDING.csv",
  columns: [
    ...CHILD,
    { column: "FLAG_ID", field: "rowId", as: text({ max: 30 }) },
    { column: "FLAG_CODE", field: "kind", as: FLAG },
    { column: "LOCAL_AUTHORITY_CODE", field: "localAuthority", as: text({ max: 100 }) },
    { column: "FLAG_START", field: "startedOn", as: DAY },
    { column: "FLAG_END", field: "endedOn", as: DAY },
    { column: "OFFICE_PHONE", field: "officePhone", as: text({ max: 20 }) },
    { column: "EDT_PHONE", field: "emergencyDutyPhone", as: text({ max: 20 }) },
    { column: "AMENDED", field: "amendedAt", as: AMENDED },
  ],
});

export const wirral: Adapter = { CHILDREN, DOSES: batchV5, HEARING, BLOOD_SPOT, EXAMINATIONS, FLAGS };
