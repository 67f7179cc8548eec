/** Every query, each taking many children and answering in their order. */

import type { Database } from "../../chassis/database";
import { everyVersion, standingCopies, standingFacts, standingParts } from "../../chassis/facts";
import type { Entry } from "../../chassis/register";
import { BCG_ELIGIBILITY, DOSE, DOSE_NOT_GIVEN, SCID_SCREEN } from "./apply";
import type { PlanFacts } from "./given";

export const reads = (database: Database) => ({
  doses: standingFacts(database, DOSE),
  doseVersions: everyVersion(database, DOSE),
  dosesNotGiven: standingFacts(database, DOSE_NOT_GIVEN),
  bcgEligibility: standingCopies(database, BCG_ELIGIBILITY),
  scidScreens: standingCopies(database, SCID_SCREEN),
});

export type Reads = ReturnType<typeof reads>;

/** Reads what plans are made of, for many children at once: of each with what was told of every record that is part of it. */
export function planFacts(
  database: Database,
): (entries: readonly Pick<Entry, "members">[]) => Promise<readonly PlanFacts[]> {
  const { dosesNotGiven, bcgEligibility, scidScreens } = reads(database);
  const doses = standingParts(database, DOSE, ["vaccine", "givenOn", "precision"]);
  return async (entries) => {
    const members = [...new Set(entries.flatMap((entry) => entry.members))];
    const byMember = async <T>(read: (childIds: readonly string[]) => Promise<readonly (readonly T[])[]>) => {
      const lists = await read(members);
      const held = new Map(members.map((member, at) => [member, lists[at] ?? []]));
      return (entry: Pick<Entry, "members">) => entry.members.flatMap((member) => held.get(member) ?? []);
    };
    const [given, notGiven, eligibility, screens] = await Promise.all([
      byMember(doses),
      byMember(dosesNotGiven),
      byMember(bcgEligibility),
      byMember(scidScreens),
    ]);
    return entries.map((entry) => ({
      doses: given(entry),
      dosesNotGiven: notGiven(entry),
      bcgEligibility: eligibility(entry),
      scidScreens: screens(entry),
    }));
  };
}
