/** Notifications: which team must be told of what, whether it was seen, and what happens if not. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { FOLLOWED } from "./apply";
import { ChildNotifications, Feed, NotificationDetail, Told } from "./graph";
import { Child } from "./graph-types";
import { MIGRATIONS } from "./migrations";
import type { Receiver } from "./receivers";
import { acts, escalating, follow, news, reads } from "./store";
import { sendingTo, webhookActs } from "./webhooks";

export { type Receiver, readReceivers } from "./receivers";

/** The definition, with those who are told by signed webhooks. */
export function notificationsTo(receivers: readonly Receiver[]): SubgraphDefinition {
  return {
    name: "notifications",
    resolvers: [Feed, Told, ChildNotifications, NotificationDetail],
    types: [Child],
    entities: { Child: "id" },
    facts: {},
    follows: FOLLOWED,
    migrations: MIGRATIONS,
    reads,
    acts: (ground) => ({ ...acts(ground), ...webhookActs(receivers, ground) }),
    follow,
    chores: (ground) => [escalating(ground), ...sendingTo(receivers, ground)],
    news,
  };
}

export const notifications: SubgraphDefinition = notificationsTo([]);
