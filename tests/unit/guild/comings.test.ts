/** Who comes in, who goes, with which devices, and who is founder: one example for each rule. */
import assert from "node:assert/strict";
import { stateOf } from "../../../core/guild/state.ts";
import { GUILD } from "../../../core/limits.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { deviceNamed, everywhere, userNamed } from "../../support/guild.ts";
import { ban, introduce, invite, isMember, removal, rolesOf, town } from "./town.ts";

Deno.test("[GLD12] a ban meets the redemption that it has not seen, and all that know it", () => {
  const { stage, start } = town();
  const link = stage.make("ann", { ...invite, maxUses: null }, { on: start });
  const joined = stage.redeem("new", link, { on: [link] });
  assert.equal(stage.ruleOf(joined), "valid");
  const banned = stage.make("max", ban("new"), { on: [link] });
  assert.equal(stage.ruleOf(joined), "author-removed-meanwhile");
  assert.ok(!isMember(stage, "new") && stateOf(stage.resolve()).banned.has(userNamed("new")));
  const again = stage.redeem("new 2", link, { on: [banned] });
  assert.equal(stage.ruleOf(again), "banned");
  const lifted = stage.make("mia", { t: "unban", user: userNamed("new") }, { on: [banned] });
  assert.equal(stage.ruleOf(stage.redeem("new 3", link, { on: [lifted] })), "valid");
  assert.equal(stage.ruleOf(stage.make("max", { t: "add", user: userNamed("new") }, { on: [banned] })), "banned");
});

Deno.test("[GLD12] a role is no way around a ban, but for who is senior to it", () => {
  const { stage, helper } = town();
  stage.make("ann", ban("pip"));
  assert.equal(stage.ruleOf(stage.grant("max", helper, "pip")), "banned");
  assert.ok(!isMember(stage, "pip"));
  assert.equal(stage.ruleOf(stage.grant("fay", helper, "pip")), "valid");
  assert.deepEqual(rolesOf(stage, "pip"), [helper]);
});

Deno.test("[GLD13] uses of an invite are counted in what the newcomer has seen; a surplus stands, and shows", () => {
  const { stage, start } = town();
  const link = stage.make("max", invite, { on: start });
  const first = stage.redeem("new", link, { on: [link] });
  const meanwhile = stage.redeem("zoe", link, { on: [link] });
  const late = stage.redeem("lee", link, { on: [first] });
  assert.deepEqual([first, meanwhile, late].map((op) => stage.ruleOf(op)), ["valid", "valid", "invite-not-good"]);
  const { uses, maxUses } = stateOf(stage.resolve()).invites.get(link.id)!;
  assert.deepEqual([uses, maxUses], [2, 1]);
});

Deno.test("[GLD12] an invite ends with its maker's rights, and by revocation", () => {
  const { stage, mod, start } = town();
  const link = stage.make("max", { ...invite, maxUses: null }, { on: start });
  const joined = stage.redeem("new", link, { on: [link] });
  stage.make("ann", { t: "role.revoke", role: mod, user: userNamed("max") }, { on: [link] });
  assert.equal(stage.ruleOf(joined), "invite-revoked-meanwhile");
  const second = stage.make("mia", { ...invite, maxUses: null }, { on: start });
  const other = stage.redeem("zoe", second, { on: [second] });
  assert.equal(stage.ruleOf(other), "valid");
  stage.make("abe", { t: "invite.revoke", invite: second.id }, { on: [second] });
  assert.equal(stage.ruleOf(other), "invite-revoked-meanwhile");
});

Deno.test("[GLD12] a removed member gains nothing by old invites", () => {
  const { stage, start } = town();
  const link = stage.make("max", { ...invite, maxUses: null }, { on: start });
  const gone = stage.make("ann", removal("max"), { on: [link] });
  for (const on of [[link], [gone]]) assert.notEqual(stage.ruleOf(stage.redeem("sock", link, { on })), "valid");
  assert.ok(!isMember(stage, "sock"));
});

Deno.test("[GLD12] where everybody may invite, a removed member's link admits nobody, and no removed one comes in by another's", () => {
  const { stage, start } = town(everywhere("view", "invite"));
  const link = stage.make("pip", { ...invite, maxUses: null }, { on: start });
  const joined = stage.redeem("new", link, { on: [link] });
  assert.equal(stage.ruleOf(joined), "valid");
  const other = stage.make("pat", { ...invite, maxUses: null }, { on: start });
  const again = stage.redeem("new 2", other, { on: [other] });
  stage.make("max", removal("pip"), { on: [link] });
  assert.equal(stage.ruleOf(joined), "invite-revoked-meanwhile");
  assert.deepEqual([stage.ruleOf(again), isMember(stage, "new")], ["valid", true]);
  stage.make("mia", removal("new"), { on: [joined] });
  assert.notEqual(stage.ruleOf(joined), "valid");
  assert.deepEqual([stage.ruleOf(again), isMember(stage, "new")], ["author-removed-meanwhile", false]);
});

Deno.test("[GLD5] who has left acts no more on old heads; whoever is raised while leaving stays", () => {
  const { stage, admin, start } = town();
  const left = stage.make("max", { t: "leave" }, { on: start });
  const act = stage.make("max 2", removal("pip"), { on: start });
  assert.deepEqual([left, act].map((op) => stage.ruleOf(op)), ["valid", "author-removed-meanwhile"]);
  stage.make("hal", { t: "leave" }, { on: start });
  stage.grant("fay", admin, "hal", { on: start });
  assert.deepEqual([rolesOf(stage, "max"), rolesOf(stage, "hal")], [[], [admin]]);
});

Deno.test("[GLD14] after a transfer the old founder has no power, not even on old heads", () => {
  const { stage, start } = town();
  const handed = stage.make("fay", { t: "transfer", user: userNamed("ann") }, { on: start });
  const back = stage.make("fay 2", removal("ann"), { on: start });
  const elsewhere = stage.make("fay 3", removal("pip"), { on: start });
  const ended = stage.make("fay 4", { t: "device.revoke", device: deviceNamed("fay") }, { on: start });
  assert.equal(stage.levelOf(ended), GUILD.noRank);
  const after = stage.make("fay", removal("max"), { on: [handed] });
  assert.equal(stage.ruleOf(back), "founder-changed-meanwhile");
  assert.equal(stage.ruleOf(elsewhere), "founder-changed-meanwhile");
  assert.equal(stage.ruleOf(after), "lacks-capability");
  const own = stage.make("ann", removal("fay"));
  assert.equal(stage.ruleOf(own), "valid");
  assert.equal(stateOf(stage.resolve()).founder, userNamed("ann"));
  assert.equal(stage.ruleOf(stage.make("max", { t: "transfer", user: userNamed("mia") })), "not-the-founder");
});

Deno.test("[GLD14] of two transfers one holds, whoever builds on which: strangers have no say in it", () => {
  const { stage, start } = town();
  const both = ["ann", "pip"].map((name, at) =>
    stage.make(`fay ${at + 1}`, { t: "transfer", user: userNamed(name) }, { on: start })
  );
  const [first, second] = both.toSorted((a, b) => (a.id < b.id ? -1 : 1)) as [LoggedOp, LoggedOp];
  stage.make("eve", { t: "leave" }, { on: [second] });
  assert.deepEqual([first, second].map((op) => stage.ruleOf(op)), ["valid", "founder-changed-meanwhile"]);
});

Deno.test("[GLD14] the founder cannot leave, or be reached by what was begun before", () => {
  const { stage, start } = town();
  assert.equal(stage.ruleOf(stage.make("fay", { t: "leave" })), "founder-stays");
  const raised = stage.make("fay", { t: "transfer", user: userNamed("hal") }, { on: start });
  assert.equal(stage.ruleOf(stage.make("ann", removal("hal"), { on: start })), "subject-raised-meanwhile");
  assert.equal(stage.ruleOf(raised), "valid");
});

Deno.test("[GLD5] a revoked device is dead, also on old heads; of two that revoke each other the older lives", () => {
  const { stage } = town();
  introduce(stage, "max 2");
  const start = stage.heads();
  stage.make("max", { t: "device.revoke", device: deviceNamed("max 2") }, { on: start });
  const act = stage.make("max 2", removal("pip"), { on: start });
  const revenge = stage.make("max 2", { t: "device.revoke", device: deviceNamed("max") }, { on: start });
  assert.deepEqual([act, revenge].map((op) => stage.ruleOf(op)), [
    "device-revoked-meanwhile",
    "device-revoked-meanwhile",
  ]);
  assert.equal(stage.ruleOf(stage.make("max", removal("pat"))), "valid");
  assert.equal(stage.ruleOf(stage.make("mia", { t: "device.revoke", device: deviceNamed("max") })), "unknown-subject");
});

Deno.test("[GLD5] who was lowered cannot undo, by revoking a device on old heads, what they did with it", () => {
  const { stage, mod, helper, start } = town();
  introduce(stage, "max 2");
  const granted = stage.grant("max 2", helper, "pip");
  stage.make("ann", { t: "role.revoke", role: mod, user: userNamed("max") });
  stage.make("max", { t: "device.revoke", device: deviceNamed("max 2") }, { on: start });
  assert.equal(stage.ruleOf(granted), "valid");
});

Deno.test("[GLD15] two ops under one number both stand, as if of two devices, and show", () => {
  const { stage, start } = town();
  const open = stage.make("max", removal("pip"), { on: start });
  const built = stage.make("mia", removal("hal"), { on: [open] });
  const hidden = stage.make("max", ban("pat"), { on: start });
  assert.deepEqual([open, built, hidden].map((op) => stage.ruleOf(op)), ["valid", "valid", "valid"]);
  assert.ok(stateOf(stage.resolve()).equivocators.has(deviceNamed("max")));
});

Deno.test("[GLD9] [GLD15] an op that was held back gains nothing: what was done meanwhile counts against it", () => {
  const { stage, start } = town();
  const open = stage.make("max", removal("pip"), { on: start });
  stage.make("ann", removal("max"), { on: [open] });
  const hidden = stage.make("max", ban("pat"), { on: start });
  assert.deepEqual([open, hidden].map((op) => stage.ruleOf(op)), ["valid", "author-removed-meanwhile"]);
});

Deno.test("[GLD16] a device that equivocated is suspended until a senior, or another own device, reinstates it", () => {
  const { stage, start } = town();
  const [one, two] = [removal("pip"), ban("pat")].map((body) => stage.make("max", body, { on: start }));
  const after = stage.make("max", removal("hal"), { on: [one!, two!] });
  assert.equal(stage.ruleOf(after), "device-suspended");
  const reinstated = { t: "device.reinstate", device: deviceNamed("max"), seq: one!.op.seq } as const;
  assert.equal(stage.ruleOf(stage.make("max", reinstated, { on: [after] })), "device-suspended");
  const by = ["ann", "max 2"].map((name) => stage.make(name, reinstated, { on: [after] }));
  for (const op of by) {
    assert.equal(stage.ruleOf(op), "valid");
    assert.equal(stage.ruleOf(stage.make("max", removal("hal"), { on: [op] })), "valid");
  }
});

Deno.test("[GLD16] a founder's device goes on: there is nobody to reinstate it", () => {
  const { stage, start } = town();
  const both = [removal("pip"), ban("pat")].map((body) => stage.make("fay", body, { on: start }));
  assert.equal(stage.ruleOf(stage.make("fay", removal("hal"), { on: both })), "valid");
});
