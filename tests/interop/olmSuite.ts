/**
 * Olm (gitlab.matrix.org/matrix-org/olm, docs/olm.md) as a suite for our ratchet: what the specification says differs
 * from Signal's, as one value. Only tests know it.
 */
import { cbc } from "@noble/ciphers/aes.js";
import { type DhKey, x25519Shared } from "../../core/crypto/dh.ts";
import { equalSecret } from "../../core/crypto/equal.ts";
import { hkdfSha256, hmacSha256 } from "../../core/crypto/kdf.ts";
import { ok, refuse } from "../../core/errors.ts";
import type { RatchetState } from "../../core/session/ratchet.ts";
import type { RatchetSuite } from "../../core/session/suite.ts";
import { concat } from "../../core/wire/bytes.ts";
import { must } from "../support/world.ts";
import { decodeMessage, encodeMessage, MAC_BYTES } from "./olmMessage.ts";

const NO_SALT = new Uint8Array(0);

/** "Olm Version 1": AES-256-CBC with HMAC-SHA-256 cut to 8 bytes, all three keys from one message key. */
function keysOf(messageKey: Uint8Array) {
  const keys = hkdfSha256(messageKey, NO_SALT, "OLM_KEYS", 80);
  return { aes: keys.subarray(0, 32), mac: keys.subarray(32, 64), iv: keys.subarray(64) };
}

export const OLM_RATCHET: RatchetSuite = {
  rootInfo: new TextEncoder().encode("OLM_RATCHET"),
  messageKeyInput: Uint8Array.of(1),
  chainKeyInput: Uint8Array.of(2),
  headerEncryption: null,
  postQuantum: null,
  seal(messageKey, { key, index }, plaintext) {
    const { aes, mac, iv } = keysOf(messageKey);
    const payload = encodeMessage({ key, index, ciphertext: cbc(aes, iv).encrypt(plaintext) });
    return concat(payload, hmacSha256(mac, payload).subarray(0, MAC_BYTES));
  },
  /** Olm tells nobody how long the chain before was: it stays open. */
  readHeader(message) {
    const decoded = decodeMessage(message);
    return decoded === null ? refuse("wire.malformed") : ok({ ...decoded, previousCount: null });
  },
  open(messageKey, message) {
    const { aes, mac, iv } = keysOf(messageKey);
    const payload = message.subarray(0, -MAC_BYTES);
    const isAuthentic = equalSecret(hmacSha256(mac, payload).subarray(0, MAC_BYTES), message.subarray(-MAC_BYTES));
    const decoded = isAuthentic ? decodeMessage(message) : null;
    if (decoded === null) return refuse("ratchet.not-authentic");
    try {
      return ok(cbc(aes, iv).decrypt(decoded.ciphertext));
    } catch {
      return refuse("ratchet.not-authentic");
    }
  },
};

type Pairing = readonly [own: DhKey, other: Uint8Array];

/** Triple Diffie-Hellman: the root key and the first chain key, which is the initiator's. */
function agree(pairings: readonly [Pairing, Pairing, Pairing]) {
  const secret = concat(...pairings.map(([own, other]) => must(x25519Shared(own.secret, other))));
  const derived = hkdfSha256(secret, NO_SALT, "OLM_ROOT", 64);
  return { root: derived.slice(0, 32), chain: { key: derived.slice(32), index: 0 } };
}

export interface OlmInitiator {
  readonly identity: DhKey;
  readonly base: DhKey;
  /** The first ratchet key: with it the first chain is there without a step of the root. */
  readonly ratchet: DhKey;
}

export function initiateOlm(own: OlmInitiator, theirIdentity: Uint8Array, theirOneTime: Uint8Array): RatchetState {
  const { root, chain } = agree([[own.identity, theirOneTime], [own.base, theirIdentity], [own.base, theirOneTime]]);
  const turn = {
    t: "sending",
    root,
    self: own.ratchet,
    chain,
    previousCount: 0,
    mixed: 0,
    headerKey: null,
    next: null,
  };
  return { turn: { ...turn, t: "sending" }, receiving: [], mixed: 0, mix: null };
}

export interface OlmResponder {
  readonly identity: DhKey;
  readonly oneTime: DhKey;
}

/** `theirRatchet` is the ratchet key of the message inside the first one. */
export function acceptOlm(
  own: OlmResponder,
  theirIdentity: Uint8Array,
  theirBase: Uint8Array,
  theirRatchet: Uint8Array,
): RatchetState {
  const { root, chain } = agree([[own.oneTime, theirIdentity], [own.identity, theirBase], [own.oneTime, theirBase]]);
  return {
    turn: { t: "turning", root, remote: theirRatchet, previousCount: 0, next: null },
    receiving: [{ remote: theirRatchet, headerKey: null, chain, skipped: [] }],
    mixed: 0,
    mix: null,
  };
}
