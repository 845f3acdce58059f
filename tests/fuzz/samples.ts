/** Valid encodings of every structure, made by code: what the mutators begin with. */
import { kemKey } from "../../core/crypto/kem.ts";
import type { CallId, DepositorId, DeviceId, InviteId, MessageId, SpaceId, Topic, UserId } from "../../core/ids.ts";
import { createIdentity, encodeIdentity } from "../../core/identity/identity.ts";
import { verifyBundle } from "../../core/identity/bundle.ts";
import { type Prekeys, takeBundle } from "../../core/identity/prekeys.ts";
import { accept, encodeSession, initiate, open, seal } from "../../core/session/session.ts";
import { SECURECOMM_SUITE, SECURECOMM_SUITE_1, type Suite } from "../../core/session/suite.ts";
import { bundleCodec } from "../../core/wire/bundle.ts";
import { callControl } from "../../core/wire/callControl.ts";
import { contentCodec } from "../../core/wire/content.ts";
import { encodeInviteToken } from "../../core/wire/inviteToken.ts";
import {
  contactRecord,
  inviteRecord,
  messageRecord,
  NO_MAIL,
  outboxRecord,
  profileRecord,
  spaceRecord,
} from "../../core/wire/nodeRecords.ts";
import { peerFrameCodec } from "../../core/wire/peerFrame.ts";
import { prekeysRecord } from "../../core/wire/prekeysRecord.ts";
import { presenceFrame, watchFrame } from "../../core/wire/presence.ts";
import { proofFrameCodec, proofSecretCodec } from "../../core/wire/proof.ts";
import { encodeRatchetBody } from "../../core/wire/ratchetBody.ts";
import { rendezvousMessage } from "../../core/wire/rendezvous.ts";
import { utf8 } from "../../core/wire/text.ts";
import { createReceiver, encodeReceiver } from "../../core/group/receiver.ts";
import { encodeHolders, encodeSender, exportSender } from "../../core/group/sender.ts";
import { ALICE, CHANNEL, conversation, EVERYBODY, read } from "../unit/group/channel.ts";
import { ALICE_SEED, BOB_SEED, envOf, must, party } from "../support/world.ts";

const env = envOf(77);
const { rng } = env;
const { device, prekeys } = party(ALICE_SEED);
const { bundle } = takeBundle(prekeys, device, env);
export const ID32 = "0a".repeat(32);
export const ID16 = "0b".repeat(16);
const [user, deviceId, topic] = [ID32 as UserId, ID32 as DeviceId, ID32 as Topic];
const [id, call] = [ID16 as MessageId, ID16 as CallId];

export const bundles = [bundleCodec.encode(bundle), bundleCodec.encode({ ...bundle, oneTime: null })];

const share = { call, ephemeral: rng.bytes(65), fresh: rng.bytes(32), signature: rng.bytes(64) };
export const callControls = [
  callControl.encode({ t: "offer", ...share }),
  callControl.encode({ t: "answer", ...share }),
  callControl.encode({ t: "hangup", call }),
  callControl.encode({ t: "signal", call, signal: utf8(`{"type":"offer"}`) }),
  callControl.encode({ t: "key", call, kid: 2 ** 47, wrapped: rng.bytes(48) }),
  callControl.encode({ t: "keyAck", call, kid: 7 }),
];

export const contents = [
  contentCodec.encode({ t: "introduce", name: "Bob", from: 1, next: 4 }),
  contentCodec.encode({ t: "welcome", name: "Alice", from: 1, next: 1 }),
  contentCodec.encode({ t: "text", id, seq: 1, lamport: 2, sentAtMs: env.nowMs, text: "good morning" }),
  contentCodec.encode({ t: "receipt", upTo: 3, also: [5, 6, 9] }),
  contentCodec.encode({ t: "address", address: rng.bytes(200) }),
  ...callControls.map((control) => contentCodec.encode({ t: "call", control })),
];

export const peerFrames = [
  peerFrameCodec.encode({ t: "proof", body: rng.bytes(40) }),
  peerFrameCodec.encode({ t: "bundle", body: bundles[0]! }),
  peerFrameCodec.encode({ t: "refused", reason: "used" }),
  peerFrameCodec.encode({ t: "envelope", body: rng.bytes(330) }),
  peerFrameCodec.encode({ t: "ping" }),
  peerFrameCodec.encode({ t: "pong" }),
];

export const proofFrames = [
  proofFrameCodec.encode({ t: "hello", nonce: rng.bytes(32), topic }),
  proofFrameCodec.encode({ t: "answer", nonce: rng.bytes(32), mac: rng.bytes(32) }),
  proofFrameCodec.encode({ t: "reveal", mac: rng.bytes(32), sealed: rng.bytes(300) }),
  proofFrameCodec.encode({ t: "confirm", sealed: rng.bytes(300) }),
];
export const proofSecrets = [
  proofSecretCodec.encode({ certificate: device.certificate, signature: rng.bytes(64) }),
];

export const watchFrames = [
  watchFrame.encode({ t: "watch", namespaces: [] }),
  watchFrame.encode({ t: "watch", namespaces: [ID32, "b", ID16] }),
];
export const presenceFrames = [
  presenceFrame.encode({ t: "present", namespace: ID32, signedPeerRecord: rng.bytes(120), ttlS: 7200 }),
  presenceFrame.encode({ t: "absent", namespace: ID32, peerId: `12D3KooW${"A".repeat(44)}` }),
];

const registration = { ns: ID32, signedPeerRecord: rng.bytes(120), ttlS: 7200 };
export const rendezvousMessages = [
  rendezvousMessage.encode({ t: "register", register: registration }),
  rendezvousMessage.encode({ t: "register-response", status: "OK", statusText: "", ttlS: 7200 }),
  rendezvousMessage.encode({ t: "register-response", status: "E_INVALID_TTL", statusText: "no", ttlS: 0 }),
  rendezvousMessage.encode({ t: "unregister", ns: ID32 }),
  rendezvousMessage.encode({ t: "discover", ns: ID32, limit: 10, cookie: rng.bytes(12) }),
  rendezvousMessage.encode({
    t: "discover-response",
    status: "OK",
    statusText: "",
    registrations: [registration, registration],
    cookie: rng.bytes(12),
  }),
];

const mailboxOfToken = {
  server: "https://mail.example",
  space: ID32 as SpaceId,
  secret: rng.bytes(32),
  sealing: rng.bytes(32),
};
export const tokens = [
  encodeInviteToken({ secret: rng.bytes(32), user, name: "Alice", expiresAtMs: env.nowMs, mail: null }),
  encodeInviteToken({ secret: rng.bytes(32), user, name: "Zoë ❤", expiresAtMs: 1, mail: mailboxOfToken }),
];

const fewKeys: Prekeys = { ...prekeys, oneTime: prekeys.oneTime.slice(0, 2) };
export const prekeysRecords = [
  prekeysRecord.encode(fewKeys),
  prekeysRecord.encode({ ...fewKeys, oneTime: [], seen: [{ signedId: 1, ephemeral: rng.bytes(32) }] }),
];

export const identityRecords = [encodeIdentity(createIdentity(env))];

/** Sessions of both sides before and after a first reply, with keys of messages that have not come. */
function sessionsOf(suite: Suite): readonly Uint8Array[] {
  const bob = party(BOB_SEED);
  const given = takeBundle(bob.prekeys, bob.device, env);
  const verified = must(verifyBundle(given.bundle, bob.device.user, env.nowMs));
  const { session: alice, envelope } = must(initiate(suite, device, verified, utf8("hello"), env));
  const accepted = must(accept(suite, bob.device, given.prekeys, envelope, env)).session;
  const reply = seal(accepted, utf8("hi"), env);
  const later = seal(seal(reply.session, utf8("lost"), env).session, utf8("third"), env);
  const heard = must(open(must(open(alice, reply.envelope)).session, later.envelope)).session;
  return [alice, accepted, reply.session, heard, seal(heard, utf8("and"), env).session].map(encodeSession);
}
export const sessionRecords = sessionsOf(SECURECOMM_SUITE);
export const sessionRecords1 = sessionsOf(SECURECOMM_SUITE_1);

const kemPublicKey = kemKey(rng.bytes(64)).publicKey;
export const ratchetBodies = [
  encodeRatchetBody(null, utf8("content")),
  encodeRatchetBody({ t: "offer", number: 1, body: kemPublicKey }, utf8("content")),
  encodeRatchetBody({ t: "answer", number: 1, body: rng.bytes(1088) }, utf8("content")),
];

const channel = conversation();
const heardBlock = channel.alice.block(EVERYBODY, "one", "two", "three", "four", "five");
export const groupEnvelopes = [channel.alice.say("hello"), ...heardBlock.envelopes];
export const distributions = [exportSender(channel.alice.state!)];
export const senderRecords = [encodeSender(channel.alice.state!)];
export const holdersRecords = [encodeHolders(channel.alice.state!)];
export const receiverRecords = [
  encodeReceiver(createReceiver(CHANNEL, ALICE.id)),
  encodeReceiver(channel.bob),
  encodeReceiver(read(channel.bob, groupEnvelopes[3]!).receiver),
];

const standings = [
  { t: "invited", inviteSecret: rng.bytes(32), expiresAtMs: env.nowMs, begun: true },
  { t: "refused", reason: "invite.used" },
  { t: "established", device: deviceId },
] as const;
const progress = {
  nextSeq: 4,
  lamport: 9,
  received: { upTo: 2, also: [4, 7] },
  unreadCount: 1,
  lastText: "see you",
  lastAtMs: env.nowMs,
};
const depositor = ID32 as DepositorId;
const contactMails = [NO_MAIL, {
  ours: { seed: rng.bytes(32), depositor, isGranted: true, isTold: false },
  theirs: { ...mailboxOfToken, depositor: rng.bytes(32) },
  isByInvite: false,
  owesReceipt: true,
  owesGreeting: "welcome",
  needsSession: true,
}] as const;
export const contactRecords = standings.flatMap((standing) =>
  contactMails.map((mail) =>
    contactRecord.encode({
      id: user,
      name: "Bob",
      addedAtMs: env.nowMs,
      standing,
      verified: null,
      topicSecrets: [rng.bytes(32)],
      progress,
      mail,
      theirSinceMs: mail.owesReceipt ? env.nowMs : null,
    })
  )
);

const invite = { secret: rng.bytes(32), createdAtMs: env.nowMs, expiresAtMs: env.nowMs + 1 };
export const inviteRecords = ([{ t: "open" }, { t: "used", by: user }, { t: "revoked" }] as const).map((fate, place) =>
  inviteRecord.encode({
    id: ID16 as InviteId,
    ...invite,
    fate,
    mail: place === 0 ? null : { depositor, isGranted: place === 1 },
  })
);
export const spaceRecords = [
  { joinCode: null, isOpen: false, uploaded: null, revoking: [] },
  { joinCode: "welcome", isOpen: true, uploaded: { signedId: 21, count: 15 }, revoking: [depositor, depositor] },
].map((space) => spaceRecord.encode({ seed: rng.bytes(32), server: "https://mail.example", ...space }));
const outboxText = { t: "text", id, seq: 1, lamport: 2, sentAtMs: env.nowMs, text: "good morning" } as const;
export const outboxRecords = [null, env.nowMs].map((mailedAtMs) =>
  outboxRecord.encode({ content: outboxText, mailedAtMs })
);
export const messageRecords = [
  messageRecord.encode({ id, own: true, seq: 1, lamport: 1, sentAtMs: 1, text: "hello", delivered: false }),
];
export const profileRecords = [profileRecord.encode({ name: "Alice" })];
