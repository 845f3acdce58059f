/** [CNT7] The content of one device in one channel, judged together: what it had seen before is held against it. */
import type { ContentId, OpId } from "../ids.ts";
import { judge, type Known } from "./content.ts";
import type { ReceivedContent } from "./contentChain.ts";
import type { ContentRule } from "./contentRule.ts";
import type { Hindsight } from "./hindsight.ts";

export interface ChainContent extends ReceivedContent, Pick<Known, "isConfirmed" | "isForked"> {}

/** All that is here of one chain, in any order. */
export function judgeChain(whole: Hindsight, chain: readonly ChainContent[]): ReadonlyMap<ContentId, ContentRule> {
  const rules = new Map<ContentId, ContentRule>();
  const ordered = chain.toSorted((a, b) => a.content.seq - b.content.seq);
  let [seq, floor, next]: [number, readonly OpId[], readonly OpId[]] = [0, [], []];
  for (const { id, content, isConfirmed, isForked } of ordered) {
    // Those of one number are not held against each other, and the next ones against all of them.
    if (content.seq > seq) [seq, floor, next] = [content.seq, next.length > 0 ? next : floor, []];
    const rule = judge(whole, content, { floor, isConfirmed, isForked });
    rules.set(id, rule);
    if (rule !== "heads-go-back" && rule !== "unknown-heads") next = [...next, ...content.heads];
  }
  return rules;
}
