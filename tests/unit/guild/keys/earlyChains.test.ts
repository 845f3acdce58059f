/** Chains that come before the ops by which their devices are readers. */
import assert from "node:assert/strict";
import { Hindsight } from "../../../../core/guild/hindsight.ts";
import { type EarlyChain, holdChain, NO_EARLY_CHAINS, releaseChains } from "../../../../core/guild/keys/earlyChains.ts";
import { resolve } from "../../../../core/guild/resolve.ts";
import { stateOf } from "../../../../core/guild/state.ts";
import { channelId, channelOfOp, deviceId } from "../../../../core/ids.ts";
import { GUILD_KEYS } from "../../../../core/limits.ts";
import type { LoggedOp } from "../../../../core/log/log.ts";
import { uintBytes } from "../../../../core/wire/bytes.ts";
import { deviceNamed, userNamed } from "../../../support/guild.ts";
import { must } from "../../../support/world.ts";
import { town } from "../town.ts";

const lookingBack = (ops: readonly LoggedOp[]) => {
  const rulings = resolve(ops);
  return new Hindsight(rulings, stateOf(rulings));
};

Deno.test("[GKEY5] a chain that came early is taken when the ops are here, and goes where they make no reader", () => {
  const { stage } = town();
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const before = [...stage.ops];
  stage.make("fay", { t: "add", user: userNamed("zoe") });
  stage.introduce("zoe");
  const heads = stage.heads().map(({ id }) => id);
  const chainOf = (name: string, byte = 0): EarlyChain => ({
    device: deviceNamed(name),
    channel,
    heads,
    distribution: Uint8Array.of(byte),
  });
  const early = ["zoe", "yan"].reduce((all, name) => holdChain(all, chainOf(name)), NO_EARLY_CHAINS);
  const still = releaseChains(early, lookingBack(before));
  assert.deepEqual([still.early, still.taken], [early, []]);
  const latest = holdChain(early, chainOf("zoe", 1));
  const done = releaseChains(latest, lookingBack(stage.ops));
  assert.deepEqual([done.early.size, done.taken], [0, [chainOf("zoe", 1)]]);
});

Deno.test("[GKEY5] who sends many chains drives out its own first", () => {
  const channel = must(channelId(new Uint8Array(32)));
  const heads = [] as const;
  const [own, distribution] = [deviceNamed("pip"), new Uint8Array(1)];
  let early = holdChain(NO_EARLY_CHAINS, { device: deviceNamed("ann"), channel, heads, distribution });
  for (let at = 0; at < 400; at++) {
    const of = must(channelId(uintBytes(at, 32)));
    early = holdChain(early, { device: own, channel: of, heads, distribution });
  }
  assert.equal(early.size, 1 + GUILD_KEYS.maxEarlyOfDevice);
  for (let at = 0; at < 400; at++) {
    early = holdChain(early, { device: must(deviceId(uintBytes(at, 32))), channel, heads, distribution });
  }
  assert.equal(early.size, GUILD_KEYS.maxEarly);
});
