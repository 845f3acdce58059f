/** Where a resolver that grows has to look back. */
import assert from "node:assert/strict";
import { extend, openResolver, type Resolver } from "../../../core/guild/resolver.ts";
import { resolve } from "../../../core/guild/resolve.ts";
import { VOID } from "../../../core/guild/rulings.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { ALL_ACTIONS, deviceNamed, everywhere, GuildStage, userNamed } from "../../support/guild.ts";
import { inviteBody } from "../../support/invite.ts";

const levelIn = ({ rulings: { levels, history } }: Resolver, op: LoggedOp) => levels[history.placeOf.get(op.id)!];

function opened(stage: GuildStage, later: readonly LoggedOp[]): Resolver {
  return openResolver(stage.ops.filter((op) => !later.includes(op)));
}

function assertPlain({ rulings: { levels } }: Resolver, stage: GuildStage): void {
  assert.deepEqual(levels, resolve(stage.ops).levels);
}

Deno.test("[GLD5] of two devices that revoke each other the older lives, also when it is heard last", () => {
  const stage = new GuildStage("fay");
  const heads = [stage.introduce("fay 2")];
  const byYounger = stage.make("fay 2", { t: "device.revoke", device: deviceNamed("fay") }, { on: heads });
  const byOlder = stage.make("fay", { t: "device.revoke", device: deviceNamed("fay 2") }, { on: heads });
  const early = extend(opened(stage, [byYounger, byOlder]), [byYounger]);
  assert.equal(levelIn(early, byYounger), 0);
  const late = extend(early, [byOlder]);
  assert.deepEqual([levelIn(late, byOlder), levelIn(late, byYounger)], [0, VOID]);
  assertPlain(late, stage);
});

Deno.test("[GLD12] a revocation that is heard after a redemption ends it", () => {
  const stage = new GuildStage("fay");
  const invite = stage.make("fay", inviteBody());
  const redeemed = stage.redeem("pip", invite);
  const revoked = stage.make("fay", { t: "invite.revoke", invite: invite.id }, { on: [invite] });
  const early = extend(opened(stage, [redeemed, revoked]), [redeemed]);
  assert.notEqual(levelIn(early, redeemed), VOID);
  const late = extend(early, [revoked]);
  assert.equal(levelIn(late, redeemed), VOID);
  assertPlain(late, stage);
});

Deno.test("[GLD9] what a void op gave falls with it", () => {
  const stage = new GuildStage("fay");
  const [high, low] = [stage.role("fay", 1, ALL_ACTIONS), stage.role("fay", 3, everywhere("ban"))];
  stage.grant("fay", high, "ann");
  const seen = stage.heads();
  const grant = stage.grant("ann", low, "max", { on: seen });
  const ban = stage.make("max", { t: "ban", user: userNamed("pip"), seen: [] }, { on: [grant] });
  const removal = stage.make("fay", { t: "remove", user: userNamed("ann"), seen: [] }, { on: seen });
  const early = opened(stage, [removal]);
  assert.deepEqual([levelIn(early, grant), levelIn(early, ban)], [1, 3]);
  const late = extend(early, [removal]);
  assert.deepEqual([levelIn(late, grant), levelIn(late, ban)], [VOID, VOID]);
  assertPlain(late, stage);
});

Deno.test("[GLD1] a resolver is a value: two that extend one do not know of each other", () => {
  const stage = new GuildStage("fay");
  const base = openResolver(stage.ops);
  const on = stage.heads();
  const [a, b] = ["a", "b"].map((name) => stage.make("fay", { t: "settings", name, icon: null }, { on }));
  const [withA, withB] = [extend(base, [a!]), extend(base, [b!])];
  assert.equal(base.rulings.history.ops.length, 1);
  assert.equal(base.rulings.facts.all.length, 1);
  assert.equal(withA.rulings.facts.equivocations.size + withB.rulings.facts.equivocations.size, 0);
  assert.equal(extend(withA, [b!]).rulings.facts.equivocations.size, 1);
  assert.equal(extend(withA, [a!]), withA);
});
