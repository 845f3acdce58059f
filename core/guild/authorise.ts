/** Whether an op is authorised at a level, and the first rule that says no. SPEC section 19. */
import { covers, type GuildAction, isWithin } from "../access/capability.ts";
import { type ChannelId, type DeviceId, makerOf, type OpId, type RoleId, type UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import type { BodyOf, OpBody, OpType, UnknownBody } from "../wire/opBody.ts";
import { provenSeq } from "./branches.ts";
import type { Rulings, View } from "./rulings.ts";
import type { Fault } from "./rule.ts";
import {
  highestForce,
  isBanned,
  isMember,
  protectedRank,
  type RoleForce,
  type Standing,
  standingOf,
} from "./standing.ts";

/** An op, or one that somebody thinks of making. */
export interface Act {
  /** `null` of one that is not in the history yet. */
  readonly place: number | null;
  readonly author: UserId;
  readonly device: DeviceId;
  readonly body: OpBody | UnknownBody;
}

/** `null` where nothing speaks against it. */
export function faultOf(rulings: Rulings, view: View, act: Act): Fault | null {
  const { body } = act;
  if (body.t === "unknown") return "unknown-type";
  if (body.t === "genesis") return act.place === 0 ? null : "unknown-subject";
  const fault = deviceFault(rulings, view, act);
  if (fault !== null) return fault;
  if (body.t === "redeem") return redemptionFault(rulings, view, act.author, body);
  // [GLD5] Neither a departure of one's own nor the revocation of a device is stopped by another such departure.
  const takes = body.t === "leave" || body.t === "device.revoke" ? view.takes : view.takesOwn;
  const standing = standingOf(rulings, view, act.author, takes);
  if (standing.rank > 0 && !isMember(rulings, view, act.author, takes)) return "not-a-member";
  if (standing.rank > view.level) return "acts-lower";
  return new Court(rulings, view, act.author, act.device, standing).judge(body);
}

/** [GLD5] */
export const isRevoked = ({ facts }: Rulings, view: View, { author, device }: Act): boolean =>
  facts.revocationsOf(device).some((one) => one.logged.author === author && view.takesOwn(one.place));

/** [GLD5] [GLD16] */
export function deviceFault(
  rulings: Rulings,
  view: View,
  act: Act,
): "device-revoked" | "device-suspended" | null {
  if (isRevoked(rulings, view, act)) return "device-revoked";
  const { author, device } = act;
  const proven = provenSeq(rulings, view, device);
  const isForgiven = rulings.facts.reinstatements(device).some((one) =>
    one.body.seq >= proven && view.gives(one.place)
  );
  return proven > 0 && !isForgiven && standingOf(rulings, view, author).rank > 0 ? "device-suspended" : null;
}

/** [GLD12] A newcomer is nobody yet: only the invite, its maker and bans count. */
function redemptionFault(rulings: Rulings, view: View, author: UserId, body: BodyOf<"redeem">): Fault | null {
  if (view.level !== GUILD.noRank) return "acts-lower";
  const { history: { ops, placeOf }, facts } = rulings;
  const place = placeOf.get(body.invite);
  const made = place === undefined ? undefined : ops[place];
  if (place === undefined || made?.body.t !== "invite" || !view.isSeen(place)) return "unknown-subject";
  const { key, maxUses } = made.body;
  if (!view.gives(place) || !key.every((byte, at) => byte === body.key[at])) return "invite-not-good";
  if (facts.inviteRevocations(body.invite).some((one) => view.takes(one.place))) return "invite-not-good";
  const used = facts.redemptions(body.invite).filter((one) => view.gives(one.place)).length;
  if (maxUses !== null && used >= maxUses) return "invite-not-good";
  const isStillMember = isMember(rulings, view, made.author);
  if (!isStillMember || !covers(standingOf(rulings, view, made.author).holding, "invite", null)) {
    return "invite-not-good";
  }
  if (isBanned(rulings, view, author)) return "banned";
  return facts.departures(author).some((one) => view.takes(one.place) && !view.isSeen(one.place)) ? "banned" : null;
}

class Court {
  constructor(
    private readonly rulings: Rulings,
    private readonly view: View,
    private readonly author: UserId,
    private readonly device: DeviceId,
    private readonly standing: Standing,
  ) {}

  judge(body: Exclude<OpBody, { readonly t: "genesis" | "redeem" }>): Fault | null {
    switch (body.t) {
      case "device":
        return null;
      case "device.revoke":
        return this.ownersOf(body.device).includes(this.author) ? null : "unknown-subject";
      case "device.reinstate":
        return this.reinstatement(body.device);
      case "add":
        return this.needs("invite") ?? this.admissible(body.user);
      case "remove":
        return this.needs("remove") ?? this.person(body.user);
      case "ban":
        return this.needs("ban") ?? this.person(body.user);
      case "unban":
        return this.needs("ban");
      case "leave":
        return this.standing.isFounder ? "founder-stays" : null;
      case "role.create":
        return this.needs("manageRoles") ?? this.definition(body);
      case "role.change":
        return this.needs("manageRoles") ?? this.named(body.role) ?? this.changed(body) ?? this.definition(body);
      case "role.delete":
        return this.needs("manageRoles") ?? this.named(body.role) ?? this.deleted(body.role);
      case "role.grant":
        return this.needs("manageRoles") ?? this.named(body.role) ?? this.granted(body.role) ??
          this.admissible(body.user);
      case "role.revoke":
        return this.named(body.role) ?? this.revoked(body);
      case "channel.create":
        return this.needs("manageChannels");
      case "channel.change":
      case "channel.delete":
      case "channel.retention":
        return this.channel(body.channel);
      case "channel.override":
        return this.channel(body.channel) ?? this.override(body);
      case "invite":
        return this.needs("invite");
      case "invite.revoke":
        return this.inviteRevoked(body.invite);
      case "transfer":
        return this.standing.isFounder && body.user !== this.author ? null : "not-the-founder";
      case "rendezvous":
      case "settings":
        return this.needs("manageGuild");
    }
  }

  /** [GLD6] */
  private needs(action: GuildAction, channel: ChannelId | null = null): Fault | null {
    return covers(this.standing.holding, action, channel) ? null : "lacks-capability";
  }

  /** [GLD6] */
  private below(rank: number): Fault | null {
    return rank > this.view.level ? null : "beyond-rank";
  }

  private person(user: UserId): Fault | null {
    return this.below(protectedRank(this.rulings, this.view, user));
  }

  /** [GLD12] */
  private admissible(user: UserId): Fault | null {
    return isBanned(this.rulings, this.view, user) ? "banned" : null;
  }

  /** [GLD8] */
  private made(id: OpId, ...types: readonly OpType[]): Fault | null {
    const { placeOf, ops } = this.rulings.history;
    const place = placeOf.get(id);
    const isKnown = place !== undefined && this.view.isSeen(place) && (types as string[]).includes(ops[place]!.body.t);
    return isKnown ? null : "unknown-subject";
  }

  /** Several where more than one person certified the key: only its holder can bring that about. */
  private ownersOf(device: DeviceId): readonly UserId[] {
    const seen = this.rulings.facts.introductions(device).filter(({ place }) => this.view.isSeen(place));
    return seen.map(({ logged }) => logged.author);
  }

  private named(role: RoleId): Fault | null {
    return this.made(makerOf(role), "role.create", "genesis");
  }

  private isEveryone(role: RoleId): boolean {
    return role === this.rulings.facts.everyone;
  }

  /** [GLD7] */
  private definition({ rank, capabilities }: RoleForce): Fault | null {
    return this.below(rank) ?? (isWithin(capabilities, this.standing.holding) ? null : "beyond-own");
  }

  private changed({ role, rank }: BodyOf<"role.change">): Fault | null {
    if (this.isEveryone(role) && rank !== GUILD.noRank) return "beyond-rank";
    const now = highestForce(this.rulings, this.view, role);
    return now !== null && rank < now.rank ? "roles-do-not-rise" : this.existing(role);
  }

  private existing(role: RoleId): Fault | null {
    const now = highestForce(this.rulings, this.view, role);
    return now === null ? null : this.below(now.rank);
  }

  private deleted(role: RoleId): Fault | null {
    return this.isEveryone(role) ? "beyond-rank" : this.existing(role);
  }

  private granted(role: RoleId): Fault | null {
    const now = highestForce(this.rulings, this.view, role);
    return now === null || this.isEveryone(role) ? "unknown-subject" : this.definition(now);
  }

  private revoked({ role, user }: BodyOf<"role.revoke">): Fault | null {
    if (user === this.author) return null;
    const now = highestForce(this.rulings, this.view, role);
    if (now === null) return "unknown-subject";
    return this.needs("manageRoles") ?? this.below(now.rank) ?? this.person(user);
  }

  private channel(channel: ChannelId): Fault | null {
    return this.made(makerOf(channel), "channel.create") ?? this.needs("manageChannels", channel);
  }

  private override({ channel, subject, allow }: BodyOf<"channel.override">): Fault | null {
    const beyond = subject.t === "member" ? this.person(subject.user) : this.overriddenRole(subject.role);
    if (beyond !== null) return beyond;
    return isWithin(allow.map((action) => ({ action, channel })), this.standing.holding) ? null : "beyond-own";
  }

  private overriddenRole(role: RoleId): Fault | null {
    const now = highestForce(this.rulings, this.view, role);
    return now === null ? "unknown-subject" : this.below(now.rank);
  }

  private inviteRevoked(invite: OpId): Fault | null {
    const unknown = this.made(invite, "invite");
    if (unknown !== null) return unknown;
    const { ops, placeOf } = this.rulings.history;
    const maker = ops[placeOf.get(invite)!]!.author;
    return maker === this.author ? null : this.needs("remove") ?? this.person(maker);
  }

  private reinstatement(device: DeviceId): Fault | null {
    const owners = this.ownersOf(device);
    if (owners.length === 0) return "unknown-subject";
    if (device === this.device) return "device-suspended";
    if (owners.every((owner) => owner === this.author)) return null;
    return this.needs("remove") ?? owners.map((owner) => this.person(owner)).find((fault) => fault !== null) ?? null;
  }
}
