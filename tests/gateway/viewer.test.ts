import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { configuredIssuer, developmentIssuer, type Verify } from "../../gateway";
import { Problem } from "../../schema/errors";
import { CLERK } from "./two-sources";

const ISSUER = "https://issuer.example";
const AUDIENCE = "record";
const CLAIMS = {
  name: "Carys Penn",
  role: "CHILD_HEALTH_CLERK",
  organisation: "RXR",
  localities: ["WIRRAL"],
  scopes: [],
};
const SECONDS = () => Math.floor(Date.now() / 1000);

let key: CryptoKey;
let publicKey: CryptoKey;
let stranger: CryptoKey;
let published: Server;
let fetches = 0;
let verify: Verify;
let jwksUrl: string;

beforeAll(async () => {
  ({ privateKey: key, publicKey } = await generateKeyPair("ES256", { extractable: true }));
  ({ privateKey: stranger } = await generateKeyPair("ES256"));
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" };
  published = createServer((_, response) => {
    fetches += 1;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => published.listen(0, "127.0.0.1", resolve));
  jwksUrl = `http://127.0.0.1:${(published.address() as AddressInfo).port}/keys`; // a TCP server's address
  ({ verify } = configuredIssuer({ issuer: ISSUER, audience: AUDIENCE, jwksUrl }));
});

afterAll(() => new Promise<void>((resolve) => published.close(() => resolve())));

interface Made {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: CryptoKey | Uint8Array;
}

/** A good token but for what is given; a claim given as undefined is left out. */
function token({ claims = {}, header = {}, key: signer = key }: Made = {}): Promise<string> {
  const content = { sub: "clerk-1", iss: ISSUER, aud: AUDIENCE, exp: SECONDS() + 300, ...CLAIMS, ...claims };
  return new SignJWT(content).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "one", ...header }).sign(signer);
}

async function faultOf(text: string): Promise<string> {
  const answer = await verify(text);
  return answer instanceof Problem ? `${answer.code}: ${answer.message}` : "accepted";
}

test("a good token is its viewer, role, organisation and localities", async () => {
  expect(await verify(await token())).toEqual(CLERK);
});

test("what a token leaves out is nobody's: no organisation, no locality, no scope", async () => {
  const sparse = await token({ claims: { organisation: undefined, localities: undefined, scopes: undefined } });
  expect(await verify(sparse)).toEqual({ ...CLERK, organisation: null, localities: [], scopes: [] });
});

test.each([
  ["that has expired", { claims: { exp: SECONDS() - 31 } }, "it has expired"],
  ["without an expiry", { claims: { exp: undefined } }, "it does not say when it expires"],
  ["that is not valid yet", { claims: { nbf: SECONDS() + 90 } }, "it is not valid yet"],
  ["of another issuer", { claims: { iss: "https://other.example" } }, "it is from another issuer"],
  ["for another audience", { claims: { aud: "payroll" } }, "it is for another audience"],
  ["of nobody", { claims: { sub: undefined } }, "it does not say whose it is"],
  ["without a role", { claims: { role: undefined } }, "its role is missing"],
  ["with an unknown role", { claims: { role: "SUPERUSER" } }, "its role is not exactly one of those known"],
  ["with two roles", { claims: { role: ["ANALYST", "HEALTH_VISITOR"] } }, "its role is not exactly one of those known"],
  ["with a role every object has", { claims: { role: "constructor" } }, "its role is not exactly one of those known"],
  [
    "with an unknown locality",
    { claims: { localities: ["ATLANTIS"] } },
    "its organisation, localities or scopes are not written as they should be",
  ],
  ["without a type", { header: { typ: undefined } }, "its type is not that of an access token"],
  ["of another type", { header: { typ: "logout+jwt" } }, "its type is not that of an access token"],
  [
    "signed with a key nobody published",
    { header: { kid: "two" } },
    "it is signed with a key that its issuer does not publish",
  ],
])("a token %s is refused for that", async (_, made: Made, fault) => {
  expect(await faultOf(await token(made))).toBe(`TOKEN_REFUSED: The token is not accepted: ${fault}.`);
});

test("a token that a stranger signed under the issuer's key id is refused for its signature", async () => {
  expect(await faultOf(await token({ key: stranger }))).toMatch("its signature does not fit");
});

test("a token with a changed claim is refused for its signature", async () => {
  const [header, , signature] = (await token()).split(".");
  const claims = Buffer.from(JSON.stringify({ ...CLAIMS, role: "SAFEGUARDING_LEAD" })).toString("base64url");
  expect(await faultOf(`${header}.${claims}.${signature}`)).toMatch("its signature does not fit");
});

test("an unsigned token is refused as such", async () => {
  const unsigned = new UnsecuredJWT({ ...CLAIMS }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime("5m");
  expect(await faultOf(unsigned.encode())).toMatch("it is unsigned");
});

test("a token signed by the issuer's public key as if that were a shared secret is refused", async () => {
  const secret = new TextEncoder().encode(await exportSPKI(publicKey));
  expect(await faultOf(await token({ header: { alg: "HS256" }, key: secret }))).toMatch(
    "algorithm is not one that is accepted",
  );
});

test.each(["", "x", "a.b.c", "....", "eyJhbGciOiJFUzI1NiJ9.e30."])(
  "%j is refused without a fault of ours",
  async (text) => {
    expect(await faultOf(text)).toMatch(/^TOKEN_REFUSED: The token is not accepted: its? /);
  },
);

test("a token just expired is still taken, for clocks differ", async () => {
  expect(await faultOf(await token({ claims: { exp: SECONDS() - 20 } }))).toBe("accepted");
});

test("a refusal never repeats the token", async () => {
  const text = await token({ claims: { role: "Ada Quill", name: "Ada Quill" } });
  expect(await faultOf(text)).not.toMatch(/Ada|Quill|eyJ/);
});

test("the issuer's keys are fetched once, and a token known by its text is not verified again", async () => {
  const own = configuredIssuer({ issuer: ISSUER, audience: AUDIENCE, jwksUrl });
  const before = fetches;
  const text = await token();
  const [first, second] = [await own.verify(text), await own.verify(text)];
  await own.verify(await token({ claims: { sub: "clerk-2" } }));
  expect(fetches - before).toBe(1);
  expect(second).toBe(first);
});

test("an issuer whose keys cannot be fetched refuses every token and says so", async () => {
  const nowhere = configuredIssuer({ issuer: ISSUER, audience: AUDIENCE, jwksUrl: "http://127.0.0.1:1/keys" });
  expect(await nowhere.verify(await token())).toMatchObject({
    message: "The token is not accepted: the keys of its issuer cannot be fetched at present.",
  });
});

test.each(["http://issuer.example/keys", "keys"])("keys are not taken from %s", (url) => {
  expect(() => configuredIssuer({ issuer: ISSUER, audience: AUDIENCE, jwksUrl: url })).toThrow(
    "OIDC_JWKS_URL must be an https address.",
  );
});

describe("the development issuer", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "issuer-"));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  test("takes its own tokens, also after a restart, and keeps its key from others", async () => {
    const signed = await (await developmentIssuer(dataDir, "localhost")).sign(CLERK, 5);
    const again = await developmentIssuer(dataDir, "127.0.0.1");
    expect(await again.verify(signed)).toEqual(CLERK);
    const [file] = await readdir(dataDir);
    expect((await stat(join(dataDir, file ?? ""))).mode & 0o077).toBe(0);
    expect(signed).not.toContain(JSON.parse(await readFile(join(dataDir, file ?? ""), "utf8")).d);
  });

  test("started twice at once has one key", async () => {
    const [one, other] = await Promise.all([developmentIssuer(dataDir, "::1"), developmentIssuer(dataDir, "::1")]);
    expect(await other.verify(await one.sign(CLERK, 5))).toEqual(CLERK);
  });

  test("does not take another machine's tokens", async () => {
    const other = await developmentIssuer(join(dataDir, "other"), "127.0.0.1");
    const own = await developmentIssuer(dataDir, "127.0.0.1");
    expect(await own.verify(await other.sign(CLERK, 5))).toMatchObject({
      message: "The token is not accepted: its signature does not fit.",
    });
  });

  test.each(["0.0.0.0", "192.168.1.4", "record.example", "127.0.0.1.example", "::"])(
    "is refused on %s",
    async (host) => {
      await expect(developmentIssuer(dataDir, host)).rejects.toMatchObject({ code: "NOT_LOOPBACK" });
    },
  );
});
