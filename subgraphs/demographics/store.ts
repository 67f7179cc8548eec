/** Every query, each taking many keys and answering in their order. */

import type { Database } from "../../chassis/database";
import { everyVersion, standingFacts } from "../../chassis/facts";
import { ADDRESS, BIRTH, FACTS, FORMER_NHS_NUMBER, GP_REGISTRATION, IDENTITY, SCHOOL } from "./apply";
import { childOfNumber, type NumberHolder, type Telling } from "./model";

export const reads = (database: Database) => ({
  identities: standingFacts(database, IDENTITY),
  births: standingFacts(database, BIRTH),
  addresses: everyVersion(database, ADDRESS),
  registrations: everyVersion(database, GP_REGISTRATION),
  schools: standingFacts(database, SCHOOL),
  sources: sourcesOf(database),
});

/** By another key than the child's id; those of a search answer at most so many children that come into question. */
export const lookups = (database: Database) => ({
  childOfNumber: childOfNumberIn(database),
  bornOn: childrenBy(database, IDENTITY.name, "born_on"),
  nameKey: childrenBy(database, IDENTITY.name, "name_key"),
  postcode: childrenBy(database, ADDRESS.name, "postcode_key"),
});

export type Reads = ReturnType<typeof reads>;
export type Lookups = ReturnType<typeof lookups>;

/** Of every fact of ours, in whatever table: which system told it and when. */
function sourcesOf(database: Database) {
  type Told = Telling & { readonly childId: string };
  const [first, ...others] = Object.values(FACTS);
  const statement = database.statement<Told>(
    ({ from, among }) => {
      const tellings = ({ name }: { readonly name: string }) =>
        from(name)
          .select("child_id", { code: "system" }, { told_at: "as_of" })
          .where(among("child_id", "childIds"))
          .where("withdrawn", 0);
      return tellings(first ?? IDENTITY).unionAll(others.map(tellings));
    },
    { childId: "text", code: "text", toldAt: "text" },
  );
  return async (childIds: readonly string[]): Promise<readonly (readonly Told[])[]> => {
    const byChildId = new Map<string, Told[]>(childIds.map((childId) => [childId, []]));
    for (const row of await database.rows(statement, { childIds: [...byChildId.keys()] })) {
      byChildId.get(row.childId)?.push(row);
    }
    return childIds.map((childId) => byChildId.get(childId) ?? []);
  };
}

function childOfNumberIn(database: Database) {
  const selected = ["child_id", "nhs_number", "nhs_number_status", "superseded_nhs_numbers", "as_of"];
  const now = database.statement<NumberHolder>(
    ({ from, among }) =>
      from(IDENTITY).select(selected).where(among("nhs_number", "numbers")).where({ latest: 1, withdrawn: 0 }),
    IDENTITY.columns,
  );
  const formerly = database.statement<NumberHolder>(
    ({ from, among }) =>
      from(IDENTITY)
        .select(selected)
        .whereIn("child_id", from(FORMER_NHS_NUMBER).select("child_id").where(among("nhs_number", "numbers")))
        .where({ latest: 1, withdrawn: 0 }),
    IDENTITY.columns,
  );
  return async (numbers: readonly string[]): Promise<readonly (string | null)[]> => {
    const [holders, former] = await Promise.all([
      database.rows(now, { numbers }),
      database.rows(formerly, { numbers }),
    ]);
    return numbers.map((number) => childOfNumber(number, [...holders, ...former]));
  };
}

/** Children of a key that come into question in one search; more are beyond what a person reads. */
const MOST_CANDIDATES = 2000;

function childrenBy(database: Database, table: string, column: string) {
  const statement = database.statement<{ childId: string; key: string }>(
    ({ from, among }) =>
      from(table)
        .select("child_id", { key: column })
        .where(among(column, "keys"))
        .where({ latest: 1, withdrawn: 0 })
        .orderBy("child_id")
        .limit(MOST_CANDIDATES),
    { childId: "text", key: "text" },
  );
  return async (keys: readonly string[]): Promise<readonly (readonly string[])[]> => {
    const byKey = new Map<string, string[]>(keys.map((key) => [key, []]));
    for (const { childId, key } of await database.rows(statement, { keys })) byKey.get(key)?.push(childId);
    return keys.map((key) => byKey.get(key) ?? []);
  };
}
