/** The access log in the graph: who looked at a child's record, from where, when, why, at what, and what came of it. */

import {
  Arg,
  Ctx,
  createUnionType,
  Directive,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { Decision } from "../chassis/audit";
import { enumOf, PageInfo } from "../chassis/graph-types";
import { Guarded, Withheld } from "../chassis/guard";
import { AFTER, cursorRead, FIRST, pageOf, pageSize } from "../chassis/pages";
import type { Context } from "../chassis/subgraph";
import { POLICY, type Role } from "../schema/access";
import { londonDay, londonTime } from "../schema/calendar";
import { InstantScalar, OdsCodeScalar } from "../schema/scalars";
import { BREAK_GLASS_REASONS } from "../schema/vocabulary/break-glass";
import { practiceOf } from "../schema/vocabulary/practices";
import { entriesAfter, type LogSource, type PlacedEntry } from "./access-log";
import { RoleEnum } from "./glass-graph";

export interface AccessActs {
  /** Every log of the house. */
  readonly logs: readonly LogSource[];
}

const DECISIONS = {
  SHOWN: "It was allowed",
  WITHHELD: "It was allowed, but where the child is was withheld",
  REFUSED: "It was refused, and nothing was shown",
} as const satisfies Record<Decision, string>;

const DecisionEnum = enumOf("AccessDecision", "What came of it when somebody asked about a child.", DECISIONS);

@ObjectType({ description: "A child of the record." })
@Directive('@key(fields: "id")')
export class Child {
  @Field(() => ID, {
    description: "The child's id in this record. It is not the NHS number, and stays when that changes.",
  })
  id!: string;
}

@ObjectType({ description: "The organisation somebody asked for." })
export class AccessOrganisation {
  @Field(() => OdsCodeScalar, { description: "Its code of the Organisation Data Service." })
  odsCode!: string;

  @Field(() => String, { nullable: true, description: "Its name. Null where it is no practice of this area." })
  name!: string | null;
}

const OrganisationAnswer = createUnionType({
  name: "AccessOrganisationAnswer",
  description:
    "The organisation somebody asked for, or that it is withheld: it would tell where a restricted child is.",
  types: () => [AccessOrganisation, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : AccessOrganisation),
});

@ObjectType({
  description:
    "That somebody asked for one kind of data about one child, in one request. It never holds what the data said.",
})
export class AccessEntry {
  childId!: string;
  asked!: string | null;

  @Field(() => ID, { description: "Id of the entry: the part that keeps it and its number in that part's log." })
  id!: string;

  @Field(() => InstantScalar, { description: "When the answer left." })
  at!: string;

  @Field(() => String, { description: "All of it in one plain sentence, but for the organisation." })
  says!: string;

  @Field(() => String, { description: "The name of whoever asked, as they signed in." })
  name!: string;

  @Field(() => String, { description: "The subject of their token: two people of one name have two." })
  subject!: string;

  @Field(() => RoleEnum, { description: "The role they asked in." })
  role!: Role;

  @Field(() => String, { nullable: true, description: "The client app they used. Null where the token names none." })
  app!: string | null;

  @Field(() => ID, { description: "The trace of the request: every entry of one request bears the same." })
  requestId!: string;

  @Field(() => String, { description: "What was asked to be done, as the access policy names it: VIEW_SCREENING." })
  action!: string;

  @Field(() => String, { description: "The same in plain words, such as Seeing newborn screening outcomes." })
  what!: string;

  @Field(() => DecisionEnum, { description: "What came of it." })
  decision!: Decision;

  @Field(() => String, {
    nullable: true,
    description: "Why it was allowed without a relationship: the reason given for breaking the glass. Null otherwise.",
  })
  why!: string | null;
}

@ObjectType({ description: "An entry of the access log, with its place in the list." })
export class AccessEntryEdge {
  @Field(() => AccessEntry, { description: "The entry." })
  node!: AccessEntry;

  @Field(() => String, { description: "Where the entry stands in the list, to be given back as `after`." })
  cursor!: string;
}

@ObjectType({ description: "A page of the access log about one child, newest first." })
export class AccessEntryConnection {
  @Field(() => [AccessEntryEdge], { description: "The entries, each with its place in the list." })
  edges!: readonly AccessEntryEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;
}

type LogContext = Context<object, object, AccessActs>;

@Resolver()
export class AccessLogQuery {
  @Query(() => AccessEntryConnection, {
    description:
      "Who looked at a child's record, and who was refused, newest first, in every part of it: also before it became part of another, under its id of that time. Reading it is an entry of its own. Empty for a child nobody asked about.",
  })
  @Guarded("VIEW_ACCESS_LOG")
  async accessLog(
    @Arg("childId", () => ID, { description: "The child's id in this record." }) childId: string,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() context: LogContext,
  ): Promise<AccessEntryConnection> {
    // The log says of which child.
    await context.guard.permits("VIEW_ACCESS_LOG", childId);
    return pageAbout(childId, first, after, context);
  }
}

@Resolver(() => Child)
export class ChildAccessLog {
  @FieldResolver(() => AccessEntryConnection, {
    nullable: true,
    description:
      "Who looked at this child's record, and who was refused, newest first. Reading it is an entry of its own. Null only with an error.",
  })
  @Guarded("VIEW_ACCESS_LOG")
  accessLog(
    @Root() { id }: Child,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() context: LogContext,
  ): Promise<AccessEntryConnection> {
    return pageAbout(id, first, after, context);
  }
}

@Resolver(() => AccessEntry)
export class AccessEntryOrganisation {
  @FieldResolver(() => OrganisationAnswer, {
    nullable: true,
    description:
      "The organisation they asked for. Withheld for a restricted child, since whose staff look tells where it is; null where the token named none.",
  })
  @Guarded("VIEW_ACCESS_LOG", "ANSWER")
  organisation(@Root() { asked }: AccessEntry): AccessOrganisation | null {
    return asked === null ? null : { odsCode: asked, name: practiceOf(asked)?.name ?? null };
  }
}

async function pageAbout(
  childId: string,
  first: number | null | undefined,
  after: string | null | undefined,
  { act }: LogContext,
): Promise<AccessEntryConnection> {
  const [size, from] = [pageSize(first), cursorRead(after)];
  const entries = await entriesAfter(act.logs, [childId], from, size + 1);
  return pageOf(entries, {
    size,
    from,
    keyOf: ({ place }) => place,
    edgeOf: (entry) => ({ node: entryOf(childId, entry) }),
  });
}

function entryOf(childId: string, entry: PlacedEntry): AccessEntry {
  const { part, sequence, at, name, subject, app, requestId, action, decision, organisation } = entry;
  const role = entry.role as Role; // written from a viewer, whose role is one
  // An action that a later release no longer knows keeps its name.
  const what: string = Object.hasOwn(POLICY, action) ? POLICY[action as keyof typeof POLICY].says : action;
  const why = entry.reason === null ? null : reasonInWords(entry.reason);
  const who = `${name}, ${role.toLowerCase().replaceAll("_", " ")}`;
  const glass = why === null ? "" : ` The glass was broken: ${lowerFirst(why)}.`;
  const says = `${who}, on ${londonDay(at)} at ${londonTime(at)}: ${lowerFirst(what)}. ${DECISIONS[decision]}.${glass}`;
  const id = `${part}-${sequence}`;
  return {
    childId,
    asked: organisation,
    id,
    at,
    says,
    name,
    subject,
    role,
    app,
    requestId,
    action,
    what,
    decision,
    why,
  };
}

function reasonInWords(code: string): string {
  return Object.hasOwn(BREAK_GLASS_REASONS, code)
    ? BREAK_GLASS_REASONS[code as keyof typeof BREAK_GLASS_REASONS].says
    : code;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
