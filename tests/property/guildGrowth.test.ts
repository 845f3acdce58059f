/** What follows from a log that grows, step by step, is what follows from the whole of it. */
import assert from "node:assert/strict";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { followReaders, NO_READERS } from "../../core/guild/keys/readers.ts";
import { endOf, NOT_LOOKED, presentOf } from "../../core/guild/join/audience.ts";
import { areSettled, NO_DEALS } from "../../core/guild/join/deals.ts";
import { extend, openResolver } from "../../core/guild/resolver.ts";
import { hasSameRulings } from "../../core/guild/rulings.ts";
import { type GuildState, stateOf } from "../../core/guild/state.ts";
import { stateAfter } from "../../core/guild/stateAfter.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { deviceNamed } from "../support/guild.ts";
import { arrival } from "./guildArrival.ts";
import { dice, PEOPLE, QuarrelWorld } from "./guildWorld.ts";

const WORLDS = 150;

interface Grown {
  readonly hindsight: Hindsight;
  readonly state: GuildState;
}

/** Each step of a log that grows in a random order, and whether it left all that was ruled before as it was. */
function* growth(seed: number): Generator<readonly [Grown, Grown, boolean, readonly LoggedOp[]]> {
  const world = new QuarrelWorld(seed);
  world.run(10 + world.roll(30));
  for (let at = 0; at < 8; at++) world.orderly();
  const roll = dice(seed);
  const ops = seed % 2 === 0 ? arrival(world.stage.ops, roll) : world.stage.ops;
  let known = 14;
  let resolver = openResolver(ops.slice(0, known));
  let state = stateOf(resolver.rulings);
  let hindsight = new Hindsight(resolver.rulings, state);
  while (known < ops.length) {
    const added = ops.slice(known, known + (roll(3) === 0 ? 1 + roll(4) : 1));
    known += added.length;
    const before = { hindsight, state };
    resolver = extend(resolver, added);
    const { rulings } = resolver;
    const isSame = hasSameRulings(before.hindsight.rulings, rulings);
    state = isSame ? stateAfter(before.state, rulings, added) : stateOf(rulings);
    hindsight = new Hindsight(rulings, state, isSame ? before.hindsight : null);
    yield [before, { hindsight, state }, isSame, added];
  }
}

Deno.test("[GLD1] a state that more ops were added to is that of all of them", () => {
  const counts = { same: 0, other: 0, kept: 0 };
  for (let seed = 1; seed <= WORLDS; seed++) {
    for (const [before, after, isSame] of growth(seed)) {
      counts[isSame ? "same" : "other"]++;
      if (isSame && before.state.members === after.state.members) counts.kept++;
      assert.deepEqual(after.state, stateOf(after.hindsight.rulings), `seed ${seed}`);
    }
  }
  assert.ok(counts.same > 1_000 && counts.other > 50 && counts.kept > 500, JSON.stringify(counts));
});

Deno.test("[GKEY2] readers that follow states are those of each state, and the very sets that did not change", () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    let readers = NO_READERS;
    for (const [before, { state }] of growth(seed)) {
      const next = followReaders(readers, state, readers === NO_READERS ? null : before.state);
      assert.deepEqual(next, followReaders(NO_READERS, state), `seed ${seed}`);
      for (const [channel, devices] of next) {
        const then = readers.get(channel);
        if (then !== undefined && then.size === devices.size && then.isSubsetOf(devices)) assert.equal(then, devices);
      }
      readers = next;
    }
  }
});

Deno.test("[CNT6] a hindsight that follows one says of older heads what one that is made anew says", () => {
  let asked = 0;
  for (let seed = 1; seed <= WORLDS / 3; seed++) {
    const roll = dice(seed);
    for (const [, { hindsight, state }] of growth(seed)) {
      const { ops } = hindsight.rulings.history;
      const plain = new Hindsight(hindsight.rulings, state);
      const heads = [ops[roll(ops.length)]!.id];
      assert.deepEqual(hindsight.at(heads)!.state, plain.at(heads)!.state, `seed ${seed}`);
      for (const name of PEOPLE) {
        for (const channel of state.channels.keys()) {
          const reads = hindsight.wasReader(heads, deviceNamed(name), channel);
          assert.equal(reads, plain.sightAt(heads)!.isReader(deviceNamed(name), channel), `seed ${seed}`);
          asked++;
        }
      }
    }
  }
  assert.ok(asked > 1_000, `${asked}`);
});

Deno.test("[JOIN4] ops that admit nobody and send nobody away end no deal", () => {
  let [settled, ended] = [0, 0];
  for (let seed = 1; seed <= WORLDS; seed++) {
    const roll = dice(seed);
    for (const [before, after, isSame, added] of growth(seed)) {
      if (!isSame || !areSettled(NO_DEALS, added, 0)) continue;
      settled++;
      const { ops } = before.hindsight.rulings.history;
      const heads = [ops[roll(ops.length)]!.id];
      const endIn = ({ hindsight: { rulings }, state }: Grown) =>
        endOf(presentOf(rulings, state), heads, NOT_LOOKED)[0]?.id ?? null;
      assert.equal(endIn(before), endIn(after), `seed ${seed}`);
      if (endIn(after) !== null) ended++;
    }
  }
  assert.ok(settled > 200 && ended > 50, `${settled} ${ended}`);
});
