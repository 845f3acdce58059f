/** SPEC section 26, [LIVE1]: what is on disk after each step is what the device knows. */
import assert from "node:assert/strict";
import { loadGuild } from "../../../../core/guild/live/index.ts";
import { MemoryStore } from "../../../sim/memoryStore.ts";
import { recordOf } from "../../../support/liveRecord.ts";
import { nameOf } from "../../../support/liveSent.ts";
import { liveDevice, LiveStage } from "../../../support/liveStage.ts";

/** Everything that has a record happens, with losses. */
async function busyStage(): Promise<LiveStage> {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  for (const [a, b] of [["fay", "pat"], ["fay", "sam"], ["pat", "sam"], ["sam", "joe"]] as const) stage.link(a, b);
  stage.pass(1_000);
  stage.step("fay", { type: "SetProfile", profile: { name: "Fay", status: "", picture: new Uint8Array(50) } });
  stage.say("sam", "one");
  stage.say("sam", "two", stage.archive);
  stage.say("fay", "three");
  stage.pass(2_500);
  let count = 0;
  stage.loses = (sent) => nameOf(sent) === "keys chain" && ++count % 2 === 0;
  const subject = { t: "member", user: stage.userOf("joe") } as const;
  stage.act("fay", { t: "channel.override", channel: stage.general, subject, allow: [], deny: ["view"] });
  stage.say("pat", "four");
  stage.say("fay", "five");
  stage.pass(2_500);
  stage.remove("fay", "sam");
  stage.say("sam", "who knows nothing yet");
  stage.pass(2_500);
  stage.say("fay", "six", stage.archive);
  await stage.restart("pat");
  stage.say("pat", "waiting");
  stage.act("fay", { t: "add", user: liveDevice("pip").user });
  stage.enter("pip", stage.state("fay").log);
  stage.link("fay", "pip", true);
  stage.link("fay", "pat");
  stage.step("pat", { type: "SetProfile", profile: { name: "Pat", status: "back", picture: null } });
  stage.pass(30_000);
  stage.say("pip", "new here", stage.archive);
  stage.pass(2_000);
  return stage;
}

Deno.test("[LIVE1] after every step a start finds what the device knows", async () => {
  const stage = await busyStage();
  let count = 0;
  for (const name of stage.names) {
    const { saved, device } = stage.player(name);
    for (const { records, state } of saved) {
      const loaded = await loadGuild(new MemoryStore(records), state.log.guild, device, { nowMs: stage.nowMs });
      assert.ok(loaded.ok, loaded.ok ? "" : `${name}: ${loaded.key} ${loaded.reason}`);
      assert.deepEqual(recordOf(loaded.value), recordOf(state), `${name} after step ${count}`);
      count++;
    }
  }
  assert.ok(count > 60, `${count} batches`);
});

Deno.test("[LIVE1] a store with a record that is broken is not opened, and says which it is", async () => {
  const stage = await busyStage();
  const { store, state, device } = stage.player("pat");
  const kinds = new Set<string>();
  for (const [key, value] of store.snapshot()) {
    const kind = key.split("/")[2]!;
    if (kinds.has(kind) || value.length < 2) continue;
    kinds.add(kind);
    const broken = new Map(store.snapshot()).set(key, value.slice(0, -1));
    const loaded = await loadGuild(new MemoryStore(broken), state.log.guild, device, { nowMs: stage.nowMs });
    // Profiles are anybody's, and come again.
    if (kind === "profile" || kind === "picture" || kind === "holders") continue;
    assert.ok(!loaded.ok, key);
    assert.ok(loaded.key.includes(kind), `${loaded.key} ${key}`);
  }
  assert.deepEqual([...kinds].sort(), ["content", "deals", "holders", "op", "profile", "receiver", "sender"]);
});
