/**
 * Nothing of a patient is in what the program says of itself: its logs, metrics, traces, errors, and what it prints when it
 * fails. Children with names, numbers and addresses found nowhere else are loaded, asked for in every way that goes wrong,
 * and everything that was said meanwhile is searched for them.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { developmentIssuer } from "../../gateway";
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
beforeAll(async () => {
  environment = await migrated({ PORT: "0", LOG_LEVEL: "info" });
  files = folder();
});

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

function findings(): readonly string[] {
  return [...said].flatMap(([what, text]) => {
    const planted = plantedIn(text);
    if (planted.length === 0) return [];
    const line = text.split("\n").find((each) => plantedIn(each).length > 0) ?? "";
    return [`${what}: ${planted.join(", ")} in ${line.slice(0, 400)}`];
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
