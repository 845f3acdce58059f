/** Capabilities as sets: what covers what, and what is left of two. SPEC section 18. */
import type { ChannelId } from "../ids.ts";
import type { Capability } from "../wire/guildCapability.ts";

export const GUILD_ACTIONS = ["invite", "remove", "ban", "manageRoles", "manageChannels", "manageGuild"] as const;
export const CHANNEL_ACTIONS = [
  "view",
  "send",
  "attach",
  "mentionEveryone",
  "manageMessages",
  "speak",
  "useSoundboard",
  "muteOthers",
] as const;

export type GuildAction = (typeof GUILD_ACTIONS)[number];
export type ChannelAction = (typeof CHANNEL_ACTIONS)[number];
export type Action = GuildAction | ChannelAction;

/** What somebody holds: all there is, as the founder does, or a list. */
export type Holding = "all" | readonly Capability[];

/** [ACC2] Whether `holding` has `action` in `channel`, or in all of the guild where that is `null`. */
export function covers(holding: Holding, action: string, channel: ChannelId | null): boolean {
  return holding === "all" ||
    holding.some((one) => one.action === action && (one.channel === null || one.channel === channel));
}

/** [ACC3] Whether everything in `part` is covered by `whole`. */
export const isWithin = (part: readonly Capability[], whole: Holding): boolean =>
  part.every(({ action, channel }) => covers(whole, action, channel));

/** What both grant. */
export function common(a: readonly Capability[], b: readonly Capability[]): readonly Capability[] {
  const kept = [...a.filter((one) => isWithin([one], b)), ...b.filter((one) => isWithin([one], a))];
  return kept.filter((one, at) => !kept.slice(0, at).some((earlier) => isSame(one, earlier)));
}

const isSame = (a: Capability, b: Capability): boolean => a.action === b.action && a.channel === b.channel;
