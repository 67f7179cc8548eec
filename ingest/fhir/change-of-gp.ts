/**
 * Reads pds-change-of-gp-1: a child has moved to a practice, left one for none, or is registered for the first time
 * or again. A practice is found by its reference, never taken as one of the organisations a message happens to hold.
 *
 * | new practice | finished registration | meaning                   |
 * | yes          | yes                   | moved                     |
 * | no           | yes                   | registered nowhere        |
 * | yes          | no                    | first, or registered again |
 * | no           | no                    | nothing: a fault          |
 */

import { londonDay } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { GpRegistrationRecorded } from "../../schema/events";
import type { Element } from "./bundle";
import { type EventMessage, type Reader, subjectOf } from "./event-message";
import { codesOf, invalid } from "./findings";
import { readChild } from "./patient";
import { SYSTEMS } from "./systems";

export const readChangeOfGp: Reader = (message) => {
  const { bundle, findings, event, asOf } = message;
  const patient = subjectOf(message);
  if (patient === null) return null;
  const about = readChild(patient, message.routing, findings);
  const registered = patient.first("generalPractitioner");
  const practice = bundle.odsCode(registered);
  if (registered !== null && practice === null) {
    findings.fault(invalid(registered.path, "a reference to a practice with an ODS code"));
  }
  const finished = finishedRegistration(message, patient);
  if (registered === null && finished === null) {
    findings.fault(findings.missing(`${patient.pathOf("generalPractitioner")} or a finished EpisodeOfCare`));
    return null;
  }
  // No element tells when the new registration began; the message says that it is sent when it does.
  const changedOn = londonDay(message.timestamp);
  const told = (
    id: string,
    period: Pick<GpRegistrationRecorded, "practice" | "from" | "to">,
  ): Omit<GpRegistrationRecorded, "childId"> => ({
    type: "GpRegistrationRecorded",
    action: "record",
    source: { system: event, id },
    asOf,
    ...period,
  });
  const current = told("latest", { practice, from: changedOn, to: null });
  if (finished === null) return { about, introduces: false, tells: [current] };

  const left = bundle.odsCode(finished.first("managingOrganization"));
  const from = findings.day(finished, "period", "start");
  const to = findings.day(finished, "period", "end") ?? changedOn;
  if (left === null) {
    findings.warn(invalid(finished.pathOf("managingOrganization"), "a reference to a practice with an ODS code"));
    return { about, introduces: false, tells: [current] };
  }
  const before = told(`previous/${left}`, { practice: left, from, to });
  return { about, introduces: false, tells: [current, before] };
};

/** The one finished episode of primary care, which is about the same child; null where there is none. */
function finishedRegistration({ bundle, findings }: EventMessage, patient: Element): Element | null {
  const [finished, ...others] = bundle.ofType("EpisodeOfCare").filter((episode) => {
    const types = episode.all("type").flatMap((type) => codesOf(type, [SYSTEMS.CARE_PROVISION]));
    return episode.text("status") === "finished" && (types.length === 0 || types.includes("1"));
  });
  if (finished === undefined) return null;
  if (others.length > 0) findings.fault(invalid(finished.path, "the only finished registration"));
  if (bundle.resolve(finished.first("patient")) !== patient) {
    findings.fault(new Problem("IDENTITY_MISMATCH", { element: finished.pathOf("patient"), other: patient.path }));
  }
  return finished;
}
