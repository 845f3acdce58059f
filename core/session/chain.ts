/** Receiving chains: message keys in order, and those of messages that have not arrived yet. SPEC section 6. */
import { hmacSha256Pair } from "../crypto/kdf.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { RATCHET } from "../limits.ts";
import type { Chain, ReceivingChain, SkippedKey } from "../wire/ratchetRecord.ts";
import type { RatchetSuite } from "./suite.ts";

/** The key of message `chain.index`, and the chain behind it. */
export function stepChain(
  suite: RatchetSuite,
  { key, index }: Chain,
): { readonly messageKey: Uint8Array; readonly next: Chain } {
  const [messageKey, nextKey] = hmacSha256Pair(key, suite.messageKeyInput, suite.chainKeyInput);
  return { messageKey, next: { key: nextKey, index: index + 1 } };
}

export interface TakenKey {
  readonly messageKey: Uint8Array;
  /** The chain without that key: to be kept if the message is authentic. */
  readonly chain: ReceivingChain;
}

/** The key of message `index`: the next one, one further on ([RAT5]), or a skipped one ([RAT6]). */
export function takeKey(
  suite: RatchetSuite,
  receiving: ReceivingChain,
  index: number,
): Result<TakenKey, "ratchet.replayed" | "ratchet.too-far-ahead"> {
  const { chain, skipped } = receiving;
  if (chain === null || index < chain.index) return takeSkipped(receiving, index);
  const advanced = skipTo(suite, chain, index);
  if (!advanced.ok) return advanced;
  const { messageKey, next } = stepChain(suite, advanced.value.chain);
  const fresh = advanced.value.skipped;
  return ok({
    messageKey,
    chain: { ...receiving, chain: next, skipped: fresh.length === 0 ? skipped : [...skipped, ...fresh] },
  });
}

/**
 * The chain after the other has left it: `count` messages were sent in it, of which no more than these can come. Where
 * nobody says how many, it stays open.
 */
export function closeChain(
  suite: RatchetSuite,
  receiving: ReceivingChain,
  count: number | null,
): Result<ReceivingChain, "ratchet.too-far-ahead"> {
  if (receiving.chain === null || count === null) return ok(receiving);
  const advanced = skipTo(suite, receiving.chain, count);
  if (!advanced.ok) return advanced;
  return ok({ ...receiving, chain: null, skipped: [...receiving.skipped, ...advanced.value.skipped] });
}

/** [RAT7] At most `RATCHET.maxOldChains` chains before the newest and `RATCHET.maxSkippedKeys` keys: the latest stay. */
export function withinBounds(receiving: readonly ReceivingChain[]): readonly ReceivingChain[] {
  const chains = receiving.slice(-(RATCHET.maxOldChains + 1));
  let excess = chains.reduce((count, { skipped }) => count + skipped.length, 0) - RATCHET.maxSkippedKeys;
  if (excess <= 0) return chains;
  return chains.map((chain) => {
    const dropped = Math.min(excess, chain.skipped.length);
    excess -= dropped;
    return dropped === 0 ? chain : { ...chain, skipped: chain.skipped.slice(dropped) };
  });
}

function takeSkipped(receiving: ReceivingChain, index: number): Result<TakenKey, "ratchet.replayed"> {
  const found = receiving.skipped.find((key) => key.index === index);
  if (found === undefined) return refuse("ratchet.replayed");
  const skipped = receiving.skipped.filter((key) => key !== found);
  return ok({ messageKey: found.key, chain: { ...receiving, skipped } });
}

interface Skip {
  readonly chain: Chain;
  readonly skipped: readonly SkippedKey[];
}

/** Steps the chain until message `index` is next. Only keys that `withinBounds` could keep are collected. */
function skipTo(suite: RatchetSuite, start: Chain, index: number): Result<Skip, "ratchet.too-far-ahead"> {
  if (index - start.index > RATCHET.maxForwardJump) return refuse("ratchet.too-far-ahead");
  const skipped: SkippedKey[] = [];
  let chain = start;
  while (chain.index < index) {
    const { messageKey, next } = stepChain(suite, chain);
    if (index - chain.index <= RATCHET.maxSkippedKeys) skipped.push({ index: chain.index, key: messageKey });
    chain = next;
  }
  return ok({ chain, skipped });
}
