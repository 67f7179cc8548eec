/**
 * Every claim of speed as a benchmark: `npm run bench -- NAME [--children N] [--postgres URL]`. Prints what it measured and
 * the machine it ran on; figures of one run only are to be compared.
 */

import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchDue } from "./due";
import { benchEvents } from "./events";
import { benchForecast } from "./forecast";
import { benchGateway } from "./gateway";
import { benchGuard } from "./guard";
import { benchInside } from "./inside";
import { benchLoad } from "./load";
import { benchRecord } from "./record";
import { benchStart } from "./start";

export interface BenchOptions {
  readonly children: number;
  /** Where the population and its databases are kept between benchmarks. */
  readonly folder: string;
  /** A PostgreSQL URL; null for the embedded database. */
  readonly postgres: string | null;
  /** Where the gateways to compare with are installed, outside the project; null for none but stock Apollo. */
  readonly peersFolder: string | null;
}

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  due: benchDue,
  events: benchEvents,
  forecast: benchForecast,
  gateway: benchGateway,
  guard: benchGuard,
  inside: benchInside,
  load: benchLoad,
  record: benchRecord,
  start: benchStart,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      children: { type: "string" },
      folder: { type: "string" },
      postgres: { type: "string" },
      peers: { type: "string" },
    },
  });
  const [name = ""] = positionals;
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench === undefined) {
    process.stderr.write(
      `npm run bench -- ${Object.keys(BENCHES).join("|")} [--children N] [--folder DIR] [--postgres URL] [--peers DIR]\n`,
    );
    process.exitCode = 1;
    return;
  }
  const [cpu] = cpus();
  process.stdout.write(
    `${cpus().length} × ${cpu?.model ?? "?"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}\n`,
  );
  await bench({
    children: Number(values.children ?? 558_673),
    folder: values.folder ?? "./data/bench",
    postgres: values.postgres ?? null,
    peersFolder: values.peers ?? null,
  });
}

void main();
