/** Breaking the glass in the graph: asking for it, and a privacy officer's reviews. */

import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { enumOf, PageInfo } from "../chassis/graph-types";
import { Guarded } from "../chassis/guard";
import { AFTER, cursorRead, FIRST, pageOf, pageSize } from "../chassis/pages";
import type { Context } from "../chassis/subgraph";
import { ROLES, type Role } from "../schema/access";
import { Problem } from "../schema/errors";
import { DateScalar, InstantScalar, OdsCodeScalar } from "../schema/scalars";
import {
  BREAK_GLASS_FINDINGS,
  BREAK_GLASS_REASONS,
  type BreakGlassFinding,
  type BreakGlassReason,
  GLASS,
} from "../schema/vocabulary/break-glass";
import type { GlassDesk, GlassGrant, GlassPlace } from "./glass";

export const RoleEnum = enumOf("Role", "What somebody does, and so what they may see.", ROLES);
const ReasonEnum = enumOf(
  "BreakGlassReason",
  "Why the record of a child must be seen by somebody who has no relationship with it.",
  BREAK_GLASS_REASONS,
);
const FindingEnum = enumOf("BreakGlassFinding", "What a privacy officer found of broken glass.", BREAK_GLASS_FINDINGS);

@ObjectType({ description: "That a viewer may see the record of one child for a time, without a relationship." })
export class AccessGrant {
  @Field(() => ID, { description: "Id of the grant, by which it is reviewed." })
  id!: string;

  @Field(() => ID, { description: "The child whose record is open." })
  childId!: string;

  @Field(() => ReasonEnum, { description: "Why it was asked for." })
  reasonCode!: BreakGlassReason;

  @Field(() => InstantScalar, { description: "When it ends. It cannot be made longer; glass is broken again." })
  until!: string;

  @Field(() => Boolean, {
    description: "Whether it also opens where a restricted child is, as few reasons do, and only to some roles.",
  })
  opensPlace!: boolean;

  @Field(() => DateScalar, { description: "The day by which a privacy officer reviews it." })
  reviewBy!: string;
}

@ObjectType({ description: "One finding of a review." })
export class BreakGlassReviewed {
  @Field(() => InstantScalar, { description: "When it was found." })
  at!: string;

  @Field(() => String, { description: "Subject of the token of whoever found it." })
  by!: string;

  @Field(() => FindingEnum, { description: "What was found." })
  finding!: BreakGlassFinding;

  @Field(() => String, { description: "Why, in the words of whoever found it." })
  note!: string;
}

@ObjectType({ description: "Glass that was broken, to be reviewed by a privacy officer." })
export class BreakGlassReview {
  @Field(() => ID, { description: "Id of the grant." })
  id!: string;

  @Field(() => ID, { description: "The child whose record was opened." })
  childId!: string;

  @Field(() => String, { description: "Who did it, by the subject of their token." })
  subject!: string;

  @Field(() => String, { description: "Their name." })
  name!: string;

  @Field(() => RoleEnum, { description: "The role they did it in." })
  role!: Role;

  @Field(() => OdsCodeScalar, {
    nullable: true,
    description:
      "ODS code of their organisation. Null where the token named none, and, with an error, for a restricted child: it tells where the child was.",
  })
  @Guarded("REVIEW_GLASS", "ERROR")
  organisation!: string | null;

  @Field(() => ReasonEnum, { description: "Why, as a code." })
  reasonCode!: BreakGlassReason;

  @Field(() => String, {
    nullable: true,
    description: "Why, in their words. Null, with an error, for a restricted child: it may tell where the child was.",
  })
  @Guarded("REVIEW_GLASS", "ERROR")
  reason!: string;

  @Field(() => InstantScalar, { description: "When it was broken." })
  brokenAt!: string;

  @Field(() => InstantScalar, { description: "When the grant ends." })
  until!: string;

  @Field(() => Boolean, { description: "Whether it opened where a restricted child is." })
  opensPlace!: boolean;

  @Field(() => DateScalar, { description: "The day by which it is to be reviewed." })
  reviewBy!: string;

  @Field(() => Boolean, { description: "True while it is not reviewed and that day has passed." })
  overdue!: boolean;

  @Field(() => Boolean, { description: "True until a finding closes it." })
  open!: boolean;

  @Field(() => [BreakGlassReviewed], { description: "What was found, oldest first. Empty until it is reviewed." })
  reviews!: readonly BreakGlassReviewed[];
}

@ObjectType({ description: "Broken glass, with its place in the list." })
export class BreakGlassReviewEdge {
  @Field(() => BreakGlassReview, { description: "What is to be reviewed." })
  node!: BreakGlassReview;

  @Field(() => String, { description: "Where it stands in the list, to be given back as `after`." })
  cursor!: string;
}

@ObjectType({ description: "A page of broken glass, oldest first." })
export class BreakGlassReviewConnection {
  @Field(() => [BreakGlassReviewEdge], { description: "What is to be reviewed, each with its place in the list." })
  edges!: readonly BreakGlassReviewEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;
}

/** The resolvers, over the desk of ingest. */
export function glassResolverOf(desk: GlassDesk) {
  @Resolver()
  class BreakingGlass {
    @Mutation(() => AccessGrant, {
      description: `Opens the record of one child to this viewer for ${GLASS.hours} hours, for direct care that cannot wait. It is written down, told to the privacy officers at once, and reviewed. It gives a relationship and no other role: what this role does not see of its own children it does not see of this one.`,
    })
    @Guarded("BREAK_GLASS")
    async breakGlass(
      @Arg("childId", () => ID, {
        description: "The child's id in this record; or, where it is not known, its NHS number.",
      })
      child: string,
      @Arg("reason", () => String, {
        description: `Why, in words, for whoever reviews it: ${GLASS.leastReason} to ${GLASS.mostReason} characters, and nothing of where the child is.`,
      })
      reason: string,
      @Arg("reasonCode", () => ReasonEnum, { description: "Why, as a code." }) reasonCode: BreakGlassReason,
      @Ctx() { viewer, guard }: Context,
    ): Promise<AccessGrant> {
      const grant = await desk.open({ child, viewer, reasonCode, reason });
      // The log says of which child, whatever it was asked for by.
      await guard.permits("BREAK_GLASS", grant.childId);
      return grant;
    }

    @Query(() => BreakGlassReviewConnection, {
      nullable: true,
      description: "Glass that was broken, oldest first, for privacy officers to review. Null only with an error.",
    })
    @Guarded("REVIEW_GLASS")
    async breakGlassReviews(
      @Arg("open", () => Boolean, {
        nullable: true,
        defaultValue: true,
        description: "True: those still to be reviewed. False: those reviewed. Null: both. True where it is left out.",
      })
      open: boolean | null,
      @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null,
      @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null,
      @Ctx() { today }: Context,
    ): Promise<BreakGlassReviewConnection> {
      const [size, from] = [pageSize(first), cursorRead(after)];
      const grants = await desk.reviews(open, size + 1, from === null ? null : placeOf(from));
      return pageOf(grants, {
        size,
        from,
        keyOf: ({ brokenAt, id }) => `${brokenAt} ${id}`,
        edgeOf: (grant) => ({ node: reviewOf(grant, today) }),
      });
    }

    @Mutation(() => BreakGlassReview, {
      description: "Says what was found of broken glass. Nobody reviews their own, and a finding is never taken back.",
    })
    @Guarded("REVIEW_GLASS")
    async reviewBreakGlass(
      @Arg("id", () => ID, { description: "Id of the grant." }) id: string,
      @Arg("finding", () => FindingEnum, { description: "What was found." }) finding: BreakGlassFinding,
      @Arg("note", () => String, { description: "Why, for whoever asks later; it may not be empty." }) note: string,
      @Ctx() { viewer, today }: Context,
    ): Promise<BreakGlassReview> {
      if (note.trim() === "")
        throw new Problem("ARGUMENT_INVALID", { argument: "note", expected: "a reason in words" });
      return reviewOf(await desk.review(id, { by: viewer.subject, finding, note }), today);
    }
  }
  return BreakingGlass;
}

function reviewOf(grant: GlassGrant, today: string): BreakGlassReview {
  return { ...grant, overdue: grant.open && grant.reviewBy < today };
}

function placeOf(key: string): GlassPlace {
  const [brokenAt, id, ...more] = key.split(" ");
  if (brokenAt === undefined || id === undefined || more.length > 0) {
    throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
  }
  return { brokenAt, id };
}
