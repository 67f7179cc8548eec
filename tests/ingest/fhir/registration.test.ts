import { SYSTEMS } from "../../../ingest/fhir/systems";
import type { ChangeOfGpContent, DeathContent } from "../../../ingest/fhir/write";
import {
  ADA,
  CHANGE_OF_ADDRESS,
  CHANGE_OF_GP,
  DEATH,
  type Edit,
  faultsOf,
  message,
  read,
  readingOf,
  warningsOf,
} from "../../fixtures/messages";

const AS_OF = "2026-03-02T10:00:00.000000000Z";

describe("A change of address", () => {
  test("tells the new address and the period of the former one", () => {
    const { introduces, tells } = readingOf(message(CHANGE_OF_ADDRESS));
    expect(introduces).toBe(false);
    expect(tells).toEqual([
      {
        type: "AddressRecorded",
        action: "record",
        source: { system: "pds-change-of-address-1", id: "latest" },
        asOf: AS_OF,
        lines: ["9 Mill Lane", "Chester"],
        postcode: "CH3 5UJ",
        localAuthority: "E06000050",
        from: "2026-03-01",
        to: null,
      },
      {
        type: "AddressRecorded",
        action: "record",
        source: { system: "pds-change-of-address-1", id: "previous/2026-02-03" },
        asOf: AS_OF,
        lines: ["4 Heron Way", "Nantwich"],
        postcode: "CW5 5NX",
        localAuthority: "E06000049",
        from: "2026-02-03",
        to: "2026-03-01",
      },
    ]);
  });

  test("chooses by use, not by position", () => {
    const addresses = /(<address>[\s\S]*?<\/address>)\s*(<address>[\s\S]*?<\/address>)/;
    const swapped = message(CHANGE_OF_ADDRESS, [addresses, "$2$1"]);
    expect(readingOf(swapped).tells).toEqual(readingOf(message(CHANGE_OF_ADDRESS)).tells);
  });

  test.each<[title: string, edits: readonly Edit[], faults: readonly string[]]>([
    ["no home address", [['<use value="home"/>', '<use value="temp"/>']], ["ELEMENT_MISSING Patient.address(home)"]],
    ["no lines", [[/<line value="(9 Mill Lane|Chester)"\/>/g, ""]], ["ELEMENT_MISSING Patient.address[0].line"]],
    [
      "blank lines",
      [[/<line value="(9 Mill Lane|Chester)"\/>/g, '<line value=" "/>']],
      ["ELEMENT_MISSING Patient.address[0].line"],
    ],
    ["no postcode", [['<postalCode value="CH3 5UJ"/>', ""]], ["ELEMENT_MISSING Patient.address[0].postalCode"]],
    [
      "two homes",
      [[/(<address>\s*<use value="home"\/>[\s\S]*?<\/address>)/, "$1$1"]],
      ["ELEMENT_INVALID Patient.address"],
    ],
    [
      "a day that is none",
      [['start value="2026-03-01"', 'start value="2026-02-29"']],
      ["DATE_INVALID Patient.address[0].period.start"],
    ],
  ])("with %s is a fault", (_title, edits, faults) => {
    expect(faultsOf(read(message(CHANGE_OF_ADDRESS, ...edits)))).toEqual(faults);
  });

  test("without the former address is read with a warning", () => {
    const text = message({ ...CHANGE_OF_ADDRESS, previous: null });
    expect(warningsOf(read(text))).toEqual(["ELEMENT_MISSING Patient.address(old)"]);
    expect(readingOf(text).tells).toHaveLength(1);
  });

  test("without its first day is read with a warning", () => {
    const text = message(CHANGE_OF_ADDRESS, ['<start value="2026-03-01"/>', ""]);
    expect(warningsOf(read(text))).toEqual(["ELEMENT_MISSING Patient.address[0].period.start"]);
    expect(readingOf(text).tells[0]).toMatchObject({ from: null });
  });

  test("a former address without its first day stands under the time of the message", () => {
    const text = message(CHANGE_OF_ADDRESS, ['<start value="2026-02-03"/>', ""]);
    expect(readingOf(text).tells[1]?.source.id).toBe(`previous/${AS_OF}`);
  });

  test("an address begins on its local day", () => {
    const text = message(CHANGE_OF_ADDRESS, ['start value="2026-03-01"', 'start value="2025-06-30T23:30:00+00:00"']);
    expect(readingOf(text).tells[0]).toMatchObject({ from: "2025-07-01" });
  });
});

describe("A change of GP", () => {
  const PRACTICE = CHANGE_OF_GP.practice;
  const LEFT = CHANGE_OF_GP.previous;
  const current = { id: "latest", from: "2026-03-02", to: null };
  const previous = { id: "previous/N81010", practice: "N81010", from: "2026-02-12", to: "2026-03-01" };

  test.each<[title: string, changed: Partial<ChangeOfGpContent>, told: readonly object[]]>([
    ["to another practice", { practice: PRACTICE, previous: LEFT }, [{ ...current, practice: "N81009" }, previous]],
    ["to none: de-registered", { practice: null, previous: LEFT }, [{ ...current, practice: null }, previous]],
    ["from none: first registration", { practice: PRACTICE, previous: null }, [{ ...current, practice: "N81009" }]],
  ])("%s", (_title, changed, told) => {
    const { tells, warnings } = readingOf(message({ ...CHANGE_OF_GP, ...changed }));
    expect(warnings).toEqual([]);
    expect(tells).toEqual(
      told.map((row) => {
        const { id, ...period } = { id: "", ...row };
        const source = { system: "pds-change-of-gp-1", id };
        return { type: "GpRegistrationRecorded", action: "record", source, asOf: AS_OF, ...period };
      }),
    );
  });

  test("from none to none is a fault", () => {
    const faults = faultsOf(read(message({ ...CHANGE_OF_GP, practice: null, previous: null })));
    expect(faults).toEqual(["ELEMENT_MISSING Patient.generalPractitioner or a finished EpisodeOfCare"]);
  });

  test("begins on the local day of the timestamp", () => {
    const [told] = readingOf(message({ ...CHANGE_OF_GP, timestamp: "2025-06-30T23:30:00+00:00" })).tells;
    expect(told).toMatchObject({ from: "2025-07-01" });
  });

  test("reads a practice from its address in the directory", () => {
    const reference = /(<generalPractitioner>\s*<reference value=)"[^"]*"/;
    const address = '$1"https://directory.spineservices.nhs.uk/STU3/Organization/N81011"';
    expect(readingOf(message(CHANGE_OF_GP, [reference, address])).tells[0]).toMatchObject({ practice: "N81011" });
  });

  test("never takes another organisation of the message for the practice", () => {
    const extra =
      '<entry><fullUrl value="urn:uuid:1"/><resource><Organization><identifier><system value="https://fhir.nhs.uk/Id/ods-organization-code"/><value value="X99999"/></identifier></Organization></resource></entry>';
    const text = message(CHANGE_OF_GP, [/(<entry>[\s\S]*?<\/entry>)/, `$1${extra}`]);
    expect(readingOf(text).tells).toEqual(readingOf(message(CHANGE_OF_GP)).tells);
  });

  test.each<[title: string, edit: Edit, faults: readonly string[]]>([
    [
      "a practice that is nowhere",
      [/(<generalPractitioner>\s*<reference value="urn:uuid:)/, "$1f"],
      ["ELEMENT_INVALID Patient.generalPractitioner"],
    ],
    [
      "another child's registration",
      [/(<EpisodeOfCare>[\s\S]*?<patient>\s*<reference value="urn:uuid:)/, "$1f"],
      ["IDENTITY_MISMATCH EpisodeOfCare.patient"],
    ],
    [
      "two finished registrations",
      [/(<entry>\s*<fullUrl [^>]*>\s*<resource>\s*<EpisodeOfCare>[\s\S]*?<\/entry>)/, "$1$1"],
      ["ELEMENT_INVALID EpisodeOfCare"],
    ],
  ])("%s is a fault", (_title, edit, faults) => {
    expect(faultsOf(read(message(CHANGE_OF_GP, edit)))).toEqual(faults);
  });

  test("a registration that is not finished is not the one left", () => {
    const text = message(CHANGE_OF_GP, ['status value="finished"', 'status value="active"']);
    expect(readingOf(text).tells).toHaveLength(1);
  });

  test("the practice left may be unknown", () => {
    const text = message(CHANGE_OF_GP, [/(<managingOrganization>\s*<reference value="urn:uuid:)/, "$1f"]);
    expect(warningsOf(read(text))).toEqual(["ELEMENT_INVALID EpisodeOfCare.managingOrganization"]);
    expect(readingOf(text).tells).toHaveLength(1);
  });

  test("a registration without its last day ends when the message was sent", () => {
    const text = message(CHANGE_OF_GP, ['<end value="2026-03-01"/>', ""]);
    expect(readingOf(text).tells[1]).toMatchObject({ to: "2026-03-02" });
  });
});

describe("A death", () => {
  const told = (death: Partial<DeathContent>, ...edits: readonly Edit[]) =>
    message({ ...DEATH, death: { ...DEATH.death, ...death } }, ...edits);
  const NESTED = /<extension url="deathNotificationStatus">\s*([\s\S]*?<\/valueCodeableConcept>)\s*<\/extension>/;
  const EFFECTIVE = /<extension url="systemEffectiveDate">[\s\S]*?<\/extension>/;

  test.each<[title: string, text: string, status: string, diedOn: string | null, warnings: readonly string[]]>([
    ["formal", told({}), "FORMAL", "2026-03-01", []],
    ["informal", told({ status: "INFORMAL" }), "INFORMAL", "2026-03-01", []],
    ["of a bare date", told({ diedAt: "2026-02-28" }), "FORMAL", "2026-02-28", []],
    ["on its local day", told({ diedAt: "2025-06-30T23:30:00Z" }), "FORMAL", "2025-07-01", []],
    ["removed", told({ status: "REMOVED", diedAt: null }), "REMOVED", null, []],
    ["without a date", told({ diedAt: null }), "FORMAL", null, ["ELEMENT_MISSING Patient.deceasedDateTime"]],
    [
      "of which only the month is known",
      told({ diedAt: "2026-02" }),
      "FORMAL",
      null,
      ["ELEMENT_INVALID Patient.deceasedDateTime", "ELEMENT_MISSING Patient.deceasedDateTime"],
    ],
    [
      "whose status stands directly in its extension",
      told({}, [NESTED, "$1"], [EFFECTIVE, ""]),
      "FORMAL",
      "2026-03-01",
      ["ELEMENT_MISSING Patient.extension(DeathNotificationStatus-1).systemEffectiveDate"],
    ],
    [
      "without an effective date",
      told({}, [EFFECTIVE, ""]),
      "FORMAL",
      "2026-03-01",
      ["ELEMENT_MISSING Patient.extension(DeathNotificationStatus-1).systemEffectiveDate"],
    ],
    ["before the birth, as test data has it", told({ diedAt: "2020-01-01" }), "FORMAL", "2020-01-01", []],
  ])("%s", (_title, text, status, diedOn, warnings) => {
    expect(faultsOf(read(text))).toEqual([]);
    expect(warningsOf(read(text))).toEqual(warnings);
    expect(readingOf(text).tells).toEqual([
      {
        type: "DeathRecorded",
        action: "record",
        source: { system: "pds-death-notification-1", id: "latest" },
        asOf: AS_OF,
        status,
        diedOn,
      },
    ]);
  });

  test.each<[title: string, text: string, faults: readonly string[]]>([
    ["removed, and with a date", told({ status: "REMOVED" }), ["ELEMENT_INVALID Patient.deceasedDateTime"]],
    ["without a status", told({}, [NESTED, ""]), ["ELEMENT_MISSING Patient.extension(DeathNotificationStatus-1)"]],
    [
      "of another status",
      told({}, ['code value="2"', 'code value="3"']),
      ["ELEMENT_INVALID Patient.extension.extension[0].valueCodeableConcept"],
    ],
    [
      "of another system",
      told({}, [SYSTEMS.DEATH_STATUS, "urn:another"]),
      ["ELEMENT_INVALID Patient.extension.extension[0].valueCodeableConcept"],
    ],
    ["to come", told({ diedAt: "2026-05-01" }), ["DATE_FUTURE Patient.deceasedDateTime"]],
    ["on no day", told({ diedAt: "2026-02-30" }), ["DATE_INVALID Patient.deceasedDateTime"]],
    ["at a time without offset", told({ diedAt: "2026-03-01T15:00:00" }), ["DATE_INVALID Patient.deceasedDateTime"]],
  ])("%s is a fault", (_title, text, faults) => {
    expect(faultsOf(read(text))).toEqual(faults);
  });

  test("needs no date of birth", () => {
    const { about } = readingOf(
      message(DEATH, [/<birthDate [^>]*>/, ""], [/<extension url="birthDateTime">[\s\S]*?<\/extension>/, ""]),
    );
    expect(about).toMatchObject({ nhsNumber: ADA.nhsNumber, bornOn: null });
  });
});
