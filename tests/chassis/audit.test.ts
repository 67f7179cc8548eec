/** The access log by itself: what is written, in what order, and that whatever is done to it afterwards is found. */

import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { type Access, type AccessLog, accessLogOf } from "../../chassis/audit";
import { type Checkpoint, checkpointsOf, isSigned, type Signer, signerOf } from "../../chassis/checkpoints";
import { type Database, openDatabase } from "../../chassis/database";
import { migrationsOf } from "../../chassis/subgraph";
import { verifyLog } from "../../chassis/verify";
import { DEFINITIONS } from "../../main";
import type { Viewer } from "../../schema/access";
import { eachDatabase } from "../databases";
import { LogKeeper, tamperings } from "../fixtures/tampering";

const NURSE: Viewer = {
  subject: "nurse-1",
  name: "Jo Example",
  role: "SCHOOL_NURSE",
  organisation: "RY7",
  localities: ["WIRRAL"],
  scopes: [],
};

const access = (childId: string | null, more: Partial<Access> = {}): Access => {
  return { action: "VIEW_IMMUNISATIONS", childId, decision: "SHOWN", reason: null, terms: null, hits: null, ...more };
};

export function newSigner(): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  return signerOf(privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"));
}

let logs = 0;

/** In how many ways the log is tampered with: a few here, ten thousand where somebody asks for them. */
const TAMPERINGS = Number(process.env.TAMPERINGS ?? 40);

eachDatabase((places) => {
  const open: Database[] = [];
  afterAll(() => Promise.all(open.map((database) => database.close())));

  /** An empty log, at an instant that a test may move. */
  async function newLog() {
    logs += 1;
    const place = places(`audit_${logs}`);
    const opened = async () => {
      const database = await openDatabase("screening", place);
      open.push(database);
      return database;
    };
    const database = await opened();
    const [definition] = DEFINITIONS;
    if (definition === undefined) throw new Error("There is no subgraph.");
    await database.migrate(migrationsOf(definition).slice(0, 1));
    const clock = { now: Date.parse("2026-06-01T10:00:00Z") };
    const log = accessLogOf(database, () => clock.now);
    return { database, opened, clock, log, keeper: new LogKeeper(database) };
  }

  const write = (log: AccessLog, requestId: string, ...accesses: Access[]) =>
    log.append({ viewer: NURSE, requestId, accesses });

  describe("Writing", () => {
    test("requests that end together are numbered in their order, without a gap", async () => {
      const { log, keeper } = await newLog();
      await Promise.all([
        write(log, "one", access("ada"), access("ben")),
        write(log, "two", access("ada")),
        write(log, "nothing"),
      ]);
      await write(log, "three", access(null, { action: "FIND_CHILD", terms: '{"name":"Ada"}', hits: 2 }));
      const rows = await keeper.rows();
      expect(rows.map(({ sequence, requestId, childId, hits }) => [sequence, requestId, childId, hits])).toEqual([
        [1, "one", "ada", null],
        [2, "one", "ben", null],
        [3, "two", "ada", null],
        [4, "three", null, 2],
      ]);
    });

    test("several processes write one log", async () => {
      const { log, opened, database, keeper } = await newLog();
      const other = accessLogOf(await opened(), () => Date.parse("2026-06-01T10:00:01Z"));
      const requests = Array.from({ length: 40 }, (_, at) =>
        write(at % 2 ? log : other, `r${at}`, access("ada"), access("ben")),
      );
      await Promise.all(requests);
      expect(await verifyLog(database, { keys: [], kept: [], childIds: null })).toMatchObject({
        entries: 80,
        fault: null,
      });
      // However their clocks differ, time does not run back.
      const times = (await keeper.rows()).map(({ at }) => String(at));
      expect(times).toEqual([...times].sort());
    });

    test.each`
      what                      | given                 | kept
      ${"a control character"}  | ${"Jo\u001f=Example"} | ${"Jo =Example"}
      ${"a null character"}     | ${"Jo\u0000Example"}  | ${"Jo Example"}
      ${"half a pair"}          | ${"Jo \ud83d"}        | ${"Jo \ufffd"}
      ${"another alphabet"}     | ${"Jó Ægir 🙂"}       | ${"Jó Ægir 🙂"}
      ${"far too many letters"} | ${"J".repeat(5_000)}  | ${"J".repeat(200)}
    `("whatever a name holds, the log can be written and proved: $what", async ({ given, kept }) => {
      const { log, database, keeper } = await newLog();
      await log.append({ viewer: { ...NURSE, name: given, app: given }, requestId: given, accesses: [access(given)] });
      expect((await keeper.rows())[0]).toMatchObject({ name: kept, app: kept, requestId: kept, childId: kept });
      expect(await verifyLog(database, { keys: [], kept: [], childIds: null })).toMatchObject({
        entries: 1,
        fault: null,
      });
    });

    test("neither a change nor a deletion is let through", async () => {
      const { log, database } = await newLog();
      await write(log, "one", access("ada"));
      for (const sql of ["update access_entry set name = 'Nobody'", "delete from access_entry"]) {
        const change = database.write((transaction) => transaction.run(database.statement(({ raw }) => raw(sql))));
        // By its words: an error of the driver may be of the class of another test file.
        await expect(change).rejects.toMatchObject({
          message: expect.stringContaining("access_entry is only added to"),
        });
      }
    });

    test("what cannot be written is told, and what comes after it is written again", async () => {
      const { log, keeper } = await newLog();
      await write(log, "one", access("ada"));
      await keeper.run("alter table access_entry rename to elsewhere");
      await expect(write(log, "two", access("ada"))).rejects.toHaveProperty("message");
      await keeper.run("alter table elsewhere rename to access_entry");
      await write(log, "three", access("ada"));
      expect((await keeper.rows()).map(({ requestId }) => requestId)).toEqual(["one", "three"]);
    });
  });

  describe("Reading", () => {
    test("what was done about some children, newest first, a page at a time", async () => {
      const { log } = await newLog();
      for (const n of [1, 2, 3]) await write(log, `r${n}`, access("ada"), access("ben"), access("cleo"));
      const page = async (before: number | null) =>
        (await log.about(["ada", "cleo"], before, 4)).map(({ sequence, childId }) => `${sequence} ${childId}`);
      expect(await page(null)).toEqual(["9 cleo", "7 ada", "6 cleo", "4 ada"]);
      expect(await page(4)).toEqual(["3 cleo", "1 ada"]);
    });

    test("wherever they stand in a long log, also before a place in it", async () => {
      const { log } = await newLog();
      for (let n = 0; n < 6; n++) {
        await write(log, `r${n}`, ...Array.from({ length: 1_000 }, (_, at) => access(at === 7 ? "zoe" : `c${at}`)));
      }
      const places = async (before: number | null, limit: number) =>
        (await log.about(["zoe", "nobody"], before, limit)).map(({ sequence }) => sequence);
      expect(await places(null, 10)).toEqual([5_008, 4_008, 3_008, 2_008, 1_008, 8]);
      expect(await places(null, 2)).toEqual([5_008, 4_008]);
      expect(await places(4_008, 2)).toEqual([3_008, 2_008]);
      expect(await places(8, 2)).toEqual([]);
    });

    test("an empty log holds nothing about anybody", async () => {
      expect(await (await newLog()).log.about(["ada"], null, 5)).toEqual([]);
    });
  });

  describe("Proving", () => {
    /** A log of several requests, signed in the middle and at its end. */
    async function signedLog() {
      const made = await newLog();
      const signer = newSigner();
      const kept: Checkpoint[] = [];
      const checkpoints = checkpointsOf(made.database);
      for (let n = 1; n <= 10; n++) {
        made.clock.now += 1_000;
        await write(
          made.log,
          `r${n}`,
          access("ada"),
          access("ben", { decision: "REFUSED" }),
          access(null, { hits: n }),
        );
        if (n % 5 === 0)
          await checkpoints.sign({ signer, keep: (each) => kept.push(each) }, `2026-06-01T10:00:${10 + n}.000000000Z`);
      }
      const verify = () => verifyLog(made.database, { keys: [signer.publicKey], kept, childIds: ["ben"] });
      return { ...made, signer, kept, verify };
    }

    test("a log that nobody touched is whole, and signed to its end", async () => {
      const { verify, kept, signer } = await signedLog();
      expect(await verify()).toEqual({ part: "screening", entries: 30, aboutChild: 10, signedTo: 30, fault: null });
      expect(kept.map(({ sequence }) => sequence)).toEqual([15, 30]);
      expect(kept.every((each) => isSigned(each, [signer.publicKey]))).toBe(true);
      expect(kept.some((each) => isSigned(each, [newSigner().publicKey]))).toBe(false);
    });

    test.each`
      done                                                                       | found
      ${"update access_entry set name = 'Nobody' where sequence = 7"}            | ${"CHANGED 7"}
      ${"update access_entry set child_id = null where sequence = 7"}            | ${"CHANGED 7"}
      ${"update access_entry set organisation = '' where sequence = 30"}         | ${"CHANGED 30"}
      ${"update access_entry set previous = hash where sequence = 7"}            | ${"CHANGED 7"}
      ${"update access_entry set hash = previous where sequence = 7"}            | ${"CHANGED 7"}
      ${"delete from access_entry where sequence = 7"}                           | ${"MISSING 7"}
      ${"delete from access_entry where sequence = 1"}                           | ${"MISSING 1"}
      ${"delete from access_entry where sequence > 20"}                          | ${"CUT 21"}
      ${"delete from access_entry"}                                              | ${"CUT 1"}
      ${"update access_entry set sequence = sequence + 1000 where sequence > 6"} | ${"MISSING 7"}
      ${"update access_checkpoint set hash = 'x' where sequence = 15"}           | ${"CHECKPOINT_FORGED 15"}
      ${"update access_checkpoint set sequence = 31 where sequence = 30"}        | ${"CHECKPOINT_FORGED 31"}
    `("$done: $found", async ({ done, found }) => {
      const { keeper, verify } = await signedLog();
      await keeper.unguarded(done);
      const { fault } = await verify();
      expect(`${fault?.kind} ${fault?.sequence}`).toBe(found);
    });

    test("an entry that was given a new hash is named, not the one after it", async () => {
      const { keeper, verify } = await signedLog();
      await keeper.rewrite(7, 7, { name: "Nobody" });
      expect((await verify()).fault).toEqual({ kind: "REPLACED", sequence: 7 });
    });

    test("a log that was rewritten to its end does not fit what was signed of it", async () => {
      const { keeper, verify } = await signedLog();
      await keeper.rewrite(17, 30, { name: "Nobody" });
      expect((await verify()).fault).toEqual({ kind: "REWRITTEN", sequence: 16 });
    });

    test("nor does one that was cut with its checkpoints: the kept ones tell", async () => {
      const { keeper, verify, kept } = await signedLog();
      await keeper.unguarded("delete from access_entry where sequence > 15");
      await keeper.unguarded("delete from access_checkpoint where sequence > 15");
      expect((await verify()).fault).toEqual({ kind: "CUT", sequence: 16 });
      kept.length = 0;
      expect((await verify()).fault).toBeNull();
    });

    test("any tampering is found", async () => {
      const { keeper, verify } = await signedLog();
      const rows = await keeper.rows();
      await fc.assert(
        fc.asyncProperty(tamperings(rows.length), async (tampering) => {
          await keeper.replaceAll(rows, tampering);
          const { fault } = await verify();
          expect(fault).not.toBeNull();
          if (tampering.first !== null) expect(fault?.sequence).toBe(tampering.first);
        }),
        { numRuns: TAMPERINGS },
      );
      await keeper.replaceAll(rows, null);
      expect((await verify()).fault).toBeNull();
    });
  });
});
