import { carePlus } from "../../../ingest/extracts/formats/careplus";
import { Splitter } from "../../../ingest/extracts/rows";
import { proves } from "../../fixtures/schedule-sentences";

const HEADER =
  "NHS Number,Surname,Forename,Date of Birth,Address Line 1,Person Giving Consent,Ethnicity,Date Attended," +
  "Time Attended,Venue Type,Venue Code,Staff Type,Staff Code,Attended,Reason Not Attended,Suspension End Date," +
  [1, 2, 3, 4, 5]
    .map(
      (n) => `Vaccine ${n},Vaccine Code ${n},Dose ${n},Reason Not Given ${n},Site ${n},Manufacturer ${n},Batch No ${n}`,
    )
    .join(",") +
  ",Gender";

const VISIT = "9990000018,Example,Ada,01/09/2012,1 High Street,Eve Example,,02/10/2025,09:15,SC,123456,PQ,ABCD,Y,,";
const HPV = "33493111000001108,HPV,1P,,ULA,Merck Sharp & Dohme,AB1234";
const NONE = ",,,,,,";

function read(...blocks: string[]) {
  return readLine(`${VISIT},${[...blocks, NONE, NONE, NONE, NONE, NONE].slice(0, 5).join(",")},F`);
}

function readLine(line: string) {
  const [raw] = new Splitter(",", 52, false).end(line);
  if (!raw) throw new Error("There is no row.");
  const result = carePlus.reader({ locality: "LIVERPOOL_SEFTON", name: "doses.csv", receivedOn: "2025-11-01" })(raw);
  return result.read ? result.reading : result.faults.map((fault) => fault.message);
}

const dosesOf = (reading: ReturnType<typeof read>) => ("tells" in reading ? reading.tells : reading);

test("the layout is that of the published exporter, 52 columns", () => {
  expect(carePlus.header).toBe(HEADER);
  expect(carePlus.columns).toHaveLength(52);
});

test("a row of one dose tells the dose and whom it was given", () => {
  expect(read(HPV)).toMatchObject({
    about: {
      localId: null,
      nhsNumber: "9990000018",
      familyName: "Example",
      givenNames: "Ada",
      bornOn: "2012-09-01",
      sex: "FEMALE",
    },
    introduces: false,
    warnings: [],
    tells: [
      {
        source: { system: "LIVERPOOL_SEFTON", id: expect.stringMatching(/^=[0-9a-f]{24}$/) },
        asOf: "2025-10-02T08:15:00.000000000Z",
        action: "record",
        type: "DoseRecorded",
        vaccine: "HPV",
        givenOn: "2025-10-02",
        precision: "DAY",
        procedureCode: null,
        productCode: "33493111000001108",
        doseNumber: 1,
        site: "LEFT_UPPER_ARM",
        batchNumber: "AB1234",
        manufacturer: "Merck Sharp & Dohme",
        place: "123456",
        primarySource: true,
      },
    ],
  });
});

test("a row tells of as many doses as it has blocks filled, up to five", () => {
  const codes = ["HPV", "ACWYX4", "3IN1", "FLU", "MMR"];
  const vaccines = ["HPV", "MENACWY", "TDIPV", "FLU", "MMR"];
  expect(dosesOf(read(...codes.map((code) => `,${code},1P,,,,`)))).toMatchObject(
    vaccines.map((vaccine) => ({ vaccine })),
  );
  expect(dosesOf(read(NONE, ",HPV,1P,,,,"))).toMatchObject([{ vaccine: "HPV" }]);
});

describe(proves("DOSE_WORDS"), () => {
  test.each`
    vaccine     | label   | number
    ${"MMR"}    | ${"1P"} | ${1}
    ${"MMRV"}   | ${"1B"} | ${2}
    ${"3IN1"}   | ${"3P"} | ${3}
    ${"3IN1"}   | ${"1B"} | ${4}
    ${"ACWYX4"} | ${"1B"} | ${2}
    ${"ACWYX4"} | ${"2B"} | ${3}
    ${"3IN1"}   | ${"3B"} | ${6}
    ${"HPV"}    | ${"2P"} | ${2}
    ${"FLUENZ"} | ${"6P"} | ${6}
    ${"HPV"}    | ${""}   | ${null}
  `("$vaccine $label is dose $number", ({ vaccine, label, number }) => {
    expect(dosesOf(read(`,${vaccine},${label},,,,`))).toMatchObject([{ doseNumber: number }]);
  });

  test.each`
    vaccine  | label   | why
    ${"MMR"} | ${"2P"} | ${"CarePlus writes the second dose 1B"}
    ${"MMR"} | ${"2B"} | ${"a third dose has no code"}
    ${"HPV"} | ${"1B"} | ${"HPV has no boosters"}
  `("$vaccine $label is unknown: $why", ({ vaccine, label }) => {
    expect(read(`,${vaccine},${label},,,,`)).toEqual([
      "CarePlus code (kept with the row) at row 1, Dose 1 is not in the dose table.",
    ]);
  });
});

describe("The vaccine of a dose", () => {
  test("of an infant is told by its product, for CarePlus's codes of those are not published", () => {
    expect(dosesOf(read("34765811000001105,,1P,,LT,,"))).toMatchObject([{ vaccine: "HEXAVALENT", site: "LEFT_THIGH" }]);
  });

  test("is that of its code where the product is of another, and a warning says so", () => {
    const reading = read("45480711000001107,MMR,1P,,,,");
    expect(reading).toMatchObject({ tells: [{ vaccine: "MMR", productCode: "45480711000001107" }] });
    expect("warnings" in reading && reading.warnings.map((each) => each.message)).toEqual([
      "row 1, Vaccine 1 is not a code of MMR.",
    ]);
  });

  test.each`
    block                             | faults
    ${"34765811000001104,HPV,1P,,,,"} | ${["dm+d code (kept with the row) at row 1, Vaccine 1 is not in the product table."]}
    ${",6IN1,1P,,LT,,"}               | ${["CarePlus code (kept with the row) at row 1, Vaccine Code 1 is not in the vaccine table."]}
    ${",,1P,,LT,,"}                   | ${["row 1, Vaccine Code 1 is empty, and a dose needs it."]}
    ${",HPV,1P,,XX,,"}                | ${["CarePlus code (kept with the row) at row 1, Site 1 is not in the site table."]}
    ${",HPV,1P,REF,,,"}               | ${["CarePlus code (kept with the row) at row 1, Reason Not Given 1 is not in the reason not given table."]}
  `("$block is refused", ({ block, faults }) => {
    expect(read(block)).toEqual(faults);
  });
});

test.each`
  code      | site
  ${"ALT"}  | ${"ANTEROLATERAL_THIGH"}
  ${"RLIF"} | ${"RIGHT_FOREARM"}
  ${"N"}    | ${"NOSE"}
  ${"MOU"}  | ${"MOUTH"}
  ${"UA"}   | ${"UPPER_ARM"}
  ${"NA"}   | ${null}
  ${"NK"}   | ${null}
  ${"U"}    | ${null}
`("site code $code is $site", ({ code, site }) => {
  expect(dosesOf(read(`,HPV,1P,,${code},,`))).toMatchObject([{ site }]);
});

test("every site code that CarePlus accepts is known", () => {
  const accepted = "AB ALT L LA LALT LB LL LLIF LT MOU N NA NK O R RA RALT RB RL RLIF RT U UA ULA URA".split(" ");
  const codes = carePlus.columns.find((each) => each.column === "Site 1")?.codes.map(([code]) => code);
  expect(codes?.toSorted()).toEqual(accepted);
});

test("a child without an NHS number is told by name and date of birth, and the dose has another identity", () => {
  const line = `${VISIT},${HPV},${[NONE, NONE, NONE, NONE].join(",")},F`;
  const [known, unknown, again] = [line, line.replace("9990000018", ""), line.replace("AB1234", "CD5678")].map(
    readLine,
  );
  expect(unknown).toMatchObject({ about: { nhsNumber: null, familyName: "Example" } });
  const id = (reading: ReturnType<typeof readLine> | undefined) =>
    reading && "tells" in reading ? reading.tells[0]?.source.id : null;
  expect(id(unknown)).not.toBe(id(known));
  expect(id(again)).toBe(id(known));
});

test.each`
  line                                         | faults
  ${VISIT.replace(",Y,,", ",N,,")}             | ${["CarePlus code (kept with the row) at row 1, Attended is not in the attendance table."]}
  ${VISIT.replace("02/10/2025", "02/13/2025")} | ${["The date at row 1, Date Attended is not a day of the calendar written as dd/MM/yyyy."]}
  ${VISIT.replace("02/10/2025", "02/12/2025")} | ${["The date at row 1, Date Attended is later than the day it was received."]}
  ${VISIT.replace("02/10/2025", "31/08/2012")} | ${["The date at row 1, Date Attended is before the child was born."]}
`("a visit is refused once, however many doses: $faults", ({ line, faults }) => {
  expect(readLine(`${line},${[HPV, ",FLU,,,,,", NONE, NONE, NONE].join(",")},F`)).toEqual(faults);
});

test("a row without any dose is refused", () => {
  expect(read()).toEqual(["row 1, Vaccine 1 is empty, and a dose needs it."]);
});

test("a visit of two doses is written into one row and read again", () => {
  const child = { nhsNumber: "9990000018", familyName: "Example", givenNames: "Ada", bornOn: "2012-09-01" };
  const visit = { ...child, eventOn: { day: "2025-10-02", precision: "DAY" as const } };
  const fields = carePlus.write([
    { ...visit, vaccine: "MMRV", doseNumber: 2 },
    { ...visit, vaccine: "PCV", productCode: "40600011000001101", doseNumber: 1 },
  ]);
  expect(readLine(carePlus.line(fields))).toMatchObject({
    tells: [
      { vaccine: "MMRV", doseNumber: 2 },
      { vaccine: "PCV", doseNumber: 1 },
    ],
  });
  expect(() => carePlus.write(Array.from({ length: 6 }, () => visit))).toThrow(RangeError);
});
