import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { buildSchema, isEnumType, isInputObjectType, isObjectType, isSpecifiedScalarType, isUnionType } from "graphql";
import { buildGraph } from "../chassis/subgraph";
import * as gateway from "../gateway";
import { DEFINITIONS, generated } from "../main";

const ROOT = resolve(__dirname, "..");

interface Import {
  readonly file: string;
  readonly line: number;
  readonly target: string;
}

/** Part → what it may import of ours, as architecture.md has it. A path with a slash is that file alone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schema: ["schema"],
  chassis: ["chassis", "schema"],
  subgraphs: ["schema", "chassis"], // and itself, checked apart
  ingest: ["ingest", "schema", "chassis"],
  gateway: ["gateway", "schema", "chassis/passport", "chassis/reach", "chassis/kept-file"],
  sdk: ["sdk"],
  "main.ts": ["schema", "chassis", "gateway/index", "ingest/index", "sdk/generate", "subgraphs/*/index"],
  bench: ["bench", "main", "schema", "chassis", "ingest/index", "gateway/index", "sdk", "subgraphs/*/index"],
};

const sources = filesBelow(ROOT, ["schema", "chassis", "subgraphs", "ingest", "gateway", "sdk", "bench"]).concat(
  "main.ts",
);
const imports = sources.flatMap(importsOf);

describe("Who imports whom", () => {
  test("there are imports to check", () => expect(imports.length).toBeGreaterThan(100));

  test("each part imports only what the architecture lets it, through doors", () => {
    const trespasses = imports.filter(({ file, target }) => !allowed(file, target));
    expect(trespasses.map(({ file, line, target }) => `${file}:${line} imports ${target}`)).toEqual([]);
  });

  test("schema/ reaches for no database, server, file or clock", () => {
    const outside = packageImports("schema").filter(({ target }) => target !== "graphql");
    expect(outside).toEqual([]);
    const clocks = sources.filter((file) => file.startsWith("schema/") && /Date\.now\(|new Date\(\)/.test(read(file)));
    expect(clocks).toEqual([]);
  });

  test("inside a subgraph imports go one way: model, then store, apply and graph, then index", () => {
    const rank: Readonly<Record<string, number>> = { model: 0, migrations: 2, apply: 1, store: 2, graph: 3, index: 4 };
    // A file may be of one matter alone: `due-store` is a store. What acts on a subgraph's own rows stands beside its store.
    const acting = ["acts", "desk", "planner", "planning", "threads"];
    const rankOf = (name = "") => {
      const kind = name.split("-").at(-1) ?? "";
      return acting.includes(kind) ? 2 : (rank[kind] ?? 0);
    };
    const backwards = imports.filter(({ file, target }) => {
      const [part, name, from] = file.replace(/\.ts$/, "").split("/");
      const [toPart, toName, to] = target.split("/");
      if (part !== "subgraphs" || toPart !== "subgraphs" || name !== toName) return false;
      return rankOf(from) < rankOf(to);
    });
    expect(backwards.map(({ file, line, target }) => `${file}:${line} imports ${target}`)).toEqual([]);
  });
});

describe("What is generated", () => {
  test.each([...generated(gateway)])("%s says what it must; otherwise run npm run generate", (path, text) => {
    expect(read(path)).toBe(text);
  });
});

describe("The graph", () => {
  test.each(DEFINITIONS.map((definition) => [definition.name, definition] as const))(
    "every query and entity field of %s is guarded, or it would not start",
    (_name, definition) => expect(() => buildGraph(definition)).not.toThrow(),
  );

  test("every type, field, argument and enum value has a description", () => {
    const bare: string[] = [];
    const api = buildSchema(read("schema/api.graphql"));
    for (const type of Object.values(api.getTypeMap())) {
      if (type.name.startsWith("__") || isSpecifiedScalarType(type)) continue;
      const isRoot = [api.getQueryType(), api.getMutationType(), api.getSubscriptionType()].some(
        (root) => root === type,
      );
      if (!type.description && !isRoot) bare.push(type.name);
      if (isEnumType(type))
        for (const value of type.getValues()) if (!value.description) bare.push(`${type.name}.${value.name}`);
      if (!isObjectType(type) && !isInputObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        if (!field.description) bare.push(`${type.name}.${field.name}`);
        for (const argument of "args" in field ? field.args : []) {
          if (!argument.description) bare.push(`${type.name}.${field.name}(${argument.name})`);
        }
      }
    }
    expect(bare).toEqual([]);
    expect(Object.values(api.getTypeMap()).some(isUnionType)).toBe(true);
  });

  test("the names users rely on are there", () => {
    const api = buildSchema(read("schema/api.graphql"));
    const child = api.getType("Child");
    const fields = isObjectType(child) ? Object.keys(child.getFields()) : [];
    expect(fields).toEqual(
      expect.arrayContaining(
        "id nhsNumber nhsNumberStatus name bornOn sex diedOn address addresses practice registrations school locality localAuthority restricted provenance newbornHearing newbornBloodSpot newbornExamination doses immunisationPlan safeguarding notifications accessLog".split(
          " ",
        ),
      ),
    );
    expect(Object.keys(api.getQueryType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(
        "child childById findChildren children localities loads quarantine immunisationForecast immunisationsDue notifications accessLog".split(
          " ",
        ),
      ),
    );
    expect(Object.keys(api.getMutationType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(["resolveQuarantined", "acknowledgeNotification", "breakGlass"]),
    );
  });
});

describe("How it is written", () => {
  test("no file has a name that says nothing", () => {
    const vague = sources.filter((file) =>
      /(^|\/)(utils?|helpers?|common|misc|manager|service|base)(\.ts|\/)/.test(file),
    );
    expect(vague).toEqual([]);
  });

  test("no setting, start or request makes the software call an address of its own choosing", () => {
    const calls = sources.filter(
      (file) => !file.startsWith("bench/") && /(fetch|request|connect)\(\s*["'`]https?:/.test(read(file)),
    );
    expect(calls).toEqual([]);
  });
});

function allowed(file: string, target: string): boolean {
  const part = file.includes("/") ? (file.split("/")[0] ?? "") : file;
  if (part === "subgraphs") {
    const own = file.split("/").slice(0, 2).join("/");
    if (target === own || target.startsWith(`${own}/`)) return true;
  }
  return (MAY_IMPORT[part] ?? []).some((rule) => {
    const pattern = new RegExp(`^${rule.replace("*", "[^/]+")}(${rule.includes("/") ? "" : "|/.*"})$`);
    return pattern.test(target) || pattern.test(`${target}/index`);
  });
}

function importsOf(file: string): Import[] {
  return read(file)
    .split("\n")
    .flatMap((text, at) => {
      const path = /(?:from|import\(?|require\()\s*["'](\.[^"']*)["']/.exec(text)?.[1];
      if (path === undefined) return [];
      return [{ file, line: at + 1, target: relative(ROOT, resolve(ROOT, dirname(file), path)) }];
    });
}

function packageImports(part: string): Import[] {
  return sources
    .filter((file) => file.startsWith(`${part}/`))
    .flatMap((file) =>
      read(file)
        .split("\n")
        .flatMap((text, at) => {
          const target = /^(?:import|export) .*from ["']([^."'][^"']*)["']/.exec(text)?.[1];
          return target === undefined ? [] : [{ file, line: at + 1, target }];
        }),
    );
}

function filesBelow(root: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
