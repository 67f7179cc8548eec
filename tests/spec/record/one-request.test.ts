import { child, event, type World, world } from "../../world";

let house: World;

beforeAll(async () => {
  house = await world();
});
afterAll(() => house.close());

const RECORD = `query ($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) {
  nhsNumber name { full } bornOn sex
  address { ... on Address { lines postcode } }
  practice { ... on Practice { odsCode name } }
  locality { code name } localAuthority { code name }
  newbornHearing { outcome screenedOn }
  newbornBloodSpot { results { condition outcome } }
  newbornExamination { examinedOn hips { outcome } }
  doses { vaccine givenOn }
  safeguarding { standing }
} }`;

describe("One request answers everything known of a child", () => {
  test("who they are, their screens, their doses and how their safeguarding stands, from four subgraphs", async () => {
    await house.tell(
      ...child("ada", { nhsNumber: "9990000018", given: "Ada", family: "Example", bornOn: "2024-03-05" }),
      event("NewbornHearingRecorded", "ada", {
        outcome: "CLEAR_NO_FOLLOW_UP",
        outcomeCode: "276781000000109",
        screenedOn: "2024-03-07",
        outcomeSetAt: null,
        tests: [],
        provider: "RBL",
        comment: null,
      }),
      event("NewbornBloodSpotRecorded", "ada", {
        results: [
          { condition: "PKU", outcome: "NOT_SUSPECTED", status: "04", subStatus: null, outcomeCode: "429106008" },
        ],
        issuedAt: "2024-03-15T09:00:00.000000000Z",
        sampleTakenOn: "2024-03-10",
        provider: "RBL",
        comment: null,
      }),
      event("NewbornExaminationRecorded", "ada", {
        stage: "NEWBORN",
        examinedOn: "2024-03-06",
        results: [{ part: "HIPS", outcome: "NO_ABNORMALITY", riskFactor: false, outcomeCode: "985701000000100" }],
        bcgEligible: null,
        provider: "RBL",
        comment: null,
      }),
      event("DoseRecorded", "ada", {
        vaccine: "HEXAVALENT",
        givenOn: "2024-04-30",
        precision: "DAY",
        primarySource: true,
      }),
      event("SafeguardingFlagRecorded", "ada", {
        kind: "LOOKED_AFTER_CHILD",
        localAuthority: "E08000015",
        startedOn: "2025-01-01",
        endedOn: null,
        officePhone: null,
        emergencyDutyPhone: null,
      }),
    );
    const { data, errors } = await house.as("HEALTH_VISITOR")(RECORD, { nhsNumber: "999 000 0018" });
    expect(errors).toBeUndefined();
    expect(data.child).toEqual({
      nhsNumber: "9990000018",
      name: { full: "Ada Example" },
      bornOn: "2024-03-05",
      sex: "FEMALE",
      address: { lines: ["1 High Street", "Birkenhead"], postcode: "CH41 5AA" },
      practice: { odsCode: "N85002", name: expect.any(String) },
      locality: { code: "WIRRAL", name: "Wirral" },
      localAuthority: { code: "E08000015", name: "Wirral" },
      newbornHearing: { outcome: "CLEAR_NO_FOLLOW_UP", screenedOn: "2024-03-07" },
      newbornBloodSpot: { results: [{ condition: "PKU", outcome: "NOT_SUSPECTED" }] },
      newbornExamination: { examinedOn: "2024-03-06", hips: { outcome: "NO_ABNORMALITY" } },
      doses: [{ vaccine: "HEXAVALENT", givenOn: "2024-04-30" }],
      safeguarding: { standing: "CURRENT" },
    });
  });

  test("what nobody told is null or empty, and no error", async () => {
    await house.tell(...child("bea", { nhsNumber: "9990000026", given: "Bea" }));
    const { data, errors } = await house.as("HEALTH_VISITOR")(RECORD, { nhsNumber: "9990000026" });
    expect(errors).toBeUndefined();
    expect(data.child).toMatchObject({
      newbornHearing: null,
      newbornBloodSpot: null,
      newbornExamination: null,
      doses: [],
      safeguarding: { standing: "NONE_KNOWN" },
    });
  });

  test("a number that nobody has is null, as is a child this viewer may not know of, with nothing to tell them apart", async () => {
    await house.tell(...child("cal", { nhsNumber: "9990000034", practice: "N81001" }));
    const nobody = await house.as("HEALTH_VISITOR", { localities: ["WIRRAL"] })(RECORD, { nhsNumber: "9990000042" });
    const notTheirs = await house.as("HEALTH_VISITOR", { localities: ["WIRRAL"] })(RECORD, { nhsNumber: "9990000034" });
    expect(nobody).toEqual({ data: { child: null } });
    expect(notTheirs).toEqual(nobody);
  });

  test("a number that is none is refused by what is wrong with it", async () => {
    const { errors } = await house.as("HEALTH_VISITOR")(RECORD, { nhsNumber: "9990000019" });
    expect(errors?.map((error) => error.extensions.code)).toEqual(["ARGUMENT_INVALID"]);
    expect(errors?.[0]?.message).toContain("ten digits whose check digit is right");
  });
});

describe("Two records that are one child", () => {
  test("are answered as one after a merge, and as two after it is undone", async () => {
    const merge = (into: string | null, minute: string) =>
      event("ChildrenMerged", "eve-2", {
        into,
        asOf: `2026-02-01T00:${minute}:00.000000000Z`,
        source: { system: "RECORD", id: "merge" },
      });
    await house.tell(
      ...child("eve", { nhsNumber: "9990000050", given: "Eve" }),
      ...child("eve-2", { nhsNumber: null, given: "Eve" }),
      event("DoseRecorded", "eve", { vaccine: "MMR", givenOn: "2025-03-10", precision: "DAY", primarySource: true }),
      event("DoseRecorded", "eve-2", {
        vaccine: "HEXAVALENT",
        givenOn: "2024-05-01",
        precision: "DAY",
        primarySource: true,
      }),
    );
    const doses = async () => {
      const { data } = await house.as("CHILD_HEALTH_CLERK")('{ child(nhsNumber: "9990000050") { doses { vaccine } } }');
      return data.child.doses.map(({ vaccine }: { vaccine: string }) => vaccine);
    };
    expect(await doses()).toEqual(["MMR"]);
    await house.tell(merge("eve", "01"));
    expect(await doses()).toEqual(["HEXAVALENT", "MMR"]);
    const { data } = await house.as("CHILD_HEALTH_CLERK")('{ childById(id: "eve-2") { id nhsNumber } }');
    expect(data.childById).toEqual({ id: "eve", nhsNumber: "9990000050" });
    await house.tell(merge(null, "02"));
    expect(await doses()).toEqual(["MMR"]);
  });
});
