/** Pages of a list, and the cursors between them. A cursor is the key of the list's order, so pages stay as rows come and go. */

import { Problem } from "../schema/errors";

const [USUAL_PAGE, LARGEST_PAGE] = [25, 100];

/** What the arguments `first` and `after` say of themselves in the graph. */
export const FIRST = `How many at most, from 1 to ${LARGEST_PAGE}; ${USUAL_PAGE} where it is left out.`;
export const AFTER = "The cursor after which to go on. Left out: from the beginning.";

/** How many a page holds. Throws ARGUMENT_INVALID unless it is from 1 to 100. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? USUAL_PAGE;
  if (size >= 1 && size <= LARGEST_PAGE) return size;
  throw new Problem("ARGUMENT_INVALID", { argument: "first", expected: `a number from 1 to ${LARGEST_PAGE}` });
}

/** The key a cursor stands for; null for the first page. Throws ARGUMENT_INVALID for what no list gave. */
export function cursorRead(after: string | null | undefined): string | null {
  if (after === null || after === undefined) return null;
  const key = Buffer.from(after, "base64url").toString();
  if (key !== "" && cursorOf(key) === after) return key;
  throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
}

export function cursorOf(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** A page of what comes after `from`, of which there may be more than the page holds: ask for one more than its size. */
export function pageOf<Row, Edge>(
  rest: readonly Row[],
  {
    size,
    from,
    keyOf,
    edgeOf,
  }: {
    readonly size: number;
    /** The key the page was asked after; null for the first. */
    readonly from: string | null;
    readonly keyOf: (row: Row) => string;
    readonly edgeOf: (row: Row) => Edge;
  },
) {
  const edges = rest.slice(0, size).map((row) => ({ ...edgeOf(row), cursor: cursorOf(keyOf(row)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rest.length > size,
      hasPreviousPage: from !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
