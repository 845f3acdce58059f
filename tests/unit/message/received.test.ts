import assert from "node:assert/strict";
import fc from "fast-check";
import { MESSAGE } from "../../../core/limits.ts";
import { hasReceived, NOTHING_RECEIVED, receive } from "../../../core/message/received.ts";
import { place, type Placed, timelineKey } from "../../../core/message/timeline.ts";
import { messageId } from "../../../core/ids.ts";
import { must, mustRefuse } from "../../support/world.ts";

Deno.test("[MSG5] numbers in any order are each taken once, and what is missing is known", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: 60 }, (_, i) => i + 1), { minLength: 1 }), (seqs) => {
      let received = NOTHING_RECEIVED;
      for (const seq of seqs) {
        assert.equal(hasReceived(received, seq), false);
        received = must(receive(received, seq));
        mustRefuse(receive(received, seq), "message.duplicate");
      }
      const taken = new Set(seqs);
      for (let seq = 1; seq <= 61; seq++) assert.equal(hasReceived(received, seq), taken.has(seq));
      assert.equal(taken.has(received.upTo + 1), false);
      assert.deepEqual(received.also, [...taken].filter((seq) => seq > received.upTo).sort((a, b) => a - b));
    }),
    { seed: 1 },
  );
});

Deno.test("[MSG5] what is too far beyond the complete part, or one gap too many, is not taken", () => {
  mustRefuse(receive(NOTHING_RECEIVED, MESSAGE.maxGap + 1), "message.too-far-ahead");
  let received = NOTHING_RECEIVED;
  for (let i = 0; i < MESSAGE.maxReceiptExtras; i++) received = must(receive(received, 2 * i + 2));
  mustRefuse(receive(received, 1_999), "message.too-far-ahead");
  mustRefuse(receive(NOTHING_RECEIVED, 0), "message.duplicate");
});

Deno.test("[MSG5] the number that closes a gap is taken even when no more gaps may be", () => {
  let received = NOTHING_RECEIVED;
  for (let i = 0; i < MESSAGE.maxReceiptExtras; i++) received = must(receive(received, 2 * i + 2));
  assert.equal(must(receive(received, 1)).upTo, 2);
});

const placed = (lamport: number, rank: 0 | 1, seq: number): Placed => {
  const id = must(messageId(Uint8Array.from({ length: 16 }, (_, i) => [lamport, rank, seq][i] ?? 0)));
  const message = { id, own: rank === 0, seq, lamport, sentAtMs: 0, text: "", delivered: false };
  return { key: timelineKey(message, rank), message };
};

Deno.test("[MSG6] a conversation has one order, whatever order its messages came in", () => {
  const all = fc.uniqueArray(
    fc.tuple(fc.nat(2 ** 40), fc.constantFrom(0 as const, 1 as const), fc.nat(2 ** 40)),
    { selector: ([lamport, rank, seq]) => `${lamport} ${rank} ${seq}`, maxLength: 30 },
  );
  fc.assert(
    fc.property(all, fc.infiniteStream(fc.nat()), (triples, dice) => {
      const messages = triples.map(([lamport, rank, seq]) => placed(lamport, rank, seq));
      const shuffled = messages.map((one) => ({ one, at: dice.next().value! })).sort((a, b) => a.at - b.at);
      const window = shuffled.reduce<readonly Placed[]>((placedSoFar, { one }) => place(placedSoFar, one), []);
      const sorted = messages.toSorted((a, b) =>
        a.message.lamport - b.message.lamport || Number(b.message.own) - Number(a.message.own) ||
        a.message.seq - b.message.seq
      );
      assert.deepEqual(window.map(({ key }) => key), sorted.map(({ key }) => key));
    }),
    { seed: 1 },
  );
});

Deno.test("placing a message again replaces it", () => {
  const window = [placed(1, 0, 1), placed(2, 1, 1)];
  const changed = { ...window[0]!, message: { ...window[0]!.message, delivered: true } };
  assert.deepEqual(place(window, changed), [changed, window[1]]);
});
