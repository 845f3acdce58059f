/**
 * What a screen needs of a guild, in one encoding: equal states have equal bytes, because every list is in the order of
 * its ids. What only judges content is not in it. SPEC section 23.
 */
import { GUILD, JOIN, TIME } from "../limits.ts";
import { actionField, capabilitiesField } from "./guildCapability.ts";
import { channelIdField, deviceIdField, opIdField, roleIdField, userIdField } from "./ids.ts";
import { bytes, codec, list, nullable, struct, text, type TypeOf, uint, word } from "./schema.ts";

const name = text(GUILD.maxNameBytes);
const actions = list(actionField, GUILD.maxActions);
const override = { allow: actions, deny: actions } as const;

export const snapshotCodec = codec(
  struct({
    v: uint(1),
    name,
    icon: nullable(bytes(32)),
    servers: list(text(GUILD.maxServerBytes), GUILD.maxServers),
    founder: userIdField,
    everyone: roleIdField,
    roles: list(
      struct({ id: roleIdField, name, rank: uint(GUILD.noRank), capabilities: capabilitiesField }),
      JOIN.maxRoles,
    ),
    members: list(
      struct({
        id: userIdField,
        devices: list(deviceIdField, JOIN.maxDevices),
        /** Places in `roles`. */
        roles: list(uint(JOIN.maxRoles), JOIN.maxRoles),
      }),
      JOIN.maxMembers,
    ),
    banned: list(userIdField, JOIN.maxBanned),
    channels: list(
      struct({
        id: channelIdField,
        name,
        kind: word("text", "voice"),
        topic: text(GUILD.maxTopicBytes),
        position: uint(GUILD.maxPosition),
        history: word("none", "archive"),
        keepS: nullable(uint(GUILD.maxRetentionS)),
        ofRoles: list(struct({ id: roleIdField, ...override }), JOIN.maxOverrides),
        ofMembers: list(struct({ id: userIdField, ...override }), JOIN.maxOverrides),
      }),
      JOIN.maxChannels,
    ),
    invites: list(
      struct({
        id: opIdField,
        maker: userIdField,
        maxUses: nullable(uint(GUILD.maxInviteUses)),
        expiresAtMs: nullable(uint(TIME.maxMs)),
        uses: uint(),
      }),
      JOIN.maxInvites,
    ),
    equivocators: list(deviceIdField, JOIN.maxMembers),
  }),
  JOIN.maxSnapshotBytes,
);
export type GuildSnapshot = TypeOf<typeof snapshotCodec>;
