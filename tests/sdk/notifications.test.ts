/** What an app that is told of things has of the SDK: the iterator over a gateway that breaks off, and webhooks verified. */

import { type AddressInfo, connect, createServer, type Server } from "node:net";
import type { Viewer } from "../../schema/access";
import type { Event } from "../../schema/events";
import { ChildHealthClient, ChildHealthError } from "../../sdk/client";
import { signedWebhook, verifyWebhook, type WebhookNotification } from "../../sdk/webhook";
import { payloadOf, signedHeaders } from "../../subgraphs/notifications/receivers";
import { child, event, type World, world } from "../world";

const APP: Viewer = {
  subject: "app",
  name: "Red Book app",
  role: "PARTNER_APP",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: ["notifications:read", "identity:read", "screening:read"],
};

describe("The iterator", () => {
  let house: World;
  let proxy: Server;
  let endpoint: string;
  const cuts = new Set<() => void>();

  beforeAll(async () => {
    house = await world(() => Date.parse("2026-03-02T10:00:00Z"));
    await house.tell(...child("ada", { bornOn: "2026-02-20" }));
    // Between the app and the gateway there is a network, which can be cut.
    const { hostname, port } = new URL(house.url);
    proxy = createServer((near) => {
      const far = connect(Number(port), hostname);
      near.pipe(far).pipe(near);
      const cut = () => {
        near.destroy();
        far.destroy();
        cuts.delete(cut);
      };
      cuts.add(cut);
      for (const side of [near, far]) side.on("error", cut).on("close", cut);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/graphql`; // a TCP server's address
  }, 60_000);
  afterAll(async () => {
    for (const cut of [...cuts]) cut();
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
    await house.close();
  });

  let outcomes = 0;
  function hearing(): Event {
    outcomes += 1;
    return event("NewbornHearingRecorded", "ada", {
      source: { system: "newborn-hearing-1", id: `E-${outcomes}` },
      asOf: "2026-03-01T10:00:00.000000000Z",
      outcome: "CLEAR_NO_FOLLOW_UP",
      outcomeCode: "276781000000109",
      screenedOn: "2026-02-25",
      outcomeSetAt: null,
      tests: [],
      provider: null,
      comment: null,
    });
  }

  test("goes on by itself whenever it is cut off, each event once and none left out", async () => {
    const tokens: string[] = [];
    const app = new ChildHealthClient({
      endpoint,
      token: async () => {
        tokens.push("");
        return house.issuer.sign(APP, 5);
      },
    });
    const left = new AbortController();
    const after = (await house.house.parts.get("notifications")?.news?.(null, APP))?.upTo;
    const events = app.notifications({ after }, { signal: left.signal });
    const ids: number[] = [];
    for (let total = 1; total <= 6; total++) {
      await house.tell(hearing(), hearing());
      for (const _ of [1, 2]) {
        const { value } = await events.next();
        ids.push(Number(value?.data.notifications.id));
        expect(value?.data.notifications.child?.id).toBe("ada");
        for (const cut of [...cuts]) cut();
      }
    }
    expect(ids).toEqual(Array.from({ length: 12 }, (_, at) => (ids[0] ?? 0) + at));
    expect(tokens.length).toBeGreaterThan(1);
    const end = events.next();
    left.abort();
    expect((await end).done).toBe(true);
  }, 60_000);

  test("rejects where the record refuses", async () => {
    const app = new ChildHealthClient({ endpoint, token: await house.issuer.sign({ ...APP, scopes: [] }, 5) });
    const fault: unknown = await app
      .notifications()
      .next()
      .catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(ChildHealthError);
    expect(fault).toMatchObject({ codes: ["NOT_PERMITTED"] });
    const unknown = new ChildHealthClient({ endpoint, token: "nonsense" });
    await expect(unknown.notifications().next()).rejects.toMatchObject({ codes: ["TOKEN_REFUSED"] });
  });
});

describe("A webhook", () => {
  const secret = "a secret of thirty-two characters";
  const now = Date.parse("2026-03-02T10:00:00Z");
  const notification: WebhookNotification = {
    id: "7",
    cursor: "Nw",
    kind: "SCREEN_CLEAR",
    urgency: "ROUTINE",
    screen: "HEARING",
    team: "HEALTH_VISITING:WIRRAL",
    childId: "ada",
    toldAt: "2026-03-02T10:00:00.000000000Z",
    seeBy: "2026-03-12T10:00:00.000000000Z",
    escalationOf: null,
  };
  const { body, headers } = signedWebhook(notification, secret, now);
  const signature = headers["x-notification-signature"];

  test("signed as the record signs is verified, and says what it says", () => {
    const kept = { ...notification, sequence: 7, escalationOf: null } as never; // what the payload is made of
    const sent = payloadOf(kept, "Nw");
    expect(sent).toBe(body);
    expect(signedHeaders(secret, "7", sent, now)).toMatchObject({
      "x-notification-id": "7",
      "x-notification-signature": signature,
    });
    expect(verifyWebhook({ body, signature, secret, now })).toEqual({ verified: true, notification });
    expect(verifyWebhook({ body: new TextEncoder().encode(body), signature, secret, now }).verified).toBe(true);
  });

  test.each([
    ["without a signature", { signature: undefined }, "SIGNATURE_MISSING"],
    [
      "with another's",
      { signature: signature?.replace(/.$/, (last) => (last === "0" ? "1" : "0")) },
      "SIGNATURE_WRONG",
    ],
    ["with another secret", { secret: "another secret of as many characters" }, "SIGNATURE_WRONG"],
    ["with another body", { body: body.replace("ada", "ben") }, "SIGNATURE_WRONG"],
    ["with another time", { signature: signature?.replace("t=17", "t=18") }, "SIGNATURE_WRONG"],
    ["played back later", { now: now + 301_000 }, "TOO_OLD"],
    ["of tomorrow", { now: now - 301_000 }, "TOO_OLD"],
  ])("%s is not", (_what, change, fault) => {
    expect(verifyWebhook({ body, signature, secret, now, ...change })).toEqual({ verified: false, fault });
  });

  test("is good for as long as the app says", () => {
    expect(verifyWebhook({ body, signature, secret, now: now + 301_000, toleranceSeconds: 600 }).verified).toBe(true);
  });
});
