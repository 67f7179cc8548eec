import { child, event, type World, world } from "../../world";

let house: World;
let today = "2026-03-04";

beforeAll(async () => {
  house = await world(() => Date.parse(`${today}T12:00:00Z`));
  await house.tell(...child("ada", { bornOn: "2026-01-08" }));
  await settled();
});
afterAll(() => house.close());

const settled = () => house.house.parts.get("immunisations")?.settle();

const DUE = `query ($on: Date) { immunisationsDue(where: { practices: ["N85002"] }, on: $on, first: 50) {
  edges { node { child { id name { full } } doseId state contact } } } }`;

interface Line {
  readonly child: { readonly id: string };
  readonly doseId: string;
  readonly state: string;
  readonly contact: string;
}

async function due(on: string | null = null): Promise<readonly string[]> {
  const { data } = await house.as("HEALTH_VISITOR", { localities: ["WIRRAL"] })(DUE, { on });
  return data.immunisationsDue.edges.map(({ node }: { node: Line }) => `${node.child.id} ${node.doseId} ${node.state}`);
}

describe("Whom a practice calls in", () => {
  test.each`
    on              | due
    ${"2026-03-04"} | ${[]}
    ${"2026-03-05"} | ${["ada HEXA_1 DUE", "ada MENB_1 DUE", "ada ROTA_1 DUE"]}
    ${"2026-04-02"} | ${["ada HEXA_1 DUE", "ada MENB_1 DUE", "ada ROTA_1 DUE"]}
    ${"2026-04-03"} | ${["ada HEXA_1 OVERDUE", "ada MENB_1 OVERDUE", "ada ROTA_1 OVERDUE"]}
    ${"2026-04-23"} | ${["ada HEXA_1 OVERDUE", "ada MENB_1 OVERDUE"]}
  `("on $on, of a child born on 8 January 2026: $due", async ({ on, due: expected }) => {
    expect(await due(on)).toEqual(expected);
  });

  test("the list of a day ahead is the list of that day when it comes", async () => {
    const ahead = await due("2026-04-23");
    today = "2026-04-23";
    expect(await due()).toEqual(ahead);
    today = "2026-03-05";
  });
});

describe("Nobody is called who must not be", () => {
  const told = "2026-03-01T00:00:00.000000000Z";

  test.each([
    ["died", [event("DeathRecorded", "bea", { status: "INFORMAL", diedOn: "2026-03-04" })]],
    [
      "moved away",
      [
        event("GpRegistrationRecorded", "bea", { practice: "A99999", from: "2026-03-01", to: null, asOf: told }),
        event("ResponsibilityRecorded", "bea", { locality: "WIRRAL", status: "MOVED_OUT", from: null, asOf: told }),
      ],
    ],
    ["is to be found by nobody", [event("RestrictionRecorded", "bea", { restricted: true, asOf: told })]],
  ])("a child who %s is called no more, from the moment that it is told", async (_what, events) => {
    const before = event("ResponsibilityRecorded", "bea", { locality: "WIRRAL", status: "RESIDENT", from: null });
    await house.tell(...child("bea", { bornOn: "2026-01-08" }), before);
    await settled();
    expect((await due()).filter((line) => line.startsWith("bea")).length).toBeLessThanOrEqual(3);
    await house.tell(...events);
    expect((await due()).filter((line) => line.startsWith("bea"))).toEqual([]);
  });
});

describe("An invitation is looked at once more before it goes", () => {
  const ask = (query: string, variables: object) =>
    house.as("CHILD_HEALTH_CLERK", { localities: ["WIRRAL"] })(query, variables);

  test("of three on the list of a clinic, one of whom died and one of whom was given it elsewhere, one is invited", async () => {
    today = "2026-03-05";
    await house.tell(...["cyd", "dot", "eve"].flatMap((id) => child(id, { bornOn: "2026-01-08", practice: "N85007" })));
    await settled();
    const run = {
      heldOn: "2026-03-20",
      venue: "Clinic",
      locality: "WIRRAL",
      practice: "N85007",
      vaccines: ["ROTAVIRUS"],
    };
    const { data } = await ask(
      "mutation ($run: InvitationRunInput!) { buildInvitationRun(run: $run) { listed run { id } } }",
      { run },
    );
    const { listed, run: built } = data.buildInvitationRun;
    expect(listed).toBe(3);
    await ask("mutation ($id: ID!) { lockInvitationRun(id: $id) { state } }", { id: built.id });
    await house.tell(
      event("DeathRecorded", "cyd", { status: "FORMAL", diedOn: "2026-03-05" }),
      event("DoseRecorded", "dot", {
        vaccine: "ROTAVIRUS",
        givenOn: "2026-03-05",
        precision: "DAY",
        primarySource: true,
      }),
    );
    const sent = await ask(
      `mutation ($id: ID!) { sendInvitations(id: $id) { left
        invited { child { id } doses } cancelled { child { id } cancelledBecause } } }`,
      { id: built.id },
    );
    expect(sent.data.sendInvitations).toEqual({
      left: 0,
      invited: [{ child: { id: "eve" }, doses: ["ROTA_1"] }],
      cancelled: [{ child: { id: "dot" }, cancelledBecause: "NOT_DUE" }],
    });
  });
});
