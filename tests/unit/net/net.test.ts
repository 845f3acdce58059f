import assert from "node:assert/strict";
import { type PeerId, peerId, topic as topicOf } from "../../../core/ids.ts";
import { RECONNECT } from "../../../core/limits.ts";
import { backoffMs } from "../../../core/net/backoff.ts";
import { fullBucket, take } from "../../../core/net/bucket.ts";
import { dialFailed, dialing, found, linked, linkLost, type Peer } from "../../../core/net/peer.ts";
import { upgradeDue, upgradeFailed } from "../../../core/net/upgrade.ts";
import { must } from "../../support/world.ts";

const NOW_MS = 1_000_000;
const [LOW, HIGH] = ["A", "B"].map((letter) => must(peerId(`12D3KooW${letter.repeat(44)}`))) as [PeerId, PeerId];
const topic = must(topicOf(new Uint8Array(32)));

Deno.test("a bucket lets a burst through, then the rate, and never saves up more than a burst", () => {
  let bucket = fullBucket(3, NOW_MS);
  const takes = (nowMs: number) => {
    const left = take(bucket, 10, 3, nowMs);
    if (left !== null) bucket = left;
    return left !== null;
  };
  assert.deepEqual([0, 0, 0, 0].map((ms) => takes(NOW_MS + ms)), [true, true, true, false]);
  assert.equal(takes(NOW_MS + 100), true);
  assert.equal(takes(NOW_MS + 100), false);
  assert.deepEqual([1, 1, 1, 1].map(() => takes(NOW_MS + 60_000)), [true, true, true, false]);
  assert.equal(takes(NOW_MS), false, "a clock that went back gives nothing");
});

Deno.test("[LINK4] waits double up to a bound, with jitter over half of each", () => {
  for (const random of [0, 0.5, 0.999]) {
    for (let attempt = 0; attempt < 40; attempt++) {
      const windowMs = Math.min(RECONNECT.maxDelayMs, RECONNECT.firstDelayMs * 2 ** attempt);
      const waitMs = backoffMs(attempt, random);
      assert.ok(waitMs >= windowMs / 2 && waitMs <= windowMs, `${attempt}: ${waitMs}`);
    }
  }
});

Deno.test("[LINK4] of two that find each other the smaller PeerId dials first; a visitor always does", () => {
  const dialAtMs = (self: PeerId, other: PeerId, visiting: boolean) => {
    const peer = found(topic, self, other, visiting, NOW_MS);
    return peer.t === "found" ? peer.dialAtMs - NOW_MS : null;
  };
  assert.equal(dialAtMs(LOW, HIGH, false), 0);
  assert.equal(dialAtMs(HIGH, LOW, false), RECONNECT.politeDelayMs);
  assert.equal(dialAtMs(HIGH, LOW, true), 0);
});

Deno.test("[LINK4] dials that fail are repeated later and later, then given up", () => {
  let peer: Peer | null = found(topic, LOW, HIGH, false, NOW_MS);
  const waits: number[] = [];
  while (peer?.t === "found") {
    const next: Peer | null = dialFailed(dialing(peer) as Extract<Peer, { t: "dialing" }>, NOW_MS, 0.5);
    if (next?.t === "found") waits.push(next.dialAtMs - NOW_MS);
    peer = next;
  }
  assert.equal(waits.length, RECONNECT.maxAttempts - 1);
  assert.deepEqual(waits, waits.toSorted((a, b) => a - b));
});

Deno.test("[LINK4] a link that lasted begins the waits anew; one that did not goes on with them", () => {
  const waitMs = (attempt: number, livedMs: number) => {
    const peer = linkLost(topic, attempt, livedMs, NOW_MS, 0.5);
    return peer.t === "found" ? peer.dialAtMs - NOW_MS : NaN;
  };
  assert.ok(waitMs(4, RECONNECT.stableAfterMs) < waitMs(4, RECONNECT.stableAfterMs - 1));
  assert.deepEqual(linked(topic, 2), { t: "linked", topic, attempt: 2 });
});

Deno.test("[LINK5] upgrades are tried a bounded number of times", () => {
  let tries = 0;
  for (let upgrade = upgradeDue(NOW_MS); upgrade.t === "due"; tries++) {
    upgrade = upgradeFailed({ t: "dialing", attempt: upgrade.attempt }, NOW_MS, 0.5);
  }
  assert.equal(tries, RECONNECT.maxUpgrades);
});
