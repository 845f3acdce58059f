/** Everything forced through coturn: words and voices arrive, coturn's own log proves the way, and its bytes say nothing. */
import assert from "node:assert/strict";
import { buildClient } from "./harness/client.ts";
import { type Person, startPerson } from "./harness/chromium.ts";
import { hear, listen } from "./harness/ears.ts";
import {
  call,
  createIdentity,
  hideAddress,
  invite,
  openConversation,
  say,
  waitForConnection,
  waitForText,
  waitUntilAllDelivered,
} from "./harness/people.ts";
import { startCurious } from "./harness/recorder.ts";
import { freePort } from "./harness/rendezvous.ts";
import { found, latin1 } from "./harness/search.ts";
import { judge, makeRecordings } from "./harness/speech.ts";
import { until } from "./harness/wait.ts";

const ALICE = "Alice Quartermaine";
const BOB = "Bob Featherstonehaugh";
const SECRET = "the password of the vault is velvet-octopus-71";

/** Everything that passes coturn's port, as it is on the wire. */
function capture(port: number, path: string): { stop(): Promise<string> } {
  const tcpdump = new Deno.Command("tcpdump", {
    args: ["-i", "lo", "-U", "-s", "0", "-Z", "root", "-w", path, `port ${port}`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async stop() {
      tcpdump.kill("SIGINT");
      await tcpdump.status;
      return latin1(await Deno.readFile(path));
    },
  };
}

/** Packets that coturn's log says it relayed, by all sessions. */
async function relayedPackets(logFile: string): Promise<number> {
  const log = await Deno.readTextFile(logFile).catch(() => "");
  return [...log.matchAll(/peer usage:.*?rp=(\d+).*?sp=(\d+)/g)]
    .reduce((sum, [, received, sent]) => sum + Number(received) + Number(sent), 0);
}

Deno.test("words and voices go through coturn when nothing else may, and coturn reads nothing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-relayed-" });
  const [client, [atAlice, atBob]] = await Promise.all([buildClient(), makeRecordings(folder)]);
  const turn = { port: await freePort(), folder: `${folder}/turn`, logFile: `${folder}/coturn.log` };
  await Deno.mkdir(turn.folder);
  const server = await startCurious({ files: client.folder, turn });
  assert.ok(server.rendezvous.turn?.isRunning(), "coturn does not run");
  const wire = capture(turn.port, `${folder}/wire.pcap`);
  const people = await Promise.all([atAlice, atBob].map(({ path }) => startPerson({ microphoneWav: path })));
  const [alice, bob] = people as [Person, Person];
  try {
    await listen(alice.page);
    await listen(bob.page);
    await createIdentity(alice.page, server.rendezvous.url, ALICE);
    await createIdentity(bob.page, server.rendezvous.url, BOB);
    for (const { page } of people) await hideAddress(page);
    await bob.page.goto(await invite(alice.page));
    await bob.page.getByRole("button", { name: "Accept invitation" }).click();
    await openConversation(alice.page, BOB);
    await waitForConnection(alice.page, "Connected through relay");
    await say(alice.page, SECRET);
    await waitForText(bob.page, SECRET);
    await waitUntilAllDelivered(alice.page);

    await call(alice.page, bob.page);
    const [byAlice, byBob] = await Promise.all([hear(alice.page, 19), hear(bob.page, 19)]);
    for (
      const [who, heard, other, own] of [["Alice", byAlice, atBob, atAlice], ["Bob", byBob, atAlice, atBob]] as const
    ) {
      const hearing = judge(heard.slice(300), other, own);
      assert.ok(hearing.clear >= 0.75 && hearing.own === 0, `${who}: ${JSON.stringify(hearing)}`);
    }
    for (const { page } of people) {
      await page.getByRole("region", { name: "Voice" }).getByText("Through relay").waitFor();
    }
    for (const { page } of people) await waitForConnection(page, "Connected through relay");
    await alice.page.getByRole("button", { name: "Leave call" }).click();
    // Whoever is closed before the call has ended leaves coturn waiting for ten minutes, and without an account.
    for (const { page } of people) await page.getByRole("button", { name: "Leave call" }).waitFor({ state: "hidden" });

    const bytes = await wire.stop();
    assert.ok(bytes.length > 1_000_000, `only ${bytes.length} bytes passed coturn`);
    assert.deepEqual(found(bytes, { name: ALICE, other: BOB, text: SECRET }), []);
    assert.deepEqual(found(server.seen(), { name: ALICE, other: BOB, text: SECRET }), []);
    await Promise.all(people.map((person) => person.close()));
    // coturn writes a session's figures when it ends: two voices of 100 packets a second for fifteen seconds.
    await until(
      "coturn's account",
      30_000,
      async () => await relayedPackets(turn.logFile) > 3_000,
      () => Deno.readTextFile(turn.logFile),
    );
  } catch (error) {
    throw new Error(`Alice: ${alice.log.join("\n")}\nBob: ${bob.log.join("\n")}`, { cause: error });
  } finally {
    await Promise.all(people.map((person) => person.close().catch(() => {})));
    await wire.stop().catch(() => {});
    await server.rendezvous.stop();
    await client.remove();
    await Deno.remove(folder, { recursive: true });
  }
});
