/** The tables of what is due, and what their rows are called. */

import type { Columns, Row, Table } from "../../chassis/database";
import type { Belonging } from "../../schema/belonging";
import type { Day } from "../../schema/calendar";
import type { DueDose } from "./due";

/** Which children have a plan, and which are to be planned again. */
export const CHILD_PLAN: Table = {
  name: "child_plan",
  columns: {
    childId: "text",
    /** The day from which it has to be planned again; empty: at once; null: never by the passing of days. */
    replanOn: "text",
    /** How often it was marked: a plan made from what was read before the last time does not count. */
    tellings: "integer",
    /** The child whose record this one was part of when it was planned. */
    plannedAs: "text",
  },
  key: ["childId"],
  indexes: [{ on: ["replanOn", "childId"], for: "the children to be planned again", where: "replan_on is not null" }],
};

/** How far everybody has been marked since the rules changed. */
export const PLAN_RULES: Table = {
  name: "plan_rules",
  columns: { id: "text", rules: "text", markedTo: "text" },
  key: ["id"],
};

/** Where the child belongs is copied to each row, so that a list is read from one index. */
const PLACE_COLUMNS = {
  bornOn: "text",
  practice: "text",
  practiceUntil: "text",
  school: "text",
  locality: "text",
  localAuthority: "text",
} as const satisfies Columns;

/** What lists are narrowed by, in the index itself: a page is read without a look at the rows it leaves out. */
const IN_THE_INDEX = ["childId", "doseId", "listedFrom", "listedTo", "overdueOn", "standing", "bornOn"];

/** A query says it in these words, or the index of such rows is not taken. */
export const NOT_OPEN = "standing <> 'OPEN'";

export const DUE_DOSE: Table = {
  name: "due_dose",
  columns: {
    childId: "text",
    doseId: "text",
    listedFrom: "text",
    listedTo: "text",
    vaccine: "text",
    standing: "text",
    because: "text",
    earliestOn: "text",
    recommendedOn: "text",
    dueOn: "text",
    overdueOn: "text",
    latestOn: "text",
    decidedOn: "text",
    ...PLACE_COLUMNS,
  },
  key: ["childId", "doseId", "listedFrom"],
  indexes: [
    { on: ["locality", ...IN_THE_INDEX], for: "what is due in a locality, by child" },
    // Without it a vaccine that hardly anybody lacks is looked for among everything that is due.
    { on: ["locality", "vaccine", ...IN_THE_INDEX], for: "what is due of one vaccine in a locality, by child" },
    // Nor what hardly anybody declined.
    {
      on: ["locality", "childId", "doseId", "standing", "vaccine", "listedFrom", "listedTo", "bornOn"],
      for: "what is declined or must not be given in a locality, by child",
      where: NOT_OPEN,
    },
    { on: ["practice", "childId", "doseId"], for: "what is due at a practice", where: "practice is not null" },
    { on: ["school", "childId", "doseId"], for: "what is due at a school", where: "school is not null" },
  ],
};

/** A row with where the child belongs. */
export type PlacedDueDose = DueDose & Place;

/** Where a child belongs, as lists ask for it. */
export type Place = Pick<Belonging, keyof typeof PLACE_COLUMNS>;

/** A child to be planned again, as it stood when that was read. */
export interface Waiting extends Row {
  readonly childId: string;
  readonly tellings: number;
  readonly plannedAs: string | null;
}

/** A child's plan: nobody's but the child's own where `standsAs` is the child itself. */
export interface PlannedChild {
  readonly childId: string;
  readonly standsAs: string;
  readonly replanOn: Day | null;
  readonly doses: readonly PlacedDueDose[];
}

/** The end of a page: a dose of a child. */
export interface DueKey {
  readonly childId: string;
  readonly doseId: string;
}
