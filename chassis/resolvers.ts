/**
 * Which method of which class answers a field, and with what. TypeGraphQL makes a function of each method that looks up
 * its instance, sorts its parameters and walks through its guards at every call; a compiled operation (compile.ts) calls
 * the method itself.
 *
 * TypeGraphQL keeps this in a registry that is global and not among its exports, and is read here alone. What is not
 * there, or is more than is understood here, is null: such a field is left to GraphQL's own execution.
 */

import { type GraphQLSchema, isObjectType } from "graphql";
import type { Action } from "../schema/access";
import type { Withholding } from "./guard";

type Class = new (...args: never[]) => object;

/** What a method is handed, in its order: the value above it, the context, or an argument by its name. */
export type Parameter =
  | { readonly kind: "root" | "context"; readonly property: string | undefined }
  | { readonly kind: "arg"; readonly name: string };

/** Where a field's value comes from. */
export type Resolver =
  | { readonly from: "PROPERTY" }
  | {
      readonly from: "METHOD";
      readonly holder: Class;
      readonly method: string;
      readonly parameters: readonly Parameter[];
    };

export interface Guarding {
  readonly action: Action;
  readonly place: Withholding | undefined;
}

export interface Resolvers {
  of(typeName: string, fieldName: string): Resolver | null;
  /** By which action the viewer is let through; null for what lies within something that was guarded. */
  guarding(typeName: string, fieldName: string): Guarding | null;
  /** Says of which type a value of a union is; null where a union leaves that to be found out. */
  typeOf(unionName: string): ((value: object) => string | undefined) | null;
}

/** Of the classes of one definition and the graph that TypeGraphQL built of them. */
export function resolversOf(classes: readonly Class[], built: GraphQLSchema): Resolvers {
  // Its own type of this is not exported either.
  const { TypeGraphQLMetadataStorage: registry } = globalThis as unknown as {
    readonly TypeGraphQLMetadataStorage?: Registry;
  };
  const roots = [built.getQueryType(), built.getMutationType()].map((type) => type?.name);

  const nameOf = (target: unknown) => registry?.objectTypes.find((each) => each.target === target)?.name;

  function guarding(typeName: string, fieldName: string): Guarding | null {
    const type = built.getType(typeName);
    const extensions = isObjectType(type) ? type.getFields()[fieldName]?.extensions : undefined;
    if (extensions?.guarded === undefined) return null;
    return { action: extensions.guarded as Action, place: extensions.place as Withholding | undefined }; // as `Guarded` marked it
  }

  function methodOf(typeName: string, fieldName: string): Handler | undefined {
    if (registry === undefined) return undefined;
    if (roots.includes(typeName))
      return [...registry.queries, ...registry.mutations].find(
        ({ target, schemaName }) => schemaName === fieldName && classes.includes(target),
      );
    return registry.fieldResolvers.find(
      ({ kind, target, schemaName, getObjectType }) =>
        (kind === "internal" || classes.includes(target)) &&
        schemaName === fieldName &&
        nameOf(getObjectType?.()) === typeName,
    );
  }

  /** The declarations of a field in every class of a type's name, and in those they extend. */
  function propertiesOf(typeName: string, fieldName: string): readonly Property[] {
    const found: Property[] = [];
    for (const { target, name } of registry?.objectTypes ?? []) {
      if (name !== typeName) continue;
      for (let at: unknown = target; typeof at === "function"; at = Object.getPrototypeOf(at))
        found.push(...(registry?.fields.filter((each) => each.target === at && each.schemaName === fieldName) ?? []));
    }
    return found;
  }

  return {
    guarding,
    of(typeName, fieldName) {
      const guards = guarding(typeName, fieldName) === null ? 0 : 1;
      const handler = methodOf(typeName, fieldName);
      if (handler === undefined) {
        const properties = propertiesOf(typeName, fieldName);
        const plain = properties.every(
          ({ name, middlewares }) => name === fieldName && (middlewares?.length ?? 0) === guards,
        );
        return plain && properties.length > 0 ? { from: "PROPERTY" } : null;
      }
      const { kind, target, methodName, middlewares, params = [] } = handler;
      if (kind === "internal" || middlewares?.length !== guards) return null;
      const parameters: Parameter[] = [];
      for (const each of [...params].sort((a, b) => a.index - b.index)) {
        if (each.kind === "arg" && each.name !== undefined) parameters.push({ kind: "arg", name: each.name });
        else if ((each.kind === "root" && each.getType === undefined) || each.kind === "context")
          parameters.push({ kind: each.kind, property: each.propertyName });
        else return null;
      }
      return { from: "METHOD", holder: target, method: methodName, parameters };
    },
    typeOf(unionName) {
      const union = registry?.unions.find(
        ({ name, getClassTypes }) => name === unionName && getClassTypes().every((each) => nameOf(each) !== undefined),
      );
      const resolveType = union?.resolveType;
      if (union === undefined || resolveType === undefined) return null;
      const names = new Map(union.getClassTypes().map((each) => [each, nameOf(each)]));
      return (value) => {
        const found = resolveType(value);
        return typeof found === "string" ? found : names.get(found as Class); // one of its classes
      };
    },
  };
}

// --- The registry, as far as it is read ---------------------------------------------------------------------------

interface Handler {
  readonly kind?: "internal" | "external";
  readonly target: Class;
  readonly methodName: string;
  readonly schemaName: string;
  readonly getObjectType?: () => unknown;
  readonly middlewares?: readonly unknown[];
  readonly params?: readonly {
    readonly kind: string;
    readonly index: number;
    readonly name?: string;
    readonly propertyName?: string;
    readonly getType?: unknown;
  }[];
}

interface Property {
  readonly target: unknown;
  readonly name: string;
  readonly schemaName: string;
  readonly middlewares?: readonly unknown[];
}

interface Registry {
  readonly queries: readonly Handler[];
  readonly mutations: readonly Handler[];
  readonly fieldResolvers: readonly Handler[];
  readonly fields: readonly Property[];
  readonly objectTypes: readonly { readonly target: unknown; readonly name: string }[];
  readonly unions: readonly {
    readonly name: string;
    readonly getClassTypes: () => readonly Class[];
    readonly resolveType?: (value: unknown) => unknown;
  }[];
}
