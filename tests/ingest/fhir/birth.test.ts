import { SYSTEMS } from "../../../ingest/fhir/systems";
import type { BirthContent } from "../../../ingest/fhir/write";
import {
  ADA,
  BIRTH,
  type Edit,
  faultsOf,
  message,
  read,
  readingOf,
  testNumber,
  warningsOf,
} from "../../fixtures/messages";

const SOURCE = { system: "pds-birth-notification-1", id: "latest" };
const AS_OF = "2026-03-02T10:00:00.000000000Z";
const MOTHER_NUMBER = testNumber("999000300");

test("A birth introduces the baby: who they are, how they were born, where they live", () => {
  const { about, introduces, tells, warnings } = readingOf(message(BIRTH));
  expect(warnings).toEqual([]);
  expect(introduces).toBe(true);
  expect(about).toMatchObject({ nhsNumber: ADA.nhsNumber, familyName: "Ní Dhomhnaill", bornOn: "2026-02-03" });
  expect(tells).toEqual([
    {
      type: "IdentityRecorded",
      action: "record",
      source: SOURCE,
      asOf: AS_OF,
      nhsNumber: ADA.nhsNumber,
      nhsNumberStatus: "VERIFIED",
      supersededNhsNumbers: [],
      familyName: "Ní Dhomhnaill",
      givenNames: "Ada Mary",
      bornOn: "2026-02-03",
      bornAtTime: "04:12",
      sex: "FEMALE",
      ethnicCategory: "B",
    },
    {
      type: "BirthRecorded",
      action: "record",
      source: SOURCE,
      asOf: AS_OF,
      motherNhsNumber: MOTHER_NUMBER,
      motherFamilyName: "Ní Dhomhnaill",
      motherGivenNames: "Róisín",
      motherBornOn: "1995-06-07",
      birthOrder: 1,
      birthsAtDelivery: 1,
      weightGrams: 3420,
      gestationWeeks: 39,
      stillbirth: false,
      congenitalAbnormality: "NOT_SUSPECTED",
      deliveryPlace: "Leighton Hospital",
    },
    {
      type: "AddressRecorded",
      action: "record",
      source: SOURCE,
      asOf: AS_OF,
      lines: ["4 Heron Way", "Nantwich"],
      postcode: "CW5 5NX",
      localAuthority: "E06000049",
      from: "2026-02-03",
      to: null,
    },
  ]);
});

test("the mother's practice is not taken for the baby's", () => {
  expect(message(BIRTH)).toContain("Organization/N81010");
  expect(readingOf(message(BIRTH)).tells.map((event) => event.type)).not.toContain("GpRegistrationRecorded");
});

test("of a birth without lastUpdated the timestamp tells when it was true", () => {
  const { tells, warnings } = readingOf(message({ ...BIRTH, lastUpdated: null }));
  expect(tells[0]?.asOf).toBe("2026-03-02T10:05:00.000000000Z");
  expect(warnings).toEqual([]);
});

describe("A baby who is not alive makes no active child", () => {
  const death = { status: "INFORMAL", diedAt: "2026-02-04", effectiveFrom: "2026-02-04" } as const;
  test.each<[title: string, changed: Partial<BirthContent>, edits: readonly Edit[], died: object]>([
    ["ante-partum stillbirth", { stillbirth: "2" }, [], { status: "FORMAL", diedOn: null }],
    ["intra-partum stillbirth", { stillbirth: "3" }, [], { status: "FORMAL", diedOn: null }],
    ["indeterminate stillbirth", { stillbirth: "4" }, [], { status: "FORMAL", diedOn: null }],
    ["an informal death", { death }, [], { status: "INFORMAL", diedOn: "2026-02-04" }],
    ["a formal death", { death: { ...death, status: "FORMAL" } }, [], { status: "FORMAL", diedOn: "2026-02-04" }],
    [
      "a date of death and no status",
      {},
      [[/(<birthDate [\s\S]*?<\/birthDate>)/, '$1<deceasedDateTime value="2026-02-05"/>']],
      { status: "INFORMAL", diedOn: "2026-02-05" },
    ],
    [
      "the word that they died",
      {},
      [[/(<birthDate [\s\S]*?<\/birthDate>)/, '$1<deceasedBoolean value="true"/>']],
      { status: "INFORMAL", diedOn: null },
    ],
    [
      "a death status that stands directly on the Patient",
      {},
      [
        [
          '<extension url="https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-EthnicCategory-1">',
          `<extension url="deathNotificationStatus"><valueCodeableConcept><coding><system value="${SYSTEMS.DEATH_STATUS}"/><code value="2"/></coding></valueCodeableConcept></extension>$&`,
        ],
      ],
      { status: "FORMAL", diedOn: null },
    ],
  ])("%s", (_title, changed, edits, died) => {
    const { introduces, tells, warnings } = readingOf(message({ ...BIRTH, ...changed }, ...edits));
    expect(introduces).toBe(false);
    expect(tells.map((event) => event.type)).toEqual(["BirthRecorded", "DeathRecorded"]);
    expect(tells[1]).toMatchObject(died);
    expect(warnings.map((warning) => warning.code)).toEqual(["ELEMENT_INVALID"]);
  });

  test("but one whose death was removed is alive", () => {
    const removed = { status: "REMOVED", diedAt: null, effectiveFrom: "2026-02-04" } as const;
    expect(readingOf(message({ ...BIRTH, death: removed })).introduces).toBe(true);
  });
});

describe("The chain to the baby", () => {
  test.each<[title: string, edits: readonly Edit[], faults: readonly string[]]>([
    ["no link", [[/<link>[\s\S]*?<\/link>/, ""]], ["ELEMENT_MISSING Patient.link.other"]],
    [
      "a link that leads nowhere",
      [[/(<other>\s*<reference value="urn:uuid:)/, "$1f"]],
      ["ELEMENT_INVALID Patient.link.other"],
    ],
    ["two links", [[/(<link>[\s\S]*?<\/link>)/, "$1$1"]], ["ELEMENT_INVALID Patient.link.other"]],
    [
      "a RelatedPerson of nobody",
      [[/(<RelatedPerson>[\s\S]*?<patient>\s*<reference value="urn:uuid:)/, "$1f"]],
      ["ELEMENT_INVALID RelatedPerson.patient"],
    ],
    [
      "another relationship",
      [['code value="NMTH"', 'code value="FTH"']],
      ["ELEMENT_INVALID RelatedPerson.relationship"],
    ],
    [
      "no baby's name",
      [[/<use value="official"\/>(?![\s\S]*<use value="official"\/>)/, '<use value="nickname"/>']],
      ["ELEMENT_MISSING Patient.name(official).family"],
    ],
    ["no date of birth", [[/<birthDate value="2026-02-03">/, "<birthDate>"]], ["ELEMENT_MISSING Patient.birthDate"]],
    [
      "a date of birth that is none",
      [[/<birthDate value="2026-02-03">/, '<birthDate value="2026-02-30">']],
      ["DATE_INVALID Patient.birthDate"],
    ],
    [
      "a date of birth to come",
      [[/<birthDate value="2026-02-03">/, '<birthDate value="2026-04-01">']],
      ["DATE_FUTURE Patient.birthDate"],
    ],
  ])("%s is a fault", (_title, edits, faults) => {
    expect(faultsOf(read(message(BIRTH, ...edits)))).toEqual(faults);
  });

  test.each([
    [SYSTEMS.ROLE, "NMTH"],
    [SYSTEMS.RELATIONSHIP, "12"],
  ])("%s %s is a mother", (system, code) => {
    const relationship = `<relationship><coding><system value="${system}"/><code value="${code}"/></coding></relationship>`;
    const related = message(BIRTH, [/<relationship>[\s\S]*?<\/relationship>/, relationship]);
    expect(warningsOf(read(related))).toEqual([]);
  });

  test("the mother comes before or after her baby", () => {
    const entries = message(BIRTH).split(/(?=<entry>)/);
    const [mother = "", baby = ""] = [entries[4], entries[6]];
    const swapped = entries.map((entry, i) => (i === 4 ? baby : i === 6 ? mother : entry)).join("");
    expect(readingOf(swapped)).toEqual(readingOf(message(BIRTH)));
  });
});

describe("The mother", () => {
  const changed = (mother: Partial<BirthContent["mother"]>, ...edits: readonly Edit[]) =>
    message({ ...BIRTH, mother: { ...BIRTH.mother, ...mother } }, ...edits);
  const WRONG = `${MOTHER_NUMBER.slice(0, 9)}${(Number(MOTHER_NUMBER[9]) + 1) % 10}`;

  test.each<[title: string, text: string, number: string | null, warnings: readonly string[]]>([
    ["without a number is no matter", changed({ nhsNumber: null }), null, []],
    ["with a wrong number loses it", changed({ nhsNumber: WRONG }), null, ["NHS_INVALID Patient.identifier.value"]],
    [
      "with a number that is not verified loses it",
      changed({}, ['code value="01"', 'code value="03"']),
      null,
      ["ELEMENT_INVALID Patient.identifier"],
    ],
    [
      "who is not the one routed on is told of",
      changed({}, [MOTHER_NUMBER, ADA.nhsNumber]),
      MOTHER_NUMBER,
      ["ELEMENT_INVALID MessageHeader.extension[0].nhsNumber"],
    ],
  ])("%s", (_title, text, number, warnings) => {
    const reading = read(text);
    expect(faultsOf(reading)).toEqual([]);
    expect(warningsOf(reading)).toEqual(warnings);
    expect(readingOf(text).tells[1]).toMatchObject({ motherNhsNumber: number, motherFamilyName: "Ní Dhomhnaill" });
  });
});

describe("The circumstances", () => {
  test.each`
    sent                                      | held
    ${{ weightGrams: 5888.0 }}                | ${{ weightGrams: 5888 }}
    ${{ gestationWeeks: 31 }}                 | ${{ gestationWeeks: 31 }}
    ${{ birthOrder: 2, birthsAtDelivery: 2 }} | ${{ birthOrder: 2, birthsAtDelivery: 2 }}
    ${{ abnormality: "U" }}                   | ${{ congenitalAbnormality: "NEEDS_REVIEW" }}
    ${{ abnormality: "Y" }}                   | ${{ congenitalAbnormality: "SUSPECTED" }}
  `("$sent is held as $held", ({ sent, held }) => {
    expect(readingOf(message({ ...BIRTH, ...sent })).tells[1]).toMatchObject(held);
  });

  test("a weight in another unit is dropped with a warning", () => {
    const text = message(BIRTH, ['<code value="g"/>', '<code value="kg"/>']);
    expect(warningsOf(read(text))).toEqual(["ELEMENT_INVALID Observation.valueQuantity"]);
    expect(readingOf(text).tells[1]).toMatchObject({ weightGrams: null, gestationWeeks: 39 });
  });

  test("a decimal weight is read", () => {
    const text = message(BIRTH, ['value value="3420"', 'value value="3420.0"']);
    expect(readingOf(text).tells[1]).toMatchObject({ weightGrams: 3420 });
  });

  test.each([
    ["stillbirth", SYSTEMS.STILLBIRTH, "1", "5"],
    ["abnormality", SYSTEMS.ABNORMALITY, "N", "X"],
  ])("a %s value outside its closed set is a fault", (_name, system, code, other) => {
    const edit: Edit = [new RegExp(`(${system}"/>\\s*<code value=)"${code}"`), `$1"${other}"`];
    expect(faultsOf(read(message(BIRTH, edit)))).toEqual(["ELEMENT_INVALID Observation.valueCodeableConcept"]);
  });

  test("an observation about somebody else is a fault", () => {
    const edit: Edit = [/(364589006[\s\S]*?<subject>\s*<reference value="urn:uuid:)/, "$1f"];
    expect(faultsOf(read(message(BIRTH, edit)))).toEqual(["IDENTITY_MISMATCH Observation.subject"]);
  });

  test("a missing word whether the baby was born alive is a warning", () => {
    const text = message(BIRTH, ["237364002", "237364003"]);
    expect(warningsOf(read(text))).toEqual(["ELEMENT_MISSING Observation 237364002"]);
    expect(readingOf(text).introduces).toBe(true);
  });
});

describe("The time of birth is local wall time", () => {
  test.each`
    bornOn          | sent                           | held
    ${"2025-07-01"} | ${"2025-07-01T08:00:00+01:00"} | ${"08:00"}
    ${"2025-07-01"} | ${"2025-06-30T23:30:00+00:00"} | ${"00:30"}
    ${"2026-02-03"} | ${"2026-02-03T23:59:59.9Z"}    | ${"23:59"}
    ${"2025-10-26"} | ${"2025-10-26T14:00:00Z"}      | ${"14:00"}
    ${"2026-02-03"} | ${null}                        | ${null}
  `("$sent is $held", ({ bornOn, sent, held }) => {
    const text = message({ ...BIRTH, bornAt: sent, baby: { ...ADA, bornOn } });
    expect(readingOf(text).tells[0]).toMatchObject({ bornOn, bornAtTime: held });
  });

  test("and dropped with a warning where it is on another day", () => {
    const text = message({ ...BIRTH, bornAt: "2026-02-04T04:12:00Z" });
    expect(readingOf(text).tells[0]).toMatchObject({ bornAtTime: null });
    expect(warningsOf(read(text)).join()).toContain("Patient.birthDate.extension.valueDateTime");
  });
});

test.each`
  gender       | sex
  ${"male"}    | ${"MALE"}
  ${"female"}  | ${"FEMALE"}
  ${"other"}   | ${"NOT_SPECIFIED"}
  ${"unknown"} | ${"NOT_KNOWN"}
`("gender $gender is $sex", ({ gender, sex }) => {
  const text = message(BIRTH, ['<gender value="female"/>', `<gender value=" ${gender} "/>`]);
  expect(readingOf(text).tells[0]).toMatchObject({ sex });
});

describe("The baby's address", () => {
  test("needs no use", () => {
    const text = message(BIRTH, ['<use value="home"/>', ""]);
    expect(readingOf(text).tells[2]).toMatchObject({ postcode: "CW5 5NX" });
  });

  test("may be absent, with a warning", () => {
    const text = message({ ...BIRTH, baby: { ...ADA, address: null } });
    expect(readingOf(text).tells.map((event) => event.type)).toEqual(["IdentityRecorded", "BirthRecorded"]);
    expect(warningsOf(read(text))).toEqual(["ELEMENT_MISSING Patient.address"]);
  });

  test("keeps city and district at the end of its lines", () => {
    const text = message(BIRTH, ['<line value="Nantwich"/>', '<city value="Nantwich"/><district value="Cheshire"/>']);
    expect(readingOf(text).tells[2]).toMatchObject({ lines: ["4 Heron Way", "Nantwich", "Cheshire"] });
  });
});
