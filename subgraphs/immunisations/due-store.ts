/** The rows of what is due: who is to be planned again, and what a plan writes. */

import type { Database, Session, Shape, Statement, Transaction } from "../../chassis/database";
import { REGISTER } from "../../chassis/register";
import type { Day } from "../../schema/calendar";
import { dueLists } from "./due-list-store";
import {
  CHILD_PLAN,
  DUE_DOSE,
  PLAN_RULES,
  type Place,
  type PlacedDueDose,
  type PlannedChild,
  type Waiting,
} from "./due-tables";

export type DueStore = ReturnType<typeof dueStore>;

export function dueStore(database: Database) {
  const toldOf = database.statement(({ raw, param, dialect }) =>
    raw(
      `insert into child_plan (child_id, replan_on, tellings) ${eachOf(dialect)} ` +
        "on conflict (child_id) do update set replan_on = '', tellings = child_plan.tellings + 1",
      [param("childIds")],
    ),
  );
  const toBePlanned = database.statement<{ childId: string }>(
    ({ from, param }) => from(CHILD_PLAN).select("child_id").where("replan_on", "<=", param("today")).limit(COUNTED),
    { childId: "text" },
  );
  const toPlan = database.statement<{ children: number }>(
    ({ from, raw, param }) =>
      from(CHILD_PLAN).select(raw("count(*) as children")).where("replan_on", "<=", param("today")),
    { children: "integer" },
  );
  const planned = database.statement<Waiting>(
    ({ from, among, dialect }) => {
      const query = from(CHILD_PLAN).where(among("child_id", "childIds"));
      return dialect === "postgres" ? query.forUpdate() : query; // SQLite has but one writer
    },
    { childId: "text", tellings: "integer", plannedAs: "text" },
  );
  const plans = database.statement<Waiting & { readonly replanOn: Day | null }>(
    ({ from, among }) => from(CHILD_PLAN).where(among("child_id", "childIds")),
    CHILD_PLAN.columns,
  );
  const rowsOfChildren = database.statement<PlacedDueDose>(
    ({ from, among }) => from(DUE_DOSE).where(among("child_id", "childIds")),
    DUE_DOSE.columns,
  );
  const removal = database.statement(({ from, among }) => from(DUE_DOSE).where(among("child_id", "childIds")).delete());
  const rules = database.statement<{ rules: string; markedTo: string | null }>(
    ({ from }) => from(PLAN_RULES),
    PLAN_RULES.columns,
  );
  const known = database.statement<{ childId: string }>(
    ({ from, param }) =>
      from(REGISTER)
        .select("child_id")
        .where("child_id", ">", param("after"))
        .orderBy("child_id")
        .limit(MARKED_AT_ONCE),
    { childId: "text" },
  );
  const waitingLists = new Map<number, Statement<Waiting>>();

  return {
    ...dueLists(database),

    /** Children to be planned again, those told of first. */
    waiting(today: Day, first: number): Promise<readonly Waiting[]> {
      let statement = waitingLists.get(first);
      if (statement === undefined) {
        statement = database.statement(
          ({ from, param }) =>
            from(CHILD_PLAN).where("replan_on", "<=", param("today")).orderBy(["replan_on", "child_id"]).limit(first),
          { childId: "text", tellings: "integer", plannedAs: "text" },
        );
        waitingLists.set(first, statement);
      }
      return database.rows(statement, { today });
    },

    /** Those of some children that are to be planned again. */
    async waitingAmong(
      childIds: readonly string[],
      today: Day,
      session: Session = database,
    ): Promise<readonly Waiting[]> {
      const rows = await session.rows(plans, { childIds });
      return rows.filter(({ replanOn }) => replanOn !== null && replanOn <= today);
    },

    /** How many are to be planned again, as many as a thousand: enough to say that lists are not complete. */
    async waitingCount(today: Day): Promise<number> {
      return (await database.rows(toBePlanned, { today })).length;
    },

    /** How many are to be planned again, however many. */
    async left(today: Day): Promise<number> {
      return Number((await database.rows(toPlan, { today }))[0]?.children ?? 0);
    },

    /** Marks children as told of, each once. */
    async told(transaction: Transaction, childIds: readonly string[]): Promise<void> {
      if (childIds.length > 0) await transaction.run(toldOf, { childIds });
    },

    /** Where the children of rows belong, as it was just told. */
    async move(transaction: Transaction, children: readonly (Place & { readonly childId: string })[]): Promise<void> {
      if (children.length === 0) return;
      const now = new Map(children.map((child) => [child.childId, placeOf(child)]));
      const held = await transaction.rows(rowsOfChildren, { childIds: [...now.keys()] });
      const moved = held.map((row) => ({ ...row, ...now.get(row.childId) }));
      const changed = moved.filter((row, i) => !isSame(held.slice(i, i + 1), [row]));
      await transaction.insert(DUE_DOSE, changed, "replace");
    },

    async remove(transaction: Transaction, childIds: readonly string[]): Promise<void> {
      if (childIds.length > 0) await transaction.run(removal, { childIds });
    },

    /** Writes plans, but for children told of since they were read; only rows that differ are touched. */
    async write(transaction: Transaction, read: readonly Waiting[], plans: readonly PlannedChild[]): Promise<void> {
      const childIds = read.map(({ childId }) => childId);
      const now = new Map((await transaction.rows(planned, { childIds })).map((row) => [row.childId, row.tellings]));
      const still = new Set(read.flatMap(({ childId, tellings }) => (now.get(childId) === tellings ? [childId] : [])));
      const made = plans.filter(({ childId }) => still.has(childId));
      const held = new Map<string, PlacedDueDose[]>();
      const before = read.flatMap(({ childId, plannedAs }) =>
        plannedAs !== null && still.has(childId) ? [childId] : [],
      );
      for (const row of before.length === 0 ? [] : await transaction.rows(rowsOfChildren, { childIds: before })) {
        const rows = held.get(row.childId);
        if (rows) rows.push(row);
        else held.set(row.childId, [row]);
      }
      const changed = made.filter(({ childId, doses }) => !isSame(held.get(childId) ?? [], doses));
      await this.remove(
        transaction,
        changed.map(({ childId }) => childId).filter((childId) => held.has(childId)),
      );
      await transaction.insert(
        DUE_DOSE,
        changed.flatMap(({ doses }) => doses.map((due) => ({ ...due }))),
      );
      await transaction.insert(
        CHILD_PLAN,
        made.map(({ childId, standsAs, replanOn }) => ({
          childId,
          replanOn,
          tellings: now.get(childId) ?? 0,
          plannedAs: standsAs,
        })),
        "replace",
      );
    },

    /** Rules everybody is planned by, or is being marked for; null before the first. */
    async rules(session: Session): Promise<{ readonly rules: string; readonly markedTo: string | null } | null> {
      return (await session.rows(rules))[0] ?? null;
    },

    /** Marks the next of all children for new rules; answers the last of them, null when none is left. */
    async markNext(transaction: Transaction, edition: string, after: string): Promise<string | null> {
      const next = (await transaction.rows(known, { after })).map(({ childId }) => childId);
      await this.told(transaction, next);
      const markedTo = next.length < MARKED_AT_ONCE ? null : (next.at(-1) ?? null);
      await transaction.insert(PLAN_RULES, [{ id: "ALL", rules: edition, markedTo }], "replace");
      return markedTo;
    },
  };
}

/** More than this is not counted. */
export const COUNTED = 1_000;
const MARKED_AT_ONCE = 16_000;

/** Rows of one list parameter, each to be planned at once. */
function eachOf(dialect: Shape["dialect"]): string {
  return dialect === "sqlite"
    ? "select value, '', 1 from json_each(?) where true"
    : "select each, '', 1 from unnest(?::text[]) as each";
}

function placeOf({ bornOn, practice, practiceUntil, school, locality, localAuthority }: Place): Place {
  return { bornOn, practice, practiceUntil, school, locality, localAuthority };
}

function isSame(held: readonly PlacedDueDose[], made: readonly PlacedDueDose[]): boolean {
  if (held.length !== made.length) return false;
  const says = (row: PlacedDueDose) => JSON.stringify(COLUMNS.map((column) => row[column]));
  const before = new Set(held.map(says));
  return made.every((row) => before.has(says(row)));
}

const COLUMNS = Object.keys(DUE_DOSE.columns) as readonly (keyof PlacedDueDose)[]; // its columns are the row's properties
