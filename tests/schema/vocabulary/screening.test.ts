import {
  BLOOD_SPOT_CONDITION_NAMES,
  BLOOD_SPOT_CONDITIONS,
  BLOOD_SPOT_OUTCOMES,
  BLOOD_SPOT_STATUSES,
  type BloodSpotCondition,
  type BloodSpotStatus,
  bloodSpotConditionOf,
  bloodSpotOutcomeCode,
  bloodSpotOutcomeOf,
  bloodSpotStatusOf,
  EAR_OUTCOMES,
  EARS,
  EXAMINATION_OUTCOMES,
  EXAMINED_PART_NAMES,
  EXAMINED_PARTS,
  type ExaminationOutcome,
  examinationOutcomeCode,
  examinationOutcomeOf,
  examinedPartOf,
  HEARING_TEST_METHODS,
  HEARING_TEST_OUTCOMES,
  hearingTestMethodOf,
  hearingTestOutcomeCode,
  hearingTestOutcomeOf,
  isScreeningOutcomeCode,
  NEWBORN_HEARING_OUTCOMES,
  newbornHearingOutcomeOf,
} from "../../../schema/vocabulary/screening";
import { isSnomedCode } from "../../../schema/vocabulary/snomed";

// The keys of tables of their own.
const STATUSES = Object.keys(BLOOD_SPOT_STATUSES) as BloodSpotStatus[];
const FINDINGS = Object.keys(EXAMINATION_OUTCOMES) as ExaminationOutcome[];

const blood = BLOOD_SPOT_CONDITION_NAMES.flatMap((condition) =>
  STATUSES.flatMap((status) => {
    const code = bloodSpotOutcomeCode(condition, status);
    return code === null ? [] : [{ condition, status, code }];
  }),
);
const examination = EXAMINED_PART_NAMES.flatMap((part) =>
  FINDINGS.flatMap((outcome) =>
    [null, true, false].flatMap((riskFactor) => {
      const code = examinationOutcomeCode({ part, outcome, riskFactor });
      return code === null ? [] : [{ part, outcome, riskFactor, code }];
    }),
  ),
);

describe("SNOMED CT codes", () => {
  test.each`
    code                     | right
    ${"276781000000109"}     | ${true}
    ${"429106008"}           | ${true}
    ${"2201661000000107"}    | ${true}
    ${"276781000000108"}     | ${false}
    ${"86637100000010"}      | ${false}
    ${"429106007"}           | ${false}
    ${"0429106008"}          | ${false}
    ${"12345"}               | ${false}
    ${"4291060081234567890"} | ${false}
    ${"42910600X"}           | ${false}
    ${""}                    | ${false}
  `("$code is one: $right", ({ code, right }) => {
    expect(isSnomedCode(code)).toBe(right);
  });

  test("an identifier of a description or a relationship is none", () => {
    const ofPartition = (partition: string) =>
      [...Array(10).keys()].some((check) => isSnomedCode(`429106${partition}${check}`));
    expect(["00", "01", "02", "03"].map(ofPartition)).toEqual([true, false, false, false]);
  });

  test("every code of the tables is one", () => {
    const codes = [
      ...blood.map((row) => row.code),
      ...examination.map((row) => row.code),
      ...Object.keys(HEARING_TEST_OUTCOMES),
      ...Object.values(BLOOD_SPOT_CONDITIONS).flatMap((row) => [row.snomed, ...row.formerly]),
      ...Object.values(EXAMINED_PARTS).map((row) => row.snomed),
      ...Object.values(HEARING_TEST_METHODS).map((row) => row.snomed),
      ...Object.values(NEWBORN_HEARING_OUTCOMES).flatMap((row) => row.snomed ?? []),
    ];
    expect(codes.filter((code) => !isSnomedCode(code))).toEqual([]);
  });
});

describe("Blood spot", () => {
  test.each`
    condition  | codes
    ${"PKU"}   | ${28}
    ${"SCD"}   | ${35}
    ${"CF"}    | ${31}
    ${"CHT"}   | ${30}
    ${"MCADD"} | ${29}
    ${"HCU"}   | ${28}
    ${"MSUD"}  | ${28}
    ${"GA1"}   | ${28}
    ${"IVA"}   | ${28}
    ${"SCID"}  | ${0}
    ${"HT1"}   | ${1}
  `("$condition has $codes outcomes with a code", ({ condition, codes }) => {
    expect(blood.filter((row) => row.condition === condition)).toHaveLength(codes);
  });

  test("each code stands for one status of one condition, but that of receipt, which all nine share", () => {
    const others = blood.filter((row) => row.status !== "01").map((row) => row.code);
    expect(new Set(others).size).toBe(others.length);
    expect(new Set(blood.filter((row) => row.status === "01").map((row) => row.code))).toEqual(
      new Set(["509581000000105"]),
    );
  });

  test("each code is read as the status it was written for", () => {
    for (const { condition, status, code } of blood) {
      expect(bloodSpotOutcomeOf(condition, code)).toEqual({ condition, ...bloodSpotStatusOf(status) });
      expect(isScreeningOutcomeCode(code)).toBe(true);
    }
  });

  test.each`
    status    | told
    ${"04"}   | ${{ status: "04", subStatus: null, outcome: "NOT_SUSPECTED" }}
    ${"0301"} | ${{ status: "03", subStatus: "0301", outcome: "REPEAT_NEEDED" }}
    ${"0604"} | ${{ status: "06", subStatus: "0604", outcome: "CARRIER" }}
    ${"0208"} | ${{ status: "02", subStatus: "0208", outcome: "DECLINED" }}
    ${"4"}    | ${null}
    ${"0399"} | ${null}
  `("status $status is $told", ({ status, told }) => {
    expect(bloodSpotStatusOf(status)).toEqual(told);
  });

  test("one status group, one outcome", () => {
    const groups = new Map<string, Set<string>>();
    for (const status of STATUSES) {
      const group = groups.get(status.slice(0, 2)) ?? new Set();
      groups.set(status.slice(0, 2), group.add(BLOOD_SPOT_STATUSES[status].outcome));
    }
    expect([...groups.values()].every((outcomes) => outcomes.size === 1)).toBe(true);
  });

  test.each<[BloodSpotCondition, string]>([
    ["SCD", "771461000000105"],
    ["SCID", "1239971000000104"],
  ])("of %s, %s is held unclassified and never taken as conclusive", (condition, code) => {
    expect(bloodSpotOutcomeOf(condition, code)).toMatchObject({ outcome: "UNCLASSIFIED", status: null });
    expect(BLOOD_SPOT_OUTCOMES.UNCLASSIFIED.conclusive).toBe(false);
  });

  test("procedures", () => {
    for (const condition of BLOOD_SPOT_CONDITION_NAMES) {
      expect(bloodSpotConditionOf(BLOOD_SPOT_CONDITIONS[condition].snomed)).toBe(condition);
    }
    expect(bloodSpotConditionOf("314080004")).toBe("CF");
    expect(bloodSpotConditionOf("429106008")).toBeNull();
  });
});

describe("Physical examination", () => {
  test.each`
    part        | codes
    ${"HIPS"}   | ${11}
    ${"EYES"}   | ${11}
    ${"HEART"}  | ${7}
    ${"TESTES"} | ${7}
  `("$part has $codes outcomes with a code", ({ part, codes }) => {
    expect(examination.filter((row) => row.part === part)).toHaveLength(codes);
  });

  test("each code is read as the outcome it was written for, and no two are one", () => {
    for (const { code, ...row } of examination) expect(examinationOutcomeOf(code)).toEqual(row);
    expect(new Set(examination.map((row) => row.code)).size).toBe(examination.length);
    expect(examinationOutcomeOf("429106008")).toBeNull();
  });

  test("procedures", () => {
    for (const part of EXAMINED_PART_NAMES) expect(examinedPartOf(EXAMINED_PARTS[part].snomed)).toBe(part);
  });
});

describe("Hearing", () => {
  test("each test of each ear has one code for each outcome", () => {
    const methods = Object.keys(HEARING_TEST_METHODS) as (keyof typeof HEARING_TEST_METHODS)[];
    const ears = Object.keys(EARS) as (keyof typeof EARS)[];
    const outcomes = Object.keys(EAR_OUTCOMES) as (keyof typeof EAR_OUTCOMES)[];
    const all = methods.flatMap((method) =>
      ears.flatMap((ear) => outcomes.map((outcome) => ({ method, ear, outcome }))),
    );
    expect(all).toHaveLength(Object.keys(HEARING_TEST_OUTCOMES).length);
    for (const told of all) expect(hearingTestOutcomeOf(hearingTestOutcomeCode(told))).toEqual(told);
  });

  test("only one summary outcome has a published code", () => {
    expect(newbornHearingOutcomeOf("276781000000109")).toBe("CLEAR_NO_FOLLOW_UP");
    expect(newbornHearingOutcomeOf("1085431000000105")).toBeNull();
    expect(hearingTestMethodOf("413083006")).toBe("AABR");
  });

  test("what is not understood is not complete", () => {
    expect(NEWBORN_HEARING_OUTCOMES.UNCLASSIFIED.complete).toBe(false);
    expect(EXAMINATION_OUTCOMES.UNCLASSIFIED.examined).toBe(false);
  });
});
