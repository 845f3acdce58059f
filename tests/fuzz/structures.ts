/** Every structure in CBOR: what goes over a link or a stream, and what is kept on disk. */
import { bundleCodec } from "../../core/wire/bundle.ts";
import { callControl } from "../../core/wire/callControl.ts";
import { decode as decodeCbor, encode as encodeCbor } from "../../core/wire/cbor.ts";
import { contentCodec } from "../../core/wire/content.ts";
import { distributionCodec } from "../../core/wire/distribution.ts";
import { holdersRecord, receiverRecord, senderRecord } from "../../core/wire/groupRecords.ts";
import { identityRecord } from "../../core/wire/identityRecord.ts";
import {
  contactRecord,
  inviteRecord,
  messageRecord,
  outboxRecord,
  profileRecord,
  spaceRecord,
} from "../../core/wire/nodeRecords.ts";
import { peerFrameCodec } from "../../core/wire/peerFrame.ts";
import { prekeysRecord } from "../../core/wire/prekeysRecord.ts";
import { presenceFrame, watchFrame } from "../../core/wire/presence.ts";
import { proofFrameCodec, proofSecretCodec } from "../../core/wire/proof.ts";
import { sessionRecord, sessionRecord1 } from "../../core/wire/sessionRecord.ts";
import { cbor, record, target } from "./coding.ts";
import { mutateCbor } from "./mutate.ts";
import * as samples from "./samples.ts";
import type { Target } from "./target.ts";

export const STRUCTURES: readonly Target[] = [
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
  record("session record 1", samples.sessionRecords1, sessionRecord1),
  cbor("distribution", samples.distributions, distributionCodec),
  record("sender record", samples.senderRecords, senderRecord),
  record("holders record", samples.holdersRecords, holdersRecord),
  record("receiver record", samples.receiverRecords, receiverRecord),
  record("contact record", samples.contactRecords, contactRecord),
  record("invite record", samples.inviteRecords, inviteRecord),
  record("message record", samples.messageRecords, messageRecord),
  record("space record", samples.spaceRecords, spaceRecord),
  record("outbox record", samples.outboxRecords, outboxRecord),
  record("profile record", samples.profileRecords, profileRecord),
];
