/** What is stored of plans is worked out again when the rules change, so whatever makes a plan must be in their edition. */

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { RULES_EDITION } from "../../subgraphs/immunisations";
import { editionOf, RULES } from "../../subgraphs/immunisations/edition";
import { EDITIONS } from "../../subgraphs/immunisations/schedule";

const PART = join(__dirname, "../../subgraphs/immunisations");
const SCHEMA = join(__dirname, "../../schema");

/** The modules that a module imports to run, types aside. */
function importsOf(path: string): readonly string[] {
  const imports = readFileSync(`${path}.ts`, "utf8").matchAll(
    /^(?:import|export) (?!type )([^;]*?) from "(\.[^"]+)";/gm,
  );
  return [...imports].flatMap(([, names = "", from = ""]) => {
    const isRun = names.split(/[{},]/).some((name) => name.trim() !== "" && !/^\s*type\s/.test(name));
    return isRun ? [join(dirname(path), from)] : [];
  });
}

test("the edition of the rules is made from every module that makes a plan", () => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    if (path.startsWith(SCHEMA)) reached.add(path); // what is further away is about no plan
    if (!path.startsWith(PART)) return;
    reached.add(path);
    importsOf(path).forEach(follow);
  };
  follow(join(PART, "due-planner"));
  const named = [...reached]
    .map((path) => relative(PART, path))
    .map((name) => (name.startsWith(".") ? name : `./${name}`));
  expect(named.toSorted()).toEqual([...RULES].toSorted());
});

test("a change anywhere in them is another edition, which names the newest schedule", () => {
  const modules = RULES.map((module) => readFileSync(join(PART, `${module}.ts`), "utf8"));
  expect(editionOf(modules)).toBe(RULES_EDITION);
  expect(RULES_EDITION).toMatch(new RegExp(`^${EDITIONS.at(-1)?.id} [0-9a-f]{12}$`));
  const changed = modules.map((_, at) => editionOf(modules.map((text, other) => (other === at ? `${text} ` : text))));
  expect(new Set([RULES_EDITION, ...changed]).size).toBe(RULES.length + 1);
});
