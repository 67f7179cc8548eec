/** A subgraph over HTTP that is down, slow, breaks off, asks for patience, speaks wrongly, and comes back. */

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startOverSupergraph, supergraphOf } from "../../gateway";
import type { Answer } from "../world";

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])';
const PEOPLE = `${LINK} type Query { child: Child } type Child @key(fields: "id") { id: ID! name: String }`;
const SCREENING = `${LINK}
type Child @key(fields: "id") { id: ID! hearing: String }
type Mutation { record(outcome: String): String }`;

const HEARING = '{"data":{"_entities":[{"hearing":"CLEAR"}]}}';
const RECORDED = '{"data":{"record":"CLEAR"}}';
const OTHER = '{"data":{"_entities":[{"hearing":"OF ANOTHER CHILD"}]}}';

/** What the subgraph does with a question. */
type Act = (response: ServerResponse, answer: string) => void;

const ACTS = {
  answers: (response, answer) => response.end(answer),
  "answers in chunks": (response, answer) => {
    for (const letter of answer) response.write(letter);
    response.end();
  },
  "hangs up": (response) => response.socket?.destroy(),
  "breaks off half way": (response, answer) => {
    response.writeHead(200, { "content-length": answer.length });
    response.write(answer.slice(0, 9), () => response.socket?.destroy());
  },
  "breaks off between chunks": (response, answer) => {
    response.write(answer.slice(0, 9), () => response.socket?.destroy());
  },
  "never answers": () => undefined,
  "answers when it is let": (response, answer) => {
    release = () => response.end(answer);
  },
  "is faulty": (response) => response.writeHead(500).end("{}"),
  "is full": (response) => response.writeHead(503).end("{}"),
  "is full for a moment": (response) => response.writeHead(503, { "retry-after": "0" }).end("{}"),
  "is full for an hour": (response) => response.writeHead(503, { "retry-after": "3600" }).end("{}"),
  "answers what is no JSON": (response) => response.end("<html>"),
  "says more than it announced": (response, answer) =>
    response.socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n${answer}${OTHER}`),
  "announces two lengths": (response, answer) =>
    response.socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\ncontent-length: 5\r\n\r\n${answer}`),
  "announces a length and chunks": (response, answer) =>
    response.socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${answer}`),
  "speaks another protocol": (response) => response.socket?.write("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
} as const satisfies Record<string, Act>;

let now = 0;
/** What comes next; when nothing is left, it answers. */
let script: (keyof typeof ACTS)[] = [];
let asked = 0;
let release: () => void = () => undefined;
let screening: Server;
let people: Server;
let gateway: { readonly url: string; close(): Promise<void> };

const listening = (server: Server): Promise<string> =>
  new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)),
  );

beforeEach(async () => {
  [now, script, asked] = [0, [], 0];
  people = createServer((_, response) =>
    response.end('{"data":{"child":{"__typename":"Child","id":"1","name":"Ada"}}}'),
  );
  screening = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked += 1;
    ACTS[script.shift() ?? "answers"](response, body.includes("mutation") ? RECORDED : HEARING);
  });
  const urls = { people: await listening(people), screening: await listening(screening) };
  const { supergraphSdl } = supergraphOf([
    { name: "people", sdl: PEOPLE },
    { name: "screening", sdl: SCREENING },
  ]);
  const subgraphs = Object.entries(urls).map(([name, url]) => ({ name, url }));
  gateway = await startOverSupergraph({
    supergraphSdl,
    subgraphs,
    port: 0,
    timeoutMilliseconds: 2_500,
    now: () => now,
  });
});

afterEach(async () => {
  screening.closeAllConnections();
  await gateway.close();
  for (const server of [people, screening]) {
    server.closeAllConnections();
    server.close();
  }
});

async function ask(query: string) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(gateway.url, { method: "POST", headers, body: JSON.stringify({ query }) });
  const { data, errors = [] } = (await response.json()) as Answer;
  const told = errors.map(({ path, extensions }) => [extensions.code, extensions.source, path?.join(".")].join(" "));
  return { status: response.status, data, errors: told };
}

const CHILD = "{ child { name hearing } }";
const WHOLE = { status: 200, data: { child: { name: "Ada", hearing: "CLEAR" } }, errors: [] };
const WITHOUT_HEARING = {
  status: 200,
  data: { child: { name: "Ada", hearing: null } },
  errors: ["SOURCE_UNAVAILABLE screening child.hearing"],
};
const UNRECORDED = { status: 200, data: { record: null }, errors: ["SOURCE_UNAVAILABLE screening record"] };

test.each<[string, (keyof typeof ACTS)[], number]>([
  ["answers in chunks", ["answers in chunks"], 1],
  ["hangs up once", ["hangs up"], 2],
  ["breaks off half way, once", ["breaks off half way"], 2],
  ["breaks off between chunks, twice", ["breaks off between chunks", "breaks off between chunks"], 3],
  ["is full, and then is not", ["is full"], 2],
  ["asks for a moment's patience", ["is full for a moment"], 2],
])("a subgraph that %s costs nothing: a query is asked again", async (_, acts, times) => {
  script = acts;
  expect(await ask(CHILD)).toEqual(WHOLE);
  expect(asked).toBe(times);
});

test.each<[keyof typeof ACTS, number]>([
  ["hangs up", 3],
  ["breaks off half way", 3],
  ["never answers", 1],
  ["is faulty", 1],
  ["is full", 3],
  ["is full for an hour", 1],
  ["answers what is no JSON", 1],
  ["says more than it announced", 1],
  ["announces two lengths", 1],
  ["announces a length and chunks", 1],
  ["speaks another protocol", 1],
])("a subgraph that %s costs its own fields, and is named", async (act, times) => {
  script = [act, act, act];
  expect(await ask(CHILD)).toEqual(WITHOUT_HEARING);
  expect(asked).toBe(times);
  script = [];
  expect(await ask(CHILD)).toEqual(WHOLE);
});

test("a subgraph that is down costs its own fields, and is named", async () => {
  screening.closeAllConnections();
  await new Promise((resolve) => screening.close(resolve));
  expect(await ask(CHILD)).toEqual(WITHOUT_HEARING);
});

test.each<keyof typeof ACTS>([
  "hangs up",
  "breaks off half way",
  "never answers",
  "is faulty",
  "is full",
  "is full for a moment",
  "says more than it announced",
])("a mutation is sent once, even to a subgraph that %s", async (act) => {
  script = [act];
  expect(await ask('mutation { record(outcome: "CLEAR") }')).toEqual(UNRECORDED);
  expect(asked).toBe(1);
});

describe("A subgraph that fails five times", () => {
  const told = async (path: string) => (await fetch(new URL(path, gateway.url))).text();
  const circuit = async () => /gateway_source_circuit\{source="screening"\} (\d)/.exec(await told("/metrics"))?.[1];

  beforeEach(async () => {
    script = Array.from({ length: 5 }, () => "is faulty" as const);
    for (let time = 0; time < 5; time++) await ask(CHILD);
    asked = 0;
  });

  test("is left alone for a while, which metrics and readiness show", async () => {
    expect(await ask(CHILD)).toEqual(WITHOUT_HEARING);
    expect(asked).toBe(0);
    expect(await circuit()).toBe("2");
    expect(JSON.parse(await told("/readyz"))).toMatchObject({ sources: { people: "ready", screening: "OPEN" } });
  });

  test("is then asked one question; when it is back, so are its fields", async () => {
    now += 1_000;
    script = ["answers when it is let"];
    const trial = ask(CHILD);
    while (asked === 0) await new Promise(setImmediate);
    expect(await circuit()).toBe("1");
    expect(await ask(CHILD)).toEqual(WITHOUT_HEARING);
    expect(asked).toBe(1);
    release();
    expect(await trial).toEqual(WHOLE);
    expect(await ask(CHILD)).toEqual(WHOLE);
    expect(await circuit()).toBe("0");
  });

  test("and fails that one too is left alone for longer", async () => {
    now += 1_000;
    script = ["is faulty"];
    expect(await ask(CHILD)).toEqual(WITHOUT_HEARING);
    now += 900;
    expect(await ask(CHILD)).toEqual(WITHOUT_HEARING);
    expect(asked).toBe(1);
    now += 1_100;
    expect(await ask(CHILD)).toEqual(WHOLE);
  });
});

test("what is asked at once is answered each with its own, over connections that are kept", async () => {
  const sockets = new Set<unknown>();
  screening.on("connection", (socket) => sockets.add(socket));
  for (let round = 0; round < 3; round++)
    expect(await Promise.all(Array.from({ length: 8 }, () => ask(CHILD)))).toEqual(Array(8).fill(WHOLE));
  expect(sockets.size).toBeLessThanOrEqual(8);
});
