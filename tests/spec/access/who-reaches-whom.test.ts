import { child, event, type World, world } from "../../world";

let house: World;

beforeAll(async () => {
  house = await world();
  await house.tell(
    ...child("baby", { nhsNumber: "9990000018", bornOn: "2025-12-01" }),
    ...child("toddler", { nhsNumber: "9990000026", bornOn: "2023-12-01" }),
    ...child("pupil", { nhsNumber: "9990000034", bornOn: "2015-12-01" }),
    ...child("elsewhere", { nhsNumber: "9990000042", bornOn: "2025-12-01", practice: "N81001" }),
  );
});
afterAll(() => house.close());

const FIND = "query ($id: ID!) { childById(id: $id) { id } }";

describe("Who reaches which child", () => {
  test.each`
    role                      | reaches
    ${"CHILD_HEALTH_CLERK"}   | ${["baby", "toddler", "pupil"]}
    ${"HEALTH_VISITOR"}       | ${["baby", "toddler"]}
    ${"SCHOOL_NURSE"}         | ${["pupil"]}
    ${"GENERAL_PRACTITIONER"} | ${["baby", "toddler", "pupil"]}
    ${"SCREENING_OFFICER"}    | ${["baby"]}
    ${"SAFEGUARDING_LEAD"}    | ${["baby", "toddler", "pupil"]}
    ${"ANALYST"}              | ${[]}
    ${"PARTNER_APP"}          | ${[]}
  `("a $role of Wirral, or of its practice N85002, reaches $reaches", async ({ role, reaches }) => {
    const ask = house.as(role, { localities: ["WIRRAL"], organisation: "N85002" });
    const found: string[] = [];
    for (const id of ["baby", "toddler", "pupil", "elsewhere"]) {
      const { data } = await ask(FIND, { id });
      if (data?.childById) found.push(id);
    }
    expect(found).toEqual(reaches);
  });

  test("a privacy officer finds a child, whose access log they answer for, and sees no clinical record", async () => {
    const ask = house.as("PRIVACY_OFFICER");
    expect((await ask(FIND, { id: "baby" })).data).toEqual({ childById: { id: "baby" } });
    const { data, errors } = await ask(
      '{ childById(id: "baby") { doses { vaccine } newbornHearing { outcome } safeguarding { standing } } }',
    );
    expect(data.childById).toEqual({ doses: null, newbornHearing: null, safeguarding: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
      "NOT_PERMITTED",
      "NOT_PERMITTED",
      "NOT_PERMITTED",
    ]);
  });

  test("a refusal names what is missing", async () => {
    const { errors } = await house.as("SCREENING_OFFICER")('{ childById(id: "baby") { doses { vaccine } } }');
    expect(errors?.[0]).toMatchObject({
      message:
        "Seeing immunisations needs one of the roles CHILD_HEALTH_CLERK, HEALTH_VISITOR, SCHOOL_NURSE, GENERAL_PRACTITIONER, PARTNER_APP, which this viewer does not have.",
      path: ["childById", "doses"],
      extensions: { code: "NOT_PERMITTED", source: "immunisations" },
    });
  });

  test("a list holds those in reach and nobody else", async () => {
    const list = async (role: "CHILD_HEALTH_CLERK" | "HEALTH_VISITOR") => {
      const { data } = await house.as(role, { localities: ["WIRRAL"] })(
        "{ children(where: {}, first: 10) { edges { node { id } } } }",
      );
      return data.children.edges.map(({ node }: { node: { id: string } }) => node.id).sort();
    };
    expect(await list("CHILD_HEALTH_CLERK")).toEqual(["baby", "pupil", "toddler"]);
    expect(await list("HEALTH_VISITOR")).toEqual(["baby", "toddler"]);
  });

  test("no token, no answer", async () => {
    const response = await fetch(new URL("/graphql", house.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: FIND, variables: { id: "baby" } }),
    });
    expect(response.status).toBe(401);
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe("NOT_SIGNED_IN");
  });
});

describe("A child who was adopted", () => {
  test("is another child, whom nothing joins to the one there was", async () => {
    await house.tell(
      ...child("before", { nhsNumber: "9990000077", given: "Bryn", bornOn: "2023-12-01" }),
      ...child("after", { nhsNumber: "9990000085", given: "Cerys", bornOn: "2023-12-01" }),
    );
    const clerk = house.as("CHILD_HEALTH_CLERK");
    const asked = `query ($number: NhsNumber!) { child(nhsNumber: $number) { id nhsNumber supersededNhsNumbers name { full }
      provenance { kind } addresses { current } } }`;
    const [before, after] = [
      await clerk(asked, { number: "9990000077" }),
      await clerk(asked, { number: "9990000085" }),
    ];
    expect(JSON.stringify(after)).not.toMatch(/before|9990000077|Bryn/);
    expect(JSON.stringify(before)).not.toMatch(/after|9990000085|Cerys/);
  });
});

describe("A restricted child", () => {
  const PLACES = `{ childById(id: "hidden") { restricted name { full }
    address { __typename } practice { __typename } addresses { address { postcode } } registrations { practice { odsCode } } school { name }
    locality { code } localAuthority { code } provenance { kind system { __typename } } doses { vaccine givenAt { __typename } } } }`;

  beforeAll(() => house.tell(...child("hidden", { nhsNumber: "9990000050", bornOn: "2025-12-01", restricted: true })));

  test("has no place that anyone is shown, and says that it is withheld", async () => {
    const { data, errors } = await house.as("HEALTH_VISITOR")(PLACES);
    expect(data.childById).toMatchObject({
      restricted: true,
      name: { full: "Ada Example" },
      address: { __typename: "Withheld" },
      practice: { __typename: "Withheld" },
      addresses: null,
      registrations: null,
      school: null,
      locality: null,
      localAuthority: null,
    });
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(["WITHHELD"]));
    expect(JSON.stringify({ data, errors })).not.toMatch(/N85002|CH41|WIRRAL|E08000015|Birkenhead/);
  });

  test("is withheld from the next question on, and shown again when the flag is taken back", async () => {
    const nurse = house.as("HEALTH_VISITOR");
    const place = async () =>
      (await nurse('{ childById(id: "flagged") { restricted address { __typename } } }')).data.childById;
    const flag = (restricted: boolean, asOf: string) => ({
      ...event("RestrictionRecorded", "flagged", { restricted }),
      asOf,
    });
    await house.tell(...child("flagged", { nhsNumber: "9990000069", bornOn: "2025-12-01" }));
    expect(await place()).toEqual({ restricted: false, address: { __typename: "Address" } });
    await house.tell(flag(true, "2026-02-01T00:00:00.000000000Z"));
    expect(await place()).toEqual({ restricted: true, address: { __typename: "Withheld" } });
    await house.tell(flag(false, "2026-02-02T00:00:00.000000000Z"));
    expect(await place()).toEqual({ restricted: false, address: { __typename: "Address" } });
  });

  test("is in no list", async () => {
    const { data } = await house.as("CHILD_HEALTH_CLERK")(
      '{ children(where: { practices: ["N85002"] }, first: 50) { edges { node { id } } } }',
    );
    expect(data.children.edges.map(({ node }: { node: { id: string } }) => node.id)).not.toContain("hidden");
  });

  test("is not found by where it lives", async () => {
    const { data } = await house.as("CHILD_HEALTH_CLERK")(
      '{ findChildren(by: { name: "Ada Example", postcode: "CH41 5AA" }, first: 50) { edges { node { id } } } }',
    );
    const found = data.findChildren.edges.map(({ node }: { node: { id: string } }) => node.id);
    expect(found.length).toBeGreaterThan(0);
    expect(found).not.toContain("hidden");
  });
});
