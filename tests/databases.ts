/**
 * Runs one suite on each database: SQLite always, PostgreSQL where one answers at `TEST_DATABASE_URL`. Each suite
 * has places of its own, removed when it ends.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import type { Dialect, Place } from "../chassis/database";

export const TEST_DATABASE_URL = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** Gives a database's place for a part; the same part again in one suite is the same database. */
export type Places = (part: string) => Place;

/** Whether PostgreSQL answers is found out once, before any test runs: see postgres-answers.js. */
export const POSTGRES_ANSWERS = process.env.POSTGRES_ANSWERS === "yes";

export function eachDatabase(suite: (places: Places, dialect: Dialect) => void): void {
  describe("on SQLite", () => {
    const folder = mkdtempSync(join(tmpdir(), "chis-test-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    suite((part) => ({ file: join(folder, `${part}.sqlite`) }), "sqlite");
  });
  if (POSTGRES_ANSWERS) {
    describe("on PostgreSQL", () => {
      const prefix = `test_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
      const schemas = new Set<string>();
      afterAll(() => dropSchemas([...schemas]));
      suite((part) => {
        const schema = `${prefix}_${part.replace(/\W/g, "_")}`;
        schemas.add(schema);
        return { url: TEST_DATABASE_URL, schema, setting: "TEST_DATABASE_URL", connections: 3 };
      }, "postgres");
    });
  }
}

async function dropSchemas(schemas: readonly string[]): Promise<void> {
  const pool = new Pool({ connectionString: TEST_DATABASE_URL, max: 1 });
  for (const schema of schemas) await pool.query(`drop schema if exists ${schema} cascade`);
  await pool.end();
}
