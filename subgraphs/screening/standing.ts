/**
 * Which of several reports stands, for every screen alike. A report is a record at its source, replaced whole when
 * it is told again. A repeat sample or a second examination is another record, and two systems may tell of one.
 *
 * | told                                                       | stands                                  |
 * | ---------------------------------------------------------- | --------------------------------------- |
 * | several answers                                            | the one told last                       |
 * | an answer and none (repeat needed, not done), in any order | the answer                              |
 * | none only                                                  | the one told last                       |
 * | a clear answer, then an outcome of unknown meaning         | the unknown: it is never shown as clear |
 * | an answer that asks for follow-up, then an unknown         | the answer: it is never hidden          |
 * | an unknown, then any answer                                | the answer                              |
 * | an unknown and none, in any order                          | the unknown                             |
 * | two of one instant                                         | the one that asks for more              |
 * | the same twice, by a locality and by a national event      | the national event, nearest the origin  |
 *
 * "Last" is by the instant it was true at its source (`asOf`), never by arrival. Where another report still tells
 * otherwise than the one that stands, that is said beside it, since a person should look.
 */

import { type Claim, latestTold } from "../../schema/belonging";
import { isLocalityCode } from "../../schema/vocabulary/localities";
import type { BloodSpotOutcome, ExaminationOutcome, NewbornHearingOutcome } from "../../schema/vocabulary/screening";

/** A version of a record as its source told it. */
export interface Report extends Claim {
  /** False once its source has told the record again, or taken it back. */
  readonly latest: boolean;
}

/** Every version of every record, and those that their sources still tell: one a record. */
export interface Told<R extends Report> {
  readonly every: readonly R[];
  readonly still: readonly R[];
}

/** What an outcome is worth when several are told. The order decides between two of one instant: the first stands. */
const WEIGHTS = ["FOLLOW_UP", "CLEAR", "UNKNOWN", "NO_ANSWER"] as const;
export type Weight = (typeof WEIGHTS)[number];

export const HEARING_WEIGHTS: Readonly<Record<NewbornHearingOutcome, Weight>> = {
  CLEAR_NO_FOLLOW_UP: "CLEAR",
  CLEAR_TARGETED_FOLLOW_UP: "FOLLOW_UP",
  NO_CLEAR_RESPONSE_BILATERAL: "FOLLOW_UP",
  NO_CLEAR_RESPONSE_UNILATERAL: "FOLLOW_UP",
  INCOMPLETE: "NO_ANSWER",
  INCOMPLETE_CONTRAINDICATED: "NO_ANSWER",
  INCOMPLETE_DECLINED: "NO_ANSWER",
  INCOMPLETE_MOVED: "NO_ANSWER",
  INCOMPLETE_NOT_CONTACTABLE: "NO_ANSWER",
  INCOMPLETE_DIED: "NO_ANSWER",
  UNCLASSIFIED: "UNKNOWN",
};

export const BLOOD_SPOT_WEIGHTS: Readonly<Record<BloodSpotOutcome, Weight>> = {
  SUSPECTED: "FOLLOW_UP",
  CARRIER: "FOLLOW_UP",
  NOT_SUSPECTED_OTHER_FOLLOW_UP: "FOLLOW_UP",
  NOT_SUSPECTED: "CLEAR",
  HAEMOGLOBIN_S_NOT_SUSPECTED: "CLEAR",
  UNCLASSIFIED: "UNKNOWN",
  RECEIVED: "NO_ANSWER",
  DECLINED: "NO_ANSWER",
  REPEAT_NEEDED: "NO_ANSWER",
  NOT_SCREENED: "NO_ANSWER",
};

export const EXAMINATION_WEIGHTS: Readonly<Record<ExaminationOutcome, Weight>> = {
  ABNORMALITY_SUSPECTED: "FOLLOW_UP",
  ABNORMALITY_SUSPECTED_LEFT: "FOLLOW_UP",
  ABNORMALITY_SUSPECTED_RIGHT: "FOLLOW_UP",
  ABNORMALITY_SUSPECTED_BILATERAL: "FOLLOW_UP",
  NO_ABNORMALITY: "CLEAR",
  UNCLASSIFIED: "UNKNOWN",
  NOT_DONE: "NO_ANSWER",
  DECLINED: "NO_ANSWER",
  INCOMPLETE: "NO_ANSWER",
};

/** What one report tells of one thing: of a screen, a condition, a part of the body. */
export interface Finding<R extends Report, Result> {
  readonly report: R;
  readonly result: Result;
}

/** How the results of one screen are weighed and compared. */
export interface Weighing<R extends Report, Result> {
  weightOf(result: Result): Weight;
  /** Whether two results are the same answer. */
  agree(a: Result, b: Result): boolean;
  /** Whether two findings that agree can be one, told by two systems. */
  sameOccasion(a: R, b: R): boolean;
}

/** How a report stands, for people. */
export const REPORT_STANDINGS = {
  STANDS: { says: "What is shown of the screen is told by this report, in whole or in part" },
  OUTWEIGHED: { says: "Its source still tells it, but all it tells is shown by another report" },
  REPLACED: { says: "Its source has told this record again since" },
  WITHDRAWN: { says: "Its source has taken this record back. It is never an outcome of this child" },
} as const;
export type ReportStanding = keyof typeof REPORT_STANDINGS;

/** Sorts out what is still told. A record stands under one child, so that which version is its last is known already. */
export function told<R extends Report>(versions: readonly R[]): Told<R> {
  return { every: versions, still: versions.filter((version) => version.latest) };
}

/** The finding that stands by the table above, and whether another tells otherwise. Null of none. */
export function standing<R extends Report, Result>(
  findings: readonly Finding<R, Result>[],
  { weightOf, agree, sameOccasion }: Weighing<R, Result>,
): (Finding<R, Result> & { readonly toldOtherwise: boolean }) | null {
  const last = (...weights: readonly Weight[]): Finding<R, Result> | null =>
    findings
      .filter(({ result }) => weights.includes(weightOf(result)))
      .reduce<Finding<R, Result> | null>((best, each) => (best === null || isAfter(each, best) ? each : best), null);
  const isAfter = (a: Finding<R, Result>, b: Finding<R, Result>): boolean => {
    if (a.report.asOf !== b.report.asOf) return a.report.asOf > b.report.asOf;
    const [weightA, weightB] = [WEIGHTS.indexOf(weightOf(a.result)), WEIGHTS.indexOf(weightOf(b.result))];
    return weightA === weightB ? latestTold(b.report, a.report) === a.report : weightA < weightB;
  };

  const answer = last("FOLLOW_UP", "CLEAR");
  const unknown = last("UNKNOWN");
  const unknownStands =
    unknown !== null &&
    (answer === null || (weightOf(answer.result) === "CLEAR" && unknown.report.asOf >= answer.report.asOf));
  const stands = unknownStands ? unknown : (answer ?? last("NO_ANSWER"));
  if (stands === null) return null;

  const nearest = findings
    .filter((each) => agree(each.result, stands.result) && sameOccasion(each.report, stands.report))
    .filter(({ report }) => !isLocalityCode(report.source.system))
    .reduce((best, each) => (isLocalityCode(best.report.source.system) || isAfter(each, best) ? each : best), stands);
  const toldOtherwise = findings.some(
    ({ result }) => weightOf(result) !== "NO_ANSWER" && !agree(result, nearest.result),
  );
  return { report: nearest.report, result: nearest.result, toldOtherwise };
}

/** What reports tell of one thing, such as a condition. */
export function findings<R extends Report & { readonly results: readonly unknown[] }>(
  reports: readonly R[],
  isOf: (result: R["results"][number]) => boolean,
): readonly Finding<R, R["results"][number]>[] {
  return reports.flatMap((report) => report.results.filter(isOf).map((result) => ({ report, result })));
}

/** Of what reports say the latest told; null where none says. */
export function newestOf<R extends Report, Value>(
  reports: readonly R[],
  says: (report: R) => Value | null,
): Value | null {
  const saying = reports.filter((report) => says(report) !== null);
  return saying.length === 0 ? null : says(saying.reduce((a, b) => latestTold(a, b)));
}

/** Every version, the newest first, with how it stands; `shown` are the reports that what is shown comes from. */
export function history<R extends Report>(
  { every, still }: Told<R>,
  shown: readonly R[],
): readonly { readonly report: R; readonly standing: ReportStanding }[] {
  // Versions of one record come oldest first, and of two at one instant the later one last.
  return [...every]
    .reverse()
    .sort((a, b) => (a.asOf === b.asOf ? 0 : a.asOf < b.asOf ? 1 : -1))
    .map((report) => {
      if (shown.includes(report)) return { report, standing: "STANDS" };
      if (still.includes(report)) return { report, standing: "OUTWEIGHED" };
      return { report, standing: still.some((other) => isSameRecord(other, report)) ? "REPLACED" : "WITHDRAWN" };
    });
}

export function isSameRecord(a: Pick<Report, "source">, b: Pick<Report, "source">): boolean {
  return a.source.system === b.source.system && a.source.id === b.source.id;
}
