/**
 * Agreement of a pairwise key for one call: ephemeral ECDH over P-256, both shares signed by device keys, with 32 fresh
 * bytes of each side mixed in. The fresh bytes travel inside ratchet messages, so whoever breaks P-256 has not got the
 * key, and what the ratchet owes to its post-quantum part holds here too.
 */
import { chachaPoly } from "../crypto/aead.ts";
import { type DhKey, p256Key, p256Shared } from "../crypto/dh.ts";
import { hkdfSha256, sha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { sign, type SigningKey, verify } from "../crypto/sign.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { type CallId, type DeviceId, fromHex, type UserId } from "../ids.ts";
import type { Rng } from "../ports.ts";
import { concat, framed, uintBytes } from "../wire/bytes.ts";
import type { CallShare } from "../wire/callControl.ts";
import { utf8 } from "../wire/text.ts";

/** Who calls whom. */
export interface CallParties {
  readonly call: CallId;
  readonly caller: UserId;
  readonly callee: UserId;
}

/** What the caller keeps until the answer comes. */
export interface OfferSecret {
  readonly ephemeral: DhKey;
  readonly share: CallShare;
}

/** The keys of one pair in one call, and what both sides can compare. */
export interface Pairwise {
  /** Wraps our media secrets for the other side; 32 bytes. */
  readonly sealKey: Uint8Array;
  /** Unwraps the other side's; 32 bytes. */
  readonly openKey: Uint8Array;
  /** Four groups of four digits, equal on both sides. */
  readonly code: string;
}

export type AgreementReason = "call.bad-signature" | "crypto.bad-key";

const deviceKey = (device: DeviceId): Uint8Array => fromHex(device);

const offerParts = (parties: CallParties, offer: CallShare): readonly Uint8Array[] => [
  fromHex(parties.call),
  fromHex(parties.caller),
  fromHex(parties.callee),
  offer.ephemeral,
  offer.fresh,
];

const transcriptParts = (parties: CallParties, offer: CallShare, answer: CallShare): readonly Uint8Array[] => [
  ...offerParts(parties, offer),
  answer.ephemeral,
  answer.fresh,
];

/** The caller's share. */
export function makeOffer(parties: CallParties, signing: SigningKey, rng: Rng): OfferSecret {
  const ephemeral = p256Key(rng.bytes(48));
  const unsigned = { call: parties.call, ephemeral: ephemeral.publicKey, fresh: rng.bytes(32) };
  const share = { ...unsigned, signature: new Uint8Array(0) };
  const signature = sign(signing, LABELS.callOffer, ...offerParts(parties, share));
  return { ephemeral, share: { ...unsigned, signature } };
}

/** Whether the caller's device made this offer for this call between these two people. */
export function checkOffer(
  parties: CallParties,
  offer: CallShare,
  caller: DeviceId,
): Result<void, "call.bad-signature"> {
  const genuine = verify(deviceKey(caller), offer.signature, LABELS.callOffer, ...offerParts(parties, offer));
  return genuine ? ok(undefined) : refuse("call.bad-signature");
}

/** The callee's share and keys. Checks the offer first. */
export function makeAnswer(
  parties: CallParties,
  offer: CallShare,
  caller: DeviceId,
  signing: SigningKey,
  rng: Rng,
): Result<{ readonly share: CallShare; readonly pairwise: Pairwise }, AgreementReason> {
  const genuine = checkOffer(parties, offer, caller);
  if (!genuine.ok) return genuine;
  const ephemeral = p256Key(rng.bytes(48));
  const unsigned = { call: parties.call, ephemeral: ephemeral.publicKey, fresh: rng.bytes(32) };
  const share = { ...unsigned, signature: new Uint8Array(0) };
  const parts = transcriptParts(parties, offer, share);
  const keys = derive(ephemeral, offer.ephemeral, parts);
  if (!keys.ok) return keys;
  const [fromCaller, fromCallee, code] = keys.value;
  const signature = sign(signing, LABELS.callAnswer, ...parts);
  const pairwise = { sealKey: fromCallee, openKey: fromCaller, code };
  return ok({ share: { ...unsigned, signature }, pairwise });
}

/** The caller's keys, from the answer of the callee's device. */
export function acceptAnswer(
  parties: CallParties,
  offer: OfferSecret,
  answer: CallShare,
  callee: DeviceId,
): Result<Pairwise, AgreementReason> {
  const parts = transcriptParts(parties, offer.share, answer);
  const genuine = verify(deviceKey(callee), answer.signature, LABELS.callAnswer, ...parts);
  if (!genuine) return refuse("call.bad-signature");
  const keys = derive(offer.ephemeral, answer.ephemeral, parts);
  if (!keys.ok) return keys;
  const [fromCaller, fromCallee, code] = keys.value;
  return ok({ sealKey: fromCaller, openKey: fromCallee, code });
}

type Derived = readonly [fromCaller: Uint8Array, fromCallee: Uint8Array, code: string];

function derive(own: DhKey, other: Uint8Array, parts: readonly Uint8Array[]): Result<Derived, "crypto.bad-key"> {
  const shared = p256Shared(own.secret, other);
  if (!shared.ok) return shared;
  const [, , , , offerFresh, , answerFresh] = parts;
  const transcript = sha256(framed(...parts));
  const secret = concat(shared.value, offerFresh!, answerFresh!);
  const keys = hkdfSha256(secret, transcript, LABELS.callKey, 64);
  // Through the shared secret, so that searching for a colliding code costs a scalar multiplication at each try.
  const code = spokenCode(hkdfSha256(shared.value, transcript, LABELS.callCode, 16));
  return ok([keys.subarray(0, 32), keys.subarray(32), code]);
}

/** 16 digits of 128 uniform bits: the remainder's bias is far below what matters. */
function spokenCode(bits: Uint8Array): string {
  let value = 0n;
  for (const byte of bits) value = (value << 8n) | BigInt(byte);
  const digits = (value % 10n ** 16n).toString().padStart(16, "0");
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}

const wrapNonce = (kid: number): Uint8Array => uintBytes(kid, 12);
const wrapAd = (call: CallId, kid: number): Uint8Array =>
  framed(utf8(LABELS.callKey), fromHex(call), uintBytes(kid, 6));

/** 48 bytes. A key id names one secret for ever, so its nonce is used for one plaintext. */
export const wrapMediaSecret = (sealKey: Uint8Array, call: CallId, kid: number, mediaSecret: Uint8Array): Uint8Array =>
  chachaPoly.seal(sealKey, wrapNonce(kid), mediaSecret, wrapAd(call, kid));

export const unwrapMediaSecret = (
  openKey: Uint8Array,
  call: CallId,
  kid: number,
  wrapped: Uint8Array,
): Result<Uint8Array, "crypto.not-authentic"> => chachaPoly.open(openKey, wrapNonce(kid), wrapped, wrapAd(call, kid));
