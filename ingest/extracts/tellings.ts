/**
 * What a row of each kind of file tells, as events, and what is wrong with it.
 */

import { hash } from "node:crypto";
import { type Instant, londonInstant } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { BloodSpotResult, ExaminationResult, HearingTest } from "../../schema/events";
import { localAuthorityOfPostcode } from "../../schema/vocabulary/practices";
import {
  BLOOD_SPOT_CONDITION_NAMES,
  bloodSpotStatusOf,
  type ExaminationOutcome,
} from "../../schema/vocabulary/screening";
import { notGivenByProcedure, vaccineOfProcedure, vaccineOfProduct } from "../../schema/vocabulary/vaccines";
import { MADE_ID } from "../reading";
import type {
  BloodSpotRow,
  ChildRow,
  DoseRow,
  ExaminationRow,
  FileKind,
  FlagRow,
  HearingRow,
  RowPlace,
  Telling,
} from "./kinds";

/** A row of each kind, for people: `{for} needs it`. */
export const SAYS = {
  CHILDREN: "a child of the child index",
  DOSES: "a dose",
  HEARING: "a newborn hearing outcome",
  BLOOD_SPOT: "a blood spot sample",
  EXAMINATIONS: "a physical examination",
  FLAGS: "a safeguarding flag",
} as const satisfies Readonly<Record<FileKind, string>>;

/**
 * National codes that stand where a practice would: true, the child is registered with none; false, it is not known.
 * Source: NHS Data Dictionary, GENERAL MEDICAL PRACTICE CODE, default codes.
 */
export const PRACTICES_OF_NOBODY: Readonly<Record<string, boolean>> = {
  V81997: true,
  V81998: false,
  V81999: false,
};

export function tellChild(row: ChildRow, place: RowPlace<ChildRow>, { tells }: Telling): void {
  const { localId, familyName, givenNames, bornOn, sex, restricted, residence, amendedAt } = row;
  if (!localId || !familyName || !givenNames || !bornOn || !sex || restricted === null || !residence || !amendedAt) {
    return; // each is required of the row, and told as missing
  }
  const source = { system: place.locality, id: localId };
  const asOf = amendedAt;
  // Each event is written out: spreading what they share takes several times as long, for every child there is.
  const action = "record";
  tells.push({
    source,
    asOf,
    action,
    type: "IdentityRecorded",
    nhsNumber: row.nhsNumber,
    nhsNumberStatus: row.nhsNumber ? (row.nhsNumberStatus ?? "TRACE_REQUIRED") : "ABSENT",
    supersededNhsNumbers: row.supersededNhsNumber ? [row.supersededNhsNumber] : [],
    familyName,
    givenNames,
    bornOn,
    bornAtTime: row.bornAtTime,
    sex,
    ethnicCategory: row.ethnicCategory,
  });
  tells.push({
    source,
    asOf,
    action,
    type: "ResponsibilityRecorded",
    locality: place.locality,
    status: residence,
    from: row.residenceFrom,
  });
  tells.push({ source, asOf, action, type: "RestrictionRecorded", restricted });
  const lines = [row.addressLine1, row.addressLine2, row.addressLine3, row.addressLine4].filter(
    (line) => line !== null,
  );
  if (lines.length > 0 || row.postcode) {
    const localAuthority = row.localAuthority ?? (row.postcode ? localAuthorityOfPostcode(row.postcode) : null);
    tells.push({
      source,
      asOf,
      action,
      type: "AddressRecorded",
      lines,
      postcode: row.postcode,
      localAuthority,
      from: row.addressFrom,
      to: null,
    });
  }
  // An empty cell tells of no practice, which takes back one told before; that there is none, only a national code says.
  const nobody = row.practice === null ? false : PRACTICES_OF_NOBODY[row.practice];
  if (nobody !== false) {
    const practice = nobody ? null : row.practice;
    tells.push({ source, asOf, action, type: "GpRegistrationRecorded", practice, from: row.practiceFrom, to: null });
  }
  if (row.schoolUrn) {
    tells.push({
      source,
      asOf,
      action,
      type: "SchoolRecorded",
      urn: row.schoolUrn,
      name: row.schoolName,
      from: null,
      to: null,
    });
  }
  if (row.motherNhsNumber) {
    tells.push({
      source,
      asOf,
      action,
      type: "BirthRecorded",
      motherNhsNumber: row.motherNhsNumber,
      motherFamilyName: null,
      motherGivenNames: null,
      motherBornOn: null,
      birthOrder: null,
      birthsAtDelivery: null,
      weightGrams: null,
      gestationWeeks: null,
      stillbirth: false,
      congenitalAbnormality: null,
      deliveryPlace: null,
    });
  }
  // A legacy index does not say whether the death was registered.
  if (row.diedOn) tells.push({ source, asOf, action, type: "DeathRecorded", status: "INFORMAL", diedOn: row.diedOn });
}

export function tellDose(row: DoseRow, place: RowPlace<DoseRow>, { tells, faults, warnings }: Telling): void {
  const notGiven = row.notGivenReason ?? (row.procedureCode && notGivenByProcedure(row.procedureCode));
  const id =
    row.rowId === null
      ? doseId(row, Boolean(notGiven))
      : row.rowIdSystem
        ? `${row.rowIdSystem}|${row.rowId}`
        : row.rowId;
  const source = { system: place.locality, id };
  const asOf = row.amendedAt ?? asOfFile(place) ?? asOfEvent(row);
  if (!asOf) return; // neither told nor to be had from the day, which is told as missing
  if (row.action === "delete") {
    tells.push({ source, asOf, action: "withdraw", type: "DoseRecorded" });
    return;
  }
  const named = [
    ["vaccine", row.vaccine],
    ["vaccine", place.file.vaccine],
    ["procedureCode", row.procedureCode && vaccineOfProcedure(row.procedureCode)],
    ["productCode", row.productCode && vaccineOfProduct(row.productCode)],
  ] as const;
  const vaccine = named.find(([, name]) => name)?.[1];
  if (!vaccine) {
    untold("vaccine", SAYS.DOSES, place, faults);
    return;
  }
  if (!row.eventOn) return; // required of the row, and told as missing
  // The first coding decides, as in the national API; another that names a different vaccine is told, not followed.
  for (const [field, name] of named) {
    if (name && name !== vaccine) {
      warnings.push(new Problem("VALUE_INVALID", { at: place.at(field), expected: `a code of ${vaccine}` }));
    }
  }
  if (notGiven) {
    tells.push({
      source,
      asOf,
      action: "record",
      type: "DoseNotGivenRecorded",
      vaccine,
      reason: notGiven,
      decidedOn: row.eventOn.day,
      until: row.notGivenUntil,
      organisation: row.organisation,
    });
    return;
  }
  tells.push({
    source,
    asOf,
    action: "record",
    type: "DoseRecorded",
    vaccine,
    givenOn: row.eventOn.day,
    precision: row.eventOn.precision,
    procedureCode: row.procedureCode,
    productCode: row.productCode,
    doseNumber: row.doseNumber,
    site: row.site,
    route: row.route,
    batchNumber: row.batchNumber,
    expiresOn: row.expiresOn,
    manufacturer: row.manufacturer,
    amountMillilitres: row.amountMillilitres,
    givenBy: row.givenBy,
    organisation: row.organisation,
    place: row.place,
    primarySource: row.primarySource ?? true,
  });
}

/**
 * None of several columns tells what one of them must. Not said where a code was there that could not be read, nor of
 * a layout with a column of its own for it, which is then required and was told as missing.
 */
function untold<Row>(field: keyof Row, needs: string, place: RowPlace<Row>, faults: Problem[]): void {
  const known = faults.some(
    ({ code }) => code === "CODE_UNKNOWN" || (code === "REQUIRED_MISSING" && !place.has(field)),
  );
  if (known) return;
  faults.push(new Problem("REQUIRED_MISSING", { at: place.at(field), for: needs }));
}

/**
 * The identity of a dose whose source gives it none: a digest of the child's identifiers, the day, the vaccine and
 * the dose, so that the same dose exported twice is one fact. The NHS number alone stands for the child where there
 * is one, for a name may be corrected between two exports. A dose put off and one given on the same day are two.
 */
function doseId(row: DoseRow, notGiven: boolean): string {
  const child = row.nhsNumber ?? `${row.familyName}\n${row.givenNames}\n${row.bornOn}`;
  const vaccine = row.vaccine ?? row.productCode;
  const dose = `${child}\n${row.eventOn?.day}\n${vaccine}\n${row.doseNumber ?? ""}${notGiven ? "\nnot given" : ""}`;
  return MADE_ID + hash("sha256", dose.toUpperCase(), "hex").slice(0, 24);
}

/**
 * A row of a file that is itself timed is as of that time, and among the file's rows of its order: the row number
 * stands in the nanoseconds, so that a `new` and the `delete` of the same dose further down apply in that order, and
 * any row of a later file comes after both.
 */
function asOfFile(place: RowPlace<DoseRow>): Instant | null {
  const sentAt = place.file.sentAt;
  return sentAt && `${sentAt.slice(0, 20)}${String(place.number).padStart(9, "0")}Z`;
}

/** Where nothing says when a dose was told, it is as of when it was given. */
function asOfEvent(row: DoseRow): Instant | null {
  return row.eventOn && londonInstant(row.eventOn.day, row.eventAtTime ?? "00:00");
}

const HEARING_COLUMNS = [
  ["leftAabr", "AABR", "LEFT"],
  ["rightAabr", "AABR", "RIGHT"],
  ["leftAoae", "AOAE", "LEFT"],
  ["rightAoae", "AOAE", "RIGHT"],
] as const;

export function tellHearing(row: HearingRow, place: RowPlace<HearingRow>, { tells }: Telling): void {
  const { rowId, amendedAt, outcome, screenedOn } = row;
  if (!rowId || !amendedAt || !outcome || !screenedOn) return; // required of the row, and told as missing
  const tests = HEARING_COLUMNS.flatMap(([field, method, ear]): HearingTest[] => {
    const found = row[field];
    return found ? [{ method, ear, outcome: found, enteredAt: null }] : [];
  });
  tells.push({
    source: { system: place.locality, id: rowId },
    asOf: amendedAt,
    action: "record",
    type: "NewbornHearingRecorded",
    outcome,
    outcomeCode: place.sent("outcome"),
    screenedOn,
    outcomeSetAt: null,
    tests,
    provider: row.provider,
    comment: row.comment,
  });
}

export function tellBloodSpot(row: BloodSpotRow, place: RowPlace<BloodSpotRow>, { tells, faults }: Telling): void {
  const { rowId, amendedAt } = row;
  if (!rowId || !amendedAt) return; // required of the row, and told as missing
  const results = BLOOD_SPOT_CONDITION_NAMES.flatMap((condition): BloodSpotResult[] => {
    const status = row[condition] === null ? null : bloodSpotStatusOf(row[condition]);
    return status ? [{ condition, ...status, outcomeCode: null }] : [];
  });
  if (results.length === 0) {
    untold("PKU", SAYS.BLOOD_SPOT, place, faults);
    return;
  }
  tells.push({
    source: { system: place.locality, id: rowId },
    asOf: amendedAt,
    action: "record",
    type: "NewbornBloodSpotRecorded",
    results,
    issuedAt: row.issuedAt,
    sampleTakenOn: row.sampleTakenOn,
    provider: row.provider,
    comment: row.comment,
  });
}

export function tellExamination(
  row: ExaminationRow,
  place: RowPlace<ExaminationRow>,
  { tells, faults }: Telling,
): void {
  const { rowId, amendedAt, stage, examinedOn } = row;
  if (!rowId || !amendedAt || !stage || !examinedOn) return; // required of the row, and told as missing
  const results: ExaminationResult[] = [];
  const add = (part: ExaminationResult["part"], outcome: ExaminationOutcome | null, riskFactor: boolean | null) => {
    if (outcome) results.push({ part, outcome, riskFactor, outcomeCode: null });
  };
  add("HIPS", row.hips, row.hipsRisk);
  add("EYES", row.eyes, row.eyesRisk);
  add("HEART", row.heart, row.heartRisk);
  add("TESTES", row.testes, null);
  if (results.length === 0) {
    untold("eyes", SAYS.EXAMINATIONS, place, faults);
    return;
  }
  tells.push({
    source: { system: place.locality, id: rowId },
    asOf: amendedAt,
    action: "record",
    type: "NewbornExaminationRecorded",
    stage,
    examinedOn,
    results,
    bcgEligible: row.bcgEligible,
    provider: row.provider,
    comment: row.comment,
  });
}

export function tellFlag(row: FlagRow, place: RowPlace<FlagRow>, { tells, faults }: Telling): void {
  const { rowId, amendedAt, kind, startedOn, endedOn } = row;
  if (!rowId || !amendedAt || !kind || !startedOn) return; // required of the row, and told as missing
  if (endedOn && endedOn < startedOn) {
    faults.push(new Problem("VALUE_INVALID", { at: place.at("endedOn"), expected: "on or after the day it started" }));
    return;
  }
  tells.push({
    source: { system: place.locality, id: rowId },
    asOf: amendedAt,
    action: "record",
    type: "SafeguardingFlagRecorded",
    kind,
    localAuthority: row.localAuthority,
    startedOn,
    endedOn,
    officePhone: row.officePhone,
    emergencyDutyPhone: row.emergencyDutyPhone,
  });
}
