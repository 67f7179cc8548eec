/** What is tried on a verifier of tokens, each by hand so that no library is asked to refuse it first; and keys that change under load. */

import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { configuredIssuer, type Issuer } from "../../gateway";
import { Problem } from "../../schema/errors";

const START = Date.parse("2026-06-01T10:00:00Z");
const CLAIMS = {
  ...{ iss: "urn:issuer", aud: "record", sub: "clerk-1", exp: START / 1000 + 600 },
  ...{ name: "Carys Penn", role: "CHILD_HEALTH_CLERK", localities: ["WIRRAL"] },
};

const ec = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const [ours, next, stranger] = [ec(), ec(), ec()];
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
const publicJwk = (key: KeyObject, kid: string, fields: object = {}) => {
  return { ...key.export({ format: "jwk" }), kid, use: "sig", ...fields };
};

let published: readonly object[] = [];
let clock = START;
const asked: string[] = [];
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
beforeEach(() => {
  published = [publicJwk(ours.publicKey, "one"), publicJwk(rsa.publicKey, "rsa"), publicJwk(weak.publicKey, "weak")];
  clock = START;
  asked.length = 0;
});

const issuer = (): Issuer =>
  configuredIssuer({ issuer: "urn:issuer", audience: "record", jwksUrl: `${origin}/keys` }, () => clock);

const part = (content: unknown) =>
  Buffer.from(typeof content === "string" ? content : JSON.stringify(content)).toString("base64url");

/** A token written by hand: whatever its header says, it is signed as asked. */
function token(header: object, claims: unknown, signed: (content: string) => Buffer | string): string {
  const content = `${part({ alg: "ES256", typ: "at+jwt", kid: "one", ...header })}.${part(claims)}`;
  const signature = signed(content);
  return `${content}.${typeof signature === "string" ? signature : signature.toString("base64url")}`;
}
const byEc =
  ({ privateKey }: { readonly privateKey: KeyObject }) =>
  (content: string) =>
    createSign("sha256").update(content).sign({ key: privateKey, dsaEncoding: "ieee-p1363" });
const byRsa =
  ({ privateKey }: { readonly privateKey: KeyObject }) =>
  (content: string) =>
    createSign("sha256").update(content).sign(privateKey);
const bySecret = (secret: string | Buffer) => (content: string) =>
  createHmac("sha256", secret).update(content).digest();
const pem = (key: KeyObject) => key.export({ format: "pem", type: "spki" }).toString();
const der = (key: KeyObject) => key.export({ format: "der", type: "spki" });
const good = byEc(ours);

const outcome = async (text: string, of = issuer()): Promise<string> => {
  const answer = await of.verify(text);
  return answer instanceof Problem ? `${answer.code}` : "accepted";
};

describe("A token", () => {
  test("that is good is taken, so that what follows is refused for what is wrong with it", async () => {
    expect(await outcome(token({}, CLAIMS, good))).toBe("accepted");
    expect(await outcome(token({ alg: "RS256", kid: "rsa" }, CLAIMS, byRsa(rsa)))).toBe("accepted");
  });

  const nothing = () => "";
  const zeros = () => Buffer.alloc(64);
  const jku = () => ({ jku: `${origin}/mine`, x5u: `${origin}/mine` });
  test.each<readonly [string, () => string]>([
    ["without a signature, alg none", () => token({ alg: "none" }, CLAIMS, nothing)],
    ["without a signature, alg NoNe", () => token({ alg: "NoNe" }, CLAIMS, nothing)],
    ["without a signature, its alg as it was", () => token({}, CLAIMS, nothing)],
    ["with an empty alg", () => token({ alg: "" }, CLAIMS, good)],
    ["with no alg", () => token({ alg: undefined }, CLAIMS, good)],
    ["with a list of algs", () => token({ alg: ["ES256", "none"] }, CLAIMS, good)],
    ["signed by the public key as PEM, HS256", () => token({ alg: "HS256" }, CLAIMS, bySecret(pem(ours.publicKey)))],
    ["signed by the public key as DER, HS256", () => token({ alg: "HS256" }, CLAIMS, bySecret(der(ours.publicKey)))],
    [
      "signed by the RSA public key, HS256",
      () => token({ alg: "HS256", kid: "rsa" }, CLAIMS, bySecret(pem(rsa.publicKey))),
    ],
    ["signed by an empty secret, HS256", () => token({ alg: "HS256" }, CLAIMS, bySecret(""))],
    ["whose signature is all zeros", () => token({}, CLAIMS, zeros)],
    ["whose signature is cut", () => token({}, CLAIMS, good).slice(0, -4)],
    ["whose signature is of another encoding", () => token({}, CLAIMS, byRsa(ours))],
    ["said to be RSA under an elliptic key", () => token({ alg: "RS256" }, CLAIMS, byRsa(rsa))],
    ["said to be elliptic under an RSA key", () => token({ kid: "rsa" }, CLAIMS, good)],
    ["by a key that is too short", () => token({ alg: "RS256", kid: "weak" }, CLAIMS, byRsa(weak))],
    ["by a stranger under our key's id", () => token({}, CLAIMS, byEc(stranger))],
    [
      "by a stranger's own key in its header",
      () => token({ jwk: publicJwk(stranger.publicKey, "one") }, CLAIMS, byEc(stranger)),
    ],
    ["by a stranger who says where the key is", () => token({ kid: "mine", ...jku() }, CLAIMS, byEc(stranger))],
    ["by a stranger with a certificate", () => token({ x5c: ["MIIB"] }, CLAIMS, byEc(stranger))],
    ["whose key id is a path", () => token({ kid: "../../etc/passwd" }, CLAIMS, byEc(stranger))],
    ["whose key id is a query", () => token({ kid: "one' or '1'='1" }, CLAIMS, byEc(stranger))],
    ["whose key id is no text", () => token({ kid: { $ne: "" } }, CLAIMS, good)],
    ["that calls a header critical nobody knows", () => token({ crit: ["admin"], admin: true }, CLAIMS, good)],
    ["whose content is not encoded", () => token({ crit: ["b64"], b64: false }, CLAIMS, good)],
    ["that is encrypted", () => `${part({ alg: "RSA-OAEP", enc: "A256GCM" })}.AAAA.AAAA.AAAA.AAAA`],
    ["of another type", () => token({ typ: "JOSE" }, CLAIMS, good)],
    ["that is an id token", () => token({ typ: "id_token+jwt" }, CLAIMS, good)],
    ["for another audience", () => token({}, { ...CLAIMS, aud: "payroll" }, good)],
    ["for nobody", () => token({}, { ...CLAIMS, aud: undefined }, good)],
    ["for an audience like ours", () => token({}, { ...CLAIMS, aud: "record.example" }, good)],
    ["of another issuer", () => token({}, { ...CLAIMS, iss: "urn:issuer:other" }, good)],
    ["of several issuers", () => token({}, { ...CLAIMS, iss: ["urn:issuer", "urn:other"] }, good)],
    ["that has expired", () => token({}, { ...CLAIMS, exp: START / 1000 - 31 }, good)],
    ["that never expires", () => token({}, { ...CLAIMS, exp: undefined }, good)],
    ["whose expiry is a text", () => token({}, { ...CLAIMS, exp: "2099-01-01" }, good)],
    ["that is not valid yet", () => token({}, { ...CLAIMS, nbf: START / 1000 + 31 }, good)],
    ["whose claims are a list", () => token({}, [CLAIMS], good)],
    ["whose claims are no JSON", () => token({}, "{", good)],
    [
      "with another role in it than was signed",
      () => {
        const [header, , signature] = token({}, CLAIMS, good).split(".");
        return `${header}.${part({ ...CLAIMS, role: "SAFEGUARDING_LEAD" })}.${signature}`;
      },
    ],
    ["with two roles", () => token({}, { ...CLAIMS, role: ["ANALYST", "SAFEGUARDING_LEAD"] }, good)],
    ["with every locality by a star", () => token({}, { ...CLAIMS, localities: ["*"] }, good)],
    ["of four parts", () => `${token({}, CLAIMS, good)}.x`],
    ["a megabyte long", () => token({}, { ...CLAIMS, name: "x".repeat(1_000_000) }, good).slice(0, -1)],
  ])("%s is refused", async (_, made) => {
    expect(await outcome(made())).toBe("TOKEN_REFUSED");
    expect(asked.every((url) => url === "/keys")).toBe(true);
  });

  test("whose claims are said twice is read as it was signed: by the last", async () => {
    const twice = `{"role":"SAFEGUARDING_LEAD",${JSON.stringify(CLAIMS).slice(1)}`;
    expect(await issuer().verify(token({}, twice, good))).toMatchObject({ role: "CHILD_HEALTH_CLERK" });
  });
});

describe("A key that is rotated", () => {
  test("costs nobody a request: the old and the new are both taken while both are published", async () => {
    const verifier = issuer();
    const outcomes: Promise<string>[] = [];
    const ask = (kid: string, pair: typeof ours, n: number) =>
      outcomes.push(outcome(token({ kid }, { ...CLAIMS, sub: `clerk-${kid}-${n}` }, byEc(pair)), verifier));
    for (let n = 0; n < 50; n++) ask("one", ours, n);
    published = [...published, publicJwk(next.publicKey, "two")];
    // All of them at once, the first of the new key among them.
    for (let n = 50; n < 200; n++) ask(n % 2 ? "one" : "two", n % 2 ? ours : next, n);
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["accepted"]));
    published = [publicJwk(next.publicKey, "two")];
    clock += 6 * 60_000;
    const fresh = { ...CLAIMS, exp: clock / 1000 + 600 };
    expect(await outcome(token({ kid: "two" }, fresh, byEc(next)), verifier)).toBe("accepted");
  });
});
