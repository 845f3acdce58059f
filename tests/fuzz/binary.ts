/** Every format with fixed places, and those that are text or protobuf. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Result } from "../../core/errors.ts";
import type { SessionId } from "../../core/ids.ts";
import { fromBase64Url, toBase64Url } from "../../core/wire/base64url.ts";
import { concat } from "../../core/wire/bytes.ts";
import { decodeCertificate, encodeCertificate } from "../../core/wire/certificate.ts";
import { decodeEnvelope, envelopeHead } from "../../core/wire/envelope.ts";
import { decodeGroupEnvelope, encodeGroupEnvelope } from "../../core/wire/groupEnvelope.ts";
import { decodeHandshake, encodeHandshake } from "../../core/wire/handshake.ts";
import { decodeInviteToken, encodeInviteToken } from "../../core/wire/inviteToken.ts";
import { pad, unpad } from "../../core/wire/padding.ts";
import { decodeRatchetBody, encodeRatchetBody } from "../../core/wire/ratchetBody.ts";
import {
  decodeInnerHeader,
  decodeRatchetHeader,
  encodeInnerHeader,
  encodeRatchetHeader,
  RATCHET_HEADER_BYTES,
} from "../../core/wire/ratchetHeader.ts";
import { rendezvousMessage } from "../../core/wire/rendezvous.ts";
import { decodeSafetyCode, encodeSafetyCode, parseSafetyCode, safetyCodeText } from "../../core/wire/safetyNumber.ts";
import { decodeSframeHeader, encodeSframeHeader } from "../../core/wire/sframeHeader.ts";
import { splitVoiceFrame } from "../../core/wire/voiceFrame.ts";
import { decodeVoicePacket, encodeVoicePacket } from "../../core/wire/voicePacket.ts";
import { decodeVoicePayload, encodeVoicePayload } from "../../core/wire/voicePayload.ts";
import { ALICE_SEED, envOf, party } from "../support/world.ts";
import { MAX_DECODE_MS, outcome, target } from "./coding.ts";
import { mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import * as samples from "./samples.ts";
import type { Target } from "./target.ts";

const { rng } = envOf(78);
const { certificate } = party(ALICE_SEED).device;
const handshake = { certificate, ephemeral: rng.bytes(32), signedId: 1, kemCiphertext: rng.bytes(1088) };
const handshakes = [null, 7].map((oneTimeId) => encodeHandshake({ ...handshake, oneTimeId }));
const session = samples.ID16 as SessionId;

const envelopes = [
  concat(envelopeHead(session, null, 1), rng.bytes(330)),
  concat(envelopeHead(session, handshakes[0]!, 2), rng.bytes(330)),
];

const sframeHeaders = [[0n, 0n], [7n, 8n], [300n, 2n ** 40n], [2n ** 64n - 1n, 2n ** 64n - 1n]] as const;
const voiceFrames = sframeHeaders.slice(0, 3).map(([kid, ctr]) => concat(encodeSframeHeader(kid, ctr), rng.bytes(180)));

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const fromLatin = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

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

export const FORMATS: readonly Target[] = [
  target("certificate", [encodeCertificate(certificate)], { decode: decodeCertificate, encode: encodeCertificate }),
  target("handshake", handshakes, { decode: decodeHandshake, encode: encodeHandshake }),
  target("envelope", envelopes, {
    decode: decodeEnvelope,
    encode: (envelope) =>
      concat(
        envelopeHead(envelope.session, envelope.kind === "first" ? envelope.handshake : null, envelope.version),
        envelope.message,
      ),
  }),
  target("ratchet header", [encodeRatchetHeader({ key: rng.bytes(32), previousCount: 3, index: 1_000 })], {
    decode: decodeRatchetHeader,
    encode: (header, input) => concat(encodeRatchetHeader(header), input.subarray(RATCHET_HEADER_BYTES)),
  }),
  target("sealed ratchet header", [encodeInnerHeader({ key: rng.bytes(32), previousCount: 3, index: 1, mixed: 2 })], {
    decode: decodeInnerHeader,
    encode: encodeInnerHeader,
  }),
  target("ratchet body", samples.ratchetBodies, {
    decode: decodeRatchetBody,
    encode: ({ part, content }) => encodeRatchetBody(part, content),
  }),
  target("group envelope", samples.groupEnvelopes, { decode: decodeGroupEnvelope, encode: encodeGroupEnvelope }),
  target("safety code", [encodeSafetyCode({ local: rng.bytes(32), remote: rng.bytes(32) })], {
    decode: decodeSafetyCode,
    encode: encodeSafetyCode,
  }),
  target("safety code text", [latin(safetyCodeText({ local: rng.bytes(32), remote: rng.bytes(32) }))], {
    decode: (bytes) => parseSafetyCode(fromLatin(bytes)),
    encode: (code) => latin(safetyCodeText(code)),
  }),
  target("padding", [pad(rng.bytes(5)), pad(rng.bytes(255)), pad(rng.bytes(1000))], {
    decode: (bytes) => unpad(bytes),
    encode: (plaintext) => pad(plaintext),
  }),
  target("invite token", samples.tokens.map(latin), {
    decode: (bytes) => decodeInviteToken(fromLatin(bytes)),
    encode: (token) => latin(encodeInviteToken(token)),
    mutate: mutateToken,
  }),
  target("base64url", samples.tokens.map(latin), { decode: base64url, encode: (bytes) => latin(toBase64Url(bytes)) }),
  rendezvous,
  target("sframe header", sframeHeaders.map(([kid, ctr]) => encodeSframeHeader(kid, ctr)), {
    decode: decodeSframeHeader,
    encode: ({ kid, ctr, sizeBytes }, input) => concat(encodeSframeHeader(kid, ctr), input.subarray(sizeBytes)),
  }),
  target("voice frame", voiceFrames, {
    decode: splitVoiceFrame,
    encode: ({ kid, ctr, headerBytes, sframe, mac }) =>
      concat(encodeSframeHeader(kid, BigInt(ctr)), sframe.subarray(headerBytes), mac),
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
