/** The types of doses told, given and not given, as the graph shows them. */

import { createUnionType, Directive, Field, Float, ID, Int, ObjectType } from "type-graphql";
import { enumOf } from "../../chassis/graph-types";
import { Guarded, Withheld } from "../../chassis/guard";
import type { DoseRecorded } from "../../schema/events";
import { DateScalar, InstantScalar, OdsCodeScalar } from "../../schema/scalars";
import {
  NOT_GIVEN_REASONS,
  type NotGivenReason,
  VACCINATION_ROUTES,
  VACCINATION_SITES,
  VACCINES,
  type VaccinationRoute,
  type VaccinationSite,
  type Vaccine,
} from "../../schema/vocabulary/vaccines";
import * as model from "./model";

export const VaccineEnum = enumOf("Vaccine", "A vaccine by what it protects against, not by its brand.", VACCINES);
const SiteEnum = enumOf("VaccinationSite", "Where on the body a dose was given.", VACCINATION_SITES);
const RouteEnum = enumOf("VaccinationRoute", "How a dose was given.", VACCINATION_ROUTES);
export const ReasonEnum = enumOf("NotGivenReason", "Why a dose was not given.", NOT_GIVEN_REASONS);
export const PrecisionEnum = enumOf("DatePrecision", "How much of a date is known.", model.DATE_PRECISIONS);
const FlagEnum = enumOf("DoseFlag", "What about a dose a person should look at.", model.DOSE_FLAGS);

@ObjectType({ description: "Who gave a dose, where, and from which batch, as far as it was told." })
export class GivenAt implements model.GivenAt {
  @Field(() => String, { nullable: true, description: "Name of who gave it. Null where none was told." })
  givenBy!: string | null;

  @Field(() => OdsCodeScalar, { nullable: true, description: "ODS code of whose staff they are. Null if not told." })
  organisation!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The place: an ODS code, the URN of a school, or the source's code of a venue. Null where none was told.",
  })
  place!: string | null;

  @Field(() => String, { nullable: true, description: "Batch number as told. Null where none was told." })
  batchNumber!: string | null;
}

const GivenAtAnswer = createUnionType({
  name: "GivenAtAnswer",
  description: "Who gave a dose and where, or that it is withheld because it would tell where a restricted child is.",
  types: () => [GivenAt, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : GivenAt),
});

@ObjectType({ description: "A record in a source system." })
export class DoseSource implements model.DoseSource {
  @Field(() => String, { description: "The system that told of it: a locality code or a national event." })
  system!: string;

  @Field(() => String, { description: "Id of the record in that system." })
  id!: string;

  @Field(() => InstantScalar, { description: "When that system told of it: what it says may have changed since." })
  asOf!: string;
}

export const DoseSourceAnswer = createUnionType({
  name: "DoseSourceAnswer",
  description: "Which system told, or that it is withheld because it would tell where a restricted child is.",
  types: () => [DoseSource, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : DoseSource),
});

@ObjectType({ description: "The organisation that recorded why a dose was not given." })
export class DecidedBy {
  @Field(() => OdsCodeScalar, { nullable: true, description: "ODS code. Null where none was told." })
  organisation!: string | null;
}

const DecidedByAnswer = createUnionType({
  name: "DecidedByAnswer",
  description: "Who recorded it, or that it is withheld because it would tell where a restricted child is.",
  types: () => [DecidedBy, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : DecidedBy),
});

/** The fields a dose and a report of one share. Not a type of the graph: TypeGraphQL has no other way to say it once. */
@ObjectType()
abstract class DoseDetails implements model.DoseDetails {
  childId!: string;

  @Field(() => VaccineEnum, { description: "What was given." })
  vaccine!: Vaccine;

  @Field(() => String, {
    nullable: true,
    description: "Brand of the product. Null where no product was told, or its code is not in our list.",
  })
  product!: string | null;

  @Field(() => DateScalar, {
    description: "The day it was given; the first day of the month or year where `precision` says no more is known.",
  })
  givenOn!: string;

  @Field(() => PrecisionEnum, { description: "How much of `givenOn` is known." })
  precision!: DoseRecorded["precision"];

  @Field(() => String, { nullable: true, description: "SNOMED CT procedure code as sent. Null where none was." })
  procedureCode!: string | null;

  @Field(() => String, { nullable: true, description: "dm+d product code as sent. Null where none was." })
  productCode!: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Number of the dose as the sender counted it; doses are never counted by it. Null where none was told.",
  })
  doseNumberSent!: number | null;

  @Field(() => SiteEnum, { nullable: true, description: "Where on the body. Null where it was not told." })
  site!: VaccinationSite | null;

  @Field(() => RouteEnum, { nullable: true, description: "How it was given. Null where it was not told." })
  route!: VaccinationRoute | null;

  @Field(() => DateScalar, { nullable: true, description: "Expiry of the batch. Null where none was told." })
  expiresOn!: string | null;

  @Field(() => String, { nullable: true, description: "Manufacturer as told. Null where none was." })
  manufacturer!: string | null;

  @Field(() => Float, { nullable: true, description: "Amount given, in millilitres. Null where none was told." })
  amountMillilitres!: number | null;

  @Field(() => GivenAtAnswer, { description: "Who gave it, where, and from which batch." })
  @Guarded("VIEW_IMMUNISATIONS", "ANSWER")
  givenAt!: GivenAt;

  @Field(() => Boolean, { description: "False when told second hand, or given abroad or elsewhere." })
  primarySource!: boolean;
}

@ObjectType({
  description:
    "A dose given. Records of one antigen set on one day are one dose, and the richest of them is shown as it was told.",
})
export class Dose extends DoseDetails implements model.Dose {
  @Field(() => ID, {
    description: "Opaque. The same for as long as the child, what the vaccine protects against and the date are.",
  })
  id!: string;

  @Field(() => [FlagEnum], { description: "What a person should look at. Empty where nothing is odd." })
  flags!: readonly model.DoseFlag[];

  @Field(() => ID, {
    nullable: true,
    description: "Id of the dose that this may be told again. Null without the flag POSSIBLE_DUPLICATE.",
  })
  possibleDuplicateOf!: string | null;

  sources!: readonly model.DoseSource[];
}

@ObjectType({ description: "One version of one record of a dose, as it was told." })
export class DoseReport extends DoseDetails implements model.DoseReport {
  @Field(() => Boolean, { description: "False once its source replaced it or took it back." })
  stands!: boolean;

  @Field(() => DoseSourceAnswer, { description: "Which system told it, and when." })
  @Guarded("VIEW_IMMUNISATIONS", "ANSWER")
  source!: DoseSource;
}

@ObjectType({ description: "A decision or an event by which a dose was not given." })
export class DoseNotGiven implements model.DoseNotGiven {
  childId!: string;
  sources!: readonly model.DoseSource[];

  @Field(() => ID, { description: "Opaque. The same for as long as the child, the antigens, the reason and day are." })
  id!: string;

  @Field(() => VaccineEnum, { description: "What was not given." })
  vaccine!: Vaccine;

  @Field(() => ReasonEnum, { description: "Why it was not given." })
  reason!: NotGivenReason;

  @Field(() => DateScalar, { description: "The day it was decided, or happened." })
  decidedOn!: string;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day from which it no longer holds. Null: until someone says otherwise.",
  })
  until!: string | null;

  @Field(() => DecidedByAnswer, { description: "Who recorded it." })
  @Guarded("VIEW_IMMUNISATIONS", "ANSWER")
  decidedBy!: DecidedBy;
}

@ObjectType({ description: "A child of the record." })
@Directive('@key(fields: "id")')
export class Child {
  @Field(() => ID, {
    description: "The child's id in this record. It is not the NHS number, and stays when that changes.",
  })
  id!: string;
}
