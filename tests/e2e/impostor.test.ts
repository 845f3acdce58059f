/** A rendezvous knows every topic and could join one: whoever does, from either side, learns no certificate. */
import assert from "node:assert/strict";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import { lpStream } from "@libp2p/utils";
import { fromHex } from "../../core/ids.ts";
import { topicsAt } from "../../core/identity/topics.ts";
import type { Topic } from "../../core/ids.ts";
import { decodeInviteToken } from "../../core/wire/inviteToken.ts";
import { peerFrameCodec } from "../../core/wire/peerFrame.ts";
import { type ProofFrame, proofFrameCodec } from "../../core/wire/proof.ts";
import { type Client, reserve, soon, startClient } from "../rendezvous/support.ts";
import { startPerson } from "./harness/chromium.ts";
import { buildClient } from "./harness/client.ts";
import { createIdentity, invite } from "./harness/people.ts";
import { startCurious } from "./harness/recorder.ts";
import { found, latin1 } from "./harness/search.ts";
import { until } from "./harness/wait.ts";

const PEER_PROTOCOL = "/securecomm/peer/1";
const JUNK = new Uint8Array(32).fill(7);

const frame = (proof: ProofFrame): Uint8Array =>
  peerFrameCodec.encode({ t: "proof", body: proofFrameCodec.encode(proof) });

function proofIn(bytes: Uint8Array): ProofFrame {
  const outer = peerFrameCodec.decode(bytes);
  const proof = outer.ok && outer.value.t === "proof" ? proofFrameCodec.decode(outer.value.body) : outer;
  assert.ok(proof.ok);
  return proof.value as ProofFrame;
}

/** Calls on the one who registered under the topic; gives all the bytes that are answered until the link is closed. */
async function callOn(impostor: Client, topic: Topic): Promise<Uint8Array[]> {
  const answer = await impostor.ask({ t: "discover", ns: topic, limit: 1, cookie: new Uint8Array(0) });
  assert.ok(answer.t === "discover-response" && answer.registrations.length === 1);
  const envelope = await RecordEnvelope.openAndCertify(
    answer.registrations[0]!.signedPeerRecord,
    PeerRecord.DOMAIN,
    { signal: soon() },
  );
  const peer = peerIdFromPublicKey(envelope.publicKey);
  const connection = await impostor.node.dial(impostor.relay.encapsulate(`/p2p-circuit/p2p/${peer}`));
  const stream = lpStream(await connection.newStream(PEER_PROTOCOL, { runOnLimitedConnection: true }));
  await stream.write(frame({ t: "hello", nonce: JUNK, topic }));
  const received = [(await stream.read({ signal: soon() })).slice()];
  assert.equal(proofIn(received[0]!).t, "answer");
  await stream.write(frame({ t: "reveal", mac: JUNK, sealed: new Uint8Array(300) }));
  // Nothing more comes: the other side hangs up.
  await assert.rejects(
    stream.read({ signal: AbortSignal.timeout(10_000) }).then((more) => received.push(more.slice())),
  );
  return received;
}

/** Waits under the topic to be called on; gives all the bytes that the caller sent. */
async function beCalled(impostor: Client, topic: Topic): Promise<{ readonly received: Uint8Array[] }> {
  const received: Uint8Array[] = [];
  await impostor.node.handle(PEER_PROTOCOL, async (incoming) => {
    const stream = lpStream(incoming);
    try {
      const hello = (await stream.read({ signal: soon() })).slice();
      received.push(hello);
      await stream.write(frame({ t: "answer", nonce: JUNK, mac: JUNK }));
      while (true) received.push((await stream.read({ signal: AbortSignal.timeout(10_000) })).slice());
    } catch {
      // The caller has hung up.
    }
  }, { runOnLimitedConnection: true });
  const address = await reserve(impostor);
  const record = new PeerRecord({ peerId: impostor.node.peerId, multiaddrs: [address] });
  await impostor.register(topic, (await RecordEnvelope.seal(record, impostor.key)).marshal());
  return { received };
}

Deno.test({
  name: "one who knows a topic without its secret gets no certificate, calling or called",
  // libp2p leaves timers of its own behind, which end by themselves.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const client = await buildClient();
    const server = await startCurious({ files: client.folder });
    const [alice, bob] = await Promise.all([startPerson(), startPerson()]);
    const impostor = await startClient(server.rendezvous);
    try {
      await createIdentity(alice.page, server.rendezvous.url, "Alice");
      await createIdentity(bob.page, server.rendezvous.url, "Bob");
      const [link, bobsLink] = [await invite(alice.page), await invite(bob.page)];
      const [token, bobsToken] = [link, bobsLink].map((one) => decodeInviteToken(new URL(one).hash.slice(1)));
      assert.ok(token?.ok && bobsToken?.ok);
      // What a rendezvous is told by everybody who registers, and nothing more.
      const topic = topicsAt(token.value.secret, Date.now())[0]!;

      const answered = await callOn(impostor, topic);
      const { received } = await beCalled(impostor, topic);
      await bob.page.goto(link);
      await bob.page.getByRole("button", { name: "Accept invitation" }).click();
      await until("the visitor calls on the impostor", 20_000, () => received.length > 0);
      // The visitor finds the true inviter all the same.
      await alice.page.getByRole("navigation", { name: "Conversations" }).getByText("Bob").first().waitFor();

      for (const bytes of received) assert.equal(proofIn(bytes).t, "hello");
      const keys = Object.fromEntries(
        [["Alice", token.value.user], ["Bob", bobsToken.value.user]].map((
          [name, user],
        ) => [name, new Uint8Array(fromHex(user!))]),
      );
      assert.deepEqual(found([...answered, ...received].map(latin1).join(""), keys), []);
    } finally {
      await Promise.all([alice.close(), bob.close()]);
      await impostor.node.stop();
      await server.rendezvous.stop();
      await client.remove();
    }
  },
});
