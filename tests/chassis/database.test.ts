import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Migration, openDatabase, type Table } from "../../chassis/database";
import type { Problem } from "../../schema/errors";
import { eachDatabase } from "../databases";

const NOTE: Table = {
  name: "note",
  columns: { id: "text", from: "text", seen: "boolean", lines: "json", weight: "real", count: "integer" },
  key: ["id"],
};
const FIRST: Migration = { name: "notes", tables: [NOTE] };
const SECOND: Migration = { name: "more notes", tables: [{ ...NOTE, name: "more_notes" }] };

async function problemOf(attempt: Promise<unknown>): Promise<Problem> {
  return attempt.then(
    () => {
      throw new Error("It did not fail.");
    },
    (problem: Problem) => problem,
  );
}

eachDatabase((places, dialect) => {
  test("a row comes back as it went in, whatever its types, and null stays null", async () => {
    const database = await openDatabase("notes", places("notes_types"));
    await database.migrate([FIRST]);
    const rows = [
      { id: "a", from: "x", seen: true, lines: ["one", 'O\'Neill "two"'], weight: 0.5, count: 9_007_199_254 },
      { id: "b", from: null, seen: false, lines: null, weight: null, count: null },
    ];
    await database.write((transaction) => transaction.insert(NOTE, rows));
    const all = database.statement(
      ({ from, among }) => from(NOTE).where(among("id", "ids")).orderBy("id"),
      NOTE.columns,
    );
    expect(await database.rows(all, { ids: ["b", "a", "c"] })).toEqual(rows);
    expect(await database.rows(all, { ids: [] })).toEqual([]);
    await database.close();
  });

  test("many rows at once come back as they went in, with whatever a text may hold", async () => {
    const database = await openDatabase("notes", places("notes_many"));
    await database.migrate([FIRST]);
    const texts = ["", "\\N", "a\tb", "a\nb", "a\r\nb", "C:\\new", "\\.", "Zoë “Ó'Néill”", "👶", null, "\b\v\f"];
    const rows = Array.from({ length: 500 }, (_, n) => ({
      id: `\\${String(n).padStart(3, "0")}`,
      from: texts[n % texts.length] ?? null,
      seen: n % 2 === 0,
      lines: n % 3 === 0 ? null : ["a\\tb", "x\ty", `${n}`],
      weight: n / 7,
      count: n * 1_000_003,
    }));
    await database.write((transaction) => transaction.insert(NOTE, rows));
    const all = database.statement((shape) => shape.from(NOTE).orderBy("id"), NOTE.columns);
    expect(await database.rows(all)).toEqual(rows);
    // One that is there already fails them all, and leaves the connection fit for the next.
    const again = database.write((transaction) => transaction.insert(NOTE, [...rows].reverse()));
    await expect(again).rejects.toHaveProperty("code", dialect === "sqlite" ? "SQLITE_CONSTRAINT_PRIMARYKEY" : "23505");
    expect(await database.rows(all)).toHaveLength(rows.length);
    await database.close();
  });

  test("a key that is there fails, is replaced or is left as it is, as asked", async () => {
    const database = await openDatabase("notes", places("notes_keys"));
    await database.migrate([FIRST]);
    const put = (from: string, onConflict?: "replace" | "ignore") =>
      database.write((transaction) => transaction.insert(NOTE, [{ id: "a", from }], onConflict));
    const from = database.statement<{ from: string }>((shape) => shape.from(NOTE).select("from"));
    await put("first");
    await expect(put("again")).rejects.toHaveProperty(
      "code",
      dialect === "sqlite" ? "SQLITE_CONSTRAINT_PRIMARYKEY" : "23505",
    );
    await put("ignored", "ignore");
    expect(await database.rows(from)).toEqual([{ from: "first" }]);
    await put("second", "replace");
    expect(await database.rows(from)).toEqual([{ from: "second" }]);
    await database.close();
  });

  test("two who write the same database at once take turns, and both are done", async () => {
    const place = places("notes_turns");
    const [one, two] = [await openDatabase("notes", place), await openDatabase("notes", place)];
    await one.migrate([FIRST]);
    const seen: string[] = [];
    const write = (database: typeof one, id: string) =>
      database.write(async (transaction) => {
        await transaction.insert(NOTE, [{ id }]);
        // Gives the other its chance to begin while this one is not finished.
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(id);
      });
    await Promise.all([write(one, "a"), write(two, "b"), write(one, "c"), write(two, "d")]);
    expect(seen.sort()).toEqual(["a", "b", "c", "d"]);
    await one.close();
    await two.close();
  });

  test("what is read beside a transaction is what stood before it, until it is done", async () => {
    const place = places("notes_beside");
    const [one, two] = [await openDatabase("notes", place), await openDatabase("notes", place)];
    await one.migrate([FIRST]);
    const all = one.statement<{ id: string }>((shape) => shape.from(NOTE).select("id").orderBy("id"));
    const ids = async (database = one) => (await database.rows(all)).map(({ id }) => id);
    const [before, writing] = [
      ids(), // and not waited for: what is written next begins in the same breath
      one.write(
        async (transaction) => {
          await transaction.insert(NOTE, [{ id: "a" }]);
          expect(await Promise.all([ids(), ids()])).toEqual([[], []]);
          await new Promise((resolve) => setImmediate(resolve));
          expect(await ids()).toEqual([]);
          expect((await transaction.rows(all)).map(({ id }) => id)).toEqual(["a"]);
        },
        { durable: true },
      ),
    ];
    await Promise.all([before, writing]);
    expect(await ids()).toEqual(["a"]);
    await two.write((transaction) => transaction.insert(NOTE, [{ id: "b" }]));
    expect(await ids()).toEqual(["a", "b"]);
    await expect(
      one.write(async (transaction) => {
        await transaction.insert(NOTE, [{ id: "c" }]);
        throw new Error("never mind");
      }),
    ).rejects.toThrow("never mind");
    expect(await ids()).toEqual(["a", "b"]);
    await one.close();
    await two.close();
  });

  describe("The schema of a database", () => {
    test("is brought up to date in steps, and a second time there is nothing to do", async () => {
      const database = await openDatabase("notes", places("notes_steps"));
      expect(await database.migrate([FIRST])).toBe(1);
      expect(await database.migrate([FIRST, SECOND])).toBe(1);
      expect(await database.migrate([FIRST, SECOND])).toBe(0);
      await database.expect([FIRST, SECOND]);
      await database.close();
    });

    test("behind, ahead or half migrated, it is not used", async () => {
      const database = await openDatabase("notes", places("notes_behind"));
      await database.migrate([FIRST]);
      expect((await problemOf(database.expect([FIRST, SECOND]))).message).toBe(
        "The database of notes is at migration 1 of 2.",
      );
      expect((await problemOf(database.expect([]))).code).toBe("DATABASE_AHEAD");
      expect((await problemOf(database.expect([SECOND]))).code).toBe("DATABASE_AHEAD");
      const undo = database.statement((shape) => shape.raw("update schema_migration set done_at = null"));
      await database.write((transaction) => transaction.run(undo));
      expect((await problemOf(database.expect([FIRST]))).message).toBe(
        "Migration notes of notes was begun and not finished.",
      );
      await database.close();
    });

    test("a step that fails leaves nothing of itself", async () => {
      const database = await openDatabase("notes", places("notes_failed"));
      const broken: Migration = { name: "broken", tables: [NOTE], statements: () => ["create table nonsense ("] };
      await expect(database.migrate([broken])).rejects.toHaveProperty(
        "code",
        dialect === "sqlite" ? "SQLITE_ERROR" : "42601",
      );
      expect(await database.migrate([FIRST])).toBe(1);
      await database.close();
    });
  });

  if (dialect === "sqlite") {
    test("a file that is no database is named, and so is the setting", async () => {
      const folder = mkdtempSync(join(tmpdir(), "chis-test-"));
      const file = join(folder, "notes.sqlite");
      writeFileSync(file, "This is a letter, not a database. ".repeat(100));
      const problem = await problemOf(openDatabase("notes", { file }));
      expect(problem.message).toBe(`The database of notes cannot be reached: SQLITE_NOTADB at ${file}.`);
      expect(problem.remedy).toContain("DATA_DIR");
      rmSync(folder, { recursive: true });
    });
  } else {
    test("a server that does not answer is a problem that names the setting", async () => {
      const place = { url: "postgres://postgres@127.0.0.1:1/none", schema: "notes", setting: "NOTES_DATABASE_URL" };
      const problem = await problemOf(openDatabase("notes", place));
      expect(problem.message).toBe("The database of notes cannot be reached: ECONNREFUSED.");
      expect(problem.remedy).toContain("NOTES_DATABASE_URL");
    });
  }
});
