import fc from "fast-check";
import type { Event } from "../../schema/events";
import { packEvents, unpackEvents } from "../../schema/packed-events";

const dose = (n: number): Event =>
  ({
    type: "DoseRecorded",
    action: "record",
    childId: `child-${n}`,
    source: { system: "WIRRAL", id: `D${n}` },
    asOf: "2026-08-14T17:30:00.000000000Z",
    vaccine: "MMR",
    batchNumber: n % 3 === 0 ? null : `B${n}`,
    ...(n % 5 === 0 ? { tieBreak: String(n) } : {}),
  }) as unknown as Event; // of a dose what tells shapes apart

const withdrawal = (n: number): Event => ({
  type: "DoseRecorded",
  action: "withdraw",
  childId: `child-${n}`,
  source: { system: "WIRRAL", id: `D${n}` },
  asOf: "2026-08-15T17:30:00.000000000Z",
});

describe("packed events", () => {
  test("come back as they were and in their order, whatever shapes are mixed", () => {
    const events = Array.from({ length: 100 }, (_, n) => (n % 7 === 0 ? withdrawal(n) : dose(n)));
    expect(unpackEvents(packEvents(events))).toEqual(events);
  });

  test("of few events are plain JSON, and what an outbox held before is still read", () => {
    const events = [dose(1), withdrawal(2)];
    expect(packEvents(events)).toBe(JSON.stringify(events));
    expect(unpackEvents(JSON.stringify(Array.from({ length: 40 }, (_, n) => dose(n))))).toHaveLength(40);
  });

  test("say once what all of a shape have in common", () => {
    const events = Array.from({ length: 100 }, (_, n) => dose(n));
    const packed = packEvents(events);
    expect(packed.match(/"WIRRAL"/g)).toHaveLength(2); // two shapes: with and without what orders tellings of one moment
    expect(packed.length).toBeLessThan(JSON.stringify(events).length / 3);
  });

  test("are the same as their JSON read back, with any values", () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
    );
    const event = fc.record(
      {
        type: fc.constantFrom("SchoolRecorded", "AddressRecorded"),
        action: fc.constant("record"),
        childId: fc.string(),
        source: fc.record({ system: fc.string(), id: fc.string() }),
        asOf: fc.string(),
        from: fc.oneof(value, fc.constant(undefined)),
        'a "name" of \\ its own': value,
      },
      { requiredKeys: ["type", "action", "childId", "source", "asOf"] },
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 16, maxLength: 60 }), (events) => {
        const told = events as unknown as Event[]; // any values will do
        expect(unpackEvents(packEvents(told))).toEqual(JSON.parse(JSON.stringify(told)));
      }),
    );
  });
});
