/**
 * The envelope that every event message has: which event it tells of, when, from whom, about whom.
 *
 * Source: nhsconnect/Events-Management, generic event requirements; profile Event-MessageHeader-1 v1.2.0.
 */

import { type Day, type Instant, isDay, londonDay, readInstant } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { type NhsNumber, readNhsNumber } from "../../schema/nhs-number";
import type { Bundle, Element } from "./bundle";
import { Findings, invalid, printable } from "./findings";
import { EXTENSIONS, SYSTEMS } from "./systems";

export type MessageType = "new" | "update" | "delete";

interface NationalEventRow {
  readonly display: string;
  /** The MESH workflow that carries it. */
  readonly workflow: string;
  /** The type of the one resource that the header's focus points at. */
  readonly focus: "Communication" | "Encounter";
  readonly messageTypes: readonly MessageType[];
  /** Types that will not be sent, and are applied with a warning if they come all the same. */
  readonly tolerated: readonly MessageType[];
  /** Without it a message cannot be ordered. Only a birth is sent once, and may leave it out. */
  readonly needsLastUpdated: boolean;
}

const REGISTRATION = { focus: "Communication", messageTypes: ["new"], tolerated: [], needsLastUpdated: true } as const;
const SCREENING = {
  focus: "Encounter",
  messageTypes: ["new", "delete"],
  tolerated: ["update"],
  needsLastUpdated: true,
} as const;

/** The national events this service reads, by their code. */
export const NATIONAL_EVENTS = {
  "pds-birth-notification-1": {
    ...REGISTRATION,
    display: "PDS Birth Notification",
    workflow: "BIRTHNOTIFICATION_1",
    needsLastUpdated: false,
  },
  "pds-change-of-address-1": {
    ...REGISTRATION,
    display: "PDS Change of Address",
    workflow: "CHANGEOFADDRESS_1",
  },
  "pds-change-of-gp-1": { ...REGISTRATION, display: "PDS Change of GP", workflow: "CHANGEOFGP_1" },
  "pds-death-notification-1": {
    ...REGISTRATION,
    display: "PDS Death Notification",
    workflow: "DEATHNOTIFICATION_1",
  },
  "newborn-hearing-1": { ...SCREENING, display: "Newborn Hearing", workflow: "NEWBORNHEARING_1" },
  "blood-spot-test-outcome-1": {
    ...SCREENING,
    display: "Blood Spot Test Outcome",
    workflow: "BLOODSPOTTESTOUTCOME_1",
  },
  "nipe-outcome-1": { ...SCREENING, display: "NIPE outcome", workflow: "NIPEOUTCOME_1" },
} as const satisfies Record<string, NationalEventRow>;
export type NationalEvent = keyof typeof NATIONAL_EVENTS;

/** Events that may reach the same mailbox and are out of scope: acknowledged, and nothing changes. */
export const NEIGHBOURING_EVENTS = {
  "pds-record-change-1": { workflow: "PDSRECORDCHANGE_1" },
  "vaccinations-1": { workflow: "VACCINATIONS_1" },
  "professional-contacts-1": { workflow: "PROFESSIONALCONTACTS_1" },
} as const;
export type NeighbouringEvent = keyof typeof NEIGHBOURING_EVENTS;

/** What could be told of a message, even of one at fault; null where it could not. */
export interface Identification {
  /** Of the header; in small letters. Unique to a publication, and now and then reused by mistake. */
  readonly messageId: string | null;
  readonly event: string | null;
  readonly messageType: MessageType | null;
  /** When the change happened in the publishing system: the ordering key. */
  readonly lastUpdated: Instant | null;
  /** In this order they decide between messages of one `lastUpdated`: of the header, of the Patient, `timestamp`. */
  readonly versionId: string | null;
  readonly patientVersionId: string | null;
  /** When it was sent. */
  readonly timestamp: Instant | null;
  /** `email someone@nhs.net`: whom to tell of a bad message. */
  readonly publisherContact: string | null;
  /** The number it was routed on: the child's, but the mother's for a birth. Null where it is none. */
  readonly routedNhsNumber: NhsNumber | null;
  /** The logical id of a screening encounter, by which the events of one visit are linked. */
  readonly encounterId: string | null;
  /** Two deliveries say the same when this is equal. */
  readonly digest: string;
}

/** Whom the message was routed on, from the header. Texts as written. */
export interface Routing {
  readonly element: Element | null;
  readonly nhsNumber: string | null;
  readonly familyName: string | null;
  readonly givenNames: string | null;
  readonly bornOn: Day | null;
}

export interface Header {
  readonly identification: Identification;
  readonly event: NationalEvent | NeighbouringEvent | null;
  /** The resource the message is about; null where it does not resolve. */
  readonly focus: Element | null;
  readonly routing: Routing;
  readonly findings: Findings;
}

/** Reads the envelope; checks 1 to 8 and 13 of the receiving rules. `digest` is that of the bundle. */
export function readHeader(bundle: Bundle, digest: string, receivedOn: Day, workflowId: string | undefined): Header {
  const headers = bundle.ofType("MessageHeader");
  const header = headers[0] ?? null;
  const code = header?.text("event", "code") ?? null;
  const event = eventOf(header);
  const findings = new Findings(event ?? "national event", receivedOn);

  if (bundle.root.text("type") !== "message") findings.fault(invalid("Bundle.type", "message"));
  const first = bundle.root.first("entry")?.first("resource")?.children[0];
  if (first?.name !== "MessageHeader") findings.fault(invalid("Bundle.entry[0].resource", "a MessageHeader"));
  if (headers.length > 1) findings.fault(invalid("Bundle", "a message with exactly one MessageHeader"));
  for (const element of bundle.root.walk()) {
    // Such an extension may turn the meaning of what it stands in into its opposite.
    if (element.name === "modifierExtension") findings.fault(invalid(element.path, "an extension that is known here"));
  }
  const routing = readRouting(header);
  const identification: Identification = {
    messageId: header === null ? null : readMessageId(header, findings),
    event: code === null ? null : printable(code),
    messageType: null,
    lastUpdated: readInstant(header?.text("meta", "lastUpdated") ?? ""),
    versionId: header?.text("meta", "versionId") ?? null,
    patientVersionId: null,
    timestamp: readInstant(header?.text("timestamp") ?? ""),
    publisherContact: contactOf(header),
    routedNhsNumber: validNumber(routing.nhsNumber),
    encounterId: null,
    digest,
  };
  if (header === null) return { identification, event, focus: null, routing, findings };
  if (event === null) {
    const system = header.text("event", "system");
    const slots = {
      code: code === null ? "(none)" : printable(code),
      system: system === null ? "(none)" : printable(system),
    };
    findings.fault(new Problem("EVENT_UNKNOWN", slots));
    return { identification, event, focus: null, routing, findings };
  }
  const workflow = isNationalEvent(event) ? NATIONAL_EVENTS[event].workflow : NEIGHBOURING_EVENTS[event].workflow;
  if (workflowId !== undefined && workflowId !== workflow) {
    findings.fault(new Problem("WORKFLOW_MISMATCH", { workflow: printable(workflowId), event }));
  }
  if (!isNationalEvent(event)) return { identification, event, focus: null, routing, findings };

  const row = NATIONAL_EVENTS[event];
  const messageType = readMessageType(header, row, findings);
  readTimes(header, row, findings);
  if (identification.publisherContact === null) findings.warn(findings.missing(header.pathOf("source", "contact")));
  const focus = readFocus(bundle, header, row, findings);
  warnOfLooseEnds(bundle, header, findings);
  const patient = bundle.resolve(focus?.first("subject") ?? null);
  return {
    identification: {
      ...identification,
      messageType,
      patientVersionId: patient?.text("meta", "versionId") ?? null,
      encounterId: focus?.name === "Encounter" ? focus.text("id") : null,
    },
    event,
    focus,
    routing,
    findings,
  };
}

export function isNationalEvent(event: string): event is NationalEvent {
  return Object.hasOwn(NATIONAL_EVENTS, event);
}

function eventOf(header: Element | null): NationalEvent | NeighbouringEvent | null {
  const code = header?.text("event", "code") ?? null;
  if (code === null || header?.text("event", "system") !== SYSTEMS.EVENT) return null;
  return isNationalEvent(code) || isNeighbouringEvent(code) ? code : null;
}

function isNeighbouringEvent(event: string): event is NeighbouringEvent {
  return Object.hasOwn(NEIGHBOURING_EVENTS, event);
}

function readMessageId(header: Element, findings: Findings): string | null {
  const id = header.text("id")?.toLowerCase() ?? null;
  if (id === null) findings.fault(findings.missing(header.pathOf("id")));
  else if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    findings.fault(invalid(header.pathOf("id"), "a UUID"));
    return null;
  }
  return id;
}

function readMessageType(header: Element, row: NationalEventRow, findings: Findings): MessageType | null {
  const extensions = header.extensions(EXTENSIONS.MESSAGE_TYPE);
  const codings = extensions.flatMap((extension) => extension.all("valueCodeableConcept", "coding"));
  const ours = codings.filter((coding) => coding.text("system") === SYSTEMS.MESSAGE_TYPE);
  const at = extensions[0]?.pathOf("valueCodeableConcept") ?? header.pathOf("extension(MessageEventType-1)");
  const code = ours[0]?.text("code") ?? null;
  if (code === null) {
    findings.fault(findings.missing(at));
    return null;
  }
  if (ours.length > 1) findings.fault(invalid(at, "exactly one message type"));
  if (code !== "new" && code !== "update" && code !== "delete") {
    findings.fault(invalid(at, "new, update or delete"));
    return null;
  }
  const notAllowed = new Problem("EVENT_TYPE_NOT_ALLOWED", { event: findings.event, type: code });
  if (row.tolerated.includes(code)) findings.warn(notAllowed);
  else if (!row.messageTypes.includes(code)) findings.fault(notAllowed);
  return code;
}

function readTimes(header: Element, row: NationalEventRow, findings: Findings): void {
  const lastUpdated = findings.instant(header, "meta", "lastUpdated");
  const at = header.pathOf("meta", "lastUpdated");
  if (row.needsLastUpdated && header.text("meta", "lastUpdated") === null) findings.fault(findings.missing(at));
  // One that lies ahead would win over every later message of its key.
  if (lastUpdated !== null) findings.notLaterThanReceived(londonDay(lastUpdated), at);
  const timestamp = findings.instant(header, "timestamp");
  if (header.text("timestamp") === null) findings.fault(findings.missing(header.pathOf("timestamp")));
  if (timestamp !== null) findings.notLaterThanReceived(londonDay(timestamp), header.pathOf("timestamp"));
}

function readFocus(bundle: Bundle, header: Element, row: NationalEventRow, findings: Findings): Element | null {
  const references = header.all("focus");
  const focus = bundle.resolve(references[0] ?? null);
  if (references.length === 1 && focus?.name === row.focus) return focus;
  const at = header.pathOf("focus");
  findings.fault(
    references.length === 0 ? findings.missing(at) : invalid(at, `one reference to a ${row.focus} of the message`),
  );
  return null;
}

/** Links that tell where a message came from: that one leads nowhere stops nothing. */
function warnOfLooseEnds(bundle: Bundle, header: Element, findings: Findings): void {
  const links = [
    ...header.all("responsible"),
    ...bundle.ofType("Communication").flatMap((communication) => communication.all("sender")),
    ...bundle
      .ofType("HealthcareService")
      .flatMap((service) => [...service.all("providedBy"), ...service.all("location")]),
  ];
  for (const link of links) {
    if (bundle.resolve(link) === null && bundle.odsCode(link) === null) {
      findings.warn(invalid(link.path, "a reference that leads to an entry of the message"));
    }
  }
}

function readRouting(header: Element | null): Routing {
  const element = header?.extensions(EXTENSIONS.ROUTING)[0] ?? null;
  const part = (url: string) => element?.extensions(url)[0] ?? null;
  const identifier = part("nhsNumber")?.first("valueIdentifier") ?? null;
  const name = part("name")?.first("valueHumanName") ?? null;
  // A bare date, or one with any time of day: what is written before the T, in no time zone.
  const bornOn = part("birthDateTime")?.text("valueDateTime")?.split("T")[0] ?? "";
  return {
    element,
    nhsNumber: identifier?.text("system") === SYSTEMS.NHS_NUMBER ? identifier.text("value") : null,
    familyName: name?.text("family") ?? null,
    givenNames: givenNamesOf(name),
    bornOn: isDay(bornOn) ? bornOn : null,
  };
}

/** The given names of a HumanName as one text; null where it has none. */
export function givenNamesOf(name: Element | null): string | null {
  const given = (name?.all("given") ?? []).flatMap((element) => element.value?.trim() || []);
  return given.join(" ") || null;
}

function contactOf(header: Element | null): string | null {
  const contact = header?.first("source", "contact") ?? null;
  const value = contact?.text("value") ?? null;
  return value === null ? null : [contact?.text("system"), value].filter(Boolean).join(" ");
}

function validNumber(text: string | null): NhsNumber | null {
  const reading = readNhsNumber(text ?? "");
  return reading.valid ? reading.nhsNumber : null;
}
