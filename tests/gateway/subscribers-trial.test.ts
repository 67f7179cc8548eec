/** `npm run trial -- subscribers` in short: see bench/subscribers.ts for what is tried. */

import { trialSubscribers } from "../../bench/subscribers";

test("subscribers that are cut off again and again miss nothing, have nothing twice, and leave nothing behind", async () => {
  const found = await trialSubscribers({ subscribers: 8, cuts: 3, events: 12, seed: 7, postgres: null });
  expect(found).toMatchObject({ told: 96, missing: 0, twice: 0, outOfOrder: 0, cuts: 24, left: 0 });
}, 60_000);
