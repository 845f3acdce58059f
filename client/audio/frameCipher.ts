/**
 * Voice frames with the AEAD by WebCrypto: the same bytes as `core/voice/frame.ts`, with key derivation, header, nonce
 * and replay window taken from there. The code is computed here and now: two hundred bytes of SHA-256 cost less than
 * the way to another thread, and a forgery is dropped before it has cost a promise.
 */
import { equalSecret } from "../../core/crypto/equal.ts";
import { hmacSha256Under } from "../../core/crypto/kdf.ts";
import { type Reason, refuse, type Result } from "../../core/errors.ts";
import { ReplayWindow } from "../../core/voice/replay.ts";
import { sframeKey, sframeNonce } from "../../core/voice/sframe.ts";
import { concat } from "../../core/wire/bytes.ts";
import { encodeSframeHeader } from "../../core/wire/sframeHeader.ts";
import { macInput, splitVoiceFrame } from "../../core/wire/voiceFrame.ts";
import type { KeyMessage } from "./messages.ts";

type Bytes = Uint8Array<ArrayBuffer>;

interface Keys {
  readonly kid: bigint;
  readonly aead: CryptoKey;
  readonly code: (sframe: Uint8Array) => Uint8Array;
  readonly salt: Uint8Array;
}

const own = (bytes: Uint8Array): Bytes => bytes as Bytes;

/** What is there at once of a key; the AEAD's part comes a moment later. */
interface HalfKeys {
  readonly keys: Promise<Keys>;
  readonly code: Keys["code"];
}

function importKeys(room: Bytes, { kid, baseKey, macKey }: KeyMessage, use: "encrypt" | "decrypt"): HalfKeys {
  const { key, salt } = sframeKey(kid, baseKey);
  const hmac = hmacSha256Under(macKey);
  const code = (sframe: Uint8Array) => hmac(macInput(room, sframe));
  const keys = crypto.subtle.importKey("raw", own(key), "AES-GCM", false, [use])
    .then((aead) => ({ kid, aead, code, salt }));
  return { keys, code };
}

/** Seals with the newest key. Its counter never goes back, whatever the key, so it numbers the packets of the call. */
export class FrameSealer {
  readonly #room: Bytes;
  #keys: Keys | null = null;
  #ctr = 0;
  #sealedPackets = 0;

  constructor(room: Bytes) {
    this.#room = room;
  }

  /** Packets sealed with the current key. */
  get sealedPackets(): number {
    return this.#sealedPackets;
  }

  async use(key: KeyMessage): Promise<void> {
    const keys = await importKeys(this.#room, key, "encrypt").keys;
    if (this.#keys !== null && this.#keys.kid >= keys.kid) return;
    this.#keys = keys;
    this.#sealedPackets = 0;
  }

  /** The frame, or `null` while there is no key; either way a packet number has passed. */
  async seal(plaintext: Bytes): Promise<Uint8Array | null> {
    const ctr = BigInt(this.#ctr++);
    const keys = this.#keys;
    if (keys === null) return null;
    this.#sealedPackets++;
    const header = encodeSframeHeader(keys.kid, ctr);
    const parameters = {
      name: "AES-GCM",
      iv: own(sframeNonce(keys.salt, ctr)),
      additionalData: own(concat(header, this.#room)),
    };
    const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, keys.aead, plaintext));
    const sframe = concat(header, sealed);
    return concat(sframe, keys.code(sframe));
  }
}

export interface Opened {
  readonly sequence: number;
  readonly plaintext: Uint8Array;
}

type OpenReason = Extract<Reason, `voice.${string}`>;

/** Opens frames of the keys that are accepted at the time, each once. */
export class FrameOpener {
  readonly #room: Bytes;
  readonly #keys = new Map<bigint, HalfKeys & { readonly window: ReplayWindow }>();

  constructor(room: Bytes) {
    this.#room = room;
  }

  accept(key: KeyMessage): void {
    if (this.#keys.has(key.kid)) return;
    this.#keys.set(key.kid, { ...importKeys(this.#room, key, "decrypt"), window: new ReplayWindow() });
  }

  drop(kid: bigint): void {
    this.#keys.delete(kid);
  }

  async open(frame: Uint8Array): Promise<Result<Opened, OpenReason>> {
    const parts = splitVoiceFrame(frame);
    if (!parts.ok) return parts;
    const { kid, ctr, headerBytes, sframe, mac } = parts.value;
    const known = this.#keys.get(kid);
    if (known === undefined) return refuse("voice.unknown-key");
    const fresh = known.window.check(ctr);
    if (!fresh.ok) return fresh;
    if (!equalSecret(mac, known.code(sframe))) return refuse("voice.bad-mac");
    const plaintext = await this.#decrypt(await known.keys, ctr, headerBytes, sframe);
    if (plaintext === null) return refuse("voice.not-authentic");
    // The key may have been dropped while the crypto ran.
    if (this.#keys.get(kid) !== known) return refuse("voice.unknown-key");
    const accepted = known.window.accept(ctr);
    return accepted.ok ? { ok: true, value: { sequence: ctr, plaintext } } : accepted;
  }

  async #decrypt(keys: Keys, ctr: number, headerBytes: number, sframe: Uint8Array): Promise<Uint8Array | null> {
    const parameters = {
      name: "AES-GCM",
      iv: own(sframeNonce(keys.salt, BigInt(ctr))),
      additionalData: own(concat(sframe.subarray(0, headerBytes), this.#room)),
    };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters, keys.aead, own(sframe.subarray(headerBytes))));
    } catch {
      return null;
    }
  }
}
