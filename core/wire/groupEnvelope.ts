/**
 * One message of a sender's chain. Binary, because every message has one: version 1 | chain id 16 | index 4 |
 * position in its block 1 | messages in the block 1 | nonce 12 | digest of the block before 32 | signature 64 |
 * path 32 each | ciphertext. SPEC section 6a.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { GROUP } from "../limits.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";
import type { WireReason } from "./schema.ts";

/** What all envelopes of a block have in common. */
export interface BlockHead {
  /** 16 bytes. */
  readonly chain: Uint8Array;
  /** Index of the block's first message. */
  readonly first: number;
  /** Messages in the block, from 1 to `GROUP.maxBlock`. */
  readonly count: number;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** Digest of the block before in this chain, 32 bytes; zeros in the first one. */
  readonly previous: Uint8Array;
}

export interface GroupEnvelope extends BlockHead {
  /** The message is number `first + position` of its chain. */
  readonly position: number;
  /** 64 bytes, over the block's digest. */
  readonly signature: Uint8Array;
  /** The digests beside the way from this message to the root of its block, from below; 32 bytes each. */
  readonly path: readonly Uint8Array[];
  readonly ciphertext: Uint8Array;
}

const VERSION = 1;
const CHAIN_AT = 1;
const INDEX_AT = 17;
const POSITION_AT = 21;
const COUNT_AT = 22;
const NONCE_AT = 23;
const PREVIOUS_AT = 35;
const SIGNATURE_AT = 67;
const PATH_AT = 131;
const DIGEST_BYTES = 32;
const TAG_BYTES = 16;

/** Where the way from leaf `position` to the root of `count` leaves has a neighbour, from below: on which side of it. */
export function* wayUp(position: number, count: number): Generator<"left" | "right"> {
  for (let place = position, width = count; width > 1; place >>= 1, width = (width + 1) >> 1) {
    if (place % 2 === 1) yield "left";
    else if (place + 1 < width) yield "right";
  }
}

function pathLength(position: number, count: number): number {
  let length = 0;
  for (const _ of wayUp(position, count)) length++;
  return length;
}

export const encodeGroupEnvelope = (envelope: GroupEnvelope): Uint8Array =>
  concat(
    Uint8Array.of(VERSION),
    envelope.chain,
    uintBytes(envelope.first + envelope.position, 4),
    Uint8Array.of(envelope.position, envelope.count),
    envelope.nonce,
    envelope.previous,
    envelope.signature,
    ...envelope.path,
    envelope.ciphertext,
  );

/** Views into `input`, no copies. */
export function decodeGroupEnvelope(input: Uint8Array): Result<GroupEnvelope, WireReason> {
  if (input.length > GROUP.maxEnvelopeBytes) return refuse("wire.too-large");
  if (input.length < PATH_AT + TAG_BYTES) return refuse("wire.malformed");
  if (input[0] !== VERSION) return refuse("wire.unknown-version");
  const [position, count] = [input[POSITION_AT]!, input[COUNT_AT]!];
  const first = bytesUint(input.subarray(INDEX_AT, POSITION_AT)) - position;
  if (position >= count || count > GROUP.maxBlock) return refuse("wire.wrong-shape");
  if (first < 0 || first + count > GROUP.maxMessages) return refuse("wire.wrong-shape");
  const ciphertextAt = PATH_AT + DIGEST_BYTES * pathLength(position, count);
  if (input.length < ciphertextAt + TAG_BYTES) return refuse("wire.malformed");
  const path: Uint8Array[] = [];
  for (let at = PATH_AT; at < ciphertextAt; at += DIGEST_BYTES) path.push(input.subarray(at, at + DIGEST_BYTES));
  return ok({
    chain: input.subarray(CHAIN_AT, INDEX_AT),
    first,
    count,
    position,
    nonce: input.subarray(NONCE_AT, PREVIOUS_AT),
    previous: input.subarray(PREVIOUS_AT, SIGNATURE_AT),
    signature: input.subarray(SIGNATURE_AT, PATH_AT),
    path,
    ciphertext: input.subarray(ciphertextAt),
  });
}
