/** Members that hold any parts of any chains come to the same, whatever happens to the frames and whoever else is there. */
import assert from "node:assert/strict";
import { CSYNC } from "../../core/limits.ts";
import type { ChannelId } from "../../core/ids.ts";
import type { ContentOffer, ContentSyncFrame } from "../../core/wire/contentSync.ts";
import { Random } from "../sim/random.ts";
import { type ContentMember, ContentNet } from "../support/contentNet.ts";
import { channelOf, ContentShelf, deviceOf, envelopeName, type Piece, pieceOf } from "../support/contentShelf.ts";

const SEEDS = 150;

/** Chains of a few devices in a few channels, some of which say two things under one number. */
function world(random: Random): readonly Piece[] {
  const pieces: Piece[] = [];
  const [channels, devices] = [1 + random.below(3), 1 + random.below(4)];
  for (let channel = 0; channel < channels; channel++) {
    for (let device = 0; device < devices; device++) {
      let before: Piece | null = null;
      const forkChance = random.pick([0, 0, 0.1])!;
      for (
        let seq = 1 + random.below(2) * random.below(200), length = random.below(random.pick([4, 30, 250])!);
        length > 0;
        length--
      ) {
        const same = (fork: string) =>
          pieceOf(channelOf(`${channel}`), deviceOf(`${device}`), seq, before, random.below(10_000), fork);
        const [one, other] = [same(""), same("fork")];
        pieces.push(one);
        const isFork: boolean = random.fraction() < forkChance;
        if (isFork) pieces.push(other);
        before = isFork && random.below(3) === 0 ? other : one;
        seq++;
        // What lies between is nowhere.
        if (random.fraction() < 0.02) [before, seq] = [same("nowhere"), seq + 2 ** (1 + random.below(40))];
      }
    }
  }
  return pieces;
}

/** Single ones left out, or long runs, or nearly all. */
function someOf(random: Random, pieces: readonly Piece[]): readonly Piece[] {
  const lost = random.pick([0, 0.05, 0.5, 0.95, 1])!;
  const run = 1 + random.below(40);
  let left = 0;
  return pieces.filter(() => {
    if (left-- <= 0) left = random.fraction() < lost ? run : -run;
    if (left < 0) left += 1;
    return left <= 0;
  });
}

function membersOf(random: Random, pieces: readonly Piece[], count: number): readonly ContentMember[] {
  const order = [...new Set(pieces.map(({ channel }) => channel))];
  return Array.from({ length: count }, (_, at) => {
    const shelf = new ContentShelf(order);
    for (const piece of shuffled(random, someOf(random, pieces))) shelf.add(piece);
    return { device: deviceOf(`${at}`), shelf };
  });
}

const shuffled = <T>(random: Random, items: readonly T[]): readonly T[] =>
  items.map((item) => [random.fraction(), item] as const).sort(([a], [b]) => a - b).map(([, item]) => item);

/** A member who says anything that has a form, with the number that is due more often than not. */
function liar(random: Random, pieces: readonly Piece[]): (frame: ContentSyncFrame) => readonly ContentSyncFrame[] {
  let left = 300;
  const anyEntry = (): ContentOffer => {
    const { device, seq, id } = random.pick(pieces)!;
    const from = 1 + random.below(2 * seq);
    const ranges = random.pick([
      [{ from: 1, to: Number.MAX_SAFE_INTEGER }],
      [{ from, to: from + random.below(300) }],
      [{ from: seq, to: seq }, { from: seq + 2, to: 2 ** 52 }],
    ])!;
    return { device, ranges, tips: [{ seq: from, id: random.pick(pieces)!.id }, { seq, id }] };
  };
  return (frame) => {
    if (left-- <= 0 || random.below(5) === 0) return [];
    const number = "number" in frame && random.below(4) > 0 ? frame.number : 1 + random.below(5);
    const { channel, device } = "channel" in frame && random.below(3) > 0
      ? { device: random.pick(pieces)!.device, channel: frame.channel }
      : random.pick(pieces)!;
    const entries = Array.from({ length: 1 + random.below(4) }, anyEntry);
    const asked = frame.t === "want" && frame.wants.length > 0 ? random.pick(frame.wants)! : null;
    const items = Array.from({ length: random.below(6) }, () => {
      const piece = random.pick(pieces)!;
      const isNear = asked !== null && random.below(2) === 0;
      const place = isNear ? { device: asked.device, seq: asked.ranges.at(-1)!.to } : piece;
      const envelope = random.below(3) === 0 ? random.bytes(1 + random.below(500)) : piece.envelope;
      return { device: place.device, seq: place.seq, envelope };
    });
    const ranges = [{ from: 1, to: 2 ** 53 - 1 }];
    return [
      random.pick<ContentSyncFrame>([
        { t: "all", digest: random.bytes(16) },
        { t: "digests", entries: [{ channel, digest: random.bytes(16) }], answer: random.below(2) === 0, more: false },
        { t: "ask", number, channel, from: random.below(1_000) },
        { t: "offer", number, channel, entries, more: random.below(2) === 0 },
        { t: "offer", number, channel, entries, more: true },
        { t: "tell", channel, entries },
        { t: "tell", channel, entries },
        { t: "want", number, channel, wants: [{ device, ranges }], ids: [] },
        { t: "items", number, chains: [], items, more: random.below(2) === 0 },
        { t: "items", number, chains: [], items: [], more: true },
        { t: "push", channel, seq: 1 + random.below(100), envelope: random.bytes(100) },
        { t: "busy", number, retryAfterMs: random.below(60_000) },
      ])!,
    ];
  };
}

/** Links by which each honest member is reached from each other, and some more. */
function linksOf(random: Random, honest: number, all: number): Links {
  const links = new Map<string, readonly [number, number]>();
  const add = (a: number, b: number) => a !== b && links.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [a, b]);
  for (let at = 1; at < honest; at++) add(at, random.below(at));
  for (let at = honest; at < all; at++) for (let other = 0; other < honest; other++) add(at, other);
  for (let more = random.below(honest * honest); more > 0; more--) add(random.below(honest), random.below(honest));
  return [...links.values()];
}

interface Converged {
  readonly frames: number;
  readonly tookMs: number;
}

/** Who reads which channel: all, or some. Only who reads it too is told of it. */
function readersOf(random: Random, pieces: readonly Piece[], honest: number, all: number): Readers {
  const readers = new Map<ChannelId, ReadonlySet<number>>();
  for (const { channel } of pieces) {
    const some = [...Array(honest).keys()].filter(() => random.below(4) > 0);
    const liars = [...Array(all).keys()].slice(honest);
    if (!readers.has(channel)) {
      readers.set(channel, new Set([...random.below(2) === 0 ? some : Array(honest).keys(), ...liars]));
    }
  }
  return readers;
}

type Readers = ReadonlyMap<ChannelId, ReadonlySet<number>>;
type Links = readonly (readonly [number, number])[];

/** The honest who are reached from one over links between readers. */
function reachedFrom(at: number, readers: ReadonlySet<number>, links: Links, honest: number): ReadonlySet<number> {
  const reached = new Set([at]);
  for (const from of reached) {
    for (const [a, b] of links) {
      const other = a === from ? b : b === from ? a : from;
      if (other < honest && readers.has(from) && readers.has(other)) reached.add(other);
    }
  }
  return reached;
}

function converge(seed: number): Converged {
  const random = new Random(seed);
  const pieces = world(random);
  const honest = 2 + random.below(4);
  const isWatched = pieces.length > 0 && random.below(2) === 0;
  const members = membersOf(random, pieces, honest + (isWatched ? 1 : 0));
  const hostile = isWatched ? { at: honest, answer: liar(random, pieces) } : null;
  const net = new ContentNet(members, new Map(pieces.map((piece) => [envelopeName(piece.envelope), piece])), hostile);
  const links = linksOf(random, honest, members.length);
  const readers = readersOf(random, pieces, honest, members.length);
  const placeOf = new Map(members.map(({ device }, at) => [device, at]));
  for (const [at, { shelf }] of members.entries()) {
    shelf.reads = (peer, channel) => readers.get(channel)!.has(at) && readers.get(channel)!.has(placeOf.get(peer)!);
  }
  const had = members.map(({ shelf }) => new Set(shelf.pieces));
  for (let cuts = random.below(4); cuts > 0; cuts--) {
    net.open(links);
    for (let steps = random.below(60); steps > 0 && net.queue.length > 0; steps--) {
      net.deliver((count) => random.below(count), () => random.pick([0, 1, 1, 1, 1, 2])!);
      if (random.below(20) === 0) net.tick();
      if (random.below(40) === 0) net.cut(...random.pick(links)!);
    }
    net.nowMs += random.below(20_000);
    net.tick();
  }
  net.open(links);
  net.refused.length = 0;
  net.repeated = 0;
  const startMs = net.nowMs;
  assert.ok(net.settle(4_000), "it does not end");
  for (const piece of pieces) {
    const known = readers.get(piece.channel)!;
    for (let at = 0; at < honest; at++) {
      const isHere = members[at]!.shelf.has(piece);
      if (!known.has(at)) assert.equal(isHere, had[at]!.has(piece), "it came to who does not read it");
      const sources = [...reachedFrom(at, known, links, honest)];
      if (sources.some((source) => had[source]!.has(piece))) assert.ok(isHere, "content did not arrive");
    }
  }
  if (!isWatched) assert.deepEqual([net.refused, net.repeated], [[], 0]);
  const tookMs = Math.max(0, net.gainedAtMs - startMs);
  // From one to the next, as far as it is; a liar can add some timeouts.
  assert.ok(tookMs <= honest * CSYNC.tellAfterMs + (isWatched ? 6 * CSYNC.answerTimeoutMs : 0), `${tookMs} ms`);
  return { frames: net.frames, tookMs };
}

Deno.test("[CSYNC1] [CSYNC5] [CSYNC8] all come to the union through cuts, loss, repeats, and next to a liar", () => {
  const all: Converged[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      all.push(converge(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  const most = (of: (one: Converged) => number) => Math.max(...all.map(of));
  console.log(`${SEEDS} worlds, at most ${most(({ frames }) => frames)} frames and ${most(({ tookMs }) => tookMs)} ms`);
});
