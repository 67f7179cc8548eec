/**
 * Other gateways over the same parts. They are no part of this project: each is installed from npm, at the version named,
 * into a folder of its own below the one that is given, where it stays for the next time.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PARTS, supergraph, urlOf } from "./gateway-parts";

export interface Peer {
  readonly name: string;
  /** In which folder it is installed; two may be of one. */
  readonly folder: string;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Files that it wants to find, by name. */
  readonly files: () => Readonly<Record<string, string>>;
  readonly command: (port: number) => readonly string[];
}

const HIVE = { "@graphql-hive/gateway": "2.15.1", "@graphql-hive/router-runtime": "1.4.23", graphql: "16.15.0" };

const hive = (name: string, config: string, options: readonly string[]): Peer => ({
  name,
  folder: "hive",
  dependencies: HIVE,
  files: () => ({ "supergraph.graphql": supergraph(), [`${name}.config.mjs`]: config }),
  command: (port) => [
    process.execPath,
    "node_modules/.bin/hive-gateway",
    "supergraph",
    "supergraph.graphql",
    "--fork=1",
    `--port=${port}`,
    "--host=127.0.0.1",
    ...options,
    "-c",
    `${name}.config.mjs`,
  ],
});

const MERCURIUS = `
import Fastify from "fastify";
import gateway from "@mercuriusjs/gateway";
import { readFileSync } from "node:fs";
const services = JSON.parse(readFileSync("services.json", "utf8"));
const app = Fastify();
app.register(gateway, { path: "/graphql", gateway: { services } });
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
`;

/** Mercurius knows the first version only, in which one part has an entity and the others extend it. */
function inFederationOne(name: string, sdl: string): string {
  const extended = sdl.replace(/extend schema @link\([^)]*\)/, "").replace("type Query", "extend type Query");
  return name === "demographics"
    ? extended
    : extended.replace(
        'type Child @key(fields: "id") { id: ID!',
        'extend type Child @key(fields: "id") { id: ID! @external',
      );
}

export const PEERS: readonly Peer[] = [
  hive(
    "hive",
    'import { defineConfig } from "@graphql-hive/gateway";\nexport const gatewayConfig = defineConfig({ logging: "warn" });\n',
    ["--jit"],
  ),
  hive(
    "hive-rust",
    'import { defineConfig } from "@graphql-hive/gateway";\nimport { unifiedGraphHandler } from "@graphql-hive/router-runtime";\nexport const gatewayConfig = defineConfig({ unifiedGraphHandler, logging: "warn" });\n',
    [],
  ),
  {
    name: "mercurius",
    folder: "mercurius",
    dependencies: {
      "@mercuriusjs/gateway": "5.2.0",
      mercurius: "16.10.1",
      fastify: "5.12.8",
      graphql: "16.12.0",
    },
    files: () => ({
      "start.mjs": MERCURIUS,
      "services.json": JSON.stringify(
        Object.entries(PARTS).map(([name, { sdl }]) => ({
          name,
          url: urlOf(name),
          schema: inFederationOne(name, sdl),
          connections: 50,
        })),
      ),
    }),
    command: (port) => [process.execPath, "start.mjs", String(port)],
  },
  {
    name: "grafbase",
    folder: "grafbase",
    dependencies: { grafbase: "0.80.4" },
    files: () => ({
      "gateway.toml": '[graph]\npath = "/graphql"\n',
      "grafbase.toml": Object.keys(PARTS)
        .map((name) => `[subgraphs.${name}]\nurl = "${urlOf(name)}"\nschema_path = "./${name}.graphql"\n`)
        .join("\n"),
      ...Object.fromEntries(Object.entries(PARTS).map(([name, { sdl }]) => [`${name}.graphql`, sdl])),
    }),
    command: (port) => [
      "node_modules/grafbase/grafbase",
      "--home=home",
      "dev",
      "-o",
      "grafbase.toml",
      "-c",
      "gateway.toml",
      "-p",
      String(port),
    ],
  },
];

/** The folder a peer is ready to be started in; installs it where it is not there yet. */
export function installed({ folder, dependencies, files }: Peer, peersFolder: string): string {
  const home = join(peersFolder, folder);
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, "node_modules"))) {
    const manifest = { name: `bench-${folder}`, private: true, type: "module", dependencies };
    writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
    process.stdout.write(`Installing ${folder} into ${home}\n`);
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: home, stdio: "inherit" });
  }
  for (const [name, text] of Object.entries(files())) writeFileSync(join(home, name), text);
  return home;
}
