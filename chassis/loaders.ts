/** The loaders of one request: what its fields ask for one by one is read together, and nothing is read twice. */

import DataLoader from "dataloader";
import type { Guard } from "./guard";

/** Reads of many keys at once, answered in key order. */
export type Read<Answer> = (keys: readonly string[]) => Promise<readonly Answer[]>;

/** One loader for each read, made anew for every request. */
export type Loaders<R> = {
  readonly [Name in keyof R]: R[Name] extends Read<infer Answer> ? DataLoader<string, Answer> : never;
};

/**
 * A child's record is made of every record that was merged into it, so a read is asked for all of them and the lists
 * are put together. No store knows of merges.
 */
export function childLoadersOf(reads: Readonly<Record<string, Read<readonly unknown[]>>>): (guard: Guard) => object {
  return whenAsked(Object.keys(reads), (name, guard) => {
    const read = reads[name];
    if (read === undefined) throw new Error(`There is no read ${name}.`);
    return new DataLoader<string, readonly unknown[]>(async (childIds) => {
      // The guard has decided about nearly every child that is read, and so knows of whom its record is made.
      const members = await Promise.all(childIds.map((childId) => guard.members(childId) ?? membersOf(childId, guard)));
      if (members.every((each) => each.length === 1)) return read(members.flat());
      const all = [...new Set(members.flat())];
      const lists = await read(all);
      const byChildId = new Map(all.map((childId, at) => [childId, lists[at] ?? []]));
      return members.map((each) => each.flatMap((childId) => byChildId.get(childId) ?? []));
    });
  });
}

async function membersOf(childId: string, guard: Guard): Promise<readonly string[]> {
  return (await guard.entry(childId))?.members ?? [childId];
}

/** Loaders by other keys than a child's id. */
export function keyLoadersOf(lookups: Readonly<Record<string, Read<unknown>>>): (guard: Guard) => object {
  return whenAsked(Object.keys(lookups), (name) => {
    const read = lookups[name];
    if (read === undefined) throw new Error(`There is no lookup ${name}.`);
    return new DataLoader<string, unknown>((keys) => read(keys));
  });
}

/** An object each of whose properties is made when it is first asked for: a request asks for few of the loaders there are. */
function whenAsked(names: readonly string[], make: (name: string, guard: Guard) => object): (guard: Guard) => object {
  class OfOneRequest {
    readonly made = new Map<string, object>();
    readonly guard: Guard;

    constructor(guard: Guard) {
      this.guard = guard;
    }
  }
  for (const name of names)
    Object.defineProperty(OfOneRequest.prototype, name, {
      get(this: OfOneRequest) {
        let loader = this.made.get(name);
        if (loader === undefined) {
          loader = make(name, this.guard);
          this.made.set(name, loader);
        }
        return loader;
      },
    });
  return (guard) => new OfOneRequest(guard);
}
