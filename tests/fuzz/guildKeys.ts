/** What members' devices tell each other about keys of channels: any member may tell anything. */
import assert from "node:assert/strict";
import { answerWant, openAnswering, takeWant } from "../../core/guild/keys/answering.ts";
import { askPeers, hearPeer, meetPeer, NOTHING_ASKED, wantKeys } from "../../core/guild/keys/asking.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { stateOf } from "../../core/guild/state.ts";
import { chainId, channelOfOp } from "../../core/ids.ts";
import { countOf, indexesOf } from "../../core/wire/chainIndexes.ts";
import { guildKeysCodec, type GuildKeysFrame } from "../../core/wire/guildKeys.ts";
import { deviceNamed, GuildStage } from "../support/guild.ts";
import { envOf, must } from "../support/world.ts";
import { cbor } from "./coding.ts";
import { mutateCbor } from "./mutate.ts";
import type { Target } from "./target.ts";

const { rng } = envOf(98);
const stage = new GuildStage("fay");
const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
const heads = stage.heads().map(({ id }) => id);
const rulings = stage.resolve();
const hindsight = new Hindsight(rulings, stateOf(rulings));
const [fay, pip] = [deviceNamed("fay"), deviceNamed("pip")];
const chain = must(chainId(rng.bytes(16)));
const keys = [3, 4, 900].map((index) => ({ index, key: rng.bytes(32) }));
const given = { device: pip, chain, signer: rng.bytes(32), ownership: rng.bytes(64), keys };
const NUMBER = 1;

const frames: readonly GuildKeysFrame[] = [
  { t: "chain", heads, next: 2 ** 40, distribution: rng.bytes(200) },
  { t: "want", number: NUMBER, channel, chains: [{ device: pip, chain, indexes: indexesOf([0, 1, 2, 500, 999]) }] },
  { t: "keys", number: NUMBER, channel, chains: [given], stop: null },
  { t: "keys", number: NUMBER, channel, chains: [], stop: { at: 0, index: 999 } },
  { t: "busy", number: NUMBER, retryAfterMs: 1_000 },
  { t: "again", channels: [channel] },
];
const seeds = frames.map(guildKeysCodec.encode);

/** One device that has asked another, and answers it: whatever is said, it tries nothing that it did not ask for. */
function device(): Target {
  const readers = new Map([[channel, new Set([fay])]]);
  const wants = wantKeys(NOTHING_ASKED, [{ channel, device: pip, chain, indexes: indexesOf([3, 4, 5]) }]);
  const { asking } = askPeers(meetPeer(wants, fay, 0), readers, 0);
  const found = [{ ...given, contents: keys.map((one) => ({ ...one, heads })) }];
  return {
    name: "keys at a member",
    cost: "cheap",
    maxInputMs: 25,
    seeds,
    mutate: mutateCbor,
    run(input) {
      const decoded = guildKeysCodec.decode(input);
      if (!decoded.ok) return { passedFirstParse: false, reason: decoded.reason };
      const frame = decoded.value;
      if (frame.t === "chain") return { passedFirstParse: true, reason: null };
      if (frame.t === "want") {
        const step = takeWant(openAnswering(0), hindsight, fay, frame, null, 0);
        const answer = answerWant(step.answering, hindsight, fay, found, 0).send ?? step.send;
        must(guildKeysCodec.decode(guildKeysCodec.encode(answer!)));
        return { passedFirstParse: true, reason: null };
      }
      const { asking: next, trial, refused } = hearPeer(asking, fay, frame, 0);
      const tried = trial?.chains.flatMap((one) => one.keys.map(({ index }) => index)) ?? [];
      assert.ok(tried.every((index) => index === 3 || index === 4 || index === 5), "what was not asked for is tried");
      assert.ok([...next.wants.values()].every(({ indexes }) => countOf(indexes) === 3), "a want was dropped");
      return { passedFirstParse: true, reason: refused };
    },
  };
}

export const GUILD_KEYS: readonly Target[] = [cbor("frame of keys", seeds, guildKeysCodec), device()];
