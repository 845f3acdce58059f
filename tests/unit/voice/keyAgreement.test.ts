import assert from "node:assert/strict";
import {
  acceptAnswer,
  checkOffer,
  makeAnswer,
  makeOffer,
  unwrapMediaSecret,
  wrapMediaSecret,
} from "../../../core/voice/keyAgreement.ts";
import type { CallShare } from "../../../core/wire/callControl.ts";
import { p256Key } from "../../../core/crypto/dh.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { sign } from "../../../core/crypto/sign.ts";
import { fromHex } from "../../../core/ids.ts";
import { flipBit, must, mustRefuse, seededRng } from "../../support/world.ts";
import { agree, alice, bob, CALL, carol } from "./people.ts";

const parties = { call: CALL, caller: alice.user, callee: bob.user };
const rng = seededRng(21);
const offer = makeOffer(parties, alice.signing, rng);
const answer = must(makeAnswer(parties, offer.share, alice.peer.device, bob.signing, rng));

const spoiled = (share: CallShare): readonly CallShare[] => [
  { ...share, signature: flipBit(share.signature, 3) },
  { ...share, fresh: flipBit(share.fresh, 3) },
  { ...share, ephemeral: p256Key(rng.bytes(48)).publicKey },
];

Deno.test("[VK3] both sides get the same keys, each direction its own", () => {
  const caller = must(acceptAnswer(parties, offer, answer.share, bob.peer.device));
  const callee = answer.pairwise;
  assert.deepEqual(caller.sealKey, callee.openKey);
  assert.deepEqual(caller.openKey, callee.sealKey);
  assert.notDeepEqual(caller.sealKey, caller.openKey);
});

Deno.test("[VK4] both sides read the same code aloud, another one in another call", () => {
  const [caller, callee] = agree(alice, bob, 31);
  assert.match(caller.code, /^\d{4} \d{4} \d{4} \d{4}$/);
  assert.equal(caller.code, callee.code);
  assert.notEqual(caller.code, agree(alice, bob, 32)[0].code);
});

Deno.test("[VK2] an offer that the caller's device did not sign is refused", () => {
  for (const share of spoiled(offer.share)) {
    mustRefuse(checkOffer(parties, share, alice.peer.device), "call.bad-signature");
    mustRefuse(makeAnswer(parties, share, alice.peer.device, bob.signing, rng), "call.bad-signature");
  }
  mustRefuse(checkOffer(parties, offer.share, carol.peer.device), "call.bad-signature");
});

Deno.test("[VK2] an offer for other people or another call is refused", () => {
  mustRefuse(checkOffer({ ...parties, callee: carol.user }, offer.share, alice.peer.device), "call.bad-signature");
  mustRefuse(checkOffer({ ...parties, caller: carol.user }, offer.share, alice.peer.device), "call.bad-signature");
});

Deno.test("[VK2] an answer that the callee's device did not sign is refused", () => {
  for (const share of spoiled(answer.share)) {
    mustRefuse(acceptAnswer(parties, offer, share, bob.peer.device), "call.bad-signature");
  }
  mustRefuse(acceptAnswer(parties, offer, answer.share, carol.peer.device), "call.bad-signature");
});

Deno.test("[VK2] an answer to another offer is refused", () => {
  const other = makeOffer(parties, alice.signing, rng);
  mustRefuse(acceptAnswer(parties, other, answer.share, bob.peer.device), "call.bad-signature");
});

Deno.test("[VK1] a key that is no point on the curve is refused, even when it is signed", () => {
  const unsigned = { ...offer.share, ephemeral: new Uint8Array(65).fill(4) };
  const parts = [fromHex(CALL), fromHex(alice.user), fromHex(bob.user), unsigned.ephemeral, unsigned.fresh];
  const share = { ...unsigned, signature: sign(alice.signing, LABELS.callOffer, ...parts) };
  must(checkOffer(parties, share, alice.peer.device));
  mustRefuse(makeAnswer(parties, share, alice.peer.device, bob.signing, rng), "crypto.bad-key");
});

Deno.test("[VK5] a media secret opens for the other side, as what it was wrapped as, and for nobody else", () => {
  const [caller, callee] = agree(alice, bob);
  const secret = rng.bytes(32);
  const wrapped = wrapMediaSecret(caller.sealKey, CALL, 77, secret);
  assert.equal(wrapped.length, 48);
  assert.deepEqual(must(unwrapMediaSecret(callee.openKey, CALL, 77, wrapped)), secret);
  mustRefuse(unwrapMediaSecret(callee.openKey, CALL, 78, wrapped), "crypto.not-authentic");
  mustRefuse(unwrapMediaSecret(callee.sealKey, CALL, 77, wrapped), "crypto.not-authentic");
  mustRefuse(unwrapMediaSecret(callee.openKey, CALL, 77, flipBit(wrapped, 9)), "crypto.not-authentic");
});
