/** Two people for the tests of calls: ids, signing keys, and what each holds for the other. */
import { signingKey } from "../../../core/crypto/sign.ts";
import { callId, deviceId, userId } from "../../../core/ids.ts";
import type { CallPeer } from "../../../core/voice/action.ts";
import type { CallSelf } from "../../../core/voice/call.ts";
import { acceptAnswer, makeAnswer, makeOffer, type Pairwise } from "../../../core/voice/keyAgreement.ts";
import { must, seededRng } from "../../support/world.ts";

export interface Person extends CallSelf {
  readonly peer: CallPeer;
}

export function person(seed: number): Person {
  const rng = seededRng(seed);
  const user = must(userId(rng.bytes(32)));
  const signing = signingKey(rng.bytes(32));
  return { user, signing, peer: { user, device: must(deviceId(signing.publicKey)) } };
}

const [first, second, third] = [person(11), person(12), person(13)];
/** Alice's user id is the smaller one. */
export const [alice, bob] = first.user < second.user ? [first, second] : [second, first];
export const carol = third;

export const CALL = must(callId(seededRng(14).bytes(16)));

/** The keys of a caller and a callee that have agreed. */
export function agree(caller: Person, callee: Person, seed = 15): readonly [Pairwise, Pairwise] {
  const parties = { call: CALL, caller: caller.user, callee: callee.user };
  const rng = seededRng(seed);
  const offer = makeOffer(parties, caller.signing, rng);
  const { share, pairwise } = must(makeAnswer(parties, offer.share, caller.peer.device, callee.signing, rng));
  return [must(acceptAnswer(parties, offer, share, callee.peer.device)), pairwise];
}
