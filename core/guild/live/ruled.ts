/** What follows from a log, worked out once for each of its states. */
import type { DeviceId, UserId } from "../../ids.ts";
import type { LoggedOp, OpLog } from "../../log/log.ts";
import { Hindsight } from "../hindsight.ts";
import { followReaders, type Readers } from "../keys/readers.ts";
import { extend, openResolver, type Resolver } from "../resolver.ts";
import { hasSameRulings } from "../rulings.ts";
import { type GuildState, stateOf } from "../state.ts";
import { stateAfter } from "../stateAfter.ts";

export interface Ruled {
  readonly resolver: Resolver;
  readonly guild: GuildState;
  readonly hindsight: Hindsight;
  /** Who may read each channel; a set that did not change is the one it was. */
  readonly readers: Readers;
  /** [LOG4] Whose device it is, of every one that made an op. */
  readonly owners: ReadonlyMap<DeviceId, UserId>;
}

const NO_READERS: Readers = new Map();

/** `before` is of a log of which `log` is a later state. */
export function ruledBy(before: Ruled | null, log: OpLog, added: readonly LoggedOp[] = []): Ruled {
  const resolver = before === null ? openResolver(log.ops.values()) : extend(before.resolver, added);
  const { rulings } = resolver;
  const known = before !== null && hasSameRulings(before.resolver.rulings, rulings) ? before : null;
  const guild = known === null ? stateOf(rulings) : stateAfter(known.guild, rulings, added);
  const owners = new Map(before?.owners);
  for (const { op, author } of before === null ? log.ops.values() : added) owners.set(op.device, author);
  return {
    resolver,
    guild,
    hindsight: new Hindsight(rulings, guild, known?.hindsight),
    readers: followReaders(before?.readers ?? NO_READERS, guild, before?.guild),
    owners,
  };
}

/** Whether it is an unrevoked device of a member. */
export function isMembers({ guild, owners }: Ruled, device: DeviceId): boolean {
  const owner = owners.get(device);
  return owner !== undefined && guild.members.get(owner)?.devices.has(device) === true;
}
