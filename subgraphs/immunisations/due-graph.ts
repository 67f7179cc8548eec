/** The lists of doses due, as the graph is asked for them. */

import { Arg, Ctx, ID, Int, Query, Resolver } from "type-graphql";
import { Population } from "../../chassis/graph-types";
import { Guarded } from "../../chassis/guard";
import { AFTER, cursorRead, FIRST, pageOf, pageSize } from "../../chassis/pages";
import type { Context as AnyContext } from "../../chassis/subgraph";
import { addDays, type Day } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { DateScalar } from "../../schema/scalars";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import type { Acts } from "./acts";
import { LISTED_STATES, type ListedState, LOOK_AHEAD_DAYS, lineOf } from "./due";
import { conditionsOf, scopeOfTeam } from "./due-population";
import type { DueKey, PlacedDueDose } from "./due-tables";
import { type DueDose, DueDoseConnection, DuePlanning } from "./due-types";
import { VaccineEnum } from "./graph-types";
import { contactFor, type Invitation } from "./invitation";
import { type DoseState, stateOn } from "./plan";
import { StateEnum } from "./plan-types";
import { sayWhy } from "./reasons";
import { DOSES } from "./schedule";
import type { Reads } from "./store";

type Context = AnyContext<Reads, object, Acts>;

export const TEAM =
  "Of these only those a care team looks after, by its id: CHILD_HEALTH_INFORMATION, HEALTH_VISITING or SCHOOL_NURSING of a locality, such as HEALTH_VISITING:WIRRAL, or GENERAL_PRACTICE of a practice, such as GENERAL_PRACTICE:N85002.";

@Resolver()
export class ListsOfDosesDue {
  @Query(() => DueDoseConnection, {
    description:
      "The doses due to a population, of those whom this viewer may list, by child and dose. Children who died, who moved away or whose whereabouts are restricted are in no list. The list and its hits are written down.",
  })
  @Guarded("LIST_DUE_IMMUNISATIONS")
  async immunisationsDue(
    @Arg("where", () => Population, { description: "Which children." }) where: Population,
    @Arg("team", () => ID, { nullable: true, description: TEAM }) team: string | null | undefined,
    @Arg("states", () => [StateEnum], {
      nullable: true,
      description:
        "How they stand on the day: DUE, OVERDUE, REFUSED or CONTRAINDICATED, the last two only where the dose would be due. Left out: DUE and OVERDUE.",
    })
    states: readonly DoseState[] | null | undefined,
    @Arg("vaccines", () => [VaccineEnum], { nullable: true, description: "Of these vaccines. Left out: of any." })
    vaccines: readonly Vaccine[] | null | undefined,
    @Arg("on", () => DateScalar, {
      nullable: true,
      description: `The day: today, where it is left out, or one of the ${LOOK_AHEAD_DAYS} days after it, such as that of a clinic.`,
    })
    on: Day | null | undefined,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() { guard, act, today }: Context,
  ): Promise<DueDoseConnection> {
    const [size, from, day] = [pageSize(first), cursorRead(after), dayAsked(on, today)];
    const scopes = [guard.scope("LIST_DUE_IMMUNISATIONS"), ...(team ? [scopeOfTeam(team, today)] : [])];
    const asked = { on: day, states: statesAsked(states), vaccines: vaccines?.length ? [...new Set(vaccines)] : null };
    const conditions = conditionsOf(scopes, where);
    const rows =
      conditions === null
        ? []
        : await act.due.list(conditions, { ...asked, first: size + 1, after: from === null ? null : keyRead(from) });
    guard.noteSearch("LIST_DUE_IMMUNISATIONS", Math.min(rows.length, size), { ...where, team });
    const invitations = await act.invitations.ofChildren([...new Set(rows.map(({ childId }) => childId))]);
    const page = pageOf(rows, {
      size,
      from,
      keyOf: ({ childId, doseId }) => `${childId} ${doseId}`,
      edgeOf: (row) => ({ node: shown(row, invitations.get(row.childId) ?? [], day) }),
    });
    return { ...page, on: day };
  }

  @Query(() => DuePlanning, {
    description: "Whether the lists of what is due are complete: what was told last is planned within seconds.",
  })
  @Guarded("LIST_DUE_IMMUNISATIONS")
  async duePlanning(@Ctx() { act, today }: Context): Promise<DuePlanning> {
    return { waiting: await act.due.waitingCount(today) };
  }
}

/** Throws ARGUMENT_INVALID for a day that no list is kept for. */
export function dayAsked(on: Day | null | undefined, today: Day, argument = "on"): Day {
  const day = on ?? today;
  const last = addDays(today, LOOK_AHEAD_DAYS);
  if (day >= today && day <= last) return day;
  throw new Problem("ARGUMENT_INVALID", { argument, expected: `a day from ${today} to ${last}` });
}

function statesAsked(states: readonly DoseState[] | null | undefined): readonly ListedState[] {
  const asked = new Set<DoseState>(states?.length ? states : ["DUE", "OVERDUE"]);
  const listed = LISTED_STATES.filter((state) => asked.has(state));
  if (listed.length === asked.size) return listed;
  throw new Problem("ARGUMENT_INVALID", {
    argument: "states",
    expected: `of ${LISTED_STATES.join(", ")}; what is due later is listed with a later day in on`,
  });
}

function keyRead(key: string): DueKey {
  const [childId, doseId, ...more] = key.split(" ");
  if (childId && doseId && more.length === 0) return { childId, doseId };
  throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
}

function shown(row: PlacedDueDose, invitations: readonly Invitation[], on: Day): DueDose {
  const { childId, doseId, vaccine, earliestOn, recommendedOn, dueOn, overdueOn, latestOn } = row;
  const line = lineOf(row);
  return {
    child: { id: childId },
    ...{ doseId, vaccine, earliestOn, recommendedOn, dueOn, overdueOn, latestOn },
    name: DOSES[doseId],
    state: stateOn(line, on),
    reason: sayWhy(line, on),
    ...contactFor(row, invitations, on),
  };
}
