/** Every query, each taking many children and answering in their order. */

import type { Database } from "../../chassis/database";
import { everyVersion, standingFacts } from "../../chassis/facts";
import { DOSE, DOSE_NOT_GIVEN } from "./apply";

export const reads = (database: Database) => ({
  doses: standingFacts(database, DOSE),
  doseVersions: everyVersion(database, DOSE),
  dosesNotGiven: standingFacts(database, DOSE_NOT_GIVEN),
});

export type Reads = ReturnType<typeof reads>;
