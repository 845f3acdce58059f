/** What somebody who was removed has, or could have by all that they hold, of what was written by who knew. */
import { guildKeys } from "../../../core/guild/live/keys.ts";
import { VOID } from "../../../core/guild/rulings.ts";
import { openGroup } from "../../../core/group/receiver.ts";
import type { ChainId, ChannelId, ContentId, DeviceId, OpId, UserId } from "../../../core/ids.ts";
import type { LoggedOp } from "../../../core/log/log.ts";
import { contentRecord } from "../../../core/wire/guildRecords.ts";
import { must } from "../../support/world.ts";
import { BrokenInvariant } from "../invariants.ts";
import { HostileNode, placeOf } from "./hostile.ts";
import type { GuildNode } from "./node.ts";

/** Which message of which chain it is, as its envelope says to everybody who sees it. */
export interface Place {
  readonly channel: ChannelId;
  readonly device: DeviceId;
  readonly chain: ChainId;
  readonly index: number;
}

export interface Written extends Place {
  readonly author: GuildNode;
  readonly seq: number;
  readonly heads: readonly OpId[];
  /** Devices that were readers by what the author knew. */
  readonly readers: ReadonlySet<DeviceId>;
}

/** `by` is a node that has all ops; `all` also the hostile ones, `written` what honest devices wrote. */
export function removedOpenNothing(
  by: GuildNode,
  all: readonly GuildNode[],
  written: ReadonlyMap<ContentId, Written>,
): void {
  const { history, levels } = by.state.ruled.resolver.rulings;
  const knows = (heads: readonly OpId[], removal: number) =>
    heads.some((head) => {
      const place = history.placeOf.get(head);
      return place !== undefined && (place === removal || history.isPast(removal, place));
    });
  for (const [removal, { body }] of history.ops.entries()) {
    if ((body.t !== "remove" && body.t !== "ban") || levels[removal] === VOID) continue;
    if (history.ops.some((op, at) => history.isPast(removal, at) && admits(op, body.user))) continue;
    const knew = [...written].filter(([, { heads }]) => knows(heads, removal));
    for (const node of all.filter(({ device }) => device.user === body.user)) {
      for (const [id, one] of knew) if (one.author !== node) checkOne(node, id, one);
    }
  }
}

/**
 * [GKEY3] Where nothing is ever an archive, content is opened by those only who were readers when it was written, by its
 * author's log or by all that is known of that now: not by who has lost a role, the channel or a device, nor by a newcomer.
 */
export function readersOpenOnly(
  by: GuildNode,
  all: readonly GuildNode[],
  written: ReadonlyMap<ContentId, Written>,
): number {
  const { resolver: { rulings: { history } }, hindsight } = by.state.ruled;
  const archives = new Set(
    history.ops.flatMap(({ body }) => body.t === "channel.change" && body.history === "archive" ? [body.channel] : []),
  );
  let count = 0;
  for (const [id, one] of written) {
    if (archives.has(one.channel)) continue;
    for (const node of all) {
      const { id: device } = node.device;
      if (one.readers.has(device) || hindsight.wasReader(one.heads, device, one.channel) === true) continue;
      checkOne(node, id, one);
      count++;
    }
  }
  return count;
}

function checkOne(removed: GuildNode, id: ContentId, one: Written): void {
  const { channel, author, seq } = one;
  if (removed instanceof HostileNode && removed.given.has(placeOf(one))) {
    throw new BrokenInvariant(`${removed.name}, who may not, was given the key of ${id} of ${author.name}`);
  }
  const { receivers, shelf } = removed.state.channels.get(channel) ?? { receivers: new Map(), shelf: new Map() };
  const opened = shelf.get(author.device.id)?.kept.has(id) === true;
  if (opened) throw new BrokenInvariant(`${removed.name}, who may not, has opened ${id} of ${author.name}`);
  // As if somebody had shown them all ciphertext there is.
  const key = guildKeys(author.state.log.guild).content(channel, author.device.id, seq, id);
  const record = author.store.get(key);
  const receiver = receivers.get(author.device.id);
  if (record === null || receiver === undefined) return;
  if (openGroup(receiver, must(contentRecord.decode(record)).envelope).ok) {
    throw new BrokenInvariant(`${removed.name}, who may not, can open ${id} of ${author.name}`);
  }
}

const admits = ({ body, author }: LoggedOp, user: UserId): boolean =>
  (body.t === "redeem" && author === user) ||
  ((body.t === "add" || body.t === "role.grant" || body.t === "transfer") && body.user === user);
