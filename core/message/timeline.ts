/**
 * The order of a conversation: Lamport time, then author, then the author's own count. Both sides sort alike whatever
 * order messages arrived in, and an answer never stands above what it answers.
 */
import type { MessageId } from "../ids.ts";

export interface TimelineMessage {
  readonly id: MessageId;
  readonly own: boolean;
  readonly seq: number;
  readonly lamport: number;
  readonly sentAtMs: number;
  readonly text: string;
  /** Own messages: the other device has committed it. */
  readonly delivered: boolean;
}

/** Which of the two authors sorts first at equal Lamport time: both sides must answer alike. */
export type AuthorRank = 0 | 1;

const digits = (value: number): string => value.toString(16).padStart(14, "0");

/** A key whose text order is the conversation's order. */
export const timelineKey = (message: Pick<TimelineMessage, "lamport" | "seq">, rank: AuthorRank): string =>
  `${digits(message.lamport)}-${rank}-${digits(message.seq)}`;

/** One message with its key, as it stands in a window. */
export interface Placed {
  readonly key: string;
  readonly message: TimelineMessage;
}

/** The window with `placed` in it, replacing an entry of the same key. Windows are sorted by key. */
export function place(window: readonly Placed[], placed: Placed): readonly Placed[] {
  let at = window.length;
  while (at > 0 && window[at - 1]!.key > placed.key) at--;
  const replaces = at > 0 && window[at - 1]!.key === placed.key;
  return [...window.slice(0, replaces ? at - 1 : at), placed, ...window.slice(at)];
}
