/** What was invented of a child, as the rows of a locality's files. Pure. */

import { type Day, type Instant, londonInstant } from "../../schema/calendar";
import type {
  BloodSpotStatus,
  Ear,
  EarOutcome,
  ExaminationOutcome,
  ExaminedPart,
  HearingTestMethod,
} from "../../schema/vocabulary/screening";
import { KINDS, type Rows } from "../extracts/kinds";
import type { InventedChild, Stay } from "./child";
import { later } from "./days";
import type { InventedDose, InventedDoseNotGiven } from "./doses";
import type { InventedBloodSpot, InventedExamination, InventedFlag, InventedHearing } from "./outcomes";
import type { Telling } from "./telling";

/** National code of a child registered with no practice. */
const NO_PRACTICE = "V81997";

/** The rows of a child in the locality of one telling, by the kind of file they stand in. */
export function rowsOf(
  child: InventedChild,
  telling: Telling,
  on: Day,
): { readonly [Kind in keyof Rows]: readonly Rows[Kind][] } {
  const { stay } = telling;
  const about = aboutChild(child, stay);
  const rowId = (kind: string, at: number) => `${stay.localId}-${kind}${at + 1}`;
  return {
    CHILDREN: [childRow(child, stay, on)],
    DOSES: [
      ...telling.doses.map((dose, at) => ({ ...doseRow(dose, on), ...about, rowId: rowId("D", at) })),
      ...telling.dosesNotGiven.map((each, at) => ({ ...notGivenRow(each, on), ...about, rowId: rowId("N", at) })),
    ],
    HEARING: telling.hearings.map((each, at) => ({ ...hearingRow(each, on), ...about, rowId: rowId("H", at) })),
    BLOOD_SPOT: telling.bloodSpots.map((each, at) => ({ ...bloodSpotRow(each, on), ...about, rowId: rowId("B", at) })),
    EXAMINATIONS: telling.examinations.map((each, at) => ({
      ...examinationRow(each, on),
      ...about,
      rowId: rowId("E", at),
    })),
    FLAGS: telling.flags.map((each, at) => ({ ...flagRow(each, on), ...about, rowId: rowId("F", at) })),
  };
}

function aboutChild(child: InventedChild, stay: Stay) {
  return {
    localId: stay.localId,
    nhsNumber: child.nhsNumber,
    familyName: child.familyName,
    givenNames: child.givenNames,
    bornOn: child.bornOn,
    sex: child.sex,
    postcode: stay.home.postcode,
  };
}

export function childRow(child: InventedChild, stay: Stay, on: Day): Rows["CHILDREN"] {
  const { home } = stay;
  const leaving = stay.to !== null;
  return {
    ...KINDS.CHILDREN.empty,
    ...aboutChild(child, stay),
    nhsNumberStatus: child.nhsNumber === null ? null : child.nhsNumberStatus,
    supersededNhsNumber: child.supersededNhsNumbers[0] ?? null,
    bornAtTime: child.bornAtTime,
    ethnicCategory: child.ethnicCategory,
    addressLine1: home.lines[0] ?? null,
    addressLine2: home.lines[1] ?? null,
    addressLine3: home.lines[2] ?? null,
    localAuthority: home.localAuthority,
    addressFrom: home.from,
    practice: stay.practice ?? (child.index % 2 === 0 ? NO_PRACTICE : null),
    practiceFrom: stay.practiceFrom,
    schoolUrn: stay.school?.urn ?? null,
    schoolName: stay.school?.name ?? null,
    restricted: child.restricted,
    diedOn: leaving ? null : child.diedOn,
    residence: leaving ? "MOVED_OUT" : "RESIDENT",
    residenceFrom: stay.to ?? stay.from,
    motherNhsNumber: child.mother.nhsNumber,
    amendedAt: amendedAt(stay.to ?? later(on, -40 + (child.index % 40)), child.bornOn, on),
  };
}

function doseRow(dose: InventedDose, on: Day): Rows["DOSES"] {
  const recordedOn = earlier(later(dose.givenOn, 1), on);
  return {
    ...KINDS.DOSES.empty,
    action: "new",
    vaccine: dose.vaccine,
    procedureCode: dose.procedureCode,
    productCode: dose.productCode,
    eventOn: { day: dose.givenOn, precision: dose.precision },
    eventAtTime: dose.precision === "DAY" ? dose.givenAtTime : null,
    doseNumber: dose.doseNumber,
    site: dose.site,
    route: dose.route,
    batchNumber: dose.batchNumber,
    expiresOn: dose.expiresOn,
    manufacturer: dose.manufacturer,
    amountMillilitres: dose.amountMillilitres,
    givenBy: dose.givenBy,
    organisation: dose.organisation,
    place: dose.place,
    primarySource: dose.primarySource,
    recordedOn,
    amendedAt: amendedAt(dose.givenOn, dose.givenOn, on),
  };
}

function notGivenRow(dose: InventedDoseNotGiven, on: Day): Rows["DOSES"] {
  return {
    ...KINDS.DOSES.empty,
    vaccine: dose.vaccine,
    eventOn: { day: dose.decidedOn, precision: "DAY" },
    notGivenReason: dose.reason,
    notGivenUntil: dose.until,
    organisation: dose.organisation,
    recordedOn: dose.decidedOn,
    amendedAt: amendedAt(dose.decidedOn, dose.decidedOn, on),
  };
}

function hearingRow(hearing: InventedHearing, on: Day): Rows["HEARING"] {
  const tested = (method: HearingTestMethod, ear: Ear): EarOutcome | null =>
    hearing.tests.find((test) => test.method === method && test.ear === ear)?.outcome ?? null;
  return {
    ...KINDS.HEARING.empty,
    screenedOn: hearing.screenedOn,
    outcome: hearing.outcome,
    leftAabr: tested("AABR", "LEFT"),
    rightAabr: tested("AABR", "RIGHT"),
    leftAoae: tested("AOAE", "LEFT"),
    rightAoae: tested("AOAE", "RIGHT"),
    provider: hearing.provider,
    comment: hearing.comment,
    amendedAt: amendedAt(hearing.screenedOn, hearing.screenedOn, on),
  };
}

function bloodSpotRow(sample: InventedBloodSpot, on: Day): Rows["BLOOD_SPOT"] {
  const statuses = Object.fromEntries(
    // What outcomes.ts invents are statuses of the national table.
    sample.results.map((result) => [result.condition, (result.subStatus ?? result.status) as BloodSpotStatus | null]),
  );
  const takenOn = sample.sampleTakenOn ?? on;
  return {
    ...KINDS.BLOOD_SPOT.empty,
    ...statuses,
    sampleTakenOn: sample.sampleTakenOn,
    issuedAt: sample.issuedAt,
    provider: sample.provider,
    comment: sample.comment,
    amendedAt: amendedAt(later(takenOn, 8), takenOn, on),
  };
}

function examinationRow(examination: InventedExamination, on: Day): Rows["EXAMINATIONS"] {
  const found = (part: ExaminedPart): ExaminationOutcome | null =>
    examination.results.find((result) => result.part === part)?.outcome ?? null;
  const risk = (part: ExaminedPart): boolean | null =>
    examination.results.find((result) => result.part === part)?.riskFactor ?? null;
  return {
    ...KINDS.EXAMINATIONS.empty,
    stage: examination.stage,
    examinedOn: examination.examinedOn,
    eyes: found("EYES"),
    eyesRisk: risk("EYES"),
    heart: found("HEART"),
    heartRisk: risk("HEART"),
    hips: found("HIPS"),
    hipsRisk: risk("HIPS"),
    testes: found("TESTES"),
    bcgEligible: examination.bcgEligible,
    provider: examination.provider,
    comment: examination.comment,
    amendedAt: amendedAt(examination.examinedOn, examination.examinedOn, on),
  };
}

function flagRow(flag: InventedFlag, on: Day): Rows["FLAGS"] {
  return {
    ...KINDS.FLAGS.empty,
    kind: flag.kind,
    localAuthority: flag.localAuthority,
    startedOn: flag.startedOn,
    endedOn: flag.endedOn,
    officePhone: flag.officePhone,
    emergencyDutyPhone: flag.emergencyDutyPhone,
    amendedAt: amendedAt(flag.endedOn ?? flag.startedOn, flag.startedOn, on),
  };
}

/** The evening of the day after, or of the extract's own morning where that would be later. */
function amendedAt(day: Day, notBefore: Day, on: Day): Instant {
  const wanted = later(day < notBefore ? notBefore : day, 1);
  return wanted < on ? eveningOf(wanted) : morningOf(on);
}

const EVENINGS = new Map<Day, Instant>();

/** Each day's is worked out once, for there are few days and many rows. */
function eveningOf(day: Day): Instant {
  const known = EVENINGS.get(day);
  if (known) return known;
  const evening = londonInstant(day, "18:30");
  EVENINGS.set(day, evening);
  return evening;
}

function morningOf(day: Day): Instant {
  return londonInstant(day, "05:00");
}

function earlier(one: Day, other: Day): Day {
  return one < other ? one : other;
}
