/**
 * Every field of a child × role × relationship × state, asked through the gateway with its parts in this process and over
 * HTTP, against the policy written once more in plain words.
 */

import type { Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { serveSubgraph } from "../../chassis/subgraph";
import type { Gateway } from "../../gateway";
import { type House, openGateway, openHouse, readSettings } from "../../main";
import { ROLES, type Role, type Viewer } from "../../schema/access";
import type { Event } from "../../schema/events";
import { fieldsOfChild } from "../access/asking-everything";
import { KIND_OF_FIELD, type Kind, may, mayList, type PlainChild, seesFlags } from "../access/plain-policy";
import { type Answer, child, event, type World, world } from "../world";

const BIRTHS = { baby: "2025-12-01", toddler: "2023-12-01", pupil: "2015-12-01", youth: "2009-12-01" };
const BELONGS = ["HERE", "ELSEWHERE", "HANDED_OVER", "GONE"] as const;
const STATES = { alive: {}, restricted: { restricted: true }, dead: { dead: true } };

/** By id, such as `baby-HERE-restricted`. */
const CHILDREN = new Map<string, PlainChild>(
  Object.entries(BIRTHS).flatMap(([age, bornOn]) =>
    BELONGS.flatMap((belongs) =>
      Object.entries(STATES).map(
        ([state, fields]) =>
          [`${age}-${belongs}-${state}`, { bornOn, belongs, restricted: false, dead: false, ...fields }] as const,
      ),
    ),
  ),
);

/** What is told of a child, with places that are nobody else's. */
function told(id: string, { bornOn, belongs, restricted, dead }: PlainChild): Event[] {
  const moved = { HERE: null, ELSEWHERE: "2025-01-01", HANDED_OVER: "2026-05-20", GONE: "2026-01-20" }[belongs];
  const source = { system: "EAST_CHESHIRE", id };
  return [
    ...child(id, { bornOn, restricted, practice: belongs === "ELSEWHERE" ? "N81001" : "N85002" }).map((each) => {
      if (each.type === "AddressRecorded" && each.action === "record")
        return { ...each, lines: [`home-of-${id}`], postcode: "CH41 9ZZ", from: bornOn };
      if (each.type === "ResponsibilityRecorded" && belongs === "ELSEWHERE")
        return { ...each, locality: "EAST_CHESHIRE" as const };
      return each;
    }),
    ...(moved === null
      ? []
      : [{ ...event("GpRegistrationRecorded", id, { practice: "N81001", from: moved, to: null }), source }]),
    event("SchoolRecorded", id, { urn: "105999", name: `school-of-${id}`, from: bornOn, to: null }),
    event("BirthRecorded", id, { ...NO_BIRTH, deliveryPlace: `ward-of-${id}`, motherFamilyName: `mother-of-${id}` }),
    event("DoseRecorded", id, { ...DOSE, givenOn: bornOn, batchNumber: `batch-of-${id}`, place: `venue-of-${id}` }),
    event("NewbornHearingRecorded", id, {
      outcome: "CLEAR_NO_FOLLOW_UP",
      outcomeCode: "276781000000109",
      screenedOn: bornOn,
      outcomeSetAt: null,
      tests: [],
      provider: "RBL99",
      comment: `comment-of-${id}`,
    }),
    event("SafeguardingFlagRecorded", id, {
      kind: "RISK_TO_SELF",
      localAuthority: "E08000015",
      startedOn: "2026-01-05",
      endedOn: null,
      officePhone: `phone-of-${id}`,
      emergencyDutyPhone: null,
    }),
    ...(dead ? [event("DeathRecorded", id, { status: "FORMAL", diedOn: "2026-04-01" })] : []),
  ];
}

const NO_BIRTH = {
  motherNhsNumber: null,
  motherGivenNames: null,
  motherBornOn: null,
  birthOrder: 1,
  birthsAtDelivery: 1,
  weightGrams: 3400,
  gestationWeeks: 39,
  stillbirth: false,
  congenitalAbnormality: null,
} as const;
const DOSE = {
  vaccine: "HEXAVALENT",
  precision: "DAY",
  procedureCode: null,
  productCode: null,
  doseNumber: 1,
  site: null,
  route: null,
  expiresOn: null,
  manufacturer: null,
  amountMillilitres: null,
  givenBy: null,
  organisation: "N85002",
  primarySource: true,
} as const;

let here: World;
let apart: { readonly house: House; readonly gateway: Gateway; readonly servers: readonly Server[] };

beforeAll(async () => {
  here = await world();
  await here.tell(...[...CHILDREN].flatMap(([id, plain]) => told(id, plain)));
  const servers: Server[] = [];
  const urls: Record<string, string> = {};
  for (const [name, part] of here.house.parts) {
    const server = await serveSubgraph(part, { host: "127.0.0.1", port: 0, passports: here.house.passports });
    servers.push(server);
    urls[`${name.toUpperCase()}_URL`] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address
  }
  // The same folder, so that passports and tokens are signed with the same keys.
  const settings = readSettings({
    DATA_DIR: here.folder,
    PORT: "0",
    LOG_LEVEL: "silent",
    PASSPORT_KEY: keyOf(here),
    ...urls,
  });
  const house = await openHouse(settings, { now: () => Date.parse("2026-06-01T10:00:00Z") });
  apart = { house, gateway: await openGateway(house, settings), servers };
});
afterAll(async () => {
  await apart.gateway.close();
  await apart.house.close();
  for (const server of apart.servers) await new Promise((resolve) => server.close(resolve));
  await here.close();
});

function keyOf({ folder }: World): string {
  return require("node:fs").readFileSync(join(folder, "passport.key"), "utf8");
}

const FIELDS = fieldsOfChild();

type AskOf = (query: string, variables: object) => Promise<Answer>;

function viewerOf(role: Role): Viewer {
  return { subject: `matrix:${role}`, name: role, role, organisation: "N85002", localities: ["WIRRAL"], scopes: [] };
}

async function askingAt(url: string, role: Role): Promise<AskOf> {
  const token = await here.issuer.sign(viewerOf(role), 30);
  return async (query, variables) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query, variables });
    return (await (await fetch(new URL("/graphql", url), { method: "POST", headers, body })).json()) as Answer;
  };
}

/** What is wrong with an answer by the plain policy, in words. */
function faultsOf(role: Role, id: string, answer: Answer, asked: readonly string[]): string[] {
  const plain = CHILDREN.get(id);
  if (plain === undefined) return [`${id} is nobody`];
  const says = (what: string) => `${role} ${id} ${what}`;
  const shown = answer.data?.childById ?? null;
  if (!may(role, "FIND", plain)) {
    // An analyst is told that it looks at nobody, whoever is asked for.
    const expected = role === "ANALYST" ? ["NOT_PERMITTED"] : undefined;
    const codes = answer.errors?.map(({ extensions }) => extensions.code);
    const silent = shown === null && JSON.stringify(codes) === JSON.stringify(expected);
    return silent ? [] : [says(`should not be known: ${codes ?? "shown"}`)];
  }
  const errors = answer.errors ?? [];
  const faults = asked.flatMap((name) => {
    const kind: Kind | undefined = KIND_OF_FIELD[name as keyof typeof KIND_OF_FIELD];
    if (kind === undefined) return [];
    // What lies within may be a place, of a field that is none.
    const hasPlaces = ["birth", "provenance"].includes(name);
    const own = errors.filter(({ path }) => path?.[1] === name && !(hasPlaces && path.length > 2));
    const codes = new Set(own.map(({ extensions }) => extensions.code));
    // Where the child itself is taken away, one refusal stands for all.
    const isTakenAway = shown === null && errors.some(({ extensions }) => extensions.code === "NOT_PERMITTED");
    if (!may(role, kind, plain) && isTakenAway) return [];
    if (!may(role, kind, plain)) {
      const refused = codes.has("NOT_PERMITTED") && (shown?.[name] ?? null) === null;
      return refused ? [] : [says(`${name} should be refused`)];
    }
    if (codes.has("NOT_PERMITTED")) return [says(`${name} should be shown and is refused`)];
    if (kind === "PLACE" && plain.restricted) {
      const withheld = codes.has("WITHHELD") || shown?.[name]?.__typename === "Withheld";
      return withheld ? [] : [says(`${name} should be withheld`)];
    }
    if (codes.has("WITHHELD") && !plain.restricted) return [says(`${name} is withheld`)];
    if (name === "safeguarding" && (shown?.safeguarding?.flags === null) === seesFlags(role)) return [says("flags")];
    return shown?.[name] === undefined ? [says(`${name} is not there`)] : [];
  });
  const text = JSON.stringify(answer);
  const places = plain.restricted
    ? [
        ...PLANTED.map((what) => `${what}-of-${id}`),
        "N85002",
        "N81001",
        "CH41",
        "E08000015",
        "RBL99",
        "EAST_CHESHIRE",
        "WIRRAL",
      ]
    : may(role, "PLACE", plain)
      ? []
      : PLANTED.filter((what) => what !== "mother").map((what) => `${what}-of-${id}`);
  return [...faults, ...places.filter((place) => text.includes(place)).map((place) => says(`tells ${place}`))];
}

const PLANTED = ["home", "school", "ward", "mother", "batch", "venue", "comment", "phone"];
const ROLE_NAMES = (Object.keys(ROLES) as Role[]).filter((role) => role !== "PARTNER_APP");

/** Those needed apart: without one of them there is no child to show the others of. */
const QUESTIONS = [false, true].map((apart) => {
  const fields = FIELDS.filter(({ needed }) => needed === apart);
  const selection = fields.map((field) => field.selection).join(" ");
  return {
    names: fields.map(({ name }) => name),
    query: `query ($id: ID!) { childById(id: $id) { ${selection} } }`,
  };
});

async function faultsAt(url: string, ids: readonly string[]): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const role of ROLE_NAMES) {
    const ask = await askingAt(url, role);
    for (const id of ids) {
      for (const { names, query } of QUESTIONS) faults.push(...faultsOf(role, id, await ask(query, { id }), names));
    }
  }
  return faults;
}

describe("Every field of every child, for every role", () => {
  test("is of a kind the plain policy knows", () => {
    const others = FIELDS.map(({ name }) => name).filter((name) => !Object.hasOwn(KIND_OF_FIELD, name));
    // What teams are told, and who looked, have tests of their own.
    expect(others.filter((name) => !["notifications", "accessLog", "invitations"].includes(name))).toEqual([]);
  });

  test("is shown, refused, withheld or concealed as promised, with the parts in one process", async () => {
    expect(await faultsAt(here.url, [...CHILDREN.keys()])).toEqual([]);
  }, 600_000);

  test("and over HTTP", async () => {
    expect(
      await faultsAt(
        apart.gateway.url,
        [...CHILDREN.keys()].filter((_, at) => at % 5 === 0),
      ),
    ).toEqual([]);
  }, 600_000);

  test("is listed as promised", async () => {
    for (const role of ROLE_NAMES) {
      const { data, errors } = await (await askingAt(here.url, role))(
        "{ children(where: {}, first: 100) { edges { node { id } } } }",
        {},
      );
      const listed = data?.children?.edges.map(({ node }: { node: { id: string } }) => node.id).sort() ?? [];
      const promised = [...CHILDREN].flatMap(([id, plain]) => (mayList(role, plain) ? [id] : [])).sort();
      expect([role, listed]).toEqual([role, promised]);
      if (errors !== undefined) expect(errors[0]?.extensions.code).toBe("NOT_PERMITTED");
    }
  });
});

describe("An app", () => {
  const SCOPES = ["identity:read", "place:read", "screening:read", "immunisations:read"];
  const app = (id: string, scopes: readonly string[]) =>
    here.house.parts.get("demographics")?.ask({
      query: `query ($id: ID!) { childById(id: $id) { id } }`,
      variables: { id },
      viewer: { ...viewerOf("PARTNER_APP"), scopes },
      requestId: "app",
    });

  test("reaches the children under 16 of its localities, and older ones by a scope of their own", async () => {
    for (const [id, plain] of CHILDREN) {
      const found = async (scopes: readonly string[]) => (await app(id, scopes))?.data?.childById != null;
      expect([id, await found(SCOPES)]).toEqual([id, may("PARTNER_APP", "FIND", plain)]);
      expect([id, await found([...SCOPES, "young-people:read"])]).toEqual([id, plain.belongs === "HERE"]);
      expect([id, await found([])]).toEqual([id, false]);
    }
  });
});
