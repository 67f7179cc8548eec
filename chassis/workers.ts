/**
 * One process a core: the same service in several processes on one port, which the system hands its connections in turn.
 * Each opens its own parts over the same databases. What may be done by one only (chores, the mailbox) is done by the
 * first; when a worker ends unasked another takes its number, and with it that duty.
 */

import cluster, { type Worker } from "node:cluster";

/** A process of several, or the only one. */
export interface Duty {
  /** Whether it does what only one may do. */
  readonly first: boolean;
  /** All processes of the service; null where this is the only one. */
  readonly each: Each | null;
}

/** What every process of a service is asked, and answers of itself, in text. */
export interface Each {
  answer(own: () => string): void;
  /** This one's own among them; without those that do not answer in a second. */
  ask(): Promise<readonly string[]>;
}

export const ALONE: Duty = { first: true, each: null };

/** One that ends sooner than this did not come to serve; after so many in a row there is no use in another. */
const SHORTEST_MILLISECONDS = 5_000;
const MOST_IN_A_ROW = 5;
const NUMBER = "WORKER_NUMBER";
const ANSWER_MILLISECONDS = 1_000;

type Message =
  | { readonly about: "WHAT_OF_EACH"; readonly number: number }
  | { readonly about: "OWN"; readonly number: number; readonly text: string }
  | { readonly about: "OF_EACH"; readonly number: number; readonly texts: readonly string[] };

/**
 * Serves in `count` processes. Each runs this program again with the words given, and so comes here again, where it
 * serves. Resolves when all have ended because they were asked to, with whether each ended well.
 */
export function inWorkers(
  count: number,
  words: readonly string[],
  serve: (duty: Duty) => Promise<boolean>,
): Promise<boolean> {
  if (cluster.isWorker) {
    const served = serve({ first: process.env[NUMBER] === "1", each: eachOf() });
    return served.finally(() => cluster.worker?.disconnect()); // the way to the primary would keep it alive
  }
  cluster.setupPrimary({ args: [...words] });
  let [asked, well, short] = [false, true, 0];
  return new Promise((resolve) => {
    const start = (number: number) => {
      const begun = Date.now();
      const worker = cluster.fork({ [NUMBER]: String(number) });
      worker.on("exit", (status, signal) => {
        short = Date.now() - begun < SHORTEST_MILLISECONDS ? short + 1 : 0;
        if (asked || short >= MOST_IN_A_ROW || status === UNFIT) {
          well &&= status === 0 || (asked && signal === "SIGTERM"); // one that was only starting
          stop();
          if (Object.keys(cluster.workers ?? {}).length === 0) resolve(well);
        } else start(number);
      });
    };
    const stop = () => {
      if (asked) return;
      asked = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM");
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
    cluster.on("message", collect);
    for (let number = 1; number <= count; number++) start(number);
  });
}

/** What a command exits with when it was refused: another process would be refused too. */
const UNFIT = 1;

const collections = new Map<number, { readonly from: Worker; readonly asked: number; readonly texts: string[] }>();
let collected = 0;

/** In the primary: passes a question on to every worker, and their answers back to the one who asked. */
function collect(from: Worker, message: Message): void {
  if (message.about === "WHAT_OF_EACH") {
    const number = ++collected;
    collections.set(number, { from, asked: message.number, texts: [] });
    setTimeout(() => finish(number), ANSWER_MILLISECONDS); // for one that has just ended never answers
    for (const worker of Object.values(cluster.workers ?? {})) worker?.send({ about: "WHAT_OF_EACH", number });
  } else if (message.about === "OWN") {
    const collection = collections.get(message.number);
    collection?.texts.push(message.text);
    if (collection?.texts.length === Object.keys(cluster.workers ?? {}).length) finish(message.number);
  }
}

function finish(number: number): void {
  const collection = collections.get(number);
  if (collection === undefined) return;
  collections.delete(number);
  const { from, asked, texts } = collection;
  if (from.isConnected()) from.send({ about: "OF_EACH", number: asked, texts });
}

/** In a worker: the way to all of them, by the primary. */
function eachOf(): Each {
  const waiting = new Map<number, (texts: readonly string[]) => void>();
  let [asks, tell] = [0, () => ""];
  const send = (message: Message) => process.send?.(message);
  process.on("message", (message: Message) => {
    if (message.about === "WHAT_OF_EACH") send({ about: "OWN", number: message.number, text: tell() });
    else if (message.about === "OF_EACH") {
      waiting.get(message.number)?.(message.texts);
      waiting.delete(message.number);
    }
  });
  return {
    answer(own) {
      tell = own;
    },
    ask: () =>
      new Promise((resolve) => {
        asks += 1;
        waiting.set(asks, resolve);
        send({ about: "WHAT_OF_EACH", number: asks });
      }),
  };
}
