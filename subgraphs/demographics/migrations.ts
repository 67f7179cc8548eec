/** The tables, in order, forward only. */

import type { Dialect, Migration } from "../../chassis/database";
import {
  ADDRESS,
  BIRTH,
  DEATH,
  FORMER_NHS_NUMBER,
  GP_REGISTRATION,
  IDENTITY,
  RESPONSIBILITY,
  RESTRICTION,
  SCHOOL,
} from "./apply";
import { DROPPED_CHARACTERS, FOLDED_LETTERS } from "./search";

export const MIGRATIONS: readonly Migration[] = [
  {
    name: "identities, births, addresses, registrations, schools, deaths",
    tables: [IDENTITY, BIRTH, ADDRESS, GP_REGISTRATION, SCHOOL, RESTRICTION, DEATH, RESPONSIBILITY, FORMER_NHS_NUMBER],
    statements: (dialect) => [...formerNumbersKept(dialect), ...searchKeys(dialect)],
  },
];

function formerNumbersKept(dialect: Dialect): readonly string[] {
  const hasSome = "new.superseded_nhs_numbers <> '[]'";
  if (dialect === "sqlite") {
    return [
      `create trigger identity_former_nhs_numbers after insert on identity when ${hasSome} begin
         insert or ignore into former_nhs_number (nhs_number, child_id)
         select value, new.child_id from json_each(new.superseded_nhs_numbers);
       end`,
    ];
  }
  return [
    `create function keep_former_nhs_numbers() returns trigger language plpgsql as $$ begin
       insert into former_nhs_number (nhs_number, child_id)
       select value, new.child_id from json_array_elements_text(new.superseded_nhs_numbers::json) as value
       on conflict do nothing;
       return null;
     end $$`,
    `create trigger identity_former_nhs_numbers after insert on identity
       for each row when (${hasSome}) execute function keep_former_nhs_numbers()`,
  ];
}

/** Columns for the search that the database works out itself: it is the same text as `nameKeysAsked` and `postcodeKey` ask for. */
function searchKeys(dialect: Dialect): readonly string[] {
  const nameKey = `${folded("family_name", dialect)} || ' ' || substr(${folded("given_names", dialect)}, 1, 1)`;
  const kept = dialect === "sqlite" ? "virtual" : "stored";
  return [
    `alter table identity add column name_key text ${collated(dialect)} generated always as (${nameKey}) ${kept}`,
    `create index identity_by_name_key on identity (name_key)`,
    `alter table address add column postcode_key text ${collated(dialect)} generated always as (upper(replace(postcode, ' ', ''))) ${kept}`,
    `create index address_by_postcode_key on address (postcode_key)`,
  ];
}

function collated(dialect: Dialect): string {
  return dialect === "sqlite" ? "" : 'collate "C"';
}

/** As `fold` of search.ts, in SQL. Lower case is that of ASCII in both databases. */
function folded(column: string, dialect: Dialect): string {
  const marked = Object.values(FOLDED_LETTERS).join("");
  const plain = Object.entries(FOLDED_LETTERS).flatMap(([letter, forms]) => [...forms].map(() => letter));
  const text = (characters: string) => `'${characters.replaceAll("'", "''")}'`;
  if (dialect === "postgres") {
    // Characters without a counterpart are left out.
    return `lower(translate(${column}, ${text(marked + DROPPED_CHARACTERS)}, ${text(plain.join(""))}))`;
  }
  const replaced = (inner: string, from: string, to: string) => `replace(${inner}, ${text(from)}, ${text(to)})`;
  const ascii = [...DROPPED_CHARACTERS].filter((character) => character <= "~");
  const plainName = ascii.reduce((inner, character) => replaced(inner, character, ""), column);
  const whole = [...DROPPED_CHARACTERS].reduce((inner, character) => replaced(inner, character, ""), column);
  const markedName = [...marked].reduce((inner, letter, at) => replaced(inner, letter, plain[at] ?? ""), whole);
  // Nearly every name is ASCII: as many bytes as characters, and then four replacements do instead of a hundred.
  return `lower(case when length(${column}) = length(cast(${column} as blob)) then ${plainName} else ${markedName} end)`;
}
