/** A member's word for what a guild was at some heads, so that a newcomer need not replay all first. SPEC section 23. */
import { ok, refuse, type Result } from "../errors.ts";
import { JOIN, LOG } from "../limits.ts";
import { deviceIdField, guildIdField, opIdField } from "./ids.ts";
import { bytes, codec, list, struct, type TypeOf, uint, type WireReason } from "./schema.ts";

export const CHECKPOINT_VERSION = 1;

const fields = {
  v: uint(255),
  guild: guildIdField,
  /** Ascending, none twice, at least one. */
  heads: list(opIdField, LOG.maxParents),
  /** Of the snapshot. */
  digest: bytes(32),
  /** Whose key signs. */
  device: deviceIdField,
} as const;

const unsigned = codec(struct(fields), JOIN.maxCheckpointBytes);
const signed = codec(struct({ ...fields, signature: bytes(64) }), JOIN.maxCheckpointBytes);
export type GuildCheckpoint = TypeOf<typeof signed>;

export const checkpointToSign = ({ v, guild, heads, digest, device }: Omit<GuildCheckpoint, "signature">): Uint8Array =>
  unsigned.encode({ v, guild, heads, digest, device });

export const encodeGuildCheckpoint = (checkpoint: GuildCheckpoint): Uint8Array => signed.encode(checkpoint);

export function decodeGuildCheckpoint(input: Uint8Array): Result<GuildCheckpoint, WireReason> {
  const read = signed.decode(input);
  if (!read.ok) return read;
  const { v, heads } = read.value;
  if (v !== CHECKPOINT_VERSION) return refuse("wire.unknown-version");
  const isAscending = heads.every((id, at) => at === 0 || heads[at - 1]! < id);
  return heads.length > 0 && isAscending ? ok(read.value) : refuse("wire.wrong-shape");
}
