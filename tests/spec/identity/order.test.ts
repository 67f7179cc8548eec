import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../../chassis/database";
import { synthesise } from "../../../ingest";
import { LOCALITY_CODES, type LocalityCode } from "../../../schema/vocabulary/localities";
import { world } from "../../world";

const CHILDREN = 120;
const out = mkdtempSync(join(tmpdir(), "chis-order-"));
beforeAll(() => synthesise({ children: CHILDREN, seed: 7, out, on: "2026-05-31" }));
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Everything shown of a child but ids, which follow from whom a child was first known by. */
const RECORD = `query ($id: ID!) { childById(id: $id) {
  nhsNumber nhsNumberStatus supersededNhsNumbers name { full } bornOn bornAtTime sex ethnicCategory deceased diedOn restricted
  birth { weightGrams gestationWeeks place { ... on BirthPlace { name } } mother { ... on Mother { nhsNumber name { full } } } }
  provenance { kind system { ... on SourceSystem { code firstToldAt lastToldAt } } }
  address { ... on Address { lines postcode } } addresses { from until address { lines postcode } toldBy }
  practice { ... on Practice { odsCode } } registrations { from until practice { odsCode } toldBy }
  school { urn name } locality { code } localAuthority { code } status
  newbornHearing { outcome screenedOn asOf toldOtherwise }
  newbornBloodSpot { complete missing results { condition status subStatus } }
  newbornExamination { examinedOn complete hips { outcome } eyes { outcome } heart { outcome } testes { outcome } }
  infantExamination { examinedOn complete hips { outcome } }
  newbornHearingReports(withdrawn: true) { standing asOf }
  doses { vaccine givenOn precision flags productCode sources { ... on DoseSource { system id asOf } } }
  dosesNotGiven { vaccine reason decidedOn }
  safeguarding { standing }
} }`;

/** What is sent at a time: a folder of a locality's files, which are loaded child index first; one file; the messages. */
type Sent = { readonly locality: LocalityCode; readonly file?: string } | "MESSAGES";

const everyFolder: readonly Sent[] = LOCALITY_CODES.map((locality) => ({ locality }));

/** A file at a time, by name backwards, so that most come before the child index of their children. */
const everyFile = (): readonly Sent[] =>
  LOCALITY_CODES.flatMap((locality) =>
    readdirSync(join(out, locality))
      .sort()
      .toReversed()
      .map((file) => ({ locality, file })),
  );

/** Each child's record by the numbers the child goes by, once all was loaded in an order; and what waits for a person. */
async function loadedIn(order: readonly Sent[]) {
  const house = await world();
  const { ingest } = house.house;
  if (ingest === null) throw new Error("The road in of this house runs elsewhere.");
  for (const sent of order) {
    if (sent === "MESSAGES") for await (const _ of ingest.receive([join(out, "messages")]));
    else await ingest.load({ locality: sent.locality, paths: [join(out, sent.locality, sent.file ?? "")] });
  }
  expect((await ingest.reconcile(null)).flatMap(({ faults }) => faults)).toEqual([]);

  const books = await openDatabase("localities", { file: join(house.folder, "localities.sqlite") });
  const numbers = await books.rows<{ child: string; number: string }>(
    books.statement(({ raw }) =>
      raw(
        "select coalesce(c.merged_into, c.child_id) as child, n.number from indexed_child c join (" +
          "select child_id, nhs_number as number from nhs_number union select child_id, locality || ' ' || local_id from local_number" +
          ") n on n.child_id = c.child_id order by n.number",
      ),
    ),
  );
  const waiting = await books.rows<{ item: string }>(
    books.statement(({ raw }) =>
      raw(
        "select coalesce(locality, 'message') || ' ' || kind || ' ' || case when locality is null then '' else row end || ' ' || reason_codes as item " +
          "from quarantine_item where open = 1 order by item",
      ),
    ),
  );
  await books.close();

  const goesBy = new Map<string, string[]>();
  for (const { child, number } of numbers) goesBy.set(child, [...(goesBy.get(child) ?? []), number]);
  const ask = house.as("CHILD_HEALTH_CLERK");
  const records = new Map<string, unknown>();
  for (const [id, names] of goesBy) {
    const { data, errors = [] } = await ask(RECORD, { id });
    const codes = new Set(errors.map(({ extensions }) => extensions.code));
    records.set(names.join(), { ...data.childById, errors: [...codes].sort() });
  }
  await house.close();
  return { records, waiting: waiting.map(({ item }) => item) };
}

test("the same files and messages, in whatever order they come, make the same record of every child", async () => {
  const inOrder = await loadedIn([...everyFolder, "MESSAGES"]);
  expect(inOrder.records.size).toBeGreaterThan(CHILDREN * 0.9);
  for (const order of [
    ["MESSAGES", ...everyFolder.toReversed()],
    everyFile().flatMap((sent, n): readonly Sent[] => (n === 9 ? ["MESSAGES", sent] : [sent])),
  ] satisfies (readonly Sent[])[]) {
    const other = await loadedIn(order);
    expect(other.waiting).toEqual(inOrder.waiting);
    expect([...other.records.keys()].sort()).toEqual([...inOrder.records.keys()].sort());
    for (const [child, record] of inOrder.records) expect(other.records.get(child)).toEqual(record);
  }
});
