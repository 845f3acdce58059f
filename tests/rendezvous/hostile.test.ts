import assert from "node:assert/strict";
import { RELAY_V2_HOP_CODEC } from "@libp2p/circuit-relay-v2";
import fc from "fast-check";
import { concat } from "../../core/wire/bytes.ts";
import { PRESENCE_PROTOCOL, watchFrame } from "../../core/wire/presence.ts";
import { RENDEZVOUS_PROTOCOL, rendezvousMessage } from "../../core/wire/rendezvous.ts";
import type { CounterName } from "../../rendezvous/counters.ts";
import { CONNECTIONS, PRESENCE, REGISTRATIONS } from "../../rendezvous/limits.ts";
import { WebSocket } from "../../rendezvous/ws/socket.ts";
import { expectViolation, rendezvousTest, until, withServer } from "./support.ts";

function framed(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concat(Uint8Array.of((length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14), bytes);
}

const answerOfServer = rendezvousMessage.encode({ t: "register-response", status: "OK", statusText: "", ttlS: 1 });

/** What is sent on a fresh stream of the protocol, whether the stream is then closed, and what must be counted. */
const CASES: readonly (readonly [what: string, string, Uint8Array, CounterName, "close"?])[] = [
  ["bytes that are no message", RENDEZVOUS_PROTOCOL, framed(Uint8Array.of(1, 2, 3)), "rendezvous.malformed"],
  ["an empty message", RENDEZVOUS_PROTOCOL, Uint8Array.of(0), "rendezvous.malformed"],
  ["an endless length", RENDEZVOUS_PROTOCOL, new Uint8Array(9).fill(0xff), "rendezvous.malformed"],
  ["a length that is too large", RENDEZVOUS_PROTOCOL, Uint8Array.of(0xff, 0xff, 3), "rendezvous.too-large"],
  ["half a message", RENDEZVOUS_PROTOCOL, Uint8Array.of(100, 1, 2, 3), "rendezvous.malformed", "close"],
  ["an answer", RENDEZVOUS_PROTOCOL, framed(answerOfServer), "rendezvous.unexpected-message"],
  ["bytes that are no CBOR", PRESENCE_PROTOCOL, framed(Uint8Array.of(0xff, 0xff)), "presence.malformed"],
  ["CBOR of another shape", PRESENCE_PROTOCOL, framed(Uint8Array.of(0xa0)), "presence.malformed"],
  ["a length that is too large", PRESENCE_PROTOCOL, Uint8Array.of(0xff, 0xff, 0x7f), "presence.too-large"],
  ["half a list", PRESENCE_PROTOCOL, Uint8Array.of(100, 1), "presence.malformed", "close"],
  ["bytes that are no message", RELAY_V2_HOP_CODEC, framed(Uint8Array.of(0xff, 0xff)), "relay.malformed"],
  ["half a message", RELAY_V2_HOP_CODEC, Uint8Array.of(100, 1), "relay.malformed", "close"],
];

for (const [what, protocol, bytes, counter, end] of CASES) {
  rendezvousTest(`[RDV12] ${what} on ${protocol} is counted and closes the connection`, async () => {
    await withServer({}, async (world) => {
      const [client, bystander] = [await world.client(), await world.client()];
      const stream = await client.open(protocol);
      stream.send(bytes);
      if (end === "close") await stream.close();
      await expectViolation(world, client, counter);
      assert.equal(bystander.server.status, "open");
      assert.equal((await bystander.register("topic")).t, "register-response");
    });
  });
}

rendezvousTest("[RDV12] a flood of requests is counted and closes the connection", async () => {
  await withServer({}, async (world) => {
    const client = await world.client();
    const stream = await client.open(RENDEZVOUS_PROTOCOL);
    const request = framed(rendezvousMessage.encode({ t: "unregister", ns: "x" }));
    const hundred = concat(...Array<Uint8Array>(100).fill(request));
    for (let sent = 0; sent < 2 * REGISTRATIONS.requestBurst && stream.status === "open"; sent += 100) {
      stream.send(hundred);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await expectViolation(world, client, "rendezvous.flood");
  });
});

rendezvousTest("[RDV12] a flood of watch lists is counted and closes the connection", async () => {
  await withServer({}, async (world) => {
    const client = await world.client();
    const stream = await client.open(PRESENCE_PROTOCOL);
    const list = framed(watchFrame.encode({ t: "watch", namespaces: ["a"] }));
    for (let sent = 0; sent < PRESENCE.listBurst + 10; sent++) stream.send(list);
    await expectViolation(world, client, "presence.flood");
  });
});

/** Opens a bare WebSocket, does something to it, and waits until the server has closed it and counted why. */
async function bareSocket(path: string, counter: CounterName, act: (socket: WebSocket) => void): Promise<void> {
  await withServer({}, async ({ server }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
    socket.on("error", () => {});
    socket.once("open", () => act(socket));
    await new Promise((resolve) => socket.once("close", resolve));
    await until(() => server.counters.get(counter) > 0, `${counter} was counted`);
  });
}

rendezvousTest("[RDV16] a text frame closes the WebSocket", async () => {
  await bareSocket("/", "ws.text-frame", (socket) => socket.send("hello"));
});

rendezvousTest("[RDV16] an oversized message closes the WebSocket", async () => {
  await bareSocket("/", "ws.too-large", (socket) => socket.send(new Uint8Array(CONNECTIONS.maxMessageBytes + 1)));
});

rendezvousTest("bytes that are no handshake close the WebSocket", async () => {
  const longerThanAnyProtocolName = Uint8Array.of(0xff, 0x7f);
  await bareSocket("/", "ws.upgrade-failed", (socket) => socket.send(longerThanAnyProtocolName));
});

rendezvousTest("a WebSocket on another path is refused", async () => {
  await bareSocket("/other", "ws.wrong-path", () => assert.fail("it was accepted"));
});

const PROTOCOLS = [RENDEZVOUS_PROTOCOL, PRESENCE_PROTOCOL, RELAY_V2_HOP_CODEC, "/ipfs/id/1.0.0", "/ipfs/ping/1.0.0"];

rendezvousTest("[RDV12] random bytes on every protocol leave the server serving", async () => {
  const inputs = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 300 }), { seed: 30, numRuns: 60 });
  await withServer({}, async (world) => {
    const bystander = await world.client();
    let client = await world.client();
    for (const [at, bytes] of inputs.entries()) {
      if (client.server.status !== "open") client = await world.client();
      try {
        const stream = await client.open(PROTOCOLS[at % PROTOCOLS.length]!);
        stream.send(at % 2 === 0 ? bytes : framed(bytes));
        await stream.close();
      } catch {
        // The server has closed the connection before all was said, which is what it should do.
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await bystander.register("topic")).t, "register-response");
    assert.ok(world.server.counters.get("libp2p.violation") > 5);
  });
});
