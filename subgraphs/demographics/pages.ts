/** Pages of a list of children, and the cursors between them. Pure. */

import { Problem } from "../../schema/errors";

/** A child in a list, by the key that the list is in the order of. */
export interface Listed {
  readonly childId: string;
  readonly key: string;
  /** How well it fits a search; null in a list that is none. */
  readonly score: number | null;
}

const [USUAL_PAGE, LARGEST_PAGE] = [25, 100];

/** How many a page holds. Throws ARGUMENT_INVALID unless it is from 1 to 100. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? USUAL_PAGE;
  if (size >= 1 && size <= LARGEST_PAGE) return size;
  throw new Problem("ARGUMENT_INVALID", { argument: "first", expected: `a number from 1 to ${LARGEST_PAGE}` });
}

/** The key a cursor stands for. Throws ARGUMENT_INVALID for what no list gave. */
export function cursorRead(after: string | null | undefined): string | null {
  if (after === null || after === undefined) return null;
  const key = Buffer.from(after, "base64url").toString();
  if (key !== "" && cursorOf(key) === after) return key;
  throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
}

function cursorOf(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** A page of what comes after the last one, of which there may be more than the page holds. */
export function pageOf(rest: readonly Listed[], size: number, from: string | null) {
  const edges = rest.slice(0, size).map(({ childId, score, key }) => {
    return { node: { id: childId }, cursor: cursorOf(key), score };
  });
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
