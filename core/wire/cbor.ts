/** Deterministic CBOR (RFC 8949, 4.2): one importer of the codec library, with size and depth capped before it runs. */
import { decode as decodeCbor, encode as encodeCbor } from "cborg";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { WIRE } from "../limits.ts";
import { sameBytes } from "./bytes.ts";

export type CborReason = Extract<Reason, "wire.too-large" | "wire.too-deep" | "wire.malformed" | "wire.not-canonical">;

/** A plain array whatever the library makes: under Node and Deno that is a Buffer, of which `slice` is no copy. */
export function encode(value: unknown): Uint8Array {
  const { buffer, byteOffset, byteLength } = encodeCbor(value);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Decodes exactly one item. Refuses what is over `maxBytes`, nested deeper than `WIRE.maxDepth`, of indefinite length,
 * tagged, floating, or not the one encoding that `encode` would have made: equal values have equal bytes.
 */
export function decode(bytes: Uint8Array, maxBytes: number): Result<unknown, CborReason> {
  if (bytes.length > maxBytes) return refuse("wire.too-large");
  const depth = scan(bytes);
  if (depth !== "fits") return refuse(depth);
  let value: unknown;
  try {
    value = decodeCbor(bytes, STRICT);
  } catch {
    return refuse("wire.malformed");
  }
  return sameBytes(encodeCbor(value), bytes) ? ok(value) : refuse("wire.not-canonical");
}

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  retainStringBytes: false,
} as const;

const enum Major {
  Bytes = 2,
  Text = 3,
  List = 4,
  Map = 5,
  Tag = 6,
  Simple = 7,
}

/** Of the simple values only false, true and null: floats and undefined have no place in a structure. */
const FALSE = 20;
const NULL = 22;

/** Walks the item heads without recursion, because the library recurses and hostile nesting would overflow its stack. */
function scan(bytes: Uint8Array): "fits" | "wire.too-deep" | "wire.malformed" {
  const openItems: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const major = first >> 5;
    const info = first & 0x1f;
    if (info > 27) return "wire.malformed";
    const extra = info < 24 ? 0 : 1 << (info - 24);
    if (at + 1 + extra > bytes.length) return "wire.malformed";
    let argument = info < 24 ? info : 0;
    for (let i = 1; i <= extra; i++) argument = argument * 256 + bytes[at + i]!;
    at += 1 + extra;
    if (major === Major.Tag) return "wire.malformed";
    if (major === Major.Simple && (info < FALSE || info > NULL)) return "wire.malformed";
    if (major === Major.Bytes || major === Major.Text) at += argument;
    if (at > bytes.length) return "wire.malformed";
    const children = major === Major.List ? argument : major === Major.Map ? 2 * argument : 0;
    if (children > bytes.length) return "wire.malformed";
    if (children > 0) {
      openItems.push(children);
      if (openItems.length > WIRE.maxDepth) return "wire.too-deep";
      continue;
    }
    while (openItems.length > 0) {
      const left = openItems.pop()! - 1;
      if (left > 0) {
        openItems.push(left);
        break;
      }
    }
    if (openItems.length === 0) return at === bytes.length ? "fits" : "wire.malformed";
  }
  return "wire.malformed";
}
