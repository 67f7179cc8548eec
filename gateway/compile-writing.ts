/**
 * The second half of a compiled operation: how its answer is written. Each type and selection becomes a function from
 * a value to JSON text, its keys written out; and where a source wrote just that text already, it is put in as it is.
 */

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import { isOfType, nameOfJson, quoted, read, Uncovered } from "./code";
import type { Fetch, Steps } from "./compile-fetching";
import { INTROSPECTION } from "./plan";
import type { Ends } from "./sources";

/** Fields of one function that one fetch may have answered in their own text. */
interface Splice {
  readonly k: number;
  readonly from: number;
  readonly length: number;
}

/** What a source is asked of the entities of one type, or at the root; null where it is asked of several types. */
function toldSelection(operation: string, typeName: string): SelectionSetNode | null {
  const [definition] = parse(operation, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return null;
  const [root] = definition.selectionSet.selections;
  if (root?.kind !== Kind.FIELD || root.name.value !== "_entities") return definition.selectionSet;
  const [only, ...others] = root.selectionSet?.selections ?? [];
  if (only?.kind !== Kind.INLINE_FRAGMENT || others.length > 0) return null;
  return only.typeCondition?.name.value === typeName ? only.selectionSet : null;
}

function nameOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function enumLength(schema: GraphQLSchema, name: string): number {
  const type = schema.getType(name);
  return isEnumType(type) ? type.getValues().length : 0;
}

/** One function for each type and selection of the answer, made once however often it is met. */
export class Writers {
  readonly functions: string[] = [];
  /** The fields we answer ourselves. */
  readonly introspected: FieldNode[] = [];
  private readonly schema: GraphQLSchema;
  private readonly supergraph: GraphQLSchema;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly made = new Map<string, string>();
  private readonly numbers = new Map<SelectionSetNode, number>();
  private readonly enums = new Set<string>();
  private readonly rootType: GraphQLObjectType;
  private readonly whole: readonly SelectionSetNode[];
  /** Type and selection → what may be put into it as a source wrote it. */
  private readonly splices = new Map<string, Splice[]>();

  constructor(
    schema: GraphQLSchema,
    supergraph: GraphQLSchema,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    root: GraphQLObjectType,
    set: SelectionSetNode,
  ) {
    this.schema = schema;
    this.supergraph = supergraph;
    this.fragments = fragments;
    this.rootType = root;
    this.whole = [set];
  }

  /** The name of the function that writes a value of a composite type. */
  private writer(type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): string {
    return isObjectType(type) ? this.objectWriter(type, sets) : this.openWriter(type, sets);
  }

  /** The name of the function that writes the whole of an answer; it alone is handed the run. */
  root(): string {
    return this.objectWriter(this.rootType, this.whole);
  }

  /**
   * Whether what a fetch answers about the one entity at its path is, letter for letter, what the client is to read
   * there; if so, how such an answer begins and ends. Then it is neither parsed nor written again, which spares the
   * record of one child 25 to 30 % (two rounds on a busy machine, four sources over HTTP). Not where a source may tell more of a type than clients may know of it.
   */
  splice(k: number, fetch: Fetch, { askings }: Steps): Ends | null {
    const asking = askings[fetch.asking];
    const place = fetch.path.includes("@") ? null : this.placeOf(fetch.path);
    if (asking === undefined || asking.shared || place === null) return null;
    const told = toldSelection(asking.operation, place.type.name);
    if (told === null) return null;
    const wanted = this.collected(place.type, place.sets);
    const names = told.selections.map((each) => (each.kind === Kind.FIELD ? nameOf(each) : ""));
    const [first = ""] = names;
    const from = [...wanted.keys()].indexOf(first);
    const part = new Map([...wanted].slice(from, from + names.length));
    if (from < 0 || !this.isAlike(part, place.type, told)) return null;
    const key = this.key(place.type.name, place.sets);
    this.splices.set(key, [...(this.splices.get(key) ?? []), { k, from, length: names.length }]);
    const opening = nameOfJson(first);
    return fetch.path.length === 0
      ? { head: `{"data":{${opening}`, tail: "}}" }
      : { head: `{"data":{"_entities":[{${opening}`, tail: "}]}}" };
  }

  /** The type and the selections of the one value at a path; null where the client's operation has a list or an open type on the way. */
  private placeOf(
    path: readonly string[],
  ): { readonly type: GraphQLObjectType; readonly sets: readonly SelectionSetNode[] } | null {
    let [type, sets] = [this.rootType, this.whole];
    for (const part of path) {
      const nodes = this.collected(type, sets).get(part);
      const next = nodes && this.typeOf(type, nodes);
      const inner = isNonNullType(next) ? next.ofType : next;
      if (nodes === undefined || !isObjectType(inner)) return null;
      [type, sets] = [inner, nodes.flatMap((each) => each.selectionSet ?? [])];
    }
    return { type, sets };
  }

  /** Whether a source was asked just what the client asks, in the same order and under the same names. */
  private isAlike(
    wanted: ReadonlyMap<string, readonly FieldNode[]>,
    type: GraphQLObjectType,
    told: SelectionSetNode,
  ): boolean {
    if (wanted.size !== told.selections.length) return false;
    const fields = [...wanted];
    return told.selections.every((each, at) => {
      const [name, nodes] = fields[at] ?? ["", []];
      if (each.kind !== Kind.FIELD || nameOf(each) !== name || each.name.value !== nodes[0]?.name.value) return false;
      if (each.name.value === "__typename") return true;
      const named = getNamedType(this.typeOf(type, nodes));
      if (isEnumType(named)) return named.getValues().length === enumLength(this.supergraph, named.name);
      if (isScalarType(named)) return true;
      const sets = nodes.flatMap((node) => node.selectionSet ?? []);
      return (
        isObjectType(named) &&
        each.selectionSet !== undefined &&
        this.isAlike(this.collected(named, sets), named, each.selectionSet)
      );
    });
  }

  private collected(
    type: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
  ): ReadonlyMap<string, readonly FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    for (const set of sets) this.collect(set, type, fields);
    return fields;
  }

  private typeOf(type: GraphQLCompositeType, [node]: readonly FieldNode[]): GraphQLOutputType | undefined {
    return "getFields" in type ? type.getFields()[node?.name.value ?? ""]?.type : undefined;
  }

  private objectWriter(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): string {
    return this.once(type.name, sets, (name) => this.body(name, type, sets));
  }

  /** Interfaces and unions: the value says what it is. */
  private openWriter(
    type: Exclude<GraphQLCompositeType, GraphQLObjectType>,
    sets: readonly SelectionSetNode[],
  ): string {
    return this.once(type.name, sets, (name) => {
      const cases = this.schema
        .getPossibleTypes(type)
        .map((each) => `    case ${quoted(each.name)}: return ${this.objectWriter(each, sets)}(o);\n`);
      // A value whose true type was not answered: what is asked of every value of the type can still be told.
      const half = isInterfaceType(type) ? this.schema.getImplementations(type).interfaces : [];
      const unknown = [type, ...half].map((each) => `    case ${quoted(each.name)}:\n`).join("");
      const common = this.once(`any_${type.name}`, sets, (inner) => this.body(inner, type, sets));
      return `function ${name}(o) {\n  switch (o.__typename) {\n${cases.join("")}${unknown}    case undefined: return ${common}(o);\n    default: throw HOLE;\n  }\n}\n`;
    });
  }

  private body(name: string, type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): string {
    const written = [...this.collected(type, sets)].map(([responseName, nodes], at) => ({
      key: quoted((at === 0 ? "{" : ",") + nameOfJson(responseName)),
      value: this.field(type, responseName, nodes, sets === this.whole),
    }));
    const parts: string[] = [];
    const splices = this.splices.get(this.key(type.name, sets)) ?? [];
    for (let at = 0; at < written.length; at++) {
      const splice = splices.find(({ from }) => from === at);
      const [{ key, value }, ...others] = written.slice(at, at + (splice?.length ?? 1)) as [
        (typeof written)[0],
        ...typeof written,
      ]; // `at` is within
      const more = others.map((each) => ` + ${each.key} + ${each.value}`).join("");
      // The text that is put in begins after its first key, for by its key an answer is known to be fit for it.
      if (splice === undefined) parts.push(`${key} + ${value}`);
      else parts.push(`${key} + (o.$${splice.k} ?? ${value}${more})`);
      at += others.length;
    }
    const text = parts.length === 0 ? quoted("{}") : `${parts.join("\n    + ")}\n    + '}'`;
    return `function ${name}(${sets === this.whole ? "o, run" : "o"}) {\n  return ${text};\n}\n`;
  }

  /** The fields that a value of a type is asked for, in the order of the answer; GraphQL's CollectFields, conditions being decided. */
  private collect(set: SelectionSetNode, type: GraphQLCompositeType, fields: Map<string, FieldNode[]>): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const responseName = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(responseName);
        if (nodes === undefined) fields.set(responseName, [selection]);
        else if (!nodes.includes(selection)) nodes.push(selection);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value;
      if (fragment && (condition === undefined || isOfType(this.schema, type.name, condition)))
        this.collect(fragment.selectionSet, type, fields);
    }
  }

  private field(
    type: GraphQLCompositeType,
    responseName: string,
    nodes: readonly FieldNode[],
    atRoot: boolean,
  ): string {
    const [node] = nodes;
    if (node === undefined) throw new Uncovered("A field is asked for by nothing.");
    if (node.name.value === "__typename")
      return isObjectType(type) ? quoted(JSON.stringify(type.name)) : `string(null)`;
    if (INTROSPECTION.has(node.name.value)) {
      if (!atRoot) throw new Uncovered("The schema is asked for below the root.");
      this.introspected.push(node);
      return `run.introspect(introspected[${this.introspected.length - 1}])`;
    }
    const definition = "getFields" in type ? type.getFields()[node.name.value] : undefined;
    if (definition === undefined) throw new Uncovered(`${type.name} has no field ${node.name.value}.`);
    const sets = nodes.flatMap((each) => each.selectionSet ?? []);
    return this.value(definition.type, read("o", responseName), sets);
  }

  /** The expression that writes a value of a type. */
  private value(type: GraphQLOutputType, held: string, sets: readonly SelectionSetNode[]): string {
    if (isScalarType(type) && TEXTS.has(SCALARS[type.name] ?? "any"))
      return `textOrNull(${held}, ${this.function(type, sets)})`;
    if (!isNonNullType(type)) return `orNull(${held}, ${this.function(type, sets)})`;
    return this.call(type.ofType, held, sets);
  }

  private call(
    type: Exclude<GraphQLOutputType, { ofType: GraphQLOutputType }> | GraphQLOutputType,
    held: string,
    sets: readonly SelectionSetNode[],
  ): string {
    if (isListType(type)) {
      const entry = type.ofType as GraphQLOutputType; // of an output type
      return isNonNullType(entry)
        ? `list(${held}, ${this.function(entry.ofType, sets)})`
        : `listOrNulls(${held}, ${this.function(entry, sets)})`;
    }
    if (isScalarType(type)) return `${SCALARS[type.name] ?? "any"}(${held})`;
    if (isEnumType(type)) return `named(${held}, ${this.enumTable(type.name)})`;
    if (isNonNullType(type)) return this.call(type.ofType as GraphQLOutputType, held, sets); // of an output type
    return `object(${held}, ${this.writer(type, sets)})`;
  }

  /** A function that writes a value which is there. */
  private function(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): string {
    if (isScalarType(type)) return SCALARS[type.name] ?? "any";
    if (isListType(type) || isEnumType(type)) return `(v) => ${this.call(type, "v", sets)}`;
    if (isNonNullType(type)) return this.function(type.ofType as GraphQLOutputType, sets); // of an output type
    return this.writer(type, sets);
  }

  private enumTable(name: string): string {
    const table = `${name}_names`;
    const type = this.schema.getType(name);
    if (isEnumType(type) && !this.enums.has(name)) {
      this.enums.add(name);
      const entries = type.getValues().map((each) => `${each.name}: ${quoted(JSON.stringify(each.name))}`);
      this.functions.push(`const ${table} = { __proto__: null, ${entries.join(", ")} };\n`);
    }
    return table;
  }

  private key(type: string, sets: readonly SelectionSetNode[]): string {
    return `${type} ${sets.map((set) => this.number(set)).join(" ")}`;
  }

  private once(type: string, sets: readonly SelectionSetNode[], make: (name: string) => string): string {
    const key = this.key(type, sets);
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const name = `${type}_${this.made.size}`;
    this.made.set(key, name);
    this.functions.push(make(name));
    return name;
  }

  private number(set: SelectionSetNode): number {
    const number = this.numbers.get(set) ?? this.numbers.size;
    this.numbers.set(set, number);
    return number;
  }
}

/** Those of the functions below that write text as it is. */
const TEXTS: ReadonlySet<string> = new Set(["string", "id", "any"]);

const SCALARS: Readonly<Record<string, string>> = {
  String: "string",
  ID: "id",
  Int: "int",
  Float: "float",
  Boolean: "boolean",
};
