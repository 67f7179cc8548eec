/**
 * Writes event messages as their publishers do: STU3 XML, elements in the order of its schema. For invented children
 * only, in the demonstration and the tests. The same content always gives the same bytes: the ids of the entries are
 * made from the message id, and that of an encounter from its identifier, so that a later message has the same one.
 */

import { createHash } from "node:crypto";
import type { Day } from "../../schema/calendar";
import type { DeathRecorded, Sex } from "../../schema/events";
import {
  BLOOD_SPOT_CONDITIONS,
  type BloodSpotCondition,
  EXAMINED_PARTS,
  type ExaminedPart,
  HEARING_SUMMARY_CODE,
  HEARING_TEST_METHODS,
  type HearingTestOutcome,
  hearingTestOutcomeCode,
  SCREENING_COMMENT_TYPES,
  SCREENING_ENCOUNTER_TYPES,
  type ScreeningCommentType,
} from "../../schema/vocabulary/screening";
import { BIRTH_OBSERVATIONS } from "./birth";
import { type MessageType, NATIONAL_EVENTS, type NationalEvent } from "./header";
import {
  BLOOD_SPOT_OUTCOME_SYSTEMS,
  ETHNIC_CATEGORY_SYSTEMS,
  EXTENSIONS,
  ODS_DIRECTORY,
  SYSTEMS,
  VERIFICATION_SYSTEMS,
} from "./systems";

/** What every message says. Times are instants with an offset, `2026-02-03T10:00:00+00:00`. */
interface Envelope {
  /** A UUID. */
  readonly messageId: string;
  /** Only a birth may leave it out. */
  readonly lastUpdated: string | null;
  readonly timestamp: string;
  readonly versionId?: string;
}

export interface AddressContent {
  readonly lines: readonly string[];
  readonly postcode: string;
  readonly from?: Day;
  readonly to?: Day;
}

export interface PersonContent {
  readonly nhsNumber: string;
  readonly familyName: string;
  readonly givenNames: readonly string[];
  readonly bornOn: Day;
  readonly sex: Sex;
  readonly address: AddressContent | null;
}

export interface OrganisationContent {
  readonly odsCode: string;
  readonly name: string;
}

export interface BirthContent extends Envelope {
  readonly event: "pds-birth-notification-1";
  readonly baby: PersonContent;
  /** An instant with an offset; null where the time is not told. */
  readonly bornAt: string | null;
  readonly ethnicCategory: string;
  readonly mother: {
    readonly nhsNumber: string | null;
    readonly familyName: string;
    readonly givenNames: readonly string[];
    readonly bornOn: Day;
    /** ODS code. */
    readonly practice: string | null;
  };
  readonly birthOrder: number;
  readonly birthsAtDelivery: number;
  readonly weightGrams: number;
  readonly gestationWeeks: number;
  /** 1 live; 2 ante-partum, 3 intra-partum, 4 indeterminate stillbirth. */
  readonly stillbirth: "1" | "2" | "3" | "4";
  readonly abnormality: "N" | "U" | "Y";
  readonly deliveryPlace: OrganisationContent;
  readonly death?: DeathContent;
}

export interface DeathContent {
  readonly status: DeathRecorded["status"];
  /** A date, or an instant with an offset; null where removed or not known. */
  readonly diedAt: string | null;
  readonly effectiveFrom: string;
}

export interface ChangeOfAddressContent extends Envelope {
  readonly event: "pds-change-of-address-1";
  /** Their `address` is the new one. */
  readonly child: PersonContent;
  readonly previous: AddressContent | null;
}

export interface ChangeOfGpContent extends Envelope {
  readonly event: "pds-change-of-gp-1";
  readonly child: PersonContent;
  /** Null: registered nowhere. */
  readonly practice: OrganisationContent | null;
  /** Null: a first registration. */
  readonly previous: (OrganisationContent & { readonly from: Day; readonly to: Day }) | null;
}

export interface DeathMessageContent extends Envelope {
  readonly event: "pds-death-notification-1";
  readonly child: PersonContent;
  readonly death: DeathContent;
}

interface ScreeningContent extends Envelope {
  readonly messageType: MessageType;
  /** Writes the header and the encounter's identifier and no more, as deletes are published. */
  readonly minimal?: boolean;
  readonly child: PersonContent;
  readonly encounter: { readonly system: string; readonly value: string; readonly startedOn: Day };
  readonly provider: OrganisationContent;
  readonly comment?: string;
}

export interface NewbornHearingContent extends ScreeningContent {
  readonly event: "newborn-hearing-1";
  /** SNOMED CT code of the summary outcome. */
  readonly outcomeCode: string;
  readonly outcomeSetAt: string;
  readonly tests: readonly (HearingTestOutcome & { readonly enteredAt: string })[];
}

export interface BloodSpotContent extends ScreeningContent {
  readonly event: "blood-spot-test-outcome-1";
  readonly issuedAt: string;
  readonly results: readonly { readonly condition: BloodSpotCondition; readonly outcomeCode: string }[];
}

export interface NewbornExaminationContent extends ScreeningContent {
  readonly event: "nipe-outcome-1";
  readonly examinedOn: Day;
  readonly results: readonly { readonly part: ExaminedPart; readonly outcomeCode: string }[];
  readonly bcgEligible: boolean | null;
  /** Which comment type the comment is of; with no comment the message does not say which examination it was. */
  readonly commentOn?: "NEWBORN_EXAMINATION" | "INFANT_EXAMINATION";
}

export type MessageContent =
  | BirthContent
  | ChangeOfAddressContent
  | ChangeOfGpContent
  | DeathMessageContent
  | NewbornHearingContent
  | BloodSpotContent
  | NewbornExaminationContent;

/** The message as XML text, without prolog. */
export function writeMessage(content: MessageContent): string {
  const entries = WRITERS[content.event](content as never); // Each writer is keyed by the event of its content.
  const bundle = element("Bundle", [
    value("id", idOf(content.messageId, "Bundle")),
    element("meta", [value("profile", "http://hl7.org/fhir/STU3/StructureDefinition/Bundle")]),
    value("type", "message"),
    ...entries.map((entry) =>
      element("entry", [value("fullUrl", `urn:uuid:${entry.id}`), element("resource", [entry.resource])]),
    ),
  ]);
  return printed(bundle, ' xmlns="http://hl7.org/fhir"', "");
}

const WRITERS = {
  "pds-birth-notification-1": writeBirth,
  "pds-change-of-address-1": writeChangeOfAddress,
  "pds-change-of-gp-1": writeChangeOfGp,
  "pds-death-notification-1": writeDeath,
  "newborn-hearing-1": writeNewbornHearing,
  "blood-spot-test-outcome-1": writeBloodSpot,
  "nipe-outcome-1": writeNewbornExamination,
} as const satisfies Record<NationalEvent, (content: never) => readonly Entry[]>;

/** NHS Digital, which publishes what PDS tells. */
const PDS_PUBLISHER = "X26";

// Registration events.

function writeBirth(content: BirthContent): readonly Entry[] {
  const { baby, mother, messageId } = content;
  const id = (role: string) => idOf(messageId, role);
  const observed = (name: keyof typeof BIRTH_OBSERVATIONS, role: "mother" | "baby", told: Xml, codings: Xml[] = []) =>
    resource("Observation", id(`Observation ${name}`), [
      value("status", "final"),
      element("code", [
        ...codings,
        coding(SYSTEMS.SNOMED, BIRTH_OBSERVATIONS[name].snomed, BIRTH_OBSERVATIONS[name].says),
      ]),
      reference("subject", id(role)),
      told,
    ]);
  const quantity = (amount: number, unit: string, code: string) =>
    element("valueQuantity", [
      value("value", String(amount)),
      value("unit", unit),
      value("system", SYSTEMS.UNITS),
      value("code", code),
    ]);
  const indicator = (system: string, code: string) => element("valueCodeableConcept", [coding(system, code)]);
  const routed = {
    nhsNumber: mother.nhsNumber,
    familyName: mother.familyName,
    givenNames: mother.givenNames,
    bornOn: mother.bornOn,
  };
  return [
    header(content, "new", routed, id("Communication"), null),
    pdsService(messageId),
    communication(messageId, id("mother")),
    resource("Patient", id("mother"), [
      ...(mother.nhsNumber === null ? [] : [verifiedNumber(mother.nhsNumber)]),
      officialName(mother),
      value("birthDate", mother.bornOn),
      ...(mother.practice === null ? [] : [directoryReference("generalPractitioner", mother.practice)]),
      element("link", [reference("other", id("RelatedPerson")), value("type", "seealso")]),
    ]),
    resource("RelatedPerson", id("RelatedPerson"), [
      reference("patient", id("baby")),
      element("relationship", [coding(SYSTEMS.ROLE, "NMTH", "natural mother")]),
    ]),
    patient(id("baby"), baby, {
      bornAt: content.bornAt,
      birthOrder: content.birthOrder,
      death: content.death,
      ethnicCategory: content.ethnicCategory,
    }),
    observed(
      "BIRTHS_AT_DELIVERY",
      "mother",
      element("valueQuantity", [value("value", String(content.birthsAtDelivery))]),
    ),
    observed("WEIGHT", "baby", quantity(content.weightGrams, "gram", "g"), [
      coding(SYSTEMS.LOINC, "29463-7", "Body weight"),
    ]),
    observed("GESTATION", "baby", quantity(content.gestationWeeks, "week", "wk")),
    observed("STILLBIRTH", "baby", indicator(SYSTEMS.STILLBIRTH, content.stillbirth)),
    observed("ABNORMALITY", "baby", indicator(SYSTEMS.ABNORMALITY, content.abnormality)),
    resource("EpisodeOfCare", id("EpisodeOfCare"), [
      value("status", "active"),
      element("type", [coding(SYSTEMS.BIRTH_EPISODE, "delivery-place", "Delivery Place")]),
      reference("patient", id("baby")),
      reference("managingOrganization", id("delivery place")),
    ]),
    organisation(id("delivery place"), content.deliveryPlace),
  ];
}

function writeChangeOfAddress(content: ChangeOfAddressContent): readonly Entry[] {
  const child = idOf(content.messageId, "child");
  return [
    ...registration(content, content.child),
    patient(child, content.child, { previousAddress: content.previous }),
  ];
}

function writeChangeOfGp(content: ChangeOfGpContent): readonly Entry[] {
  const { messageId, practice, previous } = content;
  const id = (role: string) => idOf(messageId, role);
  return [
    ...registration(content, content.child),
    patient(id("child"), content.child, { practiceId: practice === null ? null : id("practice") }),
    ...(practice === null ? [] : [organisation(id("practice"), practice)]),
    ...(previous === null
      ? []
      : [
          resource("EpisodeOfCare", id("EpisodeOfCare"), [
            value("status", "finished"),
            element("type", [coding(SYSTEMS.CARE_PROVISION, "1", "Primary care")]),
            reference("patient", id("child")),
            reference("managingOrganization", id("previous practice")),
            period(previous),
          ]),
          organisation(id("previous practice"), previous),
        ]),
  ];
}

function writeDeath(content: DeathMessageContent): readonly Entry[] {
  const child = idOf(content.messageId, "child");
  return [...registration(content, content.child), patient(child, content.child, { death: content.death })];
}

/** What the three events of a registered child begin with. */
function registration(
  content: Exclude<MessageContent, BirthContent | ScreeningContent>,
  child: PersonContent,
): Entry[] {
  const { messageId } = content;
  return [
    header(content, "new", child, idOf(messageId, "Communication"), null),
    pdsService(messageId),
    communication(messageId, idOf(messageId, "child")),
  ];
}

function pdsService(messageId: string): Entry {
  return resource("HealthcareService", idOf(messageId, "HealthcareService"), [
    directoryReference("providedBy", PDS_PUBLISHER),
    element("type", [coding(SYSTEMS.SERVICE_TYPE, "PDS", "Personal Demographics Service")]),
  ]);
}

function communication(messageId: string, subject: string): Entry {
  return resource("Communication", idOf(messageId, "Communication"), [
    value("status", "completed"),
    reference("subject", subject),
  ]);
}

// Screening events.

function writeNewbornHearing(content: NewbornHearingContent): readonly Entry[] {
  const tests = content.tests.map((test, i) =>
    procedure(content, `Procedure ${i}`, {
      code: HEARING_TEST_METHODS[test.method].snomed,
      says: HEARING_TEST_METHODS[test.method].says,
      performedAt: test.enteredAt,
      outcome: coding(SYSTEMS.SNOMED, hearingTestOutcomeCode(test)),
    }),
  );
  const summary = resource("Observation", idOf(content.messageId, "Observation"), [
    value("status", "final"),
    element("code", [coding(SYSTEMS.SNOMED, HEARING_SUMMARY_CODE, "Newborn hearing screening programme outcome")]),
    ...belonging(content),
    value("effectiveDateTime", content.outcomeSetAt),
    element("valueCodeableConcept", [coding(SYSTEMS.SNOMED, content.outcomeCode)]),
  ]);
  return screening(content, "NEWBORN_HEARING", "NEWBORN_HEARING", [...tests, summary]);
}

function writeBloodSpot(content: BloodSpotContent): readonly Entry[] {
  const report = idOf(content.messageId, "DiagnosticReport");
  const results = content.results.map(({ condition, outcomeCode }, i) =>
    procedure(content, `Procedure ${i}`, {
      code: BLOOD_SPOT_CONDITIONS[condition].snomed,
      says: BLOOD_SPOT_CONDITIONS[condition].says,
      outcome: coding(BLOOD_SPOT_OUTCOME_SYSTEMS[0], outcomeCode),
      report,
    }),
  );
  return screening(content, "NEWBORN_BLOOD_SPOT", "NEWBORN_BLOOD_SPOT", [
    ...results,
    resource("DiagnosticReport", report, [
      value("status", "final"),
      element("code", [coding(SYSTEMS.SNOMED, "86637100000010", "Child Screening Report")]),
      ...belonging(content),
      value("issued", content.issuedAt),
    ]),
  ]);
}

function writeNewbornExamination(content: NewbornExaminationContent): readonly Entry[] {
  const results = content.results.map(({ part, outcomeCode }, i) =>
    procedure(content, `Procedure ${i}`, {
      code: EXAMINED_PARTS[part].snomed,
      says: EXAMINED_PARTS[part].says,
      performedAt: content.examinedOn,
      outcome: coding(SYSTEMS.SNOMED, outcomeCode),
    }),
  );
  const { bcgEligible } = content;
  const bcg =
    bcgEligible === null
      ? []
      : [
          resource("Observation", idOf(content.messageId, "Observation"), [
            value("status", "final"),
            element("code", [coding(null, "bcg-eligibility", "Eligibility for BCG")]),
            ...belonging(content),
            element("valueCodeableConcept", [coding(null, bcgEligible ? "eligible-for-bcg" : "not-eligible-for-bcg")]),
          ]),
        ];
  const commentOn = content.commentOn ?? "NEWBORN_EXAMINATION";
  return screening(content, "NEWBORN_EXAMINATION", commentOn, [...results, ...bcg]);
}

type AnyScreeningContent = NewbornHearingContent | BloodSpotContent | NewbornExaminationContent;

function screening(
  content: AnyScreeningContent,
  type: keyof typeof SCREENING_ENCOUNTER_TYPES,
  commentType: ScreeningCommentType,
  results: readonly Entry[],
): readonly Entry[] {
  const { messageId, child, encounter, provider } = content;
  const id = (role: string) => idOf(messageId, role);
  const minimal = content.minimal === true;
  const routed = minimal ? { nhsNumber: child.nhsNumber, familyName: null, givenNames: [], bornOn: null } : child;
  const status = content.messageType === "delete" ? "entered-in-error" : "finished";
  const { code, says } = SCREENING_ENCOUNTER_TYPES[type];
  const comments =
    content.comment === undefined
      ? []
      : [
          resource("Communication", id("comment"), [
            value("status", "completed"),
            element("category", [coding(SYSTEMS.COMMENT_TYPE, SCREENING_COMMENT_TYPES[commentType].code)]),
            reference("subject", id("child")),
            element("payload", [value("contentString", content.comment)]),
          ]),
        ];
  return [
    header(content, content.messageType, routed, encounterId(content), provider),
    organisation(id("provider"), provider),
    ...(minimal ? [] : [patient(id("child"), child, {}), ...results, ...comments]),
    resource("Encounter", encounterId(content), [
      element("identifier", [value("system", encounter.system), value("value", encounter.value)]),
      value("status", status),
      element("type", [coding(SYSTEMS.ENCOUNTER_TYPE, code, says)]),
      ...(minimal
        ? []
        : [
            reference("subject", id("child")),
            period({ from: encounter.startedOn }),
            reference("serviceProvider", id("provider")),
          ]),
    ]),
  ];
}

function procedure(
  content: AnyScreeningContent,
  role: string,
  told: {
    readonly code: string;
    readonly says: string;
    readonly performedAt?: string;
    readonly outcome: Xml;
    readonly report?: string;
  },
): Entry {
  return resource("Procedure", idOf(content.messageId, role), [
    value("status", "completed"),
    element("code", [coding(SYSTEMS.SNOMED, told.code, told.says)]),
    ...belonging(content),
    ...(told.performedAt === undefined ? [] : [value("performedDateTime", told.performedAt)]),
    element("outcome", [told.outcome]),
    ...(told.report === undefined ? [] : [reference("report", told.report)]),
  ]);
}

/** Whose result it is, and of which encounter. */
function belonging(content: AnyScreeningContent): readonly Xml[] {
  return [reference("subject", idOf(content.messageId, "child")), reference("context", encounterId(content))];
}

function encounterId({ event, encounter }: AnyScreeningContent): string {
  return idOf(`${event}|${encounter.system}|${encounter.value}`, "Encounter");
}

// What all events are made of.

interface Routed {
  readonly nhsNumber: string | null;
  readonly familyName: string | null;
  readonly givenNames: readonly string[];
  readonly bornOn: Day | null;
}

function header(
  content: MessageContent,
  messageType: MessageType,
  routed: Routed,
  focus: string,
  publisher: OrganisationContent | null,
): Entry {
  const { familyName, givenNames } = routed;
  const parts = [
    ...(routed.nhsNumber === null
      ? []
      : [extension("nhsNumber", [element("valueIdentifier", nhsNumber(routed.nhsNumber))])]),
    ...(familyName === null
      ? []
      : [extension("name", [element("valueHumanName", nameParts({ familyName, givenNames }))])]),
    ...(routed.bornOn === null ? [] : [extension("birthDateTime", [value("valueDateTime", routed.bornOn)])]),
  ];
  const meta = [
    ...(content.versionId === undefined ? [] : [value("versionId", content.versionId)]),
    ...(content.lastUpdated === null ? [] : [value("lastUpdated", content.lastUpdated)]),
    value("profile", "https://fhir.nhs.uk/STU3/StructureDefinition/Event-MessageHeader-1"),
  ];
  const says = `${messageType.slice(0, 1).toUpperCase()}${messageType.slice(1)} event message`;
  return {
    id: content.messageId,
    resource: element("MessageHeader", [
      value("id", content.messageId),
      element("meta", meta),
      extension(EXTENSIONS.ROUTING, parts),
      extension(EXTENSIONS.MESSAGE_TYPE, [
        element("valueCodeableConcept", [coding(SYSTEMS.MESSAGE_TYPE, messageType, says)]),
      ]),
      element("event", codingParts(SYSTEMS.EVENT, content.event, NATIONAL_EVENTS[content.event].display)),
      value("timestamp", content.timestamp),
      element("source", [
        value("name", publisher?.name ?? "Personal Demographics Service"),
        element("contact", [value("system", "email"), value("value", "service.desk@example.nhs.uk")]),
        value("endpoint", "urn:nhs:addressing:asid:200000000000"),
      ]),
      publisher === null
        ? directoryReference("responsible", PDS_PUBLISHER)
        : reference("responsible", idOf(content.messageId, "provider")),
      reference("focus", focus),
    ]),
  };
}

const GENDERS: Readonly<Record<Sex, string>> = {
  MALE: "male",
  FEMALE: "female",
  NOT_SPECIFIED: "other",
  NOT_KNOWN: "unknown",
};

const DEATH_STATUS_CODES: Readonly<Record<DeathRecorded["status"], string>> = {
  INFORMAL: "1",
  FORMAL: "2",
  REMOVED: "U",
};

interface PatientParticulars {
  readonly bornAt?: string | null;
  readonly birthOrder?: number;
  readonly ethnicCategory?: string;
  readonly death?: DeathContent;
  readonly previousAddress?: AddressContent | null;
  readonly practiceId?: string | null;
}

function patient(id: string, person: PersonContent, particulars: PatientParticulars): Entry {
  const { bornAt, birthOrder, ethnicCategory, death, previousAddress, practiceId } = particulars;
  const concept = (system: string, code: string) => element("valueCodeableConcept", [coding(system, code)]);
  const bornExtension = bornAt ? [extension(EXTENSIONS.BIRTH_TIME, [value("valueDateTime", bornAt)])] : [];
  return resource("Patient", id, [
    ...(ethnicCategory === undefined
      ? []
      : [extension(EXTENSIONS.ETHNIC_CATEGORY, [concept(ETHNIC_CATEGORY_SYSTEMS[0], ethnicCategory)])]),
    ...(death === undefined
      ? []
      : [
          extension(EXTENSIONS.DEATH_STATUS, [
            extension("deathNotificationStatus", [concept(SYSTEMS.DEATH_STATUS, DEATH_STATUS_CODES[death.status])]),
            extension("systemEffectiveDate", [value("valueDateTime", death.effectiveFrom)]),
          ]),
        ]),
    verifiedNumber(person.nhsNumber),
    officialName(person),
    value("gender", GENDERS[person.sex]),
    { name: "birthDate", value: person.bornOn, children: bornExtension },
    ...(death?.diedAt ? [value("deceasedDateTime", death.diedAt)] : []),
    ...(person.address === null ? [] : [address("home", person.address)]),
    ...(previousAddress ? [address("old", previousAddress)] : []),
    ...(birthOrder === undefined ? [] : [value("multipleBirthInteger", String(birthOrder))]),
    ...(practiceId ? [reference("generalPractitioner", practiceId)] : []),
  ]);
}

function verifiedNumber(number: string): Xml {
  return element("identifier", [
    extension(EXTENSIONS.VERIFICATION, [
      element("valueCodeableConcept", [coding(VERIFICATION_SYSTEMS[0], "01", "Number present and verified")]),
    ]),
    ...nhsNumber(number),
  ]);
}

function nhsNumber(number: string): readonly Xml[] {
  return [value("system", SYSTEMS.NHS_NUMBER), value("value", number)];
}

function officialName(person: { readonly familyName: string; readonly givenNames: readonly string[] }): Xml {
  return element("name", nameParts(person));
}

function nameParts(person: { readonly familyName: string; readonly givenNames: readonly string[] }): readonly Xml[] {
  return [
    value("use", "official"),
    value("family", person.familyName),
    ...person.givenNames.map((given) => value("given", given)),
  ];
}

function address(use: "home" | "old", content: AddressContent): Xml {
  return element("address", [
    value("use", use),
    ...content.lines.map((line) => value("line", line)),
    value("postalCode", content.postcode),
    ...(content.from === undefined && content.to === undefined ? [] : [period(content)]),
  ]);
}

function period({ from, to }: { readonly from?: Day; readonly to?: Day }): Xml {
  return element("period", [
    ...(from === undefined ? [] : [value("start", from)]),
    ...(to === undefined ? [] : [value("end", to)]),
  ]);
}

function organisation(id: string, { odsCode, name }: OrganisationContent): Entry {
  return resource("Organization", id, [
    element("identifier", [value("system", SYSTEMS.ODS_ORGANISATION), value("value", odsCode)]),
    value("name", name),
  ]);
}

function coding(system: string | null, code: string, display?: string): Xml {
  return element("coding", codingParts(system, code, display));
}

function codingParts(system: string | null, code: string, display?: string): readonly Xml[] {
  return [
    ...(system === null ? [] : [value("system", system)]),
    value("code", code),
    ...(display === undefined ? [] : [value("display", display)]),
  ];
}

function reference(name: string, id: string): Xml {
  return element(name, [value("reference", `urn:uuid:${id}`)]);
}

function directoryReference(name: string, odsCode: string): Xml {
  return element(name, [value("reference", `${ODS_DIRECTORY}${odsCode}`)]);
}

// XML.

interface Xml {
  readonly name: string;
  readonly value?: string;
  readonly url?: string;
  readonly children: readonly Xml[];
}

interface Entry {
  readonly id: string;
  readonly resource: Xml;
}

function resource(type: string, id: string, children: readonly Xml[]): Entry {
  const profile = `https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-${type}-1`;
  return { id, resource: element(type, [value("id", id), element("meta", [value("profile", profile)]), ...children]) };
}

function element(name: string, children: readonly Xml[]): Xml {
  return { name, children };
}

function value(name: string, text: string): Xml {
  return { name, value: text, children: [] };
}

function extension(url: string, children: readonly Xml[]): Xml {
  return { name: "extension", url, children };
}

function printed(xml: Xml, namespace: string, indent: string): string {
  const url = xml.url === undefined ? "" : ` url="${escaped(xml.url)}"`;
  const told = xml.value === undefined ? "" : ` value="${escaped(xml.value)}"`;
  const open = `${indent}<${xml.name}${namespace}${url}${told}`;
  if (xml.children.length === 0) return `${open}/>`;
  const inside = xml.children.map((child) => printed(child, "", `${indent}  `));
  return [`${open}>`, ...inside, `${indent}</${xml.name}>`].join("\n");
}

function escaped(text: string): string {
  const named = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
  // A line break in an attribute would be read as a space.
  return named.replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A UUID made from what the resource is to its message. */
function idOf(of: string, role: string): string {
  const hex = createHash("sha256").update(`${of}/${role}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
