/**
 * Doses as SystmOne takes them (one row a dose, 21 columns) and as it gives them out (17 columns).
 *
 * Sources: MAVIS `app/lib/reports/systm_one_exporter.rb` and the fixture `point_of_care/systm_one.csv`. The CTV3 codes
 * were made for one area: `SystmOneTables` says them as data, and a locality may have its own. Infant vaccines have
 * none, and are told by brand.
 */

import {
  PRODUCTS,
  VACCINATION_SITE_NAMES,
  VACCINATION_SITES,
  type VaccinationRoute,
  type VaccinationSite,
  type Vaccine,
} from "../../../schema/vocabulary/vaccines";
import { delimited, type Layout } from "../adapter";
import { type Codec, code, day, dayTold, decimal, matching, nhsNumber, text, timeOfDay, unknownCode } from "../columns";
import type { DoseRow } from "../kinds";

interface Brand {
  readonly vaccine: Vaccine;
  /** dm+d code; null where none is known. */
  readonly productCode: string | null;
}

export interface SystmOneTables {
  readonly brands: Readonly<Record<string, Brand>>;
  /** CTV3 code → brand and dose; a dose of null is written for any dose not listed and says none when read. */
  readonly ctv3: Readonly<Record<string, readonly [brand: string, dose: number | null]>>;
  /** Doses that a code with a null dose is written for; a brand that is not listed writes it only without a dose. */
  readonly withoutDose: Readonly<Record<string, readonly number[]>>;
}

/** The brand of each product code that stands first, and one brand of which no code was found. */
const BRANDS: Readonly<Record<string, Brand>> = {
  Repevax: { vaccine: "DTAPIPV", productCode: null },
  ...Object.fromEntries(
    Object.entries(PRODUCTS)
      .map(([productCode, { brand, vaccine }]) => [brand, { vaccine, productCode }] as const)
      .toReversed(),
  ),
};

export const SYSTMONE_TABLES: SystmOneTables = {
  brands: BRANDS,
  ctv3: {
    YcjAC: ["Fluenz", 1],
    YcjYj: ["Cell-based trivalent Seqirus", 1],
    YcjYf: ["Vaxigrip", 1],
    YcjYh: ["Viatris", 1],
    Y19a4: ["Gardasil 9", 1],
    Y19a5: ["Gardasil 9", 2],
    Y19a6: ["Gardasil 9", 3],
    YbXKi: ["MenQuadfi", null],
    Y0da5: ["Menveo", null],
    YOfcf: ["Nimenrix", null],
    Yb9ZN: ["MMR VaxPro", null],
    Yav8l: ["Priorix", null],
    Y3417: ["Revaxis", 1],
    Y3418: ["Revaxis", 2],
    Y3400: ["Revaxis", 3],
    Y06d3: ["Revaxis", 4],
    Y06d4: ["Revaxis", 5],
    x05ub: ["Revaxis", null],
  },
  withoutDose: { MenQuadfi: [1], Menveo: [1], Nimenrix: [1], Revaxis: [6] },
};

/** A vaccine as SystmOne names it: by code, or by brand or programme with the dose behind it. */
interface NamedDose extends Brand {
  readonly doseNumber: number | null;
}

interface SystmOneDose {
  named: NamedDose | null;
  /** Free text, of which only who gave the dose is kept. */
  notes: string | null;
}

function settleNamed(row: DoseRow & Partial<SystmOneDose>): void {
  row.vaccine = row.named?.vaccine ?? null;
  row.productCode = row.named?.productCode ?? null;
  row.doseNumber = row.named?.doseNumber ?? null;
}

function unsettleNamed({ vaccine, productCode, doseNumber }: Partial<DoseRow>): NamedDose | null {
  return vaccine ? { vaccine, productCode: productCode ?? null, doseNumber: doseNumber ?? null } : null;
}

function brandNamed(tables: SystmOneTables, { productCode, vaccine }: Brand): string {
  const ofProduct = productCode && PRODUCTS[productCode as keyof typeof PRODUCTS]?.brand; // undefined where it has none
  const brand = ofProduct || Object.entries(tables.brands).find(([, each]) => each.vaccine === vaccine)?.[0];
  if (!brand) throw new RangeError(`SystmOne has no brand of ${vaccine}.`);
  return brand;
}

/** `Y19a4`, `Gardasil 9 Part 1` or `Gardasil 9`. */
function vaccination(tables: SystmOneTables): Codec<NamedDose> {
  return {
    says: "CTV3 code, or brand, or brand and Part n",
    codes: Object.entries(tables.ctv3).map(
      ([each, [brand, dose]]) => [each, dose ? `${brand} ${dose}` : brand] as const,
    ),
    read(written) {
      const coded = tables.ctv3[written];
      const [, brand, part] = /^(.*?)(?: Part ([1-9]))?$/.exec(written) ?? [];
      const found = tables.brands[coded?.[0] ?? brand ?? ""];
      if (!found) return unknownCode("SystmOne", written, "vaccination");
      return { ...found, doseNumber: coded ? coded[1] : part ? Number(part) : null };
    },
    write(named) {
      const brand = brandNamed(tables, named);
      const { doseNumber } = named;
      const coded = Object.entries(tables.ctv3).find(
        ([, [name, dose]]) =>
          name === brand &&
          (dose === null
            ? doseNumber === null || tables.withoutDose[brand]?.includes(doseNumber)
            : dose === doseNumber),
      );
      return coded?.[0] ?? (doseNumber ? `${brand} Part ${doseNumber}` : brand);
    },
  };
}

const SITES: Readonly<Record<string, VaccinationSite>> = Object.fromEntries(
  VACCINATION_SITE_NAMES.flatMap((site) => {
    const words = VACCINATION_SITES[site].systmOne;
    return words ? [[words, site]] : [];
  }),
);

const METHODS = {
  Intramuscular: "INTRAMUSCULAR",
  Subcutaneous: "SUBCUTANEOUS",
  Nasal: "NASAL",
} as const satisfies Record<string, VaccinationRoute>;

const ADMINISTERED_BY = /^Administered by: (.+)$/m;

/** The file that a school immunisation service makes for SystmOne. */
export function systmOneExport(tables: SystmOneTables): Layout<"DOSES"> {
  return delimited<"DOSES", SystmOneDose>({
    name: "systmone",
    kind: "DOSES",
    published: "SystmOne CSV as MAVIS exports it, 21 columns",
    delimiter: ",",
    encoding: "utf-8 else windows-1252",
    exampleName: "systmone-doses.csv",
    columns: [
      { column: "Practice code", field: "place", as: text({ max: 20 }) },
      { column: "NHS number", field: "nhsNumber", as: nhsNumber() },
      { column: "Surname", field: "familyName", as: text({ max: 100 }) },
      { column: "Middle name", ignored: "always empty" },
      { column: "Forename", field: "givenNames", as: text({ max: 100 }) },
      {
        column: "Gender",
        field: "sex",
        as: code("gender", { M: "MALE", F: "FEMALE", U: "NOT_KNOWN" }, { system: "SystmOne" }),
      },
      { column: "Date of Birth", field: "bornOn", as: day("dd/MM/yyyy") },
      { column: "House name", ignored: "the child index tells the address" },
      { column: "House number and road", ignored: "the child index tells the address" },
      { column: "Town", ignored: "the child index tells the address" },
      { column: "Postcode", field: "postcode", as: text({ max: 10 }) },
      { column: "Vaccination", field: "named", as: vaccination(tables), required: true },
      { column: "Part", ignored: "always empty" },
      { column: "Admin date", field: "eventOn", as: dayTold({ day: "dd/MM/yyyy" }) },
      { column: "Batch number", field: "batchNumber", as: text({ max: 100 }) },
      { column: "Expiry date", field: "expiresOn", as: day("dd/MM/yyyy") },
      { column: "Dose", field: "amountMillilitres", as: decimal({ max: 20 }) },
      {
        column: "Reason",
        ignored: "Routine, or At Risk for every dose after the first",
        writes: ({ named }) => ((named?.doseNumber ?? 1) === 1 ? "Routine" : "At Risk"),
      },
      { column: "Site", field: "site", as: code("site", SITES, { system: "SystmOne" }) },
      { column: "Method", field: "route", as: code("method", METHODS, { system: "SystmOne" }) },
      { column: "Notes", field: "notes", as: text({ max: 4000 }) },
    ],
    extra: { named: null, notes: null },
    settle(row) {
      settleNamed(row);
      row.givenBy = ADMINISTERED_BY.exec(row.notes ?? "")?.[1]?.trim() ?? null;
    },
    unsettle: (row) => ({
      named: unsettleNamed(row),
      notes: row.givenBy ? `Administered by: ${row.givenBy}` : null,
      // SystmOne has words for few sites and methods; a dose of another place is told without it.
      site: row.site && VACCINATION_SITES[row.site].systmOne ? row.site : null,
      route: row.route && Object.values<VaccinationRoute>(METHODS).includes(row.route) ? row.route : null,
      sex: row.sex === "NOT_SPECIFIED" ? "NOT_KNOWN" : row.sex,
    }),
  });
}

/** Words that a vaccination type may begin with instead of a brand, as MAVIS recognises them. */
const PROGRAMMES = {
  Flu: "FLU",
  HPV: "HPV",
  "Human Papillomavirus": "HPV",
  MMRV: "MMRV",
  MMR: "MMR",
  "Measles/Mumps/Rubella": "MMR",
  MenACWY: "MENACWY",
  "Meningococcal conjugate A,C, W135 + Y": "MENACWY",
  "Td/IPV": "TDIPV",
} as const satisfies Record<string, Vaccine>;

/** `Cervarix 1`, `HPV`: a brand or programme in any case, and a dose where one is told. */
function vaccinationType(tables: SystmOneTables): Codec<NamedDose> {
  const names: readonly (readonly [string, Brand])[] = [
    ...Object.entries(tables.brands),
    ...Object.entries(PROGRAMMES).map(([name, vaccine]) => [name, { vaccine, productCode: null }] as const),
  ];
  // The longest name first: Gardasil 9 is a brand of its own, and MMR VaxPro more than the programme MMR.
  const longestFirst = names
    .toSorted(([a], [b]) => b.length - a.length)
    .map(([name, each]) => [name.toLowerCase(), each] as const);
  return {
    says: "brand or programme, and the number of the dose where it is told",
    codes: Object.entries(PROGRAMMES),
    read(written) {
      const folded = written.toLowerCase();
      const found = longestFirst.find(
        ([name]) => folded.startsWith(name) && /^(\s+[1-9])?$/.test(folded.slice(name.length)),
      );
      if (!found) return unknownCode("SystmOne", written, "vaccination type");
      const dose = folded.slice(found[0].length).trim();
      return { ...found[1], doseNumber: dose ? Number(dose) : null };
    },
    write(named) {
      const programme = Object.entries(PROGRAMMES).find(([, vaccine]) => vaccine === named.vaccine)?.[0];
      const name = !named.productCode && programme ? programme : brandNamed(tables, named);
      return named.doseNumber ? `${name} ${named.doseNumber}` : name;
    },
  };
}

/** The extract of vaccinations that SystmOne itself gives out. */
export function systmOneExtract(tables: SystmOneTables): Layout<"DOSES"> {
  return delimited<"DOSES", Pick<SystmOneDose, "named">>({
    name: "systmone-extract",
    kind: "DOSES",
    published: "SystmOne vaccination extract as MAVIS imports it, 17 columns",
    delimiter: ",",
    encoding: "utf-8 else windows-1252",
    exampleName: "systmone-extract.csv",
    columns: [
      { column: "Date of birth", field: "bornOn", as: day("yyyyMMdd") },
      { column: "NHS number", field: "nhsNumber", as: nhsNumber() },
      { column: "Vaccination area code", ignored: "an area of the sending team" },
      { column: "Vaccination batch number", field: "batchNumber", as: text({ max: 100 }) },
      { column: "Vaccination reason", ignored: "Routine or another reason", writes: "Routine" },
      { column: "Vaccination type", field: "named", as: vaccinationType(tables), required: true },
      { column: "First name", field: "givenNames", as: text({ max: 100 }) },
      { column: "Postcode", field: "postcode", as: text({ max: 10 }) },
      {
        column: "Sex",
        field: "sex",
        as: code(
          "sex",
          {
            Male: "MALE",
            Female: "FEMALE",
            "Not known": "NOT_KNOWN",
            "Not specified": "NOT_SPECIFIED",
            M: "MALE",
            F: "FEMALE",
            U: "NOT_KNOWN",
            Unknown: "NOT_KNOWN",
            Indeterminate: "NOT_KNOWN",
          },
          { system: "SystmOne", anyCase: true },
        ),
      },
      { column: "Surname", field: "familyName", as: text({ max: 100 }) },
      { column: "Event date", field: "eventOn", as: dayTold({ day: "yyyyMMdd" }) },
      { column: "Event location type", ignored: "School or another place", writes: "School" },
      { column: "Event time", field: "eventAtTime", as: timeOfDay("HH:mm", "HH:mm:ss", "HHmmss", "HHmm", "HH") },
      { column: "Team ID", ignored: "a number of the sending team" },
      { column: "School", ignored: "the name; its code is kept" },
      { column: "School code", field: "place", as: matching(/^[A-Za-z0-9]{1,20}$/, "a school code") },
      { column: "Patient Count", ignored: "always 1", writes: "1" },
    ],
    extra: { named: null },
    settle: settleNamed,
    unsettle: (row) => ({ named: unsettleNamed(row) }),
  });
}
