/** The letters that generated code is made of (compile.ts), and what its two halves must agree on. */

import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from "graphql";

/** A plan that has something in it the compiler does not know: it is executed by Apollo. */
export class Uncovered extends Error {}

/** A string of code. In single quotes, for most of them are JSON and full of double ones. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A name of JSON, with its colon. */
export function nameOfJson(name: string): string {
  return `${JSON.stringify(name)}:`;
}

/** Reads a response name of an object that is there; of one that may not be, `by` "?.". */
export function read(holder: string, name: string, by: "." | "?." = "."): string {
  if (!(name in Object.prototype)) return `${holder}${by}${name}`;
  return `own(${by === "." ? holder : `${holder} ?? {}`}, ${quoted(name)})`;
}

/** Whether a type is another, or one of its kinds. */
export function isOfType(schema: GraphQLSchema, typeName: string, condition: string): boolean {
  if (typeName === condition) return true;
  const [type, abstract] = [schema.getType(typeName), schema.getType(condition)];
  return (isObjectType(type) || isInterfaceType(type)) && isAbstractType(abstract) && schema.isSubType(abstract, type);
}
