import {
  type Codec,
  code,
  day,
  dayTold,
  decimal,
  instant,
  integer,
  listed,
  localInstant,
  Misread,
  nhsNumber,
  odsCode,
  text,
  timeOfDay,
} from "../../../ingest/extracts/columns";

const SEX = code("sex", { F: "FEMALE", M: "MALE", W: "FEMALE", U: null });
const PART = dayTold({ day: "dd/MM/yyyy", month: "MM/yyyy", year: "yyyy" });

describe("What is read from a cell, and written again as it was", () => {
  test.each`
    codec                                           | written                   | value
    ${day("dd/MM/yyyy")}                            | ${"05/01/2025"}           | ${"2025-01-05"}
    ${day("yyyyMMdd")}                              | ${"20240229"}             | ${"2024-02-29"}
    ${day("dd-MMM-yyyy")}                           | ${"05-Jan-2025"}          | ${"2025-01-05"}
    ${day("yyyy-MM-dd")}                            | ${"2025-01-05"}           | ${"2025-01-05"}
    ${PART}                                         | ${"05/01/2025"}           | ${{ day: "2025-01-05", precision: "DAY" }}
    ${PART}                                         | ${"06/2019"}              | ${{ day: "2019-06-01", precision: "MONTH" }}
    ${PART}                                         | ${"2019"}                 | ${{ day: "2019-01-01", precision: "YEAR" }}
    ${localInstant("dd/MM/yyyy HH:mm")}             | ${"05/01/2025 10:15"}     | ${"2025-01-05T10:15:00.000000000Z"}
    ${localInstant("yyyyMMddTHHmmss")}              | ${"20250705T001500"}      | ${"2025-07-04T23:15:00.000000000Z"}
    ${localInstant("dd-MMM-yyyy HH:mm:ss")}         | ${"26-Oct-2025 00:30:00"} | ${"2025-10-25T23:30:00.000000000Z"}
    ${instant()}                                    | ${"2025-07-04T23:15:00Z"} | ${"2025-07-04T23:15:00.000000000Z"}
    ${timeOfDay("HHmm")}                            | ${"0915"}                 | ${"09:15"}
    ${SEX}                                          | ${"F"}                    | ${"FEMALE"}
    ${code("yes or no", { "1": true, "0": false })} | ${"0"}                    | ${false}
    ${nhsNumber()}                                  | ${"9990000018"}           | ${"9990000018"}
    ${listed("procedure", ["38598009"])}            | ${"38598009"}             | ${"38598009"}
    ${odsCode()}                                    | ${"N85616"}               | ${"N85616"}
    ${text({ max: 6 })}                             | ${"Zoë Ní"}               | ${"Zoë Ní"}
    ${integer({ min: 1, max: 9 })}                  | ${"9"}                    | ${9}
    ${decimal({ max: 20 })}                         | ${"0.5"}                  | ${0.5}
  `("$written is $value", ({ codec, written, value }: { codec: Codec<unknown>; written: string; value: unknown }) => {
    expect(codec.read(written)).toEqual(value);
    expect(codec.write(value)).toBe(written);
  });

  test.each`
    codec                                                | written           | value           | why
    ${SEX}                                               | ${"W"}            | ${"FEMALE"}     | ${"a second code of one value"}
    ${SEX}                                               | ${"U"}            | ${null}         | ${"a code that says it is not known"}
    ${day("dd-MMM-yyyy")}                                | ${"05-JAN-2025"}  | ${"2025-01-05"} | ${"a month in capitals"}
    ${nhsNumber()}                                       | ${"999 000 0018"} | ${"9990000018"} | ${"a number with spaces"}
    ${timeOfDay("HH:mm", "HHmm")}                        | ${"0915"}         | ${"09:15"}      | ${"the other way to write a time"}
    ${code("action", { new: "new" }, { anyCase: true })} | ${"NEW"}          | ${"new"}        | ${"a code in another case"}
  `("$why is read too", ({ codec, written, value }) => {
    expect(codec.read(written)).toEqual(value);
  });
});

describe("What a cell does not hold", () => {
  test.each`
    codec                                | written                  | message
    ${day("dd/MM/yyyy")}                 | ${"30/02/2025"}          | ${"The date at row 1, DOB is not a day of the calendar written as dd/MM/yyyy."}
    ${day("dd/MM/yyyy")}                 | ${"2025-01-05"}          | ${"The date at row 1, DOB is not a day of the calendar written as dd/MM/yyyy."}
    ${day("dd/MM/yyyy")}                 | ${"5/1/2025"}            | ${"The date at row 1, DOB is not a day of the calendar written as dd/MM/yyyy."}
    ${day("dd-MMM-yyyy")}                | ${"05-Jam-2025"}         | ${"The date at row 1, DOB is not a day of the calendar written as dd-MMM-yyyy."}
    ${day("yyyyMMdd")}                   | ${"2025 1 5"}            | ${"The date at row 1, DOB is not a day of the calendar written as yyyyMMdd."}
    ${PART}                              | ${"13/2019"}             | ${"The date at row 1, DOB is not a day of the calendar written as dd/MM/yyyy or MM/yyyy or yyyy."}
    ${localInstant("yyyyMMddHHmmss")}    | ${"20250105246000"}      | ${"The date at row 1, DOB is not a day of the calendar written as yyyyMMddHHmmss."}
    ${instant()}                         | ${"2025-07-04T23:15:00"} | ${"The date at row 1, DOB is not a day of the calendar written as yyyy-MM-ddTHH:mm:ss with an offset."}
    ${timeOfDay("HH:mm")}                | ${"24:00"}               | ${"row 1, DOB is not a time of the day written as HH:mm."}
    ${nhsNumber()}                       | ${"9990000019"}          | ${"The NHS number at row 1, DOB is not one: its check digit is wrong."}
    ${nhsNumber()}                       | ${"999000001"}           | ${"The NHS number at row 1, DOB is not one: not ten digits."}
    ${nhsNumber()}                       | ${"1111111111"}          | ${"The NHS number at row 1, DOB is not one: one digit repeated ten times."}
    ${text({ max: 3 })}                  | ${"Rosa"}                | ${"row 1, DOB holds 4 characters; 3 are allowed."}
    ${odsCode()}                         | ${"n85616"}              | ${"row 1, DOB is not an ODS code."}
    ${integer({ min: 1, max: 9 })}       | ${"0"}                   | ${"row 1, DOB is not a whole number from 1 to 9."}
    ${decimal({ max: 20 })}              | ${"0,5"}                 | ${"row 1, DOB is not a decimal number up to 20."}
    ${SEX}                               | ${"X"}                   | ${"Local code (kept with the row) at row 1, DOB is not in the sex table."}
    ${listed("procedure", ["38598009"])} | ${"170433008"}           | ${"SNOMED CT code 170433008 at row 1, DOB is not in the procedure table."}
  `("$written: $message", ({ codec, written, message }) => {
    const read = codec.read(written);
    expect(read).toBeInstanceOf(Misread);
    expect(read.problem("row 1, DOB").message).toBe(message);
  });

  test.each`
    written           | why
    ${"Quillfeather"} | ${"a family name"}
    ${"9990000018"}   | ${"an NHS number"}
    ${"L1 8JQ"}       | ${"a postcode"}
    ${"05/01/2025"}   | ${"a date of birth"}
  `("$why that slipped into a coded column is in no message", ({ written }) => {
    const read = listed("procedure", ["38598009"]).read(written);
    expect(read).toBeInstanceOf(Misread);
    expect((read as Misread).problem("row 1, CODE").message).not.toContain(written);
  });

  test("a value without a code cannot be written", () => {
    expect(() => code("sex", { F: "FEMALE" }).write("MALE" as "FEMALE")).toThrow(RangeError);
    expect(() => dayTold({ day: "yyyyMMdd" }).write({ day: "2019-01-01", precision: "YEAR" })).toThrow(RangeError);
  });
});
