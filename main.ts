/**
 * Puts the parts together (`openHouse`, also used by the tests) and gives the commands. The only file that knows every
 * part.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { basename, dirname, join } from "node:path";
import { isMainThread, workerData } from "node:worker_threads";
import { auditVerb } from "./chassis/audit-verb";
import { type Given, progressOf, refuseWord, runVerb, type Verbs, wholeNumber } from "./chassis/command-line";
import type { Place } from "./chassis/database";
import { type Passports, passportsOf } from "./chassis/passport";
import {
  accessCheckpoints,
  dataFolder,
  mailboxOf,
  passportKey,
  placeOf,
  type Settings,
  settingsFrom,
} from "./chassis/settings";
import {
  buildGraph,
  migrateSubgraph,
  reachSubgraph,
  type Subgraph,
  type SubgraphDefinition,
  serveSubgraph,
  startSubgraph,
} from "./chassis/subgraph";
import { answerFromThread, startThread } from "./chassis/thread";
import { ALONE, type Duty, type Each, inWorkers } from "./chassis/workers";
import type { Gateway, Issuer, LogEntry } from "./gateway";
import {
  collectAlways,
  describeExtracts,
  filesOf,
  type Ingest,
  inWords,
  type LoadLine,
  localitiesDefinition,
  type Mailbox,
  type MessageResult,
  openIngest,
  type Progress,
  printReconciliation,
  type Round,
  synthesise,
} from "./ingest";
import { isRole, ROLES, type Viewer } from "./schema/access";
import { faultCode, faultName, Problem } from "./schema/errors";
import { generatedFiles } from "./schema/generate";
import { isLocalityCode, LOCALITY_CODES, type LocalityCode } from "./schema/vocabulary/localities";
import { generateSdk } from "./sdk/generate";
import { demographics } from "./subgraphs/demographics";
import { immunisations } from "./subgraphs/immunisations";
import { notifications, notificationsTo, type Receiver, readReceivers } from "./subgraphs/notifications";
import { safeguarding } from "./subgraphs/safeguarding";
import { screening } from "./subgraphs/screening";

/** The subgraphs that keep the record, in the order they are started. Ingest's own books, `localities`, come after them. */
const RECORD: readonly SubgraphDefinition[] = [demographics, screening, immunisations, safeguarding, notifications];
const BOOKS = "localities";
/** In the order of their ports, which a part once released keeps. */
const PARTS = ["demographics", "screening", "immunisations", "safeguarding", BOOKS, "notifications"];

/** Every subgraph; for what asks only after their form, without a road behind the books. */
export const DEFINITIONS: readonly SubgraphDefinition[] = [...RECORD, localitiesDefinition(null)];

/** The project's own folder, whether this file runs as it is (tests) or built, in dist/. */
const ROOT = existsSync(join(__dirname, "package.json")) ? __dirname : dirname(__dirname);

export type { Settings };

/** Loaded when it is first needed: composing and planning are a third of what a process loads, and most commands do neither. */
const gatewayPart = () => import("./gateway");

/** The settings of this house. Throws SETTING_INVALID for the first that is not what it must be. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  return settingsFrom(environment, PARTS);
}

// --- The house ------------------------------------------------------------------------------------------------

export interface House {
  readonly parts: ReadonlyMap<string, Subgraph>;
  /** The road in; null where the books run elsewhere. */
  readonly ingest: Ingest | null;
  readonly passports: Passports;
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly now?: () => number;
  readonly log?: (entry: LogEntry) => void;
  /** The parts of the record in threads beside the road in, for a bulk load. Only the built program can start threads. */
  readonly threads?: boolean;
  /** Whether the parts do their chores of themselves, as they do where they are served. */
  readonly chores?: boolean;
  /** The processes that serve the same, where there are several. */
  readonly each?: Each | null;
}

/** Which parts share a thread in a bulk load. A child index gives demographics as much to keep as the others together. */
const THREADS: readonly (readonly SubgraphDefinition[])[] = [
  [demographics],
  [screening, immunisations, safeguarding, notifications],
];

interface ThreadPart {
  readonly name: string;
  readonly place: Place;
}

/**
 * Opens every part: in this process over its database, or, where `<PART>_URL` is set, as it runs elsewhere. Databases
 * must be at the present schema (`migrateHouse`).
 */
export async function openHouse(settings: Settings, options: HouseOptions = {}): Promise<House> {
  const { now = Date.now } = options;
  const passports = passportsOf(passportKey(settings, settings.urls.size > 0), now);
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  const open = async (definition: SubgraphDefinition): Promise<Subgraph> => {
    const part = await openPart(definition, settings, passports, options);
    opened.push(part);
    return part;
  };
  try {
    const record: Subgraph[] = [];
    if (options.threads && settings.urls.size === 0 && __filename.endsWith(".js")) {
      for (const definitions of THREADS) {
        const parts = definitions.map(({ name }): ThreadPart => ({ name, place: placeOf(name, settings) }));
        const started = await startThread(definitions, { file: __filename, data: { parts } });
        record.push(...started);
        opened.push(...started);
      }
    } else {
      for (const definition of RECORD) record.push(await open(definition));
    }
    let ingest: Ingest | null = null;
    if (!settings.urls.has(BOOKS)) {
      ingest = await openIngest({ place: placeOf(BOOKS, settings), destinations: record, now });
      opened.push(ingest);
    }
    const books = await open(localitiesDefinition(ingest));
    return { parts: new Map([...record, books].map((part) => [part.name, part])), ingest, passports, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

async function openPart(
  definition: SubgraphDefinition,
  settings: Settings,
  passports: Passports,
  { now = Date.now, log = () => undefined, chores = false }: HouseOptions,
): Promise<Subgraph> {
  const { name } = definition;
  const url = settings.urls.get(name);
  if (url !== undefined) return reachSubgraph(definition, { url, passports });
  const onFault = (fault: unknown, traceId: string) =>
    log({ level: "error", event: "fault", part: name, traceId, fault: faultName(fault) });
  const served = definition === notifications ? notificationsTo(receiversOf(settings)) : definition;
  const checkpoints = chores
    ? accessCheckpoints(settings, (checkpoint) => log({ event: "access-checkpoint", ...checkpoint }))
    : undefined;
  return startSubgraph(served, {
    place: placeOf(name, settings),
    now,
    chores,
    onFault,
    ...(checkpoints === undefined ? {} : { checkpoints }),
  });
}

/** The partner apps that are told by signed webhooks. Throws SETTING_INVALID. */
function receiversOf({ WEBHOOKS }: Settings): readonly Receiver[] {
  if (WEBHOOKS === "") return [];
  try {
    return readReceivers(readFileSync(WEBHOOKS, "utf8"));
  } catch (fault) {
    if (fault instanceof Problem) throw fault;
    throw new Problem("SETTING_INVALID", { name: "WEBHOOKS", expected: "the path of a file that can be read" });
  }
}

/** Brings the databases of parts that run here to the present schema; answers the steps taken for each. */
export async function migrateHouse(settings: Settings, parts = PARTS): Promise<ReadonlyMap<string, number>> {
  const steps = new Map<string, number>();
  for (const definition of DEFINITIONS) {
    if (!parts.includes(definition.name) || settings.urls.has(definition.name)) continue;
    steps.set(definition.name, await migrateSubgraph(definition, placeOf(definition.name, settings)));
  }
  return steps;
}

/** The gateway over a house, with the issuer the settings name. */
export async function openGateway(
  house: House,
  settings: Settings,
  { log, each = null }: HouseOptions = {},
): Promise<Gateway> {
  const { examplesAbout, startGateway } = await gatewayPart();
  const known = settings.OIDC_ISSUER === "" ? await someChild(house) : null;
  return startGateway({
    sources: [...house.parts.values()],
    host: settings.HOST,
    port: Number(settings.PORT),
    issuer: await issuerOf(settings),
    trustedDocuments: sdkOperations().map(({ text }) => text),
    requestsPerMinute: Number(settings.RATE_LIMIT),
    each,
    log: log ?? (() => undefined),
    ...(known === null ? {} : { examples: examplesAbout(known) }),
  });
}

/** The NHS number of some young child, for the examples of a development machine to ask about; null where there is none. */
async function someChild(house: House): Promise<string | null> {
  const viewer: Viewer = {
    subject: "development:examples",
    name: "Examples",
    role: "CHILD_HEALTH_CLERK",
    organisation: null,
    localities: ["WIRRAL"],
    scopes: [],
  };
  const query = `{ children(where: { localities: [WIRRAL], bornFrom: "2023-01-01" }, first: 20) { edges { node { nhsNumber } } } }`;
  const answer = await house.parts
    .get("demographics")
    ?.ask({ query, viewer, requestId: "examples" })
    .catch(() => null);
  const page = answer?.data?.children as { edges: { node: { nhsNumber: string | null } }[] } | null | undefined; // as asked
  return page?.edges.map(({ node }) => node.nhsNumber).find((number) => number !== null) ?? null;
}

async function issuerOf(settings: Settings): Promise<Issuer> {
  const { configuredIssuer, developmentIssuer } = await gatewayPart();
  if (settings.OIDC_ISSUER === "") return developmentIssuer(dataFolder(settings), settings.HOST);
  return configuredIssuer({
    issuer: settings.OIDC_ISSUER,
    audience: settings.OIDC_AUDIENCE,
    jwksUrl: settings.OIDC_JWKS_URL,
  });
}

/** The operations partner apps may send, each file of sdk/operations in the order of their names. */
function sdkOperations(): readonly { readonly name: string; readonly text: string }[] {
  const folder = join(ROOT, "sdk", "operations");
  return readdirSync(folder)
    .sort()
    .map((file) => ({ name: basename(file, ".graphql"), text: readFileSync(join(folder, file), "utf8") }));
}

/** Every generated file and what it must say; the tests hold the files to it. */
export function generated({
  supergraphOf,
}: Pick<Awaited<ReturnType<typeof gatewayPart>>, "supergraphOf">): ReadonlyMap<string, string> {
  const parts = DEFINITIONS.map((definition) => ({ name: definition.name, sdl: buildGraph(definition).sdl }));
  const { supergraphSdl, apiSdl } = supergraphOf(parts);
  const specs = join(ROOT, "tests", "spec");
  return generatedFiles({
    subgraphs: new Map(parts.map(({ name, sdl }) => [name, sdl])),
    supergraph: supergraphSdl,
    api: apiSdl,
    sdk: generateSdk(apiSdl, sdkOperations()),
    extracts: describeExtracts(),
    specs: new Map(
      readdirSync(specs, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => [file.replace(/\.test\.ts$/, ""), readFileSync(join(specs, file), "utf8")]),
    ),
  });
}

const VERBS: Verbs = {
  serve: {
    says: "Serves everything in one process, or only the named parts, each on a port of its own.",
    words: `[${[...PARTS, "gateway"].join("|")}]…`,
    run: serve,
  },
  migrate: {
    says: "Brings every database, or those of the named parts, to the present schema.",
    words: "[PART…]",
    async run({ settings, words, tell }) {
      for (const word of words) if (!PARTS.includes(word)) refuseWord(word, "migrate");
      const steps = await migrateHouse(settings, words.length === 0 ? PARTS : [...words]);
      for (const [part, taken] of steps) {
        tell({ part, steps: taken }, `${part}: ${taken === 0 ? "up to date" : `${taken} steps`}`);
      }
      return true;
    },
  },
  synthesise: {
    says: "Writes six extracts and a set of event messages for an invented population; same arguments, same bytes.",
    options: {
      children: { value: "N", says: "how many children", needed: true },
      seed: { value: "S", says: "a whole number that everything follows from", needed: true },
      out: { value: "DIR", says: "the folder to write to", needed: true },
    },
    async run(given) {
      const [children, seed] = [wholeNumber(given, "children", 1), wholeNumber(given, "seed", 0)];
      const out = given.text("out") ?? "";
      const progress = progressOf("Writing extracts");
      const manifest = await writing(out, () =>
        synthesise({ children, seed, out, progress: (done, of) => progress(done / of) }),
      );
      progress(1);
      given.tell({ ...manifest }, `${children} children written to ${out}`);
      return true;
    },
  },
  load: {
    says: "Loads one locality's extract files and prints the reconciliation; fails if it does not balance.",
    words: "PATH…",
    options: { locality: { value: "CODE", says: LOCALITY_CODES.join(", "), needed: true } },
    async run(given) {
      const locality = localityOf(given.text("locality") ?? "");
      if (given.words.length === 0) throw new Problem("ARGUMENT_MISSING", { command: "load", argument: "PATH" });
      const threads = (await bytesOf(given.words)) > WORTH_THREADS_BYTES;
      return withIngest(given.settings, async (ingest) => loadInto(ingest, locality, given.words, given), { threads });
    },
  },
  receive: {
    says: "Takes event messages: files, folders, MESH .dat with its .ctl, or - for one message on standard input.",
    words: "PATH…",
    async run(given) {
      if (given.words.length === 0) throw new Problem("ARGUMENT_MISSING", { command: "receive", argument: "PATH" });
      return withIngest(given.settings, async (ingest) => {
        let kept = true;
        for await (const result of ingest.receive(given.words)) {
          given.tell(...receivedLine(result));
          kept &&= result.disposition !== "QUARANTINED";
        }
        return kept;
      });
    },
  },
  collect: {
    says: "Collects event messages from the MESH mailbox once, or again and again.",
    options: { every: { value: "SECONDS", says: "collect again so long after each time, until stopped" } },
    run: collect,
  },
  reconcile: {
    says: "Proves again that every row and message read is accounted for and found in a subgraph.",
    options: { locality: { value: "CODE", says: "only this locality" } },
    async run(given) {
      const code = given.text("locality");
      return withIngest(given.settings, (ingest) =>
        reconcileNow(ingest, code === null ? null : localityOf(code), given),
      );
    },
  },
  settle: {
    says: "Does to the end what parts do of themselves while they are served, such as planning what is due after a load.",
    words: "[PART…]",
    run: settleParts,
  },
  token: {
    says: "Prints a bearer token signed by the local development key; refuses when a real issuer is configured.",
    options: {
      role: { value: "ROLE", says: Object.keys(ROLES).join(", "), needed: true },
      name: { value: "NAME", says: "who it is for; otherwise the role's name" },
      organisation: { value: "ODS", says: "ODS code of the viewer's organisation" },
      locality: { value: "CODE", says: "a locality of the viewer; may be given several times", many: true },
      scope: { value: "SCOPE", says: "a scope of a partner app; may be given several times", many: true },
      minutes: { value: "M", says: "how long it is good for; otherwise 60" },
    },
    run: printToken,
  },
  audit: auditVerb(DEFINITIONS),
  generate: {
    says: "Rewrites every generated file.",
    options: { check: { says: "only compares, and fails where a file is stale" } },
    run: generate,
  },
  demo: {
    says: "The first time invents, loads and reconciles a population; then serves it. This is npm start.",
    options: { children: { value: "N", says: "how many children the first time; otherwise 2000" } },
    run: demo,
  },
};

/** In as many processes as WORKERS says, or in this one. */
function serve(given: Given): Promise<boolean> {
  const workers = Number(given.settings.WORKERS);
  if (workers === 1) return serveHere(given, ALONE);
  const words = ["serve", ...given.words, ...(given.json ? ["--json"] : [])];
  return inWorkers(workers, words, (duty) => serveHere({ ...given, tell: duty.first ? given.tell : () => {} }, duty));
}

async function serveHere(given: Given, { first, each }: Duty): Promise<boolean> {
  const { settings } = given;
  const words = [...new Set(given.words)];
  for (const word of words) if (![...PARTS, "gateway"].includes(word)) refuseWord(word, "serve");
  const log = logTo(settings);
  const servers: { close(): Promise<void> }[] = [];
  const apart = words.length > 0;
  if (apart) passportKey(settings, true);
  const asked = untilAsked();
  const mailbox = mailboxOf(settings);
  for (const part of apart && words.includes("gateway") ? PARTS : []) {
    if (!words.includes(part) && !settings.urls.has(part)) {
      throw new Problem("SETTING_INVALID", {
        name: `${part.toUpperCase()}_URL`,
        expected: "set when the gateway runs apart",
      });
    }
  }
  // What is served here is opened here, wherever the other parts look for it.
  const here: Settings = { ...settings, urls: new Map([...settings.urls].filter(([part]) => !words.includes(part))) };
  const onlyRecord = apart && !words.includes("gateway") && !words.includes(BOOKS);
  const house = onlyRecord
    ? await openParts(words, here, { log, chores: first })
    : await openHouse(here, { log, chores: first });
  servers.push(house);
  try {
    for (const name of words.filter((word) => word !== "gateway")) {
      const part = house.parts.get(name);
      if (part === undefined) continue;
      const port = words.length === 1 && settings.portGiven ? Number(settings.PORT) : 4001 + PARTS.indexOf(name);
      const { passports } = house;
      const server = await listening(settings, () => serveSubgraph(part, { host: settings.HOST, port, passports }));
      servers.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
      const url = urlOf(server);
      given.tell({ part: name, url }, `${name} is ready at ${url}`);
    }
    if (!apart || words.includes("gateway")) {
      const gateway = await listening(settings, () => openGateway(house, settings, { log, each }));
      servers.push(gateway);
      given.tell({ part: "gateway", url: gateway.url }, `Ready: the graph and GraphiQL at ${gateway.url}`);
    }
    if (first && mailbox !== null && house.ingest !== null)
      servers.push(collecting(house.ingest, mailbox, Number(settings.MESH_EVERY), log));
    await asked;
  } finally {
    for (const server of servers.reverse()) await server.close();
  }
  return true;
}

/** Starts what listens; throws SETTING_INVALID where the system refuses the address or the port to anybody. */
async function listening<T>({ HOST, PORT }: Settings, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (fault) {
    const code = faultCode(fault);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new Problem("SETTING_INVALID", {
        name: "HOST",
        expected: `an address of this machine, and ${HOST} is none`,
      });
    if (code === "EACCES")
      throw new Problem("SETTING_INVALID", {
        name: "PORT",
        expected: `one this user may listen on, and ${PORT} is none`,
      });
    throw fault;
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A part listens on a port.");
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}/`;
}

async function settleParts({ settings, words, tell }: Given): Promise<boolean> {
  for (const word of words) if (!PARTS.includes(word)) refuseWord(word, "settle");
  const house = await openHouse(settings);
  try {
    for (const [name, part] of house.parts) {
      if (words.length > 0 && !words.includes(name)) continue;
      const report = progressOf(name);
      let most = 0;
      await part.settle((left) => {
        most = Math.max(most, left);
        if (most > 0) report(1 - left / most);
      });
      tell({ part: name, settled: true }, `${name}: nothing is left to do`);
    }
  } finally {
    await house.close();
  }
  return true;
}

/** Some subgraphs alone, without the road in. */
async function openParts(names: readonly string[], settings: Settings, options: HouseOptions): Promise<House> {
  const passports = passportsOf(passportKey(settings, true));
  const parts = new Map<string, Subgraph>();
  for (const definition of RECORD.filter((each) => names.includes(each.name))) {
    parts.set(definition.name, await openPart(definition, settings, passports, options));
  }
  const close = async () => {
    for (const part of parts.values()) await part.close();
  };
  return { parts, ingest: null, passports, close };
}

/** Threads take a second to start, and repay it where the files take several. */
const WORTH_THREADS_BYTES = 32 * 1024 * 1024;

/** What files, and the files of folders, hold together; one that is not there is told when it is opened. */
async function bytesOf(paths: readonly string[]): Promise<number> {
  const sizes = (await filesOf(paths)).map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function withIngest(
  settings: Settings,
  use: (ingest: Ingest) => Promise<boolean>,
  options: HouseOptions = {},
): Promise<boolean> {
  const house = await openHouse(settings, options);
  try {
    if (house.ingest === null) {
      throw new Problem("SETTING_INVALID", { name: "LOCALITIES_URL", expected: "unset for the command that loads" });
    }
    return await use(house.ingest);
  } finally {
    await house.close();
  }
}

/** Collects beside whatever else the process does, and logs what it did; answers what stops it. */
function collecting(
  ingest: Ingest,
  mailbox: Mailbox,
  everySeconds: number,
  log: (entry: LogEntry) => void,
): { close(): Promise<void> } {
  const collector = ingest.collector(mailbox);
  const stop = new AbortController();
  const ended = collectAlways(collector, {
    everySeconds,
    signal: stop.signal,
    report: {
      taken: () => undefined,
      ended({ kept, acknowledged, problems }) {
        if (kept + acknowledged > 0)
          log({ level: "info", event: "collected", mailbox: mailbox.mailbox, kept, acknowledged });
        for (const problem of problems)
          log({ level: "error", event: "collect", code: problem.code, fault: problem.message });
      },
      failed(fault, pauseSeconds) {
        const code = fault instanceof Problem ? fault.code : "INTERNAL";
        const level = code === "MESH_COLLECTED_ELSEWHERE" ? "info" : "error";
        log({ level, event: "collect", code, fault: faultName(fault), pauseSeconds });
      },
    },
  });
  return {
    async close() {
      stop.abort();
      await ended;
      await collector.close();
    },
  };
}

async function collect(given: Given): Promise<boolean> {
  const mailbox = mailboxOf(given.settings);
  if (mailbox === null) throw new Problem("SETTING_INVALID", { name: "MESH_URL", expected: "set, to collect from" });
  const everySeconds = given.has("every") ? wholeNumber(given, "every", 1) : null;
  return withIngest(given.settings, async (ingest) => {
    const collector = ingest.collector(mailbox);
    const stop = new AbortController();
    void untilAsked().then(() => stop.abort());
    const report = {
      taken(results: readonly MessageResult[]) {
        for (const result of results) given.tell(...receivedLine(result));
      },
      ended({ kept, acknowledged, problems }: Round) {
        for (const { code, message, remedy } of problems) {
          given.tell({ problem: code, message, remedy }, `${code}: ${message} ${remedy}`);
        }
        if (everySeconds === null || kept + acknowledged > 0) {
          given.tell({ kept, acknowledged }, `${kept} messages kept, ${acknowledged} acknowledged.`);
        }
      },
      failed(fault: unknown, pauseSeconds: number) {
        const code = fault instanceof Problem ? fault.code : "INTERNAL";
        const message = faultName(fault);
        given.tell({ problem: code, message, pauseSeconds }, `${code}: ${message} Again in ${pauseSeconds} s.`);
      },
    };
    try {
      if (everySeconds !== null) {
        await collectAlways(collector, { everySeconds, signal: stop.signal, report });
        return true;
      }
      const round = await collector.round(report, stop.signal);
      report.ended(round);
      return round.problems.length === 0 && !stop.signal.aborted;
    } finally {
      await collector.close();
    }
  });
}

/** What became of a message, for `--json` and for people. */
function receivedLine({ messageId, event, disposition, reason, file }: MessageResult) {
  const line = [messageId ?? file, event ?? "-", disposition, reason ?? ""].join("  ").trimEnd();
  return [{ messageId, event, disposition, reason, file }, line] as const;
}

type Told = Pick<Given, "tell" | "json">;

async function loadInto(
  ingest: Ingest,
  locality: LocalityCode,
  paths: readonly string[],
  given: Told,
): Promise<boolean> {
  const report = progressOf(locality);
  const result = await ingest.load({ locality, paths, progress: ({ done }: Progress) => report(done) });
  report(1);
  for (const line of result.lines) given.tell({ ...line }, "");
  if (!given.json) {
    process.stdout.write(`${printReconciliation(result.lines)}\n`);
    for (const line of result.lines) await printQuarantined(ingest, line);
  }
  return result.lines.every((line) => line.balances);
}

const QUARANTINED_SHOWN = 3;
/** Those of one load come in the order they were opened; of more than these, some others than the first are shown. */
const QUARANTINED_SORTED = 1_000;

/** The first rows of a load that wait for somebody, each with its reasons; the graph's `quarantine` lists them all. */
async function printQuarantined({ desk }: Ingest, { load, locality, file, rowsQuarantined }: LoadLine): Promise<void> {
  if (load === null || locality === null || rowsQuarantined === 0) return;
  const waiting = await desk.quarantine({ load }, [locality], QUARANTINED_SORTED, null);
  const first = [...waiting].sort((a, b) => a.row - b.row).slice(0, QUARANTINED_SHOWN);
  for (const { row, reasons } of first) {
    process.stdout.write(`In quarantine: ${file} row ${row}: ${reasons.map(inWords).join(" ")}\n`);
  }
  const others = rowsQuarantined - first.length;
  if (others > 0)
    process.stdout.write(`In quarantine: ${others} more of ${file}; the graph's quarantine lists them.\n`);
}

async function reconcileNow(ingest: Ingest, locality: LocalityCode | null, given: Told): Promise<boolean> {
  const lines = await ingest.reconcile(locality);
  for (const line of lines) given.tell({ ...line }, "");
  if (!given.json) process.stdout.write(`${printReconciliation(lines)}\n`);
  return lines.every((line) => line.balances);
}

async function printToken(given: Given): Promise<boolean> {
  const { settings } = given;
  if (settings.OIDC_ISSUER !== "") throw new Problem("ISSUER_CONFIGURED", { issuer: settings.OIDC_ISSUER });
  const role = given.text("role") ?? "";
  if (!isRole(role))
    throw new Problem("ARGUMENT_INVALID", { argument: "--role", expected: `one of ${Object.keys(ROLES).join(", ")}` });
  const name = given.text("name") ?? role.toLowerCase().replaceAll("_", " ");
  const viewer: Viewer = {
    subject: `development:${name.toLowerCase().replace(/\W+/g, "-")}`,
    name,
    role,
    organisation: given.text("organisation"),
    localities: given.texts("locality").map(localityOf),
    scopes: given.texts("scope"),
  };
  const minutes = given.has("minutes") ? wholeNumber(given, "minutes", 1) : 60;
  const { developmentIssuer } = await gatewayPart();
  const issuer = await developmentIssuer(dataFolder(settings), settings.HOST);
  const token = await issuer.sign(viewer, minutes);
  given.tell({ token, minutes }, token);
  return true;
}

async function generate(given: Given): Promise<boolean> {
  let fresh = true;
  for (const [path, text] of generated(await gatewayPart())) {
    const file = join(ROOT, path);
    const stale = !existsSync(file) || readFileSync(file, "utf8") !== text;
    if (!stale) continue;
    fresh = false;
    if (!given.has("check")) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    given.tell({ path, stale }, `${path} ${given.has("check") ? "is stale" : "written"}`);
  }
  return fresh || !given.has("check");
}

/** Writes files; throws FILE_UNWRITABLE where the system refuses. */
async function writing<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (fault) {
    const code = faultCode(fault);
    if (code === null || !/^E[A-Z]+$/.test(code)) throw fault;
    throw new Problem("FILE_UNWRITABLE", { file: folder, fault: code });
  }
}

export const DEMO_SEED = 20_260_901;

/** Each step may be cut short and is taken up again at the next start; the mark is set when all are done. */
async function demo(given: Given): Promise<boolean> {
  const { settings } = given;
  const mark = join(settings.DATA_DIR, "demo.json");
  if (!existsSync(mark)) {
    const children = given.has("children") ? wholeNumber(given, "children", 1) : 2000;
    const out = join(dataFolder(settings), "extracts");
    const inventing = progressOf("Inventing children");
    await writing(out, () =>
      synthesise({ children, seed: DEMO_SEED, out, progress: (done, of) => inventing(done / of) }),
    );
    inventing(1);
    await migrateHouse(settings);
    const balanced = await withIngest(settings, async (ingest) => {
      const quiet: Told = { json: true, tell: () => undefined };
      let all = true;
      for (const locality of LOCALITY_CODES)
        all = (await loadInto(ingest, locality, [join(out, locality)], quiet)) && all;
      const receiving = progressOf("Receiving messages");
      let received = 0;
      for await (const _ of ingest.receive([join(out, "messages")])) received += 1;
      receiving(1);
      given.tell({ messages: received }, `${received} messages received.`);
      return (await reconcileNow(ingest, null, given)) && all;
    });
    if (!balanced) return false;
    writeFileSync(mark, `${JSON.stringify({ children, seed: DEMO_SEED })}\n`);
  }
  await migrateHouse(settings);
  return serve({ ...given, words: [] });
}

/** One JSON line an event on standard error, as far as LOG_LEVEL lets. */
function logTo({ LOG_LEVEL }: Settings): (entry: LogEntry) => void {
  return (entry) => {
    if (LOG_LEVEL === "silent" || (LOG_LEVEL === "error" && entry.level !== "error")) return;
    process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
  };
}

/** Runs one command; answers its exit status. */
export function run(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  return runVerb(VERBS, words, () => readSettings(environment));
}

/** Resolves when the process is asked to stop. */
function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function localityOf(text: string): LocalityCode {
  if (!isLocalityCode(text))
    throw new Problem("ARGUMENT_INVALID", { argument: "--locality", expected: `one of ${LOCALITY_CODES.join(", ")}` });
  return text;
}

if (!isMainThread && isThreadData(workerData)) {
  answerFromThread(
    new Map(
      workerData.parts.flatMap(({ name, place }) =>
        RECORD.filter((definition) => definition.name === name).map(
          (definition) => [name, startSubgraph(definition, { place })] as const,
        ),
      ),
    ),
  );
} else if (require.main === module) {
  // Whoever reads the results may stop reading: `reconcile | head`.
  process.stdout.on("error", (fault: NodeJS.ErrnoException) => {
    if (fault.code !== "EPIPE") throw fault;
  });
  run(process.argv.slice(2), process.env).then(
    (status) => {
      process.exitCode = status;
    },
    (fault: unknown) => {
      if (fault instanceof Problem) process.stderr.write(`${fault.code}: ${fault.message}\n${fault.remedy}\n`);
      else process.stderr.write(`INTERNAL: ${faultName(fault)}\n`);
      process.exitCode = 1;
    },
  );
}

function isThreadData(data: unknown): data is { readonly parts: readonly ThreadPart[] } {
  return typeof data === "object" && data !== null && "parts" in data;
}
