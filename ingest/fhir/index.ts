/** Event messages of the National Events Management Service: event code → reader, one line each. */

import type { Day, Instant } from "../../schema/calendar";
import type { Problem } from "../../schema/errors";
import type { Reading } from "../reading";
import { readBirth } from "./birth";
import { readBloodSpot } from "./blood-spot";
import { digestOf, digestOfBytes, readBundle } from "./bundle";
import { readChangeOfAddress } from "./change-of-address";
import { readChangeOfGp } from "./change-of-gp";
import { readDeath } from "./death";
import type { Reader } from "./event-message";
import {
  type Identification,
  isNationalEvent,
  type MessageType,
  type NationalEvent,
  type NeighbouringEvent,
  readHeader,
} from "./header";
import { readNewbornExamination } from "./newborn-examination";
import { readNewbornHearing } from "./newborn-hearing";

export const READERS: Readonly<Record<NationalEvent, Reader>> = {
  "pds-birth-notification-1": readBirth,
  "pds-change-of-address-1": readChangeOfAddress,
  "pds-change-of-gp-1": readChangeOfGp,
  "pds-death-notification-1": readDeath,
  "newborn-hearing-1": readNewbornHearing,
  "blood-spot-test-outcome-1": readBloodSpot,
  "nipe-outcome-1": readNewbornExamination,
};

/** A message that was read: what identifies, orders and traces it. */
export interface Message extends Identification {
  readonly messageId: string;
  readonly event: NationalEvent;
  readonly messageType: MessageType;
  readonly timestamp: Instant;
}

/** A known event that is out of scope; of its envelope only the id is sure to be told. */
export interface NeighbouringMessage extends Identification {
  readonly messageId: string;
  readonly event: NeighbouringEvent;
}

export type MessageReading =
  /** To be applied; `reading.warnings` says what is odd. */
  | { readonly verdict: "READ"; readonly message: Message; readonly reading: Reading }
  /** To be acknowledged; nothing changes. */
  | { readonly verdict: "NOT_HANDLED"; readonly message: NeighbouringMessage }
  /** To be kept and acknowledged; nothing changes until a person decides. */
  | {
      readonly verdict: "QUARANTINED";
      readonly message: Identification;
      readonly faults: readonly [Problem, ...Problem[]];
      readonly warnings: readonly Problem[];
    };

/** Stands in for a time that is missing, so that the rest is still read for its faults; it is never told. */
const NO_TIME: Instant = "1970-01-01T00:00:00.000000000Z";

/**
 * Reads one event message as it was delivered, XML or JSON. `receivedOn` is the day it came; `workflowId` the MESH
 * workflow it came by, where that is known. Never throws: all faults that can be told are told together.
 */
export function readMessage(
  bytes: Uint8Array,
  options: { readonly receivedOn: Day; readonly workflowId?: string },
): MessageReading {
  const parsed = readBundle(bytes);
  if (!parsed.read) {
    return { verdict: "QUARANTINED", message: unidentified(bytes), faults: [parsed.fault], warnings: [] };
  }
  const { bundle } = parsed;
  const header = readHeader(bundle, digestOf(bundle), options.receivedOn, options.workflowId);
  const { event, focus, routing, findings, identification } = header;
  const { messageId, messageType, timestamp, lastUpdated } = identification;

  let told: ReturnType<Reader> = null;
  if (event !== null && isNationalEvent(event) && focus !== null && messageType !== null) {
    told = READERS[event]({
      bundle,
      event,
      messageType,
      focus,
      routing,
      asOf: lastUpdated ?? timestamp ?? NO_TIME,
      timestamp: timestamp ?? NO_TIME,
      findings,
    });
  }
  if (findings.faults.length === 0 && messageId !== null && event !== null) {
    if (!isNationalEvent(event)) {
      return { verdict: "NOT_HANDLED", message: { ...identification, messageId, event } };
    }
    if (told !== null && messageType !== null && timestamp !== null) {
      const message = { ...identification, messageId, event, messageType, timestamp };
      const tieBreak = tieBreakOf(message);
      const tells = told.tells.map((each) => ({ ...each, tieBreak }));
      return { verdict: "READ", message, reading: { ...told, tells, warnings: findings.warnings } };
    }
  }
  // Whatever is missing has left its fault where it was looked for; the default only tells the compiler so.
  const [first = findings.missing("MessageHeader"), ...others] = findings.faults;
  return {
    verdict: "QUARANTINED",
    message: identification,
    faults: [first, ...others],
    warnings: findings.warnings,
  };
}

/**
 * What orders messages of one `lastUpdated`, as text: the version of the header, that of the Patient, the time of
 * sending. Versions are whole numbers, written at one width; one that is none or is not told comes before all others.
 */
function tieBreakOf({ versionId, patientVersionId, timestamp }: Message): string {
  const version = (text: string | null) => (/^\d{1,12}$/.test(text ?? "") ? (text ?? "") : "").padStart(12, "0");
  return `${version(versionId)} ${version(patientVersionId)} ${timestamp}`;
}

/** Of what is no message, or cannot be read at all: its digest, and nothing else. */
export function unidentified(bytes: Uint8Array): Identification {
  return {
    messageId: null,
    event: null,
    messageType: null,
    lastUpdated: null,
    versionId: null,
    patientVersionId: null,
    timestamp: null,
    publisherContact: null,
    routedNhsNumber: null,
    encounterId: null,
    digest: digestOfBytes(bytes),
  };
}
