/**
 * The queries GraphiQL opens with, one tab each, every one for a role and a question that role really has. The tests
 * run them against the graph. The first holds the NHS number of an invented child.
 */

import type { Role } from "../../schema/access";

export interface Example {
  /** The operation's name, which is the tab's. */
  readonly name: string;
  readonly role: Role;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The examples with those about one child asking for the child of this number. */
export function examplesAbout(nhsNumber: string): readonly Example[] {
  return EXAMPLES.map((example) =>
    "nhsNumber" in example.variables ? { ...example, variables: { ...example.variables, nhsNumber } } : example,
  );
}

const NHS_NUMBER = "9990000018";

export const EXAMPLES: readonly Example[] = [
  {
    name: "OneChild",
    role: "CHILD_HEALTH_CLERK",
    query: `# Everything of one child, whichever of the six systems it came from. Ctrl+Enter runs it; choose another
# viewer above and see what changes.
query OneChild($nhsNumber: NhsNumber!) {
  child(nhsNumber: $nhsNumber) {
    id
    name { full }
    bornOn
    sex
    address {
      ... on Address { lines postcode }
      ... on Withheld { reason }
    }
    practice {
      ... on Practice { odsCode name }
      ... on Withheld { reason }
    }
    newbornHearing { outcome screenedOn }
    newbornBloodSpot { complete results { condition outcome } }
    newbornExamination { examinedOn complete }
    doses { vaccine product givenOn }
    dosesNotGiven { vaccine reason decidedOn }
    safeguarding { standing }
    provenance {
      kind
      system {
        ... on SourceSystem { name lastToldAt }
        ... on Withheld { reason }
      }
    }
  }
}
`,
    variables: { nhsNumber: NHS_NUMBER },
  },
  {
    name: "ChildrenOfWirral",
    role: "CHILD_HEALTH_CLERK",
    query: `# A page of the children of one locality. For the next, ask again with "after" set to endCursor.
query ChildrenOfWirral($first: Int!, $after: String) {
  children(where: { localities: [WIRRAL] }, first: $first, after: $after) {
    edges {
      node {
        id
        nhsNumber
        name { full }
        bornOn
        doses { vaccine givenOn }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: { first: 20, after: null },
  },
  {
    name: "MyCaseload",
    role: "HEALTH_VISITOR",
    query: `# Young children of two localities, with what was given and what was not, and why.
query MyCaseload($bornFrom: Date!) {
  children(where: { localities: [EAST_CHESHIRE, CHESHIRE_WEST], bornFrom: $bornFrom }, first: 25) {
    edges {
      node {
        id
        name { full }
        bornOn
        doses { vaccine givenOn }
        dosesNotGiven { vaccine reason decidedOn until }
        safeguarding { standing }
      }
    }
  }
}
`,
    variables: { bornFrom: "2024-01-01" },
  },
  {
    name: "NewbornScreening",
    role: "SCREENING_OFFICER",
    query: `# The newborn screens of babies of one locality, and what each still lacks.
query NewbornScreening($first: Int!) {
  children(where: { localities: [LIVERPOOL_SEFTON] }, first: $first) {
    edges {
      node {
        id
        bornOn
        newbornHearing { outcome screenedOn complete }
        newbornBloodSpot { complete missing suspected }
        newbornExamination { examinedOn complete }
      }
    }
  }
}
`,
    variables: { first: 25 },
  },
  {
    name: "Safeguarding",
    role: "SAFEGUARDING_LEAD",
    query: `# How the children of one locality stand, with the flags, which only a safeguarding lead sees.
query Safeguarding($first: Int!) {
  children(where: { localities: [ST_HELENS_KNOWSLEY] }, first: $first) {
    edges {
      node {
        id
        safeguarding {
          standing
          flags { kind startedOn endedOn }
        }
      }
    }
  }
}
`,
    variables: { first: 50 },
  },
  {
    name: "Localities",
    role: "ANALYST",
    query: `# The six localities and the systems their records came from.
query Localities {
  localities { code name phase legacySystem localAuthorities { code name } }
}
`,
    variables: {},
  },
];
