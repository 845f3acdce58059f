/** Mail for those who are away: the store, and the two protocols on a libp2p node. */
import type { Libp2p } from "@libp2p/interface";
import type { SpaceProtocol } from "../core/wire/spaceEntry.ts";
import type { Clock } from "./clock.ts";
import { SPACES } from "./limits.ts";
import type { Origins } from "./origins.ts";
import type { Service } from "./service.ts";
import { type Spaces, startSpaces } from "./spaces/start.ts";
import { openSpaceStore, type StoreTrouble } from "./store/open.ts";
import type { SpaceStore } from "./store/port.ts";

export interface MailOptions {
  /** Where it is kept; made if it is missing. */
  readonly folder: string;
  /** Asked of whoever makes a space; null where anybody may. */
  readonly joinCode: string | null;
  /** What an operator should hear of the disk, each time it begins. */
  readonly trouble?: (trouble: StoreTrouble) => void;
  /** What keeps it: SQLite, unless a test wants something else. */
  readonly openStore?: typeof openSpaceStore;
}

/** Mail cannot be kept, for a reason that the message tells the operator in a sentence. */
export class StoreUnusable extends Error {}

export async function openStore({ folder, trouble, openStore }: MailOptions, clock: Clock): Promise<SpaceStore> {
  const open = openStore ?? openSpaceStore;
  const store = await open({ folder, clock, ...(trouble === undefined ? {} : { trouble }) });
  if ("sentence" in store) throw new StoreUnusable(store.sentence);
  return store;
}

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
