/** Serves a supergraph over its sources: Apollo's planning and protocol, our execution, and the front before them. */

import { ApolloServer, HeaderMap } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { GatewayInterface } from "@apollo/server-gateway-interface";
import { GraphQLError } from "graphql";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import type { Supergraph } from "./compose";
import { Executor } from "./execute";
import type { Explorer } from "./explorer/page";
import { problemUnder, shownOf, shownProblem } from "./faults";
import { type Asking, type LogEntry, openFront, type Protocol, problemOrThrow, RETRY_SHORTLY } from "./front";
import { traceIdsOf } from "./http";
import { LIMITS, trustedDocumentsOf } from "./limits";
import { addedUp, Metrics } from "./metrics";
import { Planner } from "./plan";
import { planViewOf } from "./plan-view";
import { type Asked, askOf, type Source } from "./sources";
import { Subscriptions } from "./subscriptions";
import type { Verify } from "./viewer";
import { faultEntry, watching } from "./watching";

export interface ServingOptions {
  readonly sources: readonly Source[];
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Whether the schema may be asked for, by those who may ask anything. */
  readonly introspection: boolean;
  /** Who a token's bearer is; or the viewer that everybody is, where nobody needs a token. */
  readonly verify: Verify | Viewer;
  readonly explorer: Explorer;
  /** The texts of the operations that partner apps may send. */
  readonly trustedDocuments: readonly string[];
  /** How many requests a minute one viewer may send; 0 for no limit. */
  readonly requestsPerMinute: number;
  /** Every process that serves the same, this one among them: what is counted is told of them all. Null where there is only this. */
  readonly each?: {
    answer(own: () => string): void;
    ask(): Promise<readonly string[]>;
  } | null;
  /** Whether developers may see how an operation is executed. */
  readonly showsPlans: boolean;
  readonly log: (entry: LogEntry) => void;
  /** How long a source may take; ten seconds when left out. */
  readonly sourceTimeoutMilliseconds?: number;
}

export interface Gateway {
  readonly url: string;
  readonly supergraphSdl: string;
  readonly apiSdl: string;
  /** Answers what it has begun, then stops. The sources stay as they are. */
  close(): Promise<void>;
}

/** Serves a supergraph over the sources it names. Throws PORT_IN_USE. */
export async function serveSupergraph(supergraph: Supergraph, options: ServingOptions): Promise<Gateway> {
  const { sources, host, port, log, verify, explorer } = options;
  const { supergraphSdl, apiSdl } = supergraph;
  const metrics = new Metrics();
  watchSources(metrics, sources);
  const { each = null } = options;
  each?.answer(() => metrics.text());

  const labelled = new Map(sources.map(({ name }) => [name, { source: name }]));
  function onAsked({ source, seconds, fault, uncompiled }: Asked): void {
    const labels = labelled.get(source) ?? { source };
    metrics.count("gateway_source_asks_total", labels);
    if (uncompiled !== null) metrics.count("gateway_source_uncompiled_total", labels);
    metrics.observe("gateway_source_seconds", seconds, labels);
    if (fault === null) return;
    metrics.count("gateway_source_failures_total", labels);
    log({ event: "source-unavailable", source, ...faultEntry(fault) });
  }

  function onUncovered(why: string): void {
    metrics.count("gateway_uncompiled_total", {});
    log({ event: "uncompiled", why });
  }

  const asks = new Map(
    sources.map((source) => [source.name, askOf(source, onAsked, options.sourceTimeoutMilliseconds)]),
  );
  const planner = new Planner(supergraphSdl, apolloLogger(log));
  const executor = new Executor({ planner, asks, onUncovered });
  const server = new ApolloServer<Asking>({
    gateway: executing(planner, executor),
    nodeEnv: "production",
    introspection: options.introspection,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    maxRecursiveSelections: true,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationOptions: { maxErrors: LIMITS.complaints },
    stopOnTerminationSignals: false,
    formatError: (formatted, error) =>
      shownOf(problemUnder(error) === null ? formatted : (error as Error & typeof formatted)),
    logger: apolloLogger(log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      watching(log, options.protocol),
    ],
  });
  const trusted = trustedDocumentsOf(options.trustedDocuments);
  await server.start();
  try {
    const { schema } = planner;
    const subscriptions = new Subscriptions({ schema, executor, sources, trusted, traceId: traceIdsOf() });
    metrics.watch("gateway_subscriptions_open", () => [{ labels: {}, value: subscriptions.open }]);
    const front = await openFront({
      host,
      port,
      protocol: options.protocol,
      server,
      executor,
      schema,
      sources,
      apiSdl,
      verify,
      trusted,
      requestsPerMinute: options.requestsPerMinute,
      planView: options.showsPlans ? planViewOf(planner) : null,
      subscriptions,
      explorer,
      metrics,
      metricsText: async () => (each === null ? metrics.text() : addedUp(await each.ask())),
      log,
    });
    return {
      url: front.url,
      supergraphSdl,
      apiSdl,
      async close() {
        await front.close();
        await server.stop();
      },
    };
  } catch (fault) {
    await server.stop();
    throw fault;
  }
}

const CIRCUITS = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;

function watchSources(metrics: Metrics, sources: readonly Source[]): void {
  const reached = sources.flatMap(({ name, reach }) =>
    reach === undefined ? [] : [{ labels: { source: name }, reach }],
  );
  metrics.watch("gateway_source_circuit", () =>
    reached.map(({ labels, reach }) => ({ labels, value: CIRCUITS[reach.circuit] })),
  );
  metrics.watch("gateway_source_repeats_total", () =>
    reached.map(({ labels, reach }) => ({ labels, value: reach.repeated })),
  );
  const labels = { pid: String(process.pid) };
  metrics.watch("process_resident_memory_bytes", () => [{ labels, value: process.memoryUsage.rss() }]);
  metrics.watch("process_cpu_seconds_total", () => {
    const { user, system } = process.cpuUsage();
    return [{ labels, value: (user + system) / 1e6 }];
  });
}

/**
 * Our execution as ApolloServer takes a gateway. What comes through it was validated, and is known by its text from
 * then on.
 */
export function executing(planner: Planner, executor: Executor): GatewayInterface {
  const { apollo } = planner;
  return {
    onSchemaLoadOrUpdate: (told) => apollo.onSchemaLoadOrUpdate(told),
    async load(options) {
      await apollo.load(options);
      return {
        async executor({ document, operation, source, request, context }) {
          const kept =
            executor.known(source, request.operationName) ??
            executor.keep(source, request.operationName, document, operation);
          const variables = request.variables ?? {};
          const executed = await executor.execute(kept, variables, context as Asking).catch(problemOrThrow); // made in askGraph
          if (executed instanceof Problem) return { errors: [asResponse(executed)] };
          if ("refused" in executed) return { errors: executed.refused };
          const errors = executed.errors.map(
            ({ message, path, extensions }) => new GraphQLError(message, { path, extensions }),
          );
          return { data: JSON.parse(executed.data), ...(errors.length === 0 ? {} : { errors }) };
        },
      };
    },
    stop: () => apollo.stop(),
  };
}

/** A problem of a whole request as ApolloServer makes a response of it. */
function asResponse(problem: Problem): GraphQLError {
  const http =
    problem.code === "OVERLOADED"
      ? { status: 503, headers: new HeaderMap(Object.entries(RETRY_SHORTLY)) }
      : { status: 400 };
  const { message, extensions } = shownProblem(problem);
  return new GraphQLError(message, { extensions: { ...extensions, http } });
}

/** Apollo's own warnings, without what they quote: it may come out of a request or an answer. */
function apolloLogger(log: (entry: LogEntry) => void) {
  const say = (level: string) => (message: unknown) => {
    log({
      event: "apollo",
      level,
      says: String(message)
        .replace(/"[^"]*"|\d{4,}/g, "…")
        .slice(0, 200),
    });
  };
  return { debug: () => undefined, info: () => undefined, warn: say("warn"), error: say("error") };
}
