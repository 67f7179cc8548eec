/** Event type → facts to record. */

import { factTable } from "../../chassis/facts";

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
