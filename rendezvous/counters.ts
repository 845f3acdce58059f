/** What the server refused, closed and served, by name: numbers only, so nothing in them can identify anybody. */

export const COUNTERS = [
  "http.request",
  "http.bad-request",
  "http.not-found",
  "http.too-large",
  "http.rate-limited",
  "ws.accepted",
  "ws.wrong-path",
  "ws.server-full",
  "ws.prefix-full",
  "ws.flood",
  "ws.text-frame",
  "ws.too-large",
  "ws.malformed",
  "ws.slow-reader",
  "ws.vanished",
  "ws.upgrade-failed",
  "libp2p.connection",
  "libp2p.violation",
  "relay.malformed",
  "relay.data-limit",
  "relay.duration-limit",
  "rendezvous.registered",
  "rendezvous.discovered",
  "rendezvous.malformed",
  "rendezvous.too-large",
  "rendezvous.unexpected-message",
  "rendezvous.flood",
  "rendezvous.bad-namespace",
  "rendezvous.bad-ttl",
  "rendezvous.bad-cookie",
  "rendezvous.forged-record",
  "rendezvous.foreign-record",
  "rendezvous.full",
  "presence.watching",
  "presence.malformed",
  "presence.too-large",
  "presence.flood",
  "presence.full",
  "presence.slow-reader",
  "spaces.entered",
  "spaces.bad-entry",
  "spaces.entry-flood",
  "spaces.slow-entry",
  "spaces.slow-frame",
  "spaces.slow-reader",
  "spaces.idle",
  "spaces.malformed",
  "spaces.too-large",
  "spaces.out-of-order",
  "spaces.overloaded",
  "spaces.failed",
  "spaces.made",
  "spaces.wrong-code",
  "spaces.swept",
  "refused.unknown-space",
  "refused.unknown-depositor",
  "refused.quota",
  "refused.full",
  "refused.busy",
  "refused.too-many",
  "refused.join-code",
  "refused.no-bundle",
  "refused.malformed",
  "mailbox.deposited",
  "mailbox.fetched",
  "mailbox.pushed",
  "mailbox.behind",
  "mailbox.acknowledged",
  "mailbox.displaced",
  "prekeys.uploaded",
  "prekeys.taken",
  "turn.credentials",
  "turn.restarted",
] as const;

export type CounterName = (typeof COUNTERS)[number];

export class Counters {
  readonly #counts = new Map<CounterName, number>();

  count(name: CounterName, by = 1): void {
    this.#counts.set(name, this.get(name) + by);
  }

  get(name: CounterName): number {
    return this.#counts.get(name) ?? 0;
  }
}
