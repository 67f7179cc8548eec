/**
 * A subscription over HTTP, as server-sent events (the distinct connections of graphql-sse): `next` for each event with
 * its cursor as the id, `complete` at the end. A client that comes back with `Last-Event-ID` goes on behind it.
 */

import { Problem } from "../schema/errors";
import { shownProblem } from "./faults";
import { Ended, type Told } from "./subscriptions";

/** So often something is sent, that nobody on the way takes the connection for dead. */
const BEAT_MILLISECONDS = 12_000;
const BEAT = ":\n\n";

/** Whether events are asked for. */
export function acceptsEvents(accept: string | undefined): boolean {
  return accept !== undefined && /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(accept);
}

export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // A proxy that collects an answer before it sends it would keep every event back.
  "x-accel-buffering": "no",
} as const;

/** The events as text, piece by piece; the next is asked for when the last has been taken. */
export async function* eventText(
  events: AsyncGenerator<Told, void>,
  onFault: (fault: unknown) => void,
): AsyncGenerator<string, void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    let next = events.next();
    for (;;) {
      const beat = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), BEAT_MILLISECONDS);
      });
      const told = await Promise.race([next, beat]);
      clearTimeout(timer);
      if (told === null) yield BEAT;
      else if (told.done) break;
      else {
        const { cursor, payload } = told.value;
        yield payload === null
          ? `id: ${cursor}\n\n`
          : `event: next\nid: ${cursor}\ndata: ${JSON.stringify(payload)}\n\n`;
        next = events.next();
      }
    }
  } catch (fault) {
    if (!(fault instanceof Ended)) onFault(fault);
    const errors = fault instanceof Ended ? fault.errors : [shownProblem(new Problem("INTERNAL"))];
    yield `event: next\ndata: ${JSON.stringify({ errors })}\n\n`;
  } finally {
    clearTimeout(timer);
    void events.return();
  }
  yield "event: complete\ndata:\n\n";
}
