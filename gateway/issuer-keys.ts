/**
 * The keys an issuer publishes: fetched when first needed, fetched again in good time, at once when a token names one that
 * is not there, and believed for a bounded time when the issuer cannot be reached. So that a key that the issuer takes into
 * use is known to the first token it signs, and an outage of the issuer is nobody's outage for an hour, and then everybody's.
 */

import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

export interface IssuerKeys {
  readonly find: JWTVerifyGetKey;
  /** Another number for other keys; null while none are believed, and then no token is. */
  edition(): number | null;
}

const MINUTE = 60_000;
/** Older than this they are fetched again, while they are used as they are. */
const FRESH_MILLISECONDS = 5 * MINUTE;
/** Older than this they are believed no longer. */
const BELIEVED_MILLISECONDS = 60 * MINUTE;
/** Between two fetches, whoever asks: an unknown key is what a stranger can name as often as he likes. */
const PAUSE_MILLISECONDS = 1_000;
const TIMEOUT_MILLISECONDS = 5_000;
const MOST_BYTES = 256 * 1024;

/** One that never changes and always holds: the development issuer's own. */
export function keysAlways(find: JWTVerifyGetKey): IssuerKeys {
  return { find, edition: () => 1 };
}

export function issuerKeysOf(url: URL, now: () => number): IssuerKeys {
  let held: { readonly find: JWTVerifyGetKey; readonly text: string; readonly at: number } | null = null;
  let editions = 0;
  let asking: Promise<void> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  const believed = () => (held !== null && now() - held.at < BELIEVED_MILLISECONDS ? held : null);

  /** One fetch at a time, for all who wait. */
  function refresh(): Promise<void> {
    asking ??= (async () => {
      const pause = askedAt + PAUSE_MILLISECONDS - now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      askedAt = now();
      const text = await published(url);
      if (held?.text !== text) {
        held = { find: createLocalJWKSet(keySetOf(text)), text, at: now() };
        editions += 1;
      } else held = { ...held, at: now() };
    })().finally(() => {
      asking = null;
    });
    return asking;
  }

  return {
    async find(header, token) {
      const before = believed();
      if (before === null) await refresh();
      // What keeps them from being fetched early keeps nobody waiting.
      else if (now() - before.at > FRESH_MILLISECONDS) refresh().catch(() => undefined);
      const keys = believed();
      if (keys === null) throw new errors.JWKSTimeout();
      try {
        return await keys.find(header, token);
      } catch (fault) {
        if (!(fault instanceof errors.JWKSNoMatchingKey) || before === null) throw fault;
        await refresh().catch(() => undefined);
        return (believed() ?? keys).find(header, token);
      }
    },
    edition: () => (believed() === null ? null : editions),
  };
}

/** What the issuer publishes, as text. Rejects where it does not answer in time, sends us elsewhere or sends too much. */
async function published(url: URL): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const response = await fetch(url, { redirect: "error", signal, headers: { accept: "application/json" } });
  if (response.status !== 200) throw new errors.JWKSTimeout();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new errors.JWKSInvalid();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Only keys of which one half is secret: a shared secret that is published would be anybody's signature. */
function keySetOf(text: string): JSONWebKeySet {
  const content: unknown = JSON.parse(text);
  const keys =
    typeof content === "object" && content !== null && "keys" in content && Array.isArray(content.keys)
      ? content.keys.filter(isPublicKey)
      : [];
  if (keys.length === 0) throw new errors.JWKSInvalid();
  return { keys };
}

function isPublicKey(key: unknown): boolean {
  if (typeof key !== "object" || key === null || !("kty" in key)) return false;
  return key.kty === "EC" || key.kty === "RSA" || key.kty === "OKP";
}
