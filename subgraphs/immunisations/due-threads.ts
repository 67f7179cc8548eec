/**
 * Plans children in threads beside, where many wait: the process that serves writes the rows and is free in between, and a
 * machine's other cores do the reading and the forecasts.
 */

import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { openDatabase, type Place } from "../../chassis/database";
import { registerOf } from "../../chassis/register";
import type { Day } from "../../schema/calendar";
import { type Planner, plannerOf } from "./due-planner";
import type { PlannedChild } from "./due-tables";

interface Asked {
  readonly number: number;
  readonly childIds: readonly string[];
  readonly today: Day;
}
type Replied = { readonly number: number } & ({ readonly plans: readonly PlannedChild[] } | { readonly fault: string });
interface ThreadData {
  readonly planningAt: Place;
}

export interface PlanningThreads {
  readonly plan: Planner;
  /** Ends the threads; they are started again when there is something to plan. */
  rest(): Promise<void>;
}

/** Null where no thread can be started: only the built program can. */
export function planningThreads(place: Place): PlanningThreads | null {
  if (!__filename.endsWith(".js")) return null;
  let threads: PlanningThread[] = [];
  return {
    plan(childIds, today) {
      if (threads.length === 0)
        threads = Array.from({ length: Math.max(2, availableParallelism()) }, () => startPlanning(place));
      const [idlest, ...others] = threads as [PlanningThread, ...PlanningThread[]]; // two at least
      return others
        .reduce((best, each) => (each.waiting() < best.waiting() ? each : best), idlest)
        .plan(childIds, today);
    },
    async rest() {
      for (const thread of threads.splice(0)) await thread.end();
    },
  };
}

interface PlanningThread {
  readonly plan: Planner;
  waiting(): number;
  end(): Promise<void>;
}

const THREAD_MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

function startPlanning(place: Place): PlanningThread {
  const worker = new Worker(__filename, {
    workerData: { planningAt: place } satisfies ThreadData,
    resourceLimits: THREAD_MEMORY,
  });
  const waiting = new Map<number, { resolve(plans: readonly PlannedChild[]): void; reject(fault: unknown): void }>();
  let asked = 0;
  let gone: Error | null = null;
  const fail = (fault: Error) => {
    gone ??= fault;
    for (const { reject } of waiting.values()) reject(fault);
    waiting.clear();
  };
  worker.on("message", (reply: Replied) => {
    const asker = waiting.get(reply.number);
    waiting.delete(reply.number);
    if ("plans" in reply) asker?.resolve(reply.plans);
    else asker?.reject(new Error(reply.fault));
    if (waiting.size === 0) worker.unref();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("The thread has ended.")));
  // Whoever stops does not wait for one that rests. To listen to it holds it, so this comes after.
  worker.unref();
  return {
    plan: (childIds, today) =>
      new Promise((resolve, reject) => {
        if (gone !== null) return reject(gone);
        asked += 1;
        waiting.set(asked, { resolve, reject });
        worker.ref();
        worker.postMessage({ number: asked, childIds, today } satisfies Asked);
      }),
    waiting: () => waiting.size,
    async end() {
      await worker.terminate();
    },
  };
}

/** The other end. */
async function answerPlanning(place: Place): Promise<void> {
  const database = await openDatabase("immunisations", "url" in place ? { ...place, connections: 1 } : place);
  const plan = plannerOf(database, registerOf(database));
  parentPort?.on("message", ({ number, childIds, today }: Asked) => {
    plan(childIds, today).then(
      (plans) => parentPort?.postMessage({ number, plans } satisfies Replied),
      (fault: unknown) =>
        parentPort?.postMessage({ number, fault: fault instanceof Error ? fault.name : "unknown" } satisfies Replied),
    );
  });
}

if (!isMainThread && isPlanning(workerData)) void answerPlanning(workerData.planningAt);

function isPlanning(data: unknown): data is ThreadData {
  return typeof data === "object" && data !== null && "planningAt" in data;
}
