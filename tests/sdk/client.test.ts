import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ChildHealthClient, ChildHealthError } from "../../sdk/client";

interface Seen {
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

let server: Server;
let endpoint: string;
const seen: Seen[] = [];
let answer: { readonly status: number; readonly body: string } = { status: 200, body: "" };

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    seen.push({ authorization: request.headers.authorization, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
  endpoint = await listening(server);
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

async function listening(any: Server): Promise<string> {
  await new Promise<void>((resolve) => any.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(any.address() as AddressInfo).port}/graphql`; // a TCP server's address
}

const client = () => new ChildHealthClient({ endpoint, token: "a-token" });
const answers = (body: object, status = 200) => {
  answer = { status, body: JSON.stringify(body) };
};

async function fault(asking: Promise<unknown>): Promise<ChildHealthError> {
  const thrown: unknown = await asking.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof ChildHealthError) return thrown;
  throw new Error("It was answered.");
}

test("a method sends its registered document, its variables and the token", async () => {
  answers({ data: { child: null } });
  expect(await client().dosesOfChild({ nhsNumber: "9990000018" })).toEqual({ data: { child: null }, errors: [] });
  expect(seen.at(-1)).toMatchObject({
    authorization: "Bearer a-token",
    body: { operationName: "DosesOfChild", variables: { nhsNumber: "9990000018" } },
  });
  expect(seen.at(-1)?.body.query).toMatch(/^query DosesOfChild\(\$nhsNumber: NhsNumber!\)/);
});

test("the token is asked for every time, so that it can be renewed", async () => {
  let asked = 0;
  const renewing = new ChildHealthClient({ endpoint, token: async () => `token-${++asked}` });
  answers({ data: { localities: [] } });
  await renewing.localities();
  await renewing.localities();
  expect(seen.slice(-2).map((each) => each.authorization)).toEqual(["Bearer token-1", "Bearer token-2"]);
});

test("a partial answer is an answer, with what is missing, where and why", async () => {
  answers({
    data: { child: { id: "a", newbornHearing: null } },
    errors: [
      {
        message: "screening cannot be asked at present.",
        path: ["child", "newbornHearing"],
        extensions: { code: "SOURCE_UNAVAILABLE", do: "Try again shortly.", source: "screening", traceId: "t1" },
      },
    ],
  });
  const { data, errors } = await client().childRecord({ nhsNumber: "9990000018" });
  expect(data.child?.newbornHearing).toBeNull();
  expect(errors).toEqual([
    {
      message: "screening cannot be asked at present.",
      path: ["child", "newbornHearing"],
      code: "SOURCE_UNAVAILABLE",
      remedy: "Try again shortly.",
      source: "screening",
      traceId: "t1",
    },
  ]);
});

test("no data at all is a ChildHealthError with the codes and the status", async () => {
  answers({ errors: [{ message: "The token has expired.", extensions: { code: "TOKEN_REFUSED" } }] }, 401);
  const error = await fault(client().localities());
  expect([error.status, error.codes, error.has("TOKEN_REFUSED"), error.message]).toEqual([
    401,
    ["TOKEN_REFUSED"],
    true,
    "Localities: TOKEN_REFUSED The token has expired.",
  ]);
});

test.each([
  ["a page of HTML", "<html>", "ANSWER_INVALID"],
  ["JSON that is no answer", "[]", "ANSWER_INVALID"],
  ["null", "null", "ANSWER_INVALID"],
])("%s in place of an answer is told as such", async (_, body, code) => {
  answer = { status: 502, body };
  expect(await fault(client().localities())).toMatchObject({ status: 502, codes: [code] });
});

test("a server that is not there, or never answers, is UNREACHABLE", async () => {
  const silent = createServer(() => undefined);
  const nowhere = await listening(silent);
  const waiting = new ChildHealthClient({ endpoint: nowhere, token: "t", timeoutMilliseconds: 100 });
  expect(await fault(waiting.localities())).toMatchObject({ status: null, codes: ["UNREACHABLE"] });
  const gone = new ChildHealthClient({ endpoint: "http://127.0.0.1:1/graphql", token: "t" });
  expect(await fault(gone.localities())).toMatchObject({ status: null, codes: ["UNREACHABLE"] });
  silent.closeAllConnections();
  await new Promise<void>((resolve) => silent.close(() => resolve()));
});
