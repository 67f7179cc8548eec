/**
 * Stands before every query and every field of an entity: allows, refuses or conceals by the one policy table, and
 * writes down who asked. `@Guarded(action)` is the only way to be let through; a subgraph with a field that has none
 * does not start.
 */

import { randomUUID } from "node:crypto";
// Decorators need it before the first of them runs; every graph of ours imports this file.
import "reflect-metadata";
import DataLoader from "dataloader";
import { type GraphQLSchema, isObjectType } from "graphql";
import { Directive, Extensions, Field, type MiddlewareFn, ObjectType, UseMiddleware } from "type-graphql";
import { type Action, POLICY, type Scope, scopeOf, type Viewer, within } from "../schema/access";
import type { Day, Instant } from "../schema/calendar";
import { Problem } from "../schema/errors";
import type { Database, Row, Table } from "./database";
import type { Entry, Population, Register } from "./register";

/** The answer in place of where a restricted child is. */
@ObjectType({ description: "Stands where a place would, for a child whose whereabouts are restricted." })
@Directive("@shareable")
export class Withheld {
  @Field(() => String, { description: "Why it is withheld, in plain words." })
  reason!: string;
}

export const WITHHELD: Withheld = Object.assign(new Withheld(), {
  reason: "This child's whereabouts are restricted.",
});

/** One entry an action and child: who, in what role, what they asked to do, what came of it. Never a value. */
export const ACCESS_LOG: Table = {
  name: "access_entry",
  columns: {
    id: "text",
    at: "text",
    requestId: "text",
    subject: "text",
    name: "text",
    role: "text",
    organisation: "text",
    action: "text",
    /** Null for what is about no one child. */
    childId: "text",
    decision: "text",
    /** For searches and lists: how many children were answered. */
    hits: "integer",
  },
  key: ["id"],
  indexes: [{ on: ["childId", "at"], for: "who has looked at a child's record", where: "child_id is not null" }],
};

export type Decision = "SHOWN" | "WITHHELD" | "REFUSED";

/** The guard of one request: its viewer's reach, and what has been decided so far. */
export class Guard {
  readonly viewer: Viewer;
  readonly today: Day;
  private readonly register: Register;
  private readonly entries: DataLoader<string, Entry | null>;
  private readonly scopes = new Map<Action, Scope>();
  private readonly decided = new Map<string, Row>();
  private readonly searches: Row[] = [];

  constructor(viewer: Viewer, register: Register, today: Day) {
    this.viewer = viewer;
    this.today = today;
    this.register = register;
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

  /** The child's entry in the register; null for a child nobody told of. */
  entry(childId: string): Promise<Entry | null> {
    return this.entries.load(childId);
  }

  /** Whether the viewer may do something about one child. The decision is written down. */
  async permits(action: Action, childId: string): Promise<boolean> {
    const permitted = within(this.scope(action), await this.entry(childId));
    this.note(action, childId, permitted ? "SHOWN" : "REFUSED");
    return permitted;
  }

  /** Whether where the child is must be withheld from this viewer. */
  async withholds(action: Action, childId: string): Promise<boolean> {
    const restricted = (await this.entry(childId))?.restricted ?? true;
    if (restricted) this.note(action, childId, "WITHHELD");
    return restricted;
  }

  /** Whether the viewer's role may do something that is about no one child. The decision is written down. */
  permitsAtAll(action: Action): boolean {
    const permitted = this.scope(action).reach !== "NOBODY";
    this.note(action, null, permitted ? "SHOWN" : "REFUSED");
    return permitted;
  }

  /**
   * The first children of a population in the viewer's reach for an action, by id; one more than asked where there are
   * more. The search is written down, with how many of those asked there were.
   */
  async list(action: Action, where: Population, first: number, after: string | null): Promise<readonly string[]> {
    const childIds = await this.register.list(this.scope(action), where, first + 1, after);
    this.noteSearch(action, Math.min(childIds.length, first));
    return childIds;
  }

  /** Writes down a search and how many children it answered: one entry for each, however alike two of a request are. */
  noteSearch(action: Action, hits: number): void {
    this.searches.push({ action, childId: null, decision: "SHOWN", hits });
  }

  /** Writes down one decision; the same again in one request is one entry, and what weighs more is kept. */
  private note(action: Action, childId: string | null, decision: Decision): void {
    const key = `${action} ${childId ?? ""}`;
    if (this.decided.has(key) && decision === "SHOWN") return;
    this.decided.set(key, { action, childId, decision, hits: null });
  }

  /** Throws what a refusal says: NOT_PERMITTED naming what is missing. */
  refuse(action: Action): never {
    const scope = this.scope(action);
    throw new Problem("NOT_PERMITTED", {
      action: POLICY[action].says,
      needs: scope.reach === "EVERYBODY" ? "your role" : scope.needs,
    });
  }

  /** Writes the request's entries, before its answer leaves. */
  async write(database: Database, requestId: string, at: Instant): Promise<void> {
    // That a search was let through is told by its own entry.
    for (const { action } of this.searches) this.decided.delete(`${action} `);
    const entries = [...this.decided.values(), ...this.searches];
    if (entries.length === 0) return;
    const { subject, name, role, organisation } = this.viewer;
    // One request of a client may ask a subgraph twice within a millisecond.
    const asked = randomUUID();
    const rows = entries.map((entry, number) => ({
      id: `${at}/${requestId}/${asked}/${number}`,
      at,
      requestId,
      subject,
      name,
      role,
      organisation,
      ...entry,
    }));
    await database.write((transaction) => transaction.insert(ACCESS_LOG, rows));
  }
}

/** How a place is withheld: by the answer `Withheld`, or by an error where the field's type has no room for it. */
type Withholding = "ANSWER" | "ERROR";

/**
 * Lets a query or a field of an entity be asked by those the policy lets `action`. On a field of `Child` the
 * decision is about that child, as on a field of anything that carries its `childId`; elsewhere about the viewer's role. `place` marks a field that tells where a child is.
 */
export function Guarded(action: Action, place?: Withholding): MethodDecorator & PropertyDecorator {
  const middleware: MiddlewareFn<GuardedContext> = async ({ root, context: { guard }, info }, next) => {
    const childId = childOf(info.parentType.name, root);
    if (childId === null) return guard.permitsAtAll(action) ? next() : guard.refuse(action);
    if (!(await guard.permits(action, childId))) {
      return POLICY[action].otherwise === "CONCEAL" ? null : guard.refuse(action);
    }
    if (place === undefined || !(await guard.withholds(action, childId))) return next();
    if (place === "ANSWER") return WITHHELD;
    throw new Problem("WITHHELD", { what: info.fieldName });
  };
  const guards = UseMiddleware(middleware);
  const marks = Extensions({ guarded: action, ...(place === undefined ? {} : { place }) });
  return (target: object, property: string | symbol, descriptor?: PropertyDescriptor) => {
    (guards as MethodDecorator)(target, property, descriptor ?? {});
    (marks as MethodDecorator)(target, property, descriptor ?? {});
  };
}

/** The child a field's answer is about: the entity itself, or what carries its `childId`. */
function childOf(typeName: string, root: unknown): string | null {
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
