/** From what the record or an asker tells to a history, and from a history to a plan in words. */

import type { Day } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import {
  notGivenByProcedure,
  type Product,
  productsGiven,
  type Vaccine,
  vaccineOfProcedure,
  vaccineOfProduct,
} from "../../schema/vocabulary/vaccines";
import { forecast } from "./forecast";
import { decisionsOf, dosesGiven } from "./given";
import type * as model from "./model";
import { type History, type HistoryDose, type PlannedDose, stateOn } from "./plan";
import type { DoseInput, HistoryInput, ImmunisationPlan } from "./plan-types";
import { reasonOn, sayUncounted, sayWhy } from "./reasons";
import { DOSES, VACCINES_ABROAD } from "./schedule";

/** The plan of a history, in words. */
export function planned(history: History, on: Day): ImmunisationPlan {
  const { rules, doses, notCounted } = forecast(history, on);
  return {
    on,
    rules,
    doses: doses.map((line) => ({
      doseId: line.doseId,
      name: DOSES[line.doseId],
      vaccine: line.vaccine,
      state: stateOn(line, on),
      earliestOn: line.earliestOn,
      recommendedOn: line.recommendedOn,
      dueOn: line.dueOn,
      overdueOn: line.overdueOn,
      latestOn: line.latestOn,
      givenOn: line.givenOn,
      metBy: line.dose?.id ?? null,
      products: productsFor(line, history.bornOn, on),
      awaits: line.awaits,
      reasonCode: reasonOn(line, on),
      reason: sayWhy(line, on),
    })),
    notCounted: notCounted.map((each) => ({
      doseId: each.dose.id,
      vaccine: each.dose.vaccine,
      givenOn: each.dose.givenOn,
      precision: each.dose.precision,
      reasonCode: each.because,
      reason: sayUncounted(each),
    })),
  };
}

/** What a dose can be given with on the day it is due, or today; nothing once it is given, past its age or not for this child. */
function productsFor(line: PlannedDose, bornOn: Day, on: Day): readonly Product[] {
  const state = stateOn(line, on);
  if (state === "COMPLETE" || state === "NOT_ELIGIBLE" || state === "AGED_OUT") return [];
  return productsGiven(line.vaccine, bornOn, line.dueOn !== null && line.dueOn > on ? line.dueOn : on);
}

const MOST_DOSES_ASKED = 200;
const SINCE_ALWAYS = "0001-01-01T00:00:00.000000000Z";

/** A history as it was told by the asker, its doses collapsed as those of the record are. Throws ARGUMENT_INVALID. */
export function historyTold(bornOn: Day, doses: readonly DoseInput[], told: HistoryInput | null): History {
  if (doses.length > MOST_DOSES_ASKED) {
    throw new Problem("ARGUMENT_INVALID", { argument: "doses", expected: `at most ${MOST_DOSES_ASKED} doses` });
  }
  const diedOn = told?.diedOn ?? null;
  const telling = (id: number) => ({
    childId: NOBODY,
    source: { system: "", id: String(id) },
    asOf: SINCE_ALWAYS,
    latest: true,
  });
  const counted = doses.flatMap(({ abroad, ...dose }, at): readonly model.DoseTold[] =>
    abroad
      ? []
      : [
          {
            ...telling(at),
            ...NOTHING_MORE,
            ...dateOf(dose),
            vaccine: vaccineOf(dose, at),
            productCode: dose.productCode ?? null,
          },
        ],
  );
  const abroad = doses.flatMap(({ abroad, ...dose }, at) => {
    if (!abroad) return [];
    if (isNamed(dose)) throw new Problem("ARGUMENT_INVALID", { argument: `doses[${at}]`, expected: "one vaccine" });
    const { vaccine } = VACCINES_ABROAD[abroad];
    return [{ id: null, vaccine, ...dateOf(dose), possibleDuplicateOf: null, abroad }];
  });
  const notGiven = (told?.notGiven ?? []).map((each, at) => ({
    ...telling(at),
    ...each,
    until: each.until ?? null,
    organisation: null,
  }));
  return {
    bornOn,
    doses: [...dosesGiven(counted, NOBODY).map(anonymous), ...abroad],
    notGiven: decisionsOf(notGiven),
    // Whoever tells a day of death need not say besides that the child died.
    status: diedOn === null || told?.status === "MOVED_OUT" ? (told?.status ?? "RESIDENT") : "DECEASED",
    diedOn,
    bcgEligible: told?.bcgEligible ?? null,
    scid: told?.scid ?? null,
    motherHepatitisB: told?.motherHepatitisB ?? null,
    hadChickenpox: told?.hadChickenpox ?? null,
    clinicalRisk: told?.clinicalRisk ?? null,
    immunosuppressed: told?.immunosuppressed ?? null,
  };
}

const NOBODY = "";

/** A dose of nobody, which has no id. */
function anonymous({ vaccine, givenOn, precision, possibleDuplicateOf }: HistoryDose): HistoryDose {
  return { id: null, vaccine, givenOn, precision, possibleDuplicateOf };
}

const NOTHING_MORE = {
  procedureCode: null,
  doseNumber: null,
  site: null,
  route: null,
  batchNumber: null,
  expiresOn: null,
  manufacturer: null,
  amountMillilitres: null,
  givenBy: null,
  organisation: null,
  place: null,
  primarySource: true,
} as const;

function isNamed({ vaccine, vaccineCode, productCode }: Omit<DoseInput, "abroad">): boolean {
  return Boolean(vaccine ?? vaccineCode ?? productCode);
}

/** The one vaccine that name and codes agree on. */
function vaccineOf({ vaccine, vaccineCode, productCode }: Omit<DoseInput, "abroad">, at: number): Vaccine {
  const place = `doses[${at}]`;
  const given = vaccineCode && notGivenByProcedure(vaccineCode) === null ? vaccineOfProcedure(vaccineCode) : null;
  if (vaccineCode && given === null) throw unknownCode("SNOMED CT procedure", vaccineCode, `${place}.vaccineCode`);
  const product = productCode ? vaccineOfProduct(productCode) : null;
  if (productCode && product === null) throw unknownCode("dm+d product", productCode, `${place}.productCode`);
  const [first, ...others] = new Set([vaccine, given, product].filter((each) => each !== null && each !== undefined));
  if (first === undefined || others.length > 0) {
    throw new Problem("ARGUMENT_INVALID", {
      argument: place,
      expected: "one vaccine: by vaccineCode, productCode or vaccine, and where there are several they agree",
    });
  }
  return first;
}

function unknownCode(system: string, code: string, at: string): Problem {
  return new Problem("CODE_UNKNOWN", { system, code, at, table: "vaccines" });
}

/** The first day of the month or year where no more is known, as the record keeps it. */
function dateOf({ givenOn, precision }: Pick<DoseInput, "givenOn" | "precision">) {
  const known = { DAY: givenOn, MONTH: `${givenOn.slice(0, 7)}-01`, YEAR: `${givenOn.slice(0, 4)}-01-01` } as const;
  return { givenOn: known[precision], precision };
}
