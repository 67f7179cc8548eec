import { childIdOf } from "../../ingest/child-index";
import {
  type Asked,
  compare,
  type Held,
  keysOf,
  match,
  nameWords,
  normalPostcode,
  type Traits,
  traitsOf,
} from "../../ingest/matching";
import { testNumber } from "../fixtures/messages";

const N1 = testNumber("999000401");
const N2 = testNumber("999000402");

const ADA: Traits = { family: "ONEILL", given: "ADA MARY", bornOn: "2020-05-04", postcode: "L1 8JQ" };

function held(childId: string, traits: Partial<Held> = {}): Held {
  return { ...ADA, childId, nhsNumber: null, mergedInto: null, keptApart: false, ...traits };
}

function asked(traits: Partial<Asked> = {}): Asked {
  return { ...ADA, nhsNumber: null, supersededNhsNumbers: [], introduces: true, exactBirthDate: false, ...traits };
}

interface Index {
  readonly children?: readonly Held[];
  readonly byLocalId?: Held;
  readonly confirmed?: boolean;
  readonly superseded?: Readonly<Record<string, string>>;
  readonly toldByAsker?: readonly string[];
}

/** What the rules say of an index of these children, as `RULE child` or `RULE REASON candidates`. */
function decided(
  one: Asked,
  { children = [], byLocalId, confirmed = false, superseded = {}, toldByAsker = [] }: Index,
) {
  const decision = match(one, {
    byLocalId: byLocalId ? { held: byLocalId, confirmed } : null,
    byNumber: (number) =>
      children.find((child) => child.nhsNumber === number || child.childId === superseded[number]) ?? null,
    // As the index answers: every child that has one of the keys in common.
    alike: () => {
      const wanted = Object.entries(keysOf(one));
      return children.filter((child) =>
        wanted.some(([name, key]) => key !== null && new Map(Object.entries(keysOf(child))).get(name) === key),
      );
    },
    toldByAsker: (child) => toldByAsker.includes(child.childId),
  });
  if (decision.verdict === "NEW") return "NEW";
  if (decision.verdict === "REFUSED") return [decision.rule, decision.reason, ...decision.candidates].join(" ");
  return [decision.rule, decision.childId, ...(decision.joins ? ["joins", decision.joins] : [])].join(" ");
}

describe("A child with an NHS number", () => {
  test.each`
    situation                                            | told                                                                  | holding                                         | says
    ${"nobody is held"}                                  | ${{ nhsNumber: N1 }}                                                  | ${[]}                                           | ${"NEW"}
    ${"the number is held"}                              | ${{ nhsNumber: N1 }}                                                  | ${[held("a", { nhsNumber: N1 })]}               | ${"NHS_NUMBER a"}
    ${"the number is held under a new family name"}      | ${{ nhsNumber: N1, family: "SMITH" }}                                 | ${[held("a", { nhsNumber: N1 })]}               | ${"NHS_NUMBER_NAME_DIFFERS a"}
    ${"the number is held for another date of birth"}    | ${{ nhsNumber: N1, bornOn: "2020-05-14" }}                            | ${[held("a", { nhsNumber: N1 })]}               | ${"NHS_NUMBER_BIRTH_DATE_DIFFERS a"}
    ${"the number is held for another name and birth"}   | ${{ nhsNumber: N1, given: "BEN", family: "X", bornOn: "2011-01-01" }} | ${[held("a", { nhsNumber: N1 })]}               | ${"NUMBER_HELD_FOR_ANOTHER NHS_DUPLICATE a"}
    ${"the number is held for a sibling"}                | ${{ nhsNumber: N1, given: "BEN", bornOn: "2018-01-01" }}              | ${[held("a", { nhsNumber: N1 })]}               | ${"NUMBER_HELD_FOR_ANOTHER NHS_DUPLICATE a"}
    ${"the number is held without a date of birth"}      | ${{ nhsNumber: N1 }}                                                  | ${[held("a", { nhsNumber: N1, bornOn: null })]} | ${"NHS_NUMBER a"}
    ${"a child alike has another number"}                | ${{ nhsNumber: N1 }}                                                  | ${[held("a", { nhsNumber: N2 })]}               | ${"NEW"}
    ${"a child alike has no number"}                     | ${{ nhsNumber: N1 }}                                                  | ${[held("a")]}                                  | ${"ALL_FOUR a"}
    ${"a child alike lives elsewhere and has no number"} | ${{ nhsNumber: N1 }}                                                  | ${[held("a", { postcode: "CH1 1AA" })]}         | ${"NAME_AND_BIRTH_DATE a"}
    ${"the number it replaces is held"}                  | ${{ nhsNumber: N2, supersededNhsNumbers: [N1] }}                      | ${[held("a", { nhsNumber: N1 })]}               | ${"SUPERSEDED_NUMBER a"}
    ${"the number it replaces is another child's"}       | ${{ nhsNumber: N2, supersededNhsNumbers: [N1], given: "BEN" }}        | ${[held("a", { nhsNumber: N1 })]}               | ${"NUMBER_HELD_FOR_ANOTHER NHS_DUPLICATE a"}
  `("when $situation: $says", ({ told, holding, says }) => {
    expect(decided(asked(told), { children: holding })).toBe(says);
  });

  test("a message about a child held with another date of birth is held for review", () => {
    const index = { children: [held("a", { nhsNumber: N1 })] };
    const one = asked({ nhsNumber: N1, bornOn: "2020-05-14", introduces: false, exactBirthDate: true });
    expect(decided(one, index)).toBe("BIRTH_DATE_DIFFERS BIRTH_DATE_DIFFERS a");
  });
});

describe("A child without a number", () => {
  const far = { postcode: "CH1 1AA" };
  test.each`
    situation                                         | told                        | holding                                             | says
    ${"all four agree"}                               | ${{}}                       | ${[held("a")]}                                      | ${"ALL_FOUR a"}
    ${"all four agree with a child who has a number"} | ${{}}                       | ${[held("a", { nhsNumber: N1 })]}                   | ${"ALL_FOUR a"}
    ${"no postcode is told"}                          | ${{ postcode: null }}       | ${[held("a")]}                                      | ${"NAME_AND_BIRTH_DATE a"}
    ${"the child has moved"}                          | ${far}                      | ${[held("a")]}                                      | ${"NAME_AND_BIRTH_DATE a"}
    ${"the date of birth differs"}                    | ${{ bornOn: "2020-04-05" }} | ${[held("a")]}                                      | ${"THREE_OF_FOUR a"}
    ${"the family name differs"}                      | ${{ family: "SMITH" }}      | ${[held("a")]}                                      | ${"THREE_OF_FOUR a"}
    ${"one has the first given name only"}            | ${{ given: "ADA" }}         | ${[held("a")]}                                      | ${"THREE_OF_FOUR a"}
    ${"a twin is held"}                               | ${{ given: "BEN" }}         | ${[held("a")]}                                      | ${"NEW"}
    ${"only two agree"}                               | ${{ given: "BEN", ...far }} | ${[held("a")]}                                      | ${"NEW"}
    ${"two are alike, and one agrees in all four"}    | ${{}}                       | ${[held("a", far), held("b")]}                      | ${"ALL_FOUR b"}
    ${"two are alike, and none agrees in all four"}   | ${{ postcode: null }}       | ${[held("a", far), held("b")]}                      | ${"TOO_MANY AMBIGUOUS_MATCH a b"}
    ${"two agree in all four"}                        | ${{}}                       | ${[held("a"), held("b")]}                           | ${"TOO_MANY AMBIGUOUS_MATCH a b"}
    ${"two are alike and are one since a merge"}      | ${{ postcode: null }}       | ${[held("a", far), held("b", { mergedInto: "a" })]} | ${"NAME_AND_BIRTH_DATE a"}
  `("when $situation: $says", ({ told, holding, says }) => {
    expect(decided(asked(told), { children: holding })).toBe(says);
  });

  test("two children whom one locality tells apart are not joined, unless they agree in all four", () => {
    const children = [held("a")];
    expect(decided(asked({ bornOn: "2020-04-05" }), { children, toldByAsker: ["a"] })).toBe(
      "TOLD_APART AMBIGUOUS_MATCH a",
    );
    expect(decided(asked(), { children, toldByAsker: ["a"] })).toBe("ALL_FOUR a");
  });
});

describe("What introduces nobody is matched strictly", () => {
  test.each`
    situation                                   | told                        | holding                            | says
    ${"all four agree"}                         | ${{}}                       | ${[held("a")]}                     | ${"ALL_FOUR a"}
    ${"a postcode is told and differs"}         | ${{ postcode: "CH1 1AA" }}  | ${[held("a")]}                     | ${"NOT_KNOWN ORPHAN"}
    ${"a postcode is told and none is held"}    | ${{}}                       | ${[held("a", { postcode: null })]} | ${"NOT_KNOWN ORPHAN"}
    ${"no postcode is told"}                    | ${{ postcode: null }}       | ${[held("a")]}                     | ${"NAME_AND_BIRTH_DATE a"}
    ${"three of four agree"}                    | ${{ bornOn: "2020-04-05" }} | ${[held("a")]}                     | ${"NOT_KNOWN ORPHAN"}
    ${"its number is unknown, all four agree"}  | ${{ nhsNumber: N1 }}        | ${[held("a")]}                     | ${"ALL_FOUR a"}
    ${"its number is unknown, hers is another"} | ${{ nhsNumber: N1 }}        | ${[held("a", { nhsNumber: N2 })]}  | ${"NOT_KNOWN ORPHAN"}
  `("when $situation: $says", ({ told, holding, says }) => {
    expect(decided(asked({ ...told, introduces: false }), { children: holding })).toBe(says);
  });
});

describe("Twins", () => {
  const ada = held("ada", { nhsNumber: N1 });
  const ben = held("ben", { nhsNumber: N2, given: "BEN" });

  test("a dose under the number of one and the name of the other is ambiguous", () => {
    const one = asked({ nhsNumber: N1, given: "BEN", introduces: false });
    expect(decided(one, { children: [ada, ben] })).toBe("TWIN AMBIGUOUS_MATCH ada ben");
  });

  test("a second child of a locality under the number of the first is ambiguous", () => {
    const one = asked({ nhsNumber: N1, given: "BEN" });
    expect(decided(one, { children: [ada], toldByAsker: ["ada"] })).toBe("TWIN AMBIGUOUS_MATCH ada");
  });

  test("a baby who was first told of as one of twins, and then named, is the same child", () => {
    const baby = held("a", { nhsNumber: N1, given: "TWIN 1" });
    expect(decided(asked({ nhsNumber: N1 }), { children: [baby] })).toBe("NHS_NUMBER_NAME_DIFFERS a");
  });
});

describe("The number a locality gives a child", () => {
  const one = held("a");
  const numbered = held("a", { nhsNumber: N1 });
  test.each`
    situation                                          | told                                             | byLocalId   | others                                          | says
    ${"leads to the child"}                            | ${{}}                                            | ${one}      | ${[]}                                           | ${"LOCAL_ID a"}
    ${"comes with the child's NHS number"}             | ${{ nhsNumber: N1 }}                             | ${numbered} | ${[]}                                           | ${"LOCAL_ID a"}
    ${"comes with a corrected name"}                   | ${{ given: "ADAH" }}                             | ${one}      | ${[]}                                           | ${"LOCAL_ID a"}
    ${"is used again for another child"}               | ${{ given: "BEN", bornOn: "2012-01-01" }}        | ${one}      | ${[]}                                           | ${"LOCAL_ID_OF_ANOTHER IDENTITY_MISMATCH a"}
    ${"comes with the first NHS number"}               | ${{ nhsNumber: N1 }}                             | ${one}      | ${[]}                                           | ${"LOCAL_ID_NEW_NUMBER a"}
    ${"comes with a number that replaces the old"}     | ${{ nhsNumber: N2, supersededNhsNumbers: [N1] }} | ${numbered} | ${[]}                                           | ${"LOCAL_ID_NEW_NUMBER a"}
    ${"comes with another number"}                     | ${{ nhsNumber: N2 }}                             | ${numbered} | ${[]}                                           | ${"NUMBER_CHANGED NHS_NUMBER_CHANGED a"}
    ${"comes with the number of a record that agrees"} | ${{ nhsNumber: N2 }}                             | ${one}      | ${[held("b", { nhsNumber: N2 })]}               | ${"LOCAL_ID_NEW_NUMBER a joins b"}
    ${"comes with the number of another child"}        | ${{ nhsNumber: N2 }}                             | ${one}      | ${[held("b", { nhsNumber: N2, given: "BEN" })]} | ${"NUMBER_HELD_FOR_ANOTHER NHS_DUPLICATE a b"}
    ${"on a dose with the number of another child"}    | ${{ nhsNumber: N2, introduces: false }}          | ${one}      | ${[held("b", { nhsNumber: N2 })]}               | ${"TOO_MANY AMBIGUOUS_MATCH a b"}
    ${"on a dose with an unknown number"}              | ${{ nhsNumber: N2, introduces: false }}          | ${numbered} | ${[]}                                           | ${"NUMBER_CHANGED NHS_NUMBER_CHANGED a"}
  `("$situation: $says", ({ told, byLocalId, others, says }) => {
    expect(decided(asked(told), { children: [byLocalId, ...others], byLocalId })).toBe(says);
  });

  test("is not asked about again once a person has said whose it is", () => {
    const other = asked({ given: "BEN", bornOn: "2012-01-01" });
    expect(decided(other, { children: [one], byLocalId: one, confirmed: true })).toBe("CONFIRMED a");
  });

  test("joins no records that a person has kept apart", () => {
    const apart = held("a", { keptApart: true });
    const index = { children: [apart, held("b", { nhsNumber: N2 })], byLocalId: apart };
    expect(decided(asked({ nhsNumber: N2 }), index)).toBe("NUMBER_HELD_FOR_ANOTHER NHS_DUPLICATE a b");
  });
});

describe("What people are compared by", () => {
  test.each`
    written             | compared
    ${"O'Neill"}        | ${"ONEILL"}
    ${"O’Neill"}        | ${"ONEILL"}
    ${"Zoë"}            | ${"ZOE"}
    ${"Siân-Louise"}    | ${"SIAN LOUISE"}
    ${"  mary   jane "} | ${"MARY JANE"}
    ${"Łukasz"}         | ${"LUKASZ"}
    ${"Groß"}           | ${"GROSS"}
    ${"Ødegård"}        | ${"ODEGARD"}
    ${"李"}             | ${"李"}
    ${"--"}             | ${null}
    ${null}             | ${null}
  `("the name $written is $compared", ({ written, compared }) => expect(nameWords(written)).toBe(compared));

  test.each`
    written        | compared
    ${"l1 8jq"}    | ${"L1 8JQ"}
    ${"CH641AA"}   | ${"CH64 1AA"}
    ${"EC1A 1BB"}  | ${"EC1A 1BB"}
    ${"ZZ99 3VZ"}  | ${null}
    ${"L1 8CQ"}    | ${null}
    ${"not known"} | ${null}
    ${""}          | ${null}
  `("the postcode $written is $compared", ({ written, compared }) => expect(normalPostcode(written)).toBe(compared));

  test("given names run together or with a hyphen are the same names", () => {
    const traits = (givenNames: string) =>
      traitsOf({
        localId: null,
        nhsNumber: null,
        supersededNhsNumbers: [],
        familyName: null,
        givenNames,
        bornOn: null,
        postcode: null,
        sex: null,
      });
    expect(compare(traits("Mary-Jane"), traits("MaryJane")).given).toBe("SAME");
    expect(compare(traits("Ada"), traits("Ada Mary")).given).toBe("SHORTER");
    expect(compare(traits("Ada"), traits("Adam")).given).toBe("DIFFERENT");
  });
});

test("a child's id follows from what the child was first known by, and is sixteen letters and digits", () => {
  expect(childIdOf("WIRRAL\nW1")).toMatch(/^[a-z2-7]{16}$/);
  expect(childIdOf("WIRRAL\nW1")).toBe(childIdOf("WIRRAL\nW1"));
  expect(childIdOf("WIRRAL\nW2")).not.toBe(childIdOf("WIRRAL\nW1"));
  // RFC 4648 base 32 of the first ten bytes of SHA-256 of nothing: e3b0c44298fc1c149afb.
  expect(childIdOf("")).toBe("4oymiquy7qobjgx3");
});
