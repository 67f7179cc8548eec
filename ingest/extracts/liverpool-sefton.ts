/**
 * Liverpool & Sefton: CarePlus, comma CSV in UTF-8; doses in the published CarePlus layout.
 *
 * Only the layout of doses is published: the columns and codes of the other files are ours to assume.
 */

import { LOCAL_AUTHORITIES } from "../../schema/vocabulary/localities";
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
import { carePlus } from "./formats/careplus";
import type { AboutChild } from "./kinds";

const FORM = { delimiter: ",", encoding: "utf-8" } as const;

const DAY = day("dd/MM/yyyy");

const AMENDED = localInstant("dd/MM/yyyy HH:mm");

const SEX = code("sex", { M: "MALE", F: "FEMALE", U: "NOT_KNOWN", I: "NOT_SPECIFIED" });

const YES_NO = code("yes or no", { Y: true, N: false });

const LOCAL_AUTHORITY = code("local authority", {
  LIV: LOCAL_AUTHORITIES.LIVERPOOL.code,
  SEF: LOCAL_AUTHORITIES.SEFTON.code,
  STH: LOCAL_AUTHORITIES.ST_HELENS.code,
  KNO: LOCAL_AUTHORITIES.KNOWSLEY.code,
  WIR: LOCAL_AUTHORITIES.WIRRAL.code,
  WAR: LOCAL_AUTHORITIES.WARRINGTON.code,
  HAL: LOCAL_AUTHORITIES.HALTON.code,
  CHE: LOCAL_AUTHORITIES.CHESHIRE_EAST.code,
  CHW: LOCAL_AUTHORITIES.CHESHIRE_WEST_AND_CHESTER.code,
});

const EAR = code("ear outcome", { P: "CLEAR", F: "NO_CLEAR_RESPONSE" });

const HEARING_OUTCOME = code("hearing outcome", {
  P1: "CLEAR_NO_FOLLOW_UP",
  P2: "CLEAR_TARGETED_FOLLOW_UP",
  R2: "NO_CLEAR_RESPONSE_BILATERAL",
  R1: "NO_CLEAR_RESPONSE_UNILATERAL",
  N1: "INCOMPLETE",
  N2: "INCOMPLETE_CONTRAINDICATED",
  N3: "INCOMPLETE_DECLINED",
  N4: "INCOMPLETE_MOVED",
  N5: "INCOMPLETE_NOT_CONTACTABLE",
  N6: "INCOMPLETE_DIED",
});

const STATUS = bloodSpotStatus();

const EXAMINED = code("examination outcome", {
  N: "NOT_DONE",
  D: "DECLINED",
  I: "INCOMPLETE",
  S: "NO_ABNORMALITY",
  P: "ABNORMALITY_SUSPECTED",
  PL: "ABNORMALITY_SUSPECTED_LEFT",
  PR: "ABNORMALITY_SUSPECTED_RIGHT",
  PB: "ABNORMALITY_SUSPECTED_BILATERAL",
});

const FLAG = code("flag", {
  CP: "CHILD_PROTECTION_PLAN",
  LA: "LOOKED_AFTER_CHILD",
  UB: "UNBORN_CHILD_PROTECTION_PLAN",
  RS: "RISK_TO_SELF",
  RO: "RISK_TO_OTHERS",
  RF: "RISK_FROM_OTHERS",
  FG: "FEMALE_GENITAL_MUTILATION",
  RA: "REASONABLE_ADJUSTMENT",
});

/** Each row begins with the child it is about. */
const CHILD: readonly Column<AboutChild>[] = [
  { column: "Child ID", field: "localId", as: text({ max: 20 }) },
  { column: "NHS Number", field: "nhsNumber", as: nhsNumber() },
  { column: "Surname", field: "familyName", as: text({ max: 100 }) },
  { column: "Forename", field: "givenNames", as: text({ max: 100 }) },
  { column: "Date of Birth", field: "bornOn", as: DAY },
  { column: "Gender", field: "sex", as: SEX },
  { column: "Postcode", field: "postcode", as: text({ max: 10 }) },
];

const CHILDREN = delimited<"CHILDREN">({
  name: "liverpool-sefton-children",
  kind: "CHILDREN",
  ...FORM,
  exampleName: "careplus-children.csv",
  columns: [
    ...CHILD,
    {
      column: "NHS Number Status",
      field: "nhsNumberStatus",
      as: code("NHS number status", { "01": "VERIFIED", "02": "NOT_TRACED", "03": "TRACE_REQUIRED" }),
    },
    { column: "Previous NHS Number", field: "supersededNhsNumber", as: nhsNumber() },
    { column: "Time of Birth", field: "bornAtTime", as: timeOfDay("HH:mm") },
    { column: "Ethnicity", field: "ethnicCategory", as: ethnicCategory() },
    { column: "Address Line 1", field: "addressLine1", as: text({ max: 100 }) },
    { column: "Health Visitor Team", ignored: "teams are not taken over" },
    { column: "Address Line 2", field: "addressLine2", as: text({ max: 100 }) },
    { column: "Address Line 3", field: "addressLine3", as: text({ max: 100 }) },
    { column: "Local Authority", field: "localAuthority", as: LOCAL_AUTHORITY },
    { column: "Address Start Date", field: "addressFrom", as: DAY },
    { column: "GP Practice Code", field: "practice", as: odsCode() },
    { column: "GP Start Date", field: "practiceFrom", as: DAY },
    { column: "School URN", field: "schoolUrn", as: matching(/^\d{6}$/, "a school's unique reference number") },
    { column: "School Name", field: "schoolName", as: text({ max: 300 }) },
    { column: "Confidential", field: "restricted", as: YES_NO },
    { column: "Date of Death", field: "diedOn", as: DAY },
    { column: "Residency", field: "residence", as: code("residence", { RES: "RESIDENT", OUT: "MOVED_OUT" }) },
    { column: "Residency Start Date", field: "residenceFrom", as: DAY },
    { column: "Mother NHS Number", field: "motherNhsNumber", as: nhsNumber() },
    { column: "Date Amended", field: "amendedAt", as: AMENDED },
  ],
});

const HEARING = delimited<"HEARING">({
  name: "liverpool-sefton-hearing",
  kind: "HEARING",
  ...FORM,
  exampleName: "careplus-hearing.csv",
  columns: [
    ...CHILD,
    { column: "Screen ID", field: "rowId", as: text({ max: 30 }) },
    { column: "Date Screened", field: "screenedOn", as: DAY },
    { column: "Screening Outcome", field: "outcome", as: HEARING_OUTCOME },
    { column: "AABR Left", field: "leftAabr", as: EAR },
    { column: "AABR Right", field: "rightAabr", as: EAR },
    { column: "AOAE Left", field: "leftAoae", as: EAR },
    { column: "AOAE Right", field: "rightAoae", as: EAR },
    { column: "Provider", field: "provider", as: odsCode() },
    { column: "Date Amended", field: "amendedAt", as: AMENDED },
  ],
});

const BLOOD_SPOT = delimited<"BLOOD_SPOT">({
  name: "liverpool-sefton-blood-spot",
  kind: "BLOOD_SPOT",
  ...FORM,
  exampleName: "careplus-bloodspot.csv",
  columns: [
    ...CHILD,
    { column: "Card ID", field: "rowId", as: text({ max: 30 }) },
    { column: "Date Taken", field: "sampleTakenOn", as: DAY },
    { column: "Date Result Received", field: "issuedAt", as: AMENDED },
    ...BLOOD_SPOT_CONDITION_NAMES.map((condition) => ({ column: `${condition} Result`, field: condition, as: STATUS })),
    { column: "Provider", field: "provider", as: odsCode() },
    { column: "Date Amended", field: "amendedAt", as: AMENDED },
  ],
});

const EXAMINATIONS = delimited<"EXAMINATIONS">({
  name: "liverpool-sefton-examinations",
  kind: "EXAMINATIONS",
  ...FORM,
  exampleName: "careplus-examinations.csv",
  columns: [
    ...CHILD,
    { column: "Examination ID", field: "rowId", as: text({ max: 30 }) },
    { column: "Examination", field: "stage", as: code("examination", { NEO: "NEWBORN", "6WK": "INFANT" }) },
    { column: "Date Examined", field: "examinedOn", as: DAY },
    { column: "Eyes", field: "eyes", as: EXAMINED },
    { column: "Eyes Risk", field: "eyesRisk", as: YES_NO },
    { column: "Heart", field: "heart", as: EXAMINED },
    { column: "Heart Risk", field: "heartRisk", as: YES_NO },
    { column: "Hips", field: "hips", as: EXAMINED },
    { column: "Hips Risk", field: "hipsRisk", as: YES_NO },
    { column: "Testes", field: "testes", as: EXAMINED },
    { column: "BCG Eligible", field: "bcgEligible", as: YES_NO },
    { column: "Provider", field: "provider", as: odsCode() },
    { column: "Date Amended", field: "amendedAt", as: AMENDED },
  ],
});

const FLAGS = delimited<"FLAGS">({
  name: "liverpool-sefton-flags",
  kind: "FLAGS",
  ...FORM,
  exampleName: "careplus-special-needs.csv",
  columns: [
    ...CHILD,
    { column: "Need ID", field: "rowId", as: text({ max: 30 }) },
    { column: "Need", field: "kind", as: FLAG },
    { column: "Raised By", field: "localAuthority", as: text({ max: 100 }) },
    { column: "Start Date", field: "startedOn", as: DAY },
    { column: "End Date", field: "endedOn", as: DAY },
    { column: "Office Telephone", field: "officePhone", as: text({ max: 20 }) },
    { column: "Emergency Telephone", field: "emergencyDutyPhone", as: text({ max: 20 }) },
    { column: "Date Amended", field: "amendedAt", as: AMENDED },
  ],
});

export const liverpoolSefton: Adapter = { CHILDREN, DOSES: carePlus, HEARING, BLOOD_SPOT, EXAMINATIONS, FLAGS };
