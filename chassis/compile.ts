/**
 * Operation → one generated function that answers it. What GraphQL's own execution finds out anew for every value (which
 * fields are asked for, who resolves them, which guard stands before them, how they are serialised) is found out once
 * and written down as code. Of `query ($id: ID!) { childById(id: $id) { bornOn school { name } } }` it makes
 *
 *     // Child { bornOn school }
 *     async function Child_1(o, way, run) {
 *       const { guard } = run;
 *       const about = childOf("Child", o);
 *       if (!guard.knows(about)) await guard.learn(about);
 *       const VIEW_IDENTITY = guard.bar("VIEW_IDENTITY", about);
 *       const VIEW_PLACE = guard.bar("VIEW_PLACE", about);
 *       const hidden_VIEW_PLACE = VIEW_PLACE === undefined && about !== null && guard.hides("VIEW_PLACE", about);
 *       const [$bornOn, $school] = await all([
 *         VIEW_IDENTITY !== undefined ? VIEW_IDENTITY : attempt(() => ChildIdentity.bornOn(o, run.context)),
 *         VIEW_PLACE !== undefined ? VIEW_PLACE : hidden_VIEW_PLACE ? attempt(…) : attempt(() => ChildPlace.school(o, run.context)),
 *       ]);
 *       return {
 *         bornOn: leafMust($bornOn, Date, run, way, "bornOn", 1),
 *         school: orNull($school, School_2, run, way, "school", 2),
 *       };
 *     }
 *
 * One function a type and selection, as in a resolver map. A function is `async` only where something in it waits: a
 * resolver, or a value below that does. What the functions are made of is in answering.ts.
 */

import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  type GraphQLUnionType,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import * as tools from "./answering";
import { type Answering, Uncovered } from "./answering";
import { childOf, WITHHELD, withheld } from "./guard";
import type { Resolvers } from "./resolvers";

/** A graph as operations over it are compiled. */
export interface Graph {
  /** What is executed, with what federation adds. */
  readonly schema: GraphQLSchema;
  /** As TypeGraphQL built it: the same fields with their guards' marks. */
  readonly built: GraphQLSchema;
  readonly resolvers: Resolvers;
}

/** A field of the operation, as its errors and arguments need to know it. */
export interface Place {
  /** `Child.bornOn`, for messages. */
  readonly label: string;
  readonly nodes: readonly FieldNode[];
  /** Its arguments, from the variables of a request. Throws what GraphQL says of those it cannot read. */
  readonly args: (variables: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

export interface Compiled {
  readonly places: readonly Place[];
  /** The answer's data. Throws the error that left nothing of it. */
  answer(run: Answering): Promise<Record<string, unknown>>;
  /** The code, to be read. */
  readonly text: string;
}

/** Fields of a generated function, by response name. */
type Fields = ReadonlyMap<string, readonly FieldNode[]>;

/** Whether a value is there at once, is a promise where the guard has yet to learn of whom it is, or always is one. */
type When = "NOW" | "PERHAPS" | "LATER";

/** A piece of code for a value, and when the value is there. */
interface Code {
  readonly text: string;
  readonly when: When;
}

interface Writer {
  readonly name: string;
  readonly when: When;
}

const TEXTS: ReadonlySet<string> = new Set(["String", "ID"]);

/** How a value is completed by the function of its type, by when that one has it and by whether it may be null. */
const HELPERS = {
  NOW: { must: "must", orNull: "orNull" },
  PERHAPS: { must: "perhapsMust", orNull: "perhapsOrNull" },
  LATER: { must: "laterMust", orNull: "laterOrNull" },
} as const satisfies Readonly<Record<When, object>>;

/** Throws `Uncovered`. `variables` decides the operation's conditions; nothing else of it is looked at. */
export function compile(
  graph: Graph,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): Compiled {
  const type = graph.schema.getRootType(operation.operation);
  if (!isObjectType(type)) throw new Uncovered(`The schema has no ${operation.operation}.`);
  const compiler = new Compiler(graph, fragments, variables);
  const root = compiler.root(type, operation);
  const text = [...compiler.functions, `return (run) => ${root}(undefined, undefined, run);\n`].join("\n");
  const { bindings, places } = compiler;
  const given: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(bindings),
    ...tools,
    childOf,
    withheld,
    WITHHELD,
  };
  // Names in the text are of the schema, the operation or our own classes, all of them letters, digits and underscores.
  const make = new Function(...Object.keys(given), `"use strict";\n${text}`);
  return { places, answer: make(...Object.values(given)) as Compiled["answer"], text };
}

class Compiler {
  readonly functions: string[] = [];
  readonly places: Place[] = [];
  /** What the text names that is made outside it: instances of resolver classes, serialisers. */
  readonly bindings = new Map<string, unknown>();
  private readonly made = new Map<string, Writer>();
  private readonly numbers = new Map<SelectionSetNode, number>();
  private readonly graph: Graph;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly variables: Readonly<Record<string, unknown>>;

  constructor(
    graph: Graph,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    variables: Readonly<Record<string, unknown>>,
  ) {
    this.graph = graph;
    this.fragments = fragments;
    this.variables = variables;
  }

  /** The name of the function that answers the whole. */
  root(type: GraphQLObjectType, { operation, selectionSet }: OperationDefinitionNode): string {
    const fields = this.collected(type, [selectionSet]);
    if (operation !== "mutation") return this.object(type, [selectionSet]).name;
    // What is done by one field of a mutation is done before the next begins.
    const lines: string[] = [];
    const bars = new Bars();
    for (const [name, nodes] of fields) {
      if (nodes[0]?.name.value === "__typename") {
        lines.push(`  const $${name} = "${type.name}";`);
        continue;
      }
      const begun = this.begun(type, nodes, bars);
      lines.push(`  let [$${name}] = await all([${begun.text}]);`);
      const { text, when } = this.completed(type, name, nodes, `$${name}`, begun.place);
      lines.push(`  $${name} = ${when === "NOW" ? "" : "await "}${text};`);
    }
    const shown = [...fields.keys()].map((name) => `${keyOf(name)}: $${name}`).join(", ");
    this.functions.push(
      `// ${type.name}\nasync function ${type.name}(o, way, run) {\n${[...bars.lines("null"), ...lines].join("\n")}\n  return { ${shown} };\n}\n`,
    );
    return type.name;
  }

  // --- Values ---------------------------------------------------------------------------------------------------

  private object(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Writer {
    return this.once(type.name, sets, (name) => {
      const bars = new Bars();
      const fields = [...this.collected(type, sets)].map(([responseName, nodes]) => {
        if (nodes[0]?.name.value === "__typename")
          return { responseName, method: false, held: "", value: { text: JSON.stringify(type.name), when: "NOW" } };
        const begun = this.begun(type, nodes, bars);
        const held = begun.method ? `$${responseName}` : begun.text;
        const value = this.completed(type, responseName, nodes, held, begun.place);
        return { responseName, method: begun.method, held: begun.text, value };
      });
      const methods = fields.filter(({ method }) => method);
      const later = fields.filter(({ value }) => value.when !== "NOW");
      const isRoot = type === this.graph.schema.getQueryType();
      const waits = methods.length > 0 || later.length > 0 || isRoot;
      const when = waits ? "LATER" : bars.some ? "PERHAPS" : "NOW";
      const about = isRoot ? "null" : `childOf(${JSON.stringify(type.name)}, o)`;
      // Nearly always the guard knows whose it is, for it lies within that child's record: then no promise is made (3 to 8 % of
      // the doses of a hundred children, in five pairs of runs on a busy machine).
      const lines = bars.lines(about, waits ? null : `${name}(o, way, run)`);
      const [method, ...otherMethods] = methods;
      if (method !== undefined && otherMethods.length === 0)
        lines.push(`  const $${method.responseName} = await one(${method.held});`);
      else if (methods.length > 0) {
        const begun = methods.map(({ held }) => `    ${held},\n`).join("");
        lines.push(`  const [${methods.map(({ responseName }) => `$${responseName}`).join(", ")}] = await all([`);
        lines.push(`${begun}  ]);`);
      }
      const [last, ...othersLater] = later;
      if (last !== undefined && othersLater.length === 0)
        lines.push(`  const $$${last.responseName} = await ${last.value.text};`);
      else if (later.length > 0) {
        const values = later.map(({ value }) => `    ${value.text},\n`).join("");
        lines.push(`  const [${later.map(({ responseName }) => `$$${responseName}`).join(", ")}] = await together([`);
        lines.push(`${values}  ]);`);
      }
      const shown = fields.map(
        ({ responseName, value }) =>
          `    ${keyOf(responseName)}: ${value.when === "NOW" ? value.text : `$$${responseName}`},`,
      );
      const what = fields.map(({ responseName }) => responseName).join(" ");
      return {
        when,
        text: `// ${type.name} { ${what} }\n${waits ? "async " : ""}function ${name}(o, way, run) {\n${[...lines, "  return {", ...shown, "  };"].join("\n")}\n}\n`,
      };
    });
  }

  /** The expression that begins a field: of a method a promise perhaps, of a property its value. Never throws when run. */
  private begun(
    type: GraphQLObjectType,
    nodes: readonly FieldNode[],
    bars: Bars,
  ): { readonly text: string; readonly method: boolean; readonly place: number } {
    const [node] = nodes;
    const field = type.getFields()[node?.name.value ?? ""];
    if (node === undefined || field === undefined) throw new Uncovered(`${type.name} has no ${node?.name.value}.`);
    const place = this.place(type, nodes);
    if (field.name === "_entities" && type === this.graph.schema.getQueryType()) {
      const names = getNamedType(field.type) as GraphQLUnionType; // federation's own
      bars.first(`entitiesOf(run, ${place}, ${JSON.stringify(names.getTypes().map((each) => each.name))})`);
      return { text: `run.args(${place}).representations`, method: false, place };
    }
    const label = `${type.name}.${field.name}`;
    const resolver = this.graph.resolvers.of(type.name, field.name);
    if (resolver === null) throw new Uncovered(`Nothing is known of who answers ${label}.`);
    const read = resolver.from === "PROPERTY" ? `o.${field.name}` : this.called(type, field.name, place);
    const guarding = this.graph.resolvers.guarding(type.name, field.name);
    const method = resolver.from === "METHOD";
    if (guarding === null) return { text: read, method, place };
    const { action, place: withholding } = guarding;
    bars.add(action, withholding !== undefined);
    const hidden =
      withholding === undefined
        ? ""
        : `hidden_${action} ? ${withholding === "ANSWER" ? "WITHHELD" : `attempt(() => withheld("ERROR", "${field.name}"))`} : `;
    return { text: `${action} !== undefined ? ${action} : ${hidden}${read}`, method, place };
  }

  private called(type: GraphQLObjectType, fieldName: string, place: number): string {
    const resolver = this.graph.resolvers.of(type.name, fieldName);
    const field = type.getFields()[fieldName];
    if (resolver?.from !== "METHOD" || field === undefined) throw new Uncovered(`${fieldName} is no method.`);
    const builtType = this.graph.built.getType(type.name);
    const built = isObjectType(builtType) ? builtType.getFields()[fieldName] : undefined;
    if (!field.args.every((each) => isLeafType(getNamedType(each.type)))) {
      // TypeGraphQL makes instances of the classes of its inputs: such a field is asked the whole way, guard and all.
      if (built?.resolve === undefined) throw new Uncovered(`${type.name}.${fieldName} is not resolved.`);
      const name = `${type.name}_${fieldName}`;
      const info = { parentType: builtType, fieldName };
      const { resolve } = built;
      this.bindings.set(name, (o: unknown, args: object, context: unknown) => resolve(o, args, context, info as never));
      return `attempt(() => ${name}(o, run.args(${place}), run.context))`;
    }
    const { holder, method, parameters } = resolver;
    const before = this.bindings.get(holder.name);
    if (before !== undefined && !(before instanceof holder))
      throw new Uncovered(`Two classes are named ${holder.name}.`);
    this.bindings.set(holder.name, before ?? new holder());
    const given = parameters.map((each) => {
      if (each.kind === "arg") return `run.args(${place}).${each.name}`;
      const whole = each.kind === "root" ? "o" : "run.context";
      return each.property === undefined ? whole : `${whole}.${each.property}`;
    });
    return `attempt(() => ${holder.name}.${method}(${given.join(", ")}))`;
  }

  private completed(
    type: GraphQLObjectType,
    responseName: string,
    nodes: readonly FieldNode[],
    held: string,
    place: number,
  ): Code {
    const field = type.getFields()[nodes[0]?.name.value ?? ""];
    if (field === undefined) throw new Uncovered(`${type.name} has no such field.`);
    const sets = nodes.flatMap((each) => each.selectionSet ?? []);
    return this.value(field.type, held, JSON.stringify(responseName), sets, place);
  }

  /** The expression of a value of a type as it stands in the answer. `key` is an expression too: a name or an index. */
  private value(
    type: GraphQLOutputType,
    held: string,
    key: string,
    sets: readonly SelectionSetNode[],
    place: number,
  ): Code {
    const inner = isNonNullType(type) ? (type.ofType as GraphQLOutputType) : type; // of an output type
    const rest = `run, way, ${key}, ${place})`;
    if (isLeafType(inner)) {
      const helper = isNonNullType(type) ? "leafMust" : "leafOrNull";
      const name = `as_${inner.name}`;
      this.bindings.set(name, (value: unknown) => inner.serialize(value));
      const text = `${helper}(${held}, ${name}, ${rest}`;
      // Nearly every text is one already, which is seen faster than a function is called.
      const isText = TEXTS.has(inner.name) && /^[$\w.]+$/.test(held);
      return { text: isText ? `typeof ${held} === "string" ? ${held} : ${text}` : text, when: "NOW" };
    }
    const { name, when } = this.writer(inner, sets, place);
    return { text: `${HELPERS[when][isNonNullType(type) ? "must" : "orNull"]}(${held}, ${name}, ${rest}`, when };
  }

  /** The function of a value that is there. */
  private writer(type: GraphQLOutputType, sets: readonly SelectionSetNode[], place: number): Writer {
    if (isObjectType(type)) return this.object(type, sets);
    if (isUnionType(type)) return this.union(type, sets);
    if (!isListType(type)) throw new Uncovered(`${String(type)} is an interface.`);
    const entry = this.value(type.ofType as GraphQLOutputType, "o", "at", sets, place); // of an output type
    const label = this.places[place]?.label ?? "";
    const name = `list_${this.functions.length}`;
    const each = `each(v, "${label}", (o, at) => ${entry.text})`;
    const { when } = entry;
    const signature = `${when === "LATER" ? "async " : ""}function ${name}(v, way, run)`;
    const entries = when === "NOW" ? each : `${when === "LATER" ? "together" : "perhapsTogether"}(${each})`;
    this.functions.push(`// ${String(type)} of ${label}\n${signature} {\n  return ${entries};\n}\n`);
    return { name, when };
  }

  private union(type: GraphQLUnionType, sets: readonly SelectionSetNode[]): Writer {
    return this.once(type.name, sets, (name) => {
      const writers = type.getTypes().map((each) => ({ each, writer: this.object(each, sets) }));
      const whens = writers.map(({ writer }) => writer.when);
      const when = whens.includes("LATER") ? "LATER" : whens.includes("PERHAPS") ? "PERHAPS" : "NOW";
      let whichOf = "o.__typename"; // an entity says itself what it is
      if (type.name !== "_Entity") {
        const typeOf = this.graph.resolvers.typeOf(type.name);
        if (typeOf === null) throw new Uncovered(`Nothing is known of which type of ${type.name} a value is.`);
        whichOf = `${type.name}_type(o)`;
        this.bindings.set(`${type.name}_type`, typeOf);
      }
      const cases = writers.map(({ each, writer }) => `    case "${each.name}": return ${writer.name}(o, way, run);\n`);
      return {
        when,
        text: `${when === "LATER" ? "async " : ""}function ${name}(o, way, run) {\n  switch (${whichOf}) {\n${cases.join("")}    default: throw new Error("A value of ${type.name} is of none of its types.");\n  }\n}\n`,
      };
    });
  }

  // --- Selections -----------------------------------------------------------------------------------------------

  /** The fields a value of a type is asked for, in the order of the answer; GraphQL's CollectFields, conditions being decided. */
  private collected(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Fields {
    const fields = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    for (const set of sets) this.collect(set, type, fields, seen);
    return fields;
  }

  private collect(set: SelectionSetNode, type: GraphQLObjectType, fields: Map<string, FieldNode[]>, seen: Set<string>) {
    for (const selection of set.selections) {
      if (!this.holds(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const responseName = selection.alias?.value ?? selection.name.value;
        const nodes = fields.get(responseName);
        if (nodes === undefined) fields.set(responseName, [selection]);
        else nodes.push(selection);
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (seen.has(selection.name.value)) continue;
        seen.add(selection.name.value);
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
      if (fragment !== undefined && this.fits(type, fragment.typeCondition?.name.value))
        this.collect(fragment.selectionSet, type, fields, seen);
    }
  }

  private holds(selection: SelectionNode): boolean {
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, this.variables);
    if (skip?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, selection, this.variables)?.if !== false;
  }

  private fits(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditional = this.graph.schema.getType(condition);
    return isAbstractType(conditional) && this.graph.schema.isSubType(conditional, type);
  }

  private place(type: GraphQLObjectType, nodes: readonly FieldNode[]): number {
    const [node] = nodes;
    const field = type.getFields()[node?.name.value ?? ""];
    if (node === undefined || field === undefined) throw new Uncovered(`${type.name} has no such field.`);
    return (
      this.places.push({
        label: `${type.name}.${field.name}`,
        nodes,
        args: (variables) => getArgumentValues(field, node, variables),
      }) - 1
    );
  }

  /** One function for a type and selection, however often it is met. */
  private once(
    type: string,
    sets: readonly SelectionSetNode[],
    make: (name: string) => { readonly text: string; readonly when: When },
  ): Writer {
    const numbers = sets.map((set) => {
      const number = this.numbers.get(set) ?? this.numbers.size;
      this.numbers.set(set, number);
      return number;
    });
    const key = `${type} ${numbers.join(" ")}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const name = `${type}_${this.made.size}`;
    this.made.set(key, { name, when: "LATER" }); // its place, while what is within it is made
    const { text, when } = make(name);
    this.made.set(key, { name, when });
    this.functions.push(text);
    return { name, when };
  }
}

/** A response name as a key of an object; one that would make a prototype of its value is written so that it does not. */
function keyOf(responseName: string): string {
  return responseName === "__proto__" ? '["__proto__"]' : responseName;
}

/** The guards before the fields of one function: one decision for each action, whatever the number of its fields. */
class Bars {
  private readonly actions = new Map<string, boolean>();
  private readonly before: string[] = [];

  add(action: string, hides: boolean): void {
    this.actions.set(action, (this.actions.get(action) ?? false) || hides);
  }

  /** Something to be done before anything else. */
  first(statement: string): void {
    this.before.push(`  ${statement};`);
  }

  get some(): boolean {
    return this.actions.size > 0;
  }

  /** `again`: what to do once the child is known, where the function does not wait itself. */
  lines(about: string, again: string | null = null): string[] {
    const lines = [...this.before];
    if (this.actions.size === 0) return lines;
    lines.push("  const { guard } = run;");
    lines.push(`  const about = ${about};`);
    const learnt = again === null ? "await guard.learn(about)" : `return guard.learn(about).then(() => ${again})`;
    if (about !== "null") lines.push(`  if (!guard.knows(about)) ${learnt};`);
    for (const [action, hides] of this.actions) {
      lines.push(`  const ${action} = guard.bar("${action}", about);`);
      if (hides)
        lines.push(
          `  const hidden_${action} = ${action} === undefined && about !== null && guard.hides("${action}", about);`,
        );
    }
    return lines;
  }
}
