import assert from "node:assert/strict";
import fc from "fast-check";
import { issueCertificate } from "../../../core/identity/certificate.ts";
import { createIdentity } from "../../../core/identity/identity.ts";
import { advance, answerHello, helloTopic, type ProofContext, startProof } from "../../../core/identity/proof.ts";
import { topicOfDay } from "../../../core/identity/topics.ts";
import { peerId } from "../../../core/ids.ts";
import { concat } from "../../../core/wire/bytes.ts";
import { encodeCertificate } from "../../../core/wire/certificate.ts";
import { proofFrameCodec } from "../../../core/wire/proof.ts";
import { envOf, flipBit, must, mustRefuse, party, seededRng } from "../../support/world.ts";

const ALICE_PEER = must(peerId("12D3KooW" + "A".repeat(44)));
const BOB_PEER = must(peerId("12D3KooW" + "B".repeat(44)));
const EVE_PEER = must(peerId("12D3KooW" + "E".repeat(44)));

const secret = seededRng(40).bytes(32);
const topic = topicOfDay(secret, 20_000);
const alice: ProofContext = {
  localPeer: ALICE_PEER,
  remotePeer: BOB_PEER,
  topic,
  secret,
  device: party(1).device,
};
const bob: ProofContext = { localPeer: BOB_PEER, remotePeer: ALICE_PEER, topic, secret, device: party(2).device };

/** A whole proof with every state and frame; the seed chooses the nonces. */
function run(initiator: ProofContext = alice, responder: ProofContext = bob, seed = 1) {
  const started = startProof(initiator, envOf(seed));
  const answered = must(answerHello(responder, started.frame, envOf(seed + 1)));
  const revealed = must(advance(started.state, answered.frame));
  const confirmed = must(advance(answered.state, revealed.send!));
  const done = must(advance(revealed.state, confirmed.send!));
  return { started, answered, revealed, confirmed, done };
}

Deno.test("[PROOF1] two devices that know the topic's secret learn who the other is", () => {
  const { started, revealed, confirmed, done } = run();
  assert.equal(must(helloTopic(started.frame)), topic);
  assert.equal(revealed.proven, null);
  assert.equal(confirmed.proven?.device, alice.device.id);
  assert.equal(done.proven?.device, bob.device.id);
  assert.equal(done.proven?.user, bob.device.user);
  assert.equal(done.send, null);
});

Deno.test("[PROOF1] a late, early or repeated frame is refused as out of order", () => {
  const { started, answered, revealed, confirmed, done } = run();
  const frames = [started.frame, answered.frame, revealed.send!, confirmed.send!];
  const states = [started.state, answered.state, revealed.state, confirmed.state, done.state];
  const expected = [1, 2, 3, null, null];
  states.forEach((state, i) =>
    frames.forEach((frame, j) => {
      if (expected[i] === j) must(advance(state, frame));
      else mustRefuse(advance(state, frame), "proof.out-of-order");
    })
  );
  for (const frame of frames.slice(1)) {
    mustRefuse(answerHello(bob, frame, envOf(1)), "proof.out-of-order");
    mustRefuse(helloTopic(frame), "proof.out-of-order");
  }
});

Deno.test("[PROOF1] a hello for another topic is refused by that name", () => {
  const { frame } = startProof({ ...alice, topic: topicOfDay(secret, 20_001) }, envOf(1));
  mustRefuse(answerHello(bob, frame, envOf(2)), "proof.unknown-topic");
});

Deno.test("[PROOF1] a refused frame changes nothing: the right one still gets through", () => {
  const { started, answered, revealed, confirmed } = run();
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom("answer", "reveal", "confirm"), (bit, which) => {
      const [state, frame] = which === "answer"
        ? [started.state, answered.frame]
        : which === "reveal"
        ? [answered.state, revealed.send!]
        : [revealed.state, confirmed.send!];
      const before = structuredClone(state);
      assert.equal(advance(state, flipBit(frame, bit % (8 * frame.length))).ok, false);
      assert.deepEqual(state, before);
      must(advance(state, frame));
    }),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("[PROOF2] one who knows the topic but not its secret is refused, on either side", () => {
  const stranger = { ...bob, secret: seededRng(41).bytes(32) };
  const started = startProof(alice, envOf(1));
  const answered = must(answerHello(stranger, started.frame, envOf(2)));
  mustRefuse(advance(started.state, answered.frame), "proof.bad-mac");

  const visitor = startProof({ ...alice, secret: stranger.secret }, envOf(3));
  const honest = must(answerHello(bob, visitor.frame, envOf(4)));
  mustRefuse(advance(visitor.state, honest.frame), "proof.bad-mac");
  const guessed = proofFrameCodec.encode({ t: "reveal", mac: new Uint8Array(32), sealed: new Uint8Array(300) });
  mustRefuse(advance(honest.state, guessed), "proof.bad-mac");
});

Deno.test("[PROOF2] a proof passed on from another link is refused: the MAC covers both PeerIds", () => {
  const started = startProof({ ...alice, remotePeer: EVE_PEER }, envOf(1));
  const answered = must(answerHello({ ...bob, remotePeer: EVE_PEER }, started.frame, envOf(2)));
  mustRefuse(advance(started.state, answered.frame), "proof.bad-mac");
});

Deno.test("[PROOF2] one's own frames sent back are refused: the MAC covers the role", () => {
  const started = startProof(alice, envOf(1));
  const mirrored = must(answerHello(alice, started.frame, envOf(2)));
  mustRefuse(advance(started.state, mirrored.frame), "proof.bad-mac");
  const { answered } = run();
  const frame = must(proofFrameCodec.decode(answered.frame));
  assert.ok(frame.t === "answer");
  const echoed = proofFrameCodec.encode({ t: "reveal", mac: frame.mac, sealed: new Uint8Array(300) });
  mustRefuse(advance(answered.state, echoed), "proof.bad-mac");
});

Deno.test("[PROOF2] frames of an earlier proof are refused in a later one", () => {
  const [earlier, later] = [run(alice, bob, 1), run(alice, bob, 11)];
  mustRefuse(advance(later.started.state, earlier.answered.frame), "proof.bad-mac");
  mustRefuse(advance(later.answered.state, earlier.revealed.send!), "proof.bad-mac");
  mustRefuse(advance(later.revealed.state, earlier.confirmed.send!), "crypto.not-authentic");
});

Deno.test("[PROOF3] no certificate or key of a device leaves before the other's MAC was right, and never in clear", () => {
  const { started, answered, revealed, confirmed } = run();
  const sent = concat(started.frame, answered.frame, revealed.send!, confirmed.send!).join();
  for (const { device } of [alice, bob]) {
    const { user, device: key, dh, signature } = device.certificate;
    for (const named of [encodeCertificate(device.certificate), user, key, dh, signature]) {
      assert.ok(!sent.includes(named.join()));
    }
  }
  assert.ok(started.frame.length + answered.frame.length < encodeCertificate(alice.device.certificate).length + 64);
  const wrong = answered.frame.with(answered.frame.length - 1, answered.frame.at(-1)! ^ 1);
  assert.equal(advance(started.state, wrong).ok, false);
});

Deno.test("[PROOF4] a proof whose signature is not by the certificate's device is refused", () => {
  const thief = { ...alice.device, signing: party(3).device.signing };
  const started = startProof({ ...alice, device: thief }, envOf(1));
  const answered = must(answerHello(bob, started.frame, envOf(2)));
  const revealed = must(advance(started.state, answered.frame));
  mustRefuse(advance(answered.state, revealed.send!), "proof.bad-signature");
});

Deno.test("[PROOF4] a proof with a certificate that its person did not sign is refused, on either side", () => {
  const { identity } = createIdentity(envOf(30));
  const forge = ({ device }: ProofContext) => {
    const own = issueCertificate(identity, device.signing.publicKey, device.dh.publicKey, 0);
    return { ...device, certificate: { ...own, user: party(4).device.certificate.user } };
  };
  const started = startProof({ ...alice, device: forge(alice) }, envOf(1));
  const answered = must(answerHello({ ...bob, device: forge(bob) }, started.frame, envOf(2)));
  const revealed = must(advance(started.state, answered.frame));
  mustRefuse(advance(answered.state, revealed.send!), "proof.bad-signature");

  const honest = must(answerHello({ ...bob, device: forge(bob) }, startProof(alice, envOf(3)).frame, envOf(4)));
  const mine = startProof(alice, envOf(3));
  const named = must(advance(mine.state, honest.frame));
  const confirmed = must(advance(honest.state, named.send!));
  mustRefuse(advance(named.state, confirmed.send!), "proof.bad-signature");
});

Deno.test("[WIRE4] no bytes make the proof throw", () => {
  const { started, answered, revealed } = run();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (frame) => {
      for (const { state } of [started, answered, revealed]) assert.equal(advance(state, frame).ok, false);
      assert.equal(answerHello(bob, frame, envOf(1)).ok, false);
    }),
    { seed: 4, numRuns: 500 },
  );
});
