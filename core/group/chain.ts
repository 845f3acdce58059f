/** The hash chain of a sender: chain key -> message key and next chain key. SPEC section 6a. */
import { chachaPoly } from "../crypto/aead.ts";
import { hmacSha256Pair } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { type ChannelId, type DeviceId, fromHex } from "../ids.ts";
import { concat, uintBytes } from "../wire/bytes.ts";
import { utf8 } from "../wire/text.ts";
import type { Result } from "../errors.ts";

export interface ChainKey {
  readonly key: Uint8Array;
  /** Number of the message whose key comes next. */
  readonly index: number;
}

const messageInput = utf8(LABELS.groupMessage);
const chainInput = utf8(LABELS.groupChain);

export function stepChain({ key, index }: ChainKey): { readonly messageKey: Uint8Array; readonly next: ChainKey } {
  const [messageKey, nextKey] = hmacSha256Pair(key, messageInput, chainInput);
  return { messageKey, next: { key: nextKey, index: index + 1 } };
}

/** The chain when message `index` is next; `index` is not before the one at hand. */
export function advance(chain: ChainKey, index: number): ChainKey {
  let at = chain;
  while (at.index < index) at = stepChain(at).next;
  return at;
}

/** Channel 32 | device 32: what everything of a chain is bound to besides its id. */
export const homeOf = (channel: ChannelId, device: DeviceId): Uint8Array => concat(fromHex(channel), fromHex(device));

/** Where a message stands: the associated data of its encryption. */
interface Place {
  readonly home: Uint8Array;
  readonly chain: Uint8Array;
  readonly index: number;
}

const associatedData = ({ home, chain, index }: Place): Uint8Array => concat(home, chain, uintBytes(index, 4));

export const sealOne = (key: Uint8Array, nonce: Uint8Array, padded: Uint8Array, place: Place): Uint8Array =>
  chachaPoly.seal(key, nonce, padded, associatedData(place));

export const openOne = (
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  place: Place,
): Result<Uint8Array, "crypto.not-authentic"> => chachaPoly.open(key, nonce, ciphertext, associatedData(place));
