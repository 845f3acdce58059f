/** Mail between people who are never there at the same time, as they see it, and what their server sees of it. */
import assert from "node:assert/strict";
import { fromHex } from "../../core/ids.ts";
import { decodeInviteToken } from "../../core/wire/inviteToken.ts";
import { buildClient, type BuiltClient } from "./harness/client.ts";
import { type Person, startPerson } from "./harness/chromium.ts";
import { everyByte, kept, untilKept } from "./harness/keptMail.ts";
import {
  accept,
  createIdentity,
  invite,
  openConversation,
  PATIENCE_MS,
  say,
  waitForConnection,
  waitForText,
  waitUntilAllDelivered,
  waitUntilMailIsKept,
  waitUntilSent,
} from "./harness/people.ts";
import { startCurious } from "./harness/recorder.ts";
import { startServer } from "./harness/rendezvous.ts";
import { found } from "./harness/search.ts";
import { buildUnsealedClient } from "./harness/unsealed.ts";

const COUNT = 100;

/** People by name, each in a browser of their own, who come and go with what their browser keeps. */
class Town {
  readonly #people = new Map<string, Person>();
  readonly #profiles = new Map<string, string>();

  async comes(name: string): Promise<Person> {
    const profile = this.#profiles.get(name);
    const person = await startPerson(profile === undefined ? {} : { profile });
    person.page.setDefaultTimeout(PATIENCE_MS);
    this.#people.set(name, person);
    this.#profiles.set(name, person.profile);
    return person;
  }

  async leaves(name: string): Promise<void> {
    // As people do: a page that is closed says so, a process that is ended does not.
    await this.#people.get(name)?.page.close();
    await this.#people.get(name)?.close({ keepProfile: true });
    this.#people.delete(name);
  }

  /** What everybody who is here sees, for the message of a test that fails. */
  async screens(): Promise<string> {
    const people = [...this.#people].map(async ([name, { page, log }]) => {
      const screen = await page.locator("body").innerText().catch(String);
      return `${name}: ${screen}\n${log.join("\n")}`;
    });
    return (await Promise.all(people)).join("\n\n");
  }

  async end(): Promise<void> {
    await Promise.all([...this.#people.keys()].map((name) => this.leaves(name)));
    for (const profile of this.#profiles.values()) await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}

async function inTown(play: (town: Town, data: string) => Promise<void>): Promise<void> {
  const town = new Town();
  const data = await Deno.makeTempDir({ prefix: "securecomm-data-" });
  try {
    await play(town, data);
  } catch (error) {
    throw new Error(await town.screens(), { cause: error });
  } finally {
    await town.end();
    await Deno.remove(data, { recursive: true });
  }
}

const texts = ({ page }: Person): Promise<string[]> =>
  page.getByRole("log", { name: "Messages" }).locator("article .message-text").allTextContents();

async function writeToAway(client: BuiltClient): Promise<void> {
  await inTown(async (town, data) => {
    const start = (port?: number) =>
      startServer({ files: client.folder, data, ...(port === undefined ? {} : { port }) });
    const first = await start();
    const expected = Array.from({ length: COUNT }, (_, i) => `message ${i + 1}`);
    try {
      const [alice, bob] = [await town.comes("Alice"), await town.comes("Bob")];
      await createIdentity(alice.page, first.url, "Alice");
      await waitUntilMailIsKept(alice.page);
      await accept(bob.page, await invite(alice.page), "Bob");
      await waitUntilMailIsKept(bob.page);
      await untilKept(data, "a key of each for the other", ({ contacts }) => contacts === 2);
      await openConversation(alice.page, "Bob");
      for (const [from, to, text] of [[alice, bob, "are you there?"], [bob, alice, "not for long"]] as const) {
        await say(from.page, text);
        await waitForText(to.page, text);
      }
      await Promise.all([alice, bob].map(({ page }) => waitUntilAllDelivered(page)));

      await town.leaves("Bob");
      // Far sooner than ICE gives up: the page that goes says so.
      await waitForConnection(alice.page, "Offline, messages will be sent later", 10_000);
      for (const text of expected) await say(alice.page, text);
      await waitUntilSent(alice.page, COUNT);
      await town.leaves("Alice");
    } finally {
      await first.kill();
    }
    assert.ok(kept(data).mail > 0);
    const second = await start(first.port);
    try {
      const bob = await town.comes("Bob");
      await bob.page.goto(second.url);
      await openConversation(bob.page, "Alice");
      await waitForText(bob.page, expected.at(-1)!);
      assert.deepEqual((await texts(bob)).slice(2), expected);
      await untilKept(data, "nothing more once it was read, but what is for Alice", ({ mail }) => mail <= 1);

      const alice = await town.comes("Alice");
      await alice.page.goto(second.url);
      await openConversation(alice.page, "Bob");
      await waitForText(alice.page, expected.at(-1)!);
      await waitUntilAllDelivered(alice.page);
    } finally {
      await second.kill();
    }
  });
}

/** The operator keeps mail only for those with a code: the list asks for it, and a reload does not ask again. */
async function joinByCode(client: BuiltClient): Promise<void> {
  await inTown(async (town, data) => {
    const codeFile = `${data}/join-code`;
    await Deno.writeTextFile(codeFile, "olive\n");
    const flags = ["--no-turn", "--join-code-file", codeFile];
    const server = await startServer({ files: client.folder, data, flags });
    try {
      const { page } = await town.comes("Alice");
      await createIdentity(page, server.url, "Alice");
      const field = page.getByRole("navigation", { name: "Conversations" }).getByRole("textbox", { name: "Join code" });
      await field.fill("fig");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("The server does not know this code.").waitFor();
      await field.fill("olive");
      await page.keyboard.press("Enter");
      await field.waitFor({ state: "detached" });
      await waitUntilMailIsKept(page);
      await page.reload();
      await waitUntilMailIsKept(page);
      assert.equal(await field.count(), 0);
    } finally {
      await server.stop();
    }
  });
}

const ALICE = "Alice Quartermaine";
const BOB = "Bob Featherstonehaugh";
const WORDS = { "what Alice wrote": "the password of the vault is velvet-octopus-71" };

function userOf(link: string): Uint8Array<ArrayBuffer> {
  const token = decodeInviteToken(new URL(link).hash.slice(1));
  assert.ok(token.ok);
  return new Uint8Array(fromHex(token.value.user));
}

/** They meet by a link and write, never there at the same time. What of it the server saw, and what it kept. */
async function meetInTurns(client: BuiltClient, unsealed: boolean) {
  let result = { seen: [] as readonly string[], kept: [] as readonly string[] };
  await inTown(async (town, data) => {
    const server = await startCurious({ files: client.folder, data, unsealed });
    const { url } = server.rendezvous;
    let database = "";
    try {
      let alice = await town.comes("Alice");
      await createIdentity(alice.page, url, ALICE);
      await waitUntilMailIsKept(alice.page);
      const link = await invite(alice.page);
      await untilKept(data, "a key for the invite", ({ invites, bundles }) => invites === 1 && bundles > 0);
      await town.leaves("Alice");

      let bob = await town.comes("Bob");
      await accept(bob.page, link, BOB);
      await bob.page.getByText(`Waiting for ${ALICE}`).first().waitFor();
      await waitUntilMailIsKept(bob.page);
      await untilKept(data, "Bob's introduction", ({ mail }) => mail >= 1);
      const bobsLink = await invite(bob.page);
      database += everyByte(data);
      await town.leaves("Bob");

      alice = await town.comes("Alice");
      await alice.page.goto(url);
      await openConversation(alice.page, BOB);
      await say(alice.page, WORDS["what Alice wrote"]);
      await waitUntilSent(alice.page, 1);
      database += everyByte(data);
      await town.leaves("Alice");

      bob = await town.comes("Bob");
      await bob.page.goto(url);
      await openConversation(bob.page, ALICE);
      await waitForText(bob.page, WORDS["what Alice wrote"]);
      database += everyByte(data);

      const secrets = {
        "Alice's name": ALICE,
        "Bob's name": BOB,
        "Alice's identity key": userOf(link),
        "Bob's identity key": userOf(bobsLink),
        ...WORDS,
      };
      assert.ok(server.seen().length > 10_000 && database.length > 10_000, "next to nothing was recorded");
      result = { seen: found(server.seen(), secrets), kept: found(database, secrets) };
    } finally {
      await town.end();
      await server.rendezvous.stop();
    }
  });
  return result;
}

const ALL = ["Alice's name", "Bob's name", "Alice's identity key", "Bob's identity key", ...Object.keys(WORDS)];

Deno.test("mail for those who are away", async (t) => {
  const client = await buildClient();
  await t.step(
    "a hundred messages outlive sender and server, and are read in order; the sender hears of it later",
    () => writeToAway(client),
  );
  await t.step("people meet by a link and write, never there together; their server learns nothing", async () => {
    assert.deepEqual(await meetInTurns(client, false), { seen: [], kept: [] });
  });
  await t.step(
    "a server that asks for a code keeps mail for whoever has it, and says when it was wrong",
    () => joinByCode(client),
  );
  await client.remove();
});

Deno.test("the same search finds all of it, sent and kept, when a client does not seal", async () => {
  const client = await buildUnsealedClient();
  assert.deepEqual(await meetInTurns(client, true).finally(() => client.remove()), { seen: ALL, kept: ALL });
});
