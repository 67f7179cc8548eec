/** The tables, in order, forward only. */

import type { Migration } from "../../chassis/database";
import { DOSE, DOSE_NOT_GIVEN } from "./apply";

export const MIGRATIONS: readonly Migration[] = [{ name: "doses given and not given", tables: [DOSE, DOSE_NOT_GIVEN] }];
