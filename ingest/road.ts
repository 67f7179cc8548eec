/**
 * The road every fact takes: what was read is given its child, put in the outbox in the same transaction, delivered to
 * each part, and what became of it written down.
 *
 * Rows, messages and items of the quarantine tried again all go this way. A delivery left in the outbox is made again;
 * the parts answer the same to the same number, so it still counts once.
 */

import type { AccessEntriesRead } from "../chassis/audit";
import type { Transaction } from "../chassis/database";
import type { Recorded } from "../chassis/facts";
import { type Day, type Instant, instantOf } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { Disposition, Event, EventType, Told } from "../schema/events";
import { packEvents, unpackEvents } from "../schema/packed-events";
import type { LocalityCode } from "../schema/vocabulary/localities";
import {
  type Awaited,
  type Books,
  type LoadCount,
  type LoadRow,
  type MessageRow,
  type Refused,
  reasonOf,
} from "./books";
import { CHILD_INDEX, type ChildIndex, type Chosen, type LeftOut, type Placement, type Placing } from "./child-index";
import type { Refusal } from "./matching";
import type { Reading } from "./reading";
import { isOfRecord, type SourceRecords, type Stand, type Stands, whereTold } from "./source-records";

/** Where events are delivered: a subgraph, here or elsewhere. */
export interface Destination {
  readonly name: string;
  /** Whether events of a type concern it. */
  takes(type: EventType): boolean;
  deliver(delivery: {
    readonly number: number;
    readonly events: readonly Event[];
    readonly packed: string;
    readonly durable: boolean;
  }): Promise<readonly (Recorded | null)[]>;
  holdings(): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>;
  /** Who looked at some children, as its log has it. */
  readonly accessEntries: AccessEntriesRead;
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
      readonly waitsFor: Awaited | null;
    };

/** Events on their way: in the outbox, and, until they are sent, in hand. */
export interface Despatch {
  readonly number: number;
  readonly load: number;
  /** The events as the outbox holds them. They are several times as large, and read from here by whoever wants them. */
  readonly packed: string;
  /** What each event is counted under. */
  readonly kinds: readonly Kind[];
  /** The row of each event. */
  readonly rows: readonly number[];
  /** False for rows of a file, which can be loaded again; a message that was acknowledged is not sent again. */
  readonly durable: boolean;
}

/** What events are counted by: one for all events of a despatch that are alike in it. */
interface Kind {
  readonly system: string;
  readonly type: EventType;
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
  /** Makes every delivery that is left in the outbox, or only those put there before an instant; answers how many. */
  drain(before?: Instant): Promise<number>;
}

export function roadOf(
  books: Books,
  index: ChildIndex,
  records: SourceRecords,
  destinations: readonly Destination[],
  clock: () => number,
  /** Told of what is put in the outbox, in the same transaction. */
  learn: (transaction: Transaction, events: readonly Event[]) => Promise<void>,
): Road {
  /** What became of deliveries is written down in the order they were sent. */
  let last: Promise<unknown> = Promise.resolve();
  const now = (): Instant => instantOf(clock());

  const road: Road = {
    books,
    index,
    now,

    async take(transaction, load, travellers, chosen) {
      const stands = await records.stands(
        transaction,
        travellers.flatMap(({ reading }) => reading.tells),
      );
      const placements = await placed(transaction, load, travellers, stands, chosen);
      const isOne = await familiesOf(transaction, travellers, placements, stands);
      const events: Event[] = [];
      const rows: number[] = [];
      const outcomes = travellers.map((traveller, i): Outcome => {
        const placement = placements[i];
        if (!placement) throw new Problem("NOT_FOUND", { what: "child" });
        if (!placement.placed) return refusedBy(placement, traveller);
        const { childId, bornOn, merges } = placement;
        const refused = (problem: Problem): Outcome => {
          return { yields: false, problem, candidates: [childId], waitsFor: null };
        };
        if (isBeforeBirth(traveller.reading, bornOn)) {
          return refused(new Problem("DATE_BEFORE_BIRTH", { at: traveller.at }));
        }
        const begun = events.length;
        const moved: Stand[] = [];
        /** Nothing of a row is told where anything of it is refused. */
        const refuse = (problem: Problem): Outcome => {
          events.length = begun;
          return refused(problem);
        };
        events.push(...merges);
        for (const told of traveller.reading.tells) {
          const event = { ...told, childId };
          if (!isOfRecord(event)) {
            events.push(event);
            continue;
          }
          const stand = stands.of(event);
          // A national record is never of another child: its publisher would have to take it back first.
          if (traveller.national && stand !== null && !isOne(stand.childId, childId)) {
            const other = "an earlier message of the same encounter";
            return refuse(new Problem("IDENTITY_MISMATCH", { element: traveller.at, other }));
          }
          const telling = whereTold(event, stand, isOne);
          if (telling === null) return refuse(new Problem("VERSION_CONFLICT", { at: traveller.at }));
          events.push(...telling.events);
          moved.push(telling.stand);
        }
        for (const left of placement.leftOut) events.push(noLongerTold(childId, left, traveller.reading));
        for (const stand of moved) stands.move(stand);
        while (rows.length < events.length) rows.push(traveller.number);
        return { yields: true, childId };
      });
      await stands.write(transaction);
      return { outcomes, despatch: await road.put(transaction, load, events, rows) };
    },

    async put(transaction, load, events, rows) {
      if (events.length === 0) return null;
      await learn(transaction, events);
      const packed = packEvents(events);
      const kinds = kindsOf(events);
      const number = await books.despatch(transaction, { load: load.number, events: packed, rows, at: now() });
      await books.tally(
        transaction,
        load.number,
        countsOf(kinds, (counts) => counts.told++),
      );
      return { number, load: load.number, packed, kinds, rows, durable: load.source !== "EXTRACT" };
    },

    async send(despatch) {
      if (despatch === null) return;
      // Handed over at once: each part takes what it is handed in that order, and none waits for another.
      const delivered = deliver(despatch);
      const turn = last.then(async () => {
        const became = await delivered;
        await books.write((transaction) => settle(transaction, despatch, became));
      });
      delivered.catch(() => undefined); // thrown where it is awaited
      last = turn.catch(() => undefined);
      await turn;
    },

    async drain(before) {
      let made = 0;
      for (;;) {
        const outgoing = await books.nextOutgoing(before ?? null);
        if (outgoing === null) return made;
        await road.send({
          number: Number(outgoing.number),
          load: Number(outgoing.load),
          packed: outgoing.events,
          kinds: kindsOf(unpackEvents(outgoing.events)),
          rows: JSON.parse(outgoing.rows) as readonly number[],
          durable: true,
        });
        made++;
      }
    },
  };

  async function deliver({ number, packed, kinds, durable }: Despatch): Promise<readonly Recorded[]> {
    const none: readonly null[] = kinds.map(() => null);
    const types = new Set(kinds.map(({ type }) => type));
    let events: readonly Event[] | null = null;
    const delivery = {
      number,
      packed,
      durable,
      get events() {
        events ??= unpackEvents(packed);
        return events;
      },
    };
    // Each part gets what concerns it, whatever becomes of the others; what failed is delivered again, which changes nothing.
    const answers = await Promise.allSettled(
      destinations.map((destination) =>
        [...types].some((type) => destination.takes(type)) ? destination.deliver(delivery) : Promise.resolve(none),
      ),
    );
    const outcomes: (readonly (Recorded | null)[])[] = [];
    for (const answer of answers) {
      if (answer.status === "rejected") throw answer.reason;
      outcomes.push(answer.value);
    }
    return combined(kinds, outcomes);
  }

  /** Writes down what became of a delivery. */
  async function settle(transaction: Transaction, despatch: Despatch, became: readonly Recorded[]): Promise<void> {
    if (!(await books.clear(transaction, despatch.number))) return;
    const [load] = await books.loads([despatch.load], transaction);
    if (load === undefined) throw new Error(`Delivery ${despatch.number} is of no load.`);
    const counts = countsOf(despatch.kinds, (counts, i) => {
      const recorded = became[i];
      if (recorded === undefined) return;
      counts[COUNTED_AS[recorded.disposition]]++;
      if (recorded.first) counts.firsts++;
    });
    await books.tally(transaction, load.number, counts);
    const isClash = became.some(({ disposition }) => disposition === "QUARANTINED");
    const conflicts = (isClash ? unpackEvents(despatch.packed) : []).flatMap((event, i): Refused[] =>
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

  /** A child for each, by the rules or as a person chose. A row that takes a record back is about whom that stands under. */
  async function placed(
    transaction: Transaction,
    { locality }: LoadRow,
    travellers: readonly Traveller[],
    stands: Stands,
    chosen: Chosen | undefined,
  ): Promise<readonly (Placement | null)[]> {
    const placings = travellers.map((traveller) => placingOf(traveller, locality));
    if (chosen !== undefined) {
      return Promise.all(placings.map((placing) => index.placeAs(transaction, placing, chosen, now())));
    }
    const known = travellers.map(({ reading, national }) => {
      const [told] = reading.tells;
      if (national || told?.action !== "withdraw" || !isOfRecord(told)) return null;
      return stands.of(told)?.childId ?? null;
    });
    const asked = placings.filter((_, i) => known[i] === null);
    const answers = (await index.place(transaction, asked, now())).values();
    return known.map((childId): Placement | null => {
      if (childId === null) return answers.next().value ?? null;
      return { placed: true, childId, rule: "RECORD", bornOn: null, merges: [], leftOut: [] };
    });
  }

  /** Whether two children are one by a merge, of those whose records are told of under another child than they stand. */
  async function familiesOf(
    transaction: Transaction,
    travellers: readonly Traveller[],
    placements: readonly (Placement | null)[],
    stands: Stands,
  ): Promise<(childId: string, other: string) => boolean> {
    const apart = new Set<string>();
    const standsUnder = new Map<string, string>();
    for (const [i, { reading }] of stands.mayMove ? travellers.entries() : []) {
      const placement = placements[i];
      if (!placement?.placed) continue;
      for (const told of reading.tells) {
        if (!isOfRecord(told)) continue;
        const record = `${told.source.system}\n${told.source.id}`;
        const under = standsUnder.get(record) ?? stands.of(told)?.childId ?? placement.childId;
        standsUnder.set(record, under);
        if (under !== placement.childId) apart.add(under).add(placement.childId);
      }
    }
    const wholes = apart.size === 0 ? null : await index.wholes(transaction, [...apart]);
    const wholeOf = (childId: string) => wholes?.get(childId) ?? childId;
    return (childId, other) => wholeOf(childId) === wholeOf(other);
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
    tells: reading.introduces ? reading.tells.map(({ type }) => type) : NOTHING,
  };
}

const NOTHING: readonly EventType[] = [];

/** What a row of a child index leaves out that was told by another row of the same source. */
function noLongerTold(childId: string, { type, asOf }: LeftOut, { tells }: Reading): Event {
  const [told] = tells;
  if (told === undefined) throw new Error("A row that leaves something out tells something.");
  return { action: "withdraw", type, childId, source: told.source, asOf };
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
 * for the locality's number alone: that is what a person's decision about the child settles. A row that takes a record
 * back may name nobody, and waits for the record too.
 */
function waitsFor(reason: Refusal, { about, introduces, tells: [told] }: Reading): Awaited | null {
  const record = told?.action === "withdraw" ? told.source : null;
  if (reason === "ORPHAN") return { child: about, record };
  if (reason !== "NHS_DUPLICATE" || introduces || about.localId === null) {
    return record === null ? null : { child: null, record };
  }
  const child = { ...about, nhsNumber: null, supersededNhsNumbers: [], bornOn: null, postcode: null };
  return { child, record };
}

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

/**
 * Whether a row tells of something before the birth held for its child. What introduces a child gives the date of
 * birth itself, and was held against that when it was read.
 */
function isBeforeBirth({ introduces, tells }: Reading, bornOn: Day | null): boolean {
  if (bornOn === null || introduces) return false;
  return tells.some((told) => {
    const day = eventDay(told);
    return day !== null && day < bornOn.slice(0, day.length);
  });
}

/** What each event became, whichever part keeps it. What no part keeps stands as applied: reconciliation finds it. */
function combined(kinds: readonly Kind[], outcomes: readonly (readonly (Recorded | null)[])[]): readonly Recorded[] {
  return kinds.map(({ type }, i) => {
    for (const answer of outcomes) {
      const recorded = answer[i];
      if (recorded) return recorded;
    }
    // Merges and broken glass are kept by every register, as facts by none.
    return { disposition: "APPLIED", first: type !== "ChildrenMerged" && type !== "GlassBroken" };
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

function kindsOf(events: readonly Event[]): readonly Kind[] {
  const bySystem = new Map<string, Map<EventType, Kind>>();
  return events.map(({ type, source: { system } }) => {
    let byType = bySystem.get(system);
    if (byType === undefined) {
      byType = new Map();
      bySystem.set(system, byType);
    }
    let kind = byType.get(type);
    if (kind === undefined) {
      kind = { system, type };
      byType.set(type, kind);
    }
    return kind;
  });
}

/** Counts events by kind; `add` counts one of them. */
function countsOf(kinds: readonly Kind[], add: (counts: Tally, i: number) => void): readonly Counts[] {
  const byKind = new Map<Kind, Tally>();
  for (const [i, kind] of kinds.entries()) {
    let counts = byKind.get(kind);
    if (counts === undefined) {
      counts = { ...kind, told: 0, applied: 0, duplicate: 0, superseded: 0, quarantined: 0, firsts: 0 };
      byKind.set(kind, counts);
    }
    add(counts, i);
  }
  return [...byKind.values()];
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
