/** Every vaccine, procedure and product code of the reference is a row, and says what it should: section 10, and 4 and 7. */

import { isSnomedCode } from "../../../schema/vocabulary/snomed";
import {
  DOSE_NUMBERS,
  doseNumberOf,
  notGivenByProcedure,
  PRODUCTS,
  productsGiven,
  VACCINES,
  type Vaccine,
  vaccineOfNationalType,
  vaccineOfProcedure,
  vaccineOfProduct,
  vaccineOfTargetDiseases,
} from "../../../schema/vocabulary/vaccines";
import { proves } from "../../fixtures/schedule-sentences";

const DISEASES: Readonly<Record<string, readonly [Vaccine, string]>> = {
  "6IN1": ["HEXAVALENT", "398102009 397430003 709410003 27836007 76902006 66071002"],
  "4IN1": ["DTAPIPV", "398102009 397430003 27836007 76902006"],
  "3IN1": ["TDIPV", "398102009 397430003 76902006"],
  MMR: ["MMR", "14189004 36989005 36653000"],
  MMRV: ["MMRV", "14189004 36989005 36653000 38907003"],
  PNEUMOCOCCAL: ["PCV", "16814004"],
  MENB: ["MENB", "1354584007"],
  MENACWY: ["MENACWY", "23511006"],
  HIBMENC: ["HIBMENC", "709410003 23511006"],
  HIB: ["HIB", "709410003"],
  ROTAVIRUS: ["ROTAVIRUS", "186150001"],
  HPV: ["HPV", "240532009"],
  FLU: ["FLU", "6142004"],
  BCG: ["BCG", "56717001"],
  HEPB: ["HEPB", "66071002"],
  PERTUSSIS: ["PERTUSSIS", "27836007"],
  COVID: ["COVID", "840539006"],
  RSV: ["RSV", "55735004"],
  SHINGLES: ["SHINGLES", "4740000"],
};

const PROCEDURES: Readonly<Partial<Record<Vaccine, string>>> = {
  HEXAVALENT: "1082441000000108 1162640003 1082451000000106 1082461000000109",
  DTAPIPV: "868273007 247821000000102",
  TDIPV: "414619005 866227002",
  MENB: "720539004 516301000000101 720540002 720544006",
  ROTAVIRUS: "868631000000102 415354003 868651000000109",
  PCV: "247631000000101 247641000000105 247651000000108 820741000000108 139791000119105",
  MMR: "38598009 170433008 308081000000105 170432003",
  MMRV: "432636005 433733003",
  HIBMENC: "428975001 712833000",
  MENACWY: "871874000",
  HPV: "761841000",
  FLU: "985151000000100 985171000000109 884861000000100 884881000000109",
  BCG: "42284007",
  HEPB: "170370000 170373003 170371001 170372008",
};

const PRODUCT_CODES: Readonly<Record<string, readonly [Vaccine, string]>> = {
  "Infanrix hexa": ["HEXAVALENT", "34765811000001105"],
  Vaxelis: ["HEXAVALENT", "39367111000001105"],
  "Boostrix-IPV": ["DTAPIPV", "26267211000001100"],
  Revaxis: ["TDIPV", "7374511000001107 7374311000001101"],
  Rotarix: ["ROTAVIRUS", "34609911000001106 17996111000001109"],
  Bexsero: ["MENB", "23584211000001109 37430711000001103"],
  "Prevenar 13": ["PCV", "16649411000001104"],
  "Prevenar 20": ["PCV", "40600011000001101"],
  Menitorix: ["HIBMENC", "9903711000001109 9903611000001100"],
  Priorix: ["MMR", "34925111000001104"],
  "MMR VaxPro": ["MMR", "13968211000001108"],
  ProQuad: ["MMRV", "45480711000001107"],
  "Priorix-Tetra": ["MMRV", "45525711000001102"],
  "Gardasil 9": ["HPV", "33493111000001108"],
  Gardasil: ["HPV", "10880211000001104"],
  Cervarix: ["HPV", "12238911000001100"],
  MenQuadfi: ["MENACWY", "39779611000001104"],
  Menveo: ["MENACWY", "17188711000001105"],
  Nimenrix: ["MENACWY", "20517811000001104"],
  "BCG AJV": ["BCG", "37240111000001101"],
  BCG: ["BCG", "9316511000001100"],
  "HBvaxPro 10 microgram": ["HEPB", "10752011000001102"],
  Fluenz: ["FLU", "43208811000001106"],
  "Cell-based trivalent Seqirus": ["FLU", "43207411000001105"],
  Vaxigrip: ["FLU", "45175511000001104"],
  Viatris: ["FLU", "45354911000001100"],
};

describe(proves("DISEASES"), () => {
  test.each(Object.entries(DISEASES))("%s", (type, [vaccine, codes]) => {
    expect([vaccineOfNationalType(type), vaccineOfTargetDiseases(codes.split(" "))]).toEqual([vaccine, vaccine]);
    expect(VACCINES[vaccine].targetDiseases?.toSorted()).toEqual(codes.split(" ").toSorted());
  });
});

describe(proves("PROCEDURE_CODES"), () => {
  test.each(Object.entries(PROCEDURES))("%s", (vaccine, codes) => {
    expect(codes.split(" ").map((code) => [vaccineOfProcedure(code), notGivenByProcedure(code)])).toEqual(
      codes.split(" ").map(() => [vaccine, null]),
    );
  });

  test.each`
    code                  | vaccine
    ${"1083421000000107"} | ${"HEXAVALENT"}
    ${"275974002"}        | ${"MMR"}
  `("$code: $vaccine must not be given", ({ code, vaccine }) => {
    expect([vaccineOfProcedure(code), notGivenByProcedure(code)]).toEqual([vaccine, "CONTRAINDICATED"]);
  });
});

describe(proves("PRODUCT_CODES"), () => {
  test.each(Object.entries(PRODUCT_CODES))("%s", (brand, [vaccine, codes]) => {
    for (const code of codes.split(" ")) {
      expect(vaccineOfProduct(code)).toBe(vaccine);
      expect(PRODUCTS[code as keyof typeof PRODUCTS].brand).toBe(brand); // a code of the table, as just seen
    }
  });

  test("no other product has a row", () => {
    const codes = Object.values(PRODUCT_CODES).flatMap(([, each]) => each.split(" "));
    expect(Object.keys(PRODUCTS).toSorted()).toEqual(codes.toSorted());
  });
});

test(proves("CHECK_DIGITS"), () => {
  const codes = [
    ...Object.values(DISEASES).flatMap(([, each]) => each.split(" ")),
    ...Object.values(PROCEDURES).flatMap((each) => each.split(" ")),
    ...Object.values(PRODUCT_CODES).flatMap(([, each]) => each.split(" ")),
  ];
  expect(codes.length).toBeGreaterThan(90);
  expect(codes.filter((code) => !isSnomedCode(code))).toEqual([]);
});

describe(proves("GELATINE"), () => {
  test.each`
    brand                             | contains
    ${"ProQuad"}                      | ${true}
    ${"MMR VaxPro"}                   | ${true}
    ${"Fluenz"}                       | ${true}
    ${"Priorix"}                      | ${false}
    ${"Priorix-Tetra"}                | ${false}
    ${"Cell-based trivalent Seqirus"} | ${false}
    ${"Vaxigrip"}                     | ${false}
    ${"Viatris"}                      | ${false}
    ${"Infanrix hexa"}                | ${undefined}
  `("$brand contains gelatine from pigs: $contains", ({ brand, contains }) => {
    const rows = Object.values<{ readonly brand: string; readonly porcineGelatine?: boolean }>(PRODUCTS);
    expect(rows.find((row) => row.brand === brand)?.porcineGelatine).toBe(contains);
  });

  test.each`
    vaccine   | without
    ${"MMR"}  | ${["Priorix"]}
    ${"MMRV"} | ${["Priorix-Tetra"]}
    ${"FLU"}  | ${["Cell-based trivalent Seqirus", "Vaxigrip", "Viatris"]}
  `("$vaccine can be given without: $without", ({ vaccine, without }) => {
    const products = productsGiven(vaccine, "2018-01-01", "2026-01-01");
    expect(products.filter(({ porcineGelatine }) => porcineGelatine === false).map(({ brand }) => brand)).toEqual(
      without,
    );
  });

  test.each`
    vaccine        | brands
    ${"HPV"}       | ${["Gardasil 9"]}
    ${"MENACWY"}   | ${["MenQuadfi"]}
    ${"ROTAVIRUS"} | ${["Rotarix"]}
    ${"UNKNOWN"}   | ${[]}
  `("of $vaccine what is given now, each brand once: $brands", ({ vaccine, brands }) => {
    expect(productsGiven(vaccine, "2013-01-01", "2026-01-01").map(({ brand }) => brand)).toEqual(brands);
  });
});

test.each`
  vaccine      | most
  ${"FLU"}     | ${2}
  ${"HPV"}     | ${3}
  ${"MENACWY"} | ${3}
  ${"MMR"}     | ${2}
  ${"TDIPV"}   | ${6}
`(`${proves("DOSE_NUMBERS")}: $vaccine $most`, ({ vaccine, most }) => {
  expect(DOSE_NUMBERS[vaccine as keyof typeof DOSE_NUMBERS].most).toBe(most);
});

test.each`
  vaccine      | word                       | number
  ${"TDIPV"}   | ${"1P"}                    | ${1}
  ${"TDIPV"}   | ${"2P"}                    | ${2}
  ${"TDIPV"}   | ${"3P"}                    | ${3}
  ${"TDIPV"}   | ${"1B"}                    | ${4}
  ${"TDIPV"}   | ${"2B"}                    | ${5}
  ${"TDIPV"}   | ${"1st Scheduled Booster"} | ${4}
  ${"TDIPV"}   | ${"2nd Scheduled Booster"} | ${5}
  ${"MENACWY"} | ${"1P"}                    | ${1}
  ${"MENACWY"} | ${"1B"}                    | ${2}
  ${"MENACWY"} | ${"2B"}                    | ${3}
  ${"MMR"}     | ${"1P"}                    | ${1}
  ${"MMR"}     | ${"1B"}                    | ${2}
  ${"MMR"}     | ${"2B"}                    | ${null}
  ${"HPV"}     | ${"1B"}                    | ${null}
  ${"PCV"}     | ${"1P"}                    | ${null}
  ${"TDIPV"}   | ${"constructor"}           | ${null}
`(`${proves("DOSE_WORDS")}: $vaccine $word is $number`, ({ vaccine, word, number }) => {
  expect(doseNumberOf(vaccine, word)).toBe(number);
});

test("no two vaccines protect against the same, so that what is told of one antigen set on one day is of one vaccine", () => {
  const sets = Object.values(VACCINES).flatMap(({ antigens }) =>
    antigens.length === 0 ? [] : [[...antigens].sort().join("+")],
  );
  expect(new Set(sets).size).toBe(sets.length);
});
