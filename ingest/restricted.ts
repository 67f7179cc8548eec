/**
 * What ingest's own part knows of the children its books speak of: whose whereabouts are restricted. Learnt on the road, in
 * the transaction that accepts the events, so that a row of the quarantine is withheld before any other part has been told.
 *
 * Its register holds the restricted and the merged alone. That a child is not restricted is told by every row of a child
 * index, and is learnt only of those who were: a telling that came before the restriction and is newer is therefore missed
 * until the next, which errs towards withholding.
 */

import type { Database, Session, Transaction } from "../chassis/database";
import type { Register } from "../chassis/register";
import type { Event } from "../schema/events";
import { readNhsNumber } from "../schema/nhs-number";
import type { QuarantineRow } from "./books";

export interface Restricted {
  /** Learns from events that are being put in the outbox. */
  learn(transaction: Transaction, events: readonly Event[]): Promise<void>;
  /**
   * The restricted child each item is about, in order; null where it is about none. About whom a row is that could not be
   * read is told by the numbers in it.
   */
  aboutOf(items: readonly QuarantineRow[]): Promise<readonly (string | null)[]>;
  /** The restricted child whose NHS number stands in a text, such as a message; null where there is none. */
  inText(text: string): Promise<string | null>;
}

type About = Pick<QuarantineRow, "locality" | "candidates" | "fields">;

export function restrictedOf(database: Database, register: Register): Restricted {
  const byNumber = database.statement<{ number: string; childId: string }>(({ raw, among }) =>
    raw('select nhs_number as "number", child_id as "childId" from nhs_number where ?', [
      among("nhs_number", "numbers"),
    ]),
  );
  const byLocalId = database.statement<{ number: string; childId: string }>(({ raw, among, param }) =>
    raw('select local_id as "number", child_id as "childId" from local_number where locality = ? and ?', [
      param("locality"),
      among("local_id", "numbers"),
    ]),
  );

  async function childrenOf(items: readonly About[]): Promise<readonly (readonly string[])[]> {
    const texts = items.map(({ fields }) => (fields ?? []).filter((text) => text !== "" && text.length <= MOST_DIGITS));
    const numbers = [...new Set(texts.flat().flatMap(numberIn))];
    const byNhsNumber = new Map(
      numbers.length === 0
        ? []
        : (await database.rows(byNumber, { numbers })).map(({ number, childId }) => [number, childId] as const),
    );
    const byLocality = new Map<string, Map<string, string>>();
    for (const locality of new Set(items.map((item) => item.locality))) {
      const asked = [...new Set(items.flatMap((item, at) => (item.locality === locality ? (texts[at] ?? []) : [])))];
      if (locality === null || asked.length === 0) continue;
      const rows = await database.rows(byLocalId, { locality, numbers: asked });
      byLocality.set(locality, new Map(rows.map(({ number, childId }) => [number, childId])));
    }
    return items.map(({ locality, candidates }, at) => [
      ...candidates,
      ...(texts[at] ?? []).flatMap((text) => [
        ...numberIn(text).flatMap((number) => byNhsNumber.get(number) ?? []),
        ...[byLocality.get(locality ?? "")?.get(text) ?? []].flat(),
      ]),
    ]);
  }

  async function restrictedAmong(childIds: readonly string[], session: Session): Promise<ReadonlySet<string>> {
    const entries = childIds.length === 0 ? [] : await register.find(childIds, session);
    return new Set(childIds.filter((_, at) => entries[at]?.restricted === true));
  }

  return {
    async learn(transaction, events) {
      const lifted = events.filter((event) => event.type === "RestrictionRecorded" && !restricts(event));
      const known = await restrictedAmong(
        lifted.map(({ childId }) => childId),
        transaction,
      );
      const concern = events.filter(
        (event) =>
          event.type === "ChildrenMerged" ||
          (event.type === "RestrictionRecorded" && (restricts(event) || known.has(event.childId))),
      );
      if (concern.length > 0) await register.tell(transaction, concern);
    },

    async aboutOf(items) {
      const children = await childrenOf(items);
      const restricted = await restrictedAmong([...new Set(children.flat())], database);
      return children.map((childIds) => childIds.find((childId) => restricted.has(childId)) ?? null);
    },

    async inText(text) {
      const fields = [...new Set(text.match(/(?<!\d)\d{10}(?!\d)/g) ?? [])];
      const [children = []] = await childrenOf([{ locality: null, candidates: [], fields }]);
      const restricted = await restrictedAmong(children, database);
      return children.find((childId) => restricted.has(childId)) ?? null;
    },
  };
}

/** Longer than any number a child is known by. */
const MOST_DIGITS = 40;

function numberIn(text: string): readonly string[] {
  const read = readNhsNumber(text);
  return read.valid ? [read.nhsNumber] : [];
}

function restricts(event: Event): boolean {
  return event.type === "RestrictionRecorded" && event.action === "record" && event.restricted;
}
