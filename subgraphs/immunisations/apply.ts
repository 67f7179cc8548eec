/** Event type → facts to record. */

import { copyTable, factTable } from "../../chassis/facts";

export const DOSE = factTable("DoseRecorded", "dose", {
  vaccine: "text",
  givenOn: "text",
  precision: "text",
  procedureCode: "text",
  productCode: "text",
  doseNumber: "integer",
  site: "text",
  route: "text",
  batchNumber: "text",
  expiresOn: "text",
  manufacturer: "text",
  amountMillilitres: "real",
  givenBy: "text",
  organisation: "text",
  place: "text",
  primarySource: "boolean",
});

export const DOSE_NOT_GIVEN = factTable("DoseNotGivenRecorded", "dose_not_given", {
  vaccine: "text",
  reason: "text",
  decidedOn: "text",
  until: "text",
  organisation: "text",
});

export const FACTS = { DoseRecorded: DOSE, DoseNotGivenRecorded: DOSE_NOT_GIVEN } as const;

/** Screening keeps the physical examination; a plan asks only whom it finds eligible for BCG. */
export const BCG_ELIGIBILITY = copyTable(
  "NewbornExaminationRecorded",
  "bcg_eligibility",
  { bcgEligible: "boolean" },
  ({ bcgEligible }) => ({ bcgEligible }),
);

/** Screening keeps the blood spot; a plan asks only for severe combined immunodeficiency. Null where it was not screened for. */
export const SCID_SCREEN = copyTable("NewbornBloodSpotRecorded", "scid_screen", { outcome: "text" }, ({ results }) => ({
  outcome: results.findLast(({ condition }) => condition === "SCID")?.outcome ?? null,
}));

export const COPIES = { NewbornExaminationRecorded: BCG_ELIGIBILITY, NewbornBloodSpotRecorded: SCID_SCREEN } as const;
