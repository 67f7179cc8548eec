/**
 * Keeps the rows of what is due true: a delivery marks the children it tells of in its own transaction, and takes at once from
 * every list whoever is to be called no more; a chore plans those marked, those whose plan the passing of days
 * changes, and everybody where the rules changed.
 *
 * A plan is made from what was read before it is written, so a child told of in between is not written, and is planned
 * again. Begun anew at any point the chore does no harm: what is planned is marked no longer, in one transaction.
 */

import { setImmediate } from "node:timers/promises";
import type { Database, Transaction } from "../../chassis/database";
import type { Delivered, Follow } from "../../chassis/deliveries";
import type { Entry, Register } from "../../chassis/register";
import type { Chore, Ground } from "../../chassis/subgraph";
import { type Day, type Instant, instantOf, londonDay } from "../../schema/calendar";
import type { EventType } from "../../schema/events";
import { COPIES, FACTS } from "./apply";
import { type Planner, plannerOf } from "./due-planner";
import { type DueStore, dueStore } from "./due-store";
import type { PlannedChild, Waiting } from "./due-tables";
import { type PlanningThreads, planningThreads } from "./due-threads";
import { RULES_EDITION } from "./edition";
import { type CancelReason, reasonNotCalled } from "./invitation";
import { type InvitationStore, invitationStore } from "./invitation-store";

/** Marks whom a delivery tells of, and takes from the lists, and from what is scheduled, who is called no more. */
export function followDue({ database, register, now }: Ground): Follow {
  const stores = { due: dueStore(database), invitations: invitationStore(database) };
  return async (transaction, delivered) => {
    const childIds = toldOf(delivered);
    await stores.due.told(transaction, childIds);
    // Most deliveries of a load tell of children for the first time, and nothing is listed of those.
    const before = knownAmong(delivered, childIds);
    if (before.length > 0) await settleLists(transaction, before, { ...stores, register, at: instantOf(now()) });
  };
}

/** What the register hears of that no plan rests on. */
const NOT_OF_PLANS: readonly EventType[] = ["SafeguardingFlagRecorded", "GlassBroken"];

function toldOf({ events, settled }: Delivered): readonly string[] {
  const childIds = events.flatMap(({ type, childId }) => {
    const tells =
      Object.hasOwn(FACTS, type) ||
      Object.hasOwn(COPIES, type) ||
      (settled.has(childId) && !NOT_OF_PLANS.includes(type));
    return tells ? [childId] : [];
  });
  return [...new Set(childIds)];
}

/** Those of whom where they belong may have changed since something was listed of them, or of whom they are part. */
function knownAmong({ events, settled }: Delivered, childIds: readonly string[]): readonly string[] {
  const merged = new Set(events.flatMap(({ type, childId }) => (type === "ChildrenMerged" ? [childId] : [])));
  return childIds.filter((childId) => {
    const told = settled.get(childId);
    return told !== undefined && (told.before !== null || merged.has(childId));
  });
}

interface Lists {
  readonly due: DueStore;
  readonly invitations: InvitationStore;
  readonly register: Register;
  readonly at: Instant;
}

async function settleLists(
  transaction: Transaction,
  childIds: readonly string[],
  { due, invitations, register, at }: Lists,
): Promise<void> {
  const entries = await register.find(childIds, transaction);
  const gone = new Map<string, CancelReason>();
  const stay: Entry[] = [];
  for (const [index, entry] of entries.entries()) {
    const childId = childIds[index] ?? "";
    if (entry === null) continue;
    if (entry.standsAs !== childId) gone.set(childId, "PART_OF_ANOTHER");
    const why = reasonNotCalled(entry);
    if (why === null) stay.push({ ...entry, childId: entry.standsAs });
    else gone.set(entry.standsAs, why);
  }
  await due.move(transaction, stay);
  await due.remove(transaction, [...gone.keys()]);
  await invitations.cancel(transaction, gone, at);
}

/** Children planned at once in the process that serves: some ten milliseconds, between which others have their turn. */
const SERVED_AT_ONCE = 40;
/** From so many on it is worth planning in threads beside. */
const WORTH_THREADS = 2_000;
/** Children a thread plans at once. */
const PIECE = 500;
/** Children written in one transaction, where many wait: each writes every page it touches once. */
const WRITTEN_TOGETHER = 4_000;
const ROUND = 4 * WRITTEN_TOGETHER;

export function planningChore({ database, register, place, now }: Ground): Chore {
  const store = dueStore(database);
  const planHere = plannerOf(database, register);
  const threads = planningThreads(place);

  const planned = async (waiting: readonly Waiting[], today: Day, plan: Planner): Promise<readonly Plans[]> =>
    Promise.all(
      pieces(waiting, PIECE).map(async (piece) => ({
        waiting: piece,
        made: await plan(
          piece.map(({ childId }) => childId),
          today,
        ),
      })),
    );

  const write = (plans: readonly Plans[]): Promise<void> =>
    database.write(async (transaction) => {
      for (const { waiting, made } of plans) {
        await store.write(transaction, waiting, made);
        await store.told(transaction, othersToPlan(waiting, made));
        await setImmediate();
      }
    });

  async function planInThreads(waiting: readonly Waiting[], today: Day, { plan }: PlanningThreads): Promise<void> {
    const [first = [], ...others] = pieces(waiting, WRITTEN_TOGETHER);
    let next = planned(first, today, plan);
    for (const batch of [...others, null]) {
      const plans = await next;
      // The next are planned while these are written.
      if (batch !== null) next = planned(batch, today, plan);
      next.catch(() => undefined); // awaited above, unless what is written fails first
      await write(plans);
    }
  }

  return {
    name: "planning what is due",
    restMilliseconds: 1_000,
    async run() {
      const marking = await markForRules(database, store);
      const today = londonDay(instantOf(now()));
      const waiting = await store.waiting(today, threads === null ? 10 * SERVED_AT_ONCE : ROUND);
      if (threads !== null && waiting.length >= WORTH_THREADS) await planInThreads(waiting, today, threads);
      else
        for (const piece of pieces(waiting, SERVED_AT_ONCE)) {
          await write(await planned(piece, today, planHere));
          await setImmediate();
        }
      const more = marking || waiting.length > 0;
      if (!more) await threads?.rest();
      return more;
    },
    left: () => store.left(londonDay(instantOf(now()))),
  };
}

/** What was planned of children, as they stood when they were read. */
interface Plans {
  readonly waiting: readonly Waiting[];
  readonly made: readonly PlannedChild[];
}

/** Plans some children now, before something is done that rests on it. */
export function planNow({ database, register, now }: Ground): (childIds: readonly string[]) => Promise<void> {
  const store = dueStore(database);
  const plan = plannerOf(database, register);
  return async (childIds) => {
    const today = londonDay(instantOf(now()));
    const waiting = await store.waitingAmong(childIds, today);
    if (waiting.length === 0) return;
    const plans = await plan(
      waiting.map(({ childId }) => childId),
      today,
    );
    await database.write((transaction) => store.write(transaction, waiting, plans));
  };
}

/** Those whose record a child became part of, or no longer is: what was told of the child tells of them. */
function othersToPlan(waiting: readonly Waiting[], plans: readonly PlannedChild[]): readonly string[] {
  const before = new Map(waiting.map(({ childId, plannedAs }) => [childId, plannedAs]));
  const others = plans.flatMap(({ childId, standsAs }) =>
    [standsAs, before.get(childId) ?? childId].filter((other) => other !== childId),
  );
  return [...new Set(others)];
}

/** Marks the next of everybody where the rules are others than those planned by; answers whether there is more to mark. */
async function markForRules(database: Database, store: DueStore): Promise<boolean> {
  const held = await store.rules(database);
  if (held?.rules === RULES_EDITION && held.markedTo === null) return false;
  return database.write(async (transaction) => {
    const now = await store.rules(transaction);
    const after = now?.rules === RULES_EDITION ? now.markedTo : "";
    return after !== null && (await store.markNext(transaction, RULES_EDITION, after)) !== null;
  });
}

function pieces<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
