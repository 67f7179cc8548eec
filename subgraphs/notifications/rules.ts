/**
 * Which event tells which team, how urgently and by when it must be seen: one table, and the rules that read it. Pure.
 *
 * Only what a national event tells makes a notification, and what the table names besides. An extract of a legacy system
 * tells nobody: what stands in it was known where it was sent.
 */

import { type Action, scopeOf, type Viewer, within } from "../../schema/access";
import type { Belonging } from "../../schema/belonging";
import type { Day } from "../../schema/calendar";
import type { EventOf, EventType } from "../../schema/events";
import { LOCALITY_CODES, type LocalityCode } from "../../schema/vocabulary/localities";
import type {
  BloodSpotOutcome,
  ExaminationOutcome,
  ExaminationStage,
  NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import { readTeam, TEAM_KIND_NAMES, TEAM_KINDS, type Team, type TeamKind, teamId } from "../../schema/vocabulary/teams";

export const URGENCIES = {
  ROUTINE: "To be seen in the ordinary course of work",
  URGENT: "To be seen before other work",
} as const;
export type Urgency = keyof typeof URGENCIES;

/** A team, and whether it is told because the child belongs there now or because it did before. */
interface Recipient {
  readonly team: TeamKind;
  readonly of: "NOW" | "BEFORE";
}

export interface KindRule {
  /** What happened, as the graph says it. */
  readonly says: string;
  /** Teams of which a child is in reach, each by its own role; those told before are added where `toldBefore`. */
  readonly tells: readonly Recipient[];
  readonly toldBefore?: true;
  readonly urgency: Urgency;
  readonly seenWithinHours: number;
  /** Where the waiting period comes from. */
  readonly source: string;
  /** What a reader must be let do to know of it. */
  readonly needs: Action;
  /**
   * Whether a reader must have the child in reach when it reads, or belongs to the team that was told and so may know:
   * for what a team is told because the child has left it.
   */
  readonly reach: "CHILD" | "TEAM";
  /** Whether a team that acts on it would write to the family, or visit: not after a death. */
  readonly turnsToFamily: boolean;
}

const now = (...teams: readonly TeamKind[]): readonly Recipient[] => teams.map((team) => ({ team, of: "NOW" }));
const before = (...teams: readonly TeamKind[]): readonly Recipient[] => teams.map((team) => ({ team, of: "BEFORE" }));
const ASSUMED = "assumed";
/** Everybody who may have the child in care, by age and registration; not those who answer for the service itself. */
const EVERY_TEAM = TEAM_KIND_NAMES.filter((kind) => TEAM_KINDS[kind].of !== "SERVICE");
const CARING = ["CHILD_HEALTH_INFORMATION", "HEALTH_VISITING", "SCHOOL_NURSING", "SCREENING"] as const;

export const KINDS = {
  BIRTH: {
    says: "A child was born, or is first known here by its birth",
    tells: now("HEALTH_VISITING", "CHILD_HEALTH_INFORMATION"),
    urgency: "ROUTINE",
    seenWithinHours: 48,
    source: "assumed: the new birth visit is due at 10 to 14 days",
    needs: "VIEW_IDENTITY",
    reach: "CHILD",
    turnsToFamily: true,
  },
  STILLBIRTH: {
    says: "A child was stillborn: nothing is to be sent to the family",
    tells: now("HEALTH_VISITING", "CHILD_HEALTH_INFORMATION"),
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "TEAM",
    turnsToFamily: false,
  },
  MOVED_IN: {
    says: "A child has come into the locality, and is the team's from now on",
    tells: now(...CARING),
    urgency: "ROUTINE",
    seenWithinHours: 48,
    source: "assumed: a baby who moves in must have its blood spot result within 21 days of the service being told",
    needs: "VIEW_IDENTITY",
    reach: "CHILD",
    turnsToFamily: true,
  },
  MOVED_OUT: {
    says: "A child has left the locality, and is handed over once the new one acknowledges",
    tells: before(...CARING),
    urgency: "ROUTINE",
    seenWithinHours: 120,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "TEAM",
    turnsToFamily: false,
  },
  MOVED_HOME: {
    says: "A child has moved home within the locality",
    tells: now("HEALTH_VISITING", "SCHOOL_NURSING"),
    urgency: "ROUTINE",
    seenWithinHours: 120,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "CHILD",
    turnsToFamily: true,
  },
  PRACTICE_JOINED: {
    says: "A child is registered with another GP practice, or with its first",
    tells: now("GENERAL_PRACTICE", "HEALTH_VISITING", "SCHOOL_NURSING"),
    urgency: "ROUTINE",
    seenWithinHours: 120,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "CHILD",
    turnsToFamily: true,
  },
  PRACTICE_LEFT: {
    says: "A child is no longer registered with the GP practice",
    tells: before("GENERAL_PRACTICE"),
    urgency: "ROUTINE",
    seenWithinHours: 120,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "TEAM",
    turnsToFamily: false,
  },
  PRACTICE_NONE: {
    says: "A child is registered with no GP practice any more",
    tells: now("HEALTH_VISITING", "SCHOOL_NURSING", "CHILD_HEALTH_INFORMATION"),
    urgency: "ROUTINE",
    seenWithinHours: 120,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "CHILD",
    turnsToFamily: true,
  },
  DEATH: {
    says: "A child has died: everything that was to be sent to the family or asked of it is cancelled",
    tells: now(...EVERY_TEAM),
    toldBefore: true,
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "TEAM",
    turnsToFamily: false,
  },
  DEATH_REMOVED: {
    says: "A death was recorded in error: the child is alive. What was cancelled is not told again; look at the record",
    tells: now(...EVERY_TEAM),
    toldBefore: true,
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "VIEW_IDENTITY",
    reach: "TEAM",
    turnsToFamily: false,
  },
  SCREEN_CLEAR: {
    says: "A newborn screen is clear",
    tells: now("HEALTH_VISITING"),
    urgency: "ROUTINE",
    seenWithinHours: 240,
    source: "assumed: parents are told at the 6 to 8 week review at the latest",
    needs: "VIEW_SCREENING",
    reach: "CHILD",
    turnsToFamily: true,
  },
  SCREEN_NOT_CLEAR: {
    says: "A newborn screen is not clear, asks for more, or has an outcome of unknown meaning",
    tells: now("HEALTH_VISITING", "SCREENING"),
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "VIEW_SCREENING",
    reach: "CHILD",
    turnsToFamily: true,
  },
  SCREEN_INCOMPLETE: {
    says: "A newborn screen was declined, not done or must be repeated",
    tells: now("HEALTH_VISITING", "SCREENING"),
    urgency: "URGENT",
    seenWithinHours: 24,
    source: "assumed: a repeat that is outstanding for more than 3 days is on the failsafe list",
    needs: "VIEW_SCREENING",
    reach: "CHILD",
    turnsToFamily: true,
  },
  SCREEN_CHANGED: {
    says: "An outcome of a newborn screen that was told before is another now",
    tells: [],
    toldBefore: true,
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "VIEW_SCREENING",
    reach: "TEAM",
    turnsToFamily: true,
  },
  SCREEN_WITHDRAWN: {
    says: "An outcome of a newborn screen that was told before was taken back: it is no outcome of this child",
    tells: [],
    toldBefore: true,
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "VIEW_SCREENING",
    reach: "TEAM",
    turnsToFamily: true,
  },
  GLASS_BROKEN: {
    says: "Somebody saw a child's record in an emergency, without being in charge of the child",
    tells: now("PRIVACY"),
    urgency: "URGENT",
    seenWithinHours: 24,
    source: ASSUMED,
    needs: "REVIEW_GLASS",
    reach: "TEAM",
    turnsToFamily: false,
  },
} as const satisfies Record<string, KindRule>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

export function ruleOf(kind: Kind): KindRule {
  return KINDS[kind];
}

/** Event type → what it may tell; none: nobody is told, and why. Every type has a row, so that none is forgotten. */
export const TOLD_BY: { readonly [Type in EventType]: readonly Kind[] } = {
  BirthRecorded: ["BIRTH", "STILLBIRTH", "DEATH"],
  AddressRecorded: ["MOVED_IN", "MOVED_OUT", "MOVED_HOME"],
  GpRegistrationRecorded: ["PRACTICE_JOINED", "PRACTICE_LEFT", "PRACTICE_NONE", "MOVED_IN", "MOVED_OUT"],
  DeathRecorded: ["DEATH", "DEATH_REMOVED"],
  NewbornHearingRecorded: screenKinds(),
  NewbornBloodSpotRecorded: screenKinds(),
  NewbornExaminationRecorded: screenKinds(),
  // Told by no national event: it is our own, and named here because somebody must look at it.
  GlassBroken: ["GLASS_BROKEN"],
  // A name, a number, a merge: who the child is has not changed for anybody who cares for it.
  IdentityRecorded: [],
  ChildrenMerged: [],
  // Told by no national event.
  SchoolRecorded: [],
  RestrictionRecorded: [],
  ResponsibilityRecorded: [],
  DoseRecorded: [],
  DoseNotGivenRecorded: [],
  // That there is a flag is itself a secret.
  SafeguardingFlagRecorded: [],
};

function screenKinds(): readonly Kind[] {
  return ["SCREEN_CLEAR", "SCREEN_NOT_CLEAR", "SCREEN_INCOMPLETE", "SCREEN_CHANGED", "SCREEN_WITHDRAWN"];
}

/** The team that is told again when one has not acknowledged in time. Null: it stays overdue, for all to see. Assumed. */
export const NEXT_TEAM: Readonly<Record<TeamKind, TeamKind | null>> = {
  HEALTH_VISITING: "CHILD_HEALTH_INFORMATION",
  SCHOOL_NURSING: "CHILD_HEALTH_INFORMATION",
  SCREENING: "CHILD_HEALTH_INFORMATION",
  GENERAL_PRACTICE: "CHILD_HEALTH_INFORMATION",
  SAFEGUARDING: "CHILD_HEALTH_INFORMATION",
  CHILD_HEALTH_INFORMATION: null,
  PRIVACY: null,
};

// Who is told.

type Where = Pick<Belonging, "locality" | "practice">;

/** The teams a kind tells, by id, of a child as it belongs now and belonged before; `told` are those who were told before. */
export function teamsTold(
  kind: Kind,
  child: { readonly now: Belonging; readonly before: Belonging | null },
  today: Day,
  told: readonly string[] = [],
): readonly { readonly team: string; readonly reach: KindRule["reach"] }[] {
  const rule = ruleOf(kind);
  const teams = rule.tells.flatMap(({ team, of }) => {
    const belonging = of === "NOW" ? child.now : child.before;
    return belonging === null
      ? []
      : teamsOfKind(team, belonging).filter((each) => hasInReach(each, rule, belonging, today));
  });
  const ids = new Set([...teams.map(teamId), ...(rule.toldBefore ? told : [])]);
  // Nobody in reach is not that nobody need know: the clerks who keep the record see to it, whose child it may not be.
  const isNobodys = ids.size === 0 && rule.tells.some(({ of }) => of === "NOW");
  const reach = isNobodys ? "TEAM" : rule.reach;
  return (isNobodys ? clerksOf(child.now) : [...ids]).map((team) => ({ team, reach }));
}

/** The team to tell when another has not acknowledged in time; null where there is none. */
export function nextTeam(id: string, child: Where | null): string | null {
  const team = readTeam(id);
  const next = team === null ? null : NEXT_TEAM[team.kind];
  if (team === null || next === null) return null;
  // Of the team's own locality, which answers for what it was told; a practice's is the child's.
  const locality = "locality" in team ? team.locality : (child?.locality ?? null);
  return locality === null ? null : (teamsOfKind(next, { locality, practice: null }).map(teamId)[0] ?? null);
}

/** The clerks of the child's locality; of every locality for a child of none, else nobody could see to it. */
function clerksOf({ locality }: Where): readonly string[] {
  const localities: readonly LocalityCode[] = locality === null ? LOCALITY_CODES : [locality];
  return localities.map((each) => teamId({ kind: "CHILD_HEALTH_INFORMATION", locality: each }));
}

function teamsOfKind(kind: TeamKind, { locality, practice }: Where): readonly Team[] {
  const { of } = TEAM_KINDS[kind];
  const team = readTeam(of === "SERVICE" ? kind : `${kind}:${(of === "PRACTICE" ? practice : locality) ?? ""}`);
  return team === null ? [] : [team];
}

/** Whether the members of a team have a child in reach, by the one policy table. */
function hasInReach(team: Team, { needs }: KindRule, child: Belonging, today: Day): boolean {
  const member: Viewer = {
    subject: "",
    name: "",
    role: TEAM_KINDS[team.kind].role,
    organisation: "practice" in team ? team.practice : null,
    localities: "locality" in team ? [team.locality] : [],
    scopes: [],
  };
  return within(scopeOf(member, needs, today), child);
}

// What an outcome tells.

export const SCREENS = {
  HEARING: "Newborn hearing",
  BLOOD_SPOT: "Newborn blood spot",
  NEWBORN_EXAMINATION: "Physical examination of the newborn",
  INFANT_EXAMINATION: "Physical examination of the infant",
} as const;
export type Screen = keyof typeof SCREENS;

/** A kind that an outcome tells by itself; null for news that asks nothing of anybody. */
type OutcomeKind = "SCREEN_CLEAR" | "SCREEN_NOT_CLEAR" | "SCREEN_INCOMPLETE" | null;

const HEARING_KINDS: Readonly<Record<NewbornHearingOutcome, OutcomeKind>> = {
  CLEAR_NO_FOLLOW_UP: "SCREEN_CLEAR",
  CLEAR_TARGETED_FOLLOW_UP: "SCREEN_NOT_CLEAR",
  NO_CLEAR_RESPONSE_BILATERAL: "SCREEN_NOT_CLEAR",
  NO_CLEAR_RESPONSE_UNILATERAL: "SCREEN_NOT_CLEAR",
  INCOMPLETE: "SCREEN_INCOMPLETE",
  INCOMPLETE_CONTRAINDICATED: "SCREEN_INCOMPLETE",
  INCOMPLETE_DECLINED: "SCREEN_INCOMPLETE",
  INCOMPLETE_MOVED: "SCREEN_INCOMPLETE",
  INCOMPLETE_NOT_CONTACTABLE: "SCREEN_INCOMPLETE",
  INCOMPLETE_DIED: "SCREEN_INCOMPLETE",
  UNCLASSIFIED: "SCREEN_NOT_CLEAR",
};

const BLOOD_SPOT_KINDS: Readonly<Record<BloodSpotOutcome, OutcomeKind>> = {
  SUSPECTED: "SCREEN_NOT_CLEAR",
  CARRIER: "SCREEN_NOT_CLEAR",
  NOT_SUSPECTED_OTHER_FOLLOW_UP: "SCREEN_NOT_CLEAR",
  UNCLASSIFIED: "SCREEN_NOT_CLEAR",
  NOT_SUSPECTED: "SCREEN_CLEAR",
  HAEMOGLOBIN_S_NOT_SUSPECTED: "SCREEN_CLEAR",
  DECLINED: "SCREEN_INCOMPLETE",
  REPEAT_NEEDED: "SCREEN_INCOMPLETE",
  NOT_SCREENED: "SCREEN_INCOMPLETE",
  // A sample that has reached the laboratory is no outcome yet.
  RECEIVED: null,
};

const EXAMINATION_KINDS: Readonly<Record<ExaminationOutcome, OutcomeKind>> = {
  NO_ABNORMALITY: "SCREEN_CLEAR",
  ABNORMALITY_SUSPECTED: "SCREEN_NOT_CLEAR",
  ABNORMALITY_SUSPECTED_LEFT: "SCREEN_NOT_CLEAR",
  ABNORMALITY_SUSPECTED_RIGHT: "SCREEN_NOT_CLEAR",
  ABNORMALITY_SUSPECTED_BILATERAL: "SCREEN_NOT_CLEAR",
  UNCLASSIFIED: "SCREEN_NOT_CLEAR",
  NOT_DONE: "SCREEN_INCOMPLETE",
  DECLINED: "SCREEN_INCOMPLETE",
  INCOMPLETE: "SCREEN_INCOMPLETE",
};

export type ScreenEvent = EventOf<"NewbornHearingRecorded" | "NewbornBloodSpotRecorded" | "NewbornExaminationRecorded">;

/** What an outcome tells: of several results the one that asks for most. */
export function outcomeKind(event: ScreenEvent): OutcomeKind {
  const kinds = kindsOf(event);
  const found = (["SCREEN_NOT_CLEAR", "SCREEN_INCOMPLETE", "SCREEN_CLEAR"] as const).find((kind) =>
    kinds.includes(kind),
  );
  return found ?? null;
}

function kindsOf(event: ScreenEvent): readonly OutcomeKind[] {
  switch (event.type) {
    case "NewbornHearingRecorded":
      return [HEARING_KINDS[event.outcome]];
    case "NewbornBloodSpotRecorded":
      return event.results.map(({ outcome }) => BLOOD_SPOT_KINDS[outcome]);
    case "NewbornExaminationRecorded":
      // Without an abnormality a risk factor still asks for more: hips for an ultrasound scan.
      return event.results.map(({ outcome, riskFactor }) =>
        outcome === "NO_ABNORMALITY" && riskFactor === true ? "SCREEN_NOT_CLEAR" : EXAMINATION_KINDS[outcome],
      );
  }
}

export function screenOf(type: ScreenEvent["type"], stage: ExaminationStage | null): Screen {
  if (type === "NewbornHearingRecorded") return "HEARING";
  if (type === "NewbornBloodSpotRecorded") return "BLOOD_SPOT";
  return stage === "INFANT" ? "INFANT_EXAMINATION" : "NEWBORN_EXAMINATION";
}
