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

import type { FetchNode, PlanNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import { Batch, type Entity, merge, type Rewrite, represent, rewrite, variables } from "./entities";
import * as json from "./json";
import { INTROSPECTION, type Planned } from "./plan";
import type { Ends } from "./sources";

/** One thing that is asked of one source. Equal askings of one plan are one, whatever stands in their variables. */
export interface Asking {
  readonly source: string;
  /** Without a name, so that what is equal is seen to be. */
  readonly operation: string;
  /** Several fetches of the plan ask it: with equal variables they share one call. */
  readonly shared: boolean;
}

/** One fetch of a plan, as its errors need to know it. */
export interface Fetch {
  readonly asking: number;
  /** Where the entities stand; `@` is each entry of a list. Empty for a fetch at the root. */
  readonly path: readonly string[];
  /** The response names it asks for, of its entities or of the root. */
  readonly fields: readonly string[];
  /** The response names that must be known of an entity for it to be asked about. */
  readonly needs: readonly string[];
}

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

/** A plan that has something in it this compiler does not know: it is executed by Apollo. */
export class Uncovered extends Error {}

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
  // everything else is written by JSON.stringify.
  const make = new Function(...Object.keys(tools), `"use strict";\n${text}`);
  const { gather: gathered, write } = make(...Object.values(tools)) as Pick<Compiled, "gather" | "write">; // as returned above
  const { askings, fetches } = steps;
  return { askings, fetches, final, ends, gather: gathered, write, text };
}

/** Whether one fetch may merge into, or read from, what another one answered. */
function mergesInto(one: Fetch, other: Fetch): boolean {
  if (!other.path.every((part, at) => one.path[at] === part)) return false;
  const next = one.path[other.path.length];
  if (next !== undefined) return other.fields.includes(next);
  return [...one.fields, ...one.needs].some((field) => other.fields.includes(field));
}

/** What every object has by birth must not be taken for what a source answered. */
function own(holder: object, name: string): unknown {
  return Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined; // it has it
}

function isOfType(schema: GraphQLSchema, typeName: string, condition: string): boolean {
  if (typeName === condition) return true;
  const [type, abstract] = [schema.getType(typeName), schema.getType(condition)];
  return (isObjectType(type) || isInterfaceType(type)) && isAbstractType(abstract) && schema.isSubType(abstract, type);
}

/** A string of code. In single quotes, for most of them are JSON and full of double ones. */
function q(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A string of JSON. */
const j = (text: string): string => JSON.stringify(text);

/** Reads a response name of an object. */
function read(holder: string, name: string): string {
  return name in Object.prototype ? `own(${holder}, ${q(name)})` : `${holder}.${name}`;
}

// --- Fetching ---------------------------------------------------------------------------------------------------

/** A part of a plan as an expression, a promise. */
interface Part {
  /** The function that collects the entities it begins with, so that parts beginning with the same share them; null for none. */
  readonly about: string | null;
  call(batch: string): string;
}

function begun({ about, call }: Part): string {
  return call(about === null ? "" : `${about}(run)`);
}

class Steps {
  readonly functions: string[] = [];
  readonly askings: { source: string; operation: string; shared: boolean }[] = [];
  readonly fetches: Fetch[] = [];
  readonly requires: (readonly QueryPlanSelectionNode[])[] = [];
  readonly inputRewrites: (readonly Rewrite[])[] = [];
  readonly outputRewrites: (readonly Rewrite[])[] = [];
  private readonly made = new Map<string, string>();
  private readonly supergraph: GraphQLSchema;

  constructor(supergraph: GraphQLSchema) {
    this.supergraph = supergraph;
  }

  /** The expression, a promise, that does the whole of a plan. */
  whole(node: PlanNode): string {
    return begun(this.part(node, []));
  }

  private part(node: PlanNode, path: readonly string[]): Part {
    switch (node.kind) {
      case "Fetch":
        return this.fetch(node, path);
      case "Flatten":
        return this.part(node.node, [...path, ...node.path.map(String)]);
      case "Parallel": {
        const parts = node.nodes.map((each) => this.part(each, path));
        const batches = [...new Set(parts.flatMap(({ about }) => about ?? []))];
        const nameOf = (about: string | null) => (about === null ? "" : `batch${batches.indexOf(about)}`);
        const lines = [
          ...batches.map((about) => `  const ${nameOf(about)} = ${about}(run);`),
          `  return Promise.all([${parts.map((each) => each.call(nameOf(each.about))).join(", ")}]);`,
        ];
        const name = `parallel${this.functions.length}`;
        this.functions.push(`function ${name}(run) {\n${lines.join("\n")}\n}\n`);
        return { about: null, call: () => `${name}(run)` };
      }
      case "Sequence": {
        const parts = node.nodes.map((each) => this.part(each, path));
        const [first, ...later] = parts;
        if (first === undefined) throw new Uncovered("Its plan has an empty sequence.");
        const lines = [first.call("batch"), ...later.map(begun)].map((each) => `  await ${each};\n`);
        const name = `sequence${this.functions.length}`;
        this.functions.push(`async function ${name}(run, batch) {\n${lines.join("")}}\n`);
        return { about: first.about, call: (batch) => `${name}(run, ${batch || "null"})` };
      }
      default:
        throw new Uncovered(`Its plan has a ${node.kind}.`);
    }
  }

  private fetch(node: FetchNode, path: readonly string[]): Part {
    const k = this.fetches.length;
    if (node.contextRewrites !== undefined && node.contextRewrites.length > 0) throw new Uncovered("It has a context.");
    const asking = this.asking(node);
    const needs = (node.requires ?? []).flatMap(namesAt);
    this.fetches.push({ asking, path, fields: fieldsOf(node.operation), needs });
    this.outputRewrites.push(node.outputRewrites ?? []);
    const rewritten = (node.outputRewrites ?? []).length > 0;
    const names = JSON.stringify(node.variableUsages ?? []);
    const operation = oneLine(this.askings[asking]?.operation ?? "");

    if (node.requires === undefined) {
      if (path.length > 0) throw new Uncovered("It asks for other than entities below the root.");
      const lines = [
        `// Asks ${node.serviceName}: ${operation}`,
        `async function fetch${k}(run) {`,
        `  const answer = await run.ask(${k}, variables(run.variables, ${names}));`,
        ...(rewritten ? [`  rewrite(answer, outputRewrites[${k}], isOfType);`] : []),
        "  merge(run.data, answer, isInterface);",
        "}\n",
      ];
      this.functions.push(lines.join("\n"));
      return { about: null, call: () => `fetch${k}(run)` };
    }
    const about = this.collector(path, node);
    const lines = [
      `// Asks ${node.serviceName} of each ${path.filter((part) => part !== "@").join(".")}: ${operation}`,
      `async function fetch${k}(run, batch) {`,
      "  if (batch.isEmpty) return;",
      `  const entities = await run.askOf(${k}, batch, variables(run.variables, ${names}, batch.text));`,
      ...(rewritten ? [`  batch.rewrite(entities, outputRewrites[${k}], isOfType);`] : []),
      "  batch.merge(entities, isInterface);",
      "}\n",
    ];
    this.functions.push(lines.join("\n"));
    return { about, call: (batch) => `fetch${k}(run, ${batch})` };
  }

  /** The function that collects the entities at a path. Fetches about the same entities, by the same key, have the same. */
  private collector(path: readonly string[], node: FetchNode): string {
    const key = this.once(JSON.stringify([node.requires, node.inputRewrites]), "key", (name) => {
      this.requires.push(node.requires ?? []);
      this.inputRewrites.push(node.inputRewrites ?? []);
      return this.keyFunction(name, this.requires.length - 1, node);
    });
    return this.once(JSON.stringify([path, key]), "entities", (name) =>
      [
        `function ${name}(run) {`,
        "  const batch = new Batch();",
        ...collecting("run.data", path, (target) => `batch.add(${target}, ${key}(${target}));`),
        "  return batch;",
        "}\n",
      ].join("\n"),
    );
  }

  private once(what: string, word: string, make: (name: string) => string): string {
    const known = this.made.get(what);
    if (known !== undefined) return known;
    const name = `${word}${this.made.size}`;
    this.made.set(what, name);
    this.functions.push(make(name));
    return name;
  }

  private asking(node: FetchNode): number {
    const document = parse(node.operation, { noLocation: true });
    const nameless = visit(document, { OperationDefinition: { enter: ({ name: _, ...unnamed }) => unnamed } });
    const operation = stripIgnoredCharacters(print(nameless));
    const before = this.askings.findIndex((each) => each.source === node.serviceName && each.operation === operation);
    const known = this.askings[before];
    // A mutation is done as often as it is asked for.
    if (known !== undefined && node.operationKind === "query") {
      known.shared = true;
      return before;
    }
    return this.askings.push({ source: node.serviceName, operation, shared: false }) - 1;
  }

  /**
   * What stands for an entity when its source is asked of it, as text; null where what it needs was not
   * answered. One case for each type that exactly one fragment of the requirements fits; the others, and requirements
   * with fragments inside, are left to `represent`.
   */
  private keyFunction(name: string, k: number, node: FetchNode): string {
    const byType = new Map<string, QueryPlanSelectionNode[][]>();
    let plain = true;
    for (const each of node.requires ?? []) {
      if (each.kind !== "InlineFragment" || each.typeCondition === undefined) {
        plain = false;
        continue;
      }
      for (const type of this.typesOf(each.typeCondition))
        byType.set(type, [...(byType.get(type) ?? []), each.selections as QueryPlanSelectionNode[]]); // never written into
    }
    const general = `represent(o, requires[${k}], inputRewrites[${k}], isOfType)`;
    const cases: string[] = [];
    for (const [type, alternatives] of plain ? byType : []) {
      const [only] = alternatives;
      const text = alternatives.length === 1 && only !== undefined ? this.keyText(type, only, node) : null;
      cases.push(`    case ${q(type)}: return ${text ?? general};\n`);
    }
    const otherwise = plain ? "null" : general;
    return `function ${name}(o) {\n  switch (o.__typename) {\n${cases.join("")}    default: return ${otherwise};\n  }\n}\n`;
  }

  private keyText(type: string, selections: readonly QueryPlanSelectionNode[], node: FetchNode): string | null {
    const renamed = new Map<string, string>();
    let typeName = type;
    for (const rewriting of node.inputRewrites ?? []) {
      const [fragment, field, ...deeper] = rewriting.path;
      const condition = /^\.\.\. on (\w+)$/.exec(fragment ?? "")?.[1];
      if (condition === undefined || field === undefined || deeper.length > 0) return null;
      if (!isOfType(this.supergraph, typeName, condition)) continue;
      if (rewriting.kind === "KeyRenamer") renamed.set(field, rewriting.renameKeyTo);
      else if (field === "__typename") typeName = String(rewriting.setValueTo);
      else return null;
    }
    const needed: string[] = [];
    let text = "";
    let letters = "";
    for (const each of selections) {
      if (each.kind !== "Field" || each.selections !== undefined) return null;
      const name = each.alias ?? each.name;
      letters += letters === "" && text === "" ? "{" : ",";
      letters += `${j(renamed.get(name) ?? name)}:`;
      if (name === "__typename") letters += j(typeName);
      else {
        const held = read("o", name);
        needed.push(`${held} === undefined`);
        text += `${q(letters)} + value(${held}) + `;
        letters = "";
      }
    }
    text += q(`${letters}}`);
    return needed.length === 0 ? text : `${needed.join(" || ")} ? null : ${text}`;
  }

  /** A type, what implements it, and what is of it. */
  private typesOf(name: string): readonly string[] {
    const type = this.supergraph.getType(name);
    if (!isAbstractType(type)) return [name];
    const below = isInterfaceType(type) ? this.supergraph.getImplementations(type).interfaces : [];
    return [...new Set([name, ...[...this.supergraph.getPossibleTypes(type), ...below].map((each) => each.name)])];
  }
}

function namesAt(selection: QueryPlanSelectionNode): readonly string[] {
  return selection.kind === "Field" ? [selection.alias ?? selection.name] : selection.selections.flatMap(namesAt);
}

/** The response names that a planned operation asks for, fragments opened: of its entities where it asks for entities. */
export function fieldsOf(operation: string): readonly string[] {
  const names = new Set<string>();
  const open = (set: SelectionSetNode): void => {
    for (const each of set.selections) {
      if (each.kind === Kind.INLINE_FRAGMENT) open(each.selectionSet);
      else if (each.kind === Kind.FIELD && each.name.value === "_entities" && each.selectionSet)
        open(each.selectionSet);
      else if (each.kind === Kind.FIELD && each.name.value !== "__typename")
        names.add(each.alias?.value ?? each.name.value);
    }
  };
  for (const each of parse(operation, { noLocation: true }).definitions)
    if (each.kind === Kind.OPERATION_DEFINITION) open(each.selectionSet);
  return [...names];
}

/** Lines that do something for each value at a path: a loop for each list on the way. */
function collecting(from: string, path: readonly string[], act: (target: string) => string): readonly string[] {
  const lines: string[] = [];
  let [holder, indent, loops, names] = [from, "  ", 0, 0];
  for (const part of path) {
    const name = `v${names++}`;
    if (part === "@") {
      lines.push(`${indent}if (Array.isArray(${holder})) for (const ${name} of ${holder}) {`);
      indent += "  ";
      loops += 1;
    } else lines.push(`${indent}const ${name} = ${read(`${holder}?`, part)};`);
    holder = name;
  }
  lines.push(`${indent}if (${holder} != null) ${act(holder)}`);
  for (; loops > 0; loops--) {
    indent = indent.slice(2);
    lines.push(`${indent}}`);
  }
  return lines;
}

function oneLine(text: string): string {
  return text.replace(/[\n\r\u2028\u2029]/g, " ");
}

// --- Writing ----------------------------------------------------------------------------------------------------

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
class Writers {
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
   * there; if so, how such an answer begins and ends. Then it is neither parsed nor written again, which on the record
   * of one child is a third of all the work. Not where a source may tell more of a type than clients may know of it.
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
    const opening = `${j(first)}:`;
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
        .map((each) => `    case ${q(each.name)}: return ${this.objectWriter(each, sets)}(o);\n`);
      // A value whose true type was not answered: what is asked of every value of the type can still be told.
      const half = isInterfaceType(type) ? this.schema.getImplementations(type).interfaces : [];
      const unknown = [type, ...half].map((each) => `    case ${q(each.name)}:\n`).join("");
      const common = this.once(`any_${type.name}`, sets, (inner) => this.body(inner, type, sets));
      return `function ${name}(o) {\n  switch (o.__typename) {\n${cases.join("")}${unknown}    case undefined: return ${common}(o);\n    default: throw HOLE;\n  }\n}\n`;
    });
  }

  private body(name: string, type: GraphQLCompositeType, sets: readonly SelectionSetNode[]): string {
    const written = [...this.collected(type, sets)].map(([responseName, nodes], at) => ({
      key: q(`${at === 0 ? "{" : ","}${j(responseName)}:`),
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
    const text = parts.length === 0 ? q("{}") : `${parts.join("\n    + ")}\n    + '}'`;
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
    if (node.name.value === "__typename") return isObjectType(type) ? q(j(type.name)) : `string(null)`;
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
      const entries = type.getValues().map((each) => `${each.name}: ${q(j(each.name))}`);
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
