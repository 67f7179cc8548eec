/**
 * Vaccines, what each protects against, and the codes that vaccines, sites, routes and reasons are known by.
 *
 * An unknown code is never guessed: every look-up answers null, and the reader reports CODE_UNKNOWN. A sender's dose
 * number and a code's dose hint are kept and never counted with. Confidence of a row: A read in NHS-owned source
 * code, B in good secondary sources, C to be verified.
 *
 * Sources, by short name: MAVIS nhsuk/manage-vaccinations-in-schools; IMMS-API NHSDigital/immunisation-fhir-api;
 * PCV_COD the NHS primary care reference set; code list 2021-22, the vaccination and immunisation code list.
 */

import { addMonths, type Day } from "../calendar";

type Confidence = "A" | "B" | "C";

/** What a vaccine gives protection against. */
export const ANTIGENS = {
  DIPHTHERIA: "Diphtheria",
  TETANUS: "Tetanus",
  PERTUSSIS: "Whooping cough",
  POLIO: "Polio",
  HIB: "Haemophilus influenzae type b",
  HEPATITIS_B: "Hepatitis B",
  MEASLES: "Measles",
  MUMPS: "Mumps",
  RUBELLA: "Rubella",
  VARICELLA: "Chickenpox",
  PNEUMOCOCCAL: "Pneumococcal disease",
  MENINGOCOCCAL_A: "Meningococcal disease, group A",
  MENINGOCOCCAL_B: "Meningococcal disease, group B",
  MENINGOCOCCAL_C: "Meningococcal disease, group C",
  MENINGOCOCCAL_W: "Meningococcal disease, group W",
  MENINGOCOCCAL_Y: "Meningococcal disease, group Y",
  ROTAVIRUS: "Rotavirus",
  HPV: "Human papillomavirus",
  INFLUENZA: "Influenza",
  TUBERCULOSIS: "Tuberculosis",
  COVID_19: "COVID-19",
  RSV: "Respiratory syncytial virus",
  ZOSTER: "Shingles",
} as const;

export type Antigen = keyof typeof ANTIGENS;

interface VaccineRow {
  readonly says: string;
  readonly antigens: readonly Antigen[];
  /** SNOMED CT codes; null where the national API has no vaccine type of this vaccine. */
  readonly targetDiseases: readonly string[] | null;
  /** Vaccine type of the national API and of batch file names; null where it has none. */
  readonly nationalType: string | null;
}

/** Source of target diseases and national types: IMMS-API `config/common/disease_mapping.json` (A). */
export const VACCINES = {
  HEXAVALENT: {
    says: "6-in-1: diphtheria, tetanus, whooping cough, polio, Hib and hepatitis B",
    antigens: ["DIPHTHERIA", "TETANUS", "PERTUSSIS", "POLIO", "HIB", "HEPATITIS_B"],
    targetDiseases: ["398102009", "397430003", "709410003", "27836007", "76902006", "66071002"],
    nationalType: "6IN1",
  },
  PENTAVALENT: {
    says: "5-in-1: diphtheria, tetanus, whooping cough, polio and Hib; given to infants before autumn 2017",
    antigens: ["DIPHTHERIA", "TETANUS", "PERTUSSIS", "POLIO", "HIB"],
    targetDiseases: null,
    nationalType: null,
  },
  DTAPIPV: {
    says: "4-in-1 pre-school booster: diphtheria, tetanus, whooping cough and polio",
    antigens: ["DIPHTHERIA", "TETANUS", "PERTUSSIS", "POLIO"],
    targetDiseases: ["398102009", "397430003", "27836007", "76902006"],
    nationalType: "4IN1",
  },
  TDIPV: {
    says: "3-in-1 teenage booster: tetanus, diphtheria and polio",
    antigens: ["DIPHTHERIA", "TETANUS", "POLIO"],
    targetDiseases: ["398102009", "397430003", "76902006"],
    nationalType: "3IN1",
  },
  HIBMENC: {
    says: "Hib and meningococcal group C",
    antigens: ["HIB", "MENINGOCOCCAL_C"],
    targetDiseases: ["709410003", "23511006"],
    nationalType: "HIBMENC",
  },
  HIB: {
    says: "Haemophilus influenzae type b alone",
    antigens: ["HIB"],
    targetDiseases: ["709410003"],
    nationalType: "HIB",
  },
  MENC: {
    says: "Meningococcal group C alone",
    antigens: ["MENINGOCOCCAL_C"],
    targetDiseases: null,
    nationalType: null,
  },
  MENB: {
    says: "Meningococcal group B",
    antigens: ["MENINGOCOCCAL_B"],
    targetDiseases: ["1354584007"],
    nationalType: "MENB",
  },
  MENACWY: {
    says: "Meningococcal groups A, C, W and Y",
    antigens: ["MENINGOCOCCAL_A", "MENINGOCOCCAL_C", "MENINGOCOCCAL_W", "MENINGOCOCCAL_Y"],
    targetDiseases: ["23511006"],
    nationalType: "MENACWY",
  },
  PCV: {
    says: "Pneumococcal conjugate",
    antigens: ["PNEUMOCOCCAL"],
    targetDiseases: ["16814004"],
    nationalType: "PNEUMOCOCCAL",
  },
  ROTAVIRUS: {
    says: "Rotavirus, by mouth",
    antigens: ["ROTAVIRUS"],
    targetDiseases: ["186150001"],
    nationalType: "ROTAVIRUS",
  },
  MMR: {
    says: "Measles, mumps and rubella",
    antigens: ["MEASLES", "MUMPS", "RUBELLA"],
    targetDiseases: ["14189004", "36989005", "36653000"],
    nationalType: "MMR",
  },
  MMRV: {
    says: "Measles, mumps, rubella and chickenpox",
    antigens: ["MEASLES", "MUMPS", "RUBELLA", "VARICELLA"],
    targetDiseases: ["14189004", "36989005", "36653000", "38907003"],
    nationalType: "MMRV",
  },
  VARICELLA: { says: "Chickenpox alone", antigens: ["VARICELLA"], targetDiseases: null, nationalType: null },
  HPV: { says: "Human papillomavirus", antigens: ["HPV"], targetDiseases: ["240532009"], nationalType: "HPV" },
  FLU: { says: "Influenza, any product", antigens: ["INFLUENZA"], targetDiseases: ["6142004"], nationalType: "FLU" },
  BCG: {
    says: "BCG, against tuberculosis",
    antigens: ["TUBERCULOSIS"],
    targetDiseases: ["56717001"],
    nationalType: "BCG",
  },
  HEPB: {
    says: "Hepatitis B alone",
    antigens: ["HEPATITIS_B"],
    targetDiseases: ["66071002"],
    nationalType: "HEPB",
  },
  COVID: { says: "COVID-19", antigens: ["COVID_19"], targetDiseases: ["840539006"], nationalType: "COVID" },
  RSV: {
    says: "Respiratory syncytial virus",
    antigens: ["RSV"],
    targetDiseases: ["55735004"],
    nationalType: "RSV",
  },
  PERTUSSIS: {
    says: "Whooping cough alone",
    antigens: ["PERTUSSIS"],
    targetDiseases: ["27836007"],
    nationalType: "PERTUSSIS",
  },
  SHINGLES: { says: "Shingles", antigens: ["ZOSTER"], targetDiseases: ["4740000"], nationalType: "SHINGLES" },
  UNKNOWN: {
    says: "A vaccine that the source itself records as not known; protects against nothing that is counted",
    antigens: [],
    targetDiseases: null,
    nationalType: null,
  },
} as const satisfies Record<string, VaccineRow>;

export type Vaccine = keyof typeof VACCINES;

export const VACCINE_NAMES = Object.keys(VACCINES) as readonly Vaccine[];

interface ProcedureRow {
  readonly vaccine: Vaccine;
  /** Which dose the code says it is; null where it is used for any. */
  readonly dose: 1 | 2 | 3 | "BOOSTER" | null;
  /** Set where the code says that the vaccine was not given. */
  readonly notGiven?: NotGivenReason;
  readonly source: string;
  readonly confidence: Confidence;
}

/** SNOMED CT procedure and situation codes. */
export const PROCEDURES = {
  "1082441000000108": { vaccine: "HEXAVALENT", dose: 1, source: "IMMS-API e2e", confidence: "B" },
  "1162640003": { vaccine: "HEXAVALENT", dose: null, source: "IMMS-API e2e", confidence: "B" },
  "1082451000000106": { vaccine: "HEXAVALENT", dose: 2, source: "code list 2021-22", confidence: "C" },
  "1082461000000109": { vaccine: "HEXAVALENT", dose: 3, source: "code list 2021-22", confidence: "C" },
  "868273007": { vaccine: "DTAPIPV", dose: null, source: "IMMS-API e2e", confidence: "B" },
  "247821000000102": { vaccine: "DTAPIPV", dose: "BOOSTER", source: "IMMS-API e2e", confidence: "B" },
  "414619005": { vaccine: "TDIPV", dose: null, source: "MAVIS app/models/vaccine.rb", confidence: "A" },
  "866227002": { vaccine: "TDIPV", dose: "BOOSTER", source: "IMMS-API e2e", confidence: "B" },
  "720539004": { vaccine: "MENB", dose: 1, source: "IMMS-API e2e", confidence: "B" },
  "516301000000101": { vaccine: "MENB", dose: null, source: "IMMS-API e2e", confidence: "B" },
  "720540002": { vaccine: "MENB", dose: 2, source: "general knowledge", confidence: "C" },
  "720544006": { vaccine: "MENB", dose: 3, source: "general knowledge", confidence: "C" },
  "868631000000102": { vaccine: "ROTAVIRUS", dose: 1, source: "IMMS-API e2e", confidence: "B" },
  "415354003": { vaccine: "ROTAVIRUS", dose: null, source: "IMMS-API e2e", confidence: "B" },
  "868651000000109": { vaccine: "ROTAVIRUS", dose: 2, source: "general knowledge", confidence: "C" },
  "247631000000101": { vaccine: "PCV", dose: 1, source: "PCV_COD", confidence: "A" },
  "247641000000105": { vaccine: "PCV", dose: 2, source: "PCV_COD", confidence: "A" },
  "247651000000108": { vaccine: "PCV", dose: 3, source: "PCV_COD", confidence: "A" },
  "820741000000108": { vaccine: "PCV", dose: null, source: "PCV_COD, supplemental", confidence: "A" },
  "139791000119105": { vaccine: "PCV", dose: null, source: "PCV_COD", confidence: "A" },
  "38598009": { vaccine: "MMR", dose: null, source: "MAVIS", confidence: "A" },
  "170433008": { vaccine: "MMR", dose: 2, source: "MAVIS", confidence: "A" },
  "308081000000105": { vaccine: "MMR", dose: 1, source: "IMMS-API sample batch", confidence: "B" },
  "170432003": { vaccine: "MMR", dose: "BOOSTER", source: "IMMS-API sample batch", confidence: "B" },
  "432636005": { vaccine: "MMRV", dose: null, source: "MAVIS", confidence: "A" },
  "433733003": { vaccine: "MMRV", dose: 2, source: "MAVIS", confidence: "A" },
  "428975001": { vaccine: "HIBMENC", dose: null, source: "IMMS-API e2e, under type HIB", confidence: "B" },
  "712833000": { vaccine: "HIBMENC", dose: null, source: "IMMS-API e2e, under type HIB", confidence: "B" },
  "871874000": { vaccine: "MENACWY", dose: null, source: "MAVIS", confidence: "A" },
  "761841000": { vaccine: "HPV", dose: null, source: "MAVIS", confidence: "A" },
  "985151000000100": { vaccine: "FLU", dose: 1, source: "MAVIS, injected", confidence: "A" },
  "985171000000109": { vaccine: "FLU", dose: 2, source: "MAVIS, injected", confidence: "A" },
  "884861000000100": { vaccine: "FLU", dose: 1, source: "MAVIS, nasal", confidence: "A" },
  "884881000000109": { vaccine: "FLU", dose: 2, source: "MAVIS, nasal", confidence: "A" },
  "42284007": { vaccine: "BCG", dose: null, source: "IMMS-API e2e", confidence: "B" },
  "170370000": { vaccine: "HEPB", dose: 1, source: "IMMS-API e2e", confidence: "B" },
  "170371001": { vaccine: "HEPB", dose: 2, source: "general knowledge", confidence: "C" },
  "170372008": { vaccine: "HEPB", dose: 3, source: "general knowledge", confidence: "C" },
  "170373003": { vaccine: "HEPB", dose: "BOOSTER", source: "IMMS-API e2e", confidence: "B" },
  "1083421000000107": {
    vaccine: "HEXAVALENT",
    dose: null,
    notGiven: "CONTRAINDICATED",
    source: "code list 2021-22",
    confidence: "B",
  },
  "275974002": {
    vaccine: "MMR",
    dose: null,
    notGiven: "CONTRAINDICATED",
    source: "code list 2021-22",
    confidence: "B",
  },
} as const satisfies Record<string, ProcedureRow>;

interface ProductRow {
  readonly brand: string;
  readonly vaccine: Vaccine;
  readonly manufacturer: string;
  /** What a code of the same brand is, beside the one that stands first. */
  readonly form?: string;
  /** Whether it contains gelatine from pigs; left out where no source read says. Source: MAVIS config/vaccines.yml (A). */
  readonly porcineGelatine?: boolean;
  /** Youngest age it is given at, where that is its own. Source: NHS.UK, the nasal spray from two years (A). */
  readonly fromMonths?: number;
  /** True for what was given in earlier years and is not what is given now. */
  readonly formerly?: true;
  readonly source: string;
  readonly confidence: Confidence;
}

/**
 * Dictionary of medicines and devices (dm+d) codes; of the products of one vaccine the preferred first. No code of Repevax was
 * found, so none stands here.
 */
export const PRODUCTS = {
  "34765811000001105": {
    brand: "Infanrix hexa",
    vaccine: "HEXAVALENT",
    manufacturer: "GlaxoSmithKline",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "39367111000001105": {
    brand: "Vaxelis",
    vaccine: "HEXAVALENT",
    manufacturer: "Sanofi Pasteur",
    source: "public FHIR demonstration only",
    confidence: "B",
  },
  "26267211000001100": {
    brand: "Boostrix-IPV",
    vaccine: "DTAPIPV",
    manufacturer: "GlaxoSmithKline",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "7374511000001107": {
    brand: "Revaxis",
    vaccine: "TDIPV",
    manufacturer: "Sanofi Pasteur",
    source: "MAVIS",
    confidence: "A",
  },
  "7374311000001101": {
    brand: "Revaxis",
    vaccine: "TDIPV",
    manufacturer: "Sanofi Pasteur",
    form: "product, not pack",
    source: "MAVIS",
    confidence: "A",
  },
  "34609911000001106": {
    brand: "Rotarix",
    vaccine: "ROTAVIRUS",
    manufacturer: "GlaxoSmithKline",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "17996111000001109": {
    brand: "Rotarix",
    vaccine: "ROTAVIRUS",
    manufacturer: "GlaxoSmithKline",
    form: "generic",
    source: "public code lists",
    confidence: "B",
  },
  "23584211000001109": {
    brand: "Bexsero",
    vaccine: "MENB",
    manufacturer: "GlaxoSmithKline",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "37430711000001103": {
    brand: "Bexsero",
    vaccine: "MENB",
    manufacturer: "another supplier",
    form: "pack of another supplier",
    source: "public code lists",
    confidence: "B",
  },
  "16649411000001104": {
    brand: "Prevenar 13",
    vaccine: "PCV",
    manufacturer: "Pfizer",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "40600011000001101": {
    brand: "Prevenar 20",
    vaccine: "PCV",
    manufacturer: "Pfizer",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "9903711000001109": {
    brand: "Menitorix",
    vaccine: "HIBMENC",
    manufacturer: "GlaxoSmithKline",
    formerly: true,
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "9903611000001100": {
    brand: "Menitorix",
    vaccine: "HIBMENC",
    manufacturer: "GlaxoSmithKline",
    form: "generic",
    formerly: true,
    source: "public code lists",
    confidence: "B",
  },
  "34925111000001104": {
    brand: "Priorix",
    vaccine: "MMR",
    manufacturer: "GlaxoSmithKline",
    porcineGelatine: false,
    source: "MAVIS",
    confidence: "A",
  },
  "13968211000001108": {
    brand: "MMR VaxPro",
    vaccine: "MMR",
    manufacturer: "Merck Sharp & Dohme",
    porcineGelatine: true,
    source: "MAVIS",
    confidence: "A",
  },
  "45480711000001107": {
    brand: "ProQuad",
    vaccine: "MMRV",
    manufacturer: "Merck Sharp & Dohme",
    porcineGelatine: true,
    source: "MAVIS",
    confidence: "A",
  },
  "45525711000001102": {
    brand: "Priorix-Tetra",
    vaccine: "MMRV",
    manufacturer: "GlaxoSmithKline",
    porcineGelatine: false,
    source: "MAVIS",
    confidence: "A",
  },
  "33493111000001108": {
    brand: "Gardasil 9",
    vaccine: "HPV",
    manufacturer: "Merck Sharp & Dohme",
    source: "MAVIS",
    confidence: "A",
  },
  "10880211000001104": {
    brand: "Gardasil",
    vaccine: "HPV",
    manufacturer: "Merck Sharp & Dohme",
    formerly: true,
    source: "MAVIS",
    confidence: "A",
  },
  "12238911000001100": {
    brand: "Cervarix",
    vaccine: "HPV",
    manufacturer: "GlaxoSmithKline",
    formerly: true,
    source: "MAVIS",
    confidence: "A",
  },
  "39779611000001104": {
    brand: "MenQuadfi",
    vaccine: "MENACWY",
    manufacturer: "Sanofi Pasteur",
    source: "MAVIS",
    confidence: "A",
  },
  "17188711000001105": {
    brand: "Menveo",
    vaccine: "MENACWY",
    manufacturer: "GlaxoSmithKline",
    formerly: true,
    source: "MAVIS",
    confidence: "A",
  },
  "20517811000001104": {
    brand: "Nimenrix",
    vaccine: "MENACWY",
    manufacturer: "Pfizer",
    formerly: true,
    source: "MAVIS",
    confidence: "A",
  },
  "37240111000001101": {
    brand: "BCG AJV",
    vaccine: "BCG",
    manufacturer: "AJ Vaccines",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "9316511000001100": {
    brand: "BCG",
    vaccine: "BCG",
    manufacturer: "an earlier supplier",
    formerly: true,
    source: "public code lists",
    confidence: "B",
  },
  "10752011000001102": {
    brand: "HBvaxPro 10 microgram",
    vaccine: "HEPB",
    manufacturer: "Merck Sharp & Dohme",
    source: "IMMS-API; public code lists",
    confidence: "B",
  },
  "43208811000001106": {
    brand: "Fluenz",
    vaccine: "FLU",
    manufacturer: "AstraZeneca",
    form: "nasal, 0.2 ml",
    porcineGelatine: true,
    fromMonths: 24,
    source: "MAVIS",
    confidence: "A",
  },
  "43207411000001105": {
    brand: "Cell-based trivalent Seqirus",
    vaccine: "FLU",
    manufacturer: "Seqirus",
    porcineGelatine: false,
    source: "MAVIS",
    confidence: "A",
  },
  "45175511000001104": {
    brand: "Vaxigrip",
    vaccine: "FLU",
    manufacturer: "Sanofi Pasteur",
    porcineGelatine: false,
    source: "MAVIS",
    confidence: "A",
  },
  "45354911000001100": {
    brand: "Viatris",
    vaccine: "FLU",
    manufacturer: "Viatris",
    form: "Influvac",
    porcineGelatine: false,
    source: "MAVIS",
    confidence: "A",
  },
} as const satisfies Record<string, ProductRow>;

/** A product by its brand, whatever the pack. */
export interface Product {
  readonly brand: string;
  /** Null where no source read says. */
  readonly porcineGelatine: boolean | null;
}

/** What a vaccine is given with now to a child of a day of birth on a day, one product a brand, the preferred first. */
export function productsGiven(vaccine: Vaccine, bornOn: Day, on: Day): readonly Product[] {
  const brands = new Map<string, Product>();
  for (const { brand, porcineGelatine = null, formerly, fromMonths } of PRODUCTS_OF.get(vaccine) ?? []) {
    if (formerly || brands.has(brand)) continue;
    if (fromMonths === undefined || addMonths(bornOn, fromMonths) <= on) brands.set(brand, { brand, porcineGelatine });
  }
  return [...brands.values()];
}

const PRODUCTS_OF: ReadonlyMap<Vaccine, readonly ProductRow[]> = new Map(
  VACCINE_NAMES.map((vaccine) => [
    vaccine,
    Object.values<ProductRow>(PRODUCTS).filter((row) => row.vaccine === vaccine),
  ]),
);

/**
 * The highest number a dose may be sent with, and the words for one: MAVIS app/models/immunisation_import_row.rb (A). A
 * number that a sender wrote is kept and never counted with.
 */
export const DOSE_NUMBERS = {
  FLU: { most: 2, words: {} },
  HPV: { most: 3, words: {} },
  MENACWY: { most: 3, words: { "1P": 1, "1B": 2, "2B": 3 } },
  MMR: { most: 2, words: { "1P": 1, "1B": 2 } },
  TDIPV: {
    most: 6,
    words: { "1P": 1, "2P": 2, "3P": 3, "1B": 4, "2B": 5, "1st Scheduled Booster": 4, "2nd Scheduled Booster": 5 },
  },
} as const satisfies Partial<
  Record<Vaccine, { readonly most: number; readonly words: Readonly<Record<string, number>> }>
>;

/** The number a sender's word for a dose stands for; null where the word is none of that vaccine's. */
export function doseNumberOf(vaccine: Vaccine, word: string): number | null {
  const numbers: Readonly<Partial<Record<Vaccine, { readonly words: Readonly<Record<string, number>> }>>> =
    DOSE_NUMBERS;
  const words = numbers[vaccine]?.words ?? {};
  return Object.hasOwn(words, word) ? (words[word] ?? null) : null;
}

interface SiteRow {
  readonly says: string;
  /** SNOMED CT code; null where none was published for a vaccination. */
  readonly snomed: string | null;
  /** CarePlus code, and the words of SystmOne; null where that system has none. */
  readonly carePlus: string | null;
  readonly systmOne: string | null;
}

/** Sources: IMMS-API and MAVIS (SNOMED CT); MAVIS careplus_exporter.rb, systm_one_exporter.rb. All A. */
export const VACCINATION_SITES = {
  LEFT_THIGH: { says: "Left thigh", snomed: "61396006", carePlus: "LT", systmOne: "Left lateral thigh" },
  RIGHT_THIGH: { says: "Right thigh", snomed: "11207009", carePlus: "RT", systmOne: "Right lateral thigh" },
  LEFT_UPPER_ARM: { says: "Left upper arm", snomed: "368208006", carePlus: "ULA", systmOne: "Left deltoid" },
  RIGHT_UPPER_ARM: { says: "Right upper arm", snomed: "368209003", carePlus: "URA", systmOne: "Right deltoid" },
  LEFT_BUTTOCK: { says: "Left buttock", snomed: "723979003", carePlus: "LB", systmOne: null },
  RIGHT_BUTTOCK: { says: "Right buttock", snomed: "723980000", carePlus: "RB", systmOne: null },
  NOSE: { says: "Nose", snomed: "279549004", carePlus: "N", systmOne: "Nasal" },
  LEFT_FOREARM: {
    says: "Left forearm, lower inside",
    snomed: null,
    carePlus: "LLIF",
    systmOne: "Left anterior forearm",
  },
  RIGHT_FOREARM: {
    says: "Right forearm, lower inside",
    snomed: null,
    carePlus: "RLIF",
    systmOne: "Right anterior forearm",
  },
  ABDOMEN: { says: "Abdomen", snomed: null, carePlus: "AB", systmOne: null },
  ANTEROLATERAL_THIGH: { says: "Anterolateral thigh, side not told", snomed: null, carePlus: "ALT", systmOne: null },
  LEFT_ANTEROLATERAL_THIGH: {
    says: "Left upper anterolateral thigh",
    snomed: null,
    carePlus: "LALT",
    systmOne: null,
  },
  RIGHT_ANTEROLATERAL_THIGH: {
    says: "Right upper anterolateral thigh",
    snomed: null,
    carePlus: "RALT",
    systmOne: null,
  },
  LEFT: { says: "Left side, place not told", snomed: null, carePlus: "L", systmOne: null },
  RIGHT: { says: "Right side, place not told", snomed: null, carePlus: "R", systmOne: null },
  LEFT_ARM: { says: "Left arm", snomed: null, carePlus: "LA", systmOne: null },
  RIGHT_ARM: { says: "Right arm", snomed: null, carePlus: "RA", systmOne: null },
  LEFT_LEG: { says: "Left leg", snomed: null, carePlus: "LL", systmOne: null },
  RIGHT_LEG: { says: "Right leg", snomed: null, carePlus: "RL", systmOne: null },
  UPPER_ARM: { says: "Upper arm, side not told", snomed: null, carePlus: "UA", systmOne: null },
  MOUTH: { says: "Mouth", snomed: null, carePlus: "MOU", systmOne: null },
  OTHER: { says: "Another place", snomed: null, carePlus: "O", systmOne: null },
} as const satisfies Record<string, SiteRow>;

export type VaccinationSite = keyof typeof VACCINATION_SITES;

export const VACCINATION_SITE_NAMES = Object.keys(VACCINATION_SITES) as readonly VaccinationSite[];

/** CarePlus site codes that name no place: not applicable, not known, unconfirmed. */
export const CAREPLUS_SITES_UNTOLD = ["NA", "NK", "U"] as const;

interface RouteRow {
  readonly says: string;
  readonly snomed: string;
  readonly confidence: Confidence;
}

/** Source: MAVIS and IMMS-API (A); oral and intradermal are SNOMED CT's own, not seen in either (C). */
export const VACCINATION_ROUTES = {
  INTRAMUSCULAR: { says: "Intramuscular", snomed: "78421000", confidence: "A" },
  SUBCUTANEOUS: { says: "Subcutaneous", snomed: "34206005", confidence: "A" },
  NASAL: { says: "Nasal", snomed: "46713006", confidence: "A" },
  ORAL: { says: "Oral", snomed: "26643006", confidence: "C" },
  INTRADERMAL: { says: "Intradermal", snomed: "372464004", confidence: "C" },
} as const satisfies Record<string, RouteRow>;

export type VaccinationRoute = keyof typeof VACCINATION_ROUTES;

export const VACCINATION_ROUTE_NAMES = Object.keys(VACCINATION_ROUTES) as readonly VaccinationRoute[];

/** SNOMED CT code of the unit millilitre. Source: MAVIS (A). */
export const MILLILITRE = "258773002";

interface NotGivenReasonRow {
  readonly says: string;
  /** True where the child is not to be invited again until someone says otherwise. */
  readonly stopsRecall: boolean;
}

/** Source: reasons of the MAVIS imports (refused, unwell, contraindicated, had elsewhere); the others are ours. */
export const NOT_GIVEN_REASONS = {
  DECLINED: { says: "The parent or the young person declined", stopsRecall: true },
  CONTRAINDICATED: { says: "Must not be given to this child", stopsRecall: true },
  DEFERRED: { says: "Put off to a later day", stopsRecall: false },
  GIVEN_ELSEWHERE: { says: "Said to have been given elsewhere, without a record of it", stopsRecall: false },
  UNWELL: { says: "Unwell on the day", stopsRecall: false },
  DID_NOT_ATTEND: { says: "Was not brought", stopsRecall: false },
  OTHER: { says: "Another reason", stopsRecall: false },
} as const satisfies Record<string, NotGivenReasonRow>;

export type NotGivenReason = keyof typeof NOT_GIVEN_REASONS;

export const NOT_GIVEN_REASON_NAMES = Object.keys(NOT_GIVEN_REASONS) as readonly NotGivenReason[];

const PROCEDURES_BY_CODE: ReadonlyMap<string, ProcedureRow> = new Map(Object.entries(PROCEDURES));
const PRODUCTS_BY_CODE: ReadonlyMap<string, ProductRow> = new Map(Object.entries(PRODUCTS));

/** The vaccine a SNOMED CT procedure code is about, given or not; null for a code the table does not have. */
export function vaccineOfProcedure(code: string): Vaccine | null {
  return PROCEDURES_BY_CODE.get(code)?.vaccine ?? null;
}

/** Why a procedure code says that the vaccine was not given; null for every other code. */
export function notGivenByProcedure(code: string): NotGivenReason | null {
  return PROCEDURES_BY_CODE.get(code)?.notGiven ?? null;
}

/** The vaccine a dm+d product code is; null for a code the table does not have. */
export function vaccineOfProduct(code: string): Vaccine | null {
  return PRODUCTS_BY_CODE.get(code)?.vaccine ?? null;
}

/** The brand a dm+d product code is of, whatever its pack or form; null for a code the table does not have. */
export function brandOfProduct(code: string): string | null {
  return PRODUCTS_BY_CODE.get(code)?.brand ?? null;
}

const VACCINES_BY_DISEASES: ReadonlyMap<string, Vaccine> = new Map(
  VACCINE_NAMES.flatMap((name) => {
    const diseases = VACCINES[name].targetDiseases;
    return diseases ? [[diseases.toSorted().join(" "), name] as const] : [];
  }),
);

/**
 * The vaccine whose target diseases are exactly these SNOMED CT codes, in any order; null where none is. This is
 * how the national API decides the type of a vaccination, whatever its procedure and product codes say.
 */
export function vaccineOfTargetDiseases(diseases: Iterable<string>): Vaccine | null {
  return VACCINES_BY_DISEASES.get([...new Set(diseases)].toSorted().join(" ")) ?? null;
}

const VACCINES_BY_NATIONAL_TYPE: ReadonlyMap<string, Vaccine> = new Map(
  VACCINE_NAMES.flatMap((name) => {
    const type = VACCINES[name].nationalType;
    return type ? [[type, name] as const] : [];
  }),
);

/** The vaccine of a type of the national API, as in a batch file's name: `6IN1`; null where there is none such. */
export function vaccineOfNationalType(type: string): Vaccine | null {
  return VACCINES_BY_NATIONAL_TYPE.get(type) ?? null;
}
