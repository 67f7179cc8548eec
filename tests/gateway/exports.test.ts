import { csvLine } from "../../gateway/csv";
import type { Viewer } from "../../schema/access";
import { child, event, type World, world } from "../world";

describe("A line of a CSV file", () => {
  test.each`
    cell                     | written
    ${null}                  | ${""}
    ${"Ada"}                 | ${"Ada"}
    ${7}                     | ${"7"}
    ${"Zoë, the elder"}      | ${'"Zoë, the elder"'}
    ${'said "no"'}           | ${'"said ""no"""'}
    ${"two\nlines"}          | ${'"two\nlines"'}
    ${"=1+1"}                | ${"'=1+1"}
    ${"+44"}                 | ${"'+44"}
    ${"-1"}                  | ${"'-1"}
    ${"@SUM(A1)"}            | ${"'@SUM(A1)"}
    ${"\t=1+1"}              | ${"'\t=1+1"}
    ${"\r=1+1"}              | ${`"'\r=1+1"`}
    ${"\n=1+1"}              | ${`"'\n=1+1"`}
    ${'=HYPERLINK("x","y")'} | ${`"'=HYPERLINK(""x"",""y"")"`}
    ${"a=b"}                 | ${"a=b"}
  `("has $cell as $written, which no spreadsheet runs", ({ cell, written }) => {
    expect(csvLine([cell, "next"])).toBe(`${written},next\r\n`);
  });
});

describe("A list as a file", () => {
  let house: World;
  const BABIES = 120;

  beforeAll(async () => {
    house = await world(() => Date.parse("2026-06-01T10:00:00Z"));
    const babies = Array.from({ length: BABIES }, (_, at) => `baby${String(at).padStart(3, "0")}`);
    await house.tell(
      ...babies.flatMap((id) => child(id, { bornOn: "2026-04-01" })),
      ...child("formula", {
        bornOn: "2026-04-01",
        given: '=cmd|" /C calc"!A0',
        family: "@Example",
        practice: "N81001",
      }),
      ...child("hidden", { bornOn: "2026-04-01", restricted: true }),
      ...child("dead", { bornOn: "2026-04-01" }),
      event("DeathRecorded", "dead", { status: "FORMAL", diedOn: "2026-05-01" }),
    );
    await house.house.parts.get("immunisations")?.settle();
  });
  afterAll(() => house.close());

  const CLERK: Viewer = {
    ...{ subject: "clerk", name: "Clerk", role: "CHILD_HEALTH_CLERK", organisation: null, scopes: [] },
    localities: ["WIRRAL", "EAST_CHESHIRE"],
  };

  async function file(path: string, viewer: Viewer | null = CLERK): Promise<Response> {
    const token = viewer === null ? null : await house.issuer.sign(viewer, 5);
    return fetch(new URL(path, house.url), token === null ? {} : { headers: { authorization: `Bearer ${token}` } });
  }
  const linesOf = async (response: Response) => {
    const bytes = Buffer.from(await response.arrayBuffer()).toString("utf8");
    return bytes
      .replace(/^\uFEFF/, "")
      .split("\r\n")
      .slice(0, -1);
  };

  test("holds every page of it, under the names of its columns", async () => {
    const response = await file("/exports/immunisations-due.csv?practice=N85002");
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="immunisations-due.csv"',
      "cache-control": "no-store",
    });
    const [header, ...lines] = await linesOf(response);
    expect(header).toBe(
      "child_id,nhs_number,family_name,given_names,born_on,address,postcode,practice,practice_name,dose,dose_name,vaccine,state,due_on,overdue_on,latest_on,contact,invitations,invite_again_on,reason",
    );
    expect(lines).toHaveLength(3 * BABIES);
    expect(lines[0]).toMatch(
      /^baby000,,Example,Ada,2026-04-01,"1 High Street, Birkenhead",CH41 5AA,N85002,.*,HEXA_1,First 6-in-1,HEXAVALENT,DUE,2026-05-27,/,
    );
    expect(lines.join()).not.toMatch(/hidden|dead/);
  });

  test("runs no name of anybody as a formula", async () => {
    const [, line] = await linesOf(await file("/exports/immunisations-due.csv?locality=EAST_CHESHIRE&vaccine=MENB"));
    expect(line).toMatch(/^formula,,'@Example,"'=cmd\|"" \/C calc""!A0",2026-04-01,/);
  });

  test.each`
    path                                                            | status | code
    ${"/exports/immunisations-due.csv?state=SOON"}                  | ${400} | ${"REQUEST_INVALID"}
    ${"/exports/immunisations-due.csv?on=2020-01-01"}               | ${400} | ${"ARGUMENT_INVALID"}
    ${"/exports/immunisations-due.csv?name=Ada"}                    | ${400} | ${"ARGUMENT_INVALID"}
    ${"/exports/immunisations-due.csv?on=2026-06-01&on=2026-06-02"} | ${400} | ${"ARGUMENT_INVALID"}
    ${"/exports/invitations.csv"}                                   | ${400} | ${"ARGUMENT_INVALID"}
    ${"/exports/invitations.csv?run=none"}                          | ${404} | ${"NOT_FOUND"}
    ${"/exports/children.csv"}                                      | ${404} | ${"REQUEST_INVALID"}
  `("answers $status to $path", async ({ path, status, code }) => {
    const response = await file(path);
    expect([response.status, ((await response.json()) as Refusal).errors[0]?.extensions.code]).toEqual([status, code]);
  });

  test.each`
    who                                                                                                 | status | code
    ${null}                                                                                             | ${401} | ${"NOT_SIGNED_IN"}
    ${{ ...CLERK, role: "ANALYST" }}                                                                    | ${403} | ${"NOT_PERMITTED"}
    ${{ ...CLERK, role: "PRIVACY_OFFICER" }}                                                            | ${403} | ${"NOT_PERMITTED"}
    ${{ ...CLERK, role: "PARTNER_APP", scopes: ["immunisations:list", "identity:read", "place:read"] }} | ${403} | ${"DOCUMENT_NOT_TRUSTED"}
  `("is refused to $who.role with $status", async ({ who, status, code }) => {
    const response = await file("/exports/immunisations-due.csv?locality=WIRRAL", who);
    expect([response.status, ((await response.json()) as Refusal).errors[0]?.extensions.code]).toEqual([status, code]);
  });

  test("of a run holds whom to write to", async () => {
    const ask = house.as("CHILD_HEALTH_CLERK", { localities: ["WIRRAL"] });
    const run = { heldOn: "2026-06-10", venue: "Clinic", locality: "WIRRAL", practice: "N85002", places: 2 };
    const { data } = await ask(
      "mutation ($run: InvitationRunInput!) { buildInvitationRun(run: $run) { run { id } } }",
      { run },
    );
    const { id } = data.buildInvitationRun.run;
    await ask("mutation ($id: ID!) { lockInvitationRun(id: $id) { id } }", { id });
    await ask("mutation ($id: ID!) { sendInvitations(id: $id, first: 1) { left } }", { id });
    const [header, ...lines] = await linesOf(await file(`/exports/invitations.csv?run=${id}&state=INVITED`));
    expect(header).toMatch(/,doses,state,invitation,invited_at,to_young_person,cancelled_because,invite_again_on$/);
    expect(lines).toEqual([
      expect.stringMatching(/^baby000,.*,HEXA_1 MENB_1 ROTA_1,INVITED,1,2026-06-01T10:00:00\.000Z,false,,2026-06-24$/),
    ]);
  });
});

interface Refusal {
  readonly errors: readonly { readonly extensions: { readonly code: string } }[];
}
