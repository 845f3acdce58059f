/** The channels of a guild, as a view of it has them. SPEC section 19, [GLD11]. */
import type { ChannelOverrides, Override } from "../access/permission.ts";
import type { ChannelId, RoleId, UserId } from "../ids.ts";
import type { Fact } from "./facts.ts";
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

/** `null` where there is none. */
export function channelIn(rulings: Rulings, view: View, id: ChannelId): Channel | null {
  const { facts } = rulings;
  const [creation] = facts.channelCreations(id);
  if (creation === undefined || !view.isSeen(creation.place)) return null;
  const given = <F extends { readonly place: number }>(rows: (id: ChannelId) => readonly F[]): readonly F[] =>
    rows(id).filter(({ place }) => view.gives(place));
  const newest = newestOf(rulings, view);
  const changes = given(facts.channelChanges);
  // A change vouches for a channel whose creator has lost the right to have made it.
  if (!view.gives(creation.place) && changes.length === 0) return null;
  const last = newest<"channel.change" | "channel.delete">([...changes, ...given(facts.channelDeletions)]);
  if (last?.body.t === "channel.delete") return null;
  const { topic, position, history } = last?.body ?? { topic: "", position: 0, history: "none" as const };
  return {
    name: last?.body.name ?? creation.body.name,
    kind: creation.body.kind,
    topic,
    position,
    history,
    keepS: newest(given(facts.channelRetentions))?.body.keepS ?? null,
    overrides: overridesOf(given(facts.channelOverrides), newest),
  };
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
