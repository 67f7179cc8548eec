import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { LoadLine } from "../../ingest";
import { demographics } from "../../subgraphs/demographics";
import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { fileOf, inventedChild, inventedDose, lines, numberOf, type TestRoad, testRoad } from "../fixtures/road";

const EAST = "EAST_CHESHIRE";

/** What a load came to, in the order people ask: rows, then events. */
function sums(line: LoadLine | undefined) {
  if (!line) return "no load";
  const { rowsRead, rowsYielding, rowsQuarantined, rowsRepeated, applied, duplicate, superseded, quarantined } = line;
  const rows = `${rowsRead} rows: ${rowsYielding} yield, ${rowsQuarantined} refused (${rowsRepeated} again)`;
  return `${rows}; ${applied} applied, ${duplicate} duplicate, ${superseded} superseded, ${quarantined} refused`;
}

const twelve = Array.from({ length: 12 }, (_, n) => inventedChild(n));

eachDatabase((places) => {
  let road: TestRoad;
  beforeEach(async () => {
    road = await testRoad(places, [demographics, immunisations]);
  });
  afterEach(() => road.close());

  const write = (kind: "CHILDREN" | "DOSES" | "HEARING", content: readonly string[], edition?: string) =>
    fileOf(road.folder, EAST, kind, content, edition);
  const load = async (...paths: string[]) => (await road.ingest.load({ locality: EAST, paths })).lines;
  const children = (rows: readonly object[], edition?: string) =>
    write("CHILDREN", lines(EAST, "CHILDREN", rows), edition);
  const doses = (rows: readonly object[], edition?: string) => write("DOSES", lines(EAST, "DOSES", rows), edition);
  const items = () =>
    road.rows(
      "localities",
      "select kind, row, reason_codes, open, decision, severity, candidates from quarantine_item order by kind, row, id",
      {
        kind: "text",
        row: "integer",
        reasonCodes: "text",
        open: "boolean",
        decision: "text",
        severity: "text",
        candidates: "json",
      },
    );
  const balanced = async () => (await road.ingest.reconcile(null)).flatMap((line) => line.faults);

  describe("A file is loaded", () => {
    test("in chunks, and every row and event is accounted for", async () => {
      const [line] = await load(children(twelve));
      expect(sums(line)).toBe(
        "12 rows: 12 yield, 0 refused (0 again); 60 applied, 0 duplicate, 0 superseded, 0 refused",
      );
      expect(await road.rows("localities", "select number, first_row, last_row from despatch order by number")).toEqual(
        [
          { number: 1, first_row: 1, last_row: 5 },
          { number: 2, first_row: 6, last_row: 10 },
          { number: 3, first_row: 11, last_row: 12 },
        ],
      );
      expect(await road.rows("localities", "select number from outbox")).toEqual([]);
      expect(await balanced()).toEqual([]);
    });

    test("twice: everything is held already", async () => {
      const path = children(twelve);
      await load(path);
      const [again] = await load(path);
      expect(sums(again)).toBe(
        "12 rows: 12 yield, 0 refused (0 again); 0 applied, 60 duplicate, 0 superseded, 0 refused",
      );
      expect(await balanced()).toEqual([]);
    });

    test("again with one row amended: only that row is new", async () => {
      await load(children(twelve));
      const amended = twelve.map((child, n) =>
        n === 3 ? { ...child, addressLine1: "9 Mill Lane", amendedAt: "2025-02-02T03:04:05.000000000Z" } : child,
      );
      expect(sums((await load(children(amended, "2")))[0])).toBe(
        "12 rows: 12 yield, 0 refused (0 again); 5 applied, 55 duplicate, 0 superseded, 0 refused",
      );
      expect(sums((await load(children(twelve, "3")))[0])).toBe(
        "12 rows: 12 yield, 0 refused (0 again); 0 applied, 60 duplicate, 0 superseded, 0 refused",
      );
      expect(await balanced()).toEqual([]);
    });

    test("with the child index first, whatever the order asked, and a folder means its files", async () => {
      const path = children(twelve);
      doses(twelve.map((child, n) => inventedDose(child, n)));
      const loaded = await load(dirname(path));
      expect(loaded.map((line) => `${line.kind} ${sums(line)}`)).toEqual([
        "CHILDREN 12 rows: 12 yield, 0 refused (0 again); 60 applied, 0 duplicate, 0 superseded, 0 refused",
        "DOSES 12 rows: 12 yield, 0 refused (0 again); 12 applied, 0 duplicate, 0 superseded, 0 refused",
      ]);
    });

    test("unless it cannot be opened: that is said, and the others are loaded", async () => {
      const path = children(twelve);
      writeFileSync(`${dirname(path)}/EC_Strange.csv`, "a,b,c\n1,2,3\n");
      const loaded = await load(dirname(path));
      expect(loaded.map(({ file, balances }) => `${file} ${balances}`)).toEqual([
        "EC_Strange.csv false",
        "EC_ChildIndex.csv true",
      ]);
      expect(loaded[0]?.faults[0]).toMatch(/^FILE_UNKNOWN: EC_Strange.csv is not a file that East Cheshire sends/);
    });

    test("and progress is told as a share of all that was asked for, never going back", async () => {
      const path = children(twelve);
      doses(twelve.map((child, n) => inventedDose(child, n)));
      const told: number[] = [];
      await road.ingest.load({ locality: EAST, paths: [dirname(path)], progress: ({ done }) => told.push(done) });
      expect(told.length).toBeGreaterThan(5);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told.at(-1)).toBe(1);
    });
  });

  describe("A row that cannot be applied", () => {
    test("is kept with every reason, once, however often it comes", async () => {
      const content = lines(EAST, "CHILDREN", twelve);
      content[4] = (content[4] ?? "").replace(numberOf(3), "9990000000").replace(",F,", ",Q,");
      const path = write("CHILDREN", content);
      expect(sums((await load(path))[0])).toContain("12 rows: 11 yield, 1 refused (0 again)");
      expect(sums((await load(path))[0])).toContain("12 rows: 11 yield, 1 refused (1 again)");
      expect(await items()).toEqual([
        {
          kind: "CHILDREN",
          row: 4,
          reasonCodes: "|NHS_INVALID|CODE_UNKNOWN|",
          open: true,
          decision: null,
          severity: "BLOCKS_CHILD",
          candidates: [],
        },
      ]);
      expect(await balanced()).toEqual([]);
    });

    test("is resolved when a corrected row comes in its place, and open again should the wrong one come back", async () => {
      const right = lines(EAST, "CHILDREN", twelve);
      const wrong = right.map((line, n) => (n === 4 ? line.replace(numberOf(3), "9990000000") : line));
      await load(write("CHILDREN", wrong));
      await load(write("CHILDREN", right, "2"));
      expect(await items()).toMatchObject([{ row: 4, open: false, decision: "CORRECTED" }]);
      await load(write("CHILDREN", wrong, "3"));
      expect(await items()).toMatchObject([{ row: 4, open: true }]);
      expect(await balanced()).toEqual([]);
    });

    test("is told before the birth held for its child, though the row does not say when that was", async () => {
      await load(children(twelve));
      const early = inventedDose(twelve[1] ?? {}, 1, { eventOn: { day: "2021-12-31", precision: "DAY" } });
      // The row says another day of birth, so only the child index can tell.
      await load(doses([{ ...early, bornOn: "2021-02-02" }]));
      expect(await items()).toMatchObject([
        { kind: "DOSES", reasonCodes: "|DATE_BEFORE_BIRTH|", severity: "BLOCKS_ROW" },
      ]);
    });

    test("with the same identity and time as what is held, and other content, does not replace it", async () => {
      await load(children(twelve));
      await load(doses([inventedDose(twelve[1] ?? {}, 1)]));
      const [line] = await load(doses([inventedDose(twelve[1] ?? {}, 1, { batchNumber: "OTHER" })], "2"));
      expect(sums(line)).toBe("1 rows: 1 yield, 0 refused (0 again); 0 applied, 0 duplicate, 0 superseded, 1 refused");
      expect(await items()).toMatchObject([{ kind: "DOSES", row: 1, reasonCodes: "|VERSION_CONFLICT|", open: true }]);
      expect(await road.rows("immunisations", "select batch_number from dose where latest = 1")).toEqual([
        { batch_number: "B1" },
      ]);
      expect(await balanced()).toEqual([]);
    });
  });

  describe("Two records", () => {
    const ben = inventedChild(1);

    test("of one locality with one NHS number who agree are one child", async () => {
      await load(children([ben, { ...ben, localId: "P99" }]));
      expect(await road.rows("localities", "select count(*) as n from indexed_child")).toEqual([{ n: 1 }]);
      expect(await road.rows("localities", "select local_id from local_number order by local_id")).toEqual([
        { local_id: "P1" },
        { local_id: "P99" },
      ]);
    });

    test("with one NHS number and another name and birth are both left as they are", async () => {
      await load(children([ben, inventedChild(7, { nhsNumber: ben.nhsNumber })]));
      expect(await items()).toMatchObject([
        { row: 2, reasonCodes: "|NHS_DUPLICATE|", candidates: [expect.any(String)] },
      ]);
      expect(await road.rows("localities", "select count(*) as n from indexed_child")).toEqual([{ n: 1 }]);
      expect(await balanced()).toEqual([]);
    });

    test("turn out to be one when the second is given the number of the first: merged, wherever they are kept", async () => {
      const early = { ...ben, localId: "P99", nhsNumber: null, nhsNumberStatus: null } as const;
      await load(children([ben, { ...early, familyName: "Sample", postcode: "CH1 1AA" }]));
      await load(children([{ ...early, amendedAt: "2025-03-01T00:00:00.000000000Z" }], "2"));
      const apart = await road.rows("localities", "select child_id from indexed_child where merged_into is null");
      expect(apart).toHaveLength(2);
      await load(children([{ ...ben, localId: "P99", amendedAt: "2025-03-02T00:00:00.000000000Z" }], "3"));
      const merged = await road.rows(
        "localities",
        "select child_id, merged_into from indexed_child order by merged_into is null",
      );
      expect(merged).toMatchObject([{ merged_into: merged[1]?.child_id }, { merged_into: null }]);
      for (const part of ["demographics", "immunisations"]) {
        const parts = await road.rows(part, "select child_id, merged_into from register where merged_into is not null");
        expect(parts).toEqual([merged[0]]);
      }
      expect(await balanced()).toEqual([]);
    });
  });

  describe("A row about a child nobody has told of", () => {
    test("waits, and is applied by itself when the child is told of", async () => {
      const path = doses(twelve.map((child, n) => inventedDose(child, n)));
      expect(sums((await load(path))[0])).toContain("12 rows: 0 yield, 12 refused");
      await load(children(twelve, "2"));
      expect((await items()).map(({ open, decision }) => `${open} ${decision}`)).toEqual(
        twelve.map(() => "false APPLIED"),
      );
      expect(await road.rows("immunisations", "select count(*) as n from dose")).toEqual([{ n: 12 }]);
      expect(await road.rows("localities", "select item from waiting")).toEqual([]);
      expect(await balanced()).toEqual([]);
      expect(sums((await load(path))[0])).toContain("12 yield, 0 refused (0 again); 0 applied, 12 duplicate");
    });

    test("waits for a name and birth where it tells no number", async () => {
      const [child] = twelve;
      const unnumbered = inventedDose(child ?? {}, 1, { localId: null, nhsNumber: null });
      await load(doses([unnumbered]));
      expect(await items()).toMatchObject([{ reasonCodes: "|ORPHAN|", open: true }]);
      await load(children(twelve, "2"));
      expect(await items()).toMatchObject([{ open: false, decision: "APPLIED" }]);
    });

    test("is not tried again for a child of the same name and birth with another number", async () => {
      const [child] = twelve;
      await load(doses([inventedDose(child ?? {}, 1, { localId: "P77", nhsNumber: numberOf(500) })]));
      await load(children(twelve, "2"));
      expect(await items()).toMatchObject([{ reasonCodes: "|ORPHAN|", open: true }]);
      expect(await road.rows("localities", "select number from load where source = 'QUARANTINE'")).toEqual([]);
    });
  });

  describe("Reconciliation", () => {
    test("finds a fact that is lost, and says of which source and type and where", async () => {
      const path = children(twelve);
      doses(twelve.map((child, n) => inventedDose(child, n)));
      await load(dirname(path));
      expect(await road.change("immunisations", "delete from dose where id = 'D7'")).toBe(1);
      const lost = (await road.ingest.reconcile(EAST)).filter((line) => !line.balances);
      expect(lost).toMatchObject([
        {
          system: EAST,
          type: "DoseRecorded",
          firsts: 12,
          held: 11,
          faults: ["12 doses (DoseRecorded) were applied and immunisations holds 11"],
        },
      ]);
    });

    test("finds a fact that nobody loaded", async () => {
      await load(children(twelve));
      await road.change(
        "demographics",
        "insert into school (child_id, system, id, as_of, tie_break, latest, withdrawn) values ('x', 'EAST_CHESHIRE', 'y', 'z', '', 1, 0)",
      );
      const faults = (await road.ingest.reconcile(EAST)).flatMap((line) => line.faults);
      expect(faults).toEqual(["0 schools (SchoolRecorded) were applied and demographics holds 1"]);
    });

    test("finds a row that is not accounted for", async () => {
      await load(children(twelve));
      await road.change("localities", "update load set rows_yielding = rows_yielding - 1");
      const [line] = await road.ingest.reconcile(EAST);
      expect(line).toMatchObject({ balances: false, faults: ["12 rows were read and 11 are accounted for"] });
    });
  });

  describe("A part that is down", () => {
    test("stops the load; what waits in the outbox is delivered when it is back, and the load goes on", async () => {
      const path = children(twelve);
      const part = road.parts.get("demographics");
      if (!part) throw new Error("There is no such part.");
      const deliver = part.deliver;
      let deliveries = 0;
      const down = Object.assign(part, {
        deliver: (delivery: Parameters<typeof deliver>[0]) => {
          deliveries += 1;
          return deliveries === 2 ? Promise.reject(new Error("down")) : deliver(delivery);
        },
      });
      await expect(load(path)).rejects.toThrow("down");
      // The next chunk may have been taken meanwhile, and then waits behind it.
      const [waiting] = await road.rows("localities", "select number, load from outbox order by number");
      expect(waiting).toEqual({ number: 2, load: 1 });
      Object.assign(down, { deliver });
      const [line] = await load(path);
      expect(sums(line)).toBe(
        "12 rows: 12 yield, 0 refused (0 again); 60 applied, 0 duplicate, 0 superseded, 0 refused",
      );
      expect(line?.load).toBe(1);
      expect(await balanced()).toEqual([]);
    });
  });
});
