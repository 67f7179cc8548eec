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
      }
    }
  }
}
`,
    variables: { bornFrom: "2024-01-01" },
  },
  {
    name: "DueAtMyPractice",
    role: "GENERAL_PRACTITIONER",
    query: `# What is due and overdue to the children of this practice today, why, and whether the family may be invited.
# "on" asks for a later day, such as that of a clinic; REFUSED lists what was declined.
query DueAtMyPractice($first: Int!, $after: String, $on: Date, $states: [DoseState!]) {
  immunisationsDue(where: {}, on: $on, states: $states, first: $first, after: $after) {
    on
    edges {
      node {
        child { id nhsNumber name { full } bornOn }
        name
        vaccine
        state
        dueOn
        overdueOn
        latestOn
        contact
        reason
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: { first: 25, after: null, on: null, states: ["DUE", "OVERDUE"] },
  },
  {
    name: "OverdueMeasles",
    role: "CHILD_HEALTH_CLERK",
    query: `# Whom to call for measles in one locality: doses of MMR and MMRV that are overdue, and how often the family was invited.
# The same as a file: /exports/immunisations-due.csv?locality=WIRRAL&vaccine=MMR&vaccine=MMRV&state=OVERDUE
query OverdueMeasles($team: ID) {
  immunisationsDue(where: { localities: [WIRRAL] }, team: $team, vaccines: [MMR, MMRV], states: [OVERDUE], first: 25) {
    edges {
      node {
        child { id name { full } bornOn practice { ... on Practice { odsCode name } } }
        doseId
        overdueOn
        contact
        invitations
        inviteAgainOn
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: { team: null },
  },
  {
    name: "ToldToMyTeam",
    role: "HEALTH_VISITOR",
    query: `# What the health visitors were told and nobody has acknowledged yet, oldest first; \`subscription\` in place of \`query\`,
# with its fields straight below notifications, tells the same as it happens.
query ToldToMyTeam($after: String) {
  notifications(where: { acknowledged: false }, first: 25, after: $after) {
    edges {
      node {
        id
        kind
        says
        urgency
        toldAt
        seeBy
        overdue
        child { id name { full } bornOn }
      }
    }
    readUpTo
    pageInfo { hasNextPage }
  }
}
`,
    variables: { after: null },
  },
  {
    name: "AsItHappens",
    role: "HEALTH_VISITOR",
    query: `# Tells what the health visitors are told, as it happens, with whatever you ask of the child. Stop it with the same button.
subscription AsItHappens($after: String) {
  notifications(after: $after) {
    cursor
    says
    urgency
    child { id name { full } newbornHearing { outcome } }
  }
}
`,
    variables: { after: null },
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
    query: `# How one child stands, with the flags, which only a safeguarding lead sees. It is asked about one child at a time,
# never down a list, and each time is written down.
query Safeguarding($nhsNumber: NhsNumber!) {
  child(nhsNumber: $nhsNumber) {
    id
    name { full }
    safeguarding {
      standing
      flags { kind startedOn endedOn }
    }
  }
}
`,
    variables: { nhsNumber: NHS_NUMBER },
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
