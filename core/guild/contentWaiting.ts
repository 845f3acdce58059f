/** [CNT4] Content that cites ops which are not here: kept for a while, never judged before they come. */
import type { ContentId, OpId } from "../ids.ts";
import { CONTENT } from "../limits.ts";
import type { GuildContent } from "../wire/guildContent.ts";

/** The earliest first. */
export type WaitingContent = ReadonlyMap<ContentId, GuildContent>;

export interface Held {
  readonly waiting: WaitingContent;
  /** What had to go: it is a gap again, to be asked for. */
  readonly dropped: ContentId | null;
}

export function holdContent(waiting: WaitingContent, id: ContentId, content: GuildContent): Held {
  if (waiting.has(id)) return { waiting, dropped: null };
  const next = new Map(waiting).set(id, content);
  // A device that floods drives out its own first.
  const own = [...next].filter(([, { device }]) => device === content.device);
  const earliest = own.length > CONTENT.maxWaitingOfDevice
    ? own[0]![0]
    : next.size > CONTENT.maxWaiting
    ? next.keys().next().value!
    : null;
  if (earliest !== null) next.delete(earliest);
  return { waiting: next, dropped: earliest };
}

/** What can be judged now that these ops are here. */
export function releaseContent(
  waiting: WaitingContent,
  isHere: (op: OpId) => boolean,
): { readonly waiting: WaitingContent; readonly released: WaitingContent } {
  const [kept, released] = [new Map<ContentId, GuildContent>(), new Map<ContentId, GuildContent>()];
  for (const [id, content] of waiting) (content.heads.every(isHere) ? released : kept).set(id, content);
  return { waiting: kept, released };
}

/** The ops to ask others for. */
export const missingHeads = (waiting: WaitingContent, isHere: (op: OpId) => boolean): ReadonlySet<OpId> =>
  new Set([...waiting.values()].flatMap(({ heads }) => heads.filter((id) => !isHere(id))));
