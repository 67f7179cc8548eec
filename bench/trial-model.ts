/**
 * What must come of event messages, said as plainly as the rules are: a child is known once its birth has been told; of
 * each fact the telling that is true latest stands, however the tellings arrive; the same message again says nothing;
 * what cannot be read changes nothing. No line of it is shared with what it is held against.
 */

import type { InventedEvent } from "./invented-events";

export interface Model {
  /** `NHS number | table | identity | as of | what stands`, one a fact that was ever told of a child who is known. */
  readonly standing: ReadonlySet<string>;
  /** Tellings of facts of children who are known, each once. */
  readonly tellings: number;
  /** Ids of messages that were applied, or would have been had nothing later been told first. */
  readonly applied: ReadonlySet<string>;
  /** Ids of sound messages about children whose birth nobody told. */
  readonly waiting: ReadonlySet<string>;
  readonly malformed: ReadonlySet<string>;
}

/** `events` may come in any order and any number of times. */
export function modelOf(events: Iterable<InventedEvent>): Model {
  const messages = new Map<string, InventedEvent>();
  for (const event of events) messages.set(event.messageId, event);

  const known = new Set<string>();
  for (const { says } of messages.values()) if (says?.introduces) known.add(says.nhsNumber);

  const latest = new Map<string, { readonly asOf: string; readonly content: string | null }>();
  const tellings = new Set<string>();
  const [applied, waiting, malformed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { messageId, says } of messages.values()) {
    if (says === null) {
      malformed.add(messageId);
      continue;
    }
    const { nhsNumber, asOf, facts } = says;
    if (!known.has(nhsNumber)) {
      waiting.add(messageId);
      continue;
    }
    applied.add(messageId);
    for (const { table, identity, content } of facts) {
      const fact = `${nhsNumber} | ${table} | ${identity}`;
      tellings.add(`${fact} | ${asOf}`);
      const before = latest.get(fact);
      if (before === undefined || asOf > before.asOf) latest.set(fact, { asOf, content });
    }
  }
  const standing = new Set(
    [...latest].map(([fact, { asOf, content }]) => `${fact} | ${asOf} | ${content ?? "withdrawn"}`),
  );
  return { standing, tellings: tellings.size, applied, waiting, malformed };
}
