/** The notifications part of the graph: what the teams of a viewer are told, of one child or of all. */

import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from "type-graphql";
import { Guarded, WITHHELD, type Withheld } from "../../chassis/guard";
import { AFTER, cursorOf, FIRST, pageOf, pageSize } from "../../chassis/pages";
import type { Context as AnyContext } from "../../chassis/subgraph";
import { Problem } from "../../schema/errors";
import { teamsHeard } from "../../schema/vocabulary/teams";
import {
  Child,
  Notification,
  NotificationConnection,
  NotificationFilter,
  type NotificationPlace,
  NotificationPlaceAnswer,
  NotifiedTeam,
  WebhookReceiver,
} from "./graph-types";
import * as model from "./model";
import { ruleOf } from "./rules";
import type { Acts, FeedConditions, Reads } from "./store";
import type { WebhookActs } from "./webhooks";

type Context = AnyContext<Reads, object, Acts & WebhookActs>;

const WHERE = "Which of them; left out, all.";

@Resolver()
export class Feed {
  @Query(() => NotificationConnection, {
    nullable: true,
    description:
      "What the viewer's teams were told, in the order it was told: a feed to be read on from a cursor, nothing in it missing and nothing twice. What came to nothing because a child died is not in it. Null only with an error.",
  })
  @Guarded("VIEW_NOTIFICATIONS")
  async notifications(
    @Ctx() context: Context,
    @Arg("where", () => NotificationFilter, { nullable: true, description: WHERE }) where: NotificationFilter | null,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null,
  ): Promise<NotificationConnection> {
    const [size, from] = [pageSize(first), model.sequenceRead(after)];
    const { rows, readUpTo, more } = await read(context, where ?? {}, size, from ?? 0);
    context.guard.noteSearch("VIEW_NOTIFICATIONS", rows.length);
    const page = pageOf(rows, {
      size,
      from: from === null ? null : String(from),
      keyOf: ({ sequence }) => String(sequence),
      edgeOf: (row) => ({ node: shown(row) }),
    });
    return { ...page, pageInfo: { ...page.pageInfo, hasNextPage: more }, readUpTo: cursorOf(String(readUpTo)) };
  }

  @Mutation(() => Notification, {
    description:
      "Says that the team has seen a notification. The first of a team counts: later ones are answered who was first.",
  })
  @Guarded("ACKNOWLEDGE_NOTIFICATION")
  async acknowledgeNotification(
    @Ctx() context: Context,
    @Arg("id", () => ID, { description: "Id of the notification." }) id: string,
  ): Promise<Notification> {
    const { viewer, act } = context;
    const found = /^\d{1,15}$/.test(id) ? await act.notification(Number(id)) : null;
    const isHeard = found !== null && teamsHeard(viewer).includes(found.team);
    if (!isHeard || (await known(context, [found])).length === 0)
      throw new Problem("NOT_FOUND", { what: "notification" });
    return shown(await act.acknowledge(found, { by: viewer.subject, name: viewer.name }));
  }

  @Query(() => [WebhookReceiver], {
    nullable: true,
    description: "The receivers of signed webhooks that are configured, and how each does. Null only with an error.",
  })
  @Guarded("VIEW_WEBHOOKS")
  webhooks(@Ctx() { act }: Context): Promise<readonly WebhookReceiver[]> {
    return act.receivers();
  }

  @Mutation(() => Boolean, {
    description:
      "Sends again, in order, what a receiver of webhooks did not take within 24 hours. False where it has none.",
  })
  @Guarded("VIEW_WEBHOOKS")
  resendParked(
    @Ctx() { act }: Context,
    @Arg("receiver", () => ID, { description: "Its name in the configuration." }) receiver: string,
  ): Promise<boolean> {
    return act.resendParked(receiver);
  }
}

@Resolver()
export class Told {
  @Subscription(() => Notification, {
    subscribe: () => atTheGateway(),
    description:
      "As `notifications`, told on as it happens. Ask for `cursor`, and give the last one as `after` when you come back: nothing is missing and nothing comes twice. Without `after`: from now on.",
  })
  @Guarded("VIEW_NOTIFICATIONS")
  notifications(
    @Arg("where", () => NotificationFilter, { nullable: true, description: WHERE }) _where: NotificationFilter | null,
    @Arg("after", () => String, { nullable: true, description: "The cursor after which to go on." }) _after:
      | string
      | null,
  ): Notification {
    return atTheGateway();
  }
}

@Resolver(() => Child)
export class ChildNotifications {
  @FieldResolver(() => NotificationConnection, {
    nullable: true,
    description:
      "What was told of the child and to which team, oldest first, with what came to nothing: to the viewer's own teams, and unless the child is restricted to the others. Null only with an error.",
  })
  @Guarded("VIEW_NOTIFICATIONS")
  async notifications(
    @Root() { id }: Child,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null,
    @Ctx() context: Context,
  ): Promise<NotificationConnection> {
    const { load, viewer, guard } = context;
    const [size, from] = [pageSize(first), model.sequenceRead(after)];
    const teams = teamsHeard(viewer);
    const restricted = (await guard.entry(id))?.restricted ?? true;
    const all = [...(await load.notifications.load(id))].sort((a, b) => a.sequence - b.sequence);
    const shownTo = all.filter(({ team, sequence }) => sequence > (from ?? 0) && (teams.includes(team) || !restricted));
    const rest = await known(context, shownTo);
    const page = pageOf(rest, {
      size,
      from: from === null ? null : String(from),
      keyOf: ({ sequence }) => String(sequence),
      edgeOf: (row) => ({ node: shown(row) }),
    });
    return { ...page, readUpTo: page.pageInfo.endCursor ?? cursorOf(String(from ?? 0)) };
  }
}

@Resolver(() => Notification)
export class NotificationDetail {
  @FieldResolver(() => NotifiedTeam, { description: "Who is told." })
  async team(@Root() { kept, childId }: Notification, @Ctx() { guard }: Context): Promise<NotifiedTeam> {
    return model.teamShown(kept.team, await guard.withholds("VIEW_NOTIFICATIONS", childId));
  }

  @FieldResolver(() => Boolean, { description: "True where it waits for longer than it may." })
  overdue(@Root() { kept }: Notification, @Ctx() { act }: Context): boolean {
    return model.isOverdue(kept, act.now());
  }

  @FieldResolver(() => NotificationPlaceAnswer, {
    nullable: true,
    description: "Where the child was and is. Null where it is not about that; withheld for a restricted child.",
  })
  async place(
    @Root() { kept, childId }: Notification,
    @Ctx() { guard }: Context,
  ): Promise<NotificationPlace | Withheld | null> {
    const { fromLocality, toLocality, fromPractice, toPractice } = kept;
    if ((fromLocality ?? toLocality ?? fromPractice ?? toPractice) === null) return null;
    // A team is told where a child went so that it can hand the child over; an app needs to be let see places at all.
    if (guard.scope("VIEW_PLACE").reach === "NOBODY") return null;
    if (await guard.withholds("VIEW_NOTIFICATIONS", childId)) return WITHHELD;
    return { fromLocality, toLocality, fromPractice, toPractice };
  }
}

function shown(kept: model.Notification): Notification {
  const { sequence, childId, kind, urgency, screen, toldAt, seeBy, escalatedAt, escalationOf, handedOverAt } = kept;
  const { acknowledgedAt, acknowledgedName } = kept;
  return {
    ...{ kept, childId, kind, urgency, screen, toldAt, seeBy, escalatedAt, handedOverAt },
    id: String(sequence),
    cursor: cursorOf(String(sequence)),
    says: `${ruleOf(kind).says}.`,
    child: { id: childId },
    state: model.stateOf(kept),
    acknowledgement: acknowledgedAt === null ? null : { at: acknowledgedAt, by: acknowledgedName ?? "" },
    escalationOf: escalationOf === null ? null : String(escalationOf),
  };
}

/** Of notifications those the viewer may know of, in order. */
async function known({ viewer, guard }: Context, rows: readonly model.Notification[]) {
  const may = await Promise.all(
    rows.map(async (row) => {
      const { needs } = ruleOf(row.kind);
      const [[found], entry] = await Promise.all([guard.found(needs, [row.childId], false), guard.entry(row.childId)]);
      const child = { found: found != null, restricted: entry?.restricted ?? true };
      return model.mayKnow(viewer, row, guard.scope(needs), child);
    }),
  );
  return rows.filter((_, i) => may[i]);
}

/** Rows looked at together, and in all for one page: a team may have been told much that its members may not see any more. */
const [BATCH, MOST] = [101, 2_020];

/** The next of the viewer's feed, one more than a page where there are more; and how far was looked. */
async function read(context: Context, where: NotificationFilter, size: number, from: number) {
  const { viewer, act, guard } = context;
  const { teams: asked, ...rest } = where;
  const narrowed = asked !== null && asked !== undefined;
  const teams = teamsHeard(viewer).filter((team) => !narrowed || asked.includes(team));
  const conditions: FeedConditions = { ...rest, teams };
  const rows: model.Notification[] = [];
  let [looked, at, more] = [0, from, teams.length > 0];
  while (more && rows.length <= size && looked < MOST) {
    const batch = await act.page(conditions, at, BATCH);
    const entries = await Promise.all(batch.map(({ childId }) => guard.entry(childId)));
    // Of those with many teams the one that was told says where the child is; so no restricted child is found by team.
    const open = batch.filter((_, i) => !narrowed || entries[i]?.restricted === false);
    rows.push(...(await known(context, open)));
    at = batch.at(-1)?.sequence ?? at;
    looked += batch.length;
    more = batch.length === BATCH;
  }
  const last = rows[size - 1];
  return rows.length > size && last !== undefined
    ? { rows, readUpTo: last.sequence, more: true }
    : { rows, readUpTo: at, more };
}

/** A subscription is the gateway's to serve: it asks `notifications` anew, as each subscriber. */
function atTheGateway(): never {
  throw new Problem("REQUEST_INVALID", { fault: "a subscription is asked over WebSocket or as an event stream" });
}
