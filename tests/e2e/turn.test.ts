import assert from "node:assert/strict";
import { type Person, startPerson } from "./harness/chromium.ts";
import { buildPages } from "./harness/pages.ts";
import { freePort, startServer } from "./harness/rendezvous.ts";
import { until } from "./harness/wait.ts";
import type { NetProbe } from "./pages/transport.ts";

declare const netProbe: NetProbe;

async function start(person: Person, url: string): Promise<string> {
  await person.page.goto(`${url}/transport.html`);
  await person.page.evaluate(() => netProbe.start("relay"));
  await until("online", 20_000, async () => await person.page.evaluate(() => netProbe.rendezvous()) === "online");
  return (await person.page.evaluate(() => netProbe.self()))!;
}

/** Opens a relayed link and asks for a direct one beside it, as the core does. */
async function connect(from: Person, to: Person, [mine, theirs]: readonly [string, string]): Promise<void> {
  await from.page.evaluate((peer) => netProbe.allow([peer]), theirs);
  await to.page.evaluate((peer) => netProbe.allow([peer]), mine);
  await from.page.evaluate((peer) => netProbe.open(peer, "relayed"), theirs);
  await until("a circuit", 10_000, async () => (await from.page.evaluate(() => netProbe.links())).length > 0);
  await from.page.evaluate((peer) => netProbe.open(peer, "direct"), theirs);
}

Deno.test("direct connections through TURN, where nothing else is allowed", async (t) => {
  const pages = await buildPages(["tests/e2e/pages/transport.ts"]);
  const server = await startServer({ files: pages.folder, flags: ["--turn-port", `${await freePort()}`] });
  const [ada, bob] = await Promise.all([startPerson(), startPerson()]);
  try {
    await t.step("with credentials of the rendezvous a connection comes about", async () => {
      const ids = [await start(ada, server.url), await start(bob, server.url)] as const;
      await connect(ada, bob, ids);
      await until(
        "a direct link",
        20_000,
        async () => (await ada.page.evaluate(() => netProbe.links())).some((link) => link.route === "direct"),
        () => [ada.log, server.log()],
      );
      const candidates = await ada.page.evaluate(() => netProbe.candidates());
      assert.ok(candidates.length > 0 && candidates.every((one) => one.includes("typ relay")), candidates.join("\n"));
      assert.equal((await ada.page.evaluate(() => netProbe.problems())).at(-1), "network.turn-refused false");
    });

    await t.step("wrong credentials are told by name, and not only by a dial that fails", async () => {
      for (const person of [ada, bob]) {
        await person.page.route("**/turn", async (route) => {
          const answer = await (await route.fetch()).json();
          for (const one of answer.iceServers) one.credential = "not the credential";
          await route.fulfill({ json: answer });
        });
      }
      const ids = [await start(ada, server.url), await start(bob, server.url)] as const;
      await connect(ada, bob, ids);
      await until(
        "the problem",
        20_000,
        async () => (await ada.page.evaluate(() => netProbe.problems())).includes("network.turn-refused true"),
        () => ada.page.evaluate(() => netProbe.problems()),
      );
    });
  } finally {
    await Promise.all([ada.close(), bob.close()]);
    await server.stop();
    await pages.remove();
  }
});
