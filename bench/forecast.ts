/**
 * Forecasts in memory: children a second of one core's time over the histories of the invented population, all its births and all
 * its faults of timing. The first figure is the forecast alone, the second with records of two sources collapsed before.
 */

import { inventChild, inventVaccinations } from "../ingest";
import { collapse, forecast, stateOn } from "../subgraphs/immunisations";
import type { BenchOptions } from "./index";

const SEED = 20_260_901;
const ON = "2026-09-01";
/** Children invented at a time: histories of the whole population at once would not fit into memory. */
const CHUNK = 2_000;

export async function benchForecast({ children }: BenchOptions): Promise<void> {
  let [forecasting, collapsing, lines, due, changing] = [0, 0, 0, 0, 0];
  for (let from = 0; from < children; from += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, children - from) }, (_, at) => invented(from + at, children));
    const begun = cpuMilliseconds();
    for (const { history } of chunk) {
      const plan = forecast(history, ON);
      lines += plan.doses.length;
      if (plan.changesOn !== null && plan.changesOn <= TOMORROW) changing += 1;
      for (const line of plan.doses) {
        const state = stateOn(line, ON);
        if (state === "DUE" || state === "OVERDUE") due += 1;
      }
    }
    const forecasted = cpuMilliseconds();
    for (const { history, told, lifespan } of chunk) forecast({ ...history, doses: collapse(told, lifespan) }, ON);
    forecasting += forecasted - begun;
    collapsing += cpuMilliseconds() - forecasted;
  }
  const rate = (milliseconds: number) => `${Math.round((children / milliseconds) * 1000)} children/s`;
  process.stdout.write(
    `forecast                     ${(forecasting / 1000).toFixed(1).padStart(7)} s  ${rate(forecasting)}, ${lines} lines, ${due} due\n` +
      `collapse and forecast        ${(collapsing / 1000).toFixed(1).padStart(7)} s  ${rate(collapsing)}\n` +
      `to be planned again tomorrow ${changing} of ${children} children\n`,
  );
}

/** Time of this process on any core, so that what else the machine does weighs little. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const TOMORROW = "2026-09-02";

/** The history of one invented child, and the records its dose by dose come as: one in eight told by two localities. */
function invented(index: number, of: number) {
  const child = inventChild(SEED, index, of, ON);
  const { given, notGiven } = inventVaccinations(SEED, child, ON);
  const childId = String(index);
  const records = given.map((dose, at) => ({
    ...dose,
    childId,
    source: { system: "WIRRAL", id: String(at) },
    asOf: "2026-01-01T00:00:00.000000000Z",
    latest: true,
  }));
  const again =
    index % 8 === 0 ? records.map((each) => ({ ...each, source: { ...each.source, system: "WARRINGTON" } })) : [];
  const { bornOn, diedOn } = child;
  return {
    told: [...records, ...again],
    lifespan: { childId, bornOn, diedOn },
    history: {
      bornOn,
      diedOn,
      doses: given.map((dose, at) => ({ ...dose, id: String(at), possibleDuplicateOf: null })),
      notGiven,
      status: diedOn === null ? ("RESIDENT" as const) : ("DECEASED" as const),
      bcgEligible: null,
      scid: null,
      motherHepatitisB: null,
      hadChickenpox: null,
      clinicalRisk: null,
      immunosuppressed: null,
    },
  };
}
