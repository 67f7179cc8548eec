/**
 * The six localities whose systems become one record, and the nine local authorities they serve.
 *
 * Sources: programme announcement of 21 May 2020 (phases and systems); ONS codes of upper-tier local
 * authorities. The legacy system and extract format of each locality are ours to assume: none is published.
 */

export interface LocalAuthority {
  readonly name: string;
  /** ONS code, nine characters. */
  readonly code: string;
}

export const LOCAL_AUTHORITIES = {
  HALTON: { code: "E06000006", name: "Halton" },
  WARRINGTON: { code: "E06000007", name: "Warrington" },
  CHESHIRE_EAST: { code: "E06000049", name: "Cheshire East" },
  CHESHIRE_WEST_AND_CHESTER: { code: "E06000050", name: "Cheshire West and Chester" },
  KNOWSLEY: { code: "E08000011", name: "Knowsley" },
  LIVERPOOL: { code: "E08000012", name: "Liverpool" },
  ST_HELENS: { code: "E08000013", name: "St Helens" },
  SEFTON: { code: "E08000014", name: "Sefton" },
  WIRRAL: { code: "E08000015", name: "Wirral" },
} as const satisfies Record<string, LocalAuthority>;

const LA = LOCAL_AUTHORITIES;

export interface Locality {
  readonly name: string;
  readonly phase: 1 | 2 | 3;
  readonly localAuthorities: readonly LocalAuthority[];
  readonly legacySystem: string;
  readonly extractFormat: string;
  /** Children of the locality in the programme's 558,673; phase 1 together is published, the split is assumed. */
  readonly children: number;
}

export const LOCALITIES = {
  EAST_CHESHIRE: {
    name: "East Cheshire",
    phase: 1,
    localAuthorities: [LA.CHESHIRE_EAST],
    legacySystem: "EMIS-style child health module",
    extractFormat: "CSV set, comma, UTF-8 with byte order mark",
    children: 88_342,
  },
  CHESHIRE_WEST: {
    name: "Cheshire West & Chester",
    phase: 1,
    localAuthorities: [LA.CHESHIRE_WEST_AND_CHESTER],
    legacySystem: "EMIS-style child health module",
    extractFormat: "CSV set, semicolon, Windows-1252",
    children: 87_235,
  },
  LIVERPOOL_SEFTON: {
    name: "Liverpool & Sefton",
    phase: 2,
    localAuthorities: [LA.LIVERPOOL, LA.SEFTON],
    legacySystem: "CarePlus",
    extractFormat: "CSV set with CarePlus doses, comma, UTF-8",
    children: 168_903,
  },
  ST_HELENS_KNOWSLEY: {
    name: "St Helens & Knowsley",
    phase: 2,
    localAuthorities: [LA.ST_HELENS, LA.KNOWSLEY],
    legacySystem: "SystmOne",
    extractFormat: "CSV set with SystmOne doses, comma, Windows-1252",
    children: 78_120,
  },
  WIRRAL: {
    name: "Wirral",
    phase: 3,
    localAuthorities: [LA.WIRRAL],
    legacySystem: "NHS batch",
    extractFormat: "pipe-separated set with batch V5 doses, UTF-8",
    children: 69_514,
  },
  WARRINGTON: {
    name: "Warrington",
    phase: 3,
    // The programme does not say who served Halton; assumed to be Warrington's system.
    localAuthorities: [LA.WARRINGTON, LA.HALTON],
    legacySystem: "FHIR R4 store",
    extractFormat: "tab-separated set with FHIR R4 Immunization NDJSON doses, UTF-8",
    children: 66_559,
  },
} as const satisfies Record<string, Locality>;

export type LocalityCode = keyof typeof LOCALITIES;

export const LOCALITY_CODES = Object.keys(LOCALITIES) as readonly LocalityCode[];

export function isLocalityCode(text: string): text is LocalityCode {
  return Object.hasOwn(LOCALITIES, text);
}

const LOCALITY_BY_AUTHORITY: ReadonlyMap<string, LocalityCode> = new Map(
  LOCALITY_CODES.flatMap((code) =>
    LOCALITIES[code].localAuthorities.map((authority) => [authority.code, code] as const),
  ),
);

/** The locality that serves a local authority, by its ONS code; null outside Cheshire and Merseyside. */
export function localityOfAuthority(onsCode: string): LocalityCode | null {
  return LOCALITY_BY_AUTHORITY.get(onsCode) ?? null;
}

const AUTHORITY_NAMES: ReadonlyMap<string, string> = new Map(
  Object.values(LOCAL_AUTHORITIES).map((authority) => [authority.code, authority.name]),
);

/** The name of a local authority of ours by its ONS code; null for any other. */
export function localAuthorityName(onsCode: string): string | null {
  return AUTHORITY_NAMES.get(onsCode) ?? null;
}
