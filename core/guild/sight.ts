/**
 * What a person may do by part of a history. It says what `stateOf` of that part says, of one person at a time: making all
 * of a state for each of the many heads that content of a channel is written under takes hundreds of times as long.
 */
import { type Asking, may } from "../access/permission.ts";
import type { ChannelAction } from "../access/capability.ts";
import type { ChannelId, DeviceId, OpId, RoleId, UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import { deviceFault, isRevoked } from "./authorise.ts";
import { type ChannelFacts, channelIn } from "./channels.ts";
import { type Rulings, type View, viewFromHeads } from "./rulings.ts";
import { heldRoles, isMember, lowestForce } from "./standing.ts";

export class Sight {
  private readonly view: View;
  private readonly founder: UserId;

  /** `isSeen` has with an op all that it follows, and the genesis op. */
  constructor(
    private readonly rulings: Rulings,
    private readonly channels: ChannelFacts,
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

  /** [GLD5] [GLD16] */
  deviceFault(author: UserId, device: DeviceId): "device-revoked" | "device-suspended" | null {
    return deviceFault(this.rulings, this.view, { place: null, author, device, body: { t: "unknown" } });
  }

  /** [ACC5] All of them, in a channel that exists. */
  may(user: UserId, actions: readonly ChannelAction[], channel: ChannelId): boolean {
    const { rulings, view } = this;
    const found = this.isMember(user) ? channelIn(rulings, this.channels, view, channel) : null;
    if (found === null) return false;
    const who: Asking = { user, isFounder: user === this.founder, roles: heldRoles(rulings, view, user) };
    const permissions = {
      everyone: rulings.facts.everyone,
      capabilitiesOf: (role: RoleId) => lowestForce(rulings, view, role)?.capabilities ?? [],
      overridesOf: () => found.overrides,
    };
    return actions.every((action) => may(permissions, who, action, channel));
  }

  /** Of somebody who may view the channel, and not revoked. */
  isReader(device: DeviceId, channel: ChannelId): boolean {
    const owner = this.ownerOf(device);
    if (owner === null || !this.may(owner, ["view"], channel)) return false;
    return !isRevoked(this.rulings, this.view, { place: null, author: owner, device, body: { t: "unknown" } });
  }
}
