/**
 * The words of a plan: what it is made of, the lines it has, and how a line's state on any day is read from its dates.
 */

import type { ResponsibilityStatus } from "../../schema/belonging";
import type { Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import type { Dose, DoseNotGiven } from "./model";
import type { DoseId, VaccineAbroad } from "./schedule";

/** What a newborn blood spot said of severe combined immunodeficiency. */
export const SCID_OUTCOMES = {
  NOT_SUSPECTED: "Screened, and not suspected",
  SUSPECTED: "Suspected: BCG and rotavirus are withheld",
  AWAITED: "Screened, the outcome is not known yet: BCG waits for it",
  NOT_OFFERED: "Screening was not offered or was declined: BCG does not wait for it",
} as const satisfies Record<string, string>;
export type ScidOutcome = keyof typeof SCID_OUTCOMES;

/** A dose as the forecast needs it: collapsed, so that one antigen set on one day is one dose. */
export interface HistoryDose extends Pick<Dose, "vaccine" | "givenOn" | "precision" | "possibleDuplicateOf"> {
  /** Null in a forecast about nobody. */
  readonly id: string | null;
  /** What was given abroad that this schedule does not count. */
  readonly abroad?: VaccineAbroad;
}

export type Decision = Pick<DoseNotGiven, "vaccine" | "reason" | "decidedOn" | "until">;

/** Everything a forecast is made of. Null is not known, which is not the same as no. */
export interface History {
  readonly bornOn: Day;
  readonly doses: readonly HistoryDose[];
  readonly notGiven: readonly Decision[];
  readonly status: ResponsibilityStatus;
  /** Null for a child who lives, or of whom only the death is known. */
  readonly diedOn: Day | null;
  readonly bcgEligible: boolean | null;
  readonly scid: ScidOutcome | null;
  readonly motherHepatitisB: boolean | null;
  readonly hadChickenpox: boolean | null;
  readonly clinicalRisk: boolean | null;
  readonly immunosuppressed: boolean | null;
}

export const DOSE_STATES = {
  COMPLETE: "Given, and it counts",
  NOT_YET_DUE: "Its day has not come, or it waits for something else",
  DUE: "Its day has come",
  OVERDUE: "Due for longer than the threshold, 28 days unless the dose has its own",
  AGED_OUT: "The age or the season for it has passed; it is never recalled",
  NOT_ELIGIBLE: "This child does not need it, or is not known to",
  CONTRAINDICATED: "Must not be given to this child, as recorded",
  REFUSED: "Declined, as recorded, and not given since",
  SUPPRESSED: "The child died or is no longer ours: nobody is invited",
} as const satisfies Record<string, string>;
export type DoseState = keyof typeof DOSE_STATES;

/** Why a line stands as it does, beside its dates. */
export const LINE_REASONS = {
  GIVEN: "It was given",
  GIVEN_EARLY: "It was given a few days early, as one dose may be",
  GIVEN_LATE: "It was given after the age limit, and counts",
  SCHEDULED: "By the schedule",
  INTERVAL: "So long after the dose before",
  FOLLOWS: "It follows another dose that is not given yet",
  LATE_START: "Of a late start it belongs to a later visit than the first",
  MET_BY_HEXAVALENT: "The 6-in-1 to be given meets it",
  SCID_AWAITED: "BCG waits for the outcome of screening",
  PUT_OFF: "It was put off",
  SAID_GIVEN: "Said to have been given elsewhere, without a record",
  AGE_LIMIT: "Past the last day for it",
  BORN_OUTSIDE: "It is for children born at other times",
  NOT_SELECTED: "It is for some children only, and this is not one",
  NOT_KNOWN: "It is for some children only, and whether this is one is not known",
  ENOUGH: "What was given, or the visits planned, are enough without it",
  OUT_OF_SEASON: "It is not offered to this child in this season",
  CONTRAINDICATED: "It must not be given to this child",
  SCID_SUSPECTED: "Severe combined immunodeficiency is suspected",
  DECLINED: "It was declined",
  DIED: "The child died",
  MOVED_OUT: "Another area is responsible for the child",
} as const satisfies Record<string, string>;
export type LineReason = keyof typeof LINE_REASONS;

/** A dose of the schedule and how it stands for one child. */
export interface PlannedDose {
  readonly doseId: DoseId;
  /** What was given, or is to be. */
  readonly vaccine: Vaccine;
  /** How it stands whatever the day: OPEN lines, and those only, have the state that their dates give. */
  readonly standing: "OPEN" | Exclude<DoseState, "NOT_YET_DUE" | "DUE" | "OVERDUE" | "AGED_OUT">;
  readonly because: LineReason;
  readonly earliestOn: Day | null;
  readonly recommendedOn: Day | null;
  /** The later of recommended and earliest, and of what puts it off. Of a line that waits, the first it could be. */
  readonly dueOn: Day | null;
  /** Null for what is never overdue. */
  readonly overdueOn: Day | null;
  /** Last day. */
  readonly latestOn: Day | null;
  readonly givenOn: Day | null;
  /** What has to come first; while it has not, the line is not due whatever its dates. */
  readonly awaits: DoseId | "SCID_OUTCOME" | null;
  readonly dose: HistoryDose | null;
  /** The day of the decision that `because` speaks of. */
  readonly decidedOn: Day | null;
}

/** The dates of a line that has none. */
export const NO_DATES = {
  earliestOn: null,
  recommendedOn: null,
  dueOn: null,
  overdueOn: null,
  latestOn: null,
  givenOn: null,
  awaits: null,
  dose: null,
  decidedOn: null,
} as const;

export const UNCOUNTED_REASONS = {
  TOO_YOUNG: "Given before the earliest age at which it counts",
  TOO_SOON: "Given too soon after the dose before",
  EARLY_FOR_A_CLINICIAN: "Given up to a week early: a clinician may accept it",
  DATE_INCOMPLETE: "The date is too vague to prove that it counts",
  POSSIBLE_DUPLICATE: "May be another dose of the record, told with a vaguer date",
  SAME_DAY: "Another vaccine against the same diseases is recorded on that day, and is counted",
  BEFORE_BIRTH: "Recorded before birth",
  AFTER_THE_DAY: "Given after the day of this plan",
  OTHER_SEASON: "Given in another season",
  MORE_THAN_NEEDED: "More than this child's schedule asks for",
  NOT_IN_SCHEDULE: "No dose of this child's schedule is met by this vaccine",
  NOT_COUNTED_HERE: "A vaccine from abroad that is not counted here",
} as const satisfies Record<string, string>;
export type UncountedReason = keyof typeof UNCOUNTED_REASONS;

export interface UncountedDose {
  readonly dose: HistoryDose;
  readonly because: UncountedReason;
  /** Days after the dose before; null where that does not matter, or the day of that one is not known. */
  readonly daysAfter: number | null;
}

export interface Plan {
  readonly on: Day;
  /** Edition of the rules of that day. */
  readonly rules: string;
  /** In the order of the schedule. */
  readonly doses: readonly PlannedDose[];
  /** By date. */
  readonly notCounted: readonly UncountedDose[];
  /** Until then the lines that are due stay as they are; null: for good. */
  readonly changesOn: Day | null;
}

/** The state of a line on a day, from its dates alone. */
export function stateOn({ standing, earliestOn, dueOn, overdueOn, latestOn, awaits }: PlannedDose, on: Day): DoseState {
  if (standing === "COMPLETE" || standing === "NOT_ELIGIBLE" || standing === "SUPPRESSED") return standing;
  if (latestOn !== null && (on > latestOn || (awaits === null && earliestOn !== null && earliestOn > latestOn))) {
    return "AGED_OUT";
  }
  if (standing !== "OPEN") return standing;
  if (awaits !== null || dueOn === null || on < dueOn) return "NOT_YET_DUE";
  return overdueOn === null || on < overdueOn ? "DUE" : "OVERDUE";
}
