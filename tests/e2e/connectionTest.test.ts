/** "Test my connection", in a real browser against a real server, with coturn, without it, and with a server that died. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startPerson } from "./harness/chromium.ts";
import { buildClient } from "./harness/client.ts";
import { createIdentity } from "./harness/people.ts";
import { freePort, startServer } from "./harness/rendezvous.ts";

async function openTab(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("tab", { name: "Connection" }).click();
}

/** What stands beside the name of each check, when the test has ended. */
async function outcomes(page: Page): Promise<Readonly<Record<string, string>>> {
  await page.getByRole("button", { name: "Test my connection" }).click();
  await page.getByRole("status").getByText("Calls", { exact: false })
    .or(page.getByRole("status").getByText("Everything works", { exact: false })).waitFor({ timeout: 60_000 });
  const section = page.locator("section").filter({ has: page.getByRole("heading", { name: "Connection test" }) });
  const rows = await section.locator("dl > div").evaluateAll((all) =>
    all.map((row) => [row.querySelector("dt")!.textContent!, row.querySelector("dd")!.textContent!.trim()])
  );
  return Object.fromEntries(rows);
}

const CHECKS = [
  "Connection to the server",
  "Own address, from the server (STUN)",
  "Relay over UDP (TURN)",
  "Relay over TCP (TURN)",
  "Microphone",
];

Deno.test("Test my connection says what works and what to do", async (t) => {
  const client = await buildClient();
  const person = await startPerson();
  const { page } = person;
  const port = await freePort();
  const start = (flags: readonly string[]) =>
    startServer({ files: client.folder, port, flags: [...flags, "--no-mail"] });
  try {
    await t.step("with coturn everything works", async () => {
      const server = await start(["--turn-port", `${await freePort()}`]);
      try {
        await createIdentity(page, server.url, "Ada");
        await openTab(page);
        const said = await outcomes(page);
        assert.deepEqual(said, Object.fromEntries(CHECKS.map((check) => [check, "Works"])));
        assert.ok(await page.getByRole("status").getByText("Everything works").isVisible());
        await page.route("**/turn", async (route) => {
          const answer = await (await route.fetch()).json();
          for (const one of answer.iceServers) one.credential = "not the credential";
          await route.fulfill({ json: answer });
        });
        // What an earlier run said must be gone before another begins.
        await page.reload();
        await openTab(page);
        const refused = await outcomes(page);
        for (const relay of CHECKS.slice(2, 4)) assert.match(refused[relay]!, /^The relay refused us/);
        assert.equal(refused["Microphone"], "Works");
        await page.unroute("**/turn");
      } finally {
        await server.stop();
      }
    });

    await t.step("the browser knows all that the headers say, and refused nothing for them", () => {
      const complaints = person.log.filter((line) => /Security Policy|Permissions-Policy|Trusted/i.test(line));
      assert.deepEqual(complaints, []);
    });

    await t.step("without coturn it says that the server has no relay", async () => {
      const server = await start(["--no-turn"]);
      try {
        await page.reload();
        await openTab(page);
        const said = await outcomes(page);
        assert.equal(said["Connection to the server"], "Works");
        for (const relay of CHECKS.slice(1, 4)) assert.match(said[relay]!, /This server has no relay/);
        assert.ok(await page.getByRole("status").getByText("Calls may not get through").isVisible());
      } finally {
        await server.stop();
      }
    });

    await t.step("without a server it says so, and it can be stopped", async () => {
      await page.getByRole("tab", { name: "About" }).click();
      await page.getByRole("tab", { name: "Connection" }).click();
      assert.match((await outcomes(page))["Connection to the server"]!, /^No connection\./);
      await page.evaluate(() => {
        globalThis.fetch = () => new Promise(() => {});
      });
      await page.getByRole("button", { name: "Test my connection" }).click();
      await page.getByRole("progressbar", { name: "Progress of the test" }).waitFor();
      await page.getByRole("button", { name: "Stop the test" }).click();
      await page.getByRole("status").getByText("Stopped.").waitFor();
    });
  } catch (error) {
    throw new Error(person.log.join("\n"), { cause: error });
  } finally {
    await person.close();
    await client.remove();
  }
});
