/**
 * The NHS batch vaccination file, version 5: one row a dose, one vaccine type a file, and doses updated or deleted by
 * their unique id.
 *
 * Source: IMMS-API `lambdas/recordprocessor`, `lambdas/filenameprocessor`. The name of a file says the vaccine and
 * when it was made. Everything in it is as of then and applies in the order of its rows, so of several rows of one
 * unique id the last counts, and files may be loaded in any order.
 */

import { type Instant, londonDay, readInstant } from "../../../schema/calendar";
import { isSnomedCode } from "../../../schema/vocabulary/snomed";
import {
  MILLILITRE,
  PROCEDURES,
  PRODUCTS,
  VACCINATION_ROUTE_NAMES,
  VACCINATION_ROUTES,
  VACCINATION_SITE_NAMES,
  VACCINATION_SITES,
  type VaccinationRoute,
  type VaccinationSite,
  vaccineOfNationalType,
} from "../../../schema/vocabulary/vaccines";
import { delimited } from "../adapter";
import {
  type Codec,
  code,
  type DayTold,
  day,
  dayTold,
  decimal,
  integer,
  invalid,
  listed,
  Misread,
  nhsNumber,
  notADate,
  text,
} from "../columns";
import type { FileFacts } from "../kinds";

/**
 * Organisations whose systems may send batch files, by ODS code. Source: IMMS-API
 * `config/prod/permissions_config.json`.
 */
const SUPPLIERS: Readonly<Record<string, string>> = {
  V0V8L: "MAVIS",
  YGM41: "EMIS",
  YGJ: "EMIS",
  YGA: "TPP",
  YGMYW: "MEDICUS",
  X26: "RAVS",
  X8E5B: "RAVS",
  "0DE": "AGEM-NIVS",
  "0DF": "NIMS",
};

const NAME = /^([A-Z0-9]+)_VACCINATIONS_V5_([A-Z0-9]+)_(\d{8}T\d{6}0[01])\.(?:CSV|DAT)$/;

function factsOf(fileName: string): FileFacts | null {
  const [, type = "", supplier = "", made = ""] = NAME.exec(fileName.toUpperCase()) ?? [];
  const vaccine = vaccineOfNationalType(type);
  const sentAt = batchInstant(made);
  return vaccine && sentAt && Object.hasOwn(SUPPLIERS, supplier) ? { vaccine, sentAt } : null;
}

const TIME = /^\d{8}T(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:0[01])?$/;

/** `YYYYMMDDThhmmss`, with 00 or nothing behind it in UTC, with 01 in British Summer Time. */
function batchInstant(written: string): Instant | null {
  const [, year, month, date, hours, minutes, seconds, offset = "00"] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(written) ?? [];
  return year ? readInstant(`${year}-${month}-${date}T${hours}:${minutes}:${seconds}+${offset}:00`) : null;
}

/** The London day of such a time. Written as noon, for the record keeps no more than the day. */
function batchTime(): Codec<DayTold> {
  const days = dayTold({ day: "yyyyMMdd" });
  const misread = notADate("yyyyMMddTHHmmss, or with 00 or 01 behind it");
  return {
    says: "date and time, yyyyMMddTHHmmss, then 00 or nothing for UTC or 01 for British Summer Time",
    read(written) {
      if (!TIME.test(written)) return misread;
      // London is at UTC or an hour ahead, so that only this hour may belong to another day than the one written.
      const doubtful = written.endsWith("01") && written.length === 17 ? "00" : "23";
      if (written.slice(9, 11) !== doubtful) {
        const told = days.read(written.slice(0, 8));
        return told instanceof Misread ? misread : told;
      }
      const at = batchInstant(written);
      return at ? { day: londonDay(at), precision: "DAY" } : misread;
    },
    write: (value) => `${days.write(value)}T120000`,
  };
}

const SITES: Readonly<Record<string, VaccinationSite>> = Object.fromEntries(
  VACCINATION_SITE_NAMES.flatMap((site) => {
    const snomed = VACCINATION_SITES[site].snomed;
    return snomed ? [[snomed, site]] : [];
  }),
);

const ROUTES: Readonly<Record<string, VaccinationRoute>> = Object.fromEntries(
  VACCINATION_ROUTE_NAMES.map((route) => [VACCINATION_ROUTES[route].snomed, route]),
);

const notSnomed = invalid("a SNOMED CT code");

interface BatchDose {
  giverForename: string | null;
  giverSurname: string | null;
  amount: number | null;
  amountUnit: string | null;
}

const ODS_SYSTEM = "https://fhir.nhs.uk/Id/ods-organization-code";
const SCHOOL_SYSTEM = "https://fhir.hl7.org.uk/Id/urn-school-number";
/** The place of a dose of which none is known. */
const UNKNOWN_PLACE = "X99999";

export const batchV5 = delimited<"DOSES", BatchDose>({
  name: "batch-v5",
  kind: "DOSES",
  published: "NHS batch vaccination CSV, version 5, 34 columns",
  delimiter: "|",
  quotes: "always",
  encoding: "utf-8 else windows-1252",
  exampleName: "MMR_Vaccinations_V5_YGM41_20260105T10000000.csv",
  factsOf,
  columns: [
    { column: "NHS_NUMBER", field: "nhsNumber", as: nhsNumber() },
    { column: "PERSON_FORENAME", field: "givenNames", as: text({ max: 180 }) },
    { column: "PERSON_SURNAME", field: "familyName", as: text({ max: 100 }) },
    { column: "PERSON_DOB", field: "bornOn", as: day("yyyyMMdd") },
    {
      column: "PERSON_GENDER_CODE",
      field: "sex",
      as: code("gender", { "1": "MALE", "2": "FEMALE", "9": "NOT_SPECIFIED", "0": "NOT_KNOWN" }, { system: "Batch" }),
    },
    { column: "PERSON_POSTCODE", field: "postcode", as: text({ max: 10 }) },
    { column: "DATE_AND_TIME", field: "eventOn", as: batchTime() },
    { column: "SITE_CODE", field: "organisation", as: text({ max: 20 }) },
    { column: "SITE_CODE_TYPE_URI", ignored: "the system of SITE_CODE, which is ODS", writes: ODS_SYSTEM },
    { column: "UNIQUE_ID", field: "rowId", as: text({ max: 200 }), required: true },
    { column: "UNIQUE_ID_URI", field: "rowIdSystem", as: text({ max: 300 }), required: true },
    {
      column: "ACTION_FLAG",
      field: "action",
      as: code("action", { new: "new", update: "update", delete: "delete" }, { system: "Batch", anyCase: true }),
      required: true,
    },
    { column: "PERFORMING_PROFESSIONAL_FORENAME", field: "giverForename", as: text({ max: 100 }) },
    { column: "PERFORMING_PROFESSIONAL_SURNAME", field: "giverSurname", as: text({ max: 100 }) },
    { column: "RECORDED_DATE", field: "recordedOn", as: day("yyyyMMdd") },
    {
      column: "PRIMARY_SOURCE",
      field: "primarySource",
      as: code("primary source", { TRUE: true, FALSE: false }, { system: "Batch", anyCase: true }),
    },
    { column: "VACCINATION_PROCEDURE_CODE", field: "procedureCode", as: listed("procedure", Object.keys(PROCEDURES)) },
    { column: "VACCINATION_PROCEDURE_TERM", ignored: "the words of the code" },
    { column: "DOSE_SEQUENCE", field: "doseNumber", as: integer({ min: 1, max: 9 }) },
    {
      column: "VACCINE_PRODUCT_CODE",
      field: "productCode",
      as: listed("product", Object.keys(PRODUCTS), { system: "dm+d" }),
    },
    { column: "VACCINE_PRODUCT_TERM", ignored: "the words of the code" },
    { column: "VACCINE_MANUFACTURER", field: "manufacturer", as: text({ max: 100 }) },
    { column: "BATCH_NUMBER", field: "batchNumber", as: text({ max: 100 }) },
    { column: "EXPIRY_DATE", field: "expiresOn", as: day("yyyyMMdd") },
    {
      column: "SITE_OF_VACCINATION_CODE",
      field: "site",
      as: code("site of vaccination", SITES, { system: "SNOMED CT" }),
    },
    {
      column: "SITE_OF_VACCINATION_TERM",
      ignored: "the words of the code",
      writes: ({ site }) => (site ? VACCINATION_SITES[site].says : ""),
    },
    {
      column: "ROUTE_OF_VACCINATION_CODE",
      field: "route",
      as: code("route of vaccination", ROUTES, { system: "SNOMED CT" }),
    },
    {
      column: "ROUTE_OF_VACCINATION_TERM",
      ignored: "the words of the code",
      writes: ({ route }) => (route ? VACCINATION_ROUTES[route].says : ""),
    },
    { column: "DOSE_AMOUNT", field: "amount", as: decimal({ max: 1000 }) },
    {
      column: "DOSE_UNIT_CODE",
      field: "amountUnit",
      as: {
        says: "SNOMED CT code; an amount is kept only in millilitres, 258773002",
        read: (written) => (isSnomedCode(written) ? written : notSnomed),
        write: (value) => value,
      },
    },
    {
      column: "DOSE_UNIT_TERM",
      ignored: "the words of the code",
      writes: ({ amountUnit }) => (amountUnit ? "ml" : ""),
    },
    { column: "INDICATION_CODE", ignored: "why the dose was given" },
    { column: "LOCATION_CODE", field: "place", as: text({ max: 20 }) },
    {
      column: "LOCATION_CODE_TYPE_URI",
      ignored: "the system of LOCATION_CODE: ODS, or that of school numbers",
      writes: ({ place }) => (/^\d{6}$/.test(place ?? "") ? SCHOOL_SYSTEM : ODS_SYSTEM),
    },
  ],
  extra: { giverForename: null, giverSurname: null, amount: null, amountUnit: null },
  settle(row) {
    const giver = `${row.giverForename ?? ""} ${row.giverSurname ?? ""}`.trim();
    row.givenBy = giver === "" ? null : giver;
    row.amountMillilitres = row.amountUnit === MILLILITRE ? row.amount : null;
    if (row.place === UNKNOWN_PLACE) row.place = null;
  },
  unsettle: (row) => {
    const [surname = null, ...forenames] = (row.givenBy ?? "").split(" ").filter(Boolean).toReversed();
    return {
      action: row.action ?? "new",
      giverForename: forenames.toReversed().join(" ") || null,
      giverSurname: surname,
      amount: row.amountMillilitres ?? null,
      amountUnit: row.amountMillilitres ? MILLILITRE : null,
      place: row.place ?? UNKNOWN_PLACE,
      // SNOMED CT codes are known of few sites; a dose at another is told without it.
      site: row.site && VACCINATION_SITES[row.site].snomed ? row.site : null,
    };
  },
  onDelete: {
    needs: ["rowId", "rowIdSystem"],
    mayHave: ["nhsNumber", "familyName", "givenNames", "bornOn", "sex", "postcode"],
  },
});
