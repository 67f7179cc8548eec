/** Safeguarding flags: which of them a reader is shown, and how the child stands. */

import type { Fact } from "../../chassis/facts";
import { latestTold } from "../../schema/belonging";
import { addMonths, type Day } from "../../schema/calendar";
import { FLAG_KINDS } from "../../schema/vocabulary/flags";

export type SafeguardingFlag = Fact<"SafeguardingFlagRecorded">;

/** How a child stands. That nothing is known is not that the child is safe. */
export const SAFEGUARDING_STANDINGS = {
  NONE_KNOWN: "No safeguarding flag is known here. That is not to say that the child is safe.",
  CURRENT: "At least one safeguarding flag is current.",
  ENDED: "No flag is current; at least one ended within the time that ended flags are shown.",
  COULD_NOT_BE_CHECKED: "Whether there is a flag could not be found out. Never to be read as that there is none.",
} as const;

export type SafeguardingStanding = keyof typeof SAFEGUARDING_STANDINGS;

/**
 * Months for which an ended plan is shown. Source: current CP-IS guidance, 12; an older text says 6.
 */
export const ENDED_SHOWN_MONTHS = 12;

/**
 * The flags a reader with detail is shown: one for each kind, authority and start, as told last, current or ended
 * within the time shown; current ones first, then the latest start.
 */
export function shownFlags(told: readonly SafeguardingFlag[], today: Day): readonly SafeguardingFlag[] {
  const byPlan = new Map<string, SafeguardingFlag>();
  for (const flag of told) {
    const plan = `${flag.kind} ${flag.localAuthority} ${flag.startedOn}`;
    const other = byPlan.get(plan);
    byPlan.set(plan, other === undefined ? flag : latestTold(other, flag));
  }
  return [...byPlan.values()]
    .filter((flag) => flag.startedOn <= today && isShown(flag, today))
    .sort(
      (a, b) =>
        Number(isCurrent(b, today)) - Number(isCurrent(a, today)) ||
        (a.startedOn === b.startedOn ? a.kind.localeCompare(b.kind, "en") : a.startedOn < b.startedOn ? 1 : -1),
    );
}

/** How the child stands by the flags shown that are about safety: what is read here could be read. */
export function standing(
  shown: readonly SafeguardingFlag[],
  today: Day,
): Exclude<SafeguardingStanding, "COULD_NOT_BE_CHECKED"> {
  const about = shown.filter((flag) => FLAG_KINDS[flag.kind].safeguards);
  if (about.length === 0) return "NONE_KNOWN";
  return about.some((flag) => isCurrent(flag, today)) ? "CURRENT" : "ENDED";
}

/** A flag holds on the day it ends no longer. */
export function isCurrent(flag: SafeguardingFlag, today: Day): boolean {
  return flag.endedOn === null || flag.endedOn > today;
}

function isShown(flag: SafeguardingFlag, today: Day): boolean {
  return flag.endedOn === null || addMonths(flag.endedOn, ENDED_SHOWN_MONTHS) > today;
}

/**
 * What the national service is told a read is for. It must be said each time: left out, the service takes it for unscheduled.
 * Source: CP-IS consumer guide, header IsUnscheduledAccessEvent; NHS England, settings of the phases of CP-IS.
 */
export const READ_PURPOSES = {
  SCHEDULED:
    "Care that was planned, as by a GP, health visitor or school nurse. The local authority is not told of it.",
  UNSCHEDULED:
    "Care that was not planned, as in an emergency department. The local authority is told that the child came.",
} as const;

export type ReadPurpose = keyof typeof READ_PURPOSES;

/** An answer of the national service, or that there is none. */
export interface NationalCheck {
  readonly purpose: ReadPurpose;
  readonly standing: SafeguardingStanding;
  readonly reason: string | null;
}

/** Of a record that is not connected to the national service. Nothing is asked of it, and nobody is told of anything. */
export function unconnectedCheck(purpose: ReadPurpose): NationalCheck {
  const reason = "This record is not connected to the national child protection service: check it there.";
  return { purpose, standing: "COULD_NOT_BE_CHECKED", reason };
}
