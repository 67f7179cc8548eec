/** Every query, each taking many children and answering in their order. */

import type { Database } from "../../chassis/database";
import { standingFacts } from "../../chassis/facts";
import { SAFEGUARDING_FLAG } from "./apply";

export const reads = (database: Database) => ({ flags: standingFacts(database, SAFEGUARDING_FLAG) });

export type Reads = ReturnType<typeof reads>;
