/** The GraphQL scalars. They hold the house's own text forms, and refuse what is not one by naming what is expected. */

import { GraphQLScalarType, Kind } from "graphql";
import { isDay, readInstant } from "./calendar";
import { Problem } from "./errors";
import { readNhsNumber } from "./nhs-number";

interface TextScalar {
  readonly name: string;
  readonly description: string;
  readonly expected: string;
  /** The house's form of what a client wrote; null when it is not one. */
  readonly read: (text: string) => string | null;
  /** What clients see of the house's form. */
  readonly print?: (text: string) => string;
}

export const DateScalar = textScalar({
  name: "Date",
  description: "A calendar day in Europe/London, written YYYY-MM-DD.",
  expected: "a day of the calendar, written YYYY-MM-DD",
  read: (text) => (isDay(text) ? text : null),
});

export const InstantScalar = textScalar({
  name: "Instant",
  description:
    "A moment in time in UTC, written YYYY-MM-DDThh:mm:ss.sssZ, with more decimals where the source gave them.",
  expected: "a moment with its offset, written YYYY-MM-DDThh:mm:ss.sssZ",
  read: readInstant,
  // Nine decimals are for comparing; people read three, or as many as say something.
  print: (text) => text.replace(/(\.\d{3}\d*?)0*Z$/, "$1Z"),
});

export const NhsNumberScalar = textScalar({
  name: "NhsNumber",
  description: "An NHS number: ten digits, the last a check digit. Spaces and hyphens are accepted and not given back.",
  expected: "an NHS number of ten digits whose check digit is right",
  read: (text) => {
    const reading = readNhsNumber(text);
    return reading.valid ? reading.nhsNumber : null;
  },
});

export const OdsCodeScalar = textScalar({
  name: "OdsCode",
  description:
    "A code of the Organisation Data Service, such as a GP practice's N81001: three to ten letters and digits.",
  expected: "an ODS code of three to ten letters and digits",
  read: (text) => (/^[A-Za-z0-9]{3,10}$/.test(text) ? text.toUpperCase() : null),
});

function textScalar({ name, description, expected, read, print }: TextScalar): GraphQLScalarType<string, string> {
  const parse = (value: unknown): string => {
    const text = typeof value === "string" ? read(value) : null;
    if (text === null) throw new Problem("ARGUMENT_INVALID", { argument: name, expected });
    return text;
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => (print ? print(String(value)) : String(value)),
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
  });
}
