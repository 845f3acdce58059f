/** One example for each rule by which an op can lose, or stand. */
import assert from "node:assert/strict";
import { explain, wouldBe } from "../../../core/guild/explain.ts";
import { levelsIn } from "../../../core/guild/resolve.ts";
import { stateOf } from "../../../core/guild/state.ts";
import { GUILD } from "../../../core/limits.ts";
import type { RoleId } from "../../../core/ids.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { ALL_ACTIONS, deviceNamed, everywhere, GuildStage, userNamed } from "../../support/guild.ts";

interface Town {
  readonly stage: GuildStage;
  readonly admin: RoleId;
  readonly mod: RoleId;
  readonly helper: RoleId;
  /** All that has happened when the story begins. */
  readonly start: readonly LoggedOp[];
}

/** Fay founded it; Ann and Abe are admins (2), Max and Mia moderators (5), Hal helps (8), Pip and Pat have no role. */
function town(everyone = everywhere("view", "send")): Town {
  const stage = new GuildStage("fay", everyone);
  const admin = stage.role("fay", 2, ALL_ACTIONS);
  const mod = stage.role("fay", 5, everywhere("invite", "remove", "ban", "manageRoles", "view"));
  const helper = stage.role("fay", 8, everywhere("remove"));
  for (const name of ["ann", "abe"]) stage.grant("fay", admin, name);
  for (const name of ["max", "mia"]) stage.grant("fay", mod, name);
  stage.grant("fay", helper, "hal");
  for (const name of ["pip", "pat"]) stage.make("fay", { t: "add", user: userNamed(name) });
  for (const name of ["ann", "abe", "max", "mia", "hal", "pip", "pat"]) introduce(stage, name);
  return { stage, admin, mod, helper, start: stage.heads() };
}

const introduce = (stage: GuildStage, name: string) => stage.make(name, { t: "settings", name: "hello", icon: null });

const removal = (name: string) => ({ t: "remove", user: userNamed(name), seen: [] }) as const;
const ban = (name: string) => ({ t: "ban", user: userNamed(name), seen: [] }) as const;
const invite = { t: "invite", key: new Uint8Array(32).fill(7), maxUses: 1, expiresAtMs: null } as const;

const isMember = (stage: GuildStage, name: string) => stateOf(stage.resolve()).members.has(userNamed(name));
const rolesOf = (
  stage: GuildStage,
  name: string,
) => [...stateOf(stage.resolve()).members.get(userNamed(name))?.roles ?? []];

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
