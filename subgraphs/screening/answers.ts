/** What the screening part of the graph answers with: its types, each described for analysts. */

import { createUnionType, Field, ObjectType } from "type-graphql";
import { enumOf } from "../../chassis/graph-types";
import { Guarded, Withheld } from "../../chassis/guard";
import { DateScalar, InstantScalar, OdsCodeScalar } from "../../schema/scalars";
import {
  BLOOD_SPOT_CONDITIONS,
  BLOOD_SPOT_OUTCOMES,
  type BloodSpotCondition,
  type BloodSpotOutcome,
  EAR_OUTCOMES,
  EARS,
  type Ear,
  type EarOutcome,
  EXAMINATION_OUTCOMES,
  EXAMINATION_STAGES,
  type ExaminationOutcome,
  type ExaminationStage,
  HEARING_TEST_METHODS,
  type HearingTestMethod,
  NEWBORN_HEARING_OUTCOMES,
  type NewbornHearingOutcome,
} from "../../schema/vocabulary/screening";
import type * as model from "./model";
import { REPORT_STANDINGS, type ReportStanding } from "./standing";

const HearingOutcomeEnum = enumOf(
  "NewbornHearingOutcome",
  "What a newborn hearing screen came to.",
  NEWBORN_HEARING_OUTCOMES,
);
const HearingTestMethodEnum = enumOf("HearingTestMethod", "How an ear was tested.", HEARING_TEST_METHODS);
const EarEnum = enumOf("Ear", "Which ear was tested.", EARS);
const EarOutcomeEnum = enumOf("EarOutcome", "What the test of one ear came to.", EAR_OUTCOMES);
const ConditionEnum = enumOf(
  "BloodSpotCondition",
  "A condition of newborn blood spot screening.",
  BLOOD_SPOT_CONDITIONS,
);
const BloodSpotOutcomeEnum = enumOf(
  "BloodSpotOutcome",
  "What the blood spot screen of one condition came to: the group of its national status.",
  BLOOD_SPOT_OUTCOMES,
);
const StageEnum = enumOf("ExaminationStage", "Which physical examination it was.", EXAMINATION_STAGES);
const ExaminationOutcomeEnum = enumOf(
  "ExaminationOutcome",
  "What the examination of one part of the body came to.",
  EXAMINATION_OUTCOMES,
);
const ReportStandingEnum = enumOf("ScreeningReportStanding", "How a report of a screen stands.", REPORT_STANDINGS);

const REPORT_STANDING = "Whether it is what is shown, or why it is not.";
const REPORTED_BY = "Who told of it, or that this is withheld.";
const AS_OF = "The instant at which its source says it was so, not when it arrived here.";
const OTHERWISE =
  "True where another report that its source still tells has another answer, or one of unknown meaning: a person should look at the reports.";
const CODE = "SNOMED CT code of the outcome as sent. Null where a system told it under a code of its own.";
const PROVIDER = "Who provided it, or that this is withheld. Null where no report says.";

@ObjectType({ description: "The organisation that provided a screen." })
export class ScreeningProvider implements model.ScreeningProvider {
  @Field(() => OdsCodeScalar, { description: "ODS code of the organisation." })
  odsCode!: string;
}

const ScreeningProviderAnswer = createUnionType({
  name: "ScreeningProviderAnswer",
  description: "Who provided a screen, or that it is withheld because it would tell where a restricted child is.",
  types: () => [ScreeningProvider, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : ScreeningProvider),
});

@ObjectType({ description: "Who told of a screen, and what they wrote with it." })
export class ScreeningReporter {
  @Field(() => String, { description: "The system that told of it: a locality code or a national event." })
  toldBy!: string;

  @Field(() => String, { description: "What that system calls the record: a later telling of the same replaces it." })
  recordId!: string;

  @Field(() => OdsCodeScalar, { nullable: true, description: "ODS code of the provider. Null where none was told." })
  provider!: string | null;

  @Field(() => String, { nullable: true, description: "The professional's comment. Null where there was none." })
  comment!: string | null;
}

const ScreeningReporterAnswer = createUnionType({
  name: "ScreeningReporterAnswer",
  description: "Who told of a screen, or that it is withheld because it would tell where a restricted child is.",
  types: () => [ScreeningReporter, Withheld] as const,
  resolveType: (value) => ("reason" in value ? Withheld : ScreeningReporter),
});

@ObjectType({ description: "One hearing test of one ear." })
export class HearingTest {
  @Field(() => HearingTestMethodEnum, { description: "How the ear was tested." })
  method!: HearingTestMethod;

  @Field(() => EarEnum, { description: "Which ear." })
  ear!: Ear;

  @Field(() => EarOutcomeEnum, { description: "What the test came to." })
  outcome!: EarOutcome;

  @Field(() => InstantScalar, {
    nullable: true,
    description: "When the result was entered, which is not when the test was done. Null where it was not told.",
  })
  enteredAt!: string | null;
}

@ObjectType({ description: "The latest tests of one ear." })
export class EarTests implements model.EarTests {
  @Field(() => HearingTest, { description: "The latest test of the ear by either method." })
  latest!: HearingTest;

  @Field(() => HearingTest, { nullable: true, description: "The latest brainstem response. Null where none was told." })
  aabr!: HearingTest | null;

  @Field(() => HearingTest, {
    nullable: true,
    description: "The latest otoacoustic emission. Null where none was told.",
  })
  aoae!: HearingTest | null;
}

@ObjectType({ description: "The newborn hearing screen, by the report that stands." })
export class NewbornHearing implements model.NewbornHearing {
  childId!: string;
  from!: readonly model.HearingReport[];

  @Field(() => HearingOutcomeEnum, {
    description: "The summary outcome. UNCLASSIFIED is never to be read as a clear response.",
  })
  outcome!: NewbornHearingOutcome;

  @Field(() => String, { nullable: true, description: CODE })
  outcomeCode!: string | null;

  @Field(() => Boolean, { description: "Whether the screen is done, whatever it found: a referral is complete." })
  complete!: boolean;

  @Field(() => DateScalar, { description: "The day the screening encounter began." })
  screenedOn!: string;

  @Field(() => InstantScalar, { nullable: true, description: "When the outcome was set. Null where it was not told." })
  outcomeSetAt!: string | null;

  @Field(() => EarTests, { nullable: true, description: "The left ear. Null where no test of it was told." })
  leftEar!: EarTests | null;

  @Field(() => EarTests, { nullable: true, description: "The right ear. Null where no test of it was told." })
  rightEar!: EarTests | null;

  @Field(() => [HearingTest], { description: "Every test of that report, as told." })
  tests!: readonly HearingTest[];

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => Boolean, { description: OTHERWISE })
  toldOtherwise!: boolean;

  @Field(() => ScreeningProviderAnswer, { nullable: true, description: PROVIDER })
  @Guarded("VIEW_SCREENING", "ANSWER")
  provider!: ScreeningProvider | null;
}

@ObjectType({ description: "The blood spot screen of one condition, by the report that stands for it." })
export class BloodSpotConditionOutcome implements model.BloodSpotConditionOutcome {
  @Field(() => ConditionEnum, { description: "The condition screened for." })
  condition!: BloodSpotCondition;

  @Field(() => BloodSpotOutcomeEnum, {
    description: "What it came to. UNCLASSIFIED is never to be read as not suspected.",
  })
  outcome!: BloodSpotOutcome;

  @Field(() => String, {
    nullable: true,
    description: "National status code of two digits, such as 04. Null for an unclassified outcome.",
  })
  status!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "National sub-status code of four digits, such as 0301. Null where the status has none.",
  })
  subStatus!: string | null;

  @Field(() => String, { description: "The status in words." })
  meaning!: string;

  @Field(() => Boolean, {
    description: "Whether the condition has its answer: statuses 04 to 08 and 10. Declined and not screened are not.",
  })
  conclusive!: boolean;

  @Field(() => String, { nullable: true, description: CODE })
  outcomeCode!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: "The day the sample was taken. Null where the report does not say; national messages never do.",
  })
  sampleTakenOn!: string | null;

  @Field(() => InstantScalar, {
    nullable: true,
    description: "When the provider had the outcome from the laboratory. Null where it was not told.",
  })
  issuedAt!: string | null;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => InstantScalar, {
    description: "The earliest instant at which a report that is still told had this same status.",
  })
  firstToldAt!: string;

  @Field(() => Boolean, { description: OTHERWISE })
  toldOtherwise!: boolean;
}

@ObjectType({ description: "Newborn blood spot screening, joined over every sample told of." })
export class NewbornBloodSpot implements model.NewbornBloodSpot {
  childId!: string;
  from!: readonly model.BloodSpotReport[];

  @Field(() => [BloodSpotConditionOutcome], {
    description:
      'One line a condition with an outcome told, in national order. A condition not listed has none, which is never "not suspected".',
  })
  results!: readonly BloodSpotConditionOutcome[];

  @Field(() => [ConditionEnum], { description: "The conditions suspected: each is an urgent referral." })
  suspected!: readonly BloodSpotCondition[];

  @Field(() => [ConditionEnum], {
    nullable: true,
    description:
      "Conditions expected of a baby born that day with no outcome told. SCID and HT1 are expected of nobody until the start at the local laboratory is known. Null where the day of birth is not known.",
  })
  missing!: readonly BloodSpotCondition[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether every expected condition has its answer, a suspected one too, and nothing else told waits for one. Null where the day of birth is not known.",
  })
  complete!: boolean | null;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => ScreeningProviderAnswer, { nullable: true, description: PROVIDER })
  @Guarded("VIEW_SCREENING", "ANSWER")
  provider!: ScreeningProvider | null;
}

@ObjectType({ description: "The examination of one part of the body, by the report that stands for it." })
export class ExaminedPartOutcome implements model.ExaminedPartOutcome {
  @Field(() => ExaminationOutcomeEnum, {
    description: "What it came to. UNCLASSIFIED is never to be read as no abnormality.",
  })
  outcome!: ExaminationOutcome;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether the baby has a risk factor for it. Null where the outcome does not say.",
  })
  riskFactor!: boolean | null;

  @Field(() => String, { nullable: true, description: CODE })
  outcomeCode!: string | null;

  @Field(() => DateScalar, { description: "The day the part was examined, or was to be." })
  examinedOn!: string;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => Boolean, { description: OTHERWISE })
  toldOtherwise!: boolean;
}

@ObjectType({ description: "A physical examination of a baby, joined over every report of it." })
export class NewbornExamination implements model.NewbornExamination {
  childId!: string;
  from!: readonly model.ExaminationReport[];

  @Field(() => StageEnum, { description: "Which examination: of the newborn, or of the infant at 6 to 8 weeks." })
  stage!: ExaminationStage;

  @Field(() => DateScalar, { description: "The day of the last report that any part shown comes from." })
  examinedOn!: string;

  @Field(() => ExaminedPartOutcome, { nullable: true, description: "The eyes. Null where nothing was told of them." })
  eyes!: ExaminedPartOutcome | null;

  @Field(() => ExaminedPartOutcome, { nullable: true, description: "The heart. Null where nothing was told of it." })
  heart!: ExaminedPartOutcome | null;

  @Field(() => ExaminedPartOutcome, { nullable: true, description: "The hips. Null where nothing was told of them." })
  hips!: ExaminedPartOutcome | null;

  @Field(() => ExaminedPartOutcome, {
    nullable: true,
    description: "The testes. Null for a girl, of whom they are not examined, and for a boy where nothing was told.",
  })
  testes!: ExaminedPartOutcome | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the baby is eligible for BCG. Null where it was not told, which is not "not eligible".',
  })
  bcgEligible!: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether every part was examined, whatever was found. Null where all but the testes were and nothing was told of those: complete for a girl, not for a boy.",
  })
  complete!: boolean | null;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => ScreeningProviderAnswer, { nullable: true, description: PROVIDER })
  @Guarded("VIEW_SCREENING", "ANSWER")
  provider!: ScreeningProvider | null;
}

@ObjectType({ description: "A report of a newborn hearing screen, as told once." })
export class NewbornHearingReport {
  childId!: string;

  @Field(() => ReportStandingEnum, { description: REPORT_STANDING })
  standing!: ReportStanding;

  @Field(() => NewbornHearing, { description: "What this report alone says." })
  hearing!: model.NewbornHearing;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => ScreeningReporterAnswer, { description: REPORTED_BY })
  @Guarded("VIEW_SCREENING", "ANSWER")
  reportedBy!: ScreeningReporter;
}

@ObjectType({ description: "A report of newborn blood spot screening, as told once: usually one sample." })
export class NewbornBloodSpotReport {
  childId!: string;

  @Field(() => ReportStandingEnum, { description: REPORT_STANDING })
  standing!: ReportStanding;

  @Field(() => NewbornBloodSpot, {
    nullable: true,
    description: "What this report alone says. Null where it lists no condition.",
  })
  bloodSpot!: model.NewbornBloodSpot | null;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => ScreeningReporterAnswer, { description: REPORTED_BY })
  @Guarded("VIEW_SCREENING", "ANSWER")
  reportedBy!: ScreeningReporter;
}

@ObjectType({ description: "A report of a physical examination of a baby, of either stage, as told once." })
export class NewbornExaminationReport {
  childId!: string;

  @Field(() => ReportStandingEnum, { description: REPORT_STANDING })
  standing!: ReportStanding;

  @Field(() => NewbornExamination, {
    nullable: true,
    description: "What this report alone says. Null where it tells of no part.",
  })
  examination!: model.NewbornExamination | null;

  @Field(() => InstantScalar, { description: AS_OF })
  asOf!: string;

  @Field(() => ScreeningReporterAnswer, { description: REPORTED_BY })
  @Guarded("VIEW_SCREENING", "ANSWER")
  reportedBy!: ScreeningReporter;
}
