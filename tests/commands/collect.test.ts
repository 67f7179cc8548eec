/** `collect` as an operator runs it, and the trial of the whole road in its short form. */

import { trialIngest } from "../../bench/ingest-trial";
import { type LoopbackMesh, loopbackMesh } from "../../bench/loopback-mesh";
import { writeMessage } from "../../ingest/fhir/write";
import { POSTGRES_ANSWERS, TEST_DATABASE_URL } from "../databases";
import { BIRTH } from "../fixtures/messages";
import { chis, type Environment, jsonLines, migrated, PROGRAM } from "./chis";

const messageId = "0f7c3a52-6f0e-4d6b-9c1d-000000000901";
const birth = writeMessage({ ...BIRTH, messageId });
const WORKFLOW = { "Mex-WorkflowID": "BIRTHNOTIFICATION_1" };

let mesh: LoopbackMesh;
let environment: Environment;
beforeEach(async () => {
  mesh = await loopbackMesh();
  environment = await migrated({
    MESH_URL: mesh.url,
    MESH_MAILBOX: mesh.mailbox,
    MESH_PASSWORD: mesh.password,
    MESH_SHARED_KEY: mesh.sharedKey,
  });
});
afterEach(() => mesh.close());

test("takes what is in the mailbox and says what became of each message", async () => {
  const id = mesh.put({ body: birth, headers: WORKFLOW });
  const { status, stdout } = await chis(["collect", "--json"], environment);
  expect(jsonLines(stdout)).toEqual([
    { messageId, event: "pds-birth-notification-1", disposition: "APPLIED", reason: null, file: id },
    { kept: 1, acknowledged: 1 },
  ]);
  expect(status).toBe(0);
  expect(await chis(["collect"], environment)).toMatchObject({
    status: 0,
    stdout: "0 messages kept, 0 acknowledged.\n",
  });
});

test.each`
  words                     | set                        | says
  ${["collect"]}            | ${{ MESH_URL: "" }}        | ${"SETTING_INVALID: MESH_URL must be set, to collect from."}
  ${["collect"]}            | ${{ MESH_PASSWORD: "no" }} | ${"MESH_REFUSED: MESH does not accept who asks for mailbox X26HC001: it answered 403."}
  ${["collect", "--every"]} | ${{}}                      | ${"ARGUMENT_INVALID: --every must be followed by its value, SECONDS."}
`("$words with $set ends with 1 and says why", async ({ words, set, says }) => {
  const { status, stderr } = await chis(words, { ...environment, ...set });
  expect(status).toBe(1);
  expect(stderr.split("\n")[0]).toBe(says);
});

test("a message that stays in the mailbox is told, and the command fails", async () => {
  mesh.put({ id: "BROKEN", body: birth, headers: WORKFLOW });
  mesh.goWrong(({ path }) => (path === "/inbox/BROKEN" ? { cutAfter: 100 } : null));
  const { status, stdout } = await chis(["collect", "--json"], environment);
  expect(status).toBe(1);
  expect(jsonLines(stdout)).toMatchObject([
    { problem: "MESH_MESSAGE_INCOMPLETE", message: expect.stringContaining("Message BROKEN of mailbox X26HC001") },
    { kept: 0, acknowledged: 0 },
  ]);
});

const grounds = [
  { name: "SQLite", postgres: null },
  ...(POSTGRES_ANSWERS ? [{ name: "PostgreSQL", postgres: TEST_DATABASE_URL }] : []),
];
test.each(grounds)(
  "killed and cut off again and again, two collectors at once: the record is what a plain model says, on $name",
  async ({ postgres }) => {
    // The first command has built the program.
    await chis(["--help"], environment);
    const { faults, kills, found } = await trialIngest({
      messages: 300,
      kills: 3,
      collectors: 2,
      postgres,
      seed: 11,
      program: PROGRAM,
    });
    expect(faults).toEqual([]);
    expect(kills).toBeGreaterThan(0);
    expect(found).toMatchObject({ "messages kept": 300, lost: 0, "counted twice": 0, "malformed, in quarantine": 3 });
  },
  180_000,
);
