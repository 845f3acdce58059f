/** [CSYNC2] Whether two members have the same of a channel, in 16 bytes. */
import { sha256 } from "../../crypto/kdf.ts";
import { LABELS } from "../../crypto/labels.ts";
import { type ChannelId, toHex } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import { framed } from "../../wire/bytes.ts";
import type { SeqRange } from "../../wire/contentSync.ts";
import { utf8 } from "../../wire/text.ts";
import { entriesOf, type Held, type Named } from "./held.ts";

const memo = new WeakMap<readonly Held[], Uint8Array>();

/** Of one channel: computed once for each array, whatever the number of peers. */
export function digestOf(offers: readonly Held[]): Uint8Array {
  const known = memo.get(offers);
  if (known !== undefined) return known;
  const sorted = offers.filter(({ ranges }) => ranges.length > 0).sort((a, b) => a.device < b.device ? -1 : 1);
  const digest = hashed(sorted.map(chainText));
  memo.set(offers, digest);
  return digest;
}

export const isEmpty = (offers: readonly Held[]): boolean => offers.every(({ ranges }) => ranges.length === 0);

/** Of all channels, in any order; an empty one is as none. */
export const digestOfAll = (channels: Iterable<readonly [ChannelId, readonly Held[]]>): Uint8Array =>
  hashed(
    [...channels].filter(([, offers]) => !isEmpty(offers)).sort(([a], [b]) => a < b ? -1 : 1).map(([id, offers]) =>
      `${id}|${toHex(digestOf(offers))}`
    ),
  );

const hashed = (parts: readonly string[]): Uint8Array =>
  sha256(framed(utf8(LABELS.contentDigest), utf8(parts.join("\n")))).slice(0, CSYNC.digestBytes);

/**
 * What would be offered, so that there is no difference that is never told; and what is awaited: [CSYNC2]. As text,
 * because ids are text in memory, and turning each into bytes takes several times as long.
 */
const chainText = (held: Held): string =>
  `${held.device}|${
    entriesOf(held).map(({ ranges, tips }) => `${ranges.map(rangeText).join()};${tips.map(nameText).join()}`).join("|")
  }|${held.awaited.map(nameText).join()}`;

const rangeText = ({ from, to }: SeqRange): string => `${from}-${to}`;
const nameText = ({ seq, id }: Named): string => `${seq}.${id}`;
