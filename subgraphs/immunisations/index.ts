/** Immunisations: the doses a child was given, those it was not, who told of them, and what is due. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { FACTS } from "./apply";
import {
  ChildImmunisationPlan,
  ChildImmunisations,
  DoseNotGivenSources,
  DoseSources,
  ImmunisationForecast,
} from "./graph";
import { Child } from "./graph-types";
import { MIGRATIONS } from "./migrations";
import { reads } from "./store";

export { collapse } from "./collapse";
export { forecast } from "./forecast";
export { stateOn } from "./plan";

export const immunisations: SubgraphDefinition = {
  name: "immunisations",
  resolvers: [ChildImmunisations, ChildImmunisationPlan, ImmunisationForecast, DoseSources, DoseNotGivenSources],
  types: [Child],
  entities: { Child: "id" },
  facts: FACTS,
  migrations: MIGRATIONS,
  reads,
};
