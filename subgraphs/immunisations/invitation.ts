/** Invitations: how they stand, when a family is reminded, and who may be written to at all. */

import type { Entry } from "../../chassis/register";
import { addDays, ageInYears, type Day, type Instant } from "../../schema/calendar";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import type { DueDose } from "./due";
import type { Confidence } from "./schedule";

/** A clinic or a session at a school: whom to invite, when and where. */
export interface InvitationRun {
  readonly id: string;
  readonly state: RunState;
  readonly heldOn: Day;
  readonly venue: string;
  readonly locality: LocalityCode;
  /** ODS code of the practice, or reference number of the school, it is held for; one of them or neither. */
  readonly practice: string | null;
  readonly school: string | null;
  /** Null: any. */
  readonly vaccines: readonly Vaccine[] | null;
  readonly builtAt: Instant;
  readonly builtBy: string;
  readonly lockedAt: Instant | null;
  readonly closedAt: Instant | null;
}

/** One child's place on a run. */
export interface Invitation {
  readonly runId: string;
  readonly childId: string;
  /** Doses due on the day, by their id in the schedule. */
  readonly doses: readonly string[];
  readonly state: InvitationState;
  /** Which invitation for the same it is: 1 for the first. */
  readonly number: number;
  readonly heldOn: Day;
  readonly invitedAt: Instant | null;
  readonly cancelledBecause: CancelReason | null;
  readonly changedAt: Instant;
  readonly changedBy: string;
}

export const RUN_STATES = {
  OPEN: "Being put together: nobody is invited yet",
  LOCKED: "Nobody is added any more; invitations may be sent and what came of them recorded",
  CLOSED: "What came of it is recorded",
  CANCELLED: "It is not held: nobody else is invited, and whoever was may be invited again",
} as const satisfies Record<string, string>;
export type RunState = keyof typeof RUN_STATES;

export const INVITATION_STATES = {
  LISTED: "On the list, and not yet invited",
  INVITED: "Invited",
  ATTENDED: "Came; whether a dose was given is told by the record of the dose",
  DID_NOT_ATTEND: "Was invited and did not come",
  DECLINED: "Declined the invitation",
  CANCELLED: "Not to be invited, or no longer; `cancelledBecause` says why",
} as const satisfies Record<string, string>;
export type InvitationState = keyof typeof INVITATION_STATES;

/** What can be recorded of a child who was invited. Each may be corrected to another. */
export const OUTCOMES = ["ATTENDED", "DID_NOT_ATTEND", "DECLINED"] as const satisfies readonly InvitationState[];
export type Outcome = (typeof OUTCOMES)[number];

export const CANCEL_REASONS = {
  DECEASED: "The child died",
  MOVED_OUT: "The child moved away: another area invites it",
  RESTRICTED: "The child's whereabouts are restricted; nobody is shown such a line",
  MOVED_ON: "The child is no longer at the practice or school it is held for",
  PART_OF_ANOTHER: "The record became part of another child's, who is invited as that one",
  NOT_DUE: "Nothing of it is due on the day any more: given, declined or put off meanwhile",
  RUN_CANCELLED: "It is not held",
  NOT_SENT: "The run was closed before it was sent",
  TAKEN_OFF: "Taken off the list by hand",
} as const satisfies Record<string, string>;
export type CancelReason = keyof typeof CANCEL_REASONS;

/** Why somebody is called no more; null for one who may be. */
export function reasonNotCalled({ dead, status, restricted, bornOn, locality }: Entry): CancelReason | null {
  if (restricted) return "RESTRICTED"; // before all others, which would tell of a restricted child
  if (dead || status === "DECEASED") return "DECEASED";
  if (status === "MOVED_OUT" || locality === null || bornOn === null) return "MOVED_OUT";
  return null;
}

/** Whether somebody is still at the practice or school that a run is held for. */
export function isAtPlaceOf(run: Pick<InvitationRun, "practice" | "school">, { practice, school }: Entry): boolean {
  return (run.practice === null || run.practice === practice) && (run.school === null || run.school === school);
}

// --- Reminders --------------------------------------------------------------------------------------------------

interface ReminderRule {
  /** How the invitation stands. */
  readonly after: Exclude<InvitationState, "LISTED" | "CANCELLED">;
  /** From this invitation for the same doses on; the row with the greatest that fits holds. */
  readonly fromNumber: number;
  /** Days after the day it was held for until the family may be invited again; null: not by a list. */
  readonly againAfterDays: number | null;
  readonly says: string;
  readonly confidence: Confidence;
  readonly source: string;
}

/**
 * When a family is invited again. No national rule of numbers or gaps was found, so they are assumed, and rows: a service that
 * does otherwise changes them.
 */
export const REMINDERS: readonly ReminderRule[] = [
  {
    after: "INVITED",
    fromNumber: 1,
    againAfterDays: 14,
    says: "No outcome was recorded: invite again two weeks after the day, if it is still due",
    confidence: "C",
    source: "assumed",
  },
  {
    after: "DID_NOT_ATTEND",
    fromNumber: 1,
    againAfterDays: 14,
    says: "Remind two weeks after the day",
    confidence: "C",
    source: "assumed",
  },
  {
    after: "DID_NOT_ATTEND",
    fromNumber: 2,
    againAfterDays: 28,
    says: "Remind once more, four weeks after the day",
    confidence: "C",
    source: "assumed",
  },
  {
    after: "DID_NOT_ATTEND",
    fromNumber: 3,
    againAfterDays: null,
    says: "After three invitations no more by list: the health visitor, school nurse or practice speaks with the family",
    confidence: "C",
    source: "assumed",
  },
  {
    after: "ATTENDED",
    fromNumber: 1,
    againAfterDays: 28,
    says: "Came, and the dose is still not recorded four weeks later: invite again",
    confidence: "C",
    source: "assumed; four weeks are the usual gap between doses",
  },
  {
    after: "DECLINED",
    fromNumber: 1,
    againAfterDays: null,
    says: "Not invited again by a list; offered when the family asks or is seen",
    confidence: "D",
    source: "a refusal suppresses recall and stays visible: the service's own rule, section 11 of its schedule",
  },
];

/** The day from which a family may be invited again; null: not by a list. */
export function inviteAgainOn({ state, number, heldOn }: Pick<Invitation, "state" | "number" | "heldOn">): Day | null {
  const rule = REMINDERS.findLast(({ after, fromNumber }) => after === state && fromNumber <= number);
  return rule === undefined || rule.againAfterDays === null ? null : addDays(heldOn, rule.againAfterDays);
}

// --- Who may be written to -----------------------------------------------------------------------------------------

export const CONTACTS = {
  FAMILY: "May be invited: write to the family",
  YOUNG_PERSON: "May be invited, and is 16 or over: write to the young person, not to the parents",
  ON_A_LIST: "Is on the list of a clinic or a session at school, and not yet invited",
  WAITING: "Was invited; may be invited again from `inviteAgainOn` on",
  REFER: "Was invited as often as is done by list: somebody who knows the family speaks with it",
  DECLINED: "Declined: not invited, and offered when the family asks or is seen",
  CONTRAINDICATED: "Must not be given it: not invited",
} as const satisfies Record<string, string>;
/** A restricted child, one who died and one who moved away are in no list, so that no line ever says so. */
export type Contact = keyof typeof CONTACTS;

/** The young people whose parents are not told without their leave. Source: the service's published policy. */
export const OWN_LETTERS_FROM_YEARS = 16;

/** Whether and whom to invite for a dose on a day, by the invitations of the child so far, in any order. */
export function contactFor(
  due: Pick<DueDose, "doseId" | "standing" | "dueOn"> & { readonly bornOn: Day | null },
  invitations: readonly Invitation[],
  on: Day,
): { readonly contact: Contact; readonly invitations: number; readonly inviteAgainOn: Day | null } {
  // What was before it became due was about another: flu of another season, or a dose that did not count.
  const about = invitations.filter(
    ({ doses, state, heldOn }) => state !== "CANCELLED" && heldOn >= due.dueOn && doses.includes(due.doseId),
  );
  const last = about.reduce<Invitation | null>(
    (best, each) => (best === null || isLater(each, best) ? each : best),
    null,
  );
  const sent = about.filter(({ state }) => state !== "LISTED").length;
  const again = last === null ? null : inviteAgainOn(last);
  const answer = (contact: Contact) => ({ contact, invitations: sent, inviteAgainOn: again });
  if (due.standing === "REFUSED") return answer("DECLINED");
  if (due.standing === "CONTRAINDICATED") return answer("CONTRAINDICATED");
  if (last?.state === "LISTED") return answer("ON_A_LIST");
  if (last?.state === "DECLINED") return answer("DECLINED");
  if (last !== null && again === null) return answer("REFER");
  if (again !== null && again > on) return answer("WAITING");
  return answer(
    due.bornOn !== null && ageInYears(due.bornOn, on) >= OWN_LETTERS_FROM_YEARS ? "YOUNG_PERSON" : "FAMILY",
  );
}

export function mayBeInvited(contact: Contact): boolean {
  return contact === "FAMILY" || contact === "YOUNG_PERSON";
}

function isLater(a: Invitation, b: Invitation): boolean {
  return a.heldOn === b.heldOn ? a.number > b.number : a.heldOn > b.heldOn;
}
