/**
 * Every way in which input can be refused, by name. A reason is data: it is counted, shown to tests, and mapped to a
 * sentence for people by the client. Throwing is for bugs only.
 */
export const REASONS = [
  // wire: bytes that are not what they claim to be
  "wire.too-large",
  "wire.too-deep",
  "wire.malformed",
  "wire.not-canonical",
  "wire.unknown-version",
  "wire.wrong-shape",
  // crypto: keys and signatures
  "crypto.bad-key",
  "crypto.bad-signature",
  "crypto.not-authentic",
  // identity: certificates, bundles, device proof
  "identity.wrong-user",
  "identity.wrong-device",
  "identity.stale-bundle",
  "proof.out-of-order",
  "proof.unknown-topic",
  "proof.bad-mac",
  "proof.bad-signature",
  // session: handshake and ratchet
  "session.unknown",
  "session.unknown-prekey",
  "session.prekey-used",
  "session.no-session",
  "session.renewed-lately",
  "session.replayed",
  "session.exhausted",
  "ratchet.replayed",
  "ratchet.too-far-ahead",
  "ratchet.not-authentic",
  "ratchet.bad-key",
  "ratchet.unknown-secret",
  // group: sender keys
  "group.unknown-chain",
  "group.before-start",
  "group.past-end",
  "group.replayed",
  "group.bad-signature",
  "group.not-authentic",
  "group.wrong-channel",
  "group.wrong-sender",
  "group.conflict",
  // log: signed ops of a guild
  "log.bad-link",
  "log.missing-parent",
  "log.wrong-guild",
  "log.wrong-author",
  "log.no-certificate",
  "log.too-many-waiting",
  // the sync of logs, and of content, with a peer
  "sync.unasked",
  "sync.bad-vector",
  "sync.fruitless",
  "sync.wasteful",
  "sync.silent",
  // profiles of members
  "profile.wrong-guild",
  "profile.not-a-member",
  "profile.stale",
  "sync.flood",
  // one's own part in a guild
  "guild.not-allowed",
  "guild.not-a-member",
  "guild.suspended",
  "guild.catching-up",
  // keys of channels, from other members
  "keys.unasked",
  "keys.wrong",
  "keys.silent",
  // message and delivery
  "message.too-long",
  "message.empty",
  "message.duplicate",
  "message.too-far-ahead",
  "outbox.full",
  // invites
  "invite.broken",
  "invite.expired",
  "invite.used",
  "invite.revoked",
  "invite.own",
  "invite.too-many",
  "contact.too-many",
  // a guild's deals, and joining it
  "deal.wrong-guild",
  "join.wrong-guild",
  "join.unknown-deal",
  "join.wrong-snapshot",
  "join.not-a-member",
  "join.too-large",
  "join.too-early",
  "join.banned",
  "join.is-member",
  // mailbox: spaces, requests, sealed mail
  "mail.not-owner",
  "mail.wrong-sender",
  "mail.unknown-depositor",
  "mail.bad-server",
  "mail.bad-join-code",
  // links: connections to one peer
  "link.unknown",
  "link.not-proven",
  "link.violation",
  "link.flood",
  "link.idle",
  "link.stalled",
  // voice
  "voice.malformed",
  "voice.unknown-key",
  "voice.bad-mac",
  "voice.not-authentic",
  "voice.replayed",
  "voice.too-old",
  "call.busy",
  "call.unknown",
  "call.bad-signature",
  // node
  "node.no-identity",
  "node.has-identity",
  "node.bad-name",
  "node.unknown-contact",
  "node.bad-record",
] as const;

export type Reason = (typeof REASONS)[number];

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Refused<R extends Reason = Reason> = { readonly ok: false; readonly reason: R };
/** The value, or the named reason why there is none. */
export type Result<T, R extends Reason = Reason> = Ok<T> | Refused<R>;

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const refuse = <R extends Reason>(reason: R): Refused<R> => ({ ok: false, reason });
