/** Which rules plans are made by: a text that is another one as soon as a rule is. */

import { hash } from "node:crypto";
import { VACCINES } from "../../schema/vocabulary/vaccines";
import { DEFAULT_SETTINGS } from "./forecast";
import * as schedule from "./schedule";

/**
 * Told on by one whenever the code beside the tables makes other plans of the same facts: the tests plan invented children
 * and fail until it is.
 */
export const RULES_REVISION = 1;

/**
 * The edition of the schedule, the revision, and a digest of every table and setting: stored with what is worked out from
 * the rules, so that it is worked out again where they have changed since.
 */
export const RULES_EDITION = [
  schedule.EDITIONS[schedule.EDITIONS.length - 1]?.id,
  RULES_REVISION,
  hash("sha256", JSON.stringify([VACCINES, { ...schedule }, schedule.scheduleOf(DEFAULT_SETTINGS)]), "hex").slice(
    0,
    12,
  ),
].join(" ");
