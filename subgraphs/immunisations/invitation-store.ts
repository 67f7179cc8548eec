/** The rows of invitation runs: what the subgraph itself owns, beside the facts. */

import type { Database, Session, Table, Transaction } from "../../chassis/database";
import type { Instant } from "../../schema/calendar";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type { CancelReason, Invitation, InvitationRun } from "./invitation";

export const INVITATION_RUN: Table = {
  name: "invitation_run",
  columns: {
    id: "text",
    state: "text",
    heldOn: "text",
    venue: "text",
    locality: "text",
    practice: "text",
    school: "text",
    vaccines: "json",
    builtAt: "text",
    builtBy: "text",
    lockedAt: "text",
    closedAt: "text",
  },
  key: ["id"],
  indexes: [
    { on: ["locality", "heldOn", "id"], for: "the runs of a locality, latest day first" },
    { on: ["practice", "heldOn", "id"], for: "the runs of a practice", where: "practice is not null" },
  ],
};

export const INVITATION: Table = {
  name: "invitation",
  columns: {
    runId: "text",
    childId: "text",
    doses: "json",
    state: "text",
    number: "integer",
    heldOn: "text",
    invitedAt: "text",
    cancelledBecause: "text",
    changedAt: "text",
    changedBy: "text",
  },
  key: ["runId", "childId"],
  indexes: [
    { on: ["childId", "heldOn"], for: "a child's invitations: what is scheduled, and how often it was invited" },
  ],
};

/** Who changed what follows from a fact and from nobody's hand. */
export const BY_THE_RECORD = "the record";

export type InvitationStore = ReturnType<typeof invitationStore>;

export function invitationStore(database: Database) {
  const ofChildren = database.statement<Invitation>(
    ({ from, among }) =>
      from(INVITATION).where(among("child_id", "childIds")).orderBy(["child_id", "held_on", "run_id"]),
    INVITATION.columns,
  );
  const ofRun = database.statement<Invitation>(
    ({ from, param }) => from(INVITATION).where("run_id", "=", param("runId")).orderBy("child_id"),
    INVITATION.columns,
  );
  const runById = database.statement<InvitationRun>(
    ({ from, param }) => from(INVITATION_RUN).where("id", "=", param("id")),
    INVITATION_RUN.columns,
  );
  const runLocked = database.statement<InvitationRun>(({ from, param, dialect }) => {
    const query = from(INVITATION_RUN).where("id", "=", param("id"));
    return dialect === "postgres" ? query.forUpdate() : query; // SQLite has but one writer
  }, INVITATION_RUN.columns);
  const runsWhere = (of: "locality" | "practice") =>
    database.statement<InvitationRun>(
      ({ from, among, raw, param }) =>
        from(INVITATION_RUN)
          .where(among(of, "places"))
          .where(raw("(held_on, id) < (?, ?)", [param("beforeDay"), param("beforeId")]))
          .orderBy([
            { column: "held_on", order: "desc" },
            { column: "id", order: "desc" },
          ])
          .limit(RUNS_READ),
      INVITATION_RUN.columns,
    );
  const [runsOfLocality, runsOfPractice] = [runsWhere("locality"), runsWhere("practice")];

  return {
    async run(id: string, session: Session = database): Promise<InvitationRun | null> {
      return (await session.rows(runById, { id }))[0] ?? null;
    },

    /** The run, which nobody else changes until the transaction ends. */
    async runToChange(transaction: Transaction, id: string): Promise<InvitationRun | null> {
      return (await transaction.rows(runLocked, { id }))[0] ?? null;
    },

    /** Runs of localities, or of a practice, those held last first, before a place in that order; at most a hundred and one. */
    runs(
      { localities, practice }: { readonly localities: readonly LocalityCode[]; readonly practice: string | null },
      before: { readonly heldOn: string; readonly id: string } | null,
    ): Promise<readonly InvitationRun[]> {
      const places = practice === null ? localities : [practice];
      return database.rows(practice === null ? runsOfLocality : runsOfPractice, {
        places,
        beforeDay: before?.heldOn ?? AFTER_ANY_DAY,
        beforeId: before?.id ?? "",
      });
    },

    invitationsOf(runId: string, session: Session = database): Promise<readonly Invitation[]> {
      return session.rows(ofRun, { runId });
    },

    /** Every invitation of each child, oldest first. */
    async ofChildren(
      childIds: readonly string[],
      session: Session = database,
    ): Promise<ReadonlyMap<string, readonly Invitation[]>> {
      const byChildId = new Map<string, Invitation[]>();
      for (const row of await session.rows(ofChildren, { childIds })) {
        const rows = byChildId.get(row.childId);
        if (rows) rows.push(row);
        else byChildId.set(row.childId, [row]);
      }
      return byChildId;
    },

    async writeRun(transaction: Transaction, run: InvitationRun): Promise<void> {
      await transaction.insert(INVITATION_RUN, [{ ...run }], "replace");
    },

    async write(transaction: Transaction, invitations: readonly Invitation[]): Promise<void> {
      await transaction.insert(
        INVITATION,
        invitations.map((each) => ({ ...each })),
        "replace",
      );
    },

    /** Cancels what is scheduled for children who are called no more. */
    async cancel(transaction: Transaction, because: ReadonlyMap<string, CancelReason>, at: Instant): Promise<void> {
      if (because.size === 0) return;
      const rows = await transaction.rows(ofChildren, { childIds: [...because.keys()] });
      const scheduled = rows.filter(({ state }) => state === "LISTED" || state === "INVITED");
      const cancelled = scheduled.map(
        (each): Invitation => ({
          ...each,
          state: "CANCELLED",
          cancelledBecause: because.get(each.childId) ?? null,
          changedAt: at,
          changedBy: BY_THE_RECORD,
        }),
      );
      await this.write(transaction, cancelled);
    },
  };
}

const RUNS_READ = 101;
const AFTER_ANY_DAY = "~";
