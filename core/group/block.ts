/**
 * Blocks: messages sealed in one step have one signature. It is over a digest of the block, to which each message has
 * a path of digests (a Merkle tree), so that every message can be checked by itself. SPEC section 6a.
 */
import { sha256 } from "../crypto/kdf.ts";
import { concat, uintBytes } from "../wire/bytes.ts";
import { type BlockHead, type GroupEnvelope, wayUp } from "../wire/groupEnvelope.ts";

/** Leaf, node and block are hashed behind different bytes: none can be taken for another. */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const BLOCK = Uint8Array.of(2);

/** Of one message: its number in the chain and all that opens it, so that a digest can vouch for it alone. */
export const leafDigest = (index: number, nonce: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  sha256(concat(LEAF, uintBytes(index, 4), nonce, ciphertext));
const nodeDigest = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concat(NODE, left, right));

/** `home` is channel 32 | sender's device 32; all parts have fixed lengths. */
export const blockDigest = (home: Uint8Array, head: BlockHead, root: Uint8Array): Uint8Array =>
  sha256(
    concat(
      BLOCK,
      home,
      head.chain,
      uintBytes(head.first, 4),
      Uint8Array.of(head.count),
      head.nonce,
      head.previous,
      root,
    ),
  );

export interface Tree {
  readonly root: Uint8Array;
  /** The path of leaf `position`, from below. */
  path(position: number): readonly Uint8Array[];
}

/** The tree over at least one leaf; a node without a neighbour moves up as it is. */
export function treeOf(leaves: readonly Uint8Array[]): Tree {
  const levels: (readonly Uint8Array[])[] = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) {
    level = Array.from(
      { length: Math.ceil(level.length / 2) },
      (_, i) => 2 * i + 1 < level.length ? nodeDigest(level[2 * i]!, level[2 * i + 1]!) : level[2 * i]!,
    );
  }
  return {
    root: levels.at(-1)![0]!,
    path: (position) =>
      levels.map((level, height) => level[(position >> height) ^ 1]).filter((digest) => digest !== undefined),
  };
}

/** One digest on the way from a message to its block: what has been walked past is `beside`. */
export interface Landing {
  readonly digest: Uint8Array;
  /** Together with the message they are all that `digest` stands for. */
  readonly beside: readonly Uint8Array[];
  readonly isBlock: boolean;
}

/** The digests from the message itself up to its block, each computed when it is asked for. */
export function* landings(home: Uint8Array, envelope: GroupEnvelope): Generator<Landing> {
  const beside: Uint8Array[] = [];
  let digest = leafDigest(envelope.first + envelope.position, envelope.nonce, envelope.ciphertext);
  yield { digest, beside: [], isBlock: false };
  for (const side of wayUp(envelope.position, envelope.count)) {
    const neighbour = envelope.path[beside.length]!;
    digest = side === "left" ? nodeDigest(neighbour, digest) : nodeDigest(digest, neighbour);
    beside.push(neighbour);
    yield { digest, beside: [...beside], isBlock: false };
  }
  yield { digest: blockDigest(home, envelope, digest), beside, isBlock: true };
}
