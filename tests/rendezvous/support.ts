/** A rendezvous on a free port, clients made of the official libp2p packages, and a clock that is moved by hand. */
import assert from "node:assert/strict";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { PeerRecord, RecordEnvelope } from "@libp2p/peer-record";
import { type LengthPrefixedStream, lpStream } from "@libp2p/utils";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { generateKeyPair } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { PRESENCE_PROTOCOL, type PresenceFrame, presenceFrame, watchFrame } from "../../core/wire/presence.ts";
import { RENDEZVOUS_PROTOCOL, type RendezvousMessage, rendezvousMessage } from "../../core/wire/rendezvous.ts";
import type { Clock } from "../../rendezvous/clock.ts";
import type { CounterName } from "../../rendezvous/counters.ts";
import { type Rendezvous, type RendezvousOptions, startRendezvous } from "../../rendezvous/server.ts";
import { WebSocket } from "../../rendezvous/ws/socket.ts";

// Deno's own WebSocket client leaves Nagle's algorithm on, unlike any browser: two small messages take 40 ms.
Object.assign(globalThis, { WebSocket });

export class HandClock implements Clock {
  #nowMs = 1_700_000_000_000;
  #timers: { readonly atMs: number; readonly action: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    while (true) {
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = next.atMs;
      this.#timers = this.#timers.filter((other) => other !== next);
      next.action();
    }
    this.#nowMs = untilMs;
  }
}

export interface Client {
  readonly node: Libp2p;
  readonly key: PrivateKey;
  readonly server: Connection;
  readonly relay: Multiaddr;
  /** Sends one request on a stream of its own and returns the answer. */
  ask(request: RendezvousMessage): Promise<RendezvousMessage>;
  register(ns: string, record?: Uint8Array): Promise<RendezvousMessage>;
  record(): Promise<Uint8Array>;
  open(protocol: string): Promise<Stream>;
}

export interface World {
  readonly server: Rendezvous;
  client(): Promise<Client>;
}

/** Runs `play`, then stops every client and the server, however it ended. */
export async function withServer(
  options: Partial<RendezvousOptions>,
  play: (world: World) => Promise<void>,
): Promise<void> {
  const server = await startRendezvous({ port: 0, files: () => Promise.resolve(null), turn: null, ...options });
  const nodes: Libp2p[] = [];
  try {
    await play({
      server,
      async client() {
        const client = await startClient(server);
        nodes.push(client.node);
        return client;
      },
    });
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await server.stop();
  }
}

export async function startClient(server: Pick<Rendezvous, "port" | "peerId">): Promise<Client> {
  const key = await generateKeyPair("Ed25519");
  const node = await createLibp2p({
    privateKey: key,
    transports: [webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
  });
  const relay = multiaddr(`/ip4/127.0.0.1/tcp/${server.port}/ws/p2p/${server.peerId}`);
  const connection = await node.dial(relay);
  const client: Client = {
    node,
    key,
    relay,
    server: connection,
    open: (protocol) => connection.newStream(protocol),
    async ask(request) {
      const stream = await connection.newStream(RENDEZVOUS_PROTOCOL);
      const frames = lpStream(stream);
      await frames.write(rendezvousMessage.encode(request));
      const answer = rendezvousMessage.decode((await frames.read({ signal: soon() })).slice());
      await stream.close();
      assert.ok(answer.ok);
      return answer.value;
    },
    record: () => signedRecord(key, node),
    async register(ns, record) {
      const signedPeerRecord = record ?? await client.record();
      return await client.ask({ t: "register", register: { ns, signedPeerRecord, ttlS: 120 } });
    },
  };
  return client;
}

async function signedRecord(key: PrivateKey, { peerId }: Libp2p): Promise<Uint8Array> {
  const multiaddrs = [multiaddr("/dns4/relay.example/tcp/443/wss/p2p-circuit")];
  return (await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs }), key)).marshal();
}

export const soon = (): AbortSignal => AbortSignal.timeout(5_000);

export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 5_000;
  while (!holds()) {
    assert.ok(performance.now() < deadlineMs, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The server has counted it, and the client's connection is closed. */
export async function expectViolation({ server }: World, client: Client, name: CounterName): Promise<void> {
  await until(() => server.counters.get(name) > 0, `${name} was counted`);
  await until(() => client.server.status !== "open", "the connection was closed");
}

export async function reserve(client: Client): Promise<Multiaddr> {
  const { transportManager } = (client.node as unknown as {
    readonly components: { readonly transportManager: { listen(addresses: readonly Multiaddr[]): Promise<void> } };
  }).components;
  await transportManager.listen([client.relay.encapsulate("/p2p-circuit")]);
  await until(() => client.node.getMultiaddrs().length > 0, "a reservation was made");
  return client.node.getMultiaddrs()[0]!;
}

export interface Watch {
  set(namespaces: readonly string[]): Promise<void>;
  next(): Promise<PresenceFrame>;
}

export async function watch(client: Client): Promise<Watch> {
  const frames: LengthPrefixedStream = lpStream(await client.open(PRESENCE_PROTOCOL));
  return {
    set: (namespaces) => frames.write(watchFrame.encode({ t: "watch", namespaces })),
    async next() {
      const frame = presenceFrame.decode((await frames.read({ signal: soon() })).slice());
      assert.ok(frame.ok);
      return frame.value;
    },
  };
}

/** libp2p leaves timers of its own behind, which end by themselves. */
export const rendezvousTest = (name: string, play: () => Promise<void>): void =>
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: play });
