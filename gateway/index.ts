/** Starts the gateway over the sources it is handed: composes them, plans and executes over them, and opens the front. */

import { Problem } from "../schema/errors";
import { supergraphOf } from "./compose";
import { EXAMPLES, type Example } from "./explorer/examples";
import { explorerOf } from "./explorer/page";
import { readyViewers } from "./explorer/viewers";
import type { LogEntry } from "./front";
import { type Gateway, type ServingOptions, serveSupergraph } from "./serve";
import type { Source } from "./sources";
import { type DevelopmentIssuer, type Issuer, isLoopback } from "./viewer";

export { supergraphOf } from "./compose";
export { EXAMPLES, type Example, examplesAbout } from "./explorer/examples";
export type { LogEntry } from "./front";
export { start as startOverSupergraph } from "./over-supergraph";
export type { Gateway } from "./serve";
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
  /** How many requests a minute one viewer may send; 0 for no limit. */
  readonly requestsPerMinute: number;
  /** Every process that serves the same; null or left out where there is only this. */
  readonly each?: ServingOptions["each"];
  readonly log: (entry: LogEntry) => void;
  /** What GraphiQL opens with; the project's own examples when left out. */
  readonly examples?: readonly Example[];
  /** How long a source may take; ten seconds when left out. */
  readonly sourceTimeoutMilliseconds?: number;
}

/** Throws COMPOSITION_FAILED, PORT_IN_USE, or NOT_LOOPBACK where the development issuer would serve other machines. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { sources, host, issuer } = options;
  const viewers = "sign" in issuer ? readyViewers(issuer) : undefined;
  if (viewers !== undefined && !isLoopback(host)) throw new Problem("NOT_LOOPBACK", { host });
  const supergraph = supergraphOf(sources);
  const explorer = explorerOf(options.examples ?? EXAMPLES, viewers);
  return serveSupergraph(supergraph, {
    ...options,
    explorer,
    verify: issuer.verify,
    protocol: "STRICT",
    introspection: true,
    showsPlans: viewers !== undefined,
  });
}
