import fc from "fast-check";
import { type RecordEvent, type Stand, whereTold } from "../../ingest/source-records";
import { readInstant } from "../../schema/calendar";
import type { Event } from "../../schema/events";

/** A record told at an hour: `9 ada given`, `10 ben declined`, `11 ben withdrawn`. */
function telling(words: string): RecordEvent {
  const [hour = "", childId = "", what] = words.split(" ");
  const header = {
    childId,
    source: { system: "WIRRAL", id: "D1" },
    asOf: readInstant(`2026-03-10T${hour.padStart(2, "0")}:00:00Z`) ?? "",
  };
  if (what === "withdrawn") return { ...header, action: "withdraw", type: "DoseRecorded" };
  const type = what === "given" ? "DoseRecorded" : "DoseNotGivenRecorded";
  return { ...header, action: "record", type } as unknown as RecordEvent; // what else it says does not matter here
}

/** Dot was taken for two children; the records are one since a merge. */
const isOne = (a: string, b: string) => a === b || [a, b].every((childId) => childId.startsWith("dot"));

/** Where a record is shown once all is told in the order given: the last telling under each child and type. */
function shown(told: readonly string[]): readonly string[] {
  let stand: Stand | null = null;
  const kept = new Map<string, Event>();
  for (const words of told) {
    const outcome = whereTold(telling(words), stand, isOne);
    if (outcome === null) return ["in quarantine"];
    stand = outcome.stand;
    for (const event of outcome.events) {
      const place = `${event.childId} ${event.type === "DoseRecorded" ? "given" : "declined"}`;
      const held = kept.get(place);
      if (held === undefined || event.asOf > held.asOf) kept.set(place, event);
    }
  }
  return [...kept].flatMap(([place, event]) => (event.action === "record" ? [place] : []));
}

describe("Where a record stands", () => {
  test.each`
    told                                               | stands
    ${["9 ada given"]}                                 | ${["ada given"]}
    ${["9 ada given", "10 ada given"]}                 | ${["ada given"]}
    ${["9 ada given", "10 ben given"]}                 | ${["ben given"]}
    ${["9 ada given", "10 ada declined"]}              | ${["ada declined"]}
    ${["9 ada declined", "10 ben given"]}              | ${["ben given"]}
    ${["9 ada given", "10 ben withdrawn"]}             | ${[]}
    ${["9 ada declined", "10 ada withdrawn"]}          | ${[]}
    ${["9 ada given", "10 ben given", "11 ada given"]} | ${["ada given"]}
    ${["9 dot1 given", "10 dot2 given"]}               | ${["dot1 given"]}
    ${["9 dot1 given", "10 dot2 declined"]}            | ${["dot1 declined"]}
    ${["9 ada given", "9 ben given"]}                  | ${["in quarantine"]}
    ${["9 ada given", "9 ada declined"]}               | ${["in quarantine"]}
    ${["9 dot1 given", "9 dot2 given"]}                | ${["dot1 given"]}
  `("told $told, it stands as $stands", ({ told, stands }) => expect(shown(told)).toEqual(stands));

  test("follows from when it was told, never from the order in which it came", () => {
    const each = fc.tuple(fc.constantFrom("ada", "ben", "cy"), fc.constantFrom("given", "declined", "withdrawn"));
    fc.assert(
      fc.property(
        fc.array(each, { minLength: 1, maxLength: 5 }).chain((told) => {
          const inTime = told.map(([childId, what], at) => `${9 + at} ${childId} ${what}`);
          return fc.tuple(fc.constant(inTime), fc.shuffledSubarray(inTime, { minLength: inTime.length }));
        }),
        ([inTime, order]) => {
          const [, childId, what] = inTime.at(-1)?.split(" ") ?? [];
          expect(shown(order)).toEqual(what === "withdrawn" ? [] : [`${childId} ${what}`]);
        },
      ),
    );
  });
});
