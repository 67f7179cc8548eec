/** The types of the notifications part of the graph. */

import { createUnionType, Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { enumOf, LocalityCodeEnum, PageInfo } from "../../chassis/graph-types";
import { Withheld } from "../../chassis/guard";
import { InstantScalar, OdsCodeScalar } from "../../schema/scalars";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import { TEAM_KINDS, type TeamKind } from "../../schema/vocabulary/teams";
import * as model from "./model";
import { KINDS, type Kind, SCREENS, type Screen, URGENCIES, type Urgency } from "./rules";

export const KindEnum = enumOf("NotificationKind", "What a team is told of.", KINDS);
export const UrgencyEnum = enumOf("NotificationUrgency", "How soon a notification is to be seen.", URGENCIES);
export const StateEnum = enumOf("NotificationState", "How a notification stands.", model.STATES);
export const ScreenEnum = enumOf("NewbornScreen", "A newborn or infant screen that a notification is about.", SCREENS);
export const TeamKindEnum = enumOf("TeamKind", "A kind of team.", TEAM_KINDS);

@ObjectType({ description: "A child of the record." })
@Directive('@key(fields: "id")')
export class Child {
  @Field(() => ID, {
    description: "The child's id in this record. It is not the NHS number, and stays when that changes.",
  })
  id!: string;
}

@ObjectType({ description: "Where a child was and is, as far as a notification is about that." })
export class NotificationPlace {
  @Field(() => LocalityCodeEnum, {
    nullable: true,
    description: "The locality it left. Null where it came from outside Cheshire and Merseyside.",
  })
  fromLocality!: LocalityCode | null;

  @Field(() => LocalityCodeEnum, {
    nullable: true,
    description: "The locality it came to. Null where it left Cheshire and Merseyside.",
  })
  toLocality!: LocalityCode | null;

  @Field(() => OdsCodeScalar, { nullable: true, description: "ODS code of the practice it left. Null for none." })
  fromPractice!: string | null;

  @Field(() => OdsCodeScalar, { nullable: true, description: "ODS code of the practice it joined. Null for none." })
  toPractice!: string | null;
}

export const NotificationPlaceAnswer = createUnionType({
  name: "NotificationPlaceAnswer",
  description: "Where a child was and is, or that this is withheld because its whereabouts are restricted.",
  types: () => [NotificationPlace, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : NotificationPlace),
});

@ObjectType({ description: "The team that is told." })
export class NotifiedTeam {
  @Field(() => TeamKindEnum, { description: "What kind of team it is." })
  kind!: TeamKind;

  @Field(() => ID, {
    nullable: true,
    description:
      "The team, such as HEALTH_VISITING:WIRRAL. Null for a restricted child: whose the team is would tell where the child is.",
  })
  id!: string | null;
}

@ObjectType({ description: "Who has seen a notification, for the team." })
export class Acknowledgement {
  @Field(() => InstantScalar, { description: "When." })
  at!: string;

  @Field(() => String, { description: "The name of whoever acknowledged it." })
  by!: string;
}

@ObjectType({
  description:
    "One team told of one thing about one child. It says what happened and nothing clinical: what is the case now stands in the record.",
})
export class Notification {
  childId!: string;
  kept!: model.Notification;

  @Field(() => ID, { description: "Id of the notification." })
  id!: string;

  @Field(() => String, { description: "Its place in the feed: give it as `after` to go on behind it." })
  cursor!: string;

  @Field(() => KindEnum, { description: "What happened." })
  kind!: Kind;

  @Field(() => String, { description: "What happened, in words." })
  says!: string;

  @Field(() => UrgencyEnum, { description: "How soon it is to be seen." })
  urgency!: Urgency;

  @Field(() => ScreenEnum, {
    nullable: true,
    description: "The screen it is about. Null where it is about none.",
  })
  screen!: Screen | null;

  @Field(() => Child, {
    nullable: true,
    description: "The child it is about. Null only with an error, where what was asked of the child may not be seen.",
  })
  child!: Child | null;

  @Field(() => InstantScalar, { description: "When the team was told." })
  toldAt!: string;

  @Field(() => InstantScalar, { description: "By when it must be acknowledged; then the next team is told." })
  seeBy!: string;

  @Field(() => StateEnum, { description: "Whether it still asks something of the team." })
  state!: model.State;

  @Field(() => Acknowledgement, { nullable: true, description: "Who has seen it. Null until somebody has." })
  acknowledgement!: Acknowledgement | null;

  @Field(() => InstantScalar, {
    nullable: true,
    description: "When it was found that nobody had acknowledged it in time. Null unless that happened.",
  })
  escalatedAt!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "The notification that another team had not acknowledged in time, so that this one was made. Null otherwise.",
  })
  escalationOf!: string | null;

  @Field(() => InstantScalar, {
    nullable: true,
    description:
      "For MOVED_OUT: when the new locality acknowledged that it has the child. Null until then, and for others.",
  })
  handedOverAt!: string | null;
}

@ObjectType({ description: "A notification in a list." })
export class NotificationEdge {
  @Field(() => Notification, { description: "The notification." })
  node!: Notification;

  @Field(() => String, { description: "Cursor of this entry." })
  cursor!: string;
}

@ObjectType({ description: "A page of notifications." })
export class NotificationConnection {
  @Field(() => [NotificationEdge], { description: "The notifications of this page." })
  edges!: readonly NotificationEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;

  @Field(() => String, {
    description: "Cursor of everything that was looked at, shown or not: where to go on when more is told.",
  })
  readUpTo!: string;
}

@InputType({ description: "Which notifications: every condition given holds. What is left out is no condition." })
export class NotificationFilter {
  @Field(() => [KindEnum], { nullable: true, description: "Of one of these kinds." })
  kinds?: readonly Kind[] | null;

  @Field(() => [UrgencyEnum], { nullable: true, description: "Of one of these urgencies." })
  urgencies?: readonly Urgency[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      "Told to one of these teams, such as HEALTH_VISITING:WIRRAL. Restricted children are left out: being found by team would tell where they are.",
  })
  teams?: readonly string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True: only those that somebody of the team has acknowledged. False: only those that wait.",
  })
  acknowledged?: boolean | null;
}

@ObjectType({ description: "A partner app's address that is told by signed webhooks." })
export class WebhookReceiver {
  @Field(() => ID, { description: "Its name in the configuration." })
  name!: string;

  @Field(() => String, { description: "Cursor of the last notification that it took or that was parked for it." })
  readUpTo!: string;

  @Field(() => Int, { description: "How many are still to be sent." })
  waiting!: number;

  @Field(() => Int, { description: "How many it did not take within 24 hours, so that they are not tried any more." })
  parked!: number;

  @Field(() => InstantScalar, { nullable: true, description: "Since when it takes nothing. Null while it does." })
  failingSince!: string | null;

  @Field(() => String, { nullable: true, description: "Why it took nothing the last time. Null while it does." })
  lastFault!: string | null;

  @Field(() => InstantScalar, { nullable: true, description: "When it last took one. Null if it never did." })
  lastReceivedAt!: string | null;
}
