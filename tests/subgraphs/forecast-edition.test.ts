/** What is stored of plans is worked out again when the rules change, so a change of the rules must change their edition. */

import { hash } from "node:crypto";
import { addDays } from "../../schema/calendar";
import type { BloodSpotOutcome } from "../../schema/vocabulary/screening";
import { VACCINE_NAMES, type Vaccine } from "../../schema/vocabulary/vaccines";
import { historyOf, RULES_EDITION } from "../../subgraphs/immunisations";
import { RULES_REVISION } from "../../subgraphs/immunisations/edition";
import { forecast } from "../../subgraphs/immunisations/forecast";
import type { DoseNotGivenTold, DoseTold } from "../../subgraphs/immunisations/model";
import type { HistoryDose } from "../../subgraphs/immunisations/plan";
import { EDITIONS } from "../../subgraphs/immunisations/schedule";

/**
 * The revision, and a digest of the plans of two thousand made-up histories. When this fails the rules make other plans:
 * if no table of schedule.ts changed, raise RULES_REVISION; then write here what the test received.
 */
const PLANS_BY_REVISION = "1 951fe475b48d";

test("other plans of the same facts are of another revision", () => {
  const plans = Array.from({ length: 2_000 }, (_, seed) => planOf(seed));
  expect(`${RULES_REVISION} ${hash("sha256", JSON.stringify(plans, doseInWords), "hex").slice(0, 12)}`).toBe(
    PLANS_BY_REVISION,
  );
});

test("the edition names the newest schedule, the revision and a digest of the tables", () => {
  const [id, revision, digest] = RULES_EDITION.split(" ");
  expect([id, revision]).toEqual([EDITIONS.at(-1)?.id, String(RULES_REVISION)]);
  expect(digest).toMatch(/^[0-9a-f]{12}$/);
});

function doseInWords(key: string, value: unknown): unknown {
  if (key !== "dose" || value === null) return value;
  const { vaccine, givenOn, precision } = value as HistoryDose; // as a plan has it
  return `${vaccine} ${givenOn} ${precision}`;
}

function planOf(seed: number) {
  const next = numbers(seed);
  const pick = <T>(list: readonly T[]): T => list[next() % list.length] as T; // of a list that is not empty
  const bornOn = addDays("2006-06-01", next() % (20 * 365));
  const on = addDays(bornOn, next() % 6_500);
  const telling = (id: number) => ({
    childId: "child",
    source: { system: pick(["WIRRAL", "WARRINGTON"]), id: String(id) },
    asOf: `2026-01-01T00:00:0${next() % 10}.000000000Z`,
    latest: true,
  });
  const doses = Array.from({ length: next() % 14 }, (_, id) => {
    const precision = pick(["DAY", "DAY", "DAY", "DAY", "MONTH", "YEAR"] as const);
    const day = addDays(bornOn, pick([0, 28, 56, 84, 112, 168, 365, 548, 1217, 3652, 4900]) + (next() % 60) - 20);
    const givenOn = { DAY: day, MONTH: `${day.slice(0, 7)}-01`, YEAR: `${day.slice(0, 4)}-01-01` }[precision];
    return { ...telling(id), vaccine: pick(VACCINE_NAMES), givenOn, precision } as DoseTold; // what a plan asks of one
  });
  const dosesNotGiven = Array.from({ length: next() % 3 }, (_, id) => {
    const vaccine = pick<Vaccine>(["MMR", "HEXAVALENT", "FLU", "PCV", "HPV"]);
    const reason = pick(["DECLINED", "CONTRAINDICATED", "DEFERRED", "GIVEN_ELSEWHERE"] as const);
    const decidedOn = addDays(bornOn, next() % 5_000);
    return {
      ...telling(id),
      vaccine,
      reason,
      decidedOn,
      until: pick([null, addDays(decidedOn, 60)]),
    } as DoseNotGivenTold; // as above
  });
  const child = { childId: "child", status: pick(["RESIDENT", "RESIDENT", "MOVED_OUT"] as const), diedOn: null };
  const facts = {
    doses,
    dosesNotGiven,
    bcgEligibility: [{ ...telling(0), bcgEligible: pick([true, false, null]) }],
    scidScreens: [
      { ...telling(0), outcome: pick<BloodSpotOutcome | null>([null, "NOT_SUSPECTED", "SUSPECTED", "RECEIVED"]) },
    ],
  };
  return forecast(historyOf(child, bornOn, facts), on);
}

/** Whole numbers at random, the same for one seed always. */
function numbers(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
