import { passportsOf } from "../../chassis/passport";
import type { Viewer } from "../../schema/access";

const VIEWER: Viewer = {
  subject: "s",
  name: "Carys Penn",
  role: "CHILD_HEALTH_CLERK",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: [],
};

let clock = Date.parse("2026-06-01T10:00:00Z");
const passports = passportsOf("the key", () => clock);
const issued = () => passports.sign({ kind: "VIEWER", viewer: VIEWER }, "screening");
const changed = (passport: string, change: (claims: Record<string, unknown>) => object): string => {
  const [payload = "", signature] = passport.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  return `${Buffer.from(JSON.stringify(change(claims))).toString("base64url")}.${signature}`;
};

describe("A passport between parts", () => {
  test("says who asks to the part it is for", () =>
    expect(passports.check(issued(), "screening")).toEqual({ kind: "VIEWER", viewer: VIEWER }));

  test.each([
    ["for another part", (passport: string) => passports.check(passport, "safeguarding")],
    ["signed with another key", (passport: string) => passportsOf("other", () => clock).check(passport, "screening")],
    [
      "with another role in it",
      (passport: string) =>
        passports.check(
          changed(passport, (claims) => ({ ...claims, viewer: { ...VIEWER, role: "SAFEGUARDING_LEAD" } })),
          "screening",
        ),
    ],
    [
      "made to last longer",
      (passport: string) =>
        passports.check(
          changed(passport, (claims) => ({ ...claims, until: 9e9 })),
          "screening",
        ),
    ],
    [
      "of a viewer made into one of ingest",
      (passport: string) =>
        passports.check(
          changed(passport, () => ({ until: clock / 1000 + 50, kind: "INGEST" })),
          "screening",
        ),
    ],
    ["without its signature", (passport: string) => passports.check(`${passport.split(".")[0]}.`, "screening")],
    ["that is none", () => passports.check("x", "screening")],
  ])("%s is none", (_, check) => expect(check(issued())).toBeNull());

  test("runs out", () => {
    const passport = issued();
    clock += 71_000;
    expect(passports.check(passport, "screening")).toBeNull();
  });
});
