/** The tables, in order, forward only. */

import type { Migration } from "../../chassis/database";
import { NEWBORN_BLOOD_SPOT, NEWBORN_EXAMINATION, NEWBORN_HEARING } from "./apply";

export const MIGRATIONS: readonly Migration[] = [
  { name: "newborn screening", tables: [NEWBORN_HEARING, NEWBORN_BLOOD_SPOT, NEWBORN_EXAMINATION] },
];
