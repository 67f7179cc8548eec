/** The house with a guard that lets everything through and writes nothing: only ever measured against, never served. */

import { Guard } from "../chassis/guard";
import { run } from "../main";

Object.assign(Guard.prototype, {
  knows: () => true,
  learn: async () => undefined,
  bar: () => undefined,
  hides: () => false,
  permits: async () => true,
  withholds: async () => false,
  permitsAtAll: () => true,
  noteSearch: () => undefined,
  noteMissing: () => undefined,
  write: async () => undefined,
});

void run(["serve"], process.env).then((status) => {
  process.exitCode = status;
});
