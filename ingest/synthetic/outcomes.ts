/**
 * Newborn screening outcomes and safeguarding flags of one invented child. Nearly all screens are clear, as they are;
 * every outcome that a locality may tell occurs in a large population. Pure.
 *
 * Source of the proportions: screening programme yields where published (hips 1 to 2 in 1,000, heart 1 in 200, testes
 * 1 in 100 boys, eyes 2 to 3 in 10,000); the rest is assumed.
 */

import { type Day, londonInstant } from "../../schema/calendar";
import type { BloodSpotResult, ExaminationResult, HearingTest } from "../../schema/events";
import type { FlagKind } from "../../schema/vocabulary/flags";
import { LOCAL_AUTHORITIES, type LocalityCode } from "../../schema/vocabulary/localities";
import type {
  BloodSpotCondition,
  BloodSpotOutcome,
  Ear,
  ExaminationOutcome,
  ExaminationStage,
  ExaminedPart,
  NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import { Chance, weights } from "./chance";
import { type Fact, type InventedChild, STREAMS } from "./child";
import { daysApart, later } from "./days";

/** Without the code as sent: a layout or a message has its own. */
export type InventedHearing = Omit<Fact<"NewbornHearingRecorded">, "outcomeCode">;
export type InventedBloodSpot = Fact<"NewbornBloodSpotRecorded">;
export type InventedExamination = Fact<"NewbornExaminationRecorded">;
export type InventedFlag = Fact<"SafeguardingFlagRecorded">;

export interface Screening {
  readonly hearings: readonly InventedHearing[];
  /** A sample that had to be repeated comes before the one that was good. */
  readonly bloodSpots: readonly InventedBloodSpot[];
  readonly examinations: readonly InventedExamination[];
}

/** Earlier outcomes stayed in the screening systems. */
const SCREENED_BORN_FROM = "2019-01-01";
/** Hereditary tyrosinaemia type 1 was reported live across England in October 2025. */
const TENTH_CONDITION_BORN_FROM = "2025-10-14";

/** Where babies of a locality are mostly born. */
export const MATERNITY: Readonly<Record<LocalityCode, { readonly odsCode: string; readonly name: string }>> = {
  EAST_CHESHIRE: { odsCode: "RBT", name: "Mid Cheshire Hospitals" },
  CHESHIRE_WEST: { odsCode: "RJR", name: "Countess of Chester Hospital" },
  LIVERPOOL_SEFTON: { odsCode: "REP", name: "Liverpool Women's" },
  ST_HELENS_KNOWSLEY: { odsCode: "RBN", name: "Mersey and West Lancashire Teaching Hospitals" },
  WIRRAL: { odsCode: "RBL", name: "Wirral University Teaching Hospital" },
  WARRINGTON: { odsCode: "RWW", name: "Warrington and Halton Teaching Hospitals" },
};

const NINE_CONDITIONS: readonly BloodSpotCondition[] = [
  "PKU",
  "SCD",
  "CF",
  "CHT",
  "MCADD",
  "HCU",
  "MSUD",
  "GA1",
  "IVA",
];

const HEARING_WEIGHTS = weights({
  CLEAR_NO_FOLLOW_UP: 9640,
  CLEAR_TARGETED_FOLLOW_UP: 90,
  NO_CLEAR_RESPONSE_BILATERAL: 45,
  NO_CLEAR_RESPONSE_UNILATERAL: 95,
  INCOMPLETE: 60,
  INCOMPLETE_CONTRAINDICATED: 10,
  INCOMPLETE_DECLINED: 25,
  INCOMPLETE_MOVED: 15,
  INCOMPLETE_NOT_CONTACTABLE: 20,
} satisfies Partial<Record<NewbornHearingOutcome, number>>);

const FLAG_WEIGHTS: readonly (readonly [FlagKind, number])[] = [
  ["CHILD_PROTECTION_PLAN", 0.005],
  ["LOOKED_AFTER_CHILD", 0.01],
  ["UNBORN_CHILD_PROTECTION_PLAN", 0.0004],
  ["RISK_TO_SELF", 0.0008],
  ["RISK_TO_OTHERS", 0.0003],
  ["RISK_FROM_OTHERS", 0.0006],
  ["FEMALE_GENITAL_MUTILATION", 0.0002],
  ["REASONABLE_ADJUSTMENT", 0.002],
];

/** What was found at birth and in the first weeks, up to `on` or the day the child died. */
export function inventScreening(seed: number, child: InventedChild, on: Day): Screening {
  if (child.bornOn < SCREENED_BORN_FROM) return { hearings: [], bloodSpots: [], examinations: [] };
  const chance = new Chance(seed, STREAMS.screening, child.index);
  const until = child.diedOn ?? on;
  const birthplace = child.stays.at(-1)?.locality ?? child.stays[0].locality;
  const provider = MATERNITY[birthplace].odsCode;
  return {
    hearings: inventHearings(chance, child, until, provider),
    bloodSpots: inventBloodSpots(chance, child, until, provider),
    examinations: inventExaminations(chance, child, until, provider),
  };
}

/** What stands of the child in the books of its local authority: for most children nothing. */
export function inventFlags(seed: number, child: InventedChild, on: Day): readonly InventedFlag[] {
  const chance = new Chance(seed, STREAMS.flags, child.index);
  const { localAuthority } = child.stays[0].home;
  const until = child.diedOn ?? on;
  return FLAG_WEIGHTS.flatMap(([kind, share]) => {
    if (!chance.happens(share)) return [];
    const lived = Math.max(0, daysApart(child.bornOn, until));
    const startedOn =
      kind === "UNBORN_CHILD_PROTECTION_PLAN" ? child.bornOn : later(child.bornOn, chance.below(lived + 1));
    const ends = later(startedOn, chance.between(90, 700));
    const ended = ends <= until && chance.happens(0.7);
    const code = Object.values(LOCAL_AUTHORITIES).findIndex((each) => each.code === localAuthority);
    return [
      {
        kind,
        localAuthority,
        startedOn,
        endedOn: ended ? ends : null,
        // Numbers that Ofcom keeps for use in drama.
        officePhone: `01632 960${100 + code}`,
        emergencyDutyPhone: `07700 900${100 + code}`,
      },
    ];
  });
}

/** The outcome a screener would set from the two ears. */
export function inventHearing(chance: Chance, screenedOn: Day, provider: string): InventedHearing {
  const outcome = chance.weighted(HEARING_WEIGHTS);
  const enteredAt = londonInstant(screenedOn, `${chance.between(9, 17)}:30`.padStart(5, "0"));
  const clear = (ear: Ear) =>
    outcome === "CLEAR_NO_FOLLOW_UP" ||
    outcome === "CLEAR_TARGETED_FOLLOW_UP" ||
    (outcome === "NO_CLEAR_RESPONSE_UNILATERAL" && ear === "RIGHT");
  const tested = clear("RIGHT") || outcome === "NO_CLEAR_RESPONSE_BILATERAL";
  const both = (method: HearingTest["method"]): HearingTest[] =>
    (["LEFT", "RIGHT"] as const).map((ear) => ({
      method,
      ear,
      outcome: clear(ear) ? "CLEAR" : "NO_CLEAR_RESPONSE",
      enteredAt,
    }));
  const tests = !tested ? [] : clear("LEFT") ? both("AOAE") : [...both("AOAE"), ...both("AABR")];
  return { outcome, screenedOn, outcomeSetAt: enteredAt, tests, provider, comment: null };
}

function inventHearings(chance: Chance, child: InventedChild, until: Day, provider: string): InventedHearing[] {
  const screenedOn = later(child.bornOn, chance.happens(0.93) ? chance.between(0, 3) : chance.between(4, 60));
  return chance.happens(0.99) && screenedOn <= until ? [inventHearing(chance, screenedOn, provider)] : [];
}

function inventBloodSpots(chance: Chance, child: InventedChild, until: Day, provider: string): InventedBloodSpot[] {
  const takenOn = later(child.bornOn, chance.happens(0.95) ? 5 : chance.between(6, 9));
  const told = chance.happens(0.994);
  const first = inventBloodSpot(chance, child.bornOn, takenOn, provider);
  const again = first.results.some((result) => result.outcome === "REPEAT_NEEDED");
  const samples = again
    ? [first, goodSample(chance, child.bornOn, later(takenOn, 8 + chance.below(4)), provider)]
    : [first];
  return told ? samples.filter((sample) => later(sample.sampleTakenOn ?? takenOn, 8) <= until) : [];
}

/** One sample: mostly every condition is not suspected; sometimes declined, or to be taken again. */
export function inventBloodSpot(chance: Chance, bornOn: Day, takenOn: Day, provider: string): InventedBloodSpot {
  const fate = chance.next();
  if (fate < 0.004) {
    const subStatus = chance.pick([null, "0201", "0202", "0203"]);
    return sample(chance, bornOn, takenOn, provider, () => ({ outcome: "DECLINED", status: "02", subStatus }));
  }
  if (fate < 0.029) {
    const subStatus = chance.pick(["0303", "0304", "0305", "0308", "0311"]);
    return sample(chance, bornOn, takenOn, provider, () => ({ outcome: "REPEAT_NEEDED", status: "03", subStatus }));
  }
  if (fate < 0.031) {
    return sample(chance, bornOn, takenOn, provider, () => ({ outcome: "RECEIVED", status: "01", subStatus: null }));
  }
  return goodSample(chance, bornOn, takenOn, provider);
}

function goodSample(chance: Chance, bornOn: Day, takenOn: Day, provider: string): InventedBloodSpot {
  return sample(chance, bornOn, takenOn, provider, (condition) => {
    const draw = chance.next();
    if (draw < (condition === "CHT" || condition === "SCD" ? 0.0005 : 0.0001)) return found("SUSPECTED", "08");
    if (condition === "SCD" && draw < 0.006) return found("CARRIER", "05");
    if (condition === "SCD" && draw < 0.007) return { ...found("CARRIER", "06"), subStatus: "0601" };
    if (condition === "CF" && draw < 0.0008) return found("CARRIER", "05");
    if (draw < 0.0075 && draw > 0.0073) return found("NOT_SUSPECTED_OTHER_FOLLOW_UP", "07");
    return found("NOT_SUSPECTED", "04");
  });
}

type Found = Pick<BloodSpotResult, "outcome" | "status" | "subStatus">;

function found(outcome: BloodSpotOutcome, status: string): Found {
  return { outcome, status, subStatus: null };
}

function sample(
  chance: Chance,
  bornOn: Day,
  takenOn: Day,
  provider: string,
  resultOf: (condition: BloodSpotCondition) => Found,
): InventedBloodSpot {
  const conditions = bornOn >= TENTH_CONDITION_BORN_FROM ? [...NINE_CONDITIONS, "HT1" as const] : NINE_CONDITIONS;
  const issuedOn = later(takenOn, 4 + chance.below(4));
  return {
    results: conditions.map((condition) => ({ condition, ...resultOf(condition), outcomeCode: null })),
    issuedAt: londonInstant(issuedOn, "11:00"),
    sampleTakenOn: takenOn,
    provider,
    comment: null,
  };
}

function inventExaminations(chance: Chance, child: InventedChild, until: Day, provider: string): InventedExamination[] {
  const newborn = later(child.bornOn, chance.happens(0.97) ? chance.between(0, 2) : chance.between(4, 20));
  const infant = later(child.bornOn, chance.between(42, 62));
  const stages: [ExaminationStage, Day, boolean][] = [
    ["NEWBORN", newborn, chance.happens(0.988)],
    ["INFANT", infant, chance.happens(0.9)],
  ];
  return stages
    .filter(([, on, done]) => done && on <= until)
    .map(([stage, on]) => inventExamination(chance, child, stage, on, provider));
}

/** Eyes, heart and hips, and the testes of boys. */
export function inventExamination(
  chance: Chance,
  child: Pick<InventedChild, "sex">,
  stage: ExaminationStage,
  examinedOn: Day,
  provider: string,
): InventedExamination {
  const parts: ExaminedPart[] = child.sex === "MALE" ? ["EYES", "HEART", "HIPS", "TESTES"] : ["EYES", "HEART", "HIPS"];
  const declined = chance.happens(0.002);
  return {
    stage,
    examinedOn,
    results: parts.map((part) => examined(chance, part, declined)),
    bcgEligible: stage === "NEWBORN" && chance.happens(0.8) ? chance.happens(0.03) : null,
    provider,
    comment: null,
  };
}

/** How often an abnormality is suspected. Source: yields of the newborn and infant physical examination programme. */
const YIELDS: Readonly<Record<ExaminedPart, number>> = { EYES: 0.0003, HEART: 0.005, HIPS: 0.0015, TESTES: 0.01 };

const SIDES = ["ABNORMALITY_SUSPECTED_LEFT", "ABNORMALITY_SUSPECTED_RIGHT", "ABNORMALITY_SUSPECTED_BILATERAL"] as const;

function examined(chance: Chance, part: ExaminedPart, declined: boolean): ExaminationResult {
  const result = (outcome: ExaminationOutcome, riskFactor: boolean | null): ExaminationResult => ({
    part,
    outcome,
    // The testes' outcomes do not speak of risk factors.
    riskFactor: part === "TESTES" ? null : riskFactor,
    outcomeCode: null,
  });
  if (declined) return result("DECLINED", null);
  const draw = chance.next();
  if (draw < YIELDS[part]) {
    const side = chance.pick(SIDES);
    return result(part === "HEART" ? "ABNORMALITY_SUSPECTED" : side, chance.happens(0.3));
  }
  if (draw > 0.998) return result(draw > 0.999 ? "NOT_DONE" : "INCOMPLETE", null);
  return result("NO_ABNORMALITY", chance.happens(part === "HIPS" ? 0.06 : 0.02));
}
