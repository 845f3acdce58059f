/** Keys that somebody gave, tried on the envelopes that wait for them. SPEC section 22. */
import type { Result } from "../../errors.ts";
import { openKept, proveChain } from "../../group/kept.ts";
import { type OpenedMessage, type OpenGroupReason, peekMessage } from "../../group/receiver.ts";
import { type ChannelId, fromHex } from "../../ids.ts";
import { GROUP } from "../../limits.ts";
import { indexBit, type Indexes, indexesOf, NO_INDEXES } from "../../wire/chainIndexes.ts";
import type { GivenChain } from "../../wire/guildKeys.ts";
import type { ChainPart } from "./wants.ts";

export interface Tried extends ChainPart {
  /** Of `indexes`, which were given: those whose key does not open what it is said to. */
  readonly wrong: Indexes;
}

export interface Trial {
  readonly tried: Tried;
  /** One for each envelope, in its order. What is refused as `group.bad-signature` is nobody's, and can be dropped. */
  readonly results: readonly Result<OpenedMessage, OpenGroupReason | "group.wrong-sender">[];
}

/**
 * [GKEY8] `envelopes` are those that are here of the messages that keys were given for; `end` is how many messages the
 * chain has, where its sender told. Nothing is believed that the giver says.
 */
export function tryKeys(
  channel: ChannelId,
  { device, chain, signer, ownership, keys }: GivenChain,
  envelopes: readonly Uint8Array[],
  end: number = GROUP.maxMessages,
): Trial {
  const place = { channel, device, chain, indexes: indexesOf(keys.map(({ index }) => index)) };
  const proven = proveChain({ channel, device, chain: fromHex(chain), signer, ownership });
  if (!proven.ok) return { tried: { ...place, wrong: place.indexes }, results: envelopes.map(() => proven) };
  const results = openKept(proven.value, keys, envelopes, end);
  let [opened, wrong] = [NO_INDEXES, NO_INDEXES];
  results.forEach((result, at) => {
    const message = peekMessage(envelopes[at]!);
    if (!message.ok) return;
    if (result.ok) opened |= indexBit(message.value.index);
    else if (result.reason === "group.not-authentic") wrong |= indexBit(message.value.index);
  });
  return { tried: { ...place, wrong: wrong & ~opened & place.indexes }, results };
}
