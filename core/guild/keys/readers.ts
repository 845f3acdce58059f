/** Who may read a channel: devices of members who may view it. SPEC section 22. */
import { may as mayBy, type Permissions } from "../../access/permission.ts";
import type { Devices } from "../../group/holders.ts";
import type { ChannelId, DeviceId, RoleId, UserId } from "../../ids.ts";
import { GROUP, GUILD_KEYS } from "../../limits.ts";
import type { GuildState, Member } from "../state.ts";

/** Of every channel that exists. Nobody changes a set, so equal references are equal sets. */
export type Readers = ReadonlyMap<ChannelId, Devices>;

export const NO_READERS: Readers = new Map();

/** [GKEY1] Of one channel; nobody where it does not exist. */
export const readersOf = (state: GuildState, channel: ChannelId): Devices =>
  state.channels.has(channel) ? new ReaderTable(state).readersOf(channel) : new Set();

/**
 * [GKEY1] Of all channels. A set that is as it was before is the very set that it was. `then`: the state that `before` is
 * of; where channels are the same object, and what is said of people and roles, nothing is looked at.
 */
export function followReaders(before: Readers, state: GuildState, then: GuildState | null = null): Readers {
  const isAlike = then !== null && then.members === state.members && then.roles === state.roles &&
    then.founder === state.founder;
  if (isAlike && then.channels === state.channels) return before;
  const table = new ReaderTable(state);
  const same = new Map<Devices, Map<Devices, boolean>>();
  const readers = new Map<ChannelId, Devices>();
  for (const [channel, what] of state.channels) {
    const known = before.get(channel);
    const isKnown = known !== undefined && isAlike && then.channels.get(channel) === what;
    const now = isKnown ? known : table.readersOf(channel);
    readers.set(channel, known !== undefined && isEqual(same, known, now) ? known : now);
  }
  return readers;
}

/** [GKEY1] Whether it is one of them. */
export function isReader(state: GuildState, channel: ChannelId, device: DeviceId): boolean {
  const user = ownersOf(state).get(device);
  return user !== undefined && state.channels.has(channel) &&
    mayBy(permissionsOf(state), askingOf(state, user, state.members.get(user)!), "view", channel);
}

const askingOf = ({ founder }: GuildState, user: UserId, { roles }: Member) => ({
  user,
  isFounder: user === founder,
  roles,
});

const permissionsOf = (state: GuildState): Permissions => ({
  everyone: state.everyone,
  capabilitiesOf: (role: RoleId) => state.roles.get(role)?.capabilities ?? [],
  overridesOf: (id: ChannelId) => state.channels.get(id)?.overrides,
});

/** States are never changed, so what follows from one is worked out once. */
const owners = new WeakMap<GuildState, ReadonlyMap<DeviceId, UserId>>();

function ownersOf(state: GuildState): ReadonlyMap<DeviceId, UserId> {
  const known = owners.get(state);
  if (known !== undefined) return known;
  const found = new Map<DeviceId, UserId>();
  for (const [user, member] of state.members) for (const device of readingDevices(member)) found.set(device, user);
  owners.set(state, found);
  return found;
}

const readingDevices = ({ devices }: Member): readonly DeviceId[] =>
  devices.size <= GUILD_KEYS.maxDevicesOfReader ? [...devices] : [...devices].slice(0, GUILD_KEYS.maxDevicesOfReader);

/** People who have the same roles: they have the same permissions, but for overrides of their own. */
type Group = readonly UserId[];

class ReaderTable {
  readonly #permissions: Permissions;
  readonly #groups: readonly Group[];
  readonly #groupOf = new Map<UserId, number>();
  /** Channels are read by few different sets of people: by who they are. */
  readonly #sets = new Map<string, Devices>();

  constructor(readonly state: GuildState) {
    this.#permissions = permissionsOf(state);
    this.#groups = groupsOf(state);
    for (const [at, group] of this.#groups.entries()) for (const user of group) this.#groupOf.set(user, at);
  }

  readersOf(channel: ChannelId): Devices {
    const { state } = this;
    const special = [...state.channels.get(channel)!.overrides.members.keys(), state.founder];
    const apart = new Set(special.filter((user) => state.members.has(user)));
    const groups = this.#groups.map((group) => {
      const like = group.find((user) => !apart.has(user));
      return like !== undefined && this.#may(like, channel);
    });
    const unlike = new Set([...apart].filter((user) => this.#may(user, channel) !== groups[this.#groupOf.get(user)!]));
    const name = `${groups.map(Number).join("")} ${[...unlike].sort().join()}`;
    const known = this.#sets.get(name) ?? this.#gather(groups, unlike);
    this.#sets.set(name, known);
    return known;
  }

  #may(user: UserId, channel: ChannelId): boolean {
    return mayBy(this.#permissions, askingOf(this.state, user, this.state.members.get(user)!), "view", channel);
  }

  #gather(groups: readonly boolean[], unlike: ReadonlySet<UserId>): Devices {
    const people = this.#groups.flatMap((group, at) => group.filter((user) => unlike.has(user) !== groups[at]!));
    return devicesOf(people.map((user) => readingDevices(this.state.members.get(user)!)));
  }
}

function groupsOf({ members }: GuildState): readonly Group[] {
  const groups = new Map<string, UserId[]>();
  for (const [user, { roles }] of members) {
    const name = roles.size < 2 ? [...roles].join() : [...roles].sort().join();
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [user]);
    else group.push(user);
  }
  return [...groups.values()];
}

/** Everybody's first, then everybody's second, and so on: where there are too many, nobody goes without. */
function devicesOf(lists: readonly (readonly DeviceId[])[]): Devices {
  const devices = new Set<DeviceId>();
  const isTooMany = lists.reduce((count, { length }) => count + length, 0) > GROUP.maxHolders;
  // Then everybody has to leave out the same, in whatever order they came to know of people.
  const ordered = isTooMany ? lists.toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1) : lists;
  for (let turn = 0; turn < GUILD_KEYS.maxDevicesOfReader; turn++) {
    let isOver = true;
    for (const list of ordered) {
      const device = list[turn];
      if (device === undefined) continue;
      if (devices.size === GROUP.maxHolders) return devices;
      devices.add(device);
      isOver = false;
    }
    if (isOver) return devices;
  }
  return devices;
}

/** Channels share their sets, so the same two are compared once. */
function isEqual(memo: Map<Devices, Map<Devices, boolean>>, a: Devices, b: Devices): boolean {
  const known = memo.get(a)?.get(b);
  if (known !== undefined) return known;
  const answer = a === b || (a.size === b.size && a.isSubsetOf(b));
  memo.set(a, new Map(memo.get(a)).set(b, answer));
  return answer;
}
