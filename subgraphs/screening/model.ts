/** What is shown of each newborn screen: joined over every report that is still told, by the rule of standing.ts. */

import type { Fact } from "../../chassis/facts";
import { latestTold } from "../../schema/belonging";
import { type Day, type Instant, londonDay } from "../../schema/calendar";
import type { BloodSpotResult, ExaminationResult, HearingTest } from "../../schema/events";
import {
  BLOOD_SPOT_CONDITION_NAMES,
  BLOOD_SPOT_OUTCOMES,
  BLOOD_SPOT_STATUSES,
  type BloodSpotCondition,
  type Ear,
  EXAMINATION_OUTCOMES,
  type ExaminationStage,
  type ExaminedPart,
  NEWBORN_HEARING_OUTCOMES,
  type NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import { isSnomedCode } from "../../schema/vocabulary/snomed";
import { CLOSED, expectedConditions } from "./pathways";
import {
  BLOOD_SPOT_WEIGHTS,
  EXAMINATION_WEIGHTS,
  findings,
  HEARING_WEIGHTS,
  isSameRecord,
  newestOf,
  type Report,
  standing,
  type Told,
  type Weighing,
} from "./standing";

/** What is shown of a screen, with the reports it comes from. */
interface Shown<R extends Report> {
  /** When the last of what is shown was told. */
  readonly asOf: Instant;
  readonly provider: ScreeningProvider | null;
  readonly from: readonly R[];
}

export interface ScreeningProvider {
  readonly odsCode: string;
}

// Hearing.

export type HearingReport = Fact<"NewbornHearingRecorded">;

export interface NewbornHearing extends Shown<HearingReport> {
  readonly outcome: NewbornHearingOutcome;
  readonly outcomeCode: string | null;
  readonly complete: boolean;
  readonly screenedOn: Day;
  readonly outcomeSetAt: Instant | null;
  readonly leftEar: EarTests | null;
  readonly rightEar: EarTests | null;
  readonly tests: readonly HearingTest[];
  readonly toldOtherwise: boolean;
}

/** The latest test of one ear by each method, and the latest of both. */
export interface EarTests {
  readonly latest: HearingTest;
  readonly aabr: HearingTest | null;
  readonly aoae: HearingTest | null;
}

const HEARING: Weighing<HearingReport, HearingReport> = {
  weightOf: ({ outcome }) => HEARING_WEIGHTS[outcome],
  agree: (a, b) => a.outcome === b.outcome,
  sameOccasion: (a, b) => a.screenedOn === b.screenedOn,
};

/** The hearing screen by reports that are still told; null of none. A report is one screen and is shown whole. */
export function newbornHearing(reports: readonly HearingReport[]): NewbornHearing | null {
  const stands = standing(
    reports.map((report) => ({ report, result: report })),
    HEARING,
  );
  if (stands === null) return null;
  const { report, toldOtherwise } = stands;
  return {
    ...shownFrom(report, []),
    outcome: report.outcome,
    outcomeCode: snomedOrNull(report.outcomeCode),
    complete: NEWBORN_HEARING_OUTCOMES[report.outcome].complete,
    screenedOn: report.screenedOn,
    outcomeSetAt: report.outcomeSetAt,
    leftEar: earTests(report.tests, "LEFT"),
    rightEar: earTests(report.tests, "RIGHT"),
    tests: report.tests,
    toldOtherwise,
  };
}

/** Null where the ear has no test. */
export function earTests(tests: readonly HearingTest[], ear: Ear): EarTests | null {
  const ofEar = tests.filter((test) => test.ear === ear);
  const [first] = ofEar;
  if (first === undefined) return null;
  const last = (list: readonly HearingTest[]): HearingTest | null =>
    list.reduce<HearingTest | null>((best, test) => (best === null || isAfter(test, best) ? test : best), null);
  return {
    latest: last(ofEar) ?? first,
    aabr: last(ofEar.filter(({ method }) => method === "AABR")),
    aoae: last(ofEar.filter(({ method }) => method === "AOAE")),
  };
}

/** By when it was entered; where that does not tell, AABR follows AOAE, and of two alike the less reassuring stands. */
function isAfter(a: HearingTest, b: HearingTest): boolean {
  if (a.enteredAt !== b.enteredAt) return (a.enteredAt ?? "") > (b.enteredAt ?? "");
  if (a.method !== b.method) return a.method === "AABR";
  return a.outcome === "NO_CLEAR_RESPONSE";
}

// Blood spot.

export type BloodSpotReport = Fact<"NewbornBloodSpotRecorded">;

export interface NewbornBloodSpot extends Shown<BloodSpotReport> {
  readonly results: readonly BloodSpotConditionOutcome[];
  readonly suspected: readonly BloodSpotCondition[];
  readonly missing: readonly BloodSpotCondition[] | null;
  readonly complete: boolean | null;
}

export interface BloodSpotConditionOutcome extends BloodSpotResult {
  /** The status in words. */
  readonly meaning: string;
  readonly conclusive: boolean;
  readonly sampleTakenOn: Day | null;
  readonly issuedAt: Instant | null;
  readonly asOf: Instant;
  readonly firstToldAt: Instant;
  readonly toldOtherwise: boolean;
}

const BLOOD_SPOT: Weighing<BloodSpotReport, BloodSpotResult> = {
  weightOf: ({ outcome }) => BLOOD_SPOT_WEIGHTS[outcome],
  agree: (a, b) => a.outcome === b.outcome && a.status === b.status,
  // A message does not tell the day of the sample.
  sameOccasion: (a, b) => a.issuedAt !== null && b.issuedAt !== null && londonDay(a.issuedAt) === londonDay(b.issuedAt),
};

/**
 * Each condition apart, in the order of the national tables, joined over the samples told; null where no outcome of
 * any is told. A condition that is not among the results has no outcome told, which is never "not suspected".
 */
export function newbornBloodSpot({ every, still }: Told<BloodSpotReport>, bornOn: Day | null): NewbornBloodSpot | null {
  const from = new Set<BloodSpotReport>();
  const results = BLOOD_SPOT_CONDITION_NAMES.flatMap((condition): BloodSpotConditionOutcome[] => {
    const stands = standing(findings(still, isOf), BLOOD_SPOT);
    if (stands === null) return [];
    const { report, result, toldOtherwise } = stands;
    from.add(report);
    const since = findings(every, isOf)
      .filter((each) => still.some((other) => isSameRecord(other, each.report)))
      .filter((each) => BLOOD_SPOT.agree(each.result, result));
    return [
      {
        condition,
        outcome: result.outcome,
        status: result.status,
        subStatus: result.subStatus,
        outcomeCode: snomedOrNull(result.outcomeCode),
        meaning: meaningOf(result),
        conclusive: BLOOD_SPOT_OUTCOMES[result.outcome].conclusive,
        sampleTakenOn: report.sampleTakenOn,
        issuedAt: report.issuedAt,
        asOf: report.asOf,
        firstToldAt: since.map((each) => each.report.asOf).sort()[0] ?? report.asOf,
        toldOtherwise,
      },
    ];
    function isOf(result: BloodSpotResult): boolean {
      return result.condition === condition;
    }
  });
  const [first, ...others] = from;
  if (first === undefined) return null;
  return {
    ...shownFrom(first, others),
    results,
    suspected: results.filter(({ outcome }) => outcome === "SUSPECTED").map(({ condition }) => condition),
    ...completeness(results, bornOn),
  };
}

/**
 * Complete: every expected condition has its answer, and no other condition told waits for one. A condition declined
 * or not screened has none, so it is not complete, though nothing more may be due.
 */
function completeness(
  results: readonly BloodSpotConditionOutcome[],
  bornOn: Day | null,
): Pick<NewbornBloodSpot, "missing" | "complete"> {
  if (bornOn === null) return { missing: null, complete: null };
  const expected = expectedConditions(bornOn);
  const missing = expected.filter((condition) => !results.some((result) => result.condition === condition));
  const answered = results.every(
    ({ condition, outcome, conclusive }) => conclusive || (CLOSED.has(outcome) && !expected.includes(condition)),
  );
  return { missing, complete: missing.length === 0 && answered };
}

const MEANINGS = new Map<string | null, string>(
  Object.entries(BLOOD_SPOT_STATUSES).map(([status, { says }]) => [status, says]),
);

function meaningOf({ outcome, status, subStatus }: BloodSpotResult): string {
  return MEANINGS.get(subStatus ?? status) ?? BLOOD_SPOT_OUTCOMES[outcome].says;
}

// Physical examination.

export type ExaminationReport = Fact<"NewbornExaminationRecorded">;

export interface NewbornExamination extends Shown<ExaminationReport> {
  readonly stage: ExaminationStage;
  readonly examinedOn: Day;
  readonly eyes: ExaminedPartOutcome | null;
  readonly heart: ExaminedPartOutcome | null;
  readonly hips: ExaminedPartOutcome | null;
  readonly testes: ExaminedPartOutcome | null;
  readonly bcgEligible: boolean | null;
  readonly complete: boolean | null;
}

export interface ExaminedPartOutcome extends Omit<ExaminationResult, "part"> {
  readonly examinedOn: Day;
  readonly asOf: Instant;
  readonly toldOtherwise: boolean;
}

const EXAMINATION: Weighing<ExaminationReport, ExaminationResult> = {
  // Without an abnormality a risk factor still asks for more: hips for an ultrasound scan.
  weightOf: ({ outcome, riskFactor }) =>
    outcome === "NO_ABNORMALITY" && riskFactor === true ? "FOLLOW_UP" : EXAMINATION_WEIGHTS[outcome],
  agree: (a, b) =>
    a.outcome === b.outcome && (a.riskFactor === b.riskFactor || a.riskFactor === null || b.riskFactor === null),
  sameOccasion: (a, b) => a.examinedOn === b.examinedOn,
};

/**
 * The examination of a stage, each part apart, so that a part examined later completes it; null until a part is told.
 * `complete` is null where only the testes are not told of: that is complete for a girl, and not for a boy.
 */
export function newbornExamination(
  reports: readonly ExaminationReport[],
  stage: ExaminationStage,
): NewbornExamination | null {
  const ofStage = reports.filter((report) => report.stage === stage);
  const from = new Set<ExaminationReport>();
  const partOf = (part: ExaminedPart): ExaminedPartOutcome | null => {
    const stands = standing(
      findings(ofStage, (result) => result.part === part),
      EXAMINATION,
    );
    if (stands === null) return null;
    const { report, result, toldOtherwise } = stands;
    from.add(report);
    return {
      outcome: result.outcome,
      riskFactor: result.riskFactor,
      outcomeCode: snomedOrNull(result.outcomeCode),
      examinedOn: report.examinedOn,
      asOf: report.asOf,
      toldOtherwise,
    };
  };
  const [eyes, heart, hips, testes] = [partOf("EYES"), partOf("HEART"), partOf("HIPS"), partOf("TESTES")];
  const [first, ...others] = from;
  if (first === undefined) return null;
  const isExamined = (part: ExaminedPartOutcome | null) => part !== null && EXAMINATION_OUTCOMES[part.outcome].examined;
  const ofEveryBaby = [eyes, heart, hips].every(isExamined);
  return {
    ...shownFrom(first, others),
    stage,
    examinedOn:
      [...from]
        .map((report) => report.examinedOn)
        .sort()
        .at(-1) ?? first.examinedOn,
    eyes,
    heart,
    hips,
    testes,
    bcgEligible: newestOf(ofStage, (report) => report.bcgEligible),
    complete: ofEveryBaby && testes === null ? null : ofEveryBaby && isExamined(testes),
  };
}

// All three.

function shownFrom<R extends Report & { readonly provider: string | null }>(first: R, others: readonly R[]): Shown<R> {
  const from = [first, ...others];
  const { asOf } = from.reduce((a, b) => latestTold(a, b));
  const odsCode = newestOf(from, (report) => report.provider);
  return { asOf, provider: odsCode === null ? null : { odsCode }, from };
}

/** A legacy system's own code says which system it is, so only a national code is shown beside an outcome. */
function snomedOrNull(code: string | null): string | null {
  return code !== null && isSnomedCode(code) ? code : null;
}
