import fc from "fast-check";
import { openDatabase } from "../../chassis/database";
import { LISTED_REGISTER, type Register, registerOf } from "../../chassis/register";
import { ACTIONS, type Action, listed, ROLES, type Role, scopeOf, type Viewer, within } from "../../schema/access";
import type { Event } from "../../schema/events";
import type { LocalityCode } from "../../schema/vocabulary/localities";
import { eachDatabase } from "../databases";

const TODAY = "2026-06-01";
const AT = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000000000Z`;

/** A child of Wirral with a practice and a birth date; overrides add or replace what is told. */
function told(childId: string, events: readonly Partial<Event>[]): Event[] {
  return events.map((event, at) => ({
    action: "record",
    childId,
    source: { system: "WIRRAL", id: childId },
    asOf: AT(at),
    ...event,
  })) as Event[]; // each overrides what makes it whole
}

const born = (bornOn: string): Partial<Event> => ({ type: "IdentityRecorded", bornOn }) as Partial<Event>;
const at = (practice: string | null, from = "2025-01-01"): Partial<Event> =>
  ({ type: "GpRegistrationRecorded", practice, from, to: null }) as Partial<Event>;
const home = (localAuthority: string | null): Partial<Event> =>
  ({ type: "AddressRecorded", localAuthority, from: "2025-01-01", to: null }) as Partial<Event>;
function responsible(locality: LocalityCode, status: "RESIDENT" | "MOVED_OUT", from: string): Partial<Event> {
  return { type: "ResponsibilityRecorded", locality, status, from } as Partial<Event>;
}
const mergedInto = (into: string | null, minute: number): Partial<Event> =>
  ({ type: "ChildrenMerged", into, asOf: AT(minute), source: { system: "RECORD", id: "merge" } }) as Partial<Event>;

eachDatabase((places) => {
  let databases = 0;

  async function withRegister(
    use: (register: Register, tell: (events: readonly Event[]) => Promise<void>) => Promise<void>,
  ) {
    const database = await openDatabase("register", places(`register_${databases++}`));
    try {
      await database.migrate([{ name: "register", tables: [LISTED_REGISTER] }]);
      const register = registerOf(database);
      await use(register, async (events) => {
        await database.write((transaction) => register.tell(transaction, events));
      });
    } finally {
      await database.close();
    }
  }

  describe("Where a child belongs", () => {
    test.each`
      told                                                                                                                                             | practice    | localAuthority | locality           | status
      ${[at("N85002")]}                                                                                                                                | ${"N85002"} | ${"E08000015"} | ${"WIRRAL"}        | ${"RESIDENT"}
      ${[at("N85002"), home("E06000007")]}                                                                                                             | ${"N85002"} | ${"E08000015"} | ${"WIRRAL"}        | ${"RESIDENT"}
      ${[home("E06000007")]}                                                                                                                           | ${null}     | ${"E06000007"} | ${"WARRINGTON"}    | ${"RESIDENT"}
      ${[at("N85002"), at(null, "2026-01-01"), home("E06000006")]}                                                                                     | ${null}     | ${"E06000006"} | ${"WARRINGTON"}    | ${"RESIDENT"}
      ${[at("N85002", "2025-02-01"), at("N81002", "2025-01-01")]}                                                                                      | ${"N81002"} | ${"E06000049"} | ${"EAST_CHESHIRE"} | ${"RESIDENT"}
      ${[at("A99999"), home("E08000015"), { type: "ResponsibilityRecorded", locality: "WIRRAL", status: "MOVED_OUT", from: null }]}                    | ${"A99999"} | ${null}        | ${"WIRRAL"}        | ${"MOVED_OUT"}
      ${[at("N85002"), { type: "DeathRecorded", status: "FORMAL", diedOn: "2026-02-01" }]}                                                             | ${"N85002"} | ${"E08000015"} | ${"WIRRAL"}        | ${"DECEASED"}
      ${[at("N85002"), { type: "DeathRecorded", status: "FORMAL", diedOn: "2026-02-01" }, { type: "DeathRecorded", status: "REMOVED", diedOn: null }]} | ${"N85002"} | ${"E08000015"} | ${"WIRRAL"}        | ${"RESIDENT"}
    `(
      "told $told.length things, the last of one source stands: $status of $locality",
      async ({ told: events, ...expected }) => {
        await withRegister(async (register, tell) => {
          await tell(told("ada", events));
          expect((await register.find(["ada"]))[0]).toMatchObject(expected);
        });
      },
    );

    test("the order of arrival, and hearing a thing twice, change nothing", async () => {
      const events = told("ada", [
        born("2021-03-04"),
        at("N85002"),
        { ...at("N81002", "2025-06-01"), source: { system: "EAST_CHESHIRE", id: "9" } },
        home("E08000015"),
        { type: "RestrictionRecorded", restricted: true } as Partial<Event>,
        { type: "DeathRecorded", status: "INFORMAL", diedOn: "2026-01-05" } as Partial<Event>,
        { type: "DeathRecorded", status: "REMOVED", diedOn: null } as Partial<Event>,
      ]);
      await withRegister(async (register, tell) => {
        await tell(events);
        const [expected] = await register.find(["ada"]);
        await fc.assert(
          fc.asyncProperty(
            fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
            async (shuffled) => {
              const others = shuffled.map((event) => ({ ...event, childId: "bea" }));
              for (const event of others) await tell([event]);
              const [found] = await register.find(["bea"]);
              expect({ ...found, childId: "ada", standsAs: "ada", members: ["ada"] }).toEqual(expected);
            },
          ),
          { numRuns: 10 },
        );
      });
    });

    test("a child of whom nothing is known is null", () =>
      withRegister(async (register) => expect(await register.find(["nobody"])).toEqual([null])));
  });

  describe("A record that became part of another", () => {
    test("answers as that one, belongs where the claims of both say, and comes apart again", () =>
      withRegister(async (register, tell) => {
        await tell([...told("ada", [born("2021-03-04"), at("N85002")]), ...told("bea", [at("N81002", "2026-01-01")])]);
        await tell(told("bea", [mergedInto("ada", 30)]));
        const [ada, bea] = await register.find(["ada", "bea"]);
        expect(ada).toMatchObject({
          standsAs: "ada",
          members: ["ada", "bea"],
          practice: "N81002",
          bornOn: "2021-03-04",
        });
        expect(bea).toEqual({ ...ada, standsAs: "ada" });
        await tell(told("bea", [mergedInto(null, 31)]));
        const [apart, own] = await register.find(["ada", "bea"]);
        expect(apart).toMatchObject({ members: ["ada"], practice: "N85002" });
        expect(own).toMatchObject({ standsAs: "bea", members: ["bea"], practice: "N81002" });
      }));

    test("is restricted when any of its parts is", () =>
      withRegister(async (register, tell) => {
        await tell(told("bea", [{ type: "RestrictionRecorded", restricted: true } as Partial<Event>]));
        await tell([...told("ada", [born("2021-03-04")]), ...told("bea", [mergedInto("ada", 30)])]);
        expect((await register.find(["ada"]))[0]?.restricted).toBe(true);
      }));
  });

  describe("A list within a scope", () => {
    const PRACTICES = ["N85002", "N81002", "N82001", null];
    const BIRTHS = [
      "2026-05-31",
      "2025-06-02",
      "2025-06-01",
      "2021-06-02",
      "2021-06-01",
      "2021-09-01",
      "2021-08-31",
      "2010-06-01",
      "2010-06-02",
      "2006-08-31",
      "2006-09-01",
    ];
    /** What else is told of a child: it moves, leaves, dies, is hidden, is taken off a practice's list, has a plan. */
    const STATES: Readonly<Record<string, readonly Partial<Event>[]>> = {
      here: [],
      moved: [
        responsible("WIRRAL", "RESIDENT", "2025-01-01"),
        { ...at("N81002", "2026-05-20"), source: { system: "EAST_CHESHIRE", id: "9" } },
      ],
      movedLongAgo: [
        responsible("WIRRAL", "RESIDENT", "2025-01-01"),
        { ...at("N81002", "2026-01-20"), source: { system: "EAST_CHESHIRE", id: "9" } },
      ],
      left: [responsible("WIRRAL", "MOVED_OUT", "2026-05-20")],
      leftLongAgo: [responsible("WIRRAL", "MOVED_OUT", "2026-01-20")],
      dead: [{ type: "DeathRecorded", status: "FORMAL", diedOn: "2026-02-01" } as Partial<Event>],
      restricted: [{ type: "RestrictionRecorded", restricted: true } as Partial<Event>],
      registeredUntilToday: [{ ...at("N85002"), to: TODAY } as Partial<Event>],
      registeredUntilTomorrow: [{ ...at("N85002"), to: "2026-06-02" } as Partial<Event>],
      planned: [
        {
          type: "SafeguardingFlagRecorded",
          kind: "CHILD_PROTECTION_PLAN",
          localAuthority: "E08000015",
          startedOn: "2026-01-01",
          endedOn: null,
        } as Partial<Event>,
      ],
    };

    test("holds in SQL whom it holds in memory, for every role, action and child", () =>
      withRegister(async (register, tell) => {
        const children = Object.entries(STATES).flatMap(([state, also]) =>
          PRACTICES.flatMap((practice, p) =>
            BIRTHS.map((bornOn, b) => ({
              childId: `${state}-${p}-${b}`,
              events: [born(bornOn), at(practice), ...also],
            })),
          ),
        );
        await tell(children.flatMap(({ childId, events }) => told(childId, events)));
        const entries = await register.find(children.map((child) => child.childId));
        let held = 0;
        for (const role of Object.keys(ROLES) as Role[]) {
          const viewer: Viewer = {
            subject: "s",
            name: "n",
            role,
            organisation: "N85002",
            localities: ["WIRRAL", "EAST_CHESHIRE"],
            scopes: ["identity:read", "children:list", "place:read", "screening:read", "immunisations:read"],
          };
          // Of several actions with one scope one is asked.
          const scopes = new Map(ACTIONS.map((action) => [JSON.stringify(scopeOf(viewer, action, TODAY)), action]));
          for (const action of scopes.values()) {
            const scope = scopeOf(viewer, action, TODAY);
            const inSql = await register.list(scope, {}, 1000, null);
            const inMemory = entries.filter((entry) => listed(scope, entry)).map((entry) => entry?.childId);
            expect([role, action, inSql]).toEqual([role, action, [...inMemory].sort()]);
            held += inSql.length;
          }
        }
        expect(held).toBeGreaterThan(500);
      }));

    test.each`
      state                        | action                 | reached
      ${"here"}                    | ${"VIEW_IDENTITY"}     | ${true}
      ${"moved"}                   | ${"VIEW_IDENTITY"}     | ${true}
      ${"moved"}                   | ${"VIEW_PLACE"}        | ${false}
      ${"moved"}                   | ${"VIEW_SAFEGUARDING"} | ${false}
      ${"moved"}                   | ${"LIST_CHILDREN"}     | ${false}
      ${"movedLongAgo"}            | ${"VIEW_IDENTITY"}     | ${false}
      ${"left"}                    | ${"VIEW_IDENTITY"}     | ${true}
      ${"leftLongAgo"}             | ${"VIEW_IDENTITY"}     | ${false}
      ${"dead"}                    | ${"VIEW_IDENTITY"}     | ${true}
      ${"dead"}                    | ${"VIEW_PLACE"}        | ${true}
      ${"registeredUntilTomorrow"} | ${"VIEW_IDENTITY"}     | ${true}
    `("a clerk of Wirral reaches a child that is $state for $action: $reached", ({ state, action, reached }) =>
      withRegister(async (register, tell) => {
        await tell(told("ada", [born("2024-01-01"), at("N85002"), ...(STATES[state] ?? [])]));
        const clerk: Viewer = {
          subject: "s",
          name: "n",
          role: "CHILD_HEALTH_CLERK",
          organisation: null,
          localities: ["WIRRAL"],
          scopes: [],
        };
        const [entry = null] = await register.find(["ada"]);
        expect(within(scopeOf(clerk, action as Action, TODAY), entry)).toBe(reached);
      }),
    );
  });

  test("a restricted child is in no list", () =>
    withRegister(async (register, tell) => {
      await tell([
        ...told("ada", [at("N85002")]),
        ...told("bea", [at("N85002"), { type: "RestrictionRecorded", restricted: true } as Partial<Event>]),
      ]);
      expect(await register.list({ reach: "EVERYBODY" }, { practices: ["N85002"] }, 10, null)).toEqual(["ada"]);
      expect(await register.list({ reach: "EVERYBODY" }, {}, 10, null)).toEqual(["ada"]);
    }));
});
