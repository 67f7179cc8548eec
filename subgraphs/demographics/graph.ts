/** The demographic part of the graph: the ways to a child, and the fields that say who and where a child is. */

import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import { Population } from "../../chassis/graph-types";
import { type Guard, Guarded } from "../../chassis/guard";
import { AFTER, cursorRead, FIRST, pageOf, pageSize } from "../../chassis/pages";
import type { Entry } from "../../chassis/register";
import type { Context as AnyContext } from "../../chassis/subgraph";
import type { Day } from "../../schema/calendar";
import { Problem } from "../../schema/errors";
import type { NhsNumberStatus, Sex } from "../../schema/events";
import type { NhsNumber } from "../../schema/nhs-number";
import { DateScalar, NhsNumberScalar } from "../../schema/scalars";
import * as types from "./graph-types";
import { Birth, Child, ChildConnection, ChildSearch, Source } from "./graph-types";
import * as model from "./model";
import { standingNow } from "./periods";
import { daysAsked, nameKeysAsked, readSearch, type Search, scoreOf } from "./search";
import type { Lookups, Reads } from "./store";

type Context = AnyContext<Reads, Lookups>;

@Resolver()
export class FindingChildren {
  @Query(() => Child, {
    nullable: true,
    description:
      "The child with an NHS number, present or replaced. Null where there is none, or none this viewer may know of.",
  })
  @Guarded("FIND_CHILD")
  async child(
    @Arg("nhsNumber", () => NhsNumberScalar, { description: "The NHS number." }) nhsNumber: NhsNumber,
    @Ctx() { find, guard }: Context,
  ): Promise<Child | null> {
    // That there is no child is found out by the same steps as that there is one the viewer may not know of: a number is
    // nobody's id.
    return knownChild((await find.childOfNumber.load(nhsNumber)) ?? nhsNumber, guard);
  }

  @Query(() => Child, {
    nullable: true,
    description:
      "The child with an id. An id whose record became part of another answers that child. Null where there is none, or none this viewer may know of.",
  })
  @Guarded("FIND_CHILD")
  childById(
    @Arg("id", () => ID, { description: "The child's id in this record." }) id: string,
    @Ctx() { guard }: Context,
  ): Promise<Child | null> {
    return knownChild(id, guard);
  }

  @Query(() => ChildConnection, {
    description:
      "Children by name, date of birth and postcode, best fit first, among those this viewer may know of. The search and its hits are written down.",
  })
  @Guarded("FIND_CHILD")
  async findChildren(
    @Arg("by", () => ChildSearch, { description: "Whom to look for." }) by: ChildSearch,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<ChildConnection> {
    const [search, size, from] = [readSearch(by), pageSize(first), cursorRead(after)];
    const childIds = await candidates(search, context);
    const entries = await context.guard.found("FIND_CHILD", childIds, search.postcode !== null);
    const found = new Set(entries.flatMap((entry) => (entry === null ? [] : [entry.standsAs])));
    const scored = await Promise.all([...found].map((childId) => scoredChild(childId, search, context)));
    const hits = scored.flatMap(({ childId, score }) => {
      // Best first, and of equals by id: written so that it sorts as text.
      return score === null ? [] : [{ childId, score, key: `${String(999 - score)} ${childId}` }];
    });
    context.guard.noteSearch("FIND_CHILD", hits.length, by);
    context.guard.hidesTime();
    const rest = hits.sort((a, b) => (a.key < b.key ? -1 : 1)).filter(({ key }) => from === null || key > from);
    return pageOf(rest, {
      size,
      from,
      keyOf: ({ key }) => key,
      edgeOf: ({ childId, score }) => ({ node: { id: childId }, score }),
    });
  }

  @Query(() => ChildConnection, {
    description:
      "The children of a population that this viewer may list, by id. Restricted children are in no list: being listed by place would tell where they are.",
  })
  @Guarded("LIST_CHILDREN")
  async children(
    @Arg("where", () => Population, { description: "Which children." }) where: Population,
    @Arg("first", () => Int, { nullable: true, description: FIRST }) first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: AFTER }) after: string | null | undefined,
    @Ctx() { guard }: Context,
  ): Promise<ChildConnection> {
    const [size, from] = [pageSize(first), cursorRead(after)];
    const childIds = await guard.list("LIST_CHILDREN", where, size, from);
    return pageOf(childIds, {
      size,
      from,
      keyOf: (childId) => childId,
      edgeOf: (childId) => ({ node: { id: childId }, score: null }),
    });
  }
}

@Resolver(() => Child)
export class ChildIdentity {
  @FieldResolver(() => NhsNumberScalar, {
    nullable: true,
    description: "The NHS number, from the source that is surest of it. Null where none is known.",
  })
  @Guarded("VIEW_IDENTITY")
  async nhsNumber(@Root() child: Child, @Ctx() context: Context): Promise<NhsNumber | null> {
    return (await identityOf(child, context))?.nhsNumber ?? null;
  }

  @FieldResolver(() => types.NhsNumberStatusEnum, {
    nullable: true,
    description: "How sure it is that the NHS number is the child's. Null only with an error.",
  })
  @Guarded("VIEW_IDENTITY")
  async nhsNumberStatus(@Root() child: Child, @Ctx() context: Context): Promise<NhsNumberStatus> {
    return (await identityOf(child, context))?.nhsNumberStatus ?? "ABSENT";
  }

  @FieldResolver(() => [NhsNumberScalar], {
    nullable: true,
    description: "Numbers the child had before, which national systems replaced, in order. Null only with an error.",
  })
  @Guarded("VIEW_IDENTITY")
  async supersededNhsNumbers(@Root() child: Child, @Ctx() context: Context): Promise<readonly NhsNumber[]> {
    return (await identityOf(child, context))?.supersededNhsNumbers ?? [];
  }

  @FieldResolver(() => types.PersonName, {
    nullable: true,
    description: "The child's name as told last. Null where none is known.",
  })
  @Guarded("VIEW_IDENTITY")
  async name(@Root() child: Child, @Ctx() context: Context): Promise<types.PersonName | null> {
    const identity = await identityOf(child, context);
    return identity === null ? null : nameOf(identity.givenNames, identity.familyName);
  }

  @FieldResolver(() => DateScalar, { description: "The day the child was born." })
  @Guarded("VIEW_IDENTITY")
  async bornOn(@Root() child: Child, @Ctx() { guard }: Context): Promise<Day> {
    const bornOn = (await guard.entry(child.id))?.bornOn;
    // Without an identity there is no child, only something told of one who is still to come.
    if (!bornOn) throw new Problem("NOT_FOUND", { what: "child" });
    return bornOn;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The local time of birth, HH:MM. Null where only the day is known.",
  })
  @Guarded("VIEW_IDENTITY")
  async bornAtTime(@Root() child: Child, @Ctx() context: Context): Promise<string | null> {
    return (await identityOf(child, context))?.bornAtTime ?? null;
  }

  @FieldResolver(() => types.SexEnum, { nullable: true, description: "The child's sex. Null only with an error." })
  @Guarded("VIEW_IDENTITY")
  async sex(@Root() child: Child, @Ctx() context: Context): Promise<Sex> {
    return (await identityOf(child, context))?.sex ?? "NOT_KNOWN";
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Ethnic category: the code of the NHS Data Dictionary, such as A for British; Z is not stated. Null where none was told.",
  })
  @Guarded("VIEW_IDENTITY")
  async ethnicCategory(@Root() child: Child, @Ctx() context: Context): Promise<string | null> {
    return (await identityOf(child, context))?.ethnicCategory ?? null;
  }

  @FieldResolver(() => Boolean, { description: "True where a death is recorded, registered or not." })
  @Guarded("VIEW_IDENTITY")
  async deceased(@Root() child: Child, @Ctx() { guard }: Context): Promise<boolean> {
    return (await guard.entry(child.id))?.dead ?? false;
  }

  @FieldResolver(() => DateScalar, {
    nullable: true,
    description: "The day the child died. Null while alive, and where only the death is known: see `deceased`.",
  })
  @Guarded("VIEW_IDENTITY")
  async diedOn(@Root() child: Child, @Ctx() { guard }: Context): Promise<Day | null> {
    return (await guard.entry(child.id))?.diedOn ?? null;
  }

  @FieldResolver(() => Boolean, {
    description: "True where the child's whereabouts are restricted: whatever tells where it is, is withheld.",
  })
  @Guarded("VIEW_IDENTITY")
  async restricted(@Root() child: Child, @Ctx() { guard }: Context): Promise<boolean> {
    return (await guard.entry(child.id))?.restricted ?? true;
  }

  @FieldResolver(() => Birth, {
    nullable: true,
    description: "The circumstances of birth. Null where nobody told of the birth.",
  })
  @Guarded("VIEW_IDENTITY")
  async birth(@Root() child: Child, @Ctx() { load }: Context): Promise<Birth | null> {
    const birth = model.birth(await load.births.load(child.id));
    return birth === null ? null : { ...birth, childId: child.id };
  }

  @FieldResolver(() => [Source], {
    description: "Every system that told who the child is or where it belongs, by code.",
  })
  @Guarded("VIEW_IDENTITY")
  async provenance(@Root() child: Child, @Ctx() { load, guard }: Context): Promise<readonly Source[]> {
    const systems = model.sources(await load.sources.load(child.id));
    const all = systems.map((told) => ({ childId: child.id, kind: model.kindOfSource(told.code), told }));
    // How many localities knew a restricted child says that it moved.
    if (!(await guard.entry(child.id))?.restricted) return all;
    return all.filter((source, at) => all.findIndex(({ kind }) => kind === source.kind) === at);
  }
}

@Resolver(() => Child)
export class ChildPlace {
  @FieldResolver(() => types.AddressAnswer, {
    nullable: true,
    description: "Where the child lives. Null where no address is known; withheld for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ANSWER")
  async address(@Root() child: Child, @Ctx() { load }: Context): Promise<types.Address | null> {
    const stands = standingNow(await load.addresses.load(child.id));
    return stands === null ? null : addressOf(stands);
  }

  @FieldResolver(() => [types.AddressPeriod], {
    nullable: true,
    description: "Where the child has lived, oldest first. Null, with an error, for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ERROR")
  async addresses(@Root() child: Child, @Ctx() { load }: Context): Promise<readonly types.AddressPeriod[]> {
    const told = await load.addresses.load(child.id);
    return model.addresses(told).map(({ fact, ...period }) => ({
      ...period,
      address: addressOf(fact),
      toldBy: fact.source.system,
    }));
  }

  @FieldResolver(() => types.PracticeAnswer, {
    nullable: true,
    description: "The GP practice. Null where the child is registered with none; withheld for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ANSWER")
  async practice(@Root() child: Child, @Ctx() { guard }: Context): Promise<types.Practice | null> {
    const odsCode = (await guard.entry(child.id))?.practice ?? null;
    return odsCode === null ? null : { odsCode };
  }

  @FieldResolver(() => [types.Registration], {
    nullable: true,
    description: "Registrations with GP practices, oldest first. Null, with an error, for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ERROR")
  async registrations(@Root() child: Child, @Ctx() { load }: Context): Promise<readonly types.Registration[]> {
    const told = await load.registrations.load(child.id);
    return model.registrations(told).flatMap(({ fact: { practice, source }, ...period }) => {
      return practice === null ? [] : [{ ...period, practice: { odsCode: practice }, toldBy: source.system }];
    });
  }

  @FieldResolver(() => types.School, {
    nullable: true,
    description: "The school. Null where none was told, and, with an error, for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ERROR")
  async school(@Root() child: Child, @Ctx() { load }: Context): Promise<types.School | null> {
    return model.school(await load.schools.load(child.id));
  }

  @FieldResolver(() => types.Locality, {
    nullable: true,
    description:
      "The locality responsible for the child, or that was last. Null where none of ours ever was, and, with an error, for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ERROR")
  async locality(@Root() child: Child, @Ctx() { guard }: Context): Promise<types.Locality | null> {
    const code = (await guard.entry(child.id))?.locality ?? null;
    return code === null ? null : { code };
  }

  @FieldResolver(() => types.LocalAuthority, {
    nullable: true,
    description:
      "The local authority responsible: that of the practice, or without one that of the home. Null where it is not known, and, with an error, for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ERROR")
  async localAuthority(@Root() child: Child, @Ctx() { guard }: Context): Promise<types.LocalAuthority | null> {
    const code = (await guard.entry(child.id))?.localAuthority ?? null;
    return code === null ? null : { code };
  }

  @FieldResolver(() => types.ChildStatusEnum, {
    nullable: true,
    description: "How the responsibility for the child stands. Null, with an error, for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ERROR")
  async status(@Root() child: Child, @Ctx() { guard }: Context): Promise<Entry["status"] | null> {
    return (await guard.entry(child.id))?.status ?? null;
  }
}

@Resolver(() => Birth)
export class BirthDetail {
  @FieldResolver(() => types.BirthPlaceAnswer, {
    nullable: true,
    description: "Where the child was born. Null where it was not told; withheld for a restricted child.",
  })
  @Guarded("VIEW_PLACE", "ANSWER")
  async place(@Root() { childId }: Birth, @Ctx() { load }: Context): Promise<types.BirthPlace | null> {
    const name = model.deliveryPlace(await load.births.load(childId));
    return name === null ? null : { name };
  }

  @FieldResolver(() => types.MotherAnswer, {
    nullable: true,
    description:
      "The mother at birth. Null where nobody told, and, with an error, for viewers who do not care for the child directly; withheld for a restricted child.",
  })
  @Guarded("VIEW_MOTHER", "ANSWER")
  async mother(@Root() { childId }: Birth, @Ctx() { load }: Context): Promise<types.Mother | null> {
    const mother = model.mother(await load.births.load(childId));
    return mother === null ? null : { ...mother, name: nameOf(mother.givenNames, mother.familyName) };
  }
}

@Resolver(() => Source)
export class SourceDetail {
  @FieldResolver(() => types.SourceSystemAnswer, {
    nullable: true,
    description: "Which system it is and when it told. Withheld for a restricted child; null only with an error.",
  })
  @Guarded("VIEW_PLACE", "ANSWER")
  system(@Root() { told }: Source): types.SourceSystem {
    return told;
  }
}

async function knownChild(childId: string, guard: Guard): Promise<Child | null> {
  const entry = await guard.entry(childId);
  if (!entry?.bornOn) {
    // Whoever may find every child is not told that one exists whom nobody has told of.
    guard.noteMissing("FIND_CHILD", childId);
  } else if (await guard.permits("FIND_CHILD", entry.standsAs)) return { id: entry.standsAs };
  guard.hidesTime();
  return null;
}

/** Who comes into question, by an index on whatever was asked that tells most. */
async function candidates(search: Search, { find }: Context): Promise<readonly string[]> {
  const byDay = daysAsked(search).map((day) => find.bornOn.load(day));
  const byName = nameKeysAsked(search).map((key) => find.nameKey.load(key));
  const byPostcode = search.postcode === null ? [] : [find.postcode.load(search.postcode)];
  // With a date of birth names find those whose date is nearly the same; without, the postcode must agree.
  const asked = search.bornOn !== null ? [...byDay, ...byName] : byPostcode.length > 0 ? byPostcode : byName;
  return [...new Set((await Promise.all(asked)).flat())];
}

async function scoredChild(childId: string, search: Search, { load }: Context) {
  const [identities, addresses] = await Promise.all([
    load.identities.load(childId),
    search.postcode === null ? [] : load.addresses.load(childId),
  ]);
  return { childId, score: scoreOf(search, identities, standingNow(addresses)?.postcode ?? null) };
}

async function identityOf(child: Child, { load }: Context): Promise<model.Identity | null> {
  return model.identity(await load.identities.load(child.id));
}

function nameOf(given: string | null, family: string | null): types.PersonName | null {
  const full = [given, family].filter(Boolean).join(" ");
  return full === "" ? null : { given: given || null, family: family || null, full };
}

function addressOf({ lines, postcode, localAuthority }: model.AddressFact): types.Address {
  return { lines, postcode, localAuthority: localAuthority === null ? null : { code: localAuthority } };
}
