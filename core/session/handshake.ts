/**
 * PQXDH (Signal, revision 3) with X25519 and ML-KEM-768: a secret between an initiator who is there and a responder
 * who left prekeys. SPEC section 5.
 */
import { type DhKey, isX25519Key, x25519Key, x25519Shared } from "../crypto/dh.ts";
import { hkdfSha256 } from "../crypto/kdf.ts";
import { decapsulate, encapsulate } from "../crypto/kem.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { type SessionId, sessionId } from "../ids.ts";
import type { VerifiedBundle } from "../identity/bundle.ts";
import { type VerifiedCertificate, verifyCertificate } from "../identity/certificate.ts";
import type { LocalDevice } from "../identity/identity.ts";
import { findPrekeys, type Prekeys, type UsedPrekeys } from "../identity/prekeys.ts";
import type { Env } from "../ports.ts";
import { concat } from "../wire/bytes.ts";
import { type Certificate, encodeCertificate } from "../wire/certificate.ts";
import { decodeHandshake, encodeHandshake, type Handshake } from "../wire/handshake.ts";
import type { HeaderKeys } from "../wire/ratchetRecord.ts";
import type { HandshakeSuite } from "./suite.ts";

/** What both sides hold after a handshake. */
export interface Agreed {
  readonly session: SessionId;
  /** Hash of all that was public, 32 bytes: the associated data of the session's messages. */
  readonly transcript: Uint8Array;
  /** The ratchet's first root key, 32 bytes. */
  readonly root: Uint8Array;
  /** A secret for use outside the session, 32 bytes. */
  readonly exported: Uint8Array;
  /** The ratchet's first header keys as the initiator has them; `null` where headers are in clear. */
  readonly headerKeys: HeaderKeys | null;
  readonly peer: VerifiedCertificate;
}

export interface Initiated extends Agreed {
  /** To be carried by envelopes until the first reply. */
  readonly opening: Uint8Array;
  /** The responder's ratchet key to begin with: its signed prekey. */
  readonly remote: Uint8Array;
}

export interface Accepted extends Agreed {
  readonly handshake: Handshake;
  /** The ratchet key to begin with: the signed prekey. */
  readonly self: DhKey;
}

export type HandshakeReason = Extract<
  Reason,
  "crypto.bad-key" | "crypto.bad-signature" | "wire.wrong-shape" | "session.unknown-prekey" | "session.prekey-used"
>;

/** [HS3] The initiator's side; refused when a key of the bundle is of low order or not a key. */
export function initiateHandshake(
  suite: HandshakeSuite,
  device: LocalDevice,
  { peer, wire: bundle }: VerifiedBundle,
  { rng }: Env,
): Result<Initiated, "crypto.bad-key"> {
  const ephemeral = x25519Key(rng.bytes(32));
  const encapsulated = encapsulate(bundle.kem, rng.bytes(32));
  if (!encapsulated.ok) return encapsulated;
  const pairs: DhPair[] = [
    [device.dh, bundle.signed.dh],
    [ephemeral, peer.wire.dh],
    [ephemeral, bundle.signed.dh],
  ];
  if (bundle.oneTime !== null) pairs.push([ephemeral, bundle.oneTime.dh]);
  const shared = sharedSecrets(pairs);
  if (!shared.ok) return shared;
  const handshake: Handshake = {
    certificate: device.certificate,
    ephemeral: ephemeral.publicKey,
    signedId: bundle.signed.id,
    oneTimeId: bundle.oneTime?.id ?? null,
    kemCiphertext: encapsulated.value.ciphertext,
  };
  const responder = {
    certificate: peer.wire,
    signed: bundle.signed.dh,
    oneTime: bundle.oneTime?.dh ?? null,
    kem: bundle.kem,
  };
  const secrets = deriveSecrets(suite, handshake, responder, concat(shared.value, encapsulated.value.secret));
  return ok({ ...secrets, peer, opening: encodeHandshake(handshake), remote: bundle.signed.dh });
}

/** [HS4] The responder's side; it changes nothing, because the first message is still to authenticate. */
export function acceptHandshake(
  suite: HandshakeSuite,
  device: LocalDevice,
  prekeys: Prekeys,
  opening: Uint8Array,
): Result<Accepted, HandshakeReason> {
  const decoded = decodeHandshake(opening);
  if (!decoded.ok) return decoded;
  const handshake = decoded.value;
  if (!isX25519Key(handshake.ephemeral)) return refuse("crypto.bad-key");
  const used = findPrekeys(prekeys, handshake);
  if (!used.ok) return used;
  const peer = verifyCertificate(handshake.certificate);
  if (!peer.ok) return peer;
  const shared = responderSecrets(device, used.value, handshake);
  if (!shared.ok) return shared;
  const { signed, oneTime, kem } = used.value;
  const responder = {
    certificate: device.certificate,
    signed: signed.publicKey,
    oneTime: oneTime?.publicKey ?? null,
    kem: kem.publicKey,
  };
  return ok({ ...deriveSecrets(suite, handshake, responder, shared.value), peer: peer.value, handshake, self: signed });
}

type DhPair = readonly [own: DhKey, other: Uint8Array];

/** The results one behind the other; a single point of low order refuses them all. */
function sharedSecrets(pairs: readonly DhPair[]): Result<Uint8Array, "crypto.bad-key"> {
  const secrets: Uint8Array[] = [];
  for (const [own, other] of pairs) {
    const secret = x25519Shared(own.secret, other);
    if (!secret.ok) return secret;
    secrets.push(secret.value);
  }
  return ok(concat(...secrets));
}

function responderSecrets(
  device: LocalDevice,
  { signed, oneTime, kem }: UsedPrekeys,
  { certificate, ephemeral, kemCiphertext }: Handshake,
): Result<Uint8Array, "crypto.bad-key"> {
  const pairs: DhPair[] = [[signed, certificate.dh], [device.dh, ephemeral], [signed, ephemeral]];
  if (oneTime !== null) pairs.push([oneTime, ephemeral]);
  const shared = sharedSecrets(pairs);
  if (!shared.ok) return shared;
  const kemSecret = decapsulate(kem, kemCiphertext);
  return kemSecret.ok ? ok(concat(shared.value, kemSecret.value)) : kemSecret;
}

/** The public keys that the responder brings to the handshake. */
interface ResponderKeys {
  readonly certificate: Certificate;
  readonly signed: Uint8Array;
  readonly oneTime: Uint8Array | null;
  readonly kem: Uint8Array;
}

const SALT = new Uint8Array(32);

function deriveSecrets(
  suite: HandshakeSuite,
  handshake: Handshake,
  responder: ResponderKeys,
  shared: Uint8Array,
): Omit<Agreed, "peer"> {
  const transcript = suite.transcript(
    encodeHandshake(handshake),
    encodeCertificate(responder.certificate),
    responder.signed,
    responder.oneTime ?? new Uint8Array(0),
    responder.kem,
  );
  const session = sessionId(transcript.subarray(0, 16));
  if (!session.ok) throw new Error("a transcript has 32 bytes");
  const secret = concat(suite.prefix, shared);
  const { headerInfo } = suite;
  const headers = headerInfo === null ? null : hkdfSha256(secret, SALT, headerInfo, 64);
  return {
    session: session.value,
    transcript,
    root: hkdfSha256(secret, SALT, suite.info, 32),
    exported: hkdfSha256(secret, SALT, concat(suite.exportInfo, transcript), 32),
    headerKeys: headers === null ? null : { sending: headers.slice(0, 32), receiving: headers.slice(32) },
  };
}
