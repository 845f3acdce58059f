/** A device's own prekeys: made, handed out once each, rotated, used up. Functions return what to keep. SPEC section 3. */
import { type DhKey, x25519Key } from "../crypto/dh.ts";
import { type KemKey, kemKey } from "../crypto/kem.ts";
import { LABELS } from "../crypto/labels.ts";
import { sign } from "../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { PREKEYS } from "../limits.ts";
import type { Env, Rng } from "../ports.ts";
import { type Bundle, bundleToSign } from "../wire/bundle.ts";
import { sameBytes } from "../wire/bytes.ts";
import { type OneTimePrekey, type Prekeys, prekeysRecord, type SignedPrekey } from "../wire/prekeysRecord.ts";
import type { WireReason } from "../wire/schema.ts";
import type { LocalDevice } from "./identity.ts";

export type { Prekeys };

/** The first full set. About 15 ms, most of it for the KEM keys. */
export const createPrekeys = (env: Env): Prekeys =>
  refill(withSignedPrekey({ nextId: 1, signed: [], oneTime: [], seen: [], seenBefore: [] }, env), env);

/**
 * [ID4] A signed bundle for one initiator, with a one-time prekey that no other bundle gets, unless `PREKEYS.maxIssued`
 * of them are out already: then with the signed prekey alone.
 */
export function takeBundle(
  prekeys: Prekeys,
  device: LocalDevice,
  env: Env,
): { readonly prekeys: Prekeys; readonly bundle: Bundle } {
  const oneTime = issuedCount(prekeys) < PREKEYS.maxIssued ? prekeys.oneTime.find(isFresh) : undefined;
  const marked = prekeys.oneTime.map((key) => key === oneTime ? { ...key, issuedAtMs: env.nowMs } : key);
  return {
    prekeys: refillWhenLow({ ...prekeys, oneTime: marked }, env),
    bundle: signedBundle(currentSigned(prekeys), oneTime ?? null, device, env),
  };
}

/** [ID4] A bundle with the signed prekey alone, for any number of initiators. */
export const lastResortBundle = (prekeys: Prekeys, device: LocalDevice, env: Env): Bundle =>
  signedBundle(currentSigned(prekeys), null, device, env);

/** Which signed prekey bundles are made of now. */
export const signedPrekeyId = (prekeys: Prekeys): number => currentSigned(prekeys).id;

function signedBundle(
  signed: SignedPrekey,
  oneTime: OneTimePrekey | null,
  device: LocalDevice,
  { nowMs }: Env,
): Bundle {
  const unsigned = {
    certificate: device.certificate,
    createdAtMs: nowMs,
    signed: { id: signed.id, dh: signed.dh.publicKey },
    oneTime: oneTime === null ? null : { id: oneTime.id, dh: oneTime.dh.publicKey },
    kem: (oneTime ?? signed).kem.publicKey,
  };
  return { ...unsigned, signature: sign(device.signing, LABELS.prekeyBundle, bundleToSign(unsigned)) };
}

/** [ID6] Replaces the signed prekey when it is due and forgets what has expired; the same object when neither. */
export function rotatePrekeys(prekeys: Prekeys, env: Env): Prekeys {
  const replacedAtMs = (place: number) => prekeys.signed[place + 1]?.createdAtMs ?? env.nowMs;
  const signed = prekeys.signed.filter((_, place) => env.nowMs - replacedAtMs(place) < PREKEYS.signedGraceMs);
  const oneTime = prekeys.oneTime.filter(({ issuedAtMs }) =>
    issuedAtMs === null || env.nowMs - issuedAtMs < PREKEYS.signedRotationMs + PREKEYS.signedGraceMs
  );
  const due = env.nowMs - currentSigned(prekeys).createdAtMs >= PREKEYS.signedRotationMs;
  if (!due && signed.length === prekeys.signed.length && oneTime.length === prekeys.oneTime.length) return prekeys;
  const isServed = ({ signedId }: { readonly signedId: number }) => signed.some(({ id }) => id === signedId);
  const [seen, seenBefore] = [prekeys.seen.filter(isServed), prekeys.seenBefore.filter(isServed)];
  const kept = { ...prekeys, signed, oneTime, seen, seenBefore };
  return due ? withSignedPrekey(kept, env) : kept;
}

/** The secrets that a first message was made for. */
export interface UsedPrekeys {
  readonly signed: DhKey;
  readonly oneTime: DhKey | null;
  readonly kem: KemKey;
}

/** Which prekeys a first message says it used. */
export interface PrekeyChoice {
  readonly signedId: number;
  readonly oneTimeId: number | null;
}

export function findPrekeys(
  prekeys: Prekeys,
  choice: PrekeyChoice,
): Result<UsedPrekeys, Extract<Reason, "session.unknown-prekey" | "session.prekey-used">> {
  const signed = prekeys.signed.find(({ id }) => id === choice.signedId);
  if (signed === undefined) return refuse("session.unknown-prekey");
  if (choice.oneTimeId === null) return ok({ signed: signed.dh, oneTime: null, kem: signed.kem });
  const oneTime = prekeys.oneTime.find(({ id, issuedAtMs }) => id === choice.oneTimeId && issuedAtMs !== null);
  if (oneTime !== undefined) return ok({ signed: signed.dh, oneTime: oneTime.dh, kem: oneTime.kem });
  return refuse(choice.oneTimeId < prekeys.nextId ? "session.prekey-used" : "session.unknown-prekey");
}

/**
 * [ID7] What is left after a first message that authenticated: its one-time prekey is gone, or, where it used none, its
 * ephemeral key and signed prekey are remembered. Refused when it is remembered already, or when no more can be.
 */
export function consumePrekeys(
  prekeys: Prekeys,
  choice: PrekeyChoice & { readonly ephemeral: Uint8Array },
  transcript: Uint8Array,
): Result<Prekeys, Extract<Reason, "session.replayed" | "session.exhausted">> {
  if (choice.oneTimeId !== null) {
    return ok({ ...prekeys, oneTime: prekeys.oneTime.filter(({ id }) => id !== choice.oneTimeId) });
  }
  const { signedId, ephemeral } = choice;
  const isKnown = prekeys.seen.some((seen) => seen.signedId === signedId && sameBytes(seen.ephemeral, ephemeral)) ||
    prekeys.seenBefore.some((seen) => sameBytes(seen.transcript, transcript));
  if (isKnown) return refuse("session.replayed");
  if (prekeys.seen.length + prekeys.seenBefore.length >= PREKEYS.maxReplayCache) return refuse("session.exhausted");
  return ok({ ...prekeys, seen: [...prekeys.seen, { signedId, ephemeral }] });
}

export const encodePrekeys = (prekeys: Prekeys): Uint8Array => prekeysRecord.encode(prekeys);

export function decodePrekeys(bytes: Uint8Array): Result<Prekeys, WireReason> {
  const prekeys = prekeysRecord.decode(bytes);
  return prekeys.ok && prekeys.value.signed.length === 0 ? refuse("wire.wrong-shape") : prekeys;
}

const isFresh = (key: OneTimePrekey): boolean => key.issuedAtMs === null;
const freshCount = (prekeys: Prekeys): number => prekeys.oneTime.filter(isFresh).length;
const issuedCount = (prekeys: Prekeys): number => prekeys.oneTime.length - freshCount(prekeys);

function currentSigned(prekeys: Prekeys): SignedPrekey {
  const current = prekeys.signed.at(-1);
  if (current === undefined) throw new Error("prekeys without a signed prekey");
  return current;
}

const freshKeys = (id: number, rng: Rng) => ({ id, dh: x25519Key(rng.bytes(32)), kem: kemKey(rng.bytes(64)) });

const withSignedPrekey = (prekeys: Prekeys, { nowMs, rng }: Env): Prekeys => ({
  ...prekeys,
  nextId: prekeys.nextId + 1,
  signed: [...prekeys.signed, { ...freshKeys(prekeys.nextId, rng), createdAtMs: nowMs }],
});

const refillWhenLow = (prekeys: Prekeys, env: Env): Prekeys =>
  freshCount(prekeys) < PREKEYS.oneTimeCount / 2 ? refill(prekeys, env) : prekeys;

function refill(prekeys: Prekeys, { rng }: Env): Prekeys {
  const missing = Math.max(0, PREKEYS.oneTimeCount - freshCount(prekeys));
  const made = Array.from({ length: missing }, (_, i) => ({
    ...freshKeys(prekeys.nextId + i, rng),
    issuedAtMs: null,
  }));
  return { ...prekeys, nextId: prekeys.nextId + missing, oneTime: [...prekeys.oneTime, ...made] };
}
