/** A deal: the secret of a guild, as a member's device dealt it to those who were members by then. SPEC section 23. */
import { ok, refuse, type Result } from "../errors.ts";
import { DEAL, TIME } from "../limits.ts";
import { dealIdField, deviceIdField, guildIdField, opIdField } from "./ids.ts";
import { bytes, codec, list, nullable, struct, type TypeOf, uint, versioned, type WireReason } from "./schema.ts";

export const DEAL_VERSION = 1;

const fields = {
  v: uint(255),
  guild: guildIdField,
  /** From it follow what the members find each other by and the key of the sealed log. */
  secret: bytes(32),
  /** The heads of the log that the dealer saw: ascending, none twice, at least one. */
  heads: list(opIdField, DEAL.maxHeads),
  /** The dealer's, whose key signs. */
  device: deviceIdField,
} as const;

const unsigned = codec(struct(fields), DEAL.maxBytes);
const signed = codec(struct({ ...fields, signature: bytes(64) }), DEAL.maxBytes);
export type GuildDeal = TypeOf<typeof signed>;

/** What the dealer's device signs. */
export const dealToSign = ({ v, guild, secret, heads, device }: Omit<GuildDeal, "signature">): Uint8Array =>
  unsigned.encode({ v, guild, secret, heads, device });

export const encodeGuildDeal = (deal: GuildDeal): Uint8Array => signed.encode(deal);

export function decodeGuildDeal(input: Uint8Array): Result<GuildDeal, WireReason> {
  const read = signed.decode(input);
  if (!read.ok) return read;
  const { v, heads } = read.value;
  if (v !== DEAL_VERSION) return refuse("wire.unknown-version");
  const isAscending = heads.every((id, at) => at === 0 || heads[at - 1]! < id);
  return heads.length > 0 && isAscending ? ok(read.value) : refuse("wire.wrong-shape");
}

/** What two members say to each other on their link: which deals they have. The deals themselves are told in sessions. */
export const dealListCodec = codec(struct({ ids: list(dealIdField, DEAL.maxListed) }), DEAL.maxListBytes);
export type DealList = TypeOf<typeof dealListCodec>;

/** The deals that a device keeps, and since when each is not current any more. */
export const dealsRecord = versioned(
  1,
  codec(
    struct({
      kept: list(struct({ deal: bytes(1, DEAL.maxBytes), endedAtMs: nullable(uint(TIME.maxMs)) }), DEAL.maxKept),
      waiting: list(bytes(1, DEAL.maxBytes), DEAL.maxWaiting),
    }),
    DEAL.maxRecordBytes,
  ),
);
export type DealsRecord = TypeOf<typeof dealsRecord>;
