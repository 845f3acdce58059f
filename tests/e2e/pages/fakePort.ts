/// <reference lib="dom" />
/** An `AppPort` without a program behind it. Drafts go to sessionStorage, so that they outlive a reload as they should. */
import { type Signal, signal } from "@preact/signals";
import { safetyDigits, safetyNumber } from "../../../core/identity/safetyNumber.ts";
import type { UserId } from "../../../core/ids.ts";
import { compareSafetyNumber } from "../../../core/node/verification.ts";
import type { CallView, ConversationView, NodeView, SafetyNumberView } from "../../../core/node/view.ts";
import { safetyCodeText } from "../../../core/wire/safetyNumber.ts";
import type {
  AppPort,
  AudioDevices,
  Dispatched,
  Facts,
  NetworkProblem,
  PersonEvent,
  Problem,
  ReadInvite,
  StartState,
  StorageProblem,
  VoiceProblem,
  VoiceQuality,
  VoiceSupport,
} from "../../../client/ui/port.ts";

export interface Scene {
  readonly view: NodeView;
  readonly conversations?: readonly ConversationView[];
  readonly token?: string;
  readonly invite?: ReadInvite;
  readonly facts?: Partial<Facts>;
  readonly start?: StartState;
  readonly tab?: "elsewhere" | "taking-over";
  readonly problems?: readonly (StorageProblem | NetworkProblem)[];
  readonly support?: VoiceSupport;
  readonly voiceProblem?: VoiceProblem;
  readonly quality?: VoiceQuality;
  readonly speaking?: { readonly me: boolean; readonly them: boolean };
  readonly level?: number;
}

const FACTS: Facts = {
  secureContext: true,
  friendsHaveMicrophone: true,
  hasTurn: true,
  build: { state: "matching", hash: "6c1f0f4c2be3a9d07f5d9d0c1b8a7e43f2b6a95d8e3c7f1042b9d6e8a5c3f7b1" },
  version: "0.1.0",
  serverAddress: "http://localhost:8080",
};

const DEVICES: AudioDevices = {
  inputs: [{ id: "built-in", label: "Built-in microphone" }, { id: "usb", label: "" }],
  outputs: [{ id: "headset", label: "Headset" }],
  inputId: null,
  outputId: null,
};

export type Fake = ReturnType<typeof createFake>;

export function createFake(scenes: Readonly<Record<string, Scene>>) {
  const state = createState();
  const events: PersonEvent[] = [];
  /** What the next dispatches run into, and whether they wait until `release` is called. */
  const control = { problem: null as Problem | null, hold: false, release: () => {} };
  const dispatch = async (event: PersonEvent): Promise<Dispatched> => {
    events.push(event);
    if (control.hold) await new Promise<void>((resolve) => control.release = resolve);
    if (control.problem) return { ok: false, problem: control.problem };
    carryOut(state, event);
    return { ok: true };
  };
  return {
    port: createPort(state, dispatch),
    state,
    events,
    control,
    show: (name: string) => showScene(state, scenes[name]!),
    sceneCall: (name: string) => scenes[name]!.view.call,
    setCall: (call: CallView | null) => state.view.value = { ...state.view.value, call },
  };
}

function createState() {
  return {
    view: signal<NodeView>({ me: null, rendezvous: "online", mailbox: "ready", contacts: [], invites: [], call: null }),
    conversations: new Map<string, Signal<ConversationView>>(),
    token: signal<string | null>(null),
    invite: { state: "broken" } as ReadInvite,
    tab: signal<"leading" | "elsewhere" | "taking-over">("leading"),
    start: signal<StartState>({ state: "ready" }),
    facts: signal(FACTS),
    problems: signal<readonly (StorageProblem | NetworkProblem)[]>([]),
    support: signal<VoiceSupport>({ state: "ready" }),
    level: signal(0),
    speaking: signal({ me: false, them: false }),
    muted: signal(false),
    deafened: signal(false),
    devices: signal(DEVICES),
    quality: signal<VoiceQuality | null>(null),
    voiceProblem: signal<VoiceProblem | null>(null),
    testing: signal(false),
    relayOnly: signal(false),
  };
}

type State = ReturnType<typeof createState>;

function conversationOf({ conversations }: State, contact: UserId): Signal<ConversationView> {
  const known = conversations.get(contact) ??
    signal<ConversationView>({ contact, messages: [], hasEarlier: false, unopened: 0 });
  conversations.set(contact, known);
  return known;
}

function showScene(state: State, scene: Scene): void {
  state.view.value = scene.view;
  for (const conversation of scene.conversations ?? []) {
    conversationOf(state, conversation.contact).value = conversation;
  }
  state.token.value = scene.token ?? null;
  state.invite = scene.invite ?? { state: "broken" };
  state.tab.value = scene.tab ?? "leading";
  state.start.value = scene.start ?? { state: "ready" };
  state.facts.value = { ...FACTS, ...scene.facts };
  state.problems.value = scene.problems ?? [];
  state.support.value = scene.support ?? { state: "ready" };
  state.voiceProblem.value = scene.voiceProblem ?? null;
  state.quality.value = scene.quality ?? null;
  state.speaking.value = scene.speaking ?? { me: false, them: false };
  state.level.value = scene.level ?? 0;
}

function createPort(state: State, dispatch: AppPort["dispatch"]): AppPort {
  return {
    start: state.start,
    view: state.view,
    conversation: (contact) => conversationOf(state, contact),
    dispatch,
    invite: {
      token: state.token,
      forget: () => state.token.value = null,
      read: () => state.invite,
      link: (token) => `${location.origin}/#${token}`,
    },
    drafts: {
      read: (contact) => sessionStorage.getItem(contact) ?? "",
      write: (contact, text) => sessionStorage.setItem(contact, text),
    },
    tab: { state: state.tab, takeOver: () => state.tab.value = "taking-over" },
    facts: state.facts,
    problems: state.problems,
    voice: {
      ...state,
      problem: state.voiceProblem,
      setMuted: (muted) => state.muted.value = muted,
      setDeafened: (deafened) => state.deafened.value = deafened,
      chooseInput: (inputId) => state.devices.value = { ...state.devices.value, inputId },
      chooseOutput: (outputId) => state.devices.value = { ...state.devices.value, outputId },
      startMicrophoneTest() {
        state.testing.value = true;
        state.level.value = 0.6;
      },
      stopMicrophoneTest: () => state.testing.value = false,
    },
    safety: {
      numberOf(contact) {
        const { me } = state.view.value;
        return Promise.resolve(me === null ? null : safetyOf(me.id, contact));
      },
      compare: compareSafetyNumber,
    },
    async testConnection(onOutcome, signal) {
      for (const check of ["server", "stun", "turn-udp", "turn-tcp", "microphone"] as const) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (signal.aborted) return;
        onOutcome(check, check === "turn-tcp" ? "no-answer" : "good");
      }
    },
    privacy: { relayOnly: state.relayOnly, setRelayOnly: (on) => state.relayOnly.value = on },
  };
}

export function safetyOf(local: UserId, remote: UserId): SafetyNumberView {
  const slices = safetyNumber(local, remote);
  for (let next = slices.next();; next = slices.next()) {
    if (next.done === true) return { digits: safetyDigits(next.value), code: safetyCodeText(next.value) };
  }
}

/** As much of a node as the screen's own flows need. */
function carryOut(state: State, event: PersonEvent): void {
  const view = state.view.value;
  const call = view.call;
  switch (event.type) {
    case "CreateIdentity":
      state.view.value = { ...view, me: { id: "a1".repeat(32) as UserId, name: event.name } };
      break;
    case "CreateInvite":
      state.view.value = { ...view, invites: [...view.invites, freshInvite()] };
      break;
    case "RevokeInvite":
      state.view.value = { ...view, invites: view.invites.filter(({ id }) => id !== event.invite) };
      break;
    case "MarkRead":
      state.view.value = {
        ...view,
        contacts: view.contacts.map((contact) =>
          contact.id === event.contact ? { ...contact, unreadCount: 0 } : contact
        ),
      };
      break;
    case "MarkVerified": {
      const verified = event.verified ? { atMs: Date.now() } : null;
      const contacts = view.contacts.map((contact) =>
        contact.id === event.contact ? { ...contact, verified } : contact
      );
      state.view.value = { ...view, contacts };
      break;
    }
    case "RemoveContact":
      state.view.value = { ...view, contacts: view.contacts.filter(({ id }) => id !== event.contact) };
      break;
    case "SetJoinCode":
      state.view.value = { ...view, mailbox: event.code === "olive" ? "ready" : "needs-code" };
      break;
    case "AnswerCall":
      if (call) state.view.value = { ...view, call: { ...call, state: "active", startedAtMs: Date.now() } };
      break;
    case "DeclineCall":
    case "LeaveCall":
    case "DismissCall":
      state.view.value = { ...view, call: null };
      break;
    default:
  }
}

let made = 0;

function freshInvite(): NodeView["invites"][number] {
  made++;
  const token = btoa("an invite token is about as long as this text, with keys, a secret and a name in it ".repeat(2));
  return {
    id: made.toString(16).padStart(32, "0") as NodeView["invites"][number]["id"],
    token: `${token.replaceAll("=", "")}${made}`,
    expiresAtMs: Date.now() + 7 * 86_400_000,
    state: "open",
  };
}
