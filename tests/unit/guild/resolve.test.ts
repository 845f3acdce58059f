/** What authority is, and who loses it: one example for each rule by which an op can lose, or stand. */
import assert from "node:assert/strict";
import { explain, wouldBe } from "../../../core/guild/explain.ts";
import { levelsIn } from "../../../core/guild/resolve.ts";
import { stateOf } from "../../../core/guild/state.ts";
import type { RoleId } from "../../../core/ids.ts";
import { GUILD } from "../../../core/limits.ts";
import { ALL_ACTIONS, deviceNamed, everywhere, userNamed } from "../../support/guild.ts";
import { ban, introduce, invite, isMember, removal, rolesOf, town } from "./town.ts";

Deno.test("[GLD4] [GLD6] who is no member, or lacks the capability, has no effect", () => {
  const { stage } = town();
  assert.equal(stage.ruleOf(stage.make("eve", removal("pip"))), "not-a-member");
  assert.equal(stage.ruleOf(stage.make("pat", removal("pip"))), "lacks-capability");
  assert.equal(stage.ruleOf(stage.make("hal", removal("pip"))), "valid");
  assert.ok(!isMember(stage, "pip") && isMember(stage, "pat"));
});

Deno.test("[GLD6] nobody acts on an equal or a senior", () => {
  const { stage } = town();
  assert.equal(stage.ruleOf(stage.make("max", removal("mia"))), "beyond-rank");
  assert.equal(stage.ruleOf(stage.make("max", removal("ann"))), "beyond-rank");
  assert.equal(stage.ruleOf(stage.make("ann", removal("fay"))), "beyond-rank");
  assert.equal(stage.ruleOf(stage.make("ann", removal("max"))), "valid");
});

Deno.test("[GLD7] nobody gives what they do not have, nor a rank that is not below theirs", () => {
  const { stage, mod, helper } = town();
  const gift = (rank: number, ...actions: string[]) =>
    ({ t: "role.create", name: "gift", rank, capabilities: everywhere(...actions) }) as const;
  assert.equal(stage.ruleOf(stage.make("max", gift(6, "manageGuild"))), "beyond-own");
  assert.equal(stage.ruleOf(stage.make("max", gift(5, "ban"))), "beyond-rank");
  assert.equal(stage.ruleOf(stage.make("max", gift(6, "ban"))), "valid");
  assert.equal(stage.ruleOf(stage.grant("max", mod, "pip")), "beyond-rank");
  assert.equal(stage.ruleOf(stage.grant("max", helper, "pip")), "valid");
  const richer = stage.role("ann", 7, everywhere("manageGuild"));
  assert.equal(stage.ruleOf(stage.grant("max", richer, "pip")), "beyond-own");
});

Deno.test("[GLD9] a removal beats what the removed does meanwhile, and what they do after on old heads", () => {
  const { stage, start } = town();
  const gone = stage.make("ann", removal("max"), { on: start });
  const act = stage.make("max", removal("pip"), { on: start });
  const fork = stage.make("max", removal("pat"), { on: [act] });
  assert.deepEqual(explain(stage.resolve(), act.id), { rule: "author-removed-meanwhile", by: gone.id });
  assert.equal(stage.ruleOf(fork), "author-removed-meanwhile");
  assert.ok(isMember(stage, "pip") && isMember(stage, "pat") && !isMember(stage, "max"));
});

Deno.test("[GLD9] what the remover had seen of the removed stands", () => {
  const { stage } = town();
  const act = stage.make("max", removal("pip"));
  stage.make("ann", removal("max"));
  assert.equal(stage.ruleOf(act), "valid");
});

Deno.test("[GLD6] [GLD9] two who each removed the other while senior: only whose rank still holds", () => {
  const { stage, admin, start } = town();
  const lowered = stage.make("fay", { t: "role.revoke", role: admin, user: userNamed("ann") }, { on: start });
  const raised = stage.grant("fay", admin, "max", { on: [lowered] });
  const early = stage.make("ann", removal("max"), { on: start });
  const late = stage.make("max", removal("ann"), { on: [raised] });
  assert.equal(stage.ruleOf(early), "role-lost-meanwhile");
  assert.equal(stage.ruleOf(late), "valid");
});

Deno.test("[GLD9] of a cycle of three removals the least senior one loses, and breaks it", () => {
  const { stage, admin, mod, start } = town();
  const third = stage.make("fay", { t: "role.create", name: "third", rank: 3, capabilities: ALL_ACTIONS }, {
    on: start,
  });
  const raised = stage.grant("fay", third.id as string as RoleId, "hal", { on: [third] });
  const a = stage.make("ann", removal("max"), { on: start });
  const b = stage.make("max", removal("hal"), { on: start });
  const c = stage.make("hal", removal("max"), { on: [raised] });
  const d = stage.make("hal", removal("ann"), { on: [c] });
  assert.deepEqual([a, b, c, d].map((op) => stage.ruleOf(op)), [
    "valid",
    "author-removed-meanwhile",
    "valid",
    "beyond-rank",
  ]);
  assert.deepEqual([rolesOf(stage, "ann"), rolesOf(stage, "mia")], [[admin], [mod]]);
});

Deno.test("[GLD9] a role revoked meanwhile carries nothing any more", () => {
  const { stage, mod, start } = town();
  stage.make("ann", { t: "role.revoke", role: mod, user: userNamed("max") }, { on: start });
  const act = stage.make("max", ban("pip"), { on: start });
  assert.equal(stage.ruleOf(act), "role-lost-meanwhile");
});

Deno.test("[GLD9] a role reduced or deleted meanwhile carries what is left", () => {
  const { stage, mod, start } = town();
  const changed = { t: "role.change", role: mod, name: "mod", rank: 5, capabilities: everywhere("remove") } as const;
  stage.make("ann", changed, { on: start });
  const banning = stage.make("max", ban("pip"), { on: start });
  const removing = stage.make("max", removal("pat"), { on: [banning] });
  assert.equal(stage.ruleOf(banning), "role-reduced-meanwhile");
  assert.equal(stage.ruleOf(removing), "valid");
  stage.make("abe", { t: "role.delete", role: mod }, { on: start });
  assert.equal(stage.ruleOf(removing), "role-reduced-meanwhile");
});

Deno.test("[GLD10] who was raised meanwhile is out of reach", () => {
  const { stage, admin, start } = town();
  stage.grant("fay", admin, "hal", { on: start });
  const act = stage.make("max", removal("hal"), { on: start });
  assert.equal(stage.ruleOf(act), "subject-raised-meanwhile");
});

Deno.test("[GLD7] a role only sinks, so nobody who lost it comes back to power by it", () => {
  const { stage, helper } = town();
  const banned = stage.make("max", ban("hal"));
  const raise = { t: "role.change", role: helper, name: "h", rank: 3, capabilities: everywhere("ban") } as const;
  assert.equal(stage.ruleOf(stage.make("ann", raise)), "roles-do-not-rise");
  assert.equal(stage.ruleOf(stage.make("fay", { ...raise, rank: 9 }, { on: [banned] })), "valid");
  assert.equal(stateOf(stage.resolve()).roles.get(helper)!.rank, 9);
  assert.equal(stage.ruleOf(stage.make("hal", removal("pip"))), "not-a-member");
});

Deno.test("[GLD9] a junior who builds on old heads undoes nothing that a senior did", () => {
  const { stage, admin } = town();
  const old = stage.make("fay", { t: "add", user: userNamed("new") });
  introduce(stage, "new");
  const raised = stage.grant("fay", admin, "new");
  const deeds = [ban("pip"), removal("hal")].map((body) => stage.make("new", body));
  const back = stage.make("max", removal("new"), { on: [old] });
  assert.equal(stage.ruleOf(back), "subject-raised-meanwhile");
  assert.deepEqual([raised, ...deeds].map((op) => stage.ruleOf(op)), ["valid", "valid", "valid"]);
});

Deno.test("[GLD4] who removes the one that invited a senior does not remove the senior", () => {
  const { stage, admin, start } = town();
  const link = stage.make("max", invite, { on: start });
  const joined = stage.redeem("new", link, { on: [link] });
  const raised = stage.grant("fay", admin, "new", { on: [joined] });
  const deed = stage.make("new", removal("hal"), { on: [raised] });
  stage.make("ann", removal("max"), { on: start });
  assert.equal(stage.ruleOf(joined), "rests-on-invalid");
  assert.deepEqual([raised, deed].map((op) => stage.ruleOf(op)), ["valid", "valid"]);
  assert.deepEqual(rolesOf(stage, "new"), [admin]);
});

Deno.test("[GLD3] what rested on an op that is void is void, unless something else carries it", () => {
  const { stage, helper, start } = town();
  const granted = stage.grant("max", helper, "pip", { on: start });
  const act = stage.make("pip", removal("pat"), { on: [granted] });
  assert.equal(stage.ruleOf(act), "valid");
  stage.make("ann", removal("max"), { on: start });
  assert.deepEqual([granted, act].map((op) => stage.ruleOf(op)), ["author-removed-meanwhile", "rests-on-invalid"]);
  const again = stage.grant("mia", helper, "pip", { on: [granted] });
  assert.equal(stage.ruleOf(stage.make("pip", removal("pat"), { on: [act, again] })), "valid");
});

Deno.test("[GLD2] a capability reaches below the role that carries it, whatever else its holder is", () => {
  const { stage } = town();
  const right = stage.role("ann", 7, everywhere("ban"));
  const chair = stage.role("fay", 1, everywhere("manageChannels"));
  stage.grant("ann", right, "hal");
  stage.grant("fay", chair, "hal");
  assert.equal(stage.ruleOf(stage.make("hal", ban("abe"))), "beyond-rank");
  const act = stage.make("hal", ban("pip"));
  assert.deepEqual([stage.ruleOf(act), stage.levelOf(act)], ["valid", 7]);
});

Deno.test("[GLD4] no concurrent add-back; an addition that knows the removal brings back, without roles", () => {
  const { stage, mod, start } = town();
  const gone = stage.make("ann", removal("max"), { on: start });
  stage.make("abe", { t: "add", user: userNamed("max") }, { on: start });
  stage.grant("abe", mod, "max", { on: start });
  assert.ok(!isMember(stage, "max"));
  const back = stage.make("abe", { t: "add", user: userNamed("max") }, { on: [gone] });
  assert.equal(stage.ruleOf(back), "valid");
  assert.deepEqual([isMember(stage, "max"), rolesOf(stage, "max")], [true, []]);
  assert.equal(stage.ruleOf(stage.make("max", removal("pip"))), "lacks-capability");
});

Deno.test("[GLD11] settings made meanwhile: the more senior, then the smaller id, however late the other was made", () => {
  const { stage, start } = town();
  const named = (author: string, name: string) =>
    stage.make(author, { t: "settings", name, icon: null }, { on: start });
  named("fay", "founder's");
  const [a, b] = [named("ann", "a"), named("abe", "b")];
  stage.make("ann", { t: "settings", name: "later", icon: null }, { on: [a] });
  assert.equal(stateOf(stage.resolve()).name, "founder's");
  stage.make("abe", { t: "settings", name: "seen by all", icon: null });
  assert.equal(stateOf(stage.resolve()).name, "seen by all");
  assert.notEqual(a.id, b.id);
});

Deno.test("[LOG8] an op of an unknown type or version has no effect, and what follows it has", () => {
  const { stage } = town();
  const newer = [{ type: "poll.create" }, { v: 2 }].map((making) => stage.make("max", removal("pip"), making));
  assert.deepEqual(newer.map((op) => stage.ruleOf(op)), ["unknown-type", "unknown-type"]);
  assert.ok(isMember(stage, "pip"));
  assert.equal(stage.ruleOf(stage.make("max", removal("pat"))), "valid");
});

Deno.test("[GLD8] what nobody made cannot be changed, and everybody's role can be neither given nor ranked", () => {
  const { stage } = town();
  const change = (role: RoleId, rank: number) =>
    ({ t: "role.change", role, name: "x", rank, capabilities: [] }) as const;
  assert.equal(stage.ruleOf(stage.make("ann", change("00".repeat(32) as RoleId, 9))), "unknown-subject");
  const everyone = stage.guild as string as RoleId;
  assert.equal(stage.ruleOf(stage.grant("ann", everyone, "pip")), "unknown-subject");
  assert.equal(stage.ruleOf(stage.make("ann", change(everyone, 9))), "beyond-rank");
  assert.equal(stage.ruleOf(stage.make("ann", change(everyone, GUILD.noRank))), "valid");
});

Deno.test("[GLD2] what an op would be on top of all can be asked before it is made", () => {
  const { stage } = town();
  const rulings = stage.resolve();
  const ask = (name: string, body: Parameters<typeof stage.make>[1]) =>
    wouldBe(rulings, { author: userNamed(name), device: deviceNamed(name), body });
  assert.deepEqual(
    [ask("max", removal("pip")), ask("max", removal("ann")), ask("pip", removal("pat")), ask("fay", removal("ann"))],
    [5, "beyond-rank", "lacks-capability", 0],
  );
});

Deno.test("[GLD2] ranks that strangers make up open no levels", () => {
  const { stage } = town();
  for (let rank = 10; rank < 60; rank++) stage.role("eve", rank, ALL_ACTIONS);
  stage.role("ann", 300, []);
  assert.deepEqual(levelsIn(stage.resolve()), [0, 2, 5, 8, 300, GUILD.noRank]);
});

Deno.test("[GLD3] a chain of 3,000 ops is resolved without recursion", () => {
  const { stage } = town();
  let last = stage.make("ann", { t: "add", user: userNamed("deep") });
  for (let i = 0; i < 3_000; i++) {
    last = stage.make("ann", { t: "settings", name: `${i}`, icon: null }, { on: [last], previous: last });
  }
  assert.equal(stateOf(stage.resolve()).name, "2999");
});
