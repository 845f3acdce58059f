/** Who may have which content of a channel, in every combination. */
import assert from "node:assert/strict";
import { Hindsight } from "../../../../core/guild/hindsight.ts";
import { mayHave, standingOfChain } from "../../../../core/guild/keys/granting.ts";
import { resolve } from "../../../../core/guild/resolve.ts";
import { stateOf } from "../../../../core/guild/state.ts";
import { type ChannelId, channelOfOp } from "../../../../core/ids.ts";
import type { LoggedOp } from "../../../../core/log/log.ts";
import { deviceNamed, everywhere, type GuildStage, userNamed } from "../../../support/guild.ts";
import { removal, town } from "../town.ts";

function square(history: "none" | "archive", everyone = everywhere("view", "send")) {
  const { stage, mod } = town(everyone);
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  policy(stage, channel, history);
  return { stage, mod, channel, start: stage.heads() };
}

const policy = (stage: GuildStage, channel: ChannelId, history: "none" | "archive") =>
  stage.make("fay", { t: "channel.change", channel, name: "square", topic: "", position: 0, history });

const lookingBack = (ops: readonly LoggedOp[]) => {
  const rulings = resolve(ops);
  return new Hindsight(rulings, stateOf(rulings));
};

/** Whether the giver, who knows `ops`, gives `device` what was written under `heads`. */
const gives = (ops: readonly LoggedOp[], device: string, channel: ChannelId, heads: readonly LoggedOp[]) =>
  mayHave(lookingBack(ops), deviceNamed(device), { channel, heads: heads.map(({ id }) => id) });

const override = (channel: ChannelId, name: string, allow: readonly string[], deny: readonly string[]) =>
  ({ t: "channel.override", channel, subject: { t: "member", user: userNamed(name) }, allow, deny }) as const;

Deno.test("[GKEY3] [GKEY4] reader then or not, reader now or not: only who is one now, and was one or may read the archive", () => {
  for (const history of ["none", "archive"] as const) {
    for (const wasReader of [true, false]) {
      for (const isReader of [true, false]) {
        const { stage, channel } = square(history);
        if (!wasReader) stage.make("fay", override(channel, "pip", [], ["view"]));
        const then = stage.heads();
        stage.make("fay", override(channel, "pip", isReader ? ["view"] : [], isReader ? [] : ["view"]));
        const expected = isReader && (wasReader || history === "archive");
        assert.equal(gives(stage.ops, "pip", channel, then), expected, `${history} ${wasReader} ${isReader}`);
      }
    }
  }
});

Deno.test("[GKEY3] what names heads that the giver does not have is not given, though the other is a reader", () => {
  for (const history of ["none", "archive"] as const) {
    const { stage, channel } = square(history);
    const known = [...stage.ops];
    stage.make("fay", { t: "settings", name: "later", icon: null });
    assert.ok(!gives(known, "pip", channel, stage.heads()), history);
    assert.ok(gives(stage.ops, "pip", channel, stage.heads()), history);
  }
});

Deno.test("[GKEY3] what was written by who knew of a removal is given to the removed by nobody", () => {
  for (const history of ["none", "archive"] as const) {
    const { stage, channel, start } = square(history);
    const before = [...stage.ops];
    stage.make("ann", removal("pip"));
    const after = stage.heads();
    // Those who do not know of it do not have the heads; those who have the heads know of it.
    assert.ok(!gives(before, "pip", channel, after), history);
    assert.ok(!gives(stage.ops, "pip", channel, after), history);
    assert.ok(gives(before, "pip", channel, start), "what was written before, by who has not heard of it yet");
    assert.ok(!gives(stage.ops, "pip", channel, start), "nothing at all by who has");
  }
});

Deno.test("[GKEY3] a revoked device, a lost role and a deleted channel end it", () => {
  const { stage, channel } = square("archive");
  stage.introduce("pip 2");
  const then = stage.heads();
  assert.ok(gives(stage.ops, "pip 2", channel, then));
  stage.make("pip", { t: "device.revoke", device: deviceNamed("pip 2") });
  assert.ok(!gives(stage.ops, "pip 2", channel, then));
  assert.ok(gives(stage.ops, "pip", channel, then));
  stage.make("fay", { t: "channel.delete", channel });
  assert.ok(!gives(stage.ops, "pip", channel, then));

  const closed = square("archive", everywhere("send"));
  assert.ok(gives(closed.stage.ops, "mia", closed.channel, closed.start));
  assert.ok(!gives(closed.stage.ops, "pip", closed.channel, closed.start));
  closed.stage.make("fay", { t: "role.revoke", role: closed.mod, user: userNamed("mia") });
  assert.ok(!gives(closed.stage.ops, "mia", closed.channel, closed.start));
});

Deno.test("[GKEY4] a newcomer gets what was written before where the channel says so, and what comes in any case", () => {
  for (const history of ["none", "archive"] as const) {
    const { stage, channel, start } = square(history);
    stage.make("fay", { t: "add", user: userNamed("zoe") });
    stage.introduce("zoe");
    assert.equal(gives(stage.ops, "zoe", channel, start), history === "archive");
    assert.ok(gives(stage.ops, "zoe", channel, stage.heads()));
  }
});

Deno.test("[GKEY4] a new device of an old member is a newcomer", () => {
  const { stage, channel, start } = square("none");
  stage.introduce("pip 2");
  assert.ok(gives(stage.ops, "pip", channel, start));
  assert.ok(!gives(stage.ops, "pip 2", channel, start));
  policy(stage, channel, "archive");
  assert.ok(gives(stage.ops, "pip 2", channel, start));
});

Deno.test("[GKEY5] a chain is taken of a reader, waits for ops that are not here, and is refused of others", () => {
  const { stage, channel, start } = square("none");
  const before = [...stage.ops];
  stage.make("fay", { t: "add", user: userNamed("zoe") });
  stage.introduce("zoe");
  const standing = (ops: readonly LoggedOp[], device: string, heads: readonly LoggedOp[]) =>
    standingOfChain(lookingBack(ops), deviceNamed(device), { channel, heads: heads.map(({ id }) => id) });
  assert.equal(standing(stage.ops, "zoe", stage.heads()), "taken");
  assert.equal(standing(before, "zoe", stage.heads()), "waits");
  assert.equal(standing(before, "zoe", start), "refused");
  assert.equal(standing(before, "pip", stage.heads()), "taken");
});
