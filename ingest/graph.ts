/**
 * Ingest's part of the graph, the sixth subgraph: the localities and what belongs to them, what was loaded, what is in
 * quarantine, and what clerks decide of it.
 */

import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { enumOf, LocalityCodeEnum, PageInfo } from "../chassis/graph-types";
import { Guarded } from "../chassis/guard";
import { AFTER, cursorRead, FIRST, pageOf, pageSize } from "../chassis/pages";
import type { Chore, Context, SubgraphDefinition } from "../chassis/subgraph";
import type { Instant } from "../schema/calendar";
import { Problem } from "../schema/errors";
import { DateScalar, InstantScalar, OdsCodeScalar } from "../schema/scalars";
import {
  LOCALITIES,
  LOCALITY_CODES,
  type LocalityCode,
  localAuthorityName,
  localityOfAuthority,
} from "../schema/vocabulary/localities";
import { practiceOf } from "../schema/vocabulary/practices";
import { type AccessActs, AccessEntryOrganisation, AccessLogQuery, Child, ChildAccessLog } from "./access-graph";
import type { LogSource } from "./access-log";
import {
  LOADS_SHOWN,
  MIGRATIONS,
  QUARANTINE_DECISIONS,
  type QuarantineFilter as QuarantineConditions,
  type QuarantineDecision as QuarantineDecisionName,
  type QuarantinePlace,
  type QuarantineRow,
  type Reason,
  type Severity,
} from "./books";
import type { GlassDesk } from "./glass";
import { glassResolverOf } from "./glass-graph";
import type { Decided, PersonDecision } from "./quarantine";
import type { LoadLine } from "./reconcile";
import type { Restricted } from "./restricted";

/** What the graph asks ingest for: its books to be read, and its road to be taken. */
export interface IngestDesk {
  /** Newest first, of these localities and of messages. */
  loads(localities: readonly LocalityCode[]): Promise<readonly (LoadLine & LoadTimes)[]>;
  /** Oldest first, after a place in that order; of these localities and of messages. */
  quarantine(
    where: QuarantineConditions,
    reach: readonly LocalityCode[],
    first: number,
    after: QuarantinePlace | null,
  ): Promise<readonly QuarantineRow[]>;
  item(id: string): Promise<QuarantineRow | null>;
  /** Which of these items are tried again by themselves, in the order asked. */
  waiting(ids: readonly string[]): Promise<readonly boolean[]>;
  /** The message an item is about, as it was sent; null for an item about a row. */
  message(item: QuarantineRow): Promise<string | null>;
  resolve(decided: Decided): Promise<QuarantineRow>;
  /** The localities that tell of each child. */
  localitiesOf(childIds: readonly string[]): Promise<readonly (readonly LocalityCode[])[]>;
  readonly restricted: Pick<Restricted, "aboutOf" | "inText">;
  readonly glass: GlassDesk;
  /** The access logs of the parts that keep the record. */
  readonly logs: readonly LogSource[];
  merge(childId: string, into: string | null, decided: { readonly by: string; readonly note: string }): Promise<void>;
  /** Makes the deliveries that have been left in the outbox; answers how many. */
  deliverLeft(): Promise<number>;
}

export interface LoadTimes {
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
}

const QuarantineDecisionEnum = enumOf(
  "QuarantineDecision",
  "What was decided of a quarantined row or message. APPLIED and CORRECTED are decided by the system alone.",
  QUARANTINE_DECISIONS,
);

const SeverityEnum = enumOf("Severity", "How much stands still until a quarantined item is decided.", {
  BLOCKS_CHILD: "The child is not known here, or not by this identity, until it is decided",
  BLOCKS_ROW: "What this row or message says of the child is missing until it is decided",
} satisfies Record<Severity, string>);

// --- Reference ----------------------------------------------------------------------------------------------------

@ObjectType({ description: "One of the six localities whose systems became this record." })
@Directive('@key(fields: "code")')
export class Locality {
  @Field(() => LocalityCodeEnum, { description: "Its code, such as WIRRAL." })
  code!: LocalityCode;
}

@ObjectType({ description: "A local authority." })
@Directive('@key(fields: "code")')
export class LocalAuthority {
  @Field(() => String, { description: "ONS code, nine characters, such as E08000015." })
  code!: string;
}

@ObjectType({ description: "A GP practice." })
@Directive('@key(fields: "odsCode")')
export class Practice {
  @Field(() => OdsCodeScalar, { description: "Its code of the Organisation Data Service, such as N85002." })
  odsCode!: string;
}

@Resolver(() => Locality)
export class LocalityReference {
  @Query(() => [Locality], { description: "The localities whose systems became this record, in order of their phase." })
  @Guarded("VIEW_REFERENCE")
  localities(): readonly Locality[] {
    return LOCALITY_CODES.map((code) => ({ code }));
  }

  @FieldResolver(() => String, { description: "Its name, such as St Helens & Knowsley." })
  @Guarded("VIEW_REFERENCE")
  name(@Root() { code }: Locality): string {
    return LOCALITIES[code].name;
  }

  @FieldResolver(() => Int, { description: "The phase of the programme in which its records were brought in: 1 to 3." })
  @Guarded("VIEW_REFERENCE")
  phase(@Root() { code }: Locality): number {
    return LOCALITIES[code].phase;
  }

  @FieldResolver(() => [LocalAuthority], { description: "The local authorities it serves." })
  @Guarded("VIEW_REFERENCE")
  localAuthorities(@Root() { code }: Locality): readonly LocalAuthority[] {
    return LOCALITIES[code].localAuthorities;
  }

  @FieldResolver(() => String, { description: "The child health system it had before." })
  @Guarded("VIEW_REFERENCE")
  legacySystem(@Root() { code }: Locality): string {
    return LOCALITIES[code].legacySystem;
  }
}

@Resolver(() => LocalAuthority)
export class LocalAuthorityReference {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Its name. Null for one outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  name(@Root() { code }: LocalAuthority): string | null {
    return localAuthorityName(code);
  }

  @FieldResolver(() => Locality, {
    nullable: true,
    description: "The locality that serves it. Null for one outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  locality(@Root() { code }: LocalAuthority): Locality | null {
    const locality = localityOfAuthority(code);
    return locality === null ? null : { code: locality };
  }
}

@Resolver(() => Practice)
export class PracticeReference {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Its name. Null for a practice outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  name(@Root() { odsCode }: Practice): string | null {
    return practiceOf(odsCode)?.name ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Its postcode. Null for a practice outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  postcode(@Root() { odsCode }: Practice): string | null {
    return practiceOf(odsCode)?.postcode ?? null;
  }

  @FieldResolver(() => LocalAuthority, {
    nullable: true,
    description: "The local authority it belongs to. Null for a practice outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  localAuthority(@Root() { odsCode }: Practice): LocalAuthority | null {
    const practice = practiceOf(odsCode);
    return practice === null ? null : { code: practice.localAuthority };
  }

  @FieldResolver(() => Locality, {
    nullable: true,
    description: "The locality it belongs to. Null for a practice outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  locality(@Root() { odsCode }: Practice): Locality | null {
    const practice = practiceOf(odsCode);
    return practice === null ? null : { code: practice.locality };
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description: "Whether it is open; old registrations name closed ones. Null outside Cheshire and Merseyside.",
  })
  @Guarded("VIEW_REFERENCE")
  open(@Root() { odsCode }: Practice): boolean | null {
    return practiceOf(odsCode)?.open ?? null;
  }
}

// --- Loads --------------------------------------------------------------------------------------------------------

@ObjectType({
  description:
    "One file of a locality each time it was loaded, the messages of one national event, or rows of the quarantine that were tried again; and what became of what they told.",
})
export class Load {
  @Field(() => ID, { description: "Number of the load." })
  id!: string;

  @Field(() => Locality, { nullable: true, description: "Whose file it was. Null for national event messages." })
  locality!: Locality | null;

  @Field(() => String, {
    description: "Name of the file; `messages` for national messages, `quarantine` for what was tried again.",
  })
  file!: string;

  @Field(() => String, {
    description: "Kind of file: CHILDREN, DOSES, HEARING, BLOOD_SPOT, EXAMINATIONS or FLAGS; or the national event.",
  })
  kind!: string;

  @Field(() => InstantScalar, { description: "When it began." })
  startedAt!: string;

  @Field(() => InstantScalar, { nullable: true, description: "When it ended. Null while it runs, or was stopped." })
  finishedAt!: string | null;

  @Field(() => Int, { description: "Rows or messages read." })
  rowsRead!: number;

  @Field(() => Int, { description: "Of those: read, given their child, and their events delivered." })
  rowsYielding!: number;

  @Field(() => Int, { description: "Of those: with nothing to tell, such as a message that came twice." })
  rowsSilent!: number;

  @Field(() => Int, { description: "Of those: refused, with the reason in the quarantine." })
  rowsQuarantined!: number;

  @Field(() => Int, { description: "Of those refused: already in the quarantine, in the same words." })
  rowsRepeated!: number;

  @Field(() => Int, { description: "Events that the rows told." })
  events!: number;

  @Field(() => Int, { description: "Of the events: new, and now held." })
  applied!: number;

  @Field(() => Int, { description: "Of the events: held already." })
  duplicate!: number;

  @Field(() => Int, { description: "Of the events: kept, but something later was held already." })
  superseded!: number;

  @Field(() => Int, { description: "Of the events: refused, because they clash with what is held." })
  quarantined!: number;

  @Field(() => Boolean, { description: "Whether every row and event is accounted for and the load is finished." })
  balances!: boolean;

  @Field(() => [String], { description: "What is not accounted for, in words. Empty where it balances." })
  faults!: readonly string[];
}

// --- Quarantine -----------------------------------------------------------------------------------------------------

@ObjectType({ description: "Why a row or message was refused." })
export class QuarantineReason implements Pick<Reason, "message"> {
  @Field(() => String, { description: "Code of the problem, such as NHS_INVALID; it never changes." })
  code!: string;

  @Field(() => String, { description: "What is wrong and where, by row and column; never a value of the row." })
  message!: string;

  @Field(() => String, { description: "What can be done about it." })
  whatToDo!: string;
}

@ObjectType({ description: "A row or message, or one fact of it, that was not applied and waits for a decision." })
export class QuarantineItem {
  /** The item as kept; the fields below are read from it. */
  kept!: QuarantineRow;

  /** The restricted child it is about, for the guard; null where it is about none. */
  childId!: string | null;

  @Field(() => ID, { description: "Id of the item. The same row sent again has the same." })
  id!: string;

  @Field(() => Locality, { nullable: true, description: "Whose row it is. Null for a national message." })
  locality!: Locality | null;

  @Field(() => String, { description: "Name of the file the row came in; `messages` for a national message." })
  file!: string;

  @Field(() => String, { description: "Kind of file, or the national event." })
  kind!: string;

  @Field(() => Int, { description: "Number of the row in its file, from 1 after the header; or of the message." })
  row!: number;

  @Field(() => [QuarantineReason], { description: "Everything found wrong with it." })
  reasons!: readonly QuarantineReason[];

  @Field(() => SeverityEnum, { description: "How much stands still until it is decided." })
  severity!: Severity;

  @Field(() => [ID], {
    nullable: true,
    description:
      "Ids of the children it could be about; empty where none is known. Null, with an error, where one of them is restricted: whose row it is would tell where the child is.",
  })
  @Guarded("VIEW_QUARANTINE", "ERROR")
  candidates!: readonly string[];

  @Field(() => DateScalar, { description: "The day the file or message was received." })
  receivedOn!: string;

  @Field(() => InstantScalar, { description: "When it was put in quarantine." })
  openedAt!: string;

  @Field(() => InstantScalar, { nullable: true, description: "When it was decided. Null while it is open." })
  resolvedAt!: string | null;

  @Field(() => QuarantineDecisionEnum, { nullable: true, description: "What was decided. Null while it is open." })
  decision!: QuarantineDecisionName | null;

  @Field(() => String, {
    nullable: true,
    description: "Subject of the token of whoever decided. Null while it is open, and where the system decided.",
  })
  decidedBy!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Why, in the words of whoever decided. Null where none, and, with an error, for a restricted child.",
  })
  @Guarded("VIEW_QUARANTINE", "ERROR")
  note!: string | null;
}

@ObjectType({ description: "An item of the quarantine, with its place in the list." })
export class QuarantineEdge {
  @Field(() => QuarantineItem, { description: "The item." })
  node!: QuarantineItem;

  @Field(() => String, { description: "Where the item stands in the list, to be given back as `after`." })
  cursor!: string;
}

@ObjectType({ description: "A page of the quarantine, oldest first." })
export class QuarantineConnection {
  @Field(() => [QuarantineEdge], { description: "The items, each with its place in the list." })
  edges!: readonly QuarantineEdge[];

  @Field(() => PageInfo, { description: "Where the page begins and ends." })
  pageInfo!: PageInfo;
}

@InputType({ description: "Which items of the quarantine are meant: every condition given holds." })
export class QuarantineFilter {
  @Field(() => Boolean, {
    nullable: true,
    description: "True: those not yet decided. False: those decided. Null: both. True where it is left out.",
    defaultValue: true,
  })
  open?: boolean | null;

  @Field(() => [LocalityCodeEnum], {
    nullable: true,
    description: "Of these localities. Leaves national messages out.",
  })
  localities?: readonly LocalityCode[] | null;

  @Field(() => [String], { nullable: true, description: "Of these kinds of file or national events." })
  kinds?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: "With this code among the reasons, such as ORPHAN." })
  reason?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "True: those that wait for their child and are tried again by themselves. False: those that wait for a person.",
  })
  waiting?: boolean | null;

  @Field(() => ID, { nullable: true, description: "First refused by the load of this number." })
  load?: string | null;
}

@ObjectType({ description: "A merge of two records, or its undoing." })
export class ChildrenMerge {
  @Field(() => ID, { description: "The child whose record is now part of another's, or no longer is." })
  childId!: string;

  @Field(() => ID, { nullable: true, description: "The child whose record it is part of. Null after an undoing." })
  into!: string | null;
}

@Resolver(() => QuarantineItem)
export class QuarantineItemContent {
  @FieldResolver(() => Boolean, {
    description:
      "True where it waits for a child nobody has told of yet, or for the record it takes back, and is tried again by itself when they appear.",
  })
  @Guarded("VIEW_QUARANTINE")
  waiting(@Root() { kept }: QuarantineItem, @Ctx() { find }: Context<object, Lookups>): Promise<boolean> {
    return find.waiting.load(kept.id);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The row as it stood in its file, or the message. Null for a safeguarding flag, unless the viewer may see flags in detail, and, with an error, for a restricted child.",
  })
  @Guarded("VIEW_QUARANTINE", "ERROR")
  async raw(
    @Root() { kept }: QuarantineItem,
    @Ctx() { guard, find }: Context<object, Lookups>,
  ): Promise<string | null> {
    if (kept.kind === "FLAGS" && guard.scope("VIEW_SAFEGUARDING_DETAIL").reach === "NOBODY") return null;
    if (kept.locality !== null || kept.event !== null) return kept.raw;
    const { text, childId } = (await find.messages.load(kept.id)) ?? { text: null, childId: null };
    if (childId !== null && (await guard.withholds("VIEW_QUARANTINE", childId))) {
      throw new Problem("WITHHELD", { what: "raw" });
    }
    return text;
  }
}

interface Lookups {
  readonly waiting: (ids: readonly string[]) => Promise<readonly boolean[]>;
  /** Item id → the message it is about, and the restricted child it names. */
  readonly messages: (
    ids: readonly string[],
  ) => Promise<readonly ({ readonly text: string; readonly childId: string | null } | null)[]>;
}

const notThere = async (): Promise<never> => {
  throw new Problem("SOURCE_UNAVAILABLE", { source: "localities" });
};

const NOBODY_THERE: IngestDesk = {
  loads: notThere,
  quarantine: notThere,
  item: notThere,
  waiting: notThere,
  message: notThere,
  resolve: notThere,
  localitiesOf: notThere,
  restricted: { aboutOf: notThere, inText: notThere },
  glass: { open: notThere, reviews: notThere, review: notThere },
  logs: [],
  merge: notThere,
  deliverLeft: notThere,
};

const DELIVERING_RESTS_MILLISECONDS = 15_000;

/** What a part missed while it was down reaches it also where nothing more comes that would be delivered. */
function delivering(desk: IngestDesk): Chore {
  return {
    name: "deliver",
    restMilliseconds: DELIVERING_RESTS_MILLISECONDS,
    run: async () => (await desk.deliverLeft()) > 0,
  };
}

/** The definition of the subgraph, over the desk of ingest; null for what asks only after its form. */
export function localitiesDefinition(ingest: { readonly desk: IngestDesk } | null): SubgraphDefinition {
  const desk = ingest?.desk ?? NOBODY_THERE;

  /** An item a viewer may know of; NOT_FOUND otherwise. */
  async function itemInReach(id: string, { viewer }: Context): Promise<QuarantineRow> {
    const item = await desk.item(id);
    if (item === null || (item.locality !== null && !viewer.localities.includes(item.locality))) {
      throw new Problem("NOT_FOUND", { what: "item of the quarantine" });
    }
    return item;
  }

  async function itemsOf(read: Promise<readonly QuarantineRow[]>): Promise<readonly QuarantineItem[]> {
    const rows = await read;
    const about = await desk.restricted.aboutOf(rows);
    return rows.map((row, at) => ({ ...itemOf(row), childId: about[at] ?? null }));
  }

  /** A child known by messages alone is every clerk's: else nobody could decide about it. */
  async function childrenInReach(childIds: readonly string[], { viewer }: Context): Promise<void> {
    for (const localities of await desk.localitiesOf(childIds)) {
      if (localities.length > 0 && !localities.some((locality) => viewer.localities.includes(locality))) {
        throw new Problem("NOT_FOUND", { what: "child" });
      }
    }
  }

  @Resolver()
  class Books {
    @Query(() => [Load], {
      nullable: true,
      description: `What was loaded and received, newest first, at most ${LOADS_SHOWN}: of the viewer's localities, and national messages.`,
    })
    @Guarded("VIEW_LOADS")
    async loads(
      @Ctx() { viewer }: Context,
      @Arg("locality", () => LocalityCodeEnum, { nullable: true, description: "Of this locality only." })
      locality: LocalityCode | null,
    ): Promise<readonly Load[]> {
      const localities = viewer.localities.filter(
        (code) => locality === null || locality === undefined || code === locality,
      );
      const lines = await desk.loads(localities);
      return lines
        .filter((line) => !locality || line.locality === locality)
        .map((line) => ({
          ...line,
          id: String(line.load),
          locality: line.locality === null ? null : { code: line.locality },
        }));
    }

    @Query(() => QuarantineConnection, {
      nullable: true,
      description: "What was refused and waits for a decision, oldest first: of the viewer's localities, and messages.",
    })
    @Guarded("VIEW_QUARANTINE")
    async quarantine(
      @Ctx() { viewer }: Context,
      @Arg("where", () => QuarantineFilter, {
        nullable: true,
        description: "Which items; left out, all that are open.",
      })
      where: QuarantineFilter | null,
      @Arg("first", () => Int, { nullable: true, description: FIRST })
      first: number | null,
      @Arg("after", () => String, { nullable: true, description: AFTER })
      after: string | null,
    ): Promise<QuarantineConnection> {
      const [size, from] = [pageSize(first), cursorRead(after)];
      const { load, ...conditions } = where ?? { open: true };
      const rows = await itemsOf(
        desk.quarantine(
          { ...conditions, load: load ? numberOf(load) : null },
          viewer.localities,
          size + 1,
          from === null ? null : placeOf(from),
        ),
      );
      return pageOf(rows, {
        size,
        from,
        keyOf: ({ openedAt, id }) => `${openedAt} ${id}`,
        edgeOf: (node) => ({ node }),
      });
    }

    @Mutation(() => QuarantineItem, {
      description:
        "Decides what becomes of a quarantined item, and does it. Answers the item as it then stands: still open where it was refused again.",
    })
    @Guarded("RESOLVE_QUARANTINED")
    async resolveQuarantined(
      @Ctx() context: Context,
      @Arg("id", () => ID, { description: "Id of the item." }) id: string,
      @Arg("decision", () => QuarantineDecisionEnum, { description: "What is decided; not APPLIED or CORRECTED." })
      decision: QuarantineDecisionName,
      @Arg("childId", () => ID, { nullable: true, description: "The child it is about, for USE_CHILD." })
      childId: string | null,
      @Arg("note", () => String, { description: "Why, for whoever asks later; it may not be empty." }) note: string,
    ): Promise<QuarantineItem> {
      if (!isPersonDecision(decision)) {
        throw new Problem("ARGUMENT_INVALID", { argument: "decision", expected: "one that a person may take" });
      }
      checkNote(note);
      await itemInReach(id, context);
      if (childId) await childrenInReach([childId], context);
      const by = context.viewer.subject;
      const [item] = await itemsOf(
        desk.resolve({ id, decision, childId: childId ?? null, note, by }).then((row) => [row]),
      );
      if (item === undefined) throw new Problem("NOT_FOUND", { what: "item of the quarantine" });
      return item;
    }

    @Mutation(() => ChildrenMerge, {
      description:
        "Makes one child's record part of another's, because they are one child; without `into`, takes it out again. Nothing is lost: the facts of each stay where they were told.",
    })
    @Guarded("RESOLVE_QUARANTINED")
    async mergeChildren(
      @Ctx() context: Context,
      @Arg("childId", () => ID, { description: "The child whose record becomes part of the other's." }) childId: string,
      @Arg("into", () => ID, { nullable: true, description: "The child whose record stays. Left out: undoes a merge." })
      into: string | null,
      @Arg("note", () => String, { description: "Why, for whoever asks later; it may not be empty." }) note: string,
    ): Promise<ChildrenMerge> {
      checkNote(note);
      await childrenInReach(into ? [childId, into] : [childId], context);
      await desk.merge(childId, into ?? null, { by: context.viewer.subject, note });
      return { childId, into: into ?? null };
    }
  }

  return {
    name: "localities",
    resolvers: [
      LocalityReference,
      LocalAuthorityReference,
      PracticeReference,
      QuarantineItemContent,
      Books,
      glassResolverOf(desk.glass),
      ChildAccessLog,
      AccessLogQuery,
      AccessEntryOrganisation,
    ],
    types: [Locality, LocalAuthority, Practice, Child],
    entities: { Locality: "code", LocalAuthority: "code", Practice: "odsCode", Child: "id" },
    facts: {},
    sparseRegister: true,
    migrations: MIGRATIONS,
    reads: () => ({}),
    chores: () => (ingest === null ? [] : [delivering(desk)]),
    acts: ({ accessEntries }): AccessActs => ({ logs: [...desk.logs, { name: "localities", accessEntries }] }),
    lookups: () => ({
      waiting: (ids: readonly string[]) => desk.waiting(ids),
      messages: (ids: readonly string[]) =>
        Promise.all(
          ids.map(async (id) => {
            const item = await desk.item(id);
            const text = item === null ? null : await desk.message(item);
            return text === null ? null : { text, childId: await desk.restricted.inText(text) };
          }),
        ),
    }),
  };
}

function itemOf(kept: QuarantineRow): Omit<QuarantineItem, "childId"> {
  const { id, locality, file, kind, row, severity, candidates, receivedOn, openedAt } = kept;
  const { resolvedAt, decision, decidedBy, note } = kept;
  return {
    kept,
    id,
    locality: locality === null ? null : { code: locality },
    file,
    kind,
    row,
    reasons: kept.reasons.map(({ code, message, remedy }) => ({ code, message, whatToDo: remedy })),
    severity,
    candidates,
    receivedOn,
    openedAt,
    resolvedAt,
    decision,
    decidedBy,
    note,
  };
}

function isPersonDecision(decision: QuarantineDecisionName): decision is PersonDecision {
  return decision !== "APPLIED" && decision !== "CORRECTED";
}

function checkNote(note: string): void {
  if (note.trim() === "") throw new Problem("ARGUMENT_INVALID", { argument: "note", expected: "a reason in words" });
}

function numberOf(load: string): number {
  if (!/^\d{1,9}$/.test(load)) throw new Problem("ARGUMENT_INVALID", { argument: "load", expected: "a load's id" });
  return Number(load);
}

function placeOf(key: string): QuarantinePlace {
  const [openedAt, id, ...more] = key.split(" ");
  if (openedAt === undefined || id === undefined || more.length > 0) {
    throw new Problem("ARGUMENT_INVALID", { argument: "after", expected: "a cursor of this list" });
  }
  return { openedAt, id };
}
