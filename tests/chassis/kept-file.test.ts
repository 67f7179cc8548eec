import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keptFile } from "../../chassis/kept-file";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kept-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("is made once, in a folder that need not be there, and read by its owner alone", () => {
  const file = join(folder, "new", "some.key");
  expect(keptFile(file, () => "first")).toBe("first");
  expect(keptFile(file, () => "second")).toBe("first");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "new"))).toEqual(["some.key"]);
});

test("is what another process made of it that started at the same time", () => {
  const file = join(folder, "some.key");
  const madeMeanwhile = () => {
    writeFileSync(file, "theirs");
    return "ours";
  };
  expect(keptFile(file, madeMeanwhile)).toBe("theirs");
  expect(readdirSync(folder)).toEqual(["some.key"]);
});
