/** Opening messages by keys of theirs that somebody kept, without the chain that they came from. SPEC section 6a. */
import { ok, refuse, type Result } from "../errors.ts";
import type { ChannelId, DeviceId } from "../ids.ts";
import { GROUP } from "../limits.ts";
import { sameBytes } from "../wire/bytes.ts";
import { decodeGroupEnvelope } from "../wire/groupEnvelope.ts";
import type { SkippedKey } from "../wire/skippedKeys.ts";
import { homeOf } from "./chain.ts";
import { isOwnedBy } from "./distribution.ts";
import { type GroupReceiver, type OpenedMessage, type OpenGroupReason, openRun } from "./receiver.ts";
import { authenticate } from "./vouched.ts";

/** Whose chain it is said to be. */
export interface ChainClaim {
  readonly channel: ChannelId;
  readonly device: DeviceId;
  /** The chain's id, 16 bytes. */
  readonly chain: Uint8Array;
  /** The chain's Ed25519 key, 32 bytes. */
  readonly signer: Uint8Array;
  /** By the device's key over channel, chain id and that key, 64 bytes. */
  readonly ownership: Uint8Array;
}

declare const proven: unique symbol;
/** A claim that its device has signed for. */
export type ProvenChain = ChainClaim & { readonly [proven]: true };

/** [SK6] Once for each chain: a signature check. */
export function proveChain(claim: ChainClaim): Result<ProvenChain, "group.wrong-sender"> {
  return isOwnedBy(claim.device, claim, claim.ownership) ? ok(claim as ProvenChain) : refuse("group.wrong-sender");
}

/**
 * [SK15] Opens envelopes of one chain by message keys, in ascending order of their numbers, from wherever they came:
 * each is shown to be its sender's exactly as by [SK9] and [SK10], and a message without a key is `group.replayed`.
 * `end` is the number of messages in the chain, where [SK4] has told.
 */
export function openKept(
  { channel, device, chain, signer, ownership }: ProvenChain,
  keys: readonly SkippedKey[],
  envelopes: readonly Uint8Array[],
  end: number = GROUP.maxMessages,
): readonly Result<OpenedMessage, OpenGroupReason>[] {
  const receiver: GroupReceiver = {
    channel,
    sender: device,
    chains: [{
      id: chain,
      signer,
      ownership,
      start: 0,
      end,
      chain: UNKNOWN,
      skipped: keys,
      vouched: [],
    }],
  };
  const results = [...openRun(receiver, envelopes).results];
  // A sender whose store was set back seals two messages under one number: one key opens both.
  const again = results.flatMap((result, at) => !result.ok && result.reason === "group.replayed" ? [at] : []);
  if (again.length === 0 || again.length === envelopes.length) return results;
  openRun(receiver, again.map((at) => envelopes[at]!)).results.forEach((result, i) => results[again[i]!] = result);
  return results;
}

/** [SK9] Whether this envelope is a message of that chain: told without a key. */
export function isOfChain({ channel, device, chain: id, signer, ownership }: ProvenChain, bytes: Uint8Array): boolean {
  const envelope = decodeGroupEnvelope(bytes);
  if (!envelope.ok || !sameBytes(envelope.value.chain, id)) return false;
  const chain = { id, signer, ownership, start: 0, end: GROUP.maxMessages, chain: UNKNOWN, skipped: [], vouched: [] };
  return authenticate(chain, homeOf(channel, device), envelope.value).ok;
}

/** The chain itself is not known: it ends where its numbers do, so that it is never stepped. */
const UNKNOWN = { key: new Uint8Array(32), index: GROUP.maxMessages };
