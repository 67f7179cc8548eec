import { fhirImmunization } from "../../../ingest/extracts/formats/fhir-immunization";

const SNOMED = "http://snomed.info/sct";
const coded = (code: string) => ({ coding: [{ system: SNOMED, code }] });

type Json = Record<string, unknown>;

const patient: Json = {
  resourceType: "Patient",
  id: "Pat1",
  identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: "9990000018" }],
  name: [{ family: "Example", given: ["Ada", "Mary"] }],
  gender: "female",
  birthDate: "2025-01-05",
  address: [{ postalCode: "L1 8JQ" }],
};
const practitioner: Json = { resourceType: "Practitioner", id: "Prac1", name: [{ family: "Nurse", given: ["Grace"] }] };
const organisation = {
  actor: {
    type: "Organization",
    identifier: { system: "https://fhir.nhs.uk/Id/ods-organization-code", value: "RXX99" },
  },
};
const MMRV = ["14189004", "36989005", "36653000", "38907003"].map(coded);

const resource: Json = {
  resourceType: "Immunization",
  contained: [practitioner, patient],
  extension: [
    {
      url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure",
      valueCodeableConcept: coded("432636005"),
    },
  ],
  identifier: [{ system: "https://example.invalid/vacc", value: "abc-1" }],
  status: "completed",
  vaccineCode: coded("45480711000001107"),
  patient: { reference: "#Pat1" },
  occurrenceDateTime: "2026-01-06T10:15:00.000+00:00",
  recorded: "2026-01-06T10:20:00.000+00:00",
  primarySource: true,
  manufacturer: { display: "Merck Sharp & Dohme" },
  location: { identifier: { system: "https://fhir.nhs.uk/Id/ods-organization-code", value: "X99999" } },
  lotNumber: "B1",
  expirationDate: "2027-12-31",
  site: coded("61396006"),
  route: coded("78421000"),
  doseQuantity: { value: 0.5, unit: "ml", system: SNOMED, code: "258773002" },
  performer: [{ actor: { reference: "#Prac1" } }, organisation],
  protocolApplied: [{ doseNumberPositiveInt: 1, targetDisease: MMRV }],
};

function readText(text: string) {
  const reader = fhirImmunization.reader({ locality: "WARRINGTON", name: "doses.ndjson", receivedOn: "2026-03-01" });
  const result = reader({ number: 3, fields: [text], text, paired: true });
  return result.read ? result.reading : result.faults.map((fault) => fault.message);
}

const read = (changes: Json = {}) => readText(JSON.stringify({ ...resource, ...changes }));
const readPatient = (changes: Json) => read({ contained: [practitioner, { ...patient, ...changes }] });

test("a resource tells a dose and whom it was given", () => {
  expect(read()).toEqual({
    about: {
      localId: null,
      nhsNumber: "9990000018",
      supersededNhsNumbers: [],
      familyName: "Example",
      givenNames: "Ada Mary",
      bornOn: "2025-01-05",
      postcode: "L1 8JQ",
      sex: "FEMALE",
    },
    introduces: false,
    warnings: [],
    tells: [
      {
        source: { system: "WARRINGTON", id: "https://example.invalid/vacc|abc-1" },
        asOf: "2026-01-06T10:20:00.000000000Z",
        action: "record",
        type: "DoseRecorded",
        vaccine: "MMRV",
        givenOn: "2026-01-06",
        precision: "DAY",
        procedureCode: "432636005",
        productCode: "45480711000001107",
        doseNumber: 1,
        site: "LEFT_THIGH",
        route: "INTRAMUSCULAR",
        batchNumber: "B1",
        expiresOn: "2027-12-31",
        manufacturer: "Merck Sharp & Dohme",
        amountMillilitres: 0.5,
        givenBy: "Grace Nurse",
        organisation: "RXX99",
        place: null,
        primarySource: true,
      },
    ],
  });
});

describe("What may be otherwise", () => {
  test.each`
    why                                       | changes                                                                                                           | told
    ${"a day without a time"}                 | ${{ occurrenceDateTime: "2026-01-06" }}                                                                           | ${{ givenOn: "2026-01-06" }}
    ${"a time just after midnight in summer"} | ${{ occurrenceDateTime: "2025-07-06T23:30:00+0000" }}                                                             | ${{ givenOn: "2025-07-07" }}
    ${"a time in British Summer Time"}        | ${{ occurrenceDateTime: "2025-07-06T23:30:00+01:00" }}                                                            | ${{ givenOn: "2025-07-06" }}
    ${"recorded on a day"}                    | ${{ recorded: "2026-01-06" }}                                                                                     | ${{ asOf: "2026-01-06T00:00:00.000000000Z" }}
    ${"recorded with any offset"}             | ${{ recorded: "2026-01-06T12:20:00+02:00" }}                                                                      | ${{ asOf: "2026-01-06T10:20:00.000000000Z" }}
    ${"amended since"}                        | ${{ meta: { lastUpdated: "2026-02-01T00:00:00Z" } }}                                                              | ${{ asOf: "2026-02-01T00:00:00.000000000Z" }}
    ${"a dose number in words"}               | ${{ protocolApplied: [{ doseNumberString: "Booster", targetDisease: MMRV }] }}                                    | ${{ doseNumber: null, vaccine: "MMRV" }}
    ${"a product that is not known"}          | ${{ vaccineCode: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "NAVU" }] } }} | ${{ productCode: null, vaccine: "MMRV" }}
    ${"no practitioner"}                      | ${{ contained: [patient], performer: [organisation] }}                                                            | ${{ givenBy: null, organisation: "RXX99" }}
    ${"told second hand"}                     | ${{ primarySource: false }}                                                                                       | ${{ primarySource: false }}
    ${"given at a school"}                    | ${{ location: { identifier: { system: "https://fhir.hl7.org.uk/Id/urn-school-number", value: "123456" } } }}      | ${{ place: "123456" }}
  `("$why", ({ changes, told }) => {
    expect(read(changes)).toMatchObject({ tells: [told] });
  });

  test("a child without an NHS number, or whose postcode is the national one for none", () => {
    expect(readPatient({ identifier: undefined, address: [{ postalCode: "ZZ99 3WZ" }] })).toMatchObject({
      about: { nhsNumber: null, postcode: null, familyName: "Example" },
    });
  });

  test("the target diseases decide the vaccine, and codes of another are warned of", () => {
    const reading = read({ protocolApplied: [{ doseNumberPositiveInt: 2, targetDisease: MMRV.slice(0, 3) }] });
    expect(reading).toMatchObject({ tells: [{ vaccine: "MMR", procedureCode: "432636005" }] });
    expect("warnings" in reading && reading.warnings.map((each) => each.message)).toEqual([
      "row 3, extension.valueCodeableConcept is not a code of MMR.",
      "row 3, vaccineCode is not a code of MMR.",
    ]);
  });
});

const missing = (path: string) => `row 3, ${path} is empty, and a dose needs it.`;
const notA = (path: string, expected: string) => `row 3, ${path} is not ${expected}.`;

describe("A resource is refused", () => {
  test.each([
    ["missing", [missing("identifier")], { identifier: undefined }],
    ["not completed", [notA("status", "completed")], { status: "not-done" }],
    ["identified twice", [notA("identifier", "exactly one")], { identifier: [{}, {}] }],
    ["identified without a system", [missing("identifier.system")], { identifier: [{ value: "abc-1" }] }],
    [
      "with an element that is not allowed",
      [
        notA(
          "Immunization",
          `made of ${"resourceType, meta, narrative, contained, id, extension, identifier, status, vaccineCode, patient, occurrenceDateTime, recorded, primarySource, manufacturer, location, lotNumber, expirationDate, site, route, doseQuantity, performer, reasonCode, protocolApplied"} alone`,
        ),
      ],
      { note: [{ text: "Ada Example was brave" }] },
    ],
    [
      "with anything else contained",
      [notA("contained", "one Patient and at most one Practitioner")],
      { contained: [practitioner, patient, { resourceType: "Observation" }] },
    ],
    [
      "about another patient",
      [notA("patient.reference", "the contained Patient")],
      { patient: { reference: "#Pat2" } },
    ],
    [
      "given by someone not contained",
      [notA("performer.actor.reference", "the contained Practitioner, once")],
      { performer: [{ actor: { reference: "#Prac2" } }, organisation] },
    ],
    [
      "without an organisation",
      [notA("performer", "exactly one Organization, with or without a Practitioner")],
      { performer: [{ actor: { reference: "#Prac1" } }] },
    ],
    [
      "with an offset of neither UTC nor summer time",
      [
        "The date at row 3, occurrenceDateTime is not a day of the calendar written as yyyy-MM-dd, or with a time and the offset +00:00 or +01:00.",
      ],
      { occurrenceDateTime: "2026-01-06T10:15:00+02:00" },
    ],
    [
      "with Z for an offset",
      [
        "The date at row 3, occurrenceDateTime is not a day of the calendar written as yyyy-MM-dd, or with a time and the offset +00:00 or +01:00.",
      ],
      { occurrenceDateTime: "2026-01-06T10:15:00Z" },
    ],
    [
      "in the future",
      ["The date at row 3, occurrenceDateTime is later than the day it was received."],
      { occurrenceDateTime: "2026-03-02" },
    ],
    [
      "before birth",
      ["The date at row 3, occurrenceDateTime is before the child was born."],
      { occurrenceDateTime: "2025-01-04" },
    ],
    [
      "recorded in the future",
      ["The date at row 3, meta.lastUpdated or recorded is later than the day it was received."],
      { recorded: "2026-03-02" },
    ],
    ["with the source in words", [notA("primarySource", "true or false")], { primarySource: "true" }],
    [
      "without a procedure",
      [missing("extension.valueCodeableConcept.coding")],
      {
        extension: [
          {
            url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure",
            valueCodeableConcept: { coding: [] },
          },
        ],
      },
    ],
    [
      "with another extension",
      [notA("extension.url", "that of the vaccination procedure")],
      { extension: [{ url: "https://example.invalid", valueCodeableConcept: coded("432636005") }] },
    ],
    [
      "with a procedure that is no SNOMED CT code",
      [notA("vaccineCode.coding.code", "a SNOMED CT code"), notA("vaccineCode.coding", "a dm+d product code, or NAVU")],
      { vaccineCode: coded("45480711000001108") },
    ],
    [
      "with an unknown product",
      ["dm+d code 61396006 at row 3, vaccineCode.coding.code is not in the product table."],
      { vaccineCode: coded("61396006") },
    ],
    [
      "with an unknown site",
      ["SNOMED CT code 78421000 at row 3, site.coding.code is not in the site of vaccination table."],
      { site: coded("78421000") },
    ],
    [
      "with a site coded twice",
      [notA("site.coding", "coded once in each system")],
      { site: { coding: [...coded("61396006").coding, ...coded("11207009").coding] } },
    ],
    [
      "with diseases of no vaccine",
      [notA("protocolApplied.targetDisease", "the target diseases of one vaccine")],
      { protocolApplied: [{ doseNumberPositiveInt: 1, targetDisease: MMRV.slice(1) }], extension: resource.extension },
    ],
    [
      "with a dose number of 10",
      [notA("protocolApplied.doseNumberPositiveInt", "a whole number from 1 to 9")],
      { protocolApplied: [{ doseNumberPositiveInt: 10, targetDisease: MMRV }] },
    ],
    [
      "with no dose number at all",
      [missing("protocolApplied.doseNumberString")],
      { protocolApplied: [{ targetDisease: MMRV }] },
    ],
    ["with an empty batch", [notA("lotNumber", "text that is not empty")], { lotNumber: " " }],
    [
      "with an expiry that is no day",
      ["The date at row 3, expirationDate is not a day of the calendar written as yyyy-MM-dd."],
      { expirationDate: "2027-02-30" },
    ],
    ["with an amount in words", [notA("doseQuantity.value", "a number")], { doseQuantity: { value: "0.5" } }],
    ["with a unit of no system", [missing("doseQuantity.system")], { doseQuantity: { value: 0.5, code: "258773002" } }],
    ["without a place", [missing("location")], { location: undefined }],
    [
      "with a reason that is no SNOMED CT code",
      [notA("reasonCode.coding.code", "a SNOMED CT code")],
      { reasonCode: [coded("723620005")] },
    ],
  ])("%s", (_, faults, changes) => {
    expect(read(changes)).toEqual(faults);
  });

  const path = "contained[Patient]";
  test.each([
    ["without a family name", [missing(`${path}.name.family`)], { name: [{ given: ["Ada"] }] }],
    [
      "with a family name too long",
      [`row 3, ${path}.name.family holds 36 characters; 35 are allowed.`],
      { name: [{ family: "E".repeat(36), given: ["Ada"] }] },
    ],
    [
      "with six given names",
      [notA(`${path}.name.given`, "one to five names")],
      { name: [{ family: "Example", given: ["A", "B", "C", "D", "E", "F"] }] },
    ],
    ["of a gender there is not", [notA(`${path}.gender`, "male, female, other, unknown")], { gender: "F" }],
    [
      "born on no day",
      [`The date at row 3, ${path}.birthDate is not a day of the calendar written as yyyy-MM-dd.`],
      { birthDate: "2025-13-01" },
    ],
    ["without a postcode", [missing(`${path}.address.postalCode`)], { address: [{}] }],
    [
      "with a wrong NHS number",
      [`The NHS number at row 3, ${path}.identifier.value is not one: its check digit is wrong.`],
      { identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: "9990000019" }] },
    ],
    [
      "with spaces in the NHS number",
      [notA(`${path}.identifier.value`, "ten digits without spaces")],
      { identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: "999 000 0018" }] },
    ],
    [
      "with an extended NHS number",
      [notA(`${path}.identifier`, "without extension")],
      { identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: "9990000018", extension: [] }] },
    ],
    [
      "with a telephone",
      [notA(path, "made of resourceType, id, identifier, name, gender, birthDate, address alone")],
      { telecom: [] },
    ],
  ])("about a child %s", (_, faults, changes) => {
    expect(readPatient(changes)).toEqual(faults);
  });

  test("with all its faults told together, none of them by its value", () => {
    const faults = read({
      status: "entered-in-error",
      lotNumber: "",
      contained: [{ ...patient, gender: "Ada" }],
      performer: [organisation],
    });
    expect(faults).toHaveLength(3);
    expect(JSON.stringify(faults)).not.toMatch(/entered|Ada"/);
  });

  test.each(["{", "[]", "null", '"Immunization"', JSON.stringify(resource).slice(0, -20)])(
    "that is no JSON object: %#",
    (text) => {
      expect(readText(text)).toEqual(["row 3 has no readable fields; the layout has one JSON object a line."]);
    },
  );

  test("that is of another type", () => {
    expect(read({ resourceType: "Observation" })).toEqual([notA("resourceType", "Immunization")]);
  });
});

test("a dose that the national API cannot take is not written", () => {
  expect(() => fhirImmunization.write([{ vaccine: "PENTAVALENT" }])).toThrow(RangeError);
});
