/** A part's access log as it is read: in this process and from another, by whoever carries ingest's passport and nobody else. */

import type { AddressInfo } from "node:net";
import { openDatabase } from "../../chassis/database";
import { passportsOf } from "../../chassis/passport";
import { migrateSubgraph, reachSubgraph, type Subgraph, serveSubgraph, startSubgraph } from "../../chassis/subgraph";
import type { Viewer } from "../../schema/access";
import { demographics } from "../../subgraphs/demographics";
import { eachDatabase } from "../databases";
import { child } from "../world";

const PASSPORTS = passportsOf("the key of this house");
const CLERK: Viewer = {
  subject: "clerk-1",
  name: "Jo Example",
  role: "CHILD_HEALTH_CLERK",
  organisation: "RY7",
  localities: ["WIRRAL"],
  scopes: [],
  app: "record-viewer",
};

eachDatabase((places) => {
  const closing: (() => Promise<unknown>)[] = [];
  let part: Subgraph;
  let url: string;
  let faults: string[];

  beforeAll(async () => {
    const place = places("demographics");
    await migrateSubgraph(demographics, place);
    const now = () => Date.parse("2026-06-01T10:00:00Z");
    faults = [];
    part = await startSubgraph(demographics, { place, now, onFault: (_, requestId) => faults.push(requestId) });
    const server = await serveSubgraph(part, { host: "127.0.0.1", port: 0, passports: PASSPORTS });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
    closing.push(
      () => new Promise((resolve) => server.close(resolve)),
      () => part.close(),
    );
    await part.deliver({ number: 1, events: [...child("ada"), ...child("ben")] });
    for (const id of ["ada", "ben", "ada"]) {
      await part.ask({ query: `{ childById(id: "${id}") { nhsNumber } }`, viewer: CLERK, requestId: `of ${id}` });
    }
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const reached = (key: string) => {
    const there = reachSubgraph(demographics, { url, passports: passportsOf(key) });
    closing.unshift(() => there.close());
    return there;
  };
  const asked = { childIds: ["ada"], before: null, limit: 3 };

  test("in either way it is the same, newest first", async () => {
    const here = await part.accessEntries(asked);
    expect(here.map(({ requestId, action, app, childId }) => [requestId, action, app, childId])).toEqual([
      ["of ada", "VIEW_IDENTITY", "record-viewer", "ada"],
      ["of ada", "FIND_CHILD", "record-viewer", "ada"],
      ["of ada", "VIEW_IDENTITY", "record-viewer", "ada"],
    ]);
    expect(await reached("the key of this house").accessEntries(asked)).toEqual(here);
  });

  test("without the passport of this house it is not told", async () => {
    await expect(reached("another key").accessEntries(asked)).rejects.toThrow(
      "demographics cannot be asked at present.",
    );
  });

  test("nor by the passport of a viewer, whoever it is", async () => {
    const passport = PASSPORTS.sign({ kind: "VIEWER", viewer: { ...CLERK, role: "PRIVACY_OFFICER" } }, "demographics");
    const answer = await fetch(`${url}/access`, {
      method: "POST",
      headers: { "x-passport": passport },
      body: JSON.stringify(asked),
    });
    expect(answer.status).toBe(404);
  });

  test("where it cannot be written, nothing is answered", async () => {
    const query = `{ childById(id: "ada") { nhsNumber name { full } } }`;
    const ask = async () => {
      const { data, errors } = await part.ask({ query, viewer: CLERK, requestId: "unwritten" });
      return { data, codes: errors?.map(({ extensions }) => extensions.code) };
    };
    const database = await openDatabase("demographics", places("demographics"));
    const rename = (from: string, to: string) =>
      database.write((transaction) =>
        transaction.run(database.statement(({ raw }) => raw(`alter table ${from} rename to ${to}`))),
      );
    await rename("access_entry", "elsewhere");
    expect(await ask()).toEqual({ data: undefined, codes: ["INTERNAL"] });
    expect(faults).toEqual(["unwritten"]);
    await rename("elsewhere", "access_entry");
    await database.close();
    expect(await ask()).toMatchObject({ data: { childById: { name: { full: expect.any(String) } } } });
  });
});
