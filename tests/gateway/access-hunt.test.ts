/**
 * A hunt for where restricted children are and for hidden flags: questions made up of everything the graph offers, as every
 * role, by query, subscription and export, and every answer searched. Short here; the long form is asked for by hand:
 * HUNT=10000 npx jest tests/gateway/access-hunt.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../chassis/database";
import { ROLES, type Role, type Viewer } from "../../schema/access";
import type { Event } from "../../schema/events";
import { checkDigit } from "../../schema/nhs-number";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { fieldsOfChild } from "../access/asking-everything";
import { type Answer, child, event, type World, world } from "../world";

const LONG = Number(process.env.HUNT ?? 0);
const QUERIES = LONG || 500;
const HIDDEN = LONG ? 50 : 12;
const OPEN = HIDDEN;
/** One viewer asks no more than this, so that the rate limit refuses none. */
const ASKED_BY_ONE = 100;

let house: World;
let seed = 20_260_601;

/** The next of a fixed sequence, below a bound. */
function chance(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
}

const oneOf = <T>(all: readonly T[]): T => all[chance(all.length)] as T; // none of those asked is empty

interface Known {
  readonly id: string;
  readonly nhsNumber: string;
  readonly name: string;
  readonly bornOn: string;
  readonly postcode: string;
  readonly school: string;
  readonly practice: string;
  readonly hidden: boolean;
}

/** Of half of the hidden alone; open children have the other. */
const THEIR_PRACTICE = "N85003";
const OUR_PRACTICE = "N85002";
/** Nobody's. */
const NOWHERE = { postcode: "CH60 1XX", school: "199999", practice: "N85005" };

const POPULATION: readonly Known[] = Array.from({ length: HIDDEN + OPEN }, (_, n) => {
  const hidden = n < HIDDEN;
  return {
    id: `${hidden ? "hidden" : "open"}${n}`,
    nhsNumber: numberOf(n),
    name: `Given${n} Family${n % 7}`,
    bornOn: `20${String(8 + (n % 17)).padStart(2, "0")}-0${1 + (n % 9)}-1${n % 10}`,
    // A hidden child shares its postcode and its school with nobody, an open one with some.
    postcode: hidden ? `CH6${n % 10} ${n % 10}ZZ` : `CH4${n % 3} 5AA`,
    school: hidden ? String(170_000 + n) : "105999",
    practice: hidden && n % 2 === 0 ? THEIR_PRACTICE : OUR_PRACTICE,
    hidden,
  };
});

function numberOf(n: number): string {
  for (let body = 999_200_000 + n * 20; ; body++) {
    const check = checkDigit(String(body));
    if (check !== null) return `${body}${check}`;
  }
}

function hearing(id: string, bornOn: string, fields: object = {}): Event {
  return event("NewbornHearingRecorded", id, {
    outcome: "CLEAR_NO_FOLLOW_UP",
    outcomeCode: "276781000000109",
    screenedOn: bornOn,
    outcomeSetAt: null,
    tests: [],
    provider: "RBL99",
    comment: `PLACE-comment-${id}`,
    ...fields,
  });
}

function told({ id, nhsNumber, name, bornOn, postcode, school, practice, hidden }: Known): Event[] {
  const [given = "", family = ""] = name.split(" ");
  return [
    ...child(id, { nhsNumber, given, family, bornOn, practice, restricted: hidden }).map((each) =>
      each.type === "AddressRecorded" && each.action === "record"
        ? { ...each, lines: [`PLACE-home-${id}`], postcode, from: bornOn }
        : each,
    ),
    event("SchoolRecorded", id, { urn: school, name: `PLACE-school-${id}`, from: bornOn, to: null }),
    event("DoseRecorded", id, {
      vaccine: "HEXAVALENT",
      givenOn: bornOn,
      precision: "DAY",
      procedureCode: null,
      productCode: null,
      doseNumber: 1,
      site: null,
      route: null,
      batchNumber: `PLACE-batch-${id}`,
      expiresOn: null,
      manufacturer: null,
      amountMillilitres: null,
      givenBy: `PLACE-nurse-${id}`,
      organisation: "N85002",
      place: `PLACE-venue-${id}`,
      primarySource: true,
    }),
    hearing(id, bornOn),
    event("SafeguardingFlagRecorded", id, {
      kind: "RISK_FROM_OTHERS",
      localAuthority: "E08000015",
      startedOn: "2026-01-05",
      endedOn: null,
      officePhone: `PLACE-phone-${id}`,
      emergencyDutyPhone: `PLACE-duty-${id}`,
    }),
  ];
}

// --- Who asks -----------------------------------------------------------------------------------------------------

const ROLE_NAMES = (Object.keys(ROLES) as Role[]).filter((role) => role !== "PARTNER_APP");
const SCOPES = [
  "identity:read",
  "children:list",
  "place:read",
  "screening:read",
  "immunisations:read",
  "immunisations:list",
  "forecast:ask",
  "notifications:read",
  "young-people:read",
];
const viewerOf = (role: Role, n: number): Viewer => ({
  subject: `hunt:${role}:${Math.floor(n / ASKED_BY_ONE)}`,
  name: role,
  role,
  organisation: OUR_PRACTICE,
  localities: LOCALITY_CODES,
  scopes: role === "PARTNER_APP" ? SCOPES : [],
});

async function headersOf(role: Role, n: number): Promise<Record<string, string>> {
  return {
    "content-type": "application/json",
    authorization: `Bearer ${await house.issuer.sign(viewerOf(role, n), 30)}`,
  };
}

async function asked(role: Role, n: number, query: string, variables: object = {}): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  const response = await fetch(new URL("/graphql", house.url), {
    method: "POST",
    headers: await headersOf(role, n),
    body,
  });
  const answer = (await response.json()) as Answer;
  const codes = answer.errors?.map(({ extensions }) => extensions.code) ?? [];
  // Beside another error what it took along is INTERNAL, too.
  const failed = codes.includes("RATE_LIMITED") || (codes.length > 0 && codes.every((code) => code === "INTERNAL"));
  expect([query, failed && codes]).toEqual([query, false]);
  return answer;
}

/** What apps may send. */
const OPERATIONS_FOLDER = join(__dirname, "../../sdk/operations");
const SDK_OPERATIONS = readdirSync(OPERATIONS_FOLDER).map((file) =>
  readFileSync(join(OPERATIONS_FOLDER, file), "utf8"),
);

// --- What is asked ------------------------------------------------------------------------------------------------

const FIELDS = fieldsOfChild();

/** Some fields of a child, some of them by a fragment, on a condition or under another name. */
function selection(): string {
  const fields = Array.from({ length: 1 + chance(5) }, () => oneOf(FIELDS));
  return [...new Set(fields)]
    .map(({ selection: asked, name }) => {
      const ways = [
        asked,
        `${name}Too: ${asked}`,
        `... on Child { ${asked} }`,
        `... on Child @include(if: true) { ${name}Again: ${asked} }`,
        `... { ${name}Then: ${asked} }`,
        `${name}If: ${asked}`.replace(/^(\w+: \w+)/, "$1 @skip(if: false)"),
        "...Named",
      ];
      return oneOf(ways);
    })
    .join(" ");
}

const NAMED =
  "fragment Named on Child { id status school { urn name } at: address { __typename ... on Address { lines postcode } } safeguarding { standing flags { kind } } }";

interface Question {
  readonly text: string;
  /** What it is by: of this the answer must be as if nobody were there. */
  readonly byPlace?: true;
}

function question(): Question {
  const about = oneOf(POPULATION);
  const first = 1 + chance(30);
  const edges = (node: string) => `edges { cursor node { ${node} } } pageInfo { hasNextPage endCursor }`;
  const near = { postcode: about.postcode, school: about.school, practice: about.practice };
  const where = oneOf([
    `practices: ["${near.practice}"]`,
    `schools: ["${near.school}"]`,
    `localAuthorities: ["E08000015"], bornFrom: "${about.bornOn}"`,
    `localities: [WIRRAL], bornFrom: "${about.bornOn}", bornTo: "2027-01-01"`,
    `practices: ["${near.practice}"], schools: ["${near.school}"]`,
  ]);
  const after = oneOf(["", `, after: "${Buffer.from(about.id).toString("base64url")}"`]);
  const ways: readonly (() => Question)[] = [
    () => ({ text: `childById(id: "${about.id}") { id ${selection()} }` }),
    () => ({ text: `child(nhsNumber: "${about.nhsNumber}") { id ${selection()} }` }),
    () => ({
      text: `findChildren(by: { name: "${about.name}" }, first: ${first}) { ${edges(`id ${selection()}`).replace("cursor", "score cursor")} }`,
    }),
    () => ({
      text: `findChildren(by: { name: "${about.name}", postcode: "${near.postcode}" }, first: ${first}) { ${edges(`id ${selection()}`)} }`,
      byPlace: true,
    }),
    () => ({
      text: `findChildren(by: { bornOn: "${about.bornOn}", postcode: "${near.postcode}" }) { ${edges("id")} }`,
      byPlace: true,
    }),
    () => ({
      text: `children(where: { ${where} }, first: ${first}${after}) { ${edges(`id ${selection()}`)} }`,
      byPlace: true,
    }),
    () => ({
      text: `immunisationsDue(where: { ${where} }, first: ${first}) { ${edges(`doseId dueOn child { id ${selection()} }`)} }`,
      byPlace: true,
    }),
    () => ({
      text: `notifications(first: ${first}${oneOf(["", ', where: { teams: ["HEALTH_VISITING:WIRRAL"] }'])}) { ${edges(`kind says team { kind id } child { id ${selection()} }`)} }`,
    }),
    () => ({ text: `quarantine(first: ${first}) { edges { node { id raw candidates note file } } }` }),
    () => ({
      text: `accessLog(childId: "${about.id}", first: ${first}) { edges { node { says organisation { __typename ... on AccessOrganisation { odsCode name } } } } }`,
    }),
    () => ({
      text: `breakGlassReviews(first: ${first}) { edges { node { childId organisation reason reasonCode } } }`,
    }),
    () => ({ text: `invitationRuns(first: ${first}) { edges { node { practice { odsCode } venue } } }` }),
    () => ({ text: `duePlanning { waiting }` }),
    () => ({
      text: `_entities(representations: [{ __typename: "Child", id: "${about.id}" }]) { ... on Child { ${selection()} } }`,
    }),
    () => ({ text: `_service { sdl }` }),
    () => ({ text: `childById(id: "${about.id}") { address { lines } practice }` }),
    () => ({ text: `children(where: { practices: ["${about.id}"] }, first: ${first}) { edges { node { nhs } } }` }),
    () => ({ text: `children(where: { ${where} }, first: -1, after: "${about.id}") { edges { node { id } } }` }),
  ];
  return oneOf(ways)();
}

/** One operation of one to three questions; one in thirty breaks a glass. */
function operation(): { readonly text: string; readonly questions: readonly Question[] } {
  if (chance(30) === 0) {
    const { id } = oneOf(POPULATION);
    return {
      text: `mutation { breakGlass(childId: "${id}", reason: "Brought in unwell", reasonCode: EMERGENCY_CARE) { id childId opensPlace } }`,
      questions: [],
    };
  }
  const questions = Array.from({ length: 1 + chance(3) }, question);
  const text = `{ ${questions.map((each, at) => `q${at}: ${each.text}`).join("\n")} }`;
  return { text: text.includes("...Named") ? `${text} ${NAMED}` : text, questions };
}

// --- What must not be found ------------------------------------------------------------------------------------------

const TOLD_OF_FLAGS: readonly Role[] = [
  "CHILD_HEALTH_CLERK",
  "HEALTH_VISITOR",
  "SCHOOL_NURSE",
  "GENERAL_PRACTITIONER",
  "SAFEGUARDING_LEAD",
];

/** What a text tells that it must not, also where it is written as a cursor. */
function leaksIn(role: Role, text: string): string[] {
  const cursors = [...text.matchAll(/"(?:cursor|endCursor)":"([\w-]+)"/g)].map(([, cursor]) =>
    Buffer.from(String(cursor), "base64url").toString(),
  );
  const all = [text, ...cursors].join("\n");
  const leaks = [...all.matchAll(/PLACE-\w+-hidden\d+/g)].map(([place]) => place);
  for (const { postcode, school, hidden } of POPULATION) {
    if (hidden && (all.includes(postcode) || all.includes(postcode.replace(" ", "")))) leaks.push(postcode);
    if (hidden && all.includes(school)) leaks.push(school);
  }
  if (all.includes(THEIR_PRACTICE)) leaks.push(THEIR_PRACTICE);
  if (role !== "SAFEGUARDING_LEAD" && all.includes("RISK_FROM_OTHERS")) leaks.push("which flag");
  if (!TOLD_OF_FLAGS.includes(role) && all.includes('"CURRENT"')) leaks.push("that there is a flag");
  return leaks;
}

function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => (name === "id" ? [String(each)] : idsIn(each)));
}

const untraced = (answer: unknown) => JSON.stringify(answer).replace(/"traceId":"\w+"/g, "");

beforeAll(async () => {
  house = await world();
  await house.tell(...POPULATION.flatMap(told));
  await house.house.parts.get("immunisations")?.settle();
}, 120_000);
afterAll(() => house.close());

describe("A hunt", () => {
  test(`of ${QUERIES} operations finds no place of a restricted child and no hidden flag`, async () => {
    let shown = 0;
    for (let n = 0; n < QUERIES; n++) {
      const role = oneOf(ROLE_NAMES);
      const { text, questions } = operation();
      const answer = await asked(role, n, text);
      expect([role, text, leaksIn(role, JSON.stringify(answer))]).toEqual([role, text, []]);
      for (const [at, { byPlace }] of questions.entries()) {
        const part = answer.data?.[`q${at}`];
        // By place nobody hidden is found or listed, whatever is asked of them then.
        const found = byPlace ? idsIn(part).filter((id) => id.startsWith("hidden")) : [];
        // Whatever is asked of a list, nobody's flag is in it.
        const flagged = /"standing":"CURRENT"|"CURRENT"/.test(JSON.stringify(part?.edges ?? []));
        expect([text, found, flagged]).toEqual([text, [], false]);
      }
      if (JSON.stringify(answer).includes("PLACE-")) shown += 1;
    }
    // It asked for what there is to see: the places of others are in many answers.
    expect(shown).toBeGreaterThan(QUERIES / 40);
  }, 3_600_000);

  test("by what an app may send finds none either", async () => {
    let answered = 0;
    for (let n = 0; n < Math.ceil(QUERIES / 10); n++) {
      const { id, nhsNumber, school, practice } = oneOf(POPULATION);
      const where = oneOf([{ schools: [school] }, { practices: [practice] }, { localities: ["WIRRAL"] }]);
      const variables = {
        id,
        nhsNumber,
        where,
        locality: "WIRRAL",
        first: 1 + chance(30),
        safeguarding: chance(2) === 0,
      };
      const answer = await asked("PARTNER_APP", n, oneOf(SDK_OPERATIONS), variables);
      expect(leaksIn("PARTNER_APP", JSON.stringify(answer))).toEqual([]);
      if (answer.data) answered += 1;
    }
    expect(answered).toBeGreaterThan(QUERIES / 40);
  }, 600_000);

  test("by place is answered as a place where nobody lives, letter by letter", async () => {
    const ask = async (query: string) => untraced((await asked("CHILD_HEALTH_CLERK", chance(100_000), query)).data);
    for (const { postcode, school, bornOn, name, practice } of POPULATION.filter(({ hidden }) => hidden)) {
      const by = (place: typeof NOWHERE) => `{
        found: findChildren(by: { bornOn: "${bornOn}", postcode: "${place.postcode}" }) { edges { cursor } pageInfo { hasNextPage endCursor } }
        named: findChildren(by: { name: "${name}", postcode: "${place.postcode}" }) { edges { cursor } pageInfo { hasNextPage endCursor } }
        listed: children(where: { schools: ["${place.school}"] }, first: 1) { edges { cursor } pageInfo { hasNextPage endCursor } }
        ${place.practice === OUR_PRACTICE ? "" : `registered: children(where: { practices: ["${place.practice}"] }, first: 1) { edges { cursor } pageInfo { hasNextPage endCursor } }`}
        due: immunisationsDue(where: { schools: ["${place.school}"] }, first: 1) { edges { cursor } pageInfo { hasNextPage endCursor } } }`;
      const nowhere = practice === OUR_PRACTICE ? { ...NOWHERE, practice } : NOWHERE;
      expect(await ask(by({ postcode, school, practice }))).toBe(await ask(by(nowhere)));
    }
  }, 600_000);

  test("by export finds none", async () => {
    for (const role of ROLE_NAMES) {
      for (const { practice, school } of POPULATION.filter((_, at) => at % Math.ceil(POPULATION.length / 8) === 0)) {
        for (const search of [`practice=${practice}`, `school=${school}`, "locality=WIRRAL"]) {
          const url = new URL(`/exports/immunisations-due.csv?${search}`, house.url);
          const text = await (await fetch(url, { headers: await headersOf(role, chance(100_000)) })).text();
          expect([role, search, leaksIn(role, text), /hidden\d/.test(text)]).toEqual([role, search, [], false]);
        }
      }
    }
  }, 600_000);

  test("by subscription finds none", async () => {
    const inside = `child { id ${FIELDS.filter(({ needed }) => !needed)
      .map(({ selection: each }) => each)
      .join(" ")} }`;
    const query = `subscription { notifications { kind says team { kind id } ${inside} } }`;
    const stop = new AbortController();
    const texts = new Map<Role, string>();
    const reading: Promise<void>[] = [];
    for (const role of ROLE_NAMES) {
      const headers = { ...(await headersOf(role, chance(100_000))), accept: "text/event-stream" };
      const body = JSON.stringify({ query });
      const response = await fetch(new URL("/graphql", house.url), {
        method: "POST",
        headers,
        body,
        signal: stop.signal,
      });
      const read = async () => {
        const decoder = new TextDecoder();
        for await (const chunk of response.body ?? []) texts.set(role, (texts.get(role) ?? "") + decoder.decode(chunk));
      };
      reading.push(read().catch(() => undefined)); // it is ended by us
    }
    for (const [at, { id, bornOn }] of POPULATION.entries()) {
      const source = { system: "newborn-hearing-1", id: `told-${at}` };
      await house.tell(hearing(id, bornOn, { source, asOf: "2026-05-31T10:00:00.000000000Z" }));
    }
    const last = POPULATION.at(-1)?.id ?? "";
    for (let waited = 0; !texts.get("CHILD_HEALTH_CLERK")?.includes(last) && waited < 30_000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort();
    await Promise.all(reading);
    expect([...texts].flatMap(([role, text]) => leaksIn(role, text))).toEqual([]);
    // It was told of them, and of the places of others.
    expect(texts.get("CHILD_HEALTH_CLERK")).toMatch(/hidden0"/);
    expect(texts.get("CHILD_HEALTH_CLERK")).toContain(`PLACE-home-${last}`);
  }, 600_000);
});

const TWENTY = Array.from({ length: 20 }, (_, n) => n);

describe("A child one may not know of", () => {
  const ASKED =
    "query ($id: ID!, $number: NhsNumber!) { childById(id: $id) { id name { full } } child(nhsNumber: $number) { id } }";
  const strangers = () => house.as("HEALTH_VISITOR", { localities: ["WARRINGTON"], subject: `stranger${chance(9e8)}` });

  test("is answered as one that is not there, letter by letter", async () => {
    const ask = strangers();
    const none = untraced(await ask(ASKED, { id: "nobody", number: numberOf(9_999) }));
    for (const { id, nhsNumber } of POPULATION) {
      expect(untraced(await ask(ASKED, { id, number: nhsNumber }))).toBe(none);
    }
  });

  test("is answered on the same tick as one that is not there, as a search is that finds nobody", async () => {
    const ask = strangers();
    const search = "query ($name: String!) { findChildren(by: { name: $name }) { edges { node { id } } } }";
    const taken = async (query: string, variables: object) => {
      const begun = performance.now();
      await ask(query, variables);
      return performance.now() - begun;
    };
    const [known] = POPULATION;
    const nobody = { id: "nobody", number: numberOf(9_999), name: "No Body" };
    for (const about of [nobody, { id: known?.id, number: known?.nhsNumber, name: known?.name }]) {
      expect(await taken(ASKED, about)).toBeGreaterThanOrEqual(25);
      expect(await taken(search, about)).toBeGreaterThanOrEqual(25);
    }
  });

  test("leaves as many entries in the log as one that is not there, however many are asked for at once", async () => {
    const database = await openDatabase("demographics", { file: join(house.folder, "demographics.sqlite") });
    const counted = database.statement<{ entries: number }>(({ from, raw }) =>
      from("access_entry").select(raw("count(*) as entries")),
    );
    const entries = async () => (await database.rows(counted))[0]?.entries ?? 0;
    const ask = strangers();
    const left = async (children: readonly { readonly id: string; readonly nhsNumber: string }[]) => {
      const before = await entries();
      const each = children.map(
        ({ id, nhsNumber }, at) =>
          `a${at}: childById(id: "${id}") { id } b${at}: child(nhsNumber: "${nhsNumber}") { id }`,
      );
      await ask(`{ ${each.join(" ")} }`);
      return (await entries()) - before;
    };
    const none = [1, 2, 3, 4].map((n) => ({ id: numberOf(9_000 + n), nhsNumber: numberOf(9_000 + n) }));
    const expected = [await left(none.slice(0, 1)), await left(none)];
    expect(expected).toEqual([1, 4]);
    for (let at = 0; at + 4 <= POPULATION.length; at += 4) {
      expect(await left(POPULATION.slice(at, at + 1))).toBe(expected[0]);
      expect(await left(POPULATION.slice(at, at + 4))).toBe(expected[1]);
    }
    await database.close();
  });

  if (LONG)
    test.each`
      by                     | query
      ${"number"}            | ${"query ($n0: NhsNumber!) { child(nhsNumber: $n0) { id name { full } } }"}
      ${"id"}                | ${"query ($id: ID!) { childById(id: $id) { id name { full } } }"}
      ${"twenty numbers"}    | ${`query (${TWENTY.map((n) => `$n${n}: NhsNumber!`)}) { ${TWENTY.map((n) => `c${n}: child(nhsNumber: $n${n}) { id }`).join(" ")} }`}
      ${"its own school"}    | ${"query ($school: String!) { children(where: { schools: [$school] }) { edges { node { id } } } }"}
      ${"name and postcode"} | ${"query ($name: String!, $postcode: String!) { findChildren(by: { name: $name, postcode: $postcode }) { edges { node { id } } } }"}
      ${"name"}              | ${"query ($name: String!) { findChildren(by: { name: $name }) { edges { node { id } } } }"}
    `(
      "takes as long as one that is not there: by $by",
      async ({ by, query }) => {
        const times: { readonly there: boolean; readonly taken: number }[] = [];
        const hidden = POPULATION.filter((each) => each.hidden);
        let ask = strangers();
        for (let n = 0; n < 2_400; n++) {
          if (n % ASKED_BY_ONE === 0) ask = strangers();
          const there = chance(2) === 0;
          const about = (): Pick<Known, "id" | "nhsNumber" | "name" | "postcode" | "school"> =>
            there
              ? oneOf(hidden)
              : {
                  id: `nobody${chance(50)}`,
                  nhsNumber: numberOf(5_000 + chance(50)),
                  name: `Given${900 + chance(50)} Nobody${n % 7}`,
                  postcode: `CH6${chance(10)} ${n % 10}ZX`,
                  school: String(180_000 + chance(50)),
                };
          const { nhsNumber: _, ...one } = about();
          const numbers = Object.fromEntries(TWENTY.map((each) => [`n${each}`, about().nhsNumber]));
          const started = performance.now();
          await ask(query, { ...one, ...numbers });
          if (n >= 400) times.push({ there, taken: performance.now() - started });
        }
        expect(likelihood(by, times)).toBeGreaterThanOrEqual(0.01);
      },
      3_600_000,
    );
});

/** Two-sided p of the Mann-Whitney test that both kinds take equally long. */
function likelihood(by: string, times: readonly { readonly there: boolean; readonly taken: number }[]): number {
  const ranked = [...times].sort((a, b) => a.taken - b.taken);
  const [m, n] = [times.filter(({ there }) => there).length, times.filter(({ there }) => !there).length];
  const ranks = ranked.reduce((sum, { there }, at) => (there ? sum + at + 1 : sum), 0);
  const z = (ranks - (m * (m + n + 1)) / 2) / Math.sqrt((m * n * (m + n + 1)) / 12);
  const p = 2 * (1 - normal(Math.abs(z)));
  process.stdout.write(`concealed against none, by ${by}: z = ${z.toFixed(2)}, p = ${p.toFixed(3)} of ${m} and ${n}\n`);
  return p;
}

/** Abramowitz and Stegun 7.1.26. */
function normal(z: number): number {
  const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * (2 - sum * Math.exp((-z * z) / 2));
}
