/** Why a dose stands as it does on a day, in the words of a nurse. */

import { addDays, type Day } from "../../schema/calendar";
import { VACCINES, type Vaccine } from "../../schema/vocabulary/vaccines";
import { DEFAULT_SETTINGS } from "./forecast";
import { type LineReason, type PlannedDose, stateOn, type UncountedDose } from "./plan";
import { DOSES, type DoseId, type DoseRow, scheduleOf, VACCINES_ABROAD, type VaccineAbroad } from "./schedule";

/** The reason that counts on a day: an age limit that has passed comes before any other. */
export function reasonOn(line: PlannedDose, on: Day): LineReason {
  return stateOn(line, on) === "AGED_OUT" ? "AGE_LIMIT" : line.because;
}

/** The reason in full sentences, and what official rules leave open about it. */
export function sayWhy(line: PlannedDose, on: Day): string {
  const state = stateOn(line, on);
  const rows = ROWS.filter(({ doseId }) => doseId === line.doseId);
  const row = rowOf(line, rows);
  const overdue = state === "OVERDUE" ? [`Overdue since ${say(line.overdueOn)}, by this service's threshold.`] : [];
  const isOpen = state === "NOT_YET_DUE" || state === "DUE" || state === "OVERDUE" || state === "AGED_OUT";
  const open = isOpen ? [row?.open ?? FLU_OPEN[line.doseId] ?? ""] : [];
  const besides = isOpen && state !== "AGED_OUT" ? [row?.besides ?? ""] : [];
  return [SENTENCES[reasonOn(line, on)](line, on, rows), ...overdue, ...besides, ...open]
    .filter((text) => text !== "")
    .join(" ");
}

/** Why a dose on record does not count. */
export function sayUncounted({ dose, because, daysAfter }: UncountedDose): string {
  const given = `${titled(dose.vaccine)} given on ${say(dose.givenOn)}`;
  switch (because) {
    case "TOO_YOUNG":
      return `${given} does not count: it was before the earliest age for it. It stays on the record.`;
    case "TOO_SOON":
      if (daysAfter === null) {
        return `${given} does not count: the day of the dose before is not known, so that the gap is not proven. The next is timed from it.`;
      }
      return `${given} does not count: it was ${daysAfter} days after the dose before. The next is timed from it.`;
    case "EARLY_FOR_A_CLINICIAN":
      return `${given} was ${daysAfter} days after the dose before, up to a week early: a clinician may accept it. It is not counted until then.`;
    case "DATE_INCOMPLETE":
      return `${titled(dose.vaccine)} has a date too vague to prove that it counts: find the day.`;
    case "POSSIBLE_DUPLICATE":
      return `${titled(dose.vaccine)} may be a better dated dose of the record, told again.`;
    case "SAME_DAY":
      return `${given} does not count beside another against the same diseases on that day.`;
    case "BEFORE_BIRTH":
      return `${titled(dose.vaccine)} is recorded before birth: correct the date.`;
    case "AFTER_THE_DAY":
      return `${given}, after the day of this plan.`;
    case "OTHER_SEASON":
      return `${given} counts for the season of that day only.`;
    case "MORE_THAN_NEEDED":
      return `${given} is more than this child's schedule asks for.`;
    case "NOT_IN_SCHEDULE":
      return `${given} meets no dose of this child's schedule.`;
    case "NOT_COUNTED_HERE":
      return dose.abroad === undefined ? given : whyNotHere(dose.abroad, dose.givenOn);
  }
}

/** Of a vaguely dated dose by the first day it may have been. */
function whyNotHere(abroad: VaccineAbroad, givenOn: Day): string {
  const whys: readonly { readonly from: Day | null; readonly says: string }[] = VACCINES_ABROAD[abroad].why;
  return whys.findLast(({ from }) => from === null || givenOn >= from)?.says ?? "";
}

const ROWS = scheduleOf(DEFAULT_SETTINGS);
const FLU_OPEN: Readonly<Partial<Record<DoseId, string>>> = {
  FLU: "The rules read say every autumn; that offers end on 31 March is usual, not an official rule.",
  FLU_2: "That a second dose is given under nine years of age is not confirmed in an official text.",
};

/** The row a line was made from: of those for other births each has a last day of its own, or none. */
function rowOf({ latestOn }: PlannedDose, rows: readonly DoseRow[]): DoseRow | undefined {
  const dated = rows.find(({ latest }) => latest !== null && "from" in latest && addDays(latest.from, -1) === latestOn);
  return dated ?? rows[0];
}

type Sentence = (line: PlannedDose, on: Day, rows: readonly DoseRow[]) => string;

const SENTENCES: Readonly<Record<LineReason, Sentence>> = {
  GIVEN: (line) => given(line),
  GIVEN_EARLY: (line) => `${given(line)} It was a few days early, as one dose of the course may be.`,
  GIVEN_LATE: (line) => `${given(line)} That was after the age limit; it counts all the same.`,
  SCHEDULED: ({ dueOn }, on) => `${dueSince(dueOn, on)} by the schedule.`,
  INTERVAL: ({ dueOn }, on) => `${dueSince(dueOn, on)}, so that the gap after the dose before is kept.`,
  FOLLOWS: ({ awaits, dueOn }) =>
    `Follows another dose (${titleOf(awaits)}), which is not given yet; ${say(dueOn)} at the soonest.`,
  LATE_START: ({ awaits, dueOn }, on) =>
    awaits === null
      ? `${dueSince(dueOn, on)}: of a late start it belongs to a later visit than the first.`
      : `Of a late start it belongs to a later visit than the first; ${say(dueOn)} at the soonest.`,
  MET_BY_HEXAVALENT: ({ awaits }) => `The 6-in-1 to be given (${titleOf(awaits)}) meets it.`,
  SCID_AWAITED: () => "Waits for the outcome of screening for severe combined immunodeficiency.",
  PUT_OFF: ({ dueOn, decidedOn }) => `Put off on ${say(decidedOn)}, until ${say(dueOn)}.`,
  SAID_GIVEN: ({ dueOn, decidedOn }, on) =>
    `${dueSince(dueOn, on)}. On ${say(decidedOn)} it was said to have been given elsewhere: find the record.`,
  AGE_LIMIT: ({ latestOn, earliestOn }) =>
    earliestOn !== null && latestOn !== null && earliestOn > latestOn
      ? `It could be given until ${say(latestOn)}, and the gap after the dose before ends later.`
      : `It could be given until ${say(latestOn)}. It is not made up.`,
  BORN_OUTSIDE: (_line, _on, rows) =>
    [`Only for children born ${rows.map(births).join(", or ")}.`, rows[0]?.otherwise ?? ""].join(" ").trim(),
  NOT_SELECTED: ({ doseId }) => `Only for ${SELECTED[doseId] ?? "some children"}; this child is not one.`,
  NOT_KNOWN: ({ doseId }) =>
    `Only for ${SELECTED[doseId] ?? "some children"}. Whether this child is one is not known: ask.`,
  ENOUGH: () => "The doses given, or the visits planned, are enough without it.",
  OUT_OF_SEASON: () => "No flu vaccine is offered to this child this season.",
  CONTRAINDICATED: ({ decidedOn }) => `Recorded on ${say(decidedOn)} as not to be given to this child.`,
  SCID_SUSPECTED: () => "Withheld: severe combined immunodeficiency is suspected.",
  DECLINED: ({ decidedOn }) => `Declined on ${say(decidedOn)}, and not given since.`,
  DIED: () => "The child has died.",
  MOVED_OUT: () => "The child has moved away: another area invites it.",
};

/** Whom a selective dose is for. */
const SELECTED: Readonly<Partial<Record<DoseId, string>>> = {
  BCG: "babies of areas or families where tuberculosis is common",
  HEPB_0: "babies of mothers with hepatitis B",
};

function given({ givenOn, vaccine, doseId, dose }: PlannedDose): string {
  const vague = dose !== null && dose.precision !== "DAY" ? " or soon after; only the month or year is known" : "";
  const lacks = doseId.startsWith("HEXA_") && vaccine === "PENTAVALENT" ? " Hepatitis B was not part of it." : "";
  return `${titled(vaccine)} given on ${say(givenOn)}${vague}.${lacks}`;
}

function dueSince(dueOn: Day | null, on: Day): string {
  return dueOn !== null && dueOn > on ? `Due on ${say(dueOn)}` : `Due since ${say(dueOn)}`;
}

function titleOf(awaits: PlannedDose["awaits"]): string {
  return awaits === null || awaits === "SCID_OUTCOME" ? "" : DOSES[awaits];
}

/** The vaccine's short name. */
function titled(vaccine: Vaccine): string {
  return VACCINES[vaccine].says.split(/[:;]/)[0] ?? vaccine;
}

function births({ born }: DoseRow): string {
  if (born?.from === undefined) return `before ${say(born?.before ?? null)}`;
  return born.before === undefined
    ? `on or after ${say(born.from)}`
    : `from ${say(born.from)} to ${say(addDays(born.before, -1))}`;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** `5 March 2026`, as people write it. */
function say(day: Day | null): string {
  if (day === null) return "a day not known";
  return `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1] ?? ""} ${day.slice(0, 4)}`;
}
