/** Which files were cut off on their way, and which only lack the last line end. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADAPTERS } from "../../../ingest/extracts";
import { openExtract } from "../../../ingest/extracts/rows";
import { Problem } from "../../../schema/errors";

const folder = mkdtempSync(join(tmpdir(), "chis-cut-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { header, columns } = ADAPTERS.EAST_CHESHIRE.CHILDREN;
const row = (first: string) => [first, ...columns.slice(1).map(() => "x")].join(",");
const whole = (...rows: string[]) => [header ?? "", ...rows].join("\r\n");
const dose = '{"resourceType":"Immunization","id":"1"}';

test.each`
  file                                         | content                                          | cutOff
  ${"with its last line end"}                  | ${`${whole(row("1"))}\r\n`}                      | ${null}
  ${"without its last line end"}               | ${whole(row("1"))}                               | ${null}
  ${"of a header alone"}                       | ${whole()}                                       | ${null}
  ${"whose last row has two lines"}            | ${whole(row("1"), row('"two\r\nlines"'))}        | ${null}
  ${"with a field too many"}                   | ${whole(`${row("1")},more`)}                     | ${null}
  ${"with a short row that ends"}              | ${`${whole("1,2")}\r\n`}                         | ${null}
  ${"with blank lines at its end"}             | ${`${whole("1,2")}\r\n\r\n`}                     | ${null}
  ${"cut within its last row"}                 | ${whole(row("1"), "2,3,4")}                      | ${"it has 3 of 28 fields"}
  ${"cut within quotes"}                       | ${whole(row("1"), `${row("2").slice(0, -1)}"x`)} | ${"a quote in it is left open"}
  ${"of JSON lines without the last line end"} | ${`${dose}\n${dose}`}                            | ${null}
  ${"of JSON lines, cut"}                      | ${`${dose}\n${dose.slice(0, -1)}`}               | ${"it is no whole JSON object"}
`("a file $file", async ({ content, cutOff }) => {
  const path = join(folder, "EC_ChildIndex.csv");
  writeFileSync(path, content);
  const opened = await openExtract(path, "EAST_CHESHIRE").catch((fault: unknown) => fault);
  const fault = opened instanceof Problem ? [opened.code, opened.slots.fault] : null;
  expect(fault).toEqual(cutOff === null ? null : ["FILE_CUT_OFF", cutOff]);
});
