/** Branded identifiers. A value of these types went through its constructor, so its form is right. */
import { ok, refuse, type Refused, type Result } from "./errors.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A person: the lower-case hex of the 32-byte Ed25519 identity key. */
export type UserId = Branded<"UserId">;
/** A device: the lower-case hex of its 32-byte Ed25519 signing key. */
export type DeviceId = Branded<"DeviceId">;
/** A rendezvous namespace: the lower-case hex of a 32-byte blinded daily topic. */
export type Topic = Branded<"Topic">;
/** A libp2p peer id in its base58 or base36 text form; lives as long as one run of the client. */
export type PeerId = Branded<"PeerId">;
/** One bidirectional stream of frames to one peer; the transport adapter makes it up and nobody else reads it. */
export type LinkId = Branded<"LinkId">;
/** Lower-case hex of the 16-byte id of an invite: a hash of its secret. */
export type InviteId = Branded<"InviteId">;
/** Lower-case hex of 16 random bytes that name a message. */
export type MessageId = Branded<"MessageId">;
/** Lower-case hex of 16 random bytes that name a call. */
export type CallId = Branded<"CallId">;
/** A space on a rendezvous: the lower-case hex of a 32-byte hash of its owner's key. */
export type SpaceId = Branded<"SpaceId">;
/** Who may leave mail in one space: the lower-case hex of a 32-byte Ed25519 key. */
export type DepositorId = Branded<"DepositorId">;
/** Lower-case hex of the first 16 bytes of a sealed envelope's SHA-256. */
export type EnvelopeId = Branded<"EnvelopeId">;
/** Lower-case hex of the 16-byte id of a session, made from its handshake. */
export type SessionId = Branded<"SessionId">;

/** A signed op of a guild's log: the lower-case hex of a 32-byte hash of all of it but its signature. */
export type OpId = Branded<"OpId">;
/** One piece of content of a channel: the lower-case hex of a 32-byte hash of it. */
export type ContentId = Branded<"ContentId">;
/** A sender's chain in one channel: the lower-case hex of its 16 random bytes. */
export type ChainId = Branded<"ChainId">;
/** A guild: the id of its genesis op. */
export type GuildId = Branded<"GuildId">;
/** A deal of a secret of a guild: the lower-case hex of a 16-byte hash of it. */
export type DealId = Branded<"DealId">;
/** A role: the id of the op that created it; the role that everybody has bears the id of the guild. */
export type RoleId = Branded<"RoleId">;
/** A channel: the lower-case hex of the 32-byte id of the op that created it. */
export type ChannelId = Branded<"ChannelId">;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** The bytes of lower-case hex that a constructor of this file has checked. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digit(text, 2 * i) << 4 | digit(text, 2 * i + 1);
  return bytes;
}

/** Ids are turned to bytes for every message: slicing and parsing the text takes five times as long. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

type BadId = Refused<"wire.wrong-shape">;
const bad: BadId = refuse("wire.wrong-shape");

function fromBytes<Id extends string>(bytes: Uint8Array, length: number): Result<Id, "wire.wrong-shape"> {
  return bytes.length === length ? ok(toHex(bytes) as Id) : bad;
}

export const userId = (bytes: Uint8Array) => fromBytes<UserId>(bytes, 32);
export const deviceId = (bytes: Uint8Array) => fromBytes<DeviceId>(bytes, 32);
export const topic = (bytes: Uint8Array) => fromBytes<Topic>(bytes, 32);
export const spaceId = (bytes: Uint8Array) => fromBytes<SpaceId>(bytes, 32);
export const depositorId = (bytes: Uint8Array) => fromBytes<DepositorId>(bytes, 32);
export const inviteId = (bytes: Uint8Array) => fromBytes<InviteId>(bytes, 16);
export const messageId = (bytes: Uint8Array) => fromBytes<MessageId>(bytes, 16);
export const callId = (bytes: Uint8Array) => fromBytes<CallId>(bytes, 16);
export const envelopeId = (bytes: Uint8Array) => fromBytes<EnvelopeId>(bytes, 16);
export const dealId = (bytes: Uint8Array) => fromBytes<DealId>(bytes, 16);
export const sessionId = (bytes: Uint8Array) => fromBytes<SessionId>(bytes, 16);
export const chainId = (bytes: Uint8Array) => fromBytes<ChainId>(bytes, 16);
export const channelId = (bytes: Uint8Array) => fromBytes<ChannelId>(bytes, 32);
export const contentId = (bytes: Uint8Array) => fromBytes<ContentId>(bytes, 32);
export const opId = (bytes: Uint8Array) => fromBytes<OpId>(bytes, 32);
export const guildId = (bytes: Uint8Array) => fromBytes<GuildId>(bytes, 32);
export const roleId = (bytes: Uint8Array) => fromBytes<RoleId>(bytes, 32);

/** What an op made bears the id of that op, and what is named by such an id leads back to the op. */
export const guildOfOp = (op: OpId): GuildId => op as string as GuildId;
export const roleOfOp = (op: OpId): RoleId => op as string as RoleId;
export const channelOfOp = (op: OpId): ChannelId => op as string as ChannelId;
export const makerOf = (made: GuildId | RoleId | ChannelId): OpId => made as string as OpId;
/** The role that every member has. */
export const everyoneOf = (guild: GuildId): RoleId => guild as string as RoleId;

const PEER_ID = /^[1-9A-HJ-NP-Za-km-z]{32,64}$|^k[0-9a-z]{40,80}$/;

/** Accepts the base58btc and base36 text forms that libp2p prints. */
export function peerId(text: string): Result<PeerId, "wire.wrong-shape"> {
  return PEER_ID.test(text) ? ok(text as PeerId) : bad;
}

/** Any short printable text: link ids never leave the process that made them. */
export function linkId(text: string): LinkId {
  if (text.length === 0 || text.length > 64) throw new RangeError("a link id has 1 to 64 characters");
  return text as LinkId;
}
