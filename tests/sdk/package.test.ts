/** The SDK as a partner has it: packed, unpacked elsewhere, type-checked against and run. */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROJECT = join(__dirname, "../..");
const TSC = join(PROJECT, "node_modules/typescript/bin/tsc");

const APP = `
import { ChildHealthClient, ChildHealthError, OPERATIONS, type ChildRecordResult } from "@cheshire-merseyside/child-health-sdk";

export function outcomeOf(result: ChildRecordResult): string {
  const hearing = result.child?.newbornHearing;
  return hearing?.outcome === "CLEAR_NO_FOLLOW_UP" ? \`clear on \${hearing.screenedOn}\` : "not clear";
}

async function main(): Promise<void> {
  const record = new ChildHealthClient({ endpoint: process.argv[2] ?? "", token: async () => "a-token" });
  const { data, errors } = await record.childRecord({ nhsNumber: "9990000018" });
  console.log(outcomeOf(data), errors.length, OPERATIONS.length > 0);
}

main().catch((fault: unknown) => {
  console.error(fault instanceof ChildHealthError ? fault.codes : fault);
  process.exitCode = 1;
});
`;

let folder: string;
let server: Server;
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sdk-"));
  await cp(join(PROJECT, "sdk"), join(folder, "sdk"), { recursive: true, filter: (path) => !path.endsWith("/dist") });
  await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  const path = `${join(PROJECT, "node_modules/.bin")}:${process.env.PATH}`;
  await run("npm", ["pack", "--pack-destination", folder], {
    cwd: join(folder, "sdk"),
    env: { ...process.env, PATH: path },
  });
  const [packed] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const installed = join(folder, "app/node_modules/@cheshire-merseyside/child-health-sdk");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", join(folder, packed ?? ""), "--strip-components=1", "-C", installed]);
  await rm(join(folder, "node_modules")); // an outside app has none of ours
  await writeFile(join(folder, "app/main.ts"), APP);
  await symlink(join(PROJECT, "node_modules/@types"), join(folder, "app/node_modules/@types"));
  server = createServer((request, response) => {
    request.resume();
    const child = { newbornHearing: { outcome: "CLEAR_NO_FOLLOW_UP", screenedOn: "2024-05-01", complete: true } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { child } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`; // a TCP server's address
}, 120_000);

afterAll(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(folder, { recursive: true });
});

/** What the compiler says of the app's main file, compiled as a strict app of today would be. */
async function compiled(): Promise<string> {
  const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node", "--outDir", "out"];
  return run(process.execPath, [TSC, ...options, "main.ts"], { cwd: join(folder, "app") }).then(
    () => "",
    (fault: { stdout: string }) => fault.stdout,
  );
}

test("the package holds plain JavaScript, types, the operations and its page, and needs nothing", async () => {
  const installed = join(folder, "app/node_modules/@cheshire-merseyside/child-health-sdk");
  expect((await readdir(installed)).sort()).toEqual(["README.md", "dist", "operations", "package.json"]);
  expect((await readdir(join(installed, "dist"))).sort()).toEqual([
    "client.d.ts",
    "client.js",
    "generated.d.ts",
    "generated.js",
    "webhook.d.ts",
    "webhook.js",
  ]);
});

test("an outside app compiles against it, runs, and reads a typed answer", async () => {
  expect(await compiled()).toBe("");
  const { stdout } = await run(process.execPath, ["out/main.js", endpoint], { cwd: join(folder, "app") });
  expect(stdout).toBe("clear on 2024-05-01 0 true\n");
});

test("an outside app that misspells an outcome does not compile", async () => {
  await writeFile(join(folder, "app/main.ts"), APP.replace("CLEAR_NO_FOLLOW_UP", "CLEAR"));
  expect(await compiled()).toMatch(/main\.ts.*TS2367/);
  await writeFile(join(folder, "app/main.ts"), APP);
});
