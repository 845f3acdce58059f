/** Mail for those who are away: the store, and the two protocols on a libp2p node. */
import type { Libp2p } from "@libp2p/interface";
import type { SpaceProtocol } from "../core/wire/spaceEntry.ts";
import { SPACES } from "./limits.ts";
import type { Origins } from "./origins.ts";
import type { Service } from "./service.ts";
import { type Spaces, startSpaces } from "./spaces/start.ts";
import type { SpaceStore } from "./store/port.ts";

export interface MailOptions {
  /** Where it is kept; made if it is missing. */
  readonly folder: string;
  /** Asked of whoever makes a space; null where anybody may. */
  readonly joinCode: string | null;
  /** What keeps it: SQLite, unless a test wants something else. */
  readonly openStore?: OpenStore;
}

export type OpenStore = (folder: string, nowMs: number) => Promise<SpaceStore>;

export interface MailServer {
  readonly store: SpaceStore;
  readonly sizes: Spaces["sizes"];
  /** Tells clients to come back, and finishes what is under way. */
  drain(): Promise<void>;
  /** To be called when nothing can come any more. */
  close(): Promise<void>;
}

/** Before the node is started. */
export async function hostMail(
  service: Service,
  node: { readonly libp2p: Libp2p; readonly origins: Origins },
  store: SpaceStore,
  joinCode: string | null,
): Promise<MailServer> {
  const spaces = startSpaces({
    clock: service.clock,
    counters: service.counters,
    store,
    joinCode,
    origins: node.origins,
    serverPeer: node.libp2p.peerId.toString(),
  });
  for (
    const [protocol, handler] of Object.entries(spaces.handlers) as [SpaceProtocol, Spaces["handlers"][SpaceProtocol]][]
  ) {
    await node.libp2p.handle(protocol, handler, { maxInboundStreams: SPACES.maxStreamsPerConnection });
  }
  return { store, sizes: spaces.sizes, drain: spaces.drain, close: () => store.close() };
}
