/** Messages in files: XML, JSON, or MESH `.dat` with the `.ctl` beside it. */

import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { SaxesParser } from "saxes";
import { Problem } from "../schema/errors";
import { LARGEST_MESSAGE_BYTES } from "./fhir/bundle";
import { filesOf } from "./load";

/** A message as it came, with what its transport said of it: header names in small letters. */
export interface Arrived {
  /** Name of the file it came in, or its id in the mailbox. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** No message comes near; what does is not read into memory at all. */
export const LARGEST_ARRIVAL_BYTES = 4 * LARGEST_MESSAGE_BYTES;

/**
 * The messages of files, and of all files of directories: XML, JSON, or MESH `.dat` with the `.ctl` beside it; `-` is
 * one message on the standard input. Throws FILE_UNREADABLE before the first message for any file that is not there, or
 * that is no message by its size.
 */
export async function* messagesOf(paths: readonly string[], input: AsyncIterable<Buffer>): AsyncGenerator<Arrived> {
  const files: string[] = [];
  for (const path of paths) {
    // A control file is read with the message it belongs to; a manifest beside messages is none.
    const within = path === "-" ? [path] : await filesOf([path]);
    files.push(...within.filter((file) => file === path || /\.(xml|json|dat)$/i.test(file)));
  }
  for (const file of files) await checkReadable(file);
  for (const file of files) {
    if (file === "-") {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of input) {
        size += chunk.length;
        checkSize(file, size);
        chunks.push(chunk);
      }
      yield { name: file, headers: {}, bytes: Buffer.concat(chunks) };
      continue;
    }
    const control = file.replace(/\.dat$/i, ".ctl");
    const headers = control === file ? {} : controlHeaders(await readFile(control, "utf8").catch(() => ""));
    yield { name: basename(file), headers, bytes: await readable(file, readFile(file)) };
  }
}

async function checkReadable(file: string): Promise<void> {
  if (file === "-") return;
  await readable(file, access(file, constants.R_OK));
  checkSize(file, (await readable(file, stat(file))).size);
}

function checkSize(file: string, size: number): void {
  if (size <= LARGEST_ARRIVAL_BYTES) return;
  const fault = `it holds more than ${LARGEST_ARRIVAL_BYTES} bytes, and no message more than ${LARGEST_MESSAGE_BYTES}`;
  throw new Problem("FILE_UNREADABLE", { file: basename(file), fault });
}

/** Only the code of what failed is told: its message holds the path. */
async function readable<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "it failed while being read";
    throw new Problem("FILE_UNREADABLE", { file: basename(file), fault: code });
  }
}

/** Element of a MESH control file → the header that the MESH API has for the same. Source: MESH client interface. */
const CONTROL_HEADERS: Readonly<Record<string, string>> = {
  From_DTS: "mex-from",
  To_DTS: "mex-to",
  Subject: "mex-subject",
  LocalId: "mex-localid",
  DTSId: "mex-messageid",
  PartnerId: "mex-partnerid",
  WorkflowId: "mex-workflowid",
  MessageType: "mex-messagetype",
  Event: "mex-statusevent",
  Status: "mex-statussuccess",
  DateTime: "mex-statustimestamp",
};

/** The headers in a MESH control file; what cannot be read of it has none. */
function controlHeaders(xml: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const parser = new SaxesParser();
  let text = "";
  parser.on("opentag", () => {
    text = "";
  });
  parser.on("text", (piece) => {
    text += piece;
  });
  parser.on("closetag", ({ name }) => {
    const header = CONTROL_HEADERS[name];
    if (header !== undefined && text.trim() !== "") headers[header] = text.trim();
    text = "";
  });
  parser.on("error", () => undefined);
  try {
    parser.write(xml).close();
  } catch {
    // A control file cut off half-way still says what it said.
  }
  return headers;
}
