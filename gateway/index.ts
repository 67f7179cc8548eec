/** Starts the gateway over the sources it is handed: composes them, plans and executes over them, and opens the front. */

import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { Viewer } from "../schema/access";
import { Problem } from "../schema/errors";
import { type Supergraph, supergraphOf } from "./compose";
import { Executor } from "./execute";
import { EXAMPLES, type Example } from "./explorer/examples";
import { type Explorer, explorerOf } from "./explorer/page";
import { readyViewers } from "./explorer/viewers";
import { problemUnder, shownOf } from "./faults";
import { type Asking, executing, faultEntry, type LogEntry, openFront, watching } from "./front";
import { LIMITS, trustedDocumentsOf } from "./limits";
import { Metrics } from "./metrics";
import { Planner } from "./plan";
import { type Asked, askOf, type Source } from "./sources";
import { type DevelopmentIssuer, type Issuer, isLoopback, type Verify } from "./viewer";

export { supergraphOf } from "./compose";
export { EXAMPLES, type Example, examplesAbout } from "./explorer/examples";
export type { LogEntry } from "./front";
export type { Source } from "./sources";
export { configuredIssuer, type DevelopmentIssuer, developmentIssuer, type Issuer, type Verify } from "./viewer";

export interface GatewayOptions {
  readonly sources: readonly Source[];
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Whose tokens are taken. One that can sign is of a development machine, and GraphiQL offers ready-made viewers. */
  readonly issuer: Issuer | DevelopmentIssuer;
  /** The texts of the operations that partner apps may send. */
  readonly trustedDocuments: readonly string[];
  readonly log: (entry: LogEntry) => void;
  /** What GraphiQL opens with; the project's own examples when left out. */
  readonly examples?: readonly Example[];
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

/** Throws COMPOSITION_FAILED, PORT_IN_USE, or NOT_LOOPBACK where the development issuer would serve other machines. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { sources, host, issuer } = options;
  const viewers = "sign" in issuer ? readyViewers(issuer) : undefined;
  if (viewers !== undefined && !isLoopback(host)) throw new Problem("NOT_LOOPBACK", { host });
  const supergraph = supergraphOf(sources);
  const explorer = explorerOf(options.examples ?? EXAMPLES, viewers);
  return serveSupergraph(supergraph, { ...options, explorer, verify: issuer.verify });
}

export interface ServingOptions extends Omit<GatewayOptions, "issuer" | "examples"> {
  readonly verify: Verify | Viewer;
  readonly explorer: Explorer;
}

/** Serves a supergraph over the sources it names. Throws PORT_IN_USE. */
export async function serveSupergraph(supergraph: Supergraph, options: ServingOptions): Promise<Gateway> {
  const { sources, host, port, log, verify, explorer } = options;
  const { supergraphSdl, apiSdl } = supergraph;
  const metrics = new Metrics();

  function onAsked({ source, seconds, fault }: Asked): void {
    metrics.count("gateway_source_asks_total", { source });
    metrics.observe("gateway_source_seconds", seconds, { source });
    if (fault === null) return;
    metrics.count("gateway_source_failures_total", { source });
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
    introspection: true,
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
      watching(log),
    ],
  });
  await server.start();
  try {
    const front = await openFront({
      host,
      port,
      server,
      executor,
      schema: planner.schema,
      sources,
      apiSdl,
      verify,
      trusted: trustedDocumentsOf(options.trustedDocuments),
      explorer,
      metrics,
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
