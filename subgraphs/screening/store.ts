/** Every query, each taking many children and answering in their order. */

import type { Database } from "../../chassis/database";
import { everyVersion } from "../../chassis/facts";
import { NEWBORN_BLOOD_SPOT, NEWBORN_EXAMINATION, NEWBORN_HEARING } from "./apply";

export const reads = (database: Database) => ({
  hearings: everyVersion(database, NEWBORN_HEARING),
  bloodSpots: everyVersion(database, NEWBORN_BLOOD_SPOT),
  examinations: everyVersion(database, NEWBORN_EXAMINATION),
});

export type Reads = ReturnType<typeof reads>;
