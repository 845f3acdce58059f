/**
 * Ed25519 verification (RFC 8032, 5.1.7) for keys that sign many messages: the fourth signature by a key pays for a
 * table of its multiples (3 ms, 128 kB), with which each further one takes a quarter of the time. The tables are a
 * memo: answers are the same without them.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { toHex } from "../ids.ts";
import { VERIFYING } from "../limits.ts";
import { concat, framed, sameBytes } from "../wire/bytes.ts";
import { utf8 } from "../wire/text.ts";
import { sha512 } from "./kdf.ts";
import { isKnown, nameOfSignature } from "./remembered.ts";
import type { Label } from "./labels.ts";

type Point = typeof ed25519.Point.BASE;

const { BASE, Fn } = ed25519.Point;
/** Wider ones take longer to make than a chain's messages win back. */
const WINDOW_BITS = 4;

interface Known {
  readonly point: Point;
  uses: number;
}

/** What is good with the cofactor need not be without. */
const STRICTLY = "strict ";

const memo = new Map<string, Known>();

/** As `verify` of `sign.ts`. Without the cofactor, so never more lenient than that, and remembered apart. */
export function verifyOften(
  publicKey: Uint8Array,
  signature: Uint8Array,
  label: Label,
  ...parts: readonly Uint8Array[]
): boolean {
  const message = framed(utf8(label), ...parts);
  return isKnown(
    STRICTLY + nameOfSignature(publicKey, signature, message),
    () => verifyBytes(publicKey, signature, message),
  );
}

/** Over the bare message: for vectors. */
export function verifyBytes(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  const key = keyOf(publicKey);
  if (key === null || signature.length !== 64) return false;
  const commitment = signature.subarray(0, 32);
  const response = littleEndian(signature.subarray(32));
  if (response >= Fn.ORDER) return false;
  const challenge = Fn.create(littleEndian(sha512(concat(commitment, publicKey, message))));
  // Compared as bytes, a commitment that is no canonical encoding equals nothing.
  const expected = BASE.multiplyUnsafe(response).subtract(key.multiplyUnsafe(challenge));
  return sameBytes(expected.toBytes(), commitment);
}

/** `null` for what is not the canonical encoding of a point, and for points of low order, for which anybody signs. */
function keyOf(publicKey: Uint8Array): Point | null {
  const name = toHex(publicKey);
  const known = memo.get(name) ?? decode(publicKey);
  if (known === null) return null;
  memo.delete(name);
  memo.set(name, known);
  if (++known.uses === VERIFYING.tableFromUse) known.point.precompute(WINDOW_BITS, false);
  // The key that was used longest ago goes first.
  if (memo.size > VERIFYING.maxKeys) memo.delete(memo.keys().next().value!);
  return known.point;
}

function decode(publicKey: Uint8Array): Known | null {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    return point.isSmallOrder() ? null : { point, uses: 0 };
  } catch {
    return null;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}
