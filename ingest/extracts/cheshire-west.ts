/**
 * Cheshire West & Chester: an EMIS-style child health module, semicolons, Windows-1252.
 *
 * No layout of this system is published: columns and codes are ours to assume. Its codes are numbers.
 */

import { LOCAL_AUTHORITIES } from "../../schema/vocabulary/localities";
import { BLOOD_SPOT_CONDITION_NAMES } from "../../schema/vocabulary/screening";
import { PRODUCTS } from "../../schema/vocabulary/vaccines";
import { type Adapter, type Column, delimited } from "./adapter";
import {
  bloodSpotStatus,
  code,
  day,
  dayTold,
  decimal,
  ethnicCategory,
  integer,
  listed,
  localInstant,
  matching,
  nhsNumber,
  odsCode,
  text,
  timeOfDay,
} from "./columns";
import type { AboutChild } from "./kinds";

const FORM = { delimiter: ";", encoding: "windows-1252", lineEnd: "\r\n" } as const;

const DAY = day("dd-MMM-yyyy");

const AMENDED = localInstant("dd-MMM-yyyy HH:mm:ss");

const SEX = code("sex", { "1": "MALE", "2": "FEMALE", "0": "NOT_KNOWN", "9": "NOT_SPECIFIED" });

const YES_NO = code("yes or no", { "1": true, "0": false });

const LOCAL_AUTHORITY = code("local authority", {
  CWC: LOCAL_AUTHORITIES.CHESHIRE_WEST_AND_CHESTER.code,
  CE: LOCAL_AUTHORITIES.CHESHIRE_EAST.code,
  WIR: LOCAL_AUTHORITIES.WIRRAL.code,
  WAR: LOCAL_AUTHORITIES.WARRINGTON.code,
  HAL: LOCAL_AUTHORITIES.HALTON.code,
  LIV: LOCAL_AUTHORITIES.LIVERPOOL.code,
  SEF: LOCAL_AUTHORITIES.SEFTON.code,
  STH: LOCAL_AUTHORITIES.ST_HELENS.code,
  KNO: LOCAL_AUTHORITIES.KNOWSLEY.code,
});

const EAR = code("ear outcome", { "1": "CLEAR", "2": "NO_CLEAR_RESPONSE" });

const HEARING_OUTCOME = code("hearing outcome", {
  "10": "CLEAR_NO_FOLLOW_UP",
  "11": "CLEAR_TARGETED_FOLLOW_UP",
  "20": "NO_CLEAR_RESPONSE_BILATERAL",
  "21": "NO_CLEAR_RESPONSE_UNILATERAL",
  "30": "INCOMPLETE",
  "31": "INCOMPLETE_CONTRAINDICATED",
  "32": "INCOMPLETE_DECLINED",
  "33": "INCOMPLETE_MOVED",
  "34": "INCOMPLETE_NOT_CONTACTABLE",
  "35": "INCOMPLETE_DIED",
});

const STATUS = bloodSpotStatus((status) => (status.length === 4 ? `${status.slice(0, 2)}.${status.slice(2)}` : status));

const EXAMINED = code("examination outcome", {
  "0": "NOT_DONE",
  "1": "DECLINED",
  "2": "INCOMPLETE",
  "3": "NO_ABNORMALITY",
  "4": "ABNORMALITY_SUSPECTED",
  "5": "ABNORMALITY_SUSPECTED_LEFT",
  "6": "ABNORMALITY_SUSPECTED_RIGHT",
  "7": "ABNORMALITY_SUSPECTED_BILATERAL",
});

const FLAG = code("flag", {
  "701": "CHILD_PROTECTION_PLAN",
  "702": "LOOKED_AFTER_CHILD",
  "703": "UNBORN_CHILD_PROTECTION_PLAN",
  "711": "RISK_TO_SELF",
  "712": "RISK_TO_OTHERS",
  "713": "RISK_FROM_OTHERS",
  "721": "FEMALE_GENITAL_MUTILATION",
  "722": "REASONABLE_ADJUSTMENT",
});

/** Each row begins with the child it is about. */
const CHILD: readonly Column<AboutChild>[] = [
  { column: "PAT_NO", field: "localId", as: text({ max: 20 }) },
  { column: "NHS_NO", field: "nhsNumber", as: nhsNumber() },
  { column: "FAMILY_NAME", field: "familyName", as: text({ max: 100 }) },
  { column: "GIVEN_NAMES", field: "givenNames", as: text({ max: 100 }) },
  { column: "BIRTH_DATE", field: "bornOn", as: DAY },
  { column: "GENDER", field: "sex", as: SEX },
  { column: "POST_CODE", field: "postcode", as: text({ max: 10 }) },
];

const CHILDREN = delimited<"CHILDREN">({
  name: "cheshire-west-children",
  kind: "CHILDREN",
  ...FORM,
  exampleName: "CWC_CHILDREN.txt",
  columns: [
    ...CHILD,
    {
      column: "NHS_NO_STATUS",
      field: "nhsNumberStatus",
      as: code("NHS number status", { "1": "VERIFIED", "2": "NOT_TRACED", "3": "TRACE_REQUIRED" }),
    },
    { column: "NHS_NO_REPLACED", field: "supersededNhsNumber", as: nhsNumber() },
    { column: "BIRTH_TIME", field: "bornAtTime", as: timeOfDay("HH:mm") },
    { column: "ETHNICITY", field: "ethnicCategory", as: ethnicCategory((category) => `E${category}`) },
    { column: "LAST_VISIT", ignored: "contacts are not taken over" },
    { column: "ADDR_1", field: "addressLine1", as: text({ max: 100 }) },
    { column: "ADDR_2", field: "addressLine2", as: text({ max: 100 }) },
    { column: "ADDR_3", field: "addressLine3", as: text({ max: 100 }) },
    { column: "ADDR_4", field: "addressLine4", as: text({ max: 100 }) },
    { column: "AUTHORITY", field: "localAuthority", as: LOCAL_AUTHORITY },
    { column: "ADDR_SINCE", field: "addressFrom", as: DAY },
    { column: "GP_PRACTICE", field: "practice", as: odsCode() },
    { column: "GP_SINCE", field: "practiceFrom", as: DAY },
    { column: "SCHOOL_NO", field: "schoolUrn", as: matching(/^\d{6}$/, "a school's unique reference number") },
    { column: "SCHOOL", field: "schoolName", as: text({ max: 300 }) },
    { column: "RESTRICTED", field: "restricted", as: YES_NO },
    { column: "DEATH_DATE", field: "diedOn", as: DAY },
    { column: "RESIDENCE", field: "residence", as: code("residence", { "1": "RESIDENT", "2": "MOVED_OUT" }) },
    { column: "RESIDENCE_SINCE", field: "residenceFrom", as: DAY },
    { column: "MOTHER_NHS_NO", field: "motherNhsNumber", as: nhsNumber() },
    { column: "AMENDED_ON", field: "amendedAt", as: AMENDED },
  ],
});

/** A row tells of a dose given, or where a reason stands of one not given; it never turns from one into the other. */
const DOSES = delimited<"DOSES">({
  name: "cheshire-west-doses",
  kind: "DOSES",
  ...FORM,
  exampleName: "CWC_VACCINATIONS.txt",
  columns: [
    ...CHILD,
    { column: "VACC_NO", field: "rowId", as: text({ max: 30 }), required: true },
    { column: "VACC_DATE", field: "eventOn", as: dayTold({ day: "dd-MMM-yyyy", month: "MMM-yyyy", year: "yyyy" }) },
    { column: "VACC_TIME", field: "eventAtTime", as: timeOfDay("HH:mm") },
    {
      column: "VACC_CODE",
      field: "vaccine",
      as: code("vaccine", {
        "106": "HEXAVALENT",
        "105": "PENTAVALENT",
        "104": "DTAPIPV",
        "103": "TDIPV",
        "110": "HIBMENC",
        "111": "HIB",
        "112": "MENC",
        "120": "MENB",
        "121": "MENACWY",
        "130": "PCV",
        "140": "ROTAVIRUS",
        "150": "MMR",
        "151": "MMRV",
        "152": "VARICELLA",
        "160": "HPV",
        "170": "FLU",
        "180": "BCG",
        "190": "HEPB",
        "195": "COVID",
        "196": "RSV",
        "197": "PERTUSSIS",
        "198": "SHINGLES",
        "199": "UNKNOWN",
      }),
      required: true,
    },
    { column: "PRODUCT_DMD", field: "productCode", as: listed("product", Object.keys(PRODUCTS), { system: "dm+d" }) },
    { column: "PART", field: "doseNumber", as: integer({ min: 1, max: 9 }) },
    {
      column: "NOT_GIVEN_CODE",
      field: "notGivenReason",
      as: code("reason not given", {
        "1": "DECLINED",
        "2": "CONTRAINDICATED",
        "3": "DEFERRED",
        "4": "GIVEN_ELSEWHERE",
        "5": "UNWELL",
        "6": "DID_NOT_ATTEND",
        "9": "OTHER",
      }),
    },
    { column: "DEFER_UNTIL", field: "notGivenUntil", as: DAY },
    {
      column: "SITE_CODE",
      field: "site",
      as: code("site", {
        "11": "LEFT_THIGH",
        "12": "RIGHT_THIGH",
        "21": "LEFT_UPPER_ARM",
        "22": "RIGHT_UPPER_ARM",
        "31": "LEFT_BUTTOCK",
        "32": "RIGHT_BUTTOCK",
        "40": "NOSE",
        "51": "LEFT_FOREARM",
        "52": "RIGHT_FOREARM",
        "60": "ABDOMEN",
        "13": "ANTEROLATERAL_THIGH",
        "14": "LEFT_ANTEROLATERAL_THIGH",
        "15": "RIGHT_ANTEROLATERAL_THIGH",
        "1": "LEFT",
        "2": "RIGHT",
        "23": "LEFT_ARM",
        "24": "RIGHT_ARM",
        "16": "LEFT_LEG",
        "17": "RIGHT_LEG",
        "20": "UPPER_ARM",
        "41": "MOUTH",
        "99": "OTHER",
      }),
    },
    {
      column: "ROUTE_CODE",
      field: "route",
      as: code("route", { "1": "INTRAMUSCULAR", "2": "SUBCUTANEOUS", "3": "NASAL", "4": "ORAL", "5": "INTRADERMAL" }),
    },
    { column: "BATCH", field: "batchNumber", as: text({ max: 100 }) },
    { column: "EXPIRY", field: "expiresOn", as: DAY },
    { column: "MAKER", field: "manufacturer", as: text({ max: 100 }) },
    { column: "VOLUME_ML", field: "amountMillilitres", as: decimal({ max: 20 }) },
    { column: "GIVER", field: "givenBy", as: text({ max: 100 }) },
    { column: "ORG_CODE", field: "organisation", as: odsCode() },
    { column: "PLACE_CODE", field: "place", as: text({ max: 20 }) },
    { column: "OWN_RECORD", field: "primarySource", as: YES_NO },
    { column: "AMENDED_ON", field: "amendedAt", as: AMENDED },
  ],
});

const HEARING = delimited<"HEARING">({
  name: "cheshire-west-hearing",
  kind: "HEARING",
  ...FORM,
  exampleName: "CWC_HEARING.txt",
  columns: [
    ...CHILD,
    { column: "HEARING_NO", field: "rowId", as: text({ max: 30 }) },
    { column: "SCREEN_DATE", field: "screenedOn", as: DAY },
    { column: "RESULT", field: "outcome", as: HEARING_OUTCOME },
    { column: "AABR_L", field: "leftAabr", as: EAR },
    { column: "AABR_R", field: "rightAabr", as: EAR },
    { column: "AOAE_L", field: "leftAoae", as: EAR },
    { column: "AOAE_R", field: "rightAoae", as: EAR },
    { column: "PROVIDER", field: "provider", as: odsCode() },
    { column: "REMARK", field: "comment", as: text({ max: 500 }) },
    { column: "AMENDED_ON", field: "amendedAt", as: AMENDED },
  ],
});

const BLOOD_SPOT = delimited<"BLOOD_SPOT">({
  name: "cheshire-west-blood-spot",
  kind: "BLOOD_SPOT",
  ...FORM,
  exampleName: "CWC_BLOODSPOT.txt",
  columns: [
    ...CHILD,
    { column: "SAMPLE_NO", field: "rowId", as: text({ max: 30 }) },
    { column: "TAKEN_ON", field: "sampleTakenOn", as: DAY },
    { column: "REPORTED_AT", field: "issuedAt", as: AMENDED },
    ...BLOOD_SPOT_CONDITION_NAMES.map((condition) => ({ column: `NBS_${condition}`, field: condition, as: STATUS })),
    { column: "PROVIDER", field: "provider", as: odsCode() },
    { column: "REMARK", field: "comment", as: text({ max: 500 }) },
    { column: "AMENDED_ON", field: "amendedAt", as: AMENDED },
  ],
});

const EXAMINATIONS = delimited<"EXAMINATIONS">({
  name: "cheshire-west-examinations",
  kind: "EXAMINATIONS",
  ...FORM,
  exampleName: "CWC_NIPE.txt",
  columns: [
    ...CHILD,
    { column: "NIPE_NO", field: "rowId", as: text({ max: 30 }) },
    { column: "STAGE", field: "stage", as: code("examination", { "1": "NEWBORN", "2": "INFANT" }) },
    { column: "EXAM_DATE", field: "examinedOn", as: DAY },
    { column: "EYES", field: "eyes", as: EXAMINED },
    { column: "EYES_RISK", field: "eyesRisk", as: YES_NO },
    { column: "HEART", field: "heart", as: EXAMINED },
    { column: "HEART_RISK", field: "heartRisk", as: YES_NO },
    { column: "HIPS", field: "hips", as: EXAMINED },
    { column: "HIPS_RISK", field: "hipsRisk", as: YES_NO },
    { column: "TESTES", field: "testes", as: EXAMINED },
    { column: "BCG", field: "bcgEligible", as: YES_NO },
    { column: "PROVIDER", field: "provider", as: odsCode() },
    { column: "REMARK", field: "comment", as: text({ max: 500 }) },
    { column: "AMENDED_ON", field: "amendedAt", as: AMENDED },
  ],
});

const FLAGS = delimited<"FLAGS">({
  name: "cheshire-west-flags",
  kind: "FLAGS",
  ...FORM,
  exampleName: "CWC_ALERTS.txt",
  columns: [
    ...CHILD,
    { column: "ALERT_NO", field: "rowId", as: text({ max: 30 }) },
    { column: "ALERT_CODE", field: "kind", as: FLAG },
    { column: "AUTHORITY_NAME", field: "localAuthority", as: text({ max: 100 }) },
    { column: "VALID_FROM", field: "startedOn", as: DAY },
    { column: "VALID_TO", field: "endedOn", as: DAY },
    { column: "PHONE_DAY", field: "officePhone", as: text({ max: 20 }) },
    { column: "PHONE_NIGHT", field: "emergencyDutyPhone", as: text({ max: 20 }) },
    { column: "AMENDED_ON", field: "amendedAt", as: AMENDED },
  ],
});

export const cheshireWest: Adapter = { CHILDREN, DOSES, HEARING, BLOOD_SPOT, EXAMINATIONS, FLAGS };
