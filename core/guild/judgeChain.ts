/** [CNT7] [CNT8] The content of one device in one channel, judged together: what it says is held against all that it says. */
import type { ContentId, OpId } from "../ids.ts";
import { judge, type Known } from "./content.ts";
import { type LastSeen, type LinksHere, type ReceivedContent, vouchedBy } from "./contentChain.ts";
import type { ContentRule } from "./contentRule.ts";
import type { Hindsight } from "./hindsight.ts";

export interface ChainContent extends ReceivedContent, Pick<Known, "isConfirmed" | "isForked"> {}

/**
 * All that is here of one chain, in any order. `links`: also of what is here no more but for its number and link; those
 * of the content itself where nothing is said.
 */
export function judgeChain(
  whole: Hindsight,
  chain: readonly ChainContent[],
  links: LinksHere = linksOfAll(chain),
): ReadonlyMap<ContentId, ContentRule> {
  const rules = new Map<ContentId, ContentRule>();
  const vouching = new Vouching(links);
  const lines = new Map<ContentId, readonly OpId[]>();
  const ordered = chain.toSorted((a, b) => a.content.seq - b.content.seq);
  let [seq, floor, next]: [number, readonly OpId[], readonly OpId[]] = [0, [], []];
  for (const { id, content, isConfirmed, isForked } of ordered) {
    // Those of one number are not held against each other, and the next ones against all of them.
    if (content.seq > seq) [seq, floor, next] = [content.seq, next.length > 0 ? next : floor, []];
    const line = content.previous === null ? [] : lines.get(content.previous) ?? [];
    const isReached = (last: LastSeen) => vouching.reaches(last, content.seq, id);
    const rule = judge(whole, content, { floor, line, isReached, isConfirmed, isForked });
    rules.set(id, rule);
    const isFloor = rule !== "heads-go-back" && rule !== "unknown-heads";
    lines.set(id, isFloor ? content.heads : line);
    if (isFloor) next = [...next, ...content.heads];
  }
  return rules;
}

const linksOfAll = (chain: readonly ChainContent[]): LinksHere =>
  new Map(chain.map(({ id, content: { seq, previous } }) => [id, { id, seq, previous }]));

/** [CNT8] What lists vouch for, each gone through once. */
class Vouching {
  private readonly memo = new Map<string, ReadonlyMap<number, ContentId>>();

  constructor(private readonly links: LinksHere) {}

  reaches({ seq: from, id: last }: LastSeen, seq: number, id: ContentId): boolean | null {
    const key = `${from} ${last}`;
    const vouched = this.memo.get(key) ?? vouchedBy(this.links, { seq: from, id: last });
    this.memo.set(key, vouched);
    const named = vouched.get(seq);
    return named === undefined ? null : named === id;
  }
}
