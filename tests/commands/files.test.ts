/** What becomes of files and messages that are not what they should be: each is refused by name, and nothing is lost. */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeMessage } from "../../ingest/fhir/write";
import { BIRTH, CHANGE_OF_ADDRESS, EXAMINATION, HEARING, message } from "../fixtures/messages";
import { chis, type Environment, folder, invented, migrated, record, results } from "./chis";

const INDEX = join("EAST_CHESHIRE", "EC_ChildIndex.csv");

let extracts: string;
let whole: Environment;
beforeAll(async () => {
  extracts = await invented(60);
  whole = await migrated();
  expect(await load(whole, join(extracts, "EAST_CHESHIRE"))).toMatchObject({ status: 0 });
});

function load(environment: Environment, ...paths: string[]) {
  return chis(["load", "--locality", "EAST_CHESHIRE", ...paths], environment);
}

/** What a load says below its table. */
function below(stdout: string): string {
  return stdout.slice(stdout.indexOf("\n\n") + 2);
}

describe("A file that cannot be taken is refused by name, and nothing of it is loaded", () => {
  const sound = () => readFileSync(join(extracts, INDEX));
  const lookAt = "Check the file, its delimiter and its header line against docs/extracts.md.";
  const unlike =
    "is not a file that East Cheshire sends: its first line matches no layout. Nearest is east-cheshire-children:";

  /** Without its mark, and an accent at a known place: the first character after the header. */
  const accented = (text: string) => text.replace(/^\uFEFF/, "").replace(/^(?=\d)/gm, "É");
  const FIRST_ACCENT = 307;

  let environment: Environment;
  let empty: ReturnType<typeof record>;
  beforeAll(async () => {
    environment = await migrated();
    empty = record(environment);
  });

  test.each<[string, () => string | Buffer | null, string]>([
    [
      "a missing column",
      () =>
        sound()
          .toString()
          .replace(/^([^,]+,[^,]+),[^,]+/gm, "$1"),
      `FILE_UNKNOWN: EC_ChildIndex.csv ${unlike} missing column Surname. ${lookAt}`,
    ],
    [
      "a wrong delimiter",
      () => sound().toString().replaceAll(",", ";"),
      `FILE_UNKNOWN: EC_ChildIndex.csv ${unlike} its columns are separated by semicolons, not by commas. ${lookAt}`,
    ],
    [
      "a truncated last line",
      () => sound().subarray(0, -40),
      "FILE_CUT_OFF: EC_ChildIndex.csv ends in the middle of a row: its last line has no line end, and it has 26 of 28 " +
        "fields. It was cut off on its way, and nothing of it was loaded: have it sent again.",
    ],
    [
      "a last line truncated within quotes",
      () =>
        sound()
          .toString()
          .trimEnd()
          .replace(/[^,]*$/, '"27/07'),
      "FILE_CUT_OFF: EC_ChildIndex.csv ends in the middle of a row: its last line has no line end, and a quote in it is " +
        "left open. It was cut off on its way, and nothing of it was loaded: have it sent again.",
    ],
    [
      "UTF-16",
      () => Buffer.from(sound().toString(), "utf16le"),
      "FILE_ENCODING: EC_ChildIndex.csv is not utf-8 or windows-1252: the first byte that is not stands at offset 0. " +
        "Export it again in utf-8 or windows-1252.",
    ],
    [
      "another encoding than its layout's",
      () => Buffer.from(accented(sound().toString()), "latin1"),
      `FILE_ENCODING: EC_ChildIndex.csv is not utf-8: the first byte that is not stands at offset ${FIRST_ACCENT}. ` +
        "Export it again in utf-8.",
    ],
    [
      "nothing in it",
      () => "",
      "FILE_EMPTY: EC_ChildIndex.csv is empty. Export it again; even a file without rows has its header line.",
    ],
    [
      "the rows of another locality",
      () => readFileSync(join(extracts, "CHESHIRE_WEST", "CWC_CHILDREN.txt")),
      "FILE_OF_ANOTHER_LOCALITY: EC_ChildIndex.csv is a file of CHESHIRE_WEST, not of EAST_CHESHIRE. Load it with --locality CHESHIRE_WEST.",
    ],
    [
      "no file",
      () => null,
      "FILE_UNREADABLE: EC_ChildIndex.csv cannot be read: ENOENT. Check that the file is there and may be read.",
    ],
  ])("with %s", async (_, content, says) => {
    const path = join(folder(), "EC_ChildIndex.csv");
    const bytes = content();
    if (bytes !== null) writeFileSync(path, bytes);
    const { status, stdout, stderr } = await load(environment, path);
    expect([status, stderr, below(stdout)]).toEqual([1, "", `${says}\n`]);
    expect(record(environment)).toEqual(empty);
  });

  test("a folder without files, and the sound files beside one that is not there are loaded", async () => {
    const nothing = folder();
    const name = nothing.slice(dirname(nothing).length + 1);
    const { status, stdout } = await load(environment, nothing, join(extracts, "EAST_CHESHIRE"), "EC_Missing.csv");
    expect([status, below(stdout).split("\n").slice(0, 2)]).toEqual([
      1,
      [
        `FILE_UNREADABLE: ${name} cannot be read: it is a folder without files. Check that the file is there and may be read.`,
        "FILE_UNREADABLE: EC_Missing.csv cannot be read: ENOENT. Check that the file is there and may be read.",
      ],
    ]);
    expect(record(environment)).toEqual(record(whole));
    const lines = await results(["reconcile"], environment);
    expect(lines.filter(({ balances }) => !balances)).toEqual([]);
  });
});

describe("A row that cannot be taken waits in the quarantine, with what is wrong, where and what to do", () => {
  test("and is loaded when its file is sent again, corrected", async () => {
    const environment = await migrated();
    const path = join(folder(), "EC_ChildIndex.csv");
    const lines = readFileSync(join(extracts, INDEX), "utf8").split("\r\n");
    const spoilt = lines.map((line, i) => SPOILT[i]?.(line) ?? line);
    writeFileSync(
      path,
      Buffer.concat(spoilt.map((line) => Buffer.from(`${line}\r\n`, line.includes("\xff") ? "latin1" : "utf8"))),
    );

    const { status, stdout } = await load(environment, path);
    expect([status, below(stdout)]).toEqual([
      0,
      "Everything balances.\n" +
        "In quarantine: EC_ChildIndex.csv row 1: DATE_INVALID: The date at row 1, DateOfBirth is not a day of the calendar " +
        "written as dd/MM/yyyy. Correct the date in the source system and send the row again.\n" +
        "In quarantine: EC_ChildIndex.csv row 2: CODE_UNKNOWN: Local code (kept with the row) at row 2, Sex is not in the sex " +
        "table. If the code is valid, add it to schema/vocabulary or the locality's adapter; if not, return it to its sender.\n" +
        "In quarantine: EC_ChildIndex.csv row 4: ENCODING: row 4, Forenames holds bytes that are not utf-8. Export the file " +
        "again in that encoding.\n" +
        "In quarantine: 1 more of EC_ChildIndex.csv; the graph's quarantine lists them.\n",
    ]);

    expect(await load(environment, join(extracts, "EAST_CHESHIRE"))).toMatchObject({ status: 0 });
    expect(record(environment)).toEqual(record(whole));
  });

  const SPOILT: Readonly<Record<number, (line: string) => string>> = {
    1: (line) => line.replace(/,\d\d\/\d\d\//, ",31/02/"),
    2: (line) => line.replace(/,[MF],/, ",Q,"),
    4: (line) => line.replace(/^((?:[^,]*,){3})/, "$1\xff"),
    5: (line) => line.replace(/,/, ""),
  };
});

describe("Messages", () => {
  const [hearingId, examinationId, addressId, otherId] = ["2", "3", "4", "5"].map(
    (n) => `0f7c3a52-6f0e-4d6b-9c1d-2b1f0f3e9a0${n}`,
  );
  const hearing = { ...HEARING, messageId: hearingId ?? "" };
  const examination = { ...EXAMINATION, messageId: examinationId ?? "" };
  const address = { ...CHANGE_OF_ADDRESS, messageId: addressId ?? "" };
  const control = (workflow: string) =>
    `<DTSControl><Version>1.0</Version><WorkflowId>${workflow}</WorkflowId></DTSControl>`;

  /** As they should be, some of them as MESH leaves them. */
  const sound = () =>
    filesOf({
      "1.xml": writeMessage(BIRTH),
      "2.dat": writeMessage(hearing),
      "2.ctl": control("NEWBORNHEARING_1"),
      "3.xml": writeMessage(examination),
      "4.xml": writeMessage(address),
    });
  const received = {
    status: 0,
    stdout: [
      `${BIRTH.messageId}  pds-birth-notification-1  APPLIED`,
      `${hearingId}  newborn-hearing-1  APPLIED`,
      `${examinationId}  nipe-outcome-1  APPLIED`,
      `${addressId}  pds-change-of-address-1  APPLIED`,
      "",
    ].join("\n"),
    stderr: "",
  };

  test("that cannot be taken are each named with what is wrong, and are taken when they are sent again", async () => {
    const [environment, told] = await Promise.all([migrated(), migrated()]);
    const spoilt = filesOf({
      "1-cut.xml": writeMessage(BIRTH).slice(0, 900),
      "2-large.xml": writeMessage(BIRTH).padEnd(4 * 1024 * 1024 - 6),
      "3-type.xml": writeMessage(BIRTH).replace(/^(<\?xml.*\?>)?/, '$1<!DOCTYPE Bundle [<!ENTITY who "somebody">]>'),
      "4-schema.xml": '<Patient xmlns="http://hl7.org/fhir"/>',
      "5-code.xml": message(hearing, ["276781000000109", "276781000000999"]),
      "6-date.xml": message(examination, [/(<performedDateTime value=")2026-02-05/, "$12026-02-30"]),
      "7-workflow.dat": writeMessage({ ...address, messageId: otherId ?? "" }),
      "7-workflow.ctl": control("BIRTHNOTIFICATION_1"),
    });
    const tell = "Tell the publisher, at the contact in the message header where there is one.";
    expect(await chis(["receive", spoilt], environment)).toEqual({
      status: 1,
      stderr: "",
      stdout: [
        "1-cut.xml  -  QUARANTINED  MESSAGE_MALFORMED: The message is not a well-formed event Bundle: it is not well-formed " +
          `XML (line 22, column 19) at Bundle.entry[0].resource.MessageHeader.extension.extension. ${tell}`,
        "2-large.xml  -  QUARANTINED  MESSAGE_TOO_LARGE: The message holds 4194305 bytes; 4194304 are allowed. Tell the " +
          "publisher: the national limit is 3 MB.",
        "3-type.xml  -  QUARANTINED  MESSAGE_FORBIDDEN_XML: The message holds a document type or entity declaration, which an " +
          "event message never has. Do not process it by hand; tell the publisher and the security team.",
        "4-schema.xml  -  QUARANTINED  MESSAGE_MALFORMED: The message is not a well-formed event Bundle: the message is not " +
          `a Bundle at Bundle. ${tell}`,
        `${hearingId}  newborn-hearing-1  QUARANTINED  CODE_UNKNOWN: SNOMED CT code 276781000000999 at ` +
          "Bundle.entry[6].resource.Observation.valueCodeableConcept is not in the hearing outcome table. If the code is " +
          "valid, add it to schema/vocabulary or the locality's adapter; if not, return it to its sender.",
        `${examinationId}  nipe-outcome-1  QUARANTINED  DATE_INVALID: The date at ` +
          "Bundle.entry[3].resource.Procedure.performedDateTime is not a day of the calendar written as YYYY-MM-DD, with " +
          "or without a time. Correct the date in the source system and send the row again.",
        `${otherId}  pds-change-of-address-1  QUARANTINED  WORKFLOW_MISMATCH: MESH workflow BIRTHNOTIFICATION_1 does not carry ` +
          "pds-change-of-address-1 messages. Tell the sender.",
        "",
      ].join("\n"),
    });

    expect(await chis(["receive", sound()], environment)).toEqual(received);
    expect(await chis(["receive", sound()], told)).toEqual(received);
    expect(record(environment)).toEqual(record(told));
    expect(record(told).newborn_hearing).toHaveLength(1);
  });

  test("are not begun with where a file is not there, or is no message by its size", async () => {
    const environment = await migrated();
    const before = record(environment);
    const large = filesOf({ "large.xml": " ".repeat(16 * 1024 * 1024 + 1) });
    const fault = "it holds more than 16777216 bytes, and no message more than 4194304";
    const check = "Check that the file is there and may be read.\n";
    for (const [path, says] of [
      [join(large, "missing.xml"), "FILE_UNREADABLE: missing.xml cannot be read: ENOENT."],
      [large, `FILE_UNREADABLE: large.xml cannot be read: ${fault}.`],
    ] as const) {
      const ended = await chis(["receive", sound(), path], environment);
      expect(ended).toEqual({ status: 1, stdout: "", stderr: `${says}\n${check}` });
    }
    expect(record(environment)).toEqual(before);
  });

  test("come on standard input too, one at a time", async () => {
    const environment = await migrated();
    const words = ["receive", "-"];
    const first = await chis(words, environment, { input: writeMessage(BIRTH) });
    expect(first.stdout).toBe(`${BIRTH.messageId}  pds-birth-notification-1  APPLIED\n`);
    const again = await chis(words, environment, { input: writeMessage(BIRTH) });
    expect(again.stdout).toBe(`${BIRTH.messageId}  pds-birth-notification-1  DUPLICATE\n`);
    expect([first.status, again.status]).toEqual([0, 0]);
  });
});

/** A folder of files by name. */
function filesOf(files: Readonly<Record<string, string>>): string {
  const path = folder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
