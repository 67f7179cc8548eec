/** Newborn screening: hearing, blood spot, and the physical examinations of newborn and infant. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { FACTS } from "./apply";
import { Child, ChildScreening } from "./graph";
import { MIGRATIONS } from "./migrations";
import { reads } from "./store";

export const screening: SubgraphDefinition = {
  name: "screening",
  resolvers: [ChildScreening],
  types: [Child],
  entities: { Child: "id" },
  facts: FACTS,
  migrations: MIGRATIONS,
  reads,
};
