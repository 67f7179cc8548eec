import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MessageContent, writeMessage } from "../../ingest/fhir/write";
import { Problem } from "../../schema/errors";
import { demographics } from "../../subgraphs/demographics";
import { screening } from "../../subgraphs/screening";
import { eachDatabase } from "../databases";
import { ADA, BIRTH, CHANGE_OF_ADDRESS, CHANGE_OF_GP, DEATH, HEARING, testNumber } from "../fixtures/messages";
import { fileOf, inventedChild, lines, numberOf, type TestRoad, testRoad } from "../fixtures/road";

/** A header id of its own for each message of a test. */
function id(n: number): string {
  return `0f7c3a52-6f0e-4d6b-9c1d-${String(n).padStart(12, "0")}`;
}

const birth = { ...BIRTH, messageId: id(1) };
const address = { ...CHANGE_OF_ADDRESS, messageId: id(2) };
const gp = { ...CHANGE_OF_GP, messageId: id(3) };
const hearing = { ...HEARING, messageId: id(4) };
const death = { ...DEATH, messageId: id(5) };

const BEN = { ...ADA, nhsNumber: testNumber("999000517"), givenNames: ["Ben"], bornOn: "2026-02-04" };

eachDatabase((places) => {
  let road: TestRoad;
  beforeEach(async () => {
    road = await testRoad(places, [demographics, screening]);
  });
  afterEach(() => road.close());

  /** Takes messages together and says of each `event disposition reason`. */
  const take = async (...messages: readonly (MessageContent | string)[]) => {
    const arrivals = messages.map((message, n) => {
      const text = typeof message === "string" ? message : writeMessage(message);
      return { name: `${n}.xml`, headers: {}, bytes: Buffer.from(text) };
    });
    const results = await road.ingest.take(arrivals);
    return results.map(({ event, disposition, reason }) =>
      [event ?? "-", disposition, reason?.split(":")[0]].filter(Boolean).join(" "),
    );
  };
  const outcomes = () =>
    road.rows("screening", "select outcome, latest, withdrawn from newborn_hearing order by as_of");
  const dispositions = async () => {
    const rows = await road.rows("localities", "select disposition from message order by number");
    return rows.map(({ disposition }) => disposition);
  };
  const balanced = async () => (await road.ingest.reconcile(null)).flatMap((line) => line.faults);

  test("a birth makes a child known, and what comes after is about that child", async () => {
    expect(await take(birth, address, gp, hearing, death)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "pds-change-of-address-1 APPLIED",
      "pds-change-of-gp-1 APPLIED",
      "newborn-hearing-1 APPLIED",
      "pds-death-notification-1 APPLIED",
    ]);
    expect(await road.rows("demographics", "select count(*) as n from register")).toEqual([{ n: 1 }]);
    expect(await balanced()).toEqual([]);
  });

  test("each message is kept as it was sent, byte for byte", async () => {
    const text = `\uFEFF${writeMessage(birth)}\n`;
    await take(text);
    const [row] = await road.rows("localities", "select body from message_body");
    expect(Buffer.from(String(row?.body), "base64").toString("utf8")).toBe(text);
  });

  test("the same message again is dropped, however it is laid out", async () => {
    expect(await take(birth, writeMessage(birth).replace("<Bundle", "<Bundle "), birth)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "pds-birth-notification-1 DUPLICATE",
      "pds-birth-notification-1 DUPLICATE",
    ]);
    expect(await take(birth)).toEqual(["pds-birth-notification-1 DUPLICATE"]);
    expect(await balanced()).toEqual([]);
  });

  test("another message under the same id is processed, and flagged", async () => {
    await take(birth, hearing);
    const [result] = await road.ingest.take([
      {
        name: "again.xml",
        headers: {},
        bytes: Buffer.from(writeMessage({ ...address, messageId: hearing.messageId })),
      },
    ]);
    expect(result).toMatchObject({ disposition: "APPLIED" });
    expect(result?.warnings).toContain(`Message ${hearing.messageId} came before with other content.`);
  });

  test("a merge that a clerk decides leaves what became of messages as it was", async () => {
    const ben = { ...birth, messageId: id(8), baby: BEN };
    expect(await take(birth, birth, ben)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "pds-birth-notification-1 DUPLICATE",
      "pds-birth-notification-1 APPLIED",
    ]);
    await road.ingest.take([{ name: "none.xml", headers: {}, bytes: Buffer.from("<Bundle/>") }]);
    const stand = () => road.rows("localities", "select number, disposition from message order by number");
    const before = await stand();
    const [part, whole] = (await road.rows("localities", "select child_id from indexed_child order by child_id")).map(
      (row) => String(row.child_id),
    );
    for (let n = 0; n < before.length; n++) {
      await road.ingest.mergeChildren(part ?? "", n % 2 === 0 ? (whole ?? "") : null, {
        by: "clerk",
        note: "One child.",
      });
    }
    expect(await stand()).toEqual(before);
  });

  test("the result that was changed last stands, whichever came first", async () => {
    const later = { ...hearing, messageId: id(6), lastUpdated: "2026-03-03T10:00:00+00:00" };
    expect(await take(birth, later, hearing)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "newborn-hearing-1 APPLIED",
      "newborn-hearing-1 SUPERSEDED",
    ]);
    expect(await outcomes()).toMatchObject([{ latest: 0 }, { latest: 1 }]);
  });

  test("a result that was deleted does not come back when its older message arrives", async () => {
    const deleted = {
      ...hearing,
      messageId: id(7),
      messageType: "delete",
      minimal: true,
      lastUpdated: "2026-03-04T10:00:00+00:00",
    } as const;
    expect(await take(birth, deleted, hearing)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "newborn-hearing-1 APPLIED",
      "newborn-hearing-1 SUPERSEDED",
    ]);
    expect(await outcomes()).toMatchObject([
      { latest: 0, withdrawn: 0 },
      { latest: 1, withdrawn: 1 },
    ]);
    expect(await balanced()).toEqual([]);
  });

  test("what comes before the child is known waits, and is applied when the birth is told", async () => {
    const later = { ...hearing, messageId: id(6), lastUpdated: "2026-03-03T10:00:00+00:00" };
    expect(await take(later, hearing)).toEqual([
      "newborn-hearing-1 QUARANTINED ORPHAN",
      "newborn-hearing-1 QUARANTINED ORPHAN",
    ]);
    expect(await outcomes()).toEqual([]);
    await take(birth);
    expect(await outcomes()).toMatchObject([{ latest: 0 }, { latest: 1 }]);
    const items = await road.rows("localities", "select decision, open from quarantine_item");
    expect(items).toEqual([
      { decision: "APPLIED", open: 0 },
      { decision: "APPLIED", open: 0 },
    ]);
    expect(await balanced()).toEqual([]);
  });

  test("or when a locality's child index tells of the child", async () => {
    await take(hearing);
    const child = inventedChild(1, {
      nhsNumber: ADA.nhsNumber,
      familyName: ADA.familyName,
      givenNames: "Ada Mary",
      bornOn: ADA.bornOn,
      addressFrom: ADA.bornOn,
      practiceFrom: ADA.bornOn,
      residenceFrom: ADA.bornOn,
      amendedAt: "2026-03-01T00:00:00.000000000Z",
    });
    const file = fileOf(road.folder, "EAST_CHESHIRE", "CHILDREN", lines("EAST_CHESHIRE", "CHILDREN", [child]));
    await road.ingest.load({ locality: "EAST_CHESHIRE", paths: [file] });
    expect(await outcomes()).toMatchObject([{ latest: 1 }]);
    // And the birth notification that comes last of all finds the child that is there.
    expect(await take(birth)).toEqual(["pds-birth-notification-1 APPLIED"]);
    expect(await road.rows("demographics", "select count(*) as n from register")).toEqual([{ n: 1 }]);
    expect(await balanced()).toEqual([]);
  });

  test("a message with another date of birth than the one held is held for review", async () => {
    await take(birth);
    const other = { ...hearing, child: { ...ADA, bornOn: "2026-02-04" } };
    expect(await take(other)).toEqual(["newborn-hearing-1 QUARANTINED BIRTH_DATE_DIFFERS"]);
    expect(await outcomes()).toEqual([]);
  });

  test("a screening record that belongs to one child is not given to another", async () => {
    const bens = { ...hearing, messageId: id(8), child: BEN };
    expect(await take(birth, { ...birth, messageId: id(9), baby: BEN }, hearing, bens)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "pds-birth-notification-1 APPLIED",
      "newborn-hearing-1 APPLIED",
      "newborn-hearing-1 QUARANTINED IDENTITY_MISMATCH",
    ]);
    expect(await outcomes()).toHaveLength(1);
    expect(await balanced()).toEqual([]);
  });

  test("two messages of one time that contradict each other are held for review", async () => {
    const removed = {
      ...death,
      messageId: id(10),
      death: { status: "REMOVED", diedAt: null, effectiveFrom: "2026-03-01" },
    } as const;
    expect(await take(birth, death, removed)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "pds-death-notification-1 APPLIED",
      "pds-death-notification-1 QUARANTINED VERSION_CONFLICT",
    ]);
    expect(await balanced()).toEqual([]);
  });

  test("what cannot be read is kept, with its reasons, and is counted", async () => {
    expect(await take("this is no message", birth)).toEqual([
      "- QUARANTINED MESSAGE_MALFORMED",
      "pds-birth-notification-1 APPLIED",
    ]);
    const lines = (await road.ingest.reconcile(null)).filter((line) => "file" in line);
    expect(lines.map(({ kind, rowsRead, rowsQuarantined }) => `${kind} ${rowsRead} ${rowsQuarantined}`)).toEqual([
      "unidentified 1 1",
      "pds-birth-notification-1 1 0",
    ]);
    expect(await balanced()).toEqual([]);
  });

  test("messages come from files and folders, MESH data with its control file", async () => {
    const folder = join(road.folder, "messages");
    mkdirSync(folder);
    writeFileSync(join(folder, "1.xml"), writeMessage(birth));
    writeFileSync(join(folder, "2.dat"), writeMessage(hearing));
    const control =
      "<DTSControl><Version>1.0</Version><WorkflowId>CHANGEOFGP_1</WorkflowId><StatusRecord><Event>TRANSFER</Event></StatusRecord></DTSControl>";
    writeFileSync(join(folder, "2.ctl"), control);
    writeFileSync(join(folder, "README.txt"), "Not a message.");
    const results: string[] = [];
    for await (const { file, disposition, reason } of road.ingest.receive([folder])) {
      results.push(`${file} ${disposition} ${reason ?? ""}`.trim());
    }
    expect(results).toEqual([
      "1.xml APPLIED",
      "2.dat QUARANTINED WORKFLOW_MISMATCH: MESH workflow CHANGEOFGP_1 does not carry newborn-hearing-1 messages. Tell the sender.",
    ]);
    expect(await road.rows("localities", "select headers from message order by number", { headers: "json" })).toEqual([
      { headers: {} },
      { headers: { "mex-workflowid": "CHANGEOFGP_1", "mex-statusevent": "TRANSFER" } },
    ]);
  });

  describe("a message that was refused, sent again with the same id and content", () => {
    const arrival = (message: MessageContent, workflow: string) => ({
      name: "again.xml",
      headers: { "mex-workflowid": workflow },
      bytes: Buffer.from(writeMessage(message)),
    });
    const say = async (...arrivals: readonly ReturnType<typeof arrival>[]) =>
      (await road.ingest.take(arrivals)).map(({ disposition, reason }) =>
        [disposition, reason?.split(":")[0]].filter(Boolean).join(" "),
      );
    const items = () =>
      road.rows("localities", "select open, decision, reason_codes from quarantine_item order by row");

    test("is applied where it now comes by the right workflow, in place of the one in quarantine", async () => {
      const [wrong, right] = [arrival(birth, "CHANGEOFGP_1"), arrival(birth, "BIRTHNOTIFICATION_1")];
      expect(await say(wrong)).toEqual(["QUARANTINED WORKFLOW_MISMATCH"]);
      expect(await say(right)).toEqual(["APPLIED"]);
      expect(await items()).toEqual([{ open: 0, decision: "CORRECTED", reason_codes: "|WORKFLOW_MISMATCH|" }]);
      expect(await say(wrong, right)).toEqual(["DUPLICATE", "DUPLICATE"]);
      expect(await balanced()).toEqual([]);
    });

    test("also where both come together", async () => {
      const [wrong, right] = [arrival(birth, "CHANGEOFGP_1"), arrival(birth, "BIRTHNOTIFICATION_1")];
      expect(await say(wrong, wrong, right)).toEqual(["DUPLICATE", "DUPLICATE", "APPLIED"]);
      expect(await items()).toMatchObject([{ open: 0, decision: "CORRECTED" }]);
      expect(await balanced()).toEqual([]);
    });

    test("is dropped where it is refused for the same reason: it lies there once, and is applied once", async () => {
      const waiting = arrival(hearing, "NEWBORNHEARING_1");
      expect(await say(waiting, waiting)).toEqual(["QUARANTINED ORPHAN", "DUPLICATE"]);
      expect(await say(waiting, arrival(hearing, "CHANGEOFGP_1"))).toEqual(["DUPLICATE", "DUPLICATE"]);
      expect(await items()).toMatchObject([{ open: 1 }]);
      expect(await say(arrival(birth, "BIRTHNOTIFICATION_1"), waiting)).toEqual(["APPLIED", "APPLIED"]);
      expect(await items()).toMatchObject([{ open: 0 }]);
      expect(await outcomes()).toHaveLength(1);
      expect(await balanced()).toEqual([]);
    });

    test("waits in place of one that was refused for how it came", async () => {
      expect(await say(arrival(hearing, "CHANGEOFGP_1"))).toEqual(["QUARANTINED WORKFLOW_MISMATCH"]);
      expect(await say(arrival(hearing, "NEWBORNHEARING_1"))).toEqual(["QUARANTINED ORPHAN"]);
      expect(await items()).toMatchObject([
        { open: 0, decision: "CORRECTED" },
        { open: 1, reason_codes: "|ORPHAN|" },
      ]);
      expect(await take(birth)).toEqual(["pds-birth-notification-1 APPLIED"]);
      expect(await outcomes()).toHaveLength(1);
      expect(await balanced()).toEqual([]);
    });

    test("is dropped where a person has dismissed it", async () => {
      const wrong = arrival(birth, "CHANGEOFGP_1");
      await say(wrong);
      const [item] = await road.rows("localities", "select id from quarantine_item");
      await road.ingest.resolve({
        id: String(item?.id),
        decision: "DISMISS",
        childId: null,
        note: "Not ours.",
        by: "clerk",
      });
      expect(await say(arrival(birth, "BIRTHNOTIFICATION_1"))).toEqual(["DUPLICATE"]);
      expect(await balanced()).toEqual([]);
    });
  });

  test("two processes that take the same messages and drain one outbox at once apply each once", async () => {
    const babies = Array.from({ length: 12 }, (_, n) => ({
      ...ADA,
      nhsNumber: numberOf(n),
      familyName: `Example${String.fromCharCode(97 + n)}`,
    }));
    const births = babies.map((baby, n) => ({ ...birth, messageId: id(100 + n), baby }));
    const moves = babies.map((child, n) => ({ ...gp, messageId: id(200 + n), child }));
    const results = babies.map((child, n) => {
      return { ...hearing, messageId: id(300 + n), child, encounter: { ...hearing.encounter, value: `E-${n}` } };
    });
    const other = await road.anotherProcess();
    const arrivals = [...results, ...moves, ...births].map((message, n) => {
      return { name: `${n}.xml`, headers: {}, bytes: Buffer.from(writeMessage(message)) };
    });
    // The same messages by both, one after the other's half: each drains and takes what the other has begun.
    const halves = [arrivals.slice(0, 18), arrivals.slice(18)];
    await Promise.all([
      road.ingest.take(arrivals),
      other.take(arrivals),
      ...halves.flatMap((half) => [road.ingest.take(half), other.take(half), other.deliver(), road.ingest.deliver()]),
    ]);
    await road.ingest.deliver();
    const [held] = await road.rows("screening", "select count(*) as n from newborn_hearing");
    expect(Number(held?.n)).toBe(12);
    const dispositions = await road.rows(
      "localities",
      "select disposition, count(*) as n from message group by disposition",
    );
    const counted = Object.fromEntries(dispositions.map(({ disposition, n }) => [disposition, Number(n)]));
    expect(counted.APPLIED).toBe(36);
    expect((counted.DUPLICATE ?? 0) + 36).toBe(4 * 36);
    expect(await balanced()).toEqual([]);
  });

  test("a message that was kept when we were stopped is taken up by the next run", async () => {
    await road.change("localities", "alter table load rename to gone");
    await expect(take(birth, hearing)).rejects.toHaveProperty("message");
    await road.change("localities", "alter table gone rename to load");
    expect(await dispositions()).toEqual(["KEPT", "KEPT"]);
    await take();
    expect(await dispositions()).toEqual(["APPLIED", "APPLIED"]);
    expect(await balanced()).toEqual([]);
  });

  test("a number that is given twice, since a power cut took the end of the books and not of a part, is no repeat", async () => {
    await take(birth);
    await road.change("localities", "delete from despatch");
    expect(await take({ ...birth, messageId: id(9), baby: BEN })).toEqual(["pds-birth-notification-1 APPLIED"]);
    const [held] = await road.rows("demographics", "select count(*) as n from birth");
    expect(Number(held?.n)).toBe(2);
  });

  describe("what a part missed while it was down", () => {
    const down = async (work: () => Promise<unknown>): Promise<void> => {
      const part = road.parts.get("screening");
      const deliver = part?.deliver;
      if (!part || !deliver) throw new Error("There is no such part.");
      Object.assign(part, {
        deliver: () => Promise.reject(new Problem("SOURCE_UNAVAILABLE", { source: "screening" })),
      });
      await expect(work()).rejects.toThrow(/screening/);
      Object.assign(part, { deliver });
    };

    test("is delivered by the next run, with all that was taken beside it", async () => {
      await down(() => take(birth, hearing));
      expect(await dispositions()).toEqual(["SENT", "SENT"]);
      await take();
      expect(await dispositions()).toEqual(["APPLIED", "APPLIED"]);
      expect(await balanced()).toEqual([]);
    });

    test("is delivered where the books are served, though nothing more comes", async () => {
      await down(() => take(birth, hearing));
      const books = await road.books();
      await books.settle();
      expect(await dispositions()).toEqual(["SENT", "SENT"]); // somebody may be about to deliver them
      await road.change("localities", "update despatch set at = '2026-03-20T09:58:00.000000000Z'");
      await books.settle();
      expect(await dispositions()).toEqual(["APPLIED", "APPLIED"]);
      expect(await balanced()).toEqual([]);
    });
  });
});
