/** SPEC section 26, [LIVE1]: one event, the next state, what is durable first. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { nameOf } from "../../../support/liveSent.ts";
import { LiveStage, type Sent } from "../../../support/liveStage.ts";

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

Deno.test("[LIVE1] in whatever order, and however often, what is pushed and told comes, the same is kept of it", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.link("fay", "sam");
  stage.pass(1_000);
  const came: Sent[] = [];
  stage.loses = (sent) => {
    if (sent.to === "pat") came.push(sent);
    return sent.to === "pat";
  };
  stage.say("fay", "one");
  stage.say("fay", "two", stage.archive);
  stage.say("fay", "three");
  stage.run();
  stage.remove("fay", "sam");
  stage.say("fay", "four");
  stage.run();
  const names = came.map(nameOf);
  assert.deepEqual([...new Set(names)].sort(), ["content digests", "content push", "deal", "deals", "keys chain"]);
  const start = stage.state("pat");
  const order = fc.shuffledSubarray([...came.keys(), ...came.keys()], { minLength: 2 * came.length });
  fc.assert(
    fc.property(order, (places) => {
      stage.player("pat").state = start;
      for (const place of places) stage.deliver(came[place]!);
      assert.deepEqual(stage.texts("pat").toSorted(), ["four", "one", "three"]);
      assert.deepEqual(stage.texts("pat", stage.archive), ["two"]);
      assert.equal(stage.sealedCount("pat") + stage.sealedCount("pat", stage.archive), 0);
      assert.equal(stage.state("pat").asking.wants.size, 0);
      const rules = stage.contents("pat").map(({ text, rule }) => [text, rule]);
      assert.deepEqual(new Map(rules as [string, string][]).get("four"), "unknown-heads");
    }),
    { seed: 26, numRuns: 40 },
  );
});
