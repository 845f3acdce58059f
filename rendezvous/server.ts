/** Starts and stops a rendezvous: HTTP, libp2p with relay and discovery, and TURN, all in one process. */
import { randomBytes } from "node:crypto";
import { PRESENCE_PROTOCOL } from "../core/wire/presence.ts";
import { RENDEZVOUS_PROTOCOL } from "../core/wire/rendezvous.ts";
import type { TurnServer } from "../turn/supervisor.ts";
import { announced, isBehindProxy, isSecure, listenAddress, type Reach, shownUrl } from "./addresses.ts";
import { type Clock, every, systemClock } from "./clock.ts";
import { Counters } from "./counters.ts";
import { rendezvousHandler } from "./discovery/handler.ts";
import { Registry } from "./discovery/registry.ts";
import { diskReader, type ReadFile } from "./http/files.ts";
import { listen } from "./http/listener.ts";
import { routes, type TurnAnswer } from "./http/routes.ts";
import { PRESENCE, REGISTRATIONS, STOPPING, TURN } from "./limits.ts";
import { hostMail, type MailOptions, type MailServer, openStore } from "./mail.ts";
import type { LoadProbe } from "./load.ts";
import { createNode, type EncrypterFactory } from "./node.ts";
import { type StoreTimes, timedStore } from "./operations/timedStore.ts";
import { presenceHandler } from "./presence/handler.ts";
import { Watchers } from "./presence/watchers.ts";
import type { Service } from "./service.ts";
import type { SpaceStore } from "./store/port.ts";
import { hostTurn, type TurnOptions } from "./turn.ts";
import { VERSION } from "./version.ts";

export interface RendezvousOptions {
  /** An IP address to listen on. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The public name; with `tls` served by us, without it by a proxy that ends TLS on port 443. */
  readonly domain?: string | null;
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** An IP address under which others reach this machine. */
  readonly publicAddress?: string | null;
  /** The machine's own addresses that are not loopback. */
  readonly interfaces?: readonly string[];
  /** The folder of the client's files, or what reads them. */
  readonly files: string | ReadFile;
  /** Null for no TURN server. */
  readonly turn?: TurnOptions | null;
  /** Null where no mail is kept for those who are away. */
  readonly mail?: MailOptions | null;
  readonly clock?: Clock;
  /** How busy the process is; its own unless a test says otherwise. */
  readonly load?: LoadProbe;
  /** Told how long the operations of the store take. */
  readonly storeTimes?: StoreTimes;
  readonly encrypter?: EncrypterFactory;
}

export interface Rendezvous {
  /** The address to open, with a final slash. */
  readonly url: string;
  readonly port: number;
  /** The libp2p peer id, fresh at each start. */
  readonly peerId: string;
  readonly reach: Reach;
  readonly counters: Counters;
  /** Null where it was not asked for, or coturn is not installed, or there is no address for it. */
  readonly turn: TurnServer | null;
  /** What the operator should know of its address: whole sentences. */
  readonly turnNotes: readonly string[];
  /** Null where no mail is kept. */
  readonly mail: MailServer | null;
  /** Another certificate (PEM), in place of the one it was started with. */
  renewTls(tls: { readonly cert: string; readonly key: string }): Promise<void>;
  /** How much it holds right now. */
  sizes(): Sizes;
  stop(): Promise<void>;
}

export interface Sizes {
  readonly connections: number;
  readonly reservations: number;
  readonly registrations: number;
}

/** Resolves when all of it answers; rejects with the system's error when the port cannot be listened on. */
export async function startRendezvous(options: RendezvousOptions): Promise<Rendezvous> {
  const clock = options.clock ?? systemClock;
  const counters = new Counters();
  const service: Service = { clock, counters };
  const asked: Reach = {
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 8787,
    domain: options.domain ?? null,
    hasCertificate: (options.tls ?? null) !== null,
    publicAddress: options.publicAddress ?? null,
    interfaces: options.interfaces ?? [],
  };
  const opened = options.mail ? await openStore(options.mail, clock) : null;
  const store = opened === null || options.storeTimes === undefined ? opened : timedStore(opened, options.storeTimes);
  const gate: Gate = {
    answer: (_request, response) => response.writeHead(503).end(),
    accept: (socket) => Promise.resolve(socket.terminate()),
  };
  const http = await listen({
    ...service,
    ...asked,
    tls: options.tls ?? null,
    isBehindProxy: isBehindProxy(asked),
    answer: (request, response) => gate.answer(request, response),
    accept: (socket, prefix) => gate.accept(socket, prefix),
    ...(options.load === undefined ? {} : { load: options.load }),
  }).catch(async (error) => {
    await store?.close();
    throw error;
  });
  const reach: Reach = { ...asked, port: http.port };
  const network = await startNetwork(service, reach, options, store);
  const { mail } = network;
  const hosted = options.turn ? await hostTurn(service, reach, options.turn, options.tls ?? null) : null;
  const turn = hosted?.server ?? null;
  gate.accept = (socket, prefix) => network.transport.accept(socket, prefix);
  gate.answer = routes({
    ...service,
    readFile: typeof options.files === "string" ? diskReader(options.files) : options.files,
    isBehindProxy: isBehindProxy(reach),
    node: () => ({
      peerId: network.peerId,
      version: VERSION,
      secure: isSecure(reach),
      turn: turn?.isRunning() ?? false,
      mail: mail !== null,
      joinCode: (options.mail?.joinCode ?? null) !== null,
    }),
    turn: () => turn?.isRunning() ? turnAnswer(turn, clock.nowMs()) : null,
  });
  return {
    url: shownUrl(reach),
    port: http.port,
    peerId: network.peerId,
    reach,
    counters,
    turn,
    turnNotes: hosted?.notes ?? [],
    mail,
    sizes: network.sizes,
    async renewTls(tls) {
      http.renew(tls);
      await turn?.renewTls(tls);
    },
    async stop() {
      http.refuse();
      await atMost(STOPPING.totalMs, async () => {
        await mail?.drain();
        await http.stop();
        await network.stop();
        await mail?.close();
      });
      await hosted?.stop();
    },
  };
}

/** Whatever is not done by then is left: what was acknowledged is kept already. */
async function atMost(totalMs: number, work: () => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, totalMs);
  await Promise.race([work(), late.promise]);
  clearTimeout(timer);
}

/** What the port leads to once everything behind it is there. */
interface Gate {
  answer: Parameters<typeof listen>[0]["answer"];
  accept: Parameters<typeof listen>[0]["accept"];
}

async function startNetwork(
  service: Service,
  reach: Reach,
  { encrypter, mail }: Pick<RendezvousOptions, "encrypter" | "mail">,
  store: SpaceStore | null,
) {
  const registry = new Registry();
  const watchers = new Watchers(registry);
  const connected = new Set<string>();
  const node = await createNode({
    ...service,
    listen: listenAddress(reach),
    announce: announced(reach),
    ...(encrypter === undefined ? {} : { encrypter }),
    peerGone(peer) {
      connected.delete(peer.toString());
      registry.linger(peer.toString(), service.clock.nowMs());
    },
    isServed: (peer) => registry.has(peer.toString()),
  });
  const { libp2p, transport } = node;
  libp2p.addEventListener("peer:connect", ({ detail: peer }) => connected.add(peer.toString()));
  const discovery = {
    ...service,
    registry,
    watchers,
    cookieKey: randomBytes(32),
    isConnected: (peer: string) => connected.has(peer),
  };
  await libp2p.handle(RENDEZVOUS_PROTOCOL, rendezvousHandler(discovery), {
    maxInboundStreams: REGISTRATIONS.maxStreamsPerConnection,
  });
  await libp2p.handle(PRESENCE_PROTOCOL, presenceHandler({ ...service, watchers }), {
    maxInboundStreams: PRESENCE.maxStreamsPerConnection,
  });
  const reached = { libp2p, origins: transport.origins };
  const mailServer = store === null ? null : await hostMail(service, reached, store, mail?.joinCode ?? null);
  await libp2p.start();
  const stopSweeping = every(service.clock, REGISTRATIONS.sweepIntervalMs, () => {
    for (const entry of registry.expire(service.clock.nowMs())) watchers.absent(entry);
  });
  return {
    transport,
    mail: mailServer,
    peerId: libp2p.peerId.toString(),
    sizes: () => ({
      connections: node.connections.size,
      reservations: libp2p.services.relay.reservations.size,
      registrations: registry.size,
    }),
    async stop() {
      stopSweeping();
      await node.stop();
    },
  };
}

function turnAnswer(turn: TurnServer, nowMs: number): TurnAnswer {
  const { urls, username, credential, expiresAtMs } = turn.credentials(TURN.credentialLifetimeMs, nowMs);
  return { iceServers: [{ urls, username, credential }], expiresAtMs };
}
