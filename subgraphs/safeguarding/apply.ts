/** Event type → facts to record. */

import { factTable } from "../../chassis/facts";

export const SAFEGUARDING_FLAG = factTable("SafeguardingFlagRecorded", "safeguarding_flag", {
  kind: "text",
  localAuthority: "text",
  startedOn: "text",
  endedOn: "text",
  officePhone: "text",
  emergencyDutyPhone: "text",
});

export const FACTS = { SafeguardingFlagRecorded: SAFEGUARDING_FLAG } as const;
