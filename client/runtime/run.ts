/** One run of a leading tab: store, node, network. What begins here ends here, in the opposite order. */
import { isMailEffect, type MailPost } from "../net/mail.ts";
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
  createMail(dispatch: (event: NodeEvent) => Promise<Dispatched>): MailPost;
  readonly views: Views;
  readonly runVoice: (effect: VoiceEffect) => void;
  readonly onStorage: (problem: StorageProblem | null) => void;
}

export interface Run {
  dispatch(event: NodeEvent): Promise<Dispatched>;
  readonly drafts: Drafts;
  readonly transport: Transport;
  readonly mail: MailPost;
  end(): Promise<void>;
}

export async function startRun(init: RunInit): Promise<Run> {
  const store = await init.openStore();
  try {
    const drafts = await loadDrafts(store);
    let transport: Transport | null = null;
    const mail = init.createMail((event) => session.dispatch(event));
    const run = (effect: OutwardEffect) => {
      if ("call" in effect) init.runVoice(effect);
      else if (isMailEffect(effect)) mail.run(effect);
      else transport?.run(effect);
    };
    const session = await startSession({ store, run, onStorage: init.onStorage, onBug: reportError }, init.views);
    try {
      transport = await init.createTransport((event) => {
        if (event.type === "RendezvousChanged" && event.state === "online") mail.serverReached();
        return session.dispatch(event);
      });
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
      mail,
      async end() {
        await session.stop();
        mail.stop();
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
