/**
 * Where each record of a source stands: under which child, and as what, it was told last.
 *
 * A dose, a screening record or a flag is one record at its source, with an id of its own that outlives what the
 * source first said of it: it is entered on the wrong child and put right, turns from given into not given, is taken
 * back by a row that names nobody. Parts keep facts by child and type, so a record that moves must be taken away from
 * where it stood. What a source says of a child itself (name, address, practice) is no record: its id is the child's.
 * Nor is a record followed whose source gives it no id: one that said otherwise would be another.
 */

import type { Database, Row, Table, Transaction } from "../chassis/database";
import type { Event, EventType, Source, Told } from "../schema/events";
import { MADE_ID } from "./reading";

/** One row a record and type; small, for there are as many as there are facts of doses, screens and flags. */
export const SOURCE_RECORD: Table = {
  name: "source_record",
  columns: { system: "text", id: "text", kind: "text", childId: "text", toldAt: "text" },
  key: ["system", "id", "kind"],
};

/**
 * Event types that tell of a record, by a letter; types of one shelf are of one series of ids, since a row of a source
 * is one or the other.
 */
const KINDS = {
  DoseRecorded: { letter: "D", shelf: "DOSES" },
  DoseNotGivenRecorded: { letter: "N", shelf: "DOSES" },
  NewbornHearingRecorded: { letter: "H", shelf: "HEARING" },
  NewbornBloodSpotRecorded: { letter: "B", shelf: "BLOOD_SPOT" },
  NewbornExaminationRecorded: { letter: "E", shelf: "EXAMINATIONS" },
  SafeguardingFlagRecorded: { letter: "F", shelf: "FLAGS" },
} as const satisfies { readonly [Type in EventType]?: { readonly letter: string; readonly shelf: string } };

type RecordType = keyof typeof KINDS;

const TYPE_OF: ReadonlyMap<string, RecordType> = new Map(
  (Object.keys(KINDS) as RecordType[]).map((type) => [KINDS[type].letter, type]), // its own keys
);

/** A telling of a record, with the child it was placed with. */
export type RecordEvent = Event & { readonly type: RecordType };

export function isOfRecord<T extends Pick<Told, "type" | "source">>(
  told: T,
): told is T & { readonly type: RecordType } {
  return Object.hasOwn(KINDS, told.type) && !told.source.id.startsWith(MADE_ID);
}

/** Where a record stands, and since when. */
export interface Stand {
  readonly system: string;
  readonly id: string;
  readonly type: RecordType;
  readonly childId: string;
  /** `asOf` and, behind it, what orders tellings of one instant: the later is the greater, as text. */
  readonly toldAt: string;
}

/**
 * What is to be told so that a record stands in one place, whatever the order of arrival, and where it then stands;
 * null where it is told of one instant in two places, which only a person can decide.
 *
 * | told, against where it stands                   | is told                                              |
 * | ----------------------------------------------- | ---------------------------------------------------- |
 * | it stands nowhere                               | as it is                                             |
 * | taken back                                      | taken back where it stands, whoever the row names    |
 * | of a child who is one with that one by a merge  | of the child it was first told of                    |
 * | of another child or as another type, and later  | taken back where it stood, as of now; and as it is   |
 * | the same, and earlier                           | as it is, and taken back as of when it moved         |
 */
export function whereTold(
  event: RecordEvent,
  stand: Stand | null,
  isOne: (childId: string, other: string) => boolean,
): { readonly events: readonly Event[]; readonly stand: Stand } | null {
  if (stand === null) return { events: [event], stand: standOf(event) };
  if (event.action === "withdraw") {
    const taken = { ...event, childId: stand.childId, type: stand.type };
    return { events: [taken], stand: later(stand, standOf(taken)) };
  }
  const told =
    event.childId !== stand.childId && isOne(stand.childId, event.childId)
      ? { ...event, childId: stand.childId }
      : event;
  const telling = standOf(told);
  if (telling.childId === stand.childId && telling.type === stand.type) {
    return { events: [told], stand: later(stand, telling) };
  }
  if (telling.toldAt === stand.toldAt) return null;
  return telling.toldAt > stand.toldAt
    ? { events: [takenFrom(stand, telling), told], stand: telling }
    : { events: [told, takenFrom(telling, stand)], stand };
}

function takenFrom({ childId, type, system, id }: Stand, { toldAt }: Stand): Event {
  const [asOf, tieBreak] = [toldAt.slice(0, INSTANT_LENGTH), toldAt.slice(INSTANT_LENGTH)];
  const header = { action: "withdraw", type, childId, source: { system, id }, asOf } as const;
  return tieBreak === "" ? header : { ...header, tieBreak };
}

const INSTANT_LENGTH = "2025-01-02T03:04:05.000000000Z".length;

function standOf({ source: { system, id }, type, childId, asOf, tieBreak }: RecordEvent): Stand {
  return { system, id, type, childId, toldAt: tieBreak === undefined ? asOf : asOf + tieBreak };
}

function later(held: Stand, told: Stand): Stand {
  return told.toldAt > held.toldAt ? told : held;
}

/** Where the records of one chunk stand; what is moved is seen by those after it and written at its end. */
export class Stands {
  private readonly shelves = new Map<string, Map<string, Stand>>();
  private readonly moved = new Set<Stand>();
  /** Whether any record of the chunk stood before, or is told of more than once in it: few chunks of a first load. */
  readonly mayMove: boolean;

  constructor(held: readonly Stand[], toldAgain: boolean) {
    for (const stand of held) {
      const shelf = this.shelf(stand.system, stand.type);
      const other = shelf.get(stand.id);
      // Of a record that was told as two types, where it stands is where it was told last.
      shelf.set(stand.id, other === undefined ? stand : later(other, stand));
    }
    this.mayMove = toldAgain || held.length > 0;
  }

  of({ source: { system, id }, type }: { readonly source: Source; readonly type: RecordType }): Stand | null {
    return this.shelf(system, type).get(id) ?? null;
  }

  move(stand: Stand): void {
    const shelf = this.shelf(stand.system, stand.type);
    const before = shelf.get(stand.id);
    if (before === stand) return;
    shelf.set(stand.id, stand);
    this.moved.add(stand);
  }

  async write(transaction: Transaction): Promise<void> {
    let rows = [...this.moved].map((stand) => ({ ...stand, kind: KINDS[stand.type].letter }));
    // A record that moved to and fro within the chunk has one row for each type, the last.
    if (this.mayMove) rows = [...new Map(rows.map((row) => [`${row.system}\n${row.kind}\n${row.id}`, row])).values()];
    await transaction.insert(SOURCE_RECORD, rows, "replace");
  }

  private shelf(system: string, type: RecordType): Map<string, Stand> {
    const name = `${system} ${KINDS[type].shelf}`;
    let shelf = this.shelves.get(name);
    if (shelf === undefined) {
      shelf = new Map();
      this.shelves.set(name, shelf);
    }
    return shelf;
  }
}

export interface SourceRecords {
  /** Where the records that are told of stand, read in a few statements. */
  stands(transaction: Transaction, tells: readonly Told[]): Promise<Stands>;
}

interface StandRow extends Row {
  readonly system: string;
  readonly id: string;
  readonly kind: string;
  readonly childId: string;
  readonly toldAt: string;
}

export function sourceRecordsOf(database: Database): SourceRecords {
  const held = database.statement<StandRow>(
    ({ from, param, among }) => from(SOURCE_RECORD).where("system", "=", param("system")).where(among("id", "ids")),
    SOURCE_RECORD.columns,
  );
  return {
    async stands(transaction, tells) {
      const idsBySystem = new Map<string, Set<string>>();
      let toldAgain = false;
      for (const told of tells) {
        if (!isOfRecord(told)) continue;
        const { system, id } = told.source;
        let ids = idsBySystem.get(system);
        if (ids === undefined) {
          ids = new Set();
          idsBySystem.set(system, ids);
        }
        toldAgain ||= ids.has(id);
        ids.add(id);
      }
      const rows: StandRow[] = [];
      for (const [system, ids] of idsBySystem) {
        rows.push(...(await transaction.rows(held, { system, ids: [...ids] })));
      }
      const stands = rows.flatMap(({ kind, system, id, childId, toldAt }): Stand[] => {
        const type = TYPE_OF.get(kind);
        return type === undefined ? [] : [{ system, id, type, childId, toldAt }];
      });
      return new Stands(stands, toldAgain);
    },
  };
}
