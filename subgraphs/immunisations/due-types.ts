/** The types of lists of doses due, as the graph shows them. */

import { Field, Int, ObjectType } from "type-graphql";
import { enumOf, PageInfo } from "../../chassis/graph-types";
import { DateScalar } from "../../schema/scalars";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { Child, VaccineEnum } from "./graph-types";
import { CONTACTS, type Contact } from "./invitation";
import type { DoseState } from "./plan";
import { StateEnum } from "./plan-types";

const ContactEnum = enumOf(
  "Contactability",
  "Whether somebody may be invited for a dose, and who is written to. Children who died, moved away or whose whereabouts are restricted are in no list.",
  CONTACTS,
);

@ObjectType({ description: "A dose that is to be given to a child." })
export class DueDose {
  @Field(() => Child, { description: "Whose it is." })
  child!: Child;

  @Field(() => String, { description: "The dose of the schedule, such as HEXA_1, MMR_2 or FLU." })
  doseId!: string;

  @Field(() => String, { description: "What the dose is called." })
  name!: string;

  @Field(() => VaccineEnum, { description: "What is to be given." })
  vaccine!: Vaccine;

  @Field(() => StateEnum, { description: "How it stands on the day of the list." })
  state!: DoseState;

  @Field(() => DateScalar, {
    nullable: true,
    description: "First day it would count. Null where only the dose before it bounds it.",
  })
  earliestOn!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day the schedule recommends. Null where it names none.",
  })
  recommendedOn!: string | null;

  @Field(() => DateScalar, { description: "The day it became due." })
  dueOn!: string;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day it becomes overdue, or did. Null where it never does.",
  })
  overdueOn!: string | null;

  @Field(() => DateScalar, { nullable: true, description: "Last day it is given. Null without a limit." })
  latestOn!: string | null;

  @Field(() => String, { description: "Why it is due, in plain words, and what official rules leave open." })
  reason!: string;

  @Field(() => ContactEnum, { description: "Whether the child may be invited for it on the day of the list." })
  contact!: Contact;

  @Field(() => Int, { description: "How often the child was invited for it." })
  invitations!: number;

  @Field(() => DateScalar, {
    nullable: true,
    description:
      "The day from which the child may be invited for it again. Null where it was not invited, or is not to be by a list.",
  })
  inviteAgainOn!: string | null;
}

@ObjectType({ description: "A dose due, with its place in the list." })
export class DueDoseEdge {
  @Field(() => DueDose, { description: "The dose." })
  node!: DueDose;

  @Field(() => String, { description: "Where the dose stands in the list, to be given back as `after`." })
  cursor!: string;
}

@ObjectType({
  description:
    "A page of doses due, by child and dose, so that those of one child follow each other. Pages stay where they are as others come and go.",
})
export class DueDoseConnection {
  @Field(() => [DueDoseEdge], { description: "The doses, each with its place in the list." })
  edges!: readonly DueDoseEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;

  @Field(() => DateScalar, { description: "The day of the list." })
  on!: string;
}

@ObjectType({ description: "Whether the lists are complete." })
export class DuePlanning {
  @Field(() => Int, {
    description:
      "Children of the whole record of whom something was told since they were planned, as many as 1,000: while there are any, a list may lack some of what is due and hold some of what is no longer. 0: every list is complete.",
  })
  waiting!: number;
}
