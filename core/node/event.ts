/** What can happen to a node. Events of the person, of the network, of the voice engine, and of the clock. */
import type { CallId, InviteId, LinkId, PeerId, Topic, UserId } from "../ids.ts";

export type LinkRole = "initiator" | "responder";
/** Through a circuit relay, or straight from browser to browser. */
export type LinkRoute = "relayed" | "direct";

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
  // the voice engine
  | { readonly type: "VoiceSignalMade"; readonly call: CallId; readonly signal: Uint8Array }
  | { readonly type: "VoiceConnected"; readonly call: CallId; readonly route: LinkRoute }
  | { readonly type: "VoiceFailed"; readonly call: CallId }
  /** How many packets the current sending key has sealed so far. */
  | { readonly type: "VoiceSealed"; readonly call: CallId; readonly packets: number }
  // the clock
  | { readonly type: "Tick" };
