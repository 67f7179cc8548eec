/**
 * What may happen to the record: the header every event carries and one interface for each type.
 *
 * An event is a fact told by a source. `source` is the fact's identity there and `asOf` the instant it was
 * true: a later `asOf` of the same identity replaces, an earlier one is superseded, a withdrawal leaves a
 * tombstone. Days are local calendar days, instants UTC at nine decimals (calendar.ts). Absent is null.
 */

import type { Role } from "./access";
import type { Day, Instant } from "./calendar";
import type { NhsNumber } from "./nhs-number";
import type { BreakGlassReason } from "./vocabulary/break-glass";
import type { FlagKind } from "./vocabulary/flags";
import type { LocalityCode } from "./vocabulary/localities";
import type {
  BloodSpotCondition,
  BloodSpotOutcome,
  Ear,
  EarOutcome,
  ExaminationOutcome,
  ExaminationStage,
  ExaminedPart,
  HearingTestMethod,
  NewbornHearingOutcome,
} from "./vocabulary/screening";
import type { NotGivenReason, VaccinationRoute, VaccinationSite, Vaccine } from "./vocabulary/vaccines";

/** Identity of a fact at its source: a locality code or a national event code, and an id that source keeps. */
export interface Source {
  readonly system: string;
  readonly id: string;
}

interface Header {
  readonly childId: string;
  readonly source: Source;
  readonly asOf: Instant;
  /** Orders two tellings of one `asOf`, as text; left out where the source has nothing that does. */
  readonly tieBreak?: string;
}

/** A fact told, or told again. */
interface Recorded extends Header {
  readonly action: "record";
}

export type Sex = "MALE" | "FEMALE" | "NOT_KNOWN" | "NOT_SPECIFIED";

/** How sure the number is. Source: NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE 01 to 03. */
export type NhsNumberStatus = "VERIFIED" | "NOT_TRACED" | "TRACE_REQUIRED" | "ABSENT";

/** Who the child is. */
export interface IdentityRecorded extends Recorded {
  readonly type: "IdentityRecorded";
  readonly nhsNumber: NhsNumber | null;
  readonly nhsNumberStatus: NhsNumberStatus;
  /** Numbers this child had before, which national systems replaced. */
  readonly supersededNhsNumbers: readonly NhsNumber[];
  readonly familyName: string;
  /** In order, as one text: `Ada Mary`. */
  readonly givenNames: string;
  readonly bornOn: Day;
  /** Local wall time `HH:MM`; null where only the day is known. */
  readonly bornAtTime: string | null;
  readonly sex: Sex;
  /** NHS ethnic category code; null where none was told. */
  readonly ethnicCategory: string | null;
}

/** The circumstances of birth, and the mother as she was known then. */
export interface BirthRecorded extends Recorded {
  readonly type: "BirthRecorded";
  readonly motherNhsNumber: NhsNumber | null;
  readonly motherFamilyName: string | null;
  readonly motherGivenNames: string | null;
  readonly motherBornOn: Day | null;
  /** 1 for the first or only child of the delivery. */
  readonly birthOrder: number | null;
  readonly birthsAtDelivery: number | null;
  readonly weightGrams: number | null;
  readonly gestationWeeks: number | null;
  readonly stillbirth: boolean;
  readonly congenitalAbnormality: "NOT_SUSPECTED" | "NEEDS_REVIEW" | "SUSPECTED" | null;
  readonly deliveryPlace: string | null;
}

/** A home address. `from` and `to` bound the period, half-open; null where not told. */
export interface AddressRecorded extends Recorded {
  readonly type: "AddressRecorded";
  readonly lines: readonly string[];
  readonly postcode: string | null;
  /** ONS code of the local authority; null where the source does not say and the postcode does not tell. */
  readonly localAuthority: string | null;
  readonly from: Day | null;
  readonly to: Day | null;
}

/** A registration with a GP practice; `practice` null: registered nowhere from then on. */
export interface GpRegistrationRecorded extends Recorded {
  readonly type: "GpRegistrationRecorded";
  /** ODS code. */
  readonly practice: string | null;
  readonly from: Day | null;
  readonly to: Day | null;
}

export interface SchoolRecorded extends Recorded {
  readonly type: "SchoolRecorded";
  /** Unique reference number of the school; 888888 unknown, 999999 home educated. */
  readonly urn: string;
  readonly name: string | null;
  readonly from: Day | null;
  readonly to: Day | null;
}

/** Whether anything that tells where the child is must be withheld. */
export interface RestrictionRecorded extends Recorded {
  readonly type: "RestrictionRecorded";
  readonly restricted: boolean;
}

/** A death, or (REMOVED) that a death was recorded in error. */
export interface DeathRecorded extends Recorded {
  readonly type: "DeathRecorded";
  readonly status: "INFORMAL" | "FORMAL" | "REMOVED";
  /** Null when removed, and when only the death is known. */
  readonly diedOn: Day | null;
}

/** What a locality says of its responsibility for the child. */
export interface ResponsibilityRecorded extends Recorded {
  readonly type: "ResponsibilityRecorded";
  readonly locality: LocalityCode;
  readonly status: "RESIDENT" | "MOVED_OUT";
  readonly from: Day | null;
}

/** Two or more records are one child from now on; the facts of each stay where they were told. */
export interface ChildrenMerged extends Recorded {
  readonly type: "ChildrenMerged";
  /** The child whose record this one is now part of; null undoes the merge. */
  readonly into: string | null;
}

export interface HearingTest {
  readonly method: HearingTestMethod;
  readonly ear: Ear;
  readonly outcome: EarOutcome;
  /** When the result was entered, which is not when the test was done. */
  readonly enteredAt: Instant | null;
}

export interface NewbornHearingRecorded extends Recorded {
  readonly type: "NewbornHearingRecorded";
  readonly outcome: NewbornHearingOutcome;
  /** The outcome's code as sent; kept because an unclassified one needs a person. */
  readonly outcomeCode: string;
  readonly screenedOn: Day;
  readonly outcomeSetAt: Instant | null;
  readonly tests: readonly HearingTest[];
  /** ODS code of the provider. */
  readonly provider: string | null;
  readonly comment: string | null;
}

export interface BloodSpotResult {
  readonly condition: BloodSpotCondition;
  readonly outcome: BloodSpotOutcome;
  /** National status code, `04`, and sub-code, `0301`; null for an unclassified outcome. */
  readonly status: string | null;
  readonly subStatus: string | null;
  /** SNOMED CT code as sent; null from a legacy extract that gives the status only. */
  readonly outcomeCode: string | null;
}

/** Everything one message says of one sample: a condition it does not list has no outcome here. */
export interface NewbornBloodSpotRecorded extends Recorded {
  readonly type: "NewbornBloodSpotRecorded";
  readonly results: readonly BloodSpotResult[];
  /** When the provider had the outcome from the laboratory; not the day of the sample. */
  readonly issuedAt: Instant | null;
  readonly sampleTakenOn: Day | null;
  readonly provider: string | null;
  readonly comment: string | null;
}

export interface ExaminationResult {
  readonly part: ExaminedPart;
  readonly outcome: ExaminationOutcome;
  /** Null where the outcome does not say. */
  readonly riskFactor: boolean | null;
  readonly outcomeCode: string | null;
}

export interface NewbornExaminationRecorded extends Recorded {
  readonly type: "NewbornExaminationRecorded";
  readonly stage: ExaminationStage;
  readonly examinedOn: Day;
  readonly results: readonly ExaminationResult[];
  /** Null: not told, which is not the same as not eligible. */
  readonly bcgEligible: boolean | null;
  readonly provider: string | null;
  readonly comment: string | null;
}

export interface DoseRecorded extends Recorded {
  readonly type: "DoseRecorded";
  readonly vaccine: Vaccine;
  /** The first day of the month or year where `precision` says no more is known. */
  readonly givenOn: Day;
  readonly precision: "DAY" | "MONTH" | "YEAR";
  /** SNOMED CT procedure code, and dm+d product code, as sent. */
  readonly procedureCode: string | null;
  readonly productCode: string | null;
  /** Number of the dose as the sender counted it; never used to count. */
  readonly doseNumber: number | null;
  readonly site: VaccinationSite | null;
  readonly route: VaccinationRoute | null;
  readonly batchNumber: string | null;
  readonly expiresOn: Day | null;
  readonly manufacturer: string | null;
  readonly amountMillilitres: number | null;
  /** Name of who gave it; ODS code of their organisation; ODS code, URN or venue code of the place. */
  readonly givenBy: string | null;
  readonly organisation: string | null;
  readonly place: string | null;
  /** False when told second hand, or given abroad or elsewhere. */
  readonly primarySource: boolean;
}

export interface DoseNotGivenRecorded extends Recorded {
  readonly type: "DoseNotGivenRecorded";
  readonly vaccine: Vaccine;
  readonly reason: NotGivenReason;
  readonly decidedOn: Day;
  /** Null: until someone says otherwise. */
  readonly until: Day | null;
  readonly organisation: string | null;
}

export interface SafeguardingFlagRecorded extends Recorded {
  readonly type: "SafeguardingFlagRecorded";
  readonly kind: FlagKind;
  /** ONS code of the local authority that raised it, or its name where it is not one of ours. */
  readonly localAuthority: string | null;
  readonly startedOn: Day;
  readonly endedOn: Day | null;
  readonly officePhone: string | null;
  readonly emergencyDutyPhone: string | null;
}

/**
 * Somebody was let see the record of a child they have no relationship with, because care could not wait. Never taken
 * back. Why, in their own words, is kept where it is reviewed and goes nowhere else.
 */
export interface GlassBroken extends Recorded {
  readonly type: "GlassBroken";
  /** Subject of the token and role of who broke it: nobody else's reach grows. */
  readonly subject: string;
  readonly role: Role;
  /** ODS code; null where the token named none. */
  readonly organisation: string | null;
  readonly reasonCode: BreakGlassReason;
  readonly from: Instant;
  readonly until: Instant;
  /** Whether it also opens where a restricted child is. */
  readonly opensPlace: boolean;
}

export type RecordedEvent =
  | IdentityRecorded
  | BirthRecorded
  | AddressRecorded
  | GpRegistrationRecorded
  | SchoolRecorded
  | RestrictionRecorded
  | DeathRecorded
  | ResponsibilityRecorded
  | ChildrenMerged
  | NewbornHearingRecorded
  | NewbornBloodSpotRecorded
  | NewbornExaminationRecorded
  | DoseRecorded
  | DoseNotGivenRecorded
  | SafeguardingFlagRecorded
  | GlassBroken;

export type EventType = RecordedEvent["type"];

/** The source no longer tells the fact it told under this identity. */
export interface Withdrawn extends Header {
  readonly action: "withdraw";
  /** The type under which the fact was recorded. */
  readonly type: EventType;
}

export type Event = RecordedEvent | Withdrawn;

/** An event whose child is not yet known: what a reader makes of a message or a row. */
export type Told = WithoutChild<RecordedEvent> | WithoutChild<Withdrawn>;
type WithoutChild<E> = E extends unknown ? Omit<E, "childId"> : never;

/** The event of one type. */
export type EventOf<Type extends EventType> = Extract<RecordedEvent, { readonly type: Type }>;

/** What became of an event: exactly one of these. */
export const DISPOSITIONS = ["APPLIED", "DUPLICATE", "SUPERSEDED", "QUARANTINED"] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** How the fact each event type tells is called for people, for counts and reconciliation. */
export const EVENT_TYPES = {
  IdentityRecorded: "identities",
  BirthRecorded: "births",
  AddressRecorded: "addresses",
  GpRegistrationRecorded: "GP registrations",
  SchoolRecorded: "schools",
  RestrictionRecorded: "restrictions",
  DeathRecorded: "deaths",
  ResponsibilityRecorded: "responsibilities",
  ChildrenMerged: "merges",
  NewbornHearingRecorded: "hearing outcomes",
  NewbornBloodSpotRecorded: "blood spot outcomes",
  NewbornExaminationRecorded: "physical examinations",
  DoseRecorded: "doses",
  DoseNotGivenRecorded: "doses not given",
  SafeguardingFlagRecorded: "safeguarding flags",
  GlassBroken: "glass broken",
} as const satisfies Record<EventType, string>;
