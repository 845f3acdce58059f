/**
 * A suite: everything in which one protocol of the Signal family differs from another, as one value. The ratchet and
 * the handshake take it as a parameter, so that the same code can be run as another protocol's suite and be held
 * against that protocol's vectors and implementations.
 */
import { chachaPoly } from "../crypto/aead.ts";
import { sha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { type Reason, refuse, type Result } from "../errors.ts";
import { concat, framed } from "../wire/bytes.ts";
import {
  decodeRatchetHeader,
  encodeRatchetHeader,
  RATCHET_HEADER_BYTES,
  type RatchetHeader,
} from "../wire/ratchetHeader.ts";
import { utf8 } from "../wire/text.ts";

export interface Suite {
  readonly name: string;
  readonly handshake: HandshakeSuite;
  readonly ratchet: RatchetSuite;
}

export interface HandshakeSuite {
  /** In front of the Diffie-Hellman results in the key derivation: PQXDH's F. */
  readonly prefix: Uint8Array;
  /** HKDF info of the shared secret. */
  readonly info: Uint8Array;
  /** HKDF info of the secret that both sides can use outside the session. */
  readonly exportInfo: Uint8Array;
  /** 32 bytes that stand for everything that was public in the handshake, in the given order. */
  transcript(...parts: readonly Uint8Array[]): Uint8Array;
}

export interface RatchetSuite {
  /** HKDF info of a root step. */
  readonly rootInfo: Uint8Array;
  /** HMAC inputs that make the message key and the next chain key out of a chain key. */
  readonly messageKeyInput: Uint8Array;
  readonly chainKeyInput: Uint8Array;
  /** One whole message, header included. A message key seals once. */
  seal(messageKey: Uint8Array, header: RatchetHeader, plaintext: Uint8Array, ad: Uint8Array): Uint8Array;
  /** The header, before anything in the message can be believed. */
  readHeader(message: Uint8Array): Result<RatchetHeader, Extract<Reason, "wire.malformed">>;
  /** The plaintext, or a refusal when any bit of message or associated data differs. */
  open(messageKey: Uint8Array, message: Uint8Array, ad: Uint8Array): Result<Uint8Array, "ratchet.not-authentic">;
}

/** Every message key is used once, so the nonce may stand still. */
const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);

/**
 * ChaCha20-Poly1305 is the text AEAD because keys here are used once: AES-GCM would expand a key and build its tables
 * for every message, which takes two to four times as long in JavaScript (`tests/bench`).
 */
const ratchet: RatchetSuite = {
  rootInfo: utf8(LABELS.ratchetRoot),
  messageKeyInput: utf8(LABELS.ratchetMessage),
  chainKeyInput: utf8(LABELS.ratchetChain),
  seal(messageKey, header, plaintext, ad) {
    const head = encodeRatchetHeader(header);
    return concat(head, chachaPoly.seal(messageKey, ONLY_NONCE, plaintext, concat(ad, head)));
  },
  readHeader: decodeRatchetHeader,
  open(messageKey, message, ad) {
    const head = message.subarray(0, RATCHET_HEADER_BYTES);
    const ciphertext = message.subarray(RATCHET_HEADER_BYTES);
    const opened = chachaPoly.open(messageKey, ONLY_NONCE, ciphertext, concat(ad, head));
    return opened.ok ? opened : refuse("ratchet.not-authentic");
  },
};

const transcriptLabel = utf8(LABELS.handshakeAd);

export const SECURECOMM_SUITE: Suite = {
  name: "SecureComm 1",
  handshake: {
    prefix: new Uint8Array(32).fill(0xff),
    info: utf8(LABELS.handshake),
    exportInfo: utf8(LABELS.handshakeExport),
    transcript: (...parts) => sha256(framed(transcriptLabel, ...parts)),
  },
  ratchet,
};
