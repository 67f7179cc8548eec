/** The tables, in order, forward only. */

import type { Migration } from "../../chassis/database";
import { HEAD, NOTIFICATION, PARKED, RECEIVER, VERSION } from "./tables";

export const MIGRATIONS: readonly Migration[] = [
  {
    name: "notifications",
    tables: [NOTIFICATION, HEAD, VERSION],
    statements: () => ["insert into notification_head (id, sequence) values (1, 0)"],
  },
  { name: "webhooks", tables: [RECEIVER, PARKED] },
];
