/** What holds of every history, by histories made up at random. */

import fc from "fast-check";
import { addDays, type Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import { after } from "../../subgraphs/immunisations/cohort";
import { collapse } from "../../subgraphs/immunisations/collapse";
import { DEFAULT_SETTINGS, forecast } from "../../subgraphs/immunisations/forecast";
import { dosesGiven } from "../../subgraphs/immunisations/given";
import type { DoseTold } from "../../subgraphs/immunisations/model";
import {
  type History,
  type HistoryDose,
  type Plan,
  type PlannedDose,
  stateOn,
} from "../../subgraphs/immunisations/plan";
import { sayUncounted, sayWhy } from "../../subgraphs/immunisations/reasons";
import { DOSE_IDS, REPLACEMENTS, scheduleOf } from "../../subgraphs/immunisations/schedule";
import { dose, history, notGiven } from "../fixtures/histories";

const VACCINES = [
  "HEXAVALENT",
  "PENTAVALENT",
  "DTAPIPV",
  "TDIPV",
  "HIBMENC",
  "MENB",
  "MENACWY",
  "PCV",
  "ROTAVIRUS",
  "MMR",
  "MMRV",
  "HPV",
  "FLU",
  "BCG",
  "HEPB",
  "VARICELLA",
  "UNKNOWN",
] as const satisfies readonly Vaccine[];
const REASONS = ["DECLINED", "CONTRAINDICATED", "DEFERRED", "UNWELL", "GIVEN_ELSEWHERE"] as const;

const maybe = fc.constantFrom(true, false, null);
const births = fc.integer({ min: 0, max: 20 * 365 }).map((days) => addDays("2006-06-01", days));
/** Ages at which things are given, near the ages that matter as often as anywhere. */
const ages = fc.oneof(
  fc.integer({ min: -20, max: 7000 }),
  fc
    .tuple(
      fc.constantFrom(0, 28, 42, 56, 84, 112, 168, 365, 456, 548, 730, 1096, 1217, 3652, 4900),
      fc.integer({ min: -30, max: 30 }),
    )
    .map(([age, more]) => age + more),
);
const given = fc.record({
  vaccine: fc.constantFrom(...VACCINES),
  age: ages,
  cut: fc.constantFrom(10, 10, 10, 10, 7, 4),
});
const decision = fc.record({
  vaccine: fc.constantFrom(...VACCINES),
  reason: fc.constantFrom(...REASONS),
  age: ages,
  lasts: fc.option(fc.integer({ min: 1, max: 90 })),
});

interface Facts {
  readonly history: History;
  readonly on: Day;
}

const facts: fc.Arbitrary<Facts> = fc
  .record({
    bornOn: births,
    age: fc.integer({ min: 0, max: 7000 }),
    doses: fc.array(given, { maxLength: 18 }),
    decisions: fc.array(decision, { maxLength: 3 }),
    bcgEligible: maybe,
    motherHepatitisB: maybe,
    hadChickenpox: maybe,
    clinicalRisk: maybe,
    immunosuppressed: maybe,
    scid: fc.constantFrom(null, "NOT_SUSPECTED", "SUSPECTED", "AWAITED", "NOT_OFFERED"),
    died: fc.option(ages, { freq: 8 }),
  })
  .map(({ bornOn, age, doses, decisions, died, ...more }) => {
    const texts = doses.map((each) => `${each.vaccine} ${addDays(bornOn, each.age).slice(0, each.cut)}`);
    return {
      on: addDays(bornOn, age),
      history: history(bornOn, [...new Set(texts)], {
        ...more,
        notGiven: decisions.map(({ vaccine, reason, age, lasts }) => {
          const decidedOn = addDays(bornOn, age);
          return notGiven(`${vaccine} ${reason} ${decidedOn}${lasts === null ? "" : ` ${addDays(decidedOn, lasts)}`}`);
        }),
        status: died === null ? "RESIDENT" : "DECEASED",
        diedOn: died === null ? null : addDays(bornOn, died),
      }),
    };
  });

const RUNS = { numRuns: 400 };
const isDue = (line: PlannedDose, on: Day) => ["DUE", "OVERDUE"].includes(stateOn(line, on));
/** The doses of the schedule that are met; one made up with Td/IPV is the one it makes up. */
const complete = (plan: Plan) =>
  new Set(
    plan.doses
      .filter(({ standing }) => standing === "COMPLETE")
      .map(({ doseId }) => REPLACEMENTS.find((each) => each.doseId === doseId)?.replaces ?? doseId),
  );

test("the order of doses and decisions changes nothing", () => {
  fc.assert(
    fc.property(facts, fc.infiniteStream(fc.nat()), ({ history: told, on }, keys) => {
      const shuffled = <T>(list: readonly T[]): T[] =>
        list
          .map((each) => ({ each, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
      const other = { ...told, doses: shuffled(told.doses), notGiven: shuffled(told.notGiven) };
      expect(forecast(other, on)).toEqual(forecast(told, on));
    }),
    RUNS,
  );
});

test("the same dose told again, by the same or another locality, changes nothing", () => {
  const toldBy = (system: string, { vaccine, givenOn, precision }: History["doses"][number], id: number): DoseTold => ({
    childId: "ada",
    source: { system, id: String(id) },
    asOf: "2026-01-01T00:00:00.000000000Z",
    latest: true,
    vaccine,
    givenOn,
    precision,
    procedureCode: null,
    productCode: null,
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
  });
  fc.assert(
    fc.property(facts, ({ history: told, on }) => {
      const child = { childId: "ada", bornOn: told.bornOn, diedOn: told.diedOn };
      const known = told.doses.filter(({ vaccine }) => vaccine !== "UNKNOWN"); // never the same as another
      const once = known.map((each, id) => toldBy("WIRRAL", each, id));
      const again = known.map((each, id) => toldBy("WARRINGTON", each, id));
      const shown = ({ id, vaccine, givenOn, precision, possibleDuplicateOf }: HistoryDose) => ({
        ...{ id, vaccine, givenOn, precision },
        possibleDuplicateOf: precision === "DAY" ? null : possibleDuplicateOf, // no plan asks it of a dose whose day is known
      });
      const byId = (a: HistoryDose, b: HistoryDose) => ((a.id ?? "") < (b.id ?? "") ? -1 : 1);
      const planned = (doses: readonly HistoryDose[]) => forecast({ ...told, doses: doses.map(shown) }, on);
      const all = [...again, ...once, ...once];
      expect(planned(collapse(all, child))).toEqual(planned(collapse(once, child)));
      // A plan is made of the doses that are shown, ids and all, though of less of each: also where one source lists two alike.
      const more = told.doses.filter((_, id) => id % 2 === 0).map((each, id) => toldBy("SEFTON", each, id));
      const alike = more.map((each, id) => ({ ...each, source: { ...each.source, id: `${id} again` } }));
      const twice = [...all, ...more, ...alike];
      const counted = (doses: readonly HistoryDose[]) =>
        doses
          .map(shown)
          .toSorted(byId)
          .map((each) => ({ ...each, possibleDuplicateOf: each.possibleDuplicateOf !== null }));
      expect(counted(dosesGiven(twice, "ada"))).toEqual(counted(collapse(twice, child)));
    }),
    RUNS,
  );
});

test("every dose on record either meets a dose of the plan or is told not to, and none does both", () => {
  fc.assert(
    fc.property(facts, ({ history: told, on }) => {
      const { doses, notCounted } = forecast(told, on);
      const met = new Set(doses.flatMap((line) => line.dose?.id ?? []));
      const not = notCounted.map(({ dose }) => dose.id);
      expect([...met, ...not].toSorted()).toEqual(told.doses.map(({ id }) => id).toSorted());
    }),
    RUNS,
  );
});

test("a valid dose never moves a later one earlier than its rule", () => {
  const rows = scheduleOf(DEFAULT_SETTINGS);
  fc.assert(
    fc.property(facts, fc.constantFrom(...VACCINES), ({ history: told, on }, vaccine) => {
      const then = forecast({ ...told, doses: [...told.doses, dose(`${vaccine} ${on}`)] }, on);
      if (!then.doses.some((line) => line.givenOn === on && line.vaccine === vaccine)) return;
      for (const line of then.doses) {
        if (line.standing !== "OPEN" || line.earliestOn === null || stateOn(line, on) === "AGED_OUT") continue;
        const row = rows.find(({ doseId, accepts }) => doseId === line.doseId && vaccine in accepts);
        if (row === undefined || row.after === null) continue;
        const counts = row.intervalFrom === undefined || row.intervalFrom.includes(vaccine);
        expect(line.earliestOn >= after(on, counts ? row.interval : { days: 28 })).toBe(true);
      }
    }),
    RUNS,
  );
});

test("the dates of a line are in order: earliest and recommended, due, overdue, latest", () => {
  fc.assert(
    fc.property(facts, ({ history: told, on }) => {
      for (const line of forecast(told, on).doses) {
        const { standing, because, awaits, earliestOn, recommendedOn, dueOn, overdueOn, latestOn } = line;
        if (standing === "OPEN" && earliestOn !== null) expect(earliestOn >= told.bornOn).toBe(true);
        if (dueOn === null) continue;
        expect(earliestOn === null || earliestOn <= dueOn).toBe(true);
        expect(recommendedOn === null || recommendedOn <= dueOn).toBe(true);
        if (overdueOn !== null) {
          expect(dueOn < overdueOn).toBe(true);
          expect(latestOn === null || overdueOn <= latestOn).toBe(true);
        }
        if (standing === "OPEN" && because === "SCHEDULED") expect(recommendedOn).toBe(dueOn);
        // Only a gap after the dose before makes a dose count later than it is recommended, and the reason says so.
        if (earliestOn !== null && recommendedOn !== null && earliestOn > recommendedOn && standing === "OPEN") {
          expect(["INTERVAL", "FOLLOWS", "LATE_START", "MET_BY_HEXAVALENT", "PUT_OFF", "SAID_GIVEN"]).toContain(
            because,
          );
        }
        // What is still to come can still be given, unless its age passes first.
        if (latestOn !== null && dueOn > latestOn && awaits === null) expect(stateOn(line, dueOn)).not.toMatch(/DUE/);
      }
    }),
    RUNS,
  );
});

test("what is complete stays complete as days pass", () => {
  fc.assert(
    fc.property(facts, fc.nat({ max: 2000 }), ({ history: told, on }, days) => {
      const later = complete(forecast(told, addDays(on, days)));
      for (const doseId of complete(forecast(told, on))) {
        if (doseId !== "FLU" && doseId !== "FLU_2") expect(later).toContain(doseId); // a season ends
      }
    }),
    { numRuns: 1500 },
  );
});

test("adding a dose that does not count never completes anything", () => {
  fc.assert(
    fc.property(facts, given, ({ history: told, on }, { vaccine, age, cut }) => {
      const added = dose(`${vaccine} ${addDays(told.bornOn, age).slice(0, cut)}`);
      if (told.doses.some(({ id }) => id === added.id)) return;
      const before = complete(forecast(told, on));
      const plan = forecast({ ...told, doses: [...told.doses, added] }, on);
      if (!plan.notCounted.some(({ dose: { id } }) => id === added.id)) return;
      for (const doseId of complete(plan)) expect(before).toContain(doseId);
    }),
    { numRuns: 1500 },
  );
});

test("until the day a plan changes, the lines that are due on any day are those its dates tell", () => {
  fc.assert(
    fc.property(facts, fc.nat({ max: 1500 }), ({ history: told, on }, days) => {
      const plan = forecast(told, on);
      const later = addDays(on, days);
      const day = plan.changesOn !== null && later >= plan.changesOn ? addDays(plan.changesOn, -1) : later;
      const lines = (lines: readonly PlannedDose[]) =>
        lines
          .filter((line) => isDue(line, day))
          .map(({ doseId, vaccine, dueOn, overdueOn, latestOn }) => ({ doseId, vaccine, dueOn, overdueOn, latestOn }));
      expect(lines(plan.doses)).toEqual(lines(forecast(told, day).doses));
    }),
    { numRuns: 1500 },
  );
});

test("nothing is due for the dead", () => {
  fc.assert(
    fc.property(facts, ({ history: told, on }) => {
      const dead = { ...told, status: "DECEASED", diedOn: null } as const;
      expect(forecast(dead, on).doses.filter((line) => isDue(line, on) || stateOn(line, on) === "NOT_YET_DUE")).toEqual(
        [],
      );
    }),
    RUNS,
  );
});

test("a plan lists each dose once, flu aside, in the order of the schedule, each with a reason in words", () => {
  fc.assert(
    fc.property(facts, ({ history: told, on }) => {
      const { doses, notCounted } = forecast(told, on);
      const ids = doses.map(({ doseId }) => doseId);
      expect(ids.toSorted((a, b) => DOSE_IDS.indexOf(a) - DOSE_IDS.indexOf(b))).toEqual(ids);
      const single = ids.filter((doseId) => doseId !== "FLU" && doseId !== "FLU_2");
      expect(new Set(single).size).toBe(single.length);
      const said = [...doses.map((line) => sayWhy(line, on)), ...notCounted.map(sayUncounted)];
      for (const text of said) expect(text).toMatch(/^(?!.*(undefined|null|not known\.? ?$|UNKNOWN|[A-Z]+_)).{15,}\.$/);
    }),
    RUNS,
  );
});
