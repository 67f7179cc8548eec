import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { passportsOf } from "../../chassis/passport";
import { migrateSubgraph, reachSubgraph, type Subgraph, serveSubgraph, startSubgraph } from "../../chassis/subgraph";
import type { Role, Viewer } from "../../schema/access";
import type { Event, EventOf, EventType } from "../../schema/events";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import { notifications } from "../../subgraphs/notifications";
import { KINDS, TOLD_BY } from "../../subgraphs/notifications/rules";
import { eachDatabase } from "../databases";

const ADA = "ada";
/** Of the CH41 district, Wirral, and of CW5, Cheshire East: by the codes of their local authorities. */
const AUTHORITY = { WIRRAL: "E08000015", EAST_CHESHIRE: "E06000049" } as const;
const PRACTICE = { WIRRAL: "N85002", EAST_CHESHIRE: "N81013" } as const;
const START = Date.parse("2026-03-02T10:00:00Z");
const HOUR = 3_600_000;

let clock = START;
const instant = (hours: number) => `${new Date(START + hours * HOUR).toISOString().slice(0, 23)}000000Z`;

/** An event as a national system tells it, some hours after the start. */
function told<Type extends EventType>(
  type: Type,
  hours: number,
  fields: Partial<Omit<EventOf<Type>, "type">> & { readonly id?: string; readonly system?: string },
): EventOf<Type> {
  const { id = "latest", system = SYSTEM[type] ?? "pds", ...rest } = fields;
  const header = { type, action: "record", childId: ADA, source: { system, id }, asOf: instant(hours) };
  return { ...header, ...rest } as unknown as EventOf<Type>; // the caller gives the fields its type has
}
const SYSTEM: { readonly [Type in EventType]?: string } = {
  NewbornHearingRecorded: "newborn-hearing-1",
  NewbornBloodSpotRecorded: "blood-spot-test-outcome-1",
  NewbornExaminationRecorded: "nipe-outcome-1",
  DeathRecorded: "pds-death-notification-1",
  GlassBroken: "break-glass",
};

const identity = (childId = ADA, bornOn = "2026-02-20", system = "pds-birth-notification-1") =>
  told("IdentityRecorded", 0, { childId, bornOn, system, nhsNumber: null, familyName: "Example", givenNames: "Ada" });
const address = (hours: number, locality: keyof typeof AUTHORITY | null, line = "1 High Street", childId = ADA) =>
  told("AddressRecorded", hours, {
    childId,
    lines: [line],
    postcode: "CH41 5AA",
    localAuthority: locality === null ? "E09000001" : AUTHORITY[locality],
    from: instant(hours).slice(0, 10),
    to: null,
    system: "pds-change-of-address-1",
  });
const practice = (hours: number, odsCode: string | null) =>
  told("GpRegistrationRecorded", hours, {
    practice: odsCode,
    from: instant(hours).slice(0, 10),
    to: null,
    system: "pds-change-of-gp-1",
  });
const birth = (fields: Partial<EventOf<"BirthRecorded">> = {}) =>
  told("BirthRecorded", 0, {
    stillbirth: false,
    birthOrder: 1,
    ...fields,
    system: "pds-birth-notification-1",
  } as never);
const hearing = (hours: number, outcome: EventOf<"NewbornHearingRecorded">["outcome"], id = "E-1") =>
  told("NewbornHearingRecorded", hours, { outcome, outcomeCode: "1", screenedOn: "2026-02-25", tests: [], id });
const withdrawn = (hours: number, id = "E-1"): Event => ({
  type: "NewbornHearingRecorded",
  action: "withdraw",
  childId: ADA,
  source: { system: "newborn-hearing-1", id },
  asOf: instant(hours),
});
const death = (hours: number, status: EventOf<"DeathRecorded">["status"]) =>
  told("DeathRecorded", hours, { status, diedOn: status === "REMOVED" ? null : "2026-03-01" });

/** Ada, born in Wirral three weeks ago, as the locality's own extract has her: nobody is told of that. */
const inWirral = (fields: { readonly practice?: string | null; readonly restricted?: boolean } = {}): Event[] => {
  const system = "WIRRAL";
  return [
    { ...identity(ADA, "2026-02-20", system) },
    { ...address(-100, "WIRRAL"), source: { system, id: ADA }, from: "2026-02-20" },
    { ...practice(-100, fields.practice ?? null), source: { system, id: ADA }, from: "2026-02-20" },
    told("RestrictionRecorded", -100, { restricted: fields.restricted ?? false, system }),
    told("ResponsibilityRecorded", -100, { locality: "WIRRAL", status: "RESIDENT", from: "2026-02-20", system }),
  ];
};

const place = (cursor = "") => Number(Buffer.from(cursor, "base64url").toString());

function viewer(role: Role, localities: readonly LocalityCode[] = ["WIRRAL"], more: Partial<Viewer> = {}): Viewer {
  return { subject: `test:${role}`, name: `A ${role}`, role, organisation: null, localities, scopes: [], ...more };
}

interface Node {
  readonly id: string;
  readonly cursor: string;
  readonly kind: string;
  readonly urgency: string;
  readonly state: string;
  readonly overdue: boolean;
  readonly seeBy: string;
  readonly team: { readonly kind: string; readonly id: string | null };
  readonly acknowledgement: { readonly by: string } | null;
  readonly escalationOf: string | null;
  readonly handedOverAt: string | null;
  readonly place: Readonly<Record<string, string | null>> | null;
}
const NODE =
  "id cursor kind urgency state overdue seeBy team { kind id } acknowledgement { by } escalationOf handedOverAt place { ... on NotificationPlace { fromLocality toLocality fromPractice toPractice } ... on Withheld { reason } }";

eachDatabase((places) => {
  let part: Subgraph;
  let houses = 0;
  let deliveries = 0;

  beforeEach(async () => {
    houses += 1;
    clock = START;
    const place = places(`notifications_${houses}`);
    await migrateSubgraph(notifications, place);
    part = await startSubgraph(notifications, { place, now: () => clock });
  });
  afterEach(() => part.close());

  async function tell(...events: readonly Event[]): Promise<number> {
    deliveries += 1;
    await part.deliver({ number: deliveries, events });
    return deliveries;
  }

  async function ask(as: Viewer, query: string, variables: Readonly<Record<string, unknown>> = {}) {
    const { data, errors } = await part.ask({ query, variables, viewer: as, requestId: "test" });
    // biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
    const plain: any = JSON.parse(JSON.stringify(data ?? null));
    return { data: plain, codes: errors?.map(({ extensions }) => extensions?.code) ?? [] };
  }

  async function feed(as: Viewer, where: object | null = null, first = 100, after: string | null = null) {
    const query = `query ($where: NotificationFilter, $first: Int, $after: String) { notifications(where: $where, first: $first, after: $after) { edges { node { ${NODE} } } pageInfo { hasNextPage endCursor } readUpTo } }`;
    const { data, codes } = await ask(as, query, { where, first, after });
    if (data?.notifications == null) throw new Error(codes.join());
    const { edges, pageInfo, readUpTo } = data.notifications;
    return { nodes: edges.map(({ node }: { node: Node }) => node) as Node[], pageInfo, readUpTo };
  }

  /** Everything told, as `KIND TEAM`, as those who see everybody's would read it: straight from the table. */
  const VIEWERS = (["WIRRAL", "EAST_CHESHIRE"] as const).flatMap((locality) =>
    (["CHILD_HEALTH_CLERK", "HEALTH_VISITOR", "SCHOOL_NURSE", "SCREENING_OFFICER", "SAFEGUARDING_LEAD"] as const).map(
      (role) => viewer(role, [locality]),
    ),
  );
  const PRACTICES = Object.values(PRACTICE).map((organisation) => viewer("GENERAL_PRACTITIONER", [], { organisation }));
  async function everything(): Promise<readonly string[]> {
    const nodes: Node[] = [];
    for (const each of [...VIEWERS, ...PRACTICES, viewer("PRIVACY_OFFICER")]) nodes.push(...(await feed(each)).nodes);
    return nodes.sort((a, b) => Number(a.id) - Number(b.id)).map(({ kind, team }) => `${kind} ${team.id ?? team.kind}`);
  }

  const [HV, CHI, SCR] = ["HEALTH_VISITING", "CHILD_HEALTH_INFORMATION", "SCREENING"];

  describe("Which team is told", () => {
    test.each<[string, Event[], Event[], string[]]>([
      ["a birth", [], [identity(), address(0, "WIRRAL"), birth()], [`BIRTH ${HV}:WIRRAL`, `BIRTH ${CHI}:WIRRAL`]],
      [
        "a stillbirth",
        [],
        [identity(), address(0, "WIRRAL"), birth({ stillbirth: true })],
        [`STILLBIRTH ${HV}:WIRRAL`, `STILLBIRTH ${CHI}:WIRRAL`],
      ],
      [
        "a move from one locality to another",
        inWirral(),
        [address(1, "EAST_CHESHIRE")],
        [
          `MOVED_IN ${CHI}:EAST_CHESHIRE`,
          `MOVED_IN ${HV}:EAST_CHESHIRE`,
          `MOVED_IN ${SCR}:EAST_CHESHIRE`,
          `MOVED_OUT ${CHI}:WIRRAL`,
          `MOVED_OUT ${HV}:WIRRAL`,
          `MOVED_OUT ${SCR}:WIRRAL`,
        ],
      ],
      [
        "a move out of Cheshire and Merseyside",
        inWirral(),
        [address(1, null)],
        [`MOVED_OUT ${CHI}:WIRRAL`, `MOVED_OUT ${HV}:WIRRAL`, `MOVED_OUT ${SCR}:WIRRAL`],
      ],
      ["a move within the locality", inWirral(), [address(1, "WIRRAL", "2 Low Road")], [`MOVED_HOME ${HV}:WIRRAL`]],
      [
        "another practice of the locality",
        inWirral({ practice: PRACTICE.WIRRAL }),
        [practice(1, "N85003")],
        [`PRACTICE_JOINED ${HV}:WIRRAL`, `PRACTICE_LEFT GENERAL_PRACTICE:${PRACTICE.WIRRAL}`],
      ],
      [
        "a first practice",
        inWirral(),
        [practice(1, PRACTICE.WIRRAL)],
        [`PRACTICE_JOINED GENERAL_PRACTICE:${PRACTICE.WIRRAL}`, `PRACTICE_JOINED ${HV}:WIRRAL`],
      ],
      [
        "a practice left for none",
        inWirral({ practice: PRACTICE.WIRRAL }),
        [practice(1, null)],
        [
          `PRACTICE_NONE ${HV}:WIRRAL`,
          `PRACTICE_NONE ${CHI}:WIRRAL`,
          `PRACTICE_LEFT GENERAL_PRACTICE:${PRACTICE.WIRRAL}`,
        ],
      ],
      [
        "a death",
        inWirral({ practice: PRACTICE.WIRRAL }),
        [death(1, "INFORMAL")],
        [
          `DEATH ${CHI}:WIRRAL`,
          `DEATH ${HV}:WIRRAL`,
          `DEATH ${SCR}:WIRRAL`,
          "DEATH SAFEGUARDING:WIRRAL",
          `DEATH GENERAL_PRACTICE:${PRACTICE.WIRRAL}`,
        ],
      ],
      ["a clear screen", inWirral(), [hearing(1, "CLEAR_NO_FOLLOW_UP")], [`SCREEN_CLEAR ${HV}:WIRRAL`]],
      [
        "a screen that asks for follow-up",
        inWirral(),
        [hearing(1, "CLEAR_TARGETED_FOLLOW_UP")],
        [`SCREEN_NOT_CLEAR ${HV}:WIRRAL`, `SCREEN_NOT_CLEAR ${SCR}:WIRRAL`],
      ],
      [
        "an outcome of unknown meaning",
        inWirral(),
        [hearing(1, "UNCLASSIFIED")],
        [`SCREEN_NOT_CLEAR ${HV}:WIRRAL`, `SCREEN_NOT_CLEAR ${SCR}:WIRRAL`],
      ],
      [
        "a screen that was declined",
        inWirral(),
        [hearing(1, "INCOMPLETE_DECLINED")],
        [`SCREEN_INCOMPLETE ${HV}:WIRRAL`, `SCREEN_INCOMPLETE ${SCR}:WIRRAL`],
      ],
      [
        "blood spots of which one is suspected and one must be repeated",
        inWirral(),
        [
          told("NewbornBloodSpotRecorded", 1, {
            results: [
              { condition: "PKU", outcome: "NOT_SUSPECTED", status: "04", subStatus: null, outcomeCode: null },
              { condition: "CF", outcome: "REPEAT_NEEDED", status: "03", subStatus: null, outcomeCode: null },
              { condition: "CHT", outcome: "SUSPECTED", status: "08", subStatus: null, outcomeCode: null },
            ],
          }),
        ],
        [`SCREEN_NOT_CLEAR ${HV}:WIRRAL`, `SCREEN_NOT_CLEAR ${SCR}:WIRRAL`],
      ],
      [
        "a sample that has reached the laboratory",
        inWirral(),
        [
          told("NewbornBloodSpotRecorded", 1, {
            results: [{ condition: "PKU", outcome: "RECEIVED", status: "01", subStatus: null, outcomeCode: null }],
          }),
        ],
        [],
      ],
      [
        "an examination without an abnormality but with a risk factor",
        inWirral(),
        [
          told("NewbornExaminationRecorded", 1, {
            stage: "NEWBORN",
            results: [{ part: "HIPS", outcome: "NO_ABNORMALITY", riskFactor: true, outcomeCode: null }],
          }),
        ],
        [`SCREEN_NOT_CLEAR ${HV}:WIRRAL`, `SCREEN_NOT_CLEAR ${SCR}:WIRRAL`],
      ],
      [
        "broken glass",
        inWirral(),
        [
          told("GlassBroken", 1, {
            subject: "somebody",
            role: "GENERAL_PRACTITIONER",
            from: instant(1),
            until: instant(25),
            opensPlace: false,
          }),
        ],
        ["GLASS_BROKEN PRIVACY"],
      ],
    ])("by %s", async (_what, first, then, expected) => {
      if (first.length > 0) await tell(...first);
      expect(await everything()).toEqual([]);
      await tell(...then);
      expect(await everything()).toEqual(expected);
    });

    test("each kind of the table is one of these, or of those below", () => {
      const byEvents = new Set(Object.values(TOLD_BY).flat());
      expect(Object.keys(KINDS).filter((kind) => !byEvents.has(kind as never))).toEqual([]);
      for (const rule of Object.values(KINDS))
        expect([rule.source, rule.seenWithinHours > 0]).toEqual([expect.stringMatching(/\w/), true]);
    });

    test("nobody by the extract of a legacy system, nor of a child who is of no national event", async () => {
      await tell(...inWirral(), { ...hearing(0, "UNCLASSIFIED"), source: { system: "WIRRAL", id: "S-1" } });
      await tell({ ...address(5, "EAST_CHESHIRE"), source: { system: "WIRRAL", id: ADA } });
      expect(await everything()).toEqual([]);
    });

    test("the clerks of every locality, of a child whose place is not known", async () => {
      await tell(identity(), birth());
      const seen = await feed(viewer("CHILD_HEALTH_CLERK", ["WARRINGTON"]));
      expect(seen.nodes.map(({ kind, team }) => `${kind} ${team.id}`)).toEqual([`BIRTH ${CHI}:WARRINGTON`]);
    });

    test("by age: a move of a child of school age tells school nurses, not health visitors", async () => {
      await tell(
        ...inWirral().map((event) => (event.type === "IdentityRecorded" ? { ...event, bornOn: "2017-01-05" } : event)),
      );
      await tell(address(1, "EAST_CHESHIRE"));
      expect((await everything()).filter((line) => line.endsWith("EAST_CHESHIRE"))).toEqual([
        `MOVED_IN ${CHI}:EAST_CHESHIRE`,
        "MOVED_IN SCHOOL_NURSING:EAST_CHESHIRE",
      ]);
    });
  });

  describe("Once, in whatever order it is told", () => {
    test("a delivery made again tells nobody again", async () => {
      await tell(...inWirral());
      const number = await tell(hearing(1, "UNCLASSIFIED"));
      const before = await everything();
      await part.deliver({ number, events: [hearing(1, "UNCLASSIFIED")] });
      expect(await everything()).toEqual(before);
    });

    test.each([
      ["the same again", hearing(2, "UNCLASSIFIED")],
      ["an older version", hearing(1, "CLEAR_NO_FOLLOW_UP")],
      ["a newer version that says the same", hearing(3, "UNCLASSIFIED")],
    ])("%s tells nobody", async (_what, again) => {
      await tell(...inWirral());
      await tell(hearing(2, "UNCLASSIFIED"));
      const before = await everything();
      await tell(again);
      expect(await everything()).toEqual(before);
    });

    test("an address in another spelling is no move", async () => {
      await tell(...inWirral());
      await tell(address(1, "WIRRAL", "2 Low Road"));
      const before = await everything();
      await tell(address(2, "WIRRAL", "2, LOW ROAD"));
      expect(await everything()).toEqual(before);
    });

    test("taken back before it is told, it is never told", async () => {
      await tell(...inWirral());
      await tell(withdrawn(3));
      await tell(hearing(1, "UNCLASSIFIED"));
      expect(await everything()).toEqual([]);
    });

    test("taken back, those who were told are told; told anew, they are told that it changed", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "UNCLASSIFIED"));
      await tell(withdrawn(2));
      expect((await everything()).slice(2)).toEqual([
        `SCREEN_WITHDRAWN ${HV}:WIRRAL`,
        `SCREEN_WITHDRAWN ${SCR}:WIRRAL`,
      ]);
      await tell(hearing(3, "CLEAR_NO_FOLLOW_UP"));
      expect((await everything()).slice(4)).toEqual([`SCREEN_CHANGED ${HV}:WIRRAL`, `SCREEN_CHANGED ${SCR}:WIRRAL`]);
    });

    test("an outcome that is changed for the worse tells those told before, and who must know now", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "CLEAR_NO_FOLLOW_UP"));
      await tell(hearing(2, "NO_CLEAR_RESPONSE_BILATERAL"));
      expect(await everything()).toEqual([
        `SCREEN_CLEAR ${HV}:WIRRAL`,
        `SCREEN_CHANGED ${HV}:WIRRAL`,
        `SCREEN_NOT_CLEAR ${SCR}:WIRRAL`,
      ]);
    });
  });

  describe("A death", () => {
    test("silences what would turn to the family, and nothing new is told that would", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "INCOMPLETE"));
      await tell(death(2, "FORMAL"));
      await tell(hearing(3, "INCOMPLETE_DECLINED"));
      const health = viewer("HEALTH_VISITOR");
      expect((await feed(health)).nodes.map(({ kind }) => kind)).toEqual(["DEATH"]);
      const { data } = await ask(
        health,
        `{ _entities(representations: [{ __typename: "Child", id: "ada" }]) { ... on Child { notifications { edges { node { kind state team { kind } } } } } } }`,
      );
      const own = data._entities[0].notifications.edges.filter(({ node }: { node: Node }) => node.team.kind === HV);
      expect(own.map(({ node }: { node: Node }) => `${node.kind} ${node.state}`)).toEqual([
        "SCREEN_INCOMPLETE SILENCED",
        "DEATH OPEN",
        "SCREEN_CHANGED SILENCED",
      ]);
    });

    test("told by a locality silences too, and tells nobody", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "INCOMPLETE"));
      await tell({ ...death(2, "FORMAL"), source: { system: "WIRRAL", id: ADA } });
      expect(await everything()).toEqual([]);
    });

    test("removed, those who were told of it are told, and nothing old comes back", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "INCOMPLETE"));
      await tell(death(2, "INFORMAL"));
      const told = (await everything()).map((line) => line.replace("DEATH ", ""));
      await tell(death(3, "REMOVED"));
      clock += 1000 * HOUR;
      expect((await everything()).slice(told.length)).toEqual(told.map((team) => `DEATH_REMOVED ${team}`));
      await tell(hearing(5, "CLEAR_NO_FOLLOW_UP"));
      expect((await feed(viewer("HEALTH_VISITOR"))).nodes.map(({ kind }) => kind)).toEqual([
        "DEATH",
        "DEATH_REMOVED",
        "SCREEN_CHANGED",
      ]);
    });

    test("removed before it is told, in order of arrival, changes nothing", async () => {
      await tell(...inWirral());
      await tell(death(3, "REMOVED"));
      await tell(death(2, "INFORMAL"));
      expect(await everything()).toEqual([]);
    });

    test("is told to the locality that still hands the child over", async () => {
      await tell(...inWirral());
      await tell(address(1, "EAST_CHESHIRE"));
      await tell(death(2, "FORMAL"));
      expect(await everything()).toEqual(expect.arrayContaining([`DEATH ${HV}:WIRRAL`, `DEATH ${HV}:EAST_CHESHIRE`]));
    });
  });

  describe("Acknowledging", () => {
    const acknowledge = (as: Viewer, id: string) =>
      ask(as, `mutation ($id: ID!) { acknowledgeNotification(id: $id) { state acknowledgement { by at } } }`, { id });

    test("says who and when; the first of a team counts", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "CLEAR_NO_FOLLOW_UP"));
      const [first] = (await feed(viewer("HEALTH_VISITOR"))).nodes;
      const hannah = viewer("HEALTH_VISITOR", ["WIRRAL"], { name: "Hannah Vale" });
      const by = async (as: Viewer) => (await acknowledge(as, first?.id ?? "")).data.acknowledgeNotification;
      const stands = { state: "ACKNOWLEDGED", acknowledgement: { by: "Hannah Vale", at: "2026-03-02T10:00:00.000Z" } };
      expect(await by(hannah)).toEqual(stands);
      clock += HOUR;
      expect(await by(viewer("HEALTH_VISITOR", ["WIRRAL"], { name: "Somebody Else" }))).toEqual(stands);
      expect((await feed(hannah, { acknowledged: false })).nodes).toEqual([]);
      expect((await feed(hannah, { acknowledged: true })).nodes).toHaveLength(1);
    });

    test.each([
      ["of another locality", viewer("HEALTH_VISITOR", ["WARRINGTON"]), "NOT_FOUND"],
      ["of another team", viewer("CHILD_HEALTH_CLERK"), "NOT_FOUND"],
      ["who sees no child", viewer("ANALYST"), "NOT_PERMITTED"],
    ])("is not for somebody %s", async (_who, as, code) => {
      await tell(...inWirral());
      await tell(hearing(1, "CLEAR_NO_FOLLOW_UP"));
      const [first] = (await feed(viewer("HEALTH_VISITOR"))).nodes;
      expect((await acknowledge(as, first?.id ?? "")).codes).toEqual([code]);
      expect((await acknowledge(as, "nonsense")).codes).toEqual([code]);
    });

    test("by the new locality is the handover done", async () => {
      await tell(...inWirral());
      await tell(address(1, "EAST_CHESHIRE"));
      const old = viewer("HEALTH_VISITOR", ["WIRRAL"]);
      const gone = async () =>
        (await feed(old)).nodes.map(({ kind, handedOverAt, place }) => ({ kind, handedOverAt, to: place?.toLocality }));
      expect(await gone()).toEqual([{ kind: "MOVED_OUT", handedOverAt: null, to: "EAST_CHESHIRE" }]);
      const there = viewer("CHILD_HEALTH_CLERK", ["EAST_CHESHIRE"]);
      await acknowledge(there, (await feed(there)).nodes[0]?.id ?? "");
      expect((await gone())[0]?.handedOverAt).toBe("2026-03-02T10:00:00.000Z");
    });

    test("not done in time, the next team is told; the matter is told no further once somebody has it", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "UNCLASSIFIED"));
      await part.settle();
      expect(await everything()).toHaveLength(2);
      clock += 25 * HOUR;
      const [late] = (await feed(viewer("HEALTH_VISITOR"))).nodes;
      expect(late?.overdue).toBe(true);
      await part.settle();
      await part.settle();
      expect((await everything()).slice(2)).toEqual([
        `SCREEN_NOT_CLEAR ${CHI}:WIRRAL`,
        `SCREEN_NOT_CLEAR ${CHI}:WIRRAL`,
      ]);
      const clerk = viewer("CHILD_HEALTH_CLERK");
      const escalated = (await feed(clerk)).nodes;
      expect(escalated.map(({ escalationOf, urgency }) => [escalationOf, urgency])).toEqual([
        ["1", "URGENT"],
        ["2", "URGENT"],
      ]);
      clock += 25 * HOUR;
      await part.settle();
      expect(await everything()).toHaveLength(4);
      expect((await feed(clerk)).nodes.every(({ overdue }) => overdue)).toBe(true);
    });

    test("what was acknowledged or came to nothing is told to nobody else", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "CLEAR_NO_FOLLOW_UP"));
      const health = viewer("HEALTH_VISITOR");
      await acknowledge(health, (await feed(health)).nodes[0]?.id ?? "");
      await tell(hearing(2, "INCOMPLETE", "E-2"));
      await tell({ ...death(3, "FORMAL"), source: { system: "WIRRAL", id: ADA } });
      clock += 1000 * HOUR;
      await part.settle();
      expect((await feed(viewer("CHILD_HEALTH_CLERK"))).nodes).toEqual([]);
    });
  });

  describe("What a team may not see is not in its feed", () => {
    test("nor what it may not see any more", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "CLEAR_NO_FOLLOW_UP"));
      const health = viewer("HEALTH_VISITOR");
      expect((await feed(health)).nodes).toHaveLength(1);
      clock = Date.parse("2032-01-01T10:00:00Z");
      const later = await feed(health);
      expect([later.nodes, later.pageInfo.hasNextPage]).toEqual([[], false]);
      expect(place(later.readUpTo)).toBe(1);
    });

    test("screening is for those who may see screening", async () => {
      await tell(...inWirral());
      await tell(hearing(1, "UNCLASSIFIED"));
      const app = (scopes: readonly string[]) => viewer("PARTNER_APP", ["WIRRAL"], { scopes });
      expect((await feed(app(["notifications:read", "screening:read"]))).nodes).toHaveLength(2);
      expect((await feed(app(["notifications:read", "identity:read"]))).nodes).toHaveLength(0);
      await expect(feed(app(["screening:read"]))).rejects.toThrow("NOT_PERMITTED");
    });

    test("a restricted child's place is nowhere in it", async () => {
      await tell(...inWirral({ practice: PRACTICE.WIRRAL, restricted: true }));
      await tell(address(1, "EAST_CHESHIRE"), practice(1, PRACTICE.EAST_CHESHIRE));
      const everywhere = viewer("CHILD_HEALTH_CLERK", ["WIRRAL", "EAST_CHESHIRE"]);
      const { nodes } = await feed(everywhere);
      expect(nodes.map(({ kind, team, place }) => [kind, team, place])).toEqual([
        ["MOVED_IN", { kind: CHI, id: null }, { reason: "This child's whereabouts are restricted." }],
        ["MOVED_OUT", { kind: CHI, id: null }, { reason: "This child's whereabouts are restricted." }],
      ]);
      for (const locality of ["WIRRAL", "EAST_CHESHIRE"])
        expect((await feed(everywhere, { teams: [`${CHI}:${locality}`] })).nodes).toEqual([]);
      const app = viewer("PARTNER_APP", ["WIRRAL", "EAST_CHESHIRE"], {
        scopes: ["notifications:read", "identity:read"],
      });
      expect((await feed(app)).nodes).toEqual([]);
    });
  });

  describe("The feed", () => {
    test("is read on from a cursor, page by page, nothing missing and nothing twice", async () => {
      await tell(...inWirral());
      for (let n = 1; n <= 7; n++) await tell(hearing(n, "CLEAR_NO_FOLLOW_UP", `E-${n}`));
      const health = viewer("HEALTH_VISITOR");
      const ids: string[] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        const page: Awaited<ReturnType<typeof feed>> = await feed(health, null, 3, after);
        ids.push(...page.nodes.map(({ id }) => id));
        after = page.readUpTo;
        more = page.pageInfo.hasNextPage;
      }
      expect(ids).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
      expect((await feed(health, { kinds: ["BIRTH"] })).nodes).toEqual([]);
      expect((await feed(health, { urgencies: ["ROUTINE"] })).nodes).toHaveLength(7);
      expect((await ask(health, `{ notifications(after: "bm9uc2Vuc2U") { readUpTo } }`)).codes).toEqual([
        "ARGUMENT_INVALID",
      ]);
    });

    test("has no gap and no place that is filled later, however many tell at once", async () => {
      const children = Array.from({ length: 20 }, (_, n) => `child-${n}`);
      for (const childId of children) await tell(...inWirral().map((event) => ({ ...event, childId }) as Event));
      const seen = new Set<number>();
      let highest = 0;
      let done = false;
      const reading = (async () => {
        while (!done) {
          const upTo = place((await part.news?.(null, viewer("HEALTH_VISITOR")))?.upTo);
          const { nodes } = await feed(viewer("HEALTH_VISITOR"), null, 100);
          const numbers = nodes.map(({ id }) => Number(id));
          // Everything up to the head that was told before must be there.
          for (let n = 1; n <= upTo; n++) if (!numbers.includes(n)) throw new Error(`${n} of ${upTo} came late.`);
          for (const n of numbers) seen.add(n);
          highest = Math.max(highest, upTo);
        }
      })();
      await Promise.all(children.map((childId, n) => tell({ ...hearing(1, "CLEAR_NO_FOLLOW_UP", `E-${n}`), childId })));
      done = true;
      await reading;
      const all = (await feed(viewer("HEALTH_VISITOR"))).nodes.map(({ id }) => Number(id));
      expect(all).toEqual(children.map((_, n) => n + 1));
    });

    test("news of it names teams and no child", async () => {
      await tell(...inWirral());
      const told: number[] = [];
      const stop = part.watch?.(() => told.push(deliveries));
      await tell(hearing(1, "UNCLASSIFIED"));
      stop?.();
      expect(told).toHaveLength(1);
      const [first] = (await feed(viewer("HEALTH_VISITOR"))).nodes;
      const start = Buffer.from("0").toString("base64url");
      expect(first?.cursor).toBe(Buffer.from("1").toString("base64url"));
      expect(await part.news?.(start, viewer("HEALTH_VISITOR"))).toEqual({
        upTo: Buffer.from("2").toString("base64url"),
        topics: [`${HV}:WIRRAL`, `${SCR}:WIRRAL`],
      });
      const upTo = Buffer.from("2").toString("base64url");
      expect(await part.news?.(upTo, viewer("HEALTH_VISITOR"))).toEqual({ upTo, topics: [] });
    });
  });
});

test("served apart, its news is told to whoever has a passport, and to nobody else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chis-news-"));
  const place = { file: join(folder, "notifications.sqlite") };
  const passports = passportsOf("a key of thirty-two characters or more");
  await migrateSubgraph(notifications, place);
  const part = await startSubgraph(notifications, { place, now: () => START });
  const server = await serveSubgraph(part, { host: "127.0.0.1", port: 0, passports });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address
  const reached = reachSubgraph(notifications, { url, passports });
  try {
    expect(await reached.news?.(null, viewer("HEALTH_VISITOR"))).toEqual({ upTo: "MA", topics: [] });
    await reached.deliver({ number: 1, events: [...inWirral(), hearing(1, "UNCLASSIFIED")] });
    const told = await reached.news?.("MA", viewer("HEALTH_VISITOR"));
    expect(told).toEqual({ upTo: "Mg", topics: ["HEALTH_VISITING:WIRRAL", "SCREENING:WIRRAL"] });
    expect((await fetch(`${url}/news`, { method: "POST", body: '{"after":null}' })).status).toBe(401);
  } finally {
    await reached.close();
    await new Promise((resolve) => server.close(resolve));
    await part.close();
    rmSync(folder, { recursive: true });
  }
});
