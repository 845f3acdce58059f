/** The channels of a guild, as a view of it has them. SPEC section 19, [GLD11]. */
import type { ChannelOverrides, Override } from "../access/permission.ts";
import { type ChannelId, channelOfOp, type RoleId, type UserId } from "../ids.ts";
import { type Fact, type Facts, only } from "./facts.ts";
import { type Newest, newestOf } from "./newest.ts";
import type { Rulings, View } from "./rulings.ts";

export interface Channel {
  readonly name: string;
  readonly kind: "text" | "voice";
  readonly topic: string;
  readonly position: number;
  readonly history: "none" | "archive";
  readonly keepS: number | null;
  readonly overrides: ChannelOverrides;
}

type Rows<T extends "channel.change" | "channel.delete" | "channel.retention" | "channel.override"> = ReadonlyMap<
  ChannelId,
  readonly Fact<T>[]
>;

/** What speaks of each channel, valid or not. */
export interface ChannelFacts {
  readonly creations: ReadonlyMap<ChannelId, Fact<"channel.create">>;
  readonly changes: Rows<"channel.change">;
  readonly deletions: Rows<"channel.delete">;
  readonly retentions: Rows<"channel.retention">;
  readonly overrides: Rows<"channel.override">;
}

/** Going through all ops for each channel would take longer than all the rest of a state. */
export const channelFactsOf = ({ all }: Facts): ChannelFacts => ({
  creations: new Map(only(all, "channel.create").map((one) => [channelOfOp(one.logged.id), one])),
  changes: byChannel(only(all, "channel.change")),
  deletions: byChannel(only(all, "channel.delete")),
  retentions: byChannel(only(all, "channel.retention")),
  overrides: byChannel(only(all, "channel.override")),
});

/** `null` where there is none. */
export function channelIn(rulings: Rulings, facts: ChannelFacts, view: View, id: ChannelId): Channel | null {
  const creation = facts.creations.get(id);
  if (creation === undefined || !view.isSeen(creation.place)) return null;
  const given = <F extends { readonly place: number }>(rows: ReadonlyMap<ChannelId, readonly F[]>): readonly F[] =>
    (rows.get(id) ?? []).filter(({ place }) => view.gives(place));
  const newest = newestOf(rulings, view);
  const changes = given(facts.changes);
  // A change vouches for a channel whose creator has lost the right to have made it.
  if (!view.gives(creation.place) && changes.length === 0) return null;
  const last = newest<"channel.change" | "channel.delete">([...changes, ...given(facts.deletions)]);
  if (last?.body.t === "channel.delete") return null;
  const { topic, position, history } = last?.body ?? { topic: "", position: 0, history: "none" as const };
  return {
    name: last?.body.name ?? creation.body.name,
    kind: creation.body.kind,
    topic,
    position,
    history,
    keepS: newest(given(facts.retentions))?.body.keepS ?? null,
    overrides: overridesOf(given(facts.overrides), newest),
  };
}

function byChannel<F extends { readonly body: { readonly channel: ChannelId } }>(
  facts: readonly F[],
): ReadonlyMap<ChannelId, readonly F[]> {
  const groups = new Map<ChannelId, F[]>();
  for (const fact of facts) {
    const { channel } = fact.body;
    const group = groups.get(channel);
    if (group === undefined) groups.set(channel, [fact]);
    else group.push(fact);
  }
  return groups;
}

function overridesOf(facts: readonly Fact<"channel.override">[], newest: Newest): ChannelOverrides {
  const bySubject = new Map<string, Fact<"channel.override">[]>();
  for (const fact of facts) {
    const { subject } = fact.body;
    const key = subject.t === "role" ? `role ${subject.role}` : `member ${subject.user}`;
    bySubject.set(key, [...bySubject.get(key) ?? [], fact]);
  }
  const roles = new Map<RoleId, Override>();
  const members = new Map<UserId, Override>();
  for (const group of bySubject.values()) {
    const { subject, allow, deny } = newest(group)!.body;
    const override = { allow: new Set(allow), deny: new Set(deny) };
    if (subject.t === "role") roles.set(subject.role, override);
    else members.set(subject.user, override);
  }
  return { roles, members };
}
