/** The content of one device in one channel as a chain: what is missing, and what was said twice. SPEC section 21. */
import { sha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { type ChannelId, type ContentId, contentId, type DeviceId } from "../ids.ts";
import { CONTENT } from "../limits.ts";
import { AppendMap } from "../log/appendMap.ts";
import { Layered } from "../log/layered.ts";
import { framed } from "../wire/bytes.ts";
import { decodeGuildContent, type GuildContent } from "../wire/guildContent.ts";
import type { WireReason } from "../wire/schema.ts";
import { utf8 } from "../wire/text.ts";

/** [CNT2] `content` are the bytes that came, of one device and channel: both are in them. */
export function contentIdOf(content: Uint8Array): ContentId {
  const id = contentId(sha256(framed(utf8(LABELS.contentId), content)));
  if (!id.ok) throw new Error("a SHA-256 has 32 bytes");
  return id.value;
}

export interface ReceivedContent {
  readonly id: ContentId;
  readonly content: GuildContent;
}

/** [CNT1] What came out of an envelope of a chain of `device` in `channel`. */
export function receiveContent(
  plaintext: Uint8Array,
  channel: ChannelId,
  device: DeviceId,
): Result<ReceivedContent, WireReason | "group.wrong-channel" | "group.wrong-sender"> {
  const decoded = decodeGuildContent(plaintext);
  if (!decoded.ok) return decoded;
  if (decoded.value.channel !== channel) return refuse("group.wrong-channel");
  if (decoded.value.device !== device) return refuse("group.wrong-sender");
  return ok({ id: contentIdOf(plaintext), content: decoded.value });
}

export type Link = Pick<GuildContent, "seq" | "previous"> & { readonly id: ContentId };

/** Content that is deleted, or older than its channel keeps, leaves its link here. */
export type LinksHere = ReadonlyMap<ContentId, Link>;

export interface ContentChain {
  readonly here: AppendMap<ContentId, Link>;
  /** By number, of what is here and of what links name; several where the device said several things. */
  readonly ids: Layered<number, readonly ContentId[]>;
}

export const EMPTY_CHAIN: ContentChain = {
  here: AppendMap.of<ContentId, Link>([]),
  ids: new Layered<number, readonly ContentId[]>(new Map()),
};

/** [GLD17] The end of a chain, as somebody's removal lists it. */
export type LastSeen = Pick<Link, "seq" | "id">;

/** [CNT8] By number, what the links lead to from what is listed: down to the first that is not here, with that one. */
export function vouchedBy(here: Pick<LinksHere, "get">, { seq, id }: LastSeen): ReadonlyMap<number, ContentId> {
  const vouched = new Map([[seq, id]]);
  let link = here.get(id);
  for (let number = seq; link?.seq === number && link.previous !== null; link = here.get(link.previous)) {
    vouched.set(--number, link.previous);
  }
  return vouched;
}

export interface Linked {
  readonly chain: ContentChain;
  /** [CNT10] Beyond what one number may hold: not taken. */
  readonly surplus: readonly ContentId[];
}

/**
 * Takes content in any order, for what it adds to the chain. `lists`: what removals list of this chain ([CNT8]): whoever is gone cannot keep out what
 * they vouch for by saying other things under its number.
 */
export function linkContent(chain: ContentChain, links: readonly Link[], lists: readonly LastSeen[] = []): Linked {
  const added = new Map<ContentId, Link>();
  const ids = new Map<number, readonly ContentId[]>();
  const here = { get: (id: ContentId) => added.get(id) ?? chain.here.get(id) };
  const surplus: ContentId[] = [];
  const name = (seq: number, id: ContentId): boolean => {
    const names = ids.get(seq) ?? chain.ids.get(seq) ?? [];
    if (names.includes(id)) return true;
    if (names.length >= CONTENT.maxForks && !isVouched(here, lists, { seq, id })) return false;
    ids.set(seq, [...names, id]);
    return true;
  };
  // From the newest: it is what vouches for those before it.
  for (const { id, seq, previous } of links.toSorted((a, b) => b.seq - a.seq)) {
    if (!name(seq, id)) {
      surplus.push(id);
      continue;
    }
    if (!chain.here.has(id)) added.set(id, { id, seq, previous });
    if (previous !== null) name(seq - 1, previous);
  }
  const isSame = added.size + ids.size === 0;
  return { chain: isSame ? chain : { here: chain.here.with(added), ids: chain.ids.with(ids) }, surplus };
}

/** By one list at least, and against none: so there is one such under a number. */
function isVouched(here: Pick<LinksHere, "get">, lists: readonly LastSeen[], { seq, id }: LastSeen): boolean {
  const named = new Set(lists.map((last) => vouchedBy(here, last).get(seq)).filter((one) => one !== undefined));
  return named.size === 1 && named.has(id);
}

/** [CNT8] [CNT11] What has to come before more can be told of what a removal lists; `null` where nothing has to. */
export function missingVouched({ here }: ContentChain, last: LastSeen): LastSeen | null {
  const [seq, id] = [...vouchedBy(here, last)].at(-1)!;
  return here.has(id) ? null : { seq, id };
}

export const isForked = ({ ids }: ContentChain, seq: number): boolean => (ids.get(seq)?.length ?? 0) > 1;

export interface Gap {
  readonly from: number;
  /** With this one. */
  readonly to: number;
}

/** [CNT11] Numbers below the highest of which nothing is here, from the lowest. */
export function gapsOf({ here, ids }: ContentChain): readonly Gap[] {
  const numbers = [...ids].filter(([, names]) => names.some((id) => here.has(id))).map(([seq]) => seq);
  const gaps: Gap[] = [];
  let next = 1;
  for (const seq of numbers.toSorted((a, b) => a - b)) {
    if (seq > next) gaps.push({ from: next, to: seq - 1 });
    next = seq + 1;
  }
  return gaps;
}
