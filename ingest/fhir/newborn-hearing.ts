/** Reads newborn-hearing-1: the summary outcome of the newborn hearing screen, and the tests that led to it. */

import { Problem } from "../../schema/errors";
import type { HearingTest, NewbornHearingRecorded } from "../../schema/events";
import {
  HEARING_SUMMARY_CODE,
  HEARING_TEST_METHODS,
  hearingTestMethodOf,
  hearingTestOutcomeOf,
  isScreeningOutcomeCode,
  type NewbornHearingOutcome,
  newbornHearingOutcomeOf,
} from "../../schema/vocabulary/screening";
import { isSnomedCode } from "../../schema/vocabulary/snomed";
import type { EventMessage, Reader } from "./event-message";
import { codesOf, invalid, type Outcome } from "./findings";
import {
  commentText,
  procedureMeaning,
  readComments,
  readRecord,
  readWithdrawal,
  resultsOf,
  type ScreeningRecord,
} from "./screening-record";
import { SYSTEMS } from "./systems";

export const readNewbornHearing: Reader = (message) => {
  if (message.messageType === "delete") return readWithdrawal(message, "NewbornHearingRecorded");
  const { findings, focus, asOf } = message;
  const record = readRecord(message, ["NEWBORN_HEARING"]);
  const screenedOn = findings.pastDay(focus, "period", "start");
  if (focus.text("period", "start") === null) findings.fault(findings.missing(focus.pathOf("period", "start")));
  if (record === null) return null;

  const bornOn = record.about.bornOn;
  if (screenedOn !== null && bornOn !== null && screenedOn < bornOn) {
    findings.fault(new Problem("DATE_BEFORE_BIRTH", { at: focus.pathOf("period", "start") }));
  }
  const summary = readSummary(message, record);
  const tests = readTests(message, record);
  const comment = commentText(readComments(message, record, ["NEWBORN_HEARING"]));
  if (summary === null || screenedOn === null || record.source === null) return null;
  const recorded: Omit<NewbornHearingRecorded, "childId"> = {
    type: "NewbornHearingRecorded",
    action: "record",
    source: record.source,
    asOf,
    outcome: summary.meaning ?? "UNCLASSIFIED",
    outcomeCode: summary.code,
    screenedOn,
    outcomeSetAt: summary.setAt,
    tests,
    provider: record.provider,
    comment,
  };
  return { about: record.about, introduces: false, tells: [recorded] };
};

type Summary = Outcome<NewbornHearingOutcome> & { readonly setAt: string | null };

function readSummary(message: EventMessage, record: ScreeningRecord): Summary | null {
  const { findings } = message;
  const summaries = resultsOf(message, record, "Observation").filter((observation) =>
    codesOf(observation.first("code"), [SYSTEMS.SNOMED]).includes(HEARING_SUMMARY_CODE),
  );
  const [summary] = summaries;
  if (summary === undefined) {
    findings.fault(findings.missing(`Observation ${HEARING_SUMMARY_CODE}`));
    return null;
  }
  if (summaries.length > 1) findings.fault(invalid(summaries[1]?.path ?? summary.path, "the only summary outcome"));
  const outcome = findings.outcome(summary, "valueCodeableConcept", {
    name: "hearing outcome",
    systems: [SYSTEMS.SNOMED],
    meaningOf: newbornHearingOutcomeOf,
    isKnown: isScreeningOutcomeCode,
    closed: false,
  });
  const setAt = findings.instant(summary, "effectiveDateTime");
  return outcome === null ? null : { ...outcome, setAt };
}

function readTests(message: EventMessage, record: ScreeningRecord): readonly HearingTest[] {
  const { findings } = message;
  const tests: HearingTest[] = [];
  for (const procedure of resultsOf(message, record, "Procedure")) {
    const method = procedureMeaning(message, procedure, {
      name: "hearing test",
      meaningOf: hearingTestMethodOf,
      isCode: isSnomedCode,
    });
    if (method === null) continue;
    const outcome = findings.outcome(procedure, "outcome", {
      name: "hearing test outcome",
      systems: [SYSTEMS.SNOMED],
      meaningOf: (code) => {
        const told = hearingTestOutcomeOf(code);
        return told?.method === method ? told : null;
      },
      isKnown: isScreeningOutcomeCode,
      closed: true,
    });
    const enteredAt = findings.instant(procedure, "performedDateTime");
    if (outcome?.meaning) {
      const { ear, outcome: found } = outcome.meaning;
      tests.push({ method, ear, outcome: found, enteredAt });
      const same = tests.filter((test) => test.method === method && test.ear === ear);
      if (same.length > HEARING_TEST_METHODS[method].timesAnEar) {
        findings.warn(invalid(procedure.path, "within the number of tests that one ear may have"));
      }
    }
  }
  return tests;
}
