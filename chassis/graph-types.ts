/** Types of the graph that several parts share: one meaning, one description. */

import "reflect-metadata";
import { Directive, Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { DateScalar, OdsCodeScalar } from "../schema/scalars";
import { LOCALITIES, LOCALITY_CODES, type LocalityCode } from "../schema/vocabulary/localities";
import type { Population as ChildrenMeant } from "./register";

/** A graph enum of a table's names, each described by what the table says of it, which needs no full stop there. */
export function enumOf(
  name: string,
  description: string,
  table: Readonly<Record<string, string | { readonly says: string }>>,
): Record<string, string> {
  const values = Object.fromEntries(Object.keys(table).map((value) => [value, value]));
  const described = Object.entries(table).map(([value, row]) => {
    const says = typeof row === "string" ? row : row.says;
    return [value, { description: says.endsWith(".") ? says : `${says}.` }];
  });
  registerEnumType(values, { name, description, valuesConfig: Object.fromEntries(described) });
  return values;
}

export const LocalityCodeEnum = enumOf(
  "LocalityCode",
  "A locality of Cheshire and Merseyside.",
  Object.fromEntries(LOCALITY_CODES.map((code) => [code, LOCALITIES[code].name])),
);

@ObjectType({ description: "Where a page of a list begins and ends." })
@Directive("@shareable")
export class PageInfo {
  @Field(() => Boolean, { description: "True where there are more after this page." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "True where this page was asked for after another." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the first of the page. Null for an empty page." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Cursor of the last of the page. Null for an empty page." })
  endCursor!: string | null;
}

@InputType({
  description: "Which children are meant: every condition given holds. What is left out or empty is no condition.",
})
export class Population implements ChildrenMeant {
  @Field(() => [LocalityCodeEnum], { nullable: true, description: "One of these localities is responsible." })
  localities?: readonly LocalityCode[] | null;

  @Field(() => [String], { nullable: true, description: "One of these local authorities is responsible: ONS codes." })
  localAuthorities?: readonly string[] | null;

  @Field(() => [OdsCodeScalar], { nullable: true, description: "Registered with one of these practices: ODS codes." })
  practices?: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: "At one of these schools: unique reference numbers." })
  schools?: readonly string[] | null;

  @Field(() => DateScalar, { nullable: true, description: "Born on this day or later." })
  bornFrom?: string | null;

  @Field(() => DateScalar, { nullable: true, description: "Born before this day." })
  bornTo?: string | null;
}
