/** The program behind the screen: runs begin and end as this tab comes to lead and stops leading. */
import { signal } from "@preact/signals";
import type { NodeEvent } from "../../core/node/index.ts";
import type { MailInit, MailPost } from "../net/mail.ts";
import type { Transport, TransportInit } from "../net/transport.ts";
import type { DeviceStore } from "../storage/open.ts";
import type { Persistence } from "../storage/persistence.ts";
import { StorageError } from "../storage/problem.ts";
import type { AppPort, Dispatched, NetworkProblem, StartState, StorageProblem } from "../ui/port.ts";
import { createInvites } from "./invites.ts";
import { lead, type LeaderPorts, type TabState } from "./leader.ts";
import { type Run, startRun } from "./run.ts";
import { createSafety } from "./safety.ts";
import { UnreadableStore, Views } from "./session.ts";
import { createVoice, type VoiceInit } from "./voice.ts";

/** What the composition root chooses. */
export interface Adapters {
  readonly window: Window;
  readonly leader: LeaderPorts;
  readonly lockName: string;
  readonly facts: AppPort["facts"];
  readonly privacy: AppPort["privacy"];
  openStore(): Promise<DeviceStore>;
  requestPersistence(): Promise<Persistence>;
  createTransport(init: Pick<TransportInit, "onEvent" | "onProblem">): Promise<Transport>;
  createMail(onEvent: MailInit["onEvent"]): MailPost;
  loadEngine(
    on: Parameters<VoiceInit["loadEngine"]>[0],
    iceServers: () => Promise<RTCIceServer[]>,
  ): ReturnType<VoiceInit["loadEngine"]>;
  /** Loaded when it is asked for. */
  loadConnectionTest(): Promise<(init: ConnectionTestInit) => Promise<void>>;
  watchConnectivity(
    handlers: { readonly onReturn: () => void; readonly onLost: () => void; readonly onLeave: () => void },
  ): void;
}

interface ConnectionTestInit {
  readonly isOnline: () => boolean;
  readonly onOutcome: Parameters<AppPort["testConnection"]>[0];
  readonly signal: AbortSignal;
}

type HeldProblem = StorageProblem | NetworkProblem;

export function createApp(adapters: Adapters): AppPort {
  const start = signal<StartState>({ state: "starting" });
  const tab = signal<TabState>("elsewhere");
  const problems = signal<readonly HeldProblem[]>([]);
  const views = new Views();
  let run: Run | null = null;

  const hold = (problem: HeldProblem, holds: boolean) => {
    const others = problems.value.filter((held) => held !== problem);
    problems.value = holds ? [...others, problem] : others;
  };
  const onStorage = (problem: StorageProblem | null) => {
    const others = problems.value.filter((held) => !held.startsWith("storage.") || held === "storage.not-persisted");
    problems.value = problem === null ? others : [...others, problem];
  };
  const dispatch = (event: NodeEvent): Promise<Dispatched> =>
    run?.dispatch(event) ?? Promise.resolve({ ok: false, problem: "tab.not-leading" });
  const voice = createVoice({
    loadEngine: (on) => adapters.loadEngine(on, () => run?.transport.iceServers() ?? Promise.resolve([])),
    onEvent: (event) => void dispatch(event),
  });

  const begin = async () => {
    start.value = { state: "starting" };
    problems.value = [];
    try {
      run = await startRun({
        openStore: adapters.openStore,
        createTransport: (onEvent) => adapters.createTransport({ onEvent, onProblem: hold }),
        createMail: adapters.createMail,
        views,
        runVoice: voice.run,
        onStorage,
      });
    } catch (error) {
      start.value = { state: "failed", problem: problemAtStart(error) };
      throw error;
    }
    start.value = { state: "ready" };
    if (views.node.value.me !== null) void keep();
    return async () => {
      const ending = run;
      run = null;
      await ending?.end();
    };
  };
  /** Asked once there is something to lose: a browser grants it more readily, or asks the person at a sensible time. */
  const keep = async () => hold("storage.not-persisted", await adapters.requestPersistence() === "evictable");

  adapters.watchConnectivity({
    onReturn() {
      run?.transport.retryNow();
      run?.mail.retryNow();
    },
    onLost: () => hold("network.server-unreachable", true),
    onLeave: () => run?.transport.leave(),
  });
  const leadership = lead(adapters.leader, adapters.lockName, begin, (state) => tab.value = state);

  return {
    start,
    view: views.node,
    conversation: (contact) => views.conversation(contact),
    async dispatch(event) {
      if (event.type === "StartCall" || event.type === "AnswerCall") voice.prepare();
      const dispatched = await dispatch(event);
      if (dispatched.ok && event.type === "CreateIdentity") void keep();
      if (dispatched.ok && event.type === "RemoveContact") run?.drafts.forget(event.contact);
      return dispatched;
    },
    invite: createInvites(adapters.window, () => views.node.value.me?.id ?? null),
    drafts: {
      read: (contact) => run?.drafts.read(contact) ?? "",
      write: (contact, text) => run?.drafts.write(contact, text),
    },
    tab: { state: tab, takeOver: () => leadership.takeOver() },
    facts: adapters.facts,
    problems,
    voice: voice.port,
    privacy: adapters.privacy,
    async testConnection(onOutcome, signal) {
      try {
        const test = await adapters.loadConnectionTest();
        await test({ isOnline: () => views.node.value.rendezvous === "online", onOutcome, signal });
      } catch {
        // The server that has the code does not answer.
        onOutcome("server", "no-answer");
      }
    },
    safety: createSafety(() => views.state),
  };
}

function problemAtStart(error: unknown): StorageProblem | "program.failed" {
  if (error instanceof StorageError) return error.problem;
  return error instanceof UnreadableStore ? "storage.unreadable" : "program.failed";
}
