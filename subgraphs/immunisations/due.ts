/**
 * Which doses of a child are to be given on which days: the rows that lists over everybody are read from. They hold days
 * rather than states, so that they stay true tomorrow.
 *
 * A forecast stays as it is until its `changesOn`. The changes of the next half year are followed here, one forecast each,
 * so that a list of any day in the next quarter is read from rows and no night has to rewrite them.
 */

import type { Belonging } from "../../schema/belonging";
import { addDays, addYears, type Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { forecast } from "./forecast";
import { type DoseState, type History, type LineReason, type PlannedDose, stateOn } from "./plan";
import type { DoseId } from "./schedule";

/** The states that lists are made of. What is complete, waits, or is past its age calls nobody. */
export const LISTED_STATES = ["DUE", "OVERDUE", "REFUSED", "CONTRAINDICATED"] as const satisfies readonly DoseState[];
export type ListedState = (typeof LISTED_STATES)[number];

/** A list may be asked for days up to so far ahead: a clinic or a session at school is planned a term before. */
export const LOOK_AHEAD_DAYS = 91;
/** How far the changes of a plan are followed, so that a child is planned again once a quarter at most. */
const FOLLOWED_DAYS = 182;
/** The service keeps children up to 19: nobody is called from the 20th birthday on. */
const CALLED_UNDER_YEARS = 20;
/** After every day there is. */
export const FOR_EVER = "9999-12-31";

/** A dose to be given to a child, on the days from `listedFrom` until before `listedTo`. */
export interface DueDose {
  readonly childId: string;
  readonly doseId: DoseId;
  readonly vaccine: Vaccine;
  readonly standing: "OPEN" | "REFUSED" | "CONTRAINDICATED";
  readonly because: LineReason;
  readonly earliestOn: Day | null;
  readonly recommendedOn: Day | null;
  readonly dueOn: Day;
  readonly overdueOn: Day | null;
  readonly latestOn: Day | null;
  readonly decidedOn: Day | null;
  readonly listedFrom: Day;
  readonly listedTo: Day;
}

/** The doses due in the next half year, and the day from which they have to be worked out again; null: never. */
export interface DuePlan {
  readonly doses: readonly DueDose[];
  readonly replanOn: Day | null;
}

const NOTHING_DUE: DuePlan = { doses: [], replanOn: null };

/** Whether somebody may be called at all: who lives, is ours, and whose whereabouts may be told. */
export function isCalled({
  bornOn,
  dead,
  status,
  restricted,
  locality,
}: Pick<Belonging, "bornOn" | "dead" | "status" | "restricted" | "locality">): boolean {
  return bornOn !== null && !dead && status === "RESIDENT" && !restricted && locality !== null;
}

/** The doses of a history that are to be given from a day on, if nothing more is told. */
export function duePlan(childId: string, history: History, today: Day): DuePlan {
  const calledUntil = addYears(history.bornOn, CALLED_UNDER_YEARS);
  if (today >= calledUntil) return NOTHING_DUE;
  const doses: DueDose[] = [];
  const followedUntil = addDays(today, FOLLOWED_DAYS);
  let [from, on] = ["", today]; // what is due today stays dated from when it became so
  for (;;) {
    const { doses: lines, changesOn } = forecast(history, on);
    for (const line of lines) {
      const due = dueDose(childId, line, from, earlier(changesOn ?? FOR_EVER, calledUntil));
      if (due !== null) append(doses, due);
    }
    if (changesOn === null || changesOn >= calledUntil) return { doses, replanOn: null };
    if (changesOn > followedUntil) return { doses, replanOn: addDays(changesOn, -LOOK_AHEAD_DAYS) };
    [from, on] = [changesOn, changesOn];
  }
}

/** The state of a dose on a day; null on a day it is not listed. */
export function listedOn(due: DueDose, on: Day): ListedState | null {
  if (on < due.listedFrom || on >= due.listedTo) return null;
  return stateOn(lineOf(due), on) as ListedState; // between those days it has no other
}

/** The line of the plan that a row was made from, as `stateOn` and `sayWhy` read it. */
export function lineOf(due: DueDose): PlannedDose {
  const { doseId, vaccine, standing, because, earliestOn, recommendedOn, dueOn, overdueOn, latestOn, decidedOn } = due;
  return {
    ...{ doseId, vaccine, standing, because, earliestOn, recommendedOn, dueOn, overdueOn, latestOn, decidedOn },
    ...{ givenOn: null, awaits: null, dose: null },
  };
}

/** A line as a row, on the days of a plan on which its day has come and its age has not passed; null where there are none. */
function dueDose(childId: string, line: PlannedDose, from: Day, until: Day): DueDose | null {
  const { standing, earliestOn, dueOn, latestOn } = line;
  if (standing !== "OPEN" && standing !== "REFUSED" && standing !== "CONTRAINDICATED") return null;
  if (line.awaits !== null || dueOn === null) return null;
  if (latestOn !== null && earliestOn !== null && earliestOn > latestOn) return null;
  const listedFrom = later(from, dueOn);
  const listedTo = latestOn === null ? until : earlier(until, addDays(latestOn, 1));
  if (listedFrom >= listedTo) return null;
  const { doseId, vaccine, because, recommendedOn, overdueOn, decidedOn } = line;
  return {
    ...{ childId, doseId, vaccine, standing, because, earliestOn, recommendedOn, dueOn, overdueOn, latestOn },
    ...{ decidedOn, listedFrom, listedTo },
  };
}

const SAME = [
  "vaccine",
  "standing",
  "because",
  "earliestOn",
  "recommendedOn",
  "dueOn",
  "overdueOn",
  "latestOn",
  "decidedOn",
] as const satisfies readonly (keyof DueDose)[];

/** Adds a row, or lengthens the one that says the same of the days before. */
function append(doses: DueDose[], due: DueDose): void {
  const at = doses.findIndex(
    (each) =>
      each.doseId === due.doseId &&
      each.listedTo === due.listedFrom &&
      SAME.every((property) => each[property] === due[property]),
  );
  const before = doses[at];
  if (before === undefined) doses.push(due);
  else doses[at] = { ...before, listedTo: due.listedTo };
}

function earlier(a: Day, b: Day): Day {
  return a < b ? a : b;
}

function later(a: Day, b: Day): Day {
  return a > b ? a : b;
}
