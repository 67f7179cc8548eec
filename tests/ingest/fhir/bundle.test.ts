import { Bundle, digestOf, LARGEST_MESSAGE_BYTES, readBundle } from "../../../ingest/fhir/bundle";
import { writeMessage } from "../../../ingest/fhir/write";
import { ADA, asJson, BIRTH, brief, HEARING, message, read, readingOf, SOUND, spoilt } from "../../fixtures/messages";

const bytes = (text: string) => new TextEncoder().encode(text);

function bundleOf(text: string): Bundle {
  const reading = readBundle(bytes(text));
  if (!reading.read) throw reading.fault;
  return reading.bundle;
}

function faultOf(content: Uint8Array): string {
  const reading = readBundle(content);
  return reading.read ? "read" : reading.fault.message;
}

const XML = writeMessage(HEARING);

describe("What cannot be a message at all", () => {
  test.each`
    what                       | content                                                                             | fault
    ${"nothing"}               | ${""}                                                                               | ${"The message is not a well-formed event Bundle: it is not well-formed XML (line 1, column 0) at Bundle."}
    ${"plain text"}            | ${"Dear colleague"}                                                                 | ${"The message is not a well-formed event Bundle: it is not well-formed XML (line 1, column 14) at Bundle."}
    ${"a message cut off"}     | ${"<Bundle xmlns='http://hl7.org/fhir'><entry>"}                                    | ${"The message is not a well-formed event Bundle: it is not well-formed XML (line 1, column 43) at Bundle.entry[0]."}
    ${"an unknown entity"}     | ${"<Bundle xmlns='http://hl7.org/fhir'><id value='&who;'/></Bundle>"}               | ${"The message is not a well-formed event Bundle: it is not well-formed XML (line 1, column 52) at Bundle."}
    ${"no namespace"}          | ${"<Bundle/>"}                                                                      | ${"The message is not a well-formed event Bundle: an element is not in the FHIR namespace at Bundle."}
    ${"another namespace"}     | ${"<Bundle xmlns='urn:hl7-org:v3'/>"}                                               | ${"The message is not a well-formed event Bundle: an element is not in the FHIR namespace at Bundle."}
    ${"one below in another"}  | ${"<Bundle xmlns='http://hl7.org/fhir'><entry><a xmlns='urn:x'/></entry></Bundle>"} | ${"The message is not a well-formed event Bundle: an element is not in the FHIR namespace at Bundle.entry[0]."}
    ${"text between elements"} | ${"<Bundle xmlns='http://hl7.org/fhir'><id>7</id></Bundle>"}                        | ${"The message is not a well-formed event Bundle: text stands where only elements may at Bundle.id."}
    ${"another resource"}      | ${"<Patient xmlns='http://hl7.org/fhir'/>"}                                         | ${"The message is not a well-formed event Bundle: the message is not a Bundle at Bundle."}
    ${"another resource"}      | ${'{"resourceType":"Patient"}'}                                                     | ${"The message is not a well-formed event Bundle: the message is not a Bundle at Bundle."}
    ${"JSON cut off"}          | ${'{"resourceType":"Bundle",'}                                                      | ${"The message is not a well-formed event Bundle: it is not well-formed JSON at Bundle."}
    ${"a document type"}       | ${"<!DOCTYPE Bundle><Bundle xmlns='http://hl7.org/fhir'/>"}                         | ${"The message holds a document type or entity declaration, which an event message never has."}
    ${"an external entity"}    | ${"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"}               | ${"The message holds a document type or entity declaration, which an event message never has."}
    ${"another encoding"}      | ${"<?xml version='1.0' encoding='ISO-8859-1'?><Bundle/>"}                           | ${"The message holds bytes that are not UTF-8."}
  `("$what is refused", ({ content, fault }) => {
    expect(faultOf(bytes(content))).toBe(fault);
  });

  test("bytes that are not UTF-8 are refused", () => {
    expect(faultOf(Uint8Array.of(0x3c, 0xff, 0xfe))).toBe("The message holds bytes that are not UTF-8.");
  });

  test("a message over the limit is refused before it is read", () => {
    const size = LARGEST_MESSAGE_BYTES + 1;
    expect(faultOf(new Uint8Array(size))).toBe(`The message holds ${size} bytes; ${size - 1} are allowed.`);
    expect(read(`${XML}${" ".repeat(LARGEST_MESSAGE_BYTES - bytes(XML).length)}`).verdict).toBe("READ");
  });

  test.each([
    ["XML", `<Bundle xmlns='http://hl7.org/fhir'>${"<a>".repeat(70)}`],
    ["JSON", `{"resourceType":"Bundle","a":${'{"a":'.repeat(70)}1${"}".repeat(71)}`],
  ])("%s nested out of all proportion is refused", (_form, text) => {
    expect(faultOf(bytes(text))).toContain("elements stand more than 64 deep");
  });
});

describe("What makes no difference", () => {
  test.each`
    difference                               | text
    ${"a prolog"}                            | ${`<?xml version="1.0" encoding="UTF-8"?>\n${XML}`}
    ${"a byte order mark"}                   | ${`\ufeff${XML}`}
    ${"comments and white space"}            | ${spoilt(XML, [/<entry>/g, "\n<!-- an entry -->\t<entry>"])}
    ${"a prefix for the namespace"}          | ${spoilt(XML, [/<(\/?)(\w)/g, "<$1f:$2"], ['xmlns="', 'xmlns:f="'])}
    ${"quotes"}                              | ${spoilt(XML, [/value="([^"]*)"/g, "value='$1'"])}
    ${"narrative"}                           | ${spoilt(XML, ["<status ", '<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Ada</p></div></text><status '])}
    ${"white space about codes and systems"} | ${spoilt(XML, [/<(system|code|display) value="([^"]*)"/g, '<$1 value=" $2 "'])}
    ${"JSON"}                                | ${asJson(XML)}
  `("$difference", ({ text }) => {
    expect(readingOf(text)).toEqual(readingOf(XML));
  });

  test.each(Object.entries(SOUND))("%s reads the same from XML and from JSON", (_event, content) => {
    const xml = writeMessage(content);
    expect(readingOf(asJson(xml))).toEqual(readingOf(xml));
    expect(digestOf(bundleOf(asJson(xml)))).toBe(digestOf(bundleOf(xml)));
  });

  test("the order of elements is not enforced", () => {
    const swapped = spoilt(XML, [/(<timestamp [^>]*>)([\s\S]*?)(<responsible>)/, "$2$1$3"]);
    expect(readingOf(swapped)).toEqual(readingOf(XML));
  });

  test("entries but the first may come in any order", () => {
    const [before = "", ...entries] = XML.split(/(?=<entry>)/);
    const [header = "", ...others] = entries.map((entry) => entry.replace("</Bundle>", ""));
    const reversed = `${before}${header}${others.reverse().join("")}</Bundle>`;
    const [told] = readingOf(reversed).tells;
    expect(told).toMatchObject({ type: "NewbornHearingRecorded", outcome: "CLEAR_NO_FOLLOW_UP" });
  });
});

describe("When two deliveries are the same message", () => {
  const digest = (text: string) => read(text).message.digest;

  test("the same content in another layout is", () => {
    expect(digest(spoilt(XML, [/\n\s*/g, ""]))).toBe(digest(XML));
  });

  test("the same id with other content is not", () => {
    const other = message({ ...HEARING, outcomeSetAt: "2026-02-10T09:31:00+00:00" });
    expect(digest(other)).not.toBe(digest(XML));
  });

  test("the order of like elements counts", () => {
    const other = message({ ...HEARING, child: { ...ADA, givenNames: ["Mary", "Ada"] } });
    expect(digest(other)).not.toBe(digest(XML));
  });

  test("what cannot be read has the digest of its bytes", () => {
    expect(digest("<Bundle")).toBe(digest("<Bundle"));
    expect(digest("<Bundle")).not.toBe(digest("<Bundles"));
  });
});

describe("Where a reference leads", () => {
  const bundle = (entries: string) =>
    bundleOf(`<Bundle xmlns="http://hl7.org/fhir">${entries}<link><reference value="urn:uuid:AB"/></link></Bundle>`);
  const patient = (fullUrl: string, id: string) =>
    `<entry><fullUrl value="${fullUrl}"/><resource><Patient><id value="${id}"/></Patient></resource></entry>`;

  test.each`
    entries                                                      | leads
    ${patient("urn:uuid:ab", "1")}                               | ${"Bundle.entry[0].resource.Patient"}
    ${patient("ab", "ab")}                                       | ${"Bundle.entry[0].resource.Patient"}
    ${patient("urn:uuid:1", "ab") + patient("urn:uuid:ab", "2")} | ${"Bundle.entry[1].resource.Patient"}
    ${patient("urn:uuid:1", "1")}                                | ${null}
    ${patient("urn:uuid:ab", "1") + patient("urn:uuid:ab", "2")} | ${null}
  `("of $entries, to $leads", ({ entries, leads }) => {
    const held = bundle(entries);
    expect(held.resolve(held.root.first("link"))?.path ?? null).toBe(leads);
  });

  test.each`
    reference                                                         | ods
    ${"https://directory.spineservices.nhs.uk/STU3/Organization/X26"} | ${"X26"}
    ${"https://directory.spineservices.nhs.uk/STU3/Organization/x26"} | ${"X26"}
    ${"https://elsewhere.example/Organization/X26"}                   | ${null}
    ${"https://directory.spineservices.nhs.uk/STU3/Organization/"}    | ${null}
    ${"https://directory.spineservices.nhs.uk/STU3/Organization/A/B"} | ${null}
  `("$reference tells ODS code $ods", ({ reference, ods }) => {
    const held = bundleOf(
      `<Bundle xmlns="http://hl7.org/fhir"><link><reference value="${reference}"/></link></Bundle>`,
    );
    expect(held.odsCode(held.root.first("link"))).toBe(ods);
  });
});

test("JSON tells what hangs on a primitive", () => {
  const told = readingOf(asJson(writeMessage(BIRTH))).tells[0];
  expect(told).toMatchObject({ bornOn: "2026-02-03", bornAtTime: "04:12" });
});

test("an element is numbered among several of its name", () => {
  const given = bundleOf(writeMessage(HEARING)).ofType("Patient")[0]?.all("name", "given");
  expect(given?.map((element) => element.path)).toEqual([
    "Bundle.entry[2].resource.Patient.name.given[0]",
    "Bundle.entry[2].resource.Patient.name.given[1]",
  ]);
});

test("a problem is told in brief by its code and element", () => {
  const reading = read(message(HEARING, [/<id value="0f7c[^>]*>\s*<meta>\s*<lastUpdated/, "<meta><lastUpdated"]));
  expect(reading.verdict === "QUARANTINED" && reading.faults.map(brief)).toEqual(["ELEMENT_MISSING MessageHeader.id"]);
});
