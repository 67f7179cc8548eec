import fc from "fast-check";
import type { Place } from "../../chassis/database";
import { migrateSubgraph, type Subgraph, startSubgraph } from "../../chassis/subgraph";
import type { Role, Viewer } from "../../schema/access";
import { type Day, type Instant, readInstant } from "../../schema/calendar";
import type { Event, EventOf, EventType, HearingTest } from "../../schema/events";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type {
  BloodSpotCondition,
  BloodSpotStatus,
  ExaminationOutcome,
  ExaminedPart,
  NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import { bloodSpotStatusOf } from "../../schema/vocabulary/screening";
import { screening } from "../../subgraphs/screening";
import {
  type BloodSpotReport,
  type ExaminationReport,
  earTests,
  type HearingReport,
  newbornBloodSpot,
  newbornExamination,
  newbornHearing,
} from "../../subgraphs/screening/model";
import { expectedConditions } from "../../subgraphs/screening/pathways";
import { type Report, told } from "../../subgraphs/screening/standing";
import { eachDatabase } from "../databases";

const BORN = "2026-03-01";
const NINE = ["PKU", "SCD", "CF", "CHT", "MCADD", "HCU", "MSUD", "GA1", "IVA"] as const;

/** A report's words as the tables below write them: `10:00 newborn-hearing-1 CLEAR_NO_FOLLOW_UP`. */
function at(time: string): Instant {
  return readInstant(`2026-03-10T${time}:00Z`) ?? "";
}

/** `system` alone, or `system/id` for another record of the same system. */
function header(time: string, source: string, childId = "c1") {
  const [system = "", id = "1"] = source.split("/");
  return { childId, source: { system, id }, asOf: at(time), latest: true };
}

function hearing(words: string): HearingReport {
  const [time = "", source = "", outcome, screenedOn] = words.split(" ");
  return {
    ...header(time, source),
    outcome: outcome as NewbornHearingOutcome, // the tables write only these
    outcomeCode: "276781000000109",
    screenedOn: screenedOn ?? "2026-03-03",
    outcomeSetAt: null,
    tests: [],
    provider: null,
    comment: null,
  };
}

/** `10:00 blood-spot-test-outcome-1 PKU:04 SCD:0601 CF:?`, where `?` is unclassified. */
function sample(words: string): BloodSpotReport {
  const [time = "", source = "", ...results] = words.split(" ");
  return {
    ...header(time, source),
    results: results.map((each) => {
      const [condition, status = ""] = each.split(":") as [BloodSpotCondition, BloodSpotStatus]; // as written below
      const read = bloodSpotStatusOf(status) ?? { status: null, subStatus: null, outcome: "UNCLASSIFIED" as const };
      return { condition, ...read, outcomeCode: null };
    }),
    issuedAt: null,
    sampleTakenOn: null,
    provider: null,
    comment: null,
  };
}

/** `10:00 nipe-outcome-1 HIPS:NO_ABNORMALITY+ EYES:NOT_DONE`; `+` with a risk factor, `-` without. */
function examination(words: string, examinedOn: Day = "2026-03-02"): ExaminationReport {
  const [time = "", source = "", ...results] = words.split(" ");
  return {
    ...header(time, source),
    stage: "NEWBORN",
    examinedOn,
    results: results.map((each) => {
      const [part, outcome = ""] = each.split(":");
      return {
        part: part as ExaminedPart, // as written below
        outcome: outcome.replace(/[+-]$/, "") as ExaminationOutcome, // as written below
        riskFactor: outcome.endsWith("+") ? true : outcome.endsWith("-") ? false : null,
        outcomeCode: null,
      };
    }),
    bcgEligible: null,
    provider: null,
    comment: null,
  };
}

const allOf = (status: string, conditions: readonly string[] = NINE) =>
  conditions.map((condition) => `${condition}:${status}`).join(" ");
const standingBloodSpot = (...words: readonly string[]) => newbornBloodSpot(told(words.map(sample)), BORN);

describe("Which report of a newborn hearing screen stands", () => {
  test.each`
    reports                                                                                     | shown                             | toldBy                 | otherwise
    ${["10:00 newborn-hearing-1/a INCOMPLETE", "11:00 newborn-hearing-1/b CLEAR_NO_FOLLOW_UP"]} | ${"CLEAR_NO_FOLLOW_UP"}           | ${"newborn-hearing-1"} | ${false}
    ${["10:00 newborn-hearing-1/a CLEAR_NO_FOLLOW_UP", "11:00 WIRRAL INCOMPLETE_MOVED"]}        | ${"CLEAR_NO_FOLLOW_UP"}           | ${"newborn-hearing-1"} | ${false}
    ${["10:00 WIRRAL INCOMPLETE_DECLINED", "11:00 WARRINGTON INCOMPLETE"]}                      | ${"INCOMPLETE"}                   | ${"WARRINGTON"}        | ${false}
    ${["10:00 WIRRAL NO_CLEAR_RESPONSE_BILATERAL", "11:00 WARRINGTON CLEAR_NO_FOLLOW_UP"]}      | ${"CLEAR_NO_FOLLOW_UP"}           | ${"WARRINGTON"}        | ${true}
    ${["10:00 WIRRAL CLEAR_NO_FOLLOW_UP", "11:00 newborn-hearing-1 UNCLASSIFIED"]}              | ${"UNCLASSIFIED"}                 | ${"newborn-hearing-1"} | ${true}
    ${["10:00 newborn-hearing-1 UNCLASSIFIED", "11:00 WIRRAL CLEAR_NO_FOLLOW_UP"]}              | ${"CLEAR_NO_FOLLOW_UP"}           | ${"WIRRAL"}            | ${true}
    ${["10:00 WIRRAL NO_CLEAR_RESPONSE_UNILATERAL", "11:00 newborn-hearing-1 UNCLASSIFIED"]}    | ${"NO_CLEAR_RESPONSE_UNILATERAL"} | ${"WIRRAL"}            | ${true}
    ${["10:00 WIRRAL UNCLASSIFIED", "11:00 WARRINGTON INCOMPLETE"]}                             | ${"UNCLASSIFIED"}                 | ${"WIRRAL"}            | ${false}
    ${["10:00 WIRRAL CLEAR_NO_FOLLOW_UP", "10:00 newborn-hearing-1 UNCLASSIFIED"]}              | ${"UNCLASSIFIED"}                 | ${"newborn-hearing-1"} | ${true}
    ${["10:00 WIRRAL CLEAR_TARGETED_FOLLOW_UP", "10:00 newborn-hearing-1 CLEAR_NO_FOLLOW_UP"]}  | ${"CLEAR_TARGETED_FOLLOW_UP"}     | ${"WIRRAL"}            | ${true}
    ${["10:00 newborn-hearing-1 CLEAR_NO_FOLLOW_UP", "12:00 WIRRAL CLEAR_NO_FOLLOW_UP"]}        | ${"CLEAR_NO_FOLLOW_UP"}           | ${"newborn-hearing-1"} | ${false}
    ${["10:00 newborn-hearing-1 INCOMPLETE 2026-03-03", "12:00 WIRRAL INCOMPLETE 2026-03-09"]}  | ${"INCOMPLETE"}                   | ${"WIRRAL"}            | ${false}
  `("told $reports, $shown of $toldBy stands; otherwise told: $otherwise", ({ reports, shown, toldBy, otherwise }) => {
    for (const order of [reports, reports.toReversed()]) {
      const stands = newbornHearing(order.map(hearing));
      expect(stands).toMatchObject({ outcome: shown, toldOtherwise: otherwise });
      expect(stands?.from.map(({ source }) => source.system)).toEqual([toldBy]);
    }
  });

  test("of nothing told nothing stands", () => expect(newbornHearing([])).toBeNull());

  test.each`
    outcome                           | complete
    ${"CLEAR_NO_FOLLOW_UP"}           | ${true}
    ${"CLEAR_TARGETED_FOLLOW_UP"}     | ${true}
    ${"NO_CLEAR_RESPONSE_BILATERAL"}  | ${true}
    ${"NO_CLEAR_RESPONSE_UNILATERAL"} | ${true}
    ${"INCOMPLETE"}                   | ${false}
    ${"INCOMPLETE_CONTRAINDICATED"}   | ${false}
    ${"INCOMPLETE_DECLINED"}          | ${false}
    ${"INCOMPLETE_DIED"}              | ${false}
    ${"INCOMPLETE_MOVED"}             | ${false}
    ${"INCOMPLETE_NOT_CONTACTABLE"}   | ${false}
    ${"UNCLASSIFIED"}                 | ${false}
  `("the screen is complete with $outcome: $complete", ({ outcome, complete }) =>
    expect(newbornHearing([hearing(`10:00 WIRRAL ${outcome}`)])?.complete).toBe(complete),
  );

  test("a legacy system's own outcome code, which would name it, is not shown", () =>
    expect(newbornHearing([{ ...hearing("10:00 WIRRAL INCOMPLETE"), outcomeCode: "INC" }])?.outcomeCode).toBeNull());

  test("whatever is told in whatever order, the same stands, and an unknown is never hidden by an earlier clear", () => {
    const outcomes = fc.constantFrom("CLEAR_NO_FOLLOW_UP", "NO_CLEAR_RESPONSE_BILATERAL", "INCOMPLETE", "UNCLASSIFIED");
    const systems = fc.constantFrom("WIRRAL", "newborn-hearing-1/a", "newborn-hearing-1/b", "LIVERPOOL_SEFTON");
    const reports = fc.uniqueArray(fc.tuple(fc.integer({ min: 10, max: 14 }), systems, outcomes), {
      selector: ([, system]) => system,
      minLength: 1,
    });
    const shuffled = reports.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const read = (each: typeof list) =>
          newbornHearing(each.map(([hour, system, outcome]) => hearing(`${hour}:00 ${system} ${outcome}`)));
        const [shown, again] = [read(list), read(other)];
        expect(again).toEqual(shown);
        const unknowns = list.filter(([, , outcome]) => outcome === "UNCLASSIFIED").map(([hour]) => hour);
        const answers = list.filter(([, , outcome]) => /CLEAR/.test(outcome)).map(([hour]) => hour);
        if (unknowns.length > 0 && Math.max(...unknowns) >= Math.max(...answers, 0)) {
          expect(shown?.outcome).not.toBe("CLEAR_NO_FOLLOW_UP");
        }
      }),
    );
  });
});

describe("The latest test of an ear", () => {
  const test_ = (method: HearingTest["method"], outcome: HearingTest["outcome"], time: string | null): HearingTest => ({
    method,
    ear: "LEFT",
    outcome,
    enteredAt: time === null ? null : at(time),
  });
  const early = test_("AOAE", "NO_CLEAR_RESPONSE", "09:00");
  const late = test_("AOAE", "CLEAR", "10:00");
  const aabr = test_("AABR", "NO_CLEAR_RESPONSE", "09:30");
  const [undatedAoae, undatedClear, undatedAabr] = [
    test_("AOAE", "NO_CLEAR_RESPONSE", null),
    test_("AOAE", "CLEAR", null),
    test_("AABR", "CLEAR", null),
  ];

  test.each([
    ["by when it was entered", [early, late, aabr], { latest: late, aoae: late, aabr }],
    [
      "AABR follows AOAE where no time tells",
      [undatedAoae, undatedAabr],
      { latest: undatedAabr, aoae: undatedAoae, aabr: undatedAabr },
    ],
    [
      "of two alike the less reassuring",
      [undatedClear, undatedAoae],
      { latest: undatedAoae, aoae: undatedAoae, aabr: null },
    ],
  ])("is found %s", (_how, tests, found) => {
    expect(earTests(tests, "LEFT")).toEqual(found);
    expect(earTests(tests.toReversed(), "LEFT")).toEqual(found);
  });

  test("is null for an ear without a test", () => expect(earTests([early], "RIGHT")).toBeNull());
});

describe("What stands of a blood spot condition", () => {
  const ONE = "blood-spot-test-outcome-1/a";
  const TWO = "blood-spot-test-outcome-1/b";

  test.each`
    situation                                     | samples                                             | status  | outcome            | otherwise
    ${"a repeat, then an answer"}                 | ${[`10:00 ${ONE} PKU:0303`, `11:00 ${TWO} PKU:04`]} | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
    ${"an answer, then a repeat told late"}       | ${[`11:00 ${ONE} PKU:04`, `10:00 ${TWO} PKU:03`]}   | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
    ${"an answer, then a repeat of a later date"} | ${[`10:00 ${ONE} PKU:04`, `11:00 ${TWO} PKU:03`]}   | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
    ${"an answer, then a specimen received"}      | ${[`10:00 ${ONE} PKU:04`, `11:00 ${TWO} PKU:01`]}   | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
    ${"an answer, then not required"}             | ${[`10:00 ${ONE} PKU:04`, `11:00 ${TWO} PKU:0906`]} | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
    ${"declined, then screened after all"}        | ${[`10:00 ${ONE} PKU:0201`, `11:00 ${TWO} PKU:04`]} | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
    ${"received, then a repeat needed"}           | ${[`10:00 ${ONE} PKU:01`, `11:00 ${ONE} PKU:03`]}   | ${"03"} | ${"REPEAT_NEEDED"} | ${false}
    ${"suspected, then not suspected"}            | ${[`10:00 ${ONE} PKU:08`, `11:00 ${TWO} PKU:04`]}   | ${"04"} | ${"NOT_SUSPECTED"} | ${true}
    ${"not suspected, then suspected"}            | ${[`10:00 ${ONE} PKU:04`, `11:00 ${TWO} PKU:08`]}   | ${"08"} | ${"SUSPECTED"}     | ${true}
    ${"not suspected, then an unknown"}           | ${[`10:00 ${ONE} PKU:04`, `11:00 ${TWO} PKU:?`]}    | ${null} | ${"UNCLASSIFIED"}  | ${true}
    ${"suspected, then an unknown"}               | ${[`10:00 ${ONE} PKU:08`, `11:00 ${TWO} PKU:?`]}    | ${"08"} | ${"SUSPECTED"}     | ${true}
    ${"two systems telling the same"}             | ${[`10:00 ${ONE} PKU:04`, "11:00 WIRRAL PKU:04"]}   | ${"04"} | ${"NOT_SUSPECTED"} | ${false}
  `("$situation: $status, told otherwise: $otherwise", ({ samples, status, outcome, otherwise }) => {
    for (const order of [samples, samples.toReversed()]) {
      expect(standingBloodSpot(...order)?.results).toMatchObject([
        { condition: "PKU", status, outcome, toldOtherwise: otherwise },
      ]);
    }
  });

  test("conditions come in national order, each from the sample that answers it", () => {
    const joined = standingBloodSpot(`10:00 ${ONE} SCD:0601 CF:0303 PKU:04`, `11:00 ${TWO} CF:04`);
    expect(joined?.results.map(({ condition, status, subStatus }) => [condition, status, subStatus])).toEqual([
      ["PKU", "04", null],
      ["SCD", "06", "0601"],
      ["CF", "04", null],
    ]);
    expect(joined?.asOf).toBe(at("11:00"));
    expect(joined?.results.map(({ asOf }) => asOf)).toEqual([at("10:00"), at("10:00"), at("11:00")]);
  });

  test.each`
    status    | meaning                                                      | conclusive
    ${"01"}   | ${"Specimen received in the laboratory"}                     | ${false}
    ${"0303"} | ${"Insufficient sample"}                                     | ${false}
    ${"0203"} | ${"Declined: screened abroad, evidence seen"}                | ${false}
    ${"0904"} | ${"Not contactable"}                                         | ${false}
    ${"04"}   | ${"Condition not suspected"}                                 | ${true}
    ${"05"}   | ${"Carrier"}                                                 | ${true}
    ${"0602"} | ${"Carrier of haemoglobin D"}                                | ${true}
    ${"07"}   | ${"Condition not suspected, other disorder needs follow-up"} | ${true}
    ${"08"}   | ${"Condition suspected"}                                     | ${true}
    ${"10"}   | ${"Haemoglobin S not suspected (by DNA)"}                    | ${true}
    ${"?"}    | ${"Outcome received, meaning unknown: needs a person"}       | ${false}
  `("status $status reads $meaning; conclusive: $conclusive", ({ status, meaning, conclusive }) =>
    expect(standingBloodSpot(`10:00 ${ONE} SCD:${status}`)?.results).toMatchObject([{ meaning, conclusive }]),
  );

  test("an answer told twice was first told the first time, even by a version replaced since", () => {
    const versions = [
      { ...sample(`10:00 ${ONE} PKU:04`), latest: false },
      sample(`12:00 ${ONE} PKU:04`),
      sample("11:00 WIRRAL PKU:04"),
    ];
    expect(newbornBloodSpot(told(versions), BORN)?.results).toMatchObject([
      { asOf: at("12:00"), firstToldAt: at("10:00") },
    ]);
  });

  test("a version of a record taken back does not count as the first telling", () => {
    const versions = [{ ...sample(`10:00 ${ONE} PKU:04`), latest: false }, sample("11:00 WIRRAL PKU:04")];
    expect(newbornBloodSpot(told(versions), BORN)?.results).toMatchObject([{ firstToldAt: at("11:00") }]);
  });
});

describe("Whether blood spot screening is complete", () => {
  const ONE = "blood-spot-test-outcome-1/a";

  test.each`
    situation                               | results                                         | bornOn          | complete | missing          | suspected
    ${"nine not suspected"}                 | ${allOf("04")}                                  | ${BORN}         | ${true}  | ${[]}            | ${[]}
    ${"one of nine a carrier"}              | ${`${allOf("04").replace("SCD:04", "SCD:05")}`} | ${BORN}         | ${true}  | ${[]}            | ${[]}
    ${"one of nine suspected"}              | ${`${allOf("04").replace("PKU:04", "PKU:08")}`} | ${BORN}         | ${true}  | ${[]}            | ${["PKU"]}
    ${"one not told"}                       | ${allOf("04", NINE.slice(1))}                   | ${BORN}         | ${false} | ${["PKU"]}       | ${[]}
    ${"one unclassified"}                   | ${`${allOf("04").replace("PKU:04", "PKU:?")}`}  | ${BORN}         | ${false} | ${[]}            | ${[]}
    ${"one to repeat"}                      | ${`${allOf("04").replace("CF:04", "CF:0317")}`} | ${BORN}         | ${false} | ${[]}            | ${[]}
    ${"one too old for"}                    | ${`${allOf("04").replace("CF:04", "CF:0901")}`} | ${BORN}         | ${false} | ${[]}            | ${[]}
    ${"all declined"}                       | ${allOf("0201")}                                | ${BORN}         | ${false} | ${[]}            | ${[]}
    ${"nine and HT1 answered"}              | ${`${allOf("04")} HT1:04`}                      | ${BORN}         | ${true}  | ${[]}            | ${[]}
    ${"nine, and HT1 to repeat"}            | ${`${allOf("04")} HT1:03`}                      | ${BORN}         | ${false} | ${[]}            | ${[]}
    ${"nine, and SCID unclassified"}        | ${`${allOf("04")} SCID:?`}                      | ${BORN}         | ${false} | ${[]}            | ${[]}
    ${"nine, and SCID declined"}            | ${`${allOf("04")} SCID:02`}                     | ${BORN}         | ${true}  | ${[]}            | ${[]}
    ${"five, born when five were screened"} | ${allOf("04", NINE.slice(0, 5))}                | ${"2015-01-04"} | ${true}  | ${[]}            | ${[]}
    ${"five, born when nine were"}          | ${allOf("04", NINE.slice(0, 5))}                | ${"2015-01-05"} | ${false} | ${NINE.slice(5)} | ${[]}
    ${"a child born on a day not known"}    | ${allOf("04")}                                  | ${null}         | ${null}  | ${null}          | ${[]}
  `("$situation: $complete", ({ results, bornOn, complete, missing, suspected }) =>
    expect(newbornBloodSpot(told([sample(`10:00 ${ONE} ${results}`)]), bornOn)).toMatchObject({
      complete,
      missing,
      suspected,
    }),
  );

  test("a message that lists no condition tells no outcome", () =>
    expect(standingBloodSpot(`10:00 ${ONE}`)).toBeNull());

  test("SCID and HT1 are expected of nobody until their start here is known", () =>
    expect(expectedConditions(BORN)).toEqual(NINE));
});

describe("What stands of a physical examination", () => {
  const [A, B] = ["nipe-outcome-1/a", "nipe-outcome-1/b"];

  test.each`
    situation                                        | first                                | then                                             | shown                           | risk     | otherwise
    ${"not done, then done"}                         | ${`10:00 ${A} HIPS:NOT_DONE`}        | ${`11:00 ${B} HIPS:NO_ABNORMALITY-`}             | ${"NO_ABNORMALITY"}             | ${false} | ${false}
    ${"done, then not done"}                         | ${`10:00 ${A} HIPS:NO_ABNORMALITY-`} | ${`11:00 ${B} HIPS:NOT_DONE`}                    | ${"NO_ABNORMALITY"}             | ${false} | ${false}
    ${"normal, then abnormal"}                       | ${`10:00 ${A} HIPS:NO_ABNORMALITY-`} | ${`11:00 ${B} HIPS:ABNORMALITY_SUSPECTED_LEFT-`} | ${"ABNORMALITY_SUSPECTED_LEFT"} | ${false} | ${true}
    ${"normal, then an unknown"}                     | ${`10:00 ${A} HIPS:NO_ABNORMALITY-`} | ${`11:00 ${B} HIPS:UNCLASSIFIED`}                | ${"UNCLASSIFIED"}               | ${null}  | ${true}
    ${"normal with a risk factor, then an unknown"}  | ${`10:00 ${A} HIPS:NO_ABNORMALITY+`} | ${`11:00 ${B} HIPS:UNCLASSIFIED`}                | ${"NO_ABNORMALITY"}             | ${true}  | ${true}
    ${"a risk factor, then a copy without it"}       | ${`10:00 ${A} HIPS:NO_ABNORMALITY+`} | ${"11:00 WIRRAL HIPS:NO_ABNORMALITY"}            | ${"NO_ABNORMALITY"}             | ${true}  | ${false}
    ${"a risk factor, then told that there is none"} | ${`10:00 ${A} HIPS:NO_ABNORMALITY+`} | ${"11:00 WIRRAL HIPS:NO_ABNORMALITY-"}           | ${"NO_ABNORMALITY"}             | ${false} | ${true}
  `("$situation: $shown", ({ first, then, shown, risk, otherwise }) => {
    const reports = [examination(first), examination(then)];
    for (const order of [reports, reports.toReversed()]) {
      expect(newbornExamination(order, "NEWBORN")?.hips).toMatchObject({
        outcome: shown,
        riskFactor: risk,
        toldOtherwise: otherwise,
      });
    }
  });

  const DONE = "EYES:NO_ABNORMALITY- HEART:NO_ABNORMALITY-";
  test.each`
    told                                                                     | complete
    ${`${DONE} HIPS:NO_ABNORMALITY- TESTES:NO_ABNORMALITY`}                  | ${true}
    ${`${DONE} HIPS:NO_ABNORMALITY-`}                                        | ${null}
    ${`${DONE} HIPS:NO_ABNORMALITY- TESTES:NOT_DONE`}                        | ${false}
    ${DONE}                                                                  | ${false}
    ${`${DONE} HIPS:UNCLASSIFIED TESTES:NO_ABNORMALITY`}                     | ${false}
    ${`${DONE} HIPS:DECLINED`}                                               | ${false}
    ${`${DONE} HIPS:ABNORMALITY_SUSPECTED_BILATERAL+ TESTES:NO_ABNORMALITY`} | ${true}
  `("told $told it is complete: $complete", ({ told: parts, complete }) =>
    expect(newbornExamination([examination(`10:00 ${A} ${parts}`)], "NEWBORN")?.complete).toBe(complete),
  );

  test("a part examined later completes it, and it is as of that day", () => {
    const reports = [
      examination(`10:00 ${A} ${DONE} HIPS:NOT_DONE TESTES:NO_ABNORMALITY`),
      examination(`11:00 ${B} HIPS:NO_ABNORMALITY-`, "2026-03-05"),
    ];
    expect(newbornExamination(reports, "NEWBORN")).toMatchObject({ complete: true, examinedOn: "2026-03-05" });
  });

  test("BCG eligibility is what was told last; not told is null", () => {
    const [none, eligible] = [
      examination(`11:00 ${A} ${DONE}`),
      { ...examination(`10:00 ${B} ${DONE}`), bcgEligible: true },
    ];
    expect(newbornExamination([none], "NEWBORN")?.bcgEligible).toBeNull();
    expect(newbornExamination([none, eligible], "NEWBORN")?.bcgEligible).toBe(true);
    const not = { ...examination(`12:00 ${B} ${DONE}`), bcgEligible: false };
    expect(newbornExamination([none, not, eligible], "NEWBORN")?.bcgEligible).toBe(false);
  });

  test("the two stages are apart", () => {
    const infant = { ...examination(`10:00 ${A} ${DONE}`), stage: "INFANT" as const };
    expect(newbornExamination([infant], "NEWBORN")).toBeNull();
    expect(newbornExamination([infant], "INFANT")?.stage).toBe("INFANT");
  });
});

// Through the subgraph.

const VIEWER: Viewer = {
  subject: "s1",
  name: "Asa Clerk",
  role: "CHILD_HEALTH_CLERK",
  organisation: null,
  localities: ["WIRRAL"],
  scopes: [],
};
const as = (role: Role, localities: readonly LocalityCode[] = ["WIRRAL"]): Viewer => ({ ...VIEWER, role, localities });

const EVERYTHING = `
  newbornHearing { outcome } newbornBloodSpot { complete } newbornExamination { stage } infantExamination { stage }
  newbornHearingReports { asOf } newbornBloodSpotReports { asOf } newbornExaminationReports { asOf }`;

const SHOWN = `
  newbornHearing {
    outcome outcomeCode complete screenedOn asOf toldOtherwise
    leftEar { latest { method outcome } aabr { outcome } aoae { outcome } } rightEar { latest { outcome } }
    provider { ... on ScreeningProvider { odsCode } ... on Withheld { reason } }
  }`;
const REPORTS = `
  newbornHearingReports {
    standing asOf hearing { outcome }
    reportedBy { ... on ScreeningReporter { toldBy recordId provider comment } ... on Withheld { reason } }
  }`;

eachDatabase((places) => {
  let part: Subgraph;
  let place: Place;
  let delivered = 0;
  const faults: unknown[] = [];

  beforeAll(async () => {
    place = places("screening");
    await migrateSubgraph(screening, place);
    const now = () => Date.parse("2026-06-01T10:00:00Z");
    part = await startSubgraph(screening, { place, now, onFault: (fault) => faults.push(fault) });
  });
  afterAll(async () => {
    await part.close();
    expect(faults).toEqual([]);
  });

  const deliver = async (...events: readonly Event[]) =>
    (await part.deliver({ number: ++delivered, events })).map((each) => each?.disposition ?? null);

  /** A child of the Wirral. */
  async function child(childId: string, bornOn: Day = BORN): Promise<string> {
    const by = { childId, source: { system: "WIRRAL", id: childId }, asOf: at("08:00"), action: "record" } as const;
    await deliver(
      {
        ...by,
        type: "IdentityRecorded",
        nhsNumber: null,
        nhsNumberStatus: "ABSENT",
        supersededNhsNumbers: [],
        familyName: "Invented",
        givenNames: "Ada",
        bornOn,
        bornAtTime: null,
        sex: "FEMALE",
        ethnicCategory: null,
      },
      { ...by, type: "GpRegistrationRecorded", practice: "N85002", from: BORN, to: null },
    );
    return childId;
  }

  function recorded<Type extends EventType, R extends Report>(type: Type, childId: string, report: R): EventOf<Type> {
    const { latest: _, ...fields } = report;
    return { ...fields, type, childId, action: "record" } as unknown as EventOf<Type>; // a report is its event's fields
  }
  const hearingEvent = (childId: string, words: string, more: Partial<HearingReport> = {}) =>
    recorded("NewbornHearingRecorded", childId, { ...hearing(words), ...more });
  const withdrawn = (childId: string, time: string, source: string, type: EventType): Event => {
    const { latest: _, ...fields } = header(time, source, childId);
    return { ...fields, type, action: "withdraw" };
  };

  async function ask(childId: string, fields: string, viewer: Viewer = VIEWER) {
    const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Child", id: $id }]) { ... on Child { ${fields} } } }`;
    const result = await part.ask({ query, variables: { id: childId }, viewer, requestId: `${childId}-${delivered}` });
    const entities = result.data?._entities as readonly Record<string, unknown>[] | undefined;
    return {
      child: JSON.parse(JSON.stringify(entities?.[0] ?? null)),
      codes: (result.errors ?? []).map((error) => error.extensions.code),
    };
  }

  test("before anything is told every screen is null, and there is no report", async () => {
    const id = await child("untold");
    expect(await ask(id, EVERYTHING)).toEqual({
      child: {
        newbornHearing: null,
        newbornBloodSpot: null,
        newbornExamination: null,
        infantExamination: null,
        newbornHearingReports: [],
        newbornBloodSpotReports: [],
        newbornExaminationReports: [],
      },
      codes: [],
    });
  });

  test("a hearing outcome is shown with its ears and provider, and amended, repeated and late tellings have their place", async () => {
    const id = await child("hearing");
    const tests: readonly HearingTest[] = [
      { method: "AOAE", ear: "LEFT", outcome: "NO_CLEAR_RESPONSE", enteredAt: at("09:00") },
      { method: "AABR", ear: "LEFT", outcome: "CLEAR", enteredAt: at("09:10") },
      { method: "AABR", ear: "RIGHT", outcome: "CLEAR", enteredAt: at("09:11") },
    ];
    const clear = hearingEvent(id, "11:00 newborn-hearing-1/e1 CLEAR_NO_FOLLOW_UP", {
      tests,
      provider: "RBL",
      comment: "Seen at Arrowe Park",
    });
    const incomplete = hearingEvent(id, "10:00 newborn-hearing-1/e1 INCOMPLETE");
    expect(await deliver(clear, clear, incomplete)).toEqual(["APPLIED", "DUPLICATE", "SUPERSEDED"]);
    expect(await deliver(hearingEvent(id, "12:00 WIRRAL/row-7 CLEAR_NO_FOLLOW_UP"))).toEqual(["APPLIED"]);

    expect((await ask(id, `${SHOWN}${REPORTS}`)).child).toEqual({
      newbornHearing: {
        outcome: "CLEAR_NO_FOLLOW_UP",
        outcomeCode: "276781000000109",
        complete: true,
        screenedOn: "2026-03-03",
        asOf: "2026-03-10T11:00:00.000Z",
        toldOtherwise: false,
        leftEar: {
          latest: { method: "AABR", outcome: "CLEAR" },
          aabr: { outcome: "CLEAR" },
          aoae: { outcome: "NO_CLEAR_RESPONSE" },
        },
        rightEar: { latest: { outcome: "CLEAR" } },
        provider: { odsCode: "RBL" },
      },
      newbornHearingReports: [
        ["OUTWEIGHED", "12", "CLEAR_NO_FOLLOW_UP", "WIRRAL", "row-7", null, null],
        ["STANDS", "11", "CLEAR_NO_FOLLOW_UP", "newborn-hearing-1", "e1", "RBL", "Seen at Arrowe Park"],
        ["REPLACED", "10", "INCOMPLETE", "newborn-hearing-1", "e1", null, null],
      ].map(([standing, hour, outcome, toldBy, recordId, provider, comment]) => ({
        standing,
        asOf: `2026-03-10T${hour}:00:00.000Z`,
        hearing: { outcome },
        reportedBy: { toldBy, recordId, provider, comment },
      })),
    });
  });

  test("an outcome taken back is shown no more, whatever older message follows, and is listed only when asked for", async () => {
    const id = await child("withdrawn");
    await deliver(
      hearingEvent(id, "10:00 newborn-hearing-1/w1 CLEAR_NO_FOLLOW_UP"),
      withdrawn(id, "12:00", "newborn-hearing-1/w1", "NewbornHearingRecorded"),
    );
    expect(await deliver(hearingEvent(id, "11:00 newborn-hearing-1/w1 CLEAR_NO_FOLLOW_UP"))).toEqual(["SUPERSEDED"]);
    const fields =
      "newbornHearing { outcome } newbornHearingReports { standing } all: newbornHearingReports(withdrawn: true) { standing }";
    expect((await ask(id, fields)).child).toEqual({
      newbornHearing: null,
      newbornHearingReports: [],
      all: [{ standing: "WITHDRAWN" }, { standing: "WITHDRAWN" }],
    });
    await deliver(hearingEvent(id, "13:00 newborn-hearing-1/w1 INCOMPLETE"));
    expect((await ask(id, fields)).child).toMatchObject({
      newbornHearing: { outcome: "INCOMPLETE" },
      newbornHearingReports: [{ standing: "STANDS" }, { standing: "REPLACED" }, { standing: "REPLACED" }],
    });
  });

  test("blood spot samples are joined by condition, and an amendment replaces the whole of its own sample", async () => {
    const id = await child("blood");
    const event = (words: string, more: Partial<BloodSpotReport> = {}) =>
      recorded("NewbornBloodSpotRecorded", id, { ...sample(words), ...more });
    await deliver(
      event(`10:00 blood-spot-test-outcome-1/a ${allOf("04").replace("CF:04", "CF:0303")}`, { provider: "RBS" }),
      event("11:00 blood-spot-test-outcome-1/b CF:04", { provider: "REP" }),
      event("09:00 WIRRAL/b9 PKU:04", { sampleTakenOn: "2026-03-06" }),
    );
    const fields = `newbornBloodSpot {
        complete missing suspected asOf results { condition status subStatus conclusive firstToldAt }
        provider { ... on ScreeningProvider { odsCode } }
      }
      newbornBloodSpotReports { standing bloodSpot { results { condition } missing } }`;
    const before = (await ask(id, fields)).child;
    expect(before.newbornBloodSpot).toMatchObject({
      complete: true,
      missing: [],
      suspected: [],
      asOf: "2026-03-10T11:00:00.000Z",
      provider: { odsCode: "REP" },
    });
    expect(before.newbornBloodSpot.results).toHaveLength(9);
    expect(before.newbornBloodSpot.results[0]).toMatchObject({
      condition: "PKU",
      firstToldAt: "2026-03-10T09:00:00.000Z",
    });
    expect(before.newbornBloodSpotReports.map((each: { standing: string }) => each.standing)).toEqual([
      "STANDS",
      "STANDS",
      "OUTWEIGHED",
    ]);
    expect(before.newbornBloodSpotReports[0].bloodSpot.missing).toHaveLength(8);

    await deliver(event("12:00 blood-spot-test-outcome-1/a SCD:?"));
    const after = (await ask(id, fields)).child.newbornBloodSpot;
    expect(
      after.results.map((each: { condition: string; status: string | null }) => [each.condition, each.status]),
    ).toEqual([
      ["PKU", "04"],
      ["SCD", null],
      ["CF", "04"],
    ]);
    expect(after).toMatchObject({ complete: false, missing: ["CHT", "MCADD", "HCU", "MSUD", "GA1", "IVA"] });
  });

  test("the examinations of newborn and infant are told apart, and their reports together", async () => {
    const id = await child("examined");
    const newborn = "EYES:NO_ABNORMALITY- HEART:NO_ABNORMALITY- HIPS:NO_ABNORMALITY+";
    await deliver(
      recorded("NewbornExaminationRecorded", id, {
        ...examination(`10:00 nipe-outcome-1/n ${newborn}`),
        bcgEligible: true,
      }),
      recorded("NewbornExaminationRecorded", id, {
        ...examination("11:00 WIRRAL/i HIPS:ABNORMALITY_SUSPECTED_LEFT+", "2026-04-20"),
        stage: "INFANT",
      }),
    );
    const fields = `newbornExamination { stage examinedOn complete bcgEligible hips { outcome riskFactor } testes { outcome } }
      infantExamination { stage examinedOn complete bcgEligible hips { outcome } eyes { outcome } }
      newbornExaminationReports { standing examination { stage } }`;
    expect((await ask(id, fields)).child).toEqual({
      newbornExamination: {
        stage: "NEWBORN",
        examinedOn: "2026-03-02",
        complete: null,
        bcgEligible: true,
        hips: { outcome: "NO_ABNORMALITY", riskFactor: true },
        testes: null,
      },
      infantExamination: {
        stage: "INFANT",
        examinedOn: "2026-04-20",
        complete: false,
        bcgEligible: null,
        hips: { outcome: "ABNORMALITY_SUSPECTED_LEFT" },
        eyes: null,
      },
      newbornExaminationReports: [
        { standing: "STANDS", examination: { stage: "INFANT" } },
        { standing: "STANDS", examination: { stage: "NEWBORN" } },
      ],
    });
  });

  test("of a restricted child nothing shown tells where it is: no provider, source, record id or comment", async () => {
    const id = await child("restricted");
    const by = { childId: id, source: { system: "WIRRAL", id }, asOf: at("08:00"), action: "record" } as const;
    const more = { provider: "RBL", comment: "Seen at Arrowe Park", outcomeCode: "WIR-CL" };
    await deliver(
      { ...by, type: "RestrictionRecorded", restricted: true },
      hearingEvent(id, "10:00 WIRRAL/row-8 CLEAR_NO_FOLLOW_UP", more),
      recorded("NewbornBloodSpotRecorded", id, { ...sample("10:00 WIRRAL/row-8 PKU:04"), ...more }),
      recorded("NewbornExaminationRecorded", id, { ...examination("10:00 WIRRAL/row-8 EYES:NOT_DONE"), ...more }),
    );
    const withheld = "{ __typename ... on ScreeningProvider { odsCode } }";
    const reporter = "{ __typename ... on ScreeningReporter { toldBy recordId provider comment } }";
    const { child: shown, codes } = await ask(
      id,
      `${SHOWN}${REPORTS}
      newbornBloodSpot { results { status outcomeCode } provider ${withheld} }
      newbornExamination { eyes { outcome } provider ${withheld} }
      newbornBloodSpotReports { reportedBy ${reporter} bloodSpot { provider ${withheld} } }
      newbornExaminationReports { reportedBy ${reporter} examination { provider ${withheld} } }`,
    );
    expect(codes).toEqual([]);
    expect(shown.newbornHearing).toMatchObject({ outcome: "CLEAR_NO_FOLLOW_UP", outcomeCode: null });
    expect(shown.newbornHearing.provider).toEqual({ reason: "This child's whereabouts are restricted." });
    for (const answer of [
      shown.newbornBloodSpot.provider,
      shown.newbornExamination.provider,
      shown.newbornBloodSpotReports[0].reportedBy,
      shown.newbornBloodSpotReports[0].bloodSpot.provider,
      shown.newbornExaminationReports[0].reportedBy,
      shown.newbornExaminationReports[0].examination.provider,
    ]) {
      expect(answer).toEqual({ __typename: "Withheld" });
    }
    expect(JSON.stringify(shown)).not.toMatch(/WIRRAL|row-8|RBL|Arrowe|WIR-CL/);
  });

  test("a provider is withheld from a restricted child's answer even where none was told", async () => {
    const id = await child("restricted-none");
    const by = { childId: id, source: { system: "WIRRAL", id }, asOf: at("08:00"), action: "record" } as const;
    await deliver(
      { ...by, type: "RestrictionRecorded", restricted: true },
      hearingEvent(id, "10:00 WIRRAL/r INCOMPLETE"),
    );
    expect((await ask(id, "newbornHearing { provider { __typename } }")).child.newbornHearing.provider).toEqual({
      __typename: "Withheld",
    });
  });

  test("what was told of a child who died is still shown", async () => {
    const id = await child("dead");
    const by = { childId: id, source: { system: "pds-death-notification-1", id: "latest" }, asOf: at("12:00") };
    await deliver(hearingEvent(id, "10:00 newborn-hearing-1/d INCOMPLETE_DIED"), {
      ...by,
      type: "DeathRecorded",
      action: "record",
      status: "FORMAL",
      diedOn: "2026-03-05",
    });
    expect((await ask(id, "newbornHearing { outcome complete }")).child).toEqual({
      newbornHearing: { outcome: "INCOMPLETE_DIED", complete: false },
    });
  });

  test("two records that are one child are read as one, under either id, and a later telling or taking back holds", async () => {
    const [whole, former] = [await child("whole"), await child("former")];
    await deliver(
      hearingEvent(former, "10:00 newborn-hearing-1/m INCOMPLETE"),
      hearingEvent(former, "10:00 newborn-hearing-1/gone CLEAR_NO_FOLLOW_UP"),
      {
        childId: former,
        source: { system: "WIRRAL", id: "merge" },
        asOf: at("11:00"),
        type: "ChildrenMerged",
        action: "record",
        into: whole,
      },
      hearingEvent(former, "12:00 newborn-hearing-1/m NO_CLEAR_RESPONSE_BILATERAL"),
      withdrawn(former, "12:00", "newborn-hearing-1/gone", "NewbornHearingRecorded"),
      hearingEvent(whole, "09:00 WIRRAL/w INCOMPLETE"),
    );
    for (const id of [whole, former]) {
      expect(
        (await ask(id, "newbornHearing { outcome toldOtherwise } newbornHearingReports { standing }")).child,
      ).toEqual({
        newbornHearing: { outcome: "NO_CLEAR_RESPONSE_BILATERAL", toldOtherwise: false },
        newbornHearingReports: [{ standing: "STANDS" }, { standing: "REPLACED" }, { standing: "OUTWEIGHED" }],
      });
    }
  });

  test.each<{ who: string; viewer: Viewer; screens: "shown" | "refused"; reports: "shown" | "refused" }>([
    { who: "a clerk of the locality", viewer: VIEWER, screens: "shown", reports: "shown" },
    {
      who: "a clerk of another",
      viewer: as("CHILD_HEALTH_CLERK", ["WARRINGTON"]),
      screens: "refused",
      reports: "refused",
    },
    { who: "a health visitor of the locality", viewer: as("HEALTH_VISITOR"), screens: "shown", reports: "refused" },
    { who: "a screening officer, of a baby", viewer: as("SCREENING_OFFICER"), screens: "shown", reports: "shown" },
    {
      who: "the child's own practice",
      viewer: { ...as("GENERAL_PRACTITIONER"), organisation: "N85002" },
      screens: "shown",
      reports: "shown",
    },
    {
      who: "another practice",
      viewer: { ...as("GENERAL_PRACTITIONER"), organisation: "N85003" },
      screens: "refused",
      reports: "refused",
    },
    { who: "a school nurse, of a baby", viewer: as("SCHOOL_NURSE"), screens: "refused", reports: "refused" },
    { who: "a safeguarding lead", viewer: as("SAFEGUARDING_LEAD"), screens: "refused", reports: "refused" },
    { who: "a privacy officer", viewer: as("PRIVACY_OFFICER"), screens: "refused", reports: "refused" },
    { who: "an analyst", viewer: as("ANALYST"), screens: "refused", reports: "refused" },
    {
      who: "an app with the scope",
      viewer: { ...as("PARTNER_APP"), scopes: ["screening:read"] },
      screens: "shown",
      reports: "refused",
    },
    {
      who: "an app of another scope",
      viewer: { ...as("PARTNER_APP"), scopes: ["place:read"] },
      screens: "refused",
      reports: "refused",
    },
  ])("to $who screening is $screens, and its reports are $reports", async ({ viewer, screens, reports }) => {
    const id = await child("guarded");
    await deliver(hearingEvent(id, "10:00 newborn-hearing-1/g CLEAR_NO_FOLLOW_UP"));
    const { child: shown, codes } = await ask(id, EVERYTHING, viewer);
    expect(shown.newbornHearing).toEqual(screens === "shown" ? { outcome: "CLEAR_NO_FOLLOW_UP" } : null);
    expect(shown.newbornHearingReports?.length ?? null).toBe(reports === "shown" ? 1 : null);
    const refusals = (screens === "refused" ? 4 : 0) + (reports === "refused" ? 3 : 0);
    expect(codes).toEqual(new Array(refusals).fill("NOT_PERMITTED"));
  });

  test("a screening officer does not see the screening of a child of 1", async () => {
    const id = await child("older", "2025-05-01");
    const { child: shown, codes } = await ask(id, "newbornHearing { outcome }", as("SCREENING_OFFICER"));
    expect([shown, codes]).toEqual([{ newbornHearing: null }, ["NOT_PERMITTED"]]);
  });

  test("a child nobody told of is refused like one out of reach", async () => {
    expect(await ask("nobody", "newbornHearing { outcome }")).toEqual({
      child: { newbornHearing: null },
      codes: ["NOT_PERMITTED"],
    });
  });

  test("a hundred children are read in order, each with its own", async () => {
    const ids = Array.from({ length: 100 }, (_, number) => `many-${number}`);
    for (const id of ids) await child(id);
    await deliver(
      ...ids.map((id, number) =>
        hearingEvent(id, `10:00 newborn-hearing-1/${id} ${number % 2 === 0 ? "INCOMPLETE" : "CLEAR_NO_FOLLOW_UP"}`),
      ),
    );
    const result = await part.ask({
      query:
        "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Child { newbornHearing { complete } } } }",
      variables: { of: ids.map((id) => ({ __typename: "Child", id })) },
      viewer: VIEWER,
      requestId: "many",
    });
    const complete = ((result.data?._entities ?? []) as { newbornHearing: { complete: boolean } }[]).map(
      ({ newbornHearing }) => newbornHearing.complete,
    );
    expect(complete).toEqual(ids.map((_, number) => number % 2 === 1));
  });

  test("a fact held counts once for its source, however often it was told, and still once it is taken back", async () => {
    const id = await child("counted");
    const held = async () => (await part.holdings()).NewbornHearingRecorded?.["newborn-hearing-1"] ?? 0;
    const before = await held();
    await deliver(
      hearingEvent(id, "10:00 newborn-hearing-1/n1 INCOMPLETE"),
      hearingEvent(id, "11:00 newborn-hearing-1/n1 CLEAR_NO_FOLLOW_UP"),
      hearingEvent(id, "10:00 newborn-hearing-1/n2 INCOMPLETE"),
      withdrawn(id, "12:00", "newborn-hearing-1/n2", "NewbornHearingRecorded"),
    );
    expect((await held()) - before).toBe(2);
  });
});
