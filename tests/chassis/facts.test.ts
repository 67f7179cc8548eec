import { openDatabase } from "../../chassis/database";
import { everyVersion, factTable, recorderOf, standingFacts } from "../../chassis/facts";
import type { Event } from "../../schema/events";
import { eachDatabase } from "../databases";

const RESTRICTION = factTable("RestrictionRecorded", "restriction", { restricted: "boolean" });

/** `10:00 yes`, `11:00 withdrawn`, `10:00/2 no`: a telling at a time, with what breaks a tie, and what it says. */
function telling(text: string, id = "1"): Event {
  const [at = "", says] = text.split(" ");
  const [time, tieBreak] = at.split("/");
  const header = {
    childId: "ada",
    source: { system: "WIRRAL", id },
    asOf: `2026-01-01T${time}:00.000000000Z`,
    ...(tieBreak === undefined ? {} : { tieBreak }),
    type: "RestrictionRecorded",
  } as const;
  return says === "withdrawn"
    ? { ...header, action: "withdraw" }
    : { ...header, action: "record", restricted: says === "yes" };
}

eachDatabase((places) => {
  let databases = 0;

  describe("What becomes of a fact that is told several times", () => {
    test.each`
      told                                            | disposition                               | standing   | versions
      ${["10:00 yes"]}                                | ${["APPLIED"]}                            | ${[true]}  | ${1}
      ${["10:00 yes", "10:00 yes"]}                   | ${["APPLIED", "DUPLICATE"]}               | ${[true]}  | ${1}
      ${["10:00 yes", "11:00 no"]}                    | ${["APPLIED", "APPLIED"]}                 | ${[false]} | ${2}
      ${["11:00 no", "10:00 yes"]}                    | ${["APPLIED", "SUPERSEDED"]}              | ${[false]} | ${2}
      ${["11:00 no", "10:00 yes", "10:00 yes"]}       | ${["APPLIED", "SUPERSEDED", "DUPLICATE"]} | ${[false]} | ${2}
      ${["10:00 yes", "11:00 withdrawn"]}             | ${["APPLIED", "APPLIED"]}                 | ${[]}      | ${1}
      ${["11:00 withdrawn", "10:00 yes"]}             | ${["APPLIED", "SUPERSEDED"]}              | ${[]}      | ${1}
      ${["11:00 withdrawn", "11:00 withdrawn"]}       | ${["APPLIED", "DUPLICATE"]}               | ${[]}      | ${0}
      ${["10:00 yes", "11:00 withdrawn", "12:00 no"]} | ${["APPLIED", "APPLIED", "APPLIED"]}      | ${[false]} | ${2}
      ${["10:00 yes", "10:00 no"]}                    | ${["APPLIED", "QUARANTINED"]}             | ${[true]}  | ${1}
      ${["10:00 yes", "10:00 withdrawn"]}             | ${["APPLIED", "QUARANTINED"]}             | ${[true]}  | ${1}
      ${["10:00/1 yes", "10:00/2 no"]}                | ${["APPLIED", "APPLIED"]}                 | ${[false]} | ${2}
      ${["10:00/2 no", "10:00/1 yes"]}                | ${["APPLIED", "SUPERSEDED"]}              | ${[false]} | ${2}
    `("told $told, one delivery or several: $disposition", async ({ told, disposition, standing, versions }) => {
      for (const batches of [[told], told.map((each: string) => [each])]) {
        const database = await openDatabase("facts", places(`facts_${databases++}`));
        try {
          await database.migrate([{ name: "facts", tables: [RESTRICTION] }]);
          const recorder = recorderOf(database, RESTRICTION);
          const became: string[] = [];
          for (const [delivery, batch] of batches.entries()) {
            const events = batch.map((each: string) => telling(each));
            const recorded = await database.write((transaction) => recorder.record(transaction, delivery, events));
            became.push(...recorded.map((each) => each.disposition));
          }
          expect(became).toEqual(disposition);
          const [shown] = await standingFacts(database, RESTRICTION)(["ada"]);
          expect(shown?.map((fact) => fact.restricted)).toEqual(standing);
          const [kept] = await everyVersion(database, RESTRICTION)(["ada"]);
          expect(kept).toHaveLength(versions);
          expect(await recorder.holdings(database)).toEqual(new Map([["WIRRAL", 1]]));
        } finally {
          await database.close();
        }
      }
    });
  });

  test("what fails half-way through a delivery leaves nothing behind", async () => {
    const database = await openDatabase("facts", places("half"));
    await database.migrate([{ name: "facts", tables: [RESTRICTION] }]);
    const recorder = recorderOf(database, RESTRICTION);
    const failing = database.write(async (transaction) => {
      await recorder.record(transaction, 1, [telling("10:00 yes")]);
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    expect(await standingFacts(database, RESTRICTION)(["ada"])).toEqual([[]]);
    await database.close();
  });

  test("facts are answered in the order of the children asked for, an empty list for one without", async () => {
    const database = await openDatabase("facts", places("order"));
    await database.migrate([{ name: "facts", tables: [RESTRICTION] }]);
    const recorder = recorderOf(database, RESTRICTION);
    const events = ["bea", "ada"].map((childId) => ({ ...telling("10:00 yes"), childId }));
    await database.write((transaction) => recorder.record(transaction, 1, events));
    const lists = await standingFacts(database, RESTRICTION)(["ada", "nobody", "bea"]);
    expect(lists.map((facts) => facts.map((fact) => fact.childId))).toEqual([["ada"], [], ["bea"]]);
    await database.close();
  });
});
