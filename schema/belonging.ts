/**
 * Where a child belongs: the practice, school, locality and local authority that follow from what several
 * sources claim. The same rule is read by every subgraph's register and by the record itself, so that what is
 * shown and who may see it cannot differ.
 */

import { type Day, type Instant, londonDay } from "./calendar";
import type { GlassBroken, SafeguardingFlagRecorded, Source } from "./events";
import { FLAG_KINDS } from "./vocabulary/flags";
import { type LocalityCode, localityOfAuthority } from "./vocabulary/localities";
import { practiceOf } from "./vocabulary/practices";

export type ResponsibilityStatus = "RESIDENT" | "MOVED_OUT" | "DECEASED";

/** What access and cohorts need to know of a child. */
export interface Belonging {
  readonly childId: string;
  /** Null until an identity is told. */
  readonly bornOn: Day | null;
  readonly dead: boolean;
  readonly diedOn: Day | null;
  /** ODS code; null when registered nowhere. */
  readonly practice: string | null;
  /** The first day no longer registered there; null while nothing ends it. */
  readonly practiceUntil: Day | null;
  /** Unique reference number of the school. */
  readonly school: string | null;
  /** Who is responsible, or was last; null where no locality of ours ever was. */
  readonly locality: LocalityCode | null;
  /** ONS code. */
  readonly localAuthority: string | null;
  readonly status: ResponsibilityStatus;
  readonly restricted: boolean;
  /** What else ties somebody to the child; null where nothing does, as for nearly every child. */
  readonly ties: Ties | null;
}

/** What ties viewers to a child for a time, beside where it belongs now. Which of it counts is for schema/access.ts to say. */
export interface Ties {
  /** Localities that were responsible, each with the first day it no longer was. */
  readonly formerly?: readonly { readonly locality: LocalityCode; readonly until: Day }[];
  /** Child protection plans and the like, by the ONS code of the local authority that made them. */
  readonly plans?: readonly { readonly localAuthority: string; readonly from: Day; readonly until: Day | null }[];
  /** Glass that was broken. */
  readonly glass?: readonly Glass[];
}

/** Who may see a child's record for a time without a relationship. */
export interface Glass extends Pick<GlassBroken, "subject" | "role" | "reasonCode" | "from" | "until" | "opensPlace"> {
  /** The grant's id. */
  readonly id: string;
}

/** What has a source, a time, and where it is a period, a start. */
export interface Claim {
  readonly source: Source;
  readonly asOf: Instant;
  readonly from?: Day | null;
}

/** The day a claim holds from: as told, or else the day it was told. */
export function startOf(claim: Claim): Day {
  return claim.from ?? londonDay(claim.asOf);
}

/**
 * Of several claims to the same thing the one that stands: the latest start, then the latest telling, then the
 * source by name, so that the order of arrival never matters. Null of none.
 *
 * The start comes before the telling because a legacy system that re-sends an old address tells it late.
 */
export function standing<C extends Claim>(claims: readonly C[]): C | null {
  let best: C | null = null;
  for (const claim of claims) if (best === null || standsBefore(claim, best)) best = claim;
  return best;
}

function standsBefore(a: Claim, b: Claim): boolean {
  const [startA, startB] = [startOf(a), startOf(b)];
  if (startA !== startB) return startA > startB;
  return latestTold(a, b) === a;
}

/** Of two claims the one told later; a national source speaks before a locality at the same instant. */
export function latestTold<C extends Claim>(a: C, b: C): C {
  if (a.asOf !== b.asOf) return a.asOf > b.asOf ? a : b;
  if (a.source.system !== b.source.system) return a.source.system > b.source.system ? a : b;
  return a.source.id >= b.source.id ? a : b;
}

/**
 * The local authority responsible: that of the practice the child is registered with, wherever the child lives;
 * without a practice, that of the home. A practice we do not know is outside our area.
 *
 * Source: HPA, "COVER Methods": the responsible population.
 */
export function responsibleAuthority(practice: string | null, homeAuthority: string | null): string | null {
  return practice === null ? homeAuthority : (practiceOf(practice)?.localAuthority ?? null);
}

/**
 * The locality responsible and how it stands: by the responsible authority where there is one of ours, else by
 * what a locality last claimed.
 */
export function responsibility(
  authority: string | null,
  claimed: { readonly locality: LocalityCode; readonly status: "RESIDENT" | "MOVED_OUT" } | null,
  dead: boolean,
): { readonly locality: LocalityCode | null; readonly status: ResponsibilityStatus } {
  const ours = authority === null ? null : localityOfAuthority(authority);
  const locality = ours ?? claimed?.locality ?? null;
  if (dead) return { locality, status: "DECEASED" };
  if (ours !== null) return { locality, status: claimed?.locality === ours ? claimed.status : "RESIDENT" };
  return { locality, status: authority === null ? (claimed?.status ?? "RESIDENT") : "MOVED_OUT" };
}

/**
 * The localities that claimed to be responsible and no longer are, each with the first day it was not: as it says
 * itself, or else the day from which another is, or nobody of ours. In the order of their names.
 *
 * `since` is the day from which the one responsible now is, or from which nobody of ours is.
 */
export function formerly(
  claims: readonly (Claim & { readonly locality: LocalityCode; readonly status: "RESIDENT" | "MOVED_OUT" })[],
  now: { readonly locality: LocalityCode | null; readonly status: ResponsibilityStatus; readonly since: Day | null },
): NonNullable<Ties["formerly"]> {
  const localities = [...new Set(claims.map(({ locality }) => locality))].sort();
  return localities.flatMap((locality) => {
    if (locality === now.locality && now.status !== "MOVED_OUT") return [];
    const last = standing(claims.filter((claim) => claim.locality === locality));
    if (last === null) return [];
    const until = last.status === "MOVED_OUT" ? startOf(last) : (now.since ?? startOf(last));
    return [{ locality, until }];
  });
}

/** The plans that tie a local authority to a child: those it shares nationally, and says who it is. */
export function plansOf(
  told: readonly Pick<SafeguardingFlagRecorded, "kind" | "localAuthority" | "startedOn" | "endedOn">[],
): NonNullable<Ties["plans"]> {
  return told.flatMap(({ kind, localAuthority, startedOn, endedOn }) =>
    localAuthority !== null && FLAG_KINDS[kind].childProtection
      ? [{ localAuthority, from: startedOn, until: endedOn }]
      : [],
  );
}
