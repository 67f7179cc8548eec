/**
 * What the three screening events share: a record that stands under the identifier of its encounter, whole. A later
 * message of that identifier replaces all of it, and a delete withdraws it, with as little as that identifier.
 */

import { Problem } from "../../schema/errors";
import type { EventType, Source, Withdrawn } from "../../schema/events";
import {
  SCREENING_COMMENT_TYPES,
  SCREENING_ENCOUNTER_TYPES,
  type ScreeningCommentType,
  type ScreeningEncounterType,
} from "../../schema/vocabulary/screening";
import type { Identity, Reading } from "../reading";
import type { Element } from "./bundle";
import { type EventMessage, subjectOf } from "./event-message";
import { codesOf, invalid, printable } from "./findings";
import { readChild, readRoutedChild } from "./patient";
import { SYSTEMS } from "./systems";

export interface ScreeningRecord {
  readonly patient: Element;
  readonly about: Identity;
  /** Null, with its fault told, where the encounter has no identifier: the rest is still looked at. */
  readonly source: Source | null;
  /** ODS code. */
  readonly provider: string | null;
  /** Null where none of the known types is told. */
  readonly encounterType: ScreeningEncounterType | null;
}

/** The record of a message that tells or replaces one. Null where it leads to no child. */
export function readRecord(message: EventMessage, expected: readonly ScreeningEncounterType[]): ScreeningRecord | null {
  const { bundle, focus, findings, routing } = message;
  const source = readSource(message);
  const patient = subjectOf(message);
  const about = patient === null ? null : readChild(patient, routing, findings);
  if (patient !== null && patient.text("birthDate") === null) {
    findings.fault(findings.missing(patient.pathOf("birthDate")));
  }
  if (focus.text("status") === "entered-in-error") {
    findings.fault(invalid(focus.pathOf("status"), "that of a record still told"));
  }
  const provider = bundle.odsCode(focus.first("serviceProvider"));
  if (provider === null) findings.warn(findings.missing(`ODS code of ${focus.pathOf("serviceProvider")}`));
  const encounterType = readEncounterType(focus);
  if (encounterType === null || !expected.includes(encounterType)) {
    findings.warn(invalid(focus.pathOf("type"), `the encounter type of a ${message.event} message`));
  }
  if (patient === null || about === null) return null;
  return { patient, about, source, provider, encounterType };
}

/**
 * The withdrawal of a record told before. The message may be a full copy or hold no Patient at all; then the header
 * alone says whose record it was.
 */
export function readWithdrawal(message: EventMessage, type: EventType): Omit<Reading, "warnings"> | null {
  const { focus, findings, routing, asOf } = message;
  const source = readSource(message);
  const patient = focus.first("subject") === null ? null : subjectOf(message);
  const about = patient === null ? readRoutedChild(routing, findings) : readChild(patient, routing, findings);
  if (source === null) return null;
  const withdrawal: Omit<Withdrawn, "childId"> = { action: "withdraw", type, source, asOf };
  return { about, introduces: false, tells: [withdrawal] };
}

/**
 * The resources of a type that tell the record's results, in the order they stand. Each must be about the record's
 * child and belong to its encounter, and not be entered in error: otherwise it is a fault.
 */
export function resultsOf(message: EventMessage, record: ScreeningRecord, type: string): readonly Element[] {
  const { bundle, focus, findings } = message;
  const results = bundle.ofType(type);
  for (const result of results) {
    if (bundle.resolve(result.first("subject")) !== record.patient) {
      findings.fault(
        new Problem("IDENTITY_MISMATCH", { element: result.pathOf("subject"), other: record.patient.path }),
      );
    }
    if (bundle.resolve(result.first("context")) !== focus) {
      findings.fault(invalid(result.pathOf("context"), "the encounter that the message is about"));
    }
    if (result.text("status") === "entered-in-error") {
      findings.fault(invalid(result.pathOf("status"), "that of a result still told"));
    }
  }
  return results;
}

/**
 * What a procedure's code stands for in a table. A code the table does not hold tells nothing that could be kept:
 * it is a warning where it may be a procedure added since, and a fault where it is no SNOMED CT code.
 */
export function procedureMeaning<Meaning>(
  message: EventMessage,
  procedure: Element,
  table: {
    readonly name: string;
    readonly meaningOf: (code: string) => Meaning | null;
    readonly isCode: (code: string) => boolean;
  },
): Meaning | null {
  const { findings } = message;
  const at = procedure.pathOf("code");
  const [code, ...others] = codesOf(procedure.first("code"), [SYSTEMS.SNOMED]);
  if (code === undefined || others.length > 0) {
    findings.fault(code === undefined ? findings.missing(at) : invalid(at, "one SNOMED CT code"));
    return null;
  }
  const meaning = table.meaningOf(code);
  if (meaning === null) {
    const unknown = new Problem("CODE_UNKNOWN", { system: "SNOMED CT", code: printable(code), at, table: table.name });
    if (table.isCode(code)) findings.warn(unknown);
    else findings.fault(unknown);
  }
  return meaning;
}

export interface Comment {
  readonly type: ScreeningCommentType;
  readonly text: string;
}

/** The professional's comments of the given types; each, where it says whom it is about, about the record's child. */
export function readComments(
  message: EventMessage,
  record: ScreeningRecord,
  types: readonly ScreeningCommentType[],
): readonly Comment[] {
  const { bundle, findings } = message;
  return bundle.ofType("Communication").flatMap((communication) => {
    const codes = communication.all("category").flatMap((category) => codesOf(category, [SYSTEMS.COMMENT_TYPE]));
    const type = types.find((candidate) => codes.includes(SCREENING_COMMENT_TYPES[candidate].code));
    if (type === undefined) return [];
    const subject = communication.first("subject");
    if (subject !== null && bundle.resolve(subject) !== record.patient) {
      findings.fault(new Problem("IDENTITY_MISMATCH", { element: subject.path, other: record.patient.path }));
    }
    const texts = communication.all("payload", "contentString").flatMap((content) => content.value?.trim() || []);
    return [{ type, text: texts.join("\n") }];
  });
}

/** The comments as one text; null where there is none. */
export function commentText(comments: readonly Comment[]): string | null {
  return comments.map((comment) => comment.text).join("\n") || null;
}

/** The event and the encounter's identifier: its system and its value, as the publisher writes them. */
function readSource({ event, focus, findings }: EventMessage): Source | null {
  const identifiers = new Set(
    focus.all("identifier").flatMap((identifier) => {
      const [system, value] = [identifier.text("system"), identifier.text("value")];
      return system !== null && value !== null ? [`${system}|${value}`] : [];
    }),
  );
  const [id] = identifiers;
  const at = focus.pathOf("identifier");
  if (id === undefined) findings.fault(findings.missing(at));
  if (identifiers.size > 1) findings.fault(invalid(at, "a single identifier"));
  return id === undefined ? null : { system: event, id };
}

function readEncounterType(encounter: Element): ScreeningEncounterType | null {
  const codes = encounter.all("type").flatMap((type) => codesOf(type, [SYSTEMS.ENCOUNTER_TYPE]));
  for (const [name, { code }] of Object.entries(SCREENING_ENCOUNTER_TYPES)) {
    // The entries of a table have its keys as their names.
    if (codes.includes(code)) return name as ScreeningEncounterType;
  }
  return null;
}
