/** Sender keys under every order of events: one model of a channel, and the attacker that was a reader of it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { acceptDistribution } from "../../core/group/accepting.ts";
import { type ChainKey, stepChain } from "../../core/group/chain.ts";
import { createReceiver, openGroup } from "../../core/group/receiver.ts";
import { sealGroup } from "../../core/group/sender.ts";
import { GROUP } from "../../core/limits.ts";
import { distributionCodec } from "../../core/wire/distribution.ts";
import { utf8 } from "../../core/wire/text.ts";
import { envOf, must } from "../support/world.ts";
import { alice, CHANNEL, command, DEVICE, World } from "./groupWorld.ts";

const NUM_RUNS = 80;

Deno.test("[SK3] [SK8] [SK10] [SK12] each message opens once, for those entitled, whatever network and crashes do", () => {
  let openedCount = 0;
  let lootCount = 0;
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.array(command, { minLength: 40, maxLength: 100 }), (seed, commands) => {
      const world = new World(seed);
      for (const each of commands) world.run(each);
      for (const [name, seat] of world.seats) {
        while (seat.handovers.length > 0) world.run({ t: "hand over", to: name, pick: 0 });
        world.run({ t: "run", to: name, pick: 0 });
        openedCount += seat.opened.size;
        lootCount += seat.loot.length;
      }
    }),
    { seed: 20261124, numRuns: NUM_RUNS },
  );
  assert.ok(openedCount > 10 * NUM_RUNS, `only ${openedCount} messages were opened: the test lost its subject`);
  assert.ok(lootCount > NUM_RUNS / 2, `only ${lootCount} readers left: the test lost its subject`);
});

/** The attacker: all that a reader had when it was removed, against everything that was sent after. */
Deno.test("[SK3] from all that a removed reader holds no later key follows, chain after chain", () => {
  const env = envOf(77);
  const entitled = [alice.id, DEVICE.get("bob")!, DEVICE.get("carol")!];
  const first = sealGroup(null, CHANNEL, alice, new Set(entitled), [utf8("a")], env);
  const bob = must(acceptDistribution(createReceiver(CHANNEL, alice.id), first.handover!.message));
  const after = sealGroup(first.state, CHANNEL, alice, new Set([alice.id, DEVICE.get("carol")!]), [utf8("b")], env);
  const derived = new Set<string>();
  for (let at: ChainKey = bob.chains[0]!.chain; at.index < GROUP.maxMessages;) {
    const { messageKey, next } = stepChain(at);
    derived.add(messageKey.join()).add(next.key.join());
    at = next;
  }
  let chain: ChainKey = must(distributionCodec.decode(after.handover!.message));
  for (; chain.index < GROUP.maxMessages; chain = stepChain(chain).next) {
    assert.ok(!derived.has(chain.key.join()) && !derived.has(stepChain(chain).messageKey.join()));
  }
  // The new chain's public parts under the old chain's keys: all that the log adds to what bob has.
  const disguised = { ...bob.chains[0]!, id: after.state.id, signer: after.state.signer.publicKey };
  const forced = openGroup({ ...bob, chains: [disguised] }, after.envelopes[0]!);
  assert.equal(forced.ok ? "opened" : forced.reason, "group.not-authentic");
});
