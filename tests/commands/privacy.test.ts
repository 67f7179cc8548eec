/**
 * Nothing of a patient is in what the program says of itself: its logs, metrics, traces, errors, and what it prints when it
 * fails. Children with names, numbers and addresses found nowhere else are loaded, asked for in every way that goes wrong,
 * and everything that was said meanwhile is searched for them.
 */

import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { Pool } from "pg";
import { WebSocket } from "ws";
import { developmentIssuer } from "../../gateway";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { POSTGRES_ANSWERS, TEST_DATABASE_URL } from "../databases";
import { BIRTH, message } from "../fixtures/messages";
import { fileOf, inventedChild, inventedDose, lines, numberOf } from "../fixtures/road";
import { change, chis, type Ended, type Environment, folder, migrated, type Served, serving } from "./chis";

const [FAMILY, GIVEN, STREET, POSTCODE] = ["Quillfeather", "Zebulonia", "Nettlebank", "CH49 9QZ"] as const;
const NUMBERS = Array.from({ length: 12 }, (_, n) => numberOf(n));
const BORN_ON = "2022-01-17";

/** As they might be written, wherever they turn up. */
const PLANTED = [
  FAMILY,
  GIVEN,
  STREET,
  POSTCODE,
  POSTCODE.replace(" ", ""),
  BORN_ON,
  ...NUMBERS.flatMap((number) => [number, `${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`]),
];

function plantedIn(text: string): readonly string[] {
  const said = text.toLowerCase();
  return PLANTED.filter((each) => said.includes(each.toLowerCase()));
}

/** Everything the program said that is no answer of the graph's data, by what it was asked. */
const said = new Map<string, string>();
const keep = (what: string, ...texts: readonly string[]) => {
  said.set(what, [said.get(what) ?? "", ...texts].join("\n"));
};
const keepEnded = (what: string, { stdout, stderr }: Ended) => keep(what, stdout, stderr);

let environment: Environment;
let files: string;
/** A receiver of webhooks that fails and says whom it failed about. */
let receiver: Server;
let sent = 0;
beforeAll(async () => {
  receiver = createServer((_, response) => {
    sent += 1;
    response.writeHead(500, `No ${FAMILY}`, { "x-child": NUMBERS[0] }).end(`${GIVEN} ${FAMILY}, ${NUMBERS[0]}`);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  files = folder();
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${FAMILY}`; // a TCP server's address
  const secret = "a secret of thirty-two characters";
  const scopes = ["notifications:read", "identity:read", "screening:read"];
  const WEBHOOKS = join(files, "webhooks.json");
  writeFileSync(WEBHOOKS, JSON.stringify([{ name: "red-book", url, secret, localities: LOCALITY_CODES, scopes }]));
  environment = await migrated({ PORT: "0", LOG_LEVEL: "info", WEBHOOKS });
  // It is told of what is told from now on.
  await (await serving(["serve"], environment)).stop();
}, 120_000);
afterAll(() => new Promise<void>((resolve) => receiver.close(() => resolve())));

const children = NUMBERS.slice(0, 6).map((nhsNumber, n) => {
  const fields = { nhsNumber, familyName: FAMILY, givenNames: `${GIVEN} ${"ABCDEF"[n]}`, bornOn: BORN_ON };
  return inventedChild(n, {
    ...fields,
    addressLine1: `${n} ${STREET}`,
    postcode: POSTCODE,
    practice: "N85002",
    restricted: n === 1,
  });
});

describe("Nothing of a patient is in what is printed", () => {
  test("of files and messages, sound or not", async () => {
    const load = async (what: string, ...words: readonly string[]) =>
      keepEnded(`load: ${what}`, await chis(["load", "--locality", "WIRRAL", ...words], environment));
    const index = lines("WIRRAL", "CHILDREN", children);
    const file = (edition: string, content: readonly string[]) => fileOf(files, "WIRRAL", "CHILDREN", content, edition);
    const spoilt = (from: string, to: string) => index.map((line, at) => (at === 0 ? line : line.replaceAll(from, to)));
    const doses = lines("WIRRAL", "DOSES", [
      inventedDose({ ...children[0], nhsNumber: NUMBERS[7] ?? null }, 1),
      inventedDose(children[2] ?? {}, 2, { eventOn: { day: "2019-01-01", precision: "DAY" } }),
    ]);
    await load("sound", file("sound", index));
    await load(
      "faulty",
      file("numbers", spoilt(NUMBERS[0] ?? "", (NUMBERS[0] ?? "").replace(/.$/, "x"))),
      file("names", spoilt(FAMILY, FAMILY.repeat(40))),
      file("fields", spoilt(STREET, `${STREET}","${FAMILY}"," `)),
      fileOf(files, "WIRRAL", "DOSES", doses, "doses"),
    );
    await load("cut off", "--json", file("cut", [...index.slice(0, 3), (index[4] ?? "").slice(0, 40)]));

    const birth = message(BIRTH).replaceAll("Dhomhnaill", FAMILY).replaceAll("Róisín", GIVEN);
    const messages = {
      sound: birth,
      short: birth.slice(0, birth.length / 2),
      other: `<${FAMILY}/>`,
      json: `{"name":"${FAMILY}"}`,
    };
    const paths = Object.entries(messages).map(([name, text]) => {
      const path = join(files, `${name}.xml`);
      writeFileSync(path, text);
      return path;
    });
    keepEnded("receive", await chis(["receive", ...paths], environment));
    keepEnded("reconcile", await chis(["reconcile", "--json"], environment));
    expect(said.get("load: sound")).toContain("WIRRAL");
    expect(findings()).toEqual([]);
  });

  test("of requests that go well, and of those that do not", async () => {
    const served = await serving(["serve"], environment);
    const issuer = await developmentIssuer(environment.DATA_DIR ?? "", "127.0.0.1");
    const tokens = await Promise.all(
      (["CHILD_HEALTH_CLERK", "HEALTH_VISITOR", "PRIVACY_OFFICER"] as const).map((role) => {
        const who = { subject: `test:${role}`, name: role, role, organisation: "RY7" };
        return issuer.sign({ ...who, localities: ["WIRRAL"], scopes: [] }, 60);
      }),
    );
    const found = await askAll(served, tokens);
    expect(found).toBeGreaterThan(0);
    for (const token of tokens) await subscribeInEveryWay(served, token);
    for (let waited = 0; sent === 0 && waited < 20_000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toBeGreaterThan(0);
    // What fails inside: a table that is gone, and a value that cannot be read.
    change(environment, "immunisations", "drop table dose");
    change(environment, "screening", `update register set members = '${FAMILY} ${NUMBERS[0]}'`);
    change(environment, "safeguarding", "drop table register");
    await askAll(served, tokens);
    for (const path of ["/metrics", "/readyz", "/healthz", "/schema.graphql"]) {
      keep(path, await (await fetch(`${served.urls[0]}${path}`)).text());
    }
    await served.stop();
    keep("the log", served.said.stdout, served.said.stderr);
    expect(served.said.stderr).toContain('"event":"fault"');
    expect(findings()).toEqual([]);
  });

  test("of a command that fails in the middle", async () => {
    change(environment, "demographics", "drop table register");
    const path = fileOf(files, "WIRRAL", "CHILDREN", lines("WIRRAL", "CHILDREN", children.slice(3)), "again");
    keepEnded("load: no register", await chis(["load", "--locality", "WIRRAL", path], environment));
    keepEnded("receive: no register", await chis(["receive", join(files, "sound.xml")], environment));
    keepEnded("audit: as it is", await chis(["audit", "verify"], environment));
    expect(findings()).toEqual([]);
  });

  test("yet it would be found: the databases hold it", () => {
    const database = new Sqlite(join(environment.DATA_DIR ?? "", "demographics.sqlite"), { readonly: true });
    const rows = database.prepare("select * from identity").all();
    database.close();
    expect(plantedIn(JSON.stringify(rows))).toEqual(expect.arrayContaining([FAMILY, GIVEN, BORN_ON, NUMBERS[0]]));
  });
});

/** PostgreSQL says in its errors which row it refused, and which value it could not read. */
if (POSTGRES_ANSWERS)
  describe("Nor is it where PostgreSQL says it", () => {
    const name = `test_privacy_${process.pid}`;
    const url = new URL(`/${name}`, TEST_DATABASE_URL).toString();
    const run = async (at: string, sql: string) => {
      const pool = new Pool({ connectionString: at, max: 1 });
      await pool.query(sql).finally(() => pool.end());
    };
    beforeAll(() => run(TEST_DATABASE_URL, `create database ${name}`));
    afterAll(() => run(TEST_DATABASE_URL, `drop database if exists ${name} with (force)`));

    test("of a row that is refused, a value that cannot be read, and a function that quotes both", async () => {
      const postgres = { DATA_DIR: folder(), DATABASE_URL: url, PORT: "0", LOG_LEVEL: "info" };
      expect(await chis(["migrate"], postgres)).toMatchObject({ status: 0, stderr: "" });
      const index = lines("WIRRAL", "CHILDREN", children);
      const load = async (what: string, edition: string) => {
        const path = fileOf(files, "WIRRAL", "CHILDREN", index, edition);
        const ended = await chis(["load", "--locality", "WIRRAL", path], postgres);
        keepEnded(`postgres: ${what}`, ended);
        return ended.status;
      };
      await run(url, `alter table demographics.identity add constraint none check (family_name <> '${FAMILY}')`);
      expect(await load("a row is refused", "pg-1")).not.toBe(0);
      await run(url, "alter table demographics.identity drop constraint none");
      expect(await load("goes on", "pg-2")).toBe(0);
      const served = await serving(["serve"], postgres);
      const issuer = await developmentIssuer(postgres.DATA_DIR, "127.0.0.1");
      const who = { subject: "test:clerk", name: "Clerk", role: "CHILD_HEALTH_CLERK", organisation: "RY7" } as const;
      const tokens = [await issuer.sign({ ...who, localities: ["WIRRAL"], scopes: [] }, 60)];
      expect(await askAll(served, tokens)).toBeGreaterThan(0);
      const quoting = `raise exception 'About % of %, % %', '${FAMILY}', '${POSTCODE}', '${NUMBERS[0]}', '${BORN_ON}'`;
      await run(
        url,
        `create function demographics.tells() returns trigger language plpgsql as $$ begin ${quoting}; end $$;
         create trigger tells before insert on demographics.access_entry for each row execute function demographics.tells();
         update screening.register set members = '${FAMILY} ${NUMBERS[0]}';
         alter table safeguarding.register rename to gone`,
      );
      await askAll(served, tokens);
      keep("postgres: metrics", await (await fetch(`${served.urls[0]}/metrics`)).text());
      await served.stop();
      keep("postgres: the log", served.said.stdout, served.said.stderr);
      expect(served.said.stderr).toContain('"event":"fault"');
      expect(findings()).toEqual([]);
    }, 180_000);
  });

function findings(): readonly string[] {
  return [...said].flatMap(([what, text]) => {
    const planted = plantedIn(text);
    if (planted.length === 0) return [];
    const line = text.split("\n").find((each) => plantedIn(each).length > 0) ?? "";
    return [`${what}: ${planted.join(", ")} in ${line.slice(0, 400)}`];
  });
}

/** Subscriptions that hold, and that do not; of what they are told only the errors are kept. */
async function subscribeInEveryWay({ urls }: Served, token: string): Promise<void> {
  const [url = ""] = urls;
  const told = "notifications { kind child { id name { full } nhsNumber } }";
  const queries: readonly { readonly query: string; readonly variables?: unknown }[] = [
    { query: `subscription { ${told} }` },
    { query: `subscription { notifications(where: { teams: ["${FAMILY}"] }) { id } }` },
    { query: `subscription ($a: String) { notifications(after: $a) { id } }`, variables: { a: [FAMILY, NUMBERS[0]] } },
    { query: `subscription Of${FAMILY} { notifications { none } }` },
    { query: `subscription { ${told} ` },
  ];
  for (const body of queries) {
    const headers = {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${token}`,
    };
    const stop = AbortSignal.timeout(300);
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}/graphql`, { ...init, signal: stop }).catch(() => null);
    const text = (await response?.text().catch(() => "")) ?? "";
    if (!text.includes('"data":{'))
      keep(`stream of ${body.query}`, text, JSON.stringify([...(response?.headers ?? [])]));
  }
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  await new Promise<void>((resolve) => {
    socket.on("open", () => {
      socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
      for (const [at, payload] of queries.entries())
        socket.send(JSON.stringify({ type: "subscribe", id: `${FAMILY}-${at}`, payload }));
      socket.send(`{"type":"${FAMILY}","id":"${NUMBERS[0]}"`);
    });
    socket.on("message", (bytes) => {
      // The id is its own.
      const { id: _, ...said } = JSON.parse(String(bytes));
      if (said.payload?.data == null) keep("web socket", JSON.stringify(said));
    });
    socket.on("close", (code, reason) => {
      keep("web socket closed", String(code), String(reason));
      resolve();
    });
    socket.on("error", () => undefined);
    setTimeout(() => socket.close(), 2_000);
  });
}

/** Asks in every way, as each of some viewers; keeps all that is no data; answers how many times a child was found. */
async function askAll({ urls }: Served, tokens: readonly string[]): Promise<number> {
  const [url = ""] = urls;
  const number = NUMBERS[0] ?? "";
  const unknown = NUMBERS[9] ?? "";
  const fields =
    "id name { full } nhsNumber bornOn address { __typename ... on Address { lines postcode } } doses { vaccine } newbornHearing { outcome } safeguarding { standing }";
  const child = (text: string) => `{ child(nhsNumber: "${text}") { ${fields} } }`;
  const byVariable = `query Record($n: NhsNumber!) { child(nhsNumber: $n) { ${fields} } }`;
  const search = `query ($by: ChildSearch!) { findChildren(by: $by) { edges { node { ${fields} } } } }`;
  const requests: readonly {
    readonly query: string;
    readonly variables?: unknown;
    readonly operationName?: unknown;
  }[] = [
    { query: child(number) },
    { query: child(NUMBERS[1] ?? "") },
    { query: child(unknown) },
    { query: child(`${number}0`) },
    { query: child(FAMILY) },
    { query: byVariable, variables: { n: number } },
    { query: byVariable, variables: { n: `${GIVEN} ${FAMILY}` } },
    { query: byVariable, variables: { n: { [FAMILY]: number } } },
    { query: byVariable, variables: { n: [number, FAMILY] } },
    { query: byVariable, variables: FAMILY },
    { query: byVariable, variables: {}, operationName: `${FAMILY} ${number}` },
    { query: `query Of${number} { childById(id: "${FAMILY} ${number}") { id } }` },
    { query: search, variables: { by: { name: `${GIVEN} ${FAMILY}`, bornOn: BORN_ON } } },
    { query: search, variables: { by: { name: `${GIVEN} ${FAMILY}`, postcode: POSTCODE } } },
    { query: search, variables: { by: { name: FAMILY } } },
    { query: search, variables: { by: { name: FAMILY, bornOn: `${FAMILY} ${number}` } } },
    { query: search, variables: { by: { name: number, [FAMILY]: POSTCODE } } },
    { query: `{ findChildren(by: { name: "${FAMILY}", bornOn: "${FAMILY}" }) { edges { cursor } } }` },
    {
      query: `{ children(where: { practices: ["${FAMILY}"], schools: ["${number}"] }, after: "${FAMILY}") { edges { cursor } } }`,
    },
    { query: `{ child(nhsNumber: "${number}") { id ` },
    { query: `{ child(nhsNumber: "${number}) { id } }` },
    { query: `# ${FAMILY} ${number}\n{ child(nhsNumber: ${number}) { id } }` },
    { query: `{ child(nhsNumber: "${number}") { id name(of: "${FAMILY}") } }` },
    { query: `{ ${"a".repeat(200)}: child(nhsNumber: "${number}") { ${"doses { ".repeat(40)} } }` },
    {
      query: `mutation { breakGlass(childId: "${number}", reason: "${FAMILY} of ${POSTCODE}", reasonCode: ${FAMILY.toUpperCase()}) { id } }`,
    },
    {
      query: `mutation { breakGlass(childId: "${number}", reason: "${FAMILY} of ${POSTCODE}", reasonCode: EMERGENCY_CARE) { id } }`,
    },
    { query: `mutation { resolveQuarantined(id: "${FAMILY}", decision: DISMISS, note: "${FAMILY}") { id } }` },
    { query: "{ quarantine { edges { node { reasons { message } } } } loads { file faults } }" },
    { query: `{ accessLog(childId: "${FAMILY}", after: "${number}") { edges { cursor } } }` },
  ];
  let found = 0;
  for (const token of tokens) {
    for (const body of requests) {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      const { data, errors, ...rest } = JSON.parse(await response.text());
      if (data?.child ?? data?.findChildren?.edges?.length) found += 1;
      const headers = JSON.stringify([...response.headers]);
      keep(`errors of ${JSON.stringify(body)}`, JSON.stringify(errors ?? []), JSON.stringify(rest), headers);
    }
  }
  const [token = ""] = tokens;
  const json = { "content-type": "application/json" };
  const raw: readonly (readonly [string, RequestInit])[] = [
    ["/graphql", { method: "POST", headers: { ...json, authorization: `Bearer ${FAMILY}.${number}.x` }, body: "{}" }],
    [
      "/graphql",
      { method: "POST", headers: { ...json, authorization: `Basic ${FAMILY}` }, body: `{"query":"${FAMILY}"}` },
    ],
    [
      "/graphql",
      { method: "POST", headers: { ...json, authorization: `Bearer ${token}` }, body: `{"query": ${FAMILY}` },
    ],
    [
      "/graphql",
      { method: "POST", headers: { "content-type": `text/${FAMILY}`, authorization: `Bearer ${token}` }, body: FAMILY },
    ],
    [
      `/graphql?query=${encodeURIComponent(child(number))}&variables=${FAMILY}`,
      { headers: { authorization: `Bearer ${token}` } },
    ],
    [`/graphql?documentId=${number}&operationName=${FAMILY}`, { headers: { authorization: `Bearer ${token}` } }],
    [`/${FAMILY}/${number}?name=${GIVEN}`, {}],
    [`/metrics/${number}`, {}],
    [
      "/graphql",
      {
        method: "POST",
        headers: {
          ...json,
          authorization: `Bearer ${token}`,
          "user-agent": FAMILY,
          "x-request-id": number,
          "x-trace-id": number,
          traceparent: `00-${number}-${FAMILY}-01`,
          tracestate: `name=${FAMILY}`,
          baggage: `nhs=${number}`,
          cookie: `who=${FAMILY}`,
          referer: `https://example.org/${number}`,
          origin: `https://${FAMILY.toLowerCase()}.example.org`,
        },
        body: JSON.stringify({ query: child(number), extensions: { who: FAMILY } }),
      },
    ],
  ];
  for (const [path, init] of raw) {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const answer = text.startsWith("{") ? JSON.parse(text) : { text };
    keep(
      `${init.method ?? "GET"} ${path}`,
      JSON.stringify({ ...answer, data: null }),
      JSON.stringify([...response.headers]),
    );
  }
  return found;
}
