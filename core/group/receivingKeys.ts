/** Message keys of another's chain: in order, ahead, and of messages that have not arrived yet. SPEC section 6a. */
import { ok, refuse, type Result } from "../errors.ts";
import { GROUP } from "../limits.ts";
import type { ReceivingChain } from "../wire/groupRecords.ts";
import type { SkippedKey } from "../wire/skippedKeys.ts";
import { type ChainKey, stepChain } from "./chain.ts";

export interface TakenKey {
  readonly messageKey: Uint8Array;
  /** The chain without that key: to be kept if the message is authentic. */
  readonly chain: ReceivingChain;
}

/** [SK11] The key of message `index`, which is below `GROUP.maxMessages`: so are the steps that it can take. */
export function takeKey(receiving: ReceivingChain, index: number): Result<TakenKey, "group.replayed"> {
  if (index < receiving.chain.index) return takeSkipped(receiving, index);
  const { chain, skipped } = collect(receiving.chain, index);
  const { messageKey, next } = stepChain(chain);
  const kept = skipped.length === 0 ? receiving.skipped : [...receiving.skipped, ...skipped];
  return ok({ messageKey, chain: { ...receiving, chain: next, skipped: kept } });
}

function takeSkipped(receiving: ReceivingChain, index: number): Result<TakenKey, "group.replayed"> {
  const place = receiving.skipped.findIndex((each) => each.index === index);
  const found = receiving.skipped[place];
  if (found === undefined) return refuse("group.replayed");
  return ok({ messageKey: found.key, chain: { ...receiving, skipped: receiving.skipped.toSpliced(place, 1) } });
}

/** Steps the chain until message `index` is next, and collects the keys that it passes. */
export function collect(
  start: ChainKey,
  index: number,
): { readonly chain: ChainKey; readonly skipped: readonly SkippedKey[] } {
  const skipped: SkippedKey[] = [];
  let chain = start;
  while (chain.index < index) {
    const { messageKey, next } = stepChain(chain);
    skipped.push({ index: chain.index, key: messageKey });
    chain = next;
  }
  return { chain, skipped };
}

/** [SK12] At most `GROUP.maxChains` chains and `GROUP.maxSkippedKeys` keys: the latest stay. */
export function withinBounds(chains: readonly ReceivingChain[]): readonly ReceivingChain[] {
  const kept = chains.length > GROUP.maxChains ? chains.slice(-GROUP.maxChains) : chains;
  let excess = kept.reduce((count, { skipped }) => count + skipped.length, 0) - GROUP.maxSkippedKeys;
  if (excess <= 0) return kept;
  return kept.map((chain) => {
    const dropped = Math.min(excess, chain.skipped.length);
    excess -= dropped;
    return dropped === 0 ? chain : { ...chain, skipped: chain.skipped.slice(dropped) };
  });
}
