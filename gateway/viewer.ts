/**
 * Turns a bearer token into a viewer, or turns the request away by naming what is wrong with the token, never what
 * stands in it. Tokens come from the issuer that is configured or, on a development machine only, from ourselves.
 *
 * jose is published as ES modules only. Node loads it by `require` since 20.19; Jest must be told to compile it
 * (`transformIgnorePatterns` in jest.config.js), so that tests run the very library that production does.
 */

import { join } from "node:path";
import {
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyResult,
  jwtVerify,
  SignJWT,
} from "jose";
import { keptFile } from "../chassis/kept-file";
import { readViewer } from "../chassis/passport";
import { isRole, type Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import { localitiesOfCis2, roleOfCis2 } from "../schema/vocabulary/cis2";
import { type IssuerKeys, issuerKeysOf, keysAlways } from "./issuer-keys";

/** The viewer of a token, or TOKEN_REFUSED with its fault. Never rejects for what a token says. */
export type Verify = (token: string) => Promise<Viewer | Problem>;

export interface Issuer {
  /** As the tokens' `iss` says it. */
  readonly issuer: string;
  readonly verify: Verify;
}

export interface DevelopmentIssuer extends Issuer {
  /** A token for a viewer, good for a number of minutes. */
  sign(viewer: Viewer, minutes: number): Promise<string>;
}

/** Signatures by a key pair. A shared secret (HS256 …) or no signature at all is never accepted. */
const ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
  "EdDSA",
  "Ed25519",
];

/** RFC 7519 and RFC 9068: an access token, not a message of another kind signed with the same key. */
const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt"]);

const SKEW_SECONDS = 30;
const DEVELOPMENT_ISSUER = "urn:child-health-record:development";
const DEVELOPMENT_AUDIENCE = "child-health-record";
const DEVELOPMENT_KEY_FILE = "development-key.json";

/** The issuer of the organisation, its keys fetched from where it publishes them. */
export function configuredIssuer(
  settings: {
    readonly issuer: string;
    readonly audience: string;
    readonly jwksUrl: string;
  },
  now: () => number = Date.now,
): Issuer {
  const url = URL.canParse(settings.jwksUrl) ? new URL(settings.jwksUrl) : null;
  if (url === null || (url.protocol !== "https:" && !isLoopback(url.hostname)))
    throw new Problem("SETTING_INVALID", { name: "OIDC_JWKS_URL", expected: "an https address" });
  return {
    issuer: settings.issuer,
    verify: verifier(settings.issuer, settings.audience, issuerKeysOf(url, now), now),
  };
}

/**
 * Signs and verifies with a key of this machine, made at the first start and kept in `dataDir`. `host` is where the
 * gateway listens: throws NOT_LOOPBACK unless only this machine can reach it, for whoever can read the key can be anyone.
 */
export async function developmentIssuer(dataDir: string, host: string): Promise<DevelopmentIssuer> {
  if (!isLoopback(host)) throw new Problem("NOT_LOOPBACK", { host });
  const jwk = await developmentKey(dataDir);
  const kid = await calculateJwkThumbprint(jwk);
  const privateKey = await importJWK(jwk, "ES256");
  const { d: _, ...publicJwk } = jwk;
  const publicKey = await importJWK(publicJwk, "ES256");
  return {
    issuer: DEVELOPMENT_ISSUER,
    verify: verifier(
      DEVELOPMENT_ISSUER,
      DEVELOPMENT_AUDIENCE,
      keysAlways(async () => publicKey),
      Date.now,
    ),
    sign: ({ subject, ...claims }, minutes) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid })
        .setSubject(subject)
        .setIssuer(DEVELOPMENT_ISSUER)
        .setAudience(DEVELOPMENT_AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${minutes} minutes`)
        .sign(privateKey),
  };
}

/** Whether a host name can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

async function developmentKey(dataDir: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const made = JSON.stringify(await exportJWK(privateKey));
  return JSON.parse(keptFile(join(dataDir, DEVELOPMENT_KEY_FILE), () => made)) as JWK; // as it was exported
}

const VIEWERS_KEPT = 10_000;
/** A viewer is known by their token no longer than this, however long it would have lasted. */
const KEPT_SECONDS = 600;

/**
 * Verifying a signature costs more than answering a small query, so a token once verified is known by its text: while the
 * issuer publishes the keys it was verified with, and while these are believed at all.
 */
function verifier(issuer: string, audience: string, keys: IssuerKeys, now: () => number): Verify {
  const kept = new Map<string, { readonly viewer: Viewer; readonly untilSeconds: number }>();
  let keptOf = keys.edition();
  const forgetWithdrawn = () => {
    if (keys.edition() !== keptOf) kept.clear();
    keptOf = keys.edition();
  };
  return async (token) => {
    const nowSeconds = now() / 1000;
    forgetWithdrawn();
    const known = kept.get(token);
    if (known !== undefined && nowSeconds < known.untilSeconds) return known.viewer;
    kept.delete(token);
    let result: JWTVerifyResult;
    try {
      result = await jwtVerify(token, keys.find, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(now()),
      });
    } catch (fault) {
      return refused(faultOf(fault, token));
    }
    const type = result.protectedHeader.typ?.toLowerCase().replace(/^application\//, "") ?? "";
    if (!TYPES.has(type)) return refused("its type is not that of an access token");
    const viewer = viewerOf(result.payload);
    if (typeof viewer === "string") return refused(viewer);
    forgetWithdrawn();
    if (kept.size >= VIEWERS_KEPT) kept.delete(kept.keys().next().value ?? "");
    const expires = (result.payload.exp ?? 0) + SKEW_SECONDS;
    kept.set(token, { viewer, untilSeconds: Math.min(expires, nowSeconds + KEPT_SECONDS) });
    return viewer;
  };
}

function refused(fault: string): Problem {
  return new Problem("TOKEN_REFUSED", { fault });
}

/** The viewer that a token's claims describe, in our own layout or that of NHS CIS2, or what is wrong with them. */
function viewerOf(claims: Readonly<Record<string, unknown>>): Viewer | string {
  if (claims.nhsid_nrbac_roles !== undefined) {
    // One of the two would be believed and the other not, and nobody could say which.
    return claims.role === undefined ? viewerOfCis2(claims) : "it says a role in two ways";
  }
  const { sub, name, client_id: client, role, organisation = null, localities = [] } = claims;
  if (role === undefined) return "its role is missing";
  if (typeof role !== "string" || !isRole(role)) return "its role is not exactly one of those known";
  // An app that signs in for itself (client credentials) has no name but its client id.
  const called = role === "PARTNER_APP" ? (name ?? client) : name;
  if (typeof called !== "string" || called === "") return "its name is missing";
  const [scopes, app] = [scopesOf(claims), appOf(claims)];
  const viewer = readViewer({ subject: sub, name: called, role, organisation, localities, scopes, app });
  return viewer ?? "its organisation, localities or scopes are not written as they should be";
}

/** As a list of our own, or as OAuth writes them: one text, a space between two. */
function scopesOf({ scopes, scope }: Readonly<Record<string, unknown>>): unknown {
  if (scopes !== undefined || typeof scope !== "string") return scopes ?? [];
  return scope.split(" ").filter((each) => each !== "");
}

/** RFC 9068 names the app `client_id`; issuers of OpenID Connect often only `azp`. */
function appOf(claims: Readonly<Record<string, unknown>>): unknown {
  return claims.client_id ?? claims.azp ?? null;
}

/** By the one role that was selected: what others somebody has do not add up. */
function viewerOfCis2(claims: Readonly<Record<string, unknown>>): Viewer | string {
  const { sub, nhsid_useruid: user = sub, name, selected_roleid: selected, nhsid_nrbac_roles: roles } = claims;
  if (typeof name !== "string" || name === "") return "its name is missing";
  const all = Array.isArray(roles) ? roles.filter(isClaims) : [];
  const chosen = selected === undefined ? all : all.filter((each) => each.person_roleid === selected);
  const [one, ...others] = chosen;
  if (one === undefined || others.length > 0) return "it does not say which one role is selected";
  const { role_code: roleCode, org_code: organisation } = one;
  if (typeof roleCode !== "string" || typeof organisation !== "string") return "its selected role is not whole";
  const workgroups = textsOf(one.workgroups);
  const role = roleOfCis2({ roleCode, organisation, activities: textsOf(one.activity_codes), workgroups });
  if (role === null) return "its selected role is none that this record is open to";
  const localities = localitiesOfCis2({ workgroups });
  const viewer = readViewer({ subject: user, name, role, organisation, localities, scopes: [], app: appOf(claims) });
  return viewer ?? "its selected role is not whole";
}

function isClaims(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** What jose found, in our words. Its own texts may quote the token. */
const FAULTS: Readonly<Record<string, string>> = {
  [errors.JWTExpired.code]: "it has expired",
  [errors.JWSSignatureVerificationFailed.code]: "its signature does not fit",
  [errors.JOSEAlgNotAllowed.code]: "its signature algorithm is not one that is accepted",
  [errors.JWKSNoMatchingKey.code]: "it is signed with a key that its issuer does not publish",
  [errors.JWKSMultipleMatchingKeys.code]: "it does not say which key of its issuer signed it",
  [errors.JWKSTimeout.code]: "the keys of its issuer cannot be fetched at present",
};

const CLAIM_FAULTS: Readonly<Record<string, string>> = {
  iss: "it is from another issuer",
  aud: "it is for another audience",
  nbf: "it is not valid yet",
  exp: "it does not say when it expires",
  sub: "it does not say whose it is",
};

function faultOf(fault: unknown, token: string): string {
  if (isUnsigned(token)) return "it is unsigned";
  if (fault instanceof errors.JWTExpired) return "it has expired";
  if (fault instanceof errors.JWTClaimValidationFailed) return CLAIM_FAULTS[fault.claim] ?? "a claim is not valid";
  if (!(fault instanceof errors.JOSEError)) return "the keys of its issuer cannot be fetched at present";
  // jose says a failed fetch of keys by its most general error.
  if (fault.code === errors.JOSEError.code) return "the keys of its issuer cannot be fetched at present";
  return FAULTS[fault.code] ?? "it is not a signed token";
}

/** Whether a token's header says that nobody signed it (`alg` none), which deserves to be named. */
function isUnsigned(token: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
    return (
      typeof header === "object" && header !== null && "alg" in header && String(header.alg).toLowerCase() === "none"
    );
  } catch {
    return false;
  }
}
