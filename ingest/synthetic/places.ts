/**
 * Where invented children live, are registered and go to school: the open practices of each local authority, streets
 * and postcodes around them, and schools that do not exist.
 */

import type { Day } from "../../schema/calendar";
import { LOCAL_AUTHORITIES, LOCALITIES, LOCALITY_CODES, type LocalityCode } from "../../schema/vocabulary/localities";
import { localAuthorityOfPostcode, PRACTICES } from "../../schema/vocabulary/practices";
import { type Chance, type WeightTable, weights } from "./chance";
import { STREETS } from "./people";

export interface Home {
  readonly lines: readonly string[];
  readonly postcode: string;
  /** ONS code of the local authority. */
  readonly localAuthority: string;
  readonly from: Day;
}

export interface School {
  readonly urn: string;
  readonly name: string;
}

/** What proportion of a local authority's children has been given it by the fifth birthday. */
interface Uptake {
  readonly hexavalent: number;
  readonly secondMeasles: number;
}

interface Area {
  readonly name: string;
  readonly localAuthority: string;
  readonly uptake: Uptake;
  readonly practices: readonly [Surgery, ...Surgery[]];
  readonly primaries: readonly [School, ...School[]];
  readonly secondaries: readonly [School, ...School[]];
}

interface Surgery {
  readonly odsCode: string;
  /** Postcode district: `CH41`. */
  readonly district: string;
}

type AuthorityName = keyof typeof LOCAL_AUTHORITIES;

/**
 * Source: UKHSA COVER as reported for Liverpool and Wirral, and the second measles dose of both Cheshires in 2022-23.
 * No figures were found for the others: theirs, and the Cheshires' hexavalent, are assumed to lie between.
 */
const UPTAKE: Readonly<Record<AuthorityName, Uptake>> = {
  LIVERPOOL: { hexavalent: 0.887, secondMeasles: 0.755 },
  KNOWSLEY: { hexavalent: 0.905, secondMeasles: 0.79 },
  HALTON: { hexavalent: 0.922, secondMeasles: 0.825 },
  SEFTON: { hexavalent: 0.937, secondMeasles: 0.845 },
  ST_HELENS: { hexavalent: 0.94, secondMeasles: 0.855 },
  WARRINGTON: { hexavalent: 0.95, secondMeasles: 0.875 },
  WIRRAL: { hexavalent: 0.961, secondMeasles: 0.89 },
  CHESHIRE_EAST: { hexavalent: 0.955, secondMeasles: 0.899 },
  CHESHIRE_WEST_AND_CHESTER: { hexavalent: 0.957, secondMeasles: 0.899 },
};

const AUTHORITY_NAMES = Object.keys(LOCAL_AUTHORITIES) as readonly AuthorityName[];
const CHILDREN_A_PRACTICE = 1600;
const CHILDREN_A_PRIMARY = 750;
const CHILDREN_A_SECONDARY = 3500;
const SAINTS = ["Aidan", "Brigid", "Chad", "Cuthbert", "Hilda", "Oswald", "Werburgh", "Winefride"] as const;

const AREAS: Readonly<Record<AuthorityName, Area>> = (() => {
  const entries = AUTHORITY_NAMES.map((name, at): [AuthorityName, Area] => {
    const localAuthority = LOCAL_AUTHORITIES[name].code;
    const [first, ...rest] = PRACTICES.filter((each) => each.open && each.localAuthority === localAuthority).map(
      ({ odsCode, postcode }) => ({ odsCode, district: postcode.split(" ")[0] ?? "" }),
    );
    if (!first) throw new RangeError(`${name} has no open practice`);
    const children = (rest.length + 1) * CHILDREN_A_PRACTICE;
    const urn = 900_000 + at * 1_000;
    return [
      name,
      {
        name: LOCAL_AUTHORITIES[name].name,
        localAuthority,
        uptake: UPTAKE[name],
        practices: [first, ...rest],
        primaries: schools(urn, children / CHILDREN_A_PRIMARY, ["Primary School", "Community Primary School"]),
        secondaries: schools(urn + 500, children / CHILDREN_A_SECONDARY, ["High School", "Academy"]),
      },
    ];
  });
  return Object.fromEntries(entries) as Record<AuthorityName, Area>; // one entry for each name, just made
})();

const AUTHORITY_OF_CODE: ReadonlyMap<string, AuthorityName> = new Map(
  AUTHORITY_NAMES.map((name) => [LOCAL_AUTHORITIES[name].code, name]),
);

export const LOCALITY_WEIGHTS = weights(
  Object.fromEntries(LOCALITY_CODES.map((code) => [code, LOCALITIES[code].children])) as Record<LocalityCode, number>,
);

const AUTHORITY_WEIGHTS = Object.fromEntries(
  LOCALITY_CODES.map((code) => {
    const names = LOCALITIES[code].localAuthorities.flatMap(({ code: ons }) => AUTHORITY_OF_CODE.get(ons) ?? []);
    return [code, weights(Object.fromEntries(names.map((name) => [name, AREAS[name].practices.length])))];
  }),
) as Readonly<Record<LocalityCode, WeightTable<AuthorityName>>>; // the keys are those of LOCALITY_CODES

/** The uptake of a local authority, by its ONS code. */
export function uptakeOf(localAuthority: string): Uptake {
  return areaOf(localAuthority).uptake;
}

/** An address somewhere in the locality, in the postcode district of one of its practices. */
export function inventHome(chance: Chance, locality: LocalityCode, from: Day): Home {
  const area = AREAS[chance.weighted(AUTHORITY_WEIGHTS[locality])];
  let surgery = chance.pick(area.practices);
  // A district that two authorities share would tell the wrong one as often as not; a second draw makes them rarer.
  if (localAuthorityOfPostcode(`${surgery.district} 1AA`) === null) surgery = chance.pick(area.practices);
  const number = chance.between(1, 180);
  const flat = chance.happens(0.12) ? [`Flat ${chance.between(1, 24)}`] : [];
  return {
    lines: [...flat, `${number} ${chance.pick(STREETS)}`, area.name],
    postcode: `${surgery.district} ${chance.below(10)}${chance.text("ABDEFGHJLNPQRSTUWXYZ", 2)}`,
    localAuthority: area.localAuthority,
    from,
  };
}

/** ODS code of an open practice: mostly in the home's own district, rarely over the boundary of the locality. */
export function inventPractice(chance: Chance, home: Home): string {
  const area = chance.happens(0.01) ? AREAS[chance.pick(EVERY_AUTHORITY)] : areaOf(home.localAuthority);
  const district = home.postcode.split(" ")[0];
  const [near, ...others] = area.practices.filter((each) => each.district === district);
  return near && chance.happens(0.85) ? chance.pick([near, ...others]).odsCode : chance.pick(area.practices).odsCode;
}

/** The school of a child in a year group, 0 for Reception to 13; null where the child is of no school age. */
export function inventSchool(chance: Chance, home: Home, group: number): School | null {
  if (group < 0 || group > 13) return null;
  if (chance.happens(0.005)) return { urn: "999999", name: "Home educated" };
  if (chance.happens(0.005)) return { urn: "888888", name: "Unknown school" };
  const area = areaOf(home.localAuthority);
  return chance.pick(group < 7 ? area.primaries : area.secondaries);
}

const [FIRST_AUTHORITY, ...OTHER_AUTHORITIES] = AUTHORITY_NAMES as readonly [AuthorityName, ...AuthorityName[]];
const EVERY_AUTHORITY = [FIRST_AUTHORITY, ...OTHER_AUTHORITIES] as const;

function areaOf(localAuthority: string): Area {
  return AREAS[AUTHORITY_OF_CODE.get(localAuthority) ?? FIRST_AUTHORITY];
}

/** Reference numbers from 900000 up have never been given to a school. */
function schools(urn: number, count: number, kinds: readonly string[]): readonly [School, ...School[]] {
  const named = (at: number): School => {
    const street = STREETS[(urn * 7 + at * 13) % STREETS.length]?.replace(/ \w+$/, "") ?? "";
    const saint = SAINTS[at % SAINTS.length];
    const called = at % 3 === 2 ? `St ${saint}'s ${street}` : street;
    return { urn: String(urn + at), name: `${called} ${kinds[at % kinds.length]}` };
  };
  return [named(0), ...Array.from({ length: Math.floor(count) }, (_, at) => named(at + 1))];
}
