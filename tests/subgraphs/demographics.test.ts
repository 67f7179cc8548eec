import fc from "fast-check";
import type { ExecutionResult } from "graphql";
import { openDatabase } from "../../chassis/database";
import type { Fact } from "../../chassis/facts";
import { registerOf } from "../../chassis/register";
import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Role, Viewer } from "../../schema/access";
import type { Day, Instant } from "../../schema/calendar";
import type { Event, EventOf, EventType } from "../../schema/events";
import { checkDigit } from "../../schema/nhs-number";
import { demographics } from "../../subgraphs/demographics";
import * as model from "../../subgraphs/demographics/model";
import { daysAsked, fold, nameKeysAsked, readSearch, scoreOf } from "../../subgraphs/demographics/search";
import { eachDatabase, type Places } from "../databases";

const TODAY = "2026-06-01";

function nhs(body: number): string {
  const digits = String(body);
  const check = checkDigit(digits);
  if (check === null) throw new Error(`${body} begins no number.`);
  return `${digits}${check}`;
}

const [ADA, BEN, CLEO, FORMER, MOTHER] = [
  nhs(999100001),
  nhs(999100010),
  nhs(999100011),
  nhs(999100012),
  nhs(999100013),
];

/** Practices as the Organisation Data Service has them: two of Wirral, one of Liverpool. */
const [WIRRAL_GP, OTHER_WIRRAL_GP, LIVERPOOL_GP] = ["N85057", "N85059", "Y03097"];

const DEFAULTS: {
  readonly [Type in EventType]?: Omit<EventOf<Type>, "type" | "childId" | "source" | "asOf" | "action">;
} = {
  IdentityRecorded: {
    nhsNumber: ADA,
    nhsNumberStatus: "VERIFIED",
    supersededNhsNumbers: [],
    familyName: "O'Brien",
    givenNames: "Zoë Mary",
    bornOn: "2023-04-05",
    bornAtTime: null,
    sex: "FEMALE",
    ethnicCategory: null,
  },
  BirthRecorded: {
    motherNhsNumber: MOTHER,
    motherFamilyName: "O'Brien",
    motherGivenNames: "Nora",
    motherBornOn: "1990-01-02",
    birthOrder: 1,
    birthsAtDelivery: 1,
    weightGrams: 3410,
    gestationWeeks: 39,
    stillbirth: false,
    congenitalAbnormality: "NOT_SUSPECTED",
    deliveryPlace: "Invented Maternity Unit",
  },
  AddressRecorded: {
    lines: ["1 High Street", "Bebington"],
    postcode: "CH63 2JN",
    localAuthority: "E08000015",
    from: null,
    to: null,
  },
  GpRegistrationRecorded: { practice: WIRRAL_GP, from: null, to: null },
  SchoolRecorded: { urn: "105000", name: "Invented Primary School", from: null, to: null },
  RestrictionRecorded: { restricted: true },
  DeathRecorded: { status: "FORMAL", diedOn: "2025-02-03" },
  ResponsibilityRecorded: { locality: "WIRRAL", status: "RESIDENT", from: null },
};

interface Telling {
  readonly by?: string;
  readonly id?: string;
  /** The day it was true, at noon. */
  readonly on?: Day;
}

function noon(day: Day): Instant {
  return `${day}T12:00:00.000000000Z`;
}

function tells<Type extends EventType>(
  type: Type,
  childId: string,
  says: Partial<EventOf<Type>> = {},
  { by = "WIRRAL", id = childId, on = "2024-01-01" }: Telling = {},
): Event {
  const header = { type, action: "record", childId, source: { system: by, id }, asOf: noon(on) };
  return { ...header, ...DEFAULTS[type], ...says } as unknown as Event; // the defaults are those of the type
}

function withdraws(
  type: EventType,
  childId: string,
  { by = "WIRRAL", id = childId, on = "2024-01-01" }: Telling,
): Event {
  return { type, action: "withdraw", childId, source: { system: by, id }, asOf: noon(on) };
}

/** A fact as a subgraph reads it back. */
function fact<Type extends EventType>(type: Type, says: Partial<Fact<Type>> = {}, telling: Telling = {}): Fact<Type> {
  return { ...tells(type, "c1", {}, telling), latest: true, ...says } as unknown as Fact<Type>;
}

function viewer(role: Role, says: Partial<Viewer> = {}): Viewer {
  return {
    subject: "u1",
    name: "Nell Invented",
    role,
    organisation: null,
    localities: ["WIRRAL"],
    scopes: [],
    ...says,
  };
}

const CLERK = viewer("CHILD_HEALTH_CLERK");

describe("Which identity is shown", () => {
  const numbered = (nhsNumber: string | null, nhsNumberStatus: "VERIFIED" | "TRACE_REQUIRED" | "ABSENT", on: Day) =>
    fact("IdentityRecorded", { nhsNumber, nhsNumberStatus }, { on });

  test("no identity is told as none", () => expect(model.identity([])).toBeNull());

  test.each`
    told                                                                                        | shown
    ${[numbered(ADA, "VERIFIED", "2024-01-01"), numbered(null, "ABSENT", "2025-01-01")]}        | ${[ADA, "VERIFIED"]}
    ${[numbered(ADA, "TRACE_REQUIRED", "2025-01-01"), numbered(BEN, "VERIFIED", "2024-01-01")]} | ${[BEN, "VERIFIED"]}
    ${[numbered(ADA, "VERIFIED", "2024-01-01"), numbered(BEN, "VERIFIED", "2025-01-01")]}       | ${[BEN, "VERIFIED"]}
    ${[numbered(null, "ABSENT", "2025-01-01")]}                                                 | ${[null, "ABSENT"]}
  `("the number of the surest source is shown: $shown", ({ told, shown }) => {
    for (const order of [told, [...told].reverse()]) {
      const identity = model.identity(order);
      expect([identity?.nhsNumber, identity?.nhsNumberStatus]).toEqual(shown);
    }
  });

  test("the name is the one told last; what the last leaves out is from the last that told it", () => {
    const first = { familyName: "Flynn", bornAtTime: "03:20", ethnicCategory: "B", sex: "FEMALE" } as const;
    const last = { familyName: "Byrne", sex: "NOT_KNOWN", supersededNhsNumbers: [FORMER, ADA] } as const;
    const told = [
      fact("IdentityRecorded", last, { on: "2025-01-01" }),
      fact("IdentityRecorded", first, { by: "LIVERPOOL_SEFTON", on: "2024-01-01" }),
    ];
    expect(model.identity(told)).toMatchObject({
      familyName: "Byrne",
      bornAtTime: "03:20",
      ethnicCategory: "B",
      sex: "FEMALE",
      supersededNhsNumbers: [FORMER],
    });
  });

  test("a time of birth told with another date of birth is not shown", () => {
    const told = [
      fact("IdentityRecorded", { bornAtTime: "03:20", bornOn: "2023-05-04" }, { by: "WARRINGTON", on: "2024-01-01" }),
      fact("IdentityRecorded", {}, { on: "2025-01-01" }),
    ];
    expect(model.identity(told)).toMatchObject({ bornOn: "2023-04-05", bornAtTime: null });
  });
});

describe("Which child a number is of", () => {
  const holder = (childId: string, says: Partial<Fact<"IdentityRecorded">>, on: Day = "2024-01-01") =>
    fact("IdentityRecorded", { childId, ...says }, { on });

  test.each`
    told                                                                                                                    | whose
    ${[]}                                                                                                                   | ${null}
    ${[holder("c1", {})]}                                                                                                   | ${"c1"}
    ${[holder("c1", { nhsNumber: BEN, supersededNhsNumbers: [ADA] })]}                                                      | ${"c1"}
    ${[holder("c1", { nhsNumber: BEN, supersededNhsNumbers: [ADA] }), holder("c2", { nhsNumberStatus: "TRACE_REQUIRED" })]} | ${"c2"}
    ${[holder("c1", { nhsNumberStatus: "TRACE_REQUIRED" }, "2025-01-01"), holder("c2", {})]}                                | ${"c2"}
    ${[holder("c2", {}, "2025-01-01"), holder("c1", {})]}                                                                   | ${"c2"}
    ${[holder("c2", {}), holder("c1", {})]}                                                                                 | ${"c1"}
    ${[holder("c1", { nhsNumber: BEN })]}                                                                                   | ${null}
  `("the number is of $whose", ({ told, whose }) => {
    expect(model.childOfNumber(ADA, told)).toBe(whose);
    expect(model.childOfNumber(ADA, [...told].reverse())).toBe(whose);
  });
});

describe("Where a child lived and when", () => {
  /** `Wirral A 2020-01-01..2021-01-01 @2022-01-01`: who, which home, from, to and when it was told. */
  function address(text: string): Fact<"AddressRecorded"> {
    const [, by, home, from, to, on, old] = /^(\w+) (\S+) ([\d-]*)\.\.([\d-]*) @([\d-]+)( old)?$/.exec(text) ?? [];
    if (by === undefined || home === undefined || on === undefined) throw new Error(text);
    const lines = [home.replaceAll("_", " ")];
    return fact(
      "AddressRecorded",
      { lines, from: from || null, to: to || null, latest: old === undefined },
      { by, id: "1", on },
    );
  }

  test.each`
    told                                                                                 | shown
    ${["WIRRAL A 2020-01-01.. @2020-02-01"]}                                             | ${["A 2020-01-01..now"]}
    ${["WIRRAL A .. @2020-02-01"]}                                                       | ${["A 2020-02-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2020-02-01 old", "WIRRAL B 2022-01-01.. @2022-02-01"]}    | ${["A 2020-01-01..2022-01-01", "B 2022-01-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2020-02-01 old", "WIRRAL B 2020-01-01.. @2022-02-01"]}    | ${["B 2020-01-01..now"]}
    ${["WIRRAL A 2021-01-01.. @2020-02-01 old", "WIRRAL A 2020-01-01.. @2022-02-01"]}    | ${["A 2020-01-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2020-02-01", "pds A. 2020-05-01.. @2020-05-02"]}          | ${["A. 2020-01-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2020-02-01", "pds B 2020-05-01.. @2020-05-02"]}           | ${["A 2020-01-01..2020-05-01", "B 2020-05-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2023-02-01", "pds B 2020-05-01.. @2020-05-02"]}           | ${["A 2020-01-01..2020-05-01", "B 2020-05-01..now"]}
    ${["WIRRAL A 2020-01-01..2020-03-01 @2020-02-01", "pds B 2020-05-01.. @2020-05-02"]} | ${["A 2020-01-01..2020-03-01", "B 2020-05-01..now"]}
    ${["WIRRAL A 2020-01-01..2020-03-01 @2020-02-01", "pds A 2020-05-01.. @2020-05-02"]} | ${["A 2020-01-01..2020-03-01", "A 2020-05-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2020-02-01", "pds B 2020-01-01.. @2020-05-02"]}           | ${["B 2020-01-01..now"]}
    ${["WIRRAL A 2020-01-01..2019-01-01 @2020-02-01"]}                                   | ${["A 2020-01-01..now"]}
    ${["WIRRAL A 2020-01-01.. @2020-02-01 old"]}                                         | ${[]}
  `("told $told, the graph shows $shown", ({ told, shown }) => {
    const periods = model.addresses(told.map(address));
    expect(periods.map(({ fact, from, until }) => `${fact.lines[0]} ${from}..${until ?? "now"}`)).toEqual(shown);
    expect(periods.map(({ current }) => current)).toEqual(
      shown.map((_: string, at: number) => at === shown.length - 1),
    );
  });

  test("an address in other words is the same address", () => {
    const first = fact(
      "AddressRecorded",
      { lines: ["Flat 2", "10 High St."], postcode: "CH632JN", from: "2020-01-01" },
      { by: "WIRRAL" },
    );
    const again = fact(
      "AddressRecorded",
      { lines: ["FLAT 2, 10 HIGH ST"], postcode: "CH63 2JN", from: "2020-06-01" },
      { by: "pds" },
    );
    expect(model.addresses([first, again])).toMatchObject([{ fact: again, from: "2020-01-01", until: null }]);
  });

  test("a time without a practice is a gap between registrations", () => {
    const registration = (practice: string | null, from: Day) =>
      fact("GpRegistrationRecorded", { practice, from, latest: from === "2022-01-01" }, { on: from });
    const told = [
      registration(WIRRAL_GP, "2020-01-01"),
      registration(null, "2021-01-01"),
      registration(WIRRAL_GP, "2022-01-01"),
    ];
    expect(model.registrations(told)).toMatchObject([
      { from: "2020-01-01", until: "2021-01-01", current: false },
      { from: "2022-01-01", until: null, current: true },
    ]);
    expect(model.registrations(told.slice(0, 1))).toEqual([]);
  });
});

describe("What is known of the birth", () => {
  const nothing = {
    birthOrder: null,
    birthsAtDelivery: null,
    weightGrams: null,
    gestationWeeks: null,
    congenitalAbnormality: null,
    deliveryPlace: null,
    motherFamilyName: null,
    motherGivenNames: null,
    motherBornOn: null,
  };
  const national = (says: Partial<Fact<"BirthRecorded">> = {}) =>
    fact("BirthRecorded", says, { by: "pds-birth-notification-1", on: "2023-04-06" });
  const local = (motherNhsNumber: string | null) =>
    fact("BirthRecorded", { ...nothing, motherNhsNumber }, { on: "2025-01-01" });

  test("a locality that only knows the mother takes nothing away", () => {
    expect(model.birth([local(MOTHER), national()])).toMatchObject({
      weightGrams: 3410,
      gestationWeeks: 39,
      birthOrder: 1,
    });
    expect(model.mother([local(MOTHER), national()])).toMatchObject({ nhsNumber: MOTHER, givenNames: "Nora" });
    expect(model.deliveryPlace([local(MOTHER), national()])).toBe("Invented Maternity Unit");
  });

  test("another mother's number is not given the first one's name", () => {
    expect(model.mother([national(), local(BEN)])).toEqual({
      nhsNumber: BEN,
      familyName: null,
      givenNames: null,
      bornOn: null,
    });
  });

  test("a mother without a number is known by her name", () => {
    expect(model.mother([national({ motherNhsNumber: null })])).toMatchObject({
      nhsNumber: null,
      familyName: "O'Brien",
    });
    expect(model.mother([local(null)])).toBeNull();
    expect(model.birth([])).toBeNull();
  });

  test("weights are rounded to the gram, gestation to the weeks completed", () => {
    expect(model.birth([national({ weightGrams: 3410.5, gestationWeeks: 38.9 })])).toMatchObject({
      weightGrams: 3411,
      gestationWeeks: 38,
    });
  });

  test("a stillbirth told by one source is one", () => {
    expect(model.birth([local(MOTHER), national({ stillbirth: true })])).toMatchObject({ stillbirth: true });
  });
});

describe("The school shown", () => {
  test.each`
    urn         | name         | kind
    ${"105000"} | ${"St Anne"} | ${"SCHOOL"}
    ${"888888"} | ${null}      | ${"NOT_KNOWN"}
    ${"999999"} | ${null}      | ${"HOME_EDUCATED"}
  `("$urn is $kind", ({ urn, name, kind }) => {
    expect(model.school([fact("SchoolRecorded", { urn, name })])).toEqual({ urn, name, kind });
  });

  test("a school told without its name has the name it was told by before", () => {
    const told = [
      fact("SchoolRecorded", { urn: "105000", name: "St Anne" }, { on: "2024-01-01" }),
      fact("SchoolRecorded", { urn: "105000", name: null }, { by: "WARRINGTON", on: "2025-01-01" }),
    ];
    expect(model.school(told)).toEqual({ urn: "105000", name: "St Anne", kind: "SCHOOL" });
  });
});

describe("How well a child fits a search", () => {
  const zoe = { familyName: "O'Brien-Hughes", givenNames: "Zoë Mary", bornOn: "2023-04-05" };

  test.each`
    name                          | bornOn          | postcode     | score
    ${"Zoe O'Brien"}              | ${"2023-04-05"} | ${null}      | ${100}
    ${"o brien hughes zoe"}       | ${"2023-04-05"} | ${null}      | ${100}
    ${"O’Brien-Hughes, ZOË MARY"} | ${null}         | ${"ch632jn"} | ${100}
    ${"Hughes Zo"}                | ${"2023-04-05"} | ${null}      | ${null}
    ${"Hughs Zoe"}                | ${"2023-04-05"} | ${null}      | ${94}
    ${"Hughse Zoe"}               | ${"2023-04-05"} | ${null}      | ${94}
    ${"Hughes Z"}                 | ${"2023-04-05"} | ${null}      | ${88}
    ${"Hughes Zoe"}               | ${"2023-05-04"} | ${null}      | ${87}
    ${"Hughes Zoe"}               | ${"2023-04-15"} | ${null}      | ${83}
    ${"Hughes Zoe"}               | ${"2021-04-15"} | ${null}      | ${null}
    ${"Hughes Zoe"}               | ${"2023-04-05"} | ${"L1 5DL"}  | ${85}
    ${"Hughes Zoe"}               | ${null}         | ${"L1 5DL"}  | ${null}
    ${null}                       | ${"2023-04-05"} | ${"CH632JN"} | ${100}
    ${null}                       | ${"2023-04-05"} | ${"L1 5DL"}  | ${null}
    ${"Hughes Zoe Ann"}           | ${"2023-04-05"} | ${null}      | ${null}
    ${"Evans Zoe"}                | ${"2023-04-05"} | ${null}      | ${null}
  `("$name, $bornOn, $postcode scores $score", ({ name, bornOn, postcode, score }) => {
    expect(scoreOf(readSearch({ name, bornOn, postcode }), [zoe], "CH63 2JN")).toBe(score);
  });

  test("a child known to two sources under two names fits by either", () => {
    const other = { ...zoe, familyName: "Byrne" };
    expect(scoreOf(readSearch({ name: "Byrne Zoe" }), [zoe, other], null)).toBe(100);
  });

  test.each`
    by                                 | says
    ${{ name: "Hughes" }}              | ${"by must be two of name, bornOn and postcode, or a name of at least two words."}
    ${{ bornOn: "2023-04-05" }}        | ${"by must be two of name, bornOn and postcode, or a name of at least two words."}
    ${{ name: " - ", postcode: "L1" }} | ${"by must be two of name, bornOn and postcode, or a name of at least two words."}
    ${{ name: "a b c d e f g h i" }}   | ${"by.name must be a name of at most 8 words."}
  `("$by is refused", ({ by, says }) => expect(() => readSearch(by)).toThrow(says));

  test("day and month may be changed over, where the calendar has such a day", () => {
    expect(daysAsked(readSearch({ name: "a b", bornOn: "2023-04-05" }))).toEqual(["2023-04-05", "2023-05-04"]);
    expect(daysAsked(readSearch({ name: "a b", bornOn: "2023-04-25" }))).toEqual(["2023-04-25"]);
  });

  test("any run of words may be the family name", () => {
    expect(nameKeysAsked(readSearch({ name: "Van Dyk Eva" }))).toEqual([
      "van d",
      "van e",
      "vandyk e",
      "dyk v",
      "dyk e",
      "dykeva v",
      "eva v",
      "eva d",
    ]);
  });
});

const IDENTITY_FIELDS = `id nhsNumber nhsNumberStatus supersededNhsNumbers name { given family full } bornOn sex deceased diedOn restricted`;

eachDatabase((places) => {
  test("a child told by one locality is shown whole", async () => {
    const { part, tell, ask, child } = await world(places);
    await tell([
      tells("IdentityRecorded", "c1", { supersededNhsNumbers: [FORMER], bornAtTime: "03:20", ethnicCategory: "B" }),
      tells("BirthRecorded", "c1", { weightGrams: 3410.4 }),
      tells("AddressRecorded", "c1", { from: "2023-04-05" }),
      tells("GpRegistrationRecorded", "c1", { from: "2023-04-20" }),
      tells("SchoolRecorded", "c1"),
      tells("RestrictionRecorded", "c1", { restricted: false }),
      tells("ResponsibilityRecorded", "c1"),
    ]);
    const query = `{ child(nhsNumber: "${ADA.slice(0, 3)} ${ADA.slice(3)}") { ${IDENTITY_FIELDS} bornAtTime ethnicCategory status
      birth { birthOrder birthsAtDelivery weightGrams gestationWeeks stillbirth congenitalAbnormality
        place { ... on BirthPlace { name } } mother { ... on Mother { nhsNumber name { full } bornOn } } }
      address { ... on Address { lines postcode localAuthority { code } } }
      addresses { address { postcode } from until current toldBy }
      practice { ... on Practice { odsCode } } registrations { practice { odsCode } from until current toldBy }
      school { urn name kind } locality { code } localAuthority { code }
      provenance { kind system { ... on SourceSystem { code name firstToldAt lastToldAt } } } } }`;
    expect(await ask(CLERK, query)).toEqual({
      child: {
        id: "c1",
        nhsNumber: ADA,
        nhsNumberStatus: "VERIFIED",
        supersededNhsNumbers: [FORMER],
        name: { given: "Zoë Mary", family: "O'Brien", full: "Zoë Mary O'Brien" },
        bornOn: "2023-04-05",
        bornAtTime: "03:20",
        ethnicCategory: "B",
        sex: "FEMALE",
        deceased: false,
        diedOn: null,
        restricted: false,
        status: "RESIDENT",
        birth: {
          birthOrder: 1,
          birthsAtDelivery: 1,
          weightGrams: 3410,
          gestationWeeks: 39,
          stillbirth: false,
          congenitalAbnormality: "NOT_SUSPECTED",
          place: { name: "Invented Maternity Unit" },
          mother: { nhsNumber: MOTHER, name: { full: "Nora O'Brien" }, bornOn: "1990-01-02" },
        },
        address: { lines: ["1 High Street", "Bebington"], postcode: "CH63 2JN", localAuthority: { code: "E08000015" } },
        addresses: [
          { address: { postcode: "CH63 2JN" }, from: "2023-04-05", until: null, current: true, toldBy: "WIRRAL" },
        ],
        practice: { odsCode: WIRRAL_GP },
        registrations: [
          { practice: { odsCode: WIRRAL_GP }, from: "2023-04-20", until: null, current: true, toldBy: "WIRRAL" },
        ],
        school: { urn: "105000", name: "Invented Primary School", kind: "SCHOOL" },
        locality: { code: "WIRRAL" },
        localAuthority: { code: "E08000015" },
        provenance: [
          {
            kind: "LOCALITY",
            system: {
              code: "WIRRAL",
              name: "Wirral",
              firstToldAt: "2024-01-01T12:00:00.000Z",
              lastToldAt: "2024-01-01T12:00:00.000Z",
            },
          },
        ],
      },
    });
    expect(await part.holdings()).toMatchObject({
      IdentityRecorded: { WIRRAL: 1 },
      RestrictionRecorded: { WIRRAL: 1 },
    });
    expect(await child(CLERK, "c1", "address { __typename } practice { __typename }")).toEqual({
      address: { __typename: "Address" },
      practice: { __typename: "Practice" },
    });
  });

  test("what nobody told is null, and a child with only an identity is still a child", async () => {
    const { tell, child } = await world(places);
    await tell([tells("IdentityRecorded", "c1"), tells("ResponsibilityRecorded", "c1")]);
    const fields =
      "birth { birthOrder } address { __typename } addresses { from } practice { __typename } registrations { from } school { urn } status";
    expect(await child(CLERK, "c1", fields)).toEqual({
      birth: null,
      address: null,
      addresses: [],
      practice: null,
      registrations: [],
      school: null,
      status: "RESIDENT",
    });
  });

  describe("Finding a child by its number or id", () => {
    const known = async () => {
      const house = await world(places);
      await house.tell([
        tells("IdentityRecorded", "ada", { supersededNhsNumbers: [FORMER] }),
        tells("GpRegistrationRecorded", "ada"),
        tells("IdentityRecorded", "ben", { nhsNumber: BEN, nhsNumberStatus: "TRACE_REQUIRED" }),
        tells("GpRegistrationRecorded", "ben"),
        tells("IdentityRecorded", "other", { nhsNumber: BEN }, { by: "LIVERPOOL_SEFTON" }),
        tells("GpRegistrationRecorded", "other", { practice: LIVERPOOL_GP }, { by: "LIVERPOOL_SEFTON" }),
        tells("GpRegistrationRecorded", "unborn"),
      ]);
      return house;
    };
    const house = oneHouse(known);

    test.each`
      number    | role                    | localities              | found
      ${ADA}    | ${"CHILD_HEALTH_CLERK"} | ${["WIRRAL"]}           | ${"ada"}
      ${FORMER} | ${"CHILD_HEALTH_CLERK"} | ${["WIRRAL"]}           | ${"ada"}
      ${ADA}    | ${"CHILD_HEALTH_CLERK"} | ${["WARRINGTON"]}       | ${null}
      ${BEN}    | ${"CHILD_HEALTH_CLERK"} | ${["LIVERPOOL_SEFTON"]} | ${"other"}
      ${BEN}    | ${"CHILD_HEALTH_CLERK"} | ${["WIRRAL"]}           | ${null}
      ${CLEO}   | ${"CHILD_HEALTH_CLERK"} | ${["WIRRAL"]}           | ${null}
      ${ADA}    | ${"SCREENING_OFFICER"}  | ${["WIRRAL"]}           | ${null}
      ${ADA}    | ${"PRIVACY_OFFICER"}    | ${[]}                   | ${"ada"}
      ${CLEO}   | ${"PRIVACY_OFFICER"}    | ${[]}                   | ${null}
    `("$role of $localities asking for a number finds $found", async ({ number, role, localities, found }) => {
      const { part } = await house();
      const query = `{ child(nhsNumber: "${number}") { id } }`;
      const answer = await part.ask({ query, viewer: viewer(role, { localities }), requestId: "r" });
      expect(answer).toEqual({ data: { child: found === null ? null : { id: found } } });
    });

    test.each`
      id          | localities        | found
      ${"ada"}    | ${["WIRRAL"]}     | ${"ada"}
      ${"ada"}    | ${["WARRINGTON"]} | ${null}
      ${"nobody"} | ${["WIRRAL"]}     | ${null}
      ${"unborn"} | ${["WIRRAL"]}     | ${null}
      ${""}       | ${["WIRRAL"]}     | ${null}
    `("$id is $found for the clerk of $localities", async ({ id, localities, found }) => {
      const { part } = await house();
      const query = `{ childById(id: "${id}") { id } }`;
      const answer = await part.ask({ query, viewer: viewer("CHILD_HEALTH_CLERK", { localities }), requestId: "r" });
      expect(answer).toEqual({ data: { childById: found === null ? null : { id: found } } });
    });

    test("a number that was corrected finds nobody, one that was replaced does", async () => {
      const { tell, ask } = await known();
      await tell([
        tells("IdentityRecorded", "ada", { nhsNumber: CLEO, supersededNhsNumbers: [FORMER] }, { on: "2025-01-01" }),
      ]);
      const query = `{ now: child(nhsNumber: "${CLEO}") { id } wrong: child(nhsNumber: "${ADA}") { id } former: child(nhsNumber: "${FORMER}") { id } }`;
      expect(await ask(CLERK, query)).toEqual({ now: { id: "ada" }, wrong: null, former: { id: "ada" } });
    });

    test("an identity that was withdrawn is found by no number", async () => {
      const { tell, ask } = await known();
      await tell([withdraws("IdentityRecorded", "ada", { on: "2025-01-01" })]);
      const query = `{ a: child(nhsNumber: "${ADA}") { id } b: child(nhsNumber: "${FORMER}") { id } c: childById(id: "ada") { id } }`;
      expect(await ask(CLERK, query)).toEqual({ a: null, b: null, c: null });
    });

    test("an analyst is told that the role may not", async () => {
      const { part } = await house();
      const answer = await part.ask({
        query: `{ childById(id: "ada") { id } }`,
        viewer: viewer("ANALYST"),
        requestId: "r",
      });
      expect(codes(answer)).toEqual(["NOT_PERMITTED"]);
    });
  });

  describe("A restricted child", () => {
    const restricted = async () => {
      const house = await world(places);
      await house.tell([
        ...["WIRRAL", "LIVERPOOL_SEFTON", "pds-birth-notification-1"].flatMap((by) => [
          tells("IdentityRecorded", "c1", {}, { by }),
          tells("AddressRecorded", "c1", {}, { by }),
        ]),
        tells("BirthRecorded", "c1"),
        tells("GpRegistrationRecorded", "c1"),
        tells("SchoolRecorded", "c1"),
        tells("RestrictionRecorded", "c1"),
      ]);
      return house;
    };
    const house = oneHouse(restricted);

    test("has its name, and its place withheld, never null", async () => {
      const { child } = await house();
      const fields = `name { full } restricted
        address { __typename ... on Withheld { reason } } practice { __typename }
        birth { weightGrams place { __typename } mother { __typename } }
        provenance { kind system { __typename } }`;
      expect(await child(CLERK, "c1", fields)).toEqual({
        name: { full: "Zoë Mary O'Brien" },
        restricted: true,
        address: { __typename: "Withheld", reason: "This child's whereabouts are restricted." },
        practice: { __typename: "Withheld" },
        birth: { weightGrams: 3410, place: { __typename: "Withheld" }, mother: { __typename: "Withheld" } },
        provenance: [
          { kind: "LOCALITY", system: { __typename: "Withheld" } },
          { kind: "NATIONAL", system: { __typename: "Withheld" } },
        ],
      });
    });

    test.each([
      "addresses { from }",
      "registrations { from }",
      "school { urn }",
      "locality { code }",
      "localAuthority { code }",
      "status",
    ])("is refused %s by name", async (field) => {
      const { part } = await house();
      const query = `{ childById(id: "c1") { id ${field} } }`;
      const answer = await part.ask({ query, viewer: CLERK, requestId: "r" });
      expect(codes(answer)).toEqual(["WITHHELD"]);
      expect(answer.data).toEqual({ childById: { id: "c1", [field.split(" ")[0] ?? ""]: null } });
    });

    test("is withheld alike where nothing was told", async () => {
      const { tell, child } = await world(places);
      await tell([
        tells("IdentityRecorded", "c1"),
        tells("ResponsibilityRecorded", "c1"),
        tells("RestrictionRecorded", "c1"),
      ]);
      expect(await child(CLERK, "c1", "address { __typename } practice { __typename }")).toEqual({
        address: { __typename: "Withheld" },
        practice: { __typename: "Withheld" },
      });
    });

    test("is found by name and date of birth, but never with a postcode, and is in no list", async () => {
      const { ask } = await house();
      const query = `{
        byName: findChildren(by: { name: "Zoe OBrien", bornOn: "2023-04-05" }) { edges { node { id } } }
        byPostcode: findChildren(by: { bornOn: "2023-04-05", postcode: "CH63 2JN" }) { edges { node { id } } }
        elsewhere: findChildren(by: { name: "Zoe OBrien", bornOn: "2023-04-05", postcode: "L1 1AA" }) { edges { node { id } } }
        listed: children(where: {}) { edges { node { id } } } }`;
      expect(await ask(CLERK, query)).toEqual({
        byName: { edges: [{ node: { id: "c1" } }] },
        byPostcode: { edges: [] },
        elsewhere: { edges: [] },
        listed: { edges: [] },
      });
    });

    test("is shown again when the restriction goes", async () => {
      const { tell, child } = await restricted();
      await tell([tells("RestrictionRecorded", "c1", { restricted: false }, { on: "2025-01-01" })]);
      expect(await child(CLERK, "c1", "restricted practice { __typename }")).toEqual({
        restricted: false,
        practice: { __typename: "Practice" },
      });
    });
  });

  describe("A death", () => {
    test.each`
      told                                                                         | deceased | diedOn          | status
      ${[["FORMAL", "2025-02-03", "2025-02-04"]]}                                  | ${true}  | ${"2025-02-03"} | ${"DECEASED"}
      ${[["INFORMAL", null, "2025-02-04"]]}                                        | ${true}  | ${null}         | ${"DECEASED"}
      ${[["REMOVED", null, "2025-03-01"], ["FORMAL", "2025-02-03", "2025-02-04"]]} | ${false} | ${null}         | ${"RESIDENT"}
    `("told $told, the child is deceased: $deceased", async ({ told, deceased, diedOn, status }) => {
      const { tell, child } = await world(places);
      await tell([tells("IdentityRecorded", "c1"), tells("GpRegistrationRecorded", "c1")]);
      for (const [death, day, on] of told) {
        await tell([
          tells(
            "DeathRecorded",
            "c1",
            { status: death, diedOn: day },
            { by: "pds-death-notification-1", id: "latest", on },
          ),
        ]);
      }
      expect(await child(CLERK, "c1", "deceased diedOn status")).toEqual({ deceased, diedOn, status });
    });
  });

  describe("Records that became one child", () => {
    const merged = async () => {
      const house = await world(places);
      await house.tell([
        tells("IdentityRecorded", "c1", { nhsNumber: null, nhsNumberStatus: "ABSENT" }, { on: "2025-01-01" }),
        tells("GpRegistrationRecorded", "c1", { from: "2023-05-01" }),
        tells("IdentityRecorded", "c2", {}, { by: "LIVERPOOL_SEFTON" }),
        tells(
          "GpRegistrationRecorded",
          "c2",
          { practice: LIVERPOOL_GP, from: "2025-05-01" },
          { by: "LIVERPOOL_SEFTON" },
        ),
        tells("ChildrenMerged", "c2", { into: "c1" }, { by: "clerk", on: "2025-06-01" }),
      ]);
      return house;
    };
    const house = oneHouse(merged);
    const LIVERPOOL_CLERK = viewer("CHILD_HEALTH_CLERK", { localities: ["LIVERPOOL_SEFTON"] });

    test("are found by the number and the id of either, and answer with the facts of both", async () => {
      const { ask } = await house();
      const fields =
        "id nhsNumber practice { ... on Practice { odsCode } } registrations { practice { odsCode } until }";
      const answer = await ask(
        LIVERPOOL_CLERK,
        `{ byNumber: child(nhsNumber: "${ADA}") { ${fields} } byId: childById(id: "c2") { ${fields} } }`,
      );
      const whole = {
        id: "c1",
        nhsNumber: ADA,
        practice: { odsCode: LIVERPOOL_GP },
        registrations: [
          { practice: { odsCode: WIRRAL_GP }, until: "2025-05-01" },
          { practice: { odsCode: LIVERPOOL_GP }, until: null },
        ],
      };
      expect(answer).toEqual({ byNumber: whole, byId: whole });
    });

    test("are one hit of a search and one of a list", async () => {
      const { ask } = await house();
      const query = `{ findChildren(by: { name: "Zoe OBrien" }) { edges { score node { id } } } children(where: {}) { edges { node { id } } } }`;
      expect(await ask(LIVERPOOL_CLERK, query)).toEqual({
        findChildren: { edges: [{ score: 100, node: { id: "c1" } }] },
        children: { edges: [{ node: { id: "c1" } }] },
      });
    });

    test("are two again when the merge is undone", async () => {
      const { tell, ask } = await merged();
      await tell([tells("ChildrenMerged", "c2", { into: null }, { by: "clerk", on: "2025-07-01" })]);
      const query = `{ a: child(nhsNumber: "${ADA}") { id } b: childById(id: "c1") { id } }`;
      expect(await ask(LIVERPOOL_CLERK, query)).toEqual({ a: { id: "c2" }, b: null });
    });
  });

  describe("Who may see what", () => {
    const told = [
      tells("IdentityRecorded", "c1"),
      tells("BirthRecorded", "c1"),
      tells("GpRegistrationRecorded", "c1"),
      tells("AddressRecorded", "c1"),
    ];
    const house = oneHouse(async () => {
      const made = await world(places);
      await made.tell(told);
      return made;
    });
    const gp = { organisation: WIRRAL_GP, localities: [] };

    test.each`
      role                      | says                                                                 | mother       | refused
      ${"CHILD_HEALTH_CLERK"}   | ${{}}                                                                | ${MOTHER}    | ${[]}
      ${"HEALTH_VISITOR"}       | ${{}}                                                                | ${MOTHER}    | ${[]}
      ${"GENERAL_PRACTITIONER"} | ${gp}                                                                | ${MOTHER}    | ${[]}
      ${"SAFEGUARDING_LEAD"}    | ${{}}                                                                | ${undefined} | ${["mother"]}
      ${"PARTNER_APP"}          | ${{ scopes: ["identity:read", "place:read", "immunisations:read"] }} | ${undefined} | ${["mother"]}
      ${"PARTNER_APP"}          | ${{ scopes: ["identity:read"] }}                                     | ${undefined} | ${["address", "mother", "system"]}
    `("$role with $says", async ({ role, says, mother, refused }) => {
      const { part } = await house();
      const query = `{ childById(id: "c1") { name { full } birth { mother { ... on Mother { nhsNumber } } } address { __typename } provenance { system { __typename } } } }`;
      const answer = await part.ask({ query, viewer: viewer(role, says), requestId: "r" });
      expect(codes(answer)).toEqual(refused.map(() => "NOT_PERMITTED"));
      expect((answer.errors ?? []).map(({ path }) => path?.at(-1)).sort()).toEqual(refused);
      expect(answer.data).toMatchObject({ childById: { name: { full: "Zoë Mary O'Brien" } } });
      const shown = answer.data as { childById: { birth: { mother: { nhsNumber: string } | null } } }; // as the query asks
      expect(shown.childById.birth.mother?.nhsNumber).toBe(mother);
    });

    test.each(["SCREENING_OFFICER", "SCHOOL_NURSE", "PRIVACY_OFFICER", "ANALYST", "PARTNER_APP"] as const)(
      "%s sees nothing of a child of three",
      async (role) => {
        const { part } = await house();
        const query = `{ _entities(representations: [{ __typename: "Child", id: "c1" }]) { ... on Child { name { full } address { __typename } } } }`;
        const answer = await part.ask({ query, viewer: viewer(role), requestId: "r" });
        expect(answer.data).toEqual({ _entities: [{ name: null, address: null }] });
        expect(codes(answer)).toEqual(["NOT_PERMITTED", "NOT_PERMITTED"]);
      },
    );
  });

  describe("Searching", () => {
    const many = async () => {
      const house = await world(places);
      const people = [
        ["a", "Müller-Jones", "José", "2023-04-05"],
        ["b", "Jones", "Jo", "2023-04-05"],
        ["c", "Jones", "Josephine", "2023-05-04"],
        ["d", "Ó Briain", "Ada", "2023-04-05"],
        ["e", "Nowakowska", "Łucja", "2010-01-02"],
      ] as const;
      await house.tell(
        people.flatMap(([childId, familyName, givenNames, bornOn]) => [
          tells("IdentityRecorded", childId, {
            familyName,
            givenNames,
            bornOn,
            nhsNumber: null,
            nhsNumberStatus: "ABSENT",
          }),
          tells("GpRegistrationRecorded", childId),
          tells("AddressRecorded", childId, { postcode: childId === "e" ? "ch41 1aa" : "CH63 2JN" }),
        ]),
      );
      return house;
    };
    const house = oneHouse(many);
    const found = async (by: string) => {
      const { ask } = await house();
      const answer = (await ask(CLERK, `{ findChildren(by: ${by}) { edges { score node { id } } } }`)) as {
        findChildren: { edges: { score: number; node: { id: string } }[] };
      }; // as the query asks
      return answer.findChildren.edges.map(({ score, node }) => `${node.id} ${score}`);
    };

    test.each`
      by                                                      | hits
      ${'{ name: "jose jones", bornOn: "2023-04-05" }'}       | ${["a 100", "c 84"]}
      ${'{ name: "Jose Muller Jones" }'}                      | ${["a 100"]}
      ${'{ name: "NOWAKOWSKA lucja" }'}                       | ${["e 100"]}
      ${'{ name: "ó briain ada" }'}                           | ${["d 100"]}
      ${'{ name: "OBriain, Ada" }'}                           | ${["d 100"]}
      ${'{ name: "Lucja", postcode: "CH411AA" }'}             | ${["e 100"]}
      ${'{ name: "Nowakowska Lucja", bornOn: "2011-01-02" }'} | ${["e 83"]}
      ${'{ bornOn: "2023-04-05", postcode: "ch63 2jn" }'}     | ${["a 100", "b 100", "d 100", "c 79"]}
      ${'{ name: "Smith", bornOn: "2023-04-05" }'}            | ${[]}
    `("$by finds $hits", async ({ by, hits }) => expect(await found(by)).toEqual(hits));

    test("two searches of one request are two entries, each with its own hits", async () => {
      const { ask, audited } = await many();
      await ask(
        CLERK,
        `{ some: findChildren(by: { bornOn: "2023-04-05", postcode: "CH63 2JN" }) { edges { node { id } } }
           none: findChildren(by: { bornOn: "1999-04-05", postcode: "M1 1AA" }) { edges { node { id } } } }`,
      );
      const entries = await audited();
      expect(entries.map(({ hits }) => hits).sort()).toEqual([0, 4]);
      expect(entries.map(({ action }) => action)).toEqual(["FIND_CHILD", "FIND_CHILD"]);
    });

    test("a search keeps to the viewer's reach and writes down its hits", async () => {
      const { ask, audited } = await many();
      const query = `{ findChildren(by: { bornOn: "2023-04-05", postcode: "CH63 2JN" }) { edges { node { id } } } }`;
      const elsewhere = viewer("CHILD_HEALTH_CLERK", { localities: ["WARRINGTON"] });
      expect(await ask(elsewhere, query)).toEqual({ findChildren: { edges: [] } });
      await ask(CLERK, query);
      expect(await audited()).toEqual([
        { action: "FIND_CHILD", childId: null, decision: "SHOWN", hits: 0 },
        { action: "FIND_CHILD", childId: null, decision: "SHOWN", hits: 4 },
      ]);
    });

    test("pages follow each other without a gap or a repeat", async () => {
      const { ask } = await house();
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const cursor: string = after === null ? "" : `, after: "${after}"`;
        const query = `{ findChildren(by: { bornOn: "2023-04-05", postcode: "CH63 2JN" }, first: 1${cursor}) {
          edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
        const { findChildren: page } = (await ask(CLERK, query)) as {
          findChildren: {
            edges: { node: { id: string } }[];
            pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
          };
        }; // as the query asks
        expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
        seen.push(...page.edges.map(({ node }) => node.id));
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null);
      expect(seen).toEqual(["a", "b", "d", "c"]);
    });

    test("folded in the database, a name is the same text as folded here", async () => {
      const { tell, database } = await world(places);
      const letters = fc.constantFrom(..."aZÀÉîøÑŁżß'’-–. ẞЖ");
      const names = fc.sample(fc.array(letters, { minLength: 1, maxLength: 8 }), 60).map((each) => each.join(""));
      await tell(
        names.map((name, at) =>
          tells("IdentityRecorded", `c${at}`, { familyName: name, givenNames: `${name}x`, nhsNumber: null }),
        ),
      );
      const rows = await database((open) =>
        open.rows<{ childId: string; nameKey: string }>(
          open.statement(({ from }) => from("identity").select("child_id", "name_key"), {
            childId: "text",
            nameKey: "text",
          }),
        ),
      );
      const kept = new Map(rows.map(({ childId, nameKey }) => [childId, nameKey]));
      for (const [at, name] of names.entries()) {
        const family = fold(name);
        expect(kept.get(`c${at}`)).toBe(`${family} ${fold(`${name}x`).slice(0, 1)}`);
      }
    });
  });

  describe("Listing the children of a population", () => {
    const listed = async () => {
      const house = await world(places);
      await house.tell(
        ["a", "b", "c", "d"].flatMap((childId, at) => [
          tells("IdentityRecorded", childId, { bornOn: `202${at}-01-01`, nhsNumber: null, nhsNumberStatus: "ABSENT" }),
          tells("GpRegistrationRecorded", childId, { practice: at < 3 ? WIRRAL_GP : LIVERPOOL_GP }),
          tells("SchoolRecorded", childId, { urn: at === 0 ? "105000" : "888888" }),
        ]),
      );
      return house;
    };
    const house = oneHouse(listed);

    test.each`
      where                                                 | ids
      ${"{}"}                                               | ${["a", "b", "c"]}
      ${"{ localities: [WIRRAL] }"}                         | ${["a", "b", "c"]}
      ${"{ localities: [LIVERPOOL_SEFTON] }"}               | ${[]}
      ${`{ practices: ["${WIRRAL_GP}"] }`}                  | ${["a", "b", "c"]}
      ${`{ practices: ["${OTHER_WIRRAL_GP}"] }`}            | ${[]}
      ${'{ schools: ["105000"] }'}                          | ${["a"]}
      ${'{ localAuthorities: ["E08000015"] }'}              | ${["a", "b", "c"]}
      ${'{ bornFrom: "2021-01-01", bornTo: "2022-01-01" }'} | ${["b"]}
    `("$where lists $ids", async ({ where, ids }) => {
      const { ask } = await house();
      const answer = await ask(CLERK, `{ children(where: ${where}) { edges { score node { id } } } }`);
      expect(answer).toEqual({ children: { edges: ids.map((id: string) => ({ score: null, node: { id } })) } });
    });

    test("a page says where it begins and ends, and the next goes on from there", async () => {
      const { ask, audited } = await listed();
      const page = "edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
      const [a, b, c] = ["a", "b", "c"].map((id) => Buffer.from(id).toString("base64url"));
      expect(await ask(CLERK, `{ children(where: {}, first: 2) { ${page} } }`)).toEqual({
        children: {
          edges: [{ node: { id: "a" } }, { node: { id: "b" } }],
          pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: a, endCursor: b },
        },
      });
      expect(await ask(CLERK, `{ children(where: {}, first: 2, after: "${b}") { ${page} } }`)).toEqual({
        children: {
          edges: [{ node: { id: "c" } }],
          pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: c, endCursor: c },
        },
      });
      expect((await audited()).map(({ action, hits }) => `${action} ${hits}`)).toEqual([
        "LIST_CHILDREN 2",
        "LIST_CHILDREN 1",
      ]);
    });

    test.each`
      args                        | says
      ${"where: {}, first: 0"}    | ${"first must be a number from 1 to 100."}
      ${"where: {}, first: 101"}  | ${"first must be a number from 1 to 100."}
      ${'where: {}, after: "%%"'} | ${"after must be a cursor of this list."}
      ${'where: {}, after: ""'}   | ${"after must be a cursor of this list."}
    `("$args is refused", async ({ args, says }) => {
      const { part } = await house();
      const answer = await part.ask({
        query: `{ children(${args}) { edges { cursor } } }`,
        viewer: CLERK,
        requestId: "r",
      });
      expect(answer.errors?.map(({ message }) => message)).toEqual([says]);
    });

    test("an analyst may list nobody", async () => {
      const { part } = await house();
      const query = "{ children(where: {}) { edges { cursor } } }";
      expect(codes(await part.ask({ query, viewer: viewer("ANALYST"), requestId: "r" }))).toEqual(["NOT_PERMITTED"]);
    });
  });

  test("told late, twice or withdrawn, facts stand as their sources have them", async () => {
    const { tell, child } = await world(places);
    const before = tells("AddressRecorded", "c1", { lines: ["2 Low Road"], from: "2023-04-05" }, { on: "2023-05-01" });
    const after = tells("AddressRecorded", "c1", { from: "2024-06-01" }, { on: "2024-06-02" });
    const gone = { by: "LIVERPOOL_SEFTON", id: "9" };
    expect(
      await tell([tells("IdentityRecorded", "c1"), tells("GpRegistrationRecorded", "c1"), after, before, before]),
    ).toEqual(["APPLIED", "APPLIED", "APPLIED", "SUPERSEDED", "DUPLICATE"]);
    await tell([
      tells("AddressRecorded", "c1", { lines: ["3 Mistaken Way"], from: "2025-01-01" }, { ...gone, on: "2025-01-02" }),
      withdraws("AddressRecorded", "c1", { ...gone, on: "2025-01-03" }),
    ]);
    expect(
      await child(CLERK, "c1", "address { ... on Address { lines } } addresses { address { lines } from until }"),
    ).toEqual({
      address: { lines: ["1 High Street", "Bebington"] },
      addresses: [
        { address: { lines: ["2 Low Road"] }, from: "2023-04-05", until: "2024-06-01" },
        { address: { lines: ["1 High Street", "Bebington"] }, from: "2024-06-01", until: null },
      ],
    });
  });

  test("whatever is told in whatever order, what is shown is what the register says", async () => {
    const { tell, ask, database } = await world(places);
    const day = fc.constantFrom("2023-05-01", "2024-01-01", "2024-06-01", "2025-01-01");
    const telling = fc.record({
      by: fc.constantFrom("WIRRAL", "LIVERPOOL_SEFTON", "pds-x"),
      id: fc.constantFrom("1", "2"),
      on: day,
    });
    const from = fc.option(day);
    const event = (childId: string) =>
      fc.oneof(
        fc
          .record({ practice: fc.option(fc.constantFrom(WIRRAL_GP, OTHER_WIRRAL_GP, LIVERPOOL_GP)), from, telling })
          .map(({ telling, ...says }) => tells("GpRegistrationRecorded", childId, says, telling)),
        fc
          .record({ localAuthority: fc.constantFrom("E08000015", "E08000012", null), from, telling })
          .map(({ telling, ...says }) =>
            tells("AddressRecorded", childId, { ...says, lines: [says.localAuthority ?? "elsewhere"] }, telling),
          ),
        fc
          .record({ urn: fc.constantFrom("105000", "105001", "999999"), from, telling })
          .map(({ telling, ...says }) => tells("SchoolRecorded", childId, says, telling)),
        telling.map((told) => withdraws("GpRegistrationRecorded", childId, told)),
      );
    const childIds = Array.from({ length: 60 }, (_, at) => `c${String(at).padStart(2, "0")}`);
    const events = childIds.flatMap((childId) => [
      tells("IdentityRecorded", childId, { nhsNumber: null }),
      // Keeps every child in a locality, wherever the rest would put it.
      tells("ResponsibilityRecorded", childId),
      ...fc.sample(event(childId), 8),
    ]);
    // A clash of identity and time is quarantined by the facts and is no telling; the register must never see it.
    const clashes = new Set<string>();
    const clear = events.filter((each) => {
      const key = JSON.stringify([each.type, each.childId, each.source, each.asOf]);
      return !clashes.has(key) && clashes.add(key);
    });
    await tell(clear);
    const merges = childIds
      .slice(0, 20)
      .map((childId, at) => tells("ChildrenMerged", childId, { into: childIds[at + 20] ?? null }));
    for (const after of [[], merges]) {
      await tell(after);
      const entries = await database((open) => registerOf(open).find(childIds));
      const everywhere = viewer("SAFEGUARDING_LEAD", { localities: ["WIRRAL", "LIVERPOOL_SEFTON"] });
      const fields = `practice { ... on Practice { odsCode } } registrations { practice { odsCode } current } school { urn }
        address { ... on Address { lines localAuthority { code } } } addresses { address { lines } current } localAuthority { code }`;
      const representations = childIds.map((id) => `{ __typename: "Child", id: "${id}" }`);
      const answer = (await ask(
        everywhere,
        `{ _entities(representations: [${representations}]) { ... on Child { ${fields} } } }`,
      )) as {
        _entities: {
          practice: { odsCode: string } | null;
          registrations: { practice: { odsCode: string }; current: boolean }[];
          school: { urn: string } | null;
          address: { lines: string[]; localAuthority: { code: string } | null } | null;
          addresses: { address: { lines: string[] }; current: boolean }[];
          localAuthority: { code: string } | null;
        }[];
      }; // as the query asks
      for (const [at, shown] of answer._entities.entries()) {
        const entry = entries[at];
        const registered = shown.registrations.filter(({ current }) => current).map(({ practice }) => practice.odsCode);
        expect(registered).toEqual(entry?.practice ? [entry.practice] : []);
        expect(shown.practice?.odsCode ?? null).toBe(entry?.practice);
        expect(shown.school?.urn ?? null).toBe(entry?.school);
        expect(shown.addresses.find(({ current }) => current)?.address.lines).toEqual(shown.address?.lines);
        if (entry?.practice === null) expect(shown.address?.localAuthority?.code ?? null).toBe(entry.localAuthority);
        expect(shown.localAuthority?.code ?? null).toBe(entry?.localAuthority);
      }
    }
  });
});

function codes(answer: ExecutionResult): unknown[] {
  return (answer.errors ?? []).map(({ extensions }) => extensions.code);
}

let worlds = 0;
const open = new Set<Subgraph>();
const shared = new Set<Subgraph>();

async function closeAll(parts: Set<Subgraph>): Promise<void> {
  await Promise.all([...parts].map((part) => part.close()));
  parts.clear();
}
afterEach(() => closeAll(open));

/** One house for the tests of a group that only ask. */
function oneHouse<House extends { readonly part: Subgraph }>(made: () => Promise<House>): () => Promise<House> {
  let house: Promise<House> | null = null;
  afterAll(() => closeAll(shared));
  return () => {
    house ??= made().then((each) => {
      open.delete(each.part);
      shared.add(each.part);
      return each;
    });
    return house;
  };
}

/** The subgraph by itself over an empty database. */
async function world(places: Places) {
  const place = places(`demographics_${worlds++}`);
  await migrateSubgraph(demographics, place);
  let faults: unknown[] = [];
  const part = await startSubgraph(demographics, {
    place,
    now: () => Date.parse(`${TODAY}T10:00:00Z`),
    onFault: (fault) => {
      faults = [...faults, fault];
    },
  });
  open.add(part);
  let number = 0;
  let request = 0;
  const ask = async (who: Viewer, query: string): Promise<unknown> => {
    const answer = await part.ask({ query, viewer: who, requestId: `r${request++}` });
    expect(faults).toEqual([]);
    expect(answer.errors).toBeUndefined();
    return JSON.parse(JSON.stringify(answer.data));
  };
  const database = async <T>(work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> => {
    const opened = await openDatabase("demographics", place);
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  };
  return {
    part,
    ask,
    database,
    tell: async (events: readonly Event[]) =>
      (await part.deliver({ number: ++number, events })).map((recorded) => recorded?.disposition ?? null),
    child: async (who: Viewer, id: string, fields: string) =>
      ((await ask(who, `{ childById(id: "${id}") { ${fields} } }`)) as { childById: unknown }).childById,
    audited: () =>
      database((opened) =>
        opened.rows<{ action: string; hits: number | null }>(
          opened.statement(
            ({ from }) => from("access_entry").select("action", "child_id", "decision", "hits").orderBy("sequence"),
            {
              action: "text",
              childId: "text",
              decision: "text",
              hits: "integer",
            },
          ),
        ),
      ),
  };
}
