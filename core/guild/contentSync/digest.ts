/** [CSYNC2] Whether two members have the same of a channel, in 16 bytes. */
import { sha256 } from "../../crypto/kdf.ts";
import { LABELS } from "../../crypto/labels.ts";
import { type ChannelId, fromHex } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import { concat, framed, uintBytes } from "../../wire/bytes.ts";
import { utf8 } from "../../wire/text.ts";
import { entriesOf, type Held, type Named } from "./held.ts";
import type { Ranges } from "./ranges.ts";

const memo = new WeakMap<readonly Held[], Uint8Array>();

/** Of one channel: computed once for each array, whatever the number of peers. */
export function digestOf(offers: readonly Held[]): Uint8Array {
  const known = memo.get(offers);
  if (known !== undefined) return known;
  const sorted = offers.filter(({ ranges }) => ranges.length > 0).sort((a, b) => a.device < b.device ? -1 : 1);
  const digest = hashed(sorted.map(chainBytes));
  memo.set(offers, digest);
  return digest;
}

export const isEmpty = (offers: readonly Held[]): boolean => offers.every(({ ranges }) => ranges.length === 0);

/** Of all channels, in any order; an empty one is as none. */
export const digestOfAll = (channels: Iterable<readonly [ChannelId, readonly Held[]]>): Uint8Array =>
  hashed(
    [...channels].filter(([, offers]) => !isEmpty(offers)).sort(([a], [b]) => a < b ? -1 : 1).map(([id, offers]) =>
      concat(fromHex(id), digestOf(offers))
    ),
  );

const hashed = (parts: readonly Uint8Array[]): Uint8Array =>
  sha256(framed(utf8(LABELS.contentDigest), concat(...parts))).slice(0, CSYNC.digestBytes);

/** What would be offered, so that there is no difference that is never told; and what is awaited: [CSYNC2]. */
const chainBytes = (held: Held): Uint8Array =>
  concat(
    fromHex(held.device),
    ...entriesOf(held).flatMap(({ ranges, tips }) => [rangeBytes(ranges), nameBytes(tips)]),
    nameBytes(held.awaited),
  );

const rangeBytes = (ranges: Ranges): Uint8Array =>
  concat(uintBytes(ranges.length, 4), ...ranges.flatMap(({ from, to }) => [uintBytes(from, 7), uintBytes(to, 7)]));

const nameBytes = (names: readonly Named[]): Uint8Array =>
  concat(uintBytes(names.length, 4), ...names.flatMap(({ seq, id }) => [uintBytes(seq, 7), fromHex(id)]));
