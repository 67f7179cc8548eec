/** What each reader is given: a message whose envelope has been read, and where to tell what is wrong with it. */

import type { Instant } from "../../schema/calendar";
import type { Reading } from "../reading";
import type { Bundle, Element } from "./bundle";
import type { Findings } from "./findings";
import type { MessageType, NationalEvent, Routing } from "./header";

export interface EventMessage {
  readonly bundle: Bundle;
  readonly event: NationalEvent;
  readonly messageType: MessageType;
  /** The Communication or Encounter that the event is about. */
  readonly focus: Element;
  readonly routing: Routing;
  /** When what it tells was true: `lastUpdated`, and for a birth without one the timestamp. */
  readonly asOf: Instant;
  readonly timestamp: Instant;
  readonly findings: Findings;
}

/** What a message of one event tells; null, with a fault among the findings, where it cannot be told. */
export type Reader = (message: EventMessage) => Omit<Reading, "warnings"> | null;

/** The Patient a message is about, by the `subject` of its focus; null, as a fault, where that leads to none. */
export function subjectOf({ bundle, focus, findings }: EventMessage): Element | null {
  const patient = bundle.resolve(focus.first("subject"));
  if (patient?.name === "Patient") return patient;
  findings.fault(findings.missing(`Patient of ${focus.pathOf("subject")}`));
  return null;
}
