/** The tables, in order, forward only. */

import type { Migration } from "../../chassis/database";
import { SAFEGUARDING_FLAG } from "./apply";

export const MIGRATIONS: readonly Migration[] = [{ name: "safeguarding flags", tables: [SAFEGUARDING_FLAG] }];
