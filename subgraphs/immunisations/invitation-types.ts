/** The types of invitation runs, as the graph shows them. */

import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { enumOf, LocalityCodeEnum, PageInfo } from "../../chassis/graph-types";
import { DateScalar, InstantScalar, OdsCodeScalar } from "../../schema/scalars";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { Child, VaccineEnum } from "./graph-types";
import {
  CANCEL_REASONS,
  type CancelReason,
  INVITATION_STATES,
  type InvitationState,
  OUTCOMES,
  type Outcome,
  RUN_STATES,
  type RunState,
} from "./invitation";

const RunStateEnum = enumOf("InvitationRunState", "How an invitation run stands.", RUN_STATES);
export const InvitationStateEnum = enumOf("InvitationState", "How an invitation stands.", INVITATION_STATES);
const CancelReasonEnum = enumOf("InvitationCancelReason", "Why somebody is not invited.", CANCEL_REASONS);
const OutcomeEnum = enumOf(
  "InvitationOutcome",
  "What came of an invitation.",
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, INVITATION_STATES[outcome]])),
);

@ObjectType({ description: "A clinic or a session at a school: whom to invite, when and where." })
export class InvitationRun {
  @Field(() => ID, { description: "Id of the run." })
  id!: string;

  @Field(() => RunStateEnum, { description: "How it stands." })
  state!: RunState;

  @Field(() => DateScalar, { description: "The day it is held on." })
  heldOn!: string;

  @Field(() => String, { description: "Where, as families are told." })
  venue!: string;

  @Field(() => LocalityCodeEnum, { description: "The locality that holds it." })
  locality!: LocalityCode;

  @Field(() => OdsCodeScalar, {
    nullable: true,
    description: "The practice whose children it is for. Null for one at a school.",
  })
  practice!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Unique reference number of the school whose children it is for. Null for one of a practice.",
  })
  school!: string | null;

  @Field(() => [VaccineEnum], { nullable: true, description: "What is given there. Null: whatever is due." })
  vaccines!: readonly Vaccine[] | null;

  @Field(() => InstantScalar, { description: "When it was put together." })
  builtAt!: string;

  @Field(() => String, { description: "Subject of the token of whoever put it together." })
  builtBy!: string;

  @Field(() => InstantScalar, { nullable: true, description: "When it was locked. Null while it is open." })
  lockedAt!: string | null;

  @Field(() => InstantScalar, { nullable: true, description: "When it was closed or cancelled. Null until then." })
  closedAt!: string | null;
}

@ObjectType({ description: "One child's place on an invitation run." })
export class Invitation {
  @Field(() => Child, { description: "Who is invited." })
  child!: Child;

  @Field(() => [String], { description: "The doses due, such as MMR_1." })
  doses!: readonly string[];

  @Field(() => InvitationStateEnum, { description: "How it stands." })
  state!: InvitationState;

  @Field(() => Int, { description: "Which invitation for the same it is: 1 for the first." })
  number!: number;

  @Field(() => InstantScalar, { nullable: true, description: "When it was given out to be sent. Null until then." })
  invitedAt!: string | null;

  @Field(() => Boolean, {
    description: "True where the young person is 16 or over on the day: write to them, not to the parents.",
  })
  toYoungPerson!: boolean;

  @Field(() => CancelReasonEnum, { nullable: true, description: "Why the child is not invited. Null where it is." })
  cancelledBecause!: CancelReason | null;

  @Field(() => DateScalar, {
    nullable: true,
    description:
      "The day from which the child may be invited again if still due. Null: not by a list, or not yet invited.",
  })
  inviteAgainOn!: string | null;

  @Field(() => InstantScalar, { description: "When it was changed last." })
  changedAt!: string;

  @Field(() => String, {
    description: "Subject of the token of whoever changed it last; `the record` where a fact of the record did.",
  })
  changedBy!: string;
}

@ObjectType({ description: "An invitation, with its place in the list." })
export class InvitationEdge {
  @Field(() => Invitation, { description: "The invitation." })
  node!: Invitation;

  @Field(() => String, { description: "Where it stands in the list, to be given back as `after`." })
  cursor!: string;
}

@ObjectType({ description: "A page of the invitations of a run, by child." })
export class InvitationConnection {
  @Field(() => [InvitationEdge], { description: "The invitations, each with its place in the list." })
  edges!: readonly InvitationEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;
}

@ObjectType({ description: "An invitation run, with its place in the list." })
export class InvitationRunEdge {
  @Field(() => InvitationRun, { description: "The run." })
  node!: InvitationRun;

  @Field(() => String, { description: "Where it stands in the list, to be given back as `after`." })
  cursor!: string;
}

@ObjectType({ description: "A page of invitation runs, those held last first." })
export class InvitationRunConnection {
  @Field(() => [InvitationRunEdge], { description: "The runs, each with its place in the list." })
  edges!: readonly InvitationRunEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;
}

@ObjectType({ description: "A run as it was put together." })
export class BuiltInvitationRun {
  @Field(() => InvitationRun, { description: "The run." })
  run!: InvitationRun;

  @Field(() => Int, { description: "Children on its list." })
  listed!: number;

  @Field(() => Int, { description: "Children who are due as well, and for whom there was no place." })
  leftOut!: number;
}

@ObjectType({ description: "What is to be sent now." })
export class SentInvitations {
  @Field(() => InvitationRun, { description: "The run." })
  run!: InvitationRun;

  @Field(() => [Invitation], {
    description: "To be sent now: each was looked at in this moment, and is recorded as invited.",
  })
  invited!: readonly Invitation[];

  @Field(() => [Invitation], { description: "Not to be sent, and why." })
  cancelled!: readonly Invitation[];

  @Field(() => Int, { description: "How many are left to be sent. Ask again until it is 0." })
  left!: number;
}

@InputType({ description: "A clinic for the children of a practice, or a session at a school for its children." })
export class InvitationRunInput {
  @Field(() => DateScalar, { description: "The day it is held on, from today on." })
  heldOn!: string;

  @Field(() => String, { description: "Where, as families are told; at most 200 characters." })
  venue!: string;

  @Field(() => LocalityCodeEnum, { description: "The locality that holds it." })
  locality!: LocalityCode;

  @Field(() => OdsCodeScalar, {
    nullable: true,
    description: "For the children of this practice; or a school is given.",
  })
  practice?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "For the children of the school of this unique reference number; or a practice is given.",
  })
  school?: string | null;

  @Field(() => ID, { nullable: true, description: "Of these only those a care team looks after, by its id." })
  team?: string | null;

  @Field(() => [VaccineEnum], { nullable: true, description: "What is given there. Left out: whatever is due." })
  vaccines?: readonly Vaccine[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "How many children there is place for, the longest due first; at most 2,000, as where it is left out.",
  })
  places?: number | null;
}

@InputType({ description: "What came of one child's invitation." })
export class InvitationOutcomeInput {
  @Field(() => ID, { description: "The child's id." })
  childId!: string;

  @Field(() => OutcomeEnum, { description: "What came of it." })
  outcome!: Outcome;
}
