/** Spaces and sealed mail: what comes from strangers to a server, from a server to clients, and from one to another. */
import assert from "node:assert/strict";
import { verifyRequest } from "../../core/crypto/mailRequest.ts";
import type { Result } from "../../core/errors.ts";
import { openBundle, sealBundle } from "../../core/mailbox/bundles.ts";
import { openMail, sealMail } from "../../core/mailbox/mail.ts";
import {
  addressOf,
  depositorOf,
  depositorRequest,
  grantOf,
  ownerRequest,
  spaceKeys,
} from "../../core/mailbox/space.ts";
import { bundleCodec } from "../../core/wire/bundle.ts";
import { concat, sameBytes } from "../../core/wire/bytes.ts";
import { decodeMailAddress, encodeMailAddress } from "../../core/wire/mailAddress.ts";
import { type MailAnswer, mailAnswerCodec } from "../../core/wire/mailAnswer.ts";
import { signedRequestCodec } from "../../core/wire/mailRequest.ts";
import { decodeSealedBundle } from "../../core/wire/sealedBundle.ts";
import { decodeMail, decodeSealedMail, encodeMail, SEALED_HEAD_BYTES } from "../../core/wire/sealedMail.ts";
import { envOf, must, party } from "../support/world.ts";
import { cbor, MAX_DECODE_MS, outcome, target } from "./coding.ts";
import { behind, mutateBytes, mutateCbor } from "./mutate.ts";
import * as samples from "./samples.ts";
import type { Target } from "./target.ts";

/** A Diffie-Hellman, or a signature. */
const MAX_OPEN_MS = 100;

const env = envOf(91);
const { rng } = env;
const keys = spaceKeys(rng.bytes(32));
const address = addressOf(keys, "mail.example", rng.bytes(32));
const depositor = depositorOf(address);
const connection = { server: "mail.example", challenge: rng.bytes(32) };
const { user, id: device } = party(1).device;
const letters = (["pairwise", "group"] as const).map((kind) => ({ kind, user, device, envelope: rng.bytes(40) }));
const sealed = letters.map((mail) => must(sealMail(address, mail, env)));
const bundle = must(bundleCodec.decode(samples.bundles[0]!));
const sealedBundle = sealBundle(keys, bundle, env);

const requests = [
  ownerRequest(keys, connection, 1, { t: "open", joinCode: "welcome" }),
  ownerRequest(keys, connection, 2, { t: "grant", grants: [grantOf(address, null), grantOf(address, env.nowMs)] }),
  ownerRequest(keys, connection, 3, { t: "upload", oneTime: [sealedBundle], lastResort: null }),
  ownerRequest(keys, connection, 4, { t: "fetch", after: 0, limit: 50 }),
  ownerRequest(keys, connection, 5, {
    t: "push",
    subscription: { endpoint: "https://push.example/1", key: rng.bytes(65), auth: rng.bytes(16) },
  }),
  depositorRequest(address, connection, 6, { t: "deposit", envelope: sealed[0]! }),
  depositorRequest(address, connection, 7, { t: "take" }),
];

const answers: readonly MailAnswer[] = [
  { t: "challenge", challenge: connection.challenge },
  { t: "done", number: 1 },
  { t: "bundle", number: 2, sealed: sealedBundle },
  { t: "mail", number: 3, waiting: [{ serial: 1, depositor, envelope: sealed[0]! }], more: true },
  { t: "refused", number: 4, reason: "quota" },
];

/** What was signed or sealed passes as it is; anything bent is refused. */
const onlyGenuine = (seeds: readonly Uint8Array[], input: Uint8Array, result: Result<unknown>) => {
  assert.ok(!result.ok || seeds.some((seed) => sameBytes(seed, input)), "a forgery was accepted");
  return outcome(result, 2);
};

const requestAtServer: Target = {
  name: "mail request at a server",
  cost: "costly",
  maxInputMs: MAX_OPEN_MS,
  seeds: requests,
  mutate: mutateCbor,
  run: (input) => onlyGenuine(requests, input, verifyRequest(input, connection, 0)),
};

const mailAtOwner: Target = {
  name: "mail at its owner",
  cost: "costly",
  maxInputMs: MAX_OPEN_MS,
  seeds: sealed,
  mutate: (random, seed, other) => behind(random.chance(0.5) ? SEALED_HEAD_BYTES : 0, mutateBytes)(random, seed, other),
  run: (input) => onlyGenuine(sealed, input, openMail(keys, depositor, user, input)),
};

export const MAILBOX: readonly Target[] = [
  cbor("mail request", requests, signedRequestCodec),
  cbor("mail answer", answers.map((answer) => mailAnswerCodec.encode(answer)), mailAnswerCodec),
  target("mail address", [encodeMailAddress(address)], {
    decode: decodeMailAddress,
    encode: encodeMailAddress,
    mutate: mutateCbor,
    steps: 2,
  }),
  target("sealed mail", sealed, {
    decode: decodeSealedMail,
    encode: ({ head, ciphertext }) => concat(head, ciphertext),
  }),
  target("mail", letters.map(encodeMail), { decode: decodeMail, encode: encodeMail }),
  target("sealed bundle", [sealedBundle], {
    decode: decodeSealedBundle,
    encode: ({ head, ciphertext }) => concat(head, ciphertext),
  }),
  target("bundle of a space", [sealedBundle], {
    decode: (input) => openBundle(address, input),
    encode: () => sealedBundle,
    mutate: behind(1, mutateBytes),
    maxInputMs: MAX_DECODE_MS,
    steps: 2,
  }),
  requestAtServer,
  mailAtOwner,
];
