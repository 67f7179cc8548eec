import { checkDigit, isTestNumber, printNhsNumber, readNhsNumber } from "../../schema/nhs-number";

describe("Reading an NHS number", () => {
  test.each`
    written                                 | read
    ${"9990000018"}                         | ${"9990000018"}
    ${"999 000 0018"}                       | ${"9990000018"}
    ${"999-000-0018"}                       | ${"9990000018"}
    ${"\u200d999\u00a0000\u200b0018\ufeff"} | ${"9990000018"}
    ${"9990000019"}                         | ${"CHECK_DIGIT"}
    ${"0000000000"}                         | ${"REPEATED_DIGIT"}
    ${"9999999999"}                         | ${"REPEATED_DIGIT"}
    ${"999000001"}                          | ${"NOT_TEN_DIGITS"}
    ${"99900000188"}                        | ${"NOT_TEN_DIGITS"}
    ${"999000001X"}                         | ${"NOT_TEN_DIGITS"}
    ${"９９９００００１８"}                 | ${"NOT_TEN_DIGITS"}
    ${""}                                   | ${"NOT_TEN_DIGITS"}
  `("$written is $read", ({ written, read }) => {
    const reading = readNhsNumber(written);
    expect(reading.valid ? reading.nhsNumber : reading.fault).toBe(read);
  });

  test("a number whose check digit would be ten is none, whatever its last digit", () => {
    // 999000006: the sum leaves a remainder of one.
    const beginnings = Array.from({ length: 100 }, (_, k) => String(999000000 + k));
    const impossible = beginnings.filter((nine) => checkDigit(nine) === null);
    expect(impossible.length).toBeGreaterThan(0);
    for (const nine of impossible) {
      for (let digit = 0; digit <= 9; digit++) expect(readNhsNumber(`${nine}${digit}`).valid).toBe(false);
    }
  });

  test("the first five of the range that is never issued are known", () => {
    for (const number of ["9990000018", "9990000026", "9990000034", "9990000042", "9990000050"]) {
      expect(readNhsNumber(number).valid && isTestNumber(number)).toBe(true);
    }
  });

  test("it is printed 3-3-4", () => expect(printNhsNumber("9990000018")).toBe("999 000 0018"));
});
