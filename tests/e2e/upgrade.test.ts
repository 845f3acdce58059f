/** Two devices that an earlier version left, with a message waiting on each side, opened by the program of today. */
import { build } from "../../client/build/build.ts";
import { CLIENT, SUBSTITUTES } from "../../client/build/entries.ts";
import fixture from "../fixtures/devicesVersion1.json" with { type: "json" };
import { startPerson } from "./harness/chromium.ts";
import {
  openConversation,
  PATIENCE_MS,
  say,
  waitForConnection,
  waitForText,
  waitUntilAllDelivered,
} from "./harness/people.ts";
import { startServer } from "./harness/rendezvous.ts";
import type { Seed } from "./pages/seed.ts";

declare const seed: Seed;

Deno.test("devices of version 1 keep their people and words, and go on writing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-upgrade-" });
  const page = { html: "seed.html", title: "seed", script: "tests/e2e/pages/seed.ts", style: null };
  await build({
    outDir: folder,
    entries: { pages: [...CLIENT.pages, page], workers: CLIENT.workers, substitutes: SUBSTITUTES },
  });
  const server = await startServer({ files: folder });
  const people = await Promise.all([startPerson(), startPerson()]);
  const [alice, bob] = people.map((person) => person.page) as [typeof people[0]["page"], typeof people[0]["page"]];
  try {
    for (const [page, records, friend] of [[alice, fixture.alice, "Bob"], [bob, fixture.bob, "Alice"]] as const) {
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${server.url}/seed.html`);
      await page.waitForFunction(() => "seed" in globalThis);
      await page.evaluate((records) => seed.plant(records), records as Readonly<Record<string, string>>);
      await page.goto(server.url);
      await openConversation(page, friend);
      await waitForText(page, "written long ago");
      await waitForText(page, "answered long ago");
    }
    await waitForText(bob, "still to be sent by Alice");
    await waitForText(alice, "still to be sent by Bob");
    await Promise.all([alice, bob].map((page) => waitForConnection(page, "Connected directly")));
    await say(alice, "written today");
    await waitForText(bob, "written today");
    await Promise.all([alice, bob].map((page) => waitUntilAllDelivered(page)));
  } catch (error) {
    throw new Error(people.flatMap(({ log }) => log).join("\n"), { cause: error });
  } finally {
    await Promise.all(people.map((person) => person.close()));
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
