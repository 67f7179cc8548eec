/** What every list of the graph says of the page it answers. */

import { Directive, Field, ObjectType } from "type-graphql";

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
