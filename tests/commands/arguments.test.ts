/** What a command says of its arguments and settings, and what it answers by: exit status, JSON lines, help. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chis, type Environment, folder, invented, jsonLines, migrated, results } from "./chis";

const VERBS = "serve migrate synthesise load receive collect reconcile settle token audit generate demo".split(" ");

const LOCALITIES = "EAST_CHESHIRE, CHESHIRE_WEST, LIVERPOOL_SEFTON, ST_HELENS_KNOWSLEY, WIRRAL, WARRINGTON";
const ROLES =
  "CHILD_HEALTH_CLERK, HEALTH_VISITOR, SCHOOL_NURSE, GENERAL_PRACTITIONER, SCREENING_OFFICER, SAFEGUARDING_LEAD, PRIVACY_OFFICER, ANALYST, PARTNER_APP";

const OIDC = {
  OIDC_ISSUER: "https://issuer.example",
  OIDC_AUDIENCE: "a",
  OIDC_JWKS_URL: "https://issuer.example/keys",
};

describe("A command that is asked for something it does not know", () => {
  test.concurrent.each`
    asked                                                 | says
    ${"lod"}                                              | ${"ARGUMENT_UNKNOWN: lod is not an argument of chis.\nSee --help.\n"}
    ${"load --locality WIRRAL --quick x"}                 | ${"ARGUMENT_UNKNOWN: --quick is not an argument of load.\nSee --help.\n"}
    ${"reconcile WIRRAL"}                                 | ${"ARGUMENT_UNKNOWN: WIRRAL is not an argument of reconcile.\nSee --help.\n"}
    ${"serve screenings"}                                 | ${"ARGUMENT_UNKNOWN: screenings is not an argument of serve.\nSee --help.\n"}
    ${"load x"}                                           | ${"ARGUMENT_MISSING: load needs --locality.\nSee --help.\n"}
    ${"load --locality WIRRAL"}                           | ${"ARGUMENT_MISSING: load needs PATH.\nSee --help.\n"}
    ${"receive"}                                          | ${"ARGUMENT_MISSING: receive needs PATH.\nSee --help.\n"}
    ${"load x --locality"}                                | ${"ARGUMENT_INVALID: --locality must be followed by its value, CODE.\nCorrect the argument.\n"}
    ${"reconcile --json=yes"}                             | ${"ARGUMENT_INVALID: --json must be given without a value.\nCorrect the argument.\n"}
    ${"load --locality Wirral x"}                         | ${`ARGUMENT_INVALID: --locality must be one of ${LOCALITIES}.\nCorrect the argument.\n`}
    ${"token --role NURSE"}                               | ${`ARGUMENT_INVALID: --role must be one of ${ROLES}.\nCorrect the argument.\n`}
    ${"synthesise --children many --seed 1 --out /dev/x"} | ${"ARGUMENT_INVALID: --children must be a whole number from 1 on.\nCorrect the argument.\n"}
  `("$asked", async ({ asked, says }) => {
    expect(await chis(asked.split(" "), {})).toEqual({ status: 1, stdout: "", stderr: says });
  });
});

describe("A setting that is not what it must be", () => {
  const set = "Correct the setting in the environment.\n";
  test.concurrent.each([
    [{ PORT: "http" }, "PORT must be a port, a whole number up to 65535."],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL must be error, info or silent."],
    [{ DATABASE_URL: "mysql://here/x" }, "DATABASE_URL must be a PostgreSQL URL."],
    [{ SCREENING_DATABASE_URL: "here" }, "SCREENING_DATABASE_URL must be a PostgreSQL URL."],
    [{ SCREENING_URL: "here:4002" }, "SCREENING_URL must be a URL."],
    [{ OIDC_ISSUER: "https://issuer.example" }, "OIDC_AUDIENCE must be set when OIDC_ISSUER is."],
    [{ ...OIDC, OIDC_JWKS_URL: "here" }, "OIDC_JWKS_URL must be a URL."],
  ] as readonly [Environment, string][])("%j", async (environment, says) => {
    const ended = await chis(["reconcile"], environment);
    expect(ended).toEqual({ status: 1, stdout: "", stderr: `SETTING_INVALID: ${says}\n${set}` });
  });
});

describe("Help", () => {
  test("without a verb, or asked for, names every verb", async () => {
    const helps = await Promise.all([chis([], {}), chis(["--help"], {})]);
    for (const { status, stdout, stderr } of helps) {
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout.match(/^ {2}(\w+)/gm)?.map((each) => each.trim())).toEqual(VERBS);
    }
  });

  test.concurrent.each(VERBS)("%s --help says what it does and what it takes, whatever else is asked", async (verb) => {
    const { status, stdout, stderr } = await chis([verb, "--nonsense", "--help"], { PORT: "nonsense" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^npm run chis -- ${verb}\\b.*\\n\\n[A-Z].*\\.\\n`));
    expect(stdout).toContain("--json                one JSON line a result\n");
  });

  test("serve --help prints every setting that docs/running.md and the outer surface name", async () => {
    const { stdout } = await chis(["serve", "--help"], {});
    const settings = [...stdout.slice(stdout.indexOf("Settings")).matchAll(/^ {2}([A-Z<][\w<>]+)/gm)].map(
      ([, name]) => name,
    );
    expect(settings).toEqual([
      "PORT",
      "HOST",
      "DATA_DIR",
      "DATABASE_URL",
      "PASSPORT_KEY",
      "AUDIT_KEY",
      "AUDIT_CHECKPOINTS",
      "OIDC_ISSUER",
      "OIDC_AUDIENCE",
      "OIDC_JWKS_URL",
      "WEBHOOKS",
      "WORKERS",
      "RATE_LIMIT",
      "MESH_URL",
      "MESH_MAILBOX",
      "MESH_PASSWORD",
      "MESH_SHARED_KEY",
      "MESH_CLIENT_CERT",
      "MESH_CLIENT_KEY",
      "MESH_CA",
      "MESH_EVERY",
      "LOG_LEVEL",
      "<PART>_URL",
    ]);
  });
});

describe("With --json each verb answers one JSON line a result, and nothing else", () => {
  test("synthesise, migrate, load, receive, reconcile, token and generate", async () => {
    const extracts = await invented(40);
    const environment = { DATA_DIR: folder() };
    const parts = ["demographics", "screening", "immunisations", "safeguarding", "notifications", "localities"];
    expect(await results(["migrate"], environment)).toEqual(parts.map((part) => ({ part, steps: expect.any(Number) })));
    expect(await results(["migrate", "screening"], environment)).toEqual([{ part: "screening", steps: 0 }]);

    const loads = await results(["load", "--locality", "WIRRAL", join(extracts, "WIRRAL")], environment);
    const files = readdirSync(join(extracts, "WIRRAL"));
    expect(loads.map(({ file }) => file).sort()).toEqual(files.sort());
    expect(loads.filter(({ balances }) => !balances)).toEqual([]);

    const messages = join(extracts, "messages");
    const sent = readdirSync(messages).filter((file) => !file.endsWith(".ctl"));
    const received = await results(["receive", messages], environment);
    expect(received.map(({ file }) => file).sort()).toEqual(sent.sort());
    expect(Object.keys(received[0] ?? {})).toEqual(["messageId", "event", "disposition", "reason", "file"]);

    const reconciled = await results(["reconcile"], environment);
    expect(reconciled.filter(({ balances }) => !balances)).toEqual([]);
    const ofWirral = await results(["reconcile", "--locality", "WIRRAL"], environment);
    expect(ofWirral).toEqual(reconciled.filter((line) => ("file" in line ? line.locality : line.system) === "WIRRAL"));

    const [token] = await results(["token", "--role", "ANALYST", "--minutes", "5"], environment);
    expect(token).toEqual({ token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), minutes: 5 });

    const generated = await chis(["generate", "--check", "--json"], environment);
    expect(jsonLines(generated.stdout).every(({ stale }) => stale)).toBe(true);
    expect(generated.status).toBe(generated.stdout === "" ? 0 : 1);
  });

  test("and ends quietly where nobody reads them any more", async () => {
    const by = ["sh", "-c", '"$0" "$@" | true', process.execPath];
    expect(await chis(["--help"], {}, { by })).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("the same arguments of synthesise give the same bytes", async () => {
    const [one, other] = await Promise.all([invented(12), invented(12)]);
    const files = readdirSync(one, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(30);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      expect(readFileSync(path).equals(readFileSync(path.replace(one, other)))).toBe(true);
    }
  });
});

test("a token is refused where tokens come from a real issuer, or where other machines could use it", async () => {
  const token = ["token", "--role", "ANALYST"];
  const DATA_DIR = folder();
  expect(await chis(token, { DATA_DIR, ...OIDC })).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "ISSUER_CONFIGURED: Tokens come from https://issuer.example; the development issuer is off.\n" +
      "Get a token from that issuer, or unset OIDC_ISSUER on a development machine.\n",
  });
  const notLoopback = {
    status: 1,
    stdout: "",
    stderr:
      "NOT_LOOPBACK: The development issuer is only for this machine, and HOST is 0.0.0.0.\n" +
      "Set OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL, or HOST to 127.0.0.1.\n",
  };
  expect(await chis(token, { DATA_DIR, HOST: "0.0.0.0" })).toEqual(notLoopback);
  expect(await chis(["serve"], await migrated({ HOST: "0.0.0.0" }))).toEqual(notLoopback);
});
