/** One run of a leading tab: store, node, network. What begins here ends here, in the opposite order. */
import { isMailEffect } from "../net/mail.ts";
import type { Transport } from "../net/transport.ts";
import type { DeviceStore } from "../storage/open.ts";
import type { StorageProblem } from "../storage/problem.ts";
import type { Dispatched } from "./driver.ts";
import { type Drafts, loadDrafts } from "./drafts.ts";
import type { NodeEvent } from "../../core/node/index.ts";
import { type OutwardEffect, startSession, type Views } from "./session.ts";
import type { VoiceEffect } from "./voice.ts";

export interface RunInit {
  openStore(): Promise<DeviceStore>;
  createTransport(dispatch: (event: NodeEvent) => Promise<Dispatched>): Promise<Transport>;
  readonly views: Views;
  readonly runVoice: (effect: VoiceEffect) => void;
  readonly onStorage: (problem: StorageProblem | null) => void;
}

export interface Run {
  dispatch(event: NodeEvent): Promise<Dispatched>;
  readonly drafts: Drafts;
  readonly transport: Transport;
  end(): Promise<void>;
}

export async function startRun(init: RunInit): Promise<Run> {
  const store = await init.openStore();
  try {
    const drafts = await loadDrafts(store);
    let transport: Transport | null = null;
    const run = (effect: OutwardEffect) => {
      if ("call" in effect) init.runVoice(effect);
      // A node has mail only where its server offered to keep some.
      else if (!isMailEffect(effect)) transport?.run(effect);
    };
    const session = await startSession({ store, run, onStorage: init.onStorage, onBug: reportError }, init.views);
    try {
      transport = await init.createTransport((event) => session.dispatch(event));
    } catch (error) {
      await session.stop();
      throw error;
    }
    // Everything on the device can be read while the network is still on its way.
    void transport.start().catch(reportError);
    return {
      dispatch: (event) => session.dispatch(event),
      drafts,
      transport,
      async end() {
        await session.stop();
        await drafts.settled();
        await transport?.stop();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}
