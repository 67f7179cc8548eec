/** What a record knows as a forecast needs it: its doses and decisions are those that `collapse.ts` shows, and less of each. */

import type { Belonging } from "../../schema/belonging";
import type { Day } from "../../schema/calendar";
import type { DoseRecorded } from "../../schema/events";
import { VACCINE_NAMES, VACCINES, type Vaccine } from "../../schema/vocabulary/vaccines";
import { ANTIGEN_SETS, decisionsTold, identityOf, idOf, isSameButBetterKnown, known } from "./collapse";
import { type DoseNotGivenTold, type DoseToldBriefly, inOrder } from "./model";
import { type BcgEligibilityTold, bcgEligibleOf, type ScidScreenTold, scidOf } from "./newborn";
import type { Decision, History, HistoryDose } from "./plan";

/** What a plan is made of: the standing facts of every record that is part of a child's. */
export interface PlanFacts {
  readonly doses: readonly DoseToldBriefly[];
  readonly dosesNotGiven: readonly DoseNotGivenTold[];
  readonly bcgEligibility: readonly BcgEligibilityTold[];
  readonly scidScreens: readonly ScidScreenTold[];
}

/**
 * What the record knows of a child. The mother's hepatitis B, chickenpox and risks are told by no event, and so are not
 * known: of hepatitis B the doses given at birth and at four weeks show who is on the programme.
 */
export function historyOf(
  { childId, status, diedOn }: Pick<Belonging, "childId" | "status" | "diedOn">,
  bornOn: Day,
  { doses, dosesNotGiven, bcgEligibility, scidScreens }: PlanFacts,
): History {
  return {
    bornOn,
    doses: dosesGiven(doses, childId),
    notGiven: decisionsOf(dosesNotGiven),
    status,
    diedOn,
    bcgEligible: bcgEligibleOf(bcgEligibility),
    scid: scidOf(scidScreens),
    motherHepatitisB: null,
    hadChickenpox: null,
    clinicalRisk: null,
    immunosuppressed: null,
  };
}

/**
 * The doses of `collapse` as a forecast needs them, in any order: what was given and when, and of a vague date whether it may
 * be another dose. Made for whole populations, so nothing else is worked out: an id is hashed when somebody asks for it.
 *
 * `told` is the standing records, each identity in one version.
 */
export function dosesGiven(told: readonly DoseToldBriefly[], childId: string): readonly HistoryDose[] {
  const doses: GivenDose[] = [];
  let vague = 0;
  for (const record of told) {
    const { vaccine, givenOn, precision } = record;
    if (NAMELESS[vaccine]) {
      const identity = identityOf(record);
      if (!doses.some(({ identity: other }) => other === identity)) {
        doses.push(new GivenDose(childId, vaccine, givenOn, precision, 1, identity));
      }
    } else if (precision !== "DAY") {
      vague += 1;
    } else if (!doses.some((dose) => dose.givenOn === givenOn && dose.vaccine === vaccine)) {
      doses.push(new GivenDose(childId, vaccine, givenOn, precision, 1, null));
    }
  }
  if (vague > 0) addVague(doses, told, childId);
  return doses;
}

/** Of the doses with a vague date as many as the source that lists most of them has. */
function addVague(doses: GivenDose[], told: readonly DoseToldBriefly[], childId: string): void {
  const listed = new Map<string, Set<string>>();
  for (const record of told) {
    const { vaccine, precision } = record;
    if (precision === "DAY" || NAMELESS[vaccine]) continue;
    const list = `${vaccine} ${precision} ${known(record)} ${record.childId} ${record.source.system}`;
    const identities = listed.get(list) ?? new Set();
    identities.add(record.source.id);
    listed.set(list, identities);
    const { length } = doses.filter(
      (dose) => dose.vaccine === vaccine && dose.precision === precision && known(dose) === known(record),
    );
    if (identities.size > length) {
      doses.push(new GivenDose(childId, vaccine, record.givenOn, precision, identities.size, null));
    }
  }
  doses.sort((a, b) => inOrder([a.givenOn, a.precision], [b.givenOn, b.precision]));
  for (const dose of doses) {
    if (dose.precision === "DAY" || NAMELESS[dose.vaccine]) continue;
    dose.better = doses.find((other) => other.vaccine === dose.vaccine && isSameButBetterKnown(other, dose)) ?? null;
  }
}

/** Vaccines that are never the same as another. */
const NAMELESS: Readonly<Partial<Record<Vaccine, boolean>>> = Object.fromEntries(
  VACCINE_NAMES.map((vaccine) => [vaccine, VACCINES[vaccine].antigens.length === 0]),
);

/** A dose whose id, and that of the one it may be, are worked out when they are asked for. */
class GivenDose implements HistoryDose {
  better: GivenDose | null = null;

  constructor(
    private readonly childId: string,
    readonly vaccine: Vaccine,
    readonly givenOn: Day,
    readonly precision: DoseRecorded["precision"],
    private readonly number: number,
    readonly identity: string | null,
  ) {}

  get id(): string {
    const date = `${ANTIGEN_SETS.get(this.vaccine)} ${known(this)}`;
    return idOf(this.childId, this.identity ?? (this.precision === "DAY" ? date : `${date} ${this.number}`));
  }

  get possibleDuplicateOf(): string | null {
    return this.better?.id ?? null;
  }
}

/** The decisions of `collapseNotGiven` as a forecast needs them, in any order. */
export function decisionsOf(told: readonly DoseNotGivenTold[]): readonly Decision[] {
  if (told.length < 2) return told;
  return [...decisionsTold(told).values()].map(([{ vaccine, reason, decidedOn, until }]) => ({
    vaccine,
    reason,
    decidedOn,
    until,
  }));
}
