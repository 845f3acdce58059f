/** Envelopes that waited for a key for too long: who passed them on may have told wrong numbers. SPEC section 26. */
import type { Sealed } from "./shelf.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

const isDue = ({ untilMs }: Sealed, nowMs: number): boolean => untilMs > 0 && untilMs <= nowMs;

/** [LIVE5] Their numbers count as missing from now on: peers are asked what they have. */
export function expireSealed(turn: GuildTurn): void {
  for (const [channel, { sealed }] of turn.state.channels) {
    if (![...sealed.values()].some((one) => isDue(one, turn.nowMs))) continue;
    const next = [...sealed].map(([name, one]) =>
      [name, isDue(one, turn.nowMs) ? { ...one, untilMs: 0 } : one] as const
    );
    turn.setSealed(channel, new Map(next));
    turn.missed.add(channel);
  }
}

export function expiryDueAtMs({ channels }: LiveGuild): number | null {
  let dueAtMs: number | null = null;
  for (const { sealed } of channels.values()) {
    for (const { untilMs } of sealed.values()) if (untilMs > 0) dueAtMs = Math.min(dueAtMs ?? untilMs, untilMs);
  }
  return dueAtMs;
}
