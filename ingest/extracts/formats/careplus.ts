/**
 * Doses as CarePlus imports them: one row a child, session and date, with up to five doses side by side.
 *
 * Source: MAVIS `app/lib/reports/careplus_exporter.rb` of March 2026. Codes of infant vaccines are not published: such
 * a dose is told by its product code alone, with `Vaccine Code` empty. A sixth dose of one day is dropped by the
 * exporter and cannot be known of here.
 */

import {
  CAREPLUS_SITES_UNTOLD,
  doseNumberOf,
  type NotGivenReason,
  PRODUCTS,
  VACCINATION_SITE_NAMES,
  VACCINATION_SITES,
  type Vaccine,
  vaccineOfProduct,
} from "../../../schema/vocabulary/vaccines";
import { type Column, delimited } from "../adapter";
import { code, day, dayTold, listed, matching, nhsNumber, text, timeOfDay, unknownCode } from "../columns";
import type { DoseRow } from "../kinds";

interface CarePlusDose {
  /** The dose as labelled, `1P` or `1B`; its number depends on the vaccine. */
  doseLabel: string | null;
  attended: true | null;
}

/** The same vaccine has one code injected and another by nose. */
const VACCINE_CODES = {
  FLU: "FLU",
  FLUENZ: "FLU",
  HPV: "HPV",
  ACWYX4: "MENACWY",
  MMR: "MMR",
  MMRV: "MMRV",
  "3IN1": "TDIPV",
} as const satisfies Record<string, Vaccine>;

/** Labels of the first, second, … dose. A third dose of a measles vaccine has none. */
const MEASLES_LABELS = ["1P", "1B"] as const;
const BOOSTED_LABELS = ["1P", "2P", "3P", "1B", "2B", "3B"] as const;
const PRIMARY_LABELS = ["1P", "2P", "3P", "4P", "5P", "6P"] as const;

function doseLabels(vaccine: Vaccine | null): readonly string[] {
  if (vaccine === "MMR" || vaccine === "MMRV") return MEASLES_LABELS;
  return vaccine === "TDIPV" ? BOOSTED_LABELS : PRIMARY_LABELS;
}

const SITE_CODES = {
  ...Object.fromEntries(VACCINATION_SITE_NAMES.map((site) => [VACCINATION_SITES[site].carePlus, site])),
  ...Object.fromEntries(CAREPLUS_SITES_UNTOLD.map((each) => [each, null])),
};

/** The exporter leaves the column empty and its codes are not published: whatever stands there is no dose given. */
const NO_REASONS = code<NotGivenReason>("reason not given", {}, { system: "CarePlus" });

function vaccineOf({ vaccine, productCode }: Partial<DoseRow>): Vaccine | null {
  return vaccine ?? (productCode ? vaccineOfProduct(productCode) : null);
}

function blockOf(block: number): readonly Column<DoseRow & CarePlusDose>[] {
  const n = block + 1;
  return [
    {
      column: `Vaccine ${n}`,
      field: "productCode",
      as: listed("product", Object.keys(PRODUCTS), { system: "dm+d" }),
      block,
    },
    {
      column: `Vaccine Code ${n}`,
      field: "vaccine",
      as: code("vaccine", VACCINE_CODES, { system: "CarePlus" }),
      block,
    },
    { column: `Dose ${n}`, field: "doseLabel", as: matching(/^[1-6][PB]$/, "a dose label such as 1P or 1B"), block },
    { column: `Reason Not Given ${n}`, field: "notGivenReason", as: NO_REASONS, block },
    { column: `Site ${n}`, field: "site", as: code("site", SITE_CODES, { system: "CarePlus" }), block },
    { column: `Manufacturer ${n}`, field: "manufacturer", as: text({ max: 100 }), block },
    { column: `Batch No ${n}`, field: "batchNumber", as: text({ max: 100 }), block },
  ];
}

export const carePlus = delimited<"DOSES", CarePlusDose>({
  name: "careplus",
  kind: "DOSES",
  published: "CarePlus CSV as MAVIS exports it, 52 columns",
  delimiter: ",",
  encoding: "utf-8",
  exampleName: "careplus-doses.csv",
  columns: [
    { column: "NHS Number", field: "nhsNumber", as: nhsNumber() },
    { column: "Surname", field: "familyName", as: text({ max: 100 }) },
    { column: "Forename", field: "givenNames", as: text({ max: 100 }) },
    { column: "Date of Birth", field: "bornOn", as: day("dd/MM/yyyy") },
    { column: "Address Line 1", ignored: "the child index tells the address" },
    { column: "Person Giving Consent", ignored: "consent is not kept" },
    { column: "Ethnicity", ignored: "always empty" },
    { column: "Date Attended", field: "eventOn", as: dayTold({ day: "dd/MM/yyyy" }) },
    { column: "Time Attended", field: "eventAtTime", as: timeOfDay("HH:mm") },
    { column: "Venue Type", ignored: "SC school, CL clinic", writes: "CL" },
    { column: "Venue Code", field: "place", as: text({ max: 20 }) },
    { column: "Staff Type", ignored: "a setting of the sending team" },
    { column: "Staff Code", ignored: "a setting of the sending team" },
    {
      column: "Attended",
      field: "attended",
      as: code("attendance", { Y: true }, { system: "CarePlus" }),
      required: true,
    },
    { column: "Reason Not Attended", ignored: "always empty" },
    { column: "Suspension End Date", ignored: "always empty" },
    ...[0, 1, 2, 3, 4].flatMap(blockOf),
    {
      column: "Gender",
      field: "sex",
      as: code("gender", { F: "FEMALE", M: "MALE", U: "NOT_KNOWN", I: "NOT_SPECIFIED" }, { system: "CarePlus" }),
    },
  ],
  extra: { doseLabel: null, attended: null },
  settle(row, at, faults) {
    if (row.doseLabel === null) return;
    const vaccine = vaccineOf(row);
    const worded = vaccine && doseNumberOf(vaccine, row.doseLabel);
    const number = worded ?? doseLabels(vaccine).indexOf(row.doseLabel) + 1;
    if (number > 0) row.doseNumber = number;
    else faults.push(unknownCode("CarePlus", row.doseLabel, "dose").problem(at("doseLabel")));
  },
  unsettle(row) {
    const label = row.doseNumber ? doseLabels(vaccineOf(row))[row.doseNumber - 1] : undefined;
    // What CarePlus has no code for is told by the product, and a dose without a label by none.
    const coded = row.vaccine && Object.values<Vaccine>(VACCINE_CODES).includes(row.vaccine);
    return { attended: true, doseLabel: label ?? null, vaccine: coded ? row.vaccine : null };
  },
});
