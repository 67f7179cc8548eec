/** Event type → facts to record. */

import type { Table } from "../../chassis/database";
import { factTable } from "../../chassis/facts";

export const IDENTITY = {
  ...factTable("IdentityRecorded", "identity", {
    nhsNumber: "text",
    nhsNumberStatus: "text",
    supersededNhsNumbers: "json",
    familyName: "text",
    givenNames: "text",
    bornOn: "text",
    bornAtTime: "text",
    sex: "text",
    ethnicCategory: "text",
  }),
  indexes: [
    { on: ["nhsNumber"], for: "the child of an NHS number" },
    { on: ["bornOn"], for: "a search by date of birth" },
  ],
};

/**
 * Numbers a child had before, each a row, for they are a list in the identity. The database itself
 * keeps it: see migrations.ts.
 */
export const FORMER_NHS_NUMBER: Table = {
  name: "former_nhs_number",
  columns: { nhsNumber: "text", childId: "text" },
  key: ["nhsNumber", "childId"],
};

export const BIRTH = factTable("BirthRecorded", "birth", {
  motherNhsNumber: "text",
  motherFamilyName: "text",
  motherGivenNames: "text",
  motherBornOn: "text",
  birthOrder: "integer",
  birthsAtDelivery: "integer",
  weightGrams: "real",
  gestationWeeks: "real",
  stillbirth: "boolean",
  congenitalAbnormality: "text",
  deliveryPlace: "text",
});

export const ADDRESS = factTable("AddressRecorded", "address", {
  lines: "json",
  postcode: "text",
  localAuthority: "text",
  from: "text",
  to: "text",
});

export const GP_REGISTRATION = factTable("GpRegistrationRecorded", "gp_registration", {
  practice: "text",
  from: "text",
  to: "text",
});

export const SCHOOL = factTable("SchoolRecorded", "school", { urn: "text", name: "text", from: "text", to: "text" });

export const RESTRICTION = factTable("RestrictionRecorded", "restriction", { restricted: "boolean" });

export const DEATH = factTable("DeathRecorded", "death", { status: "text", diedOn: "text" });

export const RESPONSIBILITY = factTable("ResponsibilityRecorded", "responsibility", {
  locality: "text",
  status: "text",
  from: "text",
});

export const FACTS = {
  IdentityRecorded: IDENTITY,
  BirthRecorded: BIRTH,
  AddressRecorded: ADDRESS,
  GpRegistrationRecorded: GP_REGISTRATION,
  SchoolRecorded: SCHOOL,
  RestrictionRecorded: RESTRICTION,
  DeathRecorded: DEATH,
  ResponsibilityRecorded: RESPONSIBILITY,
} as const;
