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
  decodeInnerHeader,
  decodeRatchetHeader,
  encodeInnerHeader,
  encodeRatchetHeader,
  INNER_HEADER_BYTES,
  RATCHET_HEADER_BYTES,
  type RatchetHeader,
  type ReceivedHeader,
} from "../wire/ratchetHeader.ts";
import { utf8 } from "../wire/text.ts";

export interface Suite {
  readonly name: string;
  /** The first byte of this suite's envelopes and session records. */
  readonly version: number;
  /** Suites whose sessions are still served, but not begun: they are told apart by their version. */
  readonly earlier: readonly Suite[];
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
  /** HKDF info of the first header keys; `null` where headers are in clear. */
  readonly headerInfo: Uint8Array | null;
  /** 32 bytes that stand for everything that was public in the handshake, in the given order. */
  transcript(...parts: readonly Uint8Array[]): Uint8Array;
}

export interface RatchetSuite {
  /** HKDF info of a root step. */
  readonly rootInfo: Uint8Array;
  /** HMAC inputs that make the message key and the next chain key out of a chain key. */
  readonly messageKeyInput: Uint8Array;
  readonly chainKeyInput: Uint8Array;
  /** `null` where headers are in clear: then `seal` puts them into the message, and `readHeader` reads them. */
  readonly headerEncryption: HeaderEncryption | null;
  /** `null` where the ratchet has no post-quantum part. */
  readonly postQuantum: PostQuantum | null;
  /**
   * One whole message, header included. Where headers are encrypted: what follows the sealed header, which stands at
   * the end of `ad`. A message key seals once.
   */
  seal(messageKey: Uint8Array, header: RatchetHeader, plaintext: Uint8Array, ad: Uint8Array): Uint8Array;
  /** The header, before anything in the message can be believed; not called where headers are encrypted. */
  readHeader(message: Uint8Array): Result<ReceivedHeader, Extract<Reason, "wire.malformed">>;
  /** The plaintext, or a refusal when any bit of message or associated data differs. */
  open(messageKey: Uint8Array, message: Uint8Array, ad: Uint8Array): Result<Uint8Array, "ratchet.not-authentic">;
}

/** Double Ratchet, revision 3, section 4. A header key lives for one chain. */
export interface HeaderEncryption {
  /** Fresh random bytes that `seal` is given: a header key seals many headers. */
  readonly nonceBytes: number;
  /** Length of a sealed header, nonce included. */
  readonly sealedBytes: number;
  seal(headerKey: Uint8Array, nonce: Uint8Array, header: RatchetHeader): Uint8Array;
  /** `sealed` has `sealedBytes`; `null` when it was not sealed under this key. */
  open(headerKey: Uint8Array, sealed: Uint8Array): RatchetHeader | null;
}

export interface PostQuantum {
  /** HKDF info of a root step whose input is the Diffie-Hellman result and a secret of the exchange behind it. */
  readonly rootInfo: Uint8Array;
}

/** Every message key is used once, so the nonce may stand still. */
const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);
const NOTHING = new Uint8Array(0);

/**
 * ChaCha20-Poly1305 is the text AEAD because keys here are used once: AES-GCM would expand a key and build its tables
 * for every message, which takes two to four times as long in JavaScript (`tests/bench`).
 */
const ratchet: RatchetSuite = {
  rootInfo: utf8(LABELS.ratchetRoot2),
  messageKeyInput: utf8(LABELS.ratchetMessage2),
  chainKeyInput: utf8(LABELS.ratchetChain2),
  headerEncryption: {
    nonceBytes: chachaPoly.nonceBytes,
    sealedBytes: chachaPoly.nonceBytes + INNER_HEADER_BYTES + chachaPoly.tagBytes,
    seal: (headerKey, nonce, header) =>
      concat(nonce, chachaPoly.seal(headerKey, nonce, encodeInnerHeader(header), NOTHING)),
    open(headerKey, sealed) {
      const nonce = sealed.subarray(0, chachaPoly.nonceBytes);
      const opened = chachaPoly.open(headerKey, nonce, sealed.subarray(chachaPoly.nonceBytes), NOTHING);
      if (!opened.ok) return null;
      const header = decodeInnerHeader(opened.value);
      return header.ok ? header.value : null;
    },
  },
  postQuantum: { rootInfo: utf8(LABELS.ratchetMixedRoot) },
  seal: (messageKey, _header, plaintext, ad) => chachaPoly.seal(messageKey, ONLY_NONCE, plaintext, ad),
  readHeader: () => refuse("wire.malformed"),
  open(messageKey, message, ad) {
    const opened = chachaPoly.open(messageKey, ONLY_NONCE, message, ad);
    return opened.ok ? opened : refuse("ratchet.not-authentic");
  },
};

/** Version 1: headers in clear, no post-quantum part after the handshake. */
const ratchet1: RatchetSuite = {
  rootInfo: utf8(LABELS.ratchetRoot),
  messageKeyInput: utf8(LABELS.ratchetMessage),
  chainKeyInput: utf8(LABELS.ratchetChain),
  headerEncryption: null,
  postQuantum: null,
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

/** PQXDH's F, which no encoding of an X25519 result begins with. */
const PREFIX = new Uint8Array(32).fill(0xff);

export const SECURECOMM_SUITE_1: Suite = {
  name: "SecureComm 1",
  version: 1,
  earlier: [],
  handshake: {
    prefix: PREFIX,
    info: utf8(LABELS.handshake),
    exportInfo: utf8(LABELS.handshakeExport),
    headerInfo: null,
    transcript: (...parts) => sha256(framed(utf8(LABELS.handshakeAd), ...parts)),
  },
  ratchet: ratchet1,
};

/** What the parts of a transcript are, so that none can be taken for one of another kind. */
const PART_TAGS = ["handshake", "certificate", "X25519 signed prekey", "X25519 one-time prekey", "ML-KEM-768 key"];

export const SECURECOMM_SUITE: Suite = {
  name: "SecureComm 2",
  version: 2,
  earlier: [SECURECOMM_SUITE_1],
  handshake: {
    prefix: PREFIX,
    info: utf8(LABELS.handshake2),
    exportInfo: utf8(LABELS.handshakeExport2),
    headerInfo: utf8(LABELS.handshakeHeaders),
    transcript: (...parts) =>
      sha256(framed(utf8(LABELS.handshakeAd2), ...parts.flatMap((part, place) => [utf8(PART_TAGS[place]!), part]))),
  },
  ratchet,
};

/** The suite of an envelope or record that begins with this byte. */
export const suiteOf = (suite: Suite, version: number): Suite | undefined =>
  suite.version === version ? suite : suite.earlier.find((each) => each.version === version);
