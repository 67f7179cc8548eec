/**
 * Reads pds-death-notification-1: that a child has died, informally or formally notified, or (removed) that a death
 * was recorded in error and the child is alive.
 */

import type { DeathRecorded } from "../../schema/events";
import { type Reader, subjectOf } from "./event-message";
import { invalid } from "./findings";
import { readChild, readDeathNotice } from "./patient";

export const readDeath: Reader = (message) => {
  const { findings, event, asOf } = message;
  const patient = subjectOf(message);
  if (patient === null) return null;
  const about = readChild(patient, message.routing, findings);
  const { told, status, deceased, diedOn, effectiveOn } = readDeathNotice(patient, findings);
  if (!told) findings.fault(findings.missing(patient.pathOf("extension(DeathNotificationStatus-1)")));
  if (status === null) return null;
  const at = patient.pathOf("deceasedDateTime");
  if (status === "REMOVED" && deceased) findings.fault(invalid(at, "absent, as it must be where a death is removed"));
  if (status !== "REMOVED" && diedOn === null) findings.warn(findings.missing(at));
  if (effectiveOn === null) {
    findings.warn(findings.missing(patient.pathOf("extension(DeathNotificationStatus-1)", "systemEffectiveDate")));
  }
  const recorded: Omit<DeathRecorded, "childId"> = {
    type: "DeathRecorded",
    action: "record",
    source: { system: event, id: "latest" },
    asOf,
    status,
    diedOn: status === "REMOVED" ? null : diedOn,
  };
  return { about, introduces: false, tells: [recorded] };
};
