/** Sealing and opening whole voice frames, synchronously: the reference for the worker, and what tests and relays use. */
import { equalSecret } from "../crypto/equal.ts";
import { hmacSha256 } from "../crypto/kdf.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { concat } from "../wire/bytes.ts";
import { macInput, splitVoiceFrame } from "../wire/voiceFrame.ts";
import { ReplayWindow } from "./replay.ts";
import { openSframe, sealSframe, type SframeKey, sframeKey } from "./sframe.ts";
import type { VoiceKey } from "./voiceKey.ts";

export type FrameReason = Extract<Reason, `voice.${string}`>;

/** `room` is 16 bytes. The caller never gives one `ctr` twice with one key. */
export function sealVoiceFrame(key: VoiceKey, room: Uint8Array, ctr: number, plaintext: Uint8Array): Uint8Array {
  const sframe = sealSframe(sframeKey(key.kid, key.baseKey), BigInt(ctr), plaintext, room);
  return concat(sframe, hmacSha256(key.macKey, macInput(room, sframe)));
}

export interface OpenedFrame {
  readonly kid: bigint;
  readonly ctr: number;
  readonly plaintext: Uint8Array;
}

interface ReceivingKey {
  readonly sframe: SframeKey;
  readonly macKey: Uint8Array;
  readonly window: ReplayWindow;
}

/** Opens frames of the keys it was given, each frame once. Holds state, which only an authentic frame changes. */
export class FrameOpener {
  readonly #room: Uint8Array;
  readonly #keys = new Map<bigint, ReceivingKey>();

  constructor(room: Uint8Array) {
    this.#room = room;
  }

  accept(key: VoiceKey): void {
    if (this.#keys.has(key.kid)) return;
    this.#keys.set(key.kid, {
      sframe: sframeKey(key.kid, key.baseKey),
      macKey: key.macKey,
      window: new ReplayWindow(),
    });
  }

  drop(kid: bigint): void {
    this.#keys.delete(kid);
  }

  open(frame: Uint8Array): Result<OpenedFrame, FrameReason> {
    const parts = splitVoiceFrame(frame);
    if (!parts.ok) return parts;
    const { kid, ctr, sframe, mac } = parts.value;
    const key = this.#keys.get(kid);
    if (key === undefined) return refuse("voice.unknown-key");
    if (!equalSecret(mac, hmacSha256(key.macKey, macInput(this.#room, sframe)))) return refuse("voice.bad-mac");
    const plaintext = openSframe(key.sframe, sframe, this.#room);
    if (!plaintext.ok) return plaintext;
    const fresh = key.window.accept(ctr);
    return fresh.ok ? ok({ kid, ctr, plaintext: plaintext.value }) : fresh;
  }
}
