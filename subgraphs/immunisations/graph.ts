/** The immunisations part of the graph. */

import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { type Guard, Guarded, WITHHELD, type Withheld } from "../../chassis/guard";
import type { Context } from "../../chassis/subgraph";
import { DateScalar } from "../../schema/scalars";
import { collapse, collapseNotGiven } from "./collapse";
import { historyOf } from "./given";
import { Child, Dose, DoseNotGiven, DoseReport, type DoseSource, DoseSourceAnswer } from "./graph-types";
import * as model from "./model";
import { DoseInput, HistoryInput, ImmunisationPlan } from "./plan-types";
import { historyTold, planned } from "./planned";
import type { Reads } from "./store";

@Resolver(() => Child)
export class ChildImmunisations {
  @FieldResolver(() => [Dose], {
    nullable: true,
    description:
      "Every dose known to have been given, newest last. Empty where none is known. Null only with an error.",
  })
  @Guarded("VIEW_IMMUNISATIONS")
  async doses(@Root() child: Child, @Ctx() { load, guard }: Context<Reads>): Promise<readonly Dose[]> {
    return collapse(await load.doses.load(child.id), await lifespanOf(child, guard));
  }

  @FieldResolver(() => [DoseNotGiven], {
    nullable: true,
    description: "Doses declined, put off or otherwise not given, newest last. Null only with an error.",
  })
  @Guarded("VIEW_IMMUNISATIONS")
  async dosesNotGiven(@Root() child: Child, @Ctx() { load, guard }: Context<Reads>): Promise<readonly DoseNotGiven[]> {
    const { childId } = await lifespanOf(child, guard);
    return collapseNotGiven(await load.dosesNotGiven.load(child.id), childId);
  }

  @FieldResolver(() => [DoseReport], {
    nullable: true,
    description:
      "Every record of a dose as it was told, those replaced since too, by date; for those who keep records. Null only with an error.",
  })
  @Guarded("VIEW_DOSE_REPORTS")
  async doseReports(@Root() child: Child, @Ctx() { load }: Context<Reads>): Promise<readonly DoseReport[]> {
    return model.reportsOf(await load.doseVersions.load(child.id), child.id);
  }
}

@Resolver(() => Child)
export class ChildImmunisationPlan {
  @FieldResolver(() => ImmunisationPlan, {
    nullable: true,
    description:
      "What the child has had, is due and is overdue, by the schedule of England. Null where the day of birth is not known, or with an error.",
  })
  @Guarded("VIEW_IMMUNISATIONS")
  async immunisationPlan(
    @Root() { id }: Child,
    @Arg("on", () => DateScalar, { nullable: true, description: "The day to plan for. Left out: today." })
    on: string | null,
    @Ctx() { load, guard, today }: Context<Reads>,
  ): Promise<ImmunisationPlan | null> {
    const entry = await guard.entry(id);
    if (entry === null || entry.bornOn === null) return null;
    const [doses, dosesNotGiven, bcgEligibility, scidScreens] = await Promise.all([
      load.doses.load(id),
      load.dosesNotGiven.load(id),
      load.bcgEligibility.load(id),
      load.scidScreens.load(id),
    ]);
    return planned(historyOf(entry, entry.bornOn, { doses, dosesNotGiven, bcgEligibility, scidScreens }), on ?? today);
  }
}

@Resolver()
export class ImmunisationForecast {
  @Query(() => ImmunisationPlan, {
    description:
      "The plan of a child who is nobody: of the day of birth and the doses given here. Nothing is looked up and nothing is kept. For the same facts it is the plan of `Child.immunisationPlan`.",
  })
  @Guarded("FORECAST_IMMUNISATIONS")
  immunisationForecast(
    @Arg("bornOn", () => DateScalar, { description: "Day of birth." }) bornOn: string,
    @Arg("doses", () => [DoseInput], { description: "Every dose given, in any order; at most 200." })
    doses: readonly DoseInput[],
    @Arg("on", () => DateScalar, { nullable: true, description: "The day to plan for. Left out: today." })
    on: string | null,
    @Arg("history", () => HistoryInput, { nullable: true, description: "What else is known. Left out: nothing is." })
    history: HistoryInput | null,
    @Ctx() { today }: Context<Reads>,
  ): ImmunisationPlan {
    return planned(historyTold(bornOn, doses, history), on ?? today);
  }
}

@Resolver(() => Dose)
export class DoseSources {
  @FieldResolver(() => [DoseSourceAnswer], { description: "Every record this dose is told by, the one shown first." })
  sources(@Root() dose: Dose, @Ctx() { guard }: Context<Reads>) {
    return sourcesOf(dose, guard);
  }
}

@Resolver(() => DoseNotGiven)
export class DoseNotGivenSources {
  @FieldResolver(() => [DoseSourceAnswer], { description: "Every record it is told by, the one shown first." })
  sources(@Root() notGiven: DoseNotGiven, @Ctx() { guard }: Context<Reads>) {
    return sourcesOf(notGiven, guard);
  }
}

/** Who told of it says where the child is, and how many did, that it moved. */
async function sourcesOf(
  { childId, sources }: Pick<Dose, "childId" | "sources">,
  guard: Guard,
): Promise<readonly (DoseSource | Withheld)[]> {
  return (await guard.withholds("VIEW_IMMUNISATIONS", childId)) ? [WITHHELD] : sources;
}

async function lifespanOf({ id }: Child, guard: Guard): Promise<model.Lifespan> {
  return (await guard.entry(id)) ?? { childId: id, bornOn: null, diedOn: null };
}
