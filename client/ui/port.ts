/**
 * What the screen asks of the program, and all it can see of it. The composition root implements this from the driver,
 * the transport and the voice engine; tests implement it from fixtures.
 */
import type { ReadonlySignal } from "@preact/signals";
import type { Reason } from "../../core/errors.ts";
import type { UserId } from "../../core/ids.ts";
import type { NodeEvent } from "../../core/node/event.ts";
import type { ConversationView, NodeView, SafetyComparison, SafetyNumberView } from "../../core/node/view.ts";

/** The events that a person causes. */
export type PersonEvent = Extract<
  NodeEvent,
  {
    readonly type:
      | "CreateIdentity"
      | "CreateInvite"
      | "RevokeInvite"
      | "AcceptInvite"
      | "SendText"
      | "MarkRead"
      | "RemoveContact"
      | "MarkVerified"
      | "ReadEarlier"
      | "StartCall"
      | "AnswerCall"
      | "DeclineCall"
      | "LeaveCall"
      | "DismissCall"
      | "SetJoinCode";
  }
>;

export type StorageProblem =
  /** The browser's quota for this page is used up: nothing more can be kept. */
  | "storage.full"
  /** A private window: everything is gone when it closes. */
  | "storage.private-mode"
  /** The browser refuses storage altogether: site data are switched off. */
  | "storage.blocked"
  /** The browser closed the database under us, as when site data are cleared. */
  | "storage.lost"
  /** Records are there that this browser's key does not open. */
  | "storage.unreadable"
  | "storage.failed"
  /** Stored, but the browser may throw it away under pressure, since it did not grant persistence. */
  | "storage.not-persisted";

export type NetworkProblem =
  | "network.server-unreachable"
  /** The TURN server refuses our credentials or does not answer. */
  | "network.turn-refused";

/** Why voice cannot work here, or has stopped working. */
export type VoiceProblem =
  /** Not HTTPS and not localhost: the browser hides the microphone. */
  | "audio.not-secure"
  | "audio.no-encoder"
  | "audio.no-worklet"
  | "microphone.missing"
  | "microphone.refused"
  | "microphone.busy"
  | "speaker.failed";

export type ProgramProblem =
  /** Another tab leads, so this one changes nothing. */
  | "tab.not-leading"
  /** A bug: the event was not carried out, for a cause that has no name. */
  | "program.failed"
  /** A part of the page could not be fetched, as when the server is away or was updated since. */
  | "program.incomplete";

export type Problem = Reason | StorageProblem | NetworkProblem | VoiceProblem | ProgramProblem;

export type Dispatched = { readonly ok: true } | { readonly ok: false; readonly problem: Problem };

/** What an invite link says before anybody is asked. */
export type ReadInvite =
  | { readonly state: "good"; readonly inviter: UserId; readonly name: string; readonly expiresAtMs: number }
  | { readonly state: "broken" | "expired" | "own" };

export interface InvitePort {
  /**
   * The fragment with which the page was opened, or which was pasted into its address since; the composition root takes
   * it out of the address bar at once. `null` when there is none or it was dealt with.
   */
  readonly token: ReadonlySignal<string | null>;
  /** Forgets `token`, after acceptance or refusal. */
  forget(): void;
  read(token: string): ReadInvite;
  /** The whole address to hand to a friend: origin, `#`, token. */
  link(token: string): string;
}

/** Unsent text, kept encrypted like everything else, so that it is still there after a reload. */
export interface DraftPort {
  /** The empty text where there is none. */
  read(contact: UserId): string;
  /** Called at every key press; the implementation may gather writes, but must write before the page goes. */
  write(contact: UserId, text: string): void;
}

export interface TabPort {
  readonly state: ReadonlySignal<"leading" | "elsewhere" | "taking-over">;
  /** Asks the leading tab to step back. */
  takeOver(): void;
}

/** Whether there is anything to show yet: the view means nothing before the store was read. */
export type StartState =
  | { readonly state: "starting" | "ready" }
  | { readonly state: "failed"; readonly problem: StorageProblem | ProgramProblem };

/** The running build beside the one that the server lists. */
export type Build =
  | { readonly state: "checking" | "broken" }
  /** `hash` is lower-case hex of a SHA-256; `other` means that the server was updated since the page was loaded. */
  | { readonly state: "matching" | "other"; readonly hash: string };

/** What is known of the place the program runs in. */
export interface Facts {
  readonly secureContext: boolean;
  /** From the server: whether its address is one where friends on other machines get a microphone; `null` until known. */
  readonly friendsHaveMicrophone: boolean | null;
  /** From the server: whether it runs a TURN server; `null` until known. */
  readonly hasTurn: boolean | null;
  readonly build: Build;
  readonly version: string;
  readonly serverAddress: string;
}

export interface AudioDevice {
  readonly id: string;
  readonly label: string;
}

export interface AudioDevices {
  readonly inputs: readonly AudioDevice[];
  /** Empty where the browser lets nobody choose an output. */
  readonly outputs: readonly AudioDevice[];
  /** `null` is the system's default. */
  readonly inputId: string | null;
  readonly outputId: string | null;
}

export interface VoiceQuality {
  readonly roundTripMs: number | null;
  /** Share of the other's packets that did not arrive, 0 to 1. */
  readonly lossRatio: number;
  /** How much sound the jitter buffer holds back. */
  readonly bufferMs: number;
}

export type VoiceSupport =
  | { readonly state: "checking" | "ready" }
  | { readonly state: "missing"; readonly problem: VoiceProblem };

export interface VoicePort {
  readonly support: ReadonlySignal<VoiceSupport>;
  /** Loudness of our microphone, 0 to 1, in a call or a microphone test; about 20 changes a second. */
  readonly level: ReadonlySignal<number>;
  readonly speaking: ReadonlySignal<{ readonly me: boolean; readonly them: boolean }>;
  readonly muted: ReadonlySignal<boolean>;
  /** Deafened is muted as well. */
  readonly deafened: ReadonlySignal<boolean>;
  readonly devices: ReadonlySignal<AudioDevices>;
  /** `null` outside of a call. */
  readonly quality: ReadonlySignal<VoiceQuality | null>;
  readonly problem: ReadonlySignal<VoiceProblem | null>;
  setMuted(muted: boolean): void;
  setDeafened(deafened: boolean): void;
  chooseInput(id: string | null): void;
  chooseOutput(id: string | null): void;
  readonly testing: ReadonlySignal<boolean>;
  /** Opens the microphone and feeds `level`, without sending anything; what goes wrong shows in `problem`. */
  startMicrophoneTest(): void;
  stopMicrophoneTest(): void;
}

/** What a call needs, in the order in which it is tried. */
export type ConnectionCheck = "server" | "stun" | "turn-udp" | "turn-tcp" | "microphone";

export type ConnectionOutcome =
  | "good"
  | "no-answer"
  /** By the relay, or of the microphone. */
  | "refused"
  /** The relay answers, but passes nothing on. */
  | "blocked"
  /** The server offers no relay. */
  | "no-turn"
  /** No microphone. */
  | "missing"
  /** Not HTTPS and not localhost. */
  | "not-secure";

/** Whether contacts may learn this device's network address. */
export interface PrivacyPort {
  /** Connections to contacts go through the TURN server only; so they need one. */
  readonly relayOnly: ReadonlySignal<boolean>;
  /** Holds for connections made from then on. */
  setRelayOnly(on: boolean): void;
}

/** Safety numbers: what two people compare to learn that nobody sits between them. */
export interface SafetyPort {
  /** `null` for somebody who is no contact. The first time it takes some tens of milliseconds, in slices. */
  numberOf(contact: UserId): Promise<SafetyNumberView | null>;
  /** What a scanned code or a pasted number of the other device says; `null` where it is neither. */
  compare(ours: SafetyNumberView, text: string): SafetyComparison | null;
}

export interface AppPort {
  readonly start: ReadonlySignal<StartState>;
  readonly view: ReadonlySignal<NodeView>;
  /** The same signal for the same contact. */
  conversation(contact: UserId): ReadonlySignal<ConversationView>;
  /** Resolves when the event is durable and `view` shows what came of it. Never rejects. */
  dispatch(event: PersonEvent): Promise<Dispatched>;
  readonly invite: InvitePort;
  readonly drafts: DraftPort;
  readonly tab: TabPort;
  readonly facts: ReadonlySignal<Facts>;
  /** Those that hold at the moment. */
  readonly problems: ReadonlySignal<readonly (StorageProblem | NetworkProblem)[]>;
  readonly voice: VoicePort;
  readonly privacy: PrivacyPort;
  /** Tells each outcome as it comes; resolves at the end, or soon after the signal. Never rejects. */
  testConnection(
    onOutcome: (check: ConnectionCheck, outcome: ConnectionOutcome) => void,
    signal: AbortSignal,
  ): Promise<void>;
  readonly safety: SafetyPort;
}
