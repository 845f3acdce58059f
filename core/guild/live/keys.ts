/** Names of records. Every key of one guild begins alike, so that leaving one deletes one prefix. */
import type { ChannelId, ContentId, DeviceId, GuildId, OpId, UserId } from "../../ids.ts";

const number = (value: number): string => value.toString(16).padStart(14, "0");

export const guildKeys = (guild: GuildId) => {
  const root = `guild/${guild}/`;
  return {
    all: root,
    ops: `${root}op/`,
    /** By depth, so that in the order of keys each op comes after what it follows. */
    op: (depth: number, id: OpId) => `${root}op/${number(depth)}/${id}`,
    deals: `${root}deals`,
    profiles: `${root}profile/`,
    profile: (user: UserId) => `${root}profile/${user}`,
    pictures: `${root}picture/`,
    picture: (sha256: string) => `${root}picture/${sha256}`,
    unsaid: `${root}unsaid/`,
    unsaidItem: (place: number) => `${root}unsaid/${number(place)}`,
    senders: `${root}sender/`,
    sender: (channel: ChannelId) => `${root}sender/${channel}`,
    holders: `${root}holders/`,
    holdersOf: (channel: ChannelId) => `${root}holders/${channel}`,
    receivers: `${root}receiver/`,
    receiver: (channel: ChannelId, device: DeviceId) => `${root}receiver/${channel}/${device}`,
    contents: `${root}content/`,
    content: (channel: ChannelId, device: DeviceId, seq: number, id: ContentId) =>
      `${root}content/${channel}/${device}/${number(seq)}/${id}`,
    confirmations: `${root}confirmed/`,
    /** [CNT9] That there is such a record says it all. */
    confirmation: (channel: ChannelId, device: DeviceId, id: ContentId) =>
      `${root}confirmed/${channel}/${device}/${id}`,
  } as const;
};
export type GuildKeys = ReturnType<typeof guildKeys>;
