/** Opening messages by keys that somebody kept. */
import assert from "node:assert/strict";
import { type ChainClaim, openKept, proveChain, type ProvenChain } from "../../../core/group/kept.ts";
import { openGroup, openRun } from "../../../core/group/receiver.ts";
import { type GroupSender, sealGroup } from "../../../core/group/sender.ts";
import { claim } from "../../../core/group/distribution.ts";
import { decodeGroupEnvelope, encodeGroupEnvelope } from "../../../core/wire/groupEnvelope.ts";
import type { SkippedKey } from "../../../core/wire/skippedKeys.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";
import { ALICE, BOB, CHANNEL, conversation, EVERYBODY, OTHER_CHANNEL, Speaker } from "./channel.ts";

const claimOf = ({ id, signer, ownership }: GroupSender): ChainClaim => ({
  channel: CHANNEL,
  device: ALICE.id,
  chain: id,
  signer: signer.publicKey,
  ownership,
});

function story(count: number) {
  const alice = new Speaker();
  const keys: SkippedKey[] = [];
  const envelopes: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const sealed = alice.block(EVERYBODY, `${index}`);
    keys.push({ index, key: sealed.messageKeys[0]! });
    envelopes.push(sealed.envelopes[0]!);
  }
  return { alice, chain: must(proveChain(claimOf(alice.state!))), keys, envelopes };
}

const outcomes = (...asked: Parameters<typeof openKept>) =>
  openKept(...asked).map((each) => each.ok ? fromUtf8(each.value.plaintext) : each.reason);

Deno.test("[SK15] each message opens by its own key, and by no other", () => {
  const { chain, keys, envelopes } = story(4);
  assert.deepEqual(outcomes(chain, keys, envelopes), ["0", "1", "2", "3"]);
  assert.deepEqual(outcomes(chain, keys.slice(2, 3), envelopes), [
    "group.replayed",
    "group.replayed",
    "2",
    "group.replayed",
  ]);
  const mixed = [keys[0]!, { ...keys[1]!, key: keys[2]!.key }, keys[3]!];
  assert.deepEqual(outcomes(chain, mixed, envelopes), ["0", "group.not-authentic", "group.replayed", "3"]);
});

Deno.test("[SK15] sealing and opening yield the same key of a message", () => {
  const { alice, bob } = conversation();
  const { envelopes, messageKeys } = alice.block(EVERYBODY, "a", "b", "c");
  const run = openRun(bob, envelopes);
  assert.deepEqual(run.results.map((each) => must(each).messageKey), messageKeys);
  assert.deepEqual(must(openGroup(bob, envelopes[2]!)).messageKey, messageKeys[2]);
  assert.equal(new Set(messageKeys.map((key) => key.join())).size, 3);
});

Deno.test("[SK15] the signature is checked as for a chain: once for a run, and whatever was bent is refused", () => {
  const { chain, keys, envelopes } = story(5);
  const unsigned = envelopes.map((each) =>
    encodeGroupEnvelope({ ...must(decodeGroupEnvelope(each)), signature: new Uint8Array(64) })
  );
  assert.deepEqual(outcomes(chain, keys, [...unsigned.slice(0, 4), envelopes[4]!]), ["0", "1", "2", "3", "4"]);
  assert.ok(outcomes(chain, keys, unsigned).every((each) => each === "group.bad-signature"));
  const bent = flipBit(envelopes[2]!, 8 * 140);
  assert.deepEqual(outcomes(chain, keys, [bent, envelopes[2]!]), ["group.bad-signature", "2"]);
});

Deno.test("[SK15] a chain is taken as that of the device that signed for it, in the channel that it signed for", () => {
  const { alice } = story(1);
  const good = claimOf(alice.state!);
  const { publicKey } = BOB.signing;
  mustRefuse(proveChain({ ...good, device: BOB.id }), "group.wrong-sender");
  mustRefuse(proveChain({ ...good, channel: OTHER_CHANNEL }), "group.wrong-sender");
  mustRefuse(proveChain({ ...good, signer: publicKey }), "group.wrong-sender");
  mustRefuse(proveChain({ ...good, chain: new Uint8Array(16) }), "group.wrong-sender");
});

Deno.test("[SK15] who claims another's chain opens none of its messages with the right keys", () => {
  const { alice, keys, envelopes } = story(2);
  const { signing: { publicKey } } = BOB;
  const stolen = { ...claimOf(alice.state!), device: BOB.id };
  const asOwn = must(proveChain({ ...stolen, ownership: claim(BOB.signing, stolen) }));
  assert.deepEqual(outcomes(asOwn, keys, envelopes), ["group.bad-signature", "group.bad-signature"]);
  const resigned = { ...stolen, signer: publicKey, ownership: claim(BOB.signing, { ...stolen, signer: publicKey }) };
  assert.equal(outcomes(must(proveChain(resigned)), keys, envelopes)[0], "group.bad-signature");
});

Deno.test("[SK15] two messages that a sender sealed under one number open by the one key of both", () => {
  const { alice, keys, envelopes } = story(2);
  const before = alice.state!;
  const first = alice.block(EVERYBODY, "once");
  const second = sealGroup(before, CHANNEL, ALICE, EVERYBODY, [utf8("twice")], envOf(77));
  assert.deepEqual(first.messageKeys, second.messageKeys);
  const all = [...keys, { index: 2, key: first.messageKeys[0]! }];
  const both = [...envelopes, first.envelopes[0]!, second.envelopes[0]!];
  const chain = must(proveChain(claimOf(before)));
  assert.deepEqual(outcomes(chain, all, both), ["0", "1", "once", "twice"]);
});

Deno.test("[SK4] beyond the end of a replaced chain nothing opens by kept keys either", () => {
  const { chain, keys, envelopes } = story(3);
  assert.deepEqual(outcomes(chain as ProvenChain, keys, envelopes, 2), ["0", "1", "group.past-end"]);
});
