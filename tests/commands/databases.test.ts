/** What a command says of databases and disks that are not as they should be, and that it loses nothing by them. */

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { change, chis, type Environment, folder, invented, migrated, record, results, serving } from "./chis";

const CLOSED = "postgres://postgres@127.0.0.1:1/postgres";

describe("A database that cannot be used stops every command, which says which and why", () => {
  const restore = "Restore the database, or finish the migration by hand, before starting again.\n";
  const release = "Run the release that made it, or a later one.\n";
  const migrate = "Run: npm run chis -- migrate\n";
  const begun = "update schema_migration set done_at = null where step = 1";
  const later = "insert into schema_migration values (99, 'a later one', 'x', 'x')";
  const earlier = "delete from schema_migration where step > 0";

  test.concurrent.each`
    the            | screening  | asked          | says
    ${"half done"} | ${begun}   | ${"reconcile"} | ${`DATABASE_DIRTY: Migration newborn screening of screening was begun and not finished.\n${restore}`}
    ${"half done"} | ${begun}   | ${"migrate"}   | ${`DATABASE_DIRTY: Migration newborn screening of screening was begun and not finished.\n${restore}`}
    ${"ahead"}     | ${later}   | ${"migrate"}   | ${`DATABASE_AHEAD: The database of screening is at migration 3, and this release knows 2.\n${release}`}
    ${"behind"}    | ${earlier} | ${"serve"}     | ${`DATABASE_BEHIND: The database of screening is at migration 1 of 2.\n${migrate}`}
    ${"behind"}    | ${earlier} | ${"receive -"} | ${`DATABASE_BEHIND: The database of screening is at migration 1 of 2.\n${migrate}`}
  `("$the: $asked", async ({ screening, asked, says }) => {
    const environment = await migrated();
    change(environment, "screening", screening);
    expect(await chis(asked.split(" "), environment)).toEqual({ status: 1, stdout: "", stderr: says });
  });

  test.concurrent("one that was never made is behind until migrate has run", async () => {
    const environment = { DATA_DIR: folder() };
    const ended = await chis(["reconcile"], environment);
    const says = expect.stringMatching(/^DATABASE_BEHIND: The database of demographics is at migration 0 of \d\.\n/);
    expect(ended).toEqual({ status: 1, stdout: "", stderr: says });
    await chis(["migrate"], environment);
    expect(await chis(["reconcile"], environment)).toMatchObject({ status: 0, stdout: "Everything balances.\n" });
  });

  test.concurrent.each`
    setting                     | part
    ${"DATABASE_URL"}           | ${"demographics"}
    ${"SCREENING_DATABASE_URL"} | ${"screening"}
  `("one that is down, at $setting", async ({ setting, part }) => {
    const ended = await chis(["reconcile"], await migrated({ [setting]: CLOSED }));
    expect(ended).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `DATABASE_UNREACHABLE: The database of ${part} cannot be reached: ECONNREFUSED.\n` +
        `Check that it runs and that ${setting} is right.\n`,
    });
  });

  test.concurrent("a file that is no database", async () => {
    const environment = await migrated();
    const file = join(environment.DATA_DIR ?? "", "screening.sqlite");
    writeFileSync(file, "This was a database once.".repeat(1000));
    const fault = `SQLITE_NOTADB at ${file}`;
    expect(await chis(["reconcile"], environment)).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `DATABASE_UNREACHABLE: The database of screening cannot be reached: ${fault}.\n` +
        "Check that it runs and that DATA_DIR is right.\n",
    });
  });

  test.concurrent.each(["migrate", "token --role ANALYST", "demo --children 5"])(
    "a DATA_DIR that is no folder: %s",
    async (asked) => {
      const DATA_DIR = join(folder(), "file");
      writeFileSync(DATA_DIR, "");
      expect(await chis(asked.split(" "), { DATA_DIR })).toEqual({
        status: 1,
        stdout: "",
        stderr:
          `SETTING_INVALID: DATA_DIR must be a folder that can be written to, and ${DATA_DIR} is not (EEXIST).\n` +
          "Correct the setting in the environment.\n",
      });
    },
  );

  test.concurrent("synthesise into what is no folder", async () => {
    const out = join(folder(), "file");
    writeFileSync(out, "");
    expect(await chis(["synthesise", "--children", "3", "--seed", "1", "--out", out], {})).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `FILE_UNWRITABLE: ${out} cannot be written: ENOTDIR.\n` +
        "Check that its folder may be written to and has room, and run the command again.\n",
    });
  });
});

describe("A disk", () => {
  afterAll(() => {
    for (const path of mounted) execFileSync("umount", [path]);
  });

  test("that may only be read is refused", async () => {
    const { DATA_DIR = "" } = await migrated();
    const readable = readOnly(DATA_DIR);
    expect(await chis(["reconcile"], { DATA_DIR: readable })).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^SETTING_INVALID: DATA_DIR must be a folder that can be written to, and \S+ is not \((EROFS|EACCES)\)\.\n/,
      ),
    });
  });

  describe("that is full", () => {
    let extracts: string;
    let whole: Environment;
    beforeAll(async () => {
      extracts = join(await invented(400), "EAST_CHESHIRE");
      whole = await migrated();
      expect(await chis(load(), whole)).toMatchObject({ status: 0 });
    });
    const load = () => ["load", "--locality", "EAST_CHESHIRE", extracts];

    test.each([1, 2, 3])(
      "stops a load, which says which database has no room, and completes when there is: %s times the empty databases",
      async (times) => {
        const disk = await smallDisk(times);
        const ended = await chis(load(), disk.environment, { by: disk.by });
        expect(ended).toEqual({
          status: 1,
          stdout: "",
          stderr: expect.stringMatching(
            /^DISK_FULL: There is no room left to write the database of \w+\.\nMake room and run the command again; what was not committed is done then, nothing twice\.\n$/,
          ),
        });
        disk.makeRoom();
        expect(await chis(load(), disk.environment)).toMatchObject({ status: 0 });
        expect(record(disk.environment)).toEqual(record(whole));
        const lines = await results(["reconcile"], disk.environment);
        expect(lines.filter(({ balances }) => !balances)).toEqual([]);
      },
    );
  });
});

interface SmallDisk {
  readonly environment: Environment;
  /** What the command is to be run by, for the disk to be small. */
  readonly by?: readonly string[];
  makeRoom(): void;
}

/**
 * A folder that may not be written to, with what another holds. No mode of a folder stops an administrator: for one it is
 * a disk, or, in a container that may not mount any, the folder that such a one has read-only.
 */
function readOnly(path: string): string {
  if (process.getuid?.() !== 0) {
    chmodSync(path, 0o500);
    return path;
  }
  const disk = folder();
  try {
    mount(disk, "size=8m");
  } catch {
    return "/sys";
  }
  cpSync(path, disk, { recursive: true });
  mount(disk, "remount,ro");
  return disk;
}

const mounted = new Set<string>();

function mount(path: string, options: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "ignore" });
  mounted.add(path);
}

/**
 * A disk that is full soon after it holds the empty databases: a small file system in memory where it may be mounted,
 * which takes an administrator; elsewhere a limit on the size of every file.
 */
async function smallDisk(times: number): Promise<SmallDisk> {
  const { DATA_DIR = "", ...others } = await migrated();
  const path = folder();
  try {
    mount(path, "size=64m");
  } catch {
    const blocks = 250 * times;
    return {
      environment: { DATA_DIR, ...others },
      by: ["sh", "-c", `ulimit -f ${blocks}; trap '' XFSZ; exec "$0" "$@"`, process.execPath],
      makeRoom: () => undefined,
    };
  }
  cpSync(DATA_DIR, path, { recursive: true });
  mount(path, `remount,size=${700 * times}k`);
  return { environment: { DATA_DIR: path, ...others }, makeRoom: () => mount(path, "remount,size=64m") };
}

describe("A port", () => {
  test("that is in use is named, and what had begun to serve ends", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const PORT = String(typeof address === "object" ? address?.port : "");
    const says = `PORT_IN_USE: Port ${PORT} on 127.0.0.1 is in use.\nStop what uses it, or set PORT to another.\n`;
    const environment = await migrated({ PORT, PASSPORT_KEY: "k" });
    expect(await chis(["serve"], environment)).toEqual({ status: 1, stdout: "", stderr: says });
    expect(await chis(["serve", "screening"], environment)).toEqual({ status: 1, stdout: "", stderr: says });
    await new Promise((resolve) => other.close(resolve));
    const served = await serving(["serve"], environment);
    expect(await served.stop()).toBe(0);
  });

  test("of an address that is not this machine's is refused", async () => {
    const ended = await chis(["serve", "screening"], await migrated({ HOST: "192.0.2.1", PASSPORT_KEY: "k" }));
    expect(ended).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "SETTING_INVALID: HOST must be an address of this machine, and 192.0.2.1 is none.\n" +
        "Correct the setting in the environment.\n",
    });
  });
});
