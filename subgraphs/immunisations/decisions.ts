/** What of a dose to be given is left by decisions, by a suspicion of screening, by death and by a move. */

import { academicYear, addDays, type Day, daysBetween } from "../../schema/calendar";
import { type Case, compare } from "./course";
import type { PlannedDose } from "./plan";
import { type DoseRow, FAMILIES } from "./schedule";

/** A line to be given as decisions, death or a move leave it. */
export function decided(child: Case, row: DoseRow | null, line: PlannedDose): PlannedDose {
  const { history, reached } = child;
  if (history.status === "DECEASED" && (history.diedOn === null || reached(history.diedOn))) {
    return { ...line, standing: "SUPPRESSED", because: "DIED", awaits: null };
  }
  if (history.status === "MOVED_OUT") return { ...line, standing: "SUPPRESSED", because: "MOVED_OUT", awaits: null };
  if (history.scid === "SUSPECTED" && row?.scid !== undefined) {
    return { ...line, standing: "CONTRAINDICATED", because: "SCID_SUSPECTED", awaits: null };
  }
  if (history.notGiven.length === 0) return line;

  let answer = line;
  for (const { reason, decidedOn, until } of decisionsAbout(child, line)) {
    if (reason === "CONTRAINDICATED") {
      return { ...line, standing: "CONTRAINDICATED", because: "CONTRAINDICATED", awaits: null, decidedOn };
    }
    if (reason === "DECLINED") {
      answer = { ...line, standing: "REFUSED", because: "DECLINED", awaits: null, decidedOn };
    } else if (answer.standing === "OPEN" && answer.awaits === null) {
      if (reason === "GIVEN_ELSEWHERE") answer = { ...answer, because: "SAID_GIVEN", decidedOn };
      else if (until !== null && line.dueOn !== null && until > line.dueOn) {
        const later = line.overdueOn && addDays(line.overdueOn, daysBetween(line.dueOn, until));
        const overdueOn = later && inTime(later, line.latestOn);
        answer = { ...answer, because: "PUT_OFF", dueOn: until, overdueOn, decidedOn };
      }
    }
  }
  return answer;
}

/**
 * The decisions that stand about what a line would give, oldest first. A dose given since outweighs all but a
 * contraindication; what holds until a day holds no longer then, but a putting off stays in the date it set.
 */
function decisionsAbout({ history, given, reached }: Case, { doseId, vaccine, recommendedOn }: PlannedDose) {
  const family = FAMILIES.find((each) => each.includes(vaccine)) ?? [vaccine];
  const season = doseId === "FLU" || doseId === "FLU_2" ? academicYear(recommendedOn ?? "") : null;
  return history.notGiven
    .filter(({ vaccine: about, reason, decidedOn, until }) => {
      if (!family.includes(about) || !reached(decidedOn)) return false;
      if (season !== null && reason !== "CONTRAINDICATED" && academicYear(decidedOn) !== season) return false;
      const ends = reason === "DECLINED" || reason === "CONTRAINDICATED" || reason === "GIVEN_ELSEWHERE";
      if (ends && until !== null && reached(until)) return false;
      return (
        reason === "CONTRAINDICATED" ||
        !given.some(({ vaccine: later, from }) => family.includes(later) && from >= decidedOn)
      );
    })
    .sort(
      (a, b) =>
        compare(a.decidedOn, b.decidedOn) || compare(a.reason, b.reason) || compare(a.until ?? "", b.until ?? ""),
    );
}

/** A dose whose age passes before it would be overdue never is. */
export function inTime(overdueOn: Day, latestOn: Day | null): Day | null {
  return latestOn !== null && overdueOn > latestOn ? null : overdueOn;
}
