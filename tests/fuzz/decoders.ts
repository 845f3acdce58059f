/** Every decoder of bytes: what it accepts is what its encoder would have made, and what it refuses it names. */
import assert from "node:assert/strict";
import type { Reason, Result } from "../../core/errors.ts";
import type { SessionId } from "../../core/ids.ts";
import { sameBytes } from "../../core/wire/bytes.ts";
import { fromBase64Url, toBase64Url } from "../../core/wire/base64url.ts";
import { bundleCodec } from "../../core/wire/bundle.ts";
import { callControl } from "../../core/wire/callControl.ts";
import { decode as decodeCbor, encode as encodeCbor } from "../../core/wire/cbor.ts";
import { decodeCertificate, encodeCertificate } from "../../core/wire/certificate.ts";
import { contentCodec } from "../../core/wire/content.ts";
import { decodeEnvelope, envelopeHead } from "../../core/wire/envelope.ts";
import { decodeHandshake, encodeHandshake } from "../../core/wire/handshake.ts";
import { identityRecord } from "../../core/wire/identityRecord.ts";
import { decodeInviteToken, encodeInviteToken } from "../../core/wire/inviteToken.ts";
import { contactRecord, inviteRecord, messageRecord, profileRecord } from "../../core/wire/nodeRecords.ts";
import { peerFrameCodec } from "../../core/wire/peerFrame.ts";
import { prekeysRecord } from "../../core/wire/prekeysRecord.ts";
import { presenceFrame, watchFrame } from "../../core/wire/presence.ts";
import { proofFrameCodec, proofSecretCodec } from "../../core/wire/proof.ts";
import { decodeRatchetHeader, encodeRatchetHeader, RATCHET_HEADER_BYTES } from "../../core/wire/ratchetHeader.ts";
import { rendezvousMessage } from "../../core/wire/rendezvous.ts";
import type { Codec } from "../../core/wire/schema.ts";
import { sessionRecord } from "../../core/wire/sessionRecord.ts";
import { decodeSframeHeader, encodeSframeHeader } from "../../core/wire/sframeHeader.ts";
import { splitVoiceFrame } from "../../core/wire/voiceFrame.ts";
import { decodeVoicePacket, encodeVoicePacket } from "../../core/wire/voicePacket.ts";
import { decodeVoicePayload, encodeVoicePayload } from "../../core/wire/voicePayload.ts";
import { pad, unpad } from "../../core/wire/padding.ts";
import { ALICE_SEED, envOf, party } from "../support/world.ts";
import { behind, mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import * as samples from "./samples.ts";
import type { Outcome, Target } from "./target.ts";

/** Generous for structures of at most 64 KiB: most take some hundredths of it. */
const MAX_DECODE_MS = 25;
/** Records of up to 512 KiB come from the own disk. */
const MAX_RECORD_MS = 100;

const UNPARSED: ReadonlySet<Reason> = new Set<Reason>([
  "wire.too-large",
  "wire.too-deep",
  "wire.malformed",
  "wire.not-canonical",
  "wire.unknown-version",
]);

const ACCEPTED: Outcome = { passedFirstParse: true, reason: null };

/** Formats of one step are read whole or not at all. */
const outcome = (result: Result<unknown>, steps: 1 | 2): Outcome =>
  result.ok ? ACCEPTED : { passedFirstParse: steps === 2 && !UNPARSED.has(result.reason), reason: result.reason };

interface Coding<T> {
  readonly decode: (bytes: Uint8Array) => Result<T>;
  /** What `decode` read, as the bytes it stood in. */
  readonly encode: (value: T, input: Uint8Array) => Uint8Array;
  readonly mutate?: Mutator;
  readonly maxInputMs?: number;
  /** 2 where one decoder hands on to another; otherwise 1. */
  readonly steps?: 2;
}

const target = <T>(name: string, seeds: readonly Uint8Array[], coding: Coding<T>): Target => ({
  name,
  cost: "cheap",
  maxInputMs: coding.maxInputMs ?? MAX_DECODE_MS,
  seeds,
  mutate: coding.mutate ?? mutateBytes,
  run(input) {
    const decoded = coding.decode(input);
    if (decoded.ok) assert.ok(sameBytes(coding.encode(decoded.value, input), input), "it has another encoding");
    return outcome(decoded, coding.steps ?? 1);
  },
});

const cbor = <T>(name: string, seeds: readonly Uint8Array[], { decode, encode }: Codec<T>): Target =>
  target(name, seeds, { decode, encode, mutate: mutateCbor, steps: 2 });

const record = <T>(name: string, seeds: readonly Uint8Array[], { decode, encode }: Codec<T>): Target =>
  target(name, seeds, { decode, encode, mutate: behind(1, mutateCbor), maxInputMs: MAX_RECORD_MS, steps: 2 });

const { rng } = envOf(78);
const { certificate } = party(ALICE_SEED).device;
const handshake = { certificate, ephemeral: rng.bytes(32), signedId: 1, kemCiphertext: rng.bytes(1088) };
const handshakes = [null, 7].map((oneTimeId) => encodeHandshake({ ...handshake, oneTimeId }));
const session = samples.ID16 as SessionId;

const envelopes = [
  Uint8Array.of(...envelopeHead(session, null, 1), ...rng.bytes(330)),
  Uint8Array.of(...envelopeHead(session, handshakes[0]!, 2), ...rng.bytes(330)),
];

const sframeHeaders = [[0n, 0n], [7n, 8n], [300n, 2n ** 40n], [2n ** 64n - 1n, 2n ** 64n - 1n]] as const;
const voiceFrames = sframeHeaders.slice(0, 3).map(([kid, ctr]) =>
  Uint8Array.of(...encodeSframeHeader(kid, ctr), ...rng.bytes(180))
);

const latin = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const fromLatin = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** Mostly a change of what the text stands for, at times one of the text. */
const mutateToken: Mutator = (random, seed, other) => {
  const [inner, otherInner] = [seed, other].map((text) => fromBase64Url(fromLatin(text)));
  if (inner == null || otherInner == null || random.chance(0.3)) return mutateBytes(random, seed, other);
  return latin(toBase64Url(mutateCbor(random, inner, otherInner)));
};

const base64url = (bytes: Uint8Array): Result<Uint8Array> => {
  const decoded = fromBase64Url(fromLatin(bytes));
  return decoded === null ? { ok: false, reason: "invite.broken" } : { ok: true, value: decoded };
};

/** Protobuf has many encodings of one message; what was read is read again from its own encoding. */
const rendezvous: Target = {
  name: "rendezvous message",
  cost: "cheap",
  maxInputMs: MAX_DECODE_MS,
  seeds: samples.rendezvousMessages,
  mutate: mutateBytes,
  run(input) {
    const decoded = rendezvousMessage.decode(input);
    if (decoded.ok) assert.deepEqual(rendezvousMessage.decode(rendezvousMessage.encode(decoded.value)), decoded);
    return outcome(decoded, 2);
  },
};

export const DECODERS: readonly Target[] = [
  target("cbor", samples.contents, {
    decode: (bytes) => decodeCbor(bytes, 64 * 1024),
    encode: encodeCbor,
    mutate: mutateCbor,
  }),
  cbor("content", samples.contents, contentCodec),
  cbor("peer frame", samples.peerFrames, peerFrameCodec),
  cbor("proof frame", samples.proofFrames, proofFrameCodec),
  cbor("proof secret", samples.proofSecrets, proofSecretCodec),
  cbor("prekey bundle", samples.bundles, bundleCodec),
  cbor("call control", samples.callControls, callControl),
  cbor("watch frame", samples.watchFrames, watchFrame),
  cbor("presence frame", samples.presenceFrames, presenceFrame),
  record("identity record", samples.identityRecords, identityRecord),
  record("prekeys record", samples.prekeysRecords, prekeysRecord),
  record("session record", samples.sessionRecords, sessionRecord),
  record("contact record", samples.contactRecords, contactRecord),
  record("invite record", samples.inviteRecords, inviteRecord),
  record("message record", samples.messageRecords, messageRecord),
  record("profile record", samples.profileRecords, profileRecord),
  target("certificate", [encodeCertificate(certificate)], { decode: decodeCertificate, encode: encodeCertificate }),
  target("handshake", handshakes, { decode: decodeHandshake, encode: encodeHandshake }),
  target("envelope", envelopes, {
    decode: decodeEnvelope,
    encode: (envelope) =>
      Uint8Array.of(
        ...envelopeHead(envelope.session, envelope.kind === "first" ? envelope.handshake : null, envelope.version),
        ...envelope.message,
      ),
  }),
  target("ratchet header", [encodeRatchetHeader({ key: rng.bytes(32), previousCount: 3, index: 1_000 })], {
    decode: decodeRatchetHeader,
    encode: (header, input) => Uint8Array.of(...encodeRatchetHeader(header), ...input.subarray(RATCHET_HEADER_BYTES)),
  }),
  target("padding", [pad(rng.bytes(5)), pad(rng.bytes(255)), pad(rng.bytes(1000))], { decode: unpad, encode: pad }),
  target("invite token", samples.tokens.map(latin), {
    decode: (bytes) => decodeInviteToken(fromLatin(bytes)),
    encode: (token) => latin(encodeInviteToken(token)),
    mutate: mutateToken,
  }),
  target("base64url", samples.tokens.map(latin), { decode: base64url, encode: (bytes) => latin(toBase64Url(bytes)) }),
  rendezvous,
  target("sframe header", sframeHeaders.map(([kid, ctr]) => encodeSframeHeader(kid, ctr)), {
    decode: decodeSframeHeader,
    encode: ({ kid, ctr, sizeBytes }, input) =>
      Uint8Array.of(...encodeSframeHeader(kid, ctr), ...input.subarray(sizeBytes)),
  }),
  target("voice frame", voiceFrames, {
    decode: splitVoiceFrame,
    encode: ({ kid, ctr, headerBytes, sframe, mac }) =>
      Uint8Array.of(...encodeSframeHeader(kid, BigInt(ctr)), ...sframe.subarray(headerBytes), ...mac),
  }),
  target("voice packet", [
    encodeVoicePacket({ loss256: 3, frame: voiceFrames[0]!, previous: null }),
    encodeVoicePacket({ loss256: 255, frame: voiceFrames[0]!, previous: voiceFrames[1]! }),
  ], { decode: decodeVoicePacket, encode: encodeVoicePacket }),
  target("voice payload", [
    encodeVoicePayload({ durationMs: 20, silenceFollows: false, opus: rng.bytes(160) }),
    encodeVoicePayload({ durationMs: 10, silenceFollows: true, opus: rng.bytes(1) }),
  ], { decode: decodeVoicePayload, encode: encodeVoicePayload }),
];
