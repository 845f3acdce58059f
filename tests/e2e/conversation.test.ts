/** The main job between two real browsers: invite, write, lose the server, come back, restart. */
import assert from "node:assert/strict";
import { buildClient, type BuiltClient } from "./harness/client.ts";
import { type Person, startPerson } from "./harness/chromium.ts";
import {
  accept,
  createIdentity,
  invite,
  messages,
  openConversation,
  say,
  waitForConnection,
  waitForText,
  waitUntilAllDelivered,
} from "./harness/people.ts";
import { type Server, startServer } from "./harness/rendezvous.ts";

const COUNT = 20;

interface Stage {
  readonly client: BuiltClient;
  readonly server: Server;
  readonly alice: Person;
  readonly bob: Person;
}

async function stage(run: (stage: Stage) => Promise<void>, flags: readonly string[] = []): Promise<void> {
  const client = await buildClient();
  const server = await startServer({ files: client.folder, flags: ["--no-turn", ...flags] });
  const [alice, bob] = await Promise.all([startPerson(), startPerson()]);
  try {
    await run({ client, server, alice, bob });
  } catch (error) {
    const logs = [`Alice: ${alice.log.join("\n")}`, `Bob: ${bob.log.join("\n")}`, `server: ${server.log()}`];
    throw new Error(logs.join("\n"), { cause: error });
  } finally {
    await Promise.all([alice.close(), bob.close()]);
    await server.stop();
    await client.remove();
  }
}

/** Both write at once; afterwards both see all of it, delivered, each author's in order, and the same whole. */
async function exchange(alice: Person, bob: Person, topic: string): Promise<void> {
  for (let i = 1; i <= COUNT; i++) {
    await Promise.all([say(alice.page, `${topic} from Alice ${i}`), say(bob.page, `${topic} from Bob ${i}`)]);
  }
  await Promise.all([
    waitForText(bob.page, `${topic} from Alice ${COUNT}`),
    waitForText(alice.page, `${topic} from Bob ${COUNT}`),
  ]);
  await Promise.all([waitUntilAllDelivered(alice.page), waitUntilAllDelivered(bob.page)]);
}

async function assertSameStory(alice: Person, bob: Person, topics: readonly string[]): Promise<void> {
  const [atAlice, atBob] = await Promise.all([texts(alice), texts(bob)]);
  assert.deepEqual(atAlice, atBob);
  for (const author of ["Alice", "Bob"]) {
    const own = atAlice.filter((text) => text.includes(` from ${author} `));
    const expected = topics.flatMap((topic) =>
      Array.from({ length: COUNT }, (_, i) => `${topic} from ${author} ${i + 1}`)
    );
    assert.deepEqual(own, expected);
  }
}

const texts = async ({ page }: Person): Promise<readonly string[]> =>
  await page.getByRole("log", { name: "Messages" }).locator("article .message-text").allTextContents();

Deno.test("two people meet by a link, write, and lose neither a word nor each other when the server dies", async () => {
  await stage(async ({ client, server, alice, bob }) => {
    await createIdentity(alice.page, server.url, "Alice");
    const link = await invite(alice.page);
    assert.match(new URL(link).hash, /^#[\w-]+$/);
    await accept(bob.page, link, "Bob");
    assert.equal(new URL(bob.page.url()).hash, "", "the secret leaves the address bar");
    await openConversation(alice.page, "Bob");
    await exchange(alice, bob, "hello");
    await Promise.all([
      waitForConnection(alice.page, "Connected directly"),
      waitForConnection(bob.page, "Connected directly"),
    ]);

    await server.kill();
    await exchange(alice, bob, "without a server");
    await assertSameStory(alice, bob, ["hello", "without a server"]);
    for (const label of await messages(alice.page)) assert.match(label, /^(Alice|Bob)\b/);

    const again = await startServer({ files: client.folder, port: server.port });
    const carol = await startPerson();
    try {
      await alice.page.getByText("Online", { exact: true }).waitFor({ timeout: 60_000 });
      const second = await invite(alice.page);
      await accept(carol.page, second, "Carol");
      await say(carol.page, "I am here too");
      await openConversation(alice.page, "Carol");
      await waitForText(alice.page, "I am here too");
      await waitUntilAllDelivered(carol.page);
    } finally {
      await carol.close();
      await again.stop();
    }
  });
});

Deno.test("a reload and a restart keep identity, contact, conversation and unsent text; what waited is sent, without mail", async () => {
  await stage(async ({ server, alice, bob }) => {
    await createIdentity(alice.page, server.url, "Alice");
    await accept(bob.page, await invite(alice.page), "Bob");
    await openConversation(alice.page, "Bob");
    await say(alice.page, "before the reload");
    await waitForText(bob.page, "before the reload");
    await waitUntilAllDelivered(alice.page);
    await alice.page.getByRole("textbox", { name: "Message" }).fill("half a thou");

    await alice.page.reload();
    await openConversation(alice.page, "Bob");
    await waitForText(alice.page, "before the reload");
    assert.equal(await alice.page.getByRole("textbox", { name: "Message" }).inputValue(), "half a thou");

    await bob.close({ keepProfile: true });
    await say(alice.page, "while you were away");
    await alice.page.getByText("Waiting for Bob to come online").waitFor({ timeout: 60_000 });
    const back = await startPerson({ profile: bob.profile });
    try {
      await back.page.goto(server.url);
      await openConversation(back.page, "Alice");
      await waitForText(back.page, "before the reload");
      await waitForText(back.page, "while you were away", 60_000);
      await say(back.page, "here again");
      await waitForText(alice.page, "here again");
      await Promise.all([waitUntilAllDelivered(alice.page), waitUntilAllDelivered(back.page)]);
    } finally {
      await back.close();
    }
  }, ["--no-mail"]);
});

Deno.test("a used, a revoked, an own and a broken link each say so and what to do; a second tab says who leads", async () => {
  await stage(async ({ server, alice, bob }) => {
    await createIdentity(alice.page, server.url, "Alice");
    const link = await invite(alice.page);
    await accept(bob.page, link, "Bob");
    await say(bob.page, "first");
    await waitUntilAllDelivered(bob.page);

    const late = await startPerson();
    try {
      await accept(late.page, link, "Late");
      await say(late.page, "not for nothing");
      const alert = late.page.getByRole("alert").first();
      await alert.getByText(/already used/i).waitFor();
      await late.page.getByText("not for nothing").first().waitFor();

      await late.page.goto(`${server.url}/#broken`);
      await late.page.getByRole("alert").first().waitFor();
      await alice.page.goto(await invite(alice.page));
      await alice.page.getByText(/your own/i).first().waitFor();
    } finally {
      await late.close();
    }

    const second = await bob.context.newPage();
    await second.goto(server.url);
    await second.getByRole("button", { name: /use .*(here|this tab)/i }).click();
    await second.getByRole("navigation", { name: "Conversations" }).waitFor();
    await openConversation(second, "Alice");
    await waitForText(second, "first");
  });
});
