/** How an operation would be executed, for developers: Apollo's plan of it, and the function that it is compiled to. */

import { prettyFormatQueryPlan } from "@apollo/query-planner";
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse, validate } from "graphql";
import { Problem } from "../schema/errors";
import { Uncovered } from "./code";
import { compile } from "./compile";
import { withoutValues } from "./faults";
import { LIMITS } from "./limits";
import { conditionsOf, type Planner } from "./plan";

export interface Viewed {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export type PlanView = (viewed: Viewed) => string | Problem;

/** Text to be read; REQUEST_INVALID for what is no operation of the graph. Nothing is executed. */
export function planViewOf(planner: Planner): PlanView {
  return ({ query, operationName, variables = {} }) => {
    try {
      const document = parse(query, { maxTokens: LIMITS.tokens });
      const [fault] = validate(planner.schema, document);
      if (fault !== undefined) throw fault;
      const operation = chosen(document, operationName);
      const conditions = conditionsOf(document, operation).map((name) => `$${name}: ${variables[name] === true}`);
      const planned = planner.plan(document, operation, (name) => variables[name] === true);
      return [
        ...(conditions.length === 0 ? [] : [`# With ${conditions.join(", ")}`, ""]),
        prettyFormatQueryPlan(planned.plan),
        "",
        codeOf(() => compile(planned, planner.schema, planner.supergraph).text),
      ].join("\n");
    } catch (fault) {
      if (fault instanceof Problem) return fault;
      if (fault instanceof GraphQLError) return new Problem("REQUEST_INVALID", { fault: withoutValues(fault.message) });
      throw fault;
    }
  };
}

function chosen(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const [only, ...others] = operations.filter((each) => name === undefined || each.name?.value === name);
  if (only === undefined || others.length > 0)
    throw new Problem("REQUEST_INVALID", { fault: "operationName names none of its operations, or is missing" });
  return only;
}

function codeOf(compiled: () => string): string {
  try {
    return compiled();
  } catch (fault) {
    if (fault instanceof Uncovered) return `// Left to Apollo's own execution: ${fault.message}`;
    throw fault;
  }
}
