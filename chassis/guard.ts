/**
 * Stands before every query and every field of an entity: allows, refuses or conceals by the one policy table, and
 * writes down who asked. `@Guarded(action)` is the only way to be let through; a subgraph with a field that has none
 * does not start.
 */

// Decorators need it before the first of them runs; every graph of ours imports this file.
import "reflect-metadata";
import DataLoader from "dataloader";
import { type GraphQLSchema, isObjectType } from "graphql";
import { Directive, Extensions, Field, type MiddlewareFn, ObjectType, UseMiddleware } from "type-graphql";
import {
  type Action,
  glassOf,
  isHandingOver,
  isLogged,
  isOneAtATime,
  POLICY,
  permission,
  type Scope,
  scopeOf,
  type Viewer,
  withholdsPlace,
  within,
} from "../schema/access";
import type { Day, Instant } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { Access, AccessLog, Decision } from "./audit";
import type { Entry, Population, Register } from "./register";

/** The answer in place of where a restricted child is. */
@ObjectType({
  description:
    "Stands where a place would, for a child whose whereabouts are restricted: from everybody, or from those who hand it over.",
})
@Directive("@shareable")
export class Withheld {
  @Field(() => String, { description: "Why it is withheld, in plain words." })
  reason!: string;
}

export const WITHHELD: Withheld = Object.assign(new Withheld(), {
  reason: "This child's whereabouts are restricted.",
});

/** Longer than nearly every search takes: what is over by the first tick is answered at it. */
const TICK_MILLISECONDS = 25;

/** What stands in the way: nothing (undefined), a refusal to be told, or null for what is answered as if there were nothing. */
export type Bar = Problem | null | undefined;

/** The guard of one request: its viewer's reach, and what has been decided so far. */
export class Guard {
  readonly viewer: Viewer;
  readonly today: Day;
  private readonly now: Instant;
  private readonly register: Register;
  /** What is asked is asked of each entry of a list, be it one of one: the part sees the children alone. */
  private readonly listed: boolean;
  private readonly entries: DataLoader<string, Entry | null>;
  /** The entries that have come; what is decided of these children need not wait. */
  private readonly known = new Map<string, Entry | null>();
  private readonly scopes = new Map<Action, Scope>();
  private readonly bars = new Map<Action, Map<string | null, Bar>>();
  /** By action and child, each once however many fields asked it. */
  private readonly decided = new Map<Action, Map<string | null, Access>>();
  /** By action and what was asked by: each once, as it is of a child who is there. */
  private readonly missing = new Map<string, Access>();
  private readonly searches: Access[] = [];
  private onTheTick = false;

  constructor(viewer: Viewer, register: Register, today: Day, now: Instant, listed = false) {
    this.viewer = viewer;
    this.today = today;
    this.now = now;
    this.register = register;
    this.listed = listed;
    this.entries = new DataLoader((childIds) => register.find(childIds));
  }

  scope(action: Action): Scope {
    let scope = this.scopes.get(action);
    if (scope === undefined) {
      scope = scopeOf(this.viewer, action, this.today);
      this.scopes.set(action, scope);
    }
    return scope;
  }

  /**
   * The child's entry in the register, without where a restricted child is unless the viewer may know it: what a resolver
   * does not have it cannot tell. Null for a child nobody told of.
   */
  async entry(childId: string): Promise<Entry | null> {
    const entry = await this.entries.load(childId);
    return entry === null || !withholdsPlace(this.viewer, entry, this.now) ? entry : placeless(entry);
  }

  /**
   * Of children that come into question in a search, the entries of those the viewer may be told of, in order; null for
   * the others. To be found by a place, or not to be, tells where a restricted child is.
   */
  async found(action: Action, childIds: readonly string[], byPlace: boolean): Promise<readonly (Entry | null)[]> {
    const entries = await this.entries.loadMany(childIds);
    return entries.map((entry) => {
      if (entry instanceof Error) throw entry;
      if (entry === null || permission(this.viewer, action, this.scope(action), entry, this.now) === null) return null;
      if (!withholdsPlace(this.viewer, entry, this.now)) return entry;
      return byPlace ? null : placeless(entry);
    });
  }

  /**
   * That nobody was found: the answer leaves on a tick of the clock, for to find out that there is no child takes less work
   * than that there is one the viewer may not know of.
   */
  hidesTime(): void {
    this.onTheTick = true;
  }

  /** How long an answer that was begun at a time is kept back, in milliseconds. */
  keptBack(takenMilliseconds: number): number {
    return this.onTheTick ? Math.ceil(TICK_MILLISECONDS - (takenMilliseconds % TICK_MILLISECONDS)) : 0;
  }

  /** Whether all that a decision needs is here; where it is not, it is learnt first. Null is about no one child. */
  knows(childId: string | null): boolean {
    return childId === null || this.known.has(childId);
  }

  /** Every record that makes up a child's; null for a child yet to be learnt. */
  members(childId: string): readonly string[] | null {
    const entry = this.known.get(childId);
    return entry === undefined ? null : (entry?.members ?? [childId]);
  }

  async learn(childId: string): Promise<void> {
    this.known.set(childId, await this.entries.load(childId));
  }

  /**
   * What stands between the viewer and an action, about a child or, for null, at all. The decision is written down.
   * To be asked of children that the guard knows.
   */
  bar(action: Action, childId: string | null): Bar {
    let bars = this.bars.get(action);
    if (bars === undefined) {
      bars = new Map();
      this.bars.set(action, bars);
    }
    let bar = bars.get(childId);
    if (bar === undefined && !bars.has(childId)) {
      bar = this.decide(action, childId);
      bars.set(childId, bar);
    }
    return bar;
  }

  private decide(action: Action, childId: string | null): Bar {
    if (childId === null) return this.permitsAtAll(action) ? undefined : this.refusal(action);
    const entry = this.known.get(childId);
    if (entry === undefined) throw new Error("The guard was asked about a child it does not know.");
    // All that a request asks of a part is learnt before it is decided, so that a list is refused as a whole.
    if (isOneAtATime(action) && (this.listed || this.known.size > 1)) {
      this.note(action, childId, "REFUSED");
      return new Problem("ONE_CHILD_AT_A_TIME", { action: POLICY[action].says });
    }
    const permitted = permission(this.viewer, action, this.scope(action), entry, this.now) !== null;
    this.note(action, childId, permitted ? "SHOWN" : "REFUSED");
    if (permitted) return undefined;
    return POLICY[action].otherwise === "CONCEAL" ? null : this.refusal(action);
  }

  /** Whether where a child is must be withheld from this viewer. To be asked of children that the guard knows. */
  hides(action: Action, childId: string): boolean {
    const entry = this.known.get(childId) ?? null;
    const hidden = withholdsPlace(this.viewer, entry, this.now) || isHandingOver(action, this.scope(action), entry);
    if (hidden) this.note(action, childId, "WITHHELD");
    return hidden;
  }

  /** Whether the viewer may do something about one child. The decision is written down. */
  async permits(action: Action, childId: string): Promise<boolean> {
    if (!this.knows(childId)) await this.learn(childId);
    return this.bar(action, childId) === undefined;
  }

  /** Whether where the child is must be withheld from this viewer. */
  async withholds(action: Action, childId: string): Promise<boolean> {
    if (!this.knows(childId)) await this.learn(childId);
    return this.hides(action, childId);
  }

  /** Whether the viewer's role may do something that is about no one child. The decision is written down. */
  permitsAtAll(action: Action): boolean {
    const permitted = this.scope(action).reach !== "NOBODY";
    if (!permitted || isLogged(action)) this.note(action, null, permitted ? "SHOWN" : "REFUSED");
    return permitted;
  }

  /**
   * The first children of a population in the viewer's reach for an action, by id; one more than asked where there are
   * more. The search is written down, with how many of those asked there were.
   */
  async list(action: Action, where: Population, first: number, after: string | null): Promise<readonly string[]> {
    const childIds = await this.register.list(this.scope(action), where, first + 1, after);
    this.noteSearch(action, Math.min(childIds.length, first), where);
    return childIds;
  }

  /**
   * Writes down that a child was asked for of whom nobody has told: as much is written as of one the viewer may not know of.
   * By what it was asked for is not.
   */
  noteMissing(action: Action, asked: string): void {
    const missing: Access = { action, childId: null, decision: "REFUSED", reason: null, terms: null, hits: null };
    this.missing.set(`${action} ${asked}`, missing);
  }

  /**
   * Writes down a search, what for, and how many children it answered: one entry for each, however alike two of a
   * request are.
   */
  noteSearch(action: Action, hits: number, terms: object | null = null): void {
    const text = terms === null ? null : JSON.stringify(terms, (_, value) => value ?? undefined);
    this.searches.push({ action, childId: null, decision: "SHOWN", reason: null, terms: text, hits });
  }

  /** Writes down one decision; the same again in one request is one entry, and what weighs more is kept. */
  private note(action: Action, childId: string | null, decision: Decision): void {
    let ofAction = this.decided.get(action);
    if (ofAction === undefined) {
      ofAction = new Map();
      this.decided.set(action, ofAction);
    }
    const before = ofAction.get(childId);
    if (before !== undefined && decision === "SHOWN") return;
    const reason = before?.reason ?? (decision === "REFUSED" ? null : this.glassReason(action, childId));
    ofAction.set(childId, { action, childId, decision, reason, terms: null, hits: null });
  }

  /** The reason code of the glass an action was let through by; null where a relationship did it. */
  private glassReason(action: Action, childId: string | null): string | null {
    const entry = childId === null ? null : (this.known.get(childId) ?? null);
    if (entry === null || (entry.ties?.glass ?? []).length === 0 || within(this.scope(action), entry)) return null;
    return glassOf(this.viewer, entry, this.now)?.reasonCode ?? null;
  }

  /** What a refusal says: NOT_PERMITTED naming what is missing. */
  private refusal(action: Action): Problem {
    const scope = this.scope(action);
    return new Problem("NOT_PERMITTED", {
      action: POLICY[action].says,
      needs: scope.reach === "EVERYBODY" ? "your role" : scope.needs,
    });
  }

  /** Hands what was decided to the log; resolves when it is kept, which no answer goes before. */
  write(log: AccessLog, requestId: string): Promise<void> {
    const accesses = [...this.missing.values(), ...this.searches];
    // That something was let through at all is told by what is written of whom it was about, or of the search it was.
    const told = new Set(accesses.map(({ action }) => action));
    for (const [action, ofAction] of this.decided) {
      for (const [childId, access] of ofAction) {
        const saysMore = ofAction.size > 1 || told.has(action);
        if (childId !== null || access.decision !== "SHOWN" || !saysMore) accesses.push(access);
      }
    }
    return log.append({ viewer: this.viewer, requestId, accesses });
  }
}

/** A restricted child as those know it who may not know where it is; that it left the area would tell, too. */
function placeless(entry: Entry): Entry {
  const status = entry.dead ? "DECEASED" : "RESIDENT";
  const nowhere = { practice: null, practiceUntil: null, school: null, locality: null, localAuthority: null };
  return { ...entry, ...nowhere, status, ties: null };
}

/** How a place is withheld: by the answer `Withheld`, or by an error where the field's type has no room for it. */
export type Withholding = "ANSWER" | "ERROR";

/**
 * Lets a query or a field of an entity be asked by those the policy lets `action`. On a field of `Child` the
 * decision is about that child, as on a field of anything that carries its `childId`; elsewhere about the viewer's role. `place` marks a field that tells where a child is.
 */
export function Guarded(action: Action, place?: Withholding): MethodDecorator & PropertyDecorator {
  const middleware: MiddlewareFn<GuardedContext> = async ({ root, context: { guard }, info }, next) => {
    const childId = childOf(info.parentType.name, root);
    if (childId !== null && !guard.knows(childId)) await guard.learn(childId);
    const bar = guard.bar(action, childId);
    if (bar === null) return null;
    if (bar !== undefined) throw bar;
    if (place === undefined || childId === null || !guard.hides(action, childId)) return next();
    return withheld(place, info.fieldName);
  };
  const guards = UseMiddleware(middleware);
  const marks = Extensions({ guarded: action, ...(place === undefined ? {} : { place }) });
  return (target: object, property: string | symbol, descriptor?: PropertyDescriptor) => {
    (guards as MethodDecorator)(target, property, descriptor ?? {});
    (marks as MethodDecorator)(target, property, descriptor ?? {});
  };
}

/** What stands for a place that is withheld: an answer, or an error where the field's type has no room for it. */
export function withheld(place: Withholding, what: string): Withheld {
  if (place === "ANSWER") return WITHHELD;
  throw new Problem("WITHHELD", { what });
}

/** The child a field's answer is about: the entity itself, or what carries its `childId`. */
export function childOf(typeName: string, root: unknown): string | null {
  if (typeof root !== "object" || root === null) return null;
  const { id, childId } = root as { readonly id?: unknown; readonly childId?: unknown };
  const about = typeName === "Child" ? id : childId;
  return typeof about === "string" ? about : null;
}

interface GuardedContext {
  readonly guard: Guard;
}

/** Names each query, mutation and entity field of a schema without a guard; a key may be read by whoever holds it. */
export function unguardedFields(schema: GraphQLSchema, entities: ReadonlyMap<string, string>): readonly string[] {
  const open: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);
    const key = entities.get(type.name);
    if (!isRoot && key === undefined) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.name !== key && field.extensions.guarded === undefined) open.push(`${type.name}.${field.name}`);
    }
  }
  return open;
}
