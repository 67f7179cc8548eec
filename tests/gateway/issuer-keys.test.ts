/** Keys that change, an issuer that is down, and tokens that say where their key is to be found. */

import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { configuredIssuer, type Issuer } from "../../gateway";
import { Problem } from "../../schema/errors";

const MINUTE = 60_000;
const START = Date.parse("2026-06-01T10:00:00Z");

interface Pair {
  readonly key: CryptoKey;
  readonly jwk: JWK;
}

let clock = START;
let published: readonly JWK[] = [];
let down = false;
let fetches: string[] = [];
let server: Server;
let origin: string;
let one: Pair;
let two: Pair;

beforeAll(async () => {
  server = createServer((request, response) => {
    fetches.push(request.url ?? "");
    if (down) response.writeHead(503).end();
    else if (request.url === "/moved") response.writeHead(302, { location: "/keys" }).end();
    else response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address
  [one, two] = await Promise.all([pair("one"), pair("two")]);
});
beforeEach(() => {
  [clock, published, down, fetches] = [START, [one.jwk], false, []];
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

async function pair(kid: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  return { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "ES256" } };
}

function issuer(path = "/keys"): Issuer {
  return configuredIssuer({ issuer: "urn:issuer", audience: "record", jwksUrl: `${origin}${path}` }, () => clock);
}

function token({ key, jwk }: Pair, claims: object = {}, header: object = {}): Promise<string> {
  const content = { sub: "clerk-1", name: "Carys Penn", role: "CHILD_HEALTH_CLERK", localities: ["WIRRAL"], ...claims };
  return new SignJWT({ iss: "urn:issuer", aud: "record", exp: clock / 1000 + 7200, ...content })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: jwk.kid ?? "", ...header })
    .sign(key);
}

async function outcome(asked: Issuer, text: string): Promise<string> {
  const answer = await asked.verify(text);
  return answer instanceof Problem ? answer.message.replace(/^.*: /, "") : "accepted";
}

const NOT_FETCHED = "the keys of its issuer cannot be fetched at present.";
const NOT_PUBLISHED = "it is signed with a key that its issuer does not publish.";

describe("A key that changes", () => {
  test("refuses no request: its first token is accepted at once, and so is the last of the one before", async () => {
    const asked = issuer();
    expect(await outcome(asked, await token(one))).toBe("accepted");
    published = [one.jwk, two.jwk];
    const tokens = [await token(two), await token(two, { sub: "clerk-2" }), await token(one, { sub: "clerk-3" })];
    expect(await Promise.all(tokens.map((text) => outcome(asked, text)))).toEqual(tokens.map(() => "accepted"));
    expect(fetches.length).toBe(2);
  });

  test("is believed no longer when the issuer has withdrawn it, nor is a token that was verified with it", async () => {
    const asked = issuer();
    const text = await token(one);
    expect(await outcome(asked, text)).toBe("accepted");
    published = [two.jwk];
    expect(await outcome(asked, await token(two))).toBe("accepted");
    expect(await outcome(asked, text)).toBe(NOT_PUBLISHED);
  });
});

describe("An issuer that is down", () => {
  test("is nobody's outage for an hour, and then everybody's until it is back", async () => {
    const asked = issuer();
    expect(await outcome(asked, await token(one))).toBe("accepted");
    down = true;
    clock += 59 * MINUTE;
    expect(await outcome(asked, await token(one, { sub: "clerk-2" }))).toBe("accepted");
    clock += 2 * MINUTE;
    const late = await token(one, { sub: "clerk-3" });
    expect(await outcome(asked, late)).toBe(NOT_FETCHED);
    down = false;
    expect(await outcome(asked, late)).toBe("accepted");
  });

  test("closes for a token already verified too", async () => {
    const asked = issuer();
    const text = await token(one);
    clock += 55 * MINUTE;
    expect(await outcome(asked, text)).toBe("accepted");
    down = true;
    clock += 61 * MINUTE;
    expect(await outcome(asked, text)).toBe(NOT_FETCHED);
  });
});

describe("Keys from elsewhere", () => {
  test.each([
    ["by a URL of its own (jku)", () => ({ jku: `${origin}/mine` })],
    ["by a certificate's URL (x5u)", () => ({ x5u: `${origin}/mine` })],
    ["by itself (jwk)", () => ({ jwk: two.jwk })],
    ["under a path as its id", () => ({ kid: "../../keys" })],
    ["under the id of another", () => ({ kid: "one" })],
  ])("a stranger's token that gives its key %s is refused, and nothing is fetched from there", async (_, header) => {
    const answer = await outcome(issuer(), await token(two, {}, header()));
    expect(answer).toMatch(/does not publish|does not fit|not a signed token/);
    expect(new Set(fetches)).toEqual(new Set(["/keys"]));
  });

  test("a shared secret among the keys is none, nor is an empty list", async () => {
    published = [{ kty: "oct", kid: "one", k: "c2VjcmV0" }];
    expect(await outcome(issuer(), await token(one))).not.toBe("accepted");
  });

  test("keys are not fetched from where the issuer sends us on to", async () => {
    expect(await outcome(issuer("/moved"), await token(one))).toBe(NOT_FETCHED);
    expect(fetches).toEqual(["/moved"]);
  });
});

const ROLE = {
  person_roleid: "555",
  org_code: "RXR",
  role_code: "S8000:G8000:R8001",
  activity_codes: ["B0360"],
  workgroups: ["healthvisiting", "childhealth-wirral"],
};
const CIS2 = { role: undefined, localities: undefined, nhsid_useruid: "910000000001", selected_roleid: "555" };

describe("A token of NHS CIS2", () => {
  test.each([
    ["a nurse in a health visiting team", {}, "HEALTH_VISITOR of WIRRAL"],
    ["a nurse in a school team", { workgroups: ["schoolagedimmunisations"] }, "SCHOOL_NURSE of "],
    ["a practice nurse", { org_code: "N85002", workgroups: [] }, "GENERAL_PRACTITIONER of "],
    [
      "a nurse who leads safeguarding and may see what is sensitive",
      { activity_codes: ["B0360", "B1611"], workgroups: ["safeguardingchildren", "childhealth-wirral"] },
      "SAFEGUARDING_LEAD of WIRRAL",
    ],
    [
      "the same without that activity",
      { workgroups: ["safeguardingchildren"] },
      "its selected role is none that this record is open to.",
    ],
    ["a privacy officer", { role_code: "S0080:G0450:R0001", activity_codes: [] }, "PRIVACY_OFFICER of WIRRAL"],
    ["a student", { role_code: "S8000:G8000:R8004" }, "its selected role is none that this record is open to."],
    ["a nurse in no team", { workgroups: [] }, "its selected role is none that this record is open to."],
  ])("of %s is read by the table", async (_, fields, expected) => {
    const answer = await issuer().verify(await token(one, { ...CIS2, nhsid_nrbac_roles: [{ ...ROLE, ...fields }] }));
    const said =
      answer instanceof Problem ? answer.message.replace(/^.*: /, "") : `${answer.role} of ${answer.localities}`;
    expect(said).toBe(expected);
  });

  test("counts the selected role alone, and says whose it is", async () => {
    const lead = { ...ROLE, person_roleid: "556", activity_codes: ["B1611"], workgroups: ["safeguardingchildren"] };
    const answer = await issuer().verify(await token(one, { ...CIS2, nhsid_nrbac_roles: [ROLE, lead] }));
    expect(answer).toMatchObject({ subject: "910000000001", role: "HEALTH_VISITOR", organisation: "RXR" });
  });

  test.each([
    ["none of several is selected", { selected_roleid: undefined, nhsid_nrbac_roles: [ROLE, ROLE] }, /which one role/],
    ["another than those it has is selected", { selected_roleid: "9", nhsid_nrbac_roles: [ROLE] }, /which one role/],
    ["it also says a role of ours", { role: "PRIVACY_OFFICER", nhsid_nrbac_roles: [ROLE] }, /in two ways/],
    ["its roles are no list", { nhsid_nrbac_roles: "R8001" }, /which one role/],
  ])("is refused where %s", async (_, claims, fault) => {
    expect(await outcome(issuer(), await token(one, { ...CIS2, ...claims }))).toMatch(fault);
  });
});

test("an app that signs in for itself has its scopes as OAuth writes them, and its client id for a name", async () => {
  const claims = {
    sub: "red-book",
    name: undefined,
    client_id: "red-book",
    role: "PARTNER_APP",
    scope: "identity:read  place:read",
  };
  expect(await issuer().verify(await token(one, claims))).toMatchObject({
    name: "red-book",
    role: "PARTNER_APP",
    scopes: ["identity:read", "place:read"],
  });
});
