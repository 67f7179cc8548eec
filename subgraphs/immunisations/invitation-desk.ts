/**
 * What is done with invitation runs: built from what is due, locked, sent, and what came of them recorded.
 *
 * Whoever is about to be invited is looked at once more in the transaction that says so, planned anew where something
 * was told since: no invitation is ever given out for a child who died, moved away, became restricted or is no longer
 * due. Deliveries are written alone and so is this, so nothing is told in between.
 */

import { randomUUID } from "node:crypto";
import type { Transaction } from "../../chassis/database";
import type { Entry } from "../../chassis/register";
import type { Ground } from "../../chassis/subgraph";
import { type Day, instantOf, londonDay } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { type DueDose, FOR_EVER, listedOn } from "./due";
import { planNow } from "./due-planning";
import type { Conditions } from "./due-population";
import type { DueStore } from "./due-store";
import type { PlacedDueDose } from "./due-tables";
import {
  type CancelReason,
  contactFor,
  type Invitation,
  type InvitationRun,
  type InvitationState,
  isAtPlaceOf,
  mayBeInvited,
  OUTCOMES,
  type Outcome,
  type RunState,
  reasonNotCalled,
} from "./invitation";
import type { InvitationStore } from "./invitation-store";

/** The most children of one run: those of the largest school. */
export const MOST_INVITED = 2_000;
/** More lines of one practice or school than there ever are. */
const LINES_READ = 100_000;

export interface RunAsked {
  readonly heldOn: Day;
  readonly venue: string;
  readonly locality: LocalityCode;
  readonly practice: string | null;
  readonly school: string | null;
  readonly vaccines: readonly Vaccine[] | null;
  readonly places: number;
  readonly by: string;
}

export interface Built {
  readonly run: InvitationRun;
  readonly listed: number;
  /** Children who are due as well, and for whom there is no place. */
  readonly leftOut: number;
}

export interface Sent {
  readonly run: InvitationRun;
  readonly invited: readonly Invitation[];
  readonly cancelled: readonly Invitation[];
  /** Still to be sent. */
  readonly left: number;
}

export interface OutcomeTold {
  readonly childId: string;
  readonly outcome: Outcome;
}

export type InvitationDesk = ReturnType<typeof invitationDesk>;

export function invitationDesk(ground: Ground, due: DueStore, store: InvitationStore) {
  const { database, register, now } = ground;
  const planAgain = planNow(ground);
  const today = () => londonDay(instantOf(now()));

  /** The run, which must be in one of some states for what is to be done with it. */
  async function changing(
    transaction: Transaction,
    id: string,
    action: string,
    needs: readonly RunState[],
  ): Promise<InvitationRun> {
    const run = await store.runToChange(transaction, id);
    if (run === null) throw new Problem("NOT_FOUND", { what: "invitation run" });
    if (!needs.includes(run.state))
      throw new Problem("RUN_NOT_READY", { state: run.state, action, needs: needs.join(" or ") });
    return run;
  }

  async function cancelScheduled(
    transaction: Transaction,
    runId: string,
    because: CancelReason,
    by: string,
    of: (invitation: Invitation) => boolean,
  ): Promise<void> {
    const scheduled = (await store.invitationsOf(runId, transaction)).filter(of);
    await store.write(
      transaction,
      scheduled.map((each) => cancelled(each, because, by, now())),
    );
  }

  return {
    /** Whom to invite to a clinic or a session at a school: those due on the day, the longest due first. */
    async build(conditions: Conditions | null, asked: RunAsked): Promise<Built> {
      const { heldOn, venue, locality, practice, school, vaccines, places, by } = asked;
      const at = instantOf(now());
      const run: InvitationRun = {
        ...{ id: randomUUID(), state: "OPEN", heldOn, venue, locality, practice, school, vaccines },
        ...{ builtAt: at, builtBy: by, lockedAt: null, closedAt: null },
      };
      const rows =
        conditions === null
          ? []
          : await due.list(conditions, {
              ...{ on: heldOn, states: ["DUE", "OVERDUE"], vaccines, first: LINES_READ, after: null },
            });
      const byChildId = grouped(rows);
      return database.write(
        async (transaction) => {
          const before = await store.ofChildren([...byChildId.keys()], transaction);
          const candidates = [...byChildId].flatMap(([childId, lines]) => {
            const invitable = invitableOf(lines, before.get(childId) ?? [], heldOn);
            return invitable.doses.length === 0 ? [] : [{ childId, ...invitable }];
          });
          candidates.sort((a, b) =>
            a.dueOn === b.dueOn ? (a.childId < b.childId ? -1 : 1) : a.dueOn < b.dueOn ? -1 : 1,
          );
          const chosen = candidates.slice(0, places);
          await store.writeRun(transaction, run);
          await store.write(
            transaction,
            chosen.map(({ childId, doses, number }) => ({
              ...{ runId: run.id, childId, doses, state: "LISTED", number, heldOn },
              ...{ invitedAt: null, cancelledBecause: null, changedAt: at, changedBy: by },
            })),
          );
          return { run, listed: chosen.length, leftOut: candidates.length - chosen.length };
        },
        { alone: true },
      );
    },

    lock: (id: string): Promise<InvitationRun> =>
      database.write(async (transaction) => {
        const run = await changing(transaction, id, "locking it", ["OPEN"]);
        const locked: InvitationRun = { ...run, state: "LOCKED", lockedAt: instantOf(now()) };
        await store.writeRun(transaction, locked);
        return locked;
      }),

    /**
     * Gives out the next invitations to be sent, of children the viewer reaches, each looked at in this moment. Those told
     * of so lately that they could not be planned anew stay on the list.
     */
    async send(
      id: string,
      {
        first,
        by,
        reaches,
      }: { readonly first: number; readonly by: string; reaches(childId: string): Promise<boolean> },
    ): Promise<Sent> {
      const waiting = (await store.invitationsOf(id)).filter(isListed);
      const next: Invitation[] = [];
      for (const each of waiting) {
        if (next.length === first) break;
        if (await reaches(each.childId)) next.push(each);
      }
      const childIds = next.map(({ childId }) => childId);
      await planAgain(childIds);
      return database.write(
        async (transaction) => {
          const run = await changing(transaction, id, "inviting", ["LOCKED"]);
          if (run.heldOn < today())
            throw new Problem("ARGUMENT_INVALID", { argument: "id", expected: "a run whose day has not passed" });
          const still = (await store.invitationsOf(id, transaction)).filter(isListed);
          const asked = still.filter(({ childId }) => childIds.includes(childId));
          const looked = await look(transaction, run, asked, by);
          await store.write(transaction, [...looked.invited, ...looked.cancelled]);
          const left = still.length - looked.invited.length - looked.cancelled.length;
          return { run, ...looked, left };
        },
        { alone: true, durable: true },
      );
    },

    /**
     * Records what came of invitations: all of them, or none where one is about a child who was not invited, who is told of
     * twice, or who cannot have come yet.
     */
    record: (id: string, told: readonly OutcomeTold[], by: string): Promise<readonly Invitation[]> =>
      database.write(async (transaction) => {
        const { heldOn } = await changing(transaction, id, "recording what came of it", ["LOCKED", "CLOSED"]);
        const held = new Map((await store.invitationsOf(id, transaction)).map((each) => [each.childId, each]));
        const recorded = told.map(({ childId, outcome }, at): Invitation => {
          const invitation = held.get(childId);
          if (invitation === undefined || !RECORDED_OF.includes(invitation.state)) throw notInvited(at);
          if (told.findIndex((each) => each.childId === childId) < at)
            throw invalidOutcome(`${at}].childId`, "another child than any before it");
          if (outcome !== "DECLINED" && today() < heldOn)
            throw invalidOutcome(`${at}].outcome`, `DECLINED until ${heldOn}, the day of the run`);
          return { ...invitation, state: outcome, changedAt: instantOf(now()), changedBy: by };
        });
        await store.write(transaction, recorded);
        return recorded;
      }),

    takeOff: (id: string, childIds: readonly string[], by: string): Promise<InvitationRun> =>
      database.write(async (transaction) => {
        const run = await changing(transaction, id, "taking somebody off", ["OPEN", "LOCKED"]);
        await cancelScheduled(
          transaction,
          id,
          "TAKEN_OFF",
          by,
          (each) => isScheduled(each) && childIds.includes(each.childId),
        );
        return run;
      }),

    /** Ends a run: whoever was not invited by then may be listed again. */
    close: (id: string, by: string): Promise<InvitationRun> =>
      database.write(async (transaction) => {
        const run = await changing(transaction, id, "closing it", ["LOCKED"]);
        const closed: InvitationRun = { ...run, state: "CLOSED", closedAt: instantOf(now()) };
        await cancelScheduled(transaction, id, "NOT_SENT", by, isListed);
        await store.writeRun(transaction, closed);
        return closed;
      }),

    cancel: (id: string, by: string): Promise<InvitationRun> =>
      database.write(async (transaction) => {
        const run = await changing(transaction, id, "cancelling it", ["OPEN", "LOCKED"]);
        const ended: InvitationRun = { ...run, state: "CANCELLED", closedAt: instantOf(now()) };
        await cancelScheduled(transaction, id, "RUN_CANCELLED", by, isScheduled);
        await store.writeRun(transaction, ended);
        return ended;
      }),
  };

  /** Each invitation as it is now to be sent, or why it is not. */
  async function look(
    transaction: Transaction,
    run: InvitationRun,
    listed: readonly Invitation[],
    by: string,
  ): Promise<Pick<Sent, "invited" | "cancelled">> {
    const childIds = listed.map(({ childId }) => childId);
    const entries = await register.find(childIds, transaction);
    const unplanned = new Set((await due.waitingAmong(childIds, today(), transaction)).map(({ childId }) => childId));
    const lines = grouped(await due.listedOf(childIds, run.heldOn, transaction));
    const before = await store.ofChildren(childIds, transaction);
    const invited: Invitation[] = [];
    const stopped: Invitation[] = [];
    for (const [at, invitation] of listed.entries()) {
      const { childId } = invitation;
      const why = reasonNotInvited(run, childId, entries[at] ?? null);
      if (why === null && unplanned.has(childId)) continue;
      const others = (before.get(childId) ?? []).filter(({ runId }) => runId !== run.id);
      const wanted = (lines.get(childId) ?? []).filter((line) => isOpenOn(line, run));
      const { doses, number } = invitableOf(wanted, others, run.heldOn);
      if (why !== null || doses.length === 0) stopped.push(cancelled(invitation, why ?? "NOT_DUE", by, now()));
      else {
        const sentAt = instantOf(now());
        invited.push({
          ...invitation,
          doses,
          number,
          state: "INVITED",
          invitedAt: sentAt,
          changedAt: sentAt,
          changedBy: by,
        });
      }
    }
    return { invited, cancelled: stopped };
  }
}

/** Why a child on the list of a run is not invited to it, whatever is due; null for one who may be. */
function reasonNotInvited(run: InvitationRun, childId: string, entry: Entry | null): CancelReason | null {
  if (entry === null || entry.standsAs !== childId) return "PART_OF_ANOTHER";
  return reasonNotCalled(entry) ?? (isAtPlaceOf(run, entry) ? null : "MOVED_ON");
}

/** What came of an invitation may be recorded, and corrected. */
const RECORDED_OF: readonly InvitationState[] = ["INVITED", ...OUTCOMES];

function isListed({ state }: Invitation): boolean {
  return state === "LISTED";
}

function isScheduled({ state }: Invitation): boolean {
  return state === "LISTED" || state === "INVITED";
}

function isOpenOn(line: DueDose, { heldOn, vaccines }: InvitationRun): boolean {
  const state = listedOn(line, heldOn);
  return (state === "DUE" || state === "OVERDUE") && (vaccines === null || vaccines.includes(line.vaccine));
}

/** The doses a child may be invited for, the first day any became due, and which invitation that would be. */
function invitableOf(lines: readonly PlacedDueDose[], before: readonly Invitation[], on: Day) {
  const open = lines.flatMap((line) => {
    const { contact, invitations } = contactFor(line, before, on);
    return mayBeInvited(contact) ? [{ line, invitations }] : [];
  });
  return {
    doses: open.map(({ line }) => line.doseId),
    dueOn: open.map(({ line }) => line.dueOn).sort()[0] ?? FOR_EVER,
    number: 1 + Math.max(0, ...open.map(({ invitations }) => invitations)),
  };
}

function cancelled(invitation: Invitation, because: CancelReason, by: string, now: number): Invitation {
  return { ...invitation, state: "CANCELLED", cancelledBecause: because, changedAt: instantOf(now), changedBy: by };
}

function grouped(rows: readonly PlacedDueDose[]): Map<string, PlacedDueDose[]> {
  const byChildId = new Map<string, PlacedDueDose[]>();
  for (const row of rows) {
    const lines = byChildId.get(row.childId);
    if (lines) lines.push(row);
    else byChildId.set(row.childId, [row]);
  }
  return byChildId;
}

function notInvited(at: number): Problem {
  return invalidOutcome(`${at}].childId`, "the id of a child whom this run invited");
}

function invalidOutcome(at: string, expected: string): Problem {
  return new Problem("ARGUMENT_INVALID", { argument: `outcomes[${at}`, expected });
}
