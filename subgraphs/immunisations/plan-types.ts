/** The types of a plan, as the graph shows it, and of what a forecast about nobody is asked with. */

import { Field, ID, InputType, ObjectType } from "type-graphql";
import { enumOf } from "../../chassis/graph-types";
import type { ResponsibilityStatus } from "../../schema/belonging";
import type { DoseRecorded } from "../../schema/events";
import { DateScalar } from "../../schema/scalars";
import type { NotGivenReason, Product, Vaccine } from "../../schema/vocabulary/vaccines";
import { PrecisionEnum, ReasonEnum, VaccineEnum } from "./graph-types";
import {
  DOSE_STATES,
  type DoseState,
  LINE_REASONS,
  type LineReason,
  SCID_OUTCOMES,
  type ScidOutcome,
  UNCOUNTED_REASONS,
  type UncountedReason,
} from "./plan";
import { VACCINES_ABROAD, type VaccineAbroad } from "./schedule";

export const StateEnum = enumOf("DoseState", "How a dose of the schedule stands on a day.", DOSE_STATES);
const LineReasonEnum = enumOf("PlannedDoseReason", "Why a dose of the schedule stands as it does.", LINE_REASONS);
const UncountedReasonEnum = enumOf("UncountedReason", "Why a dose on record does not count.", UNCOUNTED_REASONS);
const ScidEnum = enumOf(
  "ScidOutcome",
  "What newborn screening for severe combined immunodeficiency said.",
  SCID_OUTCOMES,
);
const AbroadEnum = enumOf("VaccineAbroad", "A vaccine given abroad that is not counted here.", VACCINES_ABROAD);
const StatusEnum = enumOf("ForecastStatus", "Whether the child is invited at all.", {
  RESIDENT: "Lives where we are responsible",
  MOVED_OUT: "Moved away: another area is responsible",
  DECEASED: "Died",
} satisfies Record<ResponsibilityStatus, string>);

@ObjectType({ description: "A product a dose can be given with." })
export class VaccineProduct implements Product {
  @Field(() => String, { description: "Its brand." })
  brand!: string;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether it contains gelatine from pigs, which some families do not accept. Null where we were not told.",
  })
  porcineGelatine!: boolean | null;
}

@ObjectType({ description: "A dose of the schedule, and how it stands for this child on the day of the plan." })
export class PlannedDose {
  @Field(() => String, {
    description:
      "The dose of the schedule, such as HEXA_1, MMR_2 or FLU; FLU may come twice, of this season and of the next.",
  })
  doseId!: string;

  @Field(() => String, { description: "What the dose is called." })
  name!: string;

  @Field(() => VaccineEnum, { description: "What was given, or is to be." })
  vaccine!: Vaccine;

  @Field(() => StateEnum, { description: "How it stands on the day of the plan." })
  state!: DoseState;

  @Field(() => DateScalar, {
    nullable: true,
    description: "First day it would count. Null where it is not for this child, or only the dose before it bounds it.",
  })
  earliestOn!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day the schedule recommends. Null where it is not for this child.",
  })
  recommendedOn!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description:
      "The day it becomes due: the later of recommended and earliest. Of a dose that waits for another, the first day it could be. Null once it is given or too late.",
  })
  dueOn!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day it becomes overdue. Null where it never does, or waits for another.",
  })
  overdueOn!: string | null;

  @Field(() => DateScalar, { nullable: true, description: "Last day it is given. Null without a limit." })
  latestOn!: string | null;

  @Field(() => [VaccineProduct], {
    description:
      "What it can be given with, the preferred product first. Empty once it is given, past its age, or not for this child.",
  })
  products!: readonly VaccineProduct[];

  @Field(() => DateScalar, {
    nullable: true,
    description:
      "The day of the dose that met it; the first of the month or year where no more is known. Null while not given.",
  })
  givenOn!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "The dose that met it: its id in `Child.doses`. Null while not given, and in a forecast about nobody, where `vaccine` and `givenOn` tell it.",
  })
  metBy!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The dose it waits for, or SCID_OUTCOME. Null where it waits for nothing.",
  })
  awaits!: string | null;

  @Field(() => LineReasonEnum, { description: "Why it stands so, as a code." })
  reasonCode!: LineReason;

  @Field(() => String, { description: "Why it stands so, in plain words, and what official rules leave open." })
  reason!: string;
}

@ObjectType({ description: "A dose on record that meets no dose of the schedule." })
export class UncountedDose {
  @Field(() => ID, {
    nullable: true,
    description: "Its id in `Child.doses`. Null in a forecast about nobody.",
  })
  doseId!: string | null;

  @Field(() => VaccineEnum, { description: "What was given." })
  vaccine!: Vaccine;

  @Field(() => DateScalar, { description: "When; the first of the month or year where no more is known." })
  givenOn!: string;

  @Field(() => PrecisionEnum, { description: "How much of `givenOn` is known." })
  precision!: DoseRecorded["precision"];

  @Field(() => UncountedReasonEnum, { description: "Why it does not count, as a code." })
  reasonCode!: UncountedReason;

  @Field(() => String, { description: "Why it does not count, in plain words." })
  reason!: string;
}

@ObjectType({ description: "What a child has had, is due and is overdue on a day, by the schedule of England." })
export class ImmunisationPlan {
  @Field(() => DateScalar, { description: "The day it is made for." })
  on!: string;

  @Field(() => String, { description: "The edition of the rules of that day, such as ENGLAND_2026_01." })
  rules!: string;

  @Field(() => [PlannedDose], { description: "Each dose of the schedule, in its order." })
  doses!: readonly PlannedDose[];

  @Field(() => [UncountedDose], { description: "Each dose on record that meets none of them, by date." })
  notCounted!: readonly UncountedDose[];
}

@InputType({ description: "A dose given: the vaccine by a code or by our name for it, and the day." })
export class DoseInput {
  @Field(() => DateScalar, {
    description: "The day it was given; any day of the month or year where `precision` says no more is known.",
  })
  givenOn!: string;

  @Field(() => PrecisionEnum, { defaultValue: "DAY", description: "How much of `givenOn` is known." })
  precision!: DoseRecorded["precision"];

  @Field(() => String, { nullable: true, description: "SNOMED CT procedure code." })
  vaccineCode?: string | null;

  @Field(() => String, { nullable: true, description: "dm+d product code." })
  productCode?: string | null;

  @Field(() => VaccineEnum, { nullable: true, description: "Our own name of the vaccine." })
  vaccine?: Vaccine | null;

  @Field(() => AbroadEnum, {
    nullable: true,
    description: "In place of a vaccine: one given abroad that is not counted here.",
  })
  abroad?: VaccineAbroad | null;
}

@InputType({ description: "Why a dose was not given." })
export class NotGivenInput {
  @Field(() => VaccineEnum, { description: "What was not given." })
  vaccine!: Vaccine;

  @Field(() => ReasonEnum, { description: "Why." })
  reason!: NotGivenReason;

  @Field(() => DateScalar, { description: "The day it was decided, or happened." })
  decidedOn!: string;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day from which it no longer holds. Left out: until someone says otherwise.",
  })
  until?: string | null;
}

@InputType({ description: "What else a forecast rests on. What is left out is taken as not known, never as no." })
export class HistoryInput {
  @Field(() => [NotGivenInput], { nullable: true, description: "Doses declined, put off or not to be given." })
  notGiven?: readonly NotGivenInput[] | null;

  @Field(() => StatusEnum, {
    defaultValue: "RESIDENT",
    description: "Whether the child is invited at all.",
  })
  status!: ResponsibilityStatus;

  @Field(() => DateScalar, { nullable: true, description: "Day of death." })
  diedOn?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether the newborn is eligible for BCG, by area or family.",
  })
  bcgEligible?: boolean | null;

  @Field(() => ScidEnum, { nullable: true, description: "Screening for severe combined immunodeficiency." })
  scid?: ScidOutcome | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the mother has hepatitis B." })
  motherHepatitisB?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the child has had chickenpox." })
  hadChickenpox?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the child is in a clinical risk group for flu." })
  clinicalRisk?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the child is immunosuppressed." })
  immunosuppressed?: boolean | null;
}
