/**
 * A graph whose every answer follows from what is asked: parts of a federated graph answer the same about a thing as
 * one schema that holds it all, without either knowing the other. What a field says is reckoned from the thing's
 * identity, the field and its arguments; now and then it is null, and now and then it fails.
 */

import { createHash } from "node:crypto";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  graphql,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from "graphql";
import type { Source } from "../../gateway";

/** A thing of the graph: what it is, and what tells it from every other. */
interface Thing {
  readonly __typename: string;
  readonly identity: string;
  readonly [key: string]: unknown;
}

/** `Type.field` → what it requires, as fields with arguments of the same thing; what it says follows from their answers. */
export type Requirements = Readonly<Record<string, readonly (readonly [field: string, args: object])[]>>;

const TEXTS = ["Ada", 'a "quoted" word', "Zoë", "line\nbreak", "back\\slash", "😀", "", "x".repeat(70)];
const THINGS_OF_A_KIND = 4;

function reckoned(text: string): number {
  return createHash("sha1").update(text).digest().readUInt32BE(0);
}

/** A value with the fields of its objects by name, as a schema may order them otherwise. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, inOrder(each)]),
  );
}

/** In an order that does not depend on who wrote the schema. */
function byName<Named extends { readonly name: string }>(all: readonly Named[]): readonly Named[] {
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Entity → its key, from the text of the parts. */
function keysOf(sdls: readonly string[]): ReadonlyMap<string, string> {
  const found = sdls.flatMap((sdl) => [...sdl.matchAll(/type (\w+)[^{]*?@key\(fields: "(\w+)"/g)]);
  return new Map(found.map(([, type = "", key = ""]) => [type, key]));
}

export function inventedGraph(
  parts: Readonly<Record<string, string>>,
  apiSdl: string,
  requirements: Requirements = {},
) {
  const keys = keysOf(Object.values(parts));

  function thing(type: GraphQLNamedType, seed: string, schema: GraphQLSchema): Thing {
    const concrete = isAbstractType(type) ? byName(schema.getPossibleTypes(type)) : [type];
    const typeName = concrete[reckoned(`${seed}?`) % concrete.length]?.name ?? type.name;
    const key = keys.get(typeName);
    if (key === undefined) return { __typename: typeName, identity: seed };
    const at = reckoned(seed) % THINGS_OF_A_KIND;
    const holder = schema.getType(typeName);
    const keyType = isObjectType(holder) ? getNamedType(holder.getFields()[key]?.type) : undefined;
    return entity(typeName, isEnumType(keyType) ? (byName(keyType.getValues())[at]?.name ?? "") : `${typeName}-${at}`);
  }

  function entity(typeName: string, id: string): Thing {
    return { __typename: typeName, identity: `${typeName}:${id}`, [keys.get(typeName) ?? "id"]: id };
  }

  function said(type: GraphQLOutputType, seed: string, schema: GraphQLSchema): unknown {
    const number = reckoned(seed);
    if (isNonNullType(type)) return said(type.ofType, seed, schema);
    if (isListType(type)) {
      const entry = type.ofType as GraphQLOutputType; // of an output type
      return Array.from({ length: number % 4 }, (_, at) => {
        const of = `${seed}[${at}]`;
        return !isNonNullType(entry) && reckoned(of) % 6 === 0 ? null : said(entry, of, schema);
      });
    }
    if (isCompositeType(type)) return thing(type, seed, schema);
    if (isEnumType(type)) return byName(type.getValues())[number % type.getValues().length]?.name;
    if (type.name === "Int") return number % 100;
    if (type.name === "Float") return (number % 1000) / 8;
    if (type.name === "Boolean") return number % 2 === 0;
    return type.name === "ID" ? `id-${number % 1000}` : TEXTS[number % TEXTS.length];
  }

  const resolve: GraphQLFieldResolver<Thing | undefined, unknown> = (holder, args, _, info) => {
    const { fieldName, parentType, returnType, schema } = info;
    const place = `${parentType.name}.${fieldName}`;
    const required = requirements[place];
    // What a key or a reference brought along is told as it came.
    if (holder !== undefined && Object.hasOwn(holder, fieldName) && required === undefined) return holder[fieldName];
    const own = holder?.identity ?? parentType.name;
    const brought = required?.map(([field, given]) => {
      if (holder !== undefined && Object.hasOwn(holder, field)) return holder[field];
      const definition = parentType.getFields()[field];
      const apart =
        schema.getType("_Entity") !== undefined && schema.getQueryType()?.getFields()._entities !== undefined;
      if (definition === undefined || apart) return "not brought along";
      return said(definition.type, seedOf(own, field, given, []), schema);
    });
    const seed = seedOf(own, fieldName, args, brought ?? []);
    if (!isNonNullType(returnType)) {
      if (reckoned(`${seed}!`) % 17 === 0) throw new Error(`${place} fails`);
      if (reckoned(`${seed}!`) % 7 === 0) return null;
    }
    return said(returnType, seed, schema);
  };

  function seedOf(own: string, field: string, args: object, brought: readonly unknown[]): string {
    return `${own}.${field}(${JSON.stringify(inOrder(args))})${JSON.stringify(brought)}`;
  }

  const whole = buildSchema(apiSdl);
  const typeResolver = (value: unknown) => (value as Thing).__typename; // everything composite is a thing

  return {
    whole,
    /** The plain answer: one schema, executed by graphql-js. */
    plain: (query: string, variables: Readonly<Record<string, unknown>>) =>
      graphql({ schema: whole, source: query, variableValues: variables, fieldResolver: resolve, typeResolver }),
    sources: Object.entries(parts).map(([name, sdl]): Source => {
      const resolvers = Object.fromEntries(
        [...keys].map(([type, key]) => {
          const __resolveReference = (reference: Readonly<Record<string, unknown>>) => ({
            ...reference,
            ...entity(type, String(reference[key])),
          });
          return [type, { __resolveReference }];
        }),
      );
      const document = parse(sdl);
      const defined = new Set(document.definitions.flatMap((each) => ("name" in each ? [each.name?.value] : [])));
      const here = Object.fromEntries(Object.entries(resolvers).filter(([type]) => defined.has(type)));
      const schema = buildSubgraphSchema({ typeDefs: document, resolvers: here as never }); // Apollo's own type is narrower
      return {
        name,
        sdl,
        ready: async () => undefined,
        ask: async ({ query, variables }): Promise<ExecutionResult> =>
          execute({ schema, document: parse(query), variableValues: variables, fieldResolver: resolve, typeResolver }),
      };
    }),
  };
}

// --- Operations -------------------------------------------------------------------------------------------------

export interface Invented {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Random valid operations over a schema; equal seeds, equal operations. `texts`: what a scalar is asked for by, where not any text will do. */
export function inventedOperations(
  schema: GraphQLSchema,
  seed: number,
  texts: Readonly<Record<string, readonly string[]>> = {},
): () => Invented {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const chance = (share: number) => random() < share;
  const number = (below: number) => Math.floor(random() * below);

  function literal(type: GraphQLInputType): string {
    if (isNonNullType(type)) return literal(type.ofType);
    if (isListType(type)) return `[${literal(type.ofType as GraphQLInputType)}]`; // of an input type
    if (isEnumType(type)) return type.getValues()[number(type.getValues().length)]?.name ?? "null";
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || chance(0.3));
      return `{${fields.map((field) => `${field.name}: ${literal(field.type)}`).join(", ")}}`;
    }
    if (type.name === "Int") return String(1 + number(3));
    if (type.name === "Float") return "1.5";
    if (type.name === "Boolean") return String(chance(0.5));
    const known = texts[type.name];
    return known === undefined ? `"Child-${number(THINGS_OF_A_KIND)}"` : JSON.stringify(known[number(known.length)]);
  }

  function selection(type: GraphQLNamedType, depth: number, aliases: { next: number }): string {
    const out: string[] = [];
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    if (chance(0.2)) out.push(chance(0.3) ? `t${aliases.next++}: __typename` : "__typename");
    for (const field of fields) {
      if (!chance(fields.length > 8 ? 0.3 : 0.6)) continue;
      const named = getNamedType(field.type);
      if (isCompositeType(named) && depth === 0) continue;
      const given = field.args.filter((each) => isNonNullType(each.type) || chance(0.3));
      const args = given.map((each) => `${each.name}: ${literal(each.type)}`).join(", ");
      const alias = args !== "" || chance(0.08) ? `a${aliases.next++}: ` : "";
      const condition = chance(0.06)
        ? ` @${chance(0.5) ? "skip" : "include"}(if: ${["true", "false", "$yes", "$no"][number(4)]})`
        : "";
      const inside = isCompositeType(named) ? ` { ${selection(named, depth - 1, aliases)} }` : "";
      out.push(`${alias}${field.name}${args === "" ? "" : `(${args})`}${condition}${inside}`);
    }
    if (isAbstractType(type))
      for (const each of schema.getPossibleTypes(type))
        if (chance(0.6)) out.push(`... on ${each.name} { ${selection(each, Math.max(depth - 1, 0), aliases)} }`);
    if (chance(0.1)) out.push(`... { ${selection(type, 0, aliases)} }`);
    return out.length === 0 ? "__typename" : out.join(" ");
  }

  return () => {
    const root = schema.getQueryType();
    const query = `query ($yes: Boolean! = true, $no: Boolean!) { ${root ? selection(root, 4, { next: 0 }) : ""} y: __typename @skip(if: $no) z: __typename @include(if: $yes) }`;
    return { query, variables: { no: false } };
  };
}
