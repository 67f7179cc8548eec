/** A delivery → who is told of what: no SQL, no clock. Facts are kept elsewhere; of those told of, only which version was. */

import { createHash } from "node:crypto";
import type { Delivered } from "../../chassis/deliveries";
import type { Belonging } from "../../schema/belonging";
import type { Day, Instant } from "../../schema/calendar";
import type { Event, EventType, RecordedEvent } from "../../schema/events";
import { isLocalityCode } from "../../schema/vocabulary/localities";
import type { Notification } from "./model";
import { type Kind, outcomeKind, type Screen, type ScreenEvent, screenOf, TOLD_BY, teamsTold } from "./rules";

/** Types that tell somebody something and are not of the register. */
export const FOLLOWED = [
  "BirthRecorded",
  "NewbornHearingRecorded",
  "NewbornBloodSpotRecorded",
  "NewbornExaminationRecorded",
] as const satisfies readonly EventType[];

/** The last version of a fact that a national event told: what it says only as far as to know whether that changes. */
export interface Version {
  readonly childId: string;
  readonly system: string;
  readonly id: string;
  readonly asOf: Instant;
  readonly tieBreak: string;
  readonly withdrawn: boolean;
  readonly digest: string;
  readonly screen: Screen | null;
}

/** One team to be told; the store gives it its place and its times. */
export type Telling = Pick<
  Notification,
  | "childId"
  | "kind"
  | "team"
  | "reach"
  | "occasion"
  | "screen"
  | "system"
  | "sourceId"
  | "fromLocality"
  | "toLocality"
  | "fromPractice"
  | "toPractice"
>;

/** What is held already of the children of a delivery. */
export interface Held {
  readonly versions: readonly Version[];
  /** Where the child belongs now, with everything of those whose records are part of its own. */
  readonly now: ReadonlyMap<string, Belonging>;
  /** What was told of those children before: not what came to nothing at once. */
  readonly told: readonly ToldBefore[];
}

type ToldBefore = Pick<
  Notification,
  "childId" | "kind" | "team" | "system" | "sourceId" | "acknowledgedAt" | "handedOverAt"
>;

export interface News {
  readonly tellings: readonly Telling[];
  readonly versions: readonly Version[];
}

/** Events that may tell somebody something: by the table, and not out of the extract of a locality. */
export function isHeard({ type, source }: Event): boolean {
  return TOLD_BY[type].length > 0 && !isLocalityCode(source.system);
}

/** Children who were alive before a delivery and are not after it, and the other way round; whoever told it. */
export function diedOf({ settled }: Delivered): {
  readonly died: readonly string[];
  readonly revived: readonly string[];
} {
  const changed = [...settled].filter(([, { before, after }]) => before !== null && before.dead !== after.dead);
  const ids = (dead: boolean) => changed.filter(([, { after }]) => after.dead === dead).map(([childId]) => childId);
  return { died: ids(true), revived: ids(false) };
}

/** Who is told of what by a delivery, in the order of its events. */
export function newsOf({ number, events, settled }: Delivered, held: Held, today: Day): News {
  const versions = new Map(held.versions.map((version) => [keyOf(version.childId, version), version]));
  const changed = new Map<string, Version>();
  const tellings: Telling[] = [];
  const told: ToldBefore[] = [...held.told];
  const later = new Map<string, { readonly event: Event; readonly before: Version | null }[]>();

  for (const event of events.filter(isHeard)) {
    const key = keyOf(event.childId, event.source);
    const before = versions.get(key) ?? null;
    const version = versionOf(event, before);
    if (before !== null && !isLater(version, before)) continue;
    versions.set(key, version);
    changed.set(key, version);
    const others = later.get(event.childId);
    if (others) others.push({ event, before });
    else later.set(event.childId, [{ event, before }]);
  }

  for (const [childId, news] of later) {
    const settling = settled.get(childId);
    const belonging = held.now.get(childId) ?? settling?.after ?? nowhere(childId);
    const before = settling?.before ?? null;
    const tell = (kind: Kind, what: string, fields: Partial<Telling> = {}, also: readonly string[] = []): void => {
      for (const team of teamsTold(kind, { now: belonging, before }, today, also)) {
        const telling: Telling = {
          ...NOTHING_MORE,
          ...team,
          childId,
          kind,
          occasion: `${number}/${childId}/${what}`,
          ...fields,
        };
        tellings.push(telling);
        told.push({ ...telling, acknowledgedAt: null, handedOverAt: null });
      }
    };
    const toldOf = (of: (each: ToldBefore) => boolean): readonly string[] => [
      ...new Set(told.filter((each) => each.childId === childId && of(each)).map(({ team }) => team)),
    ];

    const born = news.find(({ event, before: earlier }) => event.type === "BirthRecorded" && earlier === null)?.event;
    if (born !== undefined) {
      const stillborn = born.action === "record" && born.type === "BirthRecorded" && born.stillbirth;
      const kind = stillborn ? "STILLBIRTH" : belonging.dead ? "DEATH" : "BIRTH";
      tell(kind, kind, sourceOf(born));
    } else if (settling !== undefined && before?.bornOn != null) {
      for (const { kind, what, ...fields } of movesOf(before, settling.after, news)) {
        tell(
          kind,
          what,
          fields,
          toldOf((earlier) => concerns(kind, earlier)),
        );
      }
    }
    for (const { event, before: earlier } of news) {
      if (event.type === "GlassBroken" && earlier === null) tell("GLASS_BROKEN", event.source.id, sourceOf(event));
      if (!isScreen(event.type)) continue;
      const screen = versions.get(keyOf(childId, event.source))?.screen ?? null;
      const fields = { ...sourceOf(event), screen };
      const what = `${event.source.system}/${event.source.id}/${event.asOf}`;
      const same = toldOf((each) => each.system === event.source.system && each.sourceId === event.source.id);
      if (event.action === "withdraw") {
        if (earlier !== null && !earlier.withdrawn) tell("SCREEN_WITHDRAWN", what, fields, same);
        continue;
      }
      const now = versionOf(event, earlier);
      if (earlier !== null && !earlier.withdrawn && earlier.digest === now.digest) continue;
      if (earlier !== null) tell("SCREEN_CHANGED", what, fields, same);
      const kind = outcomeKind(event as ScreenEvent);
      if (kind === null) continue;
      // Whoever was told that it changed looks it up; the others are told what it is.
      const others = teamsTold(kind, { now: belonging, before }, today).filter(({ team }) => !same.includes(team));
      for (const team of others)
        tellings.push({ ...NOTHING_MORE, ...team, childId, kind, occasion: `${number}/${childId}/${what}`, ...fields });
    }
  }
  return { tellings, versions: [...changed.values()] };
}

const NOTHING_MORE = {
  screen: null,
  system: null,
  sourceId: null,
  fromLocality: null,
  toLocality: null,
  fromPractice: null,
  toPractice: null,
} as const;

/** Whether a team that was told of something is told of a death too, or of its removal, wherever the child belongs now. */
function concerns(kind: Kind, earlier: ToldBefore): boolean {
  if (kind === "DEATH_REMOVED") return earlier.kind === "DEATH";
  // It has the matter in hand still, or the child has not been taken over from it.
  const isOpen = earlier.acknowledgedAt === null || (earlier.kind === "MOVED_OUT" && earlier.handedOverAt === null);
  return kind === "DEATH" && isOpen && earlier.kind !== "GLASS_BROKEN";
}

/** A child whom nobody has told of, only something about it: in nobody's reach, and so the clerks'. */
function nowhere(childId: string): Belonging {
  const unknown = { bornOn: null, diedOn: null, practice: null, school: null, locality: null, localAuthority: null };
  return { childId, ...unknown, practiceUntil: null, dead: false, status: "RESIDENT", restricted: true, ties: null };
}

type Move = Partial<Telling> & { readonly kind: Kind; readonly what: string };

/** What follows from where a child belonged and belongs, where a national event of the delivery is about that. */
function movesOf(
  before: Belonging,
  after: Belonging,
  news: readonly { readonly event: Event; readonly before: Version | null }[],
): readonly Move[] {
  const tells = (type: EventType) => news.some(({ event }) => event.type === type);
  if (before.dead !== after.dead) {
    if (!tells("DeathRecorded")) return [];
    const kind = after.dead ? "DEATH" : "DEATH_REMOVED";
    return [{ kind, what: kind }];
  }
  if (!tells("AddressRecorded") && !tells("GpRegistrationRecorded")) return [];
  const moves: Move[] = [];
  const [fromLocality, toLocality] = [placeOf(before), placeOf(after)];
  const moved = fromLocality !== toLocality;
  if (moved) {
    const places = { what: "MOVE", fromLocality, toLocality };
    if (toLocality !== null) moves.push({ kind: "MOVED_IN", ...places });
    if (fromLocality !== null) moves.push({ kind: "MOVED_OUT", ...places });
  }
  if (before.practice !== after.practice && tells("GpRegistrationRecorded")) {
    const practices = { what: "PRACTICE", fromPractice: before.practice, toPractice: after.practice };
    moves.push({ kind: after.practice === null ? "PRACTICE_NONE" : "PRACTICE_JOINED", ...practices });
    if (before.practice !== null) moves.push({ kind: "PRACTICE_LEFT", ...practices });
  } else if (!moved && isNewHome(news)) moves.push({ kind: "MOVED_HOME", what: "HOME" });
  return moves;
}

/** Where a child is; null once it has left, for the register keeps who was responsible last. */
function placeOf({ locality, status }: Belonging): Belonging["locality"] {
  return status === "MOVED_OUT" ? null : locality;
}

/** Whether another home is told of than was told before, however either is written. */
function isNewHome(news: readonly { readonly event: Event; readonly before: Version | null }[]): boolean {
  return news.some(({ event, before }) => {
    if (event.type !== "AddressRecorded" || event.action === "withdraw" || event.to !== null) return false;
    return before === null || before.digest !== digestOf(event);
  });
}

function isScreen(type: EventType): type is ScreenEvent["type"] {
  return (
    type === "NewbornHearingRecorded" || type === "NewbornBloodSpotRecorded" || type === "NewbornExaminationRecorded"
  );
}

function sourceOf({ source }: Event): Pick<Telling, "system" | "sourceId"> {
  return { system: source.system, sourceId: source.id };
}

function keyOf(childId: string, { system, id }: { readonly system: string; readonly id: string }): string {
  return `${childId}\n${system}\n${id}`;
}

function isLater(a: Version, b: Version): boolean {
  return a.asOf > b.asOf || (a.asOf === b.asOf && a.tieBreak > b.tieBreak);
}

/** A withdrawal tells neither stage nor outcome: which screen it was stands in the version before. */
function versionOf(event: Event, before: Version | null): Version {
  const { childId, source, asOf, tieBreak = "" } = event;
  const withdrawn = event.action === "withdraw";
  const stage = !withdrawn && event.type === "NewbornExaminationRecorded" ? event.stage : null;
  const screen = isScreen(event.type)
    ? withdrawn && before !== null
      ? before.screen
      : screenOf(event.type, stage)
    : null;
  return { childId, ...source, asOf, tieBreak, withdrawn, digest: withdrawn ? "" : digestOf(event), screen };
}

/** What of a fact somebody would act upon, told by a digest: equal where nothing of it has changed. */
function digestOf(event: RecordedEvent): string {
  return createHash("sha256")
    .update(JSON.stringify(substanceOf(event)))
    .digest("base64url")
    .slice(0, 22);
}

function substanceOf(event: RecordedEvent): unknown {
  switch (event.type) {
    case "AddressRecorded":
      // The national service repeats an address in other spellings.
      return [event.lines.join(" "), event.postcode].map((text) => text?.toUpperCase().replace(/[^A-Z0-9]/g, "") ?? "");
    case "NewbornHearingRecorded":
      return [event.outcome, event.outcomeCode];
    case "NewbornBloodSpotRecorded":
      return event.results
        .map(({ condition, outcome, status, subStatus }) => [condition, outcome, status, subStatus].join())
        .sort();
    case "NewbornExaminationRecorded":
      return [
        event.stage,
        ...event.results.map(({ part, outcome, riskFactor }) => [part, outcome, riskFactor].join()).sort(),
      ];
    default:
      return [];
  }
}
