import { immunisations } from "../../subgraphs/immunisations";
import { eachDatabase } from "../databases";
import { fileOf, inventedChild, inventedDose, lines, testRoad } from "../fixtures/road";

const EAST = "EAST_CHESHIRE";

eachDatabase((places) => {
  test("A record told to and fro within one file stands where its last row has it, and everything balances", async () => {
    const road = await testRoad(places, [immunisations]);
    const [ada, ben] = [inventedChild(0), inventedChild(1)];
    const rows = [
      inventedDose(ada, 1, { amendedAt: "2025-01-01T00:00:00.000000000Z" }),
      inventedDose(ada, 1, { amendedAt: "2025-01-02T00:00:00.000000000Z", notGivenReason: "DECLINED" }),
      inventedDose(ben, 1, { amendedAt: "2025-01-03T00:00:00.000000000Z" }),
      inventedDose(ada, 1, { amendedAt: "2025-01-04T00:00:00.000000000Z" }),
    ];
    await road.ingest.load({
      locality: EAST,
      paths: [fileOf(road.folder, EAST, "CHILDREN", lines(EAST, "CHILDREN", [ada, ben]))],
    });
    const path = fileOf(road.folder, EAST, "DOSES", lines(EAST, "DOSES", rows));
    await road.ingest.load({ locality: EAST, paths: [path] });
    const [again] = (await road.ingest.load({ locality: EAST, paths: [path] })).lines;

    expect(again).toMatchObject({ rowsYielding: 4, rowsQuarantined: 0, balances: true });
    const shown = "where latest = 1 and withdrawn = 0";
    expect(await road.rows("immunisations", `select as_of from dose ${shown}`)).toEqual([
      { as_of: "2025-01-04T00:00:00.000000000Z" },
    ]);
    expect(await road.rows("immunisations", `select as_of from dose_not_given ${shown}`)).toEqual([]);
    expect(
      (await road.ingest.reconcile(null)).flatMap(({ faults }) => faults.filter((fault) => /dose/.test(fault))),
    ).toEqual([]);
    await road.close();
  });
});
