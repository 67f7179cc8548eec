/**
 * Makes up children and writes them as the six localities' extracts and the national event messages, for the
 * demonstration, the tests and the measurements. The same arguments give the same bytes. Nobody in them is real: NHS
 * numbers come from the 999 range, names, addresses and schools from tables and chance.
 *
 * Children are invented one at a time and their rows go straight to the files, so that what is held does not grow with
 * the population. `manifest.json` says what was written and which faults were planted in it.
 */

import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Day, londonInstant } from "../schema/calendar";
import { Problem } from "../schema/errors";
import { LOCALITY_CODES, type LocalityCode } from "../schema/vocabulary/localities";
import { VACCINES, type Vaccine } from "../schema/vocabulary/vaccines";
import type { Layout } from "./extracts/adapter";
import { ADAPTERS } from "./extracts/index";
import { FILE_KINDS, type FileKind, type Rows } from "./extracts/kinds";
import { Chance } from "./synthetic/chance";
import { type InventedChild, inventChild, MOST_CHILDREN, STREAMS, strangersNumber } from "./synthetic/child";
import { FAULT_REASONS, type FaultReason, plant } from "./synthetic/faults";
import { inventMessages, MESSAGE_ODDITIES, type MessageOddity } from "./synthetic/messages";
import { childRow, rowsOf } from "./synthetic/rows";
import { inventTellings, type Telling } from "./synthetic/telling";

/** The day of the extracts where no other is asked for. It never follows the clock. */
export const EXTRACT_DAY: Day = "2026-09-01";

export interface SynthesisOptions {
  readonly children: number;
  readonly seed: number;
  /** Folder to write to. What an earlier run left in its localities' and messages' folders is removed. */
  readonly out: string;
  /** The day of the extracts; nothing in them is later, and messages follow in the five weeks after it. */
  readonly on?: Day;
  readonly progress?: (done: number, of: number) => void;
}

export interface FileWritten {
  /** Within the folder written to. */
  readonly path: string;
  readonly locality: LocalityCode;
  readonly kind: FileKind;
  readonly layout: string;
  /** Header not counted. */
  readonly rows: number;
  /** What the rows tell of: more than rows where one row holds several doses. */
  readonly told: number;
  /** Faulty rows by the one reason each has. */
  readonly faults: Readonly<Partial<Record<FaultReason, number>>>;
}

export interface Manifest {
  readonly children: number;
  readonly seed: number;
  readonly on: Day;
  /** How many of the children are so. */
  readonly population: {
    readonly knownToTwoLocalities: number;
    readonly secondTwins: number;
    readonly dead: number;
    readonly restricted: number;
    readonly withoutPractice: number;
    readonly withoutNhsNumber: number;
  };
  /** Doses given and not given that no file has, because the locality's layout has no way to tell them. */
  readonly untold: Readonly<Partial<Record<LocalityCode, number>>>;
  readonly files: readonly FileWritten[];
  readonly messages: {
    readonly written: number;
    readonly byEvent: Readonly<Record<string, number>>;
    readonly oddities: Readonly<Record<MessageOddity, number>>;
  };
}

/**
 * Writes `out/<LOCALITY>/…`, `out/messages/…` and `out/manifest.json`; answers the manifest. Throws ARGUMENT_INVALID
 * for a number of children that is none, or is more than there are NHS numbers for.
 */
export async function synthesise(options: SynthesisOptions): Promise<Manifest> {
  const { children, seed, out, on = EXTRACT_DAY, progress } = options;
  if (!Number.isInteger(children) || children < 1 || children > MOST_CHILDREN) {
    throw new Problem("ARGUMENT_INVALID", {
      argument: "children",
      expected: `a whole number from 1 to ${MOST_CHILDREN}`,
    });
  }
  if (!Number.isSafeInteger(seed))
    throw new Problem("ARGUMENT_INVALID", { argument: "seed", expected: "a whole number" });

  const population = { ...NOBODY_YET };
  const extracts = new Map(LOCALITY_CODES.map((code) => [code, new Extracts(code, { children, seed, out, on })]));
  try {
    for (let index = 0; index < children; index++) {
      const child = inventChild(seed, index, children, on);
      for (const telling of inventTellings(seed, child, on)) {
        extracts.get(telling.stay.locality)?.put(child, telling);
      }
      population.knownToTwoLocalities += Number(child.stays.length > 1);
      population.secondTwins += Number(child.twin === 2);
      population.dead += Number(child.diedOn !== null);
      population.restricted += Number(child.restricted);
      population.withoutPractice += Number(child.stays[0].practice === null);
      population.withoutNhsNumber += Number(child.nhsNumber === null);
      if (index % CHILDREN_A_TURN === CHILDREN_A_TURN - 1) {
        progress?.(index + 1, children);
        await setImmediate(); // so that a display, or whoever else shares the process, has its turn
      }
    }
  } finally {
    for (const each of extracts.values()) each.close();
  }
  const manifest: Manifest = {
    children,
    seed,
    on,
    population,
    untold: Object.fromEntries([...extracts].map(([code, each]) => [code, each.untold])),
    files: [...extracts.values()].flatMap((each) => each.written()),
    messages: writeMessages(seed, children, on, out),
  };
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  progress?.(children, children);
  return manifest;
}

const CHILDREN_A_TURN = 1_000;
const ROWS_A_FAULT = 100;
const FEWEST_MESSAGES = 40;
const CHILDREN_A_MESSAGE = 50;

const NOBODY_YET = {
  knownToTwoLocalities: 0,
  secondTwins: 0,
  dead: 0,
  restricted: 0,
  withoutPractice: 0,
  withoutNhsNumber: 0,
};

/** The files of one locality. */
class Extracts {
  /** Doses given and not given that the layout has no way to tell. */
  untold = 0;
  private readonly files = new Map<string, OpenFile>();
  private readonly faults: { readonly [Kind in FileKind]: FaultPlan };
  private readonly planted = new Map<FaultReason, number>(FAULT_REASONS.map((reason) => [reason, 0]));
  private strangers = 0;

  constructor(
    private readonly locality: LocalityCode,
    private readonly run: { readonly children: number; readonly seed: number; readonly out: string; readonly on: Day },
  ) {
    const folder = join(run.out, locality);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const place = LOCALITY_CODES.indexOf(locality);
    const plans = FILE_KINDS.map((kind, at) => [kind, new FaultPlan(new Chance(run.seed, STREAMS.faults, place, at))]);
    this.faults = Object.fromEntries(plans) as { readonly [Kind in FileKind]: FaultPlan }; // one for each kind, just made
    // Even a file without rows is sent, with its header.
    for (const kind of FILE_KINDS) this.fileOf(ADAPTERS[locality][kind], null);
  }

  /** Writes what is told here of a child. */
  put(child: InventedChild, telling: Telling): void {
    const layouts = ADAPTERS[this.locality];
    const rows = rowsOf(this.spelt(child), telling, this.run.on);
    this.putRows(layouts.CHILDREN, rows.CHILDREN);
    const tellable = rows.DOSES.filter((dose) => canTell(layouts.DOSES, dose));
    this.untold += rows.DOSES.length - tellable.length;
    for (const doses of together(layouts.DOSES, tellable)) {
      this.putLine(layouts.DOSES, doses, this.fileOf(layouts.DOSES, doses[0].vaccine));
    }
    this.putRows(layouts.HEARING, rows.HEARING);
    this.putRows(layouts.BLOOD_SPOT, rows.BLOOD_SPOT);
    this.putRows(layouts.EXAMINATIONS, rows.EXAMINATIONS);
    this.putRows(layouts.FLAGS, rows.FLAGS);
  }

  written(): readonly FileWritten[] {
    return [...this.files.values()].map((file) => file.written(this.locality));
  }

  close(): void {
    for (const file of this.files.values()) file.close();
  }

  private putRows<K extends FileKind>(layout: Layout<K>, rows: readonly Rows[K][]): void {
    for (const row of rows) this.putLine(layout, [row], this.fileOf(layout, null));
  }

  private putLine<K extends FileKind>(layout: Layout<K>, rows: readonly Rows[K][], file: OpenFile): void {
    const line = layout.line(layout.write(rows));
    const due = this.faults[layout.kind].due();
    const faulty = due && this.plantOne(layout, rows, file);
    // A spoilt row stands in place of the child's own, but in the child index beside it.
    if (!faulty || layout.kind === "CHILDREN") file.put(line, rows.length);
  }

  /** One faulty line of the reason that is rarest so far among those the file can have. */
  private plantOne<K extends FileKind>(layout: Layout<K>, rows: readonly Rows[K][], file: OpenFile): boolean {
    const { seed, on } = this.run;
    const chance = new Chance(seed, STREAMS.faults, LOCALITY_CODES.indexOf(this.locality), 100 + this.strangers);
    const nobody = String(9_000_000 + this.strangers);
    const material = { rows, stranger: this.stranger(nobody), nobody, on, chance };
    const rarest = FAULT_REASONS.toSorted(
      (one, other) => (this.planted.get(one) ?? 0) - (this.planted.get(other) ?? 0),
    );
    for (const reason of rarest) {
      const planted = plant(reason, layout, material);
      if (!planted) continue;
      for (const sound of planted.sound) file.put(layout.line(sound), 1);
      file.putFaulty(layout.line(planted.faulty), reason);
      this.planted.set(reason, (this.planted.get(reason) ?? 0) + 1);
      return true;
    }
    return false;
  }

  /** A child of another population, under a number that nobody has. */
  private stranger(localId: string): Rows["CHILDREN"] {
    const { children, seed, on } = this.run;
    const at = this.strangers++ * LOCALITY_CODES.length + LOCALITY_CODES.indexOf(this.locality);
    const child = inventChild(seed ^ 0x2c1b3c6d, (2 * at) % children, children, on);
    const row = childRow(this.spelt(child), child.stays[0], on);
    return {
      ...row,
      localId,
      nhsNumber: strangersNumber(seed, at),
      nhsNumberStatus: "VERIFIED",
      supersededNhsNumber: null,
      motherNhsNumber: null,
      diedOn: null,
    };
  }

  /** The child with its names in the letters that the locality's encoding has. */
  private spelt(child: InventedChild): InventedChild {
    const layouts = ADAPTERS[this.locality];
    if (!FILE_KINDS.some((kind) => layouts[kind].encoding === "windows-1252")) return child;
    return { ...child, familyName: narrowed(child.familyName), givenNames: narrowed(child.givenNames) };
  }

  private fileOf<K extends FileKind>(layout: Layout<K>, vaccine: Vaccine | null): OpenFile {
    const name = fileName(layout, vaccine, this.run.on);
    const known = this.files.get(name);
    if (known) return known;
    const file = new OpenFile(join(this.run.out, this.locality, name), name, layout);
    this.files.set(name, file);
    return file;
  }
}

/** Which row of each hundred is spoilt. */
class FaultPlan {
  private row = 0;
  private next: number;

  constructor(private readonly chance: Chance) {
    this.next = chance.below(ROWS_A_FAULT);
  }

  due(): boolean {
    const due = this.row === this.next;
    this.row++;
    if (this.row % ROWS_A_FAULT === 0) this.next = this.row + this.chance.below(ROWS_A_FAULT);
    return due;
  }
}

/** A file being written, a chunk at a time. */
class OpenFile {
  private readonly file: number;
  private pending: string;
  private rows = 0;
  private told = 0;
  private readonly faults: Partial<Record<FaultReason, number>> = {};

  constructor(
    path: string,
    private readonly name: string,
    private readonly layout: Layout<FileKind>,
  ) {
    this.file = openSync(path, "w");
    this.pending = layout.byteOrderMark ? "\ufeff" : "";
    if (layout.header !== null) this.pending += layout.line(layout.columns.map(({ column }) => column));
  }

  put(line: string, told: number): void {
    this.rows++;
    this.told += told;
    this.pending += line;
    if (this.pending.length >= CHUNK_CHARACTERS) this.flush();
  }

  putFaulty(line: string, reason: FaultReason): void {
    this.put(line, 0);
    this.faults[reason] = (this.faults[reason] ?? 0) + 1;
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  written(locality: LocalityCode): FileWritten {
    const { rows, told, faults } = this;
    return {
      path: `${locality}/${this.name}`,
      locality,
      kind: this.layout.kind,
      layout: this.layout.name,
      rows,
      told,
      faults,
    };
  }

  private flush(): void {
    // Names are spelt in Latin-1, whose letters are those of Windows-1252. The control characters that a planted fault
    // holds become the bytes that Windows-1252 leaves undefined, which a right encoder would refuse.
    writeSync(this.file, Buffer.from(this.pending, this.layout.encoding === "windows-1252" ? "latin1" : "utf8"));
    this.pending = "";
  }
}

const CHUNK_CHARACTERS = 1 << 18;

/**
 * The example name of the layout, made that of the extract's day. Where the name says which vaccine its rows are of,
 * each vaccine has a file of its own.
 */
function fileName(layout: Layout<FileKind>, vaccine: Vaccine | null, on: Day): string {
  const { exampleName } = layout;
  const type = vaccine && VACCINES[vaccine].nationalType;
  if (!layout.factsOf(exampleName)?.vaccine) return exampleName;
  const summer = londonInstant(on, "05:00").slice(11, 13) === "04";
  const stamp = `${on.replaceAll("-", "")}T050000${summer ? "01" : "00"}`;
  return exampleName.replace(/^[A-Z0-9]+(?=_)/i, type ?? "$&").replace(/\d{8}T\d{8}/, stamp);
}

/** No published layout tells of doses not given, or of doses known only to the month or year. */
function canTell(layout: Layout<"DOSES">, dose: Rows["DOSES"]): boolean {
  return layout.published === null || (dose.notGivenReason === null && dose.eventOn?.precision === "DAY");
}

/** Doses as the lines of a layout hold them: those of one visit side by side, where it has room for several. */
function together(layout: Layout<"DOSES">, doses: readonly Rows["DOSES"][]): readonly Line[] {
  const lines: Line[] = [];
  for (const dose of doses) {
    const told = layout.published ? asPublished(dose) : dose;
    const last = lines.at(-1);
    if (last && last.length < layout.blocks && sameVisit(last[0], told)) last.push(told);
    else lines.push([told]);
  }
  return lines;
}

type Line = [Rows["DOSES"], ...Rows["DOSES"][]];

function sameVisit(one: Rows["DOSES"], other: Rows["DOSES"]): boolean {
  return (
    one.eventOn?.day === other.eventOn?.day &&
    one.eventOn?.precision === other.eventOn?.precision &&
    one.place === other.place &&
    one.organisation === other.organisation
  );
}

const SIX_IN_ONE = { vaccine: "HEXAVALENT", productCode: "34765811000001105", procedureCode: "1162640003" } as const;

/** No published layout has a code of the 5-in-1: systems that use one tell it as the 6-in-1 that replaced it. */
function asPublished(dose: Rows["DOSES"]): Rows["DOSES"] {
  return {
    ...dose,
    ...(dose.vaccine === "PENTAVALENT" ? SIX_IN_ONE : {}),
    rowIdSystem: "https://child-health.example/doses",
  };
}

/** Letters that no decomposition brings back to the alphabet of Windows-1252. */
const WIDE_LETTERS: Readonly<Record<string, string>> = { Ł: "L", ł: "l", ı: "i" };

/** The name in letters of Latin-1, which Windows-1252 has all of: Łukasz becomes Lukasz, and Zoë stays. */
function narrowed(name: string): string {
  return name.replace(/[^\u0020-\u00ff]/g, (letter) => WIDE_LETTERS[letter] ?? letter.normalize("NFD").slice(0, 1));
}

/** Messages one a file in the order of delivery, every fifth as a mailbox client leaves it: `.dat` with its `.ctl`. */
function writeMessages(seed: number, children: number, on: Day, out: string): Manifest["messages"] {
  const folder = join(out, "messages");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const wanted = Math.max(FEWEST_MESSAGES, Math.floor(children / CHILDREN_A_MESSAGE));
  const messages = inventMessages(seed, children, on, wanted);
  const byEvent: Record<string, number> = {};
  const oddities = Object.fromEntries(MESSAGE_ODDITIES.map((each) => [each, 0])) as Record<MessageOddity, number>;
  for (const [at, { event, workflow, xml, oddity }] of messages.entries()) {
    const name = `${String(at + 1).padStart(6, "0")}-${event}`;
    if (at % 5 === 4) {
      writeFileSync(join(folder, `${name}.dat`), xml);
      writeFileSync(join(folder, `${name}.ctl`), controlFile(workflow, at));
    } else {
      writeFileSync(join(folder, `${name}.xml`), xml);
    }
    byEvent[event] = (byEvent[event] ?? 0) + 1;
    if (oddity) oddities[oddity]++;
  }
  return { written: messages.length, byEvent, oddities };
}

/** Source: control file of the MESH client, DTSControl 1.0. */
function controlFile(workflow: string, at: number): string {
  return [
    "<DTSControl>",
    "  <Version>1.0</Version>",
    "  <AddressType>DTS</AddressType>",
    "  <MessageType>Data</MessageType>",
    "  <From_DTS>X26OT000</From_DTS>",
    "  <To_DTS>ODFOT001</To_DTS>",
    `  <LocalId>${String(at + 1).padStart(6, "0")}</LocalId>`,
    `  <WorkflowId>${workflow}</WorkflowId>`,
    "  <Encrypted>N</Encrypted>",
    "  <Compress>N</Compress>",
    "  <StatusRecord>",
    "    <Event>TRANSFER</Event>",
    "    <Status>SUCCESS</Status>",
    "    <StatusCode>00</StatusCode>",
    "  </StatusRecord>",
    "</DTSControl>",
    "",
  ].join("\n");
}
