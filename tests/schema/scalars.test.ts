import { DateScalar, InstantScalar, NhsNumberScalar, OdsCodeScalar } from "../../schema/scalars";

describe("Scalars", () => {
  test.each`
    scalar             | written                        | read
    ${DateScalar}      | ${"2026-02-28"}                | ${"2026-02-28"}
    ${DateScalar}      | ${"2026-02-30"}                | ${"Date must be a day of the calendar, written YYYY-MM-DD."}
    ${DateScalar}      | ${20260228}                    | ${"Date must be a day of the calendar, written YYYY-MM-DD."}
    ${NhsNumberScalar} | ${"999 000 0018"}              | ${"9990000018"}
    ${NhsNumberScalar} | ${"9990000019"}                | ${"NhsNumber must be an NHS number of ten digits whose check digit is right."}
    ${OdsCodeScalar}   | ${"n81001"}                    | ${"N81001"}
    ${OdsCodeScalar}   | ${"N8"}                        | ${"OdsCode must be an ODS code of three to ten letters and digits."}
    ${InstantScalar}   | ${"2026-01-01T01:00:00+01:00"} | ${"2026-01-01T00:00:00.000000000Z"}
  `("$scalar reads $written as $read", ({ scalar, written, read }) => {
    const attempt = () => {
      try {
        return scalar.parseValue(written);
      } catch (problem) {
        return (problem as Error).message;
      }
    };
    expect(attempt()).toBe(read);
  });

  test.each`
    kept                                | printed
    ${"2026-01-01T00:00:00.000000000Z"} | ${"2026-01-01T00:00:00.000Z"}
    ${"2026-01-01T00:00:00.120000000Z"} | ${"2026-01-01T00:00:00.120Z"}
    ${"2026-01-01T00:00:00.123456700Z"} | ${"2026-01-01T00:00:00.1234567Z"}
  `("the instant $kept is shown as $printed", ({ kept, printed }) =>
    expect(InstantScalar.serialize(kept)).toBe(printed),
  );
});
