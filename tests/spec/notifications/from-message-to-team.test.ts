import type { MessageContent } from "../../../ingest/fhir/write";
import { BIRTH, CHANGE_OF_ADDRESS, DEATH, HEARING, message } from "../../fixtures/messages";
import { type World, world } from "../../world";

/** A message as it comes out of the mailbox. */
const arrived = (content: MessageContent, n: number) => ({
  name: `message-${n}.xml`,
  headers: {},
  bytes: new TextEncoder().encode(message({ ...content, messageId: `0f7c3a52-6f0e-4d6b-9c1d-2b1f0f3e9a${n}0` })),
});

const FEED = "{ notifications { edges { node { kind urgency child { name { full } } } } } }";

describe("From a national message to the team that must act", () => {
  let house: World;
  const told = async (role: Parameters<World["as"]>[0], who: Parameters<World["as"]>[1]) => {
    const { data } = await house.as(role, who)(FEED);
    const nodes: { node: { kind: string; urgency: string } }[] = data.notifications.edges;
    return nodes.map(({ node }) => `${node.kind} ${node.urgency}`);
  };
  const EAST = { localities: ["EAST_CHESHIRE"] } as const;
  const WEST = { localities: ["CHESHIRE_WEST"] } as const;

  /** Each message comes twice, as they do. */
  const take = async (...contents: readonly MessageContent[]) => {
    for (const content of contents) {
      taken += 1;
      for (const _ of ["once", "and again"]) await house.house.ingest?.take([arrived(content, taken)]);
    }
  };
  let taken = 0;

  beforeAll(async () => {
    house = await world(() => Date.parse("2026-03-20T10:00:00Z"));
  }, 60_000);
  afterAll(() => house.close());

  test("those who are in charge of the child are told, each of them once", async () => {
    const withdrawn = { ...HEARING, messageType: "delete" as const, lastUpdated: "2026-03-03T10:00:00+00:00" };
    await take(BIRTH, HEARING, withdrawn);
    expect(await told("HEALTH_VISITOR", EAST)).toEqual([
      "BIRTH ROUTINE",
      "SCREEN_CLEAR ROUTINE",
      "SCREEN_WITHDRAWN URGENT",
    ]);
    expect(await told("CHILD_HEALTH_CLERK", EAST)).toEqual(["BIRTH ROUTINE"]);
    expect(await told("HEALTH_VISITOR", WEST)).toEqual([]);
  });

  test("a move is told to both localities, and what was told before stays with those who were told", async () => {
    await take(CHANGE_OF_ADDRESS);
    expect(await told("CHILD_HEALTH_CLERK", WEST)).toEqual(["MOVED_IN ROUTINE"]);
    expect((await told("CHILD_HEALTH_CLERK", EAST)).at(-1)).toBe("MOVED_OUT ROUTINE");
  });

  test("a death is told to both while the child is handed over, and ends whatever turns to the family", async () => {
    await take(DEATH);
    expect(await told("HEALTH_VISITOR", WEST)).toEqual(["DEATH URGENT"]);
    expect(await told("HEALTH_VISITOR", EAST)).toEqual(["MOVED_OUT ROUTINE", "DEATH URGENT"]);
  });
});

describe("Broken glass", () => {
  test("is told to the privacy officers at once", async () => {
    const house = await world(() => Date.parse("2026-03-20T10:00:00Z"));
    await house.house.ingest?.take([arrived(BIRTH, 9)]);
    const clerk = await house.as("CHILD_HEALTH_CLERK")("{ notifications { edges { node { child { id } } } } }");
    const childId = clerk.data.notifications.edges[0].node.child.id;
    const broken = await house.as("GENERAL_PRACTITIONER", { organisation: "N85002" })(
      `mutation ($childId: ID!) { breakGlass(childId: $childId, reason: "Collapsed in the surgery.", reasonCode: EMERGENCY_CARE) { until } }`,
      { childId },
    );
    expect(broken.errors).toBeUndefined();
    const { data } = await house.as("PRIVACY_OFFICER")(
      "{ notifications { edges { node { kind urgency team { kind } } } } }",
    );
    expect(data.notifications.edges).toEqual([
      { node: { kind: "GLASS_BROKEN", urgency: "URGENT", team: { kind: "PRIVACY" } } },
    ]);
    await house.close();
  });
});
