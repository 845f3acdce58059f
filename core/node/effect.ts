/** What a node asks of the world. The driver runs effects in order; `Persist` is durable before the next one starts. */
import type { CallId, LinkId, PeerId, Topic, UserId } from "../ids.ts";
import type { Reason } from "../errors.ts";
import type { RecordWrite } from "../ports.ts";
import type { VoiceKey } from "../voice/voiceKey.ts";
import type { SpaceKeys } from "../mailbox/space.ts";
import type { MailAddress } from "../wire/mailAddress.ts";
import type { MailboxOwnerRequest, PrekeysOwnerRequest } from "../wire/spaceRequest.ts";
import type { LinkRoute } from "./event.ts";

export interface TopicInterest {
  readonly topic: Topic;
  /** Let others find us under it. */
  readonly register: boolean;
  /** Report others as `PeerFound`. */
  readonly discover: boolean;
}

export type NodeEffect =
  | { readonly type: "Persist"; readonly writes: readonly RecordWrite[] }
  /** Answered by `EarlierLoaded` with the last `limit` records under `prefix` whose key is below `beforeKey`. */
  | {
    readonly type: "LoadEarlier";
    readonly contact: UserId;
    readonly prefix: string;
    readonly beforeKey: string;
    readonly limit: number;
  }
  /** The whole set, which replaces the one before. */
  | { readonly type: "SetTopics"; readonly topics: readonly TopicInterest[] }
  /** The whole set of peers that may exchange WebRTC signaling, and so addresses, with us. */
  | { readonly type: "AllowDirect"; readonly peers: readonly PeerId[] }
  /** Answered by `LinkOpened` or `LinkFailed`. */
  | { readonly type: "OpenLink"; readonly peer: PeerId; readonly route: LinkRoute }
  | { readonly type: "SendFrame"; readonly link: LinkId; readonly frame: Uint8Array }
  /** Frames sent before it still arrive. */
  | { readonly type: "CloseLink"; readonly link: LinkId; readonly reason: Reason | "done" }
  /** Hold a connection to our space, and open it again whenever it is lost: `MailboxOpened`, `MailboxClosed`. */
  | { readonly type: "ServeMailbox"; readonly server: string; readonly keys: SpaceKeys }
  /** On that connection. A `fetch` is answered by `MailArrived`, all else by `MailboxAnswered`. */
  | {
    readonly type: "AskMailbox";
    readonly ask: number;
    readonly request: MailboxOwnerRequest | PrekeysOwnerRequest;
  }
  /** On a connection of its own, answered by `DepositAnswered`. */
  | {
    readonly type: "DepositMail";
    readonly ask: number;
    readonly address: MailAddress;
    readonly envelopes: readonly Uint8Array[];
  }
  /** On a connection of its own, answered by `BundleTaken`. */
  | { readonly type: "TakeBundle"; readonly ask: number; readonly address: MailAddress }
  | { readonly type: "OpenVoice"; readonly call: CallId; readonly initiator: boolean }
  | { readonly type: "DeliverVoiceSignal"; readonly call: CallId; readonly signal: Uint8Array }
  /** Seal with this key from now on. */
  | { readonly type: "UseSendingKey"; readonly call: CallId; readonly key: VoiceKey }
  /** Open packets of this key as well, until it is dropped. */
  | { readonly type: "AcceptReceivingKey"; readonly call: CallId; readonly key: VoiceKey }
  | { readonly type: "DropReceivingKey"; readonly call: CallId; readonly kid: bigint }
  | { readonly type: "CloseVoice"; readonly call: CallId };
