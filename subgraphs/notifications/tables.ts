/** What is kept of what was told, and of the receivers of webhooks. */

import type { Table } from "../../chassis/database";

export const NOTIFICATION: Table = {
  name: "notification",
  columns: {
    sequence: "integer",
    childId: "text",
    kind: "text",
    urgency: "text",
    team: "text",
    occasion: "text",
    screen: "text",
    reach: "text",
    toldAt: "text",
    seeBy: "text",
    system: "text",
    sourceId: "text",
    fromLocality: "text",
    toLocality: "text",
    fromPractice: "text",
    toPractice: "text",
    escalationOf: "integer",
    escalatedAt: "text",
    wasTold: "boolean",
    silencedAt: "text",
    acknowledgedAt: "text",
    acknowledgedBy: "text",
    acknowledgedName: "text",
    handedOverAt: "text",
  },
  key: ["sequence", "childId"],
  indexes: [
    { on: ["team", "sequence"], for: "a team's feed, in order" },
    { on: ["childId", "sequence"], for: "what was told of a child, and to whom" },
    {
      on: ["seeBy"],
      for: "what was not acknowledged in time",
      where: "acknowledged_at is null and silenced_at is null and escalated_at is null",
    },
  ],
};

/**
 * One row: the sequence number that was given last. Whoever gives numbers holds it until its transaction ends, so that
 * numbers are seen in the order they were given and a reader's cursor never passes one that is still to come.
 */
export const HEAD: Table = {
  name: "notification_head",
  columns: { id: "integer", sequence: "integer" },
  key: ["id"],
};

/** Of each fact that a national event told: which version was last, and a digest of what it says. */
export const VERSION: Table = {
  name: "notified_version",
  columns: {
    childId: "text",
    system: "text",
    id: "text",
    asOf: "text",
    tieBreak: "text",
    withdrawn: "boolean",
    digest: "text",
    screen: "text",
  },
  key: ["childId", "system", "id"],
};

/** How far each receiver of webhooks has been told, and how it answers. */
export const RECEIVER: Table = {
  name: "webhook_receiver",
  columns: {
    name: "text",
    /** Everything up to here was taken or parked, or was not for it. */
    sequence: "integer",
    attempts: "integer",
    failingSince: "text",
    lastFault: "text",
    nextAt: "text",
    lastReceivedAt: "text",
    /** Who sends to it at present, and until when nobody else does. */
    heldBy: "text",
    heldUntil: "text",
  },
  key: ["name"],
};

/** What a receiver did not take within the time it is tried; `again` where somebody has asked for it to be sent after all. */
export const PARKED: Table = {
  name: "webhook_parked",
  columns: { receiver: "text", sequence: "integer", parkedAt: "text", fault: "text", again: "boolean" },
  key: ["receiver", "sequence"],
};
