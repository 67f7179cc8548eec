import { PROBLEMS, Problem } from "../../schema/errors";

describe("The catalogue of problems", () => {
  test("a problem's message is the catalogue's, with its slots filled in", () => {
    const problem = new Problem("CODE_UNKNOWN", {
      system: "SNOMED CT",
      code: "123",
      at: "column Outcome",
      table: "hearing outcome",
    });
    expect(problem.message).toBe("SNOMED CT code 123 at column Outcome is not in the hearing outcome table.");
    expect(problem.code).toBe("CODE_UNKNOWN");
    expect(problem.remedy).toContain("add it to schema/vocabulary");
  });

  test.each(Object.entries(PROBLEMS))(
    "%s says what came about and what to do, in sentences",
    (_code, { says, do: remedy }) => {
      expect(says).toMatch(/[.}]$/);
      expect(remedy).toMatch(/\.$|migrate$/);
    },
  );

  test("what the remedy fills in, the message fills in too, or the problem asks for it", () => {
    const problem = new Problem("DATABASE_UNREACHABLE", {
      part: "screening",
      fault: "ECONNREFUSED",
      setting: "SCREENING_DATABASE_URL",
    });
    expect(problem.remedy).toContain("SCREENING_DATABASE_URL");
  });
});
