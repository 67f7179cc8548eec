/** What can be set from outside: one table, checked before anything starts, and what follows from it. */

import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { accessSync, appendFileSync, constants, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faultCode, Problem } from "../schema/errors";
import { type Checkpoint, type Checkpoints, signerOf } from "./checkpoints";
import type { Place } from "./database";
import { keptFile } from "./kept-file";

interface Setting {
  readonly otherwise: string;
  readonly says: string;
  readonly expected?: string;
  readonly valid?: (text: string) => boolean;
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
const isUrlOf = (text: string, ...protocols: readonly string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);
const isHttpUrl = (text: string) => isUrlOf(text, "http:", "https:");
const isPostgresUrl = (text: string) => isUrlOf(text, "postgres:", "postgresql:");

const isLoopback = (host: string) => /^(127(\.\d+){3}|localhost|\[::1\])$/i.test(host);

function isAuditKey(text: string): boolean {
  try {
    return signerOf(text) !== null;
  } catch {
    return false; // whatever is wrong with it, it is no such key
  }
}

/** Read from the environment, checked before anything starts, printed by `serve --help`. */
export const SETTINGS = {
  PORT: {
    otherwise: "4000",
    says: "where the gateway listens, or the one part served",
    expected: "a port, a whole number up to 65535",
    valid: isPort,
  },
  HOST: { otherwise: "127.0.0.1", says: "the address it listens on" },
  DATA_DIR: { otherwise: "./data", says: "the embedded databases, one file a part" },
  DATABASE_URL: {
    otherwise: "",
    says: "PostgreSQL for every part, one schema each; <PART>_DATABASE_URL for one part",
    expected: "a PostgreSQL URL",
    valid: isPostgresUrl,
  },
  PASSPORT_KEY: { otherwise: "", says: "signs the viewer's passport between processes; made in DATA_DIR when unset" },
  AUDIT_KEY: {
    otherwise: "",
    says: "signs how far the access log goes: an Ed25519 key, PKCS #8 in base64; made in DATA_DIR when unset",
    expected: "an Ed25519 private key, PKCS #8 in base64",
    valid: isAuditKey,
  },
  AUDIT_CHECKPOINTS: {
    otherwise: "",
    says: "the file that signed checkpoints of the access log are added to; one in DATA_DIR when unset",
  },
  OIDC_ISSUER: { otherwise: "", says: "whose tokens are accepted; unset, the development issuer, on loopback only" },
  OIDC_AUDIENCE: { otherwise: "", says: "the audience a token must name; needed with OIDC_ISSUER" },
  OIDC_JWKS_URL: {
    otherwise: "",
    says: "where the issuer's keys are; needed with OIDC_ISSUER",
    expected: "a URL",
    valid: isHttpUrl,
  },
  WEBHOOKS: {
    otherwise: "",
    says: "a JSON file of the partner apps told by signed webhooks: docs/running.md has its form",
  },
  WORKERS: {
    otherwise: "1",
    says: "how many processes serve on one port; more than one wants PostgreSQL, and cores to run on",
    expected: "a whole number from 1 to 64",
    valid: (text) => /^([1-9]|[1-5]\d|6[0-4])$/.test(text),
  },
  RATE_LIMIT: {
    otherwise: "6000",
    says: "requests a minute that one viewer may send to the graph; 0 for no limit",
    expected: "a whole number",
    valid: (text) => /^\d{1,9}$/.test(text),
  },
  MESH_URL: {
    otherwise: "",
    says: "where MESH answers; set, the mailbox is collected from while localities is served",
    expected: "an https URL, or an http URL of this machine",
    valid: (text) => isUrlOf(text, "https:") || (isUrlOf(text, "http:") && isLoopback(new URL(text).hostname)),
  },
  MESH_MAILBOX: {
    otherwise: "",
    says: "id of the mailbox; needed with MESH_URL, as are the password and the shared key",
    expected: "the id of a mailbox: letters and digits",
    valid: (text) => /^[A-Za-z0-9_-]{1,100}$/.test(text),
  },
  MESH_PASSWORD: { otherwise: "", says: "the mailbox's password" },
  MESH_SHARED_KEY: { otherwise: "", says: "the shared key of the MESH environment" },
  MESH_CLIENT_CERT: { otherwise: "", says: "file of our certificate, PEM; needed where MESH_URL is https" },
  MESH_CLIENT_KEY: { otherwise: "", says: "file of its private key, PEM; needed where MESH_URL is https" },
  MESH_CA: { otherwise: "", says: "file of the certificates MESH is known by, PEM; unset, those Node knows" },
  MESH_EVERY: {
    otherwise: "300",
    says: "seconds between two looks into a mailbox in which nothing lies; MESH itself asks for no fewer",
    expected: "a whole number of seconds from 1 to 86400",
    valid: (text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 86_400,
  },
  LOG_LEVEL: {
    otherwise: "info",
    says: "one JSON line an event, never patient data: error, info or silent",
    expected: "error, info or silent",
    valid: (text) => ["error", "info", "silent"].includes(text),
  },
} as const satisfies Record<string, Setting>;

export type Settings = Readonly<Record<keyof typeof SETTINGS, string>> & {
  /** `<PART>_DATABASE_URL` and `<PART>_URL`, by part. */
  readonly databaseUrls: ReadonlyMap<string, string>;
  readonly urls: ReadonlyMap<string, string>;
  /** A part served alone takes PORT only where somebody set it. */
  readonly portGiven: boolean;
};

/** The settings, those of each part too. Throws SETTING_INVALID for the first that is not what it must be. One that is empty counts as unset. */
export function settingsFrom(
  environment: Readonly<Record<string, string | undefined>>,
  parts: readonly string[],
): Settings {
  const values = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]: [string, Setting]) => {
      const text = environment[name] || setting.otherwise;
      if (text !== "" && setting.valid && !setting.valid(text)) {
        throw new Problem("SETTING_INVALID", { name, expected: setting.expected ?? "something else" });
      }
      return [name, text];
    }),
  ) as Record<keyof typeof SETTINGS, string>; // its keys are those of SETTINGS
  const byPart = (suffix: string, valid: (text: string) => boolean, expected: string): ReadonlyMap<string, string> =>
    new Map(
      parts.flatMap((part) => {
        const name = `${part.toUpperCase()}${suffix}`;
        const url = environment[name];
        if (url === undefined || url === "") return [];
        if (!valid(url)) throw new Problem("SETTING_INVALID", { name, expected });
        return [[part, url] as const];
      }),
    );
  if (values.OIDC_ISSUER !== "" && (values.OIDC_AUDIENCE === "" || values.OIDC_JWKS_URL === "")) {
    throw new Problem("SETTING_INVALID", {
      name: values.OIDC_AUDIENCE === "" ? "OIDC_AUDIENCE" : "OIDC_JWKS_URL",
      expected: "set when OIDC_ISSUER is",
    });
  }
  return {
    ...values,
    databaseUrls: byPart("_DATABASE_URL", isPostgresUrl, "a PostgreSQL URL"),
    urls: byPart("_URL", isHttpUrl, "a URL"),
    portGiven: Boolean(environment.PORT),
  };
}

/**
 * The mailbox that is set, its certificates read; null where MESH_URL is not set. Throws SETTING_INVALID for the first
 * thing that is missing, cannot be read, or does not belong together. That the certificate has ended is found by whoever
 * collects: it is no reason not to serve.
 */
export function mailboxOf(settings: Settings) {
  const { MESH_URL, MESH_PASSWORD, MESH_SHARED_KEY } = settings;
  if (MESH_URL === "") return null;
  const secure = MESH_URL.startsWith("https:");
  const needed = [
    "MESH_MAILBOX",
    "MESH_PASSWORD",
    "MESH_SHARED_KEY",
    ...(secure ? (["MESH_CLIENT_CERT", "MESH_CLIENT_KEY"] as const) : []),
  ] as const;
  const missing = needed.find((name) => settings[name] === "");
  if (missing !== undefined) throw new Problem("SETTING_INVALID", { name: missing, expected: "set when MESH_URL is" });
  const box = {
    url: MESH_URL,
    mailbox: settings.MESH_MAILBOX.toUpperCase(),
    password: MESH_PASSWORD,
    sharedKey: MESH_SHARED_KEY,
  };
  if (!secure) return { ...box, tls: null };
  const [cert, key] = [pemOf("MESH_CLIENT_CERT", settings), pemOf("MESH_CLIENT_KEY", settings)];
  const certificate = parsed("MESH_CLIENT_CERT", "a file of a PEM certificate", () => new X509Certificate(cert));
  const privateKey = parsed("MESH_CLIENT_KEY", "a file of a PEM private key without a passphrase", () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Problem("SETTING_INVALID", { name: "MESH_CLIENT_KEY", expected: "the key of MESH_CLIENT_CERT" });
  }
  const ca = settings.MESH_CA === "" ? null : pemOf("MESH_CA", settings);
  if (ca !== null) parsed("MESH_CA", "a file of PEM certificates", () => new X509Certificate(ca));
  return { ...box, tls: { cert, key, ca } };
}

function pemOf(name: "MESH_CLIENT_CERT" | "MESH_CLIENT_KEY" | "MESH_CA", settings: Settings): string {
  try {
    return readFileSync(settings[name], "utf8");
  } catch (fault) {
    const why = faultCode(fault) ?? "unknown";
    throw new Problem("SETTING_INVALID", { name, expected: `a file that can be read, and it is not (${why})` });
  }
}

function parsed<T>(name: string, expected: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Problem("SETTING_INVALID", { name, expected }); // what it holds instead is not told: it may be a key
  }
}

export function placeOf(part: string, settings: Settings): Place {
  const own = settings.databaseUrls.get(part);
  if (own !== undefined) return { url: own, schema: part, setting: `${part.toUpperCase()}_DATABASE_URL` };
  if (settings.DATABASE_URL !== "") return { url: settings.DATABASE_URL, schema: part, setting: "DATABASE_URL" };
  return { file: join(dataFolder(settings), `${part}.sqlite`) };
}

/** DATA_DIR, made where it is not there. Throws SETTING_INVALID where nothing can be written to it. */
export function dataFolder({ DATA_DIR }: Settings): string {
  try {
    mkdirSync(DATA_DIR, { recursive: true });
    accessSync(DATA_DIR, constants.W_OK);
  } catch (fault) {
    const why = faultCode(fault) ?? "unknown";
    throw new Problem("SETTING_INVALID", {
      name: "DATA_DIR",
      expected: `a folder that can be written to, and ${DATA_DIR} is not (${why})`,
    });
  }
  return DATA_DIR;
}

/** The key parts sign passports with. Parts that run apart cannot share one that was made here. */
export function passportKey(settings: Settings, apart: boolean): string {
  if (settings.PASSPORT_KEY !== "") return settings.PASSPORT_KEY;
  if (apart)
    throw new Problem("SETTING_INVALID", {
      name: "PASSPORT_KEY",
      expected: "set, and equal everywhere, when parts run apart",
    });
  return keptFile(join(dataFolder(settings), "passport.key"), () => randomBytes(32).toString("base64url"));
}

/** Who signs the access logs of this process, and where the checkpoints go: to a file, and to `told`. */
export function accessCheckpoints(settings: Settings, told: (checkpoint: Checkpoint) => void): Checkpoints {
  return {
    signer: signerOf(auditKey(settings)),
    keep(checkpoint) {
      appendFileSync(checkpointsFile(settings), `${JSON.stringify(checkpoint)}\n`);
      told(checkpoint);
    },
  };
}

export function checkpointsFile(settings: Settings): string {
  return settings.AUDIT_CHECKPOINTS || join(dataFolder(settings), "access-checkpoints.jsonl");
}

/** The key that signs how far the access logs go. */
export function auditKey(settings: Settings): string {
  if (settings.AUDIT_KEY !== "") return settings.AUDIT_KEY;
  return keptFile(join(dataFolder(settings), "audit.key"), () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    return privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
  });
}
