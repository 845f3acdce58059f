/** SPEC section 26, [LIVE1]: one event, the next state, what is durable first. */
import assert from "node:assert/strict";
import { LiveStage } from "../../../support/liveStage.ts";

Deno.test("[LIVE9] what one says, and does, reaches all who are linked, whoever stands between", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.link("pat", "sam");
  stage.pass(1_000);
  stage.say("fay", "hello");
  stage.act("fay", { t: "settings", name: "renamed", icon: null });
  stage.pass(5_000);
  for (const name of ["fay", "pat", "sam"]) {
    assert.deepEqual(stage.texts(name), ["hello"], name);
    assert.equal(stage.state(name).ruled.guild.name, "renamed");
    assert.deepEqual(stage.player(name).refusals, []);
  }
});
