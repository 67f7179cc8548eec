/**
 * GraphiQL, served from here alone: its page, its files out of the packages that hold them, the examples it opens with
 * and, on a development machine, ready-made viewers. Nothing on the page comes from another address.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { isLoopback } from "../viewer";
import type { Example } from "./examples";
import type { ReadyViewer } from "./viewers";

export interface Explorer {
  /** The answer of a path of the explorer; null where it has none. */
  answer(path: string, request: IncomingMessage): Promise<ExplorerAnswer | null>;
}

export interface ExplorerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

interface ServedFile {
  readonly file: () => string;
  readonly type: string;
}

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** Name below /explorer/ → the file it is. The packages are looked up when asked for, so that a missing one costs only the page. */
const FILES: Readonly<Record<string, ServedFile>> = {
  "react.js": { file: () => packaged("react", "umd/react.production.min.js"), type: SCRIPT },
  "react-dom.js": { file: () => packaged("react-dom", "umd/react-dom.production.min.js"), type: SCRIPT },
  "graphiql.js": { file: () => packaged("graphiql", "graphiql.min.js"), type: SCRIPT },
  "graphiql.css": { file: () => packaged("graphiql", "graphiql.min.css"), type: STYLE },
  "explorer.js": { file: () => own("explorer.js"), type: SCRIPT },
  "explorer.css": { file: () => own("explorer.css"), type: STYLE },
};

/** Scripts only from here; GraphiQL's editor writes styles into the page, and its fonts and icons are in its style sheet. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function explorerOf(
  examples: readonly Example[],
  viewers: (() => Promise<readonly ReadyViewer[]>) | undefined,
): Explorer {
  const served = new Map<string, Promise<Served>>();
  return {
    async answer(path, request) {
      if (path === "/") {
        const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY };
        return { status: 200, headers, body: PAGE };
      }
      if (path === "/explorer/examples") return json(examples);
      if (path === "/explorer/viewers" && viewers !== undefined && isFromHere(request)) return json(await viewers());
      const name = path.startsWith("/explorer/") ? path.slice("/explorer/".length) : "";
      const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
      if (file === undefined) return null;
      let reading = served.get(name);
      if (reading === undefined) {
        reading = serve(file);
        served.set(name, reading);
      }
      return fileAnswer(await reading, request);
    },
  };
}

/**
 * Ready-made tokens are for a browser on this machine, on our own page. The connection must be from loopback and the
 * name it was asked by a loopback name: another site's name that was made to lead here (DNS rebinding) is none.
 */
function isFromHere(request: IncomingMessage): boolean {
  const remote = request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  const asked = request.headers.host ?? "";
  const host = URL.canParse(`http://${asked}`) ? new URL(`http://${asked}`).hostname : "";
  const site = request.headers["sec-fetch-site"];
  return isLoopback(remote) && isLoopback(host) && (site === undefined || site === "same-origin" || site === "none");
}

interface Served {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

async function serve({ file, type }: ServedFile): Promise<Served> {
  const plain = await readFile(file());
  const etag = `"${createHash("sha256").update(plain).digest("hex").slice(0, 32)}"`;
  return { type, etag, plain, zipped: await promisify(gzip)(plain) };
}

function fileAnswer({ type, etag, plain, zipped }: Served, request: IncomingMessage): ExplorerAnswer {
  const headers = { "content-type": type, etag, "cache-control": "no-cache", vary: "accept-encoding" };
  if (request.headers["if-none-match"] === etag) return { status: 304, headers, body: "" };
  const zips = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  return zips
    ? { status: 200, headers: { ...headers, "content-encoding": "gzip" }, body: zipped }
    : { status: 200, headers, body: plain };
}

function json(body: unknown): ExplorerAnswer {
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(body) };
}

function packaged(name: string, file: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), file);
}

/** Files of ours stand beside this one; the build compiles into dist/ and leaves them where they are. */
function own(file: string): string {
  const beside = join(__dirname, file);
  return existsSync(beside) ? beside : join(__dirname, "../../../gateway/explorer", file);
}

const PAGE = `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Child health record: explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/explorer/graphiql.css">
<link rel="stylesheet" href="/explorer/explorer.css">
</head>
<body>
<header class="bar">
  <div class="title"><strong>Child health record</strong><span>Cheshire &amp; Merseyside</span></div>
  <div class="viewer" id="viewer" hidden>
    <label for="role">Ask as</label>
    <select id="role"></select>
    <span id="reaches" role="status"></span>
  </div>
  <div class="viewer" id="sign-in" hidden>
    <label for="token">Bearer token</label>
    <input id="token" type="password" autocomplete="off" spellcheck="false" placeholder="paste a token to begin">
  </div>
  <nav><button type="button" id="plan" hidden>Plan</button><a href="/schema.graphql">Schema</a><a href="/readyz">Health</a></nav>
</header>
<dialog id="plan-view" aria-label="How it is executed"><form method="dialog"><button>Close</button></form><pre></pre></dialog>
<main id="graphiql"><p class="note">Opening the explorer…</p></main>
<script src="/explorer/react.js"></script>
<script src="/explorer/react-dom.js"></script>
<script src="/explorer/graphiql.js"></script>
<script src="/explorer/explorer.js"></script>
</body>
</html>
`;
