/** Whom a message is about: the Patient it leads to, and whether that is the person it was routed on. */

import type { Day } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { AddressRecorded, DeathRecorded, Sex } from "../../schema/events";
import { type NhsNumber, readNhsNumber } from "../../schema/nhs-number";
import { localAuthorityOfPostcode } from "../../schema/vocabulary/practices";
import type { Identity } from "../reading";
import type { Element } from "./bundle";
import { codesOf, type Findings, invalid } from "./findings";
import { givenNamesOf, type Routing } from "./header";
import { EXTENSIONS, SYSTEMS, VERIFICATION_SYSTEMS } from "./systems";

const SEXES: Readonly<Record<string, Sex>> = {
  male: "MALE",
  female: "FEMALE",
  other: "NOT_SPECIFIED",
  unknown: "NOT_KNOWN",
};

/** National status of a death notification. `U`: it was recorded in error and the child is alive. */
const DEATH_STATUSES: Readonly<Record<string, DeathRecorded["status"]>> = {
  "1": "INFORMAL",
  "2": "FORMAL",
  U: "REMOVED",
};

/**
 * The child of a message whose Patient must be the person it was routed on: checks 10 to 12. Another number is a
 * fault; another date of birth a warning, for it occurs in messages about one and the same child.
 */
export function readChild(patient: Element, routing: Routing, findings: Findings): Identity {
  const { text, nhsNumber } = readVerifiedNumber(patient, findings);
  const routed = readRoutedNumber(routing, findings);
  if (text !== null && routed !== null && !sameDigits(text, routed)) {
    findings.fault(
      new Problem("IDENTITY_MISMATCH", { element: patient.pathOf("identifier"), other: routedNumberPath(routing) }),
    );
  }
  const identity = readIdentity(patient, nhsNumber, findings);
  if (identity.bornOn !== null && routing.bornOn !== null && identity.bornOn !== routing.bornOn) {
    const at = routing.element?.pathOf("birthDateTime") ?? "MessageHeader";
    findings.warn(invalid(at, `the date of birth at ${patient.pathOf("birthDate")}`));
  }
  return { ...identity, bornOn: identity.bornOn ?? routing.bornOn };
}

/** The child of a message without Patient, known by the header alone. */
export function readRoutedChild(routing: Routing, findings: Findings): Identity {
  const text = readRoutedNumber(routing, findings);
  const reading = readNhsNumber(text ?? "");
  return {
    localId: null,
    nhsNumber: reading.valid ? reading.nhsNumber : null,
    supersededNhsNumbers: [],
    familyName: routing.familyName,
    givenNames: routing.givenNames,
    bornOn: routing.bornOn,
    postcode: null,
    sex: null,
  };
}

/** The Patient's own particulars; `nhsNumber` has been read before. */
export function readIdentity(patient: Element, nhsNumber: NhsNumber | null, findings: Findings): Identity {
  const name = officialName(patient);
  return {
    localId: null,
    nhsNumber,
    supersededNhsNumbers: [],
    familyName: name?.text("family") ?? null,
    givenNames: givenNamesOf(name),
    bornOn: findings.pastDay(patient, "birthDate"),
    postcode: homeAddress(patient)?.text("postalCode") ?? null,
    sex: SEXES[patient.text("gender") ?? ""] ?? null,
  };
}

/** The one official name; null where there is none. */
export function officialName(patient: Element): Element | null {
  return patient.all("name").find((name) => name.text("use") === "official") ?? null;
}

/** The usual address. `use` is not always told; a former or temporary address is never taken for it. */
export function homeAddress(patient: Element): Element | null {
  const addresses = patient.all("address");
  const home = addresses.find((address) => address.text("use") === "home");
  return home ?? addresses.find((address) => address.text("use") === null) ?? null;
}

/** Where it is and since when; `to` excluded. City and district stay at the end of the lines, as in print. */
export function readAddress(
  address: Element,
  findings: Findings,
): Pick<AddressRecorded, "lines" | "postcode" | "localAuthority" | "from" | "to"> {
  const lines = ["line", "city", "district"].flatMap((step) => address.all(step));
  const postcode = address.text("postalCode");
  return {
    lines: lines.flatMap((line) => line.value?.trim() || []),
    postcode,
    localAuthority: postcode === null ? null : localAuthorityOfPostcode(postcode),
    from: findings.day(address, "period", "start"),
    to: findings.day(address, "period", "end"),
  };
}

/**
 * The NHS number of a Patient, which must be one, verified (status 01): whatever is wrong with it is a fault. `text`
 * is as written, to compare even a number that is none.
 */
export function readVerifiedNumber(
  patient: Element,
  findings: Findings,
): { readonly text: string | null; readonly nhsNumber: NhsNumber | null } {
  const identifiers = patient.all("identifier").filter((one) => one.text("system") === SYSTEMS.NHS_NUMBER);
  const [identifier] = identifiers;
  const text = identifier?.text("value") ?? null;
  if (identifier === undefined || text === null) {
    findings.fault(findings.missing(patient.pathOf("identifier(NHS number)")));
    return { text: null, nhsNumber: null };
  }
  if (identifiers.length > 1) findings.fault(invalid(patient.pathOf("identifier"), "a single NHS number"));
  const reading = readNhsNumber(text);
  if (!reading.valid) {
    findings.fault(new Problem("NHS_INVALID", { at: identifier.pathOf("value"), fault: reading.fault }));
  }
  if (!isVerified(identifier)) {
    findings.fault(invalid(identifier.path, "an NHS number with verification status 01"));
  }
  return { text, nhsNumber: reading.valid ? reading.nhsNumber : null };
}

export function isVerified(identifier: Element): boolean {
  const concepts = identifier.extensions(EXTENSIONS.VERIFICATION).map((one) => one.first("valueCodeableConcept"));
  const codes = concepts.flatMap((concept) => codesOf(concept, VERIFICATION_SYSTEMS));
  return codes.length > 0 && codes.every((code) => code === "01");
}

export interface DeathNotice {
  /** Whether the message gives a status, be it one that is none. */
  readonly told: boolean;
  readonly status: DeathRecorded["status"] | null;
  /** Whether the Patient carries a date of death, or says that they died. */
  readonly deceased: boolean;
  readonly diedOn: Day | null;
  /** Since when PDS has held the status; null where not told. */
  readonly effectiveOn: Day | null;
}

/**
 * What a Patient says of a death. The status stands in its extension nested or directly, and in one published birth
 * directly on the Patient: all are read. A code that is none of them is a fault.
 */
export function readDeathNotice(patient: Element, findings: Findings): DeathNotice {
  const extension = patient.extensions(EXTENSIONS.DEATH_STATUS)[0] ?? null;
  const nested = extension?.extensions("deathNotificationStatus")[0];
  const holder = nested ?? extension ?? patient.extensions("deathNotificationStatus")[0] ?? null;
  const concept = holder?.first("valueCodeableConcept") ?? null;
  const codes = codesOf(concept, [SYSTEMS.DEATH_STATUS]);
  const status = codes.length === 1 ? (DEATH_STATUSES[codes[0] ?? ""] ?? null) : null;
  if (concept !== null && status === null) findings.fault(invalid(concept.path, "death notification status 1, 2 or U"));
  const effective = extension?.extensions("systemEffectiveDate")[0] ?? null;
  const diedOn = findings.pastDay(patient, "deceasedDateTime");
  return {
    told: concept !== null,
    status,
    deceased: patient.text("deceasedDateTime") !== null || patient.text("deceasedBoolean") === "true",
    diedOn,
    effectiveOn: effective === null ? null : findings.day(effective, "valueDateTime"),
  };
}

/** The number of the header, as written; a fault where it is absent or none. */
function readRoutedNumber(routing: Routing, findings: Findings): string | null {
  const at = routedNumberPath(routing);
  if (routing.nhsNumber === null) {
    findings.fault(findings.missing(at));
    return null;
  }
  const reading = readNhsNumber(routing.nhsNumber);
  if (!reading.valid) findings.fault(new Problem("NHS_INVALID", { at, fault: reading.fault }));
  return routing.nhsNumber;
}

function routedNumberPath(routing: Routing): string {
  return routing.element?.pathOf("nhsNumber") ?? "MessageHeader.extension(RoutingDemographics-1).nhsNumber";
}

function sameDigits(one: string, other: string): boolean {
  return one.replace(/\D/g, "") === other.replace(/\D/g, "");
}
