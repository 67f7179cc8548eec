import { openDatabase, type Place } from "../../chassis/database";
import { registerOf } from "../../chassis/register";
import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import { inventChild, inventVaccinations } from "../../ingest";
import { listed, ROLES, type Role, scopeOf, type Viewer } from "../../schema/access";
import { addDays, addYears, instantOf } from "../../schema/calendar";
import type { Event } from "../../schema/events";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";
import type { NotGivenReason, Vaccine } from "../../schema/vocabulary/vaccines";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { child, event } from "../world";

const DUE = `query ($where: Population!, $team: ID, $states: [DoseState!], $vaccines: [Vaccine!], $on: Date, $first: Int, $after: String) {
  immunisationsDue(where: $where, team: $team, states: $states, vaccines: $vaccines, on: $on, first: $first, after: $after) {
    on edges { cursor node { child { id } doseId vaccine state dueOn overdueOn latestOn reason contact invitations inviteAgainOn } }
    pageInfo { hasNextPage endCursor } } }`;

interface Line {
  readonly child: { readonly id: string };
  readonly doseId: string;
  readonly vaccine: string;
  readonly state: string;
  readonly dueOn: string;
  readonly overdueOn: string | null;
  readonly latestOn: string | null;
  readonly reason: string;
}

const LATER = "2026-02-01T00:00:00.000000000Z";

const NO_DETAILS = {
  procedureCode: null,
  productCode: null,
  doseNumber: null,
  site: null,
  route: null,
  batchNumber: null,
  expiresOn: null,
  manufacturer: null,
  amountMillilitres: null,
  givenBy: null,
  organisation: null,
  place: null,
} as const;

function viewer(role: Role, more: Partial<Viewer> = {}): Viewer {
  return { subject: "test", name: "Test", role, organisation: null, localities: LOCALITY_CODES, scopes: [], ...more };
}

eachDatabase((places) => {
  let part: Subgraph;
  let today = "2026-03-04";
  let deliveries = 0;
  let parts = 0;
  let place: Place;

  beforeEach(async () => {
    place = places(`immunisations_${parts++}`);
    await migrateSubgraph(immunisations, place);
    part = await startSubgraph(immunisations, { place, now: () => Date.parse(`${today}T12:00:00Z`) });
  });
  afterEach(() => part.close());

  async function tell(...events: readonly Event[]): Promise<void> {
    await part.deliver({ number: ++deliveries, events });
    await part.settle();
  }

  async function ask(variables: object, who: Viewer = viewer("CHILD_HEALTH_CLERK")) {
    const { data, errors } = await part.ask({
      query: DUE,
      variables: { where: {}, ...variables },
      viewer: who,
      requestId: "test",
    });
    return { page: data?.immunisationsDue as Page | undefined, errors };
  }

  async function list(variables: object = {}, who?: Viewer): Promise<readonly Line[]> {
    const lines: Line[] = [];
    for (let after: string | null = null; ; ) {
      const { page, errors } = await ask({ first: 100, after, ...variables }, who);
      if (page === undefined) throw new Error(JSON.stringify(errors));
      lines.push(...page.edges.map(({ node }) => node));
      if (!page.pageInfo.hasNextPage) return lines;
      after = page.pageInfo.endCursor;
    }
  }

  const said = (lines: readonly Line[]) => lines.map(({ child: { id }, doseId, state }) => `${id} ${doseId} ${state}`);

  describe("What is due on a day", () => {
    test.each`
      on              | listed
      ${"2026-03-04"} | ${[]}
      ${"2026-03-05"} | ${["ada HEXA_1 DUE", "ada MENB_1 DUE", "ada ROTA_1 DUE"]}
      ${"2026-04-02"} | ${["ada HEXA_1 DUE", "ada MENB_1 DUE", "ada ROTA_1 DUE"]}
      ${"2026-04-03"} | ${["ada HEXA_1 OVERDUE", "ada MENB_1 OVERDUE", "ada ROTA_1 OVERDUE"]}
      ${"2026-04-22"} | ${["ada HEXA_1 OVERDUE", "ada MENB_1 OVERDUE", "ada ROTA_1 OVERDUE"]}
      ${"2026-04-23"} | ${["ada HEXA_1 OVERDUE", "ada MENB_1 OVERDUE"]}
    `("born on 8 January 2026 and given nothing, on $on: $listed", async ({ on, listed }) => {
      today = "2026-03-04";
      await tell(...child("ada", { bornOn: "2026-01-08" }));
      expect(said(await list({ on }))).toEqual(listed);
      // The same, asked on that day itself: nothing has to be rewritten by night.
      today = on;
      expect(said(await list())).toEqual(listed);
      await part.settle();
      expect(said(await list())).toEqual(listed);
    });

    test("each line says when, why, and that the family may be invited", async () => {
      today = "2026-03-05";
      await tell(...child("ada", { bornOn: "2026-01-08" }));
      const [line] = await list();
      expect(line).toEqual({
        child: { id: "ada" },
        doseId: "HEXA_1",
        vaccine: "HEXAVALENT",
        state: "DUE",
        dueOn: "2026-03-05",
        overdueOn: "2026-04-03",
        latestOn: "2036-01-07",
        reason: expect.stringMatching(/^Due since 5 March 2026 by the schedule\./),
        contact: "FAMILY",
        invitations: 0,
        inviteAgainOn: null,
      });
    });

    test("a dose given takes its line away, and one declined is listed as refused alone", async () => {
      today = "2026-03-20";
      await tell(...child("ada", { bornOn: "2026-01-08" }));
      const dose = { vaccine: "HEXAVALENT", givenOn: "2026-03-19", precision: "DAY", primarySource: true } as const;
      await tell(event("DoseRecorded", "ada", { ...NO_DETAILS, ...dose }));
      expect(said(await list())).toEqual(["ada MENB_1 DUE", "ada ROTA_1 DUE"]);
      const declined = {
        vaccine: "MENB",
        reason: "DECLINED",
        decidedOn: "2026-03-19",
        until: null,
        organisation: null,
      } as const;
      await tell(event("DoseNotGivenRecorded", "ada", declined));
      expect(said(await list())).toEqual(["ada ROTA_1 DUE"]);
      expect(said(await list({ states: ["REFUSED"] }))).toEqual(["ada MENB_1 REFUSED"]);
    });

    describe("What was decided", () => {
      const decided = (childId: string, vaccine: Vaccine, reason: NotGivenReason) =>
        event("DoseNotGivenRecorded", childId, {
          ...{ vaccine, reason, decidedOn: "2026-03-05", until: null, organisation: null },
          source: { system: "WIRRAL", id: `${vaccine} not given` },
        });

      test.each`
        states                            | vaccines                  | listed
        ${["REFUSED"]}                    | ${null}                   | ${["ada MENB_1 REFUSED", "bea MENB_1 REFUSED"]}
        ${["CONTRAINDICATED"]}            | ${null}                   | ${["ada ROTA_1 CONTRAINDICATED"]}
        ${["CONTRAINDICATED", "REFUSED"]} | ${null}                   | ${["ada MENB_1 REFUSED", "ada ROTA_1 CONTRAINDICATED", "bea MENB_1 REFUSED"]}
        ${["CONTRAINDICATED", "REFUSED"]} | ${["ROTAVIRUS"]}          | ${["ada ROTA_1 CONTRAINDICATED"]}
        ${["CONTRAINDICATED", "REFUSED"]} | ${["ROTAVIRUS", "MENB"]}  | ${["ada MENB_1 REFUSED", "ada ROTA_1 CONTRAINDICATED", "bea MENB_1 REFUSED"]}
        ${["REFUSED"]}                    | ${["HEXAVALENT"]}         | ${[]}
        ${["DUE", "REFUSED"]}             | ${["MENB", "HEXAVALENT"]} | ${["ada HEXA_1 DUE", "ada MENB_1 REFUSED", "bea HEXA_1 DUE", "bea MENB_1 REFUSED"]}
        ${["DUE"]}                        | ${["MENB", "ROTAVIRUS"]}  | ${["bea ROTA_1 DUE"]}
      `("$states of $vaccines: $listed", async ({ states, vaccines, listed }) => {
        today = "2026-03-06";
        await tell(
          ...["ada", "bea"].flatMap((id) => child(id, { bornOn: "2026-01-08" })),
          ...["ada", "bea"].map((id) => decided(id, "MENB", "DECLINED")),
          decided("ada", "ROTAVIRUS", "CONTRAINDICATED"),
        );
        for (const where of [{}, { localities: ["WIRRAL"] }, { practices: ["N85002"] }]) {
          expect(said(await list({ where, states, vaccines }))).toEqual(listed);
        }
      });
    });

    test.each`
      argument    | variables                       | expected
      ${"on"}     | ${{ on: "2026-03-03" }}         | ${"a day from 2026-03-04 to 2026-06-03"}
      ${"on"}     | ${{ on: "2026-06-04" }}         | ${"a day from 2026-03-04 to 2026-06-03"}
      ${"states"} | ${{ states: ["NOT_YET_DUE"] }}  | ${"of DUE, OVERDUE, REFUSED, CONTRAINDICATED; what is due later is listed with a later day in on"}
      ${"first"}  | ${{ first: 101 }}               | ${"a number from 1 to 100"}
      ${"after"}  | ${{ after: "YWRh" }}            | ${"a cursor of this list"}
      ${"team"}   | ${{ team: "SCREENING:WIRRAL" }} | ${"a team that calls children in, such as HEALTH_VISITING:WIRRAL or GENERAL_PRACTICE:N85002"}
    `("refuses $variables, and says what $argument must be", async ({ argument, variables, expected }) => {
      today = "2026-03-04";
      const { errors } = await ask(variables);
      expect(errors?.[0]).toMatchObject({
        message: `${argument} must be ${expected}.`,
        extensions: { code: "ARGUMENT_INVALID" },
      });
    });
  });

  describe("Who is listed", () => {
    beforeEach(async () => {
      today = "2026-03-05";
      await tell(
        ...child("baby", { bornOn: "2026-01-08" }),
        ...child("cousin", { bornOn: "2026-01-08", practice: "N81001" }),
        ...child("pupil", { bornOn: "2016-01-08" }),
        event("SchoolRecorded", "pupil", { urn: "105012", name: "Elm Primary", from: "2020-09-01", to: null }),
      );
    });
    const listedFor = async (variables: object, who?: Viewer) => [
      ...new Set((await list(variables, who)).map(({ child: { id } }) => id)),
    ];

    test.each`
      where                                                              | listed
      ${{}}                                                              | ${["baby", "cousin", "pupil"]}
      ${{ localities: ["WIRRAL"] }}                                      | ${["baby", "pupil"]}
      ${{ localities: ["EAST_CHESHIRE"] }}                               | ${["cousin"]}
      ${{ localities: ["EAST_CHESHIRE", "WIRRAL"] }}                     | ${["baby", "cousin", "pupil"]}
      ${{ localAuthorities: ["E08000015"] }}                             | ${["baby", "pupil"]}
      ${{ localAuthorities: ["E08000015"], localities: ["WARRINGTON"] }} | ${[]}
      ${{ practices: ["N85002"] }}                                       | ${["baby", "pupil"]}
      ${{ practices: ["N81001", "N85002"] }}                             | ${["baby", "cousin", "pupil"]}
      ${{ schools: ["105012"] }}                                         | ${["pupil"]}
      ${{ schools: ["105012"], practices: ["N81001"] }}                  | ${[]}
      ${{ bornFrom: "2026-01-08", bornTo: "2026-01-09" }}                | ${["baby", "cousin"]}
      ${{ bornFrom: "2026-01-09" }}                                      | ${[]}
      ${{ bornTo: "2026-01-08" }}                                        | ${["pupil"]}
    `("where $where: $listed", async ({ where, listed }) => {
      expect(await listedFor({ where })).toEqual(listed);
      // Of some vaccines another index is read, and of all of them it says the same.
      const vaccines = ["HEXAVALENT", "MENB", "ROTAVIRUS", "MMR", "MMRV", "DTAPIPV", "FLU", "PCV", "HPV", "TDIPV"];
      expect(await listedFor({ where, vaccines })).toEqual(listed);
    });

    test.each`
      team                                 | listed
      ${"CHILD_HEALTH_INFORMATION:WIRRAL"} | ${["baby", "pupil"]}
      ${"HEALTH_VISITING:WIRRAL"}          | ${["baby"]}
      ${"SCHOOL_NURSING:WIRRAL"}           | ${["pupil"]}
      ${"GENERAL_PRACTICE:N81001"}         | ${["cousin"]}
    `("of the team $team: $listed", async ({ team, listed }) => {
      expect(await listedFor({ team })).toEqual(listed);
    });

    test.each`
      who                                                                                  | listed
      ${viewer("CHILD_HEALTH_CLERK", { localities: ["WIRRAL"] })}                          | ${["baby", "pupil"]}
      ${viewer("HEALTH_VISITOR", { localities: ["WIRRAL"] })}                              | ${["baby"]}
      ${viewer("SCHOOL_NURSE", { localities: ["WIRRAL"] })}                                | ${["pupil"]}
      ${viewer("GENERAL_PRACTITIONER", { organisation: "N81001" })}                        | ${["cousin"]}
      ${viewer("PARTNER_APP", { localities: ["WIRRAL"], scopes: ["immunisations:list"] })} | ${["baby", "pupil"]}
    `("for a $who.role: $listed", async ({ who, listed }) => {
      expect(await listedFor({}, who)).toEqual(listed);
    });

    test.each(["SCREENING_OFFICER", "SAFEGUARDING_LEAD", "PRIVACY_OFFICER", "ANALYST", "PARTNER_APP"] as const)(
      "a %s lists nobody",
      async (role) => {
        const { errors } = await ask({}, viewer(role, { organisation: "N85002", scopes: ["immunisations:read"] }));
        expect(errors?.[0]?.extensions.code).toBe("NOT_PERMITTED");
      },
    );

    test.each([
      ["dies", [event("DeathRecorded", "baby", { status: "INFORMAL", diedOn: "2026-03-05" })]],
      [
        "moves away",
        [
          event("GpRegistrationRecorded", "baby", { practice: "A99999", from: "2026-03-05", to: null, asOf: LATER }),
          event("ResponsibilityRecorded", "baby", { locality: "WIRRAL", status: "MOVED_OUT", from: null, asOf: LATER }),
        ],
      ],
      ["becomes restricted", [event("RestrictionRecorded", "baby", { restricted: true, asOf: LATER })]],
      [
        "is found to be another",
        [event("ChildrenMerged", "baby", { into: "cousin", source: { system: "RECORD", id: "m" } })],
      ],
    ])("a child who %s is in no list, from the same moment", async (_what, events) => {
      expect(await listedFor({})).toContain("baby");
      await part.deliver({ number: ++deliveries, events }); // and nothing was planned since
      expect(await listedFor({})).not.toContain("baby");
      await part.settle();
      expect(await listedFor({})).not.toContain("baby");
    });

    test("a list holds whom the policy lets it hold, for every role and child", async () => {
      const births = ["2026-01-08", "2021-03-05", "2021-03-06", "2021-08-31", "2021-09-01", "2010-03-05", "2006-03-06"];
      const practices = ["N85002", "N81001", null];
      const ids = practices.flatMap((_, p) => births.map((_, b) => `child${p}${b}`));
      await tell(
        ...ids.flatMap((id) => child(id, { bornOn: births[Number(id[6])] ?? "", practice: practices[Number(id[5])] })),
      );
      await tell(
        event("GpRegistrationRecorded", "child00", { practice: "N85002", from: null, to: "2026-03-05", asOf: LATER }),
      );
      const database = await openDatabase("immunisations", place);
      const entries = await registerOf(database).find(ids);
      await database.close();
      let lists = 0;
      for (const role of Object.keys(ROLES) as Role[]) {
        const who = viewer(role, { localities: ["WIRRAL"], organisation: "N85002", scopes: ["immunisations:list"] });
        const scope = scopeOf(who, "LIST_DUE_IMMUNISATIONS", today);
        if (scope.reach === "NOBODY") continue;
        const expected = ids.filter((_, at) => listed(scope, entries[at] ?? null));
        expect((await listedFor({}, who)).filter((id) => id.startsWith("child"))).toEqual(expected);
        expect(expected.length).toBeLessThan(ids.length);
        lists += 1;
      }
      expect(lists).toBe(5);
    });

    test("a child who changes practice is listed there, from the same moment", async () => {
      const moved = { practice: "N81001", from: "2026-03-01", to: null, asOf: LATER };
      await part.deliver({ number: ++deliveries, events: [event("GpRegistrationRecorded", "baby", moved)] });
      expect(await listedFor({ where: { practices: ["N81001"] } })).toEqual(["baby", "cousin"]);
      expect(await listedFor({ where: { localities: ["WIRRAL"] } })).toEqual(["pupil"]);
    });

    test("a death recorded in error brings the child's lines back", async () => {
      await tell(event("DeathRecorded", "baby", { status: "FORMAL", diedOn: "2026-03-05" }));
      expect(await listedFor({})).not.toContain("baby");
      await tell(event("DeathRecorded", "baby", { status: "REMOVED", diedOn: null, asOf: LATER }));
      expect(await listedFor({})).toContain("baby");
    });
  });

  describe("A record that became part of another", () => {
    const merged = (into: string | null, minute: number) =>
      event("ChildrenMerged", "twice", {
        into,
        asOf: `2026-02-01T00:${minute}:00.000000000Z`,
        source: { system: "RECORD", id: "m" },
      });
    const hexavalent = event("DoseRecorded", "twice", {
      ...NO_DETAILS,
      ...{ vaccine: "HEXAVALENT", givenOn: "2026-03-05", precision: "DAY", primarySource: true },
    });

    test("is planned as the one they are now, and by itself again when it comes apart", async () => {
      today = "2026-03-06";
      await tell(...child("ada", { bornOn: "2026-01-08" }), ...child("twice", { bornOn: "2026-01-08" }), hexavalent);
      expect(said(await list())).toEqual([
        ...["ada HEXA_1 DUE", "ada MENB_1 DUE", "ada ROTA_1 DUE"],
        ...["twice MENB_1 DUE", "twice ROTA_1 DUE"],
      ]);
      await tell(merged("ada", 10));
      expect(said(await list())).toEqual(["ada MENB_1 DUE", "ada ROTA_1 DUE"]);
      await tell(
        event("DoseRecorded", "twice", { ...hexavalent, vaccine: "MENB", source: { system: "WIRRAL", id: "2" } }),
      );
      expect(said(await list())).toEqual(["ada ROTA_1 DUE"]);
      await tell(merged(null, 20));
      expect(said(await list())).toEqual([
        ...["ada HEXA_1 DUE", "ada MENB_1 DUE", "ada ROTA_1 DUE"],
        "twice ROTA_1 DUE",
      ]);
    });

    test("takes the whole from every list when it is restricted", async () => {
      today = "2026-03-06";
      await tell(
        ...child("ada", { bornOn: "2026-01-08" }),
        ...child("twice", { bornOn: "2026-01-08" }),
        merged("ada", 10),
      );
      const restricted = event("RestrictionRecorded", "twice", { restricted: true, asOf: LATER });
      await part.deliver({ number: ++deliveries, events: [restricted] });
      expect(await list()).toEqual([]);
    });
  });

  describe("Pages", () => {
    test("follow each other without a gap or a repetition while children come and go", async () => {
      today = "2026-03-05";
      const ids = Array.from({ length: 12 }, (_, at) => `child${String(at).padStart(2, "0")}`);
      await tell(...ids.flatMap((id) => child(id, { bornOn: "2026-01-08" })));
      const seen: string[] = [];
      let after: string | null = null;
      for (let pages = 0; ; pages++) {
        const { page } = await ask({ first: 4, after });
        if (page === undefined) throw new Error("The list failed.");
        seen.push(...said(page.edges.map(({ node }) => node)));
        if (!page.pageInfo.hasNextPage) break;
        after = page.pageInfo.endCursor;
        // Behind the page and before it, as happens all day.
        await tell(...child(`${ids[pages] ?? ""}a`, { bornOn: "2026-01-08" }));
        await tell(event("DeathRecorded", "child11", { status: "FORMAL", diedOn: "2026-03-05" }));
      }
      const doses = ["HEXA_1", "MENB_1", "ROTA_1"];
      const stayed = ids.slice(0, 11).flatMap((id) => doses.map((dose) => `${id} ${dose} DUE`));
      expect(seen.filter((line) => !/child\d\da/.test(line))).toEqual(stayed);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual([...seen].sort());
    });
  });

  describe("For every child of an invented population", () => {
    const CHILDREN = 100;
    const DAYS = ["2026-08-31", "2026-09-01", "2026-10-05", "2027-01-01"];

    test("lists of today, and of days ahead, say what each child's own plan says", async () => {
      today = DAYS[0] ?? "";
      const events = Array.from({ length: CHILDREN }, (_, at) => invented(at, CHILDREN)).flat();
      await tell(...events);
      for (const day of DAYS) {
        today = day;
        await part.settle();
        for (const on of [day, addDays(day, 1), addDays(day, 91)]) {
          expect(new Set(said(await list({ on, states: ["DUE", "OVERDUE"] })))).toEqual(await planned(on));
        }
      }
    });

    const PLANS = `query ($of: [_Any!]!, $on: Date) {
      _entities(representations: $of) { ... on Child { id immunisationPlan(on: $on) { doses { doseId state } } } } }`;

    async function planned(on: string): Promise<Set<string>> {
      // A restricted child, and whoever is 20, has a plan and is in no list.
      const listable = Array.from({ length: CHILDREN }, (_, at) => at).filter((at) => {
        const { restricted, bornOn } = inventChild(SEED, at, CHILDREN, INVENTED_ON);
        return !restricted && addYears(bornOn, 20) > on;
      });
      const of = listable.map((at) => ({ __typename: "Child", id: idOf(at) }));
      const { data } = await part.ask({
        query: PLANS,
        variables: { of, on },
        viewer: viewer("CHILD_HEALTH_CLERK"),
        requestId: "test",
      });
      const children = data?._entities as readonly Planned[];
      return new Set(
        children.flatMap(({ id, immunisationPlan }) =>
          (immunisationPlan?.doses ?? [])
            .filter(({ state }) => state === "DUE" || state === "OVERDUE")
            .map(({ doseId, state }) => `${id} ${doseId} ${state}`),
        ),
      );
    }
  });

  describe("What is written when", () => {
    const rowsOf = async (table: string): Promise<readonly Record<string, unknown>[]> => {
      const database = await openDatabase("immunisations", place);
      try {
        return await database.rows(database.statement(({ from }) => from(table)));
      } finally {
        await database.close();
      }
    };
    const change = async (sql: string) => {
      const database = await openDatabase("immunisations", place);
      await database.write((transaction) => transaction.run(database.statement(({ raw }) => raw(sql))));
      await database.close();
    };
    const inOrder = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

    beforeEach(async () => {
      today = "2026-03-05";
      await tell(...child("ada", { bornOn: "2026-01-08" }), ...child("bea", { bornOn: "2016-01-08" }));
    });

    test("a night writes nothing, nor do months; only where what is due changes is a child planned again", async () => {
      const before = inOrder(await rowsOf("due_dose"));
      for (const later of ["2026-03-06", "2026-06-05", "2026-10-08"]) {
        today = later;
        await part.settle();
        expect(inOrder(await rowsOf("due_dose"))).toEqual(before);
      }
      expect(before.length).toBeGreaterThan(3);
      // A quarter before the first birthday, from which on other doses are due.
      today = "2026-10-09";
      await part.settle();
      expect(inOrder(await rowsOf("due_dose"))).not.toEqual(before);
    });

    test("one new dose plans its child alone", async () => {
      await change("update due_dose set because = 'PUT_OFF'"); // whatever is planned again says otherwise
      const dose = { vaccine: "HEXAVALENT", givenOn: "2026-03-05", precision: "DAY", primarySource: true } as const;
      await tell(event("DoseRecorded", "ada", { ...NO_DETAILS, ...dose }));
      const planned = (await rowsOf("due_dose")).filter(({ because }) => because !== "PUT_OFF");
      expect(new Set(planned.map(({ child_id: childId }) => childId))).toEqual(new Set(["ada"]));
    });

    test("other rules plan everybody again, and so does a database that had none", async () => {
      const before = inOrder(await rowsOf("due_dose"));
      await change("delete from due_dose");
      await part.settle();
      expect(await rowsOf("due_dose")).toEqual([]);
      await change("update plan_rules set rules = 'earlier'");
      await part.settle();
      expect(inOrder(await rowsOf("due_dose"))).toEqual(before);
      await change("delete from due_dose");
      await change("delete from child_plan");
      await change("delete from plan_rules");
      await part.settle();
      expect(inOrder(await rowsOf("due_dose"))).toEqual(before);
    });

    test("a list says while some of it is still to be planned", async () => {
      const waiting = async () => {
        const query = "{ duePlanning { waiting } }";
        return (await part.ask({ query, viewer: viewer("CHILD_HEALTH_CLERK"), requestId: "test" })).data?.duePlanning;
      };
      expect(await waiting()).toEqual({ waiting: 0 });
      await part.deliver({ number: ++deliveries, events: child("cyd", { bornOn: "2026-01-08" }) });
      expect(await waiting()).toEqual({ waiting: 1 });
    });

    test("each list is written down with its hits", async () => {
      await list();
      const log = await rowsOf("access_entry");
      expect(log.map(({ action, hits, decision }) => [action, Number(hits), decision])).toEqual([
        ["LIST_DUE_IMMUNISATIONS", (await list()).length, "SHOWN"],
      ]);
    });
  });
});

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: Line }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

interface Planned {
  readonly id: string;
  readonly immunisationPlan: { readonly doses: readonly { readonly doseId: string; readonly state: string }[] } | null;
}

const SEED = 20_260_901;
const INVENTED_ON = "2026-08-31";

function idOf(index: number): string {
  return `child${String(index).padStart(4, "0")}`;
}

/** What is told of an invented child: who it is, its practice, and what it was and was not given. */
function invented(index: number, of: number): Event[] {
  const { bornOn, diedOn, restricted } = inventChild(SEED, index, of, INVENTED_ON);
  const { given, notGiven } = inventVaccinations(SEED, inventChild(SEED, index, of, INVENTED_ON), INVENTED_ON);
  const childId = idOf(index);
  const asOf = instantOf(Date.parse("2026-08-30T00:00:00Z"));
  const source = (id: string) => ({ source: { system: "WIRRAL", id }, asOf });
  return [
    ...child(childId, { bornOn, restricted }),
    ...(diedOn === null ? [] : [event("DeathRecorded", childId, { status: "FORMAL", diedOn })]),
    ...given.map((dose, at) => event("DoseRecorded", childId, { ...dose, ...source(`given ${at}`) })),
    ...notGiven.map((each, at) => event("DoseNotGivenRecorded", childId, { ...each, ...source(`not ${at}`) })),
  ];
}
