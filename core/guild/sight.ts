/**
 * What a person may do by part of a history. It says what `stateOf` of that part says, of one person at a time: making all
 * of a state for each of the many heads that content of a channel is written under takes hundreds of times as long.
 */
import { type Asking, may } from "../access/permission.ts";
import type { ChannelAction } from "../access/capability.ts";
import type { ChannelId, DeviceId, OpId, RoleId, UserId } from "../ids.ts";
import { GUILD, GUILD_KEYS } from "../limits.ts";
import { deviceFault, isRevoked } from "./authorise.ts";
import { channelIn } from "./channels.ts";
import { type Rulings, type View, viewFromHeads } from "./rulings.ts";
import { heldRoles, isMember, lowestForce } from "./standing.ts";

export class Sight {
  private readonly view: View;
  private readonly founder: UserId;

  /** `isSeen` has with an op all that it follows, and the genesis op. */
  constructor(
    private readonly rulings: Rulings,
    isSeen: (place: number) => boolean,
  ) {
    this.view = viewFromHeads(rulings, GUILD.noRank, isSeen);
    this.founder = rulings.reigns.findLast(({ from }) => isSeen(from))!.founder;
  }

  hasSeen(id: OpId): boolean {
    const place = this.rulings.history.placeOf.get(id);
    return place !== undefined && this.view.isSeen(place);
  }

  /** [LOG4] The person whose device it is, as far as that was known. */
  ownerOf(device: DeviceId): UserId | null {
    const known = this.rulings.facts.introductions(device).find(({ place }) => this.view.isSeen(place));
    return known?.logged.author ?? null;
  }

  isMember(user: UserId): boolean {
    return user === this.founder || isMember(this.rulings, this.view, user);
  }

  /** Whether it is a device of a member, and not revoked. */
  isOfMember(device: DeviceId): boolean {
    const owner = this.ownerOf(device);
    return owner !== null && this.isMember(owner) && this.deviceFault(owner, device) !== "device-revoked";
  }

  /** [GLD5] [GLD16] */
  deviceFault(author: UserId, device: DeviceId): "device-revoked" | "device-suspended" | null {
    return deviceFault(this.rulings, this.view, { place: null, author, device, body: { t: "unknown" } });
  }

  /** [ACC5] All of them, in a channel that exists. */
  may(user: UserId, actions: readonly ChannelAction[], channel: ChannelId): boolean {
    const { rulings, view } = this;
    const found = this.isMember(user) ? channelIn(rulings, view, channel) : null;
    if (found === null) return false;
    const who: Asking = { user, isFounder: user === this.founder, roles: heldRoles(rulings, view, user) };
    const permissions = {
      everyone: rulings.facts.everyone,
      capabilitiesOf: (role: RoleId) => lowestForce(rulings, view, role)?.capabilities ?? [],
      overridesOf: () => found.overrides,
    };
    return actions.every((action) => may(permissions, who, action, channel));
  }

  /** [GKEY1] Of somebody who may view the channel, not revoked, and not one of too many that they have. */
  isReader(device: DeviceId, channel: ChannelId): boolean {
    const owner = this.ownerOf(device);
    if (owner === null || !this.may(owner, ["view"], channel) || this.isRevoked(owner, device)) return false;
    const introductions = this.rulings.facts.ownIntroductions(owner);
    if (introductions.length <= GUILD_KEYS.maxDevicesOfReader) return true;
    const seen = introductions.filter(({ place }) => this.view.isSeen(place)).map(({ logged }) => logged.op.device);
    const devices = [...new Set(seen)].filter((one) => !this.isRevoked(owner, one));
    return devices.slice(0, GUILD_KEYS.maxDevicesOfReader).includes(device);
  }

  private isRevoked(author: UserId, device: DeviceId): boolean {
    return isRevoked(this.rulings, this.view, { place: null, author, device, body: { t: "unknown" } });
  }
}
