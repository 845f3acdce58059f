/** What a peer is offered while the log grows. */
import assert from "node:assert/strict";
import { Hindsight } from "../../../../core/guild/hindsight.ts";
import { offersTo } from "../../../../core/guild/live/offers.ts";
import { emptyDeviceShelf, shelved } from "../../../../core/guild/live/shelf.ts";
import { extend, openResolver, type Resolver } from "../../../../core/guild/resolver.ts";
import { hasSameRulings } from "../../../../core/guild/rulings.ts";
import { stateOf } from "../../../../core/guild/state.ts";
import { type ChainId, channelOfOp } from "../../../../core/ids.ts";
import { deviceNamed, userNamed } from "../../../support/guild.ts";
import { linked, said } from "../../../support/guildContent.ts";
import { invite, removal, town } from "../town.ts";

const hindsightAfter = (before: Hindsight | null, { rulings }: Resolver): Hindsight => {
  const isSame = before !== null && hasSameRulings(before.rulings, rulings);
  return new Hindsight(rulings, stateOf(rulings), isSame ? before : null);
};

Deno.test("[GKEY3] who was admitted by what turns out to be void is not offered what was written then", () => {
  const { stage } = town();
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const start = stage.heads();
  const opened = stage.make("max", invite, { on: start });
  const joined = stage.redeem("eve", opened, { on: [opened] });
  const settled = stage.make("fay", { t: "add", user: userNamed("eve") }, { on: [joined] });
  const known = [...stage.ops];
  const removed = stage.make("ann", removal("max"), { on: start });

  const content = linked(said("fay", channel, [joined]), null);
  const chain = "00".repeat(16) as ChainId;
  const shelf = shelved(emptyDeviceShelf(deviceNamed("fay")), [{ ...content, chain, index: 0, sizeBytes: 1 }]);
  const offersAfter = (hindsight: Hindsight) =>
    offersTo(hindsight, deviceNamed("eve"), channel, new Map([[deviceNamed("fay"), shelf]]));
  const resolver = openResolver(known);
  const before = hindsightAfter(null, resolver);
  assert.deepEqual(offersAfter(before), [shelf.held]);
  const after = hindsightAfter(before, extend(resolver, [removed]));
  assert.ok(after.state.members.has(userNamed("eve")), `${settled.id} holds`);
  assert.notEqual(after.era, before.era);
  assert.deepEqual(offersAfter(after), []);
  assert.deepEqual(offersAfter(before), [shelf.held]);
});
