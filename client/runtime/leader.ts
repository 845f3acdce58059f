/**
 * One tab at a time leads: it alone opens the store and the transport, because two that step the same ratchet would
 * reuse its keys. The lock goes to the next tab when the leading one closes or crashes; a tab can also ask for it.
 */

export type TabState = "elsewhere" | "taking-over" | "leading";

export interface LeaderPorts {
  /** `navigator.locks`. */
  readonly locks: Pick<LockManager, "request">;
  /** Reaches the other tabs, and never the sender. */
  readonly channel: Pick<BroadcastChannel, "postMessage" | "addEventListener">;
}

export interface Leadership {
  /** Asks the leading tab to finish and step back. */
  takeOver(): void;
}

const STEP_BACK = "step-back";

/**
 * `begin` starts everything and gives what ends it again, durably; it runs each time this tab comes to lead. Should it
 * reject, the tab keeps the lead, so that its error can be shown and no other tab runs into the same.
 */
export function lead(
  ports: LeaderPorts,
  name: string,
  begin: () => Promise<() => Promise<void>>,
  onState: (state: TabState) => void,
): Leadership {
  let stepBack = () => {};
  ports.channel.addEventListener("message", (event) => {
    if ((event as MessageEvent).data === STEP_BACK) stepBack();
  });

  const hold = async () => {
    const asked = new Promise<void>((resolve) => stepBack = resolve);
    onState("leading");
    let end = () => Promise.resolve();
    try {
      end = await begin();
    } catch (error) {
      reportError(error);
    }
    await asked;
    onState("elsewhere");
    await end();
  };

  const run = async () => {
    const free = await ports.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return false;
      await hold();
      return true;
    });
    if (!free) onState("elsewhere");
    while (true) await ports.locks.request(name, hold);
  };
  run();

  return {
    takeOver() {
      onState("taking-over");
      ports.channel.postMessage(STEP_BACK);
    },
  };
}

export function browserLeaderPorts(name: string): LeaderPorts {
  return { locks: navigator.locks, channel: new BroadcastChannel(name) };
}
