/**
 * The kinds of extract file: what a row of each means, whatever its layout, and the events it tells.
 *
 * A row here has the words of the record, not those of a locality. `source` is the locality and the row's own id;
 * `asOf` is when the row was last amended there.
 */

import type { Day, Instant } from "../../schema/calendar";
import type { Problem } from "../../schema/errors";
import type { NhsNumberStatus, Sex, Told } from "../../schema/events";
import type { NhsNumber } from "../../schema/nhs-number";
import type { FlagKind } from "../../schema/vocabulary/flags";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import type {
  BloodSpotCondition,
  BloodSpotStatus,
  EarOutcome,
  ExaminationOutcome,
  ExaminationStage,
  NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import type { NotGivenReason, VaccinationRoute, VaccinationSite, Vaccine } from "../../schema/vocabulary/vaccines";
import type { Identity } from "../reading";
import type { DayTold } from "./columns";
import { SAYS, tellBloodSpot, tellChild, tellDose, tellExamination, tellFlag, tellHearing } from "./tellings";

/** What a row of any kind may say of the child it is about. */
export interface AboutChild {
  /** The number the locality's own system gives the child. */
  localId: string | null;
  nhsNumber: NhsNumber | null;
  familyName: string | null;
  givenNames: string | null;
  bornOn: Day | null;
  sex: Sex | null;
  postcode: string | null;
}

/** One child of the child index. */
export interface ChildRow extends AboutChild {
  nhsNumberStatus: NhsNumberStatus | null;
  /** The number that national systems replaced by `nhsNumber`. */
  supersededNhsNumber: NhsNumber | null;
  /** Local wall time `HH:MM`. */
  bornAtTime: string | null;
  ethnicCategory: string | null;
  addressLine1: string | null;
  addressLine2: string | null;
  addressLine3: string | null;
  addressLine4: string | null;
  /** ONS code. */
  localAuthority: string | null;
  addressFrom: Day | null;
  /** ODS code, or one of the national codes of `PRACTICES_OF_NOBODY` (tellings.ts). */
  practice: string | null;
  practiceFrom: Day | null;
  schoolUrn: string | null;
  schoolName: string | null;
  restricted: boolean | null;
  diedOn: Day | null;
  residence: "RESIDENT" | "MOVED_OUT" | null;
  residenceFrom: Day | null;
  motherNhsNumber: NhsNumber | null;
  amendedAt: Instant | null;
}

/** One dose given, one decided not to be, or one withdrawn. */
export interface DoseRow extends AboutChild {
  /** The row's id at its source; null where the layout has none, and one is made of what identifies the dose. */
  rowId: string | null;
  /** URI of the system that gave the id; null where it is the locality's own. */
  rowIdSystem: string | null;
  action: "new" | "update" | "delete" | null;
  /** The vaccine as the row's own coding names it. */
  vaccine: Vaccine | null;
  procedureCode: string | null;
  productCode: string | null;
  /** The day it was given, or was decided not to be. */
  eventOn: DayTold | null;
  /** Local wall time `HH:MM`. */
  eventAtTime: string | null;
  /** Set where the dose was not given. */
  notGivenReason: NotGivenReason | null;
  notGivenUntil: Day | null;
  doseNumber: number | null;
  site: VaccinationSite | null;
  route: VaccinationRoute | null;
  batchNumber: string | null;
  expiresOn: Day | null;
  manufacturer: string | null;
  amountMillilitres: number | null;
  givenBy: string | null;
  organisation: string | null;
  place: string | null;
  primarySource: boolean | null;
  recordedOn: Day | null;
  amendedAt: Instant | null;
}

interface ScreeningRow extends AboutChild {
  rowId: string | null;
  provider: string | null;
  comment: string | null;
  amendedAt: Instant | null;
}

/** The outcome of one newborn hearing screen. */
export interface HearingRow extends ScreeningRow {
  screenedOn: Day | null;
  outcome: NewbornHearingOutcome | null;
  leftAabr: EarOutcome | null;
  rightAabr: EarOutcome | null;
  leftAoae: EarOutcome | null;
  rightAoae: EarOutcome | null;
}

/** The results of one blood spot sample: the national status of each condition reported. */
export interface BloodSpotRow extends ScreeningRow, Record<BloodSpotCondition, BloodSpotStatus | null> {
  sampleTakenOn: Day | null;
  issuedAt: Instant | null;
}

/** One newborn or infant physical examination. */
export interface ExaminationRow extends ScreeningRow {
  stage: ExaminationStage | null;
  examinedOn: Day | null;
  eyes: ExaminationOutcome | null;
  eyesRisk: boolean | null;
  heart: ExaminationOutcome | null;
  heartRisk: boolean | null;
  hips: ExaminationOutcome | null;
  hipsRisk: boolean | null;
  testes: ExaminationOutcome | null;
  bcgEligible: boolean | null;
}

/** One safeguarding or related flag. */
export interface FlagRow extends AboutChild {
  rowId: string | null;
  kind: FlagKind | null;
  /** ONS code, or a name where it is not one of ours. */
  localAuthority: string | null;
  startedOn: Day | null;
  endedOn: Day | null;
  officePhone: string | null;
  emergencyDutyPhone: string | null;
  amendedAt: Instant | null;
}

/** What a row of each kind of file holds. Every field may be null; the layout says which must not. */
export interface Rows {
  CHILDREN: ChildRow;
  DOSES: DoseRow;
  HEARING: HearingRow;
  BLOOD_SPOT: BloodSpotRow;
  EXAMINATIONS: ExaminationRow;
  FLAGS: FlagRow;
}

export type FileKind = keyof Rows;

/** What the name of a file says of every row in it. */
export interface FileFacts {
  readonly vaccine: Vaccine | null;
  /** When the file was made. Its rows are as of then, in their order. */
  readonly sentAt: Instant | null;
}

/** Where a row stands. */
export interface RowPlace<Row> {
  readonly locality: LocalityCode;
  /** From 1; the header is not counted. */
  readonly number: number;
  readonly file: FileFacts;
  /** Whether the layout has a column of the field. */
  has(field: keyof Row): boolean;
  /** The row and the column of a field, for a problem. */
  at(field: keyof Row): string;
  /** The text of a field as sent. */
  sent(field: keyof Row): string;
}

/** What came of a row; everything found is added to it. */
export interface Telling {
  readonly tells: Told[];
  readonly faults: Problem[];
  readonly warnings: Problem[];
}

interface Kind<Row> {
  /** A row of this kind, for people: `{for} needs it`. */
  readonly says: string;
  readonly introduces: boolean;
  /** A row in which nothing is told. */
  readonly empty: Readonly<Row>;
  /** Fields that no row may leave empty, so that no layout may lack their column. */
  readonly requires: readonly (keyof Row)[];
  /** Days and instants that cannot be before the child was born. */
  readonly afterBirth: readonly (keyof Row)[];
  /** Days and instants that cannot be later than the day the file was received. */
  readonly past: readonly (keyof Row)[];
  readonly tell: (row: Row, place: RowPlace<Row>, telling: Telling) => void;
}

const NOBODY: AboutChild = {
  localId: null,
  nhsNumber: null,
  familyName: null,
  givenNames: null,
  bornOn: null,
  sex: null,
  postcode: null,
};

const NO_SCREENING = { ...NOBODY, rowId: null, provider: null, comment: null, amendedAt: null };

/** Of which kind each file is, in the order in which a locality's files are loaded. */
export const KINDS: { readonly [K in FileKind]: Kind<Rows[K]> } = {
  CHILDREN: {
    says: SAYS.CHILDREN,
    introduces: true,
    empty: {
      ...NOBODY,
      nhsNumberStatus: null,
      supersededNhsNumber: null,
      bornAtTime: null,
      ethnicCategory: null,
      addressLine1: null,
      addressLine2: null,
      addressLine3: null,
      addressLine4: null,
      localAuthority: null,
      addressFrom: null,
      practice: null,
      practiceFrom: null,
      schoolUrn: null,
      schoolName: null,
      restricted: null,
      diedOn: null,
      residence: null,
      residenceFrom: null,
      motherNhsNumber: null,
      amendedAt: null,
    },
    requires: ["localId", "familyName", "givenNames", "bornOn", "sex", "restricted", "residence", "amendedAt"],
    // Not the address: many systems hand on the day the family came to live there.
    afterBirth: ["diedOn", "practiceFrom", "residenceFrom"],
    past: ["bornOn", "diedOn", "amendedAt"],
    tell: tellChild,
  },
  DOSES: {
    says: SAYS.DOSES,
    introduces: false,
    empty: {
      ...NOBODY,
      rowId: null,
      rowIdSystem: null,
      action: null,
      vaccine: null,
      procedureCode: null,
      productCode: null,
      eventOn: null,
      eventAtTime: null,
      notGivenReason: null,
      notGivenUntil: null,
      doseNumber: null,
      site: null,
      route: null,
      batchNumber: null,
      expiresOn: null,
      manufacturer: null,
      amountMillilitres: null,
      givenBy: null,
      organisation: null,
      place: null,
      primarySource: null,
      recordedOn: null,
      amendedAt: null,
    },
    requires: ["familyName", "givenNames", "bornOn", "eventOn"],
    afterBirth: ["eventOn"],
    past: ["bornOn", "eventOn", "recordedOn", "amendedAt"],
    tell: tellDose,
  },
  HEARING: {
    says: SAYS.HEARING,
    introduces: false,
    empty: {
      ...NO_SCREENING,
      screenedOn: null,
      outcome: null,
      leftAabr: null,
      rightAabr: null,
      leftAoae: null,
      rightAoae: null,
    },
    requires: ["localId", "rowId", "screenedOn", "outcome", "amendedAt"],
    afterBirth: ["screenedOn"],
    past: ["bornOn", "screenedOn", "amendedAt"],
    tell: tellHearing,
  },
  BLOOD_SPOT: {
    says: SAYS.BLOOD_SPOT,
    introduces: false,
    empty: {
      ...NO_SCREENING,
      sampleTakenOn: null,
      issuedAt: null,
      PKU: null,
      SCD: null,
      CF: null,
      CHT: null,
      MCADD: null,
      HCU: null,
      MSUD: null,
      GA1: null,
      IVA: null,
      SCID: null,
      HT1: null,
    },
    requires: ["localId", "rowId", "amendedAt"],
    afterBirth: ["sampleTakenOn", "issuedAt"],
    past: ["bornOn", "sampleTakenOn", "issuedAt", "amendedAt"],
    tell: tellBloodSpot,
  },
  EXAMINATIONS: {
    says: SAYS.EXAMINATIONS,
    introduces: false,
    empty: {
      ...NO_SCREENING,
      stage: null,
      examinedOn: null,
      eyes: null,
      eyesRisk: null,
      heart: null,
      heartRisk: null,
      hips: null,
      hipsRisk: null,
      testes: null,
      bcgEligible: null,
    },
    requires: ["localId", "rowId", "stage", "examinedOn", "amendedAt"],
    afterBirth: ["examinedOn"],
    past: ["bornOn", "examinedOn", "amendedAt"],
    tell: tellExamination,
  },
  FLAGS: {
    says: SAYS.FLAGS,
    introduces: false,
    empty: {
      ...NOBODY,
      rowId: null,
      kind: null,
      localAuthority: null,
      startedOn: null,
      endedOn: null,
      officePhone: null,
      emergencyDutyPhone: null,
      amendedAt: null,
    },
    requires: ["localId", "rowId", "kind", "startedOn", "amendedAt"],
    // Neither start nor end: a plan may be made before birth, and its end may be set for a day to come.
    afterBirth: [],
    past: ["bornOn", "startedOn", "amendedAt"],
    tell: tellFlag,
  },
};

export const FILE_KINDS = Object.keys(KINDS) as readonly FileKind[];

/** Who a row of any kind is about. */
export function identityOf(row: Readonly<AboutChild> & { supersededNhsNumber?: NhsNumber | null }): Identity {
  return {
    localId: row.localId,
    nhsNumber: row.nhsNumber,
    supersededNhsNumbers: row.supersededNhsNumber ? [row.supersededNhsNumber] : [],
    familyName: row.familyName,
    givenNames: row.givenNames,
    bornOn: row.bornOn,
    postcode: row.postcode,
    sex: row.sex,
  };
}
