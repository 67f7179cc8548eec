/** GraphiQL subscribes, in a real browser. Where there is no Chromium, the one test says so by its title. */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { child, event, type World, world } from "../world";

const CHROMIUM = [process.env.CHROMIUM_PATH ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== "" && existsSync(path),
);

if (CHROMIUM === undefined) {
  test("GraphiQL did not subscribe: there is no Chromium at /usr/bin/chromium nor at CHROMIUM_PATH", () => {
    expect(CHROMIUM).toBeUndefined();
  });
} else {
  describe("GraphiQL", () => {
    let house: World;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      house = await world(() => Date.parse("2026-03-02T10:00:00Z"));
      await house.tell(...child("ada", { bornOn: "2026-02-20", given: "Ada", family: "Quill" }));
      await house.tell(...child("ben", { bornOn: "2026-02-20", given: "Ben", family: "Quill" }));
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      page = await browser.newPage();
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(house.url);
      await page.waitForSelector(".graphiql-execute-button");
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await house?.close();
    });

    const hearing = (childId: string) =>
      event("NewbornHearingRecorded", childId, {
        source: { system: "newborn-hearing-1", id: childId },
        outcome: "CLEAR_NO_FOLLOW_UP",
        outcomeCode: "276781000000109",
        screenedOn: "2026-02-25",
        outcomeSetAt: null,
        tests: [],
        provider: null,
        comment: null,
      });

    test("shows each event as it happens, until it is stopped", async () => {
      await page.locator(".graphiql-tab-button", { hasText: "AsItHappens" }).click();
      await page.waitForFunction('document.getElementById("role").value === "HEALTH_VISITOR"');
      const begun = page.waitForResponse(
        (response) => response.headers()["content-type"]?.includes("event-stream") ?? false,
      );
      await page.locator(".graphiql-execute-button").click();
      await begun;
      // The first piece of the stream is the place it begins at; what is told after that is told on.
      await page.locator('.graphiql-execute-button[aria-label*="Stop"]').waitFor();
      await house.tell(hearing("ada"));
      await page.locator(".result-window", { hasText: "Ada Quill" }).waitFor();
      await house.tell(hearing("ben"));
      await page.locator(".result-window", { hasText: "Ben Quill" }).waitFor();
      await page.locator(".graphiql-execute-button").click();
      await page.locator('.graphiql-execute-button[aria-label*="Execute"]').waitFor();
      expect(complaints).toEqual([]);
    }, 60_000);
  });
}
