/** Which rules plans are made by: a text that is another one as soon as anything is that makes them. */

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { EDITIONS } from "./schedule";

/**
 * Every module, tables and code, that makes a child's plan and the rows of what is due out of facts; a test follows their
 * imports and fails for one left out.
 */
export const RULES = [
  "./apply",
  "./cohort",
  "./collapse",
  "./course",
  "./decisions",
  "./due",
  "./due-planner",
  "./forecast",
  "./given",
  "./model",
  "./newborn",
  "./plan",
  "./schedule",
  "./seasons",
  "./store",
  "../../schema/belonging",
  "../../schema/calendar",
  "../../schema/vocabulary/vaccines",
] as const;

/** The edition of the schedule, and a digest of modules as text. */
export function editionOf(modules: readonly string[]): string {
  return `${EDITIONS[EDITIONS.length - 1]?.id} ${hash("sha256", JSON.stringify(modules), "hex").slice(0, 12)}`;
}

/**
 * Stored with what is worked out from the rules, so that it is worked out again where they have changed since. The modules are
 * read as they run, so that nobody can change a rule and forget to say so; that a comment changes it too costs no more
 * than planning everybody once, beside all else.
 */
export const RULES_EDITION = editionOf(
  RULES.map((module) => readFileSync(join(__dirname, module + extname(__filename)), "utf8")),
);
