/**
 * Files as rows: which layout a file has, a digest of its bytes, and its rows a chunk at a time.
 *
 * A file is read twice: once for the digest and to see whether its bytes are of the encoding, once for the rows. What
 * is held does not grow with the file: a chunk, and at most one unfinished row of `LONGEST_ROW` characters.
 */

import { isAscii } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { Problem } from "../../schema/errors";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import { type AnyLayout, type Encoding, jsonObject, type RawRow, recognise } from "./adapter";
import { ADAPTERS, PUBLISHED } from "./index";

export interface Extract {
  readonly layout: AnyLayout;
  /** Base name of the file. */
  readonly name: string;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
  /** Rows in order, a few thousand at a time. May be asked for again: the file is then read again. */
  readonly rows: AsyncIterable<readonly RawRow[]>;
}

const CHUNK_BYTES = 1 << 18;
const LONGEST_HEADER_BYTES = 1 << 16;
/** No row of any layout comes near; a quote left open or a line end left out would else swallow the file. */
const LONGEST_ROW = 1 << 17;

/**
 * Opens a file that a locality sent. Throws FILE_UNREADABLE, FILE_EMPTY, FILE_ENCODING, FILE_UNKNOWN, FILE_CUT_OFF or
 * FILE_OF_ANOTHER_LOCALITY; what is wrong with single rows is for the layout's reader to tell.
 */
export async function openExtract(path: string, locality: LocalityCode): Promise<Extract> {
  const name = basename(path);
  const { digest, bytes, first, last, utf8 } = await survey(path, name);
  if (first.toString("latin1").trim() === "") throw new Problem("FILE_EMPTY", { file: name });
  // Two bytes a character: no decoder of one of our encodings makes sense of it, not even of the header.
  const zero = first.indexOf(0);
  if (zero >= 0) {
    throw new Problem("FILE_ENCODING", {
      file: name,
      encoding: "utf-8 or windows-1252",
      offset: utf8.firstBroken ?? zero,
    });
  }
  const layout = recognise(firstLineOf(first), name, locality, ADAPTERS, PUBLISHED);
  if (layout instanceof Problem) throw layout;
  const encoding = encodingOf(layout.encoding, utf8);
  if (typeof encoding === "number") {
    throw new Problem("FILE_ENCODING", { file: name, encoding: layout.encoding, offset: encoding });
  }
  const fault = cutOff(last.toString("latin1"), layout);
  if (fault !== null) throw new Problem("FILE_CUT_OFF", { file: name, fault });
  return {
    layout,
    name,
    digest,
    bytes,
    rows: { [Symbol.asyncIterator]: () => readRows(path, bytes, encoding, layout) },
  };
}

interface Survey {
  readonly digest: string;
  readonly bytes: number;
  /** The beginning of the file: at least its first line, where that is no longer than a header can be. */
  readonly first: Buffer;
  /** The end of the file: at least its last row, where that is no longer than a row can be. */
  readonly last: Buffer;
  readonly utf8: Utf8Survey;
}

async function survey(path: string, name: string): Promise<Survey> {
  const sha256 = createHash("sha256");
  const utf8 = new Utf8Survey();
  let bytes = 0;
  let first = Buffer.alloc(0);
  let last: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      sha256.update(chunk);
      utf8.add(chunk);
      if (bytes < LONGEST_HEADER_BYTES) first = Buffer.concat([first, chunk.subarray(0, LONGEST_HEADER_BYTES - bytes)]);
      last = chunk.length < LONGEST_ROW ? Buffer.concat([last.subarray(-LONGEST_ROW), chunk]) : chunk;
      bytes += chunk.length;
    }
  } catch (error) {
    // Only the code of the failure is told: its message holds the path.
    const fault =
      typeof error === "object" && error && "code" in error ? String(error.code) : "it failed while being read";
    throw new Problem("FILE_UNREADABLE", { file: name, fault });
  }
  utf8.end();
  return { digest: sha256.digest("hex"), bytes, first, last, utf8 };
}

/** Counts what a file has beyond ASCII, as UTF-8: characters that are right, and bytes that are not. */
class Utf8Survey {
  characters = 0;
  broken = 0;
  /** Offsets of the first byte of either, from 0. */
  firstCharacter: number | null = null;
  firstBroken: number | null = null;
  private offset = 0;
  private began = 0;
  /** Bytes still to come of the character begun, and the bounds of the next of them. */
  private awaited = 0;
  private lowest = 0x80;
  private highest = 0xbf;

  add(chunk: Buffer): void {
    if (this.awaited === 0 && isAscii(chunk)) {
      this.offset += chunk.length;
      return;
    }
    for (let i = 0; i < chunk.length; i++) this.take(chunk[i] ?? 0, this.offset + i);
    this.offset += chunk.length;
  }

  end(): void {
    if (this.awaited > 0) this.fail(this.began);
  }

  private take(byte: number, at: number): void {
    if (this.awaited > 0) {
      if (byte >= this.lowest && byte <= this.highest) {
        this.lowest = 0x80;
        this.highest = 0xbf;
        this.awaited--;
        if (this.awaited === 0) {
          this.characters++;
          this.firstCharacter ??= this.began;
        }
        return;
      }
      this.fail(this.began);
    }
    if (byte < 0x80) return;
    this.began = at;
    // Overlong forms, surrogates and what lies beyond Unicode are cut off by the bounds of the second byte.
    if (byte >= 0xc2 && byte <= 0xdf) this.await(1, 0x80, 0xbf);
    else if (byte >= 0xe0 && byte <= 0xef) this.await(2, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf);
    else if (byte >= 0xf0 && byte <= 0xf4) this.await(3, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf);
    else this.fail(at);
  }

  private await(bytes: number, lowest: number, highest: number): void {
    this.awaited = bytes;
    this.lowest = lowest;
    this.highest = highest;
  }

  private fail(at: number): void {
    this.broken++;
    this.firstBroken ??= at;
    this.awaited = 0;
    this.lowest = 0x80;
    this.highest = 0xbf;
  }
}

/**
 * The encoding to decode a file by, or the offset of the first byte that shows it to be of another. A UTF-8 file in
 * which most of what is not ASCII is not UTF-8 was saved in another encoding; where only a little is, the rows at
 * fault are told one by one. A file whose every such byte makes sense as UTF-8 is no Windows-1252.
 */
function encodingOf(declared: Encoding, utf8: Utf8Survey): "utf-8" | "windows-1252" | number {
  const { characters, broken, firstCharacter, firstBroken } = utf8;
  if (declared === "utf-8 else windows-1252") return broken === 0 ? "utf-8" : "windows-1252";
  if (declared === "utf-8") return firstBroken !== null && broken > characters ? firstBroken : "utf-8";
  return firstCharacter !== null && broken === 0 ? firstCharacter : "windows-1252";
}

/**
 * What shows a file to be cut off, given its end; null where nothing does. The rows that are missing cannot be
 * counted, so such a file is not for its last row alone to be refused.
 */
function cutOff(end: string, layout: AnyLayout): string | null {
  if (end.slice(end.trimEnd().length).includes("\n")) return null;
  const last = new Splitter(layout.delimiter, layout.columns.length, false).end(end).at(-1);
  if (last === undefined) return null;
  if (layout.format === "ndjson") return jsonObject(last.text) ? null : "it is no whole JSON object";
  if (!last.paired) return "a quote in it is left open";
  const [count, expected] = [last.fields.length, layout.columns.length];
  return count < expected ? `it has ${count} of ${expected} fields` : null;
}

function firstLineOf(first: Buffer): string {
  const end = first.indexOf("\n");
  return (end < 0 ? first : first.subarray(0, end)).toString("utf8").replace(/^\uFEFF|\r$/g, "");
}

/** Only the bytes that were surveyed are read, should the file still be growing. */
async function* readRows(
  path: string,
  bytes: number,
  encoding: "utf-8" | "windows-1252",
  layout: AnyLayout,
): AsyncGenerator<readonly RawRow[]> {
  const decode = decoderOf(encoding);
  const splitter = new Splitter(layout.delimiter, layout.columns.length, layout.header !== null);
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES, end: bytes - 1 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const rows = splitter.add(decode(chunk));
    if (rows.length > 0) yield rows;
  }
  const last = splitter.end(decode(null));
  if (last.length > 0) yield last;
}

/**
 * Decodes chunk after chunk, and with null what is left at the end; bytes that are no character come out as U+FFFD.
 * Not by `TextDecoder`: Node 20's takes Windows-1252 for Latin-1, and asked to go on from chunk to chunk in UTF-8 it
 * makes strings of two bytes a character, with which everything after takes half as long again.
 */
function decoderOf(encoding: "utf-8" | "windows-1252"): (chunk: Buffer | null) => string {
  if (encoding === "windows-1252") {
    return (chunk) => {
      const text = chunk?.toString("latin1") ?? "";
      return text.replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80));
    };
  }
  const decoder = new StringDecoder("utf8");
  let first = true;
  return (chunk) => {
    const text = chunk === null ? decoder.end() : decoder.write(chunk);
    const marked = first && text.startsWith("\uFEFF");
    first = false;
    return marked ? text.slice(1) : text;
  };
}

const QUOTE = 34;

/**
 * Splits text that comes in pieces into rows: RFC 4180 with any delimiter, either line end, the last line ended or not.
 *
 * Nearly every row needs no look at its single characters: without a quote it is split at the delimiter, and with a
 * quote around every field and none within at `"|"`. The others are walked through. A row may go on over several
 * lines only if it has the number of fields that the layout asks for when its quotes are closed; otherwise a quote was
 * left open, and only the first of those lines is lost to it. An empty delimiter makes each line one field.
 */
export class Splitter {
  private rest = "";
  private number = 0;
  /** True while the end of a line that was cut off at LONGEST_ROW is awaited. */
  private skipping = false;
  private readonly between: string;

  constructor(
    private readonly delimiter: string,
    private readonly columns: number,
    private headerAwaited: boolean,
  ) {
    this.between = `"${delimiter}"`;
  }

  add(text: string): RawRow[] {
    return this.take(text, false);
  }

  end(text: string): RawRow[] {
    return this.take(text, true);
  }

  private take(text: string, last: boolean): RawRow[] {
    const rows: RawRow[] = [];
    const all = this.rest === "" ? text : this.rest + text;
    let at = 0;
    for (;;) {
      let end = all.indexOf("\n", at);
      if (end < 0) {
        if (!last || at >= all.length) break;
        end = all.length;
      }
      const line = all.slice(at, end > at && all.charCodeAt(end - 1) === 13 ? end - 1 : end);
      if (this.skipping) this.skipping = false;
      else if (line.length > LONGEST_ROW) this.overlong(line, rows);
      else if (line.charCodeAt(0) > 32 || !/^ *$/.test(line)) {
        const fields = this.fieldsOf(line);
        if (fields) this.row(rows, fields, line, true);
        else {
          const walked = this.walk(all, at, last);
          if (walked === "MORE") break;
          if (walked && (walked.end <= end || walked.fields.length === this.columns)) {
            this.row(rows, walked.fields, all.slice(at, walked.end).replace(/\r$/, ""), true);
            end = walked.end;
          } else this.row(rows, line.split(this.delimiter), line, false);
        }
      }
      at = end + 1;
    }
    this.rest = last ? "" : all.slice(at);
    if (this.rest.length > LONGEST_ROW && this.rest.indexOf("\n") < 0) {
      if (!this.skipping) this.overlong(this.rest, rows);
      this.skipping = true;
      this.rest = "";
    }
    return rows;
  }

  /** The fields of a line that can be split at once; null for one that must be walked through. */
  private fieldsOf(line: string): string[] | null {
    if (this.delimiter === "") return [line];
    if (line.indexOf('"') < 0) return line.split(this.delimiter);
    if (line.length < 2 || line.charCodeAt(0) !== QUOTE || line.charCodeAt(line.length - 1) !== QUOTE) return null;
    const fields = line.slice(1, -1).split(this.between);
    for (const field of fields) if (field.indexOf('"') >= 0) return null;
    return fields;
  }

  /** The row that begins at `from`; null where its quotes do not pair; "MORE" where the text ends within it. */
  private walk(all: string, from: number, last: boolean): { fields: string[]; end: number } | null | "MORE" {
    const fields: string[] = [];
    const delimiter = this.delimiter.charCodeAt(0);
    let at = from;
    for (;;) {
      let field = "";
      if (all.charCodeAt(at) === QUOTE) {
        at++;
        for (;;) {
          const close = all.indexOf('"', at);
          if (close < 0 || close - from > LONGEST_ROW) return last || all.length - from > LONGEST_ROW ? null : "MORE";
          field += all.slice(at, close);
          at = close + 1;
          if (all.charCodeAt(at) !== QUOTE) break;
          field += '"';
          at++;
        }
        const returned = all.charCodeAt(at) === 13;
        if (!last && at + (returned ? 1 : 0) >= all.length) return "MORE";
        if (returned && all.charCodeAt(at + 1) === 10) at++;
      } else {
        const start = at;
        while (at < all.length && all.charCodeAt(at) !== delimiter && all.charCodeAt(at) !== 10) at++;
        if (at >= all.length && !last) return "MORE";
        field = all.slice(
          start,
          at > start && all.charCodeAt(at) === 10 && all.charCodeAt(at - 1) === 13 ? at - 1 : at,
        );
      }
      fields.push(field);
      if (at >= all.length || all.charCodeAt(at) === 10) return { fields, end: at };
      if (all.charCodeAt(at) !== delimiter) return null; // text after a closing quote
      at++;
    }
  }

  private overlong(line: string, rows: RawRow[]): void {
    this.row(rows, [], line.slice(0, LONGEST_ROW), true);
  }

  private row(rows: RawRow[], fields: string[], text: string, paired: boolean): void {
    if (this.headerAwaited) {
      this.headerAwaited = false;
      return;
    }
    this.number++;
    rows.push({ number: this.number, fields, text, paired });
  }
}

/** The 27 characters that Windows-1252 has where Latin-1 has control characters, from byte 0x80; U+FFFD where none. */
const WINDOWS_1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

/**
 * Text as the bytes of a layout's first encoding. U+FFFD, which stands for a byte that was no character, is written to
 * Windows-1252 as one that it leaves undefined. Throws RangeError for any other character that it does not have.
 */
export function encoded(text: string, encoding: Encoding): Buffer {
  if (encoding !== "windows-1252") return Buffer.from(text, "utf8");
  const bytes = Buffer.from(text, "latin1");
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80 || (unit >= 0xa0 && unit <= 0xff)) continue;
    const byte = WINDOWS_1252.indexOf(text.charAt(i));
    if (byte < 0) throw new RangeError("The text holds a character that Windows-1252 does not have.");
    bytes[i] = 0x80 + byte;
  }
  return bytes;
}
