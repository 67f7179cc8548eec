/** Before any test: whether PostgreSQL answers, said plainly. `.ci/run` fails without it; a user's machine need not have one. */

const { Pool } = require("pg");

module.exports = async () => {
  const url = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
  const pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 3000 });
  const answers = await pool.query("select 1").then(
    () => true,
    () => false,
  );
  await pool.end();
  process.env.POSTGRES_ANSWERS = answers ? "yes" : "no";
  const address = new URL(url);
  process.stdout.write(
    answers
      ? `Databases tested: SQLite, PostgreSQL at ${address.host}.\n`
      : `Databases tested: SQLite only. PostgreSQL did not run: nothing answers at ${address.host} (TEST_DATABASE_URL).\n`,
  );
};
