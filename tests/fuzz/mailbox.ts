/** Spaces and sealed mail: what comes from strangers to a server, from a server to clients, and from one to another. */
import assert from "node:assert/strict";
import { envelopeIdOf, verifyEntry } from "../../core/crypto/spaceEntry.ts";
import type { Result } from "../../core/errors.ts";
import { openBundle, sealBundle } from "../../core/mailbox/bundles.ts";
import { openMail, sealMail } from "../../core/mailbox/mail.ts";
import { addressOf, depositorEntry, depositorOf, grantOf, ownerEntry, spaceKeys } from "../../core/mailbox/space.ts";
import { bundleCodec } from "../../core/wire/bundle.ts";
import { concat, sameBytes } from "../../core/wire/bytes.ts";
import { decodeMailAddress, encodeMailAddress } from "../../core/wire/mailAddress.ts";
import { decodeSealedBundle } from "../../core/wire/sealedBundle.ts";
import { decodeMail, decodeSealedMail, encodeMail, SEALED_HEAD_BYTES } from "../../core/wire/sealedMail.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import { challengeCodec, entryCodec, MAILBOX_PROTOCOL } from "../../core/wire/spaceEntry.ts";
import {
  mailboxDepositorCodec,
  mailboxOwnerCodec,
  type MailboxOwnerRequest,
  prekeysDepositorCodec,
  prekeysOwnerCodec,
} from "../../core/wire/spaceRequest.ts";
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
const stream = {
  protocol: MAILBOX_PROTOCOL,
  serverPeer: "server",
  clientPeer: "client",
  challenge: rng.bytes(32),
} as const;
const { user, id: device } = party(1).device;
const letters = (["pairwise", "group"] as const).map((kind) => ({
  kind,
  user,
  device,
  envelopes: [rng.bytes(40), rng.bytes(90)],
}));
const sealed = letters.map((mail) => must(sealMail(address, mail, env)));
const bundle = must(bundleCodec.decode(samples.bundles[0]!));
const sealedBundle = sealBundle(keys, bundle, env);

const entries = [ownerEntry(keys, stream), depositorEntry(address, stream)];

const ownerRequests: readonly MailboxOwnerRequest[] = [
  { t: "open", joinCode: "welcome" },
  { t: "grant", grants: [grantOf(address, null), grantOf(address, env.nowMs)] },
  { t: "revoke", depositors: [depositor] },
  { t: "fetch", after: 0, limit: 50 },
  { t: "ack", envelopes: [envelopeIdOf(sealed[0]!)] },
];

const answers: readonly SpaceAnswer[] = [
  { t: "entered", exists: true },
  { t: "done", number: 1 },
  { t: "bundle", number: 2, sealed: sealedBundle },
  { t: "mail", number: 3, waiting: [{ serial: 1, depositor, envelope: sealed[0]! }], more: true },
  { t: "arrived", waiting: [{ serial: 1, depositor, envelope: sealed[1]! }], more: false },
  { t: "stock", left: 2 },
  { t: "refused", number: 4, reason: "quota", retryAfterS: 60 },
  { t: "closing", retryAfterS: 5 },
];

/** What was signed or sealed passes as it is; anything bent is refused. */
const onlyGenuine = (seeds: readonly Uint8Array[], input: Uint8Array, result: Result<unknown>) => {
  assert.ok(!result.ok || seeds.some((seed) => sameBytes(seed, input)), "a forgery was accepted");
  return outcome(result, 2);
};

const entryAtServer: Target = {
  name: "entry at a server",
  cost: "costly",
  maxInputMs: MAX_OPEN_MS,
  seeds: entries,
  mutate: mutateCbor,
  run: (input) => onlyGenuine(entries, input, verifyEntry(input, stream)),
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
  cbor("entry of a space", entries, entryCodec),
  cbor("challenge of a space", [challengeCodec.encode({ challenge: stream.challenge })], challengeCodec),
  cbor(
    "request of a mailbox's owner",
    ownerRequests.map((request, index) => mailboxOwnerCodec.encode({ number: index + 1, request })),
    mailboxOwnerCodec,
  ),
  cbor(
    "deposit",
    [mailboxDepositorCodec.encode({ number: 1, request: { t: "deposit", envelopes: sealed } })],
    mailboxDepositorCodec,
  ),
  cbor(
    "upload of bundles",
    [{ oneTime: [sealedBundle], lastResort: null, replace: false }].map((upload) =>
      prekeysOwnerCodec.encode({ number: 1, request: { t: "upload", ...upload } })
    ),
    prekeysOwnerCodec,
  ),
  cbor("take", [prekeysDepositorCodec.encode({ number: 1, request: { t: "take" } })], prekeysDepositorCodec),
  cbor("answer of a space", answers.map((answer) => spaceAnswerCodec.encode(answer)), spaceAnswerCodec),
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
  entryAtServer,
  mailAtOwner,
];
