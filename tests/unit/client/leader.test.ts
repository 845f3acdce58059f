import assert from "node:assert/strict";
import { lead, type LeaderPorts } from "../../../client/runtime/leader.ts";

type Grant = (lock: Lock | null) => unknown;

/** Web Locks and a broadcast channel for tabs of one browser. */
class FakeBrowser {
  #held = false;
  #waiting: (() => void)[] = [];
  #tabs: EventTarget[] = [];

  tab(): LeaderPorts & { crash(): void } {
    const target = new EventTarget();
    this.#tabs.push(target);
    let alive = true;
    const request = async (_name: string, ...rest: unknown[]) => {
      const grant = rest.at(-1) as Grant;
      if (this.#held && rest.length > 1) return await grant(null);
      while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (!alive) return await new Promise(() => {});
      this.#held = true;
      const result = await grant({ name: "lead", mode: "exclusive" });
      this.#release();
      return result;
    };
    return {
      locks: { request: request as LockManager["request"] },
      channel: {
        addEventListener: target.addEventListener.bind(target),
        postMessage: (data: unknown) => {
          for (const tab of this.#tabs) if (tab !== target) tab.dispatchEvent(new MessageEvent("message", { data }));
        },
      },
      crash: () => {
        alive = false;
        this.#release();
      },
    };
  }

  #release() {
    this.#held = false;
    this.#waiting.splice(0).forEach((wake) => wake());
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

function open(ports: LeaderPorts, log: string[], name: string) {
  const begin = () => {
    log.push(`${name} begins`);
    return Promise.resolve(async () => {
      await settled();
      log.push(`${name} ends`);
    });
  };
  return lead(ports, "lead", begin, (state) => log.push(`${name} ${state}`));
}

Deno.test("[REST5] the first tab leads, the second says so and leads when the first is gone", async () => {
  const browser = new FakeBrowser();
  const log: string[] = [];
  const first = browser.tab();
  open(first, log, "one");
  await settled();
  open(browser.tab(), log, "two");
  await settled();
  assert.deepEqual(log, ["one leading", "one begins", "two elsewhere"]);
  first.crash();
  await settled();
  assert.deepEqual(log.slice(3), ["two leading", "two begins"]);
});

Deno.test("[REST5] a tab that is asked to step back ends its work before the other begins", async () => {
  const browser = new FakeBrowser();
  const log: string[] = [];
  open(browser.tab(), log, "one");
  await settled();
  const two = open(browser.tab(), log, "two");
  await settled();
  two.takeOver();
  await settled();
  await settled();
  assert.deepEqual(log.slice(3), ["two taking-over", "one elsewhere", "one ends", "two leading", "two begins"]);
});
