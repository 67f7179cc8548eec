import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openExtract } from "../../ingest/extracts/rows";
import { readMessage } from "../../ingest/fhir/index";
import { EXTRACT_DAY, type Manifest, synthesise } from "../../ingest/synthetic";
import { FAULT_REASONS } from "../../ingest/synthetic/faults";
import { addDays } from "../../schema/calendar";
import { LOCALITY_CODES, type LocalityCode } from "../../schema/vocabulary/localities";

const CHILDREN = 2_000;
/** Faults that only show when a row is held against all the others. */
const FOUND_BY_MATCHING: readonly string[] = ["AMBIGUOUS_MATCH", "NHS_DUPLICATE", "ORPHAN"];

const folders: string[] = [];
let out: string;
let manifest: Manifest;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "synthetic-"));
  folders.push(made);
  return made;
}

function filesIn(at: string): string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(at.length + 1))
    .toSorted();
}

function digest(at: string): string {
  const hash = createHash("sha256");
  for (const name of filesIn(at)) hash.update(`${name}\n`).update(readFileSync(join(at, name)));
  return hash.digest("hex");
}

beforeAll(async () => {
  out = folder();
  manifest = await synthesise({ children: CHILDREN, seed: 5, out });
});

afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

describe("An invented population", () => {
  test("is the same bytes for the same arguments and others for another seed", async () => {
    const [first, again, other] = [folder(), folder(), folder()];
    await synthesise({ children: 300, seed: 5, out: first });
    await synthesise({ children: 300, seed: 5, out: again });
    await synthesise({ children: 300, seed: 6, out: other });
    expect(digest(again)).toBe(digest(first));
    expect(digest(other)).not.toBe(digest(first));
  });

  test("leaves nothing behind of an earlier, larger one", async () => {
    const [reused, fresh] = [folder(), folder()];
    await synthesise({ children: 300, seed: 5, out: reused });
    await synthesise({ children: 40, seed: 5, out: reused });
    await synthesise({ children: 40, seed: 5, out: fresh });
    expect(digest(reused)).toBe(digest(fresh));
  });

  test.each`
    children   | seed          | argument
    ${0}       | ${1}          | ${"children"}
    ${2.5}     | ${1}          | ${"children"}
    ${560_001} | ${1}          | ${"children"}
    ${10}      | ${Number.NaN} | ${"seed"}
  `("of $children children by seed $seed is refused, naming $argument", async ({ children, seed, argument }) => {
    const refused = synthesise({ children, seed, out: join(out, "refused") });
    await expect(refused).rejects.toMatchObject({ code: "ARGUMENT_INVALID", slots: { argument } });
  });

  test("tells how far it has come", async () => {
    const seen: string[] = [];
    await synthesise({ children: 1_200, seed: 5, out: folder(), progress: (done, of) => seen.push(`${done}/${of}`) });
    expect(seen).toEqual(["1000/1200", "1200/1200"]);
  });

  test("has its manifest beside it", () => {
    expect(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))).toEqual(manifest);
    const extracts = filesIn(out).filter((name) => !/^(messages\/|manifest)/.test(name));
    expect(extracts).toEqual(manifest.files.map((file) => file.path).toSorted());
  });

  test("knows about one child in twenty-five in two localities", () => {
    const rows = manifest.files.filter((file) => file.kind === "CHILDREN").reduce((sum, file) => sum + file.told, 0);
    const companions = manifest.files.reduce((sum, file) => sum + 2 * (file.faults.AMBIGUOUS_MATCH ?? 0), 0);
    expect(rows - companions).toBe(CHILDREN + manifest.population.knownToTwoLocalities);
    expect(manifest.population.knownToTwoLocalities / CHILDREN).toBeGreaterThan(0.03);
  });

  test("leaves untold only what a layout cannot say: doses not given, or known to the month", () => {
    const doses = manifest.files.filter((file) => file.kind === "DOSES").reduce((sum, file) => sum + file.told, 0);
    const untold = Object.values(manifest.untold).reduce((sum, each) => sum + each, 0);
    expect(untold / doses).toBeLessThan(0.04);
    expect(manifest.untold).toMatchObject({ EAST_CHESHIRE: 0, CHESHIRE_WEST: 0 });
  });
});

describe.each(LOCALITY_CODES)("The extracts of %s", (locality: LocalityCode) => {
  test("have every fault at least once, in about one row of a hundred", () => {
    const files = manifest.files.filter((file) => file.locality === locality);
    const planted = new Map<string, number>();
    for (const [reason, count] of files.flatMap((file) => Object.entries(file.faults))) {
      planted.set(reason, (planted.get(reason) ?? 0) + count);
    }
    expect([...planted.keys()].toSorted()).toEqual(FAULT_REASONS.toSorted());
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const faulty = [...planted.values()].reduce((sum, count) => sum + count, 0);
    expect(faulty / rows).toBeGreaterThan(0.007);
    expect(faulty / rows).toBeLessThan(0.015);
  });

  test("are recognised, and each row reads or is at fault as planted", async () => {
    for (const file of manifest.files.filter((each) => each.locality === locality)) {
      const extract = await openExtract(join(out, file.path), locality);
      const reader = extract.layout.reader({ locality, name: extract.name, receivedOn: EXTRACT_DAY });
      const found: Record<string, number> = {};
      let rows = 0;
      for await (const chunk of extract.rows) {
        for (const row of chunk) {
          rows++;
          const result = reader(row);
          if (result.read) continue;
          // The first fault is the one planted; what cannot be told for it may be missing besides.
          const { code } = result.faults[0];
          found[code] = (found[code] ?? 0) + 1;
        }
      }
      const planted = Object.entries(file.faults).filter(([reason]) => !FOUND_BY_MATCHING.includes(reason));
      expect({ file: file.path, layout: extract.layout.name, rows, found }).toEqual({
        file: file.path,
        layout: file.layout,
        rows: file.rows,
        found: Object.fromEntries(planted),
      });
    }
  });
});

describe("The event messages", () => {
  test("read, but for those broken on purpose and those of other services", () => {
    const receivedOn = addDays(EXTRACT_DAY, 45);
    const verdicts = { READ: 0, NOT_HANDLED: 0, QUARANTINED: 0 };
    const names = filesIn(join(out, "messages")).filter((name) => !name.endsWith(".ctl"));
    for (const name of names) {
      verdicts[readMessage(readFileSync(join(out, "messages", name)), { receivedOn }).verdict]++;
    }
    const { written, oddities } = manifest.messages;
    expect(names).toHaveLength(written);
    expect(verdicts).toEqual({
      READ: written - oddities.BROKEN - oddities.NOT_HANDLED,
      NOT_HANDLED: oddities.NOT_HANDLED,
      QUARANTINED: oddities.BROKEN,
    });
  });

  test("are of all seven events, and every oddity is among them", () => {
    expect(Object.keys(manifest.messages.byEvent)).toHaveLength(7);
    expect(Object.values(manifest.messages.oddities)).not.toContain(0);
    expect(manifest.messages.written).toBeGreaterThanOrEqual(40);
  });

  test("tell of births after the extracts, and some result before its birth", () => {
    const told = filesIn(join(out, "messages"))
      .filter((name) => !name.endsWith(".ctl"))
      .flatMap((name) => {
        const reading = readMessage(readFileSync(join(out, "messages", name)), {
          receivedOn: addDays(EXTRACT_DAY, 45),
        });
        return reading.verdict === "READ" ? [reading] : [];
      });
    const born = new Set<string>();
    let early = 0;
    for (const { message, reading } of told) {
      const number = reading.about.nhsNumber ?? "";
      if (reading.introduces) {
        born.add(number);
        expect((reading.about.bornOn ?? "") > EXTRACT_DAY).toBe(true);
      } else if (/hearing|nipe|blood/.test(message.event) && !born.has(number)) early++;
    }
    expect(born.size).toBeGreaterThan(3);
    expect(early).toBeGreaterThan(0);
  });

  test("come now and then as a mailbox client leaves them, with a control file", () => {
    const names = filesIn(join(out, "messages"));
    const data = names.filter((name) => name.endsWith(".dat"));
    expect(data.length).toBeGreaterThan(5);
    for (const name of data) {
      const control = readFileSync(join(out, "messages", name.replace(".dat", ".ctl")), "utf8");
      expect(control).toMatch(/<WorkflowId>[A-Z]+_1<\/WorkflowId>/);
    }
  });
});
