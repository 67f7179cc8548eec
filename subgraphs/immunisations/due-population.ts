/**
 * Whom a list of doses due is about: what was asked, as far as the viewer's reach goes, as the conditions one index is
 * read by. `listed` of schema/access.ts and the register's lists read the same scope; a test holds all to it.
 */

import type { Population } from "../../chassis/register";
import { type Scope, scopeOf, type Viewer } from "../../schema/access";
import type { Day } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { LOCALITY_CODES, type LocalityCode, localityOfAuthority } from "../../schema/vocabulary/localities";
import { readTeam, TEAM_KINDS, type Team } from "../../schema/vocabulary/teams";

/** Every condition holds; null is none. */
export interface Conditions {
  /** The place whose index is read, and which of its kind. */
  readonly by: "school" | "practice" | "locality";
  readonly places: readonly string[];
  readonly practices: readonly string[] | null;
  readonly localities: readonly LocalityCode[] | null;
  readonly localAuthorities: readonly string[] | null;
  /** Registered with the practice still on this day. */
  readonly registeredOn: Day | null;
  readonly bornFrom: Day | null;
  readonly bornBefore: Day | null;
}

/** Each place asked for is looked up by itself. */
const MOST_PLACES = 100;

/** Null where nobody can be meant. Throws ARGUMENT_INVALID for more places than are asked at once. */
export function conditionsOf(scopes: readonly Scope[], where: Population): Conditions | null {
  let localities: readonly LocalityCode[] | null = asked(where.localities);
  let practices: readonly string[] | null = asked(where.practices);
  const schools = asked(where.schools);
  const localAuthorities = asked(where.localAuthorities);
  let [bornFrom, bornBefore] = [where.bornFrom ?? null, where.bornTo ?? null];
  let registeredOn: Day | null = null;
  for (const scope of scopes) {
    if (scope.reach === "NOBODY") return null;
    if (scope.reach === "EVERYBODY") continue;
    localities = both(localities, scope.localities);
    if (scope.practice !== null) [practices, registeredOn] = [both(practices, [scope.practice]), scope.on];
    bornFrom = greater(bornFrom, scope.bornFrom);
    bornBefore = lesser(bornBefore, scope.bornBefore);
  }
  // Whom an authority of ours answers for, its locality does.
  const serving = localAuthorities?.flatMap((code) => localityOfAuthority(code) ?? []) ?? null;
  const lists = [localities, practices, schools, both(localities, serving)];
  if (lists.some((list) => list?.length === 0)) return null;
  if (bornFrom !== null && bornBefore !== null && bornFrom >= bornBefore) return null;
  for (const [argument, list] of Object.entries({ "where.schools": schools, "where.practices": practices })) {
    if (list !== null && list.length > MOST_PLACES)
      throw new Problem("ARGUMENT_INVALID", { argument, expected: `at most ${MOST_PLACES} places` });
  }
  const others = { localAuthorities, registeredOn, bornFrom, bornBefore };
  if (schools !== null) return { by: "school", places: schools, practices, localities, ...others };
  if (practices !== null) return { by: "practice", places: practices, practices: null, localities, ...others };
  const places = both(localities, serving) ?? LOCALITY_CODES;
  return { by: "locality", places, practices: null, localities: null, ...others };
}

/**
 * The children a care team looks after: those its members reach. Throws ARGUMENT_INVALID for a text that names no team, or one
 * that calls nobody in.
 */
export function scopeOfTeam(id: string, today: Day): Scope {
  const team = readTeam(id);
  const scope = team === null ? null : scopeOf(memberOf(team), "LIST_DUE_IMMUNISATIONS", today);
  if (scope === null || scope.reach !== "THOSE")
    throw new Problem("ARGUMENT_INVALID", {
      argument: "team",
      expected: "a team that calls children in, such as HEALTH_VISITING:WIRRAL or GENERAL_PRACTICE:N85002",
    });
  return scope;
}

function memberOf(team: Team): Viewer {
  return {
    subject: "",
    name: "",
    role: TEAM_KINDS[team.kind].role,
    organisation: "practice" in team ? team.practice : null,
    localities: "locality" in team ? [team.locality] : [],
    scopes: [],
  };
}

/** An empty list is no condition. */
function asked<T>(list: readonly T[] | null | undefined): readonly T[] | null {
  return list === null || list === undefined || list.length === 0 ? null : [...new Set(list)];
}

function both<T>(a: readonly T[] | null, b: readonly T[] | null): readonly T[] | null {
  if (a === null || b === null) return a ?? b;
  return a.filter((each) => b.includes(each));
}

function greater(a: Day | null, b: Day | null): Day | null {
  return a === null || (b !== null && b > a) ? b : a;
}

function lesser(a: Day | null, b: Day | null): Day | null {
  return a === null || (b !== null && b < a) ? b : a;
}
