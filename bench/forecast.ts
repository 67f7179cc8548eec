/**
 * Forecasts in memory: children a second of one core's time, over the facts of the invented population with all its births
 * and all its faults of timing, one child in eight told of by two localities. First the forecast alone; then the whole way
 * from the standing facts, as a read of the database gives them, to the plan, which answers `Child.immunisationPlan`; and to
 * the rows that lists are read from, which follow the changes of a plan for half a year. To read facts and to store rows
 * is measured by the benchmark `due`.
 */

import { inventChild, inventVaccinations } from "../ingest";
import type { ResponsibilityStatus } from "../schema/belonging";
import { duePlan, forecast, historyOf, stateOn } from "../subgraphs/immunisations";
import type { BenchOptions } from "./index";

const SEED = 20_260_901;
const ON = "2026-09-01";
const TOMORROW = "2026-09-02";
const TOLD_AT = "2026-01-01T00:00:00.000000000Z";
/** Children invented at a time: the facts of the whole population at once would not fit into memory. */
const CHUNK = 20_000;

export async function benchForecast({ children }: BenchOptions): Promise<void> {
  let [forecasting, planning, following] = [0, 0, 0];
  let [lines, due, changing, records, rows] = [0, 0, 0, 0, 0];
  for (let from = 0; from < children; from += CHUNK) {
    const count = Math.min(CHUNK, children - from);
    const told = Array.from({ length: count }, (_, at) => inventFacts(from + at, children));
    const histories = told.map(({ child, facts }) => historyOf(child, child.bornOn, facts));
    for (const { facts } of told) records += facts.doses.length + facts.dosesNotGiven.length;
    forecasting += cpuMilliseconds(() => {
      for (const history of histories) {
        const plan = forecast(history, ON);
        lines += plan.doses.length;
        if (plan.changesOn !== null && plan.changesOn <= TOMORROW) changing += 1;
        for (const line of plan.doses) {
          const state = stateOn(line, ON);
          if (state === "DUE" || state === "OVERDUE") due += 1;
        }
      }
    });
    planning += cpuMilliseconds(() => {
      for (const { child, facts } of told) forecast(historyOf(child, child.bornOn, facts), ON);
    });
    following += cpuMilliseconds(() => {
      for (const { child, facts } of told) {
        rows += duePlan(child.childId, historyOf(child, child.bornOn, facts), ON).doses.length;
      }
    });
  }
  say("forecast", forecasting, `${rate(children, forecasting)}, ${lines} lines, ${due} of them due`);
  say("from facts to the plan", planning, `${rate(children, planning)}, ${records} records`);
  say("from facts to rows of lists", following, `${rate(children, following)}, ${rows} rows`);
  process.stdout.write(`to be planned again tomorrow: ${changing} of ${children} children\n`);
}

/** Time of this process on any core, so that what else the machine does weighs little. */
function cpuMilliseconds(work: () => void): number {
  globalThis.gc?.(); // what inventing left behind is not the forecast's to clear
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function say(what: string, milliseconds: number, figures: string): void {
  process.stdout.write(`${what.padEnd(28)} ${(milliseconds / 1000).toFixed(1).padStart(7)} CPU-s  ${figures}\n`);
}

function rate(children: number, milliseconds: number): string {
  return `${Math.round((children / milliseconds) * 1000)} children/s`;
}

/**
 * A child as the register has it, and as much of the facts told of it as a plan is read from: each record written out, since
 * the rows of a database are objects of one shape and those put together from parts are not.
 */
function inventFacts(index: number, of: number) {
  const invented = inventChild(SEED, index, of, ON);
  const { bornOn, diedOn } = invented;
  const { given, notGiven } = inventVaccinations(SEED, invented, ON);
  const childId = String(index);
  const systems = index % 8 === 0 ? ["WIRRAL", "WARRINGTON"] : ["WIRRAL"];
  const [asOf, latest] = [TOLD_AT, true];
  const sourced = (system: string, kind: string, at: number) => ({ system, id: `${kind}${index}-${at}` });
  const status: ResponsibilityStatus = diedOn === null ? "RESIDENT" : "DECEASED";
  const doses = systems.flatMap((system) =>
    given.map(({ vaccine, givenOn, precision }, at) => {
      const source = sourced(system, "D", at);
      return { childId, source, asOf, latest, vaccine, givenOn, precision };
    }),
  );
  const dosesNotGiven = systems.flatMap((system) =>
    notGiven.map(({ vaccine, reason, decidedOn, until, organisation }, at) => {
      const source = sourced(system, "N", at);
      return { childId, source, asOf, latest, vaccine, reason, decidedOn, until, organisation };
    }),
  );
  const bcgEligible = index % 30 === 0 ? true : null;
  const outcome = index % 2 === 0 ? ("NOT_SUSPECTED" as const) : null;
  const bcgEligibility = [{ childId, source: sourced("WIRRAL", "E", 0), asOf, latest, bcgEligible }];
  const scidScreens = [{ childId, source: sourced("WIRRAL", "B", 0), asOf, latest, outcome }];
  return { child: { childId, bornOn, diedOn, status }, facts: { doses, dosesNotGiven, bcgEligibility, scidScreens } };
}
