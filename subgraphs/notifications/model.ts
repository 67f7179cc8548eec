/** The words: a notification as it is kept, who may know of it, and how it stands. */

import { cursorRead } from "../../chassis/pages";
import type { Scope, Viewer } from "../../schema/access";
import type { Instant } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import { readTeam, TEAM_KINDS, type TeamKind } from "../../schema/vocabulary/teams";
import type { Kind, KindRule, Screen, Urgency } from "./rules";

/** One team told of one thing about one child. Nothing clinical: what happened is looked up in the record. */
export interface Notification {
  /** Its place in the one order in which everything was told: without gaps, and seen by every reader in that order. */
  readonly sequence: number;
  readonly childId: string;
  readonly kind: Kind;
  readonly urgency: Urgency;
  /** Id of the team. */
  readonly team: string;
  /** Equal for all that are told of one thing. */
  readonly occasion: string;
  readonly screen: Screen | null;
  /** Whether a reader of the team must have the child in reach when it reads, or may know because the team was told. */
  readonly reach: KindRule["reach"];
  readonly toldAt: Instant;
  readonly seeBy: Instant;
  /** The fact it tells of; null where it follows from where the child belongs. */
  readonly system: string | null;
  readonly sourceId: string | null;
  readonly fromLocality: LocalityCode | null;
  readonly toLocality: LocalityCode | null;
  readonly fromPractice: string | null;
  readonly toPractice: string | null;
  /** The notification that was not acknowledged in time, so that this one was made. */
  readonly escalationOf: number | null;
  /** When the next team was told, or it was found that there is none. */
  readonly escalatedAt: Instant | null;
  /** False where it came to nothing at once, so that nobody was told. */
  readonly wasTold: boolean;
  /** When it came to nothing, because the child died. */
  readonly silencedAt: Instant | null;
  readonly acknowledgedAt: Instant | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedName: string | null;
  /** When a team of the new locality acknowledged that it has the child now. */
  readonly handedOverAt: Instant | null;
}

export const STATES = {
  OPEN: "Told, and not acknowledged yet",
  ACKNOWLEDGED: "Somebody of the team has acknowledged it",
  SILENCED: "It came to nothing because the child died, and asks nothing of anybody",
} as const;
export type State = keyof typeof STATES;

export function stateOf({ acknowledgedAt, silencedAt }: Notification): State {
  if (acknowledgedAt !== null) return "ACKNOWLEDGED";
  return silencedAt === null ? "OPEN" : "SILENCED";
}

/** Whether it waits for longer than it may. */
export function isOverdue(notification: Notification, at: Instant): boolean {
  return stateOf(notification) === "OPEN" && notification.seeBy < at;
}

/**
 * Whether a viewer may know of a notification to a team it hears. `scope` is its reach for what the kind needs; `found`
 * whether the child is within it.
 */
export function mayKnow(
  { role }: Viewer,
  { reach }: Pick<Notification, "reach">,
  scope: Scope,
  child: { readonly found: boolean; readonly restricted: boolean },
): boolean {
  if (scope.reach === "NOBODY") return false;
  // What an app knows of a restricted child is a copy that nobody can take back.
  if (role === "PARTNER_APP") return child.found && !child.restricted;
  return reach === "TEAM" || child.found;
}

/** A team as a reader may know it: of a restricted child only of what kind it is, since whose it is tells where the child is. */
export function teamShown(id: string, restricted: boolean): { readonly kind: TeamKind; readonly id: string | null } {
  const kind = readTeam(id)?.kind ?? "CHILD_HEALTH_INFORMATION";
  return { kind, id: restricted && TEAM_KINDS[kind].of !== "SERVICE" ? null : id };
}

/** The place a cursor stands for; null for none. Throws ARGUMENT_INVALID. */
export function sequenceRead(after: string | null | undefined): number | null {
  const key = cursorRead(after);
  if (key === null) return null;
  if (/^\d{1,15}$/.test(key)) return Number(key);
  throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
}
