import fc from "fast-check";
import { parse, visit } from "graphql";
import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Role, Viewer } from "../../schema/access";
import type { DoseNotGivenRecorded, DoseRecorded, Event } from "../../schema/events";
import { VACCINE_NAMES, type Vaccine } from "../../schema/vocabulary/vaccines";
import { immunisations } from "../../subgraphs/immunisations";
import { collapse, collapseNotGiven } from "../../subgraphs/immunisations/collapse";
import type { Dose, DoseNotGivenTold, DoseTold, Lifespan } from "../../subgraphs/immunisations/model";
import { eachDatabase } from "../databases";

const ADA: Lifespan = { childId: "ada", bornOn: "2015-01-10", diedOn: null };
const INFANRIX = "34765811000001105";
const VAXELIS = "39367111000001105";
const REVAXIS_PACK = "7374511000001107";
const REVAXIS = "7374311000001101";

const NOTHING_MORE = {
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
  primarySource: true,
} as const;

/** `WIRRAL/1 MMR 2016-02` is a dose of a source, with an id there, on a day, in a month or in a year. */
function told(text: string, more: Partial<DoseTold> = {}): DoseTold {
  const [identity = "", vaccine, date = ""] = text.split(" ");
  const [system = "", id = ""] = identity.split("/");
  return {
    childId: "ada",
    source: { system, id },
    asOf: "2020-01-01T00:00:00.000000000Z",
    latest: true,
    vaccine: vaccine as Vaccine, // the tables below name vaccines
    givenOn: `${date}${"-01-01".slice(date.length - 4)}`.slice(0, 10),
    precision: date.length === 4 ? "YEAR" : date.length === 7 ? "MONTH" : "DAY",
    ...NOTHING_MORE,
    ...more,
  };
}

/** `MMR 2016-02-01 FLAG from WIRRAL/1 WARRINGTON/2`: the record shown comes first. */
function shown(dose: Dose): string {
  const flags = dose.flags.length === 0 ? "" : ` ${dose.flags.join(" ")}`;
  const sources = dose.sources.map(({ system, id }) => `${system}/${id}`).join(" ");
  return `${dose.vaccine} ${dose.givenOn}${flags} from ${sources}`;
}

const shownOf = (records: readonly string[], child = ADA): readonly string[] =>
  collapse(
    records.map((record) => told(record)),
    child,
  ).map(shown);

describe("Which records are one dose", () => {
  test.each`
    records                                                        | doses
    ${[]}                                                          | ${[]}
    ${["A/1 MMR 2016-02-01"]}                                      | ${["MMR 2016-02-01 from A/1"]}
    ${["A/1 MMR 2016-02-01", "B/7 MMR 2016-02-01"]}                | ${["MMR 2016-02-01 from B/7 A/1"]}
    ${["A/1 MMR 2016-02-01", "A/2 MMR 2016-02-01"]}                | ${["MMR 2016-02-01 from A/2 A/1"]}
    ${["A/1 MMR 2016-02-01", "B/7 MMR 2016-02-02"]}                | ${["MMR 2016-02-01 from A/1", "MMR 2016-02-02 POSSIBLE_DUPLICATE from B/7"]}
    ${["A/1 MMR 2016-02-01", "B/7 MMR 2016-02-28"]}                | ${["MMR 2016-02-01 from A/1", "MMR 2016-02-28 POSSIBLE_DUPLICATE from B/7"]}
    ${["A/1 MMR 2016-02-01", "B/7 MMR 2016-02-29"]}                | ${["MMR 2016-02-01 from A/1", "MMR 2016-02-29 from B/7"]}
    ${["A/1 MMR 2016-02-01", "A/2 BCG 2016-02-02"]}                | ${["MMR 2016-02-01 from A/1", "BCG 2016-02-02 from A/2"]}
    ${["A/1 MMR 2016-02-01", "B/7 MMRV 2016-02-01"]}               | ${["MMR 2016-02-01 OVERLAPPING_VACCINES from A/1", "MMRV 2016-02-01 OVERLAPPING_VACCINES from B/7"]}
    ${["A/1 HEXAVALENT 2016-02-01", "B/7 PENTAVALENT 2016-02-15"]} | ${["HEXAVALENT 2016-02-01 from A/1", "PENTAVALENT 2016-02-15 from B/7"]}
    ${["A/1 PCV 2016-02-01", "A/2 MENB 2016-02-01"]}               | ${["MENB 2016-02-01 from A/2", "PCV 2016-02-01 from A/1"]}
    ${["A/1 UNKNOWN 2016-02-01", "B/7 UNKNOWN 2016-02-01"]}        | ${["UNKNOWN 2016-02-01 from A/1", "UNKNOWN 2016-02-01 from B/7"]}
  `("told $records: $doses", ({ records, doses }) => {
    expect([...shownOf(records)].sort()).toEqual([...doses].sort());
  });

  test("the later of two is flagged, with the id of the first", () => {
    const [first, second, third] = collapse(
      [told("A/1 MMR 2016-02-01"), told("B/1 MMR 2016-02-20"), told("C/1 MMR 2016-03-10")],
      ADA,
    );
    expect([first?.possibleDuplicateOf, second?.possibleDuplicateOf, third?.possibleDuplicateOf]).toEqual([
      null,
      first?.id,
      second?.id,
    ]);
  });

  test("they come newest last", () => {
    const days = ["2016-05-01", "2015-03-10", "2015-04-10"].map((day, at) => `A/${at} PCV ${day}`);
    expect(shownOf(days)).toEqual(["PCV 2015-03-10 from A/1", "PCV 2015-04-10 from A/2", "PCV 2016-05-01 from A/0"]);
  });
});

describe("What becomes of dates of which only the month or the year is known", () => {
  test.each`
    records                                             | doses
    ${["A/1 PCV 2016-02"]}                              | ${["PCV 2016-02-01 DATE_INCOMPLETE from A/1"]}
    ${["A/1 PCV 2016-02", "B/7 PCV 2016-02"]}           | ${["PCV 2016-02-01 DATE_INCOMPLETE from B/7 A/1"]}
    ${["A/1 PCV 2016", "A/2 PCV 2016", "B/7 PCV 2016"]} | ${["PCV 2016-01-01 DATE_INCOMPLETE from A/1", "PCV 2016-01-01 DATE_INCOMPLETE from B/7 A/2"]}
    ${["A/1 PCV 2016-02", "B/7 PCV 2016-02-14"]}        | ${["PCV 2016-02-01 POSSIBLE_DUPLICATE DATE_INCOMPLETE from A/1", "PCV 2016-02-14 from B/7"]}
    ${["A/1 PCV 2016-02", "B/7 PCV 2016-02-01"]}        | ${["PCV 2016-02-01 POSSIBLE_DUPLICATE DATE_INCOMPLETE from A/1", "PCV 2016-02-01 from B/7"]}
    ${["A/1 PCV 2016-02", "B/7 PCV 2016-03-01"]}        | ${["PCV 2016-02-01 DATE_INCOMPLETE from A/1", "PCV 2016-03-01 from B/7"]}
    ${["A/1 PCV 2016", "B/7 PCV 2016-02"]}              | ${["PCV 2016-01-01 POSSIBLE_DUPLICATE DATE_INCOMPLETE from A/1", "PCV 2016-02-01 DATE_INCOMPLETE from B/7"]}
    ${["A/1 PCV 2016-02", "A/2 PCV 2016-03"]}           | ${["PCV 2016-02-01 DATE_INCOMPLETE from A/1", "PCV 2016-03-01 DATE_INCOMPLETE from A/2"]}
    ${["A/1 MMR 2016", "B/7 MMRV 2016"]}                | ${["MMR 2016-01-01 DATE_INCOMPLETE from A/1", "MMRV 2016-01-01 DATE_INCOMPLETE from B/7"]}
  `("told $records: $doses", ({ records, doses }) => {
    expect([...shownOf(records)].sort()).toEqual(doses);
  });

  test("one child recorded twice in one locality, merged since, is two lists", () => {
    const records = [told("A/1 PCV 2016"), told("A/2 PCV 2016", { childId: "ada too" })];
    expect(collapse(records, ADA)).toHaveLength(1);
  });
});

describe("Which record of a dose is shown", () => {
  test.each`
    one                                              | other                                                          | is
    ${{ batchNumber: "AB12" }}                       | ${{}}                                                          | ${"the one with a batch"}
    ${{ batchNumber: "AB12" }}                       | ${{ productCode: INFANRIX, site: "LEFT_THIGH", givenBy: "R" }} | ${"the one with a batch, whatever else the other tells"}
    ${{ productCode: INFANRIX }}                     | ${{ site: "LEFT_THIGH", route: "INTRAMUSCULAR" }}              | ${"the one with a product"}
    ${{ batchNumber: "AB12", site: "LEFT_THIGH" }}   | ${{ batchNumber: "CD34" }}                                     | ${"of two with a batch, the one with a site"}
    ${{ batchNumber: "AB12", primarySource: false }} | ${{}}                                                          | ${"the richer, though told second hand"}
    ${{ primarySource: true }}                       | ${{ primarySource: false }}                                    | ${"of two alike, the one told by who gave it"}
    ${{ asOf: "2021-01-01T00:00:00.000000000Z" }}    | ${{}}                                                          | ${"of two alike, the one told later"}
  `("$is", ({ one, other }) => {
    for (const [a, b] of [
      ["A", "B"],
      ["B", "A"],
    ]) {
      const records = [told(`${a}/1 HEXAVALENT 2015-03-10`, one), told(`${b}/1 HEXAVALENT 2015-03-10`, other)];
      const [dose, ...more] = collapse(records, ADA);
      expect(more).toEqual([]);
      expect(dose?.sources.map(({ system }) => system)).toEqual([a, b]);
      expect(dose?.givenAt.batchNumber).toBe(one.batchNumber ?? null);
      // Whole: nothing of the other is mixed in.
      expect(dose?.site).toBe(one.site ?? null);
      expect(dose?.productCode).toBe(one.productCode ?? null);
    }
  });

  test.each`
    one             | other       | flags                       | because
    ${INFANRIX}     | ${VAXELIS}  | ${["CONFLICTING_PRODUCTS"]} | ${"they are two brands"}
    ${INFANRIX}     | ${INFANRIX} | ${[]}                       | ${"they are one product"}
    ${INFANRIX}     | ${null}     | ${[]}                       | ${"one of them names none"}
    ${REVAXIS_PACK} | ${REVAXIS}  | ${[]}                       | ${"a pack and its product are one brand"}
    ${"1234"}       | ${INFANRIX} | ${["CONFLICTING_PRODUCTS"]} | ${"a code we do not know is not one we do"}
  `("products $one and $other give $flags, because $because", ({ one, other, flags }) => {
    const records = [
      told("A/1 HEXAVALENT 2015-03-10", { productCode: one }),
      told("B/1 HEXAVALENT 2015-03-10", { productCode: other }),
    ];
    expect(collapse(records, ADA).map((dose) => dose.flags)).toEqual([flags]);
  });
});

describe("What a person should look at", () => {
  const monthly = (vaccine: Vaccine, count: number) =>
    Array.from({ length: count }, (_, at) => `A/${at} ${vaccine} 2016-${String(at + 1).padStart(2, "0")}-15`);

  test.each`
    records                                                                                 | beyond
    ${monthly("ROTAVIRUS", 2)}                                                              | ${0}
    ${monthly("ROTAVIRUS", 3)}                                                              | ${1}
    ${monthly("HEXAVALENT", 4)}                                                             | ${0}
    ${monthly("HEXAVALENT", 5)}                                                             | ${1}
    ${[...monthly("HEXAVALENT", 4), "B/1 HIBMENC 2017-01-15"]}                              | ${1}
    ${[...monthly("HEXAVALENT", 4), "B/1 DTAPIPV 2018-05-15", "B/2 TDIPV 2029-05-15"]}      | ${0}
    ${monthly("BCG", 2)}                                                                    | ${1}
    ${["A/1 FLU 2019-10-01", "A/2 FLU 2020-10-01", "A/3 FLU 2021-10-01"]}                   | ${0}
    ${["A/1 FLU 2019-10-01", "A/2 FLU 2019-11-15", "A/3 FLU 2020-01-15"]}                   | ${1}
    ${["A/1 FLU 2019", "A/2 FLU 2019", "A/3 FLU 2019"]}                                     | ${0}
    ${["A/1 ROTAVIRUS 2015-03-10", "A/2 ROTAVIRUS 2015-03-11", "A/3 ROTAVIRUS 2015-04-20"]} | ${0}
    ${monthly("COVID", 9)}                                                                  | ${0}
    ${monthly("UNKNOWN", 9)}                                                                | ${0}
  `("of $records $beyond are beyond any schedule, and none is dropped", ({ records, beyond }) => {
    const doses = shownOf(records);
    expect(doses).toHaveLength(records.length);
    expect(doses.filter((dose) => dose.includes("MORE_THAN_SCHEDULED"))).toHaveLength(beyond);
  });

  test.each`
    record                  | bornOn          | diedOn          | flags
    ${"A/1 MMR 2016-02-01"} | ${"2015-01-10"} | ${"2016-02-01"} | ${""}
    ${"A/1 MMR 2016-02-02"} | ${"2015-01-10"} | ${"2016-02-01"} | ${" AFTER_DEATH"}
    ${"A/1 MMR 2016-02"}    | ${"2015-01-10"} | ${"2016-02-01"} | ${" DATE_INCOMPLETE"}
    ${"A/1 MMR 2016-03"}    | ${"2015-01-10"} | ${"2016-02-28"} | ${" AFTER_DEATH DATE_INCOMPLETE"}
    ${"A/1 MMR 2017"}       | ${"2015-01-10"} | ${"2016-02-28"} | ${" AFTER_DEATH DATE_INCOMPLETE"}
    ${"A/1 MMR 2016-02-02"} | ${"2015-01-10"} | ${null}         | ${""}
    ${"A/1 MMR 2015-01-10"} | ${"2015-01-10"} | ${null}         | ${""}
    ${"A/1 MMR 2015-01-09"} | ${"2015-01-10"} | ${null}         | ${" BEFORE_BIRTH"}
    ${"A/1 MMR 2015"}       | ${"2015-01-10"} | ${null}         | ${" DATE_INCOMPLETE"}
    ${"A/1 MMR 2014"}       | ${"2015-01-10"} | ${null}         | ${" BEFORE_BIRTH DATE_INCOMPLETE"}
    ${"A/1 MMR 2014-05-01"} | ${null}         | ${null}         | ${""}
  `("$record of a child born $bornOn who died $diedOn:$flags", ({ record, bornOn, diedOn, flags }) => {
    const [dose] = shownOf([record], { childId: "ada", bornOn, diedOn });
    expect(dose).toMatch(new RegExp(`^MMR \\d{4}-\\d{2}-\\d{2}${flags} from A/1$`));
  });
});

describe("The order of records, and how often one is told, never matter", () => {
  const date = fc.constantFrom(
    "2015",
    "2016",
    "2016-02",
    "2016-03",
    "2016-02-01",
    "2016-02-02",
    "2016-03-01",
    "2016-09-30",
  );
  const record = fc
    .record({
      system: fc.constantFrom("A", "B", "C"),
      vaccine: fc.constantFrom(...VACCINE_NAMES.slice(0, 6), "UNKNOWN" as const),
      date,
      batchNumber: fc.constantFrom(null, "AB12", "CD34"),
      productCode: fc.constantFrom(null, INFANRIX, VAXELIS),
      primarySource: fc.boolean(),
      year: fc.integer({ min: 2018, max: 2020 }),
      childId: fc.constantFrom("ada", "ada too"),
    })
    .map((parts) => (id: number) => {
      const { system, vaccine, date, year, ...more } = parts;
      return told(`${system}/${id} ${vaccine} ${date}`, { ...more, asOf: `${year}-01-01T00:00:00.000000000Z` });
    });
  const history = fc
    .array(record, { maxLength: 14 })
    .map((records) => records.map((make, id) => make(id)))
    .chain((records) =>
      fc.tuple(fc.constant(records), fc.shuffledSubarray([...records, ...records], { minLength: records.length * 2 })),
    );

  test("the doses are the same", () => {
    fc.assert(
      fc.property(history, ([once, shuffledTwice]) => {
        expect(collapse(shuffledTwice, ADA)).toEqual(collapse(once, ADA));
      }),
      { numRuns: 300 },
    );
  });

  test("every record is a source of exactly one dose, and ids differ", () => {
    fc.assert(
      fc.property(history, ([once]) => {
        const doses = collapse(once, ADA);
        const sources = doses.flatMap((dose) => dose.sources.map(({ system, id }) => `${system}/${id}`));
        expect(sources.toSorted()).toEqual(once.map(({ source }) => `${source.system}/${source.id}`).toSorted());
        expect(new Set(doses.map(({ id }) => id)).size).toBe(doses.length);
      }),
    );
  });
});

test("a dose keeps its id when another source tells of it, and nothing of a source can be read from it", () => {
  const [alone] = collapse([told("WIRRAL/1 MMR 2016-02-01")], ADA);
  const [both] = collapse(
    [told("WIRRAL/1 MMR 2016-02-01"), told("WARRINGTON/9 MMR 2016-02-01", { batchNumber: "AB12" })],
    ADA,
  );
  const [unknown] = collapse([told("WIRRAL/1 UNKNOWN 2016-02-01")], ADA);
  const [another] = collapse([told("WIRRAL/1 MMR 2016-02-01")], { ...ADA, childId: "bea" });
  expect(both?.id).toBe(alone?.id);
  expect(another?.id).not.toBe(alone?.id);
  expect(unknown?.id).toMatch(/^[\w-]{16}$/);
  expect(Buffer.from(unknown?.id ?? "", "base64url").toString()).not.toContain("WIRRAL");
});

describe("Which reports of a dose not given are one", () => {
  const notGiven = (text: string, more: Partial<DoseNotGivenTold> = {}): DoseNotGivenTold => {
    const [identity = "", vaccine, reason, decidedOn = ""] = text.split(" ");
    const [system = "", id = ""] = identity.split("/");
    return {
      childId: "ada",
      source: { system, id },
      asOf: "2020-01-01T00:00:00.000000000Z",
      latest: true,
      vaccine: vaccine as Vaccine, // the tables below name vaccines
      reason: reason as DoseNotGivenTold["reason"], // and reasons
      decidedOn,
      until: null,
      organisation: null,
      ...more,
    };
  };

  test.each`
    records                                                                   | count
    ${["A/1 MMR DECLINED 2016-02-01", "B/1 MMR DECLINED 2016-02-01"]}         | ${1}
    ${["A/1 MMR DECLINED 2016-02-01", "A/1 MMR DECLINED 2016-02-01"]}         | ${1}
    ${["A/1 MMR DECLINED 2016-02-01", "B/1 MMR DECLINED 2016-02-02"]}         | ${2}
    ${["A/1 MMR DECLINED 2016-02-01", "B/1 MMR CONTRAINDICATED 2016-02-01"]}  | ${2}
    ${["A/1 MMR DECLINED 2016-02-01", "B/1 PCV DECLINED 2016-02-01"]}         | ${2}
    ${["A/1 UNKNOWN DECLINED 2016-02-01", "B/1 UNKNOWN DECLINED 2016-02-01"]} | ${2}
  `("told $records: $count", ({ records, count }) => {
    const each = records.map((record: string) => notGiven(record));
    expect(collapseNotGiven(each, "ada")).toHaveLength(count);
    expect(collapseNotGiven([...each, ...each].reverse(), "ada")).toEqual(collapseNotGiven(each, "ada"));
  });

  test("what was told last stands, and both sources are named", () => {
    const [decision] = collapseNotGiven(
      [
        notGiven("B/1 MMR DEFERRED 2016-02-01", { until: "2016-03-01" }),
        notGiven("A/1 MMR DEFERRED 2016-02-01", { until: "2016-05-01", asOf: "2021-01-01T00:00:00.000000000Z" }),
      ],
      "ada",
    );
    expect(decision?.until).toBe("2016-05-01");
    expect(decision?.sources.map(({ system }) => system)).toEqual(["A", "B"]);
  });
});

// --- Through the subgraph -------------------------------------------------------------------------------------

const NOW = () => Date.parse("2026-06-01T10:00:00Z");

function clerk(...localities: Viewer["localities"]): Viewer {
  return viewer("CHILD_HEALTH_CLERK", { localities });
}

function viewer(role: Role, more: Partial<Viewer> = {}): Viewer {
  return { subject: "s", name: "Test Viewer", role, organisation: null, localities: ["WIRRAL"], scopes: [], ...more };
}

function at(hour: number): string {
  return `2026-01-01T${String(hour).padStart(2, "0")}:00:00.000000000Z`;
}

function born(childId: string, bornOn: string): Event[] {
  const told = { childId, source: { system: "WIRRAL", id: childId }, asOf: at(1), action: "record" } as const;
  return [
    {
      ...told,
      type: "IdentityRecorded",
      nhsNumber: null,
      nhsNumberStatus: "ABSENT",
      supersededNhsNumbers: [],
      familyName: "Invented",
      givenNames: childId,
      bornOn,
      bornAtTime: null,
      sex: "FEMALE",
      ethnicCategory: null,
    },
    { ...told, type: "ResponsibilityRecorded", locality: "WIRRAL", status: "RESIDENT", from: bornOn },
  ];
}

function given(childId: string, source: string, day: string, more: Partial<DoseRecorded> = {}): DoseRecorded {
  const [system = "", id = ""] = source.split("/");
  return {
    childId,
    source: { system, id },
    asOf: at(2),
    action: "record",
    type: "DoseRecorded",
    vaccine: "MMR",
    givenOn: day,
    precision: "DAY",
    ...NOTHING_MORE,
    ...more,
  };
}

function declined(childId: string): DoseNotGivenRecorded {
  return {
    childId,
    source: { system: "WIRRAL", id: "n1" },
    asOf: at(2),
    action: "record",
    type: "DoseNotGivenRecorded",
    vaccine: "FLU",
    reason: "DECLINED",
    decidedOn: "2023-10-01",
    until: null,
    organisation: "RY7",
  };
}

const ALL = `
  doses {
    id vaccine product givenOn precision procedureCode productCode doseNumberSent site route expiresOn manufacturer
    amountMillilitres primarySource flags possibleDuplicateOf
    givenAt { ... on GivenAt { givenBy organisation place batchNumber } ... on Withheld { reason } }
    sources { ... on DoseSource { system id asOf } ... on Withheld { reason } }
  }
  dosesNotGiven {
    id vaccine reason decidedOn until
    decidedBy { ... on DecidedBy { organisation } ... on Withheld { reason } }
    sources { ... on DoseSource { system id } ... on Withheld { reason } }
  }
  doseReports {
    vaccine givenOn stands
    givenAt { ... on GivenAt { batchNumber } ... on Withheld { reason } }
    source { ... on DoseSource { system id } ... on Withheld { reason } }
  }`;
const DAYS = "doses { givenOn vaccine flags }";

eachDatabase((places) => {
  let part: Subgraph;
  let number = 0;
  const tell = (...events: Event[]) => part.deliver({ number: ++number, events });
  const ask = async (childId: string, who: Viewer, fields: string) => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Child { ${fields} } } }`;
    const variables = { of: [{ __typename: "Child", id: childId }] };
    const { data, errors } = await part.ask({ query, variables, viewer: who, requestId: `r${++number}` });
    // GraphQL's objects have no prototype, and instances of ours would have one: compared as what is sent.
    const sent = JSON.parse(JSON.stringify({ child: data?._entities, errors: errors ?? [] }));
    return {
      child: sent.child?.[0],
      codes: sent.errors.map((error: { extensions: { code: string } }) => error.extensions.code),
    };
  };

  beforeAll(async () => {
    const place = places("immunisations");
    await migrateSubgraph(immunisations, place);
    part = await startSubgraph(immunisations, {
      place,
      now: NOW,
      onFault: (fault) => {
        throw fault;
      },
    });
  });
  afterAll(() => part.close());

  test("a dose of two sources is one, told in full by the richer", async () => {
    const richer = {
      procedureCode: "38598009",
      productCode: "34925111000001104",
      doseNumber: 1,
      site: "LEFT_THIGH",
      route: "INTRAMUSCULAR",
      batchNumber: "AB12",
      expiresOn: "2024-01-31",
      manufacturer: "GlaxoSmithKline",
      amountMillilitres: 0.5,
      givenBy: "Grace Nurse",
      organisation: "RY7",
      place: "N85002",
    } as const;
    await tell(
      ...born("ada", "2022-02-01"),
      given("ada", "WIRRAL/1", "2023-02-02", richer),
      given("ada", "WARRINGTON/77", "2023-02-02", { primarySource: false }),
      declined("ada"),
    );
    const { child, codes } = await ask("ada", clerk("WIRRAL"), ALL);
    expect(codes).toEqual([]);
    const { doseNumber, givenBy, organisation, place, batchNumber, ...details } = richer;
    expect(child.doses).toEqual([
      {
        ...details,
        id: expect.stringMatching(/^[\w-]{16}$/),
        vaccine: "MMR",
        product: "Priorix",
        givenOn: "2023-02-02",
        precision: "DAY",
        doseNumberSent: doseNumber,
        primarySource: true,
        flags: [],
        possibleDuplicateOf: null,
        givenAt: { givenBy, organisation, place, batchNumber },
        sources: [
          { system: "WIRRAL", id: "1", asOf: "2026-01-01T02:00:00.000Z" },
          { system: "WARRINGTON", id: "77", asOf: "2026-01-01T02:00:00.000Z" },
        ],
      },
    ]);
    expect(child.dosesNotGiven).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{16}$/),
        vaccine: "FLU",
        reason: "DECLINED",
        decidedOn: "2023-10-01",
        until: null,
        decidedBy: { organisation: "RY7" },
        sources: [{ system: "WIRRAL", id: "n1" }],
      },
    ]);
    expect(child.doseReports).toEqual([
      {
        vaccine: "MMR",
        givenOn: "2023-02-02",
        stands: true,
        givenAt: { batchNumber: null },
        source: { system: "WARRINGTON", id: "77" },
      },
      {
        vaccine: "MMR",
        givenOn: "2023-02-02",
        stands: true,
        givenAt: { batchNumber: "AB12" },
        source: { system: "WIRRAL", id: "1" },
      },
    ]);
  });

  test("a child of whom no dose is known has none, which is not null", async () => {
    await tell(...born("nil", "2022-02-01"));
    expect(await ask("nil", clerk("WIRRAL"), ALL)).toEqual({
      child: { doses: [], dosesNotGiven: [], doseReports: [] },
      codes: [],
    });
  });

  test("a record corrected, sent late or taken back: the last telling stands, and every one is kept", async () => {
    const first = given("cy", "WIRRAL/1", "2023-03-01");
    const corrected = { ...first, asOf: at(4), givenOn: "2023-04-01" };
    const late = { ...first, asOf: at(3), givenOn: "2023-05-01" };
    const withdraw = (id: string) =>
      ({
        type: "DoseRecorded",
        action: "withdraw",
        childId: "cy",
        source: { system: "WIRRAL", id },
        asOf: at(9),
      }) as const;
    await tell(...born("cy", "2022-02-01"), first, given("cy", "WIRRAL/2", "2023-09-01"));
    const told = await tell(corrected, late, corrected, { ...corrected, givenOn: "2023-06-01" }, withdraw("2"));
    expect(told.map((each) => each?.disposition)).toEqual([
      "APPLIED",
      "SUPERSEDED",
      "DUPLICATE",
      "QUARANTINED",
      "APPLIED",
    ]);
    const { child } = await ask("cy", clerk("WIRRAL"), "doses { givenOn } doseReports { givenOn stands }");
    expect(child).toEqual({
      doses: [{ givenOn: "2023-04-01" }],
      doseReports: [
        { givenOn: "2023-03-01", stands: false },
        { givenOn: "2023-04-01", stands: true },
        { givenOn: "2023-05-01", stands: false },
        { givenOn: "2023-09-01", stands: false },
      ],
    });
  });

  test("a dose after the day of death is flagged, until the death is found to be an error", async () => {
    const death = {
      childId: "di",
      source: { system: "pds-death-notification-1", id: "latest" },
      asOf: at(3),
      action: "record",
      type: "DeathRecorded",
      status: "FORMAL",
      diedOn: "2023-03-01",
    } as const;
    await tell(...born("di", "2022-02-01"), given("di", "WIRRAL/1", "2023-03-02"), death);
    const dose = { givenOn: "2023-03-02", vaccine: "MMR" };
    expect((await ask("di", clerk("WIRRAL"), DAYS)).child.doses).toEqual([{ ...dose, flags: ["AFTER_DEATH"] }]);
    await tell({ ...death, asOf: at(4), status: "REMOVED", diedOn: null });
    expect((await ask("di", clerk("WIRRAL"), DAYS)).child.doses).toEqual([{ ...dose, flags: [] }]);
  });

  test("the records of merged children are one history, under either id, and apart again when that is undone", async () => {
    const merged = {
      childId: "part",
      source: { system: "localities", id: "part" },
      asOf: at(5),
      action: "record",
      type: "ChildrenMerged",
      into: "whole",
    } as const;
    await tell(
      ...born("whole", "2022-02-01"),
      ...born("part", "2022-02-01"),
      given("whole", "WIRRAL/1", "2023-02-02"),
      given("part", "WIRRAL/2", "2023-02-02", { batchNumber: "AB12" }),
      given("part", "WIRRAL/3", "2023-02-20"),
      declined("part"),
      merged,
    );
    const fields = `doses { id possibleDuplicateOf givenOn flags sources { ... on DoseSource { id } } } dosesNotGiven { id vaccine } doseReports { givenOn }`;
    const { child: whole } = await ask("whole", clerk("WIRRAL"), fields);
    expect(whole.doses).toMatchObject([
      { givenOn: "2023-02-02", flags: [], sources: [{ id: "2" }, { id: "1" }] },
      { givenOn: "2023-02-20", flags: ["POSSIBLE_DUPLICATE"], possibleDuplicateOf: whole.doses[0].id },
    ]);
    expect(whole.dosesNotGiven).toMatchObject([{ vaccine: "FLU" }]);
    expect(whole.doseReports).toHaveLength(3);
    expect((await ask("part", clerk("WIRRAL"), fields)).child).toEqual(whole);

    await tell({ ...merged, asOf: at(6), into: null });
    const counts = async (childId: string) => (await ask(childId, clerk("WIRRAL"), fields)).child.doses.length;
    expect([await counts("whole"), await counts("part")]).toEqual([1, 2]);
  });

  test("of a restricted child everything clinical is shown, and nothing that tells where it is", async () => {
    const restricted = {
      childId: "eve",
      source: { system: "WIRRAL", id: "eve" },
      asOf: at(1),
      action: "record",
      type: "RestrictionRecorded",
      restricted: true,
    } as const;
    const told = { batchNumber: "LOCALBATCH", organisation: "RY7", place: "N85002", givenBy: "Grace Nurse" };
    await tell(
      ...born("eve", "2022-02-01"),
      restricted,
      given("eve", "WIRRAL/1", "2023-02-02", { ...told, productCode: "34925111000001104" }),
      given("eve", "WARRINGTON/2", "2023-02-02"),
      declined("eve"),
    );
    const { child, codes } = await ask("eve", clerk("WIRRAL"), ALL);
    const withheld = { reason: "This child's whereabouts are restricted." };
    expect(codes).toEqual([]);
    expect(child.doses).toMatchObject([
      { vaccine: "MMR", product: "Priorix", givenOn: "2023-02-02", givenAt: withheld, sources: [withheld] },
    ]);
    expect(child.dosesNotGiven).toMatchObject([{ reason: "DECLINED", decidedBy: withheld, sources: [withheld] }]);
    expect(child.doseReports).toMatchObject([
      { givenAt: withheld, source: withheld },
      { givenAt: withheld, source: withheld },
    ]);
    expect(JSON.stringify(child)).not.toMatch(/WIRRAL|WARRINGTON|LOCALBATCH|RY7|N85002|Grace/);
  });

  describe("Who sees doses", () => {
    beforeAll(() =>
      tell(
        ...born("fay", "2022-02-01"),
        {
          childId: "fay",
          source: { system: "WIRRAL", id: "fay" },
          asOf: at(1),
          action: "record",
          type: "GpRegistrationRecorded",
          practice: "N85002",
          from: null,
          to: null,
        },
        given("fay", "WIRRAL/1", "2023-02-02"),
        declined("fay"),
        ...born("gus", "2012-02-01"),
        given("gus", "WIRRAL/1", "2013-02-02"),
      ),
    );

    test.each`
      childId  | who                                                           | sees
      ${"fay"} | ${clerk("WIRRAL")}                                            | ${true}
      ${"fay"} | ${clerk("WARRINGTON", "LIVERPOOL_SEFTON")}                    | ${false}
      ${"fay"} | ${clerk()}                                                    | ${false}
      ${"fay"} | ${viewer("HEALTH_VISITOR")}                                   | ${true}
      ${"gus"} | ${viewer("HEALTH_VISITOR")}                                   | ${false}
      ${"fay"} | ${viewer("SCHOOL_NURSE")}                                     | ${false}
      ${"gus"} | ${viewer("SCHOOL_NURSE")}                                     | ${true}
      ${"fay"} | ${viewer("GENERAL_PRACTITIONER", { organisation: "N85002" })} | ${true}
      ${"fay"} | ${viewer("GENERAL_PRACTITIONER", { organisation: "N85005" })} | ${false}
      ${"fay"} | ${viewer("PARTNER_APP", { scopes: ["immunisations:read"] })}  | ${true}
      ${"fay"} | ${viewer("PARTNER_APP", { scopes: ["screening:read"] })}      | ${false}
      ${"fay"} | ${viewer("SCREENING_OFFICER")}                                | ${false}
      ${"fay"} | ${viewer("SAFEGUARDING_LEAD")}                                | ${false}
      ${"fay"} | ${viewer("PRIVACY_OFFICER")}                                  | ${false}
      ${"fay"} | ${viewer("ANALYST")}                                          | ${false}
      ${"zed"} | ${clerk("WIRRAL")}                                            | ${false}
    `("of $childId $who.role of $who.localities: $sees", async ({ childId, who, sees }) => {
      const { child, codes } = await ask(childId, who, `${DAYS} dosesNotGiven { reason }`);
      if (sees) {
        expect(codes).toEqual([]);
        expect(child.doses).toHaveLength(1);
      } else {
        expect(codes).toEqual(["NOT_PERMITTED", "NOT_PERMITTED"]);
        expect(child).toEqual({ doses: null, dosesNotGiven: null });
      }
    });

    test.each`
      who                                                           | sees
      ${clerk("WIRRAL")}                                            | ${true}
      ${clerk("WARRINGTON")}                                        | ${false}
      ${viewer("GENERAL_PRACTITIONER", { organisation: "N85002" })} | ${true}
      ${viewer("GENERAL_PRACTITIONER", { organisation: "N85005" })} | ${false}
      ${viewer("HEALTH_VISITOR")}                                   | ${false}
      ${viewer("PARTNER_APP", { scopes: ["immunisations:read"] })}  | ${false}
    `("of the records of it $who.role of $who.localities: $sees", async ({ who, sees }) => {
      const { child, codes } = await ask("fay", who, "doseReports { stands }");
      expect(codes).toEqual(sees ? [] : ["NOT_PERMITTED"]);
      expect(child.doseReports?.length ?? null).toBe(sees ? 1 : null);
    });
  });

  test("a hundred children are read together", async () => {
    const ids = Array.from({ length: 100 }, (_, at) => `hundred${at}`);
    await tell(...ids.flatMap((id) => [...born(id, "2022-02-01"), given(id, "WIRRAL/1", "2023-02-02")]));
    const query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Child { id doses { givenOn } } } }";
    const variables = { of: ids.toReversed().map((id) => ({ __typename: "Child", id })) };
    const { data } = await part.ask({ query, variables, viewer: clerk("WIRRAL"), requestId: "hundred" });
    expect(data?._entities).toEqual(ids.toReversed().map((id) => ({ id, doses: [{ givenOn: "2023-02-02" }] })));
  });

  test("it counts the facts it holds by source", async () => {
    const held = await part.holdings();
    expect(held.DoseRecorded?.WARRINGTON).toBe(2);
    expect(held.DoseNotGivenRecorded).toEqual({ WIRRAL: 4 });
  });

  test("its graph describes everything, and what is shared in the code is no type of it", () => {
    const silent: string[] = [];
    visit(parse(part.sdl), {
      enter(node) {
        const describes = "description" in node && "name" in node && !node.kind.startsWith("Schema");
        const isRoot = node.kind === "ObjectTypeDefinition" && ["Query", "Mutation"].includes(node.name.value); // its fields say it all
        if (describes && !isRoot && node.description === undefined) silent.push(`${node.kind} ${node.name?.value}`);
      },
    });
    expect(silent).toEqual([]);
    expect(part.sdl).not.toContain("DoseDetails");
  });
});
