/** What a newcomer waits for: the first `npm start` after installing, with 2,000 children, and a later one. */

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchOptions } from "./index";

const PORT = 4711;

export async function benchStart({ folder }: BenchOptions): Promise<void> {
  const data = join(folder, "start");
  rmSync(data, { recursive: true, force: true });
  for (const what of ["first start, 2,000 children", "later start"]) {
    const begun = performance.now();
    const child = spawn("npm", ["start"], {
      env: { ...process.env, DATA_DIR: data, PORT: String(PORT), LOG_LEVEL: "silent" },
      detached: true,
    });
    try {
      await ready();
      process.stdout.write(`${what.padEnd(32)} ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
    } finally {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      await gone;
    }
  }
}

async function ready(): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not start within two minutes.");
}
