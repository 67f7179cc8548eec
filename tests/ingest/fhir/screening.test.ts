import { SYSTEMS } from "../../../ingest/fhir/systems";
import type { MessageContent } from "../../../ingest/fhir/write";
import {
  BLOOD_SPOT_CONDITION_NAMES,
  BLOOD_SPOT_CONDITIONS,
  bloodSpotOutcomeCode,
  examinationOutcomeCode,
} from "../../../schema/vocabulary/screening";
import {
  ADA,
  BLOOD_SPOT,
  type Edit,
  EXAMINATION,
  faultsOf,
  HEARING,
  message,
  read,
  readingOf,
  testNumber,
  warningsOf,
} from "../../fixtures/messages";

const AS_OF = "2026-03-02T10:00:00.000000000Z";
const ENCOUNTER = "https://screening.example/encounters|E-1001";
/** Right in shape and check digit, and in no table. */
const UNLISTED = "276791000000106";
const WRONG_CHECK_DIGIT = "276791000000107";

const RECORDED = {
  "newborn-hearing-1": "NewbornHearingRecorded",
  "blood-spot-test-outcome-1": "NewbornBloodSpotRecorded",
  "nipe-outcome-1": "NewbornExaminationRecorded",
} as const;
const SCREENS = [HEARING, BLOOD_SPOT, EXAMINATION] as const;

describe.each(SCREENS.map((content) => [content.event, content] as const))(
  "Every screening event: %s",
  (event, content) => {
    const changed = (part: object, ...edits: readonly Edit[]) =>
      message({ ...content, ...part } as MessageContent, ...edits); // A part of the same content.

    test("stands under its event and the encounter's identifier", () => {
      const { tells, introduces, about } = readingOf(message(content));
      expect(tells).toHaveLength(1);
      expect(tells[0]).toMatchObject({
        type: RECORDED[event],
        action: "record",
        source: { system: event, id: ENCOUNTER },
        asOf: AS_OF,
      });
      expect(introduces).toBe(false);
      expect(about.nhsNumber).toBe(ADA.nhsNumber);
    });

    test("a change is the same record, later", () => {
      const later = readingOf(changed({ lastUpdated: "2026-03-05T10:00:00+00:00", timestamp: "2026-03-01T10:00:00Z" }));
      expect(later.tells[0]).toMatchObject({ source: { id: ENCOUNTER }, asOf: "2026-03-05T10:00:00.000000000Z" });
    });

    const withdrawal = {
      action: "withdraw",
      type: RECORDED[event],
      source: { system: event, id: ENCOUNTER },
      asOf: AS_OF,
    };

    test("a minimal delete withdraws the record of the child in the header", () => {
      const { tells, about, warnings } = readingOf(changed({ messageType: "delete", minimal: true }));
      expect(tells).toEqual([withdrawal]);
      expect(about).toMatchObject({ nhsNumber: ADA.nhsNumber, familyName: null, bornOn: null });
      expect(warnings).toEqual([]);
    });

    test("a full delete withdraws it too, whatever its results say", () => {
      const text = changed({ messageType: "delete" }, [/<outcome>[\s\S]*?<\/outcome>/g, ""]);
      expect(readingOf(text).tells).toEqual([withdrawal]);
      expect(readingOf(text).about.familyName).toBe("Ní Dhomhnaill");
    });

    test("a delete about two different children is a fault", () => {
      const [number, other] = [ADA.nhsNumber, testNumber("999000404")];
      expect(faultsOf(read(changed({ messageType: "delete" }, [number, other])))).toEqual([
        "IDENTITY_MISMATCH Patient.identifier",
      ]);
    });

    test("a minimal delete about a number that is none is a fault", () => {
      const text = changed({ messageType: "delete", minimal: true }, [ADA.nhsNumber, "9990002011"]);
      expect(faultsOf(read(text))).toEqual(["NHS_INVALID MessageHeader.extension[0].nhsNumber"]);
    });

    test.each(["new", "delete"])("a %s without the encounter's identifier is a fault", (messageType) => {
      const identifier = /(<Encounter>[\s\S]*?)<identifier>[\s\S]*?<\/identifier>/;
      expect(faultsOf(read(changed({ messageType }, [identifier, "$1"])))).toEqual([
        "ELEMENT_MISSING Encounter.identifier",
      ]);
    });

    test.each<[title: string, edits: readonly Edit[], faults: readonly string[]]>([
      [
        "two identifiers",
        [
          [
            /(<identifier>\s*<system value="https:\/\/screening[\s\S]*?<\/identifier>)/,
            '$1<identifier><system value="urn:x"/><value value="2"/></identifier>',
          ],
        ],
        ["ELEMENT_INVALID Encounter.identifier"],
      ],
      [
        "an encounter entered in error",
        [['status value="finished"', 'status value="entered-in-error"']],
        ["ELEMENT_INVALID Encounter.status"],
      ],
      [
        "a result of another child",
        [[/(<Procedure>[\s\S]*?<subject>\s*<reference value="urn:uuid:)/, "$1f"]],
        ["IDENTITY_MISMATCH Procedure.subject"],
      ],
      [
        "a result of another encounter",
        [[/(<Procedure>[\s\S]*?<context>\s*<reference value="urn:uuid:)/, "$1f"]],
        ["ELEMENT_INVALID Procedure.context"],
      ],
      ["a result without its child", [[/<subject>[\s\S]*?<\/subject>/, ""]], ["IDENTITY_MISMATCH Procedure.subject"]],
      [
        "a result entered in error",
        [['status value="completed"', 'status value="entered-in-error"']],
        ["ELEMENT_INVALID Procedure.status"],
      ],
      ["no date of birth of the child", [[/<birthDate [^>]*>/, ""]], ["ELEMENT_MISSING Patient.birthDate"]],
      ["a result without outcome", [[/<outcome>[\s\S]*?<\/outcome>/, ""]], ["ELEMENT_MISSING Procedure.outcome"]],
      [
        "a result without code",
        [[/(<Procedure>[\s\S]*?)<code>[\s\S]*?<\/code>/, "$1"]],
        ["ELEMENT_MISSING Procedure.code"],
      ],
    ])("%s is a fault", (_title, edits, faults) => {
      const told = faultsOf(read(changed({}, ...edits)));
      expect(told.filter((fault) => faults.includes(fault))).toEqual(faults);
      expect(told.filter((fault) => !fault.startsWith("DATE_BEFORE_BIRTH"))).toEqual(faults);
    });

    test.each<[title: string, edit: Edit, warnings: readonly string[]]>([
      [
        "another encounter type",
        [/code value="00[678]"(?=\/>\s*<display)/, 'code value="003"'],
        ["ELEMENT_INVALID Encounter.type"],
      ],
      [
        "an unknown provider",
        [/(<serviceProvider>\s*<reference value="urn:uuid:)/, "$1f"],
        ["ELEMENT_MISSING ODS code of Encounter.serviceProvider"],
      ],
    ])("%s is a warning", (_title, edit, warnings) => {
      expect(warningsOf(read(changed({}, edit)))).toEqual(warnings);
    });

    test("a comment is kept as it was written", () => {
      const comment = 'Seen twice & "settled"\nno concerns <today>';
      expect(readingOf(changed({ comment })).tells[0]).toMatchObject({ comment, provider: "RBT20" });
    });

    test("a comment about another child is a fault", () => {
      const edit: Edit = [/(<category>[\s\S]*?<subject>\s*<reference value="urn:uuid:)/, "$1f"];
      expect(faultsOf(read(changed({ comment: "Settled" }, edit)))).toEqual([
        "IDENTITY_MISMATCH Communication.subject",
      ]);
    });

    test("a procedure added since tells nothing and stops nothing; one of no SNOMED CT code does", () => {
      const coded = (code: string): Edit => [/(<Procedure>[\s\S]*?<code value=)"\d+"/, `$1"${code}"`];
      expect(warningsOf(read(changed({}, coded(UNLISTED))))).toContain("CODE_UNKNOWN Procedure.code");
      expect(faultsOf(read(changed({}, coded(WRONG_CHECK_DIGIT))))).toContain("CODE_UNKNOWN Procedure.code");
    });
  },
);

describe("Newborn hearing", () => {
  test("tells the summary outcome and each test of each ear", () => {
    expect(readingOf(message(HEARING)).tells).toEqual([
      {
        type: "NewbornHearingRecorded",
        action: "record",
        source: { system: "newborn-hearing-1", id: ENCOUNTER },
        asOf: AS_OF,
        outcome: "CLEAR_NO_FOLLOW_UP",
        outcomeCode: "276781000000109",
        screenedOn: "2026-02-10",
        outcomeSetAt: "2026-02-10T09:30:00.000000000Z",
        tests: [
          { method: "AOAE", ear: "LEFT", outcome: "NO_CLEAR_RESPONSE", enteredAt: "2026-02-10T09:00:00.000000000Z" },
          { method: "AOAE", ear: "RIGHT", outcome: "CLEAR", enteredAt: "2026-02-10T09:05:00.000000000Z" },
          { method: "AABR", ear: "LEFT", outcome: "CLEAR", enteredAt: "2026-02-10T09:20:00.000000000Z" },
        ],
        provider: "RBT20",
        comment: null,
      },
    ]);
  });

  test.each`
    outcomeCode           | verdict
    ${UNLISTED}           | ${"UNCLASSIFIED, CODE_UNKNOWN Observation.valueCodeableConcept"}
    ${WRONG_CHECK_DIGIT}  | ${"a fault, CODE_UNKNOWN Observation.valueCodeableConcept"}
    ${"429106008"}        | ${"a fault, ELEMENT_INVALID Observation.valueCodeableConcept"}
    ${"1085431000000105"} | ${"a fault, ELEMENT_INVALID Observation.valueCodeableConcept"}
  `("summary $outcomeCode is $verdict", ({ outcomeCode, verdict }) => {
    const reading = read(message({ ...HEARING, outcomeCode }));
    const [told] = reading.verdict === "READ" ? reading.reading.tells : [];
    const outcome = told?.type === "NewbornHearingRecorded" && told.action === "record" ? told.outcome : "a fault";
    expect([outcome, ...faultsOf(reading), ...warningsOf(reading)].join(", ")).toBe(verdict);
  });

  const SUMMARY = /<entry>\s*<fullUrl [^>]*>\s*<resource>\s*<Observation>[\s\S]*?<\/entry>/;
  test.each<[title: string, text: string, faults: readonly string[]]>([
    ["no summary", message(HEARING, [SUMMARY, ""]), ["ELEMENT_MISSING Observation 276771000000107"]],
    ["two summaries", message(HEARING, [SUMMARY, "$&$&"]), ["ELEMENT_INVALID Observation"]],
    ["no day", message(HEARING, ['<start value="2026-02-10"/>', ""]), ["ELEMENT_MISSING Encounter.period.start"]],
    [
      "a day before birth",
      message(HEARING, ['start value="2026-02-10"', 'start value="2026-02-02"']),
      ["DATE_BEFORE_BIRTH Encounter.period.start"],
    ],
    [
      "a day to come",
      message(HEARING, ['start value="2026-02-10"', 'start value="2026-04-10"']),
      ["DATE_FUTURE Encounter.period.start"],
    ],
    [
      "the outcome of another test",
      message(HEARING, ["1085511000000103", "1085431000000105"]),
      ["ELEMENT_INVALID Procedure.outcome"],
    ],
    [
      "the summary's code as a test's",
      message(HEARING, ["1085511000000103", "276781000000109"]),
      ["ELEMENT_INVALID Procedure.outcome"],
    ],
    [
      "a test outcome that is not listed",
      message(HEARING, ["1085511000000103", UNLISTED]),
      ["CODE_UNKNOWN Procedure.outcome"],
    ],
    [
      "an outcome of another system",
      message(HEARING, [/(<outcome>\s*<coding>\s*<system value=)"[^"]*"/, '$1"urn:another"']),
      ["ELEMENT_MISSING Procedure.outcome"],
    ],
    [
      "a time with an offset beyond 14 hours",
      message(HEARING, ["09:00:00+00:00", "09:00:00+58:00"]),
      ["ELEMENT_INVALID Procedure.performedDateTime"],
    ],
  ])("%s is a fault", (_title, text, faults) => {
    expect(faultsOf(read(text))).toEqual(faults);
  });

  test("more tests of one ear than there may be is a warning", () => {
    const [test = HEARING.tests[0]] = HEARING.tests.slice(2);
    const twice = [test, test].flatMap((one) => one ?? []);
    expect(warningsOf(read(message({ ...HEARING, tests: twice })))).toEqual(["ELEMENT_INVALID Procedure"]);
    const first = HEARING.tests.slice(0, 1);
    expect(warningsOf(read(message({ ...HEARING, tests: [...first, ...first] })))).toEqual([]);
  });
});

describe("Blood spot", () => {
  const results = (text: string) => {
    const [told] = readingOf(text).tells;
    return told?.type === "NewbornBloodSpotRecorded" && told.action === "record" ? told.results : [];
  };

  test("tells the outcome of each condition listed, and no other", () => {
    expect(readingOf(message(BLOOD_SPOT)).tells).toEqual([
      {
        type: "NewbornBloodSpotRecorded",
        action: "record",
        source: { system: "blood-spot-test-outcome-1", id: ENCOUNTER },
        asOf: AS_OF,
        results: [
          { condition: "PKU", outcome: "NOT_SUSPECTED", status: "04", subStatus: null, outcomeCode: "429106008" },
          { condition: "SCD", outcome: "CARRIER", status: "05", subStatus: null, outcomeCode: "442018007" },
          {
            condition: "CF",
            outcome: "REPEAT_NEEDED",
            status: "03",
            subStatus: "0303",
            outcomeCode: "947141000000104",
          },
        ],
        issuedAt: "2026-02-14T08:00:00.000000000Z",
        sampleTakenOn: null,
        provider: "RBT20",
        comment: null,
      },
    ]);
  });

  test("reads a suspected condition of each of nine", () => {
    const nine = BLOOD_SPOT_CONDITION_NAMES.slice(0, 9);
    const told = nine.map((condition) => ({ condition, outcomeCode: bloodSpotOutcomeCode(condition, "08") ?? "" }));
    expect(results(message({ ...BLOOD_SPOT, results: told })).map((row) => [row.condition, row.outcome])).toEqual(
      nine.map((condition) => [condition, "SUSPECTED"]),
    );
  });

  test("no condition at all is no result", () => {
    expect(results(message({ ...BLOOD_SPOT, results: [] }))).toEqual([]);
  });

  test.each([BLOOD_SPOT_CONDITIONS.CF.snomed, ...BLOOD_SPOT_CONDITIONS.CF.formerly])(
    "procedure %s is cystic fibrosis",
    (code) => {
      const text = message(BLOOD_SPOT).replace(BLOOD_SPOT_CONDITIONS.CF.snomed, code);
      expect(results(text)[2]).toMatchObject({ condition: "CF", status: "03" });
    },
  );

  test.each(["https://fhir.nhs.uk/STU3/ValueSet/DCH-BloodSpotOutcome-1", SYSTEMS.SNOMED])(
    "outcomes may name %s as their system",
    (system) => {
      const text = message(BLOOD_SPOT).replace(
        /https:\/\/fhir.nhs.uk\/STU3\/ValueSet\/DCH-BloodSpotOutcome-1/g,
        system,
      );
      expect(results(text)).toEqual(results(message(BLOOD_SPOT)));
    },
  );

  test.each`
    condition | outcomeCode           | told
    ${"PKU"}  | ${"509581000000105"}  | ${"RECEIVED 01"}
    ${"SCD"}  | ${"771461000000105"}  | ${"UNCLASSIFIED null, CODE_UNKNOWN Procedure.outcome"}
    ${"SCID"} | ${"1239971000000104"} | ${"UNCLASSIFIED null, CODE_UNKNOWN Procedure.outcome"}
    ${"HT1"}  | ${"2201881000000102"} | ${"NOT_SUSPECTED 04"}
    ${"PKU"}  | ${UNLISTED}           | ${"UNCLASSIFIED null, CODE_UNKNOWN Procedure.outcome"}
    ${"SCD"}  | ${"948351000000103"}  | ${"HAEMOGLOBIN_S_NOT_SUSPECTED 10"}
    ${"SCD"}  | ${"931981000000104"}  | ${"CARRIER 06"}
    ${"PKU"}  | ${WRONG_CHECK_DIGIT}  | ${"a fault, CODE_UNKNOWN Procedure.outcome"}
    ${"PKU"}  | ${"427854007"}        | ${"a fault, ELEMENT_INVALID Procedure.outcome"}
    ${"SCID"} | ${"429106008"}        | ${"a fault, ELEMENT_INVALID Procedure.outcome"}
    ${"PKU"}  | ${"988511000000100"}  | ${"a fault, ELEMENT_INVALID Procedure.outcome"}
  `("$outcomeCode of $condition is $told", ({ condition, outcomeCode, told }) => {
    const reading = read(message({ ...BLOOD_SPOT, results: [{ condition, outcomeCode }] }));
    const [event] = reading.verdict === "READ" ? reading.reading.tells : [];
    const result = event?.type === "NewbornBloodSpotRecorded" && event.action === "record" ? event.results[0] : null;
    const outcome = result ? `${result.outcome} ${result.status}` : "a fault";
    expect([outcome, ...faultsOf(reading), ...warningsOf(reading)].join(", ")).toBe(told);
  });

  test("a condition told twice is a fault", () => {
    const [first] = BLOOD_SPOT.results;
    const twice = [first, first].flatMap((one) => one ?? []);
    expect(faultsOf(read(message({ ...BLOOD_SPOT, results: twice })))).toEqual(["ELEMENT_INVALID Procedure"]);
  });

  test("no time of issue is a warning, one before birth a fault", () => {
    const issued = /<issued [^>]*>/;
    expect(warningsOf(read(message(BLOOD_SPOT, [issued, ""])))).toEqual(["ELEMENT_MISSING DiagnosticReport.issued"]);
    const early = message({ ...BLOOD_SPOT, issuedAt: "2026-02-01T00:00:00Z" });
    expect(faultsOf(read(early))).toEqual(["DATE_BEFORE_BIRTH DiagnosticReport.issued"]);
  });

  test("the report's own code, whose check digit is wrong, is not looked at", () => {
    expect(message(BLOOD_SPOT)).toContain("86637100000010");
    expect(warningsOf(read(message(BLOOD_SPOT)))).toEqual([]);
  });
});

describe("Newborn examination", () => {
  test("tells what was found of each part", () => {
    expect(readingOf(message(EXAMINATION)).tells).toEqual([
      {
        type: "NewbornExaminationRecorded",
        action: "record",
        source: { system: "nipe-outcome-1", id: ENCOUNTER },
        asOf: AS_OF,
        stage: "NEWBORN",
        examinedOn: "2026-02-05",
        results: [
          { part: "HIPS", outcome: "NO_ABNORMALITY", riskFactor: true, outcomeCode: "985741000000102" },
          { part: "EYES", outcome: "NO_ABNORMALITY", riskFactor: false, outcomeCode: "989071000000108" },
          { part: "HEART", outcome: "ABNORMALITY_SUSPECTED", riskFactor: false, outcomeCode: "988571000000105" },
        ],
        bcgEligible: false,
        provider: "RBT20",
        comment: null,
      },
    ]);
  });

  test("a boy's has four parts", () => {
    const told = { part: "TESTES", outcome: "ABNORMALITY_SUSPECTED_LEFT", riskFactor: null } as const;
    const testes = { part: "TESTES", outcomeCode: examinationOutcomeCode(told) ?? "" } as const;
    const reading = readingOf(message({ ...EXAMINATION, results: [...EXAMINATION.results, testes] }));
    expect(reading.tells[0]).toMatchObject({ results: [{}, {}, {}, told] });
  });

  test.each(["HIPS", "EYES", "HEART"])("without %s it is read with a warning", (part) => {
    const results = EXAMINATION.results.filter((result) => result.part !== part);
    const reading = read(message({ ...EXAMINATION, results }));
    expect(warningsOf(reading)).toEqual([`ELEMENT_MISSING Procedure of ${part.toLowerCase()}`]);
  });

  test.each`
    outcomeCode          | told
    ${UNLISTED}          | ${"UNCLASSIFIED null, CODE_UNKNOWN Procedure.outcome"}
    ${"988161000000108"} | ${"NOT_DONE null"}
    ${"985431000000103"} | ${"ABNORMALITY_SUSPECTED_BILATERAL true"}
    ${"988511000000100"} | ${"a fault, ELEMENT_INVALID Procedure.outcome"}
    ${WRONG_CHECK_DIGIT} | ${"a fault, CODE_UNKNOWN Procedure.outcome"}
  `("$outcomeCode of hips is $told", ({ outcomeCode, told }) => {
    const results = [{ part: "HIPS" as const, outcomeCode }, ...EXAMINATION.results.slice(1)];
    const reading = read(message({ ...EXAMINATION, results }));
    const [event] = reading.verdict === "READ" ? reading.reading.tells : [];
    const result = event?.type === "NewbornExaminationRecorded" && event.action === "record" ? event.results[0] : null;
    const outcome = result ? `${result.outcome} ${result.riskFactor}` : "a fault";
    expect([outcome, ...faultsOf(reading), ...warningsOf(reading)].join(", ")).toBe(told);
  });

  test("a part told twice is a fault", () => {
    const results = [...EXAMINATION.results, ...EXAMINATION.results.slice(0, 1)];
    expect(faultsOf(read(message({ ...EXAMINATION, results })))).toEqual(["ELEMENT_INVALID Procedure"]);
  });

  test.each`
    told                                                       | stage
    ${{}}                                                      | ${"NEWBORN"}
    ${{ comment: "Settled" }}                                  | ${"NEWBORN"}
    ${{ comment: "Settled", commentOn: "INFANT_EXAMINATION" }} | ${"INFANT"}
    ${{ type: "009" }}                                         | ${"INFANT"}
    ${{ comment: "Settled", type: "009" }}                     | ${"NEWBORN"}
  `("told $told, it is the $stage examination", ({ told, stage }) => {
    const { type = "006", ...content } = told;
    const text = message({ ...EXAMINATION, ...content }).replace('code value="006"', `code value="${type}"`);
    expect(readingOf(text).tells[0]).toMatchObject({ stage });
    expect(warningsOf(read(text))).toEqual([]);
  });

  test.each`
    bcgEligible | held
    ${true}     | ${true}
    ${false}    | ${false}
    ${null}     | ${null}
  `("BCG eligibility $bcgEligible is held as $held", ({ bcgEligible, held }) => {
    expect(readingOf(message({ ...EXAMINATION, bcgEligible })).tells[0]).toMatchObject({ bcgEligible: held });
  });

  test("a BCG eligibility that is neither is not known, with a warning", () => {
    const text = message(EXAMINATION, ['"not-eligible-for-bcg"', '"perhaps"']);
    expect(readingOf(text).tells[0]).toMatchObject({ bcgEligible: null });
    expect(warningsOf(read(text))).toEqual(["ELEMENT_INVALID Observation.valueCodeableConcept"]);
  });

  test("it was done when the last part was examined, or else on the day of the encounter", () => {
    const later = message(EXAMINATION, [
      'performedDateTime value="2026-02-05"',
      'performedDateTime value="2026-02-06"',
    ]);
    expect(readingOf(later).tells[0]).toMatchObject({ examinedOn: "2026-02-06" });
    const none = message(
      EXAMINATION,
      [/<performedDateTime [^>]*>/g, ""],
      ['start value="2026-02-05"', 'start value="2026-02-04"'],
    );
    expect(readingOf(none).tells[0]).toMatchObject({ examinedOn: "2026-02-04" });
    const nothing = message(EXAMINATION, [/<performedDateTime [^>]*>/g, ""], ['<start value="2026-02-05"/>', ""]);
    expect(faultsOf(read(nothing))).toEqual(["ELEMENT_MISSING Encounter.period.start"]);
  });

  test("before birth is a fault", () => {
    const text = message(EXAMINATION, [
      /performedDateTime value="2026-02-05"/g,
      'performedDateTime value="2026-02-01"',
    ]);
    expect(faultsOf(read(text))).toEqual(["DATE_BEFORE_BIRTH Encounter"]);
  });
});
