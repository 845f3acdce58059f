/** One sender's keys of one generation, as the voice engine gets them. */
import { hkdfSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";

export interface VoiceKey {
  /** SFrame key id: 32 random bits of the sender, then 16 bits of generation. */
  readonly kid: bigint;
  /** 32 bytes: SFrame's `base_key`. */
  readonly baseKey: Uint8Array;
  /** 32 bytes: authenticates whole frames, and opens none of them. */
  readonly macKey: Uint8Array;
}

export const GENERATION_BITS = 16;
const GENERATIONS = 2 ** GENERATION_BITS;

/** `sender` is 32 random bits, `generation` below 2^16; the number is below 2^48. */
export const kidOf = (sender: number, generation: number): number => sender * GENERATIONS + generation;
export const senderOf = (kid: number): number => Math.floor(kid / GENERATIONS);
export const generationOf = (kid: number): number => kid % GENERATIONS;

const NO_SALT = new Uint8Array(0);

/** The keys that follow from a media secret of 32 bytes. Who holds `macKey` alone learns nothing about `baseKey`. */
export const voiceKey = (kid: number, mediaSecret: Uint8Array): VoiceKey => ({
  kid: BigInt(kid),
  baseKey: hkdfSha256(mediaSecret, NO_SALT, LABELS.mediaKey, 32),
  macKey: hkdfSha256(mediaSecret, NO_SALT, LABELS.mediaMac, 32),
});
