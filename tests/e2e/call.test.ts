/** A call between two real browsers, with a different recorded voice at each end. */
import assert from "node:assert/strict";
import { buildClient } from "./harness/client.ts";
import { type Person, startPerson } from "./harness/chromium.ts";
import { hear, listen, rtpStreams, sendingKeys } from "./harness/ears.ts";
import {
  accept,
  call,
  createIdentity,
  invite,
  openConversation,
  say,
  waitForConnection,
  waitForText,
} from "./harness/people.ts";
import { type Server, startServer } from "./harness/rendezvous.ts";
import { judge, makeRecordings, type Recording } from "./harness/speech.ts";

interface Stage {
  readonly server: Server;
  readonly alice: Person;
  readonly bob: Person;
  readonly recordings: readonly [Recording, Recording];
}

interface StageOptions {
  readonly spoilKeys?: boolean;
  readonly killBeforeCall?: boolean;
}

/** What a call needs is fetched once the page has time; this is the last of it. */
const untilPrefetched = (page: Person["page"]) =>
  page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => name.includes("/voice.worker-"))
  );

async function stage(options: StageOptions, run: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-speech-" });
  const [client, recordings] = await Promise.all([buildClient(), makeRecordings(folder)]);
  const server = await startServer({ files: client.folder });
  const [alice, bob] = await Promise.all(recordings.map(({ path }) => startPerson({ microphoneWav: path }))) as [
    Person,
    Person,
  ];
  try {
    await listen(alice.page);
    await listen(bob.page, options);
    await createIdentity(alice.page, server.url, "Alice");
    await accept(bob.page, await invite(alice.page), "Bob");
    await openConversation(alice.page, "Bob");
    await waitForConnection(alice.page, "Connected directly");
    if (options.killBeforeCall) {
      await Promise.all([untilPrefetched(alice.page), untilPrefetched(bob.page)]);
      await server.kill();
    }
    await call(alice.page, bob.page);
    await run({ server, alice, bob, recordings });
  } catch (error) {
    const logs = [`Alice: ${alice.log.join("\n")}`, `Bob: ${bob.log.join("\n")}`, `server: ${server.log()}`];
    throw new Error(logs.join("\n"), { cause: error });
  } finally {
    await Promise.all([alice.close(), bob.close()]);
    await server.stop();
    await client.remove();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The other's recording throughout, at one delay, and never one's own. A busy machine may spoil a window or two. */
function assertHeard(who: string, heard: Float64Array, other: Recording, own: Recording): void {
  const hearing = judge(heard, other, own);
  const told = `${who}: ${JSON.stringify(hearing)}`;
  assert.ok(hearing.clear >= 0.8, told);
  assert.ok(hearing.steady >= 0.9, told);
  assert.ok(hearing.own <= 0.1, told);
}

Deno.test("each hears the other's voice and never its own, across a rekey and the death of the server", async () => {
  await stage({}, async ({ server, alice, bob, recordings: [atAlice, atBob] }) => {
    const listening = Promise.all([hear(alice.page, 65), hear(bob.page, 65)]);
    await hear(alice.page, 5);
    const keysBefore = await Promise.all([sendingKeys(alice.page), sendingKeys(bob.page)]);
    await server.kill();
    await say(alice.page, "the server is gone");
    await waitForText(bob.page, "the server is gone");
    const [byAlice, byBob] = await listening;
    assertHeard("Alice", byAlice.slice(300), atBob, atAlice);
    assertHeard("Bob", byBob.slice(300), atAlice, atBob);
    const keysAfter = await Promise.all([sendingKeys(alice.page), sendingKeys(bob.page)]);
    keysAfter.forEach((after, i) => assert.ok(after >= keysBefore[i]! + 1, "no new key in 60 s"));
    for (const { page } of [alice, bob]) {
      assert.deepEqual(await rtpStreams(page), []);
      await page.getByText("2 of 2 hold the current key").waitFor();
    }
    await bob.page.getByRole("button", { name: "Leave call" }).click();
    await alice.page.getByText("The call has ended.").waitFor();
    await alice.page.getByRole("button", { name: "Start voice call" }).waitFor();
  });
});

Deno.test("with a wrong key there is silence, and only there", async () => {
  await stage({ spoilKeys: true }, async ({ alice, bob, recordings: [atAlice, atBob] }) => {
    const [byAlice, byBob] = await Promise.all([hear(alice.page, 19), hear(bob.page, 19)]);
    assertHeard("Alice", byAlice.slice(300), atBob, atAlice);
    const loudest = Math.max(...byBob);
    assert.ok(loudest < 0.001, `Bob hears something as loud as ${loudest}`);
  });
});

Deno.test("a call begins although the server died before anybody had called", async () => {
  await stage({ killBeforeCall: true }, async ({ alice, bob, recordings: [atAlice, atBob] }) => {
    const [byAlice, byBob] = await Promise.all([hear(alice.page, 19), hear(bob.page, 19)]);
    assertHeard("Alice", byAlice.slice(300), atBob, atAlice);
    assertHeard("Bob", byBob.slice(300), atAlice, atBob);
    await alice.page.getByRole("button", { name: "Settings" }).click();
    await alice.page.getByRole("dialog", { name: "Settings" }).waitFor();
  });
});
