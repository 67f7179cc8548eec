/** The access logs of all parts as one, newest first, a page at a time. */

import type { AccessEntriesRead, AccessEntry } from "../chassis/audit";
import { Problem } from "../schema/errors";

/** A part whose log is read. */
export interface LogSource {
  readonly name: string;
  readonly accessEntries: AccessEntriesRead;
}

/** An entry with its place in the whole: how far the page has come in each part's log when it ends here. */
export interface PlacedEntry extends AccessEntry {
  readonly place: string;
}

/**
 * The entries about children after a place in the whole, at most so many. Within a part entries are in the order they were
 * written, so a place is one number a part, and pages stay as they are while more is written. Rejects where a part does
 * not answer: a page without its entries would be false.
 */
export async function entriesAfter(
  sources: readonly LogSource[],
  childIds: readonly string[],
  place: string | null,
  limit: number,
): Promise<readonly PlacedEntry[]> {
  const bounds = readPlace(place, sources);
  const rest = await Promise.all(
    sources.map(async ({ name, accessEntries }) => ({
      name,
      at: 0,
      entries: await accessEntries({ childIds, before: bounds.get(name) ?? null, limit }),
    })),
  );
  // Of each part, however far the page comes in it, nothing that is written from now on belongs to later pages.
  for (const { name, entries } of rest) {
    if (!bounds.has(name)) bounds.set(name, entries[0] === undefined ? 0 : entries[0].sequence + 1);
  }
  const merged: PlacedEntry[] = [];
  while (merged.length < limit) {
    let newest: (typeof rest)[number] | null = null;
    for (const source of rest) {
      const next = source.entries[source.at];
      if (next && next.at > (newest?.entries[newest.at]?.at ?? "")) newest = source;
    }
    const entry = newest?.entries[newest.at];
    if (newest === null || entry === undefined) break;
    newest.at += 1;
    bounds.set(newest.name, entry.sequence);
    merged.push({ ...entry, place: writePlace(bounds) });
  }
  return merged;
}

function writePlace(bounds: ReadonlyMap<string, number>): string {
  return [...bounds].map(([name, sequence]) => `${name}=${sequence}`).join(" ");
}

/** Throws ARGUMENT_INVALID for what no page of these sources gave. */
function readPlace(place: string | null, sources: readonly LogSource[]): Map<string, number> {
  const bounds = new Map<string, number>();
  for (const part of place === null ? [] : place.split(" ")) {
    const [, name, sequence] = /^(\w+)=(\d{1,15})$/.exec(part) ?? [];
    if (!sources.some((source) => source.name === name)) {
      throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
    }
    bounds.set(String(name), Number(sequence));
  }
  return bounds;
}
