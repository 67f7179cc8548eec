/**
 * The event messages of the weeks around the extracts: babies whom no extract knows and what was found at their birth,
 * moves, registrations and deaths of children whom one does, results corrected and withdrawn. As it happens, some come
 * twice, some before what they follow from, some broken and some that are about something else. Pure.
 */

import { type Day, type Instant, londonInstant } from "../../schema/calendar";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { practiceOf } from "../../schema/vocabulary/practices";
import {
  type BloodSpotStatus,
  bloodSpotOutcomeCode,
  bloodSpotStatusOf,
  examinationOutcomeCode,
  NEWBORN_HEARING_OUTCOMES,
} from "../../schema/vocabulary/screening";
import { NATIONAL_EVENTS, type NationalEvent, NEIGHBOURING_EVENTS } from "../fhir/header";
import {
  type BloodSpotContent,
  type MessageContent,
  type NewbornExaminationContent,
  type NewbornHearingContent,
  type OrganisationContent,
  type PersonContent,
  writeMessage,
} from "../fhir/write";
import { Chance, shuffled } from "./chance";
import { type InventedChild, inventChild, STREAMS } from "./child";
import { later } from "./days";
import { inventBloodSpot, inventExamination, MATERNITY } from "./outcomes";
import { inventHome, inventPractice } from "./places";

/** What is planted among the messages, beside what is as it should be. */
export const MESSAGE_ODDITIES = ["REPEATED", "BEFORE_BIRTH", "OUT_OF_ORDER", "BROKEN", "NOT_HANDLED"] as const;
export type MessageOddity = (typeof MESSAGE_ODDITIES)[number];

export interface InventedMessage {
  readonly event: NationalEvent;
  readonly workflow: string;
  readonly xml: string;
  /** Messages are delivered in this order, which is mostly that of their timestamps. */
  readonly deliveredAt: string;
  /** Null for a message that reads, applies and comes in its turn. */
  readonly oddity: MessageOddity | null;
}

/**
 * Of a hundred messages, how many are told of each; a baby has four of its own, a death two. However few are wanted,
 * there are enough of each for everything that may happen to happen once.
 */
const SHARES = { babies: 12, addresses: 18, practices: 18, deaths: 2, broken: 4, neighbours: 3, repeats: 4 };
const FEWEST = { babies: 9, addresses: 2, practices: 5, deaths: 2, broken: 5, neighbours: 3, repeats: 2 };

const ENCOUNTERS = "https://newborn-screening.example/encounters";

/** The messages in the order in which they are delivered. `count` is how many are wanted, roughly. */
export function inventMessages(seed: number, of: number, on: Day, count: number): readonly InventedMessage[] {
  const chance = new Chance(seed, STREAMS.messages);
  const part = (name: keyof typeof SHARES) => Math.max(FEWEST[name], Math.round((count * SHARES[name]) / 100));
  const known = (at: number) => aliveFrom(seed, of, on, shuffled(at % of, of, seed + 17));
  const sent: InventedMessage[] = [];
  const tell: Tell = (content, oddity = null, deliveredAt = content.timestamp) => {
    sent.push({ ...message(content, oddity), deliveredAt });
  };

  for (let at = 0; at < part("babies"); at++) {
    tellOfBaby(chance, inventChild(seed, of + (of % 2) + at, of + (of % 2), on), at, tell);
  }
  let next = 0;
  for (let at = 0; at < part("addresses"); at++) tellOfAddress(chance, known(next++), on, tell);
  for (let at = 0; at < part("practices"); at++) tellOfPractice(chance, known(next++), on, at, tell);
  for (let at = 0; at < part("deaths"); at++) tellOfDeath(chance, known(next++), on, at, tell);
  for (let at = 0; at < part("neighbours"); at++) {
    sent.push(neighbour(gpMessage(chance, known(next++), on), at));
  }
  for (let at = 0; at < part("broken"); at++) sent.push(broken(gpMessage(chance, known(next++), on), at));

  const sorted = sent.toSorted((one, other) =>
    one.deliveredAt < other.deliveredAt ? -1 : one.deliveredAt > other.deliveredAt ? 1 : 0,
  );
  const repeats = new Set(Array.from({ length: part("repeats") }, () => chance.below(sorted.length)));
  return sorted.flatMap((each, at) =>
    repeats.has(at) && !each.oddity ? [each, { ...each, oddity: "REPEATED" }] : [each],
  );
}

type Tell = (content: MessageContent, oddity?: MessageOddity | null, deliveredAt?: string) => void;

/** The child at an index, or the next that is alive, lives in the region and has a number to be told by. */
function aliveFrom(seed: number, of: number, on: Day, index: number): InventedChild {
  for (let tried = 0; tried < of; tried++) {
    const child = inventChild(seed, (index + tried) % of, of, on);
    if (child.nhsNumberStatus === "VERIFIED" && child.diedOn === null) return child;
  }
  return inventChild(seed, index, of, on);
}

/** A birth and the three screens after it; of every sixth baby a screen is told before the birth. */
function tellOfBaby(chance: Chance, child: InventedChild, at: number, tell: Tell): void {
  const [stay] = child.stays;
  const provider = MATERNITY[stay.locality];
  const bornAt = londonInstant(child.bornOn, child.bornAtTime ?? "06:00");
  const early = at % 6 === 5;
  const envelope = envelopeOf(chance, later(child.bornOn, early ? 4 : 0));
  const { mother } = child;
  tell({
    ...envelope,
    event: "pds-birth-notification-1",
    baby: { ...personOf(child), address: { lines: stay.home.lines, postcode: stay.home.postcode } },
    bornAt: child.bornAtTime === null ? null : withOffset(bornAt),
    ethnicCategory: child.ethnicCategory ?? "Z",
    mother: {
      nhsNumber: mother.nhsNumber,
      familyName: mother.familyName,
      givenNames: mother.givenNames.split(" "),
      bornOn: mother.bornOn,
      practice: inventPractice(chance, stay.home),
    },
    birthOrder: child.twin ?? 1,
    birthsAtDelivery: child.twin ? 2 : 1,
    weightGrams: chance.between(child.twin ? 1900 : 2500, 4200),
    gestationWeeks: chance.between(child.twin ? 35 : 37, 41),
    stillbirth: "1",
    abnormality: chance.happens(0.01) ? "Y" : chance.happens(0.01) ? "U" : "N",
    deliveryPlace: provider,
  });
  const screening = (name: string) => ({
    messageType: "new" as const,
    child: personOf(child),
    encounter: { system: ENCOUNTERS, value: `${name}-${child.index}`, startedOn: later(child.bornOn, 1) },
    provider,
  });
  tellOfExamination(chance, child, screening("E"), early, tell);
  tellOfHearing(chance, child, screening("H"), early, at, tell);
  tellOfBloodSpot(chance, child, screening("B"), at, tell);
}

type Screening = Pick<NewbornHearingContent, "messageType" | "child" | "encounter" | "provider">;

function tellOfExamination(
  chance: Chance,
  child: InventedChild,
  screening: Screening,
  early: boolean,
  tell: Tell,
): void {
  const examinedOn = later(child.bornOn, 1);
  const { results, bcgEligible } = inventExamination(chance, child, "NEWBORN", examinedOn, screening.provider.odsCode);
  const content: NewbornExaminationContent = {
    ...envelopeOf(chance, later(examinedOn, 1)),
    ...screening,
    event: "nipe-outcome-1",
    examinedOn,
    results: results.flatMap((result) => {
      const outcomeCode = examinationOutcomeCode(result);
      return outcomeCode ? [{ part: result.part, outcomeCode }] : [];
    }),
    bcgEligible,
    comment: "Examined on the postnatal ward.",
  };
  tell(content, early ? "BEFORE_BIRTH" : null);
}

/** Only the clear outcome has a published code. Of every eighth baby it is told again, corrected; of others withdrawn. */
function tellOfHearing(
  chance: Chance,
  child: InventedChild,
  screening: Screening,
  early: boolean,
  at: number,
  tell: Tell,
): void {
  const on = later(child.bornOn, 2);
  const set = withOffset(londonInstant(on, "14:20"));
  const told = (day: Day): NewbornHearingContent => ({
    ...envelopeOf(chance, day),
    ...screening,
    event: "newborn-hearing-1",
    outcomeCode: NEWBORN_HEARING_OUTCOMES.CLEAR_NO_FOLLOW_UP.snomed,
    outcomeSetAt: set,
    tests: (["LEFT", "RIGHT"] as const).map((ear) => ({ method: "AOAE", ear, outcome: "CLEAR", enteredAt: set })),
  });
  const first = told(on);
  if (at % 8 === 3) {
    // The correction overtakes what it corrects.
    const corrected = { ...told(later(on, 3)), comment: "Corrected after the screen was entered again." };
    tell(corrected, "OUT_OF_ORDER", first.timestamp);
    tell(first, "OUT_OF_ORDER", corrected.timestamp);
    return;
  }
  tell(first, early ? "BEFORE_BIRTH" : null);
  if (at % 8 === 6) tell({ ...told(later(on, 4)), messageType: "delete", minimal: true });
}

/** Where the sample has to be taken again, the result that follows is a message of the same encounter. */
function tellOfBloodSpot(chance: Chance, child: InventedChild, screening: Screening, at: number, tell: Tell): void {
  const { odsCode } = screening.provider;
  const takenOn = later(child.bornOn, 5);
  const told = (day: Day, status: string | null): BloodSpotContent => ({
    ...envelopeOf(chance, day),
    ...screening,
    event: "blood-spot-test-outcome-1",
    issuedAt: withOffset(londonInstant(day, "08:30")),
    results: inventBloodSpot(chance, child.bornOn, takenOn, odsCode).results.flatMap(
      ({ condition, subStatus, status: own }) => {
        const code = bloodSpotStatusOf(status ?? subStatus ?? own ?? "04");
        const written = code?.subStatus ?? code?.status;
        // The statuses of one condition's table alone have a code there; any other is left untold, as it would be.
        const outcomeCode = written ? bloodSpotOutcomeCode(condition, written as BloodSpotStatus) : null;
        return outcomeCode ? [{ condition, outcomeCode }] : [];
      },
    ),
  });
  if (at % 9 === 4) {
    tell(told(later(takenOn, 4), "0303"));
    tell(told(later(takenOn, 11), "04"));
  } else {
    tell(told(later(takenOn, 5), null));
  }
}

function tellOfAddress(chance: Chance, child: InventedChild, on: Day, tell: Tell): void {
  const [{ home, locality }] = child.stays;
  const to = chance.happens(0.8) ? locality : (LOCALITY_CODES[chance.below(LOCALITY_CODES.length)] ?? locality);
  const movedOn = later(on, chance.between(1, 20));
  const moved = inventHome(chance, to, movedOn);
  tell({
    ...envelopeOf(chance, movedOn),
    event: "pds-change-of-address-1",
    child: { ...personOf(child), address: { lines: moved.lines, postcode: moved.postcode, from: movedOn } },
    previous: { lines: home.lines, postcode: home.postcode, from: home.from, to: movedOn },
  });
}

/** A move to another practice; of every fifth child a de-registration, of another fifth a first registration. */
function tellOfPractice(chance: Chance, child: InventedChild, on: Day, at: number, tell: Tell): void {
  const message = gpMessage(chance, child, on);
  const kind = message.previous ? at % 5 : 4;
  if (kind === 3) tell({ ...message, practice: null });
  else tell(kind === 4 ? { ...message, previous: null } : message);
}

function gpMessage(chance: Chance, child: InventedChild, on: Day) {
  const [stay] = child.stays;
  const movedOn = later(on, chance.between(1, 20));
  const old = stay.practice ? practiceNamed(stay.practice) : null;
  return {
    ...envelopeOf(chance, movedOn),
    event: "pds-change-of-gp-1" as const,
    child: personOf(child),
    practice: practiceNamed(inventPractice(chance, stay.home)),
    previous: old && { ...old, from: stay.practiceFrom ?? stay.from, to: movedOn },
  };
}

/** Told informally, then formally; of every other child told in error, and taken back. */
function tellOfDeath(chance: Chance, child: InventedChild, on: Day, at: number, tell: Tell): void {
  const diedOn = later(on, chance.between(1, 9));
  const reportedOn = later(diedOn, 2);
  const confirmedOn = later(diedOn, 6);
  const told = (day: Day, death: { status: "INFORMAL" | "FORMAL" | "REMOVED"; diedAt: Day | null }) =>
    tell({
      ...envelopeOf(chance, day),
      event: "pds-death-notification-1",
      child: personOf(child),
      death: { ...death, effectiveFrom: day },
    });
  told(reportedOn, { status: "INFORMAL", diedAt: diedOn });
  told(confirmedOn, at % 2 === 0 ? { status: "FORMAL", diedAt: diedOn } : { status: "REMOVED", diedAt: null });
}

/** An event of a neighbouring service, in the clothes of a change of GP. */
function neighbour(content: MessageContent, at: number): InventedMessage {
  const names = Object.keys(NEIGHBOURING_EVENTS) as readonly (keyof typeof NEIGHBOURING_EVENTS)[];
  const event = names[at % names.length] ?? "pds-record-change-1";
  const told = message(content, "NOT_HANDLED");
  return { ...told, workflow: NEIGHBOURING_EVENTS[event].workflow, xml: told.xml.replace(content.event, event) };
}

/** Each way of being broken in turn; all end in quarantine. */
const BREAKAGES: readonly [(xml: string) => string, ...((xml: string) => string)[]] = [
  (xml) => xml.slice(0, Math.floor(xml.length * 0.6)),
  (xml) => xml.replace(/<lastUpdated [^>]*>/, ""),
  (xml) => xml.replaceAll(/(999\d{6})(\d)/g, (_, body: string, check: string) => `${body}${(Number(check) + 1) % 10}`),
  (xml) => xml.replace("/EventType-1", "/EMS-EventType-1"),
  (xml) => xml.replace('xmlns="http://hl7.org/fhir"', 'xmlns="http://hl7.org/fhir/r4"'),
];

function broken(content: MessageContent, at: number): InventedMessage {
  const told = message(content, "BROKEN");
  return { ...told, xml: (BREAKAGES[at % BREAKAGES.length] ?? BREAKAGES[0])(told.xml) };
}

function message(content: MessageContent, oddity: MessageOddity | null): InventedMessage {
  return {
    event: content.event,
    workflow: NATIONAL_EVENTS[content.event].workflow,
    xml: writeMessage(content),
    deliveredAt: content.timestamp,
    oddity,
  };
}

/** What changed at some time of the day was sent a few minutes later. */
function envelopeOf(chance: Chance, day: Day) {
  const hex = (length: number) => chance.text("0123456789abcdef", length);
  const hour = String(chance.between(7, 20)).padStart(2, "0");
  const minute = chance.between(10, 49);
  return {
    messageId: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    lastUpdated: withOffset(londonInstant(day, `${hour}:${minute}`)),
    timestamp: withOffset(londonInstant(day, `${hour}:${minute + 10}`)),
  };
}

function personOf(child: InventedChild): PersonContent {
  return {
    // Babies and children alive and verified have one, and no others are told of.
    nhsNumber: child.nhsNumber ?? "",
    familyName: child.familyName,
    givenNames: child.givenNames.split(" "),
    bornOn: child.bornOn,
    sex: child.sex,
    address: null,
  };
}

function practiceNamed(odsCode: string): OrganisationContent {
  return { odsCode, name: practiceOf(odsCode)?.name ?? odsCode };
}

/** An instant as publishers write it, to the second. */
function withOffset(instant: Instant): string {
  return `${instant.slice(0, 19)}+00:00`;
}
