/** Content brought together between members who mean well. */
import assert from "node:assert/strict";
import { CSYNC } from "../../../../core/limits.ts";
import { ContentNet } from "../../../support/contentNet.ts";
import { channelOf, ContentShelf, deviceOf, envelopeName, type Piece, pieceOf } from "../../../support/contentShelf.ts";

const channel = channelOf("general");
const devices = ["ann", "bob", "eve", "pat", "mia"].map(deviceOf);

function chain(author: number, count: number, of = channel): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let seq = 1; seq <= count; seq++) {
    pieces.push(pieceOf(of, devices[author]!, seq, pieces.at(-1) ?? null, 10 * seq + author));
  }
  return pieces;
}

/** Members with these parts, all in all channels that occur. */
function net(...parts: readonly (readonly Piece[])[]): ContentNet {
  const pieces = parts.flat();
  const order = [...new Set([channel, ...pieces.map((piece) => piece.channel)])];
  const members = parts.map((part, at) => {
    const shelf = new ContentShelf(order);
    for (const piece of part) shelf.add(piece);
    return { device: devices[at]!, shelf };
  });
  return new ContentNet(members, new Map(pieces.map((piece) => [envelopeName(piece.envelope), piece])));
}

function settled(world: ContentNet): ContentNet {
  world.open();
  assert.ok(world.settle(2_000));
  assert.deepEqual([world.refused, world.repeated], [[], 0]);
  return world;
}

const has = (world: ContentNet, at: number, pieces: readonly Piece[]) => {
  const here = new Set(world.members[at]!.shelf.pieces);
  return pieces.every((piece) => here.has(piece));
};

Deno.test("[CSYNC2] what is equal costs a frame each way, and one channel that differs costs that channel", () => {
  const [one, other] = [chain(0, 9), chain(1, 9, channelOf("other"))];
  assert.equal(settled(net([...one, ...other], [...other, ...one])).frames, 2);
  const world = settled(net([...one, ...other], [...one.slice(0, 5), ...other]));
  assert.ok(has(world, 1, one));
  assert.deepEqual(
    world.counts,
    new Map([["all", 2], ["digests", 2], ["ask", 2], ["offer", 2], ["want", 1], ["items", 1]]),
  );
});

Deno.test("[CSYNC4] what is missing comes, and nothing else, the newest first", () => {
  const all = chain(0, 400);
  const lacking = all.filter(({ seq }) => seq % 2 === 0 && seq > 20);
  const world = net(all, all.filter((piece) => !lacking.includes(piece)));
  world.open();
  const came: number[] = [];
  const { shelf } = world.members[1]!;
  const add = shelf.add.bind(shelf);
  shelf.add = (piece) => {
    came.push(piece.seq);
    return add(piece);
  };
  assert.ok(world.settle(100));
  assert.deepEqual(came, lacking.map(({ seq }) => seq).toReversed());
  assert.deepEqual(world.refused, []);
});

Deno.test("[CSYNC4] of two who have it each gives a part, and nothing comes twice", () => {
  const all = chain(0, 1_000);
  const world = net([], all, all);
  world.open();
  const served = [0, 0, 0];
  while (world.queue.length > 0) {
    const event = world.queue[0]!;
    if (event.t === "read") served[event.at]! += event.read.keys.length;
    world.deliver();
  }
  assert.ok(has(world, 0, all));
  assert.equal(world.repeated, 0);
  assert.equal(served[1]! + served[2]!, 1_000);
  assert.ok(Math.min(served[1]!, served[2]!) > 300, `${served}`);
});

Deno.test("[CSYNC1] a cut in the middle loses nothing that came, and another goes on", () => {
  const all = chain(0, 1_000);
  const world = net([], all, all);
  world.open([[0, 1], [0, 2]]);
  for (let steps = 0; steps < 25; steps++) world.deliver();
  const before = world.members[0]!.shelf.pieces.length;
  assert.ok(before > 100 && before < 900, `${before}`);
  world.cut(0, 1);
  assert.ok(world.settle(100));
  assert.ok(has(world, 0, all));
  assert.equal(world.repeated, 0);
});

Deno.test("[CSYNC5] both of two under one number come, whether something follows them or not", () => {
  const common = chain(0, 5);
  const fork = (before: Piece, name: string) => pieceOf(channel, devices[0]!, before.seq + 1, before, 99, name);
  const [left, right] = [fork(common.at(-1)!, "left"), fork(common.at(-1)!, "right")];
  assert.ok(has(settled(net([...common, left], [...common, right])), 0, [left, right]));
  const further = fork(right, "");
  const world = settled(net([...common, left, right, further], [...common, left, further]));
  assert.ok(has(world, 1, [right]), "a link names it");
  assert.ok(has(settled(net([...common, left, right, further], [...common, right, further])), 1, [left]));
  assert.ok(has(settled(net([...common, left, right, further], [])), 1, [left, right]));
});

Deno.test("[CSYNC3] a channel of a thousand devices is offered in pages", () => {
  const authors = Array.from({ length: 1_000 }, (_, at) => deviceOf(`author ${at}`));
  const pieces = authors.map((device, at) => pieceOf(channel, device, 1, null, at));
  const world = settled(net(pieces, []));
  assert.ok(has(world, 1, pieces));
  assert.ok(world.counts.get("offer")! >= 2);
});

Deno.test("[CSYNC7] what a member writes is pushed to those who are linked, and told on to the others", () => {
  const all = chain(0, 1);
  const world = net([], [], [], [], all);
  world.open([[0, 1], [0, 2], [2, 3]]);
  assert.ok(world.settle(10));
  world.counts.clear();
  world.write(0, all[0]!);
  while (world.queue.length > 0) world.deliver();
  assert.deepEqual([1, 2, 3].map((at) => has(world, at, all)), [true, true, false]);
  assert.ok(world.settle(20));
  assert.ok(has(world, 3, all));
  assert.deepEqual(world.counts, new Map([["push", 2], ["tell", 1], ["want", 1], ["items", 1]]));
});

Deno.test("[CSYNC7] much at once is told in one frame, and not to who shows to have it", () => {
  const all = chain(0, 200);
  const world = net([], [], all);
  world.open([[0, 1]]);
  assert.ok(world.settle(10));
  for (const piece of all) world.write(0, piece);
  assert.equal(world.counts.get("push"), CSYNC.pushBurst);
  assert.ok(world.settle(40));
  assert.ok(has(world, 1, all));
  assert.deepEqual([world.counts.get("tell"), world.refused, world.repeated], [1, [], 0]);

  const mesh = net([], [], [], all);
  mesh.open([[0, 1], [0, 2], [1, 2]]);
  assert.ok(mesh.settle(10));
  mesh.write(0, all[0]!);
  assert.ok(mesh.settle(40));
  const quietly = mesh.counts.get("tell")!;
  assert.ok(quietly <= 2, "of two who tell each other at once neither is wrong");
});

Deno.test("[CSYNC9] who reads nothing of a channel is offered and given nothing, and a newcomer what is theirs", () => {
  const all = chain(0, 20);
  const world = net(all, []);
  world.members[0]!.shelf.reads = () => false;
  assert.deepEqual(settled(world).counts, new Map([["all", 2]]));

  const newcomer = net(all, []);
  newcomer.members[0]!.shelf.from = () => 15;
  settled(newcomer);
  assert.deepEqual(newcomer.members[1]!.shelf.pieces.map(({ seq }) => seq).toSorted((a, b) => a - b), [
    15,
    16,
    17,
    18,
    19,
    20,
  ]);
});
