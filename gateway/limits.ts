/**
 * What one operation may ask for: how deep, how broad, how much. And trusted documents: the operations that were
 * registered, which are all that a partner app may send.
 */

import { createHash } from "node:crypto";
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
  valueFromASTUntyped,
  visit,
} from "graphql";

export const LIMITS = {
  /** Bytes of a request's body. */
  bodyBytes: 1_000_000,
  /** Tokens of a document, counted while it is parsed. */
  tokens: 4_000,
  /** Braces, brackets and parentheses within each other, counted before anything is parsed. */
  nesting: 64,
  /** Complaints told of one document. */
  complaints: 10,
  /** Fields within fields; introspection has limits of its own. */
  depth: 15,
  /** Fields at the root, each counted as often as it is written. */
  rootFields: 20,
  /** Fields under another name than their own. */
  aliases: 60,
  /** Fields answered, lists at the length asked for or, where none is, as guessed below. */
  cost: 50_000,
} as const;

/** The page a connection answers when `first` is not given, and the length guessed for other lists. */
const PAGE = 20;
const LIST = 5;

/**
 * Whether a document's brackets nest deeper than any operation of use has them, be they of fields, fragments or values.
 * The parser and every rule after it call themselves at each level, so this is asked of the text, before them. Strings
 * and comments are passed over; what is no GraphQL may be misjudged and is refused by the parser anyway.
 */
export function nestsTooDeep(query: string): boolean {
  let level = 0;
  for (const [token] of query.matchAll(/"""[\s\S]*?(?<!\\)"""|"(?:[^"\\\n]|\\.)*"|#[^\n\r]*|[{}[\]()]/g)) {
    if (token === "{" || token === "[" || token === "(") level += 1;
    else if (token === "}" || token === "]" || token === ")") level -= 1;
    if (level > LIMITS.nesting) return true;
  }
  return false;
}

interface Weight {
  readonly depth: number;
  readonly aliases: number;
  readonly cost: number;
}

/**
 * What is too much about a valid operation, in words for the reader; null where nothing is. Lists multiply what is
 * asked of each entry. Linear in the size of the document: a fragment is weighed once, however often it is spread.
 */
export function excess(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): string | null {
  const root = schema.getRootType(operation.operation);
  const scales = new Scales(schema, document, operation, variables);
  const rootFields = scales.breadth(operation.selectionSet);
  if (rootFields > LIMITS.rootFields) return `it asks for ${rootFields} root fields; ${LIMITS.rootFields} are allowed`;
  const { depth, aliases, cost } = scales.weigh(operation.selectionSet, root ?? undefined, false);
  if (depth > LIMITS.depth) return `it nests ${depth} fields deep; ${LIMITS.depth} are allowed`;
  if (aliases > LIMITS.aliases) return `it has ${aliases} aliases; ${LIMITS.aliases} are allowed`;
  if (cost > LIMITS.cost) return `it may answer ${cost} fields; ${LIMITS.cost} are allowed: ask for fewer at a time`;
  return null;
}

const VERDICTS_KEPT = 100;

/** As `excess`, for one operation asked often: weighed anew only where a variable that says the length of a list differs. */
export function weigherOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): (variables: Readonly<Record<string, unknown>>) => string | null {
  const lengths = new Set<string>();
  visit(document, {
    Argument({ name, value }) {
      if (name.value === "first" && value.kind === Kind.VARIABLE) lengths.add(value.name.value);
    },
  });
  const verdicts = new Map<string, string | null>();
  return (variables) => {
    let key = "";
    for (const name of lengths) key += `${JSON.stringify(variables[name])},`;
    const before = verdicts.get(key);
    if (before !== undefined) return before;
    const verdict = excess(schema, document, operation, variables);
    if (verdicts.size >= VERDICTS_KEPT) verdicts.delete(verdicts.keys().next().value ?? "");
    verdicts.set(key, verdict);
    return verdict;
  };
}

class Scales {
  private readonly schema: GraphQLSchema;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly weighed = new Map<string, Weight>();
  private readonly counted = new Map<string, number>();

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ) {
    this.schema = schema;
    this.fragments = new Map(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
    const defaults = (operation.variableDefinitions ?? []).flatMap((each) =>
      each.defaultValue === undefined
        ? []
        : [[each.variable.name.value, valueFromASTUntyped(each.defaultValue)] as const],
    );
    this.values = { ...Object.fromEntries(defaults), ...variables };
  }

  /** Fields of one level, spread out. */
  breadth(set: SelectionSetNode): number {
    let fields = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) fields += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) fields += this.breadth(selection.selectionSet);
      else {
        const name = selection.name.value;
        const fragment = this.fragments.get(name);
        const count = this.counted.get(name) ?? (fragment === undefined ? 0 : this.breadth(fragment.selectionSet));
        this.counted.set(name, count);
        fields += count;
      }
    }
    return fields;
  }

  /** `paged`: the set is of a field whose `first` already says how many entries its lists have. */
  weigh(set: SelectionSetNode, type: GraphQLNamedType | undefined, paged: boolean): Weight {
    let [depth, aliases, cost] = [0, 0, 0];
    for (const selection of set.selections) {
      const weight =
        selection.kind === Kind.FIELD
          ? this.weighField(selection, type, paged)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.weigh(selection.selectionSet, this.typeNamed(selection.typeCondition?.name.value) ?? type, paged)
            : this.weighFragment(selection.name.value, paged);
      depth = Math.max(depth, weight.depth);
      aliases += weight.aliases;
      cost += weight.cost;
    }
    return { depth, aliases, cost };
  }

  private weighFragment(name: string, paged: boolean): Weight {
    const key = `${name} ${paged}`;
    const known = this.weighed.get(key);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    if (fragment === undefined) return { depth: 0, aliases: 0, cost: 0 };
    const weight = this.weigh(fragment.selectionSet, this.typeNamed(fragment.typeCondition.name.value), paged);
    this.weighed.set(key, weight);
    return weight;
  }

  private weighField(node: FieldNode, parent: GraphQLNamedType | undefined, paged: boolean): Weight {
    const aliases = node.alias === undefined ? 0 : 1;
    if (node.name.value.startsWith("__")) return { depth: 1, aliases, cost: 1 };
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (node.selectionSet === undefined) return { depth: 1, aliases, cost: 1 };
    const first = field?.args.some((argument) => argument.name === "first") ? this.firstOf(node) : null;
    const inside = this.weigh(node.selectionSet, field && getNamedType(field.type), first !== null);
    const times = first ?? (!paged && isList(field) ? LIST : 1);
    return { depth: 1 + inside.depth, aliases: aliases + inside.aliases, cost: 1 + times * inside.cost };
  }

  private firstOf(node: FieldNode): number {
    const given = node.arguments?.find((argument) => argument.name.value === "first")?.value;
    const value = given && valueFromASTUntyped(given, this.values);
    return typeof value === "number" && Number.isFinite(value) ? Math.max(1, value) : PAGE;
  }

  private typeNamed(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.schema.getType(name);
  }
}

function isList(field: GraphQLField<unknown, unknown> | undefined): boolean {
  return field !== undefined && isListType(getNullableType(field.type));
}

/** Ten seconds' worth may come at once. */
const AT_ONCE_OF_MINUTE = 1 / 6;
const CLIENTS_KEPT = 10_000;

/** How much one client may ask: so much a minute, evenly, with a little at once. Each process counts for itself. */
export class Rate {
  private readonly perMinute: number;
  private readonly now: () => number;
  /** What each client has left, as of when; those asked of lately are last. */
  private readonly left = new Map<string, { requests: number; at: number }>();

  /** `now` in milliseconds. */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.perMinute = perMinute;
    this.now = now;
  }

  /** 0 where a client may ask now, and has then done so; otherwise the seconds, rounded up, until it may. */
  take(client: string): number {
    const [at, most] = [this.now(), Math.max(1, this.perMinute * AT_ONCE_OF_MINUTE)];
    const before = this.left.get(client);
    const since = before === undefined ? most : before.requests + ((at - before.at) * this.perMinute) / 60_000;
    const requests = Math.min(most, since);
    if (before === undefined && this.left.size >= CLIENTS_KEPT) this.left.delete(this.left.keys().next().value ?? "");
    if (before !== undefined) this.left.delete(client);
    this.left.set(client, { requests: requests < 1 ? requests : requests - 1, at });
    return requests < 1 ? Math.ceil(((1 - requests) * 60) / this.perMinute) : 0;
  }
}

/** The operations that were registered, known by their text whatever its spacing, comments and order. */
export interface TrustedDocuments {
  trusts(query: string): boolean;
  /** The text registered under an id, with or without `sha256:` before it; null where there is none. */
  find(id: string): string | null;
}

const TEXTS_KEPT = 1_000;

export function trustedDocumentsOf(texts: readonly string[]): TrustedDocuments {
  const byId = new Map(texts.map((text) => [idOf(text), text]));
  const known = new Map<string, boolean>();
  return {
    trusts(query) {
      const before = known.get(query);
      if (before !== undefined) return before;
      const trusted = byId.has(idOf(query));
      if (known.size >= TEXTS_KEPT) known.delete(known.keys().next().value ?? "");
      known.set(query, trusted);
      return trusted;
    },
    find: (id) => byId.get(id.replace(/^sha256:/, "")) ?? null,
  };
}

/**
 * SHA-256, in hexadecimal, of a document without what GraphQL ignores, its operations before its fragments and each in
 * order of name, as the SDK writes it. Of the text as it is where it does not parse: equal to no registered one.
 */
function idOf(text: string): string {
  return createHash("sha256").update(normalOf(text)).digest("hex");
}

function normalOf(text: string): string {
  let document: DocumentNode;
  try {
    document = parse(text, { noLocation: true, maxTokens: LIMITS.tokens });
  } catch {
    return text;
  }
  const placed = document.definitions.map((definition) => {
    const name = "name" in definition ? (definition.name?.value ?? "") : "";
    return { place: `${definition.kind === Kind.OPERATION_DEFINITION ? 0 : 1} ${name}`, text: print(definition) };
  });
  const ordered = placed.sort((a, b) => (a.place < b.place ? -1 : 1));
  return stripIgnoredCharacters(ordered.map((each) => each.text).join("\n\n"));
}
