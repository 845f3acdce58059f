/** What a server at its most curious can learn: recorded, searched, and the search itself held against a client that does not seal. */
import assert from "node:assert/strict";
import { fromHex } from "../../core/ids.ts";
import { decodeInviteToken } from "../../core/wire/inviteToken.ts";
import { buildClient, type BuiltClient } from "./harness/client.ts";
import { type Person, startPerson } from "./harness/chromium.ts";
import {
  accept,
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
import { found } from "./harness/search.ts";
import { buildUnsealedClient } from "./harness/unsealed.ts";

const ALICE = "Alice Quartermaine";
const BOB = "Bob Featherstonehaugh";
const WORDS = {
  "what Alice wrote": "the password of the vault is velvet-octopus-71",
  "what Bob wrote": "meet me behind the glasshouse at nine",
};

function userOf(link: string): Uint8Array<ArrayBuffer> {
  const token = decodeInviteToken(new URL(link).hash.slice(1));
  assert.ok(token.ok);
  return new Uint8Array(fromHex(token.value.user));
}

/** Both hide their addresses and there is no TURN server, so that every word takes its way through the rendezvous. */
async function talkThroughServer(client: BuiltClient, unsealed: boolean): Promise<readonly string[]> {
  const server = await startCurious({ files: client.folder, unsealed });
  const [alice, bob] = await Promise.all([startPerson(), startPerson()]);
  try {
    const url = server.rendezvous.url;
    await createIdentity(alice.page, url, ALICE);
    await createIdentity(bob.page, url, BOB);
    for (const { page } of [alice, bob]) await hideAddress(page);
    const links = [await invite(alice.page), await invite(bob.page)] as const;
    await bob.page.goto(links[0]);
    await bob.page.getByRole("button", { name: "Accept invitation" }).click();
    await bob.page.getByRole("textbox", { name: "Message" }).waitFor();
    await openConversation(alice.page, BOB);
    await say(alice.page, WORDS["what Alice wrote"]);
    await waitForText(bob.page, WORDS["what Alice wrote"]);
    await say(bob.page, WORDS["what Bob wrote"]);
    await waitForText(alice.page, WORDS["what Bob wrote"]);
    await Promise.all([alice, bob].map(({ page }) => waitUntilAllDelivered(page)));
    await waitForConnection(alice.page, "Connected through relay");
    const secrets = {
      "Alice's name": ALICE,
      "Bob's name": BOB,
      "Alice's identity key": userOf(links[0]),
      "Bob's identity key": userOf(links[1]),
      ...WORDS,
    };
    assert.ok(server.seen().length > 10_000, "the recorder saw next to nothing");
    return found(server.seen(), secrets);
  } catch (error) {
    const screens = await Promise.all([alice, bob].map(({ page }) => page.locator("body").innerText()));
    throw new Error([...screens, ...alice.log, ...bob.log].join("\n\n"), { cause: error });
  } finally {
    await Promise.all([alice.close(), bob.close()]);
    await server.rendezvous.stop();
    await client.remove();
  }
}

Deno.test("the server, relaying every word, sees no plaintext, name or identity key", async () => {
  assert.deepEqual(await talkThroughServer(await buildClient(), false), []);
});

Deno.test("the same search finds all of it when a client does not seal", async () => {
  const all = ["Alice's name", "Bob's name", "Alice's identity key", "Bob's identity key", ...Object.keys(WORDS)];
  assert.deepEqual(await talkThroughServer(await buildUnsealedClient(), true), all);
});

/** Notes every candidate and description that the page is given by others. */
async function watchCandidates(person: Person): Promise<void> {
  await person.page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seenCandidates: seen });
    const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.addIceCandidate = function (this: RTCPeerConnection, ...args: unknown[]) {
      seen.push(JSON.stringify(args[0]));
      return (addIceCandidate as (...args: unknown[]) => Promise<void>).apply(this, args);
    } as typeof addIceCandidate;
    RTCPeerConnection.prototype.setRemoteDescription = function (this: RTCPeerConnection, ...args: unknown[]) {
      seen.push(JSON.stringify(args[0]));
      return (setRemoteDescription as (...args: unknown[]) => Promise<void>).apply(this, args);
    } as typeof setRemoteDescription;
  });
}

const candidates = ({ page }: Person): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { seenCandidates: string[] }).seenCandidates);

Deno.test("a stranger who holds a link but was not accepted never receives an address", async () => {
  const client = await buildClient();
  const server = await startCurious({ files: client.folder });
  const [alice, bob, stranger] = await Promise.all([startPerson(), startPerson(), startPerson()]);
  try {
    await Promise.all([watchCandidates(bob), watchCandidates(stranger)]);
    await createIdentity(alice.page, server.rendezvous.url, ALICE);
    const link = await invite(alice.page);
    await accept(bob.page, link, BOB);
    await waitForConnection(bob.page, "Connected directly");
    assert.ok((await candidates(bob)).some((one) => one.includes('"type":"answer"')), "the watch sees nothing at all");

    await accept(stranger.page, link, "Stranger");
    await stranger.page.getByText("This invite link was already used.").first().waitFor();
    assert.deepEqual(await candidates(stranger), []);
  } finally {
    await Promise.all([alice, bob, stranger].map((person) => person.close()));
    await server.rendezvous.stop();
    await client.remove();
  }
});
