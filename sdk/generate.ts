/**
 * Writes the SDK's types and methods out of the graph clients see and the operations partners use. Pure: text in, text
 * out; the same input gives the same text. Imports nothing of ours, so that it also serves a partner's own operations.
 */

import { createHash } from "node:crypto";
import {
  buildSchema,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
  typeFromAST,
  validate,
} from "graphql";

/** One file of operations; `name` is told when something in it is wrong. */
export interface OperationFile {
  readonly name: string;
  readonly text: string;
}

interface Operation {
  readonly name: string;
  /** The comment above it in its file, for whoever reads the method. */
  readonly says: string;
  readonly node: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** As it is sent: with the fragments of its file, without comments. */
  readonly document: string;
}

/**
 * The text of `generated.ts`: enums as unions of text, the types of each operation's variables and result, its
 * document and id, and the class of methods that the client is. Operations come in order of name.
 *
 * Throws with every fault, each naming its file: an operation the graph cannot answer, one without a name, two of one.
 */
export function generateSdk(apiSdl: string, operations: readonly OperationFile[]): string {
  const schema = buildSchema(apiSdl);
  const read = readOperations(schema, operations);
  const writer = new Writer(schema);
  const typed = read.map((operation) => writer.operation(operation)).join("\n");
  const named = writer.named(); // after the operations, which are what it is told by
  const all = read.map(({ name }) => `  ${name}Operation,\n`).join("");
  const methods = read.map(methodOf).join("\n\n");
  return `${HEAD}
${named}${typed}
/** Every operation, to be registered as trusted documents. */
export const OPERATIONS: readonly Operation[] = [
${all}];

${METHODS_HEAD}
${methods}
}
`;
}

const HEAD = `/** Generated from schema/api.graphql and sdk/operations by \`npm run generate\`; not edited by hand. */

/** An operation as it is sent. \`id\` is the SHA-256 by which it is registered as a trusted document. */
export interface Operation {
  readonly name: string;
  readonly id: string;
  readonly document: string;
}

/** What kept a part of an answer from being given. */
export interface AnswerError {
  readonly message: string;
  /** Where in the answer the part is missing; null where it is about the whole. */
  readonly path: readonly (string | number)[] | null;
  /** Never changes; docs/errors.md lists them all. */
  readonly code: string;
  /** What you can do about it. */
  readonly remedy: string | null;
  /** The part of the record that reported it, such as \`screening\`. */
  readonly source: string | null;
  /** To quote when you report it. */
  readonly traceId: string | null;
}

/**
 * An answer may be partial: a part of the record that cannot be asked costs its own fields, which are null, and an
 * error says which. Null without an error at its place means that nothing is recorded.
 */
export interface Answer<Result> {
  readonly data: Result;
  /** Empty for a whole answer. */
  readonly errors: readonly AnswerError[];
}

/** One event of a subscription. Keep its cursor: given as \`after\` it goes on behind this event. */
export interface Told<Result> extends Answer<Result> {
  readonly cursor: string;
}

export interface ListenOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}
`;

const METHODS_HEAD = `/** One method an operation. */
export abstract class Operations {
  protected abstract ask<Result>(operation: Operation, variables: object): Promise<Answer<Result>>;
  protected abstract listen<Result>(
    operation: Operation,
    variables: object,
    options: ListenOptions,
  ): AsyncGenerator<Told<Result>, void>;
`;

function readOperations(schema: GraphQLSchema, files: readonly OperationFile[]): readonly Operation[] {
  const faults: string[] = [];
  const read = new Map<string, Operation>();
  for (const file of files) {
    const document = parse(file.text);
    for (const error of validate(schema, document)) faults.push(`${file.name}: ${error.message}`);
    const fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
    for (const node of document.definitions) {
      if (node.kind !== Kind.OPERATION_DEFINITION) continue;
      const name = node.name?.value;
      if (name === undefined) faults.push(`${file.name}: an operation has no name.`);
      else if (read.has(name)) faults.push(`${file.name}: ${name} is an operation of another file too.`);
      else {
        const used = [node, ...fragmentsOf(node.selectionSet, fragments)];
        read.set(name, {
          name,
          says: commentAbove(file.text, node),
          node,
          fragments,
          document: used.map((each) => print(each)).join("\n\n"),
        });
      }
    }
  }
  if (faults.length > 0) throw new Error(`The SDK's operations do not fit the graph.\n${faults.join("\n")}`);
  return [...read.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The fragments a selection spreads, directly or not, in order of name. */
function fragmentsOf(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly FragmentDefinitionNode[] {
  const found = new Map<string, FragmentDefinitionNode>();
  const pending = [set];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const selection of next.selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet) pending.push(selection.selectionSet);
        continue;
      }
      const fragment = fragments.get(selection.name.value);
      if (fragment === undefined || found.has(selection.name.value)) continue;
      found.set(selection.name.value, fragment);
      pending.push(fragment.selectionSet);
    }
  }
  return [...found.values()].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
}

function commentAbove(text: string, node: OperationDefinitionNode): string {
  const before = text.slice(0, node.loc?.start ?? 0).trimEnd();
  const lines: string[] = [];
  for (const line of before.split("\n").reverse()) {
    if (!line.startsWith("#")) break;
    lines.unshift(line.replace(/^#+ ?/, ""));
  }
  return lines.join(" ").trim();
}

/** TypeScript of each scalar; one not listed is `unknown`, so that nobody relies on a form we did not promise. */
const SCALARS: Readonly<Record<string, string>> = {
  ID: "string",
  String: "string",
  Boolean: "boolean",
  Int: "number",
  Float: "number",
  Date: "string",
  Instant: "string",
  NhsNumber: "string",
  OdsCode: "string",
  Quarter: "string",
};

interface Property {
  readonly name: string;
  readonly says: string;
  readonly type: string;
  readonly optional: boolean;
}

/** One response name of an object, with every place that selects it. */
interface Selected {
  readonly field: string;
  readonly nodes: FieldNode[];
  /** Whether at least one place selects it whatever the variables say. */
  always: boolean;
}

class Writer {
  private readonly schema: GraphQLSchema;
  private readonly enums = new Map<string, GraphQLEnumType>();
  private readonly inputs = new Map<string, GraphQLInputObjectType>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  operation(operation: Operation): string {
    const { name, node } = operation;
    const variables = (node.variableDefinitions ?? []).map((each): Property => {
      const type = typeFromAST(this.schema, each.type);
      const required = type !== undefined && isNonNullType(type) && each.defaultValue === undefined;
      return {
        name: each.variable.name.value,
        says: "",
        type: type === undefined ? "unknown" : this.inputType(type),
        optional: !required,
      };
    });
    const root = this.schema.getRootType(node.operation);
    const result = root ? this.selection(root, [node.selectionSet], operation, "") : "unknown";
    const id = createHash("sha256").update(stripIgnoredCharacters(operation.document)).digest("hex");
    return `${written(`Variables of ${name}.`, "")}export interface ${name}Variables ${block(variables, "")}

${written(operation.says, "")}export type ${name}Result = ${result};

export const ${name}Operation: Operation = {
  name: ${JSON.stringify(name)},
  id: ${JSON.stringify(id)},
  document: \`${operation.document.replace(/[\\`$]/g, "\\$&")}\`,
};
`;
  }

  /** The enums and inputs that the operations came across, in order of name. */
  named(): string {
    const texts: string[] = [];
    for (const input of this.reached()) {
      const properties = Object.values(input.getFields()).map(
        (field): Property => ({
          name: field.name,
          says: field.description ?? "",
          type: this.inputType(field.type),
          optional: !isNonNullType(field.type) || field.defaultValue !== undefined,
        }),
      );
      texts.push(`${written(input.description ?? "", "")}export interface ${input.name} ${block(properties, "")}\n`);
    }
    for (const [name, type] of sorted(this.enums)) {
      const values = type.getValues().map((value) => `\n  | ${JSON.stringify(value.name)}`);
      texts.push(`${written(type.description ?? "", "")}export type ${name} =${values.join("")};\n`);
    }
    return texts.map((text) => `${text}\n`).join("");
  }

  /** Inputs met so far and those within them: writing a field's type may meet another. */
  private reached(): readonly GraphQLInputObjectType[] {
    const visited = new Map<string, GraphQLInputObjectType>();
    for (;;) {
      const next = [...this.inputs].find(([name]) => !visited.has(name));
      if (next === undefined) return sorted(visited).map(([, type]) => type);
      visited.set(...next);
      for (const field of Object.values(next[1].getFields())) this.inputType(field.type);
    }
  }

  private inputType(type: GraphQLType): string {
    if (isNonNullType(type)) return this.bareInputType(type.ofType);
    return `${this.bareInputType(type)} | null`;
  }

  private bareInputType(type: GraphQLType): string {
    if (isListType(type)) return `readonly (${this.inputType(type.ofType)})[]`.replace(/\((\w+)\)/, "$1");
    const named = getNamedType(type);
    if (isInputObjectType(named)) this.inputs.set(named.name, named);
    return isInputObjectType(named) ? named.name : this.leaf(named.name);
  }

  private leaf(name: string): string {
    const type = this.schema.getType(name);
    if (!isEnumType(type)) return SCALARS[name] ?? "unknown";
    this.enums.set(name, type);
    return name;
  }

  private outputType(
    type: GraphQLOutputType,
    sets: readonly SelectionSetNode[],
    of: Operation,
    indent: string,
  ): string {
    if (!isNonNullType(type)) return `${this.bareOutputType(type, sets, of, indent)} | null`;
    return this.bareOutputType(type.ofType, sets, of, indent);
  }

  private bareOutputType(
    type: GraphQLOutputType,
    sets: readonly SelectionSetNode[],
    of: Operation,
    indent: string,
  ): string {
    if (isListType(type)) {
      const entry = this.outputType(type.ofType, sets, of, indent);
      return entry.includes("|") ? `readonly (${entry})[]` : `readonly ${entry}[]`;
    }
    const named = getNamedType(type);
    return isCompositeType(named) ? this.selection(named, sets, of, indent) : this.leaf(named.name);
  }

  /** What a selection answers: an object, or for an interface or union one of an object for each type it may be. */
  private selection(
    type: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
    of: Operation,
    indent: string,
  ): string {
    const possible = isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type];
    const objects = possible.map((each) => this.object(each, sets, of, indent));
    return [...new Set(objects)].join(" | ");
  }

  private object(type: GraphQLObjectType, sets: readonly SelectionSetNode[], of: Operation, indent: string): string {
    const selected = new Map<string, Selected>();
    for (const set of sets) this.collect(type, set, of, selected, true);
    const properties = [...selected].map(([name, { field, nodes, always }]): Property => {
      if (field === "__typename") return { name, says: "", type: JSON.stringify(type.name), optional: !always };
      const definition = type.getFields()[field];
      const inner = nodes.flatMap((node) => node.selectionSet ?? []);
      const written = definition ? this.outputType(definition.type, inner, of, `${indent}  `) : "unknown";
      return { name, says: definition?.description ?? "", type: written, optional: !always };
    });
    return block(properties, indent);
  }

  private collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    of: Operation,
    selected: Map<string, Selected>,
    always: boolean,
  ): void {
    for (const selection of set.selections) {
      const sure =
        always && !selection.directives?.some(({ name }) => name.value === "skip" || name.value === "include");
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const known = selected.get(name) ?? { field: selection.name.value, nodes: [], always: false };
        known.nodes.push(selection);
        known.always ||= sure;
        selected.set(name, known);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? of.fragments.get(selection.name.value) : selection;
      const condition = fragment?.typeCondition?.name.value;
      if (fragment && (condition === undefined || this.applies(condition, type)))
        this.collect(type, fragment.selectionSet, of, selected, sure);
    }
  }

  private applies(condition: string, type: GraphQLObjectType): boolean {
    const named = this.schema.getType(condition);
    return named === type || (isAbstractType(named) && this.schema.isSubType(named, type));
  }
}

function methodOf({ name, says, node }: Operation): string {
  const definitions = node.variableDefinitions ?? [];
  const optional = definitions.every(
    (each) => each.type.kind !== Kind.NON_NULL_TYPE || each.defaultValue !== undefined,
  );
  const method = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  if (node.operation === "subscription") {
    return `${written(says, "  ")}  ${method}(variables: ${name}Variables${optional ? " = {}" : ""}, options: ListenOptions = {}): AsyncGenerator<Told<${name}Result>, void> {
    return this.listen<${name}Result>(${name}Operation, variables, options);
  }`;
  }
  return `${written(says, "  ")}  ${method}(variables: ${name}Variables${optional ? " = {}" : ""}): Promise<Answer<${name}Result>> {
    return this.ask<${name}Result>(${name}Operation, variables);
  }`;
}

function block(properties: readonly Property[], indent: string): string {
  if (properties.length === 0) return "{}";
  const lines = properties.map(
    ({ name, says, type, optional }) =>
      `${written(says, `${indent}  `)}${indent}  readonly ${name}${optional ? "?" : ""}: ${type};`,
  );
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function written(says: string, indent: string): string {
  const text = says.replace(/\s+/g, " ").replaceAll("*/", "*\\/").trim();
  return text === "" ? "" : `${indent}/** ${text} */\n`;
}

function sorted<Value>(values: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1));
}
