/**
 * Looks at the heads of CBOR items (RFC 8949, 3) before anything is made of them. Without recursion, because the library
 * recurses and hostile nesting would overflow its stack; and without a copy, because most bytes are in byte strings.
 */
import { WIRE } from "../limits.ts";

/**
 * `plain`: one whole item, within bounds, whose maps have their keys in order and whose texts are ASCII: where the library
 * takes it as well, there is no other encoding of its value. `fits`: the same, but whether it is the one encoding has to
 * be looked at.
 */
export type Scan = "plain" | "fits" | "wire.too-deep" | "wire.malformed";

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

/** A list or map whose children are being read. */
interface Open {
  left: number;
  readonly isMap: boolean;
  /** The whole item of the key before, head included. */
  keyStart: number;
  keyEnd: number;
}

export function scan(bytes: Uint8Array): Scan {
  const opened: Open[] = [];
  let isPlain = true;
  let at = 0;
  while (at < bytes.length) {
    const start = at;
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
    if (major === Major.Text && isPlain) isPlain = isAscii(bytes, at - argument, at);
    const parent = opened.at(-1);
    if (parent !== undefined && isPlain && isKeyNext(parent)) {
      isPlain = major === Major.Text && isAfter(bytes, start, at, parent);
      parent.keyStart = start;
      parent.keyEnd = at;
    }
    const children = major === Major.List ? argument : major === Major.Map ? 2 * argument : 0;
    if (children > bytes.length) return "wire.malformed";
    if (children > 0) {
      if (opened.length >= WIRE.maxDepth) return "wire.too-deep";
      opened.push({ left: children, isMap: major === Major.Map, keyStart: 0, keyEnd: 0 });
      continue;
    }
    while (opened.length > 0) {
      if (--opened.at(-1)!.left > 0) break;
      opened.pop();
    }
    if (opened.length === 0) return at !== bytes.length ? "wire.malformed" : isPlain ? "plain" : "fits";
  }
  return "wire.malformed";
}

/** Keys and values come in turns, two for each entry. */
const isKeyNext = ({ isMap, left }: Open): boolean => isMap && left % 2 === 0;

/** In the order of their encoded bytes (RFC 8949, 4.2.1), and not the same. The first key follows the empty one. */
function isAfter(bytes: Uint8Array, start: number, end: number, { keyStart, keyEnd }: Open): boolean {
  for (let i = 0; keyStart + i < keyEnd && start + i < end; i++) {
    const [before, now] = [bytes[keyStart + i]!, bytes[start + i]!];
    if (before !== now) return before < now;
  }
  return keyEnd - keyStart < end - start;
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}
