/** Flu, season by season: who is offered it, and whether in two doses. */

import { academicYear, addDays, ageInYears, type Day, daysBetween } from "../../schema/calendar";
import { after, latest, type Season, seasonOf } from "./cohort";
import { type Case, compare, type Given, reject } from "./course";
import { decided } from "./decisions";
import { NO_DATES, type PlannedDose } from "./plan";
import { type DoseId, FLU_AT_RISK, months, SECOND_FLU_AFTER } from "./schedule";

/**
 * Flu of this season and, so that nothing has to be planned again on the night a season begins, of the next. A season
 * is an academic year. Any dose within it counts, and none of another year does.
 */
export function planSeasons(child: Case): readonly PlannedDose[] {
  const { today, reached } = child;
  const doses = child.given.filter(({ vaccine }) => vaccine === "FLU");
  const season = academicYear(today);
  const lines: PlannedDose[] = [];
  planSeason(child, season, doses, lines);
  if (lines.length === 0) lines.push(OUT_OF_SEASON);
  planSeason(child, season + 1, doses, lines);
  for (let next = season + 2; next <= season + SEASONS_AHEAD; next++) {
    if (offerOf(child, next) === null) continue;
    reached(`${next}-09-01`);
    break;
  }
  for (const each of doses) {
    if (each.isCounted) continue;
    const ofSeason = academicYear(each.dose.givenOn) === season ? "MORE_THAN_NEEDED" : "OTHER_SEASON";
    reject(each, each.dose.precision === "YEAR" ? "DATE_INCOMPLETE" : ofSeason, null);
  }
  return lines;
}

/** From birth to the first season of an age that is offered it. */
const SEASONS_AHEAD = 4;

function planSeason(child: Case, season: number, doses: readonly Given[], lines: PlannedDose[]): void {
  const offer = offerOf(child, season);
  const [first, ...more] = doses.filter(
    ({ dose }) => dose.precision !== "YEAR" && academicYear(dose.givenOn) === season,
  );
  if (first !== undefined) lines.push(seasonal("FLU", offer, offer?.from ?? null, first));
  else if (offer !== null) lines.push(decided(child, null, seasonal("FLU", offer, offer.from, null)));
  if (first === undefined || offer === null || !needsTwo(child, doses, first, season)) return;
  const earliestOn = after(first.to, SECOND_FLU_AFTER);
  const second = more.find(({ from }) => from >= earliestOn) ?? null;
  for (const each of more) if (each.from < earliestOn) reject(each, "TOO_SOON", daysBetween(first.to, each.from));
  const line = seasonal("FLU_2", offer, earliestOn, second);
  lines.push(second === null ? decided(child, null, { ...line, because: "INTERVAL" }) : line);
}

const OUT_OF_SEASON: PlannedDose = {
  doseId: "FLU",
  vaccine: "FLU",
  standing: "NOT_ELIGIBLE",
  because: "OUT_OF_SEASON",
  ...NO_DATES,
};

function seasonal(doseId: DoseId, offer: Season | null, earliestOn: Day | null, given: Given | null): PlannedDose {
  if (given !== null) given.isCounted = true;
  return {
    doseId,
    vaccine: "FLU",
    standing: given === null ? "OPEN" : "COMPLETE",
    because: given === null ? "SCHEDULED" : "GIVEN",
    earliestOn,
    recommendedOn: earliestOn,
    dueOn: given === null ? earliestOn : null,
    overdueOn: null,
    latestOn: offer?.to ?? null,
    givenOn: given?.from ?? null,
    awaits: null,
    dose: given?.dose ?? null,
    decidedOn: null,
  };
}

/** Days between which a child is offered flu in a season, by its births or by its own risk; null where it is not. */
function offerOf({ cohort, history, settings }: Case, season: number): Season | null {
  const offer = cohort.seasons.get(season);
  if (offer !== undefined || history.clinicalRisk !== true) return offer ?? null;
  const { from, to } = seasonOf(settings, season);
  const first = latest(from, after(cohort.bornOn, months(FLU_AT_RISK.fromMonths)));
  const last = addDays(after(cohort.bornOn, months(FLU_AT_RISK.underYears * 12)), -1);
  const until = compare(last, to) < 0 ? last : to;
  return first <= until ? { from: first, to: until } : null;
}

/** Two doses in the first season of a young child at clinical risk. */
function needsTwo({ history, cohort, settings }: Case, doses: readonly Given[], first: Given, season: number): boolean {
  if (history.clinicalRisk !== true || doses.some(({ to }) => to < `${season}-09-01`)) return false;
  return ageInYears(cohort.bornOn, first.from) < settings.secondFluUnderYears;
}
