/** Frames by which members bring the content of channels together. */
import { channelOfOp } from "../../core/ids.ts";
import { contentIdOf } from "../../core/guild/contentChain.ts";
import { opIdOf } from "../../core/log/signedOp.ts";
import { contentSyncCodec, type ContentSyncFrame } from "../../core/wire/contentSync.ts";
import { envOf, party } from "../support/world.ts";
import { cbor } from "./coding.ts";
import type { Target } from "./target.ts";

const { rng } = envOf(98);
const device = party(1).device.id;
const channel = channelOfOp(opIdOf(rng.bytes(8)));
const id = contentIdOf(rng.bytes(8));
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
    items: [{ device, seq: 7, envelope }],
    more: false,
  },
  { t: "push", channel, seq: 8, envelope },
  { t: "busy", number: 3, retryAfterMs: 1_000 },
];

export const CONTENT_SYNC: readonly Target[] = [
  cbor("frame of content sync", frames.map(contentSyncCodec.encode), contentSyncCodec),
];
