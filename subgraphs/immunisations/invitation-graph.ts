/** Invitation runs, as the graph is asked for them and told what to do with them. */

import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { type Guard, Guarded } from "../../chassis/guard";
import { AFTER, cursorRead, FIRST, pageOf, pageSize } from "../../chassis/pages";
import type { Context as AnyContext } from "../../chassis/subgraph";
import { type Action, type Scope, within } from "../../schema/access";
import { ageInYears } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import { LOCALITY_CODES } from "../../schema/vocabulary/localities";
import { practiceOf } from "../../schema/vocabulary/practices";
import type { Acts } from "./acts";
import { dayAsked } from "./due-graph";
import { conditionsOf, scopeOfTeam } from "./due-population";
import type * as model from "./invitation";
import {
  type InvitationState,
  inviteAgainOn,
  isAtPlaceOf,
  OWN_LETTERS_FROM_YEARS,
  reasonNotCalled,
} from "./invitation";
import { MOST_INVITED } from "./invitation-desk";
import {
  BuiltInvitationRun,
  Invitation,
  InvitationConnection,
  InvitationOutcomeInput,
  InvitationRun,
  InvitationRunConnection,
  InvitationRunInput,
  InvitationStateEnum,
  SentInvitations,
} from "./invitation-types";
import type { Reads } from "./store";

type Context = AnyContext<Reads, object, Acts>;

const RUN_ID = "Id of the run.";

@Resolver(() => InvitationRun)
export class InvitationRuns {
  @Query(() => InvitationRun, {
    nullable: true,
    description: "An invitation run. Null where there is none with that id, or none this viewer may know of.",
  })
  @Guarded("VIEW_INVITATIONS")
  async invitationRun(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Ctx() { guard, act }: Context,
  ): Promise<InvitationRun | null> {
    const run = await act.invitations.run(id);
    return run !== null && isInReach(run, guard.scope("VIEW_INVITATIONS")) ? run : null;
  }

  @Query(() => InvitationRunConnection, {
    description: "The invitation runs of this viewer's localities or practice, those held last first.",
  })
  @Guarded("VIEW_INVITATIONS")
  async invitationRuns(
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() { guard, act }: Context,
  ): Promise<InvitationRunConnection> {
    const [size, from] = [pageSize(first), cursorRead(after)];
    const [heldOn = "", id = ""] = from?.split(" ") ?? [];
    const scope = guard.scope("VIEW_INVITATIONS");
    const { localities, practice } = scope.reach === "THOSE" ? scope : { localities: null, practice: null };
    const before = from === null ? null : { heldOn, id };
    const runs = await act.invitations.runs({ localities: localities ?? LOCALITY_CODES, practice }, before);
    return pageOf(runs, { size, from, keyOf: (run) => `${run.heldOn} ${run.id}`, edgeOf: (run) => ({ node: run }) });
  }

  @FieldResolver(() => InvitationConnection, {
    description:
      "Who is on it, by child, of those this viewer may see. A child whose whereabouts are restricted is on no list, and was taken off it.",
  })
  async invitations(
    @Root() { id }: InvitationRun,
    @Arg("states", () => [InvitationStateEnum], { nullable: true, description: "Standing so. Left out: however." })
    states: readonly InvitationState[] | null | undefined,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() { guard, act }: Context,
  ): Promise<InvitationConnection> {
    const [size, from] = [pageSize(first), cursorRead(after)];
    const all = (await act.invitations.invitationsOf(id)).filter(
      ({ state, childId }) => (!states?.length || states.includes(state)) && (from === null || childId > from),
    );
    const rest = await seen(all, guard);
    guard.noteSearch("VIEW_INVITATIONS", Math.min(rest.length, size));
    return pageOf(rest, {
      size,
      from,
      keyOf: ({ child }) => child.id,
      edgeOf: (invitation) => ({ node: invitation }),
    });
  }

  @Mutation(() => BuiltInvitationRun, {
    description:
      "Puts together whom to invite to a clinic or a session at a school: those due on the day whom this viewer reaches and who may be invited, the longest due first.",
  })
  @Guarded("INVITE")
  async buildInvitationRun(
    @Arg("run", () => InvitationRunInput, { description: "When, where and for whom." }) asked: InvitationRunInput,
    @Ctx() { guard, act, today, viewer }: Context,
  ): Promise<BuiltInvitationRun> {
    const heldOn = dayAsked(asked.heldOn, today, "run.heldOn");
    const { locality, venue, practice = null, school = null } = asked;
    const places = asked.places ?? MOST_INVITED;
    if ((practice === null) === (school === null)) throw invalid("run.practice", "given, or run.school, and not both");
    if (venue.trim() === "" || venue.length > 200) throw invalid("run.venue", "a place in 1 to 200 characters");
    if (places < 1 || places > MOST_INVITED) throw invalid("run.places", `a number from 1 to ${MOST_INVITED}`);
    if (practice !== null && practiceOf(practice)?.locality !== locality)
      throw invalid("run.practice", "a practice of the locality that holds it");
    const scopes = [guard.scope("INVITE"), ...(asked.team ? [scopeOfTeam(asked.team, today)] : [])];
    if (!isInReach({ locality, practice }, guard.scope("INVITE"))) throw invalid("run.locality", "one of your own");
    const conditions = conditionsOf(scopes, {
      practices: practice === null ? null : [practice],
      schools: school === null ? null : [school],
    });
    const vaccines = asked.vaccines?.length ? [...new Set(asked.vaccines)] : null;
    const built = await act.desk.build(conditions, {
      ...{ heldOn, venue, locality, practice, school, vaccines, places },
      by: viewer.subject,
    });
    guard.noteSearch("INVITE", built.listed);
    return built;
  }

  @Mutation(() => InvitationRun, { description: "Locks a run: nobody is added any more, and it may be sent." })
  @Guarded("INVITE")
  async lockInvitationRun(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Ctx() { guard, act }: Context,
  ): Promise<InvitationRun> {
    await runInReach(id, guard, act);
    return act.desk.lock(id);
  }

  @Mutation(() => SentInvitations, {
    description:
      "Gives out the next invitations of a locked run, and records them as sent. Each child is looked at in this moment: whoever died, moved away or to another practice or school than the run is held for, became restricted or is no longer due is not invited.",
  })
  @Guarded("INVITE")
  async sendInvitations(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Ctx() { guard, act, viewer }: Context,
  ): Promise<SentInvitations> {
    const size = pageSize(first);
    const asked = await runInReach(id, guard, act);
    const reaches = async (childId: string) => {
      // Whoever is called no more, or elsewhere, is taken off, whoever asks.
      const entry = await guard.entry(childId);
      if (entry === null || reasonNotCalled(entry) !== null || !isAtPlaceOf(asked, entry)) return true;
      return guard.permits("INVITE", childId);
    };
    const { run, invited, cancelled, left } = await act.desk.send(id, { first: size, by: viewer.subject, reaches });
    return { run, left, invited: await seen(invited, guard), cancelled: await seen(cancelled, guard) };
  }

  @Mutation(() => [Invitation], {
    description:
      "Records what came of invitations, at most 500 at a time: all of them, or none where one is about a child whom the run did not invite, or who cannot have come yet: before the day of the run only DECLINED is recorded. An outcome recorded before is corrected.",
  })
  @Guarded("INVITE")
  async recordInvitationOutcomes(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Arg("outcomes", () => [InvitationOutcomeInput], { description: "What came of each child's invitation." })
    outcomes: readonly InvitationOutcomeInput[],
    @Ctx() { guard, act, viewer }: Context,
  ): Promise<readonly Invitation[]> {
    if (outcomes.length > MOST_AT_ONCE) throw invalid("outcomes", `at most ${MOST_AT_ONCE} outcomes`);
    await runInReach(id, guard, act);
    for (const [at, { childId }] of outcomes.entries()) {
      if (!(await guard.permits("INVITE", childId)))
        throw invalid(`outcomes[${at}].childId`, "the id of a child whom this run invited");
    }
    return seen(await act.desk.record(id, outcomes, viewer.subject), guard);
  }

  @Mutation(() => InvitationRun, {
    description: "Takes children off a run who were not invited, or are to be no longer; at most 500 at a time.",
  })
  @Guarded("INVITE")
  async takeOffInvitationRun(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Arg("childIds", () => [ID], { description: "Whom to take off." }) childIds: readonly string[],
    @Ctx() { guard, act, viewer }: Context,
  ): Promise<InvitationRun> {
    if (childIds.length > MOST_AT_ONCE) throw invalid("childIds", `at most ${MOST_AT_ONCE} children`);
    await runInReach(id, guard, act);
    const reached: string[] = [];
    for (const childId of childIds) if (await guard.permits("INVITE", childId)) reached.push(childId);
    return act.desk.takeOff(id, reached, viewer.subject);
  }

  @Mutation(() => InvitationRun, {
    description: "Closes a locked run. Whoever was not invited by then may be listed again.",
  })
  @Guarded("INVITE")
  async closeInvitationRun(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Ctx() { guard, act, viewer }: Context,
  ): Promise<InvitationRun> {
    await runInReach(id, guard, act);
    return act.desk.close(id, viewer.subject);
  }

  @Mutation(() => InvitationRun, {
    description:
      "Cancels a run that is not held. Its invitations are cancelled, and whoever was invited may be invited again.",
  })
  @Guarded("INVITE")
  async cancelInvitationRun(
    @Arg("id", () => ID, { description: RUN_ID }) id: string,
    @Ctx() { guard, act, viewer }: Context,
  ): Promise<InvitationRun> {
    await runInReach(id, guard, act);
    return act.desk.cancel(id, viewer.subject);
  }
}

const MOST_AT_ONCE = 500;

/** The run. Throws NOT_FOUND where there is none, or none the viewer may know of. */
async function runInReach(id: string, guard: Guard, { invitations }: Acts): Promise<model.InvitationRun> {
  const run = await invitations.run(id);
  if (run === null || !isInReach(run, guard.scope("INVITE")))
    throw new Problem("NOT_FOUND", { what: "invitation run" });
  return run;
}

/** A run is of those who hold it: the locality, or the practice. */
function isInReach({ locality, practice }: Pick<model.InvitationRun, "locality" | "practice">, scope: Scope): boolean {
  if (scope.reach !== "THOSE") return scope.reach === "EVERYBODY";
  if (scope.practice !== null && scope.practice !== practice) return false;
  return scope.localities === null || scope.localities.includes(locality);
}

const SEEN_FOR: Action = "VIEW_INVITATIONS";

/** Those a viewer may see. Of a restricted child not even that it was on a list of a place. */
async function seen(invitations: readonly model.Invitation[], guard: Guard): Promise<Invitation[]> {
  const scope = guard.scope(SEEN_FOR);
  const entries = await Promise.all(invitations.map(({ childId }) => guard.entry(childId)));
  return invitations.flatMap((invitation, at) => {
    const entry = entries[at] ?? null;
    // Nor that it was restricted, once it no longer is.
    const hidden = entry === null || entry.restricted || invitation.cancelledBecause === "RESTRICTED";
    if (hidden || !within(scope, entry)) return [];
    const { childId, doses, state, number, heldOn, invitedAt, cancelledBecause, changedAt, changedBy } = invitation;
    const toYoungPerson = entry.bornOn !== null && ageInYears(entry.bornOn, heldOn) >= OWN_LETTERS_FROM_YEARS;
    return [
      {
        child: { id: childId },
        ...{ doses, state, number, invitedAt, toYoungPerson, cancelledBecause, changedAt, changedBy },
        inviteAgainOn: inviteAgainOn(invitation),
      },
    ];
  });
}

function invalid(argument: string, expected: string): Problem {
  return new Problem("ARGUMENT_INVALID", { argument, expected });
}
