/** The access log of the program as it runs: what is killed, what has no room, and what somebody did to it afterwards. */

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import {
  change,
  chis,
  type Environment,
  folder,
  invented,
  type Line,
  migrated,
  results,
  type Served,
  serving,
} from "./chis";

const RECORD = `query ($id: ID!) {
  childById(id: $id) { id name { full } newbornHearing { outcome } doses { vaccine } safeguarding { standing } } }`;

/** What one such request leaves in each part's log, about the child asked for. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  demographics: ["FIND_CHILD", "VIEW_IDENTITY"],
  screening: ["VIEW_SCREENING"],
  immunisations: ["VIEW_IMMUNISATIONS"],
  safeguarding: ["VIEW_SAFEGUARDING"],
};

let loaded: Environment;
let token: string;
let childIds: readonly string[];
beforeAll(async () => {
  const [environment, extracts] = await Promise.all([migrated({ PORT: "0" }), invented(60)]);
  loaded = environment;
  expect(await chis(["load", "--locality", "WIRRAL", join(extracts, "WIRRAL")], loaded)).toMatchObject({ status: 0 });
  const [line] = await results(["token", "--role", "CHILD_HEALTH_CLERK", "--locality", "WIRRAL"], loaded);
  token = String(line?.token);
  const whole = await serving(["serve"], loaded);
  const list = await asked(
    whole,
    "{ children(where: { localities: [WIRRAL] }, first: 40) { edges { node { id } } } }",
    {},
  );
  childIds = (list.answer?.data?.children?.edges ?? []).map(({ node }: Line) => String(node.id));
  expect(childIds.length).toBeGreaterThan(4);
  expect(await whole.stop()).toBe(0);
});

interface Asked {
  /** Null where the whole answer never came. */
  readonly traceId: string | null;
  readonly answer: Line | null;
}

async function asked({ urls }: Served, query: string, variables: object): Promise<Asked> {
  try {
    const response = await fetch(`${urls[0]}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return { traceId: response.headers.get("x-trace-id"), answer: (await response.json()) as Line };
  } catch {
    return { traceId: null, answer: null };
  }
}

/** Part → request → its entries about a child, as "action child". */
function entriesByRequest({ DATA_DIR }: Environment): Readonly<Record<string, ReadonlyMap<string, readonly string[]>>> {
  return Object.fromEntries(
    Object.keys(ACTIONS).map((part) => {
      const database = new Sqlite(join(DATA_DIR ?? "", `${part}.sqlite`), { readonly: true });
      const rows = database
        .prepare("select * from access_entry where child_id is not null order by sequence")
        .all() as Line[];
      database.close();
      const byRequest = new Map<string, string[]>();
      for (const { request_id, action, child_id } of rows) {
        byRequest.set(request_id, [...(byRequest.get(request_id) ?? []), `${action} ${child_id}`]);
      }
      return [part, byRequest];
    }),
  );
}

const WORKERS = 6;
/** How often it is killed: a few times here, more often where somebody asks for it. */
const KILLS = Number(process.env.KILLS ?? 3);

describe("Killed while it serves", () => {
  test("every answer that came has its entries, no more and no fewer, and the log is whole", async () => {
    const answered = new Map<string, string>();
    let unanswered = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      // What is under way at the kill is at a different place each time.
      const answers = 1 + ((kill * 17) % 61);
      const served = await serving(["serve"], loaded);
      let came = 0;
      let gone: Promise<number | null> | null = null;
      const worker = async (first: number) => {
        for (let n = first; gone === null; n += WORKERS) {
          const childId = childIds[n % childIds.length] ?? "";
          const { traceId, answer } = await asked(served, RECORD, { id: childId });
          if (traceId === null || answer === null) unanswered += 1;
          else {
            expect(answer).toMatchObject({ data: { childById: { id: childId } } });
            expect(answer.errors).toBeUndefined();
            answered.set(traceId, childId);
            came += 1;
            if (came === answers) gone = served.stop("SIGKILL");
          }
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, (_, at) => worker(at)));
      expect(await gone).toBeNull();
    }
    const entries = entriesByRequest(loaded);
    const others = new Set<string>();
    for (const [part, actions] of Object.entries(ACTIONS)) {
      for (const [traceId, childId] of answered) {
        expect([...(entries[part]?.get(traceId) ?? [])].sort()).toEqual(
          actions.map((action) => `${action} ${childId}`),
        );
      }
      for (const traceId of entries[part]?.keys() ?? []) if (!answered.has(traceId)) others.add(traceId);
    }
    // Entries of answers that did not come belong to requests that were under way.
    expect(others.size).toBeLessThanOrEqual(unanswered);
    expect(await chis(["audit", "verify"], loaded)).toMatchObject({ status: 0 });
  });
});

describe("Without room to write", () => {
  test("nothing is answered: no data leaves without its entries", async () => {
    const by = ["sh", "-c", `ulimit -f 400; trap '' XFSZ; exec "$0" "$@"`, process.execPath];
    const served = await serving(["serve"], loaded, 1, by);
    const shown = new Map<string, readonly string[]>();
    const codes = new Set<string>();
    for (let n = 0; n < 2_000 && codes.size === 0; n += 1) {
      const { traceId, answer } = await asked(served, RECORD, { id: childIds[n % childIds.length] });
      for (const { extensions } of answer?.errors ?? []) codes.add(extensions.code);
      const child = answer?.data?.childById ?? null;
      if (traceId === null || child === null) continue;
      const parts = { screening: child.newbornHearing, immunisations: child.doses, safeguarding: child.safeguarding };
      const told = Object.entries(parts).flatMap(([part, content]) => (content === null ? [] : [part]));
      shown.set(traceId, ["demographics", ...told]);
    }
    expect([...codes]).toEqual(["INTERNAL"]);
    await served.stop("SIGKILL");
    const entries = entriesByRequest(loaded);
    for (const [traceId, parts] of shown) {
      for (const part of parts) expect(entries[part]?.has(traceId)).toBe(true);
    }
    expect(await chis(["audit", "verify"], loaded)).toMatchObject({ status: 0 });
  });
});

describe("Proving the log", () => {
  const verify = async (...words: string[]) => {
    const { status, stdout } = await chis(["audit", "verify", ...words], loaded);
    return { status, lines: stdout.trimEnd().split("\n") };
  };
  /** Does something to a log that its triggers refuse. */
  const tamper = (part: string, ...sql: readonly string[]) => {
    const refused = ["access_entry", "access_checkpoint"].flatMap((table) => [
      `drop trigger if exists ${table}_refuses_update`,
      `drop trigger if exists ${table}_refuses_delete`,
    ]);
    change(loaded, part, [...refused, ...sql].join("; "));
  };
  const kept = () => join(loaded.DATA_DIR ?? "", "access-checkpoints.jsonl");

  test("a log that is served is signed, and each checkpoint is kept in a file", async () => {
    expect(await (await serving(["serve"], loaded)).stop()).toBe(0);
    const { status, lines } = await verify();
    expect(status).toBe(0);
    expect(lines.find((line) => line.startsWith("screening"))).toMatch(
      /^screening: \d+ entries, whole; signed to the last\.$/,
    );
    expect(readFileSync(kept(), "utf8").trimEnd().split("\n").length).toBeGreaterThan(4);
  });

  test("and can be proved elsewhere by the public key alone", async () => {
    const elsewhere = { ...loaded, DATA_DIR: folder() };
    const [key] = await results(["audit", "key"], loaded);
    const pem = join(folder(), "audit.pem");
    writeFileSync(pem, String(key?.pem));
    for (const part of ["screening"]) {
      const copy = new Sqlite(join(loaded.DATA_DIR ?? "", `${part}.sqlite`));
      await copy.backup(join(elsewhere.DATA_DIR, `${part}.sqlite`));
      copy.close();
    }
    expect(await chis(["audit", "verify", "screening"], elsewhere)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("is not signed by a key that is trusted"),
    });
    expect(await chis(["audit", "verify", "screening", "--key", pem], elsewhere)).toMatchObject({ status: 0 });
  });

  test("one child's entries are counted", async () => {
    const { status, lines } = await verify("immunisations", "--child", childIds[0] ?? "");
    expect(status).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^immunisations: \d+ entries, [1-9]\d* of them about the child, whole; /),
    ]);
  });

  test("a change is found, and the first entry that does not fit is named", async () => {
    tamper("screening", "update access_entry set name = 'Nobody' where sequence = 12");
    const { status, lines } = await verify("screening");
    expect(status).toBe(1);
    expect(lines).toEqual([
      "screening: entry 12 does not say what it said when it was written. The 11 entries before it stand.",
    ]);
  });

  test("a log cut off with its checkpoints is found by those that were kept elsewhere", async () => {
    tamper("safeguarding", "delete from access_entry where sequence > 30", "delete from access_checkpoint");
    const cut =
      "safeguarding: entry 31 and those after it are missing: a signed checkpoint shows that they were written.";
    expect((await verify("safeguarding")).lines[0]).toContain(cut);
    const elsewhere = join(folder(), "kept.jsonl");
    renameSync(kept(), elsewhere);
    expect((await verify("safeguarding")).status).toBe(0);
    expect((await verify("safeguarding", "--checkpoints", elsewhere)).lines[0]).toContain(cut);
    rmSync(elsewhere);
  });

  test.each`
    words                                        | says
    ${["audit"]}                                 | ${"ARGUMENT_MISSING: audit needs verify, checkpoint, key."}
    ${["audit", "prove"]}                        | ${"ARGUMENT_UNKNOWN: prove is not an argument of audit."}
    ${["audit", "verify", "letters"]}            | ${"ARGUMENT_UNKNOWN: letters is not an argument of audit."}
    ${["audit", "verify", "--key", "/no/where"]} | ${"FILE_UNREADABLE: /no/where cannot be read: ENOENT."}
  `("$words: $says", async ({ words, says }) => {
    const { status, stderr } = await chis(words, loaded);
    expect(status).toBe(1);
    expect(stderr.split("\n")[0]).toBe(says);
  });
});
