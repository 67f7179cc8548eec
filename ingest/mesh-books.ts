/**
 * What ingest's books hold of MESH mailboxes: which of their messages were kept, by the id that MESH gave them, and who
 * collects at present. In the books themselves, so that a message and the word that it was kept are one transaction.
 */

import type { Database, Session, Table, Transaction } from "../chassis/database";

/** Every message of a mailbox that was dealt with: by the number it is kept under, or null for one left there. */
const MESH_MESSAGE: Table = {
  name: "mesh_message",
  columns: { mailbox: "text", id: "text", number: "integer", keptAt: "text" },
  key: ["mailbox", "id"],
};

/** Who collects a mailbox, and until when that holds unless it is said again. */
const MESH_LEASE: Table = {
  name: "mesh_lease",
  columns: { mailbox: "text", holder: "text", until: "integer" },
  key: ["mailbox"],
};

export const MESH_TABLES: readonly Table[] = [MESH_MESSAGE, MESH_LEASE];

/** A lease that is not renewed within this time is anybody's. */
export const LEASE_MILLISECONDS = 60_000;

interface Lease {
  readonly holder: string;
  readonly until: number;
}

export type MeshBooks = ReturnType<typeof meshBooksOf>;

export function meshBooksOf(database: Database) {
  const known = database.statement<{ id: string; number: number | null }>(
    ({ from, param, among }) =>
      from(MESH_MESSAGE).select("id", "number").where("mailbox", "=", param("mailbox")).where(among("id", "ids")),
    MESH_MESSAGE.columns,
  );
  const lease = database.statement<Lease>(
    ({ from, param }) => from(MESH_LEASE).where("mailbox", "=", param("mailbox")),
    MESH_LEASE.columns,
  );
  const release = database.statement(({ raw, param }) =>
    raw("delete from mesh_lease where mailbox = ? and holder = ?", [param("mailbox"), param("holder")]),
  );

  return {
    /** Of these ids those that were dealt with before: the number each is kept under, null for one left in the mailbox. */
    async known(
      mailbox: string,
      ids: readonly string[],
      session: Session = database,
    ): Promise<ReadonlyMap<string, number | null>> {
      const rows = await session.rows(known, { mailbox, ids });
      return new Map(rows.map(({ id, number }) => [id, number === null ? null : Number(number)]));
    },

    record: (
      transaction: Transaction,
      mailbox: string,
      messages: readonly { readonly id: string; readonly number: number | null }[],
      keptAt: string,
    ): Promise<void> =>
      transaction.insert(
        MESH_MESSAGE,
        messages.map((message) => ({ ...message, mailbox, keptAt })),
      ),

    /**
     * Takes or renews the lease of a mailbox; false where it is another's who may still be at work. Only within a
     * transaction that is written alone.
     */
    async claim(
      transaction: Transaction,
      {
        mailbox,
        holder,
        at,
        isGone,
      }: {
        readonly mailbox: string;
        readonly holder: string;
        /** Milliseconds since 1970. */
        readonly at: number;
        /** Whether a holder is known to be at work no more. */
        readonly isGone: (holder: string) => boolean;
      },
    ): Promise<boolean> {
      const [held] = await transaction.rows(lease, { mailbox });
      if (held !== undefined && held.holder !== holder && Number(held.until) > at && !isGone(held.holder)) return false;
      await transaction.insert(MESH_LEASE, [{ mailbox, holder, until: at + LEASE_MILLISECONDS }], "replace");
      return true;
    },

    async release(transaction: Transaction, mailbox: string, holder: string): Promise<void> {
      await transaction.run(release, { mailbox, holder });
    },
  };
}
