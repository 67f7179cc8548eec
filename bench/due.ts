/**
 * Whom to call, at 50,000, 200,000 and all children: everybody planned anew, stored and listed; one new dose; one night; and pages
 * of lists over HTTP, the first and deeper ones. The population is invented and delivered once, and kept for the next time.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "undici";
import { openDatabase } from "../chassis/database";
import { placeOf } from "../chassis/settings";
import { developmentIssuer } from "../gateway";
import { inventChild, inventVaccinations } from "../ingest";
import { type House, migrateHouse, openGateway, openHouse, readSettings, type Settings } from "../main";
import { addDays } from "../schema/calendar";
import type { Event } from "../schema/events";
import { LOCALITY_CODES, type LocalityCode } from "../schema/vocabulary/localities";
import type { BenchOptions } from "./index";

const SEED = 20_260_901;
const ON = "2026-09-01";
const SMALLER = [50_000, 200_000];
const CHILDREN_A_DELIVERY = 200;
const PAGES = 300;
const PART = "immunisations";

export async function benchDue(options: BenchOptions): Promise<void> {
  for (const children of [...SMALLER.filter((size) => size < options.children), options.children]) {
    await benchPopulation(children, options);
  }
}

async function benchPopulation(children: number, { folder, postgres }: BenchOptions): Promise<void> {
  process.stdout.write(`\n${children} children\n`);
  const settings = readSettings({
    ...{ DATA_DIR: join(folder, `due-${children}`), LOG_LEVEL: "silent", PORT: "0", RATE_LIMIT: "0" },
    ...(postgres === null ? {} : { DATABASE_URL: postgres }),
  });
  await deliverPopulation(children, settings);
  await migrateHouse(settings);
  await forgetPlans(settings);
  let day = ON;
  const house = await openHouse(settings, { now: () => Date.parse(`${day}T12:00:00Z`) });
  try {
    const begun = performance.now();
    const cpu = process.cpuUsage();
    await partOf(house).settle();
    const planned = seconds(begun);
    say("plan and store everybody", planned, `${Math.round(children / planned)} children/s, ${cpuSeconds(cpu)} CPU-s`);
    await benchLists(house, settings, children, begun);
    await benchOneDose(house, settings, children);
    day = addDays(ON, 1);
    const before = await toPlan(settings, day);
    const night = performance.now();
    await partOf(house).settle();
    say("the night to the next day", seconds(night), `${before} children to be planned again`);
  } finally {
    await house.close();
  }
  process.stdout.write(`peak memory ${peakMemory()} MB\n`);
}

// --- Lists --------------------------------------------------------------------------------------------------------

const LIST = `query ($where: Population!, $states: [DoseState!], $vaccines: [Vaccine!], $first: Int!, $after: String) {
  immunisationsDue(where: $where, states: $states, vaccines: $vaccines, first: $first, after: $after) {
    edges { node { child { id } doseId vaccine state dueOn overdueOn latestOn reason contact } }
    pageInfo { hasNextPage endCursor } } }`;

interface Page {
  readonly edges: readonly { readonly node: { readonly child: { readonly id: string } } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function benchLists(house: House, settings: Settings, children: number, begun: number): Promise<void> {
  const gateway = await openGateway(house, settings);
  const pool = new Pool(gateway.url, { connections: 6 });
  try {
    const issuer = await developmentIssuer(settings.DATA_DIR, "127.0.0.1");
    const token = await issuer.sign(
      {
        subject: "bench",
        name: "Bench",
        role: "CHILD_HEALTH_CLERK",
        organisation: null,
        localities: LOCALITY_CODES,
        scopes: [],
      },
      600,
    );
    const ask = async (variables: object): Promise<Page> => {
      const response = await pool.request({
        ...{
          path: "/graphql",
          method: "POST",
          body: JSON.stringify({ query: LIST, variables: { first: 25, ...variables } }),
        },
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      });
      const answer = (await response.body.json()) as { data?: { immunisationsDue?: Page }; errors?: object[] }; // as LIST asks
      if (answer.errors || !answer.data?.immunisationsDue) throw new Error(JSON.stringify(answer.errors));
      return answer.data.immunisationsDue;
    };

    const listing = performance.now();
    const cpu = process.cpuUsage();
    let [lines, pages] = [0, 0];
    const cursors = new Map<LocalityCode, (string | null)[]>();
    const listLocality = async (locality: LocalityCode) => {
      const places: (string | null)[] = [null];
      cursors.set(locality, places);
      for (let more = true; more; pages++) {
        const page = await ask({ where: { localities: [locality] }, first: 100, after: places.at(-1) });
        lines += page.edges.length;
        more = page.pageInfo.hasNextPage;
        if (more) places.push(page.pageInfo.endCursor);
      }
    };
    await Promise.all(LOCALITY_CODES.map(listLocality));
    say(
      "list all, six lists at once",
      seconds(listing),
      `${lines} lines, ${pages} pages of 100, ${cpuSeconds(cpu)} CPU-s`,
    );
    say("planned, stored and listed", seconds(begun), "180 s are allowed");

    const locality = (k: number) => LOCALITY_CODES[k % LOCALITY_CODES.length] as LocalityCode; // within its length
    const practices = practicesOf(children);
    await measure("first page by practice", (k) =>
      ask({ where: { practices: [practices[(k * 7) % practices.length]] } }),
    );
    for (const [what, share] of [
      ["first", 0],
      ["middle", 0.5],
      ["last but one", 0.99],
    ] as const) {
      await measure(`${what} page by locality`, (k) => {
        const places = cursors.get(locality(k)) ?? [];
        return ask({ where: { localities: [locality(k)] }, after: places[Math.floor((places.length - 1) * share)] });
      });
    }
    const overdue = { states: ["OVERDUE"], vaccines: ["MMR", "MMRV"] };
    await measure("overdue MMR by locality", (k) => ask({ where: { localities: [locality(k)] }, ...overdue }));
    for (const state of ["REFUSED", "CONTRAINDICATED"]) {
      await measure(`${state.toLowerCase()}, of everybody`, () => ask({ where: {}, states: [state] }));
    }
    await measure("born in one week, by locality", (k) => {
      const bornFrom = addDays("2024-07-01", 7 * (k % 52));
      return ask({ where: { localities: [locality(k)], bornFrom, bornTo: addDays(bornFrom, 7) } });
    });
  } finally {
    await pool.close();
    await gateway.close();
  }
}

async function measure(what: string, ask: (k: number) => Promise<Page>): Promise<void> {
  for (let k = 0; k < PAGES / 10; k++) await ask(k);
  const times: number[] = [];
  for (let k = 0; k < PAGES; k++) {
    const begun = performance.now();
    await ask(k);
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  process.stdout.write(`${what.padEnd(28)} p50 ${at(0.5)} ms, p95 ${at(0.95)} ms over HTTP\n`);
}

// --- One child, one night -----------------------------------------------------------------------------------------

const DOSES_MEASURED = 20;

async function benchOneDose(house: House, settings: Settings, children: number): Promise<void> {
  const part = partOf(house);
  let [milliseconds, planned] = [0, 0];
  for (let k = 0; k < DOSES_MEASURED; k++) {
    const childId = idOf(Math.floor((children * (k + 0.5)) / DOSES_MEASURED));
    const dose = { ...NO_DETAILS, vaccine: "FLU", givenOn: ON, precision: "DAY", primarySource: true } as const;
    const told = {
      type: "DoseRecorded",
      action: "record",
      childId,
      source: { system: "BENCH", id: String(Date.now()) },
      asOf: LATER,
    };
    const begun = performance.now();
    await part.deliver({ number: Date.now() * 100 + k, events: [{ ...told, ...dose } as Event] }); // with all its type has
    planned += await toPlan(settings, ON);
    await part.settle();
    milliseconds += performance.now() - begun;
  }
  process.stdout.write(
    `${"one new dose".padEnd(28)} ${(milliseconds / DOSES_MEASURED).toFixed(1)} ms until it is planned, ${planned / DOSES_MEASURED} child planned\n`,
  );
}

/** How many children are to be planned again by a day. */
async function toPlan(settings: Settings, day: string): Promise<number> {
  const database = await openDatabase(PART, placeOf(PART, settings));
  try {
    const waiting = database.statement<{ children: number }>(({ from, raw, param }) =>
      from("child_plan").select(raw("count(*) as children")).where("replan_on", "<=", param("day")),
    );
    return Number((await database.rows(waiting, { day }))[0]?.children ?? 0);
  } finally {
    await database.close();
  }
}

// --- The population -------------------------------------------------------------------------------------------------

async function deliverPopulation(children: number, settings: Settings): Promise<void> {
  const mark = join(settings.DATA_DIR, "delivered.json");
  if (existsSync(mark)) return;
  rmSync(settings.DATA_DIR, { recursive: true, force: true });
  mkdirSync(settings.DATA_DIR, { recursive: true });
  await migrateHouse(settings);
  const house = await openHouse(settings, { now: () => Date.parse(`${ON}T12:00:00Z`) });
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let facts = 0;
  try {
    for (let from = 0; from < children; from += CHILDREN_A_DELIVERY) {
      const count = Math.min(CHILDREN_A_DELIVERY, children - from);
      const events = Array.from({ length: count }, (_, at) => inventEvents(from + at, children)).flat();
      facts += events.length;
      await partOf(house).deliver({ number: 1 + from / CHILDREN_A_DELIVERY, events });
    }
  } finally {
    await house.close();
  }
  writeFileSync(mark, `${JSON.stringify({ children, facts })}\n`);
  say("population delivered", seconds(begun), `${facts} facts, ${cpuSeconds(cpu)} CPU-s`);
}

/** As if nobody was planned yet. */
async function forgetPlans(settings: Settings): Promise<void> {
  const database = await openDatabase(PART, placeOf(PART, settings));
  try {
    await database.write(async (transaction) => {
      for (const table of ["due_dose", "child_plan", "plan_rules"]) {
        await transaction.run(database.statement(({ from }) => from(table).delete()));
      }
    });
  } finally {
    await database.close();
  }
}

const EARLIER = "2026-08-30T00:00:00.000000000Z";
const LATER = "2026-09-01T00:00:00.000000000Z";

const NO_DETAILS = {
  ...{ procedureCode: null, productCode: null, doseNumber: null, site: null, route: null, batchNumber: null },
  ...{ expiresOn: null, manufacturer: null, amountMillilitres: null, givenBy: null, organisation: null, place: null },
};

/** In the order of no list, as ids of the record are. */
function idOf(index: number): string {
  return `${((index * 2_654_435_761) % 2 ** 32).toString(36).padStart(7, "0")}${String(index).padStart(9, "0")}`;
}

function inventEvents(index: number, of: number): Event[] {
  const child = inventChild(SEED, index, of, ON);
  const { given, notGiven } = inventVaccinations(SEED, child, ON);
  const stay = child.stays[0];
  const childId = idOf(index);
  let facts = 0;
  const told = (type: Event["type"], fields: object) =>
    ({
      type,
      action: "record",
      childId,
      source: { system: "BENCH", id: String(facts++) },
      asOf: EARLIER,
      ...fields,
    }) as Event; // with all its type has
  return [
    told("IdentityRecorded", { bornOn: child.bornOn }),
    told("RestrictionRecorded", { restricted: child.restricted }),
    told("ResponsibilityRecorded", { locality: stay.locality, status: "RESIDENT", from: null }),
    told("GpRegistrationRecorded", { practice: stay.practice, from: stay.practiceFrom, to: null }),
    ...(stay.school === null ? [] : [told("SchoolRecorded", { urn: stay.school.urn, from: null, to: null })]),
    ...(child.diedOn === null ? [] : [told("DeathRecorded", { status: "FORMAL", diedOn: child.diedOn })]),
    ...given.map((dose) => told("DoseRecorded", dose)),
    ...notGiven.map((each) => told("DoseNotGivenRecorded", each)),
  ];
}

function practicesOf(children: number): readonly string[] {
  const stays = Array.from({ length: 1_000 }, (_, at) => inventChild(SEED, at, children, ON).stays[0].practice);
  return [...new Set(stays.filter((practice) => practice !== null))];
}

function partOf(house: House) {
  const part = house.parts.get(PART);
  if (part === undefined) throw new Error("The house has no immunisations.");
  return part;
}

function say(what: string, took: number, figures: string): void {
  process.stdout.write(`${what.padEnd(28)} ${took.toFixed(1).padStart(7)} s  ${figures}\n`);
}

/** Of this process and all its threads. */
function cpuSeconds(before: NodeJS.CpuUsage): string {
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6).toFixed(1);
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}

/** The most memory the process has held, threads too, in MB. */
function peakMemory(): number {
  const told = existsSync("/proc/self/status")
    ? /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))
    : null;
  return Math.round(told ? Number(told[1]) / 1024 : process.resourceUsage().maxRSS / 1024);
}
