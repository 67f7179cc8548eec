/**
 * Plan → one generated function: fetch, merge, and write the answer as JSON text.
 *
 * What is decided once for an operation is written into code, what differs from request to request is left to it: which
 * source is asked what and in what order, where the entities stand that it is asked about, what identifies them, and
 * how each type of the answer is written. For `{ child(nhsNumber: $n) { name hearing } }` over two sources it reads:
 *
 *     // Asks people: query($n:NhsNumber!){child(nhsNumber:$n){__typename id name}}
 *     async function fetch0(run) {
 *       merge(run.data, await run.ask(0, variables(run.variables, ["n"])));
 *     }
 *
 *     // Asks screening of each child: query($representations:[_Any!]!){_entities(…){... on Child{hearing}}}
 *     async function fetch1(run) {
 *       const batch = new Batch();
 *       const a = run.data.child;
 *       if (a != null) batch.add(a, key1(a));
 *       await run.askOf(1, batch, …);
 *     }
 *
 *     function Child_1(o) {
 *       return '{"name":' + string(o.name) + ',"hearing":' + orNull(o.hearing, Hearing) + "}";
 *     }
 *
 * `compile` answers the function together with this text of it.
 */

import type { PlanNode } from "@apollo/query-planner";
import { type FieldNode, type GraphQLSchema, isInterfaceType } from "graphql";
import { isOfType, Uncovered } from "./code";
import { type Asking, type Fetch, mergesInto, Steps } from "./compile-fetching";
import { Writers } from "./compile-writing";
import { Batch, type Entity, merge, represent, rewrite, variables } from "./entities";
import * as json from "./json";
import type { Planned } from "./plan";
import type { Ends } from "./sources";

/** What a compiled operation does its work with: one request (execute.ts). */
export interface Run {
  readonly data: Entity;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Data of a fetch at the root; null where there was none, and the error is kept. */
  ask(fetch: number, variables: string): Promise<Entity | null>;
  /** The entities of a batch in its order; null as above. */
  askOf(fetch: number, batch: Batch, variables: string): Promise<readonly (Entity | null)[] | null>;
  introspect(field: FieldNode): string;
}

export interface Compiled {
  readonly askings: readonly Asking[];
  readonly fetches: readonly Fetch[];
  /** Those into whose answers nothing is merged, which may therefore be held in several places at once. */
  readonly final: readonly boolean[];
  /** For each fetch, how its answer begins and ends where its middle is the client's answer already; else null. */
  readonly ends: readonly (Ends | null)[];
  /** Asks everything there is to ask; what was answered is then in `run.data`. */
  gather(run: Run): Promise<unknown>;
  /** The answer's `data` as text. Synchronous: to be called within `written`. */
  write(run: Run): string;
  /** The code, to be read. */
  readonly text: string;
}

const LONGEST = 2_000_000;

/** Throws `Uncovered` for a plan with conditions, deferred parts or subscriptions, and for one beyond all measure. */
export function compile(planned: Planned, schema: GraphQLSchema, supergraph: GraphQLSchema): Compiled {
  const steps = new Steps(supergraph);
  const gather = planned.plan.node === undefined ? "" : steps.whole(planned.plan.node as PlanNode); // subscriptions were refused
  const root = schema.getRootType(planned.operation.operation);
  if (!root) throw new Uncovered(`The schema has no ${planned.operation.operation}.`);
  const writers = new Writers(schema, supergraph, planned.fragments, root, planned.operation.selectionSet);
  const final = steps.fetches.map((each, k) => !steps.fetches.some((other, j) => j !== k && mergesInto(other, each)));
  const ends = steps.fetches.map((fetch, k) => (final[k] ? writers.splice(k, fetch, steps) : null));
  const answer = writers.root();
  const { operation, name } = planned.operation;
  const text = [
    `// ${operation} ${name?.value ?? "without a name"}: ${steps.fetches.length} fetches\n`,
    ...steps.functions,
    ...writers.functions,
    "return {",
    `  gather: async (run) => {${gather === "" ? "" : ` await ${gather}; `}},`,
    `  write: (run) => ${answer}(run.data, run),`,
    "};\n",
  ].join("\n");
  if (text.length > LONGEST) throw new Uncovered(`Its code has ${text.length} characters.`);
  const tools = {
    ...json,
    Batch,
    merge,
    represent,
    rewrite,
    variables,
    own,
    isInterface: (typeName: unknown) => typeof typeName === "string" && isInterfaceType(supergraph.getType(typeName)),
    isOfType: (typeName: string, condition: string) => isOfType(supergraph, typeName, condition),
    requires: steps.requires,
    inputRewrites: steps.inputRewrites,
    outputRewrites: steps.outputRewrites,
    introspected: writers.introspected,
  };
  // Names in the text are of the schema or the operation, which GraphQL keeps to letters, digits and underscores;
  // everything else is written by `quoted`.
  const make = new Function(...Object.keys(tools), `"use strict";\n${text}`);
  const { gather: gathered, write } = make(...Object.values(tools)) as Pick<Compiled, "gather" | "write">; // as returned above
  const { askings, fetches } = steps;
  return { askings, fetches, final, ends, gather: gathered, write, text };
}

/** What every object has by birth must not be taken for what a source answered. */
function own(holder: object, name: string): unknown {
  return Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined; // it has it
}
