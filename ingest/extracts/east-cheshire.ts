/**
 * East Cheshire: an EMIS-style child health module, comma CSV in UTF-8 with a byte order mark.
 *
 * No layout of this system is published: columns and codes are ours to assume.
 */

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

const FORM = { delimiter: ",", encoding: "utf-8", byteOrderMark: true, lineEnd: "\r\n" } as const;

const DAY = day("dd/MM/yyyy");

const AMENDED = localInstant("dd/MM/yyyy HH:mm:ss");

const SEX = code("sex", { M: "MALE", F: "FEMALE", U: "NOT_KNOWN", I: "NOT_SPECIFIED" });

const YES_NO = code("yes or no", { Y: true, N: false });

const LOCAL_AUTHORITY = matching(/^[EWSN]\d{8}$/, "an ONS code of a local authority");

const EAR = code("ear outcome", { CR: "CLEAR", NCR: "NO_CLEAR_RESPONSE" });

const HEARING_OUTCOME = code("hearing outcome", {
  CR: "CLEAR_NO_FOLLOW_UP",
  "CR-TFU": "CLEAR_TARGETED_FOLLOW_UP",
  "NCR-BI": "NO_CLEAR_RESPONSE_BILATERAL",
  "NCR-UNI": "NO_CLEAR_RESPONSE_UNILATERAL",
  INC: "INCOMPLETE",
  "INC-CON": "INCOMPLETE_CONTRAINDICATED",
  "INC-DEC": "INCOMPLETE_DECLINED",
  "INC-MOV": "INCOMPLETE_MOVED",
  "INC-NOC": "INCOMPLETE_NOT_CONTACTABLE",
  "INC-DIE": "INCOMPLETE_DIED",
});

const STATUS = bloodSpotStatus();

const EXAMINED = code("examination outcome", {
  ND: "NOT_DONE",
  DEC: "DECLINED",
  INC: "INCOMPLETE",
  NAD: "NO_ABNORMALITY",
  ABN: "ABNORMALITY_SUSPECTED",
  "ABN-L": "ABNORMALITY_SUSPECTED_LEFT",
  "ABN-R": "ABNORMALITY_SUSPECTED_RIGHT",
  "ABN-B": "ABNORMALITY_SUSPECTED_BILATERAL",
});

const FLAG = code("flag", {
  CPP: "CHILD_PROTECTION_PLAN",
  LAC: "LOOKED_AFTER_CHILD",
  UCPP: "UNBORN_CHILD_PROTECTION_PLAN",
  "RISK-SELF": "RISK_TO_SELF",
  "RISK-OTH": "RISK_TO_OTHERS",
  "RISK-FROM": "RISK_FROM_OTHERS",
  FGM: "FEMALE_GENITAL_MUTILATION",
  RADJ: "REASONABLE_ADJUSTMENT",
});

/** Each row begins with the child it is about. */
const CHILD: readonly Column<AboutChild>[] = [
  { column: "PatientID", field: "localId", as: text({ max: 20 }) },
  { column: "NHSNumber", field: "nhsNumber", as: nhsNumber() },
  { column: "Surname", field: "familyName", as: text({ max: 100 }) },
  { column: "Forenames", field: "givenNames", as: text({ max: 100 }) },
  { column: "DateOfBirth", field: "bornOn", as: DAY },
  { column: "Sex", field: "sex", as: SEX },
  { column: "Postcode", field: "postcode", as: text({ max: 10 }) },
];

const CHILDREN = delimited<"CHILDREN">({
  name: "east-cheshire-children",
  kind: "CHILDREN",
  ...FORM,
  exampleName: "EC_ChildIndex.csv",
  columns: [
    ...CHILD,
    { column: "UsualGPName", ignored: "the practice is known by its code" },
    {
      column: "NHSNumberStatus",
      field: "nhsNumberStatus",
      as: code("NHS number status", { "01": "VERIFIED", "02": "NOT_TRACED", "03": "TRACE_REQUIRED" }),
    },
    { column: "OldNHSNumber", field: "supersededNhsNumber", as: nhsNumber() },
    { column: "TimeOfBirth", field: "bornAtTime", as: timeOfDay("HH:mm") },
    { column: "EthnicCategory", field: "ethnicCategory", as: ethnicCategory() },
    { column: "Address1", field: "addressLine1", as: text({ max: 100 }) },
    { column: "Address2", field: "addressLine2", as: text({ max: 100 }) },
    { column: "Town", field: "addressLine3", as: text({ max: 100 }) },
    { column: "County", field: "addressLine4", as: text({ max: 100 }) },
    { column: "LocalAuthority", field: "localAuthority", as: LOCAL_AUTHORITY },
    { column: "AddressFrom", field: "addressFrom", as: DAY },
    { column: "PracticeCode", field: "practice", as: odsCode() },
    { column: "RegisteredFrom", field: "practiceFrom", as: DAY },
    { column: "SchoolURN", field: "schoolUrn", as: matching(/^\d{6}$/, "a school's unique reference number") },
    { column: "SchoolName", field: "schoolName", as: text({ max: 300 }) },
    { column: "Restricted", field: "restricted", as: YES_NO },
    { column: "DateOfDeath", field: "diedOn", as: DAY },
    { column: "Status", field: "residence", as: code("residence", { R: "RESIDENT", M: "MOVED_OUT" }) },
    { column: "StatusFrom", field: "residenceFrom", as: DAY },
    { column: "MotherNHSNumber", field: "motherNhsNumber", as: nhsNumber() },
    { column: "LastAmended", field: "amendedAt", as: AMENDED },
  ],
});

/** A row tells of a dose given, or where a reason stands of one not given; it never turns from one into the other. */
const DOSES = delimited<"DOSES">({
  name: "east-cheshire-doses",
  kind: "DOSES",
  ...FORM,
  exampleName: "EC_Immunisations.csv",
  columns: [
    ...CHILD,
    { column: "ImmunisationID", field: "rowId", as: text({ max: 30 }), required: true },
    { column: "EventDate", field: "eventOn", as: dayTold({ day: "dd/MM/yyyy", month: "MM/yyyy", year: "yyyy" }) },
    {
      column: "Vaccine",
      field: "vaccine",
      as: code("vaccine", {
        "6IN1": "HEXAVALENT",
        "5IN1": "PENTAVALENT",
        "4IN1": "DTAPIPV",
        "3IN1": "TDIPV",
        HIBMENC: "HIBMENC",
        HIB: "HIB",
        MENC: "MENC",
        MENB: "MENB",
        ACWY: "MENACWY",
        PCV: "PCV",
        ROTA: "ROTAVIRUS",
        MMR: "MMR",
        MMRV: "MMRV",
        VZV: "VARICELLA",
        HPV: "HPV",
        FLU: "FLU",
        BCG: "BCG",
        HEPB: "HEPB",
        COVID: "COVID",
        RSV: "RSV",
        PERT: "PERTUSSIS",
        ZOS: "SHINGLES",
        NK: "UNKNOWN",
      }),
      required: true,
    },
    { column: "ProductCode", field: "productCode", as: listed("product", Object.keys(PRODUCTS), { system: "dm+d" }) },
    { column: "DoseNo", field: "doseNumber", as: integer({ min: 1, max: 9 }) },
    {
      column: "ReasonNotGiven",
      field: "notGivenReason",
      as: code("reason not given", {
        DEC: "DECLINED",
        CON: "CONTRAINDICATED",
        DEF: "DEFERRED",
        ELS: "GIVEN_ELSEWHERE",
        UNW: "UNWELL",
        DNA: "DID_NOT_ATTEND",
        OTH: "OTHER",
      }),
    },
    { column: "NotGivenUntil", field: "notGivenUntil", as: DAY },
    {
      column: "BodySite",
      field: "site",
      as: code("site", {
        LTH: "LEFT_THIGH",
        RTH: "RIGHT_THIGH",
        LUA: "LEFT_UPPER_ARM",
        RUA: "RIGHT_UPPER_ARM",
        LBU: "LEFT_BUTTOCK",
        RBU: "RIGHT_BUTTOCK",
        NOS: "NOSE",
        LFA: "LEFT_FOREARM",
        RFA: "RIGHT_FOREARM",
        ABD: "ABDOMEN",
        ALT: "ANTEROLATERAL_THIGH",
        LAT: "LEFT_ANTEROLATERAL_THIGH",
        RAT: "RIGHT_ANTEROLATERAL_THIGH",
        L: "LEFT",
        R: "RIGHT",
        LAR: "LEFT_ARM",
        RAR: "RIGHT_ARM",
        LLG: "LEFT_LEG",
        RLG: "RIGHT_LEG",
        UA: "UPPER_ARM",
        MTH: "MOUTH",
        OTH: "OTHER",
      }),
    },
    {
      column: "Route",
      field: "route",
      as: code("route", { IM: "INTRAMUSCULAR", SC: "SUBCUTANEOUS", IN: "NASAL", PO: "ORAL", ID: "INTRADERMAL" }),
    },
    { column: "BatchNumber", field: "batchNumber", as: text({ max: 100 }) },
    { column: "ExpiryDate", field: "expiresOn", as: DAY },
    { column: "Manufacturer", field: "manufacturer", as: text({ max: 100 }) },
    { column: "DoseMl", field: "amountMillilitres", as: decimal({ max: 20 }) },
    { column: "GivenBy", field: "givenBy", as: text({ max: 100 }) },
    { column: "OrganisationCode", field: "organisation", as: odsCode() },
    { column: "LocationCode", field: "place", as: text({ max: 20 }) },
    { column: "GivenHere", field: "primarySource", as: YES_NO },
    { column: "LastAmended", field: "amendedAt", as: AMENDED },
  ],
});

const HEARING = delimited<"HEARING">({
  name: "east-cheshire-hearing",
  kind: "HEARING",
  ...FORM,
  exampleName: "EC_NewbornHearing.csv",
  columns: [
    ...CHILD,
    { column: "ScreenID", field: "rowId", as: text({ max: 30 }) },
    { column: "ScreenDate", field: "screenedOn", as: DAY },
    { column: "Outcome", field: "outcome", as: HEARING_OUTCOME },
    { column: "AABRLeft", field: "leftAabr", as: EAR },
    { column: "AABRRight", field: "rightAabr", as: EAR },
    { column: "AOAELeft", field: "leftAoae", as: EAR },
    { column: "AOAERight", field: "rightAoae", as: EAR },
    { column: "ProviderCode", field: "provider", as: odsCode() },
    { column: "Comment", field: "comment", as: text({ max: 500 }) },
    { column: "LastAmended", field: "amendedAt", as: AMENDED },
  ],
});

const BLOOD_SPOT = delimited<"BLOOD_SPOT">({
  name: "east-cheshire-blood-spot",
  kind: "BLOOD_SPOT",
  ...FORM,
  exampleName: "EC_BloodSpot.csv",
  columns: [
    ...CHILD,
    { column: "SampleID", field: "rowId", as: text({ max: 30 }) },
    { column: "SampleDate", field: "sampleTakenOn", as: DAY },
    { column: "ResultReceived", field: "issuedAt", as: AMENDED },
    ...BLOOD_SPOT_CONDITION_NAMES.map((condition) => ({ column: condition, field: condition, as: STATUS })),
    { column: "ProviderCode", field: "provider", as: odsCode() },
    { column: "Comment", field: "comment", as: text({ max: 500 }) },
    { column: "LastAmended", field: "amendedAt", as: AMENDED },
  ],
});

const EXAMINATIONS = delimited<"EXAMINATIONS">({
  name: "east-cheshire-examinations",
  kind: "EXAMINATIONS",
  ...FORM,
  exampleName: "EC_PhysicalExam.csv",
  columns: [
    ...CHILD,
    { column: "ExamID", field: "rowId", as: text({ max: 30 }) },
    { column: "ExamType", field: "stage", as: code("examination", { NB: "NEWBORN", "6-8W": "INFANT" }) },
    { column: "ExamDate", field: "examinedOn", as: DAY },
    { column: "Eyes", field: "eyes", as: EXAMINED },
    { column: "EyesRisk", field: "eyesRisk", as: YES_NO },
    { column: "Heart", field: "heart", as: EXAMINED },
    { column: "HeartRisk", field: "heartRisk", as: YES_NO },
    { column: "Hips", field: "hips", as: EXAMINED },
    { column: "HipsRisk", field: "hipsRisk", as: YES_NO },
    { column: "Testes", field: "testes", as: EXAMINED },
    { column: "BCGEligible", field: "bcgEligible", as: YES_NO },
    { column: "ProviderCode", field: "provider", as: odsCode() },
    { column: "Comment", field: "comment", as: text({ max: 500 }) },
    { column: "LastAmended", field: "amendedAt", as: AMENDED },
  ],
});

const FLAGS = delimited<"FLAGS">({
  name: "east-cheshire-flags",
  kind: "FLAGS",
  ...FORM,
  exampleName: "EC_Flags.csv",
  columns: [
    ...CHILD,
    { column: "FlagID", field: "rowId", as: text({ max: 30 }) },
    { column: "FlagType", field: "kind", as: FLAG },
    { column: "RaisedBy", field: "localAuthority", as: text({ max: 100 }) },
    { column: "StartDate", field: "startedOn", as: DAY },
    { column: "EndDate", field: "endedOn", as: DAY },
    { column: "OfficePhone", field: "officePhone", as: text({ max: 20 }) },
    { column: "EDTPhone", field: "emergencyDutyPhone", as: text({ max: 20 }) },
    { column: "LastAmended", field: "amendedAt", as: AMENDED },
  ],
});

export const eastCheshire: Adapter = { CHILDREN, DOSES, HEARING, BLOOD_SPOT, EXAMINATIONS, FLAGS };
