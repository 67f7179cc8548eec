/**
 * Breaking the glass: who was let see whose record, for how long and why, and what a privacy officer found. The grant
 * takes the one road to every part's register, so that it holds everywhere when it is answered; the words in which it was
 * asked for stay here.
 */

import { randomUUID } from "node:crypto";
import type { Database, Row, Table, Transaction } from "../chassis/database";
import type { Viewer } from "../schema/access";
import { addDays, type Day, type Instant, instantOf, londonDay } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { GlassBroken } from "../schema/events";
import { readNhsNumber } from "../schema/nhs-number";
import { type BreakGlassFinding, type BreakGlassReason, GLASS, opensPlace } from "../schema/vocabulary/break-glass";
import type { Road } from "./road";

/** One grant, with its review. Append-only but for the review, of which each finding is kept. */
export const GLASS_GRANT: Table = {
  name: "glass_grant",
  columns: {
    id: "text",
    childId: "text",
    subject: "text",
    name: "text",
    role: "text",
    organisation: "text",
    reasonCode: "text",
    reason: "text",
    brokenAt: "text",
    until: "text",
    opensPlace: "boolean",
    reviewBy: "text",
    open: "boolean",
    reviews: "json",
  },
  key: ["id"],
  indexes: [
    { on: ["brokenAt", "id"], for: "grants to be reviewed, in order", where: "open = 1" },
    { on: ["subject", "brokenAt"], for: "how many one person opened of late" },
  ],
};

export interface GlassGrant extends Row {
  readonly id: string;
  readonly childId: string;
  readonly subject: string;
  readonly name: string;
  readonly role: GlassBroken["role"];
  readonly organisation: string | null;
  readonly reasonCode: BreakGlassReason;
  readonly reason: string;
  readonly brokenAt: Instant;
  readonly until: Instant;
  readonly opensPlace: boolean;
  readonly reviewBy: Day;
  readonly open: boolean;
  /** Oldest first. */
  readonly reviews: readonly Finding[];
}

export interface Finding {
  readonly at: Instant;
  readonly by: string;
  readonly finding: BreakGlassFinding;
  readonly note: string;
}

/** What the graph asks for. */
export interface GlassDesk {
  /** Lets a viewer see one child's record for a time. `child` is its id, or its NHS number. */
  open(asked: {
    readonly child: string;
    readonly viewer: Viewer;
    readonly reasonCode: BreakGlassReason;
    readonly reason: string;
  }): Promise<GlassGrant>;
  /** Oldest first, after a place in that order; null: reviewed ones too. */
  reviews(open: boolean | null, first: number, after: GlassPlace | null): Promise<readonly GlassGrant[]>;
  /** Throws NOT_FOUND, or ARGUMENT_INVALID for one that is reviewed already. */
  review(id: string, found: Omit<Finding, "at">): Promise<GlassGrant>;
}

export interface GlassPlace {
  readonly brokenAt: Instant;
  readonly id: string;
}

const DAY_MILLISECONDS = 86_400_000;

export function glassDeskOf(database: Database, road: Road): GlassDesk {
  const child = database.statement<{ childId: string; mergedInto: string | null }>(({ raw, param }) =>
    raw(
      `select child_id as "childId", merged_into as "mergedInto" from indexed_child
       where child_id = ? or child_id = (select child_id from nhs_number where nhs_number = ?)`,
      [param("childId"), param("nhsNumber")],
    ),
  );
  const byId = database.statement<GlassGrant>(
    ({ from, param }) => from(GLASS_GRANT).where("id", "=", param("id")),
    GLASS_GRANT.columns,
  );
  const openedSince = database.statement<{ grants: number }>(({ from, param, raw }) =>
    from(GLASS_GRANT)
      .select(raw("count(*) as grants"))
      .where("subject", "=", param("subject"))
      .where("broken_at", ">", param("since")),
  );
  const listed = (open: boolean | null, first: number) =>
    database.statement<GlassGrant>(({ from, param, raw }) => {
      const query = from(GLASS_GRANT).where(raw("(broken_at, id) > (?, ?)", [param("brokenAt"), param("id")]));
      // Written out, so that the index of the open ones serves.
      if (open !== null) query.where(raw(`open = ${open ? 1 : 0}`));
      return query.orderBy(["broken_at", "id"]).limit(first);
    }, GLASS_GRANT.columns);

  async function found(asked: string, transaction: Transaction): Promise<string> {
    const read = readNhsNumber(asked);
    const nhsNumber = read.valid ? read.nhsNumber : "";
    const [row] = await transaction.rows(child, { childId: asked, nhsNumber });
    if (row === undefined) throw new Problem("NOT_FOUND", { what: "child" });
    return row.mergedInto ?? row.childId;
  }

  return {
    async open({ child: asked, viewer, reasonCode, reason }) {
      await road.drain();
      const words = checkedReason(reason);
      const { grant, despatch } = await road.books.write(
        async (transaction) => {
          const brokenAt = road.now();
          const since = instantOf(Date.parse(brokenAt) - DAY_MILLISECONDS);
          const [opened] = await transaction.rows(openedSince, { subject: viewer.subject, since });
          if (Number(opened?.grants ?? 0) >= GLASS.mostADay) {
            throw new Problem("GLASS_BROKEN_OFTEN", { most: GLASS.mostADay });
          }
          const grant = grantOf(await found(asked, transaction), viewer, reasonCode, words, brokenAt);
          await transaction.insert(GLASS_GRANT, [grant]);
          const load = await road.books.running(transaction, {
            source: "QUARANTINE",
            locality: null,
            file: "glass",
            kind: "GLASS",
            receivedOn: londonDay(brokenAt),
            startedAt: brokenAt,
          });
          const counted = { rowsRead: load.rowsRead + 1, rowsYielding: load.rowsYielding + 1, finishedAt: brokenAt };
          await road.books.saveLoad(transaction, { ...load, ...counted });
          // Of no message and no row: both are numbered from 1.
          return { grant, despatch: await road.put(transaction, load, [eventOf(grant)], [0]) };
        },
        { durable: true },
      );
      await road.send(despatch);
      return grant;
    },

    reviews: (open, first, after) =>
      database.rows(listed(open, first), { brokenAt: after?.brokenAt ?? "", id: after?.id ?? "" }),

    review: (id, found) =>
      road.books.write(async (transaction) => {
        const [grant] = await transaction.rows(byId, { id });
        if (grant === undefined) throw new Problem("NOT_FOUND", { what: "broken glass" });
        if (!grant.open) throw new Problem("ARGUMENT_INVALID", { argument: "id", expected: "that of an open review" });
        // Whoever broke it does not review it.
        if (grant.subject === found.by) {
          throw new Problem("ARGUMENT_INVALID", { argument: "id", expected: "that of glass another person broke" });
        }
        const reviews = [...grant.reviews, { at: road.now(), ...found }];
        const reviewed = { ...grant, reviews, open: found.finding === "TO_BE_ASKED" };
        await transaction.insert(GLASS_GRANT, [reviewed], "replace");
        return reviewed;
      }),
  };
}

function grantOf(
  childId: string,
  { subject, name, role, organisation }: Viewer,
  reasonCode: BreakGlassReason,
  reason: string,
  brokenAt: Instant,
): GlassGrant {
  const until = instantOf(Date.parse(brokenAt) + GLASS.hours * 3_600_000);
  const reviewBy = addDays(londonDay(brokenAt), GLASS.reviewedWithinDays);
  const who = { subject, name, role, organisation };
  const why = { reasonCode, reason, opensPlace: opensPlace(reasonCode, role) };
  return { id: randomUUID(), childId, ...who, ...why, brokenAt, until, reviewBy, open: true, reviews: [] };
}

function eventOf({
  id,
  childId,
  subject,
  role,
  organisation,
  reasonCode,
  brokenAt,
  until,
  opensPlace,
}: GlassGrant): GlassBroken {
  return {
    type: "GlassBroken",
    action: "record",
    childId,
    source: { system: "GLASS", id },
    asOf: brokenAt,
    subject,
    role,
    organisation,
    reasonCode,
    from: brokenAt,
    until,
    opensPlace,
  };
}

/** The reason in words. Throws ARGUMENT_INVALID where it is none: somebody has to judge by it. */
function checkedReason(reason: string): string {
  const words = reason.trim();
  if (words.length < GLASS.leastReason || words.length > GLASS.mostReason) {
    const expected = `a reason in words, of ${GLASS.leastReason} to ${GLASS.mostReason} characters`;
    throw new Problem("ARGUMENT_INVALID", { argument: "reason", expected });
  }
  return words;
}
