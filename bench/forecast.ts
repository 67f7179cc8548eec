/**
 * Forecasts in memory: children a second of one core's time, over the facts of the invented population with all its births
 * and all its faults of timing, one child in eight told of by two localities. First the forecast alone; then the whole way
 * from the standing facts, as a read of the database gives them, to the plan: the same calls that answer
 * `Child.immunisationPlan` and that stored plans are made by.
 */

import { inventChild, inventVaccinations } from "../ingest";
import { forecast, historyOf, stateOn } from "../subgraphs/immunisations";
import type { BenchOptions } from "./index";

const SEED = 20_260_901;
const ON = "2026-09-01";
const TOMORROW = "2026-09-02";
const TOLD_AT = "2026-01-01T00:00:00.000000000Z";
/** Children invented at a time: the facts of the whole population at once would not fit into memory. */
const CHUNK = 5_000;

export async function benchForecast({ children }: BenchOptions): Promise<void> {
  let [forecasting, planning, lines, due, changing, records] = [0, 0, 0, 0, 0, 0];
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
  }
  say("forecast", forecasting, `${rate(children, forecasting)}, ${lines} lines, ${due} of them due`);
  say("from facts to the plan", planning, `${rate(children, planning)}, ${records} records`);
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

/** A child as the register has it, and the facts told of it: objects of one shape, as a database's rows become. */
function inventFacts(index: number, of: number) {
  const invented = inventChild(SEED, index, of, ON);
  const { bornOn, diedOn } = invented;
  const { given, notGiven } = inventVaccinations(SEED, invented, ON);
  const childId = String(index);
  const systems = index % 8 === 0 ? ["WIRRAL", "WARRINGTON"] : ["WIRRAL"];
  const telling = (system: string, kind: string, at: number) => ({
    childId,
    source: { system, id: `${kind}${index}-${at}` },
    asOf: TOLD_AT,
    latest: true,
  });
  const child = { childId, bornOn, diedOn, status: diedOn === null ? ("RESIDENT" as const) : ("DECEASED" as const) };
  const facts = {
    doses: systems.flatMap((system) => given.map((dose, at) => ({ ...telling(system, "D", at), ...dose }))),
    dosesNotGiven: systems.flatMap((system) => notGiven.map((each, at) => ({ ...telling(system, "N", at), ...each }))),
    bcgEligibility: [{ ...telling("WIRRAL", "E", 0), bcgEligible: index % 30 === 0 ? true : null }],
    scidScreens: [{ ...telling("WIRRAL", "B", 0), outcome: index % 2 === 0 ? ("NOT_SUSPECTED" as const) : null }],
  };
  return { child, facts };
}
