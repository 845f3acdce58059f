/** SPEC section 26, [LIVE11]: what is malformed, not due, or of another guild, channel or device. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeDeal } from "../../../../core/guild/join/deal.ts";
import { liveDeadline } from "../../../../core/guild/live/index.ts";
import { type ChannelId, channelOfOp } from "../../../../core/ids.ts";
import { guildFrameCodec } from "../../../../core/wire/guildFrame.ts";
import { guildToldCodec } from "../../../../core/wire/guildTold.ts";
import { recordOf } from "../../../support/liveRecord.ts";
import {
  contentFrameOf,
  contentOf,
  dealToldOf,
  keysToldOf,
  logFrameOf,
  logOf,
  nameOf,
} from "../../../support/liveSent.ts";
import { liveDevice, LiveStage, type Sent } from "../../../support/liveStage.ts";
import { envOf, flipBit } from "../../../support/world.ts";

const SEED = 26_11;

function linkedStage(): LiveStage {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  for (const name of ["pat", "sam"]) stage.link("fay", name);
  stage.pass(1_000);
  stage.say("pat", "hello");
  stage.pass(1_000);
  return stage;
}

/** Sam sends this to fay. Nothing of it is kept, and it is refused for this reason. */
function refused(stage: LiveStage, kind: Sent["kind"], bytes: Uint8Array, reason: string): void {
  const before = recordOf(stage.state("fay"));
  const device = stage.idOf("sam");
  const event = kind === "frame"
    ? { type: "FrameReceived", device, frame: bytes } as const
    : { type: "ToldBy", device, message: bytes } as const;
  const { refusal, effects } = stage.step("fay", event);
  assert.equal(refusal, reason);
  assert.ok(!effects.some(({ type }) => type === "Persist"), reason);
  assert.deepEqual(recordOf(stage.state("fay")), before);
}

Deno.test("[LIVE11] what is malformed, at whatever depth, is refused and changes nothing", () => {
  const stage = linkedStage();
  const noise = new Uint8Array(20).fill(200);
  refused(stage, "frame", noise, "wire.malformed");
  refused(stage, "told", noise, "wire.malformed");
  for (const t of ["log", "content", "profile", "deals"] as const) {
    refused(stage, "frame", guildFrameCodec.encode({ t, body: noise }), "wire.malformed");
  }
  for (const t of ["keys", "deal"] as const) {
    refused(stage, "told", guildToldCodec.encode({ t, body: noise }), "wire.malformed");
  }
});

Deno.test("[LIVE11] answers that are not due are refused", () => {
  const stage = linkedStage();
  const { general: channel } = stage;
  refused(stage, "frame", logFrameOf({ t: "ops", number: 1, ops: [new Uint8Array(9)] }), "sync.unasked");
  refused(stage, "frame", logFrameOf({ t: "busy", number: 1, retryAfterMs: 5 }), "sync.unasked");
  const nothing = { channel, number: 1, more: false } as const;
  refused(stage, "frame", contentFrameOf({ t: "items", ...nothing, chains: [], items: [] }), "sync.unasked");
  refused(stage, "frame", contentFrameOf({ t: "offer", ...nothing, entries: [] }), "sync.unasked");
  refused(stage, "told", keysToldOf({ t: "keys", number: 1, channel, chains: [], stop: null }), "keys.unasked");
  refused(stage, "told", keysToldOf({ t: "busy", number: 1, retryAfterMs: 5 }), "keys.unasked");
});

Deno.test("[LIVE11] a deal of another guild, or one whose signature is none, is not taken", () => {
  const stage = linkedStage();
  const { log } = stage.state("sam");
  const other = new LiveStage({ everyone: [] }).state("fay").log;
  const sam = liveDevice("sam");
  const foreign = makeDeal(other.guild, [...other.heads], sam, envOf(4)).bytes;
  const own = makeDeal(log.guild, [...log.heads], sam, envOf(4)).bytes;
  refused(stage, "told", dealToldOf(foreign), "deal.wrong-guild");
  refused(stage, "told", dealToldOf(flipBit(own, 8 * own.length - 1)), "crypto.bad-signature");
  const [genesis] = log.ops.keys();
  const lied = makeDeal(log.guild, [genesis!], sam, envOf(4)).bytes;
  const before = recordOf(stage.state("fay"));
  stage.step("fay", { type: "ToldBy", device: sam.id, message: dealToldOf(lied) });
  assert.deepEqual(recordOf(stage.state("fay")), before, "sam was no member at those heads");
});

/** What pat sent to fay of this kind last. */
function lastOf(stage: LiveStage, name: string): Sent {
  return stage.sent.filter((sent) => sent.from === "pat" && sent.to === "fay" && nameOf(sent) === name).at(-1)!;
}

Deno.test("[LIVE11] what is one device's is not taken as another's, nor in another channel", () => {
  const stage = linkedStage();
  const push = contentOf(lastOf(stage, "content push"));
  assert.ok(push.t === "push");
  // As sam's own it may wait: it is sam who says so, and it never opens.
  stage.step("fay", { type: "FrameReceived", device: stage.idOf("sam"), frame: contentFrameOf({ ...push, seq: 9 }) });
  stage.pass(60_000);
  assert.deepEqual(stage.contents("fay").map(({ content }) => content.device), [stage.idOf("pat")]);
  const elsewhere = contentFrameOf({ ...push, channel: stage.archive });
  stage.step("fay", { type: "FrameReceived", device: stage.idOf("pat"), frame: elsewhere });
  stage.pass(60_000);
  assert.deepEqual(stage.texts("fay", stage.archive), []);
  refused(stage, "told", lastOf(stage, "keys chain").bytes, "group.wrong-sender");
});

Deno.test("[LIVE11] content and chains of channels that there are none of take no room", () => {
  const stage = linkedStage();
  const push = contentOf(lastOf(stage, "content push"));
  assert.ok(push.t === "push");
  const { size } = stage.state("fay").channels;
  for (let at = 0; at < 20; at++) {
    const channel = channelOfOp([...stage.state("fay").log.ops.keys()][0]!).replace(
      /^../,
      String(at + 10),
    ) as ChannelId;
    const frame = contentFrameOf({ ...push, channel });
    stage.step("fay", { type: "FrameReceived", device: stage.idOf("sam"), frame });
    const want = keysToldOf({ t: "want", number: at + 1, channel, chains: [] });
    stage.step("fay", { type: "ToldBy", device: stage.idOf("sam"), message: want });
    stage.pass(10_000);
  }
  assert.equal(stage.state("fay").channels.size, size);
  assert.deepEqual(stage.state("fay").reads, new Map());
});

Deno.test("[LIVE11] ops of another guild come in no log", () => {
  const stage = linkedStage();
  const other = new LiveStage({ everyone: [] });
  other.act("fay", { t: "settings", name: "other", icon: null });
  const foreign = [...other.state("fay").log.ops.values()].map(({ bytes }) => bytes);
  const ids = [...other.state("fay").log.heads];
  const heads = logFrameOf({ t: "heads", ids });
  const { effects } = stage.step("fay", { type: "FrameReceived", device: stage.idOf("sam"), frame: heads });
  const [sent] = effects.flatMap((effect) => effect.type === "SendFrame" ? [effect.frame] : []);
  const want = logOf({ bytes: sent! });
  assert.ok(want.t === "want");
  const { size } = stage.state("fay").log.ops;
  const answer = logFrameOf({ t: "ops", number: want.number, ops: foreign.slice(1) });
  const step = stage.step("fay", { type: "FrameReceived", device: stage.idOf("sam"), frame: answer });
  assert.notEqual(step.refusal, null);
  assert.equal(stage.state("fay").log.ops.size, size);
});

Deno.test("[LIVE11] answers of the store that nobody waits for any more do nothing", () => {
  const stage = linkedStage();
  const [record] = [...stage.player("fay").store.snapshot().values()];
  for (const ask of [0, 1, 99]) {
    const { effects, state } = stage.step("fay", { type: "ContentsRead", ask, records: [record!, null] });
    assert.deepEqual(effects, []);
    assert.deepEqual(recordOf(state), recordOf(stage.state("fay")));
  }
});

Deno.test("[LIVE11] whatever bytes come, nothing throws, nothing is kept, and no step is due at once for ever", () => {
  const stage = linkedStage();
  const body = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const frames = fc.constantFrom("log", "content", "profile", "deals" as const);
  const tolds = fc.constantFrom("keys", "deal" as const);
  const frame = fc.oneof(
    body,
    fc.tuple(frames, body).map(([t, inner]) => guildFrameCodec.encode({ t: t as "log", body: inner })),
  );
  const told = fc.oneof(
    body,
    fc.tuple(tolds, body).map(([t, inner]) => guildToldCodec.encode({ t: t as "keys", body: inner })),
  );
  const before = recordOf(stage.state("fay"));
  fc.assert(
    fc.property(frame, told, (some, more) => {
      const device = stage.idOf("sam");
      stage.step("fay", { type: "FrameReceived", device, frame: some });
      stage.step("fay", { type: "ToldBy", device, message: more });
      assert.ok((liveDeadline(stage.state("fay")) ?? Infinity) >= stage.nowMs);
    }),
    { seed: SEED, numRuns: 150 },
  );
  assert.deepEqual(recordOf(stage.state("fay")), before);
});

Deno.test("[LIVE11] whatever of what is said comes bent, all have all when what is said is whole again", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (stream) => {
      const next = () => stream.next().value as number;
      const stage = new LiveStage({ members: ["pat", "sam"] });
      let isBent = true;
      stage.loses = (sent) => {
        if (!isBent || next() % 3 > 0) return false;
        // A session lets nothing through that was changed: what is told is lost, or whole.
        if (sent.kind === "frame") {
          stage.deliver({ ...sent, bytes: flipBit(sent.bytes, next() % (8 * sent.bytes.length)) });
        }
        return next() % 2 === 0;
      };
      stage.link("fay", "pat");
      stage.link("pat", "sam");
      stage.pass(500);
      for (let at = 0; at < 4; at++) {
        stage.say(["fay", "pat", "sam"][next() % 3]!, `word ${at}`, [stage.general, stage.archive][next() % 2]);
        if (at === 1) stage.act("fay", { t: "settings", name: "renamed", icon: null });
        stage.pass(next() % 3_000);
      }
      isBent = false;
      for (const [a, b] of [["fay", "pat"], ["pat", "sam"]] as const) {
        stage.cut(a, b);
        stage.link(a, b);
      }
      stage.pass(10 * 60_000);
      const all = (name: string) => [stage.texts(name), stage.texts(name, stage.archive)];
      assert.equal(all("fay").flat().length, 4);
      for (const name of ["pat", "sam"]) {
        assert.deepEqual(all(name), all("fay"), name);
        assert.equal(stage.state(name).ruled.guild.name, "renamed");
      }
    }),
    { seed: SEED, numRuns: 8 },
  );
});
