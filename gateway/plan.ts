/**
 * Asks Apollo for the plan of an operation, mended where its planner is wrong. Apollo loads the supergraph and plans;
 * we change what it is given (the supergraph's text, the operation) and what it gives back (the plan), never Apollo.
 *
 *   operation ─▶ decided: @skip and @include are settled ─▶ asked: __typename wherever a type is open ─▶ plan ─▶ mended
 */

import { operationFromDocument } from "@apollo/federation-internals";
import { ApolloGateway } from "@apollo/gateway";
import type {
  FetchNode,
  PlanNode,
  QueryPlan,
  QueryPlanner,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from "@apollo/query-planner";
import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  isAbstractType,
  isInterfaceType,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { Problem } from "../schema/errors";

/** An operation whose conditions are decided, and how to ask for it. */
export interface Planned {
  /** Without `@skip` and `@include`, and without what they leave out; a selection may be empty. */
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly plan: QueryPlan;
}

type Logger = Readonly<Record<"debug" | "info" | "warn" | "error", (message?: unknown) => void>>;

/** A supergraph as Apollo loaded it, and the plans over it. */
export class Planner {
  /** As `ApolloServer` wants a gateway; nothing is ever asked through it but the schema. */
  readonly apollo: ApolloGateway;
  private readonly twins: ReadonlyMap<string, Twin>;
  private readonly required: ReadonlyMap<string, readonly string[]>;
  private loaded: {
    readonly planner: QueryPlanner;
    readonly schema: GraphQLSchema;
    readonly open: GraphQLSchema;
  } | null;

  constructor(supergraphSdl: string, logger: Logger) {
    const mended = mendedSupergraph(parse(supergraphSdl, { noLocation: true }));
    this.twins = mended.twins;
    this.required = mended.required;
    this.loaded = null;
    // Read when a gateway is made: without it Apollo asks the metadata services of four clouds where it runs.
    process.env.APOLLO_TELEMETRY_DISABLED = "1";
    this.apollo = new ApolloGateway({
      supergraphSdl: print(mended.supergraph),
      // Fetches are ours to make (execute.ts), so this would be asked of nobody.
      buildService: ({ name }) => ({
        process: () => Promise.reject(new Error(`${name} was asked past the executor.`)),
      }),
      __exposeQueryPlanExperimental: false,
      logger,
    });
    this.apollo.onSchemaLoadOrUpdate(({ apiSchema }) => {
      const planner = this.apollo.__testing().queryPlanner;
      if (planner === undefined) throw new Error("Apollo loaded a supergraph without making a planner for it.");
      this.loaded = { planner, schema: apiSchema, open: planner.supergraph.schema.toGraphQLJSSchema() };
    });
  }

  /** What clients may ask for. */
  get schema(): GraphQLSchema {
    return this.ready.schema;
  }

  /** Every type and field there is, also those that clients may not ask for. */
  get supergraph(): GraphQLSchema {
    return this.ready.open;
  }

  get planner(): QueryPlanner {
    return this.ready.planner;
  }

  private get ready() {
    if (this.loaded === null) throw new Error("The supergraph is not loaded yet.");
    return this.loaded;
  }

  /**
   * The plan of a valid operation for one decision of its conditions. Throws REQUEST_INVALID where no source can be
   * asked for some of it: Apollo leaves that out of the plan, or makes an empty one, and answers null without an error.
   */
  plan(document: DocumentNode, operation: OperationDefinitionNode, isTrue: (variable: string) => boolean): Planned {
    const decided = decidedOf(document, operation, isTrue);
    const chosen = decided.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
    if (chosen === undefined) throw new Error("A decided document has lost its operation.");
    const fragments = fragmentsOf(decided);
    if (namesAt(chosen.selectionSet, fragments).size === 0)
      return { operation: chosen, fragments, plan: { kind: "QueryPlan" } };
    const asked = operationFromDocument(this.planner.supergraph.apiSchema(), askedOf(decided, this.schema));
    const { node } = this.planner.buildQueryPlan(asked);
    const answered = new Set(answeredBy(node));
    const unanswered = [...namesAt(chosen.selectionSet, fragments)].filter((name) => !answered.has(name));
    if (node === undefined || node.kind === "Subscription" || unanswered.length > 0)
      throw new Problem("REQUEST_INVALID", {
        fault: `no source can answer what it asks for in ${unanswered.join(", ")}`,
      });
    return { operation: chosen, fragments, plan: { kind: "QueryPlan", node: this.mendedPlan(node) } };
  }

  private mendedPlan(node: PlanNode): PlanNode {
    switch (node.kind) {
      case "Sequence":
      case "Parallel":
        return { ...node, nodes: node.nodes.map((each) => this.mendedPlan(each)) };
      case "Flatten":
        return { ...node, node: this.mendedPlan(node.node) };
      case "Fetch":
        return this.twins.size === 0 ? node : withoutTwins(node, this.twins, this.required);
      default:
        return node;
    }
  }
}

// --- The supergraph ---------------------------------------------------------------------------------------------

/** What stands in the plan for a field with the arguments that some `@requires` gives it. */
interface Twin {
  readonly field: string;
  readonly arguments: readonly ArgumentNode[];
}

interface MendedSupergraph {
  readonly supergraph: DocumentNode;
  readonly twins: ReadonlyMap<string, Twin>;
  /** `Type.field` → what it requires at its own level, under the names of the plan. */
  readonly required: ReadonlyMap<string, readonly string[]>;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/**
 * Two mends of the text:
 *
 * - The planner takes a type's first key in a source without asking whether it can be resolved by: keys that can come
 *   first. (Audit: keys-mashup.)
 * - The planner merges what is required by name and ignores arguments, so that of `price(currency: "USD")` and
 *   `price(currency: "EUR")` one is lost without a word. Each field with arguments inside a `requires` gets a hidden
 *   twin that has none; `withoutTwins` says the true field again when a source is asked. (Audit: requires-with-argument.)
 */
function mendedSupergraph(supergraph: DocumentNode): MendedSupergraph {
  const byName = new Map<string, Composite>();
  for (const each of supergraph.definitions)
    if (each.kind === Kind.OBJECT_TYPE_DEFINITION || each.kind === Kind.INTERFACE_TYPE_DEFINITION)
      byName.set(each.name.value, each);

  const twins = new Map<string, Twin>();
  const names = new Map<string, string>();
  const required = new Map<string, readonly string[]>();
  const added = new Map<string, FieldDefinitionNode[]>();
  const twinned = new Set<string>();
  const plain = new Set<string>();

  function twinOf(owner: Composite, definition: FieldDefinitionNode, given: readonly ArgumentNode[]): string {
    const field = definition.name.value;
    const written = `${field}(${given.map((each) => print(each)).join(", ")})`;
    const name = names.get(written) ?? `${field}_as_required_${names.size}`;
    names.set(written, name);
    twins.set(name, { field, arguments: given });
    // An interface's field is only asked of types that have it, so each of them has the twin too.
    const holders =
      owner.kind === Kind.OBJECT_TYPE_DEFINITION
        ? [owner]
        : [owner, ...[...byName.values()].filter((each) => implementsInterface(each, owner.name.value))];
    for (const holder of holders) {
      const original = holder.fields?.find((each) => each.name.value === field) ?? definition;
      const fields = added.get(holder.name.value) ?? [];
      added.set(holder.name.value, fields);
      if (fields.some((each) => each.name.value === name)) continue;
      fields.push({
        ...original,
        name: { kind: Kind.NAME, value: name },
        arguments: [],
        directives: [...(original.directives ?? []), INACCESSIBLE],
      });
    }
    return name;
  }

  function withTwins(set: SelectionSetNode, owner: Composite | undefined): SelectionSetNode {
    const selections = set.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        const inside = condition === undefined ? owner : byName.get(condition);
        return { ...selection, selectionSet: withTwins(selection.selectionSet, inside) };
      }
      const definition = owner?.fields?.find((each) => each.name.value === selection.name.value);
      if (owner === undefined || definition === undefined) return selection;
      const inside = selection.selectionSet && withTwins(selection.selectionSet, byName.get(namedTypeOf(definition)));
      const given = selection.arguments ?? [];
      (given.length === 0 ? plain : twinned).add(`${owner.name.value}.${selection.name.value}`);
      if (given.length === 0) return { ...selection, selectionSet: inside };
      const name = { kind: Kind.NAME, value: twinOf(owner, definition, given) } as const;
      return { ...selection, name, arguments: [], selectionSet: inside };
    });
    return { ...set, selections };
  }

  function withTwinsRequired(owner: Composite, field: FieldDefinitionNode): FieldDefinitionNode {
    const directives = field.directives?.map((directive) => {
      const requires = directive.name.value === "join__field" ? stringArgument(directive, "requires") : null;
      if (requires === null) return directive;
      const [definition] = parse(`{ ${requires} }`, { noLocation: true }).definitions;
      if (definition?.kind !== Kind.OPERATION_DEFINITION) return directive;
      const twinned = withTwins(definition.selectionSet, owner);
      required.set(`${owner.name.value}.${field.name.value}`, fieldNames(twinned));
      return withArgument(directive, "requires", stripIgnoredCharacters(print(twinned)).slice(1, -1));
    });
    return { ...field, directives };
  }

  const rewritten = supergraph.definitions.map((each): DefinitionNode => {
    if (each.kind !== Kind.OBJECT_TYPE_DEFINITION && each.kind !== Kind.INTERFACE_TYPE_DEFINITION) return each;
    const directives = [...(each.directives ?? [])].sort((a, b) => unresolvable(a) - unresolvable(b));
    return { ...each, directives, fields: each.fields?.map((field) => withTwinsRequired(each, field)) };
  });
  // A field that its twins alone stand in for is no longer external to anything, which Apollo takes for a fault.
  const sets = selectionsOfKeys(supergraph);
  function withoutIdle(owner: Composite, field: FieldDefinitionNode): FieldDefinitionNode {
    const [place, name] = [`${owner.name.value}.${field.name.value}`, field.name.value];
    const ofInterface = owner.interfaces?.some((each) =>
      byName.get(each.name.value)?.fields?.some((other) => other.name.value === name),
    );
    if (!twinned.has(place) || plain.has(place) || ofInterface || new RegExp(`\\b${name}\\b`).test(sets)) return field;
    const isExternal = (directive: DirectiveNode) =>
      directive.arguments?.some((each) => each.name.value === "external" && print(each.value) === "true");
    return { ...field, directives: field.directives?.filter((each) => !isExternal(each)) };
  }
  const definitions = rewritten.map((each): DefinitionNode => {
    if (each.kind !== Kind.OBJECT_TYPE_DEFINITION && each.kind !== Kind.INTERFACE_TYPE_DEFINITION) return each;
    const fields = each.fields?.map((field) => withoutIdle(each, field)) ?? [];
    return { ...each, fields: [...fields, ...(added.get(each.name.value) ?? [])] };
  });
  const whole = twins.size === 0 ? definitions : withInaccessible(definitions);
  return { supergraph: { ...supergraph, definitions: whole }, twins, required };
}

/** Every `key` and `provides` of a supergraph, one after the other. */
function selectionsOfKeys(supergraph: DocumentNode): string {
  const found: string[] = [];
  visit(supergraph, {
    Directive(directive) {
      for (const name of ["key", "provides"]) found.push(stringArgument(directive, name) ?? "");
    },
  });
  return found.join(" ");
}

const INACCESSIBLE: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: "inaccessible" } };
const INACCESSIBLE_LINK = '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)';
const INACCESSIBLE_DEFINITION =
  "directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION";

/** The directive that hides the twins, where the supergraph does not know it already. */
function withInaccessible(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  if (definitions.some((each) => each.kind === Kind.DIRECTIVE_DEFINITION && each.name.value === "inaccessible"))
    return definitions;
  const linked = parse(`schema ${INACCESSIBLE_LINK} { query: Query } ${INACCESSIBLE_DEFINITION}`, { noLocation: true });
  const [schema, directive] = linked.definitions;
  const link = schema?.kind === Kind.SCHEMA_DEFINITION ? (schema.directives ?? []) : [];
  const whole = definitions.map((each) =>
    each.kind === Kind.SCHEMA_DEFINITION ? { ...each, directives: [...(each.directives ?? []), ...link] } : each,
  );
  return directive === undefined ? whole : [...whole, directive];
}

function unresolvable(directive: DirectiveNode): number {
  const resolvable = directive.arguments?.find((each) => each.name.value === "resolvable")?.value;
  return resolvable?.kind === Kind.BOOLEAN && !resolvable.value ? 1 : 0;
}

function stringArgument(directive: DirectiveNode, name: string): string | null {
  const value = directive.arguments?.find((each) => each.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : null;
}

function withArgument(directive: ConstDirectiveNode, name: string, value: string): ConstDirectiveNode {
  const given = directive.arguments?.map((each) =>
    each.name.value === name ? { ...each, value: { kind: Kind.STRING, value } as const } : each,
  );
  return { ...directive, arguments: given };
}

function implementsInterface(type: Composite, name: string): boolean {
  return type.interfaces?.some((each) => each.name.value === name) ?? false;
}

function namedTypeOf({ type }: FieldDefinitionNode): string {
  let inner = type;
  while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type;
  return inner.name.value;
}

/** The fields of a selection's own level, those of its fragments among them. */
function fieldNames(set: SelectionSetNode): readonly string[] {
  return set.selections.flatMap((each) =>
    each.kind === Kind.FIELD
      ? [each.name.value]
      : each.kind === Kind.INLINE_FRAGMENT
        ? fieldNames(each.selectionSet)
        : [],
  );
}

// --- The operation ----------------------------------------------------------------------------------------------

/** The variables that decide what is left out of an operation, in order of name. */
export function conditionsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const found = new Set<string>();
  for (const each of reached(document, operation))
    visit(each, {
      Directive(directive) {
        const value = isCondition(directive) ? directive.arguments?.[0]?.value : undefined;
        if (value?.kind === Kind.VARIABLE) found.add(value.name.value);
      },
    });
  return [...found].sort();
}

/**
 * One operation, and its fragments, without what its conditions leave out. Apollo would decide them while it fetches,
 * and loses what `@requires` needs when it stands beside a condition; decided first, there is nothing to get wrong.
 */
function decidedOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  isTrue: (variable: string) => boolean,
): DocumentNode {
  const holds = (directive: DirectiveNode): boolean => {
    const value = directive.arguments?.[0]?.value;
    return value?.kind === Kind.VARIABLE ? isTrue(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
  };
  const decide = (selection: SelectionNode) => {
    if (selection.directives === undefined || selection.directives.length === 0) return undefined;
    const conditions = selection.directives.filter(isCondition);
    if (conditions.some((each) => holds(each) === (each.name.value === "skip"))) return null;
    return { ...selection, directives: selection.directives.filter((each) => !isCondition(each)) };
  };
  const definitions = reached(document, operation).map((each) =>
    visit(each, { Field: decide, InlineFragment: decide, FragmentSpread: decide }),
  );
  return { kind: Kind.DOCUMENT, definitions };
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === "skip" || name.value === "include";
}

/** An operation and the fragments it reaches. */
function reached(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly (OperationDefinitionNode | FragmentDefinitionNode)[] {
  const fragments = fragmentsOf(document);
  const found = new Set<OperationDefinitionNode | FragmentDefinitionNode>([operation]);
  for (const each of found)
    visit(each, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment !== undefined) found.add(fragment);
      },
    });
  return [...found];
}

/**
 * A decided document as the planner is asked it: `__typename` wherever the answer depends on the type of a value, for
 * Apollo drops a `... on T` that it thinks idle together with the `__typename` in it; and in every selection left empty.
 * Not in every selection of an interface: a source that knows a thing as `@interfaceObject` cannot tell its type, and
 * another would be asked for what nobody wants to know.
 */
function askedOf(decided: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const types = new TypeInfo(schema);
  const fragments = fragmentsOf(decided);
  const leave = (set: SelectionSetNode): SelectionSetNode | undefined => {
    const parent = types.getParentType();
    const selections =
      parent === schema.getQueryType()
        ? set.selections.filter((each) => each.kind !== Kind.FIELD || !INTROSPECTION.has(each.name.value))
        : set.selections;
    if (selections.length === 0 || (isAbstractType(parent) && needsType(set, parent, schema, fragments)))
      return { ...set, selections: [...selections, TYPENAME] };
    return selections.length === set.selections.length ? undefined : { ...set, selections };
  };
  return visit(decided, visitWithTypeInfo(types, { SelectionSet: { leave } }));
}

/** What we answer ourselves, at the root of a query. */
export const INTROSPECTION: ReadonlySet<string> = new Set(["__schema", "__type"]);

/** Whether what a value is decides what a selection of its interface or union answers. */
function needsType(
  set: SelectionSetNode,
  parent: GraphQLAbstractType,
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  return set.selections.some((each) => {
    if (each.kind === Kind.FIELD) return each.name.value === "__typename";
    const fragment = each.kind === Kind.INLINE_FRAGMENT ? each : fragments.get(each.name.value);
    if (fragment === undefined) return false;
    const condition = schema.getType(fragment.typeCondition?.name.value ?? parent.name);
    const narrows =
      condition !== parent &&
      !(isAbstractType(condition) && isInterfaceType(parent) && schema.isSubType(condition, parent));
    return narrows || needsType(fragment.selectionSet, parent, schema, fragments);
  });
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/** The response names of a selection's own level, fragments opened, but for those GraphQL answers itself. */
function namesAt(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): ReadonlySet<string> {
  const names = new Set<string>();
  const open = (each: SelectionSetNode): void => {
    for (const selection of each.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) open(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) open(fragment.selectionSet);
      } else if (!selection.name.value.startsWith("__")) names.add(selection.alias?.value ?? selection.name.value);
    }
  };
  open(set);
  return names;
}

// --- The plan ---------------------------------------------------------------------------------------------------

/** The response names of the root that a plan asks for. */
function answeredBy(node: PlanNode | SubscriptionNode | undefined): readonly string[] {
  if (node?.kind === "Sequence" || node?.kind === "Parallel") return node.nodes.flatMap(answeredBy);
  return node?.kind === "Fetch" && node.requires === undefined ? fieldsOf(node.operation) : [];
}

/** The response names that a planned operation asks for, fragments opened: of its entities where it asks for entities. */
export function fieldsOf(operation: string): readonly string[] {
  const document = parse(operation, { noLocation: true });
  const fragments = fragmentsOf(document);
  return document.definitions.flatMap((each) => {
    if (each.kind !== Kind.OPERATION_DEFINITION) return [];
    const [root] = each.selectionSet.selections;
    const ofEntities = root?.kind === Kind.FIELD && root.name.value === "_entities" ? root.selectionSet : undefined;
    return [...namesAt(ofEntities ?? each.selectionSet, fragments)];
  });
}

/**
 * A fetch that says the true fields again. What it asks for: `price_as_required_0: price(currency: "USD")`. What it
 * brings along: the value under the field's own name, of which there can be but one, so that a fetch whose fields
 * require two values of one field is split into as many as there are values.
 */
function withoutTwins(
  node: FetchNode,
  twins: ReadonlyMap<string, Twin>,
  required: ReadonlyMap<string, readonly string[]>,
): PlanNode {
  const document = parse(node.operation, { noLocation: true });
  const asked = visit(document, {
    Field(field) {
      const twin = twins.get(field.name.value);
      if (twin === undefined) return undefined;
      const name = { kind: Kind.NAME, value: twin.field } as const;
      return { ...field, alias: field.alias ?? field.name, name, arguments: twin.arguments };
    },
  });
  const brought = new Set(namesIn(node.requires ?? []));
  const held = [...brought].filter(
    (name) => twins.has(name) || [...twins.values()].some(({ field }) => field === name),
  );
  if (!held.some((name) => twins.has(name))) return { ...node, operation: print(asked) };

  const parts = partsOf(asked, (type, field) => {
    const needs = required.get(`${type}.${field}`) ?? [];
    return new Map(needs.filter((name) => held.includes(name)).map((name) => [twins.get(name)?.field ?? name, name]));
  });
  const nodes = parts.map(({ operation, brings }): FetchNode => {
    // What no field of this part asked to bring along may still be needed deeper, unless another took its name.
    const taken = (name: string) => brings.get(twins.get(name)?.field ?? name) ?? name;
    const requires = without(node.requires ?? [], (name) => held.includes(name) && taken(name) !== name);
    const used = new Set<string>();
    const written = withUsedVariables(operation, used);
    return {
      ...node,
      operation: print(written),
      variableUsages: node.variableUsages?.filter((name) => used.has(name)),
      requires,
      inputRewrites: [...(node.inputRewrites ?? []), ...renamesIn(requires, [], twins)],
    };
  });
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : { kind: "Parallel", nodes };
}

/** The names a representation is made of, at every level. */
function namesIn(selections: readonly QueryPlanSelectionNode[]): readonly string[] {
  return selections.flatMap((each) =>
    each.kind === "Field" ? [each.name, ...namesIn(each.selections ?? [])] : namesIn(each.selections),
  );
}

function without(
  selections: readonly QueryPlanSelectionNode[],
  leftOut: (name: string) => boolean,
): QueryPlanSelectionNode[] {
  return selections.flatMap((each): QueryPlanSelectionNode[] => {
    if (each.kind === "InlineFragment") return [{ ...each, selections: without(each.selections, leftOut) }];
    return leftOut(each.name) ? [] : [each];
  });
}

/** The renamings that give a representation the fields' own names, in the form of Apollo's rewrites. */
function renamesIn(
  selections: readonly QueryPlanSelectionNode[],
  path: readonly string[],
  twins: ReadonlyMap<string, Twin>,
): NonNullable<FetchNode["inputRewrites"]> {
  return selections.flatMap((each) => {
    if (each.kind === "InlineFragment") {
      const inside = each.typeCondition === undefined ? path : [...path, `... on ${each.typeCondition}`];
      return renamesIn(each.selections, inside, twins);
    }
    const twin = twins.get(each.name);
    const deeper = renamesIn(each.selections ?? [], [...path, each.name], twins);
    if (twin === undefined) return deeper;
    return [...deeper, { kind: "KeyRenamer" as const, path: [...path, each.name], renameKeyTo: twin.field }];
  });
}

interface Part {
  readonly operation: DocumentNode;
  /** A field's own name → what is brought along under it. */
  readonly brings: ReadonlyMap<string, string>;
}

/** An entity operation in as few parts as can be, each field in the first part whose values do not contradict its own. */
function partsOf(
  document: DocumentNode,
  needsOf: (type: string, field: string) => ReadonlyMap<string, string>,
): Part[] {
  const parts: { fields: Set<FieldNode>; brings: Map<string, string> }[] = [];
  for (const { type, field } of entityFields(document)) {
    const needs = needsOf(type, field.name.value);
    let part = parts.find(({ brings }) => [...needs].every(([own, name]) => (brings.get(own) ?? name) === name));
    if (part === undefined) {
      part = { fields: new Set(), brings: new Map() };
      parts.push(part);
    }
    part.fields.add(field);
    for (const [own, name] of needs) part.brings.set(own, name);
  }
  return parts.map(({ fields, brings }) => {
    const others = new Set(parts.flatMap((each) => [...each.fields]).filter((field) => !fields.has(field)));
    const operation = visit(document, {
      Field: { enter: (field) => (others.has(field) ? null : undefined) },
      InlineFragment: { leave: (fragment) => (fragment.selectionSet.selections.length === 0 ? null : undefined) },
    });
    return { operation, brings };
  });
}

/** The fields directly under `_entities { ... on Type { … } }`. */
function entityFields(document: DocumentNode): readonly { readonly type: string; readonly field: FieldNode }[] {
  const within = (set: SelectionSetNode | undefined, type: string): { type: string; field: FieldNode }[] =>
    (set?.selections ?? []).flatMap((each) => {
      if (each.kind === Kind.FIELD) return [{ type, field: each }];
      if (each.kind === Kind.FRAGMENT_SPREAD) return [];
      return within(each.selectionSet, each.typeCondition?.name.value ?? type);
    });
  return document.definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION
      ? each.selectionSet.selections.flatMap((root) =>
          root.kind === Kind.FIELD ? within(root.selectionSet, root.name.value) : [],
        )
      : [],
  );
}

/** The document without the variables it no longer uses; those it uses are added to `used`. */
function withUsedVariables(document: DocumentNode, used: Set<string>): DocumentNode {
  visit(document, {
    VariableDefinition: { enter: () => false },
    Variable({ name }) {
      used.add(name.value);
    },
  });
  return visit(document, {
    VariableDefinition: { enter: ({ variable }) => (used.has(variable.name.value) ? undefined : null) },
  });
}
