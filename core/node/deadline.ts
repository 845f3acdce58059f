/** When a node next wants a `Tick`. */
import { callDeadlineMs } from "../voice/call.ts";
import { resendDeadlineMs } from "./delivery.ts";
import { linkDeadlineMs } from "./links.ts";
import { mailboxDeadlineMs } from "./mailbox.ts";
import { mailDueMs } from "./mailPlan.ts";
import type { NodeState } from "./state.ts";

/** Milliseconds since the epoch, possibly past; `null` where nothing will ever be due by itself. */
export function deadline(state: NodeState): number | null {
  const { network, contacts, call } = state;
  if (state.self === null) return null;
  let atMs = Math.min(network.directory.validUntilMs || Infinity, callDeadlineMs(call) ?? Infinity);
  for (const link of network.links.values()) atMs = Math.min(atMs, linkDeadlineMs(state, link));
  for (const contact of contacts.values()) {
    atMs = Math.min(atMs, resendDeadlineMs(contact), mailDueMs(state, contact));
  }
  atMs = Math.min(atMs, mailboxDeadlineMs(state));
  for (const upgrade of network.upgrades.values()) if (upgrade.t === "due") atMs = Math.min(atMs, upgrade.atMs);
  if (network.rendezvous === "online") {
    for (const peer of network.peers.values()) if (peer.t === "found") atMs = Math.min(atMs, peer.dialAtMs);
  }
  return atMs === Infinity ? null : atMs;
}
