/**
 * The operations a subgraph was asked: each text is parsed and validated once, and compiled once for each decision of
 * its conditions. Both ways of answering begin here; which one it was, an answer tells.
 */

import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLError,
  getOperationAST,
  getVariableValues,
  Kind,
  locatedError,
  type OperationDefinitionNode,
  parse,
  print,
  validate,
  visit,
} from "graphql";
import { Answering, Uncovered } from "./answering";
import { type Compiled, compile, type Graph } from "./compile";
import type { Guard } from "./guard";

/** An answer, and why it was GraphQL's own execution that made it, where it was. */
export interface Answered extends ExecutionResult {
  readonly uncompiled?: string;
}

export interface Question {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

interface Operation {
  readonly document: DocumentNode;
  /** Null where none, or more than one, is of the name asked for. */
  readonly operation: OperationDefinitionNode | null;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The variables that decide which fields are asked for. */
  readonly conditions: readonly string[];
  readonly plain: ReadonlyMap<string, Plain> | null;
  /** One for each decision; or why there is none. */
  readonly functions: Map<string, Compiled | string>;
}

const OPERATIONS_KEPT = 500;
const DECISIONS_KEPT = 64;

export class Operations {
  private readonly graph: Graph;
  private readonly kept = new Map<string, Operation>();
  private readonly compiles: boolean;

  /** `compiles` false: everything is answered by GraphQL's own execution, to be compared with. */
  constructor(graph: Graph, compiles = true) {
    this.graph = graph;
    this.compiles = compiles;
  }

  /** Answers a question in a context made for it. */
  async answer(question: Question, context: { readonly guard: Guard }): Promise<Answered> {
    const prepared = this.prepared(question);
    if ("errors" in prepared) return prepared;
    const { schema } = this.graph;
    const { document, operation } = prepared;
    const { operationName, variables } = question;
    const byGraphql = async (uncompiled: string): Promise<Answered> => ({
      ...(await execute({ schema, document, contextValue: context, operationName, variableValues: variables })),
      uncompiled,
    });
    if (operation === null || !this.compiles) return byGraphql("It is not to be compiled.");
    const { coerced, errors } = isPlain(prepared.plain, variables ?? {})
      ? { coerced: variables ?? {}, errors: undefined }
      : getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 50 });
    if (errors !== undefined) return { errors };
    const compiled = this.compiled(prepared, operation, coerced);
    if (typeof compiled === "string") return byGraphql(compiled);
    const run = new Answering(compiled, context, coerced);
    try {
      const data = await compiled.answer(run);
      return run.errors.length === 0 ? { data } : { data, errors: run.errors };
    } catch (fault) {
      if (fault instanceof Uncovered) return byGraphql(fault.message);
      return { data: null, errors: [...run.errors, locatedError(fault, undefined)] };
    }
  }

  private prepared({ query, operationName }: Question): Operation | { readonly errors: readonly GraphQLError[] } {
    const key = operationName ? `${operationName}\n${query}` : query;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (fault) {
      return { errors: [fault as GraphQLError] }; // parse throws nothing else
    }
    const errors = validate(this.graph.schema, document);
    if (errors.length > 0) return { errors };
    const fragments = document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    );
    const operation = getOperationAST(document, operationName) ?? null;
    const prepared: Operation = {
      document,
      operation,
      plain: operation === null ? null : plainOf(operation),
      fragments: new Map(fragments),
      conditions: conditionsOf(document),
      functions: new Map(),
    };
    if (this.kept.size >= OPERATIONS_KEPT) this.kept.delete(this.kept.keys().next().value ?? "");
    this.kept.set(key, prepared);
    return prepared;
  }

  private compiled(
    { conditions, functions, fragments }: Operation,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): Compiled | string {
    let decision = "";
    for (const name of conditions) decision += variables[name] === true ? "1" : "0";
    let made = functions.get(decision);
    if (made !== undefined) return made;
    try {
      made = compile(this.graph, operation, fragments, variables);
    } catch (fault) {
      if (!(fault instanceof Uncovered)) throw fault;
      made = fault.message;
    }
    if (functions.size >= DECISIONS_KEPT) functions.delete(functions.keys().next().value ?? "");
    functions.set(decision, made);
    return made;
  }
}

type Plain = "TEXT" | "ENTITIES";

/** The variables of an operation where all are texts or entities; null where one is of another kind. */
function plainOf({ variableDefinitions = [] }: OperationDefinitionNode): ReadonlyMap<string, Plain> | null {
  const kinds = variableDefinitions.map(({ variable, type }): readonly [string, Plain | null] => {
    const written = print(type.kind === Kind.NON_NULL_TYPE ? type.type : type);
    const kind = written === "ID" || written === "String" ? "TEXT" : written === "[_Any!]" ? "ENTITIES" : null;
    return [variable.name.value, kind];
  });
  return kinds.every((each): each is readonly [string, Plain] => each[1] !== null) ? new Map(kinds) : null;
}

/**
 * Whether a question brings entities and texts and nothing else, as nearly all of the gateway's do: there is nothing to
 * coerce about them, and to find that out costs GraphQL as much as it costs the guard to decide (6 % of a small fetch).
 */
function isPlain(plain: ReadonlyMap<string, Plain> | null, variables: Readonly<Record<string, unknown>>): boolean {
  if (plain === null) return false;
  for (const [name, kind] of plain) {
    const value = variables[name];
    if (kind === "TEXT" ? typeof value !== "string" : !Array.isArray(value) || value.some((each) => !each))
      return false;
  }
  return true;
}

function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== "skip" && name.value !== "include") return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
