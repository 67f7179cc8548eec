/**
 * Reads pds-change-of-address-1: the usual address of a child has changed. Only usual addresses are told of; the
 * former one stands as a period of its own. Which is which is told by `use`, never by position.
 */

import type { AddressRecorded } from "../../schema/events";
import { type Reader, subjectOf } from "./event-message";
import { invalid } from "./findings";
import { readAddress, readChild } from "./patient";

export const readChangeOfAddress: Reader = (message) => {
  const { findings, event, asOf } = message;
  const patient = subjectOf(message);
  if (patient === null) return null;
  const about = readChild(patient, message.routing, findings);
  const ofUse = (use: string) => patient.all("address").filter((address) => address.text("use") === use);

  const [home, ...otherHomes] = ofUse("home");
  const previous = ofUse("old");
  if (home === undefined) {
    findings.fault(findings.missing(patient.pathOf("address(home)")));
    return null;
  }
  if (otherHomes.length > 0) findings.fault(invalid(patient.pathOf("address"), "a single home address"));
  const current = readAddress(home, findings);
  if (current.lines.length === 0) findings.fault(findings.missing(home.pathOf("line")));
  if (current.postcode === null) findings.fault(findings.missing(home.pathOf("postalCode")));
  if (current.from === null) findings.warn(findings.missing(home.pathOf("period", "start")));
  if (previous.length === 0) findings.warn(findings.missing(patient.pathOf("address(old)")));

  const told = (id: string, address: typeof current): Omit<AddressRecorded, "childId"> => ({
    type: "AddressRecorded",
    action: "record",
    source: { system: event, id },
    asOf,
    ...address,
  });
  const before = previous.map((element) => {
    const address = readAddress(element, findings);
    return told(`previous/${address.from ?? asOf}`, { ...address, to: address.to ?? current.from });
  });
  return { about, introduces: false, tells: [told("latest", current), ...before] };
};
