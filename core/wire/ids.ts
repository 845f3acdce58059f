/** Ids as wire fields: raw bytes on the wire, branded text in memory. */
import {
  type CallId,
  callId,
  type ChainId,
  chainId,
  type ChannelId,
  channelId,
  type ContentId,
  contentId,
  type DealId,
  dealId,
  type DepositorId,
  depositorId,
  type DeviceId,
  deviceId,
  type EnvelopeId,
  envelopeId,
  fromHex,
  type GuildId,
  guildId,
  type MessageId,
  messageId,
  type OpId,
  opId,
  type RoleId,
  roleId,
  type SpaceId,
  spaceId,
  type Topic,
  topic,
  type UserId,
  userId,
} from "../ids.ts";
import { bytes, type Field, mapped } from "./schema.ts";

export const userIdField: Field<UserId> = mapped(bytes(32), fromHex, userId);
export const deviceIdField: Field<DeviceId> = mapped(bytes(32), fromHex, deviceId);
export const topicField: Field<Topic> = mapped(bytes(32), fromHex, topic);
export const spaceIdField: Field<SpaceId> = mapped(bytes(32), fromHex, spaceId);
export const depositorIdField: Field<DepositorId> = mapped(bytes(32), fromHex, depositorId);
export const envelopeIdField: Field<EnvelopeId> = mapped(bytes(16), fromHex, envelopeId);
export const messageIdField: Field<MessageId> = mapped(bytes(16), fromHex, messageId);
export const callIdField: Field<CallId> = mapped(bytes(16), fromHex, callId);
export const chainIdField: Field<ChainId> = mapped(bytes(16), fromHex, chainId);
export const channelIdField: Field<ChannelId> = mapped(bytes(32), fromHex, channelId);
export const contentIdField: Field<ContentId> = mapped(bytes(32), fromHex, contentId);
export const opIdField: Field<OpId> = mapped(bytes(32), fromHex, opId);
export const guildIdField: Field<GuildId> = mapped(bytes(32), fromHex, guildId);
export const dealIdField: Field<DealId> = mapped(bytes(16), fromHex, dealId);
export const roleIdField: Field<RoleId> = mapped(bytes(32), fromHex, roleId);
