/** What ops say, by type: SPEC section 19. A type that is missing here is one of a newer version: kept, without effect. */
import { ok, type Result } from "../errors.ts";
import { GUILD, LOG, TIME } from "../limits.ts";
import { certificateField } from "./certificate.ts";
import { actionField, capabilitiesField } from "./guildCapability.ts";
import { channelIdField, contentIdField, deviceIdField, opIdField, roleIdField, userIdField } from "./ids.ts";
import {
  bytes,
  type Codec,
  codec,
  type Field,
  list,
  nullable,
  positive,
  struct,
  text,
  type TypeOf,
  uint,
  union,
  type WireReason,
  word,
} from "./schema.ts";

const name = text(GUILD.maxNameBytes);
/** From 1, just below the founder; `GUILD.noRank` is the rank of the role that everybody has. */
const rank = uint(GUILD.noRank);
const person = struct({ user: userIdField });
const grant = struct({ role: roleIdField, user: userIdField });

/** The last content of the one who goes that the remover had seen: what is not of the chain up to it is hidden. */
const lastSeen = struct({ channel: channelIdField, device: deviceIdField, seq: positive, id: contentIdField });
const departure = struct({ user: userIdField, seen: list(lastSeen, GUILD.maxSeen) });

const subject = union({ role: struct({ role: roleIdField }), member: person });
const actions = list(actionField, GUILD.maxActions);
const server = text(GUILD.maxServerBytes);

const VARIANTS = {
  /** The guild begins: the founder's first device, and what everybody may do. */
  genesis: struct({ name, certificate: certificateField, everyone: capabilitiesField }),
  /** A device's first op, unless that is a genesis or a redemption. */
  device: struct({ certificate: certificateField }),
  "device.revoke": struct({ device: deviceIdField }),
  /** A device that equivocated may go on: what it said twice up to `seq` is forgiven. */
  "device.reinstate": struct({ device: deviceIdField, seq: positive }),
  add: person,
  remove: departure,
  ban: departure,
  unban: person,
  leave: struct({}),
  "role.create": struct({ name, rank, capabilities: capabilitiesField }),
  "role.change": struct({ role: roleIdField, name, rank, capabilities: capabilitiesField }),
  "role.delete": struct({ role: roleIdField }),
  "role.grant": grant,
  "role.revoke": grant,
  "channel.create": struct({ name, kind: word("text", "voice") }),
  "channel.change": struct({
    channel: channelIdField,
    name,
    topic: text(GUILD.maxTopicBytes),
    position: uint(GUILD.maxPosition),
    /** What a newcomer is given of what was said before. */
    history: word("none", "archive"),
  }),
  "channel.delete": struct({ channel: channelIdField }),
  "channel.override": struct({ channel: channelIdField, subject, allow: actions, deny: actions }),
  "channel.retention": struct({ channel: channelIdField, keepS: nullable(uint(GUILD.maxRetentionS)) }),
  invite: struct({
    /** Ed25519; its secret follows from the link's, as do those of the next two. */
    key: bytes(32),
    /** X25519 and ML-KEM-768: by these anybody can seal something to whoever holds the link. */
    sealing: bytes(32),
    kem: bytes(1184),
    maxUses: nullable(uint(GUILD.maxInviteUses)),
    /** Nothing here reads a clock: members look at it when a redemption comes in. */
    expiresAtMs: nullable(uint(TIME.maxMs)),
  }),
  "invite.revoke": struct({ invite: opIdField }),
  /** A newcomer's first op: `proof` by the invite's `key` over guild, invite, user and device. */
  redeem: struct({ invite: opIdField, key: bytes(32), proof: bytes(64), certificate: certificateField }),
  transfer: person,
  rendezvous: struct({ servers: list(server, GUILD.maxServers) }),
  settings: struct({ name, icon: nullable(bytes(32)) }),
} as const;

const anyBody = union(VARIANTS);
export type OpBody = TypeOf<typeof anyBody>;
export type OpType = OpBody["t"];
export type BodyOf<T extends OpType> = Extract<OpBody, { readonly t: T }>;
/** Of a type or version that this code does not know. */
export type UnknownBody = { readonly t: "unknown" };

const codecs: ReadonlyMap<string, Codec<object>> = new Map(
  Object.entries(VARIANTS).map(([type, field]) => [type, codec(field as Field<object>, LOG.maxBodyBytes)]),
);

export const OP_TYPES = Object.keys(VARIANTS) as readonly OpType[];

export function encodeOpBody(body: OpBody): Uint8Array {
  return codecs.get(body.t)!.encode(body);
}

/** Refuses a body that is not what its type says; one of an unknown type is taken as such. */
export function decodeOpBody(type: string, input: Uint8Array): Result<OpBody | UnknownBody, WireReason> {
  const known = codecs.get(type);
  if (known === undefined) return ok({ t: "unknown" });
  const body = known.decode(input);
  return body.ok ? ok({ ...body.value, t: type } as OpBody) : body;
}
