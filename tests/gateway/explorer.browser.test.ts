/** GraphiQL in a real browser. Where there is no Chromium, the one test says so by its title. */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { ADA, openWorld, type World } from "./two-sources";

const CHROMIUM = [process.env.CHROMIUM_PATH ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== "" && existsSync(path),
);

const EXAMPLES = [
  {
    name: "OneChild",
    role: "CHILD_HEALTH_CLERK",
    query: "query OneChild($nhsNumber: NhsNumber!) { child(nhsNumber: $nhsNumber) { name hearing } }",
    variables: { nhsNumber: ADA },
  },
  { name: "Everybody", role: "ANALYST", query: "query Everybody { children { name } }", variables: {} },
] as const;

if (CHROMIUM === undefined) {
  test("GraphiQL was not opened: there is no Chromium at /usr/bin/chromium nor at CHROMIUM_PATH", () => {
    expect(CHROMIUM).toBeUndefined();
  });
} else {
  describe("GraphiQL", () => {
    let world: World;
    let browser: Browser;
    let page: Page;
    const elsewhere: string[] = [];
    const complaints: string[] = [];

    beforeAll(async () => {
      world = await openWorld({ examples: EXAMPLES });
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      page = await browser.newPage();
      page.on("request", (each) => {
        if (!each.url().startsWith(world.gateway.url) && !each.url().startsWith("data:")) elsewhere.push(each.url());
      });
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(world.gateway.url);
      await page.waitForSelector(".graphiql-execute-button");
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
      await world?.close();
    });

    test("opens with a tab for each example, asking as the role of the first", async () => {
      expect(await page.locator(".graphiql-tab-button").allTextContents()).toEqual(["OneChild", "Everybody"]);
      expect(await page.locator("#role").inputValue()).toBe("CHILD_HEALTH_CLERK");
    });

    test("shows how it would be executed", async () => {
      await page.locator("#plan").click();
      await page.locator("#plan-view pre", { hasText: "QueryPlan {" }).waitFor();
      await page.locator("#plan-view button").click();
    });

    test("runs the example and shows its answer", async () => {
      await page.locator(".graphiql-execute-button").click();
      await page.locator(".result-window", { hasText: "Ada Quill" }).waitFor();
      expect(await page.locator(".result-window").textContent()).toContain("CLEAR");
    }, 20_000);

    test("asks as the role of the tab that is opened", async () => {
      await page.locator(".graphiql-tab-button", { hasText: "Everybody" }).click();
      await page.waitForFunction('document.getElementById("role").value === "ANALYST"');
      await page.locator(".graphiql-execute-button").click();
      await page.locator(".result-window", { hasText: "Ben Quill" }).waitFor();
      expect(world.people.askedBy.at(-1)?.viewer.role).toBe("ANALYST");
    }, 20_000);

    test("asks no other address, keeps no query in the browser and has nothing to complain of", async () => {
      expect(elsewhere).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await page.evaluate("JSON.stringify({ ...localStorage })")).not.toMatch(/OneChild|999/);
    });
  });
}
