import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { startGateway } from "../../gateway";
import type { Role, Viewer } from "../../schema/access";
import { Problem } from "../../schema/errors";
import type { Event } from "../../schema/events";
import { child, event, type World, world } from "../world";

let house: World;
let n = 0;
let start = "";
const clients: Client[] = [];
beforeAll(async () => {
  house = await world(() => Date.parse("2026-03-02T10:00:00Z"));
}, 60_000);
afterAll(() => house.close());
beforeEach(async () => {
  n += 1;
  start = (await house.house.parts.get("notifications")?.news?.(null, VIEWER))?.upTo ?? "";
  await house.tell(...child(`baby-${n}`, { bornOn: "2026-02-20" }));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

const VIEWER: Viewer = {
  subject: "v",
  name: "V",
  role: "HEALTH_VISITOR",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: [],
};
const token = (role: Role = "HEALTH_VISITOR") => house.issuer.sign({ ...VIEWER, role }, 5);

let outcomes = 0;
function hearing(): Event {
  outcomes += 1;
  return event("NewbornHearingRecorded", `baby-${n}`, {
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

/** A client of the protocol's own library, as front ends use it. */
function clientOf(authorization: () => Promise<string>, url = house.url): Client {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authorization: `Bearer ${await authorization()}` }),
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

const QUERY =
  "subscription Told($after: String) { notifications(after: $after) { id cursor child { name { full } newbornHearing { outcome } } } }";

test("tells events of every subgraph to a client of the protocol's own library, and ends when it is left", async () => {
  const events = clientOf(() => token()).iterate({ query: QUERY, variables: { after: start } });
  await house.tell(hearing());
  const { value } = await events.next();
  expect(value).toMatchObject({
    data: {
      notifications: { child: { name: { full: "Ada Example" }, newbornHearing: { outcome: "CLEAR_NO_FOLLOW_UP" } } },
    },
    extensions: { cursor: expect.any(String) },
  });
  expect(value).not.toHaveProperty("errors");
  expect((await events.return?.())?.done).toBe(true);
});

test("two subscriptions share a connection, and each has its own place", async () => {
  const client = clientOf(() => token());
  await house.tell(hearing());
  const fromStart = client.iterate({ query: QUERY, variables: { after: start } });
  const { value } = await fromStart.next();
  const cursor = value?.extensions?.cursor as string;
  const behind = client.iterate({ query: QUERY, variables: { after: cursor } });
  await house.tell(hearing());
  const [second, same] = [await fromStart.next(), await behind.next()];
  expect(same.value?.data).toEqual(second.value?.data);
  expect(second.value?.data).not.toEqual(value?.data);
});

/** Speaks the protocol by hand; answers what came until the connection closed, and how it closed. */
async function speaking(protocol: string | string[], ...messages: readonly (object | string)[]) {
  const socket = new WebSocket(`${house.url.replace("http", "ws")}/graphql`, protocol);
  const came: string[] = [];
  return new Promise<{ readonly came: readonly string[]; readonly code: number }>((resolve) => {
    socket.on("open", () => {
      for (const message of messages) socket.send(typeof message === "string" ? message : JSON.stringify(message));
    });
    socket.on("message", (data) => came.push(JSON.parse(String(data)).type));
    socket.on("unexpected-response", (_, { statusCode }) => resolve({ came, code: statusCode ?? 0 }));
    socket.on("error", () => resolve({ came, code: 0 }));
    socket.on("close", (code) => resolve({ came, code }));
  });
}

const OURS = "graphql-transport-ws";
test.each<[string, string | string[], readonly (object | string)[], number]>([
  ["no token", OURS, [{ type: "connection_init" }], 4403],
  ["a token that is none", OURS, [{ type: "connection_init", payload: { authorization: "Bearer nonsense" } }], 4403],
  [
    "a subscription before anybody has said who asks",
    OURS,
    [{ type: "subscribe", id: "1", payload: { query: QUERY } }],
    4401,
  ],
  ["what is no message", OURS, ["nonsense"], 4400],
  ["a message larger than is allowed", OURS, ["x".repeat(1_100_000)], 1009],
])("is closed for %s", async (_what, protocol, messages, code) => {
  expect((await speaking(protocol, ...messages)).code).toBe(code);
});

test("is not opened for another protocol than is spoken here", async () => {
  expect((await speaking("graphql-ws")).code).toBe(0);
});

test.each([
  ["HEALTH_VISITOR", "{ notifications { readUpTo } }", "REQUEST_INVALID"],
  ["PARTNER_APP", QUERY, "DOCUMENT_NOT_TRUSTED"],
  ["ANALYST", QUERY, "NOT_PERMITTED"],
] as const)("a %s that subscribes to %s is told %s", async (role, query, code) => {
  const events = clientOf(() => token(role)).iterate({ query });
  const fault: unknown = await events.next().catch((errors: unknown) => errors);
  expect(fault).toMatchObject([{ extensions: { code } }]);
});

test("the connection ends when the token does", async () => {
  let isGood = true;
  const gateway = await startGateway({
    sources: [...house.house.parts.values()],
    host: "127.0.0.1",
    port: 0,
    issuer: {
      issuer: "test",
      verify: async () => (isGood ? VIEWER : new Problem("TOKEN_REFUSED", { fault: "it has expired" })),
    },
    trustedDocuments: [],
    requestsPerMinute: 0,
    log: () => undefined,
  });
  try {
    const events = clientOf(async () => "any", gateway.url).iterate({ query: QUERY, variables: { after: start } });
    await house.tell(hearing());
    expect((await events.next()).done).toBe(false);
    isGood = false;
    await house.tell(hearing());
    const fault: unknown = await events.next().catch((closed: unknown) => closed);
    expect(fault).toMatchObject({ code: 4403, reason: "The token has ended." });
  } finally {
    await gateway.close();
  }
});
