/**
 * What an adapter must say of a locality's files, and how a layout that is declared once both reads and writes.
 *
 * A layout is a table: the columns in their order, what each means and how it is written. `delimited` turns it into a
 * reader and a writer with every column's place worked out beforehand. Adapters hold no control flow; what they lack
 * is told in one message when the process starts.
 */

import { type Day, londonDay } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { LOCALITIES, LOCALITY_CODES, type LocalityCode } from "../../schema/vocabulary/localities";
import type { ReadingResult } from "../reading";
import { type Codec, type DayTold, Misread } from "./columns";
import {
  FILE_KINDS,
  type FileFacts,
  type FileKind,
  identityOf,
  KINDS,
  type RowPlace,
  type Rows,
  type Telling,
} from "./kinds";

/** A row as it stands in its file. */
export interface RawRow {
  /** From 1; the header and blank lines are not counted. */
  readonly number: number;
  readonly fields: readonly string[];
  /** What is kept of the row when it is rejected. */
  readonly text: string;
  /** False where its quotes do not pair, so that no field can be trusted. */
  readonly paired: boolean;
}

/** The second is tried, for the whole file, where the first does not fit. */
export type Encoding = "utf-8" | "windows-1252" | "utf-8 else windows-1252";

/** The file whose rows are to be read. */
export interface ExtractFile {
  readonly locality: LocalityCode;
  /** Base name. */
  readonly name: string;
  /** The day it came; no row may tell of a later one. */
  readonly receivedOn: Day;
}

export type RowReader = (row: RawRow) => ReadingResult;

/** One column or element of a layout, for docs/extracts.md and for whoever plants faults in a test file. */
export interface ColumnTold {
  readonly column: string;
  /** Name of the field of `Rows` it gives; null where it is not used. */
  readonly field: string | null;
  /** Which of a row's repeated blocks it stands in, from 0; null where it stands in none. */
  readonly block: number | null;
  readonly says: string;
  readonly required: boolean;
  readonly codes: readonly (readonly [code: string, name: string])[];
}

export interface Layout<K extends FileKind> {
  readonly name: string;
  readonly kind: K;
  /** Where it is published; null for a layout that we designed for a locality. */
  readonly published: string | null;
  readonly format: "delimited" | "ndjson";
  /** Empty in a file of one JSON object a line. */
  readonly delimiter: string;
  readonly encoding: Encoding;
  /** Whether a UTF-8 file begins with a byte order mark. A reader takes it either way. */
  readonly byteOrderMark: boolean;
  readonly exampleName: string;
  readonly columns: readonly ColumnTold[];
  /** How many rows of `Rows` one row of the file may hold. */
  readonly blocks: number;
  /** First line without its line end; null where a file has none. */
  readonly header: string | null;
  /** What the name of a file says of its rows; null where the name breaks the layout's rule. */
  factsOf(fileName: string): FileFacts | null;
  /** Throws FILE_UNKNOWN where `factsOf` the name is null. */
  reader(file: ExtractFile): RowReader;
  /**
   * The fields of one row of the file, in the order of the header. It tells of one row of `Rows`, or of up to `blocks`
   * that agree in all the columns they share. Throws RangeError for what the layout has no way to tell.
   */
  write(rows: readonly Partial<Rows[K]>[]): string[];
  /** Fields as a line, quoted where they must be, with its line end. */
  line(fields: readonly string[]): string;
}

export type AnyLayout = { [K in FileKind]: Layout<K> }[FileKind];

/** The files of one locality, one layout a kind. */
export type Adapter = { readonly [K in FileKind]: Layout<K> };

export type Adapters = { readonly [L in LocalityCode]: Adapter };

/** A column that gives a field. `block`: it stands in that repeated block, from 0. */
type FieldColumn<Row> = {
  readonly [F in keyof Row]-?: {
    readonly column: string;
    readonly field: F;
    readonly as: Codec<NonNullable<Row[F]>>;
    readonly required?: boolean;
    readonly block?: number;
  };
}[keyof Row];

/** A column that is there and not used. What to write there, where a blank would not do. */
interface IgnoredColumn<Row> {
  readonly column: string;
  readonly ignored: string;
  readonly writes?: string | ((row: Partial<Row>) => string);
  readonly block?: number;
}

export type Column<Row> = FieldColumn<Row> | IgnoredColumn<Row>;

/** What a layout of columns says of itself. `Extra` are fields of its own, which `settle` turns into the kind's. */
export interface Declaration<K extends FileKind, Extra extends object = object> {
  readonly name: string;
  readonly kind: K;
  readonly published?: string;
  readonly delimiter: "," | ";" | "|" | "\t";
  readonly encoding: Encoding;
  readonly byteOrderMark?: boolean;
  readonly quotes?: "always" | "where needed";
  readonly lineEnd?: "\n" | "\r\n";
  readonly exampleName: string;
  readonly factsOf?: (fileName: string) => FileFacts | null;
  readonly columns: readonly Column<Rows[K] & Extra>[];
  readonly extra?: Readonly<Extra>;
  /** Fields of which one needs another: completes the row, or adds what is wrong. */
  readonly settle?: (row: Rows[K] & Extra, at: (field: keyof (Rows[K] & Extra)) => string, faults: Problem[]) => void;
  /** The inverse of `settle`: the layout's own fields of a row to be written. */
  readonly unsettle?: (row: Partial<Rows[K]>) => Partial<Rows[K] & Extra>;
  /**
   * Where the column of the field `action` says delete, only `needs` are read, and `mayHave` as far as they are right;
   * nothing else of the row is looked at.
   */
  readonly onDelete?: {
    readonly needs: readonly (keyof Rows[K])[];
    readonly mayHave: readonly (keyof Rows[K])[];
  };
}

const NO_FACTS: FileFacts = { vaccine: null, sentAt: null };

/** One column in a reader: where it stands, and what to do with what stands there. */
interface Step {
  readonly index: number;
  readonly column: string;
  readonly field: string;
  readonly codec: Codec<unknown>;
  readonly required: boolean;
  /** What cannot be read is taken as not told. */
  readonly lenient: boolean;
}

export function delimited<K extends FileKind, Extra extends object = object>(
  declared: Declaration<K, Extra>,
): Layout<K> {
  type Row = Rows[K] & Extra;
  const { columns, delimiter, lineEnd = "\n", factsOf = () => NO_FACTS } = declared;
  const kind = KINDS[declared.kind];
  const requires = new Set<PropertyKey>(kind.requires);
  const blocks = 1 + columns.reduce((last, each) => Math.max(last, each.block ?? 0), 0);
  const repeats = columns.some((each) => each.block !== undefined);
  const always = declared.quotes === "always";

  // The type of a column ties its codec to its field; a list of all columns cannot say so, and needs the casts here.
  const steps = columns.flatMap((each, index): (Step & { block: number | null })[] =>
    "ignored" in each
      ? []
      : [
          {
            index,
            column: each.column,
            field: each.field as string,
            codec: each.as as Codec<unknown>,
            required: each.required ?? requires.has(each.field),
            lenient: false,
            block: each.block ?? null,
          },
        ],
  );
  const shared = steps.filter((step) => step.block === null);
  const byBlock = repeats
    ? Array.from({ length: blocks }, (_, block) => ({
        steps: steps.filter((step) => step.block === block),
        indexes: columns.flatMap((each, index) => (each.block === block ? [index] : [])),
      }))
    : [{ steps: [], indexes: [] }];
  const { onDelete } = declared;
  const action = shared.find((step) => step.field === "action");
  const deletion = shared.flatMap((step): Step[] => {
    if (onDelete?.needs.some((field) => field === step.field)) return [{ ...step, required: true }];
    return onDelete?.mayHave.some((field) => field === step.field) ? [{ ...step, required: false, lenient: true }] : [];
  });
  const empty: Row = { ...kind.empty, ...declared.extra } as Row; // `extra` is there whenever Extra has fields
  const quoted = (field: string) =>
    always || field.includes(delimiter) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

  return {
    name: declared.name,
    kind: declared.kind,
    published: declared.published ?? null,
    format: "delimited",
    delimiter,
    encoding: declared.encoding,
    byteOrderMark: declared.byteOrderMark ?? false,
    exampleName: declared.exampleName,
    columns: columns.map((each, index): ColumnTold => {
      const step = steps.find((one) => one.index === index);
      return {
        column: each.column,
        field: step?.field ?? null,
        block: each.block ?? null,
        says: "ignored" in each ? `not used: ${each.ignored}` : each.as.says,
        required: step?.required ?? false,
        codes: step?.codec.codes ?? [],
      };
    }),
    blocks,
    header: columns.map((each) => each.column).join(delimiter),
    factsOf,

    reader(file) {
      const facts = namedFacts(factsOf, file, declared);
      const place = new Place(file.locality, facts, steps);
      // Columns are set by name; the declaration has tied each name to the type of what its codec reads.
      const fill = (row: Record<string, unknown>, some: readonly Step[], raw: RawRow, faults: Problem[]) => {
        for (const step of some) {
          const written = (raw.fields[step.index] ?? "").trim();
          if (written === "") {
            if (step.required) faults.push(missing(step.column, raw.number, kind.says));
            continue;
          }
          const value = step.codec.read(written);
          if (value instanceof Misread) {
            if (!step.lenient) faults.push(value.problem(cell(raw.number, step.column)));
          } else if (value === null && step.required) {
            faults.push(missing(step.column, raw.number, kind.says));
          } else {
            row[step.field] = value;
          }
        }
      };
      const finish = (row: Row, telling: Telling) => {
        declared.settle?.(row, (field) => place.at(field), telling.faults);
        kind.tell(row, place, telling);
      };

      return (raw) => {
        const malformed = faultsOfShape(raw, columns, declared.encoding);
        if (malformed) return { read: false, faults: malformed };
        place.row(raw, null);
        const telling: Telling = { tells: [], faults: [], warnings: [] };
        const row: Row = { ...empty };
        if (onDelete && action && (raw.fields[action.index] ?? "").trim().toLowerCase() === "delete") {
          fill(row as Record<string, unknown>, deletion, raw, telling.faults);
          (row as Record<string, unknown>).action = "delete";
          if (telling.faults.length === 0) kind.tell(row, place, telling);
          return result(row, kind.introduces, telling);
        }
        fill(row as Record<string, unknown>, shared, raw, telling.faults);
        checkDays(row, kind, place, file.receivedOn, telling.faults);
        if (!repeats) {
          finish(row, telling);
          return result(row, kind.introduces, telling);
        }
        let told = 0;
        for (const [block, { steps: some, indexes }] of byBlock.entries()) {
          if (indexes.every((index) => (raw.fields[index] ?? "").trim() === "")) continue;
          told++;
          const one: Row = { ...row };
          fill(one as Record<string, unknown>, some, raw, telling.faults);
          place.row(raw, block);
          finish(one, telling);
        }
        const first = byBlock[0]?.steps[0];
        if (told === 0 && first) telling.faults.push(missing(first.column, raw.number, kind.says));
        return result(row, kind.introduces, telling);
      };
    },

    write(rows) {
      if (rows.length === 0 || rows.length > blocks) {
        throw new RangeError(`A row of ${declared.name} tells of 1 to ${blocks} rows, not of ${rows.length}.`);
      }
      const spread = rows.map((row): Partial<Row> => ({ ...row, ...declared.unsettle?.(row) }) as Partial<Row>);
      return columns.map((each) => {
        const row = spread[each.block ?? 0];
        if (!row) return "";
        if ("ignored" in each) return typeof each.writes === "function" ? each.writes(row) : (each.writes ?? "");
        const value = row[each.field];
        // A column's codec is of the type of its own field.
        return value === null || value === undefined ? "" : (each.as as Codec<unknown>).write(value);
      });
    },

    line: (fields) => fields.map(quoted).join(delimiter) + lineEnd,
  };
}

/** What a layout of one JSON object a line says of itself. Doses only: no other kind is published so. */
export interface JsonDeclaration {
  readonly name: string;
  readonly published: string;
  readonly exampleName: string;
  readonly elements: readonly ColumnTold[];
  /** The row of an object, with what is wrong of it added to `faults` by the path of the element. */
  readonly read: (
    resource: Readonly<Record<string, unknown>>,
    faults: Problem[],
    at: (path: string) => string,
  ) => Rows["DOSES"];
  readonly write: (row: Partial<Rows["DOSES"]>) => object;
}

export function ndjson(declared: JsonDeclaration): Layout<"DOSES"> {
  const kind = KINDS.DOSES;
  const factsOf = () => NO_FACTS;
  return {
    name: declared.name,
    kind: "DOSES",
    published: declared.published,
    format: "ndjson",
    delimiter: "",
    encoding: "utf-8",
    byteOrderMark: false,
    exampleName: declared.exampleName,
    columns: declared.elements,
    blocks: 1,
    header: null,
    factsOf,

    reader(file) {
      const place = new Place(
        file.locality,
        NO_FACTS,
        declared.elements.flatMap(({ column, field }, index) => (field ? [{ column, field, index, block: null }] : [])),
      );
      return (raw) => {
        const resource = jsonObject(raw.text);
        if (!resource) {
          const slots = { at: rowAt(raw.number), count: "no readable", expected: "one JSON object a line" };
          return { read: false, faults: [new Problem("ROW_MALFORMED", slots)] };
        }
        place.row(raw, null);
        const telling: Telling = { tells: [], faults: [], warnings: [] };
        if (raw.text.includes(UNDECODED)) telling.faults.push(undecoded(rowAt(raw.number), "utf-8"));
        const row = declared.read(resource, telling.faults, (path) => cell(raw.number, path));
        checkDays(row, kind, place, file.receivedOn, telling.faults);
        kind.tell(row, place, telling);
        return result(row, kind.introduces, telling);
      };
    },

    write(rows) {
      const [row, ...more] = rows;
      if (!row || more.length > 0) throw new RangeError(`A line of ${declared.name} tells of one row.`);
      return [JSON.stringify(declared.write(row))];
    },

    line: (fields) => `${fields.join("")}\n`,
  };
}

/** The JSON object that a line is; null where it is none. */
export function jsonObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const read: unknown = JSON.parse(line);
    // JSON.parse makes nothing of an object but its members by name.
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function namedFacts(
  factsOf: (fileName: string) => FileFacts | null,
  file: ExtractFile,
  { name, exampleName }: { name: string; exampleName: string },
): FileFacts {
  const facts = factsOf(file.name);
  if (facts) return facts;
  throw new Problem("FILE_UNKNOWN", {
    file: file.name,
    locality: LOCALITIES[file.locality].name,
    layout: name,
    difference: unlikeName(exampleName),
  });
}

function unlikeName(exampleName: string): string {
  return `its name is not like ${exampleName}`;
}

/** Where the row being read stands. One object serves all the rows of a file. */
class Place implements RowPlace<Record<string, unknown>> {
  number = 0;
  private raw: RawRow | null = null;
  private block: number | null = null;

  constructor(
    readonly locality: LocalityCode,
    readonly file: FileFacts,
    private readonly columns: readonly { column: string; field: string; index: number; block: number | null }[],
  ) {}

  row(raw: RawRow, block: number | null): void {
    this.number = raw.number;
    this.raw = raw;
    this.block = block;
  }

  has(field: PropertyKey): boolean {
    return this.columnOf(field) !== undefined;
  }

  at(field: PropertyKey): string {
    const column = this.columnOf(field);
    return column ? cell(this.number, column.column) : rowAt(this.number);
  }

  sent(field: PropertyKey): string {
    const column = this.columnOf(field);
    return (column && this.raw?.fields[column.index]?.trim()) ?? "";
  }

  private columnOf(field: PropertyKey) {
    return this.columns.find((each) => each.field === field && (each.block === null || each.block === this.block));
  }
}

// What the checks say of a row, whatever its layout.

/** What stands where bytes were no character. */
const UNDECODED = "\uFFFD";

function rowAt(number: number): string {
  return `row ${number}`;
}

function cell(number: number, column: string): string {
  return `row ${number}, ${column}`;
}

function missing(column: string, number: number, needs: string): Problem {
  return new Problem("REQUIRED_MISSING", { at: cell(number, column), for: needs });
}

function undecoded(at: string, encoding: string): Problem {
  return new Problem("ENCODING", { at, encoding });
}

type Faults = readonly [Problem, ...Problem[]];

/** What makes a row unreadable as a whole; null where each column can be looked at. */
function faultsOfShape(raw: RawRow, columns: readonly { column: string }[], encoding: Encoding): Faults | null {
  const at = rowAt(raw.number);
  if (!raw.paired) return [new Problem("VALUE_INVALID", { at, expected: "a row whose quotes pair" })];
  if (raw.fields.length !== columns.length) {
    return [new Problem("ROW_MALFORMED", { at, count: raw.fields.length, expected: columns.length })];
  }
  if (!raw.text.includes(UNDECODED)) return null;
  const [first, ...others] = columns.flatMap(({ column }, index) =>
    raw.fields[index]?.includes(UNDECODED) ? [undecoded(cell(raw.number, column), encoding)] : [],
  );
  return first ? [first, ...others] : null;
}

function checkDays<Row extends { bornOn: Day | null }>(
  row: Row,
  kind: { afterBirth: readonly (keyof Row)[]; past: readonly (keyof Row)[] },
  place: { at(field: keyof Row): string },
  receivedOn: Day,
  faults: Problem[],
): void {
  const born = row.bornOn;
  if (born) {
    for (const field of kind.afterBirth) {
      const told = knownDay(row[field]);
      // A month or a year is before birth only when it is over by then.
      if (told && told < born.slice(0, told.length)) {
        faults.push(new Problem("DATE_BEFORE_BIRTH", { at: place.at(field) }));
      }
    }
  }
  for (const field of kind.past) {
    const told = knownDay(row[field]);
    if (told && told > receivedOn) faults.push(new Problem("DATE_FUTURE", { at: place.at(field) }));
  }
}

/** A day, instant or part of a day as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; null for what is not told. */
function knownDay(value: unknown): string | null {
  if (typeof value === "string") return value.length === 10 ? value : londonDay(value);
  if (typeof value !== "object" || value === null) return null;
  const { day, precision } = value as DayTold; // the kinds list no other fields than days, instants and these
  return day.slice(0, { DAY: 10, MONTH: 7, YEAR: 4 }[precision]);
}

function result(row: Parameters<typeof identityOf>[0], introduces: boolean, telling: Telling): ReadingResult {
  const [first, ...others] = telling.faults;
  if (first) return { read: false, faults: [first, ...others] };
  return {
    read: true,
    reading: { about: identityOf(row), introduces, tells: telling.tells, warnings: telling.warnings },
  };
}

// Recognising a file.

/**
 * Which layout a file of a locality has, by its first line and its name: one of the locality's own or any published
 * one. Otherwise the problem: it is another locality's own, or it is unlike every layout and how it differs from the
 * nearest. Names of columns that a file should not have are not told, for a file without a header begins with a child.
 */
export function recognise(
  firstLine: string,
  fileName: string,
  locality: LocalityCode,
  adapters: Adapters,
  published: readonly AnyLayout[],
): AnyLayout | Problem {
  const own = layoutsOf(adapters[locality]);
  const candidates = [...new Set([...own, ...published])];
  const fits = candidates.filter((layout) => hasFirstLine(layout, firstLine));
  const named = fits.find((layout) => layout.factsOf(fileName));
  if (named) return named;
  const said = { file: fileName, locality: LOCALITIES[locality].name };
  const [misnamed] = fits;
  if (misnamed) {
    const difference = unlikeName(misnamed.exampleName);
    return new Problem("FILE_UNKNOWN", { ...said, layout: misnamed.name, difference });
  }
  const other = LOCALITY_CODES.find((code) =>
    layoutsOf(adapters[code]).some((layout) => hasFirstLine(layout, firstLine)),
  );
  if (other) return new Problem("FILE_OF_ANOTHER_LOCALITY", { file: fileName, locality, other });
  const nearest = candidates
    .flatMap((layout) => differences(layout, firstLine))
    .reduce((best, each) => (each.likeness > best.likeness ? each : best));
  return new Problem("FILE_UNKNOWN", { ...said, layout: nearest.layout, difference: nearest.difference });
}

function layoutsOf(adapter: Adapter): readonly AnyLayout[] {
  return FILE_KINDS.map((kind) => adapter[kind]);
}

function hasFirstLine(layout: AnyLayout, firstLine: string): boolean {
  if (layout.format === "ndjson") return jsonObject(firstLine)?.resourceType === "Immunization";
  const names = headerNames(firstLine, layout.delimiter);
  return names.length === layout.columns.length && layout.columns.every((each, i) => each.column === names[i]);
}

const DELIMITERS = { ",": "commas", ";": "semicolons", "|": "vertical bars", "\t": "tabs" } as const;

/** How a first line differs from a layout, under each delimiter; the more alike, the nearer to 1. */
function differences(
  layout: AnyLayout,
  firstLine: string,
): readonly { layout: string; likeness: number; difference: string }[] {
  if (layout.format === "ndjson") {
    return [{ layout: layout.name, likeness: 0, difference: "its first line is no Immunization in JSON" }];
  }
  return Object.entries(DELIMITERS).map(([delimiter, word]) => {
    const names = headerNames(firstLine, delimiter);
    const lacks = layout.columns.filter((each) => !names.includes(each.column)).map((each) => each.column);
    const others = names.filter((name) => !layout.columns.some((each) => each.column === name)).length;
    const found = layout.columns.length - lacks.length;
    const said: string[] = [];
    if (found === 0) said.push("none of its columns is there");
    else {
      if (delimiter !== layout.delimiter) {
        const expected = Object.entries(DELIMITERS).find(([each]) => each === layout.delimiter)?.[1];
        said.push(`its columns are separated by ${word}, not by ${expected}`);
      }
      if (lacks.length > 0) said.push(`missing ${lacks.length === 1 ? "column" : "columns"} ${lacks.join(", ")}`);
      if (others > 0)
        said.push(
          `${others} ${others === 1 ? "column that the layout does" : "columns that the layout does"} not have`,
        );
      if (said.length === 0) said.push("its columns stand in another order, or twice");
    }
    return { layout: layout.name, likeness: found / (layout.columns.length + others), difference: said.join("; ") };
  });
}

/** The names in a header line, each of which may be quoted. */
function headerNames(firstLine: string, delimiter: string): readonly string[] {
  return firstLine.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
}

// The check when the process starts.

/**
 * The adapters, once nothing is missing from them. Throws ADAPTERS_INCOMPLETE with every gap in one message: a kind
 * without a layout, a required field without a column, a column or field told twice, two localities with one header.
 */
export function checked(adapters: Adapters, published: readonly AnyLayout[]): Adapters {
  const owners = new Map<string, string>();
  const gaps = LOCALITY_CODES.flatMap((locality) =>
    FILE_KINDS.flatMap((kind) => {
      const layout: AnyLayout | undefined = adapters[locality]?.[kind];
      if (!layout) return [`${locality} has no layout of ${kind}`];
      if (layout.kind !== kind) return [`${locality} gives ${layout.name}, of ${layout.kind}, for ${kind}`];
      if (published.includes(layout)) return [];
      if (layout.published) return [`${layout.name} of ${locality} is published, and no other locality may send it`];
      const owner = owners.get(layout.header ?? "");
      owners.set(layout.header ?? "", layout.name);
      return [...gapsOf(layout), ...(owner ? [`${layout.name} has the same columns as ${owner}`] : [])];
    }),
  );
  gaps.push(...published.flatMap(gapsOf));
  if (gaps.length > 0) throw new Problem("ADAPTERS_INCOMPLETE", { gaps: gaps.join("; ") });
  return adapters;
}

function gapsOf(layout: AnyLayout): readonly string[] {
  const lacks = KINDS[layout.kind].requires
    .filter((field) => !layout.columns.some((each) => each.field === field))
    .map((field) => `${layout.name} has no column of ${field}`);
  const repeated = (name: string, values: readonly string[]) =>
    values
      .filter((value, i) => values.indexOf(value) !== i)
      .map((value) => `${layout.name} has ${name} ${value} twice`);
  const fields = layout.columns.flatMap(({ field, block }) =>
    field ? [`${field}${block === null ? "" : ` of block ${block}`}`] : [],
  );
  // The days of a row are checked once, before its blocks are looked at.
  const { afterBirth, past } = KINDS[layout.kind];
  const days = new Set<string>([...afterBirth, ...past]);
  const misplaced = layout.columns
    .filter(({ field, block }) => block !== null && field !== null && days.has(field))
    .map(({ column }) => `${layout.name} has the date ${column} in a block`);
  const misnamed = layout.factsOf(layout.exampleName) ? [] : [`${layout.name} does not fit its own example name`];
  return [
    ...lacks,
    ...repeated(
      "column",
      layout.columns.map((each) => each.column),
    ),
    ...repeated("field", fields),
    ...misplaced,
    ...misnamed,
  ];
}
