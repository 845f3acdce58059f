/**
 * When servers want us back. A rendezvous that has no room, or goes down, says so in how it closes its WebSocket, which
 * libp2p does not pass on: so a subclass that listens for it is put in the place of the browser's own. Import this file
 * before anything is dialed.
 */
import { retryAfterS } from "../../core/wire/socketClose.ts";
import { NET } from "../limits.ts";

/** When each server, by host and port, may be tried again, on the clock of `performance.now`. */
const untilMs = new Map<string, number>();

/** Milliseconds for which the server at this address asked us to stay away. */
export function restMs(address: string): number {
  return Math.max(0, (untilMs.get(new URL(address).host) ?? 0) - performance.now());
}

function rest(address: string, seconds: number): void {
  const { host } = new URL(address);
  untilMs.delete(host);
  untilMs.set(host, performance.now() + seconds * 1_000);
  for (const oldest of untilMs.keys()) {
    if (untilMs.size <= NET.maxResting) break;
    untilMs.delete(oldest);
  }
}

export function installWebSocket(scope: { WebSocket?: typeof WebSocket }): void {
  const Original = scope.WebSocket;
  if (Original === undefined) return;
  scope.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("close", ({ code, reason }) => {
        const seconds = retryAfterS(code, reason);
        if (seconds !== null) rest(this.url, seconds);
      });
    }
  };
}

installWebSocket(globalThis);
