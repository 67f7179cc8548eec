/** Composes the supergraph out of the sources' parts, and says which of them disagree and on what. */

import { composeServices } from "@apollo/composition";
import { type GraphQLError, lexicographicSortSchema, parse, printSchema } from "graphql";
import { Problem } from "../schema/errors";
import type { Source } from "./sources";

export interface Supergraph {
  /** What the gateway plans by. */
  readonly supergraphSdl: string;
  /** What clients see: described, sorted by name, nothing of federation in it. */
  readonly apiSdl: string;
}

/**
 * The graph that the parts make together; equal parts, in whatever order, give equal text.
 * Throws COMPOSITION_FAILED with every disagreement, each naming the subgraphs and the type or field.
 */
export function supergraphOf(sources: readonly Pick<Source, "name" | "sdl">[]): Supergraph {
  // Apollo wants an address of each; ours are asked by name, wherever they are (sources.ts).
  const services = sources
    .map(({ name, sdl }) => ({ name, url: `part:${name}`, typeDefs: parsed(name, sdl) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const composed = composeServices(services);
  if (composed.errors !== undefined) throw new Problem("COMPOSITION_FAILED", { fault: told(composed.errors) });
  const api = composed.schema.toAPISchema().toGraphQLJSSchema();
  return {
    supergraphSdl: composed.supergraphSdl,
    apiSdl: `${printSchema(lexicographicSortSchema(api))}\n`,
  };
}

function parsed(name: string, sdl: string) {
  try {
    return parse(sdl);
  } catch (fault) {
    throw new Problem("COMPOSITION_FAILED", { fault: `[${name}] ${(fault as GraphQLError).message}` }); // parse throws no other
  }
}

function told(errors: readonly GraphQLError[]): string {
  return errors.map((error) => error.message).join("\n");
}
