/** Who may read a channel: the quick table against the plain question, and what stays the same set. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { followReaders, isReader, NO_READERS, readersOf } from "../../../../core/guild/keys/readers.ts";
import { type GuildState, may, stateOf } from "../../../../core/guild/state.ts";
import { channelOfOp } from "../../../../core/ids.ts";
import { GUILD_KEYS } from "../../../../core/limits.ts";
import { deviceNamed, everywhere, GuildStage, userNamed } from "../../../support/guild.ts";
import { removal, town } from "../town.ts";

const NAMES = ["fay", "ann", "abe", "max", "mia", "hal", "pip", "pat", "zoe"] as const;
const devicesOf = (...names: readonly string[]) => new Set(names.map(deviceNamed));

function square(everyone = everywhere("view", "send")) {
  const { stage, mod } = town(everyone);
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const now = () => stateOf(stage.resolve());
  return { stage, mod, channel, now };
}

function plainReaders(state: GuildState, channel: Parameters<typeof may>[3]) {
  const readers = [...state.members].filter(([user]) => may(state, user, "view", channel));
  return new Set(readers.flatMap(([, { devices }]) => [...devices]));
}

Deno.test("[GKEY1] who may view a channel reads it, by every unrevoked device", () => {
  const { stage, channel, now } = square();
  stage.introduce("pip 2");
  const before = readersOf(now(), channel);
  assert.deepEqual(before, devicesOf("fay", "ann", "abe", "max", "mia", "hal", "pip", "pat", "pip 2"));
  stage.make("pip", { t: "device.revoke", device: deviceNamed("pip 2") });
  stage.make("ann", removal("max"));
  assert.deepEqual(readersOf(now(), channel), devicesOf("fay", "ann", "abe", "mia", "hal", "pip", "pat"));
});

Deno.test("[GKEY1] a private channel is read by whom roles and overrides let in, and by the founder", () => {
  const { stage, mod, channel, now } = square(everywhere("send"));
  assert.deepEqual(readersOf(now(), channel), devicesOf("fay", "ann", "abe", "max", "mia"));
  const override = { t: "channel.override", channel, allow: ["view"], deny: [] } as const;
  stage.make("fay", { ...override, subject: { t: "member", user: userNamed("pip") } });
  stage.make("fay", { ...override, subject: { t: "role", role: mod }, allow: [], deny: ["view"] });
  assert.deepEqual(readersOf(now(), channel), devicesOf("fay", "ann", "abe", "pip"));
  stage.make("fay", { t: "channel.delete", channel });
  assert.equal(readersOf(now(), channel).size, 0);
  assert.ok(!isReader(now(), channel, deviceNamed("fay")));
});

Deno.test("[GKEY1] of a person with very many devices only some read", () => {
  const stage = new GuildStage("fay");
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  stage.make("fay", { t: "add", user: userNamed("pip") });
  for (let number = 2; number < GUILD_KEYS.maxDevicesOfReader + 10; number++) stage.introduce(`pip ${number}`);
  const state = stateOf(stage.resolve());
  const readers = readersOf(state, channel);
  assert.equal(readers.size, 1 + GUILD_KEYS.maxDevicesOfReader);
  const asked = [...state.members.get(userNamed("pip"))!.devices].filter((one) => isReader(state, channel, one));
  assert.deepEqual(new Set([...asked, deviceNamed("fay")]), readers);
});

Deno.test("[GKEY1] whatever roles and overrides there are, the table says what the plain question says", () => {
  const action = fc.constantFrom("view", "send");
  const subject = fc.oneof(
    fc.constantFrom(...NAMES).map((name) => ({ t: "member", user: userNamed(name) }) as const),
    fc.constantFrom("everyone", "mod", "helper", "admin").map((role) => ({ t: "named", role }) as const),
  );
  const overrides = fc.array(
    fc.record({ at: fc.nat(3), subject, allow: fc.subarray(["view"]), deny: fc.subarray(["view", "send"]) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(fc.uniqueArray(action), overrides, (everyone, made) => {
      const { stage, admin, mod, helper } = town(everywhere(...everyone));
      const create = { t: "channel.create", kind: "text" } as const;
      const channels = [0, 1, 2, 3].map((at) => channelOfOp(stage.make("fay", { ...create, name: `${at}` }).id));
      const roles = { everyone: stateOf(stage.resolve()).everyone, admin, mod, helper };
      const roleOf = (name: string) => roles[name as keyof typeof roles];
      for (const { at, subject, allow, deny } of made) {
        const whose = subject.t === "member" ? subject : { t: "role", role: roleOf(subject.role) } as const;
        stage.make("fay", { t: "channel.override", channel: channels[at]!, subject: whose, allow, deny });
      }
      const state = stateOf(stage.resolve());
      const readers = followReaders(NO_READERS, state);
      for (const channel of channels) {
        assert.deepEqual(readers.get(channel), plainReaders(state, channel));
        assert.deepEqual(readersOf(state, channel), readers.get(channel));
        for (const device of NAMES.map(deviceNamed)) {
          assert.equal(isReader(state, channel, device), readers.get(channel)!.has(device));
        }
      }
    }),
    { seed: 20261124, numRuns: 40 },
  );
});

Deno.test("[GKEY2] a set of readers that did not change is the very set that it was", () => {
  const { stage, channel, now } = square();
  const second = channelOfOp(stage.make("fay", { t: "channel.create", name: "other", kind: "text" }).id);
  const first = followReaders(NO_READERS, now());
  stage.make("fay", { t: "settings", name: "later", icon: null });
  const later = followReaders(first, now());
  assert.equal(later.get(channel), first.get(channel));
  stage.make("fay", {
    t: "channel.override",
    channel: second,
    subject: { t: "member", user: userNamed("pip") },
    allow: [],
    deny: ["view"],
  });
  const last = followReaders(later, now());
  assert.equal(last.get(channel), first.get(channel));
  assert.ok(!last.get(second)!.has(deviceNamed("pip")));
  assert.deepEqual([...last.keys()], [channel, second]);
});
