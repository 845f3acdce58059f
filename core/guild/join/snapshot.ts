/** A guild's state as bytes, the same for the same state. SPEC section 23. */
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { JOIN } from "../../limits.ts";
import { type GuildSnapshot, snapshotCodec } from "../../wire/guildSnapshot.ts";
import type { Channel, GuildState, Member, Role } from "../state.ts";
import type { Override } from "../../access/permission.ts";
import type { RoleId } from "../../ids.ts";

const byKey = <K extends string, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] =>
  [...map].sort(([a], [b]) => a < b ? -1 : 1);

const sorted = <T extends string>(set: ReadonlySet<T>): readonly T[] => [...set].sort();

const overridesOf = <K extends string>(map: ReadonlyMap<K, Override>) =>
  byKey(map).map(([id, { allow, deny }]) => ({ id, allow: sorted(allow), deny: sorted(deny) }));

/** [JOIN13] Refused where a guild is larger than a snapshot may be. */
export function encodeSnapshot(state: GuildState): Result<Uint8Array, "join.too-large"> {
  const roles = byKey(state.roles);
  const placeOf = new Map(roles.map(([id], place) => [id, place]));
  const isBounded = state.roles.size <= JOIN.maxRoles && state.members.size <= JOIN.maxMembers &&
    state.channels.size <= JOIN.maxChannels && state.invites.size <= JOIN.maxInvites &&
    state.banned.size <= JOIN.maxBanned && state.equivocators.size <= JOIN.maxMembers;
  if (!isBounded) return refuse("join.too-large");
  const bytes = snapshotCodec.encode({
    v: 1,
    name: state.name,
    icon: state.icon,
    servers: state.servers,
    founder: state.founder,
    everyone: state.everyone,
    roles: roles.map(([id, { name, rank, capabilities }]) => ({ id, name, rank, capabilities })),
    members: byKey(state.members).map(([id, { devices, roles: held }]) => ({
      id,
      devices: sorted(devices),
      roles: [...held].map((role) => placeOf.get(role)!).sort((a, b) => a - b),
    })),
    banned: sorted(state.banned),
    channels: byKey(state.channels).map(([id, channel]) => ({
      id,
      name: channel.name,
      kind: channel.kind,
      topic: channel.topic,
      position: channel.position,
      history: channel.history,
      keepS: channel.keepS,
      ofRoles: overridesOf(channel.overrides.roles),
      ofMembers: overridesOf(channel.overrides.members),
    })),
    invites: byKey(state.invites).map(([id, { maker, maxUses, expiresAtMs, uses }]) => ({
      id,
      maker,
      maxUses,
      expiresAtMs,
      uses,
    })),
    equivocators: sorted(state.equivocators),
  });
  // Lists within lists have bounds of their own: what its own reader would refuse is not signed.
  return snapshotCodec.decode(bytes).ok ? ok(bytes) : refuse("join.too-large");
}

/** [JOIN13] For a screen. What judges content is not in it: nothing is judged by an unverified state. */
export function stateFromSnapshot(bytes: Uint8Array): Result<GuildState, Extract<Reason, `wire.${string}`>> {
  const read = snapshotCodec.decode(bytes);
  if (!read.ok) return read;
  const snapshot = read.value;
  const { v, name, icon, servers, founder, everyone } = snapshot;
  const roleIds = snapshot.roles.map(({ id }) => id);
  const isKnown = snapshot.members.every(({ roles }) => roles.every((place) => place < roleIds.length));
  if (v !== 1 || !isKnown) return refuse("wire.wrong-shape");
  return ok({
    name,
    icon,
    servers,
    founder,
    everyone,
    roles: new Map(snapshot.roles.map(({ id, ...role }): [RoleId, Role] => [id, role])),
    members: new Map(snapshot.members.map((member) => [member.id, memberFrom(member, roleIds)])),
    banned: new Set(snapshot.banned),
    channels: new Map(snapshot.channels.map((channel) => [channel.id, channelFrom(channel)])),
    invites: new Map(snapshot.invites.map(({ id, ...invite }) => [id, invite])),
    equivocators: new Set(snapshot.equivocators),
    seen: new Map(),
  });
}

const memberFrom = ({ devices, roles }: GuildSnapshot["members"][number], ids: readonly RoleId[]): Member => ({
  devices: new Set(devices),
  roles: new Set(roles.map((place) => ids[place]!)),
});

function channelFrom({ id: _, ofRoles, ofMembers, ...channel }: GuildSnapshot["channels"][number]): Channel {
  return { ...channel, overrides: { roles: overridesFrom(ofRoles), members: overridesFrom(ofMembers) } };
}

const overridesFrom = <K>(
  all: readonly { readonly id: K; readonly allow: readonly string[]; readonly deny: readonly string[] }[],
): ReadonlyMap<K, Override> =>
  new Map(all.map(({ id, allow, deny }) => [id, { allow: new Set(allow), deny: new Set(deny) }]));
