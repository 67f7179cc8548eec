/** Event type → facts to record. */

import { factTable } from "../../chassis/facts";

export const NEWBORN_HEARING = factTable("NewbornHearingRecorded", "newborn_hearing", {
  outcome: "text",
  outcomeCode: "text",
  screenedOn: "text",
  outcomeSetAt: "text",
  tests: "json",
  provider: "text",
  comment: "text",
});

export const NEWBORN_BLOOD_SPOT = factTable("NewbornBloodSpotRecorded", "newborn_blood_spot", {
  results: "json",
  issuedAt: "text",
  sampleTakenOn: "text",
  provider: "text",
  comment: "text",
});

export const NEWBORN_EXAMINATION = factTable("NewbornExaminationRecorded", "newborn_examination", {
  stage: "text",
  examinedOn: "text",
  results: "json",
  bcgEligible: "boolean",
  provider: "text",
  comment: "text",
});

export const FACTS = {
  NewbornHearingRecorded: NEWBORN_HEARING,
  NewbornBloodSpotRecorded: NEWBORN_BLOOD_SPOT,
  NewbornExaminationRecorded: NEWBORN_EXAMINATION,
} as const;
