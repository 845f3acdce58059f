/** What the voice part of a node asks for. All but `SendControl` are effects of the node as they stand. */
import type { CallId, DeviceId, UserId } from "../ids.ts";
import type { CallControl } from "../wire/callControl.ts";
import type { VoiceKey } from "./voiceKey.ts";

/** One device of one person in a call. */
export interface CallPeer {
  readonly user: UserId;
  readonly device: DeviceId;
}

/** Commands to the voice engine about keys. */
export type KeyCommand =
  | { readonly type: "UseSendingKey"; readonly call: CallId; readonly key: VoiceKey }
  | { readonly type: "AcceptReceivingKey"; readonly call: CallId; readonly key: VoiceKey }
  | { readonly type: "DropReceivingKey"; readonly call: CallId; readonly kid: bigint };

export type CallAction =
  /** Inside a ratchet message to this person, as soon as possible; worthless after the call. */
  | { readonly type: "SendControl"; readonly to: UserId; readonly control: CallControl }
  | { readonly type: "OpenVoice"; readonly call: CallId; readonly initiator: boolean }
  | { readonly type: "DeliverVoiceSignal"; readonly call: CallId; readonly signal: Uint8Array }
  | { readonly type: "CloseVoice"; readonly call: CallId }
  | KeyCommand;
