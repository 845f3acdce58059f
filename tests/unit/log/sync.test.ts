/** Two logs brought together, and what a peer who means ill can do to it. */
import assert from "node:assert/strict";
import type { OpId } from "../../../core/ids.ts";
import { SYNC } from "../../../core/limits.ts";
import { type LoggedOp, type OpLog, receiveOps } from "../../../core/log/log.ts";
import { opIdOf } from "../../../core/log/signedOp.ts";
import { type LogSync, openSync, syncDueAtMs, syncStep, syncTick, tellHeads } from "../../../core/log/sync.ts";
import { between, frontier } from "../../../core/log/walk.ts";
import type { LogSyncFrame } from "../../../core/wire/logSync.ts";
import { signedOpCodec } from "../../../core/wire/op.ts";
import { SignedGuild } from "../../support/signedGuild.ts";
import { SyncNet } from "../../support/syncNet.ts";
import { flipBit, must } from "../../support/world.ts";

const NOW_MS = 5_000;
const guild = new SignedGuild(3);
const [genesis, bob1, eve1] = guild.ops as [LoggedOp, LoggedOp, LoggedOp];

function chainOf(first: LoggedOp, length: number, name: string): readonly LoggedOp[] {
  const chain = [first];
  for (let at = 0; at < length; at++) chain.push(guild.say(chain.at(-1)!, [], `${name} ${at}`));
  return chain;
}
const anns = chainOf(genesis, 12, "ann");
const bobs = chainOf(bob1, 12, "bob");
const bobsOther = chainOf(bob1, 12, "bob again");
const eve2 = guild.say(eve1, [anns[3]!], "eve");
const ids = (...ops: readonly (LoggedOp | undefined)[]): readonly OpId[] => ops.map((op) => op!.id);
const unknown = (count: number, mark = 0): readonly OpId[] =>
  Array.from({ length: count }, (_, at) => opIdOf(Uint8Array.of(mark, at >> 8, at & 255)));
const wants = (frames: readonly LogSyncFrame[]) => frames.filter((frame) => frame.t === "want");

/** A log that was told heads by a peer whose frames the test makes. */
function asking(log: OpLog, heads: readonly OpId[]): { state: LogSync; want: Extract<LogSyncFrame, { t: "want" }> } {
  const { state, send } = syncStep(log, openSync(log, NOW_MS).state, { t: "heads", ids: heads }, NOW_MS);
  return { state, want: wants(send)[0]! };
}

Deno.test("[SYNC2] equal heads: one frame each way, and nothing more", () => {
  const all = guild.part(guild.log.heads);
  const net = new SyncNet([all, guild.part(guild.log.heads)]);
  net.open();
  assert.ok(net.settle(2));
  assert.equal(net.frames, 2);
  assert.equal(tellHeads(all, net.state(0, 1)).send.length, 0, "it was told");
});

Deno.test("[SYNC3] who knows all that the other has sends just the rest, each op after what it follows", () => {
  const few = guild.part(ids(anns[4], bobs[2]));
  const net = new SyncNet([few, guild.part(ids(anns[12], bobs[6]))]);
  net.open();
  assert.ok(net.settle(8));
  assert.deepEqual(net.logs[0]!.heads, new Set(ids(anns[12], bobs[6])));
  assert.deepEqual(net.refused, []);
  const { ops: region } = between(guild.log, ids(anns[12], bobs[6]), [...few.heads, ...unknown(1)]);
  assert.deepEqual(new Set(region), new Set([...anns.slice(5), ...bobs.slice(3, 7)]));
  assert.ok(region.every(({ depth }, at) => at === 0 || region[at - 1]!.depth <= depth));
});

Deno.test("[SYNC4] logs that each lack something compare vectors, and nothing is sent that both have", () => {
  const net = new SyncNet([guild.part(ids(anns[12], bobs[4])), guild.part(ids(anns[3], bobs[12], eve2))]);
  net.open();
  assert.ok(net.settle(12));
  assert.deepEqual(net.logs[0]!.heads, net.logs[1]!.heads);
  assert.deepEqual([net.logs[0]!.ops.size, net.refused], [1 + 12 + 13 + 2, []]);
  assert.ok(net.sizeBytes < 20 * 400 + 2_500, `${net.sizeBytes} bytes for 20 ops`);
});

Deno.test("[SYNC5] both of two ops with one number travel, though the vectors are equal", () => {
  const net = new SyncNet([guild.part(ids(anns[12], bobs[12])), guild.part(ids(anns[12], bobsOther[12]))]);
  net.open();
  assert.ok(net.settle(14));
  for (const log of net.logs) assert.deepEqual(log.heads, new Set(ids(anns[12], bobs[12], bobsOther[12])));
});

Deno.test("[SYNC4] a vector that does not ascend, and one of numbers that nobody has, change what is sent and no more", () => {
  const log = guild.part(ids(anns[2], bobs[2]));
  const { state, want } = asking(log, ids(eve2));
  assert.ok(want.strict);
  const entry = (op: LoggedOp, seq: number) => ({ device: op.op.device, seq });
  const [low, high] = [genesis, bob1].sort((a, b) => a.op.device < b.op.device ? -1 : 1) as [LoggedOp, LoggedOp];
  const vector = { t: "vector", number: want.number, more: false } as const;
  const bent = syncStep(log, state, { ...vector, entries: [entry(high, 3), entry(low, 3)] }, NOW_MS);
  assert.deepEqual([bent.refused, wants(bent.send)[0]!.have], ["sync.bad-vector", []]);
  const boast = syncStep(log, state, { ...vector, entries: [entry(low, 2 ** 40), entry(high, 2 ** 40)] }, NOW_MS);
  assert.deepEqual(new Set(wants(boast.send)[0]!.have), new Set(ids(anns[2], bobs[2])));
  assert.equal(wants(boast.send)[0]!.strict, false);
  const again = syncStep(log, boast.state, { ...vector, number: 2, entries: [] }, NOW_MS);
  assert.deepEqual([again.refused, again.send], ["sync.unasked", []]);
});

Deno.test("[SYNC4] a vector without end is read for so many pages", () => {
  const log = guild.part(ids(anns[2]));
  let { state, want: { number } } = asking(log, ids(eve2));
  let pages = 0;
  for (;; pages++) {
    const device = (String(pages).padStart(2, "0") + genesis.op.device.slice(2)) as typeof genesis.op.device;
    const step = syncStep(log, state, { t: "vector", number, entries: [{ device, seq: 1 }], more: true }, NOW_MS);
    state = step.state;
    const [next] = step.send;
    if (next?.t !== "more") break;
    number = next.number;
  }
  assert.deepEqual([pages + 1, state.phase.t], [SYNC.maxVectorPages, "wanting"]);
});

Deno.test("[SYNC6] heads that do not exist are asked for once, and what is not kept of them is bounded", () => {
  const log = guild.part(ids(anns[2]));
  let { state } = openSync(log, NOW_MS);
  for (let mark = 0; mark < 8; mark++) {
    state = syncStep(log, state, { t: "heads", ids: unknown(SYNC.maxIds, mark) }, NOW_MS).state;
  }
  assert.equal(state.wanted.size, SYNC.maxKept);
  let asked = 0;
  for (let nowMs = NOW_MS; state.phase.t !== "idle"; asked++) {
    const step = syncStep(log, state, { t: "ops", number: state.number, ops: [] }, nowMs);
    assert.deepEqual([step.refused, step.send], ["sync.fruitless", []]);
    nowMs = syncDueAtMs(step.state)!;
    state = syncTick(log, step.state, nowMs).state;
  }
  assert.equal(asked, SYNC.maxKept / SYNC.maxWanted);
});

Deno.test("[SYNC6] ops that nobody asked for, that do not connect, or that are badly signed do not come in", () => {
  const log = guild.part(ids(anns[2]));
  const idle = openSync(log, NOW_MS).state;
  const unasked = syncStep(log, idle, { t: "ops", number: 1, ops: [anns[3]!.bytes] }, NOW_MS);
  assert.deepEqual([unasked.log, unasked.refused], [log, "sync.unasked"]);
  const { state, want: { number } } = asking(log, ids(anns[4]));
  const stale = syncStep(log, state, { t: "ops", number: number + 1, ops: [anns[3]!.bytes] }, NOW_MS);
  assert.deepEqual([stale.log, stale.refused, stale.state], [log, "sync.unasked", state]);
  const orphan = syncStep(log, state, { t: "ops", number, ops: [anns[4]!.bytes] }, NOW_MS);
  assert.deepEqual([orphan.log, orphan.refused, orphan.state.phase.t], [log, "sync.fruitless", "paused"]);
  const forged = flipBit(anns[3]!.bytes, 8 * (anns[3]!.bytes.length - 70));
  const step = syncStep(log, state, { t: "ops", number, ops: [forged, anns[3]!.bytes] }, NOW_MS);
  assert.deepEqual(step.added.map(({ id }) => id), ids(anns[3]));
  assert.equal(wants(step.send).length, 1, "the rest is asked for");
});

Deno.test("[SYNC6] parents of ops that wait are asked of a peer, once", () => {
  const waiting = receiveOps(guild.part(ids(anns[2])), [anns[5]!.bytes]).log;
  const { state, send } = syncStep(waiting, openSync(waiting, NOW_MS).state, { t: "heads", ids: [] }, NOW_MS);
  assert.deepEqual(wants(send)[0]!.ids, ids(anns[4]));
  const { number } = wants(send)[0]!;
  const came = syncStep(waiting, state, { t: "ops", number, ops: [anns[3]!.bytes, anns[4]!.bytes] }, NOW_MS);
  assert.deepEqual(came.added.map(({ id }) => id), ids(anns[3], anns[4], anns[5]));
  const lacking = syncStep(waiting, state, { t: "ops", number, ops: [] }, NOW_MS);
  const later = syncTick(waiting, lacking.state, syncDueAtMs(lacking.state)!);
  assert.deepEqual([later.send, later.state.phase.t], [[], "idle"]);
});

Deno.test("[SYNC6] who sends the same for ever is asked more and more seldom", () => {
  const log = guild.part(ids(anns[12], bobs[12]));
  const { state, want: { number } } = asking(log, ids(eve2));
  const ops = Array.from({ length: 150 }, () => anns[12]!.bytes);
  const wasted = { ...state, waste: { bytes: 0, atMs: NOW_MS } };
  const step = syncStep(log, wasted, { t: "ops", number, ops }, NOW_MS);
  assert.deepEqual([step.refused, step.send, step.state.phase.t], ["sync.wasteful", [], "paused"]);
  const pauseMs = syncDueAtMs(step.state)! - NOW_MS;
  assert.ok(Math.abs(pauseMs - 150 * anns[12]!.bytes.length * 1000 / SYNC.wasteBytesPerS) < 2);
});

Deno.test("[SYNC7] a peer is answered so much, then told when to come again", () => {
  const log = guild.part(guild.log.heads);
  let { state } = openSync(log, NOW_MS);
  const want = { t: "want", number: 1, ids: [...log.heads], have: [], strict: false } as const;
  let answers = 0;
  for (;; answers++) {
    const step = syncStep(log, state, want, NOW_MS);
    state = step.state;
    if (step.send[0]!.t === "busy") break;
    assert.equal(step.send.length, 1);
  }
  assert.ok(answers > 100 && answers <= SYNC.servedBurstBytes / SYNC.minServedBytes, `${answers} answers`);
  assert.equal(syncStep(log, state, want, NOW_MS + 1_000).send[0]!.t, "ops");
});

Deno.test("[SYNC8] who answers nothing is asked a few times, until it says heads anew", () => {
  const log = guild.part(ids(anns[2]));
  let { state } = asking(log, ids(anns[4]));
  let asked = 1;
  for (let nowMs = syncDueAtMs(state); nowMs !== null; nowMs = syncDueAtMs(state)) {
    assert.deepEqual(syncTick(log, state, nowMs - 1).state, state);
    const step = syncTick(log, state, nowMs);
    assert.equal(step.refused, "sync.silent");
    asked += step.send.length;
    state = step.state;
  }
  assert.equal(asked, SYNC.maxUnanswered);
  assert.equal(syncStep(log, state, { t: "heads", ids: ids(anns[4]) }, NOW_MS).send.length, 1);
});

Deno.test("[LOG7] a badly signed copy of an op that waits does not keep the good one out", () => {
  const log = guild.part(ids(anns[2]));
  const { op, signature } = must(signedOpCodec.decode(anns[4]!.bytes));
  const forged = signedOpCodec.encode({ op, signature: flipBit(signature, 3) });
  for (const copies of [[forged, anns[4]!.bytes], [anns[4]!.bytes, forged]]) {
    const waiting = receiveOps(log, copies).log;
    const { added, log: after } = receiveOps(waiting, [anns[3]!.bytes]);
    assert.deepEqual(added.map(({ id }) => id), ids(anns[3], anns[4]));
    assert.deepEqual([after.waiting.size, log.ops.size, waiting.ops.size], [0, 3, 3]);
  }
});

Deno.test("[LOG7] logs that grow out of one keep apart, and each stays as it was", () => {
  const log = guild.part(ids(anns[2]));
  const [left, right] = [receiveOps(log, [anns[3]!.bytes]).log, receiveOps(log, [bob1.bytes]).log];
  assert.deepEqual([...log.ops.keys()], ids(...anns.slice(0, 3)));
  assert.deepEqual([left.ops.has(bob1.id), right.ops.has(anns[3]!.id), right.ops.get(bob1.id)?.id], [
    false,
    false,
    bob1.id,
  ]);
  assert.deepEqual([...right.ops.keys()], ids(...anns.slice(0, 3), bob1));
  assert.equal(receiveOps(log, [anns[1]!.bytes]).log, log);
  assert.deepEqual(frontier(log, ids(anns[0], anns[2], anns[1]), 9), ids(anns[2]));
});
