/** What a screen needs of a channel: its content in order, each with what becomes of it. SPEC section 26. */
import type { ChannelId } from "../../ids.ts";
import { guildTextCodec, TEXT_KIND } from "../../wire/guildText.ts";
import type { ContentRule } from "../contentRule.ts";
import { verdictsOn } from "./judging.ts";
import type { Kept } from "./shelf.ts";
import type { LiveGuild } from "./state.ts";

export interface ShownContent extends Kept {
  readonly rule: ContentRule;
  /** `null` where it says nothing, or in a way that only a newer client can show. */
  readonly text: string | null;
  readonly lamport: number;
  /** By its author's clock. */
  readonly sentAtMs: number;
}

/**
 * By Lamport time, then what their authors' clocks said, device and number: the same order for all who have the same. The
 * clocks tell something where a liar has said the greatest Lamport time there is.
 */
export function contentsOf(state: LiveGuild, channel: ChannelId): readonly ShownContent[] {
  const shown: ShownContent[] = [];
  for (const shelf of state.channels.get(channel)?.shelf.values() ?? []) {
    const rules = verdictsOn(state.ruled.hindsight, shelf);
    for (const kept of shelf.kept.values()) {
      const { kind, body } = kept.content;
      const read = kind === TEXT_KIND && body.length > 0 ? guildTextCodec.decode(body) : null;
      const said = read?.ok ? read.value : { text: null, lamport: 0, sentAtMs: 0 };
      shown.push({
        ...kept,
        rule: rules.get(kept.id)!,
        text: said.text,
        lamport: said.lamport,
        sentAtMs: said.sentAtMs,
      });
    }
  }
  return shown.sort((a, b) =>
    a.lamport - b.lamport || a.sentAtMs - b.sentAtMs ||
    (a.content.device < b.content.device ? -1 : a.content.device > b.content.device ? 1 : 0) ||
    a.content.seq - b.content.seq || (a.id < b.id ? -1 : 1)
  );
}
