/**
 * Invented event messages for the trial and the benchmark, with what each says of the record in plain values, so that a
 * model that has never seen a Bundle can say what must come of them. The same seed gives the same messages.
 */

import { createHash } from "node:crypto";
import { writeMessage } from "../ingest";
import { checkDigit } from "../schema/nhs-number";

export interface InventedEvent {
  readonly messageId: string;
  readonly workflow: string;
  /** As it is sent: written when it is asked for, since all together are large. */
  body(): Buffer;
  /** What it says; null for one that is malformed. */
  readonly says: Said | null;
}

/** What a message says of one child: facts of its own event, each under an identity, as of one instant. */
export interface Said {
  readonly nhsNumber: string;
  readonly introduces: boolean;
  /** In UTC, at nine decimals. */
  readonly asOf: string;
  readonly facts: readonly SaidFact[];
}

export interface SaidFact {
  readonly table: string;
  /** The event and the id that its publisher knows the fact by. */
  readonly identity: string;
  /** What tells one telling from another; null: the record exists no longer. */
  readonly content: string | null;
}

/** Draws that repeat: mulberry32. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface EventsAsked {
  /** Messages of sound events, malformed ones not counted. */
  readonly sound: number;
  readonly malformed: number;
  readonly seed: number;
  /** The last day anything happened: it must not be after the clock of whoever reads them. */
  readonly until: Date;
}

/** Sound messages in the order in which things happened, those of each child beside each other, and malformed ones. */
export function inventEvents({ sound, malformed, seed, until }: EventsAsked): {
  readonly sound: readonly InventedEvent[];
  readonly malformed: readonly InventedEvent[];
} {
  const chance = draws(seed);
  const events: InventedEvent[] = [];
  for (let n = 0; events.length < sound; n++) events.push(...eventsOf(childAt(n, seed, until), chance));
  const broken: InventedEvent[] = [];
  for (let n = 0; broken.length < malformed; n++) {
    const [event] = eventsOf(childAt(1_000_000 + n, seed, until), chance);
    if (event) broken.push(brokenAs(event, n));
  }
  return { sound: events.slice(0, sound), malformed: broken };
}

interface Child {
  readonly n: number;
  readonly nhsNumber: string;
  readonly familyName: string;
  readonly bornAt: number;
}

const DAY = 86_400_000;
const MINUTE = 60_000;

function childAt(n: number, seed: number, until: Date): Child {
  const bornAt = Math.floor((until.getTime() - 50 * DAY) / DAY) * DAY - (n % 100) * DAY;
  return { n, nhsNumber: numberAt(n), familyName: `Example${letters(n + seed)}`, bornAt };
}

/** From the range that is never issued; a body whose check digit is ten is passed over by its neighbour's hundred. */
function numberAt(n: number): string {
  for (let body = 999_000_000 + (n % 450_000) * 2; ; body++) {
    const check = checkDigit(String(body));
    if (check !== null) return `${body}${check}`;
  }
}

function letters(n: number): string {
  return n < 26 ? String.fromCharCode(97 + n) : letters(Math.floor(n / 26) - 1) + String.fromCharCode(97 + (n % 26));
}

/** The messages of one child: some have no birth, and are never known; some die, and some of those did not. */
function eventsOf(child: Child, chance: () => number): readonly InventedEvent[] {
  const events: InventedEvent[] = [];
  const { n, nhsNumber, familyName, bornAt } = child;
  const bornOn = dayOf(bornAt);
  const person = {
    nhsNumber,
    familyName,
    givenNames: ["Ada"],
    bornOn,
    sex: "FEMALE",
    address: { lines: [`${n} Heron Way`], postcode: "CW5 5NX", from: bornOn },
  } as const;
  let at = bornAt + 60 * MINUTE;
  const next = (most: number) => {
    at += MINUTE * (1 + Math.floor(chance() * most));
    return at;
  };
  const tell = (
    workflow: string,
    content: Omit<Parameters<typeof writeMessage>[0], "messageId" | "lastUpdated" | "timestamp"> & object,
    facts: readonly SaidFact[],
    introduces = false,
  ): void => {
    const when = next(2_000);
    const messageId = uuidOf(`${n} ${events.length} ${familyName}`);
    const envelope = { messageId, lastUpdated: instant(when), timestamp: instant(when + 5 * MINUTE) };
    events.push({
      messageId,
      workflow,
      body: () => Buffer.from(writeMessage({ ...content, ...envelope } as Parameters<typeof writeMessage>[0])), // its own content
      says: { nhsNumber, introduces, asOf: `${new Date(when).toISOString().slice(0, 19)}.000000000Z`, facts },
    });
  };
  const latest = (event: string, table: string, content: string): SaidFact => {
    return { table, identity: `${event}|latest`, content };
  };

  if (chance() < 0.97) {
    const event = "pds-birth-notification-1";
    const weightGrams = 2_500 + (n % 1_500);
    tell(
      "BIRTHNOTIFICATION_1",
      {
        event,
        baby: person,
        bornAt: null,
        ethnicCategory: "A",
        mother: { nhsNumber: null, familyName, givenNames: ["Eve"], bornOn: "1995-06-07", practice: null },
        birthOrder: 1,
        birthsAtDelivery: 1,
        weightGrams,
        gestationWeeks: 39,
        stillbirth: "1",
        abnormality: "N",
        deliveryPlace: { odsCode: "RBT20", name: "Leighton Hospital" },
      } as never,
      [
        latest(event, "identity", familyName),
        latest(event, "birth", String(weightGrams)),
        latest(event, "address", "CW5 5NX"),
      ],
      true,
    );
  }
  const screening = {
    messageType: "new",
    child: person,
    encounter: { system: "https://screening.example/encounters", value: `E-${n}`, startedOn: dayOf(bornAt + DAY) },
    provider: { odsCode: "RBT20", name: "Leighton Hospital" },
  } as const;
  const identity = (event: string) => `${event}|${screening.encounter.system}|${screening.encounter.value}`;
  const hearing = (comment: string): void => {
    const event = "newborn-hearing-1";
    const content = {
      ...screening,
      event,
      outcomeCode: "276781000000109",
      outcomeSetAt: instant(bornAt + DAY),
      tests: [],
    };
    tell("NEWBORNHEARING_1", { ...content, comment } as never, [
      { table: "newborn_hearing", identity: identity(event), content: comment },
    ]);
  };
  const removed = (event: string, table: string, workflow: string): void =>
    tell(workflow, { ...screening, event, messageType: "delete", minimal: true, tests: [] } as never, [
      { table, identity: identity(event), content: null },
    ]);
  hearing("First told.");
  if (chance() < 0.4) hearing("Told again.");
  if (chance() < 0.2) {
    removed("newborn-hearing-1", "newborn_hearing", "NEWBORNHEARING_1");
    if (chance() < 0.3) hearing("Told after all.");
  }
  const spot = (comment: string): void =>
    tell(
      "BLOODSPOTTESTOUTCOME_1",
      {
        ...screening,
        event: "blood-spot-test-outcome-1",
        issuedAt: instant(bornAt + 5 * DAY),
        results: [{ condition: "PKU", outcomeCode: "429106008" }],
        comment,
      } as never,
      [{ table: "newborn_blood_spot", identity: identity("blood-spot-test-outcome-1"), content: comment }],
    );
  spot("First sample.");
  if (chance() < 0.2) spot("Second sample.");
  tell(
    "NIPEOUTCOME_1",
    {
      ...screening,
      event: "nipe-outcome-1",
      examinedOn: dayOf(bornAt + DAY),
      results: [
        { part: "HIPS", outcomeCode: "985741000000102" },
        { part: "EYES", outcomeCode: "989071000000108" },
        { part: "HEART", outcomeCode: "988571000000105" },
      ],
      bcgEligible: false,
      comment: "Examined.",
    } as never,
    [{ table: "newborn_examination", identity: identity("nipe-outcome-1"), content: "Examined." }],
  );
  for (let moves = Math.floor(chance() * 3); moves > 0; moves--) {
    const postcode = POSTCODES[Math.floor(chance() * POSTCODES.length)] ?? "CH3 5UJ";
    const address = { lines: [`${moves} Mill Lane`], postcode, from: bornOn };
    const event = "pds-change-of-address-1";
    tell("CHANGEOFADDRESS_1", { event, child: { ...person, address }, previous: null } as never, [
      latest(event, "address", postcode),
    ]);
  }
  for (let moves = Math.floor(chance() * 3); moves > 0; moves--) {
    const odsCode = PRACTICES[Math.floor(chance() * PRACTICES.length)] ?? "N81009";
    const event = "pds-change-of-gp-1";
    tell("CHANGEOFGP_1", { event, child: person, practice: { odsCode, name: odsCode }, previous: null } as never, [
      latest(event, "gp_registration", odsCode),
    ]);
  }
  if (chance() < 0.04) {
    const event = "pds-death-notification-1";
    const death = (status: "INFORMAL" | "FORMAL" | "REMOVED"): void => {
      const diedAt = status === "REMOVED" ? null : dayOf(bornAt + 20 * DAY);
      tell(
        "DEATHNOTIFICATION_1",
        { event, child: person, death: { status, diedAt, effectiveFrom: dayOf(bornAt + 21 * DAY) } } as never,
        [latest(event, "death", status)],
      );
    };
    death("INFORMAL");
    if (chance() < 0.7) death(chance() < 0.5 ? "FORMAL" : "REMOVED");
  }
  return events;
}

const POSTCODES = ["CH3 5UJ", "CH41 5AA", "L1 8JQ", "WA1 1UH", "WA9 1HE", "SK11 6JL"] as const;
const PRACTICES = ["N81009", "N81010", "N81013", "N85002"] as const;

/** Each way of being broken in turn. What is sent is no message, or not of ours, or says nothing that could be applied. */
const BREAKAGES: readonly ((xml: string) => string)[] = [
  (xml) => xml.slice(0, Math.floor(xml.length * 0.6)),
  (xml) => xml.replaceAll(/(999\d{6})(\d)/g, (_, body: string, check: string) => `${body}${(Number(check) + 1) % 10}`),
  (xml) => xml.replace("/EventType-1", "/EMS-EventType-1"),
  (xml) => xml.replace('xmlns="http://hl7.org/fhir"', 'xmlns="http://hl7.org/fhir/r4"'),
  (xml) => `<!DOCTYPE Bundle>${xml}`,
];

function brokenAs(event: InventedEvent, n: number): InventedEvent {
  const messageId = uuidOf(`broken ${n}`);
  const breakage = BREAKAGES[n % BREAKAGES.length];
  const body = () => {
    const xml = event.body().toString().replaceAll(event.messageId, messageId);
    return Buffer.from(breakage === undefined ? xml : breakage(xml));
  };
  return { messageId, workflow: event.workflow, body, says: null };
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`;
}
