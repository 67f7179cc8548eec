/**
 * Reads pds-birth-notification-1: a child is born. The message is routed on the mother, and is about her too; the
 * child is reached only by the chain Communication → mother → RelatedPerson → baby.
 *
 * A baby who was stillborn or has died is not introduced, and no identity, address or name is told of them: nothing
 * may make an active child whom letters reach. What is told is the birth and the death. If the child is known by
 * another road both are kept and every due thing stops; if not, the message waits in the quarantine for a person.
 * The mother's practice is not the baby's, so no registration is told.
 */

import { type Day, londonDay, londonTime } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { AddressRecorded, BirthRecorded, DeathRecorded, IdentityRecorded } from "../../schema/events";
import { readNhsNumber } from "../../schema/nhs-number";
import type { Element } from "./bundle";
import { type EventMessage, type Reader, subjectOf } from "./event-message";
import { codesOf, invalid } from "./findings";
import { givenNamesOf } from "./header";
import {
  homeAddress,
  isVerified,
  officialName,
  readAddress,
  readDeathNotice,
  readIdentity,
  readVerifiedNumber,
} from "./patient";
import { ETHNIC_CATEGORY_SYSTEMS, EXTENSIONS, SYSTEMS } from "./systems";

/** The observations of a birth, by SNOMED CT code. `mother`: it may be about her. */
export const BIRTH_OBSERVATIONS = {
  BIRTHS_AT_DELIVERY: {
    snomed: "382341000000101",
    says: "Total number of registerable births at delivery",
    mother: true,
  },
  WEIGHT: { snomed: "364589006", says: "Birth weight", mother: false },
  GESTATION: { snomed: "412726003", says: "Length of gestation at birth", mother: false },
  STILLBIRTH: { snomed: "237364002", says: "Stillbirth", mother: false },
  ABNORMALITY: { snomed: "1097291000000101", says: "Suspected congenital abnormality (situation)", mother: false },
} as const;
type BirthObservation = keyof typeof BIRTH_OBSERVATIONS;

/** The observation is sent of live births too: only its value says what happened. */
const STILLBIRTH_VALUES: Readonly<Record<string, boolean>> = { "1": false, "2": true, "3": true, "4": true };

const ABNORMALITY_VALUES: Readonly<Record<string, BirthRecorded["congenitalAbnormality"]>> = {
  N: "NOT_SUSPECTED",
  U: "NEEDS_REVIEW",
  Y: "SUSPECTED",
};

export const readBirth: Reader = (message) => {
  const { findings, event, asOf } = message;
  const mother = subjectOf(message);
  const baby = mother === null ? null : readBaby(message, mother);
  if (mother === null || baby === null) return null;

  const { nhsNumber } = readVerifiedNumber(baby, findings);
  const about = readIdentity(baby, nhsNumber, findings);
  const { familyName, bornOn } = about;
  if (familyName === null) findings.fault(findings.missing(baby.pathOf("name(official)", "family")));
  if (baby.text("birthDate") === null) findings.fault(findings.missing(baby.pathOf("birthDate")));

  const circumstances = readCircumstances(message, mother, baby);
  const notice = readDeathNotice(baby, findings);
  const address = homeAddress(baby);
  const place = address === null ? null : readAddress(address, findings);
  if (place === null) findings.warn(findings.missing(baby.pathOf("address")));
  const birthTime = readBirthTime(baby, bornOn, message);
  const ethnicCategory = readEthnicCategory(baby, message);
  if (familyName === null || bornOn === null) return null;

  const header = { action: "record", source: { system: event, id: "latest" }, asOf } as const;
  const birth: Omit<BirthRecorded, "childId"> = { type: "BirthRecorded", ...header, ...circumstances };
  const died = notice.status === null ? notice.deceased : notice.status !== "REMOVED";
  if (died || circumstances.stillbirth) {
    findings.warn(invalid(baby.path, "a child born alive and living, so none is introduced"));
    // A stillbirth that a maternity unit recorded is notified formally.
    const formal = notice.status === "FORMAL" || (circumstances.stillbirth && notice.status !== "INFORMAL");
    const death: Omit<DeathRecorded, "childId"> = {
      type: "DeathRecorded",
      ...header,
      status: formal ? "FORMAL" : "INFORMAL",
      diedOn: notice.diedOn,
    };
    return { about, introduces: false, tells: [birth, death] };
  }
  const identity: Omit<IdentityRecorded, "childId"> = {
    type: "IdentityRecorded",
    ...header,
    nhsNumber,
    nhsNumberStatus: "VERIFIED",
    supersededNhsNumbers: [],
    familyName,
    givenNames: about.givenNames ?? "",
    bornOn,
    bornAtTime: birthTime,
    sex: about.sex ?? "NOT_KNOWN",
    ethnicCategory,
  };
  const lives: Omit<AddressRecorded, "childId">[] =
    place === null ? [] : [{ type: "AddressRecorded", ...header, ...place, from: place.from ?? bornOn }];
  return { about, introduces: true, tells: [identity, birth, ...lives] };
};

/** The baby at the end of the chain. A link that leads nowhere, to two babies or back to the mother is a fault. */
function readBaby({ bundle, findings, routing }: EventMessage, mother: Element): Element | null {
  const relations = mother.all("link", "other").map((other) => bundle.resolve(other));
  const [relation] = relations;
  const at = mother.pathOf("link", "other");
  if (relation?.name !== "RelatedPerson" || relations.length > 1) {
    findings.fault(relations.length === 0 ? findings.missing(at) : invalid(at, "one reference to a RelatedPerson"));
    return null;
  }
  const codes = codesOf(relation.first("relationship"), [SYSTEMS.ROLE, SYSTEMS.RELATIONSHIP]);
  if (codes.length === 0) findings.warn(findings.missing(relation.pathOf("relationship")));
  else if (!codes.includes("NMTH") && !codes.includes("12")) {
    findings.fault(invalid(relation.pathOf("relationship"), "that of a mother to her child"));
  }
  const baby = bundle.resolve(relation.first("patient"));
  if (baby?.name !== "Patient" || baby === mother) {
    findings.fault(invalid(relation.pathOf("patient"), "a reference to the Patient who was born"));
    return null;
  }
  const [told] = mother.all("identifier").filter((identifier) => identifier.text("system") === SYSTEMS.NHS_NUMBER);
  if (routing.nhsNumber !== null && routing.nhsNumber !== told?.text("value")) {
    findings.warn(invalid(routing.element?.pathOf("nhsNumber") ?? "MessageHeader", `the number at ${mother.path}`));
  }
  return baby;
}

type Circumstances = Omit<BirthRecorded, "childId" | "source" | "asOf" | "action" | "type">;

function readCircumstances(message: EventMessage, mother: Element, baby: Element): Circumstances {
  const { findings } = message;
  const observations = readObservations(message, mother, baby);
  const stillbirth = observations.get("STILLBIRTH");
  if (stillbirth === undefined) findings.warn(findings.missing(`Observation ${BIRTH_OBSERVATIONS.STILLBIRTH.snomed}`));
  return {
    ...readMother(message, mother),
    birthOrder: wholeNumber(baby.text("multipleBirthInteger")),
    birthsAtDelivery: wholeNumber(observations.get("BIRTHS_AT_DELIVERY")?.text("valueQuantity", "value") ?? null),
    weightGrams: readQuantity(message, observations.get("WEIGHT"), "g"),
    gestationWeeks: readQuantity(message, observations.get("GESTATION"), "wk"),
    stillbirth: readClosed(message, stillbirth, SYSTEMS.STILLBIRTH, STILLBIRTH_VALUES, "1, 2, 3 or 4") ?? false,
    congenitalAbnormality: readClosed(
      message,
      observations.get("ABNORMALITY"),
      SYSTEMS.ABNORMALITY,
      ABNORMALITY_VALUES,
      "N, U or Y",
    ),
    deliveryPlace: readDeliveryPlace(message),
  };
}

/** The mother as she was known then. A number that is none, or not verified, is dropped with a warning. */
function readMother(
  { findings }: EventMessage,
  mother: Element,
): Pick<Circumstances, "motherNhsNumber" | "motherFamilyName" | "motherGivenNames" | "motherBornOn"> {
  const identifier = mother.all("identifier").find((one) => one.text("system") === SYSTEMS.NHS_NUMBER) ?? null;
  const reading = readNhsNumber(identifier?.text("value") ?? "");
  const verified = identifier !== null && isVerified(identifier);
  if (identifier !== null && !reading.valid) {
    findings.warn(new Problem("NHS_INVALID", { at: identifier.pathOf("value"), fault: reading.fault }));
  } else if (identifier !== null && !verified) {
    findings.warn(invalid(identifier.path, "an NHS number with verification status 01"));
  }
  const name = officialName(mother);
  return {
    motherNhsNumber: reading.valid && verified ? reading.nhsNumber : null,
    motherFamilyName: name?.text("family") ?? null,
    motherGivenNames: givenNamesOf(name),
    motherBornOn: findings.pastDay(mother, "birthDate"),
  };
}

/** The first observation of each kind. One about somebody else than it must be is a fault. */
function readObservations(
  { bundle, findings }: EventMessage,
  mother: Element,
  baby: Element,
): ReadonlyMap<BirthObservation, Element> {
  const found = new Map<BirthObservation, Element>();
  for (const observation of bundle.ofType("Observation")) {
    const codes = codesOf(observation.first("code"), [SYSTEMS.SNOMED]);
    for (const [name, row] of Object.entries(BIRTH_OBSERVATIONS)) {
      if (!codes.includes(row.snomed)) continue;
      const subject = bundle.resolve(observation.first("subject"));
      if (subject !== baby && !(row.mother && subject === mother)) {
        const other = row.mother ? mother.path : baby.path;
        findings.fault(new Problem("IDENTITY_MISMATCH", { element: observation.pathOf("subject"), other }));
      }
      // The entries of a table have its keys as their names.
      const kind = name as BirthObservation;
      if (found.has(kind)) findings.fault(invalid(observation.path, "the only observation of its kind"));
      else found.set(kind, observation);
    }
  }
  return found;
}

/** A quantity in its one unit; null, with a warning, where it is none. */
function readQuantity({ findings }: EventMessage, observation: Element | undefined, unit: string): number | null {
  if (observation === undefined) return null;
  const quantity = observation.first("valueQuantity");
  const amount = Number(quantity?.text("value") ?? Number.NaN);
  if (amount > 0 && Number.isFinite(amount) && quantity?.text("code") === unit) return amount;
  findings.warn(invalid(observation.pathOf("valueQuantity"), `a quantity in ${unit}`));
  return null;
}

/** A value of a closed set; null where nothing is told, and as a fault where it is none of the set. */
function readClosed<Meaning>(
  { findings }: EventMessage,
  observation: Element | undefined,
  system: string,
  values: Readonly<Record<string, Meaning>>,
  expected: string,
): Meaning | null {
  if (observation === undefined) return null;
  const [code = "", ...others] = codesOf(observation.first("valueCodeableConcept"), [system]);
  if (others.length === 0 && Object.hasOwn(values, code)) return values[code] ?? null;
  findings.fault(invalid(observation.pathOf("valueCodeableConcept"), expected));
  return null;
}

/** The name of the place of delivery, or its ODS code where no name is told. */
function readDeliveryPlace({ bundle }: EventMessage): string | null {
  const episode = bundle
    .ofType("EpisodeOfCare")
    .find((one) => one.all("type").some((type) => codesOf(type, [SYSTEMS.BIRTH_EPISODE]).includes("delivery-place")));
  const place = episode?.first("managingOrganization") ?? null;
  return bundle.resolve(place)?.text("name") ?? bundle.odsCode(place);
}

/** Local wall time `HH:MM`; null where not told, and with a warning where it is not on the day of birth. */
function readBirthTime(baby: Element, bornOn: Day | null, { findings }: EventMessage): string | null {
  const extension = baby.first("birthDate")?.extensions(EXTENSIONS.BIRTH_TIME)[0] ?? null;
  const at = extension === null ? null : findings.instant(extension, "valueDateTime");
  if (extension === null || at === null || bornOn === null) return null;
  if (londonDay(at) !== bornOn) {
    findings.warn(invalid(extension.pathOf("valueDateTime"), `on the date of birth at ${baby.pathOf("birthDate")}`));
    return null;
  }
  return londonTime(at);
}

function readEthnicCategory(baby: Element, { findings }: EventMessage): string | null {
  const extension = baby.extensions(EXTENSIONS.ETHNIC_CATEGORY)[0] ?? null;
  if (extension === null) return null;
  const [code = ""] = codesOf(extension.first("valueCodeableConcept"), ETHNIC_CATEGORY_SYSTEMS);
  if (/^[A-Z][A-Z0-9]?$/.test(code)) return code;
  findings.warn(invalid(extension.path, "an NHS ethnic category"));
  return null;
}

function wholeNumber(text: string | null): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : null;
}
