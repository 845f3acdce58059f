/** Sets of capabilities, and who may do what in a channel. */
import assert from "node:assert/strict";
import { common, covers, isWithin } from "../../../core/access/capability.ts";
import { may, type Override } from "../../../core/access/permission.ts";
import type { ChannelId, RoleId, UserId } from "../../../core/ids.ts";
import { everywhere } from "../../support/guild.ts";

const [red, blue] = ["red", "blue"] as string[] as [ChannelId, ChannelId];
const [all, mod, bot] = ["all", "mod", "bot"] as string[] as [RoleId, RoleId, RoleId];
const ann = "ann" as string as UserId;

Deno.test("[ACC2] a capability for the guild covers each channel, one for a channel only that", () => {
  assert.ok(covers(everywhere("send"), "send", red) && covers("all", "send", red));
  const inRed = [{ action: "send", channel: red }];
  assert.deepEqual([red, blue, null].map((channel) => covers(inRed, "send", channel)), [true, false, false]);
  assert.ok(!covers(everywhere("send"), "view", red));
});

Deno.test("[ACC3] a part is within a whole that covers all of it", () => {
  const inRed = [{ action: "manageChannels", channel: red }];
  assert.ok(isWithin(inRed, everywhere("manageChannels", "ban")) && isWithin([], []) && isWithin(inRed, "all"));
  assert.ok(!isWithin(everywhere("manageChannels"), inRed) && !isWithin(everywhere("ban"), everywhere("remove")));
  assert.deepEqual(common([...inRed, ...everywhere("ban")], everywhere("manageChannels")), inRed);
});

const override = (allow: readonly string[], deny: readonly string[]): Override => ({
  allow: new Set(allow),
  deny: new Set(deny),
});

function ask(
  action: "view" | "send",
  roles: readonly RoleId[],
  by: {
    readonly roles?: readonly (readonly [RoleId, Override])[];
    readonly member?: Override;
    readonly base?: boolean;
  },
): boolean {
  const members = new Map(by.member === undefined ? [] : [[ann, by.member] as const]);
  const permissions = {
    everyone: all,
    capabilitiesOf: (role: RoleId) => everywhere(...role === all && by.base !== false ? ["view", "send"] : []),
    overridesOf: () => ({ roles: new Map(by.roles ?? []), members }),
  };
  return may(permissions, { user: ann, isFounder: false, roles: new Set(roles) }, action, red);
}

Deno.test("[ACC5] roles, then everybody's override, then those of roles, then the member's: the last word counts", () => {
  const [yes, no] = [override(["view", "send"], []), override([], ["send"])];
  assert.equal(ask("send", [], {}), true);
  assert.equal(ask("send", [], { base: false }), false);
  assert.equal(ask("send", [], { base: false, roles: [[all, yes]] }), true);
  assert.equal(ask("send", [], { roles: [[all, no]] }), false);
  assert.equal(ask("send", [mod], { roles: [[all, no], [mod, yes]] }), true);
  assert.equal(ask("send", [mod, bot], { roles: [[mod, yes], [bot, no]] }), false);
  assert.equal(ask("send", [mod], { roles: [[mod, no]], member: yes }), true);
  assert.equal(ask("send", [mod], { roles: [[mod, yes]], member: no }), false);
});

Deno.test("[ACC5] who may not see a channel may do nothing in it; the founder may do all", () => {
  const hidden = override([], ["view"]);
  assert.equal(ask("send", [], { roles: [[all, hidden]] }), false);
  assert.equal(ask("view", [], { roles: [[all, hidden]] }), false);
  const nothing = { everyone: all, capabilitiesOf: () => [], overridesOf: () => undefined };
  assert.ok(may(nothing, { user: ann, isFounder: true, roles: new Set() }, "send", blue));
});
