/** What the gateways of the benchmark are compared over: four parts of a record, with invented content, and four questions. */

import { createServer } from "node:http";
import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type GraphQLFieldResolver, type GraphQLSchema, graphql, parse } from "graphql";

export const PARTS_PORT = 4720;
const CHILDREN = 100;

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@external"])';

interface Invented {
  readonly id: string;
  readonly at: number;
}

const CHILD = (at: number) => ({ __typename: "Child", id: `child-${at}`, at });
const numberOf = (id: string) => Number(id.split("-")[1]);
const times = <Value>(count: number, make: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => make(at));
const day = (at: number) => `20${15 + (at % 9)}-0${1 + (at % 9)}-1${at % 9}`;

/** Four parts of a record, with invented content of the size that a real one has. */
export const PARTS: Readonly<
  Record<string, { readonly sdl: string; readonly fields: Record<string, Record<string, unknown>> }>
> = {
  demographics: {
    sdl: `${LINK}
      type Query { child(id: ID!): Child children(first: Int = 100): [Child!]! practices: [Practice!]! }
      type Child @key(fields: "id") { id: ID! given: String! family: String! bornOn: String! sex: String address: Address practice: Practice siblings: [Child!]! }
      type Address { line: String town: String postcode: String }
      type Practice @key(fields: "code") { code: ID! name: String children: [Child!]! }`,
    fields: {
      Query: {
        child: (_: unknown, { id }: { id: string }) => CHILD(numberOf(id)),
        children: (_: unknown, { first }: { first: number }) => times(Math.min(first, CHILDREN), CHILD),
        practices: () => times(4, (at) => ({ code: `P8${1000 + at}`, at })),
      },
      Child: {
        given: ({ at }: Invented) => `Given${at}`,
        family: ({ at }: Invented) => `Family${at % 37}`,
        bornOn: ({ at }: Invented) => day(at),
        sex: ({ at }: Invented) => (at % 2 ? "MALE" : "FEMALE"),
        address: ({ at }: Invented) => ({
          line: `${at + 1} High Street`,
          town: "Chester",
          postcode: `CH${1 + (at % 9)} ${at % 9}AB`,
        }),
        practice: ({ at }: Invented) => ({ code: `P8${1000 + (at % 4)}`, at: at % 4 }),
        siblings: ({ at }: Invented) => times(2, (other) => CHILD((at + other * 7 + 1) % CHILDREN)),
      },
      Practice: {
        name: ({ at }: Invented) => `Surgery ${at}`,
        children: ({ at }: Invented) => times(3, (other) => CHILD((at + other * 4) % CHILDREN)),
      },
    },
  },
  screening: {
    sdl: `${LINK}
      type Child @key(fields: "id") { id: ID! screenings(last: Int): [Screening!]! }
      type Screening { id: ID! kind: String! on: String! outcome: String laboratory: String sample: String notes: String }`,
    fields: {
      Child: {
        screenings: ({ id }: Invented, { last = 8 }: { last?: number }) =>
          times(last, (k) => ({
            id: `${id}-s-${k}`,
            kind: `Screen ${k}`,
            on: day(k),
            outcome: k % 3 ? "normal" : "referred",
            laboratory: "Chester",
            sample: `LAB${1000 + k}`,
            notes: "no further action required at this stage",
          })),
      },
    },
  },
  immunisations: {
    sdl: `${LINK}
      type Child @key(fields: "id") { id: ID! doses(last: Int): [Dose!]! }
      type Dose { id: ID! on: String! code: String! name: String batch: String expires: String site: String route: String number: Int status: String! by: String }`,
    fields: {
      Child: {
        doses: ({ id }: Invented, { last = 25 }: { last?: number }) =>
          times(last, (k) => ({
            id: `${id}-d-${k}`,
            on: day(k),
            code: `3911491100000${k}`,
            name: "Infanrix hexa vaccine",
            batch: `B${k}7431`,
            expires: day(k + 3),
            site: "left thigh",
            route: "intramuscular",
            number: 1 + (k % 4),
            status: "completed",
            by: "P81000",
          })),
      },
    },
  },
  safeguarding: {
    sdl: `${LINK}
      type Child @key(fields: "id") { id: ID! flag: Flag }
      type Flag { standing: String! raisedOn: String reason: String lead: String }`,
    fields: {
      Child: {
        flag: ({ id }: Invented) => ({
          standing: "NONE_KNOWN",
          raisedOn: day(numberOf(id)),
          reason: "child protection plan",
          lead: "Named nurse 7",
        }),
      },
    },
  },
};

/** A part as a schema that answers. */
export function executablePart(name: string): GraphQLSchema {
  const { sdl = "", fields = {} } = PARTS[name] ?? {};
  const Child = { ...fields.Child, __resolveReference: ({ id }: { id: string }) => CHILD(numberOf(id)) };
  const Practice = fields.Practice && {
    Practice: {
      ...fields.Practice,
      __resolveReference: ({ code }: { code: string }) => ({ code, at: Number(code.slice(3)) }),
    },
  };
  // Apollo's type of resolvers is narrower than what it takes.
  const resolvers = { ...fields, Child, ...Practice } as Record<
    string,
    Record<string, GraphQLFieldResolver<unknown, unknown>>
  >;
  return buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
}

/** The parts, on one port, each answer remembered: cheap enough not to be what the gateways wait for. */
export function serveParts(): void {
  const schemas = new Map(Object.keys(PARTS).map((name) => [`/${name}`, executablePart(name)]));
  const answers = new Map<string, Promise<string>>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const [path = "", body] = [request.url, Buffer.concat(chunks).toString()];
      const key = `${path} ${body}`;
      let answer = answers.get(key);
      const schema = schemas.get(path);
      if (answer === undefined && schema !== undefined) {
        const { query, variables, operationName } = JSON.parse(body);
        answer = graphql({ schema, source: query, variableValues: variables, operationName }).then((each) =>
          JSON.stringify(each),
        );
        answers.set(key, answer);
      }
      const bytes = Buffer.from((await answer) ?? "");
      response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
      response.end(bytes);
    });
  });
  server.listen(PARTS_PORT, "127.0.0.1", () => process.send?.("ready"));
}

export const urlOf = (part: string) => `http://127.0.0.1:${PARTS_PORT}/${part}`;

export function supergraph(): string {
  const services = Object.entries(PARTS).map(([name, { sdl }]) => ({ name, url: urlOf(name), typeDefs: parse(sdl) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new Error(`The parts disagree: ${errors?.join("; ")}`);
  return supergraphSdl;
}

// --- The queries ------------------------------------------------------------------------------------------------

const RECORD = `{ id given family bornOn sex address { line town postcode } practice { code name }
  screenings { id kind on outcome laboratory sample notes }
  doses { id on code name batch expires site route number status by } flag { standing raisedOn reason lead } }`;
const LISTED =
  "{ id given family bornOn sex screenings(last: 2) { kind on outcome } doses(last: 3) { name on status } flag { standing } }";
const CALLED = "{ id given family screenings(last: 1) { kind on } flag { standing } }";

const each = (query: string) => times(CHILDREN, (at) => JSON.stringify({ query, variables: { id: `child-${at}` } }));
export const QUERIES: Readonly<Record<string, readonly string[]>> = {
  deep: [
    JSON.stringify({
      query: `{ practices { code name children { ...Called siblings { ...Called practice { code name children ${CALLED} } } } } }
        fragment Called on Child ${CALLED}`,
    }),
  ],
  record: each(`query Record($id: ID!) { child(id: $id) ${RECORD} }`),
  list: [JSON.stringify({ query: `query List { children(first: 100) ${LISTED} }` })],
  tiny: each("query Tiny($id: ID!) { child(id: $id) { id given family } }"),
};
