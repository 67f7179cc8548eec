/**
 * Lists of the graph as CSV files: asked page after page as the viewer, by an ordinary query, and sent on as they come. So a file
 * holds what the viewer may see and nothing else, every page is guarded and written down as any question is, and never
 * more than one page is in memory.
 */

import { Problem } from "../schema/errors";
import { BYTE_ORDER_MARK, csvLine } from "./csv";
import type { ShownError } from "./faults";
import { type Answer, invalid } from "./http";

/** Asks the graph as the viewer. */
export type AskGraph = (query: string, variables: object) => Promise<GraphResult>;

export interface GraphResult {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly ShownError[];
}

interface Export {
  readonly query: string;
  /** Parameter → the variable it fills, and whether it may be given several times. */
  readonly parameters: Readonly<Record<string, { readonly fills: string; readonly many?: true }>>;
  readonly needs?: string;
  pageOf(data: Readonly<Record<string, unknown>>): Connection | null;
  readonly columns: readonly (readonly [string, (line: Line) => string | number | null])[];
}

interface Connection {
  readonly edges: readonly { readonly node: Line }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What the queries below ask of each. */
interface Line {
  readonly child: {
    readonly id: string;
    readonly nhsNumber: string | null;
    readonly name: { readonly given: string | null; readonly family: string | null } | null;
    readonly bornOn: string;
    readonly address: { readonly lines?: readonly string[]; readonly postcode?: string | null } | null;
    readonly practice: { readonly odsCode?: string; readonly name?: string | null } | null;
  };
  readonly [field: string]: unknown;
}

const CHILD = `child { id nhsNumber name { given family } bornOn
  address { ... on Address { lines postcode } } practice { ... on Practice { odsCode name } } }`;

const CHILD_COLUMNS = [
  ["child_id", ({ child }) => child.id],
  ["nhs_number", ({ child }) => child.nhsNumber],
  ["family_name", ({ child }) => child.name?.family ?? null],
  ["given_names", ({ child }) => child.name?.given ?? null],
  ["born_on", ({ child }) => child.bornOn],
  ["address", ({ child }) => child.address?.lines?.join(", ") ?? null],
  ["postcode", ({ child }) => child.address?.postcode ?? null],
  ["practice", ({ child }) => child.practice?.odsCode ?? null],
  ["practice_name", ({ child }) => child.practice?.name ?? null],
] as const satisfies Export["columns"];

const field = (name: string) => (line: Line) => textOf(line[name]);

/** Path → what is exported there. */
export const EXPORTS: Readonly<Record<string, Export>> = {
  "/exports/immunisations-due.csv": {
    query: `query ExportImmunisationsDue($where: Population!, $team: ID, $states: [DoseState!], $vaccines: [Vaccine!], $on: Date, $after: String) {
      immunisationsDue(where: $where, team: $team, states: $states, vaccines: $vaccines, on: $on, first: 100, after: $after) {
        edges { node { ${CHILD} doseId name vaccine state dueOn overdueOn latestOn contact invitations inviteAgainOn reason } }
        pageInfo { hasNextPage endCursor } } }`,
    parameters: {
      locality: { fills: "where.localities", many: true },
      localAuthority: { fills: "where.localAuthorities", many: true },
      practice: { fills: "where.practices", many: true },
      school: { fills: "where.schools", many: true },
      bornFrom: { fills: "where.bornFrom" },
      bornTo: { fills: "where.bornTo" },
      team: { fills: "team" },
      state: { fills: "states", many: true },
      vaccine: { fills: "vaccines", many: true },
      on: { fills: "on" },
    },
    pageOf: (data) => data.immunisationsDue as Connection | null,
    columns: [
      ...CHILD_COLUMNS,
      ["dose", field("doseId")],
      ["dose_name", field("name")],
      ["vaccine", field("vaccine")],
      ["state", field("state")],
      ["due_on", field("dueOn")],
      ["overdue_on", field("overdueOn")],
      ["latest_on", field("latestOn")],
      ["contact", field("contact")],
      ["invitations", field("invitations")],
      ["invite_again_on", field("inviteAgainOn")],
      ["reason", field("reason")],
    ],
  },
  "/exports/invitations.csv": {
    query: `query ExportInvitations($run: ID!, $states: [InvitationState!], $after: String) {
      invitationRun(id: $run) { invitations(states: $states, first: 100, after: $after) {
        edges { node { ${CHILD} doses state number invitedAt toYoungPerson cancelledBecause inviteAgainOn } }
        pageInfo { hasNextPage endCursor } } } }`,
    parameters: { run: { fills: "run" }, state: { fills: "states", many: true } },
    needs: "run",
    pageOf: (data) => (data.invitationRun as { readonly invitations: Connection } | null)?.invitations ?? null,
    columns: [
      ...CHILD_COLUMNS,
      ["doses", field("doses")],
      ["state", field("state")],
      ["invitation", field("number")],
      ["invited_at", field("invitedAt")],
      ["to_young_person", field("toYoungPerson")],
      ["cancelled_because", field("cancelledBecause")],
      ["invite_again_on", field("inviteAgainOn")],
    ],
  },
};

/**
 * The file at a path, or the problem that the first page met. What fails later ends the connection, by `cut`: a file that is
 * not whole must not look as if it were.
 */
export async function exportOf(
  path: string,
  search: string,
  ask: AskGraph,
  cut: (fault: unknown) => void,
): Promise<Answer | Problem | readonly ShownError[]> {
  const asked = EXPORTS[path];
  if (asked === undefined) return invalid("there is nothing at this path");
  const variables = variablesOf(asked, new URLSearchParams(search));
  if (variables instanceof Problem) return variables;
  const first = await ask(asked.query, variables);
  if (first.errors?.length || !first.data) return first.errors ?? invalid("it was not answered");
  const page = asked.pageOf(first.data);
  if (page === null) return new Problem("NOT_FOUND", { what: "invitation run" });
  return {
    status: 200,
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${path.slice("/exports/".length)}"`,
    },
    body: linesOf(asked, page, (after) => ask(asked.query, { ...variables, after }), cut),
  };
}

async function* linesOf(
  { columns, pageOf }: Export,
  first: Connection,
  next: (after: string | null) => Promise<GraphResult>,
  cut: (fault: unknown) => void,
): AsyncGenerator<string, void> {
  yield BYTE_ORDER_MARK + csvLine(columns.map(([name]) => name));
  try {
    for (let page: Connection | null = first; page !== null; ) {
      yield page.edges.map(({ node }) => csvLine(columns.map(([, cell]) => cell(node)))).join("");
      if (!page.pageInfo.hasNextPage) return;
      const { data, errors }: GraphResult = await next(page.pageInfo.endCursor);
      if (errors?.length || !data) throw new Error("A page failed.");
      page = pageOf(data);
    }
  } catch (fault) {
    cut(fault);
  }
}

function variablesOf({ parameters, needs }: Export, search: URLSearchParams): Record<string, unknown> | Problem {
  const variables: Record<string, unknown> = { where: {} };
  for (const name of new Set(search.keys())) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const values = search.getAll(name).filter((value) => value !== "");
    if (parameter === undefined)
      return new Problem("ARGUMENT_INVALID", {
        argument: name,
        expected: `one of ${Object.keys(parameters).join(", ")}`,
      });
    if (values.length === 0) continue;
    if (values.length > 1 && !parameter.many)
      return new Problem("ARGUMENT_INVALID", { argument: name, expected: "given once" });
    const [to = "", within] = parameter.fills.split(".");
    const value = parameter.many ? values : values[0];
    if (within === undefined) variables[to] = value;
    else variables[to] = { ...(variables[to] as object), [within]: value };
  }
  if (needs !== undefined && variables[needs] === undefined)
    return new Problem("ARGUMENT_INVALID", { argument: needs, expected: "given" });
  return variables;
}

function textOf(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "number" ? value : String(value);
}
