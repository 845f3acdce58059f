/** Answers to the requests of `/rendezvous/1.0.0`, one at a time and for one connected peer. */
import type { PeerId } from "@libp2p/interface";
import { RENDEZVOUS } from "../../core/limits.ts";
import type { RendezvousMessage, RendezvousStatus } from "../../core/wire/rendezvous.ts";
import { sameBytes } from "../../core/wire/bytes.ts";
import { REGISTRATIONS } from "../limits.ts";
import type { Watchers } from "../presence/watchers.ts";
import type { Service } from "../service.ts";
import { openCookie, sealCookie } from "./cookie.ts";
import { judgeRecord } from "./record.ts";
import { grantTtlS, type Registry } from "./registry.ts";

type Of<T extends RendezvousMessage["t"]> = Extract<RendezvousMessage, { readonly t: T }>;

export interface Discovery extends Service {
  readonly registry: Registry;
  readonly watchers: Watchers;
  /** 32 random bytes of this run. */
  readonly cookieKey: Uint8Array;
  isConnected(peer: string): boolean;
}

/** A peer's side of the registry. It remembers the record it has verified, because each topic brings the same one. */
export class Registrant {
  readonly #discovery: Discovery;
  readonly #peer: PeerId;
  readonly #name: string;
  #verified: Uint8Array | null = null;

  constructor(discovery: Discovery, peer: PeerId) {
    this.#discovery = discovery;
    this.#peer = peer;
    this.#name = peer.toString();
  }

  /** `isForged` asks the caller to close the connection after the answer. */
  async register(
    { register }: Of<"register">,
  ): Promise<{ readonly answer: Of<"register-response">; readonly isForged: boolean }> {
    const { counters, clock, registry, watchers } = this.#discovery;
    const refused = (status: RendezvousStatus, isForged = false) => ({
      answer: { t: "register-response" as const, status, statusText: "", ttlS: 0 },
      isForged,
    });
    if (register.ns === "") {
      counters.count("rendezvous.bad-namespace");
      return refused("E_INVALID_NAMESPACE");
    }
    const ttlS = grantTtlS(register.ttlS);
    if (ttlS === null) {
      counters.count("rendezvous.bad-ttl");
      return refused("E_INVALID_TTL");
    }
    const record = await this.#verify(register.signedPeerRecord);
    if (record === null) return refused("E_INVALID_SIGNED_PEER_RECORD", true);
    const nowMs = clock.nowMs();
    const result = registry.register({ ns: register.ns, peer: this.#name, record, ttlS }, nowMs);
    if (result.t === "full") {
      counters.count("rendezvous.full");
      return refused("E_UNAVAILABLE");
    }
    counters.count("rendezvous.registered");
    // The connection may have closed while the signature was checked: nobody will tell us again.
    if (!this.#discovery.isConnected(this.#name)) registry.linger(this.#name, nowMs);
    if (result.isNews) watchers.present(result.entry, nowMs);
    return { answer: { t: "register-response", status: "OK", statusText: "", ttlS }, isForged: false };
  }

  async #verify(record: Uint8Array): Promise<Uint8Array | null> {
    if (this.#verified !== null && sameBytes(this.#verified, record)) return this.#verified;
    const verdict = await judgeRecord(record, this.#peer);
    if (verdict !== "valid") {
      this.#discovery.counters.count(`rendezvous.${verdict}-record`);
      return null;
    }
    this.#verified = record;
    return record;
  }

  unregister({ ns }: Of<"unregister">): void {
    const entry = this.#discovery.registry.unregister(ns, this.#name);
    if (entry !== null) this.#discovery.watchers.absent(entry);
  }

  discover({ ns, limit, cookie }: Of<"discover">): Of<"discover-response"> {
    const { counters, clock, registry, cookieKey } = this.#discovery;
    const refused = (status: RendezvousStatus): Of<"discover-response"> => (
      { t: "discover-response", status, statusText: "", registrations: [], cookie: new Uint8Array(0) }
    );
    if (ns === "") {
      counters.count("rendezvous.bad-namespace");
      return refused("E_INVALID_NAMESPACE");
    }
    const after = cookie.length === 0 ? 0 : openCookie(cookieKey, ns, cookie);
    if (after === null) {
      counters.count("rendezvous.bad-cookie");
      return refused("E_INVALID_COOKIE");
    }
    const nowMs = clock.nowMs();
    const count = limit === 0 ? RENDEZVOUS.maxRegistrations : Math.min(limit, RENDEZVOUS.maxRegistrations);
    const found = registry.discover(ns, after, count, nowMs);
    counters.count("rendezvous.discovered");
    return {
      t: "discover-response",
      status: "OK",
      statusText: "",
      registrations: found.map((entry) => ({
        ns,
        signedPeerRecord: entry.record,
        ttlS: Math.max(0, Math.ceil((entry.endsAtMs - nowMs) / 1_000)),
      })),
      cookie: sealCookie(cookieKey, ns, found.at(-1)?.serial ?? after),
    };
  }
}

/** The bucket and the largest message of one connection's requests. */
export const REQUEST_RATE = {
  perSecond: REGISTRATIONS.requestsPerSecond,
  burst: REGISTRATIONS.requestBurst,
} as const;
