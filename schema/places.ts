/**
 * Which fields of the graph tell where a child is, and which do not: every field of every type, one way or the other, so
 * that nobody adds one without having asked. For a restricted child what tells it is withheld.
 *
 * Source: a restricted record loses address, telephone, practice and birth place nationally (PDS); whatever else tells the
 * same counts too: school, clinic, venue, local authority, team, batch of a local clinic, dated attendance, who told of it.
 */

interface Told {
  /** Withheld by the guard, or answered by a union that has `Withheld`. */
  readonly place?: string;
  /** Tells a place too, and is reached only through a field that is withheld, or is about no child. */
  readonly behind?: string;
  /** Tells no place. */
  readonly other?: string;
}

/** Type → its fields, by name. */
export const PLACES: Readonly<Record<string, Told>> = {
  // --- Who and where a child is ---
  Child: {
    place: "address addresses localAuthority locality practice registrations school status",
    // What these answer with is marked below.
    other: `accessLog birth bornAtTime bornOn deceased diedOn doseReports doses dosesNotGiven ethnicCategory id immunisationPlan
      infantExamination name newbornBloodSpot newbornBloodSpotReports newbornExamination newbornExaminationReports newbornHearing
      newbornHearingReports nhsNumber nhsNumberStatus notifications provenance restricted safeguarding sex supersededNhsNumbers`,
  },
  Address: { behind: "lines localAuthority postcode" },
  AddressPeriod: { behind: "address current from toldBy until" },
  Registration: { behind: "current from practice toldBy until" },
  School: { behind: "kind name urn" },
  BirthPlace: { behind: "name" },
  Mother: { behind: "bornOn name nhsNumber" },
  Birth: {
    place: "mother place",
    other: "birthOrder birthsAtDelivery congenitalAbnormality gestationWeeks stillbirth weightGrams",
  },
  PersonName: { other: "family full given" },
  Source: { place: "system", other: "kind" },
  SourceSystem: { behind: "code firstToldAt lastToldAt name" },
  Practice: { behind: "localAuthority locality name odsCode open postcode" },
  Locality: { behind: "code legacySystem localAuthorities name phase" },
  LocalAuthority: { behind: "code locality name" },
  Withheld: { other: "reason" },

  // --- Screening ---
  NewbornHearing: {
    place: "provider",
    other: "asOf complete leftEar outcome outcomeCode outcomeSetAt rightEar screenedOn tests toldOtherwise",
  },
  EarTests: { other: "aabr aoae latest" },
  HearingTest: { other: "ear enteredAt method outcome" },
  NewbornBloodSpot: { place: "provider", other: "asOf complete missing results suspected" },
  BloodSpotConditionOutcome: {
    other:
      "asOf conclusive condition firstToldAt issuedAt meaning outcome outcomeCode sampleTakenOn status subStatus toldOtherwise",
  },
  NewbornExamination: {
    place: "provider",
    other: "asOf bcgEligible complete examinedOn eyes heart hips stage testes",
  },
  ExaminedPartOutcome: { other: "asOf examinedOn outcome outcomeCode riskFactor toldOtherwise" },
  NewbornHearingReport: { place: "reportedBy", other: "asOf hearing standing" },
  NewbornBloodSpotReport: { place: "reportedBy", other: "asOf bloodSpot standing" },
  NewbornExaminationReport: { place: "reportedBy", other: "asOf examination standing" },
  ScreeningProvider: { behind: "odsCode" },
  ScreeningReporter: { behind: "comment provider recordId toldBy" },

  // --- Immunisations ---
  Dose: {
    place: "givenAt sources",
    other: `amountMillilitres doseNumberSent expiresOn flags givenOn id manufacturer possibleDuplicateOf precision primarySource
      procedureCode product productCode route site vaccine`,
  },
  DoseReport: {
    place: "givenAt source",
    other: `amountMillilitres doseNumberSent expiresOn givenOn manufacturer precision primarySource procedureCode product
      productCode route site stands vaccine`,
  },
  DoseNotGiven: { place: "decidedBy sources", other: "decidedOn id reason until vaccine" },
  GivenAt: { behind: "batchNumber givenBy organisation place" },
  DoseSource: { behind: "asOf id system" },
  DecidedBy: { behind: "organisation" },
  // For a restricted child it is made as if the area were still responsible: that it is not would tell that the child left.
  ImmunisationPlan: { other: "doses notCounted on rules" },
  PlannedDose: {
    other: `awaits doseId dueOn earliestOn givenOn latestOn metBy name overdueOn products reason reasonCode recommendedOn state
      vaccine`,
  },
  UncountedDose: { other: "doseId givenOn precision reason reasonCode vaccine" },
  VaccineProduct: { other: "brand porcineGelatine" },

  // --- Call and recall: a restricted child is in no list and no run, nor invited ---
  DueDose: {
    other: `child contact doseId dueOn earliestOn invitations inviteAgainOn latestOn name overdueOn reason recommendedOn state
      vaccine`,
  },
  DueDoseConnection: { other: "edges on pageInfo" },
  DueDoseEdge: { other: "cursor node" },
  DuePlanning: { other: "waiting" },
  Invitation: {
    other: "cancelledBecause changedAt changedBy child doses inviteAgainOn invitedAt number state toYoungPerson",
  },
  InvitationConnection: { other: "edges pageInfo" },
  InvitationEdge: { other: "cursor node" },
  InvitationRun: {
    behind: "locality practice school venue",
    other: "builtAt builtBy closedAt heldOn id invitations lockedAt state vaccines",
  },
  InvitationRunConnection: { other: "edges pageInfo" },
  InvitationRunEdge: { other: "cursor node" },
  BuiltInvitationRun: { other: "leftOut listed run" },
  SentInvitations: { other: "cancelled invited left run" },

  // --- Safeguarding ---
  Safeguarding: { other: "flags nationalCheck standing" },
  SafeguardingFlag: { place: "raisedBy", other: "asOf endedOn kind startedOn" },
  RaisingAuthority: { behind: "code emergencyDutyPhone name officePhone toldBy" },
  NationalCheck: { other: "purpose reason standing" },

  // --- Breaking the glass ---
  AccessGrant: { other: "childId id opensPlace reasonCode reviewBy until" },
  // Who opened a child's record says where the child came for care.
  BreakGlassReview: {
    place: "organisation reason",
    other: "brokenAt childId id name open opensPlace overdue reasonCode reviewBy reviews role subject until",
  },
  BreakGlassReviewed: { other: "at by finding note" },
  BreakGlassReviewConnection: { other: "edges pageInfo" },
  BreakGlassReviewEdge: { other: "cursor node" },

  // --- The access log: where those who looked work says where the child is ---
  AccessEntry: { place: "organisation", other: "action app at decision id name requestId role says subject what why" },
  AccessOrganisation: { behind: "name odsCode" },
  AccessEntryConnection: { other: "edges pageInfo" },
  AccessEntryEdge: { other: "cursor node" },

  // --- The books: whose row it is, and what stands in it, is withheld, so that file and locality are of nobody's row ---
  Load: {
    behind: "file locality",
    other: `applied balances duplicate events faults finishedAt id kind quarantined rowsQuarantined rowsRead rowsRepeated
      rowsSilent rowsYielding startedAt superseded`,
  },
  QuarantineItem: {
    place: "candidates note raw",
    behind: "file locality",
    other: "decidedBy decision id kind openedAt reasons receivedOn resolvedAt row severity waiting",
  },
  QuarantineReason: { other: "code message whatToDo" },
  QuarantineConnection: { other: "edges pageInfo" },
  QuarantineEdge: { other: "cursor node" },
  ChildrenMerge: { other: "childId into" },

  // --- Notifications ---
  Notification: {
    place: "place",
    other: `acknowledgement child cursor escalatedAt escalationOf handedOverAt id kind overdue says screen seeBy state team
      toldAt urgency`,
  },
  NotificationConnection: { other: "edges pageInfo readUpTo" },
  NotificationEdge: { other: "cursor node" },
  NotificationPlace: { behind: "fromLocality fromPractice toLocality toPractice" },
  // The id is null for a restricted child, of whom the kind of team is all that is told.
  NotifiedTeam: { other: "id kind" },
  Acknowledgement: { other: "at by" },
  WebhookReceiver: { other: "failingSince lastFault lastReceivedAt name parked readUpTo waiting" },

  // --- Lists and roots: a restricted child is in no list and is not found by a place ---
  ChildConnection: { other: "edges pageInfo" },
  ChildEdge: { other: "cursor node score" },
  PageInfo: { other: "endCursor hasNextPage hasPreviousPage startCursor" },
  Query: {
    other: `accessLog breakGlassReviews child childById children duePlanning findChildren immunisationForecast immunisationsDue
      invitationRun invitationRuns loads localities notifications quarantine webhooks`,
  },
  Mutation: {
    other: `acknowledgeNotification breakGlass buildInvitationRun cancelInvitationRun closeInvitationRun lockInvitationRun
      mergeChildren recordInvitationOutcomes resendParked resolveQuarantined reviewBreakGlass sendInvitations takeOffInvitationRun`,
  },
  Subscription: { other: "notifications" },
};

/** How each field is marked, by `Type.field`. A field marked twice has the last mark; a test holds that none is. */
export const PLACE_OF: ReadonlyMap<string, keyof Told> = new Map(
  Object.entries(PLACES).flatMap(([type, told]) =>
    (["place", "behind", "other"] as const).flatMap((mark) =>
      (told[mark] ?? "")
        .split(/\s+/)
        .filter((name) => name !== "")
        .map((field) => [`${type}.${field}`, mark] as const),
    ),
  ),
);
