import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { Counters } from "../../rendezvous/counters.ts";
import { HalfOpen } from "../../rendezvous/http/halfOpen.ts";
import { CONNECTIONS, HALF_OPEN, SHEDDING } from "../../rendezvous/limits.ts";
import { type LoadProbe, watchLoad } from "../../rendezvous/load.ts";
import { WebSocket } from "../../rendezvous/ws/socket.ts";
import { LeanClient, Refused } from "../load/lean/client.ts";
import { type Client, HandClock, rendezvousTest, reserve, until, watch, withServer } from "./support.ts";

const from = (address: string) => ({ "x-forwarded-for": address });

/** A connection, the status of the upgrade that was refused, or how it was closed. */
async function attempt(port: number, headers: Readonly<Record<string, string>> = {}): Promise<LeanClient | Refused> {
  return await LeanClient.connect(`ws://127.0.0.1:${port}/`, headers).catch((error) => {
    if (error instanceof Refused) return error;
    throw error;
  });
}

/** A WebSocket that says nothing more. */
async function openSilent(port: number, headers: Readonly<Record<string, string>> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

async function closeOf(port: number, headers: Readonly<Record<string, string>>): Promise<readonly [number, string]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers });
  return await new Promise((resolve, reject) =>
    socket.once("error", reject).once("close", (code, reason) => resolve([code, reason.toString()]))
  );
}

function assertReturnS(seconds: number, atMost: number): void {
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= atMost, `${seconds}`);
}

rendezvousTest("[RDV18] one address prefix holds and opens only so many connections", async () => {
  const clock = new HandClock();
  await withServer({ clock, domain: "chat.example" }, async ({ server }) => {
    const opened: LeanClient[] = [];
    while (opened.length < CONNECTIONS.maxPerPrefix) {
      const client = await attempt(server.port, from("203.0.113.1"));
      assert.ok(client instanceof LeanClient);
      opened.push(client);
    }
    const refused = await attempt(server.port, from("203.0.113.1"));
    assert.ok(refused instanceof Refused && refused.status === 503);
    assertReturnS(refused.retryAfterS, SHEDDING.maxRetryS);
    assert.equal(server.counters.get("ws.prefix-full"), 1);
    for (const client of opened.slice(0, 9)) client.terminate();
    await until(() => server.sizes().connections === opened.length - 9, "they were gone");
    assert.ok(await attempt(server.port, from("203.0.113.1")) instanceof Refused);
    assert.equal(server.counters.get("ws.flood"), 1);
    clock.advance(1_000);
    assert.ok(await attempt(server.port, from("203.0.113.1")) instanceof LeanClient);
    assert.ok(await attempt(server.port, from("203.0.113.2")) instanceof LeanClient);
  });
});

rendezvousTest("[RDV19] handshakes that do not go on are few for one prefix, and end", async () => {
  const clock = new HandClock();
  await withServer({ clock, domain: "chat.example" }, async ({ server }) => {
    const silent: Promise<WebSocket>[] = [];
    for (let i = 0; i < CONNECTIONS.maxPendingPerPrefix; i++) silent.push(openSilent(server.port, from("203.0.113.1")));
    const sockets = await Promise.all(silent);
    assert.ok(await attempt(server.port, from("203.0.113.1")) instanceof Refused);
    assert.equal(server.counters.get("ws.prefix-pending"), 1);
    assert.ok(await attempt(server.port, from("203.0.113.2")) instanceof LeanClient);
    await until(() => server.sizes().connections === 1, "another prefix got in");
    clock.advance(CONNECTIONS.upgradeTimeoutMs);
    await until(() => sockets.every(({ readyState }) => readyState === WebSocket.CLOSED), "they were cut off");
    assert.equal(server.counters.get("ws.slow-handshake"), CONNECTIONS.maxPendingPerPrefix);
    assert.ok(await attempt(server.port, from("203.0.113.1")) instanceof LeanClient);
  });
});

rendezvousTest("[RDV19] a TCP connection that makes no request is let go", async () => {
  const clock = new HandClock();
  await withServer({ clock }, async ({ server }) => {
    const mute = connect(server.port, "127.0.0.1");
    const halting = connect(server.port, "127.0.0.1", () => halting.write("GET / HTTP/1.1\r\nHost"));
    for (const socket of [mute, halting]) socket.on("error", () => {}).resume();
    const ended = Promise.all([mute, halting].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    // A whole request on a third shows that the two were accepted before it.
    await (await fetch(`http://127.0.0.1:${server.port}/health`)).body?.cancel();
    clock.advance(HALF_OPEN.idleMs);
    await ended;
    assert.ok(server.counters.get("tcp.idle") >= 2);
  });
});

class Dial implements LoadProbe {
  late = 0;
  resident = 0;
  lagMs = () => this.late;
  residentBytes = () => this.resident;
}

rendezvousTest("[RDV20] a server that is behind turns new connections away and serves those that stand", async () => {
  const load = new Dial();
  await withServer({ load }, async (world) => {
    const { server } = world;
    const early = await world.client();
    load.late = SHEDDING.maxLagMs + 1;
    const refused = await attempt(server.port);
    assert.ok(refused instanceof Refused && refused.status === 503);
    assertReturnS(refused.retryAfterS, SHEDDING.maxRetryS);
    const [code, reason] = await closeOf(server.port, { origin: "http://chat.example" });
    assert.equal(code, 1013);
    assertReturnS(Number(reason), SHEDDING.maxRetryS);
    assert.equal(server.counters.get("ws.shed-lag"), 2);
    assert.equal((await early.register("a-topic")).t, "register-response");
    load.late = 0;
    load.resident = SHEDDING.maxResidentBytes + 1;
    assert.ok(await attempt(server.port) instanceof Refused);
    assert.equal(server.counters.get("ws.shed-memory"), 1);
    load.resident = 0;
    assert.ok(await attempt(server.port) instanceof LeanClient);
  });
});

rendezvousTest("[RDV20] more handshakes at one time than are a moment's work are turned away", async () => {
  await withServer({}, async ({ server }) => {
    const silent: Promise<WebSocket>[] = [];
    for (let i = 0; i < CONNECTIONS.maxPendingUpgrades; i++) silent.push(openSilent(server.port));
    const sockets = await Promise.all(silent);
    assert.ok(await attempt(server.port) instanceof Refused);
    assert.equal(server.counters.get("ws.shed-pending"), 1);
    for (const socket of sockets) socket.terminate();
    await until(() => server.counters.get("ws.upgrade-failed") === sockets.length, "they were gone");
    assert.ok(await attempt(server.port) instanceof LeanClient);
  });
});

rendezvousTest("[RDV21] of silent connections only those that hold nothing are closed", async () => {
  const clock = new HandClock();
  await withServer({ clock }, async (world) => {
    const [idle, registered, watching, reserved] = [
      await world.client(),
      await world.client(),
      await world.client(),
      await world.client(),
    ] as const;
    await register(registered, 72 * 3_600);
    await (await watch(watching)).set(["a-topic"]);
    await reserve(reserved);
    await until(() => noStreams([idle, registered, reserved]), "their requests were over");
    const beganMs = clock.nowMs();
    while (clock.nowMs() - beganMs < CONNECTIONS.maxIdleMs - CONNECTIONS.idleSweepMs) {
      await pass(world.server.port, clock);
    }
    assert.equal(idle.server.status, "open");
    while (clock.nowMs() - beganMs < CONNECTIONS.maxIdleMs) await pass(world.server.port, clock);
    await until(() => idle.server.status !== "open", "the idle one was closed");
    assert.equal(world.server.counters.get("ws.idle"), 1);
    for (const client of [registered, watching, reserved]) assert.equal(client.server.status, "open");
  });
});

/** A little time, at the end of which every client has answered the pings of it. */
async function pass(port: number, clock: HandClock): Promise<void> {
  clock.advance(20_000);
  for (let i = 0; i < 2; i++) await (await fetch(`http://127.0.0.1:${port}/health`)).body?.cancel();
}

const noStreams = (clients: readonly Client[]): boolean => clients.every(({ server }) => server.streams.length === 0);

async function register(client: Client, ttlS: number): Promise<void> {
  const signedPeerRecord = await client.record();
  await client.ask({ t: "register", register: { ns: "a-topic", signedPeerRecord, ttlS } });
}

rendezvousTest(
  "[RDV22] a server that stops tells each client when to come back, and takes nobody any more",
  async () => {
    await withServer({}, async ({ server }) => {
      const clients: LeanClient[] = [];
      for (let i = 0; i < 20; i++) clients.push(await LeanClient.connect(`ws://127.0.0.1:${server.port}/`));
      await server.stop();
      for (const { closed } of clients) {
        const { code, reason } = await closed;
        assert.equal(code, 1012);
        assertReturnS(Number(reason), 2);
      }
      await assert.rejects(LeanClient.connect(`ws://127.0.0.1:${server.port}/`));
    });
  },
);

rendezvousTest("[RDV22] a client that answers no closing does not hold the stop up", async () => {
  await withServer({}, async ({ server }) => {
    const client = await LeanClient.connect(`ws://127.0.0.1:${server.port}/`);
    client.pause();
    const beganMs = performance.now();
    await server.stop();
    assert.ok(performance.now() - beganMs < 5_000);
  });
});

rendezvousTest("[RDV19] connections that are no WebSocket are few for one prefix, and in all", () => {
  const counters = new Counters();
  const halfOpen = new HalfOpen({ clock: new HandClock(), counters }, (address) => address);
  const open = (address: string) => {
    const socket = new FakeSocket(address);
    halfOpen.add(socket as unknown as Socket);
    return socket;
  };
  const first = open("203.0.113.1");
  for (let i = 1; i < HALF_OPEN.maxPerPrefix; i++) open("203.0.113.1");
  assert.ok(open("203.0.113.1").isDestroyed);
  assert.equal(counters.get("tcp.prefix-full"), 1);
  first.emit("close");
  assert.ok(!open("203.0.113.1").isDestroyed);
  for (let i = halfOpen.size; i < HALF_OPEN.max; i++) assert.ok(!open(`198.51.100.${i}`).isDestroyed);
  assert.ok(open("203.0.113.2").isDestroyed);
  assert.equal(counters.get("tcp.full"), 1);
  return Promise.resolve();
});

rendezvousTest("[RDV19] whoever is being answered has longer than whoever asks nothing", () => {
  const [clock, counters] = [new HandClock(), new Counters()];
  const halfOpen = new HalfOpen({ clock, counters }, (address) => address);
  const [asking, mute] = [new FakeSocket("203.0.113.1"), new FakeSocket("203.0.113.1")];
  for (const socket of [asking, mute]) halfOpen.add(socket as unknown as Socket);
  halfOpen.answering(asking as unknown as Socket);
  clock.advance(HALF_OPEN.idleMs);
  assert.deepEqual([asking.isDestroyed, mute.isDestroyed], [false, true]);
  halfOpen.answered(asking as unknown as Socket);
  clock.advance(HALF_OPEN.idleMs - 1);
  assert.ok(!asking.isDestroyed);
  clock.advance(1);
  assert.ok(asking.isDestroyed);
  return Promise.resolve();
});

class FakeSocket extends EventEmitter {
  isDestroyed = false;
  constructor(readonly remoteAddress: string) {
    super();
  }
  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }
}

/** Late by hand: what was due runs when it is told to. */
class LateClock extends HandClock {
  lateMs = 0;
  override nowMs = (): number => super.nowMs() + this.lateMs;
}

rendezvousTest("[RDV20] a loop that is late is known to be, while it is and until it has caught up", () => {
  const clock = new LateClock();
  const load = watchLoad(clock, () => 7);
  clock.advance(SHEDDING.sampleIntervalMs);
  assert.deepEqual([load.lagMs(), load.residentBytes()], [0, 7]);
  clock.lateMs = SHEDDING.sampleIntervalMs + 900;
  assert.equal(load.lagMs(), 900, "nothing runs meanwhile");
  clock.advance(SHEDDING.sampleIntervalMs);
  assert.ok(load.lagMs() >= 900);
  clock.advance(SHEDDING.sampleIntervalMs);
  assert.equal(load.lagMs(), 0);
  load.stop();
  return Promise.resolve();
});

rendezvousTest("open connections are counted once each, however they come and go", async () => {
  await withServer({}, async (world) => {
    const clients = [await world.client(), await world.client(), await world.client()] as const;
    const counted = (count: number) => until(() => world.server.sizes().connections === count, `${count} were counted`);
    await counted(3);
    await clients[0].node.stop();
    await counted(2);
    await clients[2].node.stop();
    await counted(1);
    await world.client();
    await counted(2);
    assert.equal((await clients[1].register("a-topic")).t, "register-response");
  });
});
