/** What the fields of graph.ts answer with: the types, and nothing that reads or decides. */

import { createUnionType, Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { enumOf, LocalityCodeEnum, PageInfo } from "../../chassis/graph-types";
import { Withheld } from "../../chassis/guard";

import { DateScalar, InstantScalar, NhsNumberScalar, OdsCodeScalar } from "../../schema/scalars";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import * as model from "./model";

export const NhsNumberStatusEnum = enumOf(
  "NhsNumberStatus",
  "How sure it is that an NHS number is the child's.",
  model.NHS_NUMBER_STATUSES,
);
export const SexEnum = enumOf("Sex", "A child's sex as registered.", model.SEXES);
export const ChildStatusEnum = enumOf(
  "ChildStatus",
  "How the responsibility for a child stands.",
  model.CHILD_STATUSES,
);
export const CongenitalAbnormalityEnum = enumOf(
  "CongenitalAbnormality",
  "Whether a congenital abnormality was suspected at birth.",
  model.CONGENITAL_ABNORMALITIES,
);
export const SourceKindEnum = enumOf("SourceKind", "What kind of system told of a child.", model.SOURCE_KINDS);
export const SchoolKindEnum = enumOf("SchoolKind", "What a child's school is.", model.SCHOOL_KINDS);
// --- Entities: the child, and by their keys those of the reference part -------------------------------------------

@ObjectType({ description: "A child of the record." })
@Directive('@key(fields: "id")')
export class Child {
  @Field(() => ID, {
    description: "The child's id in this record. It is not the NHS number, and stays when that changes.",
  })
  id!: string;
}

@ObjectType({ description: "One of the six localities whose systems became this record." })
@Directive('@key(fields: "code", resolvable: false)')
export class Locality {
  @Field(() => LocalityCodeEnum, { description: "Its code, such as WIRRAL." })
  code!: LocalityCode;
}

@ObjectType({ description: "A local authority." })
@Directive('@key(fields: "code", resolvable: false)')
export class LocalAuthority {
  @Field(() => String, { description: "ONS code, nine characters, such as E08000015." })
  code!: string;
}

@ObjectType({ description: "A GP practice." })
@Directive('@key(fields: "odsCode", resolvable: false)')
export class Practice {
  @Field(() => OdsCodeScalar, { description: "Its code of the Organisation Data Service, such as N85002." })
  odsCode!: string;
}

// --- Who a child is -----------------------------------------------------------------------------------------------

@ObjectType({ description: "A person's name." })
export class PersonName {
  @Field(() => String, { nullable: true, description: "Given names in order: Ada Mary. Null where none was told." })
  given!: string | null;

  @Field(() => String, { nullable: true, description: "Family name. Null where none was told." })
  family!: string | null;

  @Field(() => String, { description: "Given names and family name in one." })
  full!: string;
}

@ObjectType({
  description: "The mother, as she was known when the child was born. It says nothing of who cares for it now.",
})
export class Mother {
  @Field(() => NhsNumberScalar, { nullable: true, description: "Her NHS number. Null where none was told." })
  nhsNumber!: string | null;

  @Field(() => PersonName, { nullable: true, description: "Her name. Null where none was told." })
  name!: PersonName | null;

  @Field(() => DateScalar, { nullable: true, description: "The day she was born. Null where it was not told." })
  bornOn!: string | null;
}

@ObjectType({ description: "Where a child was born." })
export class BirthPlace {
  @Field(() => String, { description: "The place as the birth notification names it." })
  name!: string;
}

@ObjectType({ description: "The circumstances of a child's birth, as last told." })
export class Birth implements model.Birth {
  childId!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Which child of the delivery: 1 for the first or only. Null where it was not told.",
  })
  birthOrder!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Registerable births at the delivery. Null where it was not told.",
  })
  birthsAtDelivery!: number | null;

  @Field(() => Int, { nullable: true, description: "Weight at birth in grams. Null where it was not told." })
  weightGrams!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Gestation at birth in completed weeks. Null where it was not told.",
  })
  gestationWeeks!: number | null;

  @Field(() => Boolean, { description: "True for a stillbirth." })
  stillbirth!: boolean;

  @Field(() => CongenitalAbnormalityEnum, {
    nullable: true,
    description: "Whether a congenital abnormality was suspected. Null where it was not told.",
  })
  congenitalAbnormality!: model.Birth["congenitalAbnormality"];
}

@ObjectType({ description: "A system that told who the child is or where it belongs." })
export class SourceSystem implements model.SourceSystem {
  @Field(() => String, { description: "Its code: of a locality, such as WIRRAL, or of a national event." })
  code!: string;

  @Field(() => String, { description: "What it is called." })
  name!: string;

  @Field(() => InstantScalar, { description: "The time of the earliest thing it told." })
  firstToldAt!: string;

  @Field(() => InstantScalar, { description: "The time of the latest thing it told." })
  lastToldAt!: string;
}

@ObjectType({
  description:
    "One of the systems that told of a child. For a restricted child all of a kind are one, and which they are is withheld.",
})
export class Source {
  childId!: string;
  told!: SourceSystem;

  @Field(() => SourceKindEnum, { description: "What kind of system it is." })
  kind!: model.SourceKind;
}

// --- Where a child is ---------------------------------------------------------------------------------------------

@ObjectType({ description: "A home address." })
export class Address {
  @Field(() => [String], { description: "The lines as they were told. A line's position has no meaning." })
  lines!: readonly string[];

  @Field(() => String, { nullable: true, description: "Postcode. Null where none was told." })
  postcode!: string | null;

  @Field(() => LocalAuthority, {
    nullable: true,
    description: "The local authority in which it lies. Null where nobody told and the postcode does not tell.",
  })
  localAuthority!: LocalAuthority | null;
}

@ObjectType({ description: "A home address with the time a child lived there." })
export class AddressPeriod {
  @Field(() => Address, { description: "The address, as it was told last." })
  address!: Address;

  @Field(() => DateScalar, {
    description: "The first day there; where no source says, the day it was first told.",
  })
  from!: string;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The first day no longer there. Null while nothing ended it.",
  })
  until!: string | null;

  @Field(() => Boolean, { description: "True for the address the record goes by now." })
  current!: boolean;

  @Field(() => String, { description: "The system that told it last: the code of a locality or of a national event." })
  toldBy!: string;
}

@ObjectType({ description: "A registration with a GP practice." })
export class Registration {
  @Field(() => Practice, { description: "The practice." })
  practice!: Practice;

  @Field(() => DateScalar, {
    description: "The first day registered; where no source says, the day it was first told.",
  })
  from!: string;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The first day no longer registered there. Null while nothing ended it.",
  })
  until!: string | null;

  @Field(() => Boolean, { description: "True for the practice the record goes by now." })
  current!: boolean;

  @Field(() => String, { description: "The system that told it last: the code of a locality or of a national event." })
  toldBy!: string;
}

@ObjectType({ description: "A child's school." })
export class School implements model.School {
  @Field(() => String, {
    description: "Unique reference number, six figures; 888888 for not known, 999999 for educated at home.",
  })
  urn!: string;

  @Field(() => String, { nullable: true, description: "Its name as told. Null where only the number was." })
  name!: string | null;

  @Field(() => SchoolKindEnum, { description: "Whether it is a school at all." })
  kind!: model.SchoolKind;
}

const place = "or that it is withheld, because it would tell where a restricted child is";

export const AddressAnswer = createUnionType({
  name: "AddressAnswer",
  description: `Where a child lives, ${place}.`,
  types: () => [Address, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : Address),
});

export const PracticeAnswer = createUnionType({
  name: "PracticeAnswer",
  description: `The practice a child is registered with, ${place}.`,
  types: () => [Practice, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : Practice),
});

export const BirthPlaceAnswer = createUnionType({
  name: "BirthPlaceAnswer",
  description: `Where a child was born, ${place}.`,
  types: () => [BirthPlace, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : BirthPlace),
});

export const MotherAnswer = createUnionType({
  name: "MotherAnswer",
  description: `A child's mother at birth, ${place}.`,
  types: () => [Mother, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : Mother),
});

export const SourceSystemAnswer = createUnionType({
  name: "SourceSystemAnswer",
  description: `A system that told of a child, ${place}.`,
  types: () => [SourceSystem, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : SourceSystem),
});

// --- Finding and listing ------------------------------------------------------------------------------------------

@InputType({
  description:
    "Whom to look for: at least two of name, date of birth and postcode, or a name of at least two words. Near matches are found too.",
})
export class ChildSearch {
  @Field(() => String, {
    nullable: true,
    description:
      "Given and family names in any order, at most eight words. Case, accents, hyphens and apostrophes do not count.",
  })
  name?: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: "Date of birth. Day and month changed over is a near match.",
  })
  bornOn?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Postcode of where the child lives now. A restricted child is never found by a search that has one.",
  })
  postcode?: string | null;
}

@ObjectType({ description: "A child in a list, with its place there." })
export class ChildEdge {
  @Field(() => Child, { nullable: true, description: "The child. Null only with an error." })
  node!: Child;

  @Field(() => String, { description: "Where the child stands in the list, to be given back as `after`." })
  cursor!: string;

  @Field(() => Int, {
    nullable: true,
    description: "How well the child fits a search, from 1 to 100, where 100 agrees in everything. Null in a list.",
  })
  score!: number | null;
}

@ObjectType({ description: "A page of a list of children." })
export class ChildConnection {
  @Field(() => [ChildEdge], { description: "The children, each with its place in the list." })
  edges!: readonly ChildEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;
}
