/**
 * FHIR R4 Immunization resources as the national vaccination API takes them, one a line.
 *
 * Source: IMMS-API `lambdas/shared/src/common/models`. Its rules hold here: what it would refuse is refused, element by
 * element and all at once. The target diseases decide the vaccine, whatever the procedure and product codes say.
 */

import { type Instant, isDay, londonDay, londonInstant, readInstant } from "../../../schema/calendar";
import { Problem } from "../../../schema/errors";
import type { Sex } from "../../../schema/events";
import { isSnomedCode } from "../../../schema/vocabulary/snomed";
import {
  MILLILITRE,
  PROCEDURES,
  PRODUCTS,
  VACCINATION_ROUTE_NAMES,
  VACCINATION_ROUTES,
  VACCINATION_SITE_NAMES,
  VACCINATION_SITES,
  VACCINES,
  vaccineOfProcedure,
  vaccineOfProduct,
  vaccineOfTargetDiseases,
} from "../../../schema/vocabulary/vaccines";
import { type ColumnTold, ndjson } from "../adapter";
import { Misread, nhsNumber, unknownCode } from "../columns";
import { type DoseRow, KINDS } from "../kinds";

const NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number";
const ODS_SYSTEM = "https://fhir.nhs.uk/Id/ods-organization-code";
const SCHOOL_SYSTEM = "https://fhir.hl7.org.uk/Id/urn-school-number";
const SNOMED_SYSTEM = "http://snomed.info/sct";
const NULL_FLAVOUR_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor";
const PROCEDURE_EXTENSION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure";
const UNKNOWN_PLACE = "X99999";
/** Where the national API must have a postcode and none is known. */
const UNKNOWN_POSTCODE = "ZZ99 3WZ";

const SEXES: Readonly<Record<string, Sex>> = {
  male: "MALE",
  female: "FEMALE",
  other: "NOT_SPECIFIED",
  unknown: "NOT_KNOWN",
};

const ALLOWED: readonly string[] = [
  "resourceType",
  "meta",
  "narrative",
  "contained",
  "id",
  "extension",
  "identifier",
  "status",
  "vaccineCode",
  "patient",
  "occurrenceDateTime",
  "recorded",
  "primarySource",
  "manufacturer",
  "location",
  "lotNumber",
  "expirationDate",
  "site",
  "route",
  "doseQuantity",
  "performer",
  "reasonCode",
  "protocolApplied",
];
const ALLOWED_OF_PATIENT = ["resourceType", "id", "identifier", "name", "gender", "birthDate", "address"];
const ALLOWED_OF_PRACTITIONER = ["resourceType", "id", "name"];

type Json = Readonly<Record<string, unknown>>;

/** Reads elements by their path and keeps every fault; what is faulty or missing is read as null. */
class Elements {
  constructor(
    private readonly faults: Problem[],
    private readonly at: (path: string) => string,
  ) {}

  wrong(path: string, expected: string): null {
    this.faults.push(new Problem("VALUE_INVALID", { at: this.at(path), expected }));
    return null;
  }

  missing(path: string): null {
    this.faults.push(new Problem("REQUIRED_MISSING", { at: this.at(path), for: KINDS.DOSES.says }));
    return null;
  }

  misread(path: string, misread: Misread): null {
    this.faults.push(misread.problem(this.at(path)));
    return null;
  }

  /** Names of other elements are not told: a wrong resource may have anything for a name. */
  only(of: Json, allowed: readonly string[], path: string): void {
    if (Object.keys(of).some((name) => !allowed.includes(name)))
      this.wrong(path, `made of ${allowed.join(", ")} alone`);
  }

  object(value: unknown, path: string): Json | null {
    if (value === undefined) return this.missing(path);
    return isJson(value) ? value : this.wrong(path, "an object");
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined) this.missing(path);
    else if (Array.isArray(value)) return value;
    else this.wrong(path, "a list");
    return [];
  }

  /** The only member of a list. */
  one(value: unknown, path: string): Json | null {
    const members = this.list(value, path);
    if (members.length > 1 || (Array.isArray(value) && members.length === 0)) return this.wrong(path, "exactly one");
    return members.length === 1 ? this.object(members[0], path) : null;
  }

  text(value: unknown, path: string, max = 1000): string | null {
    if (value === undefined) return this.missing(path);
    return this.optionalText(value, path, max);
  }

  optionalText(value: unknown, path: string, max = 1000): string | null {
    if (value === undefined) return null;
    if (typeof value !== "string" || value.trim() === "") return this.wrong(path, "text that is not empty");
    if (value.length <= max) return value.trim();
    return this.misread(
      path,
      new Misread((at) => new Problem("VALUE_TOO_LONG", { at, length: value.length, limit: max })),
    );
  }

  day(value: unknown, path: string): string | null {
    const told = this.text(value, path);
    return told === null || isDay(told) ? told : this.notADate(path, "yyyy-MM-dd");
  }

  notADate(path: string, expected: string): null {
    return this.misread(path, new Misread((at) => new Problem("DATE_INVALID", { at, expected })));
  }

  /** A full date, or a date and time with one of the offsets allowed; answered as an instant. */
  instant(value: unknown, path: string, offset: RegExp, expected: string): Instant | null {
    const told = this.text(value, path);
    if (told === null) return null;
    if (isDay(told)) return londonInstant(told);
    return (offset.test(told) ? readInstant(told) : null) ?? this.notADate(path, expected);
  }

  /** The code of a concept in one system, which may be coded once in each system. */
  coded(value: unknown, path: string, system: string): string | null {
    const concept = this.object(value, path);
    const codings = concept ? this.list(concept.coding, `${path}.coding`).filter(isJson) : [];
    const systems = codings.map((each) => each.system);
    if (new Set(systems).size < systems.length) return this.wrong(`${path}.coding`, "coded once in each system");
    const found = codings.find((each) => each.system === system)?.code;
    if (typeof found !== "string") return null;
    return system !== SNOMED_SYSTEM || isSnomedCode(found)
      ? found
      : this.wrong(`${path}.coding.code`, "a SNOMED CT code");
  }

  /** As `coded` in SNOMED CT, where one of our tables must have the code. */
  listed<Value>(value: unknown, path: string, of: (code: string) => Value | null, table: string): Value | null {
    const found = value === undefined ? null : this.coded(value, path, SNOMED_SYSTEM);
    if (found === null) return null;
    return of(found) ?? this.misread(`${path}.coding.code`, unknownCode("SNOMED CT", found, table));
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const UTC_OR_SUMMER = /T.*\+0[01]:?00$/;
const ANY_OFFSET = /T.*(?:Z|[+-]\d\d:?\d\d)$/;

const SITES_BY_CODE = new Map(
  VACCINATION_SITE_NAMES.flatMap((site) => {
    const snomed: string | null = VACCINATION_SITES[site].snomed;
    return snomed ? [[snomed, site] as const] : [];
  }),
);
const ROUTES_BY_CODE = new Map(
  VACCINATION_ROUTE_NAMES.map((route) => [VACCINATION_ROUTES[route].snomed as string, route] as const),
);

const NHS_NUMBER = nhsNumber();

function readImmunization(resource: Json, faults: Problem[], at: (path: string) => string): DoseRow {
  const elements = new Elements(faults, at);
  const row: DoseRow = { ...KINDS.DOSES.empty };
  if (resource.resourceType !== "Immunization") elements.wrong("resourceType", "Immunization");
  elements.only(resource, ALLOWED, "Immunization");
  if (resource.status !== "completed") elements.wrong("status", "completed");

  const giver = readContained(resource, row, elements);
  readPerformer(resource, row, giver, elements);

  const identifier = elements.one(resource.identifier, "identifier");
  if (identifier) {
    row.rowId = elements.text(identifier.value, "identifier.value");
    row.rowIdSystem = elements.text(identifier.system, "identifier.system");
  }
  const occurred = elements.instant(
    resource.occurrenceDateTime,
    "occurrenceDateTime",
    UTC_OR_SUMMER,
    "yyyy-MM-dd, or with a time and the offset +00:00 or +01:00",
  );
  if (occurred) row.eventOn = { day: londonDay(occurred), precision: "DAY" };
  const recorded = elements.instant(
    resource.recorded,
    "recorded",
    ANY_OFFSET,
    "yyyy-MM-dd, or with a time and an offset",
  );
  const updated = isJson(resource.meta) ? resource.meta.lastUpdated : undefined;
  row.amendedAt =
    updated === undefined
      ? recorded
      : elements.instant(updated, "meta.lastUpdated", ANY_OFFSET, "a date and time with an offset");
  if (typeof resource.primarySource === "boolean") row.primarySource = resource.primarySource;
  else elements.wrong("primarySource", "true or false");

  readVaccine(resource, row, elements);

  const place = elements.object(resource.location, "location");
  const placeIdentifier = place && elements.object(place.identifier, "location.identifier");
  if (placeIdentifier) {
    elements.text(placeIdentifier.system, "location.identifier.system");
    const told = elements.text(placeIdentifier.value, "location.identifier.value");
    row.place = told === UNKNOWN_PLACE ? null : told;
  }
  row.batchNumber = elements.optionalText(resource.lotNumber, "lotNumber");
  if (resource.manufacturer !== undefined) {
    const manufacturer = elements.object(resource.manufacturer, "manufacturer");
    row.manufacturer = manufacturer && elements.text(manufacturer.display, "manufacturer.display");
  }
  if (resource.expirationDate !== undefined) row.expiresOn = elements.day(resource.expirationDate, "expirationDate");
  row.site = elements.listed(resource.site, "site", (each) => SITES_BY_CODE.get(each) ?? null, "site of vaccination");
  row.route = elements.listed(
    resource.route,
    "route",
    (each) => ROUTES_BY_CODE.get(each) ?? null,
    "route of vaccination",
  );
  readAmount(resource, row, elements);
  if (resource.reasonCode !== undefined) {
    for (const reason of elements.list(resource.reasonCode, "reasonCode"))
      elements.coded(reason, "reasonCode", SNOMED_SYSTEM);
  }
  return row;
}

/** The contained Patient, and the id and name of the contained Practitioner; null where there is none. */
function readContained(resource: Json, row: DoseRow, elements: Elements): { id: string; name: string | null } | null {
  const contained = elements.list(resource.contained, "contained").filter(isJson);
  const patients = contained.filter((each) => each.resourceType === "Patient");
  const practitioners = contained.filter((each) => each.resourceType === "Practitioner");
  const [patient] = patients;
  const [practitioner] = practitioners;
  if (patients.length !== 1 || practitioners.length > 1 || patients.length + practitioners.length < contained.length) {
    elements.wrong("contained", "one Patient and at most one Practitioner");
  }
  if (!patient) return null;
  const id = elements.text(patient.id, "contained[Patient].id");
  const reference = elements.object(resource.patient, "patient");
  if (reference && reference.reference !== `#${id}`) elements.wrong("patient.reference", "the contained Patient");
  readPatient(patient, row, elements);
  if (!practitioner) return null;
  elements.only(practitioner, ALLOWED_OF_PRACTITIONER, "contained[Practitioner]");
  const giverId = elements.text(practitioner.id, "contained[Practitioner].id");
  if (giverId === null) return null;
  if (giverId === id) elements.wrong("contained[Practitioner].id", "another id than that of the Patient");
  const name = Array.isArray(practitioner.name) ? practitioner.name.find(isJson) : undefined;
  const given = Array.isArray(name?.given) ? name.given : [];
  const whole = [...given, name?.family].filter((part) => typeof part === "string" && part !== "").join(" ");
  return { id: giverId, name: whole || null };
}

function readPatient(patient: Json, row: DoseRow, elements: Elements): void {
  const path = "contained[Patient]";
  elements.only(patient, ALLOWED_OF_PATIENT, path);
  const [name] = elements.list(patient.name, `${path}.name`).filter(isJson);
  row.familyName = elements.text(name?.family, `${path}.name.family`, 35);
  const given = elements.list(name?.given, `${path}.name.given`);
  if (given.length > 5) elements.wrong(`${path}.name.given`, "one to five names");
  const names = given.map((each) => elements.text(each, `${path}.name.given`, 180)).filter((each) => each !== null);
  row.givenNames = names.join(" ") || null;
  row.bornOn = elements.day(patient.birthDate, `${path}.birthDate`);
  const gender = elements.text(patient.gender, `${path}.gender`);
  row.sex = gender === null ? null : (SEXES[gender] ?? elements.wrong(`${path}.gender`, Object.keys(SEXES).join(", ")));
  const [address] = elements.list(patient.address, `${path}.address`).filter(isJson);
  const postcode = elements.text(address?.postalCode, `${path}.address.postalCode`);
  row.postcode = postcode === UNKNOWN_POSTCODE ? null : postcode;
  if (patient.identifier === undefined) return;
  const identifier = elements.one(patient.identifier, `${path}.identifier`);
  if (!identifier) return;
  if (identifier.system !== NHS_NUMBER_SYSTEM) elements.wrong(`${path}.identifier.system`, "that of NHS numbers");
  if (identifier.extension !== undefined) elements.wrong(`${path}.identifier`, "without extension");
  const told = elements.text(identifier.value, `${path}.identifier.value`);
  if (told === null) return;
  const read = NHS_NUMBER.read(told);
  if (read instanceof Misread) elements.misread(`${path}.identifier.value`, read);
  else if (read !== told) elements.wrong(`${path}.identifier.value`, "ten digits without spaces");
  else row.nhsNumber = read;
}

function readPerformer(
  resource: Json,
  row: DoseRow,
  giver: { id: string; name: string | null } | null,
  elements: Elements,
): void {
  const actors = elements
    .list(resource.performer, "performer")
    .filter(isJson)
    .map((each) => each.actor)
    .filter(isJson);
  const organisations = actors.filter((actor) => actor.type === "Organization");
  if (organisations.length !== 1)
    elements.wrong("performer", "exactly one Organization, with or without a Practitioner");
  const identifier = organisations[0] && elements.object(organisations[0].identifier, "performer.actor.identifier");
  if (identifier) {
    elements.text(identifier.system, "performer.actor.identifier.system");
    row.organisation = elements.text(identifier.value, "performer.actor.identifier.value");
  }
  const references = actors.filter((actor) => actor.reference !== undefined);
  const ofGiver = references.filter((actor) => giver && actor.reference === `#${giver.id}`);
  if (ofGiver.length < references.length || ofGiver.length > 1) {
    elements.wrong("performer.actor.reference", "the contained Practitioner, once");
  }
  if (ofGiver.length === 1) row.givenBy = giver?.name ?? null;
}

function readVaccine(resource: Json, row: DoseRow, elements: Elements): void {
  const extension = elements.one(resource.extension, "extension");
  if (extension) {
    const path = "extension.valueCodeableConcept";
    if (extension.url !== PROCEDURE_EXTENSION) elements.wrong("extension.url", "that of the vaccination procedure");
    row.procedureCode = elements.coded(extension.valueCodeableConcept, path, SNOMED_SYSTEM);
    if (row.procedureCode === null) elements.missing(`${path}.coding`);
    else if (!vaccineOfProcedure(row.procedureCode)) {
      elements.misread(`${path}.coding.code`, unknownCode("SNOMED CT", row.procedureCode, "procedure"));
    }
  }
  const product = elements.coded(resource.vaccineCode, "vaccineCode", SNOMED_SYSTEM);
  if (product === null) {
    // That no product is known must be said, by the null flavour NAVU.
    const unknown =
      isJson(resource.vaccineCode) && elements.coded(resource.vaccineCode, "vaccineCode", NULL_FLAVOUR_SYSTEM);
    if (unknown !== "NAVU") elements.wrong("vaccineCode.coding", "a dm+d product code, or NAVU");
  } else if (vaccineOfProduct(product)) row.productCode = product;
  else elements.misread("vaccineCode.coding.code", unknownCode("dm+d", product, "product"));

  const protocol = elements.one(resource.protocolApplied, "protocolApplied");
  if (!protocol) return;
  const path = "protocolApplied.targetDisease";
  const diseases = elements.list(protocol.targetDisease, path).map((each) => {
    const codings = isJson(each) && Array.isArray(each.coding) ? each.coding.filter(isJson) : [];
    const ofSnomed = codings.filter((coding) => coding.system === SNOMED_SYSTEM);
    return ofSnomed.length === 1 && typeof ofSnomed[0]?.code === "string" ? ofSnomed[0].code : null;
  });
  if (diseases.includes(null)) elements.wrong(path, "coded exactly once in SNOMED CT");
  else if (diseases.length > 0) {
    row.vaccine = vaccineOfTargetDiseases(diseases.filter((each) => each !== null));
    if (!row.vaccine) elements.wrong(path, "the target diseases of one vaccine");
  }
  const number = protocol.doseNumberPositiveInt;
  if (number !== undefined) {
    if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= 9) row.doseNumber = number;
    else elements.wrong("protocolApplied.doseNumberPositiveInt", "a whole number from 1 to 9");
  } else elements.text(protocol.doseNumberString, "protocolApplied.doseNumberString");
}

function readAmount(resource: Json, row: DoseRow, elements: Elements): void {
  if (resource.doseQuantity === undefined) return;
  const quantity = elements.object(resource.doseQuantity, "doseQuantity");
  if (!quantity) return;
  const { value, code, system } = quantity;
  if (value !== undefined && typeof value !== "number") elements.wrong("doseQuantity.value", "a number");
  if (code !== undefined && system === undefined) elements.missing("doseQuantity.system");
  if (typeof value === "number" && code === MILLILITRE && system === SNOMED_SYSTEM) row.amountMillilitres = value;
}

/** The resource of a dose. Throws RangeError for a dose that the national API has no way to take. */
function writeImmunization(row: Partial<DoseRow>): object {
  const diseases = row.vaccine && VACCINES[row.vaccine].targetDiseases;
  if (!diseases) throw new RangeError(`The national API has no vaccine type of ${row.vaccine}.`);
  const snomed = (code: string, display?: string) => ({ coding: [{ system: SNOMED_SYSTEM, code, display }] });
  const procedure =
    row.procedureCode ??
    Object.entries(PROCEDURES).find(([, each]) => each.vaccine === row.vaccine && !("notGiven" in each))?.[0];
  if (!procedure) throw new RangeError(`No procedure code of ${row.vaccine} is known.`);
  const siteCode = row.site && VACCINATION_SITES[row.site].snomed;
  const brand = row.productCode && PRODUCTS[row.productCode as keyof typeof PRODUCTS]?.brand; // undefined where unknown
  const names = (row.givenBy ?? "").split(" ").filter(Boolean);
  const [sexCode] = Object.entries(SEXES).find(([, sex]) => sex === row.sex) ?? ["unknown"];
  const at = row.amendedAt ?? (row.eventOn && londonInstant(row.eventOn.day, row.eventAtTime ?? "12:00"));
  return {
    resourceType: "Immunization",
    contained: [
      ...(names.length > 0
        ? [{ resourceType: "Practitioner", id: "Prac1", name: [{ family: names.at(-1), given: names.slice(0, -1) }] }]
        : []),
      {
        resourceType: "Patient",
        id: "Pat1",
        ...(row.nhsNumber ? { identifier: [{ system: NHS_NUMBER_SYSTEM, value: row.nhsNumber }] } : {}),
        name: [{ family: row.familyName, given: (row.givenNames ?? "").split(" ").filter(Boolean).slice(0, 5) }],
        gender: sexCode,
        birthDate: row.bornOn,
        address: [{ postalCode: row.postcode ?? UNKNOWN_POSTCODE }],
      },
    ],
    extension: [{ url: PROCEDURE_EXTENSION, valueCodeableConcept: snomed(procedure) }],
    identifier: [{ system: row.rowIdSystem ?? undefined, value: row.rowId ?? undefined }],
    status: "completed",
    vaccineCode: row.productCode
      ? snomed(row.productCode, brand || undefined)
      : { coding: [{ system: NULL_FLAVOUR_SYSTEM, code: "NAVU" }] },
    patient: { reference: "#Pat1" },
    occurrenceDateTime: row.eventAtTime
      ? row.eventOn && `${londonInstant(row.eventOn.day, row.eventAtTime).slice(0, 23)}+00:00`
      : row.eventOn?.day,
    recorded: at && `${at.slice(0, 23)}+00:00`,
    primarySource: row.primarySource ?? true,
    ...(row.manufacturer ? { manufacturer: { display: row.manufacturer } } : {}),
    location: {
      identifier: {
        system: /^\d{6}$/.test(row.place ?? "") ? SCHOOL_SYSTEM : ODS_SYSTEM,
        value: row.place ?? UNKNOWN_PLACE,
      },
    },
    ...(row.batchNumber ? { lotNumber: row.batchNumber } : {}),
    ...(row.expiresOn ? { expirationDate: row.expiresOn } : {}),
    ...(siteCode ? { site: snomed(siteCode) } : {}),
    ...(row.route ? { route: snomed(VACCINATION_ROUTES[row.route].snomed) } : {}),
    ...(row.amountMillilitres
      ? { doseQuantity: { value: row.amountMillilitres, unit: "ml", system: SNOMED_SYSTEM, code: MILLILITRE } }
      : {}),
    performer: [
      ...(names.length > 0 ? [{ actor: { reference: "#Prac1" } }] : []),
      { actor: { type: "Organization", identifier: { system: ODS_SYSTEM, value: row.organisation ?? UNKNOWN_PLACE } } },
    ],
    protocolApplied: [
      {
        ...(row.doseNumber
          ? { doseNumberPositiveInt: row.doseNumber }
          : { doseNumberString: "Dose sequence not recorded" }),
        targetDisease: diseases.map((each) => snomed(each)),
      },
    ],
  };
}

/** What each element gives and asks, for docs/extracts.md and for the place of a fault. */
const ELEMENTS: readonly ColumnTold[] = (
  [
    ["resourceType", null, "Immunization", true],
    ["contained[Patient].identifier.value", "nhsNumber", "NHS number without spaces or extension", false],
    ["contained[Patient].name.family", "familyName", "at most 35 characters", true],
    ["contained[Patient].name.given", "givenNames", "one to five, each at most 180 characters", true],
    ["contained[Patient].birthDate", "bornOn", "date, yyyy-MM-dd", true],
    ["contained[Patient].gender", "sex", "male, female, other or unknown", true],
    ["contained[Patient].address.postalCode", "postcode", "ZZ99 3WZ where unknown", true],
    ["contained[Practitioner].name", "givenBy", "who gave the dose", false],
    ["identifier.value", "rowId", "with its system the identity of the dose", true],
    ["identifier.system", "rowIdSystem", "URI", true],
    ["status", null, "completed", true],
    ["occurrenceDateTime", "eventOn", "date, or date and time with the offset +00:00 or +01:00", true],
    ["recorded", null, "date, or date and time with an offset", true],
    ["meta.lastUpdated or recorded", "amendedAt", "when the resource was last amended", false],
    ["primarySource", "primarySource", "true or false", true],
    ["performer.actor.identifier.value", "organisation", "of exactly one Organization", true],
    ["extension.valueCodeableConcept", "procedureCode", "SNOMED CT code of the procedure table", true],
    ["vaccineCode", "productCode", "dm+d code of the product table, or NAVU", true],
    ["protocolApplied.targetDisease", "vaccine", "the target diseases of one vaccine, in SNOMED CT", true],
    ["protocolApplied.doseNumberPositiveInt", "doseNumber", "1 to 9; otherwise doseNumberString", false],
    ["location.identifier.value", "place", "X99999 where unknown", true],
    ["lotNumber", "batchNumber", "text", false],
    ["expirationDate", "expiresOn", "date, yyyy-MM-dd", false],
    ["manufacturer.display", "manufacturer", "text", false],
    ["site", "site", "SNOMED CT code of the site table", false],
    ["route", "route", "SNOMED CT code of the route table", false],
    ["doseQuantity", "amountMillilitres", "kept only in millilitres, 258773002", false],
    ["reasonCode", null, "not used: why the dose was given, in SNOMED CT", false],
  ] as const
).map(([column, field, says, required]) => ({ column, field, block: null, says, required, codes: [] }));

export const fhirImmunization = ndjson({
  name: "fhir-immunization",
  published: "FHIR R4 Immunization of the national vaccination API, one resource a line",
  exampleName: "immunizations.ndjson",
  elements: ELEMENTS,
  read: readImmunization,
  write: writeImmunization,
});
