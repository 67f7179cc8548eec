/**
 * What sources claim of where a child belongs, as the register keeps it: of each source's record the latest telling.
 */

import type { Claim } from "../schema/belonging";
import type {
  AddressRecorded,
  DeathRecorded,
  Event,
  EventType,
  GlassBroken,
  GpRegistrationRecorded,
  IdentityRecorded,
  ResponsibilityRecorded,
  RestrictionRecorded,
  SafeguardingFlagRecorded,
  SchoolRecorded,
} from "../schema/events";

/** What the claims are about; each event type fills the one of its name. */
export interface Claims {
  readonly identity: readonly (Claim & Pick<IdentityRecorded, "bornOn">)[];
  readonly address: readonly (Claim & Pick<AddressRecorded, "localAuthority">)[];
  readonly gp: readonly (Claim & Pick<GpRegistrationRecorded, "practice" | "to">)[];
  readonly school: readonly (Claim & Pick<SchoolRecorded, "urn">)[];
  readonly restriction: readonly (Claim & Pick<RestrictionRecorded, "restricted">)[];
  readonly death: readonly (Claim & Pick<DeathRecorded, "status" | "diedOn">)[];
  readonly responsibility: readonly (Claim & Pick<ResponsibilityRecorded, "locality" | "status">)[];
  readonly merge: readonly (Claim & { readonly into: string | null })[];
  readonly plan: readonly (Claim &
    Pick<SafeguardingFlagRecorded, "kind" | "localAuthority" | "startedOn" | "endedOn">)[];
  readonly glass: readonly (Claim &
    Pick<GlassBroken, "subject" | "role" | "reasonCode" | "until" | "opensPlace"> & { readonly from: string })[];
}

export const NO_CLAIMS: Claims = {
  identity: [],
  address: [],
  gp: [],
  school: [],
  restriction: [],
  death: [],
  responsibility: [],
  merge: [],
  plan: [],
  glass: [],
};

/** The event types that the register is kept from. */
export function isRegistered(type: EventType): boolean {
  return CLAIM_OF[type] !== undefined;
}

/** Event type → what it is a claim to, and the part of the event that is kept. */
const CLAIM_OF: { readonly [Type in EventType]?: { readonly to: keyof Claims; readonly keeps: readonly string[] } } = {
  IdentityRecorded: { to: "identity", keeps: ["bornOn"] },
  AddressRecorded: { to: "address", keeps: ["localAuthority", "from"] },
  GpRegistrationRecorded: { to: "gp", keeps: ["practice", "from", "to"] },
  SchoolRecorded: { to: "school", keeps: ["urn", "from"] },
  RestrictionRecorded: { to: "restriction", keeps: ["restricted"] },
  DeathRecorded: { to: "death", keeps: ["status", "diedOn"] },
  ResponsibilityRecorded: { to: "responsibility", keeps: ["locality", "status", "from"] },
  ChildrenMerged: { to: "merge", keeps: ["into"] },
  // That a local authority answers for a plan; what else a flag says is kept by the part whose it is.
  SafeguardingFlagRecorded: { to: "plan", keeps: ["kind", "localAuthority", "startedOn", "endedOn"] },
  GlassBroken: { to: "glass", keeps: ["subject", "role", "reasonCode", "from", "until", "opensPlace"] },
};

/** The claims after events: of each source's identity the telling that is latest. */
export function claimsAfter(held: Claims, events: readonly Event[]): Claims {
  const claims: Record<keyof Claims, readonly Claim[]> = { ...held };
  for (const event of events) {
    const claimed = CLAIM_OF[event.type];
    if (claimed === undefined) continue;
    const others = claims[claimed.to].filter((claim) => !isSameSource(claim, event));
    const earlier = claims[claimed.to].find((claim) => isSameSource(claim, event));
    const told = claimOf(event, claimed.keeps);
    claims[claimed.to] = [...others, earlier === undefined ? told : laterVersion(earlier, told)];
  }
  return claims as unknown as Claims; // each list holds what CLAIM_OF keeps of its event type
}

interface VersionedClaim extends Claim {
  readonly tieBreak?: string;
  readonly withdrawn?: true;
}

function claimOf(event: Event, keeps: readonly string[]): VersionedClaim {
  const fields: Readonly<Record<string, unknown>> = { ...event };
  const kept = event.action === "withdraw" ? [] : keeps;
  return {
    source: event.source,
    asOf: event.asOf,
    ...(event.tieBreak === undefined ? {} : { tieBreak: event.tieBreak }),
    ...(event.action === "withdraw" ? { withdrawn: true as const } : {}),
    ...Object.fromEntries(kept.map((property) => [property, fields[property]])),
  };
}

function laterVersion(held: VersionedClaim, told: VersionedClaim): VersionedClaim {
  if (told.asOf !== held.asOf) return told.asOf > held.asOf ? told : held;
  return (told.tieBreak ?? "") > (held.tieBreak ?? "") ? told : held;
}

function isSameSource(claim: Claim, event: Event): boolean {
  return claim.source.system === event.source.system && claim.source.id === event.source.id;
}

/**
 * Claims as a row holds them: each telling once, and of every claim the place of its telling and its values in the order of
 * `CLAIM_OF`; of one withdrawn the place alone. Most rows of a child index make six claims in one telling, and a register is
 * a third of the size it would have with each claim whole.
 */
export interface PackedClaims {
  readonly tellings: readonly Telling[];
  readonly claims: { readonly [To in keyof Claims]?: readonly (readonly [telling: number, ...values: unknown[]])[] };
}

type Telling = readonly [system: string, id: string, asOf: string, tieBreak?: string];

const KEPT = new Map(Object.values(CLAIM_OF).map(({ to, keeps }) => [to, keeps]));

export function packedClaims(claims: Claims): PackedClaims {
  const tellings: Telling[] = [];
  const places = new Map<string, number>();
  const placeOf = ({ source: { system, id }, asOf, tieBreak }: VersionedClaim): number => {
    const key = `${system}\n${id}\n${asOf}\n${tieBreak ?? ""}`;
    let place = places.get(key);
    if (place === undefined) {
      place = tellings.push(tieBreak === undefined ? [system, id, asOf] : [system, id, asOf, tieBreak]) - 1;
      places.set(key, place);
    }
    return place;
  };
  const packed: Record<string, (readonly [number, ...unknown[]])[]> = {};
  for (const [to, keeps] of KEPT) {
    const list: readonly VersionedClaim[] = claims[to];
    if (list.length === 0) continue;
    packed[to] = list.map((claim) => {
      const fields: Readonly<Record<string, unknown>> = { ...claim };
      return claim.withdrawn
        ? [placeOf(claim)]
        : [placeOf(claim), ...keeps.map((property) => fields[property] ?? null)];
    });
  }
  return { tellings, claims: packed };
}

export function unpackedClaims({ tellings, claims: packed }: PackedClaims): Claims {
  const claims: Record<keyof Claims, readonly Claim[]> = { ...NO_CLAIMS };
  for (const [to, keeps] of KEPT) {
    claims[to] = (packed[to] ?? []).map(([place, ...values]): VersionedClaim => {
      const [system = "", id = "", asOf = "", tieBreak] = tellings[place] ?? [];
      return {
        source: { system, id },
        asOf,
        ...(tieBreak === undefined ? {} : { tieBreak }),
        ...(values.length === 0 ? { withdrawn: true as const } : {}),
        ...Object.fromEntries(values.map((value, i) => [keeps[i], value])),
      };
    });
  }
  return claims as unknown as Claims; // each list holds what CLAIM_OF keeps of its event type
}
