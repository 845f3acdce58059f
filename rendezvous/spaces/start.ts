/** Puts the parts of mail together: a store, the two protocols, and what ends them. SPEC section 9a. */
import { setImmediate } from "node:timers";
import type { Entered } from "../../core/crypto/spaceEntry.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL, type SpaceProtocol } from "../../core/wire/spaceEntry.ts";
import { every } from "../clock.ts";
import { SPACES } from "../limits.ts";
import { Depositor } from "../mailbox/depositor.ts";
import { Hub } from "../mailbox/hub.ts";
import { type MailboxService, Owner } from "../mailbox/owner.ts";
import type { Origins } from "../origins.ts";
import { spaceBundleBuckets, Taker, type TakingService } from "../prekeys/taker.ts";
import { Uploader } from "../prekeys/uploader.ts";
import type { Service, StreamHandler } from "../service.ts";
import type { SpaceStore } from "../store/port.ts";
import { type Found, spaceHandler } from "./handler.ts";
import { Making } from "./making.ts";
import { OpenStreams } from "./openStreams.ts";
import { Rates } from "./rates.ts";
import type { SpaceStream } from "./spaceStream.ts";

export interface SpacesInit extends Service {
  readonly store: SpaceStore;
  /** Asked of whoever makes a space; null where anybody may. */
  readonly joinCode: string | null;
  readonly origins: Origins;
  /** The PeerId of this server. */
  readonly serverPeer: string;
}

export interface Spaces {
  readonly handlers: { readonly [protocol in SpaceProtocol]: StreamHandler };
  /** Streams that are open, and the bytes of requests and answers that are under way on them. */
  sizes(): { readonly streams: number; readonly heldBytes: number };
  /** Tells clients to come back, and finishes what is under way. The store is not closed. */
  drain(): Promise<void>;
}

export function startSpaces(init: SpacesInit): Spaces {
  const { clock, counters, store, serverPeer, origins, joinCode } = init;
  const streams = new OpenStreams({ clock, counters });
  const service: MailboxService & TakingService = {
    clock,
    counters,
    store,
    serverPeer,
    streams,
    rates: new Rates(origins),
    hub: new Hub(clock, (action) => setImmediate(action)),
    making: new Making({ clock, counters }, joinCode),
    spaceBundles: spaceBundleBuckets(),
    prefixOf: ({ connection }) => origins.of(connection),
  };
  const mailbox = (entered: Entered, stream: SpaceStream, found: Found) =>
    entered.role === "owner"
      ? new Owner(service, entered.space, stream, found)
      : new Depositor(service, entered.space, entered.depositor, stream);
  const prekeys = (entered: Entered, stream: SpaceStream) =>
    entered.role === "owner"
      ? new Uploader(service, entered.space, stream)
      : new Taker(service, entered.space, entered.depositor, stream);
  const sweep = () => {
    store.expire(clock.nowMs()).then(
      (expired) => counters.count(expired.t === "done" ? "spaces.swept" : "spaces.failed"),
      () => counters.count("spaces.failed"),
    );
  };
  sweep();
  const stopSweeping = every(clock, SPACES.sweepIntervalMs, sweep);
  return {
    handlers: {
      [MAILBOX_PROTOCOL]: spaceHandler(service, MAILBOX_PROTOCOL, mailbox),
      [PREKEYS_PROTOCOL]: spaceHandler(service, PREKEYS_PROTOCOL, prekeys),
    },
    sizes: () => ({ streams: streams.size, heldBytes: streams.heldBytes }),
    async drain() {
      stopSweeping();
      await streams.drain();
    },
  };
}
