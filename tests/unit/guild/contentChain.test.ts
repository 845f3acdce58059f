/** Gaps and forks in the content of a device, and content that waits for ops. */
import assert from "node:assert/strict";
import {
  contentIdOf,
  EMPTY_CHAIN,
  gapsOf,
  isForked,
  type Link,
  linkContent,
  receiveContent,
} from "../../../core/guild/contentChain.ts";
import { type ChannelId, channelOfOp, type ContentId } from "../../../core/ids.ts";
import { decodeGuildContent, encodeGuildContent, type GuildContent } from "../../../core/wire/guildContent.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { deviceNamed, GuildStage } from "../../support/guild.ts";
import { said } from "../../support/guildContent.ts";

const { genesis } = new GuildStage("fay");
const channel = channelOfOp(genesis.id);
const idOf = (word: string): ContentId => contentIdOf(utf8(word));
const link = (seq: number, word = `${seq}`, before = `${seq - 1}`): Link => ({
  id: idOf(word),
  seq,
  previous: seq === 1 ? null : idOf(before),
});

Deno.test("[CNT11] what is missing below the newest is known, in whatever order content comes", () => {
  const { chain } = linkContent(EMPTY_CHAIN, [link(7), link(3), link(4)]);
  assert.deepEqual(gapsOf(chain), [{ from: 1, to: 2 }, { from: 5, to: 6 }]);
  const whole = linkContent(chain, [link(1), link(6), link(2), link(5)]).chain;
  assert.deepEqual(gapsOf(whole), []);
  assert.ok([1, 2, 3, 4, 5, 6, 7].every((seq) => !isForked(whole, seq)));
});

Deno.test("[CNT10] a second thing under one number is noticed, also by a link to what is not here; a third is not kept", () => {
  const twice = linkContent(EMPTY_CHAIN, [link(2), link(2, "other")]).chain;
  assert.ok(isForked(twice, 2) && !isForked(twice, 1));
  const byLink = linkContent(EMPTY_CHAIN, [link(3), link(2, "other")]).chain;
  assert.ok(isForked(byLink, 2));
  const { chain, surplus } = linkContent(twice, [link(2, "third"), link(2)]);
  assert.deepEqual(surplus, [idOf("third")]);
  assert.equal(chain.here.size, 2);
});

Deno.test("[CNT2] heads ascend without repeats, there is one at least, and the first of a chain follows nothing", () => {
  const good = said("pip", channel, [genesis]);
  assert.deepEqual(decodeGuildContent(encodeGuildContent(good)), { ok: true, value: good });
  const bad: readonly GuildContent[] = [
    { ...good, heads: [] },
    { ...good, heads: [genesis.id, genesis.id] },
    { ...good, seq: 2 },
    { ...good, previous: idOf("1") },
  ];
  for (const content of bad) {
    assert.deepEqual(decodeGuildContent(encodeGuildContent(content)), { ok: false, reason: "wire.wrong-shape" });
  }
});

Deno.test("[CNT1] content is of the device and the channel that its envelope is of", () => {
  const content = said("pip", channel, [genesis]);
  const bytes = encodeGuildContent(content);
  const other = "0".repeat(64) as ChannelId;
  assert.deepEqual(receiveContent(bytes, channel, content.device), {
    ok: true,
    value: { id: contentIdOf(bytes), content },
  });
  assert.deepEqual(receiveContent(bytes, other, content.device), { ok: false, reason: "group.wrong-channel" });
  assert.deepEqual(receiveContent(bytes, channel, deviceNamed("pat")), { ok: false, reason: "group.wrong-sender" });
});
