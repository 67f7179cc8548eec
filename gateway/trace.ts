/**
 * W3C Trace Context, as OpenTelemetry sends it. We record no spans, so what came with a request is handed on to the
 * sources as it came, and names the trace in our log; a part of a trace that nobody keeps is not begun. Our own
 * `traceId` stays one for each request, whatever a client sends, for the access log relies on it.
 */

import type { IncomingHttpHeaders } from "node:http";

/** The headers that are handed on. */
export type Trace = Readonly<Record<string, string>>;

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const LONGEST_STATE = 512;

/** The trace a request is part of; undefined where it says none, or says it wrongly. */
export function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): Trace | undefined {
  if (typeof traceparent !== "string" || !TRACEPARENT.test(traceparent)) return undefined;
  const state = typeof tracestate === "string" && /^[\x20-\x7e]+$/.test(tracestate) ? tracestate : "";
  return state === "" || state.length > LONGEST_STATE ? { traceparent } : { traceparent, tracestate: state };
}

/** The id that all parts of a trace share. */
export function idOf(trace: Trace): string {
  return trace.traceparent?.slice(3, 35) ?? "";
}
