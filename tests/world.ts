/**
 * The whole house on an empty embedded database, for the specs: `tell` adds facts as deliveries do, `as` asks the gateway over
 * HTTP as somebody. One world a file; `await using` or `close` ends it.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevelopmentIssuer, developmentIssuer } from "../gateway";
import { type House, migrateHouse, openGateway, openHouse, readSettings } from "../main";
import type { Role, Viewer } from "../schema/access";
import type { Event, EventOf, EventType } from "../schema/events";
import { LOCALITY_CODES, type LocalityCode } from "../schema/vocabulary/localities";

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: what a test asks for is what it knows the shape of
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export type Ask = (query: string, variables?: object) => Promise<Answer>;

export interface World {
  readonly url: string;
  readonly folder: string;
  readonly house: House;
  readonly issuer: DevelopmentIssuer;
  /** Adds facts, as one delivery. */
  tell(...events: readonly Event[]): Promise<void>;
  /** Somebody of a role; of every locality unless `who` says otherwise. */
  as(
    role: Role,
    who?: {
      localities?: readonly LocalityCode[];
      organisation?: string;
      scopes?: readonly string[];
      subject?: string;
    },
  ): Ask;
  close(): Promise<void>;
}

export async function world(now: () => number = () => Date.parse("2026-06-01T10:00:00Z")): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "chis-world-"));
  const settings = readSettings({ DATA_DIR: folder, PORT: "0", LOG_LEVEL: "silent" });
  await migrateHouse(settings);
  const house = await openHouse(settings, { now });
  const gateway = await openGateway(house, settings);
  const issuer = await developmentIssuer(folder, "127.0.0.1");
  let deliveries = 0;
  return {
    url: gateway.url,
    folder,
    house,
    issuer,
    async tell(...events) {
      deliveries += 1;
      // Numbers of its own, far from those that ingest gives.
      for (const part of house.parts.values()) await part.deliver({ number: 1_000_000 + deliveries, events });
    },
    as(role, { localities = LOCALITY_CODES, organisation, scopes = [], subject = `test:${role}` } = {}) {
      const viewer: Viewer = {
        subject,
        name: role,
        role,
        organisation: organisation ?? null,
        localities,
        scopes,
      };
      const token = issuer.sign(viewer, 5);
      return async (query, variables = {}) => {
        const response = await fetch(new URL("/graphql", gateway.url), {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${await token}` },
          body: JSON.stringify({ query, variables }),
        });
        return (await response.json()) as Answer;
      };
    },
    async close() {
      await gateway.close();
      await house.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const MIDNIGHT = "2026-01-01T00:00:00.000000000Z";

/** An event of a child as Wirral told it on New Year's Day, unless `fields` say otherwise. */
export function event<Type extends EventType>(
  type: Type,
  childId: string,
  fields: Partial<Omit<EventOf<Type>, "type" | "childId">>,
): EventOf<Type> {
  const header = { type, childId, action: "record", source: { system: "WIRRAL", id: childId }, asOf: MIDNIGHT };
  return { ...header, ...fields } as unknown as EventOf<Type>; // the caller gives the fields its type has
}

/** What a child index row tells of an invented child of Wirral; each part may be replaced. */
export function child(
  childId: string,
  {
    nhsNumber = null as string | null,
    given = "Ada",
    family = "Example",
    bornOn = "2024-03-05",
    practice = "N85002" as string | null,
    restricted = false,
  } = {},
): Event[] {
  return [
    event("IdentityRecorded", childId, {
      nhsNumber,
      nhsNumberStatus: nhsNumber === null ? "ABSENT" : "VERIFIED",
      supersededNhsNumbers: [],
      familyName: family,
      givenNames: given,
      bornOn,
      bornAtTime: null,
      sex: "FEMALE",
      ethnicCategory: null,
    }),
    event("AddressRecorded", childId, {
      lines: ["1 High Street", "Birkenhead"],
      postcode: "CH41 5AA",
      localAuthority: "E08000015",
      from: "2024-03-05",
      to: null,
    }),
    event("GpRegistrationRecorded", childId, { practice, from: "2024-03-10", to: null }),
    event("RestrictionRecorded", childId, { restricted }),
    event("ResponsibilityRecorded", childId, { locality: "WIRRAL", status: "RESIDENT", from: "2024-03-05" }),
  ];
}
