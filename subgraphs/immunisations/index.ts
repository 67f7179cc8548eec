/** Immunisations: the doses a child was given, those it was not, and who told of them. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { FACTS } from "./apply";
import { Child, ChildImmunisations, DoseNotGivenSources, DoseSources } from "./graph";
import { MIGRATIONS } from "./migrations";
import { reads } from "./store";

export { collapse } from "./collapse";
export { forecast } from "./forecast";
export { stateOn } from "./plan";

export const immunisations: SubgraphDefinition = {
  name: "immunisations",
  resolvers: [ChildImmunisations, DoseSources, DoseNotGivenSources],
  types: [Child],
  entities: { Child: "id" },
  facts: FACTS,
  migrations: MIGRATIONS,
  reads,
};
