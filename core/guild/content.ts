/** Whether content of a channel counts, from the ops that are known and the content itself. SPEC section 21. */
import type { ChannelAction } from "../access/capability.ts";
import type { DeviceId, OpId, UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import { linksOf } from "../log/signedOp.ts";
import type { GuildContent } from "../wire/guildContent.ts";
import { deviceFault } from "./authorise.ts";
import type { ContentFault, ContentRule } from "./contentRule.ts";
import type { Departure } from "./facts.ts";
import type { Hindsight, Hindsighted } from "./hindsight.ts";
import { type Rulings, viewFromHeads, VOID } from "./rulings.ts";
import { may } from "./state.ts";

/** What the receiver knows besides the ops. */
export interface Known {
  /** [CNT7] The heads of the content before it in its chain, as far as that is here and does not go back itself. */
  readonly floor: readonly OpId[];
  /** [CNT9] This receiver had it, and judged it permitted, before: kept with the content for ever. */
  readonly isConfirmed: boolean;
  /** [CNT10] Other content of the device in this channel bears its number. */
  readonly isForked: boolean;
}

export const NOTHING_KNOWN: Known = { floor: [], isConfirmed: false, isForked: false };

/**
 * The envelope has proven the device and the channel ([CNT1]). A function of its arguments alone: neither an order nor a
 * time in which anything came is looked at, but for the one bit in `known`.
 */
export function judge(whole: Hindsight, content: GuildContent, known: Known = NOTHING_KNOWN): ContentRule {
  const seen = whole.at(content.heads);
  if (seen === null) return "unknown-heads";
  const author = ownerOf(seen.rulings, content.device);
  if (author === null) return "unknown-device";
  if (known.floor.some((head) => !seen.rulings.history.placeOf.has(head))) return "heads-go-back";
  const fault = faultIn(seen, content, author);
  if (fault !== null) return fault;
  const removals = removalsSince(whole.rulings, seen.rulings, author);
  if (!removals.every((removal) => isListed(removal, content))) return "removed-meanwhile";
  if (known.isConfirmed) return "permitted";
  if (known.isForked) return "forked";
  const isLost = removals.length > 0
    ? removals.some((removal) => hadLost(whole, removal, content, author))
    : faultIn(whole, content, author) !== null;
  return isLost ? "revoked-since" : "permitted";
}

/** [LOG4] The person whose device it is, as far as that was known. */
const ownerOf = ({ facts }: Rulings, device: DeviceId): UserId | null =>
  facts.introductions(device)[0]?.logged.author ?? null;

/** [CNT5] */
function faultIn({ rulings, state }: Hindsighted, content: GuildContent, author: UserId): ContentFault | null {
  if (!state.members.has(author)) return "not-a-member";
  const { device, channel } = content;
  const act = { place: null, author, device, body: { t: "unknown" } } as const;
  const fault = deviceFault(rulings, viewFromHeads(rulings, GUILD.noRank), act);
  if (fault === "device-revoked" || fault === "device-suspended") return fault;
  const needs = needsOf(content, author, (of) => ownerOf(rulings, of));
  return needs.every((action) => may(state, author, action, channel)) ? null : "lacks-permission";
}

/** [CNT3] */
export function needsOf(
  { claims, body }: GuildContent,
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

/** [CNT8] Valid ones that the author says not to have seen. */
const removalsSince = ({ facts, levels }: Rulings, seen: Rulings, author: UserId): readonly Removal[] =>
  facts.departures(author).filter((one): one is Removal =>
    one.body.t !== "leave" && levels[one.place]! !== VOID && !seen.history.placeOf.has(one.logged.id)
  );

const isListed = ({ body }: Removal, { channel, device, seq }: GuildContent): boolean =>
  body.seen.some((last) => last.channel === channel && last.device === device && seq <= last.seq);

/** [CNT9] Whether the author, a member still, had lost the right already where they were removed. */
function hadLost(whole: Hindsight, { logged: { op } }: Removal, content: GuildContent, author: UserId): boolean {
  const fault = faultIn(whole.at(linksOf(op))!, content, author);
  return fault !== null && fault !== "not-a-member";
}
