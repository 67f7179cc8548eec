import { shuffled } from "../../ingest/synthetic/chance";
import { type InventedChild, inventChild, strangersNumber } from "../../ingest/synthetic/child";
import { inventVaccinations } from "../../ingest/synthetic/doses";
import { inventScreening } from "../../ingest/synthetic/outcomes";
import { inventTellings } from "../../ingest/synthetic/telling";
import { addDays, addYears, type Day } from "../../schema/calendar";
import { isTestNumber, readNhsNumber } from "../../schema/nhs-number";
import { LOCAL_AUTHORITIES, LOCALITIES, LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { practiceOf } from "../../schema/vocabulary/practices";
import { vaccineOfProcedure, vaccineOfProduct } from "../../schema/vocabulary/vaccines";

const ON = "2026-09-01";
const SEED = 20;
const N = 3_000;
const children = invented(SEED, N);

function invented(seed: number, of: number): InventedChild[] {
  return Array.from({ length: of }, (_, index) => inventChild(seed, index, of, ON));
}

describe("The invented children", () => {
  test("are the same for the same seed, whoever was invented before", () => {
    expect(inventChild(SEED, 1234, N, ON)).toEqual(children[1234]);
    expect(inventTellings(SEED, inventChild(SEED, 1234, N, ON), ON)).toEqual(
      inventTellings(SEED, children[1234] ?? inventChild(SEED, 0, N, ON), ON),
    );
  });

  test("are others for another seed", () => {
    const same = invented(SEED + 1, 200).filter((child, at) => child.nhsNumber === children[at]?.nhsNumber);
    expect(same.length).toBeLessThan(5);
  });

  test("have valid NHS numbers of the 999 range, each its own, none shared with a mother, an old number or a stranger", () => {
    const numbers = [
      ...children.flatMap((child) => child.nhsNumber ?? []),
      ...children.flatMap((child) => child.supersededNhsNumbers),
      ...children.flatMap((child) => (child.twin === 2 ? [] : (child.mother.nhsNumber ?? []))),
      ...Array.from({ length: 500 }, (_, at) => strangersNumber(SEED, at)),
    ];
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.filter((number) => !isTestNumber(number) || !readNhsNumber(number).valid)).toEqual([]);
  });

  test("keep their numbers apart, for every place of a shuffle is taken once", () => {
    const size = 90_907;
    const taken = new Uint8Array(size);
    for (let index = 0; index < size; index++) taken[shuffled(index, size, SEED)] = 1;
    expect(taken.indexOf(0)).toBe(-1);
  });

  test("are born evenly over the twenty years up to the day, and after it beyond the population", () => {
    const years = new Map<number, number>();
    for (const child of children) {
      const age = Array.from({ length: 21 }, (_, years) => years).findLast((y) => addYears(child.bornOn, y) <= ON);
      years.set(age ?? -1, (years.get(age ?? -1) ?? 0) + 1);
    }
    expect([...years.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, age) => age));
    for (const count of years.values()) expect(Math.abs(count - N / 20)).toBeLessThan(N / 100);
    expect(inventChild(SEED, N + 4, N, ON).bornOn > ON).toBe(true);
  });

  test.each`
    share                         | least    | most     | of
    ${"second twins"}             | ${0.008} | ${0.024} | ${(child: InventedChild) => child.twin === 2}
    ${"known to two localities"}  | ${0.03}  | ${0.052} | ${(child: InventedChild) => child.stays.length === 2}
    ${"without a practice"}       | ${0.01}  | ${0.03}  | ${(child: InventedChild) => child.stays[0].practice === null}
    ${"with a restricted record"} | ${0.002} | ${0.01}  | ${(child: InventedChild) => child.restricted}
    ${"without an NHS number"}    | ${0.001} | ${0.007} | ${(child: InventedChild) => child.nhsNumber === null}
    ${"dead"}                     | ${0}     | ${0.004} | ${(child: InventedChild) => child.diedOn !== null}
  `("$share are between $least and $most of them", ({ least, most, of }) => {
    const share = children.filter(of).length / N;
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });

  test.each(LOCALITY_CODES)("live in %s as its share of the region's children", (code) => {
    const total = LOCALITY_CODES.reduce((sum, each) => sum + LOCALITIES[each].children, 0);
    const share = children.filter((child) => child.stays[0].locality === code).length / N;
    expect(Math.abs(share - LOCALITIES[code].children / total)).toBeLessThan(0.03);
  });

  test("live at twins' addresses together, under one family name and different given names", () => {
    const pairs = children.flatMap((child, at) => {
      const other = children[at + 1];
      return child.twin === 1 && other ? [[child, other] as const] : [];
    });
    expect(pairs.length).toBeGreaterThan(20);
    for (const [one, other] of pairs) {
      expect(other).toMatchObject({ twin: 2, familyName: one.familyName, bornOn: one.bornOn, mother: one.mother });
      expect(other.givenNames).not.toBe(one.givenNames);
      if (!one.diedOn && !other.diedOn) expect(other.stays[0].home).toEqual(one.stays[0].home);
    }
  });

  test("are registered at open practices of the region, and live in a locality that serves their local authority", () => {
    const astray = children
      .flatMap((child) => child.stays)
      .filter(
        ({ practice, home, locality }) =>
          (practice !== null && !practiceOf(practice)?.open) ||
          !LOCALITIES[locality].localAuthorities.some((each) => each.code === home.localAuthority),
      );
    expect(astray).toHaveLength(0);
  });

  test("have names that only the wider alphabets can write", () => {
    const names = children.map((child) => `${child.givenNames} ${child.familyName}`).join(" ");
    expect(names).toMatch(/ë/);
    expect(names).toMatch(/'/);
    expect(names).toMatch(/Ł|ł|ń|ś/);
  });
});

describe("What was given to them", () => {
  const histories = children.map((child) => inventVaccinations(SEED, child, ON));

  test("lies between birth and the day, or death", () => {
    const outside = children.filter((child, at) =>
      histories[at]?.given.some(
        (dose) => dose.precision === "DAY" && (dose.givenOn < child.bornOn || dose.givenOn > (child.diedOn ?? ON)),
      ),
    );
    expect(outside).toHaveLength(0);
  });

  test("is told by codes of the same vaccine", () => {
    const strays = histories
      .flatMap((history) => history.given)
      .filter(
        ({ vaccine, productCode, procedureCode }) =>
          (productCode && vaccineOfProduct(productCode) !== vaccine) ||
          (procedureCode && vaccineOfProcedure(procedureCode) !== vaccine),
      );
    expect(strays).toHaveLength(0);
  });

  test("is about fifteen doses a child", () => {
    const doses = histories.reduce((sum, history) => sum + history.given.length, 0);
    expect(doses / N).toBeGreaterThan(13);
    expect(doses / N).toBeLessThan(17);
  });

  const region = invented(SEED + 2, 6 * N);

  test.each`
    authority          | hexavalent | secondMeasles
    ${"LIVERPOOL"}     | ${0.887}   | ${0.755}
    ${"WIRRAL"}        | ${0.961}   | ${0.89}
    ${"CHESHIRE_EAST"} | ${0.955}   | ${0.899}
  `("covers five-year-olds of $authority as reported", ({ authority, hexavalent, secondMeasles }) => {
    const { code } = LOCAL_AUTHORITIES[authority as keyof typeof LOCAL_AUTHORITIES]; // a name of the table above
    const population = region.filter(
      (child) =>
        child.stays[0].home.localAuthority === code && addYears(child.bornOn, 5) <= ON && child.diedOn === null,
    );
    const covered = (vaccines: readonly string[], doses: number) =>
      population.filter((child) => {
        const { given } = inventVaccinations(SEED + 2, child, ON);
        const fifth: Day = addYears(child.bornOn, 5);
        return given.filter((dose) => vaccines.includes(dose.vaccine) && dose.givenOn <= fifth).length >= doses;
      }).length / population.length;
    expect(Math.abs(covered(["HEXAVALENT", "PENTAVALENT"], 3) - hexavalent)).toBeLessThan(0.025);
    expect(Math.abs(covered(["MMR", "MMRV"], 2) - secondMeasles)).toBeLessThan(0.03);
  });

  test("follows the cohort: a child born in August 2024 had its 18-month visit and no Hib and meningitis C", () => {
    const cohort = invented(SEED, N)
      .map((child) => ({ ...child, bornOn: "2024-08-20", diedOn: null }))
      .slice(0, 300)
      .map((child) => inventVaccinations(SEED, child, ON).given.map((dose) => dose.vaccine));
    expect(cohort.some((vaccines) => vaccines.includes("HIBMENC"))).toBe(false);
    const four = cohort.filter((vaccines) => vaccines.filter((each) => each === "HEXAVALENT").length === 4);
    expect(four.length / cohort.length).toBeGreaterThan(0.7);
  });
});

describe("What was found at birth", () => {
  const babies = invented(SEED, N).map((child) => ({ ...child, bornOn: "2026-01-10", diedOn: null }));
  const screened = babies.map((child) => inventScreening(SEED, child, ON));

  test("covers ten conditions since the tenth was added, and nine before", () => {
    const conditions = (bornOn: Day) =>
      new Set(
        babies
          .flatMap((child) => inventScreening(SEED, { ...child, bornOn }, ON).bloodSpots)
          .map((each) => each.results.length),
      );
    expect([...conditions("2026-01-10")]).toEqual([10]);
    expect([...conditions("2025-10-13")]).toEqual([9]);
  });

  test("is a clear hearing screen for most and a follow-up for some", () => {
    const hearings = screened.flatMap((each) => each.hearings);
    const clear = hearings.filter((each) => each.outcome === "CLEAR_NO_FOLLOW_UP").length / hearings.length;
    expect(clear).toBeGreaterThan(0.93);
    expect(clear).toBeLessThan(0.985);
  });

  test("is a second sample wherever the first had to be repeated", () => {
    for (const { bloodSpots } of screened) {
      const [first, second] = bloodSpots;
      if (first?.results.some((each) => each.outcome === "REPEAT_NEEDED")) {
        expect(second?.sampleTakenOn).not.toBeUndefined();
        expect((second?.sampleTakenOn ?? "") > (first.sampleTakenOn ?? "")).toBe(true);
      }
    }
  });

  test("never names the testes of a girl", () => {
    const parts = babies.flatMap((child, at) =>
      child.sex === "FEMALE"
        ? (screened[at]?.examinations ?? []).flatMap((each) => each.results.map(({ part }) => part))
        : [],
    );
    expect(parts).not.toContain("TESTES");
  });

  test("stops with the child's death", () => {
    const [child] = babies;
    if (!child) throw new Error("no baby was invented");
    const told = inventScreening(SEED, { ...child, diedOn: addDays(child.bornOn, 1) }, ON);
    expect(told.bloodSpots).toEqual([]);
  });
});
