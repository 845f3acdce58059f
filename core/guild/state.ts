/** What a guild is after a set of ops: SPEC section 19. Of every subject the valid ops that no other valid one has seen. */
import { type Asking, may as mayBy } from "../access/permission.ts";
import type { ChannelAction } from "../access/capability.ts";
import { type ChannelId, channelOfOp, type DeviceId, type OpId, type RoleId, type UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import type { Capability } from "../wire/guildCapability.ts";
import type { BodyOf } from "../wire/opBody.ts";
import { type Channel, channelIn } from "./channels.ts";
import { type Fact, only } from "./facts.ts";
import { newestOf } from "./newest.ts";
import { type Rulings, type View, viewFromHeads, VOID } from "./rulings.ts";
import { heldRoles, isBanned, isMember, latest, lowestForce } from "./standing.ts";

export type { Channel } from "./channels.ts";

export interface Role {
  readonly name: string;
  readonly rank: number;
  readonly capabilities: readonly Capability[];
}

export interface Member {
  /** Those that exist, without the one of everybody. */
  readonly roles: ReadonlySet<RoleId>;
  readonly devices: ReadonlySet<DeviceId>;
}

export interface Invite {
  readonly maker: UserId;
  readonly maxUses: number | null;
  readonly expiresAtMs: number | null;
  /** [GLD13] More than `maxUses` where people redeemed it who did not know of each other: to be shown. */
  readonly uses: number;
}

export interface GuildState {
  readonly name: string;
  readonly icon: Uint8Array | null;
  readonly servers: readonly string[];
  readonly founder: UserId;
  readonly everyone: RoleId;
  readonly members: ReadonlyMap<UserId, Member>;
  readonly banned: ReadonlySet<UserId>;
  readonly roles: ReadonlyMap<RoleId, Role>;
  readonly channels: ReadonlyMap<ChannelId, Channel>;
  /** Those that are not revoked and whose maker is still a member. */
  readonly invites: ReadonlyMap<OpId, Invite>;
  /** [GLD15] Devices that said two things under one number. */
  readonly equivocators: ReadonlySet<DeviceId>;
  /** [GLD17] The last content of those who went that their removers had seen. */
  readonly seen: ReadonlyMap<UserId, BodyOf<"remove">["seen"]>;
}

export function stateOf(rulings: Rulings): GuildState {
  const { history, facts, levels, reigns } = rulings;
  const view = viewFromHeads(rulings, GUILD.noRank);
  const valid = facts.all.filter(({ place }) => levels[place]! !== VOID);
  const newest = newestOf(rulings, view);
  const genesis = only(valid, "genesis")[0]!;
  const settings = newest(only(valid, "settings"));
  const founder = reigns.at(-1)!.founder;
  const members = membersOf(rulings, view, founder);
  const people = new Set(history.ops.flatMap(({ author, body }) => body.t === "ban" ? [author, body.user] : [author]));
  return {
    name: settings?.body.name ?? genesis.body.name,
    icon: settings?.body.icon ?? null,
    servers: newest(only(valid, "rendezvous"))?.body.servers ?? [],
    founder,
    everyone: facts.everyone,
    members,
    banned: new Set([...people].filter((user) => !members.has(user) && isBanned(rulings, view, user))),
    roles: rolesOf(rulings, view),
    channels: channelsOf(rulings, view),
    invites: invitesOf(rulings, view, only(valid, "invite"), members),
    equivocators: new Set(facts.equivocations.keys()),
    seen: seenOf(valid, members),
  };
}

/** [ACC5] Whether a member may do this in a channel that exists. */
export function may(state: GuildState, user: UserId, action: ChannelAction, channel: ChannelId): boolean {
  const member = state.members.get(user);
  if (member === undefined || !state.channels.has(channel)) return false;
  const who: Asking = { user, isFounder: user === state.founder, roles: member.roles };
  const permissions = {
    everyone: state.everyone,
    capabilitiesOf: (role: RoleId) => state.roles.get(role)?.capabilities ?? [],
    overridesOf: (id: ChannelId) => state.channels.get(id)?.overrides,
  };
  return mayBy(permissions, who, action, channel);
}

function rolesOf(rulings: Rulings, view: View): ReadonlyMap<RoleId, Role> {
  const roles = new Map<RoleId, Role>();
  const named = new Set(rulings.facts.all.flatMap(({ body }) => "role" in body ? [body.role] : []));
  const created = rulings.facts.all.filter(({ body }) => body.t === "role.create").map(({ logged }) => logged.id);
  for (const role of [rulings.facts.everyone, ...created as string[] as RoleId[], ...named]) {
    const definition = latest(rulings, rulings.facts.definitions(role).filter(({ place }) => view.gives(place)), view);
    const force = lowestForce(rulings, view, role);
    if (force === null) continue;
    const name = definition !== null && definition.body.t !== "role.delete" ? definition.body.name : "";
    roles.set(role, { ...force, name: role === rulings.facts.everyone ? "" : name });
  }
  return roles;
}

function membersOf(
  rulings: Rulings,
  view: View,
  founder: UserId,
): ReadonlyMap<UserId, Member> {
  const { history: { ops }, facts } = rulings;
  const devices = new Map<UserId, Set<DeviceId>>();
  for (const { author, op: { device } } of ops) {
    const own = devices.get(author) ?? new Set();
    devices.set(author, own);
    if (!own.has(device) && !isRevokedIn(rulings, view, author, device)) own.add(device);
  }
  const named = facts.all.flatMap(({ body }) => "user" in body ? [body.user] : []);
  const members = new Map<UserId, Member>();
  for (const user of new Set([...devices.keys(), ...named])) {
    const member = memberIn(rulings, view, founder, user, () => devices.get(user) ?? new Set());
    if (member !== null) members.set(user, member);
  }
  return members;
}

export const isRevokedIn = ({ facts }: Rulings, view: View, author: UserId, device: DeviceId): boolean =>
  facts.revocationsOf(device).some((one) => one.logged.author === author && view.takes(one.place));

/** `null` where the person is none. */
export const memberIn = (
  rulings: Rulings,
  view: View,
  founder: UserId,
  user: UserId,
  devicesOf: () => ReadonlySet<DeviceId>,
): Member | null =>
  user === founder || isMember(rulings, view, user)
    ? { roles: heldRoles(rulings, view, user), devices: devicesOf() }
    : null;

function channelsOf(rulings: Rulings, view: View): ReadonlyMap<ChannelId, Channel> {
  const channels = new Map<ChannelId, Channel>();
  for (const { logged } of only(rulings.facts.all, "channel.create")) {
    const id = channelOfOp(logged.id);
    const channel = channelIn(rulings, view, id);
    if (channel !== null) channels.set(id, channel);
  }
  return channels;
}

function invitesOf(
  rulings: Rulings,
  view: View,
  valid: readonly Fact<"invite">[],
  members: ReadonlyMap<UserId, Member>,
): ReadonlyMap<OpId, Invite> {
  const invites = new Map<OpId, Invite>();
  for (const one of valid) {
    const invite = inviteIn(rulings, view, one, members);
    if (invite !== null) invites.set(one.logged.id, invite);
  }
  return invites;
}

/** `null` where it is good for nobody any more. */
export function inviteIn(
  { facts, levels }: Rulings,
  view: View,
  { logged: { id, author }, body: { maxUses, expiresAtMs } }: Pick<Fact<"invite">, "logged" | "body">,
  members: ReadonlyMap<UserId, Member>,
): Invite | null {
  const isRevoked = facts.inviteRevocations(id).some(({ place }) => view.takes(place));
  if (isRevoked || !members.has(author)) return null;
  const uses = facts.redemptions(id).filter(({ place }) => levels[place]! !== VOID).length;
  return { maker: author, maxUses, expiresAtMs, uses };
}

function seenOf(valid: readonly Fact[], members: ReadonlyMap<UserId, Member>): GuildState["seen"] {
  const seen = new Map<UserId, BodyOf<"remove">["seen"]>();
  for (const { body } of valid) {
    if (body.t !== "remove" && body.t !== "ban" || members.has(body.user)) continue;
    seen.set(body.user, [...seen.get(body.user) ?? [], ...body.seen]);
  }
  return seen;
}
