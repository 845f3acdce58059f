/** A leading tab's run: the node from its store, driven, on the network and with a voice. */
import { batch, type Signal, signal } from "@preact/signals";
import type { UserId } from "../../core/ids.ts";
import {
  conversationOf,
  type ConversationView,
  deadline,
  EMPTY_STATE,
  loadNode,
  type NodeEffect,
  type NodeEvent,
  type NodeState,
  step,
  viewOf,
} from "../../core/node/index.ts";
import type { DeviceStore } from "../storage/open.ts";
import type { StorageProblem } from "../storage/problem.ts";
import { type Dispatched, Driver } from "./driver.ts";
import { after, browserEnv } from "./platform.ts";

type Persist = Extract<NodeEffect, { readonly type: "Persist" | "LoadEarlier" }>;
export type OutwardEffect = Exclude<NodeEffect, Persist>;

export interface SessionInit {
  readonly store: DeviceStore;
  /** Everything that is not the store's. Must not throw. */
  readonly run: (effect: OutwardEffect) => void;
  readonly onStorage: (problem: StorageProblem | null) => void;
  readonly onBug: (error: unknown) => void;
}

export interface Session {
  dispatch(event: NodeEvent): Promise<Dispatched>;
  /** Resolves when what was dispatched before is durable and sent. */
  stop(): Promise<void>;
}

/** What the screen reads, for as long as the page lives and whichever session feeds it. */
export class Views {
  readonly node: Signal<ReturnType<typeof viewOf>> = signal(viewOf(EMPTY_STATE, 0));
  #state: NodeState = EMPTY_STATE;
  #conversations = new Map<UserId, Signal<ConversationView>>();

  get state(): NodeState {
    return this.#state;
  }

  show(state: NodeState): void {
    const before = this.#state;
    this.#state = state;
    batch(() => {
      this.node.value = viewOf(state, Date.now());
      for (const [contact, shown] of this.#conversations) {
        const same = before.network === state.network && before.contacts.get(contact) === state.contacts.get(contact);
        if (!same) shown.value = this.#read(contact);
      }
    });
  }

  conversation(contact: UserId): Signal<ConversationView> {
    const known = this.#conversations.get(contact);
    if (known !== undefined) return known;
    const made = signal(this.#read(contact));
    this.#conversations.set(contact, made);
    return made;
  }

  #read(contact: UserId): ConversationView {
    return conversationOf(this.#state, contact) ?? { contact, messages: [], hasEarlier: false, unopened: 0 };
  }
}

export class UnreadableStore extends Error {}

export async function startSession(init: SessionInit, views: Views): Promise<Session> {
  const loaded = await loadNode(init.store);
  if (!loaded.ok) throw new UnreadableStore(`a record cannot be read: ${loaded.reason}`);
  const loadEarlier = async (effect: Extract<NodeEffect, { type: "LoadEarlier" }>) => {
    const { contact, prefix, beforeKey, limit } = effect;
    try {
      const records = await init.store.read(prefix, { before: beforeKey, limit });
      await driver.dispatch({ type: "EarlierLoaded", contact, records: records.map(({ value }) => value) });
    } catch (error) {
      init.onBug(error);
    }
  };
  const driver: Driver<NodeState, NodeEvent, NodeEffect> = new Driver(
    { step, deadline, tick: { type: "Tick" } },
    {
      store: init.store,
      env: browserEnv,
      after,
      run: (effect) => effect.type === "LoadEarlier" ? void loadEarlier(effect) : init.run(effect),
      onState: (state) => views.show(state),
      onStorage: init.onStorage,
      onBug: init.onBug,
    },
    loaded.value,
  );
  views.show(loaded.value);
  return { dispatch: (event) => driver.dispatch(event), stop: () => driver.stop() };
}
