/** Whether content of a channel counts, from the ops that are known and the content itself. SPEC section 21. */
import type { ChannelAction } from "../access/capability.ts";
import type { ChannelId, DeviceId, OpId, UserId } from "../ids.ts";
import type { GuildContent } from "../wire/guildContent.ts";
import type { LastSeen } from "./contentChain.ts";
import type { ContentFault, ContentRule } from "./contentRule.ts";
import type { Departure } from "./facts.ts";
import type { Hindsight } from "./hindsight.ts";
import { type Rulings, VOID } from "./rulings.ts";
import type { Sight } from "./sight.ts";

/** What the receiver knows besides the ops. */
export interface Known {
  /** [CNT7] The heads of the content before it in its chain, as far as that is here and does not go back itself. */
  readonly floor: readonly OpId[];
  /** [CNT8] The same by its own links only, where a removal vouches for it. */
  readonly line: readonly OpId[];
  /** [CNT8] Whether links lead to it from what a removal lists; `null` where one between is missing. */
  isReached(last: LastSeen): boolean | null;
  /** [CNT9] This receiver had it, and judged it permitted, before: kept with the content for ever. */
  readonly isConfirmed: boolean;
  /** [CNT10] Other content of the device in this channel bears its number. */
  readonly isForked: boolean;
}

export const NOTHING_KNOWN: Known = {
  floor: [],
  line: [],
  isReached: () => null,
  isConfirmed: false,
  isForked: false,
};

/**
 * The envelope has proven the device and the channel ([CNT1]). A function of its arguments alone: neither an order nor a
 * time in which anything came is looked at, but for the one bit in `known`.
 */
export function judge(whole: Hindsight, content: GuildContent, known: Known = NOTHING_KNOWN): ContentRule {
  const seen = whole.sightAt(content.heads);
  if (seen === null) return "unknown-heads";
  const author = seen.ownerOf(content.device);
  if (author === null) return "unknown-device";
  const removals = removalsOf(whole.rulings, author).filter(({ logged }) => !seen.hasSeen(logged.id));
  const word = wordOf(removals, content, known);
  const floor = word === "for" ? known.line : known.floor;
  if (!floor.every((head) => seen.hasSeen(head))) return "heads-go-back";
  const fault = faultIn(seen, content, author);
  if (fault !== null) return fault;
  if (word === "against") return "removed-meanwhile";
  if (known.isConfirmed) return "permitted";
  if (word === "untold") return "unvouched";
  if (word === "none" && known.isForked) return "forked";
  // [CNT9] Nobody is a member after their own removal: what counts is whether the right was lost besides.
  const now = whole.sightWithout(removals.map(({ place }) => place));
  return faultIn(now, content, author) === null ? "permitted" : "revoked-since";
}

/**
 * [CNT7] Whether its heads count for what comes after it, as `judge` finds it too: of content that no removal vouches for.
 */
export function isFloor(whole: Hindsight, { heads, device }: GuildContent, floor: readonly OpId[]): boolean {
  const seen = whole.sightAt(heads);
  return seen !== null && (floor.every((head) => seen.hasSeen(head)) || seen.ownerOf(device) === null);
}

/** [CNT5] */
function faultIn(sight: Sight, content: GuildContent, author: UserId): ContentFault | null {
  if (!sight.isMember(author)) return "not-a-member";
  const needs = needsOf(content, author, (of) => sight.ownerOf(of));
  return sight.deviceFault(author, content.device) ??
    (sight.may(author, needs, content.channel) ? null : "lacks-permission");
}

/** [CNT3] */
export function needsOf(
  { claims, body }: Pick<GuildContent, "claims" | "body">,
  author: UserId,
  ownerOf: (device: DeviceId) => UserId | null,
): readonly ChannelAction[] {
  const needs: ChannelAction[] = ["view"];
  if (body.length > 0) needs.push("send");
  if (claims.attaches) needs.push("attach");
  if (claims.mentionsEveryone) needs.push("mentionEveryone");
  if (claims.playsSound) needs.push("speak", "useSoundboard");
  if (claims.deletes !== null && ownerOf(claims.deletes.device) !== author) needs.push("manageMessages");
  if (claims.mutes !== null && claims.mutes !== author) needs.push("muteOthers");
  return needs;
}

type Removal = Departure & { readonly body: { readonly t: "remove" | "ban" } };

/** [CNT8] The valid ones. */
const removalsOf = ({ facts, levels }: Rulings, user: UserId): readonly Removal[] =>
  facts.departures(user).filter((one): one is Removal => one.body.t !== "leave" && levels[one.place]! !== VOID);

const listed = ({ body }: Removal, channel: ChannelId, device: DeviceId): Removal["body"]["seen"] =>
  body.seen.filter((last) => last.channel === channel && last.device === device);

/** [CNT8] What all valid removals list of a chain: for `linkContent` and `missingVouched`. */
export const listsOf = (whole: Hindsight, channel: ChannelId, device: DeviceId): readonly LastSeen[] =>
  removedBy(whole, device).flatMap((removal) => listed(removal, channel, device));

/** [CNT8] The valid removals of the person whose device it is. */
export function removedBy({ rulings }: Hindsight, device: DeviceId): readonly Removal[] {
  const author = rulings.facts.introductions(device)[0]?.logged.author ?? null;
  return author === null ? [] : removalsOf(rulings, author);
}

/** [CNT8] What all removals together say of content that has seen none of them. */
function wordOf(
  removals: readonly Removal[],
  { channel, device, seq }: GuildContent,
  { isReached }: Known,
): "none" | "for" | "against" | "untold" {
  if (removals.length === 0) return "none";
  const lists = removals.map((removal) => listed(removal, channel, device));
  if (lists.some((list) => list.length === 0 || list.some((last) => seq > last.seq))) return "against";
  const reached = lists.flat().map(isReached);
  if (reached.includes(false)) return "against";
  return reached.includes(null) ? "untold" : "for";
}
