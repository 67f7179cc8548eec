/**
 * Sends each receiver what it may be told, in order, signed, at least once: one chore a receiver, so that a slow one
 * holds up nobody. How far it came is kept after each, so that a kill repeats one at most. One process at a time sends.
 */

import { randomUUID } from "node:crypto";
import { Agent, request } from "undici";
import type { Row } from "../../chassis/database";
import { Guard } from "../../chassis/guard";
import { cursorOf } from "../../chassis/pages";
import type { Chore, Ground } from "../../chassis/subgraph";
import { type Instant, instantOf, londonDay } from "../../schema/calendar";
import { teamsHeard } from "../../schema/vocabulary/teams";
import { mayKnow, type Notification } from "./model";
import { pauseMilliseconds, payloadOf, type Receiver, signedHeaders, TRIED_MILLISECONDS, viewerOf } from "./receivers";
import { ruleOf } from "./rules";
import { HEAD, NOTIFICATION, PARKED, RECEIVER } from "./tables";

const RESTS_MILLISECONDS = 500;
const SENT_AT_ONCE = 50;
/** Beyond what one sending may take, so that nobody else begins while it is under way; a process that is killed is missed no longer. */
const HELD_BEYOND_MILLISECONDS = 5_000;
const ANSWERING_MILLISECONDS = 10_000;
const LARGEST_ANSWER_BYTES = 64 * 1024;

interface ReceiverRow extends Row {
  readonly name: string;
  readonly sequence: number;
  readonly attempts: number;
  readonly failingSince: Instant | null;
  readonly lastFault: string | null;
  readonly nextAt: Instant | null;
  readonly lastReceivedAt: Instant | null;
  readonly heldBy: string | null;
  readonly heldUntil: Instant | null;
}

/** The chore of each receiver. */
export function sendingTo(receivers: readonly Receiver[], ground: Ground): readonly Chore[] {
  return receivers.map((receiver) => sending(receiver, ground));
}

function sending(receiver: Receiver, { database, register, now, log }: Ground): Chore {
  const { name } = receiver;
  const viewer = viewerOf(receiver);
  const teams = teamsHeard(viewer);
  const me = randomUUID();
  const timeout = receiver.timeoutMilliseconds ?? ANSWERING_MILLISECONDS;
  const holding = () => instantOf(now() + timeout + HELD_BEYOND_MILLISECONDS);
  const agent = new Agent({
    connect: { timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: LARGEST_ANSWER_BYTES,
    connections: 1,
  });
  const statements = statementsOf(database);

  /** The receiver's row, held by this process for a while; null while another has it. One that is new begins now. */
  async function held(): Promise<ReceiverRow | null> {
    const found = (await database.rows(statements.receiver, { name }))[0];
    const at = instantOf(now());
    if (found?.nextAt != null && found.nextAt > at) return null;
    if (found?.heldBy != null && found.heldBy !== me && (found.heldUntil ?? "") > at) return null;
    // One that has nothing to be told is not written to: that would be twice a second for ever.
    if (found !== undefined && !(await isWaiting(found))) return null;
    return database.write(async (transaction) => {
      if (found === undefined) {
        const sequence = (await transaction.rows(statements.head))[0]?.sequence ?? 0;
        await transaction.insert(RECEIVER, [{ name, sequence, attempts: 0 }], "ignore");
      }
      if ((await transaction.run(statements.hold, { name, me, at, until: holding() })) === 0) return null;
      return (await transaction.rows(statements.receiver, { name }))[0] ?? null;
    });
  }

  async function isWaiting({ sequence }: ReceiverRow): Promise<boolean> {
    const [next] = await database.rows(statements.next, { teams, after: sequence });
    return next !== undefined || (await database.rows(statements.parkedAgain, { receiver: name })).length > 0;
  }

  /** Keeps how far the receiver came; false where another process has taken over. */
  function keep(state: Partial<ReceiverRow> & Pick<ReceiverRow, "sequence">): Promise<boolean> {
    const { sequence, attempts = 0, failingSince = null, lastFault = null, nextAt = null } = state;
    const until = holding();
    const told = { sequence, attempts, failingSince, lastFault, nextAt, lastReceivedAt: state.lastReceivedAt ?? null };
    return database.write(
      async (transaction) => (await transaction.run(statements.keep, { name, me, until, ...told })) > 0,
    );
  }

  async function isFor(row: Notification): Promise<boolean> {
    const at = instantOf(now());
    const guard = new Guard(viewer, register, londonDay(at), at);
    const { needs } = ruleOf(row.kind);
    const [[found], entry] = await Promise.all([guard.found(needs, [row.childId], false), guard.entry(row.childId)]);
    const child = { found: found != null, restricted: entry?.restricted ?? true };
    if (!mayKnow(viewer, row, guard.scope(needs), child)) return false;
    if (!(await guard.permits("VIEW_NOTIFICATIONS", row.childId))) return false;
    // What leaves is written down before it leaves.
    await guard.write(log, `webhook:${name}:${row.sequence}`);
    return true;
  }

  /** Why it was not taken; null where it was. */
  async function send(row: Notification): Promise<string | null> {
    const body = payloadOf(row, cursorOf(String(row.sequence)));
    try {
      const answer = await request(receiver.url, {
        dispatcher: agent,
        method: "POST",
        headers: signedHeaders(receiver.secret, String(row.sequence), body, now()),
        body,
        signal: AbortSignal.timeout(timeout),
      });
      await answer.body.dump({ limit: LARGEST_ANSWER_BYTES });
      const { statusCode } = answer;
      if (statusCode >= 200 && statusCode < 300) return null;
      // A redirect is never followed: addresses come from the configuration alone.
      return statusCode >= 300 && statusCode < 400 ? `it redirects (${statusCode})` : `it answers ${statusCode}`;
    } catch (fault) {
      return faultOf(fault);
    }
  }

  async function resend(): Promise<void> {
    for (const row of await database.rows(statements.parkedAgain, { receiver: name })) {
      const fault = (await isFor(row)) ? await send(row) : null;
      const args = { receiver: name, sequence: row.sequence };
      const isOurs = await database.write(async (transaction) => {
        if (fault === null) await transaction.run(statements.unpark, args);
        else await transaction.run(statements.parkAgain, { ...args, fault });
        return (await transaction.run(statements.hold, { name, me, at: instantOf(now()), until: holding() })) > 0;
      });
      if (fault !== null || !isOurs) return;
    }
  }

  return {
    name: `webhook ${name}`,
    restMilliseconds: RESTS_MILLISECONDS,
    async run() {
      const state = await held();
      if (state === null) return false;
      await resend();
      const rows = await database.rows(statements.next, { teams, after: state.sequence });
      let { lastReceivedAt, failingSince, attempts } = state;
      for (const row of rows) {
        if (!(await isFor(row))) {
          if (!(await keep({ ...state, sequence: row.sequence, lastReceivedAt }))) return false;
          continue;
        }
        const fault = await send(row);
        const at = instantOf(now());
        if (fault === null) {
          [lastReceivedAt, failingSince, attempts] = [at, null, 0];
          if (!(await keep({ sequence: row.sequence, lastReceivedAt }))) return false;
          continue;
        }
        attempts += 1;
        failingSince ??= at;
        const tried = instantOf(now() - TRIED_MILLISECONDS);
        const old = rows.filter(({ sequence, toldAt }) => sequence >= row.sequence && toldAt < tried);
        await database.write((transaction) =>
          transaction.insert(
            PARKED,
            old.map(({ sequence }) => ({ receiver: name, sequence, parkedAt: at, fault, again: false })),
            "ignore",
          ),
        );
        const nextAt = instantOf(now() + pauseMilliseconds(attempts, Math.random()));
        const sequence = old.at(-1)?.sequence ?? row.sequence - 1;
        await keep({ sequence, attempts, failingSince, lastFault: fault, nextAt, lastReceivedAt });
        return false;
      }
      return rows.length === SENT_AT_ONCE;
    },
  };
}

/** What graph and mutations ask of the receivers. */
export function webhookActs(receivers: readonly Receiver[], { database }: Ground) {
  const statements = statementsOf(database);
  return {
    async receivers() {
      const head = (await database.rows(statements.head))[0]?.sequence ?? 0;
      return Promise.all(
        receivers.map(async (receiver) => {
          const { name } = receiver;
          const row = (await database.rows(statements.receiver, { name }))[0];
          const after = row?.sequence ?? head;
          const [{ waiting = 0 } = {}] = await database.rows(statements.waiting, {
            teams: teamsHeard(viewerOf(receiver)),
            after,
          });
          const [{ parked = 0 } = {}] = await database.rows(statements.parked, { receiver: name });
          return {
            name,
            readUpTo: cursorOf(String(after)),
            waiting: Number(waiting),
            parked: Number(parked),
            failingSince: row?.failingSince ?? null,
            lastFault: row?.lastFault ?? null,
            lastReceivedAt: row?.lastReceivedAt ?? null,
          };
        }),
      );
    },
    resendParked: (receiver: string): Promise<boolean> =>
      database.write(async (transaction) => (await transaction.run(statements.askAgain, { receiver })) > 0),
  };
}
export type WebhookActs = ReturnType<typeof webhookActs>;

function statementsOf(database: Ground["database"]) {
  const { columns } = NOTIFICATION;
  return {
    head: database.statement<{ sequence: number }>(({ from }) => from(HEAD).select("sequence").where("id", 1)),
    receiver: database.statement<ReceiverRow>(
      ({ from, param }) => from(RECEIVER).where("name", "=", param("name")),
      RECEIVER.columns,
    ),
    hold: database.statement(({ raw, param }) =>
      raw(
        `update ${RECEIVER.name} set held_by = ?, held_until = ? where name = ? and (held_by is null or held_by = ? or held_until < ?)`,
        [param("me"), param("until"), param("name"), param("me"), param("at")],
      ),
    ),
    keep: database.statement(({ raw, param }) =>
      raw(
        `update ${RECEIVER.name} set sequence = ?, attempts = ?, failing_since = ?, last_fault = ?, next_at = ?, last_received_at = ?, held_until = ? where name = ? and held_by = ?`,
        ["sequence", "attempts", "failingSince", "lastFault", "nextAt", "lastReceivedAt", "until", "name", "me"].map(
          param,
        ),
      ),
    ),
    next: database.statement<Notification>(
      ({ from, among, param }) =>
        from(NOTIFICATION)
          .where(among("team", "teams"))
          .where("sequence", ">", param("after"))
          .whereNull("silenced_at")
          .orderBy("sequence")
          .limit(SENT_AT_ONCE),
      columns,
    ),
    waiting: database.statement<{ waiting: number }>(({ from, among, param, raw }) =>
      from(NOTIFICATION)
        .select(raw("count(*) as waiting"))
        .where(among("team", "teams"))
        .where("sequence", ">", param("after"))
        .whereNull("silenced_at"),
    ),
    parked: database.statement<{ parked: number }>(({ from, param, raw }) =>
      from(PARKED).select(raw("count(*) as parked")).where("receiver", "=", param("receiver")),
    ),
    parkedAgain: database.statement<Notification>(
      ({ from, param }) =>
        from(NOTIFICATION)
          .select(`${NOTIFICATION.name}.*`)
          .join(PARKED.name, `${PARKED.name}.sequence`, `${NOTIFICATION.name}.sequence`)
          .where("receiver", "=", param("receiver"))
          .where("again", 1)
          .orderBy(`${NOTIFICATION.name}.sequence`)
          .limit(SENT_AT_ONCE),
      columns,
    ),
    unpark: database.statement(({ from, param }) =>
      from(PARKED).delete().where("receiver", "=", param("receiver")).where("sequence", "=", param("sequence")),
    ),
    parkAgain: database.statement(({ from, param, raw }) =>
      from(PARKED)
        .update({ again: 0, fault: raw("?", [param("fault")]) })
        .where("receiver", "=", param("receiver"))
        .where("sequence", "=", param("sequence")),
    ),
    askAgain: database.statement(({ from, param }) =>
      from(PARKED).update({ again: 1 }).where("receiver", "=", param("receiver")).where("again", 0),
    ),
  };
}

/** In a few words of ours: what the network says may name an address. */
function faultOf(fault: unknown): string {
  const { name = "", code = "" } = (fault ?? {}) as { readonly name?: string; readonly code?: string }; // an error of the network has both
  if (name === "TimeoutError" || /TIMEOUT/.test(code)) return "it does not answer in time";
  if (/^E[A-Z]+$/.test(code)) return `it is not reached (${code})`;
  if (/CERT|TLS|SSL/.test(code)) return "its certificate is not accepted";
  return "it breaks off";
}
