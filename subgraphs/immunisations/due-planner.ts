/** From the facts told of children to the rows of what they are due. */

import type { Database } from "../../chassis/database";
import type { Entry, Register } from "../../chassis/register";
import type { Day } from "../../schema/calendar";
import { type DuePlan, duePlan, isCalled } from "./due";
import type { PlannedChild } from "./due-tables";
import { historyOf } from "./given";
import { planFacts } from "./store";

/** Plans children; those that are part of another's record have no plan of their own. */
export type Planner = (childIds: readonly string[], today: Day) => Promise<readonly PlannedChild[]>;

export function plannerOf(database: Database, register: Register): Planner {
  const factsOf = planFacts(database);
  return async (childIds, today) => {
    const entries = await register.find(childIds);
    const called = entries.filter(isCalledAs(childIds));
    const facts = await factsOf(called);
    const plans = new Map(
      called.map((entry, at) => {
        const told = facts[at];
        const plan = told && duePlan(entry.childId, historyOf(entry, entry.bornOn, told), today);
        return [entry.childId, plan === undefined ? null : placed(plan, entry)] as const;
      }),
    );
    return childIds.map((childId, at) => ({
      childId,
      standsAs: entries[at]?.standsAs ?? childId,
      ...(plans.get(childId) ?? { doses: [], replanOn: null }),
    }));
  };
}

type Called = Entry & { readonly bornOn: Day };

/** Whether an entry is that of the child asked for, and of somebody who may be called. */
function isCalledAs(childIds: readonly string[]) {
  return (entry: Entry | null, at: number): entry is Called =>
    entry !== null && entry.standsAs === childIds[at] && isCalled(entry);
}

function placed({ doses, replanOn }: DuePlan, entry: Entry): Pick<PlannedChild, "doses" | "replanOn"> {
  const { bornOn, practice, practiceUntil, school, locality, localAuthority } = entry;
  const place = { bornOn, practice, practiceUntil, school, locality, localAuthority };
  return { doses: doses.map((due) => ({ ...due, ...place })), replanOn };
}
