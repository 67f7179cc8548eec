import { READERS } from "../../../ingest/fhir";
import { NATIONAL_EVENTS, type NationalEvent, NEIGHBOURING_EVENTS } from "../../../ingest/fhir/header";
import { EXTENSIONS, SYSTEMS } from "../../../ingest/fhir/systems";
import {
  ADA,
  BIRTH,
  CHANGE_OF_ADDRESS,
  CHANGE_OF_GP,
  DEATH,
  type Edit,
  EXAMINATION,
  faultsOf,
  HEARING,
  message,
  orderedReadingOf,
  read,
  readingOf,
  SOUND,
  testNumber,
  warningsOf,
} from "../../fixtures/messages";

const EVENTS = Object.keys(NATIONAL_EVENTS) as NationalEvent[]; // The keys of a table of its own.
const HEADER = "MessageHeader";
const OTHER_NUMBER = testNumber("999000404");

test("every national event has a reader and a sound message in these tests", () => {
  expect(Object.keys(READERS).sort()).toEqual([...EVENTS].sort());
  expect(Object.keys(SOUND).sort()).toEqual([...EVENTS].sort());
});

describe("A sound message of every event is read without warning", () => {
  test.each(EVENTS)("%s", (event) => {
    const reading = read(message(SOUND[event]), { workflowId: NATIONAL_EVENTS[event].workflow });
    expect(faultsOf(reading)).toEqual([]);
    expect(warningsOf(reading)).toEqual([]);
    expect(reading.verdict === "READ" && reading.message).toMatchObject({
      messageId: "0f7c3a52-6f0e-4d6b-9c1d-2b1f0f3e9a01",
      event,
      messageType: "new",
      lastUpdated: "2026-03-02T10:00:00.000000000Z",
      timestamp: "2026-03-02T10:05:00.000000000Z",
      publisherContact: "email service.desk@example.nhs.uk",
    });
  });
});

describe("Checks 1 to 8: what the envelope must be", () => {
  const dropped = (pattern: RegExp): Edit => [pattern, ""];
  test.each<[title: string, edits: readonly Edit[], faults: readonly string[]]>([
    [
      "1 the bundle is a document",
      [['type value="message"', 'type value="document"']],
      ["ELEMENT_INVALID Bundle.type"],
    ],
    ["1 the bundle has no type", [dropped(/<type value="message"\/>/)], ["ELEMENT_INVALID Bundle.type"]],
    [
      "2 the header is not the first entry",
      [[/(<entry>[\s\S]*?<\/entry>)\s*(<entry>[\s\S]*?<\/entry>)/, "$2$1"]],
      ["ELEMENT_INVALID Bundle.entry[0].resource"],
    ],
    ["2 there are two headers", [[/(<entry>[\s\S]*?<\/entry>)/, "$1$1"]], ["ELEMENT_INVALID Bundle"]],
    [
      "3 the id is absent",
      [dropped(/<id value="0f7c3a52[^>]*>(?=\s*<meta>\s*<lastUpdated)/)],
      ["ELEMENT_MISSING MessageHeader.id"],
    ],
    ["3 the id is no UUID", [['id value="0f7c3a52-', 'id value="']], ["ELEMENT_INVALID MessageHeader.id"]],
    ["4 the event is none we know", [["newborn-hearing-1", "newborn-hearing-9"]], ["EVENT_UNKNOWN"]],
    [
      "4 the event is of another system",
      [[SYSTEMS.EVENT, "https://fhir.nhs.uk/STU3/CodeSystem/EventType-2"]],
      ["EVENT_UNKNOWN"],
    ],
    [
      "5 the message type is absent",
      [[`url="${EXTENSIONS.MESSAGE_TYPE}"`, 'url="urn:another"']],
      ["ELEMENT_MISSING MessageHeader.extension(MessageEventType-1)"],
    ],
    [
      "5 the message type is of another system",
      [[SYSTEMS.MESSAGE_TYPE, "https://fhir.nhs.uk/STU3/CodeSystem/DCH-MessageEventType-1"]],
      ["ELEMENT_MISSING MessageHeader.extension[1].valueCodeableConcept"],
    ],
    [
      "5 there are two message types",
      [[/(<coding>\s*<system value="[^"]*MessageEventType-1"[\s\S]*?<\/coding>)/, "$1$1"]],
      ["ELEMENT_INVALID MessageHeader.extension[1].valueCodeableConcept"],
    ],
    [
      "5 the message type is none of three",
      [['code value="new"', 'code value="renew"']],
      ["ELEMENT_INVALID MessageHeader.extension[1].valueCodeableConcept"],
    ],
    ["6 lastUpdated is absent", [dropped(/<lastUpdated [^>]*>/)], ["ELEMENT_MISSING MessageHeader.meta.lastUpdated"]],
    ...[
      "2026-03-02",
      "2026-03-02T10:00+00:00",
      "2026-03-02T10:00:00",
      "2026-02-30T10:00:00Z",
      "2026-03-02T10:00:00+58:00",
    ].map((instant): [string, readonly Edit[], readonly string[]] => [
      `6 lastUpdated is ${instant}`,
      [["2026-03-02T10:00:00+00:00", instant]],
      ["ELEMENT_INVALID MessageHeader.meta.lastUpdated"],
    ]),
    [
      "6 lastUpdated lies ahead",
      [["2026-03-02T10:00:00", "2027-03-02T10:00:00"]],
      ["DATE_FUTURE MessageHeader.meta.lastUpdated"],
    ],
    ["7 the timestamp is absent", [dropped(/<timestamp [^>]*>/)], ["ELEMENT_MISSING MessageHeader.timestamp"]],
    [
      "7 the timestamp is a date",
      [["2026-03-02T10:05:00+00:00", "2026-03-02"]],
      ["ELEMENT_INVALID MessageHeader.timestamp"],
    ],
    ["8 the focus is absent", [dropped(/<focus>[\s\S]*?<\/focus>/)], ["ELEMENT_MISSING MessageHeader.focus"]],
    [
      "8 the focus leads nowhere",
      [[/(<focus>\s*<reference value="urn:uuid:)/, "$1f"]],
      ["ELEMENT_INVALID MessageHeader.focus"],
    ],
    ["8 there are two", [[/(<focus>[\s\S]*?<\/focus>)/, "$1$1"]], ["ELEMENT_INVALID MessageHeader.focus"]],
    [
      "a modifier extension may turn the meaning round",
      [["<birthDate", '<modifierExtension url="urn:not"/><birthDate']],
      ["ELEMENT_INVALID Patient.modifierExtension"],
    ],
  ])("%s", (_title, edits, faults) => {
    expect(faultsOf(read(message(HEARING, ...edits)))).toEqual(faults);
  });

  test("8 the focus is a resource of another type", () => {
    const reference = /<subject>\s*<reference value="([^"]*)"/.exec(message(HEARING))?.[1];
    const spoilt = message(HEARING, [/(<focus>\s*<reference value=)"[^"]*"/, `$1"${reference}"`]);
    expect(faultsOf(read(spoilt))).toEqual(["ELEMENT_INVALID MessageHeader.focus"]);
  });

  test("all faults are told together, each with what can be done", () => {
    const reading = read(
      message(
        { ...HEARING, lastUpdated: null },
        ['code value="new"', 'code value="renew"'],
        [/<focus>[\s\S]*?<\/focus>/, ""],
      ),
    );
    expect(reading.verdict === "QUARANTINED" && reading.faults.map((fault) => fault.message)).toEqual([
      "Bundle.entry[0].resource.MessageHeader.extension[1].valueCodeableConcept is not new, update or delete.",
      "Bundle.entry[0].resource.MessageHeader.meta.lastUpdated is missing, and a newborn-hearing-1 message needs it.",
      "Bundle.entry[0].resource.MessageHeader.focus is missing, and a newborn-hearing-1 message needs it.",
    ]);
  });

  test("faults of the envelope and of the content are told together", () => {
    const reading = read(message({ ...DEATH, lastUpdated: null, child: { ...ADA, nhsNumber: "9990002011" } }));
    expect(faultsOf(reading)).toEqual([
      "ELEMENT_MISSING MessageHeader.meta.lastUpdated",
      "NHS_INVALID Patient.identifier.value",
      "NHS_INVALID MessageHeader.extension[0].nhsNumber",
    ]);
  });

  test("what identifies a message is told of one at fault", () => {
    const reading = read(message(HEARING, [/<timestamp [^>]*>/, ""]));
    expect(reading.message).toMatchObject({
      messageId: "0f7c3a52-6f0e-4d6b-9c1d-2b1f0f3e9a01",
      event: "newborn-hearing-1",
      publisherContact: "email service.desk@example.nhs.uk",
      timestamp: null,
    });
  });
});

describe("Which message types an event may have", () => {
  const typed = (event: NationalEvent, type: string) =>
    read(message(SOUND[event], ['code value="new"', `code value="${type}"`]));

  test.each(EVENTS.filter((event) => event.startsWith("pds-")))("%s: never update, never delete", (event) => {
    expect(faultsOf(typed(event, "update"))).toEqual(["EVENT_TYPE_NOT_ALLOWED"]);
    expect(faultsOf(typed(event, "delete"))).toEqual(["EVENT_TYPE_NOT_ALLOWED"]);
  });

  test.each(EVENTS.filter((event) => !event.startsWith("pds-")))("%s: an update replaces, with a warning", (event) => {
    const [sound, update] = [read(message(SOUND[event])), typed(event, "update")];
    expect(warningsOf(update)).toEqual(["EVENT_TYPE_NOT_ALLOWED"]);
    expect(update.verdict === "READ" && update.reading.tells).toEqual(sound.verdict === "READ" && sound.reading.tells);
  });
});

describe("Check 9 and 10: the child", () => {
  test.each(EVENTS.filter((event) => event !== "pds-birth-notification-1"))("%s must lead to its Patient", (event) => {
    const faults = faultsOf(read(message(SOUND[event], [/<subject>(?![\s\S]*<subject>)[\s\S]*?<\/subject>/, ""])));
    expect(faults.join()).toMatch(/Patient of (Communication|Encounter)\.subject/);
  });

  const NUMBER = `value value="${ADA.nhsNumber}"`;
  test.each<[title: string, edits: readonly Edit[], faults: readonly string[]]>([
    [
      "10 no NHS number",
      [[/<identifier>\s*<extension[\s\S]*?<\/identifier>/, ""]],
      ["ELEMENT_MISSING Patient.identifier(NHS number)"],
    ],
    [
      "10 a wrong check digit",
      [[new RegExp(NUMBER, "g"), 'value value="9990002011"']],
      ["NHS_INVALID Patient.identifier.value", "NHS_INVALID MessageHeader.extension[0].nhsNumber"],
    ],
    [
      "10 nine digits",
      [[new RegExp(NUMBER, "g"), 'value value="999000201"']],
      ["NHS_INVALID Patient.identifier.value", "NHS_INVALID MessageHeader.extension[0].nhsNumber"],
    ],
    [
      "10 a number that is not verified",
      [['code value="01"', 'code value="02"']],
      ["ELEMENT_INVALID Patient.identifier"],
    ],
    [
      "10 a number whose verification is not told",
      [[`url="${EXTENSIONS.VERIFICATION}"`, 'url="urn:another"']],
      ["ELEMENT_INVALID Patient.identifier"],
    ],
    [
      "10 two numbers",
      [[/(<identifier>\s*<extension[\s\S]*?<\/identifier>)/, "$1$1"]],
      ["ELEMENT_INVALID Patient.identifier"],
    ],
    [
      "11 a header about another child",
      [[NUMBER, `value value="${OTHER_NUMBER}"`]],
      ["IDENTITY_MISMATCH Patient.identifier"],
    ],
    [
      "11 a header about nobody",
      [[`url="${EXTENSIONS.ROUTING}"`, 'url="urn:another"']],
      ["ELEMENT_MISSING MessageHeader.extension(RoutingDemographics-1).nhsNumber"],
    ],
  ])("%s", (_title, edits, faults) => {
    expect(faultsOf(read(message(DEATH, ...edits)))).toEqual(faults);
  });

  test.each([
    "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
    "https://fhir.hl7.org.uk/STU3/CareConnect-NHSNumberVerificationStatus-1",
    "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
  ])("10 a number verified by %s is", (system) => {
    const spelt = message(DEATH).replace(/"[^"]*NHSNumberVerificationStatus-1"(?=\/>\s*<code)/, `"${system}"`);
    expect(read(spelt).verdict).toBe("READ");
  });
});

describe("Checks 12 to 14: what is odd and stops nothing", () => {
  test.each<[title: string, text: string, warnings: readonly string[]]>([
    [
      "12 the header has another date of birth",
      message(DEATH, ['valueDateTime value="2026-02-03"', 'valueDateTime value="2026-02-04T12:00:00+00:00"']),
      [`ELEMENT_INVALID ${HEADER}.extension[0].birthDateTime`],
    ],
    [
      "12 the header has the same date with any time, and no shift of zone",
      message(DEATH, ['valueDateTime value="2026-02-03"', 'valueDateTime value="2026-02-03T23:59:00-12:00"']),
      [],
    ],
    [
      "13 the responsible organisation is not in the message",
      message(HEARING, [/(<responsible>\s*<reference value="urn:uuid:)/, "$1f"]),
      [`ELEMENT_INVALID ${HEADER}.responsible`],
    ],
    [
      "13 the service's provider is not in the message",
      message(DEATH, [/(<providedBy>\s*<reference value=")[^"]*/, "$1urn:uuid:none"]),
      ["ELEMENT_INVALID HealthcareService.providedBy"],
    ],
    [
      "13 the sender is not in the message",
      message(DEATH, ["</Communication>", '<sender><reference value="urn:uuid:none"/></sender></Communication>']),
      ["ELEMENT_INVALID Communication.sender"],
    ],
    [
      "14 nobody says whom to tell",
      message(DEATH, [/<contact>[\s\S]*?<\/contact>/, ""]),
      [`ELEMENT_MISSING ${HEADER}.source.contact`],
    ],
    ["14 source.name is absent", message(DEATH, [/<name value="Personal[^>]*>/, ""]), []],
    ["14 the profile is another", message(DEATH, [/<profile [^>]*>/g, '<profile value="urn:another"/>']), []],
    ["14 displays are absent", message(DEATH, [/<display [^>]*>/g, ""]), []],
    ["14 the header's fullUrl has no prefix", message(DEATH, ['fullUrl value="urn:uuid:', 'fullUrl value="']), []],
  ])("%s", (_title, text, warnings) => {
    const reading = read(text);
    expect(faultsOf(reading)).toEqual([]);
    expect(warningsOf(reading)).toEqual(warnings);
  });

  test("the child's own date of birth is the one to match by", () => {
    const { about } = readingOf(
      message(DEATH, ['valueDateTime value="2026-02-03"', 'valueDateTime value="2026-02-04"']),
    );
    expect(about.bornOn).toBe("2026-02-03");
    expect(readingOf(message(DEATH, [/<birthDate [^>]*>/, ""])).about.bornOn).toBe("2026-02-03");
  });

  test("whom a message is about", () => {
    expect(readingOf(message(CHANGE_OF_GP)).about).toEqual({
      localId: null,
      nhsNumber: ADA.nhsNumber,
      supersededNhsNumbers: [],
      familyName: "Ní Dhomhnaill",
      givenNames: "Ada Mary",
      bornOn: "2026-02-03",
      postcode: "CW5 5NX",
      sex: "FEMALE",
    });
  });
});

describe("Instants", () => {
  test.each`
    sent                                   | held
    ${"2026-03-02T11:00:00+01:00"}         | ${"2026-03-02T10:00:00.000000000Z"}
    ${"2026-03-02T10:00:00Z"}              | ${"2026-03-02T10:00:00.000000000Z"}
    ${"2026-03-02T10:00:00.1234567+00:00"} | ${"2026-03-02T10:00:00.123456700Z"}
    ${"2026-03-02T20:00:00-14:00"}         | ${"2026-03-03T10:00:00.000000000Z"}
  `("$sent is held as $held", ({ sent, held }) => {
    const [told] = readingOf(message({ ...DEATH, lastUpdated: sent })).tells;
    expect(told?.asOf).toBe(held);
  });

  test.each(["2026-03-02T10:00:00+14:01", "2026-03-02T24:00:00Z", "2026-13-02T10:00:00Z"])("%s is none", (sent) => {
    expect(read(message({ ...DEATH, lastUpdated: sent })).verdict).toBe("QUARANTINED");
  });

  test("what decides between messages of one lastUpdated is kept", () => {
    const text = message({ ...DEATH, versionId: "4" }, [
      /(<Patient>\s*<id [^>]*>\s*<meta>)/,
      '$1<versionId value="7"/>',
    ]);
    expect(read(text).message).toMatchObject({ versionId: "4", patientVersionId: "7" });
  });
});

describe("Of two messages of one lastUpdated", () => {
  const versioned = (patient: string | null): Edit[] =>
    patient === null ? [] : [[/(<Patient>\s*<id [^>]*>\s*<meta>)/, `$1<versionId value="${patient}"/>`]];

  test.each`
    earlier                                           | later                                             | by
    ${{ version: "9" }}                               | ${{ version: "10" }}                              | ${"the version of the header, as a number"}
    ${{}}                                             | ${{ version: "1" }}                               | ${"a version, where the other has none"}
    ${{ version: "x1" }}                              | ${{ version: "1" }}                               | ${"a version, where the other is no number"}
    ${{ version: "2", patient: "9" }}                 | ${{ version: "2", patient: "10" }}                | ${"the version of the Patient"}
    ${{ version: "1", patient: "7" }}                 | ${{ version: "2", patient: "6" }}                 | ${"the version of the header before that of the Patient"}
    ${{ sent: "2026-03-02T10:05:00Z" }}               | ${{ sent: "2026-03-02T11:06:00+01:00" }}          | ${"the time of sending"}
    ${{ patient: "2", sent: "2026-03-02T10:07:00Z" }} | ${{ patient: "3", sent: "2026-03-02T10:05:00Z" }} | ${"the version of the Patient before the time of sending"}
  `("$later comes after $earlier: by $by", ({ earlier, later }) => {
    const [before = "", after = ""] = [earlier, later].map(({ version, patient = null, sent }) => {
      const content = { ...DEATH, versionId: version, timestamp: sent ?? DEATH.timestamp };
      return orderedReadingOf(message(content, ...versioned(patient))).tells[0]?.tieBreak;
    });
    expect(before < after).toBe(true);
  });

  test("that agree in all of these neither is the later", () => {
    const [one, other] = [DEATH, { ...DEATH, death: { ...DEATH.death, status: "INFORMAL" as const } }].map(
      (content) => orderedReadingOf(message(content)).tells[0]?.tieBreak,
    );
    expect(one).toBe(other);
  });
});

describe("Known events out of scope", () => {
  test.each(Object.entries(NEIGHBOURING_EVENTS))("%s is acknowledged and changes nothing", (event, { workflow }) => {
    const text = message({ ...DEATH, lastUpdated: null }, ["pds-death-notification-1", event]);
    expect(read(text, { workflowId: workflow })).toMatchObject({ verdict: "NOT_HANDLED", message: { event } });
  });

  test("but not without an id, by which it would be audited", () => {
    const text = message(DEATH, ["pds-death-notification-1", "vaccinations-1"], ['id value="0f7c3a52-', 'id value="']);
    expect(faultsOf(read(text))).toEqual(["ELEMENT_INVALID MessageHeader.id"]);
  });
});

describe("Superseded generations are not taken for current ones", () => {
  test.each`
    system                                                              | code
    ${"https://fhir.nhs.uk/STU3/CodeSystem/DCH-ChildHealthEventType-1"} | ${"CH005"}
    ${"https://fhir.nhs.uk/STU3/CodeSystem/DCH-ChildHealthEventType-1"} | ${"CH021"}
    ${"https://fhir.nhs.uk/STU3/CodeSystem/DCH-ChildHealthEventType-1"} | ${"newborn-hearing-1"}
    ${"https://fhir.nhs.uk/STU3/CodeSystem/EMS-EventType-1"}            | ${"PDS004"}
  `("$code of $system", ({ system, code }) => {
    const event = /<event>[\s\S]*?<\/event>/;
    const other = `<event><system value="${system}"/><code value="${code}"/></event>`;
    const reading = read(message(HEARING, [event, other]));
    expect(reading.verdict === "QUARANTINED" && reading.faults[0].message).toBe(
      `Event ${code} of ${system} is not one of the national child health events.`,
    );
  });

  test("CH005 / birth-details-1 is no national event", () => {
    expect(faultsOf(read(message(HEARING, ["newborn-hearing-1", "birth-details-1"])))).toEqual(["EVENT_UNKNOWN"]);
  });

  test("what does not look like a code is not repeated", () => {
    const reading = read(message(HEARING, ["newborn-hearing-1", "Ada Ní Dhomhnaill"]));
    expect(reading.verdict === "QUARANTINED" && reading.faults[0].message).not.toContain("Ada");
    expect(reading.message.event).toBe("(not a code)");
  });
});

describe("The MESH workflow", () => {
  test("carries its own event", () => {
    const reading = read(message(BIRTH), { workflowId: "CHANGEOFGP_1" });
    expect(reading.verdict === "QUARANTINED" && reading.faults.map((fault) => fault.message)).toEqual([
      "MESH workflow CHANGEOFGP_1 does not carry pds-birth-notification-1 messages.",
    ]);
  });

  test("need not be known", () => {
    expect(read(message(CHANGE_OF_ADDRESS)).verdict).toBe("READ");
  });
});

test("the logical id of a screening encounter is kept, and is one for all messages of it", () => {
  const changed = { ...EXAMINATION, messageId: "11111111-6f0e-4d6b-9c1d-2b1f0f3e9a01" };
  expect(read(message(EXAMINATION)).message.encounterId).toMatch(/^[0-9a-f-]{36}$/);
  expect(read(message(changed)).message.encounterId).toBe(read(message(EXAMINATION)).message.encounterId);
  expect(read(message(DEATH)).message.encounterId).toBeNull();
});
