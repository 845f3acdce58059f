/** Who may say what in a channel, and what becomes of content when its author loses the right to it. */
import assert from "node:assert/strict";
import { judge, type Known, NOTHING_KNOWN } from "../../../core/guild/content.ts";
import type { ContentRule } from "../../../core/guild/contentRule.ts";
import { Hindsight } from "../../../core/guild/hindsight.ts";
import { stateOf } from "../../../core/guild/state.ts";
import { type ChannelId, channelOfOp, type ContentId } from "../../../core/ids.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import type { GuildContent } from "../../../core/wire/guildContent.ts";
import { deviceNamed, everywhere, type GuildStage, userNamed } from "../../support/guild.ts";
import { said, type Saying } from "../../support/guildContent.ts";
import { ban, invite, removal, town } from "./town.ts";

interface Square {
  readonly stage: GuildStage;
  readonly channel: ChannelId;
  /** The heads when the story begins. */
  readonly start: readonly LoggedOp[];
  says(name: string, heads?: readonly LoggedOp[], saying?: Saying, known?: Partial<Known>): ContentRule;
}

function square(everyone = everywhere("view", "send")): Square {
  const { stage } = town(everyone);
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const says = (name: string, heads = stage.heads(), saying: Saying = {}, known: Partial<Known> = {}) =>
    verdict(stage, said(name, channel, heads, saying), known);
  return { stage, channel, start: stage.heads(), says };
}

function verdict(stage: GuildStage, content: GuildContent, known: Partial<Known> = {}): ContentRule {
  return judge(stage.hindsight(), content, { ...NOTHING_KNOWN, ...known });
}

const override = (channel: ChannelId, name: string, allow: readonly string[], deny: readonly string[]) =>
  ({ t: "channel.override", channel, subject: { t: "member", user: userNamed(name) }, allow, deny }) as const;
const id = "1".repeat(64) as ContentId;
const seen = (channel: ChannelId, device: string, seq: number) => ({ channel, device: deviceNamed(device), seq, id });
/** All that is between is here. */
const REACHED: Partial<Known> = { isReached: () => true };

Deno.test("[CNT3] each claim needs its permission, and what is not said needs none", () => {
  const claims: readonly [string, Saying][] = [
    ["attach", { claims: { attaches: true } }],
    ["mentionEveryone", { claims: { mentionsEveryone: true } }],
    ["useSoundboard", { claims: { playsSound: true } }],
    ["manageMessages", { claims: { deletes: { device: deviceNamed("pat"), seq: 1 } } }],
    ["muteOthers", { claims: { mutes: userNamed("pat") } }],
  ];
  for (const [action, saying] of claims) {
    const { stage, channel, says } = square(everywhere("view", "send", "speak"));
    assert.equal(says("pip", undefined, saying), "lacks-permission", action);
    stage.make("fay", override(channel, "pip", [action], ["send"]));
    assert.equal(says("pip", undefined, { ...saying, body: "" }), "permitted", action);
    assert.equal(says("pip", undefined, saying), "lacks-permission", `${action} with words`);
  }
});

Deno.test("[CNT3] one's own content may be deleted by whoever can view the channel", () => {
  const { stage, channel, says } = square();
  stage.make("fay", override(channel, "pip", [], ["send"]));
  const own = { claims: { deletes: { device: deviceNamed("pip"), seq: 1 } }, body: "" };
  assert.equal(says("pip", undefined, own), "permitted");
  stage.make("fay", override(channel, "pip", [], ["view"]));
  assert.equal(says("pip", undefined, own), "lacks-permission");
});

Deno.test("[CNT4] content under heads that are not here waits", () => {
  const { stage, channel } = square();
  const content = said("pip", channel, stage.heads());
  const known = stage.ops.filter(({ id }) => !content.heads.includes(id));
  assert.equal(judgeWith(stage, known, content), "unknown-heads");
  assert.equal(verdict(stage, content), "permitted");
});

function judgeWith(stage: GuildStage, ops: readonly LoggedOp[], content: GuildContent): ContentRule {
  const { history, ...rest } = stage.resolve();
  const placeOf = new Map(ops.map(({ id }) => [id, history.placeOf.get(id)!]));
  const rulings = { ...rest, history: { ...history, placeOf } };
  return judge(new Hindsight(rulings, stateOf(stage.resolve())), content);
}

Deno.test("[CNT5] at the heads that content names, its author must be a member with the right, on a good device", () => {
  const { stage, channel, start, says } = square();
  assert.equal(says("eve"), "unknown-device");
  stage.introduce("eve");
  assert.equal(says("eve"), "not-a-member");
  stage.make("fay", { t: "add", user: userNamed("eve") });
  assert.equal(says("eve"), "permitted");
  assert.equal(says("eve", start), "unknown-device");
  stage.introduce("pip 2");
  stage.make("pip", { t: "device.revoke", device: deviceNamed("pip 2") });
  assert.equal(says("pip 2"), "device-revoked");
  assert.equal(says("pip"), "permitted");
  const closed = stage.make("fay", override(channel, "pip", [], ["send"]));
  assert.equal(says("pip"), "lacks-permission");
  stage.make("fay", override(channel, "pip", ["send"], []));
  assert.equal(says("pip", [closed]), "lacks-permission");
});

Deno.test("[CNT5] a device whose two ops under one number were seen says nothing, until it is reinstated", () => {
  const { stage, start, says } = square();
  const twice = ["one", "two"].map((name) => stage.make("pip", { t: "settings", name, icon: null }, { on: start }));
  assert.equal(says("pip", twice), "device-suspended");
  stage.make("fay", { t: "device.reinstate", device: deviceNamed("pip"), seq: twice[0]!.op.seq });
  assert.equal(says("pip"), "permitted");
});

Deno.test("[CNT6] ops that are void give no right, though nobody could tell at the heads", () => {
  const { stage, start, says } = square();
  const gone = stage.make("ann", removal("max"), { on: start });
  const opened = stage.make("max", invite, { on: start });
  const joined = stage.redeem("eve", opened, { on: [opened] });
  assert.equal(says("eve", [joined]), "not-a-member");
  assert.equal(says("eve", [gone, joined]), "not-a-member");
});

Deno.test("[CNT7] the heads of a chain never go back", () => {
  const { stage, channel, start, says } = square();
  const later = stage.make("fay", override(channel, "pat", [], ["send"]));
  const floor = [later.id];
  assert.equal(says("pip", [later], {}, { floor }), "permitted");
  assert.equal(says("pip", start, {}, { floor }), "heads-go-back");
});

Deno.test("[CNT8] of somebody removed what the removal lists stays, and nothing else, whatever the heads", () => {
  for (const t of ["remove", "ban"] as const) {
    const { stage, channel, start, says } = square();
    stage.make("ann", { t, user: userNamed("pip"), seen: [seen(channel, "pip", 3)] });
    assert.equal(says("pip", start, { seq: 3 }, REACHED), "permitted");
    assert.equal(says("pip", start, { seq: 3 }, { ...REACHED, isForked: true }), "permitted");
    assert.equal(says("pip", start, { seq: 4 }, REACHED), "removed-meanwhile");
    assert.equal(says("pip", start, { seq: 4 }, { ...REACHED, isConfirmed: true }), "removed-meanwhile");
    assert.equal(says("pip", start, { seq: 3 }, { isReached: () => false, isConfirmed: true }), "removed-meanwhile");
    assert.equal(says("pip", stage.heads(), { seq: 3 }, REACHED), "not-a-member");
    const other = channelOfOp(stage.make("fay", { t: "channel.create", name: "other", kind: "text" }).id);
    assert.equal(verdict(stage, said("pip", other, start, { seq: 1 })), "lacks-permission");
    stage.introduce("pip 2", start);
    assert.equal(says("pip 2", stage.heads(), { seq: 1 }), "not-a-member");
  }
});

Deno.test("[CNT8] a channel that the removal does not list had nothing", () => {
  const { stage, channel, start } = square();
  const other = channelOfOp(stage.make("fay", { t: "channel.create", name: "other", kind: "text" }).id);
  const before = stage.heads();
  stage.make("ann", { ...removal("pip"), seen: [seen(channel, "pip", 3)] });
  assert.equal(verdict(stage, said("pip", other, before)), "removed-meanwhile");
  assert.equal(verdict(stage, said("pip", channel, start), REACHED), "permitted");
});

Deno.test("[CNT8] what cannot be told to be of the listed chain yet is unconfirmed, if it was not known before", () => {
  const { stage, channel, start, says } = square();
  stage.make("ann", { ...removal("pip"), seen: [seen(channel, "pip", 3)] });
  assert.equal(says("pip", start, { seq: 2 }), "unvouched");
  assert.equal(says("pip", start, { seq: 2 }, { isForked: true }), "unvouched");
  assert.equal(says("pip", start, { seq: 2 }, { isConfirmed: true }), "permitted");
});

Deno.test("[CNT8] of several removals each must list it, so that no accomplice lists more", () => {
  const { stage, channel, start, says } = square();
  stage.make("max", { ...removal("pip"), seen: [seen(channel, "pip", 1_000)] }, { on: start });
  stage.make("ann", { ...ban("pip"), seen: [seen(channel, "pip", 3)] }, { on: start });
  assert.equal(says("pip", start, { seq: 3 }, REACHED), "permitted");
  assert.equal(says("pip", start, { seq: 4 }, REACHED), "removed-meanwhile");
  assert.equal(says("pip", start, { seq: 3 }, { isReached: ({ seq }) => seq === 3 }), "removed-meanwhile");
  assert.equal(says("pip", start, { seq: 3 }, { isReached: ({ seq }) => seq === 3 || null }), "unvouched");
});

Deno.test("[CNT8] who is taken back speaks again on what has seen both, and does not get back what was hidden", () => {
  const { stage, start, says } = square();
  stage.make("ann", removal("pip"));
  stage.make("ann", { t: "add", user: userNamed("pip") });
  assert.equal(says("pip"), "permitted");
  assert.equal(says("pip", start), "removed-meanwhile");
});

Deno.test("[CNT8] a removal that is void hides nothing", () => {
  const { stage, start, says } = square();
  stage.make("pip", removal("pat"));
  assert.equal(says("pat", start), "permitted");
});

Deno.test("[CNT9] under heads from before a loss, content is unconfirmed where it was not known before", () => {
  const losses: readonly ((town: Square) => void)[] = [
    ({ stage, channel }) => void stage.make("fay", override(channel, "pip", [], ["send"])),
    ({ stage, channel }) => void stage.make("fay", override(channel, "pip", [], ["view"])),
    ({ stage }) => void stage.make("pip", { t: "leave" }),
    ({ stage }) => void stage.make("pip", { t: "device.revoke", device: deviceNamed("pip") }),
  ];
  for (const lose of losses) {
    const story = square();
    assert.equal(story.says("pip", story.start), "permitted");
    lose(story);
    assert.equal(story.says("pip", story.start), "revoked-since");
    assert.equal(story.says("pip", story.start, {}, { isConfirmed: true }), "permitted");
    assert.notEqual(story.says("pip", undefined, {}, { isConfirmed: true }), "permitted");
    assert.equal(story.says("pat", story.start), "permitted");
  }
});

Deno.test("[CNT9] a role that is lost takes what it carried", () => {
  const { stage, says } = square();
  const crier = stage.role("fay", 9, everywhere("mentionEveryone"));
  const granted = stage.grant("fay", crier, "pip");
  const cry = { claims: { mentionsEveryone: true } };
  assert.equal(says("pip", [granted], cry), "permitted");
  stage.make("fay", { t: "role.revoke", role: crier, user: userNamed("pip") });
  assert.equal(says("pip", [granted], cry), "revoked-since");
  assert.equal(says("pip", [granted]), "permitted");
});

Deno.test("[CNT9] a removal's list gives back nothing that was lost before it", () => {
  const { stage, channel, start, says } = square();
  stage.make("fay", override(channel, "pip", [], ["send"]));
  stage.make("ann", { ...removal("pip"), seen: [seen(channel, "pip", 3)] });
  assert.equal(says("pip", start, { seq: 3 }, REACHED), "revoked-since");
  assert.equal(says("pip", start, { seq: 3 }, { ...REACHED, isConfirmed: true }), "permitted");
  assert.equal(says("pip", start, { seq: 4 }, REACHED), "removed-meanwhile");
});

Deno.test("[CNT9] an accomplice's removal on old heads gives back nothing that was lost meanwhile", () => {
  const { stage, channel, start, says } = square();
  stage.make("fay", override(channel, "pip", [], ["send"]), { on: start });
  stage.make("max", { ...removal("pip"), seen: [seen(channel, "pip", 3)] }, { on: start });
  assert.equal(says("pip", start, { seq: 3 }, REACHED), "revoked-since");
});

Deno.test("[CNT9] a removal of somebody who had left gives nothing back", () => {
  const { stage, channel, start, says } = square();
  stage.make("pip", { t: "leave" });
  stage.make("max", { ...removal("pip"), seen: [seen(channel, "pip", 3)] });
  assert.equal(says("pip", start, { seq: 3 }, REACHED), "revoked-since");
});

Deno.test("[CNT9] who was removed and taken back has lost nothing by that", () => {
  const { stage, channel, start, says } = square();
  const gone = stage.make("ann", { ...removal("pip"), seen: [seen(channel, "pip", 3)] });
  const back = stage.make("ann", { t: "add", user: userNamed("pip") });
  stage.make("ann", { ...ban("pip"), seen: [seen(channel, "pip", 5)] });
  assert.equal(says("pip", start, { seq: 3 }, REACHED), "permitted");
  assert.equal(says("pip", [back], { seq: 5 }, REACHED), "permitted");
  assert.equal(says("pip", [gone], { seq: 4 }, REACHED), "not-a-member");
});

Deno.test("[CNT10] of two things under one number, what was not known before is unconfirmed", () => {
  const { says } = square();
  assert.equal(says("pip", undefined, {}, { isForked: true }), "forked");
  assert.equal(says("pip", undefined, {}, { isForked: true, isConfirmed: true }), "permitted");
});
