import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADAPTERS } from "../../../ingest/extracts";
import type { RawRow } from "../../../ingest/extracts/adapter";
import { batchV5 } from "../../../ingest/extracts/formats/batch-v5";
import { carePlus } from "../../../ingest/extracts/formats/careplus";
import { type Extract, encoded, openExtract, Splitter } from "../../../ingest/extracts/rows";
import type { LocalityCode } from "../../../schema/vocabulary/localities";

const folder = mkdtempSync(join(tmpdir(), "extracts-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rowsOf(extract: Extract): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const some of extract.rows) rows.push(...some);
  return rows;
}

function split(text: string, { delimiter = "|", columns = 3, pieces = text.length } = {}): RawRow[] {
  const splitter = new Splitter(delimiter, columns, false);
  const rows: RawRow[] = [];
  for (let at = 0; at < text.length; at += pieces) rows.push(...splitter.add(text.slice(at, at + pieces)));
  return [...rows, ...splitter.end("")];
}

const said = (rows: readonly RawRow[]) => rows.map((row) => (row.paired ? row.fields.join("·") : "unpaired"));

describe("A file as rows", () => {
  const given: readonly (readonly [string, string, readonly string[]])[] = [
    ["rows of plain fields", "a|b|c\nd|e|f\n", ["a·b·c", "d·e·f"]],
    ["rows that end as on Windows", "a|b|c\r\nd|e|f\r\n", ["a·b·c", "d·e·f"]],
    ["a last row without a line end", "a|b|c\nd|e|f", ["a·b·c", "d·e·f"]],
    ["fields that are all quoted", '"a"|""|"c d"\n', ["a··c d"]],
    ["fields of which some are quoted", 'a|"b"|c\n', ["a·b·c"]],
    ["a delimiter within quotes", '"a|b"|"|"|"c"\n"a"|x|"|"\n', ["a|b·|·c", "a·x·|"]],
    ["a doubled quote", '"a ""b"""|"c"|"d"\n', ['a "b"·c·d']],
    ["a line end within quotes", 'a|b|"c\nd"\r\ne|f|g\n', ["a·b·c\nd", "e·f·g"]],
    ["a quote within a field that is not quoted", 'a|b "c" d|e\n', ['a·b "c" d·e']],
    ["empty fields", "||\n", ["··"]],
    ["blank lines, which are no rows", "a|b|c\n\n  \r\nd|e|f\n", ["a·b·c", "d·e·f"]],
    ["a field missing", "a|b\n", ["a·b"]],
    ["a last row that was cut off", "a|b|c\nd|e", ["a·b·c", "d·e"]],
    ["a last row cut off within its quotes", 'a|b|c\nd|e|"f', ["a·b·c", "unpaired"]],
    ["a quote left open, which costs its own row alone", 'a|b|"c\nd|e|f\ng|h|"i"\n', ["unpaired", "d·e·f", "g·h·i"]],
    ["text after a closing quote", 'a|"b"c|d\ne|f|g\n', ["unpaired", "e·f·g"]],
  ];

  test.each(given)("%s", (_, text, expected) => {
    expect(said(split(text))).toEqual(expected);
  });

  test.each(given)("%s, wherever the text is cut into pieces", (_, text, expected) => {
    for (let pieces = 1; pieces < text.length; pieces++) expect(said(split(text, { pieces }))).toEqual(expected);
  });

  test("tabs alone are a row of empty fields, not a blank line", () => {
    expect(said(split("\t\t\n", { delimiter: "\t" }))).toEqual(["··"]);
  });

  test("without a delimiter each line is one field, and quotes in it mean nothing", () => {
    expect(said(split('{"a":"b"}\n{"c":"\n', { delimiter: "", columns: 1 }))).toEqual(['{"a":"b"}', '{"c":"']);
  });

  test("rows are numbered from 1 and keep their text", () => {
    expect(split('a|b|c\n\n"d"|"e"|"f\ng"\n').map(({ number, text }) => [number, text])).toEqual([
      [1, "a|b|c"],
      [2, '"d"|"e"|"f\ng"'],
    ]);
  });

  test("a row without end is given up, and the rows after it are read", () => {
    const rows = split(`a|b|c\n${"x".repeat(400_000)}\nd|e|f\n`, { pieces: 50_000 });
    expect(rows.map((row) => row.fields.length)).toEqual([3, 0, 3]);
    expect(rows[1]?.text.length).toBe(131_072);
  });

  test("a quote that is never closed does not hold what follows", () => {
    const rows = split(`"a|b|c\n${"d|e|f\n".repeat(60_000)}`, { pieces: 50_000 });
    expect(rows.length).toBe(60_001);
    expect(rows.filter((row) => !row.paired).map((row) => row.number)).toEqual([1]);
  });
});

describe("A file that cannot be taken", () => {
  const children = ADAPTERS.WIRRAL.CHILDREN.header ?? "";
  const eastern = ADAPTERS.EAST_CHESHIRE.CHILDREN;
  const western = ADAPTERS.CHESHIRE_WEST.CHILDREN;

  const given: readonly (readonly [string, LocalityCode, string, string | Buffer, string])[] = [
    ["empty", "WIRRAL", "children.csv", "", "children.csv is empty."],
    ["blank", "WIRRAL", "children.csv", " \r\n\n", "children.csv is empty."],
    [
      "with a column missing",
      "WIRRAL",
      "children.csv",
      `${children.replace("|RESTRICTED|", "|")}\n`,
      "children.csv is not a file that Wirral sends: its first line matches no layout. Nearest is wirral-children: missing column RESTRICTED.",
    ],
    [
      "with another delimiter",
      "WIRRAL",
      "children.csv",
      `${children.replaceAll("|", ",")}\n`,
      "children.csv is not a file that Wirral sends: its first line matches no layout. Nearest is wirral-children: its columns are separated by commas, not by vertical bars.",
    ],
    [
      "with its columns in another order",
      "WIRRAL",
      "children.csv",
      `${children.split("|").toReversed().join("|")}\n`,
      "children.csv is not a file that Wirral sends: its first line matches no layout. Nearest is wirral-children: its columns stand in another order, or twice.",
    ],
    [
      "with a column too many",
      "WIRRAL",
      "children.csv",
      `${children}|SHOE_SIZE\n`,
      "children.csv is not a file that Wirral sends: its first line matches no layout. Nearest is wirral-children: 1 column that the layout does not have.",
    ],
    [
      "of another locality",
      "WIRRAL",
      "EC_ChildIndex.csv",
      `\uFEFF${eastern.header}\r\n`,
      "EC_ChildIndex.csv is a file of EAST_CHESHIRE, not of WIRRAL.",
    ],
    [
      "of batch doses under a name that says no vaccine",
      "WIRRAL",
      "doses.csv",
      `${batchV5.header}\n`,
      "doses.csv is not a file that Wirral sends: its first line matches no layout. Nearest is batch-v5: its name is not like MMR_Vaccinations_V5_YGM41_20260105T10000000.csv.",
    ],
    [
      "in Windows-1252 that should be in UTF-8",
      "EAST_CHESHIRE",
      "EC_ChildIndex.csv",
      encoded(`${eastern.header}\r\nZoë`, "windows-1252"),
      `EC_ChildIndex.csv is not utf-8: the first byte that is not stands at offset ${(eastern.header ?? "").length + 4}.`,
    ],
    [
      "in UTF-8 that should be in Windows-1252",
      "CHESHIRE_WEST",
      "CWC_CHILDREN.txt",
      `${western.header}\r\nZoë`,
      `CWC_CHILDREN.txt is not windows-1252: the first byte that is not stands at offset ${(western.header ?? "").length + 4}.`,
    ],
    [
      "in UTF-16",
      "WIRRAL",
      "children.csv",
      Buffer.from(`\uFEFF${children}\n`, "utf16le"),
      "children.csv is not utf-8 or windows-1252: the first byte that is not stands at offset 0.",
    ],
  ];

  test.each(given)("%s", async (_, locality, name, content, message) => {
    await expect(openExtract(file(name, content), locality)).rejects.toMatchObject({ message });
  });

  test("that is not there", async () => {
    await expect(openExtract(join(folder, "absent.csv"), "WIRRAL")).rejects.toMatchObject({
      message: "absent.csv cannot be read: ENOENT.",
    });
  });

  test("a file without a header, beginning with a child, tells nothing of the child", async () => {
    const path = file("children.csv", "17|9990000018|Quillfeather|Zoë|20190304|2|CH41 8DB\n");
    await expect(openExtract(path, "WIRRAL")).rejects.toMatchObject({
      message: expect.not.stringMatching(/9990000018|Quillfeather|Zoë|20190304|CH41/),
    });
  });
});

describe("A file that is taken", () => {
  const row = (locality: LocalityCode, familyName: string) => {
    const layout = ADAPTERS[locality].CHILDREN;
    return layout.line(
      layout.write([
        {
          localId: "17",
          familyName,
          givenNames: "Zoë",
          bornOn: "2019-03-04",
          sex: "FEMALE",
          restricted: false,
          residence: "RESIDENT",
          amendedAt: "2025-01-05T10:15:00.000000000Z",
        },
      ]),
    );
  };

  test.each`
    locality                | encoding          | mark
    ${"EAST_CHESHIRE"}      | ${"utf-8"}        | ${"\uFEFF"}
    ${"EAST_CHESHIRE"}      | ${"utf-8"}        | ${""}
    ${"CHESHIRE_WEST"}      | ${"windows-1252"} | ${""}
    ${"LIVERPOOL_SEFTON"}   | ${"utf-8"}        | ${""}
    ${"ST_HELENS_KNOWSLEY"} | ${"windows-1252"} | ${""}
    ${"WIRRAL"}             | ${"utf-8"}        | ${""}
    ${"WARRINGTON"}         | ${"utf-8"}        | ${"\uFEFF"}
  `("$locality in $encoding gives names as they are", async ({ locality, encoding, mark }) => {
    const layout = ADAPTERS[locality as LocalityCode].CHILDREN;
    const bytes = encoded(`${mark}${layout.header}\n${row(locality, "Ní Dhomhnaill-Š’")}`, encoding);
    const extract = await openExtract(file("children", bytes), locality);
    expect(extract).toMatchObject({ layout, bytes: bytes.length, digest: hash("sha256", bytes), name: "children" });
    const read = layout.reader({ locality, name: extract.name, receivedOn: "2025-02-01" });
    for (let time = 1; time <= 2; time++) {
      const rows = await rowsOf(extract);
      expect(rows.map(read)).toMatchObject([
        { read: true, reading: { about: { familyName: "Ní Dhomhnaill-Š’", givenNames: "Zoë" } } },
      ]);
    }
  });

  test("a published layout of doses is taken from any locality", async () => {
    const extract = await openExtract(file("doses.csv", `${carePlus.header}\n`), "WARRINGTON");
    expect(extract.layout).toBe(carePlus);
    expect(await rowsOf(extract)).toEqual([]);
  });

  test("a byte here and there that is not UTF-8 costs its own row, not the file", async () => {
    const layout = ADAPTERS.WIRRAL.CHILDREN;
    const broken = encoded(row("WIRRAL", "Ní\uFFFDMáille"), "utf-8").toString("latin1").replace("\xEF\xBF\xBD", "\xFF");
    const lines = [`${layout.header}\n`, row("WIRRAL", "Ní Mháille")].map((line) =>
      Buffer.from(line).toString("latin1"),
    );
    const path = file("children", Buffer.from([...lines, broken].join(""), "latin1"));
    const extract = await openExtract(path, "WIRRAL");
    const read = extract.layout.reader({ locality: "WIRRAL", name: extract.name, receivedOn: "2025-02-01" });
    const readings = (await rowsOf(extract)).map(read);
    expect(readings.map((each) => (each.read ? "read" : each.faults.map((fault) => fault.message)))).toEqual([
      "read",
      ["row 2, PERSON_SURNAME holds bytes that are not utf-8."],
    ]);
  });

  test("a byte that Windows-1252 does not have costs its own row", async () => {
    const layout = ADAPTERS.CHESHIRE_WEST.CHILDREN;
    const text = `${layout.header}\n${row("CHESHIRE_WEST", "O’Neill")}${row("CHESHIRE_WEST", "O\uFFFDNeill")}`;
    const extract = await openExtract(file("children", encoded(text, "windows-1252")), "CHESHIRE_WEST");
    const read = extract.layout.reader({ locality: "CHESHIRE_WEST", name: extract.name, receivedOn: "2025-02-01" });
    const readings = (await rowsOf(extract)).map(read);
    expect(readings.map((each) => (each.read ? "read" : each.faults.map((fault) => fault.message)))).toEqual([
      "read",
      ["row 2, FAMILY_NAME holds bytes that are not windows-1252."],
    ]);
  });
});

test("a character that Windows-1252 does not have is not written as another", () => {
  expect(encoded("€ŠŸÿ", "windows-1252")).toEqual(Buffer.from([0x80, 0x8a, 0x9f, 0xff]));
  expect(() => encoded("Łukasz", "windows-1252")).toThrow(RangeError);
});
