/** Every sentence of the reference on the schedule is proven by a test that names it, and the table says by which. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SENTENCES, type SentenceId } from "../fixtures/schedule-sentences";

const TESTS = join(__dirname, "..");
const files = [...new Set(Object.values(SENTENCES).flatMap(({ proven }) => proven))];
/** Sentences that a test file names, by the file. */
const named = new Map(files.map((file) => [file, namedIn(join(TESTS, `${file}.test.ts`))]));

test.each(Object.entries(SENTENCES))("%s is proven where the table says", (id, sentence) => {
  const { proven } = sentence;
  expect(proven.length > 0 || "elsewhere" in sentence).toBe(true);
  expect(proven.filter((file) => !named.get(file)?.includes(id as SentenceId))).toEqual([]); // an id of the table
});

test("a test names no sentence that the table says is proven elsewhere only", () => {
  const astray = [...named].flatMap(([file, ids]) =>
    ids.filter((id) => !SENTENCES[id]?.proven.includes(file)).map((id) => `${id} in ${file}`),
  );
  expect(astray).toEqual([]);
});

test("the table holds the sentences of every section, most of them read in an official text", () => {
  const sections = new Set(Object.values(SENTENCES).map(({ section }) => section.split(" ")[0]?.replace(/[a-d]$/, "")));
  expect([...sections]).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "13"]);
  expect(Object.values(SENTENCES).filter(({ confidence }) => confidence === "A").length).toBeGreaterThan(70);
});

function namedIn(path: string): readonly SentenceId[] {
  if (!existsSync(path)) return [];
  return [...readFileSync(path, "utf8").matchAll(/proves\("(\w+)"\)/g)].map(([, id]) => id as SentenceId); // the compiler checks each
}
