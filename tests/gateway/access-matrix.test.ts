/**
 * Every field of a child × role or app × relationship × state, asked through the gateway with its parts in this process and
 * over HTTP, against the policy written once more in plain words. Here apps of fewer scopes ask for Wirral's own children, and
 * over HTTP a fifth of all is asked for; everybody asks for everybody by hand: MATRIX=all npx jest tests/gateway/access-matrix.
 */

import type { Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { serveSubgraph } from "../../chassis/subgraph";
import { type Gateway, startGateway } from "../../gateway";
import { type House, openHouse, readSettings } from "../../main";
import { ROLES, type Role, type Viewer } from "../../schema/access";
import type { Event } from "../../schema/events";
import { GLASS_ROLES } from "../../schema/vocabulary/break-glass";
import { fieldsOfChild } from "../access/asking-everything";
import {
  KIND_OF_FIELD,
  type Kind,
  may,
  mayList,
  mayLook,
  type PlainChild,
  type PlainViewer,
  seesFlags,
} from "../access/plain-policy";
import { type Answer, child, event, type World, world } from "../world";

const BIRTHS = { baby: "2025-12-01", toddler: "2023-12-01", pupil: "2015-12-01", youth: "2009-12-01" };
const BELONGS = ["HERE", "ELSEWHERE", "HANDED_OVER", "GONE", "PLANNED", "GLASS_BROKEN"] as const;
const STATES = {
  alive: {},
  restricted: { restricted: true },
  dead: { dead: true },
  both: { dead: true, restricted: true },
};

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
  const away = belongs === "ELSEWHERE" || belongs === "PLANNED" || belongs === "GLASS_BROKEN";
  const moved = away ? "2025-01-01" : { HERE: null, HANDED_OVER: "2026-05-20", GONE: "2026-01-20" }[belongs];
  const source = { system: "EAST_CHESHIRE", id };
  return [
    ...child(id, { bornOn, restricted, practice: away ? "N81001" : "N85002" }).map((each) => {
      if (each.type === "AddressRecorded" && each.action === "record")
        return { ...each, lines: [`home-of-${id}`], postcode: "CH41 9ZZ", from: bornOn };
      if (each.type === "ResponsibilityRecorded" && away) return { ...each, locality: "EAST_CHESHIRE" as const };
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
      kind: belongs === "PLANNED" ? "CHILD_PROTECTION_PLAN" : "RISK_TO_SELF",
      localAuthority: "E08000015",
      startedOn: "2026-01-05",
      endedOn: null,
      officePhone: `phone-of-${id}`,
      emergencyDutyPhone: null,
    }),
    ...(dead ? [event("DeathRecorded", id, { status: "FORMAL", diedOn: "2026-04-01" })] : []),
    ...(belongs === "GLASS_BROKEN" ? GLASS_ROLES.map((role) => broken(id, role)) : []),
  ];
}

function broken(id: string, role: (typeof GLASS_ROLES)[number]): Event {
  return event("GlassBroken", id, {
    source: { system: "GLASS", id: `${id}-${role}` },
    ...{ subject: `matrix:${role}`, role, organisation: "N85002", reasonCode: "EMERGENCY_CARE", opensPlace: false },
    ...{ from: "2026-06-01T09:00:00.000000000Z", until: "2026-06-01T17:00:00.000000000Z" },
  });
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
/** Over the same parts, with the questions below registered, so that apps may send them. */
let inProcess: Gateway;
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
  inProcess = await gatewayOver(here.house);
  apart = { house, gateway: await gatewayOver(house), servers };
}, 120_000);
afterAll(async () => {
  await inProcess.close();
  await apart.gateway.close();
  await apart.house.close();
  for (const server of apart.servers) await new Promise((resolve) => server.close(resolve));
  await here.close();
});

function gatewayOver({ parts }: House): Promise<Gateway> {
  return startGateway({
    sources: [...parts.values()],
    host: "127.0.0.1",
    port: 0,
    issuer: here.issuer,
    trustedDocuments: [...QUESTIONS.map(({ query }) => query), LIST],
    requestsPerMinute: 0,
    log: () => undefined,
  });
}

function keyOf({ folder }: World): string {
  return require("node:fs").readFileSync(join(folder, "passport.key"), "utf8");
}

const FIELDS = fieldsOfChild();

type AskOf = (query: string, variables: object) => Promise<Answer>;

const SCOPES = ["identity:read", "place:read", "screening:read", "immunisations:read", "notifications:read"];
/** Each role; an app with every scope, with one more for those who are 16, with that of the child and one other, with none. */
const VIEWERS: readonly PlainViewer[] = [
  ...(Object.keys(ROLES) as Role[]).filter((role) => role !== "PARTNER_APP").map((role) => ({ role, scopes: [] })),
  ...[
    [...SCOPES, "children:list"],
    [...SCOPES, "children:list", "young-people:read"],
    ...SCOPES.map((scope) => [...new Set(["identity:read", scope])]),
    ["place:read", "children:list"],
    [],
  ].map((scopes) => ({ role: "PARTNER_APP" as const, scopes })),
];
const ALL = process.env.MATRIX === "all";
/** The last who is asked as of every child: the app with every scope. */
const WHOLE = VIEWERS.findIndex(({ role }) => role === "PARTNER_APP");
const nameOf = ({ role, scopes }: PlainViewer) => [role, ...scopes].join(" ");

function viewerOf({ role, scopes }: PlainViewer): Viewer {
  return { subject: `matrix:${role}`, name: role, role, organisation: "N85002", localities: ["WIRRAL"], scopes };
}

async function askingAt(url: string, viewer: PlainViewer): Promise<AskOf> {
  const token = await here.issuer.sign(viewerOf(viewer), 30);
  return async (query, variables) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query, variables });
    return (await (await fetch(new URL("/graphql", url), { method: "POST", headers, body })).json()) as Answer;
  };
}

/** What is wrong with an answer by the plain policy, in words. */
function faultsOf(viewer: PlainViewer, id: string, answer: Answer, asked: readonly string[]): string[] {
  const plain = CHILDREN.get(id);
  if (plain === undefined) return [`${id} is nobody`];
  const says = (what: string) => `${nameOf(viewer)} ${id} ${what}`;
  const shown = answer.data?.childById ?? null;
  if (!may(viewer, "FIND", plain)) {
    // Who may look for nobody is told so, whoever is asked for.
    const expected = mayLook(viewer) ? undefined : ["NOT_PERMITTED"];
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
    if (!may(viewer, kind, plain) && isTakenAway) return [];
    if (!may(viewer, kind, plain)) {
      const refused = codes.has("NOT_PERMITTED") && (shown?.[name] ?? null) === null;
      return refused ? [] : [says(`${name} should be refused`)];
    }
    if (codes.has("NOT_PERMITTED")) return [says(`${name} should be shown and is refused`)];
    if (kind === "PLACE" && plain.restricted) {
      const withheld = codes.has("WITHHELD") || shown?.[name]?.__typename === "Withheld";
      return withheld ? [] : [says(`${name} should be withheld`)];
    }
    if (codes.has("WITHHELD") && !plain.restricted) return [says(`${name} is withheld`)];
    if (name === "safeguarding" && (shown?.safeguarding?.flags === null) === seesFlags(viewer)) return [says("flags")];
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
    : may(viewer, "PLACE", plain)
      ? []
      : PLANTED.filter((what) => !toldAnyway(viewer, what, plain)).map((what) => `${what}-of-${id}`);
  return [...faults, ...places.filter((place) => text.includes(place)).map((place) => says(`tells ${place}`))];
}

/** What tells a place and is seen with something else than where the child is, of one who is not restricted. */
function toldAnyway(viewer: PlainViewer, what: string, plain: PlainChild): boolean {
  if (what === "mother") return true;
  // Whose plan it is knows whom it is to call.
  if (what === "phone") return seesFlags(viewer) && may(viewer, "SAFEGUARDING", plain);
  // Of a dose are where it was given and the batch; not to those who hand the child over.
  const isOfDose = what === "batch" || what === "venue";
  return isOfDose && viewer.role === "PARTNER_APP" && may(viewer, "IMMUNISATIONS", plain);
}

const PLANTED = ["home", "school", "ward", "mother", "batch", "venue", "comment", "phone"];
const LIST = "{ children(where: {}, first: 100) { edges { node { id } } } }";

/** Those needed apart: without one of them there is no child to show the others of. */
const QUESTIONS = [false, true].map((apart) => {
  const fields = FIELDS.filter(({ needed }) => needed === apart);
  const selection = fields.map((field) => field.selection).join(" ");
  return {
    names: fields.map(({ name }) => name),
    query: `query ($id: ID!) { childById(id: $id) { ${selection} } }`,
  };
});

async function faultsAt(what: string, url: string, ids: readonly string[]): Promise<readonly string[]> {
  const faults: string[] = [];
  let cells = 0;
  for (const [at, viewer] of VIEWERS.entries()) {
    const ask = await askingAt(url, viewer);
    for (const id of ids) {
      if (!ALL && at > WHOLE && !id.includes("-HERE-")) continue;
      for (const { names, query } of QUESTIONS) {
        faults.push(...faultsOf(viewer, id, await ask(query, { id }), names));
        cells += names.length;
      }
    }
  }
  process.stdout.write(`matrix ${what}: ${cells} cells of ${VIEWERS.length} viewers, ${faults.length} faults\n`);
  return faults;
}

describe("Every field of every child, for every role", () => {
  test("is of a kind the plain policy knows", () => {
    expect(FIELDS.map(({ name }) => name).filter((name) => !Object.hasOwn(KIND_OF_FIELD, name))).toEqual([]);
  });

  test("is shown, refused, withheld or concealed as promised, with the parts in one process", async () => {
    expect(await faultsAt("in process", inProcess.url, [...CHILDREN.keys()])).toEqual([]);
  }, 1_200_000);

  test("and over HTTP", async () => {
    const ids = [...CHILDREN.keys()].filter((_, at) => ALL || at % 5 === 0);
    expect(await faultsAt("over HTTP", apart.gateway.url, ids)).toEqual([]);
  }, 1_200_000);

  test("is listed as promised", async () => {
    for (const viewer of VIEWERS) {
      const { data, errors } = await (await askingAt(inProcess.url, viewer))(LIST, {});
      const listed = data?.children?.edges.map(({ node }: { node: { id: string } }) => node.id).sort() ?? [];
      const promised = [...CHILDREN].flatMap(([id, plain]) => (mayList(viewer, plain) ? [id] : [])).sort();
      expect([nameOf(viewer), listed]).toEqual([nameOf(viewer), promised]);
      if (errors !== undefined) expect(errors[0]?.extensions.code).toBe("NOT_PERMITTED");
    }
  });
});

describe("An app", () => {
  test("is answered nothing but what was registered", async () => {
    const ask = await askingAt(inProcess.url, { role: "PARTNER_APP", scopes: SCOPES });
    const { data, errors } = await ask("query ($id: ID!) { childById(id: $id) { id name { full } } }", {
      id: "baby-HERE-alive",
    });
    expect([data ?? null, errors?.map(({ extensions }) => extensions.code)]).toEqual([null, ["DOCUMENT_NOT_TRUSTED"]]);
  });
});

describe("An adopted child", () => {
  const [before, after] = ["9990010013", "9990010021"];
  const ASKED = "query ($id: ID!) { childById(id: $id) { id nhsNumber supersededNhsNumbers name { full } } }";

  test("and the record it had before are two children, and nothing of either is told of the other", async () => {
    const both = { bornOn: "2024-03-05", given: "Robin" };
    await here.tell(
      ...child("born-as", { ...both, nhsNumber: before, family: "Oldname" }),
      ...child("adopted-as", { ...both, nhsNumber: after, family: "Newname" }),
    );
    for (const role of ["CHILD_HEALTH_CLERK", "GENERAL_PRACTITIONER", "SAFEGUARDING_LEAD"] as const) {
      const ask = here.as(role, { organisation: "N85002" });
      const everything = async (id: string) =>
        JSON.stringify(await Promise.all(QUESTIONS.map(({ query }) => ask(query, { id }))));
      const [old, now] = [await everything("born-as"), await everything("adopted-as")];
      expect([role, old.match(/adopted-as|Newname|9990010021/g), now.match(/born-as|Oldname|9990010013/g)]).toEqual([
        role,
        null,
        null,
      ]);
      const { data } = await ask(ASKED, { id: "adopted-as" });
      expect(data.childById).toMatchObject({ nhsNumber: after, supersededNhsNumbers: [] });
    }
  });
});
