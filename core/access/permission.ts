/** What a member may do in a channel, as roles and overrides say: SPEC section 18. */
import type { ChannelId, RoleId, UserId } from "../ids.ts";
import type { Capability } from "../wire/guildCapability.ts";
import { type ChannelAction, covers } from "./capability.ts";

export interface Override {
  readonly allow: ReadonlySet<string>;
  readonly deny: ReadonlySet<string>;
}

export interface ChannelOverrides {
  readonly roles: ReadonlyMap<RoleId, Override>;
  readonly members: ReadonlyMap<UserId, Override>;
}

/** Who asks: a member with the roles that it has, the one of everybody left out. */
export interface Asking {
  readonly user: UserId;
  readonly isFounder: boolean;
  readonly roles: ReadonlySet<RoleId>;
}

/** What there is to go by. */
export interface Permissions {
  readonly everyone: RoleId;
  readonly capabilitiesOf: (role: RoleId) => readonly Capability[];
  readonly overridesOf: (channel: ChannelId) => ChannelOverrides | undefined;
}

/**
 * [ACC5] Four levels, each of which overrules those before it: what roles grant; the channel's override for everybody;
 * those for the member's roles; the one for the member. Within a level one denial outweighs what others allow.
 */
export function may(by: Permissions, who: Asking, action: ChannelAction, channel: ChannelId): boolean {
  if (who.isFounder) return true;
  if (action !== "view" && !may(by, who, "view", channel)) return false;
  const overrides = by.overridesOf(channel);
  const levels = [
    [overrides?.roles.get(by.everyone)],
    [...who.roles].map((role) => overrides?.roles.get(role)),
    [overrides?.members.get(who.user)],
  ];
  let isAllowed = [by.everyone, ...who.roles].some((role) => covers(by.capabilitiesOf(role), action, channel));
  for (const level of levels) {
    if (level.some((one) => one?.deny.has(action))) isAllowed = false;
    else if (level.some((one) => one?.allow.has(action))) isAllowed = true;
  }
  return isAllowed;
}
