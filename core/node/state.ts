/** Everything a node knows, as plain immutable data. What is durable comes first; the network part dies with the run. */
import type { Reason } from "../errors.ts";
import type { Identity } from "../identity/identity.ts";
import type { Prekeys } from "../identity/prekeys.ts";
import type { ProofState } from "../identity/proof.ts";
import type { DepositorId, DeviceId, InviteId, LinkId, PeerId, Topic, UserId } from "../ids.ts";
import type { Placed } from "../message/timeline.ts";
import type { Received } from "../message/received.ts";
import type { Bucket } from "../net/bucket.ts";
import type { Peer } from "../net/peer.ts";
import type { Upgrade } from "../net/upgrade.ts";
import type { Session } from "../session/session.ts";
import { type CallState, IDLE } from "../voice/call.ts";
import type { SpaceKeys } from "../mailbox/space.ts";
import type { TextContent } from "../wire/content.ts";
import type { ContactMail, InviteMail } from "../wire/nodeRecords.ts";
import type { SpaceRefusal } from "../wire/spaceAnswer.ts";
import type { TopicInterest } from "./effect.ts";
import type { LinkRole, LinkRoute } from "./event.ts";

export interface NodeState {
  readonly self: Self | null;
  readonly contacts: ReadonlyMap<UserId, Contact>;
  readonly invites: ReadonlyMap<InviteId, Invite>;
  /** Where a server keeps mail for us; `null` while none has offered to. */
  readonly space: Space | null;
  readonly network: Network;
  readonly mail: MailRun;
  readonly call: CallState;
  /** How often each reason refused something in this run. */
  readonly refusals: Readonly<Partial<Record<Reason, number>>>;
}

export interface Self {
  readonly name: string;
  readonly identity: Identity;
  readonly prekeys: Prekeys;
}

export interface Contact {
  readonly id: UserId;
  readonly name: string;
  readonly addedAtMs: number;
  readonly standing: Standing;
  /** When the person last compared the safety number and found that it matches; `null` while they have not. */
  readonly verified: { readonly atMs: number } | null;
  /**
   * Where the two meet, newest first: one secret for each session begun, because two who invite each other at once each
   * hold the other's for a while.
   */
  readonly topicSecrets: readonly Uint8Array[];
  readonly progress: Progress;
  readonly mail: ContactMail;
  /** Since when they count the texts that `progress.received` is about; `null` where they have not said. */
  readonly theirSinceMs: number | null;
  /** The newest first; the first one seals, any may open. */
  readonly sessions: readonly Session[];
  /** Own messages without a receipt yet, in order of their sequence numbers. */
  readonly pending: readonly Pending[];
  /** The latest messages, sorted by their keys. */
  readonly window: readonly Placed[];
  /** Whether the store holds messages before the window. */
  readonly hasEarlier: boolean;
  /** Envelopes of theirs that could not be opened, since the last text that could. */
  readonly unopenedCount: number;
  /** When we last asked for a new session, and when we last began one because they asked. */
  readonly renewalAskedAtMs: number;
  readonly renewedAtMs: number;
}

export type Standing =
  /** We accepted their invite; `begun` once the handshake is under way. */
  | {
    readonly t: "invited";
    readonly inviteSecret: Uint8Array;
    readonly expiresAtMs: number;
    readonly begun: boolean;
  }
  | { readonly t: "refused"; readonly reason: InviteRefusal }
  | { readonly t: "established"; readonly device: DeviceId };

export type InviteRefusal = Extract<Reason, "invite.used" | "invite.expired" | "invite.revoked">;

export interface Progress {
  readonly nextSeq: number;
  /** The largest Lamport time seen or made in this conversation. */
  readonly lamport: number;
  readonly received: Received;
  readonly unreadCount: number;
  readonly lastText: string | null;
  readonly lastAtMs: number;
}

export interface Pending {
  readonly content: TextContent;
  /** When a server took it to keep it for them. */
  readonly mailedAtMs: number | null;
  /** The link it was last put on, and when; `null` while it has not left this device in this run. */
  readonly sent: { readonly link: LinkId; readonly atMs: number } | null;
}

export interface Invite {
  readonly id: InviteId;
  readonly secret: Uint8Array;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly fate: InviteFate;
  /** By which key a visitor may leave mail; `null` while we have no space, and once the invite has ended. */
  readonly mail: InviteMail;
}

export type InviteFate =
  | { readonly t: "open" }
  | { readonly t: "used"; readonly by: UserId }
  | { readonly t: "revoked" };

export interface Space {
  readonly seed: Uint8Array;
  readonly keys: SpaceKeys;
  /** Origin of the rendezvous. */
  readonly server: string;
  readonly joinCode: string | null;
  readonly isOpen: boolean;
  /** Of which signed prekey the bundles at the server are, and how many it was given. */
  readonly uploaded: { readonly signedId: number; readonly count: number } | null;
  readonly revoking: readonly DepositorId[];
}

/** Mail in this run. */
export interface MailRun {
  readonly startedAtMs: number;
  /** When the last link to a contact was lost. */
  readonly lostAtMs: ReadonlyMap<UserId, number>;
  /** The origin of the rendezvous that we use, where it keeps mail. */
  readonly offered: string | null;
  /** Whether the owner's stream of our space stands. */
  readonly isConnected: boolean;
  /** What our server refused to do for us, and when it is asked again. */
  readonly refusals: ReadonlyMap<Asked["t"], { readonly reason: SpaceRefusal; readonly untilMs: number }>;
  /** Whether it may hold mail that was not sent to us yet. */
  readonly hasMore: boolean;
  /** The last serial of our mail that has come since the stream stands. */
  readonly after: number;
  readonly nextAsk: number;
  readonly asks: ReadonlyMap<number, Asked>;
  /** What a contact's server refused, or a connection lost, is tried again then. */
  readonly retries: ReadonlyMap<UserId, { readonly count: number; readonly atMs: number }>;
}

/** What is under way at a server. */
export type Asked =
  | { readonly t: "open" }
  | { readonly t: "grant"; readonly depositors: readonly DepositorId[] }
  | { readonly t: "revoke"; readonly depositors: readonly DepositorId[] }
  | { readonly t: "upload"; readonly signedId: number; readonly count: number }
  | { readonly t: "fetch" | "ack" }
  | { readonly t: "take"; readonly user: UserId }
  | {
    readonly t: "deposit";
    readonly user: UserId;
    /** Sequence numbers of the texts in it. */
    readonly seqs: readonly number[];
    /** What the receipt in it says; `null` where there is none. */
    readonly receipt: Received | null;
    readonly greeting: ContactMail["owesGreeting"];
    readonly tellsAddress: boolean;
  };

export interface Network {
  /** `null` until the transport is up. */
  readonly self: PeerId | null;
  readonly rendezvous: "connecting" | "online" | "offline";
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly upgrades: ReadonlyMap<PeerId, Upgrade>;
  readonly links: ReadonlyMap<LinkId, Link>;
  /** What the transport was told last, so that it is told again only when it changes. */
  readonly topics: readonly TopicInterest[];
  readonly directory: Directory;
  readonly allowed: readonly PeerId[];
}

export interface Link {
  readonly id: LinkId;
  readonly peer: PeerId;
  readonly role: LinkRole;
  readonly route: LinkRoute;
  /** A direct one that a TURN server carries. */
  readonly isThroughTurn: boolean;
  readonly openedAtMs: number;
  readonly heardAtMs: number;
  readonly spokeAtMs: number;
  readonly bucket: Bucket;
  /** Set when a better link took over: it is closed then, after what is under way has arrived. */
  readonly retireAtMs: number | null;
  readonly phase: LinkPhase;
}

export type LinkPhase =
  /** `proof` is `null` on the responder's side until the first frame names a topic. */
  | { readonly t: "proving"; readonly proof: ProofState | null; readonly purpose: Purpose | null }
  | { readonly t: "proven"; readonly purpose: Purpose; readonly user: UserId; readonly device: DeviceId };

/** What a topic is for, and so what a link under it may carry. */
export type Purpose =
  | { readonly t: "contact"; readonly user: UserId }
  /** We visit the one who invited us. */
  | { readonly t: "visit"; readonly user: UserId }
  /** Somebody visits on an invite of ours. */
  | { readonly t: "host"; readonly invite: InviteId };

/** What each topic of ours is for; to be made anew when topics turn over. */
export interface Directory {
  readonly purposes: ReadonlyMap<Topic, { readonly secret: Uint8Array; readonly purpose: Purpose }>;
  readonly validUntilMs: number;
}

export const EMPTY_NETWORK: Network = {
  self: null,
  rendezvous: "connecting",
  peers: new Map(),
  upgrades: new Map(),
  links: new Map(),
  topics: [],
  directory: { purposes: new Map(), validUntilMs: 0 },
  allowed: [],
};

export const NO_MAIL_RUN: MailRun = {
  startedAtMs: 0,
  lostAtMs: new Map(),
  offered: null,
  isConnected: false,
  refusals: new Map(),
  hasMore: false,
  after: 0,
  nextAsk: 1,
  asks: new Map(),
  retries: new Map(),
};

export const EMPTY_STATE: NodeState = {
  self: null,
  contacts: new Map(),
  invites: new Map(),
  space: null,
  network: EMPTY_NETWORK,
  mail: NO_MAIL_RUN,
  call: IDLE,
  refusals: {},
};
