import fc from "fast-check";
import { readMessage } from "../../../ingest/fhir";
import { writeMessage } from "../../../ingest/fhir/write";
import {
  ADA,
  BIRTH,
  CHANGE_OF_ADDRESS,
  HEARING,
  message,
  RECEIVED_ON,
  read,
  readingOf,
  SOUND,
} from "../../fixtures/messages";

const SOUND_MESSAGES = Object.values(SOUND).map((content) => writeMessage(content));

test("the same content gives the same bytes", () => {
  for (const content of Object.values(SOUND)) {
    expect(writeMessage(structuredClone(content))).toBe(writeMessage(content));
  }
});

test("the ids of two messages differ, but for the encounter both are about", () => {
  const ids = (messageId: string) =>
    [...message({ ...HEARING, messageId }).matchAll(/fullUrl value="([^"]*)"/g)].map((match) => match[1]);
  const one = ids("11111111-6f0e-4d6b-9c1d-2b1f0f3e9a01");
  const other = ids("22222222-6f0e-4d6b-9c1d-2b1f0f3e9a01");
  expect(one.filter((id) => other.includes(id))).toEqual([one.at(-1)]);
  expect(new Set(one).size).toBe(one.length);
});

test.each(["O'Neill", "Ní Dhomhnaill", "Łukasz", 'A "quoted" & <bracketed> name', "two\nlines", "𝒜"])(
  "the text %j is read as it was written",
  (familyName) => {
    const { about } = readingOf(message({ ...BIRTH, baby: { ...ADA, familyName } }));
    expect(about.familyName).toBe(familyName);
  },
);

test("any text of an address is read as it was written, but for white space about it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (line) => {
      fc.pre(line.trim() !== "" && /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(line));
      const { tells } = readingOf(
        message({ ...CHANGE_OF_ADDRESS, child: { ...ADA, address: { lines: [line], postcode: "CW5 5NX" } } }),
      );
      expect(tells[0]).toMatchObject({ lines: [line.trim()] });
    }),
    { numRuns: 100 },
  );
});

describe("Whatever is delivered, the reader answers", () => {
  const edited = fc
    .record({
      text: fc.constantFrom(...SOUND_MESSAGES),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(300),
      insert: fc.oneof(fc.string(), fc.constantFrom("<", '"', "</entry>", "&a;", "<!DOCTYPE a>", "\u0000")),
    })
    .map(({ text, at, remove, insert }) => {
      const place = Math.floor(at * text.length);
      return text.slice(0, place) + insert + text.slice(place + remove);
    });

  test("to a message cut and pasted anywhere: a verdict, with nothing of the child in its problems", () => {
    fc.assert(
      fc.property(edited, (text) => {
        const reading = read(text);
        const problems =
          reading.verdict === "QUARANTINED"
            ? [...reading.faults, ...reading.warnings]
            : reading.verdict === "READ"
              ? reading.reading.warnings
              : [];
        for (const { message: told } of problems) {
          expect(told).not.toMatch(/Dhomhnaill|Ada|Róisín|Heron|Mill Lane|CW5|CH3 5UJ/);
          expect(told).not.toContain(ADA.nhsNumber);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("to bytes of any kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readMessage(bytes, { receivedOn: RECEIVED_ON }).verdict).toBe("QUARANTINED");
      }),
    );
  });

  test("to JSON of any kind", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("type", "entry", "_entry", "id", "meta"), fc.jsonValue()), (json) => {
        expect(read(JSON.stringify({ resourceType: "Bundle", ...json })).verdict).toBe("QUARANTINED");
      }),
    );
  });
});
