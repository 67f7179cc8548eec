import { request } from "node:http";
import { parse } from "graphql";
import { EXAMPLES, examplesAbout } from "../../gateway";
import { ROLES } from "../../schema/access";
import { ADA, openWorld, type World } from "./two-sources";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe("The page", () => {
  test("and every file it names come from here, and nothing from elsewhere", async () => {
    const page = await (await world.send("/", {}, null)).text();
    const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(named.filter((address) => !address.startsWith("/") && address !== "data:,")).toEqual([]);
    expect(page).not.toMatch(/https?:|\/\//);
    const files = named.filter((address) => address.startsWith("/explorer/"));
    expect(files).toHaveLength(6);
    for (const file of files) {
      const response = await world.send(file, {}, null);
      expect([file, response.status]).toEqual([file, 200]);
      expect(response.headers.get("content-type")).toMatch(file.endsWith(".css") ? "text/css" : "text/javascript");
      if (file.endsWith(".css")) expect(await response.text()).not.toMatch(/@import|url\(["']?(https?:)?\/\//);
      else await response.arrayBuffer();
    }
  });

  test("tells the browser to take scripts from here alone", async () => {
    const policy = (await world.send("/", {}, null)).headers.get("content-security-policy") ?? "";
    expect(policy).toMatch("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
  });

  test("is not sent again to a browser that has it", async () => {
    const first = await world.send("/explorer/graphiql.js", {}, null);
    await first.arrayBuffer();
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    expect((await world.send("/explorer/graphiql.js", { headers }, null)).status).toBe(304);
  });

  test.each([
    "/explorer/../page.ts",
    "/explorer/%2e%2e/page.ts",
    "/explorer/page.ts",
    "/explorer/constructor",
    "/explorer/",
  ])("does not serve %s", async (path) => {
    expect((await world.send(path, {}, null)).status).toBe(404);
  });
});

describe("The examples", () => {
  test("are given to the page as they stand here", async () => {
    expect(await (await world.send("/explorer/examples", {}, null)).json()).toEqual(EXAMPLES);
  });

  test.each(EXAMPLES.map((example) => [example.name, example] as const))(
    "%s is named as its operation is",
    (name, { query }) => {
      expect(parse(query).definitions).toMatchObject([{ kind: "OperationDefinition", name: { value: name } }]);
    },
  );

  test("about one child can be about another", () => {
    const numbers = examplesAbout("9990000026").flatMap(({ variables }) => variables.nhsNumber ?? []);
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers)).toEqual(new Set(["9990000026"]));
    expect(EXAMPLES[0]?.variables.nhsNumber).toBe(ADA);
  });
});

describe("The ready-made viewers", () => {
  interface Offered {
    readonly role: string;
    readonly token: string;
  }

  test("are one for every role, each with a token that is accepted", async () => {
    const offered = (await (await world.send("/explorer/viewers", {}, null)).json()) as Offered[]; // ours
    expect(offered.map((each) => each.role).sort()).toEqual(Object.keys(ROLES).sort());
    for (const { role, token } of offered) expect(await world.issuer.verify(token)).toMatchObject({ role });
  });

  test.each([
    ["under another name for this machine", { host: "record.attacker.example" }],
    ["by another site", { host: "localhost", "sec-fetch-site": "cross-site" }],
  ])("are not given when asked %s", async (_, headers) => {
    const { hostname, port } = new URL(world.gateway.url);
    const status = await new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path: "/explorer/viewers", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.once("error", reject).end();
    });
    expect(status).toBe(404);
  });

  test("do not exist without the development issuer", async () => {
    const { issuer, verify } = world.issuer;
    const own = await openWorld({ issuer: { issuer, verify } });
    expect((await own.send("/explorer/viewers", {}, null)).status).toBe(404);
    await own.close();
  });
});
