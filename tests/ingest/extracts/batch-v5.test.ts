import { batchV5 } from "../../../ingest/extracts/formats/batch-v5";
import { Splitter } from "../../../ingest/extracts/rows";

const NAME = "MMRV_Vaccinations_V5_YGM41_20260205T10000000.csv";

/** The row that stands in the description of the format. */
const ROW: readonly string[] =
  `9990000018|Ada|Example|20250105|2|L1 8JQ|20260106T101500|RXX99|https://fhir.nhs.uk/Id/ods-organization-code|abc-1|https://example.invalid/vacc|new|Grace|Nurse|20260106|TRUE|432636005|MMRV|1|45480711000001107|ProQuad|Merck Sharp & Dohme|B1|20271231|61396006|Left thigh|78421000|Intramuscular|0.5|258773002|ml||X99999|https://fhir.nhs.uk/Id/ods-organization-code`.split(
    "|",
  );

function read(changes: Readonly<Record<string, string>> = {}, { name = NAME, number = 1 } = {}) {
  const fields = ROW.map((value, at) => changes[batchV5.columns[at]?.column ?? ""] ?? value);
  const [raw] = new Splitter("|", 34, false).end(batchV5.line(fields));
  if (!raw) throw new Error("There is no row.");
  const result = batchV5.reader({ locality: "WIRRAL", name, receivedOn: "2026-03-01" })({ ...raw, number });
  return result.read ? result.reading : result.faults.map((fault) => fault.message);
}

test("the header is the 34 names of version 5", () => {
  expect(batchV5.header).toBe(
    "NHS_NUMBER|PERSON_FORENAME|PERSON_SURNAME|PERSON_DOB|PERSON_GENDER_CODE|PERSON_POSTCODE|DATE_AND_TIME|SITE_CODE|" +
      "SITE_CODE_TYPE_URI|UNIQUE_ID|UNIQUE_ID_URI|ACTION_FLAG|PERFORMING_PROFESSIONAL_FORENAME|" +
      "PERFORMING_PROFESSIONAL_SURNAME|RECORDED_DATE|PRIMARY_SOURCE|VACCINATION_PROCEDURE_CODE|" +
      "VACCINATION_PROCEDURE_TERM|DOSE_SEQUENCE|VACCINE_PRODUCT_CODE|VACCINE_PRODUCT_TERM|VACCINE_MANUFACTURER|" +
      "BATCH_NUMBER|EXPIRY_DATE|SITE_OF_VACCINATION_CODE|SITE_OF_VACCINATION_TERM|ROUTE_OF_VACCINATION_CODE|" +
      "ROUTE_OF_VACCINATION_TERM|DOSE_AMOUNT|DOSE_UNIT_CODE|DOSE_UNIT_TERM|INDICATION_CODE|LOCATION_CODE|" +
      "LOCATION_CODE_TYPE_URI",
  );
});

test("a new row tells a dose and whom it was given", () => {
  expect(read({}, { number: 12 })).toEqual({
    about: {
      localId: null,
      nhsNumber: "9990000018",
      supersededNhsNumbers: [],
      familyName: "Example",
      givenNames: "Ada",
      bornOn: "2025-01-05",
      postcode: "L1 8JQ",
      sex: "FEMALE",
    },
    introduces: false,
    warnings: [],
    tells: [
      {
        source: { system: "WIRRAL", id: "https://example.invalid/vacc|abc-1" },
        asOf: "2026-02-05T10:00:00.000000012Z",
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

describe("What is done with a row", () => {
  test.each`
    flag        | action
    ${"new"}    | ${"record"}
    ${"NEW"}    | ${"record"}
    ${"Update"} | ${"record"}
    ${"delete"} | ${"withdraw"}
    ${"DELETE"} | ${"withdraw"}
  `("$flag: $action", ({ flag, action }) => {
    expect(read({ ACTION_FLAG: flag })).toMatchObject({ tells: [{ action, type: "DoseRecorded" }] });
  });

  test("to delete, only the identifiers are needed; nothing else is looked at", () => {
    const nothing = Object.fromEntries(batchV5.columns.map((each) => [each.column, ""]));
    const identified = { UNIQUE_ID: "abc-1", UNIQUE_ID_URI: "https://example.invalid/vacc", ACTION_FLAG: "delete" };
    const wrong = { NHS_NUMBER: "9990000019", DATE_AND_TIME: "never", VACCINATION_PROCEDURE_CODE: "1" };
    for (const others of [{}, wrong]) {
      expect(read({ ...nothing, ...others, ...identified })).toMatchObject({
        about: { nhsNumber: null, familyName: null },
        tells: [
          {
            source: { system: "WIRRAL", id: "https://example.invalid/vacc|abc-1" },
            asOf: "2026-02-05T10:00:00.000000001Z",
            action: "withdraw",
            type: "DoseRecorded",
          },
        ],
      });
    }
  });

  test("a row to delete names its child where it can", () => {
    expect(read({ ACTION_FLAG: "delete" })).toMatchObject({
      about: { nhsNumber: "9990000018", familyName: "Example" },
    });
  });

  test("rows of a later file, and further down in one file, come later", () => {
    const later = { name: "MMRV_VACCINATIONS_V5_YGM41_20260206T10000000.DAT" };
    const times = [read({}, { number: 9 }), read({}, { number: 10 }), read({}, { ...later, number: 1 })].map(
      (reading) => ("tells" in reading ? reading.tells[0]?.asOf : ""),
    );
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBe(3);
  });
});

describe("The day of a dose", () => {
  test.each`
    told                   | day             | why
    ${"20260106T101500"}   | ${"2026-01-06"} | ${"without a suffix, UTC"}
    ${"20250706T224500"}   | ${"2025-07-06"} | ${"before midnight in summer"}
    ${"20250706T23150000"} | ${"2025-07-07"} | ${"after midnight in British Summer Time"}
    ${"20250706T231500"}   | ${"2025-07-07"} | ${"so too without a suffix"}
    ${"20250706T23150001"} | ${"2025-07-06"} | ${"told in British Summer Time"}
    ${"20250707T00150001"} | ${"2025-07-07"} | ${"a quarter past midnight in British Summer Time"}
    ${"20260106T23150000"} | ${"2026-01-06"} | ${"late in winter"}
    ${"20260106T00150001"} | ${"2026-01-05"} | ${"told in summer time though in winter"}
  `("$told is $day: $why", ({ told, day }) => {
    expect(read({ DATE_AND_TIME: told })).toMatchObject({ tells: [{ givenOn: day }] });
  });
});

describe("A row is refused", () => {
  test.each`
    column                          | value                  | message
    ${"NHS_NUMBER"}                 | ${"9990000019"}        | ${"The NHS number at row 1, NHS_NUMBER is not one: its check digit is wrong."}
    ${"PERSON_FORENAME"}            | ${""}                  | ${"row 1, PERSON_FORENAME is empty, and a dose needs it."}
    ${"PERSON_DOB"}                 | ${"20250230"}          | ${"The date at row 1, PERSON_DOB is not a day of the calendar written as yyyyMMdd."}
    ${"PERSON_GENDER_CODE"}         | ${"3"}                 | ${"Batch code (kept with the row) at row 1, PERSON_GENDER_CODE is not in the gender table."}
    ${"DATE_AND_TIME"}              | ${"20260106T251500"}   | ${"The date at row 1, DATE_AND_TIME is not a day of the calendar written as yyyyMMddTHHmmss, or with 00 or 01 behind it."}
    ${"DATE_AND_TIME"}              | ${"20260106T10150002"} | ${"The date at row 1, DATE_AND_TIME is not a day of the calendar written as yyyyMMddTHHmmss, or with 00 or 01 behind it."}
    ${"DATE_AND_TIME"}              | ${"20250104T101500"}   | ${"The date at row 1, DATE_AND_TIME is before the child was born."}
    ${"DATE_AND_TIME"}              | ${"20260302T101500"}   | ${"The date at row 1, DATE_AND_TIME is later than the day it was received."}
    ${"UNIQUE_ID"}                  | ${""}                  | ${"row 1, UNIQUE_ID is empty, and a dose needs it."}
    ${"UNIQUE_ID_URI"}              | ${""}                  | ${"row 1, UNIQUE_ID_URI is empty, and a dose needs it."}
    ${"ACTION_FLAG"}                | ${"replace"}           | ${"Batch code (kept with the row) at row 1, ACTION_FLAG is not in the action table."}
    ${"ACTION_FLAG"}                | ${""}                  | ${"row 1, ACTION_FLAG is empty, and a dose needs it."}
    ${"RECORDED_DATE"}              | ${"20260302"}          | ${"The date at row 1, RECORDED_DATE is later than the day it was received."}
    ${"PRIMARY_SOURCE"}             | ${"maybe"}             | ${"Batch code (kept with the row) at row 1, PRIMARY_SOURCE is not in the primary source table."}
    ${"VACCINATION_PROCEDURE_CODE"} | ${"61396006"}          | ${"SNOMED CT code 61396006 at row 1, VACCINATION_PROCEDURE_CODE is not in the procedure table."}
    ${"DOSE_SEQUENCE"}              | ${"10"}                | ${"row 1, DOSE_SEQUENCE is not a whole number from 1 to 9."}
    ${"VACCINE_PRODUCT_CODE"}       | ${"61396006"}          | ${"dm+d code 61396006 at row 1, VACCINE_PRODUCT_CODE is not in the product table."}
    ${"SITE_OF_VACCINATION_CODE"}   | ${"78421000"}          | ${"SNOMED CT code 78421000 at row 1, SITE_OF_VACCINATION_CODE is not in the site of vaccination table."}
    ${"ROUTE_OF_VACCINATION_CODE"}  | ${"61396006"}          | ${"SNOMED CT code 61396006 at row 1, ROUTE_OF_VACCINATION_CODE is not in the route of vaccination table."}
    ${"DOSE_AMOUNT"}                | ${"half"}              | ${"row 1, DOSE_AMOUNT is not a decimal number up to 1000."}
    ${"DOSE_UNIT_CODE"}             | ${"258773001"}         | ${"row 1, DOSE_UNIT_CODE is not a SNOMED CT code."}
  `("for $column $value", ({ column, value, message }) => {
    expect(read({ [column]: value })).toEqual([message]);
  });
});

test("the file's name decides the vaccine, and codes of another are warned of", () => {
  const reading = read({}, { name: "MMR_Vaccinations_V5_YGM41_20260205T10000000.csv" });
  expect(reading).toMatchObject({ tells: [{ vaccine: "MMR", procedureCode: "432636005" }] });
  expect("warnings" in reading && reading.warnings.map((each) => each.message)).toEqual([
    "row 1, VACCINATION_PROCEDURE_CODE is not a code of MMR.",
    "row 1, VACCINE_PRODUCT_CODE is not a code of MMR.",
  ]);
});

test("an amount in another unit than millilitres is not kept", () => {
  expect(read({ DOSE_UNIT_CODE: "78421000" })).toMatchObject({ tells: [{ amountMillilitres: null }] });
});

describe("The name of a file", () => {
  test.each`
    name                                                   | facts
    ${"mmr_vaccinations_v5_ygm41_20260105t10000000.csv"}   | ${{ vaccine: "MMR", sentAt: "2026-01-05T10:00:00.000000000Z" }}
    ${"6IN1_Vaccinations_V5_YGA_20250705T10000001.dat"}    | ${{ vaccine: "HEXAVALENT", sentAt: "2025-07-05T09:00:00.000000000Z" }}
    ${"MMR_Vaccinations_V4_YGM41_20260105T10000000.csv"}   | ${null}
    ${"MUMPS_Vaccinations_V5_YGM41_20260105T10000000.csv"} | ${null}
    ${"MMR_Vaccinations_V5_N85616_20260105T10000000.csv"}  | ${null}
    ${"MMR_Vaccinations_V5_YGM41_20260105T100000.csv"}     | ${null}
    ${"MMR_Vaccinations_V5_YGM41_20260230T10000000.csv"}   | ${null}
    ${"MMR_Vaccinations_V5_YGM41_20260105T10000000.txt"}   | ${null}
  `("$name says $facts", ({ name, facts }) => {
    expect(batchV5.factsOf(name)).toEqual(facts);
  });
});
