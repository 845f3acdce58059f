/** What it costs to bring content together: frames, bytes, and milliseconds of both sides. */
import assert from "node:assert/strict";
import { ContentNet } from "../support/contentNet.ts";
import { channelOf, ContentShelf, deviceOf, envelopeName, type Piece, pieceOf } from "../support/contentShelf.ts";

/** Devices that write in turn, as often as each other. */
function talk(channels: number, devices: number, count: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const latest = new Map<number, Piece>();
    for (let at = 0; at < count; at++) {
      const before = latest.get(at % devices) ?? null;
      const seq = (before?.seq ?? 0) + 1;
      const piece = pieceOf(channelOf(`${channel}`), deviceOf(`author ${at % devices}`), seq, before, at);
      latest.set(at % devices, piece);
      pieces.push(piece);
    }
  }
  return pieces;
}

interface Cost {
  readonly frames: number;
  readonly sizeBytes: number;
  readonly repeated: number;
  readonly tookMs: number;
  readonly counts: string;
}

/** Of links between all of them. */
function cost(pieces: readonly Piece[], ...parts: readonly (readonly Piece[])[]): Cost {
  const order = [...new Set(pieces.map(({ channel }) => channel))];
  const members = parts.map((part, at) => {
    const shelf = new ContentShelf(order);
    for (const piece of part) shelf.add(piece);
    return { device: deviceOf(`${at}`), shelf };
  });
  const net = new ContentNet(members, new Map(pieces.map((piece) => [envelopeName(piece.envelope), piece])));
  const startMs = performance.now();
  net.open();
  assert.ok(net.settle(20_000));
  const tookMs = Math.round(performance.now() - startMs);
  assert.deepEqual(net.refused, []);
  for (const { shelf } of members) assert.ok(pieces.every((piece) => shelf.has(piece)));
  const { frames, sizeBytes, repeated } = net;
  return {
    frames,
    sizeBytes,
    repeated,
    tookMs,
    counts: [...net.counts].map(([t, count]) => `${t} ${count}`).join(", "),
  };
}

Deno.test("[CSYNC2] [CSYNC4] what is equal, little that is missing, and all of it: frames and bytes", () => {
  const wide = talk(100, 100, 100);
  const equal = cost(wide, wide, wide);
  console.log("100 channels of 100 devices, equal:", equal);
  assert.ok(equal.frames === 2 && equal.sizeBytes < 100);

  const long = talk(1, 20, 10_000);
  const few = cost(long, long, long.filter((_, at) => at % 1_000 !== 500));
  console.log("10 of 10,000 missing, of 20 devices:", few);
  assert.ok(few.frames <= 10 && few.sizeBytes < 10 * 800 + 6_000 && few.repeated === 0);

  const cold = cost(long, long, []);
  console.log("10,000 of 20 devices, cold:", cold);
  assert.ok(cold.frames < 250 && cold.sizeBytes < 1.25 * 420 * 10_000 && cold.repeated === 0);

  const three = cost(long, long, long, long, []);
  console.log("10,000 of 20 devices, cold, from three at once:", three);
  assert.ok(three.repeated === 0);
});
