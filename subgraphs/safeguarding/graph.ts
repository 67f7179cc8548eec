/** The safeguarding part of the graph. */

import {
  Arg,
  Ctx,
  createUnionType,
  Directive,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Resolver,
  Root,
} from "type-graphql";
import { enumOf } from "../../chassis/graph-types";
import { Guarded, WITHHELD, Withheld } from "../../chassis/guard";
import type { Context } from "../../chassis/subgraph";
import type { Source } from "../../schema/events";
import { DateScalar, InstantScalar } from "../../schema/scalars";
import { FLAG_KINDS, type FlagKind } from "../../schema/vocabulary/flags";
import { localAuthorityName } from "../../schema/vocabulary/localities";
import * as model from "./model";
import type { Reads } from "./store";

const FlagKindEnum = enumOf("FlagKind", "What a safeguarding or related flag is about.", FLAG_KINDS);
const StandingEnum = enumOf(
  "SafeguardingStanding",
  "How a child stands by the safeguarding flags known here.",
  model.SAFEGUARDING_STANDINGS,
);

const ReadPurposeEnum = enumOf(
  "SafeguardingReadPurpose",
  "What a read of the national child protection service is for. It is always said, never assumed.",
  model.READ_PURPOSES,
);

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

@ObjectType({ description: "A check with the national child protection service (CP-IS), now, for one purpose." })
export class NationalCheck implements model.NationalCheck {
  @Field(() => ReadPurposeEnum, { description: "What the check was for, as it was asked." })
  purpose!: model.ReadPurpose;

  @Field(() => StandingEnum, {
    description: "What the national service knows. COULD_NOT_BE_CHECKED is never to be read as NONE_KNOWN.",
  })
  standing!: model.SafeguardingStanding;

  @Field(() => String, { nullable: true, description: "Why it could not be checked. Null where it was." })
  reason!: string | null;
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
      "Whether the child has safeguarding flags, and which, for those who may know. Asked about one child at a time: down a list it is refused. Null only with an error, and then it could not be checked.",
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

  @FieldResolver(() => NationalCheck, {
    nullable: true,
    description:
      "What the national child protection service says now, which may be other than what is known here. Null only with an error.",
  })
  @Guarded("CHECK_NATIONALLY")
  nationalCheck(
    @Arg("purpose", () => ReadPurposeEnum, {
      description: "What the read is for; the local authority is told of unscheduled care.",
    })
    purpose: model.ReadPurpose,
    @Root() _safeguarding: Safeguarding,
  ): NationalCheck {
    return model.unconnectedCheck(purpose);
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
