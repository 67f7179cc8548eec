/** Who a child is: names, NHS number, addresses, GP, school, death; and how a child is found. */

import type { SubgraphDefinition } from "../../chassis/subgraph";
import { FACTS } from "./apply";
import { BirthDetail, ChildIdentity, ChildPlace, FindingChildren, SourceDetail } from "./graph";
import { Child } from "./graph-types";
import { MIGRATIONS } from "./migrations";
import { lookups, reads } from "./store";

export const demographics: SubgraphDefinition = {
  name: "demographics",
  resolvers: [FindingChildren, ChildIdentity, ChildPlace, BirthDetail, SourceDetail],
  types: [Child],
  entities: { Child: "id" },
  listsChildren: true,
  facts: FACTS,
  migrations: MIGRATIONS,
  reads,
  lookups,
};
