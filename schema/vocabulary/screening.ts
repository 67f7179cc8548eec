/**
 * Newborn screening: what is examined and tested for, the outcomes, and the codes each is sent under.
 *
 * Sources: NHS England event messages newborn-hearing-1, blood-spot-test-outcome-1 and nipe-outcome-1 (nhsconnect/
 * Events-Management, January 2025); value sets DCH-AABRHearingTest-Outcome-1, DCH-AOAEHearingTest-Outcome-1,
 * DCH-BloodSpotOutcome…-1 and DCH-OutcomeStatus…-1 (nhsconnect/STU3-FHIR-Assets, 2017); GOV.UK newborn blood spot
 * status codes (August 2022). Codes are SNOMED CT unless a line says otherwise.
 *
 * A code that no row holds is never normal: it stands as UNCLASSIFIED until a person has looked at it.
 */

// Newborn hearing.

interface HearingOutcomeRow {
  readonly says: string;
  /** Null where no national code is published: only a legacy system tells it. */
  readonly snomed: string | null;
  /** Whether the screen is done, whatever it found. */
  readonly complete: boolean;
}

/**
 * Summary outcomes of the newborn hearing screen. Names: newborn hearing screening programme standards. Of the
 * members of reference set 999002021000000105 only one code is published; the others are not guessed.
 */
export const NEWBORN_HEARING_OUTCOMES = {
  CLEAR_NO_FOLLOW_UP: {
    says: "Clear response, no follow-up required",
    snomed: "276781000000109",
    complete: true,
  },
  CLEAR_TARGETED_FOLLOW_UP: { says: "Clear response, targeted follow-up", snomed: null, complete: true },
  NO_CLEAR_RESPONSE_BILATERAL: { says: "No clear response, bilateral referral", snomed: null, complete: true },
  NO_CLEAR_RESPONSE_UNILATERAL: { says: "No clear response, unilateral referral", snomed: null, complete: true },
  INCOMPLETE: { says: "Incomplete, baby or equipment reason", snomed: null, complete: false },
  INCOMPLETE_CONTRAINDICATED: { says: "Incomplete, screening contraindicated", snomed: null, complete: false },
  INCOMPLETE_DECLINED: { says: "Incomplete, declined", snomed: null, complete: false },
  INCOMPLETE_MOVED: { says: "Incomplete, moved away", snomed: null, complete: false },
  INCOMPLETE_NOT_CONTACTABLE: { says: "Incomplete, not contactable", snomed: null, complete: false },
  INCOMPLETE_DIED: { says: "Incomplete, baby died", snomed: null, complete: false },
  UNCLASSIFIED: { says: "Outcome received, meaning unknown: needs a person", snomed: null, complete: false },
} as const satisfies Record<string, HearingOutcomeRow>;
export type NewbornHearingOutcome = keyof typeof NEWBORN_HEARING_OUTCOMES;

/** The observation that carries the summary outcome. */
export const HEARING_SUMMARY_CODE = "276771000000107";

export const EARS = { LEFT: { says: "Left ear" }, RIGHT: { says: "Right ear" } } as const;
export type Ear = keyof typeof EARS;

/** The two tests of the screen. `timesAnEar`: how often a message may tell it for one ear. */
export const HEARING_TEST_METHODS = {
  AABR: { says: "Automated auditory brainstem response", snomed: "413083006", timesAnEar: 1 },
  AOAE: { says: "Automated otoacoustic emission", snomed: "446077009", timesAnEar: 2 },
} as const;
export type HearingTestMethod = keyof typeof HEARING_TEST_METHODS;

export const EAR_OUTCOMES = {
  CLEAR: { says: "Clear response" },
  NO_CLEAR_RESPONSE: { says: "No clear response" },
} as const;
export type EarOutcome = keyof typeof EAR_OUTCOMES;

export interface HearingTestOutcome {
  readonly method: HearingTestMethod;
  readonly ear: Ear;
  readonly outcome: EarOutcome;
}

/** Outcome code of one test of one ear; a closed set. The ear is told by nothing else in a message. */
export const HEARING_TEST_OUTCOMES: Readonly<Record<string, HearingTestOutcome>> = {
  "1085431000000105": { method: "AABR", ear: "LEFT", outcome: "CLEAR" },
  "1085451000000103": { method: "AABR", ear: "RIGHT", outcome: "CLEAR" },
  "1085461000000100": { method: "AABR", ear: "LEFT", outcome: "NO_CLEAR_RESPONSE" },
  "1085471000000107": { method: "AABR", ear: "RIGHT", outcome: "NO_CLEAR_RESPONSE" },
  "1085491000000106": { method: "AOAE", ear: "LEFT", outcome: "CLEAR" },
  "1085501000000100": { method: "AOAE", ear: "RIGHT", outcome: "CLEAR" },
  "1085511000000103": { method: "AOAE", ear: "LEFT", outcome: "NO_CLEAR_RESPONSE" },
  "1085521000000109": { method: "AOAE", ear: "RIGHT", outcome: "NO_CLEAR_RESPONSE" },
};

export function newbornHearingOutcomeOf(code: string): NewbornHearingOutcome | null {
  return HEARING_OUTCOME_BY_CODE.get(code) ?? null;
}

export function hearingTestMethodOf(procedureCode: string): HearingTestMethod | null {
  return HEARING_METHOD_BY_CODE.get(procedureCode) ?? null;
}

export function hearingTestOutcomeOf(code: string): HearingTestOutcome | null {
  return HEARING_TEST_OUTCOMES_BY_CODE.get(code) ?? null;
}

/** The code under which a test's outcome is sent. */
export function hearingTestOutcomeCode(told: HearingTestOutcome): string {
  const entry = Object.entries(HEARING_TEST_OUTCOMES).find(
    ([, row]) => row.method === told.method && row.ear === told.ear && row.outcome === told.outcome,
  );
  // The table holds all eight combinations of its three types; the tests count them.
  return (entry as [string, HearingTestOutcome])[0];
}

// Newborn blood spot.

interface BloodSpotConditionRow {
  readonly says: string;
  /** The code of its screening procedure. */
  readonly snomed: string;
  /** Codes of earlier releases, still accepted. */
  readonly formerly: readonly string[];
}

/** The conditions screened for, in the order of the national tables, then the two added since. */
export const BLOOD_SPOT_CONDITIONS = {
  PKU: { says: "Phenylketonuria", snomed: "314081000", formerly: [] },
  SCD: { says: "Sickle cell disease", snomed: "314090007", formerly: [] },
  CF: { says: "Cystic fibrosis", snomed: "171191008", formerly: ["314080004"] },
  CHT: { says: "Congenital hypothyroidism", snomed: "400984005", formerly: [] },
  MCADD: { says: "Medium-chain acyl-CoA dehydrogenase deficiency", snomed: "428056008", formerly: [] },
  HCU: { says: "Homocystinuria", snomed: "940201000000107", formerly: [] },
  MSUD: { says: "Maple syrup urine disease", snomed: "940221000000103", formerly: [] },
  GA1: { says: "Glutaric aciduria type 1", snomed: "940131000000109", formerly: [] },
  IVA: { says: "Isovaleric acidaemia", snomed: "940151000000102", formerly: [] },
  SCID: { says: "Severe combined immunodeficiency", snomed: "1239891000000106", formerly: [] },
  HT1: { says: "Hereditary tyrosinaemia type 1", snomed: "2201661000000107", formerly: [] },
} as const satisfies Record<string, BloodSpotConditionRow>;
export type BloodSpotCondition = keyof typeof BLOOD_SPOT_CONDITIONS;
export const BLOOD_SPOT_CONDITION_NAMES = Object.keys(BLOOD_SPOT_CONDITIONS) as readonly BloodSpotCondition[];

/**
 * What a status asks for: the group it stands in. `conclusive`: the condition has its answer. Statuses 04 to 08 and
 * 10 are taken as conclusive; no official list is published.
 */
export const BLOOD_SPOT_OUTCOMES = {
  RECEIVED: { says: "Specimen received in the laboratory", conclusive: false },
  DECLINED: { says: "Declined", conclusive: false },
  REPEAT_NEEDED: { says: "Repeat or further sample needed", conclusive: false },
  NOT_SUSPECTED: { says: "Condition not suspected", conclusive: true },
  CARRIER: { says: "Carrier", conclusive: true },
  NOT_SUSPECTED_OTHER_FOLLOW_UP: {
    says: "Condition not suspected, other disorder needs follow-up",
    conclusive: true,
  },
  SUSPECTED: { says: "Condition suspected", conclusive: true },
  NOT_SCREENED: { says: "Not screened, or screening incomplete", conclusive: false },
  HAEMOGLOBIN_S_NOT_SUSPECTED: { says: "Haemoglobin S not suspected (by DNA)", conclusive: true },
  UNCLASSIFIED: { says: "Outcome received, meaning unknown: needs a person", conclusive: false },
} as const;
export type BloodSpotOutcome = keyof typeof BLOOD_SPOT_OUTCOMES;

interface BloodSpotStatusRow {
  readonly outcome: BloodSpotOutcome;
  readonly says: string;
}

/** National status codes of two digits and sub-codes of four. */
export const BLOOD_SPOT_STATUSES = {
  "01": { outcome: "RECEIVED", says: "Specimen received in the laboratory" },
  "02": { outcome: "DECLINED", says: "Declined" },
  "0201": { outcome: "DECLINED", says: "Declined: no history of screening" },
  "0202": { outcome: "DECLINED", says: "Declined: parent reports a UK screen, no evidence" },
  "0203": { outcome: "DECLINED", says: "Declined: screened abroad, evidence seen" },
  "0204": { outcome: "DECLINED", says: "Declined: screened abroad, no evidence" },
  "0208": { outcome: "DECLINED", says: "Declined because of an epidemic" },
  "03": { outcome: "REPEAT_NEEDED", says: "Repeat or further sample needed" },
  "0301": { outcome: "REPEAT_NEEDED", says: "Too young for reliable screening" },
  "0302": { outcome: "REPEAT_NEEDED", says: "Less than 72 hours after a transfusion" },
  "0303": { outcome: "REPEAT_NEEDED", says: "Insufficient sample" },
  "0304": { outcome: "REPEAT_NEEDED", says: "Blood incorrectly applied" },
  "0305": { outcome: "REPEAT_NEEDED", says: "Sample compressed or damaged" },
  "0306": { outcome: "REPEAT_NEEDED", says: "Day 0 and day 5 on one card" },
  "0307": { outcome: "REPEAT_NEEDED", says: "Possible faecal contamination" },
  "0308": { outcome: "REPEAT_NEEDED", says: "NHS number missing or not accurately recorded" },
  "0309": { outcome: "REPEAT_NEEDED", says: "Date of sample missing or not accurately recorded" },
  "0310": { outcome: "REPEAT_NEEDED", says: "Date of birth not accurately matched" },
  "0311": { outcome: "REPEAT_NEEDED", says: "Expired card used" },
  "0312": { outcome: "REPEAT_NEEDED", says: "More than 14 days in transit" },
  "0313": { outcome: "REPEAT_NEEDED", says: "Damaged in transit" },
  "0314": { outcome: "REPEAT_NEEDED", says: "Too premature (sickle cell disease)" },
  "0315": { outcome: "REPEAT_NEEDED", says: "Too premature (congenital hypothyroidism)" },
  "0316": { outcome: "REPEAT_NEEDED", says: "Borderline" },
  "0317": { outcome: "REPEAT_NEEDED", says: "Inconclusive" },
  "04": { outcome: "NOT_SUSPECTED", says: "Condition not suspected" },
  "05": { outcome: "CARRIER", says: "Carrier" },
  "06": { outcome: "CARRIER", says: "Condition not suspected, carrier of another haemoglobin" },
  "0601": { outcome: "CARRIER", says: "Carrier of haemoglobin C" },
  "0602": { outcome: "CARRIER", says: "Carrier of haemoglobin D" },
  "0603": { outcome: "CARRIER", says: "Carrier of haemoglobin E" },
  "0604": { outcome: "CARRIER", says: "Carrier of haemoglobin O-Arab" },
  "07": { outcome: "NOT_SUSPECTED_OTHER_FOLLOW_UP", says: "Condition not suspected, other disorder needs follow-up" },
  "08": { outcome: "SUSPECTED", says: "Condition suspected" },
  "09": { outcome: "NOT_SCREENED", says: "Not screened, or screening incomplete" },
  "0901": { outcome: "NOT_SCREENED", says: "Over 8 weeks, too old" },
  "0902": { outcome: "NOT_SCREENED", says: "Over 1 year, too old" },
  "0903": { outcome: "NOT_SCREENED", says: "Moved out of area" },
  "0904": { outcome: "NOT_SCREENED", says: "Not contactable" },
  "0905": { outcome: "NOT_SCREENED", says: "Baby died" },
  "0906": { outcome: "NOT_SCREENED", says: "Not required, earlier valid result" },
  "10": { outcome: "HAEMOGLOBIN_S_NOT_SUSPECTED", says: "Haemoglobin S not suspected (by DNA)" },
} as const satisfies Record<string, BloodSpotStatusRow>;
export type BloodSpotStatus = keyof typeof BLOOD_SPOT_STATUSES;

/** What an outcome code stands for, and the one condition it may be told of. */
export interface BloodSpotOutcomeCode {
  readonly condition: BloodSpotCondition;
  /** `04`; null where the code is held unclassified. */
  readonly status: string | null;
  /** `0301`; null where the status has none. */
  readonly subStatus: string | null;
  readonly outcome: BloodSpotOutcome;
}

export function bloodSpotConditionOf(procedureCode: string): BloodSpotCondition | null {
  return BLOOD_SPOT_CONDITION_BY_CODE.get(procedureCode) ?? null;
}

/** A status as national systems write it, two or four digits; null where it is none of them. */
export function bloodSpotStatusOf(code: string): Omit<BloodSpotOutcomeCode, "condition"> | null {
  if (!isBloodSpotStatus(code)) return null;
  return {
    status: code.slice(0, 2),
    subStatus: code.length === 4 ? code : null,
    outcome: BLOOD_SPOT_STATUSES[code].outcome,
  };
}

/**
 * What an outcome code says of a condition: null where no table holds the code, or none holds it for this
 * condition (`isScreeningOutcomeCode` tells the two apart).
 */
export function bloodSpotOutcomeOf(condition: BloodSpotCondition, code: string): BloodSpotOutcomeCode | null {
  return BLOOD_SPOT_OUTCOME_BY_CODE.get(`${condition}|${code}`) ?? null;
}

/** The code under which a status or sub-status of a condition is sent; null where none is published. */
export function bloodSpotOutcomeCode(condition: BloodSpotCondition, status: BloodSpotStatus): string | null {
  return BLOOD_SPOT_CODE_BY_STATUS.get(`${condition}|${status}`) ?? null;
}

// Newborn and infant physical examination.

/** The parts examined. `malesOnly`: a girl without it is not incomplete. */
export const EXAMINED_PARTS = {
  HIPS: { says: "Hips", snomed: "985531000000102", malesOnly: false },
  EYES: { says: "Eyes", snomed: "988361000000105", malesOnly: false },
  HEART: { says: "Heart", snomed: "988351000000107", malesOnly: false },
  TESTES: { says: "Testes", snomed: "988371000000103", malesOnly: true },
} as const;
export type ExaminedPart = keyof typeof EXAMINED_PARTS;
export const EXAMINED_PART_NAMES = Object.keys(EXAMINED_PARTS) as readonly ExaminedPart[];

export const EXAMINATION_STAGES = {
  NEWBORN: { says: "Newborn examination, within 72 hours of birth" },
  INFANT: { says: "Infant examination, at 6 to 8 weeks" },
} as const;
export type ExaminationStage = keyof typeof EXAMINATION_STAGES;

interface ExaminationOutcomeRow {
  readonly says: string;
  /** Whether the part was examined, whatever was found. */
  readonly examined: boolean;
}

export const EXAMINATION_OUTCOMES = {
  NOT_DONE: { says: "Not done", examined: false },
  DECLINED: { says: "Declined", examined: false },
  INCOMPLETE: { says: "Incomplete", examined: false },
  NO_ABNORMALITY: { says: "No abnormality", examined: true },
  ABNORMALITY_SUSPECTED: { says: "Abnormality suspected", examined: true },
  ABNORMALITY_SUSPECTED_LEFT: { says: "Left abnormality suspected", examined: true },
  ABNORMALITY_SUSPECTED_RIGHT: { says: "Right abnormality suspected", examined: true },
  ABNORMALITY_SUSPECTED_BILATERAL: { says: "Bilateral abnormality suspected", examined: true },
  UNCLASSIFIED: { says: "Outcome received, meaning unknown: needs a person", examined: false },
} as const satisfies Record<string, ExaminationOutcomeRow>;
export type ExaminationOutcome = keyof typeof EXAMINATION_OUTCOMES;

export interface ExaminationOutcomeCode {
  readonly part: ExaminedPart;
  readonly outcome: ExaminationOutcome;
  /** Null where the outcome does not say. */
  readonly riskFactor: boolean | null;
}

export function examinedPartOf(procedureCode: string): ExaminedPart | null {
  return EXAMINED_PART_BY_CODE.get(procedureCode) ?? null;
}

export function examinationOutcomeOf(code: string): ExaminationOutcomeCode | null {
  return EXAMINATION_OUTCOME_BY_CODE.get(code) ?? null;
}

/** The code under which an outcome of a part is sent; null where none is published for that part. */
export function examinationOutcomeCode(told: ExaminationOutcomeCode): string | null {
  for (const [code, row] of EXAMINATION_OUTCOME_BY_CODE) {
    if (row.part === told.part && row.outcome === told.outcome && row.riskFactor === told.riskFactor) return code;
  }
  return null;
}

// Encounters and comments.

/** Types of encounter that screening messages tell of. Source: CodeSystem DCH-ChildHealthEncounterType-1. */
export const SCREENING_ENCOUNTER_TYPES = {
  NEWBORN_EXAMINATION: { code: "006", says: "Newborn Infant Physical Examination" },
  NEWBORN_HEARING: { code: "007", says: "Newborn Hearing Screening" },
  NEWBORN_BLOOD_SPOT: { code: "008", says: "Newborn Blood Spot Screening" },
  GP_REVIEW: { code: "009", says: "6-8 Week GP Led Review" },
} as const;
export type ScreeningEncounterType = keyof typeof SCREENING_ENCOUNTER_TYPES;

/** What a professional's comment is about. Source: CodeSystem DCH-ProfessionalCommentType-1. */
export const SCREENING_COMMENT_TYPES = {
  NEWBORN_BLOOD_SPOT: { code: "007", says: "Newborn Blood Spot Screening" },
  NEWBORN_HEARING: { code: "008", says: "Newborn Hearing Screening" },
  NEWBORN_EXAMINATION: { code: "009", says: "Newborn and Infant Physical Examination (72 hours)" },
  INFANT_EXAMINATION: { code: "010", says: "Newborn and Infant Physical Examination (6-8 Weeks)" },
} as const;
export type ScreeningCommentType = keyof typeof SCREENING_COMMENT_TYPES;

/** Whether any screen's table holds the code as an outcome: then it means that outcome and no other. */
export function isScreeningOutcomeCode(code: string): boolean {
  return SCREENING_OUTCOME_CODES.has(code);
}

// The code tables of the blood spot and the physical examination, one row an outcome, and what is found by them.

const SPECIMEN_RECEIVED = "509581000000105";

/** Held unclassified: its descriptor is not that of national status 06, which it would otherwise be. */
const SICKLE_CELL_TRAIT_NOT_SUSPECTED = "771461000000105";

/** Held unclassified: a parent concept, which says that there is a finding and not which. */
const SCID_RELATED_FINDING = "1239971000000104";

const HT1_NOT_SUSPECTED = "2201881000000102";

/** Status or sub-status, then the code of each of the first nine conditions in the order of their table. */
type BloodSpotRow = readonly [BloodSpotStatus, ...(string | null)[]];

// biome-ignore format: one status a line
const BLOOD_SPOT_CODES: readonly BloodSpotRow[] = [
  // PKU, SCD, CF, CHT, MCADD, HCU, MSUD, GA1, IVA
  ["02", "429726000", "428299008", "428841003", "428650003", "428042006", "948051000000101", "949261000000103", "947891000000100", "947831000000101"],
  ["0201", "946021000000105", "947591000000102", "947031000000109", "947671000000100", "947751000000100", "950271000000102", "949281000000107", "951861000000101", "950961000000104"],
  ["0202", "946041000000103", "947611000000105", "947041000000100", "947691000000101", "947771000000109", "950351000000103", "949381000000103", "951881000000105", "950981000000108"],
  ["0203", "946061000000102", "947631000000102", "947061000000104", "947711000000104", "947791000000108", "950371000000107", "949441000000100", "951901000000108", "951001000000109"],
  ["0204", "946081000000106", "947651000000109", "947081000000108", "947731000000107", "947811000000109", "950391000000106", "949461000000104", "951921000000104", "951021000000100"],
  ["03", "384331000000103", "384351000000105", "384341000000107", "384361000000108", "384371000000101", "950411000000106", "949501000000104", "951941000000106", "951121000000101"],
  ["0301", "946361000000104", "947951000000103", "947101000000102", "948421000000100", "948841000000109", "950461000000108", "949541000000101", "951961000000107", "951141000000108"],
  ["0302", "946161000000101", "947971000000107", "947121000000106", "948441000000107", "948861000000105", "950481000000104", "949581000000109", "951981000000103", "951241000000103"],
  ["0303", "947011000000101", "947991000000106", "947141000000104", "948461000000108", "948881000000101", "947421000000101", "946281000000104", "952001000000103", "951321000000103"],
  ["0304", "946181000000105", "948011000000100", "947161000000103", "948481000000104", "948901000000103", "950501000000108", "949601000000100", "952021000000107", "951361000000106"],
  ["0305", "946201000000109", "948031000000108", "947181000000107", "948501000000108", "955991000000103", "950521000000104", "949641000000102", "952041000000100", "951381000000102"],
  ["0306", "946221000000100", "948071000000105", "947201000000106", "948521000000104", "948941000000100", "950541000000106", "949661000000101", "952061000000104", "951401000000102"],
  ["0307", null, null, "947221000000102", null, null, null, null, null, null],
  ["0308", "946381000000108", "952321000000109", "947241000000109", "948541000000106", "948981000000108", "950561000000107", "949681000000105", "952081000000108", "951421000000106"],
  ["0309", "946431000000102", "952341000000102", "947281000000101", "948561000000107", "949001000000105", "950581000000103", "949701000000107", "952101000000102", "951441000000104"],
  ["0310", "947261000000105", "952361000000101", "947301000000100", "948581000000103", "949021000000101", "950601000000107", "949721000000103", "952121000000106", "951461000000103"],
  ["0311", "946451000000109", "952381000000105", "947321000000109", "948601000000107", "949041000000108", "950621000000103", "949741000000105", "952141000000104", "951481000000107"],
  ["0312", "946481000000103", "952401000000105", "947341000000102", "948641000000105", "949081000000100", "950641000000105", "949761000000106", "952161000000103", "951501000000103"],
  ["0313", "946501000000107", "952421000000101", "947361000000101", "948661000000106", "949101000000106", "950661000000106", "949781000000102", "952181000000107", "951521000000107"],
  ["0314", null, "952521000000100", null, null, null, null, null, null, null],
  ["0315", null, null, null, "948681000000102", null, null, null, null, null],
  ["0316", null, null, null, "948721000000109", null, null, null, null, null],
  ["0317", null, null, "947381000000105", null, null, null, null, null, null],
  ["04", "429106008", "427854007", "428273001", "428999001", "428279002", "950141000000103", "949801000000101", "951781000000101", "951741000000109"],
  ["05", null, "442018007", "441520002", null, "822891000000105", null, null, null, null],
  ["0601", null, "931981000000104", null, null, null, null, null, null, null],
  ["0602", null, "932021000000108", null, null, null, null, null, null, null],
  ["0603", null, "932061000000100", null, null, null, null, null, null, null],
  ["0604", null, "932101000000103", null, null, null, null, null, null, null],
  ["07", "384391000000102", "384381000000104", "384401000000104", "384411000000102", "384421000000108", "950161000000102", "949821000000105", "951801000000100", "951761000000105"],
  ["08", "428655008", "428485006", "428301001", "428300000", "429244009", "947451000000106", "950121000000105", "951831000000106", "951701000000106"],
  ["09", "302741000000103", "302751000000100", "302771000000109", "302781000000106", "302761000000102", "950681000000102", "949841000000103", "952201000000106", "951541000000100"],
  ["0901", null, null, "947401000000105", null, null, null, null, null, null],
  ["0902", "946521000000103", "948241000000108", null, "948741000000102", "949121000000102", "950701000000100", "949861000000102", "952221000000102", "951581000000108"],
  ["0903", "946541000000105", "948261000000109", "947491000000103", "948761000000101", "949141000000109", "950721000000109", "949941000000107", "952241000000109", "951601000000104"],
  ["0904", "946601000000106", "948281000000100", "947511000000106", "948781000000105", "949161000000105", "950821000000102", "949981000000104", "952261000000105", "951621000000108"],
  ["0905", "946621000000102", "948301000000104", "947531000000103", "948801000000106", "949181000000101", "950841000000109", "950021000000106", "952281000000101", "951661000000100"],
  ["0906", "946661000000105", "948321000000108", "947551000000105", "948821000000102", "949201000000102", "950861000000105", "950041000000104", "952301000000100", "951641000000101"],
  ["10", null, "948351000000103", null, null, null, null, null, null, null],
];

// Without sides for the heart; without risk factors for the testes.
type ExaminationRow = readonly [ExaminationOutcome, riskFactor: boolean | null, ...(string | null)[]];

/** The parts in the order of the columns of the table below. */
const EXAMINATION_COLUMNS = ["HIPS", "EYES", "HEART", "TESTES"] as const;

// biome-ignore format: one outcome a line
const EXAMINATION_CODES: readonly ExaminationRow[] = [
  ["NOT_DONE", null, "988161000000108", "989011000000103", "988491000000108", "988871000000107"],
  ["DECLINED", null, "988181000000104", "989031000000106", "988591000000109", "988891000000106"],
  ["INCOMPLETE", null, "988201000000100", "989051000000104", "988611000000101", "988911000000109"],
  ["NO_ABNORMALITY", false, "985701000000100", "989071000000108", "988511000000100", null],
  ["NO_ABNORMALITY", true, "985741000000102", "989091000000107", "988531000000108", null],
  ["NO_ABNORMALITY", null, null, null, null, "988931000000101"],
  ["ABNORMALITY_SUSPECTED", false, null, null, "988571000000105", null],
  ["ABNORMALITY_SUSPECTED", true, null, null, "988551000000101", null],
  ["ABNORMALITY_SUSPECTED_LEFT", false, "988331000000100", "989191000000106", null, null],
  ["ABNORMALITY_SUSPECTED_LEFT", true, "988311000000108", "989211000000105", null, null],
  ["ABNORMALITY_SUSPECTED_LEFT", null, null, null, null, "988991000000100"],
  ["ABNORMALITY_SUSPECTED_RIGHT", false, "988221000000109", "989171000000107", null, null],
  ["ABNORMALITY_SUSPECTED_RIGHT", true, "985891000000104", "989151000000103", null, null],
  ["ABNORMALITY_SUSPECTED_RIGHT", null, null, null, null, "988971000000104"],
  ["ABNORMALITY_SUSPECTED_BILATERAL", false, "988241000000102", "989111000000102", null, null],
  ["ABNORMALITY_SUSPECTED_BILATERAL", true, "985431000000103", "989131000000105", null, null],
  ["ABNORMALITY_SUSPECTED_BILATERAL", null, null, null, null, "988951000000108"],
];

const HEARING_OUTCOME_BY_CODE = new Map<string, NewbornHearingOutcome>([
  [NEWBORN_HEARING_OUTCOMES.CLEAR_NO_FOLLOW_UP.snomed, "CLEAR_NO_FOLLOW_UP"],
]);
const HEARING_METHOD_BY_CODE = new Map<string, HearingTestMethod>([
  [HEARING_TEST_METHODS.AABR.snomed, "AABR"],
  [HEARING_TEST_METHODS.AOAE.snomed, "AOAE"],
]);
const HEARING_TEST_OUTCOMES_BY_CODE = new Map(Object.entries(HEARING_TEST_OUTCOMES));
const BLOOD_SPOT_CONDITION_BY_CODE = new Map<string, BloodSpotCondition>(
  BLOOD_SPOT_CONDITION_NAMES.flatMap((condition) => {
    const { snomed, formerly } = BLOOD_SPOT_CONDITIONS[condition];
    return [snomed, ...formerly].map((code) => [code, condition] as const);
  }),
);
const EXAMINED_PART_BY_CODE = new Map<string, ExaminedPart>(
  EXAMINED_PART_NAMES.map((part) => [EXAMINED_PARTS[part].snomed, part]),
);

/** Condition and status → code. The specimen's receipt has one code for the first nine conditions. */
const BLOOD_SPOT_CODE_BY_STATUS = new Map<string, string>();
for (const [status, ...codes] of BLOOD_SPOT_CODES) {
  for (const [column, code] of codes.entries()) {
    if (code !== null) BLOOD_SPOT_CODE_BY_STATUS.set(`${BLOOD_SPOT_CONDITION_NAMES[column]}|${status}`, code);
  }
}
for (const condition of BLOOD_SPOT_CONDITION_NAMES.slice(0, 9)) {
  BLOOD_SPOT_CODE_BY_STATUS.set(`${condition}|01`, SPECIMEN_RECEIVED);
}
BLOOD_SPOT_CODE_BY_STATUS.set("HT1|04", HT1_NOT_SUSPECTED);

/** Condition and code → what it stands for. */
const BLOOD_SPOT_OUTCOME_BY_CODE = new Map<string, BloodSpotOutcomeCode>();
for (const [key, code] of BLOOD_SPOT_CODE_BY_STATUS) {
  // The keys were made above from these two types.
  const [condition, status] = key.split("|") as [BloodSpotCondition, BloodSpotStatus];
  const row = bloodSpotStatusOf(status);
  if (row !== null) BLOOD_SPOT_OUTCOME_BY_CODE.set(`${condition}|${code}`, { condition, ...row });
}
const HELD_UNCLASSIFIED = [
  ["SCD", SICKLE_CELL_TRAIT_NOT_SUSPECTED],
  ["SCID", SCID_RELATED_FINDING],
] as const;
for (const [condition, code] of HELD_UNCLASSIFIED) {
  BLOOD_SPOT_OUTCOME_BY_CODE.set(`${condition}|${code}`, {
    condition,
    status: null,
    subStatus: null,
    outcome: "UNCLASSIFIED",
  });
}

const EXAMINATION_OUTCOME_BY_CODE = new Map<string, ExaminationOutcomeCode>();
for (const [outcome, riskFactor, ...codes] of EXAMINATION_CODES) {
  for (const [column, part] of EXAMINATION_COLUMNS.entries()) {
    const code = codes[column];
    if (code) EXAMINATION_OUTCOME_BY_CODE.set(code, { part, outcome, riskFactor });
  }
}

const SCREENING_OUTCOME_CODES: ReadonlySet<string> = new Set([
  ...HEARING_OUTCOME_BY_CODE.keys(),
  ...HEARING_TEST_OUTCOMES_BY_CODE.keys(),
  ...BLOOD_SPOT_CODE_BY_STATUS.values(),
  SICKLE_CELL_TRAIT_NOT_SUSPECTED,
  SCID_RELATED_FINDING,
  ...EXAMINATION_OUTCOME_BY_CODE.keys(),
]);

function isBloodSpotStatus(code: string): code is BloodSpotStatus {
  return Object.hasOwn(BLOOD_SPOT_STATUSES, code);
}
