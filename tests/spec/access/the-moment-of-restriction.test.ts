import type { Gateway } from "../../../gateway";
import { type House, openGateway, openHouse, readSettings } from "../../../main";
import type { Viewer } from "../../../schema/access";
import { child, event, type World, world } from "../../world";

const CLERK: Viewer = {
  subject: "clerk",
  name: "Carys Penn",
  role: "CHILD_HEALTH_CLERK",
  organisation: "RY7",
  localities: ["WIRRAL"],
  scopes: [],
};
const ID = "ada";
const NUMBER = "9990000018";
const BORN = { bornOn: "2026-03-20", practice: "N85002" };

let here: World;
/** Another process over the same databases. */
let other: { readonly house: House; readonly gateway: Gateway };
let authorization: string;
let visitor: string;

beforeAll(async () => {
  here = await world();
  await here.tell(...child(ID, { ...BORN, nhsNumber: NUMBER }), ...child("ben", BORN));
  await here.house.parts.get("immunisations")?.settle();
  const settings = readSettings({ DATA_DIR: here.folder, PORT: "0", LOG_LEVEL: "silent" });
  const house = await openHouse(settings, { now: () => Date.parse("2026-06-01T10:00:00Z") });
  other = { house, gateway: await openGateway(house, settings) };
  authorization = `Bearer ${await here.issuer.sign(CLERK, 30)}`;
  // Whose team is told of a hearing screen.
  visitor = `Bearer ${await here.issuer.sign({ ...CLERK, role: "HEALTH_VISITOR" }, 30)}`;
}, 60_000);
afterAll(async () => {
  await other.gateway.close();
  await other.house.close();
  await here.close();
});

async function posted(url: string, query: string): Promise<string> {
  const headers = { "content-type": "application/json", authorization };
  const response = await fetch(new URL("/graphql", url), { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.text();
}

const RECORD = `{ child(nhsNumber: "${NUMBER}") { id address { ... on Address { postcode } } practice { ... on Practice { odsCode } } } }`;

/** Each way that a child's place is seen, and what it shows while it is. */
const WAYS: Readonly<Record<string, () => Promise<string>>> = {
  "its record": () => posted(here.url, RECORD),
  "its record, asked of another process": () => posted(other.gateway.url, RECORD),
  "a search by place": () =>
    posted(
      here.url,
      `{ findChildren(by: { postcode: "CH41 5AA", bornOn: "2026-03-20" }) { edges { node { nhsNumber } } } }`,
    ),
  "a list of its practice": () =>
    posted(other.gateway.url, `{ children(where: { practices: ["N85002"] }) { edges { node { nhsNumber } } } }`),
  "those due at its practice": () =>
    posted(
      here.url,
      `{ immunisationsDue(where: { practices: ["N85002"] }) { edges { node { child { nhsNumber } } } } }`,
    ),
  "the same as a file": async () => {
    const url = new URL("/exports/immunisations-due.csv?practice=N85002", here.url);
    return (await fetch(url, { headers: { authorization } })).text();
  },
};
const isShown: Readonly<Record<string, (text: string) => boolean>> = {
  "its record": (text) => /CH41|N85002/.test(text),
  "its record, asked of another process": (text) => /CH41|N85002/.test(text),
};
const shows = (way: string, text: string) => isShown[way]?.(text) ?? text.includes(NUMBER);

describe("The moment a child becomes restricted", () => {
  test("its place is shown nowhere any more, within a second and for whoever had asked before", async () => {
    const stop = new AbortController();
    const subscription = await fetch(new URL("/graphql", here.url), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", authorization: visitor },
      body: JSON.stringify({
        query: `subscription { notifications { team { id } child { nhsNumber address { ... on Address { postcode } ... on Withheld { reason } } practice { ... on Practice { odsCode } } } } }`,
      }),
      signal: stop.signal,
    });
    const reader = subscription.body?.pipeThrough(new TextDecoderStream()).getReader();
    const nextEvent = async () => {
      for (let text = ""; ; ) {
        const { value = "", done } = (await reader?.read()) ?? { done: true };
        text += value;
        if (done || /data: [^\0]*?\n\n/.test(text)) return text;
      }
    };
    const screened = (source: string) =>
      event("NewbornHearingRecorded", ID, {
        source: { system: "newborn-hearing-1", id: source },
        asOf: "2026-05-31T10:00:00.000000000Z",
        ...{ outcome: "CLEAR_NO_FOLLOW_UP", outcomeCode: "276781000000109", screenedOn: "2026-03-22" },
        ...{ outcomeSetAt: null, tests: [], provider: null, comment: null },
      });
    await here.tell(screened("before"));
    expect(await nextEvent()).toMatch(/CH41 ?5AA.*N85002/);
    for (const [way, ask] of Object.entries(WAYS)) expect([way, shows(way, await ask())]).toEqual([way, true]);

    const asOf = "2026-05-01T00:00:00.000000000Z";
    await here.tell({ ...event("RestrictionRecorded", ID, { restricted: true }), asOf });
    const flagged = performance.now();
    await here.tell(screened("after"));
    const told = await nextEvent();
    expect(told).toContain("whereabouts are restricted");
    expect(told).not.toMatch(/CH41|N85002|WIRRAL/);
    for (const [way, ask] of Object.entries(WAYS)) {
      while (shows(way, await ask())) {
        expect([way, performance.now() - flagged < 1_000]).toEqual([way, true]);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    stop.abort();
  });
});
