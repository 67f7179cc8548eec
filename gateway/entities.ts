/**
 * What generated code (compile.ts) works with while it gathers an answer: entities that several sources tell of,
 * found where they stand, asked for once each, and merged by reference.
 */

import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { value as leafText } from "./json";

/** An object of an answer. */
export type Entity = { [name: string]: unknown };

export type Rewrite = NonNullable<FetchNode["inputRewrites"]>[number];

/** Whether a type is, or is of, another; names of types of the supergraph. */
type IsOfType = (typeName: string, condition: string) => boolean;
type IsInterface = (typeName: unknown) => boolean;

/**
 * The entities that one fetch is about. Those that are the same to the source, by the text that stands for them, are
 * asked for once: a caseload of one practice asks for its practice once, not a hundred times.
 */
export class Batch {
  readonly targets: Entity[] = [];
  /** For each target, which of the texts stands for it. */
  readonly places: number[] = [];
  private readonly texts: string[] = [];
  private readonly placeOf = new Map<string, number>();
  private joined: string | null = null;

  /** `text` null: what the source would have to know of it was not answered. */
  add(target: Entity, text: string | null): void {
    if (text === null) return;
    let place = this.placeOf.get(text);
    if (place === undefined) {
      place = this.texts.push(text) - 1;
      this.placeOf.set(text, place);
    }
    this.targets.push(target);
    this.places.push(place);
  }

  get isEmpty(): boolean {
    return this.texts.length === 0;
  }

  get size(): number {
    return this.texts.length;
  }

  get text(): string {
    this.joined ??= `[${this.texts.join(",")}]`;
    return this.joined;
  }

  merge(entities: readonly (Entity | null)[] | null, isInterface: IsInterface): void {
    if (entities === null) return;
    for (const [at, target] of this.targets.entries()) merge(target, entities[this.places[at] ?? -1], isInterface);
  }

  rewrite(entities: readonly (Entity | null)[] | null, rewrites: readonly Rewrite[], isOfType: IsOfType): void {
    if (entities === null) return;
    const done = new Set<number>();
    for (const [at, target] of this.targets.entries()) {
      const place = this.places[at] ?? -1;
      const entity = entities[place];
      if (entity === null || entity === undefined || done.has(place)) continue;
      done.add(place);
      entity.__typename ??= target.__typename;
      rewrite(entity, rewrites, isOfType);
    }
  }
}

/**
 * Puts what a source answered into what is held, by reference: nothing is copied, and two places may hold one object.
 * Later answers win, but the name of an interface never takes the place of a type's own: a source that knows a thing
 * by an interface only (`@interfaceObject`) tells less of it than is known.
 */
export function merge(held: Entity, told: Entity | null | undefined, isInterface: IsInterface): void {
  if (told === null || told === undefined) return;
  for (const name in told) {
    const value = told[name];
    if (value === undefined) continue;
    const before = held[name];
    if (before === undefined || before === null || typeof value !== "object" || value === null) {
      if (name === "__typename" && before !== undefined && isInterface(value)) continue;
      held[name] = value;
    } else if (before !== value) held[name] = mergedValue(before, value, isInterface);
  }
}

function mergedValue(before: unknown, value: object, isInterface: IsInterface): unknown {
  if (Array.isArray(value)) {
    if (!Array.isArray(before) || before.length !== value.length) return value;
    for (let at = 0; at < value.length; at++) {
      const [held, told] = [before[at], value[at]];
      if (isObject(held) && isObject(told)) {
        if (held !== told) merge(held, told, isInterface);
      } else before[at] = told;
    }
    return before;
  }
  if (!isObject(before)) return value;
  merge(before, value as Entity, isInterface); // an object that is no list
  return before;
}

function isObject(value: unknown): value is Entity {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The variables of a fetch, as JSON: those of the client's that it uses, as the client gave them, and its entities. */
export function variables(
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
  representations?: string,
): string {
  let text = representations === undefined ? "" : `"representations":${representations}`;
  for (const name of names) {
    if (!Object.hasOwn(given, name) || given[name] === undefined) continue;
    text += `${text === "" ? "" : ","}"${name}":${JSON.stringify(given[name])}`;
  }
  return `{${text}}`;
}

/** A deep copy of what a source answered: JSON, so nothing but objects, lists and leaves. */
export function copied<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied) as Value; // a list of the same
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copied(each)])) as Value; // an object of the same
}

// --- What stands for an entity, where it takes more than its key -------------------------------------------------

/** As compiled keys, for requirements with fragments and fields of their own inside; null where one is not answered. */
export function represent(
  held: Entity,
  requires: readonly QueryPlanSelectionNode[],
  rewrites: readonly Rewrite[],
  isOfType: IsOfType,
): string | null {
  const standing = selected(held, requires, isOfType);
  if (standing === null || typeof standing.__typename !== "string") return null;
  rewrite(standing, rewrites, isOfType);
  return leafText(standing);
}

function selected(held: unknown, selections: readonly QueryPlanSelectionNode[], isOfType: IsOfType): Entity | null {
  if (!isObject(held)) return null;
  const found: Entity = {};
  for (const selection of selections) {
    if (selection.kind === "InlineFragment") {
      const { typeCondition } = selection;
      if (typeCondition === undefined || typeof held.__typename !== "string") continue;
      if (isOfType(held.__typename, typeCondition))
        merge(found, selected(held, selection.selections, isOfType), () => false);
      continue;
    }
    const name = selection.alias ?? selection.name;
    const value = Object.hasOwn(held, name) ? held[name] : undefined;
    if (value === undefined) return null;
    const { selections: inside } = selection;
    found[name] = inside === undefined ? value : deeper(value, inside, isOfType);
  }
  return found;
}

function deeper(value: unknown, inside: readonly QueryPlanSelectionNode[], isOfType: IsOfType): unknown {
  return Array.isArray(value) ? value.map((each) => deeper(each, inside, isOfType)) : selected(value, inside, isOfType);
}

/** Apollo's rewrites of what is brought along or answered, in place. */
export function rewrite(value: unknown, rewrites: readonly Rewrite[], isOfType: IsOfType): void {
  for (const each of rewrites) rewriteAt(value, each.path, each, isOfType);
}

function rewriteAt(value: unknown, path: readonly string[], rewriting: Rewrite, isOfType: IsOfType): void {
  if (Array.isArray(value)) {
    for (const each of value) rewriteAt(each, path, rewriting, isOfType);
    return;
  }
  if (!isObject(value)) return;
  const [step = "", ...rest] = path;
  const condition = /^\.\.\. on (\w+)$/.exec(step)?.[1];
  if (condition !== undefined) {
    if (typeof value.__typename !== "string" || isOfType(value.__typename, condition))
      rewriteAt(value, rest, rewriting, isOfType);
  } else if (rest.length > 0) rewriteAt(value[step], rest, rewriting, isOfType);
  else if (rewriting.kind === "ValueSetter") value[step] = rewriting.setValueTo;
  else if (value[step] !== undefined) {
    value[rewriting.renameKeyTo] = value[step];
    delete value[step];
  }
}
