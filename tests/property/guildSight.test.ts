/** What a sight says of one person is what the whole state at those heads says. */
import assert from "node:assert/strict";
import { CHANNEL_ACTIONS } from "../../core/access/capability.ts";
import { restrict } from "../../core/guild/restrict.ts";
import { may, stateOf } from "../../core/guild/state.ts";
import { deviceFault } from "../../core/guild/authorise.ts";
import { viewFromHeads } from "../../core/guild/rulings.ts";
import { GUILD } from "../../core/limits.ts";
import { PEOPLE, QuarrelWorld } from "./guildWorld.ts";
import { deviceNamed, userNamed } from "../support/guild.ts";

const WORLDS = 80;
const NAMES = [...PEOPLE, "eve", "zoe"];

Deno.test("[CNT5] [CNT6] a sight of one person says what the state of the heads and their past says", () => {
  const counts = { members: 0, others: 0, may: 0, mayNot: 0, suspended: 0, revoked: 0, channels: 0 };
  for (let seed = 1; seed <= WORLDS; seed++) {
    const world = new QuarrelWorld(seed);
    world.run(20 + world.roll(30));
    const { ops } = world.stage;
    const whole = world.stage.hindsight();
    for (let at = 0; at < 8; at++) {
      const heads = [world.pick(ops), world.pick(ops.slice(-12))].slice(world.roll(2)).map(({ id }) => id);
      const part = restrict(whole.rulings, heads)!;
      const state = stateOf(part);
      const sight = whole.sightAt(heads)!;
      for (const { id } of ops) assert.equal(sight.hasSeen(id), part.history.placeOf.has(id));
      for (const name of NAMES) {
        const user = userNamed(name);
        const where = `seed ${seed}, ${name}`;
        assert.equal(sight.isMember(user), state.members.has(user), where);
        counts[sight.isMember(user) ? "members" : "others"]++;
        for (const channel of whole.state.channels.keys()) {
          if (state.channels.has(channel)) counts.channels++;
          for (const action of CHANNEL_ACTIONS) {
            const isAllowed = may(state, user, action, channel);
            assert.equal(sight.may(user, [action], channel), isAllowed, where);
            counts[isAllowed ? "may" : "mayNot"]++;
          }
        }
        for (const device of [name, `${name} 2`].map(deviceNamed)) {
          const owner = part.history.ops.find(({ op }) => op.device === device)?.author ?? null;
          assert.equal(sight.ownerOf(device), owner, where);
          const act = { place: null, author: user, device, body: { t: "unknown" } } as const;
          const fault = deviceFault(part, viewFromHeads(part, GUILD.noRank), act);
          assert.equal(sight.deviceFault(user, device), fault, where);
          if (fault !== null) counts[fault === "device-revoked" ? "revoked" : "suspended"]++;
          for (const channel of state.channels.keys()) {
            const isReader = state.members.get(user)?.devices.has(device) === true && may(state, user, "view", channel);
            assert.equal(sight.isReader(device, channel), isReader, where);
            assert.equal(whole.wasReader(heads, device, channel), isReader, where);
          }
        }
      }
    }
  }
  assert.ok(Object.values(counts).every((count) => count > 50), JSON.stringify(counts));
});
