import { createHash } from "node:crypto";
import { connect } from "node:net";
import { getIntrospectionQuery, stripIgnoredCharacters } from "graphql";
import { type LogEntry, startGateway, supergraphOf } from "../../gateway";
import { ADA, BEN, CLERK, openWorld, PARTNER, REGISTERED, SCREENING, type Told, type World } from "./two-sources";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  for (const source of [world.people, world.screening]) {
    source.behaviour = "ANSWERS";
    source.askedBy.length = 0;
  }
  world.log.length = 0;
});

const RECORD = "query Record($n: NhsNumber!) { child(nhsNumber: $n) { name hearing } }";
const codesOf = ({ body }: Told) => body.errors?.map((error) => error.extensions.code);
const json = { "content-type": "application/json" };

describe("An answer", () => {
  test("is put together from both sources", async () => {
    const told = await world.ask(RECORD, { n: ADA });
    expect(told.body).toEqual({ data: { child: { name: "Ada Quill", hearing: "CLEAR" } } });
    expect(told.status).toBe(200);
  });

  test("is made for the viewer, whom every source is told under the trace of the request", async () => {
    const told = await world.ask(RECORD, { n: ADA });
    const asked = [...world.people.askedBy, ...world.screening.askedBy];
    expect(asked.map((each) => each.viewer)).toEqual([CLERK, CLERK]);
    expect(new Set(asked.map((each) => each.requestId))).toEqual(new Set([told.headers.get("x-trace-id")]));
  });

  test("keeps the code, path, source and remedy that a source gave its error", async () => {
    const told = await world.ask(RECORD, { n: BEN });
    expect(told.body.data).toEqual({ child: { name: "Ben Quill", hearing: null } });
    expect(told.body.errors).toEqual([
      {
        message: "Seeing newborn screening outcomes needs your role, which this viewer does not have.",
        path: ["child", "hearing"],
        extensions: {
          code: "NOT_PERMITTED",
          do: "Ask the administrator of your organisation, if your work needs it.",
          source: "screening",
          traceId: told.headers.get("x-trace-id"),
        },
      },
    ]);
  });

  test("places an error about a whole question at each field that was asked", async () => {
    world.people.behaviour = "COMPLAINS";
    const complained = await world.ask("{ a: child(nhsNumber: 1) { name } b: child(nhsNumber: 2) { name } }");
    expect(complained.body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [["a"], "REQUEST_INVALID"],
      [["b"], "REQUEST_INVALID"],
    ]);
  });

  test("of a list places each error at its entry", async () => {
    const told = await world.ask("{ children { name hearing } }");
    expect(told.body.errors?.map((error) => error.path)).toEqual([["children", 1, "hearing"]]);
  });
});

describe("A source that does not answer costs its own fields only", () => {
  test.each(["REJECTS", "NEVER_ANSWERS"] as const)("when it %s", async (behaviour) => {
    world.screening.behaviour = behaviour;
    const told = await world.ask(RECORD, { n: ADA });
    expect(told.status).toBe(200);
    expect(told.body.data).toEqual({ child: { name: "Ada Quill", hearing: null } });
    expect(told.body.errors).toEqual([
      {
        message: "screening cannot be asked at present.",
        path: ["child", "hearing"],
        extensions: {
          code: "SOURCE_UNAVAILABLE",
          do: "The rest of the answer stands. Try again shortly.",
          source: "screening",
          traceId: told.headers.get("x-trace-id"),
        },
      },
    ]);
  });

  test("with one error for a whole list, at the list", async () => {
    world.screening.behaviour = "REJECTS";
    const told = await world.ask("{ children { name hearing } }");
    expect(told.body.data).toEqual({
      children: [
        { name: "Ada Quill", hearing: null },
        { name: "Ben Quill", hearing: null },
      ],
    });
    expect(told.body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [["children"], "SOURCE_UNAVAILABLE"],
    ]);
  });

  test("at the root, where the question was put to it", async () => {
    world.screening.behaviour = "REJECTS";
    const told = await world.ask("{ screened child(nhsNumber: 9990000018) { name } }");
    expect(told.body.data).toMatchObject({ screened: null });
    expect(told.body.errors?.map(({ path }) => path)).toContainEqual(["screened"]);
  });

  test("and what kept it is in the log by kind and place, not by its words", async () => {
    world.screening.behaviour = "REJECTS";
    await world.ask(RECORD, { n: ADA });
    const entry = world.log.find((each) => each.event === "source-unavailable");
    expect(entry).toMatchObject({ source: "screening", fault: "Error" });
    expect(JSON.stringify(entry)).not.toContain("10.0.0.7");
  });
});

describe("Who asks", () => {
  const body = JSON.stringify({ query: "{ __typename }" });

  test.each([
    ["without a token", {}, "NOT_SIGNED_IN", "The request carries no bearer token."],
    ["with a password", { authorization: "Basic dTpw" }, "NOT_SIGNED_IN", "The request carries no bearer token."],
    [
      "with nonsense",
      { authorization: "Bearer x" },
      "TOKEN_REFUSED",
      "The token is not accepted: it is not a signed token.",
    ],
  ])("%s is turned away in the graph's own words", async (_, headers, code, message) => {
    const response = await world.send("/graphql", { method: "POST", headers: { ...json, ...headers }, body }, null);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    const traceId = response.headers.get("x-trace-id");
    expect(await response.json()).toMatchObject({ errors: [{ message, extensions: { code, traceId } }] });
    expect(world.people.askedBy).toEqual([]);
  });

  test("is told of the schema, but a partner app is not", async () => {
    const query = getIntrospectionQuery();
    expect((await world.ask(query)).body.data).toHaveProperty("__schema");
    expect(codesOf(await world.ask(query, {}, PARTNER))).toEqual(["DOCUMENT_NOT_TRUSTED"]);
  });
});

describe("A partner app", () => {
  test("asks what was registered, whatever its spacing", async () => {
    const told = await world.ask(REGISTERED.replaceAll("\n", "  \n"), { nhsNumber: ADA }, PARTNER);
    expect(told.body.data).toEqual({ child: { name: "Ada Quill" } });
  });

  test("asks nothing else", async () => {
    const told = await world.ask(RECORD, { n: ADA }, PARTNER);
    expect([told.status, codesOf(told)]).toEqual([403, ["DOCUMENT_NOT_TRUSTED"]]);
    expect(world.people.askedBy).toEqual([]);
  });

  test("may name what was registered by its id, by POST and by GET", async () => {
    const [called, ...named] = [/fragment Called.*\n/.exec(REGISTERED)?.[0] ?? "", REGISTERED];
    const ordered = `${named.join("").replace(called, "")}${called}`;
    const documentId = createHash("sha256").update(stripIgnoredCharacters(ordered)).digest("hex");
    const variables = { nhsNumber: ADA };
    const posted = await world.send(
      "/graphql",
      { method: "POST", headers: json, body: JSON.stringify({ documentId, variables }) },
      PARTNER,
    );
    const search = new URLSearchParams({ documentId: `sha256:${documentId}`, variables: JSON.stringify(variables) });
    const got = await world.send(`/graphql?${search}`, {}, PARTNER);
    for (const response of [posted, got])
      expect(await response.json()).toEqual({ data: { child: { name: "Ada Quill" } } });
  });
});

describe("A request that is at fault is told so, and no source is asked", () => {
  test.each([
    ["a document that does not parse", "{ child(", {}, 400, "Syntax Error: Expected Name, found <EOF>"],
    ["a field nobody has", "{ chidl { name } }", {}, 400, 'Cannot query field "chidl" on type "Query"'],
    ["a variable missing", RECORD, {}, 400, 'Variable "$n" of required type "NhsNumber!" was not provided'],
    [
      "one of two operations, unnamed",
      "query A { screened } query B { screened }",
      {},
      400,
      "operationName names none of its operations, or is missing where there are several",
    ],
    ["too many root fields", `{ ${"__typename ".repeat(30)} }`, {}, 400, "it asks for 30 root fields; 20 are allowed"],
    [
      "too many levels",
      `{ children ${"{ siblings ".repeat(15)}{ name }${" }".repeat(15)} }`,
      {},
      400,
      "it nests 17 fields deep; 15 are allowed",
    ],
    ["too many brackets", `{ a(x: ${"[".repeat(2_000)}`, {}, 400, "it nests deeper than 64 brackets"],
    ["a subscription, of which there is none", "subscription { __typename }", {}, 400, "the graph has no subscription"],
    [
      "too many tokens",
      `{ ${"a ".repeat(5_000)} }`,
      {},
      400,
      "Syntax Error: Document contains more that 4000 tokens. Parsing aborted",
    ],
  ])("%s", async (_, query, variables, status, fault) => {
    const told = await world.ask(query, variables);
    expect([told.status, codesOf(told)]).toEqual([status, ["REQUEST_INVALID"]]);
    expect(told.body.errors?.[0]?.message).toBe(`The request is not valid: ${fault}.`);
    expect(told.body.errors?.[0]?.extensions).toMatchObject({
      do: "Correct it; the schema is at /schema.graphql.",
      traceId: told.headers.get("x-trace-id"),
    });
    expect(world.people.askedBy).toEqual([]);
  });

  test.each([
    ["no JSON", json, "{bad", 400, "the body is not a JSON object"],
    ["a batch", json, "[{}]", 400, "it is a batch; send one operation a request"],
    ["no query", json, "{}", 400, "query is not a text"],
    ["variables that are text", json, '{"query":"{screened}","variables":"x"}', 400, "variables is not an object"],
    [
      "a form",
      { "content-type": "application/x-www-form-urlencoded" },
      "query={screened}",
      415,
      "the body is not application/json",
    ],
    ["plain text", { "content-type": "text/plain" }, '{"query":"{screened}"}', 415, "the body is not application/json"],
    [
      "a client that takes no JSON",
      { ...json, accept: "text/html" },
      '{"query":"{screened}"}',
      406,
      "answers are application/json or application/graphql-response+json",
    ],
    [
      "a body beyond a megabyte",
      json,
      JSON.stringify({ query: `#${"x".repeat(1_100_000)}` }),
      413,
      "the body is larger than 1000000 bytes",
    ],
  ])("%s", async (_, headers, body, status, fault) => {
    const response = await world.send("/graphql", { method: "POST", headers, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      errors: [{ message: `The request is not valid: ${fault}.`, extensions: { code: "REQUEST_INVALID" } }],
    });
    expect(world.people.askedBy).toEqual([]);
  });

  test("GET asks only what was registered, and only queries", async () => {
    const response = await world.send(`/graphql?query=${encodeURIComponent("{screened}")}`);
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "REQUEST_INVALID" } }] });
  });

  test("no value that a client wrote comes back in a message", async () => {
    const asked = [
      await world.ask(RECORD, { n: { given: "Ada Quill" } }),
      await world.ask(RECORD, { n: "Ada Quill" }),
      await world.ask('{ children(first: "Ada Quill") { name } }'),
      await world.ask('{ child(nhsNumber: "1") { name } } "Ada Quill"'),
    ];
    for (const { body } of asked) {
      expect(body.errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(body)).not.toContain("Quill");
    }
    expect(JSON.stringify(world.log)).not.toContain("Quill");
  });
});

describe("The short way in, for an operation that was asked before", () => {
  const untimed = ({ milliseconds: _, traceId: __, ...entry }: LogEntry) => entry;
  const untraced = ({ status, body }: Told) => ({
    status,
    ...body,
    errors: body.errors?.map(({ extensions: { traceId: _, ...extensions }, ...error }) => ({ ...error, extensions })),
  });

  test.each([
    ["an answer", RECORD, { n: ADA }],
    ["a partial answer", RECORD, { n: BEN }],
    ["an argument that the source refuses", RECORD, { n: "1" }],
    ["an argument of another type", RECORD, { n: null }],
    ["a list", "{ children { name hearing siblings { name } } }", {}],
    ["a list that is too long", "query ($first: Int) { children(first: $first) { name } }", { first: 90_000 }],
    ["the schema", "{ __schema { queryType { name } } __typename }", {}],
  ])("%s is the same, and so are its line in the log and its counts", async (_, query, variables) => {
    const own = await openWorld();
    const countsOf = async () => {
      const text = await (await own.send("/metrics", {}, null)).text();
      return text.split("\n").filter((line) => /^gateway_(requests|errors|source_asks)_total/.test(line));
    };
    const long = await own.ask(query, variables);
    const once = await countsOf();
    const short = await own.ask(query, variables);
    const twice = await countsOf();
    expect(untraced(short)).toEqual(untraced(long));
    expect(short.headers.get("content-type")).toBe(long.headers.get("content-type"));
    expect(own.log.length).toBe(2);
    expect(own.log[1] && untimed(own.log[1])).toEqual(own.log[0] && untimed(own.log[0]));
    expect(twice).toEqual(once.map((line) => line.replace(/ (\d+)$/, (_, count) => ` ${2 * Number(count)}`)));
    await own.close();
  });

  test("is shut to whoever has no token, and to a partner app that did not register it", async () => {
    await world.ask(RECORD, { n: ADA });
    const body = JSON.stringify({ query: RECORD, variables: { n: ADA } });
    world.people.askedBy.length = 0;
    expect((await world.send("/graphql", { method: "POST", headers: json, body }, null)).status).toBe(401);
    expect(codesOf(await world.ask(RECORD, { n: ADA }, PARTNER))).toEqual(["DOCUMENT_NOT_TRUSTED"]);
    expect(world.people.askedBy).toEqual([]);
  });

  test("has a list weighed anew for every length that is asked", async () => {
    const query = "query ($first: Int!) { children(first: $first) { name } }";
    expect((await world.ask(query, { first: 2 })).body.errors).toBeUndefined();
    expect((await world.ask(query, { first: 2 })).body.errors).toBeUndefined();
    expect(codesOf(await world.ask(query, { first: 60_000 }))).toEqual(["REQUEST_INVALID"]);
  });

  test("answers each viewer by what the sources tell that viewer", async () => {
    await world.ask(RECORD, { n: ADA });
    await world.ask(RECORD, { n: ADA });
    await world.ask(REGISTERED, { nhsNumber: ADA }, PARTNER);
    await world.ask(REGISTERED, { nhsNumber: ADA });
    expect(world.people.askedBy.map(({ viewer }) => viewer.role)).toEqual([
      CLERK.role,
      CLERK.role,
      PARTNER.role,
      CLERK.role,
    ]);
  });
});

test("nothing is amiss in a log of starting", async () => {
  const own = await openWorld();
  expect(own.log).toEqual([]);
  await own.close();
});

describe("The log", () => {
  test("has one line a request: operation, role, time, codes and trace, and nobody's data", async () => {
    const told = await world.ask(RECORD, { n: BEN });
    expect(world.log).toEqual([
      {
        event: "request",
        traceId: told.headers.get("x-trace-id"),
        operation: "Record",
        role: "CHILD_HEALTH_CLERK",
        status: 200,
        milliseconds: expect.any(Number),
        codes: ["NOT_PERMITTED"],
      },
    ]);
  });

  test("does not repeat a number that a client put into a name", async () => {
    await world.ask(`query About${ADA} { screened }`);
    expect(world.log[0]?.operation).toBe("About…");
  });
});

describe("Running", () => {
  test.each([
    ["/healthz", "application/json; charset=utf-8", '{"status":"ok"}'],
    [
      "/readyz",
      "application/json; charset=utf-8",
      '{"status":"ready","sources":{"people":"ready","screening":"ready"}}',
    ],
    ["/schema.graphql", "text/plain; charset=utf-8", "type Child {"],
  ])("%s answers without a token", async (path, type, text) => {
    const response = await world.send(path, {}, null);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    expect(await response.text()).toContain(text);
  });

  test("/readyz names the part that is not there", async () => {
    world.screening.behaviour = "REJECTS";
    const response = await world.send("/readyz", {}, null);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ sources: { people: "ready", screening: "SOURCE_UNAVAILABLE" } });
  });

  test("/metrics counts requests, errors by code, and each source's asks and failures", async () => {
    world.screening.behaviour = "REJECTS";
    await world.ask(RECORD, { n: ADA });
    const text = await (await world.send("/metrics", {}, null)).text();
    expect(text).toMatch(/^gateway_requests_total\{role="CHILD_HEALTH_CLERK",status="200"\} \d+$/m);
    expect(text).toMatch(/^gateway_errors_total\{code="SOURCE_UNAVAILABLE"\} \d+$/m);
    expect(text).toMatch(/^gateway_source_asks_total\{source="people"\} \d+$/m);
    expect(text).toMatch(/^gateway_source_failures_total\{source="screening"\} \d+$/m);
    expect(text).toMatch(/^gateway_request_seconds_bucket\{le="\+Inf"\} \d+$/m);
  });

  test("no answer may be framed, sniffed, kept or read by another site", async () => {
    const { headers } = await world.send("/graphql", {
      method: "OPTIONS",
      headers: { origin: "https://other.example" },
    });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("a path that is none is told so", async () => {
    const response = await world.send("/nowhere", {}, null);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "REQUEST_INVALID" } }] });
  });

  const settings = () => ({
    sources: [world.people, world.screening],
    host: "127.0.0.1",
    port: 0,
    issuer: world.issuer,
    trustedDocuments: [],
    requestsPerMinute: 0,
    log: () => undefined,
  });

  test("a port in use is named", async () => {
    const port = Number(new URL(world.gateway.url).port);
    await expect(startGateway({ ...settings(), port })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: `Port ${port} on 127.0.0.1 is in use.`,
    });
  });

  test("parts that disagree stop the start", async () => {
    const odd = { ...world.screening, sdl: SCREENING.replace("id: ID!", "id: ID! name: Int!") };
    await expect(startGateway({ ...settings(), sources: [world.people, odd] })).rejects.toMatchObject({
      code: "COMPOSITION_FAILED",
    });
  });

  test("the development issuer never serves other machines", async () => {
    await expect(startGateway({ ...settings(), host: "0.0.0.0" })).rejects.toMatchObject({ code: "NOT_LOOPBACK" });
  });

  test("what it runs is what composing its sources says", () => {
    const { supergraphSdl, apiSdl } = supergraphOf([world.people, world.screening]);
    expect([world.gateway.supergraphSdl, world.gateway.apiSdl]).toEqual([supergraphSdl, apiSdl]);
  });

  test("closing answers what was begun and takes nothing new", async () => {
    const own = await openWorld();
    own.screening.behaviour = "NEVER_ANSWERS"; // answered by the source's timeout
    const begun = own.ask(RECORD, { n: ADA });
    while (own.screening.askedBy.length === 0) await new Promise(setImmediate);
    const closed = own.close();
    expect(codesOf(await begun)).toEqual(["SOURCE_UNAVAILABLE"]);
    await closed;
    const { hostname, port } = new URL(own.gateway.url);
    const refused = await new Promise((resolve) => connect(Number(port), hostname).once("error", resolve));
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
  });
});
