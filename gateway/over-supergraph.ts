/**
 * Our gateway over any supergraph, its subgraphs reached over HTTP and nobody asked who they are: for the conformance
 * suites and the benchmarks, which bring graphs of their own. Nothing in the house starts it.
 */

import { Reach, type ReachOptions } from "../chassis/reach";
import type { Viewer } from "../schema/access";
import { explorerOf } from "./explorer/page";
import type { Protocol } from "./front";
import { serveSupergraph } from "./serve";
import { isQuery, type Source } from "./sources";

const NOBODY: Viewer = {
  subject: "nobody",
  name: "Nobody",
  role: "ANALYST",
  organisation: null,
  localities: [],
  scopes: [],
};

export interface Started {
  /** Where the graph is asked. */
  readonly url: string;
  close(): Promise<void>;
}

/** `suite` is taken for the sake of those who call with it. */
export async function start(given: {
  readonly supergraphSdl: string;
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  readonly suite?: string;
  readonly port: number;
  /** STRICT, as the house is served, when left out. */
  readonly protocol?: Protocol;
  readonly introspection?: boolean;
  /** For one question to one subgraph; ten seconds when left out. */
  readonly timeoutMilliseconds?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}): Promise<Started> {
  const { protocol = "STRICT", introspection = true, timeoutMilliseconds, now } = given;
  const sources = given.subgraphs.map(({ name, url }) => httpSource(name, { url, timeoutMilliseconds, now }));
  const gateway = await serveSupergraph(
    { supergraphSdl: given.supergraphSdl, apiSdl: "" },
    {
      sources,
      host: "127.0.0.1",
      port: given.port,
      verify: NOBODY,
      explorer: explorerOf([], undefined),
      trustedDocuments: [],
      requestsPerMinute: 0,
      showsPlans: true,
      protocol,
      introspection,
      log: () => undefined,
    },
  );
  return {
    url: `${gateway.url}/graphql`,
    async close() {
      await gateway.close();
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

/** A source that is asked over HTTP, and nothing else is known of: any federated subgraph. */
function httpSource(name: string, options: ReachOptions): Source & { close(): Promise<void> } {
  const { pathname, search } = new URL(options.url);
  const path = pathname + search;
  const reach = new Reach(options);
  const post: Source["post"] = async (body, { trace = NO_HEADERS }, repeatable) =>
    (await reach.post(path, trace, body, repeatable)).body;
  return {
    name,
    sdl: "",
    reach,
    post,
    ask: async ({ query, variables, viewer, requestId }) => {
      const body = JSON.stringify({ query, variables });
      return JSON.parse((await post(body, { viewer, traceId: requestId }, isQuery(query))).toString());
    },
    ready: async () => void (await reach.post(path, NO_HEADERS, '{"query":"{__typename}"}', true)),
    close: () => reach.close(),
  };
}

const NO_HEADERS = {};
