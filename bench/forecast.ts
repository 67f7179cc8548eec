/**
 * Forecasts in memory: children a second of one core's time, over the histories of the invented population with all its
 * births and all its faults of timing. First the forecast alone, over doses that were collapsed before; then collapse and
 * forecast together, over the records of two localities where two tell of a child.
 */

import { inventChild, inventVaccinations } from "../ingest";
import { collapse, forecast, stateOn } from "../subgraphs/immunisations";
import type { BenchOptions } from "./index";

const SEED = 20_260_901;
const ON = "2026-09-01";
const TOMORROW = "2026-09-02";
/** Children invented at a time: the histories of the whole population at once would not fit into memory. */
const CHUNK = 5_000;

export async function benchForecast({ children }: BenchOptions): Promise<void> {
  let [forecasting, collapsing, lines, due, changing] = [0, 0, 0, 0, 0];
  for (let from = 0; from < children; from += CHUNK) {
    const count = Math.min(CHUNK, children - from);
    const histories = Array.from({ length: count }, (_, at) => inventHistory(from + at, children));
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
    const records = histories.map((_, at) => inventRecords(from + at, children));
    collapsing += cpuMilliseconds(() => {
      for (const [at, history] of histories.entries()) {
        forecast({ ...history, doses: collapse(records[at] ?? [], { childId: String(at), ...history }) }, ON);
      }
    });
  }
  say("forecast", forecasting, `${rate(children, forecasting)}, ${lines} lines, ${due} of them due`);
  say("collapse and forecast", collapsing, rate(children, collapsing));
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

function inventHistory(index: number, of: number) {
  const child = inventChild(SEED, index, of, ON);
  const { given, notGiven } = inventVaccinations(SEED, child, ON);
  return {
    bornOn: child.bornOn,
    doses: given.map(({ vaccine, givenOn, precision }, at) => ({
      id: String(at),
      vaccine,
      givenOn,
      precision,
      possibleDuplicateOf: null,
    })),
    notGiven,
    status: child.diedOn === null ? ("RESIDENT" as const) : ("DECEASED" as const),
    diedOn: child.diedOn,
    bcgEligible: null,
    scid: null,
    motherHepatitisB: null,
    hadChickenpox: null,
    clinicalRisk: null,
    immunosuppressed: null,
  };
}

/** The records its doses come as; of one child in eight from two localities. */
function inventRecords(index: number, of: number) {
  const { given } = inventVaccinations(SEED, inventChild(SEED, index, of, ON), ON);
  const systems = index % 8 === 0 ? ["WIRRAL", "WARRINGTON"] : ["WIRRAL"];
  return systems.flatMap((system) =>
    given.map((dose, at) => ({
      ...dose,
      childId: String(index),
      source: { system, id: String(at) },
      asOf: "2026-01-01T00:00:00.000000000Z",
      latest: true,
    })),
  );
}
