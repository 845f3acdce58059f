/** Frames by which members bring the content of channels together. */
import assert from "node:assert/strict";
import { contentSyncStep, NO_CONTENT_PEERS, openContentPeer } from "../../core/guild/contentSync/contentSync.ts";
import { sizeOf } from "../../core/guild/contentSync/offered.ts";
import type { ContentSync } from "../../core/guild/contentSync/peersTurn.ts";
import { CSYNC } from "../../core/limits.ts";
import { contentSyncCodec, type ContentSyncFrame } from "../../core/wire/contentSync.ts";
import { channelOf, ContentShelf, deviceOf, type Piece, pieceOf } from "../support/contentShelf.ts";
import { envOf, must } from "../support/world.ts";
import { cbor, MAX_DECODE_MS, outcome } from "./coding.ts";
import { mutateCbor } from "./mutate.ts";
import type { Outcome, Target } from "./target.ts";

const { rng } = envOf(98);
const [device, peer] = [deviceOf("ann"), deviceOf("eve")];
const channel = channelOf("general");
const shelf = new ContentShelf([channel]);
const pieces: Piece[] = [];
for (let seq = 1; seq <= 30; seq++) pieces.push(pieceOf(channel, device, seq, pieces.at(-1) ?? null, seq));
for (const piece of pieces) if (piece.seq % 7 !== 3) shelf.add(piece);
const { id } = pieces[9]!;
const digest = rng.bytes(16);
const envelope = rng.bytes(200);
const ranges = [{ from: 1, to: 40 }, { from: 42, to: 2 ** 33 }];
const entries = [{ device, ranges, tips: [{ seq: 2 ** 33, id }] }, { device, ranges: [], tips: [] }];

const frames: readonly ContentSyncFrame[] = [
  { t: "all", digest },
  { t: "digests", entries: [{ channel, digest }], answer: true, more: false },
  { t: "ask", number: 1, channel, from: 500 },
  { t: "offer", number: 1, channel, entries, more: true },
  { t: "tell", channel, entries },
  { t: "want", number: 2, channel, wants: [{ device, ranges }], ids: [{ device, seq: 7, id }] },
  {
    t: "items",
    number: 2,
    chains: [{ device, chain: rng.bytes(16), signer: rng.bytes(32), ownership: rng.bytes(64) }],
    items: [{ device, seq: 31, envelope }],
    more: false,
  },
  { t: "push", channel, seq: 8, envelope },
  { t: "busy", number: 3, retryAfterMs: 1_000 },
];

/** A member of whom the peer is asked for something, as an answer in `frames` has it. */
function asking(): ContentSync {
  let { state } = openContentPeer(NO_CONTENT_PEERS, shelf, peer, 0);
  const offers: ContentSyncFrame = {
    t: "tell",
    channel,
    entries: [{ device, ranges: [{ from: 3, to: 40 }], tips: [] }],
  };
  state = contentSyncStep(state, shelf, peer, offers, 0).state;
  return new Map([[peer, { ...state.get(peer)!, number: 2 }]]);
}
const before = asking();
const copy = structuredClone(before);

/** Whatever comes, few frames go out, each of which has its form, and what is kept is bounded. */
function step(input: Uint8Array): Outcome {
  const decoded = contentSyncCodec.decode(input);
  if (!decoded.ok) return outcome(decoded, 2);
  const { state, send, took, refused } = contentSyncStep(before, shelf, peer, decoded.value, 1_000);
  for (const { frame } of send) must(contentSyncCodec.decode(contentSyncCodec.encode(frame)));
  assert.ok(send.length <= 2 && sizeOf(state.get(peer)!.offered) <= CSYNC.maxKept);
  assert.deepEqual(before, copy, "the state was changed");
  assert.ok(took.every(({ items }) => items.length <= CSYNC.maxItems));
  return { passedFirstParse: true, reason: refused[0]?.reason ?? null };
}

const encoded = frames.map(contentSyncCodec.encode);

export const CONTENT_SYNC: readonly Target[] = [
  cbor("frame of content sync", encoded, contentSyncCodec),
  {
    name: "content sync at a member",
    cost: "cheap",
    maxInputMs: MAX_DECODE_MS,
    seeds: encoded,
    mutate: mutateCbor,
    run: step,
  },
];
