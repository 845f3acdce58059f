/** The whole server, over the network: what it said to its clients holds after it was killed at any moment. */
import assert from "node:assert/strict";
import { envelopeIdOf } from "../../core/crypto/spaceEntry.ts";
import type { EnvelopeId } from "../../core/ids.ts";
import { MAILBOX } from "../../core/limits.ts";
import type { SpaceKeys } from "../../core/mailbox/space.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import {
  type DepositorClient,
  enterDepositor,
  enterOwner,
  enterTaker,
  enterUploader,
  type OwnerClient,
  type TakerClient,
  type UploaderClient,
} from "../rendezvous/mailClient.ts";
import { fetchPage, grantAddress, lineOf, newKeys, sealed, sealedBundle } from "../rendezvous/mailStage.ts";
import { startClient } from "../rendezvous/support.ts";
import { TextLineStream } from "./lines.ts";

const ROUNDS = 8;
const MAX_LIFE_MS = 600;
/** So that a space never has more one-time bundles than it may. */
const BUNDLES_PER_ROUND = 20;

interface Running {
  readonly process: Deno.ChildProcess;
  readonly at: { readonly port: number; readonly peerId: string };
}

async function start(folder: string): Promise<Running> {
  const program = new URL("./server.ts", import.meta.url).pathname;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", program, folder],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextLineStream()).getReader();
  const { value } = await lines.read();
  await lines.cancel();
  return { process, at: JSON.parse(value!) };
}

/** What was asked, and what of it was answered. */
class Account {
  readonly asked = new Set<EnvelopeId>();
  readonly left = new Set<EnvelopeId>();
  readonly #deleting = new Set<EnvelopeId>();
  readonly deleted = new Set<EnvelopeId>();
  /** By the hex of their first bytes. */
  readonly taken = new Set<string>();

  async deposit(depositor: DepositorClient): Promise<boolean> {
    const envelopes = [sealed(), sealed()];
    const ids = envelopes.map(envelopeIdOf);
    ids.forEach((id) => this.asked.add(id));
    const answer = await depositor.ask({ t: "deposit", envelopes });
    if (answer?.t === "done") ids.forEach((id) => this.left.add(id));
    return answer !== null;
  }

  async acknowledge(owner: OwnerClient): Promise<boolean> {
    const ids = [...this.left].filter((id) => !this.#deleting.has(id)).slice(0, 3);
    ids.forEach((id) => this.#deleting.add(id));
    const answer = await owner.ask({ t: "ack", envelopes: ids });
    if (answer?.t === "done") ids.forEach((id) => this.deleted.add(id));
    return answer !== null;
  }

  async take(taker: TakerClient): Promise<boolean> {
    const answer = await taker.ask({ t: "take" });
    if (answer?.t !== "bundle") return false;
    const name = answer.sealed.subarray(0, 32).toHex();
    assert.ok(!this.taken.has(name), "a one-time bundle was handed out twice");
    this.taken.add(name);
    return true;
  }

  async check(owner: OwnerClient): Promise<void> {
    const found = new Set<EnvelopeId>();
    for (let after = 0, more = true; more;) {
      const page = await fetchPage(owner, after);
      for (const { serial, envelope } of page.waiting) {
        found.add(envelopeIdOf(envelope));
        after = serial;
      }
      more = page.more;
    }
    for (const id of this.left) assert.ok(found.has(id) || this.#deleting.has(id), "acknowledged mail is lost");
    for (const id of found) assert.ok(this.asked.has(id) && !this.deleted.has(id), "deleted mail has come back");
  }
}

async function load(account: Account, running: Running, keys: SpaceKeys, address: MailAddress): Promise<void> {
  const clients = await Promise.all(Array.from({ length: 4 }, () => startClient(running.at)));
  const [owner, depositor, uploader, taker] = await Promise.all([
    enterOwner(lineOf(clients[0]!), keys),
    enterDepositor(lineOf(clients[1]!), address),
    enterUploader(lineOf(clients[2]!), keys),
    enterTaker(lineOf(clients[3]!), address),
  ]) as [OwnerClient, DepositorClient, UploaderClient, TakerClient];
  await account.check(owner);
  const oneTime = Array.from({ length: BUNDLES_PER_ROUND }, sealedBundle);
  await uploader.ask({ t: "upload", oneTime, lastResort: null, replace: true });
  setTimeout(() => running.process.kill("SIGKILL"), Math.random() * MAX_LIFE_MS);
  const again = async (act: () => Promise<boolean>) => {
    while (await act());
  };
  await Promise.all([
    ...Array.from({ length: 8 }, () => again(() => account.deposit(depositor))),
    ...Array.from({ length: 3 }, () => again(() => account.acknowledge(owner))),
    ...Array.from({ length: 2 }, () => again(() => account.take(taker))),
  ]);
  assert.equal((await running.process.status).signal, "SIGKILL", "the server ended by itself");
  await Promise.all(clients.map(({ node }) => node.stop()));
}

Deno.test({
  name: `[MBX9] what a server has said holds after ${ROUNDS} kills under load`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const account = new Account();
      const keys = newKeys();
      const first = await start(folder);
      const client = await startClient(first.at);
      const owner = await enterOwner(lineOf(client), keys);
      await owner.ask({ t: "open", joinCode: null });
      const address = await grantAddress(owner, keys, {
        maxWaiting: MAILBOX.maxWaiting,
        maxWaitingBytes: MAILBOX.maxWaitingBytes,
        maxBundles: MAILBOX.maxBundles,
      });
      first.process.kill("SIGKILL");
      await first.process.status;
      await client.node.stop();
      for (let round = 0; round < ROUNDS; round++) await load(account, await start(folder), keys, address);
      const { left, deleted, taken } = account;
      console.log(`${left.size} deposits, ${deleted.size} acknowledgements, ${taken.size} bundles, ${ROUNDS} kills`);
      assert.ok(left.size > 100 && deleted.size > 20 && taken.size > 20, "there was no load to speak of");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
