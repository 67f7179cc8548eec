/** What the front does beside answering: how much each may ask, whose trace it is, what is on its way out, how it is planned. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Source, startOverSupergraph, supergraphOf } from "../../gateway";
import { Rate } from "../../gateway/limits";
import { ADA, CLERK, openWorld, PARTNER, PEOPLE, people, REGISTERED, screening, type Told } from "./two-sources";

const codesOf = ({ body }: Told) => body.errors?.map((error) => error.extensions.code);
const json = { "content-type": "application/json" };

describe("Of sixty a minute a client", () => {
  const taken = (at: readonly [client: string, second: number][]) => {
    let now = 0;
    const rate = new Rate(60, () => now);
    return at.map(([client, second]) => {
      now = second * 1000;
      return rate.take(client);
    });
  };
  const many = (count: number, client: string, second: number) => Array(count).fill([client, second] as const);

  test.each([
    ["may send ten at once", many(10, "a", 0), Array(10).fill(0)],
    ["waits a second for the eleventh", many(11, "a", 0), [...Array(10).fill(0), 1]],
    ["has the next a second later", [...many(10, "a", 0), ["a", 1], ["a", 1]], [...Array(11).fill(0), 1]],
    ["saves up no more than ten", [...many(10, "a", 0), ...many(11, "a", 600)], [...Array(20).fill(0), 1]],
    ["takes nothing from another", [...many(10, "a", 0), ["b", 0]], Array(11).fill(0)],
  ] as [string, [string, number][], number[]][])("%s", (_, at, waits) => {
    expect(taken(at)).toEqual(waits);
  });
});

describe("A viewer who sends too much", () => {
  test("is told when to come again; others are answered meanwhile", async () => {
    const world = await openWorld({ requestsPerMinute: 12 });
    const asked = [await world.ask("{ screened }"), await world.ask("{ screened }"), await world.ask("{ screened }")];
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(asked[2]?.headers.get("retry-after")).toMatch(/^[1-5]$/);
    expect(asked[2]?.body.errors?.map(({ message }) => message)).toEqual([
      "This viewer sends more requests than the 12 a minute that are allowed.",
    ]);
    expect(asked.flatMap((each) => codesOf(each) ?? [])).toEqual(["RATE_LIMITED"]);
    expect(codesOf(await world.ask("{ screened }", {}, { ...CLERK, subject: "clerk-2" }))).toBeUndefined();
    expect((await world.ask(REGISTERED, { nhsNumber: ADA }, PARTNER)).status).toBe(200);
    await world.close();
  });
});

describe("More than can be answered at once", () => {
  test("is turned away with the time to come again, on either way in; the rest is answered", async () => {
    let [letGo, held] = [() => {}, Promise.resolve()];
    const slow: Source = {
      ...screening(),
      ask: async () => {
        await held;
        return { data: { screened: 1 } };
      },
    };
    const world = await openWorld({ sources: [people(), slow], sourceTimeoutMilliseconds: 60_000 });
    await world.ask("{ screened }"); // known from here on
    held = new Promise((resolve) => {
      letGo = resolve;
    });
    const refused: Told[] = [];
    const noted = async (asked: Promise<Told>) => {
      const told = await asked;
      if (told.status === 503) refused.push(told);
      if (refused.length === 40) letGo(); // nobody else can be turned away
      return told.status;
    };
    const asked = Array.from({ length: 540 }, (_, at) =>
      noted(world.ask(at % 2 === 0 ? "{ screened }" : `{ screened ${"__typename ".repeat(at % 15)} }`)),
    );
    const statuses = await Promise.all(asked);
    expect(statuses.filter((status) => status === 200).length).toBe(500);
    expect(refused.length).toBe(40);
    for (const each of refused) {
      expect(codesOf(each)).toEqual(["OVERLOADED"]);
      expect(each.headers.get("retry-after")).toBe("1");
    }
    expect((await world.ask("{ screened }")).body).toEqual({ data: { screened: 1 } });
    await world.close();
  });
});

describe("The trace that a request is part of", () => {
  const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  let told: (string | undefined)[] = [];
  const part = createServer((request, response) => {
    told = [request.headers.traceparent, request.headers.tracestate].map((each) => each?.toString());
    response.end('{"data":{"child":{"name":"Ada"}}}');
  });
  let gateway: { readonly url: string; close(): Promise<void> };
  beforeAll(async () => {
    await new Promise<void>((resolve) => part.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(part.address() as AddressInfo).port}/`;
    const { supergraphSdl } = supergraphOf([{ name: "people", sdl: PEOPLE }]);
    gateway = await startOverSupergraph({ supergraphSdl, subgraphs: [{ name: "people", url }], port: 0 });
  });
  afterAll(async () => {
    await gateway.close();
    part.close();
  });

  test.each([
    ["is handed on as it came", { traceparent: TRACEPARENT }, [TRACEPARENT, undefined]],
    ["with its state", { traceparent: TRACEPARENT, tracestate: "a=1,b=2" }, [TRACEPARENT, "a=1,b=2"]],
    ["is not begun here", {}, [undefined, undefined]],
    ["without a span is none", { traceparent: TRACEPARENT.replace(/-00f.*/, "") }, [undefined, undefined]],
    ["of zeros is none", { traceparent: TRACEPARENT.replace(/4b\w+/, "0".repeat(32)) }, [undefined, undefined]],
    ["has no state alone", { tracestate: "a=1" }, [undefined, undefined]],
  ])("%s", async (_, headers, expected) => {
    const body = JSON.stringify({ query: '{ child(nhsNumber: "1") { name } }' });
    await fetch(gateway.url, { method: "POST", headers: { ...json, ...headers } as Record<string, string>, body });
    expect(told).toEqual(expected);
  });

  test("is in the log, beside our own id, which stays one for each request", async () => {
    const world = await openWorld();
    const headers = { ...json, traceparent: TRACEPARENT };
    const body = JSON.stringify({ query: "{ screened }" });
    const responses = [
      await world.send("/graphql", { method: "POST", headers, body }),
      await world.send("/graphql", { method: "POST", headers, body }),
    ];
    expect(world.log.map(({ trace }) => trace)).toEqual(Array(2).fill("4bf92f3577b34da6a3ce929d0e0e4736"));
    const own = responses.map((each) => each.headers.get("x-trace-id"));
    expect(new Set(own).size).toBe(2);
    expect(world.log.map(({ traceId }) => traceId)).toEqual(own);
    await world.close();
  });
});

describe("Open to whatever ApolloServer knows", () => {
  let gateway: { readonly url: string; close(): Promise<void> };
  beforeAll(async () => {
    const { supergraphSdl } = supergraphOf([{ name: "people", sdl: PEOPLE }]);
    const subgraphs = [{ name: "people", url: "http://127.0.0.1:9/" }]; // where nobody listens, and nobody is asked
    gateway = await startOverSupergraph({ supergraphSdl, subgraphs, port: 0, protocol: "OPEN" });
  });
  afterAll(() => gateway.close());

  const get = { "apollo-require-preflight": "1" };
  const response = { ...json, accept: "application/graphql-response+json" };
  test.each<[string, string, string, Record<string, string>, string | undefined, number]>([
    ["a query by GET", "GET", "?query={__typename}", get, undefined, 200],
    ["a query by GET that another site may have made", "GET", "?query={__typename}", {}, undefined, 400],
    ["a mutation by GET", "GET", "?query=mutation{__typename}", get, undefined, 405],
    ["a query by POST", "POST", "", json, '{"query":"{__typename}"}', 200],
    ["a fault, to who takes JSON", "POST", "", json, '{"query":"{"}', 200],
    ["a fault, to who takes a GraphQL response", "POST", "", response, '{"query":"{"}', 400],
    ["no query", "POST", "", json, "{}", 400],
    ["no JSON", "POST", "", json, "{", 400],
    ["a form", "POST", "", { "content-type": "application/x-www-form-urlencoded" }, "query={__typename}", 400],
    ["another letter set", "POST", "", { "content-type": "application/json; charset=utf-16" }, "{}", 415],
    ["too many brackets", "POST", "", json, JSON.stringify({ query: "{a".repeat(70) }), 400],
    ["another method", "PUT", "", json, '{"query":"{__typename}"}', 405],
  ])("%s", async (_, method, search, headers, body, status) => {
    expect((await fetch(`${gateway.url}${search}`, { method, headers, body })).status).toBe(status);
  });
});

test("whether an answer may be kept is said once", async () => {
  const world = await openWorld();
  const kept = async (path: string) => (await world.send(path, {}, null)).headers.get("cache-control");
  expect(await kept("/explorer/explorer.js")).toBe("no-cache");
  expect(await kept("/readyz")).toBe("no-store");
  await world.close();
});

test("what is asked for that is on its way out is counted, and who asks it is in the log, on either way in", async () => {
  const world = await openWorld();
  const query = `query Ears { child(nhsNumber: ${ADA}) { ears hearing } }`;
  await world.ask(query);
  await world.ask(query);
  await world.ask("{ screened }");
  expect(world.log.map(({ deprecated }) => deprecated)).toEqual([["Child.ears"], ["Child.ears"], undefined]);
  const text = await (await world.send("/metrics", {}, null)).text();
  expect(text).toContain('gateway_deprecated_total{what="Child.ears"} 2');
  await world.close();
});

describe("How an operation is executed", () => {
  const RECORD = "query Record($n: NhsNumber!) { child(nhsNumber: $n) { name hearing } }";

  test("a developer is shown: Apollo's plan, and the function made of it; nothing is asked", async () => {
    const world = await openWorld();
    const body = JSON.stringify({ query: RECORD });
    const text = await (await world.send("/explorer/plan", { method: "POST", headers: json, body })).text();
    expect(text).toMatch(/^QueryPlan \{\n {2}Sequence \{\n {4}Fetch\(service: "people"\)/);
    expect(text).toContain("async function fetch0(run) {");
    expect(world.people.askedBy).toEqual([]);
    await world.close();
  });

  test.each([
    ["no token", RECORD, null, 401, "NOT_SIGNED_IN"],
    ["no operation of the graph", "{ nothing }", CLERK, 400, "REQUEST_INVALID"],
    ["no GraphQL", "{", CLERK, 400, "REQUEST_INVALID"],
    ["too many brackets", "{a".repeat(70), CLERK, 400, "REQUEST_INVALID"],
  ] as const)("is not told with %s", async (_, query, as, status, code) => {
    const world = await openWorld();
    const body = JSON.stringify({ query });
    const response = await world.send("/explorer/plan", { method: "POST", headers: json, body }, as);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
    await world.close();
  });

  test("nobody is shown where tokens are of a real issuer", async () => {
    const world = await openWorld();
    const { sign: _, ...issuer } = world.issuer;
    const own = await openWorld({ issuer });
    const response = await own.send("/explorer/plan", { method: "POST", headers: json, body: "{}" });
    expect(response.status).toBe(405);
    await own.close();
    await world.close();
  });
});
