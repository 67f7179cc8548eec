/** Every query, each taking many children and answering in their order. */

import type { Database } from "../../chassis/database";
import { everyVersion, type FactTable } from "../../chassis/facts";
import { NEWBORN_BLOOD_SPOT, NEWBORN_EXAMINATION, NEWBORN_HEARING } from "./apply";
import type { Withdrawal } from "./standing";

export const reads = (database: Database) => ({
  hearings: everyVersion(database, NEWBORN_HEARING),
  hearingWithdrawals: withdrawals(database, NEWBORN_HEARING),
  bloodSpots: everyVersion(database, NEWBORN_BLOOD_SPOT),
  bloodSpotWithdrawals: withdrawals(database, NEWBORN_BLOOD_SPOT),
  examinations: everyVersion(database, NEWBORN_EXAMINATION),
  examinationWithdrawals: withdrawals(database, NEWBORN_EXAMINATION),
});

export type Reads = ReturnType<typeof reads>;

/**
 * The records that their source took back, and as of when. They are told under whichever child the record was known
 * to be of then, which after a merge need not be the one it was first told under.
 */
function withdrawals(database: Database, table: FactTable) {
  const statement = database.statement<{ childId: string; system: string; id: string; asOf: string }>(
    ({ from, among }) =>
      from(table)
        .select("child_id", "system", "id", "as_of")
        .where(among("child_id", "childIds"))
        .where("withdrawn", 1)
        .orderBy(["child_id", "system", "id", "as_of"]),
    table.columns,
  );
  return async (childIds: readonly string[]): Promise<readonly (readonly Withdrawal[])[]> => {
    const byChildId = new Map<string, Withdrawal[]>(childIds.map((childId) => [childId, []]));
    for (const { childId, system, id, asOf } of await database.rows(statement, { childIds: [...byChildId.keys()] })) {
      byChildId.get(childId)?.push({ childId, source: { system, id }, asOf });
    }
    return childIds.map((childId) => byChildId.get(childId) ?? []);
  };
}
