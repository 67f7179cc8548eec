/**
 * The first half of a compiled operation: what is asked of whom, in what order, about which entities. A plan is a tree
 * of sequences and parallels with fetches for leaves; each becomes a function, and what it answers is merged where its
 * entities stand.
 */

import type { FetchNode, PlanNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import { isOfType, nameOfJson, quoted, read, Uncovered } from "./code";
import type { Rewrite } from "./entities";
import { fieldsOf } from "./plan";

/** One thing that is asked of one source. Equal askings of one plan are one, whatever stands in their variables. */
export interface Asking {
  readonly source: string;
  /** Without a name, so that what is equal is seen to be. */
  readonly operation: string;
  /** Several fetches of the plan ask it: with equal variables they share one call. */
  readonly shared: boolean;
}

/** One fetch of a plan, as its errors need to know it. */
export interface Fetch {
  readonly asking: number;
  /** Where the entities stand; `@` is each entry of a list. Empty for a fetch at the root. */
  readonly path: readonly string[];
  /** The response names it asks for, of its entities or of the root. */
  readonly fields: readonly string[];
  /** The response names that must be known of an entity for it to be asked about. */
  readonly needs: readonly string[];
}

/** Whether one fetch may merge into, or read from, what another one answered. */
export function mergesInto(one: Fetch, other: Fetch): boolean {
  if (!other.path.every((part, at) => one.path[at] === part)) return false;
  const next = one.path[other.path.length];
  if (next !== undefined) return other.fields.includes(next);
  return [...one.fields, ...one.needs].some((field) => other.fields.includes(field));
}

/** A part of a plan as an expression, a promise. */
interface Part {
  /** The function that collects the entities it begins with, so that parts beginning with the same share them; null for none. */
  readonly about: string | null;
  call(batch: string): string;
}

function begun({ about, call }: Part): string {
  return call(about === null ? "" : `${about}(run)`);
}

/** The steps of one plan as functions, and what is told of them to those who run them. */
export class Steps {
  readonly functions: string[] = [];
  readonly askings: { source: string; operation: string; shared: boolean }[] = [];
  readonly fetches: Fetch[] = [];
  readonly requires: (readonly QueryPlanSelectionNode[])[] = [];
  readonly inputRewrites: (readonly Rewrite[])[] = [];
  readonly outputRewrites: (readonly Rewrite[])[] = [];
  private readonly made = new Map<string, string>();
  private readonly supergraph: GraphQLSchema;

  constructor(supergraph: GraphQLSchema) {
    this.supergraph = supergraph;
  }

  /** The expression, a promise, that does the whole of a plan. */
  whole(node: PlanNode): string {
    return begun(this.part(node, []));
  }

  private part(node: PlanNode, path: readonly string[]): Part {
    switch (node.kind) {
      case "Fetch":
        return this.fetch(node, path);
      case "Flatten":
        return this.part(node.node, [...path, ...node.path.map(String)]);
      case "Parallel": {
        const parts = node.nodes.map((each) => this.part(each, path));
        const batches = [...new Set(parts.flatMap(({ about }) => about ?? []))];
        const nameOf = (about: string | null) => (about === null ? "" : `batch${batches.indexOf(about)}`);
        const lines = [
          ...batches.map((about) => `  const ${nameOf(about)} = ${about}(run);`),
          `  return Promise.all([${parts.map((each) => each.call(nameOf(each.about))).join(", ")}]);`,
        ];
        const name = `parallel${this.functions.length}`;
        this.functions.push(`function ${name}(run) {\n${lines.join("\n")}\n}\n`);
        return { about: null, call: () => `${name}(run)` };
      }
      case "Sequence": {
        const parts = node.nodes.map((each) => this.part(each, path));
        const [first, ...later] = parts;
        if (first === undefined) throw new Uncovered("Its plan has an empty sequence.");
        const lines = [first.call("batch"), ...later.map(begun)].map((each) => `  await ${each};\n`);
        const name = `sequence${this.functions.length}`;
        this.functions.push(`async function ${name}(run, batch) {\n${lines.join("")}}\n`);
        return { about: first.about, call: (batch) => `${name}(run, ${batch || "null"})` };
      }
      default:
        throw new Uncovered(`Its plan has a ${node.kind}.`);
    }
  }

  private fetch(node: FetchNode, path: readonly string[]): Part {
    const k = this.fetches.length;
    if (node.contextRewrites !== undefined && node.contextRewrites.length > 0) throw new Uncovered("It has a context.");
    const asking = this.asking(node);
    const needs = (node.requires ?? []).flatMap(namesAt);
    this.fetches.push({ asking, path, fields: fieldsOf(node.operation), needs });
    this.outputRewrites.push(node.outputRewrites ?? []);
    const rewritten = (node.outputRewrites ?? []).length > 0;
    const names = JSON.stringify(node.variableUsages ?? []);
    const operation = oneLine(this.askings[asking]?.operation ?? "");

    if (node.requires === undefined) {
      if (path.length > 0) throw new Uncovered("It asks for other than entities below the root.");
      const lines = [
        `// Asks ${node.serviceName}: ${operation}`,
        `async function fetch${k}(run) {`,
        `  const answer = await run.ask(${k}, variables(run.variables, ${names}));`,
        ...(rewritten ? [`  rewrite(answer, outputRewrites[${k}], isOfType);`] : []),
        "  merge(run.data, answer, isInterface);",
        "}\n",
      ];
      this.functions.push(lines.join("\n"));
      return { about: null, call: () => `fetch${k}(run)` };
    }
    const about = this.collector(path, node);
    const lines = [
      `// Asks ${node.serviceName} of each ${path.filter((part) => part !== "@").join(".")}: ${operation}`,
      `async function fetch${k}(run, batch) {`,
      "  if (batch.isEmpty) return;",
      `  const entities = await run.askOf(${k}, batch, variables(run.variables, ${names}, batch.text));`,
      ...(rewritten ? [`  batch.rewrite(entities, outputRewrites[${k}], isOfType);`] : []),
      "  batch.merge(entities, isInterface);",
      "}\n",
    ];
    this.functions.push(lines.join("\n"));
    return { about, call: (batch) => `fetch${k}(run, ${batch})` };
  }

  /** The function that collects the entities at a path. Fetches about the same entities, by the same key, have the same. */
  private collector(path: readonly string[], node: FetchNode): string {
    const key = this.once(JSON.stringify([node.requires, node.inputRewrites]), "key", (name) => {
      this.requires.push(node.requires ?? []);
      this.inputRewrites.push(node.inputRewrites ?? []);
      return this.keyFunction(name, this.requires.length - 1, node);
    });
    return this.once(JSON.stringify([path, key]), "entities", (name) =>
      [
        `function ${name}(run) {`,
        "  const batch = new Batch();",
        ...collecting("run.data", path, (target) => `batch.add(${target}, ${key}(${target}));`),
        "  return batch;",
        "}\n",
      ].join("\n"),
    );
  }

  private once(what: string, word: string, make: (name: string) => string): string {
    const known = this.made.get(what);
    if (known !== undefined) return known;
    const name = `${word}${this.made.size}`;
    this.made.set(what, name);
    this.functions.push(make(name));
    return name;
  }

  private asking(node: FetchNode): number {
    const document = parse(node.operation, { noLocation: true });
    const nameless = visit(document, { OperationDefinition: { enter: ({ name: _, ...unnamed }) => unnamed } });
    const operation = stripIgnoredCharacters(print(nameless));
    const before = this.askings.findIndex((each) => each.source === node.serviceName && each.operation === operation);
    const known = this.askings[before];
    // A mutation is done as often as it is asked for.
    if (known !== undefined && node.operationKind === "query") {
      known.shared = true;
      return before;
    }
    return this.askings.push({ source: node.serviceName, operation, shared: false }) - 1;
  }

  /**
   * What stands for an entity when its source is asked of it, as text; null where what it needs was not
   * answered. One case for each type that exactly one fragment of the requirements fits; the others, and requirements
   * with fragments inside, are left to `represent`.
   */
  private keyFunction(name: string, k: number, node: FetchNode): string {
    const byType = new Map<string, QueryPlanSelectionNode[][]>();
    let plain = true;
    for (const each of node.requires ?? []) {
      if (each.kind !== "InlineFragment" || each.typeCondition === undefined) {
        plain = false;
        continue;
      }
      for (const type of this.typesOf(each.typeCondition))
        byType.set(type, [...(byType.get(type) ?? []), each.selections as QueryPlanSelectionNode[]]); // never written into
    }
    const general = `represent(o, requires[${k}], inputRewrites[${k}], isOfType)`;
    const cases: string[] = [];
    for (const [type, alternatives] of plain ? byType : []) {
      const [only] = alternatives;
      const text = alternatives.length === 1 && only !== undefined ? this.keyText(type, only, node) : null;
      cases.push(`    case ${quoted(type)}: return ${text ?? general};\n`);
    }
    const otherwise = plain ? "null" : general;
    return `function ${name}(o) {\n  switch (o.__typename) {\n${cases.join("")}    default: return ${otherwise};\n  }\n}\n`;
  }

  private keyText(type: string, selections: readonly QueryPlanSelectionNode[], node: FetchNode): string | null {
    const renamed = new Map<string, string>();
    let typeName = type;
    for (const rewriting of node.inputRewrites ?? []) {
      const [fragment, field, ...deeper] = rewriting.path;
      const condition = /^\.\.\. on (\w+)$/.exec(fragment ?? "")?.[1];
      if (condition === undefined || field === undefined || deeper.length > 0) return null;
      if (!isOfType(this.supergraph, typeName, condition)) continue;
      if (rewriting.kind === "KeyRenamer") renamed.set(field, rewriting.renameKeyTo);
      else if (field === "__typename") typeName = String(rewriting.setValueTo);
      else return null;
    }
    const needed: string[] = [];
    let text = "";
    let letters = "";
    for (const each of selections) {
      if (each.kind !== "Field" || each.selections !== undefined) return null;
      const name = each.alias ?? each.name;
      letters += letters === "" && text === "" ? "{" : ",";
      letters += nameOfJson(renamed.get(name) ?? name);
      if (name === "__typename") letters += JSON.stringify(typeName);
      else {
        const held = read("o", name);
        needed.push(`${held} === undefined`);
        text += `${quoted(letters)} + value(${held}) + `;
        letters = "";
      }
    }
    text += quoted(`${letters}}`);
    return needed.length === 0 ? text : `${needed.join(" || ")} ? null : ${text}`;
  }

  /** A type, what implements it, and what is of it. */
  private typesOf(name: string): readonly string[] {
    const type = this.supergraph.getType(name);
    if (!isAbstractType(type)) return [name];
    const below = isInterfaceType(type) ? this.supergraph.getImplementations(type).interfaces : [];
    return [...new Set([name, ...[...this.supergraph.getPossibleTypes(type), ...below].map((each) => each.name)])];
  }
}

function namesAt(selection: QueryPlanSelectionNode): readonly string[] {
  return selection.kind === "Field" ? [selection.alias ?? selection.name] : selection.selections.flatMap(namesAt);
}

/** Lines that do something for each value at a path: a loop for each list on the way. */
function collecting(from: string, path: readonly string[], act: (target: string) => string): readonly string[] {
  const lines: string[] = [];
  let [holder, indent, loops, names] = [from, "  ", 0, 0];
  for (const part of path) {
    const name = `v${names++}`;
    if (part === "@") {
      lines.push(`${indent}if (Array.isArray(${holder})) for (const ${name} of ${holder}) {`);
      indent += "  ";
      loops += 1;
    } else lines.push(`${indent}const ${name} = ${read(holder, part, "?.")};`);
    holder = name;
  }
  lines.push(`${indent}if (${holder} != null) ${act(holder)}`);
  for (; loops > 0; loops--) {
    indent = indent.slice(2);
    lines.push(`${indent}}`);
  }
  return lines;
}

function oneLine(text: string): string {
  return text.replace(/[\n\r\u2028\u2029]/g, " ");
}
