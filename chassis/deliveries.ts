/**
 * Takes deliveries of events: records the facts a subgraph keeps, updates its register, and answers what became of each.
 * Deliveries that wait while others are written are written together, in the order they came: a bulk load touches each page
 * of the database once for several of them.
 */

import { hash } from "node:crypto";
import { DISPOSITIONS, type Event, type EventType } from "../schema/events";
import type { Database, Table, Transaction } from "./database";
import type { Recorded, Recorder } from "./facts";
import type { Register, Settled } from "./register";

/** A batch of events with the number ingest gave it. The same number again changes nothing. */
export interface Delivery {
  readonly number: number;
  /** Those that do not concern a subgraph are passed over. */
  readonly events: readonly Event[];
  /** The same events as one text, where the sender has packed them already. */
  readonly packed?: string;
  /** Whether it must outlast a power cut from the moment it is answered: what nobody would send again. */
  readonly durable?: boolean;
}

/** What became of each event, in order; null for one that is not this subgraph's to keep. */
export type Outcomes = readonly (Recorded | null)[];

/** One delivery as it was recorded: what became of each event, and of where its children belong. */
export interface Delivered {
  readonly number: number;
  readonly events: readonly Event[];
  /** Of copies too, which are answered to nobody else. */
  readonly outcomes: Outcomes;
  /** By child id, for those the register was told of. */
  readonly settled: ReadonlyMap<string, Settled>;
}

/** Writes what a subgraph makes of a delivery beside its facts, in the same transaction: all of it counts, or none. */
export type Follow = (transaction: Transaction, delivered: Delivered) => Promise<void>;

/** The deliveries that were taken, so that one made again is answered as it was the first time: `outcomes`, a space, and its sign. */
export const DELIVERIES: Table = {
  name: "delivery",
  columns: { number: "integer", outcomes: "text" },
  key: ["number"],
};

/** At most so many deliveries are written together: what is undone together should be little. */
const WRITTEN_TOGETHER = 24;

interface Waiting {
  readonly delivery: Delivery;
  resolve(outcomes: Outcomes): void;
  reject(fault: unknown): void;
}

export interface Deliveries {
  deliver(delivery: Delivery): Promise<Outcomes>;
  /** Rejects with the problem where the database does not answer. */
  ready(): Promise<void>;
}

export function deliveriesTo({
  database,
  register,
  recorders,
  copiers,
  follow,
}: {
  readonly database: Database;
  readonly register: Register;
  /** By event type. */
  readonly recorders: ReadonlyMap<string, Recorder>;
  /** Those of copies, whose outcomes are told to `follow` alone: the event is another subgraph's to answer for. */
  readonly copiers: ReadonlyMap<string, Recorder>;
  readonly follow: Follow | null;
}): Deliveries {
  const taken = database.statement<{ outcomes: string }>(({ from, param }) =>
    from(DELIVERIES).select("outcomes").where("number", "=", param("number")),
  );
  const waiting: Waiting[] = [];
  let writing = false;

  // Alone, for two processes may make the same delivery, or two of one child, at once.
  const writeTogether = (deliveries: readonly Delivery[]): Promise<Outcomes[]> =>
    database.write(
      async (transaction) => {
        const outcomes: Outcomes[] = [];
        for (const delivery of deliveries) outcomes.push(await record(transaction, delivery));
        return outcomes;
      },
      { alone: true, durable: deliveries.some(({ durable }) => durable) },
    );

  async function record(transaction: Transaction, { number, events }: Delivery): Promise<Outcomes> {
    const before = (await transaction.rows(taken, { number }))[0];
    const sign = signOf(events);
    if (before !== undefined) {
      const [outcomes = "", told = sign] = before.outcomes.split(" ");
      if (told === sign) return readOutcomes(outcomes);
    }
    const settled = await register.tell(transaction, events);
    const outcomes = await recordOwn(recorders, transaction, { number, events });
    const copied = await recordOwn(copiers, transaction, { number, events });
    const all = outcomes.map((each, i) => each ?? copied[i] ?? null);
    await follow?.(transaction, { number, events, outcomes: all, settled });
    await transaction.insert(DELIVERIES, [{ number, outcomes: `${writeOutcomes(outcomes)} ${sign}` }], "replace");
    return outcomes;
  }

  async function recordOwn(
    recorders: ReadonlyMap<string, Recorder>,
    transaction: Transaction,
    { number, events }: Delivery,
  ): Promise<Outcomes> {
    const outcomes: (Recorded | null)[] = events.map(() => null);
    for (const [at, recorder] of ownEvents(recorders, events)) {
      const own = at.flatMap((index) => events[index] ?? []);
      const recorded = await recorder.record(transaction, number, own);
      for (const [i, index] of at.entries()) outcomes[index] = recorded[i] ?? null;
    }
    return outcomes;
  }

  /** The places of the events of each type that is kept here, in the order the types were named. */
  function ownEvents(
    recorders: ReadonlyMap<string, Recorder>,
    events: readonly Event[],
  ): readonly (readonly [readonly number[], Recorder])[] {
    const places = new Map<EventType, number[]>();
    for (const [at, { type }] of events.entries()) {
      const of = places.get(type);
      if (of) of.push(at);
      else if (recorders.has(type)) places.set(type, [at]);
    }
    return [...recorders].flatMap(([type, recorder]) => {
      const at = places.get(type as EventType); // a recorder is of an event type
      return at === undefined ? [] : [[at, recorder] as const];
    });
  }

  async function writeWaiting(): Promise<void> {
    if (writing) return;
    writing = true;
    await null; // what is handed over in this turn is written along
    while (waiting.length > 0) {
      const together = waiting.splice(0, WRITTEN_TOGETHER);
      try {
        const outcomes = await writeTogether(together.map(({ delivery }) => delivery));
        for (const [i, { resolve }] of together.entries()) resolve(outcomes[i] ?? []);
      } catch (fault) {
        // One of them must not keep the others out.
        if (together.length === 1) together[0]?.reject(fault);
        else
          for (const each of together)
            await writeTogether([each.delivery]).then(([one]) => each.resolve(one ?? []), each.reject);
      }
    }
    writing = false;
  }

  return {
    deliver: (delivery) =>
      new Promise((resolve, reject) => {
        waiting.push({ delivery, resolve, reject });
        void writeWaiting();
      }),
    async ready() {
      await database.rows(taken, { number: -1 });
    },
  };
}

/** Makes a delivery of only those events that concern a part, and answers for all of them. */
export async function deliverTaken(
  takes: (type: EventType) => boolean,
  { number, events, durable = false }: Delivery,
  deliver: (delivery: Delivery) => Promise<Outcomes>,
): Promise<Outcomes> {
  const at = events.flatMap(({ type }, i) => (takes(type) ? [i] : []));
  const outcomes: (Recorded | null)[] = events.map(() => null);
  if (at.length === 0) return outcomes;
  const answered = await deliver({ number, events: at.flatMap((i) => events[i] ?? []), durable });
  for (const [k, i] of at.entries()) outcomes[i] = answered[k] ?? null;
  return outcomes;
}

/**
 * Tells a delivery from another of its number: books that lost their end in a power cut, while a part did not, give a number
 * twice, and the second is no repeat. The ends of a delivery and how long it is are enough for that.
 */
function signOf(events: readonly Event[]): string {
  const ends = [events[0], events.at(-1)].map(
    (each) => each && [each.type, each.action, each.childId, each.source, each.asOf],
  );
  return hash("sha256", JSON.stringify([events.length, ...ends]), "base64url").slice(0, 12);
}

/** Two characters an event: the disposition's first letter and whether it was the first of its identity. */
export function writeOutcomes(outcomes: Outcomes): string {
  let text = "";
  for (const each of outcomes) text += each === null ? "--" : `${each.disposition[0]}${each.first ? "1" : "0"}`;
  return text;
}

const OUTCOMES: ReadonlyMap<string, Recorded | null> = new Map<string, Recorded | null>([
  ["--", null],
  ...DISPOSITIONS.flatMap((disposition): [string, Recorded][] => [
    [`${disposition.charAt(0)}0`, { disposition, first: false }],
    [`${disposition.charAt(0)}1`, { disposition, first: true }],
  ]),
]);

export function readOutcomes(text: string): Outcomes {
  const outcomes: (Recorded | null)[] = [];
  for (let at = 0; at < text.length; at += 2) outcomes.push(OUTCOMES.get(text.slice(at, at + 2)) ?? null);
  return outcomes;
}
