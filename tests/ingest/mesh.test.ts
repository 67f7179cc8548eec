/** The mailbox and who collects from it, over a mailbox of our own that answers as MESH does. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Asked, type LoopbackMesh, loopbackMesh } from "../../bench/loopback-mesh";
import type { Collector, Mailbox } from "../../ingest";
import { collectAlways, pauseMilliseconds } from "../../ingest/collect";
import { writeMessage } from "../../ingest/fhir/write";
import { tokensOf } from "../../ingest/mesh";
import { Problem } from "../../schema/errors";
import { demographics } from "../../subgraphs/demographics";
import { screening } from "../../subgraphs/screening";
import { eachDatabase } from "../databases";
import { BIRTH, HEARING } from "../fixtures/messages";
import { type TestRoad, testRoad } from "../fixtures/road";

const pem = (name: string) => readFileSync(join(__dirname, "..", "fixtures", "certificates", name), "utf8");
const SERVER = { cert: pem("server.pem"), key: pem("server.key"), ca: pem("ca.pem") };
const CLIENT = { cert: pem("client.pem"), key: pem("client.key"), ca: pem("ca.pem") };

const birth = writeMessage({ ...BIRTH, messageId: "0f7c3a52-6f0e-4d6b-9c1d-000000000101" });
const hearing = writeMessage({ ...HEARING, messageId: "0f7c3a52-6f0e-4d6b-9c1d-000000000102" });
const WORKFLOW = {
  birth: { "Mex-WorkflowID": "BIRTHNOTIFICATION_1" },
  hearing: { "Mex-WorkflowID": "NEWBORNHEARING_1" },
};

const MEGABYTE = 1_000_000;

/** A hearing message of so many bytes, most of them comment. */
function hearingOf(bytes: number, messageId: string): string {
  const content = { ...HEARING, messageId, comment: "a" };
  const padding = bytes - writeMessage(content).length;
  return writeMessage({ ...content, comment: "a".repeat(padding + 1) });
}

function boxOf({ url, mailbox, password, sharedKey }: LoopbackMesh, tls: Mailbox["tls"] = null): Mailbox {
  return { url, mailbox, password, sharedKey, tls };
}

const isAcknowledgement = ({ method }: Asked) => method === "PUT";
const isDownload = ({ method, path }: Asked) => method === "GET" && path.startsWith("/inbox/");

test("each request proves who asks: mailbox, nonce, count and minute, under the shared key", () => {
  const box = { url: "", mailbox: "X26HC005", password: "secret", sharedKey: "Banana", tls: null };
  const token = tokensOf(box, () => Date.parse("2020-06-04T17:18:59Z"));
  const [first, second] = [token(), token()];
  expect(first).toMatch(/^NHSMESH X26HC005:[0-9a-f-]{36}:0:202006041718:[0-9a-f]{64}$/);
  expect(second.split(":").slice(1, 4)).toEqual([first.split(":")[1], "1", "202006041718"]);
  expect(second).not.toBe(first);
});

test.each`
  failures | least      | most
  ${1}     | ${500}     | ${1_000}
  ${2}     | ${1_000}   | ${2_000}
  ${5}     | ${8_000}   | ${16_000}
  ${40}    | ${450_000} | ${900_000}
`("after $failures failures in a row it rests from $least to $most ms", (row) => {
  expect(pauseMilliseconds(row.failures, () => 0)).toBe(row.least);
  expect(pauseMilliseconds(row.failures, () => 1)).toBe(row.most);
});

eachDatabase((places) => {
  let road: TestRoad;
  let mesh: LoopbackMesh;
  const collectors: Collector[] = [];
  beforeEach(async () => {
    road = await testRoad(places, [demographics, screening]);
    mesh = await loopbackMesh();
  });
  afterEach(async () => {
    for (const collector of collectors.splice(0)) await collector.close();
    await mesh.close();
    await road.close();
  });

  const collecting = (box = boxOf(mesh), as: Parameters<TestRoad["ingest"]["collector"]>[1] = {}) => {
    const collector = road.ingest.collector(box, as);
    collectors.push(collector);
    return collector;
  };
  /** One round: what became of each message, then what stayed undone, by code. */
  const round = async (collector: Collector): Promise<readonly string[]> => {
    const said: string[] = [];
    const { problems } = await collector.round({
      taken: (results) => said.push(...results.map(({ event, disposition }) => `${event ?? "-"} ${disposition}`)),
    });
    return [...said, ...problems.map(({ code }) => code)];
  };
  const failed = async (collector: Collector) => {
    try {
      return await round(collector);
    } catch (fault) {
      return fault instanceof Problem ? `${fault.code}: ${fault.message}` : fault;
    }
  };
  const kept = () => road.rows("localities", "select name, disposition from message order by number");
  const balanced = async () => (await road.ingest.reconcile(null)).flatMap((line) => line.faults);

  test("what lies there is kept with its headers, acknowledged and applied, a birth before what follows it", async () => {
    mesh.put({ body: hearing, headers: { ...WORKFLOW.hearing, "Mex-PartnerID": "sub-1|tag~~~sub-2|tag" } });
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    expect(await round(collecting())).toEqual(["newborn-hearing-1 APPLIED", "pds-birth-notification-1 APPLIED"]);
    expect(mesh.waiting()).toBe(0);
    const rows = await road.rows("localities", "select headers from message order by number", { headers: "json" });
    expect(rows[0]?.headers).toMatchObject({
      "mex-messagetype": "DATA",
      "mex-statusevent": "TRANSFER",
      "mex-statussuccess": "SUCCESS",
      "mex-workflowid": "NEWBORNHEARING_1",
      "mex-partnerid": "sub-1|tag~~~sub-2|tag",
      "mex-messageid": mesh.acknowledged[0],
    });
    expect(await balanced()).toEqual([]);
  });

  test("asked every five minutes, it is asked again a second after something lay in it", async () => {
    const stop = new AbortController();
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    const kept: number[] = [];
    await collectAlways(collecting(), {
      everySeconds: 300,
      signal: stop.signal,
      report: {
        taken: () => undefined,
        failed: (fault) => stop.abort(fault),
        ended(round) {
          kept.push(round.kept);
          if (kept.length === 1) mesh.put({ body: hearing, headers: WORKFLOW.hearing });
          else stop.abort();
        },
      },
    });
    expect(kept).toEqual([1, 1]);
  });

  test("who it is, is said once a day; the list is asked for until nothing on it is new", async () => {
    let now = Date.now();
    const collector = collecting(boxOf(mesh), { now: () => now });
    await round(collector);
    await round(collector);
    now += 25 * 60 * 60 * 1_000;
    await failed(collector); // a day later by our clock alone: MESH does not accept the token
    expect(mesh.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /", "GET /inbox", "GET /inbox"]);
  });

  test("what came before its child is applied in the round that brings the birth, and what takes it back with it", async () => {
    const collector = collecting();
    const taken = writeMessage({
      ...HEARING,
      messageType: "delete",
      minimal: true,
      messageId: "0f7c3a52-6f0e-4d6b-9c1d-000000000103",
    });
    mesh.put({ body: taken, headers: WORKFLOW.hearing });
    mesh.put({ body: hearing, headers: WORKFLOW.hearing });
    expect(await round(collector)).toEqual(["newborn-hearing-1 QUARANTINED", "newborn-hearing-1 QUARANTINED"]);
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    expect(await round(collector)).toEqual(["pds-birth-notification-1 APPLIED"]);
    expect(await road.rows("localities", "select item from waiting")).toEqual([]);
    expect(await balanced()).toEqual([]);
  });

  test("a list of several pages is read to its end", async () => {
    const paged = await loopbackMesh({ page: 10 });
    const many = Array.from({ length: 34 }, (_, n) => paged.put({ id: `M${n}`, body: birth, headers: WORKFLOW.birth }));
    // The first page is left there whole: what stands behind it is reached by the page's link.
    paged.goWrong(({ path }) => (many.slice(0, 10).some((id) => path === `/inbox/${id}`) ? { status: 410 } : null));
    expect(await round(collecting(boxOf(paged)))).toHaveLength(24);
    expect(paged.waiting()).toBe(10);
    await paged.close();
  });

  test.each`
    leadsTo
    ${"/messageexchange/X26HC001/inbox?continue_from=here"}
    ${"https://elsewhere.example/messageexchange/X26HC001/inbox"}
    ${"//elsewhere.example/messageexchange/X26HC001/inbox"}
    ${"/messageexchange/ANOTHER/inbox"}
    ${"not a link at all"}
  `("a list that leads to $leadsTo on every page ends", async ({ leadsTo }) => {
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    mesh.goWrong(({ path }) => (path === "/inbox" ? { next: leadsTo } : null));
    expect(await round(collecting())).toEqual(["pds-birth-notification-1 APPLIED"]);
    expect(mesh.asked.filter(({ path }) => path === "/inbox").length).toBeLessThan(5);
  });

  test("a message in parts, each compressed, is put together", async () => {
    const bytes = Buffer.from(birth);
    const body = [bytes.subarray(0, 1_000), bytes.subarray(1_000, 1_500), bytes.subarray(1_500)];
    mesh.put({ body, gzip: true, headers: WORKFLOW.birth });
    expect(await round(collecting())).toEqual(["pds-birth-notification-1 APPLIED"]);
    const [row] = await road.rows("localities", "select body from message_body");
    expect(Buffer.from(String(row?.body), "base64").toString()).toBe(birth);
  });

  test.each`
    what                              | part         | fault
    ${"the first part breaks off"}    | ${/\/P$/}    | ${{ cutAfter: 700 }}
    ${"the second part breaks off"}   | ${/\/P\/2$/} | ${{ cutAfter: 10 }}
    ${"the connection breaks off"}    | ${/\/P\/2$/} | ${{ hangUp: true }}
    ${"the second part is not there"} | ${/\/P\/2$/} | ${{ status: 404 }}
    ${"MESH fails on it"}             | ${/\/P$/}    | ${{ status: 500 }}
  `(
    "$what: the message stays there, others are taken, and it is taken when it comes whole",
    async ({ part, fault }) => {
      const bytes = Buffer.from(birth);
      mesh.put({ id: "P", body: [bytes.subarray(0, 1_000), bytes.subarray(1_000)], headers: WORKFLOW.birth });
      mesh.put({ body: hearing, headers: WORKFLOW.hearing });
      mesh.goWrong(({ path }) => (part.test(path) ? fault : null));
      const collector = collecting();
      expect(await round(collector)).toEqual([
        "newborn-hearing-1 QUARANTINED",
        expect.stringMatching(/^MESH_(MESSAGE_INCOMPLETE|UNREACHABLE)$/),
      ]);
      expect(mesh.waiting()).toBe(1);
      mesh.goWrong(() => null);
      expect(await round(collector)).toEqual(["pds-birth-notification-1 APPLIED"]);
      expect(await kept()).toMatchObject([{ disposition: "APPLIED" }, { name: "P", disposition: "APPLIED" }]);
      expect(await balanced()).toEqual([]);
    },
  );

  test("3 MB is read; more than is allowed is kept for a person; what no message comes near is left there", async () => {
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    const whole = hearingOf(3 * MEGABYTE, "0f7c3a52-6f0e-4d6b-9c1d-000000000103");
    mesh.put({ body: whole, headers: WORKFLOW.hearing, gzip: true });
    mesh.put({ body: hearingOf(5 * MEGABYTE, "0f7c3a52-6f0e-4d6b-9c1d-000000000104"), headers: WORKFLOW.hearing });
    mesh.put({ id: "HUGE", body: Buffer.alloc(17 * 1024 * 1024, "x"), gzip: true, headers: WORKFLOW.hearing });
    const collector = collecting();
    expect(await round(collector)).toEqual([
      "pds-birth-notification-1 APPLIED",
      "newborn-hearing-1 APPLIED",
      "- QUARANTINED",
      "MESH_MESSAGE_TOO_LARGE",
    ]);
    const items = await road.rows("localities", "select reason_codes from quarantine_item");
    expect(items).toEqual([{ reason_codes: "|MESSAGE_TOO_LARGE|" }]);
    expect(mesh.waiting()).toBe(1);
    // It is said again each time, and not downloaded again.
    const before = mesh.asked.filter(isDownload).length;
    expect(await round(collector)).toEqual(["MESH_MESSAGE_TOO_LARGE"]);
    expect(mesh.asked.filter(isDownload)).toHaveLength(before);
  });

  test("a report of MESH is kept and acknowledged, and is no event", async () => {
    mesh.put({
      body: "",
      headers: {
        "Mex-MessageType": "REPORT",
        "Mex-StatusSuccess": "ERROR",
        "Mex-StatusCode": "14",
        "Mex-LinkedMsgID": "L1",
      },
    });
    expect(await round(collecting())).toEqual(["- NOT_HANDLED"]);
    const [row] = await road.rows("localities", "select warnings from message", { warnings: "json" });
    expect(row?.warnings).toMatchObject([
      { code: "MESH_REPORT", message: "MESH reports 14 about message L1, which did not arrive." },
    ]);
    expect(await balanced()).toEqual([]);
  });

  test("killed between keeping and acknowledging, it is acknowledged later and counts once", async () => {
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    mesh.goWrong((asked) => (isAcknowledgement(asked) ? { hangUp: true } : null));
    const collector = collecting();
    expect(await failed(collector)).toMatch(/^MESH_UNREACHABLE/);
    expect(await kept()).toMatchObject([{ disposition: "APPLIED" }]);
    expect(mesh.waiting()).toBe(1);
    mesh.goWrong(() => null);
    const downloads = mesh.asked.filter(isDownload).length;
    expect(await round(collector)).toEqual([]);
    expect(mesh.waiting()).toBe(0);
    expect(mesh.asked.filter(isDownload)).toHaveLength(downloads);
    expect(await kept()).toHaveLength(1);
    expect(await balanced()).toEqual([]);
  });

  test("nothing is acknowledged that was not kept", async () => {
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    await road.change("localities", "alter table message_body rename to gone");
    await expect(round(collecting())).rejects.toHaveProperty("message");
    await road.change("localities", "alter table gone rename to message_body");
    expect(mesh.acknowledged).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  test("while a part is down messages are kept and acknowledged all the same, and reach it when it is back", async () => {
    const part = road.parts.get("demographics");
    const deliver = part?.deliver;
    if (!part || !deliver) throw new Error("There is no such part.");
    Object.assign(part, {
      deliver: () => Promise.reject(new Problem("SOURCE_UNAVAILABLE", { source: "demographics" })),
    });
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    const collector = collecting();
    expect(await round(collector)).toEqual(["pds-birth-notification-1 SENT", "SOURCE_UNAVAILABLE"]);
    expect(mesh.waiting()).toBe(0);
    Object.assign(part, { deliver });
    expect(await round(collector)).toEqual([]);
    expect(await kept()).toMatchObject([{ disposition: "APPLIED" }]);
    expect(await balanced()).toEqual([]);
  });

  test.each`
    what             | goesWrong           | says
    ${"an error"}    | ${{ status: 503 }}  | ${"it answered 503"}
    ${"nothing"}     | ${{ hangUp: true }} | ${"UND_ERR_SOCKET"}
    ${"half a list"} | ${{ cutAfter: 20 }} | ${"UND_ERR_SOCKET"}
  `(
    "a mailbox that answers with $what cannot be reached, and nothing else is the matter",
    async ({ goesWrong, says }) => {
      mesh.put({ body: birth, headers: WORKFLOW.birth });
      const collector = collecting();
      mesh.goWrong(({ path }) => (path === "/inbox" ? goesWrong : null));
      expect(await failed(collector)).toBe(`MESH_UNREACHABLE: The MESH mailbox X26HC001 cannot be reached: ${says}.`);
      mesh.goWrong(() => null);
      expect(await round(collector)).toEqual(["pds-birth-notification-1 APPLIED"]);
    },
  );

  test("a wrong password or shared key is refused, and says so", async () => {
    const says = "MESH_REFUSED: MESH does not accept who asks for mailbox X26HC001: it answered 403.";
    expect(await failed(collecting({ ...boxOf(mesh), password: "other" }, { holder: "a" }))).toBe(says);
    expect(await failed(collecting({ ...boxOf(mesh), sharedKey: "other" }, { holder: "a" }))).toBe(says);
    expect(mesh.asked).toEqual([]);
  });

  test("of two collectors one collects; the other takes over when the first says nothing more", async () => {
    let now = Date.now();
    const [a, b] = ["a", "b"].map((holder) => collecting(boxOf(mesh), { holder, now: () => now }));
    if (!a || !b) throw new Error("There are two.");
    await round(a);
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    expect(await failed(b)).toMatch(/^MESH_COLLECTED_ELSEWHERE: Mailbox X26HC001 is being collected/);
    now += 61_000;
    // While the second downloads, the first begins again: it has lost the mailbox and keeps nothing.
    expect(await round(b)).toEqual(["pds-birth-notification-1 APPLIED"]);
    expect(await failed(a)).toMatch(/^MESH_COLLECTED_ELSEWHERE/);
    await b.close();
    collectors.splice(collectors.indexOf(b), 1);
    expect(await round(a)).toEqual([]);
    expect(await kept()).toHaveLength(1);
  });

  test("one who lost the mailbox while it downloaded keeps and acknowledges nothing", async () => {
    let now = Date.now();
    const [a, b] = ["a", "b"].map((holder) => collecting(boxOf(mesh), { holder, now: () => now }));
    if (!a || !b) throw new Error("There are two.");
    await round(a);
    mesh.put({ body: birth, headers: WORKFLOW.birth });
    let taken: Promise<unknown> | null = null;
    mesh.goWrong((asked) => {
      if (isDownload(asked) && taken === null) {
        now += 61_000;
        taken = round(b);
      }
      return null;
    });
    const first = failed(a);
    await Promise.all([first, taken]);
    await taken;
    expect(await kept()).toHaveLength(1);
    expect(mesh.acknowledged).toHaveLength(1);
    expect(await balanced()).toEqual([]);
  });
});

describe("over TLS, each side proves who it is", () => {
  let road: TestRoad;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "chis-mesh-"));
    road = await testRoad((part) => ({ file: join(folder, `${part}.sqlite`) }), []);
  });
  afterAll(async () => {
    await road.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each`
    who                                           | server                                                                        | client                                                                        | says
    ${"ours and theirs hold"}                     | ${SERVER}                                                                     | ${CLIENT}                                                                     | ${"collected"}
    ${"ours has ended"}                           | ${SERVER}                                                                     | ${{ ...CLIENT, cert: pem("ended-client.pem"), key: pem("ended-client.key") }} | ${"MESH_CLIENT_CERT ended on 2021-01-01"}
    ${"theirs has ended"}                         | ${{ ...SERVER, cert: pem("ended-server.pem"), key: pem("ended-server.key") }} | ${CLIENT}                                                                     | ${"CERT_HAS_EXPIRED"}
    ${"theirs is of an authority we do not know"} | ${SERVER}                                                                     | ${{ ...CLIENT, ca: pem("other-ca.pem") }}                                     | ${/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/}
    ${"ours is of an authority they do not know"} | ${SERVER}                                                                     | ${{ ...CLIENT, cert: pem("stranger.pem"), key: pem("stranger.key") }}         | ${/ERR_SSL|ECONNRESET|UND_ERR_SOCKET|EPIPE/}
  `("$who", async ({ server, client, says }) => {
    const mesh = await loopbackMesh({ tls: server });
    const collector = road.ingest.collector(boxOf(mesh, client), { holder: "a" });
    const answer = await collector
      .round({ taken: () => undefined })
      .then(() => "collected")
      .catch((fault: Problem) => fault.message);
    expect(answer).toEqual(expect.stringMatching(says));
    await collector.close();
    await mesh.close();
  });
});
