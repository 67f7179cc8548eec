/** Generated from schema/api.graphql and sdk/operations by `npm run generate`; not edited by hand. */

/** An operation as it is sent. `id` is the SHA-256 by which it is registered as a trusted document. */
export interface Operation {
  readonly name: string;
  readonly id: string;
  readonly document: string;
}

/** What kept a part of an answer from being given. */
export interface AnswerError {
  readonly message: string;
  /** Where in the answer the part is missing; null where it is about the whole. */
  readonly path: readonly (string | number)[] | null;
  /** Never changes; docs/errors.md lists them all. */
  readonly code: string;
  /** What you can do about it. */
  readonly remedy: string | null;
  /** The part of the record that reported it, such as `screening`. */
  readonly source: string | null;
  /** To quote when you report it. */
  readonly traceId: string | null;
}

/**
 * An answer may be partial: a part of the record that cannot be asked costs its own fields, which are null, and an
 * error says which. Null without an error at its place means that nothing is recorded.
 */
export interface Answer<Result> {
  readonly data: Result;
  /** Empty for a whole answer. */
  readonly errors: readonly AnswerError[];
}

/** One event of a subscription. Keep its cursor: given as `after` it goes on behind this event. */
export interface Told<Result> extends Answer<Result> {
  readonly cursor: string;
}

export interface ListenOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}

/** A dose given: the vaccine by a code or by our name for it, and the day. */
export interface DoseInput {
  /** In place of a vaccine: one given abroad that is not counted here. */
  readonly abroad?: VaccineAbroad | null;
  /** The day it was given; any day of the month or year where `precision` says no more is known. */
  readonly givenOn: string;
  /** How much of `givenOn` is known. */
  readonly precision?: DatePrecision;
  /** dm+d product code. */
  readonly productCode?: string | null;
  /** Our own name of the vaccine. */
  readonly vaccine?: Vaccine | null;
  /** SNOMED CT procedure code. */
  readonly vaccineCode?: string | null;
}

/** What else a forecast rests on. What is left out is taken as not known, never as no. */
export interface HistoryInput {
  /** Whether the newborn is eligible for BCG, by area or family. */
  readonly bcgEligible?: boolean | null;
  /** Whether the child is in a clinical risk group for flu. */
  readonly clinicalRisk?: boolean | null;
  /** Day of death. */
  readonly diedOn?: string | null;
  /** Whether the child has had chickenpox. */
  readonly hadChickenpox?: boolean | null;
  /** Whether the child is immunosuppressed. */
  readonly immunosuppressed?: boolean | null;
  /** Whether the mother has hepatitis B. */
  readonly motherHepatitisB?: boolean | null;
  /** Doses declined, put off or not to be given. */
  readonly notGiven?: readonly NotGivenInput[] | null;
  /** Screening for severe combined immunodeficiency. */
  readonly scid?: ScidOutcome | null;
  /** Whether the child is invited at all. */
  readonly status?: ForecastStatus;
}

/** Why a dose was not given. */
export interface NotGivenInput {
  /** The day it was decided, or happened. */
  readonly decidedOn: string;
  /** Why. */
  readonly reason: NotGivenReason;
  /** The day from which it no longer holds. Left out: until someone says otherwise. */
  readonly until?: string | null;
  /** What was not given. */
  readonly vaccine: Vaccine;
}

/** Which notifications: every condition given holds. What is left out is no condition. */
export interface NotificationFilter {
  /** True: only those that somebody of the team has acknowledged. False: only those that wait. */
  readonly acknowledged?: boolean | null;
  /** Of one of these kinds. */
  readonly kinds?: readonly NotificationKind[] | null;
  /** Told to one of these teams, such as HEALTH_VISITING:WIRRAL. Restricted children are left out: being found by team would tell where they are. */
  readonly teams?: readonly string[] | null;
  /** Of one of these urgencies. */
  readonly urgencies?: readonly NotificationUrgency[] | null;
}

/** A condition of newborn blood spot screening. */
export type BloodSpotCondition =
  | "CF"
  | "CHT"
  | "GA1"
  | "HCU"
  | "HT1"
  | "IVA"
  | "MCADD"
  | "MSUD"
  | "PKU"
  | "SCD"
  | "SCID";

/** What the blood spot screen of one condition came to: the group of its national status. */
export type BloodSpotOutcome =
  | "CARRIER"
  | "DECLINED"
  | "HAEMOGLOBIN_S_NOT_SUSPECTED"
  | "NOT_SCREENED"
  | "NOT_SUSPECTED"
  | "NOT_SUSPECTED_OTHER_FOLLOW_UP"
  | "RECEIVED"
  | "REPEAT_NEEDED"
  | "SUSPECTED"
  | "UNCLASSIFIED";

/** Whether somebody may be invited for a dose, and who is written to. Children who died, moved away or whose whereabouts are restricted are in no list. */
export type Contactability =
  | "CONTRAINDICATED"
  | "DECLINED"
  | "FAMILY"
  | "ON_A_LIST"
  | "REFER"
  | "WAITING"
  | "YOUNG_PERSON";

/** How much of a date is known. */
export type DatePrecision =
  | "DAY"
  | "MONTH"
  | "YEAR";

/** What about a dose a person should look at. */
export type DoseFlag =
  | "AFTER_DEATH"
  | "BEFORE_BIRTH"
  | "CONFLICTING_PRODUCTS"
  | "DATE_INCOMPLETE"
  | "MORE_THAN_SCHEDULED"
  | "OVERLAPPING_VACCINES"
  | "POSSIBLE_DUPLICATE";

/** How a dose of the schedule stands on a day. */
export type DoseState =
  | "AGED_OUT"
  | "COMPLETE"
  | "CONTRAINDICATED"
  | "DUE"
  | "NOT_ELIGIBLE"
  | "NOT_YET_DUE"
  | "OVERDUE"
  | "REFUSED"
  | "SUPPRESSED";

/** What the examination of one part of the body came to. */
export type ExaminationOutcome =
  | "ABNORMALITY_SUSPECTED"
  | "ABNORMALITY_SUSPECTED_BILATERAL"
  | "ABNORMALITY_SUSPECTED_LEFT"
  | "ABNORMALITY_SUSPECTED_RIGHT"
  | "DECLINED"
  | "INCOMPLETE"
  | "NOT_DONE"
  | "NO_ABNORMALITY"
  | "UNCLASSIFIED";

/** Which physical examination it was. */
export type ExaminationStage =
  | "INFANT"
  | "NEWBORN";

/** Whether the child is invited at all. */
export type ForecastStatus =
  | "DECEASED"
  | "MOVED_OUT"
  | "RESIDENT";

/** A locality of Cheshire and Merseyside. */
export type LocalityCode =
  | "CHESHIRE_WEST"
  | "EAST_CHESHIRE"
  | "LIVERPOOL_SEFTON"
  | "ST_HELENS_KNOWSLEY"
  | "WARRINGTON"
  | "WIRRAL";

/** What a newborn hearing screen came to. */
export type NewbornHearingOutcome =
  | "CLEAR_NO_FOLLOW_UP"
  | "CLEAR_TARGETED_FOLLOW_UP"
  | "INCOMPLETE"
  | "INCOMPLETE_CONTRAINDICATED"
  | "INCOMPLETE_DECLINED"
  | "INCOMPLETE_DIED"
  | "INCOMPLETE_MOVED"
  | "INCOMPLETE_NOT_CONTACTABLE"
  | "NO_CLEAR_RESPONSE_BILATERAL"
  | "NO_CLEAR_RESPONSE_UNILATERAL"
  | "UNCLASSIFIED";

/** A newborn or infant screen that a notification is about. */
export type NewbornScreen =
  | "BLOOD_SPOT"
  | "HEARING"
  | "INFANT_EXAMINATION"
  | "NEWBORN_EXAMINATION";

/** Why a dose was not given. */
export type NotGivenReason =
  | "CONTRAINDICATED"
  | "DECLINED"
  | "DEFERRED"
  | "DID_NOT_ATTEND"
  | "GIVEN_ELSEWHERE"
  | "OTHER"
  | "UNWELL";

/** What a team is told of. */
export type NotificationKind =
  | "BIRTH"
  | "DEATH"
  | "DEATH_REMOVED"
  | "GLASS_BROKEN"
  | "MOVED_HOME"
  | "MOVED_IN"
  | "MOVED_OUT"
  | "PRACTICE_JOINED"
  | "PRACTICE_LEFT"
  | "PRACTICE_NONE"
  | "SCREEN_CHANGED"
  | "SCREEN_CLEAR"
  | "SCREEN_INCOMPLETE"
  | "SCREEN_NOT_CLEAR"
  | "SCREEN_WITHDRAWN"
  | "STILLBIRTH";

/** How a notification stands. */
export type NotificationState =
  | "ACKNOWLEDGED"
  | "OPEN"
  | "SILENCED";

/** How soon a notification is to be seen. */
export type NotificationUrgency =
  | "ROUTINE"
  | "URGENT";

/** How a child stands by the safeguarding flags known here. */
export type SafeguardingStanding =
  | "COULD_NOT_BE_CHECKED"
  | "CURRENT"
  | "ENDED"
  | "NONE_KNOWN";

/** What newborn screening for severe combined immunodeficiency said. */
export type ScidOutcome =
  | "AWAITED"
  | "NOT_OFFERED"
  | "NOT_SUSPECTED"
  | "SUSPECTED";

/** A child's sex as registered. */
export type Sex =
  | "FEMALE"
  | "MALE"
  | "NOT_KNOWN"
  | "NOT_SPECIFIED";

/** A kind of team. */
export type TeamKind =
  | "CHILD_HEALTH_INFORMATION"
  | "GENERAL_PRACTICE"
  | "HEALTH_VISITING"
  | "PRIVACY"
  | "SAFEGUARDING"
  | "SCHOOL_NURSING"
  | "SCREENING";

/** A vaccine by what it protects against, not by its brand. */
export type Vaccine =
  | "BCG"
  | "COVID"
  | "DTAPIPV"
  | "FLU"
  | "HEPB"
  | "HEXAVALENT"
  | "HIB"
  | "HIBMENC"
  | "HPV"
  | "MENACWY"
  | "MENB"
  | "MENC"
  | "MMR"
  | "MMRV"
  | "PCV"
  | "PENTAVALENT"
  | "PERTUSSIS"
  | "ROTAVIRUS"
  | "RSV"
  | "SHINGLES"
  | "TDIPV"
  | "UNKNOWN"
  | "VARICELLA";

/** A vaccine given abroad that is not counted here. */
export type VaccineAbroad =
  | "OPV"
  | "PCV10";

/** Variables of AcknowledgeNotification. */
export interface AcknowledgeNotificationVariables {
  readonly id: string;
}

/** Says that the team has seen a notification; the first of a team counts. */
export type AcknowledgeNotificationResult = {
  /** Says that the team has seen a notification. The first of a team counts: later ones are answered who was first. */
  readonly acknowledgeNotification: {
    /** Id of the notification. */
    readonly id: string;
    /** Whether it still asks something of the team. */
    readonly state: NotificationState;
    /** Who has seen it. Null until somebody has. */
    readonly acknowledgement: {
      /** When. */
      readonly at: string;
      /** The name of whoever acknowledged it. */
      readonly by: string;
    } | null;
  };
};

export const AcknowledgeNotificationOperation: Operation = {
  name: "AcknowledgeNotification",
  id: "6cdcf7c631f7885212ec190b4d659e8a0aac904f27a6f9e7b5a01d8c2b674c47",
  document: `mutation AcknowledgeNotification(\$id: ID!) {
  acknowledgeNotification(id: \$id) {
    id
    state
    acknowledgement {
      at
      by
    }
  }
}`,
};

/** Variables of ChildRecord. */
export interface ChildRecordVariables {
  readonly nhsNumber: string;
  readonly safeguarding?: boolean;
}

/** The record of the child of an NHS number: who the child is, newborn screening, immunisations and whether a safeguarding flag is known. Null where there is no such child, or none that you may know of. Leave `safeguarding` false unless your role may see it: a partner app's may not, and the answer would hold a NOT_PERMITTED error. */
export type ChildRecordResult = {
  /** The child with an NHS number, present or replaced. Null where there is none, or none this viewer may know of. */
  readonly child: {
    /** The child's id in this record. It is not the NHS number, and stays when that changes. */
    readonly id: string;
    /** The NHS number, from the source that is surest of it. Null where none is known. */
    readonly nhsNumber: string | null;
    /** The child's name as told last. Null where none is known. */
    readonly name: {
      /** Given names in order: Ada Mary. Null where none was told. */
      readonly given: string | null;
      /** Family name. Null where none was told. */
      readonly family: string | null;
    } | null;
    /** The day the child was born. */
    readonly bornOn: string;
    /** The child's sex. Null only with an error. */
    readonly sex: Sex | null;
    /** The day the child died. Null while alive, and where only the death is known: see `deceased`. */
    readonly diedOn: string | null;
    /** True where the child's whereabouts are restricted: whatever tells where it is, is withheld. */
    readonly restricted: boolean;
    /** The newborn hearing screen. Null until an outcome is told. */
    readonly newbornHearing: {
      /** The summary outcome. UNCLASSIFIED is never to be read as a clear response. */
      readonly outcome: NewbornHearingOutcome;
      /** The day the screening encounter began. */
      readonly screenedOn: string;
      /** Whether the screen is done, whatever it found: a referral is complete. */
      readonly complete: boolean;
    } | null;
    /** Newborn blood spot screening. Null until an outcome of any condition is told. */
    readonly newbornBloodSpot: {
      /** Whether every expected condition has its answer, a suspected one too, and nothing else told waits for one. Null where the day of birth is not known. */
      readonly complete: boolean | null;
      /** One line a condition with an outcome told, in national order. A condition not listed has none, which is never "not suspected". */
      readonly results: readonly {
        /** The condition screened for. */
        readonly condition: BloodSpotCondition;
        /** What it came to. UNCLASSIFIED is never to be read as not suspected. */
        readonly outcome: BloodSpotOutcome;
      }[];
    } | null;
    /** The physical examination of the newborn, due within 72 hours of birth. Null until one is told. */
    readonly newbornExamination: {
      /** The day of the last report that any part shown comes from. */
      readonly examinedOn: string;
      /** Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy. */
      readonly complete: boolean | null;
    } | null;
    /** The physical examination of the infant, due at 6 to 8 weeks. Null until one is told. */
    readonly infantExamination: {
      /** The day of the last report that any part shown comes from. */
      readonly examinedOn: string;
      /** Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy. */
      readonly complete: boolean | null;
    } | null;
    /** Every dose known to have been given, newest last. Empty where none is known. Null only with an error. */
    readonly doses: readonly ({
      /** Opaque. The same for as long as the child, what the vaccine protects against and the date are. */
      readonly id: string;
      /** What was given. */
      readonly vaccine: Vaccine;
      /** Brand of the product. Null where no product was told, or its code is not in our list. */
      readonly product: string | null;
      /** The day it was given; the first day of the month or year where `precision` says no more is known. */
      readonly givenOn: string;
      /** How much of `givenOn` is known. */
      readonly precision: DatePrecision;
    })[] | null;
    /** Doses declined, put off or otherwise not given, newest last. Null only with an error. */
    readonly dosesNotGiven: readonly ({
      /** Opaque. The same for as long as the child, the antigens, the reason and day are. */
      readonly id: string;
      /** What was not given. */
      readonly vaccine: Vaccine;
      /** Why it was not given. */
      readonly reason: NotGivenReason;
      /** The day it was decided, or happened. */
      readonly decidedOn: string;
      /** The day from which it no longer holds. Null: until someone says otherwise. */
      readonly until: string | null;
    })[] | null;
    /** Whether the child has safeguarding flags, and which, for those who may know. Asked about one child at a time: down a list it is refused. Null only with an error, and then it could not be checked. */
    readonly safeguarding?: {
      /** Whether any flag is current, ended not long ago, or none is known. */
      readonly standing: SafeguardingStanding;
    } | null;
  } | null;
};

export const ChildRecordOperation: Operation = {
  name: "ChildRecord",
  id: "1800b3d90decdc68f102598669bc70094dbb7d67e635cc1063c7dccc4a85e8b8",
  document: `query ChildRecord(\$nhsNumber: NhsNumber!, \$safeguarding: Boolean! = false) {
  child(nhsNumber: \$nhsNumber) {
    ...Identity
    ...Screening
    ...Immunisations
    safeguarding @include(if: \$safeguarding) {
      standing
    }
  }
}

fragment Identity on Child {
  id
  nhsNumber
  name {
    given
    family
  }
  bornOn
  sex
  diedOn
  restricted
}

fragment Immunisations on Child {
  doses {
    id
    vaccine
    product
    givenOn
    precision
  }
  dosesNotGiven {
    id
    vaccine
    reason
    decidedOn
    until
  }
}

fragment Screening on Child {
  newbornHearing {
    outcome
    screenedOn
    complete
  }
  newbornBloodSpot {
    complete
    results {
      condition
      outcome
    }
  }
  newbornExamination {
    examinedOn
    complete
  }
  infantExamination {
    examinedOn
    complete
  }
}`,
};

/** Variables of ChildRecordById. */
export interface ChildRecordByIdVariables {
  readonly id: string;
  readonly safeguarding?: boolean;
}

/** The record of the child of an id of this record: who the child is, newborn screening, immunisations and whether a safeguarding flag is known. Null where there is no such child, or none that you may know of. Leave `safeguarding` false unless your role may see it: a partner app's may not, and the answer would hold a NOT_PERMITTED error. */
export type ChildRecordByIdResult = {
  /** The child with an id. An id whose record became part of another answers that child. Null where there is none, or none this viewer may know of. */
  readonly childById: {
    /** The child's id in this record. It is not the NHS number, and stays when that changes. */
    readonly id: string;
    /** The NHS number, from the source that is surest of it. Null where none is known. */
    readonly nhsNumber: string | null;
    /** The child's name as told last. Null where none is known. */
    readonly name: {
      /** Given names in order: Ada Mary. Null where none was told. */
      readonly given: string | null;
      /** Family name. Null where none was told. */
      readonly family: string | null;
    } | null;
    /** The day the child was born. */
    readonly bornOn: string;
    /** The child's sex. Null only with an error. */
    readonly sex: Sex | null;
    /** The day the child died. Null while alive, and where only the death is known: see `deceased`. */
    readonly diedOn: string | null;
    /** True where the child's whereabouts are restricted: whatever tells where it is, is withheld. */
    readonly restricted: boolean;
    /** The newborn hearing screen. Null until an outcome is told. */
    readonly newbornHearing: {
      /** The summary outcome. UNCLASSIFIED is never to be read as a clear response. */
      readonly outcome: NewbornHearingOutcome;
      /** The day the screening encounter began. */
      readonly screenedOn: string;
      /** Whether the screen is done, whatever it found: a referral is complete. */
      readonly complete: boolean;
    } | null;
    /** Newborn blood spot screening. Null until an outcome of any condition is told. */
    readonly newbornBloodSpot: {
      /** Whether every expected condition has its answer, a suspected one too, and nothing else told waits for one. Null where the day of birth is not known. */
      readonly complete: boolean | null;
      /** One line a condition with an outcome told, in national order. A condition not listed has none, which is never "not suspected". */
      readonly results: readonly {
        /** The condition screened for. */
        readonly condition: BloodSpotCondition;
        /** What it came to. UNCLASSIFIED is never to be read as not suspected. */
        readonly outcome: BloodSpotOutcome;
      }[];
    } | null;
    /** The physical examination of the newborn, due within 72 hours of birth. Null until one is told. */
    readonly newbornExamination: {
      /** The day of the last report that any part shown comes from. */
      readonly examinedOn: string;
      /** Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy. */
      readonly complete: boolean | null;
    } | null;
    /** The physical examination of the infant, due at 6 to 8 weeks. Null until one is told. */
    readonly infantExamination: {
      /** The day of the last report that any part shown comes from. */
      readonly examinedOn: string;
      /** Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy. */
      readonly complete: boolean | null;
    } | null;
    /** Every dose known to have been given, newest last. Empty where none is known. Null only with an error. */
    readonly doses: readonly ({
      /** Opaque. The same for as long as the child, what the vaccine protects against and the date are. */
      readonly id: string;
      /** What was given. */
      readonly vaccine: Vaccine;
      /** Brand of the product. Null where no product was told, or its code is not in our list. */
      readonly product: string | null;
      /** The day it was given; the first day of the month or year where `precision` says no more is known. */
      readonly givenOn: string;
      /** How much of `givenOn` is known. */
      readonly precision: DatePrecision;
    })[] | null;
    /** Doses declined, put off or otherwise not given, newest last. Null only with an error. */
    readonly dosesNotGiven: readonly ({
      /** Opaque. The same for as long as the child, the antigens, the reason and day are. */
      readonly id: string;
      /** What was not given. */
      readonly vaccine: Vaccine;
      /** Why it was not given. */
      readonly reason: NotGivenReason;
      /** The day it was decided, or happened. */
      readonly decidedOn: string;
      /** The day from which it no longer holds. Null: until someone says otherwise. */
      readonly until: string | null;
    })[] | null;
    /** Whether the child has safeguarding flags, and which, for those who may know. Asked about one child at a time: down a list it is refused. Null only with an error, and then it could not be checked. */
    readonly safeguarding?: {
      /** Whether any flag is current, ended not long ago, or none is known. */
      readonly standing: SafeguardingStanding;
    } | null;
  } | null;
};

export const ChildRecordByIdOperation: Operation = {
  name: "ChildRecordById",
  id: "134956472e656b7309ea5d2116df446fcb0c167552d173316777569ee1b14406",
  document: `query ChildRecordById(\$id: ID!, \$safeguarding: Boolean! = false) {
  childById(id: \$id) {
    ...Identity
    ...Screening
    ...Immunisations
    safeguarding @include(if: \$safeguarding) {
      standing
    }
  }
}

fragment Identity on Child {
  id
  nhsNumber
  name {
    given
    family
  }
  bornOn
  sex
  diedOn
  restricted
}

fragment Immunisations on Child {
  doses {
    id
    vaccine
    product
    givenOn
    precision
  }
  dosesNotGiven {
    id
    vaccine
    reason
    decidedOn
    until
  }
}

fragment Screening on Child {
  newbornHearing {
    outcome
    screenedOn
    complete
  }
  newbornBloodSpot {
    complete
    results {
      condition
      outcome
    }
  }
  newbornExamination {
    examinedOn
    complete
  }
  infantExamination {
    examinedOn
    complete
  }
}`,
};

/** Variables of ChildrenOfLocality. */
export interface ChildrenOfLocalityVariables {
  readonly locality: LocalityCode;
  readonly first?: number;
  readonly after?: string | null;
}

/** A page of the children of one locality, at most 100. Ask again with `after` set to the page's endCursor for the next. */
export type ChildrenOfLocalityResult = {
  /** The children of a population that this viewer may list, by id. Restricted children are in no list: being listed by place would tell where they are. */
  readonly children: {
    /** The children, each with its place in the list. */
    readonly edges: readonly ({
      /** Where the child stands in the list, to be given back as `after`. */
      readonly cursor: string;
      /** The child. Null only with an error. */
      readonly node: {
        /** The child's id in this record. It is not the NHS number, and stays when that changes. */
        readonly id: string;
        /** The NHS number, from the source that is surest of it. Null where none is known. */
        readonly nhsNumber: string | null;
        /** The child's name as told last. Null where none is known. */
        readonly name: {
          /** Given names in order: Ada Mary. Null where none was told. */
          readonly given: string | null;
          /** Family name. Null where none was told. */
          readonly family: string | null;
        } | null;
        /** The day the child was born. */
        readonly bornOn: string;
      } | null;
    })[];
    /** Where the page begins and ends. */
    readonly pageInfo: {
      /** True where there are more after this page. */
      readonly hasNextPage: boolean;
      /** Cursor of the last of the page. Null for an empty page. */
      readonly endCursor: string | null;
    };
  };
};

export const ChildrenOfLocalityOperation: Operation = {
  name: "ChildrenOfLocality",
  id: "cf02c6d6f34734bd8d2fd02d953d2c85090583944d1f74f532d14e1c04c32c2f",
  document: `query ChildrenOfLocality(\$locality: LocalityCode!, \$first: Int! = 50, \$after: String) {
  children(where: {localities: [\$locality]}, first: \$first, after: \$after) {
    edges {
      cursor
      node {
        id
        nhsNumber
        name {
          given
          family
        }
        bornOn
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
};

/** Variables of DosesOfChild. */
export interface DosesOfChildVariables {
  readonly nhsNumber: string;
}

/** Every dose a child is known to have had, newest last, and those not given with the reason. */
export type DosesOfChildResult = {
  /** The child with an NHS number, present or replaced. Null where there is none, or none this viewer may know of. */
  readonly child: {
    /** The child's id in this record. It is not the NHS number, and stays when that changes. */
    readonly id: string;
    /** Every dose known to have been given, newest last. Empty where none is known. Null only with an error. */
    readonly doses: readonly ({
      /** Opaque. The same for as long as the child, what the vaccine protects against and the date are. */
      readonly id: string;
      /** What was given. */
      readonly vaccine: Vaccine;
      /** Brand of the product. Null where no product was told, or its code is not in our list. */
      readonly product: string | null;
      /** The day it was given; the first day of the month or year where `precision` says no more is known. */
      readonly givenOn: string;
      /** How much of `givenOn` is known. */
      readonly precision: DatePrecision;
      /** False when told second hand, or given abroad or elsewhere. */
      readonly primarySource: boolean;
      /** What a person should look at. Empty where nothing is odd. */
      readonly flags: readonly DoseFlag[];
      /** Who gave it, where, and from which batch. */
      readonly givenAt: {
        /** ODS code of whose staff they are. Null if not told. */
        readonly organisation: string | null;
        /** The place: an ODS code, the URN of a school, or the source's code of a venue. Null where none was told. */
        readonly place: string | null;
        /** Batch number as told. Null where none was told. */
        readonly batchNumber: string | null;
      } | {
        /** Why it is withheld, in plain words. */
        readonly reason: string;
      };
    })[] | null;
    /** Doses declined, put off or otherwise not given, newest last. Null only with an error. */
    readonly dosesNotGiven: readonly ({
      /** Opaque. The same for as long as the child, the antigens, the reason and day are. */
      readonly id: string;
      /** What was not given. */
      readonly vaccine: Vaccine;
      /** Why it was not given. */
      readonly reason: NotGivenReason;
      /** The day it was decided, or happened. */
      readonly decidedOn: string;
      /** The day from which it no longer holds. Null: until someone says otherwise. */
      readonly until: string | null;
    })[] | null;
  } | null;
};

export const DosesOfChildOperation: Operation = {
  name: "DosesOfChild",
  id: "beb59c178e66cd3fff44178678fad2f8831729de79f6dc50703fd01a42590da7",
  document: `query DosesOfChild(\$nhsNumber: NhsNumber!) {
  child(nhsNumber: \$nhsNumber) {
    id
    doses {
      id
      vaccine
      product
      givenOn
      precision
      primarySource
      flags
      givenAt {
        ... on GivenAt {
          organisation
          place
          batchNumber
        }
        ... on Withheld {
          reason
        }
      }
    }
    dosesNotGiven {
      id
      vaccine
      reason
      decidedOn
      until
    }
  }
}`,
};

/** Variables of ImmunisationForecast. */
export interface ImmunisationForecastVariables {
  readonly bornOn: string;
  readonly doses: readonly DoseInput[];
  readonly on?: string | null;
  readonly history?: HistoryInput | null;
}

/** What a schedule asks of somebody, from a date of birth and the doses they have had. It is about nobody: nothing is looked up or kept. */
export type ImmunisationForecastResult = {
  /** The plan of a child who is nobody: of the day of birth and the doses given here. Nothing is looked up and nothing is kept. For the same facts it is the plan of `Child.immunisationPlan`. */
  readonly immunisationForecast: {
    /** The day it is made for. */
    readonly on: string;
    /** The edition of the rules of that day, such as ENGLAND_2026_01. */
    readonly rules: string;
    /** Each dose of the schedule, in its order. */
    readonly doses: readonly ({
      /** The dose of the schedule, such as HEXA_1, MMR_2 or FLU; FLU may come twice, of this season and of the next. */
      readonly doseId: string;
      /** What was given, or is to be. */
      readonly vaccine: Vaccine;
      /** How it stands on the day of the plan. */
      readonly state: DoseState;
      /** First day it would count. Null where it is not for this child, or only the dose before it bounds it. */
      readonly earliestOn: string | null;
      /** The day the schedule recommends. Null where it is not for this child. */
      readonly recommendedOn: string | null;
      /** The day it becomes due: the later of recommended and earliest. Of a dose that waits for another, the first day it could be. Null once it is given or too late. */
      readonly dueOn: string | null;
      /** The day it becomes overdue. Null where it never does, or waits for another. */
      readonly overdueOn: string | null;
      /** Last day it is given. Null without a limit. */
      readonly latestOn: string | null;
      /** The day of the dose that met it; the first of the month or year where no more is known. Null while not given. */
      readonly givenOn: string | null;
      /** Why it stands so, in plain words, and what official rules leave open. */
      readonly reason: string;
    })[];
    /** Each dose on record that meets none of them, by date. */
    readonly notCounted: readonly {
      /** When; the first of the month or year where no more is known. */
      readonly givenOn: string;
      /** What was given. */
      readonly vaccine: Vaccine;
      /** Why it does not count, in plain words. */
      readonly reason: string;
    }[];
  };
};

export const ImmunisationForecastOperation: Operation = {
  name: "ImmunisationForecast",
  id: "b1c3b2e7e23f64ec99355d5b11cb9995522df9e7620c40c849e72fa1722bd887",
  document: `query ImmunisationForecast(\$bornOn: Date!, \$doses: [DoseInput!]!, \$on: Date, \$history: HistoryInput) {
  immunisationForecast(bornOn: \$bornOn, doses: \$doses, on: \$on, history: \$history) {
    on
    rules
    doses {
      doseId
      vaccine
      state
      earliestOn
      recommendedOn
      dueOn
      overdueOn
      latestOn
      givenOn
      reason
    }
    notCounted {
      givenOn
      vaccine
      reason
    }
  }
}`,
};

/** Variables of ImmunisationsDue. */
export interface ImmunisationsDueVariables {
  readonly locality: LocalityCode;
  readonly practices?: readonly string[] | null;
  readonly states?: readonly DoseState[] | null;
  readonly vaccines?: readonly Vaccine[] | null;
  readonly on?: string | null;
  readonly first?: number;
  readonly after?: string | null;
}

/** The doses due to the children of one locality, of those who may be listed, by child and dose: what is due and why, until when, and whether the family may be invited. `states` are DUE and OVERDUE where they are left out; `on` is a later day than today. Ask again with `after` set to the page's endCursor for the next. */
export type ImmunisationsDueResult = {
  /** The doses due to a population, of those whom this viewer may list, by child and dose. Children who died, who moved away or whose whereabouts are restricted are in no list. The list and its hits are written down. */
  readonly immunisationsDue: {
    /** The day of the list. */
    readonly on: string;
    /** The doses, each with its place in the list. */
    readonly edges: readonly ({
      /** Where the dose stands in the list, to be given back as `after`. */
      readonly cursor: string;
      /** The dose. */
      readonly node: {
        /** Whose it is. */
        readonly child: {
          /** The child's id in this record. It is not the NHS number, and stays when that changes. */
          readonly id: string;
        };
        /** The dose of the schedule, such as HEXA_1, MMR_2 or FLU. */
        readonly doseId: string;
        /** What the dose is called. */
        readonly name: string;
        /** What is to be given. */
        readonly vaccine: Vaccine;
        /** How it stands on the day of the list. */
        readonly state: DoseState;
        /** The day it became due. */
        readonly dueOn: string;
        /** The day it becomes overdue, or did. Null where it never does. */
        readonly overdueOn: string | null;
        /** Last day it is given. Null without a limit. */
        readonly latestOn: string | null;
        /** Why it is due, in plain words, and what official rules leave open. */
        readonly reason: string;
        /** Whether the child may be invited for it on the day of the list. */
        readonly contact: Contactability;
        /** How often the child was invited for it. */
        readonly invitations: number;
        /** The day from which the child may be invited for it again. Null where it was not invited, or is not to be by a list. */
        readonly inviteAgainOn: string | null;
      };
    })[];
    /** Where the page begins and ends. */
    readonly pageInfo: {
      /** True where there are more after this page. */
      readonly hasNextPage: boolean;
      /** Cursor of the last of the page. Null for an empty page. */
      readonly endCursor: string | null;
    };
  };
};

export const ImmunisationsDueOperation: Operation = {
  name: "ImmunisationsDue",
  id: "3cf0560f6fa8af320b9f377fa1ea6d4307e5226b240a3ca1b4f3e18ebd2293ae",
  document: `query ImmunisationsDue(\$locality: LocalityCode!, \$practices: [OdsCode!], \$states: [DoseState!], \$vaccines: [Vaccine!], \$on: Date, \$first: Int! = 50, \$after: String) {
  immunisationsDue(
    where: {localities: [\$locality], practices: \$practices}
    states: \$states
    vaccines: \$vaccines
    on: \$on
    first: \$first
    after: \$after
  ) {
    on
    edges {
      cursor
      node {
        child {
          id
        }
        doseId
        name
        vaccine
        state
        dueOn
        overdueOn
        latestOn
        reason
        contact
        invitations
        inviteAgainOn
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
};

/** Variables of Localities. */
export interface LocalitiesVariables {}

/** The six localities of the record. */
export type LocalitiesResult = {
  /** The localities whose systems became this record, in order of their phase. */
  readonly localities: readonly {
    /** Its code, such as WIRRAL. */
    readonly code: LocalityCode;
    /** Its name, such as St Helens & Knowsley. */
    readonly name: string;
  }[];
};

export const LocalitiesOperation: Operation = {
  name: "Localities",
  id: "7a7e6a6955afa7bfa039a550f9679542f85234a1a280be0dd3b3afb0fe5e7c8b",
  document: `query Localities {
  localities {
    code
    name
  }
}`,
};

/** Variables of NotificationFeed. */
export interface NotificationFeedVariables {
  readonly where?: NotificationFilter | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** What your localities' teams were told, page by page: give `readUpTo` as `after` for the next. */
export type NotificationFeedResult = {
  /** What the viewer's teams were told, in the order it was told: a feed to be read on from a cursor, nothing in it missing and nothing twice. What came to nothing because a child died is not in it. Null only with an error. */
  readonly notifications: {
    /** The notifications of this page. */
    readonly edges: readonly ({
      /** Cursor of this entry. */
      readonly cursor: string;
      /** The notification. */
      readonly node: {
        /** Id of the notification. */
        readonly id: string;
        /** What happened. */
        readonly kind: NotificationKind;
        /** What happened, in words. */
        readonly says: string;
        /** How soon it is to be seen. */
        readonly urgency: NotificationUrgency;
        /** The screen it is about. Null where it is about none. */
        readonly screen: NewbornScreen | null;
        /** Who is told. */
        readonly team: {
          /** What kind of team it is. */
          readonly kind: TeamKind;
          /** The team, such as HEALTH_VISITING:WIRRAL. Null for a restricted child: whose the team is would tell where the child is. */
          readonly id: string | null;
        };
        /** When the team was told. */
        readonly toldAt: string;
        /** By when it must be acknowledged; then the next team is told. */
        readonly seeBy: string;
        /** Whether it still asks something of the team. */
        readonly state: NotificationState;
        /** The child it is about. Null only with an error, where what was asked of the child may not be seen. */
        readonly child: {
          /** The child's id in this record. It is not the NHS number, and stays when that changes. */
          readonly id: string;
          /** The NHS number, from the source that is surest of it. Null where none is known. */
          readonly nhsNumber: string | null;
          /** The child's name as told last. Null where none is known. */
          readonly name: {
            /** Given names and family name in one. */
            readonly full: string;
          } | null;
        } | null;
      };
    })[];
    /** Cursor of everything that was looked at, shown or not: where to go on when more is told. */
    readonly readUpTo: string;
    /** Where the page begins and ends. */
    readonly pageInfo: {
      /** True where there are more after this page. */
      readonly hasNextPage: boolean;
    };
  } | null;
};

export const NotificationFeedOperation: Operation = {
  name: "NotificationFeed",
  id: "7a1f9f55a2099d29b04a63a8d705341a1d1aaf3ada426b3f69608a73741974aa",
  document: `query NotificationFeed(\$where: NotificationFilter, \$first: Int, \$after: String) {
  notifications(where: \$where, first: \$first, after: \$after) {
    edges {
      cursor
      node {
        id
        kind
        says
        urgency
        screen
        team {
          kind
          id
        }
        toldAt
        seeBy
        state
        child {
          id
          nhsNumber
          name {
            full
          }
        }
      }
    }
    readUpTo
    pageInfo {
      hasNextPage
    }
  }
}`,
};

/** Variables of Notifications. */
export interface NotificationsVariables {
  readonly where?: NotificationFilter | null;
  readonly after?: string | null;
}

/** What your localities' teams are told, as it happens. Keep `cursor`, and give it as `after` when your app starts again. */
export type NotificationsResult = {
  /** As `notifications`, told on as it happens. Ask for `cursor`, and give the last one as `after` when you come back: nothing is missing and nothing comes twice. Without `after`: from now on. */
  readonly notifications: {
    /** Id of the notification. */
    readonly id: string;
    /** Its place in the feed: give it as `after` to go on behind it. */
    readonly cursor: string;
    /** What happened. */
    readonly kind: NotificationKind;
    /** What happened, in words. */
    readonly says: string;
    /** How soon it is to be seen. */
    readonly urgency: NotificationUrgency;
    /** The screen it is about. Null where it is about none. */
    readonly screen: NewbornScreen | null;
    /** Who is told. */
    readonly team: {
      /** What kind of team it is. */
      readonly kind: TeamKind;
      /** The team, such as HEALTH_VISITING:WIRRAL. Null for a restricted child: whose the team is would tell where the child is. */
      readonly id: string | null;
    };
    /** When the team was told. */
    readonly toldAt: string;
    /** By when it must be acknowledged; then the next team is told. */
    readonly seeBy: string;
    /** Whether it still asks something of the team. */
    readonly state: NotificationState;
    /** The child it is about. Null only with an error, where what was asked of the child may not be seen. */
    readonly child: {
      /** The child's id in this record. It is not the NHS number, and stays when that changes. */
      readonly id: string;
      /** The NHS number, from the source that is surest of it. Null where none is known. */
      readonly nhsNumber: string | null;
      /** The child's name as told last. Null where none is known. */
      readonly name: {
        /** Given names and family name in one. */
        readonly full: string;
      } | null;
    } | null;
  };
};

export const NotificationsOperation: Operation = {
  name: "Notifications",
  id: "a3d4b4fb862574ae187875d10fd9d27dca352309c04d2f0f4a8f7910098c53a9",
  document: `subscription Notifications(\$where: NotificationFilter, \$after: String) {
  notifications(where: \$where, after: \$after) {
    ...ToldToTeam
  }
}

fragment ToldToTeam on Notification {
  id
  cursor
  kind
  says
  urgency
  screen
  team {
    kind
    id
  }
  toldAt
  seeBy
  state
  child {
    id
    nhsNumber
    name {
      full
    }
  }
}`,
};

/** Variables of ScreeningOfChild. */
export interface ScreeningOfChildVariables {
  readonly nhsNumber: string;
}

/** The newborn and infant screens of a child, each with its outcome. UNCLASSIFIED is never to be read as a clear one. */
export type ScreeningOfChildResult = {
  /** The child with an NHS number, present or replaced. Null where there is none, or none this viewer may know of. */
  readonly child: {
    /** The child's id in this record. It is not the NHS number, and stays when that changes. */
    readonly id: string;
    /** The day the child was born. */
    readonly bornOn: string;
    /** The newborn hearing screen. Null until an outcome is told. */
    readonly newbornHearing: {
      /** The summary outcome. UNCLASSIFIED is never to be read as a clear response. */
      readonly outcome: NewbornHearingOutcome;
      /** The day the screening encounter began. */
      readonly screenedOn: string;
      /** Whether the screen is done, whatever it found: a referral is complete. */
      readonly complete: boolean;
      /** True where another report that its source still tells has another answer, or one of unknown meaning: a person should look at the reports. */
      readonly toldOtherwise: boolean;
    } | null;
    /** Newborn blood spot screening. Null until an outcome of any condition is told. */
    readonly newbornBloodSpot: {
      /** Whether every expected condition has its answer, a suspected one too, and nothing else told waits for one. Null where the day of birth is not known. */
      readonly complete: boolean | null;
      /** The conditions suspected: each is an urgent referral. */
      readonly suspected: readonly BloodSpotCondition[];
      /** Conditions expected of a baby born that day with no outcome told. SCID and HT1 are expected of nobody until the start at the local laboratory is known. Null where the day of birth is not known. */
      readonly missing: readonly BloodSpotCondition[] | null;
      /** One line a condition with an outcome told, in national order. A condition not listed has none, which is never "not suspected". */
      readonly results: readonly {
        /** The condition screened for. */
        readonly condition: BloodSpotCondition;
        /** What it came to. UNCLASSIFIED is never to be read as not suspected. */
        readonly outcome: BloodSpotOutcome;
        /** The status in words. */
        readonly meaning: string;
        /** Whether the condition has its answer: statuses 04 to 08 and 10. Declined and not screened are not. */
        readonly conclusive: boolean;
      }[];
    } | null;
    /** The physical examination of the newborn, due within 72 hours of birth. Null until one is told. */
    readonly newbornExamination: {
      /** Which examination: of the newborn, or of the infant at 6 to 8 weeks. */
      readonly stage: ExaminationStage;
      /** The day of the last report that any part shown comes from. */
      readonly examinedOn: string;
      /** Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy. */
      readonly complete: boolean | null;
      /** The eyes. Null where nothing was told of them. */
      readonly eyes: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
      /** The heart. Null where nothing was told of it. */
      readonly heart: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
      /** The hips. Null where nothing was told of them. */
      readonly hips: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
      /** The testes. Null for a girl, of whom they are not examined, and for a boy where nothing was told. */
      readonly testes: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
    } | null;
    /** The physical examination of the infant, due at 6 to 8 weeks. Null until one is told. */
    readonly infantExamination: {
      /** Which examination: of the newborn, or of the infant at 6 to 8 weeks. */
      readonly stage: ExaminationStage;
      /** The day of the last report that any part shown comes from. */
      readonly examinedOn: string;
      /** Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy. */
      readonly complete: boolean | null;
      /** The eyes. Null where nothing was told of them. */
      readonly eyes: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
      /** The heart. Null where nothing was told of it. */
      readonly heart: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
      /** The hips. Null where nothing was told of them. */
      readonly hips: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
      /** The testes. Null for a girl, of whom they are not examined, and for a boy where nothing was told. */
      readonly testes: {
        /** What it came to. UNCLASSIFIED is never to be read as no abnormality. */
        readonly outcome: ExaminationOutcome;
      } | null;
    } | null;
  } | null;
};

export const ScreeningOfChildOperation: Operation = {
  name: "ScreeningOfChild",
  id: "c1f6d82c2f324fd3892e54debe2df2ba0fcf785db44a768dcbe0d5af424d4355",
  document: `query ScreeningOfChild(\$nhsNumber: NhsNumber!) {
  child(nhsNumber: \$nhsNumber) {
    id
    bornOn
    newbornHearing {
      outcome
      screenedOn
      complete
      toldOtherwise
    }
    newbornBloodSpot {
      complete
      suspected
      missing
      results {
        condition
        outcome
        meaning
        conclusive
      }
    }
    newbornExamination {
      ...Examination
    }
    infantExamination {
      ...Examination
    }
  }
}

fragment Examination on NewbornExamination {
  stage
  examinedOn
  complete
  eyes {
    outcome
  }
  heart {
    outcome
  }
  hips {
    outcome
  }
  testes {
    outcome
  }
}`,
};

/** Every operation, to be registered as trusted documents. */
export const OPERATIONS: readonly Operation[] = [
  AcknowledgeNotificationOperation,
  ChildRecordOperation,
  ChildRecordByIdOperation,
  ChildrenOfLocalityOperation,
  DosesOfChildOperation,
  ImmunisationForecastOperation,
  ImmunisationsDueOperation,
  LocalitiesOperation,
  NotificationFeedOperation,
  NotificationsOperation,
  ScreeningOfChildOperation,
];

/** One method an operation. */
export abstract class Operations {
  protected abstract ask<Result>(operation: Operation, variables: object): Promise<Answer<Result>>;
  protected abstract listen<Result>(
    operation: Operation,
    variables: object,
    options: ListenOptions,
  ): AsyncGenerator<Told<Result>, void>;

  /** Says that the team has seen a notification; the first of a team counts. */
  acknowledgeNotification(variables: AcknowledgeNotificationVariables): Promise<Answer<AcknowledgeNotificationResult>> {
    return this.ask<AcknowledgeNotificationResult>(AcknowledgeNotificationOperation, variables);
  }

  /** The record of the child of an NHS number: who the child is, newborn screening, immunisations and whether a safeguarding flag is known. Null where there is no such child, or none that you may know of. Leave `safeguarding` false unless your role may see it: a partner app's may not, and the answer would hold a NOT_PERMITTED error. */
  childRecord(variables: ChildRecordVariables): Promise<Answer<ChildRecordResult>> {
    return this.ask<ChildRecordResult>(ChildRecordOperation, variables);
  }

  /** The record of the child of an id of this record: who the child is, newborn screening, immunisations and whether a safeguarding flag is known. Null where there is no such child, or none that you may know of. Leave `safeguarding` false unless your role may see it: a partner app's may not, and the answer would hold a NOT_PERMITTED error. */
  childRecordById(variables: ChildRecordByIdVariables): Promise<Answer<ChildRecordByIdResult>> {
    return this.ask<ChildRecordByIdResult>(ChildRecordByIdOperation, variables);
  }

  /** A page of the children of one locality, at most 100. Ask again with `after` set to the page's endCursor for the next. */
  childrenOfLocality(variables: ChildrenOfLocalityVariables): Promise<Answer<ChildrenOfLocalityResult>> {
    return this.ask<ChildrenOfLocalityResult>(ChildrenOfLocalityOperation, variables);
  }

  /** Every dose a child is known to have had, newest last, and those not given with the reason. */
  dosesOfChild(variables: DosesOfChildVariables): Promise<Answer<DosesOfChildResult>> {
    return this.ask<DosesOfChildResult>(DosesOfChildOperation, variables);
  }

  /** What a schedule asks of somebody, from a date of birth and the doses they have had. It is about nobody: nothing is looked up or kept. */
  immunisationForecast(variables: ImmunisationForecastVariables): Promise<Answer<ImmunisationForecastResult>> {
    return this.ask<ImmunisationForecastResult>(ImmunisationForecastOperation, variables);
  }

  /** The doses due to the children of one locality, of those who may be listed, by child and dose: what is due and why, until when, and whether the family may be invited. `states` are DUE and OVERDUE where they are left out; `on` is a later day than today. Ask again with `after` set to the page's endCursor for the next. */
  immunisationsDue(variables: ImmunisationsDueVariables): Promise<Answer<ImmunisationsDueResult>> {
    return this.ask<ImmunisationsDueResult>(ImmunisationsDueOperation, variables);
  }

  /** The six localities of the record. */
  localities(variables: LocalitiesVariables = {}): Promise<Answer<LocalitiesResult>> {
    return this.ask<LocalitiesResult>(LocalitiesOperation, variables);
  }

  /** What your localities' teams were told, page by page: give `readUpTo` as `after` for the next. */
  notificationFeed(variables: NotificationFeedVariables = {}): Promise<Answer<NotificationFeedResult>> {
    return this.ask<NotificationFeedResult>(NotificationFeedOperation, variables);
  }

  /** What your localities' teams are told, as it happens. Keep `cursor`, and give it as `after` when your app starts again. */
  notifications(variables: NotificationsVariables = {}, options: ListenOptions = {}): AsyncGenerator<Told<NotificationsResult>, void> {
    return this.listen<NotificationsResult>(NotificationsOperation, variables, options);
  }

  /** The newborn and infant screens of a child, each with its outcome. UNCLASSIFIED is never to be read as a clear one. */
  screeningOfChild(variables: ScreeningOfChildVariables): Promise<Answer<ScreeningOfChildResult>> {
    return this.ask<ScreeningOfChildResult>(ScreeningOfChildOperation, variables);
  }
}
