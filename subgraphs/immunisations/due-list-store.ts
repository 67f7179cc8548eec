/** The lists of what is due, each read from a stretch of one index. */

import type { Knex } from "knex";
import type { Database, Session, Shape, Statement } from "../../chassis/database";
import type { Day } from "../../schema/calendar";
import type { Vaccine } from "../../schema/vocabulary/vaccines";
import type { ListedState } from "./due";
import type { Conditions } from "./due-population";
import { DUE_DOSE, type DueKey, NOT_OPEN, type PlacedDueDose } from "./due-tables";

export function dueLists(database: Database) {
  const listedRows = database.statement<PlacedDueDose>(
    ({ from, among, param }) =>
      from(DUE_DOSE)
        .where(among("child_id", "childIds"))
        .where("listed_from", "<=", param("on"))
        .where("listed_to", ">", param("on"))
        .orderBy(["child_id", "dose_id"]),
    DUE_DOSE.columns,
  );
  const lists = new Map<string, Statement<DueKey>>();

  function listedOf(
    childIds: readonly string[],
    on: Day,
    session: Session = database,
  ): Promise<readonly PlacedDueDose[]> {
    return session.rows(listedRows, { childIds, on });
  }

  return {
    /** The rows of children on a day, by child and dose. */
    listedOf,

    /**
     * What is due on a day, by child and dose, after a place in that order. Each place, and in a locality each vaccine that
     * may be given, is read from its own stretch of an index, and the beginnings of all are put together: a page costs the
     * same wherever it is.
     */
    async list(
      conditions: Conditions,
      asked: {
        readonly on: Day;
        readonly states: readonly ListedState[];
        readonly vaccines: readonly Vaccine[] | null;
        readonly first: number;
        readonly after: DueKey | null;
      },
    ): Promise<readonly PlacedDueDose[]> {
      const { on, states, vaccines, first, after } = asked;
      const { by, places, ...others } = conditions;
      const residual = Object.entries(others).filter(([, value]) => value !== null) as [Residual, unknown][]; // its own names
      const isOpen = states.includes("DUE") || states.includes("OVERDUE");
      const stretched = by === "locality" && vaccines !== null && isOpen;
      const shape = [by, vaccines !== null, first, ...states, "/", ...residual.map(([name]) => name)].join();
      let statement = lists.get(shape);
      if (statement === undefined) {
        statement = database.statement(
          (query) => listQuery(query, { by, stretched, isOpen, filtered: vaccines !== null, states, first, residual }),
          { childId: "text", doseId: "text" },
        );
        lists.set(shape, statement);
      }
      const given = {
        ...Object.fromEntries(residual),
        on,
        afterChild: after?.childId ?? "",
        afterDose: after?.doseId ?? "",
        vaccines: vaccines ?? [],
      };
      const stretches = places.flatMap((place) =>
        stretched ? vaccines.map((vaccine) => ({ place, vaccine })) : [{ place, vaccine: "" }],
      );
      const found = await Promise.all(stretches.map((stretch) => database.rows(statement, { ...given, ...stretch })));
      const keys = found.flat();
      if (stretches.length > 1) keys.sort(inKeyOrder);
      const page = keys.slice(0, first);
      const rows = await listedOf([...new Set(page.map(({ childId }) => childId))], on);
      const byKey = new Map(rows.map((row) => [keyOf(row), row]));
      return page.flatMap((key) => byKey.get(keyOf(key)) ?? []);
    },
  };
}

function keyOf({ childId, doseId }: DueKey): string {
  return `${childId} ${doseId}`;
}

function inKeyOrder(a: DueKey, b: DueKey): number {
  if (a.childId !== b.childId) return a.childId < b.childId ? -1 : 1;
  return a.doseId < b.doseId ? -1 : a.doseId > b.doseId ? 1 : 0;
}

type Residual = Exclude<keyof Conditions, "by" | "places">;

interface ListShape {
  readonly by: Conditions["by"];
  /** One vaccine, as an index has it. */
  readonly stretched: boolean;
  /** Whether any state asked is one of what may be given. */
  readonly isOpen: boolean;
  readonly filtered: boolean;
  readonly states: readonly ListedState[];
  readonly first: number;
  readonly residual: readonly (readonly [Residual, unknown])[];
}

function listQuery({ from, raw, param, among }: Shape, shape: ListShape): Knex.QueryBuilder {
  const query = from(DUE_DOSE)
    .select("child_id", "dose_id")
    .where(shape.by, "=", param("place"))
    .where(raw("(child_id, dose_id) > (?, ?)", [param("afterChild"), param("afterDose")]))
    .where("listed_from", "<=", param("on"))
    .where("listed_to", ">", param("on"));
  if (!shape.isOpen) query.where(raw(NOT_OPEN));
  if (shape.stretched) query.where("vaccine", "=", param("vaccine"));
  else if (shape.filtered) query.where(among("vaccine", "vaccines"));
  query.where((any) => {
    for (const state of shape.states) any.orWhere((each) => ofState(each, state, param));
  });
  for (const [name] of shape.residual) narrow(query, name, { param, among });
  return query.orderBy(["child_id", "dose_id"]).limit(shape.first);
}

/** As `stateOn` reads it from a row, on the days it is listed. */
function ofState(query: Knex.QueryBuilder, state: ListedState, param: Shape["param"]): void {
  switch (state) {
    case "DUE":
      query
        .where("standing", "OPEN")
        .where((none) => none.whereNull("overdue_on").orWhere("overdue_on", ">", param("on")));
      break;
    case "OVERDUE":
      query.where("standing", "OPEN").where("overdue_on", "<=", param("on"));
      break;
    default:
      query.where("standing", state);
  }
}

function narrow(query: Knex.QueryBuilder, name: Residual, { param, among }: Pick<Shape, "param" | "among">): void {
  switch (name) {
    case "bornFrom":
      query.where("born_on", ">=", param(name));
      break;
    case "bornBefore":
      query.where("born_on", "<", param(name));
      break;
    case "localities":
      query.where(among("locality", name));
      break;
    case "localAuthorities":
      query.where(among("local_authority", name));
      break;
    case "practices":
      query.where(among("practice", name));
      break;
    case "registeredOn":
      query.where((still) => still.whereNull("practice_until").orWhere("practice_until", ">", param(name)));
      break;
  }
}
