/**
 * Content of a channel, as it travels inside sender-key envelopes: SPEC section 21. The frame and its claims are the
 * same in every version, so that everybody can judge what nobody but a newer client can show.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { CONTENT } from "../limits.ts";
import { channelIdField, contentIdField, deviceIdField, opIdField, userIdField } from "./ids.ts";
import {
  bool,
  bytes,
  codec,
  list,
  nullable,
  positive,
  struct,
  text,
  type TypeOf,
  uint,
  type WireReason,
} from "./schema.ts";

/** The version of bodies that this code writes and understands. */
export const CONTENT_VERSION = 1;

/** [CNT3] What the content does besides saying something: it has these effects, and a body has none that is not here. */
export const claimsField = struct({
  mentionsEveryone: bool,
  attaches: bool,
  playsSound: bool,
  /** Content of this channel by its author device and number. */
  deletes: nullable(struct({ device: deviceIdField, seq: positive })),
  mutes: nullable(userIdField),
});

const frame = codec(
  struct({
    v: uint(255),
    /** What the body is. */
    kind: text(CONTENT.maxKindBytes),
    channel: channelIdField,
    /** The author's device: the one whose chain the envelope is of. */
    device: deviceIdField,
    /** Consecutive for each device and channel, from 1. */
    seq: positive,
    /** The device's content before in this channel; `null` in its first. */
    previous: nullable(contentIdField),
    /** The heads of the log that the author saw: ascending, none twice, at least one. */
    heads: list(opIdField, CONTENT.maxHeads),
    claims: claimsField,
    /** By `kind`; empty where the claims are all. */
    body: bytes(0, CONTENT.maxBodyBytes),
  }),
  CONTENT.maxBytes,
);
export type GuildContent = TypeOf<typeof frame>;
export type Claims = GuildContent["claims"];
/** Saying something, and nothing else. */
export const NO_CLAIMS: Claims = {
  mentionsEveryone: false,
  attaches: false,
  playsSound: false,
  deletes: null,
  mutes: null,
};

/** `heads` in any order. */
export const encodeGuildContent = (content: GuildContent): Uint8Array =>
  frame.encode({ ...content, heads: content.heads.toSorted() });

export function decodeGuildContent(input: Uint8Array): Result<GuildContent, WireReason> {
  const read = frame.decode(input);
  if (!read.ok) return read;
  const { heads, seq, previous } = read.value;
  const isAscending = heads.every((id, at) => at === 0 || heads[at - 1]! < id);
  const isPlaced = heads.length > 0 && isAscending && (previous === null) === (seq === 1);
  return isPlaced ? ok(read.value) : refuse("wire.wrong-shape");
}
