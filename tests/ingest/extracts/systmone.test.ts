import type { Layout } from "../../../ingest/extracts/adapter";
import { SYSTMONE_TABLES, systmOneExport, systmOneExtract } from "../../../ingest/extracts/formats/systmone";
import { Splitter } from "../../../ingest/extracts/rows";

const exported = systmOneExport(SYSTMONE_TABLES);
const extract = systmOneExtract(SYSTMONE_TABLES);

function readLine(layout: Layout<"DOSES">, line: string) {
  const [raw] = new Splitter(",", layout.columns.length, false).end(line);
  if (!raw) throw new Error("There is no row.");
  const file = { locality: "ST_HELENS_KNOWSLEY", name: "doses.csv", receivedOn: "2025-11-01" } as const;
  const result = layout.reader(file)(raw);
  return result.read ? result.reading : result.faults.map((fault) => fault.message);
}

describe("The file made for SystmOne", () => {
  const line = (
    vaccination: string,
    {
      site = "Left deltoid",
      method = "Intramuscular",
      notes = "",
    }: { site?: string; method?: string; notes?: string } = {},
  ) =>
    `123456,9990000018,Example,,Ada,F,01/09/2012,,1 High Street,Inventon,L1 8JQ,${vaccination},,02/10/2025,AB1234,` +
    `31/12/2026,0.5,Routine,${site},${method},"${notes}"`;
  const read = (...of: Parameters<typeof line>) => readLine(exported, line(...of));

  test("has the columns of the published exporter", () => {
    expect(exported.header).toBe(
      "Practice code,NHS number,Surname,Middle name,Forename,Gender,Date of Birth,House name,House number and road,Town," +
        "Postcode,Vaccination,Part,Admin date,Batch number,Expiry date,Dose,Reason,Site,Method,Notes",
    );
  });

  test("tells a dose and whom it was given", () => {
    expect(read("Y19a4", { notes: "Fine.\nAdministered by: Grace Nurse\nAuthorised by: Dora Doctor" })).toMatchObject({
      about: {
        nhsNumber: "9990000018",
        familyName: "Example",
        givenNames: "Ada",
        bornOn: "2012-09-01",
        postcode: "L1 8JQ",
      },
      tells: [
        {
          source: { system: "ST_HELENS_KNOWSLEY", id: expect.stringMatching(/^=[0-9a-f]{24}$/) },
          asOf: "2025-10-01T23:00:00.000000000Z",
          type: "DoseRecorded",
          vaccine: "HPV",
          givenOn: "2025-10-02",
          productCode: "33493111000001108",
          doseNumber: 1,
          site: "LEFT_UPPER_ARM",
          route: "INTRAMUSCULAR",
          batchNumber: "AB1234",
          expiresOn: "2026-12-31",
          amountMillilitres: 0.5,
          givenBy: "Grace Nurse",
          place: "123456",
        },
      ],
    });
  });

  test.each`
    vaccination                       | vaccine         | dose    | product
    ${"YcjAC"}                        | ${"FLU"}        | ${1}    | ${"43208811000001106"}
    ${"Y19a6"}                        | ${"HPV"}        | ${3}    | ${"33493111000001108"}
    ${"YbXKi"}                        | ${"MENACWY"}    | ${null} | ${"39779611000001104"}
    ${"Yb9ZN"}                        | ${"MMR"}        | ${null} | ${"13968211000001108"}
    ${"MMR VaxPro Part 1"}            | ${"MMR"}        | ${1}    | ${"13968211000001108"}
    ${"Y06d4"}                        | ${"TDIPV"}      | ${5}    | ${"7374511000001107"}
    ${"x05ub"}                        | ${"TDIPV"}      | ${null} | ${"7374511000001107"}
    ${"ProQuad"}                      | ${"MMRV"}       | ${null} | ${"45480711000001107"}
    ${"Infanrix hexa Part 2"}         | ${"HEXAVALENT"} | ${2}    | ${"34765811000001105"}
    ${"Repevax"}                      | ${"DTAPIPV"}    | ${null} | ${null}
    ${"Cell-based trivalent Seqirus"} | ${"FLU"}        | ${null} | ${"43207411000001105"}
  `("$vaccination is $vaccine, dose $dose", ({ vaccination, vaccine, dose, product }) => {
    expect(read(vaccination)).toMatchObject({ tells: [{ vaccine, doseNumber: dose, productCode: product }] });
  });

  test.each`
    vaccination           | productCode            | vaccine      | doseNumber
    ${"Y3400"}            | ${"7374511000001107"}  | ${"TDIPV"}   | ${3}
    ${"x05ub"}            | ${"7374511000001107"}  | ${"TDIPV"}   | ${6}
    ${"YbXKi"}            | ${"39779611000001104"} | ${"MENACWY"} | ${1}
    ${"MenQuadfi Part 2"} | ${"39779611000001104"} | ${"MENACWY"} | ${2}
    ${"Yav8l"}            | ${"34925111000001104"} | ${"MMR"}     | ${null}
    ${"Priorix Part 1"}   | ${"34925111000001104"} | ${"MMR"}     | ${1}
    ${"Repevax"}          | ${null}                | ${"DTAPIPV"} | ${null}
  `("dose $doseNumber of $productCode is written $vaccination", ({ vaccination, productCode, vaccine, doseNumber }) => {
    expect(exported.write([{ productCode, vaccine, doseNumber }])[11]).toBe(vaccination);
  });

  test.each`
    said                                   | faults
    ${["YcjZZ"]}                           | ${["SystmOne code (kept with the row) at row 1, Vaccination is not in the vaccination table."]}
    ${["Priorix Part 0"]}                  | ${["SystmOne code (kept with the row) at row 1, Vaccination is not in the vaccination table."]}
    ${[""]}                                | ${["row 1, Vaccination is empty, and a dose needs it."]}
    ${["Y19a4", { site: "Left buttock" }]} | ${["SystmOne code (kept with the row) at row 1, Site is not in the site table."]}
    ${["Y19a4", { method: "Oral" }]}       | ${["SystmOne code (kept with the row) at row 1, Method is not in the method table."]}
  `("$said is refused", ({ said, faults }) => {
    expect(read(...(said as Parameters<typeof line>))).toEqual(faults);
  });
});

describe("The extract that SystmOne gives out", () => {
  const line = (type: string, time = "09:15") =>
    `20120901,9990000018,,AB1234,Routine,${type},Ada,L1 8JQ,Female,Example,20251002,School,${time},,Invented School,123456,1`;

  test("has the columns of the published fixture", () => {
    expect(extract.header).toBe(
      "Date of birth,NHS number,Vaccination area code,Vaccination batch number,Vaccination reason,Vaccination type," +
        "First name,Postcode,Sex,Surname,Event date,Event location type,Event time,Team ID,School,School code,Patient Count",
    );
  });

  test.each`
    type                                         | vaccine      | dose    | product
    ${"Cervarix 1"}                              | ${"HPV"}     | ${1}    | ${"12238911000001100"}
    ${"HPV"}                                     | ${"HPV"}     | ${null} | ${null}
    ${"Human Papillomavirus 2"}                  | ${"HPV"}     | ${2}    | ${null}
    ${"Gardasil 9"}                              | ${"HPV"}     | ${null} | ${"33493111000001108"}
    ${"Gardasil 9 2"}                            | ${"HPV"}     | ${2}    | ${"33493111000001108"}
    ${"Gardasil 2"}                              | ${"HPV"}     | ${2}    | ${"10880211000001104"}
    ${"MMR 1"}                                   | ${"MMR"}     | ${1}    | ${null}
    ${"MMR VaxPro 2"}                            | ${"MMR"}     | ${2}    | ${"13968211000001108"}
    ${"MMRV"}                                    | ${"MMRV"}    | ${null} | ${null}
    ${"Measles/Mumps/Rubella 2"}                 | ${"MMR"}     | ${2}    | ${null}
    ${'"Meningococcal conjugate A,C, W135 + Y"'} | ${"MENACWY"} | ${null} | ${null}
    ${"td/ipv 4"}                                | ${"TDIPV"}   | ${4}    | ${null}
    ${"Flu"}                                     | ${"FLU"}     | ${null} | ${null}
    ${"Fluenz"}                                  | ${"FLU"}     | ${null} | ${"43208811000001106"}
  `("$type is $vaccine, dose $dose", ({ type, vaccine, dose, product }) => {
    expect(readLine(extract, line(type))).toMatchObject({
      tells: [{ vaccine, doseNumber: dose, productCode: product }],
    });
  });

  test.each(["Fluad 1", "Gardasil nine", "1"])("%s is unknown", (type) => {
    expect(readLine(extract, line(type))).toEqual([
      "SystmOne code (kept with the row) at row 1, Vaccination type is not in the vaccination type table.",
    ]);
  });

  test.each(["09:15", "09:15:00", "091500", "0915"])("the time %s is a quarter past nine", (time) => {
    expect(readLine(extract, line("HPV", time))).toMatchObject({ tells: [{ asOf: "2025-10-02T08:15:00.000000000Z" }] });
  });
});
