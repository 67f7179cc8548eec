/** What ApolloServer does at our word, and what the log may say of a request. */

import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import { deprecatedIn } from "./deprecations";
import { shownOf, shownProblem, signed } from "./faults";
import type { Asking, LogEntry, Protocol } from "./front";
import { invalid } from "./http";
import { excess } from "./limits";

export const TOLD_ELSEWHERE =
  "a subscription is asked over WebSocket, or as an event stream with accept: text/event-stream";

/** What ApolloServer does at our word: the limits before an operation runs, the trace on each error before it leaves. */
export function watching(onFault: (entry: LogEntry) => void, protocol: Protocol): ApolloServerPlugin<Asking> {
  return {
    async requestDidStart() {
      let wellFormed = false;
      return {
        async didResolveSource() {
          wellFormed = true;
        },
        async didResolveOperation({ schema, document, operation, operationName, request, contextValue }) {
          contextValue.outcome.operation = operationName === null ? null : withoutNumbers(operationName);
          contextValue.outcome.deprecated = deprecatedIn(schema, document);
          const fault =
            operation === undefined
              ? "operationName names none of its operations, or is missing where there are several"
              : operation.operation === "subscription" && schema.getSubscriptionType()
                ? TOLD_ELSEWHERE
                : schema.getRootType(operation.operation)
                  ? excess(schema, document, operation, request.variables ?? {})
                  : `the graph has no ${operation.operation}`;
          if (fault === null) return;
          const { message, extensions } = shownProblem(invalid(fault));
          throw new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
        },
        async didEncounterErrors({ errors, contextValue: { traceId } }) {
          for (const error of errors) {
            const shown = shownOf(error);
            // What a source reported is a plain value, and the source has said more of it in its own log.
            if (shown.extensions.code === "INTERNAL" && error.originalError instanceof Error)
              onFault({ event: "fault", traceId, ...faultEntry(error.originalError) });
          }
        },
        async willSendResponse({ request, response, contextValue }) {
          if (response.body.kind !== "single") return;
          // The GraphQL-over-HTTP draft: 200 for whatever is well formed, to who takes no graphql-response+json. STRICT keeps
          // 400, by which a client, a proxy or a graph of ours sees a fault without reading the body.
          const plain = !/graphql-response/.test(request.http?.headers.get("accept") ?? "");
          if (protocol === "OPEN" && plain && wellFormed && response.http.status === 400) response.http.status = 200;
          const result = response.body.singleResult;
          const errors = signed(result.errors ?? [], contextValue.traceId);
          result.errors = errors.length === 0 ? undefined : errors;
          contextValue.outcome.codes = [...new Set(errors.map((error) => error.extensions.code))];
        },
      };
    },
  };
}

/** A name as the log may hold it: the client chose it, and might have put a number of somebody into it. */
export function withoutNumbers(name: string): string {
  return name.replace(/\d{4,}/g, "…").slice(0, 80);
}

/** What the log may say of an unexpected fault: its kind and where, not its message, which may be about a person. */
export function faultEntry(fault: unknown): { readonly fault: string; readonly at: readonly string[] } {
  if (!(fault instanceof Error)) return { fault: typeof fault, at: [] };
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { fault: fault.name, at: frames.slice(0, 6).map((line) => line.trim()) };
}
