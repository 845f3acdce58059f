/**
 * The state of a guild after more ops that change nothing of what was ruled before: what none of them touches stays the
 * very object that it was. It says what `stateOf` says, in a hundredth of the time; who is new comes last. SPEC section 19.
 */
import { type ChannelId, channelOfOp, type DeviceId, type OpId, type UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import type { LoggedOp } from "../log/log.ts";
import type { BodyOf } from "../wire/opBody.ts";
import { type Channel, channelIn } from "./channels.ts";
import { type Fact, only } from "./facts.ts";
import { newestOf } from "./newest.ts";
import { type Rulings, type View, viewFromHeads, VOID } from "./rulings.ts";
import { isBanned } from "./standing.ts";
import { type GuildState, inviteIn, isRevokedIn, type Member, memberIn, stateOf } from "./state.ts";

/** With a larger part than this of new ops it is quicker to make all of the state anew. */
const MAX_ADDED = 32;

/** `rulings` have those that `before` is the state of, as `hasSameRulings` says, and with them what is said of `added`. */
export function stateAfter(before: GuildState, rulings: Rulings, added: readonly LoggedOp[]): GuildState {
  if (added.length > MAX_ADDED || added.some((one) => isFar(one) && isValid(rulings, one))) return stateOf(rulings);
  const change = new Change(before, rulings);
  for (const one of added) change.see(one);
  return change.after();
}

/** What speaks of roles or of the founder speaks of everybody. */
const isFar = ({ body: { t } }: LoggedOp): boolean =>
  t === "role.create" || t === "role.change" || t === "role.delete" || t === "transfer";

const isValid = ({ history: { placeOf }, levels }: Rulings, { id }: LoggedOp): boolean =>
  levels[placeOf.get(id)!]! !== VOID;

class Change {
  private readonly view: View;
  private readonly people = new Set<UserId>();
  private readonly channels = new Set<ChannelId>();
  private readonly invites = new Set<OpId>();
  private isSettled = false;

  constructor(private readonly before: GuildState, private readonly rulings: Rulings) {
    this.view = viewFromHeads(rulings, GUILD.noRank);
  }

  see(one: LoggedOp): void {
    const { body, author, op: { device }, id } = one;
    // A device is its author's by whatever it says, valid or not.
    if (!this.before.members.get(author)?.devices.has(device)) this.people.add(author);
    if (!isValid(this.rulings, one)) return;
    switch (body.t) {
      case "settings":
      case "rendezvous":
        this.isSettled = true;
        return;
      case "channel.create":
        this.channels.add(channelOfOp(id));
        return;
      case "channel.change":
      case "channel.delete":
      case "channel.retention":
      case "channel.override":
        this.channels.add(body.channel);
        return;
      case "invite":
        this.invites.add(id);
        return;
      case "invite.revoke":
        this.invites.add(body.invite);
        return;
      case "redeem":
        this.invites.add(body.invite);
        this.people.add(author);
        return;
      case "leave":
      case "device.revoke":
        this.people.add(author);
        return;
      case "add":
      case "remove":
      case "ban":
      case "unban":
      case "role.grant":
      case "role.revoke":
        this.people.add(body.user);
    }
  }

  after(): GuildState {
    const { before, rulings, view } = this;
    const { facts, levels } = rulings;
    const members = this.members();
    const { equivocations } = facts;
    const isSuspected = [...equivocations.keys()].some((device) => !before.equivocators.has(device));
    const newest = newestOf(rulings, view);
    const speaks = ({ body: { t }, place }: Fact) =>
      (t === "settings" || t === "rendezvous") && levels[place]! !== VOID;
    const valid = this.isSettled ? facts.all.filter(speaks) : [];
    const settings = newest(only(valid, "settings"));
    return {
      ...before,
      ...(settings === null ? {} : { name: settings.body.name, icon: settings.body.icon }),
      servers: newest(only(valid, "rendezvous"))?.body.servers ?? before.servers,
      members,
      banned: this.banned(members),
      channels: this.channelsAfter(),
      invites: this.invitesAfter(members),
      equivocators: isSuspected ? new Set(equivocations.keys()) : before.equivocators,
      seen: this.seen(members),
    };
  }

  private members(): GuildState["members"] {
    const { before: { members, founder }, rulings, view } = this;
    const next = new Map(members);
    let isChanged = false;
    for (const user of this.people) {
      const known = members.get(user) ?? null;
      const now = memberIn(rulings, view, founder, user, () => this.devicesOf(user));
      if (isSame(known, now)) continue;
      isChanged = true;
      if (now === null) next.delete(user);
      else next.set(user, now);
    }
    return isChanged ? next : members;
  }

  private devicesOf(user: UserId): ReadonlySet<DeviceId> {
    const devices = new Set<DeviceId>();
    for (const { author, op: { device } } of this.rulings.history.ops) {
      if (author !== user || devices.has(device)) continue;
      if (!isRevokedIn(this.rulings, this.view, user, device)) devices.add(device);
    }
    return devices;
  }

  private banned(members: GuildState["members"]): GuildState["banned"] {
    const { before: { banned }, rulings, view } = this;
    const isNow = (user: UserId) => !members.has(user) && isBanned(rulings, view, user);
    const changed = [...this.people].filter((user) => isNow(user) !== banned.has(user));
    if (changed.length === 0) return banned;
    return new Set(banned).symmetricDifference(new Set(changed));
  }

  private seen(members: GuildState["members"]): GuildState["seen"] {
    const { before: { seen }, rulings: { facts, levels } } = this;
    const next = new Map(seen);
    for (const user of this.people) {
      const listed = facts.departures(user)
        .flatMap(({ place, body }) => body.t === "leave" || levels[place]! === VOID ? [] : [body.seen]);
      if (members.has(user) || listed.length === 0) next.delete(user);
      else next.set(user, listed.flat() as BodyOf<"remove">["seen"]);
    }
    return this.people.size === 0 ? seen : next;
  }

  private channelsAfter(): GuildState["channels"] {
    const { before: { channels }, rulings, view } = this;
    if (this.channels.size === 0) return channels;
    const next = new Map<ChannelId, Channel>(channels);
    for (const id of this.channels) {
      const channel = channelIn(rulings, view, id);
      if (channel === null) next.delete(id);
      else next.set(id, channel);
    }
    return next;
  }

  private invitesAfter(members: GuildState["members"]): GuildState["invites"] {
    const { before, rulings, view } = this;
    const { facts: { all }, history: { ops, placeOf }, levels } = rulings;
    const movers = new Set([...this.people].filter((user) => before.members.has(user) !== members.has(user)));
    const theirs = movers.size === 0
      ? []
      : all.filter(({ body: { t }, logged: { author } }) => t === "invite" && movers.has(author));
    const touched = new Set([...this.invites, ...theirs.map(({ logged: { id } }) => id)]);
    if (touched.size === 0) return before.invites;
    const next = new Map(before.invites);
    for (const id of touched) {
      const place = placeOf.get(id);
      const logged = place === undefined ? undefined : ops[place];
      const isMade = logged?.body.t === "invite" && levels[place!]! !== VOID;
      const invite = isMade
        ? inviteIn(rulings, view, { logged, body: logged.body as BodyOf<"invite"> }, members)
        : null;
      if (invite === null) next.delete(id);
      else next.set(id, invite);
    }
    return next;
  }
}

function isSame(a: Member | null, b: Member | null): boolean {
  if (a === null || b === null) return a === b;
  const areSame = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
    one.size === other.size && one.isSubsetOf(other);
  return areSame(a.roles, b.roles) && areSame(a.devices, b.devices);
}
