/** The viewers that GraphiQL offers ready-made, where the development issuer is in use. All are invented. */

import type { Role, Viewer } from "../../schema/access";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";

export interface ReadyViewer {
  readonly role: Role;
  readonly name: string;
  /** What the viewer reaches, in a line. */
  readonly reaches: string;
  readonly token: string;
}

interface Invented extends Viewer {
  readonly reaches: string;
}

const EVERYWHERE = { localities: LOCALITY_CODES, scopes: [] } as const;
const TRUST = "RXR";

const VIEWERS: readonly Invented[] = [
  {
    role: "CHILD_HEALTH_CLERK",
    subject: "dev-clerk",
    name: "Carys Penn",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "every child of the six localities; quarantine and loads; no safeguarding detail",
  },
  {
    role: "HEALTH_VISITOR",
    subject: "dev-health-visitor",
    name: "Hannah Vale",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "children under 5 of the six localities",
  },
  {
    role: "SCHOOL_NURSE",
    subject: "dev-school-nurse",
    name: "Saul Norris",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "children of school age of the six localities",
  },
  {
    role: "GENERAL_PRACTITIONER",
    subject: "dev-gp",
    name: "Dr Gita Prakash",
    organisation: "N81010",
    localities: [],
    scopes: [],
    reaches: "children registered at practice N81010",
  },
  {
    role: "SCREENING_OFFICER",
    subject: "dev-screening-officer",
    name: "Simon Croft",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "newborn screening of children under 1 of the six localities",
  },
  {
    role: "SAFEGUARDING_LEAD",
    subject: "dev-safeguarding-lead",
    name: "Lena Sefton",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "safeguarding of every child of the six localities, with detail",
  },
  {
    role: "PRIVACY_OFFICER",
    subject: "dev-privacy-officer",
    name: "Peter Okoro",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "who has looked at a record; no clinical record",
  },
  {
    role: "ANALYST",
    subject: "dev-analyst",
    name: "Anna Lister",
    organisation: TRUST,
    ...EVERYWHERE,
    reaches: "suppressed aggregates; never a row about one child",
  },
  {
    role: "PARTNER_APP",
    subject: "dev-partner-app",
    name: "Red Book app",
    organisation: null,
    localities: LOCALITY_CODES,
    scopes: [
      "identity:read",
      "children:list",
      "place:read",
      "screening:read",
      "immunisations:read",
      "notifications:read",
    ],
    reaches: "what its scopes name, by the registered operations of the SDK only",
  },
];

const MINUTES = 8 * 60;

/** Mints a token for each of them, good for a working day. */
export function readyViewers(issuer: {
  sign(viewer: Viewer, minutes: number): Promise<string>;
}): () => Promise<readonly ReadyViewer[]> {
  return () =>
    Promise.all(
      VIEWERS.map(async ({ reaches, ...viewer }) => ({
        role: viewer.role,
        name: viewer.name,
        reaches,
        token: await issuer.sign(viewer, MINUTES),
      })),
    );
}
