/** What a peer who means ill can do to the sync of content. */
import assert from "node:assert/strict";
import {
  compareContent,
  contentRead,
  contentSyncDueAtMs,
  contentSyncStep,
  contentSyncTick,
  hasShown,
  NO_CONTENT_PEERS,
  openContentPeer,
  tookContent,
} from "../../../../core/guild/contentSync/contentSync.ts";
import type { ContentSync, ContentSyncStep } from "../../../../core/guild/contentSync/peersTurn.ts";
import { sizeOf } from "../../../../core/guild/contentSync/offered.ts";
import { countOf } from "../../../../core/guild/contentSync/ranges.ts";
import type { DeviceId } from "../../../../core/ids.ts";
import { CSYNC } from "../../../../core/limits.ts";
import type { ContentItem, ContentSyncFrame } from "../../../../core/wire/contentSync.ts";
import { channelOf, ContentShelf, deviceOf, type Piece, pieceOf } from "../../../support/contentShelf.ts";

type Want = Extract<ContentSyncFrame, { t: "want" }>;

const START_MS = 5_000;
const channel = channelOf("general");
const [ann, eve, pat] = ["ann", "eve", "pat"].map(deviceOf) as [DeviceId, DeviceId, DeviceId];
const pieces: Piece[] = [];
for (let seq = 1; seq <= 600; seq++) pieces.push(pieceOf(channel, ann, seq, pieces.at(-1) ?? null, seq));

const all = [{ from: 1, to: Number.MAX_SAFE_INTEGER }];
const tell = (ranges = all, device = ann): ContentSyncFrame => ({
  t: "tell",
  channel,
  entries: [{ device, ranges, tips: [] }],
});
const items = (number: number, of: readonly ContentItem[], more = false): ContentSyncFrame => ({
  t: "items",
  number,
  chains: [],
  items: of,
  more,
});

/** A member with links to Eve and Pat, whose frames the test makes. */
class Member {
  state: ContentSync = NO_CONTENT_PEERS;
  nowMs = START_MS;
  readonly shelf = new ContentShelf([channel]);

  constructor(...peers: readonly DeviceId[]) {
    for (const peer of peers) this.did(openContentPeer(this.state, this.shelf, peer, this.nowMs));
  }

  says(peer: DeviceId, frame: ContentSyncFrame): ContentSyncStep {
    return this.did(contentSyncStep(this.state, this.shelf, peer, frame, this.nowMs));
  }

  /** What opens is kept. */
  takes(step: ContentSyncStep, opens: boolean): ContentSyncStep {
    const took = step.took[0]!;
    let gainedBytes = 0;
    for (const { seq, envelope } of opens ? took.items : []) {
      if (this.shelf.add(pieces[seq - 1]!)) gainedBytes += envelope.length;
    }
    return this.did(tookContent(this.state, this.shelf, took, gainedBytes, this.nowMs));
  }

  waits(ms: number): ContentSyncStep {
    this.nowMs += ms;
    return this.did(contentSyncTick(this.state, this.shelf, this.nowMs));
  }

  did(step: ContentSyncStep): ContentSyncStep {
    this.state = step.state;
    return step;
  }
}

const wantsOf = (step: ContentSyncStep): readonly (Want & { readonly to: DeviceId })[] =>
  step.send.flatMap(({ to, frame }) => frame.t === "want" ? [{ ...frame, to }] : []);
const reasons = ({ refused }: ContentSyncStep) => refused.map(({ reason }) => reason);
const answerTo = ({ number, wants }: Want): ContentSyncFrame =>
  items(
    number,
    wants.flatMap(({ device, ranges }) =>
      ranges.flatMap(({ from, to }) =>
        pieces.slice(from - 1, to).map(({ seq, envelope }) => ({ device, seq, envelope }))
      )
    ),
    true,
  );

Deno.test("[CSYNC5] who offers what is nowhere is asked once for each time that it says so", () => {
  const member = new Member(eve);
  const [want] = wantsOf(member.says(eve, tell()));
  assert.equal(countOf(want!.wants[0]!.ranges), CSYNC.maxWanted);
  const step = member.says(eve, items(want!.number, [], true));
  assert.deepEqual([reasons(step), wantsOf(step)], [["sync.fruitless"], []]);
  assert.deepEqual(wantsOf(member.waits(CSYNC.fruitlessPauseMs)), []);
  assert.equal(contentSyncDueAtMs(member.state), null);
  assert.equal(wantsOf(member.says(eve, tell())).length, 1);
});

Deno.test("[CSYNC5] offers without end are kept up to a bound, and then asked for by the page", () => {
  const member = new Member(eve);
  for (let at = 0; at < 40; at++) {
    const entries = Array.from({ length: 500 }, (_, n) => ({ device: deviceOf(`${at} ${n}`), ranges: all, tips: [] }));
    member.says(eve, { t: "tell", channel, entries });
  }
  const { offered, toAsk } = member.state.get(eve)!;
  assert.ok(sizeOf(offered) <= CSYNC.maxKept + 500, `${sizeOf(offered)}`);
  assert.deepEqual([...toAsk], [[channel, 0]]);
});

Deno.test("[CSYNC3] pages without end are read up to a bound", () => {
  const member = new Member(eve);
  let step = member.says(eve, {
    t: "digests",
    entries: [{ channel, digest: new Uint8Array(16) }],
    answer: false,
    more: false,
  });
  let pages = 0;
  for (; pages < 2_000; pages++) {
    const ask = step.send.find(({ frame }) => frame.t === "ask")?.frame;
    if (ask?.t !== "ask") break;
    const entry = { device: deviceOf(`${pages}`), ranges: [], tips: [] };
    const entries = Array.from({ length: CSYNC.maxEntries }, () => entry);
    step = member.says(eve, { t: "offer", number: ask.number, channel, entries, more: true });
  }
  assert.equal(pages, CSYNC.maxPages);
});

Deno.test("[CSYNC6] what nobody asked for is not taken, and an answer that does not open brings nothing", () => {
  const member = new Member(eve);
  const [want] = wantsOf(member.says(eve, tell([{ from: 1, to: 50 }])));
  const envelope = new Uint8Array(900);
  const other = member.says(eve, items(want!.number + 1, [{ device: ann, seq: 3, envelope }]));
  assert.deepEqual([other.took, reasons(other)], [[], ["sync.unasked"]]);
  const step = member.says(
    eve,
    items(want!.number, [
      { device: ann, seq: 3, envelope },
      { device: ann, seq: 3, envelope },
      { device: ann, seq: 3, envelope },
      { device: ann, seq: 51, envelope },
      { device: pat, seq: 3, envelope },
    ]),
  );
  assert.deepEqual([step.took[0]!.items.length, reasons(step)], [2, ["sync.unasked"]]);
  assert.deepEqual(reasons(member.says(eve, items(want!.number, [{ device: ann, seq: 3, envelope }]))), [
    "sync.unasked",
  ]);
  assert.deepEqual(reasons(member.takes(step, false)), ["sync.fruitless"]);
  const spentBytes = CSYNC.wasteBurstBytes - member.state.get(eve)!.waste.bytes;
  assert.equal(spentBytes, 7 * 900, "all that came, and nothing of it was good");
});

Deno.test("[CSYNC6] who sends rubbish for ever is asked more and more seldom", () => {
  const member = new Member(eve);
  let paused = 0;
  let bytes = 0;
  for (let round = 0; round < 200; round++) {
    const [want] = wantsOf(member.says(eve, tell([{ from: 1, to: 600 }])));
    if (want === undefined) {
      paused++;
      member.waits(CSYNC.fruitlessPauseMs);
      continue;
    }
    const envelope = new Uint8Array(17_000);
    const step = member.says(eve, items(want.number, [600, 599, 598].map((seq) => ({ device: ann, seq, envelope }))));
    bytes += 3 * 17_000;
    member.takes(step, false);
  }
  const elapsedS = (member.nowMs - START_MS) / 1000;
  assert.ok(paused > 50);
  assert.ok(bytes <= CSYNC.wasteBurstBytes + CSYNC.wasteBytesPerS * elapsedS + 51_000, `${bytes} in ${elapsedS} s`);
});

Deno.test("[CSYNC8] who never answers holds nothing up: others are asked as soon as its time is over", () => {
  const member = new Member(eve, pat);
  const [first] = wantsOf(member.says(eve, tell([{ from: 1, to: 100 }])));
  assert.equal(first!.to, eve);
  assert.deepEqual(wantsOf(member.says(pat, tell([{ from: 1, to: 100 }]))), [], "it is under way");
  const step = member.waits(CSYNC.answerTimeoutMs);
  assert.deepEqual([reasons(step), wantsOf(step).map(({ to }) => to)], [["sync.silent"], [pat]]);
  member.takes(member.says(pat, answerTo(wantsOf(step)[0]!)), true);
  assert.equal(member.shelf.pieces.length, 100);
  assert.deepEqual(wantsOf(member.waits(CSYNC.slowPauseMs)), [], "there is nothing left to ask for");
});

Deno.test("[CSYNC8] after a few requests without an answer a peer's offers are forgotten, until it speaks", () => {
  const member = new Member(eve);
  let wants = wantsOf(member.says(eve, tell())).length;
  for (let dueMs = contentSyncDueAtMs(member.state); dueMs !== null; dueMs = contentSyncDueAtMs(member.state)) {
    wants += wantsOf(member.waits(dueMs - member.nowMs)).length;
  }
  assert.equal(wants, CSYNC.maxUnanswered);
  assert.equal(hasShown(member.state, eve, ann), false);
  const again = member.says(eve, tell());
  const digests = again.send.map(({ frame }) => frame).find(({ t }) => t === "digests");
  assert.ok(digests?.t === "digests" && digests.answer, "what it has is compared anew");
  assert.equal(wantsOf(again).length, 1);
  assert.equal(contentSyncDueAtMs(member.state), member.nowMs + CSYNC.answerTimeoutMs);
  assert.deepEqual(reasons(member.waits(CSYNC.answerTimeoutMs)), ["sync.silent"]);
  assert.equal(contentSyncDueAtMs(member.state), member.nowMs + 4 * CSYNC.slowPauseMs, "longer each time");
});

Deno.test("[CSYNC7] pushes above a rate are offers, and only a peer's own content is pushed", () => {
  const member = new Member(eve);
  const envelope = new Uint8Array(400);
  let took = 0;
  let step!: ContentSyncStep;
  for (let seq = 1; seq <= CSYNC.pushBurst + 5; seq++) {
    step = member.says(eve, { t: "push", channel, seq, envelope });
    took += step.took.length;
    for (const one of step.took) assert.deepEqual(one.items.map(({ device }) => device), [eve]);
  }
  assert.equal(took, CSYNC.pushBurst);
  assert.deepEqual(reasons(step), ["sync.flood"]);
  assert.deepEqual([...member.state.get(eve)!.offered.get(channel)!], [[eve, {
    ranges: [{ from: 65, to: 69 }],
    tips: [],
  }]]);
  member.nowMs += 1_000;
  assert.equal(member.says(eve, { t: "push", channel, seq: 80, envelope }).took.length, 1);
  assert.equal(member.says(eve, { t: "push", channel: channelOf("secret"), seq: 1, envelope }).took.length, 0);
});

Deno.test("[CSYNC9] a peer is given its share, one want at a time, and no more numbers than a want may have", () => {
  const member = new Member(eve);
  for (const piece of pieces) member.shelf.add(piece);
  const want = (number: number): ContentSyncFrame => ({
    t: "want",
    number,
    channel,
    wants: [{ device: ann, ranges: all }, { device: ann, ranges: [{ from: 1, to: 600 }] }],
    ids: [],
  });
  assert.equal(
    member.says(eve, want(1)).send[0]!.frame.t,
    "items",
    "the newest of all that there could be are not here",
  );
  const some = (
    number: number,
  ): ContentSyncFrame => ({ ...want(number), wants: [{ device: ann, ranges: [{ from: 1, to: 600 }] }] } as Want);
  const first = member.says(eve, some(2));
  assert.ok(first.read[0]!.keys.length <= CSYNC.maxWanted);
  assert.deepEqual(member.says(eve, some(2)).send, [], "a frame that came twice");
  assert.equal(member.says(eve, some(3)).send[0]!.frame.t, "busy");
  const read = member.shelf.read(first.read[0]!.keys);
  const answer = member.did(contentRead(member.state, member.shelf, first.read[0]!, read, member.nowMs)).send[0]!.frame;
  assert.ok(answer.t === "items" && answer.more === first.read[0]!.keys.length < CSYNC.maxWanted);
  let answers = 0;
  for (let number = 4; answers < 2_000; number++, answers++) {
    const step = member.says(eve, { t: "ask", number, channel, from: 0 });
    if (step.send[0]!.frame.t === "busy") break;
  }
  assert.ok(answers > 100 && answers <= CSYNC.servedBurstBytes / CSYNC.minServedBytes, `${answers}`);
  member.nowMs += 1_000;
  assert.equal(member.says(eve, { t: "ask", number: 5_000, channel, from: 0 }).send[0]!.frame.t, "offer");
});

Deno.test("[CSYNC9] whose right to read ends while the store is read is given nothing", () => {
  const member = new Member(eve);
  for (const piece of pieces) member.shelf.add(piece);
  const wants = [{ device: ann, ranges: [{ from: 1, to: 9 }] }];
  const { read } = member.says(eve, { t: "want", number: 1, channel, wants, ids: [] });
  member.shelf.reads = () => false;
  const step = contentRead(member.state, member.shelf, read[0]!, member.shelf.read(read[0]!.keys), member.nowMs);
  assert.deepEqual(step.send[0]!.frame, { t: "items", number: 1, chains: [], items: [], more: false });
});

Deno.test("[CSYNC2] who comes to read a channel compares it, whoever knows of that first", () => {
  const member = new Member(eve);
  member.shelf.add(pieces[0]!);
  const { frame } = compareContent(member.state, member.shelf, new Set([channel]), member.nowMs).send[0]!;
  assert.ok(frame.t === "digests" && frame.answer);
  const other = new Member(ann);
  const answer = other.says(ann, frame).send.map((sent) => sent.frame.t);
  assert.deepEqual(answer, ["digests", "ask"], "it asks, and says what it has");
  assert.equal(hasShown(member.state, eve, ann), false);
  const equal = member.says(eve, frame).send.map((sent) => sent.frame);
  assert.deepEqual(equal, [{ t: "digests", entries: [], answer: false, more: false }], "what is equal is not said");
  member.says(eve, equal[0]!);
  assert.ok(hasShown(member.state, eve, ann), "now it has said all");
});
