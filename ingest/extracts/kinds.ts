/**
 * The kinds of extract file: what a row of each means, whatever its layout, and the events it tells.
 *
 * A row here has the words of the record, not those of a locality. `source` is the locality and the row's own id;
 * `asOf` is when the row was last amended there.
 */

import { hash } from "node:crypto";
import { type Day, type Instant, londonInstant } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { BloodSpotResult, ExaminationResult, HearingTest, NhsNumberStatus, Sex, Told } from "../../schema/events";
import type { NhsNumber } from "../../schema/nhs-number";
import type { FlagKind } from "../../schema/vocabulary/flags";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import { localAuthorityOfPostcode } from "../../schema/vocabulary/practices";
import {
  BLOOD_SPOT_CONDITION_NAMES,
  type BloodSpotCondition,
  type BloodSpotStatus,
  bloodSpotStatusOf,
  type EarOutcome,
  type ExaminationOutcome,
  type ExaminationStage,
  type NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import {
  type NotGivenReason,
  notGivenByProcedure,
  type VaccinationRoute,
  type VaccinationSite,
  type Vaccine,
  vaccineOfProcedure,
  vaccineOfProduct,
} from "../../schema/vocabulary/vaccines";
import { type Identity, MADE_ID } from "../reading";
import type { DayTold } from "./columns";

/** What a row of any kind may say of the child it is about. */
export interface AboutChild {
  /** The number the locality's own system gives the child. */
  localId: string | null;
  nhsNumber: NhsNumber | null;
  familyName: string | null;
  givenNames: string | null;
  bornOn: Day | null;
  sex: Sex | null;
  postcode: string | null;
}

/** One child of the child index. */
export interface ChildRow extends AboutChild {
  nhsNumberStatus: NhsNumberStatus | null;
  /** The number that national systems replaced by `nhsNumber`. */
  supersededNhsNumber: NhsNumber | null;
  /** Local wall time `HH:MM`. */
  bornAtTime: string | null;
  ethnicCategory: string | null;
  addressLine1: string | null;
  addressLine2: string | null;
  addressLine3: string | null;
  addressLine4: string | null;
  /** ONS code. */
  localAuthority: string | null;
  addressFrom: Day | null;
  /** ODS code, or one of the national codes of `PRACTICES_OF_NOBODY`. */
  practice: string | null;
  practiceFrom: Day | null;
  schoolUrn: string | null;
  schoolName: string | null;
  restricted: boolean | null;
  diedOn: Day | null;
  residence: "RESIDENT" | "MOVED_OUT" | null;
  residenceFrom: Day | null;
  motherNhsNumber: NhsNumber | null;
  amendedAt: Instant | null;
}

/** One dose given, one decided not to be, or one withdrawn. */
export interface DoseRow extends AboutChild {
  /** The row's id at its source; null where the layout has none, and one is made of what identifies the dose. */
  rowId: string | null;
  /** URI of the system that gave the id; null where it is the locality's own. */
  rowIdSystem: string | null;
  action: "new" | "update" | "delete" | null;
  /** The vaccine as the row's own coding names it. */
  vaccine: Vaccine | null;
  procedureCode: string | null;
  productCode: string | null;
  /** The day it was given, or was decided not to be. */
  eventOn: DayTold | null;
  /** Local wall time `HH:MM`. */
  eventAtTime: string | null;
  /** Set where the dose was not given. */
  notGivenReason: NotGivenReason | null;
  notGivenUntil: Day | null;
  doseNumber: number | null;
  site: VaccinationSite | null;
  route: VaccinationRoute | null;
  batchNumber: string | null;
  expiresOn: Day | null;
  manufacturer: string | null;
  amountMillilitres: number | null;
  givenBy: string | null;
  organisation: string | null;
  place: string | null;
  primarySource: boolean | null;
  recordedOn: Day | null;
  amendedAt: Instant | null;
}

interface ScreeningRow extends AboutChild {
  rowId: string | null;
  provider: string | null;
  comment: string | null;
  amendedAt: Instant | null;
}

/** The outcome of one newborn hearing screen. */
export interface HearingRow extends ScreeningRow {
  screenedOn: Day | null;
  outcome: NewbornHearingOutcome | null;
  leftAabr: EarOutcome | null;
  rightAabr: EarOutcome | null;
  leftAoae: EarOutcome | null;
  rightAoae: EarOutcome | null;
}

/** The results of one blood spot sample: the national status of each condition reported. */
export interface BloodSpotRow extends ScreeningRow, Record<BloodSpotCondition, BloodSpotStatus | null> {
  sampleTakenOn: Day | null;
  issuedAt: Instant | null;
}

/** One newborn or infant physical examination. */
export interface ExaminationRow extends ScreeningRow {
  stage: ExaminationStage | null;
  examinedOn: Day | null;
  eyes: ExaminationOutcome | null;
  eyesRisk: boolean | null;
  heart: ExaminationOutcome | null;
  heartRisk: boolean | null;
  hips: ExaminationOutcome | null;
  hipsRisk: boolean | null;
  testes: ExaminationOutcome | null;
  bcgEligible: boolean | null;
}

/** One safeguarding or related flag. */
export interface FlagRow extends AboutChild {
  rowId: string | null;
  kind: FlagKind | null;
  /** ONS code, or a name where it is not one of ours. */
  localAuthority: string | null;
  startedOn: Day | null;
  endedOn: Day | null;
  officePhone: string | null;
  emergencyDutyPhone: string | null;
  amendedAt: Instant | null;
}

/** What a row of each kind of file holds. Every field may be null; the layout says which must not. */
export interface Rows {
  CHILDREN: ChildRow;
  DOSES: DoseRow;
  HEARING: HearingRow;
  BLOOD_SPOT: BloodSpotRow;
  EXAMINATIONS: ExaminationRow;
  FLAGS: FlagRow;
}

export type FileKind = keyof Rows;

/** What the name of a file says of every row in it. */
export interface FileFacts {
  readonly vaccine: Vaccine | null;
  /** When the file was made. Its rows are as of then, in their order. */
  readonly sentAt: Instant | null;
}

/** Where a row stands. */
export interface RowPlace<Row> {
  readonly locality: LocalityCode;
  /** From 1; the header is not counted. */
  readonly number: number;
  readonly file: FileFacts;
  /** Whether the layout has a column of the field. */
  has(field: keyof Row): boolean;
  /** The row and the column of a field, for a problem. */
  at(field: keyof Row): string;
  /** The text of a field as sent. */
  sent(field: keyof Row): string;
}

/** What came of a row; everything found is added to it. */
export interface Telling {
  readonly tells: Told[];
  readonly faults: Problem[];
  readonly warnings: Problem[];
}

interface Kind<Row> {
  /** A row of this kind, for people: `{for} needs it`. */
  readonly says: string;
  readonly introduces: boolean;
  /** A row in which nothing is told. */
  readonly empty: Readonly<Row>;
  /** Fields that no row may leave empty, so that no layout may lack their column. */
  readonly requires: readonly (keyof Row)[];
  /** Days and instants that cannot be before the child was born. */
  readonly afterBirth: readonly (keyof Row)[];
  /** Days and instants that cannot be later than the day the file was received. */
  readonly past: readonly (keyof Row)[];
  readonly tell: (row: Row, place: RowPlace<Row>, telling: Telling) => void;
}

const NOBODY: AboutChild = {
  localId: null,
  nhsNumber: null,
  familyName: null,
  givenNames: null,
  bornOn: null,
  sex: null,
  postcode: null,
};

const NO_SCREENING = { ...NOBODY, rowId: null, provider: null, comment: null, amendedAt: null };

/** Of which kind each file is, in the order in which a locality's files are loaded. */
export const KINDS: { readonly [K in FileKind]: Kind<Rows[K]> } = {
  CHILDREN: {
    says: "a child of the child index",
    introduces: true,
    empty: {
      ...NOBODY,
      nhsNumberStatus: null,
      supersededNhsNumber: null,
      bornAtTime: null,
      ethnicCategory: null,
      addressLine1: null,
      addressLine2: null,
      addressLine3: null,
      addressLine4: null,
      localAuthority: null,
      addressFrom: null,
      practice: null,
      practiceFrom: null,
      schoolUrn: null,
      schoolName: null,
      restricted: null,
      diedOn: null,
      residence: null,
      residenceFrom: null,
      motherNhsNumber: null,
      amendedAt: null,
    },
    requires: ["localId", "familyName", "givenNames", "bornOn", "sex", "restricted", "residence", "amendedAt"],
    // Not the address: many systems hand on the day the family came to live there.
    afterBirth: ["diedOn", "practiceFrom", "residenceFrom"],
    past: ["bornOn", "diedOn", "amendedAt"],
    tell: tellChild,
  },
  DOSES: {
    says: "a dose",
    introduces: false,
    empty: {
      ...NOBODY,
      rowId: null,
      rowIdSystem: null,
      action: null,
      vaccine: null,
      procedureCode: null,
      productCode: null,
      eventOn: null,
      eventAtTime: null,
      notGivenReason: null,
      notGivenUntil: null,
      doseNumber: null,
      site: null,
      route: null,
      batchNumber: null,
      expiresOn: null,
      manufacturer: null,
      amountMillilitres: null,
      givenBy: null,
      organisation: null,
      place: null,
      primarySource: null,
      recordedOn: null,
      amendedAt: null,
    },
    requires: ["familyName", "givenNames", "bornOn", "eventOn"],
    afterBirth: ["eventOn"],
    past: ["bornOn", "eventOn", "recordedOn", "amendedAt"],
    tell: tellDose,
  },
  HEARING: {
    says: "a newborn hearing outcome",
    introduces: false,
    empty: {
      ...NO_SCREENING,
      screenedOn: null,
      outcome: null,
      leftAabr: null,
      rightAabr: null,
      leftAoae: null,
      rightAoae: null,
    },
    requires: ["localId", "rowId", "screenedOn", "outcome", "amendedAt"],
    afterBirth: ["screenedOn"],
    past: ["bornOn", "screenedOn", "amendedAt"],
    tell: tellHearing,
  },
  BLOOD_SPOT: {
    says: "a blood spot sample",
    introduces: false,
    empty: {
      ...NO_SCREENING,
      sampleTakenOn: null,
      issuedAt: null,
      PKU: null,
      SCD: null,
      CF: null,
      CHT: null,
      MCADD: null,
      HCU: null,
      MSUD: null,
      GA1: null,
      IVA: null,
      SCID: null,
      HT1: null,
    },
    requires: ["localId", "rowId", "amendedAt"],
    afterBirth: ["sampleTakenOn", "issuedAt"],
    past: ["bornOn", "sampleTakenOn", "issuedAt", "amendedAt"],
    tell: tellBloodSpot,
  },
  EXAMINATIONS: {
    says: "a physical examination",
    introduces: false,
    empty: {
      ...NO_SCREENING,
      stage: null,
      examinedOn: null,
      eyes: null,
      eyesRisk: null,
      heart: null,
      heartRisk: null,
      hips: null,
      hipsRisk: null,
      testes: null,
      bcgEligible: null,
    },
    requires: ["localId", "rowId", "stage", "examinedOn", "amendedAt"],
    afterBirth: ["examinedOn"],
    past: ["bornOn", "examinedOn", "amendedAt"],
    tell: tellExamination,
  },
  FLAGS: {
    says: "a safeguarding flag",
    introduces: false,
    empty: {
      ...NOBODY,
      rowId: null,
      kind: null,
      localAuthority: null,
      startedOn: null,
      endedOn: null,
      officePhone: null,
      emergencyDutyPhone: null,
      amendedAt: null,
    },
    requires: ["localId", "rowId", "kind", "startedOn", "amendedAt"],
    // Neither start nor end: a plan may be made before birth, and its end may be set for a day to come.
    afterBirth: [],
    past: ["bornOn", "startedOn", "amendedAt"],
    tell: tellFlag,
  },
};

export const FILE_KINDS = Object.keys(KINDS) as readonly FileKind[];

/** Who a row of any kind is about. */
export function identityOf(row: Readonly<AboutChild> & { supersededNhsNumber?: NhsNumber | null }): Identity {
  return {
    localId: row.localId,
    nhsNumber: row.nhsNumber,
    supersededNhsNumbers: row.supersededNhsNumber ? [row.supersededNhsNumber] : [],
    familyName: row.familyName,
    givenNames: row.givenNames,
    bornOn: row.bornOn,
    postcode: row.postcode,
    sex: row.sex,
  };
}

/**
 * National codes that stand where a practice would: true, the child is registered with none; false, it is not known.
 * Source: NHS Data Dictionary, GENERAL MEDICAL PRACTICE CODE, default codes.
 */
export const PRACTICES_OF_NOBODY: Readonly<Record<string, boolean>> = {
  V81997: true,
  V81998: false,
  V81999: false,
};

function tellChild(row: ChildRow, place: RowPlace<ChildRow>, { tells }: Telling): void {
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

function tellDose(row: DoseRow, place: RowPlace<DoseRow>, { tells, faults, warnings }: Telling): void {
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
    untold("vaccine", KINDS.DOSES.says, place, faults);
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

function tellHearing(row: HearingRow, place: RowPlace<HearingRow>, { tells }: Telling): void {
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

function tellBloodSpot(row: BloodSpotRow, place: RowPlace<BloodSpotRow>, { tells, faults }: Telling): void {
  const { rowId, amendedAt } = row;
  if (!rowId || !amendedAt) return; // required of the row, and told as missing
  const results = BLOOD_SPOT_CONDITION_NAMES.flatMap((condition): BloodSpotResult[] => {
    const status = row[condition] === null ? null : bloodSpotStatusOf(row[condition]);
    return status ? [{ condition, ...status, outcomeCode: null }] : [];
  });
  if (results.length === 0) {
    untold("PKU", KINDS.BLOOD_SPOT.says, place, faults);
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

function tellExamination(row: ExaminationRow, place: RowPlace<ExaminationRow>, { tells, faults }: Telling): void {
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
    untold("eyes", KINDS.EXAMINATIONS.says, place, faults);
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

function tellFlag(row: FlagRow, place: RowPlace<FlagRow>, { tells, faults }: Telling): void {
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
