import { isSnomedCode } from "../../../schema/vocabulary/snomed";
import {
  MILLILITRE,
  notGivenByProcedure,
  PROCEDURES,
  PRODUCTS,
  VACCINATION_ROUTES,
  VACCINATION_SITES,
  VACCINE_NAMES,
  VACCINES,
  vaccineOfNationalType,
  vaccineOfProcedure,
  vaccineOfProduct,
  vaccineOfTargetDiseases,
} from "../../../schema/vocabulary/vaccines";

describe("The vaccine that a code stands for", () => {
  test.each`
    code                   | look                     | vaccine         | why
    ${"1082441000000108"}  | ${vaccineOfProcedure}    | ${"HEXAVALENT"} | ${"a procedure code of a first dose"}
    ${"170433008"}         | ${vaccineOfProcedure}    | ${"MMR"}        | ${"a procedure code of a second dose"}
    ${"275974002"}         | ${vaccineOfProcedure}    | ${"MMR"}        | ${"a code that says it must not be given"}
    ${"7374511000001107"}  | ${vaccineOfProduct}      | ${"TDIPV"}      | ${"the pack of Revaxis"}
    ${"7374311000001101"}  | ${vaccineOfProduct}      | ${"TDIPV"}      | ${"the product of Revaxis"}
    ${"6IN1"}              | ${vaccineOfNationalType} | ${"HEXAVALENT"} | ${"a type in a batch file's name"}
    ${"38598008"}          | ${vaccineOfProcedure}    | ${null}         | ${"a procedure code that is not in the table"}
    ${"34765811000001105"} | ${vaccineOfProcedure}    | ${null}         | ${"a product code asked for as a procedure"}
    ${"constructor"}       | ${vaccineOfProduct}      | ${null}         | ${"a word that every object knows"}
    ${"7IN1"}              | ${vaccineOfNationalType} | ${null}         | ${"a type that there is not"}
  `("$why ($code) is $vaccine", ({ code, look, vaccine }) => {
    expect(look(code)).toBe(vaccine);
  });

  test.each`
    code                  | reason
    ${"1083421000000107"} | ${"CONTRAINDICATED"}
    ${"275974002"}        | ${"CONTRAINDICATED"}
    ${"38598009"}         | ${null}
  `("procedure $code says that it was not given: $reason", ({ code, reason }) => {
    expect(notGivenByProcedure(code)).toBe(reason);
  });
});

describe("The vaccine whose target diseases are told", () => {
  test.each`
    diseases                                            | vaccine      | why
    ${["36653000", "14189004", "36989005"]}             | ${"MMR"}     | ${"in any order"}
    ${["14189004", "36989005", "36653000", "36653000"]} | ${"MMR"}     | ${"though one is told twice"}
    ${["14189004", "36989005", "36653000", "38907003"]} | ${"MMRV"}    | ${"with chickenpox besides"}
    ${["23511006"]}                                     | ${"MENACWY"} | ${"meningococcal disease alone"}
    ${["709410003", "23511006"]}                        | ${"HIBMENC"} | ${"with Hib besides"}
    ${["14189004"]}                                     | ${null}      | ${"a part of a vaccine's is no vaccine"}
    ${[]}                                               | ${null}      | ${"none told"}
  `("$why: $vaccine", ({ diseases, vaccine }) => {
    expect(vaccineOfTargetDiseases(diseases)).toBe(vaccine);
  });

  test("every vaccine of the national API is found by its own diseases and by its type", () => {
    const national = VACCINE_NAMES.filter((name) => VACCINES[name].nationalType);
    expect(national).toHaveLength(19);
    expect(national.map((name) => vaccineOfTargetDiseases(VACCINES[name].targetDiseases ?? []))).toEqual(national);
    expect(national.map((name) => vaccineOfNationalType(VACCINES[name].nationalType ?? ""))).toEqual(national);
  });
});

test("every SNOMED CT and dm+d code of the tables has the right check digit", () => {
  const codes = [
    ...Object.keys(PROCEDURES),
    ...Object.keys(PRODUCTS),
    ...VACCINE_NAMES.flatMap((name) => VACCINES[name].targetDiseases ?? []),
    ...Object.values(VACCINATION_SITES).flatMap(({ snomed }) => snomed ?? []),
    ...Object.values(VACCINATION_ROUTES).map(({ snomed }) => snomed),
    MILLILITRE,
  ];
  expect(codes.length).toBeGreaterThan(100);
  expect(codes.filter((code) => !isSnomedCode(code))).toEqual([]);
});
