/**
 * The road every fact takes: what was read is given its child, put in the outbox in the same transaction, delivered to
 * each part, and what became of it written down.
 *
 * Rows, messages and items of the quarantine tried again all go this way. A delivery left in the outbox is made again;
 * the parts answer the same to the same number, so it still counts once.
 */

import type { Transaction } from "../chassis/database";
import type { Recorded } from "../chassis/facts";
import { type Day, type Instant, instantOf } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { Disposition, Event, EventType, Told } from "../schema/events";
import type { LocalityCode } from "../schema/vocabulary/localities";
import { type Books, type LoadCount, type LoadRow, type MessageRow, type Refused, reasonOf } from "./books";
import { CHILD_INDEX, type ChildIndex, type Chosen, type Placement, type Placing } from "./child-index";
import type { Refusal } from "./matching";
import type { Identity, Reading } from "./reading";

/** Where events are delivered: a subgraph, here or elsewhere. */
export interface Destination {
  readonly name: string;
  deliver(delivery: {
    readonly number: number;
    readonly events: readonly Event[];
  }): Promise<readonly (Recorded | null)[]>;
  holdings(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
}

/** A row or message that has been read. */
export interface Traveller {
  /** Number of the row in its file, or of the message in the inbox. */
  readonly number: number;
  /** How a problem calls it: `row 12`. */
  readonly at: string;
  readonly reading: Reading;
  readonly mintedFrom: string;
  /** For the log of matches. */
  readonly source: string;
  /** True for a message of a national event. */
  readonly national: boolean;
}

export type Outcome =
  | { readonly yields: true; readonly childId: string }
  | {
      readonly yields: false;
      readonly problem: Problem;
      readonly candidates: readonly string[];
      /** Whom it waits for, where nobody has told of the child yet. */
      readonly waitsFor: Identity | null;
    };

/** Events on their way: in the outbox, and, until they are sent, in hand. */
export interface Despatch {
  readonly number: number;
  readonly load: number;
  readonly events: readonly Event[];
  /** The row of each event. */
  readonly rows: readonly number[];
}

export interface Road {
  readonly books: Books;
  readonly index: ChildIndex;
  now(): Instant;
  /** Gives each its child and puts the events of those who have one in the outbox. Outcomes in order. */
  take(
    transaction: Transaction,
    load: LoadRow,
    travellers: readonly Traveller[],
    chosen?: Chosen,
  ): Promise<{ readonly outcomes: readonly Outcome[]; readonly despatch: Despatch | null }>;
  /** Puts events in the outbox that already have their child. */
  put(
    transaction: Transaction,
    load: LoadRow,
    events: readonly Event[],
    rows: readonly number[],
  ): Promise<Despatch | null>;
  /** Delivers what `take` or `put` answered, once its transaction is done. */
  send(despatch: Despatch | null): Promise<void>;
  /** Makes every delivery that is left in the outbox; answers how many. */
  drain(): Promise<number>;
}

export function roadOf(
  books: Books,
  index: ChildIndex,
  destinations: readonly Destination[],
  clock: () => number,
): Road {
  /** One delivery after the other: those of one child must not pass each other within a part. */
  let last: Promise<unknown> = Promise.resolve();
  const now = (): Instant => instantOf(clock());

  const road: Road = {
    books,
    index,
    now,

    async take(transaction, load, travellers, chosen) {
      const placings = travellers.map((traveller) => placingOf(traveller, load.locality));
      const placements =
        chosen === undefined
          ? await index.place(transaction, placings, now())
          : await Promise.all(placings.map((placing) => index.placeAs(transaction, placing, chosen, now())));
      const strangers = await notTheirs(transaction, travellers, placements);
      const events: Event[] = [];
      const rows: number[] = [];
      const outcomes = travellers.map((traveller, i): Outcome => {
        const placement = placements[i] ?? null;
        if (placement === null) {
          throw new Problem("NOT_FOUND", { what: "child" });
        }
        if (!placement.placed) return refusedBy(placement, traveller);
        const { childId, bornOn, merges } = placement;
        if (strangers.has(i)) {
          const problem = new Problem("IDENTITY_MISMATCH", {
            element: traveller.at,
            other: "an earlier message of the same encounter",
          });
          return { yields: false, problem, candidates: [childId], waitsFor: null };
        }
        const tells = traveller.reading.tells;
        // What introduces a child gives the date of birth itself, and was held against that when it was read.
        if (bornOn !== null && !traveller.reading.introduces && tells.some((told) => isBefore(told, bornOn))) {
          const problem = new Problem("DATE_BEFORE_BIRTH", { at: traveller.at });
          return { yields: false, problem, candidates: [childId], waitsFor: null };
        }
        for (const merge of merges) {
          events.push(merge);
          rows.push(traveller.number);
        }
        for (const told of tells) {
          events.push({ ...told, childId });
          rows.push(traveller.number);
        }
        return { yields: true, childId };
      });
      return { outcomes, despatch: await road.put(transaction, load, events, rows) };
    },

    async put(transaction, load, events, rows) {
      if (events.length === 0) return null;
      const number = await books.despatch(transaction, { load: load.number, events, rows, at: now() });
      await books.tally(
        transaction,
        load.number,
        countsOf(events, (counts) => counts.told++),
      );
      return { number, load: load.number, events, rows };
    },

    async send(despatch) {
      if (despatch === null) return;
      const turn = last.then(() => deliver(despatch));
      last = turn.catch(() => undefined);
      await turn;
    },

    async drain() {
      let made = 0;
      for (;;) {
        const outgoing = await books.nextOutgoing();
        if (outgoing === null) return made;
        await road.send({
          number: Number(outgoing.number),
          load: Number(outgoing.load),
          events: JSON.parse(outgoing.events) as readonly Event[], // we wrote them
          rows: JSON.parse(outgoing.rows) as readonly number[],
        });
        made++;
      }
    },
  };

  async function deliver(despatch: Despatch): Promise<void> {
    const { number, events } = despatch;
    // Each part gets it whatever becomes of the others; what failed is delivered again, to all, which changes nothing.
    const answers = await Promise.allSettled(destinations.map((each) => each.deliver({ number, events })));
    const outcomes: (readonly (Recorded | null)[])[] = [];
    for (const answer of answers) {
      if (answer.status === "rejected") throw answer.reason;
      outcomes.push(answer.value);
    }
    await books.write((transaction) => settle(transaction, despatch, combined(events, outcomes)));
  }

  /** Writes down what became of a delivery. */
  async function settle(transaction: Transaction, despatch: Despatch, became: readonly Recorded[]): Promise<void> {
    if (!(await books.clear(transaction, despatch.number))) return;
    const [load] = await books.loads([despatch.load], transaction);
    if (load === undefined) throw new Error(`Delivery ${despatch.number} is of no load.`);
    const counts = countsOf(despatch.events, (counts, i) => {
      const recorded = became[i];
      if (recorded === undefined) return;
      counts[COUNTED_AS[recorded.disposition]]++;
      if (recorded.first) counts.firsts++;
    });
    await books.tally(transaction, load.number, counts);
    const conflicts = despatch.events.flatMap((event, i): Refused[] =>
      became[i]?.disposition === "QUARANTINED" ? [conflictOf(load, event, despatch.rows[i] ?? 0)] : [],
    );
    await books.quarantine(transaction, conflicts, now());
    if (load.locality === null) await settleMessages(transaction, despatch, became);
  }

  async function settleMessages(
    transaction: Transaction,
    { rows }: Despatch,
    became: readonly Recorded[],
  ): Promise<void> {
    const dispositions = new Map<number, Disposition>();
    for (const [i, row] of rows.entries()) {
      const disposition = became[i]?.disposition;
      if (disposition) dispositions.set(row, heavier(dispositions.get(row), disposition));
    }
    const messages = await books.messages([...dispositions.keys()], transaction);
    await books.saveMessages(
      transaction,
      messages.map((message): MessageRow => {
        const disposition = dispositions.get(Number(message.number)) ?? message.disposition;
        const at = messageAt(message.messageId);
        const reasons = disposition === "QUARANTINED" ? [reasonOf(new Problem("VERSION_CONFLICT", { at }))] : [];
        return { ...message, disposition, reasons };
      }),
    );
  }

  /** Those of a screening encounter that belongs to another child than they were placed with, by index. */
  async function notTheirs(
    transaction: Transaction,
    travellers: readonly Traveller[],
    placements: readonly (Placement | null)[],
  ): Promise<ReadonlySet<number>> {
    const bySystem = new Map<string, { index: number; id: string; childId: string }[]>();
    for (const [i, { national, reading }] of travellers.entries()) {
      const told = reading.tells[0];
      const placement = placements[i];
      if (!national || !told || !placement?.placed || !OF_ENCOUNTERS.has(told.type)) continue;
      const asked = { index: i, id: told.source.id, childId: placement.childId };
      const others = bySystem.get(told.source.system);
      if (others) others.push(asked);
      else bySystem.set(told.source.system, [asked]);
    }
    const strangers = new Set<number>();
    for (const [system, asked] of bySystem) {
      const owners = await index.encounters(transaction, system, asked);
      for (const [i, one] of asked.entries()) if (owners[i] !== one.childId) strangers.add(one.index);
    }
    return strangers;
  }

  return road;
}

/** How a problem calls a message. */
export function messageAt(messageId: string | null): string {
  return messageId === null ? "the message" : `message ${messageId}`;
}

function placingOf({ reading, mintedFrom, source, national }: Traveller, locality: LocalityCode | null): Placing {
  return {
    about: reading.about,
    introduces: reading.introduces,
    exactBirthDate: national,
    locality,
    mintedFrom,
    source,
    asOf: reading.tells[0]?.asOf ?? "",
  };
}

/** The problem of each refusal, in the words of the catalogue. */
const PROBLEM_OF: { readonly [R in Refusal]: (at: string, candidates: number) => Problem } = {
  ORPHAN: (at) => new Problem("ORPHAN", { at }),
  NHS_DUPLICATE: (at) => new Problem("NHS_DUPLICATE", { at }),
  NHS_NUMBER_CHANGED: (at) => new Problem("NHS_NUMBER_CHANGED", { at }),
  // One candidate, and the child nobody has told of yet.
  AMBIGUOUS_MATCH: (at, candidates) => new Problem("AMBIGUOUS_MATCH", { at, count: Math.max(candidates, 2) }),
  IDENTITY_MISMATCH: (at) => new Problem("IDENTITY_MISMATCH", { element: at, other: "the child of that local number" }),
  BIRTH_DATE_DIFFERS: (at) => new Problem("BIRTH_DATE_DIFFERS", { at }),
};

function refusedBy(
  { decision }: Extract<Placement, { readonly placed: false }>,
  { at, reading }: Traveller,
): Extract<Outcome, { readonly yields: false }> {
  const { reason, candidates } = decision;
  return {
    yields: false,
    problem: PROBLEM_OF[reason](at, candidates.length),
    candidates,
    waitsFor: waitsFor(reason, reading),
  };
}

/**
 * Whose appearing brings a refused row back. A row about a child whose own index row was refused for its number waits
 * for the locality's number alone: that is what a person's decision about the child settles.
 */
function waitsFor(reason: Refusal, { about, introduces }: Reading): Identity | null {
  if (reason === "ORPHAN") return about;
  if (reason !== "NHS_DUPLICATE" || introduces || about.localId === null) return null;
  return { ...about, nhsNumber: null, supersededNhsNumbers: [], bornOn: null, postcode: null };
}

const OF_ENCOUNTERS: ReadonlySet<EventType> = new Set<EventType>([
  "NewbornHearingRecorded",
  "NewbornBloodSpotRecorded",
  "NewbornExaminationRecorded",
]);

/** The day an event tells of that cannot be before birth; null where it tells of none. */
function eventDay(told: Told): Day | null {
  if (told.action === "withdraw") return null;
  switch (told.type) {
    case "DoseRecorded":
      // Of a month or year it is the first day, and the child may have been born after that.
      return told.givenOn.slice(0, { DAY: 10, MONTH: 7, YEAR: 4 }[told.precision]);
    case "DoseNotGivenRecorded":
      return told.decidedOn;
    case "NewbornHearingRecorded":
      return told.screenedOn;
    case "NewbornBloodSpotRecorded":
      return told.sampleTakenOn;
    case "NewbornExaminationRecorded":
      return told.examinedOn;
    case "DeathRecorded":
      return told.diedOn;
    default:
      return null;
  }
}

function isBefore(told: Told, bornOn: Day): boolean {
  const day = eventDay(told);
  return day !== null && day < bornOn.slice(0, day.length);
}

/** What each event became, whichever part keeps it. What no part keeps stands as applied: reconciliation finds it. */
function combined(events: readonly Event[], outcomes: readonly (readonly (Recorded | null)[])[]): readonly Recorded[] {
  return events.map((event, i) => {
    for (const answer of outcomes) {
      const recorded = answer[i];
      if (recorded) return recorded;
    }
    // Merges are kept by every register, as facts by none.
    return { disposition: "APPLIED", first: event.type !== "ChildrenMerged" };
  });
}

const COUNTED_AS = {
  APPLIED: "applied",
  DUPLICATE: "duplicate",
  SUPERSEDED: "superseded",
  QUARANTINED: "quarantined",
} as const satisfies Record<Disposition, keyof LoadCount>;

type Counts = Omit<LoadCount, "load">;

type Tally = { -readonly [Property in keyof Counts]: Counts[Property] };

/** Counts events by source system and type; `add` counts one of them. */
function countsOf(events: readonly Event[], add: (counts: Tally, i: number) => void): readonly Counts[] {
  const bySystem = new Map<string, Map<EventType, Tally>>();
  for (const [i, event] of events.entries()) {
    const { type } = event;
    const { system } = event.source;
    let byType = bySystem.get(system);
    if (byType === undefined) {
      byType = new Map();
      bySystem.set(system, byType);
    }
    let counts = byType.get(type);
    if (counts === undefined) {
      counts = { system, type, told: 0, applied: 0, duplicate: 0, superseded: 0, quarantined: 0, firsts: 0 };
      byType.set(type, counts);
    }
    add(counts, i);
  }
  return [...bySystem.values()].flatMap((byType) => [...byType.values()]);
}

/** One event that clashes with what is held. Its row is not kept again: the event says what was refused. */
function conflictOf(load: LoadRow, event: Event, row: number): Refused {
  const { locality, file, kind, receivedOn, number } = load;
  const at = locality === null ? `message ${row}` : `row ${row}`;
  return {
    load: number,
    locality,
    file,
    kind,
    row,
    severity: event.source.system === CHILD_INDEX ? "BLOCKS_CHILD" : "BLOCKS_ROW",
    reasons: [reasonOf(new Problem("VERSION_CONFLICT", { at }))],
    candidates: [event.childId],
    rowKey: null,
    raw: JSON.stringify(event),
    event,
    receivedOn,
    waitsFor: null,
  };
}

const WEIGHT: Readonly<Record<Disposition, number>> = { DUPLICATE: 0, SUPERSEDED: 1, APPLIED: 2, QUARANTINED: 3 };

/** What is said of a message of several events: that some waits for a person, or else that some is new. */
function heavier(a: Disposition | undefined, b: Disposition): Disposition {
  return a === undefined || WEIGHT[b] > WEIGHT[a] ? b : a;
}
