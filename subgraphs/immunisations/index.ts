/** Immunisations: the doses a child was given, those it was not, who told of them, and what is due. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { acts } from "./acts";
import { COPIES, FACTS } from "./apply";
import { ListsOfDosesDue } from "./due-graph";
import { followDue, planningChore } from "./due-planning";
import {
  ChildImmunisationPlan,
  ChildImmunisations,
  DoseNotGivenSources,
  DoseSources,
  ImmunisationForecast,
} from "./graph";
import { Child } from "./graph-types";
import { InvitationRuns } from "./invitation-graph";
import { MIGRATIONS } from "./migrations";
import { reads } from "./store";

export { collapse } from "./collapse";
export { duePlan } from "./due";
export { RULES_EDITION } from "./edition";
export { forecast } from "./forecast";
export { historyOf } from "./given";
export { stateOn } from "./plan";

export const immunisations: SubgraphDefinition = {
  name: "immunisations",
  resolvers: [
    ChildImmunisations,
    ChildImmunisationPlan,
    ImmunisationForecast,
    ListsOfDosesDue,
    InvitationRuns,
    DoseSources,
    DoseNotGivenSources,
  ],
  types: [Child],
  entities: { Child: "id" },
  facts: FACTS,
  copies: COPIES,
  migrations: MIGRATIONS,
  reads,
  acts,
  follow: followDue,
  chores: (ground) => [planningChore(ground)],
};
