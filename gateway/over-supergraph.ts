/**
 * Our gateway over any supergraph, its subgraphs reached over HTTP and nobody asked who they are: for the conformance
 * suites and the benchmarks, which bring graphs of their own. Nothing in the house starts it.
 */

import type { Viewer } from "../schema/access";
import { explorerOf } from "./explorer/page";
import { serveSupergraph } from "./serve";
import { httpSource } from "./sources";

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
}): Promise<Started> {
  const sources = given.subgraphs.map(({ name, url }) => httpSource(name, url));
  const gateway = await serveSupergraph(
    { supergraphSdl: given.supergraphSdl, apiSdl: "" },
    {
      sources,
      host: "127.0.0.1",
      port: given.port,
      verify: NOBODY,
      explorer: explorerOf([], undefined),
      trustedDocuments: [],
      log: () => undefined,
    },
  );
  return { url: `${gateway.url}/graphql`, close: () => gateway.close() };
}
