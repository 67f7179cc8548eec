/**
 * Reads blood-spot-test-outcome-1: the outcome of each condition the newborn blood spot was screened for. A condition
 * that a message does not list has no outcome in it, which is not the same as not suspected.
 */

import { londonDay } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { BloodSpotResult, NewbornBloodSpotRecorded } from "../../schema/events";
import {
  type BloodSpotCondition,
  bloodSpotConditionOf,
  bloodSpotOutcomeOf,
  isScreeningOutcomeCode,
} from "../../schema/vocabulary/screening";
import { isSnomedCode } from "../../schema/vocabulary/snomed";
import type { EventMessage, Reader } from "./event-message";
import { invalid } from "./findings";
import {
  commentText,
  procedureMeaning,
  readComments,
  readRecord,
  readWithdrawal,
  resultsOf,
  type ScreeningRecord,
} from "./screening-record";
import { BLOOD_SPOT_OUTCOME_SYSTEMS } from "./systems";

export const readBloodSpot: Reader = (message) => {
  if (message.messageType === "delete") return readWithdrawal(message, "NewbornBloodSpotRecorded");
  const record = readRecord(message, ["NEWBORN_BLOOD_SPOT"]);
  if (record === null) return null;

  const results = readResults(message, record);
  const issuedAt = readIssuedAt(message, record);
  const comment = commentText(readComments(message, record, ["NEWBORN_BLOOD_SPOT"]));
  if (record.source === null) return null;
  const recorded: Omit<NewbornBloodSpotRecorded, "childId"> = {
    type: "NewbornBloodSpotRecorded",
    action: "record",
    source: record.source,
    asOf: message.asOf,
    results,
    issuedAt,
    sampleTakenOn: null,
    provider: record.provider,
    comment,
  };
  return { about: record.about, introduces: false, tells: [recorded] };
};

function readResults(message: EventMessage, record: ScreeningRecord): readonly BloodSpotResult[] {
  const { findings } = message;
  const results = new Map<BloodSpotCondition, BloodSpotResult>();
  const seen = new Set<BloodSpotCondition>();
  for (const procedure of resultsOf(message, record, "Procedure")) {
    const condition = procedureMeaning(message, procedure, {
      name: "blood spot condition",
      meaningOf: bloodSpotConditionOf,
      isCode: isSnomedCode,
    });
    if (condition === null) continue;
    if (seen.has(condition)) findings.fault(invalid(procedure.path, "the only outcome of its condition"));
    seen.add(condition);
    const outcome = findings.outcome(procedure, "outcome", {
      name: "blood spot outcome",
      systems: BLOOD_SPOT_OUTCOME_SYSTEMS,
      meaningOf: (code) => bloodSpotOutcomeOf(condition, code),
      isKnown: isScreeningOutcomeCode,
      closed: false,
    });
    if (outcome === null) continue;
    const meaning = outcome.meaning;
    if (meaning?.outcome === "UNCLASSIFIED") {
      // The table holds the code and no meaning for it, on purpose: a person must look at it all the same.
      const at = procedure.pathOf("outcome");
      const slots = { system: "SNOMED CT", code: outcome.code, at, table: "classified blood spot outcome" };
      findings.warn(new Problem("CODE_UNKNOWN", slots));
    }
    results.set(condition, {
      condition,
      outcome: meaning?.outcome ?? "UNCLASSIFIED",
      status: meaning?.status ?? null,
      subStatus: meaning?.subStatus ?? null,
      outcomeCode: outcome.code,
    });
  }
  return [...results.values()];
}

/** When the provider had the outcomes from the laboratory: the latest, where several reports are told. */
function readIssuedAt(message: EventMessage, record: ScreeningRecord): string | null {
  const { findings } = message;
  const issued = resultsOf(message, record, "DiagnosticReport").flatMap((report) => {
    const at = findings.instant(report, "issued");
    if (at === null) return [];
    findings.notLaterThanReceived(londonDay(at), report.pathOf("issued"));
    if (record.about.bornOn !== null && londonDay(at) < record.about.bornOn) {
      findings.fault(new Problem("DATE_BEFORE_BIRTH", { at: report.pathOf("issued") }));
    }
    return [at];
  });
  const latest = issued.sort().at(-1) ?? null;
  if (latest === null) findings.warn(findings.missing("DiagnosticReport.issued"));
  return latest;
}
