/**
 * Reads nipe-outcome-1: what the newborn and infant physical examination found of hips, eyes, heart and testes.
 *
 * Which of the two examinations it was is told only by the type of its comment, or by an encounter that is a GP's
 * 6 to 8 week review. Where neither is told it is the newborn one: the national programme sends that, and to take it
 * for the infant one would hide that the infant one is due.
 */

import type { Day } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { ExaminationResult, NewbornExaminationRecorded } from "../../schema/events";
import {
  type ExaminedPart,
  examinationOutcomeOf,
  examinedPartOf,
  isScreeningOutcomeCode,
} from "../../schema/vocabulary/screening";
import { isSnomedCode } from "../../schema/vocabulary/snomed";
import type { Element } from "./bundle";
import type { EventMessage, Reader } from "./event-message";
import { codesOf, invalid } from "./findings";
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

const EXPECTED_OF_EVERY_CHILD: readonly ExaminedPart[] = ["HIPS", "EYES", "HEART"];

const BCG_ELIGIBILITY: Readonly<Record<string, boolean>> = { "eligible-for-bcg": true, "not-eligible-for-bcg": false };

export const readNewbornExamination: Reader = (message) => {
  if (message.messageType === "delete") return readWithdrawal(message, "NewbornExaminationRecorded");
  const record = readRecord(message, ["NEWBORN_EXAMINATION", "GP_REVIEW"]);
  if (record === null) return null;

  const procedures = resultsOf(message, record, "Procedure");
  const examinedOn = readExaminedOn(message, record, procedures);
  const results = readResults(message, procedures);
  const comments = readComments(message, record, ["NEWBORN_EXAMINATION", "INFANT_EXAMINATION"]);
  const types = comments.map((comment) => comment.type);
  const infant = types.includes("INFANT_EXAMINATION") || (types.length === 0 && record.encounterType === "GP_REVIEW");
  const bcgEligible = readBcgEligibility(message, record);
  if (examinedOn === null || record.source === null) return null;
  const recorded: Omit<NewbornExaminationRecorded, "childId"> = {
    type: "NewbornExaminationRecorded",
    action: "record",
    source: record.source,
    asOf: message.asOf,
    stage: infant ? "INFANT" : "NEWBORN",
    examinedOn,
    results,
    bcgEligible,
    provider: record.provider,
    comment: commentText(comments),
  };
  return { about: record.about, introduces: false, tells: [recorded] };
};

/** The last day on which a part was examined, for then the whole was done; else the day of the encounter. */
function readExaminedOn(
  { focus, findings }: EventMessage,
  record: ScreeningRecord,
  procedures: readonly Element[],
): Day | null {
  const encounterOn = findings.pastDay(focus, "period", "start");
  const days = procedures.flatMap((procedure) => findings.pastDay(procedure, "performedDateTime") ?? []);
  const examinedOn = days.sort().at(-1) ?? encounterOn;
  if (examinedOn === null) findings.fault(findings.missing(focus.pathOf("period", "start")));
  else if (record.about.bornOn !== null && examinedOn < record.about.bornOn) {
    findings.fault(new Problem("DATE_BEFORE_BIRTH", { at: focus.path }));
  }
  return examinedOn;
}

function readResults(message: EventMessage, procedures: readonly Element[]): readonly ExaminationResult[] {
  const { findings } = message;
  const results = new Map<ExaminedPart, ExaminationResult>();
  const seen = new Set<ExaminedPart>();
  for (const procedure of procedures) {
    const part = procedureMeaning(message, procedure, {
      name: "examination",
      meaningOf: examinedPartOf,
      isCode: isSnomedCode,
    });
    if (part === null) continue;
    if (seen.has(part)) findings.fault(invalid(procedure.path, "the only examination of its part"));
    seen.add(part);
    const outcome = findings.outcome(procedure, "outcome", {
      name: "examination outcome",
      systems: [SYSTEMS.SNOMED],
      meaningOf: (code) => {
        const told = examinationOutcomeOf(code);
        return told?.part === part ? told : null;
      },
      isKnown: isScreeningOutcomeCode,
      closed: false,
    });
    if (outcome === null) continue;
    results.set(part, {
      part,
      outcome: outcome.meaning?.outcome ?? "UNCLASSIFIED",
      riskFactor: outcome.meaning?.riskFactor ?? null,
      outcomeCode: outcome.code,
    });
  }
  for (const part of EXPECTED_OF_EVERY_CHILD) {
    if (!seen.has(part)) findings.warn(findings.missing(`Procedure of ${part.toLowerCase()}`));
  }
  return [...results.values()];
}

/** Null where not told: not the same as not eligible. Both codings are sent without a system. */
function readBcgEligibility(message: EventMessage, record: ScreeningRecord): boolean | null {
  const told = resultsOf(message, record, "Observation").find((observation) =>
    codesOf(observation.first("code"), []).includes("bcg-eligibility"),
  );
  if (told === undefined) return null;
  const [code] = codesOf(told.first("valueCodeableConcept"), []);
  const eligible = BCG_ELIGIBILITY[code ?? ""] ?? null;
  if (eligible === null) {
    message.findings.warn(invalid(told.pathOf("valueCodeableConcept"), "eligible-for-bcg or not-eligible-for-bcg"));
  }
  return eligible;
}
