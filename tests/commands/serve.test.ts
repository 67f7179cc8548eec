/** Serving: who is let in, one process or one a part, a part that is killed, and how it ends. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, type JWK, SignJWT } from "jose";
import { asking, chis, type Environment, folder, invented, migrated, results, type Served, serving } from "./chis";

const PARTS = ["demographics", "screening", "immunisations", "safeguarding", "localities", "notifications"];

/** For the children of one locality, of every part that may be asked down a list; in the same order however it is asked. */
const RECORD = `{
  children(where: { localities: [WIRRAL] }, first: 20) {
    edges {
      node {
        id
        bornOn
        name { full }
        doses { givenOn vaccine }
        newbornHearing { outcome }
        newbornExamination { stage examinedOn }
        notifications(first: 1) { edges { node { id } } }
      }
    }
  }
  loads(locality: WIRRAL) { file rowsRead balances }
}`;

let environment: Environment;
let clerk: string;
let whole: Served;
beforeAll(async () => {
  const [settings, extracts] = await Promise.all([migrated({ PORT: "0" }), invented(60)]);
  environment = settings;
  const loaded = await chis(["load", "--locality", "WIRRAL", join(extracts, "WIRRAL")], environment);
  expect(loaded).toMatchObject({ status: 0 });
  whole = await serving(["serve"], environment);
  clerk = await token("--role", "CHILD_HEALTH_CLERK", "--locality", "WIRRAL");
});

async function token(...words: string[]): Promise<string> {
  const [line] = await results(["token", ...words], environment);
  return String(line?.token);
}

describe("Who is let in", () => {
  const sign = async (
    claims: object,
    { issuer = "urn:child-health-record:development", expires = "5 minutes" } = {},
  ) => {
    const key: JWK = JSON.parse(readFileSync(join(environment.DATA_DIR ?? "", "development-key.json"), "utf8"));
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt" })
      .setSubject("somebody")
      .setAudience("child-health-record")
      .setIssuer(issuer)
      .setExpirationTime(expires)
      .sign(await importJWK(key, "ES256"));
  };
  const viewer = { name: "Ada", role: "CHILD_HEALTH_CLERK", localities: ["WIRRAL"] };
  const unsigned = (token: string) =>
    `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${token.split(".")[1]}.`;
  const again = "Sign in again; if it happens again, check the issuer and audience configured.";

  test.each<[string, () => Promise<string | null>, string, string]>([
    [
      "no token",
      async () => null,
      "NOT_SIGNED_IN: The request carries no bearer token.",
      "Sign in and send the token as Authorization: Bearer.",
    ],
    [
      "an expired one",
      () => sign(viewer, { expires: "1 hour ago" }),
      "TOKEN_REFUSED: The token is not accepted: it has expired.",
      again,
    ],
    [
      "an unsigned one",
      async () => unsigned(clerk),
      "TOKEN_REFUSED: The token is not accepted: it is unsigned.",
      again,
    ],
    [
      "one of another issuer",
      () => sign(viewer, { issuer: "https://other.example" }),
      "TOKEN_REFUSED: The token is not accepted: it is from another issuer.",
      again,
    ],
    [
      "one signed by another machine",
      async () => {
        const [line] = await results(["token", "--role", "ANALYST"], { DATA_DIR: folder() });
        return String(line?.token);
      },
      "TOKEN_REFUSED: The token is not accepted: its signature does not fit.",
      again,
    ],
  ])("not with %s", async (_, made, says, remedy) => {
    const { data, errors = [] } = await asking(whole.urls[0] ?? "", await made())(RECORD);
    expect(data).toBeUndefined();
    expect(errors.map(({ message, extensions }) => [`${extensions.code}: ${message}`, extensions.do])).toEqual([
      [says, remedy],
    ]);
  });

  test("with one that the token command printed", async () => {
    const { data, errors } = await asking(whole.urls[0] ?? "", clerk)(RECORD);
    expect(errors).toBeUndefined();
    expect(data.children.edges.length).toBeGreaterThan(1);
  });
});

describe("A process for each part", () => {
  let parts: Map<string, Served>;
  let urls: Record<string, string>;
  let gateway: Served;
  let apart: Environment;
  beforeAll(async () => {
    apart = { ...environment, PASSPORT_KEY: "the same everywhere" };
    const record = PARTS.filter((part) => part !== "localities");
    parts = new Map(
      await Promise.all(record.map(async (part) => [part, await serving(["serve", part], apart)] as const)),
    );
    urls = Object.fromEntries(
      [...parts].map(
        ([
          part,
          {
            urls: [url = ""],
          },
        ]) => [`${part.toUpperCase()}_URL`, url],
      ),
    );
    const books = await serving(["serve", "localities"], { ...apart, ...urls });
    parts.set("localities", books);
    urls.LOCALITIES_URL = books.urls[0] ?? "";
    gateway = await serving(["serve", "gateway"], { ...apart, ...urls });
  });

  test("answers the same as one process", async () => {
    const [one, many] = await Promise.all(
      [whole, gateway].map((served) => asking(served.urls[0] ?? "", clerk)(RECORD)),
    );
    expect(many).toEqual(one);
    expect(JSON.stringify(one)).toContain("givenOn");
  });

  test("answers nothing but its health without a passport", async () => {
    const url = parts.get("screening")?.urls[0] ?? "";
    const asked = (headers: Record<string, string>) =>
      fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query: "{ __typename }" }) });
    for (const headers of [
      {},
      { authorization: `Bearer ${clerk}` },
      { "x-passport": "x.y" },
      { "x-passport": "eyJ9.e30" },
    ]) {
      const response = await asked(headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({
        errors: [{ message: "A passport is needed.", extensions: { code: "NOT_SIGNED_IN" } }],
      });
    }
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  });

  test("killed, costs its own fields only, and comes back", async () => {
    const ask = asking(gateway.urls[0] ?? "", clerk);
    const before = await ask(RECORD);
    expect(await parts.get("screening")?.stop("SIGKILL")).toBeNull();

    const without = await ask(RECORD);
    const lost = { newbornHearing: null, newbornExamination: null };
    const edges = before.data.children.edges.map(({ node }: { node: object }) => ({ node: { ...node, ...lost } }));
    expect(without.data).toEqual({ ...before.data, children: { edges } });
    const told = (without.errors ?? []).map(({ message, extensions: { code, source } }) => [message, code, source]);
    expect(new Set(told.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify(["screening cannot be asked at present.", "SOURCE_UNAVAILABLE", "screening"])]),
    );
    const ready = await fetch(`${gateway.urls[0]}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: "not ready",
        sources: Object.fromEntries(PARTS.map((p) => [p, p === "screening" ? "SOURCE_UNAVAILABLE" : "ready"])),
      },
    ]);

    const PORT = new URL(urls.SCREENING_URL ?? "").port;
    parts.set("screening", await serving(["serve", "screening"], { ...apart, PORT }));
    expect(await ask(RECORD)).toEqual(before);
  });

  test("is loaded into and reconciled from a process of its own, and a part that is down is named", async () => {
    const { LOCALITIES_URL: _, ...others } = urls;
    const lines = await results(["reconcile"], { ...apart, ...others });
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter(({ balances }) => !balances)).toEqual([]);
    expect(await chis(["reconcile"], { ...apart, ...others, SCREENING_URL: "http://127.0.0.1:1" })).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "SOURCE_UNAVAILABLE: screening cannot be asked at present.\nThe rest of the answer stands. Try again shortly.\n",
    });
    expect(await chis(["reconcile"], { ...apart, ...urls })).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "SETTING_INVALID: LOCALITIES_URL must be unset for the command that loads.\nCorrect the setting in the environment.\n",
    });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends with %s and status 0", async (signal) => {
    const served = await serving(["serve", "safeguarding"], apart);
    expect(await served.stop(signal)).toBe(0);
  });

  test("all end so, the gateway too, with connections open between them", async () => {
    const statuses = await Promise.all([gateway, ...parts.values()].map((served) => served.stop()));
    expect(statuses).toEqual([0, ...PARTS.map(() => 0)]);
    expect(await whole.stop("SIGINT")).toBe(0);
  });

  test.each`
    words                | lacks                  | says
    ${"serve screening"} | ${"PASSPORT_KEY"}      | ${"PASSPORT_KEY must be set, and equal everywhere, when parts run apart."}
    ${"serve gateway"}   | ${"IMMUNISATIONS_URL"} | ${"IMMUNISATIONS_URL must be set when the gateway runs apart."}
  `("$words needs $lacks", async ({ words, lacks, says }) => {
    const { [lacks]: _, ...others }: Record<string, string> = { ...apart, ...urls };
    expect(await chis(words.split(" "), others)).toEqual({
      status: 1,
      stdout: "",
      stderr: `SETTING_INVALID: ${says}\nCorrect the setting in the environment.\n`,
    });
  });
});
