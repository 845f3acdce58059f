/** Logs that hold any part of a guild come together, whatever happens to the frames and whoever else is there. */
import assert from "node:assert/strict";
import type { OpId } from "../../core/ids.ts";
import { SYNC } from "../../core/limits.ts";
import { type LoggedOp, type OpLog, receiveOps } from "../../core/log/log.ts";
import { decodeOp, signOp } from "../../core/log/signedOp.ts";
import { openSync, syncStep } from "../../core/log/sync.ts";
import type { LogSyncFrame } from "../../core/wire/logSync.ts";
import { OP_VERSION, opCodec, signedOpCodec } from "../../core/wire/op.ts";
import { encodeOpBody } from "../../core/wire/opBody.ts";
import { Random } from "../sim/random.ts";
import { logOf, SignedGuild } from "../support/signedGuild.ts";
import { SyncNet } from "../support/syncNet.ts";
import { must } from "../support/world.ts";

const SEEDS = 120;
const DEVICES = 4;

/** Ops on any that were there, so that devices equivocate as often as not. */
function tangle(random: Random, count: number): SignedGuild {
  const guild = new SignedGuild(DEVICES);
  while (guild.ops.length < count) {
    const { ops } = guild;
    const near = () => ops[Math.max(0, ops.length - 1 - random.below(12))]!;
    guild.say(near(), [near(), near()], `${ops.length}`);
  }
  return guild;
}

const guilds = [1, 2, 3].map((seed) => tangle(new Random(seed), 60));

function someOf(random: Random, guild: SignedGuild): OpLog {
  const tips = Array.from({ length: random.below(6) }, () => random.pick(guild.ops)!.id);
  return guild.part(tips);
}

/** A member who answers with anything that has a form, and with the number that is due more often than not. */
function liar(random: Random, guild: SignedGuild): (frame: LogSyncFrame) => readonly LogSyncFrame[] {
  let left = 200;
  return (frame) => {
    if (left-- <= 0) return [];
    const number = "number" in frame && random.below(4) > 0 ? frame.number : 1 + random.below(5);
    const ids = Array.from({ length: random.below(5) }, () => random.pick(guild.ops)!.id);
    const bytes = ids.map((id) => guild.log.ops.get(id)!.bytes);
    const bogus = ids.map((id) => id.split("").toReversed().join("") as OpId);
    const devices = [...guild.devices].map(({ id }) => id).sort();
    const entries = devices.map((device) => ({ device, seq: 1 + random.below(40) }));
    return [
      random.pick<LogSyncFrame>([
        { t: "heads", ids: bogus },
        { t: "heads", ids },
        { t: "want", number, ids, have: bogus, strict: random.below(2) === 0 },
        { t: "ops", number, ops: bytes },
        { t: "ops", number, ops: bytes.map((op) => op.with(op.length - 1, op.at(-1)! ^ 1)) },
        { t: "vector", number, entries, more: random.below(2) === 0 },
        { t: "more", number, after: random.pick(devices)! },
        { t: "busy", number, retryAfterMs: random.below(60_000) },
      ])!,
    ];
  };
}

function converge(seed: number): number {
  const random = new Random(seed);
  const guild = random.pick(guilds)!;
  const honest = 2 + random.below(3);
  const logs = Array.from({ length: honest }, () => someOf(random, guild));
  const union = new Set(logs.flatMap((log) => [...log.ops.keys()]));
  const isWatched = random.below(2) === 0;
  const hostile = isWatched ? { at: honest, answer: liar(random, guild) } : null;
  const net = new SyncNet(isWatched ? [...logs, guild.part([])] : logs, hostile);
  for (let cuts = random.below(4); cuts > 0; cuts--) {
    net.open();
    for (let steps = random.below(40); steps > 0 && net.queue.length > 0; steps--) {
      net.deliver((count) => random.below(count), () => random.pick([0, 1, 1, 1, 1, 2])!);
    }
    net.nowMs += random.below(20_000);
    net.tick();
  }
  net.open();
  assert.ok(net.settle(2_000), "it does not end");
  for (const log of net.logs.slice(0, honest)) {
    for (const id of union) assert.ok(log.ops.has(id), "an op did not arrive");
    assert.deepEqual(log.heads, net.logs[0]!.heads);
    assert.deepEqual(log.heads, logOf([...log.ops.values()], log.ops.keys()).heads);
    assert.equal(log.waiting.size, 0);
  }
  if (!isWatched) assert.ok(!net.refused.includes("sync.fruitless"));
  return net.frames;
}

Deno.test("[SYNC1] [SYNC5] [SYNC8] logs come together through cuts, loss, repeats, and next to a liar", () => {
  const frames: number[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      frames.push(converge(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  console.log(`${SEEDS} sets of logs, at most ${Math.max(...frames)} frames`);
});

/** So many ops, most of them unsigned: what is in a log is not checked again. */
function longLog(guild: SignedGuild, count: number): readonly LoggedOp[] {
  const ops = [...guild.ops];
  const latest = new Map(ops.map((op) => [op.op.device, op]));
  while (ops.length < count) {
    const before = latest.get(guild.devices[ops.length % DEVICES]!.id)!;
    const parents = before === ops.at(-1) ? [] : [ops.at(-1)!.id];
    const body = encodeOpBody({ t: "settings", name: `${ops.length}`, icon: null });
    const { device, seq } = before.op;
    const placed = { guild: guild.log.guild, device, previous: before.id, parents, seq: seq + 1 };
    const signed = opCodec.encode({ ...placed, v: OP_VERSION, type: "settings", body });
    const bytes = signedOpCodec.encode({ op: signed, signature: new Uint8Array(64) });
    const logged = { ...before, ...must(decodeOp(bytes)), depth: 1 + ops.at(-1)!.depth };
    latest.set(device, logged);
    ops.push(logged);
  }
  return ops;
}

Deno.test("[SYNC3] [SYNC4] of 10,000 ops 10 that are missing cost some frames and KiB", () => {
  const guild = new SignedGuild(DEVICES);
  const ops = longLog(guild, 10_000);
  const base = logOf(ops, [ops.at(-1)!.id]);
  const founder = ops.findLast(({ op }) => op.device === guild.devices[0]!.id)!;
  const other = ops.findLast(({ op }) => op.device === guild.devices[1]!.id)!;
  const more = (first: LoggedOp, count: number): OpLog => {
    const device = guild.devices.find(({ id }) => id === first.op.device)!;
    let log = base;
    let previous: LoggedOp = first;
    for (let at = 0; at < count; at++) {
      const parents = [...log.heads].filter((id) => id !== previous.id);
      const placed = { guild: log.guild, device: device.id, previous: previous.id, parents, seq: previous.op.seq + 1 };
      const { log: next, added } = receiveOps(log, [
        signOp(device.signing, placed, { t: "settings", name: `${at}`, icon: null }),
      ]);
      [log, previous] = [next, added[0]!];
    }
    return log;
  };
  const cost = (...logs: OpLog[]) => {
    const net = new SyncNet(logs);
    const startMs = performance.now();
    net.open();
    assert.ok(net.settle(40));
    assert.deepEqual(net.logs[0]!.heads, net.logs[1]!.heads);
    assert.deepEqual(net.refused, []);
    return { frames: net.frames, sizeBytes: net.sizeBytes, tookMs: Math.round(performance.now() - startMs) };
  };
  const newcomer = guild.part([]);
  const startMs = performance.now();
  const asked = { t: "want", number: 1, ids: [...base.heads], have: [...newcomer.heads], strict: true } as const;
  const { send } = syncStep(base, openSync(base, 0).state, asked, 0);
  const tookMs = performance.now() - startMs;
  assert.ok(send[0]!.t === "ops" && send[0]!.ops.length > 100);
  console.log(`first of 10,000 to a newcomer: ${send[0]!.ops.length} ops in ${tookMs.toFixed(0)} ms`);
  const dear = { ...asked, ids: [ops[1]!.id], have: [...base.heads] };
  const { served } = syncStep(base, openSync(base, 0).state, dear, 0).state;
  assert.ok(SYNC.servedBurstBytes - served.bytes > 9_000 * SYNC.passedBytes, "[SYNC7] a search is paid for");
  const oneSided = cost(base, more(founder, 10));
  const twoSided = cost(more(founder, 10), more(other, 10));
  console.log("10 of 10,000 missing:", oneSided, "10 missing on each side:", twoSided);
  assert.ok(oneSided.sizeBytes < 10 * 300 + 1_000 && oneSided.frames <= 8);
  assert.ok(twoSided.sizeBytes < 20 * 300 + 2_000 && twoSided.frames <= 16);
  assert.equal(base.ops.size, 10_000);
});
