/** Mutators: a valid encoding in, something near it out. Seeded, so that a run can be had again. */
import { decode } from "cborg";
import { concat } from "../../core/wire/bytes.ts";
import { encode } from "../../core/wire/cbor.ts";
import type { Random } from "../sim/random.ts";

/** An input near `seed`; `other` is a second valid encoding, from which parts may be taken. */
export type Mutator = (random: Random, seed: Uint8Array, other: Uint8Array) => Uint8Array;

const EDGES = [0x00, 0x01, 0x17, 0x18, 0x1b, 0x1f, 0x40, 0x5f, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xf6, 0xf9, 0xff];
const LARGEST_BYTES = 80 * 1024;

const EDITS: readonly Mutator[] = [
  (random, seed) => edited(random, seed, (byte) => byte ^ (1 << random.below(8))),
  (random, seed) => edited(random, seed, () => random.pick(EDGES)!),
  (random, seed) => edited(random, seed, () => random.uint32()),
  (random, seed) => edited(random, seed, (byte) => byte + (random.chance(0.5) ? 1 : -1)),
  (random, seed) => seed.slice(0, random.below(seed.length + 1)),
  (random, seed) => concat(seed, random.bytes(1 + random.below(40))),
  (random, seed) => replaced(seed, random.below(seed.length + 1), 0, random.bytes(1 + random.below(8))),
  (random, seed) => replaced(seed, random.below(seed.length + 1), 1 + random.below(16), new Uint8Array(0)),
  (random, seed, other) => replaced(seed, random.below(seed.length + 1), random.below(32), part(random, other)),
  (random, seed, other) => concat(seed.subarray(0, random.below(seed.length + 1)), part(random, other)),
  (random, seed) => replaced(seed, random.below(seed.length + 1), 0, part(random, seed)),
  (random, seed) => replaced(seed, random.below(seed.length + 1), 8, new Uint8Array(8).fill(random.pick(EDGES)!)),
];

/** One to four edits of bytes: flips, edges, cuts, insertions, pieces of another encoding; at times nothing but noise. */
export const mutateBytes: Mutator = (random, seed, other) => {
  if (random.chance(0.02)) return random.bytes(random.below(200));
  if (random.chance(0.0005)) return random.bytes(LARGEST_BYTES);
  let bytes = random.pick(EDITS)!(random, seed, other);
  while (random.chance(0.3)) bytes = random.pick(EDITS)!(random, bytes, other);
  return bytes;
};

function edited(random: Random, seed: Uint8Array, edit: (byte: number) => number): Uint8Array {
  if (seed.length === 0) return seed;
  const bytes = seed.slice();
  const at = random.below(bytes.length);
  bytes[at] = edit(bytes[at]!);
  return bytes;
}

const replaced = (seed: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array =>
  concat(seed.subarray(0, at), by, seed.subarray(at + count));

function part(random: Random, from: Uint8Array): Uint8Array {
  const start = random.below(from.length + 1);
  return from.subarray(start, start + random.below(64));
}

/** `seed` is CBOR: mostly a change of its tree, encoded canonically, so that it passes the first parse. */
export const mutateCbor: Mutator = (random, seed, other) => {
  if (random.chance(0.25)) return mutateBytes(random, seed, other);
  let tree = treeOf(seed);
  do tree = mutateTree(random, tree); while (random.chance(0.3));
  const bytes = encode(tree);
  return random.chance(0.1) ? mutateBytes(random, bytes, other) : bytes;
};

/** The same behind `count` bytes that are not CBOR. */
export const behind = (count: number, inner: Mutator): Mutator => (random, seed, other) =>
  random.chance(0.05)
    ? mutateBytes(random, seed, other)
    : concat(seed.subarray(0, count), inner(random, seed.subarray(count), other.subarray(count)));

type Tree = unknown;
type Branch = { readonly [key: string]: Tree };

const trees = new WeakMap<Uint8Array, Tree>();

function treeOf(seed: Uint8Array): Tree {
  const known = trees.get(seed);
  if (known !== undefined) return known;
  let tree: Tree = {};
  try {
    tree = decode(seed);
  } catch {
    // A seed that is itself broken has no tree: an empty one is grown instead.
  }
  trees.set(seed, tree);
  return tree;
}

const isBranch = (tree: Tree): tree is Branch =>
  typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof Uint8Array);

/** A copy with one place changed; the place is deep more often than not. */
function mutateTree(random: Random, tree: Tree): Tree {
  if (Array.isArray(tree)) {
    return tree.length > 0 && random.chance(0.7) ? within(random, tree) : mutateList(random, tree);
  }
  if (isBranch(tree)) {
    const keys = Object.keys(tree);
    if (keys.length === 0 || random.chance(0.2)) return mutateMap(random, tree);
    const key = random.pick(keys)!;
    return { ...tree, [key]: mutateTree(random, tree[key]) };
  }
  if (random.chance(0.15)) return sprout(random, 0);
  if (typeof tree === "number") return mutateNumber(random, tree);
  if (typeof tree === "string") return random.chance(0.5) ? random.pick(WORDS)! : mutateText(random, tree);
  if (tree instanceof Uint8Array) return mutateBytes(random, tree, tree);
  return sprout(random, 0);
}

function within(random: Random, list: readonly Tree[]): Tree {
  const at = random.below(list.length);
  return list.with(at, mutateTree(random, list[at]));
}

function mutateList(random: Random, list: readonly Tree[]): Tree {
  const at = random.below(list.length + 1);
  if (random.chance(0.3)) return list.toSpliced(at, 1);
  if (random.chance(0.3)) return list.toSpliced(at, 0, sprout(random, 1));
  if (random.chance(0.3)) return [...list, ...list].slice(0, 64);
  return random.chance(0.05) ? new Array(3000).fill(isLeaf(list[0]) ? list[0] : 0) : sprout(random, 0);
}

/** Long lists of lists would be too much for the encoder, before anything is tried. */
const isLeaf = (tree: Tree): boolean => typeof tree === "number" || typeof tree === "string";

function mutateMap(random: Random, map: Branch): Tree {
  const entries = Object.entries(map);
  const at = random.below(entries.length + 1);
  const key = random.pick(WORDS)!;
  if (random.chance(0.3)) return Object.fromEntries(entries.toSpliced(at, 1));
  if (random.chance(0.4)) return Object.fromEntries([...entries, [key, sprout(random, 1)]]);
  if (random.chance(0.4)) return Object.fromEntries(entries.map((one, i) => i === at ? [key, one[1]] : one));
  return sprout(random, 0);
}

const NUMBERS = [0, 1, 23, 24, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48, 2 ** 53 - 1, -1, -256];

const mutateNumber = (random: Random, value: number): Tree =>
  random.chance(0.4) ? random.pick(NUMBERS)! : value + random.pick([-1, 1, 256, -256, 0.5])!;

const mutateText = (random: Random, text: string): string =>
  random.chance(0.2)
    ? text.repeat(1 + random.below(40))
    : text.slice(0, random.below(text.length + 1)) + String.fromCodePoint(random.below(0xd800)) +
      text.slice(random.below(text.length + 1));

/** Words of our structures, and those that a careless map would trip over. */
const WORDS = [
  "t text receipt call introduce welcome hello answer reveal confirm proof bundle refused envelope ping pong sealed mac nonce",
  "watch present absent offer decline busy hangup signal key keyAck waiting turning sending open used revoked invited",
  "established id seq name from next v secret user body reason upTo also __proto__ constructor toString hasOwnProperty",
].flatMap((line) => line.split(" ")).concat("", "\u0000", "\u202e", "\ufeff", "\u{1f600}");

function sprout(random: Random, depth: number): Tree {
  switch (random.below(depth > 9 ? 6 : 9)) {
    case 0:
      return random.pick(NUMBERS)!;
    case 1:
      return random.pick(WORDS)!;
    case 2:
      return random.bytes(random.pick([0, 1, 16, 31, 32, 33, 64])!);
    case 3:
      return random.pick([true, false, null])!;
    case 4:
      return random.pick([0.5, -0.1, 1e300, Infinity, 2n ** 63n, undefined])!;
    case 5:
      return "x".repeat(random.below(300));
    case 6:
      return Array.from({ length: random.below(4) }, () => sprout(random, depth + 1));
    case 7:
      return [sprout(random, depth + 3)];
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(WORDS)!, sprout(random, depth + 1)]),
      );
  }
}
