/**
 * The times that address, registration and the like held, out of every version that every source told. Pure.
 *
 * Which one stands now is decided by schema/belonging.ts, as in the register: the last period is always that one.
 */

import { type Claim, standing, startOf } from "../../schema/belonging";
import type { Day } from "../../schema/calendar";

/** A claim that held for a time: `until` is the first day it did not, null while nothing ended it. */
export interface Period<F> {
  /** The claim as it was told last. */
  readonly fact: F;
  readonly from: Day;
  readonly until: Day | null;
  /** The one the record goes by now. */
  readonly current: boolean;
}

interface Lasting extends Claim {
  readonly childId: string;
  readonly latest: boolean;
  readonly to: Day | null;
}

/**
 * The periods that follow from every version every source told, oldest first; versions of one identity come in the
 * order they were true.
 *
 * They are put in the order in which claims stand, so the last is the one that stands. Of several with the same start
 * only the last held at all. What is told again in other words is one period from the first telling on; each ends
 * where the next begins, or before that on the day it was told to end.
 */
export function periods<F extends Lasting>(told: readonly F[], isSame: (a: F, b: F) => boolean): readonly Period<F>[] {
  const claims = versionsThatHeld(told).sort((a, b) => textOrder(standingOrder(a), standingOrder(b)));
  const runs: { readonly first: F; last: F }[] = [];
  for (const [at, claim] of claims.entries()) {
    const next = claims[at + 1];
    if (next !== undefined && startOf(next) === startOf(claim)) continue;
    const run = runs.at(-1);
    const goesOn = run !== undefined && (run.last.to === null || run.last.to >= startOf(claim));
    if (goesOn && isSame(run.last, claim)) run.last = claim;
    else runs.push({ first: claim, last: claim });
  }
  return runs.map(({ first, last }, at) => {
    const next = runs[at + 1];
    const from = startOf(first);
    const ends = [last.to, next === undefined ? null : startOf(next.first)].filter((end) => end !== null && end > from);
    return { fact: last, from, until: ends.sort()[0] ?? null, current: next === undefined };
  });
}

/**
 * The versions a source did not take back. A later version that starts no later than an earlier one corrects it; of
 * an identity that was withdrawn nothing is left.
 */
function versionsThatHeld<F extends Lasting>(told: readonly F[]): F[] {
  const byIdentity = new Map<string, F[]>();
  for (const fact of told) {
    const identity = `${fact.childId}\n${fact.source.system}\n${fact.source.id}`;
    const versions = byIdentity.get(identity);
    if (versions) versions.push(fact);
    else byIdentity.set(identity, [fact]);
  }
  return [...byIdentity.values()].flatMap((versions) => {
    if (!versions.at(-1)?.latest) return [];
    let corrected: Day | null = null;
    return versions.toReversed().filter((version) => {
      const start = startOf(version);
      if (corrected !== null && start >= corrected) return false;
      corrected = start;
      return true;
    });
  });
}

/** As text, the order of `standing` in schema/belonging.ts. */
function standingOrder(claim: Claim): string {
  return `${startOf(claim)}\n${claim.asOf}\n${claim.source.system}\n${claim.source.id}`;
}

/** Of every version, the claim that stands now. */
export function standingNow<F extends Lasting>(told: readonly F[]): F | null {
  return standing(told.filter((fact) => fact.latest));
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
