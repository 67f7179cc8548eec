/** Every field of a type of the graph as a selection, with what lies within: for tests that ask for everything. */

import {
  buildSchema,
  type GraphQLNamedType,
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";
import { buildGraph } from "../../chassis/subgraph";
import { supergraphOf } from "../../gateway";
import { DEFINITIONS } from "../../main";

export const API = buildSchema(
  supergraphOf(DEFINITIONS.map((definition) => ({ name: definition.name, sdl: buildGraph(definition).sdl }))).apiSdl,
);

/** A place is named by its key; a child within a child by its id. */
const BY_KEY: Readonly<Record<string, string>> = {
  Child: "{ id }",
  Practice: "{ odsCode name }",
  Locality: "{ code name }",
  LocalAuthority: "{ code name }",
};

export interface Asked {
  readonly name: string;
  readonly selection: string;
  /** Without it there is no child, so that one refusal hides the others. */
  readonly needed: boolean;
}

/** The fields of a child, each with all that lies within it. */
export function fieldsOfChild(): readonly Asked[] {
  const type = API.getType("Child");
  if (!isObjectType(type)) throw new Error("A child is a type of the graph.");
  return Object.values(type.getFields())
    .filter((field) => !field.args.some(isRequiredArgument))
    .map((field) => ({
      name: field.name,
      selection: `${field.name} ${selectionOf(getNamedType(field.type), 4)}`,
      needed: isNonNullType(field.type) && field.name !== "id",
    }));
}

function selectionOf(type: GraphQLNamedType, depth: number): string {
  if (isLeafType(type)) return "";
  const byKey = BY_KEY[type.name];
  if (byKey !== undefined) return byKey;
  if (isUnionType(type)) {
    return `{ __typename ${type
      .getTypes()
      .map((each) => `... on ${each.name} ${selectionOf(each, depth - 1)}`)
      .join(" ")} }`;
  }
  if (!isObjectType(type)) return "";
  const fields = Object.values(type.getFields())
    .filter((field) => !field.args.some(isRequiredArgument))
    .filter((field) => depth > 0 || isLeafType(getNamedType(field.type)))
    .map((field) => `${field.name} ${selectionOf(getNamedType(field.type), depth - 1)}`);
  return fields.length === 0 ? "{ __typename }" : `{ ${fields.join(" ")} }`;
}
