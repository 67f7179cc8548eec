/**
 * A hunt for where restricted children are and for hidden flags: queries made up of everything the graph offers, as every
 * role, and every answer searched. Short here; the long form is asked for by hand: HUNT=10000 npx jest tests/gateway/access-hunt.
 */

import { join } from "node:path";
import { openDatabase } from "../../chassis/database";
import { ROLES, type Role } from "../../schema/access";
import type { Event } from "../../schema/events";
import { checkDigit } from "../../schema/nhs-number";
import { fieldsOfChild } from "../access/asking-everything";
import { type Answer, type Ask, child, event, type World, world } from "../world";

const LONG = Number(process.env.HUNT ?? 0);
const QUERIES = LONG || 400;
const HIDDEN = LONG ? 50 : 12;
const OPEN = HIDDEN;

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
  readonly hidden: boolean;
}

const POPULATION: readonly Known[] = Array.from({ length: HIDDEN + OPEN }, (_, n) => {
  const hidden = n < HIDDEN;
  return {
    id: `${hidden ? "hidden" : "open"}${n}`,
    nhsNumber: numberOf(n),
    name: `Given${n} Family${n % 7}`,
    bornOn: `20${String(8 + (n % 17)).padStart(2, "0")}-0${1 + (n % 9)}-1${n % 10}`,
    // A hidden child shares its postcode with nobody, an open one with some.
    postcode: hidden ? `CH6${n % 10} ${n % 10}ZZ` : `CH4${n % 3} 5AA`,
    hidden,
  };
});

function numberOf(n: number): string {
  for (let body = 999_200_000 + n * 20; ; body++) {
    const check = checkDigit(String(body));
    if (check !== null) return `${body}${check}`;
  }
}

function told({ id, nhsNumber, name, bornOn, postcode, hidden }: Known): Event[] {
  const [given = "", family = ""] = name.split(" ");
  return [
    ...child(id, { nhsNumber, given, family, bornOn, restricted: hidden }).map((each) =>
      each.type === "AddressRecorded" && each.action === "record"
        ? { ...each, lines: [`PLACE-home-${id}`], postcode, from: bornOn }
        : each,
    ),
    event("SchoolRecorded", id, { urn: "105999", name: `PLACE-school-${id}`, from: bornOn, to: null }),
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
    event("NewbornHearingRecorded", id, {
      outcome: "CLEAR_NO_FOLLOW_UP",
      outcomeCode: "276781000000109",
      screenedOn: bornOn,
      outcomeSetAt: null,
      tests: [],
      provider: "RBL99",
      comment: `PLACE-comment-${id}`,
    }),
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

const FIELDS = fieldsOfChild();
const ROLE_NAMES = (Object.keys(ROLES) as Role[]).filter((role) => role !== "PARTNER_APP");

/** Some fields of a child, some of them by a fragment or under another name. */
function selection(): string {
  const fields = Array.from({ length: 1 + chance(5) }, () => oneOf(FIELDS));
  return [...new Set(fields)]
    .map(({ selection: asked, name }) => {
      const way = chance(4);
      if (way === 0) return `... on Child { ${asked} }`;
      return way === 1 ? `${name}Too: ${asked}` : asked;
    })
    .join(" ");
}

function question(): string {
  const about = oneOf(POPULATION);
  const first = 1 + chance(30);
  const ways: readonly (() => string)[] = [
    () => `childById(id: "${about.id}") { id ${selection()} }`,
    () => `child(nhsNumber: "${about.nhsNumber}") { id ${selection()} }`,
    () => `findChildren(by: { name: "${about.name}" }, first: ${first}) { edges { score node { id ${selection()} } } }`,
    () =>
      `findChildren(by: { name: "${about.name}", postcode: "${about.postcode}" }, first: ${first}) { edges { score node { id ${selection()} } } pageInfo { hasNextPage } }`,
    () =>
      `findChildren(by: { bornOn: "${about.bornOn}", postcode: "${about.postcode}" }, first: ${first}) { edges { node { id } } }`,
    () =>
      `children(where: { practices: ["N85002"] }, first: ${first}) { edges { node { id ${selection()} } } pageInfo { hasNextPage } }`,
    () =>
      `children(where: { schools: ["105999"], bornFrom: "${about.bornOn}" }, first: ${first}) { edges { cursor node { id } } }`,
    () =>
      `children(where: { localAuthorities: ["E08000015"] }, first: ${first}) { edges { node { id ${selection()} } } }`,
    () => `quarantine(first: ${first}) { edges { node { id raw candidates file } } }`,
    () =>
      `_entities(representations: [{ __typename: "Child", id: "${about.id}" }]) { ... on Child { ${selection()} } }`,
    () => `childById(id: "${about.id}") { address { lines } practice }`,
  ];
  const asked = Array.from({ length: 1 + chance(3) }, (_, at) => `q${at}: ${oneOf(ways)()}`);
  return `{ ${asked.join("\n")} }`;
}

/** What an answer tells that it must not. */
function leaksOf(role: Role, answer: Answer): string[] {
  const text = JSON.stringify(answer);
  const leaks = [...text.matchAll(/PLACE-\w+-hidden\d+/g)].map(([place]) => place);
  for (const { postcode, hidden } of POPULATION) if (hidden && text.includes(postcode)) leaks.push(postcode);
  if (role !== "SAFEGUARDING_LEAD" && text.includes("RISK_FROM_OTHERS")) leaks.push("a flag");
  return leaks;
}

function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => (name === "id" ? [String(each)] : idsIn(each)));
}

beforeAll(async () => {
  house = await world();
  await house.tell(...POPULATION.flatMap(told));
});
afterAll(() => house.close());

describe("A hunt", () => {
  test(`of ${QUERIES} queries finds no place of a restricted child and no hidden flag`, async () => {
    const asking = new Map<Role, Ask>(ROLE_NAMES.map((role) => [role, house.as(role, { organisation: "N85002" })]));
    let shown = 0;
    for (let n = 0; n < QUERIES; n++) {
      const role = oneOf(ROLE_NAMES);
      const query = question();
      const answer = await (asking.get(role) as Ask)(query); // each role is asked as
      expect([query, leaksOf(role, answer)]).toEqual([query, []]);
      // By place nobody hidden is found or listed, whatever is asked of them then.
      for (const [alias, value] of Object.entries(answer.data ?? {})) {
        const asked = query.slice(query.indexOf(`${alias}:`), query.indexOf("\n", query.indexOf(`${alias}:`)) >>> 0);
        if (!/^\w+: children\(|postcode:/.test(asked)) continue;
        expect([asked, idsIn(value).filter((id) => id.startsWith("hidden"))]).toEqual([asked, []]);
      }
      if (JSON.stringify(answer).includes("PLACE-")) shown += 1;
    }
    // It asked for what there is to see: the places of others are in many answers.
    expect(shown).toBeGreaterThan(QUERIES / 40);
  }, 3_600_000);
});

describe("A child one may not know of", () => {
  const ASKED =
    "query ($id: ID!, $number: NhsNumber!) { childById(id: $id) { id name { full } } child(nhsNumber: $number) { id } }";
  const strangers = () => house.as("HEALTH_VISITOR", { localities: ["WARRINGTON"] });
  const untraced = (answer: Answer) => JSON.stringify(answer).replace(/"traceId":"\w+"/g, "");

  test("is answered as one that is not there, letter by letter", async () => {
    const ask = strangers();
    const none = untraced(await ask(ASKED, { id: "nobody", number: numberOf(9_999) }));
    for (const { id, nhsNumber } of POPULATION) {
      expect(untraced(await ask(ASKED, { id, number: nhsNumber }))).toBe(none);
    }
  });

  test("leaves as many entries in the log as one that is not there", async () => {
    const database = await openDatabase("demographics", { file: join(house.folder, "demographics.sqlite") });
    const counted = database.statement<{ entries: number }>(({ from, raw }) =>
      from("access_entry").select(raw("count(*) as entries")),
    );
    const entries = async () => (await database.rows(counted))[0]?.entries ?? 0;
    const ask = strangers();
    const left: number[] = [];
    for (const asked of [
      { id: "nobody", number: numberOf(9_999) },
      ...POPULATION.map(({ id, nhsNumber }) => ({ id, number: nhsNumber })),
    ]) {
      const before = await entries();
      await ask(ASKED, asked);
      left.push((await entries()) - before);
    }
    await database.close();
    expect(left[0]).toBeGreaterThan(0);
    expect(new Set(left).size).toBe(1);
  });

  if (LONG)
    test("takes as long as one that is not there", async () => {
      const ask = strangers();
      const times: { readonly there: boolean; readonly taken: number }[] = [];
      for (let n = 0; n < 4_000; n++) {
        const there = chance(2) === 0;
        const about = oneOf(POPULATION);
        const asked = there
          ? { id: about.id, number: about.nhsNumber }
          : { id: `nobody${n}`, number: numberOf(5_000 + n) };
        const started = performance.now();
        await ask(ASKED, asked);
        if (n >= 400) times.push({ there, taken: performance.now() - started });
      }
      expect(likelihood(times)).toBeGreaterThanOrEqual(0.01);
    }, 3_600_000);
});

/** Two-sided p of the Mann-Whitney test that both kinds take equally long. */
function likelihood(times: readonly { readonly there: boolean; readonly taken: number }[]): number {
  const ranked = [...times].sort((a, b) => a.taken - b.taken);
  const [m, n] = [times.filter(({ there }) => there).length, times.filter(({ there }) => !there).length];
  const ranks = ranked.reduce((sum, { there }, at) => (there ? sum + at + 1 : sum), 0);
  const z = (ranks - (m * (m + n + 1)) / 2) / Math.sqrt((m * n * (m + n + 1)) / 12);
  process.stdout.write(`concealed against none: z = ${z.toFixed(2)} of ${m} and ${n}\n`);
  return 2 * (1 - normal(Math.abs(z)));
}

/** Abramowitz and Stegun 7.1.26. */
function normal(z: number): number {
  const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * (2 - sum * Math.exp((-z * z) / 2));
}
