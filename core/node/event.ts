/** What can happen to a node. Events of the person, of the network, of the voice engine, and of the clock. */
import type { CallId, InviteId, LinkId, PeerId, Topic, UserId } from "../ids.ts";
import type { SpaceRefusal, WaitingMail } from "../wire/spaceAnswer.ts";

export type LinkRole = "initiator" | "responder";
/** Through a circuit relay, or straight from browser to browser. */
export type LinkRoute = "relayed" | "direct";

/** How something that was asked of a space came out. `lost`: the connection ended first, so it may have been done. */
export type AskOutcome =
  | { readonly t: "done" }
  /** `retryAfterS` is 0 where asking again would change nothing. */
  | { readonly t: "refused"; readonly reason: SpaceRefusal; readonly retryAfterS: number }
  | { readonly t: "lost" };

export type TakeOutcome = Exclude<AskOutcome, { readonly t: "done" }> | {
  readonly t: "bundle";
  /** As the server kept it. */
  readonly sealed: Uint8Array;
};

export type NodeEvent =
  // the person
  | { readonly type: "CreateIdentity"; readonly name: string }
  | { readonly type: "CreateInvite" }
  | { readonly type: "RevokeInvite"; readonly invite: InviteId }
  /** `token` is the fragment of an invite link, already taken from the address bar. */
  | { readonly type: "AcceptInvite"; readonly token: string }
  | { readonly type: "SendText"; readonly contact: UserId; readonly text: string }
  | { readonly type: "MarkRead"; readonly contact: UserId }
  | { readonly type: "RemoveContact"; readonly contact: UserId }
  /** The person has compared the safety number with the contact's, or takes that back. */
  | { readonly type: "MarkVerified"; readonly contact: UserId; readonly verified: boolean }
  /** Show messages before those in memory. */
  | { readonly type: "ReadEarlier"; readonly contact: UserId }
  | { readonly type: "StartCall"; readonly contact: UserId }
  | { readonly type: "AnswerCall" }
  | { readonly type: "DeclineCall" }
  | { readonly type: "LeaveCall" }
  /** The person has seen how the call ended. */
  | { readonly type: "DismissCall" }
  /** What the operator of the rendezvous gave the person, so that it keeps mail for them. */
  | { readonly type: "SetJoinCode"; readonly code: string }
  // the store: records that an effect `LoadEarlier` asked for
  | { readonly type: "EarlierLoaded"; readonly contact: UserId; readonly records: readonly Uint8Array[] }
  // the transport
  /** Our PeerId of this run; everything that was connected under another one is gone. */
  | { readonly type: "TransportReady"; readonly peer: PeerId }
  | { readonly type: "RendezvousChanged"; readonly state: "connecting" | "online" | "offline" }
  | { readonly type: "PeerFound"; readonly topic: Topic; readonly peer: PeerId }
  /** Its registration under the topic has ended. */
  | { readonly type: "PeerLeft"; readonly topic: Topic; readonly peer: PeerId }
  | {
    readonly type: "LinkOpened";
    readonly link: LinkId;
    readonly peer: PeerId;
    readonly role: LinkRole;
    readonly route: LinkRoute;
  }
  /** A direct link leads through a TURN server. */
  | { readonly type: "LinkThroughTurn"; readonly link: LinkId }
  /** An `OpenLink` effect came to nothing. */
  | { readonly type: "LinkFailed"; readonly peer: PeerId; readonly route: LinkRoute }
  | { readonly type: "FrameReceived"; readonly link: LinkId; readonly frame: Uint8Array }
  | { readonly type: "LinkClosed"; readonly link: LinkId }
  // mail: our space on the rendezvous, and those of contacts on theirs
  /** The rendezvous that we use keeps mail; `server` is its origin. */
  | { readonly type: "MailOffered"; readonly server: string }
  /** The owner's stream of our space stands; `exists`: the server knows the space. */
  | { readonly type: "MailboxOpened"; readonly exists: boolean }
  /** It has ended: what `AskMailbox` asked and was not answered is lost. */
  | { readonly type: "MailboxClosed" }
  | { readonly type: "MailboxAnswered"; readonly ask: number; readonly outcome: AskOutcome }
  /** A page that was fetched, or what came unasked; in order of serials. `more`: there is some behind it. */
  | { readonly type: "MailArrived"; readonly waiting: readonly WaitingMail[]; readonly more: boolean }
  /** The server has so few one-time bundles left. */
  | { readonly type: "StockLow"; readonly left: number }
  | { readonly type: "DepositAnswered"; readonly ask: number; readonly outcome: AskOutcome }
  | { readonly type: "BundleTaken"; readonly ask: number; readonly outcome: TakeOutcome }
  // the voice engine
  | { readonly type: "VoiceSignalMade"; readonly call: CallId; readonly signal: Uint8Array }
  | { readonly type: "VoiceConnected"; readonly call: CallId; readonly route: LinkRoute }
  | { readonly type: "VoiceFailed"; readonly call: CallId }
  /** How many packets the current sending key has sealed so far. */
  | { readonly type: "VoiceSealed"; readonly call: CallId; readonly packets: number }
  // the clock
  | { readonly type: "Tick" };
