/** The screening part of the graph: what may be asked of a child. */

import { Arg, Ctx, Directive, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { Guarded } from "../../chassis/guard";
import type { Context } from "../../chassis/subgraph";
import {
  NewbornBloodSpot,
  NewbornBloodSpotReport,
  NewbornExamination,
  NewbornExaminationReport,
  NewbornHearing,
  NewbornHearingReport,
  type ScreeningReporter,
} from "./answers";
import * as model from "./model";
import { history, type Report, type Told, told } from "./standing";
import type { Reads } from "./store";

const REPORTS =
  "newest first, with those that others replaced; for those who keep records or answer for screening. Those that their source has taken back are left out unless asked for.";
const WITHDRAWN = "Also the reports that their source has taken back, which are never an outcome of this child.";

@ObjectType({ description: "A child of the record." })
@Directive('@key(fields: "id")')
export class Child {
  @Field(() => ID, {
    description: "The child's id in this record. It is not the NHS number, and stays when that changes.",
  })
  id!: string;
}

/** Objects below a child carry whose they are, for the guard. */
type Of<Shown> = Shown & { readonly childId: string };

@Resolver(() => Child)
export class ChildScreening {
  @FieldResolver(() => NewbornHearing, {
    nullable: true,
    description: "The newborn hearing screen. Null until an outcome is told.",
  })
  @Guarded("VIEW_SCREENING")
  async newbornHearing(
    @Root() { id }: Child,
    @Ctx() { load }: Context<Reads>,
  ): Promise<Of<model.NewbornHearing> | null> {
    return of(id, model.newbornHearing((await hearingsTold(id, load)).still));
  }

  @FieldResolver(() => NewbornBloodSpot, {
    nullable: true,
    description: "Newborn blood spot screening. Null until an outcome of any condition is told.",
  })
  @Guarded("VIEW_SCREENING")
  async newbornBloodSpot(
    @Root() { id }: Child,
    @Ctx() { load, guard }: Context<Reads>,
  ): Promise<Of<model.NewbornBloodSpot> | null> {
    const [samples, entry] = await Promise.all([bloodSpotsTold(id, load), guard.entry(id)]);
    return of(id, model.newbornBloodSpot(samples, entry?.bornOn ?? null));
  }

  @FieldResolver(() => NewbornExamination, {
    nullable: true,
    description: "The physical examination of the newborn, due within 72 hours of birth. Null until one is told.",
  })
  @Guarded("VIEW_SCREENING")
  async newbornExamination(
    @Root() { id }: Child,
    @Ctx() { load }: Context<Reads>,
  ): Promise<Of<model.NewbornExamination> | null> {
    return of(id, model.newbornExamination((await examinationsTold(id, load)).still, "NEWBORN"));
  }

  @FieldResolver(() => NewbornExamination, {
    nullable: true,
    description: "The physical examination of the infant, due at 6 to 8 weeks. Null until one is told.",
  })
  @Guarded("VIEW_SCREENING")
  async infantExamination(
    @Root() { id }: Child,
    @Ctx() { load }: Context<Reads>,
  ): Promise<Of<model.NewbornExamination> | null> {
    return of(id, model.newbornExamination((await examinationsTold(id, load)).still, "INFANT"));
  }

  @FieldResolver(() => [NewbornHearingReport], {
    nullable: true,
    description: `Every report of the newborn hearing screen, ${REPORTS} Null only with an error.`,
  })
  @Guarded("VIEW_SCREENING_REPORTS")
  async newbornHearingReports(
    @Root() { id }: Child,
    @Arg("withdrawn", () => Boolean, { defaultValue: false, description: WITHDRAWN }) withdrawn: boolean,
    @Ctx() { load }: Context<Reads>,
  ) {
    const reports = await hearingsTold(id, load);
    const shown = model.newbornHearing(reports.still)?.from ?? [];
    return historyOf(id, reports, shown, withdrawn).map(({ report, ...rest }) => ({
      ...rest,
      hearing: of(id, model.newbornHearing([report])),
    }));
  }

  @FieldResolver(() => [NewbornBloodSpotReport], {
    nullable: true,
    description: `Every report of newborn blood spot screening, ${REPORTS} Null only with an error.`,
  })
  @Guarded("VIEW_SCREENING_REPORTS")
  async newbornBloodSpotReports(
    @Root() { id }: Child,
    @Arg("withdrawn", () => Boolean, { defaultValue: false, description: WITHDRAWN }) withdrawn: boolean,
    @Ctx() { load, guard }: Context<Reads>,
  ) {
    const [samples, entry] = await Promise.all([bloodSpotsTold(id, load), guard.entry(id)]);
    const bornOn = entry?.bornOn ?? null;
    const shown = model.newbornBloodSpot(samples, bornOn)?.from ?? [];
    return historyOf(id, samples, shown, withdrawn).map(({ report, ...rest }) => ({
      ...rest,
      bloodSpot: of(id, model.newbornBloodSpot({ every: [report], still: [report] }, bornOn)),
    }));
  }

  @FieldResolver(() => [NewbornExaminationReport], {
    nullable: true,
    description: `Every report of a physical examination, of either stage, ${REPORTS} Null only with an error.`,
  })
  @Guarded("VIEW_SCREENING_REPORTS")
  async newbornExaminationReports(
    @Root() { id }: Child,
    @Arg("withdrawn", () => Boolean, { defaultValue: false, description: WITHDRAWN }) withdrawn: boolean,
    @Ctx() { load }: Context<Reads>,
  ) {
    const reports = await examinationsTold(id, load);
    const shown = (["NEWBORN", "INFANT"] as const).flatMap(
      (stage) => model.newbornExamination(reports.still, stage)?.from ?? [],
    );
    return historyOf(id, reports, shown, withdrawn).map(({ report, ...rest }) => ({
      ...rest,
      examination: of(id, model.newbornExamination([report], report.stage)),
    }));
  }
}

type Load = Context<Reads>["load"];

async function hearingsTold(childId: string, load: Load): Promise<Told<model.HearingReport>> {
  return told(await load.hearings.load(childId));
}

async function bloodSpotsTold(childId: string, load: Load): Promise<Told<model.BloodSpotReport>> {
  return told(await load.bloodSpots.load(childId));
}

async function examinationsTold(childId: string, load: Load): Promise<Told<model.ExaminationReport>> {
  return told(await load.examinations.load(childId));
}

function of<Shown extends object>(childId: string, shown: Shown | null): Of<Shown> | null {
  return shown === null ? null : { ...shown, childId };
}

/** What the reports of every screen have in common, of those asked for. */
function historyOf<R extends Report & { readonly provider: string | null; readonly comment: string | null }>(
  childId: string,
  reports: Told<R>,
  shown: readonly R[],
  withdrawn: boolean,
) {
  return history(reports, shown)
    .filter(({ standing }) => withdrawn || standing !== "WITHDRAWN")
    .map(({ report, standing }) => {
      const { source, provider, comment, asOf } = report;
      const reportedBy: ScreeningReporter = { toldBy: source.system, recordId: source.id, provider, comment };
      return { childId, report, standing, asOf, reportedBy };
    });
}
