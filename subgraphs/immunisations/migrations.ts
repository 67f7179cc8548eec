/** The tables, in order, forward only. */

import type { Migration } from "../../chassis/database";
import { BCG_ELIGIBILITY, DOSE, DOSE_NOT_GIVEN, SCID_SCREEN } from "./apply";
import { CHILD_PLAN, DUE_DOSE, PLAN_RULES } from "./due-tables";
import { INVITATION, INVITATION_RUN } from "./invitation-store";

export const MIGRATIONS: readonly Migration[] = [
  { name: "doses given and not given", tables: [DOSE, DOSE_NOT_GIVEN] },
  { name: "doses due", tables: [CHILD_PLAN, PLAN_RULES, DUE_DOSE] },
  { name: "invitations", tables: [INVITATION_RUN, INVITATION] },
  { name: "what screening tells a plan", tables: [BCG_ELIGIBILITY, SCID_SCREEN] },
];
