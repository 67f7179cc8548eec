/** Safeguarding flags: who raised them, when they stand, who may know. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { FACTS } from "./apply";
import { Child, ChildSafeguarding, SafeguardingDetail, SafeguardingFlagRaisedBy } from "./graph";
import { MIGRATIONS } from "./migrations";
import { reads } from "./store";

export const safeguarding: SubgraphDefinition = {
  name: "safeguarding",
  resolvers: [ChildSafeguarding, SafeguardingDetail, SafeguardingFlagRaisedBy],
  types: [Child],
  entities: { Child: "id" },
  facts: FACTS,
  migrations: MIGRATIONS,
  reads,
};
