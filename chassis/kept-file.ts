/** A small file that is made once and kept: a key. */

import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * What a file says, readable by its owner alone; where there is none, what is made for it. Of several processes that start
 * at once one makes it, and all read the same, and read it whole.
 */
export function keptFile(file: string, made: () => string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const own = `${file}.${process.pid}`;
    writeFileSync(own, made(), { mode: 0o600 });
    try {
      linkSync(own, file);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== "EEXIST") throw fault; // file system calls throw nothing else
    } finally {
      rmSync(own, { force: true });
    }
  }
  return readFileSync(file, "utf8");
}
