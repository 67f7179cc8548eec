import { startGateway } from "../../gateway";
import type { Role, Viewer } from "../../schema/access";
import { Problem } from "../../schema/errors";
import type { Event } from "../../schema/events";
import { type Answer, child, event, type World, world } from "../world";

const HEARING = "newborn-hearing-1";
const START = Date.parse("2026-03-02T10:00:00Z");

let house: World;
let n = 0;
/** How many had been told when the test began: those of other tests. */
let before = 0;
let start = "";
beforeAll(async () => {
  house = await world(() => START);
}, 60_000);
afterAll(() => house.close());
beforeEach(async () => {
  const viewer = {
    subject: "t",
    name: "T",
    role: "HEALTH_VISITOR",
    organisation: null,
    localities: [],
    scopes: [],
  } as const;
  start = (await house.house.parts.get("notifications")?.news?.(null, viewer))?.upTo ?? "";
  before = Number(Buffer.from(start, "base64url").toString());
});
/** The nth of this test. */
const nth = (at: number) => String(before + at);

/** A clear hearing screen of a child, as a national message tells it: one notification for the health visitors. */
function hearing(childId: string): Event {
  n += 1;
  return event("NewbornHearingRecorded", childId, {
    source: { system: HEARING, id: `E-${n}` },
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

const baby = (childId: string, fields: Parameters<typeof child>[1] = {}) =>
  child(childId, { bornOn: "2026-02-20", ...fields });

interface Told extends Answer {
  readonly extensions?: { readonly cursor: string };
}

/** Subscribes over server-sent events; `next` gives the next event, null at the end. */
async function stream(
  query: string,
  token: string,
  variables: object = {},
  headers: Record<string, string> = {},
  url = house.url,
) {
  const stop = new AbortController();
  const response = await fetch(new URL("/graphql", url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
    signal: stop.signal,
  });
  const refused = response.status === 200 ? null : ((await response.json()) as Answer);
  const reader = refused === null ? response.body?.pipeThrough(new TextDecoderStream()).getReader() : undefined;
  let text = "";
  async function next(): Promise<Told | null> {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        if (lines.includes("event: complete")) return null;
        const data = lines.find((line) => line.startsWith("data: "));
        if (data !== undefined) return JSON.parse(data.slice("data: ".length)) as Told;
        continue;
      }
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) return null;
      text += value;
    }
  }
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    refused,
    next,
    stop: () => stop.abort(),
  };
}

function token(role: Role, who: Partial<Viewer> = {}): Promise<string> {
  const viewer = { subject: `test:${role}`, name: role, role, organisation: null, localities: ["WIRRAL"], scopes: [] };
  return house.issuer.sign({ ...viewer, ...who } as Viewer, 5); // of a role's own fields
}

const SUBSCRIPTION = `subscription Told($where: NotificationFilter, $after: String) {
  notifications(where: $where, after: $after) {
    kind cursor
    child { id name { full } newbornHearing { outcome } doses { vaccine } safeguarding { standing } }
  }
}`;

test("carries any field of the child, across every subgraph", async () => {
  await house.tell(...baby("ada-1", { given: "Ada", family: "Quill" }));
  const told = await stream(SUBSCRIPTION, await token("HEALTH_VISITOR"));
  expect([told.status, told.type]).toEqual([200, "text/event-stream; charset=utf-8"]);
  await house.tell(hearing("ada-1"));
  const first = await told.next();
  expect(first?.errors).toBeUndefined();
  expect(first?.data.notifications).toMatchObject({
    kind: "SCREEN_CLEAR",
    child: {
      id: "ada-1",
      name: { full: "Ada Quill" },
      newbornHearing: { outcome: "CLEAR_NO_FOLLOW_UP" },
      doses: [],
      safeguarding: { standing: "NONE_KNOWN" },
    },
  });
  expect(first?.extensions?.cursor).toBe(first?.data.notifications.cursor);
  told.stop();
});

test("asks of each child alone what may be asked of one alone, though several are told of at once", async () => {
  for (const child of ["tia-1", "tia-2"]) await house.tell(...baby(child));
  for (const child of ["tia-1", "tia-2"]) await house.tell(hearing(child));
  const told = await stream(SUBSCRIPTION, await token("HEALTH_VISITOR"), { after: start });
  const shown = new Map<string, unknown>();
  while (shown.size < 2) {
    const next = await told.next();
    expect(next?.errors).toBeUndefined();
    const { id, safeguarding } = next?.data.notifications.child ?? {};
    if (id?.startsWith("tia-")) shown.set(id, safeguarding);
  }
  expect([...shown]).toEqual([
    ["tia-1", { standing: "NONE_KNOWN" }],
    ["tia-2", { standing: "NONE_KNOWN" }],
  ]);
  told.stop();
});

const FEW = "subscription Told($after: String) { notifications(after: $after) { id cursor } }";

test("begins with what is told from now on, or after a cursor; one that comes back goes on where it stopped", async () => {
  await house.tell(...baby("ada-2"));
  await house.tell(hearing("ada-2"));
  const health = await token("HEALTH_VISITOR");
  const fromStart = await stream(FEW, health, { after: start });
  const first = await fromStart.next();
  expect(first?.data.notifications.id).toBe(nth(1));
  fromStart.stop();

  const fromNow = await stream(FEW, health);
  // That it has begun is told by the first of what it is sent, before any event.
  await house.tell(hearing("ada-2"));
  const second = await fromNow.next();
  expect(Number(second?.data.notifications.id)).toBeGreaterThan(before + 1);
  fromNow.stop();

  await house.tell(hearing("ada-2"));
  const ids = async (told: Awaited<ReturnType<typeof stream>>) => {
    const [one, two] = [await told.next(), await told.next()];
    told.stop();
    return [one?.data.notifications.id, two?.data.notifications.id];
  };
  expect(await ids(await stream(FEW, health, { after: first?.extensions?.cursor }))).toEqual([nth(2), nth(3)]);
  expect(await ids(await stream(FEW, health, {}, { "last-event-id": first?.extensions?.cursor ?? "" }))).toEqual([
    nth(2),
    nth(3),
  ]);
});

test("cut off at random, again and again while events flow: nothing is missing and nothing comes twice", async () => {
  await house.tell(...baby("ada-3"));
  const health = await token("HEALTH_VISITOR");
  const total = 60;
  const telling = (async () => {
    for (let told = 0; told < total; told++) await house.tell(hearing("ada-3"));
  })();
  const subscriber = async (chance: (at: number) => number) => {
    const seen: string[] = [];
    let after = start;
    for (let cuts = 0; seen.length < total; cuts++) {
      const told = await stream(FEW, health, { after });
      for (let left = 1 + chance(cuts); left > 0 && seen.length < total; left--) {
        const one = await told.next();
        seen.push(one?.data.notifications.id);
        after = one?.extensions?.cursor ?? after;
      }
      told.stop();
    }
    return seen;
  };
  const seen = await Promise.all([1, 2, 3].map((k) => subscriber((at) => (at * 7 + k * 3) % 11)));
  await telling;
  const all = Array.from({ length: total }, (_, at) => nth(at + 1));
  expect(seen).toEqual([all, all, all]);
}, 60_000);

test("tells each subscriber what its own teams were told, and what it may see now", async () => {
  await house.tell(...baby("ada-4"), ...baby("ben-4", { restricted: true }));
  await house.tell(hearing("ben-4"), hearing("ada-4"));
  const said = async (told: Awaited<ReturnType<typeof stream>>) => {
    const one = await told.next();
    told.stop();
    return one?.data.notifications;
  };
  const query = `subscription ($after: String) { notifications(after: $after) { child { id address { ... on Withheld { reason } ... on Address { postcode } } } team { id kind } } }`;
  expect(await said(await stream(query, await token("HEALTH_VISITOR"), { after: start }))).toEqual({
    child: { id: "ben-4", address: { reason: "This child's whereabouts are restricted." } },
    team: { id: null, kind: "HEALTH_VISITING" },
  });
  // Another locality's hear of neither; the clerks of this one are not told of a clear screen.
  const elsewhere = await stream(FEW, await token("HEALTH_VISITOR", { localities: ["WARRINGTON"] }), { after: start });
  const clerk = await stream(FEW, await token("CHILD_HEALTH_CLERK"), { after: start });
  await house.tell(...baby("cleo-4").map((each) => ({ ...each, childId: "cleo-4" }) as Event));
  await house.tell(
    event("DeathRecorded", "ada-4", {
      source: { system: "pds-death-notification-1", id: "latest" },
      asOf: "2026-03-01T10:00:00.000000000Z",
      status: "FORMAL",
      diedOn: "2026-03-01",
    }),
  );
  expect((await clerk.next())?.data.notifications.id).toBe(nth(3));
  clerk.stop();
  elsewhere.stop();
});

test.each([
  ["a query", "HEALTH_VISITOR", "{ notifications { readUpTo } }", "REQUEST_INVALID"],
  ["what the graph does not have", "HEALTH_VISITOR", "subscription { weather { rain } }", "REQUEST_INVALID"],
  ["what is no GraphQL", "HEALTH_VISITOR", "subscription {", "REQUEST_INVALID"],
  [
    "a field under a condition",
    "HEALTH_VISITOR",
    "subscription ($a: Boolean!) { notifications @include(if: $a) { id } }",
    "REQUEST_INVALID",
  ],
  ["what is no trusted document, by an app", "PARTNER_APP", FEW, "DOCUMENT_NOT_TRUSTED"],
] as const)("%s is refused before it begins", async (_what, role, query, code) => {
  const response = await fetch(new URL("/graphql", house.url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${await token(role)}`,
    },
    body: JSON.stringify({ query, variables: { a: true } }),
  });
  const { errors } = (await response.json()) as Answer;
  expect([response.status, errors?.map(({ extensions }) => extensions.code)]).toEqual([400, [code]]);
});

test("somebody who is told nothing by their role is told so, and the stream ends", async () => {
  const told = await stream(FEW, await token("ANALYST"));
  expect((await told.next())?.errors?.[0]?.extensions.code).toBe("NOT_PERMITTED");
  expect(await told.next()).toBeNull();
});

const ELSEWHERE =
  "The request is not valid: a subscription is asked over WebSocket, or as an event stream with accept: text/event-stream.";
const DIRECTLY =
  "The request is not valid: a subscription asks for one field, which stands in it directly and without a condition.";

test.each`
  asked                                                                                                       | variables       | says
  ${"subscription { notifications { id } }"}                                                                  | ${{}}           | ${null}
  ${"subscription ($x: Boolean!) { notifications { id @include(if: $x) kind } }"}                             | ${{ x: false }} | ${null}
  ${"subscription ($x: Boolean!) { notifications @include(if: $x) { id } }"}                                  | ${{ x: true }}  | ${DIRECTLY}
  ${"subscription ($x: Boolean!) { notifications @skip(if: $x) { id } }"}                                     | ${{}}           | ${DIRECTLY}
  ${"subscription ($x: Boolean!) { ... @include(if: $x) { notifications { id } } }"}                          | ${{ x: true }}  | ${DIRECTLY}
  ${"subscription ($x: Boolean!) { ...F @skip(if: $x) } fragment F on Subscription { notifications { id } }"} | ${{ x: false }} | ${DIRECTLY}
  ${"subscription { a: notifications { id } b: notifications { id } }"}                                       | ${{}}           | ${DIRECTLY}
  ${"subscription { notifications { id } __typename }"}                                                       | ${{}}           | ${DIRECTLY}
  ${"subscription { __typename }"}                                                                            | ${{}}           | ${DIRECTLY}
`("$asked is asked as an event stream, or says why not, and never as a query", async ({ asked, variables, says }) => {
  const told = await stream(asked, await token("HEALTH_VISITOR"), variables);
  told.stop();
  expect(told.status).toBe(says === null ? 200 : 400);
  if (says !== null) expect(told.refused?.errors?.map(({ message }) => message)).toEqual([says]);
  const response = await fetch(new URL("/graphql", house.url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await token("HEALTH_VISITOR")}` },
    body: JSON.stringify({ query: asked, variables }),
  });
  const { errors } = (await response.json()) as Answer;
  expect([response.status, errors?.[0]?.extensions.code]).toEqual([400, "REQUEST_INVALID"]);
  if (says === null || /\$x/.test(asked)) expect(errors?.[0]?.message).toBe(ELSEWHERE);
});

test("ends when the token does, telling nothing more", async () => {
  let isGood = true;
  const viewer = {
    subject: "v",
    name: "V",
    role: "HEALTH_VISITOR",
    organisation: null,
    localities: ["WIRRAL"],
    scopes: [],
  } as const;
  const verify = async () => (isGood ? viewer : new Problem("TOKEN_REFUSED", { fault: "it has expired" }));
  const gateway = await startGateway({
    sources: [...house.house.parts.values()],
    host: "127.0.0.1",
    port: 0,
    issuer: { issuer: "test", verify },
    trustedDocuments: [],
    requestsPerMinute: 0,
    log: () => undefined,
  });
  try {
    await house.tell(...baby("ada-8"));
    const told = await stream(FEW, "any", { after: start }, {}, gateway.url);
    await house.tell(hearing("ada-8"));
    expect((await told.next())?.data.notifications.id).toBe(nth(1));
    isGood = false;
    await house.tell(hearing("ada-8"));
    expect((await told.next())?.errors?.[0]?.extensions.code).toBe("TOKEN_REFUSED");
    expect(await told.next()).toBeNull();
  } finally {
    await gateway.close();
  }
});

test("a part that is down costs its own fields; the feed itself down costs nothing, it goes on when it is back", async () => {
  await house.tell(...baby("ada-9"));
  const broken = new Set<string>();
  const sources = [...house.house.parts.values()].map((part) => ({
    ...part,
    ask: (question: Parameters<typeof part.ask>[0]) =>
      broken.has(part.name) ? Promise.reject(new Error("down")) : part.ask(question),
  }));
  const gateway = await startGateway({
    sources,
    host: "127.0.0.1",
    port: 0,
    issuer: house.issuer,
    trustedDocuments: [],
    requestsPerMinute: 0,
    log: () => undefined,
  });
  try {
    const told = await stream(SUBSCRIPTION, await token("HEALTH_VISITOR"), { after: start }, {}, gateway.url);
    broken.add("immunisations");
    await house.tell(hearing("ada-9"));
    const partial = await told.next();
    expect(partial?.data.notifications.child).toMatchObject({
      id: "ada-9",
      doses: null,
      safeguarding: { standing: "NONE_KNOWN" },
    });
    expect(partial?.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [["notifications", "child", "doses"], "SOURCE_UNAVAILABLE"],
    ]);
    broken.add("notifications");
    await house.tell(hearing("ada-9"));
    const later = told.next();
    broken.clear();
    expect((await later)?.data.notifications.child.doses).toEqual([]);
    told.stop();
  } finally {
    await gateway.close();
  }
});
