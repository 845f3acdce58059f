/** Which keys of one other sender are accepted, and until when. */
import { ok, refuse, type Result } from "../errors.ts";
import { VOICE } from "../limits.ts";
import { senderOf } from "./voiceKey.ts";

export interface ReceivingKey {
  readonly kid: number;
  /** `null` while it is the sender's newest. */
  readonly dropAtMs: number | null;
}

/** Oldest first, at most `VOICE.maxReceivingKeys`. */
export type ReceivingKeys = readonly ReceivingKey[];

export interface KeysChange {
  readonly keys: ReceivingKeys;
  /** Key ids that are no longer among them. */
  readonly dropped: readonly number[];
}

export const hasKey = (keys: ReceivingKeys, kid: number): boolean => keys.some((key) => key.kid === kid);

/** The sender bits that this sender uses, once it has used any. */
export function senderBits(keys: ReceivingKeys): number | null {
  const newest = keys.at(-1);
  return newest === undefined ? null : senderOf(newest.kid);
}

/** A new key takes the place of the newest, which is kept a while for what is on its way. */
export function admitKey(keys: ReceivingKeys, kid: number, nowMs: number): Result<KeysChange, "voice.too-old"> {
  const newest = keys.at(-1);
  if (newest !== undefined && kid < newest.kid) return refuse("voice.too-old");
  const dropAtMs = nowMs + VOICE.oldKeyMs;
  const before = keys.map((key) => key.dropAtMs === null ? { ...key, dropAtMs } : key);
  const all = [...before, { kid, dropAtMs: null }];
  const surplus = all.slice(0, -VOICE.maxReceivingKeys);
  return ok({ keys: all.slice(-VOICE.maxReceivingKeys), dropped: surplus.map((key) => key.kid) });
}

/** Without the keys whose time is over. */
export function expireKeys(keys: ReceivingKeys, nowMs: number): KeysChange {
  const isOver = ({ dropAtMs }: ReceivingKey) => dropAtMs !== null && nowMs >= dropAtMs;
  return { keys: keys.filter((key) => !isOver(key)), dropped: keys.filter(isOver).map(({ kid }) => kid) };
}

/** When the next one's time is over; infinite where none is to go. */
export const nextExpiryMs = (keys: ReceivingKeys): number =>
  keys.reduce((earliest, { dropAtMs }) => Math.min(earliest, dropAtMs ?? Infinity), Infinity);
