/**
 * Signs who asks when a request crosses processes, and checks it on the other side. Within one process the viewer is
 * handed over as it is. A part trusts a passport and nothing else: never a bare header. A passport is for one part, so that
 * what one part was shown opens no other.
 */

import { createHmac, timingSafeEqual } from "node:crypto";
import { isRole, type Viewer } from "../schema/access";
import { isLocalityCode } from "../schema/vocabulary/localities";

/** Who a request between parts is from: a viewer the gateway has checked, or ingest with facts to deliver. */
export type Bearer = { readonly kind: "VIEWER"; readonly viewer: Viewer } | { readonly kind: "INGEST" };

export interface Passports {
  /** For the part of this name. */
  sign(bearer: Bearer, part: string): string;
  /** Null unless it was signed with this key, for this part, and has not run out. */
  check(passport: string, part: string): Bearer | null;
}

const VALID_SECONDS = 60;
/** Clocks of two machines may differ by this much. */
const SKEW_SECONDS = 10;

export function passportsOf(key: string, now: () => number = Date.now): Passports {
  const signatureOf = (payload: string, part: string): Buffer =>
    createHmac("sha256", key).update(`${part}\n${payload}`).digest();
  return {
    sign(bearer, part) {
      const until = Math.floor(now() / 1000) + VALID_SECONDS;
      const payload = Buffer.from(JSON.stringify({ until, ...bearer })).toString("base64url");
      return `${payload}.${signatureOf(payload, part).toString("base64url")}`;
    },
    check(passport, part) {
      const [payload, signature, ...rest] = passport.split(".");
      if (payload === undefined || signature === undefined || rest.length > 0) return null;
      const [given, expected] = [Buffer.from(signature, "base64url"), signatureOf(payload, part)];
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      const content: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
      return readBearer(content, Math.floor(now() / 1000));
    },
  };
}

function readBearer(content: unknown, nowSeconds: number): Bearer | null {
  if (!isRecord(content) || typeof content.until !== "number") return null;
  if (content.until + SKEW_SECONDS < nowSeconds || content.until > nowSeconds + VALID_SECONDS + SKEW_SECONDS)
    return null;
  if (content.kind === "INGEST") return { kind: "INGEST" };
  const viewer = content.kind === "VIEWER" ? readViewer(content.viewer) : null;
  return viewer === null ? null : { kind: "VIEWER", viewer };
}

/** A viewer out of unknown JSON; null unless every field is of its kind. */
export function readViewer(content: unknown): Viewer | null {
  if (!isRecord(content)) return null;
  const { subject, name, role, organisation, localities, scopes, app = null } = content;
  if (typeof subject !== "string" || typeof name !== "string") return null;
  if (typeof role !== "string" || !isRole(role)) return null;
  if (organisation !== null && typeof organisation !== "string") return null;
  if (!isTexts(localities) || !localities.every(isLocalityCode) || !isTexts(scopes)) return null;
  if (app !== null && typeof app !== "string") return null;
  return { subject, name, role, organisation, localities, scopes, ...(app === null ? {} : { app }) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
