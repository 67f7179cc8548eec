/** The safeguarding part of the graph. */

import {
  Ctx,
  createUnionType,
  Directive,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Resolver,
  Root,
  registerEnumType,
} from "type-graphql";
import { Guarded, WITHHELD, Withheld } from "../../chassis/guard";
import type { Context } from "../../chassis/subgraph";
import type { Source } from "../../schema/events";
import { DateScalar, InstantScalar } from "../../schema/scalars";
import { FLAG_KIND_NAMES, FLAG_KINDS, type FlagKind } from "../../schema/vocabulary/flags";
import { localAuthorityName } from "../../schema/vocabulary/localities";
import * as model from "./model";
import type { Reads } from "./store";

const FlagKindEnum = Object.fromEntries(FLAG_KIND_NAMES.map((kind) => [kind, kind]));
registerEnumType(FlagKindEnum, {
  name: "FlagKind",
  description: "What a safeguarding or related flag is about.",
  valuesConfig: Object.fromEntries(FLAG_KIND_NAMES.map((kind) => [kind, { description: `${FLAG_KINDS[kind].says}.` }])),
});

const StandingEnum = Object.fromEntries(Object.keys(model.SAFEGUARDING_STANDINGS).map((each) => [each, each]));
registerEnumType(StandingEnum, {
  name: "SafeguardingStanding",
  description: "How a child stands by the safeguarding flags known here.",
  valuesConfig: Object.fromEntries(
    Object.entries(model.SAFEGUARDING_STANDINGS).map(([name, description]) => [name, { description }]),
  ),
});

@ObjectType({ description: "The local authority that raised a flag, how to reach it, and who told of it." })
export class RaisingAuthority {
  @Field(() => String, { description: "The system that told of the flag: a locality code or a national event." })
  toldBy!: string;

  @Field(() => String, {
    nullable: true,
    description: "Name of the local authority. Null where the source does not say.",
  })
  name!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "ONS code of the local authority. Null for one outside Cheshire and Merseyside.",
  })
  code!: string | null;

  @Field(() => String, { nullable: true, description: "Telephone in office hours. Null where none was told." })
  officePhone!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Telephone of the emergency duty team. Null where none was told.",
  })
  emergencyDutyPhone!: string | null;
}

const RaisedByAnswer = createUnionType({
  name: "RaisedByAnswer",
  description: "Who raised a flag, or that it is withheld because it would tell where a restricted child is.",
  types: () => [RaisingAuthority, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : RaisingAuthority),
});

@ObjectType({ description: "One safeguarding or related flag. The reason for it is never held here." })
export class SafeguardingFlag {
  childId!: string;
  source!: Source;
  localAuthority!: string | null;
  officePhone!: string | null;
  emergencyDutyPhone!: string | null;

  @Field(() => FlagKindEnum, { description: "What the flag is about." })
  kind!: FlagKind;

  @Field(() => DateScalar, { description: "The day it began." })
  startedOn!: string;

  @Field(() => DateScalar, { nullable: true, description: "The day it ended. Null while it is current." })
  endedOn!: string | null;

  @Field(() => InstantScalar, { description: "When that system told of it: what it says may have changed since." })
  asOf!: string;
}

@ObjectType({
  description: "What is known here of a child's safeguarding. It is not a live check with the national service.",
})
export class Safeguarding {
  childId!: string;

  @Field(() => StandingEnum, { description: "Whether any flag is current, ended not long ago, or none is known." })
  standing!: model.SafeguardingStanding;
}

@ObjectType({ description: "A child of the record." })
@Directive('@key(fields: "id")')
export class Child {
  @Field(() => ID, {
    description: "The child's id in this record. It is not the NHS number, and stays when that changes.",
  })
  id!: string;
}

@Resolver(() => Child)
export class ChildSafeguarding {
  @FieldResolver(() => Safeguarding, {
    nullable: true,
    description:
      "Whether the child has safeguarding flags, and which, for those who may know. Null only with an error.",
  })
  @Guarded("VIEW_SAFEGUARDING")
  async safeguarding(@Root() child: Child, @Ctx() { load, today }: Context<Reads>): Promise<Safeguarding> {
    const shown = model.shownFlags(await load.flags.load(child.id), today);
    return { childId: child.id, standing: model.standing(shown, today) };
  }
}

@Resolver(() => Safeguarding)
export class SafeguardingDetail {
  @FieldResolver(() => [SafeguardingFlag], {
    nullable: true,
    description: "The flags, current ones first. Null for viewers who may know that there are flags but not which.",
  })
  @Guarded("VIEW_SAFEGUARDING_DETAIL")
  async flags(
    @Root() { childId }: Safeguarding,
    @Ctx() { load, today }: Context<Reads>,
  ): Promise<readonly SafeguardingFlag[]> {
    const shown = model.shownFlags(await load.flags.load(childId), today);
    return shown.map((flag) => ({ ...flag, childId }));
  }
}

@Resolver(() => SafeguardingFlag)
export class SafeguardingFlagRaisedBy {
  @FieldResolver(() => RaisedByAnswer, { description: "Who raised it and how to reach them." })
  async raisedBy(
    @Root() { childId, source, localAuthority, officePhone, emergencyDutyPhone }: SafeguardingFlag,
    @Ctx() { guard }: Context<Reads>,
  ): Promise<RaisingAuthority | Withheld> {
    if (await guard.withholds("VIEW_SAFEGUARDING_DETAIL", childId)) return WITHHELD;
    const ours = localAuthority === null ? null : localAuthorityName(localAuthority);
    return {
      toldBy: source.system,
      name: ours ?? localAuthority,
      code: ours === null ? null : localAuthority,
      officePhone,
      emergencyDutyPhone,
    };
  }
}
