/** What a removal says of the content of the one who goes: the chain that ends in what it names, and no other. */
import assert from "node:assert/strict";
import {
  type ContentChain,
  EMPTY_CHAIN,
  isForked,
  type Link,
  linkContent,
  missingVouched,
  type ReceivedContent,
  vouchedBy,
} from "../../../core/guild/contentChain.ts";
import { listsOf } from "../../../core/guild/content.ts";
import type { ContentRule } from "../../../core/guild/contentRule.ts";
import { judgeChain } from "../../../core/guild/judgeChain.ts";
import { channelOfOp } from "../../../core/ids.ts";
import { GUILD, LOG } from "../../../core/limits.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { decodeOpBody, encodeOpBody } from "../../../core/wire/opBody.ts";
import { deviceNamed, userNamed } from "../../support/guild.ts";
import { chainOf, lastSeen } from "../../support/guildContent.ts";
import { must } from "../../support/world.ts";
import { removal, town } from "./town.ts";

const linkOf = ({ id, content: { seq, previous } }: ReceivedContent): Link => ({ id, seq, previous });
const chained = (...content: readonly ReceivedContent[]): ContentChain =>
  linkContent(EMPTY_CHAIN, content.map(linkOf)).chain;

/** Pip said five things; Ann, who had seen the first three, removes him. */
function story() {
  const { stage } = town();
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const start = stage.heads();
  const says = (words: string, before: ReceivedContent | null = null, heads: readonly LoggedOp[] = start) =>
    chainOf("pip", channel, heads, words.split(" "), before) as [ReceivedContent, ...ReceivedContent[]];
  const [one, two, three, four, five] = says("one two three four five") as unknown as [
    ReceivedContent,
    ReceivedContent,
    ReceivedContent,
    ReceivedContent,
    ReceivedContent,
  ];
  const removes = (last: ReceivedContent, by = "ann") =>
    stage.make(by, { ...removal("pip"), seen: [lastSeen(last)] }, { on: start });
  const rules = (
    here: readonly ReceivedContent[],
    confirmed: readonly ReceivedContent[] = [],
  ): readonly (ContentRule | undefined)[] => {
    const chain = chained(...here);
    const judged = judgeChain(
      stage.hindsight(),
      here.map((one) => ({
        ...one,
        isConfirmed: confirmed.includes(one),
        isForked: isForked(chain, one.content.seq),
      })),
      chain.here,
    );
    return here.map(({ id }) => judged.get(id));
  };
  return { stage, start, says, removes, rules, one, two, three, four, five };
}

Deno.test("[CNT8] a removal vouches for the chain that ends in what it lists: the rest is hidden", () => {
  const { says, removes, rules, one, two, three, four, five } = story();
  removes(three);
  const chain = [one, two, three, four, five];
  const expected = ["permitted", "permitted", "permitted", "removed-meanwhile", "removed-meanwhile"];
  assert.deepEqual(rules(chain), expected);
  assert.deepEqual(rules(chain.toReversed()), expected.toReversed());
  const others = says("other", one);
  assert.deepEqual(rules([...chain, ...others]), [...expected, "removed-meanwhile"]);
  assert.deepEqual(rules([...chain, ...others], others).at(-1), "removed-meanwhile");
});

Deno.test("[CNT8] another chain up to the listed number gains nothing, whoever has what of the true one", () => {
  const { says, removes, rules, one, two, three } = story();
  removes(three);
  const [false1, false2, false3] = says("hi everybody buy") as unknown as [
    ReceivedContent,
    ReceivedContent,
    ReceivedContent,
  ];
  assert.deepEqual(rules([false1, false2, false3]), ["unvouched", "unvouched", "removed-meanwhile"]);
  assert.deepEqual(rules([false1, false2, three]), ["unvouched", "removed-meanwhile", "permitted"]);
  assert.deepEqual(rules([false1, two, three]), ["removed-meanwhile", "permitted", "permitted"]);
  assert.deepEqual(rules([one, false1]), ["unvouched", "unvouched"]);
  assert.deepEqual(rules([one, false1], [one]), ["permitted", "unvouched"]);
  assert.deepEqual(rules([one, false1, two, three], [false1]), [
    "permitted",
    "removed-meanwhile",
    "permitted",
    "permitted",
  ]);
});

Deno.test("[CNT8] of what was deleted number and link stay, so that what came before it can still be proven", () => {
  const { stage, removes, one, two, three } = story();
  removes(three);
  const kept = { ...one, isConfirmed: false, isForked: false };
  const links = chained(one, two, three).here;
  assert.equal(judgeChain(stage.hindsight(), [kept]).get(one.id), "unvouched");
  assert.equal(judgeChain(stage.hindsight(), [kept], links).get(one.id), "permitted");
});

Deno.test("[CNT8] of several removals each must vouch; one that lists another chain hides", () => {
  const { says, removes, rules, one, two, three, five } = story();
  const [, other] = says("one other") as [ReceivedContent, ReceivedContent];
  removes(three);
  removes(five, "max");
  assert.deepEqual(rules([one, two, three]), ["unvouched", "unvouched", "unvouched"]);
  assert.deepEqual(rules([one, two, three], [one, two, three]), ["permitted", "permitted", "permitted"]);
  removes(other, "abe");
  assert.deepEqual(rules([one, two, three, other]), [
    "unvouched",
    "removed-meanwhile",
    "removed-meanwhile",
    "removed-meanwhile",
  ]);
});

Deno.test("[CNT8] what valid removals list of a chain can be asked for", () => {
  const { stage, removes, three, five } = story();
  const { channel, device } = three.content;
  const lists = () => listsOf(stage.hindsight(), channel, device);
  assert.deepEqual(lists(), []);
  removes(three);
  removes(five, "pat");
  assert.deepEqual(lists(), [lastSeen(three)], "Pat may not remove");
  assert.deepEqual(listsOf(stage.hindsight(), channel, deviceNamed("pat")), []);
  assert.deepEqual(listsOf(stage.hindsight(), channel, deviceNamed("nobody")), []);
});

Deno.test("[CNT8] a chain made up by an accomplice is hidden by what an honest removal lists", () => {
  const { says, removes, rules, one, two, three } = story();
  const backdated = says("a b c d e f g");
  removes(backdated.at(-1)!, "max");
  assert.equal(rules(backdated).at(-1), "permitted", "Max vouches, and nobody else has seen anything");
  removes(three);
  assert.ok(rules(backdated).slice(2).every((rule) => rule === "removed-meanwhile"));
  assert.deepEqual(rules([one, two, three, ...backdated]), Array(10).fill("removed-meanwhile"));
});

Deno.test("[CNT8] whoever is gone cannot hide what a removal vouches for by what they say below it later", () => {
  const { stage, start, says, removes, rules, one, two, three } = story();
  const later = [stage.make("fay", { t: "settings", name: "later", icon: null }, { on: start })];
  const [backdated] = says("other", one, later);
  removes(three);
  assert.deepEqual(rules([one, two, three, backdated]), ["permitted", "permitted", "permitted", "removed-meanwhile"]);
  assert.deepEqual(rules([one, three, backdated]), ["unvouched", "permitted", "removed-meanwhile"]);
});

Deno.test("[CNT8] [CNT7] what a removal vouches for does not go back in its own chain", () => {
  const { stage, start, says, removes, rules, one } = story();
  const later = [stage.make("fay", { t: "settings", name: "later", icon: null }, { on: start })];
  const [two] = says("two", one, later);
  const [three] = says("three", two);
  const [four] = says("four", three, later);
  removes(four);
  assert.deepEqual(rules([one, two, three, four]), ["permitted", "permitted", "heads-go-back", "permitted"]);
});

Deno.test("[CNT8] [CNT10] two under one number do not keep out what a removal lists, nor what its links lead to", () => {
  const { says, one, two, three } = story();
  const others = ["x", "y"].flatMap((word) => says(`${word} ${word} ${word}`));
  const full = chained(...others);
  const links = [one, two, three].map(linkOf);
  assert.deepEqual(linkContent(full, links).surplus, [three.id, two.id, one.id]);
  const lists = [lastSeen(three)];
  assert.deepEqual(missingVouched(full, lists[0]!), { seq: 3, id: three.id });
  const some = linkContent(full, links.slice(2), lists).chain;
  assert.deepEqual(missingVouched(some, lists[0]!), { seq: 2, id: two.id });
  const all = linkContent(some, links, lists);
  assert.deepEqual(all.surplus, []);
  assert.equal(missingVouched(all.chain, lists[0]!), null);
  const [third] = says("z");
  assert.deepEqual(linkContent(full, [linkOf(third)], lists).surplus, [third.id]);
  const against = (last: ReceivedContent) => linkContent(full, links, [...lists, lastSeen(last)]).surplus;
  assert.deepEqual(against(third), [one.id], "a list of less says nothing of more");
  assert.deepEqual(against(others[2]!), [three.id, two.id, one.id]);
});

Deno.test("[CNT8] what is listed under a number that it does not bear vouches for nothing", () => {
  const { two } = story();
  const here = chained(two).here;
  assert.deepEqual([...vouchedBy(here, { seq: 9, id: two.id })], [[9, two.id]]);
  assert.deepEqual([...vouchedBy(here, { seq: 2, id: two.id })].length, 2);
});

Deno.test("[GLD17] a removal that lists all it may fits an op", () => {
  const { three } = story();
  const last = { ...lastSeen(three), device: deviceNamed("pip"), seq: Number.MAX_SAFE_INTEGER };
  const full = { t: "ban", user: userNamed("pip"), seen: Array(GUILD.maxSeen).fill(last) } as const;
  const bytes = encodeOpBody(full);
  assert.ok(bytes.length <= LOG.maxBodyBytes, `${bytes.length} bytes`);
  assert.deepEqual(must(decodeOpBody("ban", bytes)), full);
  const tooMany = encodeOpBody({ ...full, seen: [...full.seen, last] });
  assert.equal(decodeOpBody("ban", tooMany).ok, false);
});
