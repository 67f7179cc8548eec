/** Signed webhooks: receivers that take, are slow, down, redirect or answer 500; parked and sent again; restricted children. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Viewer } from "../../schema/access";
import { verifyWebhook } from "../../sdk/webhook";
import { notifications, notificationsTo, readReceivers } from "../../subgraphs/notifications";
import { pauseMilliseconds } from "../../subgraphs/notifications/receivers";
import { eachDatabase } from "../databases";
import { child, event } from "../world";

const SECRET = "a secret of thirty-two characters";
const START = Date.parse("2026-03-02T10:00:00Z");
const [MINUTE, HOUR] = [60_000, 3_600_000];
const SCOPES = ["notifications:read", "identity:read", "screening:read"];
const CLERK: Viewer = {
  subject: "clerk",
  name: "Carys Penn",
  role: "CHILD_HEALTH_CLERK",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: [],
};

eachDatabase((places) => {
  let part: Subgraph;
  let receiver: Server;
  let clock = START;
  let houses = 0;
  let deliveries = 0;
  const came: { readonly headers: IncomingMessage["headers"]; readonly body: string }[] = [];
  let behave: (request: IncomingMessage, response: ServerResponse) => void;
  const takes = (_: IncomingMessage, response: ServerResponse) => void response.writeHead(204).end();

  beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
      came.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      behave(request, response);
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise<void>((resolve) => receiver.close(() => resolve())));
  const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`; // a TCP server's address

  const definition = (url = address()) =>
    notificationsTo([
      { name: "red-book", url, secret: SECRET, localities: ["WIRRAL"], scopes: SCOPES, timeoutMilliseconds: 300 },
    ]);

  async function open(url?: string): Promise<void> {
    houses += 1;
    clock = START;
    came.length = 0;
    behave = takes;
    const place = places(`webhooks_${houses}`);
    await migrateSubgraph(notifications, place);
    part = await startSubgraph(definition(url), { place, now: () => clock });
    await tell(...child("ada", { bornOn: "2026-02-20" }), ...child("ben", { bornOn: "2026-02-20", restricted: true }));
    await part.settle(); // the receiver is told of what is told from now on
  }
  afterEach(() => part.close());

  async function tell(...events: Parameters<Subgraph["deliver"]>[0]["events"]): Promise<void> {
    deliveries += 1;
    await part.deliver({ number: deliveries, events });
  }
  let outcomes = 0;
  const hearing = (childId = "ada") => {
    outcomes += 1;
    return event("NewbornHearingRecorded", childId, {
      source: { system: "newborn-hearing-1", id: `E-${outcomes}` },
      outcome: "CLEAR_NO_FOLLOW_UP",
      outcomeCode: "276781000000109",
      screenedOn: "2026-02-25",
      outcomeSetAt: null,
      tests: [],
      provider: null,
      comment: null,
    });
  };
  const ids = () => came.map(({ headers }) => headers["x-notification-id"]);

  async function standing() {
    const query = "{ webhooks { name waiting parked failingSince lastFault lastReceivedAt } }";
    const { data } = await part.ask({ query, viewer: CLERK, requestId: "test" });
    return JSON.parse(JSON.stringify(data)).webhooks[0];
  }

  test("a receiver is told what it may be told, signed, in order, once", async () => {
    await open();
    await tell(hearing(), hearing());
    await part.settle();
    await tell(hearing());
    await part.settle();
    await part.settle();
    expect(ids()).toEqual(["1", "2", "3"]);
    const [{ headers, body } = { headers: {}, body: "" }] = came;
    const signature = String(headers["x-notification-signature"]);
    expect(verifyWebhook({ body, signature, secret: SECRET, now: clock })).toEqual({
      verified: true,
      notification: {
        id: "1",
        cursor: Buffer.from("1").toString("base64url"),
        kind: "SCREEN_CLEAR",
        urgency: "ROUTINE",
        screen: "HEARING",
        team: "HEALTH_VISITING:WIRRAL",
        childId: "ada",
        toldAt: "2026-03-02T10:00:00.000000000Z",
        seeBy: "2026-03-12T10:00:00.000000000Z",
        escalationOf: null,
      },
    });
    expect(await standing()).toEqual({
      name: "red-book",
      waiting: 0,
      parked: 0,
      failingSince: null,
      lastFault: null,
      lastReceivedAt: "2026-03-02T10:00:00.000Z",
    });
  });

  test("it is told of no restricted child, from the moment the child is restricted", async () => {
    await open();
    await tell(hearing("ben"), hearing("ada"));
    await tell(event("RestrictionRecorded", "ada", { restricted: true, asOf: "2026-02-01T00:00:00.000000000Z" }));
    await part.settle();
    expect(ids()).toEqual([]);
    expect(await standing()).toMatchObject({ waiting: 0, parked: 0 });
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    ["answers 500", (_, response) => void response.writeHead(500).end("x".repeat(1000)), "it answers 500"],
    [
      "redirects",
      (_, response) => void response.writeHead(307, { location: "/elsewhere" }).end(),
      "it redirects (307)",
    ],
    ["never answers", () => undefined, "it does not answer in time"],
    ["breaks off", (request) => void request.socket.destroy(), "it breaks off"],
  ])("one that %s is tried again after a pause, in order, with nothing lost", async (_what, fails, fault) => {
    await open();
    behave = fails;
    await tell(hearing(), hearing());
    await part.settle();
    await part.settle();
    expect(ids()).toEqual(["1"]);
    expect(await standing()).toMatchObject({ waiting: 2, failingSince: "2026-03-02T10:00:00.000Z", lastFault: fault });
    clock += MINUTE;
    await part.settle();
    expect(ids()).toEqual(["1", "1"]);
    behave = takes;
    clock += MINUTE;
    await part.settle();
    expect(ids()).toEqual(["1", "1", "1", "2"]);
    expect(await standing()).toMatchObject({ waiting: 0, failingSince: null, lastFault: null });
  });

  test("one that is down is tried again", async () => {
    await open("http://127.0.0.1:1/nobody");
    await tell(hearing());
    await part.settle();
    expect(await standing()).toMatchObject({ waiting: 1, lastFault: "it is not reached (ECONNREFUSED)" });
  });

  test("what was not taken within a day is parked and seen to be; it is sent again when somebody asks", async () => {
    await open();
    behave = (_, response) => void response.writeHead(503).end();
    await tell(hearing(), hearing());
    for (let tries = 0; tries < 30; tries++) {
      await part.settle();
      clock += HOUR;
    }
    expect(await standing()).toMatchObject({ waiting: 0, parked: 2, lastFault: "it answers 503" });
    const tried = came.length;
    // Twice as long each time up to an hour: not once a second for a day.
    expect(tried).toBeLessThan(40);
    behave = takes;
    await tell(hearing());
    clock += HOUR;
    await part.settle();
    expect(ids().slice(tried)).toEqual(["3"]);
    const resend = `mutation { resendParked(receiver: "red-book") }`;
    await part.ask({ query: resend, viewer: CLERK, requestId: "test" });
    await part.settle();
    expect(ids().slice(tried)).toEqual(["3", "1", "2"]);
    expect(await standing()).toMatchObject({ waiting: 0, parked: 0 });
  });

  test("one process sends at a time; another goes on when the first is missed, after what one sending may take", async () => {
    await open();
    const [first, place] = [part, places(`webhooks_${houses}`)];
    behave = (request) => void request.socket.destroy();
    await tell(hearing());
    await first.settle(); // it holds the receiver, and is killed
    behave = takes;
    part = await startSubgraph(definition(), { place, now: () => clock });
    await tell(hearing());
    clock += 5_000;
    await part.settle();
    expect(ids()).toEqual(["1"]);
    clock += 5_000;
    await part.settle();
    expect(ids()).toEqual(["1", "1", "2"]);
    await first.close();
  });

  test("how the receivers do is for those who keep the records, and privacy officers", async () => {
    await open();
    const asked = async (role: Viewer["role"]) => {
      const query = "{ webhooks { name } }";
      const { errors } = await part.ask({ query, viewer: { ...CLERK, role }, requestId: "test" });
      return errors?.[0]?.extensions?.code;
    };
    expect([await asked("PRIVACY_OFFICER"), await asked("HEALTH_VISITOR")]).toEqual([undefined, "NOT_PERMITTED"]);
  });
});

test.each([
  [1, 0, 2_500],
  [1, 1, 5_000],
  [2, 1, 10_000],
  [5, 0.5, 60_000],
  [11, 1, 3_600_000],
  [1_000, 0, 1_800_000],
])("after %d attempts, by a chance of %d, a receiver is left alone for %d ms", (attempts, chance, milliseconds) => {
  expect(pauseMilliseconds(attempts, chance)).toBe(milliseconds);
});

const GOOD = {
  name: "red-book",
  url: "https://app.example/told",
  secret: SECRET,
  localities: ["WIRRAL"],
  scopes: SCOPES,
};
test.each([
  ["no JSON", "nonsense", "the path of a file of JSON"],
  ["no list", "{}", "the path of a JSON list of receivers"],
  ["nothing", "[null]", "a name of its own"],
  ["a name twice", JSON.stringify([GOOD, GOOD]), "receiver 2 has a name of its own"],
  ["plain http", JSON.stringify([{ ...GOOD, url: "http://app.example/" }]), "an https url"],
  ["a password in the url", JSON.stringify([{ ...GOOD, url: "https://a:b@app.example/" }]), "an https url"],
  ["a short secret", JSON.stringify([{ ...GOOD, secret: "short" }]), "a secret of at least 32 characters"],
  ["no locality", JSON.stringify([{ ...GOOD, localities: ["OSLO"] }]), "localities, each one of EAST_CHESHIRE"],
  [
    "a day to answer",
    JSON.stringify([{ ...GOOD, timeoutMilliseconds: 86_400_000 }]),
    "timeoutMilliseconds from 100 to 30000",
  ],
  ["no scopes", JSON.stringify([{ ...GOOD, scopes: "all" }]), "a list of scopes"],
])("a file with %s stops the start, and says why", (_what, text, expected) => {
  expect(() => readReceivers(text)).toThrow(expected);
});

test("a file that is right is read", () => expect(readReceivers(JSON.stringify([GOOD]))).toEqual([GOOD]));
