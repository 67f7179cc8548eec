/**
 * What each locality that knows a child tells of it. The locality where it lives now tells all that happened there and
 * most of what it was sent about the time before; the one it left tells what it had seen itself. Hence the doses that
 * two systems tell: on the same day or a day off, one with its batch and one without. Pure.
 */

import type { Day } from "../../schema/calendar";
import { Chance } from "./chance";
import { type InventedChild, STREAMS, type Stay } from "./child";
import { later } from "./days";
import { type InventedDose, type InventedDoseNotGiven, inventVaccinations, secondHand } from "./doses";
import {
  type InventedBloodSpot,
  type InventedExamination,
  type InventedFlag,
  type InventedHearing,
  inventFlags,
  inventScreening,
} from "./outcomes";

export interface Telling {
  readonly stay: Stay;
  readonly doses: readonly InventedDose[];
  readonly dosesNotGiven: readonly InventedDoseNotGiven[];
  readonly hearings: readonly InventedHearing[];
  readonly bloodSpots: readonly InventedBloodSpot[];
  readonly examinations: readonly InventedExamination[];
  readonly flags: readonly InventedFlag[];
}

/** What is told of a child up to `on`, one telling for each of its stays and in their order. */
export function inventTellings(seed: number, child: InventedChild, on: Day): readonly Telling[] {
  const { given, notGiven } = inventVaccinations(seed, child, on);
  const screening = inventScreening(seed, child, on);
  const flags = inventFlags(seed, child, on);
  if (child.stays.length === 1) {
    return [{ stay: child.stays[0], doses: given, dosesNotGiven: notGiven, flags, ...screening }];
  }
  const chance = new Chance(seed, STREAMS.telling, child.index);
  const transferred = chance.happens(0.9);
  return child.stays.map((stay, at): Telling => {
    const within = (day: Day) => day >= stay.from && (stay.to === null || day < stay.to);
    const toldHere = (day: Day) => within(day) || (at === 0 && transferred && day < stay.from);
    return {
      stay,
      doses: given.flatMap((dose) =>
        within(dose.givenOn) ? [dose] : toldHere(dose.givenOn) ? copied(dose, chance) : [],
      ),
      dosesNotGiven: notGiven.filter((each) => within(each.decidedOn)),
      hearings: screening.hearings.filter((each) => toldHere(each.screenedOn)),
      bloodSpots: screening.bloodSpots.filter((each) => each.sampleTakenOn !== null && toldHere(each.sampleTakenOn)),
      examinations: screening.examinations.filter((each) => toldHere(each.examinedOn)),
      flags: flags.filter((each) => toldHere(each.startedOn)),
    };
  });
}

/** A dose as the next locality put it down: mostly as it was, sometimes a day late, poorer or not at all. */
function copied(dose: InventedDose, chance: Chance): InventedDose[] {
  const fate = chance.next();
  if (fate < 0.02) return [];
  if (fate < 0.4) return [secondHand(dose, chance)];
  if (fate < 0.45) return [{ ...dose, givenOn: later(dose.givenOn, 1), primarySource: false }];
  return [{ ...dose, batchNumber: fate < 0.7 ? null : dose.batchNumber, primarySource: false }];
}
