/** Every published example message there is, where they stand beside the project. They are read, never copied. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readMessage } from "../../../ingest/fhir";
import { ADA, faultsOf, HEARING, message, read, spoilt, warningsOf } from "../../fixtures/messages";

const FOLDER = join(__dirname, "../../../../shared/domain/examples/nems");
const RECEIVED_ON = "2026-03-20";
const HERE = existsSync(FOLDER);

const BIRTH_DATES_DIFFER = "ELEMENT_INVALID MessageHeader.extension[0].birthDateTime";
const MOTHERS_NUMBER = "NHS_INVALID Patient.identifier.value";
const ANOTHER_PERSON = ["NHS_INVALID Patient.identifier.value", "IDENTITY_MISMATCH Patient.identifier"];
const NO_CONTACT = "ELEMENT_MISSING MessageHeader.source.contact";
const SCID_UNCLASSIFIED = "CODE_UNKNOWN Procedure.outcome";
const GP = ["GpRegistrationRecorded latest", "GpRegistrationRecorded previous/B85612"];
const ENCOUNTER = "https://supplierABC/identifiers|abc1111";
const BIRTH = ["IdentityRecorded latest", "BirthRecorded latest", "AddressRecorded latest"];

interface Expected {
  readonly verdict: "READ" | "NOT_HANDLED" | "QUARANTINED";
  /** Type and source id of each event, `-` before a withdrawal. */
  readonly tells?: readonly string[];
  readonly faults?: readonly string[];
  readonly warnings?: readonly string[];
}

const EXAMPLES: Readonly<Record<string, Expected>> = {
  "current/BirthNotificationWithMother.xml": { verdict: "READ", tells: BIRTH, warnings: [MOTHERS_NUMBER] },
  "current/PDS-Change-Of-Address-ems-example.xml": {
    verdict: "READ",
    tells: ["AddressRecorded latest", "AddressRecorded previous/2019-10-02"],
    warnings: [BIRTH_DATES_DIFFER],
  },
  "current/PDS-Change-Of-GP-ems-example.xml": { verdict: "READ", tells: GP },
  "current/PDS-Death-Notification-formal-ems-example.xml": { verdict: "QUARANTINED", faults: ANOTHER_PERSON },
  "current/PDS-Death-Notification-removed-ems-example.xml": { verdict: "QUARANTINED", faults: ANOTHER_PERSON },
  "current/PDS-Record-Change.xml": { verdict: "NOT_HANDLED" },
  "current/blood-spot-test-outcome-1-delete.xml": {
    verdict: "READ",
    tells: [`-NewbornBloodSpotRecorded ${ENCOUNTER}`],
  },
  "current/blood-spot-test-outcome-1-new.xml": {
    verdict: "READ",
    tells: [`NewbornBloodSpotRecorded ${ENCOUNTER}`],
    warnings: [BIRTH_DATES_DIFFER, SCID_UNCLASSIFIED],
  },
  "current/newborn-hearing-1-new.xml": {
    verdict: "READ",
    tells: [`NewbornHearingRecorded ${ENCOUNTER}`],
    warnings: [BIRTH_DATES_DIFFER],
  },
  "current/newborn-hearing-1-update.xml": {
    verdict: "READ",
    tells: [`NewbornHearingRecorded ${ENCOUNTER}`],
    warnings: [BIRTH_DATES_DIFFER],
  },
  "current/nipe-outcome-1-delete.xml": { verdict: "READ", tells: [`-NewbornExaminationRecorded ${ENCOUNTER}`] },
  "current/nipe-outcome-1-new.xml": {
    verdict: "READ",
    tells: [`NewbornExaminationRecorded ${ENCOUNTER}`],
    warnings: [BIRTH_DATES_DIFFER],
  },
  "gp-registrations/change-of-gp-non-suspension.xml": { verdict: "READ", tells: GP },
  "gp-registrations/change-of-gp-patient-entry-only.xml": {
    verdict: "QUARANTINED",
    faults: ["ELEMENT_INVALID Bundle.type", "ELEMENT_INVALID Bundle.entry[0].resource"],
  },
  "gp-registrations/change-of-gp-re-registration.hbs": {
    verdict: "QUARANTINED",
    faults: [
      "ELEMENT_INVALID MessageHeader.id",
      "ELEMENT_INVALID MessageHeader.meta.lastUpdated",
      "NHS_INVALID Patient.identifier.value",
      "NHS_INVALID MessageHeader.extension[0].nhsNumber",
    ],
  },
  "mesh-assurance/NEMSBirthNotification.dat": {
    verdict: "READ",
    tells: BIRTH,
    warnings: [NO_CONTACT, "ELEMENT_INVALID MessageHeader.extension[0].nhsNumber", MOTHERS_NUMBER],
  },
  "mesh-assurance/NEMSChangeOfGP.dat": {
    verdict: "QUARANTINED",
    faults: ["ELEMENT_MISSING MessageHeader.meta.lastUpdated", "ELEMENT_INVALID MessageHeader.focus"],
    warnings: [NO_CONTACT],
  },
  "mesh-assurance/NEMSNewbornHearing.dat": {
    verdict: "QUARANTINED",
    faults: ["ELEMENT_MISSING Encounter.identifier", ...Array<string>(4).fill("ELEMENT_INVALID Procedure.outcome")],
    warnings: [BIRTH_DATES_DIFFER, "ELEMENT_INVALID Encounter.type"],
  },
  "superseded/DCH-BloodSpotTestOutcome-Bundle-Example-1.xml": { verdict: "QUARANTINED", faults: ["EVENT_UNKNOWN"] },
  "superseded/DCH-NIPE-Outcome-Bundle-Example-1.json": {
    verdict: "QUARANTINED",
    faults: ["ELEMENT_MISSING MessageHeader.id", "EVENT_UNKNOWN"],
  },
  "superseded/DCH-NIPE-Outcome-Bundle-Example-1.xml": { verdict: "QUARANTINED", faults: ["EVENT_UNKNOWN"] },
  "superseded/EMS-PDS-BirthNotification-Bundle-Example-1.xml": { verdict: "QUARANTINED", faults: ["EVENT_UNKNOWN"] },
  "superseded/EMS-PDS-ChangeOfGP-Bundle-Example-1.xml": { verdict: "QUARANTINED", faults: ["EVENT_UNKNOWN"] },
  "superseded/EMS-PDS-PersonDeath-Bundle-Example-1a.xml": { verdict: "QUARANTINED", faults: ["EVENT_UNKNOWN"] },
  "superseded/blood-spot-test-outcome-1-new.2021-04-15.xml": {
    verdict: "READ",
    tells: [`NewbornBloodSpotRecorded ${ENCOUNTER}`],
    warnings: [BIRTH_DATES_DIFFER, SCID_UNCLASSIFIED],
  },
};

function tellsOf(reading: ReturnType<typeof read>): readonly string[] {
  if (reading.verdict !== "READ") return [];
  return reading.reading.tells.map((told) => `${told.action === "withdraw" ? "-" : ""}${told.type} ${told.source.id}`);
}

const example = (file: string) => readFileSync(join(FOLDER, file), "utf8");

if (!HERE) {
  test("The published examples are not beside this project: only our own messages were read", () => {
    expect(read(message(HEARING)).verdict).toBe("READ");
  });
} else {
  describe("Published examples", () => {
    test.each(Object.entries(EXAMPLES))("%s", (file, { verdict, tells = [], faults = [], warnings = [] }) => {
      const reading = readMessage(readFileSync(join(FOLDER, file)), { receivedOn: RECEIVED_ON });
      expect(reading.verdict).toBe(verdict);
      expect(faultsOf(reading)).toEqual(faults);
      expect(warningsOf(reading)).toEqual(warnings);
      expect(tellsOf(reading)).toEqual(tells);
    });

    test("none is left out", () => {
      const folders = ["current", "gp-registrations", "mesh-assurance", "superseded"];
      const files = folders.flatMap((folder) => readdirSync(join(FOLDER, folder)).map((file) => `${folder}/${file}`));
      expect(files.sort()).toEqual(Object.keys(EXAMPLES).sort());
    });

    test.each`
      file                                                        | status       | diedOn
      ${"current/PDS-Death-Notification-formal-ems-example.xml"}  | ${"FORMAL"}  | ${"2017-11-01"}
      ${"current/PDS-Death-Notification-removed-ems-example.xml"} | ${"REMOVED"} | ${null}
    `("$file is read once its Patient has the number of its header", ({ file, status, diedOn }) => {
      const reading = read(spoilt(example(file), ["6101231234", "9912003888"]));
      expect(faultsOf(reading)).toEqual([]);
      expect(reading.verdict === "READ" && reading.reading.tells).toMatchObject([
        { type: "DeathRecorded", status, diedOn },
      ]);
    });

    test("the two deaths share their id and time, and are not the same message", () => {
      const [formal, removed] = ["formal", "removed"].map((kind) =>
        read(example(`current/PDS-Death-Notification-${kind}-ems-example.xml`)),
      );
      expect(formal?.message.messageId).toBe(removed?.message.messageId);
      expect(formal?.message.lastUpdated).toBe(removed?.message.lastUpdated);
      expect(formal?.message.digest).not.toBe(removed?.message.digest);
    });

    test("the template of a first registration is read once it is filled in", () => {
      const filled = spoilt(
        example("gp-registrations/change-of-gp-re-registration.hbs"),
        ["{{nemsMessageId}}", "0f7c3a52-6f0e-4d6b-9c1d-2b1f0f3e9a01"],
        ["{{lastUpdated}}", "2026-03-02T10:00:00Z"],
        ["{{nhsNumber}}", ADA.nhsNumber],
        ["{{ nhsNumber }}", ADA.nhsNumber],
      );
      expect(tellsOf(read(filled))).toEqual(["GpRegistrationRecorded latest"]);
    });

    test("a changed hearing result is the same record at a later time", () => {
      const first = read(example("current/newborn-hearing-1-new.xml"));
      const later = read(example("current/newborn-hearing-1-update.xml"));
      expect(tellsOf(first)).toEqual(tellsOf(later));
      expect(first.message.lastUpdated).toBe("2017-11-01T15:00:33.000000000Z");
      expect(later.message.lastUpdated).toBe("2017-11-02T10:00:33.000000000Z");
      expect(first.message.timestamp).toBe("2017-11-01T15:00:00.000000000Z");
      expect(later.message.timestamp).toBe("2017-11-01T09:00:00.000000000Z");
    });

    test("blood spot outcomes of eleven conditions", () => {
      const reading = read(example("current/blood-spot-test-outcome-1-new.xml"));
      const [told] = reading.verdict === "READ" ? reading.reading.tells : [];
      const results = told?.type === "NewbornBloodSpotRecorded" && told.action === "record" ? told.results : [];
      expect(results.map((row) => `${row.condition} ${row.subStatus ?? row.status} ${row.outcome}`)).toEqual([
        "PKU 0309 REPEAT_NEEDED",
        "SCD 0202 DECLINED",
        "CF 0904 NOT_SCREENED",
        "CHT 0905 NOT_SCREENED",
        "MCADD 0311 REPEAT_NEEDED",
        "HCU 0312 REPEAT_NEEDED",
        "MSUD 0904 NOT_SCREENED",
        "GA1 0308 REPEAT_NEEDED",
        "IVA 0310 REPEAT_NEEDED",
        "SCID null UNCLASSIFIED",
        "HT1 04 NOT_SUSPECTED",
      ]);
    });
  });
}
