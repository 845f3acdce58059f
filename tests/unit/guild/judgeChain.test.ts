/** A chain of content against itself. */
import assert from "node:assert/strict";
import { type ChainContent, judgeChain } from "../../../core/guild/judgeChain.ts";
import { channelOfOp } from "../../../core/ids.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { linked, said } from "../../support/guildContent.ts";
import { town } from "./town.ts";

function story() {
  const { stage } = town();
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const early = stage.heads();
  const late = [stage.make("fay", { t: "settings", name: "later", icon: null })];
  const says = (seq: number, heads: readonly LoggedOp[], before?: ChainContent): ChainContent => {
    const content = said("pip", channel, heads, { seq, body: `${seq}` });
    return { ...linked(content, before ?? null), isConfirmed: false, isForked: false };
  };
  const rules = (...chain: readonly ChainContent[]) => {
    const judged = judgeChain(stage.hindsight(), chain);
    return chain.map(({ id }) => judged.get(id));
  };
  return { early, late, says, rules };
}

Deno.test("[CNT7] what goes back is hidden, and what follows it is held against what came before", () => {
  const { early, late, says, rules } = story();
  const first = says(1, early);
  const second = says(2, late, first);
  const third = says(3, early, second);
  const fourth = says(4, early, third);
  const fifth = says(5, late, fourth);
  const expected = ["permitted", "permitted", "heads-go-back", "heads-go-back", "permitted"];
  assert.deepEqual(rules(first, second, third, fourth, fifth), expected);
  assert.deepEqual(rules(fifth, fourth, third, second, first), expected.toReversed());
});

Deno.test("[CNT7] over a gap the last that is here counts; a fork is no way around it", () => {
  const { early, late, says, rules } = story();
  const first = says(1, early);
  const second = says(2, late, first);
  const other = says(2, early, first);
  const third = says(3, early, second);
  const afterOther = says(3, early, other);
  assert.deepEqual(rules(second, says(4, early, third)), ["permitted", "heads-go-back"]);
  assert.deepEqual(rules(first, second, other).at(-1), "permitted");
  assert.deepEqual(rules(first, second, other, afterOther).at(-1), "heads-go-back");
  assert.deepEqual(rules(first, second, other, third).at(-1), "heads-go-back");
});
