import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Role, Viewer } from "../../schema/access";
import type { Event } from "../../schema/events";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { child, event } from "../world";

const INVITATION = "child { id } doses state number invitedAt toYoungPerson cancelledBecause inviteAgainOn changedBy";
const ASK = {
  build: `mutation ($run: InvitationRunInput!) { buildInvitationRun(run: $run) { run { id state } listed leftOut } }`,
  lock: `mutation ($id: ID!) { lockInvitationRun(id: $id) { state } }`,
  send: `mutation ($id: ID!, $first: Int) { sendInvitations(id: $id, first: $first) {
    left invited { ${INVITATION} } cancelled { ${INVITATION} } } }`,
  record: `mutation ($id: ID!, $outcomes: [InvitationOutcomeInput!]!) {
    recordInvitationOutcomes(id: $id, outcomes: $outcomes) { ${INVITATION} } }`,
  takeOff: `mutation ($id: ID!, $childIds: [ID!]!) { takeOffInvitationRun(id: $id, childIds: $childIds) { state } }`,
  close: `mutation ($id: ID!) { closeInvitationRun(id: $id) { state closedAt } }`,
  cancel: `mutation ($id: ID!) { cancelInvitationRun(id: $id) { state } }`,
  run: `query ($id: ID!, $states: [InvitationState!], $first: Int, $after: String) { invitationRun(id: $id) { state heldOn venue
    invitations(states: $states, first: $first, after: $after) { edges { node { ${INVITATION} } } pageInfo { hasNextPage endCursor } } } }`,
  runs: `query ($first: Int, $after: String) { invitationRuns(first: $first, after: $after) {
    edges { node { id heldOn } } pageInfo { hasNextPage endCursor } } }`,
  due: `query ($on: Date) { immunisationsDue(where: {}, vaccines: [HEXAVALENT], on: $on) {
    edges { node { child { id } contact invitations inviteAgainOn } } } }`,
} as const;

const LATER = "2026-03-02T00:00:00.000000000Z";
const NURSE: Viewer = {
  ...{ subject: "nurse", name: "Nurse", role: "CHILD_HEALTH_CLERK", organisation: null, scopes: [] },
  localities: LOCALITY_CODES,
};

interface Invited {
  readonly child: { readonly id: string };
  readonly doses: readonly string[];
  readonly state: string;
  readonly number: number;
  readonly cancelledBecause: string | null;
  readonly inviteAgainOn: string | null;
}

eachDatabase((places) => {
  let part: Subgraph;
  let today: string;
  let deliveries = 0;
  let parts = 0;

  beforeEach(async () => {
    today = "2026-03-10";
    const place = places(`immunisations_${parts++}`);
    await migrateSubgraph(immunisations, place);
    part = await startSubgraph(immunisations, { place, now: () => Date.parse(`${today}T12:00:00Z`) });
    await tell(...["ada", "bea", "cyd"].flatMap((id) => child(id, { bornOn: "2026-01-08" })));
  });
  afterEach(() => part.close());

  async function tell(...events: readonly Event[]): Promise<void> {
    await part.deliver({ number: ++deliveries, events });
    await part.settle();
  }

  async function ask(what: keyof typeof ASK, variables: object = {}, viewer = NURSE) {
    const { data, errors } = await part.ask({
      query: ASK[what],
      variables: { ...variables },
      viewer,
      requestId: "test",
    });
    // biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
    return { data: (data === null || data === undefined ? null : Object.values(data)[0]) as any, errors };
  }

  const CLINIC = { heldOn: "2026-03-20", venue: "Birkenhead clinic", locality: "WIRRAL", practice: "N85002" };

  async function build(more: object = {}, viewer = NURSE): Promise<string> {
    const { data, errors } = await ask("build", { run: { ...CLINIC, ...more } }, viewer);
    if (data === null) throw new Error(JSON.stringify(errors));
    return data.run.id;
  }
  async function locked(more: object = {}): Promise<string> {
    const id = await build(more);
    await ask("lock", { id });
    return id;
  }
  async function invitationsOf(id: string, variables: object = {}, viewer = NURSE): Promise<readonly Invited[]> {
    const { data } = await ask("run", { id, ...variables }, viewer);
    return data.invitations.edges.map(({ node }: { node: Invited }) => node);
  }
  const said = (invitations: readonly Invited[]) =>
    invitations.map((each) => [each.child.id, each.state, each.cancelledBecause].filter(Boolean).join(" "));
  const contacts = async (on?: string) => {
    const { data } = await ask("due", { on });
    return data.edges.map(
      ({ node }: { node: { child: { id: string }; contact: string } }) => `${node.child.id} ${node.contact}`,
    );
  };

  test("a run's whole life: built, locked, sent, what came of it, closed, and who is reminded when", async () => {
    const { data: built } = await ask("build", { run: CLINIC });
    expect(built).toEqual({ run: { id: expect.any(String), state: "OPEN" }, listed: 3, leftOut: 0 });
    const { id } = built.run;
    expect(await contacts("2026-03-20")).toEqual(["ada ON_A_LIST", "bea ON_A_LIST", "cyd ON_A_LIST"]);
    expect((await ask("lock", { id })).data.state).toBe("LOCKED");

    const { data: first } = await ask("send", { id, first: 2 });
    expect(first).toMatchObject({ left: 1, cancelled: [] });
    expect(first.invited).toEqual(
      ["ada", "bea"].map((childId) => ({
        ...{ child: { id: childId }, doses: ["HEXA_1", "MENB_1", "ROTA_1"], state: "INVITED", number: 1 },
        ...{ invitedAt: "2026-03-10T12:00:00.000Z", toYoungPerson: false, cancelledBecause: null },
        ...{ inviteAgainOn: "2026-04-03", changedBy: "nurse" },
      })),
    );
    expect((await ask("send", { id })).data).toMatchObject({ left: 0, invited: [{ child: { id: "cyd" } }] });
    expect((await ask("send", { id })).data).toEqual({ left: 0, invited: [], cancelled: [] });

    today = "2026-03-21";
    const outcomes = [
      { childId: "ada", outcome: "ATTENDED" },
      { childId: "bea", outcome: "DID_NOT_ATTEND" },
      { childId: "cyd", outcome: "DECLINED" },
    ];
    const { data: recorded } = await ask("record", { id, outcomes });
    expect(recorded.map(({ state, inviteAgainOn }: Invited) => [state, inviteAgainOn])).toEqual([
      ["ATTENDED", "2026-04-17"],
      ["DID_NOT_ATTEND", "2026-04-03"],
      ["DECLINED", null],
    ]);
    expect((await ask("close", { id })).data).toEqual({ state: "CLOSED", closedAt: "2026-03-21T12:00:00.000Z" });
    expect(await contacts("2026-04-02")).toEqual(["ada WAITING", "bea WAITING", "cyd DECLINED"]);
    expect(await contacts("2026-04-03")).toEqual(["ada WAITING", "bea FAMILY", "cyd DECLINED"]);

    const again = await locked({ heldOn: "2026-04-10" });
    expect(said(await invitationsOf(again))).toEqual(["bea LISTED"]);
    expect((await ask("send", { id: again })).data.invited[0]).toMatchObject({ child: { id: "bea" }, number: 2 });
  });

  test("after three invitations that nobody came to, somebody speaks with the family", async () => {
    for (const heldOn of ["2026-03-20", "2026-04-10", "2026-05-20"]) {
      today = heldOn;
      const id = await locked({ heldOn });
      await ask("send", { id });
      await ask("record", { id, outcomes: [{ childId: "ada", outcome: "DID_NOT_ATTEND" }] });
    }
    expect((await contacts("2026-06-30")).find((line: string) => line.startsWith("ada"))).toBe("ada REFER");
    expect(said(await invitationsOf(await build({ heldOn: "2026-06-30" })))).not.toContain("ada LISTED");
  });

  describe("Between the list and the letter", () => {
    const dies = event("DeathRecorded", "ada", { status: "INFORMAL", diedOn: "2026-03-10" });
    const moves = [
      event("GpRegistrationRecorded", "ada", { practice: "A99999", from: "2026-03-09", to: null, asOf: LATER }),
      event("ResponsibilityRecorded", "ada", { locality: "WIRRAL", status: "MOVED_OUT", from: null, asOf: LATER }),
    ];
    const restricted = event("RestrictionRecorded", "ada", { restricted: true, asOf: LATER });
    const merged = event("ChildrenMerged", "ada", { into: "bea", source: { system: "RECORD", id: "m" } });

    test.each`
      what                        | events          | shown
      ${"dies"}                   | ${[dies]}       | ${["ada CANCELLED DECEASED", "bea LISTED", "cyd LISTED"]}
      ${"moves away"}             | ${moves}        | ${["ada CANCELLED MOVED_OUT", "bea LISTED", "cyd LISTED"]}
      ${"becomes restricted"}     | ${[restricted]} | ${["bea LISTED", "cyd LISTED"]}
      ${"is found to be another"} | ${[merged]}     | ${["ada CANCELLED PART_OF_ANOTHER", "bea LISTED", "cyd LISTED"]}
    `("no invitation goes to a child who $what", async ({ events, shown }) => {
      const id = await locked();
      await part.deliver({ number: ++deliveries, events }); // and nothing is planned since
      expect(said(await invitationsOf(id))).toEqual(shown);
      const { data } = await ask("send", { id });
      expect(said(data.invited)).toEqual(["bea INVITED", "cyd INVITED"]);
    });

    test.each`
      sender                                                                | role
      ${NURSE}                                                              | ${"clerk"}
      ${{ ...NURSE, role: "GENERAL_PRACTITIONER", organisation: "N85002" }} | ${"practice it left"}
    `("a child who changed practice is not invited to a clinic of the former by the $role", async ({ sender }) => {
      const id = await locked();
      const elsewhere = { practice: "N85003", from: "2026-03-09", to: null, asOf: LATER };
      await tell(event("GpRegistrationRecorded", "ada", elsewhere));
      const { data } = await ask("send", { id }, sender);
      expect([data.left, said(data.invited)]).toEqual([0, ["bea INVITED", "cyd INVITED"]]);
      expect(said(await invitationsOf(id, { states: ["CANCELLED"] }))).toEqual(["ada CANCELLED MOVED_ON"]);
      expect(said(await invitationsOf(await build({ practice: "N85003" })))).toEqual(["ada LISTED"]);
    });

    test("a child who dies after being invited is not chased", async () => {
      const id = await locked();
      await ask("send", { id });
      await tell(dies);
      expect(said(await invitationsOf(id))[0]).toBe("ada CANCELLED DECEASED");
      const { errors } = await ask("record", { id, outcomes: [{ childId: "ada", outcome: "DID_NOT_ATTEND" }] });
      expect(errors?.[0]?.extensions.code).toBe("ARGUMENT_INVALID");
    });

    test("a death recorded in error does not send what was cancelled", async () => {
      const id = await locked();
      await tell(dies);
      await tell(event("DeathRecorded", "ada", { status: "REMOVED", diedOn: null, asOf: LATER }));
      expect(said((await ask("send", { id })).data.invited)).toEqual(["bea INVITED", "cyd INVITED"]);
      expect(said(await invitationsOf(await build()))).toEqual(["ada LISTED"]);
    });

    test("what was given meanwhile is not asked for, though nobody planned since", async () => {
      const id = await locked({ vaccines: ["HEXAVALENT"] });
      const dose = { vaccine: "HEXAVALENT", givenOn: "2026-03-09", precision: "DAY", primarySource: true } as const;
      await part.deliver({ number: ++deliveries, events: [event("DoseRecorded", "ada", { ...NO_DETAILS, ...dose })] });
      const { data } = await ask("send", { id });
      expect(said(data.invited)).toEqual(["bea INVITED", "cyd INVITED"]);
      expect(said(data.cancelled)).toEqual(["ada CANCELLED NOT_DUE"]);
    });
  });

  describe("What a run refuses", () => {
    test.each`
      run                                    | says
      ${{ ...CLINIC, heldOn: "2026-03-09" }} | ${"run.heldOn must be a day from 2026-03-10 to 2026-06-09."}
      ${{ ...CLINIC, practice: null }}       | ${"run.practice must be given, or run.school, and not both."}
      ${{ ...CLINIC, practice: "N81001" }}   | ${"run.practice must be a practice of the locality that holds it."}
      ${{ ...CLINIC, venue: " " }}           | ${"run.venue must be a place in 1 to 200 characters."}
      ${{ ...CLINIC, places: 2001 }}         | ${"run.places must be a number from 1 to 2000."}
    `("$says", async ({ run, says }) => {
      expect((await ask("build", { run })).errors?.[0]?.message).toBe(says);
    });

    test("to be sent before it is locked, and to be locked twice", async () => {
      const id = await build();
      expect((await ask("send", { id })).errors?.[0]).toMatchObject({
        message: "The invitation run is OPEN, and inviting needs it to be LOCKED.",
        extensions: { code: "RUN_NOT_READY" },
      });
      await ask("lock", { id });
      expect((await ask("lock", { id })).errors?.[0]?.extensions.code).toBe("RUN_NOT_READY");
    });

    test("an outcome of a child whom it did not invite, and then records none", async () => {
      const id = await locked({ places: 1 });
      await ask("send", { id });
      const outcomes = ["ada", "bea"].map((childId) => ({ childId, outcome: "DECLINED" }));
      expect((await ask("record", { id, outcomes })).errors?.[0]?.message).toBe(
        "outcomes[1].childId must be the id of a child whom this run invited.",
      );
      expect(said(await invitationsOf(id))).toEqual(["ada INVITED"]);
    });

    test.each`
      outcomes                                  | on              | says
      ${["ada ATTENDED"]}                       | ${"2026-03-19"} | ${"outcomes[0].outcome must be DECLINED until 2026-03-20, the day of the run."}
      ${["bea DECLINED", "ada DID_NOT_ATTEND"]} | ${"2026-03-19"} | ${"outcomes[1].outcome must be DECLINED until 2026-03-20, the day of the run."}
      ${["ada ATTENDED"]}                       | ${"2026-03-20"} | ${null}
      ${["ada DECLINED", "bea DECLINED"]}       | ${"2026-03-19"} | ${null}
      ${["ada ATTENDED", "ada DID_NOT_ATTEND"]} | ${"2026-03-20"} | ${"outcomes[1].childId must be another child than any before it."}
    `("$outcomes on $on: $says", async ({ outcomes, on, says }) => {
      const id = await locked();
      await ask("send", { id });
      today = on;
      const told = outcomes.map((text: string) => ({ childId: text.split(" ")[0], outcome: text.split(" ")[1] }));
      const { errors } = await ask("record", { id, outcomes: told });
      expect(errors?.[0]?.message ?? null).toBe(says);
      const states = said(await invitationsOf(id))
        .slice(0, outcomes.length)
        .toSorted();
      expect(states).toEqual(
        says === null ? outcomes.toSorted() : ["ada INVITED", "bea INVITED"].slice(0, outcomes.length),
      );
    });
  });

  test("where there are fewer places than children, those longest due have them", async () => {
    await tell(...child("old", { bornOn: "2025-11-01" }));
    const { data } = await ask("build", { run: { ...CLINIC, places: 2 } });
    expect(data).toMatchObject({ listed: 2, leftOut: 2 });
    expect(said(await invitationsOf(data.run.id))).toEqual(["ada LISTED", "old LISTED"]);
  });

  test("two runs do not list one child for the same", async () => {
    await build({ places: 2 });
    expect(said(await invitationsOf(await build()))).toEqual(["cyd LISTED"]);
  });

  test("who is taken off, or was on a run that is not held, may be listed again", async () => {
    const id = await locked();
    await ask("takeOff", { id, childIds: ["ada"] });
    await ask("send", { id, first: 1 });
    await ask("cancel", { id });
    expect(said(await invitationsOf(id))).toEqual([
      ...["ada CANCELLED TAKEN_OFF", "bea CANCELLED RUN_CANCELLED", "cyd CANCELLED RUN_CANCELLED"],
    ]);
    expect(said(await invitationsOf(await build()))).toEqual(["ada LISTED", "bea LISTED", "cyd LISTED"]);
  });

  test("a session at a school invites its pupils, and from 16 on the young person", async () => {
    const school = { urn: "105012", name: "Elm School", from: "2020-09-01", to: null };
    await tell(
      ...child("pupil", { bornOn: "2013-01-08" }),
      ...child("senior", { bornOn: "2010-01-08" }),
      event("SchoolRecorded", "pupil", school),
      event("SchoolRecorded", "senior", school),
    );
    const id = await locked({ practice: null, school: "105012", vaccines: ["MENACWY", "HPV"] });
    const { data } = await ask("send", { id });
    expect(
      data.invited.map((each: { child: { id: string }; toYoungPerson: boolean }) => [
        each.child.id,
        each.toYoungPerson,
      ]),
    ).toEqual([
      ["pupil", false],
      ["senior", true],
    ]);
  });

  test("runs are listed day by day, those held last first", async () => {
    for (const heldOn of ["2026-03-20", "2026-04-20", "2026-03-25"]) await build({ heldOn });
    const { data } = await ask("runs", { first: 2 });
    expect(data.edges.map(({ node }: { node: { heldOn: string } }) => node.heldOn)).toEqual([
      "2026-04-20",
      "2026-03-25",
    ]);
    const { data: rest } = await ask("runs", { first: 2, after: data.pageInfo.endCursor });
    expect(rest.edges.map(({ node }: { node: { heldOn: string } }) => node.heldOn)).toEqual(["2026-03-20"]);
  });

  describe("Who may", () => {
    const who = (role: Role, more: Partial<Viewer> = {}): Viewer => ({
      ...NURSE,
      role,
      localities: ["WIRRAL"],
      ...more,
    });

    test.each`
      viewer                                                       | builds
      ${who("CHILD_HEALTH_CLERK")}                                 | ${3}
      ${who("HEALTH_VISITOR")}                                     | ${3}
      ${who("SCHOOL_NURSE")}                                       | ${0}
      ${who("GENERAL_PRACTITIONER", { organisation: "N85002" })}   | ${3}
      ${who("GENERAL_PRACTITIONER", { organisation: "N81001" })}   | ${"ARGUMENT_INVALID"}
      ${who("CHILD_HEALTH_CLERK", { localities: ["WARRINGTON"] })} | ${"ARGUMENT_INVALID"}
      ${who("SAFEGUARDING_LEAD")}                                  | ${"NOT_PERMITTED"}
      ${who("ANALYST")}                                            | ${"NOT_PERMITTED"}
      ${who("PARTNER_APP", { scopes: ["immunisations:list"] })}    | ${"NOT_PERMITTED"}
    `("a $viewer.role lists $builds of three babies", async ({ viewer, builds }) => {
      const { data, errors } = await ask("build", { run: CLINIC }, viewer);
      expect(data?.listed ?? errors?.[0]?.extensions.code).toBe(builds);
    });

    test("a run of another locality, or of another practice, is nobody's to know of", async () => {
      const id = await build();
      for (const viewer of [
        who("CHILD_HEALTH_CLERK", { localities: ["WARRINGTON"] }),
        who("GENERAL_PRACTITIONER", { organisation: "N81001" }),
      ]) {
        expect((await ask("run", { id }, viewer)).data).toBeNull();
        expect((await ask("lock", { id }, viewer)).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
        expect((await ask("runs", {}, viewer)).data.edges).toEqual([]);
      }
    });
  });
});

const NO_DETAILS = {
  ...{ procedureCode: null, productCode: null, doseNumber: null, site: null, route: null, batchNumber: null },
  ...{ expiresOn: null, manufacturer: null, amountMillilitres: null, givenBy: null, organisation: null, place: null },
} as const;
