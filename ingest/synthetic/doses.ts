/**
 * The vaccinations of one invented child: those of its birth cohort at the visits of their day, given by the uptake of
 * its local authority, late as children are late, refused by some. Pure.
 *
 * Source: the routine schedule and its changes by date of birth and date of visit, UKHSA complete routine
 * immunisation schedule; programmes before 2013 as far as their vaccines have a published code. Meningococcal C under
 * one year of age has none and is left out.
 */

import { academicYear, addMonths, addYears, type Day, yearGroup } from "../../schema/calendar";
import {
  type NotGivenReason,
  type PROCEDURES,
  PRODUCTS,
  type VaccinationRoute,
  type VaccinationSite,
  type Vaccine,
} from "../../schema/vocabulary/vaccines";
import { Chance, weights } from "./chance";
import { type Fact, type InventedChild, STREAMS } from "./child";
import { daysApart, later } from "./days";
import { ORIGINS } from "./people";
import { uptakeOf } from "./places";

export interface InventedDose extends Fact<"DoseRecorded"> {
  /** Local wall time `HH:MM`. */
  readonly givenAtTime: string;
}

export type InventedDoseNotGiven = Fact<"DoseNotGivenRecorded">;

export interface Vaccinations {
  /** In the order of the days they were given on. */
  readonly given: readonly InventedDose[];
  readonly notGiven: readonly InventedDoseNotGiven[];
}

type ProductCode = keyof typeof PRODUCTS;
type ProcedureCode = keyof typeof PROCEDURES;

interface Preparation {
  /** The products in use, any of them; none where no code of one is published. */
  readonly products: readonly ProductCode[];
  /** Procedure codes by dose, the last for all that follow; none where no code is published. */
  readonly procedures: readonly ProcedureCode[];
  readonly route: VaccinationRoute;
  readonly millilitres: number;
}

const injected = { route: "INTRAMUSCULAR", millilitres: 0.5 } as const;

/** What is given as each vaccine of the schedule. */
const PREPARATIONS: Readonly<Partial<Record<Vaccine, Preparation>>> = {
  HEXAVALENT: {
    products: ["34765811000001105", "39367111000001105"],
    procedures: ["1082441000000108", "1082451000000106", "1082461000000109", "1162640003"],
    ...injected,
  },
  PENTAVALENT: { products: [], procedures: [], ...injected },
  DTAPIPV: { products: ["26267211000001100"], procedures: ["868273007"], ...injected },
  TDIPV: { products: ["7374311000001101"], procedures: ["414619005"], ...injected },
  HIBMENC: { products: ["9903711000001109"], procedures: ["428975001"], ...injected },
  MENB: { products: ["23584211000001109"], procedures: ["720539004", "720540002", "720544006"], ...injected },
  MENACWY: { products: ["20517811000001104", "39779611000001104"], procedures: ["871874000"], ...injected },
  PCV: {
    products: ["16649411000001104"],
    procedures: ["247631000000101", "247641000000105", "247651000000108"],
    ...injected,
  },
  ROTAVIRUS: {
    products: ["34609911000001106"],
    procedures: ["868631000000102", "868651000000109"],
    route: "ORAL",
    millilitres: 1.5,
  },
  MMR: { products: ["34925111000001104", "13968211000001108"], procedures: ["38598009", "170433008"], ...injected },
  MMRV: { products: ["45480711000001107", "45525711000001102"], procedures: ["432636005", "433733003"], ...injected },
  HPV: { products: ["33493111000001108"], procedures: ["761841000"], ...injected },
  FLU: { products: ["43208811000001106"], procedures: ["884861000000100"], route: "NASAL", millilitres: 0.2 },
  BCG: { products: ["37240111000001101"], procedures: ["42284007"], route: "INTRADERMAL", millilitres: 0.05 },
  HEPB: { products: ["10752011000001102"], procedures: ["170370000", "170371001", "170372008"], ...injected },
};

const REASONS = weights({
  DECLINED: 45,
  DID_NOT_ATTEND: 35,
  DEFERRED: 8,
  UNWELL: 8,
  CONTRAINDICATED: 4,
} satisfies Partial<Record<NotGivenReason, number>>);

const BATCH_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ";
const NURSES = 240;
/** ODS code of the community trust that stands for whoever vaccinates at schools. */
const SCHOOL_SERVICE = "RY7";

/** Programme changes; the first visit, birth or school year each one is about. */
const MENB_BORN_FROM = "2015-05-01";
const ROTAVIRUS_BORN_FROM = "2013-05-01";
const HEXAVALENT_BORN_FROM = "2017-08-01";
const ONE_PRIMING_PCV_BORN_FROM = "2020-01-01";
const EIGHTEEN_MONTHS_BORN_FROM = "2024-07-01";
const SECOND_MENB_EARLIER_FROM = "2025-07-01";
const MMRV_GIVEN_FROM = "2026-01-01";
const MMRV_BORN_FROM = "2020-01-01";

/** Everything given and not given up to `on`, or to the day the child died. */
export function inventVaccinations(seed: number, child: InventedChild, on: Day): Vaccinations {
  const chance = new Chance(seed, STREAMS.doses, child.index);
  const book = new Book(chance, child, child.diedOn ?? on);
  const reluctance = chance.next();
  // Most families accept or refuse everything alike; now and then a visit goes its own way.
  const willing = (share: number) => (chance.happens(0.85) ? reluctance : chance.next()) < share;
  const uptake = uptakeOf(child.stays[0].home.localAuthority);
  const first = uptake.hexavalent;
  const second = uptake.secondMeasles;

  inventSelective(chance, child, book);
  const abroad = chance.happens(0.006);
  inventInfancy(chance, child, book, reluctance, first);
  inventSecondYear(chance, child, book, willing, { one: second + 0.7 * (first - second), eighteen: second + 0.02 });
  inventPreSchool(chance, child, book, willing, second);
  inventSeasons(chance, child, book, reluctance, second);
  inventSchoolYears(chance, child, book, willing, second);
  return abroad ? toldSecondHand(book, chance) : book.closed();
}

/** What a locality is told that had not given the doses itself: no batch, sometimes only the month or the year. */
function toldSecondHand(book: Book, chance: Chance): Vaccinations {
  const { given, notGiven } = book.closed();
  return { given: given.map((dose) => (chance.happens(0.6) ? secondHand(dose, chance) : dose)), notGiven };
}

export function secondHand(dose: InventedDose, chance: Chance): InventedDose {
  const share = chance.next();
  const precision = share < 0.04 ? "YEAR" : share < 0.12 ? "MONTH" : "DAY";
  const givenOn =
    precision === "YEAR"
      ? `${dose.givenOn.slice(0, 4)}-01-01`
      : precision === "MONTH"
        ? `${dose.givenOn.slice(0, 7)}-01`
        : dose.givenOn;
  return {
    ...dose,
    givenOn,
    precision,
    batchNumber: null,
    expiresOn: null,
    site: null,
    givenBy: null,
    organisation: null,
    place: null,
    primarySource: false,
  };
}

type Willing = (share: number) => boolean;

/** The doses of one child as they are put down, and the day after which nothing more can be. */
class Book {
  private readonly given: InventedDose[] = [];
  private readonly notGiven: InventedDoseNotGiven[] = [];
  private readonly counts = new Map<Vaccine, number>();
  private visit: Visit | null = null;

  constructor(
    private readonly chance: Chance,
    private readonly child: InventedChild,
    readonly until: Day,
  ) {}

  /** Puts a dose down, unless the day has not come; answers whether it was given. */
  give(vaccine: Vaccine, on: Day, urn: string | null = null): boolean {
    if (on > this.until) return false;
    const preparation = PREPARATIONS[vaccine];
    // Each season of flu is a course of its own.
    const count = vaccine === "FLU" ? 1 : this.count(vaccine) + 1;
    this.counts.set(vaccine, count);
    const { chance } = this;
    const product = preparation?.products[chance.below(preparation.products.length)] ?? null;
    const procedures = preparation?.procedures ?? [];
    const full = chance.happens(0.93);
    const visit = this.visitOn(on);
    this.given.push({
      vaccine,
      givenOn: on,
      givenAtTime: visit.time,
      precision: "DAY",
      procedureCode: procedures[Math.min(count, procedures.length) - 1] ?? null,
      productCode: product,
      doseNumber: chance.happens(0.97) ? count : null,
      site: full ? siteOf(preparation?.route, this.child.bornOn, on, chance) : null,
      route: preparation?.route ?? null,
      batchNumber: full ? batch(chance) : null,
      expiresOn: full ? later(on, 60 + chance.below(600)) : null,
      manufacturer: product && PRODUCTS[product].manufacturer,
      amountMillilitres: preparation?.millilitres ?? null,
      givenBy: visit.nurse,
      organisation: urn ? SCHOOL_SERVICE : this.surgeryOn(on),
      place: urn,
      primarySource: true,
    });
    return true;
  }

  decline(vaccine: Vaccine, on: Day): void {
    if (on > this.until || this.chance.happens(0.5)) return;
    const reason = this.chance.weighted(REASONS);
    const until = reason === "DEFERRED" || reason === "UNWELL" ? later(on, 28) : null;
    this.notGiven.push({ vaccine, reason, decidedOn: on, until, organisation: this.surgeryOn(on) });
  }

  count(vaccine: Vaccine): number {
    return this.counts.get(vaccine) ?? 0;
  }

  closed(): Vaccinations {
    const given = this.given.sort((one, other) =>
      one.givenOn < other.givenOn ? -1 : one.givenOn > other.givenOn ? 1 : 0,
    );
    return { given, notGiven: this.notGiven };
  }

  /** The practice of the locality where the child then lived. */
  private surgeryOn(on: Day): string | null {
    const { stays } = this.child;
    return (stays.find((stay) => stay.from <= on) ?? stays[0]).practice;
  }

  /** What is given on one day is given at one time by one nurse. */
  private visitOn(on: Day): Visit {
    if (this.visit?.on !== on) this.visit = { on, time: timeOfDay(this.chance), nurse: nurse(this.chance) };
    return this.visit;
  }
}

interface Visit {
  readonly on: Day;
  readonly time: string;
  readonly nurse: string;
}

/** Hepatitis B of mothers who carry it, and BCG of families from where tuberculosis is common. */
function inventSelective(chance: Chance, child: InventedChild, book: Book): void {
  if (chance.happens(0.003)) {
    book.give("HEPB", child.bornOn);
    book.give("HEPB", later(child.bornOn, 28 + chance.below(10)));
    if (child.bornOn < EIGHTEEN_MONTHS_BORN_FROM) book.give("HEPB", later(addYears(child.bornOn, 1), chance.below(40)));
  }
  if (chance.happens(0.03))
    book.give("BCG", later(child.bornOn, child.bornOn < "2021-09-01" ? 2 : 28 + chance.below(30)));
}

function inventInfancy(chance: Chance, child: InventedChild, book: Book, reluctance: number, uptake: number): void {
  const { bornOn } = child;
  // Of the families below the uptake all three visits are made; just above it some begin and do not finish.
  const visits = reluctance < uptake ? 3 : reluctance < uptake + 0.02 ? chance.between(1, 2) : 0;
  const hexavalent: Vaccine = bornOn >= HEXAVALENT_BORN_FROM ? "HEXAVALENT" : "PENTAVALENT";
  let on = bornOn;
  for (let visit = 1; visit <= 3; visit++) {
    const proposed = later(bornOn, 28 + 28 * visit + lateness(chance, 0.008));
    on = visit === 1 || daysApart(on, proposed) >= 28 ? proposed : later(on, 28 + chance.below(5));
    if (visit > visits) {
      book.decline(hexavalent, on);
      continue;
    }
    book.give(hexavalent, on);
    const age = daysApart(bornOn, on);
    if (bornOn >= ROTAVIRUS_BORN_FROM && visit <= 2 && age < (visit === 1 ? 105 : 168)) book.give("ROTAVIRUS", on);
    const earlier = on >= SECOND_MENB_EARLIER_FROM;
    if (bornOn >= MENB_BORN_FROM && (visit === 1 || (book.count("MENB") === 1 && (visit === 3 || earlier)))) {
      book.give("MENB", on);
    }
    const primes =
      bornOn >= ONE_PRIMING_PCV_BORN_FROM
        ? book.count("PCV") === 0 && (visit === 3 || (visit === 2 && !earlier))
        : visit !== 2;
    if (primes) book.give("PCV", on);
  }
}

function inventSecondYear(
  chance: Chance,
  child: InventedChild,
  book: Book,
  willing: Willing,
  share: { readonly one: number; readonly eighteen: number },
): void {
  const { bornOn } = child;
  const on = later(addYears(bornOn, 1), lateness(chance));
  if (willing(share.one)) {
    book.give(measlesVaccine(bornOn, on), on);
    if (on < addYears(bornOn, 2)) {
      book.give("PCV", on);
      if (bornOn >= MENB_BORN_FROM) book.give("MENB", on);
    }
    if (bornOn < EIGHTEEN_MONTHS_BORN_FROM) book.give(on < MMRV_GIVEN_FROM ? "HIBMENC" : "HEXAVALENT", on);
  } else {
    book.decline(measlesVaccine(bornOn, on), on);
  }
  if (bornOn < EIGHTEEN_MONTHS_BORN_FROM) return;
  const toddler = later(addMonths(bornOn, 18), lateness(chance));
  if (willing(share.eighteen)) {
    book.give("HEXAVALENT", toddler);
    book.give(measlesVaccine(bornOn, toddler), toddler);
  } else {
    book.decline("HEXAVALENT", toddler);
  }
}

function inventPreSchool(chance: Chance, child: InventedChild, book: Book, willing: Willing, share: number): void {
  const { bornOn } = child;
  const on = later(addMonths(bornOn, 40), lateness(chance));
  if (!willing(share)) {
    book.decline("DTAPIPV", on);
    book.decline(measlesVaccine(bornOn, on), on);
    return;
  }
  if (book.count("HEXAVALENT") + book.count("PENTAVALENT") >= 3) book.give("DTAPIPV", on);
  const measles = book.count("MMR") + book.count("MMRV");
  if (measles >= 2 && bornOn > "2024-12-31") return;
  book.give(measlesVaccine(bornOn, on), on);
  if (measles === 0) {
    const again = later(on, 28 + chance.below(60));
    book.give(measlesVaccine(bornOn, again), again);
  }
}

/** Flu: at two and three years at the practice, from Reception at school, each autumn; older pupils since 2020. */
function inventSeasons(chance: Chance, child: InventedChild, book: Book, reluctance: number, share: number): void {
  const { bornOn } = child;
  for (let year = Math.max(2014, Number(bornOn.slice(0, 4)) + 2); year <= Number(book.until.slice(0, 4)); year++) {
    const group = yearGroup(bornOn, `${year}-09-01`);
    const offered = group < 0 ? group >= -3 : year >= 2020 ? group <= 11 : group <= Math.min(6, year - 2013);
    if (!offered) continue;
    const accepts = group < 0 ? 0.43 : group <= 6 ? 0.55 : 0.42;
    const wanted = (chance.happens(0.6) ? reluctance : chance.next()) < (accepts * share) / 0.86;
    if (wanted) book.give("FLU", later(`${year}-09-15`, chance.below(85)), group < 0 ? null : schoolOf(child));
  }
}

function inventSchoolYears(chance: Chance, child: InventedChild, book: Book, willing: Willing, share: number): void {
  const { bornOn, sex } = child;
  const accepts = (share / 0.86) * 0.76;
  const yearEight = academicYear(bornOn) + 5 + 8;
  const termDay = (year: number) => later(`${year + 1}-01-08`, chance.below(180));
  if (sex === "FEMALE" || yearEight >= 2019) {
    const on = termDay(yearEight);
    if (willing(accepts)) {
      book.give("HPV", on, schoolOf(child));
      // Two doses until the academic year 2023/24, one since.
      if (yearEight < 2022) book.give("HPV", later(on, 330 + chance.below(60)), schoolOf(child));
    } else {
      book.decline("HPV", on);
    }
  }
  const on = termDay(yearEight + 1);
  if (!willing(accepts)) {
    book.decline("TDIPV", on);
    return;
  }
  book.give("TDIPV", on, schoolOf(child));
  if (yearEight + 1 >= 2015) book.give("MENACWY", on, schoolOf(child));
}

function measlesVaccine(bornOn: Day, on: Day): Vaccine {
  return on >= MMRV_GIVEN_FROM && bornOn >= MMRV_BORN_FROM ? "MMRV" : "MMR";
}

function schoolOf(child: InventedChild): string {
  return child.stays[0].school?.urn ?? "888888";
}

/** Days after the recommended age: most within three weeks, `straggling` of them up to more than a year. */
function lateness(chance: Chance, straggling = 0.035): number {
  const share = chance.next();
  if (share < 0.82) return Math.floor(chance.next() ** 2 * 21);
  return share < 1 - straggling ? chance.between(21, 70) : chance.between(70, 480);
}

function siteOf(route: VaccinationRoute | undefined, bornOn: Day, on: Day, chance: Chance): VaccinationSite | null {
  if (route === "ORAL") return null;
  if (route === "NASAL") return "NOSE";
  const left = chance.happens(0.5);
  if (on < addYears(bornOn, 1)) return left ? "LEFT_THIGH" : "RIGHT_THIGH";
  return left ? "LEFT_UPPER_ARM" : "RIGHT_UPPER_ARM";
}

function batch(chance: Chance): string {
  return `${chance.text(BATCH_LETTERS, 2)}${String(chance.between(100, 999))}${chance.text(BATCH_LETTERS, 1)}`;
}

function timeOfDay(chance: Chance): string {
  return `${String(chance.between(8, 17)).padStart(2, "0")}:${String(chance.below(60)).padStart(2, "0")}`;
}

/** One of a few hundred nurses, who are nobody. */
function nurse(chance: Chance): string {
  const at = chance.below(NURSES);
  const { girls, family } = ORIGINS.ENGLISH;
  return `${girls[at % girls.length]} ${family[(at * 7) % family.length]}`;
}
