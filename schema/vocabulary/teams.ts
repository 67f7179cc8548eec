/**
 * The care teams that act on the record: who is told, who calls children in. A team is of one kind and either one
 * locality's, one practice's, or the whole service's. Its members are the viewers of one role who belong there.
 *
 * Source: the roles and their reach are the service's own (README, "Signing in"); no published list of teams exists, so
 * one team of each kind a locality is assumed.
 */

import type { Role, Viewer } from "../access";
import { isLocalityCode, type LocalityCode } from "./localities";

interface TeamKindRow {
  readonly says: string;
  readonly role: Role;
  readonly of: "LOCALITY" | "PRACTICE" | "SERVICE";
}

export const TEAM_KINDS = {
  CHILD_HEALTH_INFORMATION: {
    says: "The clerks who keep a locality's child health records",
    role: "CHILD_HEALTH_CLERK",
    of: "LOCALITY",
  },
  HEALTH_VISITING: { says: "The health visitors of a locality", role: "HEALTH_VISITOR", of: "LOCALITY" },
  SCHOOL_NURSING: { says: "The school nurses of a locality", role: "SCHOOL_NURSE", of: "LOCALITY" },
  SCREENING: { says: "The screening officers of a locality", role: "SCREENING_OFFICER", of: "LOCALITY" },
  SAFEGUARDING: { says: "The safeguarding leads of a locality", role: "SAFEGUARDING_LEAD", of: "LOCALITY" },
  GENERAL_PRACTICE: { says: "The clinicians of a GP practice", role: "GENERAL_PRACTITIONER", of: "PRACTICE" },
  PRIVACY: { says: "The privacy officers of the service", role: "PRIVACY_OFFICER", of: "SERVICE" },
} as const satisfies Record<string, TeamKindRow>;

export type TeamKind = keyof typeof TEAM_KINDS;

export const TEAM_KIND_NAMES = Object.keys(TEAM_KINDS) as readonly TeamKind[];

/** One team, as its parts; `teamId` writes it as text. */
export type Team =
  | { readonly kind: TeamKindOf<"LOCALITY">; readonly locality: LocalityCode }
  | { readonly kind: TeamKindOf<"PRACTICE">; readonly practice: string }
  | { readonly kind: TeamKindOf<"SERVICE"> };
type TeamKindOf<Of extends TeamKindRow["of"]> = {
  [Kind in TeamKind]: (typeof TEAM_KINDS)[Kind]["of"] extends Of ? Kind : never;
}[TeamKind];

/** `HEALTH_VISITING:WIRRAL`, `GENERAL_PRACTICE:N85002`, `PRIVACY`. */
export function teamId(team: Team): string {
  if ("locality" in team) return `${team.kind}:${team.locality}`;
  if ("practice" in team) return `${team.kind}:${team.practice}`;
  return team.kind;
}

/** The team an id names; null where it names none. */
export function readTeam(id: string): Team | null {
  const [kind = "", at, ...more] = id.split(":");
  if (!isTeamKind(kind) || more.length > 0) return null;
  const { of } = TEAM_KINDS[kind];
  if (of === "SERVICE") return at === undefined ? ({ kind } as Team) : null;
  if (at === undefined || at === "") return null;
  if (of === "PRACTICE") return { kind, practice: at } as Team;
  return isLocalityCode(at) ? ({ kind, locality: at } as Team) : null;
}

/** Ids of the teams a viewer is a member of, in the order of the table. */
export function teamsOf({ role, localities, organisation }: Viewer): readonly string[] {
  return TEAM_KIND_NAMES.flatMap((kind): readonly string[] => {
    const row = TEAM_KINDS[kind];
    if (row.role !== role) return [];
    if (row.of === "SERVICE") return [kind];
    if (row.of === "PRACTICE") return organisation === null ? [] : [`${kind}:${organisation}`];
    return localities.map((locality) => `${kind}:${locality}`);
  });
}

/** What a partner app may be told of in the place of its users: the teams who care for the children of a locality. */
const APP_TEAMS = ["CHILD_HEALTH_INFORMATION", "HEALTH_VISITING", "SCHOOL_NURSING", "SCREENING"] as const;

/** Ids of the teams of whose notifications a viewer is told: its own, or those an app stands in for. */
export function teamsHeard(viewer: Viewer): readonly string[] {
  if (viewer.role !== "PARTNER_APP") return teamsOf(viewer);
  return APP_TEAMS.flatMap((kind) => viewer.localities.map((locality) => teamId({ kind, locality })));
}

function isTeamKind(text: string): text is TeamKind {
  return Object.hasOwn(TEAM_KINDS, text);
}
