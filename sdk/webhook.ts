/**
 * For apps that are told by webhook: verifies that a request comes from the record and is of now, and signs one as the
 * record does, for the app's own tests. For Node; browsers are told by subscription.
 */

import { createHmac, timingSafeEqual } from "node:crypto";

/** What the record sends: that something happened. Who the child is and what is the case now, ask as your app. */
export interface WebhookNotification {
  readonly id: string;
  /** Where to go on in the feed, as `after`. */
  readonly cursor: string;
  readonly kind: string;
  readonly urgency: "ROUTINE" | "URGENT";
  readonly screen: string | null;
  /** Id of the team that is told, such as HEALTH_VISITING:WIRRAL. */
  readonly team: string;
  readonly childId: string;
  readonly toldAt: string;
  readonly seeBy: string;
  readonly escalationOf: string | null;
}

/** Why a request is not believed. */
export type WebhookFault = "SIGNATURE_MISSING" | "SIGNATURE_WRONG" | "TOO_OLD" | "BODY_INVALID";

export type Verified =
  | { readonly verified: true; readonly notification: WebhookNotification }
  | { readonly verified: false; readonly fault: WebhookFault };

export interface WebhookRequest {
  /** The body exactly as it came, before anything parsed it. */
  readonly body: string | Uint8Array;
  /** Header `x-notification-signature`. */
  readonly signature: string | undefined;
  readonly secret: string;
  /** Milliseconds since 1970; the clock's when left out. */
  readonly now?: number;
  /** How far the sender's clock and yours may differ, and for how long a copy of a request is good: 300 when left out. */
  readonly toleranceSeconds?: number;
}

/**
 * Whether a request is the record's, and of now. Answer it with 2xx once you have kept it; it is sent again otherwise,
 * and may come twice: `notification.id` tells.
 */
export function verifyWebhook({
  body,
  signature,
  secret,
  now = Date.now(),
  toleranceSeconds = 300,
}: WebhookRequest): Verified {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? "");
  if (parts === null) return { verified: false, fault: "SIGNATURE_MISSING" };
  const [, timestamp = "", given = ""] = parts;
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  if (!timingSafeEqual(Buffer.from(given, "hex"), digest(secret, timestamp, text)))
    return { verified: false, fault: "SIGNATURE_WRONG" };
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) return { verified: false, fault: "TOO_OLD" };
  try {
    return { verified: true, notification: JSON.parse(text) as WebhookNotification }; // signed by the record
  } catch {
    return { verified: false, fault: "BODY_INVALID" };
  }
}

/** A request as the record would send it, for the tests of an app. */
export function signedWebhook(
  notification: WebhookNotification,
  secret: string,
  now = Date.now(),
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const body = JSON.stringify(notification);
  const timestamp = String(Math.floor(now / 1000));
  return {
    body,
    headers: {
      "content-type": "application/json",
      "x-notification-id": notification.id,
      "x-notification-signature": `t=${timestamp},v1=${digest(secret, timestamp, body).toString("hex")}`,
    },
  };
}

function digest(secret: string, timestamp: string, body: string): Buffer {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest();
}
