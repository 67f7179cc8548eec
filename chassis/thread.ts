/**
 * Runs subgraphs in a thread of their own. A bulk load reads and places rows on one core; keeping their facts costs as
 * much again, and is done on another meanwhile.
 */

import { parentPort, Worker } from "node:worker_threads";
import { isProblemCode, Problem, type ProblemCode } from "../schema/errors";
import type { Event } from "../schema/events";
import { packEvents, unpackEvents } from "../schema/packed-events";
import { type Delivery, readOutcomes, writeOutcomes } from "./deliveries";
import { buildGraph, type Subgraph, type SubgraphDefinition, takes } from "./subgraph";

type Method = "ask" | "deliver" | "holdings" | "accessEntries" | "settle" | "ready" | "close";

/** What crosses between the threads. A problem crosses as its code and slots, for its class would not. */
interface Call {
  readonly number: number;
  readonly part: string;
  readonly method: Method;
  readonly argument: unknown;
}
type Reported = Pick<Problem, "code" | "slots">;
type Reply = { readonly number: number } & (
  | { readonly answer: unknown }
  | { readonly problem: Reported }
  | { readonly fault: string }
);

/** Beside its young objects a thread holds the batch in hand and what its statements cache. */
const THREAD_MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

/**
 * Starts a thread from a file that calls `answerFromThread` with the subgraphs of these definitions; `data` is what the
 * file finds as `workerData`. The thread ends when the last of them is closed.
 */
export function startThread(
  definitions: readonly SubgraphDefinition[],
  { file, data }: { readonly file: string; readonly data: unknown },
): Promise<readonly Subgraph[]> {
  const worker = new Worker(file, { workerData: data, resourceLimits: THREAD_MEMORY });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(fault: unknown): void }>();
  let calls = 0;
  let open = definitions.length;
  let gone: Error | null = null;
  const fail = (fault: Error) => {
    gone ??= fault;
    for (const { reject } of waiting.values()) reject(fault);
    waiting.clear();
  };
  worker.on("message", (reply: Reply) => {
    const caller = waiting.get(reply.number);
    waiting.delete(reply.number);
    if ("answer" in reply) caller?.resolve(reply.answer);
    else caller?.reject("problem" in reply ? problemOf(reply.problem) : new Error(reply.fault));
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("The thread has ended.")));

  const call = (part: string, method: Method, argument: unknown = null) =>
    new Promise<never>((resolve, reject) => {
      if (gone !== null) return reject(gone);
      calls += 1;
      waiting.set(calls, { resolve: resolve as (answer: unknown) => void, reject }); // each method's own answer
      worker.postMessage({ number: calls, part, method, argument } satisfies Call);
    });

  return Promise.all(
    definitions.map(async (definition): Promise<Subgraph> => {
      const { name } = definition;
      await call(name, "ready");
      return {
        name,
        sdl: buildGraph(definition).sdl,
        takes: (type) => takes(definition, type),
        ask: (request) => call(name, "ask", request),
        async deliver(delivery) {
          const { number, durable = false } = delivery;
          return readOutcomes(await call(name, "deliver", { number, text: textOf(delivery), durable } satisfies Told));
        },
        holdings: () => call(name, "holdings"),
        accessEntries: (asked) => call(name, "accessEntries", asked),
        settle: () => call(name, "settle"),
        ready: () => call(name, "ready"),
        async close() {
          await call(name, "close");
          open -= 1;
          if (open === 0) await worker.terminate();
        },
      };
    }),
  ).catch(async (fault) => {
    await worker.terminate();
    throw fault;
  });
}

/** A delivery as it crosses: one text costs a tenth of thousands of objects, each copied on its own. */
interface Told {
  readonly number: number;
  readonly text: Uint8Array<SharedArrayBuffer>;
  readonly durable: boolean;
}

const TEXTS = new WeakMap<Delivery, Told["text"]>();

/** The events of a delivery in memory that all threads see: every part is handed the same, and none a copy of its own. */
function textOf(delivery: Delivery): Told["text"] {
  let text = TEXTS.get(delivery);
  if (text === undefined) {
    const packed = Buffer.from(delivery.packed ?? packEvents(delivery.events));
    text = new Uint8Array(new SharedArrayBuffer(packed.length));
    text.set(packed);
    TEXTS.set(delivery, text);
  }
  return text;
}

/** The other end: answers in this thread what is asked of its subgraphs, by name, in the one that started it. */
export function answerFromThread(parts: ReadonlyMap<string, Promise<Subgraph>>): void {
  const port = parentPort;
  if (port === null) throw new Error("This is not a thread.");
  // Parts of one thread are told the same delivery one after the other. Its events are read when the first of them is written:
  // of those that wait the text is held alone.
  let last: Delivery | null = null;
  const deliveryOf = ({ number, text, durable }: Told): Delivery => {
    if (last?.number === number) return last;
    let events: readonly Event[] | null = null;
    last = {
      number,
      get events() {
        events ??= unpackEvents(Buffer.from(text).toString());
        return events;
      },
      durable,
    };
    return last;
  };
  port.on("message", ({ number, part, method, argument }: Call) => {
    (parts.get(part) ?? Promise.reject(new Error(`${part} does not run in this thread.`)))
      .then((subgraph): Promise<unknown> => {
        if (method === "deliver") return subgraph.deliver(deliveryOf(argument as Told)).then(writeOutcomes); // as above
        return subgraph[method](argument as never); // what its own proxy was called with
      })
      .then(
        // An answer of the graph holds errors of a class that does not cross, and is JSON in any case.
        (answer) =>
          port.postMessage({ number, answer: method === "ask" ? JSON.parse(JSON.stringify(answer)) : answer }),
        (fault: unknown) => port.postMessage(replyOf(number, fault)),
      );
  });
}

function replyOf(number: number, fault: unknown): Reply {
  if (fault instanceof Problem) return { number, problem: { code: fault.code, slots: fault.slots } };
  return { number, fault: fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault) };
}

function problemOf({ code, slots }: Reported): Problem {
  const filled = Problem as new (code: ProblemCode, slots: Reported["slots"]) => Problem; // with the slots of this very code
  return new filled(isProblemCode(code) ? code : "INTERNAL", slots);
}
