/** Deterministic CBOR (RFC 8949, 4.2): one importer of the codec library, with size and depth capped before it runs. */
import { decode as decodeCbor, encode as encodeCbor } from "cborg";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { sameBytes } from "./bytes.ts";
import { scan } from "./cborScan.ts";

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
  const form = scan(bytes);
  if (form !== "plain" && form !== "fits") return refuse(form);
  let value: unknown;
  try {
    value = decodeCbor(bytes, STRICT);
  } catch {
    return refuse("wire.malformed");
  }
  // To encode it again costs as much as all the rest, and is left out where it could show nothing.
  return form === "plain" || sameBytes(encodeCbor(value), bytes) ? ok(value) : refuse("wire.not-canonical");
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
